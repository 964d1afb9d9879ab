//! Names of a perimeter, with the emulated AWS and a real Kubernetes API.

use crate::iam::printed_policy_and;
use crate::kubernetes::kubectl;
use crate::scene::{Scene, aws, seed_certificate};
use crate::viewers::get;
use serde_json::{Value, json};

/// A hosted zone of this scene's own; answers its id and name.
pub fn zone(scene: &Scene) -> (String, String) {
    let name = format!("{}.example.net", scene.namespace);
    let id = format!("Z{}", scene.namespace.to_uppercase().replace('-', ""));
    let zone = json!({"id": id, "name": name});
    aws().control("POST", "seed", &json!({"hostedZones": [zone]}));
    (id, name)
}

pub fn named(zone: &str, alias: &str) -> Value {
    json!({"distribution": {"aliases": [alias], "requestCertificate": true, "hostedZoneId": zone}})
}

#[tokio::test]
async fn an_object_gets_its_certificate_and_records_and_leaves_nothing_behind() {
    let scene = Scene::new().await;
    let (zone, domain) = zone(&scene);
    let _controller = scene.launch().policy(printed_policy_and("--names")).start();
    let alias = format!("api.{domain}");
    scene.apply("petstore", &named(&zone, &alias));
    scene.until_ready("petstore").await;
    scene
        .until_condition("petstore", "NamesReady", "True", "InPlace")
        .await;
    let led = ["A", "AAAA"].map(|kind| format!("{alias}. {kind}"));
    let found = records(&zone);
    assert!(led.iter().all(|record| found.contains(record)), "{found:?}");
    let status = scene.object("petstore").await["status"]["names"].clone();
    assert_eq!(status["certificateStatus"], "ISSUED", "{status}");
    assert_eq!(status["records"], json!([alias]), "{status}");
    assert!(scene.kinds().contains(&"certificate".to_owned()));
    let (status, _) = get(&alias, "/prod/pets");
    assert_eq!(status, 200, "viewers reach the API by the alias");
    scene.delete("petstore").await;
    scene.until_gone("petstore").await;
    scene
        .until("nothing is left", async || scene.resources().is_empty())
        .await;
    let left = records(&zone);
    assert!(left.iter().all(|record| record.starts_with('_')), "{left:?}");
}

/// Names and types of a zone's records, but for those that every zone has.
pub fn records(zone: &str) -> Vec<String> {
    let all = aws().control("GET", "resources", &Value::Null);
    let mut found = all.as_array().expect("a list").iter();
    let found = found.find(|found| found["id"] == zone).expect("the zone");
    let records = found["records"].as_array().expect("a list").iter();
    let records = records.map(|record| record.as_str().unwrap_or_default().to_owned());
    records
        .filter(|record| !record.ends_with(" NS") && !record.ends_with(" SOA"))
        .collect()
}

#[tokio::test]
async fn a_zone_that_does_not_cover_the_alias_is_named_and_the_rest_stands() {
    let scene = Scene::new().await;
    let (zone, _) = zone(&scene);
    let _controller = scene.start();
    scene.apply("petstore", &named(&zone, "api.elsewhere.example.org"));
    let message = scene
        .until_condition("petstore", "NamesReady", "False", "HostedZoneDoesNotCoverAlias")
        .await;
    assert!(
        message.contains("api.elsewhere.example.org is not within"),
        "{message}"
    );
    scene
        .until_condition("petstore", "ViewerAccessVerified", "True", "ViewerReached")
        .await;
}

#[tokio::test]
async fn taking_an_alias_over_needs_the_namespace_s_permission() {
    let scene = Scene::new().await;
    let domain = format!("{}.example.net", scene.namespace);
    let certificate = seed_certificate(&domain);
    let alias = format!("api.{domain}");
    let _controller = scene.start();
    let taking =
        json!({"distribution": {"aliases": [alias], "certificateArn": certificate, "takeOverAliases": true}});
    scene.apply("petstore", &taking);
    let message = scene
        .until_condition("petstore", "Accepted", "False", "NotPermitted")
        .await;
    let annotation = format!("palisade.dev/allow-take-over={alias}");
    assert!(message.contains(&annotation), "{message}");
    kubectl(&["annotate", "namespace", &scene.namespace, &annotation]);
    scene.until_ready("petstore").await;
}

#[tokio::test]
async fn fields_that_do_not_fit_each_other_are_refused() {
    let scene = Scene::new().await;
    let certificate = "arn:aws:acm:us-east-1:123456789012:certificate/a";
    for (distribution, words) in [
        (json!({"aliases": ["a.example.com"]}), "requestCertificate: true"),
        (
            json!({"requestCertificate": true, "hostedZoneId": "Z1"}),
            "needs aliases",
        ),
        (
            json!({"aliases": ["a.example.com"], "requestCertificate": true}),
            "hostedZoneId",
        ),
        (
            json!({"aliases": ["a.example.com"], "requestCertificate": true, "hostedZoneId": "Z1", "certificateArn": certificate}),
            "not both",
        ),
        (
            json!({"aliases": ["a.example.com"], "certificateArn": certificate, "hostedZoneId": "example.com"}),
            "its name does not do",
        ),
        (json!({"takeOverAliases": true}), "takeOverAliases needs aliases"),
    ] {
        let manifest = scene.manifest("petstore", &json!({"distribution": distribution}));
        let refusal = scene.refusal(&manifest).await;
        assert!(refusal.contains(words), "{words}: {refusal}");
    }
}
