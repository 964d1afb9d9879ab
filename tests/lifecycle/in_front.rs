//! A distribution of the team's own before the API: its viewers would be refused by the first lock, which waits until it has
//! none. What is locked already stays locked.

use super::left_behind::declare_anew;
use super::petstore::{API, METHODS, NAMED, RECORDS, TAKING, ask, is_open};
use super::scenes::{NAME, cluster, fail, hours, passes, quiet, ready, resyncs, the};
use super::somebodys::{lead, put_in_front, somebodys_before};
use super::support::cluster::{Cluster, REST_ENDPOINT};
use super::support::simulation::faults::Fault;
use super::support::simulation::resources::{Kind, Resource};
use super::support::simulation::settings::Settings;
use palisade::api::{OtherDoor, OtherDoorState, OtherDoorType};
use palisade::controller::events::of_pass;
use palisade::domain::access::table::marks::TAG_ACCESS;
use palisade::domain::edge::xml;
use palisade::domain::kernel::identity::Tags;
use palisade::domain::kernel::reason::Reason;
use std::time::Duration;

/// The first lock is held by distributions, and says so with these words.
async fn assert_held(cluster: &mut Cluster, words: &str) {
    assert_eq!(
        cluster.stalled(NAME).await,
        "DistributionInTheWay",
        "{}",
        cluster.story(NAME)
    );
    assert_eq!(cluster.condition(NAME, "AccessRestricted"), "False");
    let message = cluster.message(NAME, "AccessRestricted");
    assert!(message.contains(words), "{message}");
    assert!(is_open(cluster), "{}", cluster.story(NAME));
}

async fn assert_follows(cluster: &mut Cluster) {
    hours(1).await;
    cluster.settle_patiently(NAME).await;
    cluster.ready(NAME).await;
    assert!(!is_open(cluster), "{}", cluster.story(NAME));
}

#[tokio::test(start_paused = true)]
async fn a_distribution_of_the_teams_own_holds_the_first_lock_until_it_is_disabled() {
    let shouted = REST_ENDPOINT.to_uppercase();
    for (domain, path) in [
        (REST_ENDPOINT, ""),
        (REST_ENDPOINT, "/prod"),
        (shouted.as_str(), "/prod/v1"),
    ] {
        let mut cluster = cluster(Settings::default());
        let theirs = put_in_front(&mut cluster, domain, path).await;
        cluster.apply(NAME, "");
        assert_held(&mut cluster, &theirs).await;
        assert_held(&mut cluster, "disable it, and leave it there").await;
        cluster.cloud.disable_distribution(&theirs);
        assert_follows(&mut cluster).await;
        quiet(&mut cluster, NAME).await;
    }
}

#[tokio::test(start_paused = true)]
async fn a_distribution_that_is_being_disabled_holds_the_first_lock_until_that_is_deployed() {
    let mut cluster = cluster(Settings::default());
    let theirs = put_in_front(&mut cluster, REST_ENDPOINT, "").await;
    cluster.apply(NAME, "");
    assert_held(&mut cluster, &theirs).await;
    cluster.cloud.disable_distribution(&theirs);
    // A deployment takes three minutes.
    for _ in 0..16 {
        cluster.pass(NAME).await;
        assert!(is_open(&cluster), "{}", cluster.story(NAME));
        cluster.cloud.viewer_is_served(&theirs).unwrap();
        tokio::time::sleep(Duration::from_secs(10)).await;
    }
    assert_follows(&mut cluster).await;
}

#[tokio::test(start_paused = true)]
async fn a_distribution_of_the_teams_own_holds_the_first_lock_until_its_origin_leads_elsewhere() {
    for (domain, path) in [("www.example.com", ""), (REST_ENDPOINT, "/dev")] {
        let mut cluster = cluster(Settings::default());
        let theirs = put_in_front(&mut cluster, REST_ENDPOINT, "/prod").await;
        cluster.apply(NAME, "");
        assert_held(&mut cluster, &theirs).await;
        cluster
            .cloud
            .edit_distribution(&theirs, |config| lead(config, domain, path));
        assert_follows(&mut cluster).await;
    }
}

