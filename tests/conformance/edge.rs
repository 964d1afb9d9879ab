//! Web ACLs and functions at the edge: when a distribution may refer to them, and when they may go.

use crate::conformance::world::{HOUR, World, conformance, refused, settings};
use crate::support::pieces::{
    self, Perimeter, active_function, build, config, deployed, eventually, policy, settled, tags, web_acl,
};
use palisade::aws::cloud::{Cloud, CloudError};
use palisade::aws::errors::ErrorKind::{NotYet, Terminal};
use palisade::domain::edge::distribution::Content;
use palisade::domain::edge::xml;
use palisade::domain::signer::function::EDGE_REGION;
use palisade::domain::signer::role;
use std::time::Duration;

conformance!(
    a_web_acl_made_a_moment_ago_is_not_yet_accepted,
    a_web_acl_that_does_not_exist_is_refused,
    a_web_acl_has_a_quota_of_distributions,
    a_web_acl_in_use_is_not_deleted,
    a_pending_function_version_is_not_yet_accepted,
    a_function_without_version_is_refused,
    a_function_of_another_region_is_refused,
    a_version_that_does_not_exist_is_refused,
    a_role_that_the_edge_may_not_assume_is_refused,
    a_function_that_takes_longer_than_the_edge_allows_is_refused,
    distributions_with_functions_have_a_quota_of_their_own,
    a_flat_rate_plan_refuses_functions,
    a_listed_distribution_tells_its_web_acl_functions_and_origins,
    a_function_at_the_edge_is_not_deleted,
    a_function_outlives_its_last_association,
    a_version_that_no_configuration_had_is_deleted_at_once,
);

async fn a_web_acl_made_a_moment_ago_is_not_yet_accepted(cloud: &dyn Cloud, world: &dyn World) {
    world.configure(settings(|s| s.waf_propagation = HOUR)).await;
    let acl = cloud
        .create_web_acl("petstore".to_owned(), web_acl(&[]), tags("petstore"))
        .await
        .unwrap();
    let wanted = pieces::with(&config("petstore", None), xml::text("WebACLId", &acl.arn));
    let refusal = cloud.create_distribution(wanted.clone(), tags("petstore")).await;
    refused(refusal, "InvalidWebACLId", NotYet);
    world.configure(settings(|_| ())).await;
    cloud.create_distribution(wanted, tags("petstore")).await.unwrap();
}

async fn a_web_acl_that_does_not_exist_is_refused(cloud: &dyn Cloud, _: &dyn World) {
    let arn = "arn:aws:wafv2:us-east-1:123456789012:global/webacl/gone/11111111-2222-4333-8444-555555555555";
    let wanted = pieces::with(&config("petstore", None), xml::text("WebACLId", arn));
    refused(
        cloud.create_distribution(wanted, tags("petstore")).await,
        "InvalidWebACLId",
        NotYet,
    );
}

async fn a_web_acl_has_a_quota_of_distributions(cloud: &dyn Cloud, world: &dyn World) {
    world
        .configure(settings(|s| s.limits.distributions_per_web_acl = 1))
        .await;
    let acl = cloud
        .create_web_acl("petstore".to_owned(), web_acl(&[]), tags("petstore"))
        .await
        .unwrap();
    let behind = |reference| pieces::with(&config(reference, None), xml::text("WebACLId", &acl.arn));
    cloud
        .create_distribution(behind("petstore"), tags("petstore"))
        .await
        .unwrap();
    refused(
        cloud
            .create_distribution(behind("another"), tags("another"))
            .await,
        "InvalidArgument",
        Terminal,
    );
}

async fn a_web_acl_in_use_is_not_deleted(cloud: &dyn Cloud, _: &dyn World) {
    let built = build(cloud, "petstore").await;
    refused(
        cloud.delete_web_acl(built.web_acl.clone()).await,
        "WAFAssociatedItemException",
        NotYet,
    );
    let current = deployed(cloud, &built.distribution.id).await;
    let detached = pieces::with(&current.config, xml::text("WebACLId", ""));
    cloud
        .update_distribution(current.id, current.etag, detached)
        .await
        .unwrap();
    cloud.delete_web_acl(built.web_acl).await.unwrap();
}

