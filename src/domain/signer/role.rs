//! The IAM role of the signing function.

use crate::api::OriginType;
use crate::domain::kernel::change::{Change, changes};
use crate::domain::kernel::endpoint::region_and_id_or_any;
use crate::domain::kernel::hash;
use crate::domain::kernel::identity::{IAM_PATH, Owner, Ownership, Tags};
use crate::domain::kernel::observing::{Fingerprint, Look, Pass, Seen, desired_hash};
use crate::domain::kernel::planning::{Id, Kind, Next, Verb};
use crate::domain::kernel::tagging::{TagStep, name_taken, tag_step_changes, tags_back};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};

/// IAM's limit on a role's name.
pub const NAME_LIMIT: usize = 64;
/// The only inline policy of ours.
pub const POLICY: &str = "palisade-signer";

/// A role as IAM has it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Observed {
    /// The role's name.
    pub name: String,
    /// The role's ARN.
    pub arn: String,
    /// IAM path, with slashes at both ends.
    pub path: String,
    /// The decoded trust policy.
    pub trust: Value,
    /// Decoded inline policies by name; empty when read by `GetRole`.
    pub policies: BTreeMap<String, Value>,
    /// ARNs of the managed policies that are attached; empty when read by `GetRole`.
    #[serde(default)]
    pub attached: BTreeSet<String>,
    /// ARN of the permissions boundary.
    pub boundary: Option<String>,
    /// The role's tags.
    pub tags: Tags,
    /// When it was made: what assumes it does not know it at once.
    #[serde(default)]
    pub created: Option<Timestamp>,
}

/// What a role is made from; its inline policy follows in a call of its own.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Creation {
    /// The role's name.
    pub name: String,
    /// The trust policy.
    pub trust: Value,
    /// ARN of the permissions boundary.
    pub boundary: Option<String>,
    /// For people who read IAM's console.
    pub description: String,
    /// The role's tags.
    pub tags: Tags,
}

/// The role as it should be.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Desired {
    /// Whose it is.
    pub owner: Owner,
    /// What it is made from.
    pub creation: Creation,
    /// The inline policy's document.
    pub policy: Value,
}

/// What the role needs of others.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Inputs {
    /// Whose the role that was found is.
    pub whose: Ownership,
}

/// One call that brings the role nearer to what is wanted.
#[derive(Debug, Clone, PartialEq)]
#[allow(missing_docs)]
pub enum Action {
    Create(Creation),
    SetTrust(Value),
    PutPolicy { name: String, document: Value },
    DeletePolicy { name: String },
    Detach(String),
    SetBoundary(String),
    ClearBoundary,
    Tag(Tags),
    Untag(Vec<String>),
}

/// The ARN that the role `name` has, or will have.
#[must_use]
pub fn arn(account: &str, name: &str) -> String {
    format!("arn:aws:iam::{account}:role{IAM_PATH}{name}")
}

/// Who may assume the signer's role: Lambda, and Lambda@Edge.
#[must_use]
pub fn trust() -> Value {
    json!({"Version": "2012-10-17", "Statement": [{
        "Effect": "Allow",
        "Principal": {"Service": ["edgelambda.amazonaws.com", "lambda.amazonaws.com"]},
        "Action": "sts:AssumeRole"
    }]})
}

