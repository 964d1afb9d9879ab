//! An object that is being deleted, and how long its deletion waits for a lock that was begun.

use super::lock::{Lock, is_deployed};
use super::settled::Settled;
use crate::api::{DeletionPolicy, ProtectedApiSpec, ProtectedApiStatus};
use crate::controller::kubernetes::probe_token::Awaited;
use crate::domain::access::authorization::gate;
use crate::domain::access::probe::Token;
use crate::domain::kernel::identity::Owner;
use crate::domain::mutual_tls;
use crate::domain::perimeter::observed::Observed;
use jiff::Timestamp;
use std::time::Duration;
use tracing::warn;

/// So long after a deletion was asked for it waits no more for a lock that can neither be proven nor put back.
const LEAVES_LOCK_AFTER: Duration = Duration::from_mins(15);

/// What is known of an object that is being deleted, also where its spec cannot be read.
#[derive(Debug, Clone)]
pub struct Departed {
    /// Whose resources go: as status has it, until that is proven.
    pub owner: Owner,
    /// The object's own UID.
    pub uid: String,
    /// The generation, for the conditions.
    pub generation: Option<i64>,
    /// When the deletion was asked for.
    pub since: Timestamp,
    /// The spec, where it can be read.
    pub spec: Option<ProtectedApiSpec>,
    /// What becomes of the resources.
    pub policy: DeletionPolicy,
    /// Whether `spec.suspend` holds the deletion up.
    pub suspended: bool,
    /// The status before.
    pub previous: ProtectedApiStatus,
}

impl Departed {
    /// What its spec declares of mutual TLS, where it can be read.
    pub(super) fn mutual_tls(&self, observed: &Observed) -> Option<mutual_tls::Desired> {
        let spec = self.spec.as_ref()?;
        let (gate, tags) = (gate(&spec.origin), self.owner.tags());
        // What an earlier mode has left goes with the rest.
        let left = mutual_tls::leaving::leaving(spec, Some(&self.previous));
        let left = left.or_else(|| observed.found_mutual_tls(spec));
        let left = left.map(|left| mutual_tls::desired::left(spec, &left, &self.owner, &gate, None, &tags));
        left.or_else(|| mutual_tls::desired::desired(spec, &self.owner, &gate, None, &tags))
    }
}

/// What is needed to prove the lock of `departed`, or to put it back, where its spec can be read.
pub(super) fn lock_of(departed: &Departed, now: Timestamp) -> Option<Lock<'_>> {
    Some(Lock {
        owner: &departed.owner,
        spec: departed.spec.as_ref()?,
        previous: &departed.previous,
        // Nobody is asked for a Secret of an object that goes: what cannot be proven without it is put back.
        token: Awaited::known(Token::default()),
        is_at_rest: false,
        is_deployed: is_deployed(&departed.previous, departed.generation),
        rotate: None,
        now,
    })
}

/// Whether the deletion waits no more for a lock that can neither be proven nor put back.
fn is_overdue(departed: &Departed, now: Timestamp) -> bool {
    let age = now.duration_since(departed.since);
    !age.is_negative() && age.unsigned_abs() >= LEAVES_LOCK_AFTER
}

/// Whether the deletion waits for a lock.
pub(super) fn waits(departed: &Departed, now: Timestamp, settled: &Settled) -> bool {
    !settled.is_settled() && !is_overdue(departed, now)
}

/// Adds to what failed how long it is waited for, and what then becomes of the API.
pub(super) fn with_deadline(departed: &Departed, now: Timestamp, mut settled: Settled) -> Settled {
    if settled.is_settled() {
        return settled;
    }
    let end = departed.since + LEAVES_LOCK_AFTER;
    let (name, namespace) = (&departed.owner.name, &departed.owner.namespace);
    let told = if is_overdue(departed, now) {
        warn!(
            name,
            namespace, "a lock that was begun can neither be proven nor put back, and is left on the API"
        );
        "the deletion goes on all the same, and the API may be left locked".to_owned()
    } else {
        let end = end.strftime("%H:%M UTC");
        format!("the deletion waits for it until {end}, and then goes on and may leave the API locked")
    };
    for failure in &mut settled.failures {
        failure.message = format!(
            "whether viewers pass the lock that was begun cannot be told: {}; {told}: docs/access-modes.md says how to open it",
            failure.message
        );
    }
    settled
}
