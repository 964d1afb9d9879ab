//! What API Gateway exports of a stage, beside the working copy that it was deployed from: nothing was edited since.

use super::folder::{self, by_step};
use super::reading::{REGION, exported};
use super::replay::Answer;
use crate::support::pieces::text;
use palisade::aws::cloud::Cloud;
use palisade::domain::access::asked::as_deployed::{Deployed, Served};
use palisade::domain::access::asked::gateway_responses::refused_as;
use palisade::domain::access::authorization::{Pending, Route};
use palisade::domain::access::obstacles::pending;
use palisade::domain::access::proof::Proof;
use serde_json::{Value, json};

const INTEGRATION: &str = "x-amazon-apigateway-integration";

/// The methods of an exported API as `GetResources` tells of them: enumerations in capitals, defaults filled in, and templates that
/// say nothing are null.
fn resources(export: &Value) -> Value {
    let paths = export["paths"].as_object().unwrap().iter().enumerate();
    let resource = |(number, (path, operations)): (usize, (&String, &Value))| {
        let id = format!("r{number}");
        let methods: Value = operations
            .as_object()
            .unwrap()
            .iter()
            .map(|(name, operation)| (name.to_uppercase(), method(&operation[INTEGRATION], &id)))
            .collect();
        json!({"id": id, "path": path, "resourceMethods": methods})
    };
    json!({"item": paths.map(resource).collect::<Vec<_>>()})
}

fn method(exported: &Value, resource: &str) -> Value {
    let mut integration = exported.clone();
    for name in ["type", "passthroughBehavior"] {
        integration[name] = integration[name].as_str().unwrap().to_uppercase().into();
    }
    integration["timeoutInMillis"] = json!(29_000);
    integration["cacheNamespace"] = json!(resource);
    integration["cacheKeyParameters"] = json!([]);
    let responses = integration["responses"].take();
    integration.as_object_mut().unwrap().shift_remove("responses");
    let responses = responses.as_object().into_iter().flatten();
    let response = |(pattern, response): (&String, &Value)| {
        let mut found = response.clone();
        if pattern != "default" {
            found["selectionPattern"] = json!(pattern);
        }
        if found.get("responseTemplates").is_none() {
            found["responseTemplates"] = json!({"application/json": null});
        }
        (found["statusCode"].as_str().unwrap().to_owned(), found)
    };
    integration["integrationResponses"] = responses.map(response).collect();
    json!({"authorizationType": "NONE", "apiKeyRequired": false, "methodIntegration": integration})
}

async fn routes(resources: &Value) -> Vec<Route> {
    let sdk = Answer::json(resources).sdk().await;
    let cloud: &dyn Cloud = &sdk;
    let page = cloud.list_methods(text(REGION), text("a1"), None).await;
    page.unwrap().items
}

async fn check(document: &Value) {
    let export = exported(document).await.unwrap();
    let mut edited = resources(document);
    let found = routes(&edited).await;
    for route in &found {
        let (method, path) = route.key.split_once(' ').unwrap();
        let exported = &export["paths"][path][method.to_lowercase()][INTEGRATION];
        assert_eq!(&route.integration, exported, "{}", route.key);
    }
    let unknown = Deployed::Unknown(String::new());
    assert_eq!(pending::of_rest(&found, false, &unknown, &export), Pending::None);
    let served = Served::of_export(&export, None, &found).expect("the export shows what methods ask for");
    assert_eq!(served.iter().count(), found.len());
    for proof in [Proof::Signature, Proof::Key] {
        assert!(refused_as(&export, &proof).is_empty(), "{proof:?}");
    }
    // One that was edited since, and one that came.
    let methods = &mut edited["item"][0]["resourceMethods"];
    let name = methods.as_object().unwrap().keys().next().unwrap().clone();
    methods[&name]["methodIntegration"]["uri"] = json!("https://next.example.com");
    methods["PATCH"] = json!({"authorizationType": "NONE"});
    let path = edited["item"][0]["path"].as_str().unwrap().to_owned();
    let at = vec![
        format!("PATCH {path} (added)"),
        format!("{name} {path} (integration.uri)"),
    ];
    assert_eq!(
        pending::of_rest(&routes(&edited).await, false, &unknown, &export),
        Pending::At(at)
    );
}

#[tokio::test]
async fn a_recorded_export_shows_no_edit_of_the_api_that_was_deployed() {
    let Some(folder) = folder::folder() else { return };
    let mut count = 0;
    for (place, data) in by_step(&folder, "test_apigateway_extended") {
        if place.ends_with("/get-export-with-extensions") && data["body"].get("openapi").is_some() {
            check(&data["body"]).await;
            count += 1;
        }
    }
    assert_eq!(count, 2);
}

/// An export says neither the default time to wait nor that callers give the API key, and its components may be empty.
#[tokio::test]
async fn an_export_leaves_out_what_is_as_usual() {
    let cors = json!({"type": "mock", "passthroughBehavior": "when_no_match",
        "requestTemplates": {"application/json": "{\"statusCode\": 200}"},
        "responses": {"default": {"statusCode": "200", "responseParameters": {"method.response.header.Access-Control-Allow-Origin": "'*'"}}}});
    let proxy = json!({"type": "http", "httpMethod": "GET", "uri": "http://pets.example.com/pets", "passthroughBehavior": "when_no_match",
        "responses": {"default": {"statusCode": "200"}, "5\\d\\d": {"statusCode": "500"}}});
    let responses = json!({"200": {"description": "200 response", "content": {}}});
    let document = json!({
        "openapi": "3.0.1", "info": {"title": "pets", "version": "1.0.0"}, "components": {},
        "paths": {"/pets": {
            "get": {"responses": responses, INTEGRATION: proxy},
            "options": {"responses": responses, INTEGRATION: cors},
        }},
    });
    check(&document).await;
}
