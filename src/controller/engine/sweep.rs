//! Finishes what deletions leave: functions whose replicas have vanished, then their roles. And counts it.

pub(super) mod counted;
mod shared;

use super::Engine;
use super::failures::whole;
use crate::aws::cloud::{CloudError, pages};
use crate::aws::errors::ErrorKind;
use crate::aws::readings::inventory::MaxAge;
use crate::aws::readings::region_tags::Rows;
use crate::domain::kernel::failure::Failure;
use crate::domain::kernel::identity::{Owner, Tags, owner_of};
use crate::domain::kernel::observing::Seen;
use crate::domain::kernel::planning::Kind;
use crate::domain::perimeter::observed::Observed;
use crate::domain::perimeter::sweep::{Condemned, condemned, may_sweep, orphans};
use crate::domain::perimeter::unowned::{Alive, Unowned, unowned, with_unread};
use crate::domain::signer::function::EDGE_REGION;
use jiff::Timestamp;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Duration;
use tracing::{info, warn};

/// Orphans and condemned resources, by kind.
#[derive(Debug, Clone, Default)]
pub struct Leftovers {
    /// Resources whose owner is gone, and which nobody condemned or retained.
    pub orphans: BTreeMap<Kind, usize>,
    /// Resources that wait until AWS lets them be deleted.
    pub condemned: BTreeMap<Kind, usize>,
    /// Whether what no object owns is another than at the last count.
    pub is_news: bool,
    /// Regions that could not be read: what is left there is not counted.
    pub unread: BTreeSet<String>,
}

/// Tags of what serves mutual TLS, by ARN, in the Regions in which objects have some, or had.
#[derive(Debug, Default)]
pub(super) struct Regional {
    pub rows: BTreeMap<String, Tags>,
    /// Regions that could not be read, and why. Those that may not be read are none of them.
    pub unread: BTreeMap<String, CloudError>,
}

impl Leftovers {
    /// Adds what is left in another account.
    pub fn add(&mut self, other: &Self) {
        let sum = |into: &mut BTreeMap<Kind, usize>, counts: &BTreeMap<Kind, usize>| {
            for (kind, count) in counts {
                *into.entry(*kind).or_default() += count;
            }
        };
        sum(&mut self.orphans, &other.orphans);
        sum(&mut self.condemned, &other.condemned);
    }
}

/// What one round of sweeping came to.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Swept {
    /// Names of resources that are gone.
    pub deleted: Vec<String>,
    /// How many condemned resources still wait.
    pub left: usize,
    /// Those of them that wait for something else than Lambda's replicas.
    pub refused: Vec<Refused>,
}

/// A condemned resource that AWS did not let be deleted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refused {
    /// Its kind.
    pub kind: Kind,
    /// Its name.
    pub name: String,
    /// The object that it was of.
    pub owner: Option<Owner>,
    /// What AWS said, and what to do.
    pub why: Failure,
}

impl Engine {
    /// Tries every condemned resource of this cluster once.
    ///
    /// # Errors
    /// A list that could not be read whole; a single resource's failure is answered, and tried again next time.
    pub async fn sweep(&self, max_age: Duration) -> Result<Swept, CloudError> {
        let max_age = MaxAge {
            distributions: max_age.max(self.options.resync),
            others: max_age,
        };
        let condemned = self
            .inventory
            .observe(max_age, |listing| condemned(listing, &self.cluster))
            .await?;
        let mut swept = Swept::default();
        for resource in condemned {
            let (kind, name, owner, result) = match resource {
                Condemned::Function { name, owner } => {
                    // Its role is free as soon as it is gone.
                    let (kind, result) = match self.sweep_function(&name).await {
                        Ok(true) => (Kind::Role, self.sweep_role(&name).await),
                        other => (Kind::Function, other),
                    };
                    (kind, name, owner, result)
                }
                Condemned::Role { name, arn, owner } => {
                    // A list without the function may be stale or cut short: only Lambda's own word frees the role.
                    let result = match self.is_role_free(&name, &arn).await {
                        Ok(true) => self.sweep_role(&name).await,
                        other => other,
                    };
                    (Kind::Role, name, owner, result)
                }
            };
            match result {
                Ok(true) => {
                    info!(name, "swept");
                    swept.deleted.push(name);
                }
                Ok(false) => swept.left += 1,
                Err(error) => {
                    warn!(kind = kind.name(), name, %error, "not swept yet");
                    swept.left += 1;
                    let why = whole(&error);
                    swept.refused.push(Refused {
                        kind,
                        name,
                        owner,
                        why,
                    });
                }
            }
        }
        Ok(swept)
    }

    /// Whether no function uses the role any more; the one that did bears the same name.
    async fn is_role_free(&self, name: &str, arn: &str) -> Result<bool, CloudError> {
        match self
            .cloud
            .get_function(EDGE_REGION.to_owned(), name.to_owned())
            .await
        {
            Ok(function) => Ok(function.latest.settings.role != arn),
            Err(error) if error.kind == ErrorKind::NotFound => Ok(true),
            Err(error) => Err(error),
        }
    }

    /// Deletes a condemned function; false while Lambda keeps replicas of it.
    async fn sweep_function(&self, name: &str) -> Result<bool, CloudError> {
        let function = match self
            .cloud
            .get_function(EDGE_REGION.to_owned(), name.to_owned())
            .await
        {
            Ok(function) => function,
            Err(error) if error.kind == ErrorKind::NotFound => return Ok(true),
            Err(error) => return Err(error),
        };
        if !may_sweep(&function.tags, &self.cluster) {
            return Ok(false);
        }
        match self
            .cloud
            .delete_function(EDGE_REGION.to_owned(), name.to_owned(), None)
            .await
        {
            Ok(()) => Ok(true),
            Err(error) if error.kind == ErrorKind::NotYet => Ok(false),
            Err(error) => Err(error),
        }
    }

