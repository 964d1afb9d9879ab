//! What a case may do besides making calls, and the implementations on which cases run.

use crate::support::simulation::SimulatedCloud;
use crate::support::simulation::apigateway::Preloaded;
use crate::support::simulation::faults::{Fault, Rule, Scope};
use crate::support::simulation::settings::Settings;
use async_trait::async_trait;
use jiff::Timestamp;
use palisade::api::ProbeMethod;
use palisade::aws::cloud::{Cloud, CloudError};
use palisade::aws::errors::ErrorKind;
use serde_json::Value;
use std::fmt::Debug;
use std::time::Duration;

/// Longer than any case.
pub const HOUR: Duration = Duration::from_hours(1);

/// The account's other side.
#[async_trait]
pub trait World: Send + Sync {
    /// Delays, quotas and refusals from now on; what is under way already keeps its delay.
    async fn configure(&self, settings: Settings);
    async fn preload_api(&self, api: Preloaded);
    /// The API's team changes an API of eu-north-1, without deploying it.
    async fn edit_api(&self, api: &str, edit: Edit);
    /// The API's team deletes an API of eu-north-1.
    async fn delete_api(&self, api: &str);
    /// An issued certificate; answers its ARN.
    async fn preload_certificate(&self, region: &str, names: &[&str]) -> String;
    /// A hosted zone.
    async fn preload_zone(&self, id: &str, name: &str, is_private: bool);
    /// A bucket, which keeps versions or keeps none.
    async fn preload_bucket(&self, region: &str, name: &str, is_versioned: bool);
    /// A topic of us-east-1; answers its ARN.
    async fn preload_topic(&self, name: &str) -> String;
    /// A role that `service` may assume, with these managed policies of AWS; answers its ARN.
    async fn preload_role(&self, name: &str, service: &str, policies: &[&str]) -> String;
    /// In the minute that began then, a web ACL allowed or blocked so many requests.
    async fn preload_requests(&self, web_acl: &str, at: Timestamp, requests: i64, are_blocked: bool);
    /// What a viewer is answered who asks a distribution by http or https: the status, and where they are sent.
    async fn view_by(
        &self,
        scheme: &str,
        host: &str,
        path: &str,
        method: ProbeMethod,
    ) -> (u16, Option<String>);
    /// Takes a permission away from the credentials, such as `iam:CreateRole`.
    async fn deny(&self, action: &str);
    /// Lets every further call of an operation, such as `iam:GetRole`, go wrong.
    async fn strike(&self, operation: &'static str, fault: Fault);
    /// Somebody else adds a rule after all others.
    async fn add_foreign_rule(&self, web_acl_id: &str, rule: Value);
    /// Somebody else sets a top-level field of a web ACL.
    async fn set_foreign_field(&self, web_acl_id: &str, key: &str, value: Value);
    /// CloudFront gains an element `NewerThanAnyClient` in a distribution's configuration.
    async fn add_unknown_element(&self, distribution_id: &str);
}

/// What an API's team does to its working copy.
#[derive(Debug, Clone)]
pub enum Edit {
    /// Removes a method or route.
    Remove(&'static str),
    /// Adds a method that has no integration yet.
    AddUnfinished(&'static str),
    /// Sends a method to another backend.
    Redirect(&'static str),
    /// Has a route's backend called with the caller's credentials.
    PassCredentials(&'static str),
    /// Sets the resource policy.
    SetPolicy(Value),
}

/// Settings without any delay but for what `change` says.
pub fn settings(change: impl FnOnce(&mut Settings)) -> Settings {
    let mut settings = Settings::instant();
    change(&mut settings);
    settings
}

/// The message of a refusal that must have this code and kind.
#[track_caller]
pub fn refused<T: Debug>(result: Result<T, CloudError>, code: &str, kind: ErrorKind) -> String {
    let error = result.expect_err(&format!("{code} was expected"));
    assert_eq!((error.code.as_str(), error.kind), (code, kind), "{error}");
    error.message
}

/// Declares each case as a test on each implementation.
macro_rules! conformance {
    ($($case:ident),* $(,)?) => {
        mod on_the_simulation {
            $(#[tokio::test(start_paused = true)]
            async fn $case() {
                crate::conformance::world::simulated(super::$case).await;
            })*
        }

        mod on_the_emulator {
            $(#[tokio::test]
            async fn $case() {
                crate::conformance::emulated::emulated(super::$case).await;
            })*
        }
    };
}
pub(crate) use conformance;

/// Runs a case on a fresh simulated account.
pub async fn simulated(case: impl AsyncFn(&dyn Cloud, &dyn World)) {
    let cloud = SimulatedCloud::new(Settings::instant());
    case(&cloud, &cloud).await;
}

#[async_trait]
impl World for SimulatedCloud {
    async fn configure(&self, settings: Settings) {
        SimulatedCloud::configure(self, |current| *current = settings);
    }

    async fn preload_api(&self, api: Preloaded) {
        SimulatedCloud::preload_api(self, &api);
    }

    async fn edit_api(&self, api: &str, edit: Edit) {
        match edit {
            Edit::Remove(route) => self.remove_route(api, route),
            Edit::AddUnfinished(route) => {
                self.add_route(api, route);
                self.remove_integration(api, route);
            }
            Edit::Redirect(route) => self.change_integration(api, route),
            Edit::PassCredentials(route) => self.set_credentials(api, route, "arn:aws:iam::*:user/*"),
            Edit::SetPolicy(policy) => self.set_policy(api, &policy),
        }
    }

    async fn delete_api(&self, api: &str) {
        SimulatedCloud::delete_api(self, api);
    }

    async fn preload_certificate(&self, region: &str, names: &[&str]) -> String {
        let arn = format!(
            "arn:aws:acm:{region}:123456789012:certificate/{}",
            names.join("-")
        );
        SimulatedCloud::preload_certificate(self, &arn, names);
        arn
    }

    async fn preload_zone(&self, id: &str, name: &str, is_private: bool) {
        if is_private {
            self.preload_private_zone(id, name);
        } else {
            SimulatedCloud::preload_zone(self, id, name);
        }
    }

    async fn preload_bucket(&self, region: &str, name: &str, is_versioned: bool) {
        SimulatedCloud::preload_bucket(self, region, name, is_versioned);
    }

    async fn preload_topic(&self, name: &str) -> String {
        let arn = format!("arn:aws:sns:us-east-1:123456789012:{name}");
        SimulatedCloud::preload_topic(self, &arn);
        arn
    }

    async fn preload_role(&self, name: &str, service: &str, policies: &[&str]) -> String {
        SimulatedCloud::preload_role(self, name, service, policies)
    }

    async fn preload_requests(&self, web_acl: &str, at: Timestamp, requests: i64, are_blocked: bool) {
        self.count(web_acl, at, requests, are_blocked);
    }

    async fn view_by(
        &self,
        scheme: &str,
        host: &str,
        path: &str,
        method: ProbeMethod,
    ) -> (u16, Option<String>) {
        SimulatedCloud::view_by(self, scheme, host, path, method)
    }

    async fn deny(&self, action: &str) {
        SimulatedCloud::configure(self, |current| {
            current.denied.insert(action.to_owned());
        });
    }

    async fn strike(&self, operation: &'static str, fault: Fault) {
        self.inject(Rule::next(Scope::Operation(operation), usize::MAX, fault));
    }

    async fn add_foreign_rule(&self, web_acl_id: &str, rule: Value) {
        SimulatedCloud::add_foreign_rule(self, web_acl_id, false, &rule);
    }

    async fn set_foreign_field(&self, web_acl_id: &str, key: &str, value: Value) {
        self.edit_web_acl(web_acl_id, |document| document[key] = value);
    }

    async fn add_unknown_element(&self, distribution_id: &str) {
        SimulatedCloud::add_unknown_element(self, distribution_id);
    }
}
