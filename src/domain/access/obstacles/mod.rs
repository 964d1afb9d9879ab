//! What of an API rules a lock out: judged by its routes as edited, before anything is built for it; and integrations that are
//! called with the caller's credentials, which rule out `exclusive`.
//!
//! Only what stays so is refused that early. What a deployment, a probe or another object may change is judged once the
//! perimeter stands, as is whatever could not be read.
//!
//! ```text
//!  who gets in                            what is in the way
//!  standing ── as edited                  obstacles ─ refused before anything is built; troubles, tokens, host, keys_of_others
//!  open ────── as deployed                compared, pending ─ edits that a deployment of ours would carry
//!  excluded ── what stays as it is        policy_wanted ─ what a resource policy cannot say
//!  elsewhere ─ in the working copy, at stages that were locked before (earlier_stages)
//!  earlier, asks_left_behind              first_lock ─ viewers whom a first lock would refuse; other_doors ─ by which they come
//!                                         before_certificate ─ the mode that goes on beside a client certificate
//! ```
//!
//! All of it only looks: what is done about it stands in `lock`.

pub mod asks_left_behind;
mod before_certificate;
mod compared;
mod earlier;
mod earlier_stages;
mod elsewhere;
pub mod excluded;
pub mod first_lock;
mod host;
mod keys_of_others;
mod open;
pub mod other_doors;
pub mod pending;
pub mod policy_wanted;
pub(super) mod standing;
mod tokens;
mod troubles;

use self::standing::Standing;
use super::asked::as_deployed::Deployed;
use super::asked::policy::{Obstacle, Policies};
use super::asked::{Route, Stage};
use super::authorization::{Observed, Pending};
use super::credentials::left_behind::LeftBehind;
use super::inputs::{Inputs, Wanted};
use super::listing::listed;
use super::proof::Proof;
use super::routes::Routes;
use super::table::marks::Marks;
use super::words::{self, LeftOpen, Told};
use crate::api::Enforcement;
use crate::domain::kernel::planning::Problem;
use crate::domain::kernel::reason::Reason;
use crate::domain::kernel::rejection::Rejection;
use std::collections::BTreeMap;

/// An API of which nothing was read but what it is as edited. `ours` are the authorizers of its routes that an object of
/// Palisade's made.
#[must_use]
pub fn as_edited(
    routes: Vec<Route>,
    stage: Stage,
    keys_from_authorizer: bool,
    ours: BTreeMap<String, LeftBehind>,
) -> Observed {
    Observed {
        routes,
        stage,
        stages: None,
        ways_in: None,
        is_stage_known: true,
        deployed: Deployed::Unknown(String::new()),
        canary: None,
        pending: Pending::Unread,
        refused_as: None,
        policies: Box::new(Policies::default()),
        marks: Marks::default(),
        is_unwritten: false,
        distribution_arn: String::new(),
        unused_deployments: vec![],
        dead_authorizers: vec![],
        is_before_gone: false,
        fresh: None,
        edited_meanwhile: vec![],
        compared: None,
        put_back: None,
        is_endpoint_off: false,
        keys_from_authorizer,
        left_behind: ours,
        key_left_behind: None,
        is_key_of_other_stage: false,
        earlier: vec![],
    }
}

/// Refuses an API that can never be locked as its spec asks, by what it is [`as_edited`]; where that was not read, nothing.
///
/// # Errors
/// The methods or routes, and what can be done.
pub fn check(wanted: &Wanted<'_>, inputs: &Inputs<'_>) -> Result<(), Rejection> {
    let Some(routes) = Routes::of(wanted, inputs) else {
        return Ok(());
    };
    let is_any_asked = routes.desired.proof != Proof::Certificate;
    let problem = routes.in_the_way_for_good().filter(|_| is_any_asked);
    problem.map_or(Ok(()), |problem| {
        let message = match problem.reason {
            Reason::AuthorizerInTheWay | Reason::ApiKeyInTheWay => {
                format!("spec.access.mode: {}", problem.message)
            }
            _ => problem.message,
        };
        Err(Rejection::new(problem.reason, message).with_remedy(problem.remedy))
    })
}

