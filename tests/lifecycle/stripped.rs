//! What somebody takes the tags of, a tag cleaner for example, stays this object's where it is proven so.

use super::scenes::{
    HEADER, KEY, NAME, NAMES, RICH, SHIELD, history, ip_set, nothing_left, quiet, ready, ready_on, setting,
    the,
};
use super::support::cluster::Cluster;
use super::support::simulation::resources::Kind;
use super::support::simulation::settings::Settings;
use palisade::controller::events::of_pass;
use palisade::domain::kernel::identity::{TAG_CLUSTER, TAG_CONDEMNED, TAG_KEYS, TAG_UID, Tags};
use palisade::domain::kernel::planning;
use palisade::domain::kernel::reason::Reason;
use palisade::domain::perimeter::unowned::Alive;
use std::time::Duration;

/// Longer than lists are believed.
const LISTED: Duration = Duration::from_mins(11);

/// What an object is made of, whose tags the simulated services let somebody take away.
fn belongings(cluster: &Cluster) -> Vec<String> {
    let all = cluster.cloud.resources_of(&cluster.uid(NAME)).into_iter();
    let services = ["cloudfront", "lambda", "wafv2", "iam", "apigateway"];
    all.map(|found| found.arn)
        .filter(|arn| services.contains(&arn.split(':').nth(2).unwrap_or_default()))
        .collect()
}

fn strip(cluster: &Cluster, arns: &[String]) {
    for arn in arns {
        cluster.cloud.set_tags(arn, &Tags::new());
    }
}

#[tokio::test(start_paused = true)]
async fn everything_that_was_stripped_at_once_gets_its_tags_back_and_stays_in_service() {
    for mode in [&format!("{RICH}{SHIELD}"), KEY, HEADER] {
        let mut cluster = ready(mode).await;
        let (made, distribution) = (belongings(&cluster), the(&cluster, Kind::Distribution).id);
        strip(&cluster, &made);
        assert_eq!(belongings(&cluster), Vec::<String>::new());
        tokio::time::sleep(Duration::from_hours(2)).await;
        cluster.ready(NAME).await;
        assert_eq!(belongings(&cluster), made, "{mode}\n{}", cluster.story(NAME));
        assert_eq!(the(&cluster, Kind::Distribution).id, distribution);
        let journal = cluster.cloud.journal();
        let destructive = |name: &str| name.starts_with("Delete") || name.starts_with("Create");
        let touched = journal
            .entries
            .iter()
            .filter(|entry| destructive(entry.operation.name));
        assert_eq!(touched.count(), 0, "{mode}\n{}", history(&cluster));
        quiet(&mut cluster, NAME).await;
    }
}

#[tokio::test(start_paused = true)]
async fn tags_that_come_back_with_those_of_the_spec_are_told_as_drift() {
    let mut cluster = ready("tags: {team: shop}").await;
    strip(&cluster, &belongings(&cluster));
    tokio::time::sleep(Duration::from_hours(2)).await;
    cluster.invariants = None;
    let mut told = Vec::new();
    for _ in 0..4 {
        let (before, outcome) = (cluster.objects[NAME].clone(), cluster.pass(NAME).await);
        told.extend(of_pass::notes(&before, &outcome));
        tokio::time::sleep(outcome.requeue).await;
    }
    told.retain(|note| note.note.contains("tags."));
    for noun in ["distribution", "web ACL", "function", "role"] {
        let mut of_kind = told
            .iter()
            .filter(|note| note.note.contains(&format!(" in {noun} ")));
        let note = of_kind
            .next()
            .unwrap_or_else(|| panic!("{noun}: {told:?}\n{}", cluster.story(NAME)));
        assert_eq!(note.reason, Reason::DriftCorrected, "{}", note.note);
    }
    assert!(told.iter().all(|note| note.reason != Reason::Updated), "{told:?}");
}

