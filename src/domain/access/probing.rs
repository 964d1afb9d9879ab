//! What is probed: which method and path, what the route asks for as deployed, and what it answered before the lock.

use super::as_deployed::Deployed;
use super::asked::{AWS_IAM, Authorization, CUSTOM, Gate, NONE, Route};
use super::at_the_edge::{
    has_just_deployed, hiding_at_the_edge, is_telling, path_as_configured, served_host,
};
use super::authorization::{Desired, Pending};
use super::inputs::{Inputs, Plan, Wanted};
use super::marks::{Before, Marks};
use super::paths::{Target, direct_path, target};
use super::probe::{Class, Hiding, Known, Probe, Verdict, Way};
use super::proof::Proof;
use super::routes::Routes;
use super::sending::candidate;
use super::verdicts::said;
use crate::api::{Asks, Enforcement, ErrorNamed, KeyAsked, OriginType, ProbeMethod, ProbedStatus, RouteAsks};
use crate::domain::kernel::planning::Kind;
use crate::domain::kernel::secret::Secret;
use jiff::SignedDuration;

/// A lock of ours is in force everywhere by then: what writes is asked for only after it, lest the backend did it.
const IN_FORCE: SignedDuration = SignedDuration::from_mins(2);
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
pub fn probed(all: &Wanted<'_>, everything: &Inputs<'_>) -> Option<Probed> {
    if let Some(routes) = Routes::of(all, everything) {
        return routes.probed();
    }
    let outputs = &everything.outputs;
    let path = all.access.probe_path.as_ref().or(outputs.probe_path)?;
    let known = outputs.probed;
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

/// Adds a probe, unless it was sent in this pass or cannot be.
pub(super) fn add_probe(all: &Wanted<'_>, everything: &Inputs<'_>, way: Way, plan: &mut Plan<impl Sized>) {
    let is_planned = plan.probes.iter().any(|probe| probe.way == way);
    if !everything.probes.contains_key(&way) && !is_planned {
        plan.probes.extend(probe(all, everything, way));
    }
}

/// Adds the probes that are due while nothing changes.
pub(super) fn steady(all: &Wanted<'_>, everything: &Inputs<'_>, plan: &mut Plan<impl Sized>) {
    let is_due = everything.due.probes || has_just_deployed(everything);
    if !is_due || !all.access.probes {
        return;
    }
    if is_telling(everything) {
        add_probe(all, everything, Way::Viewer, plan);
    }
    add_probe(all, everything, Way::Direct, plan);
}

/// Adds the probe past the perimeter that is due of an API whose lock waits for the distribution, where it was locked before or
/// answered one: it may have been opened meanwhile. Until a person has helped the perimeter, any may stand open.
pub(super) fn watch(all: &Wanted<'_>, everything: &Inputs<'_>, plan: &mut Plan<impl Sized>) {
    let is_known = everything.outputs.told.locked || everything.outputs.told.open;
    let is_watched = is_known || !plan.problems.is_empty();
    if is_watched && everything.due.probes && all.access.probes {
        add_probe(all, everything, Way::Direct, plan);
    }
}

/// Whether a probe can be sent that was not sent in this pass.
pub(super) fn is_due(all: &Wanted<'_>, everything: &Inputs<'_>, way: Way) -> bool {
    !everything.probes.contains_key(&way) && probe(all, everything, way).is_some()
}

/// Whether viewers get through the perimeter to the API, as far as it is known before names are led to it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Passage {
    /// A probe got through; or none can be sent, and nothing is known to be in the way.
    Open,
    /// A probe has to tell first: it is in the plan.
    Asked,
    /// Something is in the way, for people.
    Closed(String),
}

