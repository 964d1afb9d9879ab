//! One file per AWS resource kind, named as in the rooms of `domain`: `observe` reads it in full, `apply` makes one call.

mod access;
mod access_policy;
mod alarm;
mod api_key;
pub mod as_deployed;
mod authorizer;
mod certificate;
mod deployments;
mod distribution;
mod dns_records;
mod function;
mod health_check;
mod ip_set;
mod logging;
pub mod other_stages;
mod protection;
mod role;
mod web_acl;

pub use access::read_as_edited;
pub use deployments::stages;

use super::cloud::{Cloud, CloudError};
use super::errors::ErrorKind;
use super::readings::inventory::Inventory;
use crate::domain;
use crate::domain::access::as_deployed::Deployed;
use crate::domain::access::cause::Why;
use crate::domain::kernel::identity::{TAG_CLUSTER, TAG_UID, Tags};
use crate::domain::kernel::observing::{Never, Seen};
use crate::domain::kernel::planning::{Id, Kind};
use crate::domain::perimeter::observed::Observed;
use crate::domain::perimeter::plan::{Action, Step};

/// What a read or a call teaches about one resource.
#[derive(Debug, Clone, PartialEq)]
#[allow(missing_docs)]
pub enum Update {
    Role(Seen<domain::signer::role::Observed, domain::signer::role::Observed>),
    Function(Seen<domain::signer::function::Listed, domain::signer::function::Observed>),
    IpSet(
        String,
        Seen<domain::firewall::ip_set::Listed, domain::firewall::ip_set::Observed>,
    ),
    WebAcl(Seen<domain::firewall::web_acl::Listed, domain::firewall::web_acl::Observed>),
    Logging(Seen<domain::firewall::logging::Observed, domain::firewall::logging::Observed>),
    Distribution(Seen<domain::edge::distribution::Row, domain::edge::distribution::Observed>),
    ApiKey(Seen<Never, domain::access::api_key::Observed>),
    Authorizer(Seen<Never, domain::access::authorizer::Observed>),
    Access(Seen<Never, domain::access::authorization::Observed>),
    /// Our own health check.
    OwnCheck(Seen<domain::shield::health_check::Content, domain::shield::health_check::Observed>),
    /// The health check that the spec names.
    NamedCheck(Seen<domain::shield::health_check::Content, domain::shield::health_check::Observed>),
    /// The caller reference belongs to a deleted health check: take the next one.
    NextCheckReference,
    Protection(Seen<domain::shield::protection::Content, domain::shield::protection::Observed>),
    /// Like `Protection`, after its automatic response was switched: Shield changes the web ACL.
    Switched(Seen<domain::shield::protection::Content, domain::shield::protection::Observed>),
    Alarm(Seen<domain::shield::alarm::Content, domain::shield::alarm::Observed>),
    /// A certificate, by its ARN.
    Certificate(
        String,
        Seen<domain::edge::certificate::Listed, domain::edge::certificate::Observed>,
    ),
    /// ACM still sees this certificate in use: let it be for now.
    CertificateStays(String),
    /// The request was answered with a certificate that is deleted: make another.
    NextCertificateRequest,
    /// A hosted zone, by its id.
    Zone(String, domain::edge::names::ZoneSeen),
    /// What leads viewers to the stage, with the hosted zones as they were read anew; `None` of one that could not be read.
    WaysIn(
        domain::access::ways_in::WaysIn,
        Vec<(String, Option<domain::edge::names::ZoneSeen>)>,
    ),
    /// A batch of changes was made to the records of a hosted zone.
    Records(String, Vec<domain::edge::hosted_zone::RecordChange>),
    /// An alias was moved to the distribution.
    AliasMoved(
        String,
        Seen<domain::edge::distribution::Row, domain::edge::distribution::Observed>,
    ),
    /// What was to be read is gone from sight.
    Nothing,
    /// A door of the API asks for something else now; why, where that is how it was before.
    Door(domain::access::authorization::Door, Option<Why>),
    /// The API's resource policy is another now, as edited.
    Policy(serde_json::Value),
    /// The caller reference belongs to a deleted distribution: take the next one.
    NextReference,
    /// Tags of function, IP set, web ACL or distribution were written.
    Tagged(Id, TagChange),
    /// Lambda still needs this published version of the function: let it be for now.
    VersionStays(String),
}

