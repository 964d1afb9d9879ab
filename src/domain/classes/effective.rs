//! The spec that is acted upon: what an object says, its class's defaults beneath, within its limits.

use super::merge::{Given, Merged, merged};
use super::{choice, consistency, limits};
use crate::api::{DeletionPolicy, EffectiveField, EffectiveStatus, PerimeterClassSpec, ProtectedApiSpec};
use crate::domain::firewall::promotion::misdeclared;
use crate::domain::firewall::required::RATE;
use crate::domain::kernel::hash;
use crate::domain::kernel::reason::Reason;
use crate::domain::kernel::rejection::Rejection;
use crate::domain::kernel::words::cut;
use serde_json::{Value, json};

/// So many fields are listed in a status.
const LISTED: usize = 64;
/// So many characters of a value are shown.
const SHOWN: usize = 512;
/// So many of a field's path.
const PATH: usize = 250;

/// What a spec comes to by its class.
#[derive(Debug, Clone, PartialEq)]
pub struct Effective {
    /// The spec, also where it is refused.
    pub spec: ProtectedApiSpec,
    /// What of it the class gave.
    pub status: EffectiveStatus,
    /// Why it must not be acted upon.
    pub refused: Option<Rejection>,
}

/// What `spec` comes to by the class `name`.
#[must_use]
pub fn effective(spec: &ProtectedApiSpec, name: &str, class: &PerimeterClassSpec) -> Effective {
    let merged = match merged(spec, class) {
        Ok(merged) => merged,
        Err(error) => return unreadable(spec, name, &error),
    };
    let refused = contradiction(class)
        .map(|why| choice::invalid(name, &why))
        .or_else(|| consistency::check(&merged, name).err())
        .or_else(|| {
            let limits = class.limits.as_ref()?;
            let violations = limits::violations(&merged.spec, class.defaults.as_ref(), limits);
            violations.first().map(|first| first.rejection(name))
        });
    let Merged { mut spec, given } = merged;
    let mut status = EffectiveStatus {
        fields: given.iter().map(told).collect(),
        more: None,
    };
    if let Some(limits) = &class.limits {
        limits::require(&mut spec, limits);
        let stays_by_limit = limits::retains(&spec, limits);
        // The baseline of one that adopts, until it gives back what it has adopted: what the class wants to stay stays then, too.
        if limits.deletion_policy == Some(DeletionPolicy::Retain) {
            spec.deletion_policy.get_or_insert(DeletionPolicy::Retain);
        }
        let groups = json!(limits.required_rule_groups);
        let rules = json!(limits.required_rules);
        let rate = json!(limits.rate_limit);
        let required = [
            ("requiredRuleGroups", groups),
            ("requiredRules", rules),
            ("rateLimit", rate),
        ];
        let required = required.into_iter().filter(|(_, value)| !value.is_null());
        status
            .fields
            .extend(required.map(|(limit, value)| EffectiveField {
                field: "spec.webAcl".to_owned(),
                from: format!("spec.limits.{limit}"),
                value: shown(&value),
                appended: Some(true),
            }));
        if stays_by_limit {
            status.fields.push(EffectiveField {
                field: "spec.deletionPolicy".to_owned(),
                from: "spec.limits.deletionPolicy".to_owned(),
                value: shown(&json!(DeletionPolicy::Retain)),
                appended: None,
            });
        }
    }
    bound(&mut status);
    Effective {
        spec,
        status,
        refused,
    }
}

/// What tells the content of a class from others.
#[must_use]
pub fn revision(class: &PerimeterClassSpec) -> String {
    // In the order of the struct, whatever is added to it later and not said.
    let PerimeterClassSpec {
        defaults,
        append,
        limits,
        ..
    } = class;
    hash::short(&(defaults, append, limits))
}

/// Where a class contradicts itself, so that no object could go by it.
#[must_use]
pub fn contradiction(class: &PerimeterClassSpec) -> Option<String> {
    let limits = class.limits.as_ref()?;
    if let Some(rule) = limits
        .required_rules
        .iter()
        .flatten()
        .find(|rule| names_body(rule))
    {
        return Some(format!(
            "spec.limits.requiredRules[{}] names a CustomResponseBodyKey, which objects may take away: leave it out",
            rule["Name"].as_str().unwrap_or_default()
        ));
    }
    let is_rate = |rule: &Value| rule["Name"] == RATE;
    if limits.required_rules.iter().flatten().any(is_rate) {
        return Some(format!(
            "spec.limits.requiredRules[{RATE}] has the name of the rule of spec.limits.rateLimit: choose another one"
        ));
    }
    let mut required = limits.required_rules.iter().flatten();
    if let Some((rule, wrong)) = required.find_map(|rule| Some((rule, misdeclared(rule)?))) {
        let name = rule["Name"].as_str().unwrap_or_default();
        return Some(format!("spec.limits.requiredRules[{name}]{wrong}"));
    }
    let defaults = serde_json::to_value(class.defaults.as_ref()?).ok()?;
    let bare = json!({"origin": {"endpoint": "", "type": "REST", "stage": ""}});
    let merged = merged(&serde_json::from_value(bare).ok()?, class).ok()?;
    let found = limits::violations(&merged.spec, class.defaults.as_ref(), limits);
    let mut violations = found.into_iter();
    // What the defaults leave out an object may still say.
    let says = |field: &str| {
        let path = field.trim_start_matches("spec.").split('.');
        let value = path.fold(&defaults, |value, name| &value[name]);
        !value.is_null()
    };
    let violation = violations.find(|violation| violation.field != "spec.tags" && says(violation.field))?;
    let field = violation.field.trim_start_matches("spec.");
    Some(format!(
        "spec.defaults.{field} breaks {}: {}",
        violation.limit, violation.what
    ))
}

