//! Which version of Palisade a definition is of.

use crate::api::DEFINED_BY;
use k8s_openapi::apiextensions_apiserver::pkg::apis::apiextensions::v1::CustomResourceDefinition;

/// What the definition says of itself; those of early versions say nothing.
pub fn of(definition: &CustomResourceDefinition) -> Option<&str> {
    let annotations = definition.metadata.annotations.as_ref()?;
    annotations.get(DEFINED_BY).map(String::as_str)
}

/// Whether `one` is a later version than `other`; what is no version is older than any.
pub fn is_later(one: &str, other: &str) -> bool {
    numbers(one) > numbers(other)
}

fn numbers(version: &str) -> Option<Vec<u64>> {
    version.split('.').map(|number| number.parse().ok()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_are_compared_by_number() {
        assert!(is_later("0.10.0", "0.9.1") && is_later("1.0.0", "0.99.99"));
        assert!(!is_later("0.1.0", "0.1.0") && !is_later("0.1.0", "0.1.1"));
        assert!(!is_later("latest", "0.0.1") && is_later("0.0.1", "latest"));
    }
}
