//! `spec.webAcl.rateLimits`: how many requests a client may send, and what tells clients apart.

use super::promotion::Promotion;
use super::schema::{cidrs, countries, rename};
use super::web_acl::RuleAction;
use kube::KubeSchema;
use schemars::{JsonSchema, Schema, SchemaGenerator};
use serde::{Deserialize, Serialize};

/// A limit on requests per client and window.
#[derive(KubeSchema, Serialize, Deserialize, Debug, Clone, PartialEq)]
#[serde(rename_all = "camelCase")]
#[x_kube(validation = Rule::new("!has(self.action) || self.action != 'Allow'")
    .message("spec.webAcl.rateLimits[].action: a rate limit cannot Allow; use Block, Count, Captcha or Challenge"))]
#[x_kube(validation = Rule::new("!has(self.promote) || !has(self.action) || self.action != 'Count'")
    .message("spec.webAcl.rateLimits[].promote turns Count into the limit's own action: write action: Block, Captcha or Challenge, or leave promote out and the limit goes on counting"))]
#[x_kube(validation = Rule::new("!has(self.by) || self.by.all(a, self.by.exists_one(b, a.type == b.type && (a.type == 'ForwardedAddress' || !has(a.name) || (has(b.name) && a.name.lowerAscii() == b.name.lowerAscii()))))")
    .message("spec.webAcl.rateLimits[].by: write each key once, and one ForwardedAddress at most"))]
#[x_kube(validation = Rule::new("!has(self.by) || self.by.size() != 2 || !self.by.all(k, k.type in ['Address', 'ForwardedAddress'])")
    .message("spec.webAcl.rateLimits[].by: AWS WAF takes Address beside ForwardedAddress only with a third key; add one, or leave one of the two out"))]
pub struct RateLimit {
    /// Name of the limit, unique in the list; it becomes part of the rule's and the metric's name.
    #[schemars(length(max = 60))]
    #[x_kube(validation = Rule::new("self.matches('^[a-z0-9]([a-z0-9-]*[a-z0-9])?$')")
        .message("spec.webAcl.rateLimits[].name may hold lower-case letters, digits and, in between, -; such as per-ip"))]
    pub name: String,
    /// Requests allowed per client, as `by` tells clients apart, in one window; AWS counts within some seconds.
    #[schemars(range(min = 10, max = 2_000_000_000))]
    pub limit: i64,
    /// The window: 1m, 2m, 5m or 10m. Baseline: 5m.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub window: Option<RateLimitWindow>,
    /// What happens beyond the limit. Baseline: Block.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub action: Option<RuleAction>,
    /// What tells clients apart: one to five keys. Each combination of their values is counted by itself; a request that lacks
    /// one of them is not counted. Each key takes 30 capacity units, but for an address that stands alone. Baseline: Address.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(min = 1, max = 5))]
    pub by: Option<Vec<RateLimitKey>>,
    /// Which requests are counted; all parts must match. Baseline: all requests.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub scope: Option<RateLimitScope>,
    /// Has the limit count first, and take its action by itself once its matches stay below what is allowed. Baseline: it takes it at
    /// once.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(schema_with = "promote")]
    pub promote: Option<Promotion>,
}

/// A part of a request by whose values a rate limit counts.
#[derive(KubeSchema, Serialize, Deserialize, Debug, Clone, PartialEq)]
#[serde(rename_all = "camelCase")]
#[x_kube(validation = Rule::new("has(self.name) || !(self.type in ['Header', 'Cookie', 'QueryArgument', 'LabelNamespace'])")
    .message("spec.webAcl.rateLimits[].by[].name: name the header, cookie, query argument or label namespace, such as authorization"))]
#[x_kube(validation = Rule::new("!has(self.name) || self.type in ['ForwardedAddress', 'Header', 'Cookie', 'QueryArgument', 'LabelNamespace']")
    .message("spec.webAcl.rateLimits[].by[].name goes with ForwardedAddress, Header, Cookie, QueryArgument and LabelNamespace; leave it out"))]
#[x_kube(validation = Rule::new("!has(self.fallback) || self.type in ['ForwardedAddress', 'Ja3', 'Ja4']")
    .message("spec.webAcl.rateLimits[].by[].fallback goes with ForwardedAddress, Ja3 and Ja4; leave it out"))]
#[x_kube(validation = Rule::new("!has(self.name) || self.type != 'ForwardedAddress' || self.name.matches('^[A-Za-z0-9-]{1,255}$')")
    .message("spec.webAcl.rateLimits[].by[].name must be a header's name of letters, digits and -, such as X-Forwarded-For"))]
#[x_kube(validation = Rule::new("!has(self.name) || self.type != 'Header' || self.name.matches('^[A-Za-z0-9_.-]{1,64}$')")
    .message("spec.webAcl.rateLimits[].by[].name must be a header's name of at most 64 characters, such as authorization"))]
