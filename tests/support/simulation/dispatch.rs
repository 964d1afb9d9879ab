//! From a call to the operation that performs it.

use super::account::Account;
use super::refusal::Outcome;
use super::tagging::{COMPARED, OF_SHIELD, add, drop_keys};
use palisade::aws::operations::{Answer, Call, CallerIdentity, Service};

impl Account {
    pub fn perform(&mut self, call: Call) -> Outcome<Answer> {
        self.settle_certificates();
        match call {
            Call::GetCallerIdentity {} => Ok(Answer::GetCallerIdentity(CallerIdentity {
                account: self.id.clone(),
                arn: self.principal(),
            })),
            Call::AssumeRole { role } => Ok(Answer::AssumeRole(self.assume_role(&role)?)),
            Call::ListTagged { cluster, marker } => {
                let page = self.list_tagged(&COMPARED, &cluster, marker.as_deref());
                Ok(Answer::ListTagged(page))
            }
            Call::ListTaggedOfRegion {
                region,
                cluster,
                marker,
            } => {
                let page = self.list_tagged_of_region(&region, &cluster, marker.as_deref());
                Ok(Answer::ListTaggedOfRegion(page))
            }
            Call::ListTaggedOfShield { cluster, marker } => {
                let page = self.list_tagged(&OF_SHIELD, &cluster, marker.as_deref());
                Ok(Answer::ListTaggedOfShield(page))
            }
            Call::ListPricingPlans { marker } => Ok(Answer::ListPricingPlans(
                self.list_pricing_plans(marker.as_deref()),
            )),
            call => self.perform_in_service(call),
        }
    }

    fn perform_in_service(&mut self, call: Call) -> Outcome<Answer> {
        match call.operation().service {
            Service::ApiGateway => self.perform_rest(call),
            Service::ApiGatewayV2 => self.perform_http(call),
            Service::Iam => self.perform_iam(call),
            Service::Lambda => self.perform_lambda(call),
            Service::Waf => self.perform_waf(call),
            Service::CloudFront => self.perform_cloudfront(call),
            Service::Shield => self.perform_shield(call),
            Service::Route53 => self.perform_route53(call),
            Service::Acm => self.perform_acm(call),
            Service::S3 => self.perform_s3(call),
            Service::CloudWatch | Service::Sns => self.perform_cloudwatch(call),
            Service::Sts | Service::Tagging | Service::PricingPlans => {
                unreachable!("{call:?} is performed above")
            }
        }
    }

    #[rustfmt::skip]
    fn perform_rest(&mut self, call: Call) -> Outcome<Answer> {
        Ok(match call {
            Call::GetRestApi { region, id } => Answer::GetRestApi(self.get_rest_api(&region, &id)?),
            Call::GetRestStage { region, api_id, stage } => Answer::GetRestStage(self.get_rest_stage(&region, &api_id, &stage)?),
            Call::ListRestStages { region, api_id } => Answer::ListRestStages(self.list_rest_stages(&region, &api_id)?),
            Call::ListMethods { region, api_id, marker } => Answer::ListMethods(self.list_methods(&region, &api_id, marker.as_deref())?),
            Call::ListRestDeployments { region, api_id, marker } => Answer::ListRestDeployments(self.list_deployments((&region, &api_id), true, marker.as_deref())?),
            Call::GetRestDeployment { region, api_id, id } => Answer::GetRestDeployment(self.get_rest_deployment(&region, &api_id, &id)?),
            Call::ExportRestStage { region, api_id, stage } => Answer::ExportRestStage(self.export_rest_stage(&region, &api_id, &stage)?),
            Call::UpdateRestApiPolicy { region, id, policy } => Answer::UpdateRestApiPolicy(self.update_rest_api_policy(&region, &id, &policy)?),
            Call::SwitchRestEndpoint { region, id, off } => Answer::SwitchRestEndpoint(self.switch_endpoint((&region, &id), true, off)?),
            Call::UpdateMethod { region, api_id, resource, method, authorization } => Answer::UpdateMethod(self.update_method((&region, &api_id), &resource, &method, authorization)?),
            Call::CreateRestDeployment { region, api_id, description } => Answer::CreateRestDeployment(self.create_rest_deployment(&region, &api_id, &description)?),
            Call::UpdateRestStage { region, api_id, stage, deployment } => Answer::UpdateRestStage(self.update_rest_stage(&region, &api_id, &stage, &deployment)?),
            Call::DescribeRestStage { region, api_id, stage, description } => Answer::DescribeRestStage(self.describe_stage((&region, &api_id, true), &stage, description)?),
            Call::DeleteRestDeployment { region, api_id, id } => Answer::DeleteRestDeployment(self.delete_rest_deployment(&region, &api_id, &id)?),
            Call::ListRestAuthorizers { region, api_id, marker } => Answer::ListRestAuthorizers(self.list_authorizers((&region, &api_id, true), marker.as_deref())?),
            Call::CreateRestAuthorizer { region, api_id, name, settings } => Answer::CreateRestAuthorizer(self.create_authorizer((&region, &api_id, true), name, settings)?),
            Call::UpdateRestAuthorizer { region, api_id, id, settings } => Answer::UpdateRestAuthorizer(self.update_authorizer((&region, &api_id, true), &id, settings)?),
            Call::DeleteRestAuthorizer { region, api_id, id } => Answer::DeleteRestAuthorizer(self.delete_authorizer((&region, &api_id, true), &id)?),
            other => self.perform_keys(other)?,
        })
    }

