//! A live object changes its mode from mutual TLS to each other one: no viewer is refused on the way, and nobody gets in past the
//! perimeter. Each pass is followed by requests both ways; each write by a look at all that edge locations may serve.

use super::crashes::crash;
use super::mutual_tls::{assert_locked, client_certificates, shown};
use super::mutual_tls_modes::assert_by_certificate_alone;
use super::petstore::{API, is_open};
use super::scenes::{
    BUCKET, HEADER, KEY, MUTUAL_TLS, NAME, ORIGIN, ZONE, assert_proven, cluster, config, found, nothing_left,
    pair, quiet, ready, resyncs, setting, shape, the,
};
use super::support::cluster::{Cluster, REST_ENDPOINT};
use super::support::simulation::apigateway::Preloaded;
use super::support::simulation::resources::Kind;
use super::support::simulation::settings::Settings;
use palisade::api::ProtectedApiSpec;
use palisade::controller::probes::Prober as _;
use palisade::domain::access::probe::{Answer, Probe, Way};
use palisade::domain::edge::config::sent_of;
use std::time::Duration;

const SIGNATURE: &str = "";
/// The modes that take the place.
const AFTER: [&str; 3] = [SIGNATURE, KEY, HEADER];
const PETS: &str = "/prod/pets";

pub fn leads_to(cluster: &Cluster) -> String {
    setting(cluster, "Origins/Items/Origin/DomainName")
}

/// Whether status remembers anything of mutual TLS.
fn is_remembered(cluster: &Cluster) -> bool {
    let status = cluster.objects[NAME].status.as_ref();
    let access = status.and_then(|status| status.access.as_ref());
    access.is_some_and(|access| access.mutual_tls.is_some())
}

/// The status with which a request is answered, through the perimeter or past it.
async fn asked(cluster: &Cluster, way: Way) -> u16 {
    let host = match way {
        Way::Viewer => {
            let status = cluster.objects[NAME].status.as_ref().unwrap();
            status.distribution.as_ref().unwrap().domain_name.clone()
        }
        _ => REST_ENDPOINT.to_owned(),
    };
    let probe = Probe::plain(way, &host, PETS);
    match cluster.cloud.probe(&probe).await {
        Answer::Http { status, .. } => status,
        answer => panic!("{way:?}: {answer:?}\n{}", cluster.story(NAME)),
    }
}

/// Viewers get in, nobody does without a proof, and CloudFront signs for no origin that it shows a certificate to.
async fn look(cluster: &Cluster, told: &str) {
    let distribution = the(cluster, Kind::Distribution).id;
    let served = cluster.cloud.viewer_is_served(&distribution);
    assert!(served.is_ok(), "{told}: {served:?} {}", cluster.story(NAME));
    let direct = asked(cluster, Way::Direct).await;
    assert!(direct >= 400, "{told}: {direct}: {}", cluster.story(NAME));
    let is_both = sent_of(&config(cluster)).signs && !shown(cluster).is_empty();
    assert!(!is_both, "{told}: {}", cluster.story(NAME));
}

async fn pass(cluster: &mut Cluster) {
    let outcome = cluster.pass_surviving(NAME).await;
    tokio::time::sleep(outcome.requeue.min(Duration::from_secs(20))).await;
}

/// Passes, each looked at, until all is as declared.
pub async fn changes(cluster: &mut Cluster, told: &str) {
    for _ in 0..500 {
        let outcome = cluster.pass_surviving(NAME).await;
        look(cluster, told).await;
        if cluster.condition(NAME, "Ready") == "True" && outcome.plan.is_empty() {
            return;
        }
        tokio::time::sleep(outcome.requeue.min(Duration::from_secs(20))).await;
    }
    panic!("{told}: {}", cluster.story(NAME));
}

