//! What Lambda refuses.

use super::super::account::Account;
use super::super::clock;
use super::super::refusal::{Outcome, Refusal};
use palisade::domain::signer::function::{Settings, State};

const RUNTIMES: &[&str] = &["nodejs22.x", "nodejs24.x", "python3.13", "python3.14"];

impl Account {
    /// Neither being created nor updated, and still the revision that the caller read.
    pub(super) fn check_changeable(&self, region: &str, name: &str, revision: Option<&str>) -> Outcome<()> {
        let function = self.function(region, name)?;
        if function.latest.state() == State::Pending {
            let message = "The operation cannot be performed at this time. The function is currently in the following \
                           state: Pending";
            return Refusal::refuse("ResourceConflictException", message);
        }
        if function.latest.updating() {
            let message = format!(
                "The operation cannot be performed at this time. An update is in progress for resource: {}",
                function.arn
            );
            return Refusal::refuse("ResourceConflictException", message);
        }
        if revision.is_some_and(|revision| revision != function.latest.revision_at(clock::now())) {
            let message = "The Revision Id provided does not match the latest Revision Id. Call the GetFunction/GetAlias \
                           API to retrieve the latest Revision Id";
            return Refusal::refuse("PreconditionFailedException", message);
        }
        Ok(())
    }

    pub(super) fn check_role(&self, arn: &str) -> Outcome<()> {
        let assumable = self.role_by_arn(arn).is_some_and(|role| {
            role.trusts("lambda.amazonaws.com")
                && clock::now() >= role.created + self.settings.role_propagation
        });
        if assumable {
            return Ok(());
        }
        let message = "The role defined for the function cannot be assumed by Lambda.";
        Refusal::refuse("InvalidParameterValueException", message)
    }
}

/// `arn` is the function's, with a version's number where one is meant.
pub fn missing(arn: &str) -> Refusal {
    Refusal::new("ResourceNotFoundException", format!("Function not found: {arn}"))
}

pub fn check_runtime(runtime: &str) -> Outcome<()> {
    if RUNTIMES.contains(&runtime) {
        return Ok(());
    }
    let message = if runtime.starts_with("nodejs") {
        format!(
            "The runtime parameter of {runtime} is no longer supported for creating or updating AWS Lambda functions. We \
             recommend you use a supported runtime while creating or updating functions."
        )
    } else {
        format!(
            "Value {runtime} at 'runtime' failed to satisfy constraint: Member must satisfy enum value set: [{}] or be a \
             valid ARN",
            RUNTIMES.join(", ")
        )
    };
    Refusal::refuse("InvalidParameterValueException", message)
}

/// Every zip archive ends with the signature of its directory.
pub fn check_code(zip: &[u8]) -> Outcome<()> {
    if zip.windows(4).rev().any(|window| window == b"PK\x05\x06") {
        return Ok(());
    }
    let message = "Could not unzip uploaded file. Please check your file, then try to upload again.";
    Refusal::refuse("InvalidParameterValueException", message)
}

pub fn check_bounds(settings: &Settings) -> Outcome<()> {
    for (member, value, least, most) in [
        ("timeout", settings.timeout, 1, 900),
        ("memorySize", settings.memory, 128, 10240),
    ] {
        if !(least..=most).contains(&value) {
            let bound = if value > most {
                format!("less than or equal to {most}")
            } else {
                format!("greater than or equal to {least}")
            };
            let message = format!(
                "1 validation error detected: Value '{value}' at '{member}' failed to satisfy constraint: Member must \
                 have value {bound}"
            );
            return Refusal::refuse("ValidationException", message);
        }
    }
    Ok(())
}
