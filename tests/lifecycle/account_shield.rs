//! An account's settings of Shield Advanced, looked after on a simulated account.

use super::support::simulation::SimulatedCloud;
use super::support::simulation::faults::{Fault, Rule, Scope};
use super::support::simulation::settings::Settings;
use jiff::Timestamp;
use k8s_openapi::apimachinery::pkg::apis::meta::v1::{Condition, Time};
use palisade::api::{AccountShieldSpec, AccountShieldStatus};
use palisade::aws::cloud::Cloud;
use palisade::controller::pass::account_shield::{Looked, Task, look_after};
use palisade::domain::kernel::reason::Reason;
use palisade::domain::shield::account::contact::{Contact, Personal};
use palisade::domain::shield::account::srt::{POLICY, PRINCIPAL};
use std::collections::BTreeSet;
use std::time::Duration;

pub const ALL: &str = r"
emergencyContacts: [{emailAddress: soc@example.com, phoneNumber: '+46701234567', notes: by night}]
proactiveEngagement: true
srtAccess: {roleArn: 'arn:aws:iam::123456789012:role/srt', logBuckets: [a-logs, b-logs]}
";
/// The same settings, all otherwise.
pub const OTHERS: &str = r"
emergencyContacts: [{emailAddress: cto@example.com, phoneNumber: '+46709999999'}]
proactiveEngagement: false
srtAccess: {roleArn: 'arn:aws:iam::123456789012:role/srt-two', logBuckets: [b-logs, c-logs]}
";
const FACTS: [&str; 5] = [
    "soc@example.com",
    "46701234567",
    "by night",
    "cto@example.com",
    "46709999999",
];

/// The account with the object that declares its settings.
pub struct Account {
    pub cloud: SimulatedCloud,
    spec: AccountShieldSpec,
    generation: i64,
    overwrite: Option<&'static str>,
    status: AccountShieldStatus,
    conditions: Vec<Condition>,
    checked_protections: Option<usize>,
}

impl Account {
    pub fn new(spec: &str) -> Self {
        let cloud = SimulatedCloud::new(Settings::instant());
        for name in ["srt", "srt-two"] {
            cloud.preload_role(name, PRINCIPAL, &[POLICY]);
        }
        Self {
            cloud,
            spec: serde_yaml::from_str(spec).unwrap(),
            generation: 1,
            overwrite: None,
            status: AccountShieldStatus::default(),
            conditions: vec![],
            checked_protections: Some(1),
        }
    }

    pub async fn settled(spec: &str) -> Self {
        let mut account = Self::new(spec);
        let looked = account.look().await;
        assert_eq!(looked.failures, []);
        account.cloud.clear_journal();
        account
    }

    pub fn declare(&mut self, spec: &str) {
        self.spec = serde_yaml::from_str(spec).unwrap();
        self.generation += 1;
    }

    /// One look, whose status is written unless the process dies in it.
    pub async fn look(&mut self) -> Looked {
        let cloud: &dyn Cloud = &self.cloud;
        let looked = look_after(
            cloud,
            &Task {
                spec: &self.spec,
                overwrite: self.overwrite,
                status: &self.status,
                conditions: &self.conditions,
                generation: Some(self.generation),
                checked_protections: self.checked_protections,
                read_only: false,
            },
        )
        .await;
        if self.cloud.crashed() {
            self.cloud.restart();
            return looked;
        }
        self.status = looked.status.clone();
        self.conditions = looked
            .verdicts
            .iter()
            .map(|verdict| Condition {
                type_: verdict.is.to_owned(),
                status: verdict.status.to_owned(),
                reason: verdict.reason.to_string(),
                message: verdict.message.clone(),
                observed_generation: Some(self.generation),
                last_transition_time: Time(Timestamp::UNIX_EPOCH),
            })
            .collect();
        looked
    }

    /// Looks until nothing fails, as backoff has it.
    pub async fn come_to_rest(&mut self) {
        for _ in 0..10 {
            if self.look().await.failures.is_empty() {
                return;
            }
        }
        panic!("it does not come to rest:\n{}", self.cloud.journal().summary());
    }

    pub fn standing(&self) -> (Vec<Contact>, bool, Option<String>, BTreeSet<String>) {
        let srt = self.cloud.srt();
        (
            self.cloud.contacts(),
            self.cloud.is_engaged(),
            srt.role,
            srt.buckets,
        )
    }

    pub fn told(&self) -> Vec<(&str, &str, &str)> {
        let conditions = self.conditions.iter();
        conditions
            .map(|it| (it.type_.as_str(), it.status.as_str(), it.reason.as_str()))
            .collect()
    }

    fn reason(&self, is: &str) -> &str {
        let mut conditions = self.conditions.iter();
        conditions
            .find(|condition| condition.type_ == is)
            .map_or("", |found| &found.reason)
    }

