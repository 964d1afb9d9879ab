//! An account that has no room for one more: what a plan says of it, and what is begun all the same.

use super::plans::{assert_nothing_written, made, planned, planned_within};
use super::scenes::{MUTUAL_TLS, NAME, cluster, ready};
use super::support::cluster::{Cluster, REST_ENDPOINT};
use super::support::pieces;
use super::support::simulation::apigateway::Preloaded;
use super::support::simulation::settings::Settings;
use palisade::api::AccountQuotas;
use palisade::aws::cloud::Cloud;
use palisade::aws::operations::Service;
use std::time::Duration;

#[tokio::test(start_paused = true)]
async fn a_plan_says_which_limit_of_the_account_leaves_no_room_before_anything_is_begun() {
    let cluster = cluster(Settings::default());
    let calls: &dyn Cloud = cluster.cloud.as_ref();
    let theirs = calls.create_web_acl("theirs".to_owned(), pieces::web_acl(&[]), pieces::tags("a"));
    theirs.await.unwrap();
    // Lists lag behind.
    tokio::time::sleep(Duration::from_mins(1)).await;
    cluster.cloud.clear_journal();
    let full = AccountQuotas {
        web_acls: Some(1),
        ..AccountQuotas::default()
    };
    let plan = made(planned_within(&cluster, "", &full).await);
    let [problem] = &plan.problems[..] else {
        panic!("{:#?}", plan.problems)
    };
    assert_eq!(problem.reason, "QuotaReached");
    assert!(problem.message.contains("1 of 1 web ACLs"), "{}", problem.message);
    assert_eq!(plan.summary.problems, 1);
    assert_nothing_written(&cluster);
    let room = made(planned(&cluster, "").await);
    assert!(room.problems.is_empty(), "{:#?}", room.problems);
}

#[tokio::test(start_paused = true)]
async fn nothing_is_begun_where_a_stated_limit_leaves_no_room_and_all_is_once_it_is_raised() {
    let mut cluster = cluster(Settings::default());
    let calls: &dyn Cloud = cluster.cloud.as_ref();
    let theirs = calls.create_web_acl("theirs".to_owned(), pieces::web_acl(&[]), pieces::tags("a"));
    theirs.await.unwrap();
    tokio::time::sleep(Duration::from_mins(1)).await;
    cluster.cloud.clear_journal();
    cluster.quotas.web_acls = Some(1);
    cluster.apply(NAME, "");
    cluster.stalled(NAME).await;
    assert_nothing_written(&cluster);
    assert_eq!(cluster.condition(NAME, "Accepted"), "False");
    assert_eq!(cluster.reason(NAME, "Accepted"), "QuotaReached");
    let told = cluster.message(NAME, "Accepted");
    assert!(
        told.contains("1 of 1 web ACLs") && told.contains("spec.quotas"),
        "{told}"
    );

    cluster.quotas.web_acls = Some(2);
    cluster.resync(NAME).await;
    cluster.ready(NAME).await;
    // What stands is seen to, however full the account is.
    cluster.quotas.web_acls = Some(1);
    cluster.apply(NAME, "tags: {team: pets}");
    cluster.ready(NAME).await;
}

#[tokio::test(start_paused = true)]
async fn a_limit_that_is_only_assumed_holds_nothing_back() {
    let mut cluster = cluster(Settings::default());
    // The account has as many web ACLs as AWS gives to a new one, and AWS has raised that limit, of which spec.quotas says nothing.
    cluster.cloud.configure(|settings| settings.limits.web_acls = 200);
    cluster.quotas.distributions = Some(1000);
    let calls: &dyn Cloud = cluster.cloud.as_ref();
    for n in 0..100 {
        let name = format!("theirs-{n}");
        let theirs = calls.create_web_acl(name, pieces::web_acl(&[]), pieces::tags(&n.to_string()));
        theirs.await.unwrap();
    }
    tokio::time::sleep(Duration::from_mins(1)).await;
    let plan = made(planned(&cluster, "").await);
    assert_eq!(plan.problems[0].reason, "QuotaReached", "{:#?}", plan.problems);
    cluster.apply(NAME, "");
    cluster.ready(NAME).await;
}

