//! Objects in the store that no API server of today would take.

use crate::apis::{endpoint, seed_rest};
use crate::promtool::Scrape;
use crate::scene::{SCHEMA, Scene};
use kube::api::{Api, DynamicObject, Patch, PatchParams};
use kube::core::{ApiResource, GroupVersionKind};
use serde_json::{Value, json};

const CRD: &str = "protectedapis.palisade.dev";

/// Writes the object's spec past the schema, as if it had been stored when the schema was laxer.
async fn store(scene: &Scene, name: &str, spec: &Value) {
    let _alone = SCHEMA.write().await;
    let kind = GroupVersionKind::gvk("apiextensions.k8s.io", "v1", "CustomResourceDefinition");
    let crds: Api<DynamicObject> = Api::all_with(scene.client.clone(), &ApiResource::from_gvk(&kind));
    let strict = crds.get(CRD).await.expect("the CRD").data["spec"]["versions"].clone();
    let set_versions = async |versions: &Value| {
        let patch = Patch::Merge(json!({"spec": {"versions": versions}}));
        crds.patch(CRD, &PatchParams::default(), &patch)
            .await
            .expect("patched");
    };
    let mut lax = strict.clone();
    lax[0]["schema"]["openAPIV3Schema"] =
        json!({"type": "object", "x-kubernetes-preserve-unknown-fields": true});
    set_versions(&lax).await;
    let patch = Patch::Merge(json!({"spec": spec}));
    scene
        .until("the laxer schema counts", async || {
            scene
                .objects()
                .patch(name, &PatchParams::default(), &patch)
                .await
                .is_ok()
        })
        .await;
    set_versions(&strict).await;
}

#[tokio::test]
async fn a_malformed_object_stops_nobody_changes_nothing_and_can_be_deleted() {
    let scene = Scene::new().await;
    let controller = scene.start();
    scene.apply("petstore", &json!({}));
    scene.until_ready("petstore").await;

    store(&scene, "petstore", &json!({"origin": {"type": "GRPC"}})).await;
    scene.until_event("Malformed", &["GRPC", "kubectl edit"]).await;
    let mut scrape = Scrape::of(&controller);
    let none = "palisade_reconciles_total{outcome=\"Malformed\"} 0\n";
    scene
        .until("the pass is counted", async || {
            scrape = Scrape::of(&controller);
            !scrape.text.contains(none)
        })
        .await;
    scrape.fires(&["PalisadeObjectUnreadable"]);
    assert_eq!(scene.kinds(), ["distribution", "function", "role", "webacl"]);

    let other = scene.another_api('x');
    seed_rest(&other);
    scene.apply("other", &json!({"origin": {"endpoint": endpoint(&other)}}));
    scene.until_ready("other").await;

    scene.delete("petstore").await;
    scene.until_gone("petstore").await;
    scene
        .until("only the other's are left", async || {
            scene
                .resources()
                .iter()
                .all(|resource| resource["tags"]["palisade.dev/name"] == "other")
        })
        .await;
    assert_eq!(scene.kinds(), ["distribution", "function", "role", "webacl"]);
}

#[tokio::test]
async fn an_object_whose_spec_became_invalid_can_be_deleted() {
    let scene = Scene::new().await;
    let _controller = scene.start();
    scene.apply("petstore", &json!({}));
    scene.until_ready("petstore").await;
    store(
        &scene,
        "petstore",
        &json!({"webAcl": {"blockCidrs": ["not-a-cidr"]}}),
    )
    .await;
    scene
        .until_condition("petstore", "Accepted", "False", "InvalidSpec")
        .await;
    scene.delete("petstore").await;
    scene.until_gone("petstore").await;
    scene
        .until("nothing is left", async || scene.resources().is_empty())
        .await;
}
