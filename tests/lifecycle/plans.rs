//! A plan before anything is written: what it says is what the engine then does, and it changes nothing.

use super::controllers::World;
use super::scenes::{HEADER, KEY, NAME, RICH, cluster, quiet, ready, the};
use super::support::cluster::{Cluster, REST_ENDPOINT};
use super::support::simulation::faults::{Fault, Rule, Scope};
use super::support::simulation::resources::Kind;
use super::support::simulation::settings::Settings;
use k8s_openapi::apimachinery::pkg::apis::meta::v1::Time;
use palisade::api::{PlanEffect, PlanReport, PlanVerb, ProtectedApi, ProtectedApiSpec};
use palisade::aws::operations::Service;
use palisade::controller::engine::Done;
use palisade::controller::engine::subject::Subject;
use palisade::controller::kubernetes::probe_token::Awaited;
use palisade::controller::process::settings::Tenancy;
use palisade::domain::access::probe::Token;
use palisade::domain::edge::xml;
use palisade::domain::kernel::planning::Verb;
use palisade::domain::status::plan_answer::Answer;
use palisade::domain::status::planned::NO_UID;
use palisade::domain::tenancy::permissions;
use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::time::Duration;

/// What would be done for petstore with this spec, whether or not there is one.
async fn planned(cluster: &Cluster, more: &str) -> Answer {
    let origin = format!("origin: {{endpoint: {REST_ENDPOINT}, type: REST, stage: prod}}");
    let spec: ProtectedApiSpec = serde_yaml::from_str(&format!("{origin}\n{more}")).unwrap();
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
        annotations: cluster.annotations.clone(),
        rivalry: None,
        declared_stages: BTreeSet::new(),
        protected_stages: BTreeSet::new(),
        token: Awaited::known(Token::default()),
        siblings: Some(BTreeSet::new()),
        sharing: vec![],
        keyed_stages: BTreeSet::new(),
        is_alive: &|_| false,
        now: cluster.now(),
    };
    Box::pin(cluster.engine.plan_only(&subject, live.is_some())).await
}

#[track_caller]
fn made(answer: Answer) -> PlanReport {
    match answer {
        Answer::Made(report) => *report,
        other => panic!("no plan: {other:?}"),
    }
}

#[track_caller]
fn assert_nothing_written(cluster: &Cluster) {
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

fn asked(name: &str, more: &Value) -> Value {
    let mut perimeter = json!({
        "origin": {"endpoint": "ownownowno.execute-api.eu-north-1.amazonaws.com", "type": "REST", "stage": "prod"},
    });
    for (field, value) in more.as_object().unwrap() {
        perimeter[field] = value.clone();
    }
    json!({
        "apiVersion": "palisade.dev/v1alpha1", "kind": "PerimeterPlan",
        "metadata": {"name": name, "namespace": "shop"},
        "spec": {"objectName": "petstore", "ttl": "24h", "perimeter": perimeter},
    })
}

fn plan_of(world: &World, name: &str) -> Value {
    world.api.get("perimeterplans", "shop", name)
}

/// Status and reason of `Planned`.
fn answer_of(world: &World, name: &str) -> (String, String) {
    let plan = plan_of(world, name);
    let mut conditions = plan["status"]["conditions"].as_array().into_iter().flatten();
    let found = conditions.find(|found| found["type"] == "Planned");
    let text = |field: &str| {
        let text = found.and_then(|found| found[field].as_str());
        text.unwrap_or_default().to_owned()
    };
    (text("status"), text("reason"))
}

#[tokio::test(start_paused = true)]
async fn the_controller_answers_a_plan_writes_nothing_and_deletes_it_when_its_time_is_over() {
    let mut world = World::new(&["shop"]);
    world
        .api
        .apply("perimeterplans", &asked("petstore-1", &json!({})));
    world
        .until("the plan is made", |world| {
            answer_of(world, "petstore-1").0 == "True"
        })
        .await;
    let plan = plan_of(&world, "petstore-1");
    let created = plan["status"]["plan"]["summary"]["create"].as_i64();
    assert!(created > Some(2), "{plan}");
    assert_eq!(plan["status"]["observedGeneration"], 1);
    let writes: Vec<_> = world
        .calls
        .iter()
        .filter(|(_, entry)| entry.operation.class.is_write())
        .collect();
    assert!(writes.is_empty(), "{writes:?}");

    let mut old = asked("petstore-2", &json!({}));
    old["metadata"]["creationTimestamp"] = "2020-01-01T00:00:00Z".into();
    world.api.apply("perimeterplans", &old);
    world
        .until("the old plan is gone", |world| {
            plan_of(world, "petstore-2").is_null()
        })
        .await;
    assert!(!plan_of(&world, "petstore-1").is_null());
}

#[tokio::test(start_paused = true)]
async fn a_plan_that_the_namespace_does_not_permit_is_refused_and_its_api_is_not_looked_at() {
    let mut world = World::with(&["shop"], Tenancy::Enforced);
    world
        .api
        .apply("perimeterplans", &asked("petstore-1", &json!({})));
    world
        .until("the plan is refused", |world| {
            answer_of(world, "petstore-1") == ("False".to_owned(), "NotPermitted".to_owned())
        })
        .await;
    let mut of_apis = world
        .calls
        .iter()
        .filter(|(_, entry)| entry.operation.service == Service::ApiGateway);
    assert!(of_apis.next().is_none());
}

#[tokio::test(start_paused = true)]
async fn a_plan_of_another_api_than_the_objects_is_refused() {
    let mut world = World::new(&["shop"]);
    world.apply("shop/petstore", "ownownowno", &json!({}));
    world.until_ready(&["shop/petstore"]).await;
    let other = json!({
        "origin": {"endpoint": "ownownown2.execute-api.eu-north-1.amazonaws.com", "type": "REST", "stage": "prod"},
    });
    world.api.apply("perimeterplans", &asked("petstore-1", &other));
    world
        .until("the plan is refused", |world| {
            answer_of(world, "petstore-1") == ("False".to_owned(), "InvalidSpec".to_owned())
        })
        .await;
    world
        .api
        .apply("perimeterplans", &asked("petstore-2", &json!({})));
    world
        .until("the plan is made", |world| {
            answer_of(world, "petstore-2").0 == "True"
        })
        .await;
    let plan = plan_of(&world, "petstore-2");
    assert_eq!(plan["status"]["plan"]["summary"]["changes"], 0, "{plan}");
}
