//! Refusals of AWS, for tests.

use super::cloud::CloudError;
use super::errors::ErrorKind;
use super::operations::{OPERATIONS, Operation, Service};

fn operation(service: Service, name: &str) -> Operation {
    *OPERATIONS
        .iter()
        .find(|it| it.service == service && it.name == name)
        .unwrap()
}

/// What the operation `name` of `service` is refused with.
pub fn error(service: Service, name: &str, code: &str, message: &str) -> CloudError {
    CloudError::new(operation(service, name), code, message)
}

/// What follows from such a refusal.
pub fn kind(service: Service, name: &str, code: &str, message: &str) -> ErrorKind {
    error(service, name, code, message).kind
}
