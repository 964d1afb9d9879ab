//! The whole controller, process after process, on a Kubernetes API in memory and several simulated accounts.

use super::api_server::ApiServer;
use super::scenes;
use super::support::pieces::CLUSTER;
use super::support::simulation::SimulatedCloud;
use super::support::simulation::apigateway::Preloaded;
use super::support::simulation::invariants::Invariants;
use super::support::simulation::journal::Entry;
use super::support::simulation::settings::Settings as AwsSettings;
use async_trait::async_trait;
use palisade::aws::cloud::{Cloud, CloudError};
use palisade::aws::operations::{Answer, Call, CallerIdentity, Operation};
use palisade::controller::connect::{Connect, Terms};
use palisade::controller::metrics::Metrics;
use palisade::controller::probes::Prober;
use palisade::controller::settings::{Settings, Tenancy};
use palisade::controller::shutdown::{Shutdown, Stop};
use palisade::controller::{Parts, RunError, run};
use palisade::domain::account::Assumption;
use palisade::domain::probe::{self, Probe};
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};
use std::future::pending;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use tokio::sync::watch;
use tokio::task::JoinHandle;

/// The account of the controller's own credentials, and two others.
pub const OWN: &str = "123456789012";
pub const A: &str = "111111111111";
pub const B: &str = "222222222222";
/// Each has an API of this id.
pub const APIS: [(&str, &str); 5] = [
    (OWN, "ownownowno"),
    (OWN, "ownownown2"),
    (A, "aaaaaaaaaa"),
    (B, "bbbbbbbbbb"),
    (B, "bbbbbbbbb2"),
];

const CALLER: &str = "arn:aws:sts::123456789012:assumed-role/palisade/test";
/// Seconds that anything takes at most.
const LONG: usize = 4 * 3600;
/// Writes of one life at most, where writes end it.
pub const LONGEST_LIFE: usize = 5;

/// When a process dies.
#[derive(Debug, Clone)]
pub enum Fate {
    Lives,
    /// Once AWS has done what was asked, each after some more writes than the one before, and then after one again: what takes
    /// several writes is never finished by processes that have one each.
    AfterWrites,
    /// The same, before AWS hears of the next write.
    BeforeWrites,
    /// Before or after any call.
    ByChance(fastrand::Rng),
}

#[derive(PartialEq)]
enum End {
    Before,
    After,
}

/// All accounts, and whom they let in.
pub struct Aws {
    pub clouds: BTreeMap<&'static str, Arc<SimulatedCloud>>,
    shut: Mutex<BTreeSet<&'static str>>,
    fate: Mutex<Fate>,
}

impl Aws {
    fn is_shut(&self, account: &str) -> bool {
        lock(&self.shut).contains(account)
    }
}

#[async_trait]
impl Prober for Aws {
    async fn probe(&self, probe: &Probe) -> probe::Answer {
        let mut all = self.clouds.values();
        let there = all.find(|cloud| cloud.answers_to(&probe.host));
        match there {
            Some(cloud) => cloud.probe(probe).await,
            None => probe::Answer::Failed(format!("{} is not known", probe.host)),
        }
    }
}

/// One process of the controller.
struct Life {
    aws: Arc<Aws>,
    /// How many writes are left of it, where writes end it.
    writes: AtomicUsize,
    is_over: watch::Sender<bool>,
}

impl Life {
    fn end_at(&self, operation: Operation) -> Option<End> {
        let is_write = operation.class.is_write();
        let is_last = || self.writes.fetch_sub(1, Ordering::Relaxed) == 1;
        match &mut *lock(&self.aws.fate) {
            Fate::AfterWrites if is_write && is_last() => Some(End::After),
            Fate::BeforeWrites if is_write && is_last() => Some(End::Before),
            Fate::ByChance(random) => match random.f64() {
                0.0..0.02 => Some(End::Before),
                0.02..0.04 => Some(End::After),
                _ => None,
            },
            _ => None,
        }
    }

    /// Nobody waits for an answer any more.
    async fn end<T>(&self) -> T {
        self.is_over.send_replace(true);
        pending().await
    }
}

/// An account, as a process calls it.
struct There {
    life: Arc<Life>,
    account: &'static str,
}

