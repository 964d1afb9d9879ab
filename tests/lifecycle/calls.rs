//! How many calls it takes: each is a part of an account's quota, and of somebody's patience.

use super::scenes::{NAME, SHIELD, TOPIC, ZONE, cluster, is_shared, own_calls};
use super::support::cluster::Cluster;
use super::support::simulation::apigateway::Preloaded;
use super::support::simulation::settings::{Limits, Settings};
use futures::future::join_all;
use k8s_openapi::apimachinery::pkg::apis::meta::v1::Time;
use palisade::api::{AccountQuotas, ProtectedApi};
use palisade::controller::engine::subject::Subject;
use palisade::controller::kubernetes::probe_token::Awaited;
use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

/// Calls that were refused because AWS had not caught up with our own, which are repeated, count apart.
fn counted(cluster: &Cluster) -> (usize, usize) {
    let calls = own_calls(cluster);
    let is_early = |call: &&String| {
        [
            "(InvalidParameterValueException)",
            "(WAFUnavailableEntityException)",
        ]
        .iter()
        .any(|code| call.ends_with(code))
    };
    let early = calls.iter().filter(is_early).count();
    println!("{} + {early}: {calls:#?}", calls.len() - early);
    (calls.len() - early, early)
}

async fn creation(spec: &str) -> (usize, usize) {
    let mut cluster = cluster(Settings::default());
    cluster.apply(NAME, spec);
    cluster.ready(NAME).await;
    cluster.resync(NAME).await;
    counted(&cluster)
}

#[tokio::test(start_paused = true)]
async fn a_perimeter_takes_at_most_twelve_and_the_lock_of_its_api_twelve_and_one_a_method() {
    let mut cluster = cluster(Settings::default());
    cluster.apply(NAME, "");
    cluster.ready(NAME).await;
    cluster.resync(NAME).await;
    let (all, early) = counted(&cluster);
    let is_of_the_lock = |call: &&String| {
        let of_api = call.starts_with("apigateway:") && !call.ends_with("GetRestApi");
        of_api || call.starts_with("cloudfront:TagResource") || call.starts_with("cloudfront:ListTags")
    };
    let lock = own_calls(&cluster).iter().filter(is_of_the_lock).count();
    assert!(all - lock <= 12, "{all} - {lock}");
    // Three methods; that the stage exists, whether it can ever be locked, and whose the distribution is, is asked first.
    assert!(lock <= 2 + 12 + 3 + 1, "{lock}");
    assert!(early <= 5, "{early}");
}

#[tokio::test(start_paused = true)]
async fn each_ip_set_and_each_logging_configuration_costs_one_more() {
    let (baseline, _) = creation("").await;
    for (spec, more) in [
        ("webAcl: {blockCidrs: [192.0.2.0/24]}", 1),
        (
            "webAcl: {blockCidrs: [192.0.2.0/24, 2001:db8::/32], allowCidrs: [198.51.100.0/24]}",
            3,
        ),
        (
            "webAcl: {logging: {destinationArn: 'arn:aws:s3:::aws-waf-logs-a'}}",
            1,
        ),
    ] {
        let (calls, early) = creation(spec).await;
        assert!(
            calls <= baseline + more,
            "{spec}: {calls} instead of {baseline} + {more}"
        );
        assert!(early <= 5 + 5, "{spec}: {early}");
    }
}

/// `N` objects in one account, all ready.
async fn many(n: usize) -> Cluster {
    many_of(n, "").await
}

/// `N` objects that say this besides their origin; `{n}` is their number.
async fn many_of(n: usize, more: &str) -> Cluster {
    let limits = Limits {
        distributions: 2 * n,
        lambda_associations: 2 * n,
        web_acls: 2 * n,
        ip_sets: 2 * n,
        functions: 2 * n,
        roles: 2 * n,
        ..Limits::default()
    };
    let mut cluster = Cluster::new(Settings {
        limits,
        deployment_delay: Duration::ZERO,
        ..Settings::instant()
    });
    cluster.cloud.preload_topic(TOPIC);
    cluster.cloud.preload_zone(ZONE, "example.com");
    cluster
        .cloud
        .preload_api(&Preloaded::rest("eu-north-1", "a1b2c3d4e5", &["prod"]));
    for i in 0..n {
        let id: &'static str = Box::leak(format!("{i:010}").into_boxed_str());
        cluster
            .cloud
            .preload_api(&Preloaded::rest("eu-north-1", id, &["prod"]));
        let spec = format!(
            "origin: {{endpoint: {id}.execute-api.eu-north-1.amazonaws.com, type: REST, stage: prod}}\n{}",
            more.replace("{n}", &i.to_string())
        );
        let name = format!("object-{i}");
        cluster.apply_spec(&name, serde_yaml::from_str(&spec).unwrap());
    }
    // Side by side: so the lists serve all of them.
    let names: Vec<String> = cluster.objects.keys().cloned().collect();
    for _ in 0..8 {
        for name in &names {
            cluster.pass(name).await;
        }
        tokio::time::sleep(Duration::from_secs(20)).await;
    }
    for name in &names {
        assert_eq!(
            cluster.condition(name, "Ready"),
            "True",
            "{}",
            cluster.story(name)
        );
    }
    cluster
}

