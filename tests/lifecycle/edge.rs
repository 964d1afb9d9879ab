//! What CloudFront makes of our distribution, and what others put into it: said once, and not fought over.

use super::scenes::{NAME, RICH, cluster, config, hours, quiet, ready, ready_on, setting, the};
use super::support::cluster::Cluster;
use super::support::simulation::cloudfront::policies::OwnPolicy;
use super::support::simulation::resources::Kind;
use super::support::simulation::settings::Settings;
use palisade::api::StatusNote;
use palisade::controller::events::EventNote;
use palisade::controller::events::of_pass;
use palisade::domain::edge::xml;
use palisade::domain::kernel::reason::Reason;

/// What status tells besides.
pub fn notes(cluster: &Cluster) -> Vec<StatusNote> {
    let status = cluster.objects[NAME].status.clone().unwrap_or_default();
    status.notes
}

/// How often web ACL and distribution were changed.
pub fn writes(cluster: &Cluster) -> usize {
    let journal = cluster.cloud.journal();
    journal.count("UpdateWebACL") + journal.count("UpdateDistribution")
}

#[tokio::test(start_paused = true)]
async fn a_field_that_cloudfront_keeps_otherwise_is_not_written_in_every_pass() {
    let settings = Settings {
        keeps_http2: true,
        ..Settings::default()
    };
    let mut cluster = ready_on(settings, "").await;
    let written = writes(&cluster);
    assert!(written <= 2, "{}", cluster.story(NAME));
    cluster.resync(NAME).await;
    cluster.restart();
    hours(25).await;
    cluster.resync(NAME).await;
    assert_eq!(writes(&cluster), written);
    assert!(
        notes(&cluster)[0].message.contains("httpVersion"),
        "{:?}",
        notes(&cluster)
    );
    cluster.apply(NAME, "distribution: {priceClass: PriceClass_100}");
    cluster.ready(NAME).await;
    assert_eq!(setting(&cluster, "PriceClass"), "PriceClass_100");
    assert!(writes(&cluster) <= written + 2, "{}", cluster.story(NAME));
}

/// The `ErrorCachingMinTTL` of each error that is spoken of.
fn error_ttls(cluster: &Cluster) -> Vec<(String, String)> {
    let config = config(cluster);
    let responses = xml::items_at(&config, "CustomErrorResponses").into_iter();
    let text = |element, name| xml::text_at(element, name).unwrap_or_default();
    responses
        .map(|response| (text(response, "ErrorCode"), text(response, "ErrorCachingMinTTL")))
        .collect()
}

#[tokio::test(start_paused = true)]
async fn no_error_answer_is_cached_and_a_page_of_somebody_elses_is_kept_and_named() {
    let mut cluster = ready("").await;
    assert_eq!(error_ttls(&cluster).len(), 11);
    assert!(error_ttls(&cluster).iter().all(|(_, ttl)| ttl == "0"));
    cluster
        .cloud
        .edit_distribution(&the(&cluster, Kind::Distribution).id, |config| {
            let page = xml::parent(
                "CustomErrorResponse",
                vec![
                    xml::text("ErrorCode", 403),
                    xml::text("ResponsePagePath", "/index.html"),
                    xml::text("ResponseCode", 200),
                    xml::text("ErrorCachingMinTTL", 10),
                ],
            );
            xml::put(config, xml::list("CustomErrorResponses", vec![page]), &[]);
        });
    cluster.resync(NAME).await;
    cluster.ready(NAME).await;
    assert_eq!(error_ttls(&cluster).len(), 11);
    assert!(error_ttls(&cluster).iter().all(|(_, ttl)| ttl == "0"));
    let pages = xml::items_at(&config(&cluster), "CustomErrorResponses")
        .into_iter()
        .filter_map(|response| xml::text_at(response, "ResponsePagePath"))
        .collect::<Vec<_>>();
    assert_eq!(pages, ["/index.html"]);
    for condition in ["DistributionDeployed", "Ready"] {
        let message = cluster.message(NAME, condition);
        assert!(message.contains("403 becomes 200 with /index.html"), "{message}");
    }
    // What was said stays said while nothing is read.
    cluster.resync(NAME).await;
    assert_eq!(notes(&cluster)[0].reason, "ErrorPageInTheWay");
    quiet(&mut cluster, NAME).await;
}

