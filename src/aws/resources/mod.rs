//! One file per AWS resource kind, named as in `domain::resources`: `observe` reads it in full, `apply` makes one call.

mod distribution;
mod function;
mod ip_set;
mod logging;
mod role;
mod web_acl;

use super::cloud::{Cloud, CloudError};
use super::errors::ErrorKind;
use super::inventory::Inventory;
use crate::domain::identity::{TAG_CLUSTER, TAG_UID, Tags};
use crate::domain::observed::{Observed, Seen};
use crate::domain::plan::{Action, Id, Kind, Step};
use crate::domain::resources as domain;

/// What a read or a call teaches about one resource.
#[derive(Debug, Clone, PartialEq)]
#[allow(missing_docs)]
pub enum Update {
    Role(Seen<domain::role::Observed, domain::role::Observed>),
    Function(Seen<domain::function::Listed, domain::function::Observed>),
    IpSet(String, Seen<domain::ip_set::Listed, domain::ip_set::Observed>),
    WebAcl(Seen<domain::web_acl::Listed, domain::web_acl::Observed>),
    Logging(Seen<domain::logging::Observed, domain::logging::Observed>),
    Distribution(Seen<domain::distribution::Row, domain::distribution::Observed>),
    /// The caller reference belongs to a deleted distribution: take the next one.
    NextReference,
}

impl Update {
    /// Writes what was learnt into `observed`.
    pub fn absorb_into(self, observed: &mut Observed) {
        match self {
            Self::Role(seen) => observed.role = seen,
            Self::Function(seen) => observed.function = seen,
            Self::IpSet(part, seen) => {
                observed.ip_sets.insert(part, seen);
            }
            Self::WebAcl(seen) => observed.web_acl = seen,
            Self::Logging(seen) => observed.logging = seen,
            Self::Distribution(seen) => observed.distribution = seen,
            Self::NextReference => observed.reference += 1,
        }
    }
}

/// Reads resource `id` in full.
///
/// # Errors
/// What AWS answered, but for "not found", which is an answer.
pub async fn observe(cloud: &dyn Cloud, id: &Id, observed: &Observed) -> Result<Update, CloudError> {
    match id.kind {
        Kind::Role => Ok(Update::Role(role::observe(cloud, observed).await?)),
        Kind::Function => Ok(Update::Function(function::observe(cloud, observed).await?)),
        Kind::IpSet => Ok(Update::IpSet(
            id.part.clone(),
            ip_set::observe(cloud, &id.part, observed).await?,
        )),
        Kind::WebAcl => Ok(Update::WebAcl(web_acl::observe(cloud, observed).await?)),
        Kind::Logging => Ok(Update::Logging(logging::observe(cloud, observed).await?)),
        Kind::Distribution => Ok(Update::Distribution(
            distribution::observe(cloud, observed).await?,
        )),
    }
}

/// Makes the one call of `step`.
///
/// # Errors
/// What AWS answered. "Exists already" is none where the resource can be found and read: its tags then decide.
pub async fn apply(
    cloud: &dyn Cloud,
    inventory: &Inventory,
    step: &Step,
    observed: &Observed,
) -> Result<Update, CloudError> {
    let part = &step.id.part;
    match &step.action {
        Action::Role(action) => Ok(Update::Role(
            role::apply(cloud, &step.name, action, observed).await?,
        )),
        Action::Function(action) => Ok(Update::Function(
            function::apply(cloud, &step.name, action, observed).await?,
        )),
        Action::IpSet(action) => {
            let seen = ip_set::apply(cloud, inventory, part, action, observed).await?;
            Ok(Update::IpSet(part.clone(), seen))
        }
        Action::WebAcl(action) => Ok(Update::WebAcl(
            web_acl::apply(cloud, inventory, action, observed).await?,
        )),
        Action::Logging(action) => Ok(Update::Logging(logging::apply(cloud, action).await?)),
        Action::Distribution(action) => distribution::apply(cloud, action, observed).await,
    }
}

/// "Not found" as an answer.
fn found<T>(answer: Result<T, CloudError>) -> Result<Option<T>, CloudError> {
    match answer {
        Ok(found) => Ok(Some(found)),
        Err(error) if error.kind == ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error),
    }
}

/// Tags that the lists have, if they name an owner: lists of tags may lag, so missing ones are not believed.
fn listed_tags(tags: Option<&Tags>) -> Option<Tags> {
    tags.filter(|tags| tags.contains_key(TAG_CLUSTER) && tags.contains_key(TAG_UID))
        .cloned()
}
