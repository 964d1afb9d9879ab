//! The certificate that is requested for the aliases, proved through DNS and renewed by ACM.
//!
//! A tag with a hash of its names tells which certificate is for the names that are declared now; others are left over, and
//! deleted once nothing uses them. Records that prove a name are the same for all certificates of an account, so they stay.

use super::certificate_proof::{failed, pending, prove};
use super::{dns_records, names};
use crate::domain::kernel::change::Change;
use crate::domain::kernel::hash;
use crate::domain::kernel::identity::{Owner, Ownership, Tags, ownership};
use crate::domain::kernel::observing::{Fingerprint, Look, Seen, desired_hash};
use crate::domain::kernel::planning::{Id, Kind, Problem, Verb, Wait};
use crate::domain::kernel::reason::Reason;
use crate::domain::kernel::tagging::{RowTags, row_tags, tag_step_changes, tags_back};
use crate::domain::perimeter::desired::Desired as DesiredAll;
use crate::domain::perimeter::observed::Observed as Everything;
use crate::domain::perimeter::plan::{self, Next, Plan, Step};
use jiff::Timestamp;
use serde::Serialize;
use std::collections::BTreeSet;
use std::time::Duration;

/// Hash of a certificate's names, as a tag.
pub const TAG_NAMES: &str = "palisade.dev/certificate-names";
/// ACM's word for a certificate that can be used.
pub const ISSUED: &str = "ISSUED";
/// ACM's word for a certificate whose names are not all proved.
pub const PENDING: &str = "PENDING_VALIDATION";
/// RFC 5280's limit on the first name of a certificate.
const FIRST_NAME_LIMIT: usize = 64;
/// How soon ACM is asked again whether a certificate is still in use.
const IN_USE_RETRY: Duration = Duration::from_secs(30);

/// The certificate as it should be.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Desired {
    /// Whose it is.
    pub owner: Owner,
    /// Its names; the first is the subject's.
    pub names: Vec<String>,
    /// Its tags.
    pub tags: Tags,
}

/// A certificate as the tagging service shows it.
#[derive(Debug, Clone, PartialEq)]
pub struct Listed {
    /// Its ARN.
    pub arn: String,
    /// Its tags.
    pub tags: Option<Tags>,
}

/// A record that proves a name.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Proof {
    /// The record's name.
    pub name: String,
    /// Its value.
    pub value: String,
}

/// What ACM says of a certificate.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Content {
    /// Its ARN.
    pub arn: String,
    /// `PENDING_VALIDATION`, `ISSUED` and the like.
    pub status: String,
    /// Why it failed.
    pub failure: Option<String>,
    /// What DNS has to say; empty for some seconds after the request.
    pub proofs: Vec<Proof>,
    /// Whether anything uses it.
    pub is_in_use: bool,
    /// When it was requested.
    pub requested_at: Option<Timestamp>,
    /// Its names, in order.
    pub names: Vec<String>,
}

/// A certificate with its tags.
#[derive(Debug, Clone, PartialEq)]
pub struct Observed {
    /// What ACM says of it.
    pub content: Content,
    /// Its tags.
    pub tags: Tags,
}

/// A request for a certificate.
#[derive(Debug, Clone, PartialEq)]
pub struct Request {
    /// Its names; the first is the subject's.
    pub names: Vec<String>,
    /// A request with the token of an earlier one is answered with what that made.
    pub token: String,
    /// Its tags.
    pub tags: Tags,
}

/// One call that brings a certificate nearer to what is wanted.
#[derive(Debug, Clone, PartialEq)]
#[allow(missing_docs)]
pub enum Action {
    Request(Request),
    Tag { arn: String, tags: Tags },
    Untag { arn: String, keys: Vec<String> },
    Delete { arn: String },
}

/// The certificate for `aliases`.
#[must_use]
pub fn desired(owner: &Owner, aliases: &[String], tags: &Tags) -> Desired {
    let mut names: Vec<String> = aliases.to_vec();
    names.sort();
    let first = aliases.iter().find(|name| name.len() <= FIRST_NAME_LIMIT);
    if let Some(first) = first {
        names.retain(|name| name != first);
        names.insert(0, first.clone());
    }
    let mut sorted = names.clone();
    sorted.sort();
    let mut tags = tags.clone();
    tags.insert(TAG_NAMES.to_owned(), hash::short(&sorted));
    Desired {
        owner: owner.clone(),
        names,
        tags,
    }
}

impl Desired {
    fn hash(&self) -> String {
        desired_hash(&(&self.owner, self.tags.get(TAG_NAMES)))
    }

    fn has_names(&self, names: &[String]) -> bool {
        let all = |names: &[String]| names.iter().cloned().collect::<BTreeSet<_>>();
        all(names) == all(&self.names)
    }

