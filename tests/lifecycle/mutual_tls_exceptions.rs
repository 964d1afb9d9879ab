//! What no lock of the mode before was made for stays as it is beside a client certificate, and what somebody has opened does not.

use super::mutual_tls_modes::{changes, held, until};
use super::petstore::{API, METHODS};
use super::scenes::{KEY, MUTUAL_TLS, NAME, assert_proven, cluster, config, quiet, ready, resyncs, values};
use super::stage_and_mode::REGION;
use super::support::simulation::apigateway::Preloaded;
use super::support::simulation::settings::Settings;
use palisade::api::{CutOver, ProtectedApiSpec};
use palisade::domain::edge::config::sent_of;

/// An HTTP API, one route of which asks for something of its team's own.
const HTTP: &str = "orders0000";

fn orders(mode: &str, excluded: bool) -> ProtectedApiSpec {
    let origin = format!(
        "origin: {{endpoint: {HTTP}.execute-api.eu-north-1.amazonaws.com, type: HTTP, stage: $default}}"
    );
    let exclude = if excluded {
        ", excludeMethods: ['POST /orders']"
    } else {
        ""
    };
    serde_yaml::from_str(&format!(
        "{origin}\naccess: {{mode: {mode}, deployPendingChanges: true{exclude}}}"
    ))
    .unwrap()
}

/// The same with mutual TLS.
fn orders_by_certificate() -> ProtectedApiSpec {
    let mut spec = orders("SigV4", false);
    let declared: ProtectedApiSpec = serde_yaml::from_str(&format!(
        "origin: {{endpoint: {HTTP}.execute-api.eu-north-1.amazonaws.com, type: HTTP, stage: $default}}\n{MUTUAL_TLS}"
    ))
    .unwrap();
    spec.access = declared.access;
    spec
}

/// What `excludeMethods` left to its own authorizer stays with it: mutual TLS knows no such field.
#[tokio::test(start_paused = true)]
async fn a_route_with_an_authorizer_of_its_own_keeps_it_all_the_way() {
    for mode in ["SecretHeader", "SigV4"] {
        for auto_deploy in [true, false] {
            let mut cluster = cluster(Settings::default());
            cluster.cloud.preload_api(&Preloaded {
                routes: vec![("GET /orders", "NONE"), ("POST /orders", "JWT")],
                auto_deploy,
                ..Preloaded::http(REGION, HTTP, &["$default"])
            });
            cluster.apply_spec(NAME, orders(mode, true));
            cluster.ready(NAME).await;
            quiet(&mut cluster, NAME).await;
            cluster.apply_spec(NAME, orders_by_certificate());
            let told = format!("{mode}, auto-deploy {auto_deploy}");
            changes(&mut cluster, HTTP, &told).await;
            let served = |route: &str| cluster.cloud.served(HTTP, "$default", route).unwrap().kind;
            assert_eq!(served("POST /orders"), "JWT", "{told}");
            assert_eq!(served("GET /orders"), "NONE", "{told}");
            assert!(values(&cluster).is_empty(), "{told}");
            assert_proven(&cluster);
            assert!(cluster.cloud.is_endpoint_off(HTTP), "{told}");
        }
    }
}

/// Before the mode changed somebody had opened a method, and it counts as open until the mode before has locked it again.
#[tokio::test(start_paused = true)]
async fn what_somebody_has_opened_is_no_exception_of_the_mode_before() {
    let mut cluster = ready(KEY).await;
    cluster.invariants = None;
    cluster.cloud.require_api_key(API, METHODS[0], false);
    cluster.cloud.deploy(API, "prod");
    let mut status = cluster.objects[NAME].status.clone().unwrap_or_default();
    let conditions = status.conditions.iter_mut();
    for condition in conditions.filter(|condition| condition.type_ == "AccessRestricted") {
        condition.status = "False".to_owned();
        condition.reason = "Open".to_owned();
    }
    cluster.objects.get_mut(NAME).unwrap().status = Some(status);
    cluster.apply(NAME, MUTUAL_TLS);
    until(&mut cluster, "opened", |cluster| held(cluster).is_some()).await;
    let excluded = held(&cluster)
        .and_then(|held| held.exclude_methods)
        .unwrap_or_default();
    assert!(
        !excluded.iter().any(|method| method == METHODS[0]),
        "{excluded:?}: {}",
        cluster.story(NAME)
    );
}

/// What `excludeMethods` left to signatures of the team's own callers asks for them still, and CloudFront shows no certificate meanwhile.
#[tokio::test(start_paused = true)]
async fn a_route_that_was_excluded_with_signatures_of_its_own_keeps_them() {
    let mut cluster = cluster(Settings::default());
    cluster.cloud.preload_api(&Preloaded {
        routes: vec![("GET /orders", "NONE"), ("POST /orders", "AWS_IAM")],
        auto_deploy: false,
        ..Preloaded::http(REGION, HTTP, &["$default"])
    });
    cluster.apply_spec(NAME, orders("SigV4", true));
    cluster.ready(NAME).await;
    quiet(&mut cluster, NAME).await;
    cluster.apply_spec(NAME, orders_by_certificate());
    until(&mut cluster, "signatures of its own", |cluster| {
        let said = cluster.message(NAME, "AccessRestricted");
        said.contains("ask for signatures still: POST /orders")
    })
    .await;
    let story = cluster.story(NAME);
    let kind = |route: &str| cluster.cloud.served(HTTP, "$default", route).unwrap().kind;
    assert_eq!(kind("POST /orders"), "AWS_IAM", "{story}");
    assert_eq!(kind("GET /orders"), "CUSTOM", "{story}");
    assert!(sent_of(&config(&cluster)).signs, "{story}");
    assert!(!cluster.cloud.is_endpoint_off(HTTP), "{story}");
    assert_eq!(cluster.condition(NAME, "AccessRestricted"), "True", "{story}");
}

/// Nothing but a request shows that the switch of the default endpoint is in effect: where none may be sent, both locks stay.
#[tokio::test(start_paused = true)]
async fn where_no_route_may_be_probed_the_lock_before_is_not_taken_off() {
    let mut cluster = cluster(Settings::default());
    cluster.cloud.preload_api(&Preloaded {
        routes: vec![("POST /orders", "NONE")],
        auto_deploy: false,
        ..Preloaded::http(REGION, HTTP, &["$default"])
    });
    let without_a_probe = |mut spec: ProtectedApiSpec| {
        let access = spec.access.as_mut().unwrap();
        access.cut_over = Some(CutOver::AfterDeployed);
        spec
    };
    cluster.apply_spec(NAME, without_a_probe(orders("SecretHeader", false)));
    cluster.ready(NAME).await;
    cluster.apply_spec(NAME, without_a_probe(orders_by_certificate()));
    resyncs(&mut cluster, 24).await;
    let story = cluster.story(NAME);
    assert!(cluster.cloud.is_endpoint_off(HTTP), "{story}");
    let served = cluster.cloud.served(HTTP, "$default", "POST /orders").unwrap();
    assert_eq!(served.kind, "CUSTOM", "{story}");
    assert_eq!(values(&cluster).len(), 1, "{story}");
    let said = cluster.message(NAME, "AccessRestricted");
    assert!(said.contains("no method that a probe may ask"), "{said}");
}
