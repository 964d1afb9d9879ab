//! Every AWS operation that Palisade may call, as data: one row an operation.
//!
//! The rows make [`Call`], [`Answer`], [`OPERATIONS`] and a typed method on `dyn Cloud` each. Budget, fencing, metrics,
//! simulation, the IAM policy and its test read the same rows, so none of them can miss an operation. It is one table for all
//! services, though it is long, since one macro has to see every row to make one enum of them.

use super::cloud::{Cloud, CloudError, Page};
pub use super::service::{Class, Operation, Service};
use crate::api::OriginType;
use crate::domain::access::asked::api;
use crate::domain::access::authorization;
use crate::domain::access::credentials::api_key;
use crate::domain::access::credentials::authorizer;
use crate::domain::access::obstacles::other_doors;
use crate::domain::edge::xml::Element;
use crate::domain::edge::{certificate, conflict, distribution, hosted_zone};
use crate::domain::firewall::{ip_set, web_acl};
use crate::domain::kernel::arn::Arn;
use crate::domain::kernel::identity::Tags;
use crate::domain::mutual_tls::{origin_domain, pair};
use crate::domain::shield::account::contact::Contact;
use crate::domain::shield::account::{SrtSeen, Subscription};
use crate::domain::shield::automatic_response::Response;
use crate::domain::shield::{alarm, health_check, protection};
use crate::domain::signer::{function, role};
use crate::domain::tenancy::account::{Assumption, Session};
use serde_json::Value;

/// The Region, where the field is one.
macro_rules! region_of {
    (region, $value:expr) => {
        Some($value.as_str())
    };
    ($other:ident, $value:expr) => {
        None
    };
}

