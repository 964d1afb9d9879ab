//! What of an API no lock can go with: authorizers of its routes, so that nothing is built before it, and credentials of callers.

use super::authorization::{AWS_IAM, CUSTOM, Desired, Door};
use super::policy::Obstacle;
use super::proof::Proof;
use super::words;
use crate::api::{Enforcement, OriginType};
use crate::domain::kernel::reason::Reason;
use crate::domain::kernel::rejection::Rejection;

/// A route that asks for a token.
const JWT: &str = "JWT";

/// Whether the routes of an API decide whether it can be locked at all. A REST API has a mode that stands beside authorizers.
#[must_use]
pub fn may_be_refused(desired: &Desired) -> bool {
    desired.gate.r#type != OriginType::Rest && desired.enforcement == Enforcement::Enforce
}

/// Refuses an HTTP or WebSocket API whose routes have authorizers that the wanted proof would take the place of.
///
/// # Errors
/// The routes, and what can be done.
pub fn check_authorizers(desired: &Desired, routes: &[Door]) -> Result<(), Rejection> {
    // A Lambda authorizer may be one of ours that an earlier object has left.
    let is_in_the_way = |kind: &str| match desired.proof {
        Proof::Header(_) => kind == JWT || kind == AWS_IAM,
        Proof::Signature | Proof::Key => kind == JWT || kind == CUSTOM,
    };
    let is_kept = |door: &&Door| {
        let is_entry =
            desired.gate.r#type != OriginType::WebSocket || door.key == super::authorization::CONNECT;
        is_entry && !desired.exclude.contains(&door.key)
    };
    let kept = routes.iter().filter(is_kept);
    let refused: Vec<&str> = kept
        .filter(|door| is_in_the_way(&door.authorization.kind))
        .map(|door| door.key.as_str())
        .collect();
    if refused.is_empty() {
        return Ok(());
    }
    let message = words::authorizer_in_the_way(desired.gate.r#type, &desired.proof, &refused);
    Err(Rejection::new(Reason::AuthorizerInTheWay, message))
}

/// Refuses statements in the resource policy of an API whose backend is called with the caller's credentials.
///
/// # Errors
/// The methods, and what can be done.
pub(super) fn check_credentials(doors: &[Door]) -> Result<(), Obstacle> {
    let passing: Vec<&str> = doors
        .iter()
        .filter(|door| door.passes_credentials_on())
        .map(|door| door.key.as_str())
        .collect();
    if !passing.is_empty() {
        return Err(Obstacle {
            reason: Reason::CallerCredentials,
            message: format!(
                "spec.access.sigV4.exclusive: API Gateway takes no resource policy while integrations are called with the \
                 caller's credentials ({}), so every principal of the account stays let in: take arn:aws:iam::*:user/* out of \
                 their credentials (InvokeRole: NONE in SAM), or set exclusive to false",
                super::words::listed(&passing)
            ),
        });
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::access::authorization::Authorization;
    use serde_json::json;

    #[test]
    fn callers_credentials_are_recognised_in_each_partition_and_a_role_is_none() {
        let door = |credentials: serde_json::Value| Door {
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
            let refused = check_credentials(&[door(credentials.clone())]);
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
