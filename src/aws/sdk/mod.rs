//! `Cloud` on the AWS SDK: the only place that names its crates.
//!
//! One function per operation, in a file per service. Answers of the SDK become the types of the rooms of `domain`, its
//! errors [`CloudError`]s. Where the SDK's types would lose fields that are newer than its crates, the documents
//! themselves travel: see [`raw_body`].

mod account_shield;
mod acm;
mod answers;
mod api_keys;
mod apigateway;
mod apigatewayv2;
mod attempts;
mod authorizers;
mod client;
mod cloudfront;
mod cloudwatch;
mod config;
mod domain_names;
mod failure;
mod health_checks;
mod hosted_zones;
mod iam;
mod integration;
mod lambda;
mod marker;
mod mutual_tls;
mod pricing_plans;
mod raw_body;
mod regional;
mod s3;
mod samples;
mod shield;
mod sns;
mod sts;
mod tagging;
pub mod traces;
mod waf;

pub use config::{Connections, Options};

use super::cloud::{CALL_TIMEOUT, Cloud, CloudError, RetryObserver};
use super::operations::{Answer, Call, CallerIdentity, Service};
use crate::domain::kernel::arn::Arn;
use crate::domain::signer::function::EDGE_REGION;
use crate::domain::tenancy::account::Assumption;
use async_trait::async_trait;
use aws_config::SdkConfig;
use aws_config::identity::IdentityCache;
use client::client;
use config::loader;
use failure::Failure;
use std::pin::Pin;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, OnceLock};

/// AWS through its SDK, with one account's credentials.
pub struct Sdk {
    cloudfront: aws_sdk_cloudfront::Client,
    cloudwatch: aws_sdk_cloudwatch::Client,
    iam: aws_sdk_iam::Client,
    pricing_plans: aws_sdk_pricingplanmanager::Client,
    regional: regional::Clients,
    route53: aws_sdk_route53::Client,
    shield: aws_sdk_shield::Client,
    sns: aws_sdk_sns::Client,
    sts: aws_sdk_sts::Client,
    waf: aws_sdk_wafv2::Client,
    retries: Arc<OnceLock<Arc<dyn RetryObserver>>>,
    /// Whether any call was answered.
    had_credentials: AtomicBool,
    /// Whose account it is, once that was asked.
    account: OnceLock<String>,
}

impl Sdk {
    /// Clients from the standard configuration chain. Credentials are first looked up by the first call.
    pub async fn from_environment(options: &Options) -> Self {
        Self::over(&loader(options).load().await)
    }

    /// Clients with the credentials of `role`, which those of `own` assume.
    pub async fn assuming(options: &Options, own: Arc<dyn Cloud>, role: Assumption) -> Self {
        let credentials = sts::Assumed { own, role };
        // As long as a call: it waits for its share of the quota as well.
        let cache = IdentityCache::lazy().load_timeout(CALL_TIMEOUT).build();
        let loader = loader(options)
            .credentials_provider(credentials)
            .identity_cache(cache);
        Self::over(&loader.load().await)
    }

    fn over(config: &SdkConfig) -> Self {
        let retries = Arc::new(OnceLock::new());
        Self {
            cloudfront: client!(aws_sdk_cloudfront, config, Service::CloudFront, &retries),
            cloudwatch: client!(aws_sdk_cloudwatch, config, Service::CloudWatch, &retries),
            iam: client!(aws_sdk_iam, config, Service::Iam, &retries),
            pricing_plans: client!(
                aws_sdk_pricingplanmanager,
                config,
                Service::PricingPlans,
                &retries
            ),
            regional: regional::Clients::new(config.clone(), Arc::clone(&retries)),
            route53: client!(aws_sdk_route53, config, Service::Route53, &retries),
            shield: client!(aws_sdk_shield, config, Service::Shield, &retries),
            sns: client!(aws_sdk_sns, config, Service::Sns, &retries),
            sts: client!(aws_sdk_sts, config, Service::Sts, &retries),
            waf: client!(aws_sdk_wafv2, config, Service::Waf, &retries),
            retries,
            had_credentials: AtomicBool::new(false),
            account: OnceLock::new(),
        }
    }

