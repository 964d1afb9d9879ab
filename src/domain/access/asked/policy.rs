//! `spec.access.sigV4.exclusive`: statements of ours in a REST API's resource policy, so that only the signer's role may
//! call the stage, and no other principal of the account.
//!
//! Others' statements stay as they are, in their order. What is ours is known by its `Sid`, which has the owner's UID: each
//! stage has a statement of its own.

use super::policy_callers;
use crate::domain::kernel::hash;
use crate::domain::kernel::identity::Owner;
use crate::domain::kernel::reason::Reason;
use serde::Serialize;
use serde_json::{Map, Value, json};
use std::collections::BTreeSet;

/// API Gateway's limit on a policy, in bytes.
pub const LARGEST: usize = 8_192;
/// As many statements as status holds.
const STATEMENTS: usize = 20;
/// As long as a statement's name is in status.
const STATEMENT_NAME: usize = 128;
/// Start of the `Sid` of the statement that denies all but the signer's role.
pub(in crate::domain::access) const ONLY: &str = "PalisadeOnly";
/// Start of the `Sid` of the statement that keeps excluded methods open.
pub(in crate::domain::access) const OPEN: &str = "PalisadeOpen";
/// Stands before the fingerprint of the whole policy in the description of a deployment.
const WHOLE: &str = ", with policy ";
/// Stands before the fingerprint of our statements in the description of a deployment that has them.
const TOLD: &str = ", policy ";

/// The resource policy of a REST API; null where there is none.
#[derive(Debug, Clone, PartialEq, Default, Serialize)]
pub struct Policies {
    /// As edited.
    pub edited: Value,
    /// As the stage serves it.
    pub served: Value,
    /// Why it is not known what the stage serves.
    pub untold: Option<String>,
    /// What the description of the deployment says that the stage serves.
    pub description: String,
    /// Ends of the `Sid`s of statements for this stage whose objects are gone: they are replaced like the owner's own.
    pub vanished: BTreeSet<String>,
}

/// A statement of Palisade's that lets only the roles of another object call the stage.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Rival {
    /// Its whole `Sid`.
    pub sid: String,
    /// The end of its `Sid`: the UID of its object, without hyphens.
    pub uid: String,
    /// ARNs of the roles that it lets in.
    pub roles: Vec<String>,
}

/// The end of the `Sid` of statements of the object with this UID.
#[must_use]
pub fn sid_end(uid: &str) -> String {
    uid.chars().filter(char::is_ascii_alphanumeric).collect()
}

/// Why our statements cannot be written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Obstacle {
    /// In a word.
    pub reason: Reason,
    /// What is wrong and what to do.
    pub message: String,
}

impl Policies {
    /// Where the policy was edited, others' statements alone, since it was deployed.
    #[must_use]
    pub fn pending(&self) -> Option<String> {
        let others = |policy: &Value| canonical(&without(policy, |sid| !is_palisades(sid)));
        (others(&self.edited) != others(&self.served)).then(|| "the resource policy".to_owned())
    }

    /// Our statements as edited, and those that vanished objects left.
    #[must_use]
    pub fn edited_of(&self, owner: &Owner) -> Vec<Value> {
        self.of(&self.edited, owner)
    }

    /// Statements, edited or served, that deny this stage to all but the roles of other objects.
    #[must_use]
    pub fn rivals(&self, stage: &str, owner: &Owner) -> BTreeSet<Rival> {
        let all = statements(&self.edited).chain(statements(&self.served));
        let rivals = all.filter_map(|found| {
            let uid = sid(found).strip_prefix(ONLY)?;
            let resources = list(&found["Resource"]);
            let mut resources = resources.iter().filter_map(|arn| arn.split('/').nth(1));
            (uid != suffix(owner) && resources.all(|of| of == stage)).then(|| Rival {
                sid: sid(found).to_owned(),
                uid: uid.to_owned(),
                roles: list(&found["Condition"]["ArnNotEquals"]["aws:PrincipalArn"]),
            })
        });
        rivals.collect()
    }

    fn of(&self, policy: &Value, owner: &Owner) -> Vec<Value> {
        let ours = statements(policy).filter(|found| self.is_of(sid(found), owner));
        ours.cloned().collect()
    }

    /// Whether a statement is the owner's, or was left by an object that is gone.
    fn is_of(&self, sid: &str, owner: &Owner) -> bool {
        let mut ends = [ONLY, OPEN].iter().filter_map(|start| sid.strip_prefix(start));
        ends.any(|end| end == suffix(owner) || self.vanished.contains(end))
    }

    /// Whether the stage serves just `wanted` as our statements. Where its export has no policy at all, the description of our
    /// deployment tells.
    #[must_use]
    pub fn serves(&self, wanted: &[Value], owner: &Owner) -> bool {
        if !self.served.is_null() {
            return same(&self.of(&self.served, owner), wanted);
        }
        let told = self.description.split_once(TOLD).map(|(_, told)| told);
        let told = told.filter(|_| super::is_ours(&self.description, owner));
        told.map(ToOwned::to_owned) == fingerprint(wanted)
    }

