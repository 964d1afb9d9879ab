//! AWS in memory: every operation of the table with AWS's semantics, on tokio's clock, which tests may pause.
//!
//! Tests look at it only through `Cloud`, the journal, [`SimulatedCloud::resources`] and [`invariants::Invariants`];
//! they act as somebody else through `tamper`.

mod account;
mod acm;
pub mod apigateway;
mod certificates;
mod clock;
pub mod cloudfront;
mod cloudwatch;
mod dispatch;
pub mod faults;
mod history;
mod hosted_zones;
mod iam;
pub mod invariants;
pub mod journal;
mod lambda;
mod names_tamper;
pub mod pricing_plans;
mod refusal;
pub mod resources;
mod route53;
mod s3;
mod saved;
pub mod settings;
mod shield;
mod shield_account;
mod shield_tamper;
mod tagging;
mod tamper;
pub mod waf;

use account::Account;
use apigateway::Preloaded;
use async_trait::async_trait;
use clock::Clock;
use faults::{CRASHED, Faults, Rule};
use journal::{Entry, Journal};
use palisade::aws::cloud::{Cloud, CloudError};
use palisade::aws::errors::ErrorKind;
use palisade::aws::operations::{Answer, Call, Operation};
use palisade::domain::access::probe::Probe;
use palisade::domain::edge::xml::Element;
use palisade::domain::kernel::identity::TAG_CLUSTER;
use palisade::domain::signer::function::EDGE_REGION;
use refusal::Refusal;
use resources::{Hashed, Resource};
use saved::Around;
pub use saved::Saved;
use serde_json::Value;
use settings::Settings;
use std::sync::{Mutex, MutexGuard, PoisonError};
use tokio::time::Instant;

/// One AWS account in memory.
pub struct SimulatedCloud {
    state: Mutex<State>,
    clock: Clock,
    /// The account around each call, while a test asks for it.
    recorded: Mutex<Option<Vec<Around>>>,
}

/// Viewers of more distributions are not looked at after each call: it would take too long.
const FEW: usize = 5;

#[derive(Clone)]
struct State {
    account: Account,
    faults: Faults,
    journal: Journal,
    planted: Vec<Planted>,
    probes: Vec<Probe>,
    /// Viewers that a call of ours shut out.
    shut_out: Vec<String>,
    /// Calls that would tell a private key in a log.
    told_keys: Vec<String>,
    started: Instant,
}

/// What others put into resources of ours, and must stay there; rules of one web ACL in their order.
#[derive(Debug, Clone)]
enum Planted {
    Rule {
        web_acl: String,
        rule: String,
    },
    Field {
        web_acl: String,
        key: String,
        value: String,
    },
    Element {
        distribution: String,
        element: Element,
    },
}

#[async_trait]
impl Cloud for SimulatedCloud {
    async fn call(&self, call: Call) -> Result<Answer, CloudError> {
        let latency = self.lock().account.settings.latency;
        // Even without latency others get their turn, as they would while a request is under way.
        if latency.is_zero() {
            tokio::task::yield_now().await;
        } else {
            tokio::time::sleep(latency).await;
        }
        if self.records().is_none() {
            return self.lock().answer(call);
        }
        let (before, is_write) = (self.saved(), call.operation().class.is_write());
        let answer = self.lock().answer(call);
        let after_write = is_write.then(|| self.saved());
        let around = Around { before, after_write };
        self.records().get_or_insert_default().push(around);
        answer
    }
}

impl SimulatedCloud {
    pub fn new(settings: Settings) -> Self {
        Self::of_account(account::ACCOUNT, settings)
    }

    /// The account with this number.
    pub fn of_account(id: &str, settings: Settings) -> Self {
        let clock = Clock::new();
        clock.set();
        let state = State {
            account: Account::new(id, settings),
            faults: Faults::new(),
            journal: Journal::default(),
            planted: Vec::new(),
            probes: Vec::new(),
            shut_out: Vec::new(),
            told_keys: Vec::new(),
            started: clock::now(),
        };
        Self {
            state: Mutex::new(state),
            clock,
            recorded: Mutex::new(None),
        }
    }

    /// From now on the account tells the time of that clock: for controllers that ask this machine's.
    pub fn tell_time(&self, now: jiff::Timestamp) {
        self.lock().account.acm.epoch = (clock::now(), now);
    }

    /// Changes settings from now on; delays that run already stay what they are.
    pub fn configure(&self, change: impl FnOnce(&mut Settings)) {
        change(&mut self.lock().account.settings);
    }

    pub fn preload_api(&self, api: &Preloaded) {
        self.lock().account.preload_api(api);
    }

    /// A certificate of us-east-1 that covers `names`.
    pub fn preload_certificate(&self, arn: &str, names: &[&str]) {
        let names = names.iter().map(ToString::to_string).collect();
        self.lock()
            .account
            .cloudfront
            .certificates
            .insert(arn.to_owned(), names);
    }

    pub fn inject(&self, rule: Rule) {
        self.lock().faults.add(rule);
    }

    /// What chance decides from now on.
    pub fn seed_faults(&self, seed: u64) {
        self.lock().faults.seed(seed);
    }

    pub fn clear_faults(&self) {
        self.lock().faults.clear();
    }

    /// Whether a fault has killed the calling process: every call fails until [`Self::restart`].
    pub fn crashed(&self) -> bool {
        self.lock().faults.crashed
    }

    /// A new process makes the calls from now on.
    pub fn restart(&self) {
        self.lock().faults.crashed = false;
    }

    /// The calls since the journal was cleared.
    pub fn journal(&self) -> Journal {
        self.lock().journal.clone()
    }

