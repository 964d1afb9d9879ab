//! What the API server answers over HTTP.

use super::{ApiServer, Key};
use axum::body::{Body, to_bytes};
use axum::extract::{Request, State};
use axum::http::Method;
use axum::http::header::CONTENT_TYPE;
use axum::response::Response;
use serde_json::{Value, json};
use std::sync::{Arc, PoisonError};
use std::time::Duration;
use tokio::time::Instant;

pub(super) async fn answered(State(server): State<Arc<ApiServer>>, request: Request) -> Response {
    let (parts, body) = request.into_parts();
    let (key, sub) = named(parts.uri.path());
    let query = parts.uri.query().unwrap_or_default();
    let parameter = |name: &str| {
        let mut all = query.split('&').filter_map(|pair| pair.split_once('='));
        all.find(|(key, _)| *key == name).map(|(_, value)| value)
    };
    if *server.is_silent.borrow() {
        let _waiting = (parameter("watch") != Some("true")).then(|| Waiting::on(&server));
        return std::future::pending().await;
    }
    if parts.method == Method::PATCH && server.is_refused(&key) {
        return refusal(403, "Forbidden");
    }
    if parts.method == Method::PATCH {
        let body = to_bytes(body, usize::MAX).await.expect("a body");
        let patch = serde_json::from_slice(&body).expect("JSON");
        return match server.patch(key, sub == "status", &patch) {
            Ok(object) => response(200, object.to_string()),
            Err((code, reason)) => refusal(code, reason),
        };
    }
    if parts.method == Method::DELETE {
        server.remove(&mut server.stored(), &key);
        return response(
            200,
            json!({"kind": "Status", "apiVersion": "v1", "status": "Success"}).to_string(),
        );
    }
    if parts.method != Method::GET {
        return refusal(405, "MethodNotAllowed");
    }
    if parameter("watch") == Some("true") {
        let version = parameter("resourceVersion").and_then(|version| version.parse().ok());
        return response(200, server.news(&key.0, version.unwrap_or_default()).await);
    }
    if key.2.is_empty() {
        return response(200, server.list(&key.0).to_string());
    }
    match server.get(&key.0, &key.1, &key.2) {
        Value::Null => refusal(404, "NotFound"),
        object => response(200, object.to_string()),
    }
}

/// A request that waits until whoever asked gives up.
struct Waiting {
    server: Arc<ApiServer>,
    since: Instant,
}

impl Waiting {
    fn on(server: &Arc<ApiServer>) -> Self {
        let waiting = Self {
            server: Arc::clone(server),
            since: Instant::now(),
        };
        waiting.change(|(count, _)| *count += 1);
        waiting
    }

    fn change(&self, change: impl FnOnce(&mut (usize, Duration))) {
        change(&mut self.server.waiting.lock().unwrap_or_else(PoisonError::into_inner));
    }
}

impl Drop for Waiting {
    fn drop(&mut self) {
        let waited = self.since.elapsed();
        self.change(|(count, longest)| {
            *count -= 1;
            *longest = waited.max(*longest);
        });
    }
}

/// What a path names, and which part of it.
fn named(path: &str) -> (Key, String) {
    let mut parts = path.trim_matches('/').split('/').map(ToOwned::to_owned);
    // The group, where there is one, and the version.
    let skipped = if parts.next().as_deref() == Some("apis") {
        2
    } else {
        1
    };
    let mut rest: Vec<String> = parts.skip(skipped).collect();
    let mut namespace = String::new();
    if rest.len() > 2 && rest[0] == "namespaces" {
        namespace = rest.remove(1);
        rest.remove(0);
    }
    let mut rest = rest.into_iter();
    let mut next = || rest.next().unwrap_or_default();
    let (plural, name, sub) = (next(), next(), next());
    ((plural, namespace, name), sub)
}

fn refusal(code: u16, reason: &str) -> Response {
    let status = json!({
        "apiVersion": "v1", "kind": "Status", "metadata": {}, "status": "Failure", "reason": reason, "code": code,
        "message": reason,
    });
    response(code, status.to_string())
}

fn response(code: u16, body: String) -> Response {
    let response = Response::builder()
        .status(code)
        .header(CONTENT_TYPE, "application/json");
    response.body(Body::from(body)).expect("a response")
}
