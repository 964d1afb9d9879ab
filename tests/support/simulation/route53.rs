//! Route 53: health checks; hosted zones are a file apart. Checkers do not look; they see what a test says.

use super::account::Account;
use super::history::{self, History};
use super::hosted_zones::HostedZone;
use super::refusal::{Outcome, Refusal};
use palisade::aws::cloud::Page;
use palisade::domain::kernel::identity::Tags;
use palisade::domain::shield::health_check::{Content, Settings};
use std::collections::BTreeMap;

const MOST_TAGS: usize = 10;
const CHECKERS: [&str; 3] = ["15.177.0.0/18", "54.183.255.128/26", "2600:1f14:7ff:f800::/53"];

/// Health checks by id.
#[derive(Clone, Default)]
pub struct Store {
    pub all: BTreeMap<String, HealthCheck>,
    /// Hosted zones by id.
    pub zones: BTreeMap<String, HostedZone>,
    /// Ids by caller reference, also of deleted ones.
    references: BTreeMap<String, String>,
    history: History<Content>,
}

/// A health check.
#[derive(Clone)]
pub struct HealthCheck {
    pub content: Content,
    pub tags: Tags,
}

impl Account {
    pub fn list_health_checks(&self, marker: Option<&str>) -> Page<Content> {
        let found = self.route53.history.before(self.list_lag());
        history::page(found, marker, self.page_size(100))
    }

    pub fn get_health_check(&self, id: &str) -> Outcome<Content> {
        Ok(self.health_check(id)?.content.clone())
    }

    pub fn health_check_status(&self, id: &str) -> Outcome<Vec<String>> {
        self.health_check(id)?;
        let said = if self.is_healthy(id) {
            "Success: HTTP Status Code 200, OK"
        } else {
            "Failure: HTTP Status Code 403, Forbidden"
        };
        Ok(vec![said.to_owned(); 8])
    }

    pub fn is_healthy(&self, _id: &str) -> bool {
        self.settings.health_checks_pass
    }

    pub fn health_check_tags(&self, id: &str) -> Outcome<Tags> {
        Ok(self.health_check(id)?.tags.clone())
    }

    pub fn create_health_check(&mut self, reference: String, settings: Settings) -> Outcome<Content> {
        if let Some(id) = self.route53.references.get(&reference) {
            return match self.route53.all.get(id) {
                Some(found) if found.content.settings == settings => Ok(found.content.clone()),
                _ => Refusal::refuse(
                    "HealthCheckAlreadyExists",
                    "A health check with the same caller reference was created before.",
                ),
            };
        }
        let content = Content {
            id: self.uuid(),
            reference,
            version: 1,
            r#type: "HTTPS".to_owned(),
            settings,
        };
        self.plant_health_check(content.clone());
        Ok(content)
    }

    /// Adds a health check as it is.
    pub fn plant_health_check(&mut self, content: Content) {
        let id = content.id.clone();
        self.route53
            .references
            .insert(content.reference.clone(), id.clone());
        let tags = Tags::new();
        self.route53.all.insert(id.clone(), HealthCheck { content, tags });
        self.note_health_check(&id);
    }

    pub fn update_health_check(&mut self, id: &str, version: i64, settings: Settings) -> Outcome<Content> {
        if self.health_check(id)?.content.version != version {
            return Refusal::refuse(
                "HealthCheckVersionMismatch",
                "The value of HealthCheckVersion in the request doesn't match the value of HealthCheckVersion in the \
                 health check.",
            );
        }
        self.change_health_check(id, |known| {
            let interval = known.interval;
            *known = Settings { interval, ..settings };
        })?;
        self.get_health_check(id)
    }

    pub fn change_health_check(&mut self, id: &str, change: impl FnOnce(&mut Settings)) -> Outcome<()> {
        self.health_check(id)?;
        if let Some(found) = self.route53.all.get_mut(id) {
            change(&mut found.content.settings);
            found.content.version += 1;
        }
        self.note_health_check(id);
        Ok(())
    }

    pub fn delete_health_check(&mut self, id: &str) -> Outcome<()> {
        self.health_check(id)?;
        self.route53.all.remove(id);
        self.note_health_check(id);
        Ok(())
    }

    pub fn tag_health_check(&mut self, id: &str, set: Tags, unset: &[String]) -> Outcome<()> {
        let mut tags = self.health_check(id)?.tags.clone();
        tags.extend(set);
        tags.retain(|key, _| !unset.contains(key));
        if tags.len() > MOST_TAGS {
            return Refusal::refuse("InvalidInput", "A resource can have at most 10 tags.");
        }
        if let Some(found) = self.route53.all.get_mut(id) {
            found.tags = tags;
        }
        self.note_health_check(id);
        Ok(())
    }

    pub fn checker_ip_ranges() -> Vec<String> {
        CHECKERS.map(ToOwned::to_owned).to_vec()
    }

    fn note_health_check(&mut self, id: &str) {
        let found = self.route53.all.get(id);
        let (content, tags) = found
            .map(|found| (found.content.clone(), found.tags.clone()))
            .unzip();
        self.route53.history.put(id, content);
        self.tags
            .put(&format!("arn:aws:route53:::healthcheck/{id}"), tags);
    }

    fn health_check(&self, id: &str) -> Outcome<&HealthCheck> {
        let missing = || {
            Refusal::new(
                "NoSuchHealthCheck",
                format!("No health check exists with the specified ID {id}."),
            )
        };
        self.route53.all.get(id).ok_or_else(missing)
    }
}
