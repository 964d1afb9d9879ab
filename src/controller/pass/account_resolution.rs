//! In which account a pass over an object acts: the one that it names, or the one that its resources are in.

use super::context::Context;
use crate::api::{AccountQuotas, AwsAccount, ProtectedApi, ProtectedApiStatus};
use crate::aws::cloud::CloudError;
use crate::controller::accounts::{Known, Trouble};
use crate::controller::engine::Engine;
use crate::controller::engine::failures::whole;
use crate::controller::kubernetes::status::has_finalizer;
use crate::controller::watch::Object;
use crate::controller::watch::aws_accounts::Account;
use crate::domain::kernel::failure::{ErrorKind, Failure};
use crate::domain::kernel::identity::Owner;
use crate::domain::kernel::reason::Reason;
use crate::domain::kernel::rejection::Rejection;
use crate::domain::tenancy::account::{self, account_of};
use kube::ResourceExt as _;
use std::collections::BTreeMap;
use std::sync::Arc;

const NO_KIND: &str = "AwsAccounts cannot be read; is their CRD installed (`palisade crd --apply`), and may the controller list \
                       and watch them?";

/// Why an object is built nowhere.
pub enum Unplaced {
    /// The spec must not be acted upon.
    Refused(Rejection),
    /// Its account does not answer.
    Failed(CloudError),
    /// Not known yet, soon after a start.
    NotYet,
}

/// Where an object's resources are taken down.
pub enum Remains {
    /// There.
    In(Arc<Engine>),
    /// They may be where we cannot look.
    Unreachable(Failure),
    /// Nothing was ever built.
    Nothing,
    /// Not known yet, soon after a start.
    NotYet,
}

impl Context {
    /// Where `object` is built; nothing but clean-up is done for one that is refused.
    pub async fn place_of(&self, object: &ProtectedApi) -> Result<Arc<Engine>, Unplaced> {
        let engine = self.named_by(object)?;
        let none = ProtectedApiStatus::default();
        let status = object.status.as_ref().unwrap_or(&none);
        let was = match account_of(status) {
            Some(account) => Some(account),
            None if !self.are_all_known() => return Err(Unplaced::NotYet),
            None => {
                let owner = engine.owner(object);
                let elsewhere = self
                    .accounts
                    .with_resources_of(&owner, Some(&engine.account))
                    .await;
                // An account whose lists cannot be read holds up no object of another one.
                elsewhere.found.map(|engine| engine.account.clone())
            }
        };
        match was {
            Some(was) if was != engine.account => {
                Err(Unplaced::Refused(account::changed(&was, &engine.account)))
            }
            _ => Ok(engine),
        }
    }

    /// The engine of the account that the spec names.
    pub(super) fn named_by(&self, object: &ProtectedApi) -> Result<Arc<Engine>, Unplaced> {
        let namespace = object.namespace().unwrap_or_default();
        let Some(name) = &object.spec.account_name else {
            return match self.limits_own(&namespace) {
                Some(limiting) => Err(Unplaced::Refused(account::own_not_permitted(
                    &limiting, &namespace,
                ))),
                None => Ok(Arc::clone(&self.accounts.own().engine)),
            };
        };
        if !self.watched.aws_accounts.are_listed() {
            return Err(Unplaced::Refused(account::not_ready(name, NO_KIND)));
        }
        let Some(found) = self.watched.aws_accounts.get(name) else {
            return Err(Unplaced::Refused(account::not_found(name)));
        };
        let account = match &found.0 {
            Ok(account) => account,
            Err(invalid) => {
                let why = format!("it cannot be read: {}", invalid.error);
                return Err(Unplaced::Refused(account::not_ready(name, &why)));
            }
        };
        if !self.permits(account, &namespace) {
            return Err(Unplaced::Refused(account::not_permitted(name, &namespace)));
        }
        match self.accounts.known(account) {
            None => Err(Unplaced::NotYet),
            Some(Known {
                trouble: Some(Trouble::Refused(refused)),
                ..
            }) => Err(Unplaced::Refused(refused)),
            Some(Known {
                trouble: Some(Trouble::Failed(error)),
                ..
            }) => Err(Unplaced::Failed(error)),
            Some(Known { reached, .. }) => reached.map(|reached| reached.engine).ok_or(Unplaced::NotYet),
        }
    }

