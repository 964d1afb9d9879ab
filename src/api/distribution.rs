//! `spec.distribution`: what a team may say about the CloudFront distribution.

use super::adoption::AdoptSpec;
use super::schema::{countries, string_set};
use super::transitions::ADOPT;
use kube::KubeSchema;
use schemars::{JsonSchema, Schema, SchemaGenerator};
use serde::{Deserialize, Serialize};

/// The CloudFront distribution in front of the API.
#[derive(KubeSchema, Serialize, Deserialize, Debug, Clone, PartialEq, Default)]
#[serde(rename_all = "camelCase")]
#[x_kube(validation = Rule::new("!has(self.aliases) || self.aliases.size() == 0 || has(self.certificateArn) || (has(self.requestCertificate) && self.requestCertificate)")
    .message("spec.distribution.certificateArn is required with aliases: name an ACM certificate in us-east-1 that covers them, or have one requested with requestCertificate: true and hostedZoneId"))]
#[x_kube(validation = Rule::new("!has(self.certificateArn) || (has(self.aliases) && self.aliases.size() > 0)")
    .message("spec.distribution.certificateArn needs aliases: under the distribution's own name viewers meet CloudFront's certificate; name the aliases that it covers, or leave it out with minimumTlsVersion"))]
#[x_kube(validation = Rule::new("!has(self.minimumTlsVersion) || has(self.certificateArn) || (has(self.requestCertificate) && self.requestCertificate)")
    .message("spec.distribution.minimumTlsVersion needs certificateArn or requestCertificate: without one CloudFront uses its own certificate and TLSv1"))]
#[x_kube(validation = Rule::new("!has(self.requestCertificate) || !self.requestCertificate || !has(self.certificateArn)")
    .message("spec.distribution: set certificateArn or requestCertificate: true, not both"))]
#[x_kube(validation = Rule::new("!has(self.requestCertificate) || !self.requestCertificate || (has(self.hostedZoneId) && has(self.aliases) && self.aliases.size() > 0)")
    .message("spec.distribution.requestCertificate needs aliases, and hostedZoneId: the hosted zone in which records prove them"))]
#[x_kube(validation = Rule::new("!has(self.hostedZoneId) || (has(self.aliases) && self.aliases.size() > 0 && self.aliases.all(alias, alias.size() <= 220))")
    .message("spec.distribution.hostedZoneId needs aliases, of at most 220 characters each: they get the records"))]
#[x_kube(validation = Rule::new("!has(self.takeOverAliases) || !self.takeOverAliases || (has(self.aliases) && self.aliases.size() > 0)")
    .message("spec.distribution.takeOverAliases needs aliases"))]
#[x_kube(validation = Rule::new("!has(self.adopt) || !has(self.takeOverAliases) || !self.takeOverAliases")
    .message("spec.distribution.adopt and takeOverAliases do not go together: a name that is moved here could not be given back; move it after the adoption, by hand"))]
#[x_kube(validation = Rule::new("!has(self.adopt) || !has(self.requestCertificate) || !self.requestCertificate")
    .message("spec.distribution.adopt and requestCertificate do not go together: name the certificate that the distribution has in certificateArn"))]
#[x_kube(validation = Rule::new("!has(self.adopt) || !has(self.hostedZoneId)")
    .message("spec.distribution.adopt and hostedZoneId do not go together: the records of what stands are left as they are; leave hostedZoneId out"))]
#[x_kube(validation = Rule::new("!has(self.viewerProtocolPolicy) || self.viewerProtocolPolicy == 'https-only' || has(self.adopt)")
    .message("spec.distribution.viewerProtocolPolicy: only a distribution that is adopted may let in or redirect viewers who ask without TLS, as it did before; leave the field out"))]
#[x_kube(validation = Rule::new("!has(self.ipv6) || self.ipv6 || has(self.adopt)")
    .message("spec.distribution.ipv6: only a distribution that is adopted may be without IPv6, as it was before; leave the field out"))]
