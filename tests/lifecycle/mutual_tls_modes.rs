//! A live object changes its mode to mutual TLS: no viewer is refused on the way, and nobody gets in past the perimeter who did not before.
//! Each write is followed by a look at all viewers, by the configuration that edge locations had before it as well.

use super::customers_keys::{add_key, plan_of_customers};
use super::marks::TWO_STAGES;
use super::mutual_tls::{assert_locked, shown};
use super::petstore::{API, METHODS, is_open};
use super::scenes::{
    HEADER, KEY, MUTUAL_TLS, NAME, ORIGIN, assert_proven, cluster, config, found, pair, quiet, ready,
    resyncs, setting, values,
};
use super::stage_and_mode::{REGION, REST, locked, spec};
use super::support::cluster::Cluster;
use super::support::simulation::apigateway::Preloaded;
use super::support::simulation::resources::Kind;
use super::support::simulation::settings::Settings;
use palisade::api::{HeldModeStatus, ProtectedApiSpec, ROTATE};
use palisade::domain::edge::config::sent_of;
use std::time::Duration;

const SIGNATURE: &str = "";
/// The modes that have something locked.
const BEFORE: [&str; 3] = [SIGNATURE, KEY, HEADER];
/// Of a REST API the default endpoint, by which CloudFront reaches it before.
const ENDPOINT: &str = "a1b2c3d4e5.execute-api.eu-north-1.amazonaws.com";
/// An HTTP API, one route of which asks for a user's token.
const HTTP: &str = "orders0000";

fn leads_to(cluster: &Cluster) -> String {
    setting(cluster, "Origins/Items/Origin/DomainName")
}

fn held(cluster: &Cluster) -> Option<HeldModeStatus> {
    let status = cluster.objects[NAME].status.clone().unwrap_or_default();
    status.access.and_then(|access| access.held_mode)
}

/// CloudFront never signs for an origin that it shows a certificate to, and the default endpoint never comes back.
fn look(cluster: &Cluster, api: &str, was_off: &mut bool, told: &str) {
    let sent = sent_of(&config(cluster));
    let story = || cluster.story(NAME);
    assert!(
        !sent.signs || shown(cluster).is_empty(),
        "{told}: both at once: {}",
        story()
    );
    let is_off = cluster.cloud.is_endpoint_off(api);
    assert!(
        is_off || !*was_off,
        "{told}: the endpoint is on again: {}",
        story()
    );
    *was_off = is_off;
}

/// Passes, each looked at, until all is as declared.
async fn changes(cluster: &mut Cluster, api: &str, told: &str) {
    let mut was_off = cluster.cloud.is_endpoint_off(api);
    for _ in 0..400 {
        let outcome = cluster.pass_surviving(NAME).await;
        look(cluster, api, &mut was_off, told);
        if cluster.condition(NAME, "Ready") == "True" && outcome.plan.is_empty() {
            return;
        }
        tokio::time::sleep(outcome.requeue.min(Duration::from_secs(20))).await;
    }
    panic!("{told}: {}", cluster.story(NAME));
}

/// Passes until `is_so`.
async fn until(cluster: &mut Cluster, told: &str, is_so: impl Fn(&Cluster) -> bool) {
    for _ in 0..300 {
        if is_so(cluster) {
            return;
        }
        let outcome = cluster.pass_surviving(NAME).await;
        tokio::time::sleep(outcome.requeue.min(Duration::from_secs(20))).await;
    }
    panic!("{told}: {}", cluster.story(NAME));
}

/// Whether each method asks for the perimeter's key, or its authorizer, as deployed.
fn is_locked_by_methods(cluster: &Cluster) -> bool {
    METHODS.into_iter().all(|method| {
        let served = cluster.cloud.served(API, "prod", method).unwrap();
        served.api_key_required || served.kind == "CUSTOM"
    })
}

#[tokio::test(start_paused = true)]
async fn from_each_mode_an_api_ends_locked_by_the_certificate_and_no_method_is_opened() {
    for before in BEFORE {
        let mut cluster = ready(before).await;
        cluster.apply(NAME, MUTUAL_TLS);
        changes(&mut cluster, API, before).await;
        quiet(&mut cluster, NAME).await;
        assert_locked(&cluster);
        assert_eq!(leads_to(&cluster), ORIGIN, "{before}");
        assert!(!is_open(&cluster) && is_locked_by_methods(&cluster), "{before}");
        assert_eq!(values(&cluster).len(), 1, "{before}");
        let said = cluster.message(NAME, "AccessRestricted");
        let noun = match before {
            HEADER => "the perimeter's secret in x-origin-verify",
            _ => "the perimeter's API key",
        };
        assert!(
            said.contains(&format!("the methods go on asking for {noun}")),
            "{before}: {said}"
        );
    }
}

