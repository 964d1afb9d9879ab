//! Request authorizers of APIs, and the routes that ask them.

use crate::conformance::access::asking;
use crate::conformance::world::{World, conformance, refused};
use crate::support::pieces::text;
use crate::support::simulation::apigateway::{AUTHORIZER, Preloaded};
use palisade::api::OriginType::{self, Http, Rest, WebSocket};
use palisade::aws::cloud::{Cloud, CloudError};
use palisade::aws::errors::ErrorKind::{Conflict, Exists, NotFound, Terminal};
use palisade::domain::access::authorization::{Authorization, Route};
use palisade::domain::access::credentials::authorizer::{Entry, Settings};
use serde_json::Value;

conformance!(
    an_authorizer_has_its_function_header_and_time_to_live,
    an_authorizer_takes_another_function_header_and_time_to_live,
    a_second_authorizer_of_the_name_is_refused,
    a_time_to_live_out_of_bounds_is_refused,
    a_function_that_is_none_is_refused,
    a_header_reads_in_lower_case,
    the_teams_authorizer_has_no_header_of_ours,
    routes_ask_an_authorizer_and_ask_it_no_more,
    an_authorizer_that_a_route_asks_cannot_be_deleted,
    authorizers_that_do_not_exist_are_not_found,
    an_authorizer_for_a_rest_api_that_is_not_there_is_a_conflict,
    lists_of_rest_apis_tell_what_an_authorizer_is_made_from,
);

const REGION: &str = "eu-north-1";
const API: &str = "petstore00";
const FUNCTION: &str = "arn:aws:lambda:eu-north-1:123456789012:function:palisade-gate";
const OTHER: &str = "arn:aws:lambda:eu-north-1:123456789012:function:palisade-other";
const TYPES: [OriginType; 3] = [Rest, Http, WebSocket];

/// An API of a type, and one of its routes.
async fn preload(world: &dyn World, protocol: OriginType) -> &'static str {
    let (api, route) = match protocol {
        Rest => (Preloaded::rest(REGION, API, &["prod"]), "GET /pets"),
        Http => (Preloaded::http(REGION, API, &["prod"]), "GET /orders"),
        WebSocket => (Preloaded::websocket(REGION, API, &["prod"]), "$connect"),
    };
    world.preload_api(api).await;
    route
}

/// WebSocket APIs remember no decisions.
fn settings(protocol: OriginType) -> Settings {
    Settings {
        function_arn: text(FUNCTION),
        header: text("x-origin-verify"),
        ttl: if protocol == WebSocket { 0 } else { 60 },
    }
}

async fn create(
    cloud: &dyn Cloud,
    protocol: OriginType,
    name: &str,
    settings: Settings,
) -> Result<Entry, CloudError> {
    let (region, api, name) = (text(REGION), text(API), text(name));
    match protocol {
        Rest => cloud.create_rest_authorizer(region, api, name, settings).await,
        Http | WebSocket => {
            cloud
                .create_authorizer(region, api, protocol, name, settings)
                .await
        }
    }
}

async fn update(
    cloud: &dyn Cloud,
    protocol: OriginType,
    id: &str,
    settings: Settings,
) -> Result<Entry, CloudError> {
    let (region, api, id) = (text(REGION), text(API), text(id));
    match protocol {
        Rest => cloud.update_rest_authorizer(region, api, id, settings).await,
        Http | WebSocket => cloud.update_authorizer(region, api, protocol, id, settings).await,
    }
}

async fn delete(cloud: &dyn Cloud, protocol: OriginType, id: &str) -> Result<(), CloudError> {
    let (region, api, id) = (text(REGION), text(API), text(id));
    match protocol {
        Rest => cloud.delete_rest_authorizer(region, api, id).await,
        Http | WebSocket => cloud.delete_authorizer(region, api, id).await,
    }
}

async fn listed(cloud: &dyn Cloud, protocol: OriginType) -> Vec<Entry> {
    let page = match protocol {
        Rest => cloud.list_rest_authorizers(text(REGION), text(API), None).await,
        Http | WebSocket => cloud.list_authorizers(text(REGION), text(API), None).await,
    };
    let page = page.unwrap();
    assert_eq!(page.next, None);
    page.items
}

