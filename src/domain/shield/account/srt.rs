//! The role by which the Shield Response Team acts: whether it can.

use crate::domain::kernel::reason::Reason;
use serde_json::Value;

/// As whom the team assumes the role.
pub const PRINCIPAL: &str = "drt.shield.amazonaws.com";
/// AWS's own policy for the team's role.
pub const POLICY: &str = "arn:aws:iam::aws:policy/service-role/AWSShieldDRTAccessPolicy";

/// What the role's trust policy must say.
const TRUST: &str = r#"{"Effect": "Allow", "Principal": {"Service": "drt.shield.amazonaws.com"}, "Action": "sts:AssumeRole"}"#;

/// What IAM says of a role.
#[derive(Debug, Clone, PartialEq)]
pub enum RoleSeen {
    /// There is none of that name.
    Absent,
    /// It is there.
    Present {
        /// Its ARN.
        arn: String,
        /// Its trust policy.
        trust: Value,
        /// ARNs of the managed policies that it has.
        attached: Vec<String>,
    },
}

/// The name of the role that an ARN names.
#[must_use]
pub fn role_name(arn: &str) -> &str {
    arn.rsplit('/').next().unwrap_or(arn)
}

/// Why the team could not act by the role `wanted`, and what to do.
#[must_use]
pub fn trouble(wanted: &str, role: &RoleSeen) -> Option<(Reason, String)> {
    let RoleSeen::Present { arn, trust, attached } = role else {
        return Some(not_found(wanted));
    };
    let name = role_name(wanted);
    if arn != wanted {
        return Some(not_found(wanted));
    }
    if !trusts_the_team(trust) {
        let message = format!(
            "the Shield Response Team cannot assume role {name} (spec.shield.srtAccess.roleArn): add this statement to its \
             trust policy: {TRUST}"
        );
        return Some((Reason::RoleTrustMissing, message));
    }
    if !attached.iter().any(|policy| policy == POLICY) {
        let message = format!(
            "role {name} (spec.shield.srtAccess.roleArn) does not allow what the Shield Response Team needs: aws iam \
             attach-role-policy --role-name {name} --policy-arn {POLICY}"
        );
        return Some((Reason::RolePolicyMissing, message));
    }
    None
}

fn not_found(wanted: &str) -> (Reason, String) {
    let message = format!(
        "spec.shield.srtAccess.roleArn: there is no role {wanted} in this account: create it with the policy {POLICY} and this \
         statement in its trust policy: {TRUST}"
    );
    (Reason::RoleNotFound, message)
}

fn trusts_the_team(trust: &Value) -> bool {
    one_or_many(&trust["Statement"]).any(|statement| {
        let is_assumed = |action: &Value| {
            let action = action.as_str().unwrap_or_default();
            ["sts:AssumeRole", "sts:*", "*"]
                .iter()
                .any(|known| known.eq_ignore_ascii_case(action))
        };
        statement["Effect"] == "Allow"
            && one_or_many(&statement["Action"]).any(is_assumed)
            && one_or_many(&statement["Principal"]["Service"]).any(|service| service == PRINCIPAL)
    })
}

/// A policy's members are single values or lists.
fn one_or_many(value: &Value) -> impl Iterator<Item = &Value> {
    match value {
        Value::Array(values) => values.as_slice(),
        Value::Null => &[],
        single => std::slice::from_ref(single),
    }
    .iter()
}
