//! Scenes of the lock, as facts change them.

use super::access::desired;
use super::lock_states::{Scene, now};
use super::specs::ENDPOINT;
use jiff::SignedDuration;
use palisade::api::ErrorNamed;
use palisade::domain::access::asked::as_deployed::{Deployed, Served};
use palisade::domain::access::asked::carried::Carried;
use palisade::domain::access::asked::ways_in::{InFront, WaysIn};
use palisade::domain::access::authorization::{Authorization, Canary, Deployment, description};
use palisade::domain::access::probe::{Class, Verdict, Way};
use palisade::domain::access::table::marks::Before;
use palisade::domain::kernel::observing::Seen;
use std::collections::{BTreeMap, BTreeSet};

pub const OURS: &str = "d-ours";
pub const HEADER: &str = "x-origin-verify";

pub type Fact = (&'static str, fn(&mut Scene));

/// The first `count` routes, as edited, ask for this.
pub fn edited(scene: &mut Scene, count: usize, authorization: &Authorization) {
    for route in scene.found.routes.iter_mut().take(count) {
        route.authorization = authorization.clone();
    }
}

/// The same as deployed.
pub fn served(scene: &mut Scene, count: usize, authorization: &Authorization) {
    let routes = scene.found.routes.iter().enumerate();
    let asked = |number| {
        if number < count {
            authorization.clone()
        } else {
            Authorization::none()
        }
    };
    let routes: BTreeMap<_, _> = routes
        .map(|(number, route)| (route.key.clone(), asked(number)))
        .collect();
    scene.found.deployed = Deployed::Routes(Served::of(&deployment("d", routes)));
}

/// A custom domain name leads viewers to the stage.
pub fn by_name() -> WaysIn {
    WaysIn {
        domain_names: BTreeSet::from(["api.example.com".to_owned()]),
        ..WaysIn::default()
    }
}

/// A distribution of others before the API's own endpoint.
pub fn in_front() -> InFront {
    InFront {
        id: "EOTHERS".to_owned(),
        domain_name: "d222222abcdef8.cloudfront.net".to_owned(),
        aliases: vec![],
        origin: ENDPOINT.to_owned(),
        path: String::new(),
        name: None,
        left: None,
    }
}

pub fn deployment(id: &str, routes: BTreeMap<String, Authorization>) -> Deployment {
    Deployment {
        id: id.to_owned(),
        description: String::new(),
        routes: Carried::told(routes),
    }
}

pub fn serves_ours(scene: &mut Scene) {
    scene.found.stage.deployment = Some(OURS.to_owned());
    scene.found.policies.description = description(&scene.desired.owner, &scene.desired.access.proof, true);
}

pub fn cognito() -> Authorization {
    Authorization {
        kind: "COGNITO_USER_POOLS".to_owned(),
        authorizer: Some("a-team".to_owned()),
        api_key_required: false,
    }
}

pub fn reached(status: u16) -> Verdict {
    Verdict::Reached { status }
}

pub fn refused() -> Verdict {
    Verdict::Refused {
        status: 403,
        error: Some(ErrorNamed::Unsigned),
        said: "Missing Authentication Token".to_owned(),
    }
}

pub fn ambiguous(status: u16) -> Verdict {
    Verdict::Ambiguous {
        status,
        why: "both say so".to_owned(),
    }
}

pub fn private() -> Verdict {
    Verdict::PrivateNetwork {
        address: [10, 0, 0, 1].into(),
    }
}

pub fn was(scene: &mut Scene, viewer: &str, direct: &str) {
    scene.found.marks.before = Some(Before {
        viewer: Class::parse(viewer),
        direct: Class::parse(direct),
    });
}

pub fn is_now(scene: &mut Scene, viewer: &str) {
    let class = Class::parse(viewer).unwrap();
    scene.observed.classes.insert(Way::Viewer, class);
}

pub fn canary(scene: &mut Scene, asked: &Authorization) {
    scene.found.stage.canary = Some(Canary {
        deployment: "d-canary".to_owned(),
        is_served: true,
    });
    let routes = scene.found.routes.iter();
    let routes = routes.map(|route| (route.key.clone(), asked.clone())).collect();
    scene.found.canary = Some(Deployed::Routes(Served::of(&deployment("d-canary", routes))));
}

pub fn status_of(scene: &mut Scene, status: &str) {
    let Seen::Present(found) = &mut scene.observed.distribution else {
        return;
    };
    status.clone_into(&mut found.content.status);
}

/// Longer than a probe is repeated that proves nothing.
pub fn since_long(scene: &mut Scene) {
    scene.phase(|phase| phase.since = now() - SignedDuration::from_mins(10));
}

/// As the team declares it otherwise.
pub fn declared(scene: &mut Scene, yaml: &str) {
    scene.desired = desired(scene.desired.access.gate.r#type, yaml);
}
