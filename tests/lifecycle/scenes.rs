//! What the tests of an object's life share: specs, clusters in a known state, and what is always asked at the end.

pub use super::begun::{ready, ready_on};
use super::support::cluster::Cluster;
use super::support::simulation::apigateway::Preloaded;
use super::support::simulation::faults::{Fault, Rule, Scope};
use super::support::simulation::journal::Entry;
use super::support::simulation::resources::{Kind, Resource};
use super::support::simulation::settings::Settings;
use palisade::api::ProtectedApiSpec;
use palisade::aws::operations::Service;
use palisade::domain::edge::config::sent_of;
use palisade::domain::edge::xml::{self, Element};
use palisade::domain::kernel::secret::Secret;
use serde_json::Value;
use std::time::Duration;

/// The object that most tests are about.
pub const NAME: &str = "petstore";
pub const CERTIFICATE: &str =
    "arn:aws:acm:us-east-1:123456789012:certificate/11111111-2222-3333-4444-555555555555";

/// Everything that a spec can say.
pub const RICH: &str = r"
access: {sigV4: {viewerAuthorization: Forward, logs: true}}
distribution:
  aliases: [api.example.com, www.example.com]
  certificateArn: arn:aws:acm:us-east-1:123456789012:certificate/11111111-2222-3333-4444-555555555555
  minimumTlsVersion: TLSv1.2_2019
  priceClass: PriceClass_100
  httpVersion: http2
  originReadTimeout: 45s
  logging: {bucket: my-logs.s3.amazonaws.com, prefix: petstore/}
  geoRestriction: {block: [KP, AQ]}
  responseHeadersPolicyId: 67f7725c-6f97-4210-82d7-5512b31e9d03
webAcl:
  antiDdos: {sensitivity: Medium, exemptPaths: [^/prod/]}
  managedRuleGroups:
  - {name: AWSManagedRulesCommonRuleSet, version: Version_1.17, overrides: [{rule: SizeRestrictions_BODY, action: Count}]}
  - {name: AWSManagedRulesSQLiRuleSet, action: Count}
  rateLimits:
  - {name: per-ip, limit: 2000}
  - {name: login, limit: 100, window: 1m, action: Captcha, scope: {pathPrefix: /prod/login, countries: [SE, NO], cidrs: [198.51.100.7/32]}}
  allowCidrs: [192.0.2.0/24, 2001:db8::/32]
  blockCidrs: [203.0.113.9/24]
  countries: {block: [KP]}
  logging: {destinationArn: 'arn:aws:logs:us-east-1:123456789012:log-group:aws-waf-logs-petstore'}
  rules:
  - Name: no-curl
    Statement:
      ByteMatchStatement:
        SearchString: Y3VybA==
        FieldToMatch: {SingleHeader: {Name: user-agent}}
        TextTransformations: [{Priority: 0, Type: LOWERCASE}]
        PositionalConstraint: CONTAINS
    Action: {Block: {}}
tags: {team: pets}
";

/// Everything that `spec.shield` can say.
pub const SHIELD: &str = r"
shield:
  automaticResponse: {action: Count, promoteAfter: 720h}
  healthCheck: {path: /prod/pets, interval: 10s, failureThreshold: 5}
  ddosAlarm: {snsTopicArn: 'arn:aws:sns:us-east-1:123456789012:attacks'}
";
pub const TOPIC: &str = "arn:aws:sns:us-east-1:123456789012:attacks";

/// The hosted zone of `example.com`.
pub const ZONE: &str = "Z0123456789ABCDEFGHIJ";
/// Names with a certificate and records of ours.
pub const NAMES: &str = "distribution: {aliases: [api.example.com, '*.shop.example.com'], requestCertificate: true, hostedZoneId: Z0123456789ABCDEFGHIJ}";

/// The bucket of truststores, in the Region of petstore's API.
pub const BUCKET: &str = "shop-truststores";
/// The name by which CloudFront reaches the API under mutual TLS.
pub const ORIGIN: &str = "origin.example.com";
/// The mode with a client certificate.
pub const MUTUAL_TLS: &str = "access: {mode: MutualTls, mutualTls: {hostedZoneId: Z0123456789ABCDEFGHIJ, originDomain: origin.example.com, truststoreBucket: shop-truststores}}";
/// The modes with a secret value.
pub const KEY: &str = "access: {mode: ApiKey}";
pub const HEADER: &str = "access: {mode: SecretHeader}";

