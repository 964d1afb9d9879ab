//! What probes request: which method and path, what the route asks for as deployed, and what it answered before the lock.

use crate::api::{Asks, Enforcement, ErrorNamed, KeyAsked, OriginType, ProbeMethod, ProbedStatus, RouteAsks};
use crate::domain::access::asked::as_deployed::Deployed;
use crate::domain::access::asked::paths::{Choice, Target, target};
use crate::domain::access::asked::{AWS_IAM, Authorization, CUSTOM, NONE, Route};
use crate::domain::access::authorization::{Desired, Pending, hash_of};
use crate::domain::access::inputs::{Inputs, Wanted};
use crate::domain::access::probe::{Class, Hiding, Verdict, Way};
use crate::domain::access::proof::Proof;
use crate::domain::access::routes::Routes;
use crate::domain::access::table::marks::Before;
use crate::domain::kernel::planning::{Id, Kind};

/// As many statuses of gateway responses as status holds.
const STATUSES: usize = 20;

/// What probes request, and what is known of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Probed {
    /// The path as viewers write it.
    pub path: String,
    /// The method.
    pub method: ProbeMethod,
    /// What the route asks for as deployed; `None` where that is not known.
    pub asks: Option<Asks>,
    /// What it answered while it asked for nothing.
    pub before: Before,
    /// What may answer in place of API Gateway.
    pub hiding: Hiding,
}

impl Probed {
    /// As status keeps it.
    #[must_use]
    pub fn status(&self) -> ProbedStatus {
        ProbedStatus {
            method: self.method,
            asks: self.asks,
            viewer_before: self.before.viewer.map(Class::text),
            viewer_before_error: self.before.viewer.and_then(|class| class.error),
            direct_before: self.before.direct.map(Class::text),
            direct_before_error: self.before.direct.and_then(|class| class.error),
            stage_web_acl: self.hiding.web_acl.then_some(true),
            refused_as: self.hiding.statuses.iter().copied().take(STATUSES).collect(),
        }
    }
}

/// What probes request: as declared, as chosen from the routes, or as chosen earlier; `None` where no route can be asked.
#[must_use]
pub fn probed(wanted: &Wanted<'_>, inputs: &Inputs<'_>) -> Option<Probed> {
    if let Some(routes) = Routes::of(wanted, inputs) {
        return routes.probed();
    }
    let outputs = &inputs.outputs;
    let path = wanted.access.probe_path.as_ref().or(outputs.probe_path)?;
    let known = outputs.probed;
    // Where the declared path was read to lead to nothing that may be asked for, that counts until the routes are read again.
    let was_read = || {
        inputs
            .pass
            .was_verified(&Id::of(Kind::Access), &hash_of(wanted.access))
    };
    if known.is_none() && was_read() {
        return None;
    }
    let class = |text: Option<&String>, error: Option<ErrorNamed>| {
        let class = Class::parse(text?)?;
        Some(Class { error, ..class })
    };
    Some(Probed {
        path: path.clone(),
        method: known.map(|known| known.method).unwrap_or_default(),
        asks: known.and_then(|known| known.asks),
        before: Before {
            viewer: known.and_then(|known| class(known.viewer_before.as_ref(), known.viewer_before_error)),
            direct: known.and_then(|known| class(known.direct_before.as_ref(), known.direct_before_error)),
        },
        hiding: known.map(hiding).unwrap_or_default(),
    })
}

/// As status keeps it.
fn hiding(known: &ProbedStatus) -> Hiding {
    Hiding {
        web_acl: known.stage_web_acl == Some(true),
        statuses: known.refused_as.iter().copied().collect(),
        ..Hiding::default()
    }
}

/// Whether probes go through the perimeter: they are wanted, and there is a method that may be asked for. Where the methods
/// were not read, what was known of them counts.
pub(in crate::domain::access) fn is_probed(wanted: &Wanted<'_>, inputs: &Inputs<'_>) -> bool {
    wanted.access.probes
        && match Routes::of(wanted, inputs) {
            Some(routes) => routes.probed_route().is_some(),
            None => probed(wanted, inputs).is_none_or(|probed| probed.method.is_safe()),
        }
}

