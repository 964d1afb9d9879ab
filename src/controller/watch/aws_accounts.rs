//! The watch of `AwsAccount`s. An older installation lacks their CRD, or the right to watch them: then there are none.

use super::known::{Knowledge, Known, Writing};
use super::{Object, Objects, PAGE, Triggers, Unhurried, annotations_of_ours, hash};
use crate::api::AwsAccount;
use crate::controller::kubernetes::status::has_finalizer;
use futures::{Stream, StreamExt as _, TryStreamExt as _};
use kube::core::DeserializeGuard;
use kube::runtime::reflector::ObjectRef;
use kube::runtime::{PredicateConfig, WatchStreamExt as _, watcher};
use kube::{Api, Client, Resource as _, ResourceExt as _};
use std::future::ready;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::mpsc;
use tokio::time::sleep;
use tracing::{debug, warn};

/// How long nothing is asked after a refusal: neither a CRD nor a right comes within a second.
const REFUSED_PAUSE: Duration = Duration::from_mins(1);

/// An `AwsAccount`, or the metadata of a malformed one.
pub type Account = DeserializeGuard<AwsAccount>;

/// All `AwsAccount`s that are watched.
pub type AwsAccounts = Known<AwsAccount>;

/// Calls for passes over `AwsAccount`s.
#[derive(Debug, Clone)]
pub struct AccountTriggers(mpsc::UnboundedSender<ObjectRef<Account>>);

impl AccountTriggers {
    /// Triggers, and what they call for.
    #[must_use]
    pub fn new() -> (Self, mpsc::UnboundedReceiver<ObjectRef<Account>>) {
        let (sender, receiver) = mpsc::unbounded_channel();
        (Self(sender), receiver)
    }

    /// Calls for a pass over the one of this name.
    pub fn one(&self, name: &str) {
        // Nobody listens any more when the process ends.
        let _ = self.0.send(ObjectRef::new(name));
    }

    /// Calls for a pass over each of `accounts`.
    pub fn each<'a>(&self, accounts: impl IntoIterator<Item = &'a Arc<Account>>) {
        accounts
            .into_iter()
            .for_each(|account| self.one(&account.name_any()));
    }
}

/// Follows the `AwsAccount`s for ever, and calls for a pass over each that others changed, and over the objects that it
/// matters to.
pub async fn follow_accounts(
    client: Client,
    writing: Writing<AwsAccount>,
    triggers: AccountTriggers,
    objects: Objects,
    object_triggers: Triggers,
) {
    let Writing { writer, knowledge } = writing;
    let all = writer.as_reader();
    // Another one for the same AWS account may have waited for it, and objects learn that it is gone.
    let wake_after = |gone: &Account| {
        triggers.each(&all.state());
        object_triggers.each(&objects.state_filter(|object| is_for(gone, object)));
    };
    let api: Api<Account> = Api::all(client);
    let events = watcher(api, watcher::Config::default().page_size(PAGE));
    let events = events
        .modify(|account| account.meta_mut().managed_fields = None)
        .reflect(writer)
        .inspect(|event| match event {
            Ok(watcher::Event::InitDone) => {
                knowledge.send_replace(Knowledge::Listed);
            }
            // As it was before, perhaps, so that nothing of it matters below.
            Ok(watcher::Event::Delete(account)) => wake_after(account),
            _ => {}
        })
        .inspect_err(|error| {
            let is_known = *knowledge.borrow() != Knowledge::NotYet;
            if is_known {
                debug!(%error, "watching AwsAccounts failed");
            } else {
                warn!(%error, "watching AwsAccounts failed: is their CRD installed, and may we list and watch them? Objects \
                    without spec.accountName do without");
            }
            if !is_known && is_refused(error) {
                knowledge.send_replace(Knowledge::Unavailable);
            }
        });
    pausing_when_refused(events)
        .backoff(Unhurried::default())
        .touched_objects()
        .predicate_filter(
            |account: &Account| Some(matters(account)),
            PredicateConfig::default(),
        )
        .for_each(|account| {
            if let Ok(account) = account {
                triggers.one(&account.name_any());
                if account.meta().deletion_timestamp.is_some() && !has_finalizer::<AwsAccount>(account.meta())
                {
                    wake_after(&account);
                } else {
                    object_triggers.each(&objects.state_filter(|object| is_for(&account, object)));
                }
            }
            ready(())
        })
        .await;
}

