//! Client certificates in their time: they are replaced before they end, once somebody asks for it, and when somebody deletes or
//! replaces one. No viewer is refused in any of it.

use super::mutual_tls::{assert_locked, client_certificates, shown, status, trusted};
use super::scenes::{MUTUAL_TLS, NAME, hours, passes, quiet, ready};
use super::support::cluster::Cluster;
use super::support::pairs::pair;
use palisade::api::ROTATE;
use palisade::aws::operations::Service;
use palisade::controller::events::of_pass;
use palisade::domain::kernel::reason::Reason;
use std::collections::BTreeSet;
use std::time::Duration;

/// The certificate was replaced by one, and the custom domain name was changed so often, in as many calls as it takes.
#[track_caller]
fn assert_replaced(cluster: &Cluster, before: &str, updates: usize) {
    let journal = cluster.cloud.journal();
    assert_ne!(shown(cluster), before, "{}", cluster.story(NAME));
    assert_eq!(client_certificates(cluster), BTreeSet::from([shown(cluster)]));
    for (name, count) in [
        ("ImportCertificate", 1),
        ("UpdateDomainName", updates),
        ("UpdateDistribution", 1),
        ("DeleteCertificate", 1),
    ] {
        let writes = journal.writes().into_iter();
        let done = writes.filter(|entry| entry.operation.name == name && entry.code.is_none());
        assert_eq!(done.count(), count, "{name}: {}", journal.summary());
    }
    assert_locked(cluster);
}

/// Days of resyncs, four hours apart.
async fn days(cluster: &mut Cluster, count: u64) {
    for _ in 0..6 * count {
        hours(4).await;
        cluster.pass(NAME).await;
    }
}

/// Another certificate is shown within two days, and the API is locked by it. Whoever spoilt `before` has shut viewers out meanwhile.
async fn gives_way(cluster: &mut Cluster, before: &str) {
    cluster.invariants = None;
    days(cluster, 2).await;
    cluster.settle_patiently(NAME).await;
    assert_ne!(shown(cluster), before, "{}", cluster.story(NAME));
    cluster.watch();
    quiet(cluster, NAME).await;
    assert_locked(cluster);
}

#[tokio::test(start_paused = true)]
async fn a_certificate_is_replaced_after_its_period() {
    let mut cluster = ready(MUTUAL_TLS).await;
    let before = shown(&cluster);
    days(&mut cluster, 38).await;
    assert_eq!(shown(&cluster), before, "too early");
    days(&mut cluster, 3).await;
    cluster.settle_patiently(NAME).await;
    // The former authority leaves the truststore with the next rotation.
    assert_replaced(&cluster, &before, 1);
    quiet(&mut cluster, NAME).await;
}

#[tokio::test(start_paused = true)]
async fn a_certificate_is_replaced_once_for_each_text_of_the_annotation() {
    let mut cluster = ready(MUTUAL_TLS).await;
    let before = shown(&cluster);
    cluster.annotate(NAME, ROTATE, "2026-01-02");
    cluster.settle_patiently(NAME).await;
    tokio::time::sleep(Duration::from_mins(10)).await;
    cluster.settle_patiently(NAME).await;
    // It leaves it at once.
    assert_replaced(&cluster, &before, 2);
    let after = shown(&cluster);
    quiet(&mut cluster, NAME).await;
    days(&mut cluster, 2).await;
    assert_eq!(shown(&cluster), after);
}

#[tokio::test(start_paused = true)]
async fn the_authority_of_a_certificate_whose_time_is_over_leaves_the_truststore_with_the_next_rotation() {
    let mut cluster = ready(&MUTUAL_TLS.replace("mode:", "rotationPeriod: 48h, mode:")).await;
    let mut known = vec![trusted(&cluster)];
    for _ in 0..2 {
        let before = shown(&cluster);
        days(&mut cluster, 2).await;
        cluster.settle_patiently(NAME).await;
        assert_ne!(shown(&cluster), before, "{}", cluster.story(NAME));
        known.push(trusted(&cluster));
    }
    assert!(known[1].is_superset(&known[0]), "one change of the domain name");
    assert!(known[2].is_disjoint(&known[0]));
}

#[tokio::test(start_paused = true)]
async fn once_a_person_asks_the_former_authority_leaves_the_truststore_as_soon_as_viewers_come_by_the_next_certificate()
 {
    let mut cluster = ready(MUTUAL_TLS).await;
    let former = trusted(&cluster);
    cluster.annotate(NAME, ROTATE, "leaked");
    cluster.settle_patiently(NAME).await;
    tokio::time::sleep(Duration::from_mins(10)).await;
    cluster.settle_patiently(NAME).await;
    let now = trusted(&cluster);
    assert!(now.is_disjoint(&former), "{}", cluster.story(NAME));
    assert_eq!(now.len(), 1);
    quiet(&mut cluster, NAME).await;
    assert_locked(&cluster);
    assert_eq!(status(&cluster).client_certificates.len(), 1);
}

