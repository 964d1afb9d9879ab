//! Plans of random specs in random worlds, by the seed in the message: what a plan says is what the engine then does, and whether there
//! was one, the engine does the same.

use super::plans::{assert_nothing_written, made, planned};
use super::random::lagging;
use super::scenes::{NAME, cluster, history, the};
use super::support::cluster::Cluster;
use super::support::simulation::faults::{Fault, Rule, Scope};
use super::support::simulation::resources::Kind;
use fastrand::Rng;
use palisade::api::{PlanReport, PlanVerb};
use palisade::controller::engine::Done;
use palisade::domain::edge::xml;
use palisade::domain::kernel::planning::Verb;
use std::collections::BTreeMap;
use std::time::Duration;

const SEEDS: u64 = 24;
/// More passes than any of these worlds needs.
const PASSES: usize = 200;
const FAULTS: &[Fault] = &[
    Fault::Throttle,
    Fault::ServerError,
    Fault::LostAnswer,
    Fault::LostRequest,
    Fault::TruncatedPage,
];
/// What stands in every mode. Of the API and its keys, what is done hangs on what the engine meets on its way.
const COMMON: [&str; 6] = ["role", "function", "ipSet", "webAcl", "logging", "distribution"];

/// What a spec may say, one of each line.
const ACCESS: [&str; 3] = [
    "",
    "access: {sigV4: {logs: true}}",
    "access: {sigV4: {viewerAuthorization: Forward}}",
];
const DISTRIBUTION: [&str; 4] = [
    "",
    "distribution: {priceClass: PriceClass_100}",
    "distribution: {geoRestriction: {block: [KP]}, httpVersion: http2}",
    "distribution: {originReadTimeout: 45s}",
];
const WEB_ACL: [&str; 4] = [
    "",
    "webAcl: {blockCidrs: [192.0.2.0/24]}",
    "webAcl: {rateLimits: [{name: per-ip, limit: 300}], countries: {block: [KP]}}",
    "webAcl: {allowCidrs: [198.51.100.0/24], blockCidrs: [203.0.113.0/24]}",
];
const TAGS: [&str; 2] = ["", "tags: {team: pets}"];

fn spec(random: &mut Rng) -> String {
    let mut one = |of: &[&'static str]| of[random.usize(..of.len())];
    [one(&ACCESS), one(&DISTRIBUTION), one(&WEB_ACL), one(&TAGS)].join("\n")
}

/// A world, and the spec that petstore is about to have in it.
async fn world(seed: u64) -> (Cluster, String) {
    let mut random = Rng::with_seed(seed);
    let settings = lagging(&mut random);
    let mut cluster = cluster(settings);
    if random.bool() {
        cluster.apply(NAME, &spec(&mut random));
        finished(&mut cluster).await;
        if random.bool() {
            let id = the(&cluster, Kind::Distribution).id;
            cluster.cloud.edit_distribution(&id, |config| {
                xml::put(config, xml::text("PriceClass", "PriceClass_200"), &[]);
            });
        }
    }
    tokio::time::sleep(Duration::from_mins(2)).await;
    (cluster, spec(&mut random))
}

/// Resyncs petstore, and passes over it until nothing is left to do; answers all that was done.
async fn finished(cluster: &mut Cluster) -> Vec<Done> {
    let mut outcome = cluster.resync(NAME).await;
    let mut done = Vec::new();
    for _ in 0..PASSES {
        let is_over = outcome.plan.is_empty() && outcome.failures.is_empty();
        done.append(&mut outcome.done);
        if is_over && cluster.condition(NAME, "Ready") == "True" {
            return done;
        }
        tokio::time::sleep(outcome.requeue.min(Duration::from_mins(1))).await;
        outcome = cluster.pass(NAME).await;
    }
    panic!("never ready:\n{}", cluster.story(NAME));
}

/// What is done first with each resource.
type Firsts = BTreeMap<(String, String), PlanVerb>;

fn is_common(kind: &str) -> bool {
    COMMON.contains(&kind)
}

fn of_plan(plan: &PlanReport) -> Firsts {
    let mut firsts = Firsts::new();
    for step in plan.steps.iter().filter(|step| is_common(&step.kind)) {
        let id = (step.kind.clone(), step.part.clone().unwrap_or_default());
        firsts.entry(id).or_insert(step.verb);
    }
    firsts
}

fn of_engine(done: &[Done]) -> Firsts {
    let mut firsts = Firsts::new();
    for Done { step } in done.iter().filter(|done| is_common(done.step.id.kind.name())) {
        let verb = match step.verb {
            Verb::Create => PlanVerb::Create,
            Verb::Update => PlanVerb::Change,
            Verb::Delete => PlanVerb::Delete,
        };
        let id = (step.id.kind.name().to_owned(), step.id.part.clone());
        firsts.entry(id).or_insert(verb);
    }
    firsts
}

/// All writes since the journal was emptied, however they followed each other.
fn writes(cluster: &Cluster) -> Vec<String> {
    let journal = cluster.cloud.journal();
    let written = journal.writes().into_iter();
    let mut written: Vec<String> = written
        .map(|entry| format!("{} {}", entry.operation.name, entry.resource))
        .collect();
    written.sort();
    written
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
    assert_eq!(of_plan(&plan), of_engine(&done), "{spec}\n{}", history(&cluster));
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
