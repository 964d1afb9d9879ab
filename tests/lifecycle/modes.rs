//! The modes with a secret value: an API is locked by them, a mode takes the place of another, a value that of another; and
//! at no call on the way is a viewer refused.

use super::crashes::crash;
use super::petstore::{API, METHODS};
use super::scenes::{
    HEADER, KEY, NAME, cluster, config, nothing_left, quiet, ready, routed, routed_apis, values,
};
use super::support::cluster::Cluster;
use super::support::simulation::settings::Settings;
use palisade::api::ROTATE;
use palisade::domain::edge::config::sent_of;
use std::time::Duration;

const SIGNATURE: &str = "";
const MODES: [&str; 3] = [SIGNATURE, KEY, HEADER];

fn is_signed(cluster: &Cluster) -> bool {
    sent_of(&config(cluster)).signs
}

/// What the methods ask for, as deployed.
fn asked(cluster: &Cluster) -> Vec<(String, bool)> {
    let served = METHODS.map(|route| cluster.cloud.served(API, "prod", route).unwrap());
    let mut asked: Vec<_> = served.map(|route| (route.kind, route.api_key_required)).to_vec();
    asked.dedup();
    asked
}

#[tokio::test(start_paused = true)]
async fn an_api_is_locked_by_a_key_that_only_cloudfront_sends() {
    let cluster = ready(KEY).await;
    assert_eq!(asked(&cluster), [("NONE".to_owned(), true)]);
    assert_eq!((values(&cluster).len(), is_signed(&cluster)), (1, false));
}

#[tokio::test(start_paused = true)]
async fn an_api_is_locked_by_an_authorizer_that_knows_what_cloudfront_sends() {
    let cluster = ready(HEADER).await;
    assert_eq!(asked(&cluster), [("CUSTOM".to_owned(), false)]);
    assert_eq!((values(&cluster).len(), is_signed(&cluster)), (1, false));
}

