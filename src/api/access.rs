//! `spec.access`: how the API is made to accept only the perimeter.

use super::transitions::{HOSTED_ZONE, ORIGIN_DOMAIN, TRUSTSTORE_BUCKET};
use kube::KubeSchema;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// How the API is made to accept only the perimeter.
#[derive(KubeSchema, Serialize, Deserialize, Debug, Clone, PartialEq, Default)]
#[serde(rename_all = "camelCase")]
#[x_kube(validation = Rule::new("!has(self.sigV4) || !has(self.mode) || self.mode == 'SigV4'")
    .message("spec.access.sigV4 belongs to the mode SigV4: leave it out, or set spec.access.mode to SigV4"))]
#[x_kube(validation = Rule::new("!has(self.apiKey) || (has(self.mode) && self.mode == 'ApiKey')")
    .message("spec.access.apiKey belongs to the mode ApiKey: leave it out, or set spec.access.mode to ApiKey"))]
#[x_kube(validation = Rule::new("!has(self.secretHeader) || (has(self.mode) && self.mode == 'SecretHeader')")
    .message("spec.access.secretHeader belongs to the mode SecretHeader: leave it out, or set spec.access.mode to SecretHeader"))]
#[x_kube(validation = Rule::new("!has(self.mutualTls) || (has(self.mode) && self.mode == 'MutualTls')")
    .message("spec.access.mutualTls belongs to the mode MutualTls: leave it out, or set spec.access.mode to MutualTls"))]
#[x_kube(validation = Rule::new("!has(self.mode) || self.mode != 'MutualTls' || has(self.mutualTls)")
    .message("spec.access.mutualTls: the mode MutualTls needs hostedZoneId, originDomain and truststoreBucket: write them"))]
#[x_kube(validation = Rule::new("!has(self.mode) || self.mode != 'MutualTls' || !has(self.excludeMethods) || self.excludeMethods.size() == 0")
    .message("spec.access.excludeMethods: the mode MutualTls switches the default endpoint off for all methods; leave the field out, or choose another mode"))]
#[x_kube(validation = Rule::new("!has(self.rotationPeriod) || (has(self.mode) && self.mode != 'SigV4')")
    .message("spec.access.rotationPeriod: a signature has nothing to rotate; leave it out, or set spec.access.mode to ApiKey, SecretHeader or MutualTls"))]
#[x_kube(validation = Rule::new("!has(self.rotationPeriod) || !has(self.mode) || self.mode != 'MutualTls' || self.rotationPeriod.matches('^([1-9][0-9]{0,2}|1[0-7][0-9]{2}|1800)h$')")
    .message("spec.access.rotationPeriod: a client certificate is valid for 120 days, and the next one comes long before; write 24h to 1800h, such as 960h"))]
#[x_kube(validation = Rule::new("!has(self.probe) || !has(self.probe.header) || self.probe.header.lowerAscii() != 'authorization' || (has(self.mode) && self.mode != 'SigV4')")
    .message("spec.access.probe.header: in the mode SigV4 the signature takes the place of authorization; name another header, or set spec.access.mode to ApiKey, SecretHeader or MutualTls"))]
#[x_kube(validation = Rule::new("!has(self.probe) || !has(self.probe.header) || self.probe.header.lowerAscii() != (has(self.secretHeader) && has(self.secretHeader.name) ? self.secretHeader.name : 'x-origin-verify')")
    .message("spec.access.probe.header: this header carries the perimeter's own secret; name another one"))]
