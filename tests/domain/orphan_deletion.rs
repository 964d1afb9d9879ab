//! What stays although a person asked to have it deleted: each clause alone keeps what goes without it.

use super::specs::{WEB_ACL, owner, row, web_acl};
use jiff::{SignedDuration, Timestamp};
use palisade::api::OrphanStatus;
use palisade::domain::access::table::marks::TAG_ACCESS;
use palisade::domain::edge::distribution::{Listed, comment};
use palisade::domain::kernel::identity::{
    TAG_ADOPTED, TAG_CLUSTER, TAG_CONDEMNED, TAG_NAME, TAG_RETAINED, Tags,
};
use palisade::domain::kernel::keeping::{TAG_CLAIMED_BY, TAG_OFFERED_TO, TAG_RELEASED_TO};
use palisade::domain::kernel::packed::Packed;
use palisade::domain::perimeter::listing::Listing;
use palisade::domain::perimeter::orphan_deletion::{Agreed, Facts, Kept, judge, left, still_listed};
use std::collections::BTreeMap;

const DISTRIBUTION: &str = "arn:aws:cloudfront::123456789012:distribution/E1";
const API: &str = "a1b2c3d4e5.execute-api.eu-north-1.amazonaws.com";

/// A disabled distribution and its web ACL, which nobody owns, listed for an hour.
struct World {
    ours: Listed,
    other: Option<Listed>,
    /// Tags as lists have them.
    tags: BTreeMap<String, Tags>,
    others: BTreeMap<String, Tags>,
    /// Tags of the distribution as CloudFront itself says them.
    own: BTreeMap<String, Tags>,
    sees_all: bool,
    claimants: Vec<String>,
    known: Vec<OrphanStatus>,
    begun: Option<(Timestamp, Vec<String>)>,
}

fn now() -> Timestamp {
    "2026-01-01T12:00:00Z".parse().expect("a time")
}

fn listed_since(arn: &str, since: &str) -> OrphanStatus {
    OrphanStatus {
        arn: arn.to_owned(),
        since: since.to_owned(),
        ..OrphanStatus::default()
    }
}

impl World {
    fn new() -> Self {
        let mut ours = row("E1");
        (ours.enabled, ours.comment) = (false, comment(&owner()));
        ours.origins = vec![(API.to_owned(), "/prod".to_owned())];
        WEB_ACL.clone_into(&mut ours.web_acl_arn);
        Self {
            ours,
            other: None,
            tags: [WEB_ACL, DISTRIBUTION]
                .map(|arn| (arn.to_owned(), owner().tags()))
                .into(),
            others: BTreeMap::new(),
            own: [(DISTRIBUTION.to_owned(), owner().tags())].into(),
            sees_all: true,
            claimants: vec![],
            known: [WEB_ACL, DISTRIBUTION]
                .map(|arn| listed_since(arn, "2026-01-01T11:00:00Z"))
                .into(),
            begun: None,
        }
    }

    fn with(change: impl FnOnce(&mut Self)) -> Self {
        let mut world = Self::new();
        change(&mut world);
        world
    }

    fn judged(&self) -> Result<Agreed, Kept> {
        let rows = self.other.iter().chain([&self.ours]);
        let listing = Listing {
            web_acls: [web_acl()].into(),
            distributions: rows.map(|row| (row.id.clone(), row.clone())).collect(),
            tags: self
                .tags
                .iter()
                .map(|(arn, tags)| (arn.clone(), Packed::new(tags)))
                .collect(),
            ..Listing::default()
        };
        let begun = self.begun.as_ref();
        let facts = Facts {
            cluster: &owner().cluster,
            sees_all: self.sees_all,
            claimants: &self.claimants,
            tags: &self.own,
            known: &self.known,
            begun: begun.map(|(since, parts)| (*since, parts.as_slice())),
            settled_after: SignedDuration::from_mins(10),
            now: now(),
        };
        judge(&owner().uid, &left(&owner().uid, &listing, &self.others), &facts)
    }
}

fn kept(change: impl FnOnce(&mut World)) -> Kept {
    World::with(change).judged().expect_err("it stays")
}

#[test]
fn what_serves_nobody_and_no_object_knows_goes_whole() {
    let agreed = World::new().judged().expect("it goes");
    assert_eq!(agreed.owner, owner());
    assert_eq!(agreed.since, "2026-01-01T11:00:00Z".parse().expect("a time"));
    let mut parts = agreed.parts;
    parts.sort();
    assert_eq!(parts, [DISTRIBUTION, WEB_ACL]);
}

#[test]
fn where_not_all_objects_are_seen_all_stays() {
    assert_eq!(kept(|world| world.sees_all = false), Kept::NotAllSeen);
}

