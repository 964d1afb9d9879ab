//! Rows that outrank those of a list for a while: lists lag behind writes.

use crate::domain::kernel::observing::Seen;
use std::collections::BTreeMap;
use std::time::Duration;
use tokio::time::Instant;

/// How long our own writes outrank the lists: longer than lists are known to lag.
pub(super) const NOTE_LIFETIME: Duration = Duration::from_mins(1);

/// Rows by key, and since when they are known to be so; `None` where there is known to be none.
pub(super) type Kept<T> = BTreeMap<String, (Instant, Option<T>)>;

/// The row of what was read or written, or that there is none; `None` where only the lists were looked at.
#[allow(clippy::option_option, reason = "nothing known, known to be absent, known")]
pub(super) fn known<L, T, R>(seen: &Seen<L, T>, row: impl FnOnce(&T) -> R) -> Option<Option<R>> {
    match seen {
        Seen::Present(found) => Some(Some(row(found))),
        Seen::Absent => Some(None),
        Seen::Listed(_) => None,
    }
}

/// Writes what is kept over the rows of a list.
pub(super) fn lay<T: Clone>(kept: &Kept<T>, rows: &mut BTreeMap<String, T>) {
    for (key, (_, row)) in kept {
        match row {
            Some(row) => drop(rows.insert(key.clone(), row.clone())),
            None => drop(rows.remove(key)),
        }
    }
}

/// Forgets what the lists must have caught up with.
pub(super) fn forget<T>(kept: &mut Kept<T>, now: Instant) {
    kept.retain(|_, (since, _)| now.saturating_duration_since(*since) <= NOTE_LIFETIME);
}