    /// The policy with `wanted` in place of our statements; empty: no policy.
    #[must_use]
    pub fn with(&self, wanted: &[Value], owner: &Owner) -> String {
        let mut policy = without(&self.edited, |sid| !self.is_of(sid, owner));
        if wanted.is_empty() {
            return if policy.is_null() {
                String::new()
            } else {
                policy.to_string()
            };
        }
        if policy.is_null() {
            policy = json!({"Version": "2012-10-17", "Statement": []});
        }
        let mut statements: Vec<Value> = statements(&policy).cloned().collect();
        statements.extend_from_slice(wanted);
        policy["Statement"] = Value::Array(statements);
        policy.to_string()
    }

    /// Names of others' statements, served or edited, that ask from which address a call comes. The API now sees CloudFront's.
    #[must_use]
    pub fn by_address(&self) -> Vec<String> {
        self.names(asks_for_address)
    }

    /// Names of others' statements that let in callers of any AWS account at one of the `routes` of `stage`. Whoever signs for
    /// another account needs the API's leave and their own account's; whoever signs for the API's account needs one of both.
    /// <https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-authorization-flow.html>
    #[must_use]
    pub fn open_to_all_accounts(&self, stage: &str, routes: &[&str]) -> Vec<String> {
        let denials: Vec<&Value> = statements(self.known())
            .filter(|found| policy_callers::denies_others(found))
            .collect();
        let is_denied = |route: &str| {
            let mut denials = denials.iter();
            denials.any(|found| policy_callers::speaks_of_all(found, stage, route))
        };
        let left: Vec<&str> = routes.iter().copied().filter(|route| !is_denied(route)).collect();
        self.names(|found| {
            let lets_in = |route: &&str| policy_callers::may_speak_of(found, stage, route);
            policy_callers::lets_in_others(found) && left.iter().any(lets_in)
        })
    }

    /// Why it is not known which policy the stage serves; `None` where it is known, or decides nothing.
    #[must_use]
    pub fn not_told(&self) -> Option<&str> {
        self.untold.as_deref()
    }

    /// Whether a statement that asks for the caller's address denies.
    #[must_use]
    pub fn denies_by_address(&self) -> bool {
        statements(self.known()).any(|found| asks_for_address(found) && found["Effect"] == "Deny")
    }

    /// As the stage serves it, where that is known; else as edited.
    fn known(&self) -> &Value {
        if self.served.is_null() {
            &self.edited
        } else {
            &self.served
        }
    }

    /// Names of the statements that are so: each by its `Sid`, or by its place.
    fn names(&self, is: impl Fn(&Value) -> bool) -> Vec<String> {
        let named = statements(self.known())
            .enumerate()
            .filter(|(_, found)| is(found));
        named
            .map(|(at, found)| match sid(found) {
                "" => format!("statement {}", at + 1),
                sid => sid.to_owned(),
            })
            .collect()
    }

    /// The roles that statements of objects let in that are gone.
    pub(in crate::domain::access) fn roles_of_vanished(
        &self,
        stage: &str,
        owner: &Owner,
    ) -> BTreeSet<String> {
        let gone = self.of_vanished(stage, owner).into_iter();
        gone.flat_map(|rival| rival.roles).collect()
    }

    /// Statements of objects that are gone: each denies the stage to all but its object's roles until it is replaced.
    pub(in crate::domain::access) fn of_vanished(&self, stage: &str, owner: &Owner) -> Vec<Rival> {
        let rivals = self.rivals(stage, owner).into_iter();
        rivals
            .filter(|rival| self.vanished.contains(&rival.uid))
            .collect()
    }

    /// Whether such a statement denies the route `key` of `stage`, as that serves it.
    pub(in crate::domain::access) fn is_denied_by_vanished(&self, stage: &str, key: &str) -> bool {
        let is_of_vanished = |found: &&Value| {
            let end = sid(found).strip_prefix(ONLY);
            end.is_some_and(|end| self.vanished.contains(end))
        };
        let mut denials = statements(&self.served).filter(is_of_vanished);
        denials.any(|found| policy_callers::speaks_of_all(found, stage, key))
    }

    /// The roles that our statement lets in, as the stage serves it; as edited, where that is not known.
    pub(in crate::domain::access) fn admitted(&self, owner: &Owner) -> Vec<String> {
        admitted_by(self.known(), owner)
    }

    /// The roles that our statement lets in, as the stage serves it or as edited.
    pub(in crate::domain::access) fn known_to_admit(&self, owner: &Owner) -> Vec<String> {
        let served = admitted_by(&self.served, owner).into_iter();
        served.chain(admitted_by(&self.edited, owner)).collect()
    }
}

/// The roles that the owner's statement in `policy` lets in.
fn admitted_by(policy: &Value, owner: &Owner) -> Vec<String> {
    let own = format!("{ONLY}{}", suffix(owner));
    let only = statements(policy).find(|found| sid(found) == own);
    let arns = only.map(|found| list(&found["Condition"]["ArnNotEquals"]["aws:PrincipalArn"]));
    arns.unwrap_or_default()
}

