//! The certificate that CloudFront shows to its origin: imported into ACM in us-east-1, and read back from there.
//!
//! Each rotation imports another: the distribution names the one that it shows, and the earlier ones go once nothing uses them. Status
//! records what was imported: nothing else is trusted, whatever its tags say.
//!
//! ```text
//!  seen ── what is read and called ─▶ records ── what Palisade imported ─▶ known ── which can be used
//!                                                 showing ── what CloudFront shows next ◀──┤
//!                                            importing ── how the next one gets into ACM ◀─┘
//! ```

mod importing;
pub(super) mod known;
pub(super) mod records;
pub(super) mod seen;
pub(super) mod showing;

pub use self::known::{Known, hash_of, id_of, is_any_unread, is_ours_shown, newest, owns, unfit};
pub use self::records::{
    Standing, imported, is_being_shown, is_clearing, is_shutting_out, kept, record_of, records, shown,
    standing,
};
pub use self::seen::{Action, Listed, Observed, TAG_LEAF, TAG_ROTATE, TAG_TRUSTSTORE};
pub use self::showing::{is_shown_kept_by, shown_next};

use self::known::{SeenOne, tags_of};
use self::records::is_proven;
use super::{Desired, Inputs, rotation, words};
use crate::domain::access::probe::Probe;
use crate::domain::kernel::change::Change;
use crate::domain::kernel::identity::Ownership;
use crate::domain::kernel::observing::Seen;
use crate::domain::kernel::planning::{Id, Kind, Next, Plan, Verb};
use crate::domain::kernel::tagging::{RowTags, TagCall, TagStep, row_tags, tag_step_changes, tags_back};

/// Adds what the client certificates need next, and the probes that the next one waits for.
pub fn next_all<A: From<Action>>(inputs: &Inputs<'_>, plan: &mut Plan<A, Probe>) {
    let Some(desired) = inputs.desired.filter(|_| !inputs.seen.is_unread) else {
        return;
    };
    for (arn, seen) in &inputs.seen.client_certificates {
        plan.add(id_of(arn), next_of(desired, arn, seen, inputs));
    }
    if is_awaiting_distribution(inputs) {
        plan.add(Id::of(Kind::Distribution), Next::<Action>::Read);
    }
    if !inputs.seen.imported.is_empty() {
        plan.waits.push(words::import_recorded_first());
    } else if is_proven(inputs) {
        plan.waits.push(words::former_shut_out_next());
    }
    if !is_any_unread(inputs) {
        importing::next(desired, inputs, plan);
    }
}

/// Whether status has lost its records, and only the distribution tells which certificate viewers stand on.
fn is_awaiting_distribution(inputs: &Inputs<'_>) -> bool {
    let is_unknown = inputs.distribution.shows.is_none() && !inputs.distribution.is_absent;
    let is_any_seen = !inputs.seen.client_certificates.is_empty();
    is_unknown && is_any_seen && records(inputs).is_empty()
}

fn next_of(desired: &Desired, arn: &str, seen: &SeenOne, inputs: &Inputs<'_>) -> Next<Action> {
    let wanted = tags_of(desired);
    match seen {
        Seen::Absent => Next::Done,
        Seen::Listed(None) => Next::Read,
        Seen::Listed(Some(row)) => {
            let is_known = newest(inputs).is_some_and(|newest| newest.arn == arn);
            if !is_known || is_looked_at(inputs) {
                return Next::Read;
            }
            match row_tags(row.tags.as_ref(), inputs.owner, &wanted) {
                RowTags::Right => Next::Done,
                RowTags::Unknown => Next::Read,
                RowTags::Wrong(changes, step) => retag(arn, changes, step),
            }
        }
        Seen::Present(found) if is_strange(inputs, found) => {
            let is_unused =
                found.content.in_use_by.is_empty() && shown(inputs).is_none_or(|shown| shown != arn);
            if is_unused { delete(arn) } else { Next::Done }
        }
        Seen::Present(found) => match owns(inputs, found) {
            Ownership::Foreign => Next::Done,
            Ownership::Stripped => {
                let (changes, missing) = tags_back(&found.tags, &wanted);
                retag(arn, changes, TagStep::Set(missing))
            }
            Ownership::Ours | Ownership::Condemned | Ownership::Retained => {
                match tag_step_changes(&found.tags, &wanted) {
                    Some((changes, step)) => retag(arn, changes, step),
                    None if is_left_over(arn, found, inputs) => delete(arn),
                    None => Next::Done,
                }
            }
        },
    }
}

/// Whether a certificate bears this object's tags, and no import of it is recorded: the answer to one was lost, or somebody else imported
/// it. It goes as soon as nothing uses it.
#[must_use]
pub fn is_strange(inputs: &Inputs<'_>, found: &Observed) -> bool {
    let is_tagged = owns(inputs, found) != Ownership::Foreign;
    is_tagged && standing(inputs, found) == Standing::Unrecorded
}

/// Whether what was verified is read all the same: it is time, or the truststore or the next certificate is decided by it.
fn is_looked_at(inputs: &Inputs<'_>) -> bool {
    let seen = inputs.seen;
    let is_decided_by = seen.domain.present().is_some() || seen.truststore.present().is_some();
    inputs.is_read_due || is_decided_by || seen.pair.is_some() || rotation::needs_pair(inputs)
}

/// Whether CloudFront shows another one everywhere, and nothing uses this one. What somebody else uses stays: `doors` tells of it.
fn is_left_over(arn: &str, found: &Observed, inputs: &Inputs<'_>) -> bool {
    let shows_another = shown(inputs).is_some_and(|shown| shown != arn);
    let is_newest = newest(inputs).is_some_and(|newest| newest.arn == arn);
    shows_another && !is_newest && inputs.distribution.is_deployed && found.content.in_use_by.is_empty()
}

fn delete(arn: &str) -> Next<Action> {
    let action = Action::Delete { arn: arn.to_owned() };
    Next::act(id_of(arn), arn, Verb::Delete, vec![], action)
}

fn retag(arn: &str, changes: Vec<Change>, step: TagStep) -> Next<Action> {
    let action = Action::Tag(TagCall::new(arn, step));
    Next::act(id_of(arn), arn, Verb::Update, changes, action)
}

#[cfg(test)]
mod record_tests;
#[cfg(test)]
mod tests;
