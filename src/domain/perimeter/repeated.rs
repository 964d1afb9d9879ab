//! The same write again and again: somebody, or AWS, changes back what was written, each time.
//!
//! Of a distribution that was adopted all updates count: its former owner may write it still.
//!
//! Roles, alarms and tags have no lock token and no answer that shows what AWS makes of them (compare [`super::last_write`]).
//! So the rule is that of a contested lock: a difference that comes back within 24 hours is removed once more, and then only
//! once an hour, and a person is asked. In status stands, by resource, `<fields>.<difference>.<times>.<when last>` for the latest
//! few.
//!
//! Something else wanted of the same fields, or something else found, begins anew; so does a resource that is made anew.
//! What the perimeter cannot serve without is always put back: a policy or permission that is gone.

use super::observed::Observed;
use super::plan::{Action, Plan, Step};
use crate::api::GROUP;
use crate::domain::access::credentials::api_key;
use crate::domain::access::credentials::authorizer;
use crate::domain::adoption::rivals::rivals;
use crate::domain::edge::{certificate, distribution};
use crate::domain::firewall::{ip_set, web_acl};
use crate::domain::kernel::change::Change;
use crate::domain::kernel::hash;
use crate::domain::kernel::identity::{TAG_CLUSTER, TAG_KEYS, TAG_NAME, TAG_NAMESPACE, TAG_UID};
use crate::domain::kernel::planning::{Id, Kind, Problem, Verb};
use crate::domain::kernel::reason::Reason;
use crate::domain::mutual_tls::{client_certificate, origin_domain};
use crate::domain::shield::{health_check, protection};
use crate::domain::signer::{function, role};
use jiff::{SignedDuration, Timestamp};
use std::collections::BTreeSet;

/// A difference that comes back later than this is a new one.
const MEMORY: SignedDuration = SignedDuration::from_hours(24);
/// A contested difference is removed once in this time.
const HOLD: SignedDuration = SignedDuration::from_hours(1);
/// After so many writes it counts as contested.
const MOST_WRITES: u32 = 2;
/// Most differences that status remembers of one resource.
const MOST: usize = 8;
/// Ends the key of their line in status.
const SUFFIX: &str = ".again";

/// One difference of a resource that a write of ours removed.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Repetition {
    fields: String,
    difference: String,
    times: u32,
    last: Timestamp,
}

impl Repetition {
    fn parse(text: &str) -> Option<Self> {
        let mut parts = text.split('.');
        Some(Self {
            fields: parts.next()?.to_owned(),
            difference: parts.next()?.to_owned(),
            times: parts.next()?.parse().ok()?,
            last: Timestamp::from_second(parts.next()?.parse().ok()?).ok()?,
        })
    }

    fn to_text(&self) -> String {
        let last = self.last.as_second();
        format!("{}.{}.{}.{last}", self.fields, self.difference, self.times)
    }

    /// How long it is left as it is.
    fn left_for(&self, now: Timestamp) -> Option<SignedDuration> {
        let left = HOLD - now.duration_since(self.last);
        (self.times >= MOST_WRITES && left.is_positive()).then_some(left)
    }
}

/// Whether nothing but a repetition tells that what the step writes does not hold.
fn is_counted(step: &Step) -> bool {
    use Action as Of;
    let is_gone = || step.changes.iter().any(|change| change.from.is_null());
    step.verb == Verb::Update
        && match &step.action {
            Of::Role(role::Action::PutPolicy { .. }) => !is_gone(),
            Of::Authorizer(action) => matches!(
                action,
                authorizer::Action::ChangeRole(_)
                    | authorizer::Action::UpdateSettings { .. }
                    | authorizer::Action::UpdateEntry { .. }
                    | authorizer::Action::TagFunction(_)
                    | authorizer::Action::UntagFunction(_)
            ),
            Of::Role(_)
            | Of::Function(function::Action::UpdateSettings { .. } | function::Action::Tag(_))
            | Of::IpSet(ip_set::Action::Tag(_))
            | Of::WebAcl(web_acl::Action::Tag(_))
            | Of::Certificate(certificate::Action::Tag(_))
            | Of::ApiKey(api_key::Action::Tag { .. } | api_key::Action::Untag { .. })
            | Of::OriginCertificate(certificate::Action::Tag(_))
            | Of::ClientCertificate(client_certificate::Action::Tag(_))
            | Of::OriginDomain(origin_domain::Action::Update { .. })
            | Of::HealthCheck(health_check::Action::Tag { .. })
            | Of::Alarm(_) => true,
            // A mark is due whenever others are found.
            Of::OriginDomain(origin_domain::Action::Tag(call)) => !origin_domain::is_mark(call),
            // Marks of our own have no difference in words.
            Of::Distribution(distribution::Action::Tag(_)) | Of::Protection(protection::Action::Tag(_)) => {
                !step.changes.is_empty()
            }
            Of::Function(_)
            | Of::IpSet(_)
            | Of::WebAcl(_)
            | Of::Certificate(_)
            | Of::ApiKey(_)
            | Of::HealthCheck(_)
            | Of::Distribution(_)
            | Of::Protection(_)
            | Of::Logging(_)
            | Of::Access(_)
            | Of::OriginCertificate(_)
            | Of::OriginRecords(_)
            | Of::Truststore(_)
            | Of::OriginDomain(_)
            | Of::ClientCertificate(_)
            // It counts by itself who switches it on again.
            | Of::Endpoint(_)
            | Of::Records(_) => false,
        }
}

/// Hash of the fields that a step changes, and of what from and to.
fn hashes(step: &Step) -> (String, String) {
    (
        hash::short(&(&step.name, step.fields())),
        hash::short(&(&step.name, &step.changes)),
    )
}

