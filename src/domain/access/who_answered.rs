//! Who gave an answer to a probe, and what that proves: one function, whose table is docs/probes.md.
//!
//! An answer is the API's only with a mark that API Gateway alone puts on it. What of a marked answer is API Gateway's own
//! is told by its error type, or, where a type of API has none, by its wording; and that counts only where it fits what
//! the route was read to ask for, and is not what the backend answered before there was a lock.

use super::probe::{Answer, Class, Known, Probe, Verdict, Way};
use crate::api::{Asks, ErrorNamed, KeyAsked, OriginType, ProbeMethod, RouteAsks};
use std::cmp::Reverse;
use std::collections::BTreeMap;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// The header in which the signer says that it answered in place of the API.
const SIGNER: &str = "x-palisade-signer";
/// At most so many characters of a body are quoted to people.
const QUOTE: usize = 300;
/// Before the ARN of what was asked for, which the probe's URL says shorter. What follows it says what refuses.
const RESOURCE: &str = " on resource: ";
/// A piece of a secret value that is shorter is looked for as a word of its own.
const LONG: usize = 6;

/// Stands in the place of a piece of a secret value.
const SECRET: &str = "‹secret›";

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
struct Reply<'a> {
    probe: &'a Probe,
    status: u16,
    headers: &'a BTreeMap<String, String>,
    body: &'a str,
}

/// Who gave `answer` to `probe`, and what that proves.
#[must_use]
pub fn verdict(probe: &Probe, answer: &Answer) -> Verdict {
    match answer {
        Answer::Failed(why) => Verdict::Unanswered { why: why.clone() },
        Answer::Http {
            status,
            headers,
            body,
            address,
        } => {
            let reply = Reply {
                probe,
                status: *status,
                headers,
                body,
            };
            reply.verdict(*address)
        }
    }
}

/// What is remembered of `answer`, to be compared with a later one; `None` where API Gateway was not asked, or not as the
/// Internet asks it.
#[must_use]
pub fn class(probe: &Probe, answer: &Answer) -> Option<Class> {
    match answer {
        Answer::Failed(_) => None,
        Answer::Http {
            status,
            headers,
            body,
            address,
        } => {
            let reply = Reply {
                probe,
                status: *status,
                headers,
                body,
            };
            let is_asked = reply.private(*address).is_none()
                && reply.is_marked()
                && !reply.is_cached()
                && probe.known.hiding.aside.is_none();
            is_asked.then(|| reply.class())
        }
    }
}

/// Where a locked API answers both ways alike. Of an HTTP API, as API Gateway words its own answers: a refusal of which nobody knows
/// what was answered before the lock may be the backend's, and what a backend says it does not know may be API Gateway's of
/// a stage that is gone. Neither proves anything then.
pub fn tell_apart(known: &Known, viewer: &mut Verdict, direct: &mut Verdict, classes: [Option<Class>; 2]) {
    let [of_viewer, of_direct] = classes;
    let Some(class) = of_viewer.filter(|_| of_viewer == of_direct && known.asks_for_proof()) else {
        return;
    };
    if known.api != OriginType::Http {
        return tell_apart_by_change(known, viewer, direct, class);
    }
    if !class.is_worded {
        return;
    }
    let is_doubtful = match (&*viewer, &*direct) {
        (Verdict::Refused { .. }, Verdict::Refused { .. }) => known.before.is_none(),
        (Verdict::Reached { .. }, Verdict::Reached { .. }) => class.status == 404,
        _ => false,
    };
    if is_doubtful {
        let both = answered_alike(class.status);
        *viewer = both.clone();
        *direct = both;
    }
}

