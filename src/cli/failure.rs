//! How commands fail.

/// Why a command failed, in words for people.
pub(super) type Failure = Box<dyn std::error::Error + Send + Sync>;

/// What is wrong with an option where only its value beside others tells, in words for people.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub(super) struct WrongOption(pub String);

/// A failure that the log has told: once is enough, and a second line would not look as `--log-format` asks.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub(super) struct Logged(pub String);
