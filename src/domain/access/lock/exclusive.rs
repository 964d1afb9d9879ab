//! What our statements in the API's resource policy need next, beside the lock and in its deployment.

use crate::api::OriginType;
use crate::domain::access::asked::as_deployed;
use crate::domain::access::asked::description;
use crate::domain::access::asked::policy::{self, Obstacle, same};
use crate::domain::access::authorization::{Action, Desired, Observed};
use crate::domain::access::inputs::{Call, Plan, Step};
use crate::domain::access::listing::listed;
use crate::domain::access::obstacles::policy_wanted;
use crate::domain::access::probe::Verdict;
use crate::domain::access::probing::verdicts::said;
use crate::domain::access::proof::Proof;
use crate::domain::access::routes::Routes;
use crate::domain::access::table::cause::Cause;
use crate::domain::access::table::marks::Phase;
use crate::domain::access::waiting::problem;
use crate::domain::access::words::words_of_canary;
use crate::domain::access::words::words_of_lock;
use crate::domain::kernel::change::Change;
use crate::domain::kernel::planning::{Id, Kind, Problem, Verb};
use crate::domain::kernel::reason::Reason;
use serde_json::{Value, json};
use std::time::Duration;

/// An address rule is looked at again this often.
const RETRY: Duration = Duration::from_secs(30);

/// Holds the distribution back until it is known whom our statement lets in.
pub(super) fn hold_until_read(desired: &Desired, plan: &mut Plan<impl From<Call>>) {
    if desired.exclusive.is_some() {
        plan.hold(Kind::Distribution, Kind::Access);
    }
}

/// Holds the distribution back while a role that is to sign is not let in yet by our statement.
pub(super) fn admit_first(desired: &Desired, found: &Observed, plan: &mut Plan<impl From<Call>>) -> bool {
    let is_held = policy_wanted::admits_another(desired, found);
    if is_held {
        plan.hold(Kind::Distribution, Kind::Access);
    }
    is_held
}

/// What to do about statements that ask for the caller's address, without letting in anybody meanwhile.
const ADDRESSES: &str = "First have the web ACL refuse whom the policy refuses: networks that it denies go into \
                         spec.webAcl.blockCidrs; where it lets in some networks alone, write a rule in spec.webAcl.rules that \
                         blocks all others (a NotStatement; spec.webAcl.allowCidrs refuses nobody). Then take that condition \
                         out of the policy and deploy it; until the lock is made the API's own address is open to all";

