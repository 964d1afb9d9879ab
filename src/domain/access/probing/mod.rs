//! When a probe goes which way, and what it shows.
//!
//! ```text
//!  probed ── method and path, as deployed ──┐
//!  at_the_edge ── what CloudFront may answer ┼─▶ probing ── the probe that is due ─▶ (sent) ─▶ verdicts ── what its answer means
//!  sending ── what CloudFront sends ────────┘
//!     └─ rotation ── how one value takes the place of another; authorizer_code ── which values the authorizer accepts meanwhile
//! ```

pub mod at_the_edge;
pub(super) mod authorizer_code;
pub mod probed;
pub(super) mod rotation;
pub mod sending;
pub mod verdicts;
mod words_of_rotation;

use self::at_the_edge::{has_just_deployed, hiding_at_the_edge, is_telling, path_as_configured, served_host};
use self::probed::{Probed, is_let_in};
use self::sending::candidate;
use self::verdicts::{denied_by_vanished, said};
use super::asked::Gate;
use super::asked::paths::direct_path;
use super::inputs::{Inputs, KINDS, Plan, Wanted};
use super::probe::{self, Known, Probe, Way};
use super::proof::Proof;
use super::table::marks::Marks;
use crate::api::{Asks, OriginType};
use crate::domain::kernel::secret::Secret;
use jiff::SignedDuration;

/// A lock of ours is in force everywhere by then: what writes is asked for only after it, lest the backend did it.
const IN_FORCE: SignedDuration = SignedDuration::from_mins(2);

/// Adds a probe, unless it was sent in this pass or cannot be.
pub(in crate::domain) fn add_probe(
    wanted: &Wanted<'_>,
    inputs: &Inputs<'_>,
    way: Way,
    plan: &mut Plan<impl Sized>,
) {
    let is_planned = plan.probes.iter().any(|probe| probe.way == way);
    if !inputs.probes.contains_key(&way) && !is_planned {
        plan.probes.extend(probe(wanted, inputs, way));
    }
}

/// Adds the probes that are due while nothing changes.
pub(super) fn steady(wanted: &Wanted<'_>, inputs: &Inputs<'_>, plan: &mut Plan<impl Sized>) {
    let is_due = inputs.due.probes || has_just_deployed(inputs);
    if !is_due || !wanted.access.probes {
        return;
    }
    if is_telling(inputs) {
        add_probe(wanted, inputs, Way::Viewer, plan);
    }
    add_probe(wanted, inputs, Way::Direct, plan);
}

/// Adds the probe past the perimeter that is due of an API whose lock waits for the distribution, where it was locked before or
/// answered one: it may have been opened meanwhile. Until a person has helped the perimeter, any may stand open.
pub(super) fn watch(wanted: &Wanted<'_>, inputs: &Inputs<'_>, plan: &mut Plan<impl Sized>) {
    let is_known = inputs.outputs.told.locked || inputs.outputs.told.open;
    let is_watched = is_known || !plan.problems.is_empty();
    if is_watched && inputs.due.probes && wanted.access.probes {
        add_probe(wanted, inputs, Way::Direct, plan);
    }
}

