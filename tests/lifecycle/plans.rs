//! A plan before anything is written: what it says is what the engine then does, and it changes nothing.

use super::adoption_scenes::{adopt, adoption, guide};
use super::scenes::{HEADER, KEY, MUTUAL_TLS, NAME, RICH, cluster, quiet, ready, the};
use super::support::cluster::{Cluster, REST_ENDPOINT};
use super::support::simulation::faults::{Fault, Rule, Scope};
use super::support::simulation::resources::Kind;
use super::support::simulation::settings::Settings;
use k8s_openapi::apimachinery::pkg::apis::meta::v1::Time;
use palisade::api::{AccountQuotas, PlanEffect, PlanReport, PlanVerb, ProtectedApi, ProtectedApiSpec};
use palisade::aws::operations::Service;
use palisade::controller::engine::Done;
use palisade::controller::engine::subject::Subject;
use palisade::controller::kubernetes::probe_token::Awaited;
use palisade::domain::access::probe::Token;
use palisade::domain::edge::xml;
use palisade::domain::kernel::planning::Verb;
use palisade::domain::status::plan_answer::Answer;
use palisade::domain::status::planned::NO_UID;
use palisade::domain::tenancy::permissions;
use std::collections::BTreeSet;
use std::time::Duration;

/// What would be done for petstore with this spec, whether or not there is one.
pub async fn planned(cluster: &Cluster, more: &str) -> Answer {
    planned_within(cluster, more, &AccountQuotas::default()).await
}

/// The same in an account with these limits.
pub async fn planned_within(cluster: &Cluster, more: &str, quotas: &AccountQuotas) -> Answer {
    let origin = format!("origin: {{endpoint: {REST_ENDPOINT}, type: REST, stage: prod}}");
    let spec = serde_yaml::from_str(&format!("{origin}\n{more}")).unwrap();
    planned_for(cluster, spec, quotas).await
}

/// The same for a whole spec.
pub async fn planned_for(cluster: &Cluster, spec: ProtectedApiSpec, quotas: &AccountQuotas) -> Answer {
    let live = cluster.objects.get(NAME);
    let mut object = live.cloned().unwrap_or_else(|| {
        let mut object = ProtectedApi::new(NAME, spec.clone());
        object.metadata.namespace = Some("shop".to_owned());
        object.metadata.uid = Some(NO_UID.to_owned());
        object.metadata.generation = Some(1);
        object.metadata.creation_timestamp = Some(Time(cluster.now()));
        object
    });
    if object.spec != spec {
        object.spec = spec;
        object.metadata.generation = object.metadata.generation.map(|generation| generation + 1);
    }
    let subject = Subject {
        object: &object,
        declared: &object.spec,
        forbidden: None,
        annotations: cluster.annotations.clone(),
        rivalry: None,
        declared_stages: BTreeSet::new(),
        protected_stages: BTreeSet::new(),
        token: Awaited::known(Token::default()),
        seen_others: BTreeSet::new(),
        siblings: Some(BTreeSet::new()),
        sharing: vec![],
        keyed_stages: BTreeSet::new(),
        by_default_endpoint: vec![],
        by_endpoint_off: vec![],
        shared_by_others: 0,
        quotas: quotas.clone(),
        is_alive: &|_| false,
        now: cluster.now(),
    };
    Box::pin(cluster.engine.plan_only(&subject, live.is_some())).await
}

#[track_caller]
pub fn made(answer: Answer) -> PlanReport {
    match answer {
        Answer::Made(report) => *report,
        other => panic!("no plan: {other:?}"),
    }
}

#[track_caller]
pub fn assert_nothing_written(cluster: &Cluster) {
    let journal = cluster.cloud.journal();
    assert!(journal.writes().is_empty(), "{:#?}", journal.writes());
}

/// Kind and part of what a plan makes.
fn creations(plan: &PlanReport) -> BTreeSet<(String, String)> {
    let steps = plan.steps.iter().filter(|step| step.verb == PlanVerb::Create);
    steps
        .map(|step| (step.kind.clone(), step.part.clone().unwrap_or_default()))
        .collect()
}

/// Kind and part of what was made.
fn created(done: &[Done]) -> BTreeSet<(String, String)> {
    let steps = done.iter().map(|done| &done.step);
    let steps = steps.filter(|step| step.verb == Verb::Create);
    steps
        .map(|step| (step.id.kind.name().to_owned(), step.id.part.clone()))
        .collect()
}