/// An HTTP and a WebSocket API, whose stages deploy by themselves or not.
pub fn routed_apis(auto_deploy: bool) -> [(&'static str, &'static str, Preloaded); 2] {
    let http = Preloaded::http("eu-north-1", "http000000", &["live"]);
    let socket = Preloaded::websocket("eu-north-1", "socket0000", &["live"]);
    [
        ("http000000", "HTTP", Preloaded { auto_deploy, ..http }),
        (
            "socket0000",
            "WEBSOCKET",
            Preloaded {
                auto_deploy,
                ..socket
            },
        ),
    ]
}

/// The spec of an object for the stage `live` of one of those, which may be deployed with what is pending.
pub fn routed(id: &str, kind: &str, mode: &str) -> ProtectedApiSpec {
    live(
        id,
        kind,
        &format!("access: {{deployPendingChanges: true, mode: {mode}}}"),
    )
}

/// The spec of an object for stage `live` of API `id`, with `more` lines.
pub fn live(id: &str, kind: &str, more: &str) -> ProtectedApiSpec {
    let origin =
        format!("origin: {{endpoint: {id}.execute-api.eu-north-1.amazonaws.com, type: {kind}, stage: live}}");
    serde_yaml::from_str(&format!("{origin}\n{more}")).unwrap()
}

/// A cluster in which nothing was declared yet; every pass is watched.
pub fn cluster(settings: Settings) -> Cluster {
    let mut cluster = Cluster::new(settings);
    cluster.cloud.preload_certificate(CERTIFICATE, &["*.example.com"]);
    cluster.cloud.preload_topic(TOPIC);
    cluster.cloud.preload_zone(ZONE, "example.com");
    cluster.cloud.preload_bucket("eu-north-1", BUCKET, true);
    cluster.watch();
    cluster
}

/// The object stays ready over resyncs, and the second of them writes nothing. The journal is empty afterwards.
pub async fn quiet(cluster: &mut Cluster, name: &str) {
    cluster.resync(name).await;
    cluster.cloud.clear_journal();
    cluster.resync(name).await;
    let journal = cluster.cloud.journal();
    assert!(
        journal.writes().is_empty(),
        "a resync wrote: {:#?}",
        journal.writes()
    );
    assert_eq!(
        cluster.condition(name, "Ready"),
        "True",
        "{}",
        cluster.story(name)
    );
    cluster.cloud.clear_journal();
}

/// Some passes, each when the one before asked for it, but within a minute.
pub async fn passes(cluster: &mut Cluster, count: usize) {
    for _ in 0..count {
        let outcome = cluster.pass(NAME).await;
        tokio::time::sleep(outcome.requeue.min(Duration::from_mins(1))).await;
    }
}

/// So many resyncs. Methods are read once an hour: by the seventh at the latest.
pub async fn resyncs(cluster: &mut Cluster, count: usize) {
    for _ in 0..count {
        cluster.resync(NAME).await;
    }
}

/// Status and reason of a condition.
pub fn found(cluster: &Cluster, condition: &str) -> (String, String) {
    (
        cluster.condition(NAME, condition),
        cluster.reason(NAME, condition),
    )
}

/// That both ways are proven: viewers get in, and nobody past the perimeter.
#[track_caller]
pub fn assert_proven(cluster: &Cluster) {
    assert_eq!(
        found(cluster, "ViewerAccessVerified"),
        pair("True", "ViewerReached")
    );
    assert_eq!(
        found(cluster, "DirectAccessBlocked"),
        pair("True", "DirectRefused")
    );
}

/// What [`found`] is compared with.
pub fn pair(status: &str, reason: &str) -> (String, String) {
    (status.to_owned(), reason.to_owned())
}

/// Kind and name of everything that belongs to an object.
pub fn shape(cluster: &Cluster, name: &str) -> Vec<(Kind, String)> {
    let mut found: Vec<_> = cluster
        .cloud
        .resources_of(&cluster.uid(name))
        .into_iter()
        .map(|found| (found.kind, found.name))
        .collect();
    found.sort();
    found
}

/// The object's resource of `kind`.
pub fn the(cluster: &Cluster, kind: Kind) -> Resource {
    let uid = cluster.uid(NAME);
    let found = cluster
        .cloud
        .resources_of(&uid)
        .into_iter()
        .find(|found| found.kind == kind);
    found.unwrap_or_else(|| panic!("no {kind:?}\n{}", cluster.story(NAME)))
}

/// The object's IP set whose name ends so.
pub fn ip_set(cluster: &Cluster, suffix: &str) -> Resource {
    let uid = cluster.uid(NAME);
    let found = cluster
        .cloud
        .resources_of(&uid)
        .into_iter()
        .find(|found| found.name.ends_with(suffix));
    found.unwrap_or_else(|| panic!("no IP set {suffix}"))
}

pub fn config(cluster: &Cluster) -> Element {
    cluster.cloud.config_of(&the(cluster, Kind::Distribution).id)
}

