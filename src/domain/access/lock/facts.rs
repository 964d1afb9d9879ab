//! What is so: the facts of the table ([`crate::domain::access::table::machine`]), from what was read and probed.

use crate::api::{Enforcement, OriginType};
use crate::domain::access::asked::as_deployed::Deployed;
use crate::domain::access::authorization::Pending;
use crate::domain::access::inputs::Next;
use crate::domain::access::obstacles::first_lock::Held;
use crate::domain::access::probe::{Verdict, Way};
use crate::domain::access::probing::at_the_edge::{is_telling, until_deployed};
use crate::domain::access::probing::is_due;
use crate::domain::access::probing::verdicts::said;
use crate::domain::access::routes::Routes;
use crate::domain::access::table::cause::Cause;
use crate::domain::access::table::machine::Fact;
use crate::domain::access::table::marks::Phase;
use crate::domain::access::waiting::{cutting_over, cutting_over_within, problem};
use crate::domain::access::words::words_of_lock;
use crate::domain::access::words::words_of_stage;
use crate::domain::kernel::planning::{Problem, Wait};
use crate::domain::kernel::reason::Reason;

/// Whether something is so.
#[derive(Debug, Clone, PartialEq)]
pub(in crate::domain::access) enum Answer {
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
    /// Whether `fact` is so, where no row above has decided: a line for each, in the order of the rows.
    pub(in crate::domain::access) fn ask(&self, fact: Fact) -> Answer {
        let (found, unproven) = (self.found, &self.unproven);
        match fact {
            Fact::Always => true.into(),
            Fact::EarlierStageUnproven => self.earlier_unproven().into(),
            Fact::Observes => (self.desired.enforcement == Enforcement::Observe).into(),
            Fact::AuthorizerUnread => self.asks_unknown_authorizer().into(),
            Fact::KeysUnread => self.drops_unknown_keys().into(),
            // Of the next lock, a process that starts anew would not know that this one was refused.
            Fact::MarkUnwritten => found.is_unwritten.into(),
            Fact::EndpointOff => self.endpoint_off().into(),
            Fact::InTheWay => self.in_the_way().into(),
            Fact::DeploymentOutdated => matches!(found.deployed, Deployed::Outdated(_)).into(),
            Fact::NothingToLock => self.nothing_to_lock().into(),
            Fact::ToldByAProbe => (self.is_told_by_a_probe() && self.is_due(Way::Direct)).into(),
            Fact::PutBackBegun => found.put_back.is_some().into(),
            Fact::Locked => self.is_locked().into(),

            // What both ways answer once the lock is made.
            Fact::ProvenByReading => self.is_proven_by_reading().into(),
            Fact::BothWaysDue => (self.is_unanswered() && self.is_proof_due()).into(),
            Fact::NothingToProbe => self.is_unanswered().into(),
            Fact::NotInForceYet => self.not_in_force_yet().into(),
            Fact::StageBehind => self.stage_behind().filter(|_| self.is_open_past_it()).into(),
            Fact::ResponsesUnread => self.is_reached_and_responses_are_unread().into(),
            Fact::RefusalHidden => self.is_refusal_hidden().into(),
            Fact::OpenToAnybody => self.is_open_past_it().into(),
            Fact::Broken => self.has_broken().into(),
            Fact::LetIn => self.is_let_in_by_what_is_in_force().into(),
            Fact::LetInTooEarly => self.let_in_too_early().into(),
            Fact::LetInByTheOldLock => self.is_viewer_let_in().into(),
            Fact::ViewerDelayed => self.viewer_delayed().into(),
            Fact::BothAmbiguous => self.both_ambiguous().into(),
            Fact::AnsweredAsBefore => self.is_answered_as_before().into(),
            Fact::LiveAtOnce => self.live_at_once().into(),

            // What a probe of one route does not show.
            Fact::StageUnread => (self.may_have_canary() && !found.is_stage_known).into(),
            Fact::CanaryMeanwhile => self.has_canary_meanwhile().into(),
            Fact::LockNotServed => self.stage_behind().into(),
            Fact::NextValueUnproven => (!self.is_locked() && self.is_proof_due()).into(),
            Fact::LockedInPart => (self.is_locked() && !self.is_whole()).into(),

            // What holds the next lock back.
            Fact::BacksOff => self.backs_off().into(),
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
            Fact::StageStaysBehind => self.stage_stays_behind().into(),
            Fact::NeverProbed => self.never_probed().into(),
            Fact::NotSent => (!self.is_sent()).into(),
            Fact::NoDistribution => self.marked_at().is_empty().into(),
            Fact::EdgeDeploying => self.edge_deploying().into(),
            Fact::ResponsesUnreadBefore => (self.is_probed() && self.responses_are_unread()).into(),
            Fact::ProbesDueBefore => self.are_probes_due_before().into(),
            Fact::WayUnknown => (self.is_way_asked() && self.verdict(Way::Viewer).is_none()).into(),
            Fact::WayClosed => self.way_closed().into(),
            Fact::RefusalWouldHide => self.hidden().filter(|_| self.is_way_asked()).into(),
            Fact::NamesElsewhere => self.names_elsewhere().into(),
            Fact::NamesElsewhereForGood => self.names_elsewhere_for_good().into(),

            // How far the lock is made.
            Fact::LockedAlready => self.has_locked_routes().into(),
            Fact::Probed => (self.desired.probes && self.probed_route().is_some()).into(),
            Fact::ReleasedSince => self.has_phase(|phase| self.is_released_since(phase)).into(),
            Fact::OpenAsEdited => (!self.locking().is_empty()).into(),
            Fact::DeploysItself => found.stage.auto_deploy.then(|| self.behind(self.age())).into(),
            Fact::DeploymentLeft => (!found.unused_deployments.is_empty()).into(),

            // What becomes of one that is begun and not proven.
            Fact::NotWanted => {
                (unproven.is_other || self.has_phase(|phase| self.tries_excluded(phase))).into()
            }
            Fact::InEffectAndHalted => (unproven.is_halted && self.is_phase_in_effect()).into(),
            Fact::InEffect => self.is_phase_in_effect().into(),
            Fact::Halted => unproven.is_halted.into(),
        }
    }
}

