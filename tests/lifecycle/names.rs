//! Names of a perimeter: certificates, and aliases that move. Their DNS records are a file apart.

use super::crashes::crash;
use super::in_front::lead;
use super::scenes::{
    CERTIFICATE, NAME, NAMES, ZONE, cluster, hours, made_by_somebody, quiet, ready, ready_on, shape, the,
};
use super::support::cluster::Cluster;
use super::support::pieces;
use super::support::simulation::faults::{Fault, Rule, Scope};
use super::support::simulation::resources::Kind;
use super::support::simulation::settings::Settings;
use palisade::domain::edge::distribution::Action as Distribute;
use palisade::domain::edge::xml;
use palisade::domain::kernel::reason::Reason;
use palisade::domain::perimeter::plan::Action;
use std::time::Duration;

/// Another alias in place of one of [`NAMES`].
const RENAMED: &str = "distribution: {aliases: [api.example.com, www.example.com], requestCertificate: true, hostedZoneId: Z0123456789ABCDEFGHIJ}";

/// DNS never answers what is written.
fn deaf() -> Settings {
    Settings {
        dns_propagation: Duration::from_hours(10_000),
        ..Settings::default()
    }
}

fn domain(cluster: &Cluster) -> String {
    let status = cluster.objects[NAME].status.clone().unwrap();
    status.distribution.unwrap().domain_name
}

pub fn at(cluster: &Cluster, name: &str) -> Vec<String> {
    cluster.cloud.records_at(ZONE, name)
}

/// What leads a name to the object's distribution.
pub fn ours(cluster: &Cluster) -> Vec<String> {
    let domain = domain(cluster);
    vec![format!("A {domain}"), format!("AAAA {domain}")]
}

fn aliases(cluster: &Cluster) -> Vec<String> {
    let mut aliases = xml::texts_at(&super::scenes::config(cluster), "Aliases");
    aliases.sort();
    aliases
}

/// Some passes, each when the one before asked for it, but within a minute.
pub async fn passes(cluster: &mut Cluster, count: usize) {
    for _ in 0..count {
        let outcome = cluster.pass(NAME).await;
        tokio::time::sleep(outcome.requeue.min(Duration::from_mins(1))).await;
    }
}

fn certificate_arn(cluster: &Cluster) -> String {
    let status = cluster.objects[NAME].status.clone().unwrap();
    status.names.unwrap().certificate_arn.unwrap()
}

#[tokio::test(start_paused = true)]
async fn certificate_and_records_stand_as_declared_and_say_so() {
    let cluster = ready(NAMES).await;
    assert_eq!(at(&cluster, "api.example.com"), ours(&cluster));
    assert_eq!(at(&cluster, "*.shop.example.com"), ours(&cluster));
    let mark = at(&cluster, "palisade-owner.api.example.com");
    assert!(
        mark[0].contains(&cluster.uid(NAME)) && mark[0].starts_with("TXT \"heritage=palisade,"),
        "{mark:?}"
    );
    assert_eq!(at(&cluster, "palisade-owner-wildcard.shop.example.com").len(), 1);
    assert_eq!(aliases(&cluster), ["*.shop.example.com", "api.example.com"]);
    let certificate = the(&cluster, Kind::Certificate).arn;
    assert_eq!(
        super::scenes::setting(&cluster, "ViewerCertificate/ACMCertificateArn"),
        certificate
    );
    assert_eq!(
        super::scenes::setting(&cluster, "ViewerCertificate/MinimumProtocolVersion"),
        "TLSv1.2_2021"
    );
    assert_eq!(
        cluster.cloud.certificate_names(&certificate),
        ["api.example.com", "*.shop.example.com"]
    );
    let status = cluster.objects[NAME].status.clone().unwrap().names.unwrap();
    assert_eq!(status.certificate_arn, Some(certificate));
    assert_eq!(status.certificate_status.as_deref(), Some("ISSUED"));
    assert_eq!(status.hosted_zone_ids, [ZONE]);
    assert_eq!(status.records, ["*.shop.example.com", "api.example.com"]);
    assert_eq!(cluster.condition(NAME, "NamesReady"), "True");
}

#[tokio::test(start_paused = true)]
async fn names_are_added_to_a_perimeter_that_stands_and_taken_back() {
    let mut cluster = ready("").await;
    let before = shape(&cluster, NAME);
    cluster.apply(NAME, NAMES);
    cluster.ready(NAME).await;
    quiet(&mut cluster, NAME).await;
    assert_eq!(at(&cluster, "api.example.com"), ours(&cluster));
    cluster.apply(NAME, "");
    cluster.ready(NAME).await;
    quiet(&mut cluster, NAME).await;
    assert_eq!(shape(&cluster, NAME), before);
    assert!(aliases(&cluster).is_empty());
    assert_eq!(cluster.condition(NAME, "NamesReady"), "");
    assert_eq!(cluster.objects[NAME].status.clone().unwrap().names, None);
    // The zone is not even read for it any more.
    cluster.resync(NAME).await;
    let journal = cluster.cloud.journal();
    assert_eq!(
        journal.count("ListResourceRecordSets"),
        0,
        "{}",
        journal.summary()
    );
}

