//! What the certificates of an object need next.

use super::certificate::{
    Action, Desired, FIRST_NAME_LIMIT, ISSUED, Observed, PENDING, Request, SeenCertificate, TAG_NAMES, id_of,
    problem, tags_of,
};
use super::certificate_proof::{self, failed, pending, prove};
use super::inputs::Inputs;
use super::{dns_records, names};
use crate::domain::kernel::change::Change;
use crate::domain::kernel::hash;
use crate::domain::kernel::identity::{Ownership, ownership};
use crate::domain::kernel::observing::{Look, Seen};
use crate::domain::kernel::planning::{Id, Kind, Next, Verb, Wait};
use crate::domain::kernel::reason::Reason;
use crate::domain::kernel::tagging::{RowTags, TagCall, TagStep, row_tags, tag_step_changes, tags_back};
use std::time::Duration;

/// How soon ACM is asked again whether a certificate is still in use.
const IN_USE_RETRY: Duration = Duration::from_secs(30);

/// The certificate for the declared names, if it was requested.
fn current<'a>(wanted: &Desired, inputs: &Inputs<'a>) -> Option<(&'a String, &'a SeenCertificate)> {
    let mut all = inputs.seen.certificates.iter();
    all.find(|(_, seen)| match seen {
        Seen::Present(found) if inputs.owns_certificate(found) == Ownership::Stripped => {
            wanted.has_names(&found.content.names)
        }
        _ => tags_of(seen).is_some_and(|tags| wanted.is_for(tags)),
    })
}

/// ARN of the certificate for the declared names, once it is issued.
#[must_use]
pub fn issued(wanted: &Desired, inputs: &Inputs<'_>) -> Option<String> {
    let (arn, seen) = current(wanted, inputs)?;
    let is_issued = match seen {
        Seen::Present(found) => found.content.status == ISSUED,
        _ => inputs.pass.was_verified(&id_of(arn), &wanted.hash()),
    };
    is_issued.then(|| arn.clone())
}

/// The certificate for the declared names as it was read.
#[must_use]
pub fn present<'a>(wanted: &Desired, inputs: &Inputs<'a>) -> Option<&'a Observed> {
    current(wanted, inputs)?.1.present()
}

/// ARN of the certificate for the declared names.
#[must_use]
pub fn current_arn<'a>(wanted: &Desired, inputs: &Inputs<'a>) -> Option<&'a String> {
    Some(current(wanted, inputs)?.0)
}

/// Hash of what is wanted of a certificate; `None` of one that is left over.
#[must_use]
pub fn hash_of(id: &Id, inputs: &Inputs<'_>) -> Option<String> {
    let wanted = inputs.desired?.certificate.as_ref()?;
    let arn = current_arn(wanted, inputs)?;
    (id_of(arn) == *id).then(|| wanted.hash())
}

/// What the object's certificates need next.
#[must_use]
pub fn next_all(inputs: &Inputs<'_>) -> Vec<(Id, Next<certificate_proof::Action>)> {
    let mut all = Vec::new();
    let certificate = certificate_proof::Action::Certificate;
    let names = inputs.desired;
    let wanted = names.and_then(|names| Some((names, names.certificate.as_ref()?)));
    let current = wanted.and_then(|(_, wanted)| current_arn(wanted, inputs));
    let mut is_unknown = false;
    for (arn, seen) in &inputs.seen.certificates {
        let id = id_of(arn);
        match wanted.filter(|_| current == Some(arn)) {
            Some((names, wanted)) => {
                all.push((id, next_of_current(wanted, arn, seen, inputs).map(certificate)));
                let proofs = prove(names, seen, inputs).into_iter();
                all.extend(proofs.map(|(id, next)| (id, next.map(certificate_proof::Action::Records))));
            }
            None if *seen == Seen::Listed(None) => {
                is_unknown = true;
                all.push((id, Next::Read));
            }
            None => all.push((id, next_of_left_over(arn, seen, inputs).map(certificate))),
        }
    }
    if let (Some((names, wanted)), None, false) = (wanted, current, is_unknown) {
        let request = request(names, wanted, inputs).map(certificate);
        all.push((Id::of(Kind::Certificate), request));
    }
    all
}

