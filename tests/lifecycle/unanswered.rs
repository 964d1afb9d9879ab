//! A Kubernetes API that fails, that others write to, or that vanishes: nothing is asked for without a pause, or waited for without
//! an end.

use super::api_server::ApiServer;
use super::controllers::World;
use super::processes::OWN;
use super::support::simulation::faults::{Fault, Rule, Scope};
use futures::future::{BoxFuture, FutureExt as _, join4};
use k8s_openapi::api::core::v1::ObjectReference;
use kube::Client;
use kube::runtime::reflector;
use palisade::api::{
    ACCOUNT_FINALIZER, AwsAccount, AwsAccountStatus, FINALIZER, ProtectedApi, ProtectedApiStatus,
};
use palisade::controller::events::{EventNote, Events};
use palisade::controller::kubernetes::status::{
    add_finalizer, apply_status, apply_status_once, remove_finalizer,
};
use palisade::controller::watch::aws_accounts::{AccountTriggers, AwsAccounts, follow_accounts};
use palisade::controller::watch::perimeter_classes::{ClassTriggers, PerimeterClasses, follow_classes};
use palisade::controller::watch::{Claims, Triggers, follow_namespaces, follow_objects};
use palisade::domain::kernel::reason::Reason;
use serde_json::json;
use std::collections::BTreeMap;
use std::convert::Infallible;
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tokio::time::timeout;

const PETSTORE: &str = "shop/petstore";
const ORDERS: &str = "shop/orders";

#[tokio::test(start_paused = true)]
async fn a_conflict_that_lasts_is_met_ever_more_seldom() {
    let mut world = World::new(&["shop"]);
    world.apply(PETSTORE, "ownownowno", &json!({}));
    world.until_ready(&[PETSTORE]).await;
    let conflict = Fault::Refusal(
        "PreconditionFailed",
        "The precondition in one or more fields evaluated to false.",
    );
    let update = Scope::Operation("UpdateDistribution");
    world.aws.clouds[OWN].inject(Rule::next(update, usize::MAX, conflict));
    world.calls.clear();
    world.apply(
        PETSTORE,
        "ownownowno",
        &json!({"distribution": {"priceClass": "PriceClass_100"}}),
    );
    world.seconds(3600).await;
    let tries = |world: &World| {
        let updates = world
            .calls
            .iter()
            .filter(|(_, call)| call.operation.name == "UpdateDistribution");
        updates.count()
    };
    // Ever later, from a second up to once a minute.
    assert!((8..80).contains(&tries(&world)), "{}", tries(&world));
    world.aws.clouds[OWN].clear_faults();
    world.until_ready(&[PETSTORE]).await;
}

/// What each watch asks for in an hour, and how often.
#[tokio::test(start_paused = true)]
async fn a_watch_that_fails_is_begun_again_ever_later() {
    let asked: Arc<Mutex<BTreeMap<String, u32>>> = Arc::default();
    let counted = Arc::clone(&asked);
    let service = tower::service_fn(move |request: axum::http::Request<kube::client::Body>| {
        *counted
            .lock()
            .unwrap()
            .entry(request.uri().path().to_owned())
            .or_default() += 1;
        async {
            let status = json!({"apiVersion": "v1", "kind": "Status", "metadata": {}, "status": "Failure",
                "reason": "InternalError", "code": 500, "message": "etcd is gone"});
            let body = kube::client::Body::from(status.to_string().into_bytes());
            let answer = axum::http::Response::builder().status(500).body(body);
            Ok::<_, Infallible>(answer.unwrap())
        }
    });
    let client = Client::new(service, "default");
    let (objects, object_writer) = reflector::store();
    let (namespaces, namespace_writer) = reflector::store();
    let (_accounts, writing) = AwsAccounts::new();
    let (_classes, writing_classes) = PerimeterClasses::new();
    let (triggers, _called_for) = Triggers::new();
    let (account_triggers, _called_for_accounts) = AccountTriggers::new();
    let (class_triggers, _called_for_classes) = ClassTriggers::new();
    let watches = join4(
        follow_objects(
            client.clone(),
            None,
            object_writer,
            triggers.clone(),
            Arc::default(),
            Claims::default(),
            (account_triggers.clone(), class_triggers.clone()),
        ),
        follow_classes(
            client.clone(),
            writing_classes,
            class_triggers,
            (objects.clone(), triggers.clone()),
            namespaces,
        ),
        follow_namespaces(
            client.clone(),
            None,
            namespace_writer,
            objects.clone(),
            triggers.clone(),
        ),
        follow_accounts(client, writing, account_triggers, objects, triggers),
    );
    let hour = Duration::from_hours(1);
    timeout(hour, Box::pin(watches))
        .await
        .expect_err("they go on for ever");
    let asked = asked.lock().unwrap();
    assert_eq!(asked.len(), 4, "{asked:?}");
    // With its jitter the longest pause is between half a minute and a minute.
    assert!(
        asked.values().all(|times| (60..=130).contains(times)),
        "{asked:?}"
    );
}

