//! What a probe asks of the edge, and when an answer through it tells anything.
//!
//! The edge serves the distribution as it is configured, not as the spec has it by now. While CloudFront deploys, one edge
//! location serves the configuration before, and another the new one: what either answers then is no news. So a probe through
//! the perimeter asks as the distribution is configured, and none is sent until that is in force everywhere. A lock that is
//! neither proven nor put back waits for nothing: viewers may be refused by it.

use crate::domain::access::asked::paths::{below, direct_path, route_at};
use crate::domain::access::inputs::{Inputs, Plan, Wanted};
use crate::domain::access::probe::Hiding;
use crate::domain::access::routes::Routes;
use crate::domain::access::table::marks::Step;
use crate::domain::access::waiting::{PATIENCE, PROBE_RETRY, waiting};
use crate::domain::kernel::change::Change;
use crate::domain::kernel::path_patterns::aside;
use crate::domain::kernel::planning::{Kind, Verb, Wait};
use crate::domain::kernel::reason::Reason;

/// What of a distribution decides for what a viewer's probe has to ask, as changes of it name it.
const ASKED_BY: [&str; 3] = ["aliases", "origin.domainName", "origin.path"];

/// What is told while no probe goes through the perimeter for that.
pub const DEPLOYING: &str = "CloudFront deploys a change of the distribution, and until that is done a viewer may meet the \
                             configuration before it: a probe goes through the perimeter as soon as it is in force everywhere";

/// Whether an answer through the perimeter tells anything, so that somebody may be alarmed by it.
#[must_use]
pub fn is_telling(inputs: &Inputs<'_>) -> bool {
    let access = inputs.access.present();
    !inputs.is_deploying || access.is_some_and(|found| found.marks.is_unproven())
}

/// Whether a change of the distribution is in force everywhere, as the last pass did not see it yet: it is probed at once.
pub(super) fn has_just_deployed(inputs: &Inputs<'_>) -> bool {
    inputs.outputs.is_deploying && inputs.is_deployed
}

/// No probe tells before a lock whether viewers get in.
pub(in crate::domain::access) fn until_deployed() -> Wait {
    let message = format!("nothing more is locked before a probe has got in. {DEPLOYING}");
    waiting(Reason::Deploying, message, PROBE_RETRY)
}

/// The path by which viewers reach through the distribution, as it is configured, what `path` leads to once it is as wanted.
/// `None` where its present origin path leads none of them there.
pub(super) fn path_as_configured(wanted: &Wanted<'_>, inputs: &Inputs<'_>, path: &str) -> Option<String> {
    let gate = &wanted.access.gate;
    let configured = inputs.configured_path.as_ref();
    let Some(configured) = configured.filter(|configured| **configured != gate.origin_path) else {
        return Some(path.to_owned());
    };
    let whole = direct_path(gate, path);
    let viewers = below(&whole, configured)?;
    Some(if viewers.is_empty() { "/" } else { viewers }.to_owned())
}

/// The alias by which probes ask, where the distribution is not known to be without it: by one that is another's, that other
/// answers, whatever address is called.
pub(super) fn served_host<'a>(wanted: &'a Wanted<'a>, inputs: &Inputs<'_>) -> Option<&'a str> {
    let host = wanted.access.probe_host.as_deref()?;
    inputs.may_serve_probe_host.then_some(host)
}

/// What may answer in place of API Gateway where a probe comes through the perimeter.
pub(super) fn hiding_at_the_edge(
    wanted: &Wanted<'_>,
    inputs: &Inputs<'_>,
    path: &str,
    hiding: Hiding,
) -> Hiding {
    let detours = &inputs.detours;
    Hiding {
        host: !inputs.caveats.is_empty(),
        aside: aside(detours, path).map(ToOwned::to_owned),
        rewritten: detours.rewritten == Some(true),
        pages: detours
            .error_pages
            .iter()
            .filter(|page| may_be_answered(wanted, inputs, page.path.as_deref()))
            .map(|page| page.status)
            .collect(),
        ..hiding
    }
}

/// Whether an error page may be had where the perimeter's proof is refused: of another origin, or of a method of the API that
/// does not ask for it. Where the methods were not read, those count that are meant to stay open.
fn may_be_answered(wanted: &Wanted<'_>, inputs: &Inputs<'_>, path: Option<&str>) -> bool {
    let Some(path) = path else { return true };
    let gate = &wanted.access.gate;
    let Some(routes) = Routes::of(wanted, inputs) else {
        let open: Vec<&str> = wanted.access.exclude.iter().map(String::as_str).collect();
        return route_at(gate, path, &open).is_some();
    };
    let found = route_at(gate, path, &routes.all_keys());
    let route = found.and_then(|key| routes.found.routes.iter().find(|route| route.key == key));
    route.is_some_and(|route| {
        let is_open = routes.asks(route).is_some_and(|asks| !asks.is_locked());
        is_open || !routes.is_route_locked(route)
    })
}

/// Holds back a change of what a viewer's probe has to ask for while a lock is about to be proven by one: that comes first, and takes
/// no longer than [`PATIENCE`].
pub(in crate::domain::access) fn prove_first(routes: &Routes<'_>, plan: &mut Plan<impl Sized>) {
    let phase = routes.found.marks.cut_over.as_ref();
    let is_being_proven = phase.is_some_and(|phase| matches!(phase.step, Step::Trying | Step::Narrowing));
    let changes_the_way = plan.ready.iter().any(|step| {
        let is_update = step.id.kind == Kind::Distribution && step.verb == Verb::Update;
        let is_asked_by = |change: &Change| ASKED_BY.contains(&change.path.as_str());
        is_update && step.changes.iter().any(is_asked_by)
    });
    if is_being_proven && changes_the_way && routes.age() < PATIENCE {
        plan.hold(Kind::Distribution, Kind::Access);
    }
}
