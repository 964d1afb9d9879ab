//! What the controller writes to the Kubernetes API about an object: status, finalizer, events.

use crate::kubernetes;
use crate::petstore::{api, create, events, petstore};
use kube::api::{Patch, PatchParams};
use kube::core::PartialObjectMeta;
use palisade::api::{FINALIZER, ProtectedApi, ProtectedApiStatus};
use palisade::controller::events::{EventNote, Events};
use palisade::controller::kubernetes::status::{
    add_finalizer, apply_status, has_finalizer, remove_finalizer,
};
use palisade::domain::kernel::reason::Reason;
use serde_json::json;

#[tokio::test]
async fn a_status_is_written_once_and_never_to_a_successor_of_the_same_name() {
    let client = kubernetes::client().await;
    let namespace = kubernetes::namespace(&client, &[]).await;
    let api = api(&client, &namespace);
    create(&client, &namespace, &petstore()).await;
    let old = api.get("petstore").await.expect("the object");
    let status = |url: &str| ProtectedApiStatus {
        // The API server's default.
        observed_generation: Some(-1),
        url: Some(url.into()),
        ..ProtectedApiStatus::default()
    };

    apply_status(&client, &old, &status("https://a.example.com"))
        .await
        .expect("written");
    let written = api.get("petstore").await.expect("the object");
    assert_eq!(written.status, Some(status("https://a.example.com")));
    apply_status(&client, &written, &status("https://a.example.com"))
        .await
        .expect("skipped");
    let again = api.get("petstore").await.expect("the object");
    assert_eq!(again.metadata.resource_version, written.metadata.resource_version);
    assert_eq!(again.metadata.generation, old.metadata.generation);

    // What is left out of the next status is gone; that the object changed meanwhile is no hindrance.
    apply_status(
        &client,
        &old,
        &ProtectedApiStatus {
            observed_generation: Some(1),
            ..Default::default()
        },
    )
    .await
    .expect("written");
    let emptied = api
        .get("petstore")
        .await
        .expect("the object")
        .status
        .expect("a status");
    assert_eq!((emptied.url, emptied.observed_generation), (None, Some(1)));

    api.delete("petstore", &kube::api::DeleteParams::default())
        .await
        .expect("deleted");
    create(&client, &namespace, &petstore()).await;
    apply_status(&client, &old, &status("https://old.example.com"))
        .await
        .expect_err("another object");
    let untouched = ProtectedApiStatus {
        observed_generation: Some(-1),
        ..ProtectedApiStatus::default()
    };
    let successor = api.get("petstore").await.expect("the object");
    assert_eq!(successor.status, Some(untouched));
}

#[tokio::test]
async fn finalizers_of_others_stay_and_a_successor_keeps_its_own() {
    let client = kubernetes::client().await;
    let namespace = kubernetes::namespace(&client, &[]).await;
    let api = api(&client, &namespace);
    let metadata = async || -> PartialObjectMeta<ProtectedApi> {
        api.get_metadata("petstore").await.expect("the object")
    };
    create(&client, &namespace, &petstore()).await;
    let bare = metadata().await.metadata;

    add_finalizer::<ProtectedApi>(&client, &bare)
        .await
        .expect("added");
    let ours = metadata().await.metadata;
    assert!(has_finalizer::<ProtectedApi>(&ours));
    add_finalizer::<ProtectedApi>(&client, &ours)
        .await
        .expect("there already");
    let patch = Patch::Merge(json!({"metadata": {"finalizers": ["example.com/other", FINALIZER]}}));
    api.patch("petstore", &PatchParams::default(), &patch)
        .await
        .expect("patched");
    remove_finalizer::<ProtectedApi>(&client, &ours)
        .await
        .expect_err("it moved in the list: read again");
    remove_finalizer::<ProtectedApi>(&client, &metadata().await.metadata)
        .await
        .expect("removed");
    assert_eq!(
        metadata().await.metadata.finalizers,
        Some(vec!["example.com/other".to_owned()])
    );
    add_finalizer::<ProtectedApi>(&client, &metadata().await.metadata)
        .await
        .expect("added to others");

    let all = metadata().await.metadata;
    let patch = Patch::Merge(json!({"metadata": {"finalizers": null}}));
    api.patch("petstore", &PatchParams::default(), &patch)
        .await
        .expect("patched");
    api.delete("petstore", &kube::api::DeleteParams::default())
        .await
        .expect("deleted");
    create(&client, &namespace, &petstore()).await;
    let patch = Patch::Merge(json!({"metadata": {"finalizers": ["example.com/other", FINALIZER]}}));
    api.patch("petstore", &PatchParams::default(), &patch)
        .await
        .expect("patched");
    remove_finalizer::<ProtectedApi>(&client, &all)
        .await
        .expect_err("another object");
    assert!(has_finalizer::<ProtectedApi>(&metadata().await.metadata));
}

#[tokio::test]
async fn equal_events_are_counted_and_different_ones_all_told() {
    let client = kubernetes::client().await;
    let namespace = kubernetes::namespace(&client, &[]).await;
    create(&client, &namespace, &petstore()).await;
    let object = api(&client, &namespace)
        .get("petstore")
        .await
        .expect("the object");
    let about = kube::Resource::object_ref(&object, &());
    let publisher = Events::new(client.clone(), "test");
    for note in ["changed a", "changed a", "changed b", &"é".repeat(2000)] {
        publisher
            .publish(
                &about,
                EventNote::normal(Reason::Updated, "UpdateDistribution", note),
            )
            .await;
    }
    let mut told: Vec<_> = events(&client, &namespace, "Updated")
        .await
        .into_iter()
        .map(|event| {
            (
                event.note.unwrap_or_default(),
                event.series.map(|series| series.count),
            )
        })
        .collect();
    told.sort();
    assert_eq!(told.len(), 3, "{told:?}");
    assert_eq!(told[0], ("changed a".to_owned(), Some(2)));
    assert_eq!(told[1], ("changed b".to_owned(), None));
    assert!(told[2].0.ends_with('…'));
}
