//! A cluster without Kubernetes: objects in memory, the real engine, a simulated account, paused time.

use super::pieces::CLUSTER;
use super::simulation::SimulatedCloud;
use super::simulation::apigateway::Preloaded;
use super::simulation::invariants::Invariants;
use super::simulation::settings::Settings;
use jiff::Timestamp;
use k8s_openapi::apimachinery::pkg::apis::meta::v1::Time;
use palisade::api::{ProtectedApi, ProtectedApiSpec};
use palisade::aws::cloud::Cloud;
use palisade::controller::engine::cleanup::Departed;
use palisade::controller::engine::subject::Subject;
use palisade::controller::engine::{Engine, Options, Outcome};
use palisade::controller::kubernetes::probe_token::Awaited;
use palisade::controller::probes::Prober;
use palisade::domain::access::probe::Token;
use palisade::domain::cost::prices::Prices;
use palisade::domain::kernel::identity::{TAG_CONDEMNED, Tags};
use palisade::domain::kernel::rejection::Rejection;
use palisade::domain::status::claims::{claim, claims};
use palisade::domain::status::doors::{declares, has_locked, has_locked_by_key, sharer, shares};
use palisade::domain::tenancy::permissions::Tenancy;
use palisade::domain::tenancy::rivals::{Claim, first_of, owned_by};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Duration;
use tokio::time::Instant;

pub const ACCOUNT: &str = "123456789012";
pub const REST_ENDPOINT: &str = "a1b2c3d4e5.execute-api.eu-north-1.amazonaws.com";

/// More passes than any object needs to come to rest.
const MAX_PASSES: usize = 400;
/// How often something stalled is looked at all the same.
const STALLED: Duration = Duration::from_mins(5);
const BACKOFF: Duration = Duration::from_secs(5);

pub struct Cluster {
    pub cloud: Arc<SimulatedCloud>,
    pub engine: Engine,
    pub objects: BTreeMap<String, ProtectedApi>,
    pub annotations: BTreeMap<String, String>,
    /// Checked after every pass.
    pub invariants: Option<Invariants>,
    /// What the Secret of the objects' spec.access.probe says.
    pub token: Token,
    /// How long the API server takes to tell it.
    pub token_takes: Duration,
    options: Options,
    created: usize,
    epoch: (Instant, Timestamp),
}

impl Cluster {
    pub fn new(settings: Settings) -> Self {
        let cloud = Arc::new(SimulatedCloud::new(settings));
        cloud.preload_api(&Preloaded::rest("eu-north-1", "a1b2c3d4e5", &["prod"]));
        Self::over(cloud)
    }

    /// A cluster with an account that is there already.
    pub fn over(cloud: Arc<SimulatedCloud>) -> Self {
        let options = Options {
            resync: Duration::from_mins(10),
            deep_resync: Duration::from_hours(24),
            deployment_poll: Duration::from_secs(20),
            access_resync: Duration::from_hours(1),
            tenancy: Tenancy::Open,
            default_tags: Tags::new(),
            permissions_boundary: None,
            prices: Prices::default(),
        };
        Self {
            engine: engine(&cloud, &options),
            cloud,
            options,
            objects: BTreeMap::new(),
            annotations: BTreeMap::new(),
            invariants: None,
            token: Token::default(),
            token_takes: Duration::ZERO,
            created: 0,
            epoch: (Instant::now(), "2026-01-01T00:00:00Z".parse().unwrap()),
        }
    }

    /// From now on every pass is followed by a look at what must always hold.
    pub fn watch(&mut self) {
        self.invariants = Some(Invariants::watch(&self.cloud, CLUSTER));
    }

    pub fn configure(&mut self, change: impl FnOnce(&mut Options)) {
        change(&mut self.options);
        self.restart();
    }

    /// Another cluster, whose objects have other UIDs: they are counted from `first`.
    pub fn rename_cluster(&mut self, uid: &str, first: usize) {
        self.created = first;
        self.engine = engine_of(&self.cloud, &self.options, uid);
    }

