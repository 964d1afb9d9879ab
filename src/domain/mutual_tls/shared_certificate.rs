//! One public certificate for the origin's names of many objects: that of a wildcard, once for a cluster, AWS account and Region.
//!
//! It is no object's own: its tags name the cluster, and what its names lie below. Objects request and prove it, and none deletes it: the
//! sweeper does, once no object declares it (`docs/decisions/0050-shared-certificate.md`).

pub mod key;
pub(super) mod known;
mod lost;
pub mod surplus;
pub mod zone;

pub use key::{SERVES_SHARED, Shared, TAG_BELOW};
pub use known::is_one;

use super::{Inputs, in_place, refusals};
use crate::domain::edge::certificate::{
    self, Action, ISSUED, Observed, ProofRecord, Request, SeenCertificate,
};
use crate::domain::edge::certificates::Certificates;
use crate::domain::kernel::change::Change;
use crate::domain::kernel::identity::{Ownership, Tags};
use crate::domain::kernel::observing::{Look, Seen, desired_hash};
use crate::domain::kernel::planning::{Id, Kind, Next, Verb};
use crate::domain::kernel::tagging::{TagCall, tags_back};
use key::{Fitness, fitness};
use known::remembered;

/// What an object declares of it.
struct Wanted<'a> {
    shared: Shared,
    cluster: &'a str,
}

impl Wanted<'_> {
    fn hash(&self) -> String {
        desired_hash(&(self.cluster, &self.shared.region, &self.shared.below))
    }

    fn tags(&self) -> Tags {
        self.shared.tags(self.cluster)
    }
}

fn wanted<'a>(inputs: &Inputs<'a>) -> Option<Wanted<'a>> {
    let desired = inputs.desired?;
    Some(Wanted {
        shared: Shared::of(desired)?,
        cluster: &inputs.owner.cluster,
    })
}

/// Whether an object may need what a row of the tagging service shows: it declares that, or status remembers it.
#[must_use]
pub fn concerns(inputs: &Inputs<'_>, arn: &str, tags: &Tags) -> bool {
    let of_tags = Shared::of_tags(arn, tags, &inputs.owner.cluster);
    let is_wanted = wanted(inputs).is_some_and(|wanted| of_tags.as_ref() == Some(&wanted.shared));
    is_wanted
        || lost::is_one(inputs, arn, tags)
        || (of_tags.is_some() && remembered(inputs).is_some_and(|known| known == arn))
}

/// Whose one that was read is: the cluster's, by its tags, or, where somebody took them away, by what status remembers and its name. So is
/// that of a lost cluster which the custom domain name has that was taken over from there. That of another cluster is foreign.
fn whose(inputs: &Inputs<'_>, wanted: &Wanted<'_>, found: &Observed) -> Ownership {
    let arn = &found.content.arn;
    if Shared::of_tags(arn, &found.tags, wanted.cluster).as_ref() == Some(&wanted.shared) {
        return Ownership::Ours;
    }
    let is_it = found.content.names == [wanted.shared.wildcard()];
    if is_it && lost::is_taken(inputs, arn, &found.tags) {
        return Ownership::Stripped;
    }
    let is_proven = is_it && remembered(inputs) == Some(arn);
    let tags = wanted.tags();
    let mut left = found.tags.iter();
    let names_another = left.any(|(key, value)| tags.get(key).is_some_and(|ours| ours != value));
    if is_proven && !names_another {
        Ownership::Stripped
    } else {
        Ownership::Foreign
    }
}

/// How fit one is to be used, if it is what the object declares.
fn fitness_of(
    inputs: &Inputs<'_>,
    wanted: &Wanted<'_>,
    arn: &str,
    seen: &SeenCertificate,
) -> Option<Fitness> {
    match seen {
        Seen::Present(found) => {
            let is_ours = whose(inputs, wanted, found) != Ownership::Foreign;
            is_ours.then(|| fitness(&found.content.status))
        }
        Seen::Listed(Some(row)) => {
            let tags = row.tags.as_ref()?;
            if lost::is_taken(inputs, arn, tags) {
                return Some(Fitness::Pending);
            }
            let of_tags = Shared::of_tags(arn, tags, wanted.cluster)?;
            (of_tags == wanted.shared).then(|| {
                if is_verified(inputs, wanted, arn) {
                    Fitness::Issued
                } else {
                    Fitness::Pending
                }
            })
        }
        Seen::Listed(None) | Seen::Absent => None,
    }
}

fn is_verified(inputs: &Inputs<'_>, wanted: &Wanted<'_>, arn: &str) -> bool {
    inputs.pass.was_verified(&id_of(arn), &wanted.hash())
}

/// The one that is used of several alike: all objects settle on the same. What a lost cluster has left goes first until it has the tags of
/// this one: once nothing uses it any more, nobody would know whose it is.
fn settled<'a>(inputs: &Inputs<'a>, wanted: &Wanted<'_>) -> Option<(&'a String, &'a SeenCertificate)> {
    let all = inputs.seen.origin_certificates.iter();
    let mut lost = all.clone().filter(|(arn, seen)| {
        let tags = certificate::tags_of(seen);
        tags.is_some_and(|tags| lost::is_taken(inputs, arn, tags))
            && fitness_of(inputs, wanted, arn, seen).is_some()
    });
    if let Some(found) = lost.next() {
        return Some(found);
    }
    let fit = all.filter_map(|(arn, seen)| Some(((fitness_of(inputs, wanted, arn, seen)?, arn), seen)));
    let (key, seen) = fit.min_by(|(one, _), (other, _)| one.cmp(other))?;
    Some((key.1, seen))
}