    #[rustfmt::skip]
    fn perform_keys(&mut self, call: Call) -> Outcome<Answer> {
        Ok(match call {
            Call::GetApiKey { region, id } => Answer::GetApiKey(self.get_api_key(&region, &id)?),
            Call::ListApiKeys { region, name, marker } => Answer::ListApiKeys(self.list_api_keys(&region, &name, marker.as_deref())),
            Call::CreateApiKey { region, key } => Answer::CreateApiKey(self.create_api_key(&region, key)?),
            Call::DeleteApiKey { region, id } => Answer::DeleteApiKey(self.delete_api_key(&region, &id)?),
            Call::ListUsagePlans { region, marker } => Answer::ListUsagePlans(self.list_usage_plans(&region, marker.as_deref())),
            Call::GetUsagePlan { region, id } => Answer::GetUsagePlan(self.get_usage_plan(&region, &id)?),
            Call::CreateUsagePlan { region, plan } => Answer::CreateUsagePlan(self.create_usage_plan(&region, plan)?),
            Call::UpdateUsagePlan { region, id, stage, add } => Answer::UpdateUsagePlan(self.update_usage_plan(&region, &id, stage, add)?),
            Call::DeleteUsagePlan { region, id } => Answer::DeleteUsagePlan(self.delete_usage_plan(&region, &id)?),
            Call::ListUsagePlanKeys { region, plan, marker } => Answer::ListUsagePlanKeys(self.list_usage_plan_keys(&region, &plan, marker.as_deref())),
            Call::CreateUsagePlanKey { region, plan, key } => Answer::CreateUsagePlanKey(self.create_usage_plan_key(&region, &plan, &key)?),
            Call::TagKeyOrPlan { arn, tags } => Answer::TagKeyOrPlan(self.tag_key_or_plan(&arn, add(tags))?),
            Call::UntagKeyOrPlan { arn, keys } => Answer::UntagKeyOrPlan(self.tag_key_or_plan(&arn, drop_keys(keys))?),
            other => unreachable!("{other:?} belongs to another service"),
        })
    }

