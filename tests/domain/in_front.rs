//! Which distributions of others lead viewers to a stage, as lists show them.

use super::specs::{self, ENDPOINT, owner, wanted};
use palisade::domain::access::asked::ways_in::Left;
use palisade::domain::access::obstacles::other_doors::Mapping;
use palisade::domain::edge::distribution::{self, Listed};
use palisade::domain::kernel::identity::{Owner, TAG_RETAINED, TAG_UID, Tags};
use palisade::domain::kernel::packed::Packed;
use palisade::domain::perimeter::listing::Listing;
use palisade::domain::perimeter::strangers::{at_the_endpoint, has_no_keeper, in_front};
use std::collections::{BTreeMap, BTreeSet};

const TARGET: &str = "d-6170692e65.execute-api.eu-north-1.amazonaws.com";

fn row(domain: &str, path: &str) -> Listed {
    Listed {
        origins: vec![
            ("pages.s3.eu-north-1.amazonaws.com".to_owned(), String::new()),
            (domain.to_owned(), path.to_owned()),
        ],
        ..specs::row("E1")
    }
}

/// By which names, or by none, its origins lead to stage `prod`, to which `api.example.com/v1` is mapped.
fn leads_here(row: Listed, own: Option<&str>) -> Vec<Option<String>> {
    let mapping = |path: &str, stage: &str| Mapping {
        domain: "api.example.com".to_owned(),
        path: path.to_owned(),
        rule: None,
        api_id: "a1b2c3d4e5".to_owned(),
        stage: stage.to_owned(),
    };
    let mappings = [mapping("v1", "prod"), mapping("v2", "dev")];
    let targets = BTreeMap::from([("api.example.com".to_owned(), vec![TARGET.to_owned()])]);
    let listing = Listing {
        distributions: [(row.id.clone(), row)].into(),
        ..Listing::default()
    };
    let gate = wanted("").access.gate;
    let found = in_front(&gate, &mappings, &targets, own, &listing, |_, _| false);
    found.into_iter().map(|found| found.name).collect()
}

#[test]
fn an_origin_leads_to_the_stage_by_the_endpoint_or_by_a_name_that_is_mapped_to_it() {
    let by_name = vec![Some("api.example.com".to_owned())];
    for (domain, path, expected) in [
        (ENDPOINT, "", vec![None]),
        (ENDPOINT, "/prod", vec![None]),
        (ENDPOINT, "/prod/v1", vec![None]),
        (ENDPOINT, "/dev", vec![]),
        ("b1b2c3d4e5.execute-api.eu-north-1.amazonaws.com", "/prod", vec![]),
        ("api.example.com", "", by_name.clone()),
        ("API.example.com", "/v1/pets", by_name.clone()),
        ("api.example.com", "/v2", vec![]),
        (TARGET, "/v1", by_name),
        ("www.example.com", "", vec![]),
    ] {
        assert_eq!(leads_here(row(domain, path), None), expected, "{domain}{path}");
    }
    assert_eq!(leads_here(row(&ENDPOINT.to_uppercase(), ""), None), [None]);
}

#[test]
fn what_serves_nobody_and_what_palisade_made_is_no_distribution_of_others() {
    let theirs = || row(ENDPOINT, "");
    let disabled = Listed {
        enabled: false,
        ..theirs()
    };
    let being_disabled = Listed {
        status: "InProgress".to_owned(),
        ..disabled.clone()
    };
    let staging = Listed {
        is_staging: true,
        ..theirs()
    };
    let commented = |comment: &str| Listed {
        comment: comment.to_owned(),
        ..theirs()
    };
    for (row, own, is_in_front) in [
        (theirs(), Some("E2"), true),
        (theirs(), Some("E1"), false),
        (disabled, None, false),
        // Edge locations may still have it.
        (being_disabled, None, true),
        (staging, None, false),
        (commented(&distribution::comment(&owner())), None, false),
        (commented("palisade of the shop"), None, true),
    ] {
        let comment = row.comment.clone();
        assert_eq!(!leads_here(row, own).is_empty(), is_in_front, "{comment} {own:?}");
    }
}

