//! When a probe goes which way, and what it shows.

use super::asked::Gate;
use super::at_the_edge::{
    has_just_deployed, hiding_at_the_edge, is_telling, path_as_configured, served_host,
};
use super::inputs::{Inputs, KINDS, Plan, Wanted};
use super::marks::Marks;
use super::paths::direct_path;
use super::probe::{Known, Probe, Way};
use super::probed::{self, Probed, is_let_in};
use super::sending::candidate;
use super::verdicts::said;
use crate::api::{Asks, OriginType};
use crate::domain::kernel::secret::Secret;
use jiff::SignedDuration;

/// A lock of ours is in force everywhere by then: what writes is asked for only after it, lest the backend did it.
const IN_FORCE: SignedDuration = SignedDuration::from_mins(2);

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
    let mut problems = plan.problems.iter();
    let in_the_way = problems.find(|problem| !problem.stands && KINDS.contains(&problem.id.kind));
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
    let probed = probed::probed(all, everything)?;
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

/// Where a probe goes, for people.
#[must_use]
pub fn url(all: &Wanted<'_>, everything: &Inputs<'_>, way: Way) -> Option<String> {
    let gate: &Gate = &all.access.gate;
    let probed = probed::probed(all, everything)?;
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
