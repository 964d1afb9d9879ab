//! The usage plan that opens the stage: another takes its place, a second of ours goes, and all go with their object.

use super::customers_keys::{make_plan, plan_of_customers, region};
use super::scenes::{KEY, NAME, nothing_left, quiet, ready, values};
use super::support::cluster::Cluster;
use palisade::aws::operations::{Answer, Call};
use palisade::domain::access::credentials::api_key::UsagePlanCreation;

/// (id, name, ids of keys) of all usage plans.
fn plans(cluster: &Cluster) -> Vec<(String, String, Vec<String>)> {
    let listed = cluster.cloud.as_somebody(Call::ListUsagePlans {
        region: region(),
        marker: None,
    });
    let Ok(Answer::ListUsagePlans(page)) = listed else {
        panic!("no plans are listed");
    };
    let plans = page.items.into_iter().map(|plan| {
        let keys = cluster.cloud.as_somebody(Call::ListUsagePlanKeys {
            region: region(),
            plan: plan.id.clone(),
            marker: None,
        });
        let Ok(Answer::ListUsagePlanKeys(keys)) = keys else {
            panic!("no keys are listed");
        };
        (plan.id, plan.name, keys.items)
    });
    plans.collect()
}

#[tokio::test(start_paused = true)]
async fn another_usage_plan_takes_the_place_of_the_first_with_a_key_of_its_own_and_no_viewer_is_refused() {
    let mut cluster = ready(KEY).await;
    let team = plan_of_customers(&mut cluster);
    // It is others', and changes all the same: what is looked at is whether calls of ours shut viewers out.
    let named = format!("access: {{mode: ApiKey, apiKey: {{usagePlanId: {team}}}}}");
    for (spec, is_team) in [(named.as_str(), true), (KEY, false)] {
        let before = values(&cluster);
        cluster.apply(NAME, spec);
        cluster.ready(NAME).await;
        quiet(&mut cluster, NAME).await;
        assert_ne!(values(&cluster), before, "{spec}");
        let found = plans(&cluster);
        let of_team: Vec<_> = found.iter().filter(|(id, ..)| *id == team).collect();
        let ours: Vec<_> = found.iter().filter(|(id, ..)| *id != team).collect();
        assert_eq!(of_team[0].2.len(), usize::from(is_team), "{found:?}");
        assert_eq!(ours.len(), usize::from(!is_team), "{found:?}");
        assert!(ours.iter().all(|(.., keys)| keys.len() == 1), "{found:?}");
        assert_eq!(cluster.cloud.take_shut_out(), Vec::<String>::new(), "{spec}");
    }
}

/// Makes a usage plan as the object's own is, as where the answer to its creation is lost.
fn plan_as_our_own(cluster: &mut Cluster) -> String {
    cluster.invariants = None;
    let (id, name, _) = plans(cluster).remove(0);
    let Ok(Answer::GetUsagePlan(own)) = cluster
        .cloud
        .as_somebody(Call::GetUsagePlan { region: region(), id })
    else {
        panic!("there is none");
    };
    let plan = UsagePlanCreation {
        name,
        description: String::new(),
        stage: own.stages[0].clone(),
        tags: own.tags,
    };
    make_plan(cluster, plan)
}

#[tokio::test(start_paused = true)]
async fn a_second_plan_of_ours_goes_and_the_one_with_the_key_stays() {
    let mut cluster = ready(KEY).await;
    let before = values(&cluster);
    let second = plan_as_our_own(&mut cluster);
    // Whatever order they are listed in.
    tokio::time::sleep(std::time::Duration::from_hours(7)).await;
    cluster.resync(NAME).await;
    cluster.ready(NAME).await;
    let found = plans(&cluster);
    assert!(found.len() == 1 && found[0].0 != second, "{found:?}");
    assert_eq!(values(&cluster), before);
}

#[tokio::test(start_paused = true)]
async fn keys_and_plans_go_with_their_object_whatever_its_spec_says_by_then() {
    let wrong = "access: {mode: ApiKey, apiKey: {usagePlanId: nosuchplan}}";
    for is_second in [false, true] {
        let mut cluster = ready(KEY).await;
        if is_second {
            plan_as_our_own(&mut cluster);
        }
        cluster.apply(NAME, wrong);
        assert_eq!(cluster.stalled(NAME).await, "UsagePlanNotUsable");
        cluster.delete(NAME).await;
        nothing_left(&cluster);
        assert_eq!(plans(&cluster), [], "second: {is_second}");
    }
}
