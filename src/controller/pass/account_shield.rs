//! One look at an account's settings of Shield Advanced: reading, planning, doing what is ready, and what to tell of it.

use crate::api::{AccountShieldSpec, AccountShieldStatus};
use crate::aws::account_shield::{Reading, apply, observe};
use crate::aws::cloud::{Cloud, CloudError};
use crate::aws::errors::ErrorKind;
use crate::controller::engine::failures::failure;
use crate::controller::events::EventNote;
use crate::domain::kernel::change::paths;
use crate::domain::kernel::failure::Failure;
use crate::domain::kernel::reason::Reason;
use crate::domain::shield::account::plan::{Action, Plan, Step, plan};
use crate::domain::shield::account::standing::settled;
use crate::domain::shield::account::{Desired, Observed, Setting, desired};
use crate::domain::status::account_shield::{Failed, Look, verdicts};
use crate::domain::status::conditions::Verdict;
use k8s_openapi::apimachinery::pkg::apis::meta::v1::Condition;
use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;
use tracing::{info, warn};

/// More calls than all settings need together: beyond, two writers undo each other's work.
const MAX_WAVES: usize = 40;
/// How often a setting is read again within one look after somebody else wrote it.
const MAX_CONFLICTS: u32 = 3;

/// What is to be looked at.
#[derive(Debug, Clone, Copy)]
pub struct Task<'a> {
    /// `spec.shield`.
    pub spec: &'a AccountShieldSpec,
    /// The annotation [`crate::api::OVERWRITE_SETTINGS`].
    pub overwrite: Option<&'a str>,
    /// `status.shield`, as it was last written.
    pub status: &'a AccountShieldStatus,
    /// `status.conditions`.
    pub conditions: &'a [Condition],
    /// `metadata.generation`.
    pub generation: Option<i64>,
    /// How many of the account's protections have a health check; `None` where the list could not be read.
    pub checked_protections: Option<usize>,
    /// Whether nothing may be written, only reported.
    pub read_only: bool,
}

/// What a look came to.
#[derive(Debug)]
pub struct Looked {
    /// Conditions, of those types only that the spec asks for.
    pub verdicts: Vec<Verdict>,
    /// `status.shield`, to be written before the next look.
    pub status: AccountShieldStatus,
    /// What a person would want to know.
    pub notes: Vec<EventNote>,
    /// What failed: retried with backoff, or by a person.
    pub failures: Vec<Failure>,
    /// When to look again at what AWS works on.
    pub retry_after: Option<Duration>,
    /// How many distributions may be protected, where there is a subscription.
    pub protections: Option<i64>,
}

/// Has the declared settings be as declared, as far as that is possible now.
pub async fn look_after(cloud: &(dyn Cloud + '_), task: &Task<'_>) -> Looked {
    let desired = desired(task.spec, task.overwrite);
    let mut run = Run::begin(cloud, &desired, task).await;
    for _ in 0..MAX_WAVES {
        let Some(step) = run.first_ready().filter(|_| !task.read_only) else {
            break;
        };
        run.make(&step).await;
    }
    run.end()
}

struct Run<'a> {
    cloud: &'a (dyn Cloud + 'a),
    desired: &'a Desired,
    task: &'a Task<'a>,
    observed: Observed,
    reading: Vec<Failed>,
    failures: Vec<Failed>,
    done: Vec<Step>,
    /// Settings that are left alone for the rest of the look.
    stopped: BTreeSet<Setting>,
    conflicts: BTreeMap<Setting, u32>,
}

