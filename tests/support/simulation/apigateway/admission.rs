//! Whom API Gateway admits at one method or route, and how it refuses the others.

use super::super::account::Account;
use super::super::iam::{Role, like, one_or_many};
use super::super::settings::Settings;
use super::policies::{Decision, decide};
use super::{AUTHORIZER, Api, Key, Route};
use palisade::domain::access::authorization::AWS_IAM;
use palisade::domain::access::credentials::authorizer;
use palisade::domain::access::probe::Answer;
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// What the team's own authorizers let in.
pub const TOKEN: &str = "Bearer of-a-user";

/// What a request shows to API Gateway.
#[derive(Clone, Copy)]
pub enum Proof<'a> {
    Nothing,
    Signature(&'a Role),
    WrongSignature,
}

/// A request at API Gateway.
#[derive(Clone)]
pub struct Request<'a> {
    pub key: Key,
    pub method: &'a str,
    pub path: String,
    pub web_socket: bool,
    /// Whether CloudFront sends it.
    pub through_cloudfront: bool,
    /// Whether it comes over a custom domain name, past the default endpoint.
    pub by_domain_name: bool,
    pub proof: Proof<'a>,
    /// What CloudFront adds to every request, by the names in lower case.
    pub headers: BTreeMap<String, String>,
}

/// Where a request arrives.
pub struct Served<'a> {
    pub api: &'a Api,
    pub route: &'a Route,
    pub stage: &'a str,
    /// `arn:aws:execute-api:<region>:<account>:<api>/<stage>/<method>/<path>`
    pub arn: &'a str,
    /// The resource policy, as deployed.
    pub policy: Option<&'a Value>,
}

impl Served<'_> {
    fn decision(&self, role: Option<&str>) -> Option<Decision> {
        let policy = self.policy.filter(|policy| !policy.is_null())?;
        Some(decide(policy, role, self.arn))
    }
}

impl Account {
    pub(super) fn admit(&self, at: &Served<'_>, request: &Request<'_>) -> Answer {
        let refused = self.judge(at, request);
        let is_called_as_signed = self.settings.signed_calls_fail && at.route.authorization.kind == AWS_IAM;
        refused.unwrap_or_else(|| {
            if is_called_as_signed {
                answer(500, &[], &json!({"message": "Internal server error"}))
            } else {
                backend(&self.settings, request.web_socket)
            }
        })
    }

    /// The refusal of a request, if it is refused: authorization comes first, then the key.
    pub(super) fn judge(&self, at: &Served<'_>, request: &Request<'_>) -> Option<Answer> {
        self.judge_without_key(at, request)
            .or_else(|| self.judge_key(at, request))
    }

    /// The refusal of a request before its key is looked at.
    pub(super) fn judge_without_key(&self, at: &Served<'_>, request: &Request<'_>) -> Option<Answer> {
        let (api, route) = (at.api, at.route);
        // Where there is a policy, who shows no signature has to be allowed by it.
        let unsigned = || match at.decision(None) {
            None | Some(Decision::Allow) => None,
            Some(_) => Some(denied("anonymous", at.arn)),
        };
        match (route.authorization.kind.as_str(), &route.asks) {
            ("NONE", _) => unsigned(),
            ("AWS_IAM", _) => judge_signature(at, request).map(|answer| match api.protocol() {
                "HTTP" => forbidden(),
                _ => answer,
            }),
            ("CUSTOM", Some(asked)) if !is_of_the_team(route) => {
                unsigned().or_else(|| self.judge_header(api, route, &asked.settings, request))
            }
            // The team's authorizer, whatever it is.
            _ if request.headers.get("authorization").map(String::as_str) == Some(TOKEN) => None,
            _ if api.protocol() == "HTTP" => Some(answer(401, &[], &json!({"message": "Unauthorized"}))),
            _ => Some(refusal(401, "UnauthorizedException", "Unauthorized")),
        }
    }

    /// The refusal of a request whose header an authorizer's function does not like.
    fn judge_header(
        &self,
        api: &Api,
        route: &Route,
        asked: &authorizer::Settings,
        request: &Request<'_>,
    ) -> Option<Answer> {
        let is_http = api.protocol() == "HTTP";
        let Some(value) = request.headers.get(&asked.header) else {
            return Some(if is_http {
                answer(401, &[], &json!({"message": "Unauthorized"}))
            } else {
                refusal(401, "UnauthorizedException", "Unauthorized")
            });
        };
        let ((region, id), authorizer) = (&request.key, route.authorization.authorizer.as_deref());
        let authorizer = authorizer.unwrap_or_default();
        let source = format!(
            "arn:aws:execute-api:{region}:{}:{id}/authorizers/{authorizer}",
            self.id
        );
        match self.ask_authorizer(&asked.function_arn, &source, &asked.header, value) {
            Some(true) => None,
            Some(false) if is_http => Some(forbidden()),
            Some(false) => Some(answer(
                403,
                &[("x-amzn-errortype", "AccessDeniedException")],
                &json!({"Message": "User is not authorized to access this resource with an explicit deny"}),
            )),
            None if is_http => Some(answer(500, &[], &json!({"message": "Internal Server Error"}))),
            None => Some(answer(
                500,
                &[("x-amzn-errortype", "AuthorizerConfigurationException")],
                &json!({"message": null}),
            )),
        }
    }

