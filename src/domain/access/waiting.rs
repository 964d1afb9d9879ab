//! How waits and problems of the lock are put, and how long each lasts.

use crate::domain::kernel::planning::{Id, Kind, Next, Problem, Wait};
use crate::domain::kernel::reason::Reason;
use std::time::Duration;

/// A deployment takes effect within seconds.
pub(super) const EFFECT_RETRY: Duration = Duration::from_secs(2);
/// How long a probe that proves nothing is repeated before the way it was is put back.
pub(super) const PATIENCE: Duration = Duration::from_mins(2);
/// A probe that something else than API Gateway refused is repeated this often.
pub(super) const PROBE_RETRY: Duration = Duration::from_secs(30);

pub(super) fn cutting_over<A>(message: String) -> Next<A> {
    cutting_over_within(EFFECT_RETRY, message)
}

pub(super) fn cutting_over_within<A>(retry_after: Duration, message: String) -> Next<A> {
    Next::Wait(waiting(Reason::CuttingOver, message, retry_after))
}

/// What passes by itself, and is looked at again after `retry_after`.
pub(super) fn waiting(reason: Reason, message: String, retry_after: Duration) -> Wait {
    Wait {
        id: Id::of(Kind::Access),
        reason,
        message,
        retry_after,
    }
}

/// What a person has to see to; without `retry_after` a change is waited for.
pub(super) fn problem(reason: Reason, message: String, retry_after: Option<Duration>) -> Problem {
    Problem {
        retry_after,
        ..Problem::new(Id::of(Kind::Access), reason, message)
    }
}
