//! What marks remember of a secret value, of whatever stage: when it was replaced, and since when the next one waits.

use super::phase::time;
use crate::domain::kernel::words::moment;
use jiff::Timestamp;
use serde::Serialize;

/// When the secret value was last replaced, and at whose request.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Rotated {
    /// When.
    pub at: Timestamp,
    /// Hash of the annotation that asked for it, or [`Rotated::NO_REQUEST`].
    pub request: String,
}

impl Rotated {
    /// Nobody has ever asked.
    pub const NO_REQUEST: &'static str = "-";

    pub(in crate::domain::access) fn value(&self) -> String {
        format!("{} {}", moment(self.at), self.request)
    }

    pub(in crate::domain::access) fn parse(value: &str, now: Timestamp) -> Self {
        let (at, request) = value.split_once(' ').unwrap_or((value, Self::NO_REQUEST));
        Self {
            at: time(at, now),
            request: request.to_owned(),
        }
    }
}

/// Since when API Gateway has had a value to accept that no probe can try.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Unprobed {
    /// Since when.
    pub since: Timestamp,
    /// What accepts it, as [`crate::domain::access::probing::sending::acceptor`].
    pub acceptor: String,
}

impl Unprobed {
    pub(in crate::domain::access) fn value(&self) -> String {
        format!("{} {}", moment(self.since), self.acceptor)
    }

    pub(in crate::domain::access) fn parse(value: &str, now: Timestamp) -> Self {
        let (since, acceptor) = value.split_once(' ').unwrap_or((value, ""));
        Self {
            since: time(since, now),
            acceptor: acceptor.to_owned(),
        }
    }
}
