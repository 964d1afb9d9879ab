//! What objects that are gone left behind does not keep a new one from its API: after a backup was restored, after a move from
//! another cluster, after `deletionPolicy: Retain`. Their API keys are a file apart, and so is what an object of the same name takes over.

use super::petstore::{API, EXCLUSIVE, METHODS, NAMED, ask};
use super::scenes::{HEADER, NAME, cluster, hours, quiet, ready, resyncs, setting, the};
use super::support::cluster::{Cluster, REST_ENDPOINT};
use super::support::simulation::apigateway::Preloaded;
use super::support::simulation::resources::{Kind, Resource};
use super::support::simulation::settings::Settings;
use std::sync::Arc;
use std::time::Duration;

const ELSEWHERE: &str = "d2d2d2d2-0000-4000-8000-000000000000";

/// The resource policy of petstore's API.
fn policy(cluster: &Cluster) -> String {
    cluster.cloud.policy_of(API).to_string()
}

/// The end of the `Sid`s of an object's statements.
fn sid_end(uid: &str) -> String {
    uid.replace('-', "")
}

/// The object is gone from Kubernetes, finalizer and all, and one of another namespace is declared for its API.
pub fn replaced(cluster: &mut Cluster, spec: &str) -> String {
    let was = cluster.uid(NAME);
    cluster.objects.remove(NAME);
    cluster.restart();
    declare_anew(cluster, spec);
    assert_ne!(cluster.uid(NAME), was);
    was
}

/// Declares an object for petstore's API in another namespace: petstore itself would go on with what an earlier one of its name left.
pub fn declare_anew(cluster: &mut Cluster, spec: &str) {
    cluster.apply(NAME, spec);
    let object = cluster.objects.get_mut(NAME).unwrap();
    object.metadata.namespace = Some("pets".to_owned());
}

#[tokio::test(start_paused = true)]
async fn the_statement_of_an_object_that_is_gone_is_replaced() {
    for spec in [EXCLUSIVE, ""] {
        let mut cluster = ready(EXCLUSIVE).await;
        // Until it is replaced, it refuses whoever comes through the new perimeter.
        cluster.invariants = None;
        let was = replaced(&mut cluster, spec);
        assert!(policy(&cluster).contains(&sid_end(&was)));
        cluster.ready(NAME).await;
        let found = policy(&cluster);
        assert!(!found.contains(&sid_end(&was)), "{found}");
        assert_eq!(
            found.contains(&sid_end(&cluster.uid(NAME))),
            spec == EXCLUSIVE,
            "{found}"
        );
        quiet(&mut cluster, NAME).await;
    }
}

#[tokio::test(start_paused = true)]
async fn the_statement_of_an_object_of_another_cluster_stays_and_nothing_is_called_ready() {
    let theirs = ready(EXCLUSIVE).await;
    let mut ours = Cluster::over(Arc::clone(&theirs.cloud));
    ours.rename_cluster(ELSEWHERE, 7);
    // Another path, so that both may stand before the API.
    let spec = format!("origin: {{endpoint: {REST_ENDPOINT}, type: REST, stage: prod, path: /prod}}");
    ours.apply_spec(NAME, serde_yaml::from_str(&spec).unwrap());
    for _ in 0..40 {
        ours.pass(NAME).await;
        tokio::time::sleep(Duration::from_secs(30)).await;
    }
    let sid = sid_end(&theirs.uid(NAME));
    assert!(policy(&ours).contains(&sid), "it was taken out");
    assert_ne!(ours.condition(NAME, "Ready"), "True");
}

#[tokio::test(start_paused = true)]
async fn a_perimeter_that_was_left_on_purpose_has_no_owner_and_goes_on_serving() {
    for spec in ["", EXCLUSIVE] {
        let mut theirs = ready(&format!("{spec}\ndeletionPolicy: Retain")).await;
        theirs.depart(NAME).await;
        let left = theirs.cloud.resources();
        let mut ours = Cluster::over(Arc::clone(&theirs.cloud));
        ours.rename_cluster(ELSEWHERE, 7);
        ours.apply(NAME, spec);
        ours.ready(NAME).await;
        let uid = ours.uid(NAME);
        let others = ours.cloud.resources().into_iter();
        let others: Vec<_> = others.filter(|found| found.uid() != Some(uid.as_str())).collect();
        assert_eq!(others.len(), left.len());
        let is_serving = |found: &&Resource| found.kind == Kind::Distribution && found.enabled;
        assert_eq!(others.iter().filter(is_serving).count(), 1);
    }
}