    /// Deletes a condemned role with its policies.
    async fn sweep_role(&self, name: &str) -> Result<bool, CloudError> {
        let role = match self.cloud.get_role(name.to_owned()).await {
            Ok(role) => role,
            Err(error) if error.kind == ErrorKind::NotFound => return Ok(true),
            Err(error) => return Err(error),
        };
        if !may_sweep(&role.tags, &self.cluster) {
            return Ok(false);
        }
        for policy in self.cloud.list_attached_role_policies(name.to_owned()).await? {
            self.cloud.detach_role_policy(name.to_owned(), policy).await?;
        }
        for policy in self.cloud.list_role_policies(name.to_owned()).await? {
            self.cloud.delete_role_policy(name.to_owned(), policy).await?;
        }
        self.cloud.delete_role(name.to_owned()).await?;
        if let Some(owner) = owner_of(&role.tags) {
            let gone = Observed {
                role: Seen::Absent,
                function: Seen::Absent,
                ..Observed::of(owner)
            };
            self.inventory.note(&gone);
        }
        Ok(true)
    }

    /// What is left of objects; of Regions that could not be read, what the last count had. `alive` tells which are there, and is asked once
    /// the lists are read: whatever they show of an object was made after that object.
    ///
    /// # Errors
    /// A list that could not be read whole.
    pub async fn leftovers(&self, alive: impl FnOnce() -> Alive) -> Result<Leftovers, CloudError> {
        let mut others = self.tagged_of_shield().await?;
        let regional = self.tagged_in_regions(self.max_age(false).others).await;
        others.extend(regional.rows);
        let (unowned, condemned) = self
            .inventory
            .observe(self.max_age(false), |listing| {
                let condemned = condemned(listing, &self.cluster);
                (unowned(listing, &others, &self.cluster, &alive()), condemned)
            })
            .await?;
        let unread: BTreeSet<String> = regional.unread.into_keys().collect();
        let unowned = with_unread(unowned, self.unowned.all().unwrap_or_default(), &unread);
        let orphans = orphans(&unowned);
        let is_news = self.unowned.note(unowned);
        let functions = condemned
            .iter()
            .filter(|found| matches!(found, Condemned::Function { .. }))
            .count();
        let roles = condemned.len() - functions;
        Ok(Leftovers {
            orphans,
            condemned: [(Kind::Function, functions), (Kind::Role, roles)].into(),
            is_news,
            unread,
        })
    }

    /// What no object owns, as it was counted last; `None` before.
    #[must_use]
    pub fn unowned(&self) -> Option<Vec<Unowned>> {
        self.unowned.all()
    }

    /// The same with the time since when this process counts each; `now` is the time.
    #[must_use]
    pub fn unowned_since(&self, now: Timestamp) -> Vec<(Unowned, Timestamp)> {
        self.unowned.with_ages(now)
    }

    /// Tags of what the lists do not have, by ARN: of what serves Shield Advanced, and mutual TLS.
    ///
    /// # Errors
    /// One of them could not be read, so that nobody knows what there is.
    pub(super) async fn tagged_besides(
        &self,
        max_age: Duration,
    ) -> Result<BTreeMap<String, Tags>, CloudError> {
        let mut others = self.tagged_of_shield().await?;
        let regional = self.tagged_in_regions(max_age).await;
        if let Some(error) = regional.unread.into_values().next() {
            return Err(error);
        }
        others.extend(regional.rows);
        Ok(others)
    }

    /// No pass needs these tags, and few objects have any.
    async fn tagged_of_shield(&self) -> Result<BTreeMap<String, Tags>, CloudError> {
        pages(
            |marker| self.cloud.list_tagged_of_shield(self.cluster.clone(), marker),
            |found| Some((found.arn, found.tags)),
        )
        .await
    }

    /// Tags of what serves mutual TLS. Each Region is read by itself, and left alone for a while where it does not answer: one holds up no other.
    async fn tagged_in_regions(&self, max_age: Duration) -> Regional {
        let mut all = Regional::default();
        for region in self.regions.of(&self.account) {
            let read = self.tagged_in_region(&region, max_age).await;
            let is_told = self.regions.note_answer(&self.account, &region, read.is_ok());
            match read {
                Ok(rows) => all
                    .rows
                    .extend(rows.iter().map(|(arn, tags)| (arn.clone(), tags.clone()))),
                Err(error) => {
                    if !is_told {
                        warn!(account = self.account, region, %error, "what is left in this Region cannot be read; the others are");
                    }
                    if error.kind != ErrorKind::Denied {
                        all.unread.insert(region, error);
                    }
                }
            }
        }
        all
    }

    /// The same in one Region, which is looked at no more once nothing of ours is there: the next object that has something adds it again.
    async fn tagged_in_region(&self, region: &str, max_age: Duration) -> Result<Arc<Rows>, CloudError> {
        let rows = self.inventory.region_tags(region, max_age).await?;
        let Some(caught_up) = self.inventory.caught_up().ok().filter(|_| rows.is_empty()) else {
            return Ok(rows);
        };
        // Of what a process before this one has made, a list may have told nothing yet.
        let rows = self.inventory.region_tags(region, max_age.min(caught_up)).await?;
        if rows.is_empty() {
            self.regions.remove(&self.account, region);
        }
        Ok(rows)
    }
}