pub struct AccessSpec {
    /// What the perimeter shows to the API. SigV4: a signature of each request. ApiKey (REST): an API key. SecretHeader: a
    /// secret header that a Lambda authorizer checks. MutualTls (REST, HTTP): a client certificate that a custom domain name of
    /// API Gateway asks for, while the default endpoint is switched off; any mode can change to any other. Baseline: SigV4.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub mode: Option<AccessMode>,
    /// Enforce: lock the stage, so that it accepts only the perimeter. Observe: change nothing on the API and report which
    /// methods stand open. Baseline: Enforce.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub enforcement: Option<Enforcement>,
    /// When the API is locked: AfterProbe, once a request through the perimeter has reached it, or AfterDeployed, as soon as
    /// the perimeter is deployed. Baseline: AfterProbe.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cut_over: Option<CutOver>,
    /// Methods (REST), routes (HTTP) or $connect (WebSocket) that stay as they are, such as "GET /health". They are named
    /// in the condition AccessRestricted. Baseline: none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(max = 50), extend("x-kubernetes-list-type" = "set"))]
    pub exclude_methods: Option<Vec<MethodName>>,
    /// True: a deployment that locks the stage may also carry edits of the API that nobody has deployed yet. False: the lock
    /// waits until those are deployed or undone. Baseline: false.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub deploy_pending_changes: Option<bool>,
    /// Options of the mode SigV4.
    #[serde(default, skip_serializing_if = "Option::is_none", rename = "sigV4")]
    pub sig_v4: Option<SigV4Spec>,
    /// Options of the mode ApiKey.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub api_key: Option<ApiKeySpec>,
    /// Options of the mode SecretHeader.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub secret_header: Option<SecretHeaderSpec>,
    /// Options of the mode MutualTls, which needs them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub mutual_tls: Option<MutualTlsSpec>,
    /// Modes ApiKey, SecretHeader and MutualTls: how old a value, or a client certificate, may become before the next one takes
    /// its place, such as 720h; 24h at least, and of a certificate 1800h at most. Without waiting: set the annotation
    /// palisade.dev/rotate to a new text. Baseline: 720h, of a certificate 960h.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(max = 6))]
    #[x_kube(validation = Rule::new("self.matches('^(2[4-9]|[3-9][0-9]|[1-9][0-9]{2,4})h$')")
        .message("spec.access.rotationPeriod: write whole hours from 24h to 99999h, such as 720h"))]
    pub rotation_period: Option<String>,
    /// How probes ask. Baseline: by the distribution's own name, without a header of yours.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub probe: Option<ProbeSpec>,
}

/// How probes ask.
#[derive(KubeSchema, Serialize, Deserialize, Debug, Clone, PartialEq, Default)]
#[serde(rename_all = "camelCase")]
#[x_kube(validation = Rule::new("has(self.header) == has(self.secretRef)")
    .message("spec.access.probe: header and secretRef belong together: the header's name, and the Secret that has its value"))]
pub struct ProbeSpec {
    /// One of spec.distribution.aliases, by which the perimeter is probed, and checked by Shield's health check, in place of
    /// the distribution's own name: for web ACLs that block *.cloudfront.net. Probes go to the distribution, wherever
    /// DNS leads; the health check follows DNS. Baseline: the distribution's own name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(max = 253))]
    #[x_kube(validation = Rule::new("self.matches('^[a-z0-9]([-a-z0-9]*[a-z0-9])?([.][a-z0-9]([-a-z0-9]*[a-z0-9])?)+$')")
        .message("spec.access.probe.host: write a host name in lower case without scheme or port, such as api.example.com"))]
    pub host: Option<String>,
    /// A header that each probe carries, such as authorization, so that an authorizer of the API's lets it pass. Its value
    /// comes from secretRef. Baseline: none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(max = 64))]
    #[x_kube(validation = Rule::new("self.matches('^[A-Za-z0-9][A-Za-z0-9-]*$')")
        .message("spec.access.probe.header: write a header's name of letters, digits and -, such as authorization"))]
    #[x_kube(validation = Rule::new("!self.lowerAscii().matches('^(x-amz-|x-amzn-|x-edge-|x-forwarded-|x-palisade-|sec-|proxy-|content-|if-)') && !(self.lowerAscii() in ['accept', 'connection', 'expect', 'host', 'keep-alive', 'te', 'trailer', 'transfer-encoding', 'upgrade', 'user-agent', 'via', 'x-api-key', 'x-real-ip'])")
        .message("spec.access.probe.header: this header is the protocol's, CloudFront's or the perimeter's own; name the one that the API's authorizer reads, such as authorization"))]
    pub header: Option<String>,
    /// The Secret, in the object's own namespace, that has the header's value. The controller may read no Secrets: a Role
    /// of yours has to grant it get on this one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub secret_ref: Option<SecretKeyRef>,
}

