//! A pass that builds and keeps one object's perimeter.

use super::engine::{Engine, Outcome, PROBE_RETRY, is_unprobed, whole};
use super::execute::{Execution, execute, failure};
use super::probe_token::Awaited;
use super::references::is_missing;
use super::unproven::{After, Lock, Settled};
use crate::api::{
    Enforcement, Origin, OriginType, ProtectedApi, ProtectedApiSpec, ProtectedApiStatus, ROTATE,
};
use crate::aws::budget::of_one_object;
use crate::aws::cloud::{Cloud, CloudError, pages};
use crate::aws::errors::ErrorKind;
use crate::aws::inventory::Unread;
use crate::aws::patient::Patient;
use crate::domain::access::proof::Proof;
use crate::domain::access::{api, authorization, obstacles, probing};
use crate::domain::edge::distribution;
use crate::domain::firewall::capacity;
use crate::domain::firewall::rules::CHECKERS;
use crate::domain::kernel::endpoint::arn_region_and_id;
use crate::domain::kernel::failure::Failure;
use crate::domain::kernel::identity::Owner;
use crate::domain::kernel::observing::Seen;
use crate::domain::kernel::planning::{Id, Kind};
use crate::domain::kernel::reason::Reason;
use crate::domain::kernel::rejection::Rejection;
use crate::domain::perimeter::desired::{Desired, Facts, desired, needs_checkers, signer_options};
use crate::domain::perimeter::observed::Observed;
use crate::domain::perimeter::plan::{Plan, plan};
use crate::domain::perimeter::records::verified;
use crate::domain::status::conditions::{Mode, Pass, status, types};
use crate::domain::status::identifiers;
use crate::domain::status::since::held_since;
use crate::domain::tenancy::account::account_of;
use crate::domain::tenancy::{permissions, rivals};
use crate::signer;
use jiff::Timestamp;
use kube::ResourceExt as _;
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

/// A refusal by AWS that should pass by itself is believed for this long; then a person is asked.
const PATIENCE: Duration = Duration::from_mins(3);

/// What a pass needs to know besides AWS.
pub struct Subject<'a> {
    /// The object.
    pub object: &'a ProtectedApi,
    /// The annotations of its Namespace.
    pub annotations: BTreeMap<String, String>,
    /// Why another object comes first, if one does.
    pub rivalry: Option<Rejection>,
    /// Stages of the same API that other objects protect.
    pub protected_stages: BTreeSet<String>,
    /// The value of the header that probes show, where the spec names one.
    pub token: Awaited,
    /// UIDs of the other objects of the same API; `None` where not all objects of the cluster are seen.
    pub siblings: Option<BTreeSet<String>>,
    /// Whether there may be an object with this UID in the cluster.
    pub is_alive: &'a (dyn Fn(&str) -> bool + Send + Sync),
    /// The time.
    pub now: Timestamp,
}

