//! A perimeter moves from one living cluster to another, as docs/handover.md has it.

use crate::adoption::plugin;
use crate::kubernetes;
use crate::observation::last;
use crate::replicas::is_write;
use crate::scene::{EVERYTHING, Scene};
use crate::viewers::{Viewers, domain};
use serde_json::{Value, json};

/// What stands for a scene's objects, whoever keeps it.
fn standing(scene: &Scene) -> Vec<Value> {
    let mut all = scene.resources();
    for found in &mut all {
        found["tags"] = Value::Null;
    }
    all
}

#[tokio::test]
async fn a_perimeter_moves_to_another_cluster_with_no_viewer_refused_and_its_api_never_open() {
    let cluster = kubernetes::start();
    let old = Scene::new().await;
    let new = Scene::within(&cluster.kubeconfig, &EVERYTHING).await;
    // The condemned of other tests, in the same account, would be swept by the old one, too.
    let _here = old.launch().option("--sweep", "10m").start();
    let _there = new.start();
    old.apply("petstore", &json!({}));
    old.until_ready("petstore").await;
    let uid = old.uid("petstore").await;
    let viewers = Viewers::of(domain(&old, "petstore").await);
    let others = Viewers::refused(old.endpoint());
    let before = standing(&old);

    let cluster_uid = new.kubectl(&[
        "get",
        "namespace",
        "kube-system",
        "-o",
        "jsonpath={.metadata.uid}",
    ]);
    let to = format!("{cluster_uid}/{}/pets", new.namespace);
    let offer = ["handover", "petstore", "--to", &to, "--yes", "-o", "json"];
    let manifest: Value = serde_json::from_str(&plugin(&old, &offer)).expect("JSON");
    let object = old.object("petstore").await;
    assert_eq!(object["spec"]["handOver"]["to"], *to);
    assert_eq!(manifest["spec"]["takeOver"]["uid"], *uid);
    let permission = format!("palisade.dev/allowed-perimeters={uid}");
    new.kubectl(&["annotate", "namespace", &new.namespace, &permission]);
    let file = new.write(&manifest);
    new.kubectl(&["apply", "-f", &file]);

    new.until_ready("pets").await;
    old.until_condition("petstore", "Ready", "False", "HandedOver")
        .await;
    let told = old.object("petstore").await["status"]["handOver"].clone();
    assert_eq!(told["state"], "Taken", "{told}");
    new.until("all that stood is the new one's", async || {
        standing(&new) == before
    })
    .await;
    assert_eq!(
        domain(&new, "pets").await,
        domain(&old, "petstore").await,
        "the address"
    );

    let handed_over = last(&old.calls(0));
    old.delete("petstore").await;
    old.until_gone("petstore").await;
    let mut writes = old.calls(handed_over);
    writes.retain(|call| is_write(call["operation"].as_str().unwrap_or_default()));
    assert!(writes.is_empty(), "{writes:?}");
    assert_eq!(standing(&new), before, "the deletion of the old object");
    new.until_ready("pets").await;
    viewers.end();
    others.end();

    new.delete("pets").await;
    new.until_gone("pets").await;
    new.until("nothing is left", async || {
        old.resources().is_empty() && new.resources().is_empty()
    })
    .await;
}
