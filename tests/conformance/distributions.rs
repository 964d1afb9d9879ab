//! Distributions: versions, caller references, deployment, deletion.

use crate::conformance::world::{HOUR, World, conformance, refused, settings};
use crate::support::pieces::{self, config, deployed, tags};
use palisade::aws::cloud::Cloud;
use palisade::aws::errors::ErrorKind::{Conflict, Exists, NotFound, NotYet, Terminal};
use palisade::domain::edge::distribution::Content;
use palisade::domain::edge::xml::{self, Element};

conformance!(
    a_creation_answers_the_configuration_with_everything_that_was_left_out,
    a_creation_and_each_update_are_in_progress_until_they_are_deployed,
    each_update_has_another_etag,
    an_update_with_an_old_etag_is_a_conflict,
    an_update_with_an_etag_that_never_was_is_a_conflict,
    an_update_that_does_not_start_from_what_was_read_is_refused,
    an_update_may_not_change_the_caller_reference,
    a_used_caller_reference_names_the_distribution_that_has_it,
    a_caller_reference_is_remembered_after_the_distribution_is_gone,
    a_distribution_that_does_not_exist_is_not_found,
    an_enabled_distribution_is_not_deleted,
    a_distribution_whose_disabling_is_in_progress_is_not_deleted,
    a_deletion_needs_the_etag_of_the_disabled_distribution,
    a_disabled_and_deployed_distribution_is_deleted,
    tags_change_neither_etag_nor_status,
    tags_of_a_missing_distribution_are_not_found,
    an_element_that_nobody_knows_survives_an_update,
    an_error_that_is_not_kept_comes_back_with_everything_that_was_left_out,
    an_error_that_cloudfront_does_not_keep_is_refused,
);

async fn a_creation_answers_the_configuration_with_everything_that_was_left_out(
    cloud: &dyn Cloud,
    _: &dyn World,
) {
    let made = create(cloud).await;
    let text = |path| xml::text_at(&made.config, path);
    for (path, value) in [
        ("Aliases/Quantity", "0"),
        ("CacheBehaviors/Quantity", "0"),
        ("CustomErrorResponses/Quantity", "0"),
        ("OriginGroups/Quantity", "0"),
        ("Logging/Enabled", "false"),
        ("PriceClass", "PriceClass_All"),
        ("ViewerCertificate/CloudFrontDefaultCertificate", "true"),
        ("ViewerCertificate/SSLSupportMethod", "vip"),
        ("ViewerCertificate/MinimumProtocolVersion", "TLSv1"),
        ("Restrictions/GeoRestriction/RestrictionType", "none"),
        ("HttpVersion", "http2"),
        ("IsIPV6Enabled", "false"),
        ("DefaultCacheBehavior/Compress", "false"),
        ("DefaultCacheBehavior/AllowedMethods/Quantity", "2"),
        ("DefaultCacheBehavior/FunctionAssociations/Quantity", "0"),
    ] {
        assert_eq!(text(path).as_deref(), Some(value), "{path}");
    }
    for path in [
        "DefaultRootObject",
        "WebACLId",
        "DefaultCacheBehavior/FieldLevelEncryptionId",
    ] {
        assert!(
            xml::at(&made.config, path).is_some() && text(path).is_none(),
            "{path} is there and empty"
        );
    }
    let origin = xml::items_at(&made.config, "Origins")[0];
    assert_eq!(
        xml::text_at(origin, "CustomHeaders/Quantity").as_deref(),
        Some("0")
    );
    assert_eq!(
        xml::text_at(origin, "CustomOriginConfig/OriginReadTimeout").as_deref(),
        Some("30")
    );
    assert_eq!(
        xml::text_at(origin, "CustomOriginConfig/OriginKeepaliveTimeout").as_deref(),
        Some("5")
    );
    assert_eq!(xml::text_at(origin, "ConnectionAttempts").as_deref(), Some("3"));
    assert_eq!(
        made.arn,
        format!("arn:aws:cloudfront::123456789012:distribution/{}", made.id)
    );
    assert!(
        made.domain_name.ends_with(".cloudfront.net"),
        "{}",
        made.domain_name
    );
    assert_eq!(cloud.get_distribution(made.id.clone()).await.unwrap(), made);
}

async fn a_creation_and_each_update_are_in_progress_until_they_are_deployed(
    cloud: &dyn Cloud,
    world: &dyn World,
) {
    world.configure(settings(|s| s.deployment_delay = HOUR)).await;
    let slow = create(cloud).await;
    assert_eq!(slow.status, "InProgress");
    assert_eq!(
        cloud.get_distribution(slow.id.clone()).await.unwrap().status,
        "InProgress"
    );
    assert_eq!(
        cloud.list_distributions(None).await.unwrap().items[0].status,
        "InProgress"
    );
    world
        .configure(settings(|s| {
            s.deployment_delay = std::time::Duration::from_millis(500);
        }))
        .await;
    let updated = update(cloud, &slow).await;
    let after = deployed(cloud, &updated.id).await;
    assert_eq!(after.etag, updated.etag, "deployment changes no ETag");
    assert_eq!(
        cloud.list_distributions(None).await.unwrap().items[0].status,
        "Deployed"
    );
    world.configure(settings(|s| s.deployment_delay = HOUR)).await;
    assert_eq!(update(cloud, &after).await.status, "InProgress");
}

