//! A pass that builds and keeps one object's perimeter.

use super::engine::{Engine, Outcome, whole};
use super::execute::{Execution, execute};
use crate::api::{Origin, OriginType, ProtectedApi, ProtectedApiStatus};
use crate::aws::cloud::CloudError;
use crate::aws::errors::ErrorKind;
use crate::domain::desired::{Desired, Facts, Rejection, desired, signer_options};
use crate::domain::failure::Failure;
use crate::domain::identity::Owner;
use crate::domain::observed::Observed;
use crate::domain::plan::{Plan, plan, verified};
use crate::domain::reason::Reason;
use crate::domain::resources::{api, arn_region_and_id};
use crate::domain::status::{Mode, Pass, held_since, status, types};
use crate::domain::{rivals, status_identifiers, tenancy};
use jiff::Timestamp;
use std::collections::BTreeMap;
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
    /// The time.
    pub now: Timestamp,
}

impl Engine {
    /// Looks at `subject`, does what is next, and says what came of it.
    pub async fn apply(&self, subject: &Subject<'_>) -> Outcome {
        let previous = subject.object.status.clone().unwrap_or_default();
        let owner = self.owner(subject.object);
        let desired = match self.desired(subject, &owner) {
            Ok(desired) => desired,
            Err(rejection) => return self.rejected(subject, &owner, &previous, &rejection),
        };
        let suspended = subject.object.spec.suspend.unwrap_or_default();
        match self.check_api(subject, &previous).await {
            Ok(None) => {}
            Ok(Some(rejection)) => return self.rejected(subject, &owner, &previous, &rejection),
            Err(error) => return self.failed(subject, &owner, &previous, whole(&error)),
        }
        let awaits = awaits_deployment(&previous);
        let outputs = status_identifiers::outputs(&previous);
        let recorded = previous.fingerprints.clone();
        let listing = match self.inventory.listing(self.max_age(awaits)).await {
            Ok(listing) => listing,
            Err(error) => return self.failed(subject, &owner, &previous, whole(&error)),
        };
        if let Some(rejection) = rivals::protected_elsewhere(&subject.object.spec.origin, &owner, &listing) {
            return self.rejected(subject, &owner, &previous, &rejection);
        }
        let mut observed = listing.of(&owner, recorded, outputs);
        drop(listing);
        observed.deep = self.is_deep_read_due(&owner, &previous, subject.now);
        let deep = observed.deep || previous.verified_at.is_none();
        let execution = if suspended {
            self.look_only(observed, &desired).await
        } else {
            execute(self, observed, |observed| plan(&desired, observed)).await
        };
        let mode = if suspended { Mode::Suspended } else { Mode::Apply };
        self.outcome(subject, &owner, &previous, &desired, execution, mode, deep)
            .await
    }

    fn desired(&self, subject: &Subject<'_>, owner: &Owner) -> Result<Desired, Rejection> {
        let spec = &subject.object.spec;
        tenancy::permit(self.options.tenancy, spec, &subject.annotations)?;
        if let Some(rivalry) = &subject.rivalry {
            return Err(rivalry.clone());
        }
        let package = self
            .packages
            .of(&signer_options(spec))
            .map_err(|error| Rejection::new(Reason::InvalidSpec, error.to_string()))?;
        let facts = Facts {
            owner: owner.clone(),
            account: self.account.clone(),
            default_tags: self.options.default_tags.clone(),
            permissions_boundary: self.options.permissions_boundary.clone(),
            zip: package.zip.clone(),
            code_sha256: package.code_sha256.clone(),
        };
        desired(spec, &facts)
    }

    /// Reads the API itself, once a generation: until it was accepted.
    async fn check_api(
        &self,
        subject: &Subject<'_>,
        previous: &ProtectedApiStatus,
    ) -> Result<Option<Rejection>, CloudError> {
        let is_accepted = previous.conditions.iter().any(|condition| {
            condition.type_ == types::ACCEPTED
                && condition.status == "True"
                && condition.observed_generation == subject.object.metadata.generation
        });
        if is_accepted {
            return Ok(None);
        }
        let origin = &subject.object.spec.origin;
        let observed = match self.read_api(origin).await {
            Ok(observed) => observed,
            Err(error) if error.kind == ErrorKind::NotFound => return Ok(Some(api::not_found(origin))),
            Err(error) => return Err(error),
        };
        if let Some(rejection) = api::check(origin, &observed) {
            return Ok(Some(rejection));
        }
        match self.read_stage(origin).await {
            Ok(()) => Ok(None),
            Err(error) if error.kind == ErrorKind::NotFound => Ok(Some(api::stage_not_found(origin))),
            Err(error) => Err(error),
        }
    }

