//! One perimeter's life, in which every operation of the table is called.

use super::pieces::{self, distribution_config, ip_set_of, package, role_of, settings, tags_of};
use super::{keys, locks, mutual_tls, named, shields};
use async_trait::async_trait;
use jiff::{SignedDuration, Timestamp};
use palisade::aws::cloud::{Cloud, CloudError};
use palisade::aws::operations::{Answer, Call, OPERATIONS, Operation};
use palisade::domain::edge::config::{ALL_VIEWER_EXCEPT_HOST, CACHING_DISABLED};
use palisade::domain::edge::xml;
use palisade::domain::firewall::samples::{Query, Window};
use palisade::domain::firewall::web_acl;
use palisade::domain::signer::function::{self, EDGE_REGION};
use palisade::domain::signer::role;
use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::sync::Mutex;

/// Remembers which operations answered.
pub struct Recording<C> {
    inner: C,
    called: Mutex<BTreeSet<Operation>>,
}

impl<C: Cloud> Recording<C> {
    pub fn new(inner: C) -> Self {
        Self {
            inner,
            called: Mutex::default(),
        }
    }

    /// Operations of the table that never answered with success.
    pub fn missing(&self) -> Vec<Operation> {
        let called = self.called.lock().expect("no test panics while it holds this");
        OPERATIONS
            .iter()
            .copied()
            .filter(|operation| !called.contains(operation))
            .collect()
    }
}

#[async_trait]
impl<C: Cloud> Cloud for Recording<C> {
    async fn call(&self, call: Call) -> Result<Answer, CloudError> {
        let operation = call.operation();
        let result = self.inner.call(call).await;
        if result.is_ok() {
            self.called
                .lock()
                .expect("no test panics while it holds this")
                .insert(operation);
        }
        result
    }
}

/// A role of ours to which somebody attached a managed policy.
const ATTACHED: &str = "palisade-attached";
const POLICY: &str = "arn:aws:iam::aws:policy/ReadOnlyAccess";

/// That role, for those who can make one with a policy.
pub fn attached_role() -> Value {
    json!({
        "name": ATTACHED, "path": "/palisade/", "managedPolicies": [POLICY],
        "trustPolicy": {"Version": "2012-10-17", "Statement": [
            {"Effect": "Allow", "Principal": {"Service": "lambda.amazonaws.com"}, "Action": "sts:AssumeRole"}]},
    })
}

