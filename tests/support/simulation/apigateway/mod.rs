//! API Gateway: APIs as their teams edit them, and as their stages serve them.

mod admission;
mod authorizers;
pub mod domain_names;
mod domains;
mod endpoint;
mod entrance;
mod export;
mod http;
mod invoking;
mod keys;
mod policies;
mod preloaded;
mod requests;
mod rest;
mod routing;
mod tamper;
mod viewers;
mod without_tls;

use super::account::Account;
use super::clock;
use super::history;
use super::refusal::{Outcome, Refusal};
pub use domains::RoutingRule;
use palisade::aws::cloud::Page;
use palisade::domain::access::asked::api::Observed;
use palisade::domain::access::asked::carried::Carried;
use palisade::domain::access::authorization::{self, Authorization};
use palisade::domain::access::credentials::api_key;
use palisade::domain::access::credentials::authorizer;
pub use preloaded::Preloaded;
use serde_json::Value;
use std::collections::BTreeMap;
use std::sync::Arc;
use tokio::time::Instant;

/// The authorizer that each API's team has.
pub const AUTHORIZER: &str = "auth01";

/// Region and id.
pub type Key = (String, String);

/// APIs, keys and usage plans, each by Region and id.
#[derive(Clone, Default)]
pub struct Store {
    all: BTreeMap<Key, Api>,
    pub keys: BTreeMap<Key, api_key::Key>,
    pub plans: BTreeMap<Key, keys::Plan>,
    /// What custom domain names lead to, by Region and name.
    domains: BTreeMap<Key, domains::Domain>,
    /// When a custom domain name was last made, changed and deleted.
    domain_writes: BTreeMap<&'static str, Instant>,
    /// Counts all that has an id.
    made: usize,
}

impl Store {
    fn next_id(&mut self, kind: char) -> String {
        self.made += 1;
        format!("{kind}{:05}", self.made)
    }
}

/// An API: what is edited, and what was made of it.
#[derive(Clone)]
pub struct Api {
    /// With the resource policy as edited.
    pub observed: Observed,
    /// Since when the default endpoint is switched off or on, as requests meet it; never empty.
    effective: Vec<(Instant, bool)>,
    working: Routes,
    authorizers: BTreeMap<String, authorizer::Entry>,
    deployments: BTreeMap<String, Deployment>,
    stages: BTreeMap<String, Stage>,
}

/// Methods and routes, by what people call them.
type Routes = BTreeMap<String, Route>;

/// A method or route.
#[derive(Debug, Clone, PartialEq)]
struct Route {
    /// Of the resource (REST) or route.
    id: String,
    authorization: Authorization,
    /// As deployed: the authorizer that it asks.
    asks: Option<authorizer::Entry>,
    /// As exported; null where there is none.
    integration: Value,
}

/// A snapshot of the working copy.
#[derive(Clone)]
struct Deployment {
    description: String,
    routes: Arc<Routes>,
    policy: Arc<Value>,
}

/// What requests meet.
#[derive(Clone)]
struct Served {
    routes: Arc<Routes>,
    policy: Arc<Value>,
}

/// Whom the web ACL of a stage refuses.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum StageWebAcl {
    Nobody,
    /// All who do not come through CloudFront.
    AllButCloudFront,
    /// All who come through CloudFront.
    CloudFront,
}

/// The ARN of a stage's web ACL.
const STAGES_WEB_ACL: &str = "arn:aws:wafv2:eu-north-1:123456789012:regional/webacl/team/0a1b2c3d";

/// A stage.
#[derive(Clone)]
struct Stage {
    deployment: String,
    /// What it says of itself.
    description: String,
    auto_deploy: bool,
    /// Of the last time that it deployed by itself.
    said: Option<String>,
    canary: Option<authorization::Canary>,
    /// REST: the web ACL that its team has given it.
    web_acl: Option<StageWebAcl>,
    /// What requests meet, and since when: a deployment takes effect only after a while.
    served: Vec<(Instant, Served)>,
}

impl Stage {
    fn observed(&self) -> authorization::Stage {
        authorization::Stage {
            deployment: Some(self.deployment.clone()),
            auto_deploy: self.auto_deploy,
            said: self.said.clone(),
            canary: self.canary.clone(),
            web_acl: self.web_acl.map(|_| STAGES_WEB_ACL.to_owned()),
        }
    }

    /// Whether its web ACL blocks who comes that way.
    fn blocks(&self, through_cloudfront: bool) -> bool {
        match self.web_acl {
            None | Some(StageWebAcl::Nobody) => false,
            Some(StageWebAcl::AllButCloudFront) => !through_cloudfront,
            Some(StageWebAcl::CloudFront) => through_cloudfront,
        }
    }

    /// What requests meet now.
    fn served(&self) -> Option<&Served> {
        let now = clock::now();
        let effective = self.served.iter().rev().find(|(since, _)| *since <= now);
        effective.or(self.served.first()).map(|(_, served)| served)
    }
}

impl Api {
    fn protocol(&self) -> &str {
        &self.observed.protocol
    }

    fn is_rest(&self) -> bool {
        self.observed.protocol == "REST"
    }

    /// The working copy, with the authorizers as they are now.
    fn snapshot(&self) -> Routes {
        let mut routes = self.working.clone();
        for route in routes.values_mut() {
            let authorizer = route.authorization.authorizer.as_ref();
            let entry = authorizer.and_then(|id| self.authorizers.get(id));
            route.asks = entry.cloned();
        }
        routes
    }

