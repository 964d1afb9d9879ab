//! The records of the aliases, and of the origin's name.

use super::update::Update;
use crate::aws::cloud::{Cloud, CloudError};
use crate::aws::readings::name_lists::read_zone;
use crate::domain::edge::dns_records::Action;

/// Reads the hosted zone anew.
pub(super) async fn observe(cloud: &dyn Cloud, zone: &str) -> Result<Update, CloudError> {
    let seen = read_zone(cloud, zone, None).await?;
    Ok(Update::Zone(zone.to_owned(), seen))
}

/// Makes the batch of changes.
pub(super) async fn apply(cloud: &dyn Cloud, action: &Action) -> Result<Update, CloudError> {
    let Action { zone, changes } = action.clone();
    cloud.change_records(zone.clone(), changes.clone()).await?;
    Ok(Update::Records(zone, changes))
}
