//! How an API is locked without failing one viewer: what its doors need next.
//!
//! An open door ignores signatures, right or wrong, so a probe before the lock proves only that the way is there, and the
//! lock is proven at once after it:
//!
//! ```text
//!              ┌─ probe the way ─▶ mark ─▶ lock, deploy ─▶ probe both ways ─┬─▶ finished
//!  open doors ─┤                   ▲                                        └─▶ put back ─▶ marked as refused
//!              └─ (AfterDeployed) ─┘                                                          │ backoff
//!                                  ▲──────────────────────────────────────────────────────────┘
//! ```
//!
//! Another mode goes the same way, from doors that ask for the earlier proof: CloudFront sends both meanwhile.
//!
//! REST: all methods, then one deployment. HTTP and WebSocket: first the route that is probed, then the others. The mark is
//! a tag of the distribution, so that a crash in between is continued.

use super::as_deployed::Deployed;
use super::at_the_edge::{has_just_deployed, is_telling, prove_first};
use super::authorization::{CUSTOM, Desired, Door, Observed};
use super::doors::Ours;
use super::exclusive::{admit_first, hold_until_read};
use super::marks::{Phase, Step as CutOverStep};
use super::probe::{Verdict, Way};
use super::probing::add_probe;
use super::proof::Proof;
use super::rotation;
use super::sending::sends_for_excluded;
use crate::api::{Enforcement, OriginType};
use crate::domain::kernel::observing::{Look, Seen};
use crate::domain::kernel::planning::{Id, Kind};
use crate::domain::perimeter::desired::Desired as DesiredAll;
use crate::domain::perimeter::observed::Observed as Everything;
use crate::domain::perimeter::plan::{Next, Plan};

/// The kinds by which an API is locked.
pub const KINDS: [Kind; 3] = [Kind::ApiKey, Kind::Authorizer, Kind::Access];

/// What is read of the doors by itself, as a part of [`Id`].
pub const STAGE: &str = "stage";
/// What is read of the doors by itself, as a part of [`Id`].
pub const PENDING: &str = "pending";

/// What is read of the doors by itself, as a part of [`Id`].
pub const STAGES: &str = "stages";

/// What is read of the doors by itself, as a part of [`Id`].
const WAYS_IN: &str = "ways in";

/// Adds what the API's doors need next, and the probes that are due.
pub fn next_all(all: &DesiredAll, everything: &Everything, plan: &mut Plan) {
    let desired = &all.access;
    let id = Id::of(Kind::Access);
    match everything
        .pass
        .look(&id, &super::authorization::hash_of(desired), &everything.access)
    {
        Look::Present(found) => {
            let inputs = [Kind::ApiKey, Kind::Authorizer, Kind::Distribution];
            let is_settled = !inputs.iter().any(|kind| plan.concerns(*kind));
            let is_held = admit_first(desired, found, plan);
            let doors = Doors {
                stands: is_settled || is_held,
                is_settled,
                ..Doors::new(all, everything, found)
            };
            prove_first(&doors, plan);
            doors.next(plan);
        }
        Look::Verified(never) | Look::Outdated(never) => match *never {},
        _ if !is_read_due(all, everything) => steady(all, everything, plan),
        // What the API serves is read once there is a perimeter to send its viewers through.
        Look::Absent
            if plan.concerns(Kind::Distribution)
                && !plan.reads.contains(&id)
                && !is_read_meanwhile(everything) =>
        {
            watch(all, everything, plan);
            plan.add(id, Next::Blocked(vec![Kind::Distribution]));
        }
        Look::Read | Look::Absent if plan.reads.contains(&id) => {}
        Look::Read | Look::Absent => {
            hold_until_read(desired, plan);
            plan.add(id, Next::Read);
        }
    }
    // What cannot be read, or locked, is still known by how it answers.
    let is_unread = KINDS.iter().any(|kind| everything.failed.contains(kind));
    if is_unread || everything.undone.contains(&Kind::Access) {
        steady(all, everything, plan);
    }
}

/// The probes that are due of what stands, where no pass comes to look at it.
#[must_use]
pub fn watched(all: &DesiredAll, everything: &Everything) -> Plan {
    let mut plan = Plan::default();
    steady(all, everything, &mut plan);
    plan
}

