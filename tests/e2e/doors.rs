//! Other principals of the account, and other ways to the API, seen as a caller.

use crate::apis::{self, endpoint, seed};
use crate::names::{named, zone};
use crate::scene::{Scene, aws};
use crate::viewers::{domain, get};
use serde_json::{Value, json};
use std::process::Command;

/// A principal of the account that may invoke every API, and its signed request past the perimeter.
fn signed_by_another(scene: &Scene, host: &str, path: &str) -> u16 {
    let key = format!("AKIA{}", scene.namespace.to_uppercase());
    let policy = json!({"Version": "2012-10-17", "Statement": [
        {"Effect": "Allow", "Action": "execute-api:Invoke", "Resource": "*"}]});
    let user = json!({"name": format!("{}-other", scene.namespace), "accessKeyId": key, "secretAccessKey": "secret",
        "policyDocument": policy});
    aws().control("POST", "seed", &json!({"users": [user]}));
    let root = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/env/aws");
    let setup = Command::new(format!("{root}/setup"))
        .output()
        .expect("setup runs");
    let python = String::from_utf8_lossy(&setup.stdout).trim().to_owned();
    let output = Command::new(python)
        .arg(format!("{root}/signed_get.py"))
        .args([&aws().endpoint, host, path, &key, "secret", "eu-north-1"])
        .output()
        .expect("python3 runs");
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    text.trim().parse().expect("a status")
}

fn policy_of(scene: &Scene) -> Value {
    let found = aws().control(
        "PATCH",
        &format!("apigateway/eu-north-1/{}", scene.api),
        &json!({}),
    );
    found["policy"].clone()
}

#[tokio::test]
async fn another_principal_of_the_account_is_refused_only_where_the_signer_alone_is_let_in() {
    let scene = Scene::new().await;
    let _controller = scene.start();
    scene.apply("petstore", &json!({}));
    scene.until_ready("petstore").await;
    let host = scene.endpoint();
    assert_eq!(signed_by_another(&scene, &host, "/prod/pets"), 200);
    scene
        .change("petstore", json!({"access": {"sigV4": {"exclusive": true}}}))
        .await;
    let told = scene
        .until_condition("petstore", "AccessRestricted", "True", "Locked")
        .await;
    assert!(told.contains("role/palisade/"), "{told}");
    scene.until_ready("petstore").await;
    assert_eq!(signed_by_another(&scene, &host, "/prod/pets"), 403);
    assert_eq!(get(&domain(&scene, "petstore").await, "/prod/pets").0, 200);
    assert_eq!(get(&host, "/prod/pets").0, 403);
    scene
        .change("petstore", json!({"access": {"sigV4": {"exclusive": false}}}))
        .await;
    scene
        .until("others are let in again", async || {
            signed_by_another(&scene, &host, "/prod/pets") == 200
        })
        .await;
    assert_eq!(get(&domain(&scene, "petstore").await, "/prod/pets").0, 200);
}

#[tokio::test]
async fn a_policy_under_which_the_signer_is_refused_is_put_back_with_the_lock() {
    let scene = Scene::new().await;
    let policy = json!({"Version": "2012-10-17", "Statement": [
        {"Sid": "Everybody", "Effect": "Allow", "Principal": "*", "Action": "execute-api:Invoke", "Resource": "execute-api:/*"},
        {"Sid": "NotTheSigner", "Effect": "Deny", "Principal": "*", "Action": "execute-api:Invoke", "Resource": "execute-api:/*",
         "Condition": {"ArnLike": {"aws:PrincipalArn": "arn:aws:iam::*:role/palisade/*"}}},
    ]});
    apis::edit(&scene, &json!({"policy": policy, "deploy": "prod"}));
    let before = policy_of(&scene);
    let _controller = scene.start();
    scene.apply("petstore", &json!({"access": {"sigV4": {"exclusive": true}}}));
    scene
        .until_condition("petstore", "AccessRestricted", "False", "SignatureRefused")
        .await;
    scene
        .until("the policy is as it was", async || policy_of(&scene) == before)
        .await;
    assert_eq!(get(&domain(&scene, "petstore").await, "/prod/pets").0, 200);
}

#[tokio::test]
async fn other_stages_and_domain_names_are_told() {
    let scene = Scene::new().await;
    let stages = json!(["prod", "dev"]);
    let id = seed(&scene, "REST", &stages, &json!(["GET /pets"]));
    let (zone, domain) = zone(&scene);
    let name = format!("api.{domain}");
    let mapped = json!({"id": id, "region": "eu-north-1", "protocol": "REST", "stages": stages, "methods": ["GET /pets"],
        "domainNames": [{"domainName": name, "basePath": "v1", "stage": "prod"}]});
    aws().control("POST", "seed", &json!({"apis": [mapped]}));
    let host = endpoint(&id);
    let _controller = scene.start();
    scene.apply("petstore", &json!({"origin": {"endpoint": host}}));
    // Whoever comes by the name would be refused.
    let held = scene
        .until_condition("petstore", "AccessRestricted", "False", "DomainNameInTheWay")
        .await;
    assert!(held.contains(&name), "{held}");
    assert_eq!(get(&name, "/v1/pets").0, 200, "nothing is locked");
    scene.change("petstore", named(&zone, &name)).await;
    scene.until_ready("petstore").await;
    let told = scene
        .until_condition("petstore", "AccessRestricted", "True", "Locked")
        .await;
    assert!(told.contains("stage dev (stands open)"), "{told}");
    assert!(
        told.contains(&format!("{name}/v1 (stage prod, locked)")),
        "{told}"
    );
    scene.until_event("OtherDoorOpen", &["stage dev"]).await;
    scene.until_event("OtherDoorFound", &[&name]).await;
    assert_eq!(get(&host, "/dev/pets").0, 200, "what is told is so");
    let routes = scene.object("petstore").await["status"]["access"]["otherDoors"].clone();
    assert_eq!(
        routes[0],
        json!({"type": "Stage", "name": "dev", "stage": "dev", "state": "Open"})
    );
}