/// The same of a REST or WebSocket API. What names no refusal is one by its change alone: where it changed past the perimeter just
/// as through it, it is none of what the perimeter alone has, and where nobody knows of a change, it may be one.
fn tell_apart_by_change(known: &Known, viewer: &mut Verdict, direct: &mut Verdict, class: Class) {
    let is_nameless = class.names_no_refusal();
    match (&*viewer, &*direct) {
        (Verdict::Ambiguous { .. }, Verdict::Refused { .. }) => *direct = answered_alike(class.status),
        (Verdict::Refused { .. }, Verdict::Refused { .. }) if is_nameless => {
            *direct = answered_alike(class.status);
        }
        (Verdict::Reached { status: 300..500 }, Verdict::Ambiguous { .. })
            if is_nameless && known.before.is_none() =>
        {
            *viewer = answered_alike(class.status);
        }
        // Gateway responses that were not read yet may give refusals that name.
        (Verdict::Reached { status: 400..500 }, Verdict::Reached { .. })
            if class.error == Some(ErrorNamed::Other) && known.before.is_none() =>
        {
            *viewer = answered_alike(class.status);
        }
        _ => {}
    }
}

fn answered_alike(status: u16) -> Verdict {
    Verdict::Ambiguous {
        status,
        why: "a request through the perimeter is answered just like one past it".to_owned(),
    }
}

