//! Resource policies of REST APIs: how they are taken, and what they say to a caller.

use super::super::SimulatedCloud;
use super::super::account::Account;
use super::super::iam::{like, one_or_many};
use super::super::refusal::{Outcome, Refusal};
use super::{Key, bad};
use serde_json::{Value, json};

const LARGEST: usize = 8_192;

/// What a policy says to a caller.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Decision {
    Allow,
    Deny,
    /// Nothing.
    Silence,
}

impl SimulatedCloud {
    /// The API's team sets the resource policy, without deploying it.
    pub fn set_policy(&self, api: &str, policy: &Value) {
        let account = &mut self.lock().account;
        let (region, id) = account.key_of(api);
        let set = account.update_rest_api_policy(&region, &id, &policy.to_string());
        set.expect("the policy is taken");
    }

    /// The resource policy as edited.
    pub fn policy_of(&self, api: &str) -> Value {
        let account = &self.lock().account;
        account.apis.all[&account.key_of(api)].observed.policy.clone()
    }

    /// Whether a role of the account, which may invoke every API, may call a method of a stage.
    pub fn admits(&self, api: &str, stage: &str, method: &str, role: &str) -> bool {
        let account = &self.lock().account;
        let key = account.key_of(api);
        let served = account.apis.all[&key]
            .stages
            .get(stage)
            .and_then(|stage| stage.served());
        let (method, path) = method.split_once(' ').expect("a method and a path");
        let resource = account.method_arn(&key, &format!("{stage}/{method}{path}"));
        served.is_some_and(|served| decide(&served.policy, Some(role), &resource) != Decision::Deny)
    }
}

impl Account {
    pub fn update_rest_api_policy(&mut self, region: &str, id: &str, policy: &str) -> Outcome<()> {
        let key = (region.to_owned(), id.to_owned());
        let invalid = || {
            bad(
                "Invalid policy document. Please check the policy syntax and ensure that Principals are valid.",
            )
        };
        let mut document = Value::Null;
        if !policy.is_empty() {
            super::rest::check_credentials(self.api(region, id, true)?)?;
            document = serde_json::from_str(policy).map_err(|_| invalid())?;
            if document["Statement"].is_null() {
                return Err(invalid());
            }
            self.write_out(&mut document, &key);
            if document.to_string().len() > LARGEST {
                let message = format!("Resource policy size exceeds the maximum of {LARGEST} bytes");
                return Err(Refusal::new("LimitExceededException", message));
            }
        }
        self.api_mut(region, id, true)?.observed.policy = document;
        Ok(())
    }

    /// What policies call `<stage>/<method>/<path>` of an API.
    pub(super) fn method_arn(&self, (region, id): &Key, resource: &str) -> String {
        format!("arn:aws:execute-api:{region}:{}:{id}/{resource}", self.id)
    }

    /// The short form of resources, written out.
    fn write_out(&self, document: &mut Value, key: &Key) {
        let written = |text: &str| match text.strip_prefix("execute-api:") {
            Some(rest) => json!(self.method_arn(key, rest.trim_start_matches('/'))),
            None => json!(text),
        };
        let statements = match &mut document["Statement"] {
            Value::Array(statements) => statements.as_mut_slice(),
            one => std::slice::from_mut(one),
        };
        for statement in statements {
            for member in ["Resource", "NotResource"] {
                match statement.get_mut(member) {
                    Some(Value::String(text)) => {
                        let text = text.clone();
                        statement[member] = written(&text);
                    }
                    Some(Value::Array(all)) => {
                        for one in all {
                            *one = written(one.as_str().unwrap_or_default());
                        }
                    }
                    _ => {}
                }
            }
        }
    }
}

/// What a policy says to a role, or to a caller who shows no signature; each comes from an address of CloudFront's.
pub fn decide(policy: &Value, role: Option<&str>, resource: &str) -> Decision {
    let statements = one_or_many(policy.get("Statement"));
    let applies = |statement: &&&Value| {
        let fits = |member: &str| {
            let mut patterns = one_or_many(statement.get(member))
                .into_iter()
                .filter_map(Value::as_str);
            patterns.any(|pattern| like(pattern, resource))
        };
        let is_resource = if statement.get("NotResource").is_some() {
            !fits("NotResource")
        } else {
            fits("Resource")
        };
        is_resource && holds(&statement["Condition"], role)
    };
    let effects: Vec<&Value> = statements
        .iter()
        .filter(applies)
        .map(|found| &found["Effect"])
        .collect();
    if effects.iter().any(|effect| **effect == "Deny") {
        Decision::Deny
    } else if effects.is_empty() {
        Decision::Silence
    } else {
        Decision::Allow
    }
}

fn holds(condition: &Value, role: Option<&str>) -> bool {
    let tests = condition.as_object().into_iter().flatten();
    let mut tests = tests.flat_map(|(operator, keys)| {
        keys.as_object()
            .into_iter()
            .flatten()
            .map(move |(key, wanted)| (operator, key, wanted))
    });
    tests.all(|(operator, key, wanted)| {
        let value = (key == "aws:PrincipalArn").then_some(role).flatten();
        let mut wanted = one_or_many(Some(wanted)).into_iter().filter_map(Value::as_str);
        let is_one = value.is_some_and(|value| wanted.any(|pattern| like(pattern, value)));
        match operator.as_str() {
            "ArnEquals" | "ArnLike" | "IpAddress" => is_one,
            "ArnNotEquals" | "ArnNotLike" | "NotIpAddress" => !is_one,
            other => panic!("{other} is not simulated"),
        }
    })
}
