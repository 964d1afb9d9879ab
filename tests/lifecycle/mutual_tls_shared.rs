//! One certificate for the origin's names of many objects: made once, whoever begins, used by all, and gone with the last one that
//! declares it. No viewer is refused in any of it.

use super::handover::{Move, NEW};
use super::scenes::{NAME, ZONE, cluster, history, nothing_left, quiet, struck};
use super::support::cluster::{Cluster, REST_ENDPOINT};
use super::support::simulation::apigateway::Preloaded;
use super::support::simulation::faults::{Fault, Rule, Scope};
use super::support::simulation::resources::{Kind, Resource};
use super::support::simulation::settings::Settings;
use palisade::api::MutualTlsStatus;
use palisade::domain::kernel::identity::TAG_CLUSTER;
use std::sync::Arc;
use std::time::Duration;

pub(super) const WILDCARD: &str = "*.origin.example.com";
const OTHER: &str = "ledger";
/// The objects, and the API of the second.
const OBJECTS: [&str; 2] = [NAME, OTHER];
const LEDGER: &str = "ledger0000";
const ELSEWHERE: &str = "d2d2d2d2-0000-4000-8000-000000000000";

/// What petstore's REST API has of it.
pub(super) const SHARING: &str = "access: {mode: MutualTls, mutualTls: {hostedZoneId: Z0123456789ABCDEFGHIJ, originDomain: \
                       petstore.origin.example.com, truststoreBucket: shop-truststores, sharedCertificate: true}}";

/// Two APIs of one Region, before which nothing stands.
pub(super) fn two_apis(settings: Settings) -> Cluster {
    let cluster = cluster(settings);
    let ledger = Preloaded::http("eu-north-1", LEDGER, &["$default"]);
    cluster.cloud.preload_api(&ledger);
    cluster
}

/// Declares the object, whose certificate is shared or its own.
pub(super) fn apply(cluster: &mut Cluster, name: &str, is_shared: bool, more: &str) {
    let origin = if name == NAME {
        format!("{{endpoint: {REST_ENDPOINT}, type: REST, stage: prod}}")
    } else {
        format!("{{endpoint: {LEDGER}.execute-api.eu-north-1.amazonaws.com, type: HTTP, stage: $default}}")
    };
    let spec = format!(
        "origin: {origin}\naccess: {{mode: MutualTls, mutualTls: {{hostedZoneId: {ZONE}, originDomain: {name}.origin.example.com, \
         truststoreBucket: shop-truststores, sharedCertificate: {is_shared}}}}}\n{more}"
    );
    cluster.apply_spec(name, serde_yaml::from_str(&spec).unwrap());
}

/// The public certificates of origins' names, whoever has them.
pub(super) fn certificates(cluster: &Cluster) -> Vec<Resource> {
    let all = cluster.cloud.resources().into_iter();
    all.filter(|found| found.kind == Kind::Certificate && !found.name.starts_with("client "))
        .collect()
}

/// The one certificate that objects of this cluster share.
#[track_caller]
pub(super) fn the_shared_one(cluster: &Cluster) -> String {
    let mut all = certificates(cluster);
    assert_eq!(all.len(), 1, "{all:#?}");
    assert_eq!(all[0].name, WILDCARD);
    all.remove(0).arn
}

fn status(cluster: &Cluster, name: &str) -> MutualTlsStatus {
    let status = cluster.objects[name].status.clone().unwrap_or_default();
    status
        .access
        .and_then(|access| access.mutual_tls)
        .unwrap_or_default()
}

/// It is locked, and its custom domain name has that certificate, as AWS says.
#[track_caller]
fn assert_served_by(cluster: &Cluster, name: &str, arn: &str) {
    let story = cluster.story(name);
    for condition in ["AccessRestricted", "ViewerAccessVerified", "Ready"] {
        assert_eq!(cluster.condition(name, condition), "True", "{condition}: {story}");
    }
    let domain = format!("{name}.origin.example.com");
    let has = cluster.cloud.certificate_of_domain(&domain);
    assert_eq!(has.as_deref(), Some(arn), "{story}");
}

