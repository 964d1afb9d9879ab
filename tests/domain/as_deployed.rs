//! What is said to be locked is locked as deployed.

use super::access::{PETS, assert_untouched, before, desired, locked, locked_as};
use super::api::{Api, TEAMS};
use palisade::api::OriginType;
use palisade::domain::access::asked::as_deployed::{Deployed, Served};
use palisade::domain::access::asked::carried::Carried;
use palisade::domain::access::authorization::{Authorization, Canary, Deployment, Pending};
use palisade::domain::kernel::reason::Reason;

#[test]
fn a_served_canary_is_not_passed_over() {
    let mut api = Api::petstore();
    api.stage.canary = Some(Canary {
        deployment: "d-canary".into(),
        is_served: true,
    });
    let canary = |kind: &Authorization| {
        Some(Deployed::Routes(Served::of(&Deployment {
            id: "d-canary".into(),
            description: String::new(),
            routes: Carried::told(PETS.iter().map(|key| ((*key).to_owned(), kind.clone())).collect()),
        })))
    };
    for open in [
        canary(&Authorization::none()),
        Some(Deployed::Unknown("no answer".into())),
    ] {
        api.canary = open;
        assert_untouched(&api, "", Some(Reason::CanaryInTheWay));
        let mut locked = api.clone();
        for key in PETS {
            locked.deploy_by_hand(key, &Authorization::aws_iam());
        }
        assert_untouched(&locked, "", Some(Reason::CanaryInTheWay));
    }
    api.canary = canary(&Authorization::aws_iam());
    let world = locked(OriginType::Rest, api);
    assert_eq!(world.api.open_routes(), Vec::<String>::new());
}

/// It would go on serving the open deployment when a lock gives the stage another.
#[test]
fn a_canary_of_the_stages_own_deployment_is_not_passed_over() {
    let mut api = Api::petstore();
    api.stage.canary = Some(Canary {
        deployment: api.stage.deployment.clone().unwrap(),
        is_served: true,
    });
    assert_untouched(&api, "", Some(Reason::CanaryInTheWay));
}

/// It answers a share of the probes, and of the viewers.
#[test]
fn a_canary_that_is_made_while_a_lock_is_proven_proves_nothing() {
    let served = |kind: &Authorization| {
        Deployed::Routes(Served::of(&Deployment {
            id: "d-canary".into(),
            description: String::new(),
            routes: Carried::told(PETS.iter().map(|key| ((*key).to_owned(), kind.clone())).collect()),
        }))
    };
    let canary = Canary {
        deployment: "d-canary".into(),
        is_served: true,
    };
    for (behind, is_locked) in [
        (served(&Authorization::none()), false),
        (Deployed::Unknown("no answer".into()), false),
        (served(&Authorization::aws_iam()), true),
    ] {
        let mut api = Api::petstore();
        api.canary_meanwhile = Some((canary.clone(), behind.clone()));
        let mut world = before(api);
        let plan = world.build(&desired(OriginType::Rest, ""));
        assert_eq!(
            world.api.open_routes().is_empty(),
            is_locked,
            "{behind:?}: {}",
            plan.to_yaml()
        );
        let is_put_back = world.api.stage.deployment.as_deref() == Some(TEAMS);
        assert_eq!(is_put_back, !is_locked, "{behind:?}");
    }
}

/// A lock that leaves one route out of its deployment is no lock, with probes or without.
#[test]
fn an_api_is_locked_only_once_every_route_is_locked_as_deployed() {
    let keys = ["GET /a", "POST /orders", "DELETE /orders"];
    let kinds = [
        (OriginType::Rest, false),
        (OriginType::Http, false),
        (OriginType::Http, true),
    ];
    for (kind, auto_deploy) in kinds {
        for yaml in ["", "access: {cutOver: AfterDeployed}\nprobes: Disabled"] {
            let mut api = Api::open(kind, &keys);
            api.stage.auto_deploy = auto_deploy;
            let world = locked_as(kind, api, yaml);
            assert_eq!(
                world.api.open_routes(),
                Vec::<String>::new(),
                "{kind:?} {auto_deploy} {yaml}"
            );
        }
    }
}

#[test]
fn of_a_stage_that_is_edited_and_not_deployed_nothing_is_said_to_be_locked() {
    for kind in [OriginType::Rest, OriginType::Http] {
        let mut api = Api::open(kind, &["GET /a", "POST /orders", "DELETE /orders"]);
        for route in &mut api.routes {
            route.authorization = Authorization::aws_iam();
        }
        api.pending = Pending::At(vec!["/orders".into()]);
        for yaml in ["", "access: {cutOver: AfterDeployed}\nprobes: Disabled"] {
            assert_untouched(&api, yaml, Some(Reason::UndeployedChanges));
        }
    }
}

#[test]
fn where_there_is_nothing_to_lock_that_is_said() {
    let websocket = |keys: &[&str]| Api::open(OriginType::WebSocket, keys);
    let excluding = |key: &str| format!("access: {{excludeMethods: ['{key}']}}");
    for (api, yaml, reason) in [
        (
            websocket(&["$default", "send"]),
            String::new(),
            Reason::NoConnectRoute,
        ),
        (
            websocket(&["$connect", "$default"]),
            excluding("$connect"),
            Reason::NothingToLock,
        ),
        (
            Api::open(OriginType::Rest, &["GET /pets"]),
            excluding("GET /pets"),
            Reason::NothingToLock,
        ),
        (
            Api::open(OriginType::Http, &[]),
            String::new(),
            Reason::NothingToLock,
        ),
    ] {
        assert_untouched(&api, &yaml, Some(reason));
        assert_untouched(&api, &format!("{yaml}\nprobes: Disabled"), Some(reason));
    }
    let mut empty = Api::open(OriginType::Http, &["GET /orders"]);
    empty.stage.deployment = None;
    assert_untouched(&empty, "", Some(Reason::StageNotDeployed));
}
