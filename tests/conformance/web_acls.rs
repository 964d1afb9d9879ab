//! Web ACLs as documents, with what others put into them.

use crate::conformance::world::{World, conformance, refused, settings};
use crate::support::pieces::{rate, rule, tags, visibility, web_acl};
use palisade::aws::cloud::Cloud;
use palisade::aws::errors::ErrorKind::{Conflict, Exists, NotFound, Terminal};
use palisade::domain::firewall::rules::Parts;
use palisade::domain::firewall::web_acl::{Entity, merged};
use serde_json::{Map, Value, json};

conformance!(
    a_creation_fills_in_what_was_left_out,
    a_second_web_acl_of_the_name_is_refused,
    a_web_acl_that_does_not_exist_is_not_found,
    an_update_needs_the_current_lock_token,
    each_update_answers_the_next_lock_token,
    a_deletion_needs_the_current_lock_token,
    an_update_replaces_the_whole_document,
    more_web_acls_than_the_quota_are_refused,
    foreign_rules_and_fields_survive_when_they_are_sent_back,
    firewall_managers_groups_stay_whatever_is_sent,
    a_web_acl_of_firewall_manager_is_not_ours_to_write,
    a_web_acl_needs_one_default_action,
    tags_of_a_web_acl_change_no_lock_token,
    an_empty_description_is_answered_and_not_taken,
    protection_against_ddos_is_answered_and_kept_as_it_is_sent,
    a_rule_names_a_body_of_its_web_acl_only,
);

async fn a_creation_fills_in_what_was_left_out(cloud: &dyn Cloud, _: &dyn World) {
    let rules = [rule("per-ip", 1000, &rate(2000))];
    let made = create(cloud, "petstore", &rules).await;
    assert!(
        made.arn
            .starts_with("arn:aws:wafv2:us-east-1:123456789012:global/webacl/petstore/"),
        "{}",
        made.arn
    );
    let found = cloud
        .get_web_acl(made.id.clone(), made.name.clone())
        .await
        .unwrap();
    assert_eq!(found.entity, made);
    let document = found.document;
    for (key, value) in [
        ("Name", json!("petstore")),
        ("Id", json!(made.id)),
        ("ARN", json!(made.arn)),
        ("Capacity", json!(2)),
        ("ManagedByFirewallManager", json!(false)),
        ("LabelNamespace", json!("awswaf:123456789012:webacl:petstore:")),
        ("Description", json!("keeps watch")),
    ] {
        assert_eq!(document[key], value, "{key}");
    }
    assert_eq!(
        document["Rules"][0]["Statement"]["RateBasedStatement"]["EvaluationWindowSec"],
        json!(300)
    );
}

async fn a_second_web_acl_of_the_name_is_refused(cloud: &dyn Cloud, _: &dyn World) {
    create(cloud, "petstore", &[]).await;
    let refusal = cloud
        .create_web_acl("petstore".to_owned(), web_acl(&[]), tags("petstore"))
        .await;
    refused(refusal, "WAFDuplicateItemException", Exists);
}

async fn a_web_acl_that_does_not_exist_is_not_found(cloud: &dyn Cloud, _: &dyn World) {
    let code = "WAFNonexistentItemException";
    let made = create(cloud, "petstore", &[]).await;
    refused(
        cloud.get_web_acl(made.id.clone(), "another".to_owned()).await,
        code,
        NotFound,
    );
    cloud.delete_web_acl(made.clone()).await.unwrap();
    refused(
        cloud.get_web_acl(made.id.clone(), made.name.clone()).await,
        code,
        NotFound,
    );
    refused(
        cloud.update_web_acl(made.clone(), web_acl(&[])).await,
        code,
        NotFound,
    );
    refused(cloud.delete_web_acl(made.clone()).await, code, NotFound);
    refused(cloud.list_waf_tags(made.arn.clone()).await, code, NotFound);
    refused(
        cloud.tag_waf(made.arn.clone(), tags("petstore")).await,
        code,
        NotFound,
    );
    refused(
        cloud.untag_waf(made.arn, vec!["team".to_owned()]).await,
        code,
        NotFound,
    );
}

async fn an_update_needs_the_current_lock_token(cloud: &dyn Cloud, _: &dyn World) {
    let made = create(cloud, "petstore", &[]).await;
    cloud.update_web_acl(made.clone(), web_acl(&[])).await.unwrap();
    refused(
        cloud.update_web_acl(made, web_acl(&[])).await,
        "WAFOptimisticLockException",
        Conflict,
    );
}

async fn each_update_answers_the_next_lock_token(cloud: &dyn Cloud, _: &dyn World) {
    let made = create(cloud, "petstore", &[]).await;
    let lock_token = cloud.update_web_acl(made.clone(), web_acl(&[])).await.unwrap();
    let next = Entity { lock_token, ..made };
    assert_eq!(
        cloud
            .get_web_acl(next.id.clone(), next.name.clone())
            .await
            .unwrap()
            .entity,
        next
    );
    assert_eq!(
        cloud.list_web_acls(None).await.unwrap().items,
        std::slice::from_ref(&next)
    );
    cloud.update_web_acl(next, web_acl(&[])).await.unwrap();
}

