//! A controller that runs in this process, and whose AWS refuses everything.

use crate::controller_settings::settings;
use async_trait::async_trait;
use kube::Client;
use palisade::aws::cloud::{Cloud, CloudError};
use palisade::aws::errors::NO_CREDENTIALS;
use palisade::aws::operations::{self, Call, CallerIdentity};
use palisade::controller::accounts::connect::{Connect, Terms};
use palisade::controller::probes::Prober;
use palisade::controller::process::metrics::Metrics;
use palisade::controller::process::settings::{LeaseSettings, Settings};
use palisade::controller::process::shutdown::{Shutdown, Stop};
use palisade::controller::{Parts, RunError, run};
use palisade::domain::access::probe::{Answer, Probe};
use palisade::domain::tenancy::account::Assumption;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinHandle;
use tokio::time::{sleep, timeout};

pub(super) const LONG: Duration = Duration::from_secs(30);

pub(super) struct Refusing;

pub(super) struct Silent;

#[async_trait]
impl Prober for Silent {
    async fn probe(&self, _: &Probe) -> Answer {
        Answer::Failed("nothing is reached here".into())
    }
}

#[async_trait]
impl Cloud for Refusing {
    async fn call(&self, call: Call) -> Result<operations::Answer, CloudError> {
        Err(CloudError::new(
            call.operation(),
            NO_CREDENTIALS,
            "nothing is reached here",
        ))
    }
}

#[async_trait]
impl Connect for Refusing {
    async fn connect(&self, _: &Terms) -> Result<(CallerIdentity, Arc<dyn Cloud>), CloudError> {
        let identity = CallerIdentity {
            account: "111122223333".into(),
            arn: "arn:aws:iam::111122223333:role/x".into(),
        };
        Ok((identity, Arc::new(Refusing)))
    }

    async fn assume(
        &self,
        role: &Assumption,
        _: &Terms,
    ) -> Result<(CallerIdentity, Arc<dyn Cloud>), CloudError> {
        let call = Call::AssumeRole { role: role.clone() };
        Err(CloudError::new(
            call.operation(),
            NO_CREDENTIALS,
            "nothing is reached here",
        ))
    }
}

pub(super) struct Running {
    pub(super) stop: Stop,
    pub(super) end: JoinHandle<Result<(), RunError>>,
    pub(super) health: SocketAddr,
    pub(super) metrics: SocketAddr,
}

pub(super) async fn start(client: &Client, namespace: &str, lease: Option<LeaseSettings>) -> Running {
    let running = launch(client, namespace, lease).await;
    eventually("ready", async || get(running.health, "/readyz").await == "ok\n").await;
    running
}

pub(super) async fn launch(client: &Client, namespace: &str, lease: Option<LeaseSettings>) -> Running {
    let (health, metrics) = (free_address().await, free_address().await);
    let settings = Settings {
        namespace: Some(namespace.to_owned()),
        lease,
        metrics_addr: Some(metrics),
        health_addr: Some(health),
        ..settings()
    };
    let (stop, shutdown) = Shutdown::manual();
    let parts = Parts {
        client: client.clone(),
        aws: Arc::new(Refusing),
        prober: Arc::new(Silent),
        metrics: Arc::new(Metrics::new()),
        shutdown,
    };
    let end = tokio::spawn(run(settings, parts));
    Running {
        stop,
        end,
        health,
        metrics,
    }
}

impl Running {
    pub(super) async fn stop(self) -> Result<(), RunError> {
        self.stop.request();
        timeout(LONG, self.end).await.expect("ends").expect("no panic")
    }

    /// How many passes have ended, however they did.
    pub(super) async fn passes(&self) -> u64 {
        let text = get(self.metrics, "/metrics").await;
        let counts = text
            .lines()
            .filter(|line| line.starts_with("palisade_reconciles_total{"));
        counts
            .filter_map(|line| line.rsplit_once(' ')?.1.parse::<u64>().ok())
            .sum()
    }

    /// Whether a pass has ended with `outcome`.
    pub(super) async fn ended(&self, outcome: &str) -> bool {
        let line = format!("palisade_reconciles_total{{outcome=\"{outcome}\"}}");
        let text = get(self.metrics, "/metrics").await;
        // Some outcomes are told before there was one.
        text.lines()
            .filter_map(|found| found.strip_prefix(&line))
            .any(|count| count != " 0")
    }

    pub(super) async fn passes_reach(&self, count: u64) {
        eventually("a pass", async || self.passes().await >= count).await;
    }
}

pub(super) async fn eventually(what: &str, mut holds: impl AsyncFnMut() -> bool) {
    let wait = async {
        while !holds().await {
            sleep(Duration::from_millis(50)).await;
        }
    };
    timeout(LONG, wait)
        .await
        .unwrap_or_else(|_| panic!("never: {what}"));
}

async fn free_address() -> SocketAddr {
    TcpListener::bind("127.0.0.1:0")
        .await
        .expect("a port")
        .local_addr()
        .expect("an address")
}

/// The body of an answer; empty where nobody answers.
pub(super) async fn get(address: SocketAddr, path: &str) -> String {
    let Ok(mut stream) = TcpStream::connect(address).await else {
        return String::new();
    };
    let request = format!("GET {path} HTTP/1.1\r\nHost: test\r\nConnection: close\r\n\r\n");
    stream.write_all(request.as_bytes()).await.expect("sent");
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.expect("an answer");
    answer
        .split_once("\r\n\r\n")
        .map(|(_, body)| body.to_owned())
        .unwrap_or_default()
}
