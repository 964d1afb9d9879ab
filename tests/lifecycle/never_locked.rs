//! Whether an API can ever be locked is asked before anything is built; what could be, or need not be, is refused for nothing.

use super::as_deployed::{API, STAGE, api, before, spec};
use super::scenes::{NAME, UNREADABLE, cluster, fail, quiet, resyncs};
use super::support::cluster::Cluster;
use super::support::simulation::apigateway::Preloaded;
use super::support::simulation::journal::Entry;
use super::support::simulation::settings::Settings;
use palisade::aws::operations::Service;

/// APIs that can never be locked: type, a route and its authorization, mode, and what is said.
const NEVER: [(&str, &str, &str, &str, &str); 14] = [
    (
        "HTTP",
        "GET /a",
        "JWT",
        "SigV4",
        "No mode of this version can lock",
    ),
    (
        "HTTP",
        "GET /a",
        "CUSTOM",
        "SigV4",
        "No mode of this version can lock",
    ),
    (
        "HTTP",
        "GET /a",
        "JWT",
        "SecretHeader",
        "no mode of this version can lock",
    ),
    (
        "HTTP",
        "GET /a",
        "CUSTOM",
        "SecretHeader",
        "no mode of this version can lock",
    ),
    (
        "HTTP",
        "GET /a",
        "AWS_IAM",
        "SecretHeader",
        "spec.access.mode SigV4",
    ),
    (
        "WEBSOCKET",
        "$connect",
        "CUSTOM",
        "SigV4",
        "No mode of this version can lock",
    ),
    (
        "WEBSOCKET",
        "$connect",
        "CUSTOM",
        "SecretHeader",
        "no mode of this version can lock",
    ),
    (
        "WEBSOCKET",
        "$connect",
        "AWS_IAM",
        "SecretHeader",
        "spec.access.mode SigV4",
    ),
    (
        "REST",
        "GET /a",
        "COGNITO_USER_POOLS",
        "SigV4",
        "Set spec.access.mode to ApiKey",
    ),
    (
        "REST",
        "GET /a",
        "COGNITO_USER_POOLS",
        "SecretHeader",
        "spec.access.mode ApiKey",
    ),
    (
        "REST",
        "GET /a",
        "CUSTOM",
        "SigV4",
        "Set spec.access.mode to ApiKey",
    ),
    (
        "REST",
        "GET /a",
        "CUSTOM",
        "SecretHeader",
        "spec.access.mode ApiKey",
    ),
    (
        "REST",
        "GET /a",
        "AWS_IAM",
        "ApiKey",
        "Set spec.access.mode to SigV4",
    ),
    (
        "REST",
        "GET /a",
        "AWS_IAM",
        "SecretHeader",
        "spec.access.mode SigV4",
    ),
];

/// A cluster with an API of `$default` (REST: `GET /free`), which is open, and `route`, which asks for something.
fn beside(kind: &str, route: &'static str, asked: &'static str) -> Cluster {
    let open = if kind == "REST" { "GET /free" } else { "$default" };
    let api = Preloaded {
        routes: vec![(route, asked), (open, "NONE")],
        ..api(kind, true)
    };
    let cluster = cluster(Settings::default());
    cluster.cloud.preload_api(&api);
    cluster
}

