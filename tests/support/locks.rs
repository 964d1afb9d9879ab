//! APIs locked and opened again, in which every operation of API Gateway is called.

use palisade::aws::cloud::{Cloud, CloudError};
use palisade::domain::access::authorization::Authorization;
use serde_json::{Value, json};

/// Region, id and stage of the demo's APIs.
const REST: [&str; 3] = ["eu-north-1", "a1b2c3d4e5", "prod"];
const HTTP: [&str; 3] = ["eu-central-1", "b2c3d4e5f6", "$default"];
const WEBSOCKET: [&str; 3] = ["us-east-1", "c3d4e5f6a7", "prod"];

/// Locks an API of each type, and opens it again.
pub async fn lock_and_open_apis(cloud: &(dyn Cloud + '_)) -> Result<(), CloudError> {
    lock_and_open_rest_api(cloud).await?;
    lock_and_open_http_api(cloud).await?;
    lock_and_open_websocket_api(cloud).await
}

fn asking(kind: &str) -> Authorization {
    Authorization {
        kind: kind.to_owned(),
        authorizer: None,
        api_key_required: false,
    }
}

async fn lock_and_open_rest_api(cloud: &(dyn Cloud + '_)) -> Result<(), CloudError> {
    let [region, api, stage] = REST.map(str::to_owned);
    let at = || (region.clone(), api.clone());
    let found = cloud.get_rest_api(region.clone(), api.clone()).await?;
    assert_eq!(
        (found.protocol.as_str(), found.default_endpoint_disabled),
        ("REST", false)
    );
    assert_eq!(found.endpoint_types, ["REGIONAL"]);
    let before = cloud.get_rest_stage(at().0, at().1, stage.clone()).await?;
    let before = before.deployment.expect("the stage serves a deployment");
    let methods = cloud.list_methods(at().0, at().1, None).await?.items;
    let stages = cloud.list_rest_stages(at().0, at().1).await?;
    assert!(stages.iter().any(|found| found.name == stage));
    set_policy(cloud, &region, &api).await?;
    let route = methods.into_iter().find(|route| route.key == "GET /pets");
    let route = route.expect("the demo's API has GET /pets");
    for kind in ["AWS_IAM", "NONE"] {
        cloud
            .update_method(at().0, at().1, route.id.clone(), "GET".into(), asking(kind))
            .await?;
        let made = cloud
            .create_rest_deployment(at().0, at().1, "of a test".into())
            .await?;
        cloud
            .update_rest_stage(at().0, at().1, stage.clone(), made.clone())
            .await?;
        let deployed = cloud.get_rest_deployment(at().0, at().1, made.clone()).await?;
        assert_eq!(deployed.routes.routes()["GET /pets"], asking(kind));
        let listed = cloud.list_rest_deployments(at().0, at().1, None).await?.items;
        assert!(listed.iter().any(|found| found.id == made));
        let exported = cloud.export_rest_stage(at().0, at().1, stage.clone()).await?;
        let security = &exported["paths"]["/pets"]["get"]["security"];
        assert_eq!(security.is_null(), kind == "NONE", "{security}");
        cloud
            .update_rest_stage(at().0, at().1, stage.clone(), before.clone())
            .await?;
        cloud.delete_rest_deployment(at().0, at().1, made).await?;
    }
    Ok(())
}

/// A resource policy comes and goes, without a deployment.
async fn set_policy(cloud: &(dyn Cloud + '_), region: &str, api: &str) -> Result<(), CloudError> {
    let everything = format!("arn:aws:execute-api:{region}:123456789012:{api}/*");
    let policy = json!({"Version": "2012-10-17", "Statement": [{"Sid": "Everybody", "Effect": "Allow",
        "Principal": "*", "Action": "execute-api:Invoke", "Resource": everything}]});
    for (text, wanted) in [(policy.to_string(), policy), (String::new(), Value::Null)] {
        cloud
            .update_rest_api_policy(region.to_owned(), api.to_owned(), text)
            .await?;
        assert_eq!(
            cloud
                .get_rest_api(region.to_owned(), api.to_owned())
                .await?
                .policy,
            wanted
        );
    }
    Ok(())
}

/// An API, for an emulator's seed, to which a custom domain name leads in the Region of the HTTP API.
pub fn named_api() -> Value {
    json!({"id": "d4e5f6a7b8", "region": HTTP[0], "protocol": "HTTP", "name": "named", "stages": ["$default"],
        "methods": ["GET /a"], "domainNames": [{"domainName": "named.example.com", "stage": "$default"}]})
}

async fn lock_and_open_http_api(cloud: &(dyn Cloud + '_)) -> Result<(), CloudError> {
    let [region, api, stage] = HTTP.map(str::to_owned);
    let at = || (region.clone(), api.clone());
    assert_eq!(cloud.get_api(at().0, at().1).await?.protocol, "HTTP");
    assert!(cloud.get_stage(at().0, at().1, stage.clone()).await?.auto_deploy);
    let stages = cloud.list_stages(at().0, at().1, None).await?.items;
    assert!(
        stages
            .iter()
            .any(|found| found.name == stage && found.stage.auto_deploy)
    );
    for domain in cloud.list_domain_names(region.clone(), None).await?.items {
        let name = || domain.name.clone();
        cloud.list_api_mappings(region.clone(), name(), None).await?;
        cloud.list_routing_rules(region.clone(), name(), None).await?;
    }
    let routes = cloud.list_routes(at().0, at().1, None).await?.items;
    cloud.list_integrations(at().0, at().1, None).await?;
    let route = routes.into_iter().find(|route| route.key == "GET /orders");
    let route = route.expect("the demo's API has GET /orders");
    for kind in ["AWS_IAM", "NONE"] {
        cloud
            .update_route(at().0, at().1, route.id.clone(), asking(kind))
            .await?;
        let exported = cloud.export_api(at().0, at().1, Some(stage.clone())).await?;
        let auth = &exported["paths"]["/orders"]["get"]["x-amazon-apigateway-auth"];
        assert_eq!(auth.is_null(), kind == "NONE", "{auth}");
    }
    Ok(())
}

async fn lock_and_open_websocket_api(cloud: &(dyn Cloud + '_)) -> Result<(), CloudError> {
    let [region, api, stage] = WEBSOCKET.map(str::to_owned);
    let at = || (region.clone(), api.clone());
    let before = cloud.get_stage(at().0, at().1, stage.clone()).await?;
    let before = before.deployment.expect("the stage serves a deployment");
    let made = cloud
        .create_deployment(at().0, at().1, "of a test".into())
        .await?;
    let found = cloud.get_deployment(at().0, at().1, made.clone()).await?;
    assert_eq!(found.description, "of a test");
    let listed = cloud.list_deployments(at().0, at().1, None).await?.items;
    assert!(listed.contains(&found));
    cloud
        .update_stage(at().0, at().1, stage.clone(), made.clone())
        .await?;
    cloud.update_stage(at().0, at().1, stage, before).await?;
    cloud.delete_deployment(at().0, at().1, made).await
}
