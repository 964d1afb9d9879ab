//! Aliases that other distributions have: each stays where it serves viewers until they get through ours, and then moves.

use super::left_behind::replaced;
use super::names::aliases;
use super::petstore::{self, API, EXCLUSIVE, METHODS, NAMED, ask, is_open};
use super::scenes::{NAME, cluster, fail, history, hours, passes, quiet, ready, the};
use super::somebodys::{lead, somebodys, somebodys_before};
use super::support::cluster::{Cluster, REST_ENDPOINT};
use super::support::simulation::apigateway::Preloaded;
use super::support::simulation::faults::Fault;
use super::support::simulation::resources::Kind;
use super::support::simulation::settings::Settings;
use palisade::domain::edge::distribution::Action as Distribute;
use palisade::domain::edge::xml;
use palisade::domain::kernel::reason::Reason;
use palisade::domain::perimeter::plan::Action;
use std::time::Duration;

/// Two names, which another distribution may have.
const TAKING: &str = "distribution: {aliases: [api.example.com, www.example.com], takeOverAliases: true, certificateArn: 'arn:aws:acm:us-east-1:123456789012:certificate/11111111-2222-3333-4444-555555555555'}";

/// Names that a distribution answers to.
fn aliases_of(cluster: &Cluster, distribution: &str) -> Vec<String> {
    xml::texts_at(&cluster.cloud.config_of(distribution), "Aliases")
}

#[tokio::test(start_paused = true)]
async fn an_alias_of_another_distribution_is_named_with_it_and_the_others_are_served() {
    let mut cluster = cluster(Settings::default());
    let theirs = somebodys(&cluster, "api.example.com");
    cluster.watch();
    // Lists lag behind.
    tokio::time::sleep(Duration::from_secs(10)).await;
    cluster.apply(
        NAME,
        &TAKING.replace("takeOverAliases: true", "takeOverAliases: false"),
    );
    assert_eq!(cluster.stalled(NAME).await, "AliasInUse");
    let message = cluster.message(NAME, "DistributionDeployed");
    assert!(
        message.contains(&format!("api.example.com is an alias of distribution {theirs}"))
            && message.contains("takeOverAliases: true"),
        "{message}"
    );
    assert_eq!(aliases(&cluster), ["www.example.com"]);
    // Its viewers may come to the API that way.
    assert_eq!(cluster.reason(NAME, "AccessRestricted"), "NameServedElsewhere");
}

#[tokio::test(start_paused = true)]
async fn an_alias_is_not_asked_for_while_a_list_fails_that_may_tell_who_has_it() {
    for list in ["ListDistributions", "GetAccountAuthorizationDetails"] {
        let mut cluster = ready("").await;
        somebodys(&cluster, "api.example.com");
        cluster.watch();
        // What was listed before is too old by then.
        hours(1).await;
        fail(&cluster, list, Fault::ServerError);
        cluster.apply(
            NAME,
            &TAKING.replace("takeOverAliases: true", "takeOverAliases: false"),
        );
        passes(&mut cluster, 3).await;
        let story = format!("{}\n{}", cluster.story(NAME), history(&cluster));
        assert!(!story.contains("CNAMEAlreadyExists"), "{list}\n{story}");
        assert_ne!(cluster.condition(NAME, "Ready"), "True", "{list}\n{story}");
        cluster.cloud.clear_faults();
        assert_eq!(cluster.stalled(NAME).await, "AliasInUse", "{list}");
        assert_eq!(aliases(&cluster), ["www.example.com"], "{list}");
    }
}

#[tokio::test(start_paused = true)]
async fn an_alias_is_taken_over_once_ours_stands_and_told_before() {
    let (mut cluster, theirs) = somebodys_before(Settings::default(), "api.example.com").await;
    cluster.apply(NAME, TAKING);
    let (mut told, mut moved) = (None, None);
    for n in 0..100 {
        let outcome = cluster.pass(NAME).await;
        let mut waits = outcome.plan.waits.iter();
        if waits.any(|wait| wait.reason == Reason::AliasMoves) {
            told.get_or_insert(n);
        }
        let is_move = |action: &Action| matches!(action, Action::Distribution(Distribute::MoveAlias { .. }));
        if outcome.done.iter().any(|done| is_move(&done.step.action)) {
            moved.get_or_insert(n);
        }
        if moved.is_some() {
            break;
        }
        tokio::time::sleep(outcome.requeue).await;
    }
    assert!(told.unwrap() < moved.unwrap(), "{told:?} {moved:?}");
    // Its own name may have viewers still.
    assert_eq!(cluster.stalled(NAME).await, "DistributionInTheWay");
    cluster.cloud.disable_distribution(&theirs);
    hours(1).await;
    cluster.settle_patiently(NAME).await;
    assert_eq!(aliases(&cluster), ["api.example.com", "www.example.com"]);
    assert_eq!(aliases_of(&cluster, &theirs), [""; 0]);
    quiet(&mut cluster, NAME).await;
}

