//! Logging configurations, which have no lock token.

use super::super::account::Account;
use super::super::clock;
use super::super::refusal::Outcome;
use super::refusals;
use serde_json::{Value, json};

const REDACTABLE: &[&str] = &["UriPath", "QueryString", "SingleHeader", "Method"];

impl Account {
    pub fn get_logging_configuration(&self, web_acl_arn: &str) -> Outcome<Value> {
        self.waf
            .logging
            .get(web_acl_arn)
            .cloned()
            .ok_or_else(refusals::missing)
    }

    pub fn put_logging_configuration(&mut self, given: &Value) -> Outcome<Value> {
        let arn = given["ResourceArn"].as_str().unwrap_or_default();
        let created = self.web_acl_by_arn(arn).ok_or_else(refusals::missing)?.created;
        check_destination(&given["LogDestinationConfigs"])?;
        if self.settings.log_destinations_missing {
            return Err(refusals::missing());
        }
        if clock::now() < created + self.settings.waf_propagation {
            return Err(refusals::unavailable());
        }
        for field in given["RedactedFields"].as_array().into_iter().flatten() {
            let unknown = |key: &&String| !REDACTABLE.contains(&key.as_str());
            if let Some(name) = field.as_object().and_then(|field| field.keys().find(unknown)) {
                return Err(refusals::invalid(
                    "FIELD_TO_MATCH",
                    name,
                    "The field cannot be redacted.",
                ));
            }
        }
        let mut stored = given.clone();
        for (key, value) in [
            ("LogType", json!("WAF_LOGS")),
            ("LogScope", json!("CUSTOMER")),
            ("ManagedByFirewallManager", json!(false)),
        ] {
            if stored.get(key).is_none() {
                stored[key] = value;
            }
        }
        self.write_logging(arn, Some(stored.clone()));
        Ok(stored)
    }

    pub fn delete_logging_configuration(&mut self, web_acl_arn: &str) -> Outcome<()> {
        self.get_logging_configuration(web_acl_arn)?;
        self.write_logging(web_acl_arn, None);
        Ok(())
    }

    pub fn write_logging(&mut self, web_acl_arn: &str, document: Option<Value>) {
        self.waf.logging_history.put(web_acl_arn, document.clone());
        match document {
            Some(document) => drop(self.waf.logging.insert(web_acl_arn.to_owned(), document)),
            None => drop(self.waf.logging.remove(web_acl_arn)),
        }
    }
}

/// One destination, of a kind and name that AWS WAF writes to.
fn check_destination(given: &Value) -> Outcome<()> {
    let destinations = given.as_array().map(Vec::as_slice).unwrap_or_default();
    let [destination] = destinations else {
        let reason = "A logging configuration requires exactly one log destination.";
        return Err(refusals::invalid("LOG_DESTINATION", &given.to_string(), reason));
    };
    let destination = destination.as_str().unwrap_or_default();
    let parts: Vec<_> = destination.splitn(6, ':').collect();
    let fits = match parts.as_slice() {
        ["arn", "aws", "logs", "us-east-1", _, rest] => rest.starts_with("log-group:aws-waf-logs-"),
        ["arn", "aws", "s3", "", "", rest] => rest.starts_with("aws-waf-logs-"),
        ["arn", "aws", "firehose", "us-east-1", _, rest] => rest.starts_with("deliverystream/aws-waf-logs-"),
        _ => false,
    };
    if fits {
        return Ok(());
    }
    let reason = "The ARN isn't valid. A valid ARN begins with arn: and includes other information separated by colons or \
                  slashes.";
    Err(refusals::invalid("LOG_DESTINATION", destination, reason))
}