#[x_kube(validation = Rule::new("!has(self.name) || !(self.type in ['Cookie', 'QueryArgument']) || self.name.matches('^[!-~]{1,64}$')")
    .message("spec.webAcl.rateLimits[].by[].name must be a name of at most 64 characters without blanks, such as session"))]
#[x_kube(validation = Rule::new("!has(self.name) || self.type != 'LabelNamespace' || self.name.matches('^[0-9A-Za-z_:-]+:$')")
    .message("spec.webAcl.rateLimits[].by[].name: a label namespace ends with a colon, such as awswaf:managed:aws:bot-control:bot:category:"))]
pub struct RateLimitKey {
    /// What part it is. A Path is the same however it is spelt, as for `pathPrefix`; Ja3 and Ja4 are fingerprints of the client's
    /// TLS; Asn is the network that the address belongs to; `LabelNamespace` counts by labels of the rules before it.
    #[serde(rename = "type")]
    pub r#type: RateLimitKeyType,
    /// Name of the header, cookie or query argument, or the label namespace. Baseline for `ForwardedAddress`: X-Forwarded-For.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(max = 1024))]
    pub name: Option<String>,
    /// What becomes of requests whose address or fingerprint cannot be read: with `NoMatch` they are not counted, with Match they
    /// are counted together. Baseline: `NoMatch`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub fallback: Option<RateLimitFallback>,
}

/// Parts of a request that AWS WAF can count by.
#[derive(Serialize, Deserialize, JsonSchema, Debug, Clone, Copy, PartialEq, Eq)]
#[allow(missing_docs)]
pub enum RateLimitKeyType {
    Address,
    ForwardedAddress,
    Header,
    Cookie,
    QueryArgument,
    Path,
    Method,
    Ja3,
    Ja4,
    Asn,
    LabelNamespace,
}

/// What becomes of requests whose key cannot be read.
#[derive(Serialize, Deserialize, JsonSchema, Debug, Clone, Copy, PartialEq, Eq, Default)]
#[allow(missing_docs)]
pub enum RateLimitFallback {
    #[default]
    NoMatch,
    Match,
}

/// Length of a rate limit's window, as AWS WAF offers it.
#[derive(Serialize, Deserialize, JsonSchema, Debug, Clone, Copy, PartialEq, Eq, Default)]
#[allow(missing_docs)]
pub enum RateLimitWindow {
    #[serde(rename = "1m")]
    OneMinute,
    #[serde(rename = "2m")]
    TwoMinutes,
    #[default]
    #[serde(rename = "5m")]
    FiveMinutes,
    #[serde(rename = "10m")]
    TenMinutes,
}

/// How many requests in which time.
#[derive(KubeSchema, Serialize, Deserialize, Debug, Clone, PartialEq, Eq)]
#[serde(rename_all = "camelCase")]
pub struct MostPermissiveRate {
    /// Requests per client in one window.
    #[schemars(range(min = 10, max = 2_000_000_000))]
    pub limit: i64,
    /// The window: 1m, 2m, 5m or 10m. Baseline: 5m.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub window: Option<RateLimitWindow>,
}

/// Which requests a rate limit counts.
#[derive(KubeSchema, Serialize, Deserialize, Debug, Clone, PartialEq, Default)]
#[serde(rename_all = "camelCase")]
#[x_kube(validation = Rule::new("has(self.pathPrefix) || has(self.countries) || has(self.cidrs)")
    .message("spec.webAcl.rateLimits[].scope: set at least one of pathPrefix, countries and cidrs, or leave scope out"))]
pub struct RateLimitScope {
    /// Requests whose path, as the viewer calls it, starts so, however it is spelt: encoded characters are decoded, and `.`,
    /// `..` and doubled slashes taken out, before it is compared.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(max = 200))]
    #[x_kube(validation = Rule::new("self.startsWith('/')")
        .message("spec.webAcl.rateLimits[].scope.pathPrefix must start with /, such as /prod/login"))]
    pub path_prefix: Option<String>,
    /// Requests from these countries, as ISO 3166-1 alpha-2 codes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(schema_with = "scope_countries")]
    pub countries: Option<Vec<String>>,
    /// Requests from these CIDR blocks.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(schema_with = "scope_cidrs")]
    pub cidrs: Option<Vec<String>>,
}

fn scope_cidrs(_: &mut SchemaGenerator) -> Schema {
    cidrs("spec.webAcl.rateLimits[].scope.cidrs", 1..=100)
}

fn scope_countries(_: &mut SchemaGenerator) -> Schema {
    countries("spec.webAcl.rateLimits[].scope.countries", 50)
}

fn promote(generator: &mut SchemaGenerator) -> Schema {
    let mut schema = Promotion::json_schema(generator);
    rename(
        &mut schema,
        "spec.webAcl.managedRuleGroups[]",
        "spec.webAcl.rateLimits[]",
    );
    schema
}