/// What `GET /pets` asks for as deployed: its kind, and whether a key.
pub fn served(cluster: &Cluster) -> (String, bool) {
    let found = cluster.cloud.served(API, "prod", "GET /pets").unwrap();
    (found.kind, found.api_key_required)
}

/// Whether the stage lets in another role of the account.
fn admits_somebody(cluster: &Cluster) -> bool {
    let somebody = "arn:aws:iam::123456789012:role/somebody";
    cluster.cloud.admits(API, "prod", "GET /pets", somebody)
}

#[tokio::test(start_paused = true)]
async fn who_comes_through_a_perimeter_that_was_left_behind_is_let_in_beside_the_only_signer() {
    for (spec, is_retained) in [("", true), (EXCLUSIVE, true), ("", false), (EXCLUSIVE, false)] {
        let mut cluster = ready(&format!("{spec}\ndeletionPolicy: Retain")).await;
        let (old, role) = (
            the(&cluster, Kind::Distribution).id,
            the(&cluster, Kind::Role).arn,
        );
        if spec == EXCLUSIVE {
            // Its statement refuses whoever comes through the new perimeter, until it is replaced.
            cluster.invariants = None;
        }
        if is_retained {
            cluster.depart(NAME).await;
            cluster.restart();
            declare_anew(&mut cluster, EXCLUSIVE);
        } else {
            replaced(&mut cluster, EXCLUSIVE);
        }
        cluster.ready(NAME).await;
        quiet(&mut cluster, NAME).await;
        let case = format!("{spec} {is_retained}: {}", policy(&cluster));
        let mut shut_out = cluster.cloud.take_shut_out();
        shut_out.retain(|told| told.contains(&old));
        assert_eq!(shut_out, Vec::<String>::new(), "{case}");
        cluster.cloud.viewer_is_served(&old).unwrap();
        assert!(!admits_somebody(&cluster), "{case}");
        for condition in ["AccessRestricted", "Ready"] {
            let said = cluster.message(NAME, condition);
            assert!(said.contains(&role), "{condition}: {said}");
        }
        // Nobody uses it any more.
        cluster.invariants = None;
        cluster.cloud.disable_distribution(&old);
        resyncs(&mut cluster, 8).await;
        cluster.ready(NAME).await;
        assert!(!cluster.cloud.admits(API, "prod", "GET /pets", &role), "{case}");
        assert!(!cluster.message(NAME, "Ready").contains(&role));
    }
}

#[tokio::test(start_paused = true)]
async fn a_mode_without_signatures_waits_for_a_perimeter_that_was_left_behind_and_signs() {
    for mode in ["ApiKey", "SecretHeader"] {
        let mut cluster = ready("deletionPolicy: Retain").await;
        let (old, role) = (
            the(&cluster, Kind::Distribution).id,
            the(&cluster, Kind::Role).arn,
        );
        cluster.depart(NAME).await;
        cluster.restart();
        declare_anew(&mut cluster, "");
        cluster.ready(NAME).await;
        cluster.apply(NAME, &format!("access: {{mode: {mode}}}"));
        assert_eq!(cluster.stalled(NAME).await, "LeftBehind", "{mode}");
        let said = cluster.message(NAME, "AccessRestricted");
        assert!(said.contains(&role), "{said}");
        assert_eq!(served(&cluster), ("AWS_IAM".to_owned(), false), "{mode}");
        cluster.cloud.viewer_is_served(&old).unwrap();
        cluster.invariants = None;
        cluster.cloud.disable_distribution(&old);
        cluster.settle_patiently(NAME).await;
        assert_ne!(served(&cluster).0, "AWS_IAM", "{mode}: {}", cluster.story(NAME));
    }
}

