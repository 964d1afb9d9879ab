//! `ProtectedApi`: one Amazon API Gateway API and the perimeter in front of it.

use super::access::{AccessSpec, Probes};
use super::distribution::DistributionSpec;
use super::shield::ShieldSpec;
use super::status::ProtectedApiStatus;
use super::take_over::{HandOverSpec, TakeOverSpec};
use super::transitions::{
    ADOPT, ENDPOINT, LEFT, STAGE_OF_LEFT, STAGE_OF_MUTUAL_TLS, STAGE_UNPROVEN, TAKEN_OVER, TYPE,
};
use super::web_acl::WebAclSpec;
use kube::{CustomResource, KubeSchema};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

// No field here has a schema default: the built-in baseline is merged in `domain::perimeter::desired`, so that a
// class of the platform team can set any field later without being shadowed by the API server.
/// What one team declares: which API is protected, and how.
#[derive(CustomResource, KubeSchema, Serialize, Deserialize, Debug, Clone, PartialEq)]
#[kube(
    group = "palisade.dev",
    version = "v1alpha1",
    kind = "ProtectedApi",
    plural = "protectedapis",
    shortname = "papi",
    category = "palisade",
    namespaced,
    status = "ProtectedApiStatus",
    derive = "PartialEq",
    doc = "A perimeter (CloudFront, AWS WAF, request signing) in front of one Amazon API Gateway API.",
    printcolumn(name = "Ready", type_ = "string", json_path = ".status.conditions[?(@.type==\"Ready\")].status"),
    printcolumn(name = "URL", type_ = "string", json_path = ".status.url"),
    printcolumn(name = "Locked", type_ = "string", description = "Whether the API accepts only the perimeter",
        json_path = ".status.conditions[?(@.type==\"AccessRestricted\")].status"),
    printcolumn(name = "Reason", type_ = "string", description = "Why the object is, or is not, ready",
        json_path = ".status.conditions[?(@.type==\"Ready\")].reason"),
    printcolumn(name = "Age", type_ = "date", json_path = ".metadata.creationTimestamp"),
    printcolumn(name = "Endpoint", type_ = "string", priority = 1, json_path = ".spec.origin.endpoint"),
    printcolumn(name = "Stage", type_ = "string", priority = 1, json_path = ".spec.origin.stage"),
    printcolumn(name = "Account", type_ = "string", priority = 1, json_path = ".status.accountId"),
    printcolumn(name = "Distribution", type_ = "string", priority = 1, json_path = ".status.distribution.id"),
    printcolumn(name = "State", type_ = "string", priority = 1, json_path = ".status.distribution.state"),
    printcolumn(name = "Shield", type_ = "string", priority = 1, json_path = ".status.shield.automaticResponse"),
    printcolumn(name = "Message", type_ = "string", priority = 1,
        json_path = ".status.conditions[?(@.type==\"Ready\")].message"),
    validation = Rule::new("self.metadata.name.size() <= 63")
        .message("metadata.name must have at most 63 characters: it becomes a tag value and part of AWS names"),
    validation = Rule::new("self.spec.origin.stage == oldSelf.spec.origin.stage || !has(self.status) || !has(self.status.access) || !has(self.status.access.lockUnproven) || !self.status.access.lockUnproven")
        .message(STAGE_UNPROVEN),
    validation = Rule::new("!has(oldSelf.status) || !has(oldSelf.status.takeOver) || (has(self.spec.takeOver) && self.spec.takeOver.uid == oldSelf.status.takeOver.uid) || (has(self.spec.takeOver) ? self.spec.takeOver.uid : '') == (has(oldSelf.spec.takeOver) ? oldSelf.spec.takeOver.uid : '')")
        .message(TAKEN_OVER),
    validation = Rule::new("(self.spec.origin.stage == oldSelf.spec.origin.stage && (has(self.spec.origin.path) ? self.spec.origin.path : '') == (has(oldSelf.spec.origin.path) ? oldSelf.spec.origin.path : '')) || !has(self.status) || !has(self.status.access) || !has(self.status.access.mutualTls) || !has(self.status.access.mutualTls.originDomain)")
        .message(STAGE_OF_LEFT),
    validation = Rule::new("!has(self.spec.access) || !has(self.spec.access.mutualTls) || !has(self.status) || !has(self.status.access) || !has(self.status.access.mutualTls) || !has(self.status.access.mutualTls.originDomain) || !has(self.status.access.mutualTls.hostedZoneId) || !has(self.status.access.mutualTls.truststoreBucket) || (self.spec.access.mutualTls.originDomain == self.status.access.mutualTls.originDomain && self.spec.access.mutualTls.hostedZoneId == self.status.access.mutualTls.hostedZoneId && self.spec.access.mutualTls.truststoreBucket == self.status.access.mutualTls.truststoreBucket)")
        .message(LEFT)
)]
#[serde(rename_all = "camelCase")]
#[x_kube(validation = Rule::new("!has(self.tags) || self.tags.all(k, !k.lowerAscii().startsWith('palisade.dev/') && !k.lowerAscii().startsWith('aws:'))")
    .message("spec.tags: keys starting with palisade.dev/ or aws: are reserved; choose another prefix"))]
