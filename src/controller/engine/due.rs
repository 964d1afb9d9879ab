//! How old what was done may be before it is done again.

use crate::api::ProtectedApiStatus;
use crate::domain::kernel::identity::Owner;
use crate::domain::kernel::reason::Reason;
use crate::domain::status::conditions::types;
use jiff::Timestamp;
use std::time::Duration;

/// Whether what was last done at `last` (RFC 3339) is due again `within` a time, spread over the objects by UID. What was
/// never done is not due: it is done when something else asks for it.
pub(super) fn is_due(last: Option<&str>, within: Duration, owner: &Owner, now: Timestamp) -> bool {
    let Some(last) = last.and_then(|text| text.parse::<Timestamp>().ok()) else {
        return false;
    };
    let spread = owner
        .uid
        .bytes()
        .fold(0_u32, |sum, byte| (sum * 31 + u32::from(byte)) % 1000);
    let due = within.mul_f64(0.8 + f64::from(spread) * 0.0002);
    let age = now.duration_since(last);
    // A time in the future is no proof of a read: read.
    age.is_negative() || age.unsigned_abs() > due
}

/// Whether what was last done at `last` (RFC 3339) was done longer ago than that. What was never done is not.
pub(super) fn is_older(last: Option<&str>, than: Duration, now: Timestamp) -> bool {
    let last = last.and_then(|text| text.parse::<Timestamp>().ok());
    last.is_some_and(|last| {
        let age = now.duration_since(last);
        !age.is_negative() && age.unsigned_abs() > than
    })
}

/// Whether the last probes, both ways, proved what they should.
pub(super) fn is_proven(status: &ProtectedApiStatus) -> bool {
    let is_good = |is: &str| {
        let mut conditions = status.conditions.iter();
        let beyond = [Reason::AuthorizerBeforeProof, Reason::NothingToProbe].map(Reason::as_str);
        conditions.any(|condition| {
            condition.type_ == is
                && (condition.status == "True" || beyond.contains(&condition.reason.as_str()))
        })
    };
    is_good(types::VIEWER_ACCESS_VERIFIED) && is_good(types::DIRECT_ACCESS_BLOCKED)
}
