//! When an account is asked again, and how long one is kept for what a process before has left.

use super::controllers::{A, B, World};
use super::support::pieces::CLUSTER;
use super::support::simulation::SimulatedCloud;
use super::support::simulation::settings::Settings;
use palisade::aws::readings::inventory::Inventory;
use std::sync::Arc;
use std::time::Duration;
use tokio::time::Instant;

const MINUTE: Duration = Duration::from_mins(1);

/// The status of a condition of an `AwsAccount`.
fn condition(world: &World, account: &str, is: &str) -> String {
    let account = world.api.get("awsaccounts", "", account);
    let mut conditions = account["status"]["conditions"].as_array().into_iter().flatten();
    let found = conditions.find(|condition| condition["type"] == is);
    let status = found.and_then(|found| found["status"].as_str());
    status.unwrap_or_default().to_owned()
}

#[tokio::test(start_paused = true)]
async fn an_account_that_lets_nobody_in_is_asked_again_each_minute_and_no_more_often() {
    let mut world = World::new(&["shop"]);
    world.aws.shut(B);
    world.declare_both();
    world
        .until("the role cannot be assumed", |world| {
            condition(world, "b", "CredentialsValid") == "False"
        })
        .await;
    let before = world.aws.asked(B);
    world.seconds(10 * 60).await;
    let often = world.aws.asked(B) - before;
    assert!((9..=12).contains(&often), "{often} times in ten minutes");

    // A trust policy is mended where we do not see it.
    world.aws.open(B);
    let mended = Instant::now();
    world
        .until("the role is assumed", |world| {
            condition(world, "b", "Ready") == "True"
        })
        .await;
    assert!(
        mended.elapsed() <= MINUTE + Duration::from_secs(2),
        "{:?}",
        mended.elapsed()
    );
}

#[tokio::test(start_paused = true)]
async fn an_account_goes_only_when_the_lists_must_show_what_a_process_before_has_left() {
    let mut world = World::new(&["shop"]);
    world.declare_both();
    let is_known = |world: &World| condition(world, "a", "Ready") == "True";
    world.until("it is known", is_known).await;
    world.kill().await;
    let began = Instant::now();
    world.api.delete("awsaccounts", "", "a");
    world
        .until("it is gone", |world| {
            world.api.get("awsaccounts", "", "a").is_null()
        })
        .await;
    let held = began.elapsed();
    assert!(held >= MINUTE.mul_f64(0.9) && held <= 2 * MINUTE, "{held:?}");
    assert!(world.aws.clouds[A].resources().is_empty());

    // Lists that were read later than that show it all.
    world.seconds(5 * 60).await;
    let began = Instant::now();
    world.api.delete("awsaccounts", "", "b");
    world
        .until("it is gone", |world| {
            world.api.get("awsaccounts", "", "b").is_null()
        })
        .await;
    assert!(began.elapsed() <= Duration::from_secs(5), "{:?}", began.elapsed());
}

#[tokio::test(start_paused = true)]
async fn lists_show_what_was_written_before_a_start_when_they_are_read_a_minute_after_it() {
    let cloud = Arc::new(SimulatedCloud::new(Settings::default()));
    let inventory = Inventory::new(cloud, CLUSTER.to_owned());
    assert_eq!(inventory.caught_up(), Err(MINUTE));
    tokio::time::sleep(Duration::from_secs(45)).await;
    assert_eq!(inventory.caught_up(), Err(Duration::from_secs(15)));
    tokio::time::sleep(Duration::from_secs(15)).await;
    assert_eq!(inventory.caught_up(), Ok(Duration::ZERO));
    // A list of that age was read no sooner than a minute after the start.
    tokio::time::sleep(Duration::from_mins(9)).await;
    assert_eq!(inventory.caught_up(), Ok(Duration::from_mins(9)));
}
