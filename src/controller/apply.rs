//! A pass that builds and keeps one object's perimeter.

use super::accept::{is_accepted, was_refused};
use super::engine::{Engine, Outcome, whole};
use super::execute::{Execution, execute, failure};
use super::probe_token::Awaited;
use super::traces::stage;
use super::unproven::{After, Lock, Settled};
use crate::api::{Enforcement, ProtectedApi, ProtectedApiSpec, ProtectedApiStatus, ROTATE};
use crate::aws::cloud::{Cloud, CloudError};
use crate::aws::layers::budget::of_one_object;
use crate::aws::readings::inventory::Unread;
use crate::domain::access::api;
use crate::domain::access::proof::Proof;
use crate::domain::edge::distribution;
use crate::domain::firewall::rules::CHECKERS;
use crate::domain::kernel::failure::Failure;
use crate::domain::kernel::identity::Owner;
use crate::domain::kernel::observing::Seen;
use crate::domain::kernel::planning::{Id, Kind};
use crate::domain::kernel::reason::Reason;
use crate::domain::kernel::rejection::Rejection;
use crate::domain::perimeter::desired::{Desired, Facts, desired, needs_checkers};
use crate::domain::perimeter::observed::{Due, Observed};
use crate::domain::perimeter::plan::{Plan, plan};
use crate::domain::perimeter::strangers::{other_signers, suspects};
use crate::domain::signer::options::signer_options;
use crate::domain::status::conditions::Mode;
use crate::domain::status::identifiers;
use crate::domain::tenancy::permissions::{self, Namespace};
use crate::signer;
use jiff::Timestamp;
use kube::ResourceExt as _;
use std::collections::{BTreeMap, BTreeSet};
use tracing::Instrument as _;

/// What a pass needs to know besides AWS.
pub struct Subject<'a> {
    /// The object.
    pub object: &'a ProtectedApi,
    /// The annotations of its Namespace.
    pub annotations: BTreeMap<String, String>,
    /// Why another object comes first, if one does.
    pub rivalry: Option<Rejection>,
    /// Stages of the same API that other objects declare.
    pub declared_stages: BTreeSet<String>,
    /// Stages of the same API that other objects protect.
    pub protected_stages: BTreeSet<String>,
    /// The value of the header that probes show, where the spec names one.
    pub token: Awaited,
    /// UIDs of the other objects of the same API; `None` where not all objects of the cluster are seen.
    pub siblings: Option<BTreeSet<String>>,
    /// The objects that lock other stages of the same API, whose methods they share, for people.
    pub sharing: Vec<String>,
    /// Stages of the same API that other objects have locked by an API key.
    pub keyed_stages: BTreeSet<String>,
    /// Whether there may be an object with this UID in the cluster.
    pub is_alive: &'a (dyn Fn(&str) -> bool + Send + Sync),
    /// The time.
    pub now: Timestamp,
}

/// Why a pass does not come to look at the object's resources.
pub(super) enum Stop {
    /// The spec must not be acted upon.
    Rejected(Rejection),
    /// A call to AWS failed.
    Failed(Failure),
}

impl From<Rejection> for Stop {
    fn from(rejection: Rejection) -> Self {
        Self::Rejected(rejection)
    }
}

impl From<CloudError> for Stop {
    fn from(error: CloudError) -> Self {
        Self::Failed(whole(&error))
    }
}

impl Engine {
    /// Looks at `subject`, does what is next, and says what came of it.
    pub async fn apply(&self, subject: &Subject<'_>) -> Outcome {
        let none = ProtectedApiStatus::default();
        let previous = subject.object.status.as_ref().unwrap_or(&none);
        let owner = self.owner(subject.object);
        Box::pin(of_one_object(self.pass(subject, &owner, previous))).await
    }

