//! `spec.webAcl`: what a team may say about the AWS WAF web ACL.
#![allow(
    dead_code,
    reason = "the schema is derived from a copy of each struct, where a field that no document has is never read"
)]

use super::promotion::Promotion;
use super::rate_limit::{MostPermissiveRate, RateLimit};
use super::schema::{cidrs, countries, rename, string_set};
use kube::KubeSchema;
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use std::collections::BTreeSet;

/// The AWS WAF web ACL on the distribution. Rules run in this order: AntiDDoS, block list, allow list, countries, rate limits,
/// managed rule groups, free rules, rate limits that count by labels.
#[derive(KubeSchema, Serialize, Deserialize, Debug, Clone, PartialEq, Default)]
#[serde(rename_all = "camelCase")]
#[x_kube(validation = Rule::new("!has(self.blockCidrsPromote) || has(self.blockCidrs)")
    .message("spec.webAcl.blockCidrsPromote has the addresses of spec.webAcl.blockCidrs counted first: write them beside it, or leave it out"))]
pub struct WebAclSpec {
    /// AWS's AntiDDoS managed rule group, first in order, with a price of its own. Baseline: none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub anti_ddos: Option<AntiDdos>,
    /// Managed rule groups, in order; a list given here replaces the baseline. Baseline: `AWSManagedRulesAmazonIpReputationList`,
    /// `AWSManagedRulesCommonRuleSet` with `SizeRestrictions_BODY` on Count, `AWSManagedRulesKnownBadInputsRuleSet`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(max = 20))]
    #[x_kube(merge_strategy = ListMerge::Map(vec!["name".into()]))]
    pub managed_rule_groups: Option<Vec<ManagedRuleGroup>>,
    /// Rate limits; a list given here replaces the baseline. Baseline: `per-ip`, 2000 requests in 5m, Block.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(max = 10))]
    #[x_kube(merge_strategy = ListMerge::Map(vec!["name".into()]))]
    pub rate_limits: Option<Vec<RateLimit>>,
    /// CIDR blocks that pass the web ACL without further rules. Baseline: none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(schema_with = "allow_cidrs")]
    pub allow_cidrs: Option<Vec<String>>,
    /// CIDR blocks that are refused. Baseline: none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(schema_with = "block_cidrs")]
    pub block_cidrs: Option<Vec<String>>,
    /// Has the requests from `blockCidrs` counted first, and refused by itself once its matches stay below what is allowed: until then
    /// they get through. What is added to a list that refuses already is refused at once. Baseline: they are refused at once.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(schema_with = "promote_block_cidrs")]
    pub block_cidrs_promote: Option<Promotion>,
    /// Countries that may, or may not, call the API. Baseline: all may.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub countries: Option<CountryFilter>,
    /// Further rules in `WAFv2`'s own JSON, without Priority; a `SearchString` is in base64, as in WAF's API (the console shows it
    /// in plain text). `promote`, beside the rule's own fields, has it count first. Names starting with `palisade-`, `ShieldMitigationRuleGroup_`,
    /// `PREFMManaged` and `POSTFMManaged` are reserved. Baseline: none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(schema_with = "free_rules")]
    pub rules: Option<Vec<Value>>,
    /// Bodies of answers, for actions of `rules` that name one as `CustomResponseBodyKey`. Bodies that somebody else has put into
    /// the web ACL are kept. Baseline: none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(max = 20))]
    #[x_kube(merge_strategy = ListMerge::Map(vec!["name".into()]))]
    pub custom_response_bodies: Option<Vec<CustomResponseBody>>,
    /// Full logs of the requests the web ACL saw. Logging that somebody else has switched on is left alone where the field is
    /// not set. Baseline: none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub logging: Option<WebAclLogging>,
    /// What the object's class puts before all of it: never in a document.
    #[serde(skip)]
    pub required: Option<RequiredRules>,
    /// The rules that only count for now, by their names in AWS: never in a document.
    #[serde(skip)]
    pub counting: BTreeSet<String>,
}

/// Rules that the class of an object puts before all that could let a request pass.
#[derive(Serialize, Debug, Clone, PartialEq, Default)]
pub struct RequiredRules {
    /// Managed rule groups, in order. Entries of the same groups elsewhere in the spec are of no effect.
    pub groups: Vec<ManagedRuleGroup>,
    /// Rules in `WAFv2`'s own JSON, after the groups.
    pub rules: Vec<Value>,
    /// The most that any one address may send, after the rules.
    pub rate: Option<MostPermissiveRate>,
}

