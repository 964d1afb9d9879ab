//! Distributions that somebody has put into a flat-rate pricing plan: it is shown, its limits are told before anything is changed, and a
//! deletion waits for its end.

use super::scenes::{NAME, deny, hours, nothing_left, quiet, ready, ready_on, the};
use super::support::cluster::Cluster;
use super::support::simulation::pricing_plans::PricingPlan;
use super::support::simulation::resources::Kind;
use super::support::simulation::settings::Settings;
use super::taken_over::restored;
use jiff::SignedDuration;
use palisade::api::{LOOK, PricingPlanStatus};
use palisade::domain::kernel::words::moment;
use std::time::Duration;

const LOGS: &str = "webAcl: {logging: {destinationArn: 'arn:aws:s3:::aws-waf-logs-a'}}";
/// Six rules: one more than the plan Free takes.
const LISTS: &str = "webAcl: {blockCidrs: [192.0.2.0/24], allowCidrs: [203.0.113.0/24]}";
/// The same, and logs.
const LISTS_AND_LOGS: &str = "webAcl: {blockCidrs: [192.0.2.0/24], allowCidrs: [203.0.113.0/24], logging: {destinationArn: \
                              'arn:aws:s3:::aws-waf-logs-a'}}";

/// Somebody puts what the object has into a plan that `change` describes; the object is looked at.
async fn subscribe(
    cluster: &mut Cluster,
    tier: &'static str,
    change: impl FnOnce(PricingPlan) -> PricingPlan,
) {
    begin_unseen(cluster, tier, change);
    hours(7).await;
    cluster.settle_patiently(NAME).await;
}

/// The same; nobody looks.
fn begin_unseen(cluster: &Cluster, tier: &'static str, change: impl FnOnce(PricingPlan) -> PricingPlan) {
    let arns = [Kind::Distribution, Kind::WebAcl].map(|kind| the(cluster, kind).arn);
    let plan = change(PricingPlan::of(tier, arns.to_vec()));
    cluster
        .cloud
        .configure(|settings| settings.pricing_plans = vec![plan]);
}

fn unsubscribe(cluster: &Cluster) {
    cluster
        .cloud
        .configure(|settings| settings.pricing_plans = vec![]);
}

fn plan(cluster: &Cluster) -> Option<PricingPlanStatus> {
    cluster.objects[NAME].status.as_ref()?.pricing_plan.clone()
}

/// The messages of what is worth knowing, with this reason.
fn notes(cluster: &Cluster, reason: &str) -> Vec<String> {
    let status = cluster.objects[NAME].status.as_ref();
    let notes = status.into_iter().flat_map(|status| &status.notes);
    let of = notes.filter(|note| note.reason == reason);
    of.map(|note| note.message.clone()).collect()
}

#[tokio::test(start_paused = true)]
async fn a_plan_is_shown_with_what_becomes_of_it_and_takes_the_place_of_prices() {
    let mut cluster = ready("").await;
    assert_eq!(plan(&cluster), None);
    subscribe(&mut cluster, "PRO", |plan| plan.ending("2027-01-31T00:00:00Z")).await;
    let found = plan(&cluster).unwrap();
    assert_eq!((found.tier.as_str(), found.state.as_str()), ("Pro", "ACTIVE"));
    let change = found.scheduled_change.unwrap();
    assert_eq!(change.change, "CANCELLATION");
    assert_eq!(change.at.as_deref(), Some("2027-01-31T00:00:00Z"));
    let cost = cluster.objects[NAME].status.clone().unwrap().cost.unwrap();
    assert_eq!(
        (cost.monthly.as_str(), &*cost.left_out[0]),
        ("0.00", "PricingPlan Pro")
    );
    assert_eq!(cluster.condition(NAME, "Ready"), "True");
    quiet(&mut cluster, NAME).await;

    unsubscribe(&cluster);
    hours(7).await;
    cluster.settle_patiently(NAME).await;
    assert_eq!(plan(&cluster), None);
}

