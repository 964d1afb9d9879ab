//! Finishes what deletions leave: functions whose replicas have vanished, then their roles.

use super::context::Context;
use crate::aws::cloud::{CloudError, pages};
use crate::aws::errors::ErrorKind;
use crate::aws::readings::inventory::MaxAge;
use crate::controller::engine::Engine;
use crate::controller::process::metrics::{CONDEMNED, Metrics};
use crate::domain::kernel::observing::Seen;
use crate::domain::kernel::planning::Kind;
use crate::domain::perimeter::observed::Observed;
use crate::domain::perimeter::sweep::{Condemned, condemned, may_sweep, orphans};
use crate::domain::signer::function::EDGE_REGION;
use jiff::Timestamp;
use kube::{Resource as _, ResourceExt as _};
use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;
use tracing::{info, warn};

/// Soon after a deletion, the first try: a function that was never at the edge goes at once.
const SOON: Duration = Duration::from_secs(5);

/// Sweeps and counts for ever: each `--sweep` interval, and soon after each deletion. From the start on it only counts, until
/// each account was counted once, ever more seldom where one cannot be.
pub async fn run(context: &Context) {
    let sweep = context.settings.sweep;
    let soon = SOON.min(sweep);
    let (mut counted, mut next_count) = (Counted::default(), Some(soon));
    loop {
        let is_due = tokio::select! {
            () = tokio::time::sleep(next_count.unwrap_or(sweep)) => next_count.is_none(),
            () = context.sweep_soon.notified() => {
                tokio::time::sleep(soon).await;
                true
            }
        };
        let engines = context.accounts.all();
        counted.keep(|account| engines.iter().any(|engine| engine.account == account));
        let well = context.accounts.well();
        let mut is_whole = well.len() == engines.len();
        for engine in well {
            if is_due && let Err(error) = engine.sweep(context.settings.resync).await {
                warn!(account = engine.account, %error, "sweeping failed; tried again next time");
            }
            let objects = context.objects.state();
            let alive = objects.iter().filter_map(|object| object.uid()).collect();
            match engine.leftovers(&alive).await {
                Ok(leftovers) => counted.set(&engine.account, leftovers),
                Err(error) => {
                    is_whole = false;
                    warn!(account = engine.account, %error, "what is left could not be counted; tried again next time");
                }
            }
        }
        counted.sum().count(&context.metrics);
        is_whole &= context.are_all_known();
        next_count = next_count
            .map(|pause| pause.saturating_mul(2))
            .filter(|pause| !is_whole && *pause < sweep);
        if is_whole {
            context
                .metrics
                .counted_leftovers(Timestamp::now().as_duration().as_secs_f64());
        }
        let accounts = context.aws_accounts.all();
        // They may have waited for what was swept.
        let going = accounts
            .iter()
            .filter(|account| account.meta().deletion_timestamp.is_some());
        context.account_triggers.each(going);
    }
}

/// What is left in each account, as it was when it could be counted last: one that cannot be counted now holds back no other.
#[derive(Debug, Default)]
struct Counted(BTreeMap<String, Leftovers>);

impl Counted {
    fn set(&mut self, account: &str, leftovers: Leftovers) {
        self.0.insert(account.to_owned(), leftovers);
    }

    fn keep(&mut self, is_reached: impl Fn(&str) -> bool) {
        self.0.retain(|account, _| is_reached(account));
    }

    fn sum(&self) -> Leftovers {
        let mut all = Leftovers::default();
        for leftovers in self.0.values() {
            all.add(leftovers);
        }
        all
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
    fn add(&mut self, other: &Self) {
        let sum = |into: &mut BTreeMap<Kind, usize>, counts: &BTreeMap<Kind, usize>| {
            for (kind, count) in counts {
                *into.entry(*kind).or_default() += count;
            }
        };
        sum(&mut self.orphans, &other.orphans);
        sum(&mut self.condemned, &other.condemned);
    }

    fn count(&self, metrics: &Metrics) {
        let of = |counts: &BTreeMap<Kind, usize>, kind| counts.get(&kind).copied().unwrap_or_default();
        for kind in Kind::ALL {
            metrics.set_orphans(kind.name(), of(&self.orphans, kind));
        }
        for kind in CONDEMNED {
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
            .observe(max_age, |listing| condemned(listing, &self.cluster))
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
        for policy in self.cloud.list_attached_role_policies(name.to_owned()).await? {
            self.cloud.detach_role_policy(name.to_owned(), policy).await?;
        }
        for policy in self.cloud.list_role_policies(name.to_owned()).await? {
            self.cloud.delete_role_policy(name.to_owned(), policy).await?;
        }
        self.cloud.delete_role(name.to_owned()).await?;
        if let Some(owner) = crate::domain::kernel::identity::owner_of(&role.tags) {
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
            .observe(self.max_age(false), |listing| {
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

#[cfg(test)]
mod tests {
    use super::*;

    fn condemned(roles: usize) -> Leftovers {
        Leftovers {
            condemned: [(Kind::Role, roles)].into(),
            ..Leftovers::default()
        }
    }

    #[test]
    fn an_account_that_cannot_be_counted_keeps_its_last_count_and_holds_back_no_other() {
        let metrics = Metrics::new();
        let shown = |counted: &Counted| {
            counted.sum().count(&metrics);
            metrics.render(std::iter::empty(), std::iter::empty())
        };
        let mut counted = Counted::default();
        counted.set("111122223333", condemned(2));
        counted.set("444455556666", condemned(3));
        assert!(shown(&counted).contains("palisade_condemned{kind=\"role\"} 5"));
        // The second account's lists fail from here on.
        counted.set("111122223333", condemned(0));
        assert!(shown(&counted).contains("palisade_condemned{kind=\"role\"} 3"));
        counted.keep(|account| account != "444455556666");
        assert!(shown(&counted).contains("palisade_condemned{kind=\"role\"} 0"));
    }
}
