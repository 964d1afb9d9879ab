//! What a pass has to know of names: the hosted zones of an object, and who else has its aliases.

use crate::api::ProtectedApiStatus;
use crate::aws::cloud::{Cloud, CloudError};
use crate::aws::errors::ErrorKind;
use crate::aws::readings::inventory::{List, MaxAge};
use crate::controller::engine::Engine;
use crate::controller::engine::failures::failure;
use crate::controller::engine::subject::Subject;
use crate::domain::access::authorization::Gate;
use crate::domain::edge::aliases::{holders, unlisted_holder};
use crate::domain::edge::{expiry, names};
use crate::domain::kernel::identity::is_abandoned;
use crate::domain::kernel::reason::Reason;
use crate::domain::perimeter::desired::Desired;
use crate::domain::perimeter::listing::Listing;
use crate::domain::perimeter::observed::Observed;
use crate::domain::perimeter::strangers::at_the_endpoint;
use crate::domain::status::conditions::has_reason;
use std::collections::BTreeSet;
use std::time::Duration;

impl Engine {
    /// Looks at the names of an object that has some, or had.
    pub(super) async fn observe_names(
        &self,
        subject: &Subject<'_>,
        desired: &Desired,
        previous: &ProtectedApiStatus,
        observed: &mut Observed,
    ) -> Result<(), CloudError> {
        let was_told = |reason| has_reason(&previous.conditions, reason);
        observed.names.is_move_told = was_told(Reason::AliasMoves);
        let mut asked = Ok(());
        if let Some(wanted) = &desired.names {
            // Who has it, or that nobody has it any more, a newer list tells.
            let max_age = self.max_age(was_told(Reason::AliasInUse));
            let gate = &desired.access.gate;
            let found = self.find_holders(subject, gate, wanted, observed, max_age).await;
            observed.names.are_holders_unknown = found.is_err();
            // Seldom: it is a call for each name. Whoever edits the spec has it asked again.
            let max_age = if previous.observed_generation == subject.object.metadata.generation {
                self.max_age(false).others
            } else {
                Duration::ZERO
            };
            asked = match found {
                Ok(()) => self.ask_for_conflicts(wanted, observed, max_age).await,
                failed => failed,
            };
        }
        let wanted = desired.names.as_ref().and_then(|names| names.zone.clone());
        let max_age = self.max_age(false).others;
        // The records of the names that are served already wait for nobody.
        let read = Box::pin(self.observe_own_zones(wanted, observed, max_age)).await;
        asked.and(read)
    }

    /// Reads the certificate that the spec names: with each full read, when a person asks for a look, and once it is named. Who may
    /// not read it keeps what stands: only that is told.
    pub(super) async fn observe_named_certificate(
        &self,
        desired: &Desired,
        observed: &mut Observed,
    ) -> Result<(), CloudError> {
        let Some(arn) = &desired.distribution.settings.certificate_arn else {
            return Ok(());
        };
        let before = expiry::known(arn, &observed.names, observed.outputs.names.as_ref());
        if before.is_some() && !observed.pass.deep && !observed.due.lock {
            return Ok(());
        }
        let cloud: &dyn Cloud = &self.patient();
        let known = match cloud.describe_certificate(arn.clone()).await {
            Ok(content) => expiry::read(&content),
            Err(error) if error.kind.needs_person() || error.kind == ErrorKind::NotFound => {
                expiry::unread(arn, before, &failure(None, &error).message)
            }
            Err(error) => return Err(error),
        };
        observed.names.named_certificate = Some(known);
        Ok(())
    }

    /// Finds out who has the names that the distribution lacks, and what there is to know of them before one is moved.
    async fn find_holders(
        &self,
        subject: &Subject<'_>,
        gate: &Gate,
        wanted: &names::Desired,
        observed: &mut Observed,
        max_age: MaxAge,
    ) -> Result<(), CloudError> {
        self.list_holders(wanted, observed, max_age).await?;
        self.free_abandoned(subject, observed).await?;
        self.follow_names(gate, wanted, observed, max_age.others).await
    }

    /// Reads the hosted zones that may have records of the object's names, and `wanted`, which is to have some.
    async fn observe_own_zones(
        &self,
        wanted: Option<String>,
        observed: &mut Observed,
        max_age: Duration,
    ) -> Result<(), CloudError> {
        let uid = observed.owner.uid.clone();
        for zone in observed.known_zones() {
            if wanted.as_ref() == Some(&zone) {
                continue;
            }
            let look = self.partings.look(&uid, &zone, max_age);
            self.observe_zone(zone.clone(), observed, look.max_age).await?;
            self.partings.begin(&uid, &zone);
            if look.settled {
                observed.names.settled.insert(zone);
            }
        }
        let Some(wanted) = wanted else { return Ok(()) };
        self.partings.end(&uid, &wanted);
        self.observe_zone(wanted, observed, max_age).await
    }

