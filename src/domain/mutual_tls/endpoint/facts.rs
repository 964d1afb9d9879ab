//! What is so of the default endpoint, as the table asks for it.

use super::hash_of;
use super::machine::{Fact, State};
use super::mark::Mark;
use super::seen::{Observed, id};
use crate::api::Enforcement;
use crate::domain::access::probe::{Verdict, Way};
use crate::domain::access::probing::verdicts::said;
use crate::domain::kernel::planning::Kind;
use crate::domain::mutual_tls::client_certificate::known::is_ours_shown;
use crate::domain::mutual_tls::comers::Comers;
use crate::domain::mutual_tls::leaving::shows_on;
use crate::domain::mutual_tls::{Desired, Inputs, origin_domain, probes, refusals};
use jiff::Timestamp;
use std::time::Duration;

/// The ways that prove a lock.
pub(super) const PROOF: [Way; 3] = [Way::Direct, Way::Viewer, Way::Origin];

/// The same where methods ask for a secret value besides: with it, too, nobody gets in by the default endpoint.
pub(super) fn ways_of_proof(inputs: &Inputs<'_>) -> Vec<Way> {
    let with_value = inputs.asks_for_value.then_some(Way::Next);
    PROOF.into_iter().chain(with_value).collect()
}

/// The way that shows that the endpoint is on: with the value that CloudFront sends, where methods ask for one.
fn way_on(inputs: &Inputs<'_>) -> Way {
    let is_open = inputs.leave.is_some_and(|leave| leave.is_open);
    if inputs.asks_for_value && !is_open {
        Way::Next
    } else {
        Way::Direct
    }
}

/// The ways by which the endpoint is asked once it is on for another mode.
pub(super) fn ways_of_leaving(inputs: &Inputs<'_>) -> Vec<Way> {
    let with_value = Some(way_on(inputs)).filter(|way| *way != Way::Direct);
    [Way::Direct].into_iter().chain(with_value).collect()
}

/// Whether somebody gets in past the perimeter though another mode is to lock the API.
fn is_let_in_past(desired: &Desired, inputs: &Inputs<'_>) -> bool {
    let is_open = inputs.leave.is_some_and(|leave| leave.is_open);
    let direct = inputs.probes.get(&Way::Direct);
    !is_open && direct.is_some_and(|answer| answer.gets_in() && shows_on(desired, answer))
}

/// Whether the endpoint was read to be on and seen to answer in this pass, and lets in nobody past the perimeter: CloudFront may be led
/// to it. Without probes nothing shows whether a REST API's switch is in effect, and viewers would be refused: a person says so, by asking
/// for a look after it was told to be on.
#[must_use]
pub fn is_seen_on(desired: &Desired, inputs: &Inputs<'_>) -> bool {
    let Some(found) = inputs.seen.endpoint.present().filter(|found| !found.is_off) else {
        return false;
    };
    if !probes::is_probed(inputs) {
        return found.auto_deploy || (inputs.is_tried_at_once && was_on(inputs));
    }
    let answer = inputs.probes.get(&way_on(inputs));
    answer.is_some_and(|answer| shows_on(desired, answer)) && !is_let_in_past(desired, inputs)
}

/// Whether the last pass has told that the endpoint is on.
fn was_on(inputs: &Inputs<'_>) -> bool {
    inputs.remembered.is_some_and(|known| !known.default_endpoint_off)
}

/// What the endpoint answered that is not known to be on, for people.
#[must_use]
pub fn answered_on(inputs: &Inputs<'_>) -> Option<String> {
    inputs.probes.get(&way_on(inputs)).map(said)
}

/// A mark is of this pass, as far as its seconds tell.
const JUST_NOW: Duration = Duration::from_secs(1);
/// A switch that is not in effect by then is published again.
pub(super) const SLOW: Duration = Duration::from_mins(1);
/// After this a person is asked.
pub(super) const SWITCH_PATIENCE: Duration = Duration::from_mins(5);
/// A viewer who is refused for longer is refused by the lock.
const MOMENT: Duration = Duration::from_secs(10);
/// How long a probe that proves nothing is repeated.
const UNPROVEN: Duration = Duration::from_mins(2);
/// So long another cluster may take to act upon what it has read of a mark: much longer than it believes what it has read.
const TRUSTED: Duration = Duration::from_mins(5);

