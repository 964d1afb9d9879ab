//! When what deletions leave is finished and counted, in one account after the other.

use super::context::Context;
use super::others::{shared_certificates, uids_of};
use crate::controller::engine::sweep::{Leftovers, Refused};
use crate::controller::events::of_sweep;
use crate::controller::process::metrics::{CONDEMNED, Metrics};
use crate::domain::kernel::planning::Kind;
use crate::domain::perimeter::unowned::Alive;
use jiff::Timestamp;
use kube::Resource as _;
use std::collections::BTreeMap;
use std::time::Duration;
use tracing::warn;

/// Soon after a deletion, the first try: a function that was never at the edge goes at once.
const SOON: Duration = Duration::from_secs(5);

/// Sweeps and counts for ever: each `--sweep` interval, and soon after each deletion. From the start on it only counts, until
/// each account was counted once, ever more seldom where one cannot be.
pub async fn run(context: &Context) {
    let sweep = context.settings.sweep;
    let soon = SOON.min(sweep);
    let (mut counted, mut next_count) = (Counted::default(), Some(soon));
    // What was refused at the last try, by account.
    let mut refused = BTreeMap::<String, Vec<Refused>>::new();
    loop {
        let is_due = tokio::select! {
            () = tokio::time::sleep(next_count.unwrap_or(sweep)) => next_count.is_none(),
            () = context.sweep_soon.notified() => {
                tokio::time::sleep(soon).await;
                true
            }
        };
        let engines = context.accounts.all();
        let is_reached = |account: &str| engines.iter().any(|engine| engine.account == account);
        counted.keep(is_reached);
        refused.retain(|account, _| is_reached(account));
        let well = context.accounts.well();
        let (mut is_whole, mut is_news) = (well.len() == engines.len(), false);
        let mut are_regions_read = true;
        for engine in well {
            if is_due {
                match engine.sweep(context.settings.resync).await {
                    Ok(swept) => {
                        tell(&swept.refused, context).await;
                        refused.insert(engine.account.clone(), swept.refused);
                    }
                    Err(error) => {
                        warn!(account = engine.account, %error, "sweeping failed; tried again next time");
                    }
                }
                // Of objects of other namespaces it is not known what they share.
                let is_known = context.settings.namespace.is_none() && context.are_all_known();
                let declared = || shared_certificates(&engine.account, context).filter(|_| is_known);
                if let Err(error) = engine.sweep_shared(declared).await {
                    warn!(account = engine.account, %error, "shared certificates could not be swept; tried again next time");
                }
            }
            match engine.leftovers(|| alive(&engine.account, context)).await {
                Ok(leftovers) => {
                    is_news |= leftovers.is_news;
                    are_regions_read &= leftovers.unread.is_empty();
                    counted.set(&engine.account, leftovers);
                }
                Err(error) => {
                    is_whole = false;
                    warn!(account = engine.account, %error, "what is left could not be counted; tried again next time");
                }
            }
        }
        show(&counted.sum(), &context.metrics);
        let why = refused.values().flatten();
        let why = why.map(|refused| (refused.kind.name(), refused.why.reason.as_str()));
        context.metrics.set_condemned_refused(why);
        is_whole &= context.are_all_known();
        next_count = next_count
            .map(|pause| pause.saturating_mul(2))
            .filter(|pause| !(is_whole && are_regions_read) && *pause < sweep);
        if is_whole {
            context
                .metrics
                .counted_leftovers(Timestamp::now().as_duration().as_secs_f64());
        }
        let accounts = context.watched.aws_accounts.all();
        // They may have waited for what was swept, or tell what no object owns.
        let concerned = accounts
            .iter()
            .filter(|account| is_news || account.meta().deletion_timestamp.is_some());
        context.watched.account_triggers.each(concerned);
    }
}

/// The objects that are there now, and what they share in that account.
fn alive(account: &str, context: &Context) -> Alive {
    let objects = context.watched.objects.state();
    Alive {
        namespace: context.settings.namespace.clone(),
        uids: objects.iter().flat_map(|object| uids_of(object)).collect(),
        shared: shared_certificates(account, context),
    }
}

/// Tells what keeps resources of deleted objects.
async fn tell(refused: &[Refused], context: &Context) {
    for (about, note) in refused.iter().filter_map(of_sweep::note) {
        context.events.publish(&about, note).await;
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

/// Shows how much is left.
fn show(leftovers: &Leftovers, metrics: &Metrics) {
    let of = |counts: &BTreeMap<Kind, usize>, kind| counts.get(&kind).copied().unwrap_or_default();
    for kind in Kind::ALL {
        metrics.set_orphans(kind.name(), of(&leftovers.orphans, kind));
    }
    for kind in CONDEMNED {
        metrics.set_condemned(kind.name(), of(&leftovers.condemned, kind));
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
            show(&counted.sum(), &metrics);
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
