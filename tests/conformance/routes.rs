//! What routes of HTTP and WebSocket APIs ask for, as edited and as deployed.

use crate::conformance::access::asking;
use crate::conformance::world::{Edit, World, conformance, refused};
use crate::support::pieces::text;
use crate::support::simulation::apigateway::Preloaded;
use palisade::aws::cloud::{Cloud, CloudError};
use palisade::aws::errors::ErrorKind::{Conflict, NotFound, Terminal};
use palisade::domain::access::authorization::{Authorization, Route, Stage};
use std::collections::BTreeMap;

conformance!(
    routes_tell_what_they_ask_for,
    integrations_tell_whose_credentials_they_use,
    a_long_list_of_routes_comes_in_pages,
    a_stage_that_deploys_by_itself_serves_every_change_at_once,
    a_stage_that_does_not_deploy_by_itself_serves_what_it_is_told,
    a_stage_that_deploys_by_itself_takes_no_deployment,
    only_the_handshake_of_a_websocket_api_asks_for_anything,
    a_websocket_api_is_not_exported,
    a_deployment_that_a_stage_serves_cannot_be_deleted,
    deployments_are_listed_with_what_their_makers_wrote,
    an_authorizer_goes_with_its_type,
    what_http_apis_cannot_ask_for_is_refused,
    an_api_without_routes_cannot_be_deployed,
    what_does_not_exist_is_not_found,
);

const REGION: &str = "eu-north-1";
const API: &str = "orders0000";
const STAGE: &str = "prod";

/// An HTTP API whose stage serves what it is told.
fn manual() -> Preloaded {
    Preloaded {
        auto_deploy: false,
        ..Preloaded::http(REGION, API, &[STAGE])
    }
}

fn websocket() -> Preloaded {
    Preloaded::websocket(REGION, API, &[STAGE])
}

async fn listed_routes(cloud: &dyn Cloud) -> Vec<Route> {
    let page = cloud.list_routes(text(REGION), text(API), None).await.unwrap();
    assert_eq!(page.next, None);
    page.items
}

async fn route(cloud: &dyn Cloud, key: &str) -> Route {
    let mut found = listed_routes(cloud).await.into_iter();
    found.find(|route| route.key == key).unwrap()
}

async fn set(cloud: &dyn Cloud, key: &str, wanted: Authorization) -> Result<(), CloudError> {
    let id = route(cloud, key).await.id;
    cloud.update_route(text(REGION), text(API), id, wanted).await
}

async fn stage(cloud: &dyn Cloud) -> Stage {
    cloud
        .get_stage(text(REGION), text(API), text(STAGE))
        .await
        .unwrap()
}

async fn deploy(cloud: &dyn Cloud) -> Result<String, CloudError> {
    cloud
        .create_deployment(text(REGION), text(API), text("Palisade: shop/orders"))
        .await
}

async fn serve(cloud: &dyn Cloud, deployment: &str) -> Result<(), CloudError> {
    cloud
        .update_stage(text(REGION), text(API), text(STAGE), text(deployment))
        .await
}

async fn drop_deployment(cloud: &dyn Cloud, deployment: &str) -> Result<(), CloudError> {
    cloud
        .delete_deployment(text(REGION), text(API), text(deployment))
        .await
}

/// Whether `GET /orders` asks for a signature, as the working copy or a stage is exported.
async fn is_locked(cloud: &dyn Cloud, stage: Option<&str>) -> bool {
    let document = cloud
        .export_api(text(REGION), text(API), stage.map(text))
        .await
        .unwrap();
    document["paths"]["/orders"]["get"]["x-amazon-apigateway-auth"]["type"] == "AWS_IAM"
}

async fn routes_tell_what_they_ask_for(cloud: &dyn Cloud, world: &dyn World) {
    let routes = vec![
        ("GET /orders", "NONE"),
        ("POST /orders", "AWS_IAM"),
        ("$default", "CUSTOM"),
    ];
    world.preload_api(Preloaded { routes, ..manual() }).await;
    let found = listed_routes(cloud).await;
    for (key, kind) in [
        ("GET /orders", "NONE"),
        ("POST /orders", "AWS_IAM"),
        ("$default", "CUSTOM"),
    ] {
        let route = route(cloud, key).await;
        assert_eq!(route.authorization, asking(kind));
        let target = route.integration["target"].as_str();
        assert!(target.is_some_and(|target| target.starts_with("integrations/")));
    }
    assert_eq!(found.len(), 3);
    assert_ne!(found[0].id, found[1].id);
}

