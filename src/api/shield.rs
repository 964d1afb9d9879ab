//! `spec.shield`: what a team may say about AWS Shield Advanced.

use kube::KubeSchema;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Protection of the distribution by Shield Advanced, to which the account must be subscribed already: the controller never
/// subscribes. `{}` protects it, and nothing more.
#[derive(KubeSchema, Serialize, Deserialize, Debug, Clone, PartialEq, Eq, Default)]
#[serde(rename_all = "camelCase")]
pub struct ShieldSpec {
    /// Shield's own response to application-layer attacks, in a rule group that Shield keeps in the web ACL; not beside
    /// spec.webAcl.antiDdos. Baseline: none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub automatic_response: Option<AutomaticResponse>,
    /// A Route 53 health check, by which Shield sees sooner that an attack does harm. Baseline: none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub health_check: Option<HealthCheckSpec>,
    /// A CloudWatch alarm on attacks that Shield detects. Baseline: none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ddos_alarm: Option<DdosAlarm>,
}

/// Shield's automatic response to application-layer attacks.
#[derive(KubeSchema, Serialize, Deserialize, Debug, Clone, PartialEq, Eq, Default)]
#[serde(rename_all = "camelCase")]
#[x_kube(validation = Rule::new("!has(self.promoteAfter) || !has(self.action) || self.action == 'Count'")
    .message("spec.shield.automaticResponse.promoteAfter turns Count into Block: write action: Count beside it, or leave it out"))]
pub struct AutomaticResponse {
    /// What Shield's rules do with requests that take part in an attack. Count first: Shield has to learn what is usual.
    /// Baseline: Count.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub action: Option<ResponseAction>,
    /// How long Shield counts before the controller has it block, in hours from 24h on, such as 720h (30 days).
    /// Baseline: Shield goes on counting.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(max = 16))]
    #[x_kube(validation = Rule::new("self.matches('^(2[4-9]|[3-9][0-9]|[1-9][0-9]{2,3})h$')")
        .message("spec.shield.automaticResponse.promoteAfter must be 24h to 9999h, such as 720h (30 days): Shield needs a day at least to learn what is usual"))]
    pub promote_after: Option<String>,
}

/// What Shield's rules do.
#[derive(Serialize, Deserialize, JsonSchema, Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
#[allow(missing_docs)]
pub enum ResponseAction {
    #[default]
    Count,
    Block,
}

/// A Route 53 health check that is associated with the protection once it is healthy.
#[derive(KubeSchema, Serialize, Deserialize, Debug, Clone, PartialEq, Eq, Default)]
#[serde(rename_all = "camelCase")]
#[x_kube(validation = Rule::new("has(self.id) != has(self.path)")
    .message("spec.shield.healthCheck: set exactly one of id (a health check that is there) and path (one is made)"))]
#[x_kube(validation = Rule::new("has(self.path) || (!has(self.interval) && !has(self.failureThreshold))")
    .message("spec.shield.healthCheck: interval and failureThreshold belong to path; a health check that is named by id stays as it is"))]
pub struct HealthCheckSpec {
    /// Id of a health check of this account. It is used and never changed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(max = 64))]
    #[x_kube(validation = Rule::new("self.matches('^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$')")
        .message("spec.shield.healthCheck.id must be a health check's id, such as 0f1e2d3c-0000-4000-8000-000000000000"))]
    pub id: Option<String>,
    /// Path that a health check of our own requests with GET by HTTPS through the perimeter; it must answer 2xx or 3xx.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(max = 255))]
    #[x_kube(validation = Rule::new("self.startsWith('/')")
        .message("spec.shield.healthCheck.path must start with /, such as /prod/health"))]
    pub path: Option<String>,
    /// How often each of Route 53's checkers asks: 10s or 30s. Another interval makes another health check. Baseline: 30s.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub interval: Option<CheckInterval>,
    /// How many failures in a row make a checker call the path unhealthy. Baseline: 3.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 1, max = 10))]
    pub failure_threshold: Option<i32>,
}

/// How often a health checker asks, as Route 53 offers it.
#[derive(Serialize, Deserialize, JsonSchema, Debug, Clone, Copy, PartialEq, Eq, Default)]
#[allow(missing_docs)]
pub enum CheckInterval {
    #[serde(rename = "10s")]
    TenSeconds,
    #[default]
    #[serde(rename = "30s")]
    ThirtySeconds,
}

/// A CloudWatch alarm on the metric `DDoSDetected` of the distribution.
#[derive(KubeSchema, Serialize, Deserialize, Debug, Clone, PartialEq, Eq)]
#[serde(rename_all = "camelCase")]
pub struct DdosAlarm {
    /// The SNS topic that is told. It must be in us-east-1, where the metric is, and let CloudWatch publish.
    #[schemars(length(max = 300))]
    #[x_kube(validation = Rule::new("self.matches('^arn:aws:sns:us-east-1:[0-9]{12}:[A-Za-z0-9_-]{1,256}$')")
        .message("spec.shield.ddosAlarm.snsTopicArn must be a standard SNS topic in us-east-1, where CloudFront's metrics and their alarms are: arn:aws:sns:us-east-1:<account>:<name>"))]
    pub sns_topic_arn: String,
}
