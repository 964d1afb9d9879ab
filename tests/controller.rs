//! The controller's machinery against a real API server. AWS refuses everything here: passes are counted, not judged.

#[allow(
    clippy::duplicate_mod,
    reason = "an instance of its own: its tests would disturb those of the others"
)]
#[path = "support/kubernetes.rs"]
mod kubernetes;
mod running;

use crate::controller_settings::settings;
use crate::petstore::{api, create, events, petstore, untyped};
use k8s_openapi::api::coordination::v1::Lease;
use k8s_openapi::api::core::v1::Namespace;
use kube::api::{Api, DynamicObject, Patch, PatchParams, PostParams};
use kube::config::{KubeConfigOptions, Kubeconfig};
use kube::core::{ApiResource, GroupVersionKind};
use kube::{Client, Config};
use palisade::api::{FINALIZER, ProtectedApi};
use palisade::controller::kubernetes::status::remove_finalizer;
use palisade::controller::process::metrics::Metrics;
use palisade::controller::process::settings::{LeaseSettings, Settings};
use palisade::controller::process::shutdown::Shutdown;
use palisade::controller::{Parts, RunError, run};
use running::{LONG, Refusing, Silent, eventually, get, launch, start};
use serde_json::{Value, json};
use std::sync::Arc;
use std::time::Duration;
use tokio::time::{sleep, timeout};

const CRD: &str = "protectedapis.palisade.dev";

#[tokio::test]
async fn changes_of_the_object_and_of_the_namespaces_permissions_call_for_passes_and_others_do_not() {
    let client = kubernetes::client().await;
    let namespace = kubernetes::namespace(&client, &[]).await;
    let running = start(&client, &namespace, None).await;
    create(&client, &namespace, &petstore()).await;
    running.passes_reach(1).await;
    // Let retries and follow-ups of the first pass settle.
    sleep(Duration::from_secs(1)).await;

    let settled = running.passes().await;
    let namespaces: Api<Namespace> = Api::all(client.clone());
    let annotate = async |key: &str| {
        let patch = Patch::Merge(json!({"metadata": {"annotations": {key: "x"}}}));
        namespaces
            .patch(&namespace, &PatchParams::default(), &patch)
            .await
            .expect("patched");
    };
    annotate("example.com/other").await;
    sleep(Duration::from_secs(1)).await;
    assert_eq!(running.passes().await, settled);
    annotate("palisade.dev/allowed-apis").await;
    running.passes_reach(settled + 1).await;

    let settled = running.passes().await;
    let patch = Patch::Merge(json!({"spec": {"tags": {"team": "shop"}}}));
    api(&client, &namespace)
        .patch("petstore", &PatchParams::default(), &patch)
        .await
        .expect("patched");
    running.passes_reach(settled + 1).await;
    running.stop().await.expect("a good end");
}

/// A client with the rights of an installation that is older than `AwsAccount`s.
async fn of_older_installation() -> Client {
    let resources =
        "protectedapis.palisade.dev,protectedapis.palisade.dev/status,namespaces,events.events.k8s.io";
    kubernetes::kubectl(&[
        "create",
        "clusterrole",
        "older",
        "--verb=get,list,watch,patch,create",
        &format!("--resource={resources}"),
    ]);
    kubernetes::kubectl(&[
        "create",
        "clusterrolebinding",
        "older",
        "--clusterrole=older",
        "--user=older",
    ]);
    let kubeconfig = Kubeconfig::read_from(kubernetes::kubeconfig()).expect("a kubeconfig");
    let config = Config::from_custom_kubeconfig(kubeconfig, &KubeConfigOptions::default()).await;
    let mut config = config.expect("a config");
    config.auth_info.impersonate = Some("older".to_owned());
    Client::try_from(config).expect("a client")
}

#[tokio::test]
async fn an_installation_without_accounts_serves_the_controllers_own_and_says_what_others_lack() {
    let client = kubernetes::client().await;
    let namespace = kubernetes::namespace(&client, &[]).await;
    let running = start(&of_older_installation().await, &namespace, None).await;
    create(&client, &namespace, &petstore()).await;
    let mut elsewhere = petstore();
    elsewhere["metadata"]["name"] = "elsewhere".into();
    // Of two objects for one stage only one would be served.
    elsewhere["spec"]["origin"]["endpoint"] = "z1b2c3d4e5.execute-api.eu-north-1.amazonaws.com".into();
    elsewhere["spec"]["accountName"] = "production".into();
    create(&client, &namespace, &elsewhere).await;
    let accepted = async |name: &str| {
        let object = api(&client, &namespace).get(name).await.expect("the object");
        let conditions = object.status.unwrap_or_default().conditions.into_iter();
        let mut accepted = conditions.filter(|condition| condition.type_ == "Accepted");
        accepted
            .next()
            .map(|condition| (condition.reason, condition.message))
    };
    let reason = async |name: &str| accepted(name).await.unwrap_or_default().0;
    // AWS refuses everything here, so it was asked.
    eventually("the own account is asked", async || {
        reason("petstore").await == "CredentialsInvalid"
    })
    .await;
    eventually(
        "what fails is counted as failed, also when a person is waited for",
        async || running.ended("CredentialsInvalid").await,
    )
    .await;
    eventually("the other one cannot be", async || {
        reason("elsewhere").await == "AccountNotReady"
    })
    .await;
    let message = accepted("elsewhere").await.unwrap_or_default().1;
    assert!(message.contains("AwsAccounts cannot be read"), "{message}");
    running.stop().await.expect("a good end");
}

