//! What a live object cannot change, since something stands by it: mutual TLS, a lock that is not proven, a takeover.

use super::{mutual_tls, petstore_with};
use crate::kubernetes;
use crate::petstore::{petstore, untyped};
use kube::api::{DynamicObject, Patch, PatchParams, PostParams};
use serde_json::{Value, json};

#[tokio::test]
async fn mutual_tls_cannot_be_moved() {
    let client = kubernetes::client().await;
    let namespace = kubernetes::namespace(&client, &[]).await;
    let api = untyped(&client, &namespace);
    let edit = async |patch: Value| {
        let patch = Patch::Merge(json!({"spec": patch}));
        let edited = api.patch("petstore", &PatchParams::default(), &patch).await;
        edited.map_err(|error| error.to_string())
    };
    let object = serde_json::from_value(petstore_with(&mutual_tls(&json!({})))).expect("an object");
    api.create(&PostParams::default(), &object).await.expect("taken");
    let options = |patch: Value| json!({"access": {"mutualTls": patch}});
    for (patch, part) in [
        (
            json!({"access": null, "origin": {"stage": "beta"}}),
            "spec.origin.stage and spec.origin.path are immutable",
        ),
        (
            options(json!({"hostedZoneId": "Z9"})),
            "spec.access.mutualTls.hostedZoneId is immutable",
        ),
        (
            options(json!({"originDomain": "other.example.com"})),
            "spec.access.mutualTls.originDomain is immutable",
        ),
        (
            options(json!({"truststoreBucket": "others"})),
            "spec.access.mutualTls.truststoreBucket is immutable",
        ),
    ] {
        let message = edit(patch.clone()).await.expect_err("refused");
        assert!(message.contains(part), "{patch}: {message}");
    }
    let rest = json!({"access": {"rotationPeriod": "720h", "mutualTls": {"disableForAllStages": true}}});
    edit(rest).await.expect("the rest can change");
}

#[tokio::test]
async fn an_object_of_any_mode_can_become_one_of_any_other() {
    let client = kubernetes::client().await;
    let namespace = kubernetes::namespace(&client, &[]).await;
    let api = untyped(&client, &namespace);
    let object = serde_json::from_value(petstore()).expect("an object");
    api.create(&PostParams::default(), &object).await.expect("taken");
    for mode in ["SigV4", "ApiKey", "SecretHeader"] {
        for patch in [
            mutual_tls(&json!({})),
            json!({"access": {"mode": mode, "mutualTls": null}}),
        ] {
            let patch = Patch::Merge(json!({"spec": patch}));
            let edited = api.patch("petstore", &PatchParams::default(), &patch).await;
            edited.expect(mode);
        }
    }
}

#[tokio::test]
async fn what_is_left_of_mutual_tls_is_not_moved_and_taken_up_again_as_it_is() {
    let client = kubernetes::client().await;
    let namespace = kubernetes::namespace(&client, &[]).await;
    let api = untyped(&client, &namespace);
    let object = serde_json::from_value(petstore()).expect("an object");
    api.create(&PostParams::default(), &object).await.expect("taken");
    let set = async |left: Value| {
        let access = json!({"verifiedAt": "2026-01-01T00:00:00Z", "mutualTls": left});
        let patch = Patch::Merge(json!({"status": {"access": access}}));
        let told = api
            .patch_status("petstore", &PatchParams::default(), &patch)
            .await;
        told.expect("a status");
    };
    let edit = async |patch: Value| {
        let patch = Patch::Merge(json!({"spec": patch}));
        let edited = api.patch("petstore", &PatchParams::default(), &patch).await;
        edited.map_err(|error| error.to_string())
    };
    set(json!({"originDomain": "origin.example.com", "hostedZoneId": "Z0123456789ABCDEFGHIJ", "truststoreBucket": "shop-truststores"}))
        .await;
    for (patch, part) in [
        (
            json!({"origin": {"stage": "beta"}}),
            "cannot change while status.access.mutualTls is there",
        ),
        (
            mutual_tls(&json!({"access": {"mutualTls": {"originDomain": "other.example.com"}}})),
            "have to be those of status.access.mutualTls",
        ),
    ] {
        let message = edit(patch.clone()).await.expect_err("refused");
        assert!(message.contains(part), "{patch}: {message}");
    }
    edit(mutual_tls(&json!({}))).await.expect("as it was");
    edit(json!({"access": {"mode": "ApiKey", "mutualTls": null}}))
        .await
        .expect("another mode");
    set(Value::Null).await;
    edit(json!({"origin": {"stage": "beta"}}))
        .await
        .expect("nothing is left");
}

