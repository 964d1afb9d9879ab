//! What is told of an API that is not looked at, cannot be looked at, is not there any more, or that nothing is done for.

use super::conditions::{Mode, Pass, Verdict};
use super::meanwhile::is_open_past;
use super::said_before::{repeated, said_last};
use crate::domain::access::asked::api::{self, Gone};
use crate::domain::access::authorization;
use crate::domain::access::lock::{KINDS, Routes};
use crate::domain::access::words::agreed;
use crate::domain::kernel::failure::Failure;
use crate::domain::kernel::planning::{Id, Kind};
use crate::domain::kernel::reason::Reason;
use crate::domain::kernel::words::moment;
use crate::domain::perimeter::observed::Observed;

/// What is gone of the API that a perimeter stands before, as was read in this pass, or as the spec is refused for.
pub(super) fn gone(pass: &Pass<'_>) -> Option<Gone> {
    if let Some(rejection) = pass.rejection {
        // What stood is probed only where the spec still means that.
        let (desired, _) = pass.stood?;
        return api::gone(&desired.access.gate, rejection.reason);
    }
    let (desired, observed) = pass.desired.zip(pass.observed)?;
    let is_unread = observed.failed.contains(&Kind::Access) && observed.access.present().is_none();
    let is_of_routes = |failure: &&Failure| failure.id.as_ref().is_some_and(|id| id.kind == Kind::Access);
    let mut failures = pass.failures.iter().filter(is_of_routes).filter(|_| is_unread);
    failures.find_map(|failure| api::gone(&desired.access.gate, failure.reason))
}

/// The same for a person, with what to do.
pub(super) fn told_gone(gone: &Gone) -> String {
    format!("{}, so no viewer is answered. {}", gone.what, gone.remedy)
}

/// When the routes were read last, as status tells.
fn last_read<'a>(pass: &Pass<'a>) -> Option<&'a str> {
    let access = pass.previous.access.as_ref();
    let read = access.map(|access| access.verified_at.as_str());
    // Of an API whose routes were never read, something else may be known.
    read.filter(|read| !read.is_empty())
}

/// What is not looked at any more nobody calls locked; and what was not looked at says when it was last.
pub(super) fn unless_overdue(pass: &Pass<'_>, said: Verdict) -> Verdict {
    let looked_at = pass.observed.or(pass.stood.map(|(_, observed)| observed));
    let is_endpoint_read = |observed: &Observed| observed.mutual_tls.endpoint.present().is_some();
    let is_read =
        looked_at.is_some_and(|observed| observed.access.present().is_some() || is_endpoint_read(observed));
    let is_overdue = looked_at.is_none_or(|observed| observed.due.overdue);
    let is_over = said.status == "True" && !is_read && is_overdue;
    let is_unseen = said.status == "Unknown" && pass.observed.is_none() && pass.rejection.is_none();
    // Of what was never read there is no time to tell.
    let is_dated = is_over || (is_unseen && last_read(pass).is_some());
    if !is_dated {
        return said;
    }
    let is_of_lock = |failure: &&Failure| failure.id.is_none() || failure.is_of(&KINDS);
    let failure = pass.failures.iter().find(is_of_lock).or(pass.failures.first());
    let why = failure.map_or("its methods could not be read since", |failure| {
        failure.message.as_str()
    });
    let was = if is_over || was_locked_as_asked(pass) {
        "was locked when it was last read"
    } else {
        "was last read"
    };
    let message = format!(
        "the API {was} at {}, and what it asks for now is not known: {why}",
        last_read(pass).unwrap_or("a time that status does not tell")
    );
    let reason = failure.map_or(Reason::InProgress, |failure| failure.reason);
    Verdict::unknown(said.is, reason, message)
}

