//! `status.access.mutualTls`: what stands of mutual TLS, as it was last read; and what is worth knowing of its certificates.

use crate::api::{AccessStatus, MutualTlsStatus, ProtectedApiStatus};
use crate::domain::kernel::identity::Ownership;
use crate::domain::kernel::observing::Seen as SeenOne;
use crate::domain::kernel::reason::Reason;
use crate::domain::kernel::words::moment;
use crate::domain::mutual_tls::origin_domain::{owns, version_in_use};
use crate::domain::mutual_tls::pair::fingerprint;
use crate::domain::mutual_tls::truststore::is_in_use_verified;
use crate::domain::mutual_tls::{Desired, Inputs, Seen, client_certificate, shared_certificate};
use crate::domain::perimeter::desired::Desired as DesiredAll;
use crate::domain::perimeter::observed::Observed;
use jiff::{SignedDuration, Timestamp};

/// A client certificate is replaced long before. One that has no longer left is not being replaced.
const STUCK: SignedDuration = SignedDuration::from_hours(20 * 24);

/// Writes what `observed` knows of mutual TLS into `status`; what was not looked at stays as it was.
pub(in crate::domain::status) fn fill(
    status: &mut ProtectedApiStatus,
    observed: &Observed,
    desired: Option<&DesiredAll>,
) {
    match (&mut status.access, known(observed, desired)) {
        (Some(access), known) => access.mutual_tls = known,
        // The routes were never read yet.
        (None, Some(known)) => {
            status.access = Some(AccessStatus {
                mutual_tls: Some(known),
                ..AccessStatus::default()
            });
        }
        (None, None) => {}
    }
}

/// What is known by now: as read in this pass, and what was not read as it was before it.
pub(in crate::domain::status) fn known(
    observed: &Observed,
    desired: Option<&DesiredAll>,
) -> Option<MutualTlsStatus> {
    let wanted = desired.map(|desired| desired.mutual_tls.as_ref());
    if wanted.is_some_and(|wanted| wanted.is_none()) {
        return None;
    }
    // What another mode has taken the place of is remembered until nothing is left of it.
    if desired.is_some_and(|desired| observed.is_released(desired)) {
        return None;
    }
    let mut known = observed.outputs.mutual_tls.clone().unwrap_or_default();
    let inputs = observed.mutual_tls_inputs(desired);
    fill_origin(&mut known, &inputs, wanted.flatten());
    fill_shared(&mut known, &inputs, wanted.flatten());
    known.client_certificates = client_certificate::kept(&inputs);
    fill_next(&mut known, &observed.mutual_tls);
    fill_verified(&mut known, &inputs);
    if let Some(shown) = inputs.distribution.shows {
        fill_client_certificate(&mut known, &observed.mutual_tls, shown);
    }
    if let Some(endpoint) = observed.mutual_tls.endpoint.present() {
        known.default_endpoint_off = endpoint.is_off;
    }
    let wanted = wanted.flatten();
    // The spec of another mode names nothing of it: it would not be found again.
    let is_left = wanted.is_some_and(|wanted| wanted.leaves);
    let known = Some(known).filter(|known| is_left || *known != MutualTlsStatus::default())?;
    Some(match wanted {
        Some(wanted) => named(known, wanted),
        None => known,
    })
}

/// `known`, with the names that the spec has no more once it names another mode.
fn named(known: MutualTlsStatus, wanted: &Desired) -> MutualTlsStatus {
    MutualTlsStatus {
        origin_domain: Some(wanted.origin_domain.clone()),
        hosted_zone_id: Some(wanted.hosted_zone_id.clone()),
        truststore_bucket: Some(wanted.bucket.clone()),
        certificate_arn: wanted.certificate_arn.clone(),
        ..known
    }
}

