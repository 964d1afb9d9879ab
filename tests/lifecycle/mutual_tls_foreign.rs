//! What others do to the resources of mutual TLS: it is put right or named, and never written over where it is not ours.

use super::mutual_tls::{assert_locked, client_certificates, shown, trusted};
use super::petstore::API;
use super::scenes::{
    BUCKET, MUTUAL_TLS, NAME, ORIGIN, ZONE, cluster, fail, found, hours, pair, passes, quiet, ready, resyncs,
    the,
};
use super::support::cluster::Cluster;
use super::support::pairs;
use super::support::simulation::apigateway::domain_names::Truststore;
use super::support::simulation::faults::Fault;
use super::support::simulation::resources::Kind;
use super::support::simulation::settings::Settings;
use palisade::aws::operations::Call;
use palisade::domain::edge::hosted_zone::{Deed, cname};
use std::collections::BTreeSet;
use std::time::Duration;

fn key(cluster: &Cluster) -> String {
    the(cluster, Kind::Truststore).name
}

/// It is locked again, and nothing is left to do.
async fn mended(cluster: &mut Cluster) {
    hours(2).await;
    cluster.settle_patiently(NAME).await;
    tokio::time::sleep(Duration::from_mins(10)).await;
    cluster.settle_patiently(NAME).await;
    cluster.watch();
    quiet(cluster, NAME).await;
    assert_locked(cluster);
}

#[tokio::test(start_paused = true)]
async fn a_foreign_authority_in_the_truststore_goes_out_of_it() {
    let mut cluster = ready(MUTUAL_TLS).await;
    let ours = trusted(&cluster);
    let theirs = pairs::pair("theirs.example.com", 9, cluster.now());
    let content = format!("{}\n{}", ours.iter().next().unwrap(), theirs.ca);
    let key = key(&cluster);
    cluster.cloud.write_object(BUCKET, &key, &content);
    cluster.watch();
    // Written alone it lets nobody in: a version is named.
    mended(&mut cluster).await;
    let objects = cluster.cloud.objects_of(BUCKET);
    let content = objects[&key].clone().unwrap();
    assert!(
        !palisade::domain::mutual_tls::pair::certificates(&content)
            .contains(&palisade::domain::mutual_tls::pair::canonical(&theirs.ca))
    );
    assert_eq!(trusted(&cluster), ours);
}

#[tokio::test(start_paused = true)]
async fn a_foreign_authority_that_the_domain_name_trusts_is_told_and_trusted_no_more() {
    let mut cluster = ready(MUTUAL_TLS).await;
    let ours = trusted(&cluster);
    let theirs = pairs::pair("theirs.example.com", 9, cluster.now());
    let content = format!("{}\n{}", ours.iter().next().unwrap(), theirs.ca);
    let name = key(&cluster);
    cluster.cloud.write_object(BUCKET, &name, &content);
    let version = Call::GetObject {
        region: "eu-north-1".to_owned(),
        bucket: BUCKET.to_owned(),
        key: name.clone(),
    };
    let Ok(palisade::aws::operations::Answer::GetObject((Some(version), _))) =
        cluster.cloud.as_somebody(version)
    else {
        panic!("the bucket keeps versions");
    };
    let uri = format!("s3://{BUCKET}/{name}");
    cluster.cloud.set_truststore(
        ORIGIN,
        Some(Truststore {
            uri,
            version,
            content,
        }),
    );
    cluster.watch();
    mended(&mut cluster).await;
    assert_eq!(trusted(&cluster), ours);
}

#[tokio::test(start_paused = true)]
async fn a_domain_name_that_asks_for_no_certificate_any_more_is_made_to_ask_again() {
    let mut cluster = ready(MUTUAL_TLS).await;
    cluster.cloud.set_truststore(ORIGIN, None);
    cluster.watch();
    mended(&mut cluster).await;
    assert_eq!(trusted(&cluster).len(), 1);
}