#[tokio::test(start_paused = true)]
async fn http_and_websocket_apis_are_locked_by_a_secret_header() {
    for auto_deploy in [true, false] {
        for (id, kind, api) in routed_apis(auto_deploy) {
            let mut cluster = cluster(Settings::default());
            cluster.cloud.preload_api(&api);
            for mode in ["SecretHeader", "SigV4", "SecretHeader"] {
                cluster.apply_spec(NAME, routed(id, kind, mode));
                cluster.ready(NAME).await;
                quiet(&mut cluster, NAME).await;
                assert_eq!(is_signed(&cluster), mode == "SigV4", "{kind} {mode}");
            }
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_mode_takes_the_place_of_any_other_and_leaves_nothing_behind() {
    for before in MODES {
        for after in MODES.into_iter().filter(|after| *after != before) {
            let mut cluster = ready(before).await;
            cluster.apply(NAME, after);
            cluster.ready(NAME).await;
            quiet(&mut cluster, NAME).await;
            let lock = match after {
                SIGNATURE => ("AWS_IAM".to_owned(), false),
                KEY => ("NONE".to_owned(), true),
                _ => ("CUSTOM".to_owned(), false),
            };
            assert_eq!(asked(&cluster), [lock], "{before} to {after}");
            assert_eq!(is_signed(&cluster), after == SIGNATURE, "{before} to {after}");
            assert_eq!(
                values(&cluster).len(),
                usize::from(after != SIGNATURE),
                "{before} to {after}"
            );
            cluster.delete(NAME).await;
            nothing_left(&cluster);
        }
    }
}

/// Viewers of an API that is locked all the while are not told that it is open; nor is the change called done.
#[tokio::test(start_paused = true)]
async fn while_another_mode_is_on_its_way_the_lock_by_the_earlier_one_is_told_as_it_stands() {
    for (before, after) in [(SIGNATURE, KEY), (KEY, SIGNATURE), (HEADER, KEY)] {
        let mut cluster = ready(before).await;
        cluster.apply(NAME, after);
        let mut is_told = false;
        for _ in 0..100 {
            let outcome = cluster.pass(NAME).await;
            let is_earlier = cluster.cloud.journal().count("UpdateMethod") == 0;
            if is_earlier {
                let story = cluster.story(NAME);
                let is = |condition: &str| cluster.condition(NAME, condition);
                assert_eq!(is("AccessRestricted"), "True", "{before} to {after}: {story}");
                assert_eq!(is("ViewerAccessVerified"), "True", "{before} to {after}: {story}");
                assert_ne!(is("Ready"), "True", "{before} to {after}: {story}");
                let said = cluster.message(NAME, "AccessRestricted");
                is_told |= said.contains("stays locked by the proof of the earlier spec.access");
            }
            if cluster.condition(NAME, "Ready") == "True" {
                break;
            }
            tokio::time::sleep(outcome.requeue.min(Duration::from_secs(20))).await;
        }
        assert!(is_told, "{before} to {after}");
        cluster.ready(NAME).await;
        assert_eq!(cluster.reason(NAME, "AccessRestricted"), "Locked");
    }
}

/// The mode is changed again while CloudFront carries the change before it: the methods ask all the while for what it goes on sending.
#[tokio::test(start_paused = true)]
async fn after_several_edits_in_a_row_the_lock_that_stands_all_the_while_is_told_as_it_stands() {
    for [before, first, second] in [
        [HEADER, KEY, SIGNATURE],
        [KEY, SIGNATURE, HEADER],
        [SIGNATURE, KEY, HEADER],
    ] {
        for passes in 1..6 {
            let case = format!("{before}, after {passes} passes {second}");
            let mut cluster = ready(before).await;
            let is_earlier = |cluster: &Cluster| cluster.cloud.journal().count("UpdateMethod") == 0;
            cluster.apply(NAME, first);
            for _ in 0..passes {
                let outcome = cluster.pass(NAME).await;
                tokio::time::sleep(outcome.requeue.min(Duration::from_secs(2))).await;
            }
            assert!(is_earlier(&cluster), "{case}");
            cluster.apply(NAME, second);
            for _ in 0..100 {
                let outcome = cluster.pass(NAME).await;
                if !is_earlier(&cluster) {
                    break;
                }
                let story = cluster.story(NAME);
                assert_eq!(
                    cluster.condition(NAME, "AccessRestricted"),
                    "True",
                    "{case}: {story}"
                );
                assert_ne!(cluster.condition(NAME, "Ready"), "True", "{case}: {story}");
                tokio::time::sleep(outcome.requeue.min(Duration::from_secs(20))).await;
            }
            assert!(!is_earlier(&cluster), "{case}: {}", cluster.story(NAME));
            cluster.ready(NAME).await;
            assert_eq!(cluster.reason(NAME, "AccessRestricted"), "Locked", "{case}");
        }
    }
}

#[tokio::test(start_paused = true)]
async fn another_name_of_the_header_takes_the_place_of_the_first() {
    let mut cluster = ready(HEADER).await;
    cluster.apply(
        NAME,
        "access: {mode: SecretHeader, secretHeader: {name: x-perimeter}}",
    );
    cluster.ready(NAME).await;
    quiet(&mut cluster, NAME).await;
    let headers = sent_of(&config(&cluster)).headers;
    assert_eq!(headers.into_keys().collect::<Vec<_>>(), ["x-perimeter"]);
}

#[tokio::test(start_paused = true)]
async fn a_value_is_replaced_when_somebody_asks_and_when_it_is_old() {
    for mode in [KEY, HEADER] {
        let mut cluster = ready(mode).await;
        let first = values(&cluster);
        cluster.annotate(NAME, ROTATE, "today");
        cluster.ready(NAME).await;
        quiet(&mut cluster, NAME).await;
        let second = values(&cluster);
        assert_ne!(second, first, "{mode}: as asked");
        tokio::time::sleep(Duration::from_hours(721)).await;
        for _ in 0..3 {
            cluster.resync(NAME).await;
            cluster.ready(NAME).await;
        }
        quiet(&mut cluster, NAME).await;
        assert_ne!(values(&cluster), second, "{mode}: when it is old");
    }
}

#[tokio::test(start_paused = true)]
async fn nothing_of_an_object_with_a_secret_value_stays_when_it_is_deleted() {
    for mode in [KEY, HEADER] {
        let mut cluster = ready(mode).await;
        cluster.delete(NAME).await;
        nothing_left(&cluster);
    }
}

#[tokio::test(start_paused = true)]
async fn a_crash_at_any_call_of_a_creation_with_a_key_leaves_nothing_undone() {
    crash(None, Some(KEY)).await;
}

#[tokio::test(start_paused = true)]
async fn a_crash_at_any_call_of_a_creation_with_a_secret_header_leaves_nothing_undone() {
    crash(None, Some(HEADER)).await;
}

#[tokio::test(start_paused = true)]
async fn a_crash_at_any_call_of_a_change_from_signatures_to_a_key_or_back_leaves_nothing_undone() {
    crash(Some(SIGNATURE), Some(KEY)).await;
    crash(Some(KEY), Some(SIGNATURE)).await;
}

#[tokio::test(start_paused = true)]
async fn a_crash_at_any_call_of_a_change_from_signatures_to_a_secret_header_or_back_leaves_nothing_undone() {
    crash(Some(SIGNATURE), Some(HEADER)).await;
    crash(Some(HEADER), Some(SIGNATURE)).await;
}

#[tokio::test(start_paused = true)]
async fn a_crash_at_any_call_of_a_change_between_key_and_secret_header_leaves_nothing_undone() {
    crash(Some(KEY), Some(HEADER)).await;
    crash(Some(HEADER), Some(KEY)).await;
}

#[tokio::test(start_paused = true)]
async fn a_crash_at_any_call_of_a_deletion_with_a_secret_value_leaves_nothing_behind() {
    crash(Some(KEY), None).await;
    crash(Some(HEADER), None).await;
}