#[tokio::test(start_paused = true)]
async fn without_the_fields_neither_acm_nor_a_hosted_zone_is_asked() {
    let cluster = ready("").await;
    let journal = cluster.cloud.journal();
    let is_of_names = |name: &str| {
        name.contains("Certificate") || name.contains("HostedZone") || name.contains("RecordSets")
    };
    assert!(
        journal
            .entries
            .iter()
            .all(|entry| !is_of_names(entry.operation.name))
    );
}

#[tokio::test(start_paused = true)]
async fn other_aliases_take_another_certificate_and_the_earlier_one_goes() {
    let mut cluster = ready(NAMES).await;
    let before = the(&cluster, Kind::Certificate).arn;
    cluster.apply(NAME, RENAMED);
    cluster.ready(NAME).await;
    quiet(&mut cluster, NAME).await;
    assert_ne!(the(&cluster, Kind::Certificate).arn, before);
    assert_eq!(at(&cluster, "www.example.com"), ours(&cluster));
    assert!(at(&cluster, "*.shop.example.com").is_empty());
    assert!(at(&cluster, "palisade-owner-wildcard.shop.example.com").is_empty());
    assert_eq!(aliases(&cluster), ["api.example.com", "www.example.com"]);
}

#[tokio::test(start_paused = true)]
async fn viewers_keep_their_names_while_another_certificate_is_not_issued() {
    let mut cluster = ready(NAMES).await;
    cluster
        .cloud
        .configure(|settings| settings.dns_propagation = deaf().dns_propagation);
    cluster.apply(
        NAME,
        &format!("webAcl: {{blockCidrs: [192.0.2.0/24]}}\n{RENAMED}"),
    );
    passes(&mut cluster, 30).await;
    assert_eq!(cluster.reason(NAME, "NamesReady"), "CertificatePending");
    assert_eq!(aliases(&cluster), ["*.shop.example.com", "api.example.com"]);
    assert_eq!(at(&cluster, "api.example.com"), ours(&cluster));
    // Nothing else waits for it.
    assert_eq!(cluster.condition(NAME, "WebAclReady"), "True");
    assert_eq!(cluster.condition(NAME, "DistributionDeployed"), "True");
}

#[tokio::test(start_paused = true)]
async fn a_validation_that_never_comes_says_what_to_look_at_and_the_rest_stands() {
    let mut cluster = cluster(deaf());
    cluster.apply(NAME, NAMES);
    passes(&mut cluster, 20).await;
    assert_eq!(cluster.reason(NAME, "NamesReady"), "CertificatePending");
    let message = cluster.message(NAME, "NamesReady");
    assert!(message.contains("usually takes minutes"), "{message}");
    passes(&mut cluster, 120).await;
    let message = cluster.message(NAME, "NamesReady");
    assert!(
        message.contains("name servers") && message.contains("CAA"),
        "{message}"
    );
    for condition in [
        "Accepted",
        "DistributionDeployed",
        "AccessRestricted",
        "ViewerAccessVerified",
    ] {
        assert_eq!(cluster.condition(NAME, condition), "True", "{condition}");
    }
    assert_eq!(cluster.condition(NAME, "Ready"), "False");
    assert!(at(&cluster, "api.example.com").is_empty());
    cluster
        .cloud
        .configure(|settings| settings.dns_propagation = Duration::ZERO);
    cluster.ready(NAME).await;
    assert_eq!(at(&cluster, "api.example.com"), ours(&cluster));
}

#[tokio::test(start_paused = true)]
async fn a_certificate_that_failed_is_named_and_another_is_requested_once_it_is_deleted() {
    for status in ["FAILED", "VALIDATION_TIMED_OUT"] {
        let mut cluster = cluster(deaf());
        cluster.apply(NAME, NAMES);
        passes(&mut cluster, 10).await;
        let arn = certificate_arn(&cluster);
        cluster.cloud.set_certificate_status(&arn, status);
        assert_eq!(cluster.stalled(NAME).await, "CertificateFailed");
        let message = cluster.message(NAME, "NamesReady");
        assert!(
            message.contains(status) && message.contains("aws acm delete-certificate"),
            "{message}"
        );
        hours(1).await;
        cluster.pass(NAME).await;
        assert_eq!(certificate_arn(&cluster), arn, "a failed request is not repeated");
        cluster.cloud.delete_certificate_by_hand(&arn);
        cluster
            .cloud
            .configure(|settings| settings.dns_propagation = Duration::ZERO);
        hours(1).await;
        cluster.ready(NAME).await;
        assert_ne!(certificate_arn(&cluster), arn);
    }
}

