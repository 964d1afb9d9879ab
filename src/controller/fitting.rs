//! Whether the definitions in the cluster are those of this version: waited for at the start, and looked at again ever after.

use crate::controller::pass::again::chain;
use crate::controller::process::server::{DEFINITIONS, Health};
use crate::definitions::served::{self, Unfit};
use kube::Client;
use std::time::Duration;
use tokio::time::Instant;
use tracing::warn;

/// What a start needs is asked for again so soon at first, and then more and more seldom.
const FIRST_RETRY: Duration = Duration::from_secs(1);
const PREPARE_RETRY: Duration = Duration::from_secs(10);
/// Between two looks. No watch of definitions: that needs a right of its own.
const AGAIN: Duration = Duration::from_mins(1);
/// A look at the definitions, whose description is large, that need not be repeated.
const JUST_NOW: Duration = Duration::from_secs(5);
const COMPARING: &str = "comparing the definitions with this version's";

/// Waits until the definitions that are served are those of this version, and tells when it asked for them. Under others the API server
/// would drop what we write of AWS's resources, or objects ask for what we do not know.
pub(super) async fn fitting(client: &Client, health: &Health) -> Instant {
    let asked = persistently(COMPARING, || async {
        let asked = Instant::now();
        let fit = served::fit(client).await;
        fit.inspect_err(|unfit| health.says(DEFINITIONS, unfit.to_string()))
            .map(|()| asked)
    })
    .await;
    health.has(DEFINITIONS);
    asked
}

/// The same as [`kept`], where definitions that fitted were `asked` for longer ago than just now: whoever stood by looked a minute ago, and
/// whoever waited for credentials before that.
pub(super) async fn still_kept(client: &Client, health: &Health, asked: Instant) -> Result<(), Unfit> {
    if asked.elapsed() > JUST_NOW {
        kept(client, health).await?;
    }
    Ok(())
}

/// Whether what we write is kept, once that is known. Newer definitions do: an upgrade brings them in first, and leaves no gap.
pub(super) async fn kept(client: &Client, health: &Health) -> Result<(), Unfit> {
    persistently(COMPARING, || async {
        match served::keep(client).await {
            Err(unread @ Unfit::Unread(_)) => Err(unread),
            known => Ok(known.inspect_err(|unfit| {
                health.lacks(DEFINITIONS);
                health.says(DEFINITIONS, unfit.to_string());
            })),
        }
    })
    .await
}

/// Ends once what we write is not kept any more, as after a `helm rollback` of the definitions.
pub(super) async fn lost(client: &Client, health: &Health) -> Unfit {
    loop {
        tokio::time::sleep(AGAIN).await;
        if let Err(unfit) = kept(client, health).await {
            return unfit;
        }
    }
}

/// Tries until it works: at a start, DNS, tokens and endpoints may come later than we do. Viewers may be waiting for it.
pub(super) async fn persistently<T, E, F>(what: &str, mut attempt: impl FnMut() -> F) -> T
where
    F: Future<Output = Result<T, E>>,
    E: std::error::Error,
{
    let mut retry_in = FIRST_RETRY;
    loop {
        match attempt().await {
            Ok(value) => return value,
            Err(error) => {
                warn!(error = chain(&error), ?retry_in, "{what} failed");
                tokio::time::sleep(retry_in).await;
                retry_in = (retry_in * 2).min(PREPARE_RETRY);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::api::{GROUP, definitions};
    use hyper::{Request, Response};
    use kube::client::Body;
    use serde_json::{Value, json};
    use std::convert::Infallible;
    use std::sync::{Arc, Mutex};
    use tokio::time::timeout;

    /// What the API server says of our kinds.
    fn description() -> Value {
        let schemas = definitions().into_iter().map(|definition| {
            let version = &definition.spec.versions[0];
            let schema = version.schema.as_ref().expect("a schema");
            let mut schema = serde_json::to_value(&schema.open_api_v3_schema).expect("JSON");
            let kind = definition.spec.names.kind;
            schema["x-kubernetes-group-version-kind"] =
                json!([{"group": GROUP, "version": version.name, "kind": kind}]);
            (kind, schema)
        });
        let schemas: serde_json::Map<String, Value> = schemas.collect();
        json!({"components": {"schemas": schemas}})
    }

    /// Of a server that says what stands in the other at the time; nothing where it is null.
    fn served() -> (Client, Arc<Mutex<Value>>) {
        let described = Arc::new(Mutex::new(description()));
        let answers = Arc::clone(&described);
        let service = tower::service_fn(move |_: Request<Body>| {
            let now = answers.lock().expect("no panic").clone();
            let status = if now.is_null() { 503 } else { 200 };
            let answer = Response::builder().status(status);
            let answer = answer.body(Body::from(now.to_string().into_bytes()));
            async move { Ok::<_, Infallible>(answer.expect("an answer")) }
        });
        (Client::new(service, "default"), described)
    }

    fn fields<'a>(of: &'a mut Value, part: &str) -> &'a mut serde_json::Map<String, Value> {
        let schema = &mut of["components"]["schemas"]["PerimeterClass"]["properties"][part];
        schema["properties"].as_object_mut().expect("fields")
    }

    #[tokio::test(start_paused = true)]
    async fn older_definitions_are_noticed_within_a_minute_and_newer_ones_and_silence_stop_nobody() {
        let (client, described) = served();
        let health = Health::new(false);
        let change = |change: &dyn Fn(&mut Value)| change(&mut described.lock().expect("no panic"));
        let two_looks = AGAIN * 5 / 2;
        assert!(kept(&client, &health).await.is_ok());
        assert!(timeout(two_looks, lost(&client, &health)).await.is_err());
        change(&|all| drop(fields(all, "spec").insert("later".to_owned(), json!({"type": "string"}))));
        assert!(timeout(two_looks, lost(&client, &health)).await.is_err());
        let before = described.lock().expect("no panic").clone();
        change(&|all| *all = Value::Null);
        assert!(timeout(two_looks, lost(&client, &health)).await.is_err());
        change(&|all| all.clone_from(&before));
        change(&|all| drop(fields(all, "status").remove("rollout")));
        let began = Instant::now();
        let unfit = lost(&client, &health).await;
        assert!(began.elapsed() <= AGAIN);
        assert!(
            unfit
                .to_string()
                .contains("PerimeterClass is older than this controller: it lacks status.rollout;")
        );
    }

    /// What comes after the first look, credentials among it, may take hours.
    #[tokio::test(start_paused = true)]
    async fn definitions_that_became_older_since_they_fitted_are_noticed_unless_that_was_just_now() {
        let (client, described) = served();
        let health = Health::new(false);
        let all = std::mem::take(&mut *described.lock().expect("no panic"));
        let giving = async {
            tokio::time::sleep(Duration::from_mins(1)).await;
            described.lock().expect("no panic").clone_from(&all);
        };
        let began = Instant::now();
        let (asked, ()) = tokio::join!(fitting(&client, &health), giving);
        assert!(
            asked - began >= Duration::from_mins(1),
            "the answer is of the last try"
        );
        fields(&mut described.lock().expect("no panic"), "status").remove("rollout");
        assert!(still_kept(&client, &health, asked).await.is_ok());
        tokio::time::sleep(JUST_NOW + Duration::from_secs(1)).await;
        assert!(still_kept(&client, &health, asked).await.is_err());
    }
}