#[x_kube(validation = Rule::new("!has(self.tags) || self.tags.all(k, k.size() >= 1 && k.size() <= 128)")
    .message("spec.tags: a key has 1 to 128 characters"))]
#[x_kube(validation = Rule::new(r"!has(self.tags) || self.tags.all(k, k.matches('^[\\p{L}\\p{Z}\\p{N}_.:/=+@-]*$'))")
    .message("spec.tags: a key may hold letters, digits, spaces and _ . : / = + - @, as AWS accepts it"))]
#[x_kube(validation = Rule::new("!has(self.tags) || self.tags.all(k, self.tags.exists_one(other, other.lowerAscii() == k.lowerAscii()))")
    .message("spec.tags: IAM ignores the case of tag keys; leave one of them out"))]
#[x_kube(validation = Rule::new("!has(self.probes) || self.probes == 'Enabled' || (has(self.access) && has(self.access.cutOver) && self.access.cutOver == 'AfterDeployed')")
    .message("spec.probes: Disabled needs spec.access.cutOver: AfterDeployed, since AfterProbe waits for a probe"))]
#[x_kube(validation = Rule::new("!has(self.access) || !has(self.access.excludeMethods) || self.origin.type == 'WEBSOCKET' || self.access.excludeMethods.all(m, m != '$connect')")
    .message("spec.access.excludeMethods: $connect exists only for WebSocket APIs"))]
#[x_kube(validation = Rule::new("!has(self.access) || !has(self.access.excludeMethods) || self.origin.type == 'HTTP' || self.access.excludeMethods.all(m, m != '$default')")
    .message("spec.access.excludeMethods: $default stands for a route of HTTP APIs only"))]
#[x_kube(validation = Rule::new("!has(self.access) || !has(self.access.mode) || self.access.mode != 'ApiKey' || self.origin.type == 'REST'")
    .message("spec.access.mode: ApiKey exists only for REST APIs; write SigV4 or SecretHeader"))]
#[x_kube(validation = Rule::new("!has(self.access) || !has(self.access.mode) || self.access.mode != 'MutualTls' || self.origin.type != 'WEBSOCKET'")
    .message("spec.access.mode: MutualTls exists only for REST and HTTP APIs; write SigV4 or SecretHeader"))]
#[x_kube(validation = Rule::new("!has(oldSelf.access) || !has(oldSelf.access.mutualTls) || (self.origin.stage == oldSelf.origin.stage && (has(self.origin.path) ? self.origin.path : '') == (has(oldSelf.origin.path) ? oldSelf.origin.path : ''))")
    .message(STAGE_OF_MUTUAL_TLS))]
#[x_kube(validation = Rule::new("!has(self.access) || !has(self.access.mutualTls) || !has(self.distribution) || !has(self.distribution.aliases) || !self.distribution.aliases.exists(a, a == self.access.mutualTls.originDomain)")
    .message("spec.access.mutualTls.originDomain is one of spec.distribution.aliases, by which viewers come: write a name of its own, such as origin.shop.example.com"))]
#[x_kube(validation = Rule::new("!has(self.access) || !has(self.access.probe) || !has(self.access.probe.host) || (has(self.distribution) && has(self.distribution.aliases) && self.distribution.aliases.exists(a, a == self.access.probe.host || (a.startsWith('*.') && self.access.probe.host.endsWith(a.substring(1)))))")
    .message("spec.access.probe.host must be one of spec.distribution.aliases, or covered by one of them"))]