impl Reply<'_> {
    fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).map(String::as_str)
    }

    fn known(&self) -> &Known {
        &self.probe.known
    }

    /// Whether API Gateway says that it was asked. A handshake that is accepted is no other's.
    fn is_marked(&self) -> bool {
        let has = |name| self.headers.contains_key(name);
        let is_socket = self.probe.web_socket && self.status == 101 && has("sec-websocket-accept");
        has("apigw-requestid") || (has("x-amzn-requestid") && has("x-amz-apigw-id")) || is_socket
    }

    /// Whether CloudFront answered from its cache, with the marks of an earlier answer. A `RefreshHit` asked the API.
    fn is_cached(&self) -> bool {
        self.probe.way == Way::Viewer
            && self
                .header("x-cache")
                .is_some_and(|text| text.starts_with("Hit from"))
    }

    fn class(&self) -> Class {
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
    fn is_integrations(&self) -> bool {
        let is_remapped = |name: &String| name.starts_with(REMAPPED);
        self.known().api != OriginType::Http && self.headers.keys().any(is_remapped)
    }

    /// The name of API Gateway's error. HTTP APIs name none: what stands there is the backend's.
    fn kind(&self) -> Option<&str> {
        let kind = self.header("x-amzn-errortype");
        let is_backends = self.known().api == OriginType::Http || self.is_integrations();
        let kind = kind.filter(|_| !is_backends);
        kind.map(|kind| kind.split(':').next().unwrap_or(kind))
    }

    /// The error that was named before there was a lock; `None` where none was, or nobody knows.
    fn named_before(&self) -> Option<ErrorNamed> {
        let before = self.known().before.and_then(|before| before.error);
        before.filter(|error| *error != ErrorNamed::Nothing)
    }

    /// Whether the same probe was answered alike before there was a lock; `None` where nobody knows.
    fn is_as_before(&self) -> Option<bool> {
        self.known().before.map(|before| before.is_like(self.class()))
    }

    /// The message of a JSON body that is nothing but a message.
    fn message(&self) -> Option<String> {
        let document: serde_json::Value = serde_json::from_str(self.body).ok()?;
        let fields = document.as_object().filter(|fields| fields.len() == 1)?;
        let message = fields.get("message").or_else(|| fields.get("Message"))?;
        message.as_str().map(ToOwned::to_owned)
    }

    fn verdict(&self, address: Option<IpAddr>) -> Verdict {
        match self.private(address) {
            Some(address) => Verdict::PrivateNetwork { address },
            None if self.probe.way == Way::Viewer => {
                let edge = self.at_the_edge();
                edge.unwrap_or_else(|| self.through_the_edge(self.at_the_api()))
            }
            None => self.at_the_api(),
        }
    }

    /// The private address that answered: behind it a VPC endpoint may refuse what the Internet is let in with.
    fn private(&self, address: Option<IpAddr>) -> Option<IpAddr> {
        let address = address.filter(|address| is_private(*address))?;
        (self.probe.way != Way::Viewer || !self.is_marked()).then_some(address)
    }

    /// What CloudFront, the web ACL or the signer answered themselves.
    fn at_the_edge(&self) -> Option<Verdict> {
        let status = self.status;
        // A backend may claim to be the signer; the signer has no mark of API Gateway.
        if self.header(SIGNER).is_some() && !self.is_marked() {
            let said = self.quoted(&self.message().unwrap_or_default());
            return Some(Verdict::SignerRefused { status, said });
        }
        if self.header("x-amzn-waf-action").is_some() && !self.is_marked() {
            return Some(Verdict::BlockedByWebAcl);
        }
        let server = self.header("server");
        let is_edges = server == Some("CloudFront");
        let is_error = self
            .header("x-cache")
            .is_some_and(|text| text.starts_with("Error from"));
        if self.is_marked() && self.is_cached() {
            return Some(Verdict::Cached { status });
        }
        if self.is_marked() {
            // An error page in place of the error: what was behind it is not known.
            return (is_error && status < 400).then_some(Verdict::Unmarked { status });
        }
        // A page in place of an error, or another origin: neither says anything of a web ACL.
        let is_anothers = server.is_some_and(|server| server != "CloudFront");
        if is_anothers || self.known().hiding.pages.contains(&status) {
            return Some(Verdict::Unmarked { status });
        }
        let kind = self.header("content-type").unwrap_or_default();
        let is_page = is_edges && kind.starts_with("text/html");
        Some(match status {
            _ if is_page && self.body.contains("block access from your country") => Verdict::BlockedByCountry,
            _ if is_edges && kind.contains("xml") => Verdict::EdgeFailed {
                status,
                said: self.quoted(&without_tags(self.body)),
            },
            403 if is_page && self.body.contains("Request blocked") => Verdict::BlockedByWebAcl,
            _ if is_page && (status == 403 || status >= 500) => Verdict::EdgeFailed {
                status,
                said: self.quoted(&page_text(self.body)),
            },
            // A response that the team's own rule has made up.
            400..500 if is_edges || is_error => Verdict::BlockedByWebAcl,
            _ => Verdict::Unmarked { status },
        })
    }

    /// What `verdict` on a marked answer is worth after what others have put on the distribution.
    fn through_the_edge(&self, verdict: Verdict) -> Verdict {
        let hiding = &self.known().hiding;
        if let Some(pattern) = &hiding.aside {
            return self.ambiguous(&format!(
                "the distribution's behaviour for {pattern} leads this path to another origin, or to the API without the \
                 perimeter's proof"
            ));
        }
        match verdict {
            Verdict::Reached { .. } | Verdict::KeyMissing { .. } | Verdict::AuthorizerFirst { .. } => {}
            other => return other,
        }
        // API Gateway names its errors in a header that no function at the edge sees; an HTTP API has none.
        if hiding.rewritten && self.known().api == OriginType::Http {
            return self.ambiguous(REWRITTEN);
        }
        if hiding.pages.contains(&self.status) {
            return self.ambiguous(PAGED);
        }
        verdict
    }

    fn at_the_api(&self) -> Verdict {
        let status = self.status;
        if self.is_marked() && self.is_integrations() {
            return self.reached();
        }
        // At the API's own endpoint no other web ACL answers than the stage's.
        if self.header("x-amzn-waf-action").is_some() {
            return Verdict::StageWebAcl { status };
        }
        if !self.is_marked() {
            return Verdict::Unmarked { status };
        }
        let kind = self.kind();
        // A gateway response may give any status to any error.
        let is_refusal = kind.is_some_and(|kind| !matches!(named(kind), ErrorNamed::Other));
        if (status == 429 && !is_refusal) || kind.is_some_and(|kind| THROTTLES.contains(&kind)) {
            return Verdict::Throttled;
        }
        match (self.known().api, kind) {
            (OriginType::Http, _) => self.by_wording(),
            (OriginType::Rest | OriginType::WebSocket, Some(kind)) => self.by_error_type(kind),
            (OriginType::Rest | OriginType::WebSocket, None) => self.without_error_type(),
        }
    }

    fn reached(&self) -> Verdict {
        Verdict::Reached { status: self.status }
    }

    /// The start of what was said, without what the probe showed.
    fn quoted(&self, text: &str) -> String {
        first_sentence(&without_secrets(text, self.probe))
    }

    fn refused(&self, kind: Option<&str>) -> Verdict {
        let said = match (kind, self.message()) {
            (Some(kind), Some(message)) => format!("{kind}: {message}"),
            (Some(kind), None) => kind.to_owned(),
            (None, message) => message.unwrap_or_else(|| "it was refused without a word".to_owned()),
        };
        Verdict::Refused {
            status: self.status,
            said: self.quoted(&said),
        }
    }

    fn authorizer_first(&self, kind: Option<&str>) -> Verdict {
        match self.refused(kind) {
            Verdict::Refused { status, said } => Verdict::AuthorizerFirst { status, said },
            other => other,
        }
    }

    fn ambiguous(&self, why: &str) -> Verdict {
        Verdict::Ambiguous {
            status: self.status,
            why: why.to_owned(),
        }
    }

    /// REST and WebSocket: API Gateway names its own errors, whatever status a gateway response gives them.
    fn by_error_type(&self, kind: &str) -> Verdict {
        let refusal = named(kind);
        if matches!(refusal, ErrorNamed::Other | ErrorNamed::Nothing) {
            return self.by_another_error(kind);
        }
        let Some(asks) = self.known().asks else {
            return match (self.probe.way, refusal) {
                // A handshake has no path that could be unknown.
                (_, ErrorNamed::Unsigned) if self.probe.web_socket => self.refused(Some(kind)),
                (Way::Direct, _) | (_, ErrorNamed::Unsigned) => self.ambiguous(UNREAD),
                _ => self.refused(Some(kind)),
            };
        };
        // What the backend said so before there was a lock is the backend's, where API Gateway has no reason to.
        let is_backends = self.is_as_before() == Some(true);
        let is_by_web_acl = self.known().hiding.web_acl;
        let is_by_policy = self
            .message()
            .is_some_and(|message| message.contains("execute-api:Invoke"));
        match (refusal, asks.route, asks.key) {
            (ErrorNamed::Unsigned | ErrorNamed::Signature | ErrorNamed::Denied, RouteAsks::Signature, _)
            | (ErrorNamed::Authorizer | ErrorNamed::Denied, RouteAsks::Perimeter, _)
            | (ErrorNamed::Forbidden, _, KeyAsked::Perimeter) => {
                // What API Gateway says of the caller's own rights is its own word, whatever was said before.
                let is_own_word = is_by_policy && self.probe.way != Way::Direct;
                let was_named = self.named_before() == Some(refusal) && !is_own_word;
                let may_be_web_acl = is_by_web_acl && refusal == ErrorNamed::Forbidden;
                match self.probe.way {
                    _ if may_be_web_acl && (was_named || self.probe.way == Way::Direct) => {
                        Verdict::StageWebAcl { status: self.status }
                    }
                    Way::Direct if was_named => self.ambiguous(REFUSED_BEFORE),
                    Way::Viewer | Way::Next if was_named => self.ambiguous(VIEWER_REFUSED_BEFORE),
                    _ => self.refused(Some(kind)),
                }
            }
            // Of a method that it does not know, API Gateway says the same.
            (ErrorNamed::Unsigned, _, _) => Verdict::NoRoute,
            (ErrorNamed::Denied, _, _) if is_by_policy && self.probe.way != Way::Direct => {
                self.refused(Some(kind))
            }
            // It may let in other addresses.
            (ErrorNamed::Denied, _, _) if is_by_policy => self.ambiguous(
                "the API's resource policy refuses this caller, and what it lets in from elsewhere is not known",
            ),
            (ErrorNamed::Authorizer | ErrorNamed::Denied, RouteAsks::Authorizer, _) => {
                self.authorizer_first(Some(kind))
            }
            (ErrorNamed::Forbidden, _, KeyAsked::Customers) if self.is_as_before() != Some(false) => {
                Verdict::KeyMissing {
                    status: self.status,
                }
            }
            (ErrorNamed::Forbidden, ..) if is_by_web_acl => Verdict::StageWebAcl { status: self.status },
            (ErrorNamed::Forbidden, ..) if self.probe.way == Way::Direct => self.ambiguous(
                "a web ACL before the API's stage, a VPC endpoint and an endpoint that is switched off refuse so as well",
            ),
            (ErrorNamed::Forbidden, ..) if self.known().hiding.host => self.refused(Some(kind)),
            _ if is_backends => self.reached(),
            // Of a method that asks for nothing API Gateway has no reason to say so.
            _ if self.probe.way != Way::Direct && asks.is_open() => self.reached(),
            _ if self.probe.way != Way::Direct => self.refused(Some(kind)),
            _ => self.ambiguous("it is not what the route was read to ask for"),
        }
    }

    /// REST and WebSocket, with an error that is no refusal: what comes after the authorization, or a backend's own. A gateway
    /// response may have given a refusal another name.
    fn by_another_error(&self, kind: &str) -> Verdict {
        // Whatever they name it, such as what comes after the authorization: what was read of the gateway responses counts.
        if self.known().hiding.statuses.contains(&self.status) {
            return self.without_error_type();
        }
        let is_later = LATER.contains(&kind) || self.status >= 500;
        if is_later || !self.known().asks_for_proof() || self.is_as_before() != Some(false) {
            return self.reached();
        }
        self.ambiguous(
            "the answer changed with the lock, and names an error that is not one of API Gateway's",
        )
    }

    /// REST and WebSocket, without an error type that tells: the backend's own answer, unless a gateway response took the type away
    /// or gave another, as the export may tell. Such a response may send callers elsewhere as well, where the backend answered them before.
    fn without_error_type(&self) -> Verdict {
        let (known, status) = (self.known(), self.status);
        let was_answered = known.before.is_some_and(|before| before.status < 300);
        let is_redirect = (300..400).contains(&status);
        let is_callers = (400..500).contains(&status);
        let is_told = known.hiding.statuses.contains(&status);
        let may_be_refusal = is_callers || (is_redirect && (was_answered || is_told));
        match (self.probe.way, self.is_as_before()) {
            _ if !known.asks_for_proof() => self.reached(),
            // That a backend succeeds or fails where it did not before says nothing.
            (_, change) if is_told && (!may_be_refusal || change != Some(false)) => self.ambiguous(
                "gateway responses of the API give this status to refusals, and replace their error type",
            ),
            _ if !may_be_refusal => self.reached(),
            (Way::Direct, Some(false)) if self.named_before().is_some() => self.ambiguous(
                "API Gateway refused a request past the perimeter before the lock, and names no error now",
            ),
            (_, Some(true)) | (Way::Viewer | Way::Next, None) => self.reached(),
            (Way::Direct, Some(false)) if known.hiding.web_acl => Verdict::StageWebAcl { status },
            (Way::Direct, Some(false)) => Verdict::Refused {
                status,
                said: CHANGED.to_owned(),
            },
            (Way::Viewer | Way::Next, Some(false)) if is_told => Verdict::Refused {
                status,
                said: format!("{CHANGED}, to what gateway responses make of a refusal"),
            },
            (Way::Direct, None) => self.ambiguous(
                "it may be a gateway response without an error type, and what the backend answers was never seen",
            ),
            (Way::Viewer | Way::Next, Some(false)) => self.ambiguous(
                "the answer changed with the lock, and may be a gateway response without an error type",
            ),
        }
    }

    /// HTTP: refusals are told by their wording alone, which backends use as well.
    fn by_wording(&self) -> Verdict {
        let (class, known) = (self.class(), self.known());
        if !class.is_worded {
            return self.reached();
        }
        let same = self.is_as_before() == Some(true);
        let as_before = "the backend answered just so before the lock";
        match (class.status, known.asks.map(|asks| asks.route)) {
            // The route was read to be there, and API Gateway refuses otherwise.
            (404, Some(_)) if self.is_as_before() != Some(false) => self.reached(),
            (404, _) => Verdict::NoRoute,
            (500, Some(RouteAsks::Perimeter)) if self.is_as_before() != Some(true) => self.ambiguous(
                "an authorizer that cannot be asked and an integration that fails are answered alike",
            ),
            (401 | 403, None) => self.ambiguous(UNREAD),
            (403, Some(RouteAsks::Signature)) | (401 | 403, Some(RouteAsks::Perimeter)) => {
                if same {
                    self.ambiguous(as_before)
                } else {
                    self.refused(None)
                }
            }
            (401 | 403, Some(RouteAsks::Authorizer)) => self.authorizer_first(None),
            // API Gateway has no reason to say so there.
            _ => self.reached(),
        }
    }
}

