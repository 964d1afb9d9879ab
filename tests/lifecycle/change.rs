//! Every kind of field is changed in place: AWS follows, and few calls are made for it.

use super::petstore::NAMED;
use super::scenes::{NAME, config, ip_set, own_calls, quiet, ready, rule, rules, setting, the};
use super::support::cluster::Cluster;
use super::support::simulation::resources::Kind;
use palisade::domain::edge::xml;

/// One change: from one spec to another, and what shows that AWS has followed.
struct Change {
    from: &'static str,
    to: &'static str,
    shows: fn(&Cluster) -> bool,
    /// How many calls the change may make, with those that wait for it.
    calls: usize,
}

const CALLS: usize = 4;

/// A change that concerns one resource, or one and the distribution.
fn small(from: &'static str, to: &'static str, shows: fn(&Cluster) -> bool) -> Change {
    Change {
        from,
        to,
        shows,
        calls: CALLS,
    }
}

async fn follow(changes: Vec<Change>) {
    for change in changes {
        let mut cluster = ready(change.from).await;
        let before: Vec<_> = ids(&cluster);
        assert!(!(change.shows)(&cluster), "{} shows before the change", change.to);
        cluster.apply(NAME, change.to);
        cluster.ready(NAME).await;
        let outcome = cluster.pass(NAME).await;
        assert!(outcome.plan.is_empty());
        let calls = calls_for_the_change(&cluster);
        assert!((change.shows)(&cluster), "{}\n{}", change.to, cluster.story(NAME));
        assert_eq!(
            ids(&cluster),
            before,
            "{}: something was replaced instead of changed",
            change.to
        );
        assert!(calls.len() <= change.calls, "{} took {calls:#?}", change.to);
        quiet(&mut cluster, NAME).await;
    }
}

/// Own calls, but for the two that look at the API itself, once a generation, for those that AWS refused because it had not caught up
/// yet, and for the question whose the distribution is, once a pass that writes.
fn calls_for_the_change(cluster: &Cluster) -> Vec<String> {
    let calls = own_calls(cluster);
    let looks = calls.iter().filter(|call| call.starts_with("apigateway")).count();
    assert_eq!(looks, 2, "{calls:?}");
    let early = calls
        .iter()
        .filter(|call| call.ends_with("(WAFUnavailableEntityException)"))
        .count();
    assert!(early <= 5, "{calls:?}");
    let asks = |call: &String| call == "cloudfront:ListTagsForResource";
    let asked = calls.iter().filter(|call| asks(call)).count();
    assert!((1..=2 + early).contains(&asked), "{calls:?}");
    let is_counted = |call: &String| {
        !call.starts_with("apigateway") && !call.ends_with("(WAFUnavailableEntityException)") && !asks(call)
    };
    calls.into_iter().filter(is_counted).collect()
}

/// Role, function, web ACL and distribution, which a change never replaces.
fn ids(cluster: &Cluster) -> Vec<String> {
    [Kind::Role, Kind::Function, Kind::WebAcl, Kind::Distribution]
        .map(|kind| the(cluster, kind).arn)
        .to_vec()
}

