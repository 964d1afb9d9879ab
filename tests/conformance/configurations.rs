//! What CloudFront refuses about a distribution's configuration.

use crate::conformance::world::{World, conformance, refused, settings};
use crate::support::pieces::{config, tags, with};
use crate::support::simulation::cloudfront::policies::OwnPolicy;
use palisade::aws::cloud::{Cloud, CloudError};
use palisade::aws::errors::ErrorKind::Terminal;
use palisade::domain::edge::distribution::Content;
use palisade::domain::edge::xml::{self, Element};
use palisade::domain::kernel::identity::Tags;

conformance!(
    a_configuration_without_a_required_element_is_refused,
    a_quantity_that_is_not_the_number_of_items_is_refused,
    an_alias_without_a_certificate_is_refused,
    a_certificate_of_another_region_is_refused,
    a_certificate_that_does_not_cover_the_alias_is_refused,
    a_certificate_needs_a_way_to_be_served,
    a_covered_alias_is_accepted_and_listed,
    an_alias_of_another_distribution_is_refused,
    more_aliases_than_the_quota_are_refused,
    more_distributions_than_the_quota_are_refused,
    more_origin_headers_than_the_quota_are_refused,
    an_origin_that_no_behaviour_can_reach_is_refused,
    an_origin_path_that_ends_with_a_slash_is_refused,
    an_origin_timeout_beyond_two_minutes_is_refused,
    an_unknown_policy_is_refused,
    awss_managed_policies_and_the_accounts_own_are_taken,
    a_policy_tells_whether_it_sends_the_viewers_host_on,
    a_combination_of_methods_that_aws_does_not_have_is_refused,
    a_log_bucket_that_is_no_bucket_is_refused,
    a_geo_restriction_without_countries_is_refused,
    a_country_that_does_not_exist_is_refused,
    a_comment_longer_than_128_characters_is_refused,
    tags_that_belong_to_aws_are_refused,
    a_flat_rate_plan_requires_a_web_acl,
);

async fn a_configuration_without_a_required_element_is_refused(cloud: &dyn Cloud, _: &dyn World) {
    let mut config = config("petstore", None);
    xml::remove(&mut config, "Comment");
    refused(create(cloud, config).await, "MissingArgument", Terminal);
}

async fn a_quantity_that_is_not_the_number_of_items_is_refused(cloud: &dyn Cloud, _: &dyn World) {
    let wrong = xml::parent("Aliases", vec![xml::text("Quantity", 2)]);
    let refusal = create(cloud, with(&config("petstore", None), wrong)).await;
    refused(refusal, "InconsistentQuantities", Terminal);
}

async fn an_alias_without_a_certificate_is_refused(cloud: &dyn Cloud, _: &dyn World) {
    let config = with(
        &config("petstore", None),
        aliases(&["api.example.com".to_owned()]),
    );
    refused(create(cloud, config).await, "InvalidViewerCertificate", Terminal);
}

async fn a_certificate_of_another_region_is_refused(cloud: &dyn Cloud, world: &dyn World) {
    let arn = world
        .preload_certificate("eu-north-1", &["api.example.com"])
        .await;
    let refusal = create(cloud, named("petstore", "api.example.com", &arn)).await;
    refused(refusal, "InvalidViewerCertificate", Terminal);
}

async fn a_certificate_that_does_not_cover_the_alias_is_refused(cloud: &dyn Cloud, world: &dyn World) {
    let arn = world.preload_certificate("us-east-1", &["*.example.com"]).await;
    let refusal = create(cloud, named("petstore", "a.b.example.com", &arn)).await;
    let message = refused(refusal, "InvalidViewerCertificate", Terminal);
    assert!(
        message.contains("doesn't cover the alternate domain name"),
        "{message}"
    );
}

async fn a_certificate_needs_a_way_to_be_served(cloud: &dyn Cloud, world: &dyn World) {
    let arn = world.preload_certificate("us-east-1", &["*.example.com"]).await;
    let mut config = named("petstore", "api.example.com", &arn);
    let certificate = config.get_mut_child("ViewerCertificate").unwrap();
    xml::remove(certificate, "SSLSupportMethod");
    refused(create(cloud, config).await, "InvalidViewerCertificate", Terminal);
}

