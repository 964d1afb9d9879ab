//! What serves Shield, in the world where every step succeeds at once.

use super::world::{World, listed};
use palisade::domain::firewall::web_acl;
use palisade::domain::kernel::observing::Seen;
use palisade::domain::kernel::planning::{Id, Kind};
use palisade::domain::perimeter::observed::Observed;
use palisade::domain::perimeter::plan::{Action, Step};
use palisade::domain::shield::automatic_response::Response;
use palisade::domain::shield::health_check::{self, HTTPS, Health, NAMED};
use palisade::domain::shield::{advanced, alarm, protection};
use serde_json::json;
use std::collections::BTreeSet;

impl World {
    /// A world in which the account is subscribed, and the lists were read.
    pub fn subscribed(mut observed: Observed) -> Self {
        observed.shield.subscribed = Some(true);
        Self::new(observed)
    }

    pub fn protection(&self) -> &protection::Observed {
        self.observed.shield.protection.present().unwrap()
    }

    pub fn protection_mut(&mut self) -> &mut protection::Observed {
        match &mut self.observed.shield.protection {
            Seen::Present(found) => found,
            _ => panic!("no protection"),
        }
    }

    /// What Shield keeps in the web ACL.
    pub fn shield_rules(&mut self) -> &mut Vec<serde_json::Value> {
        match &mut self.observed.web_acl {
            Seen::Present(web_acl::Observed { content, .. }) => {
                content.document["Rules"].as_array_mut().unwrap()
            }
            _ => panic!("no web ACL"),
        }
    }

    pub fn read_shield(&mut self, id: &Id) {
        let shield = &mut self.observed.shield;
        match id.kind {
            Kind::HealthCheck if id.part == NAMED => shield.named_check = Seen::Absent,
            Kind::HealthCheck => shield.own_check = Seen::Absent,
            Kind::Protection => shield.protection = Seen::Absent,
            _ => shield.alarm = Seen::Absent,
        }
    }

    pub fn carry_out_shield(&mut self, step: &Step) {
        match &step.action {
            Action::HealthCheck(action) => self.health_check(action),
            Action::Protection(action) => self.protect(action),
            Action::Alarm(action) => self.alarm(action),
            _ => panic!("not of Shield: {step:?}"),
        }
    }

    fn health_check(&mut self, action: &health_check::Action) {
        use health_check::Action as Do;
        let found = self.observed.shield.own_check.present().cloned();
        let made = match action.clone() {
            Do::Create { reference, settings } => Some(health_check::Observed {
                content: health_check::Content {
                    id: format!("check-{reference}"),
                    reference,
                    version: 1,
                    r#type: HTTPS.into(),
                    settings,
                },
                tags: [].into(),
                health: Health::Healthy,
            }),
            Do::Update { settings, .. } => found.map(|mut found| {
                found.content.settings = settings;
                found.content.version += 1;
                found
            }),
            Do::Tag { set, unset, .. } => found.map(|mut found| {
                found.tags.extend(set);
                found.tags.retain(|key, _| !unset.contains(key));
                found
            }),
            Do::Delete { .. } => {
                self.observed.shield.reference += 1;
                None
            }
        };
        self.observed.shield.own_check = made.map_or(Seen::Absent, Seen::Present);
    }

    fn protect(&mut self, action: &protection::Action) {
        let shield = &mut self.observed.shield;
        if let protection::Action::Create(creation) = action {
            shield.protection = Seen::Present(protection::Observed {
                content: protection::Content {
                    id: "p1".into(),
                    arn: "arn:aws:shield::123456789012:protection/p1".into(),
                    resource_arn: creation.resource_arn.clone(),
                    response: Response::Off,
                    health_checks: BTreeSet::new(),
                },
                tags: creation.tags.clone(),
            });
            return;
        }
        let found = shield.protection.present().cloned().unwrap();
        let after = protection::after(&found, action);
        let is_on = after
            .as_ref()
            .is_some_and(|after| after.content.response != Response::Off);
        shield.protection = after.map_or(Seen::Absent, Seen::Present);
        if protection::switches_response(action) {
            self.shield_rules().retain(|rule| !is_shields(rule));
            if is_on {
                self.shield_rules()
                    .push(json!({"Name": "ShieldMitigationRuleGroup_1", "Priority": 10_000_000}));
            }
        }
    }

    fn alarm(&mut self, action: &alarm::Action) {
        use alarm::Action as Do;
        let found = self.observed.shield.alarm.present().cloned();
        let made = match action.clone() {
            Do::Put {
                name, settings, tags, ..
            } => Some(alarm::Observed {
                content: alarm::Content {
                    arn: format!("arn:aws:cloudwatch:us-east-1:123456789012:alarm:{name}"),
                    name,
                    settings: *settings,
                },
                tags: found.map_or(tags, |found| found.tags),
            }),
            Do::Tag(call) => found.map(|mut found| {
                call.change(&mut found.tags);
                found
            }),
            Do::Delete { .. } => None,
        };
        self.observed.shield.alarm = made.map_or(Seen::Absent, Seen::Present);
    }
}

pub fn is_shields(rule: &serde_json::Value) -> bool {
    rule["Name"].as_str().unwrap().starts_with("Shield")
}

/// Only lists are left.
pub fn forget(seen: &mut advanced::Seen) {
    seen.protection = listed(&seen.protection, |found| found.content.clone());
    seen.own_check = listed(&seen.own_check, |found| found.content.clone());
    seen.named_check = listed(&seen.named_check, |found| found.content.clone());
    seen.alarm = listed(&seen.alarm, |found| found.content.clone());
    seen.switched = false;
}