fn names_body(value: &Value) -> bool {
    match value {
        Value::Object(fields) => fields
            .iter()
            .any(|(name, value)| name == "CustomResponseBodyKey" || names_body(value)),
        Value::Array(items) => items.iter().any(names_body),
        _ => false,
    }
}

fn unreadable(spec: &ProtectedApiSpec, name: &str, error: &serde_json::Error) -> Effective {
    let message = format!(
        "spec.className: with what PerimeterClass {name} gives, the spec cannot be read: {error}. What stands goes on as it is"
    );
    Effective {
        spec: spec.clone(),
        status: EffectiveStatus::default(),
        refused: Some(Rejection::new(Reason::InvalidSpec, message)),
    }
}

fn told(given: &Given) -> EffectiveField {
    EffectiveField {
        field: cut(&format!("spec.{}", given.path), PATH),
        from: cut(&format!("spec.defaults.{}", given.path), PATH),
        value: shown(&given.value),
        appended: given.appended.then_some(true),
    }
}

fn shown(value: &Value) -> String {
    cut(&value.to_string(), SHOWN)
}

fn bound(status: &mut EffectiveStatus) {
    status
        .fields
        .sort_by(|a, b| (&a.field, &a.from).cmp(&(&b.field, &b.from)));
    let more = status.fields.len().saturating_sub(LISTED);
    status.fields.truncate(LISTED);
    status.more = (more > 0).then(|| i64::try_from(more).unwrap_or(i64::MAX));
}

#[cfg(test)]
mod tests {
    use super::*;

    fn spec(more: &Value) -> ProtectedApiSpec {
        let endpoint = "a1b2c3d4e5.execute-api.eu-north-1.amazonaws.com";
        let mut spec = json!({"origin": {"endpoint": endpoint, "type": "REST", "stage": "prod"}});
        for (field, value) in more.as_object().unwrap() {
            spec[field] = value.clone();
        }
        serde_json::from_value(spec).unwrap()
    }

    fn class(spec: Value) -> PerimeterClassSpec {
        serde_json::from_value(spec).unwrap()
    }

    fn refused(class_spec: Value, object: &Value) -> Option<(Reason, String)> {
        let effective = effective(&spec(object), "public", &class(class_spec));
        effective.refused.map(|refused| (refused.reason, refused.message))
    }

    #[test]
    fn a_class_that_gives_nothing_changes_nothing() {
        let own = spec(&json!({"tags": {"team": "pets"}, "webAcl": {"rules": []}}));
        let effective = effective(&own, "public", &PerimeterClassSpec::default());
        assert_eq!(effective.spec, own);
        assert_eq!(effective.status, EffectiveStatus::default());
        assert_eq!(effective.refused, None);
    }

    #[test]
    fn an_object_and_a_class_that_contradict_each_other_are_refused_with_field_and_class() {
        #[rustfmt::skip] // One contradiction a line.
        let cases = [
            (json!({"access": {"mode": "ApiKey"}}), json!({"origin": {"endpoint": "", "type": "HTTP", "stage": "prod"}}), "spec.access.mode"),
            (json!({"access": {"sigV4": {"exclusive": true}}}), json!({"origin": {"endpoint": "", "type": "HTTP", "stage": "prod"}}), "spec.access.sigV4.exclusive"),
            (json!({"probes": "Disabled", "access": {"cutOver": "AfterDeployed"}}), json!({"access": {"cutOver": "AfterProbe"}}), "spec.probes"),
            (json!({"access": {"excludeMethods": ["$connect"]}}), json!({}), "spec.access.excludeMethods"),
        ];
        for (defaults, object, field) in cases {
            let (reason, message) = refused(json!({"defaults": defaults}), &object).expect(field);
            assert_eq!(reason, Reason::InvalidSpec);
            assert!(
                message.starts_with(field) && message.contains("PerimeterClass public"),
                "{message}"
            );
        }
    }

    #[test]
    fn a_class_that_deletes_by_default_takes_no_adopted_distribution_down() {
        let adopting = json!({"distribution": {"adopt": {"id": "E1ABCDEF2GHIJK"}}});
        let policy = |object: &Value, by_default: &str| {
            let class = class(json!({"defaults": {"deletionPolicy": by_default}}));
            effective(&spec(object), "public", &class).spec.deletion_policy
        };
        assert_eq!(policy(&json!({}), "Delete"), Some(DeletionPolicy::Delete));
        assert_eq!(policy(&adopting, "Delete"), None);
        assert_eq!(policy(&adopting, "Retain"), Some(DeletionPolicy::Retain));
        let mut deleting = adopting.clone();
        deleting["deletionPolicy"] = json!("Delete");
        assert_eq!(policy(&deleting, "Delete"), Some(DeletionPolicy::Delete));
    }

