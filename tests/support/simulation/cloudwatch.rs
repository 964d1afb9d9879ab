//! CloudWatch's alarms, the SNS topics that they tell, and the metrics of AWS WAF.

use super::SimulatedCloud;
use super::account::Account;
use super::history::{self, History};
use super::refusal::{Outcome, Refusal};
use jiff::{SignedDuration, Timestamp};
use palisade::aws::cloud::Page;
use palisade::domain::kernel::identity::Tags;
use palisade::domain::rollout::traffic::Counted;
use palisade::domain::shield::alarm::{Content, Settings};
use std::collections::{BTreeMap, BTreeSet};

/// Start of the names that are asked for.
const PREFIX: &str = "palisade-";

/// Alarms by name.
#[derive(Clone, Default)]
pub struct Store {
    pub all: BTreeMap<String, Alarm>,
    pub topics: BTreeSet<String>,
    /// What web ACLs counted, by the minutes that whoever put them says.
    counted: Vec<Counted>,
    /// What each web ACL allowed and blocked half an hour ago, and does whenever it is asked.
    steady: Option<[(i64, i64); 2]>,
    history: History<Content>,
}

/// An alarm.
#[derive(Clone)]
pub struct Alarm {
    pub content: Content,
    pub tags: Tags,
}

impl SimulatedCloud {
    /// In the minute that began then, a web ACL allowed or blocked so many requests.
    pub fn count(&self, web_acl: &str, at: Timestamp, requests: i64, are_blocked: bool) {
        let counted = Counted {
            web_acl: web_acl.to_owned(),
            at,
            requests,
            are_blocked,
        };
        self.lock().account.cloudwatch.counted.push(counted);
    }

    /// Each web ACL allowed and blocked so many requests half an hour ago, and so many in the minute in which it is asked for them.
    pub fn count_steadily(&self, half_an_hour_ago: (i64, i64), now: (i64, i64)) {
        self.lock().account.cloudwatch.steady = Some([half_an_hour_ago, now]);
    }
}

impl Account {
    pub fn count_requests(&self, web_acls: &[String], from: Timestamp, until: Timestamp) -> Page<Counted> {
        let counted = self.cloudwatch.counted.iter();
        let asked = counted.filter(|minute| web_acls.contains(&minute.web_acl));
        let items = asked.filter(|minute| minute.at >= from && minute.at < until);
        let steady = web_acls.iter().flat_map(|web_acl| self.steady(web_acl, until));
        Page {
            items: items.cloned().chain(steady).collect(),
            next: None,
        }
    }

    fn steady(&self, web_acl: &str, until: Timestamp) -> Vec<Counted> {
        let times = [until - SignedDuration::from_mins(30), until];
        let steady = self.cloudwatch.steady.into_iter().flatten().zip(times);
        let counted = steady.flat_map(|((allowed, blocked), at)| {
            [(allowed, false), (blocked, true)].map(|(requests, are_blocked)| Counted {
                web_acl: web_acl.to_owned(),
                at,
                requests,
                are_blocked,
            })
        });
        counted.collect()
    }

    pub fn describe_alarms(&self, name: Option<&str>, marker: Option<&str>) -> Page<Content> {
        if let Some(name) = name {
            let found = self.cloudwatch.all.get(name).map(|found| found.content.clone());
            return Page {
                items: found.into_iter().collect(),
                next: None,
            };
        }
        let all = self.cloudwatch.history.seen(self.list_lag());
        let found = all.filter(|(name, _)| name.starts_with(PREFIX));
        let rows = found.map(|(name, content)| (name.clone(), content.clone()));
        history::page(rows.collect(), marker, self.page_size(100))
    }

    pub fn alarm_tags(&self, arn: &str) -> Outcome<Tags> {
        let found = self
            .cloudwatch
            .all
            .values()
            .find(|found| found.content.arn == arn);
        Ok(found.ok_or_else(missing)?.tags.clone())
    }

    pub fn put_metric_alarm(&mut self, name: &str, settings: Settings, tags: Tags) {
        let content = Content {
            name: name.to_owned(),
            arn: self.alarm_arn(name),
            settings,
        };
        match self.cloudwatch.all.get_mut(name) {
            // Tags are taken only when it is made.
            Some(known) => known.content = content,
            None => drop(
                self.cloudwatch
                    .all
                    .insert(name.to_owned(), Alarm { content, tags }),
            ),
        }
        self.note_alarm(name);
    }

    pub fn delete_alarm(&mut self, name: &str) -> Outcome<()> {
        if self.cloudwatch.all.remove(name).is_none() {
            return Err(missing());
        }
        self.note_alarm(name);
        Ok(())
    }

    pub fn tag_alarm(&mut self, arn: &str, change: impl FnOnce(&mut Tags)) -> Outcome<()> {
        let found = self
            .cloudwatch
            .all
            .values_mut()
            .find(|found| found.content.arn == arn);
        let found = found.ok_or_else(missing)?;
        change(&mut found.tags);
        let name = found.content.name.clone();
        self.note_alarm(&name);
        Ok(())
    }

    pub fn get_topic(&self, arn: &str) -> Outcome<()> {
        if self.cloudwatch.topics.contains(arn) {
            return Ok(());
        }
        Refusal::refuse("NotFound", "Topic does not exist")
    }

    pub fn note_alarm(&mut self, name: &str) {
        let found = self.cloudwatch.all.get(name);
        let (content, tags) = found
            .map(|found| (found.content.clone(), found.tags.clone()))
            .unzip();
        self.cloudwatch.history.put(name, content);
        self.tags.put(&self.alarm_arn(name), tags);
    }

    fn alarm_arn(&self, name: &str) -> String {
        format!("arn:aws:cloudwatch:us-east-1:{}:alarm:{name}", self.id)
    }
}

fn missing() -> Refusal {
    Refusal::new("ResourceNotFound", "The alarm does not exist.")
}
