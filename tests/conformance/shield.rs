//! Shield Advanced: protections, and the automatic response that writes a web ACL.

use crate::conformance::world::{World, conformance, refused, settings};
use crate::support::pieces::{self, Perimeter};
use crate::support::shields::check_settings;
use crate::support::simulation::settings::Settings;
use palisade::aws::cloud::Cloud;
use palisade::aws::errors::ErrorKind;
use palisade::domain::shield::automatic_response::Response;
use palisade::domain::shield::protection::Creation;
use serde_json::Value;

conformance![
    without_a_subscription_shield_tells_only_that,
    a_protection_is_made_with_its_tags_and_found_by_its_resource,
    a_resource_has_one_protection,
    what_is_not_there_cannot_be_protected,
    the_automatic_response_keeps_a_rule_in_the_web_acl,
    the_automatic_response_counts_or_blocks,
    the_automatic_response_is_refused_where_aws_does_not_offer_it,
    an_update_that_leaves_shields_rule_out_removes_it_and_only_enabling_anew_brings_it_back,
    a_health_check_is_associated_while_it_is_healthy,
];

fn subscribed() -> Settings {
    settings(|settings| settings.shield_subscription = true)
}

fn protection(perimeter: &Perimeter) -> Creation {
    Creation {
        name: "palisade-shop-a".into(),
        resource_arn: perimeter.distribution.arn.clone(),
        tags: pieces::tags("a"),
    }
}

/// A protected perimeter; answers the distribution's ARN and the protection's id.
async fn protected(cloud: &dyn Cloud, world: &dyn World) -> (Perimeter, String, String) {
    world.configure(subscribed()).await;
    let perimeter = pieces::build(cloud, "a").await;
    let id = cloud.create_protection(protection(&perimeter)).await.unwrap();
    let arn = perimeter.distribution.arn.clone();
    (perimeter, arn, id)
}

async fn document(cloud: &dyn Cloud, perimeter: &Perimeter) -> (String, Value) {
    let entity = perimeter.web_acl.clone();
    let content = cloud.get_web_acl(entity.id, entity.name).await.unwrap();
    (content.entity.lock_token, content.document)
}

fn shields_rules(document: &Value) -> Vec<&Value> {
    let rules = document["Rules"].as_array().unwrap().iter();
    rules
        .filter(|rule| {
            rule["Name"]
                .as_str()
                .unwrap()
                .starts_with("ShieldMitigationRuleGroup_")
        })
        .collect()
}

async fn without_a_subscription_shield_tells_only_that(cloud: &dyn Cloud, world: &dyn World) {
    world
        .configure(settings(|settings| settings.shield_subscription = false))
        .await;
    assert!(!cloud.get_subscription_state().await.unwrap());
    let code = "ResourceNotFoundException";
    refused(cloud.list_protections(None).await, code, ErrorKind::NotFound);
    let perimeter = pieces::build(cloud, "a").await;
    let made = cloud.create_protection(protection(&perimeter)).await;
    refused(made, code, ErrorKind::NotFound);
    world.configure(subscribed()).await;
    assert!(cloud.get_subscription_state().await.unwrap());
}

async fn a_protection_is_made_with_its_tags_and_found_by_its_resource(cloud: &dyn Cloud, world: &dyn World) {
    let (_, arn, id) = protected(cloud, world).await;
    let found = cloud.describe_protection(arn.clone()).await.unwrap();
    assert_eq!(
        (&found.id, &found.resource_arn, found.response),
        (&id, &arn, Response::Off)
    );
    assert!(found.arn.ends_with(&format!(":protection/{id}")), "{found:?}");
    assert_eq!(
        cloud.list_protection_tags(found.arn.clone()).await.unwrap(),
        pieces::tags("a")
    );
    cloud
        .tag_protection(found.arn.clone(), [("team".into(), "shop".into())].into())
        .await
        .unwrap();
    cloud
        .untag_protection(found.arn.clone(), vec!["palisade.dev/name".into()])
        .await
        .unwrap();
    let tags = cloud.list_protection_tags(found.arn.clone()).await.unwrap();
    assert_eq!(
        (tags["team"].as_str(), tags.contains_key("palisade.dev/name")),
        ("shop", false)
    );
    assert_eq!(cloud.list_protections(None).await.unwrap().items, [found]);
    cloud.delete_protection(id.clone()).await.unwrap();
    refused(
        cloud.describe_protection(arn).await,
        "ResourceNotFoundException",
        ErrorKind::NotFound,
    );
    refused(
        cloud.delete_protection(id).await,
        "ResourceNotFoundException",
        ErrorKind::NotFound,
    );
}

async fn a_resource_has_one_protection(cloud: &dyn Cloud, world: &dyn World) {
    let (perimeter, ..) = protected(cloud, world).await;
    let again = cloud.create_protection(protection(&perimeter)).await;
    refused(again, "ResourceAlreadyExistsException", ErrorKind::Exists);
}

async fn what_is_not_there_cannot_be_protected(cloud: &dyn Cloud, world: &dyn World) {
    world.configure(subscribed()).await;
    let nothing = Creation {
        name: "a".into(),
        resource_arn: "arn:aws:cloudfront::123456789012:distribution/E00000000000".into(),
        tags: pieces::tags("a"),
    };
    let made = cloud.create_protection(nothing).await;
    refused(made, "InvalidResourceException", ErrorKind::NotYet);
}

