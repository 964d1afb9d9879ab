//! Suspended objects, changes that meet a deployment under way, full reads, versions that pile up.

use super::petstore::API;
use super::plans::{assert_nothing_written, made, planned, steps};
use super::scenes::{
    HEADER, KEY, MUTUAL_TLS, NAME, RICH, cluster, config, hours, own_calls, quiet, ready, resyncs, setting,
    the,
};
use super::support::cluster::Cluster;
use super::support::simulation::resources::Kind;
use super::support::simulation::settings::Settings;
use palisade::api::PlanVerb;
use palisade::controller::events::of_pass;
use palisade::domain::edge::xml;
use palisade::domain::kernel::reason::Reason;
use std::time::Duration;

#[tokio::test(start_paused = true)]
async fn a_suspended_object_writes_nothing_and_reports_what_it_would() {
    let mut cluster = cluster(Settings::default());
    cluster.apply(NAME, "suspend: true");
    resyncs(&mut cluster, 3).await;
    assert!(cluster.cloud.journal().writes().is_empty());
    assert_eq!(cluster.reason(NAME, "Ready"), "Suspended");
    assert!(
        cluster.message(NAME, "SignerReady").contains("creation of"),
        "{}",
        cluster.story(NAME)
    );
    cluster.apply(NAME, "suspend: false");
    cluster.ready(NAME).await;
    quiet(&mut cluster, NAME).await;

    cluster.apply(NAME, "suspend: true");
    cluster.ready(NAME).await;
    cluster
        .cloud
        .edit_distribution(&the(&cluster, Kind::Distribution).id, |config| {
            xml::put(config, xml::text("PriceClass", "PriceClass_100"), &[]);
        });
    cluster.cloud.clear_journal();
    cluster.resync(NAME).await;
    assert!(cluster.cloud.journal().writes().is_empty());
    assert!(
        cluster
            .message(NAME, "DistributionDeployed")
            .contains("priceClass"),
        "{}",
        cluster.story(NAME)
    );
    assert_eq!(cluster.reason(NAME, "Ready"), "Suspended");
}

#[tokio::test(start_paused = true)]
async fn a_suspended_object_has_the_plan_in_its_status_until_it_is_not_suspended() {
    let held = |cluster: &Cluster| cluster.objects[NAME].status.as_ref().unwrap().plan.clone();
    let mut cluster = cluster(Settings::default());
    cluster.apply(NAME, &format!("{RICH}suspend: true"));
    cluster.pass(NAME).await;
    let told = held(&cluster).expect("a plan");
    let asked = made(planned(&cluster, &format!("{RICH}suspend: true")).await);
    assert_eq!(steps(&told), steps(&asked));
    assert!(told.summary.create > 5 && told.cost.is_none(), "{told:#?}");
    let size = serde_json::to_string(&told).unwrap().len();
    assert!(size < 64 * 1024, "{size} bytes");
    // What stays the same is not written anew.
    cluster.resync(NAME).await;
    assert_eq!(held(&cluster), Some(told));

    cluster.apply(NAME, RICH);
    cluster.ready(NAME).await;
    assert_eq!(held(&cluster), None);
    cluster.apply(NAME, &format!("{RICH}suspend: true"));
    cluster.resync(NAME).await;
    assert_eq!(held(&cluster).expect("a plan").summary.changes, 0);
    let id = the(&cluster, Kind::Distribution).id;
    cluster.cloud.edit_distribution(&id, |config| {
        xml::put(config, xml::text("PriceClass", "PriceClass_All"), &[]);
    });
    cluster.resync(NAME).await;
    let told = held(&cluster).expect("a plan");
    assert_eq!(steps(&told), [("distribution", None, PlanVerb::Change)]);
    assert_eq!(told.steps[0].changes[0].path, "priceClass");
    cluster.begin_deletion(NAME);
    cluster.pass(NAME).await;
    assert_eq!(held(&cluster), None);
}

#[tokio::test(start_paused = true)]
async fn the_plan_of_a_suspended_object_tells_no_secret_value_and_is_the_same_after_a_restart() {
    for spec in [KEY, HEADER, MUTUAL_TLS] {
        let mut cluster = cluster(Settings::default());
        cluster.apply(NAME, &format!("{spec}\nsuspend: true"));
        let mut told = Vec::new();
        for _ in 0..2 {
            cluster.resync(NAME).await;
            let plan = cluster.objects[NAME]
                .status
                .clone()
                .unwrap()
                .plan
                .expect("a plan");
            let text = serde_json::to_string(&plan).unwrap();
            assert!(
                !text.contains("palisade0") && !text.contains("PRIVATE KEY"),
                "{text}"
            );
            told.push(plan.summary);
            cluster.restart();
        }
        assert_eq!(told[0], told[1], "{spec}");
        assert_nothing_written(&cluster);
    }
}

/// No probe asks for a POST, so that nothing else tells it.
#[tokio::test(start_paused = true)]
async fn a_method_that_is_opened_while_the_object_is_suspended_is_told_by_a_warning() {
    let mut cluster = ready("").await;
    cluster.invariants = None;
    cluster.apply(NAME, "suspend: true");
    cluster.resync(NAME).await;
    assert_eq!(cluster.condition(NAME, "AccessRestricted"), "True");
    cluster.cloud.set_authorization(API, "POST /pets", "NONE");
    cluster.cloud.deploy(API, "prod");
    let mut told = Vec::new();
    for _ in 0..14 {
        let before = cluster.objects[NAME].clone();
        let outcome = cluster.resync(NAME).await;
        told.extend(of_pass::notes(&before, &outcome));
    }
    let warnings = told
        .iter()
        .filter(|note| note.warning && note.reason == Reason::Suspended);
    let warnings: Vec<&str> = warnings.map(|note| note.note.as_str()).collect();
    assert_eq!(warnings.len(), 1, "{warnings:?}\n{}", cluster.story(NAME));
    assert!(warnings[0].contains("POST /pets"), "{warnings:?}");
}