#[tokio::test(start_paused = true)]
async fn a_certificate_that_expires_in_use_stays_until_the_spec_names_another() {
    let mut cluster = ready(RENAMED).await;
    let arn = certificate_arn(&cluster);
    cluster.cloud.set_certificate_status(&arn, "EXPIRED");
    // No list shows a certificate's state: that is read once a day.
    hours(25).await;
    assert_eq!(cluster.stalled(NAME).await, "CertificateFailed");
    let message = cluster.message(NAME, "NamesReady");
    assert!(
        message.contains("EXPIRED") && message.contains("spec.distribution.certificateArn"),
        "{message}"
    );
    assert!(!message.contains("delet"), "{message}");
    assert_eq!(aliases(&cluster), ["api.example.com", "www.example.com"]);
    let own = format!("certificateArn: '{CERTIFICATE}'");
    cluster.apply(NAME, &RENAMED.replace("requestCertificate: true", &own));
    cluster.ready(NAME).await;
    quiet(&mut cluster, NAME).await;
    assert_eq!(aliases(&cluster), ["api.example.com", "www.example.com"]);
    let of_object = cluster.cloud.resources_of(&cluster.uid(NAME)).into_iter();
    let certificates = of_object.filter(|found| found.kind == Kind::Certificate);
    assert_eq!(certificates.count(), 0, "{}", cluster.story(NAME));
}

#[tokio::test(start_paused = true)]
async fn a_certificate_that_somebody_deletes_is_requested_anew() {
    let mut cluster = ready_on(deaf(), "").await;
    cluster.apply(NAME, NAMES);
    passes(&mut cluster, 10).await;
    let arn = certificate_arn(&cluster);
    cluster.cloud.delete_certificate_by_hand(&arn);
    passes(&mut cluster, 10).await;
    assert_ne!(certificate_arn(&cluster), arn);
}

/// Somebody's distribution with that alias; answers its id.
pub fn somebodys(cluster: &mut Cluster, alias: &str) -> String {
    let mut config = pieces::with(
        &pieces::config("theirs", None),
        xml::list("Aliases", vec![xml::text("CNAME", alias)]),
    );
    let certificate = vec![
        xml::text("ACMCertificateArn", CERTIFICATE),
        xml::text("SSLSupportMethod", "sni-only"),
    ];
    xml::put(&mut config, xml::parent("ViewerCertificate", certificate), &[]);
    made_by_somebody(cluster, config)
}

const TAKING: &str = "distribution: {aliases: [api.example.com, www.example.com], takeOverAliases: true, certificateArn: 'arn:aws:acm:us-east-1:123456789012:certificate/11111111-2222-3333-4444-555555555555'}";

#[tokio::test(start_paused = true)]
async fn an_alias_of_another_distribution_is_named_with_it_and_the_others_are_served() {
    let mut cluster = cluster(Settings::default());
    let theirs = somebodys(&mut cluster, "api.example.com");
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
    for list in ["ListDistributions", "ListRoles"] {
        let mut cluster = ready("").await;
        somebodys(&mut cluster, "api.example.com");
        // What was listed before is too old by then.
        hours(1).await;
        let fails = Rule::random(Scope::Operation(list), 1.0, &[Fault::ServerError]);
        cluster.cloud.inject(fails);
        cluster.apply(
            NAME,
            &TAKING.replace("takeOverAliases: true", "takeOverAliases: false"),
        );
        passes(&mut cluster, 3).await;
        let story = cluster.story(NAME);
        assert!(!story.contains("CNAMEAlreadyExists"), "{list}\n{story}");
        assert_ne!(cluster.condition(NAME, "Ready"), "True", "{list}\n{story}");
        cluster.cloud.clear_faults();
        assert_eq!(cluster.stalled(NAME).await, "AliasInUse", "{list}");
        assert_eq!(aliases(&cluster), ["www.example.com"], "{list}");
    }
}

