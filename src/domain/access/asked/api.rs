//! The API Gateway API itself: never written. What may change after a lock is read with the routes again.

use super::Gate;
use crate::api::{Origin, OriginType};
use crate::domain::access::proof::Proof;
use crate::domain::kernel::reason::Reason;
use crate::domain::kernel::rejection::Rejection;
use serde::Serialize;
use serde_json::Value;

/// The stage of an HTTP API that needs no name in a path.
pub const DEFAULT_STAGE: &str = "$default";

/// What API Gateway says of an API.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Observed {
    /// `REST`, `HTTP` or `WEBSOCKET`.
    pub protocol: String,
    /// REST: `REGIONAL`, `EDGE` or `PRIVATE`, as far as given. Others: empty.
    pub endpoint_types: Vec<String>,
    /// Whether the default `execute-api` endpoint, our origin, is switched off.
    pub default_endpoint_disabled: bool,
    /// REST: whether an authorizer, and not the caller, gives the API key.
    pub keys_from_authorizer: bool,
    /// REST: the resource policy as edited; null where there is none.
    pub policy: Value,
    /// REST: the security policy of its TLS handshakes, as far as given.
    pub security_policy: Option<String>,
    /// REST: `STRICT` or `BASIC`, with an enhanced security policy.
    pub endpoint_access_mode: Option<String>,
}

const EDGE_OPTIMISED: &str =
    "an edge-optimised API sits behind a CloudFront of its own: change its endpoint type to REGIONAL";
const PRIVATE: &str = "CloudFront cannot reach a private API. Leave it so if it is meant for its VPCs alone: with the endpoint type \
                       REGIONAL it is on the Internet before any perimeter stands, as open as its methods and its resource \
                       policy leave it, and a policy that asks for aws:SourceVpce may then refuse CloudFront, too";

/// Why the API cannot stand behind a perimeter that shows `proof`, if it cannot.
#[must_use]
pub fn check(origin: &Origin, proof: &Proof, observed: &Observed) -> Option<Rejection> {
    let declared = match origin.r#type {
        OriginType::Rest => "REST",
        OriginType::Http => "HTTP",
        OriginType::WebSocket => "WEBSOCKET",
    };
    if observed.protocol != declared {
        return Some(Rejection::new(
            Reason::ApiTypeMismatch,
            format!(
                "spec.origin.type: {} is of type {}, not {declared}; the type is immutable, so delete this object and \
                 declare it anew",
                origin.endpoint, observed.protocol
            ),
        ));
    }
    if let Some(kind) = observed.endpoint_types.iter().find(|kind| *kind != "REGIONAL") {
        let why = if kind == "PRIVATE" {
            PRIVATE
        } else {
            EDGE_OPTIMISED
        };
        return Some(Rejection::new(
            Reason::UnsupportedEndpoint,
            format!("spec.origin.endpoint: {} is {kind}; {why}", origin.endpoint),
        ));
    }
    if *proof == Proof::Certificate {
        return check_for_certificates(origin);
    }
    // API Gateway serves that setting of a REST API with the next deployment only.
    let deployed = match origin.r#type {
        OriginType::Rest => ", and deploy the stage, which makes all edits of the API live",
        OriginType::Http | OriginType::WebSocket => "",
    };
    observed.default_endpoint_disabled.then(|| {
        Rejection::new(
            Reason::EndpointDisabled,
            format!(
                "spec.origin.endpoint: the default endpoint of {} is disabled, but CloudFront reaches the API there: \
                 enable it (disableExecuteApiEndpoint=false){deployed}",
                origin.endpoint
            ),
        )
    })
}

/// Behind a custom domain name that asks for a client certificate, the default endpoint may be off.
fn check_for_certificates(origin: &Origin) -> Option<Rejection> {
    (origin.r#type == OriginType::WebSocket).then(|| {
        Rejection::new(
            Reason::InvalidSpec,
            "spec.access.mode: CloudFront shows no client certificate to a WebSocket API; set the mode to SigV4 or SecretHeader"
                .to_owned(),
        )
    })
}

