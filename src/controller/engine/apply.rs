//! A pass that builds and keeps one object's perimeter.

use super::accept::is_accepted;
use super::failures::failures_of_lists;
use super::findings::Finding;
use super::former::is_refused_for;
use super::lock::Lock;
use super::plan_only::held_up;
use super::policies::{as_it_signs, signer_package};
use super::preparations::{Preparation, Work};
use super::promotions::promotions_of;
use super::room::was_without_room;
use super::settled::Settled;
use super::subject::{Stop, Subject};
use super::unproven::After;
use super::{Engine, Outcome};
use crate::api::{Enforcement, MutualTlsSpec, ProtectedApiSpec, ProtectedApiStatus, ROTATE};
use crate::aws::cloud::{Cloud, CloudError};
use crate::aws::errors::ErrorKind;
use crate::aws::layers::budget::of_one_object;
use crate::aws::readings::inventory::Unread;
use crate::controller::process::traces::stage;
use crate::domain::access::asked::api;
use crate::domain::access::held::{held_mode, proof_meanwhile};
use crate::domain::access::proof::Proof;
use crate::domain::edge::distribution;
use crate::domain::firewall::rules::CHECKERS;
use crate::domain::kernel::identity::Owner;
use crate::domain::kernel::observing::Seen;
use crate::domain::kernel::planning::Kind;
use crate::domain::kernel::reason::Reason;
use crate::domain::kernel::rejection::Rejection;
use crate::domain::mutual_tls::leaving::leaving;
use crate::domain::perimeter::desired::{Desired, Facts, desired, needs_checkers};
use crate::domain::perimeter::observed::Observed;
use crate::domain::perimeter::plan::Plan;
use crate::domain::perimeter::strangers::{other_signers, suspects};
use crate::domain::status::conditions::{Mode, types};
use crate::domain::status::identifiers;
use crate::domain::tenancy::permissions::{self, Namespace};
use kube::ResourceExt as _;
use tracing::{Instrument as _, warn};

impl Engine {
    /// Looks at `subject`, does what is next, and says what came of it.
    pub async fn apply(&self, subject: &Subject<'_>) -> Outcome {
        let none = ProtectedApiStatus::default();
        let previous = subject.object.status.as_ref().unwrap_or(&none);
        Box::pin(of_one_object(async {
            let mut offered = None;
            match self.keeper(subject, &mut offered).await {
                Ok(owner) => self.pass_of(subject, &owner, previous).await,
                Err(stop) => Box::pin(self.without_keeper(subject, previous, stop, offered)).await,
            }
        }))
        .await
    }

    /// A pass, of which status tells whose the resources are as soon as it tells of any.
    async fn pass_of(&self, subject: &Subject<'_>, owner: &Owner, previous: &ProtectedApiStatus) -> Outcome {
        let mut outcome = Box::pin(self.pass(subject, owner, previous)).await;
        self.tell_keeper(subject, owner, previous, &mut outcome);
        outcome
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
        let looked = self.observe(subject, owner, previous);
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
        permissions::permit(self.options.tenancy, subject.declared, namespace)
    }

    /// Whether this pass will go on with a lock, as far as can be told before anything is looked at.
    pub(super) fn after(&self, subject: &Subject<'_>) -> After {
        let spec = &subject.object.spec;
        let enforcement = spec.access.as_ref().and_then(|access| access.enforcement);
        let is_permitted = self.permit(subject).is_ok();
        let is_halted = spec.suspend.unwrap_or_default()
            || enforcement == Some(Enforcement::Observe)
            || !is_permitted
            || subject.forbidden.is_some()
            || subject.rivalry.is_some();
        if is_halted { After::Halts } else { After::GoesOn }
    }