async fn the_automatic_response_keeps_a_rule_in_the_web_acl(cloud: &dyn Cloud, world: &dyn World) {
    let (perimeter, arn, _) = protected(cloud, world).await;
    let (token, before) = document(cloud, &perimeter).await;
    cloud
        .enable_automatic_response(arn.clone(), Response::Count)
        .await
        .unwrap();
    let (new_token, with) = document(cloud, &perimeter).await;
    assert_ne!(token, new_token);
    assert_eq!(shields_rules(&with).len(), 1);
    assert_eq!(shields_rules(&with)[0]["Priority"], 10_000_000);
    let stale = cloud
        .update_web_acl(perimeter.web_acl.clone(), before.clone())
        .await;
    refused(stale, "WAFOptimisticLockException", ErrorKind::Conflict);
    cloud.disable_automatic_response(arn).await.unwrap();
    let (_, without) = document(cloud, &perimeter).await;
    assert_eq!(without["Rules"], before["Rules"]);
}

async fn the_automatic_response_counts_or_blocks(cloud: &dyn Cloud, world: &dyn World) {
    let (_, arn, _) = protected(cloud, world).await;
    let code = "InvalidOperationException";
    let early = cloud
        .update_automatic_response(arn.clone(), Response::Block)
        .await;
    refused(early, code, ErrorKind::Terminal);
    for response in [Response::Count, Response::Block] {
        let answer = if response == Response::Count {
            cloud.enable_automatic_response(arn.clone(), response).await
        } else {
            cloud.update_automatic_response(arn.clone(), response).await
        };
        answer.unwrap();
        assert_eq!(
            cloud.describe_protection(arn.clone()).await.unwrap().response,
            response
        );
        assert_eq!(
            cloud.list_protections(None).await.unwrap().items[0].response,
            response
        );
    }
    let again = cloud
        .enable_automatic_response(arn.clone(), Response::Count)
        .await;
    refused(again, code, ErrorKind::Terminal);
    cloud.disable_automatic_response(arn.clone()).await.unwrap();
    assert_eq!(
        cloud.describe_protection(arn.clone()).await.unwrap().response,
        Response::Off
    );
    refused(
        cloud.disable_automatic_response(arn).await,
        code,
        ErrorKind::Terminal,
    );
}

async fn the_automatic_response_is_refused_where_aws_does_not_offer_it(cloud: &dyn Cloud, world: &dyn World) {
    let (_, arn, _) = protected(cloud, world).await;
    let settings = Settings {
        automatic_response_offered: false,
        ..subscribed()
    };
    world.configure(settings).await;
    let refusal = cloud.enable_automatic_response(arn, Response::Count).await;
    refused(refusal, "InvalidOperationException", ErrorKind::Terminal);
}

async fn an_update_that_leaves_shields_rule_out_removes_it_and_only_enabling_anew_brings_it_back(
    cloud: &dyn Cloud,
    world: &dyn World,
) {
    let (perimeter, arn, _) = protected(cloud, world).await;
    let (_, before) = document(cloud, &perimeter).await;
    cloud
        .enable_automatic_response(arn.clone(), Response::Count)
        .await
        .unwrap();
    let (token, _) = document(cloud, &perimeter).await;
    let mut entity = perimeter.web_acl.clone();
    entity.lock_token = token;
    cloud.update_web_acl(entity, before).await.unwrap();
    assert!(shields_rules(&document(cloud, &perimeter).await.1).is_empty());
    assert_eq!(
        cloud.describe_protection(arn.clone()).await.unwrap().response,
        Response::Count
    );
    cloud
        .update_automatic_response(arn.clone(), Response::Count)
        .await
        .unwrap();
    assert!(shields_rules(&document(cloud, &perimeter).await.1).is_empty());
    cloud.disable_automatic_response(arn.clone()).await.unwrap();
    cloud
        .enable_automatic_response(arn, Response::Count)
        .await
        .unwrap();
    assert_eq!(shields_rules(&document(cloud, &perimeter).await.1).len(), 1);
}

async fn a_health_check_is_associated_while_it_is_healthy(cloud: &dyn Cloud, world: &dyn World) {
    let (_, arn, id) = protected(cloud, world).await;
    let check = cloud
        .create_health_check("a-0".into(), check_settings())
        .await
        .unwrap()
        .id;
    let passes = |health_checks_pass| Settings {
        health_checks_pass,
        ..subscribed()
    };
    world.configure(passes(false)).await;
    let early = cloud.associate_health_check(id.clone(), check.clone()).await;
    refused(early, "InvalidResourceException", ErrorKind::NotYet);
    world.configure(passes(true)).await;
    cloud
        .associate_health_check(id.clone(), check.clone())
        .await
        .unwrap();
    let found = cloud.describe_protection(arn.clone()).await.unwrap();
    assert_eq!(found.health_checks, [check.clone()].into());
    cloud
        .disassociate_health_check(id.clone(), check.clone())
        .await
        .unwrap();
    let again = cloud.disassociate_health_check(id, check).await;
    refused(again, "ResourceNotFoundException", ErrorKind::NotFound);
    assert!(
        cloud
            .describe_protection(arn)
            .await
            .unwrap()
            .health_checks
            .is_empty()
    );
}
