//! A cluster without Kubernetes: objects in memory, the real engine, a simulated account, paused time.

mod saving;
mod settling;
mod sharing;

pub use saving::Saved;
pub use settling::BACKOFF;

use super::pieces::CLUSTER;
use super::simulation::SimulatedCloud;
use super::simulation::apigateway::Preloaded;
use super::simulation::invariants::Invariants;
use super::simulation::settings::Settings;
use jiff::{SignedDuration, Timestamp};
use k8s_openapi::apimachinery::pkg::apis::meta::v1::Time;
use palisade::api::{AccountQuotas, ProtectedApi, ProtectedApiSpec};
use palisade::aws::cloud::Cloud;
use palisade::controller::engine::departed::Departed;
use palisade::controller::engine::subject::Subject;
use palisade::controller::engine::{Engine, Options, Outcome};
use palisade::controller::kubernetes::probe_token::Awaited;
use palisade::controller::probes::Prober;
use palisade::domain::access::probe::Token;
use palisade::domain::adoption::deletion_policy;
use palisade::domain::cost::prices::Prices;
use palisade::domain::kernel::identity::{Tags, perimeter_uid};
use palisade::domain::kernel::rejection::Rejection;
use palisade::domain::status::claims::{claim, claims};
use palisade::domain::status::doors::{
    comes_by_default_endpoint, declares, hangs_on_endpoint, has_locked, has_locked_by_key, sharer, shares,
};
use palisade::domain::tenancy::permissions::Tenancy;
use palisade::domain::tenancy::rivals::{Claim, adopted_by, adopts_same, first_of, owned_by};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Duration;
use tokio::time::Instant;

pub const ACCOUNT: &str = "123456789012";
pub const REST_ENDPOINT: &str = "a1b2c3d4e5.execute-api.eu-north-1.amazonaws.com";

pub struct Cluster {
    pub cloud: Arc<SimulatedCloud>,
    pub engine: Engine,
    kept: Kept,
    epoch: (Instant, Timestamp),
    recorded: saving::Recorded,
}

