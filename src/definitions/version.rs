//! Which version of Palisade a definition is of.

use crate::api::DEFINED_BY;
use k8s_openapi::apiextensions_apiserver::pkg::apis::apiextensions::v1::CustomResourceDefinition;

/// What the definition says of itself; those of early versions say nothing.
pub fn of(definition: &CustomResourceDefinition) -> Option<&str> {
    let annotations = definition.metadata.annotations.as_ref()?;
    annotations.get(DEFINED_BY).map(String::as_str)
}

/// Whether `one` is a later version than `other`; what comes before a release, such as `0.2.0-rc.1`, counts as that release, and
/// what is no version is older than any.
pub fn is_later(one: &str, other: &str) -> bool {
    numbers(one) > numbers(other)
}

fn numbers(version: &str) -> Option<Vec<u64>> {
    let release = version.split(['-', '+']).next()?;
    release.split('.').map(|number| number.parse().ok()).collect()
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

    #[test]
    fn what_comes_before_a_release_is_later_than_the_releases_before_that() {
        assert!(is_later("0.2.0-rc.1", "0.1.9") && is_later("0.2.1", "0.2.0-rc.1+build.7"));
        assert!(!is_later("0.2.0-rc.1", "0.2.0") && !is_later("0.2.0", "0.2.0-rc.1"));
    }
}
