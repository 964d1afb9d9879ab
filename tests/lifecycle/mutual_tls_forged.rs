//! Whoever may import certificates, or write tags, gets neither a certificate of theirs accepted nor the default endpoint switched on.

use super::mutual_tls::{assert_locked, client_certificates, shown, status, trusted};
use super::petstore::API;
use super::scenes::{
    BUCKET, MUTUAL_TLS, NAME, ORIGIN, fail, found, hours, pair, passes, quiet, ready, resyncs, the,
};
use super::support::cluster::Cluster;
use super::support::pairs;
use super::support::simulation::apigateway::domain_names::Truststore;
use super::support::simulation::faults::Fault;
use super::support::simulation::resources::Kind;
use palisade::api::{LOOK, ROTATE};
use palisade::aws::operations::{Answer, Call};
use palisade::domain::edge::xml::{self, Element};
use palisade::domain::kernel::hash::short;
use palisade::domain::kernel::identity::Tags;
use palisade::domain::mutual_tls::client_certificate::TAG_LEAF;
use palisade::domain::mutual_tls::endpoint::TAG_LOCK;
use palisade::domain::mutual_tls::pair::{Pair, certificates};
use std::time::Duration;

/// The tags of the object's client certificate, as they would be of this pair.
fn copied_tags(cluster: &Cluster, pair: &Pair) -> Tags {
    let all = cluster.cloud.resources_of(&cluster.uid(NAME)).into_iter();
    let mut ours = all.filter(|found| found.kind == Kind::Certificate && found.name.starts_with("client "));
    let mut tags = ours.next().unwrap().tags;
    let plain: String = certificates(&pair.leaf)[0].split_whitespace().collect();
    tags.insert(TAG_LEAF.to_owned(), short(&plain));
    tags
}

/// Somebody imports a certificate of theirs with this object's tags; answers its ARN and its CA.
fn forge(cluster: &mut Cluster) -> (String, String) {
    let theirs = pairs::pair("theirs.example.com", 9, cluster.now());
    let tags = copied_tags(cluster, &theirs);
    let ca = certificates(&theirs.ca).remove(0);
    let call = Call::ImportCertificate {
        pair: Box::new(theirs),
        tags,
    };
    let Ok(Answer::ImportCertificate(arn)) = cluster.cloud.as_somebody(call) else {
        panic!("it is imported");
    };
    cluster.watch();
    (arn, ca)
}

/// Some resyncs, after each of which that CA is not accepted.
async fn never_trusted(cluster: &mut Cluster, ca: &str, count: usize) {
    for _ in 0..count {
        cluster.resync(NAME).await;
        assert!(!trusted(cluster).contains(ca), "{}", cluster.story(NAME));
        let objects = cluster.cloud.objects_of(BUCKET);
        let mut contents = objects.values().flatten();
        assert!(!contents.any(|content| certificates(content).iter().any(|known| known == ca)));
    }
}

#[tokio::test(start_paused = true)]
async fn a_certificate_with_copied_tags_is_neither_shown_nor_trusted_and_goes() {
    let mut cluster = ready(MUTUAL_TLS).await;
    let (before, ours) = (shown(&cluster), trusted(&cluster));
    let (forged, ca) = forge(&mut cluster);
    never_trusted(&mut cluster, &ca, 8).await;
    assert_eq!(shown(&cluster), before);
    assert_eq!(trusted(&cluster), ours);
    let left = client_certificates(&cluster);
    assert!(left.contains(&before) && !left.contains(&forged), "{left:?}");
    quiet(&mut cluster, NAME).await;
    assert_locked(&cluster);
    assert_eq!(status(&cluster).client_certificates.len(), 1);
}

/// Somebody has the distribution show another certificate.
fn show_instead(config: &mut Element, arn: &str) {
    let mut origin = xml::items_at(config, "Origins")[0].clone();
    let mut custom = xml::at(&origin, "CustomOriginConfig").unwrap().clone();
    let shown = xml::parent("OriginMtlsConfig", vec![xml::text("ClientCertificateArn", arn)]);
    xml::put(&mut custom, shown, &[]);
    xml::put(&mut origin, custom, &[]);
    xml::put(config, xml::list("Origins", vec![origin]), &[]);
}

