//! IAM: roles with their inline policies.

use super::account::Account;
use super::clock;
use super::history::{self, History};
use super::refusal::{Outcome, Refusal};
use palisade::aws::cloud::Page;
use palisade::domain::kernel::identity::{IAM_PATH, Tags};
use palisade::domain::kernel::secret::Secret;
use palisade::domain::signer::role::{Creation, Observed};
use palisade::domain::tenancy::account::{Assumption, Session};
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use tokio::time::Instant;

const MOST_TAGS: usize = 50;

/// Roles by name.
#[derive(Clone, Default)]
pub struct Store {
    pub all: BTreeMap<String, Role>,
    pub history: History<Observed>,
    /// ARNs of managed policies that may be boundaries.
    pub managed_policies: BTreeSet<String>,
}

/// A role.
#[derive(Clone)]
pub struct Role {
    pub observed: Observed,
    pub created: Instant,
    /// Whether it was made for a function of the edge.
    pub for_edge: bool,
}

impl Role {
    /// Whether `service` may assume the role.
    pub fn trusts(&self, service: &str) -> bool {
        let statements = one_or_many(self.observed.trust.get("Statement"));
        statements.iter().any(|statement| {
            statement["Effect"] == "Allow"
                && one_or_many(statement.get("Action"))
                    .iter()
                    .any(|action| *action == "sts:AssumeRole")
                && one_or_many(statement["Principal"].get("Service"))
                    .iter()
                    .any(|found| *found == service)
        })
    }
}

impl Role {
    /// Whether the trust policy lets `account` take `action` as `wanted` asks for it.
    fn admits(&self, account: &str, action: &str, wanted: &Assumption) -> bool {
        let statements = one_or_many(self.observed.trust.get("Statement"));
        statements.iter().any(|statement| {
            let actions = one_or_many(statement.get("Action"));
            let principals = one_or_many(statement["Principal"].get("AWS"));
            let demanded = statement["Condition"]["StringEquals"]["sts:ExternalId"].as_str();
            statement["Effect"] == "Allow"
                && actions.iter().any(|found| *found == action)
                && principals.iter().any(|found| *found == account)
                && demanded.is_none_or(|id| {
                    wanted
                        .external_id
                        .as_ref()
                        .is_some_and(|given| given.expose() == id)
                })
        })
    }
}

impl Account {
    /// A session of a role that trusts the account of the caller.
    pub fn assume_role(&self, wanted: &Assumption) -> Outcome<Session> {
        let role = self.role_by_arn(&wanted.role_arn);
        let keys: BTreeSet<String> = wanted.session_tags.keys().map(|key| key.to_lowercase()).collect();
        if keys.len() < wanted.session_tags.len() {
            let message = "Duplicate tag keys found. Please note that Tag keys are case insensitive.";
            return Refusal::refuse("InvalidParameterValue", message);
        }
        let tagged = (!wanted.session_tags.is_empty()).then_some("sts:TagSession");
        for action in ["sts:AssumeRole"].into_iter().chain(tagged) {
            if !role.is_some_and(|role| role.admits(&self.id, action, wanted)) {
                let (principal, arn) = (self.principal(), &wanted.role_arn);
                let message =
                    format!("User: {principal} is not authorized to perform: {action} on resource: {arn}");
                return Refusal::refuse("AccessDenied", message);
            }
        }
        Ok(Session {
            access_key_id: "ASIASIMULATION".to_owned(),
            secret_access_key: Secret::new("simulated"),
            session_token: Secret::new("simulated"),
            expires: 4_102_444_800,
        })
    }

    pub fn role_by_arn(&self, arn: &str) -> Option<&Role> {
        self.iam.all.values().find(|role| role.observed.arn == arn)
    }

    pub fn list_roles(&self, marker: Option<&str>) -> Page<Observed> {
        history::page(
            self.iam.history.before(self.list_lag()),
            marker,
            self.page_size(1000),
        )
    }