    pub fn clear_journal(&self) {
        self.lock().journal.entries.clear();
    }

    pub fn resources(&self) -> Vec<Resource> {
        self.lock().account.resources(Hashed::None)
    }

    /// The same with hashes, to see what has changed.
    pub fn hashed_resources(&self) -> Vec<Resource> {
        self.lock().account.resources(Hashed::All)
    }

    /// The same with hashes of what that cluster did not make.
    fn resources_seen_by(&self, cluster: &str) -> Vec<Resource> {
        self.lock().account.resources(Hashed::AllBut(cluster))
    }

    /// Resources that carry the owner's UID.
    pub fn resources_of(&self, uid: &str) -> Vec<Resource> {
        self.resources()
            .into_iter()
            .filter(|found| found.uid() == Some(uid))
            .collect()
    }

    /// Distributions that some edge locations serve as they were before.
    pub fn in_progress(&self) -> usize {
        let all = &self.lock().account.cloudfront.all;
        all.values().filter(|found| !found.is_deployed()).count()
    }

    /// Whether somebody else wrote what the edge locations run.
    fn is_spoiled(&self, distribution: &str) -> bool {
        let account = &self.lock().account;
        let found = account.cloudfront.all.get(distribution);
        found.is_some_and(cloudfront::Distribution::is_spoiled)
    }

    fn exists(&self, arn: &str) -> bool {
        self.lock().account.exists(arn)
    }

    /// A web ACL's document.
    pub fn document_of(&self, id: &str) -> Value {
        self.web_acl_document(id).unwrap_or_default()
    }

    /// A distribution's configuration.
    pub fn config_of(&self, id: &str) -> Element {
        self.distribution_config(id).expect("the distribution exists")
    }

    /// An IP set's addresses.
    pub fn addresses_of(&self, id: &str) -> Vec<String> {
        self.lock().account.waf.ip_sets[id].content.addresses.clone()
    }

    /// Numbers of a function's published versions.
    pub fn versions_of(&self, function: &str) -> Vec<u32> {
        self.lock().account.lambda.all[&lambda::key(EDGE_REGION, function)]
            .published
            .keys()
            .copied()
            .collect()
    }

    /// A web ACL's logging configuration.
    pub fn logging_of(&self, web_acl_arn: &str) -> Option<Value> {
        self.lock().account.waf.logging.get(web_acl_arn).cloned()
    }

    fn web_acl_document(&self, id: &str) -> Option<Value> {
        self.lock()
            .account
            .waf
            .web_acls
            .get(id)
            .map(|acl| acl.document.clone())
    }

    fn distribution_config(&self, id: &str) -> Option<Element> {
        self.lock()
            .account
            .cloudfront
            .all
            .get(id)
            .map(|distribution| distribution.wanted.clone())
    }

    /// Viewers that calls of ours have shut out since this was asked last.
    pub fn take_shut_out(&self) -> Vec<String> {
        std::mem::take(&mut self.lock().shut_out)
    }

    /// Calls since this was asked last that told a private key where only a secret belongs.
    fn take_told_keys(&self) -> Vec<String> {
        std::mem::take(&mut self.lock().told_keys)
    }

    fn planted(&self) -> Vec<Planted> {
        self.lock().planted.clone()
    }

    fn plant(&self, planted: Planted) {
        self.lock().planted.push(planted);
    }

    fn plant_first(&self, planted: Planted) {
        self.lock().planted.insert(0, planted);
    }

    /// A test that failed while it held the lock must not hide its own message.
    fn lock(&self) -> MutexGuard<'_, State> {
        self.clock.set();
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    /// After each write, also one whose answer is lost: are all viewers still let in?
    fn look_at_viewers(&mut self, operation: Operation) {
        let all = &self.account.cloudfront.all;
        if !operation.class.is_write() || all.len() > FEW || self.account.settings.signer_is_broken {
            return;
        }
        let is_ours = |found: &&cloudfront::Distribution| found.tags.contains_key(TAG_CLUSTER);
        let unspoiled = all.values().filter(is_ours).filter(|found| !found.is_spoiled());
        let refused = unspoiled.filter_map(|found| self.account.viewers_of(found).err());
        let told = refused.map(|words| format!("after {}: {words}", operation.name));
        self.shut_out.extend(told);
    }

    fn answer(&mut self, call: Call) -> Result<Answer, CloudError> {
        let operation = call.operation();
        let classified = |Refusal { code, message }| {
            if code == CRASHED {
                return CloudError {
                    operation,
                    code,
                    message,
                    kind: ErrorKind::Transient,
                };
            }
            CloudError::new(operation, code, message)
        };
        // A dead process makes no calls.
        if self.faults.crashed {
            return Err(classified(faults::crashed()));
        }
        let resource = journal::resource(&call);
        // Its Debug is what a log would say.
        let is_of_keys = matches!(call, Call::ImportCertificate { .. } | Call::PutObject { .. });
        let words = is_of_keys.then(|| format!("{call:?} {resource}"));
        let fault = self.faults.strike(operation);
        let outcome = self.account.perform_with(call, &resource, fault);
        let code = outcome.as_ref().err().map(|refusal| refusal.code.clone());
        self.faults.crashed = code.as_deref() == Some(CRASHED);
        self.look_at_viewers(operation);
        if words.is_some_and(|words| self.account.tells_a_key(&words)) {
            self.told_keys
                .push(format!("{} tells a private key", operation.name));
        }
        self.journal.entries.push(Entry {
            at: clock::now() - self.started,
            operation,
            resource,
            code,
            fault,
        });
        outcome.map_err(classified)
    }
}
