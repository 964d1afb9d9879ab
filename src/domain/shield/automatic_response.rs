//! Shield's automatic response and its clock: since when it counts, and when it may block.
//!
//! The clock is a tag of the protection, written before the response is switched on, and anew whenever what it counts for
//! changes. A time that is missing, unreadable or in the future counts as now: that waits longer, and never blocks early.

use crate::api::{AutomaticResponse, ResponseAction};
use crate::domain::kernel::hash;
use crate::domain::kernel::identity::Tags;
use crate::domain::kernel::words::moment;
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

/// Since when the response is as it is, and for which web ACL and spec.
pub const TAG_COUNT_SINCE: &str = "palisade.dev/count-since";
/// Shield's baseline needs this long at least.
const SHORTEST_BASELINE: SignedDuration = SignedDuration::from_hours(24);

/// What a protection does against application-layer attacks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[allow(missing_docs)]
pub enum Response {
    Off,
    Count,
    Block,
}

impl Response {
    /// The word for it, as in status.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Off => "Off",
            Self::Count => "Count",
            Self::Block => "Block",
        }
    }
}

/// The response that the spec asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Wanted {
    /// What it begins with.
    pub action: ResponseAction,
    /// After how many hours of Count it blocks.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub promote_after: Option<i64>,
}

impl Wanted {
    /// What `spec` asks for, with the baseline.
    #[must_use]
    pub fn of(spec: &AutomaticResponse) -> Self {
        let hours = spec.promote_after.as_deref();
        Self {
            action: spec.action.unwrap_or_default(),
            promote_after: hours.and_then(|text| text.strip_suffix('h')?.parse().ok()),
        }
    }

    /// What the response should be now. Without a clock it is what it begins with.
    #[must_use]
    pub fn due(&self, since: Option<Timestamp>, now: Timestamp) -> Response {
        match self.action {
            ResponseAction::Block => Response::Block,
            ResponseAction::Count => {
                let due = since.and_then(|since| self.block_due(since));
                if due.is_some_and(|due| due <= now) {
                    Response::Block
                } else {
                    Response::Count
                }
            }
        }
    }

    /// When Count becomes Block, if it does.
    #[must_use]
    pub fn block_due(&self, since: Timestamp) -> Option<Timestamp> {
        let hours = self
            .promote_after
            .filter(|_| self.action == ResponseAction::Count)?;
        let baseline = SignedDuration::from_hours(hours).max(SHORTEST_BASELINE);
        since.checked_add(baseline).ok()
    }

    /// What the clock counts for: another web ACL or another declaration begins anew.
    #[must_use]
    pub fn basis(&self, web_acl_arn: &str) -> String {
        hash::short(&(self, web_acl_arn))
    }
}

/// Since when the clock runs for `basis`; `None` where it has to be set.
#[must_use]
pub fn since(tags: &Tags, basis: &str, now: Timestamp) -> Option<Timestamp> {
    let (time, of) = tags.get(TAG_COUNT_SINCE)?.split_once(' ')?;
    let time: Timestamp = time.parse().ok()?;
    (of == basis && time <= now).then_some(time)
}

/// The clock's tag, set now.
#[must_use]
pub fn stamp(basis: &str, now: Timestamp) -> (String, String) {
    (TAG_COUNT_SINCE.to_owned(), format!("{} {basis}", moment(now)))
}
