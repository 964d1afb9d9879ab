//! Shield Advanced: what is one for the account.

use super::SimulatedCloud;
use super::account::Account;
use super::clock;
use super::refusal::{Outcome, Refusal};
use super::shield::missing;
use palisade::domain::shield::account::contact::Contact;
use palisade::domain::shield::account::srt::PRINCIPAL;
use palisade::domain::shield::account::{Engagement, SrtSeen, Subscription};
use palisade::domain::signer::role::Observed;
use serde_json::json;
use std::collections::BTreeMap;
use tokio::time::Instant;

const ENDS: &str = "2027-01-01T00:00:00Z";
const PROTECTIONS: i64 = 1000;
const MOST_CONTACTS: usize = 10;
const NO_PHONE: &str =
    "To enable proactive engagement, at least one emergency contact must have a phone number.";

/// The account's settings.
#[derive(Clone, Default)]
pub struct Wide {
    is_ending: bool,
    contacts: Vec<Contact>,
    /// Since when the team calls by itself, and whether somebody ever gave its details.
    engaged: Option<Instant>,
    is_known: bool,
    srt: SrtSeen,
}

impl Account {
    pub fn describe_subscription(&self) -> Outcome<Subscription> {
        self.subscription()?;
        let wide = &self.shield.wide;
        let is_granted = |since: Instant| clock::now() - since >= self.settings.engagement_delay;
        Ok(Subscription {
            ends: ENDS.parse().ok(),
            renews: !wide.is_ending,
            engagement: match wide.engaged {
                None => Engagement::Disabled,
                Some(since) if is_granted(since) => Engagement::Enabled,
                Some(_) => Engagement::Pending,
            },
            protections: Some(PROTECTIONS),
        })
    }

    pub fn emergency_contacts(&self) -> Outcome<Vec<Contact>> {
        self.subscription()?;
        Ok(self.shield.wide.contacts.clone())
    }

    pub fn update_emergency_contacts(&mut self, contacts: Vec<Contact>) -> Outcome<()> {
        check(&contacts)?;
        self.subscription()?;
        let wide = &mut self.shield.wide;
        if wide.engaged.is_some() && !has_phone(&contacts) {
            return Refusal::refuse(
                "InvalidParameterException",
                "While proactive engagement is enabled, at least one emergency contact must have a phone number.",
            );
        }
        wide.contacts = contacts;
        Ok(())
    }

    pub fn begin_proactive_engagement(&mut self, contacts: Vec<Contact>) -> Outcome<()> {
        check(&contacts)?;
        self.subscription()?;
        let wide = &mut self.shield.wide;
        if wide.is_known {
            return not_now(
                "Proactive engagement details are already associated. Use UpdateEmergencyContactSettings to change the contacts.",
            );
        }
        if !has_phone(&contacts) {
            return Refusal::refuse("InvalidParameterException", NO_PHONE);
        }
        wide.contacts = contacts;
        wide.is_known = true;
        wide.engaged = Some(clock::now());
        Ok(())
    }

    pub fn enable_proactive_engagement(&mut self) -> Outcome<()> {
        self.subscription()?;
        let wide = &mut self.shield.wide;
        if !wide.is_known {
            return not_now(
                "You must associate proactive engagement details before you enable proactive engagement.",
            );
        }
        if wide.engaged.is_some() {
            return not_now("Proactive engagement is already enabled.");
        }
        if !has_phone(&wide.contacts) {
            return Refusal::refuse("InvalidParameterException", NO_PHONE);
        }
        wide.engaged = Some(clock::now());
        Ok(())
    }

    pub fn disable_proactive_engagement(&mut self) -> Outcome<()> {
        self.subscription()?;
        let wide = &mut self.shield.wide;
        if wide.engaged.take().is_none() {
            return not_now("Proactive engagement is not enabled.");
        }
        Ok(())
    }

    pub fn describe_srt_access(&self) -> Outcome<SrtSeen> {
        self.subscription()?;
        Ok(self.shield.wide.srt.clone())
    }

    pub fn associate_srt_role(&mut self, arn: &str) -> Outcome<()> {
        self.subscription()?;
        let role = self.role_by_arn(arn).ok_or_else(|| missing("role"))?;
        if !role.trusts(PRINCIPAL) {
            return Refusal::refuse(
                "InvalidParameterException",
                format!("The role must trust the service principal {PRINCIPAL}."),
            );
        }
        self.shield.wide.srt.role = Some(arn.to_owned());
        Ok(())
    }

