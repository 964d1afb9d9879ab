//! Shield Advanced: contacts, proactive engagement and what the Shield Response Team may do.

use crate::conformance::world::{HOUR, World, conformance, refused, settings};
use crate::support::simulation::settings::Settings;
use palisade::aws::cloud::Cloud;
use palisade::aws::errors::ErrorKind;
use palisade::domain::shield::account::contact::{Contact, Personal};
use palisade::domain::shield::account::srt::{POLICY, PRINCIPAL};
use palisade::domain::shield::account::{Engagement, SrtSeen};

conformance![
    without_a_subscription_no_setting_is_shown_or_taken,
    a_subscription_tells_its_end_and_its_limit,
    emergency_contacts_are_replaced_as_a_whole,
    a_contact_must_be_one_that_can_be_reached,
    proactive_engagement_begins_with_its_details_and_is_then_switched,
    a_request_for_proactive_engagement_is_pending_at_first,
    proactive_engagement_needs_a_phone_number,
    the_response_team_has_one_role_that_trusts_it,
    managed_policies_of_a_role_are_listed,
    the_response_team_reads_at_most_so_many_buckets_and_only_with_a_role,
    a_setting_that_somebody_else_writes_at_the_same_time_is_a_conflict,
];

fn subscribed() -> Settings {
    settings(|settings| settings.shield_subscription = true)
}

fn contact(email: &str, phone: Option<&str>) -> Contact {
    Contact {
        email: Personal::new(email),
        phone: phone.map(Personal::new),
        notes: Some(Personal::new("by night")),
    }
}

fn reachable() -> Contact {
    contact("soc@example.com", Some("+46701234567"))
}

async fn engagement(cloud: &dyn Cloud) -> Engagement {
    cloud.describe_subscription().await.unwrap().engagement
}

async fn without_a_subscription_no_setting_is_shown_or_taken(cloud: &dyn Cloud, world: &dyn World) {
    world
        .configure(settings(|settings| settings.shield_subscription = false))
        .await;
    let refusals = [
        cloud.describe_subscription().await.map(drop),
        cloud.describe_emergency_contacts().await.map(drop),
        cloud.update_emergency_contacts(vec![reachable()]).await,
        cloud.begin_proactive_engagement(vec![reachable()]).await,
        cloud.enable_proactive_engagement().await,
        cloud.disable_proactive_engagement().await,
        cloud.describe_srt_access().await.map(drop),
        cloud
            .associate_srt_role("arn:aws:iam::123456789012:role/srt".into())
            .await,
        cloud.associate_srt_bucket("my-logs".into()).await,
        cloud.disassociate_srt_bucket("my-logs".into()).await,
    ];
    for refusal in refusals {
        refused(refusal, "ResourceNotFoundException", ErrorKind::NotFound);
    }
}

async fn a_subscription_tells_its_end_and_its_limit(cloud: &dyn Cloud, world: &dyn World) {
    world.configure(subscribed()).await;
    let found = cloud.describe_subscription().await.unwrap();
    assert_eq!(
        (found.renews, found.protections, found.ends.is_some()),
        (true, Some(1000), true)
    );
    assert!(!found.engagement.is_on());
}

async fn emergency_contacts_are_replaced_as_a_whole(cloud: &dyn Cloud, world: &dyn World) {
    world.configure(subscribed()).await;
    assert_eq!(cloud.describe_emergency_contacts().await.unwrap(), []);
    let two = vec![reachable(), contact("night@example.com", None)];
    cloud.update_emergency_contacts(two.clone()).await.unwrap();
    assert_eq!(cloud.describe_emergency_contacts().await.unwrap(), two);
    cloud.update_emergency_contacts(vec![reachable()]).await.unwrap();
    assert_eq!(cloud.describe_emergency_contacts().await.unwrap(), [reachable()]);
    cloud.update_emergency_contacts(vec![]).await.unwrap();
    assert_eq!(cloud.describe_emergency_contacts().await.unwrap(), []);
    let eleven = vec![reachable(); 11];
    let refusal = cloud.update_emergency_contacts(eleven).await;
    refused(refusal, "InvalidParameterException", ErrorKind::Terminal);
}

async fn a_contact_must_be_one_that_can_be_reached(cloud: &dyn Cloud, world: &dyn World) {
    world.configure(subscribed()).await;
    for wrong in [
        contact("nobody", None),
        contact("soc@example.com", Some("0701234567")),
    ] {
        let refusal = cloud.update_emergency_contacts(vec![wrong]).await;
        refused(refusal, "ValidationException", ErrorKind::Terminal);
    }
}

async fn proactive_engagement_begins_with_its_details_and_is_then_switched(
    cloud: &dyn Cloud,
    world: &dyn World,
) {
    world.configure(subscribed()).await;
    let code = "InvalidOperationException";
    let early = cloud.enable_proactive_engagement().await;
    refused(early, code, ErrorKind::Terminal);
    let early = cloud.disable_proactive_engagement().await;
    refused(early, code, ErrorKind::Terminal);
    cloud.begin_proactive_engagement(vec![reachable()]).await.unwrap();
    assert_eq!(engagement(cloud).await, Engagement::Enabled);
    assert_eq!(cloud.describe_emergency_contacts().await.unwrap(), [reachable()]);
    let again = cloud.begin_proactive_engagement(vec![reachable()]).await;
    refused(again, code, ErrorKind::Terminal);
    let again = cloud.enable_proactive_engagement().await;
    refused(again, code, ErrorKind::Terminal);
    cloud.disable_proactive_engagement().await.unwrap();
    assert_eq!(engagement(cloud).await, Engagement::Disabled);
    cloud.enable_proactive_engagement().await.unwrap();
    assert_eq!(engagement(cloud).await, Engagement::Enabled);
}