macro_rules! operations {
    ($( $(#[$doc:meta])* $service:ident $class:ident $aws:literal
        $variant:ident / $method:ident { $( $field:ident : $type:ty ),* } -> $output:ty; )*) => {
        /// One call to AWS with its input.
        #[derive(Debug, Clone, PartialEq)]
        #[allow(missing_docs)]
        pub enum Call { $( $(#[$doc])* $variant { $( $field: $type ),* }, )* }

        /// What AWS answers to the [`Call`] of the same name.
        #[derive(Debug, Clone, PartialEq)]
        #[allow(missing_docs)]
        pub enum Answer { $( $variant($output), )* }

        /// All operations, in the order of this table.
        pub const OPERATIONS: &[Operation] = &[
            $( Operation { service: Service::$service, name: $aws, class: Class::$class }, )*
        ];

        impl Call {
            /// What is fixed about this call's operation.
            #[must_use]
            pub fn operation(&self) -> Operation {
                match self {
                    $( Self::$variant { .. } => Operation { service: Service::$service, name: $aws, class: Class::$class }, )*
                }
            }
        }

        impl Call {
            /// The Region that the call names.
            #[allow(unused_variables, reason = "most fields are not the Region")]
            fn named_region(&self) -> Option<&str> {
                match self {
                    $( Self::$variant { $( $field ),* } => {
                        let found: [Option<&str>; _] = [None, $( region_of!($field, $field) ),*];
                        found.into_iter().flatten().next()
                    } )*
                }
            }
        }

        impl dyn Cloud + '_ {
            $( $(#[$doc])*
            ///
            /// # Errors
            /// What AWS answered, classified.
            pub async fn $method(&self, $( $field: $type ),*) -> Result<$output, CloudError> {
                let call = Call::$variant { $( $field ),* };
                let operation = call.operation();
                match self.call(call).await? {
                    Answer::$variant(output) => Ok(output),
                    _ => Err(CloudError::mismatched(operation)),
                }
            } )*
        }
    };
}

impl Call {
    /// The Region whose quota is spent; empty for services that are in one Region alone.
    #[must_use]
    pub fn region(&self) -> &str {
        let named = match self {
            Self::TagKeyOrPlan { arn, .. }
            | Self::UntagKeyOrPlan { arn, .. }
            | Self::TagDomainName { arn, .. }
            | Self::UntagDomainName { arn, .. }
            | Self::TagFunction { arn, .. }
            | Self::UntagFunction { arn, .. }
            | Self::DescribeCertificate { arn }
            | Self::GetCertificate { arn }
            | Self::ListCertificateTags { arn }
            | Self::TagCertificate { arn, .. }
            | Self::UntagCertificate { arn, .. }
            | Self::DeleteCertificate { arn } => Arn::of(arn).map(|arn| arn.region),
            Self::RequestCertificate { request } => Some(request.region.as_str()),
            _ => self.named_region(),
        };
        match self.operation().service {
            // What CloudFront uses is there.
            Service::Acm | Service::Lambda | Service::Tagging => named.unwrap_or(function::EDGE_REGION),
            service if service.is_regional() => named.unwrap_or_default(),
            _ => "",
        }
    }
}

operations! {
    /// The account and principal of our credentials.
    Sts Get "GetCallerIdentity" GetCallerIdentity / get_caller_identity {} -> CallerIdentity;
    /// Temporary credentials of a role, of this account or another. Nothing is changed by it.
    Sts Get "AssumeRole" AssumeRole / assume_role { role: Assumption } -> Session;

    /// A REST API.
    ApiGateway Get "GetRestApi" GetRestApi / get_rest_api { region: String, id: String } -> api::Observed;
    /// A stage of a REST API.
    ApiGateway Get "GetStage" GetRestStage / get_rest_stage { region: String, api_id: String, stage: String } -> authorization::Stage;
    /// All stages of a REST API.
    ApiGateway List "GetStages" ListRestStages / list_rest_stages { region: String, api_id: String } -> Vec<other_doors::NamedStage>;
    /// Methods of a REST API with authorization and integration, as edited.
    ApiGateway List "GetResources" ListMethods / list_methods { region: String, api_id: String, marker: Option<String> } -> Page<authorization::Route>;
    /// A deployment of a REST API, with what each of its methods asks for.
    ApiGateway Get "GetDeployment" GetRestDeployment / get_rest_deployment { region: String, api_id: String, id: String } -> authorization::Deployment;
    /// Deployments of a REST API, without what their methods ask for.
    ApiGateway List "GetDeployments" ListRestDeployments / list_rest_deployments { region: String, api_id: String, marker: Option<String> } -> Page<authorization::Deployment>;
    /// What a REST API's stage serves, as `OpenAPI` 3.0 with API Gateway's extensions.
    ApiGateway Get "GetExport" ExportRestStage / export_rest_stage { region: String, api_id: String, stage: String } -> Value;
    /// Replaces a REST API's resource policy, as edited; empty: takes it away.
    ApiGateway Update "UpdateRestApi" UpdateRestApiPolicy / update_rest_api_policy { region: String, id: String, policy: String } -> ();
    /// Switches the default endpoint of a REST API off or on, as edited: it takes effect with the next change of a stage.
    ApiGateway Update "UpdateRestApi" SwitchRestEndpoint / switch_rest_endpoint { region: String, id: String, off: bool } -> ();
    /// Sets what a method asks for.
    ApiGateway Update "UpdateMethod" UpdateMethod / update_method { region: String, api_id: String, resource: String, method: String, authorization: authorization::Authorization } -> ();
    /// Makes a snapshot of the working copy that no stage serves yet; answers its id.
    ApiGateway Create "CreateDeployment" CreateRestDeployment / create_rest_deployment { region: String, api_id: String, description: String } -> String;
    /// Has a stage serve a deployment; its other settings stay.
    ApiGateway Update "UpdateStage" UpdateRestStage / update_rest_stage { region: String, api_id: String, stage: String, deployment: String } -> ();
    /// Deletes a deployment that no stage serves.
    ApiGateway Delete "DeleteDeployment" DeleteRestDeployment / delete_rest_deployment { region: String, api_id: String, id: String } -> ();

    /// API keys whose name begins with a text, with their values.
    ApiGateway List "GetApiKeys" ListApiKeys / list_api_keys { region: String, name: String, marker: Option<String> } -> Page<api_key::Key>;
    /// One API key, with its value and its tags.
    ApiGateway Get "GetApiKey" GetApiKey / get_api_key { region: String, id: String } -> api_key::Key;
    /// Makes an enabled API key of a given value.
    ApiGateway Create "CreateApiKey" CreateApiKey / create_api_key { region: String, key: api_key::KeyCreation } -> api_key::Key;
    /// Deletes an API key, also from its usage plans.
    ApiGateway Delete "DeleteApiKey" DeleteApiKey / delete_api_key { region: String, id: String } -> ();
    /// Usage plans.
    ApiGateway List "GetUsagePlans" ListUsagePlans / list_usage_plans { region: String, marker: Option<String> } -> Page<api_key::UsagePlan>;
    /// A usage plan.
    ApiGateway Get "GetUsagePlan" GetUsagePlan / get_usage_plan { region: String, id: String } -> api_key::UsagePlan;
    /// Makes a usage plan for a stage.
    ApiGateway Create "CreateUsagePlan" CreateUsagePlan / create_usage_plan { region: String, plan: api_key::UsagePlanCreation } -> api_key::UsagePlan;
    /// Adds a stage to a usage plan, or takes it out.
    ApiGateway Update "UpdateUsagePlan" UpdateUsagePlan / update_usage_plan { region: String, id: String, stage: (String, String), add: bool } -> ();
    /// Deletes a usage plan without stages.
    ApiGateway Delete "DeleteUsagePlan" DeleteUsagePlan / delete_usage_plan { region: String, id: String } -> ();
    /// Ids of a usage plan's keys.
    ApiGateway List "GetUsagePlanKeys" ListUsagePlanKeys / list_usage_plan_keys { region: String, plan: String, marker: Option<String> } -> Page<String>;
    /// Adds a key to a usage plan.
    ApiGateway Create "CreateUsagePlanKey" CreateUsagePlanKey / create_usage_plan_key { region: String, plan: String, key: String } -> ();
    /// Adds or replaces tags of an API key or usage plan.
    ApiGateway Tag "TagResource" TagKeyOrPlan / tag_key_or_plan { arn: String, tags: Tags } -> ();
    /// Removes tags of an API key or usage plan.
    ApiGateway Tag "UntagResource" UntagKeyOrPlan / untag_key_or_plan { arn: String, keys: Vec<String> } -> ();

    /// Authorizers of a REST API.
    ApiGateway List "GetAuthorizers" ListRestAuthorizers / list_rest_authorizers { region: String, api_id: String, marker: Option<String> } -> Page<authorizer::Entry>;
    /// Makes a request authorizer of a REST API.
    ApiGateway Create "CreateAuthorizer" CreateRestAuthorizer / create_rest_authorizer { region: String, api_id: String, name: String, settings: authorizer::Settings } -> authorizer::Entry;
    /// Sets function, header and time to live of a REST API's authorizer.
    ApiGateway Update "UpdateAuthorizer" UpdateRestAuthorizer / update_rest_authorizer { region: String, api_id: String, id: String, settings: authorizer::Settings } -> authorizer::Entry;
    /// Deletes an authorizer that no method asks.
    ApiGateway Delete "DeleteAuthorizer" DeleteRestAuthorizer / delete_rest_authorizer { region: String, api_id: String, id: String } -> ();

    /// An HTTP or WebSocket API.
    ApiGatewayV2 Get "GetApi" GetApi / get_api { region: String, id: String } -> api::Observed;
    /// A stage of an HTTP or WebSocket API.
    ApiGatewayV2 Get "GetStage" GetStage / get_stage { region: String, api_id: String, stage: String } -> authorization::Stage;
    /// Stages of an HTTP or WebSocket API.
    ApiGatewayV2 List "GetStages" ListStages / list_stages { region: String, api_id: String, marker: Option<String> } -> Page<other_doors::NamedStage>;
    /// Custom domain names of a Region, for APIs of every type.
    ApiGatewayV2 List "GetDomainNames" ListDomainNames / list_domain_names { region: String, marker: Option<String> } -> Page<other_doors::DomainName>;
    /// What a custom domain name leads to, APIs of every type.
    ApiGatewayV2 List "GetApiMappings" ListApiMappings / list_api_mappings { region: String, domain: String, marker: Option<String> } -> Page<other_doors::Mapping>;
    /// What the routing rules of a custom domain name lead to.
    ApiGatewayV2 List "ListRoutingRules" ListRoutingRules / list_routing_rules { region: String, domain: String, marker: Option<String> } -> Page<other_doors::Mapping>;
    /// A custom domain name; its tags beside it.
    ApiGatewayV2 Get "GetDomainName" GetDomainName / get_domain_name { region: String, name: String } -> (origin_domain::Content, Tags);
    /// Makes a Regional custom domain name that asks for a client certificate.
    ApiGatewayV2 Create "CreateDomainName" CreateDomainName / create_domain_name { region: String, creation: origin_domain::Creation } -> origin_domain::Content;
    /// Replaces its certificate and truststore.
    ApiGatewayV2 Update "UpdateDomainName" UpdateDomainName / update_domain_name { region: String, change: origin_domain::Change } -> origin_domain::Content;
    /// Deletes a custom domain name with its mappings.
    ApiGatewayV2 Delete "DeleteDomainName" DeleteDomainName / delete_domain_name { region: String, name: String } -> ();
    /// Mappings of one custom domain name, with their ids.
    ApiGatewayV2 List "GetApiMappings" ListMappingsOf / list_mappings_of { region: String, domain: String, marker: Option<String> } -> Page<origin_domain::Mapping>;
    /// Leads a path of a custom domain name to a stage.
    ApiGatewayV2 Create "CreateApiMapping" CreateApiMapping / create_api_mapping { region: String, domain: String, key: String, api_id: String, stage: String } -> origin_domain::Mapping;
    /// Deletes a mapping.
    ApiGatewayV2 Delete "DeleteApiMapping" DeleteApiMapping / delete_api_mapping { region: String, domain: String, id: String } -> ();
    /// Adds or replaces tags of a custom domain name.
    ApiGatewayV2 Tag "TagResource" TagDomainName / tag_domain_name { arn: String, tags: Tags } -> ();
    /// Removes tags of a custom domain name.
    ApiGatewayV2 Tag "UntagResource" UntagDomainName / untag_domain_name { arn: String, keys: Vec<String> } -> ();
    /// Switches the default endpoint of an HTTP API off or on.
    ApiGatewayV2 Update "UpdateApi" SwitchEndpoint / switch_endpoint { region: String, id: String, off: bool } -> ();
    /// Routes of an HTTP or WebSocket API, as edited.
    ApiGatewayV2 List "GetRoutes" ListRoutes / list_routes { region: String, api_id: String, marker: Option<String> } -> Page<authorization::Route>;
    /// Integrations of an HTTP or WebSocket API, as edited.
    ApiGatewayV2 List "GetIntegrations" ListIntegrations / list_integrations { region: String, api_id: String, marker: Option<String> } -> Page<authorization::Integration>;
    /// A deployment of an HTTP or WebSocket API.
    ApiGatewayV2 Get "GetDeployment" GetDeployment / get_deployment { region: String, api_id: String, id: String } -> authorization::Deployment;
    /// Deployments of an HTTP or WebSocket API.
    ApiGatewayV2 List "GetDeployments" ListDeployments / list_deployments { region: String, api_id: String, marker: Option<String> } -> Page<authorization::Deployment>;
    /// An HTTP API as `OpenAPI` 3.0 with API Gateway's extensions: what a stage serves, or the working copy.
    ApiGatewayV2 Get "ExportApi" ExportApi / export_api { region: String, api_id: String, stage: Option<String> } -> Value;
    /// Sets what a route asks for.
    ApiGatewayV2 Update "UpdateRoute" UpdateRoute / update_route { region: String, api_id: String, route: String, authorization: authorization::Authorization } -> ();
    /// Makes a snapshot of the working copy that no stage serves yet; answers its id.
    ApiGatewayV2 Create "CreateDeployment" CreateDeployment / create_deployment { region: String, api_id: String, description: String } -> String;
    /// Has a stage serve a deployment; its other settings stay.
    ApiGatewayV2 Update "UpdateStage" UpdateStage / update_stage { region: String, api_id: String, stage: String, deployment: String } -> ();
    /// Deletes a deployment that no stage serves.
    ApiGatewayV2 Delete "DeleteDeployment" DeleteDeployment / delete_deployment { region: String, api_id: String, id: String } -> ();

    /// Authorizers of an HTTP or WebSocket API.
    ApiGatewayV2 List "GetAuthorizers" ListAuthorizers / list_authorizers { region: String, api_id: String, marker: Option<String> } -> Page<authorizer::Entry>;
    /// Makes a request authorizer of an HTTP API (payload 2.0, simple answers) or of a WebSocket API (without time to live).
    ApiGatewayV2 Create "CreateAuthorizer" CreateAuthorizer / create_authorizer { region: String, api_id: String, protocol: OriginType, name: String, settings: authorizer::Settings } -> authorizer::Entry;
    /// Sets function, header and time to live of an authorizer.
    ApiGatewayV2 Update "UpdateAuthorizer" UpdateAuthorizer / update_authorizer { region: String, api_id: String, protocol: OriginType, id: String, settings: authorizer::Settings } -> authorizer::Entry;
    /// Deletes an authorizer that no route asks.
    ApiGatewayV2 Delete "DeleteAuthorizer" DeleteAuthorizer / delete_authorizer { region: String, api_id: String, id: String } -> ();

    /// Roles with trust, inline policies, boundary and tags, all paths; the caller filters by path.
    Iam List "GetAccountAuthorizationDetails" ListRoles / list_roles { marker: Option<String> } -> Page<role::Observed>;
    /// A role without its inline policies.
    Iam Get "GetRole" GetRole / get_role { name: String } -> role::Observed;
    /// Names of a role's inline policies (one page holds them all).
    Iam List "ListRolePolicies" ListRolePolicies / list_role_policies { name: String } -> Vec<String>;
    /// An inline policy's document.
    Iam Get "GetRolePolicy" GetRolePolicy / get_role_policy { name: String, policy: String } -> Value;
    /// ARNs of a role's managed policies (one page holds them all).
    Iam List "ListAttachedRolePolicies" ListAttachedRolePolicies / list_attached_role_policies { name: String } -> Vec<String>;
    /// Makes a role under [`crate::domain::kernel::identity::IAM_PATH`].
    Iam Create "CreateRole" CreateRole / create_role { role: role::Creation } -> role::Observed;
    /// Replaces the trust policy.
    Iam Update "UpdateAssumeRolePolicy" UpdateAssumeRolePolicy / update_assume_role_policy { name: String, document: Value } -> ();
    /// Writes an inline policy.
    Iam Put "PutRolePolicy" PutRolePolicy / put_role_policy { name: String, policy: String, document: Value } -> ();
    /// Deletes an inline policy.
    Iam Delete "DeleteRolePolicy" DeleteRolePolicy / delete_role_policy { name: String, policy: String } -> ();
    /// Takes a managed policy off a role; the policy itself stays.
    Iam Delete "DetachRolePolicy" DetachRolePolicy / detach_role_policy { name: String, policy: String } -> ();
    /// Sets the permissions boundary.
    Iam Put "PutRolePermissionsBoundary" PutRoleBoundary / put_role_boundary { name: String, boundary: String } -> ();
    /// Takes the permissions boundary away.
    Iam Delete "DeleteRolePermissionsBoundary" DeleteRoleBoundary / delete_role_boundary { name: String } -> ();
    /// Deletes a role without policies.
    Iam Delete "DeleteRole" DeleteRole / delete_role { name: String } -> ();
    /// Adds or replaces tags.
    Iam Tag "TagRole" TagRole / tag_role { name: String, tags: Tags } -> ();
    /// Removes tags.
    Iam Tag "UntagRole" UntagRole / untag_role { name: String, keys: Vec<String> } -> ();

    /// Functions of us-east-1; their state is not listed.
    Lambda List "ListFunctions" ListFunctions / list_functions { marker: Option<String> } -> Page<function::Configuration>;
    /// A function's unpublished configuration and its tags.
    Lambda Get "GetFunction" GetFunction / get_function { region: String, name: String } -> function::Observed;
    /// The configuration and state of the function, or of one version.
    Lambda Get "GetFunctionConfiguration" GetFunctionConfiguration / get_function_configuration { name: String, version: Option<String> } -> function::Configuration;
    /// Published versions, without `$LATEST`.
    Lambda List "ListVersionsByFunction" ListVersions / list_versions { name: String, marker: Option<String> } -> Page<function::Configuration>;
    /// Makes a function and publishes its first version, if asked to.
    Lambda Create "CreateFunction" CreateFunction / create_function { region: String, function: function::Creation } -> function::Configuration;
    /// Replaces the code and publishes a version of it, if asked to.
    Lambda Update "UpdateFunctionCode" UpdateFunctionCode / update_function_code { region: String, name: String, zip: Vec<u8>, revision: String, publish: bool } -> function::Configuration;
    /// Replaces role, runtime, handler, timeout, memory and description.
    Lambda Update "UpdateFunctionConfiguration" UpdateFunctionConfiguration / update_function_configuration { region: String, name: String, settings: function::Settings, revision: String } -> function::Configuration;
    /// Publishes the current code and configuration; answers the existing version where nothing changed.
    Lambda Create "PublishVersion" PublishVersion / publish_version { name: String, code_sha256: String } -> function::Configuration;
    /// Deletes the function, or one version.
    Lambda Delete "DeleteFunction" DeleteFunction / delete_function { region: String, name: String, version: Option<String> } -> ();
    /// A function's resource policy.
    Lambda Get "GetPolicy" GetFunctionPolicy / get_function_policy { region: String, name: String } -> Value;
    /// Lets API Gateway invoke the function for what `source` names.
    Lambda Put "AddPermission" AddPermission / add_permission { region: String, name: String, statement: String, source: String } -> ();
    /// Takes a statement out of a function's resource policy.
    Lambda Delete "RemovePermission" RemovePermission / remove_permission { region: String, name: String, statement: String } -> ();
    /// Adds or replaces tags.
    Lambda Tag "TagResource" TagFunction / tag_function { arn: String, tags: Tags } -> ();
    /// Removes tags.
    Lambda Tag "UntagResource" UntagFunction / untag_function { arn: String, keys: Vec<String> } -> ();

    /// IP sets of CLOUDFRONT scope with their lock tokens.
    Waf List "ListIPSets" ListIpSets / list_ip_sets { marker: Option<String> } -> Page<web_acl::Entity>;
    /// An IP set.
    Waf Get "GetIPSet" GetIpSet / get_ip_set { id: String, name: String } -> ip_set::Content;
    /// Makes an IP set.
    Waf Create "CreateIPSet" CreateIpSet / create_ip_set { ip_set: ip_set::Creation } -> web_acl::Entity;
    /// Replaces the addresses; answers the next lock token.
    Waf Update "UpdateIPSet" UpdateIpSet / update_ip_set { entity: web_acl::Entity, addresses: Vec<String> } -> String;
    /// Deletes an IP set that nothing references.
    Waf Delete "DeleteIPSet" DeleteIpSet / delete_ip_set { entity: web_acl::Entity } -> ();
    /// Web ACLs of CLOUDFRONT scope with their lock tokens.
    Waf List "ListWebACLs" ListWebAcls / list_web_acls { marker: Option<String> } -> Page<web_acl::Entity>;
    /// A web ACL's raw document and its lock token.
    Waf Get "GetWebACL" GetWebAcl / get_web_acl { id: String, name: String } -> web_acl::Content;
    /// Makes a web ACL from a raw document (without Name and Scope, which the call adds).
    Waf Create "CreateWebACL" CreateWebAcl / create_web_acl { name: String, document: Value, tags: Tags } -> web_acl::Entity;
    /// Replaces the web ACL by a raw document; answers the next lock token.
    Waf Update "UpdateWebACL" UpdateWebAcl / update_web_acl { entity: web_acl::Entity, document: Value } -> String;
    /// Deletes a web ACL that nothing uses.
    Waf Delete "DeleteWebACL" DeleteWebAcl / delete_web_acl { entity: web_acl::Entity } -> ();
    /// Capacity units that raw rules would use.
    Waf Get "CheckCapacity" CheckCapacity / check_capacity { rules: Value } -> i64;
    /// Raw logging configurations of CLOUDFRONT scope.
    Waf List "ListLoggingConfigurations" ListLoggingConfigurations / list_logging_configurations { marker: Option<String> } -> Page<Value>;
    /// A web ACL's raw logging configuration.
    Waf Get "GetLoggingConfiguration" GetLoggingConfiguration / get_logging_configuration { web_acl_arn: String } -> Value;
    /// Writes a raw logging configuration; answers it as stored.
    Waf Put "PutLoggingConfiguration" PutLoggingConfiguration / put_logging_configuration { document: Value } -> Value;
    /// Deletes a web ACL's logging configuration.
    Waf Delete "DeleteLoggingConfiguration" DeleteLoggingConfiguration / delete_logging_configuration { web_acl_arn: String } -> ();
    /// Tags of a web ACL or IP set.
    Waf List "ListTagsForResource" ListWafTags / list_waf_tags { arn: String } -> Tags;
    /// Adds or replaces tags.
    Waf Tag "TagResource" TagWaf / tag_waf { arn: String, tags: Tags } -> ();
    /// Removes tags.
    Waf Tag "UntagResource" UntagWaf / untag_waf { arn: String, keys: Vec<String> } -> ();

    /// Distributions with `ETag` and status, without tags.
    CloudFront List "ListDistributions" ListDistributions / list_distributions { marker: Option<String> } -> Page<distribution::Listed>;
    /// A distribution with its raw configuration and `ETag`.
    CloudFront Get "GetDistribution" GetDistribution / get_distribution { id: String } -> distribution::Content;
    /// Makes a distribution from a raw configuration.
    CloudFront Create "CreateDistributionWithTags" CreateDistribution / create_distribution { config: Element, tags: Tags } -> distribution::Content;
    /// Replaces the configuration, if its `ETag` is still `etag`.
    CloudFront Update "UpdateDistribution" UpdateDistribution / update_distribution { id: String, etag: String, config: Element } -> distribution::Content;
    /// Deletes a disabled and deployed distribution.
    CloudFront Delete "DeleteDistribution" DeleteDistribution / delete_distribution { id: String, etag: String } -> ();
    /// A distribution's tags.
    CloudFront List "ListTagsForResource" ListDistributionTags / list_distribution_tags { arn: String } -> Tags;
    /// Adds or replaces tags.
    CloudFront Tag "TagResource" TagDistribution / tag_distribution { arn: String, tags: Tags } -> ();
    /// Removes tags.
    CloudFront Tag "UntagResource" UntagDistribution / untag_distribution { arn: String, keys: Vec<String> } -> ();
    /// Moves an alias here from another distribution of the account, in one step.
    CloudFront Update "AssociateAlias" AssociateAlias / associate_alias { id: String, alias: String } -> ();
    /// Who has a domain name, or one that overlaps with it, in any account; `id` is a distribution with a certificate for it.
    CloudFront List "ListDomainConflicts" ListDomainConflicts / list_domain_conflicts { id: String, domain: String, marker: Option<String> } -> Page<conflict::Conflict>;

    // CreateSubscription is not here, and never will be: it costs $3,000 a month for a year.
    /// Whether the account is subscribed to Shield Advanced.
    Shield Get "GetSubscriptionState" GetSubscriptionState / get_subscription_state {} -> bool;
    /// Protections with response and health checks, without tags.
    Shield List "ListProtections" ListProtections / list_protections { marker: Option<String> } -> Page<protection::Content>;
    /// The protection of a resource.
    Shield Get "DescribeProtection" DescribeProtection / describe_protection { resource_arn: String } -> protection::Content;
    /// A protection's tags.
    Shield List "ListTagsForResource" ListProtectionTags / list_protection_tags { arn: String } -> Tags;
    /// Protects a resource; answers the protection's id.
    Shield Create "CreateProtection" CreateProtection / create_protection { protection: protection::Creation } -> String;
    /// Deletes a protection.
    Shield Delete "DeleteProtection" DeleteProtection / delete_protection { id: String } -> ();
    /// Adds or replaces tags.
    Shield Tag "TagResource" TagProtection / tag_protection { arn: String, tags: Tags } -> ();
    /// Removes tags.
    Shield Tag "UntagResource" UntagProtection / untag_protection { arn: String, keys: Vec<String> } -> ();
    /// Switches the automatic response on: Shield puts its rule into the web ACL.
    Shield Put "EnableApplicationLayerAutomaticResponse" EnableAutomaticResponse / enable_automatic_response { resource_arn: String, response: Response } -> ();
    /// Has the automatic response count or block.
    Shield Update "UpdateApplicationLayerAutomaticResponse" UpdateAutomaticResponse / update_automatic_response { resource_arn: String, response: Response } -> ();
    /// Switches the automatic response off: Shield takes its rule out of the web ACL.
    Shield Delete "DisableApplicationLayerAutomaticResponse" DisableAutomaticResponse / disable_automatic_response { resource_arn: String } -> ();
    /// Associates a health check with a protection.
    Shield Put "AssociateHealthCheck" AssociateHealthCheck / associate_health_check { protection: String, health_check: String } -> ();
    /// Takes a health check off a protection.
    Shield Delete "DisassociateHealthCheck" DisassociateHealthCheck / disassociate_health_check { protection: String, health_check: String } -> ();

    /// The account's subscription to Shield Advanced.
    Shield Get "DescribeSubscription" DescribeSubscription / describe_subscription {} -> Subscription;
    /// Whom the Shield Response Team writes to and calls.
    Shield Get "DescribeEmergencyContactSettings" DescribeEmergencyContacts / describe_emergency_contacts {} -> Vec<Contact>;
    /// Replaces the emergency contacts.
    Shield Update "UpdateEmergencyContactSettings" UpdateEmergencyContacts / update_emergency_contacts { contacts: Vec<Contact> } -> ();
    /// Has the Shield Response Team call by itself, for the first time; replaces the contacts.
    Shield Put "AssociateProactiveEngagementDetails" BeginProactiveEngagement / begin_proactive_engagement { contacts: Vec<Contact> } -> ();
    /// Has the Shield Response Team call by itself again.
    Shield Put "EnableProactiveEngagement" EnableProactiveEngagement / enable_proactive_engagement {} -> ();
    /// Has the Shield Response Team no longer call by itself.
    Shield Update "DisableProactiveEngagement" DisableProactiveEngagement / disable_proactive_engagement {} -> ();
    /// What the Shield Response Team may do.
    Shield Get "DescribeDRTAccess" DescribeSrtAccess / describe_srt_access {} -> SrtSeen;
    /// Gives the Shield Response Team a role in place of the one that it has.
    Shield Put "AssociateDRTRole" AssociateSrtRole / associate_srt_role { role_arn: String } -> ();
    /// Lets the Shield Response Team read a bucket.
    Shield Put "AssociateDRTLogBucket" AssociateSrtBucket / associate_srt_bucket { bucket: String } -> ();
    /// No longer lets the Shield Response Team read a bucket.
    Shield Delete "DisassociateDRTLogBucket" DisassociateSrtBucket / disassociate_srt_bucket { bucket: String } -> ();

    /// Health checks, without tags and health.
    Route53 List "ListHealthChecks" ListHealthChecks / list_health_checks { marker: Option<String> } -> Page<health_check::Content>;
    /// A health check.
    Route53 Get "GetHealthCheck" GetHealthCheck / get_health_check { id: String } -> health_check::Content;
    /// What each of Route 53's checkers last said of a health check.
    Route53 Get "GetHealthCheckStatus" GetHealthCheckStatus / get_health_check_status { id: String } -> Vec<String>;
    /// A health check's tags.
    Route53 List "ListTagsForResource" ListHealthCheckTags / list_health_check_tags { id: String } -> Tags;
    /// Makes a health check, which has no tags yet.
    Route53 Create "CreateHealthCheck" CreateHealthCheck / create_health_check { reference: String, settings: health_check::Settings } -> health_check::Content;
    /// Replaces what can be replaced, if the version is still `version`.
    Route53 Update "UpdateHealthCheck" UpdateHealthCheck / update_health_check { id: String, version: i64, settings: health_check::Settings } -> health_check::Content;
    /// Deletes a health check.
    Route53 Delete "DeleteHealthCheck" DeleteHealthCheck / delete_health_check { id: String } -> ();
    /// Adds, replaces and removes tags.
    Route53 Tag "ChangeTagsForResource" TagHealthCheck / tag_health_check { id: String, set: Tags, unset: Vec<String> } -> ();
    /// The addresses from which Route 53's checkers ask.
    Route53 List "GetCheckerIpRanges" GetCheckerIpRanges / get_checker_ip_ranges {} -> Vec<String>;

    /// What a hosted zone is.
    Route53 Get "GetHostedZone" GetHostedZone / get_hosted_zone { id: String } -> hosted_zone::Head;
    /// A hosted zone's records, those included that are on their way to its name servers.
    Route53 List "ListResourceRecordSets" ListRecords / list_records { zone: String, marker: Option<String> } -> Page<hosted_zone::Record>;
    /// Makes a batch of changes, as a whole or not at all.
    Route53 Update "ChangeResourceRecordSets" ChangeRecords / change_records { zone: String, changes: Vec<hosted_zone::RecordChange> } -> ();

    /// Requests a certificate, to be proved through DNS; answers its ARN.
    Acm Create "RequestCertificate" RequestCertificate / request_certificate { request: certificate::Request } -> String;
    /// A certificate, without its tags.
    Acm Get "DescribeCertificate" DescribeCertificate / describe_certificate { arn: String } -> certificate::Content;
    /// A certificate's tags.
    Acm List "ListTagsForCertificate" ListCertificateTags / list_certificate_tags { arn: String } -> Tags;
    /// Adds or replaces tags.
    Acm Tag "AddTagsToCertificate" TagCertificate / tag_certificate { arn: String, tags: Tags } -> ();
    /// Removes tags.
    Acm Tag "RemoveTagsFromCertificate" UntagCertificate / untag_certificate { arn: String, keys: Vec<String> } -> ();
    /// Deletes a certificate that nothing uses.
    Acm Delete "DeleteCertificate" DeleteCertificate / delete_certificate { arn: String } -> ();

    /// Imports a client certificate into ACM in us-east-1; answers its ARN.
    Acm Create "ImportCertificate" ImportCertificate / import_certificate { pair: Box<pair::Pair>, tags: Tags } -> String;
    /// An imported certificate and the CA that signed it, PEM.
    Acm Get "GetCertificate" GetCertificate / get_certificate { arn: String } -> (String, String);

    /// Whether a bucket keeps versions.
    S3 Get "GetBucketVersioning" GetBucketVersioning / get_bucket_versioning { region: String, bucket: String } -> bool;
    /// An object's newest version and its content; the version is absent where the bucket keeps none.
    S3 Get "GetObject" GetObject / get_object { region: String, bucket: String, key: String } -> (Option<String>, String);
    /// Writes an object; answers its version, where the bucket keeps versions.
    S3 Put "PutObject" PutObject / put_object { region: String, bucket: String, key: String, content: String } -> Option<String>;
    /// An object's versions and deletion markers.
    S3 List "ListObjectVersions" ListObjectVersions / list_object_versions { region: String, bucket: String, key: String, marker: Option<String> } -> Page<String>;
    /// Deletes one version of an object.
    S3 Delete "DeleteObject" DeleteObjectVersion / delete_object_version { region: String, bucket: String, key: String, version: String } -> ();

    /// Alarms of ours in us-east-1, or the one of that name; without tags.
    CloudWatch List "DescribeAlarms" DescribeAlarms / describe_alarms { name: Option<String>, marker: Option<String> } -> Page<alarm::Content>;
    /// An alarm's tags.
    CloudWatch List "ListTagsForResource" ListAlarmTags / list_alarm_tags { arn: String } -> Tags;
    /// Makes or replaces an alarm; tags are taken only when it is made.
    CloudWatch Put "PutMetricAlarm" PutMetricAlarm / put_metric_alarm { name: String, settings: alarm::Settings, tags: Tags } -> ();
    /// Deletes an alarm.
    CloudWatch Delete "DeleteAlarms" DeleteAlarm / delete_alarm { name: String } -> ();
    /// Adds or replaces tags.
    CloudWatch Tag "TagResource" TagAlarm / tag_alarm { arn: String, tags: Tags } -> ();
    /// Removes tags.
    CloudWatch Tag "UntagResource" UntagAlarm / untag_alarm { arn: String, keys: Vec<String> } -> ();

    /// Whether there is a topic of that ARN.
    Sns Get "GetTopicAttributes" GetTopic / get_topic { arn: String } -> ();

    /// Tagged resources of us-east-1 (CloudFront, WAF, Lambda, ACM) whose `palisade.dev/cluster` tag is `cluster`.
    Tagging List "GetResources" ListTagged / list_tagged { cluster: String, marker: Option<String> } -> Page<Tagged>;
    /// The same of a Region's certificates and custom domain names.
    Tagging List "GetResources" ListTaggedOfRegion / list_tagged_of_region { region: String, cluster: String, marker: Option<String> } -> Page<Tagged>;
    /// The same of what serves Shield Advanced (Shield, Route 53, CloudWatch).
    Tagging List "GetResources" ListTaggedOfShield / list_tagged_of_shield { cluster: String, marker: Option<String> } -> Page<Tagged>;
}

/// The account and principal of our credentials.
#[derive(Debug, Clone, PartialEq, Eq)]
#[allow(missing_docs)]
pub struct CallerIdentity {
    pub account: String,
    pub arn: String,
}

/// A resource and its tags, from the tagging service.
#[derive(Debug, Clone, PartialEq, Eq)]
#[allow(missing_docs)]
pub struct Tagged {
    pub arn: String,
    pub tags: Tags,
}
