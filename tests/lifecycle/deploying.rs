//! While CloudFront deploys a change of what a viewer has to ask for, no probe through the perimeter alarms anybody; right after,
//! one tells how viewers fare.

use super::scenes::{CERTIFICATE, NAME, cluster, ready};
use super::support::cluster::{Cluster, REST_ENDPOINT};
use super::support::simulation::faults::{Fault, Rule, Scope};
use super::support::simulation::settings::Settings;
use super::unproven::{quick, until_crash};
use palisade::api::ProtectedApiSpec;
use palisade::controller::events::of_pass;
use palisade::domain::access::probe::{Probe, Way};
use std::time::Duration;

/// The object's spec with the stage in its origin path.
fn with_path() -> ProtectedApiSpec {
    let origin = format!("origin: {{endpoint: {REST_ENDPOINT}, type: REST, stage: prod, path: /prod}}");
    serde_yaml::from_str(&origin).unwrap()
}

/// Passes until the distribution is deployed as the spec asks, and tells of no trouble of viewers until then.
async fn deployed_quietly(cluster: &mut Cluster) {
    for _ in 0..200 {
        let before = cluster.objects[NAME].clone();
        let outcome = cluster.pass(NAME).await;
        if cluster.condition(NAME, "DistributionDeployed") == "True" {
            return;
        }
        let story = cluster.story(NAME);
        let told = of_pass::notes(&before, &outcome);
        let warned = told.iter().any(|note| note.warning);
        assert!(!warned, "{story}");
        assert_eq!(cluster.condition(NAME, "Stalled"), "", "{story}");
        assert_eq!(cluster.condition(NAME, "Ready"), "False", "{story}");
        assert_ne!(
            cluster.condition(NAME, "ViewerAccessVerified"),
            "False",
            "{story}"
        );
        tokio::time::sleep(outcome.requeue).await;
    }
    panic!("never deployed: {}", cluster.story(NAME));
}

/// The probes through the perimeter, but for the first `known` probes of all.
fn viewers(cluster: &Cluster, known: usize) -> Vec<Probe> {
    let probes = cluster.cloud.probes().split_off(known);
    probes
        .into_iter()
        .filter(|probe| probe.way == Way::Viewer)
        .collect()
}

#[tokio::test(start_paused = true)]
async fn a_change_of_the_origin_path_alarms_nobody_and_the_new_path_is_probed_once_it_is_deployed() {
    let mut cluster = ready("").await;
    let known = cluster.cloud.probes().len();
    cluster.apply_spec(NAME, with_path());
    deployed_quietly(&mut cluster).await;
    let story = cluster.story(NAME);
    assert_eq!(cluster.condition(NAME, "Ready"), "True", "{story}");
    assert_eq!(
        cluster.reason(NAME, "ViewerAccessVerified"),
        "ViewerReached",
        "{story}"
    );
    let mut asked: Vec<String> = viewers(&cluster, known)
        .into_iter()
        .map(|probe| probe.path)
        .collect();
    assert_eq!(asked.pop().as_deref(), Some("/pets"), "{story}");
    // Before the update the edges serve what was configured.
    assert!(asked.iter().all(|path| path == "/prod/pets"), "{asked:?}");
    assert_eq!(cluster.cloud.journal().count("UpdateStage"), 0, "{story}");
}

#[tokio::test(start_paused = true)]
async fn a_change_of_the_probes_host_alarms_nobody_and_the_new_host_is_probed_once_it_is_deployed() {
    let mut cluster = ready("").await;
    let known = cluster.cloud.probes().len();
    let alias = format!("distribution: {{aliases: [api.example.com], certificateArn: '{CERTIFICATE}'}}");
    cluster.apply(
        NAME,
        &format!("access: {{probe: {{host: api.example.com}}}}\n{alias}"),
    );
    deployed_quietly(&mut cluster).await;
    let story = cluster.story(NAME);
    assert_eq!(cluster.condition(NAME, "Ready"), "True", "{story}");
    let mut asked: Vec<String> = viewers(&cluster, known)
        .into_iter()
        .map(|probe| probe.host)
        .collect();
    assert_eq!(asked.pop().as_deref(), Some("api.example.com"), "{story}");
    assert!(
        asked.iter().all(|host| host.ends_with(".cloudfront.net")),
        "{asked:?}"
    );
}

#[tokio::test(start_paused = true)]
async fn a_refusal_that_lasts_once_the_change_is_deployed_is_told_at_once() {
    let mut cluster = ready("").await;
    cluster.invariants = None;
    cluster
        .cloud
        .configure(|settings| settings.signer_is_broken = true);
    cluster.apply_spec(NAME, with_path());
    deployed_quietly(&mut cluster).await;
    let story = cluster.story(NAME);
    assert_eq!(
        cluster.reason(NAME, "ViewerAccessVerified"),
        "SignatureRefused",
        "{story}"
    );
    assert_eq!(cluster.reason(NAME, "Stalled"), "SignatureRefused", "{story}");
}

#[tokio::test(start_paused = true)]
async fn a_lock_in_doubt_is_proven_by_the_path_that_the_edges_serve_before_another_is_deployed() {
    for stage_propagation in [Duration::ZERO, Duration::from_secs(10)] {
        let mut cluster = cluster(Settings {
            stage_propagation,
            ..quick()
        });
        cluster.apply(NAME, "");
        let rule = Rule::nth(Scope::Operation("UpdateStage"), 1, Fault::CrashAfter);
        cluster.cloud.inject(rule);
        assert!(until_crash(&mut cluster).await, "nothing was locked");
        cluster.apply_spec(NAME, with_path());
        cluster.ready(NAME).await;
        let story = cluster.story(NAME);
        // Nothing was put back, and locked again.
        assert_eq!(cluster.cloud.journal().count("UpdateStage"), 1, "{story}");
        let asked = viewers(&cluster, 0).pop().map(|probe| probe.path);
        assert_eq!(asked.as_deref(), Some("/pets"), "{story}");
    }
}
