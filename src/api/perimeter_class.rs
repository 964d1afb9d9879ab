//! `PerimeterClass`: what the platform team gives to the objects that go by it, and what it does not let them say.
#![allow(clippy::duplicated_attributes, reason = "each column has a type of its own")]

use super::access::{AccessMode, AccessSpec, Probes};
use super::class_defaults::defaults;
use super::distribution::DistributionSpec;
use super::perimeter_class_status::PerimeterClassStatus;
use super::protected_api::{DeletionPolicy, TagValue};
use super::rate_limit::MostPermissiveRate;
use super::rollout::ClassRollout;
use super::schema::{rename, string_set};
use super::shield::ShieldSpec;
use super::web_acl::{ManagedRuleGroup, WebAclSpec, free_rules};
use kube::{CustomResource, KubeSchema};
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::collections::BTreeMap;

/// What the platform team says of all objects that go by this class.
#[derive(CustomResource, KubeSchema, Serialize, Deserialize, Debug, Clone, PartialEq, Default)]
#[kube(
    group = "palisade.dev",
    version = "v1alpha1",
    kind = "PerimeterClass",
    plural = "perimeterclasses",
    singular = "perimeterclass",
    shortname = "pclass",
    category = "palisade",
    status = "PerimeterClassStatus",
    derive = "PartialEq",
    doc = "What ProtectedApis that go by this class inherit, and what they may not say otherwise.",
    printcolumn(
        name = "Accepted",
        type_ = "string",
        json_path = ".status.conditions[?(@.type==\"Accepted\")].status"
    ),
    printcolumn(
        name = "Objects",
        type_ = "integer",
        description = "How many objects go by it",
        json_path = ".status.objects"
    ),
    printcolumn(
        name = "Ready",
        type_ = "integer",
        description = "How many of them are ready",
        json_path = ".status.ready"
    ),
    printcolumn(
        name = "Refused",
        type_ = "integer",
        description = "How many of them are refused",
        json_path = ".status.refused"
    ),
    printcolumn(name = "Revision", type_ = "string", json_path = ".status.revision"),
    printcolumn(
        name = "Rollout",
        type_ = "string",
        description = "How the rollout of its newest revision stands",
        json_path = ".status.rollout.state"
    ),
    printcolumn(name = "Age", type_ = "date", json_path = ".metadata.creationTimestamp"),
    printcolumn(
        name = "Default",
        type_ = "string",
        priority = 1,
        description = "Whether objects that name no class go by it",
        json_path = ".metadata.annotations.palisade\\.dev/is-default-class"
    ),
    printcolumn(
        name = "Message",
        type_ = "string",
        priority = 1,
        json_path = ".status.conditions[?(@.type==\"Accepted\")].message"
    ),
    validation = Rule::new("self.metadata.name.size() <= 63")
        .message("metadata.name must have at most 63 characters, such as public")
)]
#[serde(rename_all = "camelCase")]
pub struct PerimeterClassSpec {
    /// What an object has where it says nothing itself, field by field. Baseline: nothing, so the built-in baseline.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(schema_with = "defaults")]
    pub defaults: Option<ClassDefaults>,
    /// The lists of spec.defaults that an object's own list is added to. An entry of the object's with the name of one of the class's
    /// takes its place. Baseline: none, and an object's own list replaces the class's.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(max = 16), extend("x-kubernetes-list-type" = "set"))]
    pub append: Option<Vec<AppendedList>>,
    /// What the spec of an object must be like, once it is merged. What is not is refused, and what stands in AWS for the
    /// object stays as it is. Baseline: no limits.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub limits: Option<ClassLimits>,
    /// How a change of this class reaches its objects. Baseline: one at a time, and no more once viewers of one are refused.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rollout: Option<ClassRollout>,
}

/// Any part of a `ProtectedApi`'s spec, but for what is one object's own.
#[derive(Serialize, Deserialize, Debug, Clone, PartialEq, Default)]
#[serde(rename_all = "camelCase")]
pub struct ClassDefaults {
    /// As spec.access of an object, without `probe`, `apiKey`, `mutualTls` and the mode `MutualTls`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub access: Option<AccessSpec>,
    /// As spec.probes of an object.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub probes: Option<Probes>,
    /// As spec.distribution of an object, without aliases, certificates and hosted zones.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub distribution: Option<DistributionSpec>,
    /// As spec.webAcl of an object.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub web_acl: Option<WebAclSpec>,
    /// As spec.shield of an object.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub shield: Option<ShieldSpec>,
    /// As spec.tags of an object.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tags: Option<BTreeMap<String, TagValue>>,
    /// As spec.deletionPolicy of an object.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub deletion_policy: Option<DeletionPolicy>,
    /// As spec.suspend of an object.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub suspend: Option<bool>,
}