    /// The process dies and another one starts: only AWS and the objects are left.
    pub fn restart(&mut self) {
        self.cloud.restart();
        self.engine = engine(&self.cloud, &self.options);
    }

    pub fn now(&self) -> Timestamp {
        self.epoch.1 + (Instant::now() - self.epoch.0)
    }

    /// `kubectl apply`: makes an object, or changes its spec. `spec` is YAML without `origin`, which is petstore's.
    pub fn apply(&mut self, name: &str, spec: &str) {
        let origin = format!("origin: {{endpoint: {REST_ENDPOINT}, type: REST, stage: prod}}");
        self.apply_spec(name, serde_yaml::from_str(&format!("{origin}\n{spec}")).unwrap());
    }

    pub fn apply_spec(&mut self, name: &str, spec: ProtectedApiSpec) {
        let now = Time(self.now());
        if let Some(object) = self.objects.get_mut(name) {
            if object.spec != spec {
                object.spec = spec;
                object.metadata.generation = object.metadata.generation.map(|generation| generation + 1);
            }
            return;
        }
        self.created += 1;
        let mut object = ProtectedApi::new(name, spec);
        object.metadata.namespace = Some("shop".to_owned());
        object.metadata.uid = Some(format!(
            "{:08x}-0000-4000-8000-000000000000",
            self.created * 0x0101_0101
        ));
        object.metadata.generation = Some(1);
        object.metadata.creation_timestamp = Some(now);
        let origin = &object.spec.origin;
        let api = origin.endpoint.split('.').next().unwrap_or_default();
        let uid = object.metadata.uid.as_deref().unwrap_or_default();
        self.cloud.declare(uid, api, &origin.stage);
        self.objects.insert(name.to_owned(), object);
    }

    /// `kubectl annotate`.
    pub fn annotate(&mut self, name: &str, key: &str, value: &str) {
        let metadata = &mut self.objects.get_mut(name).unwrap().metadata;
        let annotations = metadata.annotations.get_or_insert_default();
        annotations.insert(key.to_owned(), value.to_owned());
    }

    pub fn uid(&self, name: &str) -> String {
        self.objects[name].metadata.uid.clone().unwrap()
    }

    /// One pass over an object. An object whose deletion is finished is gone afterwards.
    pub async fn pass(&mut self, name: &str) -> Outcome {
        let object = self.objects[name].clone();
        let now = self.now();
        let outcome = if object.metadata.deletion_timestamp.is_some() {
            Box::pin(self.engine.delete(&self.departed(&object), now)).await
        } else {
            let subject = Subject {
                object: &object,
                annotations: self.annotations.clone(),
                rivalry: self.rivalry(&object),
                declared_stages: self.stages_of_others(&object, declares),
                protected_stages: self.stages_of_others(&object, has_locked),
                token: self.awaited_token(),
                siblings: Some(self.others(object.metadata.uid.as_ref())),
                sharing: self.sharing(&object),
                keyed_stages: self.stages_of_others(&object, has_locked_by_key),
                is_alive: &|uid| {
                    let mut all = self.objects.values();
                    all.any(|known| known.metadata.uid.as_deref() == Some(uid))
                },
                now,
            };
            Box::pin(self.engine.apply(&subject)).await
        };
        if let Some(invariants) = &self.invariants {
            let broken = invariants.broken(&self.cloud);
            assert!(
                broken.is_empty(),
                "invariants broken:\n{}\n{}",
                broken.join("\n"),
                self.story(name)
            );
        }
        if self.cloud.has_keys() {
            let told = format!("{:?} {}", outcome.status, outcome.plan.to_yaml());
            assert!(
                !self.cloud.tells_a_key(&told),
                "status or plan tells a private key"
            );
        }
        if self.cloud.crashed() {
            return outcome;
        }
        if let Some(stored) = self.objects.get_mut(name) {
            stored.status = Some(outcome.status.clone());
        }
        if outcome.finished {
            self.objects.remove(name);
        }
        outcome
    }

