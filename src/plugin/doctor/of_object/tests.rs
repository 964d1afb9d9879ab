//! What follows from each fact about objects.

use super::*;
use crate::plugin::doctor::facts_fixtures::{bad, change_controller, change_subject, is_told, is_well};
use crate::plugin::doctor::has_failure;
use serde_json::json;

#[test]
fn what_the_namespace_does_not_permit_fails_where_the_controller_asks_for_permission() {
    let refused = |facts: &mut Facts| {
        change_subject(facts, |subject| {
            subject.refusal = Known::Seen(Some("spec.origin.endpoint: not permitted".into()));
        });
    };
    is_told(refused, Level::Fail, "spec.origin.endpoint: not permitted", "");
    let open = |facts: &mut Facts| {
        refused(facts);
        change_controller(facts, |found| found.is_open = true);
    };
    is_well(open);
    let unknown = |facts: &mut Facts| {
        refused(facts);
        facts.controllers = Known::NotPermitted;
    };
    let found = bad(unknown);
    assert!(!has_failure(&found) && found.len() == 2, "{found:#?}");
}

#[test]
fn an_account_that_is_missing_or_not_ready_fails() {
    let of = |account: Known<Option<Value>>| {
        move |facts: &mut Facts| {
            change_subject(facts, |subject| {
                subject.account = Some(("production".into(), account));
            });
        }
    };
    let ready = |status: &str| {
        let ready =
            json!({"type": "Ready", "status": status, "reason": "AccessDenied", "message": "no right"});
        Known::Seen(Some(json!({"status": {"conditions": [ready]}})))
    };
    is_told(
        of(Known::Seen(None)),
        Level::Fail,
        "there is no AwsAccount production",
        "kubectl get awsaccounts",
    );
    is_told(
        of(ready("False")),
        Level::Fail,
        "AwsAccount production: AccessDenied: no right",
        "kubectl describe",
    );
    is_told(of(ready("Unknown")), Level::Warn, "AccessDenied", "");
    is_told(
        of(Known::Seen(Some(json!({})))),
        Level::Warn,
        "no controller has looked at it",
        "",
    );
    is_told(
        of(Known::NotPermitted),
        Level::Warn,
        "you may not read the AwsAccount production",
        "",
    );
    is_well(of(ready("True")));
}

#[test]
fn conditions_are_read_into_findings() {
    let with = |is: &'static str, status: &'static str, reason: &'static str| {
        move |facts: &mut Facts| {
            change_subject(facts, |subject| {
                let conditions = subject.object["status"]["conditions"].as_array_mut();
                for condition in conditions
                    .into_iter()
                    .flatten()
                    .filter(|found| found["type"] == is)
                {
                    condition["status"] = json!(status);
                    condition["reason"] = json!(reason);
                }
            });
        }
    };
    is_told(
        with("WebAclReady", "False", "AccessDenied"),
        Level::Fail,
        "WebAclReady: AccessDenied: so",
        "",
    );
    is_told(
        with("ViewerAccessVerified", "Unknown", "NotProbedYet"),
        Level::Warn,
        "ViewerAccessVerified: NotProbedYet",
        "",
    );
    // It comes by itself.
    is_well(with("DistributionDeployed", "False", "Deploying"));
}

#[test]
fn an_object_that_no_controller_has_looked_at_fails_and_one_whose_change_is_not_seen_yet_does_not() {
    let observed = |generation: i64| {
        move |facts: &mut Facts| {
            change_subject(facts, |subject| {
                subject.object["status"]["observedGeneration"] = json!(generation);
                subject.object["metadata"]["generation"] = json!(2);
            });
        }
    };
    let unseen = bad(observed(-1));
    assert!(has_failure(&unseen), "{unseen:#?}");
    assert!(
        unseen
            .iter()
            .any(|finding| finding.said.contains("no controller has looked at it yet")),
        "{unseen:#?}"
    );
    let behind = bad(observed(1));
    assert!(!has_failure(&behind) && !behind.is_empty(), "{behind:#?}");
}

#[test]
fn without_objects_or_the_right_to_see_them_the_rest_is_told_all_the_same() {
    is_well(|facts| facts.objects = Known::Seen(vec![]));
    is_told(
        |facts| facts.objects = Known::Failed("there is no ProtectedApi petshop".into()),
        Level::Fail,
        "petshop",
        "",
    );
    is_told(
        |facts| facts.objects = Known::NotPermitted,
        Level::Warn,
        "you may not read ProtectedApis",
        "",
    );
}

#[test]
fn what_an_account_has_of_quotas_is_told_once_for_all_its_objects() {
    let of = |status: &'static str, reason: &'static str| {
        move |facts: &mut Facts| {
            let condition = |is: &str, status: &str, reason: &str| json!({"type": is, "status": status, "reason": reason, "message": "460 of 500 distributions"});
            let conditions = [
                condition("Ready", "True", "Ready"),
                condition("QuotaHeadroom", status, reason),
            ];
            let account = json!({"status": {"conditions": conditions}});
            if let Known::Seen(subjects) = &mut facts.objects {
                subjects[0].account = Some(("own".into(), Known::Seen(Some(account))));
                let second = subjects[0].clone();
                subjects.push(second);
            }
        }
    };
    is_told(
        of("False", "QuotaLow"),
        Level::Warn,
        "QuotaHeadroom: QuotaLow: 460 of 500 distributions",
        "",
    );
    is_told(
        of("Unknown", "AccessDenied"),
        Level::Warn,
        "QuotaHeadroom: AccessDenied",
        "",
    );
    is_well(of("True", "HeadroomLeft"));
}

#[test]
fn what_ready_says_of_an_account_is_not_said_again() {
    let conditions = json!([
        {"type": "CredentialsValid", "status": "False", "reason": "RoleNotAssumable", "message": "no trust"},
        {"type": "Ready", "status": "False", "reason": "RoleNotAssumable", "message": "CredentialsValid: no trust"},
        {"type": "Stalled", "status": "True", "reason": "RoleNotAssumable", "message": "CredentialsValid: no trust"},
    ]);
    let account = json!({"status": {"conditions": conditions}});
    is_told(
        |facts| {
            change_subject(facts, |subject| {
                subject.account = Some(("production".into(), Known::Seen(Some(account))));
            });
        },
        Level::Fail,
        "RoleNotAssumable: CredentialsValid: no trust",
        "kubectl describe",
    );
}

#[test]
fn the_notes_of_an_object_are_told_since_missing_optional_rights_stand_there() {
    is_told(
        |facts| {
            change_subject(facts, |subject| {
                subject.object["status"]["notes"] = json!([{
                    "resource": "webAcl", "reason": "RuleGroupNotRead", "message": "the right wafv2:DescribeManagedRuleGroup is missing",
                }]);
            });
        },
        Level::Warn,
        "RuleGroupNotRead (webAcl): the right wafv2:DescribeManagedRuleGroup is missing",
        "",
    );
}