    async fn read_api(&self, origin: &Origin) -> Result<api::Observed, CloudError> {
        let (region, id) = arn_region_and_id(&origin.endpoint);
        let (region, id) = (region.to_owned(), id.to_owned());
        match origin.r#type {
            OriginType::Rest => self.cloud.get_rest_api(region, id).await,
            OriginType::Http | OriginType::WebSocket => self.cloud.get_api(region, id).await,
        }
    }

    async fn read_stage(&self, origin: &Origin) -> Result<(), CloudError> {
        let (region, id) = arn_region_and_id(&origin.endpoint);
        let (region, id, stage) = (region.to_owned(), id.to_owned(), origin.stage.clone());
        match origin.r#type {
            OriginType::Rest => self.cloud.get_rest_stage(region, id, stage).await,
            OriginType::Http | OriginType::WebSocket => self.cloud.get_stage(region, id, stage).await,
        }
    }

    /// What `execute` would do, with the reads and without the writes.
    async fn look_only(&self, observed: Observed, desired: &Desired) -> Execution {
        let mut execution = execute(self, observed, |observed| Plan {
            ready: vec![],
            ..plan(desired, observed)
        })
        .await;
        execution.plan = plan(desired, &execution.observed);
        execution
    }

    #[allow(clippy::too_many_arguments)]
    async fn outcome(
        &self,
        subject: &Subject<'_>,
        owner: &Owner,
        previous: &ProtectedApiStatus,
        desired: &Desired,
        mut execution: Execution,
        mode: Mode,
        deep: bool,
    ) -> Outcome {
        escalate(&mut execution, previous, subject.now);
        let observed = &mut execution.observed;
        if let Some(version) = observed.version_arn(&desired.function) {
            observed.outputs.version_arn = Some(version);
        }
        observed.recorded = verified(desired, observed, &execution.plan);
        self.inventory.note(observed).await;
        let mut status = status(&Pass {
            generation: subject.object.metadata.generation,
            owner,
            mode,
            rejection: None,
            plan: &execution.plan,
            observed: Some(observed),
            failures: &execution.failures,
            previous,
            now: subject.now,
        });
        let stands = execution.plan.is_empty() && execution.failures.is_empty();
        if deep && stands {
            status.verified_at = Some(subject.now.strftime("%Y-%m-%dT%H:%M:%SZ").to_string());
        }
        Outcome {
            status,
            requeue: self.requeue(&execution.plan),
            plan: execution.plan,
            done: execution.done,
            failures: execution.failures,
            rejection: None,
            finished: false,
        }
    }

    fn rejected(
        &self,
        subject: &Subject<'_>,
        owner: &Owner,
        previous: &ProtectedApiStatus,
        rejection: &Rejection,
    ) -> Outcome {
        self.unlooked(subject, owner, previous, Some(rejection), vec![])
    }

    fn failed(
        &self,
        subject: &Subject<'_>,
        owner: &Owner,
        previous: &ProtectedApiStatus,
        failure: Failure,
    ) -> Outcome {
        self.unlooked(subject, owner, previous, None, vec![failure])
    }

    /// The outcome of a pass that did not come to look at the object's resources.
    fn unlooked(
        &self,
        subject: &Subject<'_>,
        owner: &Owner,
        previous: &ProtectedApiStatus,
        rejection: Option<&Rejection>,
        failures: Vec<Failure>,
    ) -> Outcome {
        let plan = Plan::default();
        let suspended = subject.object.spec.suspend.unwrap_or_default();
        let status = status(&Pass {
            generation: subject.object.metadata.generation,
            owner,
            mode: if suspended { Mode::Suspended } else { Mode::Apply },
            rejection,
            plan: &plan,
            observed: None,
            failures: &failures,
            previous,
            now: subject.now,
        });
        Outcome {
            status,
            plan,
            done: vec![],
            failures,
            rejection: rejection.cloned(),
            requeue: self.options.resync,
            finished: false,
        }
    }
}

fn awaits_deployment(previous: &ProtectedApiStatus) -> bool {
    previous
        .distribution
        .as_ref()
        .is_some_and(|found| found.state != crate::domain::resources::distribution::DEPLOYED)
}

/// Turns a wait for AWS that has lasted too long into something a person must look at.
fn escalate(execution: &mut Execution, previous: &ProtectedApiStatus, now: Timestamp) {
    let waits = std::mem::take(&mut execution.plan.waits);
    for wait in waits {
        let is_propagation = matches!(wait.reason, Reason::Propagating | Reason::RolePropagating);
        let since = held_since(previous, wait.id.kind, wait.reason);
        let is_late = since.is_some_and(|since| now.duration_since(since).unsigned_abs() > PATIENCE);
        if is_propagation && is_late {
            execution.failures.push(Failure {
                id: Some(wait.id),
                kind: ErrorKind::Terminal,
                reason: Reason::AwsRefused,
                message: wait.message,
            });
        } else {
            execution.plan.waits.push(wait);
        }
    }
}
