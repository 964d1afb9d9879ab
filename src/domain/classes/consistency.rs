//! What the API server sees of a spec alone, looked at again once it is merged: an object and its class may each be right and
//! contradict each other.

use super::merge::Merged;
use crate::api::{AccessMode, CutOver, OriginType, Probes, ProtectedApiSpec};
use crate::domain::kernel::reason::Reason;
use crate::domain::kernel::rejection::Rejection;
use std::collections::{BTreeMap, BTreeSet};

/// So many tags an object may have, as the schema says.
const TAGS: usize = 30;

/// Looks for what the object and the class `name` contradict each other in.
///
/// # Errors
/// The first such field, with the class.
pub fn check(merged: &Merged, name: &str) -> Result<(), Rejection> {
    let spec = &merged.spec;
    let found = of_access(spec)
        .or_else(|| of_type(spec))
        .or_else(|| of_refused(merged))
        .or_else(|| too_long(spec));
    match found {
        Some((field, what)) => Err(contradiction(field, &what, name)),
        None => Ok(()),
    }
}

fn contradiction(field: &str, what: &str, class: &str) -> Rejection {
    Rejection::new(
        Reason::InvalidSpec,
        format!("{field}: with what PerimeterClass {class} gives, {what}. What stands goes on as it is"),
    )
}

