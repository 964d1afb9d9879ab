//! What of deleted objects is left in an account: its `AwsAccount` is kept for that.

use super::context::Context;
use super::others::{sees_all, shared_certificates};
use crate::api::{ACCOUNT_FINALIZER, AwsAccount};
use crate::aws::cloud::CloudError;
use crate::controller::accounts::Reached;
use crate::controller::engine::failures::whole;
use crate::domain::perimeter::sweep::condemned;
use crate::domain::status::account::{left_behind, not_seen_yet, regions_unread};
use crate::domain::status::orphans::regions;
use kube::ResourceExt as _;
use std::collections::BTreeMap;
use std::time::Duration;

/// What of deleted objects is left in an account to which nothing else leads, and when that is looked at again at the latest.
pub(super) async fn needed_for_leftovers(
    account: &AwsAccount,
    context: &Context,
) -> Option<(String, Duration)> {
    let id = account.status.as_ref()?.account_id.clone()?;
    let is_reached_otherwise = id == context.accounts.own().identity.account
        || context.watched.aws_accounts.all().iter().any(|other| {
            let other = other.0.as_ref().ok();
            other.is_some_and(|other| other.uid() != account.uid() && context.leads_to(other, &id))
        });
    if is_reached_otherwise {
        return None;
    }
    recall_regions(account, &id, context);
    match left_in(account, context).await {
        Ok(Left::Known {
            condemned,
            shared,
            unread,
        }) => left_behind(condemned, shared)
            .or_else(|| regions_unread(&unread))
            .map(|why| (why, Duration::MAX)),
        Ok(Left::Within(wait)) => Some((not_seen_yet(&id), wait)),
        Err(error) => {
            let why = format!(
                "whether anything of deleted ProtectedApis is left in AWS account {id} cannot be seen: {}. If you know that \
                 nothing is, remove the finalizer {ACCOUNT_FINALIZER}",
                whole(&error).message
            );
            Some((why, Duration::MAX))
        }
    }
}

/// Looks where something was left when that was counted last, whatever the Lease says.
pub(super) fn recall_regions(account: &AwsAccount, id: &str, context: &Context) {
    let told = account.status.iter().flat_map(|status| regions(&status.orphans));
    for region in told {
        context.accounts.regions().add(id, &region);
    }
}

/// Nobody looks any more into an account that is let go, and to which nothing else leads.
pub(super) fn forget_regions(account: &AwsAccount, context: &Context) {
    let status = account.status.as_ref();
    let id = status.and_then(|status| status.account_id.as_ref());
    if let Some(id) = id.filter(|id| context.accounts.with_id(id).is_none()) {
        context.accounts.regions().forget(id);
    }
}

/// How much is left of deleted objects.
enum Left {
    Known {
        /// Functions and roles.
        condemned: usize,
        /// Certificates that objects shared.
        shared: usize,
        /// Regions that could not be read, and why.
        unread: BTreeMap<String, String>,
    },
    /// What a process before this one condemned, lists may not show yet; they do after so long.
    Within(Duration),
}

async fn left_in(account: &AwsAccount, context: &Context) -> Result<Left, CloudError> {
    let Reached { engine, .. } = context.accounts.ask(account).await?;
    let caught_up = engine.inventory.caught_up();
    let mut max_age = engine.max_age(false);
    if let Ok(age) = caught_up {
        max_age.distributions = max_age.distributions.min(age);
        max_age.others = max_age.others.min(age);
    }
    let cluster = context.accounts.cluster();
    let look = |listing: &_| condemned(listing, cluster).len();
    let condemned = engine.inventory.observe(max_age, look).await?;
    // Whoever sees one namespace deletes none, and waits for none.
    let (shared, unread) = if sees_all(context) {
        let declared = || shared_certificates(&engine.account, context);
        engine.shared_awaited(max_age.others, declared).await
    } else {
        (0, BTreeMap::new())
    };
    let unread = unread.into_iter();
    let unread = unread
        .map(|(region, error)| (region, whole(&error).message))
        .collect();
    Ok(match caught_up {
        Err(wait) if condemned + shared == 0 => Left::Within(wait),
        _ => Left::Known {
            condemned,
            shared,
            unread,
        },
    })
}