/// Refuses a path that leads to another stage than the declared one: at an API's own endpoint the first part of the path is the
/// stage, whatever custom domain names map.
///
/// # Errors
/// The field, and what it may be.
pub fn check_path(origin: &Origin) -> Result<(), Rejection> {
    let path = origin.path.as_deref().unwrap_or_default();
    let within = path
        .strip_prefix('/')
        .and_then(|path| path.strip_prefix(&origin.stage));
    let is_of_stage = within.is_some_and(|rest| rest.is_empty() || rest.starts_with('/'));
    if path.is_empty() || origin.stage == DEFAULT_STAGE || is_of_stage {
        return Ok(());
    }
    Err(Rejection::new(
        Reason::InvalidSpec,
        format!(
            "spec.origin.path: {path} does not lead to stage {stage}, since at the API's own endpoint the first part of the path is \
             the stage; set it to /{stage}, or leave it out and viewers write the stage themselves",
            stage = origin.stage
        ),
    ))
}

/// The refusal of an API that is not there.
#[must_use]
pub fn not_found(origin: &Origin) -> Rejection {
    let (region, id) = crate::domain::kernel::endpoint::region_and_id_or_any(&origin.endpoint);
    let kind = match origin.r#type {
        OriginType::Rest => "REST API",
        OriginType::Http | OriginType::WebSocket => "HTTP or WebSocket API",
    };
    Rejection::new(
        Reason::ApiNotFound,
        format!(
            "spec.origin: there is no {kind} {id} in {region} of this account; check endpoint and type (with another \
             type the object has to be declared anew), and that the controller's credentials are of the API's account"
        ),
    )
}

/// So many stages are named beside one that is not there.
const MOST_STAGES: usize = 10;

/// The refusal of a stage that is not there, with those that are, as far as they are known.
#[must_use]
pub fn stage_not_found(origin: &Origin, known: &[String]) -> Rejection {
    let named: Vec<&str> = known.iter().map(String::as_str).take(MOST_STAGES).collect();
    let there_are = match (named.is_empty(), known.len() > MOST_STAGES) {
        (true, _) => String::new(),
        (false, false) => format!(" (it has {})", named.join(", ")),
        (false, true) => format!(" (it has {} and others)", named.join(", ")),
    };
    Rejection::new(
        Reason::StageNotFound,
        format!(
            "spec.origin.stage: {} has no stage {}; deploy it, or name another{there_are}",
            origin.endpoint, origin.stage
        ),
    )
}

/// An API or a stage that was there before, and is not any more.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Gone {
    /// Which of them.
    pub reason: Reason,
    /// What is not there, for people.
    pub what: String,
    /// What to do.
    pub remedy: &'static str,
}