    /// Has `observer` told of each attempt after a call's first; the first observer stays.
    ///
    /// Apart from construction, because a budget belongs to an account, and whose account it is only a call tells.
    pub fn observe_retries(&self, observer: Arc<dyn RetryObserver>) {
        let _ = self.retries.set(observer);
    }

    /// Lambda where functions of the edge are made.
    fn edge(&self) -> aws_sdk_lambda::Client {
        self.regional.of(EDGE_REGION).lambda
    }

    /// Lambda in the Region of a function's ARN.
    fn lambda_of(&self, arn: &str) -> aws_sdk_lambda::Client {
        self.regional.of(region_of(arn)).lambda
    }

    /// ACM in the Region of a certificate's ARN.
    fn acm_of(&self, arn: &str) -> aws_sdk_acm::Client {
        self.regional.of(region_of(arn)).acm
    }

    /// The tagging service where most of a perimeter is.
    fn tagging(&self) -> aws_sdk_resourcegroupstagging::Client {
        self.regional.of(EDGE_REGION).tagging
    }

    /// A bucket that has to be of this account.
    fn bucket(&self, name: String) -> s3::Bucket {
        s3::Bucket {
            name,
            account: self.account.get().cloned(),
        }
    }

    async fn get_caller_identity(&self) -> Result<CallerIdentity, Failure> {
        let identity = sts::get_caller_identity(&self.sts).await?;
        let _ = self.account.set(identity.account.clone());
        Ok(identity)
    }