/// Passes over petstore until it is ready; answers all that was done.
async fn lived(cluster: &mut Cluster) -> Vec<Done> {
    let mut done = Vec::new();
    for _ in 0..200 {
        let outcome = cluster.pass(NAME).await;
        done.extend(outcome.done);
        if cluster.condition(NAME, "Ready") == "True" {
            return done;
        }
        tokio::time::sleep(outcome.requeue).await;
    }
    panic!("never ready:\n{}", cluster.story(NAME));
}

#[tokio::test(start_paused = true)]
async fn a_plan_for_a_new_object_writes_nothing_and_makes_what_the_engine_then_makes() {
    for spec in ["", RICH, HEADER, KEY] {
        let mut cluster = cluster(Settings::default());
        let plan = made(planned(&cluster, spec).await);
        assert_nothing_written(&cluster);
        assert!(plan.problems.is_empty(), "{spec}: {:#?}", plan.problems);
        assert!(
            plan.steps.iter().any(|step| step.kind == "access"),
            "{:#?}",
            plan.steps
        );

        cluster.apply(NAME, spec);
        let done = lived(&mut cluster).await;
        let wanted = creations(&plan);
        let made = created(&done);
        // Of keys and certificates, what is made hangs on what the engine meets on its way.
        let is_common = |(kind, _): &&(String, String)| {
            ["role", "function", "ipSet", "webAcl", "logging", "distribution"].contains(&kind.as_str())
        };
        let common = |all: &BTreeSet<(String, String)>| -> BTreeSet<(String, String)> {
            all.iter().filter(is_common).cloned().collect()
        };
        assert_eq!(common(&wanted), common(&made), "{spec}");
        let first = plan.steps.iter().filter(|step| step.known).count();
        let begun: BTreeSet<&str> = done[..first]
            .iter()
            .map(|done| done.step.id.kind.name())
            .collect();
        let known = plan.steps.iter().filter(|step| step.known);
        assert_eq!(
            known.map(|step| step.kind.as_str()).collect::<BTreeSet<_>>(),
            begun
        );
    }
}

#[tokio::test(start_paused = true)]
async fn the_plan_of_what_stands_is_empty_and_leaves_no_trace_in_the_next_pass() {
    let mut cluster = ready(RICH).await;
    let plan = made(planned(&cluster, RICH).await);
    assert_nothing_written(&cluster);
    assert!(plan.steps.is_empty(), "{:#?}", plan.steps);
    assert!(plan.problems.is_empty(), "{:#?}", plan.problems);
    quiet(&mut cluster, NAME).await;
}

#[tokio::test(start_paused = true)]
async fn the_plan_of_what_somebody_changed_is_what_the_next_pass_does() {
    let mut cluster = ready("").await;
    let id = the(&cluster, Kind::Distribution).id;
    cluster.cloud.edit_distribution(&id, |config| {
        xml::put(config, xml::text("PriceClass", "PriceClass_100"), &[]);
    });
    tokio::time::sleep(Duration::from_mins(2)).await;
    let plan = made(planned(&cluster, "").await);
    assert_nothing_written(&cluster);
    let outcome = cluster.resync(NAME).await;
    let told: Vec<(&str, Vec<&str>)> = plan
        .steps
        .iter()
        .map(|step| {
            let paths = step.changes.iter().map(|change| change.path.as_str());
            (step.kind.as_str(), paths.collect())
        })
        .collect();
    let done: Vec<(&str, Vec<&str>)> = outcome
        .done
        .iter()
        .map(|done| (done.step.id.kind.name(), done.step.fields()))
        .collect();
    assert_eq!(told, done);
    assert_eq!(told, [("distribution", vec!["priceClass"])]);
    assert_eq!(plan.steps[0].viewers, PlanEffect::Brief);
    assert!(
        plan.waits.iter().any(|wait| wait.reason == "Deploying"),
        "{:?}",
        plan.waits
    );
}