#[tokio::test(start_paused = true)]
async fn what_the_plan_does_not_take_is_refused_before_anything_is_changed_and_taken_once_it_moves_up() {
    let mut cluster = ready("").await;
    subscribe(&mut cluster, "FREE", |plan| plan).await;
    cluster.cloud.clear_journal();
    cluster.apply(NAME, LOGS);
    assert_eq!(cluster.stalled(NAME).await, "PricingPlan");
    let message = cluster.message(NAME, "Accepted");
    assert!(
        message.starts_with("spec.webAcl.logging: the flat-rate pricing plan Free"),
        "{message}"
    );
    assert!(message.contains("move it up to Pro"), "{message}");
    assert!(cluster.cloud.journal().writes().is_empty());

    cluster
        .cloud
        .configure(|settings| settings.pricing_plans[0].plan_tier = "PRO");
    hours(1).await;
    cluster.ready(NAME).await;
}

#[tokio::test(start_paused = true)]
async fn what_stood_before_the_plan_stays_and_is_told() {
    let mut cluster = ready(LOGS).await;
    subscribe(&mut cluster, "FREE", |plan| plan).await;
    assert_eq!(cluster.condition(NAME, "Ready"), "True");
    let told = notes(&cluster, "PricingPlan");
    assert!(told[0].contains("spec.webAcl.logging"), "{told:?}");
    let ready = cluster.message(NAME, "Ready");
    assert!(ready.contains("flat-rate pricing plan"), "{ready}");
    quiet(&mut cluster, NAME).await;
}

#[tokio::test(start_paused = true)]
async fn what_stands_beyond_its_plan_may_be_edited_and_only_what_grows_is_refused() {
    let mut cluster = ready(LISTS_AND_LOGS).await;
    subscribe(&mut cluster, "FREE", |plan| plan).await;
    // Less, and still more than the plan takes.
    cluster.apply(NAME, LISTS);
    cluster.ready(NAME).await;
    let told = notes(&cluster, "PricingPlan");
    assert!(told[0].contains("6 rules"), "{told:?}");
    assert!(!told[0].contains("spec.webAcl.logging"), "{told:?}");

    cluster.cloud.clear_journal();
    cluster.apply(NAME, LISTS_AND_LOGS);
    assert_eq!(cluster.stalled(NAME).await, "PricingPlan");
    let message = cluster.message(NAME, "Accepted");
    assert!(message.starts_with("spec.webAcl.logging"), "{message}");
    assert!(!message.contains("6 rules"), "{message}");
    assert!(cluster.cloud.journal().writes().is_empty());

    // What was refused is not taken for what stands.
    cluster.apply(NAME, LISTS);
    cluster.ready(NAME).await;
}

#[tokio::test(start_paused = true)]
async fn an_edit_by_which_a_plan_is_first_seen_is_told_and_not_refused() {
    let mut cluster = ready(LISTS_AND_LOGS).await;
    begin_unseen(&cluster, "FREE", |plan| plan);
    hours(7).await;
    cluster.apply(NAME, LISTS);
    cluster.ready(NAME).await;
    let told = notes(&cluster, "PricingPlan");
    assert!(told[0].contains("6 rules"), "{told:?}");
}

#[tokio::test(start_paused = true)]
async fn what_a_former_object_left_is_edited_whatever_its_plan_takes() {
    let mut cluster = ready("").await;
    subscribe(&mut cluster, "FREE", |plan| plan).await;
    restored(&mut cluster, "");
    cluster.settle_patiently(NAME).await;
    cluster.apply(NAME, LISTS);
    cluster.ready(NAME).await;
    let told = notes(&cluster, "PricingPlan");
    assert!(told[0].contains("6 rules"), "{told:?}");
}

