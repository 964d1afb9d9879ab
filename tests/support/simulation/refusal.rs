//! A refusal in AWS's own words, before the error table has classified it.

/// Code and message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refusal {
    pub code: String,
    pub message: String,
}

/// What an operation answers.
pub type Outcome<T> = Result<T, Refusal>;

impl Refusal {
    pub fn new(code: impl Into<String>, message: impl Into<String>) -> Self {
        Self {
            code: code.into(),
            message: message.into(),
        }
    }

    /// For `return refuse(…)`.
    pub fn refuse<T>(code: impl Into<String>, message: impl Into<String>) -> Outcome<T> {
        Err(Self::new(code, message))
    }
}