#[async_trait]
impl Cloud for There {
    async fn call(&self, call: Call) -> Result<Answer, CloudError> {
        let Life { aws, is_over, .. } = &*self.life;
        let operation = call.operation();
        if *is_over.borrow() {
            return pending().await;
        }
        if aws.is_shut(self.account) {
            let message = "The security token included in the request is expired";
            return Err(CloudError::new(operation, "ExpiredToken", message));
        }
        let end = self.life.end_at(operation);
        if end == Some(End::Before) {
            return self.life.end().await;
        }
        let answer = aws.clouds[self.account].call(call).await;
        if end == Some(End::After) {
            return self.life.end().await;
        }
        answer
    }
}

struct Credentials(Arc<Life>);

impl Credentials {
    fn reach(&self, account: &'static str, arn: &str) -> (CallerIdentity, Arc<dyn Cloud>) {
        let (life, account_id) = (Arc::clone(&self.0), account.to_owned());
        let identity = CallerIdentity {
            account: account_id,
            arn: arn.to_owned(),
        };
        (identity, Arc::new(There { life, account }))
    }
}

#[async_trait]
impl Connect for Credentials {
    async fn connect(&self, _: &Terms) -> Result<(CallerIdentity, Arc<dyn Cloud>), CloudError> {
        Ok(self.reach(OWN, CALLER))
    }

    async fn assume(
        &self,
        role: &Assumption,
        _: &Terms,
    ) -> Result<(CallerIdentity, Arc<dyn Cloud>), CloudError> {
        let arn = &role.role_arn;
        let named = arn.split(':').nth(4).unwrap_or_default();
        let aws = &self.0.aws;
        let there = aws.clouds.keys().find(|account| **account == named);
        if let Some(account) = there.filter(|account| !aws.is_shut(account)) {
            return Ok(self.reach(account, arn));
        }
        let operation = Call::AssumeRole { role: role.clone() }.operation();
        let message =
            format!("User: {CALLER} is not authorized to perform: sts:AssumeRole on resource: {arn}");
        Err(CloudError::new(operation, "AccessDenied", message))
    }
}

struct Process {
    life: Arc<Life>,
    running: JoinHandle<Result<(), RunError>>,
    _stop: Stop,
}

impl Process {
    /// The one that comes after so many.
    fn start(after: usize, api: &Arc<ApiServer>, aws: &Arc<Aws>) -> Self {
        let life = Arc::new(Life {
            aws: Arc::clone(aws),
            writes: AtomicUsize::new(1 + after % LONGEST_LIFE),
            is_over: watch::channel(false).0,
        });
        let (stop, shutdown) = Shutdown::manual();
        let parts = Parts {
            client: api.client(),
            aws: Arc::new(Credentials(Arc::clone(&life))),
            prober: Arc::clone(aws) as Arc<dyn Prober>,
            metrics: Arc::new(Metrics::new()),
            shutdown,
        };
        Self {
            life,
            running: tokio::spawn(run(settings(), parts)),
            _stop: stop,
        }
    }
}

fn settings() -> Settings {
    Settings {
        instance: "test".into(),
        resync: Duration::from_mins(10),
        deep_resync: Duration::from_hours(24),
        access_resync: Duration::from_hours(1),
        sweep: Duration::from_mins(10),
        deployment_poll: Duration::from_secs(20),
        tenancy: Tenancy::Open,
        default_tags: BTreeMap::new(),
        permissions_boundary: None,
        probe_endpoint: None,
        namespace: None,
        lease: None,
        metrics_addr: None,
        health_addr: None,
        emit_events: false,
    }
}

/// Objects, accounts, and the process of the moment.
pub struct World {
    pub api: Arc<ApiServer>,
    pub aws: Arc<Aws>,
    /// How many processes have died.
    pub deaths: usize,
    /// All calls that were answered, by account.
    pub calls: Vec<(&'static str, Entry)>,
    /// An object names a wrong account, in which its API is looked for.
    pub is_misled: bool,
    /// The account of each object's API, by UID.
    homes: BTreeMap<String, &'static str>,
    watches: BTreeMap<&'static str, Invariants>,
    process: Process,
}

impl World {
    pub fn new(namespaces: &[&str]) -> Self {
        let settings = AwsSettings {
            deployment_delay: Duration::from_secs(40),
            replica_retention: Duration::from_mins(15),
            ..AwsSettings::default()
        };
        let cloud = |account: &'static str| {
            let cloud = SimulatedCloud::of_account(account, settings.clone());
            for (_, id) in APIS.iter().filter(|(home, _)| *home == account) {
                cloud.preload_api(&Preloaded::rest("eu-north-1", id, &["prod"]));
            }
            (account, Arc::new(cloud))
        };
        let clouds: BTreeMap<_, _> = [OWN, A, B].map(cloud).into();
        let watch = |(account, cloud): (&&'static str, &Arc<SimulatedCloud>)| {
            (*account, Invariants::watch(cloud, CLUSTER))
        };
        let watches = clouds.iter().map(watch).collect();
        let (api, aws) = (
            ApiServer::new(namespaces),
            Arc::new(Aws {
                clouds,
                shut: Mutex::default(),
                fate: Mutex::new(Fate::Lives),
            }),
        );
        Self {
            process: Process::start(0, &api, &aws),
            api,
            aws,
            deaths: 0,
            calls: Vec::new(),
            is_misled: false,
            homes: BTreeMap::new(),
            watches,
        }
    }