#[tokio::test(start_paused = true)]
async fn a_distribution_before_another_stage_or_api_holds_no_lock() {
    for (domain, path) in [
        (REST_ENDPOINT, "/dev"),
        ("zzzzzzzzzz.execute-api.eu-north-1.amazonaws.com", "/prod"),
    ] {
        let mut cluster = cluster(Settings::default());
        put_in_front(&mut cluster, domain, path).await;
        cluster.apply(NAME, "");
        cluster.ready(NAME).await;
        assert!(!is_open(&cluster));
    }
}

#[tokio::test(start_paused = true)]
async fn a_distribution_that_asks_a_custom_domain_name_holds_the_first_lock_until_that_name_leads_here() {
    let mut cluster = cluster(Settings::default());
    cluster.cloud.map_domain("api.example.com", "v1", API, "prod");
    let theirs = put_in_front(&mut cluster, "api.example.com", "/v1").await;
    cluster.apply(NAME, "");
    assert_held(&mut cluster, &theirs).await;
    // It goes where any viewer goes who asks for that name.
    cluster.apply(NAME, RECORDS);
    cluster.settle_patiently(NAME).await;
    cluster.ready(NAME).await;
    assert!(!is_open(&cluster));
}

#[tokio::test(start_paused = true)]
async fn a_distribution_without_an_alias_holds_the_first_lock_whatever_names_are_moved_here() {
    let mut cluster = cluster(Settings::default());
    let theirs = put_in_front(&mut cluster, REST_ENDPOINT, "").await;
    for spec in [NAMED, TAKING] {
        cluster.apply(NAME, spec);
        assert_held(&mut cluster, "no alias").await;
    }
    cluster.cloud.disable_distribution(&theirs);
    assert_follows(&mut cluster).await;
}

#[tokio::test(start_paused = true)]
async fn a_distribution_that_puts_another_path_before_its_viewers_is_named_with_the_path_that_they_need() {
    let mut cluster = cluster(Settings::default());
    put_in_front(&mut cluster, REST_ENDPOINT, "/prod").await;
    cluster.apply(NAME, "");
    assert_held(
        &mut cluster,
        "set spec.origin.path: /prod, as the origin there has it",
    )
    .await;
}

/// The distribution that an object left which observed with this mode; another controller runs.
async fn left_under_observe(cluster: &mut Cluster, mode: &str) -> Resource {
    let spec = format!("access: {{mode: {mode}, enforcement: Observe}}\ndeletionPolicy: Retain");
    cluster.apply(NAME, &spec);
    cluster.ready(NAME).await;
    let left = the(cluster, Kind::Distribution);
    cluster.depart(NAME).await;
    cluster.restart();
    left
}

#[tokio::test(start_paused = true)]
async fn a_perimeter_that_an_earlier_object_left_and_that_sends_no_proof_holds_the_first_lock() {
    let mut cluster = cluster(Settings::default());
    cluster.invariants = None;
    let left = left_under_observe(&mut cluster, "ApiKey").await.id;
    declare_anew(&mut cluster, "");
    assert_held(&mut cluster, &left).await;
    assert_held(&mut cluster, "which Palisade made for shop/petstore").await;
    cluster.cloud.viewer_is_served(&left).unwrap();
    cluster.cloud.disable_distribution(&left);
    assert_follows(&mut cluster).await;
}

#[tokio::test(start_paused = true)]
async fn a_perimeter_that_an_earlier_object_left_holds_the_first_lock_though_its_tags_were_taken_off() {
    let mut cluster = cluster(Settings::default());
    cluster.invariants = None;
    let left = left_under_observe(&mut cluster, "ApiKey").await;
    cluster.cloud.set_tags(&left.arn, &Tags::new());
    tokio::time::sleep(Duration::from_secs(10)).await;
    declare_anew(&mut cluster, "");
    assert_held(&mut cluster, &left.id).await;
    cluster.cloud.viewer_is_served(&left.id).unwrap();
    cluster.cloud.disable_distribution(&left.id);
    assert_follows(&mut cluster).await;
}

