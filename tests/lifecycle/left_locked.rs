//! A deletion looks at a lock that was begun, whatever is known of it, and waits for it a quarter of an hour at most.

use super::petstore::{API, METHODS};
use super::scenes::{NAME, cluster, deny};
use super::support::cluster::Cluster;
use super::support::simulation::faults::{Fault, Rule, Scope};
use super::support::simulation::resources::Kind;
use super::support::simulation::settings::Settings;
use palisade::api::AccessMode;
use palisade::domain::access::table::marks::Marks;
use palisade::domain::kernel::failure::{ErrorKind, Failure};
use palisade::domain::kernel::reason::Reason;
use std::time::Duration;
use tokio::time::Instant;

/// Whether a lock was begun and not proven.
pub fn is_unproven(cluster: &Cluster) -> bool {
    let resources = cluster.cloud.resources();
    let mut all = resources.iter().filter(|found| found.kind == Kind::Distribution);
    all.any(|found| Marks::of(&found.tags, cluster.now()).is_unproven())
}

/// Methods of the stage that refuse whoever shows nothing.
fn locked(cluster: &Cluster) -> Vec<&'static str> {
    let is_locked = |key: &&&str| {
        let served = cluster.cloud.served(API, "prod", key);
        served.is_some_and(|route| !route.is_open())
    };
    METHODS.iter().filter(is_locked).copied().collect()
}

/// A cluster whose controller has died at the `n`th write, and another runs; `None` once there is no such write.
async fn crashed_at(n: usize, settings: Settings) -> Option<Cluster> {
    let mut cluster = cluster(settings);
    cluster.invariants = None;
    cluster
        .cloud
        .inject(Rule::nth(Scope::Writes, n, Fault::CrashAfter));
    cluster.apply(NAME, "");
    for _ in 0..60 {
        let outcome = cluster.pass(NAME).await;
        if cluster.cloud.crashed() {
            cluster.restart();
            cluster.cloud.clear_faults();
            return Some(cluster);
        }
        if cluster.condition(NAME, "Stalled") == "True" || cluster.condition(NAME, "Ready") == "True" {
            return None;
        }
        tokio::time::sleep(outcome.requeue).await;
    }
    panic!("neither crashed nor at rest: {}", cluster.story(NAME));
}

/// Clusters that died over a lock by which viewers are refused, at each write of it.
async fn begun(settings: impl Fn() -> Settings) -> Vec<Cluster> {
    let mut all = Vec::new();
    for n in 1.. {
        let Some(cluster) = crashed_at(n, settings()).await else {
            break;
        };
        if is_unproven(&cluster) {
            all.push(cluster);
        }
    }
    assert!(all.len() > 5, "{}", all.len());
    all
}

fn broken() -> Settings {
    Settings {
        signer_is_broken: true,
        ..Settings::instant()
    }
}

/// What status tells of is known in a pass before the lock.
fn broken_and_slow() -> Settings {
    Settings {
        deployment_delay: Duration::from_secs(50),
        ..broken()
    }
}

#[tokio::test(start_paused = true)]
async fn a_deletion_right_after_a_crash_of_whose_lock_no_status_tells_opens_the_api() {
    for mut cluster in begun(broken).await {
        cluster.objects.get_mut(NAME).unwrap().status = None;
        cluster.depart(NAME).await;
        assert_eq!(locked(&cluster), Vec::<&str>::new(), "{}", cluster.story(NAME));
    }
}

#[tokio::test(start_paused = true)]
async fn a_suspended_deletion_right_after_such_a_crash_opens_the_api_as_well() {
    for mut cluster in begun(broken).await {
        cluster.objects.get_mut(NAME).unwrap().status = None;
        cluster.apply(NAME, "suspend: true");
        cluster.begin_deletion(NAME);
        for _ in 0..20 {
            cluster.pass_surviving(NAME).await;
            tokio::time::sleep(Duration::from_secs(5)).await;
        }
        assert_eq!(locked(&cluster), Vec::<&str>::new(), "{}", cluster.story(NAME));
        assert!(!is_unproven(&cluster));
        assert_eq!(cluster.reason(NAME, "Ready"), "Suspended");
    }
}

#[tokio::test(start_paused = true)]
async fn a_deletion_waits_a_quarter_of_an_hour_for_a_lock_that_cannot_be_read_and_says_so() {
    for mut cluster in begun(broken_and_slow).await {
        deny(&cluster, "apigateway:GET");
        cluster.begin_deletion(NAME);
        let since = Instant::now();
        while since.elapsed() < Duration::from_mins(14) {
            let outcome = cluster.pass_surviving(NAME).await;
            assert!(!outcome.finished, "{:?}", outcome.failures);
            tokio::time::sleep(Duration::from_mins(1)).await;
        }
        let said = cluster.message(NAME, "Ready");
        assert!(
            said.contains("and then goes on and may leave the API locked"),
            "{said}"
        );
        assert!(said.contains("docs/access-modes.md"), "{said}");
        cluster.depart(NAME).await;
        assert!(since.elapsed() < Duration::from_mins(40));
    }
}

#[tokio::test(start_paused = true)]
async fn rights_that_come_back_within_that_time_open_the_api() {
    for mut cluster in begun(broken_and_slow).await {
        deny(&cluster, "apigateway:GET");
        cluster.begin_deletion(NAME);
        for _ in 0..5 {
            cluster.pass_surviving(NAME).await;
            tokio::time::sleep(Duration::from_mins(1)).await;
        }
        cluster.cloud.configure(|settings| settings.denied.clear());
        cluster.depart(NAME).await;
        assert_eq!(locked(&cluster), Vec::<&str>::new(), "{}", cluster.story(NAME));
    }
}

#[tokio::test(start_paused = true)]
async fn what_is_put_back_without_a_probe_does_not_wait_for_the_probes_header() {
    let mut cases = 0;
    for mut cluster in begun(broken_and_slow).await {
        if locked(&cluster).is_empty() {
            continue;
        }
        cases += 1;
        let mut spec = cluster.objects[NAME].spec.clone();
        spec.access.get_or_insert_default().mode = Some(AccessMode::SecretHeader);
        cluster.apply_spec(NAME, spec);
        cluster.token_takes = Duration::from_secs(30);
        let pass = tokio::time::timeout(Duration::from_secs(20), cluster.pass(NAME));
        assert!(pass.await.is_err(), "what comes after waits for it");
        assert_eq!(locked(&cluster), Vec::<&str>::new());
    }
    assert!(cases > 0);
}

#[tokio::test(start_paused = true)]
async fn a_deletion_that_is_held_up_takes_nothing_down_and_opens_the_api_all_the_same() {
    for mut cluster in begun(broken_and_slow).await {
        cluster.begin_deletion(NAME);
        for _ in 0..60 {
            let departed = cluster.departed(&cluster.objects[NAME]);
            let why = Failure {
                id: None,
                kind: ErrorKind::Terminal,
                reason: Reason::ClassNotFound,
                message: "what its class says is not known".into(),
            };
            let outcome = cluster.engine.hold_up(&departed, cluster.now(), why).await;
            assert!(!outcome.finished);
            cluster.objects.get_mut(NAME).unwrap().status = Some(outcome.status);
            tokio::time::sleep(Duration::from_secs(10)).await;
        }
        assert_eq!(locked(&cluster), Vec::<&str>::new(), "{}", cluster.story(NAME));
        assert!(!is_unproven(&cluster));
        assert_eq!(cluster.reason(NAME, "Ready"), "Deleting");
        let resources = cluster.cloud.resources();
        assert!(resources.iter().any(|found| found.kind == Kind::Distribution));
    }
}
