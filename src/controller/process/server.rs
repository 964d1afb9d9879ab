//! Liveness, readiness and metrics over HTTP.

use super::metrics::Metrics;
use crate::controller::watch::Objects;
use crate::controller::watch::aws_accounts::AwsAccounts;
use axum::Router;
use axum::extract::State;
use axum::http::{StatusCode, header::CONTENT_TYPE};
use axum::response::IntoResponse;
use axum::routing::get;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};
use tokio::net::TcpListener;

/// A run loop that is silent for longer hangs.
const ALIVE: Duration = Duration::from_mins(1);
const OPEN_METRICS: &str = "application/openmetrics-text; version=1.0.0; charset=utf-8";

/// What the kubelet's probes ask for.
#[derive(Debug)]
pub struct Health {
    ticked: Mutex<Instant>,
    missing: Mutex<Vec<Missing>>,
}

/// What readiness waits for, and why where that is known.
#[derive(Debug, Clone)]
struct Missing {
    what: &'static str,
    why: Option<String>,
}

impl From<&'static str> for Missing {
    fn from(what: &'static str) -> Self {
        Self { what, why: None }
    }
}

/// The watch of the objects has listed them.
pub const OBJECTS: &str = "the watch of ProtectedApis";
/// The watch of the Namespaces has listed them.
pub const NAMESPACES: &str = "the watch of Namespaces";
/// It is known which `AwsAccount`s there are, or that this cannot be known.
pub const ACCOUNTS: &str = "the watch of AwsAccounts";
/// It is known which `PerimeterClass`es there are, or that this cannot be known.
pub const CLASSES: &str = "the watch of PerimeterClasses";
/// The definitions that the API server serves are those of this version.
pub const DEFINITIONS: &str = "definitions of this version";
/// AWS has told whose credentials we have.
pub const CREDENTIALS: &str = "AWS credentials";
/// The process takes part in the election: it read the Lease, or wrote it, when it last tried.
pub const LEASE: &str = "the Lease";

impl Health {
    /// Of a process that has nothing yet; `elected` where it takes part in an election.
    #[must_use]
    pub fn new(elected: bool) -> Self {
        let always = [DEFINITIONS, OBJECTS, NAMESPACES, ACCOUNTS, CLASSES, CREDENTIALS];
        let missing = always.into_iter().chain(elected.then_some(LEASE));
        Self {
            ticked: Mutex::new(Instant::now()),
            missing: Mutex::new(missing.map(Missing::from).collect()),
        }
    }

    /// The run loop goes round.
    pub fn tick(&self) {
        *self.ticked.lock().unwrap_or_else(PoisonError::into_inner) = Instant::now();
    }

    /// One thing less that readiness waits for.
    pub fn has(&self, what: &'static str) {
        self.waits().retain(|missing| missing.what != what);
    }

    /// Readiness waits for `what` again.
    pub fn lacks(&self, what: &'static str) {
        let mut missing = self.waits();
        if !missing.iter().any(|missing| missing.what == what) {
            missing.push(what.into());
        }
    }

    /// What is against `what`, which readiness waits for.
    pub fn says(&self, what: &'static str, why: String) {
        if let Some(missing) = self.waits().iter_mut().find(|missing| missing.what == what) {
            missing.why = Some(why);
        }
    }

    fn waits(&self) -> MutexGuard<'_, Vec<Missing>> {
        self.missing.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn is_alive(&self) -> bool {
        self.ticked
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .elapsed()
            < ALIVE
    }

    fn missing(&self) -> Vec<String> {
        let told = |missing: &Missing| match &missing.why {
            Some(why) => format!("{} ({why})", missing.what),
            None => missing.what.to_owned(),
        };
        self.waits().iter().map(told).collect()
    }
}

/// An address that cannot be listened on.
#[derive(Debug, thiserror::Error)]
#[error("cannot listen on {address} ({option}): {source}; choose another address, or \"off\"")]
pub struct ListenError {
    option: &'static str,
    address: SocketAddr,
    source: std::io::Error,
}

