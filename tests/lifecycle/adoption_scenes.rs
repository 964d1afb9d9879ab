//! The perimeter of AWS's guide, made by somebody else, and its adoption.

use super::scenes::{NAME, ready};
use super::support::cluster::Cluster;
use super::support::simulation::resources::Kind;
use palisade::api::AdoptionStatus;
use palisade::domain::edge::places::PLACES;
use palisade::domain::edge::xml::{self, Element};
use palisade::domain::kernel::identity::Tags;
use serde_json::{Value, json};
use std::time::Duration;

/// What somebody else made before petstore's API: viewers get in by it.
pub struct Theirs {
    pub id: String,
    pub arn: String,
    /// The configuration, as found.
    pub config: Element,
    /// Its tags, as found.
    pub tags: Tags,
    /// ARN and id of its web ACL.
    pub web_acl: String,
    pub web_acl_id: String,
    /// A rule of it that no spec here has.
    pub rule: Value,
    /// ARN of the function version that signs.
    pub version: String,
    /// All that is theirs besides, with hashes.
    pub others: Vec<(String, Option<u64>)>,
}

impl Theirs {
    /// All that is theirs besides the distribution, with hashes.
    pub fn others(&self, cluster: &Cluster) -> Vec<(String, Option<u64>)> {
        let all = Self::everything(cluster).into_iter();
        all.filter(|(arn, _)| self.others.iter().any(|(known, _)| known == arn))
            .collect()
    }

    /// All that there is, with hashes.
    pub fn everything(cluster: &Cluster) -> Vec<(String, Option<u64>)> {
        let resources = cluster.cloud.hashed_resources().into_iter();
        let mut all: Vec<_> = resources.map(|found| (found.arn, found.hash)).collect();
        all.sort();
        all
    }

    /// Name of the role with which the former function signs.
    pub fn role(&self, cluster: &Cluster) -> String {
        let (_, function) = self.version.split_once(":function:").unwrap();
        let (name, _) = function.split_once(':').unwrap();
        let role = cluster.cloud.function_settings(name).role;
        role.rsplit_once('/').unwrap().1.to_owned()
    }

    pub fn tags(&self, cluster: &Cluster) -> Tags {
        let resources = cluster.cloud.resources();
        let found = resources.into_iter().find(|found| found.arn == self.arn);
        found.expect("it is there").tags
    }
}

/// A cluster in which nothing was declared yet, and such a perimeter stands. It was made as Palisade makes one, and nothing tells so any
/// more.
pub async fn guide() -> (Cluster, Theirs) {
    let mut cluster = ready("").await;
    cluster.invariants = None;
    let uid = cluster.uid(NAME);
    let resources = cluster.cloud.resources_of(&uid);
    cluster.objects.remove(NAME);
    let the = |kind: Kind| resources.iter().find(|found| found.kind == kind).unwrap();
    let (distribution, web_acl) = (the(Kind::Distribution), the(Kind::WebAcl));
    for found in &resources {
        cluster.cloud.set_tags(&found.arn, &Tags::new());
    }
    let tags = Tags::from([("team".to_owned(), "theirs".to_owned())]);
    cluster.cloud.set_tags(&distribution.arn, &tags);
    let rule = json!({
        "Name": "their-rate", "Priority": 5, "Action": {"Block": {}},
        "Statement": {"RateBasedStatement": {"Limit": 500, "EvaluationWindowSec": 300, "AggregateKeyType": "IP"}},
        "VisibilityConfig": {"SampledRequestsEnabled": true, "CloudWatchMetricsEnabled": true, "MetricName": "their-rate"},
    });
    cluster
        .cloud
        .edit_web_acl(&web_acl.id, |document| rename(document, &rule));
    let document = cluster.cloud.document_of(&web_acl.id);
    let mut rules = document["Rules"].as_array().unwrap().iter();
    let rule = rules.find(|known| known["Name"] == rule["Name"]).unwrap().clone();
    cluster.cloud.edit_distribution(&distribution.id, as_theirs);
    // Lists and edge locations catch up.
    tokio::time::sleep(Duration::from_mins(10)).await;
    cluster.restart();
    cluster.cloud.clear_journal();
    let config = cluster.cloud.config_of(&distribution.id);
    let version = xml::items_at(&config, "DefaultCacheBehavior/LambdaFunctionAssociations")[0];
    let version = xml::text_at(version, "LambdaFunctionARN").unwrap();
    let others = Theirs::everything(&cluster).into_iter();
    let theirs = Theirs {
        id: distribution.id.clone(),
        arn: distribution.arn.clone(),
        config,
        tags,
        web_acl: web_acl.arn.clone(),
        web_acl_id: web_acl.id.clone(),
        rule,
        version,
        others: others.filter(|(arn, _)| *arn != distribution.arn).collect(),
    };
    assert_served(&cluster, &theirs);
    (cluster, theirs)
}

