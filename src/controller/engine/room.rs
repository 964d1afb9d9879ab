//! Whether the account has room for what an object is going to make, by the lists that there are anyway.

use super::Engine;
use super::lock::Lock;
use super::subject::{Stop, Subject};
use crate::api::{AccountQuotas, ProtectedApiStatus};
use crate::domain::kernel::planning::Problem;
use crate::domain::kernel::reason::Reason;
use crate::domain::kernel::rejection::Rejection;
use crate::domain::perimeter::desired::Desired;
use crate::domain::perimeter::listing::Listing;
use crate::domain::perimeter::observed::Observed;
use crate::domain::status::conditions::types;
use crate::domain::status::headroom::{Counted, headroom, refusal, stated, without_room};

/// Whether the last pass held the object back, as it is wanted now, because there was no room for it.
pub(super) fn was_without_room(subject: &Subject<'_>, previous: &ProtectedApiStatus) -> bool {
    let generation = subject.object.metadata.generation;
    previous.conditions.iter().any(|found| {
        found.type_ == types::ACCEPTED
            && found.reason == Reason::QuotaReached.as_str()
            && found.observed_generation == generation
    })
}

impl Engine {
    /// What is counted beside the lists of the account, for one object.
    fn counted(&self) -> Counted {
        Counted {
            domain_names: self.inventory.domain_names(),
            ..Counted::default()
        }
    }

    /// What the account has no room for; nothing where its lists could not be read, which is told anyway.
    pub(super) async fn without_room(
        &self,
        subject: &Subject<'_>,
        desired: &Desired,
        observed: &Observed,
    ) -> Vec<Problem> {
        let uses = |listing: &Listing| headroom(listing, &self.counted(), &subject.quotas);
        let uses = self.inventory.observe(self.max_age(false), uses).await;
        uses.map(|uses| without_room(&uses, desired, observed))
            .unwrap_or_default()
    }

    /// Holds back an object of which nothing stands yet, before anything is begun, where a limit that its `AwsAccount` states leaves no
    /// room for it. One that is only assumed may have been raised: AWS says so itself where it was not. Who was held back reads its API
    /// once there is room.
    ///
    /// # Errors
    /// There is no room; or there is by now, and its API cannot be protected as the spec asks.
    pub(super) async fn check_room(
        &self,
        subject: &Subject<'_>,
        lock: &Lock<'_>,
        desired: &Desired,
        observed: &Observed,
    ) -> Result<(), Stop> {
        self.refused_for_room(subject, desired, observed).await?;
        if was_without_room(subject, lock.previous) {
            let accepted = Box::pin(self.accept(subject, lock.owner)).await?;
            Box::pin(self.check_lockable(subject, accepted, observed)).await?;
        }
        Ok(())
    }

    async fn refused_for_room(
        &self,
        subject: &Subject<'_>,
        desired: &Desired,
        observed: &Observed,
    ) -> Result<(), Rejection> {
        let quotas = &subject.quotas;
        if *quotas == AccountQuotas::default() {
            return Ok(());
        }
        let mut counted = self.counted();
        let refused = self.refused(&counted, quotas, desired, observed).await;
        let declared = desired
            .mutual_tls
            .as_ref()
            .filter(|_| quotas.domain_names.is_some());
        let (Some(_), Some(declared)) = (&refused, declared) else {
            return refused.map_or(Ok(()), Err);
        };
        // Who is held back reads no domain names, and where all are, nobody does: they are counted anew, or not at all.
        let region = &declared.gate.region;
        let read = self.inventory.mappings(region, self.max_age(false).others).await;
        counted = self.counted();
        if read.is_err() {
            counted.domain_names.remove(region);
        }
        let refused = self.refused(&counted, quotas, desired, observed).await;
        refused.map_or(Ok(()), Err)
    }

    /// The refusal by what is `counted`, and by the limits that are stated.
    async fn refused(
        &self,
        counted: &Counted,
        quotas: &AccountQuotas,
        desired: &Desired,
        observed: &Observed,
    ) -> Option<Rejection> {
        let see = |listing: &Listing| {
            let mut uses = headroom(listing, counted, quotas);
            uses.retain(|found| stated(found.name, quotas).is_some());
            uses
        };
        let uses = self.inventory.observe(self.max_age(false), see).await;
        refusal(&uses.ok()?, desired, observed)
    }
}
