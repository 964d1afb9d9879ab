//! Whose the resources of an object are: its own, or those of an object of its name that is gone, which it goes on with.
//!
//! Status says by which UID it goes on; whoever may write status could name anybody's there. So that UID is believed only once tags in
//! AWS, which name the object's namespace and name with it, have proven it to this process.

use super::departed::Departed;
use super::subject::{Offer, Stop, Subject};
use super::{Done, Engine, Outcome};
use crate::api::{ProtectedApi, ProtectedApiStatus, TakeOverSpec, TakeOverStatus};
use crate::aws::cloud::{Cloud, CloudError};
use crate::aws::errors::ErrorKind;
use crate::domain::edge::distribution;
use crate::domain::kernel::failure::Failure;
use crate::domain::kernel::identity::{Owner, Tags};
use crate::domain::kernel::keeping::{TakenOver, was_taken_from};
use crate::domain::kernel::reason::Reason;
use crate::domain::kernel::words::moment;
use crate::domain::perimeter::consent;
use crate::domain::perimeter::former::{chosen, former_uid, left_by_namesakes, proves, unnamed, unproven};
use crate::domain::perimeter::handover;
use crate::domain::perimeter::listing::Listing;
use crate::domain::perimeter::plan::Action;
use crate::domain::signer::role;
use crate::domain::status::identifiers::{names_any, outputs};
use jiff::Timestamp;
use std::time::Duration;

/// While a perimeter is offered, whether somebody has come for it, or it is let go, is looked at so often.
pub(super) const OFFERED: Duration = Duration::from_secs(30);
/// The pass after a perimeter was let go says so.
const LET_GO: Duration = Duration::from_secs(1);

impl Engine {
    /// The owner that the object's resources are named and tagged after. Where nothing stands for it yet, an earlier object of its name
    /// may have left something: the tags tell, which are read from the distribution itself, since the list of tags lags. `offered` is
    /// told what is offered to the object.
    ///
    /// # Errors
    /// What tells could not be read, or does not prove what status says: nothing may be built beside what may stand already, and nothing
    /// of another object touched.
    pub(super) async fn keeper(
        &self,
        subject: &Subject<'_>,
        offered: &mut Option<Offer>,
    ) -> Result<Owner, Stop> {
        let own = own(self.owner(subject.object), subject.object);
        let status = subject.object.status.as_ref();
        if let Some(handed_over) = self.handed_over(subject.object).await? {
            return Err(handed_over.into());
        }
        if let Some(former) = claimed(status, &own)
            && let Some(owner) = self.proven_as(&own, former, status).await?
        {
            return Ok(owner);
        }
        let is_known = claimed(status, &own).is_none() && status.is_some_and(names_any);
        let is_taken = status.is_some_and(|status| status.take_over.is_some());
        let is_gone = is_taken && claimed(status, &own).is_some();
        let consent = subject.object.spec.take_over.as_ref().filter(|_| !is_gone);
        if let Some(wanted) = consent
            && subject.rivalry.is_none()
            && self.permit(subject).is_ok()
        {
            if is_known && !is_taken && wanted.uid != own.uid {
                return Err(consent::has_its_own().into());
            }
            return self.by_consent(subject, wanted, own, offered).await;
        }
        if is_known || subject.rivalry.is_some() || self.permit(subject).is_err() {
            return Ok(own);
        }
        let spec = &subject.object.spec;
        let (left, _) = self
            .inventory
            .observe_what_is_read(self.max_age(false), |listing| {
                left_by_namesakes(spec, &own, listing)
            })
            .await?;
        let cloud: &dyn Cloud = &self.patient();
        let mut found = Vec::new();
        for row in left {
            let Some(tags) = present(cloud.list_distribution_tags(row.arn).await)? else {
                continue;
            };
            let refused = consent::unnamed_takeover(&row.id, &tags, &own).filter(|_| row.enabled);
            if let Some(refused) = refused {
                return Err(refused.into());
            }
            if let Some(uid) = former_uid(&tags, &own) {
                let former = Owner {
                    uid: uid.clone(),
                    ..own.clone()
                };
                if let Some(handed_over) = consent::kept_by_another(&tags, &former) {
                    return Err(handed_over.into());
                }
                if let Some(refused) = unnamed(spec, &row.id, &tags) {
                    return Err(refused.into());
                }
                found.push((uid, row.enabled));
            }
        }
        Ok(match chosen(found) {
            Some(uid) => {
                self.proven.note(&own.uid, &uid);
                Owner { uid, ..own }
            }
            None => own,
        })
    }

