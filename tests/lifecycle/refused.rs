//! What cannot be built: a clear word about why, nothing half done that could be avoided, and on it goes once it can.

use super::petstore::NAMED;
use super::scenes::{HEADER, KEY, NAME, cluster, fail, hours, nothing_left, quiet, ready, the};
use super::somebodys::somebodys;
use super::support::cluster::REST_ENDPOINT;
use super::support::simulation::apigateway::Preloaded;
use super::support::simulation::faults::{Fault, Rule, Scope};
use super::support::simulation::resources::Kind;
use super::support::simulation::settings::{Limits, Settings};
use std::time::Duration;

const PAUSE: Duration = Duration::from_mins(5);

/// A spec of an API of type `kind` with this id and stage.
fn spec_of(id: &str, kind: &str, stage: &str) -> palisade::api::ProtectedApiSpec {
    let endpoint = format!("{id}.execute-api.eu-north-1.amazonaws.com");
    serde_yaml::from_str(&format!(
        "origin: {{endpoint: {endpoint}, type: {kind}, stage: {stage}}}"
    ))
    .unwrap()
}

#[tokio::test(start_paused = true)]
async fn an_api_that_cannot_stand_behind_a_perimeter_is_refused_before_anything_is_built() {
    let edge = Preloaded {
        endpoint_type: "EDGE",
        ..Preloaded::rest("eu-north-1", "edge000000", &["prod"])
    };
    let private = Preloaded {
        endpoint_type: "PRIVATE",
        ..Preloaded::rest("eu-north-1", "private000", &["prod"])
    };
    let off = Preloaded {
        default_endpoint_disabled: true,
        ..Preloaded::rest("eu-north-1", "off0000000", &["prod"])
    };
    let cases = [
        (spec_of("missing000", "REST", "prod"), "ApiNotFound"),
        (spec_of("a1b2c3d4e5", "HTTP", "prod"), "ApiNotFound"),
        (spec_of("a1b2c3d4e5", "REST", "test"), "StageNotFound"),
        (spec_of("edge000000", "REST", "prod"), "UnsupportedEndpoint"),
        (spec_of("private000", "REST", "prod"), "UnsupportedEndpoint"),
        (spec_of("off0000000", "REST", "prod"), "EndpointDisabled"),
        (spec_of("socket0000", "HTTP", "prod"), "ApiTypeMismatch"),
    ];
    for (spec, reason) in cases {
        let mut cluster = cluster(Settings::default());
        for api in [&edge, &private, &off] {
            cluster.cloud.preload_api(api);
        }
        cluster
            .cloud
            .preload_api(&Preloaded::websocket("eu-north-1", "socket0000", &["prod"]));
        cluster.apply_spec(NAME, spec);
        assert_eq!(cluster.stalled(NAME).await, reason);
        assert_eq!(cluster.condition(NAME, "Accepted"), "False");
        assert!(
            cluster.message(NAME, "Accepted").starts_with("spec.origin"),
            "{}",
            cluster.story(NAME)
        );
        assert!(cluster.cloud.journal().writes().is_empty());
        cluster.delete(NAME).await;
    }
}

#[tokio::test(start_paused = true)]
async fn an_api_that_turns_up_later_is_protected_then() {
    let mut cluster = cluster(Settings::default());
    cluster.apply_spec(NAME, spec_of("later00000", "WEBSOCKET", "prod"));
    assert_eq!(cluster.stalled(NAME).await, "ApiNotFound");
    cluster.cloud.preload_api(&Preloaded {
        auto_deploy: true,
        ..Preloaded::websocket("eu-north-1", "later00000", &["prod"])
    });
    tokio::time::sleep(PAUSE).await;
    cluster.ready(NAME).await;
}

