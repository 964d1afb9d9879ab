//! How an API is locked without failing one viewer: what its routes need next.
//!
//! An open route ignores signatures, right or wrong, so a probe before the lock proves only that the way is there, and the
//! lock is proven at once after it:
//!
//! ```text
//!              ┌─ probe the way ─▶ mark ─▶ lock, deploy ─▶ probe both ways ─┬─▶ finished
//!  open routes ─┤                   ▲                                        └─▶ put back ─▶ marked as refused
//!              └─ (AfterDeployed) ─┘                                                          │ backoff
//!                                  ▲──────────────────────────────────────────────────────────┘
//! ```
//!
//! A client certificate is another lock, before any route, and comes before the table (`Routes::next`):
//!
//! ```text
//!  begun by an earlier mode, not proven ── put back (unproven)
//!  behind a certificate ────────────────── what methods still ask for is taken off, or kept (taken_off)
//!  beside one, which is being made ─────── the value rotates, then the table
//! ```
//!
//! Another mode goes the same way, from routes that ask for the earlier proof: CloudFront sends both meanwhile.
//!
//! REST: all methods, then one deployment. HTTP and WebSocket: first the route that is probed, then the others. The mark is
//! a tag of the distribution, so that a crash in between is continued.
//!
//! ```text
//!  table::machine ─▶ facts, proving ── what is so      cut_over, put_back, exclusive ── what is done; steps ── the calls
//!  lock ── what is next for the routes                 api_key_next, authorizer_next ── and for what they ask for
//!  unproven ── a lock that is begun, before a pass or without one      taken_off ── one whose place a client certificate has taken
//! ```

pub mod api_key_next;
pub mod authorizer_next;
mod cut_over;
mod exclusive;
mod facts;
mod proving;
pub mod put_back;
mod steps;
mod taken_off;
pub mod unproven;

use self::exclusive::{admit_first, hold_until_read};
use super::asked::as_deployed::Deployed;
use super::asked::{CUSTOM, Route};
use super::held::change_of_mode;
pub use super::inputs::KINDS;
use super::inputs::{Call, Inputs, Next, Plan, Wanted};
use super::probe::{Verdict, Way};
use super::probing::at_the_edge::prove_first;
use super::probing::rotation;
use super::probing::sending::{lacks_for_others, leaves_signer, sends_for_others};
use super::probing::{steady, watch};
use super::proof::Proof;
pub(crate) use super::routes::Routes;
use super::table::machine::TABLE;
use super::table::marks::Phase;
pub use super::table::reads::{PENDING, STAGE, STAGES, pending_read, stage_read, ways_in_read};
use crate::api::{Enforcement, OriginType};
use crate::domain::kernel::observing::{Look, Seen};
use crate::domain::kernel::planning::{Id, Kind};

/// Adds what the API's routes need next, and the probes that are due.
pub fn next_all(wanted: &Wanted<'_>, inputs: &Inputs<'_>, plan: &mut Plan<impl From<Call>>) {
    let desired = wanted.access;
    let id = Id::of(Kind::Access);
    match inputs
        .pass
        .look(&id, &super::authorization::hash_of(desired), inputs.access)
    {
        Look::Present(found) => {
            let before = [Kind::ApiKey, Kind::Authorizer, Kind::Distribution];
            let is_settled = !before.iter().any(|kind| plan.concerns(*kind));
            let is_held = admit_first(desired, found, plan);
            let routes = Routes {
                stands: is_settled || is_held,
                is_settled,
                ..Routes::new(wanted, inputs, found)
            };
            prove_first(&routes, plan);
            routes.next(plan);
        }
        Look::Verified(never) | Look::Outdated(never) => match *never {},
        _ if !is_read_due(wanted, inputs) => steady(wanted, inputs, plan),
        // What the API serves is read once there is a perimeter to send its viewers through.
        Look::Absent
            if plan.concerns(Kind::Distribution)
                && !plan.reads.contains(&id)
                && !is_read_meanwhile(wanted, inputs) =>
        {
            watch(wanted, inputs, plan);
            plan.add(id, Next::Blocked(vec![Kind::Distribution]));
        }
        Look::Read | Look::Absent if plan.reads.contains(&id) => {}
        Look::Read | Look::Absent => {
            hold_until_read(desired, plan);
            plan.add(id, Next::Read);
        }
    }
    // What cannot be read, or locked, is still known by how it answers.
    let is_unread = KINDS.iter().any(|kind| inputs.failed.contains(kind));
    if is_unread || inputs.undone.contains(&Kind::Access) {
        steady(wanted, inputs, plan);
    }
}

/// The probes that are due of what stands, where no pass comes to look at it.
#[must_use]
pub fn watched<A>(wanted: &Wanted<'_>, inputs: &Inputs<'_>) -> Plan<A> {
    let mut plan = Plan::default();
    steady(wanted, inputs, &mut plan);
    plan
}

