//! Secrets stay where they are: in the environment, and in AWS. A private key is nowhere but in ACM once that has it.

use crate::controller::Controller;
use crate::foreign_hand::{distribution, tamper_distribution};
use crate::mutual_tls::{ground, launch, ready, told as mutual_tls};
use crate::needles::Needles;
use crate::scene::{Scene, aws};
use palisade::api::ROTATE;
use serde_json::{Value, json};
use std::collections::BTreeSet;

/// Plants secrets in the environment and in AWS, and looks for them in all that is told of an object's life.
async fn tells_no_secret(format: &str) {
    let scene = Scene::new().await;
    let controller = scene
        .launch()
        .option("--log-level", "trace")
        .option("--log-format", format)
        .env("AWS_SECRET_ACCESS_KEY", "planted-secret-key")
        .env("AWS_SESSION_TOKEN", "planted-session-token")
        .start();
    scene.apply("petstore", &json!({}));
    scene.until_ready("petstore").await;
    let header = "<Quantity>1</Quantity><Items><OriginCustomHeader><HeaderName>x-origin-verify</HeaderName>\
                  <HeaderValue>planted-header-value</HeaderValue></OriginCustomHeader></Items>";
    let change = json!({"setXml": {"Origins/Items/Origin[1]/CustomHeaders": header}});
    tamper_distribution(&scene, "petstore", &change).await;
    // Whether the header stays or goes, the distribution is written and read with it.
    scene
        .change(
            "petstore",
            json!({"distribution": {"priceClass": "PriceClass_100"}}),
        )
        .await;
    scene
        .until("the change", async || {
            distribution(&scene, "petstore").await.contains("PriceClass_100")
        })
        .await;
    scene.until_ready("petstore").await;
    scene.delete("petstore").await;
    scene.until_event("Deleting", &["distribution E"]).await;

    for (name, text) in told(&scene, &controller) {
        let line = text.lines().find(|line| line.contains("planted-"));
        assert_eq!(line, None, "in {name}, {format}");
    }
}