/// Tells of the statements in the description of a deployment that has them.
#[must_use]
pub fn told(wanted: &[Value]) -> String {
    fingerprint(wanted)
        .map(|hash| format!("{TOLD}{hash}"))
        .unwrap_or_default()
}

/// Tells of the whole policy in the description of a deployment that carries it.
#[must_use]
pub fn told_whole(edited: &Value) -> String {
    format!("{WHOLE}{}", hash::short(&canonical(edited)))
}

/// Whether a deployment with this description carries the policy `edited`.
#[must_use]
pub fn carries(description: &str, edited: &Value) -> bool {
    let (whole, _) = description.split_once(TOLD).unwrap_or((description, ""));
    whole.ends_with(&told_whole(edited))
}

/// Whether the description of a deployment of ours tells of statements.
#[must_use]
pub fn tells_of_policy(description: &str) -> bool {
    description.contains(TOLD)
}

fn fingerprint(wanted: &[Value]) -> Option<String> {
    let canonical: Vec<Value> = wanted.iter().map(canonical).collect();
    (!wanted.is_empty()).then(|| hash::short(&canonical))
}

/// A `Sid` has letters and digits only.
pub(in crate::domain::access) fn suffix(owner: &Owner) -> String {
    sid_end(&owner.uid)
}

pub(in crate::domain::access) fn is_palisades(sid: &str) -> bool {
    sid.starts_with(ONLY) || sid.starts_with(OPEN)
}

pub(in crate::domain::access) fn sid(statement: &Value) -> &str {
    statement["Sid"].as_str().unwrap_or_default()
}

pub(in crate::domain::access) fn statements(policy: &Value) -> impl Iterator<Item = &Value> {
    match &policy["Statement"] {
        Value::Array(statements) => statements.as_slice(),
        Value::Null => &[],
        one => std::slice::from_ref(one),
    }
    .iter()
}

/// The policy with the statements that are kept; null where none is.
fn without(policy: &Value, is_kept: impl Fn(&str) -> bool) -> Value {
    let kept: Vec<Value> = statements(policy)
        .filter(|found| is_kept(sid(found)))
        .cloned()
        .collect();
    if kept.is_empty() {
        return Value::Null;
    }
    let mut policy = policy.clone();
    policy["Statement"] = Value::Array(kept);
    policy
}

fn asks_for_address(statement: &Value) -> bool {
    let tests = statement["Condition"].as_object().into_iter().flatten();
    let mut keys = tests.flat_map(|(_, keys)| keys.as_object().into_iter().flatten());
    keys.any(|(key, _)| ["aws:sourceip", "aws:vpcsourceip"].contains(&key.to_lowercase().as_str()))
}

/// Whether two lists of statements say the same.
#[must_use]
pub fn same(a: &[Value], b: &[Value]) -> bool {
    a.len() == b.len() && a.iter().zip(b).all(|(a, b)| canonical(a) == canonical(b))
}

/// One spelling of what AWS takes in several: one value without brackets, lists in order, anybody as `*`, and methods of
/// the API in short.
fn canonical(value: &Value) -> Value {
    match value {
        Value::Array(items) if items.len() == 1 => canonical(&items[0]),
        Value::Array(items) => {
            let mut items: Vec<Value> = items.iter().map(canonical).collect();
            if items.iter().all(Value::is_string) {
                items.sort_by(|a, b| a.as_str().cmp(&b.as_str()));
            }
            Value::Array(items)
        }
        Value::Object(fields)
            if fields.len() == 1 && fields.get("AWS").is_some_and(|who| canonical(who) == "*") =>
        {
            json!("*")
        }
        Value::Object(fields) => {
            let mut sorted: Vec<_> = fields.iter().collect();
            sorted.sort_by_key(|(key, _)| *key);
            let fields = sorted
                .into_iter()
                .map(|(key, value)| (key.clone(), canonical(value)));
            Value::Object(fields.collect::<Map<_, _>>())
        }
        Value::String(text) if text.starts_with("arn:aws:execute-api:") => match text.split_once('/') {
            Some((_, method)) => json!(format!("execute-api:/{method}")),
            None => value.clone(),
        },
        other => other.clone(),
    }
}

pub(in crate::domain::access) fn list(value: &Value) -> Vec<String> {
    let texts = |value: &Value| value.as_str().map(ToOwned::to_owned);
    match value {
        Value::Array(items) => items.iter().filter_map(texts).collect(),
        one => texts(one).into_iter().collect(),
    }
}

/// Names of statements that ask for the caller's address, as status holds them.
pub(in crate::domain) fn by_address(policies: &Policies) -> Vec<String> {
    let names = policies.by_address().into_iter().take(STATEMENTS);
    names
        .map(|name| name.chars().take(STATEMENT_NAME).collect())
        .collect()
}