#[tokio::test(start_paused = true)]
async fn a_certificate_that_somebody_has_cloudfront_show_gives_way_to_ours_and_is_told() {
    let mut cluster = ready(MUTUAL_TLS).await;
    let (before, ours) = (shown(&cluster), trusted(&cluster));
    let (forged, ca) = forge(&mut cluster);
    let id = the(&cluster, Kind::Distribution).id;
    cluster
        .cloud
        .edit_distribution(&id, |config| show_instead(config, &forged));
    // CloudFront shows it, and API Gateway does not know its authority.
    cluster.invariants = None;
    cluster.resync(NAME).await;
    let notes = cluster.objects[NAME].status.clone().unwrap().notes;
    let told = notes
        .iter()
        .any(|note| note.reason == "CertificateNotOurs" && note.message.contains(&forged));
    assert!(told, "{notes:?}");
    never_trusted(&mut cluster, &ca, 8).await;
    cluster.settle_patiently(NAME).await;
    assert_eq!(shown(&cluster), before, "{}", cluster.story(NAME));
    assert_eq!(trusted(&cluster), ours);
    hours(2).await;
    cluster.settle_patiently(NAME).await;
    assert!(!client_certificates(&cluster).contains(&forged));
    cluster.watch();
    quiet(&mut cluster, NAME).await;
    assert_locked(&cluster);
}

#[tokio::test(start_paused = true)]
async fn what_somebody_imports_in_the_place_of_ours_is_never_trusted_and_is_told() {
    let mut cluster = ready(MUTUAL_TLS).await;
    let (before, ours) = (shown(&cluster), trusted(&cluster));
    let theirs = pairs::pair("theirs.example.com", 9, cluster.now());
    let ca = certificates(&theirs.ca).remove(0);
    cluster.cloud.reimport(&before, &theirs);
    // CloudFront shows it, and API Gateway does not know its authority.
    cluster.invariants = None;
    cluster.annotate(NAME, LOOK, "1");
    passes(&mut cluster, 2).await;
    let notes = cluster.objects[NAME].status.clone().unwrap().notes;
    let told = notes
        .iter()
        .any(|note| note.reason == "CertificateNotOurs" && note.message.contains(&before));
    assert!(told, "{notes:?}");
    assert!(
        trusted(&cluster).is_superset(&ours),
        "CloudFront may go on to show the former"
    );
    assert_eq!(cluster.condition(NAME, "AccessRestricted"), "True");
    never_trusted(&mut cluster, &ca, 12).await;
    cluster.settle_patiently(NAME).await;
    assert_ne!(shown(&cluster), before, "{}", cluster.story(NAME));
    assert!(trusted(&cluster).is_disjoint(&ours), "{}", cluster.story(NAME));
    cluster.watch();
    quiet(&mut cluster, NAME).await;
    assert_locked(&cluster);
}

#[tokio::test(start_paused = true)]
async fn however_often_another_is_asked_for_one_is_imported_in_a_minute() {
    let mut cluster = ready(MUTUAL_TLS).await;
    for number in 0..30 {
        cluster.annotate(NAME, ROTATE, &format!("{number}"));
        cluster.pass_surviving(NAME).await;
        tokio::time::sleep(Duration::from_secs(10)).await;
    }
    let imports = cluster.cloud.journal().count("ImportCertificate");
    assert!((1..=6).contains(&imports), "{imports}: {}", cluster.story(NAME));
    hours(1).await;
    cluster.settle_patiently(NAME).await;
    quiet(&mut cluster, NAME).await;
    assert_locked(&cluster);
}

#[tokio::test(start_paused = true)]
async fn a_status_that_is_lost_knows_its_certificate_again_and_trusts_no_other() {
    let mut cluster = ready(MUTUAL_TLS).await;
    let (before, ours) = (shown(&cluster), trusted(&cluster));
    let (forged, ca) = forge(&mut cluster);
    cluster.objects.get_mut(NAME).unwrap().status = None;
    cluster.restart();
    never_trusted(&mut cluster, &ca, 3).await;
    cluster.settle_patiently(NAME).await;
    assert_eq!(shown(&cluster), before, "{}", cluster.story(NAME));
    assert_eq!(trusted(&cluster), ours);
    assert!(!client_certificates(&cluster).contains(&forged));
    quiet(&mut cluster, NAME).await;
    assert_locked(&cluster);
    assert_eq!(status(&cluster).client_certificates[0].arn, before);
}

