//! The pieces of a perimeter, as small as AWS accepts them, for tests that talk to `Cloud` directly.

use palisade::aws::cloud::{Cloud, CloudError};
use palisade::domain::access::credentials::api_key::KeyCreation;
use palisade::domain::edge::distribution;
use palisade::domain::edge::xml::{self, Element};
use palisade::domain::firewall::ip_set;
use palisade::domain::firewall::web_acl::Entity;
use palisade::domain::kernel::identity::{Owner, TAG_CLUSTER, Tags};
use palisade::domain::kernel::secret::Secret;
use palisade::domain::signer::function::{self, EDGE_REGION};
use palisade::domain::signer::role;
use serde_json::{Value, json};
use std::io::Write as _;
use std::time::Duration;

/// The cluster that all owners here live in.
pub const CLUSTER: &str = "c1c1c1c1-0000-4000-8000-000000000000";

/// An owner whose UID begins with `name`.
pub fn owner(name: &str) -> Owner {
    Owner {
        cluster: CLUSTER.to_owned(),
        namespace: "shop".to_owned(),
        name: name.to_owned(),
        uid: format!("{name}-0000-4000-8000-000000000000"),
        taken: None,
    }
}

pub fn tags(name: &str) -> Tags {
    owner(name).tags()
}

/// The least that says whose something of another cluster is.
pub fn tags_of(name: &str, cluster: &str) -> Tags {
    [(TAG_CLUSTER, cluster), ("palisade.dev/name", name)]
        .map(|(key, value)| (key.to_owned(), value.to_owned()))
        .into()
}

pub fn text(value: &str) -> String {
    value.to_owned()
}

pub fn trust(services: &[&str]) -> Value {
    let statement =
        json!({"Effect": "Allow", "Principal": {"Service": services}, "Action": "sts:AssumeRole"});
    json!({"Version": "2012-10-17", "Statement": [statement]})
}

pub fn role(name: &str) -> role::Creation {
    role::Creation {
        name: name.to_owned(),
        trust: trust(&["lambda.amazonaws.com", "edgelambda.amazonaws.com"]),
        boundary: None,
        description: "signs requests".to_owned(),
        tags: tags(name),
    }
}

pub fn role_of(name: &str, cluster: &str) -> role::Creation {
    role::Creation {
        tags: tags_of(name, cluster),
        ..role(name)
    }
}

pub fn key_of(name: &str, cluster: &str) -> KeyCreation {
    KeyCreation {
        name: name.to_owned(),
        value: Secret::from_random(&[7; 32]),
        description: "of a test".to_owned(),
        tags: tags_of(name, cluster),
    }
}

pub fn policy() -> Value {
    let statement = json!({"Effect": "Allow", "Action": "execute-api:Invoke", "Resource": "*"});
    json!({"Version": "2012-10-17", "Statement": [statement]})
}

/// A package whose only file holds `source`.
pub fn package(source: &str) -> Vec<u8> {
    let mut writer = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
    let options = zip::write::SimpleFileOptions::default().compression_method(zip::CompressionMethod::Stored);
    writer.start_file("index.mjs", options).unwrap();
    writer.write_all(source.as_bytes()).unwrap();
    writer.finish().unwrap().into_inner()
}

pub fn settings(role_arn: &str) -> function::Settings {
    function::Settings {
        role: role_arn.to_owned(),
        runtime: "nodejs24.x".to_owned(),
        handler: "index.handler".to_owned(),
        timeout: 30,
        memory: 128,
        description: "signs requests".to_owned(),
        foreign: function::Foreign::default(),
    }
}

pub fn function(name: &str, role_arn: &str) -> function::Creation {
    function::Creation {
        name: name.to_owned(),
        settings: settings(role_arn),
        zip: package("export const handler = async () => ({});"),
        publish: true,
        tags: tags(name),
    }
}

pub fn ip_set(name: &str, addresses: &[&str]) -> ip_set::Creation {
    ip_set::Creation {
        name: name.to_owned(),
        version: "IPV4".to_owned(),
        addresses: addresses.iter().map(ToString::to_string).collect(),
        tags: tags(name),
    }
}

pub fn ip_set_of(name: &str, cluster: &str) -> ip_set::Creation {
    ip_set::Creation {
        tags: tags_of(name, cluster),
        ..ip_set(name, &["192.0.2.0/24"])
    }
}

pub fn visibility(name: &str) -> Value {
    json!({"SampledRequestsEnabled": true, "CloudWatchMetricsEnabled": true, "MetricName": name})
}

/// A rule that blocks what `statement` finds.
pub fn rule(name: &str, priority: u32, statement: &Value) -> Value {
    json!({
        "Name": name, "Priority": priority, "Statement": statement,
        "Action": {"Block": {}}, "VisibilityConfig": visibility(name)
    })
}

/// A rule by one of AWS's managed groups.
pub fn managed_rule(name: &str, priority: u32, group: &Value) -> Value {
    json!({
        "Name": name, "Priority": priority, "Statement": {"ManagedRuleGroupStatement": group},
        "OverrideAction": {"None": {}}, "VisibilityConfig": visibility(name)
    })
}

pub fn rate(limit: i64) -> Value {
    json!({"RateBasedStatement": {"Limit": limit, "AggregateKeyType": "IP"}})
}

pub fn web_acl(rules: &[Value]) -> Value {
    json!({
        "DefaultAction": {"Allow": {}}, "Description": "keeps watch", "Rules": rules,
        "VisibilityConfig": visibility("acl")
    })
}

/// A distribution in front of one API; `edge` are a web ACL's and a function version's ARN.
pub fn config(reference: &str, edge: Option<(&str, &str)>) -> Element {
    let (web_acl, function) = edge.unzip();
    distribution_config(reference, function, web_acl.unwrap_or_default(), vec![])
}

