//! What is read before the first call, and what refuses it: nothing of this mode is built until all that may refuse it was read, and nothing
//! does. What is in place is never held back, nor taken down.

use super::truststore_object::Bucket;
use super::{Inputs, in_place, refusals};
use crate::domain::kernel::observing::Seen;
use crate::domain::kernel::planning::{Kind, Next};
use std::collections::BTreeSet;

/// What the first call waits for: what was not read, or is refused. Empty where nothing holds it back, or where something is in place.
#[must_use]
pub fn awaited(inputs: &Inputs<'_>) -> Vec<Kind> {
    if !is_first(inputs) {
        return vec![];
    }
    let seen = inputs.seen;
    let is_bucket_fit = seen
        .truststore
        .present()
        .is_some_and(|found| found.bucket == Bucket::Fit);
    let waits = [
        (Kind::OriginRecords, refusals::fit_zone(inputs).is_none()),
        (Kind::Truststore, !is_bucket_fit),
        // One that is there, and not in place, is another's.
        (Kind::OriginDomain, seen.domain != Seen::Absent),
        (Kind::Endpoint, seen.endpoint.present().is_none()),
    ];
    let unsettled = waits.into_iter().filter(|(_, is_awaited)| *is_awaited);
    let refused = refusals::problems(inputs).into_iter();
    let refused = refused
        .filter(|problem| !problem.stands)
        .map(|problem| problem.id.kind);
    let all: BTreeSet<Kind> = unsettled.map(|(kind, _)| kind).chain(refused).collect();
    all.into_iter().collect()
}

/// Whether the default endpoint and the API's stages have to be read before the first call, whatever the switch waits for.
#[must_use]
pub fn is_endpoint_due(inputs: &Inputs<'_>) -> bool {
    is_first(inputs) && matches!(inputs.seen.endpoint, Seen::Listed(_))
}

/// `next`, where it is no call that something holds back.
#[must_use]
pub fn held<A>(awaited: &[Kind], next: Next<A>) -> Next<A> {
    match next {
        Next::Act(_) if !awaited.is_empty() => Next::Blocked(awaited.to_vec()),
        next => next,
    }
}

/// Whether the mode is asked for, and nothing of it is in place.
fn is_first(inputs: &Inputs<'_>) -> bool {
    let is_wanted = inputs.desired.is_some_and(|desired| !desired.leaves);
    is_wanted && !inputs.seen.is_unread && !in_place::is_anything(inputs)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::edge::names::ZoneSeen;
    use crate::domain::kernel::reason::Reason;
    use crate::domain::mutual_tls::object_fixtures::{CA, Fixture, PUBLIC_ARN, public_certificate, store};
    use crate::domain::mutual_tls::origin_certificate;
    use crate::domain::mutual_tls::refusals::problems;

    /// All was read, nothing is there, and nothing is against it.
    fn clear() -> Fixture {
        let mut world = Fixture::empty().with_endpoint(false);
        let mut store = store("v1", &[]);
        (store.version, store.content) = (None, None);
        world.seen.truststore = Seen::Present(store);
        world.seen.domain = Seen::Absent;
        world
    }

    #[test]
    fn nothing_is_held_back_once_all_was_read_and_nothing_is_against_it() {
        assert_eq!(awaited(&clear().inputs()), []);
    }

    #[test]
    fn all_is_awaited_that_was_not_read() {
        let mut world = Fixture::empty();
        world.zone = None;
        let all = [
            Kind::OriginRecords,
            Kind::Truststore,
            Kind::OriginDomain,
            Kind::Endpoint,
        ];
        let found: BTreeSet<Kind> = awaited(&world.inputs()).into_iter().collect();
        assert_eq!(found, BTreeSet::from(all));
        assert!(is_endpoint_due(&world.inputs()));
    }

    #[expect(clippy::useless_vec, reason = "an array of worlds is too large for the stack")]
    #[test]
    fn each_refusal_holds_the_first_call_back() {
        let mut zoneless = clear();
        zoneless.zone = Some(ZoneSeen::Missing);
        let mut unversioned = clear();
        if let Seen::Present(found) = &mut unversioned.seen.truststore {
            found.bucket = Bucket::Unversioned;
        }
        let mut with_stages = clear();
        with_stages.endpoint_mut().stages.push("dev".into());
        let mut enhanced = clear();
        enhanced.endpoint_mut().security_policy = Some("SecurityPolicy_TLS13_1_3_2025_09".into());
        let mut in_plan = clear();
        in_plan.refused_by_plan = Some("the plan Free takes none".into());
        let mut taken = clear();
        let mut domain = taken.domain("v1");
        domain.tags.clear();
        taken.seen.domain = Seen::Present(domain);
        for (world, kind) in vec![
            (zoneless, Kind::OriginRecords),
            (unversioned, Kind::Truststore),
            (with_stages, Kind::Endpoint),
            (enhanced, Kind::Endpoint),
            (in_plan, Kind::ClientCertificate),
            (taken, Kind::OriginDomain),
        ] {
            let awaited = awaited(&world.inputs());
            assert_eq!(awaited, [kind]);
            let mut all = origin_certificate::next_all(&world.inputs()).into_iter();
            assert!(all.all(|(_, next)| !matches!(held(&awaited, next), Next::Act(_))));
        }
    }

    #[test]
    fn an_enhanced_security_policy_is_refused_until_the_endpoint_is_off_by_what_stands() {
        let mut world = clear();
        for policy in ["TLS_1_0", "TLS_1_2"] {
            world.endpoint_mut().security_policy = Some(policy.to_owned());
            assert!(problems(&world.inputs()).is_empty(), "{policy}");
        }
        let found = world.endpoint_mut();
        found.security_policy = Some("SecurityPolicy_TLS13_1_3_2025_09".to_owned());
        found.endpoint_access_mode = Some("STRICT".to_owned());
        let told = problems(&world.inputs());
        assert_eq!(told[0].reason, Reason::UnsupportedEndpoint);
        assert!(told[0].message.contains("STRICT"), "{}", told[0].message);
        world.endpoint_mut().is_off = true;
        let told = problems(&world.inputs());
        assert_eq!(told.len(), 1, "nothing shows that it goes together");
        assert!(problems(&world.with_domain("v1").inputs()).is_empty());
    }

    #[test]
    fn a_plan_without_client_certificates_is_refused_while_nothing_stands() {
        let mut world = clear();
        world.refused_by_plan = Some("the plan Free takes none".to_owned());
        assert_eq!(problems(&world.inputs())[0].reason, Reason::PricingPlan);
        assert!(problems(&world.with_domain("v1").inputs()).is_empty());
    }

    #[test]
    fn what_is_in_place_is_held_back_by_nothing() {
        let with_stage = || {
            let mut world = clear();
            world.endpoint_mut().stages.push("dev".into());
            world
        };
        let mut with_certificate = with_stage();
        let found = Seen::Present(public_certificate());
        with_certificate
            .seen
            .origin_certificates
            .insert(PUBLIC_ARN.into(), found);
        let with_truststore = with_stage().with_truststore("v1", &[CA]);
        let with_domain = with_stage().with_domain("v1");
        let mut remembered = with_stage();
        remembered.remembered.get_or_insert_default().target = Some("d-1".into());
        let mut leaving = with_stage();
        leaving.desired.leaves = true;
        for world in [
            with_certificate,
            with_truststore,
            with_domain,
            remembered,
            leaving,
        ] {
            assert_eq!(awaited(&world.inputs()), []);
        }
    }
}
