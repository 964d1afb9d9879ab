//! The web ACL's logging configuration: part of the web ACL, without tags or lock token of its own.

use crate::api::WebAclLogging;
use crate::domain::kernel::change::{Change, changes_between};
use crate::domain::kernel::hash;
use crate::domain::kernel::observing::{Fingerprint, Look, Pass, Seen, desired_hash};
use crate::domain::kernel::planning::{Id, Kind, Next, Problem, Verb};
use crate::domain::kernel::reason::Reason;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use std::collections::BTreeSet;

/// A logging configuration as WAF has it: the raw document.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Observed {
    /// `LoggingConfiguration`, with every field as AWS sent it.
    pub document: Value,
}

/// The logging configuration as it should be.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Desired {
    /// ARN of the log group, stream or bucket.
    pub destination: String,
    /// Headers left out.
    pub redacted_headers: BTreeSet<String>,
}

/// What logging needs of others.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Inputs {
    /// ARN of the web ACL, once that is known to be ours.
    pub web_acl_arn: Option<String>,
}

/// One call that brings logging nearer to what is wanted.
#[derive(Debug, Clone, PartialEq)]
#[allow(missing_docs)]
pub enum Action {
    Put(Value),
    Delete { web_acl_arn: String },
}

/// What logging should be; the baseline leaves out the Authorization header.
#[must_use]
pub fn desired(spec: &WebAclLogging) -> Desired {
    let baseline = || vec!["authorization".to_owned()];
    Desired {
        destination: spec.destination_arn.clone(),
        redacted_headers: spec
            .redact_headers
            .clone()
            .unwrap_or_else(baseline)
            .into_iter()
            .collect(),
    }
}

/// The fields in which logging differs from what is wanted.
#[must_use]
pub fn diff(desired: &Desired, observed: &Observed) -> Vec<Change> {
    changes_between(&managed(&observed.document), desired)
}

/// What we manage of a document. WAF names a log group with or without `:*` at its end.
#[must_use]
pub fn managed(document: &Value) -> Desired {
    let destination = document["LogDestinationConfigs"][0].as_str().unwrap_or_default();
    let headers = document["RedactedFields"].as_array().into_iter().flatten();
    Desired {
        destination: destination.trim_end_matches(":*").to_owned(),
        redacted_headers: headers
            .filter_map(|field| field["SingleHeader"]["Name"].as_str())
            .map(str::to_lowercase)
            .collect(),
    }
}

/// What logging needs next.
#[must_use]
pub fn next(
    wanted: Option<&Desired>,
    seen: &Seen<Observed, Observed>,
    inputs: &Inputs,
    pass: &Pass,
) -> Next<Action> {
    let Some(arn) = &inputs.web_acl_arn else {
        return if wanted.is_some() {
            Next::Blocked(vec![Kind::WebAcl])
        } else {
            Next::Done
        };
    };
    let look = pass.look(&Id::of(Kind::Logging), &hash_with(wanted, arn), seen);
    match (wanted, look) {
        (_, Look::Verified(_)) | (None, Look::Absent) => Next::Done,
        (_, Look::Read) => Next::Read,
        (Some(wanted), Look::Absent) => {
            let action = Action::Put(document(arn, wanted, None));
            act(arn, Verb::Create, vec![], action)
        }
        // The list shows a logging configuration whole.
        (Some(wanted), Look::Present(found) | Look::Outdated(found)) => {
            next_of_found(wanted, arn, found, pass)
        }
        (None, Look::Present(found) | Look::Outdated(found)) => next_of_surplus(arn, found, pass),
    }
}

fn next_of_found(wanted: &Desired, arn: &str, found: &Observed, pass: &Pass) -> Next<Action> {
    let part = managed(&found.document);
    let changes = diff(wanted, found);
    if changes.is_empty() || pass.is_what_came_of(&Id::of(Kind::Logging), found, &part, wanted) {
        return Next::Done;
    }
    if is_of_firewall_manager(found) {
        return Next::Problem(managed_by_firewall_manager(arn));
    }
    let action = Action::Put(document(arn, wanted, Some(found)));
    act(arn, Verb::Update, changes, action)
}

/// Logging that somebody else has switched on, or writes by now, stays.
fn next_of_surplus(arn: &str, found: &Observed, pass: &Pass) -> Next<Action> {
    if is_of_firewall_manager(found) || !is_ours(found, arn, pass) {
        return Next::Done;
    }
    let action = Action::Delete {
        web_acl_arn: arn.to_owned(),
    };
    act(arn, Verb::Delete, vec![], action)
}

