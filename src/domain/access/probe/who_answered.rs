//! Who gave an answer to a probe, and what that proves: one function, whose table is docs/probes.md.
//!
//! An answer is the API's only with a mark that API Gateway alone puts on it. What of a marked answer is API Gateway's own
//! is told by its error type, or, where a type of API has none, by its wording; and that counts only where it fits what
//! the route was read to ask for, and is not what the backend answered before there was a lock.

use super::gateway_errors::{LATER, THROTTLES, named};
use super::reply::Reply;
use super::{Answer, Class, Probe, Verdict, Way};
use crate::api::{Asks, ErrorNamed, KeyAsked, OriginType, RouteAsks};
use std::net::IpAddr;

pub use super::private_addresses::is_private;
pub use super::reply::is_mark;
pub use super::told_apart::{doubt_endpoint_off, tell_apart};

/// Who gave `answer` to `probe`, and what that proves.
#[must_use]
pub fn verdict(probe: &Probe, answer: &Answer) -> Verdict {
    match answer {
        // Who shows one is let in, or refused in words.
        Answer::EndedForCertificate(_) if probe.certificate.is_none() => Verdict::CertificateAsked,
        Answer::EndedForCertificate(why) | Answer::Failed(why) => Verdict::Unanswered { why: why.clone() },
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
    // An endpoint that is off answers in the place of the API, and says nothing of it.
    let is_off = probe.known.is_endpoint_off && matches!(probe.way, Way::Direct | Way::Next);
    answered(probe, answer).filter(|_| !is_off)
}

/// What is compared of `answer` with those of the other ways of the same pass: of an endpoint that is off as well. `None` as in
/// [`class`].
#[must_use]
pub fn answered(probe: &Probe, answer: &Answer) -> Option<Class> {
    match answer {
        Answer::EndedForCertificate(_) | Answer::Failed(_) => None,
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

impl Reply<'_> {
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
        if let Some(verdict) = self.before_the_routes() {
            return verdict;
        }
        match (self.known().api, kind) {
            (OriginType::Http, _) => self.by_wording(),
            (OriginType::Rest | OriginType::WebSocket, Some(kind)) => self.by_error_type(kind),
            (OriginType::Rest | OriginType::WebSocket, None) => self.without_error_type(),
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
                    _ if was_named => self.ambiguous(VIEWER_REFUSED_BEFORE),
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
            (Way::Direct, None) => self.ambiguous(
                "it may be a gateway response without an error type, and what the backend answers was never seen",
            ),
            (_, Some(true) | None) => self.reached(),
            (Way::Direct, Some(false)) if known.hiding.web_acl => Verdict::StageWebAcl { status },
            (Way::Direct, Some(false)) => Verdict::Refused {
                status,
                error: None,
                said: CHANGED.to_owned(),
            },
            (_, Some(false)) if is_told => Verdict::Refused {
                status,
                error: None,
                said: format!("{CHANGED}, to what gateway responses make of a refusal"),
            },
            (_, Some(false)) => self.ambiguous(
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
