//! APIs of which nothing may be asked for without changing something: locked by what is read, where that is wanted, or it is
//! said what to do; and never is anything written by a probe.

use super::scenes::{NAME, cluster, quiet, values};
use super::support::cluster::Cluster;
use super::support::simulation::apigateway::Preloaded;
use super::support::simulation::faults::{Fault, Rule, Scope};
use super::support::simulation::settings::Settings;
use palisade::api::{ProtectedApiSpec, ROTATE};
use palisade::domain::access::probe::Way;
use std::time::Duration;

const API: &str = "hooks00000";
const REGION: &str = "eu-north-1";
const STAGE: &str = "live";
const ROUTES: [&str; 3] = ["POST /orders", "PUT /orders", "DELETE /orders"];
/// Type, whether the stage deploys by itself, and mode.
const CASES: [(&str, bool, &str); 7] = [
    ("REST", false, ""),
    ("REST", false, "mode: ApiKey, "),
    ("REST", false, "mode: SecretHeader, "),
    ("HTTP", false, ""),
    ("HTTP", false, "mode: SecretHeader, "),
    ("HTTP", true, ""),
    ("HTTP", true, "mode: SecretHeader, "),
];

fn before(kind: &str, auto_deploy: bool, settings: Settings) -> Cluster {
    let api = Preloaded::of(kind, REGION, API, &[STAGE]).with_routes(&ROUTES, auto_deploy);
    let cluster = cluster(settings);
    cluster.cloud.preload_api(&api);
    cluster
}

fn spec(kind: &str, access: &str, more: &str) -> ProtectedApiSpec {
    let origin =
        format!("{{endpoint: {API}.execute-api.{REGION}.amazonaws.com, type: {kind}, stage: {STAGE}{more}}}");
    let access = format!("{{{access}deployPendingChanges: true}}");
    serde_yaml::from_str(&format!("origin: {origin}\naccess: {access}")).unwrap()
}

/// Routes of the stage that anybody may call.
fn open(cluster: &Cluster) -> Vec<&'static str> {
    let is_open = |key: &&&str| {
        let served = cluster.cloud.served(API, STAGE, key);
        served.is_some_and(|route| route.is_open())
    };
    ROUTES.iter().filter(is_open).copied().collect()
}

fn found(cluster: &Cluster, condition: &str) -> String {
    let (status, reason) = (
        cluster.condition(NAME, condition),
        cluster.reason(NAME, condition),
    );
    format!("{status} {reason}")
}

#[tokio::test(start_paused = true)]
async fn after_deployed_what_only_writes_is_locked_by_what_is_read_and_says_that_nothing_is_proven() {
    for (kind, auto_deploy, mode) in CASES {
        let case = format!("{kind} {auto_deploy} {mode}");
        let mut cluster = before(kind, auto_deploy, Settings::default());
        let access = format!("{mode}cutOver: AfterDeployed, ");
        cluster.apply_spec(NAME, spec(kind, &access, ""));
        cluster.ready(NAME).await;
        assert_eq!(open(&cluster), Vec::<&str>::new(), "{case}");
        assert_eq!(found(&cluster, "AccessRestricted"), "True Locked", "{case}");
        for condition in ["ViewerAccessVerified", "DirectAccessBlocked"] {
            assert_eq!(found(&cluster, condition), "Unknown NothingToProbe", "{case}");
            let said = cluster.message(NAME, condition);
            assert!(said.contains("GET, HEAD or OPTIONS"), "{said}");
        }
        let said = cluster.message(NAME, "Ready");
        assert!(said.contains("no probe can prove all of it"), "{said}");
        assert!(
            cluster.cloud.probes().is_empty(),
            "{case}: a write while the lock is young"
        );
        quiet(&mut cluster, NAME).await;
        assert_eq!(open(&cluster), Vec::<&str>::new(), "{case}");
        // An hour later the lock is in force, and a write past the perimeter is refused.
        tokio::time::sleep(Duration::from_mins(70)).await;
        cluster.ready(NAME).await;
        assert_eq!(
            found(&cluster, "DirectAccessBlocked"),
            "True DirectRefused",
            "{case}"
        );
        assert_eq!(
            found(&cluster, "ViewerAccessVerified"),
            "Unknown NothingToProbe",
            "{case}"
        );
        let asked = cluster.cloud.probes();
        assert!(
            asked.iter().all(|probe| probe.way == Way::Direct),
            "{case}: {asked:?}"
        );
    }
}

