//! DNS records of a perimeter's names: whose they are, where they stand, and how they go.

use super::names::{at, ours};
use super::petstore::RECORDS;
use super::scenes::{NAME, NAMES, ZONE, cluster, hours, nothing_left, passes, quiet, ready, setting, the};
use super::support::simulation::faults::{Fault, Rule, Scope};
use super::support::simulation::resources::Kind;
use super::support::simulation::settings::Settings;
use palisade::domain::edge::hosted_zone::{Deed, cname, leading_to};
use palisade::domain::kernel::reason::Reason;
use std::time::Duration;

const OTHER_ZONE: &str = "Z9876543210ABCDEFGHIJ";

#[tokio::test(start_paused = true)]
async fn records_do_not_need_a_requested_certificate() {
    let mut cluster = ready(RECORDS).await;
    assert_eq!(at(&cluster, "api.example.com"), ours(&cluster));
    assert_eq!(cluster.cloud.journal().count("DescribeCertificate"), 0);
    cluster.delete(NAME).await;
    nothing_left(&cluster);
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

/// Nobody is asked to do what is done: such a record is left to who made it, whatever type it is.
#[tokio::test(start_paused = true)]
async fn a_record_of_somebody_else_that_leads_here_is_no_taking_and_stays() {
    let mut cluster = ready("").await;
    let status = cluster.objects[NAME].status.clone().unwrap();
    let domain = status.distribution.unwrap().domain_name;
    let [a, _] = leading_to("api.example.com", &domain);
    cluster.cloud.edit_records(ZONE, Deed::Create, a);
    cluster.watch();
    cluster.apply(NAME, RECORDS);
    cluster.ready(NAME).await;
    quiet(&mut cluster, NAME).await;
    assert_eq!(cluster.condition(NAME, "NamesReady"), "True");
    assert_eq!(at(&cluster, "api.example.com"), [format!("A {domain}")]);
    assert!(at(&cluster, "palisade-owner.api.example.com").is_empty());
    // Nor is it ours to take away.
    cluster.invariants = None;
    cluster.delete(NAME).await;
    assert_eq!(at(&cluster, "api.example.com"), [format!("A {domain}")]);
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
    passes(&mut cluster, 20).await;
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
async fn records_stay_when_the_zone_is_taken_out_and_go_with_the_alias() {
    let mut cluster = ready(RECORDS).await;
    let records = ours(&cluster);
    let without_zone = RECORDS.replace(", hostedZoneId: Z0123456789ABCDEFGHIJ", "");
    cluster.apply(NAME, &without_zone);
    cluster.ready(NAME).await;
    quiet(&mut cluster, NAME).await;
    assert_eq!(at(&cluster, "api.example.com"), records);
    let message = cluster.message(NAME, "Ready");
    assert!(
        message.contains("the records of api.example.com in hosted zone Z0123456789ABCDEFGHIJ stay"),
        "{message}"
    );
    cluster.apply(
        NAME,
        &without_zone.replace("aliases: [api.example.com]", "aliases: [www.example.com]"),
    );
    cluster.ready(NAME).await;
    assert!(at(&cluster, "api.example.com").is_empty());
    assert!(at(&cluster, "palisade-owner.api.example.com").is_empty());
    assert!(!cluster.message(NAME, "Ready").contains("hosted zone"));
    cluster.delete(NAME).await;
    nothing_left(&cluster);
}

#[tokio::test(start_paused = true)]
async fn records_that_stayed_go_with_the_object() {
    let mut cluster = ready(RECORDS).await;
    cluster.apply(
        NAME,
        &RECORDS.replace(", hostedZoneId: Z0123456789ABCDEFGHIJ", ""),
    );
    cluster.ready(NAME).await;
    cluster.delete(NAME).await;
    nothing_left(&cluster);
    assert!(at(&cluster, "api.example.com").is_empty());
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
    cluster.depart(NAME).await;
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
    assert_eq!(setting(&cluster, "PriceClass"), "PriceClass_100");
    assert_eq!(cluster.reason(NAME, "NamesReady"), "AwsUnavailable");
    cluster.ready(NAME).await;
}