/// As if the object had always had that mode: nothing is left of mutual TLS.
#[track_caller]
fn assert_released(cluster: &Cluster, told: &str) {
    let story = cluster.story(NAME);
    assert_eq!(leads_to(cluster), REST_ENDPOINT, "{told}: {story}");
    assert!(shown(cluster).is_empty(), "{told}: {story}");
    assert!(!cluster.cloud.is_endpoint_off(API), "{told}: {story}");
    assert!(cluster.cloud.truststore_of(ORIGIN).is_none(), "{told}: {story}");
    assert!(cluster.cloud.objects_of(BUCKET).is_empty(), "{told}: {story}");
    assert!(
        cluster.cloud.records_at(ZONE, ORIGIN).is_empty(),
        "{told}: {story}"
    );
    assert!(client_certificates(cluster).is_empty(), "{told}: {story}");
    assert!(!is_remembered(cluster), "{told}: {story}");
}

#[track_caller]
pub fn assert_locked_otherwise(cluster: &Cluster, told: &str) {
    assert_released(cluster, told);
    let story = cluster.story(NAME);
    let restricted = found(cluster, "AccessRestricted");
    assert_eq!(restricted, pair("True", "Locked"), "{told}: {story}");
    assert_proven(cluster);
    assert!(!is_open(cluster), "{told}: {story}");
}

#[tokio::test(start_paused = true)]
async fn to_each_mode_an_api_ends_as_one_that_always_had_it() {
    for after in AFTER {
        let always = ready(after).await;
        let mut cluster = ready(MUTUAL_TLS).await;
        cluster.apply(NAME, after);
        changes(&mut cluster, after).await;
        quiet(&mut cluster, NAME).await;
        assert_locked_otherwise(&cluster, after);
        let kinds = |cluster: &Cluster| {
            let all = shape(cluster, NAME).into_iter();
            let mut kinds: Vec<_> = all.map(|(kind, _)| kind).collect();
            kinds.dedup();
            kinds
        };
        assert_eq!(kinds(&cluster), kinds(&always), "{after}");
    }
}

#[tokio::test(start_paused = true)]
async fn the_lock_is_told_as_it_stands_with_where_the_way_back_stands() {
    for after in AFTER {
        let mut cluster = ready(MUTUAL_TLS).await;
        cluster.apply(NAME, after);
        let mut told = String::new();
        for _ in 0..500 {
            pass(&mut cluster).await;
            let story = || cluster.story(NAME);
            assert_eq!(
                cluster.condition(NAME, "AccessRestricted"),
                "True",
                "{after}: {}",
                story()
            );
            assert_ne!(
                cluster.condition(NAME, "ViewerAccessVerified"),
                "False",
                "{after}"
            );
            assert_ne!(cluster.condition(NAME, "DirectAccessBlocked"), "False", "{after}");
            told += &cluster.message(NAME, "AccessRestricted");
            if cluster.condition(NAME, "Ready") == "True" {
                break;
            }
        }
        for words in [
            "is switched on again after",
            "CloudFront is led back to the default endpoint",
        ] {
            assert!(told.contains(words), "{after}: {words}: {told}");
        }
    }
}

#[tokio::test(start_paused = true)]
async fn what_is_only_observed_then_ends_open_and_led_back() {
    for after in [
        "access: {enforcement: Observe}",
        "access: {mode: ApiKey, enforcement: Observe}",
    ] {
        let mut cluster = ready(MUTUAL_TLS).await;
        // Such a perimeter may show nothing to the API.
        cluster.invariants = None;
        cluster.apply(NAME, after);
        for _ in 0..400 {
            let outcome = cluster.pass_surviving(NAME).await;
            let viewer = asked(&cluster, Way::Viewer).await;
            assert_eq!(viewer, 200, "{after}: {}", cluster.story(NAME));
            if cluster.condition(NAME, "Ready") == "True" && outcome.plan.is_empty() {
                break;
            }
            tokio::time::sleep(outcome.requeue.min(Duration::from_secs(20))).await;
        }
        assert_released(&cluster, after);
        assert!(is_open(&cluster), "{after}: {}", cluster.story(NAME));
        assert_eq!(asked(&cluster, Way::Direct).await, 200, "{after}");
    }
}