async fn each_update_has_another_etag(cloud: &dyn Cloud, _: &dyn World) {
    let first = create(cloud).await;
    let second = update(cloud, &first).await;
    let third = update(cloud, &second).await;
    assert!(first.etag != second.etag && second.etag != third.etag && first.etag != third.etag);
    assert_eq!(
        cloud.list_distributions(None).await.unwrap().items[0].etag,
        third.etag
    );
}

async fn an_update_with_an_old_etag_is_a_conflict(cloud: &dyn Cloud, _: &dyn World) {
    let first = create(cloud).await;
    let second = update(cloud, &first).await;
    let refusal = cloud
        .update_distribution(first.id, first.etag, second.config)
        .await;
    refused(refusal, "PreconditionFailed", Conflict);
}

async fn an_update_with_an_etag_that_never_was_is_a_conflict(cloud: &dyn Cloud, _: &dyn World) {
    let made = create(cloud).await;
    let refusal = cloud
        .update_distribution(made.id, "E0000000000000".to_owned(), made.config)
        .await;
    refused(refusal, "InvalidIfMatchVersion", Conflict);
}

async fn an_update_that_does_not_start_from_what_was_read_is_refused(cloud: &dyn Cloud, _: &dyn World) {
    let made = create(cloud).await;
    let refusal = cloud
        .update_distribution(made.id, made.etag, config("petstore", None))
        .await;
    refused(refusal, "IllegalUpdate", Terminal);
}

async fn an_update_may_not_change_the_caller_reference(cloud: &dyn Cloud, _: &dyn World) {
    let made = create(cloud).await;
    let changed = pieces::with(&made.config, xml::text("CallerReference", "another"));
    let refusal = cloud.update_distribution(made.id, made.etag, changed).await;
    refused(refusal, "IllegalUpdate", Terminal);
}

async fn a_used_caller_reference_names_the_distribution_that_has_it(cloud: &dyn Cloud, _: &dyn World) {
    let made = create(cloud).await;
    for other in ["the same", "another"] {
        let config = pieces::with(&config("petstore", None), xml::text("Comment", other));
        let message = refused(
            cloud.create_distribution(config, tags("petstore")).await,
            "DistributionAlreadyExists",
            Exists,
        );
        assert!(
            message.ends_with(&format!("Already exists: {}", made.id)),
            "{message}"
        );
    }
}

async fn a_caller_reference_is_remembered_after_the_distribution_is_gone(cloud: &dyn Cloud, _: &dyn World) {
    let gone = delete(cloud, create(cloud).await).await;
    let again = cloud
        .create_distribution(config("petstore", None), tags("petstore"))
        .await;
    let message = refused(again, "DistributionAlreadyExists", Exists);
    assert!(message.ends_with(&format!("Already exists: {gone}")), "{message}");
}

async fn a_distribution_that_does_not_exist_is_not_found(cloud: &dyn Cloud, _: &dyn World) {
    let made = create(cloud).await;
    let id = "E00000000000".to_owned();
    refused(
        cloud.get_distribution(id.clone()).await,
        "NoSuchDistribution",
        NotFound,
    );
    let refusal = cloud
        .update_distribution(id.clone(), made.etag.clone(), made.config)
        .await;
    refused(refusal, "NoSuchDistribution", NotFound);
    refused(
        cloud.delete_distribution(id, made.etag).await,
        "NoSuchDistribution",
        NotFound,
    );
}

async fn an_enabled_distribution_is_not_deleted(cloud: &dyn Cloud, _: &dyn World) {
    let made = create(cloud).await;
    refused(
        cloud.delete_distribution(made.id, made.etag).await,
        "DistributionNotDisabled",
        NotYet,
    );
}

async fn a_distribution_whose_disabling_is_in_progress_is_not_deleted(cloud: &dyn Cloud, world: &dyn World) {
    let made = create(cloud).await;
    world.configure(settings(|s| s.deployment_delay = HOUR)).await;
    let disabled = disable(cloud, made).await;
    refused(
        cloud.delete_distribution(disabled.id, disabled.etag).await,
        "DistributionNotDisabled",
        NotYet,
    );
}

async fn a_deletion_needs_the_etag_of_the_disabled_distribution(cloud: &dyn Cloud, _: &dyn World) {
    let made = create(cloud).await;
    let old = made.etag.clone();
    let disabled = disable(cloud, made).await;
    refused(
        cloud.delete_distribution(disabled.id, old).await,
        "PreconditionFailed",
        Conflict,
    );
}

