//! A lock that was begun and not proven comes before everything: it is proven or put back before what people reach for when
//! viewers are refused, and before what fails meanwhile.

use super::petstore::{API, METHODS};
use super::scenes::{NAME, cluster, quiet, routed, routed_apis};
use super::support::cluster::Cluster;
use super::support::simulation::faults::{Fault, Rule, Scope};
use super::support::simulation::resources::Kind;
use super::support::simulation::settings::Settings;
use k8s_openapi::apimachinery::pkg::apis::meta::v1::Time;
use palisade::api::{AccessMode, AccessSpec, Enforcement, ProtectedApiSpec, WebAclSpec};
use palisade::aws::operations::Service;
use palisade::domain::access::table::marks::Marks;
use palisade::domain::tenancy::permissions::Tenancy;
use std::time::Duration;

const LONG: Duration = Duration::from_mins(3);
/// Id, stage and routes.
type Api = (&'static str, &'static str, &'static [&'static str]);
/// REST, HTTP, WebSocket.
const ROUTES: [Api; 3] = [
    (API, "prod", &METHODS),
    ("http000000", "live", &["GET /orders", "POST /orders"]),
    ("socket0000", "live", &["$connect"]),
];

/// What comes in between.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Event {
    Suspended,
    Observed,
    RefusedEdit,
    AnotherMode,
    RouteExcluded,
    PermissionRevoked,
    Rival,
    ListFails,
    Deleted,
    DeletedWhileSuspended,
}

const EVENTS: [Event; 10] = [
    Event::Suspended,
    Event::Observed,
    Event::RefusedEdit,
    Event::AnotherMode,
    Event::RouteExcluded,
    Event::PermissionRevoked,
    Event::Rival,
    Event::ListFails,
    Event::Deleted,
    Event::DeletedWhileSuspended,
];

fn edit(cluster: &mut Cluster, change: impl FnOnce(&mut ProtectedApiSpec)) {
    let mut spec = cluster.objects[NAME].spec.clone();
    change(&mut spec);
    cluster.apply_spec(NAME, spec);
}

impl Event {
    fn happens(self, cluster: &mut Cluster) {
        match self {
            Self::Suspended => edit(cluster, |spec| spec.suspend = Some(true)),
            Self::Observed => edit(cluster, |spec| {
                let access = spec.access.get_or_insert_default();
                access.enforcement = Some(Enforcement::Observe);
            }),
            Self::RefusedEdit => edit(cluster, |spec| {
                spec.web_acl = Some(WebAclSpec {
                    block_cidrs: Some(vec!["nonsense".into()]),
                    ..WebAclSpec::default()
                });
            }),
            Self::AnotherMode => edit(cluster, |spec| {
                spec.access = Some(AccessSpec {
                    mode: Some(AccessMode::SecretHeader),
                    ..spec.access.clone().unwrap_or_default()
                });
            }),
            Self::RouteExcluded => edit(cluster, |spec| {
                let id = spec.origin.endpoint.split('.').next().unwrap();
                let (_, _, routes) = ROUTES.iter().find(|(api, ..)| *api == id).unwrap();
                let access = spec.access.get_or_insert_default();
                access.exclude_methods = Some(vec![serde_yaml::from_str(routes[0]).unwrap()]);
            }),
            Self::PermissionRevoked => cluster.annotations.clear(),
            Self::Rival => {
                cluster.apply_spec("older", cluster.objects[NAME].spec.clone());
                let older = cluster.objects.get_mut("older").unwrap();
                let created = "2020-01-01T00:00:00Z".parse().unwrap();
                older.metadata.creation_timestamp = Some(Time(created));
            }
            Self::ListFails => {
                let list = Scope::Operation("ListDistributions");
                cluster.cloud.inject(Rule::next(list, 10_000, Fault::ServerError));
            }
            Self::Deleted => cluster.begin_deletion(NAME),
            Self::DeletedWhileSuspended => {
                edit(cluster, |spec| spec.suspend = Some(true));
                cluster.begin_deletion(NAME);
            }
        }
    }
}

/// A cluster in which `spec` is applied, and its permission can be revoked.
fn world(settings: Settings, is_broken: bool) -> Cluster {
    let mut cluster = cluster(Settings {
        signer_is_broken: is_broken,
        ..settings
    });
    cluster.invariants = None;
    cluster.configure(|options| options.tenancy = Tenancy::Enforced);
    cluster
        .annotations
        .insert("palisade.dev/allowed-apis".into(), "*".into());
    cluster
}

/// A distribution is deployed in a pass of its own, as in life.
pub(super) fn quick() -> Settings {
    Settings {
        deployment_delay: Duration::from_secs(50),
        ..Settings::instant()
    }
}