    #[rustfmt::skip]
    #[allow(clippy::too_many_lines, reason = "one line an operation")]
    async fn answer(&self, call: Call) -> Result<Answer, Failure> {
        Ok(match call {
            Call::GetCallerIdentity {} => Answer::GetCallerIdentity(self.get_caller_identity().await?),
            Call::AssumeRole { role } => Answer::AssumeRole(sts::assume_role(&self.sts, role).await?),

            Call::GetRestApi { region, id } => Answer::GetRestApi(off_stack(|| apigateway::get_rest_api(&self.regional, region, id)).await?),
            Call::GetRestStage { region, api_id, stage } => Answer::GetRestStage(off_stack(|| apigateway::get_stage(&self.regional, region, api_id, stage)).await?),
            Call::ListMethods { region, api_id, marker } => Answer::ListMethods(off_stack(|| apigateway::list_methods(&self.regional, region, api_id, marker)).await?),
            Call::ListRestDeployments { region, api_id, marker } => Answer::ListRestDeployments(off_stack(|| apigateway::list_deployments(&self.regional, region, api_id, marker)).await?),
            Call::GetRestDeployment { region, api_id, id } => Answer::GetRestDeployment(off_stack(|| apigateway::get_deployment(&self.regional, region, api_id, id)).await?),
            Call::ExportRestStage { region, api_id, stage } => Answer::ExportRestStage(off_stack(|| apigateway::export_stage(&self.regional, region, api_id, stage)).await?),
            Call::UpdateMethod { region, api_id, resource, method, authorization } => Answer::UpdateMethod(off_stack(|| apigateway::update_method(&self.regional, region, api_id, resource, method, authorization)).await?),
            Call::CreateRestDeployment { region, api_id, description } => Answer::CreateRestDeployment(off_stack(|| apigateway::create_deployment(&self.regional, region, api_id, description)).await?),
            Call::UpdateRestStage { region, api_id, stage, deployment } => Answer::UpdateRestStage(off_stack(|| apigateway::update_stage(&self.regional, region, api_id, stage, deployment)).await?),
            Call::DescribeRestStage { region, api_id, stage, description } => Answer::DescribeRestStage(off_stack(|| apigateway::describe_stage(&self.regional, region, api_id, stage, description)).await?),
            Call::DeleteRestDeployment { region, api_id, id } => Answer::DeleteRestDeployment(off_stack(|| apigateway::delete_deployment(&self.regional, region, api_id, id)).await?),

            Call::GetApiKey { region, id } => Answer::GetApiKey(off_stack(|| api_keys::get_api_key(&self.regional, region, id)).await?),
            Call::ListApiKeys { region, name, marker } => Answer::ListApiKeys(off_stack(|| api_keys::list_api_keys(&self.regional, region, name, marker)).await?),
            Call::CreateApiKey { region, key } => Answer::CreateApiKey(off_stack(|| api_keys::create_api_key(&self.regional, region, key)).await?),
            Call::DeleteApiKey { region, id } => Answer::DeleteApiKey(off_stack(|| api_keys::delete_api_key(&self.regional, region, id)).await?),
            Call::ListUsagePlans { region, marker } => Answer::ListUsagePlans(off_stack(|| api_keys::list_usage_plans(&self.regional, region, marker)).await?),
            Call::GetUsagePlan { region, id } => Answer::GetUsagePlan(off_stack(|| api_keys::get_usage_plan(&self.regional, region, id)).await?),
            Call::CreateUsagePlan { region, plan } => Answer::CreateUsagePlan(off_stack(|| api_keys::create_usage_plan(&self.regional, region, plan)).await?),
            Call::UpdateUsagePlan { region, id, stage, add } => Answer::UpdateUsagePlan(off_stack(|| api_keys::update_usage_plan(&self.regional, region, id, stage, add)).await?),
            Call::DeleteUsagePlan { region, id } => Answer::DeleteUsagePlan(off_stack(|| api_keys::delete_usage_plan(&self.regional, region, id)).await?),
            Call::ListUsagePlanKeys { region, plan, marker } => Answer::ListUsagePlanKeys(off_stack(|| api_keys::list_usage_plan_keys(&self.regional, region, plan, marker)).await?),
            Call::CreateUsagePlanKey { region, plan, key } => Answer::CreateUsagePlanKey(off_stack(|| api_keys::create_usage_plan_key(&self.regional, region, plan, key)).await?),
            Call::TagKeyOrPlan { arn, tags } => Answer::TagKeyOrPlan(off_stack(|| api_keys::tag(&self.regional, arn, tags)).await?),
            Call::UntagKeyOrPlan { arn, keys } => Answer::UntagKeyOrPlan(off_stack(|| api_keys::untag(&self.regional, arn, keys)).await?),

            Call::ListRestAuthorizers { region, api_id, marker } => Answer::ListRestAuthorizers(off_stack(|| authorizers::list_rest_authorizers(&self.regional, region, api_id, marker)).await?),
            Call::CreateRestAuthorizer { region, api_id, name, settings } => Answer::CreateRestAuthorizer(off_stack(|| authorizers::create_rest_authorizer(&self.regional, region, api_id, name, settings)).await?),
            Call::UpdateRestAuthorizer { region, api_id, id, settings } => Answer::UpdateRestAuthorizer(off_stack(|| authorizers::update_rest_authorizer(&self.regional, region, api_id, id, settings)).await?),
            Call::DeleteRestAuthorizer { region, api_id, id } => Answer::DeleteRestAuthorizer(off_stack(|| authorizers::delete_rest_authorizer(&self.regional, region, api_id, id)).await?),
            Call::ListAuthorizers { region, api_id, marker } => Answer::ListAuthorizers(off_stack(|| authorizers::list_authorizers(&self.regional, region, api_id, marker)).await?),
            Call::CreateAuthorizer { region, api_id, protocol, name, settings } => Answer::CreateAuthorizer(off_stack(|| authorizers::create_authorizer(&self.regional, region, api_id, protocol, name, settings)).await?),
            Call::UpdateAuthorizer { region, api_id, protocol, id, settings } => Answer::UpdateAuthorizer(off_stack(|| authorizers::update_authorizer(&self.regional, region, api_id, protocol, id, settings)).await?),
            Call::DeleteAuthorizer { region, api_id, id } => Answer::DeleteAuthorizer(off_stack(|| authorizers::delete_authorizer(&self.regional, region, api_id, id)).await?),

            Call::GetApi { region, id } => Answer::GetApi(off_stack(|| apigatewayv2::get_api(&self.regional, region, id)).await?),
            Call::GetStage { region, api_id, stage } => Answer::GetStage(off_stack(|| apigatewayv2::get_stage(&self.regional, region, api_id, stage)).await?),
            Call::ListRoutes { region, api_id, marker } => Answer::ListRoutes(off_stack(|| apigatewayv2::list_routes(&self.regional, region, api_id, marker)).await?),
            Call::ListIntegrations { region, api_id, marker } => Answer::ListIntegrations(off_stack(|| apigatewayv2::list_integrations(&self.regional, region, api_id, marker)).await?),
            Call::ListDeployments { region, api_id, marker } => Answer::ListDeployments(off_stack(|| apigatewayv2::list_deployments(&self.regional, region, api_id, marker)).await?),
            Call::GetDeployment { region, api_id, id } => Answer::GetDeployment(off_stack(|| apigatewayv2::get_deployment(&self.regional, region, api_id, id)).await?),
            Call::ExportApi { region, api_id, stage } => Answer::ExportApi(off_stack(|| apigatewayv2::export_api(&self.regional, region, api_id, stage)).await?),
            Call::UpdateRoute { region, api_id, route, authorization } => Answer::UpdateRoute(off_stack(|| apigatewayv2::update_route(&self.regional, region, api_id, route, authorization)).await?),
            Call::CreateDeployment { region, api_id, description } => Answer::CreateDeployment(off_stack(|| apigatewayv2::create_deployment(&self.regional, region, api_id, description)).await?),
            Call::UpdateStage { region, api_id, stage, deployment } => Answer::UpdateStage(off_stack(|| apigatewayv2::update_stage(&self.regional, region, api_id, stage, deployment)).await?),
            Call::DescribeStage { region, api_id, stage, description } => Answer::DescribeStage(off_stack(|| apigatewayv2::describe_stage(&self.regional, region, api_id, stage, description)).await?),
            Call::DeleteDeployment { region, api_id, id } => Answer::DeleteDeployment(off_stack(|| apigatewayv2::delete_deployment(&self.regional, region, api_id, id)).await?),
            Call::ListRestStages { region, api_id } => Answer::ListRestStages(off_stack(|| apigateway::list_stages(&self.regional, region, api_id)).await?),
            Call::UpdateRestApiPolicy { region, id, policy } => Answer::UpdateRestApiPolicy(off_stack(|| apigateway::update_policy(&self.regional, region, id, policy)).await?),
            Call::ListStages { region, api_id, marker } => Answer::ListStages(off_stack(|| apigatewayv2::list_stages(&self.regional, region, api_id, marker)).await?),
            Call::ListDomainNames { region, marker } => Answer::ListDomainNames(off_stack(|| apigatewayv2::list_domain_names(&self.regional, region, marker)).await?),
            Call::ListRoutingRules { region, domain, marker } => Answer::ListRoutingRules(off_stack(|| apigatewayv2::list_routing_rules(&self.regional, region, domain, marker)).await?),
            Call::ListApiMappings { region, domain, marker } => Answer::ListApiMappings(off_stack(|| apigatewayv2::list_api_mappings(&self.regional, region, domain, marker)).await?),

            Call::ListRoles { marker } => Answer::ListRoles(iam::list_roles(&self.iam, marker).await?),
            Call::GetRole { name } => Answer::GetRole(iam::get_role(&self.iam, name).await?),
            Call::ListRolePolicies { name } => Answer::ListRolePolicies(iam::list_role_policies(&self.iam, name).await?),
            Call::GetRolePolicy { name, policy } => Answer::GetRolePolicy(iam::get_role_policy(&self.iam, name, policy).await?),
            Call::ListAttachedRolePolicies { name } => Answer::ListAttachedRolePolicies(iam::list_attached_role_policies(&self.iam, name).await?),
            Call::CreateRole { role } => Answer::CreateRole(iam::create_role(&self.iam, role).await?),
            Call::UpdateAssumeRolePolicy { name, document } => Answer::UpdateAssumeRolePolicy(iam::update_assume_role_policy(&self.iam, name, &document).await?),
            Call::PutRolePolicy { name, policy, document } => Answer::PutRolePolicy(iam::put_role_policy(&self.iam, name, policy, &document).await?),
            Call::DeleteRolePolicy { name, policy } => Answer::DeleteRolePolicy(iam::delete_role_policy(&self.iam, name, policy).await?),
            Call::DetachRolePolicy { name, policy } => Answer::DetachRolePolicy(iam::detach_role_policy(&self.iam, name, policy).await?),
            Call::PutRoleBoundary { name, boundary } => Answer::PutRoleBoundary(iam::put_role_boundary(&self.iam, name, boundary).await?),
            Call::DeleteRoleBoundary { name } => Answer::DeleteRoleBoundary(iam::delete_role_boundary(&self.iam, name).await?),
            Call::DeleteRole { name } => Answer::DeleteRole(iam::delete_role(&self.iam, name).await?),
            Call::TagRole { name, tags } => Answer::TagRole(iam::tag_role(&self.iam, name, &tags).await?),
            Call::UntagRole { name, keys } => Answer::UntagRole(iam::untag_role(&self.iam, name, keys).await?),

            Call::ListFunctions { marker } => Answer::ListFunctions(lambda::list_functions(&self.edge(), marker).await?),
            Call::GetFunction { region, name } => Answer::GetFunction(lambda::get_function(&self.regional.of(region).lambda, name).await?),
            Call::GetFunctionConfiguration { name, version } => Answer::GetFunctionConfiguration(lambda::get_function_configuration(&self.edge(), name, version).await?),
            Call::ListVersions { name, marker } => Answer::ListVersions(lambda::list_versions(&self.edge(), name, marker).await?),
            Call::CreateFunction { region, function } => Answer::CreateFunction(lambda::create_function(&self.regional.of(region).lambda, function).await?),
            Call::UpdateFunctionCode { region, name, zip, revision, publish } => Answer::UpdateFunctionCode(lambda::update_function_code(&self.regional.of(region).lambda, name, zip, revision, publish).await?),
            Call::UpdateFunctionConfiguration { region, name, settings, revision } => Answer::UpdateFunctionConfiguration(lambda::update_function_configuration(&self.regional.of(region).lambda, name, settings, revision).await?),
            Call::PublishVersion { name, code_sha256 } => Answer::PublishVersion(lambda::publish_version(&self.edge(), name, code_sha256).await?),
            Call::DeleteFunction { region, name, version } => Answer::DeleteFunction(lambda::delete_function(&self.regional.of(region).lambda, name, version).await?),
            Call::GetFunctionPolicy { region, name } => Answer::GetFunctionPolicy(lambda::get_function_policy(&self.regional.of(region).lambda, name).await?),
            Call::AddPermission { region, name, statement, source } => Answer::AddPermission(lambda::add_permission(&self.regional.of(region).lambda, name, statement, source).await?),
            Call::RemovePermission { region, name, statement } => Answer::RemovePermission(lambda::remove_permission(&self.regional.of(region).lambda, name, statement).await?),
            Call::TagFunction { arn, tags } => Answer::TagFunction(lambda::tag_function(&self.lambda_of(&arn), arn, tags).await?),
            Call::UntagFunction { arn, keys } => Answer::UntagFunction(lambda::untag_function(&self.lambda_of(&arn), arn, keys).await?),

            Call::ListIpSets { marker } => Answer::ListIpSets(waf::list_ip_sets(&self.waf, marker).await?),
            Call::GetIpSet { id, name } => Answer::GetIpSet(waf::get_ip_set(&self.waf, id, name).await?),
            Call::CreateIpSet { ip_set } => Answer::CreateIpSet(waf::create_ip_set(&self.waf, ip_set).await?),
            Call::UpdateIpSet { entity, addresses } => Answer::UpdateIpSet(waf::update_ip_set(&self.waf, entity, addresses).await?),
            Call::DeleteIpSet { entity } => Answer::DeleteIpSet(waf::delete_ip_set(&self.waf, entity).await?),
            Call::ListWebAcls { marker } => Answer::ListWebAcls(waf::list_web_acls(&self.waf, marker).await?),
            Call::GetWebAcl { id, name } => Answer::GetWebAcl(waf::get_web_acl(&self.waf, id, name).await?),
            Call::CreateWebAcl { name, document, tags } => Answer::CreateWebAcl(waf::create_web_acl(&self.waf, name, document, &tags).await?),
            Call::UpdateWebAcl { entity, document } => Answer::UpdateWebAcl(waf::update_web_acl(&self.waf, entity, document).await?),
            Call::DeleteWebAcl { entity } => Answer::DeleteWebAcl(waf::delete_web_acl(&self.waf, entity).await?),
            Call::CheckCapacity { rules } => Answer::CheckCapacity(waf::check_capacity(&self.waf, &rules).await?),
            Call::GetSampledRequests { query } => Answer::GetSampledRequests(samples::get_sampled_requests(&self.waf, query).await?),
            Call::ListLoggingConfigurations { marker } => Answer::ListLoggingConfigurations(waf::list_logging_configurations(&self.waf, marker).await?),
            Call::GetLoggingConfiguration { web_acl_arn } => Answer::GetLoggingConfiguration(waf::get_logging_configuration(&self.waf, web_acl_arn).await?),
            Call::PutLoggingConfiguration { document } => Answer::PutLoggingConfiguration(waf::put_logging_configuration(&self.waf, &document).await?),
            Call::DeleteLoggingConfiguration { web_acl_arn } => Answer::DeleteLoggingConfiguration(waf::delete_logging_configuration(&self.waf, web_acl_arn).await?),
            Call::ListWafTags { arn } => Answer::ListWafTags(waf::list_tags(&self.waf, arn).await?),
            Call::TagWaf { arn, tags } => Answer::TagWaf(waf::tag(&self.waf, arn, &tags).await?),
            Call::UntagWaf { arn, keys } => Answer::UntagWaf(waf::untag(&self.waf, arn, keys).await?),

            Call::ListDistributions { marker } => Answer::ListDistributions(cloudfront::list_distributions(&self.cloudfront, marker).await?),
            Call::GetDistribution { id } => Answer::GetDistribution(cloudfront::get_distribution(&self.cloudfront, id).await?),
            Call::CreateDistribution { config, tags } => Answer::CreateDistribution(cloudfront::create_distribution(&self.cloudfront, config, &tags).await?),
            Call::UpdateDistribution { id, etag, config } => Answer::UpdateDistribution(cloudfront::update_distribution(&self.cloudfront, id, etag, config).await?),
            Call::DeleteDistribution { id, etag } => Answer::DeleteDistribution(cloudfront::delete_distribution(&self.cloudfront, id, etag).await?),
            Call::ListDistributionTags { arn } => Answer::ListDistributionTags(cloudfront::list_tags(&self.cloudfront, arn).await?),
            Call::TagDistribution { arn, tags } => Answer::TagDistribution(cloudfront::tag(&self.cloudfront, arn, &tags).await?),
            Call::UntagDistribution { arn, keys } => Answer::UntagDistribution(cloudfront::untag(&self.cloudfront, arn, keys).await?),

            Call::ListHealthChecks { marker } => Answer::ListHealthChecks(health_checks::list_health_checks(&self.route53, marker).await?),
            Call::GetHealthCheck { id } => Answer::GetHealthCheck(health_checks::get_health_check(&self.route53, id).await?),
            Call::GetHealthCheckStatus { id } => Answer::GetHealthCheckStatus(health_checks::get_health_check_status(&self.route53, id).await?),
            Call::ListHealthCheckTags { id } => Answer::ListHealthCheckTags(health_checks::list_tags(&self.route53, id).await?),
            Call::CreateHealthCheck { reference, settings } => Answer::CreateHealthCheck(health_checks::create_health_check(&self.route53, reference, settings).await?),
            Call::UpdateHealthCheck { id, version, settings } => Answer::UpdateHealthCheck(health_checks::update_health_check(&self.route53, id, version, settings).await?),
            Call::DeleteHealthCheck { id } => Answer::DeleteHealthCheck(health_checks::delete_health_check(&self.route53, id).await?),
            Call::TagHealthCheck { id, set, unset } => Answer::TagHealthCheck(health_checks::change_tags(&self.route53, id, &set, unset).await?),
            Call::GetCheckerIpRanges {} => Answer::GetCheckerIpRanges(health_checks::get_checker_ip_ranges(&self.route53).await?),

            Call::DescribeAlarms { name, marker } => Answer::DescribeAlarms(cloudwatch::describe_alarms(&self.cloudwatch, name, marker).await?),
            Call::ListAlarmTags { arn } => Answer::ListAlarmTags(cloudwatch::list_tags(&self.cloudwatch, arn).await?),
            Call::PutMetricAlarm { name, settings, tags } => Answer::PutMetricAlarm(cloudwatch::put_metric_alarm(&self.cloudwatch, name, settings, &tags).await?),
            Call::DeleteAlarm { name } => Answer::DeleteAlarm(cloudwatch::delete_alarm(&self.cloudwatch, name).await?),
            Call::TagAlarm { arn, tags } => Answer::TagAlarm(cloudwatch::tag(&self.cloudwatch, arn, &tags).await?),
            Call::UntagAlarm { arn, keys } => Answer::UntagAlarm(cloudwatch::untag(&self.cloudwatch, arn, keys).await?),

            Call::GetTopic { arn } => Answer::GetTopic(sns::get_topic(&self.sns, arn).await?),

            Call::ListTagged { cluster, marker } => Answer::ListTagged(tagging::list_tagged(&self.tagging(), &tagging::COMPARED, cluster, marker).await?),
            Call::ListTaggedOfShield { cluster, marker } => Answer::ListTaggedOfShield(tagging::list_tagged(&self.tagging(), &tagging::OF_SHIELD, cluster, marker).await?),

            // Apart, since a debug build's stack has room for every call of one function at once.
            call => return Box::pin(self.answer_of_shield(call)).await,
        })
    }