#[tokio::test(start_paused = true)]
async fn each_field_of_the_distribution_follows_the_spec_in_few_calls() {
    follow(vec![
        small("", NAMED, |c| setting(c, "Aliases/Items/CNAME") == "api.example.com"),
        small(NAMED, "", |c| setting(c, "Aliases/Quantity") == "0"),
        small(
            NAMED,
            "distribution: {aliases: [api.example.com], minimumTlsVersion: TLSv1.2_2019, certificateArn: 'arn:aws:acm:us-east-1:123456789012:certificate/11111111-2222-3333-4444-555555555555'}",
            |c| setting(c, "ViewerCertificate/MinimumProtocolVersion") == "TLSv1.2_2019",
        ),
        small("", "distribution: {priceClass: PriceClass_100}", |c| setting(c, "PriceClass") == "PriceClass_100"),
        small("", "distribution: {httpVersion: http2}", |c| setting(c, "HttpVersion") == "http2"),
        small("", "distribution: {originReadTimeout: 60s}", |c| {
            xml::text_at(xml::items_at(&config(c), "Origins")[0], "CustomOriginConfig/OriginReadTimeout")
                .as_deref()
                == Some("60")
        }),
        small("", "distribution: {logging: {bucket: my-logs.s3.amazonaws.com, prefix: a/}}", |c| {
            setting(c, "Logging/Prefix") == "a/" && setting(c, "Logging/Enabled") == "true"
        }),
        small("distribution: {logging: {bucket: my-logs.s3.amazonaws.com}}", "", |c| {
            setting(c, "Logging/Enabled") == "false"
        }),
        small("", "distribution: {geoRestriction: {allow: [SE, NO]}}", |c| {
            setting(c, "Restrictions/GeoRestriction/RestrictionType") == "whitelist"
        }),
        small(
            "",
            "distribution: {responseHeadersPolicyId: 67f7725c-6f97-4210-82d7-5512b31e9d03}",
            |c| !setting(c, "DefaultCacheBehavior/ResponseHeadersPolicyId").is_empty(),
        ),
        small(
            "distribution: {responseHeadersPolicyId: 67f7725c-6f97-4210-82d7-5512b31e9d03}",
            "",
            |c| setting(c, "DefaultCacheBehavior/ResponseHeadersPolicyId").is_empty(),
        ),
    ])
    .await;
}

const ONE_LIST: &str = "webAcl: {blockCidrs: [192.0.2.0/24]}";

#[tokio::test(start_paused = true)]
async fn each_field_of_the_web_acl_follows_the_spec_in_few_calls() {
    follow(vec![
        small("", "webAcl: {rateLimits: [{name: per-ip, limit: 500}]}", |c| {
            rule(c, "palisade-rate-per-ip")["Statement"]["RateBasedStatement"]["Limit"] == 500
        }),
        small("", "webAcl: {rateLimits: [{name: per-ip, limit: 500, by: [{type: Header, name: X-Client}, {type: Path}]}]}", |c| {
            let keys = &rule(c, "palisade-rate-per-ip")["Statement"]["RateBasedStatement"]["CustomKeys"];
            keys[0]["Header"]["Name"] == "x-client" && keys[1].get("UriPath").is_some()
        }),
        small(
            "webAcl: {rateLimits: [{name: per-ip, limit: 500, by: [{type: Header, name: X-Client}]}]}",
            "",
            |c| rule(c, "palisade-rate-per-ip")["Statement"]["RateBasedStatement"].get("CustomKeys").is_none(),
        ),
        small(
            "",
            "webAcl: {rateLimits: [{name: country, limit: 500, by: [{type: LabelNamespace, name: 'awswaf:clientip:geo:country:'}]}]}",
            |c| rules(c).last().unwrap() == "palisade-rate-country",
        ),
        small("", "webAcl: {rateLimits: []}", |c| !rules(c).contains(&"palisade-rate-per-ip".to_owned())),
        small("", "webAcl: {managedRuleGroups: [{name: AWSManagedRulesSQLiRuleSet}]}", |c| {
            rules(c) == ["palisade-rate-per-ip", "palisade-AWSManagedRulesSQLiRuleSet"]
        }),
        small(
            "webAcl: {managedRuleGroups: [{name: AWSManagedRulesSQLiRuleSet}, {name: AWSManagedRulesLinuxRuleSet}]}",
            "webAcl: {managedRuleGroups: [{name: AWSManagedRulesLinuxRuleSet}, {name: AWSManagedRulesSQLiRuleSet}]}",
            |c| rules(c)[1] == "palisade-AWSManagedRulesLinuxRuleSet",
        ),
        small("", "webAcl: {countries: {block: [KP]}}", |c| rules(c)[0] == "palisade-countries"),
        small(
            "",
            "webAcl: {rules: [{Name: all, Statement: {GeoMatchStatement: {CountryCodes: [SE]}}, Action: {Count: {}}}]}",
            |c| rules(c).last().unwrap() == "palisade-rule-all",
        ),
        small("", ONE_LIST, |c| rules(c)[0] == "palisade-block"),
        small(ONE_LIST, "webAcl: {blockCidrs: [198.51.100.0/24]}", |c| {
            c.cloud.addresses_of(&ip_set(c, "-block-v4").id) == ["198.51.100.0/24"]
        }),
        small(ONE_LIST, "", |c| rules(c)[0] != "palisade-block"),
        small(
            "",
            "webAcl: {logging: {destinationArn: 'arn:aws:s3:::aws-waf-logs-a'}}",
            |c| logging(c, "arn:aws:s3:::aws-waf-logs-a"),
        ),
        small(
            "webAcl: {logging: {destinationArn: 'arn:aws:s3:::aws-waf-logs-a'}}",
            "webAcl: {logging: {destinationArn: 'arn:aws:s3:::aws-waf-logs-b', redactHeaders: []}}",
            |c| logging(c, "arn:aws:s3:::aws-waf-logs-b"),
        ),
        small("webAcl: {logging: {destinationArn: 'arn:aws:s3:::aws-waf-logs-a'}}", "", |c| {
            c.cloud.logging_of(&the(c, Kind::WebAcl).arn).is_none()
        }),
    ])
    .await;
}

