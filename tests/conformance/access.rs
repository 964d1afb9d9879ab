//! What methods of REST APIs ask for, as edited and as deployed.

use crate::conformance::world::{Edit, World, conformance, refused};
use crate::support::pieces::text;
use crate::support::simulation::apigateway::{AUTHORIZER, Preloaded};
use palisade::aws::cloud::{Cloud, CloudError};
use palisade::aws::errors::ErrorKind::{Conflict, NotFound, Terminal};
use palisade::domain::access::authorization::{Authorization, Route, Stage};
use serde_json::Value;
use std::collections::BTreeMap;

conformance!(
    methods_tell_what_they_ask_for_and_where_they_lead,
    a_long_list_of_methods_comes_in_pages,
    what_is_edited_is_not_deployed,
    a_deployment_is_served_once_the_stage_is_told,
    an_earlier_deployment_can_be_put_back,
    a_deployment_that_a_stage_serves_cannot_be_deleted,
    an_api_key_is_asked_for_besides,
    deployments_are_listed_with_what_their_makers_wrote,
    an_authorizer_goes_with_its_type,
    what_rest_apis_cannot_ask_for_is_refused,
    a_method_that_leads_nowhere_cannot_be_deployed,
    an_api_without_methods_cannot_be_deployed,
    a_stage_serves_no_deployment_that_does_not_exist,
    integrations_are_exported_as_they_are_listed,
    an_edited_integration_differs_from_the_exported_one,
    what_does_not_exist_is_not_found,
    a_stage_tells_of_a_web_acl_of_its_own,
);

const REGION: &str = "eu-north-1";
const API: &str = "petstore00";
const STAGE: &str = "prod";

pub fn asking(kind: &str) -> Authorization {
    let needs_authorizer = !["NONE", "AWS_IAM"].contains(&kind);
    Authorization {
        kind: text(kind),
        authorizer: needs_authorizer.then(|| text(AUTHORIZER)),
        api_key_required: false,
    }
}

async fn preload(world: &dyn World) {
    world.preload_api(Preloaded::rest(REGION, API, &[STAGE])).await;
}

async fn methods(cloud: &dyn Cloud) -> Vec<Route> {
    let page = cloud.list_methods(text(REGION), text(API), None).await.unwrap();
    assert_eq!(page.next, None);
    page.items
}

async fn method(cloud: &dyn Cloud, key: &str) -> Route {
    let mut found = methods(cloud).await.into_iter();
    found.find(|route| route.key == key).unwrap()
}

async fn set(cloud: &dyn Cloud, key: &str, wanted: Authorization) -> Result<(), CloudError> {
    let id = method(cloud, key).await.id;
    let (name, _) = key.split_once(' ').unwrap();
    cloud
        .update_method(text(REGION), text(API), id, text(name), wanted)
        .await
}

async fn stage(cloud: &dyn Cloud) -> Stage {
    cloud
        .get_rest_stage(text(REGION), text(API), text(STAGE))
        .await
        .unwrap()
}

async fn deploy(cloud: &dyn Cloud) -> Result<String, CloudError> {
    cloud
        .create_rest_deployment(text(REGION), text(API), text("Palisade: shop/petstore"))
        .await
}

async fn serve(cloud: &dyn Cloud, deployment: &str) -> Result<(), CloudError> {
    cloud
        .update_rest_stage(text(REGION), text(API), text(STAGE), text(deployment))
        .await
}

async fn drop_deployment(cloud: &dyn Cloud, deployment: &str) -> Result<(), CloudError> {
    cloud
        .delete_rest_deployment(text(REGION), text(API), text(deployment))
        .await
}

/// What a method of the stage's deployment asks for.
async fn deployed(cloud: &dyn Cloud, key: &str) -> Authorization {
    let served = stage(cloud).await.deployment.unwrap();
    let found = cloud
        .get_rest_deployment(text(REGION), text(API), served)
        .await
        .unwrap();
    found.routes.routes()[key].clone()
}