#[tokio::test(start_paused = true)]
async fn a_perimeter_that_an_earlier_object_left_and_that_signs_holds_no_lock_by_signatures() {
    let mut cluster = cluster(Settings::default());
    let left = left_under_observe(&mut cluster, "SigV4").await.id;
    declare_anew(&mut cluster, "");
    cluster.ready(NAME).await;
    assert!(!is_open(&cluster));
    cluster.cloud.viewer_is_served(&left).unwrap();
}

/// Of what was begun and backed out nothing counts: whoever comes before the API meanwhile is waited for.
#[tokio::test(start_paused = true)]
async fn a_first_lock_that_was_begun_and_backed_out_is_followed_by_a_first_one() {
    let mut cluster = cluster(Settings::default());
    fail(&cluster, "UpdateMethod", Fault::ServerError);
    cluster.apply(NAME, "");
    for _ in 0..100 {
        let outcome = cluster.pass(NAME).await;
        if cluster.cloud.journal().count("UpdateMethod") > 0 {
            break;
        }
        tokio::time::sleep(outcome.requeue.min(Duration::from_mins(1))).await;
    }
    assert!(cluster.cloud.journal().count("UpdateMethod") > 0, "it is begun");
    cluster.apply(NAME, "suspend: true");
    for _ in 0..5 {
        cluster.pass(NAME).await;
        tokio::time::sleep(Duration::from_mins(1)).await;
    }
    let tags = the(&cluster, Kind::Distribution).tags;
    let mark = tags.get(TAG_ACCESS).cloned().unwrap_or_default();
    assert!(mark.starts_with("/locked"), "it is backed out: {mark}");
    cluster.cloud.clear_faults();
    let theirs = put_in_front(&mut cluster, REST_ENDPOINT, "").await;
    cluster.apply(NAME, "");
    assert_held(&mut cluster, &theirs).await;
    cluster.cloud.disable_distribution(&theirs);
    assert_follows(&mut cluster).await;
}

/// The lists may be minutes old: before a first lock they are read anew.
#[tokio::test(start_paused = true)]
async fn a_distribution_that_came_a_moment_before_the_first_lock_holds_it() {
    let mut cluster = cluster(Settings::default());
    // Nothing of the perimeter stands in the way of the lock, and the lists have just been read.
    cluster.apply(NAME, "access: {enforcement: Observe}");
    cluster.ready(NAME).await;
    cluster.resync(NAME).await;
    let theirs = put_in_front(&mut cluster, REST_ENDPOINT, "").await;
    cluster.apply(NAME, "");
    assert_held(&mut cluster, &theirs).await;
}

/// Somebody opened the stage, and made a distribution before it, which our lock shuts out.
#[tokio::test(start_paused = true)]
async fn whoever_is_shut_out_by_a_lock_that_is_made_again_is_told_by_a_warning() {
    let mut cluster = ready("").await;
    let theirs = put_in_front(&mut cluster, REST_ENDPOINT, "").await;
    ask(&cluster, &["GET /pets"], "NONE");
    // A look by which it is found open, and left so.
    cluster.apply(NAME, "suspend: true");
    hours(2).await;
    cluster.pass(NAME).await;
    assert_ne!(cluster.condition(NAME, "AccessRestricted"), "True");
    cluster.apply(NAME, "");
    let mut told = Vec::new();
    for _ in 0..20 {
        let before = cluster.objects[NAME].clone();
        let outcome = cluster.pass(NAME).await;
        told.extend(of_pass::notes(&before, &outcome));
        tokio::time::sleep(outcome.requeue.min(Duration::from_mins(1))).await;
    }
    assert!(!is_open(&cluster), "{}", cluster.story(NAME));
    let found = told.iter().find(|note| note.reason == Reason::OtherDoorFound);
    let found = found.expect("it is told");
    assert!(found.warning && found.note.contains(&theirs), "{}", found.note);
}

#[tokio::test(start_paused = true)]
async fn a_distribution_with_a_name_that_is_not_declared_holds_the_first_lock() {
    let (mut cluster, theirs) = somebodys_before(Settings::default(), "old.example.com").await;
    cluster.apply(NAME, TAKING);
    assert_held(&mut cluster, "aliases old.example.com").await;
    cluster.apply(
        NAME,
        &TAKING.replace("[api.example.com]", "[api.example.com, old.example.com]"),
    );
    // Its names are here, and nobody knows who asks for its own.
    assert_held(&mut cluster, "no alias").await;
    assert!(xml::texts_at(&cluster.cloud.config_of(&theirs), "Aliases").is_empty());
    cluster.cloud.disable_distribution(&theirs);
    assert_follows(&mut cluster).await;
}

