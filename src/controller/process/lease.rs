//! Leader election on a `coordination.k8s.io/v1` Lease: of several replicas, one acts.
//!
//! Two rules keep two leaders apart. A leader counts its time from before it asked for the renewal, on its own monotonic
//! clock. A candidate counts a holder as gone once it has seen no change of the Lease for the Lease's own duration, on
//! its own monotonic clock; times written by others are never compared with a local clock.

use super::regions::{ANNOTATION, Regions};
use super::server::{Health, LEASE};
use super::settings::LeaseSettings;
use crate::api_server::answered_within;
use k8s_openapi::api::coordination::v1::{Lease, LeaseSpec};
use k8s_openapi::apimachinery::pkg::apis::meta::v1::MicroTime;
use k8s_openapi::jiff::Timestamp;
use kube::api::{ObjectMeta, PostParams};
use kube::{Api, Client};
use std::hash::{BuildHasher as _, RandomState};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};
use tracing::{debug, info, warn};

/// Longest wait for one request, so that a hanging API server costs one attempt and not the Lease.
const REQUEST_TIMEOUT: Duration = Duration::from_secs(5);

/// Attempts to give the Lease up.
const RELEASES: u32 = 3;

/// Whether, and for how long still, this process may act. Clones speak of the same process.
#[derive(Debug, Clone)]
pub struct Leadership(Arc<Mutex<Standing>>);

#[derive(Debug, Clone, Copy)]
enum Standing {
    Unelected,
    Standby,
    Until(Instant),
}

impl Leadership {
    /// Of a process that takes part in an election and does not lead yet.
    #[must_use]
    pub fn standby() -> Self {
        Self(Arc::new(Mutex::new(Standing::Standby)))
    }

    /// Of a process that is the only one by declaration.
    #[must_use]
    pub fn unelected() -> Self {
        Self(Arc::new(Mutex::new(Standing::Unelected)))
    }

    /// How long nobody else may lead, from now; zero for a process that does not lead.
    #[must_use]
    pub fn valid_for(&self) -> Duration {
        match *self.0.lock().unwrap_or_else(PoisonError::into_inner) {
            Standing::Unelected => Duration::MAX,
            Standing::Standby => Duration::ZERO,
            Standing::Until(end) => end.saturating_duration_since(Instant::now()),
        }
    }

    /// Whether this process leads now.
    #[must_use]
    pub fn is_leader(&self) -> bool {
        !self.valid_for().is_zero()
    }

    fn set(&self, standing: Standing) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = standing;
    }
}

/// Why an attempt to take or renew the Lease failed.
#[derive(Debug, thiserror::Error)]
pub enum LeaseError {
    /// The Lease could not be read.
    #[error("reading the Lease: {0}")]
    Read(#[source] kube::Error),
    /// The Lease could not be written.
    #[error("writing the Lease: {0}")]
    Write(#[source] kube::Error),
    /// Others wrote the Lease at every attempt.
    #[error("writing the Lease: others changed it {RELEASES} times meanwhile")]
    Contended,
}

/// Why a leader leads no longer.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub enum Lost {
    /// Another process holds the Lease.
    #[error("the Lease is held by {0:?} now")]
    Taken(String),
    /// It could not be renewed in time.
    #[error("the Lease could not be renewed before it expired")]
    Expired,
}

/// What one attempt came to.
#[derive(Debug, PartialEq, Eq)]
enum Attempt {
    Leading,
    HeldBy(String),
}

/// A Lease as this process saw it last.
struct Observation {
    spec: LeaseSpec,
    changed: Instant,
}

impl Observation {
    fn is_over(&self, default: Duration) -> bool {
        let seconds = self
            .spec
            .lease_duration_seconds
            .and_then(|seconds| u64::try_from(seconds).ok());
        self.changed.elapsed() > seconds.map_or(default, Duration::from_secs)
    }
}

/// One process in the election.
pub struct Candidate {
    api: Api<Lease>,
    settings: LeaseSettings,
    identity: String,
    leadership: Leadership,
    observed: Option<Observation>,
    /// The Lease as our last write left it, which spares the read before the next.
    held: Option<Lease>,
    health: Option<Arc<Health>>,
    /// What a leader hands on to the next one.
    regions: Arc<Regions>,
}

impl Candidate {
    /// A candidate for the Lease that `settings` name; `leadership` is told, `instance` is the process's name.
    #[must_use]
    pub fn new(client: Client, instance: &str, settings: LeaseSettings, leadership: Leadership) -> Self {
        let api = match &settings.namespace {
            Some(namespace) => Api::namespaced(client, namespace),
            None => Api::default_namespaced(client),
        };
        Self {
            api,
            identity: identity(instance),
            settings,
            leadership,
            observed: None,
            held: None,
            health: None,
            regions: Arc::default(),
        }
    }

