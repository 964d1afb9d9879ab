//! A perimeter that is handed over: who has come for it, and who keeps it by now, asked of CloudFront itself, since lists lag.

use super::departed::Departed;
use super::former::{OFFERED, is_refused_for, own, present};
use super::lock::Lock;
use super::subject::{Offer, Stop, Subject};
use super::{Engine, Outcome};
use crate::api::{DeletionPolicy, ProtectedApi, ProtectedApiStatus};
use crate::aws::cloud::{Cloud, CloudError};
use crate::aws::layers::budget::with_urgency;
use crate::domain::access::asked::api;
use crate::domain::kernel::identity::{Owner, Ownership, Tags, owner_of, ownership};
use crate::domain::kernel::observing::Seen;
use crate::domain::kernel::reason::Reason;
use crate::domain::kernel::rejection::Rejection;
use crate::domain::perimeter::consent;
use crate::domain::perimeter::handover;
use crate::domain::perimeter::listing::Listing;
use crate::domain::perimeter::observed::Observed;
use crate::domain::perimeter::plan::Plan;
use crate::domain::status::conditions::has_reason;

impl Engine {
    /// Why nothing is written for an object that offers its perimeter to another, once that one keeps it: asked of CloudFront itself, since
    /// lists lag.
    pub(super) async fn handed_over(&self, object: &ProtectedApi) -> Result<Option<Rejection>, CloudError> {
        let Some(status) = &object.status else {
            return Ok(None);
        };
        let is_offered = object.spec.hand_over.is_some() || status.hand_over.is_some();
        let Some(distribution) = status.distribution.as_ref().filter(|_| is_offered) else {
            return Ok(None);
        };
        let cloud: &dyn Cloud = &self.patient();
        let tags = present(cloud.list_distribution_tags(distribution.arn.clone()).await)?;
        Ok(tags.and_then(|tags| consent::kept_by_another(&tags, &self.owner(object))))
    }

    /// The outcome of a pass in which it is not known by which UID the object goes on, or another keeps its perimeter, which may be
    /// `offered` to it.
    pub(super) async fn without_keeper(
        &self,
        subject: &Subject<'_>,
        previous: &ProtectedApiStatus,
        stop: Stop,
        offered: Option<Offer>,
    ) -> Outcome {
        let suspended = subject.object.spec.suspend.unwrap_or_default();
        let stop = match offered.filter(|_| !suspended) {
            Some(offer) => Box::pin(self.come_for_it(subject, offer))
                .await
                .err()
                .unwrap_or(stop),
            None => stop,
        };
        let owner = own(self.owner(subject.object), subject.object);
        let lock = Lock::of(subject, &owner, previous);
        if is_refused_for(&stop, Reason::HandoverPending) {
            let outcome = self.stopped(subject, &lock, &Plan::default(), stop, None);
            return Outcome {
                requeue: OFFERED,
                ..outcome
            };
        }
        if is_refused_for(&stop, Reason::HandedOver) || self.is_unproven(subject.object) {
            // Not even a lock is put back of what may be another's.
            return self.stopped(subject, &lock, &Plan::default(), stop, None);
        }
        let settled = self.prove_or_put_back(&lock, self.after(subject)).await;
        Box::pin(self.stopped_after(subject, &lock, settled, stop)).await
    }

    /// Says that the object has come for what is offered to it, where it could take that over. Beside every plan: nothing of the object
    /// stands yet, so no step, event or last write tells of it, but what its condition waits for.
    async fn come_for_it(&self, subject: &Subject<'_>, offer: Offer) -> Result<(), Stop> {
        let own = own(self.owner(subject.object), subject.object);
        let claim = handover::claim(&offer.tags, &own);
        let (Some(claim), Some(former)) = (claim, owner_of(&offer.tags)) else {
            return Ok(());
        };
        // What its keeper lets go it then has to be able to keep.
        if let Some(refused) = &subject.forbidden {
            return Err(refused.clone().into());
        }
        api::check_path(&subject.object.spec.origin)?;
        Box::pin(self.accept(subject, &own.taking_over(&former))).await?;
        let cloud: &dyn Cloud = &self.patient();
        cloud.tag_distribution(offer.arn, claim).await?;
        Ok(())
    }

