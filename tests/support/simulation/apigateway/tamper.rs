//! The hands of the API's team, and of others who may change APIs.

use super::super::SimulatedCloud;
use super::super::account::Account;
use super::super::clock;
use super::{AUTHORIZER, Api, Key, Route, StageWebAcl};
use palisade::domain::access::authorization::{self, Authorization};
use serde_json::{Value, json};

impl SimulatedCloud {
    /// Sets what a method or route asks for, without deploying it.
    pub fn set_authorization(&self, api: &str, route: &str, kind: &str) {
        self.edit_route(api, route, |found| {
            kind.clone_into(&mut found.authorization.kind);
            let has_authorizer = !["NONE", "AWS_IAM"].contains(&kind);
            found.authorization.authorizer = has_authorizer.then(|| AUTHORIZER.to_owned());
        });
    }

    /// Sets whether a method asks for an API key, without deploying it.
    pub fn require_api_key(&self, api: &str, route: &str, required: bool) {
        self.edit_route(api, route, |found| {
            found.authorization.api_key_required = required;
        });
    }

    /// Sends a method or route to another backend, without deploying it.
    pub fn change_integration(&self, api: &str, route: &str) {
        self.edit_route(api, route, |found| {
            found.integration["uri"] = json!("https://next.example.com");
        });
    }

    /// Has a method's backend called with these credentials, without deploying it.
    pub fn set_credentials(&self, api: &str, route: &str, credentials: &str) {
        self.edit_route(api, route, |found| {
            found.integration["credentials"] = json!(credentials);
        });
    }

    /// Takes a method's or route's integration away, without deploying it.
    pub fn remove_integration(&self, api: &str, route: &str) {
        self.edit_route(api, route, |found| found.integration = Value::Null);
    }

    /// Adds an open method or route, without deploying it.
    pub fn add_route(&self, api: &str, route: &str) {
        self.edit_api(api, |account, key| account.put_route(key, route, "NONE"));
    }

    /// Removes a method or route, without deploying that.
    pub fn remove_route(&self, api: &str, route: &str) {
        self.edit_api(api, |account, key| {
            account
                .apis
                .all
                .get_mut(key)
                .map(|found| found.working.remove(route));
        });
    }

    /// Gives the API this many resources more, each with an open `GET`, and deploys them.
    pub fn grow(&self, api: &str, resources: usize) {
        self.edit_api(api, |account, key| {
            for number in 0..resources {
                account.put_route(key, &format!("GET /generated/{number:04}"), "NONE");
            }
        });
        for stage in self.stages_of(api) {
            self.deploy(api, &stage);
        }
    }

    /// Deploys what is edited to a stage; answers the deployment's id.
    pub fn deploy(&self, api: &str, stage: &str) -> String {
        let account = &mut self.lock().account;
        let key = account.key_of(api);
        let deployment = account.make_deployment(&key, "by the API's team");
        account.serve(&key, stage, &deployment);
        deployment
    }

    /// Deploys what is edited as a stage's canary, which takes some of the traffic, or none.
    pub fn deploy_canary(&self, api: &str, stage: &str, is_served: bool) -> String {
        let account = &mut self.lock().account;
        let key = account.key_of(api);
        let deployment = account.make_deployment(&key, "a canary");
        let found = account
            .apis
            .all
            .get_mut(&key)
            .and_then(|api| api.stages.get_mut(stage));
        found.expect("the stage exists").canary = Some(authorization::Canary {
            deployment: deployment.clone(),
            is_served,
        });
        deployment
    }

    /// Has the team's own authorizer remember its decisions for so long, without deploying it.
    pub fn edit_authorizer(&self, api: &str, ttl: i32) {
        self.edit_api(api, |account, key| {
            let found = account.apis.all.get_mut(key);
            let entry = found.and_then(|api| api.authorizers.get_mut(AUTHORIZER));
            entry.expect("the team's authorizer exists").settings.ttl = ttl;
        });
    }

    /// Gives a stage a web ACL of its own, or takes it away.
    pub fn set_stage_web_acl(&self, api: &str, stage: &str, web_acl: Option<StageWebAcl>) {
        let account = &mut self.lock().account;
        let key = account.key_of(api);
        let found = account.apis.all.get_mut(&key);
        let found = found.and_then(|api| api.stages.get_mut(stage));
        found.expect("the stage exists").web_acl = web_acl;
    }