    fn awaited_token(&self) -> Awaited {
        let (token, takes) = (self.token.clone(), self.token_takes);
        if takes.is_zero() {
            return Awaited::known(token);
        }
        Awaited::of(async move {
            tokio::time::sleep(takes).await;
            token
        })
    }

    /// UIDs of all objects but that one.
    fn others(&self, own: Option<&String>) -> BTreeSet<String> {
        let uids = self.objects.values().map(|other| other.metadata.uid.clone());
        uids.filter(|uid| uid.as_ref() != own).flatten().collect()
    }

    /// Why another object for the same API and stage comes first, if there is one.
    fn rivalry(&self, object: &ProtectedApi) -> Option<Rejection> {
        let origin = &object.spec.origin;
        let is_same = |other: &&ProtectedApi| {
            (&other.spec.origin.endpoint, &other.spec.origin.stage) == (&origin.endpoint, &origin.stage)
        };
        let rivals = self.objects.values().filter(is_same);
        let rivals: Vec<Claim> = rivals.filter(|other| claims(other)).map(claim).collect();
        first_of(&claim(object), &rivals).map(|first| owned_by(first, origin))
    }

    /// Stages of the object's API whose objects are such.
    fn stages_of_others(
        &self,
        object: &ProtectedApi,
        is_such: fn(&ProtectedApi) -> bool,
    ) -> BTreeSet<String> {
        let own = &object.spec.origin;
        let such = self.objects.values().filter(|other| is_such(other));
        let others = such.map(|other| &other.spec.origin);
        let siblings = others.filter(|other| other.endpoint == own.endpoint && other.stage != own.stage);
        siblings.map(|other| other.stage.clone()).collect()
    }

    /// The objects that lock other stages of the object's API.
    fn sharing(&self, object: &ProtectedApi) -> Vec<String> {
        let others = self.objects.values().filter(|other| shares(other, object));
        others.map(sharer).collect()
    }

    /// What an object that is being deleted leaves to be taken down.
    pub fn departed(&self, object: &ProtectedApi) -> Departed {
        Departed {
            owner: self.engine.owner(object),
            generation: object.metadata.generation,
            since: object.metadata.deletion_timestamp.as_ref().unwrap().0,
            spec: Some(object.spec.clone()),
            policy: object.spec.deletion_policy.unwrap_or_default(),
            suspended: object.spec.suspend.unwrap_or_default(),
            previous: object.status.clone().unwrap_or_default(),
        }
    }

    /// Passes over an object until it is ready.
    pub async fn ready(&mut self, name: &str) {
        self.settle(name).await;
        assert_eq!(self.condition(name, "Ready"), "True", "{}", self.story(name));
    }

    /// Passes over an object until it stalls; answers why.
    pub async fn stalled(&mut self, name: &str) -> String {
        self.settle(name).await;
        assert_eq!(self.condition(name, "Stalled"), "True", "{}", self.story(name));
        self.reason(name, "Stalled")
    }

    /// Like [`Self::ready`], where a fault may well look like something that a person must solve.
    pub async fn settle_patiently(&mut self, name: &str) {
        for _ in 0..10 {
            self.settle(name).await;
            if self.condition(name, "Ready") == "True" {
                return;
            }
            tokio::time::sleep(STALLED).await;
        }
        panic!("{name} stays stalled:\n{}", self.story(name));
    }

    /// Passes over an object, each when the one before asked for it, until it is ready or stalled.
    pub async fn settle(&mut self, name: &str) {
        for _ in 0..MAX_PASSES {
            let outcome = self.pass_surviving(name).await;
            let is = |condition: &str| self.condition(name, condition) == "True";
            let at_rest = outcome.plan.is_empty() && outcome.failures.is_empty();
            // What stalls does not hold up the rest, which is waited for.
            if (is("Ready") && at_rest) || (is("Stalled") && outcome.plan.waits.is_empty()) {
                return;
            }
            tokio::time::sleep(delay(&outcome)).await;
        }
        panic!("{name} does not come to rest:\n{}", self.story(name));
    }

