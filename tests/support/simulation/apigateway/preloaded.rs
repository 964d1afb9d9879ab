//! APIs that exist before the controller comes.

use super::super::account::Account;
use super::super::clock;
use super::{AUTHORIZER, Api, Key, Route, RoutingRule, Stage, StageWebAcl};
use palisade::domain::access::asked::api::Observed;
use palisade::domain::access::authorization::Authorization;
use palisade::domain::access::credentials::authorizer::{Entry, Settings};
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// An API that exists before the controller comes, deployed on all its stages.
#[allow(clippy::struct_excessive_bools, reason = "each is a setting of its own")]
#[derive(Debug, Clone)]
pub struct Preloaded {
    pub region: &'static str,
    pub id: &'static str,
    /// `REST`, `HTTP` or `WEBSOCKET`.
    pub protocol: &'static str,
    pub stages: &'static [&'static str],
    /// Of a REST API.
    pub endpoint_type: &'static str,
    pub default_endpoint_disabled: bool,
    /// Methods or routes, such as `GET /pets` or `$connect`, each with its type of authorization, such as `NONE`.
    pub routes: Vec<(&'static str, &'static str)>,
    /// HTTP and WebSocket: the stages deploy by themselves.
    pub auto_deploy: bool,
    /// REST: the stages have a web ACL of their own, which lets everybody in.
    pub has_web_acl: bool,
    /// Stages that are deployed by hand all the same.
    pub by_hand: Vec<&'static str>,
    /// What its stages say of themselves.
    pub description: &'static str,
    /// REST: the security policy, and with an enhanced one the endpoint access mode.
    pub security_policy: Option<(&'static str, Option<&'static str>)>,
    /// REST: an authorizer gives the API key.
    pub keys_from_authorizer: bool,
    /// REST: the resource policy, deployed with the rest.
    pub policy: Option<Value>,
    /// Custom domain names with base path and stage.
    pub domains: Vec<(&'static str, &'static str, &'static str)>,
    /// Routing rules of custom domain names.
    pub rules: Vec<RoutingRule>,
}

impl Preloaded {
    /// A Regional REST API, open to everybody.
    pub fn rest(region: &'static str, id: &'static str, stages: &'static [&'static str]) -> Self {
        Self {
            region,
            id,
            protocol: "REST",
            stages,
            endpoint_type: "REGIONAL",
            default_endpoint_disabled: false,
            routes: open(&["GET /pets", "POST /pets", "GET /pets/{petId}"]),
            auto_deploy: false,
            has_web_acl: false,
            by_hand: vec![],
            description: "",
            security_policy: None,
            keys_from_authorizer: false,
            policy: None,
            domains: vec![],
            rules: vec![],
        }
    }

    /// The same with these methods or routes; a REST API never deploys by itself.
    pub fn with_routes(mut self, keys: &[&'static str], auto_deploy: bool) -> Self {
        self.routes = open(keys);
        self.auto_deploy = auto_deploy && self.protocol != "REST";
        self
    }

    /// A REST or an HTTP API by the name of its type.
    pub fn of(
        protocol: &str,
        region: &'static str,
        id: &'static str,
        stages: &'static [&'static str],
    ) -> Self {
        match protocol {
            "HTTP" => Self::http(region, id, stages),
            _ => Self::rest(region, id, stages),
        }
    }

    /// An HTTP API, open to everybody, whose stages deploy by themselves.
    pub fn http(region: &'static str, id: &'static str, stages: &'static [&'static str]) -> Self {
        Self {
            protocol: "HTTP",
            routes: open(&["GET /orders", "POST /orders"]),
            auto_deploy: true,
            ..Self::rest(region, id, stages)
        }
    }

    /// A WebSocket API, open to everybody.
    pub fn websocket(region: &'static str, id: &'static str, stages: &'static [&'static str]) -> Self {
        Self {
            protocol: "WEBSOCKET",
            routes: open(&["$connect", "$default"]),
            ..Self::rest(region, id, stages)
        }
    }
}

