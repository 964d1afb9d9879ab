//! An object goes, whatever state it is in, and leaves nothing; or everything, if it was asked to.

use super::scenes::{
    HEADER, NAME, NAMES, RICH, SHIELD, cluster, deny, fail, history, hours, nothing_left, quiet, ready,
    shape, the,
};
use super::somebodys::made_by_somebody;
use super::support::cluster::Cluster;
use super::support::pieces;
use super::support::simulation::faults::{Fault, Rule, Scope};
use super::support::simulation::resources::Kind;
use super::support::simulation::settings::Settings;
use palisade::domain::edge::xml;
use palisade::domain::kernel::identity::{TAG_CONDEMNED, TAG_RETAINED};
use std::time::Duration;

#[tokio::test(start_paused = true)]
async fn what_was_never_looked_at_goes_at_once() {
    let mut cluster = cluster(Settings::default());
    cluster.apply(NAME, "");
    let before = cluster.now();
    cluster.begin_deletion(NAME);
    let outcome = cluster.pass(NAME).await;
    assert!(
        outcome.finished,
        "{}\n{}",
        outcome.plan.to_yaml(),
        cluster.story(NAME)
    );
    assert_eq!(cluster.now(), before);
    assert!(cluster.cloud.journal().writes().is_empty());
}

#[tokio::test(start_paused = true)]
async fn what_stands_half_goes_after_every_number_of_passes() {
    for passes in 1..12 {
        let mut cluster = cluster(Settings::default());
        cluster.apply(NAME, RICH);
        for _ in 0..passes {
            let outcome = cluster.pass(NAME).await;
            tokio::time::sleep(outcome.requeue.min(Duration::from_secs(20))).await;
        }
        cluster.delete(NAME).await;
        nothing_left(&cluster);
    }
}

#[tokio::test(start_paused = true)]
async fn every_lost_answer_of_a_creation_is_found_again_by_a_deletion_right_after_it() {
    for n in 1.. {
        let settings = Settings {
            list_lag: Duration::from_secs(30),
            tag_lag: Duration::from_secs(45),
            ..Settings::default()
        };
        let mut cluster = cluster(settings);
        cluster
            .cloud
            .inject(Rule::nth(Scope::Writes, n, Fault::CrashAfter));
        cluster.apply(NAME, RICH);
        for _ in 0..40 {
            let outcome = cluster.pass(NAME).await;
            if cluster.cloud.crashed() {
                break;
            }
            tokio::time::sleep(outcome.requeue.min(Duration::from_secs(20))).await;
        }
        if !cluster.cloud.crashed() {
            assert!(n > 8, "only {n} writes");
            break;
        }
        cluster.restart();
        // Nobody knows any more what was built.
        cluster.objects.get_mut(NAME).unwrap().status = None;
        cluster.delete(NAME).await;
        nothing_left(&cluster);
    }
}

#[tokio::test(start_paused = true)]
async fn a_distribution_that_was_switched_off_by_hand_is_deleted_without_an_update() {
    let mut cluster = ready("").await;
    cluster
        .cloud
        .disable_distribution(&the(&cluster, Kind::Distribution).id);
    cluster.delete(NAME).await;
    nothing_left(&cluster);
    assert_eq!(
        cluster.cloud.journal().count("UpdateDistribution"),
        0,
        "{}",
        history(&cluster)
    );
}

#[tokio::test(start_paused = true)]
async fn an_object_without_its_status_leaves_nothing() {
    let mut cluster = ready(RICH).await;
    cluster.objects.get_mut(NAME).unwrap().status = None;
    cluster.restart();
    cluster.delete(NAME).await;
    nothing_left(&cluster);
}

#[tokio::test(start_paused = true)]
async fn an_object_whose_spec_cannot_be_built_any_more_leaves_nothing() {
    let mut cluster = ready(RICH).await;
    cluster.apply(NAME, "webAcl: {blockCidrs: [nonsense]}");
    assert_eq!(cluster.stalled(NAME).await, "InvalidSpec");
    cluster.delete(NAME).await;
    nothing_left(&cluster);
}

#[tokio::test(start_paused = true)]
async fn an_object_goes_while_its_distribution_is_being_deployed() {
    let mut cluster = ready("").await;
    cluster.apply(NAME, "distribution: {priceClass: PriceClass_100}");
    cluster.pass(NAME).await;
    assert_eq!(cluster.reason(NAME, "DistributionDeployed"), "Deploying");
    cluster.delete(NAME).await;
    nothing_left(&cluster);
}