/// A resync of all objects of `cluster` writes nothing, makes at most `limit` calls, and none for one object alone.
async fn assert_resync(cluster: &mut Cluster, limit: usize) {
    let names: Vec<String> = cluster.objects.keys().cloned().collect();
    let n = names.len();
    for _ in 0..2 {
        tokio::time::sleep(Duration::from_mins(10)).await;
        cluster.cloud.clear_journal();
        for name in &names {
            let outcome = cluster.pass(name).await;
            assert!(outcome.plan.is_empty(), "{}", outcome.plan.to_yaml());
        }
    }
    let journal = cluster.cloud.journal();
    assert!(journal.writes().is_empty(), "{:?}", journal.writes());
    assert!(journal.len() <= limit, "{n}: {}", journal.summary());
    assert!(
        journal.entries.iter().all(is_shared),
        "{n}: {}",
        journal.summary()
    );
    println!("{n} objects: {} calls", journal.len());
}

#[tokio::test(start_paused = true)]
async fn a_resync_of_many_objects_makes_twelve_and_one_more_for_every_ten() {
    for n in [10, 250] {
        assert_resync(&mut many(n).await, 12 + n / 10).await;
    }
}

/// What is read anew before a first lock is read once for all that come together.
#[tokio::test(start_paused = true)]
async fn first_locks_that_come_together_share_what_is_read_before_them() {
    let n = 50;
    let names = format!(
        "distribution: {{aliases: [api-{{n}}.example.com], requestCertificate: true, hostedZoneId: {ZONE}}}"
    );
    for spec in ["", names.as_str()] {
        let cluster = many_of(n, spec).await;
        let journal = cluster.cloud.journal();
        for name in ["GetDomainNames", "ListDistributions", "ListResourceRecordSets"] {
            assert!(journal.count(name) < n, "{spec} {name}: {}", journal.summary());
        }
    }
}

/// With a list of addresses, logs, everything that Shield Advanced can do for it, and a name with certificate and records.
#[tokio::test(start_paused = true)]
async fn a_resync_of_many_fully_declared_objects_makes_fifteen_and_one_more_for_every_seven() {
    let logs = "arn:aws:s3:::aws-waf-logs-a";
    let names =
        format!("{{aliases: [api-{{n}}.example.com], requestCertificate: true, hostedZoneId: {ZONE}}}");
    let spec = format!(
        "distribution: {names}\nwebAcl: {{blockCidrs: [192.0.2.0/24], logging: {{destinationArn: '{logs}'}}}}\n{SHIELD}"
    );
    for n in [10, 140] {
        assert_resync(&mut many_of(n, &spec).await, 15 + n / 7).await;
    }
}

#[tokio::test(start_paused = true)]
async fn a_restart_reads_nothing_in_full() {
    let n = 20;
    let mut cluster = many(n).await;
    let names: Vec<String> = cluster.objects.keys().cloned().collect();
    // What was just written is read once more at the first resync.
    tokio::time::sleep(Duration::from_mins(10)).await;
    for name in &names {
        cluster.pass(name).await;
    }
    cluster.restart();
    cluster.cloud.clear_journal();
    for name in &names {
        let outcome = cluster.pass(name).await;
        assert!(outcome.plan.is_empty(), "{}", outcome.plan.to_yaml());
    }
    let journal = cluster.cloud.journal();
    assert!(journal.entries.iter().all(is_shared), "{}", journal.summary());
}

#[tokio::test(start_paused = true)]
async fn of_hundreds_created_together_a_few_are_begun_at_a_time_and_what_stands_waits_for_none() {
    let mut cluster = many(200).await;
    cluster.resync("object-0").await;
    cluster.cloud.clear_journal();
    cluster
        .cloud
        .configure(|settings| settings.latency = Duration::from_secs(1));
    let standing = cluster.objects["object-0"].clone();
    // Nobody makes what is being taken down.
    let others = cluster.objects.values().filter(|object| *object != &standing);
    let new: Vec<ProtectedApi> = others.cloned().map(without_status).collect();
    let pass = async |object: &ProtectedApi| {
        let subject = Subject {
            object,
            declared: &object.spec,
            forbidden: None,
            annotations: BTreeMap::new(),
            rivalry: None,
            declared_stages: BTreeSet::new(),
            protected_stages: BTreeSet::new(),
            token: Awaited::known(cluster.token.clone()),
            seen_others: BTreeSet::new(),
            siblings: None,
            sharing: vec![],
            keyed_stages: BTreeSet::new(),
            by_default_endpoint: vec![],
            by_endpoint_off: vec![],
            shared_by_others: 0,
            quotas: AccountQuotas::default(),
            is_alive: &|_| true,
            now: cluster.now(),
        };
        cluster.engine.apply(&subject).await
    };
    let outcome = tokio::select! {
        _ = join_all(new.iter().map(&pass)) => panic!("all are through"),
        outcome = async {
            tokio::time::sleep(Duration::from_millis(1500)).await;
            let changed = pass(&standing).await;
            let begun = cluster.cloud.journal().count("GetRestApi");
            let mut leaving = standing.clone();
            leaving.metadata.deletion_timestamp = Some(Time(cluster.now()));
            cluster.engine.delete(&cluster.departed(&leaving), cluster.now()).await;
            (changed, begun)
        } => outcome,
    };
    let (changed, begun) = outcome;
    assert!(changed.plan.is_empty(), "{}", changed.plan.to_yaml());
    assert_eq!(begun, 32);
    let journal = cluster.cloud.journal();
    assert_eq!(journal.count("UpdateDistribution"), 1, "it is switched off");
    assert!(
        journal.count("GetRestApi") < 200,
        "it waited for all that were before it"
    );
}

fn without_status(object: ProtectedApi) -> ProtectedApi {
    ProtectedApi {
        status: None,
        ..object
    }
}
