//! One file per AWS resource kind, named as in the rooms of `domain`: `observe` reads it in full, `apply` carries out one action,
//! which is one call but for what AWS can only do in several, and reads back what the call does not answer.

mod access;
mod access_policy;
mod alarm;
mod api_key;
pub mod as_deployed;
mod authorizer;
mod certificate;
mod client_certificate;
mod deployments;
mod distribution;
mod dns_records;
mod endpoint;
mod exported_authorizers;
mod function;
mod health_check;
mod ip_set;
mod logging;
mod origin_certificate;
mod origin_domain;
mod origin_records;
pub mod other_stages;
mod protection;
mod role;
mod truststore;
mod update;
mod web_acl;
mod working_copy;

pub use access::read_as_edited;
pub use access_policy::read_api;
pub use deployments::stages;
pub use update::Update;

use super::cloud::{Cloud, CloudError};
use super::readings::inventory::Inventory;
use crate::domain;
use crate::domain::kernel::planning::{Id, Kind};
use crate::domain::kernel::tagging::{TagCall, TagStep};
use crate::domain::perimeter::observed::Observed;
use crate::domain::perimeter::plan::{Action, Step};

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
        Kind::ApiKey => api_key::observe(cloud, observed).await,
        Kind::Authorizer => authorizer::observe(cloud, observed).await,
        Kind::Access => access::observe(cloud, &id.part, observed).await,
        Kind::HealthCheck => health_check::observe(cloud, id, observed).await,
        Kind::Protection => Ok(Update::Protection(protection::observe(cloud, observed).await?)),
        Kind::Alarm => Ok(Update::Alarm(alarm::observe(cloud, observed).await?)),
        Kind::Certificate => certificate::observe(cloud, id, observed).await,
        Kind::Records => dns_records::observe(cloud, &id.part).await,
        Kind::OriginCertificate => origin_certificate::observe(cloud, id, observed).await,
        Kind::OriginRecords => origin_records::observe(cloud, observed).await,
        Kind::Truststore => Ok(Update::Truststore(truststore::observe(cloud, observed).await?)),
        Kind::OriginDomain => origin_domain::observe(cloud, observed).await,
        Kind::ClientCertificate => client_certificate::observe(cloud, id, observed).await,
        Kind::Endpoint => endpoint::observe(cloud, observed).await,
    }
}

/// Carries out the action of `step`.
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
    if let Some(call) = write_tags(cloud, &step.action).await? {
        return Ok(Update::Tagged(step.id.clone(), call));
    }
    match &step.action {
        Action::Role(action) => Ok(Update::Role(
            role::apply(cloud, &step.name, action, observed).await?,
        )),
        Action::Function(action) => function::apply(cloud, &step.name, action, observed).await,
        Action::IpSet(action) => {
            let seen = ip_set::apply(cloud, inventory, part, action, observed).await?;
            Ok(Update::IpSet(part.clone(), seen))
        }
        Action::WebAcl(action) => Ok(Update::WebAcl(
            web_acl::apply(cloud, inventory, action, observed).await?,
        )),
        Action::Logging(action) => Ok(Update::Logging(logging::apply(cloud, action).await?)),
        Action::Distribution(action) => distribution::apply(cloud, action, observed).await,
        Action::ApiKey(action) => api_key::apply(cloud, action, observed).await,
        Action::Authorizer(action) => authorizer::apply(cloud, &step.name, action, observed).await,
        Action::Access(action) => access::apply(cloud, action, observed).await,
        Action::HealthCheck(action) => health_check::apply(cloud, action, observed).await,
        Action::Protection(action) => protection::apply(cloud, action, observed).await,
        Action::Alarm(action) => Ok(Update::Alarm(alarm::apply(cloud, action, observed).await?)),
        Action::Certificate(action) => certificate::apply(cloud, action, observed).await,
        Action::Records(action) | Action::OriginRecords(action) => dns_records::apply(cloud, action).await,
        Action::OriginCertificate(action) => origin_certificate::apply(cloud, action, observed).await,
        Action::Truststore(action) => Ok(Update::Truststore(truststore::apply(cloud, action).await?)),
        Action::OriginDomain(action) => origin_domain::apply(cloud, action, observed).await,
        Action::ClientCertificate(action) => client_certificate::apply(cloud, action, observed).await,
        Action::Endpoint(action) => endpoint::apply(cloud, action, observed).await,
    }
}

/// Makes the call of an action that only writes tags; `None` for every other action. A role's are its own affair.
async fn write_tags(cloud: &dyn Cloud, action: &Action) -> Result<Option<TagCall>, CloudError> {
    use domain::edge::{certificate, distribution};
    use domain::firewall::{ip_set, web_acl};
    use domain::mutual_tls::{client_certificate, origin_domain};
    use domain::signer::function;
    let parts = |call: &TagCall| (call.arn.clone(), call.step.clone());
    let call = match action {
        Action::Function(function::Action::Tag(call)) => {
            match parts(call) {
                (arn, TagStep::Set(tags)) => cloud.tag_function(arn, tags).await?,
                (arn, TagStep::Remove(keys)) => cloud.untag_function(arn, keys).await?,
            }
            call
        }
        Action::IpSet(ip_set::Action::Tag(call)) | Action::WebAcl(web_acl::Action::Tag(call)) => {
            match parts(call) {
                (arn, TagStep::Set(tags)) => cloud.tag_waf(arn, tags).await?,
                (arn, TagStep::Remove(keys)) => cloud.untag_waf(arn, keys).await?,
            }
            call
        }
        Action::Distribution(distribution::Action::Tag(call)) => {
            match parts(call) {
                (arn, TagStep::Set(tags)) => cloud.tag_distribution(arn, tags).await?,
                (arn, TagStep::Remove(keys)) => cloud.untag_distribution(arn, keys).await?,
            }
            call
        }
        Action::OriginDomain(origin_domain::Action::Tag(call)) => {
            match parts(call) {
                (arn, TagStep::Set(tags)) => cloud.tag_domain_name(arn, tags).await?,
                (arn, TagStep::Remove(keys)) => cloud.untag_domain_name(arn, keys).await?,
            }
            call
        }
        Action::Certificate(certificate::Action::Tag(call))
        | Action::OriginCertificate(certificate::Action::Tag(call))
        | Action::ClientCertificate(client_certificate::Action::Tag(call)) => {
            match parts(call) {
                (arn, TagStep::Set(tags)) => cloud.tag_certificate(arn, tags).await?,
                (arn, TagStep::Remove(keys)) => cloud.untag_certificate(arn, keys).await?,
            }
            call
        }
        _ => return Ok(None),
    };
    Ok(Some(call.clone()))
}