#[tokio::test(start_paused = true)]
async fn a_deletion_that_may_not_delete_says_so_and_goes_on_when_it_may() {
    let mut cluster = ready("").await;
    deny(&cluster, "cloudfront:UpdateDistribution");
    cluster.begin_deletion(NAME);
    cluster.pass(NAME).await;
    assert!(
        cluster
            .message(NAME, "Ready")
            .contains("is not authorized to perform"),
        "{}",
        cluster.story(NAME)
    );
    assert_eq!(cluster.reason(NAME, "Stalled"), "AccessDenied");
    cluster.cloud.configure(|settings| settings.denied.clear());
    cluster.delete(NAME).await;
    nothing_left(&cluster);
}

#[tokio::test(start_paused = true)]
async fn a_web_acl_that_protects_a_distribution_of_others_is_named_with_it_and_the_rest_goes() {
    let mut cluster = ready(RICH).await;
    let acl = the(&cluster, Kind::WebAcl);
    let config = pieces::with(&pieces::config("theirs", None), xml::text("WebACLId", &acl.arn));
    let theirs = made_by_somebody(&cluster, config);
    // It comes into force meanwhile.
    cluster.invariants = None;
    cluster.begin_deletion(NAME);
    for _ in 0..60 {
        cluster.pass(NAME).await;
        tokio::time::sleep(Duration::from_mins(1)).await;
    }
    assert_eq!(
        cluster.reason(NAME, "Stalled"),
        "WebAclInUse",
        "{}",
        cluster.story(NAME)
    );
    let message = cluster.message(NAME, "Ready");
    for part in [
        &acl.name,
        &theirs,
        "of its own",
        "Left: IP set, web ACL",
        "Retain",
    ] {
        assert!(message.contains(part), "{part}: {message}");
    }
    // Function and role are released meanwhile, and the distribution is gone.
    let uid = cluster.uid(NAME);
    let left = cluster.cloud.resources_of(&uid).into_iter();
    let alive = left.filter(|found| !found.tags.contains_key(TAG_CONDEMNED));
    let alive: std::collections::BTreeSet<Kind> = alive.map(|found| found.kind).collect();
    assert_eq!(alive, [Kind::IpSet, Kind::WebAcl].into());
    // Given a web ACL of its own, theirs lets ours go.
    cluster.cloud.edit_distribution(&theirs, |config| {
        xml::put(config, xml::text("WebACLId", ""), &[]);
    });
    cluster.delete(NAME).await;
    assert!(cluster.cloud.resources_of(&uid).is_empty());
}

#[tokio::test(start_paused = true)]
async fn rights_that_were_never_there_hold_no_deletion_up() {
    let settings = Settings {
        denied: ["shield", "route53", "cloudwatch", "acm"]
            .map(|service| format!("{service}:*"))
            .into(),
        ..Settings::default()
    };
    let mut cluster = cluster(settings);
    cluster.apply(NAME, &format!("{NAMES}\n{SHIELD}"));
    for _ in 0..40 {
        cluster.pass(NAME).await;
        tokio::time::sleep(Duration::from_secs(30)).await;
    }
    assert_eq!(
        cluster.condition(NAME, "DistributionDeployed"),
        "True",
        "{}",
        cluster.story(NAME)
    );
    cluster.delete(NAME).await;
    nothing_left(&cluster);
}

#[tokio::test(start_paused = true)]
async fn shield_rights_that_were_taken_away_leave_only_what_shield_has() {
    let mut cluster = ready(SHIELD).await;
    deny(&cluster, "shield:*");
    cluster.begin_deletion(NAME);
    for _ in 0..90 {
        cluster.pass(NAME).await;
        tokio::time::sleep(Duration::from_mins(1)).await;
    }
    let kinds: Vec<Kind> = cluster
        .cloud
        .resources_of(&cluster.uid(NAME))
        .into_iter()
        .filter(|found| !found.tags.contains_key(TAG_CONDEMNED))
        .map(|found| found.kind)
        .collect();
    assert!(
        !kinds.contains(&Kind::Distribution) && !kinds.contains(&Kind::WebAcl),
        "{kinds:?}"
    );
    assert_eq!(
        cluster.reason(NAME, "Stalled"),
        "AccessDenied",
        "{}",
        cluster.story(NAME)
    );
    let message = cluster.message(NAME, "Ready");
    assert!(
        message.contains("Left: ") && message.contains("Shield protection"),
        "{message}"
    );
    cluster.cloud.configure(|settings| settings.denied.clear());
    cluster.delete(NAME).await;
    nothing_left(&cluster);
}

