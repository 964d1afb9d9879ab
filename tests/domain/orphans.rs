//! What counts as left behind by an object that vanished, by its tags alone.

use super::specs::owner;
use palisade::domain::kernel::identity::{TAG_CLUSTER, TAG_CONDEMNED, TAG_RETAINED, TAG_UID, Tags};
use palisade::domain::kernel::packed::Packed;
use palisade::domain::kernel::planning::Kind;
use palisade::domain::mutual_tls::{SERVES_CLIENT, SERVES_ORIGIN, TAG_SERVES};
use palisade::domain::perimeter::listing::Listing;
use palisade::domain::perimeter::sweep::orphans;
use std::collections::BTreeMap;

/// What serves Shield Advanced, and the custom domain name of mutual TLS.
const KINDS: [(&str, Kind); 4] = [
    (
        "arn:aws:apigateway:eu-north-1::/domainnames/origin.example.com",
        Kind::OriginDomain,
    ),
    (
        "arn:aws:route53:::healthcheck/11111111-2222-3333-4444-555555555555",
        Kind::HealthCheck,
    ),
    (
        "arn:aws:shield::123456789012:protection/11111111-2222-3333-4444-555555555555",
        Kind::Protection,
    ),
    (
        "arn:aws:cloudwatch:us-east-1:123456789012:alarm:palisade-shop-petstore-12345678-ddos",
        Kind::Alarm,
    ),
];
const CERTIFICATE: &str =
    "arn:aws:acm:us-east-1:123456789012:certificate/11111111-2222-3333-4444-555555555555";

/// What counts of these, each with the same tags, while the objects with the UIDs `alive` are there.
fn counted_of(arns: &[&str], tags: &Tags, alive: &[&str]) -> BTreeMap<Kind, usize> {
    let listing = Listing {
        tags: [(CERTIFICATE.to_owned(), Packed::new(tags))].into(),
        ..Listing::default()
    };
    let others = arns.iter().map(|arn| ((*arn).to_owned(), tags.clone()));
    let alive = alive.iter().map(ToString::to_string).collect();
    orphans(&listing, &others.collect(), &owner().cluster, &alive)
}

/// What counts of a certificate and [`KINDS`].
fn counted(tags: &Tags, alive: &[&str]) -> BTreeMap<Kind, usize> {
    counted_of(&KINDS.map(|(arn, _)| arn), tags, alive)
}

/// All of them.
fn all() -> BTreeMap<Kind, usize> {
    let kinds = KINDS.map(|(_, kind)| kind).into_iter();
    kinds.chain([Kind::Certificate]).map(|kind| (kind, 1)).collect()
}

fn with(key: &str, value: &str) -> Tags {
    let mut tags = owner().tags();
    tags.insert(key.to_owned(), value.to_owned());
    tags
}

#[test]
fn what_shows_its_tags_alone_counts_as_the_kind_that_its_arn_tells() {
    assert_eq!(counted(&owner().tags(), &["somebody else's"]), all());
}

#[test]
fn what_names_no_owner_counts() {
    let mut tags = owner().tags();
    tags.remove(TAG_UID);
    assert_eq!(counted(&tags, &[&owner().uid]), all());
}

#[test]
fn what_belongs_to_an_object_that_is_there_does_not_count() {
    assert_eq!(counted(&owner().tags(), &[&owner().uid]), [].into());
}

#[test]
fn what_was_condemned_or_retained_does_not_count() {
    for mark in [TAG_CONDEMNED, TAG_RETAINED] {
        assert_eq!(counted(&with(mark, "2026-01-01T00:00:00Z"), &[]), [].into());
    }
}

#[test]
fn what_another_cluster_made_does_not_count() {
    assert_eq!(counted(&with(TAG_CLUSTER, "another"), &[]), [].into());
}

#[test]
fn what_is_of_no_kind_of_ours_does_not_count() {
    let others = [
        "arn:aws:route53:::hostedzone/Z0123456789ABCDEFGHIJ",
        "arn:aws:shield::123456789012:protection-group/1",
        "arn:aws:cloudwatch::123456789012:dashboard/palisade",
        "no ARN",
    ];
    let counted = counted_of(&others, &owner().tags(), &[]);
    assert_eq!(counted, [(Kind::Certificate, 1)].into());
}

#[test]
fn a_certificate_counts_as_what_its_tag_says_that_it_serves() {
    let elsewhere = "arn:aws:acm:eu-north-1:123456789012:certificate/11111111-2222-3333-4444-555555555555";
    for (serves, kind) in [
        (SERVES_ORIGIN, Kind::OriginCertificate),
        (SERVES_CLIENT, Kind::ClientCertificate),
        ("something else", Kind::Certificate),
    ] {
        let found = counted_of(&[elsewhere], &with(TAG_SERVES, serves), &[]);
        assert_eq!(found, [(kind, 2)].into(), "{serves}");
    }
}

#[test]
fn a_certificate_that_the_lists_and_its_region_show_counts_once() {
    let counted = counted_of(&[CERTIFICATE], &owner().tags(), &[]);
    assert_eq!(counted, [(Kind::Certificate, 1)].into());
}