async fn a_deletion_needs_the_current_lock_token(cloud: &dyn Cloud, _: &dyn World) {
    let made = create(cloud, "petstore", &[]).await;
    let lock_token = cloud.update_web_acl(made.clone(), web_acl(&[])).await.unwrap();
    refused(
        cloud.delete_web_acl(made.clone()).await,
        "WAFOptimisticLockException",
        Conflict,
    );
    cloud.delete_web_acl(Entity { lock_token, ..made }).await.unwrap();
}

async fn an_update_replaces_the_whole_document(cloud: &dyn Cloud, _: &dyn World) {
    let made = create(cloud, "petstore", &[rule("per-ip", 1000, &rate(2000))]).await;
    cloud.update_web_acl(made.clone(), web_acl(&[])).await.unwrap();
    let found = cloud.get_web_acl(made.id, made.name).await.unwrap();
    assert_eq!(
        (&found.document["Rules"], &found.document["Capacity"]),
        (&json!([]), &json!(0))
    );
}

async fn more_web_acls_than_the_quota_are_refused(cloud: &dyn Cloud, world: &dyn World) {
    world.configure(settings(|s| s.limits.web_acls = 1)).await;
    create(cloud, "petstore", &[]).await;
    let refusal = cloud
        .create_web_acl("another".to_owned(), web_acl(&[]), tags("another"))
        .await;
    refused(refusal, "WAFLimitsExceededException", Terminal);
}

async fn foreign_rules_and_fields_survive_when_they_are_sent_back(cloud: &dyn Cloud, world: &dyn World) {
    let made = create(cloud, "petstore", &[rule("per-ip", 1000, &rate(2000))]).await;
    let shield = json!({
        "Name": "ShieldMitigationRuleGroup_123456789012_x_1", "Priority": 10_000_000,
        "Statement": {"RuleGroupReferenceStatement": {
            "ARN": "arn:aws:wafv2:us-east-1:153427709519:global/rulegroup/ShieldMitigationRuleGroup_123456789012_x_1/x",
            "NewerThanAnyClient": {"Mode": ["a", 1, null]}
        }},
        "OverrideAction": {"None": {}}, "VisibilityConfig": visibility("shield")
    });
    world.add_foreign_rule(&made.id, shield.clone()).await;
    world
        .set_foreign_field(
            &made.id,
            "NewerThanAnyClient",
            json!({"Depth": [1, {"Deep": true}]}),
        )
        .await;
    let read = cloud
        .get_web_acl(made.id.clone(), made.name.clone())
        .await
        .unwrap();
    assert_ne!(read.entity.lock_token, made.lock_token);
    assert_eq!(read.document["Rules"][1].to_string(), shield.to_string());
    assert_eq!(read.document["Capacity"], json!(152));
    cloud
        .update_web_acl(read.entity, read.document.clone())
        .await
        .unwrap();
    let again = cloud.get_web_acl(made.id, made.name).await.unwrap();
    assert_eq!(again.document, read.document);
    assert_eq!(
        again.document["Rules"].to_string(),
        read.document["Rules"].to_string()
    );
}

async fn firewall_managers_groups_stay_whatever_is_sent(cloud: &dyn Cloud, world: &dyn World) {
    let made = create(cloud, "petstore", &[]).await;
    let group = json!([{
        "Name": "PREFMManaged-first", "Priority": 0,
        "FirewallManagerStatement": {"ManagedRuleGroupStatement": {
            "VendorName": "AWS", "Name": "AWSManagedRulesAmazonIpReputationList"
        }},
        "OverrideAction": {"None": {}}, "VisibilityConfig": visibility("first")
    }]);
    world
        .set_foreign_field(&made.id, "PreProcessFirewallManagerRuleGroups", group.clone())
        .await;
    world
        .set_foreign_field(&made.id, "RetrofittedByFirewallManager", json!(true))
        .await;
    let read = cloud
        .get_web_acl(made.id.clone(), made.name.clone())
        .await
        .unwrap();
    cloud
        .update_web_acl(read.entity, web_acl(&[rule("per-ip", 1000, &rate(2000))]))
        .await
        .unwrap();
    let again = cloud.get_web_acl(made.id, made.name).await.unwrap();
    assert_eq!(
        again.document["PreProcessFirewallManagerRuleGroups"].to_string(),
        group.to_string()
    );
    assert_eq!(again.document["Capacity"], json!(27), "theirs count as well");
}

