//! Nothing of mutual TLS is built until all that may refuse it was read: each refusal is told before the first write, and goes on once it
//! is mended. What stands is not taken down by any.

use super::mutual_tls::{assert_locked, client_certificates, shown};
use super::mutual_tls_refused::{assert_nothing_built, assert_refused, goes_on};
use super::petstore::API;
use super::scenes::{KEY, MUTUAL_TLS, NAME, ORIGIN, cluster, hours, quiet, ready, resyncs, the};
use super::support::cluster::Cluster;
use super::support::simulation::apigateway::{Preloaded, RoutingRule};
use super::support::simulation::pricing_plans::PricingPlan;
use super::support::simulation::resources::Kind;
use super::support::simulation::settings::Settings;
use std::time::Duration;

const ENHANCED: &str = "SecurityPolicy_TLS13_1_3_2025_09";

fn with_consent() -> String {
    MUTUAL_TLS.replace("originDomain", "disableForAllStages: true, originDomain")
}

fn two_stages() -> Preloaded {
    Preloaded::rest("eu-north-1", API, &["prod", "dev"])
}

#[tokio::test(start_paused = true)]
async fn other_stages_without_consent_are_told_before_anything_is_built() {
    let mut cluster = cluster(Settings::default());
    cluster.cloud.preload_api(&two_stages());
    assert_refused(
        &mut cluster,
        MUTUAL_TLS,
        "OtherStagesServed",
        "disableForAllStages",
    )
    .await;
    // As long as nobody mends it.
    for _ in 0..6 {
        hours(1).await;
        cluster.pass_surviving(NAME).await;
        assert_nothing_built(&cluster, "hours later");
    }
    cluster.apply(NAME, &with_consent());
    goes_on(&mut cluster).await;
}

#[tokio::test(start_paused = true)]
async fn another_stage_that_goes_lets_it_go_on_by_itself() {
    let mut cluster = cluster(Settings::default());
    cluster.cloud.preload_api(&two_stages());
    assert_refused(&mut cluster, MUTUAL_TLS, "OtherStagesServed", "dev").await;
    cluster.cloud.delete_stage(API, "dev");
    goes_on(&mut cluster).await;
}

#[tokio::test(start_paused = true)]
async fn under_observe_other_stages_lose_nothing_and_hold_nothing_back() {
    let mut cluster = cluster(Settings::default());
    cluster.cloud.preload_api(&two_stages());
    cluster.apply(NAME, &MUTUAL_TLS.replace("mode:", "enforcement: Observe, mode:"));
    cluster.settle_patiently(NAME).await;
    for _ in 0..8 {
        cluster.resync(NAME).await;
    }
    assert!(!shown(&cluster).is_empty(), "{}", cluster.story(NAME));
    assert!(!cluster.cloud.is_endpoint_off(API));
}

#[tokio::test(start_paused = true)]
async fn an_enhanced_security_policy_is_told_before_anything_is_built() {
    for mode in ["STRICT", "BASIC"] {
        let mut cluster = cluster(Settings::default());
        cluster.cloud.preload_api(&Preloaded {
            security_policy: Some((ENHANCED, Some(mode))),
            ..Preloaded::rest("eu-north-1", API, &["prod"])
        });
        assert_refused(&mut cluster, MUTUAL_TLS, "UnsupportedEndpoint", ENHANCED).await;
        assert!(cluster.message(NAME, "Stalled").contains(mode));
        cluster.cloud.set_security_policy(API, Some("TLS_1_2"));
        goes_on(&mut cluster).await;
    }
}

#[tokio::test(start_paused = true)]
async fn an_enhanced_security_policy_is_no_matter_of_other_modes() {
    let mut cluster = cluster(Settings::default());
    cluster.cloud.preload_api(&Preloaded {
        security_policy: Some((ENHANCED, Some("STRICT"))),
        ..Preloaded::rest("eu-north-1", API, &["prod"])
    });
    cluster.apply(NAME, "");
    cluster.ready(NAME).await;
}

#[tokio::test(start_paused = true)]
async fn an_enhanced_security_policy_that_comes_later_takes_nothing_down() {
    let mut cluster = ready(MUTUAL_TLS).await;
    cluster.cloud.set_security_policy(API, Some(ENHANCED));
    resyncs(&mut cluster, 8).await;
    assert_locked(&cluster);
    assert_eq!(client_certificates(&cluster).len(), 1);
}