/// Whether the routes have to be read: something else is wanted, it is time, or a probe shows that they are not as they were.
fn is_read_due(wanted: &Wanted<'_>, inputs: &Inputs<'_>) -> bool {
    let desired = wanted.access;
    let verdict = |way: Way| inputs.probes.get(&way);
    let direct = verdict(Way::Direct);
    let is_open = direct.is_some_and(Verdict::gets_in);
    let is_refused = matches!(verdict(Way::Viewer), Some(Verdict::Refused { .. }));
    // Both ways changed alike: the lock may be gone, and the backend be what refuses.
    let is_doubtful = desired.gate.r#type != OriginType::Http
        && matches!(
            verdict(Way::Viewer),
            Some(Verdict::Ambiguous { .. } | Verdict::Refused { .. })
        )
        && matches!(direct, Some(Verdict::Ambiguous { .. }));
    let is_disproved = is_open || is_doubtful || (is_refused && desired.proof != Proof::Signature);
    let hash = super::authorization::hash_of(desired);
    !inputs.pass.was_verified(&Id::of(Kind::Access), &hash)
        || inputs.due.access
        // What the change waits for is told by the routes alone.
        || desired.awaited == Some(Proof::Signature)
        || desired.is_held_with_host()
        || (desired.awaited == Some(Proof::Certificate) && inputs.host.is_some())
        || (desired.awaited == Some(Proof::Certificate) && inputs.is_certificate_proven)
        || (desired.enforcement == Enforcement::Enforce && inputs.outputs.told.doubtful)
        // The default endpoint is switched on again by what routes ask for.
        || inputs.is_on_the_way_back
        || sends_for_others(wanted, inputs)
        || leaves_signer(wanted, inputs)
        || lacks_for_others(wanted, inputs)
        || rotation::is_under_way(wanted, inputs)
        || (is_disproved && (desired.enforcement == Enforcement::Enforce || inputs.outputs.is_locked))
}

/// Whether routes whose lock waits for the distribution are read all the same: it is time, or a probe shows that they are not as
/// they were. Before there is a distribution nobody waits for them, but who has to know what to ask past it: a client certificate is
/// proven before CloudFront shows it.
fn is_read_meanwhile(wanted: &Wanted<'_>, inputs: &Inputs<'_>) -> bool {
    let is_asked_first = wanted.access.proof == Proof::Certificate && inputs.outputs.probed.is_none();
    is_asked_first || (inputs.is_distribution_known && (inputs.due.access || is_told_otherwise(inputs)))
}

/// Whether a probe past the perimeter was answered otherwise than the last pass says of the API.
fn is_told_otherwise(inputs: &Inputs<'_>) -> bool {
    match inputs.probes.get(&Way::Direct) {
        Some(answer) if answer.gets_in() => inputs.outputs.told.locked,
        // By what the routes asked for then, a refusal need not be known as one.
        Some(_) => inputs.outputs.told.open,
        None => false,
    }
}

/// Whether what the API accepts has to be read, of which no list tells: something else is wanted of it, or other things are
/// decided by it.
pub(super) fn is_needed(wanted: &Wanted<'_>, inputs: &Inputs<'_>, kind: Kind, hash: &str) -> bool {
    !inputs.pass.was_verified(&Id::of(kind), hash) || is_open_question(wanted, inputs)
}

/// Whether this pass decides anything that hangs on which values the API accepts.
fn is_open_question(wanted: &Wanted<'_>, inputs: &Inputs<'_>) -> bool {
    inputs.access.present().is_some()
        || is_read_due(wanted, inputs)
        || !matches!(inputs.distribution, Seen::Listed(Some(_)))
}

