//! Rollouts of classes: how many stand how, and how many objects of them have come how far.

use crate::api::{RolloutState, RolloutStatus};
use prometheus_client::encoding::EncodeLabelSet;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::registry::Registry;

const STATES: [(RolloutState, &str); 5] = [
    (RolloutState::Progressing, "Progressing"),
    (RolloutState::Suspended, "Suspended"),
    (RolloutState::Halted, "Halted"),
    (RolloutState::Waiting, "Waiting"),
    (RolloutState::Complete, "Complete"),
];

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct ByState {
    state: &'static str,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct ByProgress {
    progress: &'static str,
}

/// What is counted of rollouts.
#[derive(Default)]
pub(super) struct Rollouts {
    by_state: Family<ByState, Gauge>,
    objects: Family<ByProgress, Gauge>,
}

impl Rollouts {
    pub fn register(&self, registry: &mut Registry) {
        registry.register(
            "rollouts",
            "PerimeterClasses, by the state of their rollout",
            self.by_state.clone(),
        );
        registry.register(
            "rollout_objects",
            "Objects of all classes, by how far they have come in the rollout",
            self.objects.clone(),
        );
    }

    /// Counts all of them anew.
    pub fn set<'a>(&self, rollouts: impl Iterator<Item = &'a RolloutStatus>) {
        let rollouts: Vec<&RolloutStatus> = rollouts.collect();
        for (state, name) in STATES {
            let count = rollouts.iter().filter(|rollout| rollout.state == state).count();
            let count = i64::try_from(count).unwrap_or(i64::MAX);
            self.by_state.get_or_create(&ByState { state: name }).set(count);
        }
        let moving = rollouts.iter().map(|rollout| rollout.moving.len()).sum::<usize>();
        let sum = |of: fn(&RolloutStatus) -> i64| rollouts.iter().map(|rollout| of(rollout)).sum::<i64>();
        for (progress, count) in [
            ("moved", sum(|rollout| rollout.moved)),
            ("moving", i64::try_from(moving).unwrap_or(i64::MAX)),
            ("remaining", sum(|rollout| rollout.remaining)),
            ("held", sum(|rollout| rollout.held.unwrap_or_default())),
        ] {
            self.objects.get_or_create(&ByProgress { progress }).set(count);
        }
    }
}