/// Somebody puts a page on the distribution for the answer `error`.
fn put_page(cluster: &Cluster, error: u16) {
    let id = the(cluster, Kind::Distribution).id;
    cluster.cloud.edit_distribution(&id, |config| {
        let page = xml::parent(
            "CustomErrorResponse",
            vec![
                xml::text("ErrorCode", error),
                xml::text("ResponsePagePath", "/index.html"),
                xml::text("ResponseCode", 200),
                xml::text("ErrorCachingMinTTL", 10),
            ],
        );
        xml::put(config, xml::list("CustomErrorResponses", vec![page]), &[]);
    });
}

/// What events tell of error pages while the object is looked at for some time.
async fn told_of_pages(cluster: &mut Cluster) -> Vec<String> {
    let mut told = Vec::new();
    for _ in 0..8 {
        let before = cluster.objects[NAME].clone();
        let outcome = cluster.resync(NAME).await;
        let notes = of_pass::notes(&before, &outcome).into_iter();
        let of_pages = notes.filter(|note| note.reason == Reason::ErrorPageInTheWay);
        told.extend(of_pages.map(|note| note.note));
    }
    told
}

#[tokio::test(start_paused = true)]
async fn what_is_worth_knowing_is_told_once_and_again_when_it_is_something_else() {
    let mut cluster = ready("").await;
    cluster.invariants = None;
    for error in [403, 404] {
        put_page(&cluster, error);
        let told = told_of_pages(&mut cluster).await;
        assert_eq!(told.len(), 1, "{error}: {told:?}");
        assert!(told[0].contains(&format!("{error} becomes 200")), "{told:?}");
    }
}

const OWN_POLICY: &str = "11111111-2222-4333-8444-555555555555";

/// Where viewers' own Authorization reaches the API.
const SENDING: [&str; 3] = [
    "access: {mode: ApiKey}",
    "access: {mode: SecretHeader}",
    "access: {sigV4: {viewerAuthorization: Forward}}",
];

/// Settings of an AWS where the team has a cache policy.
fn with_a_policy_of_ones_own() -> Settings {
    Settings {
        own_policies: vec![OwnPolicy {
            id: OWN_POLICY.to_owned(),
            sends_host: false,
        }],
        ..Settings::default()
    }
}

#[tokio::test(start_paused = true)]
async fn a_cache_policy_that_nobody_reads_is_warned_of_where_authorization_reaches_the_api() {
    let distribution = format!("distribution: {{cachePolicyId: {OWN_POLICY}}}");
    for access in SENDING {
        let mut cluster = ready_on(with_a_policy_of_ones_own(), &format!("{access}\n{distribution}")).await;
        let notes_of_policy = notes(&cluster);
        let mut told = notes_of_policy.iter().map(|note| note.reason.as_str());
        assert!(
            told.any(|reason| reason == "CachePolicyNotRead"),
            "{access}: {notes_of_policy:?}"
        );
        for condition in ["DistributionDeployed", "Ready"] {
            let said = cluster.message(NAME, condition);
            assert!(
                said.contains(OWN_POLICY) && said.contains("one viewer's answer is served to others"),
                "{access}: {condition}: {said}"
            );
        }
        // It is over with the policy.
        cluster.apply(NAME, access);
        cluster.ready(NAME).await;
        assert!(notes(&cluster).is_empty(), "{access}: {:?}", notes(&cluster));
        assert!(!cluster.message(NAME, "Ready").contains("served to others"));
    }
    // A signer that drops it keeps answers from nobody.
    let cluster = ready_on(with_a_policy_of_ones_own(), &distribution).await;
    assert!(notes(&cluster).is_empty(), "{:?}", notes(&cluster));
}

