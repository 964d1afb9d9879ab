//! What AWS does not write down about mutual TLS, either way: in each an object is made, its certificate replaced, the mode left, and the
//! object deleted. No viewer is refused, the direct way is closed at the end, and nothing is left. What only a handshake shows, the
//! simulation has none of; whether a stage that is updated without a change puts a switch in force has tests of its own.

use super::mutual_tls::{assert_locked, client_certificates, shown};
use super::petstore::{API, is_open};
use super::scenes::{BUCKET, HEADER, KEY, MUTUAL_TLS, NAME, ORIGIN, ZONE, cluster, nothing_left, quiet, the};
use super::support::cluster::Cluster;
use super::support::pairs;
use super::support::simulation::apigateway::Preloaded;
use super::support::simulation::resources::Kind;
use super::support::simulation::settings::Settings;
use palisade::api::{ProtectedApiSpec, ROTATE};
use std::collections::BTreeSet;
use std::time::Duration;

const HTTP: &str = "orders0000";

/// An API before which the object stands, and the mode that takes the place of mutual TLS.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Before {
    Rest,
    Http,
}

impl Before {
    fn id(self) -> &'static str {
        match self {
            Self::Rest => API,
            Self::Http => HTTP,
        }
    }

    fn spec(self, access: &str) -> ProtectedApiSpec {
        let (kind, stage) = match self {
            Self::Rest => ("REST", "prod"),
            Self::Http => ("HTTP", "$default"),
        };
        let id = self.id();
        let origin = format!(
            "origin: {{endpoint: {id}.execute-api.eu-north-1.amazonaws.com, type: {kind}, stage: {stage}}}"
        );
        serde_yaml::from_str(&format!("{origin}\n{access}")).unwrap()
    }

    fn next_mode(self) -> &'static str {
        match self {
            Self::Rest => KEY,
            Self::Http => HEADER,
        }
    }

    /// Whether whoever comes past the perimeter is let in by the stage as deployed.
    fn is_stage_open(self, cluster: &Cluster) -> bool {
        match self {
            Self::Rest => is_open(cluster),
            Self::Http => {
                let served = cluster.cloud.served(HTTP, "$default", "GET /orders");
                served.is_none_or(|served| served.is_open())
            }
        }
    }
}

fn ground(settings: Settings) -> Cluster {
    let cluster = cluster(settings);
    cluster.cloud.preload_api(&Preloaded {
        routes: vec![("GET /orders", "NONE")],
        auto_deploy: true,
        ..Preloaded::http("eu-north-1", HTTP, &["$default"])
    });
    cluster
}

/// Passes until the object is ready; viewers are looked at after each, but where AWS itself refuses them meanwhile.
async fn settled(cluster: &mut Cluster, serves: bool, told: &str) {
    for _ in 0..600 {
        let outcome = cluster.pass_surviving(NAME).await;
        if serves && cluster.condition(NAME, "DistributionDeployed") == "True" {
            let distribution = the(cluster, Kind::Distribution);
            let answer = cluster.cloud.viewer_is_served(&distribution.id);
            assert_eq!(answer, Ok(()), "{told}: {}", cluster.story(NAME));
        }
        if cluster.condition(NAME, "Ready") == "True" && outcome.plan.is_empty() {
            return;
        }
        tokio::time::sleep(outcome.requeue.min(Duration::from_secs(20))).await;
    }
    panic!("{told}: {}", cluster.story(NAME));
}

