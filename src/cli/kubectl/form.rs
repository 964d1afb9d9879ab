//! Text for people, or the same as data.

use crate::cli::failure::Failure;
use clap::ValueEnum;
use serde::Serialize;

/// How something is printed.
#[derive(ValueEnum, Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Form {
    Text,
    Json,
    Yaml,
}

/// `data` in this form, of which people read `text`.
pub(super) fn written(
    form: Form,
    data: &impl Serialize,
    text: impl FnOnce() -> String,
) -> Result<String, Failure> {
    Ok(match form {
        Form::Text => text(),
        Form::Json => serde_json::to_string_pretty(data)? + "\n",
        Form::Yaml => format!("---\n{}", serde_yaml::to_string(data)?),
    })
}
