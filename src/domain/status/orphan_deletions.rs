//! What an `AwsAccount`'s status says of the wishes to have deleted what no object owns any more.

use crate::api::{OrphanDeletionState as State, OrphanDeletionStatus};
use crate::domain::kernel::words::{cut, moment};
use crate::domain::perimeter::orphan_deletion::MOST_PARTS;
use jiff::Timestamp;

/// So many are remembered.
const REMEMBERED: usize = 20;
/// So long a message, and a UID, may be; a mark stands beside what is cut.
const LONGEST: usize = 4095;
const LONGEST_UID: usize = 63;
/// So many parts are remembered of what is over.
const PARTS: usize = 100;
/// So many parts are named in a sentence.
const NAMED: usize = 10;

/// What came of one wish.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Came {
    /// How far it is.
    pub state: State,
    /// The sentence for people.
    pub message: String,
    /// ARNs of what there was when it began.
    pub parts: Vec<String>,
}

/// The UIDs that an annotation names, each once.
#[must_use]
pub fn wished(annotation: &str) -> Vec<String> {
    let mut uids: Vec<String> = Vec::new();
    for uid in annotation.split(',').map(str::trim).filter(|uid| !uid.is_empty()) {
        if !uids.iter().any(|known| known == uid) {
            uids.push(uid.to_owned());
        }
    }
    uids
}

/// The annotation without `ended`; nothing where no UID is left.
#[must_use]
pub fn without(annotation: &str, ended: &[String]) -> Option<String> {
    let mut left = wished(annotation);
    left.retain(|uid| !ended.contains(uid));
    (!left.is_empty()).then(|| left.join(","))
}

/// What status says of `uid`.
#[must_use]
pub fn told_of<'a>(all: &'a [OrphanDeletionStatus], uid: &str) -> Option<&'a OrphanDeletionStatus> {
    let uid = cut(uid, LONGEST_UID);
    all.iter().find(|told| told.uid == uid)
}

/// Whether what the annotation names was answered already, so that it is only to be taken off.
#[must_use]
pub fn is_answered(told: Option<&OrphanDeletionStatus>) -> bool {
    told.is_some_and(|told| told.still_named && !is_under_way(told.state))
}

/// What is said of all of them: the newest first. What is under way and `wished` for no more was taken back.
#[must_use]
pub fn written(
    previous: &[OrphanDeletionStatus],
    wished: &[String],
    came: Vec<(String, Came)>,
    now: Timestamp,
) -> Vec<OrphanDeletionStatus> {
    let mut all: Vec<OrphanDeletionStatus> = Vec::new();
    for (uid, came) in came {
        let known = told_of(previous, &uid);
        let since = known.filter(|known| known.state == came.state);
        let is_over = !is_under_way(came.state);
        let room = if is_over { PARTS } else { MOST_PARTS };
        all.push(OrphanDeletionStatus {
            uid: cut(&uid, LONGEST_UID),
            state: came.state,
            message: cut(&came.message, LONGEST),
            since: since.map_or_else(|| moment(now), |known| known.since.clone()),
            parts: came.parts.into_iter().take(room).collect(),
            still_named: is_over && wished.contains(&uid),
        });
    }
    for known in previous {
        if all.iter().any(|told| told.uid == known.uid) {
            continue;
        }
        let mut known = known.clone();
        let is_wished = wished.iter().any(|uid| cut(uid, LONGEST_UID) == known.uid);
        known.still_named = known.still_named && is_wished;
        if is_under_way(known.state) && !is_wished {
            known.state = State::Kept;
            "it was taken back: the annotation names it no more. What is gone is gone"
                .clone_into(&mut known.message);
            known.since = moment(now);
            known.parts.truncate(PARTS);
        }
        all.push(known);
    }
    // Of what is under way, status alone knows that it has begun; and which entry is answered.
    all.sort_by_key(|told| !is_under_way(told.state) && !told.still_named);
    all.truncate(REMEMBERED);
    all
}

fn is_under_way(state: State) -> bool {
    matches!(state, State::Asked | State::Deleting)
}