#[tokio::test(start_paused = true)]
async fn what_is_set_back_on_the_way_is_locked_by_the_certificate_again() {
    for after in AFTER {
        for passes in [1, 3, 6, 10, 16, 24, 40] {
            let told = format!("{after} after {passes} passes");
            let mut cluster = ready(MUTUAL_TLS).await;
            cluster.apply(NAME, after);
            for _ in 0..passes {
                pass(&mut cluster).await;
            }
            cluster.apply(NAME, MUTUAL_TLS);
            changes(&mut cluster, &told).await;
            quiet(&mut cluster, NAME).await;
            assert_by_certificate_alone(&cluster, &told);
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_third_mode_on_the_way_is_the_one_that_it_ends_in() {
    for (first, then) in [(KEY, HEADER), (SIGNATURE, HEADER), (HEADER, SIGNATURE)] {
        for passes in [2, 8, 20] {
            let told = format!("{first}, {then}, after {passes} passes");
            let mut cluster = ready(MUTUAL_TLS).await;
            cluster.apply(NAME, first);
            for _ in 0..passes {
                pass(&mut cluster).await;
            }
            cluster.apply(NAME, then);
            changes(&mut cluster, &told).await;
            assert_locked_otherwise(&cluster, &told);
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_deletion_on_the_way_leaves_nothing() {
    for after in AFTER {
        for passes in [1, 4, 8, 14, 20, 30] {
            let mut cluster = ready(MUTUAL_TLS).await;
            cluster.apply(NAME, after);
            for _ in 0..passes {
                pass(&mut cluster).await;
            }
            println!("{after} after {passes} passes");
            cluster.delete(NAME).await;
            nothing_left(&cluster);
            assert!(cluster.cloud.objects_of(BUCKET).is_empty());
            assert!(cluster.cloud.records_at(ZONE, ORIGIN).is_empty());
        }
    }
}

#[tokio::test(start_paused = true)]
async fn what_is_suspended_stays() {
    let mut cluster = ready(MUTUAL_TLS).await;
    cluster.cloud.clear_journal();
    cluster.apply(NAME, &format!("{KEY}\nsuspend: true"));
    resyncs(&mut cluster, 8).await;
    let journal = cluster.cloud.journal();
    assert!(journal.writes().is_empty(), "{:#?}", journal.writes());
    assert!(cluster.cloud.is_endpoint_off(API));
    look(&cluster, "suspended").await;
    cluster.apply(NAME, KEY);
    changes(&mut cluster, "goes on").await;
    assert_locked_otherwise(&cluster, "goes on");
}

#[tokio::test(start_paused = true)]
async fn a_status_that_is_lost_on_the_way_is_found_again() {
    for after in AFTER {
        for passes in [0, 1, 4, 8, 16] {
            let told = format!("{after} after {passes} passes");
            let mut cluster = ready(MUTUAL_TLS).await;
            cluster.apply(NAME, after);
            for _ in 0..passes {
                pass(&mut cluster).await;
            }
            // Once CloudFront is led back, only status tells of what is still to be released.
            if leads_to(&cluster) != ORIGIN {
                break;
            }
            cluster.objects.get_mut(NAME).unwrap().status = None;
            cluster.restart();
            pass(&mut cluster).await;
            changes(&mut cluster, &told).await;
            assert_locked_otherwise(&cluster, &told);
        }
    }
}

/// A route of an HTTP API has one authorizer: nothing can take the place of the certificate.
#[tokio::test(start_paused = true)]
async fn where_the_next_mode_cannot_lock_the_api_the_certificate_goes_on() {
    const ORDERS: &str = "orders0000";
    let spec = |access: &str| -> ProtectedApiSpec {
        let origin = format!(
            "origin: {{endpoint: {ORDERS}.execute-api.eu-north-1.amazonaws.com, type: HTTP, stage: $default}}"
        );
        serde_yaml::from_str(&format!("{origin}\n{access}")).unwrap()
    };
    for after in [SIGNATURE, HEADER] {
        let mut cluster = cluster(Settings::default());
        cluster.cloud.preload_api(&Preloaded {
            routes: vec![("GET /orders", "JWT"), ("POST /orders", "JWT")],
            auto_deploy: true,
            ..Preloaded::http("eu-north-1", ORDERS, &["$default"])
        });
        cluster.apply_spec(NAME, spec(MUTUAL_TLS));
        cluster.ready(NAME).await;
        assert_locked(&cluster);
        cluster.apply_spec(NAME, spec(after));
        for _ in 0..60 {
            pass(&mut cluster).await;
            assert!(cluster.cloud.is_endpoint_off(ORDERS), "{}", cluster.story(NAME));
            assert_eq!(leads_to(&cluster), ORIGIN, "{}", cluster.story(NAME));
        }
        let story = cluster.story(NAME);
        assert_eq!(cluster.condition(NAME, "AccessRestricted"), "True", "{story}");
        assert_ne!(cluster.condition(NAME, "Ready"), "True", "{story}");
        assert_eq!(cluster.reason(NAME, "Stalled"), "AuthorizerInTheWay", "{story}");
        cluster.apply_spec(NAME, spec(MUTUAL_TLS));
        cluster.ready(NAME).await;
        assert_locked(&cluster);
    }
}

/// Both objects of an API share the default endpoint.
#[tokio::test(start_paused = true)]
async fn the_endpoint_stays_off_until_no_lock_of_either_stage_hangs_on_it() {
    const STAGES: [&str; 2] = ["prod", "dev"];
    let mut cluster = cluster(Settings::default());
    cluster
        .cloud
        .preload_api(&Preloaded::rest("eu-north-1", API, &STAGES));
    let apply = |cluster: &mut Cluster, stage: &str, access: &str| {
        let origin = format!("origin: {{endpoint: {REST_ENDPOINT}, type: REST, stage: {stage}}}");
        let spec = format!("{origin}\n{access}");
        cluster.apply_spec(stage, serde_yaml::from_str(&spec).unwrap());
    };
    let rounds = async |cluster: &mut Cluster, stages: &[&str], count: usize| {
        for _ in 0..count {
            for stage in stages {
                cluster.pass_surviving(stage).await;
            }
            tokio::time::sleep(Duration::from_secs(20)).await;
        }
    };
    for stage in STAGES {
        let own = MUTUAL_TLS.replace("mutualTls: {", "mutualTls: {disableForAllStages: true, ");
        let own = own.replace("origin.example.com", &format!("origin-{stage}.example.com"));
        apply(&mut cluster, stage, &own);
    }
    rounds(&mut cluster, &STAGES, 150).await;
    assert!(cluster.cloud.is_endpoint_off(API), "{}", cluster.story("prod"));
    apply(&mut cluster, "prod", KEY);
    rounds(&mut cluster, &["prod"], 100).await;
    let story = cluster.story("prod");
    assert!(cluster.cloud.is_endpoint_off(API), "{story}");
    let said = cluster.message("prod", "AccessRestricted");
    assert!(said.contains("shop/dev (stage dev)"), "{said}");
    apply(&mut cluster, "dev", KEY);
    rounds(&mut cluster, &STAGES, 250).await;
    for stage in STAGES {
        let story = cluster.story(stage);
        assert_eq!(cluster.condition(stage, "Ready"), "True", "{story}");
        assert_eq!(cluster.condition(stage, "AccessRestricted"), "True", "{story}");
    }
    assert!(!cluster.cloud.is_endpoint_off(API));
}

#[tokio::test(start_paused = true)]
async fn a_process_that_dies_at_any_call_of_a_change_from_mutual_tls_to_a_key_finishes_it_later() {
    crash(Some(MUTUAL_TLS), Some(KEY)).await;
}

#[tokio::test(start_paused = true)]
async fn a_process_that_dies_at_any_call_of_a_change_from_mutual_tls_to_a_secret_header_finishes_it_later() {
    crash(Some(MUTUAL_TLS), Some(HEADER)).await;
}

#[tokio::test(start_paused = true)]
async fn a_process_that_dies_at_any_call_of_a_change_from_mutual_tls_to_signatures_finishes_it_later() {
    crash(Some(MUTUAL_TLS), Some(SIGNATURE)).await;
}
