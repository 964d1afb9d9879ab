//! Several AWS accounts: who may use them, what leads there, and what never moves.

use crate::controller::Controller;
use crate::iam::{policy_for, printed_policy_and};
use crate::kubernetes::kubectl;
use crate::scene::{Scene, aws, fault};
use crate::spoke::{Spoke, account, delete_account, until_account, until_account_is_gone};
use kube::api::{Patch, PatchParams};
use serde_json::{Value, json};

const EXTERNAL_ID: &str = "tenant-7";

/// An account in which the scene's object is ready, with the name of its `AwsAccount`.
async fn served(scene: &Scene) -> (Spoke<'_>, String, Controller) {
    let spoke = Spoke::trusting(scene, 'a');
    let controller = scene.start();
    let name = spoke.declare("a", &json!({}));
    spoke.apply(&name);
    scene.until_ready("petstore").await;
    (spoke, name, controller)
}

#[tokio::test]
async fn an_object_is_built_in_another_account_with_the_printed_policies_external_id_and_session_tags() {
    let scene = Scene::new().await;
    let spoke = Spoke::new(&scene, 'a');
    let actions = ["sts:AssumeRole", "sts:TagSession"];
    spoke.trust(&actions, Some(EXTERNAL_ID), Some(&policy_for(&spoke.id, &[])));
    let controller = scene.launch().policy(printed_policy_and("--accounts")).start();
    let name = spoke.declare(
        "a",
        &json!({"externalId": EXTERNAL_ID, "sessionTags": {"cluster": "e2e"}}),
    );
    spoke.apply(&name);
    scene.until_ready("petstore").await;
    until_account(&scene, &name, "Ready", "True", "Ready").await;

    assert_eq!(
        scene.object("petstore").await["status"]["accountId"],
        spoke.id.as_str()
    );
    assert_eq!(spoke.resources().len(), 4, "{:?}", spoke.resources());
    assert_eq!(
        scene.resources().len(),
        4,
        "nothing in the controller's own account"
    );
    let headroom = until_account(&scene, &name, "QuotaHeadroom", "True", "HeadroomLeft").await;
    assert!(headroom.contains("1 of 500 distributions"), "{headroom}");
    scene
        .until("the objects are counted", async || {
            account(&scene, &name).await["status"]["objects"] == 1
        })
        .await;
    let shown = kubectl(&["get", "awsacct", &name]);
    assert!(shown.contains("True") && shown.contains(&spoke.id), "{shown}");
    assert!(
        !controller.text().contains(EXTERNAL_ID),
        "the external id is in the log"
    );

    scene.delete("petstore").await;
    scene.until_gone("petstore").await;
    scene
        .until("nothing is left", async || spoke.resources().is_empty())
        .await;
    delete_account(&scene, &name).await;
    until_account_is_gone(&scene, &name).await;
}

#[tokio::test]
async fn a_role_that_cannot_be_assumed_names_the_missing_trust_and_once_it_is_there_all_goes_on() {
    let scene = Scene::new().await;
    let spoke = Spoke::new(&scene, 'a');
    spoke.trust(&["sts:AssumeRole"], Some("another"), None);
    let _controller = scene.start();
    let name = spoke.declare("a", &json!({"externalId": EXTERNAL_ID}));
    spoke.apply(&name);
    let message = until_account(&scene, &name, "CredentialsValid", "False", "RoleNotAssumable").await;
    for part in [
        &spoke.caller(),
        &spoke.role(),
        "sts:ExternalId",
        "iam-policy --accounts",
    ] {
        assert!(message.contains(part), "{part} is missing in: {message}");
    }
    assert!(!message.contains(EXTERNAL_ID), "{message}");
    let message = scene
        .until_condition("petstore", "Accepted", "False", "AccountNotReady")
        .await;
    assert!(
        message.contains(&name) && message.contains("could not assume"),
        "{message}"
    );

    spoke.trust(&["sts:AssumeRole"], Some(EXTERNAL_ID), None);
    scene.until_ready("petstore").await;
    until_account(&scene, &name, "Ready", "True", "Ready").await;
}

