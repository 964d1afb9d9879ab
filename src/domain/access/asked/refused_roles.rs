//! Statements of a REST API's resource policy that let in named roles alone: a signer with another role is refused by them.

use super::policy::{Policies, list, sid, statements};
use crate::domain::kernel::wildcards::{fits, fits_arn};
use serde_json::Value;
use std::collections::BTreeSet;

/// The condition key by which a role is named, in lower case.
const ROLE: &str = "aws:principalarn";

/// Names of the statements, edited or served, that refuse whoever signs with this role.
#[must_use]
pub fn refusing(policies: &Policies, role_arn: &str) -> BTreeSet<String> {
    let all = [&policies.edited, &policies.served];
    let all = all.into_iter().flat_map(|policy| statements(policy).enumerate());
    let refusing = all.filter(|(_, statement)| refuses(statement, role_arn));
    refusing
        .map(|(n, statement)| match sid(statement) {
            "" => format!("number {}", n + 1),
            sid => sid.to_owned(),
        })
        .collect()
}

fn refuses(statement: &Value, role_arn: &str) -> bool {
    if statement["Effect"] != "Deny" {
        return false;
    }
    let spared = &statement["NotPrincipal"];
    if !spared.is_null() {
        let mut named = list(&spared["AWS"]).into_iter().chain(list(spared));
        // Whom it names stands there whole.
        return !named.any(|named| named == "*" || named == role_arn);
    }
    let tests = statement["Condition"].as_object().into_iter().flatten();
    let tests = tests.map(|(operator, keys)| (operator.to_lowercase(), keys));
    let mut spared = tests
        .filter(|(operator, _)| operator.contains("not"))
        .flat_map(|(operator, keys)| {
            let keys = keys.as_object().into_iter().flatten();
            let of_role = keys.filter(|(key, _)| key.to_lowercase() == ROLE);
            of_role.map(move |(_, value)| (operator.clone(), list(value)))
        })
        .peekable();
    // All tests of a statement must be met before it denies.
    spared.peek().is_some() && spared.all(|(operator, named)| !is_among(&operator, &named, role_arn))
}

/// Whether a test with this operator, in lower case, takes the role for one of those that are named.
fn is_among(operator: &str, named: &[String], role_arn: &str) -> bool {
    named.iter().any(|pattern| match operator {
        _ if operator.contains("arn") => fits_arn(pattern, role_arn),
        _ if operator.contains("like") => fits(pattern, role_arn),
        _ if operator.contains("ignorecase") => pattern.eq_ignore_ascii_case(role_arn),
        _ => pattern == role_arn,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    const OURS: &str = "arn:aws:iam::111122223333:role/palisade/palisade-shop-petstore-1";
    const THEIRS: &str = "arn:aws:iam::111122223333:role/their-signer";

    fn refusing_ours(statement: &Value) -> Vec<String> {
        let policies = Policies {
            served: json!({"Statement": [{"Effect": "Allow", "Principal": "*"}, statement]}),
            ..Policies::default()
        };
        refusing(&policies, OURS).into_iter().collect()
    }

    #[test]
    fn a_statement_that_denies_all_but_the_former_role_refuses_ours() {
        let of = |operator: &str, arns: &Value| {
            json!({"Sid": "OnlyTheirs", "Effect": "Deny", "Principal": "*",
                "Condition": {operator: {"aws:PrincipalArn": arns}}})
        };
        assert_eq!(refusing_ours(&of("ArnNotEquals", &json!(THEIRS))), ["OnlyTheirs"]);
        assert_eq!(
            refusing_ours(&of("StringNotLike", &json!([THEIRS]))),
            ["OnlyTheirs"]
        );
        assert!(refusing_ours(&of("ArnNotEquals", &json!([THEIRS, OURS]))).is_empty());
        assert!(
            refusing_ours(&of(
                "ArnNotLike",
                &json!("arn:aws:iam::111122223333:role/palisade/*")
            ))
            .is_empty()
        );
        assert!(refusing_ours(&of("ArnEquals", &json!(THEIRS))).is_empty());
    }

    #[test]
    fn a_pattern_spares_whom_it_names_and_not_whoever_begins_alike() {
        let of = |operator: &str, pattern: &str| {
            let statement = json!({"Sid": "OnlyTheirs", "Effect": "Deny", "Principal": "*",
                "Condition": {operator: {"aws:PrincipalArn": pattern}}});
            refusing_ours(&statement)
        };
        for operator in ["StringNotLike", "ArnNotLike", "ArnNotEqualsIfExists"] {
            for theirs in [
                "arn:aws:iam::*:role/theirs-*",
                "arn:aws:iam::11112222333?:role/theirs",
                "arn:aws:iam::*:role/*/theirs-signer",
            ] {
                assert_eq!(of(operator, theirs), ["OnlyTheirs"], "{operator} {theirs}");
            }
            for ours in [
                "arn:aws:iam::*:role/palisade/*",
                "arn:aws:iam::*:role/*-petstore-?",
                "arn:aws:iam::11112222????:role/*",
            ] {
                assert!(of(operator, ours).is_empty(), "{operator} {ours}");
            }
        }
        // There a star is no more than a star.
        assert_eq!(
            of("StringNotEquals", "arn:aws:iam::*:role/palisade/*"),
            ["OnlyTheirs"]
        );
        assert!(of("StringNotEqualsIgnoreCase", &OURS.to_uppercase()).is_empty());
    }

    #[test]
    fn a_statement_that_spares_named_principals_refuses_ours() {
        let spared = json!({"Effect": "Deny", "NotPrincipal": {"AWS": THEIRS}});
        assert_eq!(refusing_ours(&spared), ["number 2"]);
    }

    #[test]
    fn what_allows_or_asks_for_something_else_refuses_no_role() {
        let by_address = json!({"Effect": "Deny", "Principal": "*",
            "Condition": {"NotIpAddress": {"aws:SourceIp": "192.0.2.0/24"}}});
        assert!(refusing_ours(&by_address).is_empty());
        assert!(refusing_ours(&json!({"Effect": "Allow", "NotPrincipal": {"AWS": THEIRS}})).is_empty());
    }
}
