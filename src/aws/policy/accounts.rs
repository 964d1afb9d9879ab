//! What the controller's own role needs besides to assume the roles of `AwsAccount`s, in a policy of its own.

use super::table::{Statement, When, called, dependent, statement};

const STS: &str =
    "https://docs.aws.amazon.com/service-authorization/latest/reference/list_awssecuritytokenservice.html";

#[rustfmt::skip]
pub(super) const STATEMENTS: &[Statement] = &[
    // Signers' roles stand below the path `/palisade/`, which this does not take in.
    statement!("AssumeRoles", &["arn:{partition}:iam::*:role/palisade-*"], None, &[
        called("sts:AssumeRole", &["sts:AssumeRole"], "the role of an AwsAccount", STS),
        dependent("sts:TagSession", &["sts:AssumeRole"], "spec.sessionTags of an AwsAccount", STS),
    ], When::ForAccounts, " --accounts"),
];