#[tokio::test]
async fn a_namespace_that_is_not_allowed_gets_nothing_but_its_clean_up() {
    let scene = Scene::new().await;
    let spoke = Spoke::trusting(&scene, 'a');
    let _controller = scene.start();
    let selector = json!({"matchLabels": {"palisade-e2e": scene.namespace}});
    let name = spoke.declare("a", &json!({"allowedNamespaces": {"selector": selector}}));
    spoke.apply(&name);
    let message = scene
        .until_condition("petstore", "Accepted", "False", "NotPermitted")
        .await;
    for part in [&name, &scene.namespace, "spec.allowedNamespaces.names"] {
        assert!(message.contains(part), "{part} is missing in: {message}");
    }
    assert_eq!(spoke.resources(), Vec::<Value>::new());
    assert!(scene.object("petstore").await["metadata"]["finalizers"].is_null());

    let label = format!("palisade-e2e={}", scene.namespace);
    kubectl(&["label", "namespace", &scene.namespace, &label]);
    scene.until_ready("petstore").await;

    kubectl(&["label", "namespace", &scene.namespace, "palisade-e2e-"]);
    scene
        .until_condition("petstore", "Accepted", "False", "NotPermitted")
        .await;
    assert_eq!(spoke.resources().len(), 4, "{:?}", spoke.resources());
    scene.delete("petstore").await;
    scene.until_gone("petstore").await;
    scene
        .until("nothing is left", async || spoke.resources().is_empty())
        .await;
}

#[tokio::test]
async fn an_account_that_is_not_there_is_named_and_the_object_can_be_deleted() {
    let scene = Scene::new().await;
    let _controller = scene.start();
    scene.apply("petstore", &json!({"accountName": "nowhere"}));
    let message = scene
        .until_condition("petstore", "Accepted", "False", "AccountNotFound")
        .await;
    assert!(
        message.contains("nowhere") && message.contains("kubectl get awsaccounts"),
        "{message}"
    );
    scene.delete("petstore").await;
    scene.until_gone("petstore").await;
    assert_eq!(scene.resources(), Vec::<Value>::new());
}

#[tokio::test]
async fn of_two_for_one_account_the_younger_is_refused_until_the_older_goes() {
    let scene = Scene::new().await;
    let spoke = Spoke::trusting(&scene, 'a');
    let _controller = scene.start();
    let older = spoke.declare("older", &json!({}));
    until_account(&scene, &older, "Ready", "True", "Ready").await;
    // The API server's times have whole seconds.
    let created = account(&scene, &older).await["metadata"]["creationTimestamp"].clone();
    let mut younger = String::new();
    scene
        .until("the other one is younger", async || {
            younger = spoke.declare("younger", &json!({}));
            let is_younger = account(&scene, &younger).await["metadata"]["creationTimestamp"] != created;
            if !is_younger {
                delete_account(&scene, &younger).await;
                until_account_is_gone(&scene, &younger).await;
            }
            is_younger
        })
        .await;
    let message = until_account(&scene, &younger, "Ready", "False", "AccountTaken").await;
    assert!(
        message.contains(&older) && message.contains(&spoke.id),
        "{message}"
    );
    spoke.apply(&younger);
    let message = scene
        .until_condition("petstore", "Accepted", "False", "AccountTaken")
        .await;
    assert!(message.contains(&older), "{message}");

    delete_account(&scene, &older).await;
    until_account_is_gone(&scene, &older).await;
    until_account(&scene, &younger, "Ready", "True", "Ready").await;
    scene.until_ready("petstore").await;
}

#[tokio::test]
async fn an_account_goes_only_after_its_objects_and_what_lambda_keeps_of_them() {
    let scene = Scene::new().await;
    let (spoke, name, _controller) = served(&scene).await;
    delete_account(&scene, &name).await;
    let message = until_account(&scene, &name, "Ready", "False", "InUse").await;
    assert!(
        message.contains(&format!("{}/petstore", scene.namespace)),
        "{message}"
    );
    scene.until_event_of("InUse", &name).await;

    scene.delete("petstore").await;
    scene.until_gone("petstore").await;
    until_account_is_gone(&scene, &name).await;
    assert_eq!(spoke.resources(), Vec::<Value>::new());
}

