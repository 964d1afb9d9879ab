//! The Lambda@Edge function that signs requests, and its published versions.

use crate::domain::identity::Tags;
use serde::Serialize;

/// Whether a function or version can be invoked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[allow(missing_docs)]
pub enum State {
    Pending,
    Active,
    Inactive,
    Failed,
    /// Lists do not tell.
    Unknown,
}

/// What can be set besides the code.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Settings {
    /// ARN of the execution role.
    pub role: String,
    /// Such as `nodejs24.x`.
    pub runtime: String,
    /// Such as `index.handler`.
    pub handler: String,
    /// Seconds; an origin-request function may take 30.
    pub timeout: i32,
    /// MiB.
    pub memory: i32,
    /// For people who read Lambda's console.
    pub description: String,
}

/// The configuration of a function's `$LATEST` or of a published version.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Configuration {
    /// The function's name.
    pub name: String,
    /// ARN; of a version with its number.
    pub arn: String,
    /// `$LATEST` or a number.
    pub version: String,
    /// What can be set.
    pub settings: Settings,
    /// Base64 of the package's SHA-256.
    pub code_sha256: String,
    /// Changes with each change of code or configuration.
    pub revision: String,
    /// Whether it can be invoked.
    pub state: State,
    /// Why it is not Active, in AWS's words.
    pub state_reason: Option<String>,
    /// Whether an update is still in progress.
    pub updating: bool,
}

/// A function as Lambda has it.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Observed {
    /// The unpublished configuration.
    pub latest: Configuration,
    /// The function's tags.
    pub tags: Tags,
    /// Published versions, oldest first; empty as `GetFunction` answers it.
    pub versions: Vec<Configuration>,
}

/// What a function is made from; its first version is published at once.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Creation {
    /// The function's name.
    pub name: String,
    /// What can be set.
    pub settings: Settings,
    /// The package.
    #[serde(skip)]
    pub zip: Vec<u8>,
    /// The function's tags.
    pub tags: Tags,
}
