//! Whom a statement of a resource policy speaks of: only callers of accounts that it names, or those of any.
//!
//! What cannot be judged counts as letting in, and not as keeping out.

use super::policy::list;
use super::policy_patterns::{is_covered_at, is_matched, may_fit_at};
use serde_json::Value;

/// The action of a call, in lower case.
const INVOKE: &str = "execute-api:invoke";
/// Keys of conditions that tell callers of one account from those of others, whatever those do: tags and user names are
/// anybody's to choose.
const ACCOUNTS: [&str; 8] = [
    "aws:principalaccount",
    "aws:principalarn",
    "aws:principalorgid",
    "aws:principalorgpaths",
    "aws:sourceaccount",
    "aws:sourcearn",
    "aws:sourceorgid",
    "aws:userid",
];
/// Keys that tell from which network a call comes.
const NETWORKS: [&str; 4] = [
    "aws:sourceip",
    "aws:sourcevpc",
    "aws:sourcevpce",
    "aws:vpcsourceip",
];
/// As much of a value has to be more than wildcards.
const TELLING: usize = 4;

/// Whether a statement lets callers of every account in.
pub(super) fn lets_in_others(statement: &Value) -> bool {
    let limits = |(operator, key, values): (&str, &str, &Value)| {
        !is_negative(operator) && !is_lenient(operator) && tells_callers(operator, key, values)
    };
    statement["Effect"] == "Allow"
        && is_anybody(statement)
        && is_call(statement)
        && !tests(statement).any(limits)
}

/// Whether a statement denies callers of every account but those that it names.
pub(super) fn denies_others(statement: &Value) -> bool {
    // All tests of a statement have to hold.
    let is_held = |(operator, key, values): (&str, &str, &Value)| {
        is_negative(operator) && !operator.contains(':') && tells_callers(operator, key, values)
    };
    statement["Effect"] == "Deny"
        && is_anybody(statement)
        && is_call(statement)
        && tests(statement).all(is_held)
}

/// Whether a statement may speak of the route `key` of `stage`.
pub(super) fn may_speak_of(statement: &Value, stage: &str, key: &str) -> bool {
    match &statement["NotResource"] {
        Value::Null => list(&statement["Resource"])
            .iter()
            .any(|arn| may_fit_at(stage, key, within_api(arn))),
        others => !list(others)
            .iter()
            .any(|arn| is_covered_at(stage, key, within_api(arn))),
    }
}

/// Whether a statement speaks of all that the route `key` of `stage` takes.
pub(super) fn speaks_of_all(statement: &Value, stage: &str, key: &str) -> bool {
    match &statement["NotResource"] {
        Value::Null => list(&statement["Resource"])
            .iter()
            .any(|arn| is_covered_at(stage, key, within_api(arn))),
        others => !list(others)
            .iter()
            .any(|arn| may_fit_at(stage, key, within_api(arn))),
    }
}

/// Stage, method and path of a resource.
fn within_api(arn: &str) -> &str {
    match arn.split_once('/') {
        Some((_, within)) => within,
        // A wildcard that stands for all the rest.
        None if arn.ends_with('*') => "*",
        None => "",
    }
}

/// Whether a statement speaks of whoever calls, but for some.
fn is_anybody(statement: &Value) -> bool {
    let principal = &statement["Principal"];
    let is_star = principal == "*" || list(&principal["AWS"]).iter().any(|who| who == "*");
    is_star || !statement["NotPrincipal"].is_null()
}

fn is_call(statement: &Value) -> bool {
    let has = |actions: &Value| {
        list(actions)
            .iter()
            .any(|action| is_matched(INVOKE, &action.to_lowercase()))
    };
    match &statement["NotAction"] {
        Value::Null => has(&statement["Action"]),
        others => !has(others),
    }
}

/// Operators, keys and values of a statement's conditions.
fn tests(statement: &Value) -> impl Iterator<Item = (&str, &str, &Value)> {
    let operators = statement["Condition"].as_object().into_iter().flatten();
    operators.flat_map(|(operator, keys)| {
        let keys = keys.as_object().into_iter().flatten();
        keys.map(move |(key, values)| (operator.as_str(), key.as_str(), values))
    })
}