    #[rustfmt::skip]
    fn perform_http(&mut self, call: Call) -> Outcome<Answer> {
        Ok(match call {
            Call::GetApi { region, id } => Answer::GetApi(self.get_api(&region, &id)?),
            Call::GetStage { region, api_id, stage } => Answer::GetStage(self.get_stage(&region, &api_id, &stage)?),
            Call::ListStages { region, api_id, marker } => Answer::ListStages(self.list_stages(&region, &api_id, marker.as_deref())?),
            Call::ListDomainNames { region, marker } => Answer::ListDomainNames(self.list_domain_names(&region, marker.as_deref())),
            Call::ListRoutingRules { region, domain, marker } => Answer::ListRoutingRules(self.list_routing_rules(&region, &domain, marker.as_deref())?),
            Call::ListApiMappings { region, domain, marker } => Answer::ListApiMappings(self.list_api_mappings(&region, &domain, marker.as_deref())?),
            Call::SwitchEndpoint { region, id, off } => Answer::SwitchEndpoint(self.switch_endpoint((&region, &id), false, off)?),
            Call::ListRoutes { region, api_id, marker } => Answer::ListRoutes(self.list_routes(&region, &api_id, marker.as_deref())?),
            Call::ListIntegrations { region, api_id, marker } => Answer::ListIntegrations(self.list_integrations(&region, &api_id, marker.as_deref())?),
            Call::ListDeployments { region, api_id, marker } => Answer::ListDeployments(self.list_deployments((&region, &api_id), false, marker.as_deref())?),
            Call::GetDeployment { region, api_id, id } => Answer::GetDeployment(self.get_deployment(&region, &api_id, &id)?),
            Call::ExportApi { region, api_id, stage } => Answer::ExportApi(self.export_api(&region, &api_id, stage.as_deref())?),
            Call::UpdateRoute { region, api_id, route, authorization } => Answer::UpdateRoute(self.update_route(&region, &api_id, &route, authorization)?),
            Call::CreateDeployment { region, api_id, description } => Answer::CreateDeployment(self.create_deployment(&region, &api_id, &description)?),
            Call::UpdateStage { region, api_id, stage, deployment } => Answer::UpdateStage(self.update_stage(&region, &api_id, &stage, &deployment)?),
            Call::ListAuthorizers { region, api_id, marker } => Answer::ListAuthorizers(self.list_authorizers((&region, &api_id, false), marker.as_deref())?),
            Call::CreateAuthorizer { region, api_id, name, settings, .. } => Answer::CreateAuthorizer(self.create_authorizer((&region, &api_id, false), name, settings)?),
            Call::UpdateAuthorizer { region, api_id, id, settings, .. } => Answer::UpdateAuthorizer(self.update_authorizer((&region, &api_id, false), &id, settings)?),
            Call::DeleteAuthorizer { region, api_id, id } => Answer::DeleteAuthorizer(self.delete_authorizer((&region, &api_id, false), &id)?),
            Call::DescribeStage { region, api_id, stage, description } => Answer::DescribeStage(self.describe_stage((&region, &api_id, false), &stage, description)?),
            Call::DeleteDeployment { region, api_id, id } => Answer::DeleteDeployment(self.delete_deployment(&region, &api_id, &id)?),
            other => self.perform_domains(other)?,
        })
    }

    #[rustfmt::skip]
    fn perform_domains(&mut self, call: Call) -> Outcome<Answer> {
        Ok(match call {
            Call::GetDomainName { region, name } => Answer::GetDomainName(self.get_domain_name(&region, &name)?),
            Call::CreateDomainName { region, creation } => Answer::CreateDomainName(self.create_domain_name(&region, creation)?),
            Call::UpdateDomainName { region, change } => Answer::UpdateDomainName(self.update_domain_name(&region, change)?),
            Call::DeleteDomainName { region, name } => Answer::DeleteDomainName(self.delete_domain_name(&region, &name)?),
            Call::ListMappingsOf { region, domain, marker } => Answer::ListMappingsOf(self.list_mappings_of(&region, &domain, marker.as_deref())?),
            Call::CreateApiMapping { region, domain, key, api_id, stage } => Answer::CreateApiMapping(self.create_api_mapping((&region, &domain), key, api_id, stage)?),
            Call::DeleteApiMapping { region, domain, id } => Answer::DeleteApiMapping(self.delete_api_mapping(&region, &domain, &id)?),
            Call::TagDomainName { arn, tags } => Answer::TagDomainName(self.tag_domain_name(&arn, add(tags))?),
            Call::UntagDomainName { arn, keys } => Answer::UntagDomainName(self.tag_domain_name(&arn, drop_keys(keys))?),
            other => unreachable!("{other:?} belongs to another service"),
        })
    }