/// AWS's managed rule group against application-layer DDoS.
#[derive(KubeSchema, Serialize, Deserialize, Debug, Clone, PartialEq, Default)]
#[serde(rename_all = "camelCase")]
pub struct AntiDdos {
    /// How readily requests are blocked during an attack: Low blocks only what surely takes part in it. Baseline: Low.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sensitivity: Option<Sensitivity>,
    /// Paths, as regular expressions of WAF, whose clients are no browsers: all others are challenged during an attack, and
    /// programs fail that. Baseline: nobody is challenged.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(schema_with = "exempt_paths")]
    pub exempt_paths: Option<Vec<String>>,
    /// Has the group count first, and take its actions by itself once its matches stay below what is allowed. It matches nothing but
    /// during an attack. Baseline: it takes them at once.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(schema_with = "promote_anti_ddos")]
    pub promote: Option<Promotion>,
}

/// How readily the AntiDDoS group blocks.
#[derive(Serialize, Deserialize, JsonSchema, Debug, Clone, Copy, PartialEq, Eq, Default)]
#[allow(missing_docs)]
pub enum Sensitivity {
    #[default]
    Low,
    Medium,
    High,
}

/// A managed rule group.
#[derive(KubeSchema, Serialize, Deserialize, Debug, Clone, PartialEq)]
#[serde(rename_all = "camelCase")]
#[x_kube(validation = Rule::new("self.name != 'AWSManagedRulesAntiDDoSRuleSet'")
    .message("spec.webAcl.managedRuleGroups: AWSManagedRulesAntiDDoSRuleSet has a field of its own; write spec.webAcl.antiDdos"))]
#[x_kube(validation = Rule::new("!(self.name in ['AWSManagedRulesBotControlRuleSet', 'AWSManagedRulesATPRuleSet', 'AWSManagedRulesACFPRuleSet'])")
    .message("spec.webAcl.managedRuleGroups: groups with a price or configuration of their own go into spec.webAcl.rules, in WAFv2's JSON"))]
#[x_kube(validation = Rule::new("(has(self.vendor) && self.vendor != 'AWS') || self.name.startsWith('AWSManagedRules')")
    .message("spec.webAcl.managedRuleGroups[].name: AWS's groups begin with AWSManagedRules, such as AWSManagedRulesCommonRuleSet; write the vendor of a group that is not AWS's"))]
#[x_kube(validation = Rule::new("!has(self.promote) || !has(self.action) || self.action != 'Count'")
    .message("spec.webAcl.managedRuleGroups[].promote turns Count into the group's own actions: write action: Enforce, or leave promote out and the group goes on counting"))]
pub struct ManagedRuleGroup {
    /// The group's name, such as `AWSManagedRulesCommonRuleSet`.
    #[schemars(length(max = 100))]
    #[x_kube(validation = Rule::new("self.matches('^[A-Za-z0-9_-]+$')")
        .message("spec.webAcl.managedRuleGroups[].name must be a group's name, such as AWSManagedRulesCommonRuleSet"))]
    pub name: String,
    /// The vendor. Baseline: AWS.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(max = 100))]
    #[x_kube(validation = Rule::new("self.matches('^[A-Za-z0-9 _.&-]+$')")
        .message("spec.webAcl.managedRuleGroups[].vendor must be a vendor's name as AWS Marketplace has it, or be left out for AWS"))]
    pub vendor: Option<String>,
    /// A pinned version, such as `Version_1.10`; AWS expires versions. Baseline: the vendor's current default.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(max = 64))]
    #[x_kube(validation = Rule::new("self.matches('^[A-Za-z0-9_.-]+$')")
        .message("spec.webAcl.managedRuleGroups[].version must be a version's name, such as Version_1.10, or be left out for the default"))]
    pub version: Option<String>,
    /// Enforce the group's actions, or only Count. Baseline: Enforce.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub action: Option<RuleGroupAction>,
    /// Other actions for single rules of the group. Baseline: none, but for the baseline groups themselves.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(max = 100))]
    #[x_kube(merge_strategy = ListMerge::Map(vec!["rule".into()]))]
    pub overrides: Option<Vec<RuleGroupOverride>>,
    /// Has the group count first, and enforce its actions by itself once its matches stay below what is allowed. Baseline: it
    /// enforces them at once.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub promote: Option<Promotion>,
}

/// What a whole group's matches do.
#[derive(Serialize, Deserialize, JsonSchema, Debug, Clone, Copy, PartialEq, Eq, Default)]
#[allow(missing_docs)]
pub enum RuleGroupAction {
    #[default]
    Enforce,
    Count,
}

