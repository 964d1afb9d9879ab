//! As much of an answer as is remembered, and how it stands in a tag.

use crate::api::ErrorNamed;
use serde::Serialize;

/// As much of an answer as is remembered, to be compared with a later one: its status, whether its body was worded as HTTP
/// APIs word a refusal, and which error of API Gateway's it named.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Class {
    /// The status.
    pub status: u16,
    /// Whether the body was what API Gateway says with that status.
    pub is_worded: bool,
    /// The error that was named; `None` where that was not recorded.
    pub error: Option<ErrorNamed>,
}

/// How the errors stand in a tag, which is short.
const LETTERS: [(char, ErrorNamed); 7] = [
    ('N', ErrorNamed::Nothing),
    ('U', ErrorNamed::Unsigned),
    ('S', ErrorNamed::Signature),
    ('A', ErrorNamed::Authorizer),
    ('D', ErrorNamed::Denied),
    ('F', ErrorNamed::Forbidden),
    ('O', ErrorNamed::Other),
];

impl Class {
    /// Without the error: `200`, or `403w`.
    #[must_use]
    pub fn text(self) -> String {
        format!("{}{}", self.status, if self.is_worded { "w" } else { "" })
    }

    /// As it stands in a tag: `200N`, or `403wF`; `403w` where the error was not recorded.
    #[must_use]
    pub fn tag(self) -> String {
        let letter = LETTERS.iter().find(|(_, error)| Some(*error) == self.error);
        let letter = letter.map(|(letter, _)| *letter);
        format!("{}{}", self.text(), letter.map(String::from).unwrap_or_default())
    }

    /// Reads [`Self::text`] or [`Self::tag`]; `None` where it says nothing.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let letter = LETTERS.iter().find(|(letter, _)| text.ends_with(*letter));
        let text = letter.map_or(text, |(letter, _)| text.trim_end_matches(*letter));
        let (status, is_worded) = match text.strip_suffix('w') {
            Some(status) => (status, true),
            None => (text, false),
        };
        let status = status.parse().ok().filter(|status| (100..600).contains(status))?;
        let error = letter.map(|(_, error)| *error);
        Some(Self {
            status,
            is_worded,
            error,
        })
    }

    /// Whether a later answer is just like this one, as far as this one was recorded.
    #[must_use]
    pub fn is_like(self, later: Self) -> bool {
        let is_same_error = self.error.is_none() || self.error == later.error;
        is_same_error && (self.status, self.is_worded) == (later.status, later.is_worded)
    }

    /// Whether it names no error by which API Gateway refuses: a gateway response may have taken it away, or given another.
    #[must_use]
    pub fn names_no_refusal(self) -> bool {
        matches!(self.error, Some(ErrorNamed::Nothing | ErrorNamed::Other))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_class_is_read_as_it_was_written() {
        let errors = LETTERS.map(|(_, error)| Some(error));
        for error in errors.into_iter().chain([None]) {
            for (status, is_worded) in [(200, false), (403, true), (404, false), (101, false)] {
                let class = Class {
                    status,
                    is_worded,
                    error,
                };
                assert_eq!(Class::parse(&class.tag()), Some(class));
            }
        }
        for text in ["", "-", "w", "20000", "403x", "F", "403Fw"] {
            assert_eq!(Class::parse(text), None, "{text}");
        }
    }
}