const CHANGED: &str = "the answer changed with the lock";
const UNREAD: &str = "what the route asks for was not read";
const REFUSED_BEFORE: &str = "a request past the perimeter was refused with the same error before the lock: by a web ACL or a \
                              policy of the API, by a VPC endpoint behind the controller's proxy, or by a backend that names \
                              its errors as API Gateway does";

const VIEWER_REFUSED_BEFORE: &str = "a request through the perimeter was answered with the same error before the lock: by a web ACL or \
                                     a policy of the API, or by a backend that names its errors as API Gateway does";

const PAGED: &str = "an error page that somebody has put on the distribution answers so in place of a refusal as well, and may bear \
                     API Gateway's mark: give it a path that leads to a bucket";

const REWRITTEN: &str = "a function that somebody has put on the distribution's origin-response event may make this of a refusal: \
                         headers are added by spec.distribution.responseHeadersPolicyId as well";

/// Which error of API Gateway's `kind` is: why it refuses a caller, or another.
fn named(kind: &str) -> ErrorNamed {
    match kind {
        "MissingAuthenticationTokenException" => ErrorNamed::Unsigned,
        "ForbiddenException" => ErrorNamed::Forbidden,
        "AccessDeniedException" => ErrorNamed::Denied,
        "UnauthorizedException" | "AuthorizerConfigurationException" | "AuthorizerFailureException" => {
            ErrorNamed::Authorizer
        }
        kind if ACCESS.iter().any(|word| kind.contains(word)) => ErrorNamed::Signature,
        _ => ErrorNamed::Other,
    }
}

