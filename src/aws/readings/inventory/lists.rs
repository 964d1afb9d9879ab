//! The lists themselves: which there are, and what of each is kept.

use super::Inventory;
use crate::aws::cloud::{Cloud, CloudError, pages};
use crate::aws::layers::patient::Patient;
use crate::domain::edge::distribution;
use crate::domain::firewall::logging;
use crate::domain::firewall::web_acl::Entity;
use crate::domain::kernel::identity::{IAM_PATH, NAME_START, Tags};
use crate::domain::kernel::packed::Packed;
use crate::domain::kernel::planning::Kind;
use crate::domain::perimeter::listing::Listing;
use crate::domain::signer::{function, role};
use serde_json::Value;
use std::collections::BTreeMap;
use std::sync::atomic::{AtomicUsize, Ordering};

/// One of the account's lists.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
#[allow(missing_docs)]
pub enum List {
    Distributions,
    WebAcls,
    IpSets,
    Roles,
    Functions,
    Logging,
    Tags,
}

impl List {
    /// All lists.
    pub const ALL: [Self; 7] = [
        Self::Distributions,
        Self::WebAcls,
        Self::IpSets,
        Self::Roles,
        Self::Functions,
        Self::Logging,
        Self::Tags,
    ];

    /// The kind of resource that it shows; `None` where it says something of several.
    #[must_use]
    pub fn kind(self) -> Option<Kind> {
        match self {
            Self::Distributions => Some(Kind::Distribution),
            Self::WebAcls => Some(Kind::WebAcl),
            Self::IpSets => Some(Kind::IpSet),
            Self::Roles => Some(Kind::Role),
            Self::Functions => Some(Kind::Function),
            Self::Logging => Some(Kind::Logging),
            Self::Tags => None,
        }
    }
}

/// What one list has answered, whole.
pub(super) enum Part {
    Distributions(Distributions),
    WebAcls(BTreeMap<String, Entity>, usize),
    IpSets(BTreeMap<String, Entity>),
    Roles(BTreeMap<String, Packed<role::Observed>>),
    Functions(BTreeMap<String, Packed<function::Configuration>>),
    Logging(BTreeMap<String, Packed<logging::Observed>>),
    Tags(BTreeMap<String, Packed<Tags>>),
}

impl Part {
    /// Puts it in the place of what was listed before.
    pub fn put_into(self, listing: &mut Listing) {
        match self {
            Self::Distributions(rows) => listing.distributions = rows,
            Self::WebAcls(rows, foreign) => {
                (listing.web_acls, listing.foreign_web_acls) = (rows, foreign);
            }
            Self::IpSets(rows) => listing.ip_sets = rows,
            Self::Roles(rows) => listing.roles = rows,
            Self::Functions(rows) => listing.functions = rows,
            Self::Logging(rows) => listing.logging = rows,
            Self::Tags(rows) => listing.tags = rows,
        }
    }
}

impl Inventory {
    /// Reads `list` whole.
    pub(super) async fn read(&self, list: List) -> Result<Part, CloudError> {
        let cloud: &dyn Cloud = &Patient(self.cloud.as_ref());
        Ok(match list {
            List::Distributions => Part::Distributions(list_distributions(cloud).await?),
            List::WebAcls => {
                let (rows, foreign) = list_web_acls(cloud).await?;
                Part::WebAcls(rows, foreign)
            }
            List::IpSets => Part::IpSets(list_ip_sets(cloud).await?),
            List::Roles => {
                Part::Roles(pages(|marker| cloud.list_roles(marker), |role| role_row(&role)).await?)
            }
            List::Functions => Part::Functions(
                pages(
                    |marker| cloud.list_functions(marker),
                    |function| function_row(&function),
                )
                .await?,
            ),
            List::Logging => {
                Part::Logging(pages(|marker| cloud.list_logging_configurations(marker), logging_row).await?)
            }
            List::Tags => {
                let mut rows = BTreeMap::new();
                for cluster in self.clusters() {
                    let found: BTreeMap<_, _> = pages(
                        |marker| cloud.list_tagged(cluster.clone(), marker),
                        |tagged| Some((tagged.arn, Packed::new(&tagged.tags))),
                    )
                    .await?;
                    rows.extend(found);
                }
                Part::Tags(rows)
            }
        })
    }
}

async fn list_distributions(cloud: &dyn Cloud) -> Result<Distributions, CloudError> {
    let row = |row: distribution::Listed| Some((row.id.clone(), row));
    pages(|marker| cloud.list_distributions(marker), row).await
}

/// Those that are named as ours are, and how many others there are.
pub(super) async fn list_web_acls(
    cloud: &dyn Cloud,
) -> Result<(BTreeMap<String, Entity>, usize), CloudError> {
    let foreign = AtomicUsize::new(0);
    let row = |entity: Entity| {
        let row = entity_row(entity);
        foreign.fetch_add(usize::from(row.is_none()), Ordering::Relaxed);
        row
    };
    let named = pages(|marker| cloud.list_web_acls(marker), row).await?;
    Ok((named, foreign.into_inner()))
}

pub(super) async fn list_ip_sets(cloud: &dyn Cloud) -> Result<BTreeMap<String, Entity>, CloudError> {
    pages(|marker| cloud.list_ip_sets(marker), entity_row).await
}

/// By id.
type Distributions = BTreeMap<String, distribution::Listed>;

/// What others call otherwise is many, and none of it can be ours.
fn entity_row(entity: Entity) -> Option<(String, Entity)> {
    let is_named_so = entity.name.starts_with(NAME_START);
    is_named_so.then(|| (entity.name.clone(), entity))
}

fn role_row(role: &role::Observed) -> Option<(String, Packed<role::Observed>)> {
    (role.path == IAM_PATH).then(|| (role.name.clone(), Packed::new(role)))
}

fn function_row(function: &function::Configuration) -> Option<(String, Packed<function::Configuration>)> {
    let is_named_so = function.name.starts_with(NAME_START);
    is_named_so.then(|| (function.name.clone(), Packed::new(function)))
}

fn logging_row(document: Value) -> Option<(String, Packed<logging::Observed>)> {
    // Security Lake has a configuration of its own beside that of the account.
    if document["LogScope"]
        .as_str()
        .is_some_and(|scope| scope != "CUSTOMER")
    {
        return None;
    }
    let arn = document["ResourceArn"].as_str()?.to_owned();
    let (_, name) = arn.rsplit_once("/webacl/")?;
    let is_named_so = name.starts_with(NAME_START);
    is_named_so.then(|| (arn, Packed::new(&logging::Observed { document })))
}