    async fn pass(&self, subject: &Subject<'_>, owner: &Owner, previous: &ProtectedApiStatus) -> Outcome {
        let lock = Lock::of(subject, owner, previous);
        let proven = self.prove_or_put_back(&lock, self.after(subject));
        let mut settled = proven.instrument(stage("prove or put back")).await;
        // Viewers of a cut-over that is under way wait for nobody.
        let _place = if self.is_cutting_over(owner) {
            None
        } else {
            self.bounds.place(identifiers::names_any(previous)).await
        };
        let looked = self.look(subject, owner, previous);
        let outcome = match looked.instrument(stage("look")).await {
            // Hundreds of passes may wait for the lists at a time; what comes after takes its memory only then.
            Ok((observed, unread)) => {
                let carried = self.carry_out(subject, &lock, observed, unread, &mut settled);
                Box::pin(carried.instrument(stage("carry out"))).await
            }
            Err(stop) => Err(stop),
        };
        match outcome {
            Ok(outcome) => outcome.after(self, owner, settled),
            Err(stop) => Box::pin(self.stopped_after(subject, &lock, settled, stop)).await,
        }
    }

    /// Whether the Namespace permits what the spec names.
    pub(super) fn permit(&self, subject: &Subject<'_>) -> Result<(), Rejection> {
        let object = subject.object;
        let namespace = Namespace {
            name: &object.namespace().unwrap_or_default(),
            annotations: &subject.annotations,
        };
        permissions::permit(self.options.tenancy, &object.spec, namespace)
    }

    /// Whether this pass will go on with a lock, as far as can be told before anything is looked at.
    fn after(&self, subject: &Subject<'_>) -> After {
        let spec = &subject.object.spec;
        let enforcement = spec.access.as_ref().and_then(|access| access.enforcement);
        let is_permitted = self.permit(subject).is_ok();
        let is_halted = spec.suspend.unwrap_or_default()
            || enforcement == Some(Enforcement::Observe)
            || !is_permitted
            || subject.rivalry.is_some();
        if is_halted { After::Halts } else { After::GoesOn }
    }

    /// The outcome of a pass that was stopped: what was begun is not left in doubt for that.
    async fn stopped_after(
        &self,
        subject: &Subject<'_>,
        lock: &Lock<'_>,
        settled: Settled,
        stop: Stop,
    ) -> Outcome {
        let after = match &stop {
            Stop::Rejected(_) => After::Halts,
            // It passes, and the lock is gone on with.
            Stop::Failed(_) => self.after(subject),
        };
        let settled = settled.then(Box::pin(self.prove_or_put_back_unseen(lock, after)).await);
        let may_be_asked = !matches!(&stop, Stop::Rejected(why) if why.reason == Reason::NotPermitted);
        let is_new = lock.previous.observed_generation != subject.object.metadata.generation
            || !is_accepted(subject, lock.previous);
        // Where even that is not known, whether a lock is in doubt, what stands is known by how it answers.
        let may_be_asked = may_be_asked && (settled.is_settled() || !self.is_cutting_over(lock.owner));
        let stood = if may_be_asked {
            Box::pin(self.probe_what_stands(lock, is_new)).await
        } else {
            None
        };
        self.stopped(subject, lock, &settled.plan, stop, stood.as_ref())
            .after(self, lock.owner, settled)
    }