/// Rules called as others call theirs, and one more.
fn rename(document: &mut Value, more: &Value) {
    let rules = document["Rules"].as_array_mut().unwrap();
    for rule in rules.iter_mut() {
        let name = rule["Name"]
            .as_str()
            .unwrap_or_default()
            .replace("palisade-", "their-managed-");
        rule["Name"] = json!(name);
        rule["VisibilityConfig"]["MetricName"] = json!(name);
    }
    // What the spec says by a rate limit is another rule.
    rules.retain(|rule| rule["Statement"].get("ManagedRuleGroupStatement").is_some());
    rules.push(more.clone());
}

/// What somebody else has: a comment of their own, another root, and an element that is newer than any client.
fn as_theirs(config: &mut Element) {
    let mut put = |element: Element| xml::put(config, element, &[]);
    put(xml::text("Comment", "perimeter of the guide"));
    put(xml::parent(
        "NewerThanAnyClient",
        vec![xml::text("Enabled", true)],
    ));
    put(xml::text("DefaultRootObject", "index.html"));
}

/// A spec that adopts the distribution of this id, with `more` fields of adopt.
pub fn adopt(id: &str, more: &str) -> String {
    let more = if more.is_empty() {
        String::new()
    } else {
        format!(", {more}")
    };
    format!("distribution: {{adopt: {{id: {id}{more}}}}}")
}

/// The object, once its plan was shown and is confirmed; nothing is done of it yet.
pub async fn confirmed(cluster: &mut Cluster, theirs: &Theirs) {
    confirmed_with(cluster, theirs, "").await;
}

/// The same, with `more` lines of spec.
pub async fn confirmed_with(cluster: &mut Cluster, theirs: &Theirs, more: &str) {
    cluster.apply(NAME, &format!("{}\n{more}", adopt(&theirs.id, "")));
    cluster.settle(NAME).await;
    let confirm = format!("confirm: '{}'", hash(cluster));
    cluster.apply(NAME, &format!("{}\n{more}", adopt(&theirs.id, &confirm)));
    cluster.cloud.clear_journal();
}

/// A cluster whose object has adopted the distribution, and is ready.
pub async fn adopted() -> (Cluster, Theirs) {
    adopted_with("").await
}

/// The same, with `more` lines of spec.
pub async fn adopted_with(more: &str) -> (Cluster, Theirs) {
    let (mut cluster, theirs) = guide().await;
    confirmed_with(&mut cluster, &theirs, more).await;
    cluster.ready(NAME).await;
    (cluster, theirs)
}

/// Passes until the object is at rest, with a look at viewers after each.
pub async fn passes_with_viewers(cluster: &mut Cluster, theirs: &Theirs) {
    for _ in 0..60 {
        let outcome = cluster.pass_surviving(NAME).await;
        assert_served(cluster, theirs);
        tokio::time::sleep(outcome.requeue.min(Duration::from_secs(20))).await;
        assert_served(cluster, theirs);
    }
}

/// Whether viewers of the distribution get in.
#[track_caller]
pub fn assert_served(cluster: &Cluster, theirs: &Theirs) {
    cluster.cloud.any_viewer_is_served(&theirs.id).unwrap();
}

/// What status tells of the adoption.
pub fn adoption(cluster: &Cluster) -> AdoptionStatus {
    let status = cluster.objects[NAME].status.clone().unwrap_or_default();
    status
        .adoption
        .unwrap_or_else(|| panic!("no adoption in status\n{}", cluster.story(NAME)))
}

/// The same, once it says that nothing is adopted, or given back, as it is.
pub async fn refused(cluster: &mut Cluster) -> AdoptionStatus {
    assert_eq!(
        cluster.stalled(NAME).await,
        "AdoptionRefused",
        "{}",
        cluster.story(NAME)
    );
    adoption(cluster)
}

/// The hash that status shows.
pub fn hash(cluster: &Cluster) -> String {
    adoption(cluster).hash.expect("a plan with a hash")
}

/// `config` with what the plan names as it was found.
pub fn unnamed(config: &Element, theirs: &Theirs) -> Element {
    let mut config = config.clone();
    let named = [
        "Comment",
        "WebACLId",
        "DefaultCacheBehavior/LambdaFunctionAssociations",
    ];
    for place in PLACES {
        if named.contains(&place.name().as_str()) {
            place.write(&mut config, "", place.read(&theirs.config, "").cloned());
        }
    }
    config
}