#[tokio::test(start_paused = true)]
async fn a_quota_that_is_used_up_is_named_and_building_goes_on_once_it_is_raised() {
    type Quota = fn(&mut Limits, bool);
    let quotas: [(&str, Quota); 6] = [
        ("role", |limits, full| limits.roles = usize::from(!full) * 10),
        ("function", |limits, full| {
            limits.functions = usize::from(!full) * 10;
        }),
        ("IP set", |limits, full| limits.ip_sets = usize::from(!full) * 10),
        ("web ACL", |limits, full| {
            limits.web_acls = usize::from(!full) * 10;
        }),
        ("distribution", |limits, full| {
            limits.distributions = usize::from(!full) * 10;
        }),
        ("association", |limits, full| {
            limits.lambda_associations = usize::from(!full) * 10;
        }),
    ];
    for (what, set) in quotas {
        let mut cluster = cluster(Settings::default());
        cluster
            .cloud
            .configure(|settings| set(&mut settings.limits, true));
        cluster.apply(NAME, "webAcl: {blockCidrs: [192.0.2.0/24]}");
        let reason = cluster.stalled(NAME).await;
        assert_eq!(reason, "QuotaReached", "{what}\n{}", cluster.story(NAME));
        cluster
            .cloud
            .configure(|settings| set(&mut settings.limits, false));
        tokio::time::sleep(PAUSE).await;
        cluster.ready(NAME).await;
        quiet(&mut cluster, NAME).await;
    }
}

/// An organisation may deny all of Lambda: where CloudFront sends a key, nothing signs.
#[tokio::test(start_paused = true)]
async fn where_nothing_signs_nothing_of_lambda_is_needed() {
    let mut cluster = cluster(Settings::default());
    let denied = ["ListFunctions", "GetFunction", "CreateFunction", "PublishVersion"];
    let denied = denied.map(|call| format!("lambda:{call}"));
    cluster.cloud.configure(|settings| settings.denied.extend(denied));
    cluster.apply(NAME, KEY);
    cluster.ready(NAME).await;
    quiet(&mut cluster, NAME).await;
    assert_eq!(cluster.condition(NAME, "SignerReady"), "True");
    // A mode that needs it says so, and the API stays locked by its key.
    cluster.apply(NAME, "");
    assert_eq!(cluster.stalled(NAME).await, "AccessDenied");
    assert_eq!(cluster.condition(NAME, "SignerReady"), "False");
    assert_eq!(
        cluster.condition(NAME, "AccessRestricted"),
        "True",
        "{}",
        cluster.story(NAME)
    );
    cluster.cloud.configure(|settings| settings.denied.clear());
    tokio::time::sleep(PAUSE).await;
    cluster.ready(NAME).await;
    quiet(&mut cluster, NAME).await;
}

#[tokio::test(start_paused = true)]
async fn a_permission_that_is_missing_is_named_with_its_resource() {
    for action in [
        "apigateway:GET",
        "apigateway:PATCH",
        "apigateway:POST",
        "iam:CreateRole",
        "iam:PutRolePolicy",
        "iam:GetAccountAuthorizationDetails",
        "lambda:CreateFunction",
        "lambda:ListFunctions",
        "wafv2:CreateWebACL",
        "wafv2:ListWebACLs",
        "cloudfront:CreateDistribution",
        "tagging:GetResources",
    ] {
        let mut cluster = cluster(Settings::default());
        let denied = [action.to_owned(), format!("{action}WithTags")];
        cluster.cloud.configure(|settings| settings.denied.extend(denied));
        cluster.apply(NAME, "");
        let reason = cluster.stalled(NAME).await;
        assert_eq!(reason, "AccessDenied", "{action}");
        let message = cluster.message(NAME, "Stalled");
        assert!(
            message.contains(action.split(':').nth(1).unwrap()),
            "{action}: {message}"
        );
        cluster.cloud.configure(|settings| settings.denied.clear());
        tokio::time::sleep(PAUSE).await;
        cluster.ready(NAME).await;
        quiet(&mut cluster, NAME).await;
    }
}