/// The same, without all that they are made from, which only lists of REST APIs tell.
async fn named(cloud: &dyn Cloud, protocol: OriginType) -> Vec<Entry> {
    let exported = Value::Null;
    let all = listed(cloud, protocol).await.into_iter();
    all.map(|entry| Entry {
        exported: exported.clone(),
        ..entry
    })
    .collect()
}

async fn lists_of_rest_apis_tell_what_an_authorizer_is_made_from(cloud: &dyn Cloud, world: &dyn World) {
    preload(world, Rest).await;
    let made = create(cloud, Rest, "palisade", settings(Rest)).await.unwrap();
    let mut all = listed(cloud, Rest).await.into_iter();
    let found = all.find(|entry| entry.id == made.id).unwrap().exported;
    assert_eq!(found["type"], "request");
    let source = format!("method.request.header.{}", settings(Rest).header);
    assert_eq!(found["identitySource"], source.as_str());
    let uri = found["authorizerUri"].as_str().unwrap_or_default();
    assert!(uri.contains(&settings(Rest).function_arn), "{uri}");
}

async fn route(cloud: &dyn Cloud, protocol: OriginType, key: &str) -> Route {
    let page = match protocol {
        Rest => cloud.list_methods(text(REGION), text(API), None).await,
        Http | WebSocket => cloud.list_routes(text(REGION), text(API), None).await,
    };
    let mut routes = page.unwrap().items.into_iter();
    routes.find(|route| route.key == key).unwrap()
}

async fn set(
    cloud: &dyn Cloud,
    protocol: OriginType,
    key: &str,
    wanted: Authorization,
) -> Result<(), CloudError> {
    let found = route(cloud, protocol, key).await;
    let (region, api) = (text(REGION), text(API));
    match protocol {
        Rest => {
            let (method, _) = key.split_once(' ').unwrap();
            cloud
                .update_method(region, api, found.id, text(method), wanted)
                .await
        }
        Http | WebSocket => cloud.update_route(region, api, found.id, wanted).await,
    }
}

fn asking_for(authorizer: &Entry) -> Authorization {
    Authorization {
        kind: text("CUSTOM"),
        authorizer: Some(authorizer.id.clone()),
        api_key_required: false,
    }
}

async fn an_authorizer_has_its_function_header_and_time_to_live(cloud: &dyn Cloud, world: &dyn World) {
    for protocol in TYPES {
        preload(world, protocol).await;
        let made = create(cloud, protocol, "palisade", settings(protocol))
            .await
            .unwrap();
        assert_eq!(
            (made.name.as_str(), &made.settings),
            ("palisade", &settings(protocol))
        );
        assert!(named(cloud, protocol).await.contains(&made), "{protocol:?}");
    }
}

async fn an_authorizer_takes_another_function_header_and_time_to_live(cloud: &dyn Cloud, world: &dyn World) {
    for protocol in TYPES {
        preload(world, protocol).await;
        let made = create(cloud, protocol, "palisade", settings(protocol))
            .await
            .unwrap();
        let wanted = Settings {
            function_arn: text(OTHER),
            header: text("x-other"),
            ttl: 0,
        };
        let updated = update(cloud, protocol, &made.id, wanted.clone()).await.unwrap();
        let expected = Entry {
            settings: wanted,
            ..made
        };
        assert_eq!(updated, expected);
        assert!(named(cloud, protocol).await.contains(&expected), "{protocol:?}");
    }
}

async fn a_second_authorizer_of_the_name_is_refused(cloud: &dyn Cloud, world: &dyn World) {
    for protocol in TYPES {
        preload(world, protocol).await;
        create(cloud, protocol, "palisade", settings(protocol))
            .await
            .unwrap();
        let again = create(cloud, protocol, "palisade", settings(protocol)).await;
        refused(again, "BadRequestException", Exists);
    }
}

async fn a_time_to_live_out_of_bounds_is_refused(cloud: &dyn Cloud, world: &dyn World) {
    for protocol in [Rest, Http] {
        preload(world, protocol).await;
        for ttl in [-1, 3601] {
            let wanted = Settings {
                ttl,
                ..settings(protocol)
            };
            let made = create(cloud, protocol, "palisade", wanted).await;
            refused(made, "BadRequestException", Terminal);
        }
    }
}