/// The custom domain name, with what serves it.
fn fill_origin(known: &mut MutualTlsStatus, inputs: &Inputs<'_>, wanted: Option<&Desired>) {
    let seen = inputs.seen;
    // One of somebody else's tells nothing of what was made here.
    let is_anothers = |found| known.target.is_none() && owns(inputs, found) == Ownership::Foreign;
    let is_none = match &seen.domain {
        SeenOne::Absent => true,
        SeenOne::Present(found) => is_anothers(found),
        SeenOne::Listed(_) => false,
    };
    match &seen.domain {
        SeenOne::Present(found) if !is_none => {
            known.target.clone_from(&found.content.target);
            known.target_zone.clone_from(&found.content.target_zone);
            // A version of another's truststore is none of ours.
            let uri = wanted.map(Desired::truststore_uri);
            let is_ours = uri.is_none() || found.content.truststore_uri == uri;
            let version = found.content.truststore_version.clone();
            known.truststore_version = version.filter(|_| is_ours);
            name_certificate(known, found.content.certificate_arn.clone());
        }
        SeenOne::Absent | SeenOne::Present(_) => {
            let given = wanted.and_then(|wanted| wanted.certificate_arn.clone());
            let own = seen.origin_certificates.iter();
            let mut own = own.filter(|(arn, seen)| !shared_certificate::is_one(inputs, arn, seen));
            let requested = own.find_map(|(arn, seen)| seen.present().map(|_| arn.clone()));
            let requested = requested.or_else(|| shared_certificate::current_arn(inputs));
            known.target = None;
            known.target_zone = None;
            known.truststore_version = None;
            name_certificate(known, given.or(requested));
        }
        SeenOne::Listed(_) => {}
    }
    let arn = known.origin_certificate_arn.as_ref();
    let read = arn.and_then(|arn| seen.origin_certificates.get(arn)?.present());
    if let Some(found) = read {
        known.origin_certificate_not_after = found.content.not_after.map(moment);
    }
}

/// The certificate that objects share: what the object declares, or what its custom domain name has still.
fn fill_shared(known: &mut MutualTlsStatus, inputs: &Inputs<'_>, wanted: Option<&Desired>) {
    let has = known.origin_certificate_arn.as_ref();
    let kept = known.shared_certificate_arn.take().filter(|arn| has == Some(arn));
    // Where status was lost, the tags of what the name has tell that it is shared.
    let is_shared = |arn: &&String| {
        let seen = inputs.seen.origin_certificates.get(*arn);
        seen.is_some_and(|seen| shared_certificate::is_one(inputs, arn, seen))
    };
    let found = || has.filter(is_shared).cloned();
    let current = shared_certificate::current_arn(inputs).or(kept);
    known.shared_certificate_arn = current.or_else(found);
    // Of an object that goes nobody counts.
    if let Some(wanted) = wanted {
        let count = i64::try_from(inputs.shared_by_others).unwrap_or(i64::MAX);
        let is_shared = wanted.shares_certificate && known.shared_certificate_arn.is_some();
        known.shared_by = is_shared.then(|| count.saturating_add(1));
    }
}

/// The public certificate of the origin's name: another one takes no date of the one before.
fn name_certificate(known: &mut MutualTlsStatus, arn: Option<String>) {
    if known.origin_certificate_arn != arn {
        known.origin_certificate_not_after = None;
        known.origin_certificate_arn = arn;
    }
}

/// The authority of the certificate in memory: it may be in the truststore, and the process that made it may end.
fn fill_next(known: &mut MutualTlsStatus, seen: &Seen) {
    let last = known.client_certificates.last().map(|record| &record.ca_hash);
    if let Some(pair) = &seen.pair {
        known.next_ca_hash = Some(fingerprint(&pair.ca));
    } else if known.next_ca_hash.as_ref() == last {
        known.next_ca_hash = None;
    }
}

/// The truststore's version that API Gateway uses, as far as it was found to have authorities of ours alone.
fn fill_verified(known: &mut MutualTlsStatus, inputs: &Inputs<'_>) {
    let in_use = version_in_use(inputs);
    let is_read = inputs
        .seen
        .truststore
        .present()
        .is_some_and(|found| found.version == in_use);
    if is_in_use_verified(inputs) {
        known.verified_truststore_version = in_use;
    } else if is_read {
        known.verified_truststore_version = None;
    }
}

/// The client certificate that the distribution shows; none, until it shows one.
fn fill_client_certificate(known: &mut MutualTlsStatus, seen: &Seen, shown: Option<String>) {
    if known.client_certificate_arn != shown {
        known.client_certificate_not_before = None;
        known.client_certificate_not_after = None;
        known.client_certificate_arn = shown;
    }
    let arn = known.client_certificate_arn.as_ref();
    let read = arn.and_then(|arn| seen.client_certificates.get(arn)?.present());
    if let Some(client_certificate::Observed { content, .. }) = read {
        known.client_certificate_not_before = content.not_before.map(moment);
        known.client_certificate_not_after = content.not_after.map(moment);
    }
}

