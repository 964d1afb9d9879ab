//! What exports, descriptions and stages tell of what is deployed.

use super::*;
use crate::domain::access::asked::carried::Carried;
use crate::domain::access::asked::{CUSTOM, NONE};
use serde_json::json;

fn route(key: &str, kind: &str) -> Route {
    Route {
        key: key.into(),
        id: format!("id-{key}"),
        authorization: Authorization {
            kind: kind.into(),
            authorizer: (kind == CUSTOM).then(|| "a1".to_owned()),
            api_key_required: false,
        },
        integration: Value::Null,
    }
}

fn owner() -> Owner {
    Owner {
        cluster: "c1".into(),
        namespace: "shop".into(),
        name: "orders".into(),
        uid: "0a1b".into(),
        taken: None,
    }
}

fn operation(kind: &str) -> Value {
    match kind {
        NONE => json!({"responses": {}}),
        CUSTOM => json!({"security": [{"ours": []}]}),
        _ => json!({"x-amazon-apigateway-auth": {"type": "AWS_IAM"}}),
    }
}

fn export(get: &str, post: &str) -> Value {
    json!({
        "paths": {"/orders": {"get": operation(get), "post": operation(post), "parameters": []}},
        "components": {"securitySchemes": {"ours": {"type": "apiKey", "x-amazon-apigateway-authorizer": {"type": "request"}}}}
    })
}

fn kinds(served: Option<Served>) -> Option<Vec<String>> {
    served.map(|served| served.iter().map(|(_, route)| route.kind.clone()).collect())
}

const IAM: &str = "AWS_IAM";

#[test]
fn an_export_that_shows_what_the_routes_ask_for_settles_it() {
    let routes = [route("GET /orders", IAM), route("POST /orders", NONE)];
    let found = Served::of_export(&export(IAM, NONE), None, &routes);
    assert_eq!(kinds(found).unwrap(), [IAM, NONE]);
}

#[test]
fn a_route_that_is_not_deployed_is_asked_for_what_was_deployed() {
    let routes = [route("GET /orders", IAM), route("POST /orders", IAM)];
    let served = export(IAM, NONE);
    assert_eq!(
        Served::of_export(&served, None, &routes),
        None,
        "it takes a second look"
    );
    let found = Served::of_export(&served, Some(&export(IAM, IAM)), &routes);
    assert_eq!(kinds(found).unwrap(), [IAM, NONE]);
}

#[test]
fn exports_that_do_not_show_what_routes_ask_for_tell_nothing() {
    let routes = [route("GET /orders", IAM), route("POST /orders", IAM)];
    let silent = export(NONE, NONE);
    assert_eq!(Served::of_export(&silent, Some(&silent), &routes), None);
}

#[test]
fn the_authorizer_is_known_only_where_both_exports_name_the_same() {
    let routes = [route("GET /orders", CUSTOM), route("POST /orders", CUSTOM)];
    let mut served = export(CUSTOM, CUSTOM);
    served["paths"]["/orders"]["post"]["security"] = json!([{"theirs": []}]);
    let found = Served::of_export(&served, Some(&export(CUSTOM, CUSTOM)), &routes).unwrap();
    let authorizer = |key: &str| found.get(key).unwrap().authorizer.clone().unwrap();
    assert_eq!(authorizer("GET /orders"), "a1");
    assert_eq!(authorizer("POST /orders"), "theirs");
}

/// An export that shows which function each authorizer asks.
fn asking(post: &str, function: &str) -> Value {
    let mut served = export(CUSTOM, CUSTOM);
    served["paths"]["/orders"]["post"]["security"] = json!([{post: []}]);
    let uri =
        format!("arn:aws:apigateway:eu-north-1:lambda:path/2015-03-31/functions/{function}/invocations");
    served["components"]["securitySchemes"][post]["x-amazon-apigateway-authorizer"] =
        json!({"type": "request", "authorizerUri": uri});
    served
}

