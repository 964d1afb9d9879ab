//! The statements of ours that there should be in a REST API's resource policy, and whether they are in force.

use crate::domain::access::asked::Route;
use crate::domain::access::asked::other_signers::{OtherSigners, signed_elsewhere};
use crate::domain::access::asked::policy::{
    LARGEST, ONLY, OPEN, Obstacle, is_palisades, sid, statements, suffix,
};
use crate::domain::access::asked::policy_patterns::{is_covered, may_fit, pattern};
use crate::domain::access::authorization::{Desired, Observed};
use crate::domain::access::proof::Proof;
use crate::domain::kernel::arn::Arn;
use crate::domain::kernel::reason::Reason;
use serde_json::{Value, json};
use std::collections::BTreeSet;

/// Whether our statement is in force and does not name the role that is wanted: it has to, before that role signs.
#[must_use]
pub fn admits_another(desired: &Desired, found: &Observed) -> bool {
    let admitted = found.policies.admitted(&desired.owner);
    let wanted = desired.exclusive.as_ref();
    wanted.is_some_and(|role| !admitted.is_empty() && !admitted.contains(role))
}

/// Whether our statements are as they should be, as the stage serves them.
#[must_use]
pub fn is_in_force(desired: &Desired, found: &Observed, others: Option<&OtherSigners>) -> bool {
    let wanted = wanted(desired, found, true, others);
    wanted.is_ok_and(|wanted| found.policies.serves(&wanted, &desired.owner))
}

/// The statements of ours that there should be. `is_settled`: no other role of ours signs any more. `others`: who signs besides;
/// `None` where nobody has looked.
///
/// # Errors
/// What a resource policy cannot say, or not in so many bytes, and whom it would refuse.
pub fn wanted(
    desired: &Desired,
    found: &Observed,
    is_settled: bool,
    others: Option<&OtherSigners>,
) -> Result<Vec<Value>, Obstacle> {
    let Some(role) = &desired.exclusive else {
        return Ok(vec![]);
    };
    super::check_credentials(&found.routes)?;
    let known = found.policies.known_to_admit(&desired.owner);
    // Whoever comes to an API that lets in one signer alone knows of that.
    if known.is_empty() {
        let gone = found
            .policies
            .roles_of_vanished(&desired.gate.stage, &desired.owner);
        let is_alone = others.is_some_and(|others| others.living.is_subset(&gone));
        if !is_alone {
            return Err(Obstacle {
                reason: Reason::ProtectedElsewhere,
                message: signed_elsewhere(others),
            });
        }
    }
    let mut roles = BTreeSet::from([role.clone()]);
    if !is_settled {
        roles.extend(found.policies.admitted(&desired.owner));
    }
    match others {
        Some(others) => {
            // Lists may show as another cluster's what was left behind a moment ago; whom it serves goes on being let in.
            let mut kept = found
                .policies
                .roles_of_vanished(&desired.gate.stage, &desired.owner);
            kept.extend(known);
            roles.extend(others.living.intersection(&kept).chain(&others.left).cloned());
        }
        None => roles.extend(known),
    }
    let roles: Vec<String> = roles.into_iter().collect();
    let mut statements = vec![json!({
        "Sid": format!("{ONLY}{}", suffix(&desired.owner)),
        "Effect": "Deny",
        "Principal": "*",
        "Action": "execute-api:Invoke",
        "Resource": one_or_all(denied(desired, found)?),
        // Whoever is not signed in has no such key, and then a negation holds: denied.
        "Condition": {"ArnNotEquals": {"aws:PrincipalArn": one_or_all(roles)}},
    })];
    let open = opened(desired, found);
    if !open.is_empty() {
        statements.push(json!({
            "Sid": format!("{OPEN}{}", suffix(&desired.owner)),
            "Effect": "Allow",
            "Principal": "*",
            "Action": "execute-api:Invoke",
            "Resource": one_or_all(open),
        }));
    }
    let length = found.policies.with(&statements, &desired.owner).len();
    if length > LARGEST {
        return Err(Obstacle {
            reason: Reason::PolicyTooLarge,
            message: format!(
                "spec.access.sigV4.exclusive: the API's resource policy would have {length} bytes, and API Gateway takes \
                 {LARGEST}: shorten its own statements, or set spec.access.excludeMethods to fewer methods"
            ),
        });
    }
    Ok(statements)
}

/// What only the signer may call: the whole stage, or what is not excluded of it.
fn denied(desired: &Desired, found: &Observed) -> Result<Vec<String>, Obstacle> {
    let arn = arn(desired);
    let stage = &desired.gate.stage;
    let excluded: Vec<&Route> = found.excluded(desired).collect();
    if excluded.is_empty() {
        return Ok(vec![format!("{arn}/{stage}/*")]);
    }
    for route in found.kept(desired) {
        let within = excluded
            .iter()
            .find(|excluded| may_fit(&excluded.key, &pattern(&route.key)));
        if let Some(excluded) = within {
            return Err(Obstacle {
                reason: Reason::ExcludedMethodInTheWay,
                message: format!(
                    "spec.access.sigV4.exclusive: a resource policy cannot deny {} without {}, which \
                     spec.access.excludeMethods leaves open: take it out of there, or set exclusive to false",
                    route.key, excluded.key
                ),
            });
        }
    }
    let patterns = shortest(&found.kept(desired).map(|route| pattern(&route.key)).collect());
    Ok(patterns
        .iter()
        .map(|pattern| format!("{arn}/{stage}/{pattern}"))
        .collect())
}

/// Excluded methods that ask for no signature, and that the mere presence of a policy would close: where it allows nothing,
/// only signed requests get by without it.
fn opened(desired: &Desired, found: &Observed) -> Vec<String> {
    let edited = &found.policies.edited;
    let others = || statements(edited).filter(|found| !is_palisades(sid(found)));
    let is_opened = found
        .policies
        .edited_of(&desired.owner)
        .iter()
        .any(|found| sid(found).starts_with(OPEN));
    let is_needed =
        others().next().is_none() || (is_opened && !others().any(|found| found["Effect"] == "Allow"));
    if !is_needed {
        return vec![];
    }
    let open = found
        .excluded(desired)
        .filter(|route| !route.authorization.asks_for(&Proof::Signature));
    let patterns = shortest(&open.map(|route| pattern(&route.key)).collect());
    // The policy goes live with other stages too, once their team deploys them.
    patterns
        .iter()
        .map(|pattern| format!("{}/*/{pattern}", arn(desired)))
        .collect()
}

/// Without those that another covers.
fn shortest(patterns: &BTreeSet<String>) -> Vec<String> {
    let is_needed = |pattern: &&String| {
        !patterns
            .iter()
            .any(|other| other != *pattern && is_covered(pattern, other))
    };
    patterns.iter().filter(is_needed).cloned().collect()
}

fn arn(desired: &Desired) -> String {
    let account = desired.exclusive.as_deref().and_then(Arn::of);
    format!(
        "arn:aws:execute-api:{}:{}:{}",
        desired.gate.region,
        account.map_or("", |arn| arn.account),
        desired.gate.api_id
    )
}

fn one_or_all(mut values: Vec<String>) -> Value {
    if values.len() == 1 {
        json!(values.remove(0))
    } else {
        json!(values)
    }
}