async fn a_disabled_and_deployed_distribution_is_deleted(cloud: &dyn Cloud, _: &dyn World) {
    let gone = delete(cloud, create(cloud).await).await;
    refused(cloud.get_distribution(gone).await, "NoSuchDistribution", NotFound);
    assert!(cloud.list_distributions(None).await.unwrap().items.is_empty());
}

async fn tags_change_neither_etag_nor_status(cloud: &dyn Cloud, world: &dyn World) {
    let made = create(cloud).await;
    world.configure(settings(|s| s.deployment_delay = HOUR)).await;
    cloud
        .tag_distribution(made.arn.clone(), [("team".to_owned(), "shop".to_owned())].into())
        .await
        .unwrap();
    cloud
        .untag_distribution(made.arn.clone(), vec!["palisade.dev/name".to_owned()])
        .await
        .unwrap();
    let found = cloud.list_distribution_tags(made.arn.clone()).await.unwrap();
    assert_eq!(found.get("team").map(String::as_str), Some("shop"));
    assert!(!found.contains_key("palisade.dev/name"));
    assert_eq!(cloud.get_distribution(made.id.clone()).await.unwrap(), made);
}

async fn tags_of_a_missing_distribution_are_not_found(cloud: &dyn Cloud, _: &dyn World) {
    let arn = "arn:aws:cloudfront::123456789012:distribution/E00000000000".to_owned();
    refused(
        cloud.list_distribution_tags(arn.clone()).await,
        "NoSuchResource",
        NotFound,
    );
    refused(
        cloud.tag_distribution(arn.clone(), tags("petstore")).await,
        "NoSuchResource",
        NotFound,
    );
    refused(
        cloud.untag_distribution(arn, vec!["team".to_owned()]).await,
        "NoSuchResource",
        NotFound,
    );
}

async fn an_element_that_nobody_knows_survives_an_update(cloud: &dyn Cloud, world: &dyn World) {
    let made = create(cloud).await;
    world.add_unknown_element(&made.id).await;
    let read = cloud.get_distribution(made.id).await.unwrap();
    assert_ne!(read.etag, made.etag);
    let updated = update(cloud, &read).await;
    assert_eq!(
        xml::text_at(&updated.config, "NewerThanAnyClient/Enabled").as_deref(),
        Some("true")
    );
}

async fn create(cloud: &dyn Cloud) -> Content {
    cloud
        .create_distribution(config("petstore", None), tags("petstore"))
        .await
        .unwrap()
}

/// An update that changes nothing but the comment.
async fn update(cloud: &dyn Cloud, current: &Content) -> Content {
    let changed = pieces::with(&current.config, xml::text("Comment", &current.etag));
    cloud
        .update_distribution(current.id.clone(), current.etag.clone(), changed)
        .await
        .unwrap()
}

async fn disable(cloud: &dyn Cloud, current: Content) -> Content {
    let changed = pieces::with(&current.config, xml::text("Enabled", "false"));
    cloud
        .update_distribution(current.id, current.etag, changed)
        .await
        .unwrap()
}

async fn delete(cloud: &dyn Cloud, current: Content) -> String {
    let disabled = disable(cloud, current).await;
    cloud
        .delete_distribution(disabled.id.clone(), disabled.etag)
        .await
        .unwrap();
    disabled.id
}

/// A list of one error, of which only that it is not kept is said.
fn not_kept(code: u16) -> Element {
    let response = vec![xml::text("ErrorCode", code), xml::text("ErrorCachingMinTTL", 0)];
    let response = xml::parent("CustomErrorResponse", response);
    xml::list("CustomErrorResponses", vec![response])
}

async fn an_error_that_is_not_kept_comes_back_with_everything_that_was_left_out(
    cloud: &dyn Cloud,
    _: &dyn World,
) {
    let made = create(cloud).await;
    let mut config = made.config.clone();
    xml::put(&mut config, not_kept(404), &[]);
    let written = cloud
        .update_distribution(made.id, made.etag, config)
        .await
        .unwrap();
    let responses = xml::items_at(&written.config, "CustomErrorResponses");
    let names = |element: &Element| {
        let children = element.children.iter().filter_map(|child| child.as_element());
        children.map(|child| child.name.clone()).collect::<Vec<_>>()
    };
    assert_eq!(
        names(responses[0]),
        [
            "ErrorCode",
            "ResponsePagePath",
            "ResponseCode",
            "ErrorCachingMinTTL"
        ]
    );
    assert_eq!(
        xml::text_at(responses[0], "ErrorCachingMinTTL").as_deref(),
        Some("0")
    );
    assert_eq!(xml::text_at(responses[0], "ResponsePagePath"), None);
}

async fn an_error_that_cloudfront_does_not_keep_is_refused(cloud: &dyn Cloud, _: &dyn World) {
    let made = create(cloud).await;
    let mut config = made.config.clone();
    xml::put(&mut config, not_kept(418), &[]);
    let refusal = cloud.update_distribution(made.id, made.etag, config).await;
    refused(refusal, "InvalidErrorCode", Terminal);
}
