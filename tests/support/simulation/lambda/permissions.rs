//! Who may invoke a function: its resource policy, as far as API Gateway is concerned; and whom the function lets in.

use super::super::account::Account;
use super::super::iam::like;
use super::super::refusal::{Outcome, Refusal};
use super::{Function, key};
use palisade::domain::signer::function::State;
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};
use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::io::{Cursor, Read as _};

/// What an authorizer's code accepts: headers, and the digests of their values.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Accepted {
    headers: BTreeSet<String>,
    digests: BTreeSet<String>,
}

impl Accepted {
    /// As the package's `index.mjs` says it; `None` of a package of another kind.
    pub fn by(zip: &[u8]) -> Option<Self> {
        let mut archive = zip::ZipArchive::new(Cursor::new(zip)).ok()?;
        let mut source = String::new();
        archive
            .by_name("index.mjs")
            .ok()?
            .read_to_string(&mut source)
            .ok()?;
        let start = source.find("({")? + 1;
        let end = source.rfind("})")? + 1;
        let options: Value = serde_json::from_str(source.get(start..end)?).ok()?;
        let texts = |field: &str| {
            let items = options[field].as_array()?.iter();
            Some(items.filter_map(|it| Some(it.as_str()?.to_lowercase())).collect())
        };
        Some(Self {
            headers: texts("headers")?,
            digests: texts("digests")?,
        })
    }

    fn accepts(&self, header: &str, value: &str) -> bool {
        let digest = Sha256::digest(value);
        let digest = digest.iter().fold(String::new(), |mut out, byte| {
            let _ = write!(out, "{byte:02x}");
            out
        });
        self.headers.contains(header) && self.digests.contains(&digest)
    }
}

impl Function {
    /// Whether the policy lets API Gateway invoke it for `source`.
    fn may_be_invoked_for(&self, source: &str) -> bool {
        self.permissions.values().any(|pattern| like(pattern, source))
    }
}

impl Account {
    pub fn get_function_policy(&self, region: &str, name: &str) -> Outcome<Value> {
        let function = self.function(region, name)?;
        if function.permissions.is_empty() {
            return Refusal::refuse(
                "ResourceNotFoundException",
                "The resource you requested does not exist.",
            );
        }
        let statement = |(sid, source): (&String, &String)| {
            json!({
                "Sid": sid, "Effect": "Allow", "Principal": {"Service": "apigateway.amazonaws.com"},
                "Action": "lambda:InvokeFunction", "Resource": function.arn,
                "Condition": {"ArnLike": {"AWS:SourceArn": source}}
            })
        };
        let statements: Vec<_> = function.permissions.iter().map(statement).collect();
        Ok(json!({"Version": "2012-10-17", "Id": "default", "Statement": statements}))
    }

    pub fn add_permission(&mut self, region: &str, name: &str, statement: &str, source: &str) -> Outcome<()> {
        check_source(source)?;
        let function = self.function_mut(region, name)?;
        if function.permissions.contains_key(statement) {
            return Refusal::refuse(
                "ResourceConflictException",
                format!(
                    "The statement id ({statement}) provided already exists. Please provide a new statement id, or \
                     remove the existing statement."
                ),
            );
        }
        function
            .permissions
            .insert(statement.to_owned(), source.to_owned());
        Ok(())
    }

    pub fn remove_permission(&mut self, region: &str, name: &str, statement: &str) -> Outcome<()> {
        let function = self.function_mut(region, name)?;
        if function.permissions.is_empty() {
            let message = "No policy is associated with the given resource.";
            return Refusal::refuse("ResourceNotFoundException", message);
        }
        if function.permissions.remove(statement).is_none() {
            let message = format!("Statement {statement} is not found in resource policy.");
            return Refusal::refuse("ResourceNotFoundException", message);
        }
        Ok(())
    }

    /// What the authorizer function of that ARN says of a header, invoked by API Gateway for `source`; `None` where it
    /// cannot be invoked.
    pub fn ask_authorizer(&self, arn: &str, source: &str, header: &str, value: &str) -> Option<bool> {
        let mut parts = arn.split(':').skip(3);
        let (region, name) = (parts.next()?, parts.nth(2)?);
        let function = self.lambda.all.get(&key(region, name))?;
        let is_ready = function.arn == arn && function.latest.state() == State::Active;
        let is_denied = self.settings.authorizers_cannot_be_asked;
        if is_denied || !is_ready || !function.may_be_invoked_for(source) {
            return None;
        }
        let accepted = function.latest.accepted()?;
        Some(accepted.accepts(header, value))
    }
}

/// The account stands in full, or not at all; patterns are for what comes after it.
fn check_source(arn: &str) -> Outcome<()> {
    let account = arn.split(':').nth(4);
    let is_account = |it: &str| it.is_empty() || it.len() == 12 && it.bytes().all(|it| it.is_ascii_digit());
    if arn.starts_with("arn:") && account.is_some_and(is_account) {
        return Ok(());
    }
    let message = format!(
        "1 validation error detected: Value '{arn}' at 'sourceArn' failed to satisfy constraint: Member must satisfy \
         regular expression pattern: arn:(aws[a-zA-Z0-9-]*):([a-zA-Z0-9\\-])+:([a-z]{{2}}-[a-z]+-\\d{{1}})?:(\\d{{12}})?:(.*)"
    );
    Refusal::refuse("ValidationException", message)
}
