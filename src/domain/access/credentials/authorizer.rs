//! The Lambda authorizer that lets in who shows the secret header: its role and function in the API's Region, and its
//! entry in the API.
//!
//! ```text
//! role ─▶ function ─▶ (active) ─▶ permission ─▶ entry ─▶ (CloudFront sends the value; the routes ask the entry)
//!             └ rotation: code that accepts two values ─▶ (the next one is proven, sent, Deployed, proven) ─▶ one value
//! ```
//!
//! The function knows only digests. The values themselves stand nowhere but in CloudFront's configuration.

pub(in crate::domain::access) use super::authorizer_wanted::entry_name;
pub use super::authorizer_wanted::{Desired, Settings, desired};
pub use crate::domain::access::asked::authorizer_names::name;
use crate::domain::kernel::change::Change;
use crate::domain::kernel::identity::{Owner, Ownership, Tags};
use crate::domain::kernel::observing::{Fingerprint, desired_hash};
use crate::domain::kernel::planning::{self, Id, Kind, Verb};
use crate::domain::kernel::tagging::tags_back;
use crate::domain::signer::{function, role};
use serde::Serialize;
use serde_json::Value;

/// One call about the authorizer.
pub type Step = planning::Step<Action>;
/// What it needs next.
pub type Next = planning::Next<Action>;

/// The only statement of ours in the function's resource policy.
pub const STATEMENT: &str = "palisade-api-gateway";

/// A request authorizer as an API has it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Entry {
    /// The authorizer's id.
    pub id: String,
    /// The authorizer's name.
    pub name: String,
    /// What it is made from, as far as that is of our kind.
    pub settings: Settings,
    /// REST, in lists: all that it is made from, in the spelling of exports, to be compared with the deployed one; null elsewhere.
    pub exported: Value,
}

/// What AWS has of an owner's authorizer.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Observed {
    /// The function's role.
    pub role: Option<role::Observed>,
    /// The function.
    pub function: Option<function::Observed>,
    /// The function's resource policy; null where it has none.
    pub policy: Value,
    /// The owner's entries in the API.
    pub entries: Vec<Entry>,
}

/// Whose the parts of the authorizer are; somebody else's where they were not read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[allow(missing_docs)]
pub struct Whose {
    pub role: Ownership,
    pub function: Ownership,
}

/// One call that brings the authorizer nearer to what is wanted.
#[derive(Debug, Clone, PartialEq)]
#[allow(missing_docs)]
pub enum Action {
    CreateRole(role::Creation),
    DeleteRole,
    ChangeRole(role::Action),
    CreateFunction(function::Creation),
    UpdateCode {
        zip: Vec<u8>,
        revision: String,
    },
    UpdateSettings {
        settings: function::Settings,
        revision: String,
    },
    DeleteFunction,
    Permit {
        source: String,
    },
    CreateEntry {
        name: String,
        settings: Settings,
    },
    UpdateEntry {
        id: String,
        settings: Settings,
    },
    DeleteEntry(String),
    TagFunction(Tags),
    UntagFunction(Vec<String>),
}

impl Observed {
    /// The entry that the routes should ask.
    #[must_use]
    pub fn entry(&self, desired: &Desired) -> Option<&Entry> {
        let name = desired.entry_name();
        self.entries.iter().find(|entry| entry.name == name)
    }

    pub(in crate::domain::access) fn is_permitted(&self, desired: &Desired) -> bool {
        let source = Value::from(desired.source());
        let statements = self.policy["Statement"].as_array();
        statements.into_iter().flatten().any(|statement| {
            statement["Sid"] == STATEMENT
                && statement["Effect"] == "Allow"
                && statement["Condition"]["ArnLike"]["AWS:SourceArn"] == source
        })
    }

    /// Whether nothing is left of the owner's.
    #[must_use]
    pub fn is_empty(&self, owner: &Owner, whose: Whose) -> bool {
        removal(owner, whose, self).is_none()
    }
}

/// Hash of everything that is wanted of the authorizer, the values apart.
#[must_use]
pub fn hash_of(desired: &Desired) -> String {
    desired_hash(desired)
}

/// Takes in that role or tags were written.
pub fn after_writing(found: &mut Observed, action: &Action) {
    let function = found.function.as_mut().map(|function| &mut function.tags);
    match (action, function) {
        (Action::ChangeRole(action), _) => found.role = role::after(found.role.as_ref(), action),
        (Action::TagFunction(tags), Some(found)) => found.extend(tags.clone()),
        (Action::UntagFunction(keys), Some(found)) => found.retain(|key, _| !keys.contains(key)),
        _ => {}
    }
}

/// The next call that takes the owner's entries, function and role away; `None` when nothing is left.
#[must_use]
pub fn removal(owner: &Owner, whose: Whose, found: &Observed) -> Option<Step> {
    let function = found
        .function
        .as_ref()
        .filter(|_| whose.function != Ownership::Foreign);
    let role = found.role.as_ref().filter(|_| whose.role != Ownership::Foreign);
    let (verb, action) = if let Some(entry) = found.entries.first() {
        (Verb::Delete, Action::DeleteEntry(entry.id.clone()))
    } else if let Some(function) = function {
        match whose.function {
            Ownership::Stripped => (
                Verb::Update,
                Action::TagFunction(tags_back(&function.tags, &owner.tags()).1),
            ),
            _ => (Verb::Delete, Action::DeleteFunction),
        }
    } else if let Some(role) = role {
        match role::emptied(role) {
            Some(action) => (Verb::Update, Action::ChangeRole(action)),
            None => (Verb::Delete, Action::DeleteRole),
        }
    } else {
        return None;
    };
    Some(step(&name(owner), verb, vec![], action))
}

/// The next call of a teardown: the lock stays on the API, and so does the entry that its routes ask.
#[must_use]
pub fn removal_with_lock(owner: &Owner, whose: Whose, found: &Observed) -> Option<Step> {
    let without_entries = Observed {
        entries: vec![],
        ..found.clone()
    };
    removal(owner, whose, &without_entries)
}

pub(in crate::domain::access) fn step(name: &str, verb: Verb, changes: Vec<Change>, action: Action) -> Step {
    Step {
        id: Id::of(Kind::Authorizer),
        name: name.to_owned(),
        verb,
        changes,
        action,
    }
}

impl Fingerprint for Observed {
    fn fingerprint(&self) -> String {
        let code = self
            .function
            .as_ref()
            .map(|function| &function.latest.code_sha256);
        crate::domain::kernel::hash::short(&(code, &self.entries))
    }
}
