//! Locking an API: what happens in which order, what never happens, and that no crash leads astray.

use super::api::{Api, TEAMS};
use super::specs::{owner, wanted};
use super::world::World;
use jiff::{SignedDuration, Timestamp};
use palisade::api::OriginType;
use palisade::domain::access::authorization::{Action, Authorization};
use palisade::domain::access::lock::{pending_read, stage_read};
use palisade::domain::access::proof::Proof;
use palisade::domain::kernel::observing::Seen;
use palisade::domain::kernel::planning::{Id, Kind};
use palisade::domain::kernel::reason::Reason;
use palisade::domain::perimeter::desired::Desired;
use palisade::domain::perimeter::observed::Observed;
use palisade::domain::perimeter::plan::{Plan, Step};
use palisade::domain::perimeter::records::verified;

pub const PETS: [&str; 3] = ["GET /pets", "GET /pets/{petId}", "POST /pets"];

/// What is wanted of an API of `kind`; its stage is `prod`.
pub fn desired(kind: OriginType, yaml: &str) -> Desired {
    let mut desired = wanted(yaml);
    desired.access.gate.r#type = kind;
    desired
}

/// An HTTP API with two open routes.
pub fn http(auto_deploy: bool) -> Api {
    let mut api = Api::open(OriginType::Http, &["GET /orders", "POST /orders"]);
    api.stage.auto_deploy = auto_deploy;
    api
}

/// A world in which the perimeter stands and the API is as given.
pub fn before(api: Api) -> World {
    let mut world = World::new(Observed::of(owner()));
    world.build(&wanted("access: {enforcement: Observe}"));
    let desired = wanted("access: {enforcement: Observe}");
    world.forget(&desired);
    world.observed.due.probes = true;
    world.observed.pass.recorded.remove("access");
    world.done.clear();
    world.api = api;
    world
}

pub fn locked(kind: OriginType, api: Api) -> World {
    locked_as(kind, api, "")
}

pub fn locked_as(kind: OriginType, api: Api, yaml: &str) -> World {
    let mut world = before(api);
    let plan = world.build(&desired(kind, yaml));
    assert!(plan.is_empty(), "{}", plan.to_yaml());
    world
}

/// What was done about the API, a word or two each.
pub fn story(done: &[Step]) -> Vec<String> {
    let told = done.iter().filter_map(|step| match &step.action {
        palisade::domain::perimeter::plan::Action::Access(action) => Some(match action {
            Action::Mark { marks, .. } => match &marks.cut_over {
                Some(phase) => format!("mark {:?}", phase.step),
                None => "finish".to_owned(),
            },
            Action::Authorize {
                route, authorization, ..
            } => format!("{}: {}", route.key, authorization.kind),
            Action::SetPolicy { is_back: true, .. } => "put the policy back".to_owned(),
            Action::SetPolicy { is_exclusive, .. } => if *is_exclusive {
                "policy with our statement"
            } else {
                "policy without our statement"
            }
            .to_owned(),
            Action::Snapshot { .. } => "snapshot".to_owned(),
            Action::Serve { .. } => "serve".to_owned(),
            Action::PutBack { deployment, .. } => format!("put back {deployment}"),
            Action::DeleteDeadAuthorizer { .. } => "delete the dead authorizer".to_owned(),
            Action::DeleteUnusedDeployment { .. } => "delete the refused deployment".to_owned(),
            Action::Discard { .. } => "discard".to_owned(),
        }),
        _ => None,
    });
    told.collect()
}

pub fn problem(plan: &Plan) -> Option<Reason> {
    plan.problems
        .iter()
        .find(|problem| problem.id.kind == Kind::Access)
        .map(|problem| problem.reason)
}

/// The API is not touched, for this reason.
pub fn assert_untouched(api: &Api, yaml: &str, reason: Option<Reason>) {
    let mut world = before(api.clone());
    let plan = world.build(&desired(api.kind, yaml));
    assert_eq!(problem(&plan), reason, "{}", plan.to_yaml());
    assert_eq!(story(&world.done), Vec::<String>::new());
}