#[x_kube(validation = Rule::new("self.origin.type == 'REST' || !has(self.access) || !has(self.access.sigV4) || !has(self.access.sigV4.exclusive) || !self.access.sigV4.exclusive")
    .message("spec.access.sigV4.exclusive needs a resource policy, which only REST APIs have: leave it out or set it to false"))]
#[x_kube(validation = Rule::new("!has(self.shield) || !has(self.shield.automaticResponse) || !has(self.webAcl) || !has(self.webAcl.antiDdos)")
    .message("spec.shield.automaticResponse and spec.webAcl.antiDdos answer the same attacks and would work against each other: leave one of them out; AWS recommends antiDdos"))]
#[x_kube(validation = Rule::new("!has(oldSelf.distribution) || !has(oldSelf.distribution.adopt) || has(self.distribution)")
    .message(ADOPT))]
#[x_kube(validation = Rule::new("!has(self.distribution) || !has(self.distribution.adopt) || !has(self.access) || !has(self.access.mode) || self.access.mode != 'MutualTls'")
    .message("spec.distribution.adopt and spec.access.mode MutualTls do not go together: adopt with SigV4, ApiKey or SecretHeader"))]
pub struct ProtectedApiSpec {
    /// Name of the account (kubectl get awsaccounts) in which everything is built; it must allow this namespace.
    /// What stands in one account never moves to another. Baseline: the account of the controller's own credentials.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(max = 253))]
    #[x_kube(validation = Rule::new("self.matches('^[a-z0-9]([-a-z0-9]*[a-z0-9])?([.][a-z0-9]([-a-z0-9]*[a-z0-9])?)*$')")
        .message("spec.accountName must be the name of an AwsAccount, such as production: kubectl get awsaccounts lists them"))]
    pub account_name: Option<String>,
    /// Name of the class (kubectl get perimeterclasses) that gives what this spec leaves out, and sets its limits. Baseline: the class
    /// that the Namespace's annotation palisade.dev/class names, else the cluster's default class, else none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(max = 253))]
    #[x_kube(validation = Rule::new("self.size() <= 63 && self.matches('^[a-z0-9]([-a-z0-9]*[a-z0-9])?([.][a-z0-9]([-a-z0-9]*[a-z0-9])?)*$')")
        .message("spec.className must be the name of a PerimeterClass, such as public: kubectl get perimeterclasses lists them"))]
    pub class_name: Option<String>,
    /// The API behind the perimeter.
    pub origin: Origin,
    /// How the API is made to accept only the perimeter. Baseline: every request is signed with SigV4.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub access: Option<AccessSpec>,
    /// Whether the perimeter is proven by requests through it and past it, again at each resync. Disabled needs
    /// spec.access.cutOver: AfterDeployed. Baseline: Enabled.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub probes: Option<Probes>,
    /// A perimeter of another name, namespace or cluster that this object takes over as it stands. Baseline: none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub take_over: Option<TakeOverSpec>,
    /// An object of another cluster to which the perimeter is offered. This one keeps it until that one has come for it, and takes it
    /// back if the field is taken out before. Deleting this object meanwhile retains all of it. Baseline: none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub hand_over: Option<HandOverSpec>,
    /// The CloudFront distribution. Baseline: all edge locations, HTTP/2 and HTTP/3, IPv6, TLS 1.2, no caching.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub distribution: Option<DistributionSpec>,
    /// The AWS WAF web ACL. Baseline: three managed rule groups of AWS and a limit of 2000 requests in 5 minutes per IP.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub web_acl: Option<WebAclSpec>,
    /// Protection by Shield Advanced, for accounts that are subscribed to it. Baseline: none, so Shield Standard alone.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub shield: Option<ShieldSpec>,
    /// Tags put on every AWS resource made for this object, besides the controller's own. Baseline: none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(extend("maxProperties" = 30))]
    pub tags: Option<BTreeMap<String, TagValue>>,
    /// What happens to the AWS resources when this object is deleted: Delete takes the perimeter down, Retain leaves
    /// everything as it is, tagged as retained. Baseline: Delete; Retain where spec.distribution.adopt is set.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub deletion_policy: Option<DeletionPolicy>,
    /// True: observe and report, write nothing to AWS; a deletion waits. Baseline: false.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub suspend: Option<bool>,
}

