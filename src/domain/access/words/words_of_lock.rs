//! What people are told of a lock that comes into force, is refused and put back, or is removed by somebody.

use crate::api::OriginType;
use crate::domain::access::authorization::Desired;
use crate::domain::access::listing::{agreed, listed};
use crate::domain::access::probe::Verdict;
use crate::domain::access::probing::verdicts::{advice, said};
use crate::domain::access::proof::Proof;
use crate::domain::access::table::cause::Cause;
use crate::domain::access::table::marks::Phase;
use crate::domain::kernel::identity::Owner;
use crate::domain::kernel::words::begun;
use crate::domain::kernel::words::moment;

pub(in crate::domain::access) fn contested(
    desired: &Desired,
    [deployed, edited]: [&[String]; 2],
    sharing: &[String],
) -> String {
    let stage = &desired.gate.stage;
    let open = if deployed.is_empty() {
        format!(
            "{} once the stage is deployed",
            agreed(
                edited,
                "does not ask for it as edited, and stands open",
                "do not ask for it as edited, and stand open"
            )
        )
    } else {
        agreed(deployed, "stands open", "stand open")
    };
    let shared = if sharing.is_empty() {
        String::new()
    } else {
        format!(
            " Its methods are shared with other stages, and what {} puts back is put back here as well: see whether that one is \
             refused.",
            listed(sharing)
        )
    };
    format!(
        "somebody has removed the lock of stage {stage} again and again: {open}. It is locked again within the hour.{shared} \
         Have the tool that deploys the API ask for it: {}; or set spec.access.enforcement to Observe, and the API stays open",
        tools_lines(desired.gate.r#type, &desired.proof)
    )
}

/// What has each tool ask for `proof` by itself.
fn tools_lines(r#type: OriginType, proof: &Proof) -> &'static str {
    match (r#type, proof) {
        (OriginType::Rest, Proof::Signature) => {
            "authorization = \"AWS_IAM\" in Terraform's aws_api_gateway_method, Auth: {DefaultAuthorizer: AWS_IAM, InvokeRole: NONE} \
             in SAM (without InvokeRole: NONE it has the backend called with the caller's credentials, which ends in 500), \
             x-amazon-apigateway-auth: {type: AWS_IAM} in OpenAPI"
        }
        (OriginType::Http, Proof::Signature) => {
            "authorization_type = \"AWS_IAM\" in Terraform's aws_apigatewayv2_route, Auth: {EnableIamAuthorizer: true, \
             DefaultAuthorizer: AWS_IAM} in SAM's HttpApi, x-amazon-apigateway-auth: {type: AWS_IAM} in OpenAPI"
        }
        (OriginType::WebSocket, Proof::Signature) => {
            "of the route $connect, authorization_type = \"AWS_IAM\" in Terraform's aws_apigatewayv2_route, \
             AuthorizationType: AWS_IAM in SAM's and CloudFormation's AWS::ApiGatewayV2::Route"
        }
        (_, Proof::Key) => {
            "api_key_required = true in Terraform's aws_api_gateway_method, Auth: {ApiKeyRequired: true} in SAM, \
             security: [{api_key: []}] in OpenAPI"
        }
        (_, Proof::Certificate) => {
            "disable_execute_api_endpoint = true in Terraform's aws_api_gateway_rest_api and aws_apigatewayv2_api, \
             DisableExecuteApiEndpoint: true in SAM and CloudFormation, \
             x-amazon-apigateway-endpoint-configuration: {disableExecuteApiEndpoint: true} in OpenAPI"
        }
        (OriginType::Rest, Proof::Header(_)) => {
            "authorization = \"CUSTOM\" with the authorizer_id of Palisade's authorizer in Terraform's \
             aws_api_gateway_method; SAM and OpenAPI cannot name an authorizer that they do not define, so leave \
             authorization out of them or choose another mode"
        }
        (OriginType::Http | OriginType::WebSocket, Proof::Header(_)) => {
            "authorization_type = \"CUSTOM\" with the authorizer_id of Palisade's authorizer in Terraform's \
             aws_apigatewayv2_route (of a WebSocket API, of $connect); SAM and OpenAPI cannot name an authorizer that they do \
             not define, so leave authorization out of them or choose another mode"
        }
    }
}

pub(in crate::domain::access) fn refused(desired: &Desired, phase: &Phase, said: Option<&str>) -> String {
    let cause = phase.cause.unwrap_or(Cause::Refused);
    let (what, remedy) = match cause {
        Cause::Refused => (
            "the API refused what came through the perimeter",
            advice(desired, cause).1,
        ),
        Cause::NotInForce => (
            "a request past the perimeter with the new proof alone did not get in",
            advice(desired, cause).1,
        ),
        Cause::NotServed => ("the stage as deployed did not show it", advice(desired, cause).1),
        Cause::DirectOpen => (
            "a request without any proof still got in past the perimeter",
            OPEN_STILL,
        ),
        Cause::Broken => (
            "requests through the perimeter failed that had been answered before",
            BROKEN,
        ),
        cause => (
            "a probe through the perimeter did not prove that viewers get in",
            advice(desired, cause).1,
        ),
    };
    let said = said
        .filter(|said| !said.is_empty() && *said != what)
        .map(|said| format!(" ({said})"))
        .unwrap_or_default();
    format!(
        "after the lock of stage {} {what}{said}, so what was before it was put back; attempt {} failed. {}; it is tried again at \
         {}, or at once when the annotation palisade.dev/look is changed",
        desired.gate.stage,
        phase.refusals,
        begun(remedy),
        phase.due_at()
    )
}

const OPEN_STILL: &str = "Check whether a canary serves the stage, whether spec.origin.probePath leads to a method that is locked, \
                          and whether gateway responses of the API hide what it refuses";

const BROKEN: &str = "Look at the backend's own logs, and at integrations that are called with the caller's credentials: behind \
                      the perimeter the caller is its signer. With spec.access.mode SecretHeader, check as well that API Gateway \
                      may invoke the authorizer's function";

/// The description of a deployment that gives viewers back what they met before the lock of `phase`: once it is served, it is
/// none of ours.
#[must_use]
pub fn description_of_what_was(owner: &Owner, phase: &Phase) -> String {
    format!(
        "as before the lock of {} of {}, by palisade",
        owner.made_for().object(),
        moment(phase.since)
    )
}

/// Whether `description` is of a deployment that gave viewers back what they met before a lock of `owner`'s.
#[must_use]
pub fn is_of_what_was(description: &str, owner: &Owner) -> bool {
    let begin = format!("as before the lock of {} of ", owner.made_for().object());
    description.starts_with(&begin) && description.ends_with(", by palisade")
}

pub(in crate::domain::access) fn not_known_what_was_open(desired: &Desired) -> String {
    format!(
        "stage {} refuses what comes through the perimeter, the deployment that it served before the lock is gone, and which \
         methods stood open is not known any more, so none is opened: set their authorization with the tool that deploys the \
         API, deploy them, and the stage is locked anew by itself",
        desired.gate.stage
    )
}

pub(in crate::domain::access) fn not_in_force() -> String {
    "API Gateway brings the lock into force; this usually takes seconds".to_owned()
}

/// What the new proof alone was answered past the perimeter.
pub(in crate::domain::access) fn never_in_force(next: Option<&Verdict>) -> String {
    next.map_or_else(|| "no such request could be sent".to_owned(), said)
}

pub(in crate::domain::access) fn probing_again(why: &str) -> String {
    format!("the API is locked, and the way through the perimeter is probed again: {why}")
}
