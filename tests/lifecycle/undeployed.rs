//! A lock deploys the lock alone: what the team edited of authorization, and did not deploy, stays undeployed.

use super::scenes::{NAME, cluster, found, live, pair, resyncs};
use super::support::cluster::Cluster;
use super::support::simulation::apigateway::Preloaded;
use super::support::simulation::settings::Settings;
use palisade::api::ProtectedApiSpec;
use palisade::aws::operations::{Answer, Call};
use std::time::Duration;

const API: &str = "users00000";
const REGION: &str = "eu-north-1";
const STAGE: &str = "live";

/// The API's type, what `GET /me` asks for as deployed, and what is wanted of the API.
const CASES: [(&str, &str, &str); 5] = [
    (
        "REST",
        "COGNITO_USER_POOLS",
        "access: {excludeMethods: [GET /me]}",
    ),
    ("HTTP", "JWT", "access: {excludeMethods: [GET /me]}"),
    ("REST", "AWS_IAM", "access: {excludeMethods: [GET /me]}"),
    ("REST", "COGNITO_USER_POOLS", "access: {mode: ApiKey}"),
    ("REST", "KEY", "access: {mode: SigV4}"),
];

fn spec(kind: &str, more: &str) -> ProtectedApiSpec {
    live(API, kind, more)
}

/// An API whose `GET /me` asks for `asked`, deployed by hand; all else is open.
fn api(kind: &str, asked: &'static str) -> Cluster {
    let api = Preloaded::of(kind, REGION, API, &[STAGE]).with_routes(&["GET /a", "GET /me"], false);
    let cluster = cluster(Settings::default());
    cluster.cloud.preload_api(&api);
    ask(&cluster, asked);
    cluster.cloud.deploy(API, STAGE);
    cluster
}

fn ask(cluster: &Cluster, asked: &str) {
    match asked {
        "KEY" => cluster.cloud.require_api_key(API, "GET /me", true),
        kind => cluster.cloud.set_authorization(API, "GET /me", kind),
    }
}

/// The working copy asks for nothing at all any more, and is not deployed.
fn open(cluster: &Cluster) {
    cluster.cloud.set_authorization(API, "GET /me", "NONE");
    cluster.cloud.require_api_key(API, "GET /me", false);
}

