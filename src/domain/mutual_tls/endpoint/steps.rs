//! What is done about the default endpoint: the calls, the probes, and what people are told.

use super::facts::{Lock, PROOF, SLOW, SWITCH_PATIENCE, ways_of_leaving, ways_of_proof};
use super::machine::{Deed, Fact, Row, State};
use super::mark::{Mark, Step};
use super::seen::{Action, comers_read, id};
use super::state;
use super::touch::change_of;
use crate::domain::access::probe::{Probe, Way};
use crate::domain::kernel::change::Change;
use crate::domain::kernel::planning::{Next, Plan, Verb};
use crate::domain::mutual_tls::client_certificate::records::awaits_viewer;
use crate::domain::mutual_tls::comers::{self, Comers};
use crate::domain::mutual_tls::leaving::returning;
use crate::domain::mutual_tls::probes::DISPROOF;
use crate::domain::mutual_tls::{Inputs, origin_domain, probes, words};
use serde_json::json;
use std::time::Duration;

/// A switch takes effect within seconds.
const EFFECT_RETRY: Duration = Duration::from_secs(2);
/// What takes longer is looked at more seldom.
const SLOW_RETRY: Duration = Duration::from_secs(30);

/// Adds the probes that are due while nothing changes.
pub(super) fn watch<A>(
    inputs: &Inputs<'_>,
    plan: &mut Plan<A, Probe>,
    ask: &mut dyn FnMut(&mut Plan<A, Probe>, Way),
) {
    if !probes::is_probed(inputs) {
        return;
    }
    // What serves while the domain name is changed, only a probe tells.
    let is_unsettled = state(inputs) == State::Locked && origin_domain::is_unsettled(inputs);
    let is_due = inputs.is_probe_due || is_unsettled;
    if is_due || awaits_viewer(inputs) {
        let is_led = is_due && (is_unsettled || origin_domain::is_ready(inputs));
        let is_sent = |way: &Way| match way {
            Way::Viewer => true,
            Way::Direct => is_due,
            _ => is_led,
        };
        let ways = PROOF.into_iter().chain(DISPROOF).filter(is_sent);
        send_all(inputs, ways, plan, ask);
    }
}

fn send_all<A>(
    inputs: &Inputs<'_>,
    ways: impl IntoIterator<Item = Way>,
    plan: &mut Plan<A, Probe>,
    ask: &mut dyn FnMut(&mut Plan<A, Probe>, Way),
) {
    for way in ways {
        send(inputs, way, plan, ask);
    }
}

fn send<A>(
    inputs: &Inputs<'_>,
    way: Way,
    plan: &mut Plan<A, Probe>,
    ask: &mut dyn FnMut(&mut Plan<A, Probe>, Way),
) {
    match way {
        Way::Origin => probes::add(inputs, probes::origin(inputs), plan),
        Way::Stranger => probes::add(inputs, probes::stranger(inputs), plan),
        Way::Fronted => probes::add(inputs, probes::fronted(inputs), plan),
        _ if probes::is_asked(inputs, way, plan) => {}
        _ => ask(plan, way),
    }
}

impl Lock<'_, '_> {
    /// Does what a row says.
    pub(super) fn act<A: From<Action>>(
        &self,
        row: &Row,
        plan: &mut Plan<A, Probe>,
        ask: &mut dyn FnMut(&mut Plan<A, Probe>, Way),
    ) {
        let now = self.now();
        match row.action {
            Deed::Nothing => {}
            Deed::Watch => watch(self.inputs, plan, ask),
            Deed::Tell => plan.add(id(), self.told()),
            Deed::TellAndWatch => {
                plan.add(id(), self.told());
                watch(self.inputs, plan, ask);
            }
            Deed::Await => plan.add(id(), Next::<Action>::Blocked(self.missing())),
            Deed::AskComers => plan.add(comers_read(), Next::<Action>::Read),
            Deed::AskViewer => self.ask(&[Way::Viewer], plan, ask),
            Deed::AskAll => {
                self.ask(&ways_of_proof(self.inputs), plan, ask);
                send_all(self.inputs, DISPROOF, plan, ask);
            }
            Deed::Begin | Deed::ProveAgain => {
                let count = self.mark.as_ref().map_or(0, |mark| mark.count);
                let mark = Mark::new(Step::Trying, now);
                plan.add(id(), self.marked(Some(Mark { count, ..mark })));
            }
            Deed::BeginAgain => {
                let was_reopened = !self.found.is_off && !self.was_observing();
                let mark = self.mark.as_ref();
                plan.add(
                    id(),
                    self.marked(mark.map(|mark| mark.begun_again(was_reopened, now))),
                );
            }
            Deed::MarkAgain => {
                let mark = self.mark.clone();
                plan.add(id(), self.marked(mark.map(|mark| Mark { since: now, ..mark })));
            }
            Deed::Unmark => plan.add(id(), self.marked(None)),
            Deed::Free => {
                let deployment = self.inputs.leave.and_then(|leave| leave.deployment);
                let mark = deployment.map(|deployment| Mark::free(deployment, now));
                plan.add(id(), self.marked(mark));
            }
            Deed::Return => plan.add(id(), self.marked(Some(Mark::new(Step::Returning, now)))),
            Deed::SwitchOff => plan.add(id(), self.switched(true)),
            Deed::SwitchOn => plan.add(id(), self.switched(false)),
            Deed::AskOn => self.ask(&ways_of_leaving(self.inputs), plan, ask),
            Deed::CloseAgain => plan.add(id(), self.marked(Some(Mark::closed_again(now)))),
            Deed::PublishOn | Deed::Publish => plan.add(id(), self.published()),
            Deed::Lock => {
                let reopened = self.mark.as_ref().map_or(0, |mark| mark.reopened);
                let mark = Mark::new(Step::Locked, now);
                plan.add(id(), self.marked(Some(Mark { reopened, ..mark })));
            }
            Deed::Refuse => {
                let count = self.mark.as_ref().map_or(0, |mark| mark.count);
                let count = count.saturating_add(1);
                let mark = Mark::new(Step::Refused, now);
                plan.add(id(), self.marked(Some(Mark { count, ..mark })));
            }
            Deed::GoBack => {
                let count = self.mark.as_ref().map_or(1, |mark| mark.count);
                let mark = Mark::new(Step::Back, now);
                plan.add(id(), self.back(Some(Mark { count, ..mark })));
            }
            Deed::Withdraw => plan.add(id(), self.back(None)),
        }
    }