async fn integrations_tell_whose_credentials_they_use(cloud: &dyn Cloud, world: &dyn World) {
    world.preload_api(manual()).await;
    world.edit_api(API, Edit::PassCredentials("GET /orders")).await;
    let page = cloud
        .list_integrations(text(REGION), text(API), None)
        .await
        .unwrap();
    assert_eq!((page.items.len(), page.next), (2, None));
    for (key, credentials) in [
        ("GET /orders", Some("arn:aws:iam::*:user/*")),
        ("POST /orders", None),
    ] {
        let route = route(cloud, key).await;
        let target = route.integration["target"].as_str().unwrap();
        let mut found = page.items.iter();
        let found = found.find(|found| target == format!("integrations/{}", found.id));
        assert_eq!(found.unwrap().credentials.as_deref(), credentials, "{key}");
    }
}

async fn a_long_list_of_routes_comes_in_pages(cloud: &dyn Cloud, world: &dyn World) {
    let key = |number| &*Box::leak(format!("GET /orders/{number}").into_boxed_str());
    let routes = (0..150).map(|number| (key(number), "NONE")).collect();
    world.preload_api(Preloaded { routes, ..manual() }).await;
    let first = cloud.list_routes(text(REGION), text(API), None).await.unwrap();
    assert_eq!(first.items.len(), 100);
    let second = cloud
        .list_routes(text(REGION), text(API), first.next)
        .await
        .unwrap();
    assert_eq!((second.items.len(), second.next), (50, None));
    assert!(second.items.iter().all(|route| !first.items.contains(route)));
}

async fn a_stage_that_deploys_by_itself_serves_every_change_at_once(cloud: &dyn Cloud, world: &dyn World) {
    world.preload_api(Preloaded::http(REGION, API, &[STAGE])).await;
    let before = stage(cloud).await;
    assert!(before.auto_deploy);
    assert!(!is_locked(cloud, Some(STAGE)).await);
    set(cloud, "GET /orders", asking("AWS_IAM")).await.unwrap();
    assert!(is_locked(cloud, Some(STAGE)).await);
    assert_ne!(stage(cloud).await.deployment, before.deployment);
}

async fn a_stage_that_does_not_deploy_by_itself_serves_what_it_is_told(cloud: &dyn Cloud, world: &dyn World) {
    world.preload_api(manual()).await;
    let before = stage(cloud).await;
    assert!(!before.auto_deploy);
    set(cloud, "GET /orders", asking("AWS_IAM")).await.unwrap();
    assert_eq!(stage(cloud).await, before);
    assert!(is_locked(cloud, None).await);
    assert!(!is_locked(cloud, Some(STAGE)).await);

    let made = deploy(cloud).await.unwrap();
    assert_eq!(stage(cloud).await, before);
    let found = cloud
        .get_deployment(text(REGION), text(API), made.clone())
        .await
        .unwrap();
    assert_eq!(
        (found.id.as_str(), found.description.as_str()),
        (made.as_str(), "Palisade: shop/orders")
    );
    serve(cloud, &made).await.unwrap();
    assert_eq!(stage(cloud).await.deployment, Some(made));
    assert!(is_locked(cloud, Some(STAGE)).await);

    serve(cloud, &before.deployment.unwrap()).await.unwrap();
    assert!(!is_locked(cloud, Some(STAGE)).await);
}

async fn a_stage_that_deploys_by_itself_takes_no_deployment(cloud: &dyn Cloud, world: &dyn World) {
    world.preload_api(Preloaded::http(REGION, API, &[STAGE])).await;
    let made = deploy(cloud).await.unwrap();
    let message = refused(serve(cloud, &made).await, "BadRequestException", Conflict);
    assert!(message.contains("AutoDeploy"), "{message}");
}