#[tokio::test(start_paused = true)]
async fn a_domain_name_that_asks_for_no_certificate_is_open_until_it_asks_again() {
    let mut cluster = ready(MUTUAL_TLS).await;
    let delay = Duration::from_mins(10);
    cluster
        .cloud
        .configure(|settings| settings.domain_name_delay = delay);
    cluster.cloud.set_truststore(ORIGIN, None);
    cluster.watch();
    hours(2).await;
    let is_put_right = |cluster: &Cluster| cluster.cloud.journal().count("UpdateDomainName") > 0;
    while !is_put_right(&cluster) {
        passes(&mut cluster, 1).await;
    }
    let begun = tokio::time::Instant::now();
    // API Gateway goes on letting everybody in meanwhile.
    while begun.elapsed() + Duration::from_mins(2) < delay {
        assert_eq!(
            found(&cluster, "AccessRestricted").0,
            "False",
            "{}",
            cluster.story(NAME)
        );
        passes(&mut cluster, 1).await;
    }
    mended(&mut cluster).await;
}

#[tokio::test(start_paused = true)]
async fn a_truststore_that_is_deleted_is_written_again_and_viewers_stay_served() {
    let mut cluster = ready(MUTUAL_TLS).await;
    let (ours, shown_before) = (trusted(&cluster), shown(&cluster));
    let name = key(&cluster);
    cluster.cloud.delete_object(BUCKET, &name);
    cluster.watch();
    mended(&mut cluster).await;
    let objects = cluster.cloud.objects_of(BUCKET);
    assert!(objects.values().any(Option::is_some), "{objects:?}");
    assert!(trusted(&cluster).is_superset(&ours));
    assert_eq!(shown(&cluster), shown_before, "no rotation is needed for it");
}

#[tokio::test(start_paused = true)]
async fn a_bucket_that_is_gone_is_named_and_viewers_stay_served() {
    let mut cluster = ready(MUTUAL_TLS).await;
    cluster.cloud.delete_bucket(BUCKET);
    hours(25).await;
    passes(&mut cluster, 20).await;
    let message = cluster.message(NAME, "AccessRestricted") + &cluster.message(NAME, "Ready");
    assert!(message.contains("truststoreBucket"), "{}", cluster.story(NAME));
    assert!(cluster.cloud.is_endpoint_off(API));
    cluster.cloud.preload_bucket("eu-north-1", BUCKET, true);
    mended(&mut cluster).await;
}

#[tokio::test(start_paused = true)]
async fn a_bucket_that_is_gone_or_closed_is_told_by_one_condition_until_it_is_mended() {
    for is_gone in [true, false] {
        let mut cluster = ready(MUTUAL_TLS).await;
        if is_gone {
            cluster.cloud.delete_bucket(BUCKET);
        } else {
            fail(
                &cluster,
                "GetObject",
                Fault::Refusal("AccessDenied", "Access Denied"),
            );
        }
        while cluster.condition(NAME, "Ready") == "True" {
            resyncs(&mut cluster, 1).await;
        }
        let told = |cluster: &Cluster| {
            let status = cluster.objects[NAME].status.clone().unwrap();
            let since = status.reasons_since.get("Ready").cloned();
            (found(cluster, "Ready"), since)
        };
        let first = told(&cluster);
        assert!(first.1.is_some(), "{first:?}");
        for _ in 0..15 {
            cluster.resync(NAME).await;
            assert_eq!(told(&cluster), first, "{is_gone}: {}", cluster.story(NAME));
        }
        assert!(cluster.cloud.is_endpoint_off(API));
        cluster.cloud.clear_faults();
        if is_gone {
            cluster.cloud.preload_bucket("eu-north-1", BUCKET, true);
        }
        mended(&mut cluster).await;
    }
}

#[tokio::test(start_paused = true)]
async fn a_domain_name_that_somebody_deletes_is_made_again() {
    let mut cluster = ready(MUTUAL_TLS).await;
    cluster.invariants = None;
    let (region, name) = ("eu-north-1".to_owned(), ORIGIN.to_owned());
    cluster
        .cloud
        .as_somebody(Call::DeleteDomainName { region, name })
        .unwrap();
    mended(&mut cluster).await;
    assert_eq!(client_certificates(&cluster), BTreeSet::from([shown(&cluster)]));
}

#[tokio::test(start_paused = true)]
async fn a_mapping_that_somebody_takes_away_is_made_again() {
    let mut cluster = ready(MUTUAL_TLS).await;
    cluster.invariants = None;
    let (region, domain) = ("eu-north-1".to_owned(), ORIGIN.to_owned());
    let listed = Call::ListMappingsOf {
        region: region.clone(),
        domain: domain.clone(),
        marker: None,
    };
    let Ok(palisade::aws::operations::Answer::ListMappingsOf(page)) = cluster.cloud.as_somebody(listed)
    else {
        panic!("there is a mapping");
    };
    let id = page.items[0].id.clone();
    cluster
        .cloud
        .as_somebody(Call::DeleteApiMapping { region, domain, id })
        .unwrap();
    mended(&mut cluster).await;
}