    pub fn writes(&self) -> Vec<&'static str> {
        let journal = self.cloud.journal();
        let writes = journal.writes().into_iter();
        writes.map(|entry| entry.operation.name).collect()
    }
}

fn theirs() -> Vec<Contact> {
    vec![Contact {
        email: Personal::new("theirs@example.com"),
        phone: Some(Personal::new("+4612345678")),
        notes: None,
    }]
}

#[tokio::test(start_paused = true)]
async fn settings_stand_as_declared_and_a_second_look_only_reads() {
    let mut account = Account::new(ALL);
    let looked = account.look().await;
    let (contacts, engaged, role, buckets) = account.standing();
    assert_eq!((contacts.len(), engaged, buckets.len()), (1, true, 2));
    assert!(role.unwrap().ends_with("role/srt"));
    assert_eq!(
        account.told(),
        [
            ("ShieldSubscribed", "True", "Subscribed"),
            ("EmergencyContactsCurrent", "True", "InPlace"),
            ("ProactiveEngagementEnabled", "True", "InPlace"),
            ("SrtAccessGranted", "True", "InPlace"),
        ]
    );
    assert_eq!(looked.notes.len(), 5);
    assert!(
        looked
            .notes
            .iter()
            .all(|note| note.reason == Reason::Updated && !note.warning)
    );
    assert_eq!(looked.protections, Some(1000));
    assert_eq!(looked.status.log_buckets, ["a-logs", "b-logs"]);

    account.cloud.clear_journal();
    let looked = account.look().await;
    assert_eq!(account.writes(), [""; 0]);
    assert_eq!(
        account.cloud.journal().len(),
        6,
        "{}",
        account.cloud.journal().summary()
    );
    assert_eq!(looked.notes, []);
}

#[tokio::test(start_paused = true)]
async fn what_is_not_declared_is_neither_read_nor_written() {
    let mut account = Account::new("{}");
    account.cloud.set_contacts(theirs());
    account.cloud.set_engaged(true);
    let before = account.standing();
    account.look().await;
    assert_eq!(account.standing(), before);
    let journal = account.cloud.journal();
    let called: Vec<_> = journal.entries.iter().map(|entry| entry.operation.name).collect();
    assert_eq!(called, ["GetSubscriptionState", "DescribeSubscription"]);
}

#[tokio::test(start_paused = true)]
async fn without_a_subscription_one_call_is_made_and_nothing_fails() {
    let mut account = Account::new(ALL);
    account
        .cloud
        .configure(|settings| settings.shield_subscription = false);
    let looked = account.look().await;
    assert_eq!(looked.failures, []);
    assert_eq!(account.cloud.journal().len(), 1);
    assert!(
        account
            .told()
            .iter()
            .all(|(_, status, reason)| (*status, *reason) == ("False", "NotSubscribed"))
    );
    assert_eq!(looked.notes.len(), 1);
    assert_eq!(account.look().await.notes, []);
}

#[tokio::test(start_paused = true)]
async fn a_subscription_that_is_not_renewed_is_told_once() {
    let mut account = Account::settled(ALL).await;
    account.cloud.end_subscription();
    let notes = account.look().await.notes;
    assert_eq!(notes.len(), 1);
    assert_eq!(notes[0].reason, Reason::SubscriptionEnding);
    assert_eq!(
        account.told()[0],
        ("ShieldSubscribed", "True", "SubscriptionEnding")
    );
    assert_eq!(account.look().await.notes, []);
}

#[tokio::test(start_paused = true)]
async fn proactive_engagement_is_asked_for_once_and_awaited() {
    let mut account = Account::new(ALL);
    account
        .cloud
        .configure(|settings| settings.engagement_delay = Duration::from_hours(1));
    let looked = account.look().await;
    assert_eq!(account.reason("ProactiveEngagementEnabled"), "EngagementPending");
    assert!(looked.retry_after.is_some());
    account.cloud.clear_journal();
    account.look().await;
    assert_eq!(account.writes(), [""; 0]);
    tokio::time::sleep(Duration::from_hours(1)).await;
    assert_eq!(account.look().await.retry_after, None);
    assert_eq!(account.reason("ProactiveEngagementEnabled"), "InPlace");
}

#[tokio::test(start_paused = true)]
async fn proactive_engagement_is_switched_off_and_on_again_by_the_spec() {
    let mut account = Account::settled(ALL).await;
    account.declare(&ALL.replace("true", "false"));
    account.come_to_rest().await;
    assert!(!account.cloud.is_engaged());
    account.declare(ALL);
    account.come_to_rest().await;
    assert!(account.cloud.is_engaged());
    assert_eq!(
        account.writes(),
        ["DisableProactiveEngagement", "EnableProactiveEngagement"]
    );
}

