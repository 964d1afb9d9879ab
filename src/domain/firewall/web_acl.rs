//! The AWS WAF web ACL: our rules among those of others.

use super::bodies;
pub use super::canonical::canonical;
use super::copied::Copied;
pub use super::entity::{Entity, Listed};
use super::foreign::foreign_allow;
use super::rules::{Parts, RULE_PREFIX, parts};
use crate::api::WebAclSpec;
use crate::domain::kernel::change::{Change, changes_between};
use crate::domain::kernel::identity::{Owner, Ownership, Tags};
use crate::domain::kernel::observing::{Fingerprint, Look, Pass, Seen, desired_hash};
use crate::domain::kernel::planning::{Id, Kind, Next, Problem, Verb};
use crate::domain::kernel::reason::Reason;
use crate::domain::kernel::tagging::{
    RowTags, TagCall, TagStep, name_taken, row_tags, tag_step_changes, tags_back,
};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};
use std::collections::{BTreeMap, BTreeSet};

/// WAF's limit on a web ACL's name.
pub const NAME_LIMIT: usize = 128;

/// Rules of others find room before ours, and between them.
pub(super) const FIRST_PRIORITY: i64 = 1_000;
const PRIORITY_STEP: i64 = 10;

/// What `GetWebACL` answers.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Content {
    /// Identity and lock token.
    pub entity: Entity,
    /// The raw `WebACL` document, with every field as AWS sent it.
    pub document: Value,
}

/// A web ACL as WAF has it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Observed {
    /// Identity, lock token and document.
    pub content: Content,
    /// The web ACL's tags.
    pub tags: Tags,
}

/// The web ACL as it should be; the ARNs of its IP sets come with them.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Desired {
    /// Whose it is.
    pub owner: Owner,
    /// The web ACL's name.
    pub name: String,
    /// The spec with the baseline merged in: every field that has one is set.
    pub spec: WebAclSpec,
    /// The web ACL's tags.
    pub tags: Tags,
}

/// What the web ACL needs of others.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Inputs {
    /// Whose the web ACL that was found is.
    pub whose: Ownership,
    /// ARNs of the wanted IP sets by part; `None` while one is missing.
    pub ip_sets: Option<BTreeMap<String, String>>,
    /// Whether there is a role: it comes first, so that where it is missing nothing can have been built.
    pub has_role: bool,
    /// Whether Shield's rule is looked for in vain, and the web ACL read anew until it is there.
    pub is_shield_rule_awaited: bool,
    /// What it takes over of the web ACL that protected an adopted distribution before; `None` once it protects that itself.
    pub copied: Option<Copied>,
}

/// One call that brings the web ACL nearer to what is wanted.
#[derive(Debug, Clone, PartialEq)]
#[allow(missing_docs)]
pub enum Action {
    Create {
        name: String,
        document: Value,
        tags: Tags,
    },
    Update {
        entity: Entity,
        document: Value,
    },
    Tag(TagCall),
    Delete(Entity),
}

/// What the web ACL of `owner` should be.
#[must_use]
pub fn desired(owner: &Owner, spec: WebAclSpec, tags: &Tags) -> Desired {
    Desired {
        owner: owner.clone(),
        name: owner.resource_name(NAME_LIMIT),
        spec,
        tags: tags.clone(),
    }
}

/// The fields in which our part of a web ACL differs from what is wanted of it, tags apart. Foreign rules do not count.
#[must_use]
pub fn diff(wanted: &Managed, found: &Managed) -> Vec<Change> {
    let mut changes = changes_between(found, wanted);
    // A rule that comes or goes changes the order, too.
    if changes.len() > 1 {
        changes.retain(|change| change.path != ORDER);
    }
    changes
}

/// What we manage of a web ACL's document, in one spelling.
#[derive(Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Managed {
    rules: BTreeMap<String, Value>,
    default_action: Value,
    custom_response_bodies: Map<String, Value>,
    #[serde(rename = "rules.order")]
    order: Vec<Value>,
}

/// As [`Managed`] writes it.
const ORDER: &str = "rules.order";

/// What we manage of `document`. Foreign rules do not count.
#[must_use]
pub fn managed(document: &Value) -> Managed {
    let rules = rules_of(document).into_iter();
    let ours: Vec<&Value> = rules.filter(|rule| is_ours(rule)).collect();
    let by_name = ours.iter().map(|rule| {
        let name = rule["Name"].as_str().unwrap_or_default();
        (
            name.strip_prefix(RULE_PREFIX).unwrap_or(name).to_owned(),
            canonical(rule),
        )
    });
    Managed {
        rules: by_name.collect(),
        default_action: document["DefaultAction"].clone(),
        custom_response_bodies: bodies::ours(document),
        order: ours.iter().map(|rule| rule["Name"].clone()).collect(),
    }
}