/// A method as the stage's export has it.
async fn exported(cloud: &dyn Cloud, key: &str) -> Value {
    let document = cloud
        .export_rest_stage(text(REGION), text(API), text(STAGE))
        .await
        .unwrap();
    let (name, path) = key.split_once(' ').unwrap();
    document["paths"][path][name.to_lowercase()].clone()
}

async fn a_stage_tells_of_a_web_acl_of_its_own(cloud: &dyn Cloud, world: &dyn World) {
    preload(world).await;
    assert_eq!(stage(cloud).await.web_acl, None);
    let api = Preloaded {
        has_web_acl: true,
        ..Preloaded::rest(REGION, API, &[STAGE])
    };
    world.preload_api(api).await;
    let arn = stage(cloud).await.web_acl.unwrap();
    assert!(
        arn.starts_with("arn:aws:wafv2:eu-north-1:") && arn.contains(":regional/webacl/"),
        "{arn}"
    );
}

async fn methods_tell_what_they_ask_for_and_where_they_lead(cloud: &dyn Cloud, world: &dyn World) {
    let routes = vec![
        ("GET /pets", "NONE"),
        ("POST /pets", "AWS_IAM"),
        ("GET /pets/{petId}", "CUSTOM"),
    ];
    let api = Preloaded {
        routes,
        ..Preloaded::rest(REGION, API, &[STAGE])
    };
    world.preload_api(api).await;
    let found = methods(cloud).await;
    let told: Vec<_> = found
        .iter()
        .map(|route| (route.key.as_str(), route.authorization.clone()))
        .collect();
    let expected = [
        ("GET /pets", asking("NONE")),
        ("POST /pets", asking("AWS_IAM")),
        ("GET /pets/{petId}", asking("CUSTOM")),
    ];
    assert_eq!(told.len(), expected.len(), "{told:?}");
    for route in expected {
        assert!(told.contains(&route), "{told:?}");
    }
    let id = |key: &str| found.iter().find(|route| route.key == key).unwrap().id.clone();
    assert_eq!(id("GET /pets"), id("POST /pets"));
    assert_ne!(id("GET /pets"), id("GET /pets/{petId}"));
    assert!(
        found.iter().all(|route| route.integration["type"].is_string()),
        "{found:?}"
    );
}

async fn a_long_list_of_methods_comes_in_pages(cloud: &dyn Cloud, world: &dyn World) {
    let key = |number| &*Box::leak(format!("GET /pets/{number}").into_boxed_str());
    let api = Preloaded {
        routes: (0..600).map(|number| (key(number), "NONE")).collect(),
        ..Preloaded::rest(REGION, API, &[STAGE])
    };
    world.preload_api(api).await;
    let (mut found, mut marker, mut pages) = (Vec::new(), None, 0);
    loop {
        let page = cloud.list_methods(text(REGION), text(API), marker).await.unwrap();
        found.extend(page.items);
        pages += 1;
        marker = page.next;
        if marker.is_none() {
            break;
        }
    }
    found.sort_by(|a, b| a.key.cmp(&b.key));
    found.dedup_by(|a, b| a.key == b.key);
    assert_eq!((found.len(), pages), (600, 2));
}

async fn what_is_edited_is_not_deployed(cloud: &dyn Cloud, world: &dyn World) {
    preload(world).await;
    set(cloud, "GET /pets", asking("AWS_IAM")).await.unwrap();
    assert_eq!(method(cloud, "GET /pets").await.authorization, asking("AWS_IAM"));
    assert_eq!(method(cloud, "POST /pets").await.authorization, asking("NONE"));
    assert_eq!(deployed(cloud, "GET /pets").await, asking("NONE"));
    assert_eq!(exported(cloud, "GET /pets").await["security"], Value::Null);
}

