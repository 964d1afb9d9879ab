//! What was written last, and what AWS made of it: a difference that our own write did not remove is not written again.
//!
//! AWS fills defaults into documents and leaves things out. Where it does so in a way that nobody here knows, the document
//! differs from what is wanted for ever, and each pass would write it anew. So beside the fingerprints in status stands, for
//! each document that is written whole, `<what was sent>.<what the write left>.<what it came to>`:
//!
//! - a document that still is what our write left (the same lock token, `ETag` or version) has what AWS made of it, and so
//!   does an answer to the write that shows it;
//! - what it came to is kept from then on, and as long as our part is so, nothing is written.
//!
//! Something else wanted, or something else found, is written once more. So does a status without memory. What has neither
//! token nor answer is in `perimeter/repeated.rs`.

use super::hash;
use super::observing::{Fingerprint, Pass};
use super::planning::{Id, Kind};
use serde::Serialize;

pub(in crate::domain) fn key(id: &Id) -> String {
    format!("{}.sent", id.key())
}

/// A line of memory.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::domain) struct LastWrite {
    pub(in crate::domain) sent: String,
    pub(in crate::domain) left: String,
    /// Empty until it is seen.
    pub(in crate::domain) came_to: String,
}

impl LastWrite {
    fn parse(text: &str) -> Option<Self> {
        let mut parts = text.split('.').map(ToOwned::to_owned);
        Some(Self {
            sent: parts.next()?,
            left: parts.next()?,
            came_to: parts.next()?,
        })
    }

    pub(in crate::domain) fn to_text(&self) -> String {
        format!("{}.{}.{}", self.sent, self.left, self.came_to)
    }

    /// Whether it says no more than that all is kept as it was sent, where nothing hangs on that.
    pub(in crate::domain) fn tells_nothing(&self, kind: Kind) -> bool {
        self.came_to == self.sent && matches!(kind, Kind::Function | Kind::IpSet | Kind::HealthCheck)
    }
}

/// Hash of the part of a document that we manage.
pub(in crate::domain) fn digest(part: &impl Serialize) -> String {
    hash::short(part)
}

impl Pass {
    /// What is remembered of the last write.
    pub(in crate::domain) fn last_write(&self, id: &Id) -> Option<LastWrite> {
        self.recorded
            .get(&key(id))
            .and_then(|text| LastWrite::parse(text))
    }

    /// Whether AWS made this of what we sent last, and would again: `part` is our part of what is found, `wanted` that of what
    /// would be sent.
    pub(in crate::domain) fn is_what_came_of(
        &self,
        id: &Id,
        found: &impl Fingerprint,
        part: &impl Serialize,
        wanted: &impl Serialize,
    ) -> bool {
        self.last_write(id).is_some_and(|line| {
            let came_to = if line.came_to.is_empty() {
                line.left == found.fingerprint()
            } else {
                line.came_to == digest(part)
            };
            line.sent == digest(wanted) && came_to
        })
    }

    /// Whether `found` is what AWS has once made of it when `sent` was what we sent last.
    pub(in crate::domain) fn has_come_to(
        &self,
        id: &Id,
        sent: &impl Serialize,
        found: &impl Serialize,
    ) -> bool {
        self.last_write(id)
            .is_some_and(|line| line.sent == digest(sent) && line.came_to == digest(found))
    }

    /// Whether our part of the document is what we sent last.
    pub(in crate::domain) fn is_as_sent(&self, id: &Id, part: &impl Serialize) -> bool {
        self.last_write(id).is_some_and(|line| line.sent == digest(part))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_reads_as_it_was_written() {
        for came_to in ["", "c"] {
            let line = LastWrite {
                sent: "a".into(),
                left: "b".into(),
                came_to: came_to.into(),
            };
            assert_eq!(LastWrite::parse(&line.to_text()), Some(line));
        }
        assert_eq!(LastWrite::parse("a.b"), None);
    }
}