    fn stage(&self, name: &str) -> Outcome<&Stage> {
        self.stages.get(name).ok_or_else(|| unknown("stage"))
    }

    fn deployment(&self, id: &str) -> Outcome<&Deployment> {
        self.deployments.get(id).ok_or_else(|| unknown("Deployment"))
    }

    /// Deletes a deployment that no stage serves.
    fn delete_deployment(&mut self, id: &str) -> Outcome<()> {
        self.deployment(id)?;
        let is_canary = |stage: &Stage| {
            stage
                .canary
                .as_ref()
                .is_some_and(|canary| canary.deployment == id)
        };
        let is_active = |stage: &Stage| stage.deployment == id || is_canary(stage);
        if self.stages.values().any(is_active) {
            return Err(bad(
                "Active stages pointing to this deployment must be moved or deleted",
            ));
        }
        self.deployments.remove(id);
        Ok(())
    }
}

impl Account {
    /// An API of the REST service, or of the other one.
    fn api(&self, region: &str, id: &str, rest: bool) -> Outcome<&Api> {
        let found = self.apis.all.get(&(region.to_owned(), id.to_owned()));
        found.filter(|api| api.is_rest() == rest).ok_or_else(|| {
            Refusal::new(
                "NotFoundException",
                format!("Invalid API identifier specified {}:{id}", self.id),
            )
        })
    }

    fn api_mut(&mut self, region: &str, id: &str, rest: bool) -> Outcome<&mut Api> {
        self.api(region, id, rest)?;
        let key = (region.to_owned(), id.to_owned());
        self.apis.all.get_mut(&key).ok_or_else(|| unknown("API"))
    }

    /// A copy of the working copy, which no stage serves yet; answers its id.
    fn make_deployment(&mut self, key: &Key, description: &str) -> String {
        let id = self.apis.next_id('d');
        if let Some(api) = self.apis.all.get_mut(key) {
            let deployment = Deployment {
                description: description.to_owned(),
                routes: Arc::new(api.snapshot()),
                policy: Arc::new(api.observed.policy.clone()),
            };
            api.deployments.insert(id.clone(), deployment);
        }
        id
    }

    /// Deployments, without what they have.
    pub fn list_deployments(
        &self,
        (region, id): (&str, &str),
        rest: bool,
        marker: Option<&str>,
    ) -> Outcome<Page<authorization::Deployment>> {
        let deployments = self.api(region, id, rest)?.deployments.iter();
        let deployments = deployments.map(|(id, found)| {
            let deployment = authorization::Deployment {
                id: id.clone(),
                description: found.description.clone(),
                routes: Carried::default(),
            };
            (id.clone(), deployment)
        });
        Ok(history::page(deployments.collect(), marker, self.page_size(100)))
    }

    /// Has a stage serve a deployment, in effect after a while.
    fn serve(&mut self, key: &Key, stage: &str, deployment: &str) {
        let since = clock::now() + self.settings.stage_propagation;
        let Some(api) = self.apis.all.get_mut(key) else {
            return;
        };
        let served = api.deployments.get(deployment).map(|found| Served {
            routes: Arc::clone(&found.routes),
            policy: Arc::clone(&found.policy),
        });
        if let (Some(stage), Some(served)) = (api.stages.get_mut(stage), served) {
            let is_change = stage.deployment != deployment;
            deployment.clone_into(&mut stage.deployment);
            stage.served.push((since, served));
            if is_change || self.settings.unchanged_stage_publishes {
                let is_off = api.observed.default_endpoint_disabled;
                api.effective.push((since, is_off));
            }
        }
    }

    /// After a change of the working copy: the stages that deploy by themselves.
    fn deploy_automatically(&mut self, key: &Key) {
        let stages = self.apis.all.get(key).into_iter().flat_map(|api| &api.stages);
        let stages: Vec<_> = stages
            .filter(|(_, stage)| stage.auto_deploy)
            .map(|(name, _)| name.clone())
            .collect();
        for stage in stages {
            if let Some(why) = self.settings.auto_deploy_fails {
                if let Some(stage) = self
                    .apis
                    .all
                    .get_mut(key)
                    .and_then(|api| api.stages.get_mut(&stage))
                {
                    stage.said = Some(format!("Deployment attempt failed: {why}"));
                }
                continue;
            }
            let description = "Automatic deployment triggered by changes to the Api configuration";
            let deployment = self.make_deployment(key, description);
            self.serve(key, &stage, &deployment);
            self.succeeded(key, &stage, &deployment);
        }
    }

    /// A stage says that it has deployed by itself.
    fn succeeded(&mut self, key: &Key, stage: &str, deployment: &str) {
        let said = format!("Successfully deployed stage with deployment ID '{deployment}'");
        if let Some(stage) = self
            .apis
            .all
            .get_mut(key)
            .and_then(|api| api.stages.get_mut(stage))
        {
            stage.said = Some(said);
        }
    }
}

fn bad(message: impl Into<String>) -> Refusal {
    Refusal::new("BadRequestException", message)
}

fn unknown(what: &str) -> Refusal {
    Refusal::new(
        "NotFoundException",
        format!("Invalid {what} identifier specified"),
    )
}