    /// Where what was built for `object` is. Whether its namespace is still allowed does not matter.
    pub async fn remains_of(&self, object: &Object, owner: &Owner) -> Remains {
        let none = ProtectedApiStatus::default();
        let readable = object.0.as_ref().ok();
        let status = readable
            .and_then(|object| object.status.as_ref())
            .unwrap_or(&none);
        if let Some(account) = account_of(status) {
            return match self.accounts.with_id(&account) {
                Some(engine) => match self.accounts.trouble_in(&account) {
                    None => Remains::In(engine),
                    Some(trouble) => unreachable(&trouble),
                },
                None if !self.are_all_known() => Remains::NotYet,
                None => unreachable(&account::unreached(&account)),
            };
        }
        if !self.are_all_known() {
            return Remains::NotYet;
        }
        let search = self.accounts.with_resources_of(owner, None).await;
        if let Some(engine) = search.found {
            return Remains::In(engine);
        }
        if let Some(why) = self.unseen_elsewhere(object, &search.unread) {
            return Remains::Unreachable(why);
        }
        let Some(name) = readable.and_then(|object| object.spec.account_name.as_ref()) else {
            return Remains::In(Arc::clone(&self.accounts.own().engine));
        };
        let account = self.watched.aws_accounts.get(name);
        let Some(account) = account.as_ref().and_then(|account| account.0.as_ref().ok()) else {
            // It was placed once, so in an account that was there: with a status, nothing was built since.
            return if status.conditions.is_empty() {
                unreachable(&account::not_found(name))
            } else {
                Remains::Nothing
            };
        };
        match self.accounts.known(account) {
            Some(Known {
                trouble: Some(Trouble::Refused(refused)),
                ..
            }) => unreachable(&refused),
            Some(Known {
                trouble: Some(Trouble::Failed(error)),
                ..
            }) => Remains::Unreachable(whole(&error)),
            Some(Known {
                reached: Some(reached),
                ..
            }) => Remains::In(reached.engine),
            _ => Remains::NotYet,
        }
    }

    /// What keeps it unknown whether another account than the one that the spec leads to has something of `object`, whose status
    /// does not say where it was built: the spec may have been changed since. Of the one that the spec leads to, the clean-up there
    /// tells.
    fn unseen_elsewhere(&self, object: &Object, unread: &[(String, CloudError)]) -> Option<Failure> {
        for (id, name) in self.possible_elsewhere(object) {
            if let Some((_, error)) = unread.iter().find(|(account, _)| *account == id) {
                let failure = whole(error);
                let message = account::unseen(&id, &failure.message);
                return Some(Failure { message, ..failure });
            }
            if self.accounts.with_id(&id).is_none() {
                return Some(Failure {
                    id: None,
                    kind: ErrorKind::Terminal,
                    reason: Reason::AccountNotReady,
                    message: account::unseen(&id, &account::see_conditions(&name)),
                });
            }
        }
        None
    }

    /// The accounts, but for the one that the spec leads to, that are for the object's namespace, by id, each with the name of its
    /// `AwsAccount`: the object may have been built there. Where no `AwsAccount` ever led, nothing was.
    fn possible_elsewhere(&self, object: &Object) -> BTreeMap<String, String> {
        let namespace = object.namespace().unwrap_or_default();
        let readable = object.0.as_ref().ok();
        let named = readable.and_then(|object| object.spec.account_name.as_deref());
        let own = &self.accounts.own().identity.account;
        let all = self.watched.aws_accounts.all();
        let all = all.iter().filter_map(|account| account.0.as_ref().ok());
        let (mut possible, mut led_to) = (BTreeMap::new(), None);
        if named.is_none() {
            led_to = Some(own.clone());
        } else if self.limits_own(&namespace).is_none() {
            possible.insert(own.clone(), String::new());
        }
        for account in all.filter(|account| !is_let_go(account)) {
            let (name, id) = (account.name_any(), self.id_of(account));
            if named == Some(name.as_str()) {
                led_to = id;
            } else if let Some(id) = id.filter(|_| self.permits(account, &namespace)) {
                possible.entry(id).or_insert(name);
            }
        }
        possible.retain(|id, _| Some(id) != led_to.as_ref());
        possible
    }

