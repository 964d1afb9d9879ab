//! An API as an idea: routes as edited, as deployed, and what a caller meets there.

use palisade::api::{ErrorNamed, OriginType};
use palisade::domain::access::asked::as_deployed::{Deployed, Served};
use palisade::domain::access::asked::carried::Carried;
use palisade::domain::access::asked::policy::Policies;
use palisade::domain::access::authorization::{
    Action, Authorization, Canary, Deployment, Observed, Pending, Route, Stage,
};
use palisade::domain::access::probe::{Probe, Verdict, Way};
use palisade::domain::access::table::marks::Marks;
use palisade::domain::perimeter::plan::Step;
use serde_json::Value;
use std::collections::BTreeMap;

/// What the API's team left.
pub const TEAMS: &str = "d-team";

#[derive(Clone)]
pub struct Api {
    pub kind: OriginType,
    pub routes: Vec<Route>,
    pub deployments: BTreeMap<String, Deployment>,
    pub stage: Stage,
    pub marks: Marks,
    pub pending: Pending,
    /// What the canary's deployment asks for, as far as it can be told.
    pub canary: Option<Deployed>,
    /// A canary that somebody makes as soon as the stage serves a lock.
    pub canary_meanwhile: Option<(Canary, Deployed)>,
    /// The resource policy, as edited and by deployment.
    pub policy: Value,
    pub policies: BTreeMap<String, Value>,
    /// Whether exports have the policy.
    pub is_exported: bool,
    /// Whether API Gateway accepts what the perimeter signs.
    pub signer_works: bool,
    /// What a viewer's probe meets in place of the API.
    pub in_between: Option<Verdict>,
    /// What a direct probe is answered, whatever the API asks for.
    pub direct_says: Option<Verdict>,
    pub made: usize,
}

impl Api {
    /// An API with open routes, deployed.
    pub fn open(kind: OriginType, keys: &[&str]) -> Self {
        let route = |key: &&str| Route {
            key: (*key).to_owned(),
            id: format!("id-{key}"),
            authorization: Authorization::none(),
            integration: Value::Null,
        };
        let routes: Vec<Route> = keys.iter().map(route).collect();
        let mut api = Self {
            kind,
            routes,
            deployments: BTreeMap::new(),
            stage: Stage {
                deployment: Some(TEAMS.to_owned()),
                auto_deploy: false,
                said: None,
                canary: None,
                web_acl: None,
            },
            marks: Marks::default(),
            pending: Pending::None,
            canary: None,
            canary_meanwhile: None,
            policy: Value::Null,
            policies: BTreeMap::new(),
            is_exported: true,
            signer_works: true,
            in_between: None,
            direct_says: None,
            made: 0,
        };
        api.deployments
            .insert(TEAMS.to_owned(), api.snapshot(TEAMS, "by hand"));
        api
    }

    pub fn petstore() -> Self {
        Self::open(
            OriginType::Rest,
            &["GET /pets", "POST /pets", "GET /pets/{petId}"],
        )
    }

    fn snapshot(&self, id: &str, description: &str) -> Deployment {
        let routes = self.routes.iter();
        Deployment {
            id: id.to_owned(),
            description: description.to_owned(),
            routes: Carried::told(
                routes
                    .map(|route| (route.key.clone(), route.authorization.clone()))
                    .collect(),
            ),
        }
    }

    /// What the team's own tool does: another authorization, deployed.
    pub fn deploy_by_hand(&mut self, key: &str, authorization: &Authorization) {
        for route in self.routes.iter_mut().filter(|route| route.key == key) {
            route.authorization = authorization.clone();
        }
        self.made += 1;
        let id = format!("d-hand-{}", self.made);
        self.deployments.insert(id.clone(), self.snapshot(&id, "by hand"));
        self.policies.insert(id.clone(), self.policy.clone());
        self.stage.deployment = Some(id);
    }

    fn served(&self) -> BTreeMap<String, Authorization> {
        match self.stage.deployment.as_ref().filter(|_| !self.stage.auto_deploy) {
            Some(id) => self.deployments[id].routes.routes().clone(),
            None => self.snapshot("", "").routes.routes().clone(),
        }
    }

    /// Keys of the routes that anybody may pass.
    pub fn open_routes(&self) -> Vec<String> {
        let open = self.served().into_iter().filter(|(_, route)| route.is_open());
        open.map(|(key, _)| key).collect()
    }

    pub fn read(&self) -> Observed {
        Observed {
            routes: self.routes.clone(),
            stage: self.stage.clone(),
            stages: None,
            ways_in: None,
            deployed: match self.stage.deployment {
                None => Deployed::Nothing,
                Some(_) => Deployed::Routes(Served::of(&Deployment {
                    routes: Carried::told(self.served()),
                    ..self.snapshot("", "")
                })),
            },
            canary: self.canary.clone(),
            is_stage_known: true,
            pending: self.pending.clone(),
            policies: Box::new(self.read_policies()),
            marks: self.marks.clone(),
            is_unwritten: false,
            distribution_arn: "arn:aws:cloudfront::123456789012:distribution/E1".into(),
            unused_deployments: vec![],
            dead_authorizers: vec![],
            is_before_gone: self.is_before_gone(),
            fresh: None,
            edited_meanwhile: vec![],
            compared: None,
            put_back: None,
            refused_as: None,
            is_endpoint_off: false,
            keys_from_authorizer: false,
            left_behind: std::collections::BTreeMap::new(),
            key_left_behind: None,
            is_key_of_other_stage: false,
            earlier: vec![],
        }
    }

