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
//! REST: all methods, then one deployment. HTTP and WebSocket: first the route that is probed, then the others. The mark is
//! a tag of the distribution, so that a crash in between is continued.

use super::access::{Desired, Door, Observed};
use super::access_cut_over::problem;
use super::access_exclusive::{admit_first, hold_until_read};
use super::access_marks::Step as CutOverStep;
use super::access_paths::{direct_path, target};
use super::access_words as words;
use crate::api::{Enforcement, OriginType};
use crate::domain::desired::Desired as DesiredAll;
use crate::domain::observed::{Look, Observed as Everything};
use crate::domain::plan::{Id, Kind, Next, Plan, Problem};
use crate::domain::probe::{Probe, Verdict, Way};
use crate::domain::reason::Reason;

/// Adds what the API's doors need next, and the probes that are due.
pub fn next_all(all: &DesiredAll, everything: &Everything, plan: &mut Plan) {
    let desired = &all.access;
    let id = Id::of(Kind::Access);
    let is_open = matches!(everything.probes.get(&Way::Direct), Some(Verdict::Reached { .. }));
    let is_due = everything.due.access || (is_open && desired.enforcement == Enforcement::Enforce);
    match everything.look(&id, &super::access::hash_of(desired), &everything.access) {
        Look::Present(found) => {
            let is_settled = !plan.concerns(Kind::Distribution);
            let is_held = admit_first(desired, found, plan);
            Doors {
                desired,
                everything,
                found,
                stands: is_settled || is_held,
                is_settled,
            }
            .next(plan);
        }
        Look::Verified(never) | Look::Outdated(never) => match *never {},
        _ if everything.was_verified(&id, &super::access::hash_of(desired)) && !is_due => {
            steady(desired, everything, plan);
        }
        // Nothing of the API is read before there is a perimeter to send its viewers through.
        Look::Absent if plan.concerns(Kind::Distribution) => {
            plan.add(id, Next::Blocked(vec![Kind::Distribution]));
        }
        Look::Read | Look::Absent => {
            hold_until_read(desired, plan);
            plan.add(id, Next::Read);
        }
    }
}

/// Adds the probes that are due while nothing changes.
fn steady(desired: &Desired, everything: &Everything, plan: &mut Plan) {
    if everything.due.probes && desired.probes {
        add_probe(desired, everything, Way::Viewer, plan);
        add_probe(desired, everything, Way::Direct, plan);
    }
}

/// Adds a probe, unless it was sent in this pass or cannot be.
pub(super) fn add_probe(desired: &Desired, everything: &Everything, way: Way, plan: &mut Plan) {
    if !everything.probes.contains_key(&way) {
        plan.probes.extend(probe(desired, everything, way));
    }
}

/// The probe that goes `way`; `None` while host or path are not known.
fn probe(desired: &Desired, everything: &Everything, way: Way) -> Option<Probe> {
    let gate = &desired.gate;
    let path = everything.probe_path(desired)?;
    let (host, path) = match way {
        Way::Viewer => (everything.domain_name()?.to_owned(), path),
        Way::Direct => (gate.host.clone(), direct_path(gate, &path)),
    };
    let web_socket = gate.r#type == OriginType::WebSocket;
    Some(Probe {
        way,
        host,
        path,
        web_socket,
    })
}

impl Everything {
    /// What probes request, as viewers write it: as declared, as chosen from the doors, or as chosen earlier.
    #[must_use]
    pub fn probe_path(&self, desired: &Desired) -> Option<String> {
        match self.access.present() {
            Some(found) => {
                let doors: Vec<&Door> = found.kept(desired).collect();
                target(&desired.gate, desired.probe_path.as_deref(), &doors).map(|target| target.viewer_path)
            }
            None => desired
                .probe_path
                .clone()
                .or_else(|| self.outputs.probe_path.clone()),
        }
    }
}