/// The differences that our own last write did not remove, and that are not written again.
#[must_use]
pub fn left(desired: &Desired, found: &Observed, inputs: &Inputs, pass: &Pass) -> Vec<Change> {
    let Some(arns) = &inputs.ip_sets else {
        return vec![];
    };
    let document = &found.content.document;
    let wanted = managed(&merged(document, parts(&desired.spec, arns)));
    let part = managed(document);
    if pass.is_what_came_of(&Id::of(Kind::WebAcl), found, &part, &wanted) {
        diff(&wanted, &part)
    } else {
        vec![]
    }
}

/// What the web ACL needs next.
#[must_use]
pub fn next(desired: &Desired, seen: &Seen<Listed, Observed>, inputs: &Inputs, pass: &Pass) -> Next<Action> {
    let Some(arns) = &inputs.ip_sets else {
        return Next::Blocked(vec![Kind::IpSet]);
    };
    let wanted = parts(&desired.spec, arns);
    let hash = hash_with(desired, &wanted, inputs);
    match pass.look(&Id::of(Kind::WebAcl), &hash, seen) {
        Look::Verified(row) => match row_tags(row.tags.as_ref(), &desired.owner, &desired.tags) {
            RowTags::Right => Next::Done,
            RowTags::Unknown => Next::Read,
            RowTags::Wrong(changes, step) => retag(desired, &row.entity, changes, step),
        },
        Look::Outdated(_) | Look::Read => Next::Read,
        Look::Absent if !inputs.has_role => Next::Blocked(vec![Kind::Role]),
        Look::Absent => {
            let action = Action::Create {
                name: desired.name.clone(),
                document: new_document(desired, wanted, inputs.copied.as_ref()),
                tags: desired.tags.clone(),
            };
            act(desired, Verb::Create, vec![], action)
        }
        Look::Present(found) => next_of_present(desired, wanted, found, inputs, pass),
    }
}

/// Hash of everything that is wanted of the web ACL; `None` while an IP set is missing.
#[must_use]
pub fn hash_of(desired: &Desired, inputs: &Inputs) -> Option<String> {
    let arns = inputs.ip_sets.as_ref()?;
    Some(hash_with(desired, &parts(&desired.spec, arns), inputs))
}

fn hash_with(desired: &Desired, wanted: &Parts, inputs: &Inputs) -> String {
    if inputs.is_shield_rule_awaited {
        return desired_hash(&(&desired.name, wanted, "without Shield's rule"));
    }
    if let Some(copied) = &inputs.copied {
        let action = copied.default_action();
        return desired_hash(&(&desired.name, wanted, &copied.rules, action));
    }
    desired_hash(&(&desired.name, wanted))
}

fn next_of_present(
    desired: &Desired,
    wanted: Parts,
    found: &Observed,
    inputs: &Inputs,
    pass: &Pass,
) -> Next<Action> {
    let entity = &found.content.entity;
    match inputs.whose {
        Ownership::Foreign => {
            let id = Id::of(Kind::WebAcl);
            return Next::Problem(name_taken(id, "Web ACL", &entity.name, &desired.owner));
        }
        Ownership::Stripped => {
            let (changes, missing) = tags_back(&found.tags, &desired.tags);
            return retag(desired, entity, changes, TagStep::Set(missing));
        }
        Ownership::Ours | Ownership::Condemned | Ownership::Retained => {}
    }
    let copied = inputs.copied.as_ref();
    let copied = copied.filter(|copied| !copied.stands_in(&found.content.document));
    let base = copied.map(|copied| copied.applied_to(&found.content.document));
    let document = merged(base.as_ref().unwrap_or(&found.content.document), wanted);
    let wanted = managed(&document);
    let part = managed(&found.content.document);
    let mut changes = diff(&wanted, &part);
    changes.extend(copied.map(copied_rules));
    let is_left_to_aws =
        copied.is_none() && pass.is_what_came_of(&Id::of(Kind::WebAcl), found, &part, &wanted);
    if !changes.is_empty() && !is_left_to_aws {
        if found.content.document["ManagedByFirewallManager"] == json!(true) {
            return Next::Problem(managed_by_firewall_manager(entity));
        }
        let entity = entity.clone();
        let action = Action::Update { entity, document };
        return act(desired, Verb::Update, changes, action);
    }
    match tag_step_changes(&found.tags, &desired.tags) {
        Some((changes, step)) => retag(desired, entity, changes, step),
        None => foreign_allow(found).map_or(Next::Done, Next::Problem),
    }
}