    /// What becomes of processes from now on.
    pub fn fate(&self, fate: Fate) {
        *lock(&self.aws.fate) = fate;
    }

    /// The account lets nobody in any more: neither those who come, nor those who are there.
    pub fn shut(&self, account: &'static str) {
        lock(&self.aws.shut).insert(account);
    }

    pub fn open(&self, account: &'static str) {
        lock(&self.aws.shut).remove(account);
    }

    /// Declares an `AwsAccount` with these fields.
    pub fn declare(&self, name: &str, spec: &Value) {
        let account = json!({
            "apiVersion": "palisade.dev/v1alpha1", "kind": "AwsAccount", "metadata": {"name": name}, "spec": spec,
        });
        self.api.apply("awsaccounts", &account);
    }

    /// Declares the accounts `a` and `b`, which the namespace `shop` may use.
    pub fn declare_both(&self) {
        for (name, account) in [("a", A), ("b", B)] {
            let role = format!("arn:aws:iam::{account}:role/palisade-spoke");
            self.declare(
                name,
                &json!({"roleArn": role, "allowedNamespaces": {"names": ["shop"]}}),
            );
        }
    }

    /// `kubectl apply` of the object `<namespace>/<name>` for an API of [`APIS`], with `more` in its spec.
    pub fn apply(&mut self, object: &str, api: &str, more: &Value) {
        let (namespace, name) = parted(object);
        let endpoint = format!("{api}.execute-api.eu-north-1.amazonaws.com");
        let mut spec = json!({"origin": {"endpoint": endpoint, "type": "REST", "stage": "prod"}});
        for (field, value) in more.as_object().expect("fields") {
            spec[field] = value.clone();
        }
        let manifest = json!({
            "apiVersion": "palisade.dev/v1alpha1", "kind": "ProtectedApi",
            "metadata": {"name": name, "namespace": namespace}, "spec": spec,
        });
        let uid = self.api.apply("protectedapis", &manifest);
        let home = APIS.iter().find(|(_, id)| *id == api).expect("one of them").0;
        self.homes.insert(uid, home);
    }

    pub fn object(&self, object: &str) -> Value {
        let (namespace, name) = parted(object);
        self.api.get("protectedapis", namespace, name)
    }

    pub fn delete(&self, object: &str) {
        let (namespace, name) = parted(object);
        self.api.delete("protectedapis", namespace, name);
    }

    /// Status, reason and message of a condition.
    pub fn condition(&self, object: &str, is: &str) -> [String; 3] {
        let object = self.object(object);
        let mut conditions = object["status"]["conditions"].as_array().into_iter().flatten();
        let found = conditions.find(|condition| condition["type"] == is);
        let is_current = |found: &&Value| found["observedGeneration"] == object["metadata"]["generation"];
        let found = found.filter(is_current);
        let text = |field: &str| {
            let text = found.and_then(|found| found[field].as_str());
            text.unwrap_or_default().to_owned()
        };
        [text("status"), text("reason"), text("message")]
    }

    pub fn is_ready(&self, object: &str) -> bool {
        self.condition(object, "Ready")[0] == "True"
    }

    /// Whether the object is refused for this reason.
    pub fn is_refused(&self, object: &str, reason: &str) -> bool {
        let [status, found, _] = self.condition(object, "Accepted");
        status == "False" && found == reason
    }

    pub async fn until_ready(&mut self, objects: &[&str]) {
        let what = format!("{objects:?} are ready");
        self.until(&what, |world| objects.iter().all(|object| world.is_ready(object)))
            .await;
    }

