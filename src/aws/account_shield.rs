//! The account-wide settings of Shield Advanced: reading and writing them.

use super::cloud::{Cloud, CloudError};
use super::errors::ErrorKind;
use crate::domain::shield::account::plan::{Action, after};
use crate::domain::shield::account::srt::{RoleSeen, role_name};
use crate::domain::shield::account::{Desired, Observed, Setting};

/// What could be read, and what could not; `None` is the subscription, on which all depends.
pub struct Reading {
    /// What AWS has.
    pub observed: Observed,
    /// What failed, by setting.
    pub errors: Vec<(Option<Setting>, CloudError)>,
}

/// Shield's code where proactive engagement has never been asked for, and for other requests that come at the wrong time.
const NOT_NOW: &str = "InvalidOperationException";

/// Reads the subscription, and of the settings those that are declared. One that cannot be read is no reason to read no other.
pub async fn observe(cloud: &(dyn Cloud + '_), desired: &Desired) -> Reading {
    let mut reading = Reading {
        observed: Observed::default(),
        errors: Vec::new(),
    };
    let subscribed = cloud.get_subscription_state().await;
    reading.observed.subscribed = reading.take(None, subscribed);
    if reading.observed.subscribed != Some(true) {
        return reading;
    }
    match cloud.describe_subscription().await {
        Ok(found) => reading.observed.subscription = Some(found),
        // It ended a moment ago.
        Err(error) if error.kind == ErrorKind::NotFound => {
            reading.observed.subscribed = Some(false);
            return reading;
        }
        Err(error) => reading.errors.push((None, error)),
    }
    if desired.contacts.is_some() || desired.engagement.is_some() {
        let setting = if desired.contacts.is_some() {
            Setting::EmergencyContacts
        } else {
            Setting::ProactiveEngagement
        };
        let contacts = cloud.describe_emergency_contacts().await;
        reading.observed.contacts = reading.take(Some(setting), contacts);
    }
    if let Some(role) = &desired.srt_role {
        let srt = cloud.describe_srt_access().await;
        reading.observed.srt = reading.take(Some(Setting::SrtRole), srt);
        let seen = observe_role(cloud, role_name(role)).await;
        reading.observed.role = reading.take(Some(Setting::SrtRole), seen);
    }
    reading
}

impl Reading {
    fn take<T>(&mut self, setting: Option<Setting>, answer: Result<T, CloudError>) -> Option<T> {
        match answer {
            Ok(found) => Some(found),
            Err(error) => {
                self.errors.push((setting, error));
                None
            }
        }
    }
}

async fn observe_role(cloud: &(dyn Cloud + '_), name: &str) -> Result<RoleSeen, CloudError> {
    let role = match cloud.get_role(name.to_owned()).await {
        Ok(role) => role,
        Err(error) if error.kind == ErrorKind::NotFound => return Ok(RoleSeen::Absent),
        Err(error) => return Err(error),
    };
    let attached = cloud.list_attached_role_policies(name.to_owned()).await?;
    Ok(RoleSeen::Present {
        arn: role.arn,
        trust: role.trust,
        attached,
    })
}

/// Makes the call of `action`; answers what AWS has then.
///
/// # Errors
/// What AWS answered, classified.
pub async fn apply(
    cloud: &(dyn Cloud + '_),
    action: &Action,
    observed: &Observed,
) -> Result<Observed, CloudError> {
    let mut next = after(observed, action);
    match action.clone() {
        Action::SetContacts(contacts) => cloud.update_emergency_contacts(contacts).await?,
        Action::BeginEngagement(contacts) => cloud.begin_proactive_engagement(contacts).await?,
        Action::EnableEngagement => match cloud.enable_proactive_engagement().await {
            // Nothing that AWS shows tells the first time from later ones.
            Err(error) if error.code == NOT_NOW => {
                return Ok(Observed {
                    details_missing: true,
                    ..observed.clone()
                });
            }
            answer => answer?,
        },
        Action::DisableEngagement => cloud.disable_proactive_engagement().await?,
        Action::SetRole(role) => cloud.associate_srt_role(role).await?,
        Action::AddBucket(bucket) => cloud.associate_srt_bucket(bucket).await?,
        Action::RemoveBucket(bucket) => cloud.disassociate_srt_bucket(bucket).await?,
    }
    if matches!(action, Action::BeginEngagement(_) | Action::EnableEngagement) {
        // It may be granted at once.
        next.subscription = Some(cloud.describe_subscription().await?);
    }
    Ok(next)
}
