//! Probes: one request through the perimeter, one past it, and what the answer proves. Who answered is read in
//! [`self::who_answered`]. Nothing here knows an API.
//!
//! ```text
//!  an answer ─▶ reply ── status, headers, error        who_answered ─▶ a verdict: who answered, and what that proves
//!                 ├─ gateway_errors        what API Gateway says when it refuses
//!                 ├─ private_addresses     what an address inside a network means
//!                 └─ quoted                as much of a body as people are shown
//!  answered_at_the_edge    what CloudFront answers in place of the API
//!  before_routes           what API Gateway says before it looks at a route
//!  class                   as much of an answer as is remembered
//!  told_apart              whether two answers are told from each other
//! ```

mod answered_at_the_edge;
mod before_routes;
mod class;
mod gateway_errors;
mod private_addresses;
mod quoted;
mod reply;
mod told_apart;
pub mod who_answered;

use crate::api::{Asks, ErrorNamed, KeyAsked, OriginType, ProbeMethod, RouteAsks};
use crate::domain::kernel::secret::Secret;
pub use class::Class;
use serde::Serialize;
use std::collections::{BTreeMap, BTreeSet};
use std::net::IpAddr;

/// Which way a probe goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize)]
pub enum Way {
    /// Through the perimeter, as viewers go.
    Viewer,
    /// Past it, without any proof: to the API's own endpoint.
    Direct,
    /// Past it, with the secret value that CloudFront sends, or is to send next.
    Next,
    /// Past it, to the custom domain name of mutual TLS, without a certificate.
    Origin,
    /// The same, with the next client certificate, as long as it is in memory.
    Certificate,
    /// The same, with a certificate of nobody's, which is made for the one connection.
    Stranger,
    /// The same, without a certificate, in a handshake that names API Gateway's own name for the custom domain name, which asks for
    /// none.
    Fronted,
}

/// One request, without a body.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Probe {
    /// Which way it goes.
    pub way: Way,
    /// The host that is asked, over TLS.
    pub host: String,
    /// The name whose address is called in place of the host's; on [`Way::Fronted`] the handshake names it, too.
    pub connect: Option<String>,
    /// The method; of a handshake GET.
    pub method: ProbeMethod,
    /// Path and query.
    pub path: String,
    /// Headers with values that nobody may see: the proof on [`Way::Next`], and the team's own on every way.
    pub headers: Vec<(String, Secret)>,
    /// Whether it is the handshake of a WebSocket, and not a plain request.
    pub web_socket: bool,
    /// The client certificate that is shown where the server asks for one: the certificate, PEM, and its private key.
    #[serde(skip)]
    pub certificate: Option<(String, Secret)>,
    /// What is known of the route, by which the answer is read.
    pub known: Known,
}

/// What is known of the route that is probed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Known {
    /// The type of the API.
    pub api: OriginType,
    /// What the route asks for as deployed; `None` where that was not read.
    pub asks: Option<Asks>,
    /// What the same probe was answered before the lock; `None` where nobody asked, or nobody remembers.
    pub before: Option<Class>,
    /// Whether the probe has a header of the team's own, so that their authorizer may let it in.
    pub has_token: bool,
    /// What may answer in place of API Gateway.
    pub hiding: Hiding,
    /// Whether a client certificate is asked for on the way: one that is not accepted is answered with 403.
    pub by_certificate: bool,
    /// Whether the API's default endpoint is switched off, as far as it is known.
    pub is_endpoint_off: bool,
}

/// What may stand in the place of API Gateway's own refusals, as far as it was read.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize)]
pub struct Hiding {
    /// REST: whether the stage has a web ACL of its own, which refuses in the words that a missing key is refused with.
    pub web_acl: bool,
    /// Whether policies that were not read may send the viewer's Host on, which API Gateway refuses in the same words.
    pub host: bool,
    /// REST: statuses that gateway responses give to refusals whose error type they take away or replace.
    pub statuses: BTreeSet<u16>,
    /// Through the perimeter: statuses with which error pages of the distribution answer that may bear API Gateway's mark.
    pub pages: BTreeSet<u16>,
    /// Through the perimeter: the path pattern of the distribution's behaviour that leads the probe elsewhere.
    pub aside: Option<String>,
    /// Through the perimeter: whether a function of others may make another answer of the API's.
    pub rewritten: bool,
}

impl Probe {
    /// A GET that shows nothing, at a REST API of whose route nothing is known.
    #[must_use]
    pub fn plain(way: Way, host: &str, path: &str) -> Self {
        Self {
            way,
            host: host.to_owned(),
            connect: None,
            method: ProbeMethod::Get,
            path: path.to_owned(),
            headers: vec![],
            web_socket: false,
            certificate: None,
            known: Known::nothing_of(OriginType::Rest),
        }
    }

    /// What it asks for, for people.
    #[must_use]
    pub fn url(&self) -> String {
        url(self.method, &self.host, &self.path)
    }
}

/// What a probe asks for, for people.
pub(super) fn url(method: ProbeMethod, host: &str, path: &str) -> String {
    format!("{} https://{host}{path}", method.as_str())
}

impl Known {
    /// Nothing is known of the route, at an API of this type.
    #[must_use]
    pub fn nothing_of(api: OriginType) -> Self {
        Self {
            api,
            asks: None,
            before: None,
            has_token: false,
            hiding: Hiding::default(),
            by_certificate: false,
            is_endpoint_off: false,
        }
    }