async fn a_function_that_is_none_is_refused(cloud: &dyn Cloud, world: &dyn World) {
    for protocol in TYPES {
        preload(world, protocol).await;
        let wanted = Settings {
            function_arn: text("palisade-gate"),
            ..settings(protocol)
        };
        let made = create(cloud, protocol, "palisade", wanted).await;
        refused(made, "BadRequestException", Terminal);
    }
}

async fn a_header_reads_in_lower_case(cloud: &dyn Cloud, world: &dyn World) {
    for protocol in TYPES {
        preload(world, protocol).await;
        let wanted = Settings {
            header: text("X-Origin-Verify"),
            ..settings(protocol)
        };
        let made = create(cloud, protocol, "palisade", wanted).await.unwrap();
        assert_eq!(made.settings, settings(protocol));
    }
}

async fn the_teams_authorizer_has_no_header_of_ours(cloud: &dyn Cloud, world: &dyn World) {
    for protocol in TYPES {
        preload(world, protocol).await;
        let found = named(cloud, protocol).await;
        let ids: Vec<_> = found.iter().map(|entry| entry.id.as_str()).collect();
        assert_eq!(ids, [AUTHORIZER]);
        assert_eq!(found[0].settings.header, "");
    }
}

async fn routes_ask_an_authorizer_and_ask_it_no_more(cloud: &dyn Cloud, world: &dyn World) {
    for protocol in TYPES {
        let key = preload(world, protocol).await;
        let made = create(cloud, protocol, "palisade", settings(protocol))
            .await
            .unwrap();
        let wanted = asking_for(&made);
        for other in [asking("AWS_IAM"), asking("NONE")] {
            set(cloud, protocol, key, wanted.clone()).await.unwrap();
            assert_eq!(route(cloud, protocol, key).await.authorization, wanted);
            set(cloud, protocol, key, other.clone()).await.unwrap();
            assert_eq!(route(cloud, protocol, key).await.authorization, other);
        }
    }
}

async fn an_authorizer_that_a_route_asks_cannot_be_deleted(cloud: &dyn Cloud, world: &dyn World) {
    for protocol in TYPES {
        let key = preload(world, protocol).await;
        let made = create(cloud, protocol, "palisade", settings(protocol))
            .await
            .unwrap();
        set(cloud, protocol, key, asking_for(&made)).await.unwrap();
        let deleted = delete(cloud, protocol, &made.id).await;
        refused(deleted, "ConflictException", Conflict);
        set(cloud, protocol, key, asking("NONE")).await.unwrap();
        delete(cloud, protocol, &made.id).await.unwrap();
        assert!(!named(cloud, protocol).await.contains(&made), "{protocol:?}");
    }
}

async fn authorizers_that_do_not_exist_are_not_found(cloud: &dyn Cloud, world: &dyn World) {
    for protocol in TYPES {
        let key = preload(world, protocol).await;
        let nosuch = Entry {
            id: text("nosuch"),
            name: text("palisade"),
            settings: settings(protocol),
            exported: Value::Null,
        };
        let updated = update(cloud, protocol, &nosuch.id, settings(protocol)).await;
        refused(updated, "NotFoundException", NotFound);
        let deleted = delete(cloud, protocol, &nosuch.id).await;
        refused(deleted, "NotFoundException", NotFound);
        let asked = set(cloud, protocol, key, asking_for(&nosuch)).await;
        refused(asked, "BadRequestException", Terminal);
    }
}

async fn an_authorizer_for_a_rest_api_that_is_not_there_is_a_conflict(cloud: &dyn Cloud, _: &dyn World) {
    let made = create(cloud, Rest, "palisade", settings(Rest)).await;
    let message = refused(made, "ConflictException", Conflict);
    assert!(message.contains("concurrent modification"), "{message}");
    let listed = cloud.list_rest_authorizers(text(REGION), text(API), None).await;
    refused(listed, "NotFoundException", NotFound);
}