/// Passes over both in turn, until each is ready.
async fn both_ready(cluster: &mut Cluster) {
    for _ in 0..200 {
        let mut pause = Duration::from_secs(30);
        for name in OBJECTS {
            pause = pause.min(cluster.pass_surviving(name).await.requeue);
        }
        let is_ready = |name: &&str| cluster.condition(name, "Ready") == "True";
        if OBJECTS.iter().all(is_ready) {
            return;
        }
        tokio::time::sleep(pause.max(Duration::from_secs(1))).await;
    }
    panic!("{}\n{}", cluster.story(NAME), cluster.story(OTHER));
}

/// Two objects that share one certificate.
async fn two_that_share(settings: Settings) -> Cluster {
    let mut cluster = two_apis(settings);
    apply(&mut cluster, NAME, true, "");
    apply(&mut cluster, OTHER, true, "");
    both_ready(&mut cluster).await;
    cluster
}

#[tokio::test(start_paused = true)]
async fn two_objects_that_begin_together_are_served_by_one_certificate() {
    let mut cluster = two_that_share(Settings::default()).await;
    assert_eq!(cluster.cloud.journal().count("RequestCertificate"), 1);
    let shared = the_shared_one(&cluster);
    for name in OBJECTS {
        quiet(&mut cluster, name).await;
        assert_served_by(&cluster, name, &shared);
        let known = status(&cluster, name);
        assert_eq!(known.shared_certificate_arn.as_ref(), Some(&shared));
        assert_eq!(known.shared_by, Some(2));
        let told = cluster.message(name, "AccessRestricted");
        for part in [WILDCARD, shared.as_str(), "one other object shares it"] {
            assert!(told.contains(part), "{told}");
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_process_that_dies_at_any_call_of_it_leaves_both_with_one_certificate() {
    let calls = [
        ("RequestCertificate", 1),
        ("DescribeCertificate", 1),
        ("DescribeCertificate", 2),
        ("ChangeResourceRecordSets", 1),
        ("ChangeResourceRecordSets", 2),
        ("CreateDomainName", 1),
        ("CreateDomainName", 2),
    ];
    for fault in [Fault::CrashBefore, Fault::CrashAfter, Fault::LostAnswer] {
        for (operation, n) in calls {
            let mut cluster = two_apis(Settings::default());
            let rule = Rule::nth(Scope::Operation(operation), n, fault);
            cluster.cloud.inject(rule);
            apply(&mut cluster, NAME, true, "");
            apply(&mut cluster, OTHER, true, "");
            both_ready(&mut cluster).await;
            println!("{fault:?} at {operation} {n}");
            assert!(struck(&cluster, fault), "{}", history(&cluster));
            cluster.sweep_shared().await;
            let shared = the_shared_one(&cluster);
            for name in OBJECTS {
                assert_served_by(&cluster, name, &shared);
            }
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_list_that_lags_behind_makes_no_second_certificate() {
    let settings = Settings {
        list_lag: Duration::from_secs(30),
        tag_lag: Duration::from_mins(5),
        ..Settings::default()
    };
    let mut cluster = two_apis(settings);
    apply(&mut cluster, NAME, true, "");
    apply(&mut cluster, OTHER, true, "");
    cluster.pass_surviving(NAME).await;
    // Another process knows nothing of what this one wrote.
    cluster.restart();
    cluster.pass_surviving(OTHER).await;
    cluster.restart();
    both_ready(&mut cluster).await;
    the_shared_one(&cluster);
}

#[tokio::test(start_paused = true)]
async fn a_resync_of_an_object_that_shares_one_takes_no_more_calls_than_of_one_with_its_own() {
    let mut calls = Vec::new();
    for is_shared in [false, true] {
        let mut cluster = two_apis(Settings::default());
        apply(&mut cluster, NAME, is_shared, "");
        cluster.ready(NAME).await;
        quiet(&mut cluster, NAME).await;
        cluster.resync(NAME).await;
        let journal = cluster.cloud.journal();
        let names = journal.entries.iter().map(|entry| entry.operation.name);
        calls.push(names.collect::<Vec<_>>());
    }
    assert_eq!(calls[0], calls[1]);
}

#[tokio::test(start_paused = true)]
async fn the_last_object_that_declares_it_takes_it_away_and_none_before() {
    let mut cluster = two_that_share(Settings::default()).await;
    let shared = the_shared_one(&cluster);
    cluster.delete(NAME).await;
    assert_eq!(cluster.sweep_shared().await, 0);
    assert_eq!(the_shared_one(&cluster), shared);
    quiet(&mut cluster, OTHER).await;
    assert_served_by(&cluster, OTHER, &shared);
    assert_eq!(status(&cluster, OTHER).shared_by, Some(1));
    cluster.delete(OTHER).await;
    // ACM may see it in use for a while.
    for _ in 0..10 {
        cluster.sweep_shared().await;
        tokio::time::sleep(Duration::from_mins(10)).await;
    }
    nothing_left(&cluster);
}

#[tokio::test(start_paused = true)]
async fn no_object_waits_for_it_and_what_acm_sees_in_use_is_deleted_later() {
    let mut cluster = two_apis(Settings::default());
    apply(&mut cluster, NAME, true, "");
    cluster.ready(NAME).await;
    let shared = the_shared_one(&cluster);
    cluster.delete(NAME).await;
    assert!(!cluster.objects.contains_key(NAME), "the object is gone");
    assert_eq!(the_shared_one(&cluster), shared);
    let in_use = Fault::Refusal("ResourceInUseException", "Certificate is in use.");
    let deletion = Scope::Operation("DeleteCertificate");
    cluster.cloud.inject(Rule::next(deletion, 1, in_use));
    assert_eq!(cluster.sweep_shared().await, 0);
    assert_eq!(the_shared_one(&cluster), shared);
    assert_eq!(cluster.sweep_shared().await, 1);
    nothing_left(&cluster);
}

#[tokio::test(start_paused = true)]
async fn that_of_another_cluster_is_neither_used_nor_deleted() {
    let mut ours = two_apis(Settings::default());
    // What another cluster makes is none of what this one watches over.
    ours.invariants = None;
    let mut theirs = Cluster::over(Arc::clone(&ours.cloud));
    theirs.rename_cluster(ELSEWHERE, 7);
    apply(&mut theirs, OTHER, true, "");
    theirs.ready(OTHER).await;
    let foreign = the_shared_one(&theirs);
    apply(&mut ours, NAME, true, "");
    ours.ready(NAME).await;
    let all = certificates(&ours);
    let own = all
        .iter()
        .find(|found| found.tags.get(TAG_CLUSTER).is_none_or(|of| of != ELSEWHERE));
    let own = own.expect("one of our own").arn.clone();
    assert_eq!(all.len(), 2, "{all:#?}");
    assert_served_by(&ours, NAME, &own);
    ours.delete(NAME).await;
    for _ in 0..10 {
        ours.sweep_shared().await;
        tokio::time::sleep(Duration::from_mins(10)).await;
    }
    assert_eq!(the_shared_one(&ours), foreign);
    assert_served_by(&theirs, OTHER, &foreign);
}

#[tokio::test(start_paused = true)]
async fn a_live_object_moves_to_the_shared_certificate_and_back_and_no_viewer_is_refused() {
    let mut cluster = two_apis(Settings::default());
    apply(&mut cluster, NAME, false, "");
    cluster.ready(NAME).await;
    let own = certificates(&cluster).remove(0).arn;
    assert_served_by(&cluster, NAME, &own);
    for is_shared in [true, false] {
        apply(&mut cluster, NAME, is_shared, "");
        cluster.cloud.clear_journal();
        cluster.settle_patiently(NAME).await;
        for _ in 0..8 {
            cluster.resync(NAME).await;
            cluster.sweep_shared().await;
        }
        assert_eq!(cluster.cloud.journal().count("UpdateDomainName"), 1);
        let all = certificates(&cluster);
        assert_eq!(all.len(), 1, "the former is released: {all:#?}");
        assert_eq!(all[0].name == WILDCARD, is_shared);
        assert_served_by(&cluster, NAME, &all[0].arn);
        let known = status(&cluster, NAME);
        assert_eq!(known.shared_certificate_arn.is_some(), is_shared);
        assert_eq!(known.shared_by, is_shared.then_some(1));
        quiet(&mut cluster, NAME).await;
    }
}

#[tokio::test(start_paused = true)]
async fn one_that_is_deleted_before_it_is_used_is_requested_anew() {
    let mut cluster = two_apis(Settings::default());
    apply(&mut cluster, NAME, true, "");
    while certificates(&cluster).is_empty() {
        cluster.pass_surviving(NAME).await;
    }
    // Another controller of the cluster, which does not see this object, swept it.
    let first = the_shared_one(&cluster);
    cluster.cloud.delete_certificate_by_hand(&first);
    cluster.settle_patiently(NAME).await;
    let second = the_shared_one(&cluster);
    assert_ne!(second, first);
    assert_served_by(&cluster, NAME, &second);
}

#[tokio::test(start_paused = true)]
async fn what_a_retained_custom_domain_name_uses_stays_and_is_told() {
    let mut cluster = two_apis(Settings::default());
    apply(&mut cluster, NAME, true, "deletionPolicy: Retain");
    cluster.ready(NAME).await;
    let shared = the_shared_one(&cluster);
    cluster.depart(NAME).await;
    for _ in 0..10 {
        assert_eq!(cluster.sweep_shared().await, 0);
        tokio::time::sleep(Duration::from_mins(10)).await;
    }
    assert_eq!(the_shared_one(&cluster), shared);
    let unowned = cluster.unowned().await;
    let told = unowned
        .iter()
        .find(|found| found.arn == shared)
        .expect("it is told");
    assert!(told.may_serve, "nobody is told how to delete what the name uses");
}

#[tokio::test(start_paused = true)]
async fn an_object_of_another_mode_leaves_it_to_those_that_share_it() {
    let mut cluster = two_that_share(Settings::default()).await;
    let shared = the_shared_one(&cluster);
    let mut spec = cluster.objects[NAME].spec.clone();
    spec.access = serde_yaml::from_str("mode: SecretHeader").unwrap();
    cluster.apply_spec(NAME, spec);
    cluster.settle_patiently(NAME).await;
    for _ in 0..8 {
        cluster.resync(NAME).await;
        cluster.sweep_shared().await;
    }
    assert_eq!(
        cluster.condition(NAME, "AccessRestricted"),
        "True",
        "{}",
        cluster.story(NAME)
    );
    assert_eq!(
        cluster.cloud.certificate_of_domain("petstore.origin.example.com"),
        None
    );
    assert_eq!(the_shared_one(&cluster), shared);
    assert_served_by(&cluster, OTHER, &shared);
}

/// UID of the cluster that shares a certificate.
pub(super) fn cluster_of(cluster: &Cluster, arn: &str) -> Option<String> {
    let found = certificates(cluster).into_iter().find(|found| found.arn == arn)?;
    found.tags.get(TAG_CLUSTER).cloned()
}

#[tokio::test(start_paused = true)]
async fn a_perimeter_that_moves_to_another_cluster_gets_that_ones_certificate_and_the_former_goes_with_its_object()
 {
    let mut case = Move::of(SHARING).await;
    let former = the_shared_one(&case.old);
    case.offer();
    case.consent();
    case.go_on().await;
    let domain = "petstore.origin.example.com";
    let has = |cluster: &Cluster| cluster.cloud.certificate_of_domain(domain).unwrap();
    for _ in 0..60 {
        if has(&case.new) != former {
            break;
        }
        case.new.pass_surviving(NEW).await;
        case.served();
        tokio::time::sleep(Duration::from_mins(1)).await;
    }
    let next = has(&case.new);
    assert_eq!(
        cluster_of(&case.new, &next).as_deref(),
        Some(ELSEWHERE),
        "{}",
        case.new.story(NEW)
    );
    assert!(
        cluster_of(&case.old, &former).is_some(),
        "as long as its object is there"
    );
    case.old.delete(NAME).await;
    for _ in 0..10 {
        case.old.sweep_shared().await;
        case.new.sweep_shared().await;
        tokio::time::sleep(Duration::from_mins(10)).await;
    }
    assert_eq!(the_shared_one(&case.new), next);
    case.served();
}