#[tokio::test(start_paused = true)]
async fn a_change_while_another_is_deployed_is_made_at_once_and_its_deployment_awaited() {
    let mut cluster = ready("").await;
    cluster.apply(NAME, "distribution: {priceClass: PriceClass_100}");
    cluster.pass(NAME).await;
    tokio::time::sleep(Duration::from_mins(1)).await;
    cluster.apply(NAME, "distribution: {priceClass: PriceClass_200}");
    cluster.pass(NAME).await;
    assert_eq!(setting(&cluster, "PriceClass"), "PriceClass_200");
    // The first deployment would be done now; it is the second that counts.
    tokio::time::sleep(Duration::from_mins(2) + Duration::from_secs(30)).await;
    cluster.pass(NAME).await;
    assert_eq!(
        cluster.condition(NAME, "DistributionDeployed"),
        "False",
        "{}",
        cluster.story(NAME)
    );
    cluster.ready(NAME).await;
}

#[tokio::test(start_paused = true)]
async fn once_a_day_everything_is_read_in_full_and_once_an_hour_who_may_call_the_api() {
    let mut cluster = ready(RICH).await;
    let first = cluster.objects[NAME]
        .status
        .clone()
        .unwrap()
        .verified_at
        .expect("it was verified");
    let (mut reads, mut route_reads, mut resyncs) = (0, 0, 0);
    while resyncs < 6 * 60 {
        cluster.cloud.clear_journal();
        cluster.resync(NAME).await;
        resyncs += 1;
        let calls = own_calls(&cluster);
        if calls.iter().any(|call| call == "cloudfront:GetDistribution") {
            for read in [
                "iam:GetRole",
                "lambda:GetFunction",
                "wafv2:GetWebACL",
                "wafv2:GetIPSet",
                "wafv2:GetLoggingConfiguration",
            ] {
                assert!(
                    calls.iter().any(|call| call == read),
                    "{read} is missing from {calls:?}"
                );
            }
            reads += 1;
        } else if !calls.is_empty() {
            let is_of_the_routes =
                |call: &String| call.starts_with("apigateway") || call == "cloudfront:ListTagsForResource";
            assert!(calls.iter().all(is_of_the_routes), "{calls:?}");
            route_reads += 1;
        }
        assert_eq!(
            cluster.condition(NAME, "Ready"),
            "True",
            "{}",
            cluster.story(NAME)
        );
    }
    // 60 hours.
    assert!((2..=3).contains(&reads), "{reads} full reads");
    assert!(
        (50..=75).contains(&route_reads),
        "{route_reads} reads of the routes"
    );
    assert_ne!(
        cluster.objects[NAME].status.clone().unwrap().verified_at.unwrap(),
        first
    );
}

/// Lists show neither a function's published versions nor their content: only a full read can find that one is gone.
#[tokio::test(start_paused = true)]
async fn old_signer_versions_are_deleted_once_nothing_needs_them() {
    let mut cluster = ready("").await;
    for spec in [
        "access: {sigV4: {viewerAuthorization: Forward}}",
        "access: {sigV4: {logs: true}}",
        "",
    ] {
        cluster.apply(NAME, spec);
        cluster.ready(NAME).await;
    }
    let function = the(&cluster, Kind::Function).name;
    let versions = cluster.cloud.versions_of(&function);
    assert!(versions.len() > 1, "{versions:?}");
    for _ in 0..3 * 24 * 6 {
        cluster.resync(NAME).await;
        assert_eq!(
            cluster.condition(NAME, "Ready"),
            "True",
            "{}",
            cluster.story(NAME)
        );
        if cluster.cloud.versions_of(&function).len() == 1 {
            break;
        }
    }
    let left = cluster.cloud.versions_of(&function);
    assert_eq!(left.len(), 1, "{left:?}");
    assert!(
        signer_version(&cluster).ends_with(&format!(":{}", left[0])),
        "{left:?}"
    );
    hours(1).await;
    quiet(&mut cluster, NAME).await;
}

/// The version of the signer that the distribution asks.
fn signer_version(cluster: &Cluster) -> String {
    let config = config(cluster);
    xml::text_at(
        xml::items_at(&config, "DefaultCacheBehavior/LambdaFunctionAssociations")[0],
        "LambdaFunctionARN",
    )
    .unwrap()
}

#[tokio::test(start_paused = true)]
async fn a_standing_problem_does_not_make_every_pass_read_in_full() {
    let mut cluster = ready("").await;
    // A log destination that is not there: a person must act, and nobody does for days.
    cluster.cloud.configure(|settings| {
        settings.denied.insert("wafv2:PutLoggingConfiguration".into());
    });
    let arn = "arn:aws:logs:us-east-1:123456789012:log-group:aws-waf-logs-petstore";
    cluster.apply(NAME, &format!("webAcl: {{logging: {{destinationArn: '{arn}'}}}}"));
    cluster.stalled(NAME).await;
    for _ in 0..25 * 6 {
        cluster.resync(NAME).await;
    }
    cluster.cloud.clear_journal();
    for _ in 0..20 * 6 {
        cluster.resync(NAME).await;
    }
    assert_eq!(cluster.condition(NAME, "Stalled"), "True");
    let reads = cluster.cloud.journal().count("GetRole");
    assert!(reads <= 1, "read in full {reads} times");
}
