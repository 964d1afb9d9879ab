//! Probes over HTTP/1.1: a connection each, bounded in time and size.

mod client_certificate;

use self::client_certificate::{Shown, is_ended};
use super::dial::{self, Stream};
use super::endpoint::Endpoint;
use super::prober::Prober;
use crate::aws::layers::budget::is_urgent;
use crate::domain::access::probe::who_answered;
use crate::domain::access::probe::{Answer, Probe, Way};
use async_trait::async_trait;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use http_body_util::{BodyExt as _, Empty};
use hyper::body::{Bytes, Incoming};
use hyper::client::conn::http1;
use hyper::header::{self, HeaderMap, HeaderName, HeaderValue};
use hyper::{Method, Request, Response};
use hyper_util::client::proxy::matcher::Matcher;
use hyper_util::rt::TokioIo;
use rustls::ClientConfig;
use rustls::crypto::aws_lc_rs;
use rustls::pki_types::ServerName;
use rustls_platform_verifier::BuilderVerifierExt as _;
use std::collections::BTreeMap;
use std::io;
use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::Semaphore;
use tokio::task::JoinSet;
use tokio::time::{Instant, timeout_at};
use tokio_rustls::TlsConnector;

/// From the name's resolution to the end of the answer.
const TIMEOUT: Duration = Duration::from_secs(10);
/// So many probes are under way at once; others wait for their turn.
const AT_ONCE: usize = 16;
/// So many besides, for which viewers wait who may be refused meanwhile.
const URGENT_AT_ONCE: usize = 32;
/// So much of a body is read, in bytes.
const BODY: usize = 4096;
/// So many headers are taken over besides those by which answers are read, and so many characters of each.
const HEADERS: usize = 32;
const HEADER_VALUE: usize = 256;
/// A head that is larger is no answer.
const HEAD: usize = 64 * 1024;
/// AWS's common rules block requests without one.
const USER_AGENT: &str = concat!("palisade-probe/", env!("CARGO_PKG_VERSION"));