/// Another action for one rule of a managed group.
#[derive(KubeSchema, Serialize, Deserialize, Debug, Clone, PartialEq)]
pub struct RuleGroupOverride {
    /// The rule's name within the group, such as `SizeRestrictions_BODY`.
    #[schemars(length(max = 128))]
    #[x_kube(validation = Rule::new("self.matches('^[A-Za-z0-9_-]+$')")
        .message("spec.webAcl.managedRuleGroups[].overrides[].rule must be a rule's name, such as SizeRestrictions_BODY"))]
    pub rule: String,
    /// What a match does instead.
    pub action: RuleAction,
}

/// What a matching request meets.
#[derive(Serialize, Deserialize, JsonSchema, Debug, Clone, Copy, PartialEq, Eq, Default)]
#[allow(missing_docs)]
pub enum RuleAction {
    #[default]
    Block,
    Count,
    Allow,
    Captcha,
    Challenge,
}

/// Countries as ISO 3166-1 alpha-2 codes; exactly one of the lists.
#[derive(KubeSchema, Serialize, Deserialize, Debug, Clone, PartialEq)]
#[serde(rename_all = "camelCase")]
#[x_kube(validation = Rule::new("has(self.allow) != has(self.block)")
    .message("spec.webAcl.countries: set exactly one of allow and block"))]
pub struct CountryFilter {
    /// Only these countries may call.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(schema_with = "countries_allow")]
    pub allow: Option<Vec<String>>,
    /// These countries may not call.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(schema_with = "countries_block")]
    pub block: Option<Vec<String>>,
    /// Has requests from countries that may not call counted first, and refused by itself once its matches stay below what is
    /// allowed: until then they get through. Baseline: they are refused at once.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(schema_with = "promote_countries")]
    pub promote: Option<Promotion>,
}

/// A body of answers.
#[derive(KubeSchema, Serialize, Deserialize, Debug, Clone, PartialEq, Eq)]
#[serde(rename_all = "camelCase")]
pub struct CustomResponseBody {
    /// The key by which rules name it.
    #[schemars(length(max = 100))]
    #[x_kube(validation = Rule::new("self.matches('^[A-Za-z0-9_-]+$')")
        .message("spec.webAcl.customResponseBodies[].name may hold letters, digits, _ and -, such as maintenance"))]
    pub name: String,
    /// What the content is. Baseline: Text.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub content_type: Option<CustomResponseContentType>,
    /// The body itself: at most 4,096 characters.
    #[schemars(length(min = 1, max = 4096))]
    pub content: String,
}

/// What a body is.
#[derive(Serialize, Deserialize, JsonSchema, Debug, Clone, Copy, PartialEq, Eq, Default)]
#[allow(missing_docs)]
pub enum CustomResponseContentType {
    #[default]
    Text,
    Html,
    Json,
}

/// Where the web ACL's logs go.
#[derive(KubeSchema, Serialize, Deserialize, Debug, Clone, PartialEq)]
#[serde(rename_all = "camelCase")]
pub struct WebAclLogging {
    /// A CloudWatch log group or Firehose stream in us-east-1, or an S3 bucket, named `aws-waf-logs-…`.
    #[schemars(length(max = 300))]
    #[x_kube(validation = Rule::new("self.matches('^arn:aws:(logs:us-east-1:[0-9]{12}:log-group:aws-waf-logs-[A-Za-z0-9._/#-]+|firehose:us-east-1:[0-9]{12}:deliverystream/aws-waf-logs-[A-Za-z0-9._-]+|s3:::aws-waf-logs-[a-z0-9.-]+(/[A-Za-z0-9._/-]*)?)$')")
        .message("spec.webAcl.logging.destinationArn must name a log group or Firehose stream in us-east-1 or an S3 bucket, and its name must start with aws-waf-logs-"))]
    pub destination_arn: String,
    /// Headers whose values are left out of the logs. What somebody else has left out besides (query strings, paths, methods)
    /// stays so. Baseline: authorization.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(schema_with = "redact_headers")]
    pub redact_headers: Option<Vec<String>>,
}

fn allow_cidrs(_: &mut SchemaGenerator) -> Schema {
    cidrs("spec.webAcl.allowCidrs", 0..=1000)
}

fn block_cidrs(_: &mut SchemaGenerator) -> Schema {
    cidrs("spec.webAcl.blockCidrs", 0..=1000)
}

fn countries_allow(_: &mut SchemaGenerator) -> Schema {
    countries("spec.webAcl.countries.allow", 50)
}

fn countries_block(_: &mut SchemaGenerator) -> Schema {
    countries("spec.webAcl.countries.block", 50)
}

