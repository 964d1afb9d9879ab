//! What is so: the facts of the table ([`super::machine`]), from what was read and probed.

use super::as_deployed::Deployed;
use super::at_the_edge::{is_telling, until_deployed};
use super::authorization::Pending;
use super::cause::Cause;
use super::first_lock::Held;
use super::inputs::Next;
use super::machine::Fact;
use super::marks::Phase;
use super::probe::{Verdict, Way};
use super::probing::is_due;
use super::routes::Routes;
use super::verdicts::said;
use super::waiting::{cutting_over, cutting_over_within, problem};
use super::{words_of_lock, words_of_stage};
use crate::api::{Enforcement, OriginType};
use crate::domain::kernel::planning::{Problem, Wait};
use crate::domain::kernel::reason::Reason;

/// Whether something is so.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Answer {
    /// It is not.
    No,
    /// It is.
    Yes,
    /// It is, and this is told of it: what is awaited, or what a person has to do.
    Told(Next),
}

impl From<bool> for Answer {
    fn from(is_so: bool) -> Self {
        if is_so { Self::Yes } else { Self::No }
    }
}

impl From<Option<Next>> for Answer {
    fn from(next: Option<Next>) -> Self {
        next.map_or(Self::No, Self::Told)
    }
}

impl From<Option<Problem>> for Answer {
    fn from(problem: Option<Problem>) -> Self {
        problem.map(Next::Problem).into()
    }
}

impl From<Option<Wait>> for Answer {
    fn from(wait: Option<Wait>) -> Self {
        wait.map(Next::Wait).into()
    }
}

