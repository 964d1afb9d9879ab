//! What an `AwsAccount`'s status says of what no object owns any more.

use crate::api::OrphanStatus;
use crate::domain::kernel::arn::Arn;
use crate::domain::kernel::planning::Kind;
use crate::domain::kernel::words::moment;
use crate::domain::perimeter::unowned::Unowned;
use jiff::Timestamp;
use std::collections::BTreeSet;

/// As many are listed.
const LISTED: usize = 100;

/// The list, and how many it leaves out: what one object left is listed whole, or not at all, and first what viewers may come by.
/// Since when nobody owns something was said before, or is known by the time of its deletion, or is now.
#[must_use]
pub fn orphans(
    unowned: &[Unowned],
    previous: &[OrphanStatus],
    now: Timestamp,
) -> (Vec<OrphanStatus>, Option<i64>) {
    let since = |found: &Unowned| {
        let mut before = previous.iter();
        let before = before.find(|before| before.arn == found.arn && before.uid == found.uid);
        let before = before.filter(|before| before.retained == found.retained.is_some());
        let known = found
            .retained
            .clone()
            .or(before.map(|before| before.since.clone()));
        known.unwrap_or_else(|| moment(now))
    };
    let chosen = chosen(unowned);
    let left_out = unowned.len().saturating_sub(chosen.len());
    let listed = chosen.into_iter().map(|found| told(found, since(found)));
    let left_out = (left_out > 0).then(|| i64::try_from(left_out).unwrap_or(i64::MAX));
    (listed.collect(), left_out)
}

fn told(found: &Unowned, since: String) -> OrphanStatus {
    OrphanStatus {
        kind: found.kind.name().to_owned(),
        arn: found.arn.clone(),
        namespace: found.namespace.clone(),
        name: found.name.clone(),
        uid: found.uid.clone(),
        since,
        retained: found.retained.is_some(),
        adopted: found.adopted,
        may_serve: found.may_serve,
    }
}

/// What is known of `uid`: what is `listed`, and where that has no room for all of it, what was `counted` besides, each since then. Of what
/// is not listed at all nobody has seen anything, so it counts as not known.
#[must_use]
pub fn known_of(uid: &str, listed: &[OrphanStatus], counted: &[(Unowned, Timestamp)]) -> Vec<OrphanStatus> {
    let mut known: Vec<OrphanStatus> = listed.iter().filter(|row| is_of(uid, row)).cloned().collect();
    if known.is_empty() {
        return known;
    }
    let is_its = |found: &Unowned| found.uid.as_deref() == Some(uid);
    let others = counted
        .iter()
        .filter(|(found, _)| is_its(found) && !listed.iter().any(|row| row.arn == found.arn));
    known.extend(others.map(|(found, since)| told(found, moment(*since))));
    known
}

fn is_of(uid: &str, row: &OrphanStatus) -> bool {
    row.uid.as_deref() == Some(uid)
}

/// Regions in which something of mutual TLS was left when that was counted last: whoever counts next looks there, whatever else it knows.
#[must_use]
pub fn regions(known: &[OrphanStatus]) -> BTreeSet<String> {
    let kinds = [Kind::OriginCertificate, Kind::OriginDomain].map(Kind::name);
    let regional = known.iter().filter(|known| kinds.contains(&known.kind.as_str()));
    let arns = regional.filter_map(|known| Arn::of(&known.arn));
    arns.map(|arn| arn.region.to_owned()).collect()
}