/// What the role of `owner` should be: assumed by Lambda and Lambda@Edge, allowed to invoke this one API.
///
/// `endpoint` is the API's host name; `logs` lets the signer write its log groups, which Lambda@Edge makes in the
/// Region of each edge cache.
#[must_use]
pub fn desired(
    owner: &Owner,
    account: &str,
    endpoint: &str,
    origin: OriginType,
    logs: bool,
    boundary: Option<&str>,
    tags: &Tags,
) -> Desired {
    let (region, api) = region_and_id_or_any(endpoint);
    // A WebSocket handshake is authorised as <api>/<stage>/$connect, which three wildcards do not match.
    let resource = match origin {
        OriginType::WebSocket => format!("arn:aws:execute-api:{region}:{account}:{api}/*/$connect"),
        OriginType::Rest | OriginType::Http => format!("arn:aws:execute-api:{region}:{account}:{api}/*/*/*"),
    };
    let mut statements = vec![json!({
        "Sid": "InvokeTheApi", "Effect": "Allow", "Action": "execute-api:Invoke", "Resource": resource
    })];
    let function = owner.resource_name(super::function::NAME_LIMIT);
    if logs {
        statements.push(json!({
            "Sid": "WriteLogs", "Effect": "Allow",
            "Action": ["logs:CreateLogGroup", "logs:CreateLogStream", "logs:PutLogEvents"],
            "Resource": [format!("arn:aws:logs:*:{account}:log-group:/aws/lambda/us-east-1.{function}:*"),
                format!("arn:aws:logs:*:{account}:log-group:/aws/lambda/us-east-1.{function}")]
        }));
    }
    Desired {
        owner: owner.clone(),
        creation: Creation {
            name: owner.resource_name(NAME_LIMIT),
            trust: trust(),
            boundary: boundary.map(ToOwned::to_owned),
            description: format!("Palisade: signs requests for {}", owner.made_for().object()),
            tags: tags.clone(),
        },
        policy: json!({"Version": "2012-10-17", "Statement": statements}),
    }
}

/// The fields in which the role differs from what is wanted, tags apart.
#[must_use]
pub fn diff(creation: &Creation, policy: Option<&Value>, observed: &Observed) -> Vec<Change> {
    let policies: BTreeMap<_, _> = policy.iter().map(|policy| (POLICY, canonical(policy))).collect();
    let wanted = json!({
        "trust": canonical(&creation.trust),
        "policies": policies,
        "attachedPolicies": [],
        "permissionsBoundary": creation.boundary,
    });
    let policies: BTreeMap<_, _> = observed
        .policies
        .iter()
        .map(|(name, doc)| (name, canonical(doc)))
        .collect();
    let found = json!({
        "trust": canonical(&observed.trust),
        "policies": policies,
        "attachedPolicies": observed.attached,
        "permissionsBoundary": observed.boundary,
    });
    changes(&found, &wanted)
}

/// The next call that makes a role what it is made from, with no policy but this one, and the fields that it changes; tags
/// apart.
#[must_use]
pub fn correction(
    creation: &Creation,
    policy: Option<&Value>,
    found: &Observed,
) -> Option<(Vec<Change>, Action)> {
    let changes = diff(creation, policy, found);
    let of = |prefix: &str| -> Vec<Change> {
        let mut of_field = changes.clone();
        of_field.retain(|change| change.path.starts_with(prefix));
        of_field
    };
    let (trust, policies, boundary) = (of("trust"), of("policies"), of("permissionsBoundary"));
    if !boundary.is_empty() {
        let action = creation
            .boundary
            .clone()
            .map_or(Action::ClearBoundary, Action::SetBoundary);
        return Some((boundary, action));
    }
    if !trust.is_empty() {
        return Some((trust, Action::SetTrust(creation.trust.clone())));
    }
    // Only the signer may use this role: a policy that somebody added would widen what the edge can do.
    if let Some(arn) = found.attached.first() {
        return Some((of("attachedPolicies"), Action::Detach(arn.clone())));
    }
    let is_ours = |name: &&String| policy.is_some() && *name == POLICY;
    if let Some(name) = found.policies.keys().find(|name| !is_ours(name)) {
        return Some((policies, Action::DeletePolicy { name: name.clone() }));
    }
    let document = policy.filter(|_| !policies.is_empty())?.clone();
    let name = POLICY.to_owned();
    Some((policies, Action::PutPolicy { name, document }))
}

/// The next call that takes a policy off a role that is to be deleted; IAM deletes none that has some.
#[must_use]
pub fn emptied(found: &Observed) -> Option<Action> {
    let detached = found.attached.first().cloned().map(Action::Detach);
    detached.or_else(|| {
        let name = found.policies.keys().next()?.clone();
        Some(Action::DeletePolicy { name })
    })
}