#[tokio::test]
async fn a_malformed_object_is_told_of_and_can_go_and_stops_nobody() {
    let client = kubernetes::client().await;
    let namespace = kubernetes::namespace(&client, &[]).await;
    // Stored when the schema was laxer, or by a successor of ours.
    let crds: Api<DynamicObject> = {
        let kind = GroupVersionKind::gvk("apiextensions.k8s.io", "v1", "CustomResourceDefinition");
        Api::all_with(client.clone(), &ApiResource::from_gvk(&kind))
    };
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
    let mut malformed = petstore();
    malformed["metadata"] = json!({"name": "malformed", "finalizers": [FINALIZER]});
    malformed["spec"]["origin"]["type"] = "GRPC".into();
    let dynamic = untyped(&client, &namespace);
    let object: DynamicObject = serde_json::from_value(malformed).expect("an object");
    eventually("the laxer schema counts", async || {
        dynamic.create(&PostParams::default(), &object).await.is_ok()
    })
    .await;
    set_versions(&strict).await;

    let running = start(&client, &namespace, None).await;
    create(&client, &namespace, &petstore()).await;
    running.passes_reach(2).await;
    eventually("an event", async || {
        !events(&client, &namespace, "Malformed").await.is_empty()
    })
    .await;
    assert!(running.ended("Malformed").await, "counted as what it is");
    let event = events(&client, &namespace, "Malformed").await.remove(0);
    assert_eq!(event.type_.as_deref(), Some("Warning"));
    assert!(event.note.unwrap_or_default().contains("GRPC"));
    assert_eq!(
        event.regarding.and_then(|object| object.kind).as_deref(),
        Some("ProtectedApi")
    );

    dynamic
        .delete("malformed", &kube::api::DeleteParams::default())
        .await
        .expect("deleted");
    let metadata = dynamic
        .get_metadata("malformed")
        .await
        .expect("held by the finalizer")
        .metadata;
    remove_finalizer::<ProtectedApi>(&client, &metadata)
        .await
        .expect("removed");
    assert!(dynamic.get_opt("malformed").await.expect("an answer").is_none());
    remove_finalizer::<ProtectedApi>(&client, &metadata)
        .await
        .expect("gone already");
    running.stop().await.expect("a good end");
}

#[tokio::test]
async fn a_controller_that_stops_gives_its_lease_up_and_one_that_loses_it_ends() {
    let client = kubernetes::client().await;
    let namespace = kubernetes::namespace(&client, &[]).await;
    let lease = LeaseSettings {
        namespace: Some(namespace.clone()),
        name: "palisade".into(),
        duration: Duration::from_mins(1),
        renew: Duration::from_millis(200),
        retry: Duration::from_millis(200),
    };
    let leases: Api<Lease> = Api::namespaced(client.clone(), &namespace);
    let holder = async || {
        leases
            .get_opt("palisade")
            .await
            .expect("an answer")?
            .spec?
            .holder_identity
    };

    let first = start(&client, &namespace, Some(lease.clone())).await;
    eventually("the first leads", async || holder().await.is_some()).await;
    eventually("it says so", async || {
        get(first.metrics, "/metrics").await.contains("palisade_leader 1")
    })
    .await;
    let standby = start(&client, &namespace, Some(lease)).await;
    assert!(
        get(standby.metrics, "/metrics")
            .await
            .contains("palisade_leader 0")
    );
    let first_holder = holder().await;
    first.stop().await.expect("a good end");
    eventually("the standby leads", async || {
        holder().await.is_some_and(|now| Some(now) != first_holder)
    })
    .await;

    let patch = Patch::Merge(json!({"spec": {"holderIdentity": "usurper"}}));
    leases
        .patch("palisade", &PatchParams::default(), &patch)
        .await
        .expect("patched");
    let end = timeout(LONG, standby.end).await.expect("ends").expect("no panic");
    assert!(matches!(end, Err(RunError::Lost(_))), "{end:?}");
}

#[tokio::test]
async fn a_pod_that_cannot_stand_for_election_is_not_ready() {
    let client = kubernetes::client().await;
    let namespace = kubernetes::namespace(&client, &[]).await;
    let elsewhere = format!("{namespace}-election");
    let lease = LeaseSettings {
        namespace: Some(elsewhere.clone()),
        name: "palisade".into(),
        duration: Duration::from_mins(1),
        renew: Duration::from_millis(200),
        retry: Duration::from_millis(200),
    };
    let running = launch(&client, &namespace, Some(lease)).await;
    eventually("it says what it waits for", async || {
        get(running.health, "/readyz").await == "waiting for the Lease\n"
    })
    .await;
    let made = json!({"metadata": {"name": elsewhere}});
    let made: Namespace = serde_json::from_value(made).expect("a Namespace");
    let namespaces: Api<Namespace> = Api::all(client.clone());
    namespaces
        .create(&PostParams::default(), &made)
        .await
        .expect("created");
    eventually("ready", async || get(running.health, "/readyz").await == "ok\n").await;
    running.stop().await.expect("a good end");
}

#[tokio::test]
async fn a_taken_address_is_an_error_that_names_the_option() {
    let client = kubernetes::client().await;
    let namespace = kubernetes::namespace(&client, &[]).await;
    let running = start(&client, &namespace, None).await;
    let (_stop, shutdown) = Shutdown::manual();
    let settings = Settings {
        health_addr: Some(running.health),
        ..settings()
    };
    let parts = Parts {
        client,
        aws: Arc::new(Refusing),
        prober: Arc::new(Silent),
        metrics: Arc::new(Metrics::new()),
        shutdown,
    };
    let error = run(settings, parts).await.expect_err("the address is taken");
    assert!(error.to_string().contains("--health-addr"), "{error}");
    running.stop().await.expect("a good end");
}