async fn live(settings: Settings, before: Before, told: &str) {
    // A custom domain name that serves nobody while it is changed is nothing that anybody can help.
    let serves = settings.updating_domain_serves != "nothing";
    let mut cluster = ground(settings);
    if !serves {
        cluster.invariants = None;
    }
    cluster.apply_spec(NAME, before.spec(MUTUAL_TLS));
    settled(&mut cluster, serves, told).await;
    quiet(&mut cluster, NAME).await;
    assert_locked(&cluster);

    let first = shown(&cluster);
    cluster.annotate(NAME, ROTATE, "now");
    settled(&mut cluster, serves, told).await;
    tokio::time::sleep(Duration::from_mins(10)).await;
    settled(&mut cluster, serves, told).await;
    quiet(&mut cluster, NAME).await;
    assert_locked(&cluster);
    assert_ne!(shown(&cluster), first, "{told}: {}", cluster.story(NAME));
    assert_eq!(
        client_certificates(&cluster),
        BTreeSet::from([shown(&cluster)]),
        "{told}"
    );

    cluster.apply_spec(NAME, before.spec(before.next_mode()));
    settled(&mut cluster, serves, told).await;
    quiet(&mut cluster, NAME).await;
    let story = cluster.story(NAME);
    assert_eq!(
        cluster.condition(NAME, "AccessRestricted"),
        "True",
        "{told}: {story}"
    );
    assert!(!before.is_stage_open(&cluster), "{told}: {story}");
    assert!(!cluster.cloud.is_endpoint_off(before.id()), "{told}: {story}");
    assert!(cluster.cloud.truststore_of(ORIGIN).is_none(), "{told}: {story}");
    assert!(client_certificates(&cluster).is_empty(), "{told}: {story}");

    cluster.delete(NAME).await;
    nothing_left(&cluster);
    assert!(cluster.cloud.objects_of(BUCKET).is_empty(), "{told}");
    assert!(cluster.cloud.records_at(ZONE, ORIGIN).is_empty(), "{told}");
}

/// Each switch in both positions, or in all of them.
async fn either_way(before: &[Before], positions: &[&dyn Fn(&mut Settings)]) {
    for (number, set) in positions.iter().enumerate() {
        for before in before {
            let mut settings = Settings {
                certificate_propagation: Duration::from_secs(20),
                ..Settings::default()
            };
            set(&mut settings);
            live(settings, *before, &format!("position {number}, {before:?}")).await;
        }
    }
}

#[tokio::test(start_paused = true)]
async fn whatever_serves_while_a_custom_domain_name_is_changed() {
    either_way(
        &[Before::Rest],
        &[
            &|settings| settings.updating_domain_serves = "old",
            &|settings| settings.updating_domain_serves = "new",
            &|settings| settings.updating_domain_serves = "nothing",
        ],
    )
    .await;
}

#[tokio::test(start_paused = true)]
async fn whether_or_not_api_gateway_keeps_a_copy_of_the_truststore() {
    either_way(
        &[Before::Rest],
        &[&|settings| settings.truststore_copied = true, &|settings| {
            settings.truststore_copied = false;
        }],
    )
    .await;
}

#[tokio::test(start_paused = true)]
async fn however_who_shows_no_certificate_is_refused() {
    either_way(
        &[Before::Rest, Before::Http],
        &[&|settings| settings.without_certificate = "closed", &|settings| {
            settings.without_certificate = "403";
        }],
    )
    .await;
}

#[tokio::test(start_paused = true)]
async fn however_who_shows_a_certificate_of_others_is_refused() {
    either_way(
        &[Before::Rest, Before::Http],
        &[&|settings| settings.foreign_certificate = "403", &|settings| {
            settings.foreign_certificate = "alert";
        }],
    )
    .await;
}

#[tokio::test(start_paused = true)]
async fn whatever_an_http_api_answers_whose_default_endpoint_is_off() {
    either_way(
        &[Before::Http],
        &[&|settings| settings.disabled_http_status = 404, &|settings| {
            settings.disabled_http_status = 403;
        }],
    )
    .await;
}

#[tokio::test(start_paused = true)]
async fn whatever_cloudfront_answers_of_a_certificate_that_it_does_not_know_yet() {
    either_way(
        &[Before::Rest],
        &[
            &|settings| settings.origin_mtls_refusal = "InvalidArgument",
            &|settings| settings.origin_mtls_refusal = "IllegalUpdate",
            &|settings| settings.origin_mtls_refusal = "EntityNotFound",
            &|settings| settings.origin_mtls_refusal = "AccessDenied",
        ],
    )
    .await;
}

#[tokio::test(start_paused = true)]
async fn whether_or_not_client_certificates_exclude_all_functions_of_the_distribution() {
    either_way(
        &[Before::Rest],
        &[
            &|settings| settings.origin_mtls_excludes_all_functions = false,
            &|settings| settings.origin_mtls_excludes_all_functions = true,
        ],
    )
    .await;
}

