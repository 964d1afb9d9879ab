//! What another spec would do to an object of the account, reckoned without a call to AWS: for plans of a class, which are of hundreds.

use super::Engine;
use super::subject::Stop;
use crate::api::{ProtectedApi, ProtectedApiSpec, ProtectedApiStatus, SigV4Spec};
use crate::domain::cost::estimate::estimate;
use crate::domain::edge::host::Known;
use crate::domain::firewall::promotion::Standing;
use crate::domain::firewall::rules::rules;
use crate::domain::kernel::reason::Reason;
use crate::domain::kernel::rejection::Rejection;
use crate::domain::perimeter::desired::{Desired, Facts, desired};
use crate::domain::signer::options::signer_options;
use crate::domain::status::class_plan::{ComesTo, Cost, Looked};
use crate::domain::status::planned::of_change::steps_between;
use crate::signer;
use kube::ResourceExt as _;
use serde_json::{Value, json};
use std::collections::BTreeMap;

impl Engine {
    /// What it comes to for `object`, with the spec that is acted upon, when that becomes `then`.
    #[must_use]
    pub fn change(&self, object: &ProtectedApi, then: &ProtectedApiSpec) -> Looked {
        let named = format!("{}/{}", object.namespace().unwrap_or_default(), object.name_any());
        let before = self.wanted(object, &object.spec, None);
        // What is enforced now is what AWS has, as far as it is known without a call.
        let enforced = before.as_ref().ok().map(enforced);
        let comes_to = match (before, self.wanted(object, then, enforced.as_ref())) {
            (_, Err(Stop::Rejected(why))) => ComesTo::Refused(why.reason, why.message),
            (_, Err(Stop::Failed(why))) | (Err(Stop::Failed(why)), Ok(_)) => {
                ComesTo::Unknown(why.reason, why.message)
            }
            (Err(Stop::Rejected(why)), Ok(_)) => ComesTo::Unknown(why.reason, why.message),
            (Ok(now), Ok(then)) => ComesTo::Steps(steps_between(&now, &then)),
        };
        Looked {
            object: named,
            endpoint: object.spec.origin.endpoint.clone(),
            comes_to,
            cost: Some((self.cost(object, &object.spec), self.cost(object, then))),
        }
    }

    /// What is wanted in AWS by `spec`, where the web ACL is as it was `found`. Where Route 53's checkers ask from is left out on either
    /// side.
    fn wanted(
        &self,
        object: &ProtectedApi,
        spec: &ProtectedApiSpec,
        found: Option<&Value>,
    ) -> Result<Desired, Stop> {
        let package = signer::package(&signer_options(spec))
            .map_err(|error| Rejection::new(Reason::InvalidSpec, error.to_string()))?;
        let facts = Facts {
            owner: self.owner(object),
            account: self.account.clone(),
            default_tags: self.options.default_tags.clone(),
            permissions_boundary: self.options.permissions_boundary.clone(),
            zip: package.zip,
            code_sha256: package.code_sha256,
            signer: SigV4Spec::default(),
            rotate: None,
            checkers: Some(vec![]),
            held_mode: None,
            promotions: object
                .status
                .as_ref()
                .map(|status| Standing::of(status, found.filter(|_| status.web_acl.is_some())))
                .unwrap_or_default(),
            leaving: None,
            policies: Known::default(),
        };
        Ok(desired(spec, &facts)?)
    }

    fn cost(&self, object: &ProtectedApi, spec: &ProtectedApiSpec) -> Cost {
        let none = ProtectedApiStatus::default();
        let status = object.status.as_ref().unwrap_or(&none);
        let shield = status.shield.as_ref();
        let is_protected = shield.is_some_and(|shield| shield.protection_id.is_some());
        let estimate = estimate(spec, is_protected, &self.options.prices);
        Cost {
            monthly: estimate.monthly(),
            per_million: estimate.per_million(),
        }
    }
}

/// The web ACL's rules as they are wanted: which set a rule names matters, and not how AWS calls it.
fn enforced(desired: &Desired) -> Value {
    let sets = desired.ip_sets.iter();
    let arns: BTreeMap<String, String> = sets.map(|set| (set.part.clone(), set.part.clone())).collect();
    json!({"Rules": rules(&desired.web_acl.spec, &arns)})
}
