//! The baseline of Shield's automatic response: counted from a clock that nobody can set ahead.

use super::hourly::an_hour;
use super::scenes::{NAME, SHIELD, quiet, ready, the};
use super::shield::has_shields_rule;
use super::support::cluster::Cluster;
use super::support::simulation::faults::{Fault, Rule, Scope};
use super::support::simulation::resources::Kind;
use palisade::domain::shield::automatic_response::Response;
use std::time::Duration;

fn response(cluster: &Cluster) -> Response {
    cluster.cloud.response_of(&the(cluster, Kind::Distribution).arn)
}

/// So many hours; what is told of the promotion.
async fn pass_by(cluster: &mut Cluster, times: u64) -> Vec<String> {
    let mut told = Vec::new();
    for _ in 0..times {
        let notes = an_hour(cluster, "Promot").await.into_iter();
        told.extend(notes.map(|note| note.note));
    }
    told
}

#[tokio::test(start_paused = true)]
async fn count_becomes_block_after_the_baseline_and_is_told_before_and_after() {
    let mut cluster = ready(&SHIELD.replace("720h", "48h")).await;
    let told = pass_by(&mut cluster, 22).await;
    assert_eq!((told, response(&cluster)), (vec![], Response::Count));
    let told = pass_by(&mut cluster, 24).await;
    assert_eq!(response(&cluster), Response::Count);
    assert!(told[0].contains("Block due "), "{told:?}");
    assert_eq!(told.len(), 1, "{told:?}");
    assert_eq!(cluster.reason(NAME, "ShieldProtected"), "PromotionDue");
    let told = pass_by(&mut cluster, 4).await;
    assert_eq!(response(&cluster), Response::Block);
    assert!(told[0].contains("block from now on"), "{told:?}");
    assert_eq!(cluster.reason(NAME, "ShieldProtected"), "Promoted");
    let status = cluster.objects[NAME].status.clone().unwrap().shield.unwrap();
    assert_eq!(
        (status.automatic_response.as_deref(), status.block_due),
        (Some("Block"), None)
    );
    quiet(&mut cluster, NAME).await;
}

#[tokio::test(start_paused = true)]
async fn a_promotion_outlives_restarts_and_a_lost_status_and_is_undone_by_an_edit() {
    let mut cluster = ready(&SHIELD.replace("720h", "24h")).await;
    pass_by(&mut cluster, 12).await;
    cluster.objects.get_mut(NAME).unwrap().status = None;
    cluster.restart();
    cluster.ready(NAME).await;
    pass_by(&mut cluster, 14).await;
    assert_eq!(response(&cluster), Response::Block);
    cluster.apply(NAME, SHIELD);
    cluster.ready(NAME).await;
    assert_eq!(response(&cluster), Response::Count);
}

#[tokio::test(start_paused = true)]
async fn a_clock_that_somebody_takes_away_or_sets_ahead_begins_anew() {
    for value in [None, Some("2036-01-01T00:00:00Z 0123456789abcdef"), Some("1999")] {
        let mut cluster = ready(&SHIELD.replace("720h", "24h")).await;
        let protection = the(&cluster, Kind::Protection).id;
        pass_by(&mut cluster, 20).await;
        cluster.cloud.set_clock(&protection, value);
        pass_by(&mut cluster, 20).await;
        assert_eq!(response(&cluster), Response::Count, "{value:?}");
        pass_by(&mut cluster, 40).await;
        assert_eq!(response(&cluster), Response::Block, "{value:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_response_that_somebody_switches_is_switched_back() {
    let mut cluster = ready(&SHIELD.replace("720h", "24h")).await;
    let arn = the(&cluster, Kind::Distribution).arn;
    let protection = the(&cluster, Kind::Protection).id;
    let first = cluster.cloud.clock_of(&protection);
    pass_by(&mut cluster, 10).await;
    for by_hand in [Response::Block, Response::Off] {
        cluster.cloud.set_response(&arn, by_hand);
        cluster.resync(NAME).await;
        cluster.ready(NAME).await;
        assert_eq!(response(&cluster), Response::Count, "{by_hand:?}");
    }
    assert_ne!(
        cluster.cloud.clock_of(&protection),
        first,
        "what was counted before is not proven"
    );
}

#[tokio::test(start_paused = true)]
async fn shields_rule_that_is_missing_while_shield_may_yet_put_it_there_is_put_back_after_that() {
    let mut cluster = ready(SHIELD).await;
    // Everything is listed anew with the next pass, in which the clock begins anew.
    tokio::time::sleep(Duration::from_mins(10)).await;
    cluster.cloud.remove_shield_rule(&the(&cluster, Kind::WebAcl).id);
    cluster.apply(NAME, &SHIELD.replace("720h", "744h"));
    cluster.ready(NAME).await;
    assert!(!has_shields_rule(&cluster));
    cluster.resync(NAME).await;
    cluster.resync(NAME).await;
    assert!(has_shields_rule(&cluster));
    quiet(&mut cluster, NAME).await;
}

#[tokio::test(start_paused = true)]
async fn a_lost_answer_to_a_promotion_changes_nothing() {
    let mut cluster = ready(&SHIELD.replace("720h", "24h")).await;
    let update = Scope::Operation("UpdateApplicationLayerAutomaticResponse");
    cluster.cloud.inject(Rule::next(update, 1, Fault::LostAnswer));
    pass_by(&mut cluster, 30).await;
    assert_eq!(response(&cluster), Response::Block);
    assert_eq!(cluster.reason(NAME, "ShieldProtected"), "Promoted");
}