    fn perform_iam(&mut self, call: Call) -> Outcome<Answer> {
        Ok(match call {
            Call::ListRoles { marker } => Answer::ListRoles(self.list_roles(marker.as_deref())),
            Call::GetRole { name } => Answer::GetRole(self.get_role(&name)?),
            Call::ListRolePolicies { name } => Answer::ListRolePolicies(self.list_role_policies(&name)?),
            Call::ListAttachedRolePolicies { name } => {
                Answer::ListAttachedRolePolicies(self.list_attached_role_policies(&name)?)
            }
            Call::GetRolePolicy { name, policy } => {
                Answer::GetRolePolicy(self.get_role_policy(&name, &policy)?)
            }
            Call::CreateRole { role } => Answer::CreateRole(self.create_role(role)?),
            Call::UpdateAssumeRolePolicy { name, document } => {
                Answer::UpdateAssumeRolePolicy(self.update_assume_role_policy(&name, document)?)
            }
            Call::PutRolePolicy {
                name,
                policy,
                document,
            } => Answer::PutRolePolicy(self.put_role_policy(&name, policy, document)?),
            Call::DetachRolePolicy { name, policy } => {
                Answer::DetachRolePolicy(self.detach_role_policy(&name, &policy)?)
            }
            Call::DeleteRolePolicy { name, policy } => {
                Answer::DeleteRolePolicy(self.delete_role_policy(&name, &policy)?)
            }
            Call::PutRoleBoundary { name, boundary } => {
                Answer::PutRoleBoundary(self.put_role_boundary(&name, boundary)?)
            }
            Call::DeleteRoleBoundary { name } => {
                Answer::DeleteRoleBoundary(self.delete_role_boundary(&name)?)
            }
            Call::DeleteRole { name } => Answer::DeleteRole(self.delete_role(&name)?),
            Call::TagRole { name, tags } => Answer::TagRole(self.tag_role(&name, tags)?),
            Call::UntagRole { name, keys } => Answer::UntagRole(self.untag_role(&name, &keys)?),
            other => unreachable!("{other:?} belongs to another service"),
        })
    }

    fn perform_lambda(&mut self, call: Call) -> Outcome<Answer> {
        Ok(match call {
            Call::ListFunctions { marker } => Answer::ListFunctions(self.list_functions(marker.as_deref())),
            Call::GetFunction { region, name } => Answer::GetFunction(self.get_function(&region, &name)?),
            Call::GetFunctionConfiguration { name, version } => {
                Answer::GetFunctionConfiguration(self.get_function_configuration(&name, version.as_deref())?)
            }
            Call::ListVersions { name, marker } => {
                Answer::ListVersions(self.list_versions(&name, marker.as_deref())?)
            }
            Call::CreateFunction { region, function } => {
                Answer::CreateFunction(self.create_function(&region, function)?)
            }
            Call::UpdateFunctionCode {
                region,
                name,
                zip,
                revision,
                publish,
            } => Answer::UpdateFunctionCode(
                self.update_function_code(&region, &name, &zip, &revision, publish)?,
            ),
            Call::UpdateFunctionConfiguration {
                region,
                name,
                settings,
                revision,
            } => Answer::UpdateFunctionConfiguration(
                self.update_function_configuration(&region, &name, settings, &revision)?,
            ),
            Call::PublishVersion { name, code_sha256 } => {
                Answer::PublishVersion(self.publish_version(&name, &code_sha256)?)
            }
            Call::DeleteFunction {
                region,
                name,
                version,
            } => Answer::DeleteFunction(self.delete_function(&region, &name, version.as_deref())?),
            Call::GetFunctionPolicy { region, name } => {
                Answer::GetFunctionPolicy(self.get_function_policy(&region, &name)?)
            }
            Call::AddPermission {
                region,
                name,
                statement,
                source,
            } => Answer::AddPermission(self.add_permission(&region, &name, &statement, &source)?),
            Call::RemovePermission {
                region,
                name,
                statement,
            } => Answer::RemovePermission(self.remove_permission(&region, &name, &statement)?),
            Call::TagFunction { arn, tags } => Answer::TagFunction(self.tag_function(&arn, add(tags))?),
            Call::UntagFunction { arn, keys } => {
                Answer::UntagFunction(self.tag_function(&arn, drop_keys(keys))?)
            }
            other => unreachable!("{other:?} belongs to another service"),
        })
    }

