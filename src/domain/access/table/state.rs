//! Where the lock of an API stands.

use super::phase::{Phase, Step};

/// Where the lock of an API stands: what its mark says, and without one what was read of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
#[allow(missing_docs, reason = "`says` says it")]
pub enum State {
    Open,
    Locked,
    Trying,
    Rest,
    Narrowing,
    Refused,
    Back,
}

impl State {
    /// All of them.
    pub const ALL: [Self; 7] = [
        Self::Open,
        Self::Locked,
        Self::Trying,
        Self::Rest,
        Self::Narrowing,
        Self::Refused,
        Self::Back,
    ];

    /// What it means.
    #[must_use]
    pub fn says(self) -> &'static str {
        match self {
            Self::Open => "Others than the perimeter get in, and no lock is begun.",
            Self::Locked => "Nobody but the perimeter gets in.",
            Self::Trying => "The lock is begun. Probes have not proven it yet.",
            Self::Rest => {
                "What was locked first is proven, and the rest follows. Without probes all is locked at once."
            }
            Self::Narrowing => "The methods are locked already. Who else is let in changes.",
            Self::Refused => "The lock was disproved, and what was before is being put back.",
            Self::Back => "All is as it was before the refusal. The next attempt waits.",
        }
    }

    /// The state that the mark tells, and where there is none, what was read.
    #[must_use]
    pub fn of(phase: Option<&Phase>, is_locked: bool) -> Self {
        match phase.map(|phase| phase.step) {
            None if is_locked => Self::Locked,
            None => Self::Open,
            Some(Step::Trying) => Self::Trying,
            Some(Step::Rest) => Self::Rest,
            Some(Step::Narrowing) => Self::Narrowing,
            Some(Step::Refused) => Self::Refused,
            Some(Step::Back) => Self::Back,
        }
    }
}
