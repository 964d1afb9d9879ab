//! What to do next about the account-wide settings.

use super::contact::{self, Contact};
use super::srt;
use super::standing::{Standing, standing, surplus};
use crate::api::AccountShieldStatus;
use crate::domain::kernel::change::Change;
use crate::domain::kernel::reason::Reason;
use crate::domain::shield::account::{Desired, Engagement, Observed, Setting};
use serde_json::{Value, json};
use std::time::Duration;

/// AWS works on a request for proactive engagement for minutes to days.
const ENGAGEMENT_RETRY: Duration = Duration::from_mins(5);
/// When what could not be read is looked at again.
const UNKNOWN_RETRY: Duration = Duration::from_mins(1);

/// One call that brings a setting nearer to what is declared.
#[derive(Debug, Clone, PartialEq, Eq)]
#[allow(missing_docs)]
pub enum Action {
    SetContacts(Vec<Contact>),
    /// Proactive engagement for the first time, with the contacts as they are.
    BeginEngagement(Vec<Contact>),
    EnableEngagement,
    DisableEngagement,
    SetRole(String),
    AddBucket(String),
    RemoveBucket(String),
}

/// A call that can be made now.
#[derive(Debug, Clone, PartialEq)]
pub struct Step {
    /// Of which setting.
    pub setting: Setting,
    /// The fields that change.
    pub changes: Vec<Change>,
    /// The call itself.
    pub action: Action,
}

/// AWS is busy.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Wait {
    /// With which setting.
    pub setting: Setting,
    /// Why.
    pub reason: Reason,
    /// What is awaited.
    pub message: String,
    /// When to look again.
    pub retry_after: Duration,
}

/// Something that only a person can solve.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// Of which setting.
    pub setting: Setting,
    /// What kind of problem.
    pub reason: Reason,
    /// What is wrong and what to do.
    pub message: String,
}

/// What the settings need next: at most one call each.
#[derive(Debug, Clone, PartialEq, Default)]
#[allow(missing_docs)]
pub struct Plan {
    pub ready: Vec<Step>,
    pub waits: Vec<Wait>,
    pub problems: Vec<Problem>,
}

impl Plan {
    fn act(&mut self, setting: Setting, changes: Vec<Change>, action: Action) {
        self.ready.push(Step {
            setting,
            changes,
            action,
        });
    }

    fn problem(&mut self, setting: Setting, reason: Reason, message: String) {
        self.problems.push(Problem {
            setting,
            reason,
            message,
        });
    }
}

/// What has to happen next so that `observed` becomes what is declared. `before` is the status.
#[must_use]
pub fn plan(desired: &Desired, observed: &Observed, before: &AccountShieldStatus) -> Plan {
    let mut plan = Plan::default();
    if observed.subscribed == Some(true) {
        let look = Look {
            desired,
            observed,
            before,
        };
        look.at_contacts(&mut plan);
        look.at_engagement(&mut plan);
        look.at_role(&mut plan);
        look.at_buckets(&mut plan);
    }
    plan
}

/// The settings with all that is known of them.
struct Look<'a> {
    desired: &'a Desired,
    observed: &'a Observed,
    before: &'a AccountShieldStatus,
}

