//! Lambda: functions, their versions, and the states that they pass through.

mod checks;

use super::account::{ACCOUNT, Account};
use super::history::{self, History};
use super::refusal::{Outcome, Refusal};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use checks::{check_bounds, check_code, check_runtime, missing};
use palisade::aws::cloud::Page;
use palisade::domain::identity::Tags;
use palisade::domain::resources::function::{Configuration, Creation, Observed, Settings, State};
use sha2::{Digest as _, Sha256};
use std::collections::BTreeMap;
use tokio::time::Instant;

const MOST_TAGS: usize = 50;
/// A version's ARN has one more.
const FUNCTION_ARN_PARTS: usize = 7;

/// Functions of us-east-1 by name.
#[derive(Default)]
pub struct Store {
    pub all: BTreeMap<String, Function>,
    history: History<Function>,
}

/// A function.
#[derive(Clone)]
pub struct Function {
    pub arn: String,
    pub latest: Version,
    pub published: BTreeMap<u32, Version>,
    pub tags: Tags,
    highest: u32,
}

/// `$LATEST` or a published version.
#[derive(Clone)]
pub struct Version {
    pub number: Option<u32>,
    pub settings: Settings,
    pub code_sha256: String,
    active_at: Instant,
    updated_at: Instant,
    /// Until it is Active and its update is done, and from then on: a change of state is a revision of its own.
    revisions: [String; 2],
}

impl Version {
    pub fn state(&self) -> State {
        if Instant::now() >= self.active_at {
            State::Active
        } else {
            State::Pending
        }
    }

    fn updating(&self) -> bool {
        self.state() == State::Active && Instant::now() < self.updated_at
    }

    fn revision_at(&self, when: Instant) -> &str {
        let [before, after] = &self.revisions;
        if when < self.active_at.max(self.updated_at) {
            before
        } else {
            after
        }
    }
}

impl Function {
    pub fn name(&self) -> &str {
        self.arn.rsplit(':').next().unwrap_or_default()
    }

    fn version(&self, number: Option<&str>) -> Option<&Version> {
        match number {
            None | Some("$LATEST") => Some(&self.latest),
            Some(number) => self.published.get(&number.parse().ok()?),
        }
    }

    fn configuration(&self, version: &Version) -> Configuration {
        let state = version.state();
        Configuration {
            name: self.name().to_owned(),
            arn: version
                .number
                .map_or_else(|| self.arn.clone(), |number| format!("{}:{number}", self.arn)),
            version: version
                .number
                .map_or_else(|| "$LATEST".to_owned(), |number| number.to_string()),
            settings: version.settings.clone(),
            code_sha256: version.code_sha256.clone(),
            revision: version.revision_at(Instant::now()).to_owned(),
            state,
            state_reason: (state == State::Pending).then(|| "The function is being created.".to_owned()),
            updating: version.updating(),
        }
    }

    /// Lists do not tell the state, and the revision is that of `when`.
    fn listed(&self, version: &Version, when: Instant) -> Configuration {
        Configuration {
            revision: version.revision_at(when).to_owned(),
            state: State::Unknown,
            state_reason: None,
            updating: false,
            ..self.configuration(version)
        }
    }
}

impl Account {
    pub fn function_arn(name: &str) -> String {
        format!("arn:aws:lambda:us-east-1:{ACCOUNT}:function:{name}")
    }

    /// A published version by its ARN.
    pub fn version_by_arn(&self, arn: &str) -> Option<&Version> {
        let (function, number) = arn.rsplit_once(':')?;
        let found = self.lambda.all.values().find(|found| found.arn == function)?;
        found.published.get(&number.parse().ok()?)
    }

    pub fn list_functions(&self, marker: Option<&str>) -> Page<Configuration> {
        let listed = self.listed_functions();
        let latest = listed.map(|(name, function, when)| (name, function.listed(&function.latest, when)));
        history::page(latest.collect(), marker, self.page_size(50))
    }

    pub fn list_versions(&self, name: &str, marker: Option<&str>) -> Outcome<Page<Configuration>> {
        self.function(name)?;
        let mut keyed = Vec::new();
        if let Some((_, function, when)) = self.listed_functions().find(|(found, ..)| found == name) {
            let versions = function.published.iter();
            keyed.extend(
                versions.map(|(number, version)| (format!("{number:>10}"), function.listed(version, when))),
            );
        }
        Ok(history::page(keyed, marker, self.page_size(50)))
    }

    /// Functions as they were when lists look, and when that is.
    fn listed_functions(&self) -> impl Iterator<Item = (String, Function, Instant)> {
        let now = Instant::now();
        let when = now.checked_sub(self.list_lag()).unwrap_or(now);
        let listed = self.lambda.history.before(self.list_lag()).into_iter();
        listed.map(move |(name, function)| (name, function, when))
    }

    pub fn get_function(&self, name: &str) -> Outcome<Observed> {
        let function = self.function(name)?;
        let latest = function.configuration(&function.latest);
        Ok(Observed {
            latest,
            tags: function.tags.clone(),
            versions: vec![],
        })
    }

    pub fn get_function_configuration(&self, name: &str, version: Option<&str>) -> Outcome<Configuration> {
        let function = self.function(name)?;
        let found = function.version(version).ok_or_else(|| missing(name, version))?;
        Ok(function.configuration(found))
    }

