//! Which controller leads, by the Lease that it renews.

use super::facts::{Facts, Held, Known};
use super::finding::{Finding, Level, unread};
use crate::plugin::words::age;
use jiff::{SignedDuration, Timestamp};

/// A leader that is late by so much more than its Lease lasts is gone.
const LATE: SignedDuration = SignedDuration::from_secs(30);
/// What it is about.
const LEADER: &str = "leader";

pub(super) fn finding(facts: &Facts) -> Option<Finding> {
    of(facts.lease.as_ref()?, facts.server_time.unwrap_or(facts.now))
}

/// That no controller leads, where that is certain, and what to look at; `now` is the API server's time.
#[must_use]
pub fn nobody_leads(lease: &Known<Option<Held>>, now: Timestamp) -> Option<String> {
    let found = of(lease, now)
        .filter(|found| found.level == Level::Fail)?
        .cleaned();
    let remedy = found
        .remedy
        .map_or_else(String::new, |remedy| format!(": {remedy}"));
    Some(format!("{}{remedy}", found.said))
}

fn of(lease: &Known<Option<Held>>, now: Timestamp) -> Option<Finding> {
    let held = match lease {
        Known::Seen(Some(held)) => held,
        Known::Seen(None) => {
            return Some(
                Finding::new(
                    Level::Fail,
                    LEADER,
                    "there is no Lease: no controller has led yet",
                )
                .with("the controller's log says why it takes part in no election"),
            );
        }
        Known::NotPermitted => return Some(unread(LEADER, "the Lease")),
        Known::Failed(why) => return Some(Finding::new(Level::Warn, LEADER, why)),
    };
    let log = "nothing is done until one leads; the controllers' logs say why none does";
    let Some(holder) = &held.holder else {
        return Some(Finding::new(Level::Fail, LEADER, "nobody holds the Lease").with(log));
    };
    let renewed = held
        .renewed
        .map(|renewed| format!("last renewed it {} ago", age(renewed, now)));
    let renewed = renewed.unwrap_or_else(|| "never renewed it".to_owned());
    let said = format!("{holder} holds the Lease and {renewed}");
    let until = held
        .renewed
        .unwrap_or(Timestamp::UNIX_EPOCH)
        .saturating_add(held.lasts + LATE);
    if until.is_ok_and(|until| until < now) {
        return Some(Finding::new(Level::Fail, LEADER, said).with(log));
    }
    Some(Finding::new(Level::Ok, LEADER, said))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn that_nobody_leads_is_told_only_where_it_is_certain() {
        let now: Timestamp = "2026-01-01T12:00:00Z".parse().expect("a time");
        let held = |holder: Option<&str>, renewed: &str| {
            Known::Seen(Some(Held {
                holder: holder.map(ToOwned::to_owned),
                renewed: Some(renewed.parse().expect("a time")),
                lasts: SignedDuration::from_secs(60),
            }))
        };
        let told = |lease| nobody_leads(&lease, now);
        assert_eq!(told(held(Some("a"), "2026-01-01T11:59:30Z")), None);
        assert_eq!(told(Known::NotPermitted), None);
        assert_eq!(told(Known::Failed("no answer".to_owned())), None);
        for (lease, wanted) in [
            (Known::Seen(None), "no controller has led yet"),
            (held(None, "2026-01-01T11:59:30Z"), "nobody holds the Lease"),
            (
                held(Some("a"), "2026-01-01T11:58:00Z"),
                "a holds the Lease and last renewed it",
            ),
        ] {
            let said = told(lease).expect("it is certain");
            assert!(said.contains(wanted) && said.contains("log"), "{said}");
        }
    }
}
