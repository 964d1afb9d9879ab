//! Lambda: functions, their versions, and the states that they pass through.

mod checks;
mod function;
mod permissions;

use super::account::Account;
use super::clock;
use super::history::{self, History};
use super::refusal::{Outcome, Refusal};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use checks::{check_bounds, check_code, check_runtime, missing};
pub use function::{Function, Version};
use palisade::aws::cloud::Page;
use palisade::domain::kernel::identity::Tags;
use palisade::domain::signer::function::{
    Configuration, Creation, EDGE_REGION, Foreign, Observed, Settings, State,
};
use permissions::Accepted;
use sha2::{Digest as _, Sha256};
use std::collections::BTreeMap;
use tokio::time::Instant;

const MOST_TAGS: usize = 50;
/// A version's ARN has one more.
const FUNCTION_ARN_PARTS: usize = 7;

/// Region and name.
pub type Key = (String, String);

/// Functions by Region and name.
#[derive(Clone, Default)]
pub struct Store {
    pub all: BTreeMap<Key, Function>,
    /// By ARN.
    history: History<Function>,
}

impl Account {
    pub fn function_arn(&self, region: &str, name: &str) -> String {
        format!("arn:aws:lambda:{region}:{}:function:{name}", self.id)
    }

    /// A published version by its ARN.
    pub fn version_by_arn(&self, arn: &str) -> Option<&Version> {
        let (function, number) = arn.rsplit_once(':')?;
        let found = self.lambda.all.values().find(|found| found.arn == function)?;
        found.published.get(&number.parse().ok()?)
    }

    pub fn list_functions(&self, marker: Option<&str>) -> Page<Configuration> {
        let listed = self.listed_functions();
        let latest = listed.map(|(function, when)| {
            let row = function.listed(&function.latest, when);
            (row.name.clone(), row)
        });
        history::page(latest.collect(), marker, self.page_size(50))
    }

    pub fn list_versions(&self, name: &str, marker: Option<&str>) -> Outcome<Page<Configuration>> {
        self.function(EDGE_REGION, name)?;
        let mut keyed = Vec::new();
        if let Some((function, when)) = self.listed_functions().find(|(found, _)| found.name() == name) {
            let versions = function.published.iter();
            keyed.extend(
                versions.map(|(number, version)| (format!("{number:>10}"), function.listed(version, when))),
            );
        }
        Ok(history::page(keyed, marker, self.page_size(50)))
    }

    /// Functions of us-east-1 as they were when lists look, and when that is.
    fn listed_functions(&self) -> impl Iterator<Item = (&Function, Instant)> {
        let now = clock::now();
        let when = now.checked_sub(self.list_lag()).unwrap_or(now);
        let listed = self.lambda.history.seen(self.list_lag());
        let listed = listed.filter(|(_, function)| function.region() == EDGE_REGION);
        listed.map(move |(_, function)| (function, when))
    }

    pub fn get_function(&self, region: &str, name: &str) -> Outcome<Observed> {
        let function = self.function(region, name)?;
        let latest = function.configuration(&function.latest);
        Ok(Observed {
            latest,
            tags: function.tags.clone(),
            versions: vec![],
        })
    }

    pub fn get_function_configuration(&self, name: &str, version: Option<&str>) -> Outcome<Configuration> {
        let function = self.function(EDGE_REGION, name)?;
        let found = function.version(version);
        let qualified = || format!("{}:{}", function.arn, version.unwrap_or("$LATEST"));
        let found = found.ok_or_else(|| missing(&qualified()))?;
        Ok(function.configuration(found))
    }

