//! The tag of the distribution that remembers a lock: of whose stage it is, and what becomes of a lock whose tag is gone or cannot
//! be written.

use super::petstore::{API, ask};
use super::scenes::{NAME, cluster, fail, hours, ready, the};
use super::somebodys::put_in_front;
use super::support::cluster::{Cluster, REST_ENDPOINT};
use super::support::simulation::apigateway::Preloaded;
use super::support::simulation::faults::{Fault, Rule, Scope};
use super::support::simulation::resources::Kind;
use super::support::simulation::settings::Settings;
use palisade::api::ProtectedApiSpec;
use palisade::controller::engine::{Done, Outcome};
use palisade::controller::events::of_pass;
use palisade::domain::access::authorization;
use palisade::domain::access::table::marks::TAG_ACCESS;
use palisade::domain::kernel::identity::Tags;
use palisade::domain::perimeter::plan::Action;

/// Its stages are `prod` and `dev`.
pub const TWO_STAGES: &str = "twostages0";

/// The spec of an object for that stage of it.
pub fn of_stage(stage: &str) -> ProtectedApiSpec {
    let endpoint = format!("{TWO_STAGES}.execute-api.eu-north-1.amazonaws.com");
    serde_yaml::from_str(&format!(
        "origin: {{endpoint: {endpoint}, type: REST, stage: {stage}}}"
    ))
    .unwrap()
}

/// A cluster with an API of two stages; a custom domain name leads viewers to the second.
fn two_stages() -> Cluster {
    let mut cluster = cluster(Settings::default());
    cluster.invariants = None;
    let api = Preloaded::rest("eu-north-1", TWO_STAGES, &["prod", "dev"]);
    cluster.cloud.preload_api(&api);
    cluster.cloud.map_domain("dev.example.com", "", TWO_STAGES, "dev");
    cluster
}

fn is_open(cluster: &Cluster, api: &str, stage: &str) -> bool {
    let served = cluster.cloud.served(api, stage, "GET /pets");
    served.is_some_and(|route| route.is_open())
}

fn locked_stage(cluster: &Cluster) -> Option<String> {
    let status = cluster.objects[NAME].status.clone()?;
    status.access?.locked_stage
}

/// Somebody writes the distribution's tags anew, with this mark or none.
fn write_mark(cluster: &mut Cluster, change: impl FnOnce(&str) -> Option<String>) {
    cluster.invariants = None;
    let distribution = the(cluster, Kind::Distribution);
    let mut tags: Tags = distribution.tags.clone();
    let mark = tags.remove(TAG_ACCESS).expect("it is marked");
    tags.extend(change(&mark).map(|mark| (TAG_ACCESS.to_owned(), mark)));
    cluster.cloud.set_tags(&distribution.arn, &tags);
}

fn is_marked(cluster: &Cluster) -> bool {
    the(cluster, Kind::Distribution).tags.contains_key(TAG_ACCESS)
}

/// Passes until `Ready` has this reason; the stage is called locked all the time.
async fn until_ready_says(cluster: &mut Cluster, reason: &str) {
    for _ in 0..14 {
        if cluster.reason(NAME, "Ready") == reason {
            return;
        }
        cluster.resync(NAME).await;
        let story = cluster.story(NAME);
        assert_eq!(cluster.condition(NAME, "AccessRestricted"), "True", "{story}");
    }
    panic!("Ready never says {reason}: {}", cluster.story(NAME));
}

fn writes_mark(done: &Done) -> bool {
    matches!(
        &done.step.action,
        Action::Access(authorization::Action::Mark { .. })
    )
}

#[tokio::test(start_paused = true)]
async fn a_lock_whose_tag_may_not_be_written_stays_true_and_ready_says_what_is_denied() {
    let mut cluster = ready("").await;
    write_mark(&mut cluster, |_| None);
    let message = "User: arn:aws:sts::123456789012:assumed-role/palisade is not authorized to perform: cloudfront:TagResource";
    let denied = Fault::Refusal("AccessDenied", message);
    fail(&cluster, "cloudfront:TagResource", denied);
    until_ready_says(&mut cluster, "AccessDenied").await;
    assert_eq!(cluster.condition(NAME, "Ready"), "False");
    assert_eq!(cluster.reason(NAME, "AccessRestricted"), "Locked");
    assert_eq!(cluster.reason(NAME, "Stalled"), "AccessDenied");
    for condition in ["AccessRestricted", "Ready"] {
        let said = cluster.message(NAME, condition);
        assert!(
            said.contains(TAG_ACCESS) && said.contains("cloudfront:TagResource"),
            "{said}"
        );
    }
    cluster.cloud.clear_faults();
    cluster.settle_patiently(NAME).await;
    assert!(is_marked(&cluster), "{}", cluster.story(NAME));
}

#[tokio::test(start_paused = true)]
async fn a_proven_lock_whose_cut_over_cannot_be_marked_as_over_is_true_and_ready_says_what_is_denied() {
    let mut cluster = cluster(Settings::default());
    cluster.invariants = None;
    let message = "User: arn:aws:sts::123456789012:assumed-role/palisade is not authorized to perform: cloudfront:TagResource";
    // The first tells that the lock is begun.
    for n in 2..500 {
        let denied = Fault::Refusal("AccessDenied", message);
        let tag = Scope::Operation("cloudfront:TagResource");
        cluster.cloud.inject(Rule::nth(tag, n, denied));
    }
    cluster.apply(NAME, "");
    assert_eq!(
        cluster.stalled(NAME).await,
        "AccessDenied",
        "{}",
        cluster.story(NAME)
    );
    assert!(!is_open(&cluster, API, "prod"));
    let story = cluster.story(NAME);
    assert_eq!(cluster.condition(NAME, "AccessRestricted"), "True", "{story}");
    assert_eq!(cluster.reason(NAME, "AccessRestricted"), "Locked");
    assert_eq!(cluster.reason(NAME, "Ready"), "AccessDenied");
    let said = cluster.message(NAME, "Ready");
    assert!(
        said.contains(TAG_ACCESS) && said.contains("cloudfront:TagResource"),
        "{said}"
    );
    cluster.cloud.clear_faults();
    cluster.settle_patiently(NAME).await;
    assert_eq!(cluster.condition(NAME, "Ready"), "True");
}

