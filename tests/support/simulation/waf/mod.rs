//! AWS WAF of CLOUDFRONT scope: web ACLs, IP sets and logging configurations, with their lock tokens.

mod capacity;
mod catalogue;
mod ip_sets;
mod logging;
mod rate_keys;
mod refusals;
mod rules;
pub mod samples;
mod web_acls;

use super::account::Account;
use super::history::{self, History};
use super::refusal::Outcome;
use palisade::aws::cloud::Page;
use palisade::domain::firewall::ip_set;
use palisade::domain::firewall::web_acl::Entity;
use palisade::domain::kernel::identity::Tags;
use serde_json::Value;
use std::collections::BTreeMap;
use tokio::time::Instant;

const MOST_TAGS: usize = 50;

/// Web ACLs and IP sets by id, logging configurations by the web ACL's ARN.
#[derive(Clone, Default)]
pub struct Store {
    pub web_acls: BTreeMap<String, WebAcl>,
    pub ip_sets: BTreeMap<String, IpSet>,
    pub logging: BTreeMap<String, Value>,
    web_acl_history: History<Entity>,
    ip_set_history: History<Entity>,
    logging_history: History<Value>,
}

/// A web ACL.
#[derive(Clone)]
pub struct WebAcl {
    pub entity: Entity,
    pub document: Value,
    pub tags: Tags,
    pub created: Instant,
}

/// An IP set.
#[derive(Clone)]
pub struct IpSet {
    pub content: ip_set::Content,
    pub tags: Tags,
    pub created: Instant,
}

impl Account {
    pub fn web_acl_by_arn(&self, arn: &str) -> Option<&WebAcl> {
        self.waf.web_acls.values().find(|acl| acl.entity.arn == arn)
    }

    pub fn list_web_acls(&self, marker: Option<&str>) -> Page<Entity> {
        history::marked_page(
            self.waf.web_acl_history.before(self.list_lag()),
            marker,
            self.page_size(100),
        )
    }

    pub fn list_ip_sets(&self, marker: Option<&str>) -> Page<Entity> {
        history::marked_page(
            self.waf.ip_set_history.before(self.list_lag()),
            marker,
            self.page_size(100),
        )
    }

    pub fn list_logging_configurations(&self, marker: Option<&str>) -> Page<Value> {
        history::page(
            self.waf.logging_history.before(self.list_lag()),
            marker,
            self.page_size(100),
        )
    }

    pub fn waf_tags(&mut self, arn: &str) -> Outcome<Tags> {
        self.waf_tags_mut(arn).map(|tags| tags.clone())
    }

    /// Tags change no lock token.
    pub fn tag_waf(&mut self, arn: &str, change: impl FnOnce(&mut Tags)) -> Outcome<()> {
        let tags = self.waf_tags_mut(arn)?;
        let mut changed = tags.clone();
        change(&mut changed);
        if changed.len() > MOST_TAGS {
            let reason = "A resource can have at most 50 tags.";
            return Err(refusals::invalid("TAGS", &changed.len().to_string(), reason));
        }
        tags.clone_from(&changed);
        self.tags.put(arn, Some(changed));
        Ok(())
    }

    fn waf_tags_mut(&mut self, arn: &str) -> Outcome<&mut Tags> {
        let acl = self
            .waf
            .web_acls
            .values_mut()
            .find(|acl| acl.entity.arn == arn)
            .map(|acl| &mut acl.tags);
        let set = self
            .waf
            .ip_sets
            .values_mut()
            .find(|set| set.content.entity.arn == arn)
            .map(|set| &mut set.tags);
        acl.or(set).ok_or_else(refusals::missing)
    }

    fn new_entity(&mut self, kind: &str, name: &str) -> Entity {
        let id = self.uuid();
        let arn = format!("arn:aws:wafv2:us-east-1:{}:global/{kind}/{name}/{id}", self.id);
        Entity {
            id,
            name: name.to_owned(),
            arn,
            lock_token: self.uuid(),
        }
    }
}

/// Names of web ACLs, IP sets and rules.
fn check_name(member: &str, name: &str) -> Outcome<()> {
    let fits = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '_';
    if (1..=128).contains(&name.len()) && name.chars().all(fits) {
        return Ok(());
    }
    Err(refusals::constraint(
        member,
        Some(name),
        r"satisfy regular expression pattern: ^[\w\-]+$",
    ))
}