impl Routes<'_> {
    /// Whether the policy has of ours what it should, as edited and as deployed. What cannot be written is a problem of
    /// its own, which leaves the lock as such alone.
    pub(super) fn policy_stands(&self) -> bool {
        let (policies, wanted) = (&self.found.policies, self.statements());
        same(&policies.edited_of(&self.desired.owner), &wanted)
            && policies.serves(&wanted, &self.desired.owner)
    }

    /// Whether the stage serves the statements of ours that there should be.
    pub(in crate::domain::access) fn policy_is_served(&self) -> bool {
        self.found
            .policies
            .serves(&self.statements(), &self.desired.owner)
    }

    /// Why the policy does not have what it should, where only a person can help.
    pub(super) fn policy_problem(&self) -> Option<Problem> {
        let obstacle = self.wanted_statements().err()?;
        Some(problem(obstacle.reason, obstacle.message, None).about("spec.access.sigV4.exclusive"))
    }

    /// Our statements as they should be; as they are, where that cannot be written.
    fn statements(&self) -> Vec<Value> {
        let wanted = self.wanted_statements();
        wanted.unwrap_or_else(|_| self.found.policies.edited_of(&self.desired.owner))
    }

    fn wanted_statements(&self) -> Result<Vec<Value>, Obstacle> {
        // A spec of the mode that is to come does not tell whether the signer alone is let in.
        if self.is_held_with_host() {
            return Ok(self.found.policies.edited_of(&self.desired.owner));
        }
        let others = self.inputs.other_signers;
        policy_wanted::wanted(self.desired, self.found, self.is_settled, others)
    }

    /// The call that puts our statements into the working copy.
    pub(super) fn write_policy(&self) -> Option<Step> {
        self.set_policy(&self.statements(), false)
    }

    /// The call that brings them back to what the stage serves; or takes them away, where that is the lock.
    pub(super) fn put_policy_back(&self, is_lock_served: bool) -> Option<Step> {
        let policies = &self.found.policies;
        if is_lock_served {
            return self.set_policy(&[], true);
        }
        let served = policy::Policies {
            edited: policies.served.clone(),
            vanished: policies.vanished.clone(),
            ..policy::Policies::default()
        };
        self.set_policy(&served.edited_of(&self.desired.owner), true)
    }

    fn set_policy(&self, wanted: &[Value], is_back: bool) -> Option<Step> {
        let (policies, owner) = (&self.found.policies, &self.desired.owner);
        let found = policies.edited_of(owner);
        if same(&found, wanted) {
            return None;
        }
        let change = Change {
            path: "policy".to_owned(),
            from: json!(found),
            to: json!(wanted),
        };
        let action = Action::SetPolicy {
            from: policies.edited.clone(),
            to: policies.with(wanted, owner),
            is_exclusive: !wanted.is_empty(),
            is_back,
        };
        Some(Step {
            id: Id {
                kind: Kind::Access,
                part: "policy".to_owned(),
            },
            ..self.step(Verb::Update, vec![change], action)
        })
    }

    /// The description of a deployment of the working copy.
    pub(in crate::domain::access) fn description(&self) -> String {
        let policies = &self.found.policies;
        let is_read = self.desired.gate.r#type == OriginType::Rest && self.desired.proof == Proof::Signature;
        let whole = if is_read {
            policy::told_whole(&policies.edited)
        } else {
            String::new()
        };
        let told = policy::told(&policies.edited_of(&self.desired.owner));
        let routes = as_deployed::told(self.desired.gate.r#type, &self.found.routes);
        format!(
            "{}{whole}{told}{routes}",
            description(&self.desired.owner, &self.desired.proof, self.is_whole())
        )
    }

    /// What is told after a refusal.
    pub(in crate::domain::access) fn refused(&self, phase: &Phase, said_then: Option<&str>) -> String {
        let mut message = words_of_lock::refused(self.desired, phase, said_then);
        let is_refusal = matches!(phase.cause, None | Some(Cause::Refused));
        if is_refusal && self.open_routes().is_empty() {
            message = format!(
                "a request through the perimeter did not get in once the API's resource policy named the signer's role alone{}, \
                 so what was before it was put back: stage {} stays locked, and lets in every principal of the account; \
                 attempt {} failed. Check what else the policy denies; it is tried again at {}, or at once when the \
                 annotation palisade.dev/look is changed",
                said_then.map(|said| format!(" ({said})")).unwrap_or_default(),
                self.desired.gate.stage,
                phase.refusals,
                phase.due_at()
            );
        }
        if self.canary_keeps_lock() {
            message.push_str(&words_of_canary::canary_keeps_lock(&self.desired.gate.stage));
        }
        let rivals = policies_of_others(self);
        if !rivals.is_empty() {
            message.push_str(". Its resource policy lets only the role of another ProtectedApi in, perhaps of another cluster: ");
            message.push_str(&listed(&rivals));
            message.push_str(
                ". If that object is gone, take the statement out of the policy and deploy the stage",
            );
        }
        let names = self.found.policies.by_address();
        if !names.is_empty() {
            message.push_str(". It also asks for the caller's address, which is CloudFront's now: ");
            message.push_str(&listed(&names));
        }
        message
    }

    /// A refusal that statements which ask for a caller's address explain.
    pub(super) fn refused_by_address(&self, verdict: &Verdict) -> Option<Problem> {
        let names = self.found.policies.by_address();
        let is_refusal = matches!(verdict, Verdict::Refused { .. }) && !names.is_empty();
        is_refusal.then(|| {
            let message = format!(
                "a probe through the perimeter was refused ({}), and the API's resource policy asks for the caller's \
                 address ({}), which is CloudFront's now. {ADDRESSES}",
                said(verdict),
                listed(&names)
            );
            problem(Reason::SourceIpPolicyInTheWay, message, Some(RETRY))
        })
    }

    /// Without probes nobody would notice that such a statement denies CloudFront.
    pub(super) fn unproven_address(&self) -> Option<Problem> {
        let policies = &self.found.policies;
        (!self.is_probed() && policies.denies_by_address()).then(|| {
            let remedy = if self.desired.probes {
                "no method of the API can be probed, so nobody would notice that it refuses viewers"
            } else {
                "without probes nobody would notice that it refuses viewers: set spec.probes to Enabled"
            };
            let message = format!(
                "the API's resource policy denies by the caller's address ({}), which is CloudFront's now, and {remedy}. \
                 {ADDRESSES}",
                listed(&policies.by_address())
            );
            problem(Reason::SourceIpPolicyInTheWay, message, None)
        })
    }
}

/// `Sid`s of statements by which other objects that are not known to be gone keep the stage to themselves.
fn policies_of_others(routes: &Routes<'_>) -> Vec<String> {
    let policies = &routes.found.policies;
    let rivals = policies.rivals(&routes.desired.gate.stage, &routes.desired.owner);
    let standing = rivals
        .into_iter()
        .filter(|rival| !policies.vanished.contains(&rival.uid));
    standing.map(|rival| rival.sid).collect()
}
