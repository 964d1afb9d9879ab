//! What others have put on the distribution and that answers viewers in place of the API: error pages, behaviours of their own,
//! functions. Nothing that comes of it proves that viewers get in.

use super::disguised::is_locked;
use super::scenes::{NAME, cluster, config, found, pair, quiet, ready, routed, routed_apis, the};
use super::support::cluster::Cluster;
use super::support::simulation::apigateway::Preloaded;
use super::support::simulation::resources::Kind;
use super::support::simulation::settings::Settings;
use palisade::domain::edge::xml::{self, Element};

const OBSERVED: &str = "access: {enforcement: Observe}";
const VERIFIED: &str = "ViewerAccessVerified";

fn edit(cluster: &Cluster, change: impl FnOnce(&mut Element)) {
    let id = the(cluster, Kind::Distribution).id;
    cluster.cloud.edit_distribution(&id, change);
}

/// Puts a page on the distribution that makes 200 of 403.
fn add_page(config: &mut Element, path: &str) {
    let page = xml::parent(
        "CustomErrorResponse",
        vec![
            xml::text("ErrorCode", 403),
            xml::text("ResponsePagePath", path),
            xml::text("ResponseCode", 200),
            xml::text("ErrorCachingMinTTL", 0),
        ],
    );
    xml::put(config, xml::list("CustomErrorResponses", vec![page]), &[]);
}

/// Leads the paths of `pattern` to another origin.
fn add_behaviour(config: &mut Element, pattern: &str, domain: &str) {
    let mut origins: Vec<Element> = xml::items_at(config, "Origins").into_iter().cloned().collect();
    let mut other = origins[0].clone();
    xml::put(&mut other, xml::text("Id", "others"), &[]);
    xml::put(&mut other, xml::text("DomainName", domain), &[]);
    xml::put(&mut other, xml::list("CustomHeaders", vec![]), &[]);
    origins.push(other);
    xml::put(config, xml::list("Origins", origins), &[]);
    let mut behaviour = config.get_child("DefaultCacheBehavior").cloned().unwrap();
    "CacheBehavior".clone_into(&mut behaviour.name);
    xml::put(&mut behaviour, xml::text("TargetOriginId", "others"), &[]);
    xml::put(
        &mut behaviour,
        xml::list("LambdaFunctionAssociations", vec![]),
        &[],
    );
    behaviour
        .children
        .insert(0, xmltree::XMLNode::Element(xml::text("PathPattern", pattern)));
    xml::put(config, xml::list("CacheBehaviors", vec![behaviour]), &[]);
}

/// A cluster that only observes, with a signer that API Gateway refuses.
async fn before_a_broken_lock(spec: &str) -> Cluster {
    let mut cluster = cluster(Settings::default());
    cluster.invariants = None;
    cluster
        .cloud
        .configure(|settings| settings.signer_is_broken = true);
    cluster.apply(NAME, spec);
    cluster.settle(NAME).await;
    cluster
}

#[tokio::test(start_paused = true)]
async fn a_page_of_a_bucket_in_place_of_a_refusal_proves_nothing_and_the_lock_is_put_back() {
    let mut cluster = before_a_broken_lock(OBSERVED).await;
    edit(&cluster, |config| {
        add_behaviour(config, "/errors/*", "pages.s3.eu-north-1.amazonaws.com");
        add_page(config, "/errors/403.html");
    });
    cluster.resync(NAME).await;
    cluster.settle_patiently(NAME).await;
    cluster.apply(NAME, "");
    assert_eq!(
        cluster.stalled(NAME).await,
        "ProbeFailed",
        "{}",
        cluster.story(NAME)
    );
    assert!(cluster.message(NAME, "AccessRestricted").contains("error pages"));
    assert!(!is_locked(&cluster));
    cluster
        .cloud
        .configure(|settings| settings.signer_is_broken = false);
    cluster.settle_patiently(NAME).await;
    assert_eq!(found(&cluster, VERIFIED), pair("True", "ViewerReached"));
}

#[tokio::test(start_paused = true)]
async fn a_page_that_an_open_method_of_the_api_answers_is_no_viewer_who_got_in() {
    let excluded = |more: &str| format!("access: {{excludeMethods: ['GET /pets/{{petId}}']{more}}}");
    let mut cluster = before_a_broken_lock(&excluded(", enforcement: Observe")).await;
    edit(&cluster, |config| add_page(config, "/prod/pets/sorry"));
    cluster.resync(NAME).await;
    cluster.settle(NAME).await;
    cluster.apply(NAME, &excluded(""));
    assert_eq!(
        cluster.stalled(NAME).await,
        "ProbeAmbiguous",
        "{}",
        cluster.story(NAME)
    );
    let said = cluster.message(NAME, "AccessRestricted");
    assert!(said.contains("error page") && said.contains("bucket"), "{said}");
    assert!(!is_locked(&cluster));
}

