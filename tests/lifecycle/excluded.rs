//! Methods that were locked and are named in `excludeMethods` later: they stay as they are, so what they ask for goes on being
//! sent, and nobody is refused.

use super::petstore::{API, METHODS, ask};
use super::scenes::{HEADER, KEY, NAME, cluster, config, live, quiet, ready, resyncs, routed, routed_apis};
use super::support::cluster::Cluster;
use super::support::simulation::settings::Settings;
use palisade::domain::access::proof::Proof;
use palisade::domain::edge::config::sent_of;
use std::collections::BTreeSet;

const MODES: [&str; 3] = ["SigV4", "ApiKey", "SecretHeader"];

fn proof(mode: &str) -> Proof {
    match mode {
        "SigV4" => Proof::Signature,
        "ApiKey" => Proof::Key,
        _ => Proof::Header("x-origin-verify".to_owned()),
    }
}

fn sent(cluster: &Cluster) -> BTreeSet<Proof> {
    sent_of(&config(cluster)).proofs()
}

/// What CloudFront sends is what `route` asks for and what the others do, and both conditions say for whom.
async fn is_kept_for(cluster: &mut Cluster, route: &str, proofs: [Proof; 2], case: &str) {
    cluster.ready(NAME).await;
    quiet(cluster, NAME).await;
    assert_eq!(sent(cluster), BTreeSet::from(proofs), "{case}");
    let clause = format!("{route} still asks for the ");
    for condition in ["AccessRestricted", "Ready"] {
        let said = cluster.message(NAME, condition);
        assert!(said.contains(&clause), "{case}: {condition}: {said}");
    }
    assert_eq!(cluster.condition(NAME, "AccessRestricted"), "True", "{case}");
}

/// Once the team has the route ask for nothing, as deployed, the wanted proof alone is sent, and nothing else is left.
async fn is_let_go(cluster: &mut Cluster, route: &str, wanted: Proof, case: &str) {
    cluster.resync(NAME).await;
    cluster.ready(NAME).await;
    quiet(cluster, NAME).await;
    assert_eq!(sent(cluster), BTreeSet::from([wanted]), "{case}");
    let said = cluster.message(NAME, "AccessRestricted");
    assert!(!said.contains("still ask"), "{case}: {said}");
    assert!(said.contains(route), "{case}: {said}");
}

#[tokio::test(start_paused = true)]
async fn what_an_excluded_method_asks_for_is_sent_in_any_other_mode_until_the_team_has_it_ask_for_something_else()
 {
    for before in MODES {
        for after in MODES.into_iter().filter(|after| *after != before) {
            let case = format!("{before} to {after}");
            let mut cluster = ready(&format!("access: {{mode: {before}}}")).await;
            cluster.apply(
                NAME,
                &format!("access: {{mode: {after}, excludeMethods: ['POST /pets']}}"),
            );
            let proofs = [proof(before), proof(after)];
            is_kept_for(&mut cluster, "POST /pets", proofs, &case).await;
            cluster.cloud.set_authorization(API, "POST /pets", "NONE");
            cluster.cloud.require_api_key(API, "POST /pets", false);
            let theirs = cluster.cloud.deploy(API, "prod");
            is_let_go(&mut cluster, "POST /pets", proof(after), &case).await;
            let stage = cluster.cloud.stage_of(API, "prod").unwrap();
            assert_eq!(stage.deployment, Some(theirs), "{case}");
        }
    }
}

#[tokio::test(start_paused = true)]
async fn the_header_that_an_excluded_method_asks_for_is_sent_beside_another_one() {
    let mut cluster = ready(HEADER).await;
    cluster.apply(
        NAME,
        "access: {mode: SecretHeader, secretHeader: {name: x-perimeter}, excludeMethods: ['POST /pets']}",
    );
    let after = Proof::Header("x-perimeter".to_owned());
    let proofs = [proof("SecretHeader"), after.clone()];
    is_kept_for(&mut cluster, "POST /pets", proofs, "another header").await;
    cluster.cloud.set_authorization(API, "POST /pets", "NONE");
    cluster.cloud.deploy(API, "prod");
    is_let_go(&mut cluster, "POST /pets", after, "another header").await;
}