    fn is_for(&self, tags: &Tags) -> bool {
        ownership(tags, &self.owner) != Ownership::Foreign && tags.get(TAG_NAMES) == self.tags.get(TAG_NAMES)
    }
}

pub(super) type SeenCertificate = Seen<Listed, Observed>;

/// The certificate for the declared names, if it was requested.
fn current<'a>(wanted: &Desired, everything: &'a Everything) -> Option<(&'a String, &'a SeenCertificate)> {
    let mut all = everything.names.certificates.iter();
    all.find(|(_, seen)| match seen {
        Seen::Present(found) if everything.owns_certificate(found) == Ownership::Stripped => {
            wanted.has_names(&found.content.names)
        }
        _ => tags_of(seen).is_some_and(|tags| wanted.is_for(tags)),
    })
}

fn tags_of(seen: &SeenCertificate) -> Option<&Tags> {
    match seen {
        Seen::Present(found) => Some(&found.tags),
        Seen::Listed(Some(row)) => row.tags.as_ref(),
        Seen::Listed(None) | Seen::Absent => None,
    }
}

/// ARN of the certificate for the declared names, once it is issued.
#[must_use]
pub fn issued(wanted: &Desired, everything: &Everything) -> Option<String> {
    let (arn, seen) = current(wanted, everything)?;
    let is_issued = match seen {
        Seen::Present(found) => found.content.status == ISSUED,
        _ => everything.was_verified(&id_of(arn), &wanted.hash()),
    };
    is_issued.then(|| arn.clone())
}

/// The certificate for the declared names as it was read.
#[must_use]
pub fn present<'a>(wanted: &Desired, everything: &'a Everything) -> Option<&'a Observed> {
    current(wanted, everything)?.1.present()
}

/// ARN of the certificate for the declared names.
#[must_use]
pub fn current_arn<'a>(wanted: &Desired, everything: &'a Everything) -> Option<&'a String> {
    Some(current(wanted, everything)?.0)
}

/// The resource of that ARN.
#[must_use]
pub fn id_of(arn: &str) -> Id {
    Id {
        kind: Kind::Certificate,
        part: arn.rsplit('/').next().unwrap_or_default().to_owned(),
    }
}

/// Hash of what is wanted of a certificate; `None` of one that is left over.
#[must_use]
pub fn hash_of(id: &Id, all: &DesiredAll, everything: &Everything) -> Option<String> {
    let wanted = all.names.as_ref()?.certificate.as_ref()?;
    let arn = current_arn(wanted, everything)?;
    (id_of(arn) == *id).then(|| wanted.hash())
}

/// What the object's certificates need next.
pub fn next_all(all: &DesiredAll, everything: &Everything, plan: &mut Plan) {
    let names = all.names.as_ref();
    let wanted = names.and_then(|names| Some((names, names.certificate.as_ref()?)));
    let current = wanted.and_then(|(_, wanted)| current_arn(wanted, everything));
    let mut is_unknown = false;
    for (arn, seen) in &everything.names.certificates {
        let id = id_of(arn);
        match wanted.filter(|_| current == Some(arn)) {
            Some((names, wanted)) => {
                plan.add(id, next_of_current(wanted, arn, seen, everything));
                prove(names, seen, everything, plan);
            }
            None if *seen == Seen::Listed(None) => {
                is_unknown = true;
                plan.add(id, Next::Read);
            }
            None => plan.add(id, next_of_left_over(&all.owner, arn, seen, everything)),
        }
    }
    if let (Some((names, wanted)), None, false) = (wanted, current, is_unknown) {
        plan.add(Id::of(Kind::Certificate), request(names, wanted, everything));
    }
}

fn request(names: &names::Desired, wanted: &Desired, everything: &Everything) -> Next {
    let zone = names.zone.as_ref().and_then(|zone| everything.names.zone(zone));
    // What is wrong with the zone is told of the records.
    if zone.is_none_or(|zone| dns_records::unfit(names, zone).is_some()) {
        return Next::Blocked(vec![Kind::Records]);
    }
    if wanted
        .names
        .first()
        .is_none_or(|first| first.len() > FIRST_NAME_LIMIT)
    {
        return Next::Problem(problem(
            Id::of(Kind::Certificate),
            Reason::InvalidSpec,
            format!(
                "spec.distribution.aliases: a certificate needs a name of at most {FIRST_NAME_LIMIT} characters to begin with; add a shorter one"
            ),
        ));
    }
    let name = wanted.names.join(", ");
    act(
        Id::of(Kind::Certificate),
        &name,
        Verb::Create,
        vec![],
        Action::Request(Request {
            names: wanted.names.clone(),
            token: token(wanted, everything.names.attempt),
            tags: wanted.tags.clone(),
        }),
    )
}

