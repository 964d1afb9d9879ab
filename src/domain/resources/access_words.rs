//! What people are told of an API's doors: what is in the way, what was refused, and what to do.

use super::access::{Canary, Desired};
use super::access_marks::Phase;
use crate::domain::probe::Verdict;
use crate::domain::reason::Reason;

/// As many methods as are named in a sentence.
const NAMED: usize = 10;

/// `GET /a, GET /b and 3 more`.
#[must_use]
pub fn listed<T: AsRef<str>>(names: &[T]) -> String {
    let shown: Vec<&str> = names.iter().take(NAMED).map(AsRef::as_ref).collect();
    let shown = shown.join(", ");
    match names.len().saturating_sub(NAMED) {
        0 => shown,
        more => format!("{shown} and {more} more"),
    }
}

pub(super) fn authorizer_in_the_way(doors: &[&str]) -> String {
    format!(
        "{} of the API ask an authorizer of their own, beside which API Gateway cannot ask for a signature; nothing is \
         locked. Name them in spec.access.excludeMethods if viewers may go on calling them directly, or take their \
         authorizers away",
        listed(doors)
    )
}

pub(super) fn canary_in_the_way(desired: &Desired, canary: &Canary) -> String {
    format!(
        "a canary release of stage {} serves deployment {} to part of the callers, which a lock of the stage would not \
         reach; promote or delete the canary first",
        desired.gate.stage, canary.deployment
    )
}

pub(super) fn no_probe_path(desired: &Desired) -> String {
    match &desired.probe_path {
        Some(path) => format!(
            "spec.origin.probePath: a GET of {path} leads to no method of stage {} that is to be locked; write one as \
             viewers call it, such as /{}/pets, or set spec.access.cutOver to AfterDeployed and spec.probes to Disabled",
            desired.gate.stage, desired.gate.stage
        ),
        None => "the API has no method that a GET reaches, so nothing can be probed: set spec.origin.probePath, or set \
                 spec.access.cutOver to AfterDeployed and spec.probes to Disabled"
            .to_owned(),
    }
}

pub(super) fn undeployed(desired: &Desired, paths: &[String]) -> String {
    format!(
        "the API has edits that stage {} does not serve yet, and the deployment that locks it would carry them: {}. \
         Deploy or undo them, or set spec.access.deployPendingChanges to true",
        desired.gate.stage,
        listed(paths)
    )
}

pub(super) fn cannot_compare(desired: &Desired) -> String {
    format!(
        "API Gateway does not tell whether the API has edits that stage {} does not serve yet, and the deployment that \
         locks it would carry them: set spec.access.deployPendingChanges to true if it may",
        desired.gate.stage
    )
}

pub(super) fn contested(desired: &Desired, open: &[String]) -> String {
    format!(
        "somebody has removed the lock of stage {} again and again: {} stand open. It is locked again within the hour. \
         Have the tool that deploys the API ask for it: authorization = \"AWS_IAM\" in Terraform's \
         aws_api_gateway_method, Auth: {{DefaultAuthorizer: AWS_IAM}} in SAM, x-amazon-apigateway-auth: {{type: AWS_IAM}} \
         in OpenAPI; or set spec.access.enforcement to Observe",
        desired.gate.stage,
        listed(open)
    )
}

pub(super) fn refused(desired: &Desired, phase: &Phase, said: Option<&str>) -> String {
    let said = said
        .filter(|said| !said.is_empty())
        .map(|said| format!(" ({said})"))
        .unwrap_or_default();
    format!(
        "after the lock of stage {} the API refused what came through the perimeter{said}, so what was before it was put \
         back and the API stands open; attempt {} failed. Check that nothing denies execute-api:Invoke to the signer's role \
         (a resource policy, a permissions boundary, an organization's policy); it is tried again by itself",
        desired.gate.stage, phase.refusals
    )
}

pub(super) fn not_in_force() -> String {
    "API Gateway brings the lock into force; this usually takes seconds".to_owned()
}

pub(super) fn probing_again(why: &str) -> String {
    format!("the API is locked, and the way through the perimeter is probed again: {why}")
}

pub(super) fn direct_open(desired: &Desired, status: u16) -> String {
    format!(
        "stage {} asks for signatures, but an unsigned request past the perimeter was answered {status}: check the stage's \
         canary and that spec.origin.probePath leads to a locked method",
        desired.gate.stage
    )
}

/// A verdict in a few words.
#[must_use]
pub fn said(verdict: &Verdict) -> String {
    match verdict {
        Verdict::Reached { status } => format!("the API answered {status}"),
        Verdict::Refused { status, said } => format!("API Gateway answered {status}: {said}"),
        Verdict::NoRoute => "API Gateway knows no route for the path".to_owned(),
        Verdict::BlockedByWebAcl => "the web ACL blocked it".to_owned(),
        Verdict::BlockedByCountry => "CloudFront refused the controller's country".to_owned(),
        Verdict::EdgeFailed { status, said } => format!("CloudFront answered {status}: {said}"),
        Verdict::Unanswered { why } => why.clone(),
    }
}

/// Why a probe through the perimeter proves nothing, and what to do; as a reason and a sentence.
#[must_use]
pub fn not_proven(verdict: &Verdict) -> (Reason, String) {
    let said = said(verdict);
    let (reason, remedy) = match verdict {
        Verdict::Refused { .. } => (
            Reason::SignatureRefused,
            "check that nothing denies execute-api:Invoke to the signer's role, and that the clocks are right",
        ),
        Verdict::NoRoute => (
            Reason::ProbePathNotFound,
            "set spec.origin.probePath to a path that a GET reaches",
        ),
        Verdict::BlockedByWebAcl => (
            Reason::ProbeBlockedByWebAcl,
            "let the controller's address through (spec.webAcl.allowCidrs, or an exception in spec.webAcl.rules), or set \
             spec.access.cutOver to AfterDeployed",
        ),
        Verdict::BlockedByCountry => (
            Reason::ProbeBlockedByWebAcl,
            "allow the controller's country in spec.distribution.geoRestriction, or set spec.access.cutOver to AfterDeployed",
        ),
        Verdict::Reached { .. } | Verdict::EdgeFailed { .. } | Verdict::Unanswered { .. } => (
            Reason::ProbeFailed,
            "check that the controller reaches CloudFront and that the API answers; it is tried again by itself",
        ),
    };
    (
        reason,
        format!("a probe through the perimeter proves nothing: {said}; {remedy}"),
    )
}