    pub fn create_function(&mut self, region: &str, given: Creation) -> Outcome<Configuration> {
        check_runtime(&given.settings.runtime)?;
        check_code(&given.zip)?;
        let key = key(region, &given.name);
        if self.lambda.all.contains_key(&key) {
            return Refusal::refuse(
                "ResourceConflictException",
                format!("Function already exist: {}", given.name),
            );
        }
        let siblings = self.lambda.all.keys().filter(|(at, _)| at == region);
        if siblings.count() >= self.settings.limits.functions {
            return Refusal::refuse("CodeStorageExceededException", "Function count limit exceeded.");
        }
        self.check_role(&given.settings.role)?;
        check_bounds(&given.settings)?;
        let now = clock::now();
        let accepted = Accepted::by(&given.zip);
        let for_edge = accepted.is_none();
        let latest = Version {
            number: None,
            settings: given.settings,
            code_sha256: sha256(&given.zip),
            accepted: [accepted, None],
            revisions: self.revisions(),
            active_at: now + self.settings.function_pending,
            updated_at: now,
        };
        let arn = self.function_arn(region, &given.name);
        let function = Function {
            arn: arn.clone(),
            latest,
            published: BTreeMap::new(),
            tags: given.tags,
            for_edge,
            permissions: BTreeMap::new(),
            highest: 0,
        };
        self.tags.put(&arn, Some(function.tags.clone()));
        self.lambda.all.insert(key.clone(), function);
        Ok(self.written(&key, given.publish))
    }

    pub fn update_function_code(
        &mut self,
        region: &str,
        name: &str,
        zip: &[u8],
        revision: &str,
        publish: bool,
    ) -> Outcome<Configuration> {
        self.check_changeable(region, name, Some(revision))?;
        check_runtime(&self.function(region, name)?.latest.settings.runtime)?;
        check_code(zip)?;
        let key = key(region, name);
        self.begin_update(&key, |latest| {
            latest.set_code(sha256(zip), Accepted::by(zip));
        });
        Ok(self.written(&key, publish))
    }

    pub fn update_function_configuration(
        &mut self,
        region: &str,
        name: &str,
        settings: Settings,
        revision: &str,
    ) -> Outcome<Configuration> {
        self.check_changeable(region, name, Some(revision))?;
        check_runtime(&settings.runtime)?;
        self.check_role(&settings.role)?;
        check_bounds(&settings)?;
        let key = key(region, name);
        self.begin_update(&key, |latest| {
            latest.set_code(latest.code_sha256.clone(), latest.accepted().cloned());
            latest.settings = Settings {
                foreign: Foreign::default(),
                ..settings
            };
        });
        Ok(self.written(&key, false))
    }

    pub fn publish_version(&mut self, name: &str, code_sha256: &str) -> Outcome<Configuration> {
        self.check_changeable(EDGE_REGION, name, None)?;
        let current = &self.function(EDGE_REGION, name)?.latest;
        check_runtime(&current.settings.runtime)?;
        if current.code_sha256 != code_sha256 {
            let message = format!(
                "CodeSHA256 ({code_sha256}) is different from current CodeSHA256 in $LATEST ({}). Please try again with \
                 the CodeSHA256 in $LATEST.",
                current.code_sha256
            );
            return Refusal::refuse("InvalidParameterValueException", message);
        }
        Ok(self.written(&key(EDGE_REGION, name), true))
    }

    pub fn delete_function(&mut self, region: &str, name: &str, version: Option<&str>) -> Outcome<()> {
        let function = self.function(region, name)?;
        let arn = version.map_or_else(
            || function.arn.clone(),
            |number| format!("{}:{number}", function.arn),
        );
        if function.version(version).is_none() {
            return Err(missing(&arn));
        }
        let key = key(region, name);
        let concerned = function
            .published
            .keys()
            .filter(|number| version.is_none_or(|v| v == number.to_string()));
        if concerned
            .into_iter()
            .any(|number| self.is_replicated(&format!("{}:{number}", function.arn)))
        {
            let message = format!(
                "Lambda was unable to delete {arn} because it is a replicated function. Please see our documentation for \
                 Deleting Lambda@Edge Functions and Replicas."
            );
            return Refusal::refuse("InvalidParameterValueException", message);
        }
        match version {
            Some("$LATEST") => {
                let message = "$LATEST version cannot be deleted without deleting the function.";
                return Refusal::refuse("InvalidParameterValueException", message);
            }
            Some(number) => self.remove_version(&key, number),
            None => {
                self.lambda.all.remove(&key);
                self.tags.put(&arn, None);
            }
        }
        self.note_function(&key);
        Ok(())
    }

