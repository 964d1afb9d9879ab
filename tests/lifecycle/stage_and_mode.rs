//! `spec.origin.stage` and `spec.access.mode` change together, in one edit or in two quick ones: no viewer of either stage is refused
//! on the way, and the new stage ends locked in the new mode.

use super::marks::TWO_STAGES;
use super::scenes::{NAME, cluster, config, quiet, resyncs, the};
use super::support::cluster::Cluster;
use super::support::simulation::apigateway::Preloaded;
use super::support::simulation::resources::Kind;
use super::support::simulation::settings::Settings;
use palisade::api::ProtectedApiSpec;
use palisade::domain::edge::config::sent_of;
use palisade::domain::edge::xml;
use std::time::Duration;

pub const REGION: &str = "eu-north-1";
const STAGES: &[&str] = &["prod", "dev"];
const MODES: [&str; 3] = ["SigV4", "ApiKey", "SecretHeader"];

/// An API of two stages, both open and deployed.
#[derive(Debug, Clone, Copy)]
pub struct Api {
    protocol: &'static str,
    route: &'static str,
    auto_deploy: bool,
}

pub const REST: Api = Api {
    protocol: "REST",
    route: "GET /pets",
    auto_deploy: false,
};

const HTTP: Api = Api {
    protocol: "HTTP",
    route: "GET /orders",
    auto_deploy: false,
};

const WEB_SOCKET: Api = Api {
    protocol: "WEBSOCKET",
    route: "$connect",
    auto_deploy: false,
};

/// Each change from one mode to another that the API has.
fn pairs(api: Api) -> Vec<(&'static str, &'static str)> {
    let is_rest = api.protocol == "REST";
    let modes = move || MODES.into_iter().filter(move |mode| is_rest || *mode != "ApiKey");
    let all = modes().flat_map(|before| modes().map(move |after| (before, after)));
    all.filter(|(before, after)| before != after).collect()
}

pub fn spec(api: Api, stage: &str, mode: &str) -> ProtectedApiSpec {
    let endpoint = format!("{TWO_STAGES}.execute-api.{REGION}.amazonaws.com");
    // What an export shows of a REST API is compared.
    let may_deploy = api.protocol != "REST";
    serde_yaml::from_str(&format!(
        "origin: {{endpoint: {endpoint}, type: {}, stage: {stage}}}\n\
         access: {{mode: {mode}, deployPendingChanges: {may_deploy}}}",
        api.protocol
    ))
    .unwrap()
}

/// A cluster whose object has locked stage `prod`.
pub async fn locked(api: Api, mode: &str) -> Cluster {
    let mut cluster = cluster(Settings::default());
    let preloaded = match api.protocol {
        "REST" => Preloaded::rest(REGION, TWO_STAGES, STAGES),
        "HTTP" => Preloaded::http(REGION, TWO_STAGES, STAGES),
        _ => Preloaded::websocket(REGION, TWO_STAGES, STAGES),
    };
    cluster.cloud.preload_api(&Preloaded {
        auto_deploy: api.auto_deploy,
        // A stage that deploys by itself would hold the first lock of another.
        by_hand: vec!["dev"],
        ..preloaded
    });
    cluster.apply_spec(NAME, spec(api, "prod", mode));
    cluster.ready(NAME).await;
    quiet(&mut cluster, NAME).await;
    cluster
}

/// The mode whose proof the stage asks for, as deployed; none where anybody gets in.
fn asked(cluster: &Cluster, api: Api, stage: &str) -> Option<&'static str> {
    let served = cluster.cloud.served(TWO_STAGES, stage, api.route).unwrap();
    match served.kind.as_str() {
        "AWS_IAM" => Some("SigV4"),
        "CUSTOM" => Some("SecretHeader"),
        _ => served.api_key_required.then_some("ApiKey"),
    }
}

