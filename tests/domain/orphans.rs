//! What counts as left behind by an object that vanished, by its tags alone.

use super::specs::{WEB_ACL, owner, row, web_acl};
use palisade::domain::edge::distribution::Listed;
use palisade::domain::kernel::identity::{TAG_CLUSTER, TAG_CONDEMNED, TAG_RETAINED, TAG_UID, Tags};
use palisade::domain::kernel::packed::Packed;
use palisade::domain::kernel::planning::Kind;
use palisade::domain::mutual_tls::shared_certificate::Shared;
use palisade::domain::mutual_tls::{SERVES_CLIENT, SERVES_ORIGIN, TAG_SERVES};
use palisade::domain::perimeter::listing::Listing;
use palisade::domain::perimeter::sweep::orphans;
use palisade::domain::perimeter::unowned::{Alive, Unowned, unowned};
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
    let alive = Alive {
        uids: alive.iter().map(ToString::to_string).collect(),
        ..Alive::default()
    };
    orphans(&unowned(&listing, &others.collect(), &owner().cluster, &alive))
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
fn of_another_namespace_than_the_one_that_is_watched_nothing_is_told() {
    let listing = Listing {
        tags: [(CERTIFICATE.to_owned(), Packed::new(&owner().tags()))].into(),
        ..Listing::default()
    };
    let found = |namespace: &str| {
        let alive = Alive {
            namespace: Some(namespace.to_owned()),
            ..Alive::default()
        };
        unowned(&listing, &BTreeMap::new(), &owner().cluster, &alive).len()
    };
    assert_eq!((found(&owner().namespace), found("another")), (1, 0));
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
fn what_bears_both_marks_is_told_since_nobody_sweeps_it() {
    let mut tags = with(TAG_RETAINED, "2026-01-01T00:00:00Z");
    tags.insert(TAG_CONDEMNED.to_owned(), "2026-01-02T00:00:00Z".to_owned());
    let found = beside(Some(&tags), |_| {});
    assert!(found.iter().any(|found| found.kind == Kind::Distribution));
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

/// A web ACL that nobody owns, beside a distribution that is changed so before it is listed, tagged or not.
fn beside(tags: Option<&Tags>, change: impl FnOnce(&mut Listed)) -> Vec<Unowned> {
    let mut listed = row("E1");
    change(&mut listed);
    let mut known = BTreeMap::from([(WEB_ACL.to_owned(), Packed::new(&owner().tags()))]);
    known.extend(tags.map(|tags| (listed.arn.clone(), Packed::new(tags))));
    let listing = Listing {
        web_acls: [web_acl()].into(),
        distributions: [(listed.id.clone(), listed)].into(),
        tags: known,
        ..Listing::default()
    };
    unowned(&listing, &BTreeMap::new(), &owner().cluster, &Alive::default())
}

#[test]
fn what_is_of_the_object_of_a_distribution_that_serves_may_serve_and_so_may_whatever_that_uses() {
    let own = owner().tags();
    let web_acl = |found: &[Unowned]| {
        let found = found.iter().find(|found| found.kind == Kind::WebAcl);
        found.expect("the web ACL").may_serve
    };
    let whole = beside(Some(&own), |_| {});
    assert!(
        whole.iter().all(|found| found.may_serve) && whole.len() == 2,
        "{whole:?}"
    );
    assert!(web_acl(&beside(Some(&own), |row| {
        (row.enabled, row.status) = (false, "InProgress".to_owned());
    })));
    assert!(!web_acl(&beside(Some(&own), |row| row.enabled = false)));
    assert!(
        web_acl(&beside(None, |row| row.web_acl_arn = WEB_ACL.to_owned())),
        "of another"
    );
    assert!(!web_acl(&beside(None, |_| {})));
}

#[test]
fn what_was_retained_is_told_with_the_time_and_counts_not() {
    let found = beside(Some(&with(TAG_RETAINED, "2026-01-01T00:00:00Z")), |_| {});
    let distribution = found.iter().find(|found| found.kind == Kind::Distribution);
    let distribution = distribution.expect("the distribution");
    assert_eq!(distribution.retained.as_deref(), Some("2026-01-01T00:00:00Z"));
    assert_eq!(distribution.uid, Some(owner().uid));
    assert_eq!(orphans(&found), [(Kind::WebAcl, 1)].into());
}

/// What counts of a certificate that objects share, where others know of `names` besides; and whether viewers may need it.
fn shared_unowned(cluster: &str, names: &[&str], declared: Option<&[Shared]>) -> Vec<bool> {
    let arn = "arn:aws:acm:eu-north-1:123456789012:certificate/77777777-2222-3333-4444-555555555555";
    let mut others = BTreeMap::from([(arn.to_owned(), shared().tags(cluster))]);
    for name in names {
        let arn = format!("arn:aws:apigateway:eu-north-1::/domainnames/{name}");
        others.insert(arn, Tags::new());
    }
    let alive = Alive {
        shared: declared.map(|declared| declared.iter().cloned().collect()),
        ..Alive::default()
    };
    let found = unowned(&Listing::default(), &others, &owner().cluster, &alive);
    found.iter().map(|found| found.may_serve).collect()
}

fn shared() -> Shared {
    Shared {
        region: "eu-north-1".into(),
        below: "origin.example.com".into(),
    }
}

#[test]
fn a_certificate_that_objects_share_counts_once_it_is_known_that_none_declares_it() {
    let cluster = owner().cluster;
    assert_eq!(shared_unowned(&cluster, &[], Some(&[])), [false]);
    assert!(shared_unowned(&cluster, &[], None).is_empty(), "nobody knows");
    assert!(shared_unowned(&cluster, &[], Some(&[shared()])).is_empty());
    let below_another = Shared {
        below: "example.com".into(),
        ..shared()
    };
    assert_eq!(shared_unowned(&cluster, &[], Some(&[below_another])), [false]);
    assert!(
        shared_unowned("another", &[], Some(&[])).is_empty(),
        "another cluster's"
    );
}

#[test]
fn viewers_may_need_a_shared_certificate_while_a_custom_domain_name_stands_that_it_covers() {
    let cluster = owner().cluster;
    let may_serve = |name: &str| shared_unowned(&cluster, &[name], Some(&[]));
    assert_eq!(may_serve("a.origin.example.com"), [true]);
    for other in ["origin.example.com", "a.b.origin.example.com", "a.example.com"] {
        assert_eq!(may_serve(other), [false], "{other}");
    }
}