#[tokio::test(start_paused = true)]
async fn records_that_somebody_takes_away_are_made_again() {
    let mut cluster = ready(MUTUAL_TLS).await;
    cluster.invariants = None;
    let records = cluster.cloud.records_of(ZONE).into_iter();
    for record in records.filter(|record| record.name == ORIGIN) {
        cluster.cloud.edit_records(ZONE, Deed::Delete, record);
    }
    mended(&mut cluster).await;
    assert!(!cluster.cloud.records_at(ZONE, ORIGIN).is_empty());
}

#[tokio::test(start_paused = true)]
async fn a_record_of_somebody_else_at_the_origins_name_is_named_and_left_alone() {
    let mut cluster = cluster(Settings::default());
    let theirs = cname(ORIGIN, "elsewhere.example.org");
    cluster.cloud.edit_records(ZONE, Deed::Create, theirs.clone());
    cluster.watch();
    cluster.apply(NAME, MUTUAL_TLS);
    assert_eq!(cluster.stalled(NAME).await, "RecordTaken");
    assert_eq!(
        cluster.cloud.records_at(ZONE, ORIGIN),
        ["CNAME elsewhere.example.org"]
    );
    assert!(!cluster.cloud.is_endpoint_off(API));
    cluster.cloud.edit_records(ZONE, Deed::Delete, theirs);
    cluster.watch();
    hours(1).await;
    cluster.settle_patiently(NAME).await;
    cluster.ready(NAME).await;
    assert_locked(&cluster);
}

#[tokio::test(start_paused = true)]
async fn a_domain_name_that_fails_is_named_with_api_gateways_words() {
    let mut cluster = cluster(Settings::default());
    cluster.apply(NAME, MUTUAL_TLS);
    for _ in 0..200 {
        let outcome = cluster.pass(NAME).await;
        if cluster.cloud.journal().count("CreateDomainName") > 0 {
            break;
        }
        tokio::time::sleep(outcome.requeue.min(Duration::from_secs(20))).await;
    }
    let said = ("FAILED", "The domain name could not be created.");
    cluster.cloud.set_domain_status(ORIGIN, Some(said));
    passes(&mut cluster, 20).await;
    assert_eq!(
        cluster.reason(NAME, "AccessRestricted"),
        "DomainFailed",
        "{}",
        cluster.story(NAME)
    );
    let message = cluster.message(NAME, "AccessRestricted");
    assert!(message.contains("could not be created"), "{message}");
    cluster.cloud.set_domain_status(ORIGIN, None);
    hours(1).await;
    cluster.settle_patiently(NAME).await;
    cluster.ready(NAME).await;
    assert_locked(&cluster);
}

#[tokio::test(start_paused = true)]
async fn a_domain_name_that_is_updated_for_an_hour_is_waited_for() {
    let mut cluster = ready(MUTUAL_TLS).await;
    cluster
        .cloud
        .configure(|settings| settings.domain_name_delay = Duration::from_hours(1));
    let before = shown(&cluster);
    cluster.annotate(NAME, palisade::api::ROTATE, "now");
    passes(&mut cluster, 20).await;
    assert_eq!(shown(&cluster), before, "the next one is not trusted yet");
    assert_eq!(found(&cluster, "ViewerAccessVerified").0, pair("True", "").0);
    hours(2).await;
    cluster.settle_patiently(NAME).await;
    assert_ne!(shown(&cluster), before, "{}", cluster.story(NAME));
    // The next authority comes, and the former goes.
    assert_eq!(cluster.cloud.journal().count("UpdateDomainName"), 2);
}

#[tokio::test(start_paused = true)]
async fn tags_that_somebody_takes_away_come_back() {
    let mut cluster = ready(MUTUAL_TLS).await;
    let domain = the(&cluster, Kind::DomainName);
    let keys: Vec<String> = domain.tags.keys().cloned().collect();
    let arn = domain.arn;
    cluster.invariants = None;
    cluster
        .cloud
        .as_somebody(Call::UntagDomainName { arn, keys })
        .unwrap();
    resyncs(&mut cluster, 8).await;
    mended(&mut cluster).await;
    assert_eq!(the(&cluster, Kind::DomainName).name, ORIGIN);
}
