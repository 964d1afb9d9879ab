//! An answer over HTTP as it is read: the marks that API Gateway alone puts on it, its error and its wording.

use super::gateway_errors::named;
use super::private_addresses::is_private;
use super::quoted::{first_sentence, without_secrets};
use super::{Class, Known, Probe, Verdict, Way};
use crate::api::{ErrorNamed, OriginType, ProbeMethod};
use std::collections::BTreeMap;
use std::net::IpAddr;

/// The header in which the signer says that it answered in place of the API.
pub(in crate::domain::access) const SIGNER: &str = "x-palisade-signer";

/// REST and WebSocket: with this API Gateway begins the names of headers that an integration has answered and that it sends
/// itself, such as its own request id. What it refuses has no integration's headers.
const REMAPPED: &str = "x-amzn-remapped-";

/// Headers by which answers are read.
const MARKS: [&str; 11] = [
    "apigw-requestid",
    "content-type",
    "sec-websocket-accept",
    "server",
    SIGNER,
    "x-amz-apigw-id",
    "x-amz-cf-id",
    "x-amzn-errortype",
    "x-amzn-requestid",
    "x-amzn-waf-action",
    "x-cache",
];

/// Whether an answer is read by the header of this name, in lower case; whoever shortens an answer keeps it.
#[must_use]
pub fn is_mark(name: &str) -> bool {
    MARKS.contains(&name) || name.starts_with(REMAPPED)
}

/// An answer over HTTP, as it is read.
pub(in crate::domain::access) struct Reply<'a> {
    pub probe: &'a Probe,
    pub status: u16,
    pub headers: &'a BTreeMap<String, String>,
    pub body: &'a str,
}

impl Reply<'_> {
    pub(in crate::domain::access) fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).map(String::as_str)
    }

    pub(in crate::domain::access) fn known(&self) -> &Known {
        &self.probe.known
    }

    /// Whether API Gateway says that it was asked. A handshake that is accepted is no other's.
    pub(super) fn is_marked(&self) -> bool {
        let has = |name| self.headers.contains_key(name);
        let is_socket = self.probe.web_socket && self.status == 101 && has("sec-websocket-accept");
        has("apigw-requestid") || (has("x-amzn-requestid") && has("x-amz-apigw-id")) || is_socket
    }

    /// Whether CloudFront answered from its cache, with the marks of an earlier answer. A `RefreshHit` asked the API.
    pub(super) fn is_cached(&self) -> bool {
        self.probe.way == Way::Viewer
            && self
                .header("x-cache")
                .is_some_and(|text| text.starts_with("Hit from"))
    }

    pub(in crate::domain::access) fn class(&self) -> Class {
        let is_head = self.probe.method == ProbeMethod::Head;
        let is_worded = match (self.status, self.message().as_deref()) {
            (401 | 403 | 404, None) => is_head,
            (401, Some("Unauthorized"))
            | (403, Some("Forbidden"))
            | (404, Some("Not Found"))
            | (500, Some("Internal Server Error")) => true,
            _ => false,
        };
        let error = self.kind().map_or(ErrorNamed::Nothing, named);
        Class {
            status: self.status,
            is_worded,
            error: Some(error),
        }
    }

    /// Whether an integration answered: another API Gateway behind this one, or a service of AWS, names its errors as well.
    pub(super) fn is_integrations(&self) -> bool {
        let is_remapped = |name: &String| name.starts_with(REMAPPED);
        self.known().api != OriginType::Http && self.headers.keys().any(is_remapped)
    }

    /// The name of API Gateway's error. HTTP APIs name none: what stands there is the backend's.
    pub(in crate::domain::access) fn kind(&self) -> Option<&str> {
        let kind = self.header("x-amzn-errortype");
        let is_backends = self.known().api == OriginType::Http || self.is_integrations();
        let kind = kind.filter(|_| !is_backends);
        kind.map(|kind| kind.split(':').next().unwrap_or(kind))
    }

    /// The error that was named before there was a lock; `None` where none was, or nobody knows.
    pub(super) fn named_before(&self) -> Option<ErrorNamed> {
        let before = self.known().before.and_then(|before| before.error);
        before.filter(|error| *error != ErrorNamed::Nothing)
    }

    /// Whether the same probe was answered alike before there was a lock; `None` where nobody knows.
    pub(in crate::domain::access) fn is_as_before(&self) -> Option<bool> {
        self.known().before.map(|before| before.is_like(self.class()))
    }

    /// The message of a JSON body that is nothing but a message.
    pub(in crate::domain::access) fn message(&self) -> Option<String> {
        let document: serde_json::Value = serde_json::from_str(self.body).ok()?;
        let fields = document.as_object().filter(|fields| fields.len() == 1)?;
        let message = fields.get("message").or_else(|| fields.get("Message"))?;
        message.as_str().map(ToOwned::to_owned)
    }

    /// The private address that answered: behind it a VPC endpoint may refuse what the Internet is let in with.
    pub(in crate::domain::access) fn private(&self, address: Option<IpAddr>) -> Option<IpAddr> {
        let address = address.filter(|address| is_private(*address))?;
        (self.probe.way != Way::Viewer || !self.is_marked()).then_some(address)
    }

    pub(super) fn reached(&self) -> Verdict {
        Verdict::Reached { status: self.status }
    }

    /// The start of what was said, without what the probe showed.
    pub(in crate::domain::access) fn quoted(&self, text: &str) -> String {
        first_sentence(&without_secrets(text, self.probe))
    }

    pub(in crate::domain::access) fn refused(&self, kind: Option<&str>) -> Verdict {
        let said = match (kind, self.message()) {
            (Some(kind), Some(message)) => format!("{kind}: {message}"),
            (Some(kind), None) => kind.to_owned(),
            (None, message) => message.unwrap_or_else(|| "it was refused without a word".to_owned()),
        };
        Verdict::Refused {
            status: self.status,
            error: kind.map(named),
            said: self.quoted(&said),
        }
    }

    pub(super) fn authorizer_first(&self, kind: Option<&str>) -> Verdict {
        match self.refused(kind) {
            Verdict::Refused { status, said, .. } => Verdict::AuthorizerFirst { status, said },
            other => other,
        }
    }

    pub(in crate::domain::access) fn ambiguous(&self, why: &str) -> Verdict {
        Verdict::Ambiguous {
            status: self.status,
            why: why.to_owned(),
        }
    }
}