/// Listens on the address that `option` gave.
///
/// # Errors
/// When the address is taken or not ours.
pub async fn listen(option: &'static str, address: SocketAddr) -> Result<TcpListener, ListenError> {
    TcpListener::bind(address).await.map_err(|source| ListenError {
        option,
        address,
        source,
    })
}

/// `/healthz` and `/readyz`.
pub fn health_routes(health: Arc<Health>) -> Router {
    Router::new()
        .route("/healthz", get(healthz))
        .route("/readyz", get(readyz))
        .with_state(health)
}

/// `/metrics`.
pub fn metrics_routes(metrics: Arc<Metrics>, objects: Objects, accounts: AwsAccounts) -> Router {
    Router::new()
        .route("/metrics", get(render))
        .with_state((metrics, objects, accounts))
}

/// Serves until the process ends.
pub async fn serve(listener: TcpListener, routes: Router) {
    // axum's server retries failing connections itself and does not return.
    let _ = axum::serve(listener, routes).await;
}

async fn healthz(State(health): State<Arc<Health>>) -> (StatusCode, &'static str) {
    if health.is_alive() {
        (StatusCode::OK, "ok\n")
    } else {
        (StatusCode::SERVICE_UNAVAILABLE, "the run loop hangs\n")
    }
}

async fn readyz(State(health): State<Arc<Health>>) -> (StatusCode, String) {
    match health.missing().as_slice() {
        [] => (StatusCode::OK, "ok\n".to_owned()),
        missing => (
            StatusCode::SERVICE_UNAVAILABLE,
            format!("waiting for {}\n", missing.join(", ")),
        ),
    }
}

async fn render(
    State((metrics, objects, accounts)): State<(Arc<Metrics>, Objects, AwsAccounts)>,
) -> impl IntoResponse {
    let (objects, accounts) = (objects.state(), accounts.all());
    let text = metrics.render(
        objects.iter().filter_map(|object| object.0.as_ref().ok()),
        accounts.iter().filter_map(|account| account.0.as_ref().ok()),
    );
    ([(CONTENT_TYPE, OPEN_METRICS)], text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_run_loop_that_hangs_is_not_alive() {
        let health = Arc::new(Health::new(true));
        assert_eq!(healthz(State(Arc::clone(&health))).await.0, StatusCode::OK);
        let long_ago = Instant::now()
            .checked_sub(ALIVE)
            .expect("a machine that is up for longer");
        *health.ticked.lock().expect("no panic") = long_ago;
        assert_eq!(
            healthz(State(Arc::clone(&health))).await.0,
            StatusCode::SERVICE_UNAVAILABLE
        );
        health.tick();
        assert_eq!(healthz(State(health)).await.0, StatusCode::OK);
    }

    #[tokio::test]
    async fn readiness_names_what_is_missing_also_when_it_was_there() {
        let health = Arc::new(Health::new(true));
        health.has(OBJECTS);
        health.has(NAMESPACES);
        health.says(DEFINITIONS, "older".into());
        let asked = async || readyz(State(Arc::clone(&health))).await;
        let waiting = |what: &str| (StatusCode::SERVICE_UNAVAILABLE, format!("waiting for {what}\n"));
        assert_eq!(
            asked().await,
            waiting(
                "definitions of this version (older), the watch of AwsAccounts, the watch of PerimeterClasses, AWS credentials, the Lease"
            )
        );
        health.has(DEFINITIONS);
        health.has(ACCOUNTS);
        health.has(CLASSES);
        health.has(CREDENTIALS);
        health.has(LEASE);
        assert_eq!(asked().await.0, StatusCode::OK);
        health.lacks(LEASE);
        health.lacks(LEASE);
        assert_eq!(asked().await, waiting("the Lease"));
    }

    #[tokio::test]
    async fn without_an_election_no_lease_is_waited_for() {
        let health = Arc::new(Health::new(false));
        for what in [DEFINITIONS, OBJECTS, NAMESPACES, ACCOUNTS, CLASSES, CREDENTIALS] {
            health.has(what);
        }
        assert_eq!(readyz(State(health)).await.0, StatusCode::OK);
    }
}
