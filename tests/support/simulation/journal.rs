//! Which calls were made, for tests that count them or look for one that must not have happened.

use super::faults::Fault;
use palisade::aws::operations::{Call, Operation, Service};
use std::time::Duration;

/// One call.
#[derive(Debug, Clone)]
pub struct Entry {
    /// Since the simulation began.
    pub at: Duration,
    pub operation: Operation,
    /// What the call names: a name, an id or an ARN; empty where it names nothing.
    pub resource: String,
    /// The error's code; `None` where AWS acted and its answer arrived.
    pub code: Option<String>,
    /// The fault that struck.
    pub fault: Option<Fault>,
}

/// All calls since the journal was cleared.
#[derive(Debug, Clone, Default)]
pub struct Journal {
    pub entries: Vec<Entry>,
}

impl Journal {
    pub fn len(&self) -> usize {
        self.entries.len()
    }

    /// How often the operation of that AWS name was called.
    pub fn count(&self, name: &str) -> usize {
        self.entries
            .iter()
            .filter(|entry| entry.operation.name == name)
            .count()
    }

    /// The calls that change something.
    pub fn writes(&self) -> Vec<&Entry> {
        self.entries
            .iter()
            .filter(|entry| entry.operation.class.is_write())
            .collect()
    }

    /// Calls by operation, such as `3 × wafv2 ListWebACLs`, for messages of failing tests.
    pub fn summary(&self) -> String {
        let mut counts = std::collections::BTreeMap::<String, usize>::new();
        for entry in &self.entries {
            let name = format!("{} {}", entry.operation.service.name(), entry.operation.name);
            *counts.entry(name).or_default() += 1;
        }
        counts
            .iter()
            .map(|(name, count)| format!("{count} × {name}"))
            .collect::<Vec<_>>()
            .join("\n")
    }
}

/// What a call names.
pub fn resource(call: &Call) -> String {
    match call.operation().service {
        Service::ApiGateway | Service::ApiGatewayV2 => resource_of_api_gateway(call),
        _ => resource_elsewhere(call),
    }
}

fn resource_of_api_gateway(call: &Call) -> String {
    match call {
        Call::GetRestApi { id, .. }
        | Call::GetApi { id, .. }
        | Call::GetApiKey { id, .. }
        | Call::DeleteApiKey { id, .. }
        | Call::GetUsagePlan { id, .. }
        | Call::UpdateUsagePlan { id, .. }
        | Call::UpdateRestApiPolicy { id, .. }
        | Call::SwitchRestEndpoint { id, .. }
        | Call::SwitchEndpoint { id, .. }
        | Call::DeleteUsagePlan { id, .. } => id.clone(),
        Call::GetRestStage { api_id, stage, .. }
        | Call::ExportRestStage { api_id, stage, .. }
        | Call::UpdateRestStage { api_id, stage, .. }
        | Call::DescribeRestStage { api_id, stage, .. }
        | Call::DescribeStage { api_id, stage, .. }
        | Call::GetStage { api_id, stage, .. }
        | Call::UpdateStage { api_id, stage, .. } => format!("{api_id}/{stage}"),
        Call::ListDomainNames { region, .. } => region.clone(),
        Call::ListApiMappings { domain, .. }
        | Call::ListRoutingRules { domain, .. }
        | Call::ListMappingsOf { domain, .. } => domain.clone(),
        Call::CreateDomainName { creation, .. } => creation.name.clone(),
        Call::UpdateDomainName { change, .. } => change.name.clone(),
        Call::CreateApiMapping { domain, key, .. } => format!("{domain}/{key}"),
        Call::DeleteApiMapping { domain, id, .. } => format!("{domain}/{id}"),
        Call::ListRestStages { api_id, .. }
        | Call::ListStages { api_id, .. }
        | Call::ListMethods { api_id, .. }
        | Call::ListRestDeployments { api_id, .. }
        | Call::ListRestAuthorizers { api_id, .. }
        | Call::ListDeployments { api_id, .. }
        | Call::ListAuthorizers { api_id, .. }
        | Call::CreateRestDeployment { api_id, .. }
        | Call::ListRoutes { api_id, .. }
        | Call::ListIntegrations { api_id, .. }
        | Call::ExportApi { api_id, .. }
        | Call::CreateDeployment { api_id, .. } => api_id.clone(),
        Call::GetRestDeployment { api_id, id, .. }
        | Call::DeleteRestDeployment { api_id, id, .. }
        | Call::UpdateRestAuthorizer { api_id, id, .. }
        | Call::DeleteRestAuthorizer { api_id, id, .. }
        | Call::GetDeployment { api_id, id, .. }
        | Call::DeleteDeployment { api_id, id, .. }
        | Call::UpdateAuthorizer { api_id, id, .. }
        | Call::DeleteAuthorizer { api_id, id, .. } => format!("{api_id}/{id}"),
        Call::CreateRestAuthorizer { api_id, name, .. } | Call::CreateAuthorizer { api_id, name, .. } => {
            format!("{api_id}/{name}")
        }
        Call::UpdateMethod {
            api_id,
            resource,
            method,
            ..
        } => format!("{api_id}/{resource}/{method}"),
        Call::UpdateRoute { api_id, route, .. } => format!("{api_id}/{route}"),
        Call::ListApiKeys { name, .. }
        | Call::GetDomainName { name, .. }
        | Call::DeleteDomainName { name, .. } => name.clone(),
        Call::CreateApiKey { key, .. } => key.name.clone(),
        Call::CreateUsagePlan { plan, .. } => plan.name.clone(),
        Call::ListUsagePlanKeys { plan, .. } => plan.clone(),
        Call::CreateUsagePlanKey { plan, key, .. } => format!("{plan}/{key}"),
        Call::TagKeyOrPlan { arn, .. }
        | Call::UntagKeyOrPlan { arn, .. }
        | Call::TagDomainName { arn, .. }
        | Call::UntagDomainName { arn, .. } => arn.clone(),
        Call::ListUsagePlans { .. } => String::new(),
        other => unreachable!("{other:?} belongs to another service"),
    }
}

