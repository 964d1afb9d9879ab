//! Which controller leads, by the Lease that it renews.

use super::facts::{Controller, Facts, Held, Known};
use super::finding::{Finding, Level, unread};
use crate::plugin::words::age;
use jiff::{SignedDuration, Timestamp};

/// A leader that is late by so much more than its Lease lasts is gone.
const LATE: SignedDuration = SignedDuration::from_secs(30);
/// What it is about.
const LEADER: &str = "leader";

pub(super) fn finding(facts: &Facts) -> Option<Finding> {
    let lease = facts.lease.as_ref()?;
    Some(of(lease, facts.server_time.unwrap_or(facts.now)))
}

/// That no controller leads, where that is certain, and what to look at; `now` is the API server's time.
#[must_use]
pub fn nobody_leads(lease: &Known<Option<Held>>, now: Timestamp) -> Option<String> {
    let found = of(lease, now);
    if found.level != Level::Fail {
        return None;
    }
    let found = found.cleaned();
    let remedy = found
        .remedy
        .map_or_else(String::new, |remedy| format!(": {remedy}"));
    Some(format!("{}{remedy}", found.said))
}

/// Namespaces and names of the Leases of those who may look after what is asked for: in one namespace, or anywhere. None where one of
/// them takes part in no election, so that no Lease tells whether it works.
#[must_use]
pub fn leases<'a>(controllers: &'a [Controller], namespace: Option<&str>) -> Vec<&'a (String, String)> {
    let watches = |found: &&Controller| match (&found.watches, namespace) {
        (Some(one), Some(namespace)) => one == namespace,
        (None, _) | (_, None) => true,
    };
    let watching: Vec<&Controller> = controllers.iter().filter(watches).collect();
    let is_unelected = |found: &&Controller| found.lease.is_none() && found.wanted > 0;
    if watching.iter().any(is_unelected) {
        return vec![];
    }
    let mut all: Vec<&(String, String)> = watching.iter().filter_map(|found| found.lease.as_ref()).collect();
    all.sort();
    all.dedup();
    all
}

/// Of several Leases that by which somebody leads; nobody does only where that is certain of each.
#[must_use]
pub fn most_telling(leases: Vec<Known<Option<Held>>>, now: Timestamp) -> Option<Known<Option<Held>>> {
    leases.into_iter().min_by_key(|lease| match of(lease, now).level {
        Level::Ok => 0,
        Level::Fail => 2,
        Level::Warn => 1,
    })
}

fn of(lease: &Known<Option<Held>>, now: Timestamp) -> Finding {
    let held = match lease {
        Known::Seen(Some(held)) => held,
        Known::Seen(None) => {
            let said = "there is no Lease: no controller has led yet";
            return Finding::new(Level::Fail, LEADER, said)
                .with("the controller's log says why it takes part in no election");
        }
        Known::NotPermitted => return unread(LEADER, "the Lease"),
        Known::Failed(why) => return Finding::new(Level::Warn, LEADER, why),
    };
    let log = "nothing is done until one leads; the controllers' logs say why none does";
    let Some(holder) = &held.holder else {
        return Finding::new(Level::Fail, LEADER, "nobody holds the Lease").with(log);
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
        return Finding::new(Level::Fail, LEADER, said).with(log);
    }
    Finding::new(Level::Ok, LEADER, said)
}

#[cfg(test)]
mod tests {
    use super::super::facts_fixtures;
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

    /// One may be left of an older installation, which nobody runs.
    #[test]
    fn of_several_controllers_nobody_leads_only_where_none_of_those_that_watch_the_namespace_does() {
        let now: Timestamp = "2026-01-01T12:00:00Z".parse().expect("a time");
        let controller = |name: &str, watches: Option<&str>| Controller {
            watches: watches.map(ToOwned::to_owned),
            lease: Some((name.to_owned(), "palisade".to_owned())),
            ..facts_fixtures::controller()
        };
        let all = [
            controller("left", None),
            controller("pets", Some("pets")),
            controller("shop", Some("shop")),
        ];
        let of = |namespace: Option<&str>| -> Vec<String> {
            let found = leases(&all, namespace).into_iter();
            found.map(|(namespace, _)| namespace.clone()).collect()
        };
        assert_eq!(of(Some("shop")), ["left", "shop"]);
        assert_eq!(of(None), ["left", "pets", "shop"]);
        let mut unelected = controller("shop", Some("shop"));
        unelected.lease = None;
        let beside = [all[0].clone(), unelected];
        assert!(leases(&beside, Some("shop")).is_empty());

        let held = |renewed: &str| {
            Known::Seen(Some(Held {
                holder: Some("a".to_owned()),
                renewed: Some(renewed.parse().expect("a time")),
                lasts: SignedDuration::from_secs(60),
            }))
        };
        let (gone, leads) = (held("2025-12-29T12:00:00Z"), held("2026-01-01T11:59:30Z"));
        let told = |leases: &[Known<Option<Held>>]| {
            let lease = most_telling(leases.to_vec(), now).expect("a Lease");
            nobody_leads(&lease, now).is_some()
        };
        assert!(!told(&[gone.clone(), leads]));
        assert!(!told(&[gone.clone(), Known::NotPermitted]));
        assert!(told(&[gone.clone(), gone]));
    }
}
