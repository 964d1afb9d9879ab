//! How far the adoption of a distribution has come: before it is the object's, and when it is given back. In between all is planned as
//! for a distribution that Palisade made. What is next of each is in `adoption_next`.
//!
//! ```text
//!  Foreign ─▶ (shown, confirmed) role, function, web ACL ─▶ tags ─▶ Switching ─▶ one update ─▶ Adopted
//!  Adopted ─▶ (release) Releasing: one update back ─▶ Deployed, probed ─▶ tags ─▶ Released
//! ```

use super::desired::Desired;
use super::observed::Observed;
use crate::api::{AdoptionRefusal, AdoptionRival};
use crate::domain::access::probe::{Verdict, Way};
use crate::domain::access::probing::probed::asks_callers_for_signatures;
use crate::domain::access::probing::verdicts::said;
use crate::domain::access::proof::Proof;
use crate::domain::adoption::before::Before;
use crate::domain::adoption::memory::{self, Memory};
use crate::domain::adoption::refusals::{self, Judged};
use crate::domain::adoption::release::{self, Lock};
use crate::domain::adoption::rivals::rivals;
use crate::domain::adoption::{self, Whose, is_switched, whose};
use crate::domain::edge::distribution;
use crate::domain::edge::places::api_origin;
use crate::domain::firewall::copied::{Copied, copied};
use crate::domain::firewall::web_acl;
use crate::domain::kernel::identity::{Ownership, TAG_ADOPTED, Tags, ownership};
use crate::domain::kernel::observing::Seen;
use crate::domain::kernel::planning::Kind;
use crate::domain::kernel::words::moment;
use crate::domain::signer::function;

