//! A pass over an object that is being deleted: from tags alone, whatever the spec says.

use super::departed::{Departed, lock_of, waits, with_deadline};
use super::execute::{Execution, execute_as_keeper};
use super::failures::{failure, whole};
use super::partings::SETTLED_AFTER;
use super::settled::Settled;
use super::unproven::After;
use super::{Engine, Outcome};
use crate::api::DeletionPolicy;
use crate::aws::layers::budget::of_one_object;
use crate::aws::readings::inventory::MaxAge;
use crate::controller::process::traces::stage;
use crate::domain::access::authorization::gate;
use crate::domain::access::proof::Proof;
use crate::domain::adoption;
use crate::domain::kernel::arn::Arn;
use crate::domain::kernel::failure::{ErrorKind, Failure};
use crate::domain::kernel::observing::Seen;
use crate::domain::kernel::planning::{Id, Kind};
use crate::domain::kernel::reason::Reason;
use crate::domain::kernel::words::moment;
use crate::domain::mutual_tls;
use crate::domain::perimeter::desired::given_plan;
use crate::domain::perimeter::listing::Listing;
use crate::domain::perimeter::observed::Observed;
use crate::domain::perimeter::plan::Plan;
use crate::domain::perimeter::teardown::departure::{Policy, departure};
use crate::domain::perimeter::teardown::{Lists, limits};
use crate::domain::status::conditions::{Mode, Pass};
use crate::domain::status::identifiers;
use crate::domain::status::object::status;
use crate::domain::status::since::held_since;
use jiff::Timestamp;
use std::time::Duration;
use tokio::time::Instant;
use tracing::{Instrument as _, info};

/// How old the list of distributions may be while a distribution is looked for or waited for.
const FRESH: Duration = Duration::from_secs(10);

impl Engine {
    /// Takes down, or marks as retained, what `departed` leaves behind.
    pub async fn delete(&self, departed: &Departed, now: Timestamp) -> Outcome {
        let work = async {
            match self.proven_departed(departed).await {
                Ok(departed) => match self.give_up_claim(&departed).await {
                    Ok(()) => self.settle_and_take_down(&departed, now).await,
                    Err(error) => self.cannot_delete(&departed, now, whole(&error)),
                },
                Err(failure) if failure.reason == Reason::HandedOver => self.let_go(departed, now),
                Err(failure) => self.cannot_delete(departed, now, failure),
            }
        };
        of_one_object(Box::pin(work.instrument(stage("take down")))).await
    }

    /// Takes nothing down, for what `why` says. That does not hold up viewers: a lock that was begun is proven or put back all the same.
    pub async fn hold_up(&self, departed: &Departed, now: Timestamp, why: Failure) -> Outcome {
        let work = async {
            let Ok(departed) = self.proven_departed(departed).await else {
                return self.cannot_delete(departed, now, why);
            };
            let settled = match lock_of(&departed, now) {
                Some(lock) => self.prove_or_put_back(&lock, After::Halts).await,
                None => Settled::nothing_begun(),
            };
            let plan = settled.plan.clone();
            let outcome = self.ended(&departed, now, Mode::Delete, None, plan, vec![why]);
            outcome.after(self, &departed.owner, settled)
        };
        of_one_object(Box::pin(work)).await
    }

    /// Proves or puts back a lock that was begun, and then takes down.
    async fn settle_and_take_down(&self, departed: &Departed, now: Timestamp) -> Outcome {
        // Once the distribution is gone, nobody knows any more what has to be put back.
        let settled = match lock_of(departed, now) {
            Some(lock) => self.prove_or_put_back(&lock, After::Halts).await,
            None => Settled::nothing_begun(),
        };
        let mut settled = with_deadline(departed, now, settled);
        if waits(departed, now, &settled) {
            return self.in_doubt(departed, now, settled);
        }
        let _place = self.bounds.place(true).await;
        let outcome = Box::pin(self.take_down(departed, now, &mut settled)).await;
        match outcome {
            Some(outcome) => outcome.after(self, &departed.owner, settled),
            None => self.in_doubt(departed, now, settled),
        }
    }

    /// The outcome while a lock is neither proven nor put back.
    fn in_doubt(&self, departed: &Departed, now: Timestamp, settled: Settled) -> Outcome {
        let (plan, failures) = (settled.plan.clone(), settled.failures.clone());
        let outcome = self.ended(departed, now, Mode::Delete, None, plan, failures);
        outcome.after(self, &departed.owner, settled)
    }

