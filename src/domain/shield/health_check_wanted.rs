//! What the health check that the spec declares has come to, for the protection that it is associated with.

use super::health_check::{Content, Desired, Health, Observed, must_go};
use crate::domain::kernel::observing::Seen;

/// A health check as it is seen.
pub type SeenCheck = Seen<Content, Observed>;

/// What the spec's health check has come to.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum WantedCheck<'a> {
    /// None is declared.
    Nothing,
    /// It is not known yet.
    Pending,
    /// It stands, and must give way to another.
    Outgoing,
    /// It stands; its health is known where it was asked for.
    Stands(&'a str, Option<&'a Health>),
}

impl<'a> WantedCheck<'a> {
    /// The health check's id, once it stands.
    #[must_use]
    pub fn id(self) -> Option<&'a str> {
        match self {
            Self::Stands(id, _) => Some(id),
            _ => None,
        }
    }

    /// Its health, where it was asked for.
    #[must_use]
    pub fn health(self) -> Option<&'a Health> {
        match self {
            Self::Stands(_, health) => health,
            _ => None,
        }
    }

    /// Whether the health check `id` must not be associated any more.
    #[must_use]
    pub fn excludes(self, id: &str) -> bool {
        match self {
            Self::Nothing | Self::Outgoing => true,
            Self::Pending => false,
            Self::Stands(wanted, _) => wanted != id,
        }
    }
}

/// What the declared health check has come to.
#[must_use]
pub fn wanted<'a>(declared: Option<&Desired>, named: &'a SeenCheck, own: &'a SeenCheck) -> WantedCheck<'a> {
    let seen = match declared {
        None => return WantedCheck::Nothing,
        Some(Desired::Named(_)) => named,
        Some(Desired::Made { .. }) => own,
    };
    match (declared, seen) {
        (Some(Desired::Made { settings, .. }), Seen::Present(found)) if must_go(settings, &found.content) => {
            WantedCheck::Outgoing
        }
        (_, Seen::Present(found)) => WantedCheck::Stands(&found.content.id, Some(&found.health)),
        (_, Seen::Listed(Some(row))) => WantedCheck::Stands(&row.id, None),
        (_, Seen::Listed(None) | Seen::Absent) => WantedCheck::Pending,
    }
}
