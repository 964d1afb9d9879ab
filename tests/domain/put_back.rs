//! A lock that is refused, or proves nothing, is put back: what is left then, what a person is told, and when it is tried again.

use super::access::{PETS, before, desired, http, locked, problem, start};
use super::api::Api;
use jiff::SignedDuration;
use palisade::api::OriginType;
use palisade::domain::access::authorization::Authorization;
use palisade::domain::access::probe::Verdict;
use palisade::domain::kernel::reason::Reason;

/// A stage that deploys by itself has no deployment to go back to.
#[test]
fn a_refused_relock_puts_back_what_was_before() {
    for auto_deploy in [true, false] {
        let mut world = locked(OriginType::Http, http(auto_deploy));
        world.api.signer_works = false;
        for route in ["GET /orders", "POST /orders"] {
            world.api.deploy_by_hand(route, &Authorization::none());
        }
        let desired = desired(OriginType::Http, "");
        world.forget(&desired);
        (world.observed.due.access, world.observed.due.probes) = (true, true);
        world.observed.pass.at = start() + SignedDuration::from_mins(20);
        let plan = world.build(&desired);
        assert_eq!(
            problem(&plan),
            Some(Reason::SignatureRefused),
            "{}",
            plan.to_yaml()
        );
        let open = world.api.routes.iter().all(|route| route.authorization.is_open());
        assert!(open, "{auto_deploy}: {:?}", world.api.routes);
    }
}

/// Whether everything is as before: as edited and as deployed.
fn is_open(api: &Api) -> bool {
    let mut edited = api.routes.iter();
    edited.all(|route| route.authorization.is_open()) && api.open_routes().len() == api.routes.len()
}

#[test]
fn what_a_lock_was_put_back_for_is_what_a_person_is_told() {
    let cases = [
        (
            Verdict::BlockedByWebAcl,
            Reason::ProbeBlockedByWebAcl,
            "allowCidrs",
        ),
        (
            Verdict::BlockedByCountry,
            Reason::ProbeBlockedByWebAcl,
            "geoRestriction",
        ),
        (
            Verdict::SignerRefused {
                status: 502,
                said: String::new(),
            },
            Reason::ProbeFailed,
            "signer's function",
        ),
        (
            Verdict::Refused {
                status: 403,
                error: None,
                said: String::new(),
            },
            Reason::SignatureRefused,
            "execute-api:Invoke",
        ),
    ];
    let desired = desired(OriginType::Rest, "access: {cutOver: AfterDeployed}");
    for (verdict, reason, remedy) in cases {
        let mut world = before(Api {
            in_between: Some(verdict),
            ..Api::petstore()
        });
        // Also of a later pass, which remembers no more than the mark.
        for _ in 0..2 {
            let plan = world.build(&desired);
            assert_eq!(problem(&plan), Some(reason), "{}", plan.to_yaml());
            assert!(plan.problems[0].message.contains(remedy), "{}", plan.to_yaml());
            assert!(is_open(&world.api));
            world.forget(&desired);
            world.observed.due.probes = true;
        }
    }
}

#[test]
fn a_lock_past_which_requests_without_proof_still_get_in_is_put_back_after_its_patience() {
    let mut world = before(Api {
        direct_says: Some(Verdict::Reached { status: 302 }),
        ..Api::petstore()
    });
    let desired = desired(OriginType::Rest, "");
    let plan = world.build(&desired);
    assert_eq!(problem(&plan), None, "{}", plan.to_yaml());
    assert!(!is_open(&world.api));
    world.observed.pass.at = start() + SignedDuration::from_mins(3);
    world.observed.probes.clear();
    let plan = world.build(&desired);
    assert_eq!(
        problem(&plan),
        Some(Reason::DirectAccessOpen),
        "{}",
        plan.to_yaml()
    );
    assert!(is_open(&world.api));
}

/// Routes that ask for a signature already, and are the team's.
#[test]
fn a_route_that_was_locked_before_is_not_opened_with_the_others() {
    for is_gone in [false, true] {
        let mut api = Api::petstore();
        api.deploy_by_hand("POST /pets", &Authorization::aws_iam());
        let mut world = before(api);
        let desired = desired(OriginType::Rest, "");
        world.api.direct_says = Some(Verdict::Reached { status: 200 });
        world.build(&desired);
        assert_eq!(world.api.open_routes(), Vec::<String>::new());
        world.api.direct_says = None;
        world.api.signer_works = false;
        if is_gone {
            world.api.deployments.remove("d-hand-1");
        }
        world.forget(&desired);
        world.observed.due.probes = true;
        let plan = world.build(&desired);
        assert_eq!(
            problem(&plan),
            Some(Reason::SignatureRefused),
            "{}",
            plan.to_yaml()
        );
        assert_eq!(world.api.open_routes(), ["GET /pets", "GET /pets/{petId}"]);
        let edited = world
            .api
            .routes
            .iter()
            .filter(|route| route.authorization.is_open());
        assert_eq!(edited.count(), 2, "{is_gone}: {:?}", world.api.routes);
    }
}

#[test]
fn a_refused_lock_is_tried_again_only_after_its_backoff() {
    let mut world = before(Api {
        signer_works: false,
        ..Api::petstore()
    });
    let desired = desired(OriginType::Rest, "");
    world.build(&desired);
    world.done.clear();
    world.api.signer_works = true;
    for (after, is_locked) in [
        (SignedDuration::from_secs(30), false),
        (SignedDuration::from_mins(2), true),
    ] {
        world.forget(&desired);
        world.observed.due.probes = true;
        world.observed.pass.at = start() + after;
        let plan = world.build(&desired);
        assert_eq!(plan.is_empty(), is_locked, "{}", plan.to_yaml());
        assert_eq!(world.api.open_routes().is_empty(), is_locked);
    }
}

#[test]
fn after_deployed_locks_without_the_first_probe_and_proves_it_after() {
    let api = Api {
        signer_works: false,
        ..Api::petstore()
    };
    let mut world = before(api);
    let plan = world.build(&desired(OriginType::Rest, "access: {cutOver: AfterDeployed}"));
    assert_eq!(problem(&plan), Some(Reason::SignatureRefused));
    assert_eq!(world.api.open_routes().len(), PETS.len());
}
