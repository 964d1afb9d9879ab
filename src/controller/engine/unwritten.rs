//! Refusals that the distribution's tags do not tell of, since the mark could not be written: this process remembers them, so that
//! nothing is locked and put back again and again.

use super::Engine;
use super::refusals::Unwritten;
use crate::domain::access::authorization::Action as AccessAction;
use crate::domain::access::marks::{Marks, Step};
use crate::domain::kernel::identity::Owner;
use crate::domain::kernel::observing::Seen;
use crate::domain::perimeter::observed::Observed;
use crate::domain::perimeter::plan::Action;
use jiff::Timestamp;

impl Engine {
    /// Remembers marks of a refusal that AWS did not take.
    pub(super) fn note_unwritten(&self, observed: &mut Observed, action: &Action) {
        let Some(marks) = refusal(action) else { return };
        let Seen::Present(found) = &mut observed.access else {
            return;
        };
        let mut all = self.refusals.lock();
        let known = all.get(&observed.owner.uid).filter(|_| found.is_unwritten);
        let upon = known.map_or_else(|| since(&found.marks), |known| known.upon);
        let marks = marks.clone();
        found.marks = marks.clone();
        found.is_unwritten = true;
        all.insert(observed.owner.uid.clone(), Unwritten { upon, marks });
    }

    /// Forgets what was remembered in place of marks that are written now.
    pub(super) fn note_written(&self, owner: &Owner, action: &Action) {
        if let Action::Access(AccessAction::Mark { .. }) = action {
            self.refusals.forget(&owner.uid);
        }
    }

    /// Lets what is remembered take the place of the marks that were read, as long as those are the ones that it came after.
    pub(super) fn recall_unwritten(&self, observed: &mut Observed) {
        let Seen::Present(found) = &mut observed.access else {
            return;
        };
        let mut all = self.refusals.lock();
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
pub(super) fn untold(action: &Action) -> Option<&'static str> {
    refusal(action).map(|_| {
        "after the lock the API refused what came through the perimeter, so what was before it is put back; that could not be \
         written down, and nothing is locked again before it is"
    })
}