/// Looks whether viewers get through, after what the API needs was planned.
#[must_use]
pub fn passage(all: &Wanted<'_>, everything: &Inputs<'_>, plan: &mut Plan<impl Sized>) -> Passage {
    let kinds = [Kind::ApiKey, Kind::Authorizer, Kind::Access];
    let mut problems = plan.problems.iter();
    let in_the_way = problems.find(|problem| !problem.stands && kinds.contains(&problem.id.kind));
    if let Some(problem) = in_the_way {
        return Passage::Closed(problem.message.clone());
    }
    if !all.access.probes {
        return Passage::Open;
    }
    add_probe(all, everything, Way::Viewer, plan);
    match everything.probes.get(&Way::Viewer) {
        Some(verdict) if is_let_in(all, verdict) => Passage::Open,
        Some(verdict) => Passage::Closed(format!("a probe through the perimeter: {}", said(verdict))),
        None if plan.probes.iter().any(|probe| probe.way == Way::Viewer) => Passage::Asked,
        None => Passage::Open,
    }
}

/// The probe that goes `way`; `None` while host, path or value are not known, or where it might change something.
fn probe(all: &Wanted<'_>, everything: &Inputs<'_>, way: Way) -> Option<Probe> {
    let desired = &all.access;
    let gate = &desired.gate;
    let probed = probed(all, everything)?;
    if !may_be_asked(everything, &probed, way) {
        return None;
    }
    let (host, connect, path) = match way {
        Way::Viewer => {
            let own = everything.domain_name?.to_owned();
            let path = path_as_configured(all, everything, &probed.path)?;
            match served_host(all, everything) {
                // DNS need not lead the alias to the distribution yet.
                Some(alias) => (alias.to_owned(), Some(own), path),
                None => (own, None, path),
            }
        }
        Way::Direct | Way::Next => (gate.host.clone(), None, direct_path(gate, &probed.path)),
    };
    let token = desired.probe_header.clone().zip(everything.token.value.clone());
    let mut headers: Vec<(String, Secret)> = token.into_iter().collect();
    let has_token = !headers.is_empty();
    if way == Way::Next {
        let sent = || everything.sent()?.value(&desired.proof).cloned();
        let value = candidate(all, everything).or_else(sent)?;
        headers.push((desired.proof.header()?.to_owned(), value));
    }
    let (before, hiding) = match way {
        Way::Viewer => (
            probed.before.viewer,
            hiding_at_the_edge(all, everything, &path, probed.hiding),
        ),
        Way::Direct | Way::Next => (probed.before.direct, probed.hiding),
    };
    Some(Probe {
        way,
        host,
        connect,
        method: probed.method,
        path,
        headers,
        web_socket: gate.r#type == OriginType::WebSocket,
        known: Known {
            api: gate.r#type,
            asks: probed.asks,
            before,
            has_token,
            hiding,
        },
    })
}

/// Whether a probe may go `way`: what writes is asked for past the perimeter only, where it is refused, as was read a moment
/// ago, and where our lock is not so young that it may not be in force yet.
#[must_use]
pub fn may_be_asked(everything: &Inputs<'_>, probed: &Probed, way: Way) -> bool {
    let is_in_force = |marks: &Marks| {
        let last = marks.locks.last();
        marks.cut_over.is_none() && last.is_none_or(|at| everything.pass.at.duration_since(*at) >= IN_FORCE)
    };
    let found = everything.access.present();
    let is_refused =
        found.is_some_and(|found| is_in_force(&found.marks)) && probed.asks.is_some_and(Asks::is_locked);
    probed.method.is_safe() || (way == Way::Direct && is_refused)
}

/// Whether probes go through the perimeter: they are wanted, and there is a method that may be asked for. Where the methods
/// were not read, what was known of them counts.
pub(super) fn is_probed(all: &Wanted<'_>, everything: &Inputs<'_>) -> bool {
    all.access.probes
        && match Routes::of(all, everything) {
            Some(routes) => routes.probed_route().is_some(),
            None => probed(all, everything).is_none_or(|probed| probed.method.is_safe()),
        }
}