#[tokio::test(start_paused = true)]
async fn a_full_account_has_room_for_what_stands() {
    let cluster = ready("").await;
    let full = AccountQuotas {
        distributions: Some(1),
        web_acls: Some(1),
        lambda_associations: Some(1),
        ..AccountQuotas::default()
    };
    let plan = made(planned_within(&cluster, "tags: {team: pets}", &full).await);
    assert!(plan.problems.is_empty(), "{:#?}", plan.problems);
}

#[tokio::test(start_paused = true)]
async fn who_is_held_back_by_the_domain_names_of_a_region_goes_on_by_itself_once_there_are_fewer() {
    let mut cluster = cluster(Settings::default());
    let other = Preloaded::rest("eu-north-1", "other00000", &["prod"]);
    cluster.cloud.preload_api(&other);
    cluster
        .cloud
        .map_domain("theirs.example.com", "", "other00000", "prod");
    // Somebody has had them read.
    let read = cluster
        .engine
        .inventory
        .mappings("eu-north-1", Duration::ZERO)
        .await;
    assert_eq!(read.unwrap().targets.len(), 1);
    cluster.cloud.clear_journal();
    cluster.quotas.domain_names = Some(1);
    cluster.apply(NAME, MUTUAL_TLS);
    cluster.stalled(NAME).await;
    let story = cluster.story(NAME);
    assert_eq!(cluster.reason(NAME, "Accepted"), "QuotaReached", "{story}");
    assert_nothing_written(&cluster);
    cluster.cloud.unmap_domain("theirs.example.com");
    cluster.resync(NAME).await;
    cluster.ready(NAME).await;
}

#[tokio::test(start_paused = true)]
async fn who_is_held_back_for_room_reads_nothing_of_its_api_until_there_is_some_or_it_is_declared_anew() {
    let mut cluster = cluster(Settings::default());
    let calls: &dyn Cloud = cluster.cloud.as_ref();
    let theirs = calls.create_web_acl("theirs".to_owned(), pieces::web_acl(&[]), pieces::tags("a"));
    theirs.await.unwrap();
    tokio::time::sleep(Duration::from_mins(1)).await;
    cluster.quotas.web_acls = Some(1);
    cluster.apply(NAME, "");
    cluster.stalled(NAME).await;
    let of_api = |cluster: &Cluster| {
        let journal = cluster.cloud.journal();
        let calls = journal.entries.iter();
        let of_api = calls.filter(|entry| entry.operation.service == Service::ApiGateway);
        of_api.count()
    };
    for _ in 0..3 {
        cluster.cloud.clear_journal();
        cluster.resync(NAME).await;
        assert_eq!(cluster.reason(NAME, "Accepted"), "QuotaReached");
        assert_eq!(of_api(&cluster), 0, "{}", cluster.cloud.journal().summary());
    }
    // What is declared anew is looked at, and what its API says comes first.
    let missing = format!("origin: {{endpoint: {REST_ENDPOINT}, type: REST, stage: missing}}");
    cluster.apply_spec(NAME, serde_yaml::from_str(&missing).unwrap());
    cluster.cloud.clear_journal();
    cluster.resync(NAME).await;
    assert_eq!(cluster.reason(NAME, "Accepted"), "StageNotFound");
    cluster.apply(NAME, "");
    cluster.resync(NAME).await;
    assert_eq!(cluster.reason(NAME, "Accepted"), "QuotaReached");
    cluster.quotas.web_acls = Some(2);
    cluster.cloud.clear_journal();
    cluster.resync(NAME).await;
    assert!(of_api(&cluster) > 0);
    cluster.ready(NAME).await;
}
