use super::*;
use serde_json::{Value, json};

fn spec(more: &Value) -> ProtectedApiSpec {
    let endpoint = "a1b2c3d4e5.execute-api.eu-north-1.amazonaws.com";
    let mut spec = json!({"origin": {"endpoint": endpoint, "type": "REST", "stage": "prod"}});
    for (field, value) in more.as_object().unwrap() {
        spec[field] = value.clone();
    }
    serde_json::from_value(spec).unwrap()
}

/// The fields of `object` that break `limits`.
fn broken(limits: &Value, object: &Value) -> Vec<&'static str> {
    let limits: ClassLimits = serde_json::from_value(limits.clone()).unwrap();
    let violations = violations(&spec(object), None, &limits);
    violations.iter().map(|violation| violation.field).collect()
}

#[test]
fn what_a_class_forbids_is_named_with_its_field_and_what_it_allows_is_not() {
    #[rustfmt::skip] // One limit a line: the field, the limits, what breaks them, what keeps them.
    let cases = [
        ("spec.access.mode", json!({"allowedModes": ["ApiKey"]}), json!({}), json!({"access": {"mode": "ApiKey"}})),
        ("spec.access.enforcement", json!({"requireEnforcement": true}), json!({"access": {"enforcement": "Observe"}}), json!({})),
        ("spec.webAcl.logging", json!({"requiredLogging": ["WebAcl"]}), json!({}), json!({"webAcl": {"logging": {"destinationArn": "a"}}})),
        ("spec.distribution.logging", json!({"requiredLogging": ["Distribution"]}), json!({}), json!({"distribution": {"logging": {"bucket": "b"}}})),
        ("spec.shield", json!({"requireShield": true}), json!({}), json!({"shield": {}})),
        ("spec.tags", json!({"requiredTags": ["team"]}), json!({"tags": {"cost": "1"}}), json!({"tags": {"Team": "pets"}})),
        ("spec.deletionPolicy", json!({"deletionPolicy": "Retain"}), json!({}), json!({"deletionPolicy": "Retain"})),
    ];
    for (field, limits, breaks, keeps) in cases {
        assert_eq!(broken(&limits, &breaks), [field], "{limits}");
        assert_eq!(broken(&limits, &keeps), Vec::<&str>::new(), "{limits}");
    }
}

#[test]
fn no_other_key_than_the_required_one_is_taken_for_it() {
    let limits = json!({"requiredTags": ["k"]});
    let with = |key: &str| broken(&limits, &json!({"tags": {key: "1"}}));
    assert!(with("K").is_empty());
    assert_eq!(with("\u{212a}"), ["spec.tags"], "the Kelvin sign");
}

#[test]
fn what_was_adopted_is_not_given_back_to_a_web_acl_without_the_rules_that_are_required() {
    let adopting = |release: bool| {
        let adopt = json!({"id": "E1ABCDEF2GHIJK", "confirm": "01234567", "release": release});
        spec(&json!({"distribution": {"adopt": adopt}}))
    };
    let broken = |limits: &Value, spec: &ProtectedApiSpec, adoption: Option<AdoptionState>| {
        let class: PerimeterClassSpec = serde_json::from_value(json!({"limits": limits})).unwrap();
        of_release(spec, &class, adoption).map(|found| found.field)
    };
    let group = json!({"name": "AWSManagedRulesSQLiRuleSet"});
    let rule = json!({"Name": "no-tor", "Statement": {}, "Action": {"Block": {}}});
    for limits in [
        json!({"requiredRuleGroups": [group]}),
        json!({"requiredRules": [rule]}),
        json!({"rateLimit": {"limit": 1000}}),
    ] {
        for state in [None, Some(AdoptionState::Adopted), Some(AdoptionState::Refused)] {
            let refused = broken(&limits, &adopting(true), state);
            assert_eq!(refused, Some("spec.distribution.adopt.release"), "{limits}");
            assert_eq!(broken(&limits, &adopting(false), state), None, "{limits}");
        }
        // The class began to require them after it was begun, or done: the distribution has its former web ACL.
        for state in [AdoptionState::Releasing, AdoptionState::Released] {
            assert_eq!(broken(&limits, &adopting(true), Some(state)), None, "{limits}");
        }
    }
    for limits in [
        json!({}),
        json!({"requiredRuleGroups": []}),
        json!({"requireEnforcement": true}),
    ] {
        assert_eq!(broken(&limits, &adopting(true), None), None, "{limits}");
    }
}

#[test]
fn where_locks_are_required_only_the_class_leaves_a_method_open() {
    let excluding = |method: &str| json!({"access": {"excludeMethods": [method]}});
    let defaults: ClassDefaults = serde_json::from_value(excluding("GET /health")).unwrap();
    let limits = |required: bool| ClassLimits {
        require_enforcement: Some(required),
        ..ClassLimits::default()
    };
    let broken = |method: &str, required: bool| {
        let found = violations(&spec(&excluding(method)), Some(&defaults), &limits(required));
        found.iter().map(|found| found.field).collect::<Vec<_>>()
    };
    assert!(broken("GET /health", true).is_empty());
    assert_eq!(broken("ANY /", true), ["spec.access.excludeMethods"]);
    assert!(broken("ANY /", false).is_empty());
}