/// A list of a spec that an object's own may be added to.
#[derive(Serialize, Deserialize, JsonSchema, Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[allow(missing_docs)]
pub enum AppendedList {
    #[serde(rename = "access.excludeMethods")]
    ExcludeMethods,
    #[serde(rename = "webAcl.managedRuleGroups")]
    ManagedRuleGroups,
    #[serde(rename = "webAcl.rateLimits")]
    RateLimits,
    #[serde(rename = "webAcl.allowCidrs")]
    AllowCidrs,
    #[serde(rename = "webAcl.blockCidrs")]
    BlockCidrs,
    #[serde(rename = "webAcl.rules")]
    Rules,
    #[serde(rename = "webAcl.customResponseBodies")]
    CustomResponseBodies,
    #[serde(rename = "webAcl.logging.redactHeaders")]
    RedactHeaders,
    #[serde(rename = "webAcl.antiDdos.exemptPaths")]
    ExemptPaths,
}

/// What the spec of an object must be like.
#[derive(KubeSchema, Serialize, Deserialize, Debug, Clone, PartialEq, Default)]
#[serde(rename_all = "camelCase")]
#[x_kube(validation = Rule::new("!has(self.requiredTags) || self.requiredTags.all(k, !k.lowerAscii().startsWith('palisade.dev/') && !k.lowerAscii().startsWith('aws:'))")
    .message("spec.limits.requiredTags: keys starting with palisade.dev/ or aws: are reserved; choose another prefix"))]
pub struct ClassLimits {
    /// The modes that spec.access.mode may have. Baseline: all.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(min = 1, max = 4), extend("x-kubernetes-list-type" = "set"))]
    pub allowed_modes: Option<Vec<AccessMode>>,
    /// True: spec.access.enforcement must be Enforce, spec.access.excludeMethods may have only methods that spec.defaults has there, and
    /// spec.suspend may not be true before the stage was locked, so that each API is locked. Baseline: false.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub require_enforcement: Option<bool>,
    /// Managed rule groups that every web ACL has, before all that the object says, the IP addresses that it allows included. An
    /// object that has one of them otherwise is refused. Baseline: none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(schema_with = "required_groups")]
    pub required_rule_groups: Option<Vec<ManagedRuleGroup>>,
    /// Rules in `WAFv2`'s own JSON that every web ACL has, after requiredRuleGroups and before all that the object says. They
    /// may refer to no `CustomResponseBodyKey`. Baseline: none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(schema_with = "required_rules")]
    pub required_rules: Option<Vec<Value>>,
    /// The most that a client may send: a rule after requiredRules blocks what is more, also from IP addresses that the object allows.
    /// Each object needs a rate limit of its own that blocks, counts all requests by address, and lets pass no more. Baseline: none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rate_limit: Option<MostPermissiveRate>,
    /// Logs that each object must have: of the web ACL, of the distribution. Baseline: none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(min = 1, max = 2), extend("x-kubernetes-list-type" = "set"))]
    pub required_logging: Option<Vec<LoggingOf>>,
    /// True: each object must have spec.shield. Baseline: false.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub require_shield: Option<bool>,
    /// Keys that spec.tags must have. Baseline: none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(schema_with = "required_tags")]
    pub required_tags: Option<Vec<String>>,
    /// The only deletionPolicy that an object may have. Retain holds as well for an object that is deleted while it is refused.
    /// Baseline: both may be.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub deletion_policy: Option<DeletionPolicy>,
}

/// What writes logs.
#[derive(Serialize, Deserialize, JsonSchema, Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[allow(missing_docs)]
pub enum LoggingOf {
    WebAcl,
    Distribution,
}

fn required_groups(generator: &mut SchemaGenerator) -> Schema {
    let mut schema = json_schema!({
        "type": "array",
        "maxItems": 10,
        "x-kubernetes-list-type": "map",
        "x-kubernetes-list-map-keys": ["name"],
        "items": ManagedRuleGroup::json_schema(generator),
    });
    rename(
        &mut schema,
        "spec.webAcl.managedRuleGroups",
        "spec.limits.requiredRuleGroups",
    );
    schema
}

fn required_rules(generator: &mut SchemaGenerator) -> Schema {
    let mut schema = free_rules(generator);
    schema.insert("maxItems".to_owned(), 10.into());
    rename(&mut schema, "spec.webAcl.rules", "spec.limits.requiredRules");
    schema
}

fn required_tags(_: &mut SchemaGenerator) -> Schema {
    string_set(
        1..=20,
        128,
        r"self.matches('^[\\p{L}\\p{Z}\\p{N}_.:/=+@-]+$')",
        "spec.limits.requiredTags: write keys of tags, such as team",
    )
}