#[tokio::test(start_paused = true)]
async fn the_lock_of_the_mode_before_is_told_as_it_stands_until_the_other_is_proven() {
    for before in BEFORE {
        let mut cluster = ready(before).await;
        cluster.apply(NAME, MUTUAL_TLS);
        until(&mut cluster, before, |cluster| {
            let is_off = cluster.cloud.is_endpoint_off(API);
            let story = || cluster.story(NAME);
            assert!(
                is_off || cluster.condition(NAME, "AccessRestricted") == "True",
                "{before}: {}",
                story()
            );
            assert_ne!(
                cluster.condition(NAME, "ViewerAccessVerified"),
                "False",
                "{before}"
            );
            assert_ne!(
                cluster.condition(NAME, "DirectAccessBlocked"),
                "False",
                "{before}"
            );
            is_off
        })
        .await;
        changes(&mut cluster, API, before).await;
    }
}

#[tokio::test(start_paused = true)]
async fn signatures_end_before_the_certificate_is_shown_and_people_are_told_what_comes_first() {
    let mut cluster = ready(SIGNATURE).await;
    cluster.apply(NAME, MUTUAL_TLS);
    until(&mut cluster, "the bridge", |cluster| {
        let said = cluster.message(NAME, "AccessRestricted");
        said.contains("perimeter's API key first")
    })
    .await;
    assert_eq!(leads_to(&cluster), ENDPOINT);
    until(&mut cluster, "the signer goes", |cluster| {
        let signs = sent_of(&config(cluster)).signs;
        assert!(!signs || leads_to(cluster) == ENDPOINT, "{}", cluster.story(NAME));
        !signs
    })
    .await;
    assert_eq!(
        leads_to(&cluster),
        ENDPOINT,
        "it is not deployed without the signer yet"
    );
    changes(&mut cluster, API, "from signatures").await;
    let journal = cluster.cloud.journal();
    let refused = journal.entries.iter().filter(|entry| entry.code.is_some());
    let refused: Vec<_> = refused
        .filter(|entry| entry.operation.name == "UpdateDistribution")
        .collect();
    assert!(refused.is_empty(), "{refused:#?}");
}

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
            assert_eq!(served("GET /orders"), "CUSTOM", "{told}");
            assert_proven(&cluster);
            assert!(cluster.cloud.is_endpoint_off(HTTP), "{told}");
        }
    }
}

#[tokio::test(start_paused = true)]
async fn the_secret_value_of_the_mode_before_goes_on_being_replaced() {
    for before in [KEY, HEADER] {
        let mut cluster = ready(before).await;
        cluster.apply(NAME, MUTUAL_TLS);
        changes(&mut cluster, API, before).await;
        quiet(&mut cluster, NAME).await;
        let (value, certificate) = (values(&cluster), shown(&cluster));
        cluster.annotate(NAME, ROTATE, "today");
        tokio::time::sleep(Duration::from_mins(1)).await;
        changes(&mut cluster, API, before).await;
        resyncs(&mut cluster, 8).await;
        changes(&mut cluster, API, before).await;
        assert_ne!(values(&cluster), value, "{before}: {}", cluster.story(NAME));
        assert_eq!(values(&cluster).len(), 1, "{before}");
        assert_ne!(shown(&cluster), certificate, "{before}");
        quiet(&mut cluster, NAME).await;
    }
}

/// Nobody gets in past the perimeter by then, so nothing puts the earlier lock back.
#[tokio::test(start_paused = true)]
async fn an_earlier_lock_that_its_team_takes_off_ends_and_leaves_nothing_behind() {
    let mut cluster = ready(KEY).await;
    cluster.apply(NAME, MUTUAL_TLS);
    changes(&mut cluster, API, KEY).await;
    quiet(&mut cluster, NAME).await;
    for method in METHODS {
        cluster.cloud.require_api_key(API, method, false);
    }
    cluster.cloud.deploy(API, "prod");
    cluster.watch();
    resyncs(&mut cluster, 16).await;
    changes(&mut cluster, API, "taken off").await;
    assert!(is_open(&cluster), "{}", cluster.story(NAME));
    assert_eq!(values(&cluster).len(), 0, "{}", cluster.story(NAME));
    let left = cluster.cloud.resources_of(&cluster.uid(NAME)).into_iter();
    assert_eq!(left.filter(|found| found.kind == Kind::ApiKey).count(), 0);
    assert_eq!(held(&cluster), None);
    quiet(&mut cluster, NAME).await;
    assert_locked(&cluster);
}

#[tokio::test(start_paused = true)]
async fn an_api_that_was_only_observed_has_nothing_to_bridge() {
    for before in [
        "access: {enforcement: Observe}",
        "access: {mode: ApiKey, enforcement: Observe}",
    ] {
        let mut cluster = cluster(Settings::default());
        cluster.apply(NAME, before);
        cluster.ready(NAME).await;
        // For a while such a perimeter shows nothing to the API.
        cluster.invariants = None;
        cluster.apply(NAME, MUTUAL_TLS);
        changes(&mut cluster, API, before).await;
        assert_locked(&cluster);
        assert_eq!(held(&cluster), None, "{before}");
        assert!(is_open(&cluster) && values(&cluster).is_empty(), "{before}");
        assert_eq!(cluster.cloud.journal().count("CreateApiKey"), 0, "{before}");
    }
}

