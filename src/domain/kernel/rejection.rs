//! Why a spec is not acted upon.

use super::reason::Reason;

/// Why a spec is not acted upon.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rejection {
    /// What kind of reason.
    pub reason: Reason,
    /// The field, and what is wrong with it; and what to write instead, where that is short.
    pub message: String,
    /// What to do, where that is long: `Accepted` alone says it.
    pub remedy: Option<String>,
}

impl Rejection {
    /// A refusal for `reason`.
    #[must_use]
    pub fn new(reason: Reason, message: impl Into<String>) -> Self {
        Self {
            reason,
            message: message.into(),
            remedy: None,
        }
    }

    /// The same, with what to do apart from what is wrong.
    #[must_use]
    pub fn with_remedy(self, remedy: Option<String>) -> Self {
        Self { remedy, ..self }
    }
}
