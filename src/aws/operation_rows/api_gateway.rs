//! API Gateway: APIs of every type, their keys and authorizers, and custom domain names.

macro_rules! api_gateway_rows {
    ({ $($before:tt)* } $next:ident $($then:ident)*) => {
        $next! { {
            $($before)*

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
            /// Writes what a REST API's stage says of itself: a change that no caller meets.
            ApiGateway Update "UpdateStage" DescribeRestStage / describe_rest_stage { region: String, api_id: String, stage: String, description: String } -> ();
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
            /// Writes what a stage says of itself: a change that no caller meets.
            ApiGatewayV2 Update "UpdateStage" DescribeStage / describe_stage { region: String, api_id: String, stage: String, description: String } -> ();
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
        } $($then)* }
    };
}
