//! Distributions, of any account, whose names are in the way of a declared one, as CloudFront tells of them.

/// What somebody does whose distribution of another account has a name that is declared here.
pub(super) const MOVE_ACROSS: &str =
    "have its owner move it here, without a gap, as AWS's page \"Move an alternate domain name\" says";

/// A distribution or distribution tenant, of any account, whose name is in the way of another.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Conflict {
    /// The name that it has: the one that was asked for, or one that overlaps with it.
    pub domain: String,
    /// Whether it is a distribution tenant.
    pub is_tenant: bool,
    /// Its id, of which CloudFront hides a part.
    pub id: String,
    /// Its account, of which CloudFront may hide a part.
    pub account: String,
}

impl Conflict {
    /// What has the name, and where.
    #[must_use]
    pub fn words(&self) -> String {
        let kind = if self.is_tenant {
            "distribution tenant"
        } else {
            "distribution"
        };
        format!("{kind} {} of account {}", self.id, self.account)
    }
}