    /// Has `health` told whether this process can take part in the election.
    #[must_use]
    pub fn reporting_to(mut self, health: Arc<Health>) -> Self {
        self.health = Some(health);
        self
    }

    /// Has the Lease hand `regions` on, from the leader before and to the next one.
    #[must_use]
    pub fn remembering(mut self, regions: Arc<Regions>) -> Self {
        self.regions = regions;
        self
    }

    /// Waits until this process leads.
    pub async fn acquire(&mut self) {
        let mut known_holder = None;
        loop {
            match self.attempt().await {
                Ok(Attempt::Leading) => {
                    info!(lease = self.settings.name, identity = self.identity, "leading");
                    return;
                }
                Ok(Attempt::HeldBy(holder)) => {
                    if known_holder.as_ref() != Some(&holder) {
                        info!(
                            lease = self.settings.name,
                            holder, "standing by: another process leads"
                        );
                        known_holder = Some(holder);
                    }
                }
                Err(error) => warn!(lease = self.settings.name, %error, "cannot take part in the election"),
            }
            tokio::time::sleep(self.settings.retry).await;
        }
    }

    /// Renews the Lease for as long as that works, and says why it did not.
    pub async fn keep(&mut self) -> Lost {
        let mut pause = self.settings.renew;
        loop {
            tokio::time::sleep(pause.min(self.leadership.valid_for())).await;
            // An answer that comes after the end is too late, whatever it says.
            let time_left = self.leadership.valid_for();
            pause = match tokio::time::timeout(time_left, self.attempt()).await {
                Ok(Ok(Attempt::Leading)) => self.settings.renew,
                Ok(Ok(Attempt::HeldBy(holder))) => {
                    self.leadership.set(Standing::Standby);
                    return Lost::Taken(holder);
                }
                Ok(Err(error)) => {
                    warn!(lease = self.settings.name, %error, "cannot renew the Lease, trying again");
                    self.settings.retry
                }
                Err(_) => return Lost::Expired,
            };
        }
    }

    /// Gives the Lease up, so that another process need not wait for its end.
    ///
    /// # Errors
    /// When the Lease could not be written; it then ends by itself.
    pub async fn release(mut self) -> Result<(), LeaseError> {
        self.leadership.set(Standing::Standby);
        for _ in 0..RELEASES {
            // A renewal that was cut off may have reached the API server or not: only a look tells, and it may come after one.
            let Some(mut lease) = self.known().await? else {
                return Ok(());
            };
            let spec = lease.spec.get_or_insert_default();
            if spec.holder_identity.as_ref() != Some(&self.identity) {
                return Ok(());
            }
            spec.holder_identity = None;
            spec.lease_duration_seconds = Some(1);
            spec.renew_time = Some(MicroTime(Timestamp::now()));
            let options = PostParams::default();
            let written = self.api.replace(&self.settings.name, &options, &lease);
            match answered_within(REQUEST_TIMEOUT, written).await {
                Ok(_) => {
                    info!(lease = self.settings.name, "released the Lease");
                    return Ok(());
                }
                Err(kube::Error::Api(status)) if status.code == 409 => {}
                Err(error) => return Err(LeaseError::Write(error)),
            }
        }
        Err(LeaseError::Contended)
    }

    async fn attempt(&mut self) -> Result<Attempt, LeaseError> {
        let attempt = self.take_or_renew().await;
        if let Some(health) = &self.health {
            match &attempt {
                Ok(_) => health.has(LEASE),
                Err(_) => health.lacks(LEASE),
            }
        }
        attempt
    }

    /// The Lease: as our last write left it, or as it is.
    async fn known(&mut self) -> Result<Option<Lease>, LeaseError> {
        match self.held.take() {
            Some(lease) => Ok(Some(lease)),
            None => answered_within(REQUEST_TIMEOUT, self.api.get_opt(&self.settings.name))
                .await
                .map_err(LeaseError::Read),
        }
    }

