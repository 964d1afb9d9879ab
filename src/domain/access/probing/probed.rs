//! What probes request: which method and path, what the route asks for as deployed, and what it answered before the lock.

use crate::api::{
    AccessMode, Asks, Enforcement, ErrorNamed, KeyAsked, OriginType, ProbeMethod, ProbedStatus, RouteAsks,
};
use crate::domain::access::asked::as_deployed::{Deployed, Served};
use crate::domain::access::asked::paths::{Choice, Target, target};
use crate::domain::access::asked::{AWS_IAM, Authorization, CONNECT, CUSTOM, NONE, Route};
use crate::domain::access::authorization::{Desired, Pending, hash_of};
use crate::domain::access::inputs::{Inputs, Wanted};
use crate::domain::access::probe::{Class, Hiding, Verdict, Way};
use crate::domain::access::proof::Proof;
use crate::domain::access::routes::{Ours, Routes};
use crate::domain::access::table::marks::Before;
use crate::domain::kernel::observing::Seen;
use crate::domain::kernel::planning::{Id, Kind};
use serde_json::Value;
use std::collections::BTreeSet;

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
            Some(routes) => routes.is_probed(),
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

/// Whether what is probed asks for a signature that is not the perimeter's to show: CloudFront signs nothing, and never did for this
/// stage. Where the methods were not read, what was known of them counts.
#[must_use]
pub fn asks_callers_for_signatures(wanted: &Wanted<'_>, inputs: &Inputs<'_>) -> bool {
    let asks = probed(wanted, inputs).and_then(|probed| probed.asks);
    if asks.is_none_or(|asks| asks.route != RouteAsks::Signature) {
        return false;
    }
    if let Some(routes) = Routes::of(wanted, inputs) {
        return routes.asks_others_for_signatures() && !routes.found.marks.is_unproven();
    }
    let locked_by = inputs.outputs.locked_mode;
    let was_signed = locked_by.map_or(inputs.outputs.was_locked, |mode| mode == AccessMode::SigV4);
    let is_there = matches!(inputs.distribution, Seen::Present(_) | Seen::Listed(Some(_)));
    is_there && !Ours::of(inputs).signs && !was_signed
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
        let asks = self.asks(&target.route);
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

    fn target(&self) -> Option<&Target> {
        self.target.get_or_init(|| self.chosen()).as_ref()
    }

    /// The route that a cut-over is proven at: one of the working copy, which the lock deploys.
    pub fn probed_route(&self) -> Option<&Route> {
        let target = self.target().filter(|target| target.method.is_safe())?;
        self.edited(&target.route.key)
    }

    /// Whether probes go through the perimeter, as far as the routes were read: also to a route that the stage alone has.
    pub(in crate::domain::access) fn is_probed(&self) -> bool {
        self.desired.probes && self.target().is_some_and(|target| target.method.is_safe())
    }

    /// The route of this key, as the working copy has it.
    fn edited(&self, key: &str) -> Option<&Route> {
        self.found.routes.iter().find(|route| route.key == key)
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
                // What neither has is the handshake, which asks for nothing then.
                let unserved = || self.edited(&route.key).is_none().then_some(&route.authorization);
                let served = served.get(&route.key).or_else(unserved)?;
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
                let is_edited = self.edited(&route.key).is_some();
                let is_compared = is_edited && marks.cut_over.is_some() && marks.before.is_some();
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
            // Callers show what the route asks for themselves.
            AWS_IAM if self.desired.proof == Proof::Certificate => RouteAsks::Authorizer,
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
            Proof::Certificate => (RouteAsks::Nothing, KeyAsked::None),
        };
        Asks { route, key }
    }

    /// What probes of this pass were answered, to be remembered once the route is locked; what was remembered where it is
    /// locked already.
    pub(in crate::domain::access) fn answers_before(&self) -> Option<Before> {
        let asks = self.probed().and_then(|probed| probed.asks);
        // The lock takes away what the stage alone has: later answers are those of another route.
        let is_of_stage_alone = || {
            let target = self.target();
            target.is_some_and(|target| self.edited(&target.route.key).is_none())
        };
        // What another's function answers in our authorizer's place is not what an open method did.
        if asks.is_none_or(Asks::is_locked) || self.asks_replaced_authorizer() || is_of_stage_alone() {
            return self.found.marks.before.clone();
        }
        let class = |way| self.inputs.classes.get(&way).copied();
        Some(Before {
            viewer: class(Way::Viewer),
            direct: class(Way::Direct),
        })
    }
}