/// Builds a perimeter called `name` of `cluster`, changes everything about it, and takes it down.
///
/// `boundary` is the ARN of a managed policy to use as permissions boundary.
pub async fn live(
    cloud: &(dyn Cloud + '_),
    name: &str,
    cluster: &str,
    boundary: Option<&str>,
) -> Result<(), CloudError> {
    cloud.get_caller_identity().await?;
    locks::lock_and_open_apis(cloud).await?;
    keys::open_by_key(cloud, name, cluster).await?;
    Box::pin(mutual_tls::show(cloud, name, cluster)).await?;
    let role = build_role(cloud, name, cluster, boundary).await?;
    cloud.detach_role_policy(ATTACHED.into(), POLICY.into()).await?;
    assert_eq!(
        cloud.list_attached_role_policies(ATTACHED.into()).await?,
        Vec::<String>::new()
    );
    keys::open_by_header(cloud, name, cluster, &role.arn).await?;
    let version = build_function(cloud, name, cluster, &role.arn).await?;
    let set = build_ip_set(cloud, name, cluster).await?;
    let acl = build_web_acl(cloud, name, cluster, &set.arn).await?;
    change_logging(cloud, &acl.arn).await?;
    Box::pin(distribute(cloud, name, cluster, &version.arn, &acl.arn)).await?;
    // Shield has written it meanwhile.
    let acl = cloud.get_web_acl(acl.id, acl.name).await?.entity;
    cloud.list_tagged(cluster.to_owned(), None).await?;
    cloud.list_tagged_of_shield(cluster.to_owned(), None).await?;
    cloud.list_pricing_plans(None).await?;
    let (from, until) = (Timestamp::UNIX_EPOCH, Timestamp::now());
    let counted = cloud
        .count_requests(vec![name.to_owned()], from, until, None)
        .await?;
    assert_eq!(counted.items, []);
    take_down(cloud, name, acl, set, boundary.is_some()).await
}

async fn build_role(
    cloud: &(dyn Cloud + '_),
    name: &str,
    cluster: &str,
    boundary: Option<&str>,
) -> Result<role::Observed, CloudError> {
    let wanted = role::Creation {
        boundary: boundary.map(str::to_owned),
        ..role_of(name, cluster)
    };
    let made = cloud.create_role(wanted.clone()).await?;
    assert_eq!(made.path, "/palisade/");
    let policy = json!({"Version": "2012-10-17", "Statement": [
        {"Effect": "Allow", "Action": "execute-api:Invoke", "Resource": "arn:aws:execute-api:*:*:a*/*"}]});
    cloud
        .put_role_policy(name.into(), "palisade-signer".into(), policy.clone())
        .await?;
    cloud
        .update_assume_role_policy(name.into(), wanted.trust.clone())
        .await?;
    if let Some(boundary) = boundary {
        cloud.put_role_boundary(name.into(), boundary.into()).await?;
    }
    cloud
        .tag_role(name.into(), [("team".into(), "shop söns".into())].into())
        .await?;
    assert_eq!(cloud.list_role_policies(name.into()).await?, ["palisade-signer"]);
    assert_eq!(
        cloud
            .get_role_policy(name.into(), "palisade-signer".into())
            .await?,
        policy
    );
    let read = cloud.get_role(name.into()).await?;
    let listed = cloud
        .list_roles(None)
        .await?
        .items
        .into_iter()
        .find(|role| role.name == name);
    let listed = listed.expect("a role that was made is listed");
    assert_eq!(listed.policies["palisade-signer"], policy);
    assert_eq!((&listed.trust, &listed.tags), (&wanted.trust, &read.tags));
    assert_eq!(
        (listed.boundary.as_deref(), read.boundary.as_deref()),
        (boundary, boundary)
    );
    assert_eq!(read.tags["team"], "shop söns");
    cloud.untag_role(name.into(), vec!["team".into()]).await?;
    Ok(read)
}

async fn build_function(
    cloud: &(dyn Cloud + '_),
    name: &str,
    cluster: &str,
    role: &str,
) -> Result<function::Configuration, CloudError> {
    let creation = function::Creation {
        name: name.to_owned(),
        settings: settings(role),
        zip: package("export const handler = async () => 1;"),
        publish: true,
        tags: tags_of(name, cluster),
    };
    let first = cloud.create_function(EDGE_REGION.to_owned(), creation).await?;
    assert_eq!(
        (first.version.as_str(), first.arn.ends_with(":1")),
        ("1", true),
        "{first:?}"
    );
    let found = cloud.get_function(EDGE_REGION.to_owned(), name.into()).await?;
    assert_eq!(
        (found.latest.version.as_str(), &found.tags),
        ("$LATEST", &tags_of(name, cluster))
    );
    let arn = found.latest.arn.clone();
    cloud
        .tag_function(arn.clone(), [("team".into(), "shop".into())].into())
        .await?;
    cloud.untag_function(arn, vec!["team".into()]).await?;
    let changed = function::Settings {
        timeout: 7,
        ..settings(role)
    };
    let latest = cloud
        .update_function_configuration(
            EDGE_REGION.to_owned(),
            name.into(),
            changed,
            found.latest.revision,
        )
        .await?;
    assert_eq!((latest.version.as_str(), latest.settings.timeout), ("$LATEST", 7));
    let zip = package("export const handler = async () => 2;");
    let second = cloud
        .update_function_code(EDGE_REGION.to_owned(), name.into(), zip, latest.revision, true)
        .await?;
    assert_eq!(second.version, "2");
    let again = cloud
        .publish_version(name.into(), second.code_sha256.clone())
        .await?;
    assert_eq!(again.version, "2");
    let read = cloud
        .get_function_configuration(name.into(), Some("2".into()))
        .await?;
    assert_eq!((read.state, &read.arn), (function::State::Active, &second.arn));
    let versions = cloud.list_versions(name.into(), None).await?.items;
    let numbers: Vec<_> = versions.iter().map(|version| version.version.as_str()).collect();
    assert_eq!(numbers, ["1", "2"]);
    let listed = cloud.list_functions(None).await?.items;
    assert!(
        listed
            .iter()
            .any(|function| function.name == name && function.code_sha256 == second.code_sha256)
    );
    Ok(read)
}

async fn build_ip_set(
    cloud: &(dyn Cloud + '_),
    name: &str,
    cluster: &str,
) -> Result<web_acl::Entity, CloudError> {
    let set = cloud.create_ip_set(ip_set_of(name, cluster)).await?;
    let addresses = vec!["198.51.100.0/24".to_owned(), "203.0.113.7/32".to_owned()];
    let token = cloud.update_ip_set(set.clone(), addresses.clone()).await?;
    let read = cloud.get_ip_set(set.id.clone(), set.name.clone()).await?;
    assert_eq!(
        (read.entity.lock_token, read.addresses, read.version.as_str()),
        (token.clone(), addresses, "IPV4")
    );
    let listed = cloud.list_ip_sets(None).await?.items;
    assert!(listed.iter().any(|it| it.id == set.id && it.lock_token == token));
    Ok(web_acl::Entity {
        lock_token: token,
        ..set
    })
}

async fn build_web_acl(
    cloud: &(dyn Cloud + '_),
    name: &str,
    cluster: &str,
    set: &str,
) -> Result<web_acl::Entity, CloudError> {
    let reference = json!({"IPSetReferenceStatement": {"ARN": set}});
    let rules = [pieces::rule("palisade-block", 1000, &reference)];
    assert!(cloud.check_capacity(json!(rules)).await? >= 1);
    let made = cloud
        .create_web_acl(name.into(), pieces::web_acl(&[]), tags_of(name, cluster))
        .await?;
    let token = cloud
        .update_web_acl(made.clone(), pieces::web_acl(&rules))
        .await?;
    let read = cloud.get_web_acl(made.id.clone(), name.into()).await?;
    assert_eq!(
        (&read.entity.lock_token, &read.document["Rules"]),
        (&token, &json!(rules))
    );
    assert!(cloud.list_web_acls(None).await?.items.contains(&read.entity));
    let now = Timestamp::now();
    let query = Query {
        web_acl_arn: made.arn.clone(),
        metric: "palisade-block".into(),
        window: Window {
            from: now - SignedDuration::from_hours(1),
            to: now,
        },
    };
    assert_eq!(cloud.get_sampled_requests(query).await?.requests, vec![]);
    cloud
        .tag_waf(made.arn.clone(), [("team".into(), "shop".into())].into())
        .await?;
    assert_eq!(cloud.list_waf_tags(made.arn.clone()).await?["team"], "shop");
    cloud.untag_waf(made.arn.clone(), vec!["team".into()]).await?;
    assert_eq!(
        cloud.list_waf_tags(made.arn.clone()).await?,
        tags_of(name, cluster)
    );
    Ok(read.entity)
}

async fn change_logging(cloud: &(dyn Cloud + '_), arn: &str) -> Result<(), CloudError> {
    let destination = "arn:aws:logs:us-east-1:123456789012:log-group:aws-waf-logs-test";
    let wanted = json!({"ResourceArn": arn, "LogDestinationConfigs": [destination],
        "RedactedFields": [{"SingleHeader": {"Name": "authorization"}}]});
    let stored = cloud.put_logging_configuration(wanted.clone()).await?;
    assert_eq!(stored["LogDestinationConfigs"], wanted["LogDestinationConfigs"]);
    let read = cloud.get_logging_configuration(arn.into()).await?;
    assert_eq!(read["RedactedFields"], wanted["RedactedFields"]);
    assert!(
        cloud
            .list_logging_configurations(None)
            .await?
            .items
            .contains(&read)
    );
    cloud.delete_logging_configuration(arn.into()).await
}

async fn distribute(
    cloud: &(dyn Cloud + '_),
    name: &str,
    cluster: &str,
    function: &str,
    web_acl: &str,
) -> Result<(), CloudError> {
    let config = distribution_config(name, Some(function), web_acl, vec![]);
    let made = cloud.create_distribution(config, tags_of(name, cluster)).await?;
    let listed = cloud
        .list_distributions(None)
        .await?
        .items
        .into_iter()
        .find(|it| it.id == made.id);
    let listed = listed.expect("a distribution that was made is listed");
    assert_eq!(
        (&listed.etag, &listed.web_acl_arn),
        (&made.etag, &web_acl.to_owned())
    );
    assert_eq!(listed.functions, [function]);
    cloud
        .tag_distribution(made.arn.clone(), [("team".into(), "a + ü".into())].into())
        .await?;
    assert_eq!(
        cloud.list_distribution_tags(made.arn.clone()).await?["team"],
        "a + ü"
    );
    cloud
        .untag_distribution(made.arn.clone(), vec!["team".into()])
        .await?;
    assert_eq!(
        cloud.list_distribution_tags(made.arn.clone()).await?,
        tags_of(name, cluster)
    );
    Box::pin(shields::protect(cloud, name, cluster, &made.arn)).await?;
    let certificate = Box::pin(named::name(cloud, name, cluster, &made)).await?;
    let headers = cloud
        .get_origin_request_policy(ALL_VIEWER_EXCEPT_HOST.into())
        .await?;
    assert!(!headers.sends_host(), "{headers:?}");
    let headers = cloud.get_cache_policy(CACHING_DISABLED.into()).await?;
    assert!(!headers.sends_host(), "{headers:?}");
    let found = cloud.get_distribution(made.id.clone()).await?;
    let mut config = found.config;
    xml::put(&mut config, xml::text("Enabled", "false"), &[]);
    let disabled = cloud
        .update_distribution(made.id.clone(), found.etag, config.clone())
        .await?;
    assert_eq!(disabled.config, config);
    cloud.delete_distribution(made.id, disabled.etag).await?;
    cloud.delete_certificate(certificate).await
}

async fn take_down(
    cloud: &(dyn Cloud + '_),
    name: &str,
    acl: web_acl::Entity,
    set: web_acl::Entity,
    bounded: bool,
) -> Result<(), CloudError> {
    cloud.delete_web_acl(acl).await?;
    cloud.delete_ip_set(set).await?;
    cloud
        .delete_function(EDGE_REGION.to_owned(), name.into(), Some("1".into()))
        .await?;
    cloud
        .delete_function(EDGE_REGION.to_owned(), name.into(), None)
        .await?;
    if bounded {
        cloud.delete_role_boundary(name.into()).await?;
    }
    cloud
        .delete_role_policy(name.into(), "palisade-signer".into())
        .await?;
    cloud.delete_role(name.into()).await
}