#[tokio::test(start_paused = true)]
async fn with_a_managed_cache_policy_that_does_not_know_authorization_nothing_is_built() {
    let optimized = "658327ea-f89d-4fab-a63d-7e88639e58f6";
    for access in SENDING {
        let mut cluster = cluster(Settings::default());
        cluster.apply(
            NAME,
            &format!("{access}\ndistribution: {{cachePolicyId: {optimized}}}"),
        );
        assert_eq!(cluster.stalled(NAME).await, "InvalidSpec", "{access}");
        let said = cluster.message(NAME, "Accepted");
        assert!(
            said.contains("spec.distribution.cachePolicyId: CachingOptimized"),
            "{said}"
        );
        assert!(cluster.cloud.journal().writes().is_empty(), "{access}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_team_that_caches_keeps_how_long_errors_are_cached() {
    let caching = format!("distribution: {{cachePolicyId: {OWN_POLICY}}}");
    let mut cluster = ready_on(with_a_policy_of_ones_own(), &caching).await;
    assert_eq!(error_ttls(&cluster), []);
    cluster
        .cloud
        .edit_distribution(&the(&cluster, Kind::Distribution).id, |config| {
            let kept = xml::parent(
                "CustomErrorResponse",
                vec![xml::text("ErrorCode", 404), xml::text("ErrorCachingMinTTL", 30)],
            );
            xml::put(config, xml::list("CustomErrorResponses", vec![kept]), &[]);
        });
    cluster.resync(NAME).await;
    cluster.ready(NAME).await;
    quiet(&mut cluster, NAME).await;
    assert_eq!(error_ttls(&cluster), [("404".to_owned(), "30".to_owned())]);
    // Without a cache none is kept.
    cluster.apply(NAME, "");
    cluster.ready(NAME).await;
    assert_eq!(error_ttls(&cluster).len(), 11);
    assert!(error_ttls(&cluster).iter().all(|(_, ttl)| ttl == "0"));
}

#[tokio::test(start_paused = true)]
async fn what_others_have_viewers_and_caches_do_is_kept_and_the_port_is_set_right() {
    let mut cluster = ready(RICH).await;
    let cached = ["GET", "HEAD", "OPTIONS"].map(|method| xml::text("Method", method));
    cluster
        .cloud
        .edit_distribution(&the(&cluster, Kind::Distribution).id, |config| {
            let certificate = config.get_mut_child("ViewerCertificate").unwrap();
            xml::put(certificate, xml::text("SSLSupportMethod", "vip"), &[]);
            let behaviour = config.get_mut_child("DefaultCacheBehavior").unwrap();
            let methods = behaviour.get_mut_child("AllowedMethods").unwrap();
            xml::put(methods, xml::list("CachedMethods", cached.to_vec()), &[]);
            let origins = config
                .get_mut_child("Origins")
                .unwrap()
                .get_mut_child("Items")
                .unwrap();
            let origin = origins.get_mut_child("Origin").unwrap();
            let custom = origin.get_mut_child("CustomOriginConfig").unwrap();
            xml::put(custom, xml::text("HTTPPort", 8080), &[]);
            xml::put(custom, xml::text("HTTPSPort", 8443), &[]);
        });
    let outcome = cluster.resync(NAME).await;
    let changes = outcome.done.iter().flat_map(|done| &done.step.changes);
    let paths: Vec<_> = changes.map(|change| change.path.as_str()).collect();
    assert_eq!(paths, ["origin.httpsPort"]);
    cluster.ready(NAME).await;
    assert_eq!(setting(&cluster, "ViewerCertificate/SSLSupportMethod"), "vip");
    let config = config(&cluster);
    let cached = xml::texts_at(&config, "DefaultCacheBehavior/AllowedMethods/CachedMethods");
    assert_eq!(cached.len(), 3);
    let origin = xml::items_at(&config, "Origins")[0];
    let port = |name: &str| xml::text_at(origin, &format!("CustomOriginConfig/{name}"));
    assert_eq!(port("HTTPPort").as_deref(), Some("8080"));
    assert_eq!(port("HTTPSPort").as_deref(), Some("443"));
}

#[tokio::test(start_paused = true)]
async fn a_distribution_that_was_made_again_has_another_name_and_both_are_told_for_a_day() {
    let mut cluster = ready("").await;
    cluster.invariants = None;
    let domain = |cluster: &Cluster| -> String {
        let status = cluster.objects[NAME].status.clone().unwrap();
        status.distribution.unwrap().domain_name
    };
    let former = domain(&cluster);
    cluster
        .cloud
        .remove_distribution(&the(&cluster, Kind::Distribution).id);
    let (mut warnings, mut failures) = (Vec::new(), Vec::new());
    for _ in 0..10 {
        let before = cluster.objects[NAME].clone();
        let outcome = cluster.resync(NAME).await;
        let notes = of_pass::notes(&before, &outcome).into_iter();
        let renamed = |note: &EventNote| note.warning && note.reason == Reason::DistributionRenamed;
        warnings.extend(notes.filter(renamed).map(|note| note.note));
        failures.extend(outcome.failures.into_iter().map(|failure| failure.message));
    }
    let now = domain(&cluster);
    assert_ne!(now, former);
    let [told] = warnings.as_slice() else {
        panic!("{warnings:?}");
    };
    assert!(told.contains(&former) && told.contains(&now), "{told}");
    assert!(failures.is_empty(), "{failures:?}");
    assert!(cluster.message(NAME, "Ready").contains(&former));
    hours(25).await;
    cluster.resync(NAME).await;
    cluster.ready(NAME).await;
    assert!(!cluster.message(NAME, "Ready").contains(&former));
}
