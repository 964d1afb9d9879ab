//! What is allowed by policies beside the controller's own, and by no other.

use super::{actions_of, narrowed, statement};
use crate::aws::policy::{
    Options, accounts_policy, adoption_policy, controller_policy, mutual_tls_policy, names_policy,
    pricing_plans_policy, remedy, shield_policy, traffic_policy,
};
use serde_json::json;
use std::collections::BTreeSet;

#[test]
fn without_the_policy_for_shield_nothing_of_it_is_allowed_and_no_policy_allows_a_subscription() {
    let core = controller_policy(&narrowed()).to_string();
    for service in ["\"shield:", "\"route53:", "\"cloudwatch:", "\"sns:"] {
        assert!(!core.contains(service), "{service}");
    }
    let shield = shield_policy(&narrowed()).to_string();
    assert!(
        ![
            "CreateSubscription",
            "UpdateSubscription",
            "DeleteSubscription",
            "shield:*"
        ]
        .iter()
        .any(|action| shield.contains(action)),
        "{shield}"
    );
    assert!(
        remedy("shield:CreateProtection", None)
            .unwrap()
            .contains("iam-policy --shield`")
    );
}

#[test]
fn pricing_plans_are_read_by_a_policy_of_their_own_and_no_policy_allows_to_change_one() {
    let own = pricing_plans_policy(&narrowed());
    assert_eq!(
        actions_of(&own),
        BTreeSet::from(["pricingplanmanager:ListSubscriptions".to_owned()])
    );
    for other in [
        controller_policy(&narrowed()),
        shield_policy(&narrowed()),
        names_policy(&narrowed()),
        mutual_tls_policy(&narrowed()),
        accounts_policy(&narrowed()),
    ] {
        assert!(!other.to_string().contains("pricingplanmanager"), "{other}");
    }
    assert!(
        remedy("pricingplanmanager:ListSubscriptions", None)
            .unwrap()
            .contains("iam-policy --pricing-plans`")
    );
}

#[test]
fn what_web_acls_do_to_the_traffic_is_read_by_a_policy_of_its_own_that_changes_nothing() {
    let own = traffic_policy(&narrowed());
    let allowed = actions_of(&own);
    assert!(
        allowed.iter().all(|action| action.contains(":Get")),
        "{allowed:?}"
    );
    let resource = &own["Statement"][0]["Resource"];
    assert!(
        resource.as_str().unwrap().ends_with(":global/webacl/palisade-*"),
        "{resource}"
    );
    let core = controller_policy(&narrowed()).to_string();
    for action in ["wafv2:GetSampledRequests", "cloudwatch:GetMetricData"] {
        assert!(allowed.contains(action), "{action}");
        assert!(!core.contains(action), "{action}");
        let remedy = remedy(action, None).unwrap();
        assert!(remedy.contains("iam-policy --traffic`"), "{remedy}");
    }
}

#[test]
fn no_role_but_of_our_name_or_as_given_can_be_assumed() {
    let roles = |options: &Options| accounts_policy(options)["Statement"][0]["Resource"].clone();
    assert_eq!(roles(&narrowed()), "arn:aws:iam::*:role/palisade-*");
    let given = "arn:aws:iam::444455556666:role/spoke";
    let options = Options {
        assumed_roles: vec![given.to_owned()],
        ..narrowed()
    };
    assert_eq!(roles(&options), given);
    assert!(
        !controller_policy(&options)
            .to_string()
            .contains("sts:AssumeRole\"")
    );
}

#[test]
fn without_the_policy_for_names_nothing_of_it_is_allowed() {
    let others =
        [controller_policy(&narrowed()), shield_policy(&narrowed())].map(|policy| policy.to_string());
    for action in [
        "acm:RequestCertificate",
        "acm:DeleteCertificate",
        "acm:AddTagsToCertificate",
        "hostedzone/",
        "ResourceRecordSets",
        "AssociateAlias",
        "ListDomainConflicts",
    ] {
        assert!(others.iter().all(|policy| !policy.contains(action)), "{action}");
    }
    let names = names_policy(&narrowed());
    assert_eq!(
        statement(&names, "ChangeRecords").unwrap()["Condition"],
        json!({"ForAllValues:StringEquals": {"route53:ChangeResourceRecordSetsRecordTypes": ["A", "AAAA", "CNAME", "TXT"]}})
    );
    assert!(
        remedy("acm:RequestCertificate", None)
            .unwrap()
            .contains("iam-policy --names`")
    );
}

#[test]
fn without_the_policy_for_adoption_web_acls_and_functions_of_others_are_neither_read_nor_used() {
    let others = [controller_policy(&narrowed()), names_policy(&narrowed())].map(|policy| policy.to_string());
    for resource in ["global/webacl/*", "function:*"] {
        assert!(
            others.iter().all(|policy| !policy.contains(resource)),
            "{resource}"
        );
    }
    let allowed = actions_of(&adoption_policy(&narrowed()));
    let mut changing = allowed.iter().filter(|action| {
        let verb = action.split_once(':').map(|(_, name)| name).unwrap_or_default();
        !["Get", "EnableReplication", "DisableReplication"]
            .iter()
            .any(|start| verb.starts_with(start))
    });
    assert_eq!(changing.next(), None);
}
