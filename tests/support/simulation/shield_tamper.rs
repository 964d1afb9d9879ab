//! What others do to what serves Shield Advanced.

use super::SimulatedCloud;
use super::shield::is_shields;
use palisade::domain::shield::alarm;
use palisade::domain::shield::automatic_response::{Response, TAG_COUNT_SINCE};
use palisade::domain::shield::health_check::{Content, Settings};

impl SimulatedCloud {
    pub fn preload_topic(&self, arn: &str) {
        self.lock().account.cloudwatch.topics.insert(arn.to_owned());
    }

    /// A health check that somebody made.
    pub fn preload_health_check(&self, id: &str) {
        let content = Content {
            id: id.to_owned(),
            reference: "somebody".to_owned(),
            version: 1,
            r#type: "HTTPS".to_owned(),
            settings: Settings {
                domain: "status.example.com".to_owned(),
                path: "/".to_owned(),
                ..Settings::default()
            },
        };
        self.lock().account.plant_health_check(content);
    }

    /// What the protection of a distribution does against attacks; `Off` where there is none.
    pub fn response_of(&self, distribution_arn: &str) -> Response {
        let found = self.lock().account.describe_protection(distribution_arn);
        found.map_or(Response::Off, |found| found.response)
    }

    /// The health checks of a distribution's protection.
    pub fn checks_of(&self, distribution_arn: &str) -> Vec<String> {
        let found = self.lock().account.describe_protection(distribution_arn);
        found
            .map(|found| found.health_checks.into_iter().collect())
            .unwrap_or_default()
    }

    pub fn settings_of_check(&self, id: &str) -> Settings {
        self.lock().account.route53.all[id].content.settings.clone()
    }

    pub fn settings_of_alarm(&self, name: &str) -> alarm::Settings {
        self.lock().account.cloudwatch.all[name].content.settings.clone()
    }

    /// Switches a response by hand; the rule in the web ACL stays what it is.
    pub fn set_response(&self, distribution_arn: &str, response: Response) {
        let account = &mut self.lock().account;
        let changed = account.change_protection(distribution_arn, |content| content.response = response);
        changed.expect("the protection exists");
    }

    /// Takes Shield's rule out of a web ACL by hand.
    pub fn remove_shield_rule(&self, web_acl: &str) {
        self.edit_web_acl(web_acl, |document| {
            if let Some(rules) = document["Rules"].as_array_mut() {
                rules.retain(|rule| !is_shields(rule));
            }
        });
    }

    /// The protection's clock, as a tag.
    pub fn clock_of(&self, protection: &str) -> Option<String> {
        self.lock().account.shield.all[protection]
            .tags
            .get(TAG_COUNT_SINCE)
            .cloned()
    }

    /// Sets the protection's clock, or takes it away.
    pub fn set_clock(&self, protection: &str, value: Option<&str>) {
        let account = &mut self.lock().account;
        let found = account
            .shield
            .all
            .get_mut(protection)
            .expect("the protection exists");
        found.tags.remove(TAG_COUNT_SINCE);
        let tag = value.map(|value| (TAG_COUNT_SINCE.to_owned(), value.to_owned()));
        found.tags.extend(tag);
        account.note_protection(protection);
    }

    pub fn edit_health_check(&self, id: &str, change: impl FnOnce(&mut Settings)) {
        let changed = self.lock().account.change_health_check(id, change);
        changed.expect("the health check exists");
    }

    pub fn edit_alarm(&self, name: &str, change: impl FnOnce(&mut alarm::Settings)) {
        let account = &mut self.lock().account;
        let found = account.cloudwatch.all.get_mut(name).expect("the alarm exists");
        change(&mut found.content.settings);
        account.note_alarm(name);
    }
}