/// What CloudFront sends has what both stages ask for. Besides, each write is followed by a look at all viewers, who may have a key of
/// their own there.
pub fn viewers_are_served(cluster: &Cluster, api: Api) {
    let sent = sent_of(&config(cluster));
    for stage in STAGES {
        let is_served = match asked(cluster, api, stage) {
            None => true,
            Some("SigV4") => sent.signs,
            Some("ApiKey") => sent.headers.contains_key("x-api-key"),
            Some(_) => sent.headers.contains_key("x-origin-verify"),
        };
        assert!(
            is_served,
            "viewers of {stage} are refused: {}",
            cluster.story(NAME)
        );
    }
}

/// Passes, each looked at, until there were so many or all is as declared.
async fn passes(cluster: &mut Cluster, api: Api, count: usize) {
    for _ in 0..count {
        let outcome = cluster.pass_surviving(NAME).await;
        viewers_are_served(cluster, api);
        if cluster.condition(NAME, "Ready") == "True" && outcome.plan.is_empty() {
            return;
        }
        tokio::time::sleep(outcome.requeue.min(Duration::from_secs(20))).await;
    }
}

/// All stands as declared: `dev` is locked in this mode, and nobody has opened `prod`.
pub async fn settles(cluster: &mut Cluster, api: Api, mode: &str, told: &str) {
    passes(cluster, api, 200).await;
    let story = cluster.story(NAME);
    assert_eq!(cluster.condition(NAME, "Ready"), "True", "{told}: {story}");
    assert_eq!(
        cluster.condition(NAME, "AccessRestricted"),
        "True",
        "{told}: {story}"
    );
    assert_eq!(asked(cluster, api, "dev"), Some(mode), "{told}: {story}");
    assert!(asked(cluster, api, "prod").is_some(), "{told}: prod was opened");
    // What nothing asks for any more goes with the next full look at the routes.
    resyncs(cluster, 8).await;
    quiet(cluster, NAME).await;
    viewers_are_served(cluster, api);
}

/// The API server lets the stage change only then.
fn may_change_stage(cluster: &Cluster) -> bool {
    let status = cluster.objects[NAME].status.as_ref();
    let access = status.and_then(|status| status.access.as_ref());
    access.is_none_or(|access| !access.lock_unproven)
}

async fn in_one_edit(api: Api) {
    for (before, after) in pairs(api) {
        let mut cluster = locked(api, before).await;
        cluster.apply_spec(NAME, spec(api, "dev", after));
        settles(&mut cluster, api, after, &format!("{api:?} {before} to {after}")).await;
    }
}

async fn in_two_edits(api: Api) {
    for (before, after) in pairs(api) {
        for first in [("dev", before), ("prod", after)] {
            for between in [1, 3, 6] {
                let mut cluster = locked(api, before).await;
                cluster.apply_spec(NAME, spec(api, first.0, first.1));
                passes(&mut cluster, api, between).await;
                for _ in 0..100 {
                    if may_change_stage(&cluster) {
                        break;
                    }
                    passes(&mut cluster, api, 1).await;
                }
                cluster.apply_spec(NAME, spec(api, "dev", after));
                let told = format!("{api:?} {before} to {after}, {first:?} first, {between} passes between");
                settles(&mut cluster, api, after, &told).await;
            }
        }
    }
}

async fn and_back(api: Api) {
    for (before, after) in pairs(api) {
        for between in [1, 3, 6, 12] {
            let mut cluster = locked(api, before).await;
            cluster.apply_spec(NAME, spec(api, "dev", after));
            passes(&mut cluster, api, between).await;
            cluster.apply_spec(NAME, spec(api, "dev", before));
            let told = format!("{api:?} {before} to {after} and back after {between} passes");
            settles(&mut cluster, api, before, &told).await;
        }
    }
}

#[tokio::test(start_paused = true)]
async fn stage_and_mode_of_a_rest_api_change_in_one_edit_and_no_viewer_of_either_stage_is_refused() {
    in_one_edit(REST).await;
}

#[tokio::test(start_paused = true)]
async fn stage_and_mode_of_an_http_api_change_in_one_edit_and_no_viewer_of_either_stage_is_refused() {
    for auto_deploy in [false, true] {
        in_one_edit(Api { auto_deploy, ..HTTP }).await;
    }
}