fn is_negative(operator: &str) -> bool {
    operator.contains("Not") && !operator.starts_with("Null")
}

/// Whether a request without the key passes the test.
fn is_lenient(operator: &str) -> bool {
    operator.ends_with("IfExists") || operator.starts_with("ForAllValues:")
}

/// Whether the test's values are some callers, or networks, and not all.
fn tells_callers(operator: &str, key: &str, values: &Value) -> bool {
    let key = key.to_lowercase();
    let values = list(values);
    if values.is_empty() || operator.starts_with("Null") {
        return false;
    }
    if NETWORKS.contains(&key.as_str()) {
        return !is_whole_internet(&values) && values.iter().all(|value| is_telling(operator, value));
    }
    let is_arn = key.ends_with("arn");
    let tells = |value: &String| match value.split(':').nth(4) {
        Some(account) if is_arn => is_telling(operator, account),
        _ => is_telling(operator, value),
    };
    ACCOUNTS.contains(&key.as_str()) && values.iter().all(tells)
}

/// Whether a value is more than wildcards, where these count.
fn is_telling(operator: &str, value: &str) -> bool {
    let has_wildcards = operator.contains("Like") || operator.contains("Arn");
    !has_wildcards || !value.contains('*') || value.chars().filter(|c| c.is_alphanumeric()).count() >= TELLING
}

