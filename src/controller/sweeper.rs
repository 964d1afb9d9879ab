//! Finishes what deletions leave: functions whose replicas have vanished, then their roles.

use super::context::Context;
use super::engine::Engine;
use super::metrics::Metrics;
use crate::aws::cloud::{CloudError, pages};
use crate::aws::errors::ErrorKind;
use crate::aws::inventory::MaxAge;
use crate::domain::observed::{Observed, Seen};
use crate::domain::plan::Kind;
use crate::domain::resources::function::EDGE_REGION;
use crate::domain::sweep::{Condemned, condemned, may_sweep, orphans};
use kube::{Resource as _, ResourceExt as _};
use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;
use tracing::{info, warn};

/// Soon after a deletion, the first try: a function that was never at the edge goes at once.
const SOON: Duration = Duration::from_secs(5);

/// Sweeps and counts for ever: each `--sweep` interval, and soon after each deletion.
pub async fn run(context: &Context) {
    loop {
        tokio::select! {
            () = tokio::time::sleep(context.settings.sweep) => {}
            () = context.sweep_soon.notified() => tokio::time::sleep(SOON.min(context.settings.sweep)).await,
        }
        let (mut all, mut errors) = (Leftovers::default(), Vec::new());
        for engine in context.accounts.well() {
            let swept = engine.sweep(context.settings.resync).await;
            let objects = context.objects.state();
            let alive = objects.iter().filter_map(|object| object.uid()).collect();
            let left = swept.and(engine.leftovers(&alive).await);
            match left {
                Ok(leftovers) => all.add(leftovers),
                Err(error) => errors.push(error),
            }
        }
        for error in &errors {
            warn!(%error, "sweeping failed; tried again next time");
        }
        if errors.is_empty() {
            all.count(&context.metrics);
        }
        let accounts = context.aws_accounts.all();
        // They may have waited for what was swept.
        let going = accounts
            .iter()
            .filter(|account| account.meta().deletion_timestamp.is_some());
        context.account_triggers.each(going);
    }
}

/// Orphans and condemned resources, by kind.
#[derive(Debug, Clone, Default)]
pub struct Leftovers {
    /// Resources whose owner is gone, and which nobody condemned or retained.
    pub orphans: BTreeMap<Kind, usize>,
    /// Resources that wait until AWS lets them be deleted.
    pub condemned: BTreeMap<Kind, usize>,
}

impl Leftovers {
    fn add(&mut self, other: Self) {
        let sum = |into: &mut BTreeMap<Kind, usize>, counts: BTreeMap<Kind, usize>| {
            for (kind, count) in counts {
                *into.entry(kind).or_default() += count;
            }
        };
        sum(&mut self.orphans, other.orphans);
        sum(&mut self.condemned, other.condemned);
    }

    fn count(&self, metrics: &Metrics) {
        let of = |counts: &BTreeMap<Kind, usize>, kind| counts.get(&kind).copied().unwrap_or_default();
        for kind in Kind::ALL {
            metrics.set_orphans(kind.name(), of(&self.orphans, kind));
        }
        for kind in [Kind::Function, Kind::Role] {
            metrics.set_condemned(kind.name(), of(&self.condemned, kind));
        }
    }
}

/// What one round of sweeping came to.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Swept {
    /// Names of resources that are gone.
    pub deleted: Vec<String>,
    /// How many condemned resources still wait.
    pub left: usize,
}

impl Engine {
    /// Tries every condemned resource of this cluster once.
    ///
    /// # Errors
    /// A list that could not be read whole; a single resource's failure is logged and tried again next time.
    pub async fn sweep(&self, max_age: Duration) -> Result<Swept, CloudError> {
        let max_age = MaxAge {
            distributions: max_age.max(self.options.resync),
            others: max_age,
        };
        let condemned = self
            .inventory
            .look(max_age, |listing| condemned(listing, &self.cluster))
            .await?;
        let mut swept = Swept::default();
        for resource in condemned {
            let (name, result) = match resource {
                Condemned::Function { name } => {
                    let result = self.sweep_function(&name).await;
                    // Its role is free as soon as it is gone.
                    let result = match result {
                        Ok(true) => self.sweep_role(&name).await,
                        other => other,
                    };
                    (name, result)
                }
                Condemned::Role { name, arn } => {
                    // A list without the function may be stale or cut short: only Lambda's own word frees the role.
                    let result = match self.is_role_free(&name, &arn).await {
                        Ok(true) => self.sweep_role(&name).await,
                        other => other,
                    };
                    (name, result)
                }
            };
            match result {
                Ok(true) => {
                    info!(name, "swept");
                    swept.deleted.push(name);
                }
                Ok(false) => swept.left += 1,
                Err(error) => {
                    warn!(name, %error, "not swept yet");
                    swept.left += 1;
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
        for policy in self.cloud.list_role_policies(name.to_owned()).await? {
            self.cloud.delete_role_policy(name.to_owned(), policy).await?;
        }
        self.cloud.delete_role(name.to_owned()).await?;
        if let Some(owner) = crate::domain::identity::owner_of(&role.tags) {
            let gone = Observed {
                role: Seen::Absent,
                function: Seen::Absent,
                ..Observed::of(owner)
            };
            self.inventory.note(&gone);
        }
        Ok(true)
    }

    /// What is left of objects; `alive` holds the UIDs of all that are there.
    ///
    /// # Errors
    /// A list that could not be read whole.
    pub async fn leftovers(&self, alive: &BTreeSet<String>) -> Result<Leftovers, CloudError> {
        // No pass needs these tags, and few objects have any.
        let of_shield = pages(
            |marker| self.cloud.list_tagged_of_shield(self.cluster.clone(), marker),
            |found| Some((found.arn, found.tags)),
        )
        .await?;
        let (orphans, condemned) = self
            .inventory
            .look(self.max_age(false), |listing| {
                let condemned = condemned(listing, &self.cluster);
                (orphans(listing, &of_shield, &self.cluster, alive), condemned)
            })
            .await?;
        let functions = condemned
            .iter()
            .filter(|found| matches!(found, Condemned::Function { .. }))
            .count();
        let roles = condemned.len() - functions;
        Ok(Leftovers {
            orphans,
            condemned: [(Kind::Function, functions), (Kind::Role, roles)].into(),
        })
    }
}
