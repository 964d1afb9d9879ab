//! Why definitions are not brought in.

use super::VERSION;
use std::fmt::Write as _;

/// How many invalid objects are named.
const NAMED: usize = 20;

/// An object that would be invalid.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Invalid {
    /// `namespace/name`, or the name.
    pub object: String,
    /// The API server's words.
    pub why: String,
}

/// Why the definitions were not brought in, or not wholly.
#[derive(Debug, thiserror::Error)]
pub enum ApplyError {
    /// The API server did not do it.
    #[error("{doing}: {error}{}", remedy(.error))]
    Api {
        /// What was to be done.
        doing: &'static str,
        /// What it said.
        error: kube::Error,
    },
    /// What is there is of a later version.
    #[error(
        "{name} in the cluster is newer than version {VERSION}: {how}; nothing was changed. Use the palisade of that version"
    )]
    Newer {
        /// The definition.
        name: String,
        /// How that is known.
        how: String,
    },
    /// Objects would be invalid.
    #[error("{}", told(.0))]
    Invalid(Vec<Invalid>),
    /// A definition does not become what it should.
    #[error("{0} is not established within a minute; kubectl describe crd {0} says why")]
    NotEstablished(String),
    /// A definition does not go.
    #[error(
        "{0} does not go within half a minute; nothing else was changed. kubectl describe crd {0} says why"
    )]
    Stuck(String),
}

fn remedy(error: &kube::Error) -> &'static str {
    match error {
        kube::Error::Api(status) if matches!(status.code, 401 | 403) => {
            "; docs/install.md has the rights that this needs"
        }
        _ => "",
    }
}

fn told(invalid: &[Invalid]) -> String {
    let mut text = format!(
        "{} stored object(s) would be invalid under the definitions of version {VERSION}; nothing was changed:\n",
        invalid.len()
    );
    for Invalid { object, why } in invalid.iter().take(NAMED) {
        let _ = writeln!(text, "  {object}: {why}");
    }
    if invalid.len() > NAMED {
        let _ = writeln!(text, "  and {} more", invalid.len() - NAMED);
    }
    text + "Change these objects so that both definitions take them, then run this again"
}

/// An error of the API server while `doing` something.
pub(super) fn of_api(doing: &'static str) -> impl Fn(kube::Error) -> ApplyError {
    move |error| ApplyError::Api { doing, error }
}
