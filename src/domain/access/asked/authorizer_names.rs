//! How role and function of an authorizer are named, and known by that.

use crate::domain::kernel::identity::{Owner, PREFIX};

/// What the names of role, function and entry have after the owner's.
pub(in crate::domain::access) const SUFFIX: &str = "auth";
/// Lambda's and IAM's limit on a name.
pub(in crate::domain::access) const NAME_LIMIT: usize = 64;

/// The name of an owner's function and role, and what the names of its entries begin with.
#[must_use]
pub fn name(owner: &Owner) -> String {
    owner.suffixed_name(SUFFIX, NAME_LIMIT)
}

/// A Lambda authorizer of an API, as far as exports tell one from another.
#[derive(Debug, Clone, PartialEq, Eq)]
#[allow(missing_docs)]
pub struct NamedAuthorizer {
    pub id: String,
    pub name: String,
    pub function_arn: String,
}

/// The name of the function behind `arn`, where that is named as Palisade names its authorizers.
#[must_use]
pub fn function_name(arn: &str) -> Option<&str> {
    let (_, name) = arn.split_once(":function:")?;
    is_ours(name).then_some(name)
}

/// Whether Palisade names the function and the role of an authorizer so.
#[must_use]
pub fn is_ours(name: &str) -> bool {
    name.starts_with(&format!("{PREFIX}-")) && name.ends_with("-auth")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_function_is_known_by_the_names_that_ours_have() {
        let arn = |name: &str| format!("arn:aws:lambda:eu-north-1:123456789012:function:{name}");
        let ours = arn("palisade-shop-petstore-12345678-auth");
        assert_eq!(function_name(&ours), Some("palisade-shop-petstore-12345678-auth"));
        for name in ["palisade-shop-petstore-12345678", "team-auth", ""] {
            assert_eq!(function_name(&arn(name)), None, "{name}");
        }
    }
}
