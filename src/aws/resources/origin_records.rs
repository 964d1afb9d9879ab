//! The records of the origin's name, in the declared hosted zone.

use super::dns_records;
use super::update::Update;
use crate::aws::cloud::{Cloud, CloudError};
use crate::domain::perimeter::observed::Observed as Everything;

/// Reads the declared hosted zone anew.
pub(super) async fn observe(cloud: &dyn Cloud, everything: &Everything) -> Result<Update, CloudError> {
    match &everything.mutual_tls.declared {
        Some(declared) => dns_records::observe(cloud, &declared.hosted_zone_id).await,
        None => Ok(Update::Nothing),
    }
}