async fn a_covered_alias_is_accepted_and_listed(cloud: &dyn Cloud, world: &dyn World) {
    let arn = world.preload_certificate("us-east-1", &["*.example.com"]).await;
    let made = create(cloud, named("petstore", "api.example.com", &arn))
        .await
        .unwrap();
    assert_eq!(
        xml::text_at(&made.config, "ViewerCertificate/ACMCertificateArn"),
        Some(arn)
    );
    let listed = &cloud.list_distributions(None).await.unwrap().items[0];
    assert_eq!(listed.aliases, ["api.example.com"]);
}

async fn an_alias_of_another_distribution_is_refused(cloud: &dyn Cloud, world: &dyn World) {
    let arn = world.preload_certificate("us-east-1", &["*.example.com"]).await;
    create(cloud, named("petstore", "api.example.com", &arn))
        .await
        .unwrap();
    let refusal = create(cloud, named("another", "api.example.com", &arn)).await;
    refused(refusal, "CNAMEAlreadyExists", Terminal);
}

async fn more_aliases_than_the_quota_are_refused(cloud: &dyn Cloud, world: &dyn World) {
    let arn = world.preload_certificate("us-east-1", &["*.example.com"]).await;
    let names: Vec<_> = (0..101).map(|number| format!("n{number}.example.com")).collect();
    let refusal = create(cloud, with(&named("petstore", "", &arn), aliases(&names))).await;
    refused(refusal, "TooManyDistributionCNAMEs", Terminal);
}

async fn more_distributions_than_the_quota_are_refused(cloud: &dyn Cloud, world: &dyn World) {
    world.configure(settings(|s| s.limits.distributions = 1)).await;
    create(cloud, config("petstore", None)).await.unwrap();
    refused(
        create(cloud, config("another", None)).await,
        "TooManyDistributions",
        Terminal,
    );
}

async fn more_origin_headers_than_the_quota_are_refused(cloud: &dyn Cloud, _: &dyn World) {
    let headers = (0..11).map(|number| {
        let name = xml::text("HeaderName", format!("x-proof-{number}"));
        xml::parent(
            "OriginCustomHeader",
            vec![name, xml::text("HeaderValue", "secret")],
        )
    });
    let config = with_origin("petstore", xml::list("CustomHeaders", headers.collect()));
    refused(
        create(cloud, config).await,
        "TooManyOriginCustomHeaders",
        Terminal,
    );
}

async fn an_origin_that_no_behaviour_can_reach_is_refused(cloud: &dyn Cloud, _: &dyn World) {
    let config = with_origin("petstore", xml::text("Id", "elsewhere"));
    refused(create(cloud, config).await, "NoSuchOrigin", Terminal);
}

async fn an_origin_path_that_ends_with_a_slash_is_refused(cloud: &dyn Cloud, _: &dyn World) {
    let config = with_origin("petstore", xml::text("OriginPath", "/prod/"));
    refused(create(cloud, config).await, "InvalidArgument", Terminal);
}

async fn an_origin_timeout_beyond_two_minutes_is_refused(cloud: &dyn Cloud, _: &dyn World) {
    let custom = xml::parent(
        "CustomOriginConfig",
        vec![
            xml::text("HTTPPort", 80),
            xml::text("HTTPSPort", 443),
            xml::text("OriginProtocolPolicy", "https-only"),
            xml::text("OriginReadTimeout", 121),
        ],
    );
    let refusal = create(cloud, with_origin("petstore", custom)).await;
    refused(refusal, "InvalidOriginReadTimeout", Terminal);
}

/// A configuration whose behaviour names this policy.
fn with_policy(name: &str, reference: &str, policy: &str) -> Element {
    let mut config = config(reference, None);
    let mut behaviour = xml::at(&config, "DefaultCacheBehavior").unwrap().clone();
    xml::put(&mut behaviour, xml::text(name, policy), &[]);
    xml::put(&mut config, behaviour, &[]);
    config
}

