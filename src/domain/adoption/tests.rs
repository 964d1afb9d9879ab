//! What keeps a distribution from being adopted, what its adoption changes, and by which hash that is confirmed.

use super::fixtures::{ACL, API, copied, found, hash_with, owner, refused, refused_by, wanted, web_acl};
use super::plan::plan;
use super::{Seen, Whose, deletion_policy, desired, is_switched, whose};
use crate::api::{DeletionPolicy, ProtectedApiSpec, ProtectedApiStatus, RequiredRules, WebAclSpec};
use crate::domain::access::proof::Proof;
use crate::domain::edge::places::Place;
use crate::domain::edge::xml::{self, Element};
use crate::domain::firewall::baseline::web_acl_spec;
use crate::domain::kernel::identity::{Owner, TAG_ADOPTED, Tags};
use crate::domain::pricing_plans::subscription::{self, Subscription};
use serde_json::{Value, json};

fn put(config: &mut Element, name: &str, value: &str) {
    xml::put(config, xml::text(name, value), &[]);
}

fn put_in_behavior(config: &mut Element, element: Element) {
    let behavior = config.get_mut_child("DefaultCacheBehavior").unwrap();
    xml::put(behavior, element, &[]);
}

fn origin(config: &mut Element) -> &mut Element {
    let items = config
        .get_mut_child("Origins")
        .and_then(|origins| origins.get_mut_child("Items"));
    items.and_then(|items| items.get_mut_child("Origin")).unwrap()
}

#[test]
fn a_distribution_of_the_guide_is_adopted() {
    let found = found(|_, _| {});
    assert_eq!(refused(&found, web_acl(), None, &Proof::Signature), []);
}

type Change = fn(&mut Element, &mut Tags);

#[test]
fn each_obstacle_is_refused_with_its_reason_and_field() {
    const ID: &str = "spec.distribution.adopt.id";
    let cases: [(&str, &str, Change); 16] = [
        ("Staging", ID, |config, _| put(config, "Staging", "true")),
        ("ContinuousDeployment", ID, |config, _| {
            put(config, "ContinuousDeploymentPolicyId", "policy");
        }),
        ("MultiTenant", ID, |config, _| {
            put(config, "ConnectionMode", "tenant-only");
        }),
        ("Disabled", ID, |config, _| put(config, "Enabled", "false")),
        ("LegacyForwardedValues", ID, |config, _| {
            put_in_behavior(config, Element::new("ForwardedValues"));
        }),
        ("Grpc", ID, |config, _| {
            put_in_behavior(
                config,
                xml::parent("GrpcConfig", vec![xml::text("Enabled", true)]),
            );
        }),
        ("FirewallManager", ID, |config, _| {
            put(config, "WebACLId", &ACL.replace("theirs", "FMManagedWebACLV2-x"));
        }),
        ("ClassicWebAcl", ID, |config, _| {
            put(config, "WebACLId", "473e64fd-f30b");
        }),
        ("AnotherOrigin", "spec.origin.endpoint", |config, _| {
            put(
                origin(config),
                "DomainName",
                "another.execute-api.eu-north-1.amazonaws.com",
            );
        }),
        ("AnotherPath", "spec.origin.path", |config, _| {
            put(origin(config), "OriginPath", "/v1");
        }),
        ("VpcOrigin", "spec.origin.endpoint", |config, _| {
            xml::put(origin(config), Element::new("VpcOriginConfig"), &[]);
        }),
        ("BehaviorLeadsToApi", ID, |config, _| {
            let children = vec![
                xml::text("PathPattern", "/v2/*"),
                xml::text("TargetOriginId", "their-api"),
            ];
            let behavior = xml::parent("CacheBehavior", children);
            xml::put(config, xml::list("CacheBehaviors", vec![behavior]), &[]);
        }),
        ("AnotherObject", ID, |_, tags| {
            let other = Owner {
                uid: "another".into(),
                ..owner()
            };
            tags.extend(other.tags());
        }),
        ("AnotherObject", ID, |config, _| {
            put(config, "Comment", "palisade 9999 shop/other");
        }),
        ("RivalNotLetGo", "spec.distribution.adopt.letGo", |_, tags| {
            tags.insert("aws:cloudformation:stack-name".into(), "perimeter".into());
        }),
        ("TooManyTags", "spec.tags", |_, tags| {
            tags.extend((0..48).map(|n| (format!("tag-{n}"), "x".to_owned())));
        }),
    ];
    for (reason, field, change) in cases {
        let found = found(change);
        let refused = refused(&found, web_acl(), None, &Proof::Signature);
        assert_eq!(refused, [(reason.to_owned(), field.to_owned())]);
    }
}