/// What of `gate` is gone, where `reason` is why it cannot be read; `None` for other reasons.
#[must_use]
pub fn gone(gate: &Gate, reason: Reason) -> Option<Gone> {
    let (what, remedy) = match reason {
        Reason::ApiNotFound => (
            format!("API {} does not exist any more in {}", gate.api_id, gate.region),
            "An API that is made anew has another id: declare it in a ProtectedApi of its own. Where one of this id is found again, \
             it is locked by itself. If the API is there, see that the controller's credentials are of its account",
        ),
        Reason::StageNotFound => (
            format!(
                "stage {} of API {} does not exist any more",
                gate.stage, gate.api_id
            ),
            "Deploy the API to a stage of this name again: it is locked then",
        ),
        _ => return None,
    };
    Some(Gone { reason, what, remedy })
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn rejection(kind: &str, endpoint_type: &str, is_disabled: bool, proof: &Proof) -> Option<Rejection> {
        let observed = Observed {
            protocol: kind.to_owned(),
            endpoint_types: vec![endpoint_type.to_owned()],
            default_endpoint_disabled: is_disabled,
            keys_from_authorizer: false,
            policy: Value::Null,
            security_policy: None,
            endpoint_access_mode: None,
        };
        let origin = json!({
            "endpoint": "a1b2c3d4e5.execute-api.eu-north-1.amazonaws.com", "type": kind, "stage": "prod"
        });
        check(&serde_json::from_value(origin).unwrap(), proof, &observed)
    }

    fn refused(kind: &str, endpoint_type: &str, is_disabled: bool) -> String {
        rejection(kind, endpoint_type, is_disabled, &Proof::Signature)
            .unwrap()
            .message
    }

    #[test]
    fn an_endpoint_that_is_off_is_right_for_certificates_and_a_web_socket_is_not() {
        for kind in ["REST", "HTTP"] {
            for is_disabled in [false, true] {
                assert!(rejection(kind, "REGIONAL", is_disabled, &Proof::Certificate).is_none());
            }
        }
        let refused = rejection("WEBSOCKET", "REGIONAL", false, &Proof::Certificate).unwrap();
        assert!(
            refused.message.starts_with("spec.access.mode"),
            "{}",
            refused.message
        );
        let private = rejection("REST", "PRIVATE", false, &Proof::Certificate).unwrap();
        assert_eq!(private.reason, Reason::UnsupportedEndpoint);
    }

    #[test]
    fn nobody_is_told_to_put_an_internal_api_on_the_internet() {
        let private = refused("REST", "PRIVATE", false);
        for word in ["on the Internet before any perimeter", "aws:SourceVpce"] {
            assert!(private.contains(word), "{private}");
        }
        let change = "change its endpoint type";
        assert!(!private.contains(change), "{private}");
        assert!(refused("REST", "EDGE", false).contains(change));
    }

    #[test]
    fn a_stage_that_is_not_there_is_refused_with_those_that_are() {
        let origin = json!({"endpoint": "a1b2c3d4e5.execute-api.eu-north-1.amazonaws.com", "type": "HTTP", "stage": "prod"});
        let origin: Origin = serde_json::from_value(origin).unwrap();
        let refused = |known: &[String]| stage_not_found(&origin, known).message;
        assert!(refused(&[]).ends_with("has no stage prod; deploy it, or name another"));
        let one = refused(&["$default".to_owned()]);
        assert!(one.ends_with("name another (it has $default)"), "{one}");
        let many: Vec<String> = (0..=MOST_STAGES).map(|number| format!("s{number}")).collect();
        let many = refused(&many);
        assert!(many.ends_with("s8, s9 and others)"), "{many}");
    }

    #[test]
    fn a_rest_apis_endpoint_is_enabled_by_a_deployment() {
        assert!(
            refused("REST", "REGIONAL", true)
                .ends_with("and deploy the stage, which makes all edits of the API live")
        );
        assert!(refused("HTTP", "REGIONAL", true).ends_with("(disableExecuteApiEndpoint=false)"));
    }

    #[test]
    fn a_path_leads_to_the_declared_stage_or_is_refused() {
        let origin = |kind: &str, stage: &str, path: &str| -> Origin {
            let yaml = format!(
                "{{endpoint: a1b2c3d4e5.execute-api.eu-north-1.amazonaws.com, type: {kind}, stage: '{stage}', path: '{path}'}}"
            );
            serde_yaml::from_str(&yaml).unwrap()
        };
        for (kind, stage, path, is_right) in [
            ("REST", "prod", "", true),
            ("REST", "prod", "/prod", true),
            ("REST", "prod", "/prod/v1", true),
            ("REST", "prod", "/dev", false),
            ("REST", "prod", "/production", false),
            ("REST", "prod", "/v1/prod", false),
            ("WEBSOCKET", "prod", "/dev", false),
            ("HTTP", "live", "/live", true),
            ("HTTP", "live", "/orders", false),
            ("HTTP", "$default", "/orders", true),
        ] {
            let found = check_path(&origin(kind, stage, path));
            assert_eq!(found.is_ok(), is_right, "{kind} {stage} {path}");
            if let Err(refusal) = found {
                assert_eq!(refusal.reason, Reason::InvalidSpec);
                assert!(
                    refusal.message.contains("spec.origin.path"),
                    "{}",
                    refusal.message
                );
            }
        }
    }
}