    fn perform_waf(&mut self, call: Call) -> Outcome<Answer> {
        Ok(match call {
            Call::ListIpSets { marker } => Answer::ListIpSets(self.list_ip_sets(marker.as_deref())),
            Call::GetIpSet { id, name } => Answer::GetIpSet(self.get_ip_set(&id, &name)?),
            Call::CreateIpSet { ip_set } => Answer::CreateIpSet(self.create_ip_set(ip_set)?),
            Call::UpdateIpSet { entity, addresses } => {
                Answer::UpdateIpSet(self.update_ip_set(&entity, &addresses)?)
            }
            Call::DeleteIpSet { entity } => Answer::DeleteIpSet(self.delete_ip_set(&entity)?),
            Call::ListWebAcls { marker } => Answer::ListWebAcls(self.list_web_acls(marker.as_deref())),
            Call::GetWebAcl { id, name } => Answer::GetWebAcl(self.get_web_acl(&id, &name)?),
            Call::CreateWebAcl { name, document, tags } => {
                Answer::CreateWebAcl(self.create_web_acl(&name, &document, tags)?)
            }
            Call::UpdateWebAcl { entity, document } => {
                Answer::UpdateWebAcl(self.update_web_acl(&entity, &document)?)
            }
            Call::DeleteWebAcl { entity } => Answer::DeleteWebAcl(self.delete_web_acl(&entity)?),
            Call::GetSampledRequests { query } => Answer::GetSampledRequests(self.sampled(&query)?),
            Call::CheckCapacity { rules } => Answer::CheckCapacity(self.check_capacity(&rules)?),
            Call::ListLoggingConfigurations { marker } => {
                Answer::ListLoggingConfigurations(self.list_logging_configurations(marker.as_deref()))
            }
            Call::GetLoggingConfiguration { web_acl_arn } => {
                Answer::GetLoggingConfiguration(self.get_logging_configuration(&web_acl_arn)?)
            }
            Call::PutLoggingConfiguration { document } => {
                Answer::PutLoggingConfiguration(self.put_logging_configuration(&document)?)
            }
            Call::DeleteLoggingConfiguration { web_acl_arn } => {
                Answer::DeleteLoggingConfiguration(self.delete_logging_configuration(&web_acl_arn)?)
            }
            Call::ListWafTags { arn } => Answer::ListWafTags(self.waf_tags(&arn)?),
            Call::TagWaf { arn, tags } => Answer::TagWaf(self.tag_waf(&arn, add(tags))?),
            Call::UntagWaf { arn, keys } => Answer::UntagWaf(self.tag_waf(&arn, drop_keys(keys))?),
            other => unreachable!("{other:?} belongs to another service"),
        })
    }

