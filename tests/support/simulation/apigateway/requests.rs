//! The data path: a request through CloudFront as deployed to the API as deployed, or straight to the API.

use super::super::SimulatedCloud;
use super::super::account::{ACCOUNT, Account};
use super::super::cloudfront::Distribution;
use super::super::iam::{Role, one_or_many};
use super::super::settings::Settings;
use super::policies::{self, Decision, decide};
use super::routing::{door_of, example, stage_of};
use super::{Api, Door, Key};
use async_trait::async_trait;
use palisade::controller::probes::Prober;
use palisade::domain::probe::{Answer, Probe, Verdict, Way, verdict};
use palisade::domain::xml;
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// What a request shows to API Gateway.
enum Proof<'a> {
    Nothing,
    Signature(&'a Role),
    WrongSignature,
}

/// A request at API Gateway.
struct Request<'a> {
    key: Key,
    method: &'a str,
    path: String,
    web_socket: bool,
    proof: Proof<'a>,
}

#[async_trait]
impl Prober for SimulatedCloud {
    async fn probe(&self, probe: &Probe) -> Answer {
        tokio::task::yield_now().await;
        let mut state = self.lock();
        state.probes.push(probe.clone());
        let account = &state.account;
        match probe.way {
            Way::Viewer => account.view(probe),
            Way::Direct => match api_of(&probe.host) {
                Some(key) => account.invoke(&Request {
                    key,
                    method: "GET",
                    path: probe.path.clone(),
                    web_socket: probe.web_socket,
                    proof: Proof::Nothing,
                }),
                None => Answer::Failed(format!("{} is not known", probe.host)),
            },
        }
    }
}

impl SimulatedCloud {
    /// Probes so far, in their order.
    pub fn probes(&self) -> Vec<Probe> {
        self.lock().probes.clone()
    }

    /// Whether what the distribution sends, as it is deployed, is accepted by its API, as that is deployed: for each
    /// method or route that is open or asks for a signature, canaries included. A distribution that serves nobody sends
    /// nothing.
    pub fn viewer_is_served(&self, distribution: &str) -> Result<(), String> {
        let state = self.lock();
        let account = &state.account;
        match account.cloudfront.all.get(distribution) {
            Some(found) => account.viewers_of(found),
            None => Ok(()),
        }
    }
}

impl Account {
    fn view(&self, probe: &Probe) -> Answer {
        let mut all = self.cloudfront.all.values();
        let answers_to = |found: &&Distribution| {
            found.domain_name == probe.host || found.live_aliases().contains(&probe.host)
        };
        let Some(distribution) = all.find(answers_to) else {
            return edge(
                403,
                "Bad request. We can't connect to the server for this app or website at this time.",
            );
        };
        if self.settings.web_acl_blocks_probes && distribution.is_live() {
            return edge(403, "Request blocked.");
        }
        match self.forward(distribution) {
            Ok((key, prefix, proof)) => self.invoke(&Request {
                key,
                method: "GET",
                path: format!("{prefix}{}", probe.path),
                web_socket: probe.web_socket,
                proof,
            }),
            Err(answer) => answer,
        }
    }

    /// What CloudFront makes of a viewer's request: the API, what stands before the path, and the proof.
    fn forward(&self, distribution: &Distribution) -> Result<(Key, String, Proof<'_>), Answer> {
        let live = distribution.live().filter(|_| distribution.is_live());
        let live = live.ok_or_else(|| edge(403, "The distribution is disabled."))?;
        let origin = xml::items_at(live, "Origins").into_iter().next();
        let text = |name| {
            origin
                .and_then(|origin| xml::text_at(origin, name))
                .unwrap_or_default()
        };
        let key = api_of(&text("DomainName"))
            .ok_or_else(|| edge(502, "CloudFront wasn't able to resolve the origin domain name."))?;
        Ok((key, text("OriginPath"), self.signature(distribution)?))
    }

