//! What the certificates of an object need next.

use super::certificate::{Action, Desired, FIRST_NAME_LIMIT, Observed, SeenCertificate, id_of};
use super::certificate_proof::{self, prove};
use super::inputs::Inputs;
use super::{dns_records, names};
use crate::domain::kernel::observing::Seen;
use crate::domain::kernel::planning::{Id, Kind, Next, Problem};
use crate::domain::kernel::reason::Reason;

/// ARN of the certificate for the declared names, once it is issued.
#[must_use]
pub fn issued(wanted: &Desired, inputs: &Inputs<'_>) -> Option<String> {
    inputs.certificates().issued(wanted)
}

/// The certificate for the declared names as it was read.
#[must_use]
pub fn present<'a>(wanted: &Desired, inputs: &Inputs<'a>) -> Option<&'a Observed> {
    inputs.certificates().current(wanted)?.1.present()
}

/// ARN of the certificate for the declared names.
#[must_use]
pub fn current_arn<'a>(wanted: &Desired, inputs: &Inputs<'a>) -> Option<&'a String> {
    Some(inputs.certificates().current(wanted)?.0)
}

/// Hash of what is wanted of a certificate; `None` of one that is left over.
#[must_use]
pub fn hash_of(id: &Id, inputs: &Inputs<'_>) -> Option<String> {
    let wanted = inputs.desired?.certificate.as_ref()?;
    inputs.certificates().hash_of(id, wanted)
}

/// What the object's certificates need next.
#[must_use]
pub fn next_all(inputs: &Inputs<'_>) -> Vec<(Id, Next<certificate_proof::Action>)> {
    let mut all = Vec::new();
    let certificate = certificate_proof::Action::Certificate;
    let certificates = inputs.certificates();
    let names = inputs.desired;
    let wanted = names.and_then(|names| Some((names, names.certificate.as_ref()?)));
    let current = wanted.and_then(|(_, wanted)| current_arn(wanted, inputs));
    let mut is_unknown = false;
    for (arn, seen) in certificates.all() {
        let id = id_of(arn);
        match wanted.filter(|_| current == Some(arn)) {
            Some((names, wanted)) => {
                let next = certificates.next_of_current(wanted, arn, seen);
                all.push((id, next.map(certificate)));
                let proofs = prove(names, seen, inputs).into_iter();
                all.extend(proofs.map(|(id, next)| (id, next.map(certificate_proof::Action::Records))));
            }
            None if *seen == Seen::Listed(None) => {
                is_unknown = true;
                all.push((id, Next::Read));
            }
            None => {
                let next = certificates.next_of_left_over(arn, seen, may_be_used(arn, inputs));
                all.push((id, next.map(certificate)));
            }
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
        let problem = Problem::new(
            Id::of(Kind::Certificate),
            Reason::InvalidSpec,
            format!(
                "spec.distribution.aliases: a certificate needs one name of at most {FIRST_NAME_LIMIT} characters: add an alias \
                 that short"
            ),
        );
        return Next::Problem(problem.about("spec.distribution.aliases"));
    }
    inputs.certificates().request(wanted)
}

/// Whether the distribution, as deployed, may use a certificate for names that were declared before.
fn may_be_used(arn: &str, inputs: &Inputs<'_>) -> bool {
    let names = inputs.distribution.names();
    let is_named = names.is_none_or(|names| names.certificate_arn.as_deref() == Some(arn));
    is_named || !inputs.distribution.is_deployed()
}

/// What is left to do until the certificate is gone.
#[must_use]
pub fn removal(inputs: &Inputs<'_>, arn: &str, seen: &SeenCertificate) -> Next<Action> {
    inputs.certificates().removal(arn, seen, "the distribution")
}