/// `events`, of which a refusal to list is passed on only after a pause, and nothing is asked meanwhile. What may be listed and not
/// yet watched belongs to a CRD that is being installed: it is asked for again soon.
pub(super) fn pausing_when_refused<T>(
    events: impl Stream<Item = watcher::Result<T>>,
) -> impl Stream<Item = watcher::Result<T>> {
    events.then(async |event| {
        if matches!(&event, Err(error @ watcher::Error::InitialListFailed(_)) if is_refused(error)) {
            sleep(REFUSED_PAUSE).await;
        }
        event
    })
}

pub(super) fn is_refused(error: &watcher::Error) -> bool {
    let (watcher::Error::InitialListFailed(error) | watcher::Error::WatchStartFailed(error)) = error else {
        return false;
    };
    matches!(error, kube::Error::Api(status) if matches!(status.code, 403 | 404))
}

/// Whether `object` names the `AwsAccount` `name`.
#[must_use]
pub fn names(object: &Object, name: &str) -> bool {
    let readable = object.0.as_ref();
    readable.is_ok_and(|object| object.spec.account_name.as_deref() == Some(name))
}

/// Whether a change of `account` matters to `object`.
#[must_use]
pub fn is_for(account: &Account, object: &Object) -> bool {
    let is_own = account
        .0
        .as_ref()
        .is_ok_and(|account| account.spec.role_arn.is_none());
    let names_none = object
        .0
        .as_ref()
        .is_ok_and(|object| object.spec.account_name.is_none());
    names(object, &account.name_any()) || (is_own && names_none)
}

/// What of a change calls for a pass. Its status does not: we write that ourselves.
fn matters(account: &Account) -> u64 {
    let metadata = account.meta();
    hash(&(
        metadata.generation,
        metadata.deletion_timestamp.is_some(),
        has_finalizer::<AwsAccount>(metadata),
        annotations_of_ours(metadata),
    ))
}

#[cfg(test)]
mod tests {
    use super::*;
    use futures::stream;
    use kube::core::Status;
    use std::cell::Cell;
    use tokio::time::timeout;
    use watcher::Event;

    fn answered(code: u16) -> watcher::Error {
        let status = Status {
            code,
            ..Status::default()
        };
        watcher::Error::InitialListFailed(kube::Error::Api(status.boxed()))
    }

    /// How often a list that is always answered so is asked for in an hour.
    async fn lists_in_an_hour(code: u16) -> u32 {
        let lists = Cell::new(0);
        let attempt = || {
            lists.set(lists.get() + 1);
            stream::iter([Ok(Event::<()>::Init), Err(answered(code))])
        };
        let events = stream::repeat_with(attempt).flatten();
        let events = pausing_when_refused(events).backoff(Unhurried::default());
        let end = timeout(Duration::from_hours(1), events.for_each(|_| ready(()))).await;
        end.expect_err("it goes on for ever");
        lists.get()
    }

    #[tokio::test(start_paused = true)]
    async fn a_list_that_is_refused_is_asked_for_once_in_one_or_two_minutes() {
        for code in [403, 404] {
            let lists = lists_in_an_hour(code).await;
            assert!((30..=60).contains(&lists), "{code}: {lists}");
        }
    }

    #[tokio::test(start_paused = true)]
    async fn a_list_that_fails_is_asked_for_again_ever_later_up_to_a_minute() {
        // With its jitter the longest pause is between half a minute and a minute.
        let lists = lists_in_an_hour(500).await;
        assert!((60..=130).contains(&lists), "{lists}");
    }
}