    pub fn get_role(&self, name: &str) -> Outcome<Observed> {
        let found = self.role(name)?.observed.clone();
        Ok(Observed {
            policies: BTreeMap::new(),
            attached: BTreeSet::new(),
            ..found
        })
    }

    pub fn list_role_policies(&self, name: &str) -> Outcome<Vec<String>> {
        Ok(self.role(name)?.observed.policies.keys().cloned().collect())
    }

    pub fn list_attached_role_policies(&self, name: &str) -> Outcome<Vec<String>> {
        Ok(self.role(name)?.observed.attached.iter().cloned().collect())
    }

    pub fn get_role_policy(&self, name: &str, policy: &str) -> Outcome<Value> {
        self.role(name)?
            .observed
            .policies
            .get(policy)
            .cloned()
            .ok_or_else(|| no_policy(policy))
    }

    pub fn create_role(&mut self, role: Creation) -> Outcome<Observed> {
        if self.iam.all.contains_key(&role.name) {
            return Refusal::refuse(
                "EntityAlreadyExists",
                format!("Role with name {} already exists.", role.name),
            );
        }
        let most = self.settings.limits.roles;
        if self.iam.all.len() >= most {
            return Refusal::refuse(
                "LimitExceeded",
                format!("Cannot exceed quota for RolesPerAccount: {most}"),
            );
        }
        Self::check_trust(&role.trust)?;
        if let Some(boundary) = &role.boundary {
            self.check_boundary(boundary)?;
        }
        let observed = Observed {
            arn: format!("arn:aws:iam::{}:role{IAM_PATH}{}", self.id, role.name),
            name: role.name.clone(),
            path: IAM_PATH.to_owned(),
            trust: role.trust,
            policies: BTreeMap::new(),
            attached: BTreeSet::new(),
            boundary: role.boundary,
            tags: role.tags,
            created: Some(self.now()),
        };
        self.plant_role(observed.clone());
        Ok(observed)
    }

    /// Adds a role as it is.
    pub fn plant_role(&mut self, observed: Observed) {
        let name = observed.name.clone();
        let mut role = Role {
            observed,
            created: clock::now(),
            for_edge: false,
        };
        role.for_edge = role.trusts("edgelambda.amazonaws.com");
        self.iam.all.insert(name.clone(), role);
        self.note_role(&name);
    }

    pub fn update_assume_role_policy(&mut self, name: &str, document: Value) -> Outcome<()> {
        Self::check_trust(&document)?;
        self.change_role(name, |role| role.trust = document)
    }

    pub fn put_role_policy(&mut self, name: &str, policy: String, document: Value) -> Outcome<()> {
        if document.get("Statement").is_none() {
            return Refusal::refuse("MalformedPolicyDocument", "Syntax errors in policy.");
        }
        let statements = one_or_many(document.get("Statement"));
        let mut actions = statements
            .iter()
            .flat_map(|statement| one_or_many(statement.get("Action")));
        if actions.any(|action| {
            action
                .as_str()
                .is_some_and(|action| action != "*" && !action.contains(':'))
        }) {
            let message = "Actions/Conditions must be prefaced by a vendor, e.g., iam, sdb, ec2, etc.";
            return Refusal::refuse("MalformedPolicyDocument", message);
        }
        self.change_role(name, |role| drop(role.policies.insert(policy, document)))
    }

    pub fn delete_role_policy(&mut self, name: &str, policy: &str) -> Outcome<()> {
        if !self.role(name)?.observed.policies.contains_key(policy) {
            return Err(no_policy(policy));
        }
        self.change_role(name, |role| drop(role.policies.remove(policy)))
    }

    pub fn detach_role_policy(&mut self, name: &str, policy: &str) -> Outcome<()> {
        if !self.role(name)?.observed.attached.contains(policy) {
            let message = format!("Policy {policy} was not found.");
            return Refusal::refuse("NoSuchEntity", message);
        }
        self.change_role(name, |role| {
            role.attached.remove(policy);
        })
    }