/// The default endpoint as it was read, with its mark.
pub(super) struct Lock<'a, 'b> {
    pub inputs: &'b Inputs<'a>,
    pub desired: &'a Desired,
    pub found: &'a Observed,
    pub mark: Option<Mark>,
    pub state: State,
}

/// The kinds that are not ready for the switch.
pub(super) fn missing(desired: &Desired, inputs: &Inputs<'_>) -> Vec<Kind> {
    let distribution = &inputs.distribution;
    let origin = distribution.origin.as_ref();
    let leads_here = origin.is_none_or(|origin| *origin == desired.origin_domain);
    let is_in_force = distribution.is_deployed && !distribution.is_absent;
    let mut missing = Vec::new();
    if !origin_domain::is_ready(inputs) {
        missing.push(Kind::OriginDomain);
    }
    if !is_ours_shown(inputs) {
        missing.push(Kind::ClientCertificate);
    }
    if !is_in_force || !leads_here {
        missing.push(Kind::Distribution);
    }
    missing
}

impl Lock<'_, '_> {
    /// Whether this is so.
    pub(super) fn holds(&self, fact: Fact) -> bool {
        let now = self.now();
        let mark = self.mark.as_ref();
        let is_at_once = self.inputs.is_tried_at_once;
        match fact {
            Fact::Always => true,
            Fact::Observes => self.is_observing(),
            Fact::Leaves => self.leaves(),
            Fact::LeavesOff => self.leaves() && self.found.is_off,
            Fact::Frees => self.frees(),
            Fact::NotFree => self.inputs.leave.is_none_or(|leave| leave.is_undone),
            Fact::SwitchedTooEarly => self.is_switched_too_early(),
            Fact::MayBeTooEarly => self.may_be_too_early() && self.are_comers_due(),
            Fact::TakenBack => {
                let was_taken_back = self.found.switched_off == Some(true) && self.hangs_for_others();
                was_taken_back && self.found.is_off && self.can_publish()
            }
            Fact::MayBeTrusted => self.trusted_for().is_some(),
            Fact::LeftOpen => self.leaves() && is_let_in_past(self.desired, self.inputs),
            Fact::LeftUnasked => {
                let mut ways = ways_of_leaving(self.inputs).into_iter();
                self.leaves() && self.is_probed() && ways.any(|way| self.verdict(way).is_none())
            }
            Fact::LeftUnpublished => {
                // What no probe shows is not repeated: a person deploys the stage then.
                let is_due = is_at_once || !self.found.rests;
                let is_time = is_due && (self.is_probed() || !was_on(self.inputs));
                self.leaves() && self.can_publish() && is_time && !is_seen_on(self.desired, self.inputs)
            }
            Fact::Leaving => self.inputs.leave.is_some(),
            Fact::Undated => mark.is_some_and(|mark| !mark.is_dated(now)),
            Fact::On => !self.found.is_off,
            Fact::Off => self.found.is_off,
            Fact::Contested => {
                let is_contested = mark.is_some_and(|mark| mark.contested_for(now).is_some());
                !self.found.is_off && !is_at_once && is_contested
            }
            Fact::OpenPastIt => self.open_past_it().is_some(),
            Fact::OriginOpen => probes::is_origin_open(self.inputs),
            Fact::BacksOff => !is_at_once && mark.is_some_and(|mark| mark.backoff(now).is_some()),
            Fact::SpecRefused => refusals::problems(self.inputs)
                .iter()
                .any(|problem| !problem.stands),
            Fact::PartsMissing => !self.missing().is_empty(),
            Fact::OthersComeByIt => self.may_others_come(),
            Fact::ComersUnread => self.are_comers_due() && self.is_viewer_in(),
            Fact::BegunUnread => self.is_begun_first() && self.are_comers_due(),
            Fact::BegunUnderOthers => self.is_begun_first() && self.may_others_come(),
            Fact::ObservedUntilNow => !self.found.is_off && self.was_observing(),
            Fact::OpenToOthers => self.open_past_it().is_some() && self.may_others_come(),
            Fact::OpenToUnread => self.open_past_it().is_some() && self.are_comers_due(),
            Fact::NothingDeployed => !self.found.auto_deploy && self.found.deployment.is_none(),
            Fact::Unpublished => self.is_unpublished(),
            Fact::Undone => self.is_observing() && (!self.found.is_off || self.open_past_it().is_some()),
            Fact::ProofDue => {
                let mut ways = ways_of_proof(self.inputs).into_iter();
                self.is_probed() && ways.any(|way| self.verdict(way).is_none())
            }
            Fact::ViewerDue => self.is_probed() && self.verdict(Way::Viewer).is_none(),
            Fact::ViewerRefused => self.is_viewer_refused(),
            Fact::ViewerKeptOut => self.is_viewer_kept_out(),
            Fact::ViewerIn => self.is_viewer_in(),
            Fact::Proven => self.is_viewer_in() && self.is_in_effect(),
        }
    }