/// What people have to know of the client certificate that CloudFront shows, by when it expires.
pub(in crate::domain::status) fn expiring(
    known: &MutualTlsStatus,
    now: Timestamp,
) -> Option<(Reason, String)> {
    let (arn, end) = (
        known.client_certificate_arn.as_ref()?,
        known.client_certificate_not_after.as_ref()?,
    );
    let left = end.parse::<Timestamp>().ok()?.duration_since(now);
    if left <= SignedDuration::ZERO {
        let message = format!(
            "client certificate {arn}, which CloudFront shows to the API, expired at {end}, and API Gateway refuses it: viewers are \
             refused. It is replaced by itself; AccessRestricted says what keeps that from being done"
        );
        return Some((Reason::CertificateExpired, message));
    }
    (left <= STUCK).then(|| {
        let message = format!(
            "client certificate {arn}, which CloudFront shows to the API, expires at {end}, and viewers are refused from then on; it \
             should have been replaced before: AccessRestricted says what keeps that from being done"
        );
        (Reason::CertificateExpires, message)
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::api::ImportedCertificateStatus;
    use crate::domain::mutual_tls::pair::Pair;

    fn shown(not_after: &str) -> MutualTlsStatus {
        MutualTlsStatus {
            client_certificate_arn: Some("arn:aws:acm:us-east-1:111122223333:certificate/1".to_owned()),
            client_certificate_not_after: Some(not_after.to_owned()),
            ..MutualTlsStatus::default()
        }
    }

    fn reason(now: &str) -> Option<Reason> {
        let known = shown("2026-03-31T12:00:00Z");
        expiring(&known, now.parse().unwrap()).map(|(reason, _)| reason)
    }

    #[test]
    fn a_client_certificate_that_was_not_replaced_is_told_of_twenty_days_before_it_expires() {
        assert_eq!(reason("2026-03-11T11:59:59Z"), None);
        assert_eq!(reason("2026-03-11T12:00:00Z"), Some(Reason::CertificateExpires));
        assert_eq!(reason("2026-03-31T11:59:59Z"), Some(Reason::CertificateExpires));
        assert_eq!(reason("2026-03-31T12:00:00Z"), Some(Reason::CertificateExpired));
        assert_eq!(expiring(&MutualTlsStatus::default(), Timestamp::UNIX_EPOCH), None);
    }

    #[test]
    fn what_is_told_of_a_certificate_stays_the_same_while_nothing_changes() {
        let known = shown("2026-03-31T12:00:00Z");
        let told = |now: &str| expiring(&known, now.parse().unwrap());
        assert_eq!(told("2026-03-12T00:00:00Z"), told("2026-03-20T00:00:00Z"));
    }

    #[test]
    fn another_certificate_takes_no_date_of_the_one_before() {
        let mut known = shown("2026-03-31T12:00:00Z");
        let seen = Seen::default();
        let same = known.client_certificate_arn.clone();
        fill_client_certificate(&mut known, &seen, same);
        assert!(known.client_certificate_not_after.is_some());
        fill_client_certificate(&mut known, &seen, Some("arn:2".to_owned()));
        assert_eq!(known.client_certificate_arn.as_deref(), Some("arn:2"));
        assert_eq!(known.client_certificate_not_after, None);
    }

    #[test]
    fn the_authority_of_a_pair_is_remembered_until_its_certificate_is_recorded() {
        let mut known = MutualTlsStatus::default();
        let mut seen = Seen {
            pair: Some(Pair::stand_in(Timestamp::UNIX_EPOCH)),
            ..Seen::default()
        };
        fill_next(&mut known, &seen);
        let ca_hash = known.next_ca_hash.clone().unwrap();
        seen.pair = None;
        fill_next(&mut known, &seen);
        assert_eq!(
            known.next_ca_hash.as_ref(),
            Some(&ca_hash),
            "the process that made it may have ended"
        );
        known.client_certificates.push(ImportedCertificateStatus {
            ca_hash,
            ..ImportedCertificateStatus::default()
        });
        fill_next(&mut known, &seen);
        assert_eq!(known.next_ca_hash, None);
    }
}
