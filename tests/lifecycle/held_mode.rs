//! A change to `SigV4` that waits for viewers who show tokens changes nothing: all goes on in the mode before.

use super::customers_keys::{add_key, plan_of_customers, region};
use super::petstore::{API, METHODS, ask, is_open};
use super::scenes::{NAME, cluster, config, found, pair, quiet, resyncs, values};
use super::support::cluster::Cluster;
use super::support::simulation::resources::Kind;
use super::support::simulation::settings::Settings;
use palisade::api::ROTATE;
use palisade::aws::operations::Call;
use palisade::domain::access::credentials::authorizer::Settings as AuthorizerSettings;
use palisade::domain::access::proof::Proof;
use palisade::domain::edge::config::sent_of;
use std::collections::BTreeSet;

const HEADER: &str = "x-origin-verify";

fn sent(cluster: &Cluster) -> BTreeSet<Proof> {
    sent_of(&config(cluster)).proofs()
}

fn excluding(mode: &str) -> String {
    format!("access: {{mode: {mode}, excludeMethods: ['POST /pets']}}")
}

/// Locked as `spec` asks, and to be locked by signatures, which waits for the users of `POST /pets`.
async fn held_after(mut cluster: Cluster, spec: &str) -> Cluster {
    ask(&cluster, &["POST /pets"], "COGNITO_USER_POOLS");
    cluster.apply(NAME, spec);
    cluster.ready(NAME).await;
    cluster.apply(NAME, &excluding("SigV4"));
    assert_eq!(cluster.stalled(NAME).await, "AuthorizerInTheWay");
    cluster.resync(NAME).await;
    cluster.cloud.clear_journal();
    cluster
}

async fn held(mode: &str) -> Cluster {
    held_after(cluster(Settings::default()), &excluding(mode)).await
}

/// Who passes the lock that stands is told, and the change that waits besides.
#[tokio::test(start_paused = true)]
async fn a_key_of_others_that_passes_the_lock_is_told_while_a_change_waits() {
    let mut cluster = held("ApiKey").await;
    let plan = plan_of_customers(&mut cluster);
    add_key(&cluster, &plan);
    resyncs(&mut cluster, 2).await;
    assert_eq!(
        found(&cluster, "AccessRestricted"),
        pair("False", "ApiKeyInTheWay"),
        "{}",
        cluster.story(NAME)
    );
    let said = cluster.message(NAME, "AccessRestricted");
    assert!(said.contains("CloudFront does not begin to sign"), "{said}");
    assert_eq!(sent(&cluster), BTreeSet::from([Proof::Key]));
}

#[tokio::test(start_paused = true)]
async fn an_authorizer_of_ours_that_somebody_edits_is_mended_while_a_change_waits() {
    let mut cluster = held("SecretHeader").await;
    cluster.invariants = None;
    let id = cluster
        .cloud
        .edited(API, "GET /pets")
        .unwrap()
        .authorizer
        .unwrap();
    let settings = AuthorizerSettings {
        function_arn: "arn:aws:lambda:eu-north-1:123456789012:function:lets-anybody-in".into(),
        header: HEADER.into(),
        ttl: 60,
    };
    let call = Call::UpdateRestAuthorizer {
        region: region(),
        api_id: API.to_owned(),
        id,
        settings,
    };
    cluster.cloud.as_somebody(call).unwrap();
    let theirs = cluster.cloud.deploy(API, "prod");
    resyncs(&mut cluster, 8).await;
    cluster.settle(NAME).await;
    let story = cluster.story(NAME);
    let served = cluster.cloud.stage_of(API, "prod").unwrap().deployment;
    assert_ne!(served, Some(theirs), "{story}");
    assert_eq!(
        found(&cluster, "AccessRestricted"),
        pair("True", "AuthorizerInTheWay"),
        "{story}"
    );
}

/// In whichever plan it is: that of the team's is not known by the new spec.
#[tokio::test(start_paused = true)]
async fn a_key_that_somebody_deletes_is_made_again_while_a_change_waits() {
    for is_given in [false, true] {
        let mut before = cluster(Settings::default());
        let spec = if is_given {
            let plan = plan_of_customers(&mut before);
            format!(
                "access: {{mode: ApiKey, apiKey: {{usagePlanId: {plan}}}, excludeMethods: ['POST /pets']}}"
            )
        } else {
            excluding("ApiKey")
        };
        let mut cluster = held_after(before, &spec).await;
        let sent = values(&cluster);
        cluster.invariants = None;
        let resources = cluster.cloud.resources_of(&cluster.uid(NAME));
        let key = resources.iter().find(|found| found.kind == Kind::ApiKey);
        let id = key.unwrap().id.clone();
        let region = region();
        cluster
            .cloud
            .as_somebody(Call::DeleteApiKey { region, id })
            .unwrap();
        resyncs(&mut cluster, 2).await;
        let story = cluster.story(NAME);
        assert_eq!(values(&cluster), sent, "given: {is_given}: {story}");
        let journal = cluster.cloud.journal();
        let made = (journal.count("CreateApiKey"), journal.count("CreateUsagePlan"));
        assert_eq!(made, (1, 0), "given: {is_given}: {story}");
        assert_eq!(
            cluster.condition(NAME, "ViewerAccessVerified"),
            "True",
            "given: {is_given}: {story}"
        );
    }
}

#[tokio::test(start_paused = true)]
async fn a_secret_value_is_replaced_while_a_change_waits() {
    for mode in ["ApiKey", "SecretHeader"] {
        let mut cluster = held(mode).await;
        let before = values(&cluster);
        cluster.annotate(NAME, ROTATE, "now");
        resyncs(&mut cluster, 8).await;
        let after = values(&cluster);
        assert_eq!(after.len(), 1, "{mode}: {}", cluster.story(NAME));
        assert_ne!(after, before, "{mode}: {}", cluster.story(NAME));
    }
}