/// From signatures and back to them, by the bridge.
#[tokio::test(start_paused = true)]
async fn signatures_give_way_and_come_back_whichever_functions_client_certificates_exclude() {
    for excludes_all in [false, true] {
        let mut cluster = ground(Settings {
            origin_mtls_excludes_all_functions: excludes_all,
            ..Settings::default()
        });
        let told = format!("excludes all functions: {excludes_all}");
        cluster.apply(NAME, "");
        cluster.ready(NAME).await;
        cluster.apply(NAME, MUTUAL_TLS);
        settled(&mut cluster, true, &told).await;
        assert_locked(&cluster);
        cluster.apply(NAME, "");
        settled(&mut cluster, true, &told).await;
        quiet(&mut cluster, NAME).await;
        assert!(!is_open(&cluster), "{told}");
        assert!(client_certificates(&cluster).is_empty(), "{told}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_request_whose_host_is_another_than_its_handshakes_is_told_where_it_is_served() {
    for other_host_served in [false, true] {
        let mut cluster = ground(Settings {
            other_host_served,
            ..Settings::default()
        });
        cluster.apply(NAME, MUTUAL_TLS);
        for _ in 0..200 {
            let outcome = cluster.pass_surviving(NAME).await;
            if cluster.cloud.is_endpoint_off(API) && outcome.plan.is_empty() {
                break;
            }
            tokio::time::sleep(outcome.requeue.min(Duration::from_secs(20))).await;
        }
        let story = cluster.story(NAME);
        let blocked = cluster.condition(NAME, "DirectAccessBlocked");
        assert_eq!(blocked == "True", !other_host_served, "{story}");
        assert_eq!(cluster.condition(NAME, "ViewerAccessVerified"), "True", "{story}");
        cluster.delete(NAME).await;
        nothing_left(&cluster);
    }
}

/// Palisade asks for a bucket in the API's Region, whatever API Gateway takes.
#[tokio::test(start_paused = true)]
async fn a_bucket_in_another_region_is_refused_whether_or_not_api_gateway_would_take_it() {
    for truststore_of_any_region in [false, true] {
        let mut cluster = ground(Settings {
            truststore_of_any_region,
            ..Settings::default()
        });
        cluster.cloud.preload_bucket("us-west-2", "elsewhere", true);
        cluster.apply(NAME, &MUTUAL_TLS.replace(BUCKET, "elsewhere"));
        assert_eq!(
            cluster.stalled(NAME).await,
            "BucketUnfit",
            "{}",
            cluster.story(NAME)
        );
        cluster.delete(NAME).await;
        nothing_left(&cluster);
        live(
            Settings {
                truststore_of_any_region,
                ..Settings::default()
            },
            Before::Rest,
            "the API's Region",
        )
        .await;
    }
}

/// Where edge locations do not follow a foreign import, viewers notice nothing; where they do, they are refused until the next one.
#[tokio::test(start_paused = true)]
async fn a_certificate_that_was_imported_again_gives_way_whether_or_not_edge_locations_follow() {
    for edges_follow_reimports in [false, true] {
        let settings = Settings {
            edges_follow_reimports,
            ..Settings::default()
        };
        let mut cluster = ground(settings);
        cluster.apply(NAME, MUTUAL_TLS);
        settled(&mut cluster, true, "made").await;
        quiet(&mut cluster, NAME).await;
        let before = shown(&cluster);
        let theirs = pairs::pair("elsewhere.example.com", 7, cluster.now());
        cluster.cloud.reimport(&before, &theirs);
        if edges_follow_reimports {
            cluster.invariants = None;
        }
        for _ in 0..12 {
            tokio::time::sleep(Duration::from_hours(4)).await;
            cluster.pass(NAME).await;
        }
        cluster.settle_patiently(NAME).await;
        assert_ne!(shown(&cluster), before, "{}", cluster.story(NAME));
        cluster.watch();
        quiet(&mut cluster, NAME).await;
        assert_locked(&cluster);
        cluster.delete(NAME).await;
        nothing_left(&cluster);
    }
}
