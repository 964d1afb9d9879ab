//! The public certificate of the origin's name, requested in the API's Region and proved through DNS.

use super::origin_domain::seen::AVAILABLE;
use super::{Desired, Inputs, SERVES_ORIGIN, TAG_SERVES, in_place, refusals, shared_certificate};
use crate::domain::edge::certificate;
use crate::domain::edge::certificate::{ISSUED, PENDING, ProofRecord};
pub use crate::domain::edge::certificate::{Listed, Observed};
use crate::domain::edge::certificates::{Certificates, Fields};
use crate::domain::kernel::identity::Ownership;
use crate::domain::kernel::observing::Seen;
use crate::domain::kernel::planning::{Id, Kind, Next};

/// One call that brings the certificate nearer to what is wanted: as for a certificate of viewers' names.
pub type Action = certificate::Action;

const FIELDS: Fields = Fields {
    zone: "spec.access.mutualTls.hostedZoneId",
    own: "spec.access.mutualTls.certificateArn",
};

/// The object's own certificate to request; `None` where the team's, or the one that objects share, is used.
#[must_use]
pub fn wanted(desired: &Desired) -> Option<certificate::Desired> {
    if desired.certificate_arn.is_some() || desired.shares_certificate {
        return None;
    }
    let mut tags = desired.tags.clone();
    tags.insert(TAG_SERVES.to_owned(), SERVES_ORIGIN.to_owned());
    let names = [desired.origin_domain.clone()];
    Some(certificate::desired(&desired.owner, &names, &tags))
}

/// The certificates that were requested for the origin's name.
pub(super) fn certificates<'a>(inputs: &Inputs<'a>) -> Certificates<'a> {
    let region = inputs.desired.map(|desired| desired.gate.region.as_str());
    let remembered = inputs.remembered;
    let shared = shared_certificate::known::remembered(inputs);
    Certificates {
        kind: Kind::OriginCertificate,
        serves: Some(SERVES_ORIGIN),
        region: region.unwrap_or_default(),
        owner: inputs.owner,
        pass: inputs.pass,
        seen: &inputs.seen.origin_certificates,
        attempt: inputs.seen.attempt,
        remembered: remembered
            .and_then(|known| known.origin_certificate_arn.as_ref())
            .filter(|known| shared != Some(known)),
        elsewhere: shared,
        fields: FIELDS,
    }
}

/// Whose the certificate is.
#[must_use]
pub fn owns(inputs: &Inputs<'_>, found: &Observed) -> Ownership {
    certificates(inputs).owns(found)
}

/// ARN of the certificate that the domain name can use: the team's own, or else the object's or the shared one once that is issued.
#[must_use]
pub fn issued(inputs: &Inputs<'_>) -> Option<String> {
    let desired = inputs.desired?;
    match wanted(desired) {
        None if desired.shares_certificate => shared_certificate::issued(inputs),
        None => desired.certificate_arn.clone(),
        Some(wanted) => certificates(inputs).issued(&wanted),
    }
}

/// The records that prove the origin's name to ACM, as far as it has told them. They stay: ACM renews the certificate by them.
#[must_use]
pub fn proofs(inputs: &Inputs<'_>) -> Vec<ProofRecord> {
    if inputs.desired.is_some_and(|desired| desired.shares_certificate) {
        return shared_certificate::proofs(inputs);
    }
    let wanted = inputs.desired.and_then(wanted);
    let current = wanted.and_then(|wanted| certificates(inputs).current(&wanted));
    let found = current.and_then(|(_, seen)| seen.present());
    let found = found.filter(|found| [PENDING, ISSUED].contains(&found.content.status.as_str()));
    found
        .map(|found| found.content.proofs.clone())
        .unwrap_or_default()
}

/// Hash of what is wanted of a certificate; `None` of one that is left over.
#[must_use]
pub fn hash_of(id: &Id, inputs: &Inputs<'_>) -> Option<String> {
    match wanted(inputs.desired?) {
        Some(wanted) => certificates(inputs).hash_of(id, &wanted),
        None => shared_certificate::hash_of(id, inputs),
    }
}