    /// What the lists say of the object's resources, if nothing is against looking.
    async fn look(
        &self,
        subject: &Subject<'_>,
        owner: &Owner,
        previous: &ProtectedApiStatus,
    ) -> Result<(Box<Observed>, Vec<Unread>), Stop> {
        let spec = &subject.object.spec;
        self.permit(subject)?;
        api::check_path(&spec.origin)?;
        if let Some(rivalry) = &subject.rivalry {
            return Err(rivalry.clone().into());
        }
        let accepted = if is_accepted(subject, previous) {
            None
        } else {
            Some(Box::pin(self.accept(subject, owner)).await?)
        };
        let max_age = self.max_age(awaits_deployment(previous));
        let seen = self.inventory.look_at_what_is_read(max_age, |listing| {
            // Only now, since all objects wait for the lists at a time.
            let outputs = identifiers::outputs(previous);
            let recorded = previous.fingerprints.clone();
            let suspects = suspects(&spec.origin, owner, listing);
            let suspects: Vec<distribution::Listed> = suspects.cloned().collect();
            let mut observed = Box::new(listing.of(owner, recorded, outputs));
            // Every such pass goes through all distributions.
            if may_refuse_other_signers(spec) {
                let siblings = subject.siblings.as_ref();
                observed.other_signers = other_signers(&spec.origin, owner, listing, siblings);
            }
            (observed, suspects)
        });
        let ((mut observed, suspects), unread) = seen.await?;
        observed.unread = unread
            .iter()
            .filter(|unread| !unread.is_known)
            .filter_map(|unread| unread.list.kind())
            .collect();
        if observed.unread.contains(&Kind::Role) {
            observed.other_signers = None;
        }
        self.check_elsewhere(owner, &suspects).await?;
        if let Some(accepted) = accepted {
            Box::pin(self.check_lockable(subject, accepted, &observed)).await?;
        }
        Ok((observed, unread))
    }

    async fn carry_out(
        &self,
        subject: &Subject<'_>,
        lock: &Lock<'_>,
        mut observed: Box<Observed>,
        mut unread: Vec<Unread>,
        settled: &mut Settled,
    ) -> Result<Outcome, Stop> {
        let Lock { owner, previous, .. } = *lock;
        let (desired, unknown) = self.desired(subject, owner, Some(&observed)).await?;
        let desired = Box::new(desired);
        // Nothing of Lambda has to be readable where nothing signs.
        let needs_signer = observed.needs_signer(&desired);
        unread.retain(|unread| needs_signer || unread.list.kind() != Some(Kind::Function));
        observed.pass.deep = self.is_deep_read_due(owner, previous, subject.now);
        let was_refused = was_refused(previous);
        let is_new = was_refused || previous.observed_generation != subject.object.metadata.generation;
        observed.due = self.due(owner, previous, is_new, subject.now);
        observed.due.access |= was_refused;
        if self.is_look_wanted(owner, subject.object) {
            observed.due = Due {
                access: true,
                probes: true,
                ..observed.due
            };
        }
        observed.gate = Some(desired.access.gate.clone());
        observed.given_plan = desired.api_key.as_ref().and_then(|key| key.given_plan.clone());
        observed.proof = desired.access.proof.clone();
        observed.token = subject.token.value().await;
        if desired.access.proof != Proof::Signature {
            observed.fresh = self.fresh.of(&owner.uid);
        }
        observed.siblings.clone_from(&subject.siblings);
        observed.sharing.clone_from(&subject.sharing);
        observed.shares_key = !subject.keyed_stages.is_empty();
        observed.declared_stages.clone_from(&subject.declared_stages);
        observed.pass.at = subject.now;
        settled.carry_over(&mut observed);
        self.prove_what_lists_show(lock, self.after(subject), &mut observed, settled)
            .await;
        let (is_due, is_unread) = (observed.pass.deep, !unread.is_empty());
        if !observed.pass.deep {
            self.inventory.recall(&mut observed);
        }
        let trouble = self.look_at_shield(subject, &mut observed).await.err();
        let of_names = self
            .look_at_names(subject, &desired, previous, &mut observed)
            .await
            .err();
        let suspended = subject.object.spec.suspend.unwrap_or_default();
        let mut execution = if suspended {
            self.look_only(observed, &desired).await
        } else {
            execute(self, observed, |observed| plan(&desired, observed)).await
        };
        self.find_other_doors(&desired.access, &subject.protected_stages, &mut execution)
            .await;
        self.name_missing_reference(&desired, &mut execution).await;
        // The rest of the perimeter does not wait for a list, for Shield, nor for DNS.
        let of_lists = unread
            .iter()
            .map(|unread| failure(unread.list.kind().map(Id::of), &unread.error));
        execution.failures.extend(of_lists);
        let trouble = trouble.map(|error| failure(Some(Id::of(Kind::Protection)), &error));
        execution.failures.extend(trouble);
        let unknown = unknown.map(|error| failure(Some(Id::of(Kind::HealthCheck)), &error));
        execution.failures.extend(unknown);
        let of_names = of_names.map(|error| failure(Some(Id::of(Kind::Records)), &error));
        execution.failures.extend(of_names);
        let mode = if suspended { Mode::Suspended } else { Mode::Apply };
        Ok(self.outcome(
            subject,
            owner,
            previous,
            &desired,
            execution,
            mode,
            (is_due, is_unread),
        ))
    }