/// Where a call needs the tag on what it changes, as in the documented policy, tags come first.
#[tokio::test(start_paused = true)]
async fn tags_come_back_before_anything_else_is_written() {
    let mut cluster = ready("").await;
    strip(&cluster, &[the(&cluster, Kind::Distribution).arn]);
    // Until lists are read again, nobody knows.
    tokio::time::sleep(LISTED).await;
    cluster.invariants = None;
    cluster.apply(NAME, "distribution: {priceClass: PriceClass_100}");
    cluster.ready(NAME).await;
    assert_eq!(setting(&cluster, "PriceClass"), "PriceClass_100");
    let journal = cluster.cloud.journal();
    let writes: Vec<_> = journal
        .writes()
        .iter()
        .map(|entry| entry.operation.name)
        .filter(|name| name.contains("Distribution") || name.starts_with("Tag"))
        .collect();
    assert_eq!(writes.first().copied(), Some("TagResource"), "{writes:?}");
}

#[tokio::test(start_paused = true)]
async fn a_certificate_gets_its_tags_back_before_it_loses_one_that_the_spec_gave_up() {
    let mut cluster = ready(&format!("{NAMES}\ntags: {{team: shop}}")).await;
    let certificate = the(&cluster, Kind::Certificate);
    let mut left = certificate.tags.clone();
    left.retain(|key, _| key == "team" || key == TAG_KEYS);
    cluster.cloud.set_tags(&certificate.arn, &left);
    tokio::time::sleep(LISTED).await;
    cluster.invariants = None;
    cluster.apply(NAME, NAMES);
    cluster.ready(NAME).await;
    let journal = cluster.cloud.journal();
    let writes = journal.writes().into_iter().map(|entry| entry.operation.name);
    let of_certificate: Vec<_> = writes.filter(|name| name.ends_with("Certificate")).collect();
    assert_eq!(
        of_certificate,
        ["AddTagsToCertificate", "RemoveTagsFromCertificate"],
        "{}",
        history(&cluster)
    );
    let found = the(&cluster, Kind::Certificate);
    assert_eq!(found.arn, certificate.arn);
    assert!(!found.tags.contains_key("team"), "{:?}", found.tags);
}

#[tokio::test(start_paused = true)]
async fn a_deletion_takes_down_what_lost_its_tags() {
    for mode in [RICH, KEY, HEADER] {
        let mut cluster = ready(mode).await;
        strip(&cluster, &belongings(&cluster));
        tokio::time::sleep(LISTED).await;
        cluster.invariants = None;
        cluster.delete(NAME).await;
        nothing_left(&cluster);
    }
}

/// So soon before the deletion that the lists that it goes by still show them.
#[tokio::test(start_paused = true)]
async fn a_function_and_role_that_lost_their_tags_just_before_are_condemned_with_them_and_swept() {
    let settings = Settings {
        deployment_delay: Duration::from_secs(40),
        ..Settings::default()
    };
    let mut cluster = ready_on(settings, "").await;
    strip(&cluster, &belongings(&cluster));
    cluster.invariants = None;
    cluster.depart(NAME).await;
    let left = cluster.cloud.resources();
    for kind in [Kind::Function, Kind::Role] {
        let found = left
            .iter()
            .find(|found| found.kind == kind)
            .expect("replicas hold it");
        for key in [TAG_CONDEMNED, TAG_CLUSTER, TAG_UID] {
            assert!(found.tags.contains_key(key), "{key}: {found:?}");
        }
    }
    tokio::time::sleep(LISTED).await;
    let counted = cluster.engine.leftovers(Alive::default).await.unwrap();
    assert_eq!(counted.condemned[&planning::Kind::Function], 1);
    cluster.sweep().await;
    nothing_left(&cluster);
}

#[tokio::test(start_paused = true)]
async fn what_bears_the_tags_of_another_object_is_left_alone_whatever_else_proves() {
    let mut cluster = ready(RICH).await;
    let set = ip_set(&cluster, "-block-v4");
    let mut theirs = set.tags.clone();
    theirs.insert(TAG_UID.to_owned(), "somebody-else".to_owned());
    cluster.cloud.set_tags(&set.arn, &theirs);
    tokio::time::sleep(LISTED).await;
    cluster.invariants = None;
    cluster.apply(NAME, &RICH.replace("203.0.113.9/24", "198.51.100.0/24"));
    assert_eq!(cluster.stalled(NAME).await, "NameTaken");
    let message = cluster.message(NAME, "WebAclReady");
    assert!(
        message.contains("give it back palisade.dev/cluster="),
        "{message}"
    );
    assert!(!message.to_lowercase().contains("delete"), "{message}");
    assert_eq!(cluster.cloud.journal().count("UpdateIPSet"), 0);
}
