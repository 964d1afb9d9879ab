//! The status of an object is lost (restored from a backup, say) while it changes from mutual TLS to another mode: what is ours is found
//! by its tags, and released. Nothing is left, and no viewer is refused.

use super::mutual_tls_way_back::{assert_locked_otherwise, changes, leads_to};
use super::petstore::API;
use super::scenes::{
    BUCKET, HEADER, KEY, MUTUAL_TLS, NAME, ORIGIN, ZONE, cluster, nothing_left, quiet, ready, shape, struck,
};
use super::support::cluster::{Cluster, REST_ENDPOINT, Saved};
use super::support::simulation::faults::{Fault, Rule, Scope};
use super::support::simulation::journal::Entry;
use super::support::simulation::resources::Kind;
use super::support::simulation::settings::Settings;
use palisade::aws::operations::Service;

const SIGNATURE: &str = "";
/// A public certificate of the team's own.
const OWN: &str = "arn:aws:acm:eu-north-1:123456789012:certificate/22222222-2222-3333-4444-555555555555";

/// What stands, without names.
fn kinds(cluster: &Cluster) -> Vec<Kind> {
    let all = shape(cluster, NAME).into_iter();
    let mut kinds: Vec<Kind> = all.map(|(kind, _)| kind).collect();
    kinds.dedup();
    kinds
}

/// What is left of a locked API whose mode is changed to `after`, where the process dies after any write of it, and with it the status.
async fn lost_after_writes(before: &str, after: &str) -> Vec<Cluster> {
    let mut cluster = cluster(Settings::default());
    cluster.cloud.preload_certificate(OWN, &["*.example.com"]);
    cluster.apply(NAME, before);
    cluster.ready(NAME).await;
    quiet(&mut cluster, NAME).await;
    cluster.record();
    cluster.apply(NAME, after);
    changes(&mut cluster, after).await;
    let lost = |death: Saved| {
        let mut cluster = death.cluster();
        cluster.objects.get_mut(NAME).unwrap().status = None;
        cluster
    };
    cluster.deaths_after_writes().into_iter().map(lost).collect()
}

/// Goes on after each write of the change, after which status is lost.
async fn at_each_write(before: &str, after: &'static str) {
    let always = kinds(&ready(after).await);
    let mut led_back = 0;
    for (write, mut cluster) in (1..).zip(lost_after_writes(before, after).await) {
        let told = format!("{after}: after write {write}");
        led_back += usize::from(leads_to(&cluster) == REST_ENDPOINT);
        cluster.pass_surviving(NAME).await;
        changes(&mut cluster, &told).await;
        quiet(&mut cluster, NAME).await;
        assert_locked_otherwise(&cluster, &told);
        assert_eq!(kinds(&cluster), always, "{told}: {}", cluster.story(NAME));
    }
    assert!(led_back > 3, "{after}: it was led back in {led_back} cases only");
}

#[tokio::test(start_paused = true)]
async fn nothing_is_left_wherever_status_is_lost_on_the_way_to_a_key() {
    at_each_write(MUTUAL_TLS, KEY).await;
}

#[tokio::test(start_paused = true)]
async fn nothing_is_left_wherever_status_is_lost_on_the_way_to_a_secret_header() {
    at_each_write(MUTUAL_TLS, HEADER).await;
}

#[tokio::test(start_paused = true)]
async fn nothing_is_left_wherever_status_is_lost_on_the_way_to_signatures() {
    at_each_write(MUTUAL_TLS, SIGNATURE).await;
}

/// No certificate of ours tells where the records and the truststore are.
#[tokio::test(start_paused = true)]
async fn nothing_is_left_where_the_certificate_of_the_origins_name_is_the_teams_own() {
    let more = format!("truststoreBucket: shop-truststores, certificateArn: '{OWN}'");
    let spec = MUTUAL_TLS.replace("truststoreBucket: shop-truststores", &more);
    at_each_write(&spec, KEY).await;
}

#[tokio::test(start_paused = true)]
async fn a_deletion_without_status_on_the_way_back_leaves_nothing() {
    let lost = lost_after_writes(MUTUAL_TLS, KEY).await;
    assert!(lost.len() > 8, "only {} writes", lost.len());
    for (write, mut cluster) in (1..).zip(lost) {
        println!("after write {write}");
        cluster.delete(NAME).await;
        nothing_left(&cluster);
        assert!(cluster.cloud.objects_of(BUCKET).is_empty());
        assert!(cluster.cloud.records_at(ZONE, ORIGIN).is_empty());
    }
}

/// Calls of the tagging service until the object is ready again, after a restart.
async fn tags_asked(cluster: &mut Cluster) -> usize {
    cluster.restart();
    cluster.cloud.clear_journal();
    cluster.ready(NAME).await;
    calls_for_tags(cluster)
}

fn calls_for_tags(cluster: &Cluster) -> usize {
    let journal = cluster.cloud.journal();
    let is_of_tags = |entry: &&Entry| entry.operation.service == Service::Tagging;
    journal.entries.iter().filter(is_of_tags).count()
}

/// One list more, where status was lost, and never in an object's usual life.
#[tokio::test(start_paused = true)]
async fn an_object_that_never_had_mutual_tls_is_asked_about_once_after_its_status_was_lost() {
    let mut cluster = ready(KEY).await;
    let usual = tags_asked(&mut cluster).await;
    cluster.objects.get_mut(NAME).unwrap().status = None;
    assert_eq!(tags_asked(&mut cluster).await, usual + 1);
    assert_eq!(tags_asked(&mut cluster).await, usual);
    assert!(!cluster.cloud.is_endpoint_off(API));
}

/// Calls for tags in one pass.
async fn tags_asked_in_a_pass(cluster: &mut Cluster) -> usize {
    cluster.restart();
    cluster.cloud.clear_journal();
    cluster.pass(NAME).await;
    calls_for_tags(cluster)
}

/// Whoever may not look has made nothing of mutual TLS.
#[tokio::test(start_paused = true)]
async fn an_object_whose_status_was_lost_goes_on_where_the_regions_tags_may_not_be_read() {
    const DENIED: Fault = Fault::Refusal(
        "AccessDeniedException",
        "not authorized to perform: tag:GetResources",
    );
    let mut cluster = ready(KEY).await;
    let usual = tags_asked_in_a_pass(&mut cluster).await;
    cluster.objects.get_mut(NAME).unwrap().status = None;
    let regions = Rule::nth(Scope::Operation("tagging:GetResources"), usual + 1, DENIED);
    cluster.cloud.inject(regions);
    tags_asked_in_a_pass(&mut cluster).await;
    let story = cluster.story(NAME);
    assert!(struck(&cluster, DENIED), "{story}");
    let status = cluster.objects[NAME].status.clone().unwrap();
    assert!(status.distribution.is_some(), "the pass came to nothing: {story}");
    cluster.ready(NAME).await;
}