    /// What lists say of Shield, for an object that asks for it, or did.
    async fn look_at_shield(&self, subject: &Subject<'_>, observed: &mut Observed) -> Result<(), CloudError> {
        let wanted = subject.object.spec.shield.as_ref();
        if wanted.is_none() && !observed.had_shield() {
            return Ok(());
        }
        let named = wanted.and_then(|shield| shield.health_check.as_ref()?.id.as_deref());
        let max_age = self.max_age(false).others;
        self.shield.observe(observed, named, max_age).await
    }

    /// What is wanted; besides, why it is not known from where Route 53's checkers ask, if that matters. The health check has to
    /// wait for that, and nothing else.
    pub(super) async fn desired(
        &self,
        subject: &Subject<'_>,
        owner: &Owner,
        observed: Option<&Observed>,
    ) -> Result<(Desired, Option<CloudError>), Stop> {
        let spec = &subject.object.spec;
        let package = signer::package(&signer_options(spec))
            .map_err(|error| Rejection::new(Reason::InvalidSpec, error.to_string()))?;
        let mut unknown = None;
        let checkers = if needs_checkers(spec) {
            match self.shield.checkers().await {
                Ok(read) => Some(read),
                Err(error) => {
                    unknown = Some(error);
                    self.checkers_let_through(observed).await?
                }
            }
        } else {
            Some(vec![])
        };
        let facts = Facts {
            owner: owner.clone(),
            account: self.account.clone(),
            default_tags: self.options.default_tags.clone(),
            permissions_boundary: self.options.permissions_boundary.clone(),
            zip: package.zip,
            code_sha256: package.code_sha256,
            rotate: subject.object.annotations().get(ROTATE).cloned(),
            checkers,
        };
        Ok((desired(spec, &facts)?, unknown))
    }

    /// The checkers that the web ACL lets through so far: those stay, while it is not known whether AWS has others by now.
    async fn checkers_let_through(
        &self,
        observed: Option<&Observed>,
    ) -> Result<Option<Vec<String>>, CloudError> {
        let cloud: &dyn Cloud = &self.patient();
        let mut known = Vec::new();
        for (part, seen) in observed.iter().flat_map(|observed| &observed.ip_sets) {
            if let (true, Seen::Listed(Some(row))) = (part.starts_with(CHECKERS), seen) {
                let set = cloud.get_ip_set(row.entity.id.clone(), row.entity.name.clone());
                known.extend(set.await?.addresses);
            }
        }
        Ok(Some(known).filter(|known| !known.is_empty()))
    }

    /// What `execute` would do, with the reads and without the writes.
    async fn look_only(&self, observed: Box<Observed>, desired: &Desired) -> Execution {
        let mut execution = execute(self, observed, |observed| Plan {
            ready: vec![],
            ..plan(desired, observed)
        })
        .await;
        execution.plan = plan(desired, &execution.observed);
        execution
    }
}

/// Whether what the spec asks for lets in the signer's role alone, or none.
fn may_refuse_other_signers(spec: &ProtectedApiSpec) -> bool {
    let options = spec.access.as_ref().and_then(|access| access.sig_v4.as_ref());
    let is_exclusive = options.and_then(|options| options.exclusive).unwrap_or_default();
    is_exclusive || Proof::of(spec) != Proof::Signature
}

fn awaits_deployment(previous: &ProtectedApiStatus) -> bool {
    previous
        .distribution
        .as_ref()
        .is_some_and(|found| found.state != distribution::DEPLOYED)
}