    async fn take_or_renew(&mut self) -> Result<Attempt, LeaseError> {
        let held = self.known().await?;
        if let Some(lease) = &held {
            self.observe(lease);
        }
        if let Some(holder) = self.other_holder(held.as_ref()) {
            return Ok(Attempt::HeldBy(holder));
        }
        self.write(held).await
    }

    /// Notes when the Lease last changed, as seen from here.
    fn observe(&mut self, lease: &Lease) {
        let spec = lease.spec.clone().unwrap_or_default();
        if self.observed.as_ref().is_none_or(|seen| seen.spec != spec) {
            self.observed = Some(Observation {
                spec,
                changed: Instant::now(),
            });
        }
    }

    /// Who must be waited for.
    ///
    /// A Lease that vanished under a living leader still counts for its duration: deleting it must not make two leaders.
    fn other_holder(&self, lease: Option<&Lease>) -> Option<String> {
        let observed = self.observed.as_ref()?;
        let spec = lease.map_or(Some(&observed.spec), |lease| lease.spec.as_ref())?;
        let holder = spec
            .holder_identity
            .as_ref()
            .filter(|holder| !holder.is_empty())?;
        (*holder != self.identity && !observed.is_over(self.settings.duration)).then(|| holder.clone())
    }

    async fn write(&mut self, lease: Option<Lease>) -> Result<Attempt, LeaseError> {
        let wanted = self.renewed(lease.as_ref());
        // Before the request: what passes while it is under way is already off our time.
        let asked = Instant::now();
        let options = PostParams::default();
        let written = match lease {
            Some(_) => {
                let replaced = self.api.replace(&self.settings.name, &options, &wanted);
                answered_within(REQUEST_TIMEOUT, replaced).await
            }
            None => answered_within(REQUEST_TIMEOUT, self.api.create(&options, &wanted)).await,
        };
        match written {
            Ok(lease) => {
                self.leadership
                    .set(Standing::Until(asked + self.settings.duration));
                self.observe(&lease);
                self.held = Some(lease);
                Ok(Attempt::Leading)
            }
            // Somebody wrote in between: the next attempt reads who.
            Err(kube::Error::Api(status)) if status.code == 409 && !self.leadership.is_leader() => {
                debug!(lease = self.settings.name, "another process was faster");
                Ok(Attempt::HeldBy("another process".to_owned()))
            }
            Err(error) => Err(LeaseError::Write(error)),
        }
    }

    fn renewed(&self, lease: Option<&Lease>) -> Lease {
        let now = MicroTime(Timestamp::now());
        let before = lease.and_then(|lease| lease.spec.clone()).unwrap_or_default();
        let is_ours = before.holder_identity.as_ref() == Some(&self.identity);
        let spec = LeaseSpec {
            holder_identity: Some(self.identity.clone()),
            lease_duration_seconds: i32::try_from(self.settings.duration.as_secs()).ok(),
            acquire_time: if is_ours {
                before.acquire_time
            } else {
                Some(now.clone())
            },
            renew_time: Some(now),
            lease_transitions: Some(
                before.lease_transitions.unwrap_or(0) + i32::from(!is_ours && lease.is_some()),
            ),
            ..before
        };
        // The resource version of `lease` makes the API server refuse the write if anybody else wrote since.
        let mut metadata = lease.map_or_else(
            || ObjectMeta {
                name: Some(self.settings.name.clone()),
                ..ObjectMeta::default()
            },
            |lease| lease.metadata.clone(),
        );
        self.hand_on(is_ours, &mut metadata);
        Lease {
            metadata,
            spec: Some(spec),
        }
    }

    /// Writes what the next leader is to know, with what the one before has written where the Lease is not ours yet.
    fn hand_on(&self, is_ours: bool, metadata: &mut ObjectMeta) {
        let annotations = metadata.annotations.get_or_insert_default();
        if let Some(written) = annotations.remove(ANNOTATION).filter(|_| !is_ours) {
            self.regions.recall(&written);
        }
        let text = self.regions.text();
        annotations.extend(text.map(|text| (ANNOTATION.to_owned(), text)));
    }
}

/// Unique for each start: a restarted process is another holder, since calls of its predecessor may still be under way.
fn identity(instance: &str) -> String {
    format!("{instance}_{:016x}", RandomState::new().hash_one(instance))
}