    /// The refusal of a request without a key of the stage, where one is asked for.
    pub(super) fn judge_key(&self, at: &Served<'_>, request: &Request<'_>) -> Option<Answer> {
        let (api, route, stage) = (at.api, at.route, at.stage);
        let key = request.headers.get("x-api-key");
        let key = key.filter(|_| !api.observed.keys_from_authorizer);
        let is_valid = key.is_some_and(|value| self.accepts_key(&request.key, stage, value));
        (route.authorization.api_key_required && !is_valid)
            .then(|| refusal(403, "ForbiddenException", "Forbidden"))
    }
}

/// The refusal of a request without a signature that counts.
fn judge_signature(at: &Served<'_>, request: &Request<'_>) -> Option<Answer> {
    let (kind, said) = match &request.proof {
        Proof::Nothing => (
            "MissingAuthenticationTokenException",
            "Missing Authentication Token",
        ),
        Proof::WrongSignature => (
            "InvalidSignatureException",
            "The request signature we calculated does not match the signature you provided. Check your AWS Secret \
             Access Key and signing method. Consult the service documentation for details.",
        ),
        Proof::Signature(role) => {
            let decision = at.decision(Some(&role.observed.arn));
            // Within one account either policy may allow.
            let is_allowed = may_invoke(role, at.arn) || decision == Some(Decision::Allow);
            let is_denied = !is_allowed || decision == Some(Decision::Deny);
            let caller = format!("assumed-role/{}/signer", role.observed.name);
            return is_denied.then(|| denied(&caller, at.arn));
        }
    };
    Some(refusal(403, kind, said))
}

/// Whether an authorizer of the API's team is asked.
pub fn is_of_the_team(route: &Route) -> bool {
    let kind = route.authorization.kind.as_str();
    let asks = !["NONE", "AWS_IAM"].contains(&kind);
    asks && (kind != "CUSTOM" || route.authorization.authorizer.as_deref() == Some(AUTHORIZER))
}

/// Whether an inline policy of the role allows the invocation, and none denies it.
fn may_invoke(role: &Role, arn: &str) -> bool {
    let statements: Vec<&Value> = role
        .observed
        .policies
        .values()
        .flat_map(|policy| one_or_many(policy.get("Statement")))
        .collect();
    let covers = |statement: &&&Value| {
        let fits = |name: &str, wanted: &str| {
            let patterns = one_or_many(statement.get(name)).into_iter();
            patterns
                .filter_map(Value::as_str)
                .any(|pattern| like(pattern, wanted))
        };
        fits("Action", "execute-api:Invoke") && fits("Resource", arn)
    };
    let effects: Vec<_> = statements
        .iter()
        .filter(covers)
        .map(|found| &found["Effect"])
        .collect();
    effects.iter().any(|effect| *effect == "Allow") && !effects.iter().any(|effect| *effect == "Deny")
}

pub fn backend(settings: &Settings, web_socket: bool) -> Answer {
    if let Some((status, message)) = settings.backend_says {
        let named = settings.backend_names.map(|kind| ("x-amzn-errortype", kind));
        let own_id = (
            "x-amzn-remapped-x-amzn-requestid",
            "01b698dd-b190-40bd-a9ed-210abff82f35",
        );
        let remapped = settings.backend_is_remapped.then_some(own_id);
        let headers: Vec<_> = named.into_iter().chain(remapped).collect();
        return answer(status, &headers, &json!({"message": message}));
    }
    match settings.backend_status {
        200 if web_socket => answer(101, &[], &json!({})),
        200 => answer(200, &[], &json!([{"id": 1, "type": "dog", "price": 249.99}])),
        status => answer(status, &[], &json!({"error": "the backend does not like this"})),
    }
}

fn denied(caller: &str, arn: &str) -> Answer {
    let account = arn.split(':').nth(4).unwrap_or_default();
    let message = format!(
        "User: arn:aws:sts::{account}:{caller} is not authorized to perform: execute-api:Invoke on resource: {arn}"
    );
    answer(
        403,
        &[("x-amzn-errortype", "AccessDeniedException")],
        &json!({"Message": message}),
    )
}

pub fn refusal(status: u16, kind: &str, message: &str) -> Answer {
    answer(
        status,
        &[("x-amzn-errortype", kind)],
        &json!({"message": message}),
    )
}

/// How HTTP APIs refuse, whatever the cause.
fn forbidden() -> Answer {
    answer(403, &[], &json!({"message": "Forbidden"}))
}

pub fn answer(status: u16, headers: &[(&str, &str)], body: &Value) -> Answer {
    let headers = headers.iter().chain(&[("content-type", "application/json")]);
    Answer::Http {
        status,
        headers: headers
            .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
            .collect(),
        body: body.to_string(),
        address: None,
    }
}

/// What API Gateway puts on every answer, its own and the backend's. A handshake that is accepted has none of it.
pub fn marked(protocol: &str, mut given: Answer) -> Answer {
    let marks: &[(&str, &str)] = match (protocol, &given) {
        (_, Answer::Http { status: 101, .. }) => &[("sec-websocket-accept", "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=")],
        ("HTTP", _) => &[("apigw-requestid", "AbCdEfGhIAMEPkw=")],
        _ => &[
            ("x-amzn-requestid", "c6af9ac6-7b61-11e6-9a41-93e8deadbeef"),
            ("x-amz-apigw-id", "AbCdEfGhIAMEPkw="),
        ],
    };
    if let Answer::Http { headers, .. } = &mut given {
        headers.extend(
            marks
                .iter()
                .map(|(name, value)| ((*name).to_owned(), (*value).to_owned())),
        );
    }
    given
}