/// No prober: there are no certificate authorities to trust.
#[derive(Debug, thiserror::Error)]
#[error(
    "no certificate authorities for probes: {0}; install the system's CA certificates, or set SSL_CERT_FILE"
)]
pub struct NoTrust(#[from] rustls::Error);

/// Sends probes to their hosts, or all of them to one endpoint.
pub struct HttpProber {
    endpoint: Option<Endpoint>,
    /// Absent where the endpoint speaks plain HTTP.
    tls: Option<TlsConnector>,
    /// Which hosts are reached through a proxy: what the environment says, as it is for calls to AWS.
    proxies: Matcher,
    turns: Semaphore,
    urgent_turns: Semaphore,
}

impl HttpProber {
    /// Probes go to `endpoint` in place of their hosts where there is one.
    ///
    /// # Errors
    /// When TLS is needed, and the system has no certificate authorities.
    pub fn new(endpoint: Option<Endpoint>) -> Result<Self, NoTrust> {
        Self::through(Matcher::from_env(), endpoint)
    }

    fn through(proxies: Matcher, endpoint: Option<Endpoint>) -> Result<Self, NoTrust> {
        let is_plain = endpoint.as_ref().is_some_and(|endpoint| !endpoint.tls);
        let tls = if is_plain {
            None
        } else {
            Some(trusting_the_system()?)
        };
        Ok(Self::over(proxies, endpoint, tls))
    }

    fn over(proxies: Matcher, endpoint: Option<Endpoint>, tls: Option<TlsConnector>) -> Self {
        Self {
            endpoint,
            tls,
            proxies,
            turns: Semaphore::new(AT_ONCE),
            urgent_turns: Semaphore::new(URGENT_AT_ONCE),
        }
    }

    /// Asks, and tells what came in place of an answer.
    async fn ask(&self, probe: &Probe) -> Result<Asked, Answer> {
        let shown = Shown::of(probe).map_err(Answer::Failed)?;
        let asked = self.ask_showing(probe, shown.as_ref()).await;
        asked.map_err(|Unanswered { why, is_ended }| match shown {
            Some(shown) if is_ended && shown.was_asked() => Answer::EndedForCertificate(why),
            _ => Answer::Failed(why),
        })
    }

    async fn ask_showing(&self, probe: &Probe, shown: Option<&Arc<Shown>>) -> Result<Asked, Unanswered> {
        let request = request(probe)?;
        let there = probe.connect.as_ref().unwrap_or(&probe.host);
        if !is_dns_name(there) {
            return Err(format!("{there:?} is no DNS name").into());
        }
        let dialled = match (&self.endpoint, &self.tls) {
            // Where the operator sends probes, the address is theirs to choose.
            (Some(endpoint), _) => dial::Dialled {
                address: None,
                ..dial::address(&endpoint.host, endpoint.port).await?
            },
            (None, Some(tls)) => dial::host(&self.proxies, tls, there).await?,
            (None, None) => return Err("TLS: there is none".to_owned().into()),
        };
        let address = dialled.address;
        let Some(tls) = &self.tls else {
            return exchange(dialled.stream, request, address).await;
        };
        let named = if probe.way == Way::Fronted {
            there
        } else {
            &probe.host
        };
        let name = ServerName::try_from(named.clone()).map_err(|error| format!("TLS: {error}"))?;
        let stream = match shown {
            Some(shown) => shown.connector(tls).connect(name, dialled.stream).await,
            None => tls.connect(name, dialled.stream).await,
        };
        let stream = Box::new(stream.map_err(|error| not_secured(&error))?);
        exchange(stream, request, address).await
    }
}

#[async_trait]
impl Prober for HttpProber {
    async fn probe(&self, probe: &Probe) -> Answer {
        let turns = if is_urgent() {
            &self.urgent_turns
        } else {
            &self.turns
        };
        // Nobody closes the semaphore.
        let _turn = turns.acquire().await;
        let deadline = Instant::now() + TIMEOUT;
        match timeout_at(deadline, self.ask(probe)).await {
            Ok(Ok(asked)) => asked.answer(deadline).await,
            Ok(Err(unanswered)) => unanswered,
            Err(_) => Answer::Failed(format!("no answer within {} s", TIMEOUT.as_secs())),
        }
    }
}

fn trusting_the_system() -> Result<TlsConnector, NoTrust> {
    let config = ClientConfig::builder_with_provider(Arc::new(aws_lc_rs::default_provider()))
        .with_safe_default_protocol_versions()?
        .with_platform_verifier()?
        .with_no_client_auth();
    Ok(TlsConnector::from(Arc::new(config)))
}

fn request(probe: &Probe) -> Result<Request<Empty<Bytes>>, String> {
    if !is_dns_name(&probe.host) {
        return Err(format!("{:?} is no DNS name", probe.host));
    }
    if !probe.path.starts_with('/') {
        return Err(format!("{:?} is no path: it begins without /", probe.path));
    }
    let mut request = Request::builder()
        .method(Method::from_bytes(probe.method.as_str().as_bytes()).unwrap_or_default())
        .uri(&probe.path)
        .header(header::HOST, &probe.host)
        .header(header::USER_AGENT, USER_AGENT)
        .header(header::ACCEPT, "*/*");
    for (name, value) in &probe.headers {
        // What is wrong with a secret is said without it.
        let invalid = |_| format!("the value for the header {name} is none that HTTP can carry");
        let name = HeaderName::from_bytes(name.as_bytes()).map_err(|error| error.to_string())?;
        let mut value = HeaderValue::from_str(value.expose()).map_err(invalid)?;
        value.set_sensitive(true);
        request = request.header(name, value);
    }
    if probe.web_socket {
        let key = BASE64.encode(fastrand::u128(..).to_ne_bytes());
        request = request
            .header(header::CONNECTION, "Upgrade")
            .header(header::UPGRADE, "websocket")
            .header(header::SEC_WEBSOCKET_VERSION, "13")
            .header(header::SEC_WEBSOCKET_KEY, key);
    }
    request
        .body(Empty::new())
        .map_err(|error| format!("{:?} is no path: {error}", probe.path))
}

/// A full name without port. Resolvers take names whose last label begins with a digit for IP addresses.
fn is_dns_name(host: &str) -> bool {
    let is_label = |label: &str| {
        (1..=63).contains(&label.len())
            && label
                .bytes()
                .all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_')
            && !label.starts_with('-')
            && !label.ends_with('-')
    };
    let top = host.rsplit_once('.').map(|(_, top)| top);
    host.len() <= 253
        && host.split('.').all(is_label)
        && top.is_some_and(|top| top.starts_with(|c: char| c.is_ascii_alphabetic()))
}

/// A request whose answer has begun.
struct Asked {
    response: Response<Incoming>,
    /// Who answers.
    address: Option<IpAddr>,
    /// Drives the connection; closes it when dropped.
    _connection: JoinSet<()>,
}

/// Why no answer has begun.
struct Unanswered {
    /// In a few words.
    why: String,
    /// Whether the other end ended the connection.
    is_ended: bool,
}

impl From<String> for Unanswered {
    fn from(why: String) -> Self {
        Self { why, is_ended: false }
    }
}

async fn exchange(
    stream: Box<dyn Stream>,
    request: Request<Empty<Bytes>>,
    address: Option<IpAddr>,
) -> Result<Asked, Unanswered> {
    let handshake = http1::Builder::new()
        .max_buf_size(HEAD)
        .handshake(TokioIo::new(stream))
        .await;
    let (mut sender, driver) = handshake.map_err(|error| not_answered(&error))?;
    let mut connection = JoinSet::new();
    connection.spawn(async {
        // Its failure is the request's, too.
        let _ = driver.await;
    });
    let response = sender.send_request(request).await;
    Ok(Asked {
        response: response.map_err(|error| not_answered(&error))?,
        address,
        _connection: connection,
    })
}

fn not_secured(error: &io::Error) -> Unanswered {
    Unanswered {
        why: format!("TLS: {error}"),
        is_ended: is_ended(error),
    }
}

fn not_answered(error: &hyper::Error) -> Unanswered {
    let why = if error.is_incomplete_message() || error.is_closed() || error.is_canceled() {
        "the connection was closed without an answer".to_owned()
    } else if error.is_parse() || error.is_parse_too_large() {
        "the answer is not HTTP".to_owned()
    } else {
        format!("no answer: {error}")
    };
    Unanswered {
        why,
        is_ended: is_ended(error),
    }
}

impl Asked {
    /// What the head says, and as much of the body as comes before `deadline`.
    async fn answer(mut self, deadline: Instant) -> Answer {
        let mut body = Vec::new();
        let incoming = self.response.body_mut();
        while body.len() < BODY {
            let Ok(Some(Ok(frame))) = timeout_at(deadline, incoming.frame()).await else {
                break;
            };
            body.extend(frame.into_data().unwrap_or_default());
        }
        body.truncate(BODY);
        Answer::Http {
            status: self.response.status().as_u16(),
            headers: taken_over(self.response.headers()),
            body: String::from_utf8_lossy(&body).into_owned(),
            address: self.address,
        }
    }
}

/// The first value of each header, but no cookies: they may be somebody's session.
fn taken_over(headers: &HeaderMap) -> BTreeMap<String, String> {
    let is_mark = |name: &&HeaderName| who_answered::is_mark(name.as_str());
    let others = headers
        .keys()
        .filter(|name| **name != header::SET_COOKIE && !is_mark(name));
    let names = headers.keys().filter(is_mark).chain(others.take(HEADERS));
    names
        .map(|name| {
            let value = String::from_utf8_lossy(headers[name].as_bytes());
            (
                name.as_str().to_owned(),
                value.chars().take(HEADER_VALUE).collect(),
            )
        })
        .collect()
}

#[cfg(test)]
mod certificate_tests;
#[cfg(test)]
mod server_fixtures;
#[cfg(test)]
mod tests;