#[tokio::test]
async fn an_object_never_moves_to_another_account_also_without_its_status() {
    let scene = Scene::new().await;
    let (first, second) = (Spoke::trusting(&scene, 'a'), Spoke::trusting(&scene, 'b'));
    let _controller = scene.start();
    let (here, there) = (first.declare("a", &json!({})), second.declare("b", &json!({})));
    first.apply(&here);
    scene.until_ready("petstore").await;

    scene.change("petstore", json!({"accountName": there})).await;
    let message = scene
        .until_condition("petstore", "Accepted", "False", "AccountChanged")
        .await;
    assert!(
        message.contains(&first.id) && message.contains(&second.id),
        "{message}"
    );
    let forgotten = Patch::Merge(json!({"status": null}));
    let options = PatchParams::default();
    let forget = scene.objects();
    forget
        .patch_status("petstore", &options, &forgotten)
        .await
        .expect("the status is forgotten");
    scene
        .until_condition("petstore", "Accepted", "False", "AccountChanged")
        .await;
    scene.change("petstore", json!({"accountName": null})).await;
    let message = scene
        .until_condition("petstore", "Accepted", "False", "AccountChanged")
        .await;
    assert!(message.contains("123456789012"), "{message}");
    assert_eq!(second.resources(), Vec::<Value>::new());
    assert_eq!(scene.resources().len(), 4, "{:?}", scene.resources());

    scene.change("petstore", json!({"accountName": here})).await;
    scene.until_ready("petstore").await;
    scene.change("petstore", json!({"accountName": there})).await;
    scene.delete("petstore").await;
    scene.until_gone("petstore").await;
    scene
        .until("nothing is left", async || first.resources().is_empty())
        .await;
}

#[tokio::test]
async fn the_clean_up_waits_for_an_account_that_refuses_us_and_nothing_is_orphaned() {
    let scene = Scene::new().await;
    let (spoke, name, _controller) = served(&scene).await;
    let refusal = fault(&json!({
        "kind": "error", "account": spoke.id, "count": -1, "code": "ExpiredToken", "status": 403,
        "message": "The security token included in the request is expired",
    }));
    until_account(&scene, &name, "CredentialsValid", "False", "CredentialsInvalid").await;
    scene.delete("petstore").await;
    let message = scene
        .until_condition_of_any_generation("petstore", "Ready", "Deleting")
        .await;
    assert!(
        message.contains("the clean-up waits for the account"),
        "{message}"
    );
    assert_eq!(spoke.resources().len(), 4, "{:?}", spoke.resources());

    aws().control("DELETE", &format!("faults/{refusal}"), &Value::Null);
    scene.until_gone("petstore").await;
    scene
        .until("nothing is left", async || spoke.resources().is_empty())
        .await;
}

#[tokio::test]
async fn the_settings_of_shield_are_as_declared_and_what_others_change_of_them_is_told_and_left_alone() {
    let scene = Scene::new().await;
    let spoke = Spoke::trusting(&scene, 'a');
    let _controller = scene.start();
    let person = |email: &str| json!({"emailAddress": email, "phoneNumber": "+46701234567"});
    let shield = json!({"shield": {"emergencyContacts": [person("soc@example.com")]}});
    let name = spoke.declare("a", &shield);
    // None is ever made.
    until_account(&scene, &name, "ShieldSubscribed", "False", "NotSubscribed").await;
    let ready = until_account(&scene, &name, "Ready", "True", "Ready").await;
    assert!(ready.contains("not subscribed"), "{ready}");

    let console = |change: &Value| aws().control("PATCH", &format!("shield/{}", spoke.id), change);
    console(&json!({"subscribed": true}));
    until_account(&scene, &name, "EmergencyContactsCurrent", "True", "InPlace").await;
    let theirs = json!([{"EmailAddress": "else@example.com", "PhoneNumber": "+46707654321"}]);
    console(&json!({"contacts": theirs}));
    let told = until_account(
        &scene,
        &name,
        "EmergencyContactsCurrent",
        "False",
        "ChangedElsewhere",
    )
    .await;
    assert!(!told.contains("example.com"), "a contact is told: {told}");
    kubectl(&[
        "annotate",
        "awsacct",
        &name,
        "palisade.dev/overwrite-settings=now",
    ]);
    until_account(&scene, &name, "EmergencyContactsCurrent", "True", "InPlace").await;
    delete_account(&scene, &name).await;
    until_account_is_gone(&scene, &name).await;
}