#[tokio::test(start_paused = true)]
async fn an_alias_is_taken_over_once_ours_stands_and_told_before() {
    let mut cluster = cluster(Settings::default());
    let theirs = somebodys(&mut cluster, "api.example.com");
    // What is taken is a change of theirs.
    cluster.invariants = None;
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
    assert!(xml::texts_at(&cluster.cloud.config_of(&theirs), "Aliases").is_empty());
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
    let theirs = somebodys(&mut cluster, "api.example.com");
    cluster.invariants = None;
    let ask = |cluster: &Cluster, kind: &str| {
        for method in ["GET /pets", "POST /pets", "GET /pets/{petId}"] {
            cluster.cloud.set_authorization("a1b2c3d4e5", method, kind);
        }
        cluster.cloud.deploy("a1b2c3d4e5", "prod");
    };
    cluster.apply(NAME, TAKING);
    cluster.pass(NAME).await;
    assert_eq!(cluster.condition(NAME, "Accepted"), "True");
    // From the start it would be refused.
    ask(&cluster, "COGNITO_USER_POOLS");
    passes(&mut cluster, 40).await;
    assert_eq!(cluster.reason(NAME, "AccessRestricted"), "AuthorizerInTheWay");
    let still = xml::texts_at(&cluster.cloud.config_of(&theirs), "Aliases");
    assert_eq!(still, ["api.example.com"]);
    let message = cluster.message(NAME, "DistributionDeployed");
    assert!(
        message.contains(&format!("api.example.com stays with distribution {theirs}")),
        "{message}"
    );
    // The team takes its authorizers away.
    ask(&cluster, "NONE");
    assert_eq!(cluster.stalled(NAME).await, "DistributionInTheWay");
    assert_eq!(aliases(&cluster), ["api.example.com", "www.example.com"]);
}

#[tokio::test(start_paused = true)]
async fn an_alias_stays_where_its_viewers_ask_for_other_paths_until_they_are_the_same_here() {
    let mut cluster = cluster(Settings::default());
    let theirs = somebodys(&mut cluster, "api.example.com");
    let endpoint = "a1b2c3d4e5.execute-api.eu-north-1.amazonaws.com";
    cluster
        .cloud
        .edit_distribution(&theirs, |config| lead(config, endpoint, "/prod"));
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
    let still = xml::texts_at(&cluster.cloud.config_of(&theirs), "Aliases");
    assert_eq!(still, ["api.example.com"]);
    let origin = format!("origin: {{endpoint: {endpoint}, type: REST, stage: prod, path: /prod}}");
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
    cluster
        .cloud
        .map_domain("origin.example.com", "", "a1b2c3d4e5", "prod");
    let theirs = somebodys(&mut cluster, "api.example.com");
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
    let still = xml::texts_at(&cluster.cloud.config_of(&theirs), "Aliases");
    assert_eq!(still, ["api.example.com"]);
}

#[tokio::test(start_paused = true)]
async fn an_alias_stays_while_probes_do_not_get_through_ours() {
    let mut cluster = cluster(Settings {
        web_acl_blocks_probes: true,
        ..Settings::default()
    });
    let theirs = somebodys(&mut cluster, "api.example.com");
    cluster.invariants = None;
    cluster.apply(NAME, TAKING);
    passes(&mut cluster, 40).await;
    let still = xml::texts_at(&cluster.cloud.config_of(&theirs), "Aliases");
    assert_eq!(still, ["api.example.com"], "{}", cluster.story(NAME));
}

#[tokio::test(start_paused = true)]
async fn viewers_of_a_name_that_has_moved_are_served_though_the_lock_after_it_is_refused() {
    let mut cluster = cluster(Settings {
        signer_is_broken: true,
        ..Settings::default()
    });
    let theirs = somebodys(&mut cluster, "api.example.com");
    cluster.invariants = None;
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
    let served = cluster.cloud.served("a1b2c3d4e5", "prod", "GET /pets");
    assert!(served.is_some_and(|route| route.is_open()), "{story}");
}

#[tokio::test(start_paused = true)]
async fn an_alias_of_another_object_is_never_taken() {
    let mut cluster = cluster(Settings::default());
    cluster.apply(NAME, TAKING);
    cluster.ready(NAME).await;
    let api = super::support::simulation::apigateway::Preloaded::rest("eu-north-1", "zzzzzzzzzz", &["prod"]);
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

#[tokio::test(start_paused = true)]
async fn a_process_that_dies_at_any_call_of_a_creation_with_names_finishes_it_later() {
    crash(None, Some(NAMES)).await;
}

#[tokio::test(start_paused = true)]
async fn a_process_that_dies_at_any_call_of_a_change_of_names_finishes_it_later() {
    crash(Some(NAMES), Some(RENAMED)).await;
}

#[tokio::test(start_paused = true)]
async fn a_process_that_dies_at_any_call_of_taking_names_back_finishes_it_later() {
    crash(Some(NAMES), Some("")).await;
}

#[tokio::test(start_paused = true)]
async fn a_process_that_dies_at_any_call_of_a_deletion_with_names_finishes_it_later() {
    crash(Some(NAMES), None).await;
}

#[tokio::test(start_paused = true)]
async fn lost_answers_make_neither_a_second_certificate_nor_a_second_record() {
    let scene = super::every_call::Scene {
        before: None,
        after: Some(NAMES),
    };
    scene.with_each(Scope::Writes, &[Fault::LostAnswer]).await;
}
