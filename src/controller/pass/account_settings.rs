//! What of an AWS account is one for all its objects: its settings of Shield Advanced, and how near it is to AWS's limits.

use super::account_shield::{Looked, Task, look_after};
use crate::api::{AccountShieldStatus, AwsAccount, OVERWRITE_SETTINGS, QuotaUse};
use crate::aws::cloud::CloudError;
use crate::aws::readings::shield_lists::Census;
use crate::controller::engine::Engine;
use crate::controller::engine::failures::whole;
use crate::controller::events::EventNote;
use crate::domain::kernel::failure::Failure;
use crate::domain::perimeter::unowned::Unowned;
use crate::domain::status::account::condition;
use crate::domain::status::headroom::{Counted, Protections, QUOTA_HEADROOM, headroom, verdict};
use k8s_openapi::apimachinery::pkg::apis::meta::v1::Condition;
use kube::ResourceExt as _;
use std::time::Duration;

/// What a look at an account's settings and limits came to.
#[derive(Default)]
pub struct Settings {
    /// What there is to say.
    pub conditions: Vec<Condition>,
    /// `status.shield`; `None` where the spec does not ask for it.
    pub shield: Option<AccountShieldStatus>,
    /// `status.quotas`.
    pub quotas: Vec<QuotaUse>,
    /// What no object owns; `None` where that was not counted yet.
    pub unowned: Option<Vec<Unowned>>,
    /// What a person would want to know.
    pub notes: Vec<EventNote>,
    /// What failed.
    pub failures: Vec<Failure>,
    /// When to look again at what AWS works on.
    pub retry_after: Option<Duration>,
}

/// Has the account's settings be as `account` declares them, and counts what is limited. Its objects import so many client certificates in
/// 365 days.
pub async fn settle(account: &AwsAccount, engine: &Engine, imports: usize) -> Settings {
    let mut settings = Settings {
        unowned: engine.unowned(),
        ..Settings::default()
    };
    let mut protections = None;
    if let Some((looked, census)) = shield(account, engine).await {
        protections = census.ok().zip(looked.protections);
        settings.conditions = looked.verdicts.into_iter().map(Condition::from).collect();
        settings.shield = Some(looked.status);
        settings.notes = looked.notes;
        settings.failures = looked.failures;
        settings.retry_after = looked.retry_after;
    }
    let protections = protections.map(|(census, limit)| Protections {
        used: census.of_distributions,
        limit,
    });
    let quotas = account.spec.quotas.clone().unwrap_or_default();
    let counted = Counted {
        protections,
        domain_names: engine.inventory.domain_names(),
        imports,
    };
    let look = |listing: &_| headroom(listing, &counted, &quotas);
    match engine.inventory.observe(engine.max_age(false), look).await {
        Ok(uses) => {
            settings.conditions.push(verdict(&uses).into());
            settings.quotas = uses;
        }
        Err(error) => {
            let failure = whole(&error);
            let unknown = condition(QUOTA_HEADROOM, None, failure.reason, failure.message);
            settings.conditions.push(unknown);
        }
    }
    settings
}

/// The settings of Shield Advanced, where any is declared. Those of an account that is let go stay as they are.
async fn shield(account: &AwsAccount, engine: &Engine) -> Option<(Looked, Result<Census, CloudError>)> {
    let spec = account.spec.shield.as_ref()?;
    let before = account.status.clone().unwrap_or_default();
    let census = engine.shield.census(engine.max_age(false).others).await;
    let task = Task {
        spec,
        overwrite: account.annotations().get(OVERWRITE_SETTINGS).map(String::as_str),
        status: &before.shield.unwrap_or_default(),
        conditions: &before.conditions,
        generation: account.metadata.generation,
        checked_protections: census.as_ref().ok().map(|census| census.checked),
        read_only: account.metadata.deletion_timestamp.is_some(),
    };
    Some((look_after(engine.cloud.as_ref(), &task).await, census))
}