/// Whether a change of tags says that others are wanted now. When that is so, the list of our keys changes, and a tag goes:
/// one of others, which that list does not have, is never taken away.
#[must_use]
pub fn speaks_of_wanted_tags(change: &Change) -> bool {
    change
        .path
        .strip_prefix("tags.")
        .is_some_and(|key| key == TAG_KEYS || (change.to.is_null() && !key.starts_with(GROUP)))
}

/// Whether a change puts a tag back that says whose the resource is: somebody had taken it away.
#[must_use]
pub fn gives_owner_back(change: &Change) -> bool {
    let key = change.path.strip_prefix("tags.");
    let is_owners = |key: &str| [TAG_CLUSTER, TAG_NAMESPACE, TAG_NAME, TAG_UID].contains(&key);
    change.from.is_null() && key.is_some_and(is_owners)
}

fn key(id: &Id) -> String {
    format!("{}{SUFFIX}", id.key())
}

impl Observed {
    fn repetitions_of(&self, id: &Id) -> Vec<Repetition> {
        let text = self.pass.recorded.get(&key(id));
        let entries = text.into_iter().flat_map(|text| text.split(','));
        entries
            .filter_map(Repetition::parse)
            .filter(|known| self.pass.at.duration_since(known.last) < MEMORY)
            .collect()
    }

    /// Notes that a step removed a difference.
    pub(super) fn note_repetition(&mut self, step: &Step) {
        let is_wanted_anew = |change: &Change| speaks_of_wanted_tags(change) && !change.from.is_null();
        if step.verb == Verb::Create || step.changes.iter().any(is_wanted_anew) {
            self.pass.recorded.remove(&key(&step.id));
            return;
        }
        if !self.counts(step) {
            return;
        }
        let (fields, difference) = hashes(step);
        let mut known = self.repetitions_of(&step.id);
        let same = known.iter().find(|known| known.difference == difference);
        let times = same.map_or(1, |known| known.times.saturating_add(1));
        known.retain(|known| known.fields != fields);
        let last = self.pass.at;
        let latest = Repetition {
            fields,
            difference,
            times,
            last,
        };
        known.insert(0, latest);
        known.truncate(MOST);
        let text: Vec<String> = known.iter().map(Repetition::to_text).collect();
        self.pass.recorded.insert(key(&step.id), text.join(","));
    }

    /// Whether repetitions of a step count: of a distribution that was adopted all do, since its former owner may write it.
    fn counts(&self, step: &Step) -> bool {
        let is_update = matches!(
            step.action,
            Action::Distribution(distribution::Action::Update { .. })
        );
        is_counted(step) || (is_update && self.adoption.proven.is_some())
    }

    /// How those let an adopted distribution go that may write it, too.
    fn rivals_let_go(&self, step: &Step) -> Option<String> {
        let id = self
            .adoption
            .proven
            .as_ref()
            .filter(|_| step.id.kind == Kind::Distribution)?;
        let tags = self.distribution_tags().cloned().unwrap_or_default();
        let rivals = rivals(id, &tags, &BTreeSet::new()).into_iter();
        let lines = rivals.map(|rival| format!("{}: {}", rival.tool, rival.command));
        Some(lines.collect::<Vec<_>>().join(". "))
    }

    /// For how long the step is held back.
    fn is_held_back(&self, step: &Step) -> Option<SignedDuration> {
        let (_, difference) = hashes(step);
        let known = self.repetitions_of(&step.id);
        let mut known = known.iter().filter(|_| self.counts(step));
        known
            .find(|known| known.difference == difference)?
            .left_for(self.pass.at)
    }

    /// The lines to remember at the end of a pass: those that still count.
    pub(super) fn repetitions(&self) -> impl Iterator<Item = (String, String)> {
        self.pass.recorded.iter().filter_map(|(key, text)| {
            let is_young = |known: &Repetition| self.pass.at.duration_since(known.last) < MEMORY;
            let mut known = text.split(',').filter_map(Repetition::parse);
            (key.ends_with(SUFFIX) && known.any(|known| is_young(&known)))
                .then(|| (key.clone(), text.clone()))
        })
    }
}

/// Takes the steps out of the plan that are undone each time, and says so.
pub(super) fn hold_back(plan: &mut Plan, observed: &Observed) {
    for step in std::mem::take(&mut plan.ready) {
        match observed.is_held_back(&step) {
            Some(left) => {
                let let_go = observed.rivals_let_go(&step);
                plan.problems.push(contested(&step, left).with_remedy(let_go));
            }
            None => plan.ready.push(step),
        }
    }
}

fn contested(step: &Step, left: SignedDuration) -> Problem {
    let fields = step.fields_in_brackets();
    Problem {
        id: step.id.clone(),
        reason: Reason::WriteContested,
        field: None,
        message: format!(
            "{} {} differs again each time after it was written{fields}: somebody else, or AWS, changes it back. It is written \
             only once an hour now. Look in CloudTrail for who writes it, and have them leave it alone; what they want of it \
             belongs in spec, or in the controller's options",
            step.id.kind.noun(),
            step.name,
        ),
        remedy: None,
        stands: true,
        retry_after: Some(left.unsigned_abs()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_reads_as_it_was_written() {
        let line = Repetition {
            fields: "f".into(),
            difference: "a".into(),
            times: 2,
            last: Timestamp::from_second(1_750_000_000).unwrap(),
        };
        assert_eq!(Repetition::parse(&line.to_text()), Some(line));
        assert_eq!(Repetition::parse("a.b"), None);
    }
}