#[test]
fn where_locks_are_required_no_object_is_suspended_before_it_has_locked_its_stage() {
    let class = |defaults: Value| -> PerimeterClassSpec {
        serde_json::from_value(json!({"defaults": defaults, "limits": {"requireEnforcement": true}})).unwrap()
    };
    let suspended = spec(&json!({"suspend": true}));
    let strict = class(json!({}));
    let found = of_suspension(&suspended, &strict, false).map(|found| found.field);
    assert_eq!(found, Some("spec.suspend"));
    assert_eq!(
        of_suspension(&suspended, &strict, true),
        None,
        "what it has locked stays so"
    );
    assert_eq!(of_suspension(&spec(&json!({})), &strict, false), None);
    assert_eq!(
        of_suspension(&suspended, &class(json!({"suspend": true})), false),
        None
    );
    assert_eq!(
        of_suspension(&suspended, &PerimeterClassSpec::default(), false),
        None
    );
}

#[test]
fn an_object_that_adopts_retains_unless_it_says_otherwise_itself() {
    let adopting = |more: &Value| {
        let mut spec = json!({"distribution": {"adopt": {"id": "E1ABCDEF2GHIJK"}}});
        spec.as_object_mut()
            .unwrap()
            .extend(more.as_object().unwrap().clone());
        spec
    };
    let only = |policy: &str| json!({"deletionPolicy": policy});
    let none = json!({});
    assert!(broken(&only("Retain"), &adopting(&none)).is_empty());
    assert_eq!(broken(&only("Delete"), &adopting(&none)), ["spec.deletionPolicy"]);
    assert!(broken(&only("Delete"), &adopting(&only("Delete"))).is_empty());
}

#[test]
fn a_rate_limit_keeps_the_most_permissive_one_only_if_it_stops_every_client_in_time() {
    let most = json!({"rateLimit": {"limit": 1000, "window": "5m"}});
    let keeps = |limit: Value| broken(&most, &json!({"webAcl": {"rateLimits": [limit]}})).is_empty();
    assert!(keeps(json!({"name": "a", "limit": 1000})));
    assert!(keeps(json!({"name": "a", "limit": 200, "window": "1m"})));
    assert!(keeps(json!({"name": "a", "limit": 1000, "window": "10m"})));
    assert!(!keeps(json!({"name": "a", "limit": 1001})));
    assert!(!keeps(json!({"name": "a", "limit": 201, "window": "1m"})));
    assert!(!keeps(json!({"name": "a", "limit": 10, "action": "Count"})));
    assert!(!keeps(
        json!({"name": "a", "limit": 10, "scope": {"pathPrefix": "/a"}})
    ));
    assert!(!keeps(
        json!({"name": "a", "limit": 10, "by": [{"type": "Path"}]})
    ));
    assert!(
        !broken(&most, &json!({"webAcl": {"rateLimits": []}})).is_empty(),
        "none at all"
    );
    assert!(!broken(&most, &json!({})).is_empty(), "the baseline");
}

#[test]
fn a_required_group_may_be_said_again_and_not_otherwise() {
    let group = json!({"name": "AWSManagedRulesSQLiRuleSet"});
    let limits = json!({"requiredRuleGroups": [group]});
    let of = |groups: Value| broken(&limits, &json!({"webAcl": {"managedRuleGroups": groups}}));
    assert!(of(json!([])).is_empty());
    assert!(of(json!([group])).is_empty());
    let counted = json!([{"name": "AWSManagedRulesSQLiRuleSet", "action": "Count"}]);
    assert_eq!(of(counted), ["spec.webAcl.managedRuleGroups"]);
}

#[test]
fn a_refusal_names_the_field_the_class_and_its_limit() {
    let limits: ClassLimits =
        serde_json::from_value(json!({"allowedModes": ["ApiKey", "SecretHeader"]})).unwrap();
    let refused = violations(&spec(&json!({})), None, &limits)[0].rejection("public");
    assert_eq!(refused.reason, Reason::ForbiddenByClass);
    assert!(
        refused
            .message
            .starts_with("spec.access.mode: SigV4 is not allowed: write ApiKey or SecretHeader. PerimeterClass public says so"),
        "{}",
        refused.message
    );
}

#[test]
fn nothing_is_taken_down_that_the_class_wants_to_stay() {
    let limits = |policy| ClassLimits {
        deletion_policy: Some(policy),
        ..ClassLimits::default()
    };
    let (retain, delete) = (DeletionPolicy::Retain, DeletionPolicy::Delete);
    assert_eq!(deletion_policy(Some(delete), Some(&limits(retain))), retain);
    assert_eq!(deletion_policy(Some(retain), Some(&limits(delete))), retain);
    assert_eq!(deletion_policy(None, None), delete);
}