fn retag(desired: &Desired, entity: &Entity, changes: Vec<Change>, step: TagStep) -> Next<Action> {
    let action = Action::Tag(TagCall::new(&entity.arn, step));
    act(desired, Verb::Update, changes, action)
}

/// The change that the rules of the former web ACL are.
fn copied_rules(copied: &Copied) -> Change {
    Change {
        path: "copiedRules".to_owned(),
        from: Value::Null,
        to: json!(copied.names()),
    }
}

/// The document of a new web ACL.
fn new_document(desired: &Desired, wanted: Parts, copied: Option<&Copied>) -> Value {
    let mut document = json!({
        "Description": format!("Palisade: {}", desired.owner.made_for().object()),
        "DefaultAction": {"Allow": {}},
        "VisibilityConfig": {
            "SampledRequestsEnabled": true, "CloudWatchMetricsEnabled": true, "MetricName": desired.name
        },
    });
    if let Some(copied) = copied {
        document = copied.applied_to(&document);
    }
    merged(&document, wanted)
}

/// `found` with our parts replaced by `wanted`. Foreign rules and every other field stay byte for byte.
#[must_use]
pub fn merged(found: &Value, wanted: Parts) -> Value {
    let foreign: Vec<Value> = rules_of(found)
        .into_iter()
        .filter(|rule| !is_ours(rule))
        .cloned()
        .collect();
    let mut taken: BTreeSet<i64> = foreign.iter().map(priority).collect();
    // What is taken over of a former web ACL has the first numbers, however many there are.
    let mut next = FIRST_PRIORITY.max(i64::try_from(foreign.len()).unwrap_or(i64::MAX));
    let ours = wanted.rules.into_iter().map(|rule| {
        while !taken.insert(next) {
            next += PRIORITY_STEP;
        }
        let mut with_priority = Map::new();
        if let Value::Object(fields) = rule {
            with_priority.extend(fields);
        }
        with_priority.insert("Priority".into(), json!(next));
        Value::Object(with_priority)
    });
    let ours: Vec<Value> = ours.collect();
    let mut all: Vec<Value> = foreign.into_iter().chain(ours).collect();
    all.sort_by_key(priority);
    let mut document = found.clone();
    // What it inserts into the requests that it lets in is as little ours as the rules of others.
    if document["DefaultAction"].get("Allow").is_none() {
        document["DefaultAction"] = json!({"Allow": {}});
    }
    document["Rules"] = Value::Array(all);
    bodies::put(&mut document, &wanted.bodies);
    // WAF answers an empty description for none, and refuses it.
    if document["Description"] == json!("")
        && let Some(fields) = document.as_object_mut()
    {
        fields.shift_remove("Description");
    }
    document
}

pub(super) fn rules_of(document: &Value) -> Vec<&Value> {
    let mut rules: Vec<&Value> = document["Rules"].as_array().into_iter().flatten().collect();
    rules.sort_by_key(|rule| priority(rule));
    rules
}

pub(super) fn is_ours(rule: &Value) -> bool {
    rule["Name"]
        .as_str()
        .is_some_and(|name| name.starts_with(RULE_PREFIX))
}

pub(super) fn priority(rule: &Value) -> i64 {
    rule["Priority"].as_i64().unwrap_or_default()
}

fn managed_by_firewall_manager(entity: &Entity) -> Problem {
    Problem {
        id: Id::of(Kind::WebAcl),
        reason: Reason::ManagedByFirewallManager,
        field: None,
        message: format!(
            "web ACL {} is managed by Firewall Manager, which refuses every other writer; take it out of the policy's \
             scope",
            entity.name
        ),
        remedy: None,
        stands: false,
        retry_after: None,
    }
}

fn act(desired: &Desired, verb: Verb, changes: Vec<Change>, action: Action) -> Next<Action> {
    Next::act(Id::of(Kind::WebAcl), &desired.name, verb, changes, action)
}

impl Observed {
    /// The web ACL after one of our own updates. Its capacity is not known until it is read again.
    #[must_use]
    pub fn written(entity: Entity, mut document: Value, tags: Tags) -> Self {
        if let Some(fields) = document.as_object_mut() {
            fields.shift_remove("Capacity");
        }
        Self {
            content: Content { entity, document },
            tags,
        }
    }

    /// Capacity units in use, if the web ACL was read since the last write.
    #[must_use]
    pub fn capacity(&self) -> Option<i64> {
        self.content.document["Capacity"].as_i64()
    }
}

impl Fingerprint for Observed {
    fn fingerprint(&self) -> String {
        self.content.entity.fingerprint()
    }
}
