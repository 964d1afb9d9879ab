//! Plans of random specs in random worlds, by the seed in the message: what a plan says is what the engine then does, and whether there
//! was one, the engine does the same.

use super::plans::{assert_nothing_written, made, planned};
use super::plans_journal::differences;
use super::random::lagging;
use super::scenes::{HEADER, KEY, MUTUAL_TLS, NAME, NAMES, SHIELD, cluster, history, the};
use super::support::cluster::Cluster;
use super::support::simulation::faults::{Fault, Rule, Scope};
use super::support::simulation::journal::Entry;
use super::support::simulation::resources::Kind;
use super::support::simulation::settings::Settings;
use fastrand::Rng;
use palisade::api::PlanReport;
use palisade::controller::engine::{Done, Outcome};
use palisade::domain::edge::xml;
use std::time::Duration;

const SEEDS: u64 = 60;
/// More passes than any of these worlds needs.
const PASSES: usize = 200;
const FAULTS: &[Fault] = &[
    Fault::Throttle,
    Fault::ServerError,
    Fault::LostAnswer,
    Fault::LostRequest,
    Fault::TruncatedPage,
];
/// What a spec may say, one of each line.
const ACCESS: [&str; 8] = [
    "",
    "access: {sigV4: {exclusive: true}}",
    "access: {enforcement: Observe}",
    KEY,
    HEADER,
    MUTUAL_TLS,
    "access: {sigV4: {logs: true}}",
    "access: {sigV4: {viewerAuthorization: Forward}}",
];
const DISTRIBUTION: [&str; 5] = [
    "",
    NAMES,
    "distribution: {priceClass: PriceClass_100}",
    "distribution: {geoRestriction: {block: [KP]}, httpVersion: http2}",
    "distribution: {originReadTimeout: 45s}",
];
const WEB_ACL: [&str; 5] = [
    "",
    "webAcl: {logging: {destinationArn: 'arn:aws:s3:::aws-waf-logs-a'}}",
    "webAcl: {blockCidrs: [192.0.2.0/24]}",
    "webAcl: {rateLimits: [{name: per-ip, limit: 300}], countries: {block: [KP]}}",
    "webAcl: {allowCidrs: [198.51.100.0/24], blockCidrs: [203.0.113.0/24]}",
];
const OTHERS: [&str; 3] = ["", "tags: {team: pets}", SHIELD];