    /// Reads the hosted zones that have records of the object, and `wanted`, which is to have some.
    pub(in crate::controller) async fn observe_zones(
        &self,
        wanted: Option<String>,
        observed: &mut Observed,
        max_age: Duration,
    ) -> Result<(), CloudError> {
        for zone in observed.known_zones().into_iter().chain(wanted) {
            self.observe_zone(zone, observed, max_age).await?;
        }
        Ok(())
    }

    async fn observe_zone(
        &self,
        zone: String,
        observed: &mut Observed,
        max_age: Duration,
    ) -> Result<(), CloudError> {
        let read = self.names.zone(&zone, max_age).await;
        let seen = read.inspect_err(|_| observed.names.is_unread = true)?;
        observed.names.zones.insert(zone, seen);
        Ok(())
    }

    /// A name on a distribution that Palisade made for an object which is gone, or which was left behind, is nobody's: it may be
    /// taken over like one of a distribution that somebody else made.
    async fn free_abandoned(&self, subject: &Subject<'_>, observed: &mut Observed) -> Result<(), CloudError> {
        let held = observed.names.holders.values_mut();
        let cloud: &dyn Cloud = &self.patient();
        for holder in held.filter(|holder| holder.object.is_some()) {
            let tags = match cloud.list_distribution_tags(holder.arn.clone()).await {
                Ok(tags) => tags,
                Err(error) if error.kind == ErrorKind::NotFound => continue,
                Err(error) => return Err(error),
            };
            if is_abandoned(&tags, &self.cluster, subject.is_alive) {
                holder.object = None;
            }
        }
        Ok(())
    }

    /// Before a name is taken over: what its holder puts before a viewer's path, where it asks a custom domain name of API Gateway.
    /// Where nobody may read those, it is not compared.
    async fn follow_names(
        &self,
        gate: &Gate,
        wanted: &names::Desired,
        observed: &mut Observed,
        max_age: Duration,
    ) -> Result<(), CloudError> {
        let is_elsewhere = |(domain, _): &(String, String)| !domain.eq_ignore_ascii_case(&gate.host);
        let mut held = observed.names.holders.values();
        if !wanted.take_over || !held.any(|holder| holder.origins.iter().any(is_elsewhere)) {
            return Ok(());
        }
        let known = match self.inventory.mappings(&gate.region, max_age).await {
            Ok(known) => known,
            Err(error) if error.kind.needs_person() => return Ok(()),
            Err(error) => return Err(error),
        };
        for holder in observed.names.holders.values_mut() {
            let followed = at_the_endpoint(&holder.origins, gate, &known.mappings, &known.targets);
            holder.origins.extend(followed);
        }
        Ok(())
    }

    /// Before a name is taken over: who has it whom this account's list does not show, such as a distribution of another account.
    ///
    /// CloudFront answers only for a distribution whose certificate covers the name. Where it refuses to, the update tells.
    async fn ask_for_conflicts(
        &self,
        wanted: &names::Desired,
        observed: &mut Observed,
        max_age: Duration,
    ) -> Result<(), CloudError> {
        let own = observed.distribution_names().unwrap_or_default();
        let Some(id) = observed.distribution_id().map(ToOwned::to_owned) else {
            return Ok(());
        };
        let Some(certificate) = own.certificate_arn.filter(|_| wanted.take_over) else {
            return Ok(());
        };
        for alias in wanted.aliases.difference(&own.aliases) {
            if observed.names.holders.contains_key(alias) {
                continue;
            }
            let conflicts = self.names.conflicts(&id, &certificate, alias, max_age).await?;
            observed.names.asked.insert(alias.clone());
            if let Some(holder) = unlisted_holder(alias, conflicts) {
                observed.names.holders.insert(alias.clone(), holder);
            }
        }
        Ok(())
    }

    /// Which other distributions have the aliases that the object's does not have yet.
    async fn list_holders(
        &self,
        wanted: &names::Desired,
        observed: &mut Observed,
        max_age: MaxAge,
    ) -> Result<(), CloudError> {
        let served = observed.distribution_names().unwrap_or_default().aliases;
        let missing: BTreeSet<&String> = wanted.aliases.difference(&served).collect();
        if missing.is_empty() {
            return Ok(());
        }
        let own = observed.distribution_id().map(ToOwned::to_owned);
        let see = |listing: &Listing| holders(listing.distributions.values(), own.as_deref(), &missing);
        let (found, unread) = self.inventory.observe_what_is_read(max_age, see).await?;
        let mut unread = unread.into_iter();
        if let Some(unread) = unread.find(|unread| unread.list == List::Distributions) {
            return Err(unread.error);
        }
        observed.names.holders = found;
        Ok(())
    }
}