/// Whether the routes were locked as asked when they were read last, where none of them is read now: of a stage that somebody has
/// opened since, nothing is recorded as wanted.
fn was_locked_as_asked(pass: &Pass<'_>) -> bool {
    let before = pass.previous.access.as_ref();
    let of_mutual_tls = before.and_then(|access| access.mutual_tls.as_ref());
    if of_mutual_tls.is_some_and(|known| known.default_endpoint_off) {
        return pass.enforces;
    }
    let has_mode = before.is_some_and(|access| access.locked_mode.is_some());
    pass.enforces && has_mode && pass.previous.fingerprints.contains_key(Kind::Access.name())
}

/// What cannot be read is not called open, unless a probe got in or an open route was read.
pub(super) fn unreadable(
    pass: &Pass<'_>,
    access: &authorization::Desired,
    read: &Verdict,
) -> Option<Verdict> {
    let (desired, observed) = pass.desired.zip(pass.observed)?;
    let is_of_lock = |failure: &&Failure| failure.is_of(&KINDS);
    let failure = pass.failures.iter().find(is_of_lock)?;
    let is_unread = KINDS.iter().any(|kind| observed.failed.contains(kind));
    let has_open_route = || {
        let (declared, inputs) = (desired.of_access(), observed.access_inputs(desired));
        Routes::of(&declared, &inputs).is_some_and(|routes| !routes.open_to_anybody().is_empty())
    };
    let is_told = read.status != "True" && read.reason == failure.reason;
    if !is_unread || !is_told || is_open_past(pass, observed) || has_open_route() {
        return None;
    }
    let was_locked = observed
        .pass
        .was_wanted(&Id::of(Kind::Access), &authorization::hash_of(access));
    let stage = &access.gate.stage;
    let message = match last_read(pass).filter(|_| was_locked) {
        Some(at) => format!(
            "stage {stage} was Locked when it was last read at {at}, and what it asks for now cannot be read: {}",
            failure.message
        ),
        None => format!("what stage {stage} asks for cannot be read: {}", failure.message),
    };
    Some(Verdict::unknown(read.is, read.reason, message))
}

/// While `spec.suspend` is true, what would be locked stands open until it is false.
pub(super) fn open_while_suspended(pass: &Pass<'_>, read: &Verdict) -> Option<Verdict> {
    let is_due = matches!(read.reason, Reason::InProgress | Reason::WaitingForInputs);
    if pass.mode != Mode::Suspended || read.status != "False" || !is_due {
        return None;
    }
    let (desired, observed) = pass.desired.zip(pass.observed)?;
    let (declared, inputs) = (desired.of_access(), observed.access_inputs(desired));
    let Some(routes) = Routes::of(&declared, &inputs) else {
        let known = repeated(pass, read.is)?;
        return (known.reason == Reason::Suspended).then_some(known);
    };
    let (open, unlocked) = (routes.open_to_anybody(), routes.open_routes());
    let stage = &desired.access.gate.stage;
    let told = if !open.is_empty() {
        agreed(
            &open,
            &format!("of stage {stage} stands open"),
            &format!("of stage {stage} stand open"),
        )
    } else if !unlocked.is_empty() {
        let noun = desired.access.proof.noun();
        agreed(
            &unlocked,
            &format!("of stage {stage} does not ask for the {noun}"),
            &format!("of stage {stage} do not ask for the {noun}"),
        )
    } else {
        return None;
    };
    let message = format!("{told}; nothing is locked while spec.suspend is true");
    Some(Verdict::no(read.is, Reason::Suspended, message))
}

/// Nothing is probed while the object goes: what was known until then is told, and not said to be so.
pub(super) fn while_deleting(pass: &Pass<'_>, is: &'static str) -> Verdict {
    let nothing = "nothing is probed while the object is being deleted";
    let message = match said_last(pass, is) {
        Some(before) if before.reason == Reason::Deleting => before.message,
        Some(before) if before.status != "Unknown" => format!(
            "{nothing}; until {} it was {} ({})",
            moment(pass.now),
            before.status,
            before.reason.as_str()
        ),
        _ => nothing.to_owned(),
    };
    Verdict::unknown(is, Reason::Deleting, message)
}