async fn a_web_acl_of_firewall_manager_is_not_ours_to_write(cloud: &dyn Cloud, world: &dyn World) {
    let made = create(cloud, "petstore", &[]).await;
    world
        .set_foreign_field(&made.id, "ManagedByFirewallManager", json!(true))
        .await;
    let read = cloud.get_web_acl(made.id, made.name).await.unwrap();
    assert_eq!(read.document["ManagedByFirewallManager"], json!(true));
    let code = "WAFInvalidOperationException";
    refused(
        cloud.update_web_acl(read.entity.clone(), web_acl(&[])).await,
        code,
        Terminal,
    );
    refused(cloud.delete_web_acl(read.entity).await, code, Terminal);
}

async fn a_web_acl_needs_one_default_action(cloud: &dyn Cloud, _: &dyn World) {
    let mut document = web_acl(&[]);
    document["DefaultAction"] = json!({"Allow": {}, "Block": {}});
    let refusal = cloud
        .create_web_acl("petstore".to_owned(), document, tags("petstore"))
        .await;
    refused(refusal, "WAFInvalidParameterException", Terminal);
}

async fn tags_of_a_web_acl_change_no_lock_token(cloud: &dyn Cloud, _: &dyn World) {
    let made = create(cloud, "petstore", &[]).await;
    assert_eq!(
        cloud.list_waf_tags(made.arn.clone()).await.unwrap(),
        tags("petstore")
    );
    cloud
        .tag_waf(made.arn.clone(), [("team".to_owned(), "shop".to_owned())].into())
        .await
        .unwrap();
    cloud
        .untag_waf(made.arn.clone(), vec!["palisade.dev/name".to_owned()])
        .await
        .unwrap();
    let found = cloud.list_waf_tags(made.arn.clone()).await.unwrap();
    assert_eq!(found.get("team").map(String::as_str), Some("shop"));
    assert!(!found.contains_key("palisade.dev/name"));
    assert_eq!(cloud.list_web_acls(None).await.unwrap().items, [made]);
}

pub async fn create(cloud: &dyn Cloud, name: &str, rules: &[Value]) -> Entity {
    cloud
        .create_web_acl(name.to_owned(), web_acl(rules), tags(name))
        .await
        .unwrap()
}

async fn an_empty_description_is_answered_and_not_taken(cloud: &dyn Cloud, _: &dyn World) {
    let mut document = web_acl(&[]);
    document.as_object_mut().unwrap().remove("Description");
    let made = cloud
        .create_web_acl("petstore".to_owned(), document, tags("petstore"))
        .await
        .unwrap();
    let found = cloud
        .get_web_acl(made.id.clone(), made.name.clone())
        .await
        .unwrap();
    assert_eq!(found.document["Description"], json!(""));
    let refusal = cloud.update_web_acl(made, found.document).await;
    refused(refusal, "ValidationException", Terminal);
}

async fn a_rule_names_a_body_of_its_web_acl_only(cloud: &dyn Cloud, _: &dyn World) {
    let mut closed = rule(
        "closed",
        1,
        &json!({"GeoMatchStatement": {"CountryCodes": ["SE"]}}),
    );
    closed["Action"] =
        json!({"Block": {"CustomResponse": {"ResponseCode": 503, "CustomResponseBodyKey": "maintenance"}}});
    let mut document = web_acl(&[closed]);
    let refusal = cloud
        .create_web_acl("petstore".to_owned(), document.clone(), tags("petstore"))
        .await;
    refused(refusal, "WAFInvalidParameterException", Terminal);
    let bodies = json!({"maintenance": {"ContentType": "TEXT_PLAIN", "Content": "back soon"}});
    document["CustomResponseBodies"] = bodies.clone();
    let made = cloud
        .create_web_acl("petstore".to_owned(), document, tags("petstore"))
        .await
        .unwrap();
    let found = cloud.get_web_acl(made.id, made.name).await.unwrap().document;
    assert_eq!(found["CustomResponseBodies"], bodies);
}

async fn protection_against_ddos_is_answered_and_kept_as_it_is_sent(cloud: &dyn Cloud, _: &dyn World) {
    const FIELD: &str = "OnSourceDDoSProtectionConfig";
    let made = create(cloud, "petstore", &[]).await;
    let read = cloud
        .get_web_acl(made.id.clone(), made.name.clone())
        .await
        .unwrap();
    let mut document = read.document;
    assert_eq!(
        document[FIELD],
        json!({"ALBLowReputationMode": "ACTIVE_UNDER_DDOS"})
    );
    document[FIELD] = json!({"ALBLowReputationMode": "ALWAYS_ON"});
    document["ApplicationConfig"] = json!({"Attributes": [{"Name": "TrafficSource", "Values": ["api"]}]});
    // As Palisade writes it.
    let ours = Parts {
        rules: vec![],
        bodies: Map::new(),
    };
    let written = merged(&document, ours);
    cloud.update_web_acl(read.entity, written).await.unwrap();
    let again = cloud.get_web_acl(made.id, made.name).await.unwrap().document;
    for field in [FIELD, "ApplicationConfig"] {
        assert_eq!(again[field], document[field]);
    }
}