/// What it has beside its account and its process.
#[derive(Clone)]
pub struct Kept {
    pub objects: BTreeMap<String, ProtectedApi>,
    pub annotations: BTreeMap<String, String>,
    /// Checked after every pass.
    pub invariants: Option<Invariants>,
    /// What the Secret of the objects' spec.access.probe says.
    pub token: Token,
    /// The limits that the `AwsAccount` of all objects states.
    pub quotas: AccountQuotas,
    /// How long the API server takes to tell it.
    pub token_takes: Duration,
    /// How far the controller's clock is ahead of AWS's.
    pub clock_ahead: SignedDuration,
    options: Options,
    /// What the Lease hands on from one process to the next.
    pub lease: Option<String>,
    /// UID of its kube-system namespace.
    uid: String,
    created: usize,
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
            engine: engine_of(&cloud, &options, CLUSTER),
            cloud,
            kept: Kept {
                options,
                lease: None,
                uid: CLUSTER.to_owned(),
                objects: BTreeMap::new(),
                annotations: BTreeMap::new(),
                invariants: None,
                token: Token::default(),
                quotas: AccountQuotas::default(),
                token_takes: Duration::ZERO,
                clock_ahead: SignedDuration::ZERO,
                created: 0,
            },
            epoch: (Instant::now(), "2026-01-01T00:00:00Z".parse().unwrap()),
            recorded: saving::Recorded::default(),
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
        uid.clone_into(&mut self.uid);
        self.restart();
    }

    /// The process dies and another one starts: only AWS, the objects and the Lease are left.
    pub fn restart(&mut self) {
        self.cloud.restart();
        self.lease = self.engine.known_regions();
        let engine = engine_of(&self.cloud, &self.options, &self.uid);
        self.engine = engine.remembering(sharing::handed_on(self.lease.as_deref()));
    }

    /// The time by the controller's clock.
    pub fn now(&self) -> Timestamp {
        self.epoch.1 + (Instant::now() - self.epoch.0) + self.clock_ahead
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
        self.mark();
        let object = Box::new(self.objects[name].clone());
        let now = self.now();
        let outcome = if object.metadata.deletion_timestamp.is_some() {
            Box::pin(self.engine.delete(&self.departed(&object), now)).await
        } else {
            let subject = Subject {
                object: &object,
                declared: &object.spec,
                forbidden: None,
                annotations: self.annotations.clone(),
                rivalry: self.rivalry(&object),
                declared_stages: self.stages_of_others(&object, declares),
                protected_stages: self.stages_of_others(&object, has_locked),
                token: self.awaited_token(),
                seen_others: self.others(object.metadata.uid.as_ref()),
                siblings: Some(self.others(object.metadata.uid.as_ref())),
                sharing: self.sharing(&object),
                keyed_stages: self.stages_of_others(&object, has_locked_by_key),
                by_default_endpoint: self.siblings_that(&object, comes_by_default_endpoint),
                by_endpoint_off: self.siblings_that(&object, hangs_on_endpoint),
                shared_by_others: self.shared_by_others(&object),
                quotas: self.quotas.clone(),
                is_alive: &|uid| {
                    self.objects
                        .values()
                        .any(|known| perimeter_uid(known) == Some(uid))
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
        for problem in &outcome.plan.problems {
            let field = problem.field.as_deref().unwrap_or_default();
            let is_named = problem.message.starts_with("spec.");
            assert!(
                is_named != field.is_empty() && problem.message.starts_with(field),
                "{problem:?}"
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
        let others = self.objects.values();
        let others = others.filter(|other| other.metadata.uid.as_ref() != own);
        others
            .filter_map(|other| perimeter_uid(other).map(ToOwned::to_owned))
            .collect()
    }

    /// Why another object for the same API and stage comes first, if there is one.
    fn rivalry(&self, object: &ProtectedApi) -> Option<Rejection> {
        let origin = &object.spec.origin;
        let is_same = |other: &&ProtectedApi| {
            (&other.spec.origin.endpoint, &other.spec.origin.stage) == (&origin.endpoint, &origin.stage)
        };
        let rivals = self.objects.values().filter(is_same);
        let rivals: Vec<Claim> = rivals.filter(|other| claims(other)).map(claim).collect();
        if let Some(first) = first_of(&claim(object), &rivals) {
            return Some(owned_by(first, origin));
        }
        let adopters = self.objects.values();
        let adopters = adopters.filter(|other| claims(other) && adopts_same(&other.spec, &object.spec));
        let adopters: Vec<Claim> = adopters.map(claim).collect();
        first_of(&claim(object), &adopters).map(|first| adopted_by(first, &object.spec))
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

    /// The other objects of the object's API that are such, for people.
    fn siblings_that(&self, object: &ProtectedApi, is_such: fn(&ProtectedApi) -> bool) -> Vec<String> {
        let of_api = self.objects.values().filter(|other| {
            other.spec.origin.endpoint == object.spec.origin.endpoint
                && other.metadata.uid != object.metadata.uid
        });
        of_api.filter(|other| is_such(other)).map(sharer).collect()
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
            uid: object.metadata.uid.clone().unwrap_or_default(),
            generation: object.metadata.generation,
            since: object.metadata.deletion_timestamp.as_ref().unwrap().0,
            spec: Some(object.spec.clone()),
            policy: deletion_policy(Some(&object.spec), object.status.as_ref()),
            suspended: object.spec.suspend.unwrap_or_default(),
            previous: object.status.clone().unwrap_or_default(),
        }
    }

    pub fn begin_deletion(&mut self, name: &str) {
        let now = Time(self.now());
        self.objects.get_mut(name).unwrap().metadata.deletion_timestamp = Some(now);
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
}

/// The engine of the cluster that has this UID.
fn engine_of(cloud: &Arc<SimulatedCloud>, options: &Options, uid: &str) -> Engine {
    let prober = Arc::clone(cloud) as Arc<dyn Prober>;
    let cloud = Arc::clone(cloud) as Arc<dyn Cloud>;
    Engine::new(cloud, prober, options.clone(), uid.to_owned(), ACCOUNT.to_owned())
}