    /// Adds these probes, and says so where one of them cannot be sent.
    fn ask<A>(&self, ways: &[Way], plan: &mut Plan<A, Probe>, ask: &mut dyn FnMut(&mut Plan<A, Probe>, Way)) {
        send_all(self.inputs, ways.iter().copied(), plan, ask);
        if !ways.iter().all(|way| probes::is_asked(self.inputs, *way, plan)) {
            plan.waits.push(words::no_probe(self.desired));
        }
    }

    /// The next step back to where it was: on, in effect, and marked so.
    fn back(&self, mark: Option<Mark>) -> Next<Action> {
        if self.found.is_off {
            self.switched(false)
        } else if self.can_publish() {
            self.published()
        } else {
            self.marked(mark)
        }
    }

    fn switched(&self, off: bool) -> Next<Action> {
        let change = Change {
            path: "disableExecuteApiEndpoint".to_owned(),
            from: json!(self.found.is_off),
            to: json!(off),
        };
        self.call(vec![change], Action::Switch { off })
    }

    /// The stage is given what it has, or changed there and back, where that had no effect, or nothing would show it.
    fn published(&self) -> Next<Action> {
        let change = self.needs_change().then(|| change_of(self.found)).flatten();
        let deployment = self.found.deployment.clone().unwrap_or_default();
        self.call(vec![], change.unwrap_or(Action::Publish { deployment }))
    }

    fn marked(&self, mark: Option<Mark>) -> Next<Action> {
        let arn = origin_domain::arn_of(self.desired);
        self.call(vec![], Action::Mark { arn, mark })
    }

    fn call(&self, changes: Vec<Change>, action: Action) -> Next<Action> {
        Next::act(id(), &self.desired.gate.api_id, Verb::Update, changes, action)
    }

    /// What people are told of where it stands.
    fn told(&self) -> Next<Action> {
        let (desired, now) = (self.desired, self.now());
        let viewer = self.verdict(Way::Viewer);
        let is_open = self.open_past_it();
        let direct = is_open.or_else(|| self.verdict(Way::Direct));
        match (self.state, &self.mark) {
            (State::Trying, _) => match is_open {
                Some(direct) if self.age() >= SWITCH_PATIENCE => {
                    Next::Problem(words::still_open(desired, direct))
                }
                _ => Next::Wait(words::switching(desired, [viewer, direct], false, self.retry())),
            },
            (State::Returning, _) => {
                Next::Wait(returning(desired, self.trusted_for().unwrap_or(EFFECT_RETRY)))
            }
            (State::Locked, Some(mark)) => match mark.contested_for(now) {
                Some(left) if !self.found.is_off => Next::Problem(words::contested(desired, mark, left)),
                _ => Next::Problem(words::origin_open(desired)),
            },
            (State::Back, Some(mark)) if self.holds(Fact::BacksOff) => {
                Next::Problem(words::put_back(desired, mark, mark.backoff(now)))
            }
            (State::Open | State::Back, _) if self.holds(Fact::OthersComeByIt) => self.others_told(),
            (State::Off, _) if self.holds(Fact::OpenToOthers) => self.others_told(),
            _ if self.found.deployment.is_none() && !self.found.auto_deploy => {
                Next::Problem(words::nothing_deployed(desired))
            }
            (State::Off, _) if viewer.is_some_and(probes::lets_in) => {
                Next::Wait(words::switching(desired, [viewer, direct], true, SLOW_RETRY))
            }
            _ => words::viewer_not_in(desired, viewer, self.found.is_off),
        }
    }

    /// What people are told of those who come by it.
    fn others_told(&self) -> Next<Action> {
        let (desired, others) = (self.desired, self.inputs.by_default_endpoint);
        match &self.inputs.seen.comers {
            _ if !others.is_empty() => Next::Wait(words::others_come_by_it(desired, others)),
            Some(Comers::Known(found)) => comers::kept_on(desired, found),
            Some(Comers::Unread {
                reason,
                why,
                needs_person,
            }) => comers::unread(desired, *reason, why, *needs_person),
            None => Next::Wait(words::others_come_by_it(desired, others)),
        }
    }

    fn retry(&self) -> Duration {
        if self.age() < SLOW {
            EFFECT_RETRY
        } else {
            SLOW_RETRY
        }
    }
}
