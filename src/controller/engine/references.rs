//! Rules of the user's that refer to something that is not there: which one it is, only WAF can tell.

use super::Engine;
use super::execute::Execution;
use crate::aws::cloud::{Cloud, CloudError};
use crate::domain::firewall::free_rules;
use crate::domain::kernel::planning::Kind;
use crate::domain::kernel::reason::Reason;
use crate::domain::perimeter::desired::Desired;
use serde_json::json;
use std::time::Duration;

/// What is missing is made by a person, or by a tool that is at it.
pub(super) const RETRY: Duration = Duration::from_secs(20);

/// Whether a write of the web ACL was refused since one of its rules refers to nothing.
pub(in crate::controller) fn is_missing(error: &CloudError) -> bool {
    let is_write = ["CreateWebACL", "UpdateWebACL", "CheckCapacity"].contains(&error.operation.name);
    is_write && error.code == "WAFNonexistentItemException"
}

impl Engine {
    /// Says which rule keeps the web ACL from being written. Where no rule of the user's does, WAF has not caught up with
    /// sets of ours.
    pub(super) async fn name_missing_reference(&self, desired: &Desired, execution: &mut Execution) {
        let mut waits = execution.plan.waits.iter_mut();
        let is_meant = |reason: Reason| reason == Reason::InvalidReference;
        let Some(wait) = waits.find(|wait| wait.id.kind == Kind::WebAcl && is_meant(wait.reason)) else {
            return;
        };
        let cloud: &dyn Cloud = &self.patient();
        for referring in free_rules::referring(&desired.web_acl.spec) {
            let answer = cloud.check_capacity(json!([referring.rule])).await;
            if answer.is_err_and(|error| is_missing(&error)) {
                wait.message = referring.words();
                return;
            }
        }
        wait.reason = Reason::Propagating;
    }
}