#[tokio::test(start_paused = true)]
async fn what_a_route_asks_for_is_not_taken_away_by_the_locks_deployment() {
    for (kind, asked, more) in CASES {
        let mut cluster = api(kind, asked);
        let before = cluster.cloud.served(API, STAGE, "GET /me").unwrap();
        open(&cluster);
        cluster.apply_spec(NAME, spec(kind, more));
        let case = format!("{kind} {asked} {more}");
        assert_eq!(cluster.stalled(NAME).await, "UndeployedChanges", "{case}");
        let said = cluster.message(NAME, "AccessRestricted");
        assert!(said.contains("GET /me (authorization)"), "{case}: {said}");
        assert_eq!(
            cluster.cloud.served(API, STAGE, "GET /me"),
            Some(before.clone()),
            "{case}"
        );
        ask(&cluster, asked);
        cluster.settle_patiently(NAME).await;
        cluster.ready(NAME).await;
        let after = cluster.cloud.served(API, STAGE, "GET /me").unwrap();
        assert!(!after.is_open(), "{case}: {after:?}");
        if more.contains("excludeMethods") {
            assert_eq!(after, before, "{case}");
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_stage_that_is_opened_is_not_locked_with_what_else_was_edited_since() {
    let excluding = CASES
        .into_iter()
        .filter(|(.., more)| more.contains("excludeMethods"));
    for (kind, asked, more) in excluding {
        let mut cluster = api(kind, asked);
        cluster.apply_spec(NAME, spec(kind, more));
        cluster.ready(NAME).await;
        cluster.cloud.set_authorization(API, "GET /a", "NONE");
        cluster.cloud.require_api_key(API, "GET /a", false);
        cluster.cloud.deploy(API, STAGE);
        let before = cluster.cloud.served(API, STAGE, "GET /me").unwrap();
        open(&cluster);
        resyncs(&mut cluster, 8).await;
        let case = format!("{kind} {asked} {more}: {}", cluster.story(NAME));
        assert_eq!(
            cluster.reason(NAME, "AccessRestricted"),
            "UndeployedChanges",
            "{case}"
        );
        assert_eq!(
            cluster.cloud.served(API, STAGE, "GET /me"),
            Some(before),
            "{case}"
        );
    }
}

#[tokio::test(start_paused = true)]
async fn where_pending_changes_may_be_deployed_they_are() {
    let mut cluster = api("REST", "COGNITO_USER_POOLS");
    open(&cluster);
    let more = "access: {deployPendingChanges: true, excludeMethods: [GET /me]}";
    cluster.apply_spec(NAME, spec("REST", more));
    cluster.ready(NAME).await;
    assert!(cluster.cloud.served(API, STAGE, "GET /me").unwrap().is_open());
}

#[tokio::test(start_paused = true)]
async fn a_handshake_that_is_opened_and_not_deployed_is_told_and_never_written_over() {
    let mut cluster = cluster(Settings::default());
    cluster.cloud.preload_api(&Preloaded {
        routes: vec![("$connect", "AWS_IAM"), ("$default", "NONE")],
        auto_deploy: false,
        ..Preloaded::websocket(REGION, API, &[STAGE])
    });
    cluster.cloud.set_authorization(API, "$connect", "NONE");
    cluster.apply_spec(NAME, spec("WEBSOCKET", ""));
    for _ in 0..3 {
        assert_eq!(cluster.stalled(NAME).await, "UndeployedChanges");
        tokio::time::sleep(Duration::from_mins(10)).await;
    }
    let written = cluster.cloud.journal().count("UpdateRoute");
    assert_eq!(written, 0, "{}", cluster.story(NAME));
}

#[tokio::test(start_paused = true)]
async fn an_authorizer_that_was_edited_and_not_deployed_is_not_carried_by_the_locks_deployment() {
    let cases = [
        ("REST", "COGNITO_USER_POOLS", "access: {mode: ApiKey}"),
        (
            "REST",
            "COGNITO_USER_POOLS",
            "access: {excludeMethods: [GET /me]}",
        ),
    ];
    for (kind, asked, more) in cases {
        let mut cluster = api(kind, asked);
        cluster.cloud.edit_authorizer(API, 30);
        cluster.apply_spec(NAME, spec(kind, more));
        assert_eq!(cluster.stalled(NAME).await, "UndeployedChanges", "{more}");
        let said = cluster.message(NAME, "AccessRestricted");
        assert!(said.contains("the authorizer team"), "{more}: {said}");
        cluster.cloud.deploy(API, STAGE);
        cluster.settle_patiently(NAME).await;
        cluster.ready(NAME).await;
    }
}

#[tokio::test(start_paused = true)]
async fn a_policy_that_is_edited_while_exports_fail_is_neither_carried_nor_called_harmless() {
    let allowed = |principal: &str| {
        serde_json::json!({"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Principal": principal,
            "Action": "execute-api:Invoke", "Resource": format!("arn:aws:execute-api:{REGION}:123456789012:{API}/*")}]})
    };
    let own = "arn:aws:iam::123456789012:root";
    let mut cluster = api("REST", "NONE");
    cluster.cloud.set_policy(API, &allowed(own));
    cluster.cloud.deploy(API, STAGE);
    cluster.apply_spec(NAME, spec("REST", ""));
    cluster.ready(NAME).await;
    cluster.cloud.configure(|settings| settings.exports_fail = true);
    cluster
        .cloud
        .set_policy(API, &allowed("arn:aws:iam::123456789012:role/clerk"));
    cluster.cloud.clear_journal();
    tokio::time::sleep(Duration::from_hours(2)).await;
    cluster.resync(NAME).await;
    // Our own deployment tells which policy it carries, and that is not this one.
    assert_eq!(
        found(&cluster, "AccessRestricted"),
        pair("Unknown", "DeployedUnknown"),
        "{}",
        cluster.story(NAME)
    );
    resyncs(&mut cluster, 8).await;
    let journal = cluster.cloud.journal();
    assert!(journal.writes().is_empty(), "{:#?}", journal.writes());
    assert!(!cluster.cloud.served(API, STAGE, "GET /a").unwrap().is_open());
    cluster.cloud.configure(|settings| settings.exports_fail = false);
    cluster.settle_patiently(NAME).await;
    assert_eq!(
        cluster.condition(NAME, "AccessRestricted"),
        "True",
        "{}",
        cluster.story(NAME)
    );
}

/// So many that a lock of them takes a while.
const MANY: [&str; 12] = [
    "GET /a", "GET /b", "GET /c", "GET /d", "GET /e", "GET /f", "POST /a", "POST /b", "POST /c", "POST /d",
    "POST /e", "POST /f",
];

/// Whether the stage sends anybody to the backend that somebody edited in.
fn serves_the_edit(cluster: &Cluster, kind: &str) -> bool {
    let (region, api_id) = (REGION.to_owned(), API.to_owned());
    let call = match kind {
        "REST" => Call::ExportRestStage {
            region,
            api_id,
            stage: STAGE.to_owned(),
        },
        _ => Call::ExportApi {
            region,
            api_id,
            stage: Some(STAGE.to_owned()),
        },
    };
    match cluster.cloud.as_somebody(call).unwrap() {
        Answer::ExportRestStage(export) | Answer::ExportApi(export) => {
            export.to_string().contains("next.example.com")
        }
        other => panic!("{other:?}"),
    }
}

#[tokio::test(start_paused = true)]
async fn an_edit_that_is_made_while_we_lock_is_not_published() {
    for kind in ["REST", "HTTP"] {
        let mut cluster = cluster(Settings::default());
        let many = Preloaded::of(kind, REGION, API, &[STAGE]).with_routes(&MANY, false);
        cluster.cloud.preload_api(&many);
        cluster
            .cloud
            .configure(|settings| settings.edits_before_deployments = Some("GET /a"));
        cluster.apply_spec(NAME, spec(kind, ""));
        assert_eq!(cluster.stalled(NAME).await, "UndeployedChanges", "{kind}");
        assert!(!serves_the_edit(&cluster, kind), "{}", cluster.story(NAME));
        let edited = cluster.cloud.edited(API, "GET /a").unwrap();
        assert!(edited.is_open(), "{kind}: the working copy is theirs again");
        // Once they have deployed it, it is locked.
        cluster
            .cloud
            .configure(|settings| settings.edits_before_deployments = None);
        cluster.cloud.deploy(API, STAGE);
        cluster.settle_patiently(NAME).await;
        cluster.ready(NAME).await;
        assert!(serves_the_edit(&cluster, kind));
        assert!(!cluster.cloud.served(API, STAGE, "GET /a").unwrap().is_open());
    }
}