async fn a_deployment_is_served_once_the_stage_is_told(cloud: &dyn Cloud, world: &dyn World) {
    preload(world).await;
    let before = stage(cloud).await;
    assert_eq!((before.auto_deploy, &before.canary), (false, &None));
    set(cloud, "GET /pets", asking("AWS_IAM")).await.unwrap();
    let made = deploy(cloud).await.unwrap();
    assert_eq!(stage(cloud).await, before);
    let found = cloud
        .get_rest_deployment(text(REGION), text(API), made.clone())
        .await
        .unwrap();
    assert_eq!(found.description, "Palisade: shop/petstore");
    assert_eq!(
        (&found.id, &found.routes.routes()["GET /pets"]),
        (&made, &asking("AWS_IAM"))
    );
    assert_eq!(found.routes.routes().len(), 3);

    serve(cloud, &made).await.unwrap();
    assert_eq!(stage(cloud).await.deployment, Some(made));
    assert_eq!(deployed(cloud, "GET /pets").await, asking("AWS_IAM"));
    let security = exported(cloud, "GET /pets").await["security"].to_string();
    assert!(security.contains("sigv4"), "{security}");
}

async fn an_earlier_deployment_can_be_put_back(cloud: &dyn Cloud, world: &dyn World) {
    preload(world).await;
    let before = stage(cloud).await.deployment.unwrap();
    set(cloud, "GET /pets", asking("AWS_IAM")).await.unwrap();
    let made = deploy(cloud).await.unwrap();
    serve(cloud, &made).await.unwrap();
    serve(cloud, &before).await.unwrap();
    assert_eq!(deployed(cloud, "GET /pets").await, asking("NONE"));
    assert_eq!(method(cloud, "GET /pets").await.authorization, asking("AWS_IAM"));
}

async fn a_deployment_that_a_stage_serves_cannot_be_deleted(cloud: &dyn Cloud, world: &dyn World) {
    preload(world).await;
    let before = stage(cloud).await.deployment.unwrap();
    let message = refused(
        drop_deployment(cloud, &before).await,
        "BadRequestException",
        Conflict,
    );
    assert!(
        message.contains("Active stages pointing to this deployment"),
        "{message}"
    );
    let made = deploy(cloud).await.unwrap();
    serve(cloud, &made).await.unwrap();
    drop_deployment(cloud, &before).await.unwrap();
    let gone = cloud
        .get_rest_deployment(text(REGION), text(API), before.clone())
        .await;
    refused(gone, "NotFoundException", NotFound);
    refused(
        drop_deployment(cloud, &before).await,
        "NotFoundException",
        NotFound,
    );
}

async fn an_api_key_is_asked_for_besides(cloud: &dyn Cloud, world: &dyn World) {
    preload(world).await;
    let wanted = Authorization {
        api_key_required: true,
        ..asking("AWS_IAM")
    };
    set(cloud, "GET /pets", wanted.clone()).await.unwrap();
    assert_eq!(method(cloud, "GET /pets").await.authorization, wanted);
    serve(cloud, &deploy(cloud).await.unwrap()).await.unwrap();
    assert_eq!(deployed(cloud, "GET /pets").await, wanted);
}

async fn deployments_are_listed_with_what_their_makers_wrote(cloud: &dyn Cloud, world: &dyn World) {
    preload(world).await;
    let before = stage(cloud).await.deployment.unwrap();
    let made = deploy(cloud).await.unwrap();
    let page = cloud
        .list_rest_deployments(text(REGION), text(API), None)
        .await
        .unwrap();
    assert_eq!(page.next, None);
    let found: BTreeMap<_, _> = page.items.into_iter().map(|it| (it.id, it.description)).collect();
    let expected = [(before, String::new()), (made, text("Palisade: shop/petstore"))];
    assert_eq!(found, BTreeMap::from(expected));
}

async fn an_authorizer_goes_with_its_type(cloud: &dyn Cloud, world: &dyn World) {
    preload(world).await;
    set(cloud, "GET /pets", asking("CUSTOM")).await.unwrap();
    assert_eq!(method(cloud, "GET /pets").await.authorization, asking("CUSTOM"));
    set(cloud, "GET /pets", asking("NONE")).await.unwrap();
    assert_eq!(method(cloud, "GET /pets").await.authorization, asking("NONE"));
}