fn resource_elsewhere(call: &Call) -> String {
    match call {
        Call::GetIpSet { id, .. }
        | Call::GetWebAcl { id, .. }
        | Call::GetDistribution { id }
        | Call::GetCachePolicy { id }
        | Call::GetOriginRequestPolicy { id }
        | Call::UpdateDistribution { id, .. }
        | Call::DeleteDistribution { id, .. } => id.clone(),
        Call::GetRole { name }
        | Call::ListRolePolicies { name }
        | Call::ListAttachedRolePolicies { name }
        | Call::GetRolePolicy { name, .. }
        | Call::UpdateAssumeRolePolicy { name, .. }
        | Call::PutRolePolicy { name, .. }
        | Call::DeleteRolePolicy { name, .. }
        | Call::DetachRolePolicy { name, .. }
        | Call::PutRoleBoundary { name, .. }
        | Call::DeleteRoleBoundary { name }
        | Call::DeleteRole { name }
        | Call::TagRole { name, .. }
        | Call::UntagRole { name, .. }
        | Call::GetFunction { name, .. }
        | Call::GetFunctionConfiguration { name, .. }
        | Call::GetFunctionPolicy { name, .. }
        | Call::ListVersions { name, .. }
        | Call::UpdateFunctionCode { name, .. }
        | Call::UpdateFunctionConfiguration { name, .. }
        | Call::PublishVersion { name, .. }
        | Call::DeleteFunction { name, .. }
        | Call::CreateWebAcl { name, .. } => name.clone(),
        Call::AddPermission { name, statement, .. } | Call::RemovePermission { name, statement, .. } => {
            format!("{name}/{statement}")
        }
        Call::CreateRole { role } => role.name.clone(),
        Call::CreateFunction { function, .. } => function.name.clone(),
        Call::CreateIpSet { ip_set } => ip_set.name.clone(),
        Call::UpdateIpSet { entity, .. }
        | Call::DeleteIpSet { entity }
        | Call::UpdateWebAcl { entity, .. }
        | Call::DeleteWebAcl { entity } => entity.arn.clone(),
        Call::GetLoggingConfiguration { web_acl_arn } | Call::DeleteLoggingConfiguration { web_acl_arn } => {
            web_acl_arn.clone()
        }
        Call::PutLoggingConfiguration { document } => {
            document["ResourceArn"].as_str().unwrap_or_default().to_owned()
        }
        Call::ListWafTags { arn }
        | Call::TagWaf { arn, .. }
        | Call::UntagWaf { arn, .. }
        | Call::ListDistributionTags { arn }
        | Call::TagDistribution { arn, .. }
        | Call::UntagDistribution { arn, .. }
        | Call::TagFunction { arn, .. }
        | Call::UntagFunction { arn, .. } => arn.clone(),
        Call::CreateDistribution { config, .. } => {
            palisade::domain::edge::xml::text_at(config, "CallerReference").unwrap_or_default()
        }
        Call::GetSampledRequests { query } => query.web_acl_arn.clone(),
        Call::ListTagged { cluster, .. }
        | Call::ListTaggedOfShield { cluster, .. }
        | Call::ListTaggedOfRegion { cluster, .. } => cluster.clone(),
        Call::AssumeRole { role } => role.role_arn.clone(),
        Call::GetCallerIdentity {}
        | Call::ListRoles { .. }
        | Call::ListFunctions { .. }
        | Call::ListIpSets { .. }
        | Call::ListWebAcls { .. }
        | Call::CheckCapacity { .. }
        | Call::ListLoggingConfigurations { .. }
        | Call::ListPricingPlans { .. }
        | Call::ListDistributions { .. } => String::new(),
        Call::AssociateAlias { id, alias } => format!("{id}/{alias}"),
        Call::ListDomainConflicts { id, domain, .. } => format!("{id}/{domain}"),
        call => of_shield(call),
    }
}