/// What the role needs next.
#[must_use]
pub fn next(desired: &Desired, seen: &Seen<Observed, Observed>, inputs: Inputs, pass: &Pass) -> Next<Action> {
    let id = Id::of(Kind::Role);
    match pass.look(&id, &hash_of(desired), seen) {
        Look::Verified(_) => Next::Done,
        // The list shows a role whole.
        Look::Outdated(found) | Look::Present(found) => next_of_present(desired, found, inputs),
        Look::Read => Next::Read,
        Look::Absent => act(
            desired,
            Verb::Create,
            vec![],
            Action::Create(desired.creation.clone()),
        ),
    }
}

/// Hash of everything that is wanted of the role.
#[must_use]
pub fn hash_of(desired: &Desired) -> String {
    desired_hash(desired)
}

fn next_of_present(desired: &Desired, found: &Observed, inputs: Inputs) -> Next<Action> {
    match inputs.whose {
        Ownership::Foreign => {
            let id = Id::of(Kind::Role);
            return Next::Problem(name_taken(id, "IAM role", &found.name, &desired.owner));
        }
        Ownership::Stripped => {
            let (changes, missing) = tags_back(&found.tags, &desired.creation.tags);
            return act(desired, Verb::Update, changes, Action::Tag(missing));
        }
        Ownership::Ours | Ownership::Condemned | Ownership::Retained => {}
    }
    if let Some((changes, action)) = correction(&desired.creation, Some(&desired.policy), found) {
        return act(desired, Verb::Update, changes, action);
    }
    match tag_step_changes(&found.tags, &desired.creation.tags) {
        Some((changes, TagStep::Set(set))) => act(desired, Verb::Update, changes, Action::Tag(set)),
        Some((changes, TagStep::Remove(unset))) => act(desired, Verb::Update, changes, Action::Untag(unset)),
        None => Next::Done,
    }
}

fn act(desired: &Desired, verb: Verb, changes: Vec<Change>, action: Action) -> Next<Action> {
    Next::act(Id::of(Kind::Role), &desired.creation.name, verb, changes, action)
}

impl Fingerprint for Observed {
    fn fingerprint(&self) -> String {
        let policies: BTreeMap<_, _> = self
            .policies
            .iter()
            .map(|(name, doc)| (name, canonical(doc)))
            .collect();
        let known = (canonical(&self.trust), policies, &self.boundary, &self.tags);
        if self.attached.is_empty() {
            hash::short(&known)
        } else {
            hash::short(&(known, &self.attached))
        }
    }
}

/// IAM's documents with single values as lists and lists sorted, as IAM itself rewrites them.
#[must_use]
pub fn canonical(document: &Value) -> Value {
    const LISTS: [&str; 4] = ["Action", "Resource", "Service", "AWS"];
    match document {
        Value::Object(fields) => {
            let mut sorted: BTreeMap<String, Value> = BTreeMap::new();
            for (key, value) in fields {
                let value = canonical(value);
                let value = match value {
                    Value::String(_) if LISTS.contains(&key.as_str()) => json!([value]),
                    Value::Object(_) if key == "Statement" => json!([value]),
                    other => other,
                };
                sorted.insert(key.clone(), value);
            }
            json!(sorted)
        }
        Value::Array(items) => {
            let mut items: Vec<Value> = items.iter().map(canonical).collect();
            if items.iter().all(Value::is_string) {
                items.sort_by(|a, b| a.as_str().cmp(&b.as_str()));
            }
            Value::Array(items)
        }
        other => other.clone(),
    }
}

/// The role after `action` was answered, without reading it again.
#[must_use]
pub fn after(found: Option<&Observed>, action: &Action) -> Option<Observed> {
    let mut role = found?.clone();
    match action {
        Action::Create(_) => {}
        Action::SetTrust(document) => role.trust = document.clone(),
        Action::PutPolicy { name, document } => {
            role.policies.insert(name.clone(), document.clone());
        }
        Action::DeletePolicy { name } => {
            role.policies.remove(name);
        }
        Action::Detach(arn) => {
            role.attached.remove(arn);
        }
        Action::SetBoundary(arn) => role.boundary = Some(arn.clone()),
        Action::ClearBoundary => role.boundary = None,
        Action::Tag(tags) => role.tags.extend(tags.clone()),
        Action::Untag(keys) => role.tags.retain(|key, _| !keys.contains(key)),
    }
    Some(role)
}
