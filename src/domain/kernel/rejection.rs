//! Why a spec is not acted upon.

use super::reason::Reason;

/// Why a spec is not acted upon.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rejection {
    /// What kind of reason.
    pub reason: Reason,
    /// The field, what is wrong with it, and what to write instead.
    pub message: String,
}

impl Rejection {
    /// A refusal for `reason`.
    #[must_use]
    pub fn new(reason: Reason, message: impl Into<String>) -> Self {
        Self {
            reason,
            message: message.into(),
        }
    }
}