    /// Whether another mode has taken the place. One that let in whoever came has an hour to be looked at.
    fn leaves(&self) -> bool {
        self.inputs.leave.is_some_and(|leave| leave.may_switch_on()) && !self.is_held()
    }

    fn is_held(&self) -> bool {
        let mark = self.mark.as_ref();
        mark.is_some_and(|mark| mark.contested_for(self.now()).is_some())
    }

    /// Whether others are to be told that another mode locks the stage: theirs hang on the endpoint, or may wait for this one's. Those of
    /// the same cluster know it by status, and may act upon it when this one has come back already.
    fn frees(&self) -> bool {
        self.inputs.leave.is_some_and(|leave| {
            let is_told = |deployment| self.mark.as_ref().is_some_and(|mark| mark.frees(deployment));
            let is_untold = leave.deployment.is_some_and(|deployment| !is_told(deployment));
            leave.is_ready && leave.is_shared && is_untold && !self.is_held()
        })
    }

    /// Whether the locks of others hang on its being off.
    fn hangs_for_others(&self) -> bool {
        self.inputs.leave.is_some_and(|leave| !leave.others.is_empty())
    }

    /// Whether it was switched on while the lock of another cluster came to hang on it again: in this pass, or in one that died before it
    /// looked, and viewers of nobody come by it since.
    fn is_switched_too_early(&self) -> bool {
        let is_just_now = self.found.switched_off == Some(false) && !self.found.is_off;
        let is_of_before = self.may_be_too_early() && !self.are_comers_due() && !self.may_others_come();
        self.hangs_for_others() && (is_just_now || is_of_before)
    }

    /// Whether it is on, and no pass has told so: one that died may have switched it on. Where CloudFront leads, a list may show as it was.
    fn may_be_too_early(&self) -> bool {
        let was_off = self
            .inputs
            .remembered
            .is_some_and(|known| known.default_endpoint_off);
        let is_led_known = self.inputs.leave.is_some_and(|leave| leave.is_distribution_read);
        let is_untold = !self.found.is_off && self.found.switched_off.is_none() && was_off;
        is_untold && is_led_known && self.hangs_for_others()
    }

    /// Whether viewers of others come by it, or may: of other objects, as their status tells, or by whatever distribution was read.
    fn may_others_come(&self) -> bool {
        let comers = self.inputs.seen.comers.as_ref();
        !self.inputs.by_default_endpoint.is_empty() || comers.is_some_and(Comers::may_be_there)
    }

    /// Whether it is on, and to be switched off as for the first time: what was locked is locked again, whoever has come by it since.
    fn is_begun_first(&self) -> bool {
        let is_first = self.mark.as_ref().is_some_and(|mark| mark.reopened == 0);
        !self.found.is_off && is_first
    }

    fn are_comers_due(&self) -> bool {
        self.inputs.seen.comers.is_none()
    }

    /// How long others may act upon what the mark said; `None` where nobody does.
    pub(super) fn trusted_for(&self) -> Option<Duration> {
        let left = TRUSTED.checked_sub(self.age())?;
        (!left.is_zero()).then_some(left)
    }

    pub(super) fn now(&self) -> Timestamp {
        self.inputs.pass.at
    }

    /// How long ago the mark was written.
    pub(super) fn age(&self) -> Duration {
        let mark = self.mark.as_ref();
        mark.map_or(Duration::ZERO, |mark| mark.age(self.now()))
    }

    pub(super) fn verdict(&self, way: Way) -> Option<&Verdict> {
        self.inputs.probes.get(&way)
    }