fn request(names: &names::Desired, wanted: &Desired, inputs: &Inputs<'_>) -> Next<Action> {
    let zone = names.zone.as_ref().and_then(|zone| inputs.seen.zone(zone));
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
                "spec.distribution.aliases: a certificate needs one name of at most {FIRST_NAME_LIMIT} characters: add an alias \
                 that short"
            ),
        ));
    }
    let name = wanted.names.join(", ");
    Next::act(
        Id::of(Kind::Certificate),
        &name,
        Verb::Create,
        vec![],
        Action::Request(Request {
            names: wanted.names.clone(),
            token: token(wanted, inputs.seen.attempt),
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

fn next_of_current(wanted: &Desired, arn: &str, seen: &SeenCertificate, inputs: &Inputs<'_>) -> Next<Action> {
    match inputs.pass.look(&id_of(arn), &wanted.hash(), seen) {
        Look::Verified(row) => match row_tags(row.tags.as_ref(), &wanted.owner, &wanted.tags) {
            RowTags::Right => Next::Done,
            RowTags::Unknown => Next::Read,
            RowTags::Wrong(changes, step) => retag(arn, changes, step),
        },
        Look::Outdated(_) | Look::Read => Next::Read,
        Look::Absent => Next::Done,
        Look::Present(found) => next_of_present(wanted, found, inputs),
    }
}

fn next_of_present(wanted: &Desired, found: &Observed, inputs: &Inputs<'_>) -> Next<Action> {
    let content = &found.content;
    if inputs.owns_certificate(found) == Ownership::Stripped {
        let (changes, missing) = tags_back(&found.tags, &wanted.tags);
        return retag(&content.arn, changes, Ok(missing));
    }
    if let Some((changes, step)) = tag_step_changes(&found.tags, &wanted.tags) {
        return retag(&content.arn, changes, step);
    }
    match content.status.as_str() {
        ISSUED => Next::Done,
        PENDING => pending(content, inputs),
        _ => Next::Problem(failed(content)),
    }
}

/// A certificate for names that were declared before: it goes once the distribution, as deployed, uses another.
fn next_of_left_over(arn: &str, seen: &SeenCertificate, inputs: &Inputs<'_>) -> Next<Action> {
    if let Seen::Present(found) = seen
        && inputs.owns_certificate(found) == Ownership::Stripped
    {
        let (changes, missing) = tags_back(&found.tags, &inputs.owner.tags());
        return retag(arn, changes, Ok(missing));
    }
    let is_ours = tags_of(seen).is_some_and(|tags| ownership(tags, inputs.owner) == Ownership::Ours);
    let names = inputs.distribution.names();
    let may_be_used = names.is_none_or(|names| names.certificate_arn.as_deref() == Some(arn));
    if !is_ours || may_be_used || !inputs.distribution.is_deployed() {
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
pub fn removal(inputs: &Inputs<'_>, arn: &str, seen: &SeenCertificate) -> Next<Action> {
    match seen {
        Seen::Absent => Next::Done,
        Seen::Listed(_) => Next::Read,
        Seen::Present(found) if inputs.owns_certificate(found) == Ownership::Stripped => {
            let (changes, missing) = tags_back(&found.tags, &inputs.owner.tags());
            retag(arn, changes, Ok(missing))
        }
        Seen::Present(found) if ownership(&found.tags, inputs.owner) != Ownership::Ours => Next::Done,
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

fn delete(arn: &str) -> Next<Action> {
    let action = Action::Delete { arn: arn.to_owned() };
    Next::act(id_of(arn), arn, Verb::Delete, vec![], action)
}

fn retag(arn: &str, changes: Vec<Change>, step: TagStep) -> Next<Action> {
    let action = Action::Tag(TagCall::new(arn, step));
    Next::act(id_of(arn), arn, Verb::Update, changes, action)
}