    /// The outcome of a pass that was stopped: what was begun is not left in doubt for that.
    pub(super) async fn stopped_after(
        &self,
        subject: &Subject<'_>,
        lock: &Lock<'_>,
        settled: Settled,
        stop: Stop,
    ) -> Outcome {
        if is_refused_for(&stop, Reason::HandedOver) {
            // Whoever keeps it by now looks after its lock as well.
            let outcome = self.stopped(subject, lock, &Plan::default(), stop, None);
            return Outcome {
                done: settled.done,
                ..outcome
            };
        }
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
    pub(super) async fn observe(
        &self,
        subject: &Subject<'_>,
        owner: &Owner,
        previous: &ProtectedApiStatus,
    ) -> Result<(Box<Observed>, Vec<Unread>), Stop> {
        let spec = &subject.object.spec;
        self.permit(subject)?;
        api::check_path(&spec.origin)?;
        if let Some(refused) = subject.forbidden.as_ref().or(subject.rivalry.as_ref()) {
            return Err(refused.clone().into());
        }
        // Who is held back for room reads its API once there is some.
        let accepted = if is_accepted(subject, previous) || was_without_room(subject, previous) {
            None
        } else {
            Some(Box::pin(self.accept(subject, owner)).await)
        };
        // Where status is lost, only the lists tell that the endpoint is off by this object's own lock.
        let accepted = match accepted {
            Some(Err(Stop::Rejected(why))) if why.reason == Reason::EndpointDisabled => Some(Err(why)),
            accepted => accepted.transpose()?.map(Ok),
        };
        let is_newer_due = identifiers::is_deploying(previous)
            || is_viewer_way_in_doubt(previous)
            || self.is_look_wanted(owner, subject.object);
        let max_age = self.max_age(is_newer_due);
        let seen = self.inventory.observe_what_is_read(max_age, |listing| {
            // Only now, since all objects wait for the lists at a time.
            let outputs = identifiers::outputs(previous);
            let recorded = previous.fingerprints.clone();
            let suspects = suspects(&spec.origin, owner, listing);
            let suspects: Vec<distribution::Listed> = suspects.cloned().collect();
            let mut observed = Box::new(listing.of(owner, recorded, outputs));
            // Every such pass goes through all distributions.
            if may_refuse_other_signers(spec, previous) {
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
        self.check_keeper(subject, owner, &mut observed).await?;
        self.check_elsewhere(owner, &suspects, previous).await?;
        self.seek_mutual_tls(spec, previous, &mut observed)
            .await
            .or_else(|error| unless_denied(error, &mut observed))?;
        self.seek_begun(spec, (owner, previous), subject.now, &mut observed)
            .await;
        match accepted {
            Some(Ok(accepted)) => Box::pin(self.check_lockable(subject, accepted, &observed)).await?,
            Some(Err(why)) if observed.found_mutual_tls(spec).is_none() => return Err(why.into()),
            _ => {}
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
        Box::pin(self.recall_promotions(subject, previous, &mut observed)).await?;
        let (desired, unknown) = self.desired(subject, owner, Some(&observed)).await?;
        let desired = Box::new(desired);
        Box::pin(self.check_pricing_plan(subject, previous, &desired, &mut observed)).await?;
        let suspended = subject.object.spec.suspend.unwrap_or_default();
        let is_adopting = desired.adoption.is_some();
        if !suspended && !is_adopting {
            Box::pin(self.check_room(subject, lock, &desired, &observed)).await?;
        }
        let mut failures = failures_of_lists(&mut unread, observed.needs_signer(&desired));
        let mut work = Work {
            engine: self,
            subject,
            lock,
            after: self.after(subject),
            desired: &desired,
            unknown_checkers: unknown,
            observed: &mut observed,
            settled,
            failures: &mut failures,
        };
        for preparation in Preparation::ALL {
            Box::pin(preparation.run(&mut work)).await;
        }
        if !suspended && is_adopting {
            // What there is to be adopted has been read by now.
            Box::pin(self.check_room(subject, lock, &desired, &observed)).await?;
        }
        let (is_due, is_unread) = (observed.pass.deep, !unread.is_empty());
        let mut execution = if suspended {
            // Nothing is written: what comes after confirm is shown.
            observed.adoption.is_shown = true;
            self.observe_only(observed, &desired).await
        } else {
            Box::pin(self.execute_with_pair(observed, &desired)).await
        };
        if let Some(handed_over) = execution.handed_over.take() {
            settled.done.append(&mut execution.done);
            return Err(handed_over.into());
        }
        for finding in Finding::ALL {
            finding.run(self, subject, &desired, &mut execution).await;
        }
        execution.failures.extend(failures);
        let mode = if suspended { Mode::Suspended } else { Mode::Apply };
        let undone = suspended.then(|| held_up(&desired, &execution));
        let mut outcome = self.outcome(
            subject,
            owner,
            previous,
            &desired,
            execution,
            mode,
            (is_due, is_unread),
        );
        outcome.status.plan = undone;
        Ok(outcome)
    }

    /// What is wanted; besides, why it is not known from where Route 53's checkers ask, if that matters. The health check has to
    /// wait for that, and nothing else.
    pub(in crate::controller) async fn desired(
        &self,
        subject: &Subject<'_>,
        owner: &Owner,
        observed: Option<&Observed>,
    ) -> Result<(Desired, Option<CloudError>), Stop> {
        let spec = &subject.object.spec;
        let (package, options) = signer_package(spec, subject.object.status.as_ref())
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
        let (policies, held_mode) = self.policies_of(subject, observed).await?;
        let facts = Facts {
            owner: owner.clone(),
            account: self.account.clone(),
            default_tags: self.options.default_tags.clone(),
            permissions_boundary: self.options.permissions_boundary.clone(),
            zip: package.zip,
            code_sha256: package.code_sha256,
            signer: options.clone(),
            rotate: subject.object.annotations().get(ROTATE).cloned(),
            checkers,
            held_mode,
            promotions: promotions_of(subject, observed),
            leaving: left(spec, subject.object.status.as_ref(), observed),
            policies,
        };
        let spec = as_it_signs(spec, facts.held_mode.as_ref(), options);
        Ok((desired(&spec, &facts)?, unknown))
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
}

/// Lets a pass go on that may not look for mutual TLS of which no status tells: whoever may not look has made nothing of it.
fn unless_denied(error: CloudError, observed: &mut Observed) -> Result<(), CloudError> {
    if error.kind != ErrorKind::Denied {
        return Err(error);
    }
    warn!(%error, "what an earlier mode MutualTls may have left is not looked for: the tags of the API's Region may not be read");
    observed.mutual_tls.is_unread = false;
    Ok(())
}

/// What stands still of mutual TLS, where the spec names another mode: as status has it, or as it is seen.
fn left(
    spec: &ProtectedApiSpec,
    status: Option<&ProtectedApiStatus>,
    observed: Option<&Observed>,
) -> Option<MutualTlsSpec> {
    leaving(spec, status).or_else(|| observed?.found_mutual_tls(spec))
}

/// Whether what the spec asks for lets in the signer's role alone, or none.
fn may_refuse_other_signers(spec: &ProtectedApiSpec, previous: &ProtectedApiStatus) -> bool {
    let options = spec.access.as_ref().and_then(|access| access.sig_v4.as_ref());
    let is_exclusive = options.and_then(|options| options.exclusive).unwrap_or_default();
    is_exclusive || proof_meanwhile(spec, held_mode(previous)) != Proof::Signature
}

/// Whether the last probe through the perimeter was answered by nobody, by CloudFront itself or by what others have put on the
/// distribution, which a newer list may explain.
fn is_viewer_way_in_doubt(previous: &ProtectedApiStatus) -> bool {
    let mut conditions = previous.conditions.iter();
    conditions.any(|condition| {
        condition.type_ == types::VIEWER_ACCESS_VERIFIED && condition.reason == Reason::ProbeFailed.as_str()
    })
}