#[test]
fn tools_that_let_the_distribution_go_and_terraform_which_may_always_be_one_refuse_nothing() {
    let found = found(|_, tags| {
        tags.insert("services.k8s.aws/namespace".into(), "shop".into());
    });
    assert_eq!(refused(&found, web_acl(), None, &Proof::Signature), []);
}

#[test]
fn a_web_acl_that_lets_less_pass_than_ours_would_is_refused() {
    let found = found(|_, _| {});
    let reasons = |former: Value| {
        let copied = copied(&former, &crate::api::WebAclSpec::default());
        let refused = refused(&found, former, Some(&copied), &Proof::Signature);
        refused.into_iter().map(|(reason, _)| reason).collect::<Vec<_>>()
    };
    let mut blocking = web_acl();
    blocking["DefaultAction"] = json!({"Block": {}});
    assert_eq!(reasons(blocking), ["WebAclBlocks"]);
    let mut allowing = web_acl();
    allowing["Rules"] = json!([{"Name": "us", "Priority": 0, "Action": {"Allow": {}}, "Statement": {}}]);
    assert_eq!(reasons(allowing), ["WebAclAllows"]);
}

#[test]
fn a_distribution_in_a_plan_that_counts_is_refused_unless_it_was_adopted_before() {
    let of = |found: &crate::domain::edge::distribution::Observed, pricing_plan: subscription::Seen| {
        let seen = Seen {
            former_web_acl: Some(web_acl()),
            pricing_plan,
            ..Seen::default()
        };
        refused_by(found, &seen, None, &Proof::Signature)
    };
    let plan = |state: &str| {
        subscription::Seen::Known(Some(Box::new(Subscription {
            arn: "arn:plan".into(),
            tier: "PRO".into(),
            state: state.into(),
            resource_arns: vec![],
            since: None,
            scheduled: None,
        })))
    };
    let theirs = found(|_, _| {});
    let expected = ("PricingPlan".to_owned(), "spec.distribution.adopt.id".to_owned());
    assert_eq!(of(&theirs, plan("ACTIVE")), [expected]);
    assert_eq!(of(&theirs, plan("PENDING_APPROVAL")), []);
    assert_eq!(of(&theirs, subscription::Seen::Known(None)), []);
    assert_eq!(
        of(&theirs, subscription::Seen::Unknown { is_denied: true }),
        [],
        "what could not be read is told, and refuses nobody"
    );
    let recognised = found(|_, tags| {
        let namesake = Owner {
            uid: "before".into(),
            ..owner()
        };
        tags.extend(namesake.tags());
        tags.insert(TAG_ADOPTED.into(), "2026-01-01T00:00:00Z".into());
    });
    assert_eq!(of(&recognised, plan("ACTIVE")), []);
}

#[test]
fn a_copied_rule_that_looks_at_labels_is_refused_where_the_spec_has_what_sets_them() {
    let group =
        json!({"ManagedRuleGroupStatement": {"VendorName": "AWS", "Name": "AWSManagedRulesCommonRuleSet"}});
    let label =
        json!({"LabelMatchStatement": {"Scope": "LABEL", "Key": "awswaf:managed:aws:core-rule-set:X"}});
    let mut former = web_acl();
    former["Rules"] = json!([
        {"Name": "common", "Priority": 0, "OverrideAction": {"Count": {}}, "Statement": group},
        {"Name": "by-label", "Priority": 1, "Action": {"Block": {}}, "Statement": label},
    ]);
    let reasons = |groups: Value| {
        let spec = serde_json::from_value(json!({"managedRuleGroups": groups})).unwrap();
        let copied = copied(&former, &spec);
        let refused = refused(
            &found(|_, _| {}),
            former.clone(),
            Some(&copied),
            &Proof::Signature,
        );
        refused.into_iter().map(|(reason, _)| reason).collect::<Vec<_>>()
    };
    assert_eq!(
        reasons(json!([{"name": "AWSManagedRulesCommonRuleSet"}])),
        ["WebAclLabels"]
    );
    assert!(reasons(json!([])).is_empty());
}