    fn perform_cloudfront(&mut self, call: Call) -> Outcome<Answer> {
        Ok(match call {
            Call::ListDistributions { marker } => {
                Answer::ListDistributions(self.list_distributions(marker.as_deref()))
            }
            Call::GetDistribution { id } => Answer::GetDistribution(self.get_distribution(&id)?),
            Call::CreateDistribution { config, tags } => {
                Answer::CreateDistribution(self.create_distribution(&config, tags)?)
            }
            Call::UpdateDistribution { id, etag, config } => {
                Answer::UpdateDistribution(self.update_distribution(&id, &etag, &config)?)
            }
            Call::DeleteDistribution { id, etag } => {
                Answer::DeleteDistribution(self.delete_distribution(&id, &etag)?)
            }
            Call::ListDistributionTags { arn } => Answer::ListDistributionTags(self.distribution_tags(&arn)?),
            Call::TagDistribution { arn, tags } => {
                Answer::TagDistribution(self.tag_distribution(&arn, add(tags))?)
            }
            Call::UntagDistribution { arn, keys } => {
                Answer::UntagDistribution(self.tag_distribution(&arn, drop_keys(keys))?)
            }
            Call::AssociateAlias { id, alias } => Answer::AssociateAlias(self.associate_alias(&id, &alias)?),
            Call::ListDomainConflicts { id, domain, .. } => {
                Answer::ListDomainConflicts(self.list_domain_conflicts(&id, &domain)?)
            }
            other => self.policy_headers(&other)?,
        })
    }
}

#[rustfmt::skip]
impl Account {
    fn perform_shield(&mut self, call: Call) -> Outcome<Answer> {
        Ok(match call {
            Call::GetSubscriptionState {} => Answer::GetSubscriptionState(self.settings.shield_subscription),
            Call::ListProtections { marker } => Answer::ListProtections(self.list_protections(marker.as_deref())?),
            Call::DescribeProtection { resource_arn } => Answer::DescribeProtection(self.describe_protection(&resource_arn)?),
            Call::ListProtectionTags { arn } => Answer::ListProtectionTags(self.protection_tags(&arn)?),
            Call::CreateProtection { protection } => Answer::CreateProtection(self.create_protection(protection)?),
            Call::DeleteProtection { id } => Answer::DeleteProtection(self.delete_protection(&id)?),
            Call::TagProtection { arn, tags } => Answer::TagProtection(self.tag_protection(&arn, add(tags))?),
            Call::UntagProtection { arn, keys } => Answer::UntagProtection(self.tag_protection(&arn, drop_keys(keys))?),
            Call::EnableAutomaticResponse { resource_arn, response } => Answer::EnableAutomaticResponse(self.enable_automatic_response(&resource_arn, response)?),
            Call::UpdateAutomaticResponse { resource_arn, response } => Answer::UpdateAutomaticResponse(self.update_automatic_response(&resource_arn, response)?),
            Call::DisableAutomaticResponse { resource_arn } => Answer::DisableAutomaticResponse(self.disable_automatic_response(&resource_arn)?),
            Call::AssociateHealthCheck { protection, health_check } => Answer::AssociateHealthCheck(self.associate_health_check(&protection, &health_check)?),
            Call::DisassociateHealthCheck { protection, health_check } => Answer::DisassociateHealthCheck(self.disassociate_health_check(&protection, &health_check)?),
            Call::DescribeSubscription {} => Answer::DescribeSubscription(self.describe_subscription()?),
            Call::DescribeEmergencyContacts {} => Answer::DescribeEmergencyContacts(self.emergency_contacts()?),
            Call::UpdateEmergencyContacts { contacts } => Answer::UpdateEmergencyContacts(self.update_emergency_contacts(contacts)?),
            Call::BeginProactiveEngagement { contacts } => Answer::BeginProactiveEngagement(self.begin_proactive_engagement(contacts)?),
            Call::EnableProactiveEngagement {} => Answer::EnableProactiveEngagement(self.enable_proactive_engagement()?),
            Call::DisableProactiveEngagement {} => Answer::DisableProactiveEngagement(self.disable_proactive_engagement()?),
            Call::DescribeSrtAccess {} => Answer::DescribeSrtAccess(self.describe_srt_access()?),
            Call::AssociateSrtRole { role_arn } => Answer::AssociateSrtRole(self.associate_srt_role(&role_arn)?),
            Call::AssociateSrtBucket { bucket } => Answer::AssociateSrtBucket(self.associate_srt_bucket(bucket)?),
            Call::DisassociateSrtBucket { bucket } => Answer::DisassociateSrtBucket(self.disassociate_srt_bucket(&bucket)?),
            other => unreachable!("{other:?} belongs to another service"),
        })
    }

