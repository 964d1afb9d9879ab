//! What probes can prove of APIs as people have them, and what is said where they cannot. Customers' keys and authorizers are a
//! file apart.

use super::petstore::{API, METHODS};
use super::scenes::{
    CERTIFICATE, KEY, NAME, cluster, deny, found, pair, quiet, ready, resyncs, routed, routed_apis,
};
use super::support::cluster::{Cluster, REST_ENDPOINT};
use super::support::simulation::apigateway::Preloaded;
use super::support::simulation::cloudfront::policies::OwnPolicy;
use super::support::simulation::settings::Settings;
use palisade::api::ErrorNamed;
use palisade::controller::events::of_pass;
use palisade::domain::access::probe::Way;
use std::time::Duration;

/// Passes for some minutes; what is told of `reason`, and whether as a warning.
async fn told(cluster: &mut Cluster, minutes: u64, reason: &str) -> Vec<bool> {
    let mut told = Vec::new();
    for _ in 0..minutes * 2 {
        let (before, outcome) = (cluster.objects[NAME].clone(), cluster.pass(NAME).await);
        told.extend(of_pass::notes(&before, &outcome));
        tokio::time::sleep(Duration::from_secs(30)).await;
    }
    told.retain(|note| note.reason.as_str() == reason);
    told.into_iter().map(|note| note.warning).collect()
}

#[tokio::test(start_paused = true)]
async fn a_throttle_that_lasts_needs_a_person_before_the_lock_and_after_it() {
    let throttled = |is: bool| {
        move |settings: &mut Settings| settings.backend_says = is.then_some((429, "Too Many Requests"))
    };
    let reason = "ProbeThrottled";
    let mut cluster = cluster(Settings::default());
    cluster.cloud.configure(throttled(true));
    cluster.apply(NAME, "");
    assert_eq!(told(&mut cluster, 15, reason).await, [false, true]);
    assert_eq!(found(&cluster, "AccessRestricted"), pair("False", reason));
    assert_eq!(found(&cluster, "Stalled"), pair("True", reason));
    assert_eq!(cluster.cloud.journal().count("UpdateMethod"), 0);
    cluster.cloud.configure(throttled(false));
    cluster.ready(NAME).await;
    quiet(&mut cluster, NAME).await;
    // Of what is locked, a burst of viewers is no sign, and what lasts is one.
    cluster.cloud.configure(throttled(true));
    cluster.resync(NAME).await;
    assert_eq!(found(&cluster, "Reconciling"), pair("True", "InProgress"));
    assert_eq!(told(&mut cluster, 5, reason).await, [true]);
    assert_eq!(found(&cluster, "AccessRestricted"), pair("True", "Locked"));
    assert_eq!(found(&cluster, "Stalled"), pair("True", reason));
    cluster.cloud.configure(throttled(false));
    tokio::time::sleep(Duration::from_mins(1)).await;
    cluster.ready(NAME).await;
}

/// Where a policy may not be read, a probe shows what it does.
#[tokio::test(start_paused = true)]
async fn a_policy_of_ones_own_that_sends_host_on_is_found_before_anything_is_locked() {
    let own = OwnPolicy {
        id: "11111111-2222-4333-8444-555555555555".to_owned(),
        sends_host: true,
    };
    for (field, mode) in [
        ("originRequestPolicyId", "ApiKey"),
        ("originRequestPolicyId", "SecretHeader"),
        ("cachePolicyId", "ApiKey"),
    ] {
        let mut cluster = cluster(Settings {
            own_policies: vec![own.clone()],
            ..Settings::default()
        });
        deny(&cluster, "cloudfront:GetCachePolicy");
        deny(&cluster, "cloudfront:GetOriginRequestPolicy");
        let access = format!("access: {{mode: {mode}}}");
        let distribution = format!("distribution: {{{field}: {}}}", own.id);
        cluster.apply(NAME, &format!("{access}\n{distribution}"));
        assert_eq!(cluster.stalled(NAME).await, "SignatureRefused");
        assert_eq!(cluster.condition(NAME, "AccessRestricted"), "False");
        let message = cluster.message(NAME, "AccessRestricted");
        assert!(message.contains(&own.id) && message.contains("Host"), "{message}");
        assert_eq!(cluster.cloud.journal().count("UpdateMethod"), 0);
        cluster.apply(NAME, &access);
        cluster.ready(NAME).await;
        // Where a signer puts Host right, the same policy is no hindrance.
        cluster.apply(NAME, &distribution);
        cluster.ready(NAME).await;
    }
}