    /// What let somebody in by the default endpoint.
    pub(super) fn open_past_it(&self) -> Option<&Verdict> {
        let ways = [Way::Direct, Way::Next].into_iter();
        let mut answered = ways.filter_map(|way| Some((way, self.verdict(way)?)));
        let open = answered.find(|(way, verdict)| probes::is_open(*way, verdict));
        open.map(|(_, verdict)| verdict)
    }

    /// Whether the default endpoint lets nobody in, whatever is shown to it.
    fn refuses_past_it(&self) -> bool {
        let with_value = self.inputs.asks_for_value.then_some(Way::Next);
        let mut ways = [Way::Direct].into_iter().chain(with_value);
        ways.all(|way| self.verdict(way).is_some_and(probes::refuses))
    }

    fn is_probed(&self) -> bool {
        probes::is_probed(self.inputs)
    }

    fn is_observing(&self) -> bool {
        self.desired.enforcement == Enforcement::Observe
    }

    /// Whether it was only observed when it was looked at last: then whoever switched it on was free to do so.
    pub(super) fn was_observing(&self) -> bool {
        let observed = Desired {
            enforcement: Enforcement::Observe,
            ..self.desired.clone()
        };
        !self.is_observing() && self.inputs.pass.was_wanted(&id(), &hash_of(&observed))
    }

    /// The kinds that are not ready for the switch.
    pub(super) fn missing(&self) -> Vec<Kind> {
        missing(self.desired, self.inputs)
    }

    /// Whether the stage has to be touched: in the pass that switched, and where that has no effect for long. A pass knows nothing of
    /// what an earlier one touched.
    fn is_unpublished(&self) -> bool {
        let is_refused = self.refuses_past_it();
        // What is not in effect for long, this pass has to have seen.
        let is_slow = self.age() >= SLOW && !self.found.rests && !self.holds(Fact::ProofDue);
        let is_time = self.age() < JUST_NOW || is_slow;
        self.can_publish() && !is_refused && is_time && !self.is_observing()
    }

    /// Whether a touch of the stage is possible, needed, and not done in this pass.
    pub(super) fn can_publish(&self) -> bool {
        let found = self.found;
        !found.auto_deploy && found.deployment.is_some() && found.published_at.is_none()
    }

    /// Whether the stage has to be changed, and is not only given what it has: that had no effect, nothing would show whether it has, or
    /// viewers wait for it.
    pub(super) fn needs_change(&self) -> bool {
        let had_no_effect = self.age() >= SLOW || (self.inputs.leave.is_some() && was_on(self.inputs));
        let is_taken_back = self.state == State::Free && self.found.is_off;
        let is_undone = self.state == State::Refused || is_taken_back || self.is_observing();
        !self.is_probed() || had_no_effect || is_undone
    }

    /// Without probes, what was read and done counts.
    fn is_viewer_in(&self) -> bool {
        !self.is_probed() || self.verdict(Way::Viewer).is_some_and(probes::lets_in)
    }

    fn is_in_effect(&self) -> bool {
        if self.is_probed() {
            return self.refuses_past_it();
        }
        let is_published = self.found.auto_deploy || self.found.published_at.is_some();
        self.found.is_off && (is_published || self.state == State::Off || self.is_observing())
    }

    /// Whether a viewer was refused in this pass: by an answer that says so, or by what counted as that when the mark was written.
    fn is_viewer_kept_out(&self) -> bool {
        let viewer = self.verdict(Way::Viewer);
        viewer.is_some_and(|viewer| {
            let is_dated = self.mark.as_ref().is_some_and(|mark| mark.is_dated(self.now()));
            let is_of_this_pass = is_dated && self.age() < JUST_NOW;
            probes::keeps_out(viewer) || (is_of_this_pass && !probes::lets_in(viewer))
        })
    }

    /// Whether a viewer does not get in, and that is no passing thing.
    fn is_viewer_refused(&self) -> bool {
        let viewer = self.verdict(Way::Viewer);
        viewer.is_some_and(|viewer| {
            let is_told = probes::keeps_out(viewer) && self.age() >= MOMENT;
            !probes::lets_in(viewer) && (is_told || self.age() >= UNPROVEN)
        })
    }
}