    /// Has a stage serve an older deployment.
    pub fn roll_back(&self, api: &str, stage: &str, deployment: &str) {
        let account = &mut self.lock().account;
        let key = account.key_of(api);
        account.serve(&key, stage, deployment);
    }

    /// Whether changes of an HTTP or WebSocket API are live at once.
    pub fn set_auto_deploy(&self, api: &str, stage: &str, auto_deploy: bool) {
        self.edit_api(api, |account, key| {
            let found = account
                .apis
                .all
                .get_mut(key)
                .and_then(|api| api.stages.get_mut(stage));
            found.expect("the stage exists").auto_deploy = auto_deploy;
        });
    }

    /// Switches an API's default endpoint off or on, and deploys that.
    pub fn set_endpoint_off(&self, api: &str, is_off: bool) {
        self.edit_api(api, |account, key| {
            let found = account.apis.all.get_mut(key).expect("the API exists");
            found.observed.default_endpoint_disabled = is_off;
            found.effective.push((clock::now(), is_off));
        });
    }

    /// Whether an API's default endpoint is switched off, as requests meet it.
    pub fn is_endpoint_off(&self, api: &str) -> bool {
        self.with_api(api, Api::is_endpoint_off)
    }

    pub fn delete_api(&self, api: &str) {
        let account = &mut self.lock().account;
        let key = account.key_of(api);
        account.apis.all.remove(&key);
    }

    pub fn delete_stage(&self, api: &str, stage: &str) {
        self.edit_api(api, |account, key| {
            account
                .apis
                .all
                .get_mut(key)
                .map(|found| found.stages.remove(stage));
        });
    }

    /// What a method or route asks for, as edited.
    pub fn edited(&self, api: &str, route: &str) -> Option<Authorization> {
        self.with_api(api, |found| {
            found.working.get(route).map(|route| route.authorization.clone())
        })
    }

    /// What a method or route of a stage asks for, as deployed and in effect.
    pub fn served(&self, api: &str, stage: &str, route: &str) -> Option<Authorization> {
        self.with_api(api, |found| {
            let served = found.stages.get(stage)?.served()?;
            served.routes.get(route).map(|route| route.authorization.clone())
        })
    }

    /// A stage as API Gateway tells it.
    pub fn stage_of(&self, api: &str, stage: &str) -> Option<authorization::Stage> {
        self.with_api(api, |found| found.stages.get(stage).map(super::Stage::observed))
    }

    /// Ids and descriptions of the deployments that there are, the oldest first.
    pub fn deployments_of(&self, api: &str) -> Vec<(String, String)> {
        self.with_api(api, |found| {
            let deployments = found.deployments.iter();
            deployments
                .map(|(id, found)| (id.clone(), found.description.clone()))
                .collect()
        })
    }

    /// Names of the authorizers that there are.
    pub fn authorizers_of(&self, api: &str) -> Vec<String> {
        self.with_api(api, |found| {
            let entries = found.authorizers.values();
            entries.map(|entry| entry.name.clone()).collect()
        })
    }

    fn stages_of(&self, api: &str) -> Vec<String> {
        self.with_api(api, |found| found.stages.keys().cloned().collect())
    }

    fn with_api<T>(&self, api: &str, look: impl FnOnce(&Api) -> T) -> T {
        let account = &self.lock().account;
        look(&account.apis.all[&account.key_of(api)])
    }

    fn edit_route(&self, api: &str, route: &str, change: impl FnOnce(&mut Route)) {
        self.edit_api(api, |account, key| {
            let found = account
                .apis
                .all
                .get_mut(key)
                .and_then(|api| api.working.get_mut(route));
            change(found.expect("the method or route exists"));
        });
    }

    fn edit_api(&self, api: &str, change: impl FnOnce(&mut Account, &Key)) {
        let account = &mut self.lock().account;
        let key = account.key_of(api);
        change(account, &key);
        account.deploy_automatically(&key);
    }
}

impl Account {
    /// Somebody edits the API in the last moment.
    pub(super) fn edit_before_deployment(&mut self, region: &str, id: &str) {
        let Some(route) = self.settings.edits_before_deployments else {
            return;
        };
        let api = self.apis.all.get_mut(&(region.to_owned(), id.to_owned()));
        if let Some(found) = api.and_then(|api| api.working.get_mut(route)) {
            found.integration["uri"] = json!("https://next.example.com");
        }
    }

    pub(super) fn key_of(&self, api: &str) -> Key {
        let found = self.apis.all.keys().find(|(_, id)| id == api);
        found.expect("the API exists").clone()
    }
}