impl Look<'_> {
    fn standing(&self, setting: Setting) -> Option<Standing> {
        standing(self.desired, self.observed, self.before, setting)
    }

    fn engagement(&self) -> Engagement {
        let subscription = self.observed.subscription.as_ref();
        subscription.map_or(Engagement::Never, |found| found.engagement)
    }

    fn at_contacts(&self, plan: &mut Plan) {
        let setting = Setting::EmergencyContacts;
        let (Some(wanted), Some(found)) = (&self.desired.contacts, &self.observed.contacts) else {
            return;
        };
        match self.standing(setting) {
            Some(Standing::Elsewhere) => {
                let what = format!("AWS has other emergency contacts ({} of them)", found.len());
                plan.problem(
                    setting,
                    Reason::ChangedElsewhere,
                    changed_elsewhere(setting, &what),
                );
            }
            // AWS refuses a list without a phone number while it calls by itself.
            Some(Standing::Due) if self.engagement().is_on() && !contact::has_phone(wanted) => {
                if self.desired.engagement != Some(false) {
                    let message = "spec.shield.emergencyContacts: while proactive engagement is enabled, AWS takes no list without a \
                                   phone number: give one contact a phoneNumber, or set spec.shield.proactiveEngagement to false";
                    plan.problem(setting, Reason::PhoneNumberMissing, message.to_owned());
                }
            }
            Some(Standing::Due) => {
                let changes = contact::changes(found, wanted);
                plan.act(setting, changes, Action::SetContacts(wanted.clone()));
            }
            Some(Standing::Right) | None => {}
        }
    }

    fn at_engagement(&self, plan: &mut Plan) {
        let setting = Setting::ProactiveEngagement;
        let Some(wanted) = self.desired.engagement else {
            return;
        };
        match self.standing(setting) {
            Some(Standing::Right) if self.engagement() == Engagement::Pending => plan.waits.push(Wait {
                setting,
                reason: Reason::EngagementPending,
                message: "AWS works on the request for proactive engagement".to_owned(),
                retry_after: ENGAGEMENT_RETRY,
            }),
            Some(Standing::Elsewhere) => {
                let word = self.engagement().word().to_lowercase();
                let what = format!("proactive engagement is {word}");
                plan.problem(
                    setting,
                    Reason::ChangedElsewhere,
                    changed_elsewhere(setting, &what),
                );
            }
            Some(Standing::Due) if wanted => self.engage(plan),
            Some(Standing::Due) => {
                let change = of("proactiveEngagement", &json!(true), &json!(false));
                plan.act(setting, vec![change], Action::DisableEngagement);
            }
            Some(Standing::Right) | None => {}
        }
    }

    /// Asks for proactive engagement, once all that it needs is there.
    fn engage(&self, plan: &mut Plan) {
        let setting = Setting::ProactiveEngagement;
        let Some(contacts) = &self.observed.contacts else {
            return;
        };
        // Contacts come first.
        if self.standing(Setting::EmergencyContacts) == Some(Standing::Due)
            && plan
                .ready
                .iter()
                .any(|step| step.setting == Setting::EmergencyContacts)
        {
            return;
        }
        let Some(checked) = self.observed.checked_protections else {
            plan.waits.push(Wait {
                setting,
                reason: Reason::AwsUnavailable,
                message: "proactive engagement needs a protection with a health check, and the protections could not be read; they are read again by themselves"
                    .to_owned(),
                retry_after: UNKNOWN_RETRY,
            });
            return;
        };
        let mut missing = Vec::new();
        if !contact::has_phone(contacts) {
            missing.push("an emergency contact with a phone number (spec.shield.emergencyContacts)");
        }
        if checked == 0 {
            missing.push("a protection with a health check (spec.shield.healthCheck of a ProtectedApi)");
        }
        if !missing.is_empty() {
            let message = format!("proactive engagement needs {}", missing.join(", and "));
            plan.problem(setting, Reason::PreconditionsMissing, message);
            return;
        }
        let is_first = self.engagement() == Engagement::Never || self.observed.details_missing;
        let action = if is_first {
            Action::BeginEngagement(contacts.clone())
        } else {
            Action::EnableEngagement
        };
        let change = of("proactiveEngagement", &json!(false), &json!(true));
        plan.act(setting, vec![change], action);
    }

    fn at_role(&self, plan: &mut Plan) {
        let setting = Setting::SrtRole;
        let (Some(wanted), Some(found)) = (&self.desired.srt_role, &self.observed.srt) else {
            return;
        };
        let standing = self.standing(setting);
        if standing == Some(Standing::Elsewhere) {
            let what = match &found.role {
                Some(role) => format!("the Shield Response Team has role {role}"),
                None => "the Shield Response Team has no role".to_owned(),
            };
            plan.problem(
                setting,
                Reason::ChangedElsewhere,
                changed_elsewhere(setting, &what),
            );
            return;
        }
        let Some(role) = &self.observed.role else {
            return;
        };
        if let Some((reason, message)) = srt::trouble(wanted, role) {
            plan.problem(setting, reason, message);
        } else if standing == Some(Standing::Due) {
            let change = of("srtAccess.roleArn", &json!(found.role), &json!(wanted));
            plan.act(setting, vec![change], Action::SetRole(wanted.clone()));
        }
    }

    fn at_buckets(&self, plan: &mut Plan) {
        let setting = Setting::SrtLogBuckets;
        let (Some(wanted), Some(found)) = (&self.desired.buckets, &self.observed.srt) else {
            return;
        };
        match self.standing(setting) {
            Some(Standing::Elsewhere) => {
                let missing: Vec<&str> = wanted.difference(&found.buckets).map(String::as_str).collect();
                let what = format!("the Shield Response Team may not read {}", missing.join(" and "));
                plan.problem(
                    setting,
                    Reason::ChangedElsewhere,
                    changed_elsewhere(setting, &what),
                );
            }
            // Buckets are read by the role, so it comes first.
            Some(Standing::Due) if found.role.is_some() => {
                let path = "srtAccess.logBuckets";
                if let Some(bucket) = surplus(wanted, found, self.before) {
                    let change = of(path, &json!(bucket), &json!(null));
                    plan.act(setting, vec![change], Action::RemoveBucket(bucket.clone()));
                } else if let Some(bucket) = wanted.difference(&found.buckets).next() {
                    let change = of(path, &json!(null), &json!(bucket));
                    plan.act(setting, vec![change], Action::AddBucket(bucket.clone()));
                }
            }
            Some(Standing::Due | Standing::Right) | None => {}
        }
    }
}

fn changed_elsewhere(setting: Setting, what: &str) -> String {
    format!(
        "{what}, unlike {}: somebody else has set that, so it is left alone. To have what is declared written, change the field, or \
         give this object another annotation {}, such as $(date)",
        setting.field(),
        crate::api::OVERWRITE_SETTINGS
    )
}

fn of(path: &str, from: &Value, to: &Value) -> Change {
    Change {
        path: path.to_owned(),
        from: from.clone(),
        to: to.clone(),
    }
}

/// What AWS has after `action` was answered, without reading it again. Whether a request for proactive engagement is granted already,
/// only AWS knows.
#[must_use]
pub fn after(observed: &Observed, action: &Action) -> Observed {
    let mut after = observed.clone();
    let mut engagement = None;
    let mut srt = after.srt.take().unwrap_or_default();
    match action.clone() {
        Action::SetContacts(contacts) => after.contacts = Some(contacts),
        Action::BeginEngagement(contacts) => {
            after.contacts = Some(contacts);
            engagement = Some(Engagement::Pending);
        }
        Action::EnableEngagement => engagement = Some(Engagement::Pending),
        Action::DisableEngagement => engagement = Some(Engagement::Disabled),
        Action::SetRole(role) => srt.role = Some(role),
        Action::AddBucket(bucket) => drop(srt.buckets.insert(bucket)),
        Action::RemoveBucket(bucket) => drop(srt.buckets.remove(&bucket)),
    }
    after.srt = observed.srt.is_some().then_some(srt);
    if let (Some(subscription), Some(engagement)) = (&mut after.subscription, engagement) {
        subscription.engagement = engagement;
    }
    after
}