#[test]
fn what_an_earlier_object_left_is_named_with_it_and_whether_it_signs() {
    let earlier = Owner {
        uid: "99999999-0000-4000-8000-000000000000".to_owned(),
        name: "earlier".to_owned(),
        ..owner()
    };
    let left = |functions: &[&str], uid: &str, tags: Option<Tags>| {
        let row = Listed {
            comment: distribution::comment(&earlier),
            functions: functions.iter().map(|arn| (*arn).to_owned()).collect(),
            ..row(ENDPOINT, "")
        };
        let tags = tags.map(|tags| (row.arn.clone(), Packed::new(&tags)));
        let listing = Listing {
            tags: tags.into_iter().collect(),
            distributions: [(row.id.clone(), row)].into(),
            ..Listing::default()
        };
        let is_left = |_: &str, tags: &Tags| tags.get(TAG_UID).is_some_and(|found| found == uid);
        let found = in_front(
            &wanted("").access.gate,
            &[],
            &BTreeMap::new(),
            None,
            &listing,
            is_left,
        );
        found.into_iter().map(|found| found.left).collect::<Vec<_>>()
    };
    let tags = || Some(earlier.tags());
    let named = |signs: bool| {
        Some(Left {
            object: "shop/earlier".to_owned(),
            signs,
        })
    };
    assert_eq!(left(&[], &earlier.uid, tags()), [named(false)]);
    let version = "arn:aws:lambda:us-east-1:123456789012:function:palisade-shop-earlier-99999999:1";
    assert_eq!(left(&[version], &earlier.uid, tags()), [named(true)]);
    // Whoever made it is alive, or is not known.
    assert!(left(&[], "another", tags()).is_empty());
    assert!(left(&[], &earlier.uid, None).is_empty());
}

#[test]
fn what_lost_its_tags_is_looked_after_only_by_an_object_that_is_seen_to_be_alive() {
    let other = Owner {
        uid: "99999999-0000-4000-8000-000000000000".to_owned(),
        ..owner()
    };
    let elsewhere = Owner {
        cluster: "another-cluster".to_owned(),
        ..other.clone()
    };
    let mut retained = elsewhere.tags();
    retained.insert(TAG_RETAINED.to_owned(), "true".to_owned());
    let (none, all) = (BTreeSet::new(), BTreeSet::from([other.uid.clone()]));
    for (tags, siblings, has_none) in [
        (Tags::new(), Some(&none), true),
        (Tags::new(), Some(&all), false),
        // Where not all objects are seen, only tags tell.
        (Tags::new(), None, true),
        (other.tags(), None, false),
        (other.tags(), Some(&none), true),
        (other.tags(), Some(&all), false),
        (elsewhere.tags(), Some(&none), false),
        (retained, Some(&none), true),
    ] {
        let found = has_no_keeper(&other.uid, &tags, &owner(), siblings);
        assert_eq!(found, has_none, "{tags:?} {siblings:?}");
    }
    assert!(!has_no_keeper(&owner().uid, &Tags::new(), &owner(), Some(&none)));
}

#[test]
fn an_origin_at_a_custom_domain_name_puts_the_stage_of_its_mapping_before_a_viewers_path() {
    let mapping = |path: &str, stage: &str| Mapping {
        domain: "api.example.com".to_owned(),
        path: path.to_owned(),
        rule: None,
        api_id: "a1b2c3d4e5".to_owned(),
        stage: stage.to_owned(),
    };
    let targets = BTreeMap::from([("api.example.com".to_owned(), vec![TARGET.to_owned()])]);
    let gate = wanted("").access.gate;
    let all = [mapping("", "prod"), mapping("v2", "dev"), mapping("any", "")];
    for (domain, path, expected) in [
        ("api.example.com", "", Some("/prod")),
        (TARGET, "/v1/pets", Some("/prod/v1/pets")),
        ("api.example.com", "/v2", None),
        ("api.example.com", "/any/prod", Some("/prod")),
        ("www.example.com", "", None),
        (ENDPOINT, "", None),
    ] {
        let origins = [(domain.to_owned(), path.to_owned())];
        let found = at_the_endpoint(&origins, &gate, &all, &targets);
        let expected: Vec<(String, String)> = expected
            .map(|path| (ENDPOINT.to_owned(), path.to_owned()))
            .into_iter()
            .collect();
        assert_eq!(found, expected, "{domain}{path}");
    }
}
