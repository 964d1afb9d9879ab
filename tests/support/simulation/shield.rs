//! Shield Advanced: protections, and the rule that an automatic response keeps in the web ACL.

use super::account::Account;
use super::history::{self, History};
use super::refusal::{Outcome, Refusal};
use super::shield_account::Wide;
use palisade::aws::cloud::Page;
use palisade::domain::kernel::identity::Tags;
use palisade::domain::shield::automatic_response::Response;
use palisade::domain::shield::protection::{Content, Creation};
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};

const RULE: &str = "ShieldMitigationRuleGroup_";
const MOST_TAGS: usize = 50;
/// Health checks of one protection.
const MOST_CHECKS: usize = 1;

/// Protections by id.
#[derive(Clone, Default)]
pub struct Store {
    pub all: BTreeMap<String, Protection>,
    /// What is one for the account.
    pub wide: Wide,
    history: History<Content>,
}

/// A protection.
#[derive(Clone)]
pub struct Protection {
    pub content: Content,
    pub tags: Tags,
}

impl Account {
    pub fn list_protections(&self, marker: Option<&str>) -> Outcome<Page<Content>> {
        self.subscription()?;
        let found = self.shield.history.before(self.list_lag());
        Ok(history::page(found, marker, self.page_size(1000)))
    }

    pub fn describe_protection(&self, resource_arn: &str) -> Outcome<Content> {
        Ok(self.protection_of(resource_arn)?.content.clone())
    }

    pub fn protection_tags(&self, arn: &str) -> Outcome<Tags> {
        self.subscription()?;
        let found = self.shield.all.values().find(|found| found.content.arn == arn);
        Ok(found.ok_or_else(|| missing("protection"))?.tags.clone())
    }

    pub fn create_protection(&mut self, wanted: Creation) -> Outcome<String> {
        self.subscription()?;
        let arn = &wanted.resource_arn;
        if !self.cloudfront.all.values().any(|found| found.arn == *arn) {
            return Refusal::refuse(
                "InvalidResourceException",
                "The resource is invalid. You might not have access to the resource, or the resource might not exist.",
            );
        }
        if self
            .shield
            .all
            .values()
            .any(|found| found.content.resource_arn == *arn)
        {
            return Refusal::refuse(
                "ResourceAlreadyExistsException",
                "The referenced protection already exists.",
            );
        }
        let id = self.uuid();
        let content = Content {
            arn: self.protection_arn(&id),
            id: id.clone(),
            resource_arn: wanted.resource_arn,
            response: Response::Off,
            health_checks: BTreeSet::new(),
        };
        let tags = wanted.tags;
        self.shield.all.insert(id.clone(), Protection { content, tags });
        self.note_protection(&id);
        Ok(id)
    }

    pub fn delete_protection(&mut self, id: &str) -> Outcome<()> {
        self.protection(id)?;
        let found = self.shield.all.remove(id);
        self.note_protection(id);
        if let Some(found) = found.filter(|found| found.content.response != Response::Off) {
            self.drop_shield_rule(&found.content.resource_arn);
        }
        Ok(())
    }

    pub fn tag_protection(&mut self, arn: &str, change: impl FnOnce(&mut Tags)) -> Outcome<()> {
        self.subscription()?;
        let found = self
            .shield
            .all
            .values_mut()
            .find(|found| found.content.arn == arn);
        let found = found.ok_or_else(|| missing("protection"))?;
        let mut tags = found.tags.clone();
        change(&mut tags);
        if tags.len() > MOST_TAGS {
            return Refusal::refuse(
                "InvalidParameterException",
                "A resource can have at most 50 tags.",
            );
        }
        found.tags = tags;
        let id = found.content.id.clone();
        self.note_protection(&id);
        Ok(())
    }

    pub fn enable_automatic_response(&mut self, resource_arn: &str, response: Response) -> Outcome<()> {
        let found = self.protection_of(resource_arn)?;
        if !self.settings.automatic_response_offered {
            return Refusal::refuse(
                "InvalidOperationException",
                "Automatic application layer DDoS mitigation is not available for this account.",
            );
        }
        if found.content.response != Response::Off {
            return Refusal::refuse(
                "InvalidOperationException",
                "Automatic application layer DDoS mitigation is already enabled for the resource.",
            );
        }
        let Some(id) = self.web_acl_of(resource_arn) else {
            return Refusal::refuse(
                "InvalidOperationException",
                "You must associate a web ACL with the resource.",
            );
        };
        self.place_shield_rule(&id);
        self.change_protection(resource_arn, |content| content.response = response)
    }

    pub fn update_automatic_response(&mut self, resource_arn: &str, response: Response) -> Outcome<()> {
        self.responding(resource_arn)?;
        self.change_protection(resource_arn, |content| content.response = response)
    }

    pub fn disable_automatic_response(&mut self, resource_arn: &str) -> Outcome<()> {
        self.responding(resource_arn)?;
        self.drop_shield_rule(resource_arn);
        self.change_protection(resource_arn, |content| content.response = Response::Off)
    }