#[tokio::test(start_paused = true)]
async fn a_perimeter_of_another_cluster_keeps_an_api_from_letting_in_one_signer_alone_and_that_is_told() {
    let theirs = ready("").await;
    let (distribution, role) = (the(&theirs, Kind::Distribution).id, the(&theirs, Kind::Role).arn);
    let mut ours = Cluster::over(Arc::clone(&theirs.cloud));
    ours.rename_cluster(ELSEWHERE, 7);
    let origin = format!("origin: {{endpoint: {REST_ENDPOINT}, type: REST, stage: prod, path: /prod}}");
    ours.apply_spec(
        NAME,
        serde_yaml::from_str(&format!("{origin}\n{EXCLUSIVE}")).unwrap(),
    );
    assert_eq!(ours.stalled(NAME).await, "ProtectedElsewhere");
    let said = ours.message(NAME, "AccessRestricted");
    assert!(said.contains(&role), "{said}");
    ours.cloud.viewer_is_served(&distribution).unwrap();
    assert!(policy(&ours) == "null" && admits_somebody(&ours));
    ours.cloud.disable_distribution(&distribution);
    ours.settle_patiently(NAME).await;
    assert!(!admits_somebody(&ours), "{}", policy(&ours));
}

#[tokio::test(start_paused = true)]
async fn what_stands_elsewhere_is_told_with_a_way_that_keeps_viewers_served() {
    let theirs = ready("").await;
    let mut ours = Cluster::over(Arc::clone(&theirs.cloud));
    ours.rename_cluster(ELSEWHERE, 7);
    ours.apply("ours", "");
    assert_eq!(ours.stalled("ours").await, "ProtectedElsewhere");
    let message = ours.message("ours", "Accepted");
    let arn = the(&theirs, Kind::Distribution).arn;
    for part in ["deletionPolicy: Retain", "palisade.dev/retained", arn.as_str()] {
        assert!(message.contains(part), "{part}: {message}");
    }
}

#[tokio::test(start_paused = true)]
async fn the_name_of_an_object_that_is_gone_is_taken_over_where_that_is_asked_for() {
    let mut cluster = cluster(Settings::default());
    cluster.apply(NAME, NAMED);
    cluster.ready(NAME).await;
    replaced(&mut cluster, NAMED);
    assert_eq!(cluster.stalled(NAME).await, "AliasInUse");
    let message = cluster.message(NAME, "Stalled");
    assert!(message.contains("takeOverAliases"), "{message}");
    cluster.apply(
        NAME,
        &NAMED.replace("{aliases", "{takeOverAliases: true, aliases"),
    );
    cluster.ready(NAME).await;
    assert_eq!(setting(&cluster, "Aliases/Quantity"), "1");
}

#[tokio::test(start_paused = true)]
async fn the_name_of_an_object_that_is_there_is_not_taken_over() {
    let mut cluster = cluster(Settings::default());
    cluster.apply(NAME, NAMED);
    cluster.ready(NAME).await;
    let taking = NAMED.replace("{aliases", "{takeOverAliases: true, aliases");
    let origin = format!("origin: {{endpoint: {REST_ENDPOINT}, type: REST, stage: prod, path: /prod}}");
    cluster
        .cloud
        .preload_api(&Preloaded::rest("eu-north-1", "other00000", &["prod"]));
    let spec = format!("{}\n{taking}", origin.replace(API, "other00000"));
    cluster.apply_spec("other", serde_yaml::from_str(&spec).unwrap());
    assert_eq!(cluster.stalled("other").await, "AliasInUse");
    assert!(cluster.message("other", "Stalled").contains("shop/petstore"));
}

/// The routes ask for what the object that is gone had made, and its distribution goes on sending it.
fn asked(cluster: &Cluster, route: &str) -> String {
    format!("{:?}", cluster.cloud.edited(API, route).unwrap())
}

#[tokio::test(start_paused = true)]
async fn an_authorizer_that_may_still_serve_viewers_is_named_as_ours_and_kept() {
    for retained in [false, true] {
        let spec = if retained {
            format!("{HEADER}\ndeletionPolicy: Retain")
        } else {
            HEADER.to_owned()
        };
        let mut cluster = ready(&spec).await;
        let before = asked(&cluster, "GET /pets");
        let left = the(&cluster, Kind::Distribution).id;
        if retained {
            cluster.depart(NAME).await;
            cluster.restart();
            declare_anew(&mut cluster, HEADER);
        } else {
            replaced(&mut cluster, HEADER);
        }
        cluster.invariants = None;
        assert_eq!(
            cluster.stalled(NAME).await,
            "LeftBehind",
            "{}",
            cluster.story(NAME)
        );
        assert_eq!(asked(&cluster, "GET /pets"), before);
        let message = cluster.message(NAME, "AccessRestricted");
        assert!(message.contains("may still serve viewers"), "{message}");
        assert!(!message.contains("delete "), "{message}");
        for condition in ["ViewerAccessVerified", "DirectAccessBlocked"] {
            assert_ne!(
                cluster.condition(NAME, condition),
                "True",
                "{}",
                cluster.story(NAME)
            );
            let said = cluster.message(NAME, condition);
            assert!(!said.contains("the API's own authorizer"), "{said}");
        }
        // Nobody uses the old distribution any more.
        assert!(message.contains("Open an API again by hand"), "{message}");
        open_by_hand(&cluster);
        assert_follows_once_disabled(&mut cluster, &left).await;
    }
}