/// Each write, where the API server vanishes without closing connections.
#[tokio::test(start_paused = true)]
async fn no_write_to_kubernetes_is_waited_for_longer_than_ten_seconds() {
    let api = ApiServer::new(&["shop"]);
    let client = api.client();
    api.be_silent(true);
    let metadata =
        |name: &str| json!({"name": name, "namespace": "shop", "uid": "u", "resourceVersion": "1"});
    let origin = json!({"endpoint": "a1b2c3d4e5.execute-api.eu-north-1.amazonaws.com", "type": "REST", "stage": "prod"});
    let object: ProtectedApi = serde_json::from_value(
        json!({"apiVersion": "palisade.dev/v1alpha1", "kind": "ProtectedApi",
        "metadata": metadata("petstore"), "spec": {"origin": origin}}),
    )
    .unwrap();
    let account: AwsAccount = serde_json::from_value(
        json!({"apiVersion": "palisade.dev/v1alpha1", "kind": "AwsAccount",
        "metadata": metadata("own"), "spec": {}}),
    )
    .unwrap();
    let mut held = (object.metadata.clone(), account.metadata.clone());
    held.0.finalizers = Some(vec![FINALIZER.to_owned()]);
    held.1.finalizers = Some(vec![ACCOUNT_FINALIZER.to_owned()]);
    let statuses = (ProtectedApiStatus::default(), AwsAccountStatus::default());
    let events = Events::new(client.clone(), "pod");
    let about = ObjectReference::default();
    let writes: [(&str, BoxFuture<'_, bool>); 7] = [
        (
            "status",
            apply_status(&client, &object, &statuses.0)
                .map(|it| it.is_err())
                .boxed(),
        ),
        (
            "status once",
            apply_status_once(&client, &object, &statuses.0)
                .map(|it| it.is_err())
                .boxed(),
        ),
        (
            "status of an account",
            apply_status(&client, &account, &statuses.1)
                .map(|it| it.is_err())
                .boxed(),
        ),
        (
            "finalizer",
            add_finalizer::<ProtectedApi>(&client, &object.metadata)
                .map(|it| it.is_err())
                .boxed(),
        ),
        (
            "its end",
            remove_finalizer::<ProtectedApi>(&client, &held.0)
                .map(|it| it.is_err())
                .boxed(),
        ),
        (
            "finalizer of an account",
            remove_finalizer::<AwsAccount>(&client, &held.1)
                .map(|it| it.is_err())
                .boxed(),
        ),
        (
            "events",
            events
                .publish_all(&about, vec![EventNote::normal(Reason::Ready, "Look", "note"); 5])
                .map(|()| true)
                .boxed(),
        ),
    ];
    for (what, write) in writes {
        let began = tokio::time::Instant::now();
        let has_failed = timeout(Duration::from_mins(15), write).await;
        assert_eq!(has_failed, Ok(true), "{what}");
        assert!(
            began.elapsed() <= Duration::from_secs(10),
            "{what}: {:?}",
            began.elapsed()
        );
    }
}

#[tokio::test(start_paused = true)]
async fn an_api_server_that_vanishes_without_closing_connections_holds_nothing_for_long() {
    let mut world = World::new(&["shop"]);
    world.apply(PETSTORE, "ownownowno", &json!({}));
    world.until_ready(&[PETSTORE]).await;
    world.apply(
        PETSTORE,
        "ownownowno",
        &json!({"distribution": {"priceClass": "PriceClass_100"}}),
    );
    world.seconds(2).await;
    world.api.be_silent(true);
    world.seconds(20 * 60).await;
    let (waiting, longest) = world.api.waiting();
    assert!(
        longest > Duration::ZERO && longest <= Duration::from_secs(10),
        "{longest:?}"
    );
    // No place of a pass is lost to one: there are far fewer than were ever asked.
    assert!(waiting <= 3, "{waiting}");
    world.api.be_silent(false);
    let back = tokio::time::Instant::now();
    // Nothing is known of it yet that would hold it up.
    world.apply(ORDERS, "ownownown2", &json!({}));
    world.apply(
        PETSTORE,
        "ownownowno",
        &json!({"distribution": {"priceClass": "PriceClass_200"}}),
    );
    world.until_ready(&[ORDERS]).await;
    let new = back.elapsed();
    world.until_ready(&[PETSTORE]).await;
    let known = back.elapsed();
    // The deployment, and the backoff of watches and of writes that were not answered.
    assert!(
        new.as_secs() < 2 * 60 && known.as_secs() < 2 * 60,
        "{new:?} {known:?}"
    );
}