#[tokio::test(start_paused = true)]
async fn a_controller_that_was_away_for_a_month_finds_viewers_served_and_replaces_the_certificate() {
    for away in [31, 75] {
        let mut cluster = ready(MUTUAL_TLS).await;
        let before = shown(&cluster);
        cluster.restart();
        hours(away * 24).await;
        // Every pass looks whether viewers are served.
        cluster.pass(NAME).await;
        cluster.settle_patiently(NAME).await;
        days(&mut cluster, 1).await;
        cluster.settle_patiently(NAME).await;
        assert_locked(&cluster);
        assert_eq!(shown(&cluster) != before, away > 40, "{away} days");
    }
}

#[tokio::test(start_paused = true)]
async fn a_certificate_that_has_expired_meanwhile_is_replaced_at_once() {
    let mut cluster = ready(MUTUAL_TLS).await;
    let before = shown(&cluster);
    cluster.restart();
    cluster.invariants = None;
    hours(130 * 24).await;
    passes(&mut cluster, 60).await;
    cluster.settle_patiently(NAME).await;
    assert_ne!(shown(&cluster), before);
    cluster.watch();
    quiet(&mut cluster, NAME).await;
    assert_locked(&cluster);
}

#[tokio::test(start_paused = true)]
async fn one_that_somebody_imported_in_its_place_gives_way_to_another() {
    let mut cluster = ready(MUTUAL_TLS).await;
    let before = shown(&cluster);
    cluster
        .cloud
        .reimport(&before, &pair("elsewhere.example.com", 7, cluster.now()));
    // CloudFront shows it, and API Gateway does not know its authority.
    gives_way(&mut cluster, &before).await;
}

#[tokio::test(start_paused = true)]
async fn one_that_somebody_deleted_gives_way_to_another() {
    let mut cluster = ready(MUTUAL_TLS).await;
    let before = shown(&cluster);
    // AWS refuses that while it is shown; whoever can have it done shuts viewers out.
    cluster.cloud.lose_certificate(&before);
    gives_way(&mut cluster, &before).await;
    assert_eq!(client_certificates(&cluster), BTreeSet::from([shown(&cluster)]));
}

#[tokio::test(start_paused = true)]
async fn a_rotation_is_told_once_and_once_cloudfront_shows_the_next_certificate_everywhere() {
    let mut cluster = ready(MUTUAL_TLS).await;
    cluster.annotate(NAME, ROTATE, "now");
    let mut told = 0;
    for _ in 0..200 {
        let (before, outcome) = (cluster.objects[NAME].clone(), cluster.pass(NAME).await);
        let notes = of_pass::notes(&before, &outcome).into_iter();
        let rotated = notes.filter(|note| note.reason == Reason::Rotated).count();
        if rotated > 0 {
            assert_eq!(cluster.condition(NAME, "DistributionDeployed"), "True");
        }
        told += rotated;
        tokio::time::sleep(outcome.requeue.min(Duration::from_secs(20))).await;
    }
    assert_eq!(told, 1, "{}", cluster.story(NAME));
    cluster.settle_patiently(NAME).await;
    assert_locked(&cluster);
}

#[tokio::test(start_paused = true)]
async fn status_tells_until_when_the_certificate_is_valid() {
    let cluster = ready(MUTUAL_TLS).await;
    let until = status(&cluster).client_certificate_not_after.unwrap();
    let until: jiff::Timestamp = until.parse().unwrap();
    let left = until.duration_since(cluster.now()).as_hours();
    assert!((118 * 24..=120 * 24).contains(&left), "{left}");
}

#[tokio::test(start_paused = true)]
async fn a_pass_that_writes_before_it_makes_a_certificate_does_not_ask_again_who_keeps_the_perimeter() {
    let mut cluster = ready(MUTUAL_TLS).await;
    cluster.apply(
        NAME,
        &format!("{MUTUAL_TLS}\nwebAcl: {{blockCidrs: [192.0.2.0/24]}}"),
    );
    cluster.annotate(NAME, ROTATE, "2026-01-02");
    cluster.cloud.clear_journal();
    cluster.pass(NAME).await;
    let journal = cluster.cloud.journal();
    let mut entries = journal.entries.iter().map(|entry| entry.operation);
    // The certificate is made in memory before its authority is written to the truststore; ACM has it minutes later.
    let first = entries.find(|operation| operation.class.is_write());
    assert_eq!(
        first.map(|operation| operation.name),
        Some("CreateIPSet"),
        "{}",
        journal.summary()
    );
    let between: Vec<&str> = entries
        .take_while(|operation| operation.name != "PutObject")
        .filter(|operation| operation.service == Service::CloudFront)
        .map(|operation| operation.name)
        .collect();
    assert_eq!(
        journal.count("PutObject"),
        1,
        "in another pass: {}",
        journal.summary()
    );
    assert!(
        !between.contains(&"ListTagsForResource"),
        "{between:?}: {}",
        journal.summary()
    );
}
