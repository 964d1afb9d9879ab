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
    /// Whether it ends by itself: nothing is left for a person to do but to wait.
    pub passes: bool,
}

impl Rejection {
    /// A refusal for `reason`.
    #[must_use]
    pub fn new(reason: Reason, message: impl Into<String>) -> Self {
        Self {
            reason,
            message: message.into(),
            remedy: None,
            passes: false,
        }
    }

    /// A refusal for `reason` that ends by itself.
    #[must_use]
    pub fn for_now(reason: Reason, message: impl Into<String>) -> Self {
        Self {
            passes: true,
            ..Self::new(reason, message)
        }
    }

    /// The same, with what to do apart from what is wrong.
    #[must_use]
    pub fn with_remedy(self, remedy: Option<String>) -> Self {
        Self { remedy, ..self }
    }
}