/// Whether the doors have to be read: something else is wanted, it is time, or a probe shows that they are not as they were.
fn is_read_due(all: &DesiredAll, everything: &Everything) -> bool {
    let desired = &all.access;
    let verdict = |way: Way| everything.probes.get(&way);
    let direct = verdict(Way::Direct);
    let is_open = matches!(direct, Some(Verdict::Reached { .. } | Verdict::KeyMissing { .. }));
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
    !everything.pass.was_verified(&Id::of(Kind::Access), &hash)
        || everything.due.access
        || (desired.enforcement == Enforcement::Enforce && everything.outputs.told.doubtful)
        || sends_for_excluded(all, everything)
        || rotation::is_under_way(all, everything)
        || (is_disproved && (desired.enforcement == Enforcement::Enforce || everything.outputs.is_locked))
}

/// Whether doors whose lock waits for the distribution are read all the same: it is time, or a probe shows that they are not as
/// they were. Before there is a distribution nobody waits for them.
fn is_read_meanwhile(everything: &Everything) -> bool {
    everything.knows(Kind::Distribution) && (everything.due.access || is_told_otherwise(everything))
}

/// Whether a probe past the perimeter was answered otherwise than the last pass says of the API.
fn is_told_otherwise(everything: &Everything) -> bool {
    match everything.probes.get(&Way::Direct) {
        Some(Verdict::Reached { .. } | Verdict::KeyMissing { .. }) => everything.outputs.told.locked,
        // By what the doors asked for then, a refusal need not be known as one.
        Some(_) => everything.outputs.told.open,
        None => false,
    }
}

/// Whether what the API accepts has to be read, of which no list tells: something else is wanted of it, or other things are
/// decided by it.
pub(super) fn is_needed(all: &DesiredAll, everything: &Everything, kind: Kind, hash: &str) -> bool {
    !everything.pass.was_verified(&Id::of(kind), hash) || is_open_question(all, everything)
}

/// Whether this pass decides anything that hangs on which values the API accepts.
fn is_open_question(all: &DesiredAll, everything: &Everything) -> bool {
    everything.access.present().is_some()
        || is_read_due(all, everything)
        || !matches!(everything.distribution, Seen::Listed(Some(_)))
}

/// To read of the doors: what the stage has that deploys by itself, after a change.
#[must_use]
pub fn stage_read() -> Id {
    Id {
        kind: Kind::Access,
        part: STAGE.to_owned(),
    }
}

/// To read of the doors: what the working copy has besides that the stage does not serve.
#[must_use]
pub fn pending_read() -> Id {
    Id {
        kind: Kind::Access,
        part: PENDING.to_owned(),
    }
}

/// To read of the doors: which other stages the API has.
#[must_use]
pub fn stages_read() -> Id {
    Id {
        kind: Kind::Access,
        part: STAGES.to_owned(),
    }
}

/// To read of the doors: which custom domain names and distributions lead to the stage. All objects of a Region share that.
#[must_use]
pub fn ways_in_read() -> Id {
    Id {
        kind: Kind::Access,
        part: WAYS_IN.to_owned(),
    }
}

/// Adds the probes that are due while nothing changes.
fn steady(all: &DesiredAll, everything: &Everything, plan: &mut Plan) {
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
fn watch(all: &DesiredAll, everything: &Everything, plan: &mut Plan) {
    let is_known = everything.outputs.told.locked || everything.outputs.told.open;
    let is_watched = is_known || !plan.problems.is_empty();
    if is_watched && everything.due.probes && all.access.probes {
        add_probe(all, everything, Way::Direct, plan);
    }
}

/// Doors that were read, and what should become of them.
pub(crate) struct Doors<'a> {
    pub all: &'a DesiredAll,
    pub desired: &'a Desired,
    pub everything: &'a Everything,
    pub found: &'a Observed,
    /// Whether the perimeter is deployed as wanted, or waits for the doors.
    pub stands: bool,
    /// Whether it is deployed as wanted.
    pub is_settled: bool,
    /// What of ours the doors may ask for.
    pub ours: Ours,
}

impl<'a> Doors<'a> {
    /// The doors, where they were read; without a judgement on what else stands.
    pub fn of(all: &'a DesiredAll, everything: &'a Everything) -> Option<Self> {
        let found = everything.access.present()?;
        Some(Self::new(all, everything, found))
    }

