//! Names: hosted zones and their records, certificates, and aliases that move between distributions.

use crate::conformance::world::{HOUR, World, conformance, refused, settings};
use crate::support::pieces::{self, with};
use crate::support::simulation::settings::Settings;
use palisade::aws::cloud::{Cloud, CloudError};
use palisade::aws::errors::ErrorKind;
use palisade::domain::edge::certificate::{Content, ISSUED, PENDING, Request};
use palisade::domain::edge::hosted_zone::{Deed, Record, RecordChange, cname, leading_to, mark_of};
use palisade::domain::edge::xml::{self, Element};
use std::fmt::Debug;

conformance![
    a_zone_tells_its_name_and_who_sees_it,
    records_are_read_as_they_were_written,
    a_batch_happens_as_a_whole_or_not_at_all,
    a_record_that_is_there_is_not_made_again,
    a_record_that_is_not_exactly_so_is_not_deleted,
    a_record_outside_of_the_zone_is_refused,
    a_cname_stands_alone,
    a_certificate_is_issued_once_dns_proves_its_names,
    acm_tells_some_time_later_which_records_it_wants,
    a_repeated_request_is_answered_with_the_same_certificate,
    a_certificate_has_only_so_many_names,
    a_certificate_in_use_is_not_deleted,
    a_certificate_that_is_not_issued_is_not_taken,
    an_alias_moves_to_a_distribution_whose_certificate_covers_it,
    the_tagging_service_knows_certificates,
];

const ZONE: &str = "Z0123456789ABCDEFGHIJ";
const DOMAIN: &str = "d111111abcdef8.cloudfront.net";

fn batch(deed: Deed, records: &[Record]) -> Vec<RecordChange> {
    records
        .iter()
        .map(|record| RecordChange {
            deed,
            record: record.clone(),
        })
        .collect()
}

async fn change(cloud: &dyn Cloud, deed: Deed, records: &[Record]) -> Result<(), CloudError> {
    cloud.change_records(ZONE.into(), batch(deed, records)).await
}

fn api() -> Vec<Record> {
    let mark = mark_of("*.example.com", &pieces::owner("a"), DOMAIN);
    leading_to("*.example.com", DOMAIN)
        .into_iter()
        .chain([mark])
        .collect()
}