    pub async fn until_refused(&mut self, object: &str, reason: &str) {
        let what = format!("{object} is refused: {reason}");
        self.until(&what, |world| world.is_refused(object, reason)).await;
    }

    /// Waits until the objects are gone.
    pub async fn until_gone(&mut self, objects: &[&str]) {
        self.until(&format!("{objects:?} are gone"), |world| {
            let is_gone = |object: &&str| world.object(object).is_null();
            objects.iter().all(is_gone)
        })
        .await;
    }

    /// Waits until nothing is left in the account.
    pub async fn until_empty(&mut self, account: &str) {
        self.until(&format!("nothing is left in {account}"), |world| {
            world.aws.clouds[account].resources().is_empty()
        })
        .await;
    }

    /// Waits until `holds`; what must always hold is looked at all the while, and who dies has a successor.
    pub async fn until(&mut self, what: &str, mut holds: impl FnMut(&Self) -> bool) {
        for _ in 0..LONG {
            let broken = self.broken();
            assert!(broken.is_empty(), "{}\n{}", broken.join("\n"), self.story());
            if holds(self) {
                return;
            }
            self.second().await;
        }
        panic!("never: {what}\n{}", self.story());
    }

    /// Time passes.
    pub async fn seconds(&mut self, count: usize) {
        let mut left = count;
        self.until("that much later", |_| {
            left = left.saturating_sub(1);
            left == 0
        })
        .await;
    }

    /// The process is killed, and another one starts.
    pub async fn kill(&mut self) {
        self.process.life.is_over.send_replace(true);
        self.process.running.abort();
        // Whatever it came to: it was killed.
        drop((&mut self.process.running).await);
        self.deaths += 1;
        tokio::time::sleep(Duration::from_secs(1)).await;
        self.process = Process::start(self.deaths, &self.api, &self.aws);
    }

    async fn second(&mut self) {
        assert!(!self.process.running.is_finished(), "the controller ended");
        let mut is_over = self.process.life.is_over.subscribe();
        let died = tokio::select! {
            _ = is_over.wait_for(|is_over| *is_over) => true,
            () = tokio::time::sleep(Duration::from_secs(1)) => false,
        };
        if died {
            self.kill().await;
        }
    }

    /// Everything that does not hold.
    fn broken(&mut self) -> Vec<String> {
        let mut broken = Vec::new();
        for (&account, cloud) in &self.aws.clouds {
            broken.extend(self.watches[account].broken(cloud));
            let strangers = cloud.resources().into_iter().filter(|found| {
                let home = found.uid().and_then(|uid| self.homes.get(uid));
                home != Some(&account)
            });
            broken.extend(strangers.map(|found| format!("{} is in {account}", found.arn)));
            let journal = cloud.journal();
            cloud.clear_journal();
            for entry in journal.entries {
                let mut apis = APIS.iter().filter(|(home, _)| *home != account);
                if !self.is_misled && apis.any(|(_, api)| entry.resource.contains(api)) {
                    let name = entry.operation.name;
                    broken.push(format!("{name} of {} was called in {account}", entry.resource));
                }
                self.calls.push((account, entry));
            }
        }
        broken
    }

    /// What a person would look at.
    fn story(&self) -> String {
        let mut lines = vec![format!("after {} deaths", self.deaths)];
        for plural in ["awsaccounts", "protectedapis"] {
            for object in self.api.all(plural) {
                lines.push(format!("{plural} {}", object["metadata"]));
                let conditions = object["status"]["conditions"].as_array();
                lines.extend(conditions.into_iter().flatten().map(|is| {
                    let [kind, status, reason] = ["type", "status", "reason"].map(|field| &is[field]);
                    format!("  {kind}={status} {reason}: {}", is["message"])
                }));
            }
        }
        for (account, cloud) in &self.aws.clouds {
            let arns = cloud.resources().into_iter().map(|found| found.arn);
            lines.extend(arns.map(|arn| format!("{account}: {arn}")));
        }
        let last = self.calls.iter().rev().take(40).rev();
        lines.extend(last.map(|(account, entry)| format!("{account} {}", scenes::told(entry))));
        lines.join("\n")
    }
}

fn parted(object: &str) -> (&str, &str) {
    object.split_once('/').expect("<namespace>/<name>")
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
