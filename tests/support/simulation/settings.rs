//! What a test may set: AWS's delays, its quotas, and which of its refusals are on.

use super::cloudfront::policies::OwnPolicy;
use super::pricing_plans::PricingPlan;
use super::waf::samples::Matching;
use serde::{Serialize, Serializer};
use std::collections::BTreeSet;
use std::net::IpAddr;
use std::time::Duration;

/// The emulator knows the same settings by the same names, so one value sets either.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
#[allow(clippy::struct_excessive_bools, reason = "each is a switch of its own")]
pub struct Settings {
    /// CloudFront: from a write until Deployed.
    #[serde(serialize_with = "seconds")]
    pub deployment_delay: Duration,
    /// How far lists are behind writes.
    #[serde(serialize_with = "seconds")]
    pub list_lag: Duration,
    /// How far the tagging service is behind writes, where that is more than the lists are.
    #[serde(serialize_with = "seconds")]
    pub tag_lag: Duration,
    /// Lambda: from Pending to Active, and until an update is done.
    #[serde(serialize_with = "seconds")]
    pub function_pending: Duration,
    /// IAM: until Lambda can assume a new role.
    #[serde(serialize_with = "seconds")]
    pub role_propagation: Duration,
    /// Lambda@Edge: how long replicas outlive the last association.
    #[serde(serialize_with = "seconds")]
    pub replica_retention: Duration,
    /// WAF: until a new IP set or web ACL can be referenced.
    #[serde(serialize_with = "seconds")]
    pub waf_propagation: Duration,
    /// ACM: until it tells which records it wants.
    #[serde(serialize_with = "seconds")]
    pub certificate_record_delay: Duration,
    /// ACM: until CloudFront knows a client certificate that was imported.
    #[serde(serialize_with = "seconds")]
    pub certificate_propagation: Duration,
    /// ACM: how long a client certificate that nothing uses any more is not deleted yet.
    #[serde(serialize_with = "seconds")]
    pub certificate_release: Duration,
    /// Route 53: until DNS answers what was changed.
    #[serde(serialize_with = "seconds")]
    pub dns_propagation: Duration,
    /// Added to every call.
    #[serde(serialize_with = "seconds")]
    pub latency: Duration,
    /// WAF: no log destination is there.
    pub log_destinations_missing: bool,
    /// CloudFront: every distribution is on a flat-rate pricing plan.
    pub flat_rate_plan: bool,
    /// The flat-rate pricing plans of the account.
    pub pricing_plans: Vec<PricingPlan>,
    /// WAF: which requests match in each time range that is asked for.
    pub sampled_requests: Vec<Matching>,
    /// CloudFront: policies that are none of AWS's.
    pub own_policies: Vec<OwnPolicy>,
    /// CloudFront: a distribution has HTTP/2, whatever is asked for.
    #[serde(skip)]
    pub keeps_http2: bool,
    /// WAF: managed rule group versions that have expired, as `group/version`.
    pub expired_managed_versions: BTreeSet<String>,
    /// Whether the account is subscribed to Shield Advanced.
    pub shield_subscription: bool,
    /// Shield: until a request for proactive engagement is granted.
    #[serde(serialize_with = "seconds")]
    pub engagement_delay: Duration,
    /// Whether AWS offers Shield's automatic response to the account.
    pub automatic_response_offered: bool,
    /// What Route 53's checkers see.
    pub health_checks_pass: bool,
    /// AWS's quotas on resources.
    pub limits: Limits,
    /// API Gateway: until requests meet a deployment that a stage was given.
    #[serde(skip)]
    pub stage_propagation: Duration,
    /// API Gateway: a stage that is given what it has makes a switch of the default endpoint effective.
    pub unchanged_stage_publishes: bool,
    /// API Gateway: an empty description of a stage is "taken", "refused", or "ignored", so that the stage keeps what it has.
    #[serde(skip)]
    pub empty_description: &'static str,
    /// API Gateway: from the creation of a custom domain name, or a change of it, until it is AVAILABLE.
    #[serde(serialize_with = "seconds")]
    pub domain_name_delay: Duration,
    /// API Gateway: how often a custom domain name may be made, changed, or deleted, each; zero: as often as anybody likes.
    #[serde(skip)]
    pub domain_name_write_interval: Duration,
    /// API Gateway: what a custom domain name that is UPDATING serves by: the "old" configuration, the "new" one, or "nothing".
    pub updating_domain_serves: &'static str,
    /// API Gateway keeps a copy of a truststore; else it reads S3 at each handshake.
    pub truststore_copied: bool,
    /// API Gateway: a truststore's bucket may be in another Region than the domain name.
    pub truststore_of_any_region: bool,
    /// API Gateway: who shows no client certificate: the connection is "closed", or "403" is answered.
    pub without_certificate: &'static str,
    /// API Gateway: who shows one that is not accepted: "403", or an "alert".
    pub foreign_certificate: &'static str,
    /// API Gateway: what a switched-off HTTP API answers: 404, or 403.
    pub disabled_http_status: u16,
    /// CloudFront's code for a client certificate that cannot be.
    pub origin_mtls_refusal: &'static str,
    /// CloudFront: functions at the origin's events are refused on every behaviour where any origin is shown a certificate.
    pub origin_mtls_excludes_all_functions: bool,
    /// CloudFront shows what was imported again without an update of the distribution.
    #[serde(skip)]
    pub edges_follow_reimports: bool,
    /// API Gateway: custom domain names are shut together with the default endpoint.
    #[serde(skip)]
    pub names_go_with_endpoint: bool,
    /// API Gateway: a custom domain name with a truststore lets in whoever shows any certificate, against what AWS says.
    #[serde(skip)]
    pub strangers_get_in: bool,
    /// API Gateway: a request whose Host is not the name of its handshake is served as its Host says.
    #[serde(skip)]
    pub other_host_served: bool,
    /// API Gateway: custom domain names that other accounts have.
    #[serde(skip)]
    pub names_taken_elsewhere: BTreeSet<String>,
    /// API Gateway: what it minds about the truststore of each custom domain name.
    #[serde(skip)]
    pub truststore_warnings: Vec<String>,
    /// Why no stage of an HTTP or WebSocket API can deploy by itself.
    #[serde(skip)]
    pub auto_deploy_fails: Option<&'static str>,
    /// Lists of API keys and usage plans do not show tags.
    #[serde(skip)]
    pub key_lists_lack_tags: bool,
    /// `ExportApi` and `GetExport` fail, as with some vendors' emulators.
    #[serde(skip)]
    pub exports_fail: bool,
    /// Summaries of REST APIs' deployments lack this method; all of them where it is empty.
    #[serde(skip)]
    pub summaries_leave_out: Option<&'static str>,
    /// Somebody sends this method or route to another backend just before each deployment is made.
    #[serde(skip)]
    pub edits_before_deployments: Option<&'static str>,
    /// The function at the edge signs wrongly.
    #[serde(skip)]
    pub signer_is_broken: bool,
    /// API Gateway may not invoke any authorizer's function.
    #[serde(skip)]
    pub authorizers_cannot_be_asked: bool,
    /// A rule of the web ACL blocks every request of ours.
    #[serde(skip)]
    pub web_acl_blocks_probes: bool,
    /// Status and message of the team's backends, in place of what they have.
    #[serde(skip)]
    pub backend_says: Option<(u16, &'static str)>,
    /// The error that the team's backends name as AWS's services do, with what they say.
    #[serde(skip)]
    pub backend_names: Option<&'static str>,
    /// Whether the backends' own headers come under other names, as those of an HTTP integration do.
    #[serde(skip)]
    pub backend_is_remapped: bool,
    /// Whether integrations that are called for somebody who has signed fail: they are called with the caller's credentials.
    #[serde(skip)]
    pub signed_calls_fail: bool,
    /// The address from which APIs answer probes that come to them directly.
    #[serde(skip)]
    pub probe_address: Option<IpAddr>,
    /// The error with which something before the API refuses whoever comes past the perimeter.
    #[serde(skip)]
    pub refused_from_here: Option<&'static str>,
    /// The status that gateway responses give to API Gateway's own refusals.
    #[serde(skip)]
    pub refusals_say: Option<u16>,
    /// Whether gateway responses take the error type away as well.
    #[serde(skip)]
    pub refusals_lack_type: bool,
    /// The error that gateway responses have refusals name in place of their own.
    #[serde(skip)]
    pub refusals_name: Option<&'static str>,
    /// What the backend answers.
    #[serde(skip)]
    pub backend_status: u16,
    /// Actions that the credentials may not take, such as `iam:CreateRole`, or `shield:*` for all of a service.
    #[serde(skip)]
    pub denied: BTreeSet<String>,
    /// Lists answer at most this many items a page; AWS may always answer fewer than asked for.
    #[serde(skip)]
    pub page_size: usize,
}

/// AWS's quotas on resources.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Limits {
    pub distributions: usize,
    /// Distributions with a function association.
    pub lambda_associations: usize,
    /// Names of one distribution.
    pub aliases: usize,
    pub origin_custom_headers: usize,
    pub distributions_per_web_acl: usize,
    pub web_acls: usize,
    pub ip_sets: usize,
    pub web_acl_capacity: i64,
    /// Rate rules of one web ACL.
    pub rate_rules: usize,
    pub functions: usize,
    pub roles: usize,
    /// Buckets that the Shield Response Team may read.
    pub drt_log_buckets: usize,
    /// Imported certificates of a Region.
    #[serde(skip)]
    pub imported_certificates: usize,
}