    #[test]
    fn an_object_that_is_refused_is_told_that_it_stays_by_a_limit() {
        let told = |object: &Value, limit: &str| {
            let class = class(json!({"limits": {"deletionPolicy": limit}}));
            let fields = effective(&spec(object), "public", &class).status.fields;
            let mut fields = fields.into_iter();
            fields.find(|field| field.field == "spec.deletionPolicy")
        };
        for object in [json!({}), json!({"deletionPolicy": "Delete"})] {
            let told = told(&object, "Retain").expect("told");
            assert_eq!(
                (told.from.as_str(), told.value.as_str()),
                ("spec.limits.deletionPolicy", "\"Retain\"")
            );
        }
        assert_eq!(told(&json!({"deletionPolicy": "Retain"}), "Retain"), None);
        assert_eq!(told(&json!({"deletionPolicy": "Retain"}), "Delete"), None);
    }

    #[test]
    fn lists_that_are_too_long_together_are_refused() {
        let limits = |prefix: &str| {
            let limits = (0..6).map(|at| json!({"name": format!("{prefix}{at}"), "limit": 100}));
            json!({"webAcl": {"rateLimits": limits.collect::<Vec<_>>()}})
        };
        let class = json!({"defaults": limits("a"), "append": ["webAcl.rateLimits"]});
        let (reason, message) = refused(class, &limits("b")).expect("refused");
        assert_eq!(reason, Reason::InvalidSpec);
        assert!(
            message.starts_with("spec.webAcl.rateLimits") && message.contains("12 entries"),
            "{message}"
        );
    }

    #[test]
    fn a_class_whose_defaults_break_its_own_limits_can_be_gone_by_by_nobody() {
        let contradicting =
            json!({"defaults": {"access": {"mode": "ApiKey"}}, "limits": {"allowedModes": ["SigV4"]}});
        let (reason, message) =
            refused(contradicting.clone(), &json!({"access": {"mode": "SigV4"}})).expect("refused");
        assert_eq!(reason, Reason::ClassInvalid);
        assert!(
            message.contains("spec.defaults.access.mode breaks spec.limits.allowedModes"),
            "{message}"
        );
        assert!(contradiction(&class(contradicting)).is_some());
        // What it leaves to its objects is no contradiction.
        let open = json!({"defaults": {"tags": {"cost": "1"}}, "limits": {"requiredTags": ["team"], "allowedModes": ["ApiKey"]}});
        assert_eq!(contradiction(&class(open)), None);
    }

    #[test]
    fn required_rules_are_of_every_object_and_their_origin_is_told() {
        let limits = json!({"limits": {"requiredRuleGroups": [{"name": "AWSManagedRulesSQLiRuleSet"}]}});
        let effective = effective(&spec(&json!({})), "public", &class(limits));
        let required = effective
            .spec
            .web_acl
            .and_then(|acl| acl.required)
            .expect("rules");
        assert_eq!(required.groups.len(), 1);
        assert_eq!(effective.status.fields[0].from, "spec.limits.requiredRuleGroups");
    }

    #[test]
    fn the_most_that_a_client_may_send_stands_before_the_addresses_that_an_object_allows() {
        let limits = json!({"limits": {"rateLimit": {"limit": 2000, "window": "5m"}}});
        let own = spec(&json!({"webAcl": {"allowCidrs": ["0.0.0.0/1", "128.0.0.0/1"]}}));
        let effective = effective(&own, "public", &class(limits));
        assert_eq!(effective.refused, None);
        let required = effective.spec.web_acl.and_then(|acl| acl.required);
        assert_eq!(
            required.and_then(|required| required.rate).map(|rate| rate.limit),
            Some(2000)
        );
        let taken = json!({"limits": {"requiredRules": [{"Name": "rate"}]}});
        let why = contradiction(&class(taken)).expect("its name is taken");
        assert!(why.contains("requiredRules[rate]"), "{why}");
    }

    #[test]
    fn the_same_content_has_the_same_revision_again() {
        let first = class(json!({"defaults": {"tags": {"a": "1"}}}));
        let second = class(json!({"defaults": {"tags": {"a": "2"}}}));
        assert_ne!(revision(&first), revision(&second));
        assert_eq!(revision(&first), revision(&first.clone()));
    }

    #[test]
    fn what_is_told_of_a_class_is_bounded() {
        let tags: serde_json::Map<String, Value> = (0..30)
            .map(|at| (format!("k{at}"), json!("v".repeat(256))))
            .collect();
        let long = json!({"defaults": {"tags": tags, "webAcl": {"allowCidrs": vec!["192.0.2.0/24"; 1000]}}});
        let status = effective(&spec(&json!({})), "public", &class(long)).status;
        assert_eq!(status.fields.len(), 31);
        assert!(
            status
                .fields
                .iter()
                .all(|field| field.value.chars().count() <= 513)
        );
    }
}