async fn a_pending_function_version_is_not_yet_accepted(cloud: &dyn Cloud, world: &dyn World) {
    world.configure(settings(|s| s.function_pending = HOUR)).await;
    let role = cloud.create_role(pieces::role("petstore")).await.unwrap();
    let pending = cloud
        .create_function(EDGE_REGION.to_owned(), pieces::function("petstore", &role.arn))
        .await
        .unwrap();
    let refusal = associate(cloud, "petstore", &pending.arn).await;
    let message = refused(refusal, "InvalidLambdaFunctionAssociation", NotYet);
    assert!(message.contains("Pending"), "{message}");
}

async fn a_function_without_version_is_refused(cloud: &dyn Cloud, _: &dyn World) {
    let role = cloud.create_role(pieces::role("petstore")).await.unwrap();
    let made = active_function(cloud, "petstore", &role.arn).await;
    let unqualified = made.arn.trim_end_matches(":1");
    for arn in [unqualified.to_owned(), format!("{unqualified}:$LATEST")] {
        let refusal = associate(cloud, "petstore", &arn).await;
        refused(refusal, "InvalidLambdaFunctionAssociation", NotYet);
    }
}

async fn a_function_of_another_region_is_refused(cloud: &dyn Cloud, _: &dyn World) {
    let arn = "arn:aws:lambda:eu-north-1:123456789012:function:petstore:1";
    refused(
        associate(cloud, "petstore", arn).await,
        "InvalidLambdaFunctionAssociation",
        NotYet,
    );
}

async fn a_version_that_does_not_exist_is_refused(cloud: &dyn Cloud, _: &dyn World) {
    let role = cloud.create_role(pieces::role("petstore")).await.unwrap();
    let made = active_function(cloud, "petstore", &role.arn).await;
    let missing = made.arn.replace(":1", ":2");
    refused(
        associate(cloud, "petstore", &missing).await,
        "InvalidLambdaFunctionAssociation",
        NotYet,
    );
}

async fn a_role_that_the_edge_may_not_assume_is_refused(cloud: &dyn Cloud, _: &dyn World) {
    let trust = pieces::trust(&["lambda.amazonaws.com"]);
    let given = role::Creation {
        trust,
        ..pieces::role("petstore")
    };
    let role = cloud.create_role(given).await.unwrap();
    let made = active_function(cloud, "petstore", &role.arn).await;
    let refusal = associate(cloud, "petstore", &made.arn).await;
    let message = refused(refusal, "InvalidLambdaFunctionAssociation", NotYet);
    assert!(message.contains("edgelambda.amazonaws.com"), "{message}");
}

async fn a_function_that_takes_longer_than_the_edge_allows_is_refused(cloud: &dyn Cloud, _: &dyn World) {
    let role = cloud.create_role(pieces::role("petstore")).await.unwrap();
    let mut slow = pieces::function("petstore", &role.arn);
    slow.settings.timeout = 31;
    let made = cloud.create_function(EDGE_REGION.to_owned(), slow).await.unwrap();
    eventually("the function is settled", async || {
        settled(cloud, "petstore").await
    })
    .await;
    refused(
        associate(cloud, "petstore", &made.arn).await,
        "InvalidLambdaFunctionAssociation",
        NotYet,
    );
}

async fn distributions_with_functions_have_a_quota_of_their_own(cloud: &dyn Cloud, world: &dyn World) {
    world
        .configure(settings(|s| s.limits.lambda_associations = 1))
        .await;
    let built = build(cloud, "petstore").await;
    let refusal = associate(cloud, "another", &built.function.arn).await;
    refused(refusal, "TooManyDistributionsWithLambdaAssociations", Terminal);
    let current = deployed(cloud, &built.distribution.id).await;
    cloud
        .update_distribution(current.id, current.etag, current.config)
        .await
        .unwrap();
}

async fn a_flat_rate_plan_refuses_functions(cloud: &dyn Cloud, world: &dyn World) {
    let built = build(cloud, "petstore").await;
    world.configure(settings(|s| s.flat_rate_plan = true)).await;
    let edge = Some((built.web_acl.arn.as_str(), built.function.arn.as_str()));
    let refusal = cloud
        .create_distribution(config("another", edge), tags("another"))
        .await;
    let message = refused(refusal, "InvalidArgument", Terminal);
    assert!(message.contains("Lambda@Edge"), "{message}");
}