/// The same for the same owner, names and attempt: after a lost answer ACM answers what it made.
fn token(wanted: &Desired, attempt: u32) -> String {
    hash::short(&(
        &wanted.owner.cluster,
        &wanted.owner.uid,
        wanted.tags.get(TAG_NAMES),
        attempt,
    ))
}

fn next_of_current(wanted: &Desired, arn: &str, seen: &SeenCertificate, everything: &Everything) -> Next {
    match everything.look(&id_of(arn), &wanted.hash(), seen) {
        Look::Verified(row) => match row_tags(row.tags.as_ref(), &wanted.owner, &wanted.tags) {
            RowTags::Right => Next::Done,
            RowTags::Unknown => Next::Read,
            RowTags::Wrong(changes, step) => retag(arn, changes, step),
        },
        Look::Outdated(_) | Look::Read => Next::Read,
        Look::Absent => Next::Done,
        Look::Present(found) => next_of_present(wanted, found, everything),
    }
}

fn next_of_present(wanted: &Desired, found: &Observed, everything: &Everything) -> Next {
    let content = &found.content;
    if let Some((changes, step)) = tag_step_changes(&found.tags, &wanted.tags) {
        return retag(&content.arn, changes, step);
    }
    match content.status.as_str() {
        ISSUED => Next::Done,
        PENDING => pending(content, everything),
        _ => Next::Problem(failed(content)),
    }
}

/// A certificate for names that were declared before: it goes once the distribution, as deployed, uses another.
fn next_of_left_over(owner: &Owner, arn: &str, seen: &SeenCertificate, everything: &Everything) -> Next {
    if let Seen::Present(found) = seen
        && everything.owns_certificate(found) == Ownership::Stripped
    {
        let (changes, missing) = tags_back(&found.tags, &owner.tags());
        return retag(arn, changes, Ok(missing));
    }
    let is_ours = tags_of(seen).is_some_and(|tags| ownership(tags, owner) == Ownership::Ours);
    let names = everything.distribution_names();
    let may_be_used = names.is_none_or(|names| names.certificate_arn.as_deref() == Some(arn));
    if !is_ours || may_be_used || !everything.is_deployed() {
        return Next::Done;
    }
    match seen {
        Seen::Listed(_) => Next::Read,
        // Looked at again with the next resync.
        Seen::Present(found) if found.content.is_in_use => Next::Done,
        Seen::Present(_) => delete(arn),
        Seen::Absent => Next::Done,
    }
}

/// What is left to do until the certificate is gone.
#[must_use]
pub fn removal(everything: &Everything, arn: &str, seen: &SeenCertificate) -> Next {
    match seen {
        Seen::Absent => Next::Done,
        Seen::Listed(_) => Next::Read,
        Seen::Present(found) if everything.owns_certificate(found) == Ownership::Stripped => {
            let (changes, missing) = tags_back(&found.tags, &everything.owner.tags());
            retag(arn, changes, Ok(missing))
        }
        Seen::Present(found) if ownership(&found.tags, &everything.owner) != Ownership::Ours => Next::Done,
        Seen::Present(found) if found.content.is_in_use => Next::Wait(Wait {
            id: id_of(arn),
            reason: Reason::CertificateInUse,
            message: format!(
                "certificate {arn} is deleted once ACM sees that nothing uses it any more, some minutes after the distribution is gone"
            ),
            retry_after: IN_USE_RETRY,
        }),
        Seen::Present(_) => delete(arn),
    }
}

fn delete(arn: &str) -> Next {
    let action = Action::Delete { arn: arn.to_owned() };
    act(id_of(arn), arn, Verb::Delete, vec![], action)
}

fn retag(arn: &str, changes: Vec<Change>, step: Result<Tags, Vec<String>>) -> Next {
    let action = match step {
        Ok(tags) => Action::Tag {
            arn: arn.to_owned(),
            tags,
        },
        Err(keys) => Action::Untag {
            arn: arn.to_owned(),
            keys,
        },
    };
    act(id_of(arn), arn, Verb::Update, changes, action)
}

pub(super) fn problem(id: Id, reason: Reason, message: String) -> Problem {
    Problem {
        id,
        reason,
        message,
        stands: false,
        retry_after: None,
    }
}

fn act(id: Id, name: &str, verb: Verb, changes: Vec<Change>, action: Action) -> Next {
    Next::Act(Box::new(Step {
        id,
        name: name.to_owned(),
        verb,
        changes,
        action: plan::Action::Certificate(action),
    }))
}

impl Fingerprint for Listed {
    fn fingerprint(&self) -> String {
        hash::short(&self.arn)
    }
}

impl Fingerprint for Observed {
    fn fingerprint(&self) -> String {
        hash::short(&self.content.arn)
    }
}