/// Those that the list has room for. Of one object that left more than that it holds a part.
fn chosen(unowned: &[Unowned]) -> Vec<&Unowned> {
    let whose = |found: &Unowned| (found.namespace.clone(), found.name.clone(), found.uid.clone());
    let mut groups: Vec<&[Unowned]> = unowned.chunk_by(|a, b| whose(a) == whose(b)).collect();
    groups.sort_by_key(|group| !group.iter().any(|found| found.may_serve));
    let mut chosen: Vec<&Unowned> = Vec::new();
    for group in groups {
        let room = LISTED.saturating_sub(chosen.len());
        if group.len() <= room {
            chosen.extend(group);
        } else {
            if chosen.is_empty() {
                chosen.extend(group.iter().take(room));
            }
            break;
        }
    }
    chosen
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(arn: &str, retained: Option<&str>) -> Unowned {
        Unowned {
            kind: Kind::Role,
            arn: arn.into(),
            namespace: Some("shop".into()),
            name: Some("petstore".into()),
            uid: Some("u".into()),
            retained: retained.map(ToOwned::to_owned),
            adopted: false,
            may_serve: false,
        }
    }

    fn at(time: &str) -> Timestamp {
        time.parse().unwrap()
    }

    #[test]
    fn since_when_nobody_owns_it_is_said_once_and_stays() {
        let (first, _) = orphans(&[found("a", None)], &[], at("2026-01-01T00:00:00Z"));
        assert_eq!(first[0].since, "2026-01-01T00:00:00Z");
        let (later, _) = orphans(
            &[found("a", None), found("b", None)],
            &first,
            at("2026-01-02T00:00:00Z"),
        );
        assert_eq!(later[0], first[0]);
        assert_eq!(later[1].since, "2026-01-02T00:00:00Z");
        let retained = found("a", Some("2025-12-24T00:00:00Z"));
        let (left, _) = orphans(&[retained], &first, at("2026-01-03T00:00:00Z"));
        assert_eq!(
            (left[0].since.as_str(), left[0].retained),
            ("2025-12-24T00:00:00Z", true)
        );
    }

    #[test]
    fn what_was_left_of_mutual_tls_tells_in_which_regions() {
        let left = |kind: Kind, arn: &str| Unowned {
            kind,
            ..found(arn, None)
        };
        let all = [
            left(
                Kind::OriginCertificate,
                "arn:aws:acm:eu-north-1:111122223333:certificate/1",
            ),
            left(
                Kind::OriginDomain,
                "arn:aws:apigateway:us-west-2::/domainnames/origin.example.com",
            ),
            left(
                Kind::ClientCertificate,
                "arn:aws:acm:us-east-1:111122223333:certificate/2",
            ),
            left(Kind::Role, "arn:aws:iam::111122223333:role/palisade/r"),
        ];
        let (told, _) = orphans(&all, &[], at("2026-01-01T00:00:00Z"));
        let expected = ["eu-north-1", "us-west-2"].map(str::to_owned);
        assert_eq!(regions(&told), BTreeSet::from(expected));
    }

    #[test]
    fn more_than_a_status_holds_are_counted() {
        let all: Vec<Unowned> = (0..130).map(|n| found(&n.to_string(), None)).collect();
        let (listed, left_out) = orphans(&all, &[], at("2026-01-01T00:00:00Z"));
        assert_eq!((listed.len(), left_out), (100, Some(30)));
    }

    #[test]
    fn of_what_the_list_has_no_room_for_the_count_tells_since_when_it_is_known() {
        let all: Vec<Unowned> = (0..130).map(|n| found(&n.to_string(), None)).collect();
        let (listed, _) = orphans(&all, &[], at("2026-01-01T00:00:00Z"));
        let since = at("2026-01-01T01:00:00Z");
        let counted: Vec<_> = all.into_iter().map(|found| (found, since)).collect();
        let known = known_of("u", &listed, &counted);
        assert_eq!(known.len(), 130);
        let since = |arn: &str| known.iter().find(|row| row.arn == arn).unwrap().since.clone();
        assert_eq!(since("0"), "2026-01-01T00:00:00Z");
        assert_eq!(since("129"), "2026-01-01T01:00:00Z");
        assert_eq!(known_of("another", &listed, &counted), []);
        // Nothing of it is listed, so nobody can have seen it.
        assert_eq!(known_of("u", &[], &counted), []);
    }

    #[test]
    fn what_one_object_left_is_not_torn_apart_and_what_may_serve_comes_first() {
        let left = |name: &str, count: usize, may_serve: bool| -> Vec<Unowned> {
            let all = (0..count).map(|n| Unowned {
                name: Some(name.to_owned()),
                may_serve,
                ..found(&format!("{name}-{n}"), None)
            });
            all.collect()
        };
        let all = [left("a", 60, false), left("b", 60, true)].concat();
        let (listed, left_out) = orphans(&all, &[], at("2026-01-01T00:00:00Z"));
        assert!(listed.iter().all(|found| found.name.as_deref() == Some("b")));
        assert_eq!((listed.len(), left_out), (60, Some(60)));
    }
}