    pub fn associate_health_check(&mut self, protection: &str, health_check: &str) -> Outcome<()> {
        let content = &self.protection(protection)?.content;
        let (arn, known) = (content.resource_arn.clone(), content.health_checks.clone());
        if known.contains(health_check) {
            return Ok(());
        }
        if !self.route53.all.contains_key(health_check) {
            return Err(missing("health check"));
        }
        if known.len() >= MOST_CHECKS {
            return Refusal::refuse(
                "LimitsExceededException",
                "The operation would exceed a limit: HEALTH_CHECKS_PER_PROTECTION.",
            );
        }
        if !self.is_healthy(health_check) {
            return Refusal::refuse("InvalidResourceException", "The health check is not healthy.");
        }
        self.change_protection(&arn, |content| {
            content.health_checks.insert(health_check.to_owned());
        })
    }

    pub fn disassociate_health_check(&mut self, protection: &str, health_check: &str) -> Outcome<()> {
        let content = &self.protection(protection)?.content;
        if !content.health_checks.contains(health_check) {
            return Err(missing("health check"));
        }
        let arn = content.resource_arn.clone();
        self.change_protection(&arn, |content| {
            content.health_checks.remove(health_check);
        })
    }

    /// Changes the protection of a resource as it is.
    pub fn change_protection(
        &mut self,
        resource_arn: &str,
        change: impl FnOnce(&mut Content),
    ) -> Outcome<()> {
        let id = self.protection_of(resource_arn)?.content.id.clone();
        if let Some(found) = self.shield.all.get_mut(&id) {
            change(&mut found.content);
        }
        self.note_protection(&id);
        Ok(())
    }

    /// What lists show of it from now on.
    pub fn note_protection(&mut self, id: &str) {
        let found = self.shield.all.get(id);
        let (content, tags) = found
            .map(|found| (found.content.clone(), found.tags.clone()))
            .unzip();
        self.shield.history.put(id, content);
        self.tags.put(&self.protection_arn(id), tags);
    }

    fn protection_arn(&self, id: &str) -> String {
        format!("arn:aws:shield::{}:protection/{id}", self.id)
    }

    /// Without a subscription Shield Advanced answers nothing else.
    pub fn subscription(&self) -> Outcome<()> {
        if self.settings.shield_subscription {
            return Ok(());
        }
        Refusal::refuse("ResourceNotFoundException", "The subscription does not exist.")
    }

    fn protection(&self, id: &str) -> Outcome<&Protection> {
        self.subscription()?;
        self.shield.all.get(id).ok_or_else(|| missing("protection"))
    }

    fn protection_of(&self, resource_arn: &str) -> Outcome<&Protection> {
        self.subscription()?;
        let mut all = self.shield.all.values();
        all.find(|found| found.content.resource_arn == resource_arn)
            .ok_or_else(|| missing("protection"))
    }

    fn responding(&self, resource_arn: &str) -> Outcome<()> {
        if self.protection_of(resource_arn)?.content.response == Response::Off {
            return Refusal::refuse(
                "InvalidOperationException",
                "Automatic application layer DDoS mitigation is not enabled for the resource.",
            );
        }
        Ok(())
    }

    /// Id of the web ACL that a distribution wants now.
    fn web_acl_of(&self, resource_arn: &str) -> Option<String> {
        let found = self
            .cloudfront
            .all
            .values()
            .find(|found| found.arn == resource_arn)?;
        Some(self.web_acl_by_arn(&found.web_acl())?.entity.id.clone())
    }

    fn place_shield_rule(&mut self, id: &str) {
        let mut document = self.waf.web_acls[id].document.clone();
        let rules = document["Rules"].as_array().cloned().unwrap_or_default();
        if rules.iter().any(is_shields) {
            return;
        }
        let uuid = self.uuid();
        let name = format!("{RULE}{}_{id}_{uuid}", self.id);
        let rule = json!({
            "Name": name,
            "Priority": 10_000_000,
            "Statement": {"RuleGroupReferenceStatement": {
                "ARN": format!("arn:aws:wafv2:us-east-1:153427709519:global/rulegroup/{name}/{id}"),
            }},
            "OverrideAction": {"None": {}},
            "VisibilityConfig": {"SampledRequestsEnabled": true, "CloudWatchMetricsEnabled": true, "MetricName": name}
        });
        document["Rules"] = json!([rules, vec![rule]].concat());
        self.write_web_acl(id, document);
    }

    fn drop_shield_rule(&mut self, resource_arn: &str) {
        let Some(id) = self.web_acl_of(resource_arn) else {
            return;
        };
        let mut document = self.waf.web_acls[&id].document.clone();
        if let Some(rules) = document["Rules"].as_array_mut() {
            rules.retain(|rule| !is_shields(rule));
        }
        self.write_web_acl(&id, document);
    }
}

pub fn is_shields(rule: &Value) -> bool {
    rule["Name"].as_str().is_some_and(|name| name.starts_with(RULE))
}

pub fn missing(what: &str) -> Refusal {
    Refusal::new(
        "ResourceNotFoundException",
        format!("The referenced {what} does not exist."),
    )
}