    /// That no other object keeps what is seen as `owner`'s. What is let go, or taken over, is so by what CloudFront itself says.
    ///
    /// # Errors
    /// Another one does, or that could not be read.
    pub(super) async fn check_keeper(
        &self,
        subject: &Subject<'_>,
        owner: &Owner,
        observed: &mut Observed,
    ) -> Result<(), Stop> {
        let own = subject.object.metadata.uid.as_ref();
        let status = subject.object.status.as_ref();
        // What was lost is not written to by lists that have not heard of it, until CloudFront says that it is the object's again.
        let was_lost = status.is_some_and(|status| has_reason(&status.conditions, Reason::HandedOver));
        let is_asked = was_lost || subject.object.spec.hand_over.is_some() || self.is_unclaimed(own, owner);
        let handed_over = self.kept_by_another(owner, observed, is_asked).await?;
        handed_over.map_or(Ok(()), |handed_over| Err(handed_over.into()))
    }

    /// Why nothing of it is written, where another object keeps by now what the lists show as `owner`'s no more. With `is_asked`
    /// CloudFront tells in any case, and `observed` has what it says.
    ///
    /// # Errors
    /// The distribution's tags could not be read.
    pub(super) async fn kept_by_another(
        &self,
        owner: &Owner,
        observed: &mut Observed,
        is_asked: bool,
    ) -> Result<Option<Rejection>, CloudError> {
        let is_told = |tags: &Tags| ownership(tags, owner) != Ownership::Foreign;
        let arn = match &observed.distribution {
            Seen::Listed(Some(row)) if !is_asked && row.tags.as_ref().is_some_and(is_told) => {
                return Ok(None);
            }
            Seen::Listed(Some(row)) => Some(row.listed.arn.clone()),
            // A list may lack what status names.
            Seen::Listed(None) if is_asked => observed.outputs.distribution_arn.clone(),
            _ => None,
        };
        let Some(arn) = arn else { return Ok(None) };
        let cloud: &dyn Cloud = &self.patient();
        let tags = present(cloud.list_distribution_tags(arn).await)?;
        if let Seen::Listed(Some(row)) = &mut observed.distribution
            && is_asked
            && tags.as_ref().and_then(owner_of).is_some()
        {
            row.tags.clone_from(&tags);
        }
        Ok(tags.and_then(|tags| consent::kept_by_another(&tags, owner)))
    }

    /// Whether another object keeps by now what `lock` is of, as CloudFront itself says: whoever keeps it looks after its lock as well. Not
    /// where it does not tell, since viewers may be refused.
    pub(super) async fn is_kept_by_another(&self, lock: &Lock<'_>) -> bool {
        let Some(distribution) = &lock.previous.distribution else {
            return false;
        };
        let cloud: &dyn Cloud = &self.patient();
        let read = with_urgency(true, cloud.list_distribution_tags(distribution.arn.clone()));
        let tags = read.await.unwrap_or_default();
        consent::kept_by_another(&tags, lock.owner).is_some()
    }

    /// The tags by which CloudFront itself says who keeps what is `observed`, whatever lists and status say; nothing where there is no
    /// distribution, or CloudFront does not tell: the lists will.
    pub(super) async fn keepers_tags(&self, observed: &Observed) -> Option<Tags> {
        let arn = match &observed.distribution {
            Seen::Listed(Some(row)) => &row.listed.arn,
            Seen::Present(found) => &found.content.arn,
            _ => return None,
        };
        let cloud: &dyn Cloud = &self.patient();
        cloud.list_distribution_tags(arn.clone()).await.ok()
    }

    /// Beside every plan as well: takes back that `departed` has come for what was offered to it, or what was let go to it, where it goes
    /// before it took that over: whoever has it then keeps it.
    ///
    /// # Errors
    /// Whether it has come for anything could not be read, or not be taken back.
    pub(super) async fn give_up_claim(&self, departed: &Departed) -> Result<(), CloudError> {
        let wanted = departed.spec.as_ref().and_then(|spec| spec.take_over.as_ref());
        let is_held = departed.suspended && departed.policy == DeletionPolicy::Delete;
        let Some(wanted) = wanted.filter(|_| departed.owner.taken.is_none() && !is_held) else {
            return Ok(());
        };
        let see = |listing: &Listing| consent::made_for(&wanted.uid, listing);
        let seen = self.inventory.observe_what_is_read(self.max_age(false), see);
        let (rows, _) = seen.await?;
        let cloud: &dyn Cloud = &self.patient();
        for row in rows {
            let tags = present(cloud.list_distribution_tags(row.arn.clone()).await)?;
            let keys = handover::unclaimed(&tags.unwrap_or_default(), &departed.owner);
            if !keys.is_empty() {
                cloud.untag_distribution(row.arn, keys).await?;
            }
        }
        Ok(())
    }
}
