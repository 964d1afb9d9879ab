//! A pass over an object that is being deleted: from tags alone, whatever the spec says.

use super::engine::{Engine, Outcome, whole};
use super::execute::{Execution, execute, failure};
use super::unproven::{After, Lock, Settled};
use crate::api::{DeletionPolicy, ProtectedApiSpec, ProtectedApiStatus};
use crate::aws::budget::of_one_object;
use crate::aws::inventory::MaxAge;
use crate::domain::access::authorization::gate;
use crate::domain::access::probe::Token;
use crate::domain::kernel::failure::{ErrorKind, Failure};
use crate::domain::kernel::identity::Owner;
use crate::domain::kernel::observing::Seen;
use crate::domain::kernel::planning::{Id, Kind};
use crate::domain::perimeter::desired::given_plan;
use crate::domain::perimeter::listing::Listing;
use crate::domain::perimeter::observed::Observed;
use crate::domain::perimeter::plan::Plan;
use crate::domain::perimeter::teardown::{Lists, limits, retain, teardown};
use crate::domain::status::conditions::{Mode, Pass, status};
use crate::domain::status::identifiers;
use jiff::Timestamp;
use std::time::Duration;
use tracing::info;

/// A list read this long after the deletion began shows everything that was created before it.
const SETTLED_AFTER: Duration = Duration::from_secs(75);
/// How old the list of distributions may be while a distribution is looked for or waited for.
const FRESH: Duration = Duration::from_secs(10);

/// What is known of an object that is being deleted, also where its spec cannot be read.
#[derive(Debug, Clone)]
pub struct Departed {
    /// Whose resources go.
    pub owner: Owner,
    /// The generation, for the conditions.
    pub generation: Option<i64>,
    /// When the deletion was asked for.
    pub since: Timestamp,
    /// The spec, where it can be read.
    pub spec: Option<ProtectedApiSpec>,
    /// What becomes of the resources.
    pub policy: DeletionPolicy,
    /// Whether `spec.suspend` holds the deletion up.
    pub suspended: bool,
    /// The status before.
    pub previous: ProtectedApiStatus,
}

impl Engine {
    /// Takes down, or marks as retained, what `departed` leaves behind.
    pub async fn delete(&self, departed: &Departed, now: Timestamp) -> Outcome {
        of_one_object(self.goes(departed, now)).await
    }

    async fn goes(&self, departed: &Departed, now: Timestamp) -> Outcome {
        let settled = self.prove_or_put_back_of(departed, now).await;
        if !settled.is_settled() {
            let (plan, failures) = (settled.plan.clone(), settled.failures.clone());
            let outcome = self.ended(departed, now, Mode::Delete, None, plan, failures);
            return outcome.after(self, &departed.owner, settled);
        }
        let _place = self.bounds.place(true).await;
        Box::pin(self.take_down(departed, now))
            .await
            .after(self, &departed.owner, settled)
    }

    /// Once the distribution is gone, nobody knows any more what has to be put back.
    async fn prove_or_put_back_of(&self, departed: &Departed, now: Timestamp) -> Settled {
        let Some(spec) = &departed.spec else {
            return Settled::default();
        };
        let lock = Lock {
            owner: &departed.owner,
            spec,
            previous: &departed.previous,
            // Nobody is asked for a Secret of an object that goes: what cannot be proven without it is put back.
            token: Token::default(),
            rotate: None,
            now,
        };
        self.prove_or_put_back(&lock, After::Halts).await
    }

    async fn take_down(&self, departed: &Departed, now: Timestamp) -> Outcome {
        if departed.suspended && departed.policy == DeletionPolicy::Delete {
            return self.ended(
                departed,
                now,
                Mode::DeleteSuspended,
                None,
                Plan::default(),
                vec![],
            );
        }
        let execution = match self.taken_down(departed, now).await {
            Ok(execution) => execution,
            Err(failure) => {
                return self.ended(departed, now, Mode::Delete, None, Plan::default(), vec![failure]);
            }
        };
        self.inventory.note(&execution.observed);
        self.shield.note(&execution.observed);
        self.names.note(&execution.observed);
        let Execution {
            observed,
            plan,
            done,
            failures,
        } = execution;
        let finished = plan.is_empty() && failures.is_empty();
        if finished {
            self.forget_probes(&departed.owner);
        }
        let outcome = self.ended(departed, now, Mode::Delete, Some(&observed), plan, failures);
        Outcome {
            done,
            finished,
            ..outcome
        }
    }

    /// The outcome for an object whose resources are where we cannot look.
    #[must_use]
    pub fn cannot_delete(&self, departed: &Departed, now: Timestamp, why: Failure) -> Outcome {
        self.ended(departed, now, Mode::Delete, None, Plan::default(), vec![why])
    }