    /// Whether somebody has deleted what a cut-over goes back to.
    fn is_before_gone(&self) -> bool {
        let phase = self.marks.cut_over.as_ref();
        let before = phase.and_then(|phase| phase.before.as_ref());
        before.is_some_and(|before| !self.deployments.contains_key(before))
    }

    fn read_policies(&self) -> Policies {
        let id = self.stage.deployment.clone().unwrap_or_default();
        let served = self.policies.get(&id).filter(|_| self.is_exported);
        let description = self.deployments.get(&id).map(|found| found.description.clone());
        Policies {
            edited: self.policy.clone(),
            served: served.cloned().unwrap_or_default(),
            description: description.unwrap_or_default(),
            ..Policies::default()
        }
    }

    /// The policy that the stage serves.
    pub fn served_policy(&self) -> Value {
        let id = self.stage.deployment.as_ref();
        id.and_then(|id| self.policies.get(id))
            .cloned()
            .unwrap_or_default()
    }

    /// The team's own policy, deployed.
    pub fn with_policy(mut self, policy: Value) -> Self {
        self.policies.insert(TEAMS.to_owned(), policy.clone());
        self.policy = policy;
        self
    }

    /// Carries out `step`, and answers what is seen then.
    pub fn carry_out(&mut self, step: &Step, action: &Action, seen: &Observed) -> Observed {
        let mut seen = seen.clone();
        match action {
            Action::Mark { marks, .. } => self.marks = marks.clone(),
            Action::Authorize {
                route,
                authorization,
                put_back,
            } => {
                assert_eq!(step.id.part, route.key);
                let mut routes = self.routes.iter_mut();
                let found = routes.find(|known| known.id == route.id).unwrap();
                found.authorization = authorization.clone();
                seen.put_back = put_back.clone().or(seen.put_back);
            }
            Action::SetPolicy { from, to, .. } => {
                assert_eq!(*from, self.policy);
                self.policy = serde_json::from_str(to).unwrap_or_default();
            }
            Action::Snapshot { description } => {
                self.made += 1;
                let fresh = self.snapshot(&format!("d-{}", self.made), description);
                self.deployments.insert(fresh.id.clone(), fresh.clone());
                self.policies.insert(fresh.id.clone(), self.policy.clone());
                seen.fresh = Some(fresh);
            }
            Action::Serve { deployment } => {
                self.stage.deployment = Some(deployment.id.clone());
                seen.fresh = None;
                if let Some((canary, deployed)) = self.canary_meanwhile.take() {
                    (self.stage.canary, self.canary) = (Some(canary), Some(deployed));
                }
            }
            Action::PutBack {
                deployment,
                refused,
                why,
            } => {
                self.stage.deployment = Some(deployment.clone());
                seen.put_back = Some(why.clone());
                seen.unused_deployments.extend(refused.clone());
            }
            Action::DeleteUnusedDeployment { deployment } | Action::Discard { deployment } => {
                self.deployments.remove(deployment);
                seen.unused_deployments.retain(|unused| unused != deployment);
            }
            Action::DeleteDeadAuthorizer { id } => seen.dead_authorizers.retain(|dead| dead != id),
        }
        Observed {
            fresh: seen.fresh,
            put_back: seen.put_back,
            unused_deployments: seen.unused_deployments,
            dead_authorizers: seen.dead_authorizers,
            ..self.read()
        }
    }

    pub fn verdict(&self, probe: &Probe) -> Verdict {
        let refused = |said: &str| Verdict::Refused {
            status: 403,
            error: said
                .contains("Authentication Token")
                .then_some(ErrorNamed::Unsigned),
            said: said.to_owned(),
        };
        let path = probe.path.trim_start_matches("/prod");
        let key = if self.kind == OriginType::WebSocket {
            "$connect".to_owned()
        } else {
            format!("GET {path}")
        };
        let is_denied =
            probe.way == Way::Viewer && self.served_policy().to_string().contains("\"DenyEverybody\"");
        if is_denied {
            return refused("AccessDeniedException: User is not authorized");
        }
        if let (Way::Direct, Some(verdict)) = (probe.way, &self.direct_says) {
            return verdict.clone();
        }
        match (self.served().get(&key), probe.way, &self.in_between) {
            (_, Way::Viewer, Some(verdict)) => verdict.clone(),
            (Some(route), _, _) if route.is_open() => Verdict::Reached { status: 200 },
            (Some(_), Way::Viewer, None) if self.signer_works => Verdict::Reached { status: 200 },
            (Some(_), Way::Viewer, None) => refused("InvalidSignatureException: The request signature"),
            _ => refused("Missing Authentication Token"),
        }
    }
}
