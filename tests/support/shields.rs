//! Everything that serves Shield Advanced, made for one distribution, changed and taken down.

use super::pieces::tags_of;
use palisade::aws::cloud::{Cloud, CloudError};
use palisade::domain::kernel::identity::Tags;
use palisade::domain::shield::account::contact::{Contact, Personal};
use palisade::domain::shield::account::srt::{POLICY, PRINCIPAL};
use palisade::domain::shield::account::{Engagement, SrtSeen};
use palisade::domain::shield::automatic_response::Response;
use palisade::domain::shield::{alarm, health_check, protection};
use serde_json::{Value, json};

/// The topic that is told; it must be there.
pub const TOPIC: &str = "arn:aws:sns:us-east-1:123456789012:palisade-attacks";

/// A role for the Shield Response Team, as an emulator's seed; it must be there.
pub fn srt_role() -> Value {
    let statement =
        json!({"Effect": "Allow", "Principal": {"Service": PRINCIPAL}, "Action": "sts:AssumeRole"});
    json!({"name": SRT_ROLE, "trustPolicy": {"Version": "2012-10-17", "Statement": [statement]}, "managedPolicies": [POLICY]})
}

const SRT_ROLE: &str = "shield-response-team";
/// A bucket whose policy the controller may change.
const SRT_BUCKET: &str = "edge-logs";

/// Calls every operation of Shield, Route 53, CloudWatch and SNS. The account must be subscribed.
pub async fn protect(
    cloud: &(dyn Cloud + '_),
    name: &str,
    cluster: &str,
    distribution: &str,
) -> Result<(), CloudError> {
    assert!(cloud.get_subscription_state().await?);
    let team = || Tags::from([("team".into(), "shop".into())]);
    let id = cloud
        .create_protection(protection::Creation {
            name: name.to_owned(),
            resource_arn: distribution.to_owned(),
            tags: tags_of(name, cluster),
        })
        .await?;
    let found = cloud.describe_protection(distribution.to_owned()).await?;
    assert!(cloud.list_protections(None).await?.items.contains(&found));
    cloud.tag_protection(found.arn.clone(), team()).await?;
    assert_eq!(
        cloud.list_protection_tags(found.arn.clone()).await?["team"],
        "shop"
    );
    cloud
        .untag_protection(found.arn.clone(), vec!["team".into()])
        .await?;
    let arn = distribution.to_owned();
    cloud
        .enable_automatic_response(arn.clone(), Response::Count)
        .await?;
    cloud
        .update_automatic_response(arn.clone(), Response::Block)
        .await?;
    assert_eq!(
        cloud.describe_protection(arn.clone()).await?.response,
        Response::Block
    );
    check(cloud, name, cluster, &id).await?;
    watch(cloud, name, cluster, distribution).await?;
    cloud.disable_automatic_response(arn).await?;
    cloud.delete_protection(id).await?;
    settle(cloud).await
}

/// Calls every operation on what is one for the account.
async fn settle(cloud: &(dyn Cloud + '_)) -> Result<(), CloudError> {
    let contacts = vec![Contact {
        email: Personal::new("soc@example.com"),
        phone: Some(Personal::new("+46701234567")),
        notes: Some(Personal::new("day and night")),
    }];
    cloud.update_emergency_contacts(contacts.clone()).await?;
    assert_eq!(cloud.describe_emergency_contacts().await?, contacts);
    cloud.begin_proactive_engagement(contacts).await?;
    cloud.disable_proactive_engagement().await?;
    cloud.enable_proactive_engagement().await?;
    assert_eq!(
        cloud.describe_subscription().await?.engagement,
        Engagement::Enabled
    );
    let role = cloud.get_role(SRT_ROLE.to_owned()).await?.arn;
    assert_eq!(
        cloud.list_attached_role_policies(SRT_ROLE.to_owned()).await?,
        [POLICY]
    );
    cloud.associate_srt_role(role.clone()).await?;
    cloud.associate_srt_bucket(SRT_BUCKET.to_owned()).await?;
    assert_eq!(
        cloud.describe_srt_access().await?,
        SrtSeen {
            role: Some(role),
            buckets: [SRT_BUCKET.to_owned()].into()
        }
    );
    cloud.disassociate_srt_bucket(SRT_BUCKET.to_owned()).await
}

/// A health check of Route 53's as an object asks for it.
pub fn check_settings() -> health_check::Settings {
    health_check::Settings {
        domain: "d1.cloudfront.net".into(),
        path: "/health".into(),
        port: 443,
        sni: true,
        interval: 30,
        failure_threshold: 3,
        ..health_check::Settings::default()
    }
}

/// An alarm that tells `topic` of attacks on `distribution`.
pub fn alarm_settings(distribution: &str, topic: &str) -> alarm::Settings {
    alarm::Settings {
        description: "of a test".into(),
        namespace: "AWS/DDoSProtection".into(),
        metric: "DDoSDetected".into(),
        dimensions: vec![("ResourceArn".into(), distribution.to_owned())],
        statistic: "Maximum".into(),
        period: 60,
        evaluation_periods: 1,
        threshold: 1.0,
        comparison: "GreaterThanOrEqualToThreshold".into(),
        missing_data: "notBreaching".into(),
        actions: vec![topic.to_owned()],
        actions_enabled: true,
    }
}

async fn check(
    cloud: &(dyn Cloud + '_),
    name: &str,
    cluster: &str,
    protection: &str,
) -> Result<(), CloudError> {
    let settings = check_settings();
    let made = cloud
        .create_health_check(format!("{name}-0"), settings.clone())
        .await?;
    let id = made.id.clone();
    let sooner = health_check::Settings {
        failure_threshold: 1,
        ..settings
    };
    let changed = cloud
        .update_health_check(id.clone(), made.version, sooner)
        .await?;
    assert_eq!(cloud.get_health_check(id.clone()).await?, changed);
    assert!(cloud.list_health_checks(None).await?.items.contains(&changed));
    cloud
        .tag_health_check(id.clone(), tags_of(name, cluster), vec![])
        .await?;
    assert_eq!(
        cloud.list_health_check_tags(id.clone()).await?,
        tags_of(name, cluster)
    );
    assert!(!cloud.get_health_check_status(id.clone()).await?.is_empty());
    assert!(!cloud.get_checker_ip_ranges().await?.is_empty());
    let protection = protection.to_owned();
    cloud
        .associate_health_check(protection.clone(), id.clone())
        .await?;
    cloud.disassociate_health_check(protection, id.clone()).await?;
    cloud.delete_health_check(id).await
}

async fn watch(
    cloud: &(dyn Cloud + '_),
    name: &str,
    cluster: &str,
    distribution: &str,
) -> Result<(), CloudError> {
    cloud.get_topic(TOPIC.to_owned()).await?;
    let settings = alarm_settings(distribution, TOPIC);
    let name = name.to_owned();
    cloud
        .put_metric_alarm(name.clone(), settings.clone(), tags_of(&name, cluster))
        .await?;
    let found = cloud.describe_alarms(Some(name.clone()), None).await?.items;
    assert_eq!(found[0].settings, settings);
    let arn = found[0].arn.clone();
    cloud
        .tag_alarm(arn.clone(), Tags::from([("team".into(), "shop".into())]))
        .await?;
    cloud.untag_alarm(arn.clone(), vec!["team".into()]).await?;
    assert_eq!(cloud.list_alarm_tags(arn).await?, tags_of(&name, cluster));
    cloud.delete_alarm(name).await
}