#[test]
fn what_an_object_knows_stays() {
    let claimant = "ProtectedApi shop/petstore".to_owned();
    let found = kept(|world| world.claimants.push(claimant.clone()));
    assert_eq!(found, Kept::Claimed(claimant));
}

#[test]
fn what_may_serve_viewers_stays() {
    let serves = Kept::Serves("E1".to_owned());
    assert_eq!(kept(|world| world.ours.enabled = true), serves);
    // Edge locations may serve it still.
    assert_eq!(kept(|world| world.ours.status = "InProgress".to_owned()), serves);
    // Its tags are lost, and its comment says whose it was.
    let untagged = kept(|world| {
        world.ours.enabled = true;
        world.tags.remove(DISTRIBUTION);
    });
    assert_eq!(untagged, serves);
}

#[test]
fn what_another_distribution_uses_stays_whether_that_serves_or_not() {
    for (enabled, wanted) in [
        (true, Kept::MayServe(WEB_ACL.to_owned())),
        (false, Kept::Used(WEB_ACL.to_owned(), "E2".to_owned())),
    ] {
        let found = kept(|world| {
            let mut other = row("E2");
            (other.enabled, other.web_acl_arn) = (enabled, WEB_ACL.to_owned());
            world.other = Some(other);
        });
        assert_eq!(found, wanted);
    }
}

#[test]
fn what_names_lead_to_stays() {
    let names = vec!["api.example.com".to_owned()];
    let found = kept(|world| world.ours.aliases.clone_from(&names));
    assert_eq!(found, Kept::Named("E1".to_owned(), names));
}

#[test]
fn what_may_be_the_only_way_to_an_api_stays() {
    let domain = "arn:aws:apigateway:eu-north-1::/domainnames/origin.example.com".to_owned();
    let found = kept(|world| {
        world.others.insert(domain.clone(), owner().tags());
        world.known.push(listed_since(&domain, "2026-01-01T11:00:00Z"));
    });
    assert_eq!(found, Kept::OriginsName(domain));
    let name = "origin.example.com".to_owned();
    let found = kept(|world| world.ours.origins = vec![(name.clone(), String::new())]);
    assert_eq!(found, Kept::OriginsName(name));
}

#[test]
fn what_an_api_may_ask_stays() {
    let arn =
        "arn:aws:acm:us-east-1:123456789012:certificate/palisade-shop-petstore-12345678-auth".to_owned();
    let found = kept(|world| {
        world.tags.insert(arn.clone(), owner().tags());
    });
    assert_eq!(found, Kept::Authorizer(arn));
}

fn with_tag(key: &str, value: &str) -> Kept {
    kept(|world| {
        let tags = world.own.get_mut(DISTRIBUTION).expect("tags");
        tags.insert(key.to_owned(), value.to_owned());
    })
}

#[test]
fn whatever_the_distributions_own_tags_say_counts_although_lists_lag() {
    let arn = || DISTRIBUTION.to_owned();
    assert_eq!(
        with_tag(TAG_RETAINED, "2026-01-01T00:00:00Z"),
        Kept::Retained(arn())
    );
    assert_eq!(
        with_tag(TAG_ADOPTED, "2026-01-01T00:00:00Z"),
        Kept::Adopted(arn())
    );
    assert_eq!(
        with_tag(TAG_CLUSTER, "c2"),
        Kept::OfAnotherCluster(arn(), "c2".to_owned())
    );
    assert_eq!(with_tag(TAG_NAME, "orders"), Kept::Untold(arn()));
    for key in [TAG_OFFERED_TO, TAG_CLAIMED_BY, TAG_RELEASED_TO] {
        let found = with_tag(key, "c2/store/pets");
        assert_eq!(
            found,
            Kept::HandedOver(arn(), "c2/store/pets".to_owned()),
            "{key}"
        );
    }
}

#[test]
fn a_lock_under_way_and_a_value_that_the_api_asks_for_stay() {
    let arn = || DISTRIBUTION.to_owned();
    let under_way = "rolling 2026-01-01T00:00:00Z/locked ";
    assert_eq!(with_tag(TAG_ACCESS, under_way), Kept::LockUnderWay(arn()));
    let value = "/locked 2026-01-01T00:00:00Z/rotated 2026-01-01T00:00:00Z";
    assert_eq!(with_tag(TAG_ACCESS, value), Kept::SecretValue(arn()));
    // A lock that stands is no more than a mark: without the perimeter, the API refuses everybody.
    let stands = World::with(|world| {
        let tags = world.own.get_mut(DISTRIBUTION).expect("tags");
        tags.insert(TAG_ACCESS.to_owned(), "/locked 2026-01-01T00:00:00Z".to_owned());
    });
    assert!(stands.judged().is_ok());
}