#[tokio::test]
async fn the_stage_stays_while_its_lock_is_not_proven() {
    let client = kubernetes::client().await;
    let namespace = kubernetes::namespace(&client, &[]).await;
    let api = untyped(&client, &namespace);
    let object = serde_json::from_value(petstore()).expect("an object");
    api.create(&PostParams::default(), &object).await.expect("taken");
    let set = async |is_unproven: bool| {
        let access = json!({"verifiedAt": "2026-01-01T00:00:00Z", "lockUnproven": is_unproven});
        let patch = Patch::Merge(json!({"status": {"access": access}}));
        let told = api
            .patch_status("petstore", &PatchParams::default(), &patch)
            .await;
        told.expect("a status");
    };
    let params = PatchParams::default();
    let edit = Patch::Merge(json!({"spec": {"origin": {"stage": "beta"}}}));
    set(true).await;
    let error = api.patch("petstore", &params, &edit).await.expect_err("refused");
    assert!(
        error.to_string().contains("spec.origin.stage cannot change"),
        "{error}"
    );
    set(false).await;
    let edited = api.patch("petstore", &params, &edit).await;
    edited.expect("a proven lock holds nothing up");
}

#[tokio::test]
async fn what_is_taken_over_stays_named_in_the_spec() {
    let client = kubernetes::client().await;
    let namespace = kubernetes::namespace(&client, &[]).await;
    let api = untyped(&client, &namespace);
    let object = serde_json::from_value(petstore()).expect("an object");
    api.create(&PostParams::default(), &object).await.expect("taken");
    let params = PatchParams::default();
    let uid = "0f1e2d3c-0000-4000-8000-000000000000";
    let consent = |uid: &str| Patch::Merge(json!({"spec": {"takeOver": {"uid": uid}}}));
    api.patch("petstore", &params, &consent(uid))
        .await
        .expect("taken");
    let keeper = "c1/shop/petstore";
    let taken = json!({"uid": uid, "at": "2026-01-01T00:00:00Z", "madeFor": keeper, "takenFrom": keeper, "takeovers": 1});
    let status = Patch::Merge(json!({"status": {"takeOver": taken}}));
    api.patch_status("petstore", &params, &status)
        .await
        .expect("a status");
    let none = Patch::Merge(json!({"spec": {"takeOver": null}}));
    for edit in [none, consent("1f1e2d3c-0000-4000-8000-000000000000")] {
        let error = api.patch("petstore", &params, &edit).await.expect_err("refused");
        assert!(
            error.to_string().contains("spec.takeOver.uid is immutable"),
            "{error}"
        );
    }
    let given_up = Patch::Merge(json!({"spec": {"takeOver": {"keeperIsGone": true}}}));
    api.patch("petstore", &params, &given_up).await.expect("taken");
    // Who took the field out before status told of the takeover does not keep status from telling.
    let mut late: DynamicObject = serde_json::from_value(petstore()).expect("an object");
    late.metadata.name = Some("late".to_owned());
    api.create(&PostParams::default(), &late).await.expect("taken");
    for _ in 0..2 {
        let told = api.patch_status("late", &params, &status).await;
        told.expect("a status");
    }
    api.patch("late", &params, &consent(uid)).await.expect("put back");
}