/// What the certificates need next.
#[must_use]
pub fn next_all(inputs: &Inputs<'_>) -> Vec<(Id, Next<Action>)> {
    let Some(desired) = inputs.desired else {
        return vec![];
    };
    let (certificates, wanted) = (certificates(inputs), wanted(desired));
    let current = wanted.as_ref().and_then(|wanted| certificates.current(wanted));
    let current = current.map(|(arn, _)| arn);
    let mut all = Vec::new();
    let mut is_unknown = false;
    for (arn, seen) in certificates.all() {
        let next = match wanted.as_ref().filter(|_| current == Some(arn)) {
            Some(wanted) => certificates.next_of_current(wanted, arn, seen),
            None if *seen == Seen::Listed(None) => {
                is_unknown = true;
                Next::Read
            }
            None => certificates.next_of_left_over(arn, seen, may_be_used(arn, inputs)),
        };
        all.push((id_of(arn), next));
    }
    if let (Some(wanted), None, false) = (wanted, current, is_unknown) {
        // What is wrong with the zone is told of the records.
        let next = match (in_place::instead_of_request(inputs), refusals::fit_zone(inputs)) {
            (Some(next), _) => next,
            (None, Some(_)) => certificates.request(&wanted),
            (None, None) => Next::Blocked(vec![Kind::OriginRecords]),
        };
        all.push((Id::of(Kind::OriginCertificate), next));
    }
    all.extend(shared_certificate::next_all(inputs, &certificates));
    all
}

/// The resource of that ARN.
#[must_use]
pub fn id_of(arn: &str) -> Id {
    certificate::id(Kind::OriginCertificate, arn)
}