#[test]
fn what_the_lists_say_is_retained_or_anothers_stays() {
    let web_acl = || WEB_ACL.to_owned();
    let listed = |key: &str, value: &str| {
        kept(|world| {
            let tags = world.tags.get_mut(WEB_ACL).expect("tags");
            tags.insert(key.to_owned(), value.to_owned());
        })
    };
    assert_eq!(
        listed(TAG_RETAINED, "2026-01-01T00:00:00Z"),
        Kept::Retained(web_acl())
    );
    assert_eq!(
        listed(TAG_CLUSTER, "c2"),
        Kept::OfAnotherCluster(web_acl(), "c2".to_owned())
    );
}

#[test]
fn what_is_listed_for_too_short_a_time_or_not_at_all_stays() {
    let (young, ripe) = ("2026-01-01T11:55:00Z", "2026-01-01T12:05:00Z");
    let found = kept(|world| world.known[0].since = young.to_owned());
    assert_eq!(
        found,
        Kept::Young(WEB_ACL.to_owned(), ripe.parse().expect("a time"))
    );
    let found = kept(|world| {
        world.known.remove(0);
    });
    assert_eq!(found, Kept::NotListed(WEB_ACL.to_owned()));
}

#[test]
fn once_it_has_begun_only_what_was_there_then_goes() {
    let begun = |parts: &[&str]| {
        let parts = parts.iter().map(ToString::to_string).collect();
        World::with(|world| {
            world.known.clear();
            world.begun = Some((now(), parts));
        })
    };
    assert!(begun(&[DISTRIBUTION, WEB_ACL]).judged().is_ok());
    let found = begun(&[DISTRIBUTION]).judged().expect_err("it stays");
    assert_eq!(found, Kept::New(WEB_ACL.to_owned()));
}

#[test]
fn where_nothing_is_left_nothing_goes_and_what_is_condemned_is_the_sweepers() {
    let found = kept(|world| {
        world.ours.comment = "somebody's".to_owned();
        world.tags.clear();
    });
    assert_eq!(found, Kept::Nothing);
    let found = kept(|world| {
        world.ours.comment = "somebody's".to_owned();
        for tags in world.tags.values_mut() {
            tags.insert(TAG_CONDEMNED.to_owned(), "2026-01-01T00:00:00Z".to_owned());
        }
    });
    assert_eq!(found, Kept::Nothing);
}

#[test]
fn a_distribution_that_is_gone_and_still_listed_without_its_tags_holds_nothing_up() {
    let gone = |begun: Option<Vec<String>>| {
        let world = World::with(|world| {
            world.tags.clear();
            world.begun = begun.map(|parts| (now(), parts));
        });
        world.judged().expect_err("nothing goes")
    };
    assert_eq!(gone(Some(vec![DISTRIBUTION.to_owned()])), Kept::Nothing);
    assert_eq!(gone(None), Kept::Untold(DISTRIBUTION.to_owned()));
}

#[test]
fn what_is_still_listed_after_its_time_needs_a_person() {
    let parts = [WEB_ACL.to_owned()];
    let minutes = |count: i64| now() + SignedDuration::from_mins(count);
    assert_eq!(still_listed(&parts, now(), minutes(14)), Ok(()));
    assert_eq!(
        still_listed(&parts, now(), minutes(15)),
        Err(Kept::Rest(parts.to_vec()))
    );
}

#[test]
fn each_reason_says_what_to_do_and_none_tells_to_take_away_what_serves() {
    let arn = || "arn".to_owned();
    for kept in [
        Kept::Nothing,
        Kept::NoUid,
        Kept::NotAllSeen,
        Kept::Claimed(arn()),
        Kept::Anothers("arn: its keeper".to_owned()),
        Kept::OfAnotherCluster(arn(), arn()),
        Kept::Untold(arn()),
        Kept::Retained(arn()),
        Kept::Adopted(arn()),
        Kept::HandedOver(arn(), arn()),
        Kept::LockUnderWay(arn()),
        Kept::SecretValue(arn()),
        Kept::Authorizer(arn()),
        Kept::Serves(arn()),
        Kept::MayServe(arn()),
        Kept::Used(arn(), arn()),
        Kept::Named(arn(), vec![arn()]),
        Kept::OriginsName(arn()),
        Kept::Young(arn(), now()),
        Kept::NotListed(arn()),
        Kept::TooMany(1001),
        Kept::New(arn()),
        Kept::Rest(vec![arn()]),
    ] {
        let text = kept.to_string();
        assert!(text.contains(':') || text.contains("Nothing more"), "{text}");
        assert!(!text.contains("  ") && text.len() < 900, "{text}");
    }
}