#[test]
fn a_rest_api_is_locked_whole_by_one_deployment() {
    let world = locked(OriginType::Rest, Api::petstore());
    insta::assert_yaml_snapshot!("steps_of_a_lock", story(&world.done));
    assert_eq!(world.api.open_routes(), Vec::<String>::new());
    assert_eq!(
        world.api.deployments.len(),
        2,
        "one deployment of the team's, one of ours"
    );
}

#[test]
fn of_an_http_api_one_route_is_proven_before_the_others_follow() {
    let world = locked(OriginType::Http, http(true));
    insta::assert_yaml_snapshot!("steps_of_a_lock_of_routes", story(&world.done));
    assert_eq!(world.api.open_routes(), Vec::<String>::new());
    let deployed = locked(OriginType::Http, http(false));
    insta::assert_yaml_snapshot!("steps_of_a_deployed_lock_of_routes", story(&deployed.done));
    assert_eq!(deployed.api.open_routes(), Vec::<String>::new());
}

#[test]
fn of_a_websocket_api_the_handshake_is_locked() {
    let mut api = Api::open(OriginType::WebSocket, &["$connect", "$default"]);
    api.stage.auto_deploy = true;
    let world = locked(OriginType::WebSocket, api);
    assert_eq!(
        world.api.open_routes(),
        ["$default"],
        "messages are not authorised"
    );
}

#[test]
fn a_locked_api_needs_nothing_more_and_costs_no_read() {
    let mut world = locked(OriginType::Rest, Api::petstore());
    let desired = desired(OriginType::Rest, "");
    world.forget(&desired);
    world.done.clear();
    let plan = palisade::domain::perimeter::plan::plan(&desired, &world.observed);
    assert!(plan.is_empty(), "{}", plan.to_yaml());
}

#[test]
fn a_refused_signature_puts_back_what_was_before() {
    for (kind, api) in [
        (OriginType::Rest, Api::petstore()),
        (OriginType::Http, http(true)),
        (OriginType::Http, http(false)),
    ] {
        let mut world = before(Api {
            signer_works: false,
            ..api
        });
        let plan = world.build(&desired(kind, ""));
        assert_eq!(
            problem(&plan),
            Some(Reason::SignatureRefused),
            "{}",
            plan.to_yaml()
        );
        assert!(plan.problems[0].retry_after.is_some());
        assert_eq!(world.api.stage.deployment.as_deref(), Some(TEAMS));
        assert!(
            world.api.routes.iter().all(|route| route.authorization.is_open()),
            "{:?}",
            world.api.routes
        );
        assert_eq!(world.api.deployments.len(), 1, "the refused deployment is gone");
        insta::assert_yaml_snapshot!(
            format!("steps_of_a_refused_lock_{kind:?}_{}", world.api.stage.auto_deploy),
            story(&world.done)
        );
    }
}

#[test]
fn a_method_that_asks_for_an_api_key_goes_on_asking_for_it() {
    let mut api = Api::petstore();
    let with_key = Authorization {
        api_key_required: true,
        ..Authorization::none()
    };
    api.deploy_by_hand("POST /pets", &with_key);
    for signer_works in [true, false] {
        let mut world = before(Api {
            signer_works,
            ..api.clone()
        });
        world.build(&desired(OriginType::Rest, ""));
        let route = &world.api.routes[1].authorization;
        assert_eq!(
            (route.asks_for(&Proof::Signature), route.api_key_required),
            (signer_works, true)
        );
    }
}

#[test]
fn a_lock_that_is_removed_again_and_again_is_left_for_an_hour() {
    let desired = desired(OriginType::Rest, "");
    let mut world = locked(OriginType::Rest, Api::petstore());
    let mut now = start();
    for removal in 1..=3 {
        now += SignedDuration::from_mins(20);
        world.api.deploy_by_hand("POST /pets", &Authorization::none());
        world.forget(&desired);
        (world.observed.pass.at, world.observed.due.access) = (now, true);
        let plan = world.build(&desired);
        let contested = (removal == 3).then_some(Reason::ContestedByOtherTool);
        assert_eq!(problem(&plan), contested, "removal {removal}: {}", plan.to_yaml());
        assert_eq!(world.api.open_routes().is_empty(), contested.is_none());
    }
    world.forget(&desired);
    (world.observed.pass.at, world.observed.due.access) = (now + SignedDuration::from_mins(61), true);
    let plan = world.build(&desired);
    assert!(plan.is_empty(), "{}", plan.to_yaml());
}

