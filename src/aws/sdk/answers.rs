//! Answers of API Gateway, read as they came.
//!
//! API Gateway answers null where the SDK's types allow none, such as for a template that is empty, and the SDK then loses the
//! whole answer. So only what is needed is understood of it, everything may be missing, and what is merely compared stays as
//! it is. Of what changes something, success is all that counts.

// Fields have the names of AWS's documents.
#![allow(clippy::struct_field_names)]

use super::failure::Failure;
use super::marker;
use super::raw_body::Captured;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::Value;
use std::collections::BTreeMap;

/// Sends a request of the SDK's and keeps the answer as it came.
macro_rules! answer {
    ($call:expr) => {{
        let raw = $crate::aws::sdk::raw_body::RawBody::reading();
        let outcome = $call.customize().interceptor(raw.clone()).send().await;
        raw.finish(outcome)?
    }};
}
pub(super) use answer;

/// Understands what is needed of an answer; what is not understood is named by its place.
pub fn understood<T: DeserializeOwned>(answer: &Captured) -> Result<T, Failure> {
    let mut reader = serde_json::Deserializer::from_slice(answer.body());
    serde_path_to_error::deserialize(&mut reader).map_err(|error| {
        let place = error.path().to_string();
        Failure::not_understood(format!("at {place}: {}", error.into_inner()))
    })
}

/// A list's items and the marker of its next page, by either service's names.
#[derive(Deserialize)]
pub struct List<T> {
    #[serde(default = "none", alias = "items", alias = "item", alias = "routingRules")]
    found: Option<Vec<T>>,
    position: Option<String>,
    #[serde(rename = "nextToken")]
    next_token: Option<String>,
}

fn none<T>() -> Option<T> {
    None
}

impl<T> List<T> {
    /// The items, each made into something else. `asked` is the marker by which this page was asked for.
    pub fn page<R>(
        self,
        asked: Option<&String>,
        make: impl FnMut(T) -> Result<R, Failure>,
    ) -> Result<crate::aws::cloud::Page<R>, Failure> {
        let items = self.found.unwrap_or_default().into_iter();
        Ok(crate::aws::cloud::Page {
            items: items.map(make).collect::<Result<_, _>>()?,
            next: match self.position {
                Some(position) => marker::next("position", Some(position), asked)?,
                None => marker::next("nextToken", self.next_token, asked)?,
            },
        })
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct RestApi {
    pub endpoint_configuration: Option<Endpoints>,
    pub disable_execute_api_endpoint: Option<bool>,
    pub api_key_source: Option<String>,
    pub policy: Option<String>,
    pub security_policy: Option<String>,
    pub endpoint_access_mode: Option<String>,
}

#[derive(Deserialize)]
pub struct Endpoints {
    pub types: Option<Vec<String>>,
}

/// A resource of a REST API, with its methods.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Resource {
    pub id: String,
    pub path: String,
    pub resource_methods: Option<Methods>,
}

#[derive(Deserialize, Default)]
#[serde(rename_all = "camelCase")]
pub struct Method {
    pub authorization_type: Option<String>,
    pub authorizer_id: Option<String>,
    pub api_key_required: Option<bool>,
    /// As it came: it is compared.
    pub method_integration: Option<Value>,
}

/// A deployment of either service's.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Deployment {
    #[serde(alias = "deploymentId")]
    pub id: String,
    pub description: Option<String>,
    /// REST: methods by path and name.
    pub api_summary: Option<BTreeMap<String, Option<Methods>>>,
}

/// Methods by their names.
type Methods = BTreeMap<String, Option<Method>>;

/// A stage of either service's.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Stage {
    pub stage_name: String,
    pub description: Option<String>,
    pub deployment_id: Option<String>,
    pub auto_deploy: Option<bool>,
    pub last_deployment_status_message: Option<String>,
    pub canary_settings: Option<CanarySettings>,
    pub web_acl_arn: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct CanarySettings {
    pub deployment_id: Option<String>,
    pub percent_traffic: Option<f64>,
}

/// An HTTP or WebSocket API.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Api {
    pub protocol_type: String,
    pub disable_execute_api_endpoint: Option<bool>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Route {
    pub route_id: String,
    pub route_key: String,
    pub authorization_type: Option<String>,
    pub authorizer_id: Option<String>,
    pub api_key_required: Option<bool>,
    /// The integration: `integrations/<id>`.
    pub target: Option<String>,
}

/// An integration of an HTTP or WebSocket API.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Integration {
    pub integration_id: String,
    pub credentials_arn: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct DomainName {
    pub domain_name: String,
    pub domain_name_configurations: Option<Vec<DomainNameConfiguration>>,
    pub mutual_tls_authentication: Option<MutualTls>,
    pub routing_mode: Option<String>,
    pub tags: Option<BTreeMap<String, Option<String>>>,
}

#[derive(Deserialize, Default)]
#[serde(rename_all = "camelCase")]
pub struct DomainNameConfiguration {
    pub api_gateway_domain_name: Option<String>,
    pub certificate_arn: Option<String>,
    pub domain_name_status: Option<String>,
    pub domain_name_status_message: Option<String>,
    pub endpoint_type: Option<String>,
    pub hosted_zone_id: Option<String>,
    pub security_policy: Option<String>,
}

