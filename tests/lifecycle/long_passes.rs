//! A pass that waits for AWS for an hour: what nobody looks at meanwhile is not called locked, and is again once it was looked at.

use super::controllers::World;
use super::processes::OWN;
use super::scenes::{NAME, fail, ready};
use super::support::simulation::faults::{Fault, Rule, Scope};
use serde_json::{Value, json};
use std::time::Duration;
use tokio::task::JoinSet;
use tokio::time::Instant;

const PETSTORE: &str = "shop/petstore";
const API: &str = "ownownowno";
/// The intervals of the controllers here.
const RESYNC: Duration = Duration::from_mins(10);
const ACCESS_RESYNC: Duration = Duration::from_hours(1);
/// How much later than its interval a condition may leave `True`.
const A_LITTLE: Duration = Duration::from_mins(2);
/// So long nobody answers the pass.
const LONG: Duration = Duration::from_hours(2);
/// Calls that wait for AWS's quota before the pass, each for some seconds: more than in two hours are answered.
const CROWD: usize = 3_000;

fn status(world: &World, is: &str) -> String {
    let [status, _, _] = world.condition(PETSTORE, is);
    status
}

fn version(world: &World) -> Value {
    world.object(PETSTORE)["metadata"]["resourceVersion"].clone()
}

/// Somebody has the API's methods ask for nothing any more.
fn open(world: &World) {
    let cloud = &world.aws.clouds[OWN];
    for method in ["GET /pets", "POST /pets"] {
        cloud.set_authorization(API, method, "NONE");
    }
    cloud.deploy(API, "prod");
}

/// Nothing is looked at from now on: first what is probed and then what is read is not called locked any more, each by one write.
async fn taken_back(world: &mut World) {
    let began = Instant::now();
    world.seconds(8 * 60).await;
    assert_eq!(status(world, "DirectAccessBlocked"), "True");
    world
        .until("direct access is not called blocked", |world| {
            status(world, "DirectAccessBlocked") == "Unknown"
        })
        .await;
    assert!(began.elapsed() <= RESYNC + A_LITTLE, "{:?}", began.elapsed());
    let [ready, reason, said] = world.condition(PETSTORE, "Ready");
    assert_eq!([ready, reason], ["False", "NotProbedYet"], "{said}");
    assert_eq!(status(world, "AccessRestricted"), "True");
    assert_eq!(status(world, "Reconciling"), "True");

    let first = version(world);
    world.seconds(20 * 60).await;
    assert_eq!(version(world), first, "it is written once");
    world
        .until("the API is not called locked", |world| {
            status(world, "AccessRestricted") == "Unknown"
        })
        .await;
    // The wall clock, by which reads are dated, stands still until the pass begins.
    let longest = RESYNC + ACCESS_RESYNC + RESYNC + A_LITTLE;
    assert!(began.elapsed() <= longest, "{:?}", began.elapsed());
    let [_, reason, said] = world.condition(PETSTORE, "AccessRestricted");
    assert_eq!(reason, "InProgress");
    assert!(
        said.contains("was locked when it was last read at") && said.contains("waits for AWS"),
        "{said}"
    );
    let second = version(world);
    world.seconds(10 * 60).await;
    assert_eq!(version(world), second, "and once more");
}

/// The look succeeds: the API is locked again, and said to be.
async fn looked_at(world: &mut World) {
    world.until_ready(&[PETSTORE]).await;
    for is in ["AccessRestricted", "DirectAccessBlocked", "ViewerAccessVerified"] {
        let [status, reason, said] = world.condition(PETSTORE, is);
        assert_eq!(status, "True", "{is} {reason}: {said}");
    }
    assert_eq!(status(world, "Reconciling"), "");
}

#[tokio::test(start_paused = true)]
async fn while_a_pass_waits_for_a_service_that_is_throttled_an_open_stage_does_not_stay_locked_in_status() {
    let mut world = World::within_quotas(&["shop"]);
    world.apply(PETSTORE, API, &json!({}));
    world.until_ready(&[PETSTORE]).await;
    let throttled = Rule::next(Scope::Operation("ListDistributions"), usize::MAX, Fault::Throttle);
    world.aws.clouds[OWN].inject(throttled);
    let mut crowd = JoinSet::new();
    for _ in 0..CROWD {
        let cloud = world.cloud(OWN);
        crowd.spawn(async move { cloud.list_distributions(None).await.is_ok() });
    }
    open(&world);
    taken_back(&mut world).await;
    crowd.abort_all();
    world.aws.clouds[OWN].clear_faults();
    looked_at(&mut world).await;
}

#[tokio::test(start_paused = true)]
async fn while_aws_does_not_answer_a_pass_an_open_stage_does_not_stay_locked_in_status() {
    let mut world = World::new(&["shop"]);
    world.apply(PETSTORE, API, &json!({}));
    world.until_ready(&[PETSTORE]).await;
    // Services that are in no Region of their own: their lists come first in each pass.
    world.aws.slow_down("", LONG);
    open(&world);
    taken_back(&mut world).await;
    world.aws.slow_down("", Duration::ZERO);
    looked_at(&mut world).await;
}

#[tokio::test(start_paused = true)]
async fn what_was_looked_at_within_its_interval_is_not_taken_back_however_long_a_pass_runs() {
    let cluster = ready("").await;
    let object = &cluster.objects[NAME];
    let before = object.status.as_ref().expect("a status");
    let began = cluster.now();
    let unseen = |running: Duration| cluster.engine.unseen(object, before, began, running);
    assert!(unseen(Duration::ZERO).is_none());
    tokio::time::sleep(RESYNC).await;
    assert!(unseen(RESYNC).is_none());
    tokio::time::sleep(A_LITTLE).await;
    let told = unseen(RESYNC + A_LITTLE).expect("a probe is overdue");
    let changed: Vec<&str> = told
        .conditions
        .iter()
        .filter(|condition| !before.conditions.contains(condition))
        .map(|condition| condition.type_.as_str())
        .collect();
    assert_eq!(changed, ["DirectAccessBlocked", "Ready", "Reconciling"]);
    let again = cluster.engine.unseen(object, &told, began, RESYNC + A_LITTLE);
    assert!(again.is_none(), "it is taken back once");
}

#[tokio::test(start_paused = true)]
async fn while_a_pass_waits_for_what_aws_throttles_it_is_told_which_call_was_refused() {
    let cluster = ready("").await;
    let object = &cluster.objects[NAME];
    let before = object.status.as_ref().expect("a status");
    let began = cluster.now();
    let running = RESYNC + A_LITTLE;
    tokio::time::sleep(running).await;
    fail(&cluster, "ListDistributions", Fault::Throttle);
    assert!(cluster.engine.cloud.list_distributions(None).await.is_err());
    let told = cluster.engine.unseen(object, before, began, running);
    let told = told.expect("a probe is overdue");
    let mut conditions = told.conditions.iter();
    let reconciling = conditions.find(|condition| condition.type_ == "Reconciling");
    let reconciling = reconciling.expect("the pass goes on");
    assert_eq!(reconciling.reason, "Throttled");
    let said = &reconciling.message;
    assert!(
        said.contains("waits for AWS") && said.contains("ListDistributions"),
        "{said}"
    );
}