#[tokio::test(start_paused = true)]
async fn under_observe_the_mode_before_is_neither_taken_off_nor_mended_and_the_endpoint_stays_on() {
    for before in [KEY, HEADER] {
        let mut cluster = ready(before).await;
        cluster.apply(NAME, &MUTUAL_TLS.replace("mode:", "enforcement: Observe, mode:"));
        resyncs(&mut cluster, 12).await;
        assert!(!cluster.cloud.is_endpoint_off(API), "{before}");
        assert!(
            is_locked_by_methods(&cluster),
            "{before}: {}",
            cluster.story(NAME)
        );
        assert_eq!(values(&cluster).len(), 1, "{before}: {}", cluster.story(NAME));
        cluster.apply(NAME, MUTUAL_TLS);
        changes(&mut cluster, API, before).await;
        assert_locked(&cluster);
    }
}

#[tokio::test(start_paused = true)]
async fn where_keys_of_customers_keep_a_key_out_the_bridge_is_a_secret_header() {
    let mut cluster = ready(SIGNATURE).await;
    let plan = plan_of_customers(&mut cluster);
    add_key(&cluster, &plan);
    cluster.watch();
    cluster.apply(NAME, MUTUAL_TLS);
    changes(&mut cluster, API, "keys of customers").await;
    assert_locked(&cluster);
    let served = cluster.cloud.served(API, "prod", "GET /pets").unwrap();
    assert_eq!(served.kind, "CUSTOM", "{}", cluster.story(NAME));
}

/// A canary release that takes a share of the viewers keeps methods from changing: they go on asking for what CloudFront goes on sending.
#[tokio::test(start_paused = true)]
async fn where_the_bridge_is_not_possible_signatures_go_on() {
    let mut cluster = ready(SIGNATURE).await;
    cluster.cloud.deploy_canary(API, "prod", true);
    cluster.watch();
    cluster.apply(NAME, MUTUAL_TLS);
    resyncs(&mut cluster, 12).await;
    let story = cluster.story(NAME);
    assert!(sent_of(&config(&cluster)).signs, "{story}");
    assert!(
        shown(&cluster).is_empty() && leads_to(&cluster) == ENDPOINT,
        "{story}"
    );
    assert!(!cluster.cloud.is_endpoint_off(API), "{story}");
    assert_ne!(cluster.condition(NAME, "Ready"), "True", "{story}");
    assert_eq!(cluster.reason(NAME, "Stalled"), "CanaryInTheWay", "{story}");
}

#[tokio::test(start_paused = true)]
async fn a_status_that_is_lost_on_the_way_is_found_again() {
    for before in BEFORE {
        for passes in [1, 4, 8, 16, 32] {
            let told = format!("{before} after {passes} passes");
            let mut cluster = ready(before).await;
            cluster.apply(NAME, MUTUAL_TLS);
            for _ in 0..passes {
                let outcome = cluster.pass_surviving(NAME).await;
                tokio::time::sleep(outcome.requeue.min(Duration::from_secs(20))).await;
            }
            cluster.objects.get_mut(NAME).unwrap().status = None;
            cluster.restart();
            changes(&mut cluster, API, &told).await;
            assert!(!is_open(&cluster) && is_locked_by_methods(&cluster), "{told}");
            assert_locked(&cluster);
            quiet(&mut cluster, NAME).await;
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_mode_that_was_itself_on_its_way_ends_at_the_certificate() {
    for (before, first) in [(SIGNATURE, KEY), (KEY, SIGNATURE), (HEADER, KEY)] {
        for passes in [1, 3, 6] {
            let told = format!("{before}, {first}, after {passes} passes");
            let mut cluster = ready(before).await;
            cluster.apply(NAME, first);
            for _ in 0..passes {
                let outcome = cluster.pass_surviving(NAME).await;
                tokio::time::sleep(outcome.requeue.min(Duration::from_secs(20))).await;
            }
            cluster.apply(NAME, MUTUAL_TLS);
            changes(&mut cluster, API, &told).await;
            assert!(!is_open(&cluster), "{told}: {}", cluster.story(NAME));
            assert_locked(&cluster);
        }
    }
}

/// The stage that was locked before goes on asking for its proof, which CloudFront goes on sending.
#[tokio::test(start_paused = true)]
async fn stage_and_mode_change_in_one_edit() {
    let mut cluster = locked(REST, "ApiKey").await;
    let mut declared = spec(REST, "dev", "ApiKey");
    let with_consent = MUTUAL_TLS.replace("mutualTls: {", "mutualTls: {disableForAllStages: true, ");
    let access: ProtectedApiSpec = serde_yaml::from_str(&format!(
        "origin: {{endpoint: {ENDPOINT}, type: REST, stage: dev}}\n{with_consent}"
    ))
    .unwrap();
    declared.access = access.access;
    cluster.apply_spec(NAME, declared);
    changes(&mut cluster, TWO_STAGES, "stage and mode").await;
    assert_eq!(
        found(&cluster, "AccessRestricted"),
        pair("True", "Locked"),
        "{}",
        cluster.story(NAME)
    );
    assert!(cluster.cloud.is_endpoint_off(TWO_STAGES));
    assert_proven(&cluster);
}
