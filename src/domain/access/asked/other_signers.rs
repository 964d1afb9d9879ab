//! Signers of other perimeters before the same API: a resource policy that lets in one signer alone would refuse their viewers.

use std::collections::BTreeSet;

/// ARNs of the roles by which other distributions sign that serve viewers of the same API.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct OtherSigners {
    /// Of objects that are gone, or that left their perimeter on purpose: nobody else sees to it that they are let in.
    pub left: BTreeSet<String>,
    /// Of objects of other clusters.
    pub living: BTreeSet<String>,
}

/// What is told where an object of another cluster signs for the API as well, or may.
#[must_use]
pub fn signed_elsewhere(others: Option<&OtherSigners>) -> String {
    let Some(others) = others else {
        return "spec.access.sigV4.exclusive: it is not known yet who else signs for the API, and would be refused by a policy that \
                lets in this perimeter's signer alone, so every principal of the account stays let in; it is looked at again by \
                itself"
            .to_owned();
    };
    let roles: Vec<&String> = others.living.iter().collect();
    format!(
        "spec.access.sigV4.exclusive: a distribution of another cluster stands before the API as well, and a policy that lets in this \
         perimeter's signer alone would refuse its viewers (it signs as {}), so every principal of the account stays let in. Once \
         that distribution is switched off, the policy follows by itself; or set exclusive to false",
        joined(&roles)
    )
}

/// What is told where another mode would ask for no signature any more.
pub(in crate::domain::access) fn signed_besides(asks: &str, roles: &[&String]) -> String {
    format!(
        "{asks} for a signature, by which viewers of another perimeter are let in as well (it signs as {}): one that was left behind, or of \
         another cluster. Nothing is changed while its distribution is enabled. Switch that off once no viewer uses it, and this \
         object goes on by itself; or set spec.access.mode to SigV4",
        joined(roles)
    )
}

/// Who else is let in, as a clause.
#[must_use]
pub fn let_in_besides(left: &BTreeSet<String>) -> Option<String> {
    let roles: Vec<&String> = left.iter().collect();
    (!roles.is_empty()).then(|| {
        format!(
            "{} too, of a perimeter that was left behind and may still serve viewers: switch its distribution off once none \
             uses it, and it is let in no more",
            joined(&roles)
        )
    })
}

/// They are few.
fn joined(roles: &[&String]) -> String {
    let roles: Vec<&str> = roles.iter().map(|role| role.as_str()).collect();
    roles.join(", ")
}
