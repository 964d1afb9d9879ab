//! What is told of a lock that stands while the tag that remembers it is due: also the one by which a cut-over ends, which is
//! written only of a lock that is proven.

use super::conditions::{Mode, Pass};
use crate::domain::access::authorization::Action as AccessAction;
use crate::domain::access::held::change_of_mode;
use crate::domain::access::lock::{KINDS, Routes};
use crate::domain::access::table::marks::{Marks, TAG_ACCESS};
use crate::domain::kernel::failure::Failure;
use crate::domain::kernel::planning::{Id, Kind};
use crate::domain::kernel::reason::Reason;
use crate::domain::perimeter::plan::{Action, Step};

/// A tag that is due of a lock that was read to stand.
pub(super) struct Unmarked {
    /// Why `AccessRestricted` is True all the same.
    pub locked: Reason,
    /// Why `Ready` is not.
    pub reason: Reason,
    /// What there is to know.
    pub message: String,
}

/// The tag that is due, where nothing else is due of a lock that stands: whether it can be written changes nothing of who gets in.
pub(super) fn unmarked(pass: &Pass<'_>) -> Option<Unmarked> {
    let (desired, observed) = pass.desired.zip(pass.observed)?;
    let is_of_lock = |id: &Id| KINDS.contains(&id.kind) && *id != change_of_mode();
    let plan = pass.plan;
    let due = plan.ready.iter().filter(|step| is_of_lock(&step.id));
    let due: Option<Vec<&Marks>> = due.map(marks).collect();
    let due = due.filter(|due| !due.is_empty())?;
    let is_troubled = plan.problems.iter().any(|problem| is_of_lock(&problem.id))
        || plan.waits.iter().any(|wait| is_of_lock(&wait.id))
        || plan.blocked.iter().any(|blocked| is_of_lock(&blocked.id))
        || plan.reads.iter().any(is_of_lock)
        || KINDS.iter().any(|kind| observed.failed.contains(kind));
    let failures = pass.failures.iter().filter(|failure| failure.is_of(&KINDS));
    let failures: Vec<&Failure> = failures.collect();
    let mark = Id::of(Kind::Access);
    let is_other_failure = failures.iter().any(|failure| failure.id.as_ref() != Some(&mark));
    let found = observed.access.present()?;
    let (declared, inputs) = (desired.of_access(), observed.access_inputs(desired));
    let is_locked = Routes::of(&declared, &inputs).is_some_and(|routes| routes.is_locked());
    // Nothing is proven of a lock whose next mark goes on with a cut-over.
    let goes_on = due.iter().any(|due| due.cut_over.is_some());
    if is_troubled || is_other_failure || goes_on || !is_locked {
        return None;
    }
    let (reason, why) = match (failures.first(), pass.mode) {
        (Some(failure), _) => (
            failure.reason,
            format!("could not be written: {}", failure.message),
        ),
        (None, Mode::Suspended) => (
            Reason::Suspended,
            "is written once spec.suspend is false".to_owned(),
        ),
        (None, _) => (Reason::InProgress, "is written next".to_owned()),
    };
    let is_replacing = due.iter().any(|due| is_replacing(&found.marks, due));
    Some(Unmarked {
        locked: if is_replacing {
            Reason::Rotating
        } else {
            Reason::Locked
        },
        reason,
        message: format!("The distribution's tag {TAG_ACCESS}, which remembers the lock, {why}"),
    })
}

/// The marks that a step writes; `None` where it does something else.
fn marks(step: &Step) -> Option<&Marks> {
    match &step.action {
        Action::Access(AccessAction::Mark { marks, .. }) => Some(marks),
        _ => None,
    }
}

/// Whether a secret value is being replaced, which `due` is a step of: the API accepts the earlier one, too.
fn is_replacing(found: &Marks, due: &Marks) -> bool {
    let is_rotated = found.rotated.is_some() && due.rotated.is_some() && found.rotated != due.rotated;
    is_rotated || due.next.is_some()
}
