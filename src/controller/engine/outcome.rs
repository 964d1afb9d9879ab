//! What a pass came to: the status, and when to look again.

use super::due::is_unprobed;
use super::execute::Execution;
use super::lock::Lock;
use super::settled::Settled;
use super::subject::{Stop, Subject, enforces};
use super::unproven::After;
use super::{Engine, Outcome, PROBE_RETRY};
use crate::api::ProtectedApiStatus;
use crate::aws::cloud::CloudError;
use crate::aws::errors::ErrorKind;
use crate::aws::layers::budget::of_one_object;
use crate::domain::access::held::held_mode;
use crate::domain::access::probing::probed;
use crate::domain::firewall::promoting::look_again;
use crate::domain::kernel::failure::Failure;
use crate::domain::kernel::identity::Owner;
use crate::domain::kernel::planning::{Kind, Wait};
use crate::domain::kernel::reason::Reason;
use crate::domain::kernel::rejection::Rejection;
use crate::domain::kernel::words::moment;
use crate::domain::mutual_tls::leaving::leaving;
use crate::domain::perimeter::desired::Desired;
use crate::domain::perimeter::observed::Observed;
use crate::domain::perimeter::plan::Plan;
use crate::domain::perimeter::records::verified;
use crate::domain::status::conditions::{Mode, Pass};
use crate::domain::status::cost::cost;
use crate::domain::status::identifiers;
use crate::domain::status::object::status;
use crate::domain::status::since::held_since;
use crate::domain::tenancy::account::account_of;
use jiff::{SignedDuration, Timestamp};
use std::time::Duration;

/// A refusal by AWS that should pass by itself is believed for this long; then a person is asked.
const PATIENCE: SignedDuration = SignedDuration::from_mins(3);
/// IAM tells Lambda of a new role within seconds, and in a busy account within this (hashicorp/terraform-provider-aws#44517).
const NEW_ROLE: SignedDuration = SignedDuration::from_mins(15);
/// Where a change of the mode begins to wait, or waits no more, the next pass comes so soon.
const MODE_RETRY: Duration = Duration::from_secs(2);
/// What takes longer than usual is asked for less often.
const SLOW_RETRY: Duration = Duration::from_secs(15);

impl Engine {
    /// The outcome of a pass that was carried out: `is_due` says whether all was to be read, `is_unread` whether a list could not be.
    #[allow(clippy::too_many_arguments)]
    pub(in crate::controller) fn outcome(
        &self,
        subject: &Subject<'_>,
        owner: &Owner,
        previous: &ProtectedApiStatus,
        desired: &Desired,
        mut execution: Execution,
        mode: Mode,
        (is_due, is_unread): (bool, bool),
    ) -> Outcome {
        record(desired, &mut execution);
        self.remember(subject, owner, &execution.observed);
        // What is waited for in vain is not verified either, so that comes last.
        let is_same_spec = previous.observed_generation == subject.object.metadata.generation;
        escalate(&mut execution, previous, is_same_spec, subject.now);
        let mut status = status(&Pass {
            generation: subject.object.metadata.generation,
            owner,
            mode,
            enforces: enforces(&subject.object.spec),
            rejection: None,
            plan: &execution.plan,
            observed: Some(&execution.observed),
            desired: Some(desired),
            stood: None,
            failures: &execution.failures,
            previous,
            now: subject.now,
        });
        if mode == Mode::Apply || identifiers::names_any(&status) {
            status.account_id = Some(self.account.clone());
        }
        status.cost = Some(cost(&subject.object.spec, &status, &self.options.prices));
        // Whatever the reading found; what was never read to its end is not verified.
        let is_read = execution.plan.reads.is_empty() && !is_unread;
        let stands = execution.plan.is_empty() && execution.failures.is_empty();
        if (is_due && is_read) || (previous.verified_at.is_none() && stands) {
            status.verified_at = Some(moment(subject.now));
        }
        let requeue = self.requeue(&execution.plan, Some(&execution.observed));
        // What was probed before the last change proves nothing any more.
        let unproven = if is_unprobed(&status) {
            PROBE_RETRY
        } else {
            requeue
        };
        // The next pass goes on in the mode that this one has found to be the one to go on in.
        let is_left = |status: &ProtectedApiStatus| leaving(&subject.object.spec, Some(status)).is_some();
        let is_mode_changed =
            held_mode(&status) != held_mode(previous) || is_left(&status) != is_left(previous);
        let soon = if is_mode_changed { MODE_RETRY } else { requeue };
        let promotions = look_again(&desired.promotions, &status.promotions);
        let soon = promotions.map_or(soon, |promotions| soon.min(promotions));
        Outcome {
            status,
            requeue: requeue.min(unproven).min(soon),
            plan: execution.plan,
            done: execution.done,
            failures: execution.failures,
            rejection: None,
            in_doubt: None,
            finished: false,
        }
    }