/// Whether a probe can be sent that was not sent in this pass.
pub(super) fn is_due(wanted: &Wanted<'_>, inputs: &Inputs<'_>, way: Way) -> bool {
    !inputs.probes.contains_key(&way) && probe(wanted, inputs, way).is_some()
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
pub fn passage(wanted: &Wanted<'_>, inputs: &Inputs<'_>, plan: &mut Plan<impl Sized>) -> Passage {
    let mut problems = plan.problems.iter();
    let in_the_way = problems.find(|problem| !problem.stands && KINDS.contains(&problem.id.kind));
    if let Some(problem) = in_the_way {
        return Passage::Closed(problem.message.clone());
    }
    if !wanted.access.probes {
        return Passage::Open;
    }
    add_probe(wanted, inputs, Way::Viewer, plan);
    match inputs.probes.get(&Way::Viewer) {
        Some(verdict) if is_let_in(wanted, verdict) => Passage::Open,
        Some(verdict) => {
            let left = denied_by_vanished(wanted, inputs, verdict);
            let left = left.map(|left| format!("; {left}")).unwrap_or_default();
            Passage::Closed(format!("a probe through the perimeter: {}{left}", said(verdict)))
        }
        None if plan.probes.iter().any(|probe| probe.way == Way::Viewer) => Passage::Asked,
        None => Passage::Open,
    }
}

/// The probe that goes `way`; `None` while host, path or value are not known, or where it might change something.
fn probe(wanted: &Wanted<'_>, inputs: &Inputs<'_>, way: Way) -> Option<Probe> {
    let desired = &wanted.access;
    let gate = &desired.gate;
    let probed = probed::probed(wanted, inputs)?;
    if !may_be_asked(inputs, &probed, way) {
        return None;
    }
    let (host, connect, path) = match way {
        Way::Viewer => {
            let own = inputs.domain_name?.to_owned();
            let path = path_as_configured(wanted, inputs, &probed.path)?;
            match served_host(wanted, inputs) {
                // DNS need not lead the alias to the distribution yet.
                Some(alias) => (alias.to_owned(), Some(own), path),
                None => (own, None, path),
            }
        }
        Way::Direct | Way::Next => (gate.host.clone(), None, direct_path(gate, &probed.path)),
        // Where they go, and what they show, is not decided here.
        Way::Origin | Way::Certificate | Way::Stranger | Way::Fronted => return None,
    };
    let mut headers = own_headers(wanted, inputs);
    let has_token = !headers.is_empty();
    if way == Way::Next {
        let sent = || inputs.sent()?.value(&desired.proof).cloned();
        // What CloudFront shows beside a client certificate has to be refused at the default endpoint: the next value need not be known.
        let next = candidate(wanted, inputs).filter(|_| !inputs.is_by_certificate);
        let value = next.or_else(sent)?;
        headers.push((desired.proof.header()?.to_owned(), value));
    }
    let (before, hiding) = match way {
        Way::Viewer => (
            probed.before.viewer,
            hiding_at_the_edge(wanted, inputs, &path, probed.hiding),
        ),
        _ => (probed.before.direct, probed.hiding),
    };
    Some(Probe {
        way,
        host,
        connect,
        method: probed.method,
        path,
        headers,
        web_socket: gate.r#type == OriginType::WebSocket,
        certificate: None,
        known: Known {
            api: gate.r#type,
            asks: probed.asks,
            before,
            has_token,
            hiding,
            by_certificate: way == Way::Viewer
                && (desired.proof == Proof::Certificate || inputs.is_by_certificate),
            is_endpoint_off: inputs.is_endpoint_off,
        },
    })
}

/// The header of the team's own that probes show, with its value.
fn own_headers(wanted: &Wanted<'_>, inputs: &Inputs<'_>) -> Vec<(String, Secret)> {
    let token = wanted.access.probe_header.clone().zip(inputs.token.value.clone());
    token.into_iter().collect()
}

/// What is probed, the headers of the team's own and those that CloudFront sends, and what is known of the route.
pub type PastIt = (Probed, Vec<(String, Secret)>, Known);

/// What is asked for past the perimeter where a client certificate has to be shown; `None` where no method may be asked.
#[must_use]
pub fn past_it(wanted: &Wanted<'_>, inputs: &Inputs<'_>) -> Option<PastIt> {
    let probed = probed::probed(wanted, inputs).filter(|probed| probed.method.is_safe())?;
    let mut headers = own_headers(wanted, inputs);
    let has_token = !headers.is_empty();
    // A route that asks for a secret value refuses whoever shows none as a certificate is refused.
    let sent = inputs.sent().map(|sent| sent.headers.clone());
    headers.extend(sent.unwrap_or_default());
    let known = Known {
        api: wanted.access.gate.r#type,
        asks: probed.asks,
        before: None,
        has_token,
        hiding: probed.hiding.clone(),
        by_certificate: true,
        is_endpoint_off: inputs.is_endpoint_off,
    };
    Some((probed, headers, known))
}

/// Whether a probe may go `way`: what writes is asked for past the perimeter only, where it is refused, as was read a moment
/// ago, and where our lock is not so young that it may not be in force yet.
#[must_use]
pub fn may_be_asked(inputs: &Inputs<'_>, probed: &Probed, way: Way) -> bool {
    let is_in_force = |marks: &Marks| {
        let last = marks.locks.last();
        marks.cut_over.is_none() && last.is_none_or(|at| inputs.pass.at.duration_since(*at) >= IN_FORCE)
    };
    let found = inputs.access.present();
    let is_refused =
        found.is_some_and(|found| is_in_force(&found.marks)) && probed.asks.is_some_and(Asks::is_locked);
    probed.method.is_safe() || (way == Way::Direct && is_refused)
}

/// Where a probe goes, for people.
#[must_use]
pub fn url(wanted: &Wanted<'_>, inputs: &Inputs<'_>, way: Way) -> Option<String> {
    let gate: &Gate = &wanted.access.gate;
    let probed = probed::probed(wanted, inputs)?;
    let (host, path) = match way {
        Way::Viewer => {
            let host = served_host(wanted, inputs);
            let path = path_as_configured(wanted, inputs, &probed.path)?;
            (host.or(inputs.domain_name)?, path)
        }
        Way::Direct | Way::Next => (gate.host.as_str(), direct_path(gate, &probed.path)),
        Way::Origin | Way::Certificate | Way::Stranger | Way::Fronted => return None,
    };
    Some(probe::url(probed.method, host, &path))
}