/// What is probed is chosen.
impl Routes<'_> {
    /// A route that the stage serves and the working copy has, by a method that changes nothing; else what a lock that is
    /// begun is about to deploy; else what the stage alone has. A method that is only edited, or that a canary alone has,
    /// answers no probe. A handshake is answered whatever is deployed.
    fn chosen(&self) -> Option<Target> {
        let is_web_socket = self.desired.gate.r#type == OriginType::WebSocket;
        let kept: Vec<&Route> = self.found.kept(self.desired).collect();
        let edited = self.all_keys();
        let Some(served) = self.found.deployed.told().filter(|_| !is_web_socket) else {
            let found = self.chosen_among(&kept, &edited);
            return found.or_else(|| self.chosen_of_stage(&[CONNECT]));
        };
        let is_harmless = |target: &Target| target.method.is_safe();
        let keys: Vec<&str> = served.iter().map(|(key, _)| key.as_str()).collect();
        let mut of_both = kept.clone();
        of_both.retain(|route| served.get(&route.key).is_some());
        let of_both = self.chosen_among(&of_both, &keys);
        if of_both.as_ref().is_some_and(is_harmless) {
            return of_both;
        }
        let is_begun = self.found.marks.is_unproven();
        let begun = is_begun.then(|| self.chosen_among(&kept, &edited)).flatten();
        if begun.as_ref().is_some_and(is_harmless) {
            return begun;
        }
        let of_stage = self.chosen_of_stage(&keys);
        if of_stage.as_ref().is_some_and(is_harmless) {
            return of_stage;
        }
        begun.or(of_both).or(of_stage)
    }

    /// What to probe of the routes that the stage alone has.
    fn chosen_of_stage(&self, served: &[&str]) -> Option<Target> {
        let routes = self.served_alone();
        self.chosen_among(&routes.iter().collect::<Vec<_>>(), served)
    }

    /// The routes that should be locked, that the stage serves and that the working copy does not have any more. A WebSocket API's
    /// handshake is answered without a route as well, and then anybody's.
    fn served_alone(&self) -> Vec<Route> {
        let edited: BTreeSet<&str> = self.found.routes.iter().map(|route| route.key.as_str()).collect();
        let is_alone = |key: &str| self.is_kept(key) && !edited.contains(key);
        let route = |key: &str, authorization: Authorization| Route {
            key: key.to_owned(),
            id: String::new(),
            authorization,
            integration: Value::Null,
        };
        let served = self.found.deployed.told().into_iter().flat_map(Served::iter);
        let mut alone: Vec<Route> = served
            .filter(|(key, _)| is_alone(key))
            .map(|(key, asked)| route(key, self.with_our_authorizer(asked)))
            .collect();
        let is_web_socket = self.desired.gate.r#type == OriginType::WebSocket;
        let is_deployed = self.found.deployed != Deployed::Nothing;
        if is_web_socket && is_deployed && alone.is_empty() && is_alone(CONNECT) {
            alone.push(route(CONNECT, Authorization::none()));
        }
        alone
    }

    /// A REST API's deployment that names no authorizer, and is not known to ask another's, asks ours.
    fn with_our_authorizer(&self, served: &Authorization) -> Authorization {
        let is_unnamed = served.kind == CUSTOM && served.authorizer.is_none();
        let ours = || self.wanted_authorizer().filter(|_| is_unnamed);
        Authorization {
            authorizer: served.authorizer.clone().or_else(|| ours().map(str::to_owned)),
            ..served.clone()
        }
    }

    /// What to probe of `routes`, where the stage has routes of the keys `served`.
    fn chosen_among(&self, routes: &[&Route], served: &[&str]) -> Option<Target> {
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