#[tokio::test(start_paused = true)]
async fn proactive_engagement_comes_with_what_it_lacked() {
    let mut account = Account::new(ALL);
    account.checked_protections = Some(0);
    account.look().await;
    assert_eq!(
        account.reason("ProactiveEngagementEnabled"),
        "PreconditionsMissing"
    );
    account.checked_protections = Some(1);
    account.look().await;
    assert_eq!(account.reason("ProactiveEngagementEnabled"), "InPlace");
}

#[tokio::test(start_paused = true)]
async fn what_somebody_changes_by_hand_is_told_once_and_left_alone_until_the_wish_changes() {
    let mut account = Account::settled(ALL).await;
    account.cloud.set_contacts(theirs());
    account.cloud.set_srt(|srt| {
        srt.buckets.remove("a-logs");
    });
    let notes = account.look().await.notes;
    assert_eq!(notes.len(), 2);
    assert!(notes.iter().all(|note| note.reason == Reason::ChangedElsewhere));
    assert_eq!(account.look().await.notes, []);
    assert_eq!(account.writes(), [""; 0]);
    assert_eq!(account.cloud.contacts(), theirs());
    assert_eq!(account.reason("EmergencyContactsCurrent"), "ChangedElsewhere");
    assert_eq!(account.reason("SrtAccessGranted"), "ChangedElsewhere");

    account.overwrite = Some("2026-11-26");
    account.look().await;
    assert_eq!(
        account.writes(),
        ["UpdateEmergencyContactSettings", "AssociateDRTLogBucket"]
    );
    assert!(account.told().iter().all(|(_, status, _)| *status == "True"));
}

#[tokio::test(start_paused = true)]
async fn a_lost_status_changes_nothing_that_stands() {
    let mut account = Account::settled(ALL).await;
    account.status = AccountShieldStatus::default();
    account.cloud.set_contacts(theirs());
    let before = account.standing();
    account.look().await;
    assert_eq!(account.standing(), before);
    assert_eq!(account.writes(), [""; 0]);
}

#[tokio::test(start_paused = true)]
async fn one_setting_that_may_not_be_read_holds_up_no_other() {
    let mut account = Account::new(ALL);
    account.cloud.configure(|settings| {
        settings.denied.insert("shield:DescribeDRTAccess".to_owned());
    });
    let looked = account.look().await;
    assert_eq!(looked.failures.len(), 1);
    assert!(
        looked.failures[0]
            .message
            .contains("palisade iam-policy --shield")
    );
    assert_eq!(account.reason("SrtAccessGranted"), "AccessDenied");
    assert_eq!(account.reason("EmergencyContactsCurrent"), "InPlace");
    assert_eq!(account.reason("ProactiveEngagementEnabled"), "InPlace");
}

#[tokio::test(start_paused = true)]
async fn a_refused_setting_holds_up_no_other() {
    let mut account = Account::new(ALL);
    let refusal = Fault::Refusal("InvalidOperationException", "The account has no support plan.");
    let role = Scope::Operation("AssociateDRTRole");
    account.cloud.inject(Rule::next(role, usize::MAX, refusal));
    let looked = account.look().await;
    assert!(looked.failures[0].message.contains("Support plan"));
    assert_eq!(account.reason("SrtAccessGranted"), "AwsRefused");
    assert_eq!(account.reason("ProactiveEngagementEnabled"), "InPlace");
}

#[tokio::test(start_paused = true)]
async fn where_aws_does_not_answer_conditions_stay_as_they_are() {
    let mut account = Account::settled(ALL).await;
    let before = account.conditions.clone();
    account
        .cloud
        .inject(Rule::next(Scope::Every, usize::MAX, Fault::ServerError));
    let looked = account.look().await;
    assert!(!looked.failures.is_empty());
    assert_eq!(looked.notes, []);
    assert_eq!(account.conditions, before);
}

#[tokio::test(start_paused = true)]
async fn a_subscription_that_ends_between_two_calls_is_no_failure() {
    let mut account = Account::new(ALL);
    let gone = Fault::Refusal("ResourceNotFoundException", "The subscription does not exist.");
    let describe = Scope::Operation("DescribeSubscription");
    account.cloud.inject(Rule::nth(describe, 1, gone));
    let looked = account.look().await;
    assert_eq!(looked.failures, []);
    assert_eq!(account.reason("ShieldSubscribed"), "NotSubscribed");
}

#[tokio::test(start_paused = true)]
async fn nothing_that_is_told_names_anybody() {
    let mut account = Account::new(ALL);
    let mut told = Vec::new();
    for spec in [ALL, OTHERS, ALL] {
        account.declare(spec);
        for _ in 0..2 {
            let looked = account.look().await;
            told.push(format!("{looked:?}"));
            account.cloud.set_contacts(theirs());
        }
    }
    for fact in FACTS {
        assert!(!told.iter().any(|told| told.contains(fact)), "{fact} in {told:?}");
    }
}