/// Whether the perimeter's request got past all that the perimeter can show: to the backend, or to what API Gateway asks
/// for besides, which is the customers' to show.
pub(super) fn is_let_in(all: &Wanted<'_>, verdict: &Verdict) -> bool {
    match verdict {
        Verdict::Reached { .. } => true,
        Verdict::KeyMissing { .. } => all.access.proof != Proof::Key,
        Verdict::AuthorizerFirst { .. } => is_beyond_probes(all.access),
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
    pub(super) fn hiding(&self) -> Hiding {
        let known = self.everything.outputs.probed;
        let known = || known.map(|known| hiding(known).statuses).unwrap_or_default();
        Hiding {
            web_acl: self.found.stage.web_acl.is_some(),
            statuses: self.found.refused_as.clone().unwrap_or_else(known),
            ..Hiding::default()
        }
    }

    /// Whether it was not read what gateway responses make of refusals, and nobody has tried to.
    pub(super) fn responses_are_unread(&self) -> bool {
        let is_unread = self.found.refused_as.is_none() && self.found.pending == Pending::Unread;
        self.desired.gate.r#type == OriginType::Rest && is_unread
    }

    fn target(&self) -> Option<&Target<'_>> {
        let choose = || {
            let routes: Vec<&Route> = self.found.kept(self.desired).collect();
            let burden = |route: &Route| self.burden(route);
            target(
                &self.desired.gate,
                self.desired.probe_path.as_deref(),
                &routes,
                &self.all_keys(),
                &burden,
            )
        };
        self.target.get_or_init(choose).as_ref()
    }

    /// The route that a cut-over is proven at.
    pub fn probed_route(&self) -> Option<&Route> {
        let target = self.target().filter(|target| target.method.is_safe())?;
        Some(target.route)
    }

    /// Whether probes go through the perimeter, as far as the routes were read.
    pub(super) fn is_probed(&self) -> bool {
        self.desired.probes && self.probed_route().is_some()
    }

    /// How much else a route asks for that no probe has.
    fn burden(&self, route: &Route) -> u8 {
        let asks = self.asked(&route.authorization);
        match (asks.route, asks.key) {
            // What a lock is proven at has to have it: a route that came since may be open.
            _ if self.found.marks.is_unproven() && !self.is_route_locked(route) => 3,
            (RouteAsks::Authorizer, _) => 2,
            (_, KeyAsked::Customers) => 1,
            _ => 0,
        }
    }

    /// What `route` asks for as deployed; `None` where that is not known.
    pub(super) fn asks(&self, route: &Route) -> Option<Asks> {
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
    pub(super) fn asks_once_locked(&self) -> Asks {
        let (route, key) = match self.desired.proof {
            Proof::Signature => (RouteAsks::Signature, KeyAsked::None),
            Proof::Header(_) => (RouteAsks::Perimeter, KeyAsked::None),
            Proof::Key => (RouteAsks::Nothing, KeyAsked::Perimeter),
        };
        Asks { route, key }
    }

    /// What probes of this pass were answered, to be remembered once the route is locked; what was remembered where it is
    /// locked already.
    pub(super) fn answers_before(&self) -> Option<Before> {
        let asks = self.probed().and_then(|probed| probed.asks);
        // What another's function answers in our authorizer's place is not what an open method did.
        if asks.is_none_or(Asks::is_locked) || self.asks_replaced_authorizer() {
            return self.found.marks.before.clone();
        }
        let class = |way| self.everything.classes.get(&way).copied();
        Some(Before {
            viewer: class(Way::Viewer),
            direct: class(Way::Direct),
        })
    }
}

/// Where a probe goes, for people.
#[must_use]
pub fn url(all: &Wanted<'_>, everything: &Inputs<'_>, way: Way) -> Option<String> {
    let gate: &Gate = &all.access.gate;
    let probed = probed(all, everything)?;
    let (host, path) = match way {
        Way::Viewer => {
            let host = served_host(all, everything);
            let path = path_as_configured(all, everything, &probed.path)?;
            (host.or(everything.domain_name)?, path)
        }
        Way::Direct | Way::Next => (gate.host.as_str(), direct_path(gate, &probed.path)),
    };
    Some(format!("{} https://{host}{path}", probed.method.as_str()))
}