/// Tags that were written.
#[derive(Debug, Clone, PartialEq, Default)]
#[allow(missing_docs)]
pub struct TagChange {
    pub arn: String,
    pub set: Tags,
    pub unset: Vec<String>,
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
            Self::ApiKey(seen) => observed.api_key = seen,
            Self::Authorizer(seen) => observed.authorizer = seen,
            Self::Access(seen) => observed.access = seen,
            Self::OwnCheck(seen) => observed.shield.own_check = seen,
            Self::NamedCheck(seen) => observed.shield.named_check = seen,
            Self::NextCheckReference => observed.shield.reference += 1,
            Self::Protection(seen) => observed.shield.protection = seen,
            Self::Switched(seen) => {
                observed.shield.protection = seen;
                observed.shield.switched = true;
                overtaken(observed);
            }
            Self::Alarm(seen) => observed.shield.alarm = seen,
            Self::Certificate(arn, seen) => {
                observed.names.certificates.insert(arn, seen);
            }
            Self::CertificateStays(arn) => {
                if let Some(Seen::Present(found)) = observed.names.certificates.get_mut(&arn) {
                    found.content.is_in_use = true;
                }
            }
            Self::NextCertificateRequest => observed.names.attempt += 1,
            Self::Zone(zone, seen) => {
                observed.names.reread.insert(zone.clone());
                observed.names.zones.insert(zone, seen);
            }
            Self::WaysIn(ways_in, zones) => {
                if let Seen::Present(found) = &mut observed.access {
                    found.ways_in = Some(ways_in);
                }
                for (zone, seen) in zones {
                    observed.names.read_anew(zone, seen);
                }
            }
            Self::Records(zone, changes) => observed.names.wrote(&zone, &changes),
            Self::AliasMoved(alias, seen) => {
                observed.names.holders.remove(&alias);
                observed.distribution = seen;
            }
            Self::Nothing => {}
            Self::Door(door, put_back) => changed(observed, &door, put_back),
            Self::Policy(policy) => {
                if let Seen::Present(found) = &mut observed.access {
                    found.policies.edited = policy;
                }
            }
            Self::NextReference => observed.reference += 1,
            Self::Tagged(id, change) => tagged(observed, &id, change),
            Self::VersionStays(version) => {
                if let Seen::Present(function) = &mut observed.function {
                    function.versions.retain(|known| known.version != version);
                }
            }
        }
    }

    /// Whether AWS did what was asked.
    #[must_use]
    pub fn is_done(&self) -> bool {
        !matches!(
            self,
            Self::NextReference
                | Self::NextCheckReference
                | Self::NextCertificateRequest
                | Self::CertificateStays(_)
                | Self::VersionStays(_)
        )
    }
}

/// What was read of the web ACL is older than Shield's change of it: only its row counts from now on.
fn overtaken(observed: &mut Observed) {
    if let Seen::Present(acl) = &observed.web_acl {
        observed.web_acl = Seen::Listed(Some(domain::firewall::web_acl::Listed {
            entity: acl.content.entity.clone(),
            tags: Some(acl.tags.clone()),
        }));
    }
}

/// Takes in a door that was changed; several of them are changed side by side.
fn changed(observed: &mut Observed, door: &domain::access::authorization::Door, put_back: Option<Why>) {
    if let Seen::Present(found) = &mut observed.access {
        found.put_back = put_back.or(found.put_back.take());
        if found.stage.auto_deploy && !matches!(found.deployed, Deployed::Outdated(_)) {
            // It is deployed without us, and a little later.
            found.deployed = Deployed::Outdated(found.stage.deployment.clone());
        }
        found
            .doors
            .iter_mut()
            .filter(|known| known.id == door.id && known.key == door.key)
            .for_each(|known| {
                known.authorization.clone_from(&door.authorization);
            });
    }
}

/// The list of tags lags behind: what was written is remembered.
fn tagged(observed: &mut Observed, id: &Id, change: TagChange) {
    let tags = match id.kind {
        Kind::Function => change_tags(
            &mut observed.function,
            |row| &mut row.tags,
            |found| &mut found.tags,
            &change,
        ),
        Kind::IpSet => observed.ip_sets.get_mut(&id.part).map_or_else(Tags::new, |seen| {
            change_tags(seen, |row| &mut row.tags, |found| &mut found.tags, &change)
        }),
        Kind::WebAcl => change_tags(
            &mut observed.web_acl,
            |row| &mut row.tags,
            |found| &mut found.tags,
            &change,
        ),
        Kind::Distribution => change_tags(
            &mut observed.distribution,
            |row| &mut row.tags,
            |found| &mut found.tags,
            &change,
        ),
        Kind::Certificate => {
            let certificates = &mut observed.names.certificates;
            certificates.get_mut(&change.arn).map_or_else(Tags::new, |seen| {
                change_tags(seen, |row| &mut row.tags, |found| &mut found.tags, &change)
            })
        }
        // A role's tags are part of its row; logging and records have none; those of what lets the perimeter in, and of
        // Shield's kinds, are in no list.
        Kind::Role
        | Kind::Logging
        | Kind::ApiKey
        | Kind::Authorizer
        | Kind::Access
        | Kind::HealthCheck
        | Kind::Protection
        | Kind::Alarm
        | Kind::Records => return,
    };
    observed.tagged.insert(change.arn, tags);
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
        Kind::ApiKey => api_key::observe(cloud, observed).await,
        Kind::Authorizer => authorizer::observe(cloud, observed).await,
        Kind::Access => access::observe(cloud, &id.part, observed).await,
        Kind::HealthCheck => health_check::observe(cloud, id, observed).await,
        Kind::Protection => Ok(Update::Protection(protection::observe(cloud, observed).await?)),
        Kind::Alarm => Ok(Update::Alarm(alarm::observe(cloud, observed).await?)),
        Kind::Certificate => certificate::observe(cloud, id, observed).await,
        Kind::Records => dns_records::observe(cloud, id).await,
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
    if let Some(change) = write_tags(cloud, &step.action).await? {
        return Ok(Update::Tagged(step.id.clone(), change));
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
        Action::Access(action) => {
            let update = access::apply(cloud, action, observed).await?;
            Ok(update)
        }
        Action::HealthCheck(action) => health_check::apply(cloud, action, observed).await,
        Action::Protection(action) => protection::apply(cloud, action, observed).await,
        Action::Alarm(action) => Ok(Update::Alarm(alarm::apply(cloud, action, observed).await?)),
        Action::Certificate(action) => certificate::apply(cloud, action, observed).await,
        Action::Records(action) => dns_records::apply(cloud, action).await,
    }
}