    pub(super) fn new(all: &'a DesiredAll, everything: &'a Everything, found: &'a Observed) -> Self {
        Self {
            all,
            desired: &all.access,
            everything,
            found,
            stands: false,
            is_settled: false,
            ours: Ours::of(everything),
        }
    }

    fn next(&self, plan: &mut Plan) {
        if self.desired.enforcement == Enforcement::Observe {
            return steady(self.all, self.everything, plan);
        }
        if self.asks_unknown_authorizer() {
            return plan.add(Id::of(Kind::Authorizer), Next::Read);
        }
        if self.drops_unknown_keys() {
            return plan.add(Id::of(Kind::ApiKey), Next::Read);
        }
        let refused = self.found.marks.cut_over.as_ref();
        if refused.is_some_and(|phase| phase.step == CutOverStep::Back) && self.found.is_unwritten {
            // Of the next lock, a process that starts anew would not know that this one was refused.
            steady(self.all, self.everything, plan);
            return plan.ready.push(self.mark(self.found.marks.clone()));
        }
        if let Some(phase) = refused.filter(|phase| phase.step == CutOverStep::Refused) {
            return self.put_back_rest(phase, plan);
        }
        if let Some(problem) = self.endpoint_off() {
            return self.stuck(Next::Problem(problem), plan);
        }
        if let Some(problem) = self.in_the_way() {
            return self.stuck(Next::Problem(problem), plan);
        }
        if let Deployed::Outdated(_) = self.found.deployed {
            return plan.add(stage_read(), Next::Read);
        }
        let phase = self.found.marks.cut_over.as_ref();
        let is_refused = phase.is_some_and(|phase| phase.step == CutOverStep::Back);
        let nothing = self.nothing_to_lock().filter(|_| phase.is_none() || is_refused);
        if let Some(problem) = nothing {
            return self.stuck(Next::Problem(problem), plan);
        }
        if self.is_told_by_a_probe() && phase.is_none() {
            add_probe(self.all, self.everything, Way::Direct, plan);
            if !plan.probes.is_empty() {
                return;
            }
        }
        match phase {
            Some(phase) if self.found.put_back.is_some() && !is_refused => self.note_put_back(phase, plan),
            // Whoever locked it after our refusal knows what they do: probes tell what came of it.
            Some(phase) if self.is_locked() && is_refused => self.end(phase, plan),
            Some(phase) if self.is_made(phase) => {
                let before = plan.clone();
                self.prove(phase, plan);
                if *plan == before && !self.is_locked() {
                    self.lock(plan);
                }
            }
            None if self.is_locked() => {
                steady(self.all, self.everything, plan);
                if self.may_be_refused_in_disguise() {
                    plan.add(pending_read(), Next::Read);
                }
                rotation::next(self, plan);
                plan.problems.extend(self.policy_problem());
                let trouble = self.open_canary().or_else(|| self.caller_credentials());
                let trouble = trouble.or_else(|| self.open_policy());
                plan.problems.extend(trouble.or_else(|| self.untold_policy()));
                self.clear_unused(plan);
            }
            Some(phase)
                if phase.backoff(self.everything.pass.at).is_some() && !self.is_tried_at_once(phase) =>
            {
                self.rest_after_refusal(phase, plan);
            }
            None if !self.stands => {
                self.blocked(plan);
            }
            _ => self.lock(plan),
        }
    }

    /// Whether a person has asked for the next attempt. One that was refused in this very pass waits: tags know whole seconds.
    fn is_tried_at_once(&self, phase: &Phase) -> bool {
        let is_of_before = phase.since.as_second() < self.everything.pass.at.as_second();
        self.everything.due.lock && is_of_before
    }

    /// Tells that the lock waits for the distribution. What stands meanwhile goes on being probed.
    pub(super) fn blocked(&self, plan: &mut Plan) {
        watch(self.all, self.everything, plan);
        plan.add(Id::of(Kind::Access), Next::Blocked(vec![Kind::Distribution]));
    }

    /// Tells what keeps the lock from being made. What stands goes on being probed: it may have been opened meanwhile.
    pub(super) fn stuck(&self, obstacle: Next, plan: &mut Plan) {
        steady(self.all, self.everything, plan);
        plan.add(Id::of(Kind::Access), obstacle);
    }