/// What a call to Shield and its neighbours names.
fn of_shield(call: &Call) -> String {
    match call {
        Call::DescribeProtection { resource_arn }
        | Call::EnableAutomaticResponse { resource_arn, .. }
        | Call::UpdateAutomaticResponse { resource_arn, .. }
        | Call::DisableAutomaticResponse { resource_arn } => resource_arn.clone(),
        Call::CreateProtection { protection } => protection.resource_arn.clone(),
        Call::ListProtectionTags { arn }
        | Call::TagProtection { arn, .. }
        | Call::UntagProtection { arn, .. }
        | Call::ListAlarmTags { arn }
        | Call::TagAlarm { arn, .. }
        | Call::UntagAlarm { arn, .. }
        | Call::GetTopic { arn } => arn.clone(),
        Call::DeleteProtection { id }
        | Call::GetHealthCheck { id }
        | Call::GetHealthCheckStatus { id }
        | Call::ListHealthCheckTags { id }
        | Call::UpdateHealthCheck { id, .. }
        | Call::DeleteHealthCheck { id }
        | Call::TagHealthCheck { id, .. } => id.clone(),
        Call::AssociateHealthCheck { protection, .. } | Call::DisassociateHealthCheck { protection, .. } => {
            protection.clone()
        }
        Call::CreateHealthCheck { reference, .. } => reference.clone(),
        Call::AssociateSrtRole { role_arn } => role_arn.clone(),
        Call::AssociateSrtBucket { bucket } | Call::DisassociateSrtBucket { bucket } => bucket.clone(),
        Call::DescribeAlarms { name, .. } => name.clone().unwrap_or_default(),
        Call::CountRequests { web_acls, .. } => web_acls.join(","),
        Call::PutMetricAlarm { name, .. } | Call::DeleteAlarm { name } => name.clone(),
        call => of_names(call),
    }
}

/// What a call to ACM or about a hosted zone names.
fn of_names(call: &Call) -> String {
    match call {
        Call::GetHostedZone { id } => id.clone(),
        Call::ListRecords { zone, .. } | Call::ChangeRecords { zone, .. } => zone.clone(),
        Call::RequestCertificate { request } => request.names.join(","),
        Call::DescribeCertificate { arn }
        | Call::ListCertificateTags { arn }
        | Call::TagCertificate { arn, .. }
        | Call::UntagCertificate { arn, .. }
        | Call::GetCertificate { arn }
        | Call::DeleteCertificate { arn } => arn.clone(),
        Call::ImportCertificate { pair, .. } => pair.serial.clone(),
        Call::GetBucketVersioning { bucket, .. } => bucket.clone(),
        Call::GetObject { bucket, key, .. }
        | Call::PutObject { bucket, key, .. }
        | Call::ListObjectVersions { bucket, key, .. }
        | Call::DeleteObjectVersion { bucket, key, .. } => format!("{bucket}/{key}"),
        _ => String::new(),
    }
}