#[test]
fn a_header_that_is_sent_already_is_not_written_over() {
    let found = found(|config, _| {
        let header = vec![
            xml::text("HeaderName", "X-Api-Key"),
            xml::text("HeaderValue", "theirs"),
        ];
        let headers = xml::list("CustomHeaders", vec![xml::parent("OriginCustomHeader", header)]);
        Place::Origin("CustomHeaders").write(config, "their-api", Some(headers));
    });
    let of = |proof: Proof| refused(&found, web_acl(), None, &proof);
    assert_eq!(of(Proof::Key)[0].0, "HeaderTaken");
    assert_eq!(of(Proof::Signature), []);
    assert_eq!(of(Proof::Header("x-origin-verify".into())), []);
}

#[test]
fn a_spec_that_says_what_is_found_changes_nothing_but_who_keeps_it() {
    let plan = plan(&wanted(), &Proof::Signature, &found(|_, _| {}), None, "");
    let fields: Vec<&str> = plan.changes.iter().map(|change| change.path.as_str()).collect();
    assert_eq!(fields, ["comment", "webAclArn", "signerVersionArn"]);
    assert_eq!(plan.changes[1].to, Value::Null, "known after it is made");
    assert_eq!(plan.hash.len(), 8);
}

#[test]
fn the_hash_is_that_of_spec_and_configuration_and_not_of_the_etag_nor_of_who_the_object_is() {
    let of = |wanted: &crate::domain::edge::distribution::Desired, found| {
        plan(wanted, &Proof::Signature, &found, None, "").hash
    };
    let hash = of(&wanted(), found(|_, _| {}));
    let mut reread = found(|_, _| {});
    reread.content.etag = "another".into();
    assert_eq!(of(&wanted(), reread), hash);
    let mut renamed = wanted();
    renamed.settings.comment = "palisade <uid> shop/petstore".into();
    assert_eq!(of(&renamed, found(|_, _| {})), hash);
    let mut edited = wanted();
    edited.settings.price_class = "PriceClass_100".into();
    assert_ne!(of(&edited, found(|_, _| {})), hash);
    let changed = found(|config, _| put(config, "TheirNewElement", "new"));
    assert_ne!(of(&wanted(), changed), hash);
    let former = json!({"Rules": [{"Name": "theirs", "Priority": 0}]});
    assert_ne!(hash_with(&former), hash);
}

#[test]
fn the_hash_is_that_of_all_that_viewers_or_the_api_would_notice_and_of_what_a_deletion_takes() {
    let hash = |more: Value, change: fn(&mut WebAclSpec)| {
        let mut spec = json!({
            "origin": {"endpoint": API, "type": "REST", "stage": "prod"},
            "distribution": {"adopt": {"id": "E1"}},
        });
        for (field, value) in more.as_object().unwrap() {
            spec[field] = value.clone();
        }
        let spec: ProtectedApiSpec = serde_json::from_value(spec).unwrap();
        let mut web_acl = web_acl_spec(spec.web_acl.clone().unwrap_or_default());
        change(&mut web_acl);
        let terms = desired(&spec, &web_acl).unwrap().terms;
        plan(&wanted(), &Proof::Signature, &found(|_, _| {}), None, &terms).hash
    };
    let of = |more: Value| hash(more, |_| {});
    let before = of(json!({}));
    for more in [
        json!({"webAcl": {"blockCidrs": ["192.0.2.0/24"]}}),
        json!({"webAcl": {"rateLimits": []}}),
        json!({"access": {"enforcement": "Observe"}}),
        json!({"access": {"excludeMethods": ["GET /pets"]}}),
        json!({"deletionPolicy": "Delete"}),
        json!({"shield": {}}),
    ] {
        assert_ne!(of(more.clone()), before, "{more}");
    }
    let required = hash(json!({}), |web_acl| {
        web_acl.required = Some(RequiredRules {
            rules: vec![json!({"Name": "of-the-class"})],
            ..RequiredRules::default()
        });
    });
    assert_ne!(required, before, "a class may require rules");
    for more in [
        json!({"tags": {"team": "pets"}}),
        json!({"distribution": {"adopt": {"id": "E1", "confirm": "0f1e2d3c", "letGo": ["ACK"]}}}),
        json!({"deletionPolicy": "Retain"}),
        json!({"webAcl": {}}),
    ] {
        assert_eq!(of(more.clone()), before, "{more}");
    }
    let mut former = web_acl();
    former["TokenDomains"] = json!(["shop.example.com"]);
    assert_ne!(
        hash_with(&former),
        hash_with(&web_acl()),
        "fields and bodies are copied, too"
    );
}

