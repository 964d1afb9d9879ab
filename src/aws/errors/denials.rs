//! Refusals of a policy that no statement in the controller's own policy can overrule.
//!
//! AWS words them alike in every service: `… with an explicit deny in a service control policy`, or `… because no service control
//! policy allows the …`. Its page is docs.aws.amazon.com/IAM/latest/UserGuide/troubleshoot_access-denied.html; nothing but the
//! message names the policy.

/// The kind of policy that a statement of the controller's own policy is in.
const IDENTITY_BASED: &str = "identity-based policy";

/// What to do, by the kind of policy.
const DENIALS: &[(&str, &str)] = &[
    (
        "service control policy",
        "a service control policy of the organization denies it, and no policy of this account can allow it: ask whoever runs the organization to except the controller's role, in us-east-1 too, where everything of the edge is made",
    ),
    (
        "resource control policy",
        "a resource control policy of the organization denies it, and no policy of this account can allow it: ask whoever runs the organization to except the controller's role",
    ),
    (
        "permissions boundary",
        "the permissions boundary of the controller's role does not allow it: have the boundary allow what `palisade iam-policy` prints",
    ),
    (
        "session policy",
        "the controller's session was narrowed when its role was assumed: take the session policy away, or have it allow what `palisade iam-policy` prints",
    ),
    (
        "vpc endpoint policy",
        "the policy of the VPC endpoint that the call goes through does not allow it: have it allow the controller's role",
    ),
    (
        "resource-based policy",
        "the policy of the resource itself does not allow it: change that policy, whose owner may be another team",
    ),
    (
        IDENTITY_BASED,
        "a policy of the controller's own role denies it explicitly, which no other statement overrules: take that statement away",
    ),
];

/// What to do about the policy that `message` says denied the call, if it names one.
pub(super) fn remedy(message: &str) -> Option<&'static str> {
    let message = message.to_lowercase();
    let says = |policy: &str| {
        message.contains(&format!("explicit deny in a {policy}"))
            || message.contains(&format!("explicit deny in an {policy}"))
            || (policy != IDENTITY_BASED && message.contains(&format!("because no {policy} allows")))
    };
    let row = DENIALS.iter().find(|(policy, _)| says(policy))?;
    Some(row.1)
}