/// What the zone has of the types that matter, but for its own name servers.
async fn records(cloud: &dyn Cloud) -> Vec<Record> {
    let mut found = Vec::new();
    let mut marker = None;
    loop {
        let page = cloud.list_records(ZONE.into(), marker).await.unwrap();
        found.extend(page.items);
        marker = page.next;
        if marker.is_none() {
            break;
        }
    }
    found.retain(|record| record.matters() && record.r#type != "NS");
    found.sort();
    found
}

async fn a_zone_tells_its_name_and_who_sees_it(cloud: &dyn Cloud, world: &dyn World) {
    world.preload_zone(ZONE, "example.com", false).await;
    world
        .preload_zone("Z1PRIVATE", "internal.example.com", true)
        .await;
    let found = cloud.get_hosted_zone(ZONE.into()).await.unwrap();
    assert_eq!(
        (found.id.as_str(), found.name.as_str(), found.is_private),
        (ZONE, "example.com", false)
    );
    assert!(
        cloud
            .get_hosted_zone("Z1PRIVATE".into())
            .await
            .unwrap()
            .is_private
    );
    let missing = "Z0MISSING".to_owned();
    refused(
        cloud.get_hosted_zone(missing.clone()).await,
        "NoSuchHostedZone",
        ErrorKind::NotFound,
    );
    refused(
        cloud.list_records(missing, None).await,
        "NoSuchHostedZone",
        ErrorKind::NotFound,
    );
}

async fn records_are_read_as_they_were_written(cloud: &dyn Cloud, world: &dyn World) {
    world.preload_zone(ZONE, "example.com", false).await;
    let mut wanted = api();
    wanted.push(cname("_1.example.com", "_2.acm-validations.aws."));
    change(cloud, Deed::Create, &wanted).await.unwrap();
    wanted.sort();
    assert_eq!(records(cloud).await, wanted);
    change(cloud, Deed::Delete, &wanted).await.unwrap();
    assert!(records(cloud).await.is_empty());
}

async fn a_batch_happens_as_a_whole_or_not_at_all(cloud: &dyn Cloud, world: &dyn World) {
    world.preload_zone(ZONE, "example.com", false).await;
    let [a, _] = leading_to("api.example.com", DOMAIN);
    let outside = cname("api.example.org", DOMAIN);
    let refusal = change(cloud, Deed::Create, &[a, outside]).await;
    refused(refusal, "InvalidChangeBatch", ErrorKind::Terminal);
    assert!(records(cloud).await.is_empty());
}

async fn a_record_that_is_there_is_not_made_again(cloud: &dyn Cloud, world: &dyn World) {
    world.preload_zone(ZONE, "example.com", false).await;
    change(cloud, Deed::Create, &api()).await.unwrap();
    let refusal = change(cloud, Deed::Create, &api()).await;
    refused(refusal, "InvalidChangeBatch", ErrorKind::Conflict);
    change(cloud, Deed::Upsert, &api()).await.unwrap();
}

async fn a_record_that_is_not_exactly_so_is_not_deleted(cloud: &dyn Cloud, world: &dyn World) {
    world.preload_zone(ZONE, "example.com", false).await;
    let [a, _] = leading_to("api.example.com", DOMAIN);
    let gone = change(cloud, Deed::Delete, std::slice::from_ref(&a)).await;
    refused(gone, "InvalidChangeBatch", ErrorKind::Conflict);
    change(cloud, Deed::Create, &[a]).await.unwrap();
    let other = leading_to("api.example.com", "d222222abcdef8.cloudfront.net");
    let differs = change(cloud, Deed::Delete, &other[..1]).await;
    refused(differs, "InvalidChangeBatch", ErrorKind::Conflict);
}

async fn a_record_outside_of_the_zone_is_refused(cloud: &dyn Cloud, world: &dyn World) {
    world.preload_zone(ZONE, "example.com", false).await;
    let outside = leading_to("api.example.org", DOMAIN);
    let refusal = change(cloud, Deed::Create, &outside).await;
    refused(refusal, "InvalidChangeBatch", ErrorKind::Terminal);
}

async fn a_cname_stands_alone(cloud: &dyn Cloud, world: &dyn World) {
    world.preload_zone(ZONE, "example.com", false).await;
    let theirs = cname("api.example.com", "elsewhere.example.org");
    change(cloud, Deed::Create, &[theirs]).await.unwrap();
    let refusal = change(cloud, Deed::Create, &leading_to("api.example.com", DOMAIN)).await;
    refused(refusal, "InvalidChangeBatch", ErrorKind::Conflict);
}

fn request(names: &[&str]) -> Request {
    Request {
        region: "us-east-1".into(),
        names: names.iter().map(ToString::to_string).collect(),
        token: "a1".into(),
        tags: pieces::tags("a"),
    }
}

async fn described(cloud: &dyn Cloud, arn: &str) -> Content {
    cloud.describe_certificate(arn.to_owned()).await.unwrap()
}

async fn proved(cloud: &dyn Cloud, arn: &str) {
    let proofs = described(cloud, arn).await.proofs;
    let mut records: Vec<Record> = proofs
        .iter()
        .map(|proof| cname(&proof.name, &proof.value))
        .collect();
    records.sort();
    records.dedup();
    change(cloud, Deed::Upsert, &records).await.unwrap();
}

async fn a_certificate_is_issued_once_dns_proves_its_names(cloud: &dyn Cloud, world: &dyn World) {
    world.preload_zone(ZONE, "example.com", false).await;
    let names = ["api.example.com", "*.example.com", "example.com"];
    let arn = cloud.request_certificate(request(&names)).await.unwrap();
    let pending = described(cloud, &arn).await;
    assert_eq!((pending.status.as_str(), pending.is_in_use()), (PENDING, false));
    // A wildcard is proved with what it stands below.
    let different: std::collections::BTreeSet<_> = pending.proofs.iter().collect();
    assert_eq!((pending.proofs.len(), different.len()), (3, 2));
    proved(cloud, &arn).await;
    assert_eq!(described(cloud, &arn).await.status, ISSUED);
    cloud.delete_certificate(arn.clone()).await.unwrap();
    refused(
        cloud.describe_certificate(arn).await,
        "ResourceNotFoundException",
        ErrorKind::NotFound,
    );
}

async fn acm_tells_some_time_later_which_records_it_wants(cloud: &dyn Cloud, world: &dyn World) {
    let late = |settings: &mut Settings| settings.certificate_record_delay = HOUR;
    world.configure(settings(late)).await;
    let arn = cloud
        .request_certificate(request(&["api.example.com"]))
        .await
        .unwrap();
    let found = described(cloud, &arn).await;
    assert_eq!(
        (found.status.as_str(), found.proofs.as_slice()),
        (PENDING, &[][..])
    );
}

async fn a_repeated_request_is_answered_with_the_same_certificate(cloud: &dyn Cloud, _: &dyn World) {
    let wanted = request(&["api.example.com", "www.example.com"]);
    let arn = cloud.request_certificate(wanted.clone()).await.unwrap();
    assert_eq!(cloud.request_certificate(wanted.clone()).await.unwrap(), arn);
    let other = Request {
        token: "a2".into(),
        ..wanted
    };
    assert_ne!(cloud.request_certificate(other).await.unwrap(), arn);
}

async fn a_certificate_has_only_so_many_names(cloud: &dyn Cloud, _: &dyn World) {
    let names: Vec<String> = (0..11).map(|n| format!("a{n}.example.com")).collect();
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    let refusal = cloud.request_certificate(request(&names)).await;
    refused(refusal, "LimitExceededException", ErrorKind::Terminal);
}

/// An issued certificate for `api.example.com`, and a configuration that uses it, with these aliases.
async fn certified(
    cloud: &dyn Cloud,
    world: &dyn World,
    reference: &str,
    aliases: &[&str],
) -> (String, Element) {
    world.preload_zone(ZONE, "example.com", false).await;
    let arn = cloud
        .request_certificate(request(&["api.example.com"]))
        .await
        .unwrap();
    proved(cloud, &arn).await;
    (arn.clone(), using(reference, &arn, aliases))
}

fn using(reference: &str, certificate: &str, aliases: &[&str]) -> Element {
    let certificate = vec![
        xml::text("ACMCertificateArn", certificate),
        xml::text("SSLSupportMethod", "sni-only"),
        xml::text("MinimumProtocolVersion", "TLSv1.2_2021"),
    ];
    let aliases = aliases.iter().map(|alias| xml::text("CNAME", alias)).collect();
    let config = with(
        &pieces::config(reference, None),
        xml::parent("ViewerCertificate", certificate),
    );
    with(&config, xml::list("Aliases", aliases))
}

async fn a_certificate_in_use_is_not_deleted(cloud: &dyn Cloud, world: &dyn World) {
    let (arn, config) = certified(cloud, world, "a", &["api.example.com"]).await;
    cloud
        .create_distribution(config, pieces::tags("a"))
        .await
        .unwrap();
    assert!(described(cloud, &arn).await.is_in_use());
    refused(
        cloud.delete_certificate(arn).await,
        "ResourceInUseException",
        ErrorKind::NotYet,
    );
}

async fn a_certificate_that_is_not_issued_is_not_taken(cloud: &dyn Cloud, _: &dyn World) {
    let arn = cloud
        .request_certificate(request(&["api.example.com"]))
        .await
        .unwrap();
    let config = using("a", &arn, &["api.example.com"]);
    let made = cloud.create_distribution(config, pieces::tags("a")).await;
    refused(made, "InvalidViewerCertificate", ErrorKind::Terminal);
}

async fn aliases(cloud: &dyn Cloud, id: &str) -> Vec<String> {
    let found = cloud.get_distribution(id.to_owned()).await.unwrap();
    xml::texts_at(&found.config, "Aliases")
}

async fn an_alias_moves_to_a_distribution_whose_certificate_covers_it(cloud: &dyn Cloud, world: &dyn World) {
    let (arn, config) = certified(cloud, world, "theirs", &["api.example.com"]).await;
    let theirs = made(cloud.create_distribution(config, pieces::tags("b")).await);
    let plain = made(
        cloud
            .create_distribution(pieces::config("plain", None), pieces::tags("a"))
            .await,
    );
    let alias = "api.example.com".to_owned();
    refused(
        cloud.associate_alias(plain.id, alias.clone()).await,
        "InvalidArgument",
        ErrorKind::Terminal,
    );
    let ours = using("ours", &arn, &[]);
    let ours = made(cloud.create_distribution(ours, pieces::tags("a")).await);
    let conflicts = cloud
        .list_domain_conflicts(ours.id.clone(), alias.clone(), None)
        .await;
    let conflicts = made(conflicts).items;
    assert_eq!(conflicts.len(), 1, "{conflicts:?}");
    assert_eq!((&conflicts[0].domain, conflicts[0].is_tenant), (&alias, false));
    let shown = conflicts[0].id.trim_start_matches('*');
    assert!(!shown.is_empty() && theirs.id.ends_with(shown), "{conflicts:?}");
    let taken = using("again", &arn, &["api.example.com"]);
    let again = cloud.create_distribution(taken, pieces::tags("a")).await;
    refused(again, "CNAMEAlreadyExists", ErrorKind::Terminal);
    cloud
        .associate_alias(ours.id.clone(), alias.clone())
        .await
        .unwrap();
    assert_eq!(aliases(cloud, &ours.id).await, std::slice::from_ref(&alias));
    assert!(aliases(cloud, &theirs.id).await.is_empty());
    let found = cloud.get_distribution(ours.id.clone()).await.unwrap();
    assert_ne!(found.etag, ours.etag);
    let listed = cloud.list_distributions(None).await.unwrap().items;
    let row = listed.into_iter().find(|row| row.id == ours.id).unwrap();
    assert_eq!(
        (row.aliases, row.certificate_arn),
        (vec![alias.clone()], Some(arn))
    );
    // What it has already needs no move.
    cloud.associate_alias(ours.id, alias).await.unwrap();
}

#[track_caller]
fn made<T: Debug>(answer: Result<T, CloudError>) -> T {
    answer.unwrap()
}

async fn the_tagging_service_knows_certificates(cloud: &dyn Cloud, _: &dyn World) {
    let arn = cloud
        .request_certificate(request(&["api.example.com"]))
        .await
        .unwrap();
    let listed = async || {
        let page = cloud.list_tagged(pieces::CLUSTER.to_owned(), None).await.unwrap();
        page.items.into_iter().find(|found| found.arn == arn)
    };
    assert_eq!(listed().await.unwrap().tags, pieces::tags("a"));
    cloud
        .tag_certificate(arn.clone(), [("team".into(), "shop".into())].into())
        .await
        .unwrap();
    assert_eq!(listed().await.unwrap().tags["team"], "shop");
    cloud
        .untag_certificate(arn.clone(), vec!["team".into()])
        .await
        .unwrap();
    assert_eq!(
        cloud.list_certificate_tags(arn.clone()).await.unwrap(),
        pieces::tags("a")
    );
    cloud.delete_certificate(arn.clone()).await.unwrap();
    assert!(listed().await.is_none());
}