/// All that a scene's controller tells, and all that it wrote down in Kubernetes and in AWS.
fn told(scene: &Scene, controller: &Controller) -> [(&'static str, String); 6] {
    let seen = |kinds: &str| scene.kubectl(&["get", kinds, "-o", "yaml", "--show-managed-fields"]);
    let resources = aws().control("GET", "resources", &Value::Null);
    let resources = resources.as_array().expect("a list").iter();
    let told = [
        ("log", scene.all_logs()),
        ("objects", seen("papi,leases,configmaps,secrets")),
        ("events", seen("events")),
        (
            "tags",
            resources.map(|resource| resource["tags"].to_string()).collect(),
        ),
        ("buckets", aws().control("GET", "s3", &Value::Null).to_string()),
        ("metrics", controller.metrics().1),
    ];
    for (name, text) in &told {
        assert!(!text.is_empty(), "{name} is empty");
    }
    told
}

#[tokio::test]
async fn a_planted_secret_is_in_no_output_with_a_log_of_text() {
    tells_no_secret("text").await;
}

#[tokio::test]
async fn a_planted_secret_is_in_no_output_with_a_log_of_json() {
    tells_no_secret("json").await;
}

/// Asks for another value or certificate.
fn rotate(scene: &Scene, name: &str) {
    scene.kubectl(&["annotate", "papi", name, "--overwrite", &format!("{ROTATE}=now")]);
}

/// ARN and private key of what was imported into ACM for objects of this scene, in its order.
fn imported(scene: &Scene) -> Vec<(Value, String)> {
    let keys = aws().control("GET", "acm/keys", &Value::Null);
    let keys = keys.as_array().expect("a list").iter();
    let ours = keys.filter(|key| key["tags"]["palisade.dev/namespace"] == scene.namespace.as_str());
    ours.map(|key| {
        let pem = key["privateKey"].as_str().expect("PEM");
        (key["arn"].clone(), pem.to_owned())
    })
    .collect()
}

/// Waits until the controller goes on after an import: it asks for what ACM called the certificate. It came after the call `since`.
async fn until_import_is_over(scene: &Scene, since: u64, arn: &Value) {
    scene
        .until("the controller goes on after the import", async || {
            let calls = scene.calls(since);
            let mut others = calls
                .iter()
                .filter(|call| call["operation"] != "ImportCertificate");
            others.any(|call| call["resource"] == *arn)
        })
        .await;
}

#[tokio::test]
async fn a_private_key_is_left_nowhere_once_acm_has_it_and_a_core_of_the_process_would_not_have_it() {
    let scene = Scene::new().await;
    let ground = ground(&scene);
    let launch = launch(&scene).option("--log-level", "trace");
    let (controller, _) = ready(&scene, &ground, launch).await;
    let process = controller.process();
    let since = scene.calls(0).last().and_then(|call| call["n"].as_u64());
    rotate(&scene, "orders");
    scene
        .until("a second key is imported", async || imported(&scene).len() == 2)
        .await;
    let keys: [(Value, String); 2] = imported(&scene).try_into().expect("two");
    let [(first, first_key), (second, second_key)] = keys;
    let needles = Needles::default()
        .private_key(&first_key)
        .private_key(&second_key);
    until_import_is_over(&scene, since.expect("calls"), &second).await;
    // Of the controller's own copies the last is let go when the certificate is read. What the SDK made for the call was let go with it.
    let found = needles.found_in_memory(process);
    assert!(!found.contains("PEM in base64"), "{found:?}");
    scene
        .until(
            "the second certificate is shown, and the first is gone",
            async || {
                let is_left = scene.resources().iter().any(|found| found["arn"] == first);
                mutual_tls(&scene).await["clientCertificateArn"] == second && !is_left
            },
        )
        .await;
    scene.until_ready("orders").await;

    for (name, text) in told(&scene, &controller) {
        assert_eq!(needles.found_in(text.as_bytes()), BTreeSet::new(), "in {name}");
    }
    // What the process has to know is found there by the same look.
    let uid = Needles::default().text(&scene.uid("orders").await);
    assert!(!uid.found_in_memory(process).is_empty(), "its memory is not read");
    assert_eq!(needles.found_in_memory(process), BTreeSet::new(), "in its memory");
}

/// The values that CloudFront has sent for `petstore`, from before and after a rotation, are in nothing that is told. The controller has
/// to remember them, so its memory is not looked at.
async fn tells_no_value(mode: &str) {
    let scene = Scene::new().await;
    let controller = scene.launch().option("--log-level", "trace").start();
    scene.apply("petstore", &json!({"access": {"mode": mode}}));
    scene.until_ready("petstore").await;
    let first = sent(&distribution(&scene, "petstore").await);
    rotate(&scene, "petstore");
    scene.until_event("Rotated", &["accepted no more"]).await;
    scene.until_ready("petstore").await;
    let second = sent(&distribution(&scene, "petstore").await);
    assert_ne!(first, second);
    let needles = Needles::default().text(&first).text(&second);
    for (name, text) in told(&scene, &controller) {
        assert_eq!(needles.found_in(text.as_bytes()), BTreeSet::new(), "in {name}");
    }
}

/// The only value of ours in a distribution's configuration.
fn sent(configuration: &str) -> String {
    let values = configuration.split(['<', '>']).filter(|text| {
        let digits = text.strip_prefix("palisade").unwrap_or_default();
        digits.len() == 64 && digits.bytes().all(|digit| digit.is_ascii_hexdigit())
    });
    let values: BTreeSet<&str> = values.collect();
    assert_eq!(values.len(), 1, "{values:?}");
    values.into_iter().map(str::to_owned).collect()
}

#[tokio::test]
async fn a_key_that_cloudfront_sends_is_in_no_output() {
    tells_no_value("ApiKey").await;
}

#[tokio::test]
async fn a_secret_header_that_cloudfront_sends_is_in_no_output() {
    tells_no_value("SecretHeader").await;
}