#[x_kube(validation = Rule::new("!has(self.allowedMethods) || self.allowedMethods.size() == 7 || has(self.adopt)")
    .message("spec.distribution.allowedMethods: only a distribution that is adopted may let fewer methods through, as it did before; leave the field out"))]
#[x_kube(validation = Rule::new("!has(self.allowedMethods) || self.allowedMethods.size() == 7 || ('GET' in self.allowedMethods && 'HEAD' in self.allowedMethods && (self.allowedMethods.size() == 2 || (self.allowedMethods.size() == 3 && 'OPTIONS' in self.allowedMethods)))")
    .message("spec.distribution.allowedMethods must be one of CloudFront's sets: [GET, HEAD], [GET, HEAD, OPTIONS], or all seven methods"))]
#[x_kube(validation = Rule::new("!has(oldSelf.adopt) || has(self.adopt)")
    .message(ADOPT))]
pub struct DistributionSpec {
    /// A distribution that stands already and is taken over in place of a new one, with its id, its domain name and all that this
    /// spec says nothing of. Baseline: none, and a distribution is made.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub adopt: Option<AdoptSpec>,
    /// Host names under which viewers reach the API, besides the distribution's own; they need certificateArn or
    /// requestCertificate. Baseline: none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(schema_with = "aliases")]
    pub aliases: Option<Vec<String>>,
    /// ACM certificate in us-east-1 that covers all aliases; it needs some. Baseline: none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(max = 256))]
    #[x_kube(validation = Rule::new("self.matches('^arn:aws:acm:us-east-1:[0-9]{12}:certificate/[A-Za-z0-9-]+$')")
        .message("spec.distribution.certificateArn must be an ACM certificate in us-east-1 (CloudFront reads no other Region): arn:aws:acm:us-east-1:<account>:certificate/<id>"))]
    pub certificate_arn: Option<String>,
    /// Requests an ACM certificate for all aliases and proves them by records in hostedZoneId; ACM renews it. Not beside
    /// certificateArn. Baseline: false.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub request_certificate: Option<bool>,
    /// Route 53 public hosted zone in which each alias gets A and AAAA records that lead to the distribution, and a TXT record
    /// that says whose they are. A record of somebody else is never written over. If this field is taken out and the aliases
    /// stay, the records stay too: they go with the alias, or with the object. Baseline: none, and records are yours to make.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(max = 64))]
    #[x_kube(validation = Rule::new("self.matches('^Z[A-Z0-9]{1,31}$')")
        .message("spec.distribution.hostedZoneId must be a hosted zone's id, such as Z0123456789ABCDEFGHIJ; its name does not do"))]
    pub hosted_zone_id: Option<String>,
    /// Moves aliases here from other distributions of the account, except those that Palisade keeps for other objects. The
    /// Namespace must permit it: annotation palisade.dev/allow-take-over, with domain patterns or *. Baseline: false.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub take_over_aliases: Option<bool>,
    /// Which edge locations serve the distribution. Baseline: `PriceClass_All`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub price_class: Option<PriceClass>,
    /// HTTP versions offered to viewers. Baseline: http2and3.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub http_version: Option<HttpVersion>,
    /// Oldest TLS policy offered to viewers of the aliases. Baseline: `TLSv1.2_2021`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub minimum_tls_version: Option<MinimumTlsVersion>,
    /// What becomes of viewers who ask by http, without TLS: https-only refuses them (403), redirect-to-https sends them to https, allow-all
    /// lets them in. The last two need adopt. Baseline: https-only, and what is found of a distribution that is adopted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub viewer_protocol_policy: Option<ViewerProtocolPolicy>,
    /// Whether viewers may come by IPv6. Rules that list IPv4 addresses fit none of those who do. false needs adopt. Baseline: true, and
    /// what is found of a distribution that is adopted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ipv6: Option<bool>,
    /// The methods that CloudFront lets through, others are refused (403): GET and HEAD, these and OPTIONS, or all seven. The first two need
    /// adopt. Baseline: all seven, and what is found of a distribution that is adopted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(schema_with = "methods")]
    pub allowed_methods: Option<Vec<String>>,
    /// How long CloudFront waits for the API's answer, 1s to 120s; above 60s needs a quota increase at AWS. Baseline: 30s.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(max = 64))]
    #[x_kube(validation = Rule::new("self.matches('^([1-9]|[1-9][0-9]|1[01][0-9]|120)s$')")
        .message("spec.distribution.originReadTimeout must be 1s to 120s, such as 30s"))]
    pub origin_read_timeout: Option<String>,
    /// Standard access logs to an S3 bucket. Baseline: none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub logging: Option<DistributionLogging>,
    /// Countries that may, or may not, reach the distribution at all (CloudFront answers 403). Baseline: all may.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub geo_restriction: Option<GeoRestriction>,
    /// Response headers policy. Baseline: none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(max = 128))]
    #[x_kube(validation = Rule::new("self.matches('^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$')")
        .message("spec.distribution.responseHeadersPolicyId must be a policy's id, such as 67f7725c-6f97-4210-82d7-5512b31e9d03 (SecurityHeadersPolicy); its name does not do"))]
    pub response_headers_policy_id: Option<String>,
    /// Cache policy. One that caches must have Authorization among the headers of its key where viewers' Authorization reaches
    /// the API, and has error answers cached as CloudFront does by default. Baseline: AWS's `CachingDisabled`, and no error
    /// answer is cached.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(max = 128))]
    #[x_kube(validation = Rule::new("self.matches('^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$')")
        .message("spec.distribution.cachePolicyId must be a policy's id, such as 4135ea2d-6df8-44a3-9df3-4b5a84be39ad (CachingDisabled); its name does not do"))]
    pub cache_policy_id: Option<String>,
    /// Origin request policy; it must not forward the viewer's Host header, but one of the team's own with SigV4. Baseline: AWS's `AllViewerExceptHostHeader`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(max = 128))]
    #[x_kube(validation = Rule::new("self.matches('^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$')")
        .message("spec.distribution.originRequestPolicyId must be a policy's id, such as b689b0a8-53d0-40ab-baf2-68738e2966ac (AllViewerExceptHostHeader); its name does not do"))]
    #[x_kube(validation = Rule::new("!(self in ['216adef6-5c7f-47e4-b989-5492eafa07d3', '33f36d7e-f396-46d9-90e0-52428a34d9dc', 'bf0718e1-ba1e-49d1-88b1-f726733018ae'])")
        .message("spec.distribution.originRequestPolicyId: AllViewer, AllViewerAndCloudFrontHeaders-2022-06 and HostHeaderOnly forward the viewer's Host header, which API Gateway refuses; use b689b0a8-53d0-40ab-baf2-68738e2966ac (AllViewerExceptHostHeader)"))]
    pub origin_request_policy_id: Option<String>,
}