/// Whether the perimeter's request got past all that the perimeter can show: to the backend, or to what API Gateway asks
/// for besides, which is the customers' to show.
pub(in crate::domain::access) fn is_let_in(wanted: &Wanted<'_>, verdict: &Verdict) -> bool {
    match verdict {
        Verdict::Reached { .. } => true,
        Verdict::KeyMissing { .. } => wanted.access.proof != Proof::Key,
        Verdict::AuthorizerFirst { .. } => is_beyond_probes(wanted.access),
        _ => false,
    }
}

/// Whether the team's authorizers answer every probe before the perimeter's key is looked at, or where none is asked for.
pub(super) fn is_beyond_probes(desired: &Desired) -> bool {
    let is_beside = desired.proof == Proof::Key || desired.enforcement == Enforcement::Observe;
    is_beside && desired.probe_header.is_none()
}

impl Routes<'_> {
    /// What probes request.
    pub fn probed(&self) -> Option<Probed> {
        let target = self.target()?;
        let asks = self.asks(target.route);
        let marks = &self.found.marks;
        // A key that customers show may have been asked for since.
        let is_new = marks.cut_over.is_none() && asks.is_some_and(|asks| asks.key == KeyAsked::Customers);
        Some(Probed {
            path: target.viewer_path.clone(),
            method: target.method,
            asks,
            before: marks.before.clone().filter(|_| !is_new).unwrap_or_default(),
            hiding: self.hiding(),
        })
    }

    /// What may answer in place of API Gateway. An export is read only where it decides something: until then what was known counts.
    pub(in crate::domain::access) fn hiding(&self) -> Hiding {
        let known = self.inputs.outputs.probed;
        let known = || known.map(|known| hiding(known).statuses).unwrap_or_default();
        Hiding {
            web_acl: self.found.stage.web_acl.is_some(),
            statuses: self.found.refused_as.clone().unwrap_or_else(known),
            ..Hiding::default()
        }
    }

    /// Whether it was not read what gateway responses make of refusals, and nobody has tried to.
    pub(in crate::domain::access) fn responses_are_unread(&self) -> bool {
        let is_unread = self.found.refused_as.is_none() && self.found.pending == Pending::Unread;
        self.desired.gate.r#type == OriginType::Rest && is_unread
    }

    fn target(&self) -> Option<&Target<'_>> {
        self.target.get_or_init(|| self.chosen()).as_ref()
    }

    /// The route that a cut-over is proven at.
    pub fn probed_route(&self) -> Option<&Route> {
        let target = self.target().filter(|target| target.method.is_safe())?;
        Some(target.route)
    }

    /// Whether probes go through the perimeter, as far as the routes were read.
    pub(in crate::domain::access) fn is_probed(&self) -> bool {
        self.desired.probes && self.probed_route().is_some()
    }

    /// How much else a route asks for that no probe has.
    fn burden(&self, route: &Route) -> u8 {
        let asks = self.asked(&route.authorization);
        match (asks.route, asks.key) {
            // What a lock is proven at has to have it: a route that came since may be open.
            _ if self.found.marks.is_unproven() && !self.is_route_locked(route) => 3,
            (RouteAsks::Authorizer, _) => 2,
            (RouteAsks::Signature, _) if self.asks_others_for_signatures() => 2,
            (_, KeyAsked::Customers) => 1,
            _ => 0,
        }
    }

    /// What `route` asks for as deployed; `None` where that is not known.
    pub(in crate::domain::access) fn asks(&self, route: &Route) -> Option<Asks> {
        match &self.found.deployed {
            Deployed::Routes(served) => {
                let served = served.get(&route.key)?;
                // A REST API's deployment does not tell which authorizer.
                let authorizer = route.authorization.authorizer.clone();
                Some(self.asked(&Authorization {
                    authorizer: served.authorizer.clone().or(authorizer),
                    ..served.clone()
                }))
            }
            // What was written is about to be in force, and what was answered before it is known. What a handshake asks customers
            // for goes live with the lock, which carries all edits where nothing tells of them.
            Deployed::Outdated(_) | Deployed::CutShort(_) | Deployed::Unknown(_) => {
                let marks = &self.found.marks;
                let is_compared = marks.cut_over.is_some() && marks.before.is_some();
                let is_handshake = self.desired.gate.r#type == OriginType::WebSocket;
                let asked = self.asked(&route.authorization);
                (is_compared || (is_handshake && asked.key == KeyAsked::Customers)).then_some(asked)
            }
            Deployed::Nothing | Deployed::LockedOtherwise(_) => None,
        }
    }

    fn asked(&self, found: &Authorization) -> Asks {
        let route = match found.kind.as_str() {
            NONE => RouteAsks::Nothing,
            AWS_IAM => RouteAsks::Signature,
            CUSTOM if self.is_our_authorizer(found.authorizer.as_deref()) => RouteAsks::Perimeter,
            _ => RouteAsks::Authorizer,
        };
        let key = match found.api_key_required {
            false => KeyAsked::None,
            true if self.ours.has_key && self.may_have_key_of_ours(found) => KeyAsked::Perimeter,
            true => KeyAsked::Customers,
        };
        Asks { route, key }
    }

    /// What the route will ask for once it is locked.
    pub(in crate::domain::access) fn asks_once_locked(&self) -> Asks {
        let (route, key) = match self.desired.proof {
            Proof::Signature => (RouteAsks::Signature, KeyAsked::None),
            Proof::Header(_) => (RouteAsks::Perimeter, KeyAsked::None),
            Proof::Key => (RouteAsks::Nothing, KeyAsked::Perimeter),
        };
        Asks { route, key }
    }

    /// What probes of this pass were answered, to be remembered once the route is locked; what was remembered where it is
    /// locked already.
    pub(in crate::domain::access) fn answers_before(&self) -> Option<Before> {
        let asks = self.probed().and_then(|probed| probed.asks);
        // What another's function answers in our authorizer's place is not what an open method did.
        if asks.is_none_or(Asks::is_locked) || self.asks_replaced_authorizer() {
            return self.found.marks.before.clone();
        }
        let class = |way| self.inputs.classes.get(&way).copied();
        Some(Before {
            viewer: class(Way::Viewer),
            direct: class(Way::Direct),
        })
    }
}

