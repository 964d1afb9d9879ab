//! What a person can do about a refused call.

use super::cloud::CloudError;
use super::{errors, policy};

/// What a person can do about an error, as far as it is known: what its code tells, or the statement of the controller's own policy
/// that is missing.
#[must_use]
pub fn remedy(error: &CloudError) -> Option<&'static str> {
    let CloudError {
        operation,
        code,
        message,
        ..
    } = error;
    if let Some(known) = errors::remedy(*operation, code, message) {
        return Some(known);
    }
    if !errors::is_known(*operation, code, message) {
        return None;
    }
    refused_action(error).and_then(|action| policy::remedy(action, refused_resource(error)))
}

/// The action of `User: … is not authorized to perform: lambda:GetFunction on resource: …`, which is AWS's wording in
/// every service, as its page on denied access has it (see `aws::errors::denials`). Nothing else in the answer names it.
#[must_use]
pub fn refused_action(error: &CloudError) -> Option<&str> {
    let (_, rest) = error.message.split_once("not authorized to perform: ")?;
    rest.split_whitespace()
        .next()
        .map(|action| action.trim_end_matches(['.', ',']))
}

/// The resource of the same sentence.
fn refused_resource(error: &CloudError) -> Option<&str> {
    let (_, rest) = error.message.split_once(" on resource: ")?;
    rest.split_whitespace()
        .next()
        .map(|resource| resource.trim_matches(['.', ',', '"']))
}

#[cfg(test)]
mod tests;