    /// `None` where the lists show a lock that is neither proven nor put back: `settled` says what came of that.
    async fn take_down(&self, departed: &Departed, now: Timestamp, settled: &mut Settled) -> Option<Outcome> {
        let ended = |mode: Mode, failures: Vec<Failure>| {
            Some(self.ended(departed, now, mode, None, Plan::default(), failures))
        };
        let is_held = departed.suspended && departed.policy == DeletionPolicy::Delete;
        // What holds the rest up does not hold up viewers: whether a lock was begun is looked at all the same.
        let is_unseen = departed.previous.distribution.is_none();
        if is_held && !is_unseen {
            return ended(Mode::DeleteSuspended, vec![]);
        }
        let mut listed = match self.listed(departed, now).await {
            Ok(listed) => listed,
            Err(failure) => return ended(Mode::Delete, vec![failure]),
        };
        // Lists lag, and what another keeps by now must not go.
        let kept = self.kept_by_another(&departed.owner, &mut listed.observed, true);
        match kept.await {
            Ok(None) => {}
            Ok(Some(_)) => return Some(self.let_go(departed, now)),
            Err(error) => return ended(Mode::Delete, vec![whole(&error)]),
        }
        if let Some(lock) = lock_of(departed, now).filter(|_| is_unseen) {
            let found = self.put_back_what_is_found(&lock, &listed.observed).await;
            *settled = std::mem::replace(settled, Settled::nothing_begun())
                .then(with_deadline(departed, now, found));
            if waits(departed, now, settled) {
                return None;
            }
        }
        if is_held {
            return ended(Mode::DeleteSuspended, vec![]);
        }
        let Execution {
            observed,
            plan,
            done,
            failures,
            handed_over,
            ..
        } = Box::pin(self.carry_out_teardown(departed, now, listed, |_| true)).await;
        if handed_over.is_some() {
            let outcome = self.let_go(departed, now);
            return Some(Outcome { done, ..outcome });
        }
        let finished = plan.is_empty() && failures.is_empty();
        if finished {
            self.forget(&departed.owner);
        }
        let outcome = self.ended(departed, now, Mode::Delete, Some(&observed), plan, failures);
        Some(Outcome {
            done,
            finished,
            ..outcome
        })
    }

    /// The outcome for an object whose perimeter another one keeps: all of it stays, and the object goes.
    fn let_go(&self, departed: &Departed, now: Timestamp) -> Outcome {
        self.forget(&departed.owner);
        let outcome = self.ended(departed, now, Mode::Delete, None, Plan::default(), vec![]);
        Outcome {
            finished: true,
            ..outcome
        }
    }

    /// The outcome for an object whose resources are where we cannot look.
    #[must_use]
    pub fn cannot_delete(&self, departed: &Departed, now: Timestamp, why: Failure) -> Outcome {
        self.ended(departed, now, Mode::Delete, None, Plan::default(), vec![why])
    }

    /// What the lists say of what `departed` leaves behind.
    pub(super) async fn listed(&self, departed: &Departed, now: Timestamp) -> Result<ListsSeen, Failure> {
        let previous = &departed.previous;
        let all = self.max_age(false).others;
        let knows_distribution = previous.distribution.is_some();
        let is_looking = !knows_distribution || identifiers::is_deploying(previous);
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
        let mut outputs = identifiers::outputs(previous);
        // No list may show one that bears our tags and was not updated yet. Whose it is, its tags tell.
        let adopted = departed.spec.as_ref().and_then(adoption::adopted_id);
        outputs.distribution_id = outputs.distribution_id.or(adopted.map(ToOwned::to_owned));
        let recorded = previous.fingerprints.clone();
        let seen = self.inventory.observe(max_age, |listing| {
            let mut observed = listing.of(&departed.owner, recorded, outputs);
            observed.web_acl_users = users_of_web_acl(listing, &observed);
            observed
        });
        let observed = seen.await.map_err(|error| whole(&error))?;
        Ok(ListsSeen {
            observed,
            all,
            lists: Lists {
                settled: settled.is_some(),
                lasting: age.try_into().unwrap_or_default(),
            },
        })
    }

    /// Plans and does what is next, by what the lists say, as long as `goes_on` says so; asked before each wave of calls.
    pub(super) async fn carry_out_teardown(
        &self,
        departed: &Departed,
        now: Timestamp,
        listed: ListsSeen,
        goes_on: impl Fn(&Observed) -> bool,
    ) -> Execution {
        let ListsSeen {
            mut observed,
            all,
            lists,
        } = listed;
        observed.gate = departed.spec.as_ref().map(|spec| gate(&spec.origin));
        observed.given_plan = departed.spec.as_ref().and_then(given_plan);
        observed.proof = departed.spec.as_ref().map_or(Proof::Signature, Proof::of);
        observed.pass.at = now;
        let sought = self.seek_mutual_tls_left(departed, &mut observed).await;
        self.seek_begun_left(departed, &mut observed).await;
        observed.mutual_tls.declared = departed.mutual_tls(&observed);
        if observed.mutual_tls.declared.is_some() {
            // Another mode may have been made beside it, whatever the spec names.
            observed.proof = Proof::Certificate;
        }
        let trouble = self.observe_optional(&mut observed, all).await;
        if departed.policy == DeletionPolicy::Delete {
            let max_age = self.max_age(false).others;
            self.observe_pricing_plan(&mut observed, max_age).await;
        }
        let stamp = moment(now);
        let spec = departed.spec.as_ref();
        let policy = Policy {
            wanted: departed.policy,
            is_written: spec.is_some_and(|spec| spec.deletion_policy == Some(departed.policy)),
            // What is suspended is not taken down.
            is_for_adoption: !departed.suspended && spec.is_some_and(adoption::stays_for_adoption_alone),
        };
        let decide = |observed: &Observed| {
            if !goes_on(observed) {
                return Plan::default();
            }
            departure(&departed.owner, observed, lists, &stamp, policy)
        };
        // Whoever keeps it was asked a moment ago, and is asked again where calls take long.
        let told = Some(Instant::now());
        let mut execution = execute_as_keeper(self, Box::new(observed), decide, told).await;
        execution.failures.extend(trouble.into_iter().chain(sought));
        let held = |kind, reason| held_since(&departed.previous, kind, reason);
        limits::apply(&mut execution.plan, held, departed.since, now);
        self.inventory.note(&execution.observed);
        self.shield.note(&execution.observed);
        self.names.note(&execution.observed);
        execution
    }