#[tokio::test(start_paused = true)]
async fn what_a_private_address_answers_is_no_proof() {
    let untold = || pair("Unknown", "ProbeOnPrivateNetwork");
    for mode in ["SigV4", "ApiKey", "SecretHeader"] {
        // A VPC endpoint refuses every public API; another network may answer anything.
        for refused in [Some("ForbiddenException"), None] {
            let mut cluster = cluster(Settings::default());
            // Where nothing is asked for, nothing has to be shown.
            cluster.invariants = None;
            cluster.cloud.configure(|settings| {
                settings.probe_address = Some("10.0.3.17".parse().unwrap());
                settings.refused_from_here = refused;
            });
            cluster.apply(NAME, &format!("access: {{mode: {mode}, enforcement: Observe}}"));
            told(&mut cluster, 20, "").await;
            assert_eq!(found(&cluster, "DirectAccessBlocked"), untold());
            let said = cluster.message(NAME, "DirectAccessBlocked");
            assert!(said.contains("dnsPolicy") && said.contains("10.0.3.17"), "{said}");
            // The lock is made all the same, since viewers are seen to get in.
            cluster.apply(NAME, &format!("access: {{mode: {mode}}}"));
            told(&mut cluster, 20, "").await;
            let case = format!("{mode} {refused:?}\n{}", cluster.story(NAME));
            assert_eq!(
                found(&cluster, "AccessRestricted"),
                pair("True", "Locked"),
                "{case}"
            );
            assert_eq!(found(&cluster, "DirectAccessBlocked"), untold(), "{case}");
            // From where the Internet is met, both are seen.
            cluster.cloud.configure(|settings| {
                settings.probe_address = None;
                settings.refused_from_here = None;
            });
            resyncs(&mut cluster, 7).await;
            assert_eq!(
                found(&cluster, "DirectAccessBlocked"),
                pair("True", "DirectRefused"),
                "{mode} {refused:?}\n{}",
                cluster.story(NAME)
            );
        }
    }
}

#[tokio::test(start_paused = true)]
async fn refusals_that_a_gateway_response_calls_404_are_refusals() {
    let mut cluster = cluster(Settings::default());
    cluster
        .cloud
        .configure(|settings| settings.refusals_say = Some(404));
    cluster.apply(NAME, "");
    cluster.ready(NAME).await;
    quiet(&mut cluster, NAME).await;
    assert_eq!(
        found(&cluster, "DirectAccessBlocked"),
        pair("True", "DirectRefused")
    );
}

#[tokio::test(start_paused = true)]
async fn a_refused_perimeter_is_put_back_though_a_gateway_response_calls_it_404() {
    let mut cluster = cluster(Settings::default());
    cluster.invariants = None;
    cluster.cloud.configure(|settings| {
        settings.refusals_say = Some(404);
        settings.signer_is_broken = true;
    });
    cluster.apply(NAME, "");
    assert_eq!(cluster.stalled(NAME).await, "SignatureRefused");
    assert_eq!(
        cluster.cloud.served(API, "prod", "GET /pets").unwrap().kind,
        "NONE"
    );
}

#[tokio::test(start_paused = true)]
async fn of_an_api_that_can_only_be_written_to_the_lock_is_asked_past_the_perimeter_alone() {
    let mut cluster = cluster(Settings::default());
    for route in METHODS {
        cluster.cloud.set_authorization(API, route, "AWS_IAM");
    }
    for route in ["GET /pets", "GET /pets/{petId}"] {
        cluster.cloud.remove_route(API, route);
    }
    cluster.cloud.deploy(API, "prod");
    cluster.apply(NAME, "");
    cluster.ready(NAME).await;
    assert_eq!(
        found(&cluster, "ViewerAccessVerified"),
        pair("Unknown", "NothingToProbe")
    );
    assert_eq!(
        found(&cluster, "DirectAccessBlocked"),
        pair("True", "DirectRefused")
    );
    let asked = cluster.cloud.probes();
    assert!(asked.iter().all(|probe| probe.way == Way::Direct), "{asked:?}");
}