fn spec(random: &mut Rng) -> String {
    let mut one = |of: &[&'static str]| of[random.usize(..of.len())];
    [one(&ACCESS), one(&DISTRIBUTION), one(&WEB_ACL), one(&OTHERS)].join("\n")
}

/// A world, and the spec that petstore is about to have in it.
async fn world(seed: u64) -> (Cluster, String) {
    let mut random = Rng::with_seed(seed);
    let mut settings = lagging(&mut random);
    settings.shield_subscription = true;
    let mut cluster = cluster(settings);
    let mut was_open = false;
    if random.bool() {
        let first = spec(&mut random);
        was_open = first.contains("Observe");
        cluster.apply(NAME, &first);
        finished(&mut cluster).await;
        if random.bool() {
            let id = the(&cluster, Kind::Distribution).id;
            cluster.cloud.edit_distribution(&id, |config| {
                xml::put(config, xml::text("PriceClass", "PriceClass_200"), &[]);
            });
        }
    }
    tokio::time::sleep(Duration::from_mins(2)).await;
    let spec = spec(&mut random);
    if was_open && spec.contains("MutualTls") {
        // CloudFront stops to sign before it shows a client certificate: an API that is open serves viewers between the two.
        cluster.invariants = None;
    }
    (cluster, spec)
}

/// Resyncs petstore, and passes over it until it is ready and nothing is left to do; answers what was done in each pass.
pub async fn finished(cluster: &mut Cluster) -> Vec<Vec<Done>> {
    passed_until(cluster, |cluster, outcome| {
        outcome.plan.is_empty()
            && outcome.failures.is_empty()
            && cluster.condition(NAME, "Ready") == "True"
            && !keeps_a_mark(cluster)
    })
    .await
}

/// Whether the distribution is marked still for what the spec does not ask for any more: that goes with a later pass.
fn keeps_a_mark(cluster: &Cluster) -> bool {
    let spec = &cluster.objects[NAME].spec;
    let distribution = spec.distribution.as_ref();
    let zone = distribution.and_then(|distribution| distribution.hosted_zone_id.as_ref());
    let tags = the(cluster, Kind::Distribution).tags;
    (spec.shield.is_none() && tags.contains_key("palisade.dev/shield"))
        || (zone.is_none() && tags.contains_key("palisade.dev/hosted-zones"))
}

/// The same, until it `is_over`.
pub async fn passed_until(
    cluster: &mut Cluster,
    is_over: impl Fn(&Cluster, &Outcome) -> bool,
) -> Vec<Vec<Done>> {
    let mut outcome = cluster.resync(NAME).await;
    let mut done = Vec::new();
    for _ in 0..PASSES {
        done.push(std::mem::take(&mut outcome.done));
        if is_over(cluster, &outcome) {
            return done;
        }
        tokio::time::sleep(outcome.requeue.min(Duration::from_mins(1))).await;
        outcome = cluster.pass(NAME).await;
    }
    panic!("never over:\n{}\n{}", cluster.story(NAME), outcome.plan.to_yaml());
}

/// All writes since the journal was emptied, however they followed each other. A client certificate has another number each time.
fn writes(cluster: &Cluster) -> Vec<String> {
    let journal = cluster.cloud.journal();
    let written = journal.writes().into_iter();
    let mut written: Vec<String> = written
        .map(|entry| match entry.operation.name {
            "ImportCertificate" => entry.operation.name.to_owned(),
            name => format!("{name} {}", entry.resource),
        })
        .collect();
    written.sort();
    written
}

/// What the engine has done is what the plan says.
#[track_caller]
pub fn assert_told(plan: &PlanReport, cluster: &Cluster, done: &[Vec<Done>]) {
    let journal = cluster.cloud.journal();
    let all: Vec<Entry> = journal.writes().into_iter().cloned().collect();
    let other = differences(plan, &cluster.uid(NAME), done, &all);
    let spec = || serde_yaml::to_string(&cluster.objects[NAME].spec).unwrap();
    assert!(other.is_empty(), "{other:#?}\n{}\n{}", spec(), history(cluster));
}

async fn with_a_plan(seed: u64) -> Vec<String> {
    let (mut cluster, spec) = world(seed).await;
    cluster.cloud.clear_journal();
    cluster.cloud.seed_faults(seed);
    cluster.cloud.inject(Rule::random(Scope::Every, 0.2, FAULTS));
    let _ = planned(&cluster, &spec).await;
    assert_nothing_written(&cluster);
    cluster.cloud.clear_faults();
    // The lists may have been cut short.
    tokio::time::sleep(Duration::from_mins(2)).await;
    let plan = made(planned(&cluster, &spec).await);
    assert_nothing_written(&cluster);

    cluster.apply(NAME, &spec);
    let done = finished(&mut cluster).await;
    assert_told(&plan, &cluster, &done);
    writes(&cluster)
}

async fn without(seed: u64) -> Vec<String> {
    let (mut cluster, spec) = world(seed).await;
    cluster.cloud.clear_journal();
    cluster.apply(NAME, &spec);
    finished(&mut cluster).await;
    writes(&cluster)
}

#[test]
fn a_plan_says_what_is_then_done_and_nothing_is_done_otherwise_for_it() {
    let seeds = match std::env::var("PALISADE_SEED") {
        Ok(seed) => vec![seed.parse().expect("PALISADE_SEED is a number")],
        Err(_) => (0..SEEDS).collect::<Vec<u64>>(),
    };
    for seed in seeds {
        let alone = || {
            let mut runtime = tokio::runtime::Builder::new_current_thread();
            runtime.enable_all().start_paused(true).build().unwrap()
        };
        println!("PALISADE_SEED={seed}");
        let with = alone().block_on(with_a_plan(seed));
        assert_eq!(with, alone().block_on(without(seed)), "PALISADE_SEED={seed}");
    }
}

#[tokio::test(start_paused = true)]
async fn each_change_of_mode_is_what_its_plan_says() {
    let modes = ["", KEY, HEADER, MUTUAL_TLS];
    for (before, after) in modes
        .into_iter()
        .flat_map(|before| modes.map(|after| (before, after)))
    {
        let mut cluster = cluster(Settings::default());
        cluster.apply(NAME, before);
        finished(&mut cluster).await;
        tokio::time::sleep(Duration::from_mins(2)).await;
        let plan = made(planned(&cluster, after).await);
        cluster.cloud.clear_journal();
        cluster.apply(NAME, after);
        let done = finished(&mut cluster).await;
        println!("{before} -> {after}");
        assert_told(&plan, &cluster, &done);
    }
}