    async fn taken_down(&self, departed: &Departed, now: Timestamp) -> Result<Execution, Failure> {
        let previous = &departed.previous;
        let all = self.max_age(false).others;
        let knows_distribution = previous.distribution.is_some();
        let is_looking = !knows_distribution || is_going(previous);
        let age = now.duration_since(departed.since);
        // Since when lists are believed about what they lack; a time in the future never is.
        let settled = if age.is_negative() {
            None
        } else {
            age.unsigned_abs().checked_sub(SETTLED_AFTER)
        };
        let all = settled.map_or(all, |settled| settled.min(all));
        let fresh = FRESH.min(self.max_age(true).distributions);
        let distributions = if is_looking { fresh.min(all) } else { all };
        let max_age = MaxAge {
            distributions,
            others: all,
        };
        let outputs = identifiers::outputs(previous);
        let recorded = previous.fingerprints.clone();
        let seen = self.inventory.look(max_age, |listing| {
            let mut observed = listing.of(&departed.owner, recorded, outputs);
            observed.web_acl_users = users_of_web_acl(listing, &observed);
            observed
        });
        let mut observed = seen.await.map_err(|error| whole(&error))?;
        observed.gate = departed.spec.as_ref().map(|spec| gate(&spec.origin));
        observed.given_plan = departed.spec.as_ref().and_then(given_plan);
        observed.at = now;
        let trouble = self.look_at_optional(&mut observed, all).await;
        let lists = Lists {
            settled: settled.is_some(),
            lasting: age.try_into().unwrap_or_default(),
        };
        let stamp = now.strftime("%Y-%m-%dT%H:%M:%SZ").to_string();
        let decide = |observed: &Observed| match departed.policy {
            DeletionPolicy::Delete => teardown(&departed.owner, observed, lists, &stamp),
            DeletionPolicy::Retain => retain(&departed.owner, observed, lists, &stamp),
        };
        let mut execution = execute(self, Box::new(observed), decide).await;
        execution.failures.extend(trouble);
        limits::apply(&mut execution.plan, previous, now);
        Ok(execution)
    }

    /// What lists say of what only some objects have. Whoever lacks the rights for that, and never had any of it, is not held
    /// up; answers what holds up the rest.
    async fn look_at_optional(&self, observed: &mut Observed, max_age: Duration) -> Option<Failure> {
        if let Err(error) = self.look_at_zones(None, observed, max_age).await {
            // The plan asks for each zone that may have records once more.
            info!(%error, "hosted zones cannot be read");
            observed.names.is_denied = error.kind == ErrorKind::Denied;
        }
        if !observed.had_shield() {
            return None;
        }
        let error = self.shield.observe(observed, None, max_age).await.err()?;
        observed.shield.is_denied = error.kind == ErrorKind::Denied;
        if observed.shield.is_denied && !observed.is_shield_known() {
            info!(%error, "nothing of Shield Advanced was made, so what may not be read is not asked for");
            return None;
        }
        Some(failure(Some(Id::of(Kind::Protection)), &error))
    }

    fn ended(
        &self,
        departed: &Departed,
        now: Timestamp,
        mode: Mode,
        observed: Option<&Observed>,
        plan: Plan,
        failures: Vec<Failure>,
    ) -> Outcome {
        let status = status(&Pass {
            generation: departed.generation,
            owner: &departed.owner,
            mode,
            rejection: None,
            plan: &plan,
            observed,
            desired: None,
            failures: &failures,
            previous: &departed.previous,
            now,
        });
        Outcome {
            status,
            requeue: self.requeue(&plan, None),
            plan,
            done: vec![],
            failures,
            rejection: None,
            in_doubt: None,
            finished: false,
        }
    }
}

/// Distributions of others that the web ACL protects.
fn users_of_web_acl(listing: &Listing, observed: &Observed) -> Vec<String> {
    let listed = match &observed.web_acl {
        Seen::Listed(Some(row)) => Some(&row.entity.arn),
        _ => None,
    };
    let arn = listed.or(observed.outputs.web_acl_arn.as_ref());
    let own = observed
        .distribution_id()
        .or(observed.outputs.distribution_id.as_deref());
    arn.map(|arn| listing.users_of(arn, own)).unwrap_or_default()
}

/// Whether the distribution was switched off and is waited for.
fn is_going(previous: &ProtectedApiStatus) -> bool {
    previous
        .distribution
        .as_ref()
        .is_some_and(|found| found.state != crate::domain::edge::distribution::DEPLOYED)
}