    /// The doors that the present phase is about.
    pub fn targets(&self) -> Vec<&Door> {
        let kept = self.found.kept(self.desired);
        match self.tried_door() {
            Some(tried) => kept.filter(|door| door.id == tried).collect(),
            None => kept.collect(),
        }
    }

    /// HTTP and WebSocket: the only door that is locked at first.
    pub fn tried_door(&self) -> Option<&str> {
        let phase = self.found.marks.cut_over.as_ref()?;
        // What was refused is put back, and says nothing of the others.
        let is_tried = !matches!(
            phase.step,
            CutOverStep::Rest | CutOverStep::Refused | CutOverStep::Back
        );
        phase.door.as_deref().filter(|_| is_tried)
    }

    /// The door that a cut-over begins with, where it does not begin with all: what has no deployment to go back to is put
    /// back door by door. A stage that was locked whole before, and has one, is mended whole.
    pub fn first_door(&self) -> Option<String> {
        let goes_back_whole = match self.desired.gate.r#type {
            OriginType::Rest => true,
            OriginType::Http => !self.found.stage.auto_deploy && !self.found.marks.locks.is_empty(),
            OriginType::WebSocket => false,
        };
        let is_open = |door: &&Door| !self.is_door_locked(door);
        let door = self.probed_door().filter(is_open);
        door.filter(|_| self.desired.probes && !goes_back_whole)
            .map(|door| door.id.clone())
    }

    pub fn verdict(&self, way: Way) -> Option<&Verdict> {
        self.everything.probes.get(&way)
    }

    /// Whether all that the present phase is about is locked, as edited and as deployed.
    pub fn is_locked(&self) -> bool {
        self.has_locked_doors() && self.policy_stands()
    }

    /// Whether what a direct probe was answered may be a refusal that gateway responses hide, as is to be read.
    fn may_be_refused_in_disguise(&self) -> bool {
        let is_answered = matches!(self.verdict(Way::Direct), Some(Verdict::Reached { .. }));
        self.responses_are_unread() && (is_answered || !self.hiding().statuses.is_empty())
    }

    /// Whether a direct probe tells what nothing else does: whether a WebSocket API's one door is locked as deployed.
    fn is_told_by_a_probe(&self) -> bool {
        let is_edited = self.targets().iter().all(|door| self.is_door_locked(door));
        self.desired.gate.r#type == OriginType::WebSocket
            && matches!(self.found.deployed, Deployed::Unknown(_))
            && is_edited
            && self.desired.probes
            && self.verdict(Way::Direct).is_none()
    }

    /// Whether the lock of this phase is made, as far as it is ours to make it: what came of it is to be proven, whatever can
    /// be told of the deployment. A stage that deploys by itself takes its time.
    pub fn is_made(&self, phase: &Phase) -> bool {
        let serves_ours = phase.before.is_some()
            && phase.before != self.found.stage.deployment
            && super::authorization::is_ours(&self.found.policies.description, &self.desired.owner);
        let is_edited = self.targets().iter().all(|door| self.is_door_locked(door));
        let is_under_way = self.found.stage.auto_deploy || serves_ours;
        self.is_locked() || (is_edited && is_under_way && self.policy_stands())
    }

    /// The same of the doors alone.
    pub fn has_locked_doors(&self) -> bool {
        self.targets().iter().all(|door| self.is_door_locked(door)) && self.open_as_deployed().is_empty()
    }

    pub fn is_whole(&self) -> bool {
        self.found
            .kept(self.desired)
            .all(|door| self.is_door_locked(door))
    }

    /// Whether a door asks an authorizer that may be ours, and ours were not looked at.
    pub(super) fn asks_unknown_authorizer(&self) -> bool {
        let asks = |door: &Door| door.authorization.kind == CUSTOM;
        let phase = self.found.marks.cut_over.as_ref();
        let has_asked = phase.is_some_and(|phase| phase.from == CUSTOM);
        self.everything.authorizer.present().is_none()
            && super::rotation::may_have_leftovers(self.everything, Kind::Authorizer)
            && (has_asked || self.found.kept(self.desired).any(asks))
    }

    /// Whether CloudFront sends what is wanted.
    pub fn is_sent(&self) -> bool {
        match &self.everything.distribution {
            Seen::Present(found) => found.sent().has(&self.desired.proof),
            // What was verified with something else in mind would have been read.
            Seen::Listed(Some(_)) => true,
            Seen::Listed(None) | Seen::Absent => false,
        }
    }
}