    /// Whether the route asks for something that only the perimeter has.
    #[must_use]
    pub fn asks_for_proof(&self) -> bool {
        self.asks.is_some_and(Asks::is_locked)
    }
}

impl Asks {
    /// Whether nothing at all is asked for.
    #[must_use]
    pub fn is_open(self) -> bool {
        self.route == RouteAsks::Nothing && self.key == KeyAsked::None
    }

    /// Whether something is asked for that only the perimeter has.
    #[must_use]
    pub fn is_locked(self) -> bool {
        matches!(self.route, RouteAsks::Signature | RouteAsks::Perimeter) || self.key == KeyAsked::Perimeter
    }
}

/// The value of the team's own header, as far as it could be read.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Token {
    /// The value.
    pub value: Option<Secret>,
    /// Why it could not be read, and what to do.
    pub trouble: Option<String>,
}

/// What came back.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub enum Answer {
    /// An HTTP answer.
    Http {
        /// Its status.
        status: u16,
        /// Its headers, in lower case.
        headers: BTreeMap<String, String>,
        /// The start of its body.
        body: String,
        /// The address that gave it; `None` where a proxy or an endpoint of the operator's was called in its place.
        address: Option<IpAddr>,
    },
    /// The server asked for a client certificate, got none, and ended the connection.
    EndedForCertificate(String),
    /// None came: why, in a few words.
    Failed(String),
}

/// Who gave an answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[allow(missing_docs)]
pub enum Who {
    Nobody,
    PrivateNetwork,
    CloudFront,
    Waf,
    Signer,
    ApiGateway,
    Backend,
    Unknown,
}

/// What an answer proves.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub enum Verdict {
    /// API Gateway let the request in; the status is the backend's.
    Reached {
        /// The backend's status.
        status: u16,
    },
    /// API Gateway itself refused the request for what the perimeter shows, or does not show.
    Refused {
        /// Its status.
        status: u16,
        /// The error that it named; `None` where it named none.
        error: Option<ErrorNamed>,
        /// Its own words.
        said: String,
    },
    /// API Gateway asked for a customer's API key, which it does after everything else.
    KeyMissing {
        /// Its status.
        status: u16,
    },
    /// The team's own authorizer refused, which API Gateway asks before it looks at a key.
    AuthorizerFirst {
        /// Its status.
        status: u16,
        /// API Gateway's words.
        said: String,
    },
    /// The server asked for a client certificate, and let nobody in without one.
    CertificateAsked,
    /// The API's default endpoint is switched off, and answered so.
    EndpointOff {
        /// Its status.
        status: u16,
    },
    /// API Gateway knows no route for the path.
    NoRoute,
    /// API Gateway, or the backend, was asked too often: it is not known which, and nothing is proven.
    Throttled,
    /// The answer came from a private address, where what answers is not what the Internet meets.
    PrivateNetwork {
        /// The address.
        address: IpAddr,
    },
    /// The web ACL blocked the request, or asked the viewer to prove that it is a browser.
    BlockedByWebAcl,
    /// The web ACL that the stage itself has may have refused the request: it says what API Gateway says where a key is missing.
    StageWebAcl {
        /// The status.
        status: u16,
    },
    /// CloudFront refused the viewer's country.
    BlockedByCountry,
    /// CloudFront or the function at the edge failed.
    EdgeFailed {
        /// CloudFront's status.
        status: u16,
        /// What it said.
        said: String,
    },
    /// The signer answered in place of the API.
    SignerRefused {
        /// Its status.
        status: u16,
        /// What it said.
        said: String,
    },
    /// The answer may be API Gateway's refusal as well as the backend's own.
    Ambiguous {
        /// The status.
        status: u16,
        /// What cannot be told apart.
        why: String,
    },
    /// CloudFront answered from its cache: the API was not asked.
    Cached {
        /// The status.
        status: u16,
    },
    /// Nothing in the answer says that API Gateway was asked at all.
    Unmarked {
        /// The status.
        status: u16,
    },
    /// Nobody answered.
    Unanswered {
        /// Why, in a few words.
        why: String,
    },
}

impl Verdict {
    /// Whether whoever asked got in, or lacked only a key that others have.
    #[must_use]
    pub fn gets_in(&self) -> bool {
        matches!(self, Self::Reached { .. } | Self::KeyMissing { .. })
    }

    /// Who gave the answer.
    #[must_use]
    pub fn who(&self) -> Who {
        match self {
            Self::Reached { .. } => Who::Backend,
            Self::Refused { .. }
            | Self::KeyMissing { .. }
            | Self::AuthorizerFirst { .. }
            | Self::CertificateAsked
            | Self::EndpointOff { .. }
            | Self::NoRoute
            | Self::Throttled => Who::ApiGateway,
            Self::PrivateNetwork { .. } => Who::PrivateNetwork,
            Self::BlockedByWebAcl => Who::Waf,
            Self::BlockedByCountry | Self::EdgeFailed { .. } | Self::Cached { .. } => Who::CloudFront,
            Self::SignerRefused { .. } => Who::Signer,
            Self::StageWebAcl { .. } | Self::Ambiguous { .. } | Self::Unmarked { .. } => Who::Unknown,
            Self::Unanswered { .. } => Who::Nobody,
        }
    }

    /// Whether another probe soon may tell more, while nothing is changed.
    #[must_use]
    pub fn is_passing(&self) -> bool {
        matches!(self, Self::Unanswered { .. } | Self::Throttled)
    }
}
