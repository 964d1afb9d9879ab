//! What every service refuses in its own way: permissions, throttling, its own failures, lost answers.

use crate::conformance::world::{World, conformance, refused};
use crate::support::pieces::{config, function, ip_set, role, tags, web_acl};
use crate::support::simulation::faults::Fault;
use palisade::aws::cloud::{Cloud, CloudError};
use palisade::aws::errors::ErrorKind::{self, Denied, Terminal, Throttled, Transient};
use palisade::aws::errors::NO_ANSWER;
use palisade::domain::signer::function::EDGE_REGION;
use std::fmt::Debug;

conformance!(
    a_missing_permission_is_named,
    each_service_throttles_in_its_own_words,
    a_failure_of_awss_own_is_transient,
    expired_credentials_are_denied,
    a_plan_without_the_feature_is_terminal,
    a_configuration_warning_is_terminal,
    a_lost_request_leaves_nothing_behind,
    a_creation_whose_answer_was_lost_has_happened,
    a_truncated_list_says_nothing,
);

async fn a_missing_permission_is_named(cloud: &dyn Cloud, world: &dyn World) {
    for action in [
        "cloudfront:ListDistributions",
        "cloudfront:CreateDistribution",
        "wafv2:CreateIPSet",
        "wafv2:ListWebACLs",
        "lambda:ListFunctions",
        "lambda:GetFunction",
        "iam:CreateRole",
        "iam:GetRole",
        "apigateway:PATCH",
    ] {
        world.deny(action).await;
    }
    denied(
        cloud.list_distributions(None).await,
        "AccessDenied",
        "cloudfront:ListDistributions",
    );
    let creation = cloud
        .create_distribution(config("petstore", None), tags("petstore"))
        .await;
    denied(creation, "AccessDenied", "cloudfront:CreateDistribution");
    denied(
        cloud.create_ip_set(ip_set("petstore", &[])).await,
        "AccessDeniedException",
        "wafv2:CreateIPSet",
    );
    denied(
        cloud.list_web_acls(None).await,
        "AccessDeniedException",
        "wafv2:ListWebACLs",
    );
    denied(
        cloud.list_functions(None).await,
        "AccessDeniedException",
        "lambda:ListFunctions",
    );
    denied(
        cloud
            .get_function(EDGE_REGION.to_owned(), "petstore".to_owned())
            .await,
        "AccessDeniedException",
        "lambda:GetFunction",
    );
    denied(
        cloud.create_role(role("petstore")).await,
        "AccessDenied",
        "iam:CreateRole",
    );
    denied(
        cloud.get_role("petstore".to_owned()).await,
        "AccessDenied",
        "iam:GetRole",
    );
    let [region, api, stage, deployment] = ["eu-north-1", "a1b2c3d4e5", "prod", "abc123"].map(str::to_owned);
    denied(
        cloud.update_rest_stage(region, api, stage, deployment).await,
        "AccessDeniedException",
        "apigateway:PATCH",
    );
}

#[track_caller]
fn denied<T: Debug>(result: Result<T, CloudError>, code: &str, action: &str) {
    let message = refused(result, code, Denied);
    assert!(
        message.contains(&format!("is not authorized to perform: {action} on resource: ")),
        "{message}"
    );
}

async fn each_service_throttles_in_its_own_words(cloud: &dyn Cloud, world: &dyn World) {
    for operation in READS {
        world.strike(operation, Fault::Throttle).await;
    }
    for (result, code) in reads(cloud).await.into_iter().zip([
        "Throttling",
        "ThrottlingException",
        "TooManyRequestsException",
        "Throttling",
        "ThrottledException",
        "TooManyRequestsException",
    ]) {
        refused(result, code, Throttled);
    }
}

async fn a_failure_of_awss_own_is_transient(cloud: &dyn Cloud, world: &dyn World) {
    for operation in READS {
        world.strike(operation, Fault::ServerError).await;
    }
    for result in reads(cloud).await {
        assert_eq!(result.unwrap_err().kind, Transient);
    }
}

async fn expired_credentials_are_denied(cloud: &dyn Cloud, world: &dyn World) {
    let message = "The security token included in the request is expired";
    for (operation, code) in READS.iter().zip([
        "ExpiredToken",
        "ExpiredTokenException",
        "ExpiredTokenException",
        "ExpiredToken",
        "ExpiredTokenException",
        "ExpiredTokenException",
    ]) {
        world.strike(operation, Fault::Refusal(code, message)).await;
    }
    for result in reads(cloud).await {
        assert_eq!(result.unwrap_err().kind, Denied);
    }
}