impl<'a> Routes<'a> {
    /// What the stage's own deployment serves, where that is known: a method that is only edited, or that a canary alone has, answers
    /// no probe. What a lock that is begun is about to deploy counts where nothing else may be asked for without harm. A handshake
    /// is answered whatever is deployed.
    fn chosen(&self) -> Option<Target<'a>> {
        let is_web_socket = self.desired.gate.r#type == OriginType::WebSocket;
        let kept: Vec<&'a Route> = self.found.kept(self.desired).collect();
        let edited = self.all_keys();
        let Some(served) = self.found.deployed.told().filter(|_| !is_web_socket) else {
            return self.chosen_among(&kept, &edited);
        };
        let mut of_stage = kept.clone();
        of_stage.retain(|route| served.get(&route.key).is_some());
        let keys: Vec<&str> = served.iter().map(|(key, _)| key.as_str()).collect();
        let found = self.chosen_among(&of_stage, &keys);
        let is_harmless = found.as_ref().is_some_and(|target| target.method.is_safe());
        if is_harmless || !self.found.marks.is_unproven() {
            return found;
        }
        self.chosen_among(&kept, &edited).or(found)
    }

    /// What to probe of `routes`, where the stage has routes of the keys `served`.
    fn chosen_among(&self, routes: &[&'a Route], served: &[&str]) -> Option<Target<'a>> {
        let outputs = &self.inputs.outputs;
        let by = outputs.probed.map(|known| known.method).unwrap_or_default();
        let all = self.all_keys();
        let choice = Choice {
            routes,
            served,
            all: &all,
            last: outputs.probe_path.map(|path| (path.as_str(), by)),
        };
        let burden = |route: &Route| self.burden(route);
        let declared = self.desired.probe_path.as_deref();
        target(&self.desired.gate, declared, choice, &burden)
    }
}