/// The same with either alone; `more` goes before `Enabled`.
pub fn distribution_config(
    reference: &str,
    function: Option<&str>,
    web_acl: &str,
    more: Vec<Element>,
) -> Element {
    let origin = xml::parent(
        "Origin",
        vec![
            xml::text("Id", "api"),
            xml::text("DomainName", "a1b2c3d4e5.execute-api.eu-north-1.amazonaws.com"),
            xml::parent(
                "CustomOriginConfig",
                vec![
                    xml::text("HTTPPort", 80),
                    xml::text("HTTPSPort", 443),
                    xml::text("OriginProtocolPolicy", "https-only"),
                    xml::list("OriginSslProtocols", vec![xml::text("SslProtocol", "TLSv1.2")]),
                ],
            ),
        ],
    );
    let behaviour = vec![
        xml::text("TargetOriginId", "api"),
        xml::text("ViewerProtocolPolicy", "https-only"),
        xml::list(
            "LambdaFunctionAssociations",
            function.into_iter().map(association).collect(),
        ),
        xml::text("CachePolicyId", "4135ea2d-6df8-44a3-9df3-4b5a84be39ad"),
        xml::text("OriginRequestPolicyId", "b689b0a8-53d0-40ab-baf2-68738e2966ac"),
    ];
    let mut children = vec![
        xml::text("CallerReference", reference),
        xml::list("Origins", vec![origin]),
        xml::parent("DefaultCacheBehavior", behaviour),
        xml::text("Comment", reference),
    ];
    children.extend(more);
    children.push(xml::text("Enabled", "true"));
    children.push(xml::text("WebACLId", web_acl));
    xml::parent("DistributionConfig", children)
}

fn association(function_arn: &str) -> Element {
    xml::parent(
        "LambdaFunctionAssociation",
        vec![
            xml::text("LambdaFunctionARN", function_arn),
            xml::text("EventType", "origin-request"),
            xml::text("IncludeBody", "true"),
        ],
    )
}

/// The configuration with one top-level element replaced.
pub fn with(config: &Element, child: Element) -> Element {
    let mut changed = config.clone();
    xml::put(&mut changed, child, &[]);
    changed
}

/// What stands when a perimeter is complete.
pub struct Perimeter {
    pub role: role::Observed,
    pub function: function::Configuration,
    pub web_acl: Entity,
    pub distribution: distribution::Content,
}

/// Builds a perimeter, waiting wherever AWS makes callers wait.
pub async fn build(cloud: &dyn Cloud, name: &str) -> Perimeter {
    let role = cloud.create_role(role(name)).await.unwrap();
    cloud
        .put_role_policy(name.to_owned(), "invoke".to_owned(), policy())
        .await
        .unwrap();
    let function = active_function(cloud, name, &role.arn).await;
    let acl = web_acl(&[rule("per-ip", 1000, &rate(2000))]);
    let web_acl = cloud
        .create_web_acl(name.to_owned(), acl, tags(name))
        .await
        .unwrap();
    let wanted = config(&owner(name).uid, Some((&web_acl.arn, &function.arn)));
    let distribution = patiently(async || cloud.create_distribution(wanted.clone(), tags(name)).await)
        .await
        .unwrap();
    Perimeter {
        role,
        function,
        web_acl,
        distribution,
    }
}

/// Makes a function whose first version is Active.
pub async fn active_function(cloud: &dyn Cloud, name: &str, role_arn: &str) -> function::Configuration {
    let wanted = function(name, role_arn);
    let made = patiently(async || {
        cloud
            .create_function(EDGE_REGION.to_owned(), wanted.clone())
            .await
    })
    .await
    .unwrap();
    eventually("the version is Active", async || {
        let version = Some(made.version.clone());
        let found = cloud
            .get_function_configuration(name.to_owned(), version)
            .await
            .unwrap();
        found.state == function::State::Active && settled(cloud, name).await
    })
    .await;
    made
}

/// Whether `$LATEST` is neither being made nor updated.
pub async fn settled(cloud: &dyn Cloud, name: &str) -> bool {
    let latest = cloud
        .get_function_configuration(name.to_owned(), None)
        .await
        .unwrap();
    latest.state == function::State::Active && !latest.updating
}

/// Repeats a call while AWS has not caught up with an earlier one.
pub async fn patiently<T>(call: impl AsyncFn() -> Result<T, CloudError>) -> Result<T, CloudError> {
    use palisade::aws::errors::ErrorKind;
    for _ in 0..ATTEMPTS {
        match call().await {
            Err(error) if error.kind == ErrorKind::NotYet => tokio::time::sleep(PAUSE).await,
            other => return other,
        }
    }
    call().await
}

/// Waits until `condition` holds.
pub async fn eventually(what: &str, condition: impl AsyncFn() -> bool) {
    for _ in 0..ATTEMPTS {
        if condition().await {
            return;
        }
        tokio::time::sleep(PAUSE).await;
    }
    panic!("it never came true that {what}");
}

/// Waits until the distribution's last configuration is Deployed.
pub async fn deployed(cloud: &dyn Cloud, id: &str) -> distribution::Content {
    eventually("the distribution is Deployed", async || {
        cloud.get_distribution(id.to_owned()).await.unwrap().status == "Deployed"
    })
    .await;
    cloud.get_distribution(id.to_owned()).await.unwrap()
}

/// How often AWS is asked again; long enough for the shortest delays of the emulator and the longest of a simulation.
const ATTEMPTS: usize = 400;
const PAUSE: Duration = Duration::from_millis(100);