/// That all of it went.
#[must_use]
pub fn gone(parts: &[String]) -> String {
    let mut named: Vec<&str> = parts.iter().take(NAMED).map(String::as_str).collect();
    let more = parts.len().saturating_sub(named.len());
    let more = format!("{more} more");
    if parts.len() > named.len() {
        named.push(&more);
    }
    format!(
        "it is gone: {}. A function and its role go some hours later, once Lambda has no replicas of it any more",
        named.join(", ")
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(minute: u8) -> Timestamp {
        format!("2026-01-01T00:{minute:02}:00Z").parse().unwrap()
    }

    fn came(state: State) -> Came {
        Came {
            state,
            message: format!("{state:?}"),
            parts: vec!["arn".to_owned()],
        }
    }

    #[test]
    fn an_annotation_names_each_uid_once_and_loses_those_that_are_over() {
        assert_eq!(wished(" a, b,a,,"), ["a", "b"]);
        assert_eq!(without("a, b", &["a".to_owned()]), Some("b".to_owned()));
        assert_eq!(without("a", &["a".to_owned()]), None);
    }

    #[test]
    fn since_when_it_is_deleted_stays_while_that_goes_on() {
        let wanted = ["u".to_owned()];
        let first = written(&[], &wanted, vec![("u".to_owned(), came(State::Deleting))], at(1));
        let second = written(
            &first,
            &wanted,
            vec![("u".to_owned(), came(State::Deleting))],
            at(2),
        );
        assert_eq!(second[0].since, "2026-01-01T00:01:00Z");
        let last = written(
            &second,
            &wanted,
            vec![("u".to_owned(), came(State::Deleted))],
            at(3),
        );
        assert_eq!(last[0].since, "2026-01-01T00:03:00Z");
    }

    #[test]
    fn what_was_taken_back_is_no_more_called_under_way_and_what_waits_for_its_turn_is() {
        let begun = written(&[], &[], vec![("u".to_owned(), came(State::Deleting))], at(1));
        let waits = written(&begun, &["u".to_owned()], vec![], at(2));
        assert_eq!(waits, begun);
        let back = written(&begun, &[], vec![], at(2));
        assert_eq!(back[0].state, State::Kept);
    }

    #[test]
    fn what_an_entry_asked_for_is_answered_once_until_it_is_taken_off_and_asked_again() {
        let wanted = ["u".to_owned()];
        assert!(!is_answered(None));
        for (state, answered) in [
            (State::Kept, true),
            (State::Deleted, true),
            (State::Deleting, false),
        ] {
            let told = written(&[], &wanted, vec![("u".to_owned(), came(state))], at(1));
            assert_eq!(is_answered(told.first()), answered, "{state:?}");
            // It could not be taken off.
            let still = written(&told, &wanted, vec![], at(2));
            assert_eq!(is_answered(still.first()), answered, "{state:?}");
            let off = written(&still, &[], vec![], at(3));
            assert!(!is_answered(off.first()), "{state:?}");
        }
    }

    #[test]
    fn all_that_goes_is_remembered_while_it_goes_and_a_part_of_it_afterwards() {
        let wanted = ["u".to_owned()];
        let came = |state| Came {
            parts: (0..130).map(|n| n.to_string()).collect(),
            ..came(state)
        };
        let parts = |state| {
            let told = written(&[], &wanted, vec![("u".to_owned(), came(state))], at(1));
            (
                told[0].parts.len(),
                written(&told, &[], vec![], at(2))[0].parts.len(),
            )
        };
        assert_eq!(parts(State::Deleting), (130, 100));
        assert_eq!(parts(State::Deleted), (100, 100));
    }

    #[test]
    fn the_newest_are_remembered() {
        let mut known = Vec::new();
        for n in 0..30 {
            known = written(&known, &[], vec![(n.to_string(), came(State::Deleted))], at(n));
        }
        assert_eq!(known.len(), 20);
        assert_eq!(known[0].uid, "29");
    }
}