    /// Remembers, until this process ends, what was looked at and what was seen.
    fn remember(&self, subject: &Subject<'_>, owner: &Owner, observed: &Observed) {
        if !observed.probes.is_empty() {
            self.note_probes(owner);
        }
        if observed.access.present().is_some() {
            self.note_look(owner, subject.object);
        }
        self.inventory.note(observed);
        self.generated_values.settle(observed);
        self.pairs.settle(observed);
        self.shield.note(observed);
        self.names.note(observed);
        self.partings.note(observed);
    }

    /// The outcome for an object whose account it must not use, or cannot reach.
    pub async fn unplaced(&self, subject: &Subject<'_>, why: Result<Rejection, CloudError>) -> Outcome {
        let none = ProtectedApiStatus::default();
        let previous = subject.object.status.as_ref().unwrap_or(&none);
        let owner = self.owner(subject.object);
        let lock = Lock::of(subject, &owner, previous);
        let stop = why.map_or_else(Stop::from, Stop::from);
        let is_ours =
            account_of(previous).as_ref() == Some(&self.account) && !self.is_unproven(subject.object);
        let settled = if is_ours {
            of_one_object(self.prove_or_put_back(&lock, After::Halts)).await
        } else {
            Settled::nothing_begun()
        };
        // No account has to be reached to see how the API answers.
        let may_be_asked = is_ours && matches!(stop, Stop::Failed(_)) && self.permit(subject).is_ok();
        let stood = if may_be_asked && !self.is_cutting_over(&owner) {
            let is_new = previous.observed_generation != subject.object.metadata.generation;
            Box::pin(of_one_object(self.probe_what_stands(&lock, is_new))).await
        } else {
            None
        };
        self.stopped(subject, &lock, &settled.plan, stop, stood.as_ref())
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
        self.stopped(subject, &lock, &Plan::default(), Stop::Failed(failure), None)
    }