impl Routes<'_> {
    fn next<A: From<Call>>(&self, plan: &mut Plan<A>) {
        let phase = self.found.marks.cut_over.as_ref();
        if self.desired.proof == Proof::Certificate {
            // What an earlier mode has begun is put back first.
            if phase.is_some() && self.found.marks.is_unproven() {
                return plan.extend(unproven::settle(self.wanted, self.inputs, true, true));
            }
            let unread = self.unread_before_certificate().into_iter();
            let unread: Vec<Id> = unread.filter(|id| !plan.reads.contains(id)).collect();
            plan.reads.extend(unread);
        }
        // The lock is another's, before any route: what goes on beside it is neither begun nor mended, and taken off.
        if phase.is_none() && self.is_behind_certificate() {
            let is_taken_off = self.take_off(plan);
            return if is_taken_off {
                steady(self.wanted, self.inputs, plan);
            } else {
                self.keep(plan);
            };
        }
        if phase.is_none() && self.desired.proof == Proof::Certificate {
            rotation::next(self, plan);
            self.await_what_was_taken_off(plan);
        }
        let is_made = phase.is_some_and(|phase| self.is_made(phase));
        if let Some(row) = self.row(TABLE.iter(), is_made) {
            self.act(row, plan);
        }
        if let Some(told) = self.change_of_mode() {
            plan.add(change_of_mode(), told);
        }
    }

    /// The route that a cut-over begins with, where it does not begin with all: what has no deployment to go back to is put
    /// back route by route. A stage that was locked whole before, and has one, is mended whole.
    pub fn first_route(&self) -> Option<String> {
        let goes_back_whole = match self.desired.gate.r#type {
            OriginType::Rest => true,
            OriginType::Http => !self.found.stage.auto_deploy && !self.found.marks.locks.is_empty(),
            OriginType::WebSocket => false,
        };
        let is_open = |route: &&Route| !self.is_route_locked(route);
        let route = self.probed_route().filter(is_open);
        route
            .filter(|_| self.desired.probes && !goes_back_whole)
            .map(|route| route.id.clone())
    }

    /// Whether all that the present phase is about is locked, as edited and as deployed.
    pub fn is_locked(&self) -> bool {
        self.has_locked_routes() && self.policy_stands()
    }

    /// Whether what a direct probe was answered may be a refusal that gateway responses hide, as is to be read.
    pub(super) fn may_be_refused_in_disguise(&self) -> bool {
        let is_answered = matches!(self.verdict(Way::Direct), Some(Verdict::Reached { .. }));
        self.responses_are_unread() && (is_answered || !self.hiding().statuses.is_empty())
    }

    /// Whether a direct probe tells what nothing else does: whether a WebSocket API's one route is locked as deployed.
    pub(super) fn is_told_by_a_probe(&self) -> bool {
        let is_edited = self.targets().iter().all(|route| self.is_route_locked(route));
        self.desired.gate.r#type == OriginType::WebSocket
            && matches!(self.found.deployed, Deployed::Unknown(_))
            && is_edited
            && self.desired.probes
            && self.verdict(Way::Direct).is_none()
    }

    /// Whether the lock of this phase is made, as far as it is ours to make it: what came of it is to be proven, whatever can
    /// be told of the deployment. A stage that deploys by itself takes its time.
    pub fn is_made(&self, phase: &Phase) -> bool {
        let serves_ours = self.serves_another(phase) && self.serves_ours();
        let is_edited = self.targets().iter().all(|route| self.is_route_locked(route));
        let is_under_way = self.found.stage.auto_deploy || serves_ours;
        self.is_locked() || (is_edited && is_under_way && self.policy_stands())
    }

    /// Whether the routes that the present phase is about are locked, as edited and as deployed, whatever the policy says.
    pub fn has_locked_routes(&self) -> bool {
        self.targets().iter().all(|route| self.is_route_locked(route)) && self.open_as_deployed().is_empty()
    }

    /// Whether all routes that should be locked are, as edited.
    pub fn is_whole(&self) -> bool {
        self.found
            .kept(self.desired)
            .all(|route| self.is_route_locked(route))
    }

    /// Whether all routes that should be locked are, as edited and as deployed, and that is proven, so that nobody else is let in wherever
    /// they come from.
    pub(crate) fn stands_whole(&self) -> bool {
        let is_proven = !self.found.marks.is_unproven() && self.found.kept(self.desired).next().is_some();
        is_proven && self.is_locked() && self.is_whole() && self.is_sent() && self.open_canary().is_none()
    }

    /// Whether a route asks an authorizer that may be ours, and ours were not looked at.
    pub(super) fn asks_unknown_authorizer(&self) -> bool {
        let asks = |route: &Route| route.authorization.kind == CUSTOM;
        let phase = self.found.marks.cut_over.as_ref();
        let has_asked = phase.is_some_and(|phase| phase.from == CUSTOM);
        // Whose tokens a signature would replace is known by which authorizers are not ours.
        let is_any_looked_at = self.would_begin_to_sign() || self.desired.awaited.is_some();
        let mut looked_at = self
            .found
            .lockable(self.desired)
            .filter(|route| is_any_looked_at || self.is_kept(&route.key));
        self.inputs.authorizer.present().is_none()
            && rotation::may_have_leftovers(self.wanted, self.inputs, Kind::Authorizer)
            && (has_asked || looked_at.any(asks))
    }

    /// Whether CloudFront sends what is wanted.
    pub fn is_sent(&self) -> bool {
        match &self.inputs.distribution {
            Seen::Present(found) => found.sent.has(&self.desired.proof),
            // What was verified with something else in mind would have been read.
            Seen::Listed(Some(_)) => true,
            Seen::Listed(None) | Seen::Absent => false,
        }
    }
}