#[tokio::test(start_paused = true)]
async fn stage_and_mode_of_a_websocket_api_change_in_one_edit_and_no_viewer_of_either_stage_is_refused() {
    in_one_edit(WEB_SOCKET).await;
}

#[tokio::test(start_paused = true)]
async fn stage_and_mode_change_in_two_quick_edits_in_either_order() {
    in_two_edits(REST).await;
    in_two_edits(HTTP).await;
}

#[tokio::test(start_paused = true)]
async fn the_mode_goes_back_to_the_first_while_the_new_stage_is_being_locked() {
    and_back(REST).await;
    and_back(HTTP).await;
}

#[tokio::test(start_paused = true)]
async fn what_only_an_earlier_stage_asks_for_is_told_and_ends_once_that_stage_asks_for_it_no_more() {
    for (before, after) in pairs(REST) {
        let mut cluster = locked(REST, before).await;
        cluster.apply_spec(NAME, spec(REST, "dev", after));
        settles(&mut cluster, REST, after, after).await;
        assert_eq!(asked(&cluster, REST, "prod"), Some(before), "{before} to {after}");
        let access = cluster.objects[NAME].status.clone().unwrap().access.unwrap();
        let earlier: Vec<&str> = access
            .earlier_stages
            .iter()
            .map(|earlier| earlier.stage.as_str())
            .collect();
        assert_eq!(earlier, ["prod"], "{before} to {after}");
        let said = cluster.message(NAME, "AccessRestricted");
        assert!(said.contains("stage prod still asks for the"), "{said}");

        cluster.cloud.deploy(TWO_STAGES, "prod");
        cluster.watch();
        if after == "ApiKey" {
            // The plan has the declared stage alone, as the message says.
            assert!(said.contains("once nobody comes to it any more"), "{said}");
            cluster.invariants = None;
        }
        resyncs(&mut cluster, 8).await;
        let sent = sent_of(&config(&cluster));
        assert_eq!(sent.proofs().len(), 1, "{before} to {after}: {:?}", sent.proofs());
        let has_keys = || {
            let found = cluster.cloud.resources_of(&cluster.uid(NAME));
            found.iter().any(|found| found.kind == Kind::ApiKey)
        };
        assert_eq!(has_keys(), after == "ApiKey", "{before} to {after}");
        quiet(&mut cluster, NAME).await;
        viewers_are_served(&cluster, REST);
    }
}

/// Each change for itself ends as both together do: the stage that was left is still served when the mode changes much later.
#[tokio::test(start_paused = true)]
async fn a_mode_that_changes_long_after_the_stage_goes_on_serving_viewers_of_the_earlier_stage() {
    for (before, after) in pairs(REST) {
        let mut cluster = locked(REST, before).await;
        cluster.apply_spec(NAME, spec(REST, "dev", before));
        settles(&mut cluster, REST, before, before).await;
        cluster.apply_spec(NAME, spec(REST, "dev", after));
        settles(&mut cluster, REST, after, after).await;
        assert_eq!(asked(&cluster, REST, "prod"), Some(before), "{before} to {after}");
    }
}

/// Somebody takes the signer away while the mode changes: what asks for a signature is still known as the object's own lock.
#[tokio::test(start_paused = true)]
async fn an_earlier_lock_by_signatures_is_known_as_ours_also_without_a_signer() {
    for stage in STAGES {
        let mut cluster = locked(REST, "SigV4").await;
        cluster.invariants = None;
        let distribution = the(&cluster, Kind::Distribution).id;
        cluster.cloud.edit_distribution(&distribution, |config| {
            let behaviour = config.get_mut_child("DefaultCacheBehavior").unwrap();
            xml::put(behaviour, xml::list("LambdaFunctionAssociations", vec![]), &[]);
        });
        cluster.apply_spec(NAME, spec(REST, stage, "ApiKey"));
        cluster.ready(NAME).await;
        let story = cluster.story(NAME);
        assert_eq!(asked(&cluster, REST, stage), Some("ApiKey"), "{stage}: {story}");
    }
}