#[tokio::test(start_paused = true)]
async fn what_an_excluded_route_asks_for_is_sent_in_the_other_mode() {
    for auto_deploy in [true, false] {
        for (before, after) in [("SigV4", "SecretHeader"), ("SecretHeader", "SigV4")] {
            let case = format!("{before} to {after}, deployed by itself: {auto_deploy}");
            let (id, kind, api) = routed_apis(auto_deploy).into_iter().next().unwrap();
            let mut cluster = cluster(Settings::default());
            cluster.cloud.preload_api(&api);
            cluster.apply_spec(NAME, routed(id, kind, before));
            cluster.ready(NAME).await;
            let excluding = format!(
                "access: {{deployPendingChanges: true, mode: {after}, excludeMethods: ['POST /orders']}}"
            );
            cluster.apply_spec(NAME, live(id, kind, &excluding));
            let proofs = [proof(before), proof(after)];
            is_kept_for(&mut cluster, "POST /orders", proofs, &case).await;
            cluster.cloud.set_authorization(id, "POST /orders", "NONE");
            cluster.cloud.deploy(id, "live");
            is_let_go(&mut cluster, "POST /orders", proof(after), &case).await;
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_method_that_is_taken_out_of_the_exclusion_is_locked_anew() {
    let mut cluster = ready(KEY).await;
    cluster.apply(NAME, "access: {excludeMethods: ['POST /pets']}");
    is_kept_for(
        &mut cluster,
        "POST /pets",
        [Proof::Key, Proof::Signature],
        "excluded",
    )
    .await;
    cluster.apply(NAME, "");
    cluster.ready(NAME).await;
    quiet(&mut cluster, NAME).await;
    assert_eq!(sent(&cluster), BTreeSet::from([Proof::Signature]));
}

#[tokio::test(start_paused = true)]
async fn an_authorizer_of_the_teams_own_on_an_excluded_method_keeps_nothing_sent() {
    let mut cluster = cluster(Settings::default());
    cluster.cloud.set_authorization(API, "POST /pets", "CUSTOM");
    cluster.cloud.deploy(API, "prod");
    for mode in ["SigV4", "SecretHeader"] {
        cluster.apply(
            NAME,
            &format!("access: {{mode: {mode}, excludeMethods: ['POST /pets']}}"),
        );
        cluster.ready(NAME).await;
        quiet(&mut cluster, NAME).await;
        assert_eq!(sent(&cluster), BTreeSet::from([proof(mode)]), "{mode}");
    }
}

/// Whoever shows a token is served until the team has the method ask for something else.
#[tokio::test(start_paused = true)]
async fn a_change_to_signatures_waits_while_an_excluded_method_asks_for_tokens() {
    for before in ["ApiKey", "SecretHeader"] {
        let mut cluster = cluster(Settings::default());
        cluster
            .cloud
            .set_authorization(API, "POST /pets", "COGNITO_USER_POOLS");
        cluster.cloud.deploy(API, "prod");
        let excluding = |mode: &str| format!("access: {{mode: {mode}, excludeMethods: ['POST /pets']}}");
        cluster.apply(NAME, &excluding(before));
        cluster.ready(NAME).await;
        cluster.apply(NAME, &excluding("SigV4"));
        assert_eq!(cluster.stalled(NAME).await, "AuthorizerInTheWay", "{before}");
        for pass in 0..3 {
            cluster.resync(NAME).await;
            let story = cluster.story(NAME);
            assert_eq!(sent(&cluster), BTreeSet::from([proof(before)]), "{pass}: {story}");
            assert_eq!(
                cluster.condition(NAME, "AccessRestricted"),
                "True",
                "{pass}: {story}"
            );
            let said = cluster.message(NAME, "AccessRestricted");
            assert!(
                said.contains("CloudFront does not begin to sign") && said.contains("POST /pets"),
                "{pass}: {said}"
            );
        }
        cluster.cloud.set_authorization(API, "POST /pets", "NONE");
        cluster.cloud.deploy(API, "prod");
        // As often as methods are read.
        resyncs(&mut cluster, 8).await;
        cluster.settle_patiently(NAME).await;
        assert_eq!(sent(&cluster), BTreeSet::from([Proof::Signature]), "{before}");
    }
}

/// The same of an API that is only observed, and of one that never was locked.
#[tokio::test(start_paused = true)]
async fn a_perimeter_that_is_only_in_front_does_not_begin_to_sign_before_methods_that_ask_for_tokens() {
    for enforcement in ["Observe", "Enforce"] {
        let mut cluster = cluster(Settings::default());
        cluster.invariants = None;
        ask(&cluster, &METHODS, "COGNITO_USER_POOLS");
        cluster.apply(NAME, "access: {mode: SecretHeader, enforcement: Observe}");
        cluster.settle(NAME).await;
        assert_eq!(sent(&cluster), BTreeSet::new());
        cluster.apply(
            NAME,
            &format!("access: {{mode: SigV4, enforcement: {enforcement}}}"),
        );
        resyncs(&mut cluster, 8).await;
        assert_eq!(sent(&cluster), BTreeSet::new(), "{}", cluster.story(NAME));
    }
}

/// What signed before does so as long as a method asks for it, and no longer takes the place of tokens after that.
#[tokio::test(start_paused = true)]
async fn under_observe_another_mode_ends_the_signature_once_no_method_asks_for_it() {
    let mut cluster = ready("").await;
    cluster.invariants = None;
    cluster.apply(NAME, "access: {mode: SecretHeader, enforcement: Observe}");
    resyncs(&mut cluster, 4).await;
    assert_eq!(
        sent(&cluster),
        BTreeSet::from([Proof::Signature]),
        "viewers of a locked API are let in"
    );
    let said = cluster.message(NAME, "AccessRestricted");
    assert!(said.contains("CloudFront goes on signing"), "{said}");
    ask(&cluster, &METHODS, "NONE");
    resyncs(&mut cluster, 8).await;
    assert_eq!(sent(&cluster), BTreeSet::new(), "{}", cluster.story(NAME));
    let said = cluster.message(NAME, "AccessRestricted");
    assert!(!said.contains("goes on signing"), "{said}");
}

/// What Enforce would be refused for, people read before they set it; and nobody is sent where nothing can be locked.
#[tokio::test(start_paused = true)]
async fn under_observe_it_is_said_what_enforce_would_be_refused_for_and_which_mode_fits() {
    for (asked, mode, fits) in [
        ("COGNITO_USER_POOLS", "SigV4", "Set spec.access.mode to ApiKey"),
        ("CUSTOM", "SigV4", "Set spec.access.mode to ApiKey"),
        (
            "COGNITO_USER_POOLS",
            "SecretHeader",
            "spec.access.mode ApiKey, which stands",
        ),
    ] {
        let mut cluster = cluster(Settings::default());
        if mode != "SigV4" {
            // Under Observe no value is made that the API would have to accept, so nothing is shown to it.
            cluster.invariants = None;
        }
        ask(&cluster, &METHODS, asked);
        cluster.apply(NAME, &format!("access: {{mode: {mode}, enforcement: Observe}}"));
        cluster.settle(NAME).await;
        assert_eq!(cluster.reason(NAME, "AccessRestricted"), "Open", "{asked} {mode}");
        let said = cluster.message(NAME, "AccessRestricted");
        assert!(
            said.contains("Enforce nothing would be locked") && said.contains(fits),
            "{said}"
        );
        assert!(!said.contains("set spec.access.enforcement to"), "{said}");
    }
    let mut open = cluster(Settings::default());
    open.apply(NAME, "access: {enforcement: Observe}");
    open.ready(NAME).await;
    let said = open.message(NAME, "AccessRestricted");
    assert!(said.contains("set spec.access.enforcement to Enforce"), "{said}");
}

#[tokio::test(start_paused = true)]
async fn nobody_is_told_to_exclude_all_that_there_is_and_who_does_is_told_which_mode_fits() {
    let mut cluster = cluster(Settings::default());
    ask(&cluster, &METHODS, "COGNITO_USER_POOLS");
    cluster.apply(NAME, "");
    assert_eq!(cluster.stalled(NAME).await, "AuthorizerInTheWay");
    let said = cluster.message(NAME, "Accepted");
    assert!(
        !said.contains("excludeMethods") && said.contains("mode to ApiKey"),
        "{said}"
    );
    // Beside others it is a way.
    cluster.cloud.set_authorization(API, "POST /pets", "NONE");
    cluster.cloud.deploy(API, "prod");
    cluster.apply(NAME, "tags: {team: pets}");
    assert_eq!(cluster.stalled(NAME).await, "AuthorizerInTheWay");
    let said = cluster.message(NAME, "Accepted");
    assert!(said.contains("spec.access.excludeMethods"), "{said}");
    cluster
        .cloud
        .set_authorization(API, "POST /pets", "COGNITO_USER_POOLS");
    cluster.cloud.deploy(API, "prod");
    let all = METHODS.map(|route| format!("'{route}'")).join(", ");
    cluster.apply(NAME, &format!("access: {{excludeMethods: [{all}]}}"));
    assert_eq!(cluster.stalled(NAME).await, "NothingToLock");
    let said = cluster.message(NAME, "AccessRestricted");
    assert!(
        said.contains("mode SigV4 could lock none of it") && said.contains("Set spec.access.mode to ApiKey"),
        "{said}"
    );
}