/// The secret values that CloudFront sends.
pub fn values(cluster: &Cluster) -> Vec<Secret> {
    sent_of(&config(cluster)).headers.into_values().collect()
}

/// The text at `path` of the distribution's configuration.
pub fn setting(cluster: &Cluster, path: &str) -> String {
    xml::text_at(&config(cluster), path).unwrap_or_default()
}

pub fn web_acl(cluster: &Cluster) -> Value {
    cluster.cloud.document_of(&the(cluster, Kind::WebAcl).id)
}

/// The web ACL's rule of that name; null where there is none.
pub fn rule(cluster: &Cluster, name: &str) -> Value {
    let document = web_acl(cluster);
    let found = document["Rules"]
        .as_array()
        .into_iter()
        .flatten()
        .find(|rule| rule["Name"] == name);
    found.cloned().unwrap_or_default()
}

/// Names of the web ACL's rules, in the order in which they are asked.
pub fn rules(cluster: &Cluster) -> Vec<String> {
    let document = web_acl(cluster);
    let mut rules: Vec<_> = document["Rules"].as_array().cloned().unwrap_or_default();
    rules.sort_by_key(|rule| rule["Priority"].as_i64());
    rules
        .iter()
        .map(|rule| rule["Name"].as_str().unwrap_or_default().to_owned())
        .collect()
}

/// Calls that serve all objects of an account.
pub fn is_shared(entry: &Entry) -> bool {
    // API Gateway calls the list of one API's methods as the tagging service calls that of everything tagged.
    let is_of_one_api = entry.operation.service == Service::ApiGateway;
    let is_a_list = matches!(
        entry.operation.name,
        "ListDistributions"
            | "ListWebACLs"
            | "ListIPSets"
            | "GetAccountAuthorizationDetails"
            | "ListFunctions"
            | "ListLoggingConfigurations"
            | "GetResources"
            | "ListSubscriptions"
            | "GetSubscriptionState"
            | "ListProtections"
            | "ListHealthChecks"
            | "DescribeAlarms"
            | "ListResourceRecordSets"
            | "GetHostedZone"
    );
    is_a_list && !is_of_one_api
}

/// The calls for one object alone, in words.
pub fn own_calls(cluster: &Cluster) -> Vec<String> {
    let journal = cluster.cloud.journal();
    journal
        .entries
        .iter()
        .filter(|entry| !is_shared(entry))
        .map(told)
        .collect()
}

pub fn told(entry: &Entry) -> String {
    let refused = entry
        .code
        .as_deref()
        .map(|code| format!(" ({code})"))
        .unwrap_or_default();
    format!(
        "{}:{}{refused}",
        entry.operation.service.name(),
        entry.operation.name
    )
}

/// How API Gateway refuses who may not read.
pub const UNREADABLE: Fault = Fault::Refusal(
    "AccessDeniedException",
    "not authorized to perform: apigateway:GET",
);

/// From now on every call of this operation fails so.
pub fn fail(cluster: &Cluster, operation: &'static str, fault: Fault) {
    let always = Rule::next(Scope::Operation(operation), usize::MAX, fault);
    cluster.cloud.inject(always);
}

/// From now on the credentials may not take this action, such as `cloudfront:UpdateDistribution`.
pub fn deny(cluster: &Cluster, action: &str) {
    cluster.cloud.configure(|settings| {
        settings.denied.insert(action.to_owned());
    });
}

/// Whether a fault of the tests struck.
pub fn struck(cluster: &Cluster, fault: Fault) -> bool {
    cluster
        .cloud
        .journal()
        .entries
        .iter()
        .any(|entry| entry.fault == Some(fault))
}

pub async fn hours(hours: u64) {
    tokio::time::sleep(Duration::from_hours(hours)).await;
}

/// Nothing is left in the account.
#[track_caller]
pub fn nothing_left(cluster: &Cluster) {
    let left: Vec<_> = cluster
        .cloud
        .resources()
        .into_iter()
        .map(|found| (found.arn, found.tags))
        .collect();
    assert!(left.is_empty(), "left over: {left:#?}\n{}", history(cluster));
}

/// All writes, and what else was refused, in order.
pub fn history(cluster: &Cluster) -> String {
    let journal = cluster.cloud.journal();
    let notable = journal
        .entries
        .iter()
        .filter(|entry| entry.operation.class.is_write() || entry.code.is_some());
    let lines = notable.map(|entry| {
        format!(
            "{:>8.1}s {} {} {:?}",
            entry.at.as_secs_f32(),
            told(entry),
            entry.resource,
            entry.fault
        )
    });
    lines.collect::<Vec<_>>().join("\n")
}