fn marks(cluster: &Cluster) -> Marks {
    let resources = cluster.cloud.resources();
    let found = resources.iter().find(|found| found.kind == Kind::Distribution);
    found.map_or_else(Marks::default, |found| Marks::of(&found.tags, cluster.now()))
}

/// Whether viewers get through, if there is still something to get through.
fn is_served(cluster: &Cluster) -> bool {
    let resources = cluster.cloud.resources();
    let mut all = resources.iter().filter(|found| found.kind == Kind::Distribution);
    all.all(|found| !found.enabled || cluster.cloud.viewer_is_served(&found.id).is_ok())
}

/// Passes over the object until a write dies, or nothing is left to do.
pub(super) async fn until_crash(cluster: &mut Cluster) -> bool {
    for _ in 0..400 {
        let outcome = cluster.pass(NAME).await;
        if cluster.cloud.crashed() {
            cluster.restart();
            return true;
        }
        let is = |condition: &str| cluster.condition(NAME, condition) == "True";
        if is("Ready") || is("Stalled") {
            return false;
        }
        tokio::time::sleep(outcome.requeue).await;
    }
    panic!("neither crashed nor at rest: {}", cluster.story(NAME));
}

/// Passes over the object until nothing is in doubt any more.
async fn until_settled(cluster: &mut Cluster, event: Event, case: &str) {
    let end = tokio::time::Instant::now() + LONG;
    while tokio::time::Instant::now() < end {
        let outcome = cluster.pass_surviving(NAME).await;
        let is_gone = !cluster.objects.contains_key(NAME);
        // What viewers do not meet waits for the lists to be read again.
        let is_settled = is_gone || event == Event::ListFails || !marks(cluster).is_unproven();
        if is_settled && is_served(cluster) {
            return;
        }
        let failed = !outcome.failures.is_empty();
        let delay = if failed {
            Duration::from_secs(5)
        } else {
            outcome.requeue
        };
        let delay = delay.min(Duration::from_secs(15));
        tokio::time::sleep(delay).await;
    }
    panic!(
        "{case}: left in doubt: {:?}\n{}",
        marks(cluster),
        cluster.story(NAME)
    );
}

/// Whether all routes are as they were before, as deployed and, unless the lock is gone on with, as edited.
fn assert_as_before(cluster: &Cluster, event: Event, (api, stage, routes): Api, case: &str) {
    for route in routes {
        let served = cluster.cloud.served(api, stage, route).unwrap();
        assert!(
            served.is_open(),
            "{case}: {route} is left locked: {}",
            cluster.story(NAME)
        );
        let edited = cluster.cloud.edited(api, route).unwrap();
        assert!(
            edited.is_open() || event == Event::ListFails,
            "{case}: {route} is left locked in the working copy: {}",
            cluster.story(NAME)
        );
    }
}

/// A crash at any write of a cut-over, and each event after those that left one begun: how many they are.
async fn crashes(is_broken: bool, prepare: &dyn Fn(&mut Cluster) -> usize) -> usize {
    let mut begun = 0;
    for fault in [Fault::CrashBefore, Fault::CrashAfter] {
        for n in 1.. {
            let rule = Rule::nth(Scope::Writes, n, fault);
            let Some((cluster, api)) = crashed(is_broken, prepare, &rule).await else {
                break;
            };
            // Nothing is in doubt yet, or any more; or all is as after the write before, at the same moment.
            let is_known = fault == Fault::CrashBefore && follows_a_write(&cluster);
            if is_known || !marks(&cluster).is_unproven() {
                continue;
            }
            begun += 1;
            let death = cluster.saved();
            for event in EVENTS {
                let mut cluster = death.cluster();
                let case = format!("{event:?}, {fault:?} at write {n} of {}", api.0);
                event.happens(&mut cluster);
                until_settled(&mut cluster, event, &case).await;
                if is_broken {
                    assert_as_before(&cluster, event, api, &case);
                }
            }
        }
    }
    begun
}

/// Whether the write at which the process died came at the moment of another one.
fn follows_a_write(cluster: &Cluster) -> bool {
    let journal = cluster.cloud.journal();
    matches!(journal.writes()[..], [.., before, last] if before.at == last.at)
}

/// A cluster whose process has died by `rule`, and its API; `None` where it came to rest before.
async fn crashed(
    is_broken: bool,
    prepare: &dyn Fn(&mut Cluster) -> usize,
    rule: &Rule,
) -> Option<(Cluster, Api)> {
    let mut cluster = world(quick(), is_broken);
    let api = ROUTES[prepare(&mut cluster)];
    cluster.cloud.inject(rule.clone());
    until_crash(&mut cluster).await.then_some((cluster, api))
}

fn rest(cluster: &mut Cluster) -> usize {
    cluster.apply(NAME, "");
    0
}

