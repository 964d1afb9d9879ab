//! A live object changes its mode to mutual TLS: no viewer is refused on the way, and nobody gets in past the perimeter who did not before.
//! Each write is followed by a look at all viewers, by the configuration that edge locations had before it as well. At the end the lock of
//! the mode before is taken off, and nothing of it is left.

use super::customers_keys::{add_key, plan_of_customers};
use super::marks::TWO_STAGES;
use super::mutual_tls::{assert_locked, shown};
use super::petstore::{API, METHODS, is_open};
use super::scenes::{
    HEADER, KEY, MUTUAL_TLS, NAME, ORIGIN, assert_proven, cluster, config, found, pair, quiet, ready,
    resyncs, setting, values,
};
use super::stage_and_mode::{REST, locked, spec};
use super::support::cluster::Cluster;
use super::support::simulation::resources::{Kind, Resource};
use super::support::simulation::settings::Settings;
use palisade::api::{AccessMode, HeldModeStatus, ProtectedApiSpec};
use palisade::domain::edge::config::sent_of;
use std::time::Duration;

const SIGNATURE: &str = "";
/// The modes that have something locked.
pub const BEFORE: [&str; 3] = [SIGNATURE, KEY, HEADER];
/// Of a REST API the default endpoint, by which CloudFront reaches it before.
const ENDPOINT: &str = "a1b2c3d4e5.execute-api.eu-north-1.amazonaws.com";

fn leads_to(cluster: &Cluster) -> String {
    setting(cluster, "Origins/Items/Origin/DomainName")
}

pub fn held(cluster: &Cluster) -> Option<HeldModeStatus> {
    let status = cluster.objects[NAME].status.clone().unwrap_or_default();
    status.access.and_then(|access| access.held_mode)
}

/// CloudFront never signs for an origin that it shows a certificate to, the default endpoint never comes back, and as long as it is on no
/// route lets in whoever comes.
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
    let methods = if api == API { METHODS.as_slice() } else { &[] };
    let open = methods.iter().find(|method| {
        let served = cluster.cloud.served(api, "prod", method);
        served.is_some_and(|served| served.is_open())
    });
    let was_locked = held(cluster).is_some();
    assert!(
        is_off || !was_locked || open.is_none(),
        "{told}: {open:?} is open: {}",
        story()
    );
    *was_off = is_off;
}

/// Passes, each looked at, until all is as declared.
pub async fn changes(cluster: &mut Cluster, api: &str, told: &str) {
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
pub async fn until(cluster: &mut Cluster, told: &str, is_so: impl Fn(&Cluster) -> bool) {
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
pub fn is_locked_by_methods(cluster: &Cluster) -> bool {
    METHODS.into_iter().all(|method| {
        let served = cluster.cloud.served(API, "prod", method).unwrap();
        served.api_key_required || served.kind == "CUSTOM"
    })
}

/// Locked by the certificate alone: no method asks for anything, as edited or as deployed, and nothing of the mode before is left.
#[track_caller]
pub fn assert_by_certificate_alone(cluster: &Cluster, told: &str) {
    assert_locked(cluster);
    let story = cluster.story(NAME);
    for method in METHODS {
        let (edited, served) = (
            cluster.cloud.edited(API, method).unwrap(),
            cluster.cloud.served(API, "prod", method).unwrap(),
        );
        assert!(
            edited.is_open() && served.is_open(),
            "{told}, {method}: {edited:?}, {served:?}: {story}"
        );
    }
    assert_eq!(leads_to(cluster), ORIGIN, "{told}");
    assert!(values(cluster).is_empty(), "{told}: {story}");
    assert_eq!(held(cluster), None, "{told}: {story}");
    let left = cluster.cloud.resources_of(&cluster.uid(NAME)).into_iter();
    let is_of_a_value = |found: &Resource| match found.kind {
        Kind::ApiKey | Kind::UsagePlan => true,
        Kind::Function => !found.for_edge,
        _ => false,
    };
    let left: Vec<_> = left.filter(is_of_a_value).collect();
    assert!(left.is_empty(), "{told}: {left:?}");
}

#[tokio::test(start_paused = true)]
async fn from_each_mode_an_api_ends_locked_by_the_certificate_alone() {
    for before in BEFORE {
        let mut cluster = ready(before).await;
        cluster.apply(NAME, MUTUAL_TLS);
        changes(&mut cluster, API, before).await;
        quiet(&mut cluster, NAME).await;
        assert_by_certificate_alone(&cluster, before);
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

#[tokio::test(start_paused = true)]
async fn an_api_that_was_only_observed_has_nothing_to_bridge() {
    for before in [
        "access: {enforcement: Observe}",
        "access: {mode: ApiKey, enforcement: Observe}",
    ] {
        let mut cluster = cluster(Settings::default());
        // Such a perimeter may show nothing to the API.
        cluster.invariants = None;
        cluster.apply(NAME, before);
        cluster.ready(NAME).await;
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
        assert_by_certificate_alone(&cluster, before);
    }
}

#[tokio::test(start_paused = true)]
async fn where_keys_of_customers_keep_a_key_out_the_bridge_is_a_secret_header() {
    let mut cluster = ready(SIGNATURE).await;
    let plan = plan_of_customers(&mut cluster);
    add_key(&cluster, &plan);
    cluster.watch();
    cluster.apply(NAME, MUTUAL_TLS);
    until(&mut cluster, "keys of customers", |cluster| {
        held(cluster).is_some_and(|held| held.mode == AccessMode::SecretHeader)
    })
    .await;
    changes(&mut cluster, API, "keys of customers").await;
    assert_locked(&cluster);
    assert!(values(&cluster).is_empty(), "{}", cluster.story(NAME));
    assert!(is_open(&cluster), "{}", cluster.story(NAME));
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
            quiet(&mut cluster, NAME).await;
            assert_by_certificate_alone(&cluster, &told);
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
            assert_by_certificate_alone(&cluster, &told);
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
    until(&mut cluster, "the certificate's lock", |cluster| {
        cluster.cloud.is_endpoint_off(TWO_STAGES)
    })
    .await;
    let deployments = |cluster: &Cluster| cluster.cloud.journal().count("CreateDeployment");
    let before = deployments(&cluster);
    changes(&mut cluster, TWO_STAGES, "stage and mode").await;
    resyncs(&mut cluster, 8).await;
    let by_take_off = deployments(&cluster) - before;
    assert!(by_take_off <= 1, "{by_take_off}: {}", cluster.story(NAME));
    assert_eq!(
        found(&cluster, "AccessRestricted"),
        pair("True", "Locked"),
        "{}",
        cluster.story(NAME)
    );
    assert!(cluster.cloud.is_endpoint_off(TWO_STAGES));
    assert_proven(&cluster);
}
