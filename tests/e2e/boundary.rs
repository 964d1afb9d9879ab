//! A permissions boundary: every role has it, and without it nothing gets rights.

use crate::foreign_hand::{clear_role_boundary, role_boundary};
use crate::iam::printed_policy;
use crate::scene::{Scene, aws};
use serde_json::json;

/// The printed boundary as a policy of this scene's own; answers its ARN.
fn boundary(scene: &Scene) -> String {
    let name = format!("{}-boundary", scene.namespace);
    let policy = json!({"name": name, "policyDocument": printed_policy(&["--boundary"])});
    let made = aws().control("POST", "seed", &json!({"policies": [policy]}));
    made["policies"][0]["arn"].as_str().expect("an ARN").to_owned()
}

#[tokio::test]
async fn each_role_has_the_boundary_and_gets_it_back() {
    let scene = Scene::new().await;
    let boundary = boundary(&scene);
    // Such a policy allows rights to none but roles with the boundary.
    let policy = printed_policy(&["--permissions-boundary", &boundary]);
    let launch = scene.launch().policy(policy);
    let _controller = launch.option("--permissions-boundary", &boundary).start();
    scene.apply("petstore", &json!({}));
    scene.until_ready("petstore").await;
    assert_eq!(role_boundary(&scene).as_deref(), Some(boundary.as_str()));

    clear_role_boundary(&scene);
    scene
        .until_event("DriftCorrected", &["role", "permissionsBoundary"])
        .await;
    assert_eq!(role_boundary(&scene).as_deref(), Some(boundary.as_str()));
}

#[tokio::test]
async fn a_role_of_before_gets_the_boundary_with_the_option_and_loses_it_without() {
    let scene = Scene::new().await;
    let controller = scene.start();
    scene.apply("petstore", &json!({}));
    scene.until_ready("petstore").await;
    assert_eq!(role_boundary(&scene), None);
    controller.kill();

    let boundary = boundary(&scene);
    let launch = scene.launch();
    let controller = launch.option("--permissions-boundary", &boundary).start();
    scene
        .until("the role has the boundary", async || {
            role_boundary(&scene).as_ref() == Some(&boundary)
        })
        .await;
    controller.kill();

    let _controller = scene.start();
    scene
        .until("the role has none", async || role_boundary(&scene).is_none())
        .await;
    scene.until_ready("petstore").await;
}

#[tokio::test]
async fn where_the_policy_demands_a_boundary_a_controller_without_it_is_told_what_is_missing() {
    let scene = Scene::new().await;
    let policy = printed_policy(&["--permissions-boundary", &boundary(&scene)]);
    let _controller = scene.launch().policy(policy).start();
    scene.apply("petstore", &json!({}));
    let message = scene
        .until_condition("petstore", "SignerReady", "False", "AccessDenied")
        .await;
    for part in [
        "iam:PutRolePolicy",
        "role/palisade/palisade-",
        "--permissions-boundary",
    ] {
        assert!(message.contains(part), "{part} is missing in: {message}");
    }
    scene
        .until_condition("petstore", "Stalled", "True", "AccessDenied")
        .await;
    assert!(
        !scene.kinds().contains(&"function".to_owned()),
        "{:?}",
        scene.kinds()
    );
}

#[tokio::test]
async fn a_boundary_that_does_not_exist_makes_no_role_and_names_the_option() {
    let scene = Scene::new().await;
    let nowhere = "arn:aws:iam::123456789012:policy/nowhere";
    let launch = scene.launch();
    let _controller = launch.option("--permissions-boundary", nowhere).start();
    scene.apply("petstore", &json!({}));
    let message = scene
        .until_condition("petstore", "SignerReady", "False", "AwsRefused")
        .await;
    for part in [nowhere, "--permissions-boundary", "palisade iam-policy"] {
        assert!(message.contains(part), "{part} is missing in: {message}");
    }
    assert!(!scene.kinds().contains(&"role".to_owned()), "{:?}", scene.kinds());
}