/// What the names of errors have in common that speak of who the caller is.
const ACCESS: [&str; 6] = [
    "Signature",
    "Token",
    "Credential",
    "UnrecognizedClient",
    "AccessKey",
    "Expired",
];

/// Errors of API Gateway's own that come after the authorization.
const LATER: [&str; 6] = [
    "BadRequestException",
    "InternalServerErrorException",
    "NotFoundException",
    "RequestTooLargeException",
    "ServiceUnavailableException",
    "UnsupportedMediaTypeException",
];

/// Error types of a throttle or a quota.
const THROTTLES: [&str; 3] = [
    "LimitExceededException",
    "ThrottlingException",
    "TooManyRequestsException",
];

/// What a later lock would be answered with, were it refused: an API whose backend says so already cannot be proven.
#[must_use]
pub fn hides_refusals(api: OriginType, asked: Asks, class: Class) -> bool {
    if api == OriginType::Http {
        let is_refusal = match asked.route {
            RouteAsks::Signature => class.status == 403,
            RouteAsks::Perimeter => class.status == 401 || class.status == 403,
            RouteAsks::Nothing | RouteAsks::Authorizer => false,
        };
        return class.is_worded && is_refusal;
    }
    match (asked.route, class.error) {
        (RouteAsks::Signature, Some(error)) => {
            [ErrorNamed::Unsigned, ErrorNamed::Signature, ErrorNamed::Denied].contains(&error)
        }
        (RouteAsks::Perimeter, Some(error)) => [ErrorNamed::Authorizer, ErrorNamed::Denied].contains(&error),
        (_, error) => asked.key == KeyAsked::Perimeter && error == Some(ErrorNamed::Forbidden),
    }
}