#[tokio::test(start_paused = true)]
async fn an_alias_is_probed_at_the_distribution_itself() {
    let alias = "distribution: {aliases: [api.example.com], certificateArn: CERTIFICATE}";
    let alias = alias.replace("CERTIFICATE", CERTIFICATE);
    let spec = format!("access: {{probe: {{host: api.example.com}}}}\n{alias}");
    let cluster = ready(&spec).await;
    let asked = cluster.cloud.probes();
    let viewers: Vec<_> = asked.iter().filter(|probe| probe.way == Way::Viewer).collect();
    assert!(!viewers.is_empty());
    for probe in viewers {
        assert_eq!(probe.host, "api.example.com");
        let connect = probe.connect.as_deref().unwrap_or_default();
        assert!(connect.ends_with(".cloudfront.net"), "{connect}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_backend_that_words_its_answers_as_api_gateway_does_is_told_from_it() {
    let said = [
        (401, "Unauthorized", true),
        (404, "Not Found", true),
        (403, "Forbidden", false),
    ];
    for (status, message, is_locked) in said {
        let mut cluster = cluster(Settings::default());
        let api = Preloaded::http("eu-north-1", "http000000", &["live"]);
        cluster.cloud.preload_api(&Preloaded {
            auto_deploy: true,
            ..api
        });
        cluster
            .cloud
            .configure(|settings| settings.backend_says = Some((status, message)));
        cluster.apply_spec(NAME, routed("http000000", "HTTP", "SigV4"));
        cluster.settle(NAME).await;
        let story = cluster.story(NAME);
        if is_locked {
            assert_eq!(cluster.condition(NAME, "Ready"), "True", "{story}");
            assert_eq!(
                found(&cluster, "DirectAccessBlocked"),
                pair("True", "DirectRefused")
            );
        } else {
            // Nobody could tell a refused viewer from one whom the backend refuses.
            assert_eq!(
                found(&cluster, "AccessRestricted"),
                pair("False", "ProbeAmbiguous"),
                "{story}"
            );
            assert_eq!(
                found(&cluster, "DirectAccessBlocked"),
                pair("False", "DirectAccessOpen")
            );
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_refusal_past_the_perimeter_that_was_there_before_the_lock_proves_no_lock() {
    for (refused, is_proven) in [(Some("ForbiddenException"), false), (None, true)] {
        let mut cluster = cluster(Settings::default());
        cluster.cloud.configure(|settings| {
            settings.refused_from_here = refused;
            settings.backend_says = Some((403, "Forbidden"));
        });
        cluster.apply(NAME, KEY);
        for _ in 0..200 {
            let outcome = cluster.pass(NAME).await;
            if cluster.condition(NAME, "AccessRestricted") == "True" {
                break;
            }
            tokio::time::sleep(outcome.requeue).await;
        }
        let story = cluster.story(NAME);
        assert_eq!(
            found(&cluster, "AccessRestricted"),
            pair("True", "Locked"),
            "{story}"
        );
        let wanted = if is_proven {
            pair("True", "DirectRefused")
        } else {
            pair("Unknown", "ProbeAmbiguous")
        };
        assert_eq!(found(&cluster, "DirectAccessBlocked"), wanted, "{story}");
        let access = cluster.objects[NAME].status.clone().unwrap().access.unwrap();
        let named = access.probed.unwrap().direct_before_error;
        let before = if is_proven {
            ErrorNamed::Nothing
        } else {
            ErrorNamed::Forbidden
        };
        assert_eq!(named, Some(before), "{story}");
        // Another process knows it as well.
        cluster.restart();
        cluster.resync(NAME).await;
        assert_eq!(
            cluster.condition(NAME, "DirectAccessBlocked") == "True",
            is_proven
        );
    }
}

/// Paths that probes ask for past the perimeter from now on, resync by resync.
async fn asked_from_now(cluster: &mut Cluster) -> Vec<String> {
    let before = cluster.cloud.probes().len();
    for _ in 0..8 {
        cluster.resync(NAME).await;
        let story = cluster.story(NAME);
        assert_eq!(cluster.condition(NAME, "Ready"), "True", "{story}");
    }
    let mut asked = cluster.cloud.probes().split_off(before);
    asked.retain(|probe| probe.way == Way::Direct);
    asked.into_iter().map(|probe| probe.path).collect()
}

/// The lock is carried to it as edited, and the team deploys it when it will.
#[tokio::test(start_paused = true)]
async fn a_shorter_method_is_not_probed_before_it_is_deployed_nor_afterwards() {
    for asked in ["AWS_IAM", "NONE"] {
        let mut cluster = ready("").await;
        cluster.cloud.add_route(API, "GET /n");
        cluster.cloud.set_authorization(API, "GET /n", asked);
        resyncs(&mut cluster, 8).await;
        cluster.ready(NAME).await;
        assert_eq!(cluster.cloud.edited(API, "GET /n").unwrap().kind, "AWS_IAM");
        assert!(cluster.cloud.served(API, "prod", "GET /n").is_none(), "{asked}");
        let paths = asked_from_now(&mut cluster).await;
        assert!(
            !paths.is_empty() && paths.iter().all(|path| path == "/prod/pets"),
            "{paths:?}"
        );
        cluster.cloud.deploy(API, "prod");
        let paths = asked_from_now(&mut cluster).await;
        assert!(
            !paths.is_empty() && paths.iter().all(|path| path == "/prod/pets"),
            "{paths:?}"
        );
        assert_eq!(
            found(&cluster, "DirectAccessBlocked"),
            pair("True", "DirectRefused")
        );
    }
}

#[tokio::test(start_paused = true)]
async fn a_method_that_a_canary_alone_serves_is_not_probed() {
    let mut cluster = ready("").await;
    cluster.cloud.add_route(API, "GET /n");
    cluster.cloud.set_authorization(API, "GET /n", "AWS_IAM");
    cluster.cloud.deploy_canary(API, "prod", true);
    let paths = asked_from_now(&mut cluster).await;
    assert!(
        !paths.is_empty() && paths.iter().all(|path| path == "/prod/pets"),
        "{paths:?}"
    );
}

/// Resyncs; what is told of probes names what they asked for, or tells of none.
async fn assert_urls_are_named(cluster: &mut Cluster) {
    for _ in 0..8 {
        cluster.resync(NAME).await;
        for condition in ["ViewerAccessVerified", "DirectAccessBlocked"] {
            let said = cluster.message(NAME, condition);
            assert!(!said.starts_with([':', ' ']), "{condition}: {said}");
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_handshake_is_probed_whether_or_not_there_is_a_connect_route() {
    for auto_deploy in [true, false] {
        let [_, (id, kind, api)] = routed_apis(auto_deploy);
        let mut cluster = cluster(Settings::default());
        cluster.cloud.preload_api(&api);
        cluster.apply_spec(NAME, routed(id, kind, "SigV4"));
        cluster.ready(NAME).await;
        // Without $connect a WebSocket API lets everybody in.
        cluster.invariants = None;
        cluster.cloud.remove_route(id, "$connect");
        if !auto_deploy {
            cluster.cloud.deploy(id, "live");
        }
        assert_urls_are_named(&mut cluster).await;
        let reason = cluster.reason(NAME, "DirectAccessBlocked");
        assert_eq!(reason, "DirectAccessOpen", "{}", cluster.story(NAME));
    }
}

#[tokio::test(start_paused = true)]
async fn of_a_declared_path_that_stays_open_no_answer_is_told() {
    let origin = format!(
        "origin: {{endpoint: {REST_ENDPOINT}, type: REST, stage: prod, probePath: /prod/pets}}\naccess: {{enforcement: Observe}}"
    );
    let spec = |more: &str| serde_yaml::from_str(&origin.replace("Observe", more)).unwrap();
    let mut cluster = cluster(Settings::default());
    // Where nothing is asked for, nothing has to be shown.
    cluster.invariants = None;
    cluster.apply_spec(NAME, spec("Observe"));
    cluster.settle(NAME).await;
    // By other methods of the path a probe might change something.
    cluster.apply_spec(NAME, spec("Observe, excludeMethods: [GET /pets, POST /pets]"));
    assert_urls_are_named(&mut cluster).await;
    let viewer = cluster.reason(NAME, "ViewerAccessVerified");
    assert_eq!(viewer, "NothingToProbe");
    // Of the method that is not excluded it was read that it lets anybody in.
    let direct = cluster.reason(NAME, "DirectAccessBlocked");
    assert_eq!(direct, "DirectAccessOpen");
}
