//! What no object takes for its own, none deletes, and the sweeper does.

use super::fixtures::{
    ALIKE, ELSEWHERE, NAME, SHARED, found, having, pending, remembering, shared, tags, world,
};
use super::surplus::{awaited, may_delete, surplus, suspects};
use super::*;
use crate::api::{MutualTlsStatus, ProtectedApiStatus};
use crate::domain::mutual_tls::leaving::leaving;
use crate::domain::mutual_tls::object_fixtures::{
    Fixture, PUBLIC_ARN, declared, public_certificate, spec_with,
};
use crate::domain::mutual_tls::removal::{self, mark};
use crate::domain::mutual_tls::{in_place, origin_certificate};
use std::collections::{BTreeMap, BTreeSet};

#[test]
fn what_others_requested_is_nothing_of_this_object_that_is_in_place() {
    let mut world = having(remembering(world(), SHARED), &[found(SHARED)]);
    world.remembered.get_or_insert_default().origin_certificate_arn = Some(SHARED.into());
    assert!(!in_place::is_anything(&world.inputs()));
    let own = having(Fixture::empty(), &[public_certificate()]);
    assert!(in_place::is_anything(&own.inputs()));
}

#[test]
fn after_a_change_of_the_mode_status_tells_which_certificate_the_name_has() {
    let mut other = spec_with("type: REST, stage: prod", "", "");
    other.access.as_mut().unwrap().mode = None;
    let shares = |origin: Option<&str>, shared: Option<&str>| {
        let known = MutualTlsStatus {
            origin_domain: Some(NAME.into()),
            hosted_zone_id: Some("Z1".into()),
            truststore_bucket: Some("truststores".into()),
            origin_certificate_arn: origin.map(Into::into),
            shared_certificate_arn: shared.map(Into::into),
            ..MutualTlsStatus::default()
        };
        let mut status = ProtectedApiStatus::default();
        status.access.get_or_insert_default().mutual_tls = Some(known);
        leaving(&other, Some(&status)).unwrap().shared_certificate
    };
    assert_eq!(shares(Some(SHARED), Some(SHARED)), Some(true));
    assert_eq!(shares(None, Some(SHARED)), Some(true), "it was on its way");
    assert_eq!(
        shares(Some(PUBLIC_ARN), Some(SHARED)),
        None,
        "it has its own still"
    );
    assert_eq!(shares(Some(PUBLIC_ARN), None), None);
}

#[test]
fn no_deletion_takes_it_away_and_none_marks_it() {
    for is_leaving in [false, true] {
        let mut world = having(remembering(world(), SHARED), &[found(SHARED)]);
        world.is_leaving = is_leaving;
        world.seen.domain = Seen::Absent;
        let id = origin_certificate::id_of(SHARED);
        let goes = removal::next_all(&world.inputs(), true);
        assert!(goes.iter().all(|(known, _)| *known != id), "{goes:?}");
        let waits = removal::next_all(&world.inputs(), false);
        assert!(waits.iter().all(|(known, _)| *known != id), "{waits:?}");
        let marks = mark(
            &world.inputs(),
            &Tags::from([("palisade.dev/retained".into(), "now".into())]),
        );
        assert!(marks.iter().all(|(known, _)| *known != id), "{marks:?}");
    }
}

#[test]
fn what_is_declared_is_read_of_the_spec_alone() {
    let of = |more: &str| Shared::of_spec(&spec_with("type: REST, stage: prod", more, ""));
    let expected = Shared {
        below: "example.com".into(),
        ..shared()
    };
    assert_eq!(of(", sharedCertificate: true"), Some(expected));
    assert_eq!(of(""), None);
    assert_eq!(of(", sharedCertificate: false"), None);
    let own =
        ", sharedCertificate: true, certificateArn: 'arn:aws:acm:eu-north-1:111122223333:certificate/1'";
    assert_eq!(of(own), None, "the team's own goes first");
    let mut other = spec_with("type: REST, stage: prod", ", sharedCertificate: true", "");
    other.access.as_mut().unwrap().mode = None;
    assert_eq!(Shared::of_spec(&other), None);
    assert!(!declared().shares_certificate, "the baseline");
}

