//! The routes of an API, where they were read, and what should become of them: what all that is decided of them begins with.

use super::asked::as_deployed::{Served, UNTOLD};
use super::asked::paths::Target;
use super::asked::{Authorization, Route};
use super::authorization::{Desired, Observed};
use super::inputs::{Inputs, Wanted};
use super::probe::{Verdict, Way};
use super::proof::Proof;
use super::table::marks::Step as CutOverStep;
use crate::domain::kernel::observing::Seen;
use crate::domain::kernel::planning::Kind;
use std::cell::OnceCell;

/// Routes that were read, and what should become of them.
pub(crate) struct Routes<'a> {
    pub wanted: &'a Wanted<'a>,
    pub desired: &'a Desired,
    pub inputs: &'a Inputs<'a>,
    pub found: &'a Observed,
    /// Whether the perimeter is deployed as wanted, or waits for the routes.
    pub stands: bool,
    /// Whether it is deployed as wanted.
    pub is_settled: bool,
    /// What of ours the routes may ask for.
    pub ours: Ours,
    /// Of a lock that is begun and not proven.
    pub(super) unproven: Unproven,
    /// What probes ask for, once somebody has asked: an API may have thousands of routes to choose from.
    pub(super) target: OnceCell<Option<Target>>,
}

/// How a lock that is begun and not proven is looked at before a pass, or where none goes on.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Unproven {
    /// No pass goes on with it.
    pub is_halted: bool,
    /// It was begun for something else than is wanted.
    pub is_other: bool,
    /// It was begun at a stage that the spec does not name any more.
    pub is_left: bool,
}

impl<'a> Routes<'a> {
    /// The routes, where they were read; without a judgement on what else stands.
    pub fn of(wanted: &'a Wanted<'a>, inputs: &'a Inputs<'a>) -> Option<Self> {
        let found = inputs.access.present()?;
        Some(Self::new(wanted, inputs, found))
    }

    pub(super) fn new(wanted: &'a Wanted<'a>, inputs: &'a Inputs<'a>, found: &'a Observed) -> Self {
        Self {
            wanted,
            desired: wanted.access,
            inputs,
            found,
            stands: false,
            is_settled: false,
            ours: Ours::of(inputs),
            unproven: Unproven::default(),
            target: OnceCell::new(),
        }
    }

    /// The routes that the present phase is about.
    pub fn targets(&self) -> Vec<&Route> {
        let kept = self.found.kept(self.desired);
        match self.tried_route() {
            Some(tried) => kept.filter(|route| route.id == tried).collect(),
            None => kept.collect(),
        }
    }

    /// HTTP and WebSocket: the only route that is locked at first.
    pub fn tried_route(&self) -> Option<&str> {
        let phase = self.found.marks.cut_over.as_ref()?;
        // What was refused is put back, and says nothing of the others.
        let is_tried = !matches!(
            phase.step,
            CutOverStep::Rest | CutOverStep::Refused | CutOverStep::Back
        );
        phase.route.as_deref().filter(|_| is_tried)
    }

    pub fn verdict(&self, way: Way) -> Option<&Verdict> {
        self.inputs.probes.get(&way)
    }

    /// Keys of the routes that should be locked, as edited and as deployed.
    pub(super) fn kept_keys(&self) -> Vec<&str> {
        let mut all = self.all_keys();
        all.retain(|key| self.is_kept(key));
        all
    }

    /// Keys of all routes, as edited and as deployed.
    pub(super) fn all_keys(&self) -> Vec<&str> {
        let served = self.found.deployed.served().into_iter().flat_map(Served::iter);
        let served = served.map(|(key, _)| key.as_str());
        let edited = self.found.routes.iter().map(|route| route.key.as_str());
        let all: std::collections::BTreeSet<&str> = served.chain(edited).collect();
        all.into_iter().collect()
    }

    /// Whether a route of this key should be locked.
    pub(super) fn is_kept(&self, key: &str) -> bool {
        self.desired.is_kept(key)
    }

    /// The authorizer that the route `key` asks, which as deployed asks for `served`: where that does not tell, the edited one.
    pub(super) fn authorizer_asked<'b>(&'b self, key: &str, served: &'b Authorization) -> Option<&'b str> {
        let told = served.authorizer.as_deref().filter(|id| *id != UNTOLD);
        let edited = || {
            let route = self.found.routes.iter().find(|route| route.key == key)?;
            route.authorization.authorizer.as_deref()
        };
        told.or_else(edited)
    }

    pub(super) fn wanted_authorizer(&self) -> Option<&str> {
        let desired = self.wanted.authorizer.as_ref()?;
        let entry = self.inputs.authorizer.present()?.entry(desired)?;
        Some(&entry.id)
    }

    pub(super) fn is_wanted_authorizer(&self, id: Option<&str>) -> bool {
        id.is_some() && id == self.wanted_authorizer()
    }

    /// Ids of the authorizers of ours.
    pub(super) fn our_authorizers(&self) -> Vec<&str> {
        let found = self.inputs.authorizer.present();
        let entries = found.map(|found| found.entries.as_slice()).unwrap_or_default();
        entries.iter().map(|entry| entry.id.as_str()).collect()
    }

    pub(super) fn is_our_authorizer(&self, id: Option<&str>) -> bool {
        id.is_some_and(|id| self.our_authorizers().contains(&id))
    }
}

/// What of ours the routes may ask for, whatever route.
pub(crate) struct Ours {
    /// Whether CloudFront signs, so that a signature that is asked for may be ours.
    pub signs: bool,
    /// Whether there is a key of ours: it is made only where nobody asked for keys before.
    pub has_key: bool,
}

impl Ours {
    pub(super) fn of(inputs: &Inputs<'_>) -> Self {
        let sent = inputs.sent();
        // Also where somebody has deleted the key since.
        let sends_key = sent.is_some_and(|sent| sent.has(&Proof::Key));
        Self {
            signs: match (&inputs.distribution, sent) {
                (_, Some(sent)) => sent.signs,
                (Seen::Listed(Some(row)), None) => row.signs,
                _ => false,
            },
            has_key: sends_key
                || match inputs.api_key.present() {
                    Some(found) => !found.keys.is_empty(),
                    None => inputs.has_record(Kind::ApiKey),
                },
        }
    }
}