/// Whether blocks of addresses are, taken together, about all that there are.
fn is_whole_internet(blocks: &[String]) -> bool {
    let share = |block: &String| {
        let (address, bits) = block.split_once('/')?;
        let bits: i32 = bits.parse().ok()?;
        // Of IPv6, an eighth is in use.
        let bits = if address.contains(':') {
            (bits - 3).max(0)
        } else {
            bits
        };
        Some(0.5_f64.powi(bits))
    };
    blocks.iter().filter_map(share).sum::<f64>() >= 0.5
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::access::asked::policy::Policies;
    use serde_json::json;

    const ROUTES: [&str; 3] = ["GET /admin", "GET /pets/{petId}", "ANY /{proxy+}"];

    /// An `Allow` for everybody, with this in place of what it has.
    fn allow(with: &Value) -> Value {
        let mut statement = json!({"Sid": "Theirs", "Effect": "Allow", "Principal": "*", "Action": "execute-api:Invoke", "Resource": "execute-api:/*"});
        for (field, value) in with.as_object().unwrap() {
            statement[field] = value.clone();
            if let Some(positive) = field.strip_prefix("Not") {
                statement.as_object_mut().unwrap().remove(positive);
            }
        }
        statement
    }

    fn deny(with: &Value) -> Value {
        let mut statement = allow(with);
        statement["Effect"] = json!("Deny");
        statement["Sid"] = json!("TheirDenial");
        statement
    }

    fn open(statements: &Value) -> Vec<String> {
        let policies = Policies {
            served: json!({"Version": "2012-10-17", "Statement": statements}),
            ..Policies::default()
        };
        policies.open_to_all_accounts("prod", &ROUTES)
    }

    #[test]
    fn every_way_to_let_in_callers_of_all_accounts_is_found() {
        let office = json!({"NotIpAddress": {"aws:SourceIp": "203.0.113.0/24"}});
        let other_org = json!({"StringNotEquals": {"aws:PrincipalOrgID": "o-1"}});
        for statements in [
            json!([allow(&json!({}))]),
            json!([allow(&json!({"Action": "execute-api:Inv*"}))]),
            json!([allow(&json!({"Action": "execute-api:?nvoke"}))]),
            json!([allow(&json!({"Action": "*".repeat(4000)}))]),
            json!([allow(&json!({"NotAction": "execute-api:ManageConnections"}))]),
            json!([allow(
                &json!({"NotPrincipal": {"AWS": "arn:aws:iam::999999999999:root"}})
            )]),
            json!([allow(&json!({"NotResource": "execute-api:/dev/*"}))]),
            json!([allow(&json!({"Resource": "execute-api:/pro?/GET/adm*"}))]),
            json!([allow(
                &json!({"Condition": {"IpAddress": {"aws:SourceIp": ["0.0.0.0/0", "::/0"]}}})
            )]),
            json!([allow(
                &json!({"Condition": {"IpAddress": {"aws:SourceIp": ["0.0.0.0/1", "128.0.0.0/1"]}}})
            )]),
            json!([allow(
                &json!({"Condition": {"IpAddress": {"aws:SourceIp": "2000::/3"}}})
            )]),
            json!([allow(
                &json!({"Condition": {"StringLike": {"aws:PrincipalOrgID": "o-*"}}})
            )]),
            json!([allow(
                &json!({"Condition": {"ArnLike": {"aws:PrincipalArn": "arn:aws:iam::*:role/*"}}})
            )]),
            json!([allow(
                &json!({"Condition": {"StringNotEquals": {"aws:PrincipalAccount": "999999999999"}}})
            )]),
            json!([allow(
                &json!({"Condition": {"StringEqualsIfExists": {"aws:PrincipalOrgID": "o-1"}}})
            )]),
            json!([allow(
                &json!({"Condition": {"StringEquals": {"aws:PrincipalTag/team": "shop"}}})
            )]),
            json!([allow(
                &json!({"Condition": {"Null": {"aws:PrincipalArn": "false"}}})
            )]),
            // A denial that covers one path, or some callers, or asks for something besides, leaves the rest.
            json!([
                allow(&json!({})),
                deny(&json!({"Resource": "execute-api:/prod/GET/admin", "Condition": office}))
            ]),
            json!([
                allow(&json!({})),
                deny(&json!({"Resource": "execute-api:/dev/*", "Condition": other_org}))
            ]),
            json!([
                allow(&json!({})),
                deny(&json!({"Condition": {"IpAddress": {"aws:SourceIp": "203.0.113.0/24"}}}))
            ]),
            json!([
                allow(&json!({})),
                deny(
                    &json!({"Condition": {"StringNotEquals": {"aws:PrincipalOrgID": "o-1"},
                "Bool": {"aws:SecureTransport": "false"}}})
                )
            ]),
            json!([
                allow(&json!({})),
                deny(&json!({"Action": "execute-api:InvalidateCache", "Condition": other_org}))
            ]),
        ] {
            assert_eq!(open(&statements), ["Theirs"], "{statements}");
        }
    }

    #[test]
    fn a_policy_that_keeps_out_callers_of_other_accounts_is_no_trouble() {
        let others = json!({"StringNotEquals": {"aws:PrincipalAccount": ["123456789012"]}});
        for statements in [
            json!([allow(
                &json!({"Principal": {"AWS": "arn:aws:iam::123456789012:root"}})
            )]),
            json!([allow(&json!({"Resource": "execute-api:/dev/*"}))]),
            json!([allow(&json!({"Action": "execute-api:ManageConnections"}))]),
            json!([allow(
                &json!({"Condition": {"StringEquals": {"aws:PrincipalOrgID": "o-1234567890"}}})
            )]),
            json!([allow(
                &json!({"Condition": {"ArnLike": {"aws:PrincipalArn": "arn:aws:iam::123456789012:role/*"}}})
            )]),
            json!([allow(
                &json!({"Condition": {"IpAddress": {"aws:SourceIp": "203.0.113.0/24"}}})
            )]),
            json!([allow(&json!({})), deny(&json!({"Condition": others}))]),
            json!([
                allow(&json!({})),
                deny(&json!({"NotPrincipal": {"AWS": "arn:aws:iam::123456789012:root"}}))
            ]),
            json!([
                allow(&json!({})),
                deny(
                    &json!({"Resource": ["execute-api:/prod/GET/*", "execute-api:/prod/*/*"], "Condition": others})
                )
            ]),
            json!([
                allow(&json!({})),
                deny(&json!({"NotResource": "execute-api:/dev/*", "Condition": others}))
            ]),
        ] {
            assert_eq!(open(&statements), [""; 0], "{statements}");
        }
    }
}