/// Why a pass does not come to look at the object's resources.
enum Stop {
    Rejected(Rejection),
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
        of_one_object(self.pass(subject, &owner, previous)).await
    }

    async fn pass(&self, subject: &Subject<'_>, owner: &Owner, previous: &ProtectedApiStatus) -> Outcome {
        let lock = Lock::of(subject, owner, previous);
        let mut settled = self.prove_or_put_back(&lock, self.after(subject)).await;
        // Viewers of a cut-over that is under way wait for nobody.
        let _place = if self.is_cutting_over(owner) {
            None
        } else {
            self.bounds.place(identifiers::names_any(previous)).await
        };
        let outcome = match self.look(subject, owner, previous).await {
            // Hundreds of passes may wait for the lists at a time; what comes after takes its memory only then.
            Ok((observed, unread)) => {
                let carried = self.carry_out(subject, &lock, observed, unread, &mut settled);
                Box::pin(carried).await
            }
            Err(stop) => Err(stop),
        };
        match outcome {
            Ok(outcome) => outcome.after(self, owner, settled),
            Err(stop) => self.stopped_after(subject, &lock, settled, stop).await,
        }
    }

    /// Whether this pass will go on with a lock, as far as can be told before anything is looked at.
    fn after(&self, subject: &Subject<'_>) -> After {
        let spec = &subject.object.spec;
        let enforcement = spec.access.as_ref().and_then(|access| access.enforcement);
        let is_permitted = permissions::permit(self.options.tenancy, spec, &subject.annotations).is_ok();
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
        let settled = settled.then(self.prove_or_put_back_unseen(lock, after).await);
        self.stopped(subject, lock, &settled.plan, stop)
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
        permissions::permit(self.options.tenancy, spec, &subject.annotations)?;
        if let Some(rivalry) = &subject.rivalry {
            return Err(rivalry.clone().into());
        }
        if !is_accepted(subject, previous) {
            Box::pin(self.accept(subject, owner, previous)).await?;
        }
        let max_age = self.max_age(awaits_deployment(previous));
        let seen = self.inventory.look_at_what_is_read(max_age, |listing| {
            // Only now, since all objects wait for the lists at a time.
            let outputs = identifiers::outputs(previous);
            let recorded = previous.fingerprints.clone();
            let suspects = rivals::suspects(&spec.origin, owner, listing);
            let suspects: Vec<distribution::Listed> = suspects.cloned().collect();
            (Box::new(listing.of(owner, recorded, outputs)), suspects)
        });
        let ((mut observed, suspects), unread) = seen.await?;
        observed.unread = unread
            .iter()
            .filter(|unread| !unread.is_known)
            .filter_map(|unread| unread.list.kind())
            .collect();
        self.check_elsewhere(owner, &suspects).await?;
        Ok((observed, unread))
    }

    async fn carry_out(
        &self,
        subject: &Subject<'_>,
        lock: &Lock<'_>,
        mut observed: Box<Observed>,
        unread: Vec<Unread>,
        settled: &mut Settled,
    ) -> Result<Outcome, Stop> {
        let Lock { owner, previous, .. } = *lock;
        let (desired, unknown) = self.desired(subject, owner, Some(&observed)).await?;
        let desired = Box::new(desired);
        observed.deep = self.is_deep_read_due(owner, previous, subject.now);
        let is_new = previous.observed_generation != subject.object.metadata.generation;
        observed.due = self.due(owner, previous, is_new, subject.now);
        observed.gate = Some(desired.access.gate.clone());
        observed.given_plan = desired.api_key.as_ref().and_then(|key| key.given_plan.clone());
        observed.proof = desired.access.proof.clone();
        observed.token = subject.token.value().await;
        if desired.access.proof != Proof::Signature {
            observed.fresh = self.fresh.of(&owner.uid);
        }
        observed.siblings.clone_from(&subject.siblings);
        observed.at = subject.now;
        settled.carry_over(&mut observed);
        self.prove_what_lists_show(lock, self.after(subject), &mut observed, settled)
            .await;
        let (is_due, is_unread) = (observed.deep, !unread.is_empty());
        if !observed.deep {
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
    async fn desired(
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
        let mut known = Vec::new();
        for (part, seen) in observed.iter().flat_map(|observed| &observed.ip_sets) {
            if let (true, Seen::Listed(Some(row))) = (part.starts_with(CHECKERS), seen) {
                let set = self
                    .cloud
                    .get_ip_set(row.entity.id.clone(), row.entity.name.clone());
                known.extend(set.await?.addresses);
            }
        }
        Ok(Some(known).filter(|known| !known.is_empty()))
    }

    /// Reads the API itself and has WAF count what we cannot, once a generation: until it was accepted.
    async fn accept(
        &self,
        subject: &Subject<'_>,
        owner: &Owner,
        previous: &ProtectedApiStatus,
    ) -> Result<(), Stop> {
        let (desired, _) = self.desired(subject, owner, None).await?;
        let origin = &subject.object.spec.origin;
        let observed = match self.read_api(origin).await {
            Ok(observed) => observed,
            Err(error) if error.kind == ErrorKind::NotFound => return Err(api::not_found(origin).into()),
            Err(error) => return Err(error.into()),
        };
        if let Some(rejection) = api::check(origin, &observed) {
            return Err(rejection.into());
        }
        match self.read_stage(origin).await {
            Ok(_) => {}
            Err(error) if error.kind == ErrorKind::NotFound => {
                return Err(api::stage_not_found(origin).into());
            }
            Err(error) => return Err(error.into()),
        }
        // What stands goes on being seen to, whatever its team does to the API.
        if previous.distribution.is_none() && obstacles::may_be_refused(&desired.access) {
            let gate = &desired.access.gate;
            let routes: Vec<authorization::Door> = pages(
                |marker| {
                    let (region, id) = (gate.region.clone(), gate.api_id.clone());
                    self.cloud.list_routes(region, id, marker)
                },
                Some,
            )
            .await?;
            obstacles::check_authorizers(&desired.access, &routes)?;
        }
        self.check_capacity(&subject.object.spec).await
    }

    /// Asks WAF what those rules cost that only WAF can count.
    async fn check_capacity(&self, spec: &ProtectedApiSpec) -> Result<(), Stop> {
        let uncounted = capacity::uncounted(spec);
        if uncounted.is_empty() {
            return Ok(());
        }
        match self.cloud.check_capacity(Value::Array(uncounted)).await {
            Ok(units) => Ok(capacity::check_with(spec, units)?),
            // Rules that WAF refuses: it says so again when they are written, and that is what people are shown.
            Err(error) if error.kind == ErrorKind::Terminal || is_missing(&error) => Ok(()),
            Err(error) => Err(error.into()),
        }
    }

    /// Looks for another cluster's distribution before the same API. The list of tags lags and shows this cluster's only,
    /// so a suspect's tags are asked for.
    async fn check_elsewhere(&self, owner: &Owner, suspects: &[distribution::Listed]) -> Result<(), Stop> {
        for suspect in suspects {
            let tags = match self.cloud.list_distribution_tags(suspect.arn.clone()).await {
                Ok(tags) => tags,
                Err(error) if error.kind == ErrorKind::NotFound => continue,
                Err(error) => return Err(error.into()),
            };
            if rivals::is_elsewhere(&tags, owner) {
                return Err(rivals::protected_elsewhere(suspect).into());
            }
        }
        Ok(())
    }

    async fn read_api(&self, origin: &Origin) -> Result<api::Observed, CloudError> {
        let cloud: &dyn Cloud = &Patient(self.cloud.as_ref());
        let (region, id) = arn_region_and_id(&origin.endpoint);
        let (region, id) = (region.to_owned(), id.to_owned());
        match origin.r#type {
            OriginType::Rest => cloud.get_rest_api(region, id).await,
            OriginType::Http | OriginType::WebSocket => cloud.get_api(region, id).await,
        }
    }

    async fn read_stage(&self, origin: &Origin) -> Result<authorization::Stage, CloudError> {
        let cloud: &dyn Cloud = &Patient(self.cloud.as_ref());
        let (region, id) = arn_region_and_id(&origin.endpoint);
        let (region, id, stage) = (region.to_owned(), id.to_owned(), origin.stage.clone());
        match origin.r#type {
            OriginType::Rest => cloud.get_rest_stage(region, id, stage).await,
            OriginType::Http | OriginType::WebSocket => cloud.get_stage(region, id, stage).await,
        }
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

    #[allow(clippy::too_many_arguments)]
    fn outcome(
        &self,
        subject: &Subject<'_>,
        owner: &Owner,
        previous: &ProtectedApiStatus,
        desired: &Desired,
        mut execution: Execution,
        mode: Mode,
        (is_due, is_unread): (bool, bool),
    ) -> Outcome {
        let is_same_spec = previous.observed_generation == subject.object.metadata.generation;
        escalate(&mut execution, previous, is_same_spec, subject.now);
        let observed = &mut execution.observed;
        if let Some(version) = observed.version_arn(&desired.function) {
            observed.outputs.version_arn = Some(version);
        }
        observed.recorded = verified(desired, observed, &execution.plan);
        observed.outputs.note_probed(probing::probed(desired, observed));
        observed.outputs.note_policy(observed.access.present());
        if !observed.probes.is_empty() {
            self.note_probes(owner);
        }
        self.inventory.note(observed);
        self.fresh.settle(observed);
        self.shield.note(observed);
        self.names.note(observed);
        let mut status = status(&Pass {
            generation: subject.object.metadata.generation,
            owner,
            mode,
            rejection: None,
            plan: &execution.plan,
            observed: Some(observed),
            desired: Some(desired),
            failures: &execution.failures,
            previous,
            now: subject.now,
        });
        if mode == Mode::Apply || identifiers::names_any(&status) {
            status.account_id = Some(self.account.clone());
        }
        // Whatever the reading found; what was never read to its end is not verified.
        let is_read = execution.plan.reads.is_empty() && !is_unread;
        let stands = execution.plan.is_empty() && execution.failures.is_empty();
        if (is_due && is_read) || (previous.verified_at.is_none() && stands) {
            status.verified_at = Some(subject.now.strftime("%Y-%m-%dT%H:%M:%SZ").to_string());
        }
        let requeue = self.requeue(&execution.plan, Some(&execution.observed));
        // What was probed before the last change proves nothing any more.
        let unproven = if is_unprobed(&status) {
            PROBE_RETRY
        } else {
            requeue
        };
        Outcome {
            status,
            requeue: requeue.min(unproven),
            plan: execution.plan,
            done: execution.done,
            failures: execution.failures,
            rejection: None,
            in_doubt: None,
            finished: false,
        }
    }

    /// The outcome for an object whose account it must not use, or cannot reach.
    pub async fn unplaced(&self, subject: &Subject<'_>, why: Result<Rejection, CloudError>) -> Outcome {
        let none = ProtectedApiStatus::default();
        let previous = subject.object.status.as_ref().unwrap_or(&none);
        let owner = self.owner(subject.object);
        let lock = Lock::of(subject, &owner, previous);
        let stop = why.map_or_else(Stop::from, Stop::from);
        let is_ours = account_of(previous).as_ref() == Some(&self.account);
        let settled = if is_ours {
            self.prove_or_put_back(&lock, After::Halts).await
        } else {
            Settled::default()
        };
        self.stopped(subject, &lock, &settled.plan, stop)
            .after(self, &owner, settled)
    }

    /// The outcome for an object of which something is not seen yet that was declared with it.
    #[must_use]
    pub fn awaits(&self, subject: &Subject<'_>, what: &str) -> Outcome {
        let none = ProtectedApiStatus::default();
        let previous = subject.object.status.as_ref().unwrap_or(&none);
        let failure = Failure {
            id: None,
            kind: ErrorKind::NotYet,
            reason: Reason::InProgress,
            message: what.to_owned(),
        };
        let owner = self.owner(subject.object);
        let lock = Lock::of(subject, &owner, previous);
        self.stopped(subject, &lock, &Plan::default(), Stop::Failed(failure))
    }

    /// The outcome of a pass that did not come to look at the object's resources.
    fn stopped(&self, subject: &Subject<'_>, lock: &Lock<'_>, plan: &Plan, stop: Stop) -> Outcome {
        let (rejection, failures) = match stop {
            Stop::Rejected(rejection) => (Some(rejection), vec![]),
            Stop::Failed(failure) => (None, vec![failure]),
        };
        let suspended = subject.object.spec.suspend.unwrap_or_default();
        let status = status(&Pass {
            generation: subject.object.metadata.generation,
            owner: lock.owner,
            mode: if suspended { Mode::Suspended } else { Mode::Apply },
            rejection: rejection.as_ref(),
            plan,
            observed: None,
            desired: None,
            failures: &failures,
            previous: lock.previous,
            now: subject.now,
        });
        Outcome {
            status,
            plan: plan.clone(),
            done: vec![],
            failures,
            rejection,
            requeue: self.options.resync,
            in_doubt: None,
            finished: false,
        }
    }
}

