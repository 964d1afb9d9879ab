//! Marks of a refusal that AWS did not take, so that the distribution's tags do not tell of it: this process remembers them, so that
//! nothing is locked and put back again and again.

use super::Engine;
use crate::domain::access::authorization::Action as AccessAction;
use crate::domain::access::table::cause::Why;
use crate::domain::access::table::marks::{Marks, Step};
use crate::domain::kernel::identity::Owner;
use crate::domain::kernel::observing::Seen;
use crate::domain::mutual_tls::endpoint::Action as EndpointAction;
use crate::domain::perimeter::observed::Observed;
use crate::domain::perimeter::plan::Action;
use jiff::Timestamp;
use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

/// Marks that could not be written.
#[derive(Debug, Clone)]
struct Unwritten {
    /// Since when the cut-over goes on that the tags tell of: of another one, nothing is known.
    upon: Option<Timestamp>,
    marks: Marks,
}

/// The marks of objects' cut-overs that could not be written, by UID; forgotten with this process.
#[derive(Debug, Default)]
pub struct UnwrittenMarks(Mutex<HashMap<String, Unwritten>>);

impl UnwrittenMarks {
    /// Forgets an object that is gone, or whose marks were written.
    pub(in crate::controller) fn forget(&self, uid: &str) {
        self.lock().remove(uid);
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<String, Unwritten>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Engine {
    /// Remembers marks of a refusal that AWS did not take.
    pub(super) fn note_unwritten(&self, observed: &mut Observed, action: &Action) {
        self.note_endpoint_mark(observed, action);
        let Some(marks) = refusal(action) else { return };
        let Seen::Present(found) = &mut observed.access else {
            return;
        };
        let mut all = self.unwritten.lock();
        let known = all.get(&observed.owner.uid).filter(|_| found.is_unwritten);
        let upon = known.map_or_else(|| since(&found.marks), |known| known.upon);
        let marks = marks.clone();
        found.marks = marks.clone();
        found.is_unwritten = true;
        all.insert(observed.owner.uid.clone(), Unwritten { upon, marks });
    }

    /// Forgets what was remembered in place of marks that are written now.
    pub(super) fn note_written(&self, owner: &Owner, action: &Action) {
        match action {
            Action::Access(AccessAction::Mark { .. }) => self.unwritten.forget(&owner.uid),
            Action::Endpoint(EndpointAction::Mark { .. }) => self.endpoint_marks.forget(&owner.uid),
            Action::Endpoint(EndpointAction::Switch { .. }) => self.endpoint_marks.touches.forget(&owner.uid),
            Action::Endpoint(EndpointAction::Publish { .. } | EndpointAction::Touch { .. }) => {
                self.endpoint_marks.touches.note(&owner.uid);
            }
            _ => {}
        }
    }

    /// Lets what is remembered take the place of the marks that were read, as long as those are the ones that it came after.
    pub(super) fn recall_unwritten(&self, observed: &mut Observed) {
        self.recall_endpoint_mark(observed);
        let Seen::Present(found) = &mut observed.access else {
            return;
        };
        let mut all = self.unwritten.lock();
        let Some(known) = all.get(&observed.owner.uid).filter(|_| !found.is_unwritten) else {
            return;
        };
        if since(&found.marks) == known.upon {
            found.marks = known.marks.clone();
            found.is_unwritten = true;
        } else {
            all.remove(&observed.owner.uid);
        }
    }
}

fn since(marks: &Marks) -> Option<Timestamp> {
    marks.cut_over.as_ref().map(|phase| phase.since)
}

/// The marks that `action` writes, where they tell of a refusal.
fn refusal(action: &Action) -> Option<&Marks> {
    let Action::Access(AccessAction::Mark { marks, .. }) = action else {
        return None;
    };
    let phase = marks.cut_over.as_ref()?;
    matches!(phase.step, Step::Refused | Step::Back).then_some(marks)
}

/// What a failure to write marks leaves untold.
pub(super) fn untold(action: &Action) -> Option<String> {
    let phase = refusal(action)?.cut_over.as_ref()?;
    let why = Why::untold(phase.cause).said;
    Some(format!(
        "the lock is put back, since {why}; that could not be written to the distribution's tags, and nothing is locked again before \
         it is"
    ))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::access::table::cause::Cause;
    use crate::domain::access::table::marks::TAG_ACCESS;
    use crate::domain::kernel::identity::Tags;

    fn told(cause: Cause) -> String {
        let word = cause.word();
        let value = format!("refused d1 - 1 2026-01-01T00:00:00Z NONE signature none {word} v1/locked ");
        let tags = Tags::from([(TAG_ACCESS.to_owned(), value)]);
        let marks = Marks::of(&tags, Timestamp::UNIX_EPOCH);
        let arn = String::new();
        untold(&Action::Access(AccessAction::Mark { arn, marks })).unwrap()
    }

    #[test]
    fn a_mark_that_cannot_be_written_says_the_api_refused_only_where_it_did() {
        assert!(told(Cause::Refused).contains("the API refused"));
        for cause in [Cause::Unanswered, Cause::DirectOpen, Cause::Canary] {
            assert!(!told(cause).contains("the API refused"), "{cause:?}");
        }
    }
}
