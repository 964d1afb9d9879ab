//! Where what is worth knowing is told besides: in the conditions of its resources, and in `Ready`.

use super::conditions::Verdict;
use crate::api::StatusNote;
use crate::domain::kernel::planning::Kind;
use crate::domain::kernel::reason::Reason;

/// A condition with what is worth knowing of its resources.
#[must_use]
pub(super) fn noted(mut verdict: Verdict, kinds: &[Kind], notes: &[StatusNote]) -> Verdict {
    if verdict.status != "True" {
        return verdict;
    }
    // A right that nobody needs is told in status.notes alone.
    let is_told = |note: &&StatusNote| note.reason != Reason::PricingPlanNotRead.as_str();
    let of = |note: &&StatusNote| kinds.iter().any(|kind| kind.name() == note.resource) && is_told(note);
    for note in notes.iter().filter(of) {
        if !verdict.message.contains(&note.message) {
            verdict.message = format!("{}; {}", verdict.message, note.message);
        }
    }
    verdict
}

/// What must not be overlooked by who only looks at `Ready`.
pub(super) fn caveats(notes: &[StatusNote]) -> impl Iterator<Item = &str> {
    let minor = [
        Reason::DifferenceStands,
        Reason::PricingPlanNotRead,
        Reason::RuleHeld,
        Reason::StageInPath,
    ]
    .map(Reason::as_str);
    let matters = move |note: &&StatusNote| !minor.contains(&note.reason.as_str());
    notes.iter().filter(matters).map(|note| note.message.as_str())
}