#[tokio::test(start_paused = true)]
async fn a_lock_whose_tag_is_due_stays_true_while_the_object_is_suspended() {
    let mut cluster = ready("").await;
    write_mark(&mut cluster, |_| None);
    cluster.apply(NAME, "suspend: true");
    until_ready_says(&mut cluster, "Suspended").await;
    let said = cluster.message(NAME, "AccessRestricted");
    assert!(
        said.contains(TAG_ACCESS) && said.contains("spec.suspend"),
        "{said}"
    );
    assert!(!is_marked(&cluster), "nothing is written");
    cluster.apply(NAME, "");
    cluster.settle_patiently(NAME).await;
    assert!(is_marked(&cluster), "{}", cluster.story(NAME));
}

#[tokio::test(start_paused = true)]
async fn a_tag_that_is_written_again_is_no_drift() {
    let mut cluster = ready("").await;
    write_mark(&mut cluster, |_| None);
    let mut written = 0;
    for _ in 0..14 {
        let before = cluster.objects[NAME].clone();
        let outcome: Outcome = cluster.resync(NAME).await;
        for done in outcome.done.iter().filter(|done| writes_mark(done)) {
            written += 1;
            assert!(!of_pass::is_drift(&before, &outcome, done));
        }
    }
    assert_eq!(written, 1, "{}", cluster.story(NAME));
}

/// An object keeps its distribution, and the tag of it, when its spec names another stage.
#[tokio::test(start_paused = true)]
async fn the_lock_of_an_earlier_stage_is_none_of_the_stage_that_takes_its_place() {
    let mut cluster = two_stages();
    cluster.apply_spec(NAME, of_stage("prod"));
    cluster.ready(NAME).await;
    assert_eq!(locked_stage(&cluster).as_deref(), Some("prod"));
    cluster.apply_spec(NAME, of_stage("dev"));
    assert_eq!(
        cluster.stalled(NAME).await,
        "DomainNameInTheWay",
        "{}",
        cluster.story(NAME)
    );
    assert!(is_open(&cluster, TWO_STAGES, "dev"));
    assert_eq!(locked_stage(&cluster), None);
    cluster.cloud.unmap_domain("dev.example.com");
    hours(1).await;
    cluster.settle_patiently(NAME).await;
    assert!(!is_open(&cluster, TWO_STAGES, "dev"));
    assert_eq!(locked_stage(&cluster).as_deref(), Some("dev"));
}

/// As tags were written before they named their stage.
#[tokio::test(start_paused = true)]
async fn a_tag_that_names_no_stage_tells_of_the_stage_of_the_spec() {
    let mut cluster = two_stages();
    cluster.apply_spec(NAME, of_stage("prod"));
    cluster.ready(NAME).await;
    write_mark(&mut cluster, |mark| {
        let (unnamed, _stage) = mark.split_once("/stage ").expect("it names its stage");
        Some(unnamed.to_owned())
    });
    cluster.apply_spec(NAME, of_stage("dev"));
    cluster.settle_patiently(NAME).await;
    assert!(!is_open(&cluster, TWO_STAGES, "dev"), "{}", cluster.story(NAME));
}

/// Each has a distribution of its own, by which its tag is found.
#[tokio::test(start_paused = true)]
async fn the_lock_of_one_objects_stage_is_nothing_to_an_object_of_another_stage() {
    let mut cluster = two_stages();
    cluster.apply_spec(NAME, of_stage("prod"));
    cluster.ready(NAME).await;
    cluster.apply_spec("dev", of_stage("dev"));
    assert_eq!(
        cluster.stalled("dev").await,
        "DomainNameInTheWay",
        "{}",
        cluster.story("dev")
    );
    assert!(is_open(&cluster, TWO_STAGES, "dev"));
    let of_dev = cluster.cloud.resources_of(&cluster.uid("dev"));
    assert!(of_dev.iter().all(|found| !found.tags.contains_key(TAG_ACCESS)));
    assert!(is_marked(&cluster));
}

/// Somebody deletes the distribution, whose tag told that the stage was locked, and opens the stage.
#[tokio::test(start_paused = true)]
async fn a_stage_is_locked_again_whatever_leads_to_it_though_its_distribution_was_made_anew() {
    for leads_by_name in [false, true] {
        let mut cluster = ready("").await;
        cluster.invariants = None;
        assert_eq!(locked_stage(&cluster).as_deref(), Some("prod"));
        if leads_by_name {
            cluster.cloud.map_domain("api.example.com", "", API, "prod");
        } else {
            put_in_front(&mut cluster, REST_ENDPOINT, "").await;
        }
        let before = the(&cluster, Kind::Distribution).id;
        cluster.cloud.remove_distribution(&before);
        ask(&cluster, &["GET /pets"], "NONE");
        hours(1).await;
        cluster.settle_patiently(NAME).await;
        assert_ne!(the(&cluster, Kind::Distribution).id, before);
        assert!(!is_open(&cluster, API, "prod"), "{}", cluster.story(NAME));
        assert!(is_marked(&cluster), "{}", cluster.story(NAME));
    }
}