/// A value in a Secret of the object's own namespace.
#[derive(KubeSchema, Serialize, Deserialize, Debug, Clone, PartialEq, Eq, Default)]
#[serde(rename_all = "camelCase")]
pub struct SecretKeyRef {
    /// The Secret's name.
    #[schemars(length(min = 1, max = 253))]
    #[x_kube(validation = Rule::new("self.matches('^[a-z0-9]([-a-z0-9.]*[a-z0-9])?$')")
        .message("spec.access.probe.secretRef.name must be the name of a Secret"))]
    pub name: String,
    /// The key in it; the value has at most 8,192 bytes.
    #[schemars(length(min = 1, max = 253))]
    #[x_kube(validation = Rule::new("self.matches('^[-._a-zA-Z0-9]+$')")
        .message("spec.access.probe.secretRef.key must be a key of the Secret"))]
    pub key: String,
}

/// A method or route, as API Gateway writes it.
#[derive(Serialize, Deserialize, JsonSchema, Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
#[serde(transparent)]
#[schemars(extend("x-kubernetes-validations" = [{
    "rule": r"self.matches('^((ANY|DELETE|GET|HEAD|OPTIONS|PATCH|POST|PUT) /[^ ]*|[$]default|[$]connect)$')",
    "message": "spec.access.excludeMethods: write a method and a path as API Gateway has them, such as GET /pets/{petId}, or $default or $connect",
}]))]
pub struct MethodName(#[schemars(length(max = 300))] pub String);

/// What the perimeter shows to the API.
#[derive(Serialize, Deserialize, JsonSchema, Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
#[allow(missing_docs)]
pub enum AccessMode {
    #[default]
    SigV4,
    ApiKey,
    SecretHeader,
    MutualTls,
}

impl AccessMode {
    /// As a spec has it.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::SigV4 => "SigV4",
            Self::ApiKey => "ApiKey",
            Self::SecretHeader => "SecretHeader",
            Self::MutualTls => "MutualTls",
        }
    }
}

/// Whether the API is locked, or only looked at.
#[derive(Serialize, Deserialize, JsonSchema, Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
#[allow(missing_docs)]
pub enum Enforcement {
    #[default]
    Enforce,
    Observe,
}

/// When the API is locked.
#[derive(Serialize, Deserialize, JsonSchema, Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
#[allow(missing_docs)]
pub enum CutOver {
    #[default]
    AfterProbe,
    AfterDeployed,
}

/// Whether probes are sent.
#[derive(Serialize, Deserialize, JsonSchema, Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
#[allow(missing_docs)]
pub enum Probes {
    #[default]
    Enabled,
    Disabled,
}

/// Options of the Lambda@Edge function that signs each request.
#[derive(KubeSchema, Serialize, Deserialize, Debug, Clone, PartialEq, Default)]
#[serde(rename_all = "camelCase")]
pub struct SigV4Spec {
    /// What happens to a viewer's own Authorization header, which the signature replaces: Drop it, or Forward it to the
    /// API as x-forwarded-authorization. Baseline: Drop.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub viewer_authorization: Option<ViewerAuthorization>,
    /// True: only the signer's role may call the stage, and no other principal of the account. A statement in the API's
    /// resource policy says so, beside those of others (REST only). Baseline: false.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub exclusive: Option<bool>,
    /// True: the signer may write CloudWatch logs (refusals and errors only) in each Region with an edge cache.
    /// Nothing removes these log groups. Baseline: false.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub logs: Option<bool>,
}

/// What becomes of a viewer's own Authorization header.
#[derive(Serialize, Deserialize, JsonSchema, Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
#[allow(missing_docs)]
pub enum ViewerAuthorization {
    #[default]
    Drop,
    Forward,
}

/// Options of the API key.
#[derive(KubeSchema, Serialize, Deserialize, Debug, Clone, PartialEq, Default)]
#[serde(rename_all = "camelCase")]
pub struct ApiKeySpec {
    /// A usage plan of yours that has the stage; the key is added to it, so its throttle and quota count for all viewers
    /// together. Baseline: a plan without limits is made.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(max = 64))]
    #[x_kube(validation = Rule::new("self.matches('^[a-z0-9]+$')")
        .message("spec.access.apiKey.usagePlanId: write the plan's id, such as a1b2c3"))]
    pub usage_plan_id: Option<String>,
}