fn with_routes(at: usize, auto_deploy: bool) -> impl Fn(&mut Cluster) -> usize {
    move |cluster| {
        let (id, kind, api) = routed_apis(auto_deploy).into_iter().nth(at).unwrap();
        cluster.cloud.preload_api(&api);
        cluster.apply_spec(NAME, routed(id, kind, "SigV4"));
        at + 1
    }
}

#[tokio::test(start_paused = true)]
async fn a_refused_lock_is_put_back_whatever_comes_after_a_crash() {
    let begun = crashes(true, &rest).await;
    assert!(begun > 5, "{begun}");
}

#[tokio::test(start_paused = true)]
async fn a_refused_lock_of_routes_is_put_back_whatever_comes_after_a_crash() {
    for auto_deploy in [true, false] {
        for at in [0, 1] {
            let begun = crashes(true, &with_routes(at, auto_deploy)).await;
            assert!(begun > 1, "{auto_deploy} {at}: {begun}");
        }
    }
}

#[tokio::test(start_paused = true)]
async fn viewers_are_served_whatever_comes_in_the_middle_of_a_good_lock() {
    let begun = crashes(false, &rest).await;
    assert!(begun > 2, "{begun}");
}

/// A new object, whose controller dies after the write `n`.
fn crashing_after(n: usize) -> Cluster {
    let mut cluster = world(quick(), true);
    cluster.apply(NAME, "");
    cluster
        .cloud
        .inject(Rule::nth(Scope::Writes, n, Fault::CrashAfter));
    cluster
}

/// Others may be refused meanwhile: an API's methods are many calls, and few a second.
#[tokio::test(start_paused = true)]
async fn whoever_takes_over_reads_what_viewers_meet_before_the_lists_and_what_waits_for_its_turn_after_them()
{
    let mut found = [0, 0];
    for n in 1.. {
        let mut cluster = crashing_after(n);
        if !until_crash(&mut cluster).await {
            break;
        }
        if !marks(&cluster).is_unproven() {
            continue;
        }
        let is_met = !is_served(&cluster);
        cluster.cloud.clear_journal();
        cluster.pass_surviving(NAME).await;
        let journal = cluster.cloud.journal();
        let first = |service: Service, name: &str| {
            let mut entries = journal.entries.iter();
            entries.position(|entry| entry.operation.service == service && entry.operation.name == name)
        };
        let methods = first(Service::ApiGateway, "GetResources").expect("the methods are read");
        let lists = first(Service::CloudFront, "ListDistributions").expect("the lists are read");
        assert_eq!(methods < lists, is_met, "write {n}: {}", cluster.story(NAME));
        found[usize::from(is_met)] += 1;
    }
    assert!(found.iter().all(|count| *count > 0), "{found:?}");
}

#[tokio::test(start_paused = true)]
async fn a_lock_whose_effect_is_awaited_is_put_back_whatever_comes_in_between() {
    for event in EVENTS {
        let slow = Settings {
            stage_propagation: Duration::from_secs(9),
            ..Settings::default()
        };
        let mut cluster = world(slow, true);
        cluster.apply(NAME, "");
        for _ in 0..200 {
            if marks(&cluster).is_unproven() {
                break;
            }
            let outcome = cluster.pass(NAME).await;
            tokio::time::sleep(outcome.requeue).await;
        }
        assert!(marks(&cluster).is_unproven(), "{}", cluster.story(NAME));
        event.happens(&mut cluster);
        let case = format!("{event:?}");
        // Until it takes effect viewers are served all the same.
        tokio::time::sleep(Duration::from_secs(10)).await;
        until_settled(&mut cluster, event, &case).await;
        tokio::time::sleep(Duration::from_secs(10)).await;
        assert_as_before(&cluster, event, ROUTES[0], &case);
        assert!(is_served(&cluster), "{case}");
    }
}

#[tokio::test(start_paused = true)]
async fn what_was_backed_out_of_is_locked_once_it_is_wanted_again() {
    for event in [
        Event::Suspended,
        Event::Observed,
        Event::RefusedEdit,
        Event::Rival,
    ] {
        for n in 1.. {
            let mut cluster = crashing_after(n);
            if !until_crash(&mut cluster).await {
                break;
            }
            if !marks(&cluster).is_unproven() {
                continue;
            }
            event.happens(&mut cluster);
            until_settled(&mut cluster, event, &format!("{event:?} {n}")).await;
            cluster
                .cloud
                .configure(|settings| settings.signer_is_broken = false);
            cluster.objects.remove("older");
            cluster.apply(NAME, "");
            cluster.settle_patiently(NAME).await;
            assert_eq!(
                cluster.cloud.deployments_of(API).len(),
                2,
                "{event:?} {n}: one stays behind"
            );
            quiet(&mut cluster, NAME).await;
        }
    }
}