/// ARN of the one that the object shares, once it was requested.
#[must_use]
pub fn current_arn(inputs: &Inputs<'_>) -> Option<String> {
    let (arn, _) = settled(inputs, &wanted(inputs)?)?;
    Some(arn.clone())
}

/// The same, once it is issued.
#[must_use]
pub fn issued(inputs: &Inputs<'_>) -> Option<String> {
    let wanted = wanted(inputs)?;
    let (arn, seen) = settled(inputs, &wanted)?;
    let is_issued = match seen {
        Seen::Present(found) => found.content.status == ISSUED,
        _ => is_verified(inputs, &wanted, arn),
    };
    is_issued.then(|| arn.clone())
}

/// The records that prove the wildcard to ACM, as far as it has told them.
#[must_use]
pub fn proofs(inputs: &Inputs<'_>) -> Vec<ProofRecord> {
    let current = wanted(inputs).and_then(|wanted| settled(inputs, &wanted));
    let found = current.and_then(|(_, seen)| seen.present());
    let found = found.filter(|found| fitness(&found.content.status) != Fitness::Unfit);
    found
        .map(|found| found.content.proofs.clone())
        .unwrap_or_default()
}

/// Hash of what is wanted of one; `None` of one that the object does not share.
#[must_use]
pub fn hash_of(id: &Id, inputs: &Inputs<'_>) -> Option<String> {
    let wanted = wanted(inputs)?;
    let (arn, _) = settled(inputs, &wanted)?;
    (id_of(arn) == *id).then(|| wanted.hash())
}

/// What is next of the one that the object shares; `of_origins` tells people of certificates.
#[must_use]
pub(super) fn next_all(inputs: &Inputs<'_>, of_origins: &Certificates<'_>) -> Vec<(Id, Next<Action>)> {
    let Some(wanted) = wanted(inputs) else {
        return lost::next_all(inputs);
    };
    let (current, mut all) = (settled(inputs, &wanted), Vec::new());
    for (arn, seen) in &inputs.seen.origin_certificates {
        if !is_one(inputs, arn, seen) {
            continue;
        }
        let is_current = current.is_some_and(|(known, _)| known == arn);
        let is_alike = || fitness_of(inputs, &wanted, arn, seen).is_some();
        let next = match seen {
            _ if is_current => next_of_current(inputs, &wanted, arn, seen, of_origins),
            // The list lags behind: what status names is looked for directly.
            Seen::Listed(None) => Next::Read,
            // Which of several is issued decides which one is used.
            Seen::Listed(Some(_)) if is_alike() => Next::Read,
            Seen::Listed(Some(row)) if lost::is_unclear(inputs, arn, row) => {
                Next::Blocked(vec![Kind::OriginDomain])
            }
            _ => Next::Done,
        };
        all.push((id_of(arn), next));
    }
    let is_unknown = || all.iter().any(|(_, next)| *next != Next::Done);
    if current.is_none() && !is_unknown() {
        all.push((Id::of(Kind::OriginCertificate), request(inputs, &wanted)));
    }
    all
}

/// What is wrong with the zone, or with the wildcard in it, problems tell.
fn request(inputs: &Inputs<'_>, wanted: &Wanted<'_>) -> Next<Action> {
    if let Some(next) = in_place::instead_of_request(inputs) {
        return next;
    }
    if refusals::fit_zone(inputs).is_none() {
        return Next::Blocked(vec![Kind::OriginRecords]);
    }
    if refusals::unfit_wildcard(inputs).is_some() {
        return Next::Blocked(vec![Kind::OriginCertificate]);
    }
    let name = wanted.shared.wildcard();
    let request = Request {
        region: wanted.shared.region.clone(),
        names: vec![name.clone()],
        // The same for all objects: two that begin at once are answered with one.
        token: wanted.shared.token(wanted.cluster, inputs.seen.attempt),
        tags: wanted.tags(),
    };
    let id = Id::of(Kind::OriginCertificate);
    Next::act(id, &name, Verb::Create, vec![], Action::Request(request))
}

fn next_of_current(
    inputs: &Inputs<'_>,
    wanted: &Wanted<'_>,
    arn: &str,
    seen: &SeenCertificate,
    of_origins: &Certificates<'_>,
) -> Next<Action> {
    let found = match inputs.pass.look(&id_of(arn), &wanted.hash(), seen) {
        // Its tags are those by which it was found.
        Look::Verified(_) | Look::Absent => return Next::Done,
        Look::Outdated(_) | Look::Read => return Next::Read,
        Look::Present(found) => found,
    };
    if whose(inputs, wanted, found) == Ownership::Stripped {
        let (changes, missing) = tags_back(&found.tags, &wanted.tags());
        return retag(arn, changes, missing);
    }
    match fitness(&found.content.status) {
        Fitness::Issued => Next::Done,
        Fitness::Pending => of_origins.pending(&found.content),
        Fitness::Unfit => Next::Problem(of_origins.failed(&found.content)),
    }
}

fn retag(arn: &str, changes: Vec<Change>, missing: Tags) -> Next<Action> {
    let action = Action::Tag(TagCall::setting(arn, missing));
    Next::act(id_of(arn), arn, Verb::Update, changes, action)
}

fn id_of(arn: &str) -> Id {
    certificate::id(Kind::OriginCertificate, arn)
}

#[cfg(test)]
mod fixtures;
#[cfg(test)]
mod left_tests;
#[cfg(test)]
mod lost_tests;
#[cfg(test)]
mod tests;