/// Where CloudFront writes its access logs.
#[derive(KubeSchema, Serialize, Deserialize, Debug, Clone, PartialEq)]
#[serde(rename_all = "camelCase")]
pub struct DistributionLogging {
    /// The bucket's domain name, `<bucket>.s3.amazonaws.com`; its object ownership must allow ACLs.
    #[schemars(length(max = 128))]
    #[x_kube(validation = Rule::new("self.matches('^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9][.]s3([.-][a-z0-9-]+)?[.]amazonaws[.]com$')")
        .message("spec.distribution.logging.bucket must be the bucket's domain name, such as my-logs.s3.amazonaws.com"))]
    pub bucket: String,
    /// Prefix of the log objects' keys. Baseline: empty.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(max = 256))]
    pub prefix: Option<String>,
}

/// Countries as ISO 3166-1 alpha-2 codes; exactly one of the lists.
#[derive(KubeSchema, Serialize, Deserialize, Debug, Clone, PartialEq)]
#[serde(rename_all = "camelCase")]
#[x_kube(validation = Rule::new("has(self.allow) != has(self.block)")
    .message("spec.distribution.geoRestriction: set exactly one of allow and block"))]
pub struct GeoRestriction {
    /// Only these countries.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(schema_with = "geo_allow")]
    pub allow: Option<Vec<String>>,
    /// All but these countries.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(schema_with = "geo_block")]
    pub block: Option<Vec<String>>,
}

