//! What a pass has to know of mutual TLS: what the API's Region has of it, the hosted zone of the origin's name, and the next client
//! certificate.

use crate::aws::cloud::CloudError;
use crate::controller::engine::Engine;
use crate::controller::engine::failures::failure;
use crate::domain::kernel::failure::Failure;
use crate::domain::kernel::identity::TAG_UID;
use crate::domain::kernel::planning::{Id, Kind};
use crate::domain::mutual_tls::Desired;
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

    /// Takes over what the tags of a Region show. Where they cannot be read, nothing is decided.
    pub(in crate::controller) async fn observe_region_tags(
        &self,
        region: &str,
        observed: &mut Observed,
        max_age: Duration,
    ) -> Result<(), CloudError> {
        let read = self.inventory.region_tags(region, max_age).await;
        let rows = read.inspect_err(|_| observed.mutual_tls.is_unread = true)?;
        let uid = observed.owner.uid.clone();
        // Every object's pass goes through all of them.
        let own = rows.iter().filter(|(_, tags)| tags.get(TAG_UID) == Some(&uid));
        observed.take_region(own.map(|(arn, tags)| (arn.clone(), tags.clone())));
        // The list lags behind: what status names is looked for directly.
        let known = observed.outputs.mutual_tls.as_ref();
        let known = known.and_then(|known| known.origin_certificate_arn.clone());
        let declared = observed.mutual_tls.declared.as_ref();
        let given = declared.and_then(|declared| declared.certificate_arn.clone());
        if let Some(arn) = known.filter(|known| given.as_ref() != Some(known)) {
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