#[tokio::test(start_paused = true)]
async fn what_can_never_be_locked_is_refused_before_anything_is_built() {
    for (kind, route, asked, mode, remedy) in NEVER {
        let case = format!("{kind} {asked} {mode}");
        let mut cluster = beside(kind, route, asked);
        cluster.apply_spec(NAME, spec(kind, &format!("access: {{mode: {mode}}}")));
        cluster.pass(NAME).await;
        assert_eq!(cluster.condition(NAME, "Accepted"), "False", "{case}");
        assert_eq!(cluster.reason(NAME, "Accepted"), "AuthorizerInTheWay", "{case}");
        let said = cluster.message(NAME, "Accepted");
        assert!(said.contains(remedy) && said.contains(route), "{case}: {said}");
        assert!(cluster.cloud.journal().writes().is_empty(), "{case}");
        // A perimeter that is only in front may stand.
        cluster.apply_spec(NAME, spec(kind, "access: {enforcement: Observe}"));
        cluster.pass(NAME).await;
        assert_eq!(cluster.condition(NAME, "Accepted"), "True", "{case}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_websocket_api_that_is_deployed_by_hand_is_refused_before_anything_is_built_unless_edits_may_be_carried()
 {
    for mode in ["SigV4", "SecretHeader"] {
        let mut cluster = before("WEBSOCKET", false, Settings::default());
        let of = |more: &str| spec("WEBSOCKET", &format!("access: {{mode: {mode}{more}}}"));
        cluster.apply_spec(NAME, of(""));
        cluster.pass(NAME).await;
        assert_eq!(cluster.condition(NAME, "Accepted"), "False", "{mode}");
        assert_eq!(cluster.reason(NAME, "Accepted"), "UndeployedChanges", "{mode}");
        let said = cluster.message(NAME, "Accepted");
        assert!(said.contains("deployPendingChanges"), "{mode}: {said}");
        assert!(cluster.cloud.journal().writes().is_empty(), "{mode}");
        cluster.apply_spec(NAME, of(", deployPendingChanges: true"));
        cluster.ready(NAME).await;
    }
}

#[tokio::test(start_paused = true)]
async fn a_handshake_that_is_locked_already_is_not_refused_for_edits_that_nothing_tells_of() {
    let mut cluster = before("WEBSOCKET", false, Settings::default());
    cluster.cloud.set_authorization(API, "$connect", "AWS_IAM");
    cluster.cloud.deploy(API, STAGE);
    cluster.apply_spec(NAME, spec("WEBSOCKET", ""));
    cluster.pass(NAME).await;
    assert_eq!(
        cluster.condition(NAME, "Accepted"),
        "True",
        "{}",
        cluster.story(NAME)
    );
}

#[tokio::test(start_paused = true)]
async fn what_is_left_open_on_purpose_or_can_go_beside_the_proof_refuses_nobody() {
    for (kind, route, asked, access) in [
        ("HTTP", "GET /a", "JWT", "{excludeMethods: ['GET /a']}"),
        (
            "REST",
            "GET /a",
            "COGNITO_USER_POOLS",
            "{excludeMethods: ['GET /a']}",
        ),
        ("REST", "GET /a", "COGNITO_USER_POOLS", "{mode: ApiKey}"),
        ("REST", "GET /a", "CUSTOM", "{mode: ApiKey}"),
        ("REST", "GET /a", "AWS_IAM", "{mode: SigV4}"),
    ] {
        let mut cluster = beside(kind, route, asked);
        cluster.apply_spec(NAME, spec(kind, &format!("access: {access}")));
        cluster.pass(NAME).await;
        let story = cluster.story(NAME);
        assert_eq!(
            cluster.condition(NAME, "Accepted"),
            "True",
            "{asked} {access}: {story}"
        );
    }
}

/// What is told of users whose tokens do not reach their authorizers.
fn told_of_tokens(cluster: &Cluster) -> Option<String> {
    let notes = cluster.objects[NAME].status.clone().unwrap().notes;
    let mut replaced = notes
        .into_iter()
        .filter(|note| note.reason == "AuthorizationReplaced");
    replaced.next().map(|note| note.message)
}

#[tokio::test(start_paused = true)]
async fn methods_whose_users_lose_their_tokens_to_the_signature_are_told_as_long_as_they_are_served() {
    for (kind, authorizer) in [("REST", "COGNITO_USER_POOLS"), ("HTTP", "JWT")] {
        let mut cluster = beside(kind, "GET /a", authorizer);
        let excluding = |mode: &str| {
            spec(
                kind,
                &format!("access: {{mode: {mode}, excludeMethods: ['GET /a']}}"),
            )
        };
        cluster.apply_spec(NAME, excluding("SigV4"));
        cluster.ready(NAME).await;
        let said = told_of_tokens(&cluster).unwrap_or_default();
        assert!(
            said.starts_with("GET /a asks an authorizer of its own"),
            "{kind}: {said}"
        );
        if kind == "REST" {
            // Nobody has deployed that it asks for nothing any more.
            cluster.cloud.set_authorization(API, "GET /a", "NONE");
            resyncs(&mut cluster, 7).await;
            assert!(told_of_tokens(&cluster).is_some(), "{}", cluster.story(NAME));
            cluster.cloud.set_authorization(API, "GET /a", authorizer);
        }
        cluster.apply_spec(NAME, excluding("SecretHeader"));
        cluster.ready(NAME).await;
        assert_eq!(told_of_tokens(&cluster), None, "{kind}");
    }
}

#[tokio::test(start_paused = true)]
async fn methods_that_cannot_be_read_refuse_nobody_before_the_lock() {
    for (kind, operation) in [
        ("REST", "apigateway:GetResources"),
        ("HTTP", "apigatewayv2:GetRoutes"),
    ] {
        let mut cluster = beside(kind, "GET /a", "NONE");
        fail(&cluster, operation, UNREADABLE);
        cluster.apply_spec(NAME, spec(kind, ""));
        cluster.pass(NAME).await;
        assert_eq!(cluster.condition(NAME, "Accepted"), "True", "{kind}");
        assert!(!cluster.cloud.journal().writes().is_empty(), "{kind}");
    }
}

#[tokio::test(start_paused = true)]
async fn what_is_built_goes_on_whatever_its_team_has_methods_ask_for_and_declares_anew() {
    let mut cluster = beside("REST", "GET /a", "NONE");
    cluster.apply_spec(NAME, spec("REST", "access: {enforcement: Observe}"));
    cluster.ready(NAME).await;
    cluster
        .cloud
        .set_authorization(API, "GET /a", "COGNITO_USER_POOLS");
    cluster.cloud.deploy(API, STAGE);
    cluster.apply_spec(NAME, spec("REST", ""));
    assert_eq!(cluster.stalled(NAME).await, "AuthorizerInTheWay");
    assert_eq!(cluster.condition(NAME, "Accepted"), "True");
    assert_eq!(cluster.reason(NAME, "AccessRestricted"), "AuthorizerInTheWay");
}

/// A plain API costs one read more before it is built, and nothing more once it stands.
#[tokio::test(start_paused = true)]
async fn whether_an_api_can_be_locked_is_asked_once() {
    for (kind, operation) in [("REST", "GetResources"), ("HTTP", "GetRoutes")] {
        let mut cluster = beside(kind, "GET /a", "NONE");
        let reads = |cluster: &Cluster| {
            let journal = cluster.cloud.journal();
            let of_the_api = |entry: &&Entry| {
                entry.operation.name == operation
                    && matches!(
                        entry.operation.service,
                        Service::ApiGateway | Service::ApiGatewayV2
                    )
            };
            journal.entries.iter().filter(of_the_api).count()
        };
        cluster.apply_spec(NAME, spec(kind, ""));
        cluster.pass(NAME).await;
        assert_eq!(reads(&cluster), 1, "{kind}");
        cluster.ready(NAME).await;
        quiet(&mut cluster, NAME).await;
        let before = reads(&cluster);
        cluster.resync(NAME).await;
        assert_eq!(reads(&cluster), before, "{kind}");
    }
}