#[tokio::test(start_paused = true)]
async fn after_a_probe_what_only_writes_is_refused_before_anything_is_built_and_says_what_to_do() {
    for (kind, auto_deploy, mode) in CASES {
        let mut cluster = before(kind, auto_deploy, Settings::default());
        cluster.apply_spec(NAME, spec(kind, mode, ""));
        assert_eq!(cluster.stalled(NAME).await, "ProbePathNotFound", "{kind} {mode}");
        let said = cluster.message(NAME, "Accepted");
        for remedy in [
            "Set spec.access.cutOver to AfterDeployed",
            "spec.origin.probePath",
        ] {
            assert!(said.contains(remedy), "{said}");
        }
        assert!(!said.contains("spec.probes"), "{said}");
        assert_eq!(open(&cluster), ROUTES, "{kind} {mode}");
        assert!(cluster.cloud.probes().is_empty());
        assert!(cluster.cloud.journal().writes().is_empty(), "{kind} {mode}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_probe_path_that_leads_nowhere_is_named_and_holds_no_lock_back_after_deployed() {
    let mut cluster = before("HTTP", true, Settings::default());
    cluster.apply_spec(NAME, spec("HTTP", "", ", probePath: /live/oders"));
    assert_eq!(cluster.stalled(NAME).await, "ProbePathNotFound");
    cluster.apply_spec(
        NAME,
        spec("HTTP", "cutOver: AfterDeployed, ", ", probePath: /live/oders"),
    );
    cluster.ready(NAME).await;
    assert_eq!(open(&cluster), Vec::<&str>::new());
    let said = cluster.message(NAME, "ViewerAccessVerified");
    assert!(said.contains("a GET of /live/oders leads to no method"), "{said}");
}

#[tokio::test(start_paused = true)]
async fn a_lock_of_what_only_writes_goes_on_after_a_crash_at_any_write() {
    for (kind, auto_deploy, mode) in CASES {
        for fault in [Fault::CrashBefore, Fault::CrashAfter] {
            for n in 1.. {
                let mut cluster = before(kind, auto_deploy, Settings::instant());
                cluster.cloud.inject(Rule::nth(Scope::Writes, n, fault));
                let access = format!("{mode}cutOver: AfterDeployed, ");
                cluster.apply_spec(NAME, spec(kind, &access, ""));
                cluster.settle_patiently(NAME).await;
                let case = format!("{kind} {auto_deploy} {mode} {fault:?} at {n}");
                assert_eq!(open(&cluster), Vec::<&str>::new(), "{case}");
                if cluster.cloud.journal().writes().len() < n {
                    break;
                }
            }
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_value_is_replaced_by_what_is_read_where_nothing_can_be_probed() {
    for (kind, auto_deploy, mode) in CASES {
        if mode.is_empty() {
            continue;
        }
        let mut cluster = before(kind, auto_deploy, Settings::default());
        let access = format!("{mode}cutOver: AfterDeployed, ");
        cluster.apply_spec(NAME, spec(kind, &access, ""));
        cluster.ready(NAME).await;
        quiet(&mut cluster, NAME).await;
        let old = values(&cluster);
        cluster.annotate(NAME, ROTATE, "now");
        cluster.settle_patiently(NAME).await;
        quiet(&mut cluster, NAME).await;
        assert_ne!(values(&cluster), old, "{kind} {mode}");
        assert_eq!(values(&cluster).len(), 1, "{kind} {mode}");
    }
}