    pub fn put_role_boundary(&mut self, name: &str, boundary: String) -> Outcome<()> {
        self.check_boundary(&boundary)?;
        self.change_role(name, |role| role.boundary = Some(boundary))
    }

    pub fn delete_role_boundary(&mut self, name: &str) -> Outcome<()> {
        if self.role(name)?.observed.boundary.is_none() {
            return Refusal::refuse(
                "NoSuchEntity",
                format!("Role {name} does not have a permissions boundary."),
            );
        }
        self.change_role(name, |role| role.boundary = None)
    }

    pub fn delete_role(&mut self, name: &str) -> Outcome<()> {
        if !self.role(name)?.observed.attached.is_empty() {
            let message = "Cannot delete entity, must detach all policies first.";
            return Refusal::refuse("DeleteConflict", message);
        }
        if !self.role(name)?.observed.policies.is_empty() {
            return Refusal::refuse(
                "DeleteConflict",
                "Cannot delete entity, must delete policies first.",
            );
        }
        self.iam.all.remove(name);
        self.note_role(name);
        Ok(())
    }

    pub fn tag_role(&mut self, name: &str, tags: Tags) -> Outcome<()> {
        let mut changed = self.role(name)?.observed.tags.clone();
        changed.extend(tags);
        if changed.len() > MOST_TAGS {
            return Refusal::refuse(
                "LimitExceeded",
                "The number of tags has exceeded the maximum limit.",
            );
        }
        self.change_role(name, |role| role.tags = changed)
    }

    pub fn untag_role(&mut self, name: &str, keys: &[String]) -> Outcome<()> {
        self.change_role(name, |role| role.tags.retain(|key, _| !keys.contains(key)))
    }

    fn role(&self, name: &str) -> Outcome<&Role> {
        let missing = || {
            Refusal::new(
                "NoSuchEntity",
                format!("The role with name {name} cannot be found."),
            )
        };
        self.iam.all.get(name).ok_or_else(missing)
    }

    pub fn change_role(&mut self, name: &str, change: impl FnOnce(&mut Observed)) -> Outcome<()> {
        self.role(name)?;
        if let Some(role) = self.iam.all.get_mut(name) {
            change(&mut role.observed);
        }
        self.note_role(name);
        Ok(())
    }

    /// What lists show from now on.
    pub fn note_role(&mut self, name: &str) {
        let state = self.iam.all.get(name).map(|role| role.observed.clone());
        self.iam.history.put(name, state);
    }

    fn check_trust(document: &Value) -> Outcome<()> {
        if document.get("Statement").is_none() {
            return Refusal::refuse("MalformedPolicyDocument", "Syntax errors in policy.");
        }
        Ok(())
    }

    fn check_boundary(&self, arn: &str) -> Outcome<()> {
        if self.iam.managed_policies.contains(arn) || arn.starts_with("arn:aws:iam::aws:policy/") {
            return Ok(());
        }
        Refusal::refuse(
            "NoSuchEntity",
            format!("Scope ARN: {arn} does not exist or is not attachable."),
        )
    }
}

fn no_policy(policy: &str) -> Refusal {
    Refusal::new(
        "NoSuchEntity",
        format!("The role policy with name {policy} cannot be found."),
    )
}

/// A policy's members are single values or lists.
pub fn one_or_many(value: Option<&Value>) -> Vec<&Value> {
    match value {
        Some(Value::Array(values)) => values.iter().collect(),
        Some(value) => vec![value],
        None => vec![],
    }
}

/// Whether a pattern of a policy fits; of its wildcards only `*` is used.
pub fn like(pattern: &str, text: &str) -> bool {
    match pattern.split_once('*') {
        None => pattern == text,
        Some((before, after)) => text.strip_prefix(before).is_some_and(|rest| {
            (0..=rest.len()).any(|skipped| rest.is_char_boundary(skipped) && like(after, &rest[skipped..]))
        }),
    }
}
