//! The data path: a request through CloudFront as deployed to the API as deployed, or straight to the API.

use super::super::SimulatedCloud;
use super::super::account::Account;
use super::super::cloudfront::policies::sends_host;
use super::super::cloudfront::{client_certificate, function_arns};
use super::Key;
use super::admission::{Proof, Request, marked, refusal};
use super::entrance::{Entrance, Turned, UNASKED, api_of};
use async_trait::async_trait;
use palisade::api::ProbeMethod;
use palisade::controller::probes::Prober;
use palisade::domain::access::probe::{Answer, Probe, Way};
use palisade::domain::edge::xml::{self, Element};
use std::collections::BTreeMap;
use std::net::IpAddr;

#[async_trait]
impl Prober for SimulatedCloud {
    async fn probe(&self, probe: &Probe) -> Answer {
        tokio::task::yield_now().await;
        let mut state = self.lock();
        state.probes.push(probe.clone());
        let account = &state.account;
        match probe.way {
            Way::Viewer => account.view(probe),
            Way::Direct | Way::Next if account.settings.refused_from_here.is_some() => {
                let kind = account.settings.refused_from_here.unwrap_or_default();
                let refused = marked("REST", refusal(403, kind, "Forbidden"));
                from(account.settings.probe_address, refused)
            }
            Way::Direct | Way::Next => match api_of(&probe.host) {
                Some(key) => from(
                    account.settings.probe_address,
                    account.invoke(&Request {
                        key,
                        method: probe.method.as_str(),
                        path: probe.path.clone(),
                        web_socket: probe.web_socket,
                        through_cloudfront: false,
                        by_domain_name: false,
                        proof: Proof::Nothing,
                        headers: shown(probe),
                    }),
                ),
                None => Answer::Failed(format!("{} is not known", probe.host)),
            },
            Way::Origin | Way::Certificate | Way::Stranger | Way::Fronted => {
                from(account.settings.probe_address, account.knock(probe))
            }
        }
    }
}

/// The answer, as it comes from `there`.
fn from(there: Option<IpAddr>, mut given: Answer) -> Answer {
    if let Answer::Http { address, .. } = &mut given {
        *address = there;
    }
    given
}

/// The secret headers of a probe.
fn shown(probe: &Probe) -> BTreeMap<String, String> {
    let headers = probe.headers.iter();
    headers
        .map(|(name, value)| (name.clone(), value.expose().to_owned()))
        .collect()
}

impl SimulatedCloud {
    /// Whether a distribution or an API of this account answers to that name.
    pub fn answers_to(&self, host: &str) -> bool {
        let account = &self.lock().account;
        let mut distributions = account.cloudfront.all.values();
        distributions.any(|found| found.answers_to(host))
            || api_of(host).is_some_and(|key| account.apis.all.contains_key(&key))
            || account.made_domains().any(|((_, name), ..)| name == host)
    }

    /// The object with this UID declares that stage.
    pub fn declare(&self, uid: &str, api: &str, stage: &str) {
        let stage = (api.to_owned(), stage.to_owned());
        self.lock().account.declared.insert(uid.to_owned(), stage);
    }

    /// Probes so far, in their order.
    pub fn probes(&self) -> Vec<Probe> {
        self.lock().probes.clone()
    }
}

/// What CloudFront makes of a viewer's request.
pub(super) struct Forwarded<'a> {
    /// What it puts before the path.
    pub prefix: String,
    /// The custom domain name that it goes to; `None`: the default endpoint of the request's API.
    pub entrance: Option<Entrance<'a>>,
    pub request: Request<'a>,
}

impl Account {
    /// A probe at the custom domain name of an origin, with a client certificate or without.
    fn knock(&self, probe: &Probe) -> Answer {
        let leaf = probe.certificate.as_ref().map(|(leaf, _)| leaf.as_str());
        let leaf = match probe.way {
            // What is made for one connection is known nowhere.
            Way::Stranger => Some(""),
            Way::Fronted if self.settings.other_host_served => Some(UNASKED),
            Way::Fronted => return marked("REST", refusal(403, "ForbiddenException", "Forbidden")),
            _ => leaf,
        };
        let entrance = match self.enter(&probe.host, leaf) {
            Ok(entrance) => entrance,
            Err(Turned::Unserved) => return Answer::Failed(format!("{} is not known", probe.host)),
            Err(Turned::Ended) => {
                return Answer::EndedForCertificate("connection closed before an answer arrived".to_owned());
            }
            Err(Turned::Refused(answer)) => return answer,
        };
        let request = Request {
            key: Key::default(),
            method: probe.method.as_str(),
            path: String::new(),
            web_socket: probe.web_socket,
            through_cloudfront: false,
            by_domain_name: true,
            proof: Proof::Nothing,
            headers: shown(probe),
        };
        self.invoke_through(&entrance, request, &probe.path)
    }

