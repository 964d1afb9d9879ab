//! Which paths lead to which routes.

use super::*;
use crate::domain::access::asked::Authorization;
use serde_json::Value;

fn routes(keys: &[&str]) -> Vec<Route> {
    let route = |key: &&str| Route {
        key: (*key).to_owned(),
        id: (*key).to_owned(),
        authorization: Authorization::none(),
        integration: Value::Null,
    };
    keys.iter().map(route).collect()
}

fn gate(r#type: OriginType, stage: &str, origin_path: &str) -> Gate {
    Gate {
        region: "eu-north-1".into(),
        api_id: "a1b2c3d4e5".into(),
        stage: stage.into(),
        r#type,
        host: "a1b2c3d4e5.execute-api.eu-north-1.amazonaws.com".into(),
        origin_path: origin_path.into(),
    }
}

/// All that is edited is served, and nothing was probed before.
fn among<'a>(routes: &'a [&'a Route], keys: &'a [&'a str]) -> Choice<'a> {
    Choice {
        routes,
        served: keys,
        all: keys,
        last: None,
    }
}

/// (route, viewer's path) of the probe.
fn probe(gate: &Gate, declared: Option<&str>, keys: &[&str]) -> Option<(String, String)> {
    let routes = routes(keys);
    let routes: Vec<&Route> = routes.iter().collect();
    target(gate, declared, among(&routes, keys), &|_| 0).map(|found| (found.route.key, found.viewer_path))
}

fn pair(route: &str, path: &str) -> (String, String) {
    (route.to_owned(), path.to_owned())
}

const PETS: [&str; 3] = ["POST /pets", "GET /pets/{petId}", "GET /pets"];

#[test]
fn without_a_path_the_simplest_get_is_probed() {
    assert_eq!(
        probe(&gate(OriginType::Rest, "prod", ""), None, &PETS),
        Some(pair("GET /pets", "/prod/pets"))
    );
    let hidden = gate(OriginType::Rest, "prod", "/prod");
    assert_eq!(probe(&hidden, None, &PETS), Some(pair("GET /pets", "/pets")));
    assert_eq!(
        probe(&hidden, None, &["ANY /{proxy+}"]),
        Some(pair("ANY /{proxy+}", "/x"))
    );
    assert_eq!(probe(&hidden, None, &["DELETE /pets"]), None);
}

#[test]
fn without_a_get_the_most_harmless_method_is_probed() {
    let rest = gate(OriginType::Rest, "prod", "");
    let method = |keys: &[&str]| {
        let routes = routes(keys);
        let routes: Vec<&Route> = routes.iter().collect();
        target(&rest, None, among(&routes, keys), &|_| 0).map(|found| found.method)
    };
    assert_eq!(
        method(&["POST /pets", "OPTIONS /pets"]),
        Some(ProbeMethod::Options)
    );
    assert_eq!(method(&["PUT /pets", "POST /pets"]), Some(ProbeMethod::Post));
    assert_eq!(method(&["DELETE /pets"]), None, "it needs no body to delete");
}

#[test]
fn a_route_that_asks_for_what_no_probe_has_is_the_last_choice() {
    let rest = gate(OriginType::Rest, "prod", "");
    let keys = ["GET /a", "GET /pets/{petId}"];
    let routes = routes(&keys);
    let routes: Vec<&Route> = routes.iter().collect();
    let burden = |route: &Route| u8::from(route.key == "GET /a");
    let found = target(&rest, None, among(&routes, &keys), &burden).unwrap();
    assert_eq!(found.route.key, "GET /pets/{petId}");
}

#[test]
fn a_declared_path_leads_to_the_most_specific_route() {
    let rest = gate(OriginType::Rest, "prod", "");
    let keys = ["ANY /{proxy+}", "GET /pets/{petId}", "GET /pets/list"];
    assert_eq!(
        probe(&rest, Some("/prod/pets/list?x=1"), &keys).unwrap().0,
        "GET /pets/list"
    );
    assert_eq!(
        probe(&rest, Some("/prod/pets/7"), &keys).unwrap().0,
        "GET /pets/{petId}"
    );
    assert_eq!(
        probe(&rest, Some("/prod/else/where"), &keys).unwrap().0,
        "ANY /{proxy+}"
    );
    assert_eq!(probe(&rest, Some("/dev/pets/7"), &keys), None);
    assert_eq!(probe(&rest, Some("/prod/orders"), &PETS), None);
}

#[test]
fn of_two_routes_that_fit_the_one_with_a_literal_part_further_left_answers() {
    let rest = gate(OriginType::Rest, "prod", "");
    let pairs = [
        ("GET /a/{x}/c", "GET /{y}/b/c"),
        ("GET /a/{x}/{z}", "GET /{y}/b/c"),
        ("GET /a/b/{proxy+}", "GET /a/{x}/c"),
        ("GET /a/{x}/c", "GET /a/{proxy+}"),
    ];
    for (first, second) in pairs {
        for keys in [[first, second], [second, first]] {
            assert_eq!(
                probe(&rest, Some("/prod/a/b/c"), &keys).unwrap().0,
                first,
                "{keys:?}"
            );
            let routes = routes(&keys);
            let by = answered_by(OriginType::Rest, "GET /a/b/c", &routes).map(|route| route.key.as_str());
            assert_eq!(by, Some(first), "{keys:?}");
        }
    }
}

#[test]
fn of_an_http_api_a_route_that_fits_whole_answers_before_a_greedy_one() {
    let http = gate(OriginType::Http, "$default", "");
    for keys in [
        ["GET /{x}/b", "ANY /a/{proxy+}"],
        ["ANY /a/{proxy+}", "GET /{x}/b"],
    ] {
        assert_eq!(
            probe(&http, Some("/a/b"), &keys).unwrap().0,
            "GET /{x}/b",
            "{keys:?}"
        );
    }
}

#[test]
fn the_default_route_of_an_http_api_takes_what_no_other_takes() {
    let http = gate(OriginType::Http, "$default", "");
    let keys = ["$default", "GET /orders"];
    assert_eq!(probe(&http, None, &keys), Some(pair("GET /orders", "/orders")));
    assert_eq!(probe(&http, Some("/any/thing"), &keys).unwrap().0, "$default");
    assert_eq!(probe(&http, None, &["$default"]), Some(pair("$default", "/")));
}

#[test]
fn a_key_that_is_no_route_is_answered_by_the_most_specific_one() {
    let routes = routes(&["ANY /{proxy+}", "ANY /health", "GET /pets/{petId}"]);
    let by = |key: &str| answered_by(OriginType::Rest, key, &routes).map(|route| route.key.as_str());
    assert_eq!(by("GET /health"), Some("ANY /health"));
    assert_eq!(by("GET /pets/7"), Some("GET /pets/{petId}"));
    assert_eq!(by("POST /else/where"), Some("ANY /{proxy+}"));
    assert_eq!(by("/health"), None);
}

#[test]
fn a_slip_of_the_pen_is_known_for_what_was_meant() {
    let routes = routes(&["GET /health", "POST /orders", "$default"]);
    let meant = |key: &str| like(key, &routes).map(|route| route.key.as_str());
    assert_eq!(meant("GET /healht"), Some("GET /health"));
    assert_eq!(meant("get /Health/"), Some("GET /health"));
    assert_eq!(meant("$defualt"), Some("$default"));
    assert_eq!(meant("GET /something-else"), None);
}

#[test]
fn of_a_websocket_api_the_handshake_is_probed() {
    let keys = ["$connect", "$default"];
    let shown = gate(OriginType::WebSocket, "prod", "");
    assert_eq!(probe(&shown, None, &keys), Some(pair("$connect", "/prod")));
    let hidden = gate(OriginType::WebSocket, "prod", "/prod");
    assert_eq!(probe(&hidden, None, &keys), Some(pair("$connect", "/")));
    assert_eq!(direct_path(&hidden, "/"), "/prod/");
}

/// (route, viewer's path) of the probe where `kept` are locked, of `all`.
fn probe_among(gate: &Gate, declared: Option<&str>, kept: &[&str], all: &[&str]) -> Option<(String, String)> {
    let routes = routes(kept);
    let routes: Vec<&Route> = routes.iter().collect();
    target(gate, declared, among(&routes, all), &|_| 0).map(|found| (found.route.key, found.viewer_path))
}

#[test]
fn a_path_that_another_door_answers_is_never_probed() {
    let http = gate(OriginType::Http, "$default", "");
    let all = ["ANY /{proxy+}", "GET /{code}"];
    assert_eq!(
        probe_among(&http, None, &["ANY /{proxy+}"], &all),
        Some(pair("ANY /{proxy+}", "/x/x"))
    );
    let all = ["$default", "GET /"];
    assert_eq!(
        probe_among(&http, None, &["$default"], &all),
        Some(pair("$default", "/x"))
    );
    let all = ["ANY /me", "GET /me"];
    let routes = routes(&["ANY /me"]);
    let routes: Vec<&Route> = routes.iter().collect();
    let found = target(&http, None, among(&routes, &all), &|_| 0).unwrap();
    assert_eq!(found.method, ProbeMethod::Head, "its GET is another's");
}

#[test]
fn a_declared_path_of_a_route_that_stays_open_is_no_probe_of_a_lock() {
    let rest = gate(OriginType::Rest, "prod", "");
    let all = [
        "ANY /{proxy+}",
        "GET /health",
        "HEAD /health",
        "OPTIONS /health",
        "POST /health",
        "PUT /health",
        "PATCH /health",
    ];
    assert_eq!(
        probe_among(&rest, Some("/prod/health"), &["ANY /{proxy+}"], &all),
        None
    );
}

#[test]
fn an_origin_path_below_the_stage_is_part_of_the_probe() {
    let rest = |path: &str| gate(OriginType::Rest, "prod", path);
    assert_eq!(
        probe(&rest("/prod/v1"), None, &["ANY /{proxy+}"]),
        Some(pair("ANY /{proxy+}", "/"))
    );
    assert_eq!(
        probe(&rest("/prod/v1"), None, &["GET /v1/a", "GET /v10/a"]),
        Some(pair("GET /v1/a", "/a"))
    );
    assert_eq!(
        probe(&rest("/prod/v1"), None, &["GET /v10/a"]),
        None,
        "no viewer reaches it"
    );
    let http = gate(OriginType::Http, "$default", "/v1");
    assert_eq!(probe(&http, None, &["$default"]), Some(pair("$default", "/")));
    assert_eq!(
        probe(&http, None, &["GET /{version}/pets/{id}"]),
        Some(pair("GET /{version}/pets/{id}", "/pets/x"))
    );
    assert_eq!(probe(&rest(""), Some("/production/x"), &["GET /uction/x"]), None);
}

/// The path that is probed of a stage that serves `served` by now, where `last` was probed by GET.
fn probe_after(
    last: &str,
    served: &[&str],
    edited: &[&str],
    burden: &dyn Fn(&Route) -> u8,
) -> Option<String> {
    let routes = routes(served);
    let routes: Vec<&Route> = routes.iter().collect();
    let choice = Choice {
        routes: &routes,
        served,
        all: edited,
        last: Some((last, ProbeMethod::Get)),
    };
    target(&gate(OriginType::Rest, "prod", ""), None, choice, burden).map(|found| found.viewer_path)
}

#[test]
fn the_last_path_is_kept_while_it_is_served_whatever_came_since() {
    let kept = |last: &str, served: &[&str]| probe_after(last, served, served, &|_| 0);
    let pets = Some("/prod/pets".to_owned());
    assert_eq!(kept("/prod/pets", &["GET /n", "GET /pets"]), pets);
    let root = ["ANY /", "GET /pets"];
    assert_eq!(kept("/prod/pets", &root), pets, "the root is shorter");
    let another = Some("/prod/n".to_owned());
    assert_eq!(
        kept("/prod/pets", &["GET /n"]),
        another,
        "it is not served any more"
    );
    assert_eq!(
        kept("/live/pets", &["GET /n", "GET /pets"]),
        another,
        "of another stage"
    );
}

#[test]
fn a_path_that_is_declared_no_more_is_not_kept() {
    let served = ["GET /a", "GET /pets/{petId}"];
    let found = probe_after("/prod/pets/7", &served, &served, &|_| 0);
    assert_eq!(found.as_deref(), Some("/prod/a"));
}

#[test]
fn the_last_path_is_left_for_one_that_asks_for_less() {
    let served = ["GET /me", "GET /pets"];
    let burden = |route: &Route| u8::from(route.key == "GET /me");
    let found = probe_after("/prod/me", &served, &served, &burden);
    assert_eq!(found.as_deref(), Some("/prod/pets"));
}

#[test]
fn an_edit_that_nobody_deployed_takes_no_path_away() {
    let edited = ["ANY /{proxy+}", "GET /x"];
    let found = probe_after("/prod/x", &["ANY /{proxy+}"], &edited, &|_| 0);
    assert_eq!(found.as_deref(), Some("/prod/x"));
}
