//! How many requests AWS WAF allows and blocks, as CloudWatch counts them.

use crate::conformance::world::{World, conformance, refused};
use crate::support::simulation::faults::Fault;
use jiff::{SignedDuration, Timestamp};
use palisade::aws::cloud::{Cloud, CloudError};
use palisade::aws::errors::ErrorKind;
use palisade::domain::rollout::traffic::Counted;

conformance![
    requests_are_counted_by_web_acl_and_by_the_minute,
    who_may_not_read_the_counters_is_told_so,
    counters_that_cannot_be_read_for_the_moment_may_be_asked_for_again,
];

const MINUTE: SignedDuration = SignedDuration::from_mins(1);

/// A full minute.
fn noon() -> Timestamp {
    "2026-01-01T12:00:00Z".parse().unwrap()
}

/// What was counted of two web ACLs in the ten minutes from noon.
async fn count(cloud: &dyn Cloud) -> Result<Vec<Counted>, CloudError> {
    let names = ["palisade-a", "palisade-b"].map(str::to_owned);
    let until = noon() + MINUTE * 10;
    let page = cloud.count_requests(names.to_vec(), noon(), until, None).await?;
    assert_eq!(page.next, None);
    let mut items = page.items;
    items.sort_by_key(|minute| (minute.web_acl.clone(), minute.at, minute.are_blocked));
    Ok(items)
}

async fn requests_are_counted_by_web_acl_and_by_the_minute(cloud: &dyn Cloud, world: &dyn World) {
    assert_eq!(count(cloud).await.unwrap(), []);
    let counted = |web_acl: &str, minute: i32, requests, are_blocked| Counted {
        web_acl: web_acl.to_owned(),
        at: noon() + MINUTE * minute,
        requests,
        are_blocked,
    };
    let within = [
        counted("palisade-a", 0, 900, false),
        counted("palisade-a", 0, 100, true),
        counted("palisade-a", 9, 7, true),
        counted("palisade-b", 3, 1, false),
    ];
    let beyond = [
        counted("palisade-a", -1, 5, true),
        counted("palisade-a", 10, 5, true),
        counted("palisade-c", 3, 5, true),
    ];
    for put in within.iter().chain(&beyond) {
        world
            .preload_requests(&put.web_acl, put.at, put.requests, put.are_blocked)
            .await;
    }
    assert_eq!(count(cloud).await.unwrap(), within);
}

async fn who_may_not_read_the_counters_is_told_so(cloud: &dyn Cloud, world: &dyn World) {
    world.deny("cloudwatch:GetMetricData").await;
    let message = refused(count(cloud).await, "AccessDenied", ErrorKind::Denied);
    assert!(message.contains("cloudwatch:GetMetricData"), "{message}");
}

async fn counters_that_cannot_be_read_for_the_moment_may_be_asked_for_again(
    cloud: &dyn Cloud,
    world: &dyn World,
) {
    world.strike("cloudwatch:GetMetricData", Fault::ServerError).await;
    let error = count(cloud).await.unwrap_err();
    assert_eq!(error.kind, ErrorKind::Transient, "{error}");
}
