//! What is told of rules that count first: that one was promoted. Notes tell which are held.

use super::EventNote;
use crate::api::{PromotionState, PromotionStatus, ProtectedApi};
use crate::controller::engine::Outcome;
use crate::domain::kernel::reason::Reason;

/// The events of a pass.
pub(super) fn notes(object: &ProtectedApi, outcome: &Outcome) -> Vec<EventNote> {
    let known = object.status.as_ref().map(|status| status.promotions.as_slice());
    let counted = |now: &PromotionStatus| {
        let mut known = known.unwrap_or_default().iter();
        known.any(|known| known.rule == now.rule && known.state != PromotionState::Promoted)
    };
    let now = outcome.status.promotions.iter();
    let promoted = now.filter(|now| now.state == PromotionState::Promoted && counted(now));
    promoted.map(told).collect()
}

fn told(promoted: &PromotionStatus) -> EventNote {
    let path = promoted.top_paths.first().filter(|_| promoted.matches > 0);
    let path = path.map(|path| format!(", most of them at {}", path.value));
    let remark = promoted.reason.as_ref().map(|reason| format!("; {reason}"));
    let note = format!(
        "rule {} goes from Count to its own action: {} requests matched since {}{}{}",
        promoted.rule,
        promoted.matches,
        promoted.since,
        path.unwrap_or_default(),
        remark.unwrap_or_default()
    );
    EventNote::normal(Reason::RulePromoted, "Promote", note)
}