impl Routes<'_> {
    /// Whether `fact` is so, where no row above has decided.
    #[allow(
        clippy::too_many_lines,
        reason = "a line or two for each fact, in the order of the rows"
    )]
    pub(super) fn ask(&self, fact: Fact) -> Answer {
        let (found, desired) = (self.found, self.desired);
        let phase = found.marks.cut_over.as_ref();
        let has_phase = |is_so: &dyn Fn(&Phase) -> bool| phase.is_some_and(is_so);
        let deploys_itself = found.stage.auto_deploy;
        let viewer = self.verdict(Way::Viewer);
        match fact {
            Fact::Always => true.into(),
            Fact::EarlierStageUnproven => found
                .marks
                .earlier
                .is_some()
                .then(|| cutting_over(words_of_stage::earlier_unproven(desired)))
                .into(),
            Fact::Observes => (desired.enforcement == Enforcement::Observe).into(),
            Fact::AuthorizerUnread => self.asks_unknown_authorizer().into(),
            Fact::KeysUnread => self.drops_unknown_keys().into(),
            // Of the next lock, a process that starts anew would not know that this one was refused.
            Fact::MarkUnwritten => found.is_unwritten.into(),
            Fact::EndpointOff => self.endpoint_off().into(),
            Fact::InTheWay => self.in_the_way().into(),
            Fact::DeploymentOutdated => matches!(found.deployed, Deployed::Outdated(_)).into(),
            Fact::NothingToLock => self.nothing_to_lock().into(),
            Fact::ToldByAProbe => {
                (self.is_told_by_a_probe() && is_due(self.all, self.everything, Way::Direct)).into()
            }
            Fact::PutBackBegun => found.put_back.is_some().into(),
            Fact::Locked => self.is_locked().into(),

            Fact::ProvenByReading => self.is_proven_by_reading().into(),
            Fact::BothWaysDue => (self.is_unanswered() && self.is_proof_due()).into(),
            Fact::NothingToProbe => self.is_unanswered().into(),
            Fact::NotInForceYet => (self.is_open_past_it() && self.is_young())
                .then(|| cutting_over(words_of_lock::not_in_force()))
                .into(),
            Fact::StageBehind => (self.is_open_past_it() && deploys_itself && !self.is_locked())
                .then(|| self.behind(self.age()))
                .into(),
            Fact::ResponsesUnread => {
                let is_reached = matches!(self.verdict(Way::Direct), Some(Verdict::Reached { .. }));
                (is_reached && self.is_locked() && self.responses_are_unread()).into()
            }
            Fact::RefusalHidden => self.is_refusal_hidden().into(),
            Fact::OpenToAnybody => self.is_open_past_it().into(),
            Fact::Broken => self.has_broken().into(),
            Fact::LetIn => {
                (self.is_viewer_let_in() && has_phase(&|phase| self.is_told_in_force(phase))).into()
            }
            Fact::LetInTooEarly => (self.is_viewer_let_in() && self.is_young())
                .then(|| cutting_over_within(self.in_force_soon(), words_of_lock::not_in_force()))
                .into(),
            Fact::LetInByTheOldLock => self.is_viewer_let_in().into(),
            Fact::ViewerDelayed => viewer
                .filter(|viewer| viewer.is_passing() && self.is_young())
                .map(|viewer| cutting_over(words_of_lock::probing_again(&said(viewer))))
                .into(),
            Fact::BothAmbiguous => (self.is_ambiguous_both_ways() && self.is_young())
                .then(|| cutting_over(words_of_lock::not_in_force()))
                .into(),
            Fact::AnsweredAsBefore => self.is_answered_as_before().into(),
            Fact::LiveAtOnce => viewer
                .filter(|_| has_phase(&|phase| phase.before.is_none()))
                .map(|viewer| self.not_proven(viewer))
                .into(),

            Fact::StageUnread => (self.may_have_canary() && !found.is_stage_known).into(),
            // A share of the probes was answered by another deployment, and so is a share of the viewers.
            Fact::CanaryMeanwhile => {
                let goes_back = has_phase(&|phase| phase.before.is_some());
                (self.may_have_canary() && goes_back && self.open_canary().is_some()).into()
            }
            // A probe speaks of one route: the stage as deployed has to show the lock, too. What it does not show is locked anew.
            Fact::LockNotServed => (deploys_itself && !self.is_locked())
                .then(|| self.behind(self.age()))
                .into(),
            Fact::NextValueUnproven => (!self.is_locked() && self.is_proof_due()).into(),
            Fact::LockedInPart => (self.is_locked() && !self.is_whole()).into(),

            Fact::BacksOff => phase
                .filter(|phase| !self.is_made(phase) && !self.is_tried_at_once(phase))
                .and_then(|phase| self.backs_off(phase))
                .into(),
            Fact::PerimeterNotReady => (!self.stands).into(),

            Fact::CutShort => self.cut_short().into(),
            Fact::EditsUnread => (self.is_compared() && found.pending == Pending::Unread).into(),
            Fact::StagesUnread => self.are_stages_due().into(),
            Fact::WaysInUnread => self.are_ways_in_due().into(),
            Fact::Contested => self.contested().into(),
            Fact::EditsUndeployed => matches!(self.undeployed(), Some(Next::Problem(_))).into(),
            Fact::EditsInDoubt => self.undeployed().into(),
            Fact::CanaryOpen => self.open_canary().into(),
            Fact::AddressDenied => self.unproven_address().into(),
            Fact::HeldByTheApi => self.held_by_the_api().into(),
            Fact::StageStaysBehind => (self.is_whole() && deploys_itself)
                .then(|| self.behind_for_long())
                .into(),
            Fact::NeverProbed => self.never_probed().into(),
            Fact::NotSent => (!self.is_sent()).into(),

            Fact::NoDistribution => self.marked_at().is_empty().into(),
            Fact::EdgeDeploying => (self.is_probed() && !is_telling(self.everything))
                .then(until_deployed)
                .into(),
            Fact::ResponsesUnreadBefore => (self.is_probed() && self.responses_are_unread()).into(),
            Fact::ProbesDueBefore => {
                let is_due = |way| is_due(self.all, self.everything, way);
                (self.is_probed() && (is_due(Way::Viewer) || is_due(Way::Direct))).into()
            }
            Fact::WayUnknown => (self.is_way_asked() && viewer.is_none()).into(),
            Fact::WayClosed => self.way_closed().into(),
            Fact::RefusalWouldHide => self.hidden().filter(|_| self.is_way_asked()).into(),
            Fact::NamesElsewhere => match self.held_by_names() {
                Some(Held::Passing(wait)) => Some(wait).into(),
                _ => Answer::No,
            },
            Fact::NamesElsewhereForGood => match self.held_by_names() {
                Some(Held::Stuck(problem)) => Some(problem).into(),
                _ => Answer::No,
            },
            Fact::LockedAlready => self.has_locked_routes().into(),
            Fact::Probed => self.is_probed().into(),
            Fact::ReleasedSince => has_phase(&|phase| self.is_released_since(phase)).into(),
            Fact::OpenAsEdited => (!self.locking().is_empty()).into(),
            Fact::DeploysItself => deploys_itself.then(|| self.behind(self.age())).into(),
            Fact::DeploymentLeft => (!found.unused_deployments.is_empty()).into(),

            Fact::NotWanted => {
                (self.unproven.is_other || has_phase(&|phase| self.tries_excluded(phase))).into()
            }
            Fact::InEffectAndHalted => {
                (self.unproven.is_halted && has_phase(&|phase| self.is_to_be_proven(phase))).into()
            }
            Fact::InEffect => has_phase(&|phase| self.is_to_be_proven(phase)).into(),
            Fact::Halted => self.unproven.is_halted.into(),
        }
    }

    /// Whether a probe is missing without which nothing is proven.
    fn is_unanswered(&self) -> bool {
        self.verdict(Way::Direct).is_none() || self.verdict(Way::Viewer).is_none()
    }

    /// Whether a canary release would answer a share of the probes.
    fn may_have_canary(&self) -> bool {
        self.desired.probes && self.desired.gate.r#type == OriginType::Rest
    }

    /// Whether a person has asked for the next attempt. One that was refused in this very pass waits: tags know whole seconds.
    fn is_tried_at_once(&self, phase: &Phase) -> bool {
        let is_of_before = phase.since.as_second() < self.everything.pass.at.as_second();
        self.everything.due.lock && is_of_before
    }

    /// All is as it was before a refusal, and the next attempt waits for its time.
    fn backs_off(&self, phase: &Phase) -> Option<Problem> {
        let retry_after = phase.backoff(self.everything.pass.at)?;
        let why = self.remembered_why();
        let message = self.refused(phase, why.as_ref().map(|why| why.said.as_str()));
        let reason = phase.cause.map_or(Reason::SignatureRefused, Cause::reason);
        Some(problem(reason, message, Some(retry_after)))
    }
}