/// Options of the secret header.
#[derive(KubeSchema, Serialize, Deserialize, Debug, Clone, PartialEq, Default)]
#[serde(rename_all = "camelCase")]
pub struct SecretHeaderSpec {
    /// The header's name, in lower case. Baseline: x-origin-verify.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(max = 64))]
    #[x_kube(validation = Rule::new("self.matches('^x-[a-z0-9-]*[a-z0-9]$') && !self.matches('^x-(amz|amzn|edge|forwarded)-') && !(self in ['x-api-key', 'x-real-ip'])")
        .message("spec.access.secretHeader.name: write a name of your own in lower case that begins with x-, such as x-origin-verify; x-amz-, x-amzn-, x-edge-, x-forwarded-, x-api-key and x-real-ip are taken"))]
    pub name: Option<String>,
}

/// Options of mutual TLS between CloudFront and API Gateway.
#[derive(KubeSchema, Serialize, Deserialize, Debug, Clone, PartialEq, Default)]
#[serde(rename_all = "camelCase")]
#[x_kube(validation = Rule::new("self.hostedZoneId == oldSelf.hostedZoneId")
    .message(HOSTED_ZONE))]
#[x_kube(validation = Rule::new("self.originDomain == oldSelf.originDomain")
    .message(ORIGIN_DOMAIN))]
#[x_kube(validation = Rule::new("self.truststoreBucket == oldSelf.truststoreBucket")
    .message(TRUSTSTORE_BUCKET))]
#[x_kube(validation = Rule::new("!has(self.sharedCertificate) || !self.sharedCertificate || !has(self.certificateArn)")
    .message("spec.access.mutualTls: set certificateArn or sharedCertificate: true, not both"))]
pub struct MutualTlsSpec {
    /// Id of the public hosted zone, in the object's AWS account, that the records of originDomain are made in. Immutable.
    #[schemars(length(min = 1, max = 32))]
    #[x_kube(validation = Rule::new("self.matches('^Z[A-Z0-9]+$')")
        .message("spec.access.mutualTls.hostedZoneId: write the hosted zone's id, such as Z0123456789ABCDEFGHIJ"))]
    pub hosted_zone_id: String,
    /// The name by which CloudFront reaches the API: a custom domain name of API Gateway is made for it. No viewer uses it.
    /// Immutable.
    #[schemars(length(min = 4, max = 64))]
    #[x_kube(validation = Rule::new("self.matches('^[a-z0-9]([-a-z0-9]*[a-z0-9])?([.][a-z0-9]([-a-z0-9]*[a-z0-9])?)+$')")
        .message("spec.access.mutualTls.originDomain: write a name of the hosted zone in lower case, such as origin.shop.example.com"))]
    pub origin_domain: String,
    /// A bucket of the object's AWS account, in the API's Region and with versions, in which the truststore is kept.
    /// Immutable.
    #[schemars(length(min = 3, max = 63))]
    #[x_kube(validation = Rule::new("self.matches('^[a-z0-9][a-z0-9.-]*[a-z0-9]$')")
        .message("spec.access.mutualTls.truststoreBucket: write the bucket's name, such as shop-truststores"))]
    pub truststore_bucket: String,
    /// ARN of a public certificate of ACM, in the API's Region, that covers originDomain, such as a wildcard for many. Baseline:
    /// one is requested for the name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(max = 256))]
    #[x_kube(validation = Rule::new("self.matches('^arn:aws:acm:[a-z0-9-]+:[0-9]{12}:certificate/[A-Za-z0-9-]+$')")
        .message("spec.access.mutualTls.certificateArn: write the ARN of a certificate of ACM in the API's Region"))]
    pub certificate_arn: Option<String>,
    /// True: the certificate is requested for all names beside originDomain, such as *.origin.example.com for
    /// a.origin.example.com, and shared by all objects of the cluster that say so, in the AWS account and Region. Not beside
    /// certificateArn. Baseline: false.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub shared_certificate: Option<bool>,
    /// True: other stages of the API may lose the default endpoint, too, which is the API's as a whole. Baseline: false.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub disable_for_all_stages: Option<bool>,
}