    /// The answer of the stage that a custom domain name leads a path to.
    fn invoke_through(&self, entrance: &Entrance<'_>, request: Request<'_>, path: &str) -> Answer {
        match entrance.lead(path) {
            Some((key, path)) => self.invoke(&Request { key, path, ..request }),
            None => marked("REST", refusal(403, "ForbiddenException", "Forbidden")),
        }
    }

    pub(super) fn view(&self, probe: &Probe) -> Answer {
        let mut all = self.cloudfront.all.values();
        let Some(distribution) = all.find(|found| found.answers_to(&probe.host)) else {
            return edge(
                403,
                "Bad request. We can't connect to the server for this app or website at this time.",
            );
        };
        if self.settings.web_acl_blocks_probes && distribution.is_live() {
            return edge(403, "Request blocked.");
        }
        let live = distribution.live().filter(|_| distribution.is_live());
        let answer = self.ask(live, probe);
        live.and_then(|live| self.page(live, probe, &answer))
            .unwrap_or(answer)
    }

    /// What the behaviour of the path answers.
    fn ask(&self, live: Option<&Element>, probe: &Probe) -> Answer {
        let met = live.and_then(|live| behaviour_of(live, &probe.path));
        if met.is_some_and(|behaviour| !lets_through(behaviour, probe.method.as_str())) {
            return edge(
                403,
                "This distribution is not configured to allow the HTTP request method that was used for this request. The distribution \
                 supports only cachable requests.",
            );
        }
        let behaviour = live.and_then(|live| Some((live, behaviour_at(live, &probe.path)?)));
        if let Some((live, behaviour)) = behaviour {
            return self.ask_elsewhere(live, behaviour, probe);
        }
        match self.forward(live) {
            Ok(Forwarded {
                prefix,
                entrance,
                mut request,
            }) => {
                // What CloudFront sends itself takes the place of the viewer's.
                let mut headers = shown(probe);
                headers.append(&mut request.headers);
                let path = format!("{prefix}{}", probe.path);
                let request = Request {
                    method: probe.method.as_str(),
                    path: path.clone(),
                    web_socket: probe.web_socket,
                    headers,
                    ..request
                };
                match entrance {
                    Some(entrance) => self.invoke_through(&entrance, request, &path),
                    None => self.invoke(&request),
                }
            }
            Err(answer) => answer,
        }
    }

    /// A behaviour of others has no signer: an API answers, or a bucket.
    fn ask_elsewhere(&self, live: &Element, behaviour: &Element, probe: &Probe) -> Answer {
        let target = xml::text_at(behaviour, "TargetOriginId");
        let mut origins = xml::items_at(live, "Origins").into_iter();
        let origin = origins.find(|origin| xml::text_at(origin, "Id") == target);
        let text = |name| origin.and_then(|origin| xml::text_at(origin, name));
        let Some(key) = api_of(&text("DomainName").unwrap_or_default()) else {
            return Answer::Http {
                status: 200,
                headers: BTreeMap::from([("server".to_owned(), "AmazonS3".to_owned())]),
                body: "<html></html>".to_owned(),
                address: None,
            };
        };
        let mut headers = shown(probe);
        headers.extend(origin.map(custom_headers).unwrap_or_default());
        self.invoke(&Request {
            key,
            method: probe.method.as_str(),
            path: format!("{}{}", text("OriginPath").unwrap_or_default(), probe.path),
            web_socket: probe.web_socket,
            through_cloudfront: true,
            by_domain_name: false,
            proof: Proof::Nothing,
            headers,
        })
    }

