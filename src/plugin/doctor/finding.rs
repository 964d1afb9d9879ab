//! A line of what the doctor found.

use crate::plugin::read::part;
use serde::Serialize;
use serde_json::Value;

/// How bad it is.
#[derive(Serialize, Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
#[serde(rename_all = "lowercase")]
pub enum Level {
    /// As it should be.
    Ok,
    /// Something is less than it could be, or not known.
    Warn,
    /// Something does not work.
    Fail,
}

/// A line of what was found.
#[derive(Serialize, Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// How bad it is.
    pub level: Level,
    /// What it is about.
    pub about: String,
    /// What is so.
    pub said: String,
    /// What to do.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub remedy: Option<String>,
}

impl Finding {
    pub(super) fn new(level: Level, about: &str, said: impl Into<String>) -> Self {
        Self {
            level,
            about: about.to_owned(),
            said: said.into(),
            remedy: None,
        }
    }

    pub(super) fn with(self, remedy: impl Into<String>) -> Self {
        Self {
            remedy: Some(remedy.into()),
            ..self
        }
    }

    /// The same without what steers a terminal: others have written names and messages.
    pub(super) fn cleaned(self) -> Self {
        let clean = |text: String| part::<String>(&Value::from(text)).unwrap_or_default();
        Self {
            level: self.level,
            about: clean(self.about),
            said: clean(self.said),
            remedy: self.remedy.map(clean),
        }
    }
}

/// What nobody here may read.
pub(super) fn unread(about: &str, what: &str) -> Finding {
    Finding::new(Level::Warn, about, format!("not known: you may not read {what}"))
}