/// Doors that were read, and what should become of them.
pub(super) struct Doors<'a> {
    pub desired: &'a Desired,
    pub everything: &'a Everything,
    pub found: &'a Observed,
    /// Whether the perimeter is deployed as wanted, or waits for the doors.
    pub stands: bool,
    /// Whether it is deployed as wanted.
    pub is_settled: bool,
}

impl Doors<'_> {
    fn next(&self, plan: &mut Plan) {
        if self.desired.enforcement == Enforcement::Observe {
            return steady(self.desired, self.everything, plan);
        }
        if let Some(problem) = self.in_the_way() {
            return plan.add(Id::of(Kind::Access), Next::Problem(problem));
        }
        let phase = self.found.marks.cut_over.as_ref();
        let is_refused = phase.is_some_and(|phase| phase.step == CutOverStep::Refused);
        match phase {
            Some(phase) if self.found.put_back.is_some() && !is_refused => self.note_refusal(phase, plan),
            // Whoever locked it after our refusal knows what they do: probes tell what came of it.
            Some(phase) if self.is_locked() && is_refused => self.end(phase, plan),
            Some(phase) if self.is_locked() => self.prove(phase, plan),
            None if self.is_locked() => {
                steady(self.desired, self.everything, plan);
                plan.problems.extend(self.policy_problem());
            }
            Some(phase) if phase.backoff(self.everything.at).is_some() => {
                self.rest_after_refusal(phase, plan);
            }
            None if !self.stands => plan.add(Id::of(Kind::Access), Next::Blocked(vec![Kind::Distribution])),
            _ => self.lock(plan),
        }
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
    fn tried_door(&self) -> Option<&str> {
        let phase = self.found.marks.cut_over.as_ref()?;
        phase.door.as_deref().filter(|_| phase.step != CutOverStep::Rest)
    }

    /// The door that a cut-over begins with, where it does not begin with all. A stage that was locked whole before is
    /// mended whole.
    pub fn first_door(&self) -> Option<String> {
        let is_whole = self.desired.gate.r#type == OriginType::Rest || !self.found.marks.locks.is_empty();
        let door = self.probed_door().filter(|_| self.desired.probes && !is_whole)?;
        Some(door.id.clone())
    }

    pub fn probed_door(&self) -> Option<&Door> {
        let doors: Vec<&Door> = self.found.kept(self.desired).collect();
        target(&self.desired.gate, self.desired.probe_path.as_deref(), &doors).map(|target| target.door)
    }

    pub fn verdict(&self, way: Way) -> Option<&Verdict> {
        self.everything.probes.get(&way)
    }

    pub fn open_as_deployed(&self) -> Vec<String> {
        self.found
            .open_as_deployed(self.desired, &self.targets(), self.verdict(Way::Direct))
    }

    /// Whether all that the present phase is about is locked, as edited and as deployed.
    pub fn is_locked(&self) -> bool {
        self.has_locked_doors() && self.policy_stands()
    }

    /// The same of the doors alone.
    pub fn has_locked_doors(&self) -> bool {
        self.targets().iter().all(|door| door.authorization.is_locked()) && self.open_as_deployed().is_empty()
    }

    pub fn is_whole(&self) -> bool {
        self.found
            .kept(self.desired)
            .all(|door| door.authorization.is_locked())
    }

    /// What keeps us from locking anything.
    fn in_the_way(&self) -> Option<Problem> {
        let others = self
            .found
            .kept(self.desired)
            .filter(|door| !door.authorization.is_open() && !door.authorization.is_locked());
        let others: Vec<&str> = others.map(|door| door.key.as_str()).collect();
        if !others.is_empty() {
            return Some(problem(
                Reason::AuthorizerInTheWay,
                words::authorizer_in_the_way(&others),
                None,
            ));
        }
        let canary = self.found.stage.canary.as_ref()?;
        (canary.is_served && !self.open_as_deployed().is_empty()).then(|| {
            problem(
                Reason::CanaryInTheWay,
                words::canary_in_the_way(self.desired, canary),
                None,
            )
        })
    }
}
