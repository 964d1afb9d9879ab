//! Integrations that are called with the caller's credentials, which behind a perimeter are the signer's.

use super::exclusive::is_locked;
use super::petstore::{API, EXCLUSIVE, METHODS};
use super::scenes::{NAME, UNREADABLE, cluster, fail, routed, routed_apis};
use super::support::simulation::apigateway::Preloaded;
use super::support::simulation::settings::Settings;

/// How SAM makes them beside `DefaultAuthorizer: AWS_IAM`.
const CALLER: &str = "arn:aws:iam::*:user/*";

#[tokio::test(start_paused = true)]
async fn integrations_that_are_called_with_the_callers_credentials_are_told_and_mended() {
    for spec in ["", EXCLUSIVE] {
        let mut cluster = cluster(Settings::default());
        for method in METHODS {
            cluster.cloud.set_authorization(API, method, "AWS_IAM");
            cluster.cloud.set_credentials(API, method, CALLER);
        }
        cluster.cloud.deploy(API, "prod");
        cluster.apply(NAME, spec);
        assert_eq!(cluster.stalled(NAME).await, "CallerCredentials", "{spec}");
        let said = cluster.message(NAME, "AccessRestricted");
        assert!(said.contains("InvokeRole: NONE in SAM"), "{said}");
        assert!(is_locked(&cluster));
        assert!(cluster.cloud.policy_of(API).is_null(), "AWS takes none");
        for method in METHODS {
            cluster.cloud.set_credentials(API, method, "");
        }
        cluster.cloud.deploy(API, "prod");
        cluster.settle_patiently(NAME).await;
        cluster.ready(NAME).await;
        assert_eq!(cluster.cloud.policy_of(API).is_null(), spec.is_empty());
    }
}

/// An HTTP or a WebSocket API whose locked routes ask for a signature of their own accord.
fn signed(api: Preloaded) -> Preloaded {
    let asks = |key: &str| if key == "$default" { "NONE" } else { "AWS_IAM" };
    let routes = api.routes.iter().map(|(key, _)| (*key, asks(key))).collect();
    Preloaded { routes, ..api }
}

#[tokio::test(start_paused = true)]
async fn routes_whose_integrations_are_called_with_the_callers_credentials_are_told_and_mended() {
    for auto_deploy in [true, false] {
        for (id, kind, api) in routed_apis(auto_deploy) {
            let api = signed(api);
            let (route, _) = api.routes[0];
            let mut cluster = cluster(Settings::default());
            cluster.cloud.preload_api(&api);
            cluster.cloud.set_credentials(id, route, CALLER);
            cluster.cloud.deploy(id, "live");
            cluster.apply_spec(NAME, routed(id, kind, "SigV4"));
            let case = format!("{kind} {auto_deploy}");
            assert_eq!(cluster.stalled(NAME).await, "CallerCredentials", "{case}");
            let said = cluster.message(NAME, "AccessRestricted");
            let is_told = said.contains(route) && said.contains("credentialsArn of the integration");
            assert!(is_told, "{case}: {said}");
            cluster.cloud.set_credentials(id, route, "");
            cluster.cloud.deploy(id, "live");
            cluster.settle_patiently(NAME).await;
            cluster.ready(NAME).await;
        }
    }
}

#[tokio::test(start_paused = true)]
async fn integrations_are_not_read_of_routes_that_ask_for_no_signature() {
    for (id, kind, api) in routed_apis(true) {
        for mode in ["SigV4", "SecretHeader"] {
            let mut cluster = cluster(Settings::default());
            cluster.cloud.preload_api(&api);
            cluster.apply_spec(NAME, routed(id, kind, mode));
            cluster.ready(NAME).await;
            // Once locked by a signature, they are read with the routes.
            let most = usize::from(mode == "SigV4");
            let read = cluster.cloud.journal().count("GetIntegrations");
            assert!(read <= most, "{kind} {mode}: {}", cluster.story(NAME));
        }
    }
}

#[tokio::test(start_paused = true)]
async fn integrations_that_may_not_be_read_hold_no_lock_up() {
    for (id, kind, api) in routed_apis(true) {
        let mut cluster = cluster(Settings::default());
        cluster.cloud.preload_api(&signed(api));
        fail(&cluster, "GetIntegrations", UNREADABLE);
        cluster.apply_spec(NAME, routed(id, kind, "SigV4"));
        cluster.ready(NAME).await;
        assert!(cluster.cloud.journal().count("GetIntegrations") > 0, "{kind}");
    }
}

#[tokio::test(start_paused = true)]
async fn where_a_policy_cannot_be_set_the_lock_is_made_all_the_same() {
    let mut cluster = cluster(Settings::default());
    cluster.cloud.set_credentials(API, "POST /pets", CALLER);
    cluster.cloud.deploy(API, "prod");
    cluster.apply(NAME, EXCLUSIVE);
    assert_eq!(cluster.stalled(NAME).await, "CallerCredentials");
    assert!(is_locked(&cluster));
    assert!(cluster.cloud.policy_of(API).is_null());
}