#[tokio::test(start_paused = true)]
async fn a_web_socket_api_is_refused_before_anything_is_built() {
    let mut cluster = cluster(Settings::default());
    let api = Preloaded::websocket("eu-north-1", "socket0000", &["live"]);
    cluster.cloud.preload_api(&api);
    let origin = "{endpoint: socket0000.execute-api.eu-north-1.amazonaws.com, type: WEBSOCKET, stage: live}";
    let spec = format!("origin: {origin}\n{MUTUAL_TLS}");
    cluster.apply_spec(NAME, serde_yaml::from_str(&spec).unwrap());
    assert_eq!(cluster.stalled(NAME).await, "InvalidSpec");
    assert!(cluster.message(NAME, "Accepted").contains("spec.access.mode"));
    assert_eq!(cluster.cloud.journal().writes().len(), 0, "nothing is built");
}

#[tokio::test(start_paused = true)]
async fn a_name_with_routing_rules_of_others_is_left_alone_and_nothing_is_built() {
    let mut cluster = cluster(Settings::default());
    let rule = RoutingRule {
        domain: ORIGIN,
        mode: "ROUTING_RULE_ONLY",
        priority: 1,
        path: "",
        stage: "prod",
    };
    cluster.cloud.route_domain(&rule, API);
    cluster.watch();
    assert_refused(&mut cluster, MUTUAL_TLS, "NameTaken", ORIGIN).await;
    cluster.cloud.unmap_domain(ORIGIN);
    goes_on(&mut cluster).await;
}

/// Whether the plan is known before the mode is asked for, or seen with that for the first time.
#[tokio::test(start_paused = true)]
async fn a_pricing_plan_without_client_certificates_is_told_before_anything_is_built() {
    for is_known in [true, false] {
        let mut cluster = ready(KEY).await;
        let arns = [Kind::Distribution, Kind::WebAcl].map(|kind| the(&cluster, kind).arn);
        let plan = PricingPlan::of("FREE", arns.to_vec());
        cluster
            .cloud
            .configure(|settings| settings.pricing_plans = vec![plan]);
        hours(7).await;
        if is_known {
            cluster.settle_patiently(NAME).await;
        }
        cluster.cloud.clear_journal();
        assert_refused(&mut cluster, MUTUAL_TLS, "PricingPlan", "spec.access.mutualTls").await;
        cluster
            .cloud
            .configure(|settings| settings.pricing_plans[0].plan_tier = "BUSINESS");
        hours(7).await;
        cluster.settle_patiently(NAME).await;
        cluster.ready(NAME).await;
        quiet(&mut cluster, NAME).await;
        assert_locked(&cluster);
    }
}

/// Passes until a client certificate is imported.
async fn until_imported(cluster: &mut Cluster) {
    for _ in 0..200 {
        let outcome = cluster.pass(NAME).await;
        if cluster.cloud.journal().count("ImportCertificate") > 0 {
            return;
        }
        tokio::time::sleep(outcome.requeue.min(Duration::from_secs(20))).await;
    }
    panic!("nothing is imported: {}", cluster.story(NAME));
}

#[tokio::test(start_paused = true)]
async fn a_stage_that_comes_while_it_is_built_takes_nothing_down_and_keeps_its_endpoint() {
    let mut cluster = cluster(Settings::default());
    cluster.apply(NAME, MUTUAL_TLS);
    until_imported(&mut cluster).await;
    cluster.cloud.preload_api(&two_stages());
    let made = client_certificates(&cluster);
    for _ in 0..60 {
        let outcome = cluster.pass_surviving(NAME).await;
        tokio::time::sleep(outcome.requeue.min(Duration::from_mins(1))).await;
    }
    let story = cluster.story(NAME);
    assert!(!cluster.cloud.is_endpoint_off(API), "{story}");
    assert!(story.contains("OtherStagesServed"), "{story}");
    let journal = cluster.cloud.journal();
    for name in [
        "DeleteDomainName",
        "DeleteCertificate",
        "DeleteObject",
        "DeleteApiMapping",
    ] {
        assert_eq!(journal.count(name), 0, "{name}: {}", journal.summary());
    }
    assert_eq!(client_certificates(&cluster), made);
    cluster.apply(NAME, &with_consent());
    goes_on(&mut cluster).await;
}

#[tokio::test(start_paused = true)]
async fn a_stage_that_comes_behind_a_lock_takes_nothing_down() {
    let mut cluster = ready(MUTUAL_TLS).await;
    cluster.cloud.preload_api(&Preloaded {
        default_endpoint_disabled: true,
        ..two_stages()
    });
    resyncs(&mut cluster, 8).await;
    assert_locked(&cluster);
}
