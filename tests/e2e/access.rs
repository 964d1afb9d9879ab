//! Who may call the API, seen as a caller: through the perimeter and past it.

use crate::apis::{self, endpoint, policy_against_the_signer, seed, seed_as};
use crate::scene::{Scene, seed_certificate};
use crate::viewers::{Viewers, domain, get, handshake};
use serde_json::json;

#[tokio::test]
async fn a_rest_api_answers_the_perimeter_and_nobody_else() {
    let scene = Scene::new().await;
    assert_eq!(get(&scene.endpoint(), "/prod/pets").0, 200, "open, before");
    let _controller = scene.start();
    scene.apply("petstore", &json!({}));
    scene.until_ready("petstore").await;
    scene
        .until_condition("petstore", "AccessRestricted", "True", "Locked")
        .await;
    scene
        .until_condition("petstore", "DirectAccessBlocked", "True", "DirectRefused")
        .await;
    let told = scene
        .until_condition("petstore", "ViewerAccessVerified", "True", "ViewerReached")
        .await;
    assert!(told.contains("/prod/pets: the API answered 200"), "{told}");
    let (status, body) = get(
        &domain(&scene, "petstore").await,
        "/prod/pets?limit=1&a=b%20c&empty=",
    );
    assert_eq!(status, 200, "{body}");
    let (status, body) = get(&scene.endpoint(), "/prod/pets");
    assert_eq!(
        (status, body.as_str()),
        (403, r#"{"message":"Missing Authentication Token"}"#)
    );
}

#[tokio::test]
async fn an_http_api_is_locked_whether_its_stage_deploys_by_itself_or_not() {
    let scene = Scene::new().await;
    let _controller = scene.start();
    let kinds = [
        ("auto", "$default", "/orders"),
        ("manual", "live", "/live/orders"),
    ];
    let declared = kinds.map(|(name, stage, path)| {
        let letter = name.chars().next().expect("a letter");
        let stages = json!([{"name": stage, "autoDeploy": name == "auto"}]);
        let methods = json!(["GET /orders", "POST /orders"]);
        let host = endpoint(&seed_as(&scene, letter, "HTTP", &stages, &methods));
        let origin = json!({"endpoint": host, "type": "HTTP", "stage": stage});
        scene.apply(name, &json!({"origin": origin}));
        (name, host, path)
    });
    for (name, host, path) in declared {
        scene.until_ready(name).await;
        assert_eq!(get(&domain(&scene, name).await, path).0, 200, "{name}");
        let forbidden = (403, r#"{"message":"Forbidden"}"#.to_owned());
        assert_eq!(get(&host, path), forbidden, "{name}");
    }
}

#[tokio::test]
async fn a_websocket_api_takes_handshakes_from_the_perimeter_alone() {
    let scene = Scene::new().await;
    let _controller = scene.start();
    let stages = json!([{"name": "prod", "autoDeploy": true}]);
    let id = seed(&scene, "WEBSOCKET", &stages, &json!(["$connect", "$default"]));
    let host = endpoint(&id);
    scene.apply(
        "chat",
        &json!({"origin": {"endpoint": host, "type": "WEBSOCKET", "stage": "prod", "path": "/prod"}}),
    );
    scene.until_ready("chat").await;
    assert_eq!(handshake(&domain(&scene, "chat").await, "/"), 101);
    assert_eq!(handshake(&host, "/prod"), 403);
}

#[tokio::test]
async fn a_lock_under_which_the_perimeter_is_refused_is_put_back() {
    let scene = Scene::new().await;
    let policy = policy_against_the_signer();
    apis::edit(&scene, &json!({"policy": policy, "deploy": "prod"}));
    let _controller = scene.start();
    scene.apply("petstore", &json!({}));
    let told = scene
        .until_condition("petstore", "AccessRestricted", "False", "SignatureRefused")
        .await;
    assert!(told.contains("AccessDeniedException"), "{told}");
    scene
        .until_event("SignatureRefused", &["serve deployment", "again, as before"])
        .await;
    assert_eq!(
        get(&domain(&scene, "petstore").await, "/prod/pets").0,
        200,
        "viewers get through as before"
    );
    assert_eq!(
        get(&scene.endpoint(), "/prod/pets").0,
        200,
        "and so does everybody"
    );
}

#[tokio::test]
async fn a_method_that_somebody_opens_is_locked_again() {
    let scene = Scene::new().await;
    let _controller = scene.start();
    scene.apply("petstore", &json!({}));
    scene.until_ready("petstore").await;
    apis::edit(
        &scene,
        &json!({"authorization": {"GET /pets": "NONE"}, "deploy": "prod"}),
    );
    assert_eq!(get(&scene.endpoint(), "/prod/pets").0, 200);
    scene
        .until_event("DriftCorrected", &["ask for a signature", "GET /pets"])
        .await;
    scene
        .until("the route is closed again", async || {
            get(&scene.endpoint(), "/prod/pets").0 == 403
        })
        .await;
    scene.until_ready("petstore").await;
}

#[tokio::test]
async fn under_observe_the_open_methods_are_named_and_left_open() {
    let scene = Scene::new().await;
    let _controller = scene.start();
    scene.apply("petstore", &json!({"access": {"enforcement": "Observe"}}));
    scene.until_ready("petstore").await;
    let told = scene
        .until_condition("petstore", "AccessRestricted", "False", "Open")
        .await;
    assert!(told.contains("GET /pets"), "{told}");
    scene
        .until_condition("petstore", "DirectAccessBlocked", "False", "DirectAccessOpen")
        .await;
    assert_eq!(get(&scene.endpoint(), "/prod/pets").0, 200);
}

#[tokio::test]
async fn an_api_of_which_a_method_has_an_authorizer_is_refused_until_that_is_excluded() {
    let scene = Scene::new().await;
    let method =
        json!({"method": "GET /admin", "authorizationType": "COGNITO_USER_POOLS", "authorizerId": "pool01"});
    let authorizer = json!({"id": "pool01", "name": "users", "type": "COGNITO_USER_POOLS", "identitySource": "method.request.header.Authorization",
        "providerARNs": ["arn:aws:cognito-idp:eu-north-1:123456789012:userpool/eu-north-1_a"]});
    apis::edit(
        &scene,
        &json!({"authorizers": [authorizer], "methods": [method], "deploy": "prod"}),
    );
    let _controller = scene.start();
    scene.apply("petstore", &json!({}));
    let told = scene
        .until_condition("petstore", "Accepted", "False", "AuthorizerInTheWay")
        .await;
    assert!(
        told.contains("GET /admin") && told.contains("spec.access.excludeMethods"),
        "{told}"
    );
    assert_eq!(get(&scene.endpoint(), "/prod/pets").0, 200);
    scene
        .change("petstore", json!({"access": {"excludeMethods": ["GET /admin"]}}))
        .await;
    scene.until_ready("petstore").await;
    assert_eq!(get(&scene.endpoint(), "/prod/pets").0, 403);
}

#[tokio::test]
async fn edits_that_nobody_deployed_are_named_and_not_deployed() {
    let scene = Scene::new().await;
    apis::edit(&scene, &json!({"methods": ["GET /unfinished"]}));
    let _controller = scene.start();
    scene.apply("petstore", &json!({}));
    let told = scene
        .until_condition("petstore", "AccessRestricted", "False", "UndeployedChanges")
        .await;
    assert!(told.contains("GET /unfinished (added)"), "{told}");
    scene
        .change("petstore", json!({"access": {"deployPendingChanges": true}}))
        .await;
    scene.until_ready("petstore").await;
    assert_eq!(get(&domain(&scene, "petstore").await, "/prod/unfinished").0, 200);
}

#[tokio::test]
async fn the_users_own_rules_that_refuse_the_probe_hold_the_lock_up() {
    let scene = Scene::new().await;
    let _controller = scene.start();
    scene.apply("petstore", &json!({"webAcl": {"blockCidrs": ["127.0.0.0/8"]}}));
    let told = scene
        .until_condition("petstore", "AccessRestricted", "False", "ProbeBlockedByWebAcl")
        .await;
    assert!(told.contains("spec.webAcl.allowCidrs"), "{told}");
    assert_eq!(get(&scene.endpoint(), "/prod/pets").0, 200, "nothing is locked");
}

#[tokio::test]
async fn no_viewer_is_refused_while_the_api_is_locked_the_signer_changes_and_the_controller_dies() {
    let scene = Scene::new().await;
    let controller = scene.start();
    scene.apply("petstore", &json!({"access": {"enforcement": "Observe"}}));
    scene.until_ready("petstore").await;
    let viewers = Viewers::of(domain(&scene, "petstore").await);
    scene
        .change("petstore", json!({"access": {"enforcement": "Enforce"}}))
        .await;
    drop(controller);
    let mut controller = scene.launch().start();
    scene.until_ready("petstore").await;
    let domain_name = format!("{}.shop.example.com", scene.namespace);
    let certificate = seed_certificate(&domain_name);
    for change in [
        json!({"access": {"sigV4": {"viewerAuthorization": "Forward"}}}),
        json!({"distribution": {"priceClass": "PriceClass_100", "originReadTimeout": "20s"}}),
        json!({"webAcl": {"rateLimits": [{"name": "per-ip", "limit": 5000}], "blockCidrs": ["192.0.2.0/24"]}}),
        json!({"webAcl": {"managedRuleGroups": [{"name": "AWSManagedRulesSQLiRuleSet", "action": "Count"}], "countries": {"block": ["KP"]},
            "logging": {"destinationArn": "arn:aws:logs:us-east-1:123456789012:log-group:aws-waf-logs-shop"}}}),
        json!({"distribution": {"aliases": [domain_name], "certificateArn": certificate, "httpVersion": "http2",
            "geoRestriction": {"block": ["KP"]}, "logging": {"bucket": "shop-logs.s3.amazonaws.com"}}}),
        json!({"access": {"sigV4": {"logs": true, "exclusive": true}}}),
        json!({"origin": {"probePath": "/prod/pets"}, "access": {"sigV4": {"exclusive": false}}}),
        json!({"tags": {"team": "shop"}}),
    ] {
        scene.change("petstore", change).await;
        drop(controller);
        controller = scene.launch().start();
        scene.until_ready("petstore").await;
    }
    viewers.end();
    assert_eq!(get(&scene.endpoint(), "/prod/pets").0, 403);
}