/// The facts that take more than a line, in the same order.
impl Routes<'_> {
    fn is_due(&self, way: Way) -> bool {
        is_due(self.wanted, self.inputs, way)
    }

    fn has_phase(&self, is_so: impl Fn(&Phase) -> bool) -> bool {
        self.found.marks.cut_over.as_ref().is_some_and(is_so)
    }

    fn earlier_unproven(&self) -> Option<Next> {
        let earlier = self.found.marks.earlier.as_ref();
        earlier.map(|_| cutting_over(words_of_stage::earlier_unproven(self.desired)))
    }

    fn not_in_force_yet(&self) -> Option<Next> {
        let is_early = self.is_open_past_it() && self.is_young();
        is_early.then(|| cutting_over(words_of_lock::not_in_force()))
    }

    /// A probe speaks of one route: the stage as deployed has to show the lock, too. What it does not show is locked anew.
    fn stage_behind(&self) -> Option<Next> {
        let is_behind = self.found.stage.auto_deploy && !self.is_locked();
        is_behind.then(|| self.behind(self.age()))
    }

    fn is_reached_and_responses_are_unread(&self) -> bool {
        let is_reached = matches!(self.verdict(Way::Direct), Some(Verdict::Reached { .. }));
        is_reached && self.is_locked() && self.responses_are_unread()
    }

    fn is_let_in_by_what_is_in_force(&self) -> bool {
        self.is_viewer_let_in() && self.has_phase(|phase| self.is_told_in_force(phase))
    }

    fn let_in_too_early(&self) -> Option<Next> {
        let is_early = self.is_viewer_let_in() && self.is_young();
        is_early.then(|| cutting_over_within(self.in_force_soon(), words_of_lock::not_in_force()))
    }

    fn viewer_delayed(&self) -> Option<Next> {
        let viewer = self.verdict(Way::Viewer)?;
        let is_delayed = viewer.is_passing() && self.is_young();
        is_delayed.then(|| cutting_over(words_of_lock::probing_again(&said(viewer))))
    }

    fn both_ambiguous(&self) -> Option<Next> {
        let is_early = self.is_ambiguous_both_ways() && self.is_young();
        is_early.then(|| cutting_over(words_of_lock::not_in_force()))
    }

    fn live_at_once(&self) -> Option<Next> {
        let viewer = self.verdict(Way::Viewer)?;
        let is_live = self.has_phase(|phase| phase.before.is_none());
        is_live.then(|| self.not_proven(viewer))
    }

    /// A share of the probes was answered by another deployment, and so is a share of the viewers.
    fn has_canary_meanwhile(&self) -> bool {
        let goes_back = self.has_phase(|phase| phase.before.is_some());
        self.may_have_canary() && goes_back && self.open_canary().is_some()
    }

    /// All is as it was before a refusal, and the next attempt waits for its time.
    fn backs_off(&self) -> Option<Problem> {
        let phase = self.found.marks.cut_over.as_ref()?;
        if self.is_made(phase) || self.is_tried_at_once(phase) {
            return None;
        }
        let retry_after = phase.backoff(self.inputs.pass.at)?;
        let why = self.remembered_why();
        let message = self.refused(phase, why.as_ref().map(|why| why.said.as_str()));
        let reason = phase.cause.map_or(Reason::SignatureRefused, Cause::reason);
        Some(problem(reason, message, Some(retry_after)))
    }

    fn stage_stays_behind(&self) -> Option<Problem> {
        let stays = self.is_whole() && self.found.stage.auto_deploy;
        stays.then(|| self.behind_for_long())
    }

    fn edge_deploying(&self) -> Option<Wait> {
        let is_awaited = self.is_probed() && !is_telling(self.inputs);
        is_awaited.then(until_deployed)
    }

    fn are_probes_due_before(&self) -> bool {
        self.is_probed() && (self.is_due(Way::Viewer) || self.is_due(Way::Direct))
    }

    fn names_elsewhere(&self) -> Option<Wait> {
        match self.held_by_names()? {
            Held::Passing(wait) => Some(wait),
            Held::Stuck(_) => None,
        }
    }

    fn names_elsewhere_for_good(&self) -> Option<Problem> {
        match self.held_by_names()? {
            Held::Stuck(problem) => Some(problem),
            Held::Passing(_) => None,
        }
    }

    fn is_phase_in_effect(&self) -> bool {
        self.has_phase(|phase| self.is_to_be_proven(phase))
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
        let is_of_before = phase.since.as_second() < self.inputs.pass.at.as_second();
        self.inputs.due.lock && is_of_before
    }
}
