//! From a call to the operation that performs it.

use super::account::{ACCOUNT, Account, PRINCIPAL};
use super::refusal::Outcome;
use palisade::aws::operations::{Answer, Call, CallerIdentity, Service};
use palisade::domain::identity::Tags;

impl Account {
    pub fn perform(&mut self, call: Call) -> Outcome<Answer> {
        match call.operation().service {
            Service::Sts | Service::ApiGateway | Service::ApiGatewayV2 | Service::Tagging => {
                self.perform_small(call)
            }
            Service::Iam => self.perform_iam(call),
            Service::Lambda => self.perform_lambda(call),
            Service::Waf => self.perform_waf(call),
            Service::CloudFront => self.perform_cloudfront(call),
        }
    }

    fn perform_small(&mut self, call: Call) -> Outcome<Answer> {
        Ok(match call {
            Call::GetCallerIdentity {} => Answer::GetCallerIdentity(CallerIdentity {
                account: ACCOUNT.into(),
                arn: PRINCIPAL.into(),
            }),
            Call::GetRestApi { region, id } => {
                Answer::GetRestApi(self.rest_api(&region, &id)?.observed.clone())
            }
            Call::GetRestStage {
                region,
                api_id,
                stage,
            } => Answer::GetRestStage(self.rest_stage(&region, &api_id, &stage)?),
            Call::GetApi { region, id } => Answer::GetApi(self.http_api(&region, &id)?.observed.clone()),
            Call::GetStage {
                region,
                api_id,
                stage,
            } => Answer::GetStage(self.http_stage(&region, &api_id, &stage)?),
            Call::ListTagged { cluster, marker } => {
                Answer::ListTagged(self.list_tagged(&cluster, marker.as_deref()))
            }
            other => unreachable!("{other:?} belongs to another service"),
        })
    }

    fn perform_iam(&mut self, call: Call) -> Outcome<Answer> {
        Ok(match call {
            Call::ListRoles { marker } => Answer::ListRoles(self.list_roles(marker.as_deref())),
            Call::GetRole { name } => Answer::GetRole(self.get_role(&name)?),
            Call::ListRolePolicies { name } => Answer::ListRolePolicies(self.list_role_policies(&name)?),
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
            Call::GetFunction { name } => Answer::GetFunction(self.get_function(&name)?),
            Call::GetFunctionConfiguration { name, version } => {
                Answer::GetFunctionConfiguration(self.get_function_configuration(&name, version.as_deref())?)
            }
            Call::ListVersions { name, marker } => {
                Answer::ListVersions(self.list_versions(&name, marker.as_deref())?)
            }
            Call::CreateFunction { function } => Answer::CreateFunction(self.create_function(function)?),
            Call::UpdateFunctionCode { name, zip, revision } => {
                Answer::UpdateFunctionCode(self.update_function_code(&name, &zip, &revision)?)
            }
            Call::UpdateFunctionConfiguration {
                name,
                settings,
                revision,
            } => Answer::UpdateFunctionConfiguration(
                self.update_function_configuration(&name, settings, &revision)?,
            ),
            Call::PublishVersion { name, code_sha256 } => {
                Answer::PublishVersion(self.publish_version(&name, &code_sha256)?)
            }
            Call::DeleteFunction { name, version } => {
                Answer::DeleteFunction(self.delete_function(&name, version.as_deref())?)
            }
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
            other => unreachable!("{other:?} belongs to another service"),
        })
    }
}

fn add(tags: Tags) -> impl FnOnce(&mut Tags) {
    move |found| found.extend(tags)
}

fn drop_keys(keys: Vec<String>) -> impl FnOnce(&mut Tags) {
    move |found| found.retain(|key, _| !keys.contains(key))
}