    /// What lists say of what only some objects have. Whoever lacks the rights for that, and never had any of it, is not held
    /// up; answers what holds up the rest.
    async fn observe_optional(&self, observed: &mut Observed, max_age: Duration) -> Vec<Failure> {
        let mut trouble = Box::pin(self.observe_mutual_tls_left(observed, max_age)).await;
        if let Err(error) = self.observe_zones(None, observed, max_age).await {
            // The plan asks for each zone that may have records once more.
            info!(%error, "hosted zones cannot be read");
            observed.names.is_denied = error.kind == ErrorKind::Denied;
        }
        if !observed.had_shield() {
            return trouble;
        }
        let Err(error) = self.shield.observe(observed, None, max_age).await else {
            return trouble;
        };
        observed.shield.is_denied = error.kind == ErrorKind::Denied;
        if observed.shield.is_denied && !observed.is_shield_known() {
            info!(%error, "nothing of Shield Advanced was made, so what may not be read is not asked for");
            return trouble;
        }
        trouble.push(failure(Some(Id::of(Kind::Protection)), &error));
        trouble
    }

    /// Looks for mutual TLS of which neither spec nor status tells; answers why that could not be looked for. Whoever may not look has made
    /// nothing of it.
    async fn seek_mutual_tls_left(&self, departed: &Departed, observed: &mut Observed) -> Option<Failure> {
        let spec = departed.spec.as_ref()?;
        let sought = self.seek_mutual_tls(spec, &departed.previous, observed);
        let error = sought.await.err()?;
        if error.kind == ErrorKind::Denied {
            observed.mutual_tls.is_unread = false;
            return None;
        }
        Some(failure(Some(Id::of(Kind::OriginDomain)), &error))
    }

    /// What lists say of mutual TLS. Where the spec cannot be read, status tells the API's Region.
    async fn observe_mutual_tls_left(&self, observed: &mut Observed, max_age: Duration) -> Vec<Failure> {
        let unread = match (observed.mutual_tls.declared.clone(), known_region(observed)) {
            (Some(declared), _) => self.observe_region(&declared, observed, max_age).await,
            (None, Some(region)) => {
                let read = self.observe_region_tags(&region, observed, max_age).await;
                let failed = read.err();
                let failed = failed.map(|error| failure(Some(Id::of(Kind::OriginDomain)), &error));
                failed.into_iter().collect()
            }
            (None, None) => vec![],
        };
        let is_denied = unread.iter().all(|failure| failure.kind == ErrorKind::Denied);
        if is_denied && !is_mutual_tls_known(observed) {
            // Nothing of it was made.
            observed.mutual_tls.is_unread = false;
            return vec![];
        }
        unread
    }

    /// The outcome of a pass over an object that goes.
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
            enforces: false,
            rejection: None,
            plan: &plan,
            observed,
            desired: None,
            stood: None,
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

/// What lists say, and how they are believed.
pub(super) struct ListsSeen {
    pub(super) observed: Observed,
    /// How old they may be, distributions apart.
    all: Duration,
    pub(super) lists: Lists,
}

/// The Region that has the certificate of the origin's name, as status knows it.
fn known_region(observed: &Observed) -> Option<String> {
    let known = observed.outputs.mutual_tls.as_ref()?;
    let arn = Arn::of(known.origin_certificate_arn.as_ref()?)?;
    Some(arn.region.to_owned())
}

/// Whether status knows of anything that serves mutual TLS; where status is lost, there may be something.
fn is_mutual_tls_known(observed: &Observed) -> bool {
    let outputs = &observed.outputs;
    let is_recorded = mutual_tls::KINDS
        .into_iter()
        .any(|kind| observed.has_record(kind));
    is_recorded || outputs.mutual_tls.is_some() || outputs.distribution_id.is_none()
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