fn promote_block_cidrs(generator: &mut SchemaGenerator) -> Schema {
    promote_of(generator, "spec.webAcl.blockCidrsPromote")
}

fn promote_anti_ddos(generator: &mut SchemaGenerator) -> Schema {
    promote_of(generator, "spec.webAcl.antiDdos.promote")
}

fn promote_countries(generator: &mut SchemaGenerator) -> Schema {
    promote_of(generator, "spec.webAcl.countries.promote")
}

fn promote_of(generator: &mut SchemaGenerator, field: &str) -> Schema {
    let mut schema = Promotion::json_schema(generator);
    rename(&mut schema, "spec.webAcl.managedRuleGroups[].promote", field);
    schema
}

fn exempt_paths(_: &mut SchemaGenerator) -> Schema {
    string_set(
        1..=5,
        200,
        "self.size() >= 1",
        "spec.webAcl.antiDdos.exemptPaths: write regular expressions of paths, such as ^/prod/, or leave the field out",
    )
}

fn redact_headers(_: &mut SchemaGenerator) -> Schema {
    string_set(
        0..=100,
        64,
        "self.matches('^[a-z0-9-]+$')",
        "spec.webAcl.logging.redactHeaders: write header names in lower case, such as authorization",
    )
}

/// The schema of rules in `WAFv2`'s own JSON.
pub(super) fn free_rules(generator: &mut SchemaGenerator) -> Schema {
    let mut promote = Promotion::json_schema(generator);
    rename(
        &mut promote,
        "spec.webAcl.managedRuleGroups[]",
        "spec.webAcl.rules[]",
    );
    let any = || json!({"type": "object", "x-kubernetes-preserve-unknown-fields": true});
    let described = |schema: Value, description: &str| {
        let mut schema = schema;
        schema["description"] = description.into();
        schema
    };
    json_schema!({
        "type": "array",
        "maxItems": 50,
        "x-kubernetes-list-type": "map",
        "x-kubernetes-list-map-keys": ["Name"],
        "items": {
            "type": "object",
            "x-kubernetes-preserve-unknown-fields": true,
            "required": ["Name"],
            "properties": {
                "Name": {
                    "description": "The rule's name, unique in the list and without the reserved beginnings.",
                    "type": "string",
                    "maxLength": 100,
                },
                // Known only so that the rules below can speak of them.
                "Priority": {"description": "Set by the controller: leave it out.", "type": "integer"},
                "Statement": {
                    "description": "What the rule matches.",
                    "type": "object",
                    "x-kubernetes-preserve-unknown-fields": true,
                },
                "Action": {
                    "description": "What a match meets.",
                    "type": "object",
                    "x-kubernetes-preserve-unknown-fields": true,
                    "properties": {
                        "Allow": described(any(), "It passes."),
                        "Count": described(any(), "It is counted."),
                    },
                },
                "OverrideAction": {
                    "description": "In place of Action, for a rule whose Statement refers to a rule group.",
                    "type": "object",
                    "x-kubernetes-preserve-unknown-fields": true,
                    "properties": {"Count": described(any(), "The group only counts.")},
                },
                "promote": promote,
            },
            "x-kubernetes-validations": [
                {"rule": "self.Name.matches('^[A-Za-z0-9_-]+$')",
                 "message": "spec.webAcl.rules[].Name may hold letters, digits, _ and -"},
                {"rule": "!['palisade-', 'ShieldMitigationRuleGroup_', 'PREFMManaged', 'POSTFMManaged'].exists(p, self.Name.startsWith(p))",
                 "message": "spec.webAcl.rules[].Name: names starting with palisade-, ShieldMitigationRuleGroup_, PREFMManaged or POSTFMManaged are reserved; choose another"},
                {"rule": "has(self.Statement)",
                 "message": "spec.webAcl.rules[].Statement: write what the rule matches, such as GeoMatchStatement"},
                {"rule": "has(self.Action) != has(self.OverrideAction)",
                 "message": "spec.webAcl.rules[]: write Action, such as Block: {}, or OverrideAction: None: {} where Statement refers to a rule group; exactly one of them"},
                {"rule": "!has(self.promote) || ((!has(self.Action) || (!has(self.Action.Count) && !has(self.Action.Allow))) && (!has(self.OverrideAction) || !has(self.OverrideAction.Count)))",
                 "message": "spec.webAcl.rules[].promote turns Count into the rule's own action: write Action: Block: {}, Captcha or Challenge, or OverrideAction: None: {}; or leave promote out"},
                {"rule": "!has(self.Priority)",
                 "message": "spec.webAcl.rules[].Priority is set by the controller: rules run in the order of the list; leave it out"},
            ],
        },
    })
}