async fn a_listed_distribution_tells_its_web_acl_functions_and_origins(cloud: &dyn Cloud, _: &dyn World) {
    let built = build(cloud, "petstore").await;
    let page = cloud.list_distributions(None).await.unwrap();
    assert_eq!((page.items.len(), page.next), (1, None));
    let listed = &page.items[0];
    assert_eq!(listed.id, built.distribution.id);
    assert_eq!(listed.arn, built.distribution.arn);
    assert_eq!(listed.domain_name, built.distribution.domain_name);
    assert_eq!(listed.etag, built.distribution.etag);
    assert_eq!(listed.web_acl_arn, built.web_acl.arn);
    assert_eq!(listed.functions, [built.function.arn]);
    assert_eq!(listed.comment, pieces::owner("petstore").uid);
    assert!(listed.enabled);
    let origin = (
        "a1b2c3d4e5.execute-api.eu-north-1.amazonaws.com".to_owned(),
        String::new(),
    );
    assert_eq!(listed.origins, [origin]);
}

async fn a_function_at_the_edge_is_not_deleted(cloud: &dyn Cloud, _: &dyn World) {
    let Perimeter { function, .. } = build(cloud, "petstore").await;
    for version in [None, Some(function.version)] {
        let refusal = cloud
            .delete_function(EDGE_REGION.to_owned(), "petstore".to_owned(), version)
            .await;
        let message = refused(refusal, "InvalidParameterValueException", NotYet);
        assert!(
            message.contains("because it is a replicated function"),
            "{message}"
        );
    }
}

async fn a_function_outlives_its_last_association(cloud: &dyn Cloud, world: &dyn World) {
    world.configure(settings(|s| s.replica_retention = HOUR)).await;
    let built = build(cloud, "petstore").await;
    let current = deployed(cloud, &built.distribution.id).await;
    let without = config("petstore", None);
    let behaviour = xml::at(&current.config, "DefaultCacheBehavior").unwrap().clone();
    let empty = xml::at(&without, "DefaultCacheBehavior/LambdaFunctionAssociations")
        .unwrap()
        .clone();
    let changed = pieces::with(&current.config, pieces::with(&behaviour, empty));
    let current = cloud
        .update_distribution(current.id, current.etag, changed)
        .await
        .unwrap();
    deployed(cloud, &current.id).await;
    let refusal = cloud
        .delete_function(EDGE_REGION.to_owned(), "petstore".to_owned(), None)
        .await;
    refused(refusal, "InvalidParameterValueException", NotYet);
    world
        .configure(settings(|s| s.replica_retention = Duration::ZERO))
        .await;
    cloud
        .delete_function(EDGE_REGION.to_owned(), "petstore".to_owned(), None)
        .await
        .unwrap();
    cloud
        .delete_role_policy("petstore".to_owned(), "invoke".to_owned())
        .await
        .unwrap();
    cloud.delete_role("petstore".to_owned()).await.unwrap();
}

async fn a_version_that_no_configuration_had_is_deleted_at_once(cloud: &dyn Cloud, _: &dyn World) {
    build(cloud, "petstore").await;
    let name = "petstore".to_owned();
    let latest = cloud
        .get_function_configuration(name.clone(), None)
        .await
        .unwrap();
    let package = pieces::package("export const handler = async () => 2;");
    let second = cloud
        .update_function_code(
            EDGE_REGION.to_owned(),
            name.clone(),
            package,
            latest.revision,
            true,
        )
        .await
        .unwrap();
    assert_eq!(second.version, "2");
    cloud
        .delete_function(EDGE_REGION.to_owned(), name.clone(), Some(second.version))
        .await
        .unwrap();
    let page = cloud.list_versions(name.clone(), None).await.unwrap();
    assert_eq!(
        page.items
            .iter()
            .map(|version| version.version.as_str())
            .collect::<Vec<_>>(),
        ["1"]
    );
    // A policy may come and go while the function stands.
    cloud
        .put_role_policy(name, "invoke".to_owned(), policy())
        .await
        .unwrap();
}

/// Makes a distribution with a function and without a web ACL.
async fn associate(cloud: &dyn Cloud, reference: &str, function_arn: &str) -> Result<Content, CloudError> {
    cloud
        .create_distribution(config(reference, Some(("", function_arn))), tags(reference))
        .await
}