async fn what_rest_apis_cannot_ask_for_is_refused(cloud: &dyn Cloud, world: &dyn World) {
    preload(world).await;
    let jwt = set(cloud, "GET /pets", asking("JWT")).await;
    refused(jwt, "BadRequestException", Terminal);
    let without = Authorization {
        authorizer: None,
        ..asking("CUSTOM")
    };
    let message = refused(
        set(cloud, "GET /pets", without).await,
        "BadRequestException",
        Terminal,
    );
    assert!(message.contains("Invalid authorizer ID specified"), "{message}");
    assert_eq!(method(cloud, "GET /pets").await.authorization, asking("NONE"));
}

async fn a_method_that_leads_nowhere_cannot_be_deployed(cloud: &dyn Cloud, world: &dyn World) {
    preload(world).await;
    world.edit_api(API, Edit::AddUnfinished("DELETE /pets")).await;
    assert_eq!(method(cloud, "DELETE /pets").await.integration, Value::Null);
    let message = refused(deploy(cloud).await, "BadRequestException", Terminal);
    assert_eq!(message, "No integration defined for method");
    world.edit_api(API, Edit::Remove("DELETE /pets")).await;
    deploy(cloud).await.unwrap();
}

async fn an_api_without_methods_cannot_be_deployed(cloud: &dyn Cloud, world: &dyn World) {
    let api = Preloaded {
        routes: vec![("GET /pets", "NONE")],
        ..Preloaded::rest(REGION, API, &[STAGE])
    };
    world.preload_api(api).await;
    world.edit_api(API, Edit::Remove("GET /pets")).await;
    assert_eq!(methods(cloud).await, []);
    let message = refused(deploy(cloud).await, "BadRequestException", Terminal);
    assert_eq!(message, "The REST API doesn't contain any methods");
}

async fn a_stage_serves_no_deployment_that_does_not_exist(cloud: &dyn Cloud, world: &dyn World) {
    preload(world).await;
    let before = stage(cloud).await;
    refused(serve(cloud, "nosuch").await, "BadRequestException", Conflict);
    assert_eq!(stage(cloud).await, before);
}

async fn integrations_are_exported_as_they_are_listed(cloud: &dyn Cloud, world: &dyn World) {
    preload(world).await;
    for route in methods(cloud).await {
        let found = exported(cloud, &route.key).await;
        assert_eq!(
            found["x-amazon-apigateway-integration"], route.integration,
            "{}",
            route.key
        );
    }
}

async fn an_edited_integration_differs_from_the_exported_one(cloud: &dyn Cloud, world: &dyn World) {
    preload(world).await;
    world.edit_api(API, Edit::Redirect("GET /pets")).await;
    let differ = async || {
        let deployed = exported(cloud, "GET /pets").await;
        deployed["x-amazon-apigateway-integration"] != method(cloud, "GET /pets").await.integration
    };
    assert!(differ().await);
    serve(cloud, &deploy(cloud).await.unwrap()).await.unwrap();
    assert!(!differ().await);
}

async fn what_does_not_exist_is_not_found(cloud: &dyn Cloud, world: &dyn World) {
    preload(world).await;
    let id = method(cloud, "GET /pets").await.id;
    let update = async |resource: &str, name: &str| {
        cloud
            .update_method(
                text(REGION),
                text(API),
                text(resource),
                text(name),
                asking("AWS_IAM"),
            )
            .await
    };
    let no_api = || (text(REGION), text("missing000"));
    let errors = [
        update("nosuch", "GET").await,
        update(&id, "DELETE").await,
        cloud.list_methods(no_api().0, no_api().1, None).await.map(drop),
        cloud
            .create_rest_deployment(no_api().0, no_api().1, String::new())
            .await
            .map(drop),
        cloud
            .get_rest_deployment(text(REGION), text(API), text("nosuch"))
            .await
            .map(drop),
        cloud
            .export_rest_stage(text(REGION), text(API), text("dev"))
            .await
            .map(drop),
        cloud
            .update_rest_stage(text(REGION), text(API), text("dev"), text("nosuch"))
            .await,
    ];
    for error in errors {
        refused(error, "NotFoundException", NotFound);
    }
}