async fn an_unknown_policy_is_refused(cloud: &dyn Cloud, _: &dyn World) {
    for (name, code) in [
        ("CachePolicyId", "NoSuchCachePolicy"),
        ("OriginRequestPolicyId", "NoSuchOriginRequestPolicy"),
        ("ResponseHeadersPolicyId", "NoSuchResponseHeadersPolicy"),
    ] {
        let config = with_policy(name, "petstore", "00000000-0000-4000-8000-000000000000");
        refused(create(cloud, config).await, code, Terminal);
    }
    // A policy of one kind is none of another.
    let config = with_policy(
        "OriginRequestPolicyId",
        "petstore",
        "658327ea-f89d-4fab-a63d-7e88639e58f6",
    );
    refused(create(cloud, config).await, "NoSuchOriginRequestPolicy", Terminal);
}

async fn awss_managed_policies_and_the_accounts_own_are_taken(cloud: &dyn Cloud, world: &dyn World) {
    const OWN: &str = "11111111-2222-4333-8444-555555555555";
    let own = OwnPolicy {
        id: OWN.to_owned(),
        sends_host: false,
    };
    world
        .configure(settings(|settings| settings.own_policies = vec![own]))
        .await;
    for (name, policy) in [
        // CachingOptimized
        ("CachePolicyId", "658327ea-f89d-4fab-a63d-7e88639e58f6"),
        // UseOriginCacheControlHeaders
        ("CachePolicyId", "83da9c7e-98b4-4e11-a168-04f0df8e2c65"),
        // CORS-CustomOrigin
        ("OriginRequestPolicyId", "59781a5b-3903-41f3-afcb-af62929ccde1"),
        // SimpleCORS
        ("ResponseHeadersPolicyId", "60669652-455b-4ae9-85a4-c4c02393f86c"),
        ("CachePolicyId", OWN),
        ("OriginRequestPolicyId", OWN),
    ] {
        let reference = format!("{name}-{policy}");
        create(cloud, with_policy(name, &reference, policy))
            .await
            .unwrap();
    }
}

async fn a_policy_tells_whether_it_sends_the_viewers_host_on(cloud: &dyn Cloud, world: &dyn World) {
    const SENDS: &str = "11111111-2222-4333-8444-555555555555";
    const QUIET: &str = "22222222-2222-4333-8444-555555555555";
    let own = [(SENDS, true), (QUIET, false)].map(|(id, sends_host)| OwnPolicy {
        id: id.to_owned(),
        sends_host,
    });
    world
        .configure(settings(|settings| settings.own_policies = own.to_vec()))
        .await;
    for (policy, sends) in [
        (SENDS, true),
        (QUIET, false),
        // AllViewer
        ("216adef6-5c7f-47e4-b989-5492eafa07d3", true),
        // AllViewerExceptHostHeader
        ("b689b0a8-53d0-40ab-baf2-68738e2966ac", false),
    ] {
        let headers = cloud.get_origin_request_policy(policy.to_owned()).await.unwrap();
        assert_eq!(headers.sends_host(), sends, "{policy}: {headers:?}");
    }
    for (policy, sends) in [
        (SENDS, true),
        (QUIET, false),
        // UseOriginCacheControlHeaders
        ("83da9c7e-98b4-4e11-a168-04f0df8e2c65", true),
        // CachingDisabled
        ("4135ea2d-6df8-44a3-9df3-4b5a84be39ad", false),
    ] {
        let headers = cloud.get_cache_policy(policy.to_owned()).await.unwrap();
        assert_eq!(headers.sends_host(), sends, "{policy}: {headers:?}");
    }
    let nobodys = || "00000000-0000-4000-8000-000000000000".to_owned();
    let found = cloud.get_cache_policy(nobodys()).await;
    refused(found, "NoSuchCachePolicy", Terminal);
    let found = cloud.get_origin_request_policy(nobodys()).await;
    refused(found, "NoSuchOriginRequestPolicy", Terminal);
}

async fn a_combination_of_methods_that_aws_does_not_have_is_refused(cloud: &dyn Cloud, _: &dyn World) {
    let mut config = config("petstore", None);
    let methods = ["GET", "HEAD", "POST"].map(|method| xml::text("Method", method));
    let behaviour = config.get_mut_child("DefaultCacheBehavior").unwrap();
    xml::put(behaviour, xml::list("AllowedMethods", methods.to_vec()), &[]);
    refused(create(cloud, config).await, "InvalidArgument", Terminal);
}

