//! Names of a perimeter: certificates, DNS records, and aliases that move, from the spec to their removal.

use super::crashes::crash;
use super::scenes::{
    CERTIFICATE, NAME, NAMES, ZONE, cluster, hours, nothing_left, quiet, ready, ready_on, shape, the,
};
use super::support::cluster::Cluster;
use super::support::pieces;
use super::support::simulation::faults::{Fault, Rule, Scope};
use super::support::simulation::resources::Kind;
use super::support::simulation::settings::Settings;
use palisade::aws::operations::Call;
use palisade::domain::identity::Tags;
use palisade::domain::plan::Action;
use palisade::domain::reason::Reason;
use palisade::domain::resources::distribution::Action as Distribute;
use palisade::domain::resources::hosted_zone::{Deed, cname, leading_to};
use palisade::domain::xml;
use std::time::Duration;

const OTHER_ZONE: &str = "Z9876543210ABCDEFGHIJ";
/// Another alias in place of one of [`NAMES`].
const RENAMED: &str = "distribution: {aliases: [api.example.com, www.example.com], requestCertificate: true, hostedZoneId: Z0123456789ABCDEFGHIJ}";
/// With a certificate of the team's own.
const RECORDS: &str = "distribution: {aliases: [api.example.com], certificateArn: 'arn:aws:acm:us-east-1:123456789012:certificate/11111111-2222-3333-4444-555555555555', hostedZoneId: Z0123456789ABCDEFGHIJ}";

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

fn at(cluster: &Cluster, name: &str) -> Vec<String> {
    cluster.cloud.records_at(ZONE, name)
}

/// What leads a name to the object's distribution.
fn ours(cluster: &Cluster) -> Vec<String> {
    let domain = domain(cluster);
    vec![format!("A {domain}"), format!("AAAA {domain}")]
}

fn aliases(cluster: &Cluster) -> Vec<String> {
    let mut aliases = xml::texts_at(&super::scenes::config(cluster), "Aliases");
    aliases.sort();
    aliases
}

