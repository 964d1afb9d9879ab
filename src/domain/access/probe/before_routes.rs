//! What API Gateway says before it looks at any route: of a client certificate that it does not accept, and of a default endpoint that
//! is switched off. It says both as it says that a key is missing.

use super::gateway_errors::named;
use super::reply::Reply;
use super::{Verdict, Way};
use crate::api::{Asks, ErrorNamed, KeyAsked, OriginType, RouteAsks};

const OF_A_KEY: &str = "a request without an API key is answered alike, and the method asks its callers for one: set \
                        spec.origin.probePath to the path of a method that asks for none";
const OF_AN_AUTHORIZER: &str = "a caller whom the route's own authorizer does not let in is answered alike: give probes what it \
                                accepts (spec.access.probe), or set spec.origin.probePath to a path without one";

const AS_BEFORE: &str = "a request past the perimeter was answered just so while the default endpoint was on: set \
                         spec.origin.probePath to a path that is answered otherwise";

impl Reply<'_> {
    /// What was answered before any route was looked at; `None` where a route answered, or nothing is known of the kind.
    pub(super) fn before_the_routes(&self) -> Option<Verdict> {
        let known = self.known();
        match self.probe.way {
            Way::Direct | Way::Next if known.is_endpoint_off => self.of_endpoint_off(),
            Way::Direct | Way::Next => None,
            _ if known.by_certificate => self.of_certificate(),
            Way::Viewer | Way::Origin | Way::Certificate | Way::Stranger | Way::Fronted => None,
        }
    }

    /// A default endpoint that is off forbids, or, of an HTTP API, knows nothing.
    fn of_endpoint_off(&self) -> Option<Verdict> {
        let status = self.status;
        let is_http = self.known().api == OriginType::Http;
        let knows_nothing = is_http && status == 404 && self.class().is_worded;
        if !self.is_forbidden() && !knows_nothing {
            return None;
        }
        if self.is_as_before() == Some(true) {
            return Some(self.ambiguous(AS_BEFORE));
        }
        if knows_nothing {
            return Some(Verdict::EndpointOff { status });
        }
        if self.known().hiding.web_acl {
            return Some(Verdict::StageWebAcl { status });
        }
        Some(self.doubted().unwrap_or(Verdict::EndpointOff { status }))
    }

    /// Who shows a certificate that is not accepted is forbidden to come in; what is said otherwise was said to whom it let in.
    fn of_certificate(&self) -> Option<Verdict> {
        let kind = self.kind();
        if self.is_forbidden() {
            return Some(self.doubted().unwrap_or_else(|| self.refused(kind)));
        }
        let is_unsigned = matches!(
            kind.map(named),
            Some(ErrorNamed::Unsigned | ErrorNamed::Signature)
        );
        let asks_callers = self
            .asks()
            .is_some_and(|asks| asks.route == RouteAsks::Authorizer);
        (is_unsigned && asks_callers).then(|| self.authorizer_first(kind))
    }

    /// Whether API Gateway forbids it, as far as its words are known.
    fn is_forbidden(&self) -> bool {
        match self.known().api {
            OriginType::Http => self.status == 403 && self.class().is_worded,
            OriginType::Rest | OriginType::WebSocket => self
                .kind()
                .is_some_and(|kind| named(kind) == ErrorNamed::Forbidden),
        }
    }

    /// What else may have forbidden it.
    fn doubted(&self) -> Option<Verdict> {
        let asks = self.asks()?;
        if asks.key == KeyAsked::Customers {
            return Some(self.ambiguous(OF_A_KEY));
        }
        let known = self.known();
        let is_by_authorizer =
            known.api == OriginType::Http && asks.route == RouteAsks::Authorizer && !known.has_token;
        is_by_authorizer.then(|| self.ambiguous(OF_AN_AUTHORIZER))
    }

    fn asks(&self) -> Option<Asks> {
        self.known().asks
    }
}
