//! Processes of the controller, each of which may die at any call, and the accounts that they reach.

use super::api_server::ApiServer;
use super::support::controller_settings;
use super::support::simulation::SimulatedCloud;
use super::support::simulation::journal;
use async_trait::async_trait;
use palisade::aws::cloud::{Cloud, CloudError};
use palisade::aws::layers::budget::{Budgets, Limits, Unobserved};
use palisade::aws::layers::within_budget;
use palisade::aws::operations::{Answer, Call, CallerIdentity, Operation, Service};
use palisade::controller::accounts::connect::{Connect, Terms};
use palisade::controller::probes::Prober;
use palisade::controller::process::metrics::Metrics;
use palisade::controller::process::settings::{Settings, Tenancy};
use palisade::controller::process::shutdown::{Shutdown, Stop};
use palisade::controller::{Parts, RunError, run};
use palisade::domain::access::probe::{self, Probe};
use palisade::domain::tenancy::account::Assumption;
use std::collections::{BTreeMap, BTreeSet};
use std::future::pending;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use tokio::sync::watch;
use tokio::task::JoinHandle;

/// The account of the controller's own credentials.
pub const OWN: &str = "123456789012";
const CALLER: &str = "arn:aws:sts::123456789012:assumed-role/palisade/test";
/// Writes of one life at most, where writes end it. Each of two objects that go in step takes up to three in a row: it drops a
/// deployment that was left over, makes its own, and puts that on the stage.
pub const LONGEST_LIFE: usize = 8;

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
    /// Whether namespaces need permission.
    pub tenancy: Tenancy,
    shut: Mutex<BTreeSet<&'static str>>,
    /// How often a role of each account was to be assumed.
    asked: Mutex<BTreeMap<String, usize>>,
    /// Whether calls wait for AWS's quotas.
    has_quotas: bool,
    traffic: Mutex<Traffic>,
    fate: Mutex<Fate>,
}

impl Aws {
    /// Accounts that let everybody in, for processes that live.
    pub fn new(clouds: BTreeMap<&'static str, Arc<SimulatedCloud>>, tenancy: Tenancy) -> Self {
        Self {
            clouds,
            tenancy,
            shut: Mutex::default(),
            asked: Mutex::default(),
            has_quotas: false,
            traffic: Mutex::default(),
            fate: Mutex::new(Fate::Lives),
        }
    }

    /// The same, each with AWS's quotas, and namespaces need no permission.
    pub fn with_quotas(clouds: BTreeMap<&'static str, Arc<SimulatedCloud>>) -> Self {
        Self {
            has_quotas: true,
            ..Self::new(clouds, Tenancy::Open)
        }
    }

    /// From now on each call to the Region takes so long.
    pub fn slow_down(&self, region: &'static str, by: Duration) {
        lock(&self.traffic).slow = Some((region, by));
    }

    /// The most calls about one API that were ever under way at a time.
    pub fn most_under_way(&self) -> usize {
        lock(&self.traffic).most
    }

    /// What becomes of processes from now on.
    pub fn decide(&self, fate: Fate) {
        *lock(&self.fate) = fate;
    }

    /// The account lets nobody in any more: neither those who come, nor those who are there.
    pub fn shut(&self, account: &'static str) {
        lock(&self.shut).insert(account);
    }

    pub fn open(&self, account: &'static str) {
        lock(&self.shut).remove(account);
    }

    /// How often a role of the account was to be assumed.
    pub fn asked(&self, account: &str) -> usize {
        lock(&self.asked).get(account).copied().unwrap_or_default()
    }

    fn is_shut(&self, account: &str) -> bool {
        lock(&self.shut).contains(account)
    }
}

/// What is under way, and where AWS hardly answers.
#[derive(Default)]
struct Traffic {
    slow: Option<(&'static str, Duration)>,
    /// Calls by API.
    under_way: BTreeMap<String, usize>,
    most: usize,
}

/// A call about an API, for as long as it takes.
struct UnderWay<'a>(&'a Aws, String);

impl<'a> UnderWay<'a> {
    fn of(aws: &'a Aws, call: &Call) -> Option<Self> {
        let is_about_an_api = matches!(
            call.operation().service,
            Service::ApiGateway | Service::ApiGatewayV2
        );
        let resource = journal::resource(call);
        let api = resource.split('/').next().filter(|_| is_about_an_api)?.to_owned();
        let traffic = &mut *lock(&aws.traffic);
        let count = traffic.under_way.entry(api.clone()).or_default();
        *count += 1;
        traffic.most = traffic.most.max(*count);
        Some(Self(aws, api))
    }
}

impl Drop for UnderWay<'_> {
    fn drop(&mut self) {
        let mut traffic = lock(&self.0.traffic);
        if let Some(count) = traffic.under_way.get_mut(&self.1) {
            *count -= 1;
        }
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
    /// Forgotten with the process.
    budgets: Option<Budgets>,
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
        let _under_way = UnderWay::of(aws, &call);
        let slow = lock(&aws.traffic).slow;
        if let Some((_, by)) = slow.filter(|(region, _)| *region == call.region()) {
            tokio::time::sleep(by).await;
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
        let there = There { life, account };
        match &self.0.budgets {
            Some(budgets) => (identity, within_budget(there, budgets.of_account(account))),
            None => (identity, Arc::new(there)),
        }
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
        *lock(&aws.asked).entry(named.to_owned()).or_default() += 1;
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

/// A running controller.
pub struct Process {
    life: Arc<Life>,
    running: JoinHandle<Result<(), RunError>>,
    _stop: Stop,
}

impl Process {
    /// The one that comes after so many.
    pub fn start(after: usize, api: &Arc<ApiServer>, aws: &Arc<Aws>) -> Self {
        let life = Arc::new(Life {
            aws: Arc::clone(aws),
            writes: AtomicUsize::new(1 + after % LONGEST_LIFE),
            budgets: aws
                .has_quotas
                .then(|| Budgets::new(Limits::default(), Arc::new(Unobserved))),
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
            running: tokio::spawn(run(settings(aws.tenancy), parts)),
            _stop: stop,
        }
    }

    /// The account as this process calls it: each call waits for the same quotas.
    pub fn cloud(&self, account: &'static str) -> Arc<dyn Cloud> {
        let (_, cloud) = Credentials(Arc::clone(&self.life)).reach(account, CALLER);
        cloud
    }

    /// Waits until it dies.
    pub async fn death(&self) {
        let mut is_over = self.life.is_over.subscribe();
        let lives = is_over.wait_for(|is_over| *is_over).await;
        drop(lives.expect("the sender is ours"));
    }

    pub fn kill(&self) {
        self.life.is_over.send_replace(true);
        self.running.abort();
    }

    /// Whether it ended by itself, as none should.
    pub fn has_ended(&self) -> bool {
        self.running.is_finished()
    }
}

fn settings(tenancy: Tenancy) -> Settings {
    Settings {
        tenancy,
        deployment_poll: Duration::from_secs(20),
        emit_events: false,
        docs_url: None,
        ..controller_settings::settings()
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