#[test]
fn an_authorizer_that_only_the_stage_asks_is_known_by_its_id_where_its_name_still_means_the_same_function() {
    let routes = [route("GET /orders", CUSTOM), route("POST /orders", CUSTOM)];
    let function = "arn:aws:lambda:eu-north-1:123456789012:function:team-auth";
    let known = |name: &str, function: &str| {
        vec![NamedAuthorizer {
            id: "a2".to_owned(),
            name: name.to_owned(),
            function_arn: function.to_owned(),
        }]
    };
    let other = "arn:aws:lambda:eu-north-1:123456789012:function:lets-anybody-in";
    for (authorizers, expected) in [
        (known("theirs", function), "a2"),
        (known("theirs", other), "theirs"),
        (known("another", function), "theirs"),
        (vec![], "theirs"),
    ] {
        let served = asking("theirs", function);
        let shown = Deployed::of_exports(&served, &export(CUSTOM, CUSTOM), &routes);
        assert!(shown.has_names(&routes));
        let found = shown.with_ids(&served, &authorizers);
        let authorizer = |key: &str| {
            found
                .served()
                .unwrap()
                .get(key)
                .unwrap()
                .authorizer
                .clone()
                .unwrap()
        };
        assert_eq!(authorizer("POST /orders"), expected, "{authorizers:?}");
        assert_eq!(authorizer("GET /orders"), "a1", "it is as edited");
    }
}

#[test]
fn no_authorizer_is_looked_up_where_the_stage_asks_what_is_edited() {
    let routes = [route("GET /orders", CUSTOM), route("POST /orders", CUSTOM)];
    let same = export(CUSTOM, CUSTOM);
    assert!(!Deployed::of_exports(&same, &same, &routes).has_names(&routes));
    let signed = [route("GET /orders", IAM), route("POST /orders", IAM)];
    let open = export(IAM, NONE);
    assert!(!Deployed::of_exports(&open, &export(IAM, IAM), &signed).has_names(&signed));
}

fn ours(kind: OriginType, what: &str, routes: &[Route]) -> Deployment {
    Deployment {
        id: "d1".into(),
        description: format!("{what}{}", told(kind, routes)),
        routes: Carried::default(),
    }
}

#[test]
fn a_deployment_of_ours_tells_which_routes_it_carries() {
    let locked = [route("GET /orders", IAM), route("POST /orders", IAM)];
    let what = description(&owner(), &Proof::Signature, true);
    let deployment = ours(OriginType::Http, &what, &locked);
    let of = |routes: &[Route], proof| {
        Deployed::of_description(&deployment, OriginType::Http, &owner(), proof, routes)
    };
    assert!(matches!(
        of(&locked, &Proof::Signature),
        Some(Deployed::Routes(_))
    ));
    let more = [locked.to_vec(), vec![route("DELETE /orders", IAM)]].concat();
    assert_eq!(
        of(&more, &Proof::Signature),
        None,
        "a route that came since is not carried"
    );
    let header = Proof::Header("x-origin-verify".into());
    assert_eq!(of(&more, &header), Some(Deployed::LockedOtherwise(None)));
}

#[test]
fn of_a_websocket_api_the_handshake_alone_is_told() {
    let locked = [route(CONNECT, IAM), route("$default", NONE)];
    let what = description(&owner(), &Proof::Signature, true);
    let deployment = ours(OriginType::WebSocket, &what, &locked);
    let open = [route(CONNECT, NONE), route("send", NONE)];
    for routes in [&locked[..], &open[..]] {
        let found = Deployed::of_description(
            &deployment,
            OriginType::WebSocket,
            &owner(),
            &Proof::Signature,
            routes,
        );
        let Some(Deployed::Routes(served)) = found else {
            panic!("{found:?}");
        };
        assert_eq!(served.get(CONNECT), Some(&Authorization::aws_iam()));
    }
}

#[test]
fn a_stage_is_in_step_where_it_names_the_deployment_that_it_serves() {
    let stage = |said: Option<&str>| Stage {
        deployment: Some("d2".into()),
        auto_deploy: true,
        said: said.map(ToOwned::to_owned),
        canary: None,
        web_acl: None,
    };
    let success = "Successfully deployed stage with deployment ID 'd2'";
    assert!(stage(Some(success)).is_in_step());
    for other in [
        None,
        Some("Successfully deployed stage with deployment ID 'd1'"),
        Some("Deployment attempt failed: Unable to deploy API because no valid routes exist in this API"),
    ] {
        assert!(!stage(other).is_in_step(), "{other:?}");
    }
    let routes = [route(CONNECT, IAM)];
    let since = "d2".to_owned();
    assert!(Served::in_step(&stage(Some(success)), None, &routes).is_some());
    assert_eq!(
        Served::in_step(&stage(Some(success)), Some(&since), &routes),
        None
    );
}