const READS: [&str; 6] = [
    "cloudfront:ListDistributions",
    "wafv2:ListWebACLs",
    "lambda:ListFunctions",
    "iam:GetRole",
    "tagging:GetResources",
    "apigateway:GetRestApi",
];

/// One read of each service, in the order of [`READS`].
async fn reads(cloud: &dyn Cloud) -> [Result<(), CloudError>; 6] {
    let nothing = || String::from("missing");
    [
        cloud.list_distributions(None).await.map(drop),
        cloud.list_web_acls(None).await.map(drop),
        cloud.list_functions(None).await.map(drop),
        cloud.get_role(nothing()).await.map(drop),
        cloud.list_tagged(nothing(), None).await.map(drop),
        cloud
            .get_rest_api("eu-north-1".to_owned(), nothing())
            .await
            .map(drop),
    ]
}

async fn a_plan_without_the_feature_is_terminal(cloud: &dyn Cloud, world: &dyn World) {
    expect_terminal(cloud, world, "WAFFeatureNotIncludedInPricingPlanException").await;
}

async fn a_configuration_warning_is_terminal(cloud: &dyn Cloud, world: &dyn World) {
    expect_terminal(cloud, world, "WAFConfigurationWarningException").await;
}

async fn expect_terminal(cloud: &dyn Cloud, world: &dyn World, code: &'static str) {
    world
        .strike("wafv2:CreateWebACL", Fault::Refusal(code, "as AWS says it"))
        .await;
    let refusal = cloud
        .create_web_acl("petstore".to_owned(), web_acl(&[]), tags("petstore"))
        .await;
    refused(refusal, code, Terminal);
}

async fn a_lost_request_leaves_nothing_behind(cloud: &dyn Cloud, world: &dyn World) {
    world.strike("iam:CreateRole", Fault::LostRequest).await;
    refused(cloud.create_role(role("petstore")).await, NO_ANSWER, Transient);
    refused(
        cloud.get_role("petstore".to_owned()).await,
        "NoSuchEntity",
        ErrorKind::NotFound,
    );
}

async fn a_creation_whose_answer_was_lost_has_happened(cloud: &dyn Cloud, world: &dyn World) {
    let role_arn = cloud.create_role(role("ready")).await.unwrap().arn;
    for operation in [
        "iam:CreateRole",
        "lambda:CreateFunction",
        "wafv2:CreateIPSet",
        "wafv2:CreateWebACL",
        "cloudfront:CreateDistributionWithTags",
    ] {
        world.strike(operation, Fault::LostAnswer).await;
    }
    refused(cloud.create_role(role("petstore")).await, NO_ANSWER, Transient);
    refused(
        cloud
            .create_function(EDGE_REGION.to_owned(), function("petstore", &role_arn))
            .await,
        NO_ANSWER,
        Transient,
    );
    refused(
        cloud.create_ip_set(ip_set("petstore", &[])).await,
        NO_ANSWER,
        Transient,
    );
    let acl = cloud
        .create_web_acl("petstore".to_owned(), web_acl(&[]), tags("petstore"))
        .await;
    refused(acl, NO_ANSWER, Transient);
    let distribution = cloud
        .create_distribution(config("petstore", None), tags("petstore"))
        .await;
    refused(distribution, NO_ANSWER, Transient);

    cloud.get_role("petstore".to_owned()).await.unwrap();
    cloud
        .get_function(EDGE_REGION.to_owned(), "petstore".to_owned())
        .await
        .unwrap();
    assert_eq!(cloud.list_ip_sets(None).await.unwrap().items[0].name, "petstore");
    assert_eq!(cloud.list_web_acls(None).await.unwrap().items[0].name, "petstore");
    assert_eq!(
        cloud.list_distributions(None).await.unwrap().items[0].comment,
        "petstore"
    );
}

async fn a_truncated_list_says_nothing(cloud: &dyn Cloud, world: &dyn World) {
    for name in ["one", "two"] {
        cloud.create_ip_set(ip_set(name, &[])).await.unwrap();
    }
    world.strike("wafv2:ListIPSets", Fault::TruncatedPage).await;
    let page = cloud.list_ip_sets(None).await.unwrap();
    assert_eq!((page.items.len(), page.next), (1, None));
}