    /// The signer runs with its role; without a signer nothing is signed.
    fn signature(&self, distribution: &Distribution) -> Result<Proof<'_>, Answer> {
        let Some(arn) = distribution.live_functions().into_iter().next() else {
            return Ok(Proof::Nothing);
        };
        let broken = || {
            edge(
                502,
                "The Lambda function associated with the CloudFront distribution is invalid or doesn't have the \
                 required permissions.",
            )
        };
        let version = self.version_by_arn(&arn).ok_or_else(broken)?;
        let role = self.role_by_arn(&version.settings.role).ok_or_else(broken)?;
        if self.settings.signer_is_broken {
            return Ok(Proof::WrongSignature);
        }
        Ok(Proof::Signature(role))
    }

    fn invoke(&self, request: &Request<'_>) -> Answer {
        let Some(api) = self.apis.all.get(&request.key) else {
            return refusal("ForbiddenException", "Forbidden");
        };
        if api.observed.default_endpoint_disabled {
            return refusal("ForbiddenException", "Forbidden");
        }
        let Some((stage, path)) = stage_of(api, &request.path) else {
            return no_stage(api);
        };
        let served = api.stages.get(&stage).and_then(|found| found.served());
        let found = served.and_then(|served| match api.observed.protocol.as_str() {
            "WEBSOCKET" => served.doors.get_key_value("$connect"),
            _ => door_of(&served.doors, request.method, path),
        });
        let socket = api.observed.protocol == "WEBSOCKET";
        if socket && !request.web_socket {
            return answer(426, &[], &json!({"message": "Upgrade Required"}));
        }
        let resource = if socket {
            format!("{stage}/$connect")
        } else {
            format!("{stage}/{}{path}", request.method)
        };
        match found {
            Some((_, door)) => self.admit(
                api,
                door,
                request,
                &resource,
                served.map(|served| &*served.policy),
            ),
            // A WebSocket API without $connect takes everybody.
            None if socket => backend(&self.settings, true),
            None if api.is_rest() => refusal(
                "MissingAuthenticationTokenException",
                "Missing Authentication Token",
            ),
            None => answer(404, &[], &json!({"message": "Not Found"})),
        }
    }

    fn admit(
        &self,
        api: &Api,
        door: &Door,
        request: &Request<'_>,
        resource: &str,
        policy: Option<&Value>,
    ) -> Answer {
        let arn = policies::arn(&request.key, resource);
        let policy = policy.filter(|policy| !policy.is_null());
        let decision = |role| policy.map(|policy| decide(policy, role, &arn));
        let in_http = |answer: Answer| {
            if api.observed.protocol == "HTTP" {
                forbidden()
            } else {
                answer
            }
        };
        match door.authorization.kind.as_str() {
            // Where there is a policy, who shows nothing has to be allowed by it.
            "NONE" => match decision(None) {
                None | Some(Decision::Allow) => {}
                Some(_) => return denied("anonymous", &arn),
            },
            "AWS_IAM" => match &request.proof {
                Proof::Nothing => {
                    return in_http(refusal(
                        "MissingAuthenticationTokenException",
                        "Missing Authentication Token",
                    ));
                }
                Proof::WrongSignature => {
                    let said = "The request signature we calculated does not match the signature you provided. Check \
                                your AWS Secret Access Key and signing method. Consult the service documentation for \
                                details.";
                    return in_http(refusal("InvalidSignatureException", said));
                }
                Proof::Signature(role) => {
                    let decision = decision(Some(&role.observed.arn));
                    // Within one account either policy may allow.
                    let is_allowed = may_invoke(role, &arn) || decision == Some(Decision::Allow);
                    if !is_allowed || decision == Some(Decision::Deny) {
                        let caller = format!("assumed-role/{}/signer", role.observed.name);
                        return in_http(denied(&caller, &arn));
                    }
                }
            },
            _ => {
                return answer(
                    401,
                    &[("x-amzn-errortype", "UnauthorizedException")],
                    &json!({"message": "Unauthorized"}),
                );
            }
        }
        if door.authorization.api_key_required {
            return refusal("ForbiddenException", "Forbidden");
        }
        backend(&self.settings, request.web_socket)
    }

    fn viewers_of(&self, distribution: &Distribution) -> Result<(), String> {
        let Ok((key, prefix, proof)) = self.forward(distribution) else {
            return Ok(());
        };
        let Some(api) = self.apis.all.get(&key) else {
            return Ok(());
        };
        let mut request = Request {
            key: key.clone(),
            method: "",
            path: String::new(),
            web_socket: api.observed.protocol == "WEBSOCKET",
            proof,
        };
        for (name, stage) in &api.stages {
            let canary = stage.canary.as_ref().filter(|canary| canary.is_served);
            let canary = canary.and_then(|canary| api.deployments.get(&canary.deployment));
            let canary = canary.map(|found| (&*found.doors, &*found.policy));
            let served = stage.served().map(|served| (&*served.doors, &*served.policy));
            let doors = served.into_iter().chain(canary);
            let doors = doors.flat_map(|(doors, policy)| doors.iter().map(move |door| (door, policy)));
            for ((door_key, door), policy) in doors {
                let (method, template) = door_key.split_once(' ').unwrap_or(("GET", "$connect"));
                let is_entry = door_key.contains(' ') || door_key == "$connect";
                if !is_entry || !["NONE", "AWS_IAM"].contains(&door.authorization.kind.as_str()) {
                    continue;
                }
                request.method = if method == "ANY" { "GET" } else { method };
                let shown = if request.web_socket {
                    format!("{name}/$connect")
                } else {
                    format!("{name}/{}{}", request.method, example(template))
                };
                request.path = format!("{prefix}{}", example(template));
                if let Verdict::Refused { status, said } =
                    verdict(&self.admit(api, door, &request, &shown, Some(policy)))
                {
                    return Err(format!(
                        "viewers of {} are refused at {door_key} of {}/{name}: {status} {said}",
                        distribution.id, key.1
                    ));
                }
            }
        }
        Ok(())
    }
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