#[tokio::test(start_paused = true)]
async fn expired_credentials_are_told_apart_from_missing_permissions() {
    let mut cluster = cluster(Settings::default());
    let expired = Fault::Refusal(
        "ExpiredToken",
        "The security token included in the request is expired",
    );
    cluster.cloud.inject(Rule::next(Scope::Every, 100, expired));
    cluster.apply(NAME, "");
    assert_eq!(cluster.stalled(NAME).await, "CredentialsInvalid");
}

#[tokio::test(start_paused = true)]
async fn an_alias_of_another_distribution_holds_up_only_what_hangs_on_it() {
    let mut cluster = cluster(Settings::default());
    let theirs = somebodys(&cluster, "api.example.com");
    cluster.watch();
    cluster.apply(NAME, NAMED);
    assert_eq!(cluster.stalled(NAME).await, "AliasInUse");
    // What does not hang on it stands.
    assert_eq!(cluster.condition(NAME, "SignerReady"), "True");
    assert_eq!(cluster.condition(NAME, "WebAclReady"), "True");
    // It stands before the same API.
    cluster.apply(NAME, "");
    assert_eq!(cluster.stalled(NAME).await, "DistributionInTheWay");
    cluster.invariants = None;
    cluster.cloud.disable_distribution(&theirs);
    hours(1).await;
    cluster.settle_patiently(NAME).await;
    quiet(&mut cluster, NAME).await;
}

#[tokio::test(start_paused = true)]
async fn a_certificate_that_does_not_cover_the_alias_is_named() {
    let mut cluster = cluster(Settings::default());
    cluster.apply(NAME, &NAMED.replace("api.example.com", "api.elsewhere.org"));
    assert_eq!(cluster.stalled(NAME).await, "AwsRefused");
    assert!(
        cluster
            .message(NAME, "DistributionDeployed")
            .contains("doesn't cover the alternate domain name")
    );
}

#[tokio::test(start_paused = true)]
async fn a_flat_rate_plan_is_named() {
    let mut cluster = cluster(Settings {
        flat_rate_plan: true,
        ..Settings::default()
    });
    cluster.apply(NAME, "");
    assert_eq!(
        cluster.stalled(NAME).await,
        "PricingPlan",
        "{}",
        cluster.story(NAME)
    );
}

#[tokio::test(start_paused = true)]
async fn rules_beyond_a_web_acls_capacity_are_refused_before_anything_is_written() {
    let mut cluster = cluster(Settings::default());
    let xss = |n| {
        format!(
            "{{Name: x{n}, Statement: {{XssMatchStatement: {{FieldToMatch: {{UriPath: {{}}}}, TextTransformations: [{{Priority: 0, Type: NONE}}]}}}}, Action: {{Block: {{}}}}}}"
        )
    };
    let known = (0..126).map(xss).collect::<Vec<_>>().join(", ");
    cluster.apply(NAME, &format!("webAcl: {{rules: [{known}]}}"));
    assert_eq!(cluster.stalled(NAME).await, "CapacityExceeded");
    assert!(cluster.cloud.journal().writes().is_empty());
    // What only AWS can count is refused by AWS, before the web ACL is written.
    let decoded = |n| {
        format!(
            "{{Name: x{n}, Statement: {{XssMatchStatement: {{FieldToMatch: {{UriPath: {{}}}}, TextTransformations: [{{Priority: 0, Type: LOWERCASE}}, {{Priority: 1, Type: URL_DECODE}}]}}}}, Action: {{Block: {{}}}}}}"
        )
    };
    let hidden = (0..80).map(decoded).collect::<Vec<_>>().join(", ");
    cluster.apply(NAME, &format!("webAcl: {{rules: [{hidden}]}}"));
    assert_eq!(
        cluster.stalled(NAME).await,
        "CapacityExceeded",
        "{}",
        cluster.story(NAME)
    );
    assert_eq!(cluster.condition(NAME, "Accepted"), "False");
    assert!(
        cluster.cloud.journal().writes().is_empty(),
        "{:?}",
        cluster.cloud.journal().writes()
    );
    cluster.apply(NAME, "");
    cluster.ready(NAME).await;
}

