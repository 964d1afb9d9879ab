//! Plans of an adoption and of a release: what they say is what the engine then does, wherever it stands, and nothing where it does nothing.

use super::adoption_scenes::{Theirs, adopt, adopted, adoption, confirmed, guide, hash};
use super::plans::{assert_nothing_written, made, planned};
use super::plans_random::{assert_told, finished, passed_until};
use super::scenes::{NAME, cluster as empty};
use super::support::simulation::faults::{Fault, Rule, Scope};
use super::support::simulation::settings::Settings;
use palisade::api::{AdoptionState, PlanReport};
use std::time::Duration;

fn releasing(theirs: &Theirs, hash: &str) -> String {
    adopt(&theirs.id, &format!("confirm: '{hash}', release: true"))
}

/// Paths of the fields that the plan's steps on the distribution change, but for tags.
fn fields(plan: &PlanReport) -> Vec<&str> {
    let steps = plan.steps.iter().filter(|step| step.kind == "distribution");
    let changes = steps.flat_map(|step| &step.changes);
    let paths = changes.map(|change| change.path.as_str());
    paths.filter(|path| !path.starts_with("tags.")).collect()
}

#[tokio::test(start_paused = true)]
async fn an_adoption_is_what_its_plan_says() {
    let (mut cluster, theirs) = guide().await;
    let plan = made(planned(&cluster, &adopt(&theirs.id, "")).await);
    assert_nothing_written(&cluster);
    let confirm = format!(
        "confirm: '{}'",
        plan.adoption.as_ref().unwrap().hash.as_deref().unwrap()
    );
    cluster.apply(NAME, &adopt(&theirs.id, &confirm));
    let done = finished(&mut cluster).await;
    assert_told(&plan, &cluster, &done);
}

#[tokio::test(start_paused = true)]
async fn a_release_is_what_its_plan_says_and_once_it_is_over_nothing_is_planned() {
    let (mut cluster, theirs) = adopted().await;
    let spec = releasing(&theirs, &hash(&cluster));
    tokio::time::sleep(Duration::from_mins(2)).await;
    let plan = made(planned(&cluster, &spec).await);
    cluster.cloud.clear_journal();
    cluster.apply(NAME, &spec);
    let done = passed_until(&mut cluster, |cluster, outcome| {
        outcome.plan.ready.is_empty() && adoption(cluster).state == AdoptionState::Released
    })
    .await;
    assert_told(&plan, &cluster, &done);

    let after = made(planned(&cluster, &spec).await);
    assert_eq!(after.steps, [], "{:#?}", after.problems);
    assert_eq!(after.problems.len(), 1, "that it is given back is told");
}

#[tokio::test(start_paused = true)]
async fn an_adoption_that_is_refused_plans_nothing_but_the_refusal() {
    let cluster = empty(Settings::default());
    let plan = made(planned(&cluster, &adopt("E0NOSUCHONE000", "")).await);
    assert_eq!(plan.steps, []);
    assert_eq!(plan.problems.len(), 1, "{:#?}", plan.problems);
}

#[tokio::test(start_paused = true)]
async fn wherever_an_adoption_is_interrupted_the_plan_has_the_update_that_is_still_to_come() {
    let mut is_updated = false;
    let mut n = 0;
    while !is_updated {
        n += 1;
        let (mut cluster, theirs) = guide().await;
        confirmed(&mut cluster, &theirs).await;
        let spec = adopt(&theirs.id, &format!("confirm: '{}'", hash(&cluster)));
        let before = fields(&made(planned(&cluster, &spec).await)).join(" ");
        cluster.cloud.clear_journal();
        let crash = Rule::nth(Scope::Writes, n, Fault::CrashAfter);
        cluster.cloud.inject(crash);
        cluster.pass_surviving(NAME).await;
        while cluster.cloud.journal().writes().len() < n {
            cluster.pass_surviving(NAME).await;
            tokio::time::sleep(Duration::from_secs(20)).await;
        }
        tokio::time::sleep(Duration::from_mins(2)).await;
        is_updated = cluster.cloud.config_of(&theirs.id) != theirs.config;
        let plan = made(planned(&cluster, &spec).await);
        let left = fields(&plan).join(" ");
        let expected = if is_updated { "" } else { &before };
        assert_eq!(left, expected, "after {n} writes\n{}", cluster.story(NAME));
    }
    assert!(n > 3, "role, function, web ACL, tags and the update");
}

#[tokio::test(start_paused = true)]
async fn a_suspended_object_shows_the_plan_of_an_adoption_that_is_not_confirmed() {
    let (mut cluster, theirs) = guide().await;
    let spec = adopt(&theirs.id, "");
    let plan = made(planned(&cluster, &spec).await);
    cluster.apply(NAME, &format!("{spec}\nsuspend: true"));
    cluster.settle(NAME).await;
    assert_nothing_written(&cluster);
    let status = cluster.objects[NAME].status.clone().unwrap();
    let shown = status.plan.expect("a plan in status");
    let kinds = |plan: &PlanReport| -> Vec<String> {
        let steps = plan.steps.iter();
        let mut kinds: Vec<String> = steps
            .map(|step| format!("{:?} {}", step.verb, step.kind))
            .collect();
        kinds.sort();
        kinds
    };
    assert_eq!(kinds(&shown), kinds(&plan));
    assert_eq!(fields(&shown), fields(&plan));
}