#[test]
fn whose_a_distribution_is_its_tags_tell() {
    let marked = |owner: &Owner, is_adopted: bool| {
        found(|_, tags| {
            tags.extend(owner.tags());
            if is_adopted {
                tags.insert(TAG_ADOPTED.into(), "2026-01-01T00:00:00Z".into());
            }
        })
    };
    let namesake = Owner {
        uid: "before".into(),
        ..owner()
    };
    let elsewhere = Owner {
        cluster: "another".into(),
        ..owner()
    };
    assert_eq!(whose(&found(|_, _| {}), &owner()), Whose::Free);
    assert_eq!(whose(&marked(&owner(), true), &owner()), Whose::Own);
    assert_eq!(whose(&marked(&namesake, true), &owner()), Whose::Predecessors);
    assert_eq!(whose(&marked(&namesake, false), &owner()), Whose::AnotherObjects);
    assert_eq!(whose(&marked(&elsewhere, true), &owner()), Whose::AnotherObjects);
}

#[test]
fn what_is_ours_in_the_configuration_tells_that_it_was_updated() {
    let is = |name: &str, value: &str| {
        let found = found(|config, _| put(config, name, value));
        is_switched(
            &found,
            &owner(),
            "palisade-shop-petstore-1",
            "palisade-shop-petstore-1",
        )
    };
    assert!(!is("Comment", "theirs"));
    assert!(is("Comment", "palisade 1 shop/petstore"));
    assert!(!is("Comment", "palisade 1 shop/another"));
    assert!(!is("Comment", "palisade of the garden"));
    assert!(is("WebACLId", &ACL.replace("theirs", "palisade-shop-petstore-1")));
    assert!(!is("WebACLId", ACL));
}

#[test]
fn what_stood_before_stays_when_its_object_is_deleted_unless_the_spec_says_otherwise_or_it_is_given_back() {
    let spec = |more: Value| -> ProtectedApiSpec {
        let mut spec = json!({"origin": {"endpoint": API, "type": "REST", "stage": "prod"}});
        spec.as_object_mut()
            .unwrap()
            .extend(more.as_object().unwrap().clone());
        serde_json::from_value(spec).unwrap()
    };
    let status = |state: &str| -> ProtectedApiStatus {
        serde_json::from_value(json!({"adoption": {"id": "E1", "state": state}})).unwrap()
    };
    let adopting = json!({"distribution": {"adopt": {"id": "E1"}}});
    let deleting = json!({"distribution": {"adopt": {"id": "E1"}}, "deletionPolicy": "Delete"});
    assert_eq!(
        deletion_policy(Some(&spec(json!({}))), None),
        DeletionPolicy::Delete
    );
    let adopting = spec(adopting);
    assert_eq!(deletion_policy(Some(&adopting), None), DeletionPolicy::Retain);
    let adopted = status("Adopted");
    assert_eq!(
        deletion_policy(Some(&adopting), Some(&adopted)),
        DeletionPolicy::Retain
    );
    assert_eq!(deletion_policy(None, Some(&adopted)), DeletionPolicy::Retain);
    assert_eq!(
        deletion_policy(Some(&spec(deleting)), Some(&adopted)),
        DeletionPolicy::Delete
    );
    let released = status("Released");
    assert_eq!(
        deletion_policy(Some(&adopting), Some(&released)),
        DeletionPolicy::Delete
    );
    assert_eq!(deletion_policy(None, None), DeletionPolicy::Delete);
    assert_eq!(
        deletion_policy(Some(&spec(json!({}))), Some(&adopted)),
        DeletionPolicy::Retain,
        "status tells of it"
    );
}