#[tokio::test(start_paused = true)]
async fn an_alias_of_another_account_is_named_before_it_is_asked_for_and_the_others_are_served() {
    let mut cluster = cluster(Settings::default());
    cluster
        .cloud
        .set_foreign_alias("api.example.com", Some("444455556666"));
    cluster.apply(NAME, TAKING);
    assert_eq!(cluster.stalled(NAME).await, "AliasInUse");
    let message = cluster.message(NAME, "DistributionDeployed");
    assert!(
        message.contains("of account ******556666: have its owner move it"),
        "{message}"
    );
    assert_eq!(aliases(&cluster), ["www.example.com"]);
    assert!(
        !cluster.story(NAME).contains("CNAMEAlreadyExists"),
        "{}",
        cluster.story(NAME)
    );
    assert_eq!(cluster.cloud.journal().count("AssociateAlias"), 0);
    // That is asked seldom, however often deployments are looked at.
    let asked = cluster.cloud.journal().count("ListDomainConflicts");
    for _ in 0..5 {
        tokio::time::sleep(Duration::from_secs(20)).await;
        cluster.pass(NAME).await;
    }
    assert_eq!(cluster.cloud.journal().count("ListDomainConflicts"), asked);
    cluster.cloud.set_foreign_alias("api.example.com", None);
    hours(1).await;
    cluster.ready(NAME).await;
    assert_eq!(aliases(&cluster), ["api.example.com", "www.example.com"]);
    quiet(&mut cluster, NAME).await;
}

#[tokio::test(start_paused = true)]
async fn an_alias_stays_where_it_serves_viewers_until_they_get_through_ours() {
    let mut cluster = cluster(Settings::default());
    let theirs = somebodys(&cluster, "api.example.com");
    cluster.invariants = None;
    cluster.apply(NAME, TAKING);
    cluster.pass(NAME).await;
    assert_eq!(cluster.condition(NAME, "Accepted"), "True");
    // From the start it would be refused.
    ask(&cluster, &METHODS, "COGNITO_USER_POOLS");
    passes(&mut cluster, 40).await;
    assert_eq!(cluster.reason(NAME, "AccessRestricted"), "AuthorizerInTheWay");
    assert_eq!(aliases_of(&cluster, &theirs), ["api.example.com"]);
    let message = cluster.message(NAME, "DistributionDeployed");
    assert!(
        message.contains(&format!("api.example.com stays with distribution {theirs}")),
        "{message}"
    );
    // The team takes its authorizers away.
    ask(&cluster, &METHODS, "NONE");
    assert_eq!(cluster.stalled(NAME).await, "DistributionInTheWay");
    assert_eq!(aliases(&cluster), ["api.example.com", "www.example.com"]);
}

#[tokio::test(start_paused = true)]
async fn an_alias_stays_where_its_viewers_ask_for_other_paths_until_they_are_the_same_here() {
    let mut cluster = cluster(Settings::default());
    let theirs = somebodys(&cluster, "api.example.com");
    cluster
        .cloud
        .edit_distribution(&theirs, |config| lead(config, REST_ENDPOINT, "/prod"));
    // Lists lag behind.
    tokio::time::sleep(Duration::from_secs(10)).await;
    cluster.invariants = None;
    cluster.apply(NAME, TAKING);
    assert_eq!(cluster.stalled(NAME).await, "AliasKept");
    let message = cluster.message(NAME, "DistributionDeployed");
    assert!(
        message.contains(&format!("api.example.com stays with distribution {theirs}"))
            && message.contains("set spec.origin.path: /prod"),
        "{message}"
    );
    assert_eq!(cluster.reason(NAME, "AccessRestricted"), "NameServedElsewhere");
    assert_eq!(aliases_of(&cluster, &theirs), ["api.example.com"]);
    let origin = format!("origin: {{endpoint: {REST_ENDPOINT}, type: REST, stage: prod, path: /prod}}");
    cluster.apply_spec(
        NAME,
        serde_yaml::from_str(&format!("{origin}\n{TAKING}")).unwrap(),
    );
    assert_eq!(cluster.stalled(NAME).await, "DistributionInTheWay");
    assert_eq!(aliases(&cluster), ["api.example.com", "www.example.com"]);
}

/// The mapping puts the stage before the paths that viewers know.
#[tokio::test(start_paused = true)]
async fn an_alias_stays_where_its_viewers_ask_for_other_paths_by_a_custom_domain_name() {
    let mut cluster = cluster(Settings::default());
    cluster.cloud.map_domain("origin.example.com", "", API, "prod");
    let theirs = somebodys(&cluster, "api.example.com");
    cluster
        .cloud
        .edit_distribution(&theirs, |config| lead(config, "origin.example.com", ""));
    // Lists lag behind.
    tokio::time::sleep(Duration::from_secs(10)).await;
    cluster.invariants = None;
    cluster.apply(NAME, TAKING);
    // The custom domain name holds the lock as well.
    assert_eq!(cluster.stalled(NAME).await, "DomainNameInTheWay");
    assert_eq!(
        cluster.reason(NAME, "DistributionDeployed"),
        "AliasKept",
        "{}",
        cluster.story(NAME)
    );
    let message = cluster.message(NAME, "DistributionDeployed");
    assert!(message.contains("set spec.origin.path: /prod"), "{message}");
    assert_eq!(aliases_of(&cluster, &theirs), ["api.example.com"]);
}

