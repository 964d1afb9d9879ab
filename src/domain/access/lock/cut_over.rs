//! What is done in each state: the actions of the table ([`crate::domain::access::table::machine`]).

use super::facts::Answer;
use crate::api::CutOver;
use crate::domain::access::asked::{Authorization, CUSTOM, NONE};
use crate::domain::access::inputs::{Call, Next, Plan, Step};
use crate::domain::access::obstacles::standing::Standing;
use crate::domain::access::probe::Way;
use crate::domain::access::probing::rotation;
use crate::domain::access::probing::{add_probe, steady, watch};
use crate::domain::access::routes::Routes;
use crate::domain::access::table::machine::{Action, Given, Row, State};
use crate::domain::access::table::marks::{LockedBefore, Marks, Phase, Step as CutOverStep};
use crate::domain::access::table::reads::pending_read;
use crate::domain::access::waiting::problem;
use crate::domain::access::words;
use crate::domain::access::words::words_of_lock;
use crate::domain::kernel::planning::{Id, Kind, Problem, Verb};
use crate::domain::kernel::reason::Reason;

/// How a phase tells that only a key was asked for.
pub(in crate::domain::access) const KEY: &str = "KEY";

impl Routes<'_> {
    pub(in crate::domain::access) fn state(&self) -> State {
        let phase = self.found.marks.cut_over.as_ref();
        State::of(phase, phase.is_none() && self.is_locked())
    }

    /// The first of `rows` that fits; `is_made`: the lock is made, and is to be proven.
    pub(in crate::domain::access) fn row<'a>(
        &self,
        rows: impl Iterator<Item = &'a Row>,
        is_made: bool,
    ) -> Option<&'a Row> {
        Row::first(rows, self.state(), is_made, |fact| self.ask(fact) != Answer::No)
    }

    /// Does what the row says.
    pub(in crate::domain::access) fn act(&self, row: &Row, plan: &mut Plan<impl From<Call>>) {
        if row.given != Given::Always && !self.is_proven_by_reading() {
            self.ask_for_proof(plan);
        }
        let id = Id::of(Kind::Access);
        match (row.action, self.found.marks.cut_over.as_ref()) {
            (Action::Watch, _) => steady(self.wanted, self.inputs, plan),
            (Action::Read(what), _) => plan.add(what.id(), Next::Read),
            (Action::Ask(ways), _) if row.given == Given::Always => self.ask_ways(ways, plan),
            (Action::Tell, _) => {
                if let Answer::Told(told) = self.ask(row.fact) {
                    plan.add(id, told);
                }
            }
            (Action::TellAndWatch, _) => {
                steady(self.wanted, self.inputs, plan);
                if let Answer::Told(told) = self.ask(row.fact) {
                    plan.add(id, told);
                }
            }
            (Action::AwaitDistribution, _) => plan.add(id, Next::Blocked(vec![Kind::Distribution])),
            (Action::AwaitPerimeter, _) => {
                watch(self.wanted, self.inputs, plan);
                plan.add(id, Next::Blocked(vec![Kind::Distribution]));
            }
            (Action::AwaitSending, _) => {
                if self.desired.probes {
                    add_probe(self.wanted, self.inputs, Way::Viewer, plan);
                }
                watch(self.wanted, self.inputs, plan);
                plan.add(id, Next::Blocked(vec![Kind::Distribution]));
            }
            (Action::MarkAgain, _) => {
                steady(self.wanted, self.inputs, plan);
                plan.act(self.mark(self.found.marks.clone()));
            }
            (Action::Keep, _) => self.keep(plan),
            (Action::Begin(step), _) => self.begin(step, plan),
            (Action::Lock, _) => plan.act_all(self.locking()),
            (Action::DropDeployment, _) => plan.act_all(self.delete_unused()),
            (Action::Deploy, _) => plan.act(self.deploy()),
            (Action::NoteRefusal, Some(phase)) => self.note_put_back(phase, plan),
            (Action::GoBack, Some(phase)) => self.put_back_rest(phase, plan),
            (Action::PutBack(by), Some(phase)) => self.put_back(phase, &self.disproved(by), plan),
            (Action::End, Some(phase)) => self.end(phase, plan),
            (Action::MarkRest, Some(phase)) => plan.act(self.enter(Phase {
                step: CutOverStep::Rest,
                route: None,
                ..phase.clone()
            })),
            (Action::BackOut, Some(phase)) => self.back_out(phase, false, plan),
            (Action::Withdraw, Some(phase)) => self.back_out(phase, true, plan),
            (Action::MarkAnew, Some(phase)) => plan.act(self.enter(self.marked_anew(phase))),
            // What is asked for a proof was asked for above, what is proven goes on in other rows; the others are of states that have
            // a mark.
            (
                Action::Nothing | Action::Ask(_) | Action::Proven | Action::Prove | Action::ProveOrPutBack,
                _,
            )
            | (
                Action::NoteRefusal
                | Action::GoBack
                | Action::PutBack(_)
                | Action::End
                | Action::MarkRest
                | Action::BackOut
                | Action::Withdraw
                | Action::MarkAnew,
                None,
            ) => {}
        }
    }

    fn ask_ways(&self, ways: &[Way], plan: &mut Plan<impl From<Call>>) {
        for way in ways {
            add_probe(self.wanted, self.inputs, *way, plan);
        }
    }

    /// What a lock needs from time to time.
    pub(super) fn keep(&self, plan: &mut Plan<impl From<Call>>) {
        steady(self.wanted, self.inputs, plan);
        if self.may_be_refused_in_disguise() {
            plan.add(pending_read(), Next::Read);
        }
        rotation::next(self, plan);
        let id = Id::of(Kind::Access);
        // Of two marks at a time, the second would undo the first.
        if !plan.ready.iter().any(|step| step.id == id) {
            plan.act_all(self.mark_found_locked());
        }
        // Nobody comes to a route but with the certificate, whatever it lets in besides.
        if self.is_behind_certificate() {
            return self.clear_unused(plan);
        }
        plan.problems.extend(self.policy_problem());
        let trouble = self.open_canary().or_else(|| self.caller_credentials());
        let trouble = trouble.or_else(|| self.open_policy());
        plan.problems.extend(trouble.or_else(|| self.untold_policy()));
        self.clear_unused(plan);
    }

    /// The time of a lock that was found, where none is marked: the stage was locked before there was a perimeter, or the mark is gone.
    /// Whoever opens the stage later would else keep it open by what holds a first lock. The first mark of a mode with a secret value,
    /// which says when that was replaced, has the time, too.
    fn mark_found_locked(&self) -> Option<Step> {
        let marks = &self.found.marks;
        let is_unmarked = self.stands && !marks.was_locked() && !self.marked_at().is_empty();
        // What a canary release serves may be open.
        let is_unmarked = is_unmarked && self.open_canary().is_none();
        let is_first_mark = self.desired.proof.has_value() && marks.rotated.is_none();
        (is_unmarked && !is_first_mark).then(|| {
            let locks = marks.locked_at(self.inputs.pass.at);
            let new = Marks {
                locks: locks.clone(),
                ..marks.clone()
            };
            self.mark_told("locks", (&marks.locks, &locks), new)
        })
    }

    /// The calls after which all methods, and the policy, ask for the proof as edited.
    pub(in crate::domain::access) fn locking(&self) -> Vec<Step> {
        let targets = self.targets();
        let open = targets.iter().filter_map(|route| match self.standing(route) {
            Standing::Open(authorization) => Some(self.authorize(route, authorization, None)),
            Standing::Locked | Standing::InTheWay(_) => None,
        });
        open.chain(self.write_policy()).collect()
    }

    /// The lock waits for a probe, and no method that it deploys can be asked for.
    pub(in crate::domain::access) fn never_probed(&self) -> Option<Problem> {
        let is_awaited = self.desired.probes && self.desired.cut_over == CutOver::AfterProbe;
        (is_awaited && self.probed_route().is_none()).then(|| {
            let message = words::no_probe_path(self.desired);
            let field = &self.desired.probe_path;
            Problem {
                field: field.as_ref().map(|_| "spec.origin.probePath".to_owned()),
                ..problem(Reason::ProbePathNotFound, message, None)
            }
        })
    }

    /// The mark, which comes before the lock.
    fn begin(&self, step: CutOverStep, plan: &mut Plan<impl From<Call>>) {
        let before = self.found.marks.cut_over.as_ref();
        let cut_over = Phase {
            step,
            before: self
                .found
                .stage
                .deployment
                .clone()
                .filter(|_| !self.found.stage.auto_deploy),
            route: self.first_route(),
            from: self.asked_before(),
            refusals: before.map(|phase| phase.refusals).unwrap_or_default(),
            since: self.inputs.pass.at,
            tried: Some(self.desired.proof.mark()),
            locked_before: self.locked_before(),
            cause: None,
        };
        plan.act(self.mark(Marks {
            cut_over: Some(cut_over),
            before: self.answers_before(),
            ..self.found.marks.clone()
        }));
    }

    /// Which routes are locked before a cut-over begins.
    fn locked_before(&self) -> Option<LockedBefore> {
        if self.is_whole() {
            return Some(LockedBefore::All);
        }
        // Excluded ones, too: what is locked by somebody else there is no one's to open.
        let lockable = self.found.lockable(self.desired);
        let locked = lockable.filter(|route| self.is_route_locked(route));
        LockedBefore::of(locked.map(|route| route.key.as_str()))
    }

    /// Whether the team has released since `phase` was marked: the stage serves a deployment of theirs, and nothing of the
    /// phase's in it.
    pub(super) fn is_released_since(&self, phase: &Phase) -> bool {
        let served = self.found.stage.deployment.as_ref();
        let is_other = served.is_some() && phase.before.is_some() && phase.before.as_ref() != served;
        let has_ours = self.serves_lock(phase) || !self.found.policies.serves(&[], &self.desired.owner);
        is_other && !self.found.stage.auto_deploy && !self.serves_ours() && !has_ours
    }

    /// The mark of `phase` with what the team has released since: putting back must not undo that. A route that is locked by
    /// now, and was not when the phase began, may be locked by our hand.
    fn marked_anew(&self, phase: &Phase) -> Phase {
        let locked_before = match &phase.locked_before {
            Some(LockedBefore::All) if self.is_whole() => Some(LockedBefore::All),
            Some(known) => {
                let lockable = self.found.lockable(self.desired);
                let still = lockable.filter(|route| self.is_route_locked(route) && known.has(&route.key));
                LockedBefore::of(still.map(|route| route.key.as_str()))
            }
            None => None,
        };
        Phase {
            before: self.found.stage.deployment.clone(),
            locked_before,
            ..phase.clone()
        }
    }

    /// What the routes that come first ask for now.
    fn asked_before(&self) -> String {
        let first = self.first_route();
        let mut kept = self
            .found
            .kept(self.desired)
            .filter(|route| !self.is_route_locked(route));
        let route = kept.find(|route| first.as_ref().is_none_or(|first| route.id == *first));
        let of_none = if self.asks_replaced_authorizer() {
            CUSTOM
        } else {
            NONE
        };
        route.map_or_else(
            || of_none.to_owned(),
            |route| {
                let found = &route.authorization;
                match found.kind.as_str() {
                    NONE if found.api_key_required => KEY.to_owned(),
                    kind => kind.to_owned(),
                }
            },
        )
    }

    /// What of ours nothing needs any more: it goes once the lock stands.
    fn clear_unused(&self, plan: &mut Plan<impl From<Call>>) {
        let step = self.delete_unused().or_else(|| {
            let id = self.found.dead_authorizers.first()?.clone();
            Some(self.step(Verb::Delete, vec![], Call::DeleteDeadAuthorizer { id }))
        });
        plan.act_all(step);
    }

    fn end(&self, phase: &Phase, plan: &mut Plan<impl From<Call>>) {
        let marks = &self.found.marks;
        let has_value = self.desired.proof.has_value();
        let rotated = marks
            .rotated
            .clone()
            .or_else(|| has_value.then(|| self.rotated_now()));
        plan.act(self.mark(Marks {
            cut_over: None,
            // A lock that takes the place of another is no sign of a contest; the first is remembered whatever it replaces.
            locks: if marks.locks.is_empty() || (phase.from == NONE && phase.step != CutOverStep::Narrowing) {
                marks.locked_at(self.inputs.pass.at)
            } else {
                marks.locks.clone()
            },
            rotated,
            next: None,
            before: marks.before.clone(),
            stage: marks.stage.clone(),
            earlier: None,
        }));
    }

    pub(in crate::domain::access) fn contested(&self) -> Option<Problem> {
        // Routes that ask for the proof of another mode were not opened by anybody.
        let is_other_mode = self
            .found
            .kept(self.desired)
            .any(|route| !self.is_route_locked(route) && route.authorization != Authorization::none());
        let left = match self.found.marks.cut_over {
            None if !is_other_mode => self.found.marks.contested_for(self.inputs.pass.at)?,
            None | Some(_) => return None,
        };
        let message = words_of_lock::contested(
            self.desired,
            [&self.open_as_deployed(), &self.open_as_edited()],
            self.inputs.sharing,
        );
        Some(problem(Reason::ContestedByOtherTool, message, Some(left)))
    }

    /// Keys of the routes that should be locked and are not, as edited.
    fn open_as_edited(&self) -> Vec<String> {
        let kept = self.found.kept(self.desired);
        let open = kept.filter(|route| !self.is_route_locked(route));
        open.map(|route| route.key.clone()).collect()
    }
}