#[tokio::test(start_paused = true)]
async fn a_managed_rule_group_version_that_has_expired_is_named_and_all_else_goes_on() {
    let mut cluster = cluster(Settings::default());
    cluster.apply(
        NAME,
        "webAcl: {managedRuleGroups: [{name: AWSManagedRulesCommonRuleSet, version: Version_1.0}]}",
    );
    assert_eq!(cluster.stalled(NAME).await, "AwsRefused");
    assert!(
        cluster.message(NAME, "WebAclReady").contains("has expired"),
        "{}",
        cluster.story(NAME)
    );
    // One kind's refusal does not stop the others.
    assert_eq!(
        cluster.condition(NAME, "SignerReady"),
        "True",
        "{}",
        cluster.story(NAME)
    );
}

#[tokio::test(start_paused = true)]
async fn a_new_role_that_lambda_knows_after_ten_minutes_only_is_waited_for() {
    let mut cluster = cluster(Settings {
        role_propagation: Duration::from_mins(10),
        ..Settings::default()
    });
    cluster.apply(NAME, "");
    cluster.ready(NAME).await;
}

/// A new role usually can be assumed within seconds. One that never can asks for a person, with Lambda's own words.
#[tokio::test(start_paused = true)]
async fn a_wait_that_never_ends_becomes_a_call_for_help() {
    let mut cluster = cluster(Settings {
        role_propagation: Duration::from_hours(10),
        ..Settings::default()
    });
    cluster.apply(NAME, "");
    let reason = cluster.stalled(NAME).await;
    assert_eq!(reason, "AwsRefused", "{}", cluster.story(NAME));
    assert!(
        cluster
            .message(NAME, "SignerReady")
            .contains("cannot be assumed by Lambda"),
        "{}",
        cluster.story(NAME)
    );
    cluster.pass(NAME).await;
    tokio::time::sleep(PAUSE).await;
    cluster.pass(NAME).await;
    assert_eq!(
        cluster.condition(NAME, "Stalled"),
        "True",
        "it flickers: {}",
        cluster.story(NAME)
    );
    cluster
        .cloud
        .configure(|settings| settings.role_propagation = Duration::ZERO);
    tokio::time::sleep(PAUSE).await;
    cluster.ready(NAME).await;
}

#[tokio::test(start_paused = true)]
async fn what_a_namespace_may_not_name_is_refused_without_a_call() {
    let mut cluster = cluster(Settings::default());
    cluster.configure(|options| options.tenancy = palisade::domain::tenancy::permissions::Tenancy::Enforced);
    cluster.apply(NAME, "");
    assert_eq!(cluster.stalled(NAME).await, "NotPermitted");
    assert_eq!(cluster.cloud.journal().len(), 0);
    let (api, _) = REST_ENDPOINT.split_once('.').unwrap();
    cluster
        .annotations
        .insert("palisade.dev/allowed-apis".into(), format!("eu-north-1/{api}"));
    cluster.ready(NAME).await;
    // Revoked permission stops changes, and never the clean-up.
    cluster.annotations.clear();
    cluster.pass(NAME).await;
    assert_eq!(cluster.reason(NAME, "Stalled"), "NotPermitted");
    assert!(the(&cluster, Kind::Distribution).enabled);
    cluster.delete(NAME).await;
    nothing_left(&cluster);
}

#[tokio::test(start_paused = true)]
async fn an_authorizers_role_that_lambda_never_can_assume_is_told_to_a_person() {
    let mut cluster = ready("").await;
    let refused = Fault::Refusal(
        "InvalidParameterValueException",
        "The role defined for the function cannot be assumed by Lambda.",
    );
    fail(&cluster, "CreateFunction", refused);
    cluster.apply(NAME, HEADER);
    assert_eq!(cluster.stalled(NAME).await, "AwsRefused");
    let said = cluster.message(NAME, "AccessRestricted");
    assert!(said.contains("cannot be assumed by Lambda"), "{said}");
    cluster.cloud.clear_faults();
    cluster.settle_patiently(NAME).await;
}