    /// `kubectl delete --wait`, and then the sweeper's rounds until nothing condemned is left.
    pub async fn delete(&mut self, name: &str) {
        self.depart(name).await;
        self.sweep().await;
    }

    /// `kubectl delete --wait` alone.
    pub async fn depart(&mut self, name: &str) {
        self.begin_deletion(name);
        for _ in 0..MAX_PASSES {
            let outcome = self.pass_surviving(name).await;
            if !self.objects.contains_key(name) {
                return;
            }
            tokio::time::sleep(delay(&outcome)).await;
        }
        panic!("{name} does not go:\n{}", self.story(name));
    }

    pub fn begin_deletion(&mut self, name: &str) {
        let now = Time(self.now());
        self.objects.get_mut(name).unwrap().metadata.deletion_timestamp = Some(now);
    }

    pub async fn sweep(&mut self) {
        for _ in 0..MAX_PASSES {
            // A round that fails is tried again at the next.
            let _ = self.engine.sweep(Duration::ZERO).await;
            if self.cloud.crashed() {
                self.restart();
            }
            if !self
                .cloud
                .resources()
                .iter()
                .any(|found| found.tags.contains_key(TAG_CONDEMNED))
            {
                return;
            }
            tokio::time::sleep(Duration::from_mins(10)).await;
        }
        panic!("condemned resources stay: {:?}", self.cloud.resources());
    }

    /// A pass; a process that dies in it is started again.
    pub async fn pass_surviving(&mut self, name: &str) -> Outcome {
        let outcome = self.pass(name).await;
        if self.cloud.crashed() {
            self.restart();
        }
        outcome
    }

    /// A condition's status, or "" where it is not there.
    pub fn condition(&self, name: &str, condition: &str) -> String {
        self.find(name, condition)
            .map(|(status, _, _)| status)
            .unwrap_or_default()
    }

    pub fn reason(&self, name: &str, condition: &str) -> String {
        self.find(name, condition)
            .map(|(_, reason, _)| reason)
            .unwrap_or_default()
    }

    pub fn message(&self, name: &str, condition: &str) -> String {
        self.find(name, condition)
            .map(|(_, _, message)| message)
            .unwrap_or_default()
    }

    fn find(&self, name: &str, condition: &str) -> Option<(String, String, String)> {
        let status = self.objects.get(name)?.status.as_ref()?;
        let found = status.conditions.iter().find(|found| found.type_ == condition)?;
        Some((found.status.clone(), found.reason.clone(), found.message.clone()))
    }

    /// The conditions, for a failing test's message.
    pub fn story(&self, name: &str) -> String {
        let status = self
            .objects
            .get(name)
            .and_then(|object| object.status.clone())
            .unwrap_or_default();
        let lines = status.conditions.iter().map(|found| {
            format!(
                "{}={} {}: {}",
                found.type_, found.status, found.reason, found.message
            )
        });
        format!(
            "{}\n{}",
            lines.collect::<Vec<_>>().join("\n"),
            self.cloud.journal().summary()
        )
    }

    /// Lets time pass until the next resync is due.
    pub async fn resync(&mut self, name: &str) -> Outcome {
        tokio::time::sleep(self.options.resync).await;
        self.pass_surviving(name).await
    }
}

fn delay(outcome: &Outcome) -> Duration {
    if outcome.failures.is_empty() {
        outcome.requeue
    } else {
        BACKOFF
    }
}

fn engine(cloud: &Arc<SimulatedCloud>, options: &Options) -> Engine {
    engine_of(cloud, options, CLUSTER)
}

/// The engine of the cluster that has this UID.
fn engine_of(cloud: &Arc<SimulatedCloud>, options: &Options, uid: &str) -> Engine {
    let prober = Arc::clone(cloud) as Arc<dyn Prober>;
    let cloud = Arc::clone(cloud) as Arc<dyn Cloud>;
    Engine::new(cloud, prober, options.clone(), uid.to_owned(), ACCOUNT.to_owned())
}