#[tokio::test(start_paused = true)]
async fn a_method_that_somebody_opens_is_locked_again_while_a_change_waits() {
    let mut cluster = held("ApiKey").await;
    cluster.cloud.require_api_key(API, "GET /pets", false);
    cluster.cloud.deploy(API, "prod");
    assert!(is_open(&cluster));
    resyncs(&mut cluster, 8).await;
    cluster.settle(NAME).await;
    assert!(!is_open(&cluster), "{}", cluster.story(NAME));
    assert_eq!(
        found(&cluster, "AccessRestricted"),
        pair("True", "AuthorizerInTheWay")
    );
}

#[tokio::test(start_paused = true)]
async fn a_mode_that_is_set_back_finds_all_as_it_was() {
    let mut cluster = held("ApiKey").await;
    cluster.apply(NAME, &excluding("ApiKey"));
    cluster.ready(NAME).await;
    quiet(&mut cluster, NAME).await;
    assert_eq!(found(&cluster, "AccessRestricted"), pair("True", "Locked"));
}

/// Callers of the team's who sign for themselves are no sign that somebody has taken our signer away.
#[tokio::test(start_paused = true)]
async fn methods_that_ask_others_for_signatures_are_no_lock_of_ours_that_lost_its_signer() {
    let mut cluster = cluster(Settings::default());
    cluster.invariants = None;
    ask(&cluster, &["GET /pets", "GET /pets/{petId}"], "AWS_IAM");
    ask(&cluster, &["POST /pets"], "COGNITO_USER_POOLS");
    cluster.apply(NAME, "access: {mode: SecretHeader, enforcement: Observe}");
    resyncs(&mut cluster, 6).await;
    assert_eq!(sent(&cluster), BTreeSet::new());
    cluster.apply(NAME, &excluding("SigV4"));
    resyncs(&mut cluster, 3).await;
    assert_eq!(sent(&cluster), BTreeSet::new(), "{}", cluster.story(NAME));
    assert_eq!(
        found(&cluster, "AccessRestricted"),
        pair("False", "AuthorizerInTheWay")
    );
}

/// Nor where all that a lock has is excluded in the meantime.
#[tokio::test(start_paused = true)]
async fn a_change_waits_on_whatever_is_excluded_meanwhile() {
    let mut cluster = cluster(Settings::default());
    ask(&cluster, &["GET /pets/{petId}"], "AWS_IAM");
    ask(&cluster, &["POST /pets"], "COGNITO_USER_POOLS");
    cluster.invariants = None;
    cluster.apply(
        NAME,
        "access: {mode: SecretHeader, excludeMethods: ['POST /pets', 'GET /pets/{petId}']}",
    );
    cluster.ready(NAME).await;
    for excluded in ["['POST /pets']", "['GET /pets', 'POST /pets']"] {
        cluster.apply(
            NAME,
            &format!("access: {{mode: SigV4, excludeMethods: {excluded}}}"),
        );
        resyncs(&mut cluster, 3).await;
        let story = cluster.story(NAME);
        assert_eq!(
            sent(&cluster),
            BTreeSet::from([Proof::Header(HEADER.to_owned())]),
            "{excluded}: {story}"
        );
        assert_eq!(cluster.condition(NAME, "Ready"), "False", "{excluded}: {story}");
        let is_one_left = excluded.contains("'GET /pets'");
        let nothing = found(&cluster, "ViewerAccessVerified") == pair("Unknown", "NothingToProbe");
        assert_eq!(nothing, is_one_left, "{excluded}: {story}");
    }
}

#[tokio::test(start_paused = true)]
async fn users_of_a_canary_release_are_waited_for_as_well() {
    let mut cluster = cluster(Settings::default());
    cluster.invariants = None;
    cluster
        .cloud
        .set_authorization(API, "POST /pets", "COGNITO_USER_POOLS");
    cluster.cloud.deploy_canary(API, "prod", true);
    cluster.cloud.set_authorization(API, "POST /pets", "NONE");
    cluster.apply(NAME, "access: {mode: ApiKey, enforcement: Observe}");
    resyncs(&mut cluster, 6).await;
    assert_eq!(sent(&cluster), BTreeSet::new());
    cluster.apply(NAME, "access: {mode: SigV4}");
    resyncs(&mut cluster, 3).await;
    assert_eq!(sent(&cluster), BTreeSet::new(), "{}", cluster.story(NAME));
    let said = cluster.message(NAME, "AccessRestricted");
    assert!(said.contains("POST /pets"), "{said}");
}

#[tokio::test(start_paused = true)]
async fn under_observe_no_probe_asks_for_what_callers_of_the_team_sign_where_another_method_is_there() {
    let mut cluster = cluster(Settings::default());
    cluster.invariants = None;
    ask(&cluster, &["GET /pets"], "AWS_IAM");
    cluster.apply(NAME, "access: {mode: SecretHeader, enforcement: Observe}");
    cluster.ready(NAME).await;
    assert_eq!(cluster.condition(NAME, "ViewerAccessVerified"), "True");
    // Where none is, it is said whose signature is missing.
    ask(&cluster, &METHODS, "AWS_IAM");
    resyncs(&mut cluster, 8).await;
    assert_eq!(
        found(&cluster, "ViewerAccessVerified"),
        pair("Unknown", "NothingToProbe"),
        "{}",
        cluster.story(NAME)
    );
    let said = cluster.message(NAME, "ViewerAccessVerified");
    assert!(
        said.contains("its own callers' to show") && !said.contains("authorizer's function"),
        "{said}"
    );
    assert!(!said.contains("set spec.access.enforcement to Observe"), "{said}");
}