    /// The AWS account that `account` leads to, or led to before this process started.
    fn id_of(&self, account: &AwsAccount) -> Option<String> {
        let known = self.accounts.known(account).and_then(|known| known.reached);
        let cached = || account.status.as_ref()?.account_id.clone();
        known.map(|reached| reached.identity.account).or_else(cached)
    }

    /// Whether `account` leads to the AWS account `id`, as far as that is known.
    pub(super) fn leads_to(&self, account: &AwsAccount, id: &str) -> bool {
        self.id_of(account).as_deref() == Some(id)
    }

    /// Whether objects of the namespace may use the account.
    pub fn permits(&self, account: &AwsAccount, namespace: &str) -> bool {
        account::permits(&account.spec, namespace, &self.namespace_labels(namespace))
    }

    /// Whether we look after `account`. A controller for one namespace looks after what that may use, and what its objects name.
    pub fn looks_after(&self, account: &Account) -> bool {
        let Some(namespace) = &self.settings.namespace else {
            return true;
        };
        let readable = account.0.as_ref();
        readable.is_ok_and(|account| self.permits(account, namespace))
            || !self.users_of(&account.name_any()).is_empty()
    }

    /// The objects that name the `AwsAccount`.
    pub fn users_of(&self, name: &str) -> Vec<Arc<Object>> {
        self.watched
            .objects
            .state_filter(|object| crate::controller::watch::aws_accounts::names(object, name))
    }

    /// The `AwsAccount` that stands for the controller's own account, if it keeps the namespace from using that.
    fn limits_own(&self, namespace: &str) -> Option<String> {
        let all = self.watched.aws_accounts.all();
        let own = all.iter().filter(|account| self.looks_after(account));
        let own = own.filter_map(|account| account.0.as_ref().ok());
        let oldest = own
            .filter(|account| account.spec.role_arn.is_none())
            .min_by_key(|account| super::account::claim(account))?;
        (!self.permits(oldest, namespace)).then(|| oldest.name_any())
    }

    /// The limits that the `AwsAccount` of `object` declares; AWS's own where there is none.
    pub(super) fn quotas_of(&self, object: &ProtectedApi) -> AccountQuotas {
        let all = self.watched.aws_accounts.all();
        let readable = all.iter().filter_map(|account| account.0.as_ref().ok());
        let is_its = |account: &&AwsAccount| match &object.spec.account_name {
            Some(name) => account.name_any() == *name,
            None => account.spec.role_arn.is_none(),
        };
        let oldest = readable
            .filter(is_its)
            .min_by_key(|account| super::account::claim(account));
        oldest
            .and_then(|account| account.spec.quotas.clone())
            .unwrap_or_default()
    }

    /// Whether each `AwsAccount` was asked for, so that what no account has is nowhere. One that is let go and held by others
    /// alone leads nowhere any more.
    pub(super) fn are_all_known(&self) -> bool {
        let all = self.watched.aws_accounts.all();
        let mut ours = all.iter().filter(|account| self.looks_after(account));
        ours.all(|account| {
            let readable = account.0.as_ref();
            readable.map_or(true, |account| {
                is_let_go(account) || self.accounts.known(account).is_some()
            })
        })
    }
}

/// Whether nothing of ours holds an account that goes: only others do.
fn is_let_go(account: &AwsAccount) -> bool {
    account.metadata.deletion_timestamp.is_some() && !has_finalizer::<AwsAccount>(&account.metadata)
}

fn unreachable(why: &Rejection) -> Remains {
    Remains::Unreachable(Failure {
        id: None,
        kind: ErrorKind::Terminal,
        reason: why.reason,
        message: format!("the clean-up waits for the account: {}", why.message),
    })
}