    pub fn associate_srt_bucket(&mut self, bucket: String) -> Outcome<()> {
        let most = self.settings.limits.drt_log_buckets;
        self.has_srt_role()?;
        let buckets = &mut self.shield.wide.srt.buckets;
        if !buckets.contains(&bucket) && buckets.len() >= most {
            return Refusal::refuse(
                "LimitsExceededException",
                "The operation would exceed a limit: DRT_LOG_BUCKETS.",
            );
        }
        buckets.insert(bucket);
        Ok(())
    }

    pub fn disassociate_srt_bucket(&mut self, bucket: &str) -> Outcome<()> {
        self.has_srt_role()?;
        if self.shield.wide.srt.buckets.remove(bucket) {
            return Ok(());
        }
        Err(missing("log bucket"))
    }

    fn has_srt_role(&self) -> Outcome<()> {
        self.subscription()?;
        if self.shield.wide.srt.role.is_some() {
            return Ok(());
        }
        Refusal::refuse(
            "NoAssociatedRoleException",
            "The ARN of the role that you specified does not exist.",
        )
    }
}

/// What a person does in the console, and what is looked at from outside.
impl SimulatedCloud {
    /// A role with these managed policies that `service` may assume; answers its ARN.
    pub fn preload_role(&self, name: &str, service: &str, policies: &[&str]) -> String {
        let statement =
            json!({"Effect": "Allow", "Principal": {"Service": service}, "Action": "sts:AssumeRole"});
        let account = &mut self.lock().account;
        let arn = format!("arn:aws:iam::{}:role/{name}", account.id);
        account.plant_role(Observed {
            name: name.to_owned(),
            arn: arn.clone(),
            path: "/".to_owned(),
            trust: json!({"Version": "2012-10-17", "Statement": [statement]}),
            policies: BTreeMap::new(),
            attached: policies.iter().map(ToString::to_string).collect(),
            boundary: None,
            tags: BTreeMap::new(),
            created: None,
        });
        arn
    }

    pub fn contacts(&self) -> Vec<Contact> {
        self.lock().account.shield.wide.contacts.clone()
    }

    pub fn set_contacts(&self, contacts: Vec<Contact>) {
        self.lock().account.shield.wide.contacts = contacts;
    }

    pub fn is_engaged(&self) -> bool {
        self.lock().account.shield.wide.engaged.is_some()
    }

    pub fn set_engaged(&self, engaged: bool) {
        let wide = &mut self.lock().account.shield.wide;
        wide.is_known |= engaged;
        wide.engaged = engaged.then(Instant::now);
    }

    pub fn srt(&self) -> SrtSeen {
        self.lock().account.shield.wide.srt.clone()
    }

    pub fn set_srt(&self, change: impl FnOnce(&mut SrtSeen)) {
        change(&mut self.lock().account.shield.wide.srt);
    }

    /// The subscription is not renewed when it ends.
    pub fn end_subscription(&self) {
        self.lock().account.shield.wide.is_ending = true;
    }
}

fn check(contacts: &[Contact]) -> Outcome<()> {
    if contacts.len() > MOST_CONTACTS {
        return Refusal::refuse(
            "InvalidParameterException",
            "You can specify at most 10 emergency contacts.",
        );
    }
    let is_address = |text: &str| {
        text.split_once('@')
            .is_some_and(|(_, domain)| domain.contains('.'))
    };
    let is_number = |text: &str| {
        text.strip_prefix('+')
            .is_some_and(|digits| !digits.starts_with('0') && digits.bytes().all(|it| it.is_ascii_digit()))
    };
    let right = |contact: &Contact| {
        let phone = contact.phone.as_ref();
        is_address(contact.email.expose()) && phone.is_none_or(|phone| is_number(phone.expose()))
    };
    if contacts.iter().all(right) {
        return Ok(());
    }
    Refusal::refuse(
        "ValidationException",
        "1 validation error detected: Value at 'emergencyContactList' failed to satisfy constraint",
    )
}

fn has_phone(contacts: &[Contact]) -> bool {
    contacts.iter().any(|contact| contact.phone.is_some())
}

fn not_now(message: &str) -> Outcome<()> {
    Refusal::refuse("InvalidOperationException", message)
}