/// Whether an address is none of the Internet's.
#[must_use]
pub fn is_private(address: IpAddr) -> bool {
    match address.to_canonical() {
        IpAddr::V4(address) => is_private_v4(address),
        IpAddr::V6(address) => is_private_v6(address),
    }
}

fn is_private_v4(address: Ipv4Addr) -> bool {
    let [first, second, ..] = address.octets();
    let is_shared = first == 100 && (64..128).contains(&second);
    let is_test = first == 198 && (second == 18 || second == 19);
    address.is_private()
        || address.is_loopback()
        || address.is_link_local()
        || address.is_unspecified()
        || is_shared
        || is_test
}

fn is_private_v6(address: Ipv6Addr) -> bool {
    let first = address.segments()[0];
    address.is_loopback() || address.is_unspecified() || first & 0xfe00 == 0xfc00 || first & 0xffc0 == 0xfe80
}

/// What a page of CloudFront's says besides its headings, which are the same on each.
fn page_text(html: &str) -> String {
    let said = html.rsplit_once("</H2>").map(|(_, said)| without_tags(said));
    said.filter(|said| !said.is_empty())
        .unwrap_or_else(|| without_tags(html))
}

/// The text of an HTML page, on one line.
fn without_tags(html: &str) -> String {
    let mut text = String::new();
    let mut is_tag = false;
    for c in html.chars() {
        match c {
            '<' => is_tag = true,
            '>' => {
                is_tag = false;
                text.push(' ');
            }
            _ if is_tag => {}
            c => text.push(c),
        }
    }
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// What was said, without what the probe showed: API Gateway and backends quote headers that they refuse, whole or in pieces.
fn without_secrets(text: &str, probe: &Probe) -> String {
    let values = probe.headers.iter().map(|(_, value)| value.expose());
    let mut pieces: Vec<&str> = values.flat_map(words).collect();
    pieces.sort_unstable_by_key(|piece| Reverse(piece.len()));
    let long = pieces.iter().filter(|piece| piece.len() >= LONG);
    let text = long.fold(text.to_owned(), |text, piece| text.replace(piece, SECRET));
    let mut masked = String::new();
    let mut rest = text.as_str();
    while let Some(word) = words(rest).next() {
        let (before, after) = rest.split_once(word).unwrap_or((rest, ""));
        masked.push_str(before);
        masked.push_str(if pieces.contains(&word) { SECRET } else { word });
        rest = after;
    }
    masked + rest
}

/// Runs of letters and digits: wherever a value is split, it is not split within one.
fn words(text: &str) -> impl Iterator<Item = &str> {
    text.split(|c: char| !c.is_alphanumeric())
        .filter(|word| !word.is_empty())
}

/// The start of what was said. API Gateway goes on with the canonical request, which has the signer's session token.
fn first_sentence(text: &str) -> String {
    let line = text.lines().next().unwrap_or_default();
    let end = line.find(". ").map_or(line.len(), |end| end + 1);
    let sentence = without_resource(&line[..end]);
    let mut shown: String = sentence.chars().take(QUOTE).collect();
    if shown.len() < sentence.len() {
        shown.push('…');
    }
    shown
}

fn without_resource(sentence: &str) -> String {
    match sentence.split_once(RESOURCE) {
        None => sentence.to_owned(),
        Some((before, after)) => {
            let rest = after.find(' ').map_or("", |end| &after[end..]);
            format!("{before}{rest}")
        }
    }
}