/// IAM's patterns, of which only `*` is used.
pub(super) fn like(pattern: &str, text: &str) -> bool {
    match pattern.split_once('*') {
        None => pattern == text,
        Some((before, after)) => text.strip_prefix(before).is_some_and(|rest| {
            (0..=rest.len()).any(|skipped| rest.is_char_boundary(skipped) && like(after, &rest[skipped..]))
        }),
    }
}

/// Region and id of `<id>.execute-api.<region>.amazonaws.com`.
fn api_of(host: &str) -> Option<Key> {
    let (id, rest) = host.split_once(".execute-api.")?;
    let region = rest.strip_suffix(".amazonaws.com")?;
    Some((region.to_owned(), id.to_owned()))
}

fn backend(settings: &Settings, web_socket: bool) -> Answer {
    match settings.backend_status {
        200 if web_socket => answer(101, &[], &json!({})),
        200 => answer(200, &[], &json!([{"id": 1, "type": "dog", "price": 249.99}])),
        status => answer(status, &[], &json!({"error": "the backend does not like this"})),
    }
}

fn no_stage(api: &Api) -> Answer {
    match api.observed.protocol.as_str() {
        "HTTP" => answer(404, &[], &json!({"message": "Not Found"})),
        _ => refusal("ForbiddenException", "Forbidden"),
    }
}

fn denied(caller: &str, arn: &str) -> Answer {
    let message = format!(
        "User: arn:aws:sts::{ACCOUNT}:{caller} is not authorized to perform: execute-api:Invoke on resource: {arn}"
    );
    answer(
        403,
        &[("x-amzn-errortype", "AccessDeniedException")],
        &json!({"Message": message}),
    )
}

fn refusal(kind: &str, message: &str) -> Answer {
    answer(403, &[("x-amzn-errortype", kind)], &json!({"message": message}))
}

/// How HTTP APIs refuse, whatever the cause.
fn forbidden() -> Answer {
    answer(403, &[], &json!({"message": "Forbidden"}))
}

fn answer(status: u16, headers: &[(&str, &str)], body: &Value) -> Answer {
    let headers = headers.iter().chain(&[("content-type", "application/json")]);
    Answer::Http {
        status,
        headers: headers
            .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
            .collect(),
        body: body.to_string(),
    }
}

/// CloudFront's own page.
fn edge(status: u16, said: &str) -> Answer {
    let headers = [("server", "CloudFront"), ("content-type", "text/html")];
    let headers = headers.map(|(name, value)| (name.to_owned(), value.to_owned()));
    Answer::Http {
        status,
        headers: BTreeMap::from(headers),
        body: format!(
            "<HTML><HEAD><TITLE>ERROR: The request could not be satisfied</TITLE></HEAD><BODY><H1>{status} ERROR</H1>\
             <H2>The request could not be satisfied.</H2><P>{said}</P></BODY></HTML>"
        ),
    }
}
