//! Route 53's health checks, CloudWatch's alarms and the topics that they tell.

use crate::conformance::world::{World, conformance, refused, settings};
use crate::support::pieces;
use crate::support::shields::{alarm_settings, check_settings};
use palisade::aws::cloud::Cloud;
use palisade::aws::errors::ErrorKind;
use palisade::domain::shield::{health_check, protection};
use std::collections::BTreeMap;

conformance![
    a_health_check_is_made_once_for_a_caller_reference,
    the_reference_of_a_deleted_health_check_is_refused,
    a_health_check_changes_with_its_version,
    a_health_check_has_tags_of_its_own_and_at_most_ten,
    checkers_say_what_they_see,
    an_alarm_is_replaced_and_keeps_its_tags,
    the_tagging_service_knows_protections_health_checks_and_alarms,
    a_topic_is_there_or_not,
];

async fn a_health_check_is_made_once_for_a_caller_reference(cloud: &dyn Cloud, _: &dyn World) {
    let made = cloud
        .create_health_check("a-0".into(), check_settings())
        .await
        .unwrap();
    assert_eq!(
        (made.reference.as_str(), made.r#type.as_str(), &made.settings),
        ("a-0", "HTTPS", &check_settings())
    );
    let again = cloud
        .create_health_check("a-0".into(), check_settings())
        .await
        .unwrap();
    assert_eq!(again.id, made.id);
    let other = health_check::Settings {
        path: "/other".into(),
        ..check_settings()
    };
    let refusal = cloud.create_health_check("a-0".into(), other).await;
    refused(refusal, "HealthCheckAlreadyExists", ErrorKind::Exists);
    assert_eq!(cloud.get_health_check(made.id.clone()).await.unwrap(), made);
    assert_eq!(cloud.list_health_checks(None).await.unwrap().items, [made]);
}

async fn the_reference_of_a_deleted_health_check_is_refused(cloud: &dyn Cloud, _: &dyn World) {
    let id = cloud
        .create_health_check("a-0".into(), check_settings())
        .await
        .unwrap()
        .id;
    cloud.delete_health_check(id.clone()).await.unwrap();
    refused(
        cloud.get_health_check(id.clone()).await,
        "NoSuchHealthCheck",
        ErrorKind::NotFound,
    );
    refused(
        cloud.delete_health_check(id).await,
        "NoSuchHealthCheck",
        ErrorKind::NotFound,
    );
    let again = cloud.create_health_check("a-0".into(), check_settings()).await;
    refused(again, "HealthCheckAlreadyExists", ErrorKind::Exists);
    cloud
        .create_health_check("a-1".into(), check_settings())
        .await
        .unwrap();
}

async fn a_health_check_changes_with_its_version(cloud: &dyn Cloud, _: &dyn World) {
    let made = cloud
        .create_health_check("a-0".into(), check_settings())
        .await
        .unwrap();
    let other = health_check::Settings {
        path: "/other".into(),
        failure_threshold: 5,
        disabled: true,
        ..check_settings()
    };
    let (id, version) = (made.id, made.version);
    let changed = cloud
        .update_health_check(id.clone(), version, other.clone())
        .await
        .unwrap();
    assert_eq!((&changed.settings, changed.version > version), (&other, true));
    let stale = cloud.update_health_check(id, version, check_settings()).await;
    refused(stale, "HealthCheckVersionMismatch", ErrorKind::Conflict);
}

async fn a_health_check_has_tags_of_its_own_and_at_most_ten(cloud: &dyn Cloud, _: &dyn World) {
    let id = cloud
        .create_health_check("a-0".into(), check_settings())
        .await
        .unwrap()
        .id;
    assert!(cloud.list_health_check_tags(id.clone()).await.unwrap().is_empty());
    cloud
        .tag_health_check(id.clone(), pieces::tags("a"), vec![])
        .await
        .unwrap();
    assert_eq!(
        cloud.list_health_check_tags(id.clone()).await.unwrap(),
        pieces::tags("a")
    );
    let name = "palisade.dev/name".to_owned();
    cloud
        .tag_health_check(id.clone(), [].into(), vec![name.clone()])
        .await
        .unwrap();
    assert!(
        !cloud
            .list_health_check_tags(id.clone())
            .await
            .unwrap()
            .contains_key(&name)
    );
    let many = (0..10).map(|n| (format!("key-{n}"), "x".to_owned())).collect();
    let refusal = cloud.tag_health_check(id, many, vec![]).await;
    refused(refusal, "InvalidInput", ErrorKind::Terminal);
}

async fn checkers_say_what_they_see(cloud: &dyn Cloud, world: &dyn World) {
    let id = cloud
        .create_health_check("a-0".into(), check_settings())
        .await
        .unwrap()
        .id;
    let said = cloud.get_health_check_status(id.clone()).await.unwrap();
    assert!(
        said.len() > 2 && said.iter().all(|said| said.starts_with("Success")),
        "{said:?}"
    );
    world
        .configure(settings(|settings| settings.health_checks_pass = false))
        .await;
    let said = cloud.get_health_check_status(id).await.unwrap();
    assert!(
        said.iter()
            .all(|said| said.starts_with("Failure: HTTP Status Code 403")),
        "{said:?}"
    );
    let ranges = cloud.get_checker_ip_ranges().await.unwrap();
    assert!(ranges.contains(&"15.177.0.0/18".to_owned()), "{ranges:?}");
}

const DISTRIBUTION: &str = "arn:aws:cloudfront::123456789012:distribution/E1";

async fn an_alarm_is_replaced_and_keeps_its_tags(cloud: &dyn Cloud, _: &dyn World) {
    let name = "palisade-shop-a-ddos".to_owned();
    let first = alarm_settings(DISTRIBUTION, "arn:aws:sns:us-east-1:123456789012:a");
    cloud
        .put_metric_alarm(name.clone(), first.clone(), pieces::tags("a"))
        .await
        .unwrap();
    let found = cloud
        .describe_alarms(Some(name.clone()), None)
        .await
        .unwrap()
        .items;
    assert_eq!(
        (found[0].name.as_str(), &found[0].settings),
        (name.as_str(), &first)
    );
    let arn = found[0].arn.clone();
    assert_eq!(
        cloud.list_alarm_tags(arn.clone()).await.unwrap(),
        pieces::tags("a")
    );
    let second = alarm_settings(DISTRIBUTION, "arn:aws:sns:us-east-1:123456789012:b");
    cloud
        .put_metric_alarm(
            name.clone(),
            second.clone(),
            [("ignored".into(), "x".into())].into(),
        )
        .await
        .unwrap();
    let listed = cloud.describe_alarms(None, None).await.unwrap().items;
    assert_eq!((listed.len(), &listed[0].settings), (1, &second));
    assert_eq!(
        cloud.list_alarm_tags(arn.clone()).await.unwrap(),
        pieces::tags("a")
    );
    cloud
        .tag_alarm(arn.clone(), [("team".into(), "shop".into())].into())
        .await
        .unwrap();
    cloud
        .untag_alarm(arn.clone(), vec!["palisade.dev/name".into()])
        .await
        .unwrap();
    let tags = cloud.list_alarm_tags(arn).await.unwrap();
    assert_eq!(
        (tags["team"].as_str(), tags.contains_key("palisade.dev/name")),
        ("shop", false)
    );
    cloud.delete_alarm(name.clone()).await.unwrap();
    assert!(
        cloud
            .describe_alarms(Some(name), None)
            .await
            .unwrap()
            .items
            .is_empty()
    );
}

async fn the_tagging_service_knows_protections_health_checks_and_alarms(
    cloud: &dyn Cloud,
    world: &dyn World,
) {
    world
        .configure(settings(|settings| settings.shield_subscription = true))
        .await;
    let protected = pieces::build(cloud, "a").await.distribution.arn;
    let protection = cloud.create_protection(protection::Creation {
        name: "palisade-shop-a".into(),
        resource_arn: protected.clone(),
        tags: pieces::tags("a"),
    });
    let protection = protection.await.unwrap();
    let check = cloud
        .create_health_check("a-0".into(), check_settings())
        .await
        .unwrap()
        .id;
    cloud
        .tag_health_check(check.clone(), pieces::tags("a"), vec![])
        .await
        .unwrap();
    let alarm = "palisade-shop-a-ddos".to_owned();
    let settings = alarm_settings(DISTRIBUTION, "arn:aws:sns:us-east-1:123456789012:a");
    cloud
        .put_metric_alarm(alarm.clone(), settings, pieces::tags("a"))
        .await
        .unwrap();
    let arns = [
        cloud.describe_protection(protected).await.unwrap().arn,
        format!("arn:aws:route53:::healthcheck/{check}"),
        cloud
            .describe_alarms(Some(alarm.clone()), None)
            .await
            .unwrap()
            .items
            .remove(0)
            .arn,
    ];
    let listed = async || {
        let cluster = pieces::CLUSTER.to_owned();
        let page = cloud.list_tagged_of_shield(cluster, None).await.unwrap();
        let all: BTreeMap<_, _> = page.items.into_iter().map(|row| (row.arn, row.tags)).collect();
        arns.each_ref().map(|arn| all.get(arn).cloned())
    };
    for tags in listed().await {
        assert_eq!(tags.unwrap(), pieces::tags("a"));
    }

    let others = cloud.list_tagged(pieces::CLUSTER.to_owned(), None).await.unwrap();
    assert!(others.items.iter().all(|row| !arns.contains(&row.arn)));

    let team = || [("team".to_owned(), "shop".to_owned())].into();
    cloud.tag_protection(arns[0].clone(), team()).await.unwrap();
    cloud
        .tag_health_check(check.clone(), team(), vec![])
        .await
        .unwrap();
    cloud.tag_alarm(arns[2].clone(), team()).await.unwrap();
    for tags in listed().await {
        assert_eq!(tags.unwrap()["team"], "shop");
    }

    cloud.delete_protection(protection).await.unwrap();
    cloud.delete_health_check(check).await.unwrap();
    cloud.delete_alarm(alarm).await.unwrap();
    assert_eq!(listed().await, [None, None, None]);
}

async fn a_topic_is_there_or_not(cloud: &dyn Cloud, world: &dyn World) {
    let arn = world.preload_topic("attacks").await;
    cloud.get_topic(arn.clone()).await.unwrap();
    let missing = cloud.get_topic(arn.replace("attacks", "elsewhere")).await;
    refused(missing, "NotFound", ErrorKind::Terminal);
}