/// CloudFront's price classes.
#[derive(Serialize, Deserialize, JsonSchema, Debug, Clone, Copy, PartialEq, Eq, Default)]
#[allow(missing_docs, non_camel_case_types, clippy::enum_variant_names)]
pub enum PriceClass {
    #[default]
    PriceClass_All,
    PriceClass_200,
    PriceClass_100,
}

/// What becomes of viewers who ask without TLS.
#[derive(Serialize, Deserialize, JsonSchema, Debug, Clone, Copy, PartialEq, Eq)]
#[allow(missing_docs)]
pub enum ViewerProtocolPolicy {
    #[serde(rename = "allow-all")]
    AllowAll,
    #[serde(rename = "redirect-to-https")]
    RedirectToHttps,
    #[serde(rename = "https-only")]
    HttpsOnly,
}

impl ViewerProtocolPolicy {
    /// CloudFront's word for it.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::AllowAll => "allow-all",
            Self::RedirectToHttps => "redirect-to-https",
            Self::HttpsOnly => "https-only",
        }
    }
}

/// HTTP versions that viewers may use.
#[derive(Serialize, Deserialize, JsonSchema, Debug, Clone, Copy, PartialEq, Eq, Default)]
#[allow(missing_docs)]
pub enum HttpVersion {
    #[serde(rename = "http1.1")]
    Http1_1,
    #[serde(rename = "http2")]
    Http2,
    #[serde(rename = "http3")]
    Http3,
    #[default]
    #[serde(rename = "http2and3")]
    Http2And3,
}

/// CloudFront's viewer security policies that still count as secure.
#[derive(Serialize, Deserialize, JsonSchema, Debug, Clone, Copy, PartialEq, Eq, Default)]
#[allow(missing_docs)]
pub enum MinimumTlsVersion {
    #[serde(rename = "TLSv1.2_2018")]
    Tls1_2_2018,
    #[serde(rename = "TLSv1.2_2019")]
    Tls1_2_2019,
    #[default]
    #[serde(rename = "TLSv1.2_2021")]
    Tls1_2_2021,
    #[serde(rename = "TLSv1.2_2025")]
    Tls1_2_2025,
    #[serde(rename = "TLSv1.3_2025")]
    Tls1_3_2025,
}

fn aliases(_: &mut SchemaGenerator) -> Schema {
    string_set(
        0..=100,
        253,
        r"self.matches('^([*][.])?([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?[.])+[a-z]([a-z0-9-]{0,61}[a-z0-9])?$')",
        "spec.distribution.aliases: write host names in lower case without scheme or port, such as api.example.com or *.example.com",
    )
}

fn methods(_: &mut SchemaGenerator) -> Schema {
    string_set(
        2..=7,
        16,
        "self in ['DELETE', 'GET', 'HEAD', 'OPTIONS', 'PATCH', 'POST', 'PUT']",
        "spec.distribution.allowedMethods: write methods in capitals: DELETE, GET, HEAD, OPTIONS, PATCH, POST, PUT",
    )
}

fn geo_allow(_: &mut SchemaGenerator) -> Schema {
    countries("spec.distribution.geoRestriction.allow", 250)
}

fn geo_block(_: &mut SchemaGenerator) -> Schema {
    countries("spec.distribution.geoRestriction.block", 250)
}