async fn a_request_for_proactive_engagement_is_pending_at_first(cloud: &dyn Cloud, world: &dyn World) {
    let slow = Settings {
        engagement_delay: HOUR,
        ..subscribed()
    };
    world.configure(slow).await;
    cloud.begin_proactive_engagement(vec![reachable()]).await.unwrap();
    assert_eq!(engagement(cloud).await, Engagement::Pending);
}

async fn proactive_engagement_needs_a_phone_number(cloud: &dyn Cloud, world: &dyn World) {
    world.configure(subscribed()).await;
    let code = "InvalidParameterException";
    let silent = || vec![contact("soc@example.com", None)];
    let refusal = cloud.begin_proactive_engagement(silent()).await;
    refused(refusal, code, ErrorKind::Terminal);
    cloud.begin_proactive_engagement(vec![reachable()]).await.unwrap();
    let refusal = cloud.update_emergency_contacts(silent()).await;
    refused(refusal, code, ErrorKind::Terminal);
    cloud.disable_proactive_engagement().await.unwrap();
    cloud.update_emergency_contacts(silent()).await.unwrap();
    let refusal = cloud.enable_proactive_engagement().await;
    refused(refusal, code, ErrorKind::Terminal);
}

async fn the_response_team_has_one_role_that_trusts_it(cloud: &dyn Cloud, world: &dyn World) {
    world.configure(subscribed()).await;
    assert_eq!(cloud.describe_srt_access().await.unwrap(), SrtSeen::default());
    let nobody = cloud
        .associate_srt_role("arn:aws:iam::123456789012:role/none".into())
        .await;
    refused(nobody, "ResourceNotFoundException", ErrorKind::NotFound);
    let other = world.preload_role("other", "lambda.amazonaws.com", &[]).await;
    let refusal = cloud.associate_srt_role(other).await;
    refused(refusal, "InvalidParameterException", ErrorKind::Terminal);
    for name in ["srt-one", "srt-two"] {
        let arn = world.preload_role(name, PRINCIPAL, &[POLICY]).await;
        cloud.associate_srt_role(arn.clone()).await.unwrap();
        assert_eq!(cloud.describe_srt_access().await.unwrap().role, Some(arn));
    }
}

async fn managed_policies_of_a_role_are_listed(cloud: &dyn Cloud, world: &dyn World) {
    world.preload_role("srt", PRINCIPAL, &[POLICY]).await;
    world.preload_role("bare", PRINCIPAL, &[]).await;
    assert_eq!(
        cloud.list_attached_role_policies("srt".into()).await.unwrap(),
        [POLICY]
    );
    assert!(
        cloud
            .list_attached_role_policies("bare".into())
            .await
            .unwrap()
            .is_empty()
    );
    let nobody = cloud.list_attached_role_policies("none".into()).await;
    refused(nobody, "NoSuchEntity", ErrorKind::NotFound);
}

async fn the_response_team_reads_at_most_so_many_buckets_and_only_with_a_role(
    cloud: &dyn Cloud,
    world: &dyn World,
) {
    let mut few = subscribed();
    few.limits.drt_log_buckets = 2;
    world.configure(few).await;
    let early = cloud.associate_srt_bucket("one-logs".into()).await;
    refused(early, "NoAssociatedRoleException", ErrorKind::Conflict);
    let arn = world.preload_role("srt", PRINCIPAL, &[POLICY]).await;
    cloud.associate_srt_role(arn).await.unwrap();
    for bucket in ["one-logs", "two-logs", "one-logs"] {
        cloud.associate_srt_bucket(bucket.into()).await.unwrap();
    }
    let refusal = cloud.associate_srt_bucket("three-logs".into()).await;
    refused(refusal, "LimitsExceededException", ErrorKind::Terminal);
    cloud.disassociate_srt_bucket("one-logs".into()).await.unwrap();
    let again = cloud.disassociate_srt_bucket("one-logs".into()).await;
    refused(again, "ResourceNotFoundException", ErrorKind::NotFound);
    assert_eq!(
        cloud.describe_srt_access().await.unwrap().buckets,
        ["two-logs".to_owned()].into()
    );
}

async fn a_setting_that_somebody_else_writes_at_the_same_time_is_a_conflict(
    cloud: &dyn Cloud,
    world: &dyn World,
) {
    use crate::support::simulation::faults::Fault;
    world.configure(subscribed()).await;
    let code = "OptimisticLockException";
    for operation in [
        "shield:UpdateEmergencyContactSettings",
        "shield:AssociateProactiveEngagementDetails",
        "shield:EnableProactiveEngagement",
        "shield:DisableProactiveEngagement",
        "shield:AssociateDRTRole",
        "shield:AssociateDRTLogBucket",
        "shield:DisassociateDRTLogBucket",
    ] {
        world.strike(operation, Fault::Refusal(code, "modified")).await;
    }
    let role = "arn:aws:iam::123456789012:role/srt".to_owned();
    let refusals = [
        cloud.update_emergency_contacts(vec![]).await,
        cloud.begin_proactive_engagement(vec![reachable()]).await,
        cloud.enable_proactive_engagement().await,
        cloud.disable_proactive_engagement().await,
        cloud.associate_srt_role(role).await,
        cloud.associate_srt_bucket("my-logs".into()).await,
        cloud.disassociate_srt_bucket("my-logs".into()).await,
    ];
    for refusal in refusals {
        refused(refusal, code, ErrorKind::Conflict);
    }
}