    /// The owner by which `own` keeps what `wanted` names, or will keep it.
    async fn by_consent(
        &self,
        subject: &Subject<'_>,
        wanted: &TakeOverSpec,
        own: Owner,
        offered: &mut Option<Offer>,
    ) -> Result<Owner, Stop> {
        let see = |listing: &Listing| [&wanted.uid, &own.uid].map(|uid| consent::made_for(uid, listing));
        let seen = self.inventory.observe_what_is_read(self.max_age(false), see);
        let ([found, others], _) = seen.await?;
        let other = others.iter().find(|_| wanted.uid != own.uid);
        if let Some(other) = other {
            return Err(consent::has_another(other).into());
        }
        let cloud: &dyn Cloud = &self.patient();
        for row in found {
            let Some(tags) = present(cloud.list_distribution_tags(row.arn.clone()).await)? else {
                continue;
            };
            let spec = &subject.object.spec;
            let consented = consent::consented(spec, wanted, &own, (&row, &tags), subject.is_alive);
            let owner = match consented {
                Err(refused) if refused.reason == Reason::HandoverPending => {
                    *offered = Some(Offer { arn: row.arn, tags });
                    return Err(refused.into());
                }
                consented => consented?,
            };
            if proves(&tags, &owner) {
                self.proven.note(&own.uid, &owner.uid);
            }
            self.look_where_it_was_kept(&owner);
            return Ok(owner);
        }
        Err(consent::missing(wanted).into())
    }

    /// Lists show what bears this cluster's tags; of what was taken over from another, parts may bear that one's still.
    fn look_where_it_was_kept(&self, owner: &Owner) {
        if let Some(taken) = &owner.taken {
            self.inventory.include(&taken.taken_from.cluster);
            self.inventory.include(&taken.made_for.cluster);
        }
    }

    /// Whether nothing has proven yet that the object of the UID `own` keeps what `owner` has taken over: until then nothing is written
    /// but that it does.
    pub(super) fn is_unclaimed(&self, own: Option<&String>, owner: &Owner) -> bool {
        owner.taken.is_some() && !own.is_some_and(|own| self.proven.has(own, &owner.uid))
    }

    /// Has status tell by which UID the object goes on, as soon as it tells of anything that is the object's.
    pub(super) fn tell_keeper(
        &self,
        subject: &Subject<'_>,
        owner: &Owner,
        previous: &ProtectedApiStatus,
        outcome: &mut Outcome,
    ) {
        let own = subject.object.metadata.uid.as_ref();
        let mut done = outcome.done.iter();
        if let Some(own) = own.filter(|_| done.any(|done| is_done(done, consent::is_takeover))) {
            self.proven.note(own, &owner.uid);
        }
        if outcome.done.iter().any(|done| is_done(done, handover::lets_go)) {
            outcome.requeue = LET_GO;
        } else if subject.object.spec.hand_over.is_some() && outcome.rejection.is_none() {
            outcome.requeue = outcome.requeue.min(OFFERED);
        }
        let status = &mut outcome.status;
        if own == Some(&owner.uid) {
            status.perimeter_uid = None;
        } else if self.is_unclaimed(own, owner) {
            // Ids of what is another's still would be a false proof.
            *status = ProtectedApiStatus {
                observed_generation: status.observed_generation,
                conditions: status.conditions.clone(),
                reasons_since: status.reasons_since.clone(),
                account_id: status.account_id.clone(),
                plan: status.plan.clone(),
                ..previous.clone()
            };
        } else if names_any(status) {
            status.perimeter_uid = Some(owner.uid.clone());
            status.take_over = taken_over(previous, owner, subject.now);
        }
    }

    /// Whether status says that `object` goes on by a UID that is not its own, and nothing has proven that to this process yet.
    pub(super) fn is_unproven(&self, object: &ProtectedApi) -> bool {
        let own = own(self.owner(object), object);
        let former = claimed(object.status.as_ref(), &own);
        former.is_some_and(|former| !self.proven.has(&own.uid, former))
    }