#[tokio::test(start_paused = true)]
async fn an_authorizers_role_that_something_holds_is_said_after_a_time_and_the_rest_goes() {
    let mut cluster = ready(HEADER).await;
    let held = Fault::Refusal(
        "DeleteConflict",
        "Cannot delete entity, must remove roles from instance profile first.",
    );
    fail(&cluster, "DeleteRole", held);
    cluster.begin_deletion(NAME);
    for _ in 0..90 {
        cluster.pass(NAME).await;
        tokio::time::sleep(Duration::from_mins(1)).await;
    }
    let story = cluster.story(NAME);
    assert_eq!(cluster.condition(NAME, "Stalled"), "True", "{story}");
    let message = cluster.message(NAME, "Ready");
    assert!(
        message.contains("an instance profile or a replica may hold them")
            && message.contains("Left: authorizer"),
        "{message}"
    );
    let left = cluster.cloud.resources_of(&cluster.uid(NAME)).into_iter();
    let left = left.filter(|found| !found.tags.contains_key(TAG_CONDEMNED));
    let left: Vec<Kind> = left.map(|found| found.kind).collect();
    assert_eq!(left, [Kind::Role]);
    cluster.cloud.clear_faults();
    cluster.delete(NAME).await;
    nothing_left(&cluster);
}

#[tokio::test(start_paused = true)]
async fn a_suspended_object_waits_and_says_how_to_go_on() {
    let mut cluster = ready("").await;
    cluster.apply(NAME, "suspend: true");
    cluster.begin_deletion(NAME);
    for _ in 0..3 {
        let outcome = cluster.pass(NAME).await;
        assert!(!outcome.finished);
        hours(1).await;
    }
    assert_eq!(cluster.reason(NAME, "Ready"), "Suspended");
    assert!(cluster.message(NAME, "Ready").contains("set it to false"));
    assert!(cluster.cloud.journal().writes().is_empty());
    cluster.apply(NAME, "");
    cluster.delete(NAME).await;
    nothing_left(&cluster);
}

#[tokio::test(start_paused = true)]
async fn retained_resources_stay_as_they_are_and_nobody_deletes_them() {
    for suspend in ["", "\nsuspend: true"] {
        let mut cluster = ready(RICH).await;
        cluster.apply(NAME, &format!("{RICH}deletionPolicy: Retain{suspend}"));
        cluster.ready(NAME).await;
        let (before, uid) = (shape(&cluster, NAME), cluster.uid(NAME));
        cluster.delete(NAME).await;
        hours(48).await;
        cluster.sweep().await;
        let left = cluster.cloud.resources_of(&uid);
        assert_eq!(left.len(), before.len());
        assert!(
            left.iter()
                .all(|found| found.tags.contains_key(TAG_RETAINED) && found.enabled),
            "{left:#?}"
        );
        assert!(left.iter().all(|found| !found.tags.contains_key(TAG_CONDEMNED)));
    }
}

#[tokio::test(start_paused = true)]
async fn a_successor_of_the_same_name_does_not_fight_its_predecessor() {
    let mut cluster = ready("").await;
    let predecessor = cluster.uid(NAME);
    cluster.depart(NAME).await;
    // Function and role of the predecessor are still there, condemned.
    assert_eq!(cluster.cloud.resources_of(&predecessor).len(), 2);
    cluster.apply(NAME, "");
    assert_ne!(cluster.uid(NAME), predecessor);
    cluster.ready(NAME).await;
    cluster.sweep().await;
    assert!(cluster.cloud.resources_of(&predecessor).is_empty());
    quiet(&mut cluster, NAME).await;
}

#[tokio::test(start_paused = true)]
async fn the_sweeper_deletes_the_role_only_after_its_function_and_only_what_this_cluster_condemned() {
    let mut cluster = ready("").await;
    let other = Cluster::over(std::sync::Arc::clone(&cluster.cloud));
    cluster.depart(NAME).await;
    // Replicas are still at the edge.
    let swept = cluster.engine.sweep(Duration::ZERO).await.unwrap();
    assert_eq!((swept.left, swept.deleted.len()), (1, 0), "{swept:?}");
    assert_eq!(cluster.cloud.resources().len(), 2);
    // Lists that lack the function do not free the role.
    cluster.cloud.inject(Rule::next(
        Scope::Operation("ListFunctions"),
        1,
        Fault::TruncatedPage,
    ));
    cluster.engine.sweep(Duration::ZERO).await.unwrap();
    assert_eq!(cluster.cloud.resources().len(), 2);
    hours(4).await;
    // Another cluster's sweeper does not care.
    let mut elsewhere = other;
    elsewhere.rename_cluster("d2d2d2d2-0000-4000-8000-000000000000", 7);
    elsewhere.engine.sweep(Duration::ZERO).await.unwrap();
    assert_eq!(cluster.cloud.resources().len(), 2);
    cluster.engine.sweep(Duration::ZERO).await.unwrap();
    nothing_left(&cluster);
    let deletions: Vec<_> = cluster
        .cloud
        .journal()
        .writes()
        .iter()
        .map(|entry| entry.operation.name)
        .collect();
    let at = |name: &str| deletions.iter().rposition(|found| *found == name).unwrap();
    assert!(at("DeleteFunction") < at("DeleteRole"), "{deletions:?}");
}
