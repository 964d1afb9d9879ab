//! What is told of the names under which viewers reach the distribution: the condition `NamesReady`, and `status.names`.

use super::conditions::{Mode, Pass, Verdict, types};
use super::group::group;
use super::said_before::{repeated, unanswered};
use crate::api::{NamedCertificateStatus, NamesStatus, ProtectedApiStatus};
use crate::domain::edge::hosted_zone::{NameOwner, leading_to};
use crate::domain::edge::names::{Desired, KINDS, ZoneSeen, is_managed};
use crate::domain::edge::{certificate_next, expiry};
use crate::domain::kernel::reason::Reason;
use crate::domain::perimeter::desired::Desired as DesiredAll;
use crate::domain::perimeter::observed::Observed;

/// `NamesReady`, where the spec has records made or a certificate requested, or something of them is left; and where the certificate
/// that the spec names has expired.
pub(super) fn verdict(pass: &Pass<'_>) -> Option<Verdict> {
    let is = types::NAMES_READY;
    let is_deleted = matches!(pass.mode, Mode::Delete | Mode::DeleteSuspended);
    if pass.observed.is_none() && !is_deleted {
        // The spec was not looked at.
        return repeated(pass, is);
    }
    if let Some((reason, message)) = expired(pass) {
        return Some(Verdict::no(is, reason, message));
    }
    let failure = pass.failures.iter().find(|failure| failure.is_of(&KINDS));
    let concerns = KINDS.iter().any(|kind| pass.plan.concerns(*kind)) || failure.is_some();
    let is_wanted = pass
        .desired
        .is_some_and(|desired| is_managed(desired.names.as_ref()));
    if !is_wanted {
        return concerns.then(|| group(pass, is, &KINDS, "no record or certificate of ours is left"));
    }
    let is_unread = pass.observed.is_some_and(|observed| observed.names.is_unread);
    if let Some(failure) = failure.filter(|_| is_unread) {
        return Some(unanswered(is, failure, repeated(pass, is)));
    }
    Some(group(
        pass,
        is,
        &KINDS,
        "certificate and records of the aliases are in place, as far as they are declared",
    ))
}

/// What people have to know of the certificate that the spec names, and why.
pub(super) fn told_of_certificate(pass: &Pass<'_>) -> Option<(Reason, String)> {
    let (desired, observed) = pass.desired.zip(pass.observed)?;
    expiry::told(named_certificate(observed, desired)?, pass.now)
}

/// The same, where that has expired.
pub(super) fn expired(pass: &Pass<'_>) -> Option<(Reason, String)> {
    told_of_certificate(pass).filter(|(reason, _)| *reason == Reason::CertificateExpired)
}

fn named_certificate<'a>(observed: &'a Observed, desired: &DesiredAll) -> Option<&'a NamedCertificateStatus> {
    let arn = desired.distribution.settings.certificate_arn.as_ref()?;
    expiry::known(arn, &observed.names, observed.outputs.names.as_ref())
}

/// Writes what `observed` knows of names into `status`; what was not looked at stays as it was.
pub(super) fn fill(status: &mut ProtectedApiStatus, observed: &Observed, desired: Option<&DesiredAll>) {
    let mut names = status.names.take().unwrap_or_default();
    let wanted = desired.and_then(|desired| desired.names.as_ref());
    if let Some(desired) = desired {
        fill_certificate(&mut names, observed, wanted);
        names.named_certificate = named_certificate(observed, desired).cloned();
    }
    if !observed.names.is_unread {
        names.hosted_zone_ids = zones(observed);
        names.records = wanted.map(|wanted| records(observed, wanted)).unwrap_or_default();
    }
    status.names = Some(names).filter(|names| *names != NamesStatus::default());
}

fn fill_certificate(names: &mut NamesStatus, observed: &Observed, wanted: Option<&Desired>) {
    let wanted = wanted.and_then(|wanted| wanted.certificate.as_ref());
    let inputs = observed.names_inputs(None);
    let arn = wanted.and_then(|wanted| certificate_next::current_arn(wanted, &inputs));
    if names.certificate_arn.as_ref() != arn {
        names.certificate_arn = arn.cloned();
        names.certificate_status = None;
    }
    if let Some(found) = wanted.and_then(|wanted| certificate_next::present(wanted, &inputs)) {
        names.certificate_status = Some(found.content.status.clone());
    }
}

/// The zones that may have records of ours.
fn zones(observed: &Observed) -> Vec<String> {
    let owner = &observed.owner;
    let is_left = |zone: &String| match observed.names.zones.get(zone) {
        Some(ZoneSeen::Found(found)) => !found.marked(owner).is_empty(),
        Some(ZoneSeen::Missing) => false,
        None => true,
    };
    observed.known_zones().into_iter().filter(is_left).collect()
}

/// The names whose records lead to the distribution.
fn records(observed: &Observed, desired: &Desired) -> Vec<String> {
    let zone = desired.zone.as_ref().and_then(|zone| observed.names.zone(zone));
    let (Some(zone), Some(domain)) = (zone, observed.domain_name()) else {
        return vec![];
    };
    let stands = |alias: &&String| {
        let is_ours = matches!(zone.whose(alias, &desired.owner), NameOwner::Ours(_));
        let [a, _] = leading_to(alias, domain);
        is_ours && zone.at(alias).contains(&a)
    };
    desired.aliases.iter().filter(stands).cloned().collect()
}