    fn perform_route53(&mut self, call: Call) -> Outcome<Answer> {
        Ok(match call {
            Call::ListHealthChecks { marker } => Answer::ListHealthChecks(self.list_health_checks(marker.as_deref())),
            Call::GetHealthCheck { id } => Answer::GetHealthCheck(self.get_health_check(&id)?),
            Call::GetHealthCheckStatus { id } => Answer::GetHealthCheckStatus(self.health_check_status(&id)?),
            Call::ListHealthCheckTags { id } => Answer::ListHealthCheckTags(self.health_check_tags(&id)?),
            Call::CreateHealthCheck { reference, settings } => Answer::CreateHealthCheck(self.create_health_check(reference, settings)?),
            Call::UpdateHealthCheck { id, version, settings } => Answer::UpdateHealthCheck(self.update_health_check(&id, version, settings)?),
            Call::DeleteHealthCheck { id } => Answer::DeleteHealthCheck(self.delete_health_check(&id)?),
            Call::TagHealthCheck { id, set, unset } => Answer::TagHealthCheck(self.tag_health_check(&id, set, &unset)?),
            Call::GetCheckerIpRanges {} => Answer::GetCheckerIpRanges(Self::checker_ip_ranges()),
            Call::GetHostedZone { id } => Answer::GetHostedZone(self.get_hosted_zone(&id)?),
            Call::ListRecords { zone, marker } => Answer::ListRecords(self.list_records(&zone, marker.as_deref())?),
            Call::ChangeRecords { zone, changes } => Answer::ChangeRecords(self.change_records(&zone, &changes)?),
            other => unreachable!("{other:?} belongs to another service"),
        })
    }

    fn perform_acm(&mut self, call: Call) -> Outcome<Answer> {
        Ok(match call {
            Call::RequestCertificate { request } => Answer::RequestCertificate(self.request_certificate(request)?),
            Call::DescribeCertificate { arn } => Answer::DescribeCertificate(self.describe_certificate(&arn)?),
            Call::ListCertificateTags { arn } => Answer::ListCertificateTags(self.certificate_tags(&arn)?),
            Call::TagCertificate { arn, tags } => Answer::TagCertificate(self.tag_certificate(&arn, add(tags))?),
            Call::UntagCertificate { arn, keys } => Answer::UntagCertificate(self.tag_certificate(&arn, drop_keys(keys))?),
            Call::DeleteCertificate { arn } => Answer::DeleteCertificate(self.delete_certificate(&arn)?),
            Call::ImportCertificate { pair, tags } => Answer::ImportCertificate(self.import_certificate(&pair, tags)?),
            Call::GetCertificate { arn } => Answer::GetCertificate(self.get_certificate(&arn)?),
            other => unreachable!("{other:?} belongs to another service"),
        })
    }

    fn perform_cloudwatch(&mut self, call: Call) -> Outcome<Answer> {
        Ok(match call {
            Call::DescribeAlarms { name, marker } => Answer::DescribeAlarms(self.describe_alarms(name.as_deref(), marker.as_deref())),
            Call::ListAlarmTags { arn } => Answer::ListAlarmTags(self.alarm_tags(&arn)?),
            Call::PutMetricAlarm { name, settings, tags } => { self.put_metric_alarm(&name, settings, tags); Answer::PutMetricAlarm(()) }
            Call::DeleteAlarm { name } => Answer::DeleteAlarm(self.delete_alarm(&name)?),
            Call::TagAlarm { arn, tags } => Answer::TagAlarm(self.tag_alarm(&arn, add(tags))?),
            Call::UntagAlarm { arn, keys } => Answer::UntagAlarm(self.tag_alarm(&arn, drop_keys(keys))?),
            Call::CountRequests { web_acls, from, until, marker: _ } => Answer::CountRequests(self.count_requests(&web_acls, from, until)),
            Call::GetTopic { arn } => Answer::GetTopic(self.get_topic(&arn)?),
            other => unreachable!("{other:?} belongs to another service"),
        })
    }
}