/// A tag's value, as AWS accepts it.
#[derive(Serialize, Deserialize, JsonSchema, Debug, Clone, PartialEq, Eq)]
#[serde(transparent)]
#[schemars(extend("x-kubernetes-validations" = [{
    "rule": r"self.matches('^[\\p{L}\\p{Z}\\p{N}_.:/=+@-]*$')",
    "message": "spec.tags: a value may hold letters, digits, spaces and _ . : / = + - @, as AWS accepts it",
}]))]
pub struct TagValue(#[schemars(length(max = 256))] pub String);

/// The API Gateway API that is protected. Its address and type never change: declare another object instead.
#[derive(KubeSchema, Serialize, Deserialize, Debug, Clone, PartialEq)]
#[serde(rename_all = "camelCase")]
#[x_kube(validation = Rule::new("self.endpoint == oldSelf.endpoint")
    .message(ENDPOINT))]
#[x_kube(validation = Rule::new("self.type == oldSelf.type")
    .message(TYPE))]
#[x_kube(validation = Rule::new("!has(self.path) || self.path == '' || self.stage == '$default' || self.path == '/' + self.stage || self.path.startsWith('/' + self.stage + '/')")
    .message("spec.origin.path must be empty or begin with / and the stage, such as /prod: at the API's own endpoint another path leads to another stage, or nowhere"))]
#[x_kube(validation = Rule::new("self.type == 'HTTP' || self.stage != '$default'")
    .message("spec.origin.stage: $default exists only for HTTP APIs; write the stage's name"))]
pub struct Origin {
    /// Host name of the API's default endpoint: `<api-id>.execute-api.<region>.amazonaws.com`. Immutable.
    #[schemars(length(max = 1024))]
    #[x_kube(validation = Rule::new("self.matches('^[a-z0-9]{10}[.]execute-api[.][a-z]{2}-(central|(north|south)?(east|west)|north|south)-[0-9][.]amazonaws[.]com$')")
        .message("spec.origin.endpoint must be the API's default endpoint without scheme or path, in a Region of the partition aws, such as a1b2c3d4e5.execute-api.eu-north-1.amazonaws.com"))]
    pub endpoint: String,
    /// The API's protocol. Immutable.
    #[serde(rename = "type")]
    pub r#type: OriginType,
    /// The deployed stage that viewers reach; `$default` is allowed for HTTP APIs.
    #[schemars(length(min = 1, max = 128))]
    #[x_kube(validation = Rule::new("self.matches('^([A-Za-z0-9_-]+|[$]default)$')")
        .message("spec.origin.stage may hold letters, digits, _ and -, or be $default"))]
    pub stage: String,
    /// Path that CloudFront puts before every request's path; `/prod` hides the stage from viewers. Baseline: empty.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(max = 255))]
    #[x_kube(validation = Rule::new("self == '' || self.matches('^(/[A-Za-z0-9._~!$&()*+,;=:@%-]+)+$')")
        .message("spec.origin.path must be empty, or start with / and not end with /"))]
    pub path: Option<String>,
    /// Path that probes request with GET (WebSocket: for the handshake), as a viewer would write it; the origin path comes
    /// before it. Baseline: the first GET method without parameters, or the stage's root for WebSocket.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(max = 1024))]
    #[x_kube(validation = Rule::new("self.startsWith('/')").message("spec.origin.probePath must start with /"))]
    pub probe_path: Option<String>,
}

/// The protocol of an API Gateway API.
#[derive(Serialize, Deserialize, JsonSchema, Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[serde(rename_all = "UPPERCASE")]
#[allow(missing_docs)]
pub enum OriginType {
    Rest,
    Http,
    WebSocket,
}

/// What becomes of the AWS resources of a deleted object.
// The variants' doc comments would replace the field's description in the schema.
#[derive(Serialize, Deserialize, JsonSchema, Debug, Clone, Copy, PartialEq, Eq, Default)]
#[allow(missing_docs)]
pub enum DeletionPolicy {
    // The perimeter is taken down.
    #[default]
    Delete,
    // Everything stays and works on, tagged as retained.
    Retain,
}