fn open(keys: &[&'static str]) -> Vec<(&'static str, &'static str)> {
    keys.iter().map(|key| (*key, "NONE")).collect()
}

impl Account {
    pub fn preload_api(&mut self, given: &Preloaded) {
        let key = (given.region.to_owned(), given.id.to_owned());
        let endpoint_types = if given.protocol == "REST" {
            vec![given.endpoint_type.to_owned()]
        } else {
            vec![]
        };
        let observed = Observed {
            protocol: given.protocol.to_owned(),
            endpoint_types,
            default_endpoint_disabled: given.default_endpoint_disabled,
            keys_from_authorizer: given.keys_from_authorizer,
            policy: Value::Null,
            security_policy: given.security_policy.map(|(name, _)| name.to_owned()),
            endpoint_access_mode: given
                .security_policy
                .and_then(|(_, mode)| mode.map(ToOwned::to_owned)),
        };
        let api = Api {
            effective: vec![(clock::now(), given.default_endpoint_disabled)],
            observed,
            working: BTreeMap::new(),
            authorizers: BTreeMap::from([(AUTHORIZER.to_owned(), of_the_team())]),
            deployments: BTreeMap::new(),
            stages: BTreeMap::new(),
        };
        self.apis.all.insert(key.clone(), api);
        for (route, kind) in &given.routes {
            self.put_route(&key, route, kind);
        }
        if let Some(policy) = &given.policy {
            let set = self.update_rest_api_policy(given.region, given.id, &policy.to_string());
            set.unwrap_or_else(|refusal| panic!("the policy is not taken: {}", refusal.message));
        }
        for (domain, path, stage) in &given.domains {
            self.map_domain(given.region, domain, path, given.id, stage);
        }
        for rule in &given.rules {
            self.route_domain(given.region, rule, given.id);
        }
        for name in given.stages {
            let deployment = self.make_deployment(&key, "");
            let auto_deploy = given.auto_deploy && !given.by_hand.contains(name);
            let stage = Stage {
                deployment: deployment.clone(),
                description: given.description.to_owned(),
                auto_deploy,
                said: None,
                canary: None,
                web_acl: given.has_web_acl.then_some(StageWebAcl::Nobody),
                served: Vec::new(),
            };
            if let Some(api) = self.apis.all.get_mut(&key) {
                api.stages.insert((*name).to_owned(), stage);
            }
            self.serve(&key, name, &deployment);
            if auto_deploy {
                self.succeeded(&key, name, &deployment);
            }
        }
    }

    /// Adds a method or route to the working copy; methods of one path share the resource's id.
    pub(super) fn put_route(&mut self, key: &Key, route: &str, kind: &str) {
        let fresh = self.apis.next_id('r');
        let Some(api) = self.apis.all.get_mut(key) else {
            return;
        };
        let path = |route: &str| route.split_once(' ').map(|(_, path)| path.to_owned());
        let mut others = api.working.iter().filter(|_| api.observed.protocol == "REST");
        let sibling = others.find(|(other, _)| path(other) == path(route));
        let id = sibling.map_or(fresh, |(_, found)| found.id.clone());
        let needs_authorizer = !["NONE", "AWS_IAM"].contains(&kind);
        let found = Route {
            id,
            authorization: Authorization {
                kind: kind.to_owned(),
                authorizer: needs_authorizer.then(|| AUTHORIZER.to_owned()),
                api_key_required: false,
            },
            asks: None,
            integration: integration(route),
        };
        api.working.insert(route.to_owned(), found);
    }
}

/// It asks for something that only viewers have.
fn of_the_team() -> Entry {
    Entry {
        id: AUTHORIZER.to_owned(),
        name: "team".to_owned(),
        settings: Settings {
            function_arn: String::new(),
            header: String::new(),
            ttl: 0,
        },
        exported: Value::Null,
    }
}

fn integration(route: &str) -> Value {
    let (method, path) = route.split_once(' ').unwrap_or(("ANY", ""));
    json!({
        "type": "http_proxy", "httpMethod": method, "uri": format!("https://backend.example.com{path}"),
        "passthroughBehavior": "when_no_match", "responses": {"default": {"statusCode": "200"}}
    })
}