/// The differences that our own last write did not remove, and that are not written again.
#[must_use]
pub fn left(wanted: Option<&Desired>, found: &Observed, pass: &Pass) -> Vec<Change> {
    let part = managed(&found.document);
    match wanted {
        Some(wanted) if pass.is_what_came_of(&Id::of(Kind::Logging), found, &part, wanted) => {
            diff(wanted, found)
        }
        _ => vec![],
    }
}

/// Hash of what is wanted of logging; `None` while the web ACL is missing.
#[must_use]
pub fn hash_of(wanted: Option<&Desired>, inputs: &Inputs) -> Option<String> {
    Some(hash_with(wanted, inputs.web_acl_arn.as_ref()?))
}

fn hash_with(wanted: Option<&Desired>, web_acl_arn: &str) -> String {
    desired_hash(&(wanted, web_acl_arn))
}

fn is_of_firewall_manager(found: &Observed) -> bool {
    found.document["ManagedByFirewallManager"] == json!(true)
}

/// Whether logging is as we have it on record: as it was sent, or as it was seen when it was wanted.
fn is_ours(found: &Observed, arn: &str, pass: &Pass) -> bool {
    let known = pass.recorded.get(Kind::Logging.name());
    let was_wanted = known
        .and_then(|known| known.split_once('.'))
        .is_some_and(|(wanted, seen)| wanted != hash_with(None, arn) && seen == found.fingerprint());
    was_wanted || pass.is_as_sent(&Id::of(Kind::Logging), &managed(&found.document))
}

/// The raw document: what was read, with our parts replaced. Fields that others leave out of the logs stay left out.
fn document(arn: &str, desired: &Desired, found: Option<&Observed>) -> Value {
    let mut document = found.map_or_else(|| json!({}), |found| found.document.clone());
    let headers = desired
        .redacted_headers
        .iter()
        .map(|name| json!({"SingleHeader": {"Name": name}}));
    let found = document["RedactedFields"].as_array().into_iter().flatten();
    let others = found.filter(|field| field.get("SingleHeader").is_none()).cloned();
    let redacted: Vec<Value> = others.chain(headers).collect();
    document["ResourceArn"] = json!(arn);
    document["LogDestinationConfigs"] = json!([desired.destination]);
    document["RedactedFields"] = json!(redacted);
    document
}

fn managed_by_firewall_manager(arn: &str) -> Problem {
    Problem {
        id: Id::of(Kind::Logging),
        reason: Reason::ManagedByFirewallManager,
        field: None,
        message: format!(
            "Firewall Manager writes the logging of {arn} otherwise than spec.webAcl.logging asks: leave the field out, or have \
             the policy changed"
        ),
        remedy: None,
        stands: true,
        retry_after: None,
    }
}

fn act(arn: &str, verb: Verb, changes: Vec<Change>, action: Action) -> Next<Action> {
    Next::act(Id::of(Kind::Logging), arn, verb, changes, action)
}

impl Fingerprint for Observed {
    fn fingerprint(&self) -> String {
        hash::short(&self.document)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ARN: &str = "arn:aws:wafv2:us-east-1:111122223333:global/webacl/palisade-shop-petstore/1";

    fn to(destination: &str) -> Desired {
        Desired {
            destination: destination.to_owned(),
            redacted_headers: ["authorization".to_owned()].into(),
        }
    }

    /// What is next where Firewall Manager has logs written to `bucket-a`.
    fn next_to_firewall_manager(wanted: Option<&Desired>) -> Next<Action> {
        let mut document = document(ARN, &to("bucket-a"), None);
        document["ManagedByFirewallManager"] = json!(true);
        let inputs = Inputs {
            web_acl_arn: Some(ARN.to_owned()),
        };
        let seen = Seen::Present(Observed { document });
        next(wanted, &seen, &inputs, &Pass::default())
    }

    #[test]
    fn firewall_manager_s_logging_is_right_where_it_is_as_declared_or_none_is() {
        assert_eq!(next_to_firewall_manager(Some(&to("bucket-a"))), Next::Done);
        assert_eq!(next_to_firewall_manager(None), Next::Done);
    }

    #[test]
    fn firewall_manager_s_logging_is_a_problem_where_another_is_declared() {
        let next = next_to_firewall_manager(Some(&to("bucket-b")));
        let Next::Problem(problem) = next else {
            panic!("{next:?}");
        };
        assert_eq!(problem.reason, Reason::ManagedByFirewallManager);
    }
}