/// Whoever does what the message says, in its order, has no API that stands open and waits.
#[tokio::test(start_paused = true)]
async fn an_api_that_is_opened_once_what_was_left_is_disabled_is_locked_at_once() {
    let mut cluster = ready(HEADER).await;
    let left = the(&cluster, Kind::Distribution).id;
    replaced(&mut cluster, HEADER);
    cluster.invariants = None;
    assert_eq!(cluster.stalled(NAME).await, "LeftBehind");
    let message = cluster.message(NAME, "AccessRestricted");
    let first = message.find("disable it first").expect("it is said");
    let then = message.find("Open an API again by hand").expect("it is said");
    assert!(first < then, "{message}");
    cluster.cloud.disable_distribution(&left);
    tokio::time::sleep(Duration::from_mins(10)).await;
    open_by_hand(&cluster);
    cluster.settle_patiently(NAME).await;
    assert_eq!(
        cluster.condition(NAME, "AccessRestricted"),
        "True",
        "{}",
        cluster.story(NAME)
    );
}

/// What was left serves whoever asks it as long as the API stands open: it is waited for.
async fn assert_follows_once_disabled(cluster: &mut Cluster, left: &str) {
    assert_eq!(
        cluster.stalled(NAME).await,
        "DistributionInTheWay",
        "{}",
        cluster.story(NAME)
    );
    cluster.cloud.disable_distribution(left);
    hours(1).await;
    cluster.settle_patiently(NAME).await;
}

/// As docs/access-modes.md says.
fn open_by_hand(cluster: &Cluster) {
    ask(cluster, &METHODS, "NONE");
}

#[tokio::test(start_paused = true)]
async fn an_authorizer_that_an_object_that_is_gone_left_is_left_in_one_go_by_each_mode() {
    for mode in ["SigV4", "ApiKey", "SecretHeader"] {
        let mut cluster = ready(HEADER).await;
        let left = the(&cluster, Kind::Distribution).id;
        replaced(&mut cluster, &format!("access: {{mode: {mode}}}"));
        cluster.invariants = None;
        assert_eq!(cluster.stalled(NAME).await, "LeftBehind", "{mode}");
        // A perimeter that shows a value waits for one that the API accepts, so there is nothing to probe.
        if mode == "SigV4" {
            let said = cluster.message(NAME, "ViewerAccessVerified");
            assert!(said.contains("Palisade made"), "{mode}: {said}");
            assert_eq!(cluster.condition(NAME, "ViewerAccessVerified"), "False", "{mode}");
        }
        assert_ne!(cluster.condition(NAME, "ViewerAccessVerified"), "True", "{mode}");
        assert_eq!(
            cluster.condition(NAME, "DirectAccessBlocked"),
            "Unknown",
            "{mode}"
        );
        open_by_hand(&cluster);
        assert_follows_once_disabled(&mut cluster, &left).await;
        assert_eq!(cluster.condition(NAME, "ViewerAccessVerified"), "True", "{mode}");
    }
}

#[tokio::test(start_paused = true)]
async fn an_authorizer_that_a_deleted_object_left_is_named_with_the_way_to_open_the_api() {
    for mode in ["SecretHeader", "SigV4"] {
        let mut cluster = ready(HEADER).await;
        cluster.depart(NAME).await;
        cluster.restart();
        cluster.invariants = None;
        cluster.apply(NAME, &format!("access: {{mode: {mode}}}"));
        assert_eq!(
            cluster.stalled(NAME).await,
            "LeftBehind",
            "{}",
            cluster.story(NAME)
        );
        let message = cluster.message(NAME, "AccessRestricted");
        assert!(message.contains("Open an API again by hand"), "{message}");
        open_by_hand(&cluster);
        cluster.ready(NAME).await;
    }
}