#[tokio::test(start_paused = true)]
async fn a_change_of_the_spec_is_planned_field_by_field_and_not_begun() {
    let mut cluster = ready("").await;
    let before = cluster.objects[NAME].clone();
    let plan = made(planned(&cluster, "distribution: {geoRestriction: {block: [KP]}}").await);
    assert_nothing_written(&cluster);
    assert_eq!(cluster.objects[NAME], before);
    let step = plan
        .steps
        .iter()
        .find(|step| step.kind == "distribution")
        .unwrap();
    assert_eq!((step.verb, step.viewers), (PlanVerb::Change, PlanEffect::Visible));
    let change = step
        .changes
        .iter()
        .find(|change| change.path == "geoRestriction.countries")
        .unwrap();
    assert_eq!(change.to.as_deref(), Some(r#"["KP"]"#));
    quiet(&mut cluster, NAME).await;
}

#[tokio::test(start_paused = true)]
async fn a_plan_writes_nothing_whichever_call_fails() {
    let cluster = ready(RICH).await;
    let id = the(&cluster, Kind::Distribution).id;
    cluster.cloud.edit_distribution(&id, |config| {
        xml::put(config, xml::text("HttpVersion", "http1.1"), &[]);
    });
    for fault in [
        Fault::Throttle,
        Fault::ServerError,
        Fault::LostAnswer,
        Fault::LostRequest,
    ] {
        for n in 1..40 {
            tokio::time::sleep(Duration::from_mins(2)).await;
            cluster.cloud.clear_journal();
            cluster.cloud.inject(Rule::nth(Scope::Every, n, fault));
            let _ = planned(&cluster, "").await;
            assert_nothing_written(&cluster);
        }
    }
}

/// Kind, part and verb of each step.
pub fn steps(plan: &PlanReport) -> Vec<(&str, Option<&str>, PlanVerb)> {
    let steps = plan.steps.iter();
    steps
        .map(|step| (step.kind.as_str(), step.part.as_deref(), step.verb))
        .collect()
}

#[tokio::test(start_paused = true)]
async fn the_plan_of_an_object_that_a_backup_restores_makes_nothing() {
    let mut cluster = ready(RICH).await;
    cluster.objects.remove(NAME);
    cluster.restart();
    let plan = made(planned(&cluster, RICH).await);
    assert_nothing_written(&cluster);
    assert_eq!(creations(&plan), BTreeSet::new());
}

#[tokio::test(start_paused = true)]
async fn a_plan_takes_at_most_twenty_five_calls_and_makes_none_twice() {
    for spec in ["", KEY, RICH, HEADER, MUTUAL_TLS] {
        let mut cluster = cluster(Settings::default());
        // Of a new object, and of one that stands.
        for _ in 0..2 {
            cluster.cloud.clear_journal();
            made(planned(&cluster, spec).await);
            let journal = cluster.cloud.journal();
            assert!(journal.len() <= 25, "{spec}: {}", journal.summary());
            let mut own = journal
                .entries
                .iter()
                .filter(|entry| !entry.operation.name.starts_with("List") && !entry.resource.is_empty())
                .map(|entry| (entry.operation, &entry.resource));
            let mut known = BTreeSet::new();
            let twice = own.find(|call| call.0.service != Service::Tagging && !known.insert(*call));
            assert_eq!(twice, None, "{spec}");
            cluster.apply(NAME, spec);
            cluster.ready(NAME).await;
            tokio::time::sleep(Duration::from_mins(2)).await;
        }
    }
}

#[tokio::test(start_paused = true)]
async fn what_is_not_permitted_is_refused_before_anything_is_read() {
    let mut cluster = cluster(Settings::default());
    cluster.configure(|options| options.tenancy = permissions::Tenancy::Enforced);
    cluster.cloud.clear_journal();
    match planned(&cluster, "").await {
        Answer::Refused(why) => assert_eq!(why.reason.as_str(), "NotPermitted"),
        other => panic!("{other:?}"),
    }
    let journal = cluster.cloud.journal();
    assert_eq!(journal.len(), 0, "{}", journal.summary());
}

#[tokio::test(start_paused = true)]
async fn no_secret_value_is_in_a_plan() {
    for spec in [HEADER, KEY] {
        let cluster = ready(spec).await;
        let plan = serde_json::to_string(&made(planned(&cluster, spec).await)).unwrap();
        // What values of ours begin with, before hex digits.
        assert!(!plan.contains("palisade0"), "{plan}");
        let other = made(planned(&cluster, "access: {mode: SigV4}").await);
        let other = serde_json::to_string(&other).unwrap();
        assert!(!other.contains("palisade0"), "{other}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_plan_tells_of_an_adoption_by_the_hash_that_the_object_then_shows() {
    let (mut cluster, theirs) = guide().await;
    let spec = adopt(&theirs.id, "");
    let plan = made(planned(&cluster, &spec).await);
    assert_nothing_written(&cluster);
    let step = plan.steps.iter().find(|step| step.kind == "distribution");
    let step = step.unwrap_or_else(|| panic!("{plan:#?}"));
    assert_eq!((step.verb, &step.name), (PlanVerb::Change, &theirs.id));
    assert!(creations(&plan).contains(&("webAcl".to_owned(), String::new())));
    cluster.apply(NAME, &spec);
    cluster.settle(NAME).await;
    assert_eq!(plan.adoption.unwrap().hash, adoption(&cluster).hash);
    assert_nothing_written(&cluster);
}