    /// The calls for names and for what is counted, apart: one function for all would need more stack than threads have.
    #[rustfmt::skip]
    async fn answer_of_names(&self, call: Call) -> Result<Answer, Failure> {
        Ok(match call {
            Call::CountRequests { web_acls, from, until, marker } => Answer::CountRequests(cloudwatch::count_requests(&self.cloudwatch, &web_acls, from, until, marker).await?),
            Call::ListPricingPlans { marker } => Answer::ListPricingPlans(pricing_plans::list_subscriptions(&self.pricing_plans, marker).await?),
            Call::GetCachePolicy { id } => Answer::GetCachePolicy(cloudfront::get_cache_policy(&self.cloudfront, id).await?),
            Call::GetOriginRequestPolicy { id } => Answer::GetOriginRequestPolicy(cloudfront::get_origin_request_policy(&self.cloudfront, id).await?),
            Call::AssociateAlias { id, alias } => Answer::AssociateAlias(cloudfront::associate_alias(&self.cloudfront, id, alias).await?),
            Call::ListDomainConflicts { id, domain, marker } => Answer::ListDomainConflicts(cloudfront::list_domain_conflicts(&self.cloudfront, id, domain, marker).await?),
            Call::GetHostedZone { id } => Answer::GetHostedZone(hosted_zones::get_hosted_zone(&self.route53, id).await?),
            Call::ListRecords { zone, marker } => Answer::ListRecords(hosted_zones::list_records(&self.route53, zone, marker).await?),
            Call::ChangeRecords { zone, changes } => Answer::ChangeRecords(hosted_zones::change_records(&self.route53, zone, changes).await?),
            Call::RequestCertificate { request } => Answer::RequestCertificate(acm::request_certificate(&self.regional.of(request.region.as_str()).acm, request).await?),
            Call::DescribeCertificate { arn } => Answer::DescribeCertificate(acm::describe_certificate(&self.acm_of(&arn), arn).await?),
            Call::ListCertificateTags { arn } => Answer::ListCertificateTags(acm::list_tags(&self.acm_of(&arn), arn).await?),
            Call::TagCertificate { arn, tags } => Answer::TagCertificate(acm::tag(&self.acm_of(&arn), arn, &tags).await?),
            Call::UntagCertificate { arn, keys } => Answer::UntagCertificate(acm::untag(&self.acm_of(&arn), arn, keys).await?),
            Call::DeleteCertificate { arn } => Answer::DeleteCertificate(acm::delete_certificate(&self.acm_of(&arn), arn).await?),
            call => return Box::pin(self.answer_of_mutual_tls(call)).await,
        })
    }