async fn a_log_bucket_that_is_no_bucket_is_refused(cloud: &dyn Cloud, _: &dyn World) {
    let logging = |bucket: &str| {
        let switches = [xml::text("Enabled", "true"), xml::text("IncludeCookies", "false")];
        let place = [xml::text("Bucket", bucket), xml::text("Prefix", "")];
        xml::parent("Logging", switches.into_iter().chain(place).collect())
    };
    let refusal = create(cloud, with(&config("petstore", None), logging("logs"))).await;
    refused(refusal, "InvalidArgument", Terminal);
    create(
        cloud,
        with(&config("petstore", None), logging("logs.s3.amazonaws.com")),
    )
    .await
    .unwrap();
}

async fn a_geo_restriction_without_countries_is_refused(cloud: &dyn Cloud, _: &dyn World) {
    let refusal = create(cloud, with(&config("petstore", None), restriction(&[]))).await;
    refused(refusal, "InvalidGeoRestrictionParameter", Terminal);
}

async fn a_country_that_does_not_exist_is_refused(cloud: &dyn Cloud, _: &dyn World) {
    let refusal = create(cloud, with(&config("petstore", None), restriction(&["Sweden"]))).await;
    refused(refusal, "InvalidLocationCode", Terminal);
    create(cloud, with(&config("petstore", None), restriction(&["SE"])))
        .await
        .unwrap();
}

async fn a_comment_longer_than_128_characters_is_refused(cloud: &dyn Cloud, _: &dyn World) {
    let comment = |length| {
        with(
            &config("petstore", None),
            xml::text("Comment", "x".repeat(length)),
        )
    };
    refused(create(cloud, comment(129)).await, "InvalidArgument", Terminal);
    create(cloud, comment(128)).await.unwrap();
}

async fn tags_that_belong_to_aws_are_refused(cloud: &dyn Cloud, _: &dyn World) {
    let reserved: Tags = [("aws:team".to_owned(), "shop".to_owned())].into();
    let refusal = cloud
        .create_distribution(config("petstore", None), reserved.clone())
        .await;
    refused(refusal, "InvalidTagging", Terminal);
    let made = create(cloud, config("petstore", None)).await.unwrap();
    refused(
        cloud.tag_distribution(made.arn, reserved).await,
        "InvalidTagging",
        Terminal,
    );
}

async fn a_flat_rate_plan_requires_a_web_acl(cloud: &dyn Cloud, world: &dyn World) {
    world.configure(settings(|s| s.flat_rate_plan = true)).await;
    let message = refused(
        create(cloud, config("petstore", None)).await,
        "InvalidArgument",
        Terminal,
    );
    assert!(message.contains("pricing plan"), "{message}");
}

async fn create(cloud: &dyn Cloud, config: Element) -> Result<Content, CloudError> {
    cloud.create_distribution(config, tags("petstore")).await
}

fn restriction(countries: &[&str]) -> Element {
    let mut list = xml::list(
        "GeoRestriction",
        countries.iter().map(|code| xml::text("Location", code)).collect(),
    );
    xml::put(
        &mut list,
        xml::text("RestrictionType", "whitelist"),
        &["RestrictionType", "Quantity", "Items"],
    );
    xml::parent("Restrictions", vec![list])
}

fn aliases(names: &[String]) -> Element {
    xml::list(
        "Aliases",
        names.iter().map(|name| xml::text("CNAME", name)).collect(),
    )
}

fn named(reference: &str, alias: &str, certificate: &str) -> Element {
    let certificate = xml::parent(
        "ViewerCertificate",
        vec![
            xml::text("ACMCertificateArn", certificate),
            xml::text("SSLSupportMethod", "sni-only"),
            xml::text("MinimumProtocolVersion", "TLSv1.2_2021"),
        ],
    );
    with(
        &with(&config(reference, None), aliases(&[alias.to_owned()])),
        certificate,
    )
}

/// The configuration with one element of its origin replaced.
fn with_origin(reference: &str, child: Element) -> Element {
    let config = config(reference, None);
    let mut origin = xml::items_at(&config, "Origins")[0].clone();
    xml::put(&mut origin, child, &[]);
    with(&config, xml::list("Origins", vec![origin]))
}
