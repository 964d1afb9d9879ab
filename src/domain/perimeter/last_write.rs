//! What was written last, and what AWS made of it: a difference that our own write did not remove is not written again.
//!
//! AWS fills defaults into documents and leaves things out. Where it does so in a way that nobody here knows, the document
//! differs from what is wanted for ever, and each pass would write it anew. So beside the fingerprints in status stands, for
//! each document that is written whole, `<what was sent>.<what the write left>.<what it came to>`:
//!
//! - a document that still is what our write left (the same lock token or `ETag`) has what AWS made of it;
//! - what it came to is kept from then on, and as long as our part is so, nothing is written.
//!
//! Something else wanted, or something else found, is written once more. So does a status without memory.

use super::observed::Observed;
use super::plan::Action;
use crate::domain::edge::{config, distribution};
use crate::domain::firewall::{logging, web_acl};
use crate::domain::kernel::hash;
use crate::domain::kernel::observing::{Fingerprint, Seen};
use crate::domain::kernel::planning::{Id, Kind};
use serde::Serialize;

/// The kinds whose documents are written whole.
const KINDS: [Kind; 3] = [Kind::WebAcl, Kind::Logging, Kind::Distribution];

fn key(kind: Kind) -> String {
    format!("{}.sent", kind.name())
}

/// A line of memory.
#[derive(Debug, Clone, PartialEq, Eq)]
struct LastWrite {
    sent: String,
    left: String,
    /// Empty until it is seen.
    came_to: String,
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

    fn to_text(&self) -> String {
        format!("{}.{}.{}", self.sent, self.left, self.came_to)
    }
}

/// Hash of the part of a document that we manage.
fn digest(part: &impl Serialize) -> String {
    hash::short(part)
}

/// Hash of our part of the document that the call sends, where it sends a whole one.
fn sent(action: &Action) -> Option<String> {
    match action {
        Action::WebAcl(
            web_acl::Action::Create { document, .. } | web_acl::Action::Update { document, .. },
        ) => Some(digest(&web_acl::managed(document))),
        Action::Logging(logging::Action::Put(document)) => Some(digest(&logging::managed(document))),
        Action::Distribution(
            distribution::Action::Create { config, .. } | distribution::Action::Update { config, .. },
        ) => Some(digest(&config::settings_of(config))),
        _ => None,
    }
}

impl Observed {
    /// Notes what a call has sent. It was answered, and its answer is seen.
    pub fn wrote(&mut self, id: &Id, action: &Action) {
        let (Some(sent), Some((left, _))) = (sent(action), self.found(id.kind)) else {
            return;
        };
        let line = LastWrite {
            sent,
            left,
            came_to: String::new(),
        };
        self.recorded.insert(key(id.kind), line.to_text());
    }

    /// Whether AWS made this of what we sent last, and would again: `wanted` is our part of what would be sent.
    #[must_use]
    pub fn is_what_came_of(&self, kind: Kind, wanted: &impl Serialize) -> bool {
        let Some((line, (fingerprint, found))) = self.last_write(kind).zip(self.found(kind)) else {
            return false;
        };
        let came_to = if line.came_to.is_empty() {
            line.left == fingerprint
        } else {
            line.came_to == found
        };
        line.sent == digest(wanted) && came_to
    }

    /// Whether our part of the document is what we sent last.
    #[must_use]
    pub fn is_as_sent(&self, kind: Kind, found: &impl Serialize) -> bool {
        self.last_write(kind)
            .is_some_and(|line| line.sent == digest(found))
    }

    fn last_write(&self, kind: Kind) -> Option<LastWrite> {
        self.recorded
            .get(&key(kind))
            .and_then(|text| LastWrite::parse(text))
    }

    /// Fingerprint of the document, and hash of our part of it.
    fn found(&self, kind: Kind) -> Option<(String, String)> {
        fn pair<T: Fingerprint>(found: &T, part: &impl Serialize) -> (String, String) {
            (found.fingerprint(), digest(part))
        }
        match kind {
            Kind::WebAcl => {
                let found = self.web_acl.present()?;
                Some(pair(found, &web_acl::managed(&found.content.document)))
            }
            Kind::Logging => match &self.logging {
                // The list shows a logging configuration whole.
                Seen::Present(found) | Seen::Listed(Some(found)) => {
                    Some(pair(found, &logging::managed(&found.document)))
                }
                Seen::Listed(None) | Seen::Absent => None,
            },
            Kind::Distribution => {
                let found = self.distribution.present()?;
                Some(pair(found, &config::settings_of(&found.content.config)))
            }
            _ => None,
        }
    }

    /// The lines to remember at the end of a pass.
    pub(super) fn last_writes(&self) -> impl Iterator<Item = (String, String)> {
        KINDS.into_iter().filter_map(|kind| {
            let mut line = self.last_write(kind)?;
            if self.is_gone(kind) {
                return None;
            }
            if let Some((fingerprint, found)) = self.found(kind)
                && line.came_to.is_empty()
                && line.left == fingerprint
                && self.is_read(kind)
            {
                line.came_to = found;
            }
            Some((key(kind), line.to_text()))
        })
    }

    /// Whether what is seen was answered by AWS: the answer to a web ACL's write has only a token.
    fn is_read(&self, kind: Kind) -> bool {
        kind != Kind::WebAcl || self.web_acl.present().is_some_and(|acl| acl.capacity().is_some())
    }

    fn is_gone(&self, kind: Kind) -> bool {
        match kind {
            Kind::WebAcl => self.web_acl == Seen::Absent,
            Kind::Logging => self.logging == Seen::Absent,
            Kind::Distribution => self.distribution == Seen::Absent,
            _ => true,
        }
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