/// Some passes, each when the one before asked for it, but within a minute.
async fn passes(cluster: &mut Cluster, count: usize) {
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
async fn records_do_not_need_a_requested_certificate() {
    let mut cluster = ready(RECORDS).await;
    assert_eq!(at(&cluster, "api.example.com"), ours(&cluster));
    assert_eq!(cluster.cloud.journal().count("DescribeCertificate"), 0);
    cluster.delete(NAME).await;
    nothing_left(&cluster);
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
async fn a_record_of_somebody_else_is_named_and_left_alone() {
    let theirs = "203.0.113.7";
    let mut cluster = cluster(Settings::default());
    let mut record = leading_to("api.example.com", "x").into_iter().next().unwrap();
    record.target = None;
    record.ttl = Some(60);
    record.values = vec![theirs.to_owned()];
    cluster.cloud.edit_records(ZONE, Deed::Create, record.clone());
    cluster.watch();
    cluster.apply(NAME, NAMES);
    assert_eq!(cluster.stalled(NAME).await, "RecordTaken");
    let message = cluster.message(NAME, "NamesReady");
    assert!(message.contains("api.example.com A (203.0.113.7)"), "{message}");
    assert_eq!(at(&cluster, "api.example.com"), [format!("A {theirs}")]);
    // The other name has its records, and the perimeter stands.
    assert_eq!(at(&cluster, "*.shop.example.com"), ours(&cluster));
    assert_eq!(cluster.condition(NAME, "DistributionDeployed"), "True");
    cluster.cloud.edit_records(ZONE, Deed::Delete, record);
    cluster.watch();
    hours(1).await;
    cluster.ready(NAME).await;
    assert_eq!(at(&cluster, "api.example.com"), ours(&cluster));
}

#[tokio::test(start_paused = true)]
async fn a_record_that_somebody_makes_just_before_is_not_written_over() {
    let mut cluster = ready("").await;
    cluster.apply(NAME, RECORDS);
    // The zone was read before somebody made the record.
    let theirs = cname("api.example.com", "elsewhere.example.org");
    for _ in 0..100 {
        let outcome = cluster.pass(NAME).await;
        let is_deploying = outcome
            .plan
            .waits
            .iter()
            .any(|wait| wait.reason == Reason::Deploying);
        if is_deploying {
            break;
        }
    }
    cluster.cloud.edit_records(ZONE, Deed::Create, theirs);
    cluster.watch();
    assert_eq!(cluster.stalled(NAME).await, "RecordTaken");
    assert_eq!(at(&cluster, "api.example.com"), ["CNAME elsewhere.example.org"]);
}

#[tokio::test(start_paused = true)]
async fn a_record_in_the_place_of_a_proof_is_named_and_left_alone() {
    let mut first = ready(NAMES).await;
    first.delete(NAME).await;
    let records = first.cloud.records_of(ZONE);
    assert!(
        !records.is_empty(),
        "what proves a name serves all certificates of the account"
    );
    let mut cluster = cluster(Settings::default());
    let theirs = cname(&records[0].name, "_other.acm-validations.example.org");
    cluster.cloud.edit_records(ZONE, Deed::Create, theirs);
    cluster.watch();
    cluster.apply(NAME, NAMES);
    for _ in 0..20 {
        passes(&mut cluster, 1).await;
    }
    assert_eq!(cluster.condition(NAME, "NamesReady"), "False");
    assert_eq!(cluster.reason(NAME, "Stalled"), "RecordTaken");
    assert_eq!(
        at(&cluster, &records[0].name),
        ["CNAME _other.acm-validations.example.org"]
    );
}

#[tokio::test(start_paused = true)]
async fn zones_that_cannot_have_the_records_are_named() {
    for (spec, reason, words) in [
        (
            NAMES.replace("api.example.com", "api.elsewhere.org"),
            "HostedZoneDoesNotCoverAlias",
            "api.elsewhere.org is not within example.com",
        ),
        (
            NAMES.replace(ZONE, "Z0MISSING"),
            "HostedZoneNotFound",
            "no hosted zone Z0MISSING",
        ),
        (
            NAMES.replace(ZONE, "Z0PRIVATE"),
            "HostedZonePrivate",
            "name the public one",
        ),
    ] {
        let mut cluster = cluster(Settings::default());
        cluster.cloud.preload_private_zone("Z0PRIVATE", "example.com");
        cluster.apply(NAME, &spec);
        assert_eq!(cluster.stalled(NAME).await, reason);
        let message = cluster.message(NAME, "NamesReady");
        assert!(message.contains(words), "{message}");
        assert_eq!(cluster.condition(NAME, "DistributionDeployed"), "True");
        assert_eq!(cluster.cloud.journal().count("RequestCertificate"), 0);
        cluster.apply(NAME, NAMES);
        cluster.ready(NAME).await;
    }
}

#[tokio::test(start_paused = true)]
async fn a_delegated_part_of_a_zone_is_not_covered_by_it() {
    let mut cluster = cluster(Settings::default());
    let mut delegation = cname("shop.example.com", "ns-1.example.org");
    delegation.r#type = "NS".into();
    cluster.cloud.edit_records(ZONE, Deed::Create, delegation);
    cluster.watch();
    cluster.apply(NAME, NAMES);
    assert_eq!(cluster.stalled(NAME).await, "HostedZoneDoesNotCoverAlias");
    let message = cluster.message(NAME, "NamesReady");
    assert!(message.contains("which has a zone of its own"), "{message}");
}

#[tokio::test(start_paused = true)]
async fn records_move_with_the_declared_zone() {
    let mut cluster = ready(NAMES).await;
    cluster.cloud.preload_zone(OTHER_ZONE, "example.com");
    cluster.apply(NAME, &NAMES.replace(ZONE, OTHER_ZONE));
    cluster.ready(NAME).await;
    quiet(&mut cluster, NAME).await;
    assert!(at(&cluster, "api.example.com").is_empty());
    assert!(at(&cluster, "palisade-owner.api.example.com").is_empty());
    assert_eq!(
        cluster.cloud.records_at(OTHER_ZONE, "api.example.com"),
        ours(&cluster)
    );
    let tags = the(&cluster, Kind::Distribution).tags;
    assert_eq!(tags["palisade.dev/hosted-zones"], OTHER_ZONE);
    cluster.delete(NAME).await;
    nothing_left(&cluster);
}

#[tokio::test(start_paused = true)]
async fn a_record_of_ours_that_somebody_changes_is_changed_back() {
    let mut cluster = ready(NAMES).await;
    let [a, _] = leading_to("api.example.com", "d999999.cloudfront.net");
    cluster.cloud.edit_records(ZONE, Deed::Upsert, a);
    cluster.resync(NAME).await;
    assert_eq!(at(&cluster, "api.example.com"), ours(&cluster));
    quiet(&mut cluster, NAME).await;
}

#[tokio::test(start_paused = true)]
async fn a_name_that_somebody_has_led_elsewhere_keeps_its_record_when_the_object_goes() {
    let mut cluster = ready(NAMES).await;
    cluster.begin_deletion(NAME);
    let [a, _] = leading_to("api.example.com", "d999999.cloudfront.net");
    cluster.cloud.edit_records(ZONE, Deed::Upsert, a);
    cluster.invariants = None;
    tokio::time::sleep(Duration::from_mins(10)).await;
    cluster.delete(NAME).await;
    assert_eq!(at(&cluster, "api.example.com"), ["A d999999.cloudfront.net"]);
    assert!(at(&cluster, "palisade-owner.api.example.com").is_empty());
    assert!(at(&cluster, "*.shop.example.com").is_empty());
}

#[tokio::test(start_paused = true)]
async fn records_go_before_the_distribution_is_switched_off() {
    let mut cluster = ready(NAMES).await;
    cluster.cloud.clear_journal();
    cluster.delete(NAME).await;
    nothing_left(&cluster);
    let journal = cluster.cloud.journal();
    let first = |name: &str| {
        let mut entries = journal.entries.iter();
        entries.position(|entry| entry.operation.name == name).unwrap()
    };
    assert!(first("ChangeResourceRecordSets") < first("UpdateDistribution"));
    assert!(first("DeleteDistribution") < first("DeleteCertificate"));
}

#[tokio::test(start_paused = true)]
async fn a_teardown_needs_no_status_to_find_what_serves_names() {
    let mut cluster = ready(NAMES).await;
    cluster.objects.get_mut(NAME).unwrap().status = None;
    cluster.restart();
    cluster.delete(NAME).await;
    nothing_left(&cluster);
}

#[tokio::test(start_paused = true)]
async fn a_teardown_goes_on_where_the_zone_is_gone() {
    let mut cluster = ready(NAMES).await;
    cluster.cloud.delete_zone(ZONE);
    cluster.watch();
    cluster.restart();
    cluster.delete(NAME).await;
    nothing_left(&cluster);
}

#[tokio::test(start_paused = true)]
async fn retained_certificates_are_marked_and_records_stay() {
    let mut cluster = ready(&format!("deletionPolicy: Retain\n{NAMES}")).await;
    let led = ours(&cluster);
    cluster.begin_deletion(NAME);
    for _ in 0..50 {
        let outcome = cluster.pass(NAME).await;
        if !cluster.objects.contains_key(NAME) {
            break;
        }
        tokio::time::sleep(outcome.requeue).await;
    }
    let resources = cluster.cloud.resources();
    let certificate = resources
        .iter()
        .find(|found| found.kind == Kind::Certificate)
        .unwrap();
    assert!(certificate.tags.contains_key("palisade.dev/retained"));
    assert_eq!(at(&cluster, "api.example.com"), led);
}

#[tokio::test(start_paused = true)]
async fn the_perimeter_is_kept_while_the_zone_cannot_be_read() {
    let mut cluster = ready(NAMES).await;
    cluster.cloud.inject(Rule::next(
        Scope::Operation("ListResourceRecordSets"),
        9,
        Fault::ServerError,
    ));
    tokio::time::sleep(Duration::from_mins(10)).await;
    cluster.apply(
        NAME,
        &NAMES.replace("{aliases", "{priceClass: PriceClass_100, aliases"),
    );
    cluster.pass(NAME).await;
    assert_eq!(super::scenes::setting(&cluster, "PriceClass"), "PriceClass_100");
    assert_eq!(cluster.reason(NAME, "NamesReady"), "AwsUnavailable");
    cluster.ready(NAME).await;
}

/// Somebody's distribution with that alias; answers its id.
fn somebodys(cluster: &mut Cluster, alias: &str) -> String {
    let mut config = pieces::with(
        &pieces::config("theirs", None),
        xml::list("Aliases", vec![xml::text("CNAME", alias)]),
    );
    let certificate = vec![
        xml::text("ACMCertificateArn", CERTIFICATE),
        xml::text("SSLSupportMethod", "sni-only"),
    ];
    xml::put(&mut config, xml::parent("ViewerCertificate", certificate), &[]);
    let tags = Tags::new();
    let made = cluster
        .cloud
        .as_somebody(Call::CreateDistribution { config, tags });
    made.unwrap();
    let found = cluster.cloud.resources().into_iter();
    let mut found = found.filter(|found| found.kind == Kind::Distribution);
    found.next().unwrap().id
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
    assert_eq!(cluster.condition(NAME, "AccessRestricted"), "True");
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
        if cluster.condition(NAME, "Ready") == "True" {
            break;
        }
        tokio::time::sleep(outcome.requeue).await;
    }
    assert!(told.unwrap() < moved.unwrap(), "{told:?} {moved:?}");
    assert_eq!(
        cluster.condition(NAME, "Ready"),
        "True",
        "{}",
        cluster.story(NAME)
    );
    assert_eq!(aliases(&cluster), ["api.example.com", "www.example.com"]);
    assert!(xml::texts_at(&cluster.cloud.config_of(&theirs), "Aliases").is_empty());
    quiet(&mut cluster, NAME).await;
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