/// Whether the domain name may use a certificate that is no longer wanted.
fn may_be_used(arn: &str, inputs: &Inputs<'_>) -> bool {
    inputs.seen.domain.present().is_none_or(|found| {
        let content = &found.content;
        content.certificate_arn.as_deref() == Some(arn) || content.status != AVAILABLE
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::edge::certificate::Request;
    use crate::domain::edge::names::ZoneSeen;
    use crate::domain::kernel::identity::Tags;
    use crate::domain::kernel::reason::Reason;
    use crate::domain::mutual_tls::object_fixtures::{Fixture, PUBLIC_ARN, public_certificate};

    const TEAMS: &str = "arn:aws:acm:eu-north-1:111122223333:certificate/team";

    fn next(world: &Fixture) -> Next<Action> {
        let mut all = next_all(&world.inputs());
        assert_eq!(all.len(), 1, "{all:?}");
        all.remove(0).1
    }

    fn world(found: Observed) -> Fixture {
        let mut world = Fixture::empty();
        world
            .seen
            .origin_certificates
            .insert(PUBLIC_ARN.into(), Seen::Present(found));
        world
    }

    fn with_teams_own(mut world: Fixture) -> Fixture {
        world.desired.certificate_arn = Some(TEAMS.into());
        world
    }

    #[test]
    fn one_is_requested_in_the_apis_region_with_tags_that_say_what_it_serves() {
        let Next::Act(step) = next(&Fixture::empty()) else {
            panic!("a request")
        };
        let Action::Request(Request {
            region, names, tags, ..
        }) = step.action
        else {
            panic!("a request")
        };
        assert_eq!(region, "eu-north-1");
        assert_eq!(names, ["origin.example.com"]);
        assert_eq!(tags.get(TAG_SERVES).map(String::as_str), Some(SERVES_ORIGIN));
        assert_eq!(step.id, Id::of(Kind::OriginCertificate));
    }

    #[test]
    fn none_is_requested_before_the_zone_was_read_and_fits() {
        let mut world = Fixture::empty();
        for zone in [None, Some(ZoneSeen::Missing)] {
            world.zone = zone;
            assert_eq!(next(&world), Next::Blocked(vec![Kind::OriginRecords]));
        }
    }

    #[test]
    fn the_teams_own_is_used_as_it_is_and_none_is_requested() {
        let world = with_teams_own(Fixture::empty());
        assert!(next_all(&world.inputs()).is_empty());
        assert_eq!(issued(&world.inputs()).as_deref(), Some(TEAMS));
    }

    #[test]
    fn one_that_is_issued_is_used_and_one_that_is_pending_is_waited_for() {
        let issued_one = world(public_certificate());
        assert_eq!(next(&issued_one), Next::Done);
        assert_eq!(issued(&issued_one.inputs()).as_deref(), Some(PUBLIC_ARN));
        let mut found = public_certificate();
        found.content.status = PENDING.into();
        found.content.proofs = vec![ProofRecord {
            name: "_a.origin.example.com".into(),
            value: "_b.acm-validations.aws".into(),
        }];
        let pending = world(found);
        assert!(matches!(next(&pending), Next::Wait(wait) if wait.reason == Reason::CertificatePending));
        assert_eq!(issued(&pending.inputs()), None);
        assert_eq!(proofs(&pending.inputs()).len(), 1);
    }

    #[test]
    fn one_that_acm_gave_up_is_told_with_the_field_of_this_mode() {
        let mut found = public_certificate();
        found.content.status = "EXPIRED".into();
        found.content.in_use_by = vec!["d-1".into()];
        let Next::Problem(problem) = next(&world(found)) else {
            panic!("a problem")
        };
        assert_eq!(problem.reason, Reason::CertificateFailed);
        for part in ["eu-north-1", "spec.access.mutualTls.certificateArn"] {
            assert!(problem.message.contains(part), "{}", problem.message);
        }
    }

    #[test]
    fn one_whose_tags_were_taken_away_gets_them_back_before_anything_else() {
        let mut found = public_certificate();
        found.tags = Tags::new();
        let mut world = world(found);
        world.remembered = Some(crate::api::MutualTlsStatus {
            origin_certificate_arn: Some(PUBLIC_ARN.into()),
            ..Default::default()
        });
        let Next::Act(step) = next(&world) else {
            panic!("a call")
        };
        let Action::Tag(call) = step.action else {
            panic!("tags")
        };
        assert_eq!(
            call.set().and_then(|tags| tags.get(TAG_SERVES)).unwrap(),
            SERVES_ORIGIN
        );
    }

    #[test]
    fn one_that_is_left_over_goes_once_the_domain_name_uses_another() {
        let mut world = with_teams_own(world(public_certificate()));
        assert_eq!(next(&world), Next::Done, "nobody knows what the domain name uses");
        world.seen.domain = Seen::Present(world.domain("v1"));
        assert_eq!(next(&world), Next::Done, "the domain name uses it");
        let mut domain = world.domain("v1");
        domain.content.certificate_arn = Some(TEAMS.into());
        world.seen.domain = Seen::Present(domain);
        let Next::Act(step) = next(&world) else {
            panic!("a call")
        };
        assert_eq!(
            step.action,
            Action::Delete {
                arn: PUBLIC_ARN.into()
            }
        );
    }

    #[test]
    fn nothing_is_requested_for_a_name_that_is_left_and_has_one_whosever_that_is() {
        let mut world = Fixture::empty();
        world.desired.leaves = true;
        world.seen.domain = Seen::Listed(None);
        assert_eq!(next(&world), Next::Blocked(vec![Kind::OriginDomain]));
        let mut domain = world.domain("v1");
        domain.content.certificate_arn = Some(TEAMS.into());
        world.seen.domain = Seen::Present(domain);
        assert_eq!(next(&world), Next::Done);
        world.seen.domain = Seen::Absent;
        assert!(matches!(next(&world), Next::Act(_)), "the lock is kept as it was");
    }

    #[test]
    fn a_client_certificate_is_none_of_them() {
        let mut found = public_certificate();
        found
            .tags
            .insert(TAG_SERVES.into(), super::super::SERVES_CLIENT.into());
        let mut world = world(found);
        assert!(matches!(next(&world), Next::Act(step) if matches!(step.action, Action::Request(_))));
        world = with_teams_own(world);
        assert!(next_all(&world.inputs()).is_empty());
    }
}