#[test]
fn the_sweeper_looks_at_what_nobody_declares_and_at_what_is_there_twice() {
    let cluster = world().owner.cluster;
    let rows: Vec<(String, Tags)> = vec![
        (SHARED.into(), tags()),
        (SHARED.replace("dddddddd", "ffffffff"), shared().tags(ELSEWHERE)),
        (PUBLIC_ARN.into(), public_certificate().tags),
    ];
    let rows = || rows.iter().map(|(arn, tags)| (arn, tags));
    let declared = BTreeSet::from([shared()]);
    assert!(suspects(rows(), &cluster, &declared).is_empty());
    let nobodys = suspects(rows(), &cluster, &BTreeSet::new());
    assert_eq!(nobodys[&shared()], [SHARED]);
    assert_eq!(nobodys.len(), 1, "neither another cluster's nor an object's own");
    let twice = [(ALIKE.to_owned(), tags())];
    let twice = rows().chain(twice.iter().map(|(arn, tags)| (arn, tags)));
    assert_eq!(suspects(twice, &cluster, &declared)[&shared()], [SHARED, ALIKE]);
}

#[test]
fn what_waits_for_acm_alone_is_what_no_object_declares_and_no_name_of_ours_may_have() {
    let cluster = world().owner.cluster;
    let mut rows: BTreeMap<String, Tags> = [
        (SHARED.to_owned(), tags()),
        (ALIKE.to_owned(), shared().tags(ELSEWHERE)),
        (PUBLIC_ARN.to_owned(), public_certificate().tags),
    ]
    .into();
    let declared = BTreeSet::from([shared()]);
    assert_eq!(awaited(&rows, &cluster, Some(&declared)), 0);
    assert_eq!(awaited(&rows, &cluster, Some(&BTreeSet::new())), 1);
    assert_eq!(awaited(&rows, &cluster, None), 1, "nobody knows what is declared");
    let retained = format!("arn:aws:apigateway:eu-north-1::/domainnames/{NAME}");
    rows.insert(retained, Tags::new());
    assert_eq!(awaited(&rows, &cluster, Some(&BTreeSet::new())), 0);
}

#[test]
fn what_is_in_use_stays_and_one_of_those_that_objects_declare() {
    let used = |arn: &str| {
        let mut found = found(arn).content;
        found.in_use_by = vec!["a custom domain name".into()];
        found
    };
    let unused = |arn: &str| found(arn).content;
    assert_eq!(surplus(&[unused(SHARED)], false), [SHARED]);
    assert!(surplus(&[used(SHARED)], false).is_empty());
    assert!(surplus(&[unused(SHARED)], true).is_empty());
    assert_eq!(surplus(&[unused(SHARED), unused(ALIKE)], true), [ALIKE]);
    assert_eq!(surplus(&[pending(SHARED).content, used(ALIKE)], true), [SHARED]);
    assert!(
        surplus(&[unused(SHARED), used(ALIKE)], true).is_empty(),
        "until it is used no more"
    );
}

#[test]
fn only_what_is_still_the_clusters_is_deleted() {
    let cluster = world().owner.cluster;
    let (found, shared) = (found(SHARED).content, shared());
    assert!(may_delete(&found, &tags(), &cluster, &shared));
    assert!(!may_delete(&found, &Tags::new(), &cluster, &shared));
    assert!(!may_delete(&found, &shared.tags(ELSEWHERE), &cluster, &shared));
    let mut used = found.clone();
    used.in_use_by = vec!["a custom domain name".into()];
    assert!(!may_delete(&used, &tags(), &cluster, &shared));
    let mut unlike = found;
    unlike.names = vec!["www.example.com".into()];
    assert!(
        !may_delete(&unlike, &tags(), &cluster, &shared),
        "whoever tagged it so"
    );
}