    /// The page in place of an error, which comes through the distribution like any other. A page that cannot be had answers
    /// with its own error.
    /// <https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/custom-error-pages-unavailable.html>
    fn page(&self, live: &Element, probe: &Probe, answer: &Answer) -> Option<Answer> {
        let Answer::Http { status: error, .. } = answer else {
            return None;
        };
        let mut pages = xml::items_at(live, "CustomErrorResponses").into_iter();
        let page = pages.find(|page| xml::text_at(page, "ErrorCode") == Some(error.to_string()))?;
        let asked = Probe {
            path: xml::text_at(page, "ResponsePagePath")?,
            method: ProbeMethod::Get,
            web_socket: false,
            ..probe.clone()
        };
        let mut answer = self.ask(Some(live), &asked);
        let said = xml::text_at(page, "ResponseCode").and_then(|code| code.parse().ok());
        if let (Answer::Http { status, .. }, Some(said)) = (&mut answer, said)
            && *status < 400
        {
            *status = said;
        }
        Some(answer)
    }

    /// What CloudFront makes of a viewer's request.
    pub(super) fn forward(&self, live: Option<&Element>) -> Result<Forwarded<'_>, Answer> {
        let live = live.ok_or_else(|| edge(403, "The distribution is disabled."))?;
        let origin = xml::items_at(live, "Origins").into_iter().next();
        let text = |name| {
            origin
                .and_then(|origin| xml::text_at(origin, name))
                .unwrap_or_default()
        };
        let name = text("DomainName");
        let (key, entrance) = match api_of(&name) {
            Some(key) => (key, None),
            None => (Key::default(), Some(self.enter_from_the_edge(&name, origin)?)),
        };
        let proof = self.signature(live)?;
        // A signer puts Host right.
        if matches!(proof, Proof::Nothing) && sends_host(live, &self.settings.own_policies) {
            return Err(marked("REST", refusal(403, "ForbiddenException", "Forbidden")));
        }
        let request = Request {
            key,
            method: "GET",
            path: String::new(),
            web_socket: false,
            through_cloudfront: true,
            by_domain_name: entrance.is_some(),
            proof,
            headers: origin.map(custom_headers).unwrap_or_default(),
        };
        Ok(Forwarded {
            prefix: text("OriginPath"),
            entrance,
            request,
        })
    }

    /// What CloudFront meets at an origin that is a custom domain name: it shows a client certificate where it has one.
    fn enter_from_the_edge(&self, name: &str, origin: Option<&Element>) -> Result<Entrance<'_>, Answer> {
        let arn = origin.and_then(client_certificate);
        let shown = arn.and_then(|arn| self.shown_certificate(&arn));
        let leaf = shown.map(|shown| shown.leaf.as_str());
        self.enter(name, leaf).map_err(|turned| match turned {
            Turned::Unserved => edge(502, "CloudFront wasn't able to resolve the origin domain name."),
            Turned::Ended => edge(502, "CloudFront wasn't able to connect to the origin."),
            Turned::Refused(answer) => answer,
        })
    }

    /// The signer runs with its role; without a signer nothing is signed.
    fn signature(&self, config: &Element) -> Result<Proof<'_>, Answer> {
        let Some(arn) = function_arns(config).into_iter().next() else {
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
}

/// The behaviour that a path meets.
pub(super) fn behaviour_of<'a>(live: &'a Element, path: &str) -> Option<&'a Element> {
    behaviour_at(live, path).or_else(|| xml::at(live, "DefaultCacheBehavior"))
}

/// Whether a method reaches the origin; where none is named, two do.
fn lets_through(behaviour: &Element, method: &str) -> bool {
    let named = xml::texts_at(behaviour, "AllowedMethods");
    let by_default = named.is_empty() && ["GET", "HEAD"].contains(&method);
    by_default || named.iter().any(|named| named == method)
}

/// The behaviour that is not the default one; patterns end with their only star, or have none.
fn behaviour_at<'a>(live: &'a Element, path: &str) -> Option<&'a Element> {
    let path = path.split('?').next().unwrap_or_default();
    let fits = |pattern: &str| match pattern.strip_suffix('*') {
        Some(start) => path.starts_with(start),
        None => path == pattern,
    };
    let mut behaviours = xml::items_at(live, "CacheBehaviors").into_iter();
    behaviours.find(|behaviour| xml::text_at(behaviour, "PathPattern").is_some_and(|pattern| fits(&pattern)))
}

fn custom_headers(origin: &Element) -> BTreeMap<String, String> {
    let headers = xml::items_at(origin, "CustomHeaders").into_iter();
    headers
        .filter_map(|header| {
            let name = xml::text_at(header, "HeaderName")?.to_lowercase();
            Some((name, xml::text_at(header, "HeaderValue")?))
        })
        .collect()
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
        address: None,
    }
}