#[tokio::test(start_paused = true)]
async fn an_alias_stays_while_probes_do_not_get_through_ours() {
    let settings = Settings {
        web_acl_blocks_probes: true,
        ..Settings::default()
    };
    let (mut cluster, theirs) = somebodys_before(settings, "api.example.com").await;
    cluster.apply(NAME, TAKING);
    passes(&mut cluster, 40).await;
    assert_eq!(
        aliases_of(&cluster, &theirs),
        ["api.example.com"],
        "{}",
        cluster.story(NAME)
    );
}

#[tokio::test(start_paused = true)]
async fn viewers_of_a_name_that_has_moved_are_served_though_the_lock_after_it_is_refused() {
    let settings = Settings {
        signer_is_broken: true,
        ..Settings::default()
    };
    let (mut cluster, theirs) = somebodys_before(settings, "api.example.com").await;
    cluster.apply(NAME, TAKING);
    assert_eq!(cluster.stalled(NAME).await, "DistributionInTheWay");
    cluster.cloud.disable_distribution(&theirs);
    hours(1).await;
    passes(&mut cluster, 40).await;
    let story = cluster.story(NAME);
    assert_eq!(
        aliases(&cluster),
        ["api.example.com", "www.example.com"],
        "{story}"
    );
    assert_eq!(
        cluster.reason(NAME, "AccessRestricted"),
        "SignatureRefused",
        "{story}"
    );
    assert!(is_open(&cluster), "{story}");
}

#[tokio::test(start_paused = true)]
async fn an_alias_of_another_object_is_never_taken() {
    let mut cluster = cluster(Settings::default());
    cluster.apply(NAME, TAKING);
    cluster.ready(NAME).await;
    let api = Preloaded::rest("eu-north-1", "zzzzzzzzzz", &["prod"]);
    cluster.cloud.preload_api(&api);
    let origin =
        "origin: {endpoint: zzzzzzzzzz.execute-api.eu-north-1.amazonaws.com, type: REST, stage: prod}";
    let spec = serde_yaml::from_str(&format!("{origin}\n{TAKING}")).unwrap();
    cluster.apply_spec("rival", spec);
    assert_eq!(cluster.stalled("rival").await, "AliasInUse");
    let message = cluster.message("rival", "DistributionDeployed");
    assert!(message.contains("shop/petstore"), "{message}");
    quiet(&mut cluster, NAME).await;
    assert_eq!(cluster.cloud.journal().count("AssociateAlias"), 0);
    // The other lets it go.
    cluster.apply(NAME, "");
    cluster.ready(NAME).await;
    hours(1).await;
    cluster.ready("rival").await;
}

/// It denies every probe until the lock replaces it, so that a lock which waits for the name would wait for itself.
#[tokio::test(start_paused = true)]
async fn the_statement_of_an_object_that_is_gone_is_replaced_before_its_name_moves() {
    for access in [EXCLUSIVE, ""] {
        let mut cluster = ready(&format!("{EXCLUSIVE}\n{NAMED}")).await;
        // Until then it refuses whoever comes through the new perimeter.
        cluster.invariants = None;
        let old = the(&cluster, Kind::Distribution).id;
        replaced(&mut cluster, &format!("{access}\n{}", petstore::TAKING));
        let mut denied = None;
        for _ in 0..100 {
            let outcome = cluster.pass(NAME).await;
            if cluster.reason(NAME, "ViewerAccessVerified") == "SignatureRefused" {
                denied = Some(cluster.message(NAME, "ViewerAccessVerified"));
            }
            if cluster.condition(NAME, "Ready") == "True" {
                break;
            }
            tokio::time::sleep(outcome.requeue).await;
        }
        let story = cluster.story(NAME);
        assert_eq!(cluster.condition(NAME, "Ready"), "True", "{access}\n{story}");
        assert_eq!(aliases(&cluster), ["api.example.com"], "{access}");
        assert_eq!(aliases_of(&cluster, &old), [""; 0], "{access}");
        // Whoever sees it meanwhile is told who denies.
        if let Some(said) = denied {
            assert!(said.contains("PalisadeOnly"), "{access}: {said}");
        }
        // Who comes through the old one goes on being let in.
        let mut shut_out = cluster.cloud.take_shut_out();
        shut_out.retain(|told| told.contains(&old));
        assert_eq!(shut_out, Vec::<String>::new(), "{access}");
        cluster.cloud.viewer_is_served(&old).unwrap();
    }
}