/// Makes the call of an action that only writes tags; `None` for every other action. A role's are its own affair.
async fn write_tags(cloud: &dyn Cloud, action: &Action) -> Result<Option<TagChange>, CloudError> {
    use domain::edge::{certificate, distribution};
    use domain::firewall::{ip_set, web_acl};
    use domain::signer::function;
    let change = |arn: &String, set: &Tags, unset: &[String]| TagChange {
        arn: arn.clone(),
        set: set.clone(),
        unset: unset.to_vec(),
    };
    let none = Tags::new();
    let change = match action {
        Action::Function(function::Action::Tag { arn, tags }) => {
            cloud.tag_function(arn.clone(), tags.clone()).await?;
            change(arn, tags, &[])
        }
        Action::Function(function::Action::Untag { arn, keys }) => {
            cloud.untag_function(arn.clone(), keys.clone()).await?;
            change(arn, &none, keys)
        }
        Action::IpSet(ip_set::Action::Tag { arn, tags })
        | Action::WebAcl(web_acl::Action::Tag { arn, tags }) => {
            cloud.tag_waf(arn.clone(), tags.clone()).await?;
            change(arn, tags, &[])
        }
        Action::IpSet(ip_set::Action::Untag { arn, keys })
        | Action::WebAcl(web_acl::Action::Untag { arn, keys }) => {
            cloud.untag_waf(arn.clone(), keys.clone()).await?;
            change(arn, &none, keys)
        }
        Action::Distribution(distribution::Action::Tag { arn, tags }) => {
            cloud.tag_distribution(arn.clone(), tags.clone()).await?;
            change(arn, tags, &[])
        }
        Action::Distribution(distribution::Action::Untag { arn, keys }) => {
            cloud.untag_distribution(arn.clone(), keys.clone()).await?;
            change(arn, &none, keys)
        }
        Action::Certificate(certificate::Action::Tag { arn, tags }) => {
            cloud.tag_certificate(arn.clone(), tags.clone()).await?;
            change(arn, tags, &[])
        }
        Action::Certificate(certificate::Action::Untag { arn, keys }) => {
            cloud.untag_certificate(arn.clone(), keys.clone()).await?;
            change(arn, &none, keys)
        }
        _ => return Ok(None),
    };
    Ok(Some(change))
}

/// "Not found" as an answer.
fn found<T>(answer: Result<T, CloudError>) -> Result<Option<T>, CloudError> {
    match answer {
        Ok(found) => Ok(Some(found)),
        Err(error) if error.kind == ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error),
    }
}

/// Changes the tags of a resource, whether it was read or only its row is known; answers them as they are now.
fn change_tags<L, T>(
    seen: &mut Seen<L, T>,
    row: fn(&mut L) -> &mut Option<Tags>,
    full: fn(&mut T) -> &mut Tags,
    change: &TagChange,
) -> Tags {
    let tags = match seen {
        Seen::Present(found) => full(found),
        Seen::Listed(Some(listed)) => row(listed).get_or_insert_default(),
        Seen::Listed(None) | Seen::Absent => return Tags::new(),
    };
    tags.extend(change.set.clone());
    tags.retain(|key, _| !change.unset.contains(key));
    tags.clone()
}

/// Tags that the lists have, if they name an owner: lists of tags may lag, so missing ones are not believed.
fn listed_tags(tags: Option<&Tags>) -> Option<Tags> {
    tags.filter(|tags| tags.contains_key(TAG_CLUSTER) && tags.contains_key(TAG_UID))
        .cloned()
}