fn is_accepted(subject: &Subject<'_>, previous: &ProtectedApiStatus) -> bool {
    previous.conditions.iter().any(|condition| {
        condition.type_ == types::ACCEPTED
            && condition.status == "True"
            && condition.observed_generation == subject.object.metadata.generation
    })
}

fn awaits_deployment(previous: &ProtectedApiStatus) -> bool {
    previous
        .distribution
        .as_ref()
        .is_some_and(|found| found.state != distribution::DEPLOYED)
}

/// Turns a wait for AWS that has lasted too long into something a person must look at.
fn escalate(execution: &mut Execution, previous: &ProtectedApiStatus, is_same_spec: bool, now: Timestamp) {
    let waits = std::mem::take(&mut execution.plan.waits);
    for wait in waits {
        let is_reference = wait.reason == Reason::InvalidReference;
        let is_propagation =
            is_reference || matches!(wait.reason, Reason::Propagating | Reason::RolePropagating);
        let since = held_since(previous, wait.id.kind, wait.reason);
        let is_late = since.is_some_and(|since| now.duration_since(since).unsigned_abs() > PATIENCE);
        // What was given up stays so until it ends, or something else is wanted.
        let was_late = is_same_spec && held_since(previous, wait.id.kind, Reason::AwsRefused).is_some();
        if is_propagation && (is_late || was_late) {
            execution.failures.push(Failure {
                id: Some(wait.id),
                kind: ErrorKind::Terminal,
                reason: if is_reference {
                    wait.reason
                } else {
                    Reason::AwsRefused
                },
                message: wait.message,
            });
        } else {
            execution.plan.waits.push(wait);
        }
    }
}
