//! What a person is told of names by events, besides what is told of every resource.

use super::EventNote;
use crate::domain::kernel::reason::Reason;
use crate::domain::perimeter::plan::Step;

/// An alias that was taken over; that it was about to be, a wait has told.
pub(in crate::controller) fn moved(step: &Step, alias: &str, from: &str) -> EventNote {
    EventNote::normal(
        Reason::AliasMoved,
        "TakeOver",
        format!("Moved {alias} from distribution {from} to {}", step.name),
    )
}