/// The process dies after any number of steps, and another goes on with what AWS remembers: viewers get through at each
/// moment, and in the end the API is locked, or as it was.
#[test]
fn a_crash_after_any_step_of_a_cut_over_leads_to_the_same_end() {
    let kinds = [
        (OriginType::Rest, Api::petstore()),
        (OriginType::Http, http(true)),
        (OriginType::Http, http(false)),
    ];
    for (kind, api) in kinds {
        for signer_works in [true, false] {
            let desired = desired(kind, "");
            for steps in 0..24 {
                let mut world = before(Api {
                    signer_works,
                    ..api.clone()
                });
                crash_after(&mut world, &desired, steps);
                let survivors = world.api.clone();
                world = before(survivors);
                let plan = world.build(&desired);
                let is_open = world.api.open_routes().len() == api.routes.len();
                let is_locked = world.api.open_routes().is_empty();
                assert_eq!(
                    (is_locked, is_open),
                    (signer_works, !signer_works),
                    "{kind:?}, {steps} steps: {}",
                    plan.to_yaml()
                );
                assert_eq!(problem(&plan).is_none(), signer_works);
            }
        }
    }
}

/// Carries out at most `steps` steps.
pub fn crash_after(world: &mut World, desired: &Desired, steps: usize) {
    let seen = std::cell::Cell::new(0);
    world.run(|observed| {
        let plan = palisade::domain::perimeter::plan::plan(desired, observed);
        let room = steps - seen.get();
        let ready: Vec<Step> = plan.ready.iter().take(room).cloned().collect();
        seen.set(seen.get() + ready.len());
        let is_dead = ready.is_empty() && !plan.ready.is_empty();
        if is_dead {
            Plan::default()
        } else {
            Plan { ready, ..plan }
        }
    });
}

pub fn start() -> Timestamp {
    "2026-01-01T00:00:00Z".parse().unwrap()
}

#[test]
fn what_the_routes_are_compared_with_is_what_was_read() {
    let world = locked(OriginType::Rest, Api::petstore());
    let Seen::Present(found) = &world.observed.access else {
        panic!("not read")
    };
    assert_eq!(found.marks.locks, [start()]);
    assert_eq!(found.marks.cut_over, None);
}

#[test]
fn what_was_not_read_to_its_end_is_not_recorded_as_verified() {
    let world = locked(OriginType::Rest, Api::petstore());
    let desired = desired(OriginType::Rest, "");
    let is_recorded = |plan: &Plan| verified(&desired, &world.observed, plan).contains_key("access");
    assert!(is_recorded(&Plan::default()));
    for unread in [
        stage_read(),
        pending_read(),
        Id::of(Kind::Authorizer),
        Id::of(Kind::ApiKey),
        Id::of(Kind::Distribution),
    ] {
        let plan = Plan {
            reads: vec![unread],
            ..Plan::default()
        };
        assert!(!is_recorded(&plan), "{:?}", plan.reads);
    }
}

#[test]
fn the_mark_is_made_at_the_distribution_though_the_routes_were_read_before_it() {
    let mut world = before(Api::petstore());
    let desired = desired(OriginType::Rest, "");
    world.run(|observed| {
        let mut observed = observed.clone();
        if let Seen::Present(found) = &mut observed.access {
            found.distribution_arn.clear();
        }
        palisade::domain::perimeter::plan::plan(&desired, &observed)
    });
    let arns = world.done.iter().filter_map(|step| match &step.action {
        palisade::domain::perimeter::plan::Action::Access(Action::Mark { arn, .. }) => Some(arn.as_str()),
        _ => None,
    });
    let arns: Vec<&str> = arns.collect();
    assert!(
        arns.len() > 1 && arns.iter().all(|arn| arn.ends_with("distribution/E1")),
        "{arns:?}"
    );
}