async fn only_the_handshake_of_a_websocket_api_asks_for_anything(cloud: &dyn Cloud, world: &dyn World) {
    world.preload_api(websocket()).await;
    let message = refused(
        set(cloud, "$default", asking("AWS_IAM")).await,
        "BadRequestException",
        Terminal,
    );
    assert!(message.contains("restricted to the $connect route"), "{message}");
    set(cloud, "$connect", asking("AWS_IAM")).await.unwrap();
    assert_eq!(route(cloud, "$connect").await.authorization, asking("AWS_IAM"));
    serve(cloud, &deploy(cloud).await.unwrap()).await.unwrap();
}

async fn a_websocket_api_is_not_exported(cloud: &dyn Cloud, world: &dyn World) {
    world.preload_api(websocket()).await;
    let found = cloud.export_api(text(REGION), text(API), None).await;
    refused(found, "BadRequestException", Terminal);
}

async fn a_deployment_that_a_stage_serves_cannot_be_deleted(cloud: &dyn Cloud, world: &dyn World) {
    world.preload_api(manual()).await;
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
    serve(cloud, &deploy(cloud).await.unwrap()).await.unwrap();
    drop_deployment(cloud, &before).await.unwrap();
    refused(
        drop_deployment(cloud, &before).await,
        "NotFoundException",
        NotFound,
    );
}

async fn deployments_are_listed_with_what_their_makers_wrote(cloud: &dyn Cloud, world: &dyn World) {
    world.preload_api(manual()).await;
    let before = stage(cloud).await.deployment.unwrap();
    let made = deploy(cloud).await.unwrap();
    let page = cloud
        .list_deployments(text(REGION), text(API), None)
        .await
        .unwrap();
    assert_eq!(page.next, None);
    let found: BTreeMap<_, _> = page.items.into_iter().map(|it| (it.id, it.description)).collect();
    let expected = [(before, String::new()), (made, text("Palisade: shop/orders"))];
    assert_eq!(found, BTreeMap::from(expected));
}

async fn an_authorizer_goes_with_its_type(cloud: &dyn Cloud, world: &dyn World) {
    world.preload_api(manual()).await;
    set(cloud, "GET /orders", asking("CUSTOM")).await.unwrap();
    assert_eq!(route(cloud, "GET /orders").await.authorization, asking("CUSTOM"));
    set(cloud, "GET /orders", asking("AWS_IAM")).await.unwrap();
    assert_eq!(route(cloud, "GET /orders").await.authorization, asking("AWS_IAM"));
}

async fn what_http_apis_cannot_ask_for_is_refused(cloud: &dyn Cloud, world: &dyn World) {
    world.preload_api(manual()).await;
    let without = Authorization {
        authorizer: None,
        ..asking("CUSTOM")
    };
    for wanted in [asking("COGNITO_USER_POOLS"), without] {
        let found = set(cloud, "GET /orders", wanted).await;
        refused(found, "BadRequestException", Terminal);
    }
    assert_eq!(route(cloud, "GET /orders").await.authorization, asking("NONE"));
}

async fn an_api_without_routes_cannot_be_deployed(cloud: &dyn Cloud, world: &dyn World) {
    let routes = vec![("GET /orders", "NONE")];
    world.preload_api(Preloaded { routes, ..manual() }).await;
    world.edit_api(API, Edit::Remove("GET /orders")).await;
    let message = refused(deploy(cloud).await, "BadRequestException", Terminal);
    assert!(message.contains("routes exist in this API"), "{message}");
}

async fn what_does_not_exist_is_not_found(cloud: &dyn Cloud, world: &dyn World) {
    world.preload_api(manual()).await;
    let no_api = || (text(REGION), text("missing000"));
    let errors = [
        cloud
            .update_route(text(REGION), text(API), text("nosuch"), asking("AWS_IAM"))
            .await,
        cloud.list_routes(no_api().0, no_api().1, None).await.map(drop),
        cloud
            .list_integrations(no_api().0, no_api().1, None)
            .await
            .map(drop),
        cloud
            .create_deployment(no_api().0, no_api().1, String::new())
            .await
            .map(drop),
        cloud
            .get_deployment(text(REGION), text(API), text("nosuch"))
            .await
            .map(drop),
        cloud
            .export_api(text(REGION), text(API), Some(text("dev")))
            .await
            .map(drop),
        serve(cloud, "nosuch").await,
        cloud
            .update_stage(text(REGION), text(API), text("dev"), text("nosuch"))
            .await,
    ];
    for error in errors {
        refused(error, "NotFoundException", NotFound);
    }
}