impl<'a> Run<'a> {
    async fn begin(cloud: &'a (dyn Cloud + 'a), desired: &'a Desired, task: &'a Task<'a>) -> Self {
        let mut run = Self {
            cloud,
            desired,
            task,
            observed: Observed::default(),
            reading: Vec::new(),
            failures: Vec::new(),
            done: Vec::new(),
            stopped: BTreeSet::new(),
            conflicts: BTreeMap::new(),
        };
        run.read().await;
        run
    }

    async fn read(&mut self) {
        let Reading { observed, errors } = observe(self.cloud, self.desired).await;
        self.observed = Observed {
            checked_protections: self.task.checked_protections,
            details_missing: self.observed.details_missing,
            ..observed
        };
        let failed = errors.iter().map(|(setting, error)| failed(*setting, error));
        self.reading = failed.collect();
    }

    fn plan(&self) -> Plan {
        plan(self.desired, &self.observed, self.task.status)
    }

    /// One call at a time: Shield refuses those that meet.
    fn first_ready(&self) -> Option<Step> {
        let mut ready = self.plan().ready.into_iter();
        ready.find(|step| !self.stopped.contains(&step.setting))
    }

    async fn make(&mut self, step: &Step) {
        match apply(self.cloud, &step.action, &self.observed).await {
            Ok(next) => {
                // Otherwise AWS asked for another call first.
                if next.details_missing == self.observed.details_missing {
                    let changes = paths(&step.changes);
                    info!(setting = step.setting.key(), ?changes, "done");
                    self.done.push(step.clone());
                }
                self.observed = next;
            }
            Err(error) if self.may_read_again(step.setting, &error) => self.read().await,
            Err(error) => {
                warn!(setting = step.setting.key(), %error, "failed");
                self.stopped.insert(step.setting);
                self.failures.push(failed(Some(step.setting), &error));
            }
        }
    }

    /// A conflict, or something that vanished, is never final and never retried blindly: it is read again.
    fn may_read_again(&mut self, setting: Setting, error: &CloudError) -> bool {
        if !matches!(error.kind, ErrorKind::Conflict | ErrorKind::NotFound) {
            return false;
        }
        let count = self.conflicts.entry(setting).or_insert(0);
        *count += 1;
        *count <= MAX_CONFLICTS
    }

    fn end(mut self) -> Looked {
        let plan = self.plan();
        self.failures.append(&mut self.reading);
        let look = Look {
            desired: self.desired,
            observed: &self.observed,
            plan: &plan,
            failures: &self.failures,
            before: self.task.status,
            conditions: self.task.conditions,
            generation: self.task.generation,
        };
        let verdicts = verdicts(&look);
        let mut notes: Vec<EventNote> = self.done.iter().map(note).collect();
        notes.extend(self.news(&verdicts));
        let subscription = self.observed.subscription.as_ref();
        Looked {
            notes,
            status: settled(self.desired, &self.observed, self.task.status),
            retry_after: plan.waits.iter().map(|wait| wait.retry_after).min(),
            protections: subscription.and_then(|found| found.protections),
            failures: self.failures.into_iter().map(|failed| failed.failure).collect(),
            verdicts,
        }
    }

    /// What went wrong since the last look, or is about to end: each is told once.
    fn news(&self, verdicts: &[Verdict]) -> Vec<EventNote> {
        let is_news = |verdict: &&Verdict| {
            let mut before = self.task.conditions.iter();
            let is_ending = verdict.reason == Reason::SubscriptionEnding;
            (verdict.status == "False" || is_ending)
                && !before.any(|condition| {
                    condition.type_ == verdict.is && condition.reason == verdict.reason.as_str()
                })
        };
        let mut notes: Vec<EventNote> = Vec::new();
        for verdict in verdicts.iter().filter(is_news) {
            let note = EventNote::warning(verdict.reason, "LookAtShield", verdict.message.clone());
            // What holds up the one setting may hold up all.
            if !notes.contains(&note) {
                notes.push(note);
            }
        }
        notes
    }
}

fn failed(setting: Option<Setting>, error: &CloudError) -> Failed {
    Failed {
        setting,
        failure: failure(None, error),
    }
}

fn note(step: &Step) -> EventNote {
    let (action, note) = match &step.action {
        Action::SetContacts(contacts) => (
            "SetEmergencyContacts",
            format!(
                "Gave Shield the {} emergency contacts that are declared",
                contacts.len()
            ),
        ),
        Action::BeginEngagement(_) | Action::EnableEngagement => (
            "EnableProactiveEngagement",
            "Asked for proactive engagement of the Shield Response Team".to_owned(),
        ),
        Action::DisableEngagement => (
            "DisableProactiveEngagement",
            "Ended proactive engagement of the Shield Response Team".to_owned(),
        ),
        Action::SetRole(role) => (
            "GrantSrtAccess",
            format!("Gave the Shield Response Team role {role}"),
        ),
        Action::AddBucket(bucket) => (
            "GrantSrtAccess",
            format!("Lets the Shield Response Team read bucket {bucket} from now on"),
        ),
        Action::RemoveBucket(bucket) => (
            "WithdrawSrtAccess",
            format!("Lets the Shield Response Team read bucket {bucket} no more"),
        ),
    };
    EventNote::normal(Reason::Updated, action, note)
}