impl Default for Settings {
    /// Delays as AWS's users see them.
    fn default() -> Self {
        Self {
            deployment_delay: Duration::from_mins(3),
            list_lag: Duration::from_secs(2),
            tag_lag: Duration::from_secs(5),
            function_pending: Duration::from_secs(3),
            role_propagation: Duration::from_secs(8),
            replica_retention: Duration::from_hours(3),
            waf_propagation: Duration::from_secs(5),
            certificate_record_delay: Duration::from_secs(4),
            certificate_propagation: Duration::ZERO,
            certificate_release: Duration::from_mins(1),
            dns_propagation: Duration::from_secs(30),
            latency: Duration::ZERO,
            log_destinations_missing: false,
            flat_rate_plan: false,
            pricing_plans: vec![],
            sampled_requests: vec![],
            own_policies: vec![],
            keeps_http2: false,
            expired_managed_versions: BTreeSet::from(["AWSManagedRulesCommonRuleSet/Version_1.0".to_owned()]),
            shield_subscription: true,
            engagement_delay: Duration::from_mins(20),
            automatic_response_offered: true,
            health_checks_pass: true,
            limits: Limits::default(),
            stage_propagation: Duration::ZERO,
            unchanged_stage_publishes: true,
            empty_description: "taken",
            domain_name_delay: Duration::from_mins(2),
            domain_name_write_interval: Duration::from_secs(30),
            updating_domain_serves: "old",
            truststore_copied: true,
            truststore_of_any_region: false,
            without_certificate: "closed",
            foreign_certificate: "403",
            disabled_http_status: 404,
            origin_mtls_refusal: "InvalidArgument",
            origin_mtls_excludes_all_functions: false,
            edges_follow_reimports: true,
            names_go_with_endpoint: false,
            strangers_get_in: false,
            other_host_served: false,
            names_taken_elsewhere: BTreeSet::new(),
            truststore_warnings: vec![],
            auto_deploy_fails: None,
            exports_fail: false,
            summaries_leave_out: None,
            edits_before_deployments: None,
            key_lists_lack_tags: false,
            signer_is_broken: false,
            authorizers_cannot_be_asked: false,
            web_acl_blocks_probes: false,
            backend_says: None,
            backend_names: None,
            backend_is_remapped: false,
            signed_calls_fail: false,
            probe_address: None,
            refused_from_here: None,
            refusals_say: None,
            refusals_lack_type: false,
            refusals_name: None,
            backend_status: 200,
            denied: BTreeSet::new(),
            page_size: usize::MAX,
        }
    }
}

impl Settings {
    /// An AWS that never lets anyone wait, for tests that are about something else.
    pub fn instant() -> Self {
        Self {
            deployment_delay: Duration::ZERO,
            list_lag: Duration::ZERO,
            tag_lag: Duration::ZERO,
            function_pending: Duration::ZERO,
            role_propagation: Duration::ZERO,
            replica_retention: Duration::ZERO,
            waf_propagation: Duration::ZERO,
            engagement_delay: Duration::ZERO,
            certificate_record_delay: Duration::ZERO,
            certificate_release: Duration::ZERO,
            dns_propagation: Duration::ZERO,
            domain_name_delay: Duration::ZERO,
            domain_name_write_interval: Duration::ZERO,
            ..Self::default()
        }
    }
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            distributions: 500,
            lambda_associations: 500,
            aliases: 100,
            origin_custom_headers: 10,
            distributions_per_web_acl: 100,
            web_acls: 100,
            ip_sets: 100,
            web_acl_capacity: 5000,
            rate_rules: 10,
            functions: 1000,
            roles: 1000,
            drt_log_buckets: 10,
            imported_certificates: 2500,
        }
    }
}

fn seconds<S: Serializer>(duration: &Duration, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_f64(duration.as_secs_f64())
}