    pub fn tag_function(&mut self, arn: &str, change: impl FnOnce(&mut Tags)) -> Outcome<()> {
        if arn.split(':').count() > FUNCTION_ARN_PARTS {
            let message = "Tags on function aliases and versions are not supported. Please specify either a function ARN \
                           or an event source mapping ARN.";
            return Refusal::refuse("InvalidParameterValueException", message);
        }
        let Some(function) = self.lambda.all.values_mut().find(|function| function.arn == arn) else {
            return Refusal::refuse("ResourceNotFoundException", format!("Function not found: {arn}"));
        };
        let mut tags = function.tags.clone();
        change(&mut tags);
        if tags.len() > MOST_TAGS {
            let message = format!("A function can have at most {MOST_TAGS} tags.");
            return Refusal::refuse("InvalidParameterValueException", message);
        }
        function.tags.clone_from(&tags);
        self.tags.put(arn, Some(tags));
        Ok(())
    }

    /// What changes `$LATEST`: new content, a new revision, and some time until it is in force.
    pub fn begin_update(&mut self, key: &Key, change: impl FnOnce(&mut Version)) {
        let revisions = self.revisions();
        let ready = clock::now() + self.settings.function_pending;
        if let Some(function) = self.lambda.all.get_mut(key) {
            change(&mut function.latest);
            function.latest.revisions = revisions;
            function.latest.updated_at = ready;
        }
        self.note_function(key);
    }

    /// A new revision of the same content.
    pub fn revise_function(&mut self, key: &Key) {
        let revisions = self.revisions();
        if let Some(function) = self.lambda.all.get_mut(key) {
            function.latest.revisions = revisions;
        }
        self.note_function(key);
    }

    fn function(&self, region: &str, name: &str) -> Outcome<&Function> {
        let found = self.lambda.all.get(&key(region, name));
        found.ok_or_else(|| missing(&self.function_arn(region, name)))
    }

    fn function_mut(&mut self, region: &str, name: &str) -> Outcome<&mut Function> {
        let arn = self.function_arn(region, name);
        let found = self.lambda.all.get_mut(&key(region, name));
        found.ok_or_else(|| missing(&arn))
    }

    /// What a write answers: the version that it published, or `$LATEST`.
    fn written(&mut self, key: &Key, publish: bool) -> Configuration {
        if publish {
            return self.publish(key);
        }
        self.note_function(key);
        let function = &self.lambda.all[key];
        function.configuration(&function.latest)
    }

    /// A version of what `$LATEST` is; the last one where nothing changed since.
    fn publish(&mut self, key: &Key) -> Configuration {
        let (revisions, latest_revisions) = (self.revisions(), self.revisions());
        let pending = self.settings.function_pending;
        let function = self.lambda.all.get_mut(key).expect("the caller found it");
        let latest = function.latest.clone();
        let unchanged = function
            .published
            .get(&function.highest)
            .is_some_and(|last| last.code_sha256 == latest.code_sha256 && last.settings == latest.settings);
        if !unchanged {
            function.highest += 1;
            let active_at = if latest.state() == State::Active {
                clock::now() + pending
            } else {
                latest.active_at
            };
            let number = Some(function.highest);
            let version = Version {
                number,
                revisions,
                active_at,
                updated_at: active_at,
                ..latest
            };
            function.published.insert(function.highest, version);
            // Publishing revises $LATEST as well.
            function.latest.revisions = latest_revisions;
        }
        let answered = function.configuration(&function.published[&function.highest]);
        self.note_function(key);
        answered
    }

    fn remove_version(&mut self, key: &Key, number: &str) {
        if let (Some(function), Ok(number)) = (self.lambda.all.get_mut(key), number.parse()) {
            function.published.remove(&number);
        }
    }

    /// What lists show from now on.
    pub fn note_function(&mut self, key: &Key) {
        let state = self.lambda.all.get(key).cloned();
        let arn = self.function_arn(&key.0, &key.1);
        self.lambda.history.put(&arn, state);
    }

    fn revisions(&mut self) -> [String; 2] {
        [self.uuid(), self.uuid()]
    }
}

pub fn key(region: &str, name: &str) -> Key {
    (region.to_owned(), name.to_owned())
}

fn sha256(zip: &[u8]) -> String {
    STANDARD.encode(Sha256::digest(zip))
}