#[tokio::test(start_paused = true)]
async fn a_plan_that_will_move_down_is_told_where_it_will_not_take_what_stands() {
    let mut cluster = ready(LOGS).await;
    let down = |plan: PricingPlan| plan.moving_down("FREE", "2027-01-31T00:00:00Z");
    subscribe(&mut cluster, "PRO", down).await;
    let told = notes(&cluster, "PricingPlanMovesDown");
    assert!(told[0].contains("from Pro to Free on 2027-01-31"), "{told:?}");
    quiet(&mut cluster, NAME).await;
}

#[tokio::test(start_paused = true)]
async fn whoever_may_not_read_plans_is_told_beside_the_conditions_and_served_all_the_same() {
    let mut cluster = ready_on(Settings::default(), "").await;
    deny(&cluster, "pricingplanmanager:ListSubscriptions");
    hours(7).await;
    cluster.settle_patiently(NAME).await;
    assert!(!cluster.message(NAME, "Ready").contains("pricing"));
    let told = notes(&cluster, "PricingPlanNotRead");
    assert!(told[0].contains("iam-policy --pricing-plans"), "{told:?}");
    assert!(!cluster.message(NAME, "DistributionDeployed").contains("pricing"));
    quiet(&mut cluster, NAME).await;
    cluster.delete(NAME).await;
    nothing_left(&cluster);
}

#[tokio::test(start_paused = true)]
async fn a_deletion_waits_for_the_end_of_the_plan_says_until_when_and_goes_on_by_itself() {
    let mut cluster = ready("").await;
    let end = cluster.now() + SignedDuration::from_hours(240);
    let day = moment(end).chars().take(10).collect::<String>();
    subscribe(&mut cluster, "PRO", |plan| plan.ending(&moment(end))).await;
    cluster.begin_deletion(NAME);
    for _ in 0..100 {
        let outcome = cluster.pass(NAME).await;
        assert!(outcome.failures.is_empty(), "{:?}", outcome.failures);
        tokio::time::sleep(outcome.requeue).await;
    }
    assert_eq!(cluster.condition(NAME, "Stalled"), "");
    assert_eq!(cluster.reason(NAME, "DistributionDeployed"), "InPricingPlan");
    let message = cluster.message(NAME, "Ready");
    assert!(message.contains(&format!("ends on {day}")), "{message}");
    // It is switched off meanwhile, as it was asked to be.
    let journal = cluster.cloud.journal();
    assert_eq!(journal.count("DeleteDistribution"), 0, "{}", journal.summary());

    unsubscribe(&cluster);
    cluster.delete(NAME).await;
    nothing_left(&cluster);
}

#[tokio::test(start_paused = true)]
async fn a_deletion_that_no_end_is_scheduled_for_says_who_has_to_end_the_plan() {
    let mut cluster = ready("").await;
    subscribe(&mut cluster, "FREE", |plan| plan).await;
    cluster.begin_deletion(NAME);
    for _ in 0..40 {
        let outcome = cluster.pass(NAME).await;
        tokio::time::sleep(outcome.requeue.min(Duration::from_mins(1))).await;
    }
    let message = cluster.message(NAME, "Ready");
    assert!(message.contains("whoever owns it has to end it"), "{message}");
    assert!(message.contains("Free ends at once"), "{message}");
    unsubscribe(&cluster);
    cluster.delete(NAME).await;
    nothing_left(&cluster);
}

#[tokio::test(start_paused = true)]
async fn a_look_that_is_asked_for_shows_a_new_plan_at_once() {
    let mut cluster = ready("").await;
    let arns = vec![the(&cluster, Kind::Distribution).arn];
    let new = PricingPlan::of("BUSINESS", arns);
    cluster
        .cloud
        .configure(|settings| settings.pricing_plans = vec![new]);
    cluster.resync(NAME).await;
    assert_eq!(plan(&cluster), None, "the list is kept for hours");
    tokio::time::sleep(Duration::from_mins(10)).await;
    cluster.annotate(NAME, LOOK, "1");
    cluster.pass(NAME).await;
    assert_eq!(plan(&cluster).unwrap().tier, "Business");
}