    pub fn create_function(&mut self, given: Creation) -> Outcome<Configuration> {
        check_runtime(&given.settings.runtime)?;
        check_code(&given.zip)?;
        if self.lambda.all.contains_key(&given.name) {
            return Refusal::refuse(
                "ResourceConflictException",
                format!("Function already exist: {}", given.name),
            );
        }
        if self.lambda.all.len() >= self.settings.limits.functions {
            return Refusal::refuse("CodeStorageExceededException", "Function count limit exceeded.");
        }
        self.check_role(&given.settings.role)?;
        check_bounds(&given.settings)?;
        let now = Instant::now();
        let latest = Version {
            number: None,
            settings: given.settings,
            code_sha256: sha256(&given.zip),
            revisions: self.revisions(),
            active_at: now + self.settings.function_pending,
            updated_at: now,
        };
        let arn = Self::function_arn(&given.name);
        let function = Function {
            arn: arn.clone(),
            latest,
            published: BTreeMap::new(),
            tags: given.tags,
            highest: 0,
        };
        self.tags.put(&arn, Some(function.tags.clone()));
        self.lambda.all.insert(given.name.clone(), function);
        Ok(self.publish(&given.name))
    }

    pub fn update_function_code(&mut self, name: &str, zip: &[u8], revision: &str) -> Outcome<Configuration> {
        self.check_changeable(name, Some(revision))?;
        check_runtime(&self.function(name)?.latest.settings.runtime)?;
        check_code(zip)?;
        self.begin_update(name, |latest| latest.code_sha256 = sha256(zip));
        Ok(self.publish(name))
    }

    pub fn update_function_configuration(
        &mut self,
        name: &str,
        settings: Settings,
        revision: &str,
    ) -> Outcome<Configuration> {
        self.check_changeable(name, Some(revision))?;
        check_runtime(&settings.runtime)?;
        self.check_role(&settings.role)?;
        check_bounds(&settings)?;
        self.begin_update(name, |latest| latest.settings = settings);
        self.note_function(name);
        self.get_function_configuration(name, None)
    }

    pub fn publish_version(&mut self, name: &str, code_sha256: &str) -> Outcome<Configuration> {
        self.check_changeable(name, None)?;
        let current = &self.function(name)?.latest;
        check_runtime(&current.settings.runtime)?;
        if current.code_sha256 != code_sha256 {
            let message = format!(
                "CodeSHA256 ({code_sha256}) is different from current CodeSHA256 in $LATEST ({}). Please try again with \
                 the CodeSHA256 in $LATEST.",
                current.code_sha256
            );
            return Refusal::refuse("InvalidParameterValueException", message);
        }
        Ok(self.publish(name))
    }

    pub fn delete_function(&mut self, name: &str, version: Option<&str>) -> Outcome<()> {
        let function = self.function(name)?;
        if function.version(version).is_none() {
            return Err(missing(name, version));
        }
        let arn = version.map_or_else(
            || function.arn.clone(),
            |number| format!("{}:{number}", function.arn),
        );
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
            Some(number) => self.remove_version(name, number),
            None => {
                self.lambda.all.remove(name);
                self.tags.put(&arn, None);
            }
        }
        self.note_function(name);
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
    pub fn begin_update(&mut self, name: &str, change: impl FnOnce(&mut Version)) {
        let revisions = self.revisions();
        let ready = Instant::now() + self.settings.function_pending;
        if let Some(function) = self.lambda.all.get_mut(name) {
            change(&mut function.latest);
            function.latest.revisions = revisions;
            function.latest.updated_at = ready;
        }
        self.note_function(name);
    }

    /// A new revision of the same content.
    pub fn revise_function(&mut self, name: &str) {
        let revisions = self.revisions();
        if let Some(function) = self.lambda.all.get_mut(name) {
            function.latest.revisions = revisions;
        }
        self.note_function(name);
    }

    fn function(&self, name: &str) -> Outcome<&Function> {
        self.lambda.all.get(name).ok_or_else(|| missing(name, None))
    }

    /// A version of what `$LATEST` is; the last one where nothing changed since.
    fn publish(&mut self, name: &str) -> Configuration {
        let (revisions, latest_revisions) = (self.revisions(), self.revisions());
        let pending = self.settings.function_pending;
        let function = self.lambda.all.get_mut(name).expect("the caller found it");
        let latest = function.latest.clone();
        let unchanged = function.published.get(&function.highest).is_some_and(|last| {
            let described = Settings {
                description: latest.settings.description.clone(),
                ..last.settings.clone()
            };
            last.code_sha256 == latest.code_sha256 && described == latest.settings
        });
        if !unchanged {
            function.highest += 1;
            let active_at = if latest.state() == State::Active {
                Instant::now() + pending
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
        self.note_function(name);
        answered
    }

    fn remove_version(&mut self, name: &str, number: &str) {
        if let (Some(function), Ok(number)) = (self.lambda.all.get_mut(name), number.parse()) {
            function.published.remove(&number);
        }
    }

    /// What lists show from now on.
    pub fn note_function(&mut self, name: &str) {
        let state = self.lambda.all.get(name).cloned();
        self.lambda.history.put(name, state);
    }

    fn revisions(&mut self) -> [String; 2] {
        [self.uuid(), self.uuid()]
    }
}

fn sha256(zip: &[u8]) -> String {
    STANDARD.encode(Sha256::digest(zip))
}