fn logging(cluster: &Cluster, destination: &str) -> bool {
    let document = cluster.cloud.logging_of(&the(cluster, Kind::WebAcl).arn);
    document.is_some_and(|document| document["LogDestinationConfigs"][0] == destination)
}

#[tokio::test(start_paused = true)]
async fn the_signers_code_follows_the_spec_in_few_calls() {
    follow(vec![small(
        "",
        "access: {sigV4: {viewerAuthorization: Forward}}",
        |c| signer(c).ends_with(":2"),
    )])
    .await;
}

#[tokio::test(start_paused = true)]
async fn the_origin_path_follows_the_spec() {
    let from: palisade::api::ProtectedApiSpec = serde_yaml::from_str(
        "origin: {endpoint: a1b2c3d4e5.execute-api.eu-north-1.amazonaws.com, type: REST, stage: prod, path: /prod}",
    )
    .unwrap();
    let mut cluster = ready("").await;
    cluster.apply_spec(NAME, from);
    cluster.ready(NAME).await;
    let origins = config(&cluster);
    assert_eq!(
        xml::text_at(xml::items_at(&origins, "Origins")[0], "OriginPath").as_deref(),
        Some("/prod")
    );
}

/// The signer version that the distribution asks.
fn signer(cluster: &Cluster) -> String {
    let config = config(cluster);
    let found = xml::items_at(&config, "DefaultCacheBehavior/LambdaFunctionAssociations");
    xml::text_at(found[0], "LambdaFunctionARN").unwrap()
}

/// Role, function and distribution; or all that have tags.
#[tokio::test(start_paused = true)]
async fn what_several_resources_share_follows_the_spec_in_few_calls() {
    follow(vec![
        Change {
            calls: 5,
            ..small("", "access: {sigV4: {logs: true}}", |c| signer(c).ends_with(":2"))
        },
        small("tags: {team: shop}", "tags: {team: pets}", |c| {
            has_tag(c, "team", Some("pets"))
        }),
        small("", "tags: {team: pets}", |c| has_tag(c, "team", Some("pets"))),
        small("tags: {team: pets}", "", |c| has_tag(c, "team", None)),
    ])
    .await;
}

fn has_tag(cluster: &Cluster, key: &str, value: Option<&str>) -> bool {
    [Kind::Role, Kind::Function, Kind::WebAcl, Kind::Distribution]
        .into_iter()
        .all(|kind| the(cluster, kind).tags.get(key).map(String::as_str) == value)
}