    /// `departed`, with the owner that is proven: what stands under the UID in its status, or else under its own.
    ///
    /// # Errors
    /// What tells could not be read, or does not prove what status says.
    pub(super) async fn proven_departed(&self, departed: &Departed) -> Result<Departed, Failure> {
        let own = Owner {
            uid: departed.uid.clone(),
            taken: None,
            ..departed.owner.clone()
        };
        let status = Some(&departed.previous);
        let owner = match claimed(status, &own) {
            Some(former) => self.proven_as(&own, former, status).await,
            None => Ok(None),
        };
        match owner {
            Ok(owner) => Ok(Departed {
                owner: owner.unwrap_or(own),
                ..departed.clone()
            }),
            Err(Stop::Failed(failure)) => Err(failure),
            Err(Stop::Rejected(refused)) => Err(Failure {
                id: None,
                kind: ErrorKind::Terminal,
                reason: refused.reason,
                message: refused.message,
            }),
        }
    }

    /// The owner by the UID `former`, as the distribution's tags or the role's prove it; `None` where nothing stands by it, or the
    /// distribution is the object's own.
    async fn proven_as(
        &self,
        own: &Owner,
        former: &str,
        status: Option<&ProtectedApiStatus>,
    ) -> Result<Option<Owner>, Stop> {
        let owner = Owner {
            uid: former.to_owned(),
            taken: status.and_then(TakenOver::of_status).map(Box::new),
            ..own.clone()
        };
        self.look_where_it_was_kept(&owner);
        if self.proven.has(&own.uid, former) {
            return Ok(Some(owner));
        }
        let cloud: &dyn Cloud = &self.patient();
        let distribution = match status.and_then(|status| outputs(status).distribution_id) {
            Some(id) => {
                let arn = format!("arn:aws:cloudfront::{}:distribution/{id}", self.account);
                present(cloud.list_distribution_tags(arn).await)?
            }
            None => None,
        };
        let was_ours = |tags: &&Tags| was_taken_from(tags, &owner.keeper());
        let taken = distribution.as_ref().filter(was_ours);
        if let Some(refused) = taken.and_then(|tags| consent::kept_by_another(tags, &owner)) {
            return Err(refused.into());
        }
        let is_proof = |tags: &Option<Tags>| tags.as_ref().is_some_and(|tags| proves(tags, &owner));
        let mut is_proven = is_proof(&distribution);
        if !is_proven {
            // It outlives the distribution, and where that has lost its tags the role's tell.
            let role = cloud.get_role(owner.resource_name(role::NAME_LIMIT)).await;
            let role = present(role)?.map(|role| role.tags);
            is_proven = is_proof(&role);
            let is_own = distribution.as_ref().is_some_and(|tags| proves(tags, own));
            let is_nothing = distribution.is_none() && role.is_none();
            if !is_proven && (is_own || is_nothing) {
                return Ok(None);
            }
        }
        if !is_proven {
            return Err(unproven(&owner).into());
        }
        self.proven.note(&own.uid, former);
        Ok(Some(owner))
    }
}

/// Whether a write to the distribution was such.
fn is_done(done: &Done, is_such: fn(&distribution::Action) -> bool) -> bool {
    matches!(&done.step.action, Action::Distribution(action) if is_such(action))
}

/// Whether a pass was stopped for this reason.
pub(super) fn is_refused_for(stop: &Stop, reason: Reason) -> bool {
    matches!(stop, Stop::Rejected(why) if why.reason == reason)
}

/// `owner` by the UID of `object` itself.
pub(super) fn own(owner: Owner, object: &ProtectedApi) -> Owner {
    Owner {
        uid: object.metadata.uid.clone().unwrap_or_default(),
        taken: None,
        ..owner
    }
}

/// What status says of a perimeter that `owner` has taken over: since when, it said before or is now.
fn taken_over(previous: &ProtectedApiStatus, owner: &Owner, now: Timestamp) -> Option<TakeOverStatus> {
    let taken = owner.taken.as_ref()?;
    let known = previous.take_over.as_ref().map(|known| known.at.clone());
    Some(TakeOverStatus {
        uid: owner.uid.clone(),
        at: known.unwrap_or_else(|| moment(now)),
        made_for: taken.made_for.to_string(),
        taken_from: taken.taken_from.to_string(),
        takeovers: taken.takeovers,
    })
}

/// The UID by which status says that the object goes on, where it is not its own.
fn claimed<'a>(status: Option<&'a ProtectedApiStatus>, own: &Owner) -> Option<&'a str> {
    let former = status?.perimeter_uid.as_deref()?;
    (former != own.uid).then_some(former)
}

/// What was read; `None` where it is not there.
pub(super) fn present<T>(read: Result<T, CloudError>) -> Result<Option<T>, CloudError> {
    match read {
        Ok(found) => Ok(Some(found)),
        Err(error) if error.kind == ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error),
    }
}
