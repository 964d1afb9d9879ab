//! An API for tests, whose default endpoint is switched as the plan says.

use super::{Action, State, TAG_LOCK, is_locked, next_all, state};
use crate::domain::access::probe::{Probe, Verdict, Way};
use crate::domain::kernel::planning::Plan;
use crate::domain::mutual_tls::object_fixtures::Fixture;
use crate::domain::mutual_tls::probes;
use std::time::Duration;

/// A viewer gets in.
pub(super) const IN: Verdict = Verdict::Reached { status: 200 };
/// Nobody gets in without a certificate.
pub(super) const REFUSED: Verdict = Verdict::CertificateAsked;

/// An API, and what is in effect of its default endpoint.
#[allow(clippy::struct_excessive_bools, reason = "each is a switch of its own")]
pub(super) struct World {
    pub fixture: Fixture,
    /// Whether the default endpoint answers nobody.
    pub is_off: bool,
    /// Whether a touch of the stage has any effect.
    pub takes_effect: bool,
    /// Whether a change of it has, all the same.
    pub changes_take_effect: bool,
    pub viewer: Verdict,
    /// What whoever asks past the perimeter is answered, whatever is in effect.
    pub direct: Option<Verdict>,
    /// Whether methods let in whoever comes, though another mode is to lock them.
    pub is_unlocked: bool,
    pub calls: Vec<Action>,
}

impl World {
    pub fn new(fixture: Fixture) -> Self {
        Self {
            fixture,
            is_off: false,
            takes_effect: true,
            changes_take_effect: false,
            viewer: IN,
            direct: None,
            is_unlocked: false,
            calls: vec![],
        }
    }

    pub fn open() -> Self {
        Self::new(Fixture::ready().with_endpoint(false))
    }

    pub fn locked() -> Self {
        let mut world = Self::open();
        world.pass();
        assert!(is_locked(&world.fixture.inputs()));
        world.calls.clear();
        world
    }

    pub fn plan(&self) -> Plan<Action, Probe> {
        let inputs = self.fixture.inputs();
        let mut plan = Plan::default();
        let of_access = |way: Way| Probe {
            way,
            ..probes::origin(&inputs).unwrap()
        };
        let mut ask = |plan: &mut Plan<Action, Probe>, way: Way| plan.probes.push(of_access(way));
        next_all(&inputs, &mut plan, &mut ask);
        plan
    }

    pub fn answer(&self, way: Way) -> Verdict {
        match way {
            Way::Viewer => self.viewer.clone(),
            Way::Direct if self.direct.is_some() => self.direct.clone().unwrap_or(IN),
            Way::Direct | Way::Next if self.is_off => Verdict::EndpointOff { status: 403 },
            Way::Direct if self.fixture.leave.is_some() && !self.is_unlocked => REFUSED,
            Way::Direct | Way::Next => IN,
            _ => REFUSED,
        }
    }

    /// Probes and calls, until nothing is left to be done now.
    pub fn pass(&mut self) -> Plan<Action, Probe> {
        for _ in 0..20 {
            let plan = self.plan();
            for probe in &plan.probes {
                let answer = self.answer(probe.way);
                self.fixture.probes.insert(probe.way, answer);
            }
            if plan.probes.is_empty() && plan.ready.is_empty() {
                return plan;
            }
            if plan.probes.is_empty() {
                for step in plan.ready {
                    self.call(step.action);
                }
            }
        }
        panic!("the pass has no end: {:?}", self.calls);
    }

    pub fn later(&mut self, by: Duration) -> Plan<Action, Probe> {
        self.fixture.later(by);
        self.pass()
    }

    pub fn call(&mut self, action: Action) {
        let now = self.fixture.pass.at;
        match &action {
            Action::Switch { off } => {
                let found = self.fixture.endpoint_mut();
                found.is_off = *off;
                found.published_at = None;
                found.switched_off = Some(*off);
                self.fixture.probes.clear();
            }
            Action::Publish { .. } | Action::Touch { .. } => {
                let is_change = matches!(action, Action::Touch { .. });
                let found = self.fixture.endpoint_mut();
                found.published_at = Some(now);
                if self.takes_effect || (is_change && self.changes_take_effect) {
                    self.is_off = found.is_off;
                }
                if let Action::Touch { description, .. } = &action {
                    found.description.clone_from(description);
                }
                self.fixture.probes.clear();
            }
            Action::Mark { mark, .. } => {
                let tags = &mut self.fixture.domain_mut().tags;
                match mark {
                    Some(mark) => drop(tags.insert(TAG_LOCK.to_owned(), mark.tag())),
                    None => drop(tags.remove(TAG_LOCK)),
                }
            }
        }
        self.calls.push(action);
    }

    /// Words for the calls so far, which are forgotten.
    pub fn told(&mut self) -> Vec<String> {
        let calls = std::mem::take(&mut self.calls);
        let word = |call: Action| match call {
            Action::Switch { off: true } => "off".to_owned(),
            Action::Switch { off: false } => "on".to_owned(),
            Action::Publish { .. } => "publish".to_owned(),
            Action::Touch { is_begun: false, .. } => "change".to_owned(),
            Action::Touch { is_begun: true, .. } => "change back".to_owned(),
            Action::Mark { mark: None, .. } => "unmark".to_owned(),
            Action::Mark { mark: Some(mark), .. } => {
                mark.tag().split('.').next().unwrap_or_default().to_owned()
            }
        };
        calls.into_iter().map(word).collect()
    }

    pub fn state(&self) -> State {
        state(&self.fixture.inputs())
    }
}