impl Routes<'_> {
    /// What keeps a lock from being made until the API, or what is declared of it, is another.
    fn in_the_way_for_good(&self) -> Option<Problem> {
        let in_the_way = self.in_the_way().filter(|problem| match problem.reason {
            Reason::AuthorizerInTheWay => true,
            // A key that routes ask for may be one that an earlier object left.
            Reason::ApiKeyInTheWay => self.found.keys_from_authorizer || !self.plans_of_others().is_empty(),
            _ => false,
        });
        let no_entry = || {
            let nothing = self.nothing_to_lock();
            nothing.filter(|problem| problem.reason == Reason::NoConnectRoute)
        };
        // An API that has no method yet may have any later.
        let is_open = self.found.kept(self.desired).next().is_some() && !self.is_whole();
        let unprobed = || self.never_probed().filter(|_| is_open);
        let uncompared = || self.never_compared();
        in_the_way.or_else(no_entry).or_else(unprobed).or_else(uncompared)
    }

    /// What would keep `Enforce` from locking anything, as far as the routes tell it.
    pub(crate) fn would_be_refused(&self) -> Option<Problem> {
        if self.desired.proof == Proof::Certificate {
            return None;
        }
        let in_the_way = self.endpoint_off().or_else(|| self.in_the_way());
        in_the_way.or_else(|| self.never_probed())
    }

    /// How so many routes that cannot be locked may stay open.
    pub(super) fn left_open(&self, routes: usize) -> LeftOpen {
        match self.desired.enforcement {
            Enforcement::Observe => LeftOpen::AsDeclared,
            Enforcement::Enforce if routes == self.found.kept(self.desired).count() => LeftOpen::AsAWhole,
            Enforcement::Enforce => LeftOpen::ByName,
        }
    }

    /// What is told of routes that are in the way.
    pub(super) fn told_in_the_way(&self, reason: Reason, routes: &[&str], left_open: LeftOpen) -> Told {
        match reason {
            Reason::ApiKeyInTheWay => words::api_key_in_the_way(routes, self.is_held()),
            Reason::LeftBehind => Told {
                so: self.left_behind(routes),
                remedy: None,
            },
            _ => {
                let desired = self.desired;
                let (gate, proof) = (&desired.gate, &desired.proof);
                words::authorizer_in_the_way(gate.r#type, proof, routes, left_open, self.is_held())
            }
        }
    }

    /// Whether the mode before goes on, since a change to `SigV4` waits.
    pub(super) fn is_held(&self) -> bool {
        self.desired.awaited == Some(Proof::Signature)
    }

    /// What is told of routes that are excluded, all that there are; `None` where there are none.
    pub(super) fn all_excluded(&self) -> Option<String> {
        let mut lockable: Vec<&str> = Vec::new();
        let mut in_the_way: BTreeMap<Reason, Vec<&str>> = BTreeMap::new();
        for route in self.found.lockable(self.desired) {
            match self.standing(route) {
                Standing::InTheWay(reason) => in_the_way.entry(reason).or_default().push(&route.key),
                Standing::Locked | Standing::Open(_) => lockable.push(&route.key),
            }
        }
        if lockable.is_empty() && in_the_way.is_empty() {
            return None;
        }
        let why_not = in_the_way.first_key_value();
        let why_not = why_not.map(|(reason, routes)| {
            self.told_in_the_way(*reason, routes, LeftOpen::AsDeclared)
                .whole()
        });
        Some(words::all_excluded(self.desired, &lockable, why_not.as_deref()))
    }
}

/// Refuses statements in the resource policy of an API whose backend is called with the caller's credentials.
///
/// # Errors
/// The methods, and what can be done.
pub(super) fn check_credentials(routes: &[Route]) -> Result<(), Obstacle> {
    let passing: Vec<&str> = routes
        .iter()
        .filter(|route| route.passes_credentials_on())
        .map(|route| route.key.as_str())
        .collect();
    if !passing.is_empty() {
        return Err(Obstacle {
            reason: Reason::CallerCredentials,
            message: format!(
                "spec.access.sigV4.exclusive: API Gateway takes no resource policy while integrations are called with the \
                 caller's credentials ({}), so every principal of the account stays let in: take arn:aws:iam::*:user/* out of \
                 their credentials (InvokeRole: NONE in SAM), or set exclusive to false",
                listed(&passing)
            ),
        });
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::access::asked::Authorization;
    use serde_json::json;

    #[test]
    fn callers_credentials_are_recognised_in_each_partition_and_a_role_is_none() {
        let route = |credentials: serde_json::Value| Route {
            key: "GET /pets".into(),
            id: "r1".into(),
            authorization: Authorization::aws_iam(),
            integration: json!({"type": "aws_proxy", "credentials": credentials}),
        };
        for (credentials, is_callers) in [
            (json!("arn:aws:iam::*:user/*"), true),
            (json!("arn:aws-us-gov:iam::*:user/*"), true),
            (json!("arn:aws:iam::123456789012:role/backend"), false),
            (json!("arn:aws:iam::123456789012:user/somebody"), false),
            (json!(null), false),
        ] {
            let refused = check_credentials(&[route(credentials.clone())]);
            assert_eq!(refused.is_err(), is_callers, "{credentials}");
            if let Err(obstacle) = refused {
                assert!(
                    obstacle.message.contains("GET /pets")
                        && obstacle.message.contains("InvokeRole: NONE in SAM")
                );
            }
        }
    }
}