#[tokio::test(start_paused = true)]
async fn while_distributions_cannot_be_listed_nothing_is_locked() {
    let mut cluster = cluster(Settings::default());
    let theirs = put_in_front(&mut cluster, REST_ENDPOINT, "").await;
    cluster.apply(NAME, "");
    assert_held(&mut cluster, &theirs).await;
    fail(&cluster, "ListDistributions", Fault::ServerError);
    // Nobody can know.
    cluster.cloud.disable_distribution(&theirs);
    passes(&mut cluster, 40).await;
    assert!(is_open(&cluster), "{}", cluster.story(NAME));
    cluster.cloud.clear_faults();
    assert_follows(&mut cluster).await;
}

#[tokio::test(start_paused = true)]
async fn a_distribution_that_comes_before_a_locked_api_is_told_and_opens_nothing() {
    let mut cluster = ready("").await;
    let theirs = put_in_front(&mut cluster, REST_ENDPOINT, "").await;
    ask(&cluster, &["GET /pets"], "NONE");
    hours(1).await;
    resyncs(&mut cluster, 7).await;
    assert!(!is_open(&cluster), "{}", cluster.story(NAME));
    let resources = cluster.cloud.resources().into_iter();
    let mut distributions = resources.filter(|found| found.kind == Kind::Distribution);
    assert!(distributions.any(|found| found.id == theirs), "it stays");
    let access = cluster.objects[NAME].status.clone().unwrap().access.unwrap();
    let told: Vec<&OtherDoor> = access.other_doors.iter().collect();
    assert!(
        matches!(
            told[..],
            [OtherDoor { r#type: OtherDoorType::Distribution, name, stage, state: OtherDoorState::Locked }]
                if name.contains(&theirs) && stage == "prod"
        ),
        "{told:?}"
    );
    let said = cluster.message(NAME, "AccessRestricted");
    assert!(
        said.contains(&format!("({theirs}) before stage prod (locked)")),
        "{said}"
    );
    assert_eq!(cluster.condition(NAME, "Ready"), "True");
}

/// The team's methods ask for signatures before anybody declares the API.
fn ask_for_signatures(cluster: &Cluster) {
    ask(cluster, &METHODS, "AWS_IAM");
}

/// Its perimeter's mark is gone or was never written; a look at the locked stage writes one.
#[tokio::test(start_paused = true)]
async fn a_stage_that_was_found_locked_is_locked_again_whatever_became_of_its_mark() {
    for was_locked_before in [false, true] {
        let mut cluster = cluster(Settings::default());
        if was_locked_before {
            ask_for_signatures(&cluster);
        }
        cluster.apply(NAME, "");
        cluster.ready(NAME).await;
        cluster.invariants = None;
        let distribution = the(&cluster, Kind::Distribution);
        if !was_locked_before {
            let mut tags = distribution.tags.clone();
            tags.remove(TAG_ACCESS).expect("it is marked");
            cluster.cloud.set_tags(&distribution.arn, &tags);
        }
        resyncs(&mut cluster, 14).await;
        quiet(&mut cluster, NAME).await;
        put_in_front(&mut cluster, REST_ENDPOINT, "").await;
        ask(&cluster, &["GET /pets"], "NONE");
        hours(1).await;
        resyncs(&mut cluster, 7).await;
        assert!(!is_open(&cluster), "{}", cluster.story(NAME));
    }
}

/// What is only observed is not written to.
#[tokio::test(start_paused = true)]
async fn a_stage_that_is_only_observed_gets_no_mark() {
    let mut cluster = cluster(Settings::default());
    ask_for_signatures(&cluster);
    cluster.apply(NAME, "access: {enforcement: Observe}");
    cluster.settle_patiently(NAME).await;
    resyncs(&mut cluster, 7).await;
    let tags = the(&cluster, Kind::Distribution).tags;
    assert!(!tags.contains_key(TAG_ACCESS), "{tags:?}");
}
