//! The names of the web ACL's rules: a managed rule group that is not AWS's may have the name of another rule there.

use super::rules::{ALLOW, BLOCK, RULE_PREFIX, rules};
use crate::api::WebAclSpec;
use crate::domain::kernel::reason::Reason;
use crate::domain::kernel::rejection::Rejection;
use std::collections::BTreeSet;

/// Looks for a managed rule group whose rule has the name of another one: what is said of the one would be done to the other.
///
/// # Errors
/// The first such group, with where to write it instead.
pub(super) fn check(spec: &WebAclSpec) -> Result<(), Rejection> {
    let required = spec.required.iter().flat_map(|required| &required.groups);
    let groups = spec.managed_rule_groups.iter().flatten().chain(required);
    // The names of AWS's begin as no other rule's does.
    let mut others = groups.filter(|group| group.vendor.as_ref().is_some_and(|vendor| vendor != "AWS"));
    if others.next().is_none() {
        return Ok(());
    }
    let arns = [BLOCK, ALLOW].map(|list| (format!("{list}-v4"), String::new()));
    let mut seen = BTreeSet::new();
    for rule in rules(spec, &arns.into()) {
        let name = rule["Name"].as_str().unwrap_or_default();
        if !seen.insert(name.to_owned()) {
            return Err(taken(name.strip_prefix(RULE_PREFIX).unwrap_or(name)));
        }
    }
    Ok(())
}

fn taken(name: &str) -> Rejection {
    Rejection::new(
        Reason::InvalidSpec,
        format!(
            "spec.webAcl.managedRuleGroups[{name}]: another rule of the web ACL has the name that the group's rule would have there: write the \
             group into spec.webAcl.rules, in WAFv2's JSON, under another name"
        ),
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::api::{MostPermissiveRate, RequiredRules};

    #[test]
    fn a_group_of_another_vendor_takes_the_name_of_no_other_rule() {
        let of = |name: &str| {
            let yaml = format!(
                "{{managedRuleGroups: [{{name: {name}, vendor: Acme, promote: {{from: Count, after: 72h, maxMatches: 0}}}}], rateLimits: \
                 [{{name: per-ip, limit: 100}}]}}"
            );
            let mut spec: WebAclSpec = serde_yaml::from_str(&yaml).unwrap();
            spec.required = Some(RequiredRules {
                rate: Some(MostPermissiveRate {
                    limit: 1000,
                    window: None,
                }),
                ..RequiredRules::default()
            });
            check(&spec).map_err(|refused| refused.message)
        };
        assert_eq!(of("AcmeBots"), Ok(()));
        for name in ["required-rate", "rate-per-ip", "block", "allow"] {
            let message = of(name).unwrap_err();
            let field = format!("spec.webAcl.managedRuleGroups[{name}]: another rule");
            assert!(message.starts_with(&field), "{message}");
        }
    }
}