    #[rustfmt::skip]
    async fn answer_of_shield(&self, call: Call) -> Result<Answer, Failure> {
        Ok(match call {
            Call::GetSubscriptionState {} => Answer::GetSubscriptionState(shield::get_subscription_state(&self.shield).await?),
            Call::ListProtections { marker } => Answer::ListProtections(shield::list_protections(&self.shield, marker).await?),
            Call::DescribeProtection { resource_arn } => Answer::DescribeProtection(shield::describe_protection(&self.shield, resource_arn).await?),
            Call::ListProtectionTags { arn } => Answer::ListProtectionTags(shield::list_tags(&self.shield, arn).await?),
            Call::CreateProtection { protection } => Answer::CreateProtection(shield::create_protection(&self.shield, protection).await?),
            Call::DeleteProtection { id } => Answer::DeleteProtection(shield::delete_protection(&self.shield, id).await?),
            Call::TagProtection { arn, tags } => Answer::TagProtection(shield::tag(&self.shield, arn, &tags).await?),
            Call::UntagProtection { arn, keys } => Answer::UntagProtection(shield::untag(&self.shield, arn, keys).await?),
            Call::EnableAutomaticResponse { resource_arn, response } => Answer::EnableAutomaticResponse(shield::enable_response(&self.shield, resource_arn, response).await?),
            Call::UpdateAutomaticResponse { resource_arn, response } => Answer::UpdateAutomaticResponse(shield::update_response(&self.shield, resource_arn, response).await?),
            Call::DisableAutomaticResponse { resource_arn } => Answer::DisableAutomaticResponse(shield::disable_response(&self.shield, resource_arn).await?),
            Call::AssociateHealthCheck { protection, health_check } => Answer::AssociateHealthCheck(shield::associate_health_check(&self.shield, protection, &health_check).await?),
            Call::DisassociateHealthCheck { protection, health_check } => Answer::DisassociateHealthCheck(shield::disassociate_health_check(&self.shield, protection, &health_check).await?),

            Call::DescribeSubscription {} => Answer::DescribeSubscription(account_shield::describe_subscription(&self.shield).await?),
            Call::DescribeEmergencyContacts {} => Answer::DescribeEmergencyContacts(account_shield::describe_contacts(&self.shield).await?),
            Call::UpdateEmergencyContacts { contacts } => Answer::UpdateEmergencyContacts(account_shield::update_contacts(&self.shield, &contacts).await?),
            Call::BeginProactiveEngagement { contacts } => Answer::BeginProactiveEngagement(account_shield::begin_engagement(&self.shield, &contacts).await?),
            Call::EnableProactiveEngagement {} => Answer::EnableProactiveEngagement(account_shield::enable_engagement(&self.shield).await?),
            Call::DisableProactiveEngagement {} => Answer::DisableProactiveEngagement(account_shield::disable_engagement(&self.shield).await?),
            Call::DescribeSrtAccess {} => Answer::DescribeSrtAccess(account_shield::describe_srt_access(&self.shield).await?),
            Call::AssociateSrtRole { role_arn } => Answer::AssociateSrtRole(account_shield::associate_role(&self.shield, role_arn).await?),
            Call::AssociateSrtBucket { bucket } => Answer::AssociateSrtBucket(account_shield::associate_bucket(&self.shield, bucket).await?),
            Call::DisassociateSrtBucket { bucket } => Answer::DisassociateSrtBucket(account_shield::disassociate_bucket(&self.shield, bucket).await?),
            call => return Box::pin(self.answer_of_names(call)).await,
        })
    }
}

/// The Region of an ARN.
fn region_of(arn: &str) -> &str {
    Arn::of(arn).map_or(EDGE_REGION, |arn| arn.region)
}

/// Makes a future apart from its caller's stack frame: unoptimized code keeps room in it for every future that it names,
/// and those of all operations together are more than a thread has.
fn off_stack<F: Future>(make: impl FnOnce() -> F) -> Pin<Box<F>> {
    Box::pin(make())
}

#[async_trait]
impl Cloud for Sdk {
    async fn call(&self, call: Call) -> Result<Answer, CloudError> {
        let operation = call.operation();
        let region = call.region().to_owned();
        Box::pin(traces::called(operation, &region, self.answered(call))).await
    }
}

impl Sdk {
    async fn answered(&self, call: Call) -> Result<Answer, CloudError> {
        let operation = call.operation();
        let answer = self.answer(call).await;
        let had_credentials = self.had_credentials.fetch_or(answer.is_ok(), Ordering::Relaxed);
        answer.map_err(|failure| {
            let failure = if had_credentials {
                failure.after_credentials()
            } else {
                failure
            };
            failure.of(operation)
        })
    }
}