/// How far it has come.
#[derive(Debug, Clone, Copy)]
pub enum Standing<'a> {
    /// The distribution could not be read.
    Unread,
    /// CloudFront does not know it.
    Missing,
    /// The object has another distribution, of this id.
    Another(&'a str),
    /// It is not the object's.
    Foreign(&'a distribution::Observed),
    /// It is the object's by its tags, and serves as it did before.
    Switching(&'a distribution::Observed),
    /// It is the object's.
    Adopted,
    /// It is the object's, and is to be given back.
    Releasing(&'a distribution::Observed),
    /// It is given back, or was never adopted.
    Released,
}

impl Observed {
    /// How far the adoption has come that is declared; `None` where none is.
    #[must_use]
    pub fn standing<'a>(&'a self, desired: &Desired) -> Option<Standing<'a>> {
        let declared = desired.adoption.as_ref()?;
        let seen = &self.adoption;
        let not_own = || match &seen.found {
            _ if seen.is_unread => Standing::Unread,
            // Only its tags are gone.
            Some(found) if declared.release && self.is_switched(found) => Standing::Foreign(found),
            _ if declared.release => Standing::Released,
            Some(found) => Standing::Foreign(found),
            None if seen.is_missing => Standing::Missing,
            None => Standing::Unread,
        };
        // A list may not show it for a moment.
        let known = self.outputs.distribution_id.as_deref();
        if let Some(own) = known.filter(|own| *own != declared.id) {
            return Some(Standing::Another(own));
        }
        Some(match &self.distribution {
            Seen::Present(found) if found.content.id != declared.id => Standing::Another(&found.content.id),
            Seen::Listed(Some(row)) if row.listed.id != declared.id => Standing::Another(&row.listed.id),
            Seen::Present(found) => match self.owns(found) {
                Ownership::Foreign if declared.release && !self.is_switched(found) => Standing::Released,
                // Its tags name somebody else by now.
                Ownership::Foreign => Standing::Foreign(found),
                _ if seen.is_unread => Standing::Unread,
                _ if declared.release => Standing::Releasing(found),
                _ if self.is_switched(found) => Standing::Adopted,
                _ => Standing::Switching(found),
            },
            // Without the rules of the former web ACL one of ours, made anew, would let in what they refuse.
            Seen::Listed(Some(_)) if seen.is_unread => Standing::Unread,
            Seen::Listed(Some(_)) => Standing::Adopted,
            Seen::Listed(None) | Seen::Absent => not_own(),
        })
    }

    pub(super) fn is_switched(&self, found: &distribution::Observed) -> bool {
        let web_acl = self.owner.resource_name(web_acl::NAME_LIMIT);
        let function = self.owner.resource_name(function::NAME_LIMIT);
        is_switched(found, &self.owner, &web_acl, &function)
    }

    /// What the web ACL takes over of the one that the distribution has, or had before.
    pub(in crate::domain) fn copied_rules(&self, desired: &Desired) -> Option<Copied> {
        let former = self.adoption.former_web_acl.as_ref()?;
        Some(copied(former, &desired.web_acl.spec, &desired.web_acl.name))
    }

    /// The same, where it is still to be taken over. Once the distribution was adopted, our web ACL may have rules of others, which
    /// stay: only one that is made anew begins with the former rules.
    pub(super) fn rules_to_copy(&self, desired: &Desired) -> Option<Copied> {
        let stands = matches!(self.web_acl, Seen::Present(_) | Seen::Listed(Some(_)));
        self.copied_rules(desired)
            .filter(|_| !(stands && self.was_adopted()))
    }

    /// Whether the update was made once by which the distribution became the object's; whatever its former owner has written since.
    #[must_use]
    pub fn was_adopted(&self) -> bool {
        self.has_record(Kind::Distribution)
    }

    /// Whether that update was made as far as is known: by the record of it, or by what `found` has. Without either it serves as its owners
    /// have it, whatever they have edited since our tags were set.
    pub(super) fn was_switched(&self, found: &distribution::Observed) -> bool {
        self.was_adopted() || self.is_switched(found)
    }

    /// What the adoption of `found` changes.
    #[must_use]
    pub fn adoption_plan(&self, desired: &Desired, found: &distribution::Observed) -> adoption::plan::Plan {
        let former = self.adoption.former_web_acl.as_ref();
        let former = former.map(|web_acl| adoption::plan::Former {
            web_acl,
            spec: &desired.web_acl.spec,
        });
        let declared = desired.adoption.as_ref();
        adoption::plan::plan(
            &desired.distribution,
            &desired.access.proof,
            found,
            former,
            declared
                .map(|declared| declared.terms.as_str())
                .unwrap_or_default(),
        )
    }

    /// Tools that may write `found`, too.
    #[must_use]
    pub fn adoption_rivals(&self, desired: &Desired, found: &distribution::Observed) -> Vec<AdoptionRival> {
        let declared = desired.adoption.as_ref();
        let let_go = declared.map(|declared| declared.let_go.clone());
        let is_own = self.is_own(found);
        let mut rivals = rivals(&found.content.id, &found.tags, &let_go.unwrap_or_default());
        // What is adopted needs nobody's consent any more.
        for rival in &mut rivals {
            rival.needs_consent &= !is_own;
        }
        rivals
    }

    /// Why `found` is not adopted: as it is while it is not the object's, and once more before it is updated.
    #[must_use]
    pub fn adoption_refusals(
        &self,
        desired: &Desired,
        found: &distribution::Observed,
    ) -> Vec<AdoptionRefusal> {
        let Some(declared) = &desired.adoption else {
            return vec![];
        };
        if declared.release {
            // What was to be given back bears no tags of ours any more.
            return vec![release::nothing_remembered()];
        }
        let (copied, rivals) = (self.copied_rules(desired), self.adoption_rivals(desired, found));
        let origin = &desired.distribution.settings.origin;
        let judged = Judged {
            owner: &self.owner,
            desired: declared,
            origin: (&origin.domain_name, &origin.path),
            proof: &desired.access.proof,
            tags: &desired.distribution.tags,
            seen: &self.adoption,
            copied: copied.as_ref(),
            rivals: &rivals,
        };
        if whose(found, &self.owner) == Whose::Own {
            refusals::before_the_update(&judged, found)
        } else {
            refusals::refusals(&judged, found)
        }
    }

    /// Path patterns of the behaviours that lead to the API beside the default one, without its signer: of the owners of an adopted
    /// distribution, or put by somebody on one that Palisade made. Their viewers would be refused where the API asks for a signature.
    pub(super) fn unsigned_behaviours(&self, desired: &Desired) -> Vec<String> {
        self.distribution.patterns_to(&desired.access.gate.host)
    }

    /// Why `found` is not given back.
    #[must_use]
    pub fn release_refusals(
        &self,
        desired: &Desired,
        found: &distribution::Observed,
    ) -> Vec<AdoptionRefusal> {
        if !self.was_switched(found) {
            // Tags alone are taken off.
            return vec![];
        }
        let before = Before::of_tags(&found.tags);
        let is_back = before
            .as_ref()
            .is_some_and(|before| before.restored(&found.content.config) == found.content.config);
        let noted = self.outputs.viewers_refused.clone();
        if is_back {
            let refused = noted.or_else(|| self.viewers_refused(desired, found));
            return refused.into_iter().collect();
        }
        let lock = Lock {
            wanted: &desired.access,
            seen: self.access.present(),
            is_locked: self.outputs.told.locked,
            sends: !found.sent().proofs().is_empty(),
            former_role: self.adoption.former_role.as_deref(),
        };
        let mut refusals: Vec<AdoptionRefusal> = noted.into_iter().collect();
        refusals.extend(release::refusals(before.as_ref(), lock, &self.adoption.gone));
        // A plan is for our web ACL, too.
        refusals.extend(self.plan_of(&found.content.arn).map(release::in_plan));
        refusals.extend(self.memory_refusals(desired, found, before.as_ref()));
        refusals
    }

    /// That viewers are refused by `found`, which serves as it did before everywhere, where a probe of this pass shows it.
    fn viewers_refused(&self, desired: &Desired, found: &distribution::Observed) -> Option<AdoptionRefusal> {
        let is_probed = desired.access.probes && found.is_deployed();
        let verdict = self.probes.get(&Way::Viewer).filter(|_| is_probed)?;
        let is_refused = match verdict {
            Verdict::Refused { .. } => {
                // What callers show themselves, no probe does.
                !asks_callers_for_signatures(&desired.of_access(), &self.access_inputs(desired))
            }
            // The former function, or the role that it signs with, may be broken.
            Verdict::EdgeFailed { .. } => true,
            Verdict::KeyMissing { .. } => desired.access.proof == Proof::Key,
            _ => false,
        };
        is_refused.then(|| release::viewers_refused(&said(verdict)))
    }

    /// Whether one of `refusals` was seen in this pass, and status has to tell the next one of it.
    pub(super) fn is_refusal_to_be_noted(&self, refusals: &[AdoptionRefusal]) -> bool {
        let mut refusals = refusals.iter();
        self.outputs.viewers_refused.is_none()
            && refusals.any(|refusal| refusal.reason == release::VIEWERS_REFUSED)
    }

    /// Why what its tags remember is not put back.
    fn memory_refusals(
        &self,
        desired: &Desired,
        found: &distribution::Observed,
        before: Option<&Before>,
    ) -> Vec<AdoptionRefusal> {
        let hash = Before::hash_of(&found.tags);
        let declared = desired.adoption.as_ref();
        memory::refusals(Memory {
            before,
            hash: hash.as_deref(),
            noted: self.outputs.memory_hash.as_deref(),
            confirm: declared.and_then(|declared| declared.confirm.as_deref()),
            found,
            endpoint: &desired.distribution.settings.origin.domain_name,
        })
    }

    /// Hash of what the tags are to remember of `found`, which serves as it did before; `None` where a predecessor has set them, since
    /// nobody knows by what it found.
    #[must_use]
    pub fn memory_hash(&self, desired: &Desired, found: &distribution::Observed) -> Option<String> {
        Before::hash_of(&self.tags_of_adoption(desired, found))
    }

    /// Whether nobody knows any more what the distribution was before its adoption: its tags are the object's, and do not tell it.
    #[must_use]
    pub fn is_way_back_lost(&self) -> Option<bool> {
        let tags = self.distribution_tags()?;
        Some(ownership(tags, &self.owner) != Ownership::Foreign && Before::of_tags(tags).is_none())
    }

    /// Whether `found` is the object's, or is recognised as that of one of the same name that is gone.
    fn is_own(&self, found: &distribution::Observed) -> bool {
        matches!(whose(found, &self.owner), Whose::Own | Whose::Predecessors)
    }

    /// Whether what is planned for `found` is confirmed, or needs no confirmation since it was adopted before.
    #[must_use]
    pub fn is_confirmed(&self, desired: &Desired, found: &distribution::Observed) -> bool {
        let confirm = desired
            .adoption
            .as_ref()
            .and_then(|declared| declared.confirm.as_ref());
        let is_recognised = whose(found, &self.owner) == Whose::Predecessors;
        is_recognised || confirm == Some(&self.adoption_plan(desired, found).hash)
    }

    /// The tags that make `found` the object's. What a predecessor of the same name remembers there stays.
    pub(super) fn tags_of_adoption(&self, desired: &Desired, found: &distribution::Observed) -> Tags {
        let wanted = &desired.distribution.tags;
        if whose(found, &self.owner) == Whose::Predecessors {
            return wanted.clone();
        }
        let config = &found.content.config;
        let origin = api_origin(config, &desired.distribution.settings.origin.domain_name);
        let known = Before::of_tags(&found.tags).map(|before| before.tags().clone());
        let before = Before::of(config, &origin, known.as_ref().unwrap_or(&found.tags));
        let adopted = found.tags.get(TAG_ADOPTED).cloned();
        let now = adopted.unwrap_or_else(|| moment(self.pass.at));
        adoption::tags(wanted, &before, &now)
    }
}

/// Whether a distribution stood before its object. Its tags say so, unless somebody took them away; its caller reference, which nobody
/// can change, says that Palisade made it.
#[must_use]
pub(super) fn stood_before(observed: &Observed, found: &distribution::Observed) -> bool {
    found.tags.contains_key(TAG_ADOPTED) || !distribution::is_made_for(&observed.owner, &found.content)
}

/// Whether a distribution must not be taken down with its object: it stood before, and only its tags are the object's.
#[must_use]
pub(super) fn is_unswitched(observed: &Observed, found: &distribution::Observed) -> bool {
    stood_before(observed, found) && !observed.is_switched(found)
}
