//! APIs and stages of API Gateway, and whom our credentials belong to.

use crate::conformance::world::{World, conformance, refused};
use crate::support::simulation::apigateway::Preloaded;
use palisade::aws::cloud::Cloud;
use palisade::aws::errors::ErrorKind::NotFound;

conformance!(
    the_credentials_tell_their_account,
    a_rest_api_tells_its_endpoint,
    a_disabled_default_endpoint_is_told,
    an_http_api_and_a_websocket_api_tell_their_protocol,
    an_api_of_another_type_region_or_id_is_not_found,
    a_stage_that_does_not_exist_is_not_found,
);

const REGION: &str = "eu-north-1";

async fn the_credentials_tell_their_account(cloud: &dyn Cloud, _: &dyn World) {
    let caller = cloud.get_caller_identity().await.unwrap();
    assert_eq!(caller.account, "123456789012");
    assert!(caller.arn.starts_with("arn:aws:"), "{}", caller.arn);
}

async fn a_rest_api_tells_its_endpoint(cloud: &dyn Cloud, world: &dyn World) {
    world
        .preload_api(Preloaded::rest(REGION, "regional00", &["prod"]))
        .await;
    let edge = Preloaded {
        endpoint_type: "EDGE",
        ..Preloaded::rest(REGION, "edge000000", &["prod"])
    };
    world.preload_api(edge).await;
    for (id, endpoint) in [("regional00", "REGIONAL"), ("edge000000", "EDGE")] {
        let found = cloud
            .get_rest_api(REGION.to_owned(), id.to_owned())
            .await
            .unwrap();
        assert_eq!(
            (found.protocol.as_str(), found.endpoint_types),
            ("REST", vec![endpoint.to_owned()])
        );
        assert!(!found.default_endpoint_disabled);
        cloud
            .get_rest_stage(REGION.to_owned(), id.to_owned(), "prod".to_owned())
            .await
            .unwrap();
    }
}

async fn a_disabled_default_endpoint_is_told(cloud: &dyn Cloud, world: &dyn World) {
    let rest = Preloaded::rest(REGION, "rest000000", &["prod"]);
    let http = Preloaded::http(REGION, "http000000", &["prod"]);
    world
        .preload_api(Preloaded {
            default_endpoint_disabled: true,
            ..rest
        })
        .await;
    world
        .preload_api(Preloaded {
            default_endpoint_disabled: true,
            ..http
        })
        .await;
    let found = cloud
        .get_rest_api(REGION.to_owned(), "rest000000".to_owned())
        .await
        .unwrap();
    assert!(found.default_endpoint_disabled);
    let found = cloud
        .get_api(REGION.to_owned(), "http000000".to_owned())
        .await
        .unwrap();
    assert!(found.default_endpoint_disabled);
}

async fn an_http_api_and_a_websocket_api_tell_their_protocol(cloud: &dyn Cloud, world: &dyn World) {
    world
        .preload_api(Preloaded::http(REGION, "http000000", &["$default"]))
        .await;
    world
        .preload_api(Preloaded::websocket(REGION, "socket0000", &["live"]))
        .await;
    for (id, protocol, stage) in [
        ("http000000", "HTTP", "$default"),
        ("socket0000", "WEBSOCKET", "live"),
    ] {
        let found = cloud.get_api(REGION.to_owned(), id.to_owned()).await.unwrap();
        assert_eq!(
            (found.protocol.as_str(), found.endpoint_types.len()),
            (protocol, 0)
        );
        cloud
            .get_stage(REGION.to_owned(), id.to_owned(), stage.to_owned())
            .await
            .unwrap();
    }
}

async fn an_api_of_another_type_region_or_id_is_not_found(cloud: &dyn Cloud, world: &dyn World) {
    world
        .preload_api(Preloaded::rest(REGION, "rest000000", &["prod"]))
        .await;
    world
        .preload_api(Preloaded::http(REGION, "http000000", &["prod"]))
        .await;
    for (region, id) in [
        (REGION, "http000000"),
        (REGION, "missing000"),
        ("us-west-2", "rest000000"),
    ] {
        let found = cloud.get_rest_api(region.to_owned(), id.to_owned()).await;
        refused(found, "NotFoundException", NotFound);
    }
    for (region, id) in [
        (REGION, "rest000000"),
        (REGION, "missing000"),
        ("us-west-2", "http000000"),
    ] {
        let found = cloud.get_api(region.to_owned(), id.to_owned()).await;
        refused(found, "NotFoundException", NotFound);
    }
}

async fn a_stage_that_does_not_exist_is_not_found(cloud: &dyn Cloud, world: &dyn World) {
    world
        .preload_api(Preloaded::rest(REGION, "rest000000", &["prod"]))
        .await;
    world
        .preload_api(Preloaded::http(REGION, "http000000", &["prod"]))
        .await;
    let stage = || "dev".to_owned();
    let rest = cloud
        .get_rest_stage(REGION.to_owned(), "rest000000".to_owned(), stage())
        .await;
    refused(rest, "NotFoundException", NotFound);
    let http = cloud
        .get_stage(REGION.to_owned(), "http000000".to_owned(), stage())
        .await;
    refused(http, "NotFoundException", NotFound);
}