#[tokio::test(start_paused = true)]
async fn a_page_for_which_the_api_has_no_method_is_in_nobodys_way() {
    let mut cluster = ready("").await;
    edit(&cluster, |config| add_page(config, "/index.html"));
    cluster.resync(NAME).await;
    cluster.ready(NAME).await;
    assert_eq!(found(&cluster, VERIFIED), pair("True", "ViewerReached"));
    // What it would answer in place of a refusal is one as well.
    cluster.invariants = None;
    cluster
        .cloud
        .configure(|settings| settings.signer_is_broken = true);
    cluster.resync(NAME).await;
    assert_eq!(found(&cluster, VERIFIED), pair("False", "SignatureRefused"));
}

#[tokio::test(start_paused = true)]
async fn another_api_that_answers_at_the_probed_path_says_nothing_of_this_one() {
    let mut cluster = ready("").await;
    cluster
        .cloud
        .preload_api(&Preloaded::rest("eu-north-1", "other00000", &["prod"]));
    edit(&cluster, |config| {
        add_behaviour(
            config,
            "/prod/pets*",
            "other00000.execute-api.eu-north-1.amazonaws.com",
        );
    });
    cluster.resync(NAME).await;
    cluster.settle(NAME).await;
    assert_eq!(
        found(&cluster, VERIFIED),
        pair("Unknown", "ProbeAmbiguous"),
        "{}",
        cluster.story(NAME)
    );
    let said = cluster.message(NAME, VERIFIED);
    assert!(
        said.contains("/prod/pets*") && said.contains("spec.origin.probePath"),
        "{said}"
    );
    assert!(is_locked(&cluster), "what stands is not opened by a doubt");
    // Neither a process that has just started nor one that reads nothing forgets it.
    cluster.restart();
    cluster.resync(NAME).await;
    assert_eq!(found(&cluster, VERIFIED), pair("Unknown", "ProbeAmbiguous"));
    let left: Vec<Element> = xml::items_at(&config(&cluster), "CacheBehaviors")
        .into_iter()
        .cloned()
        .collect();
    assert_eq!(left.len(), 1, "what others have added stays");
    edit(&cluster, |config| {
        xml::put(config, xml::list("CacheBehaviors", vec![]), &[]);
    });
    cluster.resync(NAME).await;
    cluster.settle_patiently(NAME).await;
    assert_eq!(found(&cluster, VERIFIED), pair("True", "ViewerReached"));
    quiet(&mut cluster, NAME).await;
}

#[tokio::test(start_paused = true)]
async fn a_function_that_gets_answers_hides_the_refusals_of_an_http_api() {
    let function = xml::parent(
        "LambdaFunctionAssociation",
        vec![
            xml::text(
                "LambdaFunctionARN",
                "arn:aws:lambda:us-east-1:123456789012:function:zz-headers:1",
            ),
            xml::text("EventType", "origin-response"),
            xml::text("IncludeBody", false),
        ],
    );
    let add = |config: &mut Element| {
        let mut behaviour = config.get_child("DefaultCacheBehavior").cloned().unwrap();
        let found = xml::items_at(&behaviour, "LambdaFunctionAssociations");
        let functions = found.into_iter().cloned().chain([function.clone()]).collect();
        xml::put(
            &mut behaviour,
            xml::list("LambdaFunctionAssociations", functions),
            &[],
        );
        xml::put(config, behaviour, &[]);
    };
    let [(id, kind, http), _] = routed_apis(false);
    let mut cluster = cluster(Settings::default());
    // Nobody has made that function.
    cluster.invariants = None;
    cluster.cloud.preload_api(&http);
    cluster.apply_spec(NAME, routed(id, kind, "SigV4"));
    cluster.ready(NAME).await;
    edit(&cluster, add);
    cluster.resync(NAME).await;
    cluster.settle(NAME).await;
    assert_eq!(found(&cluster, VERIFIED), pair("Unknown", "ProbeAmbiguous"));
    assert!(cluster.message(NAME, VERIFIED).contains("origin-response"));
}
