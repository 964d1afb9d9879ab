//! While another mode is on its way, or cannot be, the earlier lock is called a lock only as far as it is looked at.

use super::petstore::{API, METHODS, ask, is_open};
use super::scenes::{KEY, NAME, cluster, deny, ready, resyncs};
use super::support::cluster::Cluster;
use super::support::simulation::settings::Settings;
use serde_json::json;
use std::time::Duration;

/// A locked API whose next mode cannot be built: the distribution may not be updated.
async fn on_its_way() -> Cluster {
    let mut cluster = ready("").await;
    deny(&cluster, "cloudfront:UpdateDistribution");
    cluster.apply(NAME, KEY);
    cluster.pass(NAME).await;
    assert_eq!(
        cluster.condition(NAME, "AccessRestricted"),
        "True",
        "{}",
        cluster.story(NAME)
    );
    cluster
}

#[track_caller]
fn assert_open(cluster: &Cluster, case: &str) {
    let story = cluster.story(NAME);
    assert_eq!(
        cluster.condition(NAME, "AccessRestricted"),
        "False",
        "{case}: {story}"
    );
    assert_eq!(
        cluster.condition(NAME, "DirectAccessBlocked"),
        "False",
        "{case}: {story}"
    );
    assert_eq!(
        cluster.reason(NAME, "DirectAccessBlocked"),
        "DirectAccessOpen",
        "{case}: {story}"
    );
}

#[tokio::test(start_paused = true)]
async fn a_stage_that_is_opened_while_another_mode_cannot_be_built_is_said_to_be_open_and_locked_again() {
    let mut cluster = on_its_way().await;
    ask(&cluster, &METHODS, "NONE");
    for pass in 0..4 {
        cluster.resync(NAME).await;
        assert_open(&cluster, &pass.to_string());
    }
    ask(&cluster, &METHODS, "AWS_IAM");
    resyncs(&mut cluster, 2).await;
    let story = cluster.story(NAME);
    assert_eq!(cluster.condition(NAME, "AccessRestricted"), "True", "{story}");
    assert_eq!(cluster.condition(NAME, "DirectAccessBlocked"), "True", "{story}");
    assert_eq!(cluster.condition(NAME, "Ready"), "False", "{story}");
}

#[tokio::test(start_paused = true)]
async fn a_method_that_no_probe_asks_for_is_found_open_by_the_interval_of_reads() {
    let mut cluster = on_its_way().await;
    ask(&cluster, &["POST /pets"], "NONE");
    resyncs(&mut cluster, 8).await;
    assert_open(&cluster, "POST /pets");
}

/// Each interval has its probe, and nothing is read more often than by its own.
#[tokio::test(start_paused = true)]
async fn while_another_mode_cannot_be_built_the_earlier_lock_goes_on_being_looked_at() {
    let mut cluster = on_its_way().await;
    cluster.cloud.clear_journal();
    let probes = cluster.cloud.probes().len();
    for _ in 0..12 {
        cluster.resync(NAME).await;
        assert_eq!(cluster.condition(NAME, "AccessRestricted"), "True");
        assert_eq!(cluster.condition(NAME, "DirectAccessBlocked"), "True");
    }
    assert!(cluster.cloud.probes().len() >= probes + 12);
    let reads = cluster.cloud.journal().count("GetRestApi");
    assert!((1..=4).contains(&reads), "{reads}: {}", cluster.story(NAME));
}

#[tokio::test(start_paused = true)]
async fn an_earlier_signature_locks_nothing_that_a_policy_opens_to_all_accounts() {
    let mut cluster = ready("").await;
    let everybody = json!({"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Principal": "*",
        "Action": "execute-api:Invoke", "Resource": "execute-api:/*"}]});
    cluster.cloud.set_policy(API, &everybody);
    cluster.cloud.deploy(API, "prod");
    deny(&cluster, "cloudfront:UpdateDistribution");
    cluster.apply(NAME, KEY);
    for pass in 0..3 {
        cluster.resync(NAME).await;
        let story = cluster.story(NAME);
        assert_eq!(
            cluster.condition(NAME, "AccessRestricted"),
            "False",
            "{pass}: {story}"
        );
        assert_eq!(
            cluster.reason(NAME, "AccessRestricted"),
            "PolicyOpenToAllAccounts",
            "{pass}: {story}"
        );
        let said = cluster.message(NAME, "AccessRestricted");
        assert!(
            said.contains("the signature of the earlier spec.access")
                && said.contains("once the API key is asked for in its place: ")
                && !said.contains("exclusive"),
            "{pass}: {said}"
        );
    }
    cluster.cloud.configure(|settings| settings.denied.clear());
    tokio::time::sleep(Duration::from_mins(10)).await;
    cluster.settle_patiently(NAME).await;
    assert_eq!(cluster.reason(NAME, "AccessRestricted"), "Locked");
}

#[tokio::test(start_paused = true)]
async fn a_mode_that_cannot_be_leaves_the_earlier_lock_which_is_told_and_locked_again_where_somebody_opens_it()
 {
    let mut cluster = cluster(Settings::default());
    ask(&cluster, &["POST /pets"], "COGNITO_USER_POOLS");
    cluster.apply(NAME, KEY);
    cluster.ready(NAME).await;
    cluster.apply(NAME, "");
    assert_eq!(cluster.stalled(NAME).await, "AuthorizerInTheWay");
    for pass in 0..3 {
        cluster.resync(NAME).await;
        let story = cluster.story(NAME);
        let is = |condition: &str| cluster.condition(NAME, condition);
        assert_eq!(is("AccessRestricted"), "True", "{pass}: {story}");
        assert_eq!(
            cluster.reason(NAME, "AccessRestricted"),
            "AuthorizerInTheWay",
            "{pass}: {story}"
        );
        assert_eq!(is("DirectAccessBlocked"), "True", "{pass}: {story}");
        assert_eq!(is("Ready"), "False", "{pass}: {story}");
        let said = cluster.message(NAME, "AccessRestricted");
        assert!(
            said.contains("stays locked by the proof of the earlier spec.access"),
            "{said}"
        );
    }
    for method in METHODS {
        cluster.cloud.require_api_key(API, method, false);
    }
    cluster.cloud.deploy(API, "prod");
    resyncs(&mut cluster, 2).await;
    cluster.settle(NAME).await;
    let story = cluster.story(NAME);
    assert!(!is_open(&cluster), "the mode before goes on: {story}");
    assert_eq!(cluster.condition(NAME, "AccessRestricted"), "True", "{story}");
}