/// Somebody writes the mark of the default endpoint.
fn mark(cluster: &mut Cluster, text: &str) {
    let arn = the(cluster, Kind::DomainName).arn;
    let tags = Tags::from([(TAG_LOCK.to_owned(), text.to_owned())]);
    cluster
        .cloud
        .as_somebody(Call::TagDomainName { arn, tags })
        .unwrap();
    cluster.watch();
}

#[tokio::test(start_paused = true)]
async fn a_forged_mark_switches_nothing_on() {
    for text in [
        "refused.1.40.0",
        "refused.99999999999.40.0",
        "trying.1.0.0",
        "back.1.40.0",
    ] {
        for enforcement in ["Enforce", "Observe"] {
            let mut cluster = ready(MUTUAL_TLS).await;
            if enforcement == "Observe" {
                cluster.apply(NAME, &MUTUAL_TLS.replace("mode:", "enforcement: Observe, mode:"));
                resyncs(&mut cluster, 2).await;
            }
            mark(&mut cluster, text);
            for _ in 0..4 {
                cluster.resync(NAME).await;
                let story = cluster.story(NAME);
                assert!(
                    cluster.cloud.is_endpoint_off(API),
                    "{text}, {enforcement}: {story}"
                );
            }
            let switches = cluster.cloud.journal().count("UpdateRestApi");
            assert_eq!(switches, 0, "{text}, {enforcement}");
            let restricted = found(&cluster, "AccessRestricted");
            assert_eq!(restricted, pair("True", "Locked"), "{text}, {enforcement}");
        }
    }
}

/// Somebody has the custom domain name use a truststore with an authority of theirs besides.
pub fn trust_theirs(cluster: &mut Cluster) -> String {
    let ours = trusted(cluster);
    let theirs = pairs::pair("theirs.example.com", 9, cluster.now());
    let content = format!("{}\n{}", ours.iter().next().unwrap(), theirs.ca);
    let key = the(cluster, Kind::Truststore).name;
    cluster.cloud.write_object(BUCKET, &key, &content);
    let object = Call::GetObject {
        region: "eu-north-1".to_owned(),
        bucket: BUCKET.to_owned(),
        key: key.clone(),
    };
    let Ok(Answer::GetObject((Some(version), _))) = cluster.cloud.as_somebody(object) else {
        panic!("the bucket keeps versions");
    };
    let uri = format!("s3://{BUCKET}/{key}");
    let truststore = Truststore {
        uri,
        version,
        content,
    };
    cluster.cloud.set_truststore(ORIGIN, Some(truststore));
    cluster.watch();
    certificates(&theirs.ca).remove(0)
}

#[tokio::test(start_paused = true)]
async fn a_domain_name_that_trusts_others_is_not_called_restricted_also_while_it_cannot_be_changed_back() {
    let mut cluster = ready(MUTUAL_TLS).await;
    let ca = trust_theirs(&mut cluster);
    let denied = Fault::Refusal(
        "AccessDeniedException",
        "not authorized to perform: apigateway:PATCH",
    );
    fail(&cluster, "UpdateDomainName", denied);
    cluster.annotate(NAME, LOOK, "1");
    for _ in 0..20 {
        cluster.pass_surviving(NAME).await;
        assert_eq!(
            found(&cluster, "AccessRestricted"),
            pair("False", "ForeignAuthority"),
            "{}",
            cluster.story(NAME)
        );
        tokio::time::sleep(Duration::from_mins(1)).await;
    }
    assert!(trusted(&cluster).contains(&ca));
    cluster.cloud.clear_faults();
    hours(1).await;
    cluster.settle_patiently(NAME).await;
    assert!(!trusted(&cluster).contains(&ca), "{}", cluster.story(NAME));
    cluster.watch();
    quiet(&mut cluster, NAME).await;
    assert_locked(&cluster);
}
