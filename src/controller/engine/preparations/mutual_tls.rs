//! What a pass has to know of mutual TLS: what the API's Region has of it, the hosted zone of the origin's name, and the next client
//! certificate.

use crate::api::{ProtectedApiSpec, ProtectedApiStatus};
use crate::aws::cloud::CloudError;
use crate::controller::engine::Engine;
use crate::controller::engine::failures::failure;
use crate::domain::kernel::endpoint::region_and_id;
use crate::domain::kernel::failure::Failure;
use crate::domain::kernel::identity::{TAG_UID, Tags};
use crate::domain::kernel::planning::{Id, Kind};
use crate::domain::mutual_tls::shared_certificate::SERVES_SHARED;
use crate::domain::mutual_tls::{Desired, TAG_SERVES};
use crate::domain::perimeter::desired::Desired as Everything;
use crate::domain::perimeter::observed::Observed;
use std::time::Duration;

impl Engine {
    /// Looks at what the API's Region has of an object, and at the hosted zone of its origin's name; answers what could not be read.
    pub(in crate::controller) async fn observe_region(
        &self,
        declared: &Desired,
        observed: &mut Observed,
        max_age: Duration,
    ) -> Vec<Failure> {
        // The distribution may have been read already, of a cut-over that was under way.
        observed.expect_shown_certificate();
        let region = declared.gate.region.as_str();
        let tags = self.observe_region_tags(region, observed, max_age).await;
        let zone = declared.hosted_zone_id.clone();
        let zone = Box::pin(self.observe_zones(Some(zone), observed, max_age)).await;
        let told = [(Kind::OriginDomain, tags), (Kind::OriginRecords, zone)];
        let failed = told
            .into_iter()
            .filter_map(|(kind, read)| Some((kind, read.err()?)));
        failed
            .map(|(kind, error)| failure(Some(Id::of(kind)), &error))
            .collect()
    }

    /// Asks the tags of the API's Region for what stands of mutual TLS beside another mode, where status was lost: one list, which all objects
    /// of the Region share, and never in an object's usual life.
    pub(in crate::controller) async fn seek_mutual_tls(
        &self,
        spec: &ProtectedApiSpec,
        previous: &ProtectedApiStatus,
        observed: &mut Observed,
    ) -> Result<(), CloudError> {
        let is_lost = previous.distribution.is_none() && observed.may_have_lost_mutual_tls(spec);
        let Some((region, _)) = region_and_id(&spec.origin.endpoint).filter(|_| is_lost) else {
            return Ok(());
        };
        let max_age = self.max_age(false).others;
        self.observe_region_tags(region, observed, max_age).await?;
        observed.mutual_tls.is_sought = true;
        Ok(())
    }

    /// Takes over what the tags of a Region show. Where they cannot be read, nothing is decided.
    pub(in crate::controller) async fn observe_region_tags(
        &self,
        region: &str,
        observed: &mut Observed,
        max_age: Duration,
    ) -> Result<(), CloudError> {
        let read = self.inventory.region_tags(region, max_age).await;
        let rows = read.inspect_err(|_| observed.mutual_tls.is_unread = true)?;
        // What objects share outlives them, so the sweeper looks there from now on. Nothing is made in a Region that did not answer.
        self.regions.add(&self.account, region);
        let uid = observed.owner.uid.clone();
        // Every object's pass goes through all of them.
        let is_shared = |tags: &Tags| tags.get(TAG_SERVES).is_some_and(|serves| serves == SERVES_SHARED);
        let own = rows
            .iter()
            .filter(|(_, tags)| tags.get(TAG_UID) == Some(&uid) || is_shared(tags));
        observed.take_region(own.map(|(arn, tags)| (arn.clone(), tags.clone())));
        // The list lags behind: what status names is looked for directly.
        let known = observed.outputs.mutual_tls.as_ref();
        let known = known.and_then(|known| known.origin_certificate_arn.clone());
        let declared = observed.mutual_tls.declared.as_ref();
        let given = declared.and_then(|declared| declared.certificate_arn.clone());
        let shared = observed.outputs.mutual_tls.as_ref();
        let shared = shared.and_then(|known| known.shared_certificate_arn.clone());
        let known = known.filter(|known| given.as_ref() != Some(known));
        for arn in known.into_iter().chain(shared) {
            observed.mutual_tls.origin_certificates.entry(arn).or_default();
        }
        Ok(())
    }

    /// Gives the next client certificate, where one is found to be needed; false where nothing has changed by that.
    pub(in crate::controller) fn give_pair(&self, desired: &Everything, observed: &mut Observed) -> bool {
        if observed.mutual_tls.pair.is_some() {
            return false;
        }
        let Some(subject) = observed.awaited_pair(desired) else {
            return false;
        };
        observed.mutual_tls.pair = self.pairs.of(&subject, observed.pass.at);
        observed.mutual_tls.pair.is_some()
    }
}