#[derive(Deserialize, Default)]
#[serde(rename_all = "camelCase")]
pub struct MutualTls {
    pub truststore_uri: Option<String>,
    pub truststore_version: Option<String>,
    pub truststore_warnings: Option<Vec<String>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ApiMapping {
    pub api_id: String,
    pub api_mapping_id: Option<String>,
    pub api_mapping_key: Option<String>,
    pub stage: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct RoutingRule {
    pub actions: Option<Vec<RuleAction>>,
    pub conditions: Option<Vec<RuleCondition>>,
    pub priority: Option<i64>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct RuleAction {
    pub invoke_api: Option<InvokeApi>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct InvokeApi {
    pub api_id: String,
    pub stage: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct RuleCondition {
    pub match_base_paths: Option<AnyOf<String>>,
    pub match_headers: Option<AnyOf<HeaderValue>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct AnyOf<T> {
    #[serde(default = "none")]
    pub any_of: Option<Vec<T>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", default)]
#[derive(Default)]
pub struct HeaderValue {
    pub header: String,
    pub value_glob: String,
}

impl From<Stage> for crate::domain::access::authorization::Stage {
    fn from(found: Stage) -> Self {
        let canary = found.canary_settings.and_then(|canary| {
            Some(crate::domain::access::authorization::Canary {
                deployment: canary.deployment_id?,
                is_served: canary.percent_traffic.unwrap_or_default() > 0.0,
            })
        });
        Self {
            deployment: found.deployment_id,
            auto_deploy: found.auto_deploy.unwrap_or(false),
            said: found.last_deployment_status_message,
            canary,
            // A stage that has had one answers an empty name.
            web_acl: found.web_acl_arn.filter(|arn| !arn.is_empty()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn read<T: DeserializeOwned>(answer: &Value) -> Result<T, Failure> {
        understood(&Captured::of(answer.to_string().into_bytes()))
    }

    /// As API Gateway answers for a CORS mock that the console made: an empty template is null.
    #[test]
    fn a_template_of_null_does_not_cost_the_answer() {
        let answer = json!({"item": [{"id": "r1", "path": "/pets", "resourceMethods": {"OPTIONS": {
            "httpMethod": "OPTIONS", "authorizationType": "NONE", "apiKeyRequired": false,
            "methodResponses": {"200": {"statusCode": "200", "responseModels": {"application/json": "Empty"}}},
            "methodIntegration": {
                "type": "MOCK", "requestTemplates": {"application/json": null}, "requestParameters": null,
                "integrationResponses": {"200": {"statusCode": "200", "responseTemplates": {"application/json": null}}}
            }
        }}}]});
        let found: List<Resource> = read(&answer).unwrap();
        let found = found.page(None, Ok).unwrap();
        let methods = found.items[0].resource_methods.as_ref().unwrap();
        assert_eq!(
            methods["OPTIONS"].as_ref().unwrap().authorization_type.as_deref(),
            Some("NONE")
        );
    }

    #[test]
    fn whatever_is_missing_or_null_is_readable() {
        for answer in [
            json!({"item": null, "position": null}),
            json!({}),
            json!({"item": [{"id": "r1", "path": "/"}]}),
            json!({"item": [{"id": "r1", "path": "/", "resourceMethods": {"GET": null, "POST": {}}}], "_links": {}}),
        ] {
            assert!(read::<List<Resource>>(&answer).is_ok(), "{answer}");
        }
        let stage = json!({"stageName": "prod", "deploymentId": "d1", "variables": {"a": null}, "methodSettings": null,
            "canarySettings": {"percentTraffic": 0.0, "stageVariableOverrides": {"a": null}}});
        assert!(read::<Stage>(&stage).is_ok());
        let deployment = json!({"id": "d1", "apiSummary": {"/": null, "/pets": {"GET": null}}});
        assert!(read::<Deployment>(&deployment).is_ok());
        let route =
            json!({"items": [{"routeId": "a", "routeKey": "$default", "requestParameters": {"a": null}}]});
        assert!(read::<List<Route>>(&route).is_ok());
        let integration =
            json!({"items": [{"integrationId": "i1", "requestTemplates": {"200": null}}], "nextToken": null});
        assert!(read::<List<Integration>>(&integration).is_ok());
    }

    #[test]
    fn a_marker_that_repeats_is_named_by_its_place() {
        for place in ["position", "nextToken"] {
            let found = |marker: &str| read::<List<Route>>(&json!({"items": [], place: marker})).unwrap();
            let asked = "a".to_owned();
            let said = found("a")
                .page(Some(&asked), Ok)
                .err()
                .map(|failure| format!("{failure:?}"));
            assert!(said.is_some_and(|said| said.contains(place)));
            assert_eq!(found("").page(Some(&asked), Ok).ok().unwrap().next, None);
            assert_eq!(
                found("b").page(Some(&asked), Ok).ok().unwrap().next,
                Some("b".to_owned())
            );
        }
    }

    #[test]
    fn what_is_not_understood_is_named_by_its_place() {
        let answer = json!({"item": [{"id": "r1", "path": "/", "resourceMethods": {"GET": {"authorizationType": 7}}}]});
        let failure = read::<List<Resource>>(&answer).err().unwrap();
        let expected = "item[0].resourceMethods.GET.authorizationType";
        assert!(format!("{failure:?}").contains(expected), "{failure:?}");
    }
}