    /// The outcome of a pass that did not come to look at the object's resources.
    pub(in crate::controller) fn stopped(
        &self,
        subject: &Subject<'_>,
        lock: &Lock<'_>,
        plan: &Plan,
        stop: Stop,
        stood: Option<&(Desired, Box<Observed>)>,
    ) -> Outcome {
        let (rejection, failures) = match stop {
            Stop::Rejected(rejection) => (Some(rejection), vec![]),
            Stop::Failed(failure) => (None, vec![failure]),
        };
        let suspended = subject.object.spec.suspend.unwrap_or_default();
        let status = status(&Pass {
            generation: subject.object.metadata.generation,
            owner: lock.owner,
            mode: if suspended { Mode::Suspended } else { Mode::Apply },
            enforces: enforces(&subject.object.spec),
            rejection: rejection.as_ref(),
            plan,
            observed: None,
            desired: None,
            stood: stood.map(|(desired, observed)| (desired, &**observed)),
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

/// Records what status is to know: what is verified, and what is known of the probed method and of the policy.
fn record(desired: &Desired, execution: &mut Execution) {
    let observed = &mut execution.observed;
    if let Some(version) = observed.version_arn(&desired.function) {
        observed.outputs.version_arn = Some(version);
    }
    observed.pass.recorded = verified(desired, observed, &execution.plan);
    let probed = probed::probed(&desired.of_access(), &observed.access_inputs(desired));
    observed.outputs.note_probed(probed);
    observed.outputs.note_policy(observed.access.present());
}

/// Turns a wait for AWS that has lasted too long into something a person must look at.
fn escalate(execution: &mut Execution, previous: &ProtectedApiStatus, is_same_spec: bool, now: Timestamp) {
    let waits = std::mem::take(&mut execution.plan.waits);
    for mut wait in waits {
        let since = held_since(previous, wait.id.kind, wait.reason);
        let is_late = since.is_some_and(|since| now.duration_since(since) > PATIENCE);
        if is_of_new_role(&wait, &execution.observed, now) {
            if is_late {
                wait.retry_after = wait.retry_after.max(SLOW_RETRY);
            }
            execution.plan.waits.push(wait);
            continue;
        }
        // What was given up stays so until it ends, or something else is wanted.
        let was_late = |became| {
            is_same_spec && became != wait.reason && held_since(previous, wait.id.kind, became).is_some()
        };
        match given_up(&wait) {
            Some(reason) if is_late || was_late(reason) => execution.failures.push(Failure {
                id: Some(wait.id),
                kind: ErrorKind::Terminal,
                reason,
                message: wait.message,
            }),
            _ => execution.plan.waits.push(wait),
        }
    }
}

/// Whether Lambda may still be told of the role that it does not know. When a role was made IAM says; where that is not known, it is
/// as old as any other.
fn is_of_new_role(wait: &Wait, observed: &Observed, now: Timestamp) -> bool {
    let created = observed.role_created(wait.id.kind);
    wait.reason == Reason::RolePropagating
        && created.is_some_and(|created| now.duration_since(created) <= NEW_ROLE)
}

/// What a wait becomes that lasts too long; `None` where nobody can do anything about it.
fn given_up(wait: &Wait) -> Option<Reason> {
    match wait.reason {
        Reason::Propagating | Reason::RolePropagating => Some(Reason::AwsRefused),
        Reason::InvalidReference => Some(wait.reason),
        // An API may be one that API Gateway never exports.
        Reason::AwsUnavailable if wait.id.kind == Kind::Access => Some(Reason::UndeployedChanges),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::kernel::observing::Seen;
    use crate::domain::kernel::planning::Id;
    use serde_json::json;

    const NOON: &str = "2026-01-01T12:00:00Z";
    const USUAL: Duration = Duration::from_secs(3);
    const WEB_ACL: (&str, Kind) = ("WebAclReady", Kind::WebAcl);
    const SIGNER: (&str, Kind) = ("SignerReady", Kind::Function);

    /// What of an account is known to have a role that was made then.
    fn with_role(created: &str) -> Observed {
        let owner = Owner {
            cluster: "c".into(),
            namespace: "shop".into(),
            name: "petstore".into(),
            uid: "u".into(),
            taken: None,
        };
        let mut observed = Observed::of(owner);
        let role = json!({"name": "r", "arn": "r", "path": "/", "trust": {}, "policies": {}, "boundary": null, "tags": {},
            "created": created});
        observed.role = Seen::Present(serde_json::from_value(role).unwrap());
        observed
    }

    /// What becomes of a wait that status says to last since noon, beside a role that was made at noon.
    fn escalated_at(now: &str, (condition, kind): (&str, Kind), reason: Reason) -> Execution {
        let previous: ProtectedApiStatus = serde_json::from_value(json!({
            "conditions": [{"type": condition, "status": "False", "reason": reason.as_str(), "message": "",
                "lastTransitionTime": NOON}],
            "reasonsSince": {condition: NOON},
        }))
        .unwrap();
        let mut plan = Plan::default();
        plan.waits.push(Wait {
            id: Id::of(kind),
            reason,
            message: "AWS has not caught up".into(),
            retry_after: USUAL,
        });
        let mut execution = Execution {
            observed: Box::new(with_role(NOON)),
            plan,
            done: vec![],
            failures: vec![],
            handed_over: None,
            told: None,
        };
        escalate(&mut execution, &previous, true, now.parse().unwrap());
        assert_eq!(execution.failures.len() + execution.plan.waits.len(), 1);
        execution
    }

    #[test]
    fn a_wait_becomes_a_failure_after_three_minutes_and_not_before_by_a_clock_that_is_behind() {
        let failures = |now| escalated_at(now, WEB_ACL, Reason::Propagating).failures.len();
        assert_eq!(failures("2026-01-01T12:02:59Z"), 0);
        assert_eq!(failures("2026-01-01T12:03:01Z"), 1);
        assert_eq!(failures("2026-01-01T11:00:00Z"), 0);
    }

    #[test]
    fn a_role_is_waited_for_until_it_is_fifteen_minutes_old_and_less_often_after_three() {
        let retry = |now| {
            let execution = escalated_at(now, SIGNER, Reason::RolePropagating);
            execution.plan.waits.first().map(|wait| wait.retry_after)
        };
        assert_eq!(retry("2026-01-01T12:02:59Z"), Some(USUAL));
        assert_eq!(retry("2026-01-01T12:14:59Z"), Some(SLOW_RETRY));
        assert_eq!(retry("2026-01-01T12:15:01Z"), None);
    }

    #[test]
    fn only_a_role_that_is_not_known_yet_is_waited_for_so_long() {
        let execution = escalated_at("2026-01-01T12:03:01Z", SIGNER, Reason::Propagating);
        assert_eq!(execution.failures.len(), 1);
    }
}