type Found = Option<(&'static str, String)>;

fn of_access(spec: &ProtectedApiSpec) -> Found {
    let access = spec.access.as_ref();
    let cut_over = access.and_then(|access| access.cut_over).unwrap_or_default();
    if spec.probes == Some(Probes::Disabled) && cut_over != CutOver::AfterDeployed {
        let what = "probes are Disabled and spec.access.cutOver is AfterProbe, which waits for a probe: set probes to Enabled, or \
                    cutOver to AfterDeployed";
        return Some(("spec.probes", what.to_owned()));
    }
    let access = access?;
    let probed = access.probe.as_ref()?.header.as_ref()?.to_lowercase();
    let sent = access.secret_header.as_ref();
    let sent = sent.and_then(|header| header.name.as_deref());
    (probed == sent.unwrap_or("x-origin-verify")).then(|| {
        let what = format!("{probed} carries the perimeter's own secret: name another header");
        ("spec.access.probe.header", what)
    })
}

/// Addresses that the class refuses in each object do not count because an object says so.
fn of_refused(merged: &Merged) -> Found {
    let web_acl = merged.spec.web_acl.as_ref()?;
    web_acl.block_cidrs_promote.as_ref()?;
    let gave = |field: &str| merged.given.iter().any(|given| given.path.starts_with(field));
    let is_of_class = gave("webAcl.blockCidrsPromote.");
    let has_others = merged.given.iter().any(|given| given.path == "webAcl.blockCidrs");
    (has_others && !is_of_class).then(|| {
        let what = "spec.webAcl.blockCidrs has addresses of the class as well, which are refused at once: leave it out";
        ("spec.webAcl.blockCidrsPromote", what.to_owned())
    })
}

fn of_type(spec: &ProtectedApiSpec) -> Found {
    let access = spec.access.as_ref()?;
    let is = spec.origin.r#type;
    let excluded = access.exclude_methods.iter().flatten();
    let excluded: BTreeSet<&str> = excluded.map(|method| method.0.as_str()).collect();
    if excluded.contains("$connect") && is != OriginType::WebSocket {
        let what = "$connect is excluded, which exists only for WebSocket APIs: write a list of your own";
        return Some(("spec.access.excludeMethods", what.to_owned()));
    }
    if excluded.contains("$default") && is != OriginType::Http {
        let what = "$default is excluded, which is a route of HTTP APIs only: write a list of your own";
        return Some(("spec.access.excludeMethods", what.to_owned()));
    }
    if access.mode == Some(AccessMode::ApiKey) && is != OriginType::Rest {
        let what = "the mode is ApiKey, which exists only for REST APIs: write SigV4 or SecretHeader";
        return Some(("spec.access.mode", what.to_owned()));
    }
    let options = access.sig_v4.as_ref();
    let is_exclusive = options.and_then(|options| options.exclusive).unwrap_or_default();
    (is_exclusive && is != OriginType::Rest).then(|| {
        let what = "it is true, which needs a resource policy, and only REST APIs have one: set it to false";
        ("spec.access.sigV4.exclusive", what.to_owned())
    })
}

fn length<T>(list: Option<&Vec<T>>) -> usize {
    list.map_or(0, Vec::len)
}

/// Lists that were in bounds by themselves.
fn too_long(spec: &ProtectedApiSpec) -> Found {
    let access = spec.access.as_ref();
    let web_acl = spec.web_acl.as_ref();
    let of_web_acl = web_acl.into_iter().flat_map(|acl| {
        let anti_ddos = acl.anti_ddos.as_ref();
        let logging = acl.logging.as_ref();
        [
            (
                "spec.webAcl.managedRuleGroups",
                length(acl.managed_rule_groups.as_ref()),
                20,
            ),
            ("spec.webAcl.rateLimits", length(acl.rate_limits.as_ref()), 10),
            ("spec.webAcl.rules", length(acl.rules.as_ref()), 50),
            ("spec.webAcl.allowCidrs", length(acl.allow_cidrs.as_ref()), 1000),
            ("spec.webAcl.blockCidrs", length(acl.block_cidrs.as_ref()), 1000),
            (
                "spec.webAcl.customResponseBodies",
                length(acl.custom_response_bodies.as_ref()),
                20,
            ),
            (
                "spec.webAcl.antiDdos.exemptPaths",
                length(anti_ddos.and_then(|group| group.exempt_paths.as_ref())),
                5,
            ),
            (
                "spec.webAcl.logging.redactHeaders",
                length(logging.and_then(|logging| logging.redact_headers.as_ref())),
                100,
            ),
        ]
    });
    let excluded = length(access.and_then(|access| access.exclude_methods.as_ref()));
    let tags = spec.tags.as_ref().map_or(0, BTreeMap::len);
    let others = [
        ("spec.access.excludeMethods", excluded, 50),
        ("spec.tags", tags, TAGS),
    ];
    let mut all = of_web_acl.chain(others);
    let (field, has, most) = all.find(|(_, has, most)| has > most)?;
    Some((
        field,
        format!("there are {has} entries, and {most} may be: take some out"),
    ))
}

#[cfg(test)]
mod tests {
    use super::super::effective::effective;
    use crate::api::{PerimeterClassSpec, ProtectedApiSpec};
    use serde_json::{Value, json};

    /// Whether addresses count first, and why the spec is refused.
    fn come_to(class: &Value, web_acl: &Value) -> (bool, Option<String>) {
        let class: PerimeterClassSpec = serde_json::from_value(class.clone()).unwrap();
        let endpoint = "a1b2c3d4e5.execute-api.eu-north-1.amazonaws.com";
        let spec =
            json!({"origin": {"endpoint": endpoint, "type": "REST", "stage": "prod"}, "webAcl": web_acl});
        let spec: ProtectedApiSpec = serde_json::from_value(spec).unwrap();
        let found = effective(&spec, "public", &class);
        let web_acl = found.spec.web_acl.unwrap();
        let refused = found.refused.map(|refused| refused.message);
        (web_acl.block_cidrs_promote.is_some(), refused)
    }

    #[test]
    fn refused_addresses_count_first_only_where_whoever_wrote_them_says_so() {
        let promote = json!({"from": "Count", "after": "72h", "maxMatches": 0});
        let both = |address: &str| json!({"blockCidrs": [address], "blockCidrsPromote": promote});
        let class = json!({"defaults": {"webAcl": both("192.0.2.0/24")}});
        assert_eq!(come_to(&class, &json!({})), (true, None));
        let own = json!({"blockCidrs": ["198.51.100.0/24"]});
        assert_eq!(come_to(&class, &own), (false, None));
        assert_eq!(come_to(&class, &both("198.51.100.0/24")), (true, None));
    }

    #[test]
    fn an_object_does_not_have_addresses_of_its_class_count() {
        let class = json!({"defaults": {"webAcl": {"blockCidrs": ["192.0.2.0/24"]}}, "append": ["webAcl.blockCidrs"]});
        let promote = json!({"from": "Count", "after": "72h", "maxMatches": 0});
        let own = json!({"blockCidrs": ["198.51.100.0/24"], "blockCidrsPromote": promote});
        let (_, refused) = come_to(&class, &own);
        let message = refused.expect("refused");
        assert!(
            message.starts_with("spec.webAcl.blockCidrsPromote: with what PerimeterClass public gives"),
            "{message}"
        );
        assert!(message.contains("leave it out"), "{message}");
    }
}
