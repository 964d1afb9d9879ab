//! What the working copy has that a stage does not serve: edits of the team that a deployment of ours would carry.
//!
//! API Gateway does not tell everything: `docs/access-modes.md` says what cannot be compared.

use crate::domain::access::asked::Route;
use crate::domain::access::asked::as_deployed::Deployed;
use crate::domain::access::asked::authorizer_names::function_name;
use crate::domain::access::asked::exported::{is_other_authorizer, operations, other_authorizers};
use crate::domain::access::authorization::Pending;
use crate::domain::access::credentials::authorizer::Entry;
use crate::domain::kernel::hash::short;
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};

/// Extension under which an export has a method's integration.
const INTEGRATION: &str = "x-amazon-apigateway-integration";
/// Where an export says whether callers or authorizers give the API key.
const KEY_SOURCE: &str = "x-amazon-apigateway-api-key-source";
/// Fields of an integration that reading and exporting spell alike.
const COMPARED: [&str; 7] = [
    "type",
    "uri",
    "httpMethod",
    "credentials",
    "connectionId",
    "requestParameters",
    "requestTemplates",
];
/// Those of them that an export may write in another case.
const CASELESS: [&str; 2] = ["type", "httpMethod"];
/// Parts of an export that speak of authorization.
const AUTHORIZATION: [&str; 3] = ["security", "x-amazon-apigateway-auth", "securitySchemes"];

/// Edits of a REST API: methods that came or went since `deployed`, other integrations, and where keys are taken from. Where
/// that is not known, the export tells which methods there were. What methods ask for is compared where it is known what a
/// lock makes of it.
#[must_use]
pub fn of_rest(routes: &[Route], keys_from_authorizer: bool, deployed: &Deployed, export: &Value) -> Pending {
    let edited: BTreeSet<String> = routes.iter().map(|route| route.key.clone()).collect();
    let served: BTreeSet<String> = match deployed {
        Deployed::Routes(served) | Deployed::LockedOtherwise(Some(served)) => {
            served.iter().map(|(key, _)| key.clone()).collect()
        }
        _ => operations(export).map(|(key, _)| key).collect(),
    };
    let mut at: Vec<String> = Vec::new();
    at.extend(edited.difference(&served).map(|key| format!("{key} (added)")));
    at.extend(served.difference(&edited).map(|key| format!("{key} (removed)")));
    let exported = integrations(export);
    for route in routes {
        let Some(exported) = exported.get(&route.key) else {
            continue;
        };
        let changed = COMPARED
            .iter()
            .filter(|field| !is_same(field, &route.integration[**field], &exported[**field]));
        at.extend(changed.map(|field| format!("{} (integration.{field})", route.key)));
    }
    let source = export[KEY_SOURCE].as_str();
    let is_other = source.is_some_and(|source| (source == "AUTHORIZER") != keys_from_authorizer);
    at.extend(is_other.then(|| "the source of API keys".to_owned()));
    found(at)
}

/// Whether routes ask authorizers whose definition has to be compared: a deployment carries it.
#[must_use]
pub fn asks_authorizers(routes: &[Route]) -> bool {
    routes
        .iter()
        .any(|route| route.authorization.authorizer.is_some())
}

/// Authorizers of a REST API that were edited since the stage was deployed. Those of ours are written by nobody else, or by a
/// repair of ours.
#[must_use]
pub fn authorizers_of_rest(routes: &[Route], edited: &[Entry], export: &Value) -> Vec<String> {
    let entry = |route: &Route| {
        let id = route.authorization.authorizer.as_ref()?;
        edited.iter().find(|entry| entry.id == *id)
    };
    let asked = routes.iter().filter_map(|route| Some((route, entry(route)?)));
    let theirs = asked.filter(|(_, entry)| function_name(&entry.settings.function_arn).is_none());
    let other = theirs.filter(|(route, entry)| is_other_authorizer(export, &route.key, &entry.exported));
    let names: BTreeSet<&String> = other.map(|(_, entry)| &entry.name).collect();
    names.into_iter().map(|name| authorizer(name)).collect()
}

fn authorizer(name: &str) -> String {
    format!("the authorizer {name}")
}

/// Edits of an HTTP API: paths of which its two exports differ, authorization apart, and authorizers.
#[must_use]
pub fn of_http(edited: &Value, served: &Value) -> Pending {
    let authorizers = other_authorizers(edited, served).into_iter();
    let authorizers: Vec<String> = authorizers.map(|name| authorizer(&name)).collect();
    let (edited, served) = (&edited["paths"], &served["paths"]);
    let keys = |paths: &Value| -> BTreeSet<String> {
        paths
            .as_object()
            .map(|paths| paths.keys().cloned().collect())
            .unwrap_or_default()
    };
    let all: BTreeSet<String> = keys(edited).union(&keys(served)).cloned().collect();
    let differs =
        |path: &&String| without_authorization(&edited[*path]) != without_authorization(&served[*path]);
    let paths = all.iter().filter(differs).cloned();
    found(paths.chain(authorizers).collect())
}

/// Fingerprint of an HTTP API's export, authorization apart: two that are alike have no edit between them.
#[must_use]
pub fn fingerprint(export: &Value) -> String {
    short(&without_authorization(&export["paths"]))
}

/// Methods of a REST API whose integration is not the one that was `known`.
#[must_use]
pub fn edited_since(known: &[Route], now: &[Route]) -> Vec<String> {
    let is_other = |route: &&Route| {
        let before = known.iter().find(|known| known.key == route.key);
        before.is_none_or(|before| before.integration != route.integration)
    };
    let edited = now.iter().filter(is_other);
    edited
        .map(|route| format!("{} (integration)", route.key))
        .collect()
}

impl Pending {
    /// These, and `more`; where they are not known, that stays so.
    #[must_use]
    pub fn and(self, more: impl IntoIterator<Item = String>) -> Self {
        match self {
            Self::None => found(more.into_iter().collect()),
            Self::At(mut at) => {
                at.extend(more);
                Self::At(at)
            }
            known => known,
        }
    }
}

fn found(at: Vec<String>) -> Pending {
    if at.is_empty() {
        Pending::None
    } else {
        Pending::At(at)
    }
}

/// Integrations of an export, by the route's key.
fn integrations(export: &Value) -> BTreeMap<String, &Value> {
    let operations = operations(export);
    operations
        .filter_map(|(key, operation)| Some((key, operation.get(INTEGRATION)?)))
        .collect()
}

/// Whether two values of `field` are the same; what is empty is as good as missing.
fn is_same(field: &str, a: &Value, b: &Value) -> bool {
    let is_empty = |value: &Value| match value {
        Value::Null => true,
        Value::Object(fields) => fields.is_empty(),
        Value::String(text) => text.is_empty(),
        _ => false,
    };
    match (a, b) {
        (a, b) if is_empty(a) && is_empty(b) => true,
        (Value::String(a), Value::String(b)) if CASELESS.contains(&field) => a.eq_ignore_ascii_case(b),
        (a, b) => a == b,
    }
}

fn without_authorization(value: &Value) -> Value {
    match value {
        Value::Object(fields) => {
            let kept = fields
                .iter()
                .filter(|(key, _)| !AUTHORIZATION.contains(&key.as_str()));
            Value::Object(
                kept.map(|(key, value)| (key.clone(), without_authorization(value)))
                    .collect(),
            )
        }
        other => other.clone(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::access::asked::as_deployed::Served;
    use crate::domain::access::asked::carried::Carried;
    use crate::domain::access::asked::{Authorization, Deployment};
    use crate::domain::access::credentials::authorizer::Settings;
    use serde_json::json;

    fn route(key: &str, integration: Value) -> Route {
        Route {
            key: key.into(),
            id: "r1".into(),
            authorization: Authorization::none(),
            integration,
        }
    }

    fn export(integration: &Value) -> Value {
        json!({"paths": {"/pets": {"get": {INTEGRATION: integration, "security": [{"sigv4": []}]}}}})
    }

    fn deployed(keys: &[&str]) -> Deployed {
        let routes = keys.iter().map(|key| ((*key).to_owned(), Authorization::none()));
        Deployed::Routes(Served::of(&Deployment {
            id: "d1".into(),
            description: String::new(),
            routes: Carried::told(routes.collect()),
        }))
    }

    #[test]
    fn a_stage_that_serves_the_working_copy_has_nothing_pending() {
        let read = json!({"type": "HTTP_PROXY", "uri": "https://pets", "httpMethod": "GET", "requestParameters": {}});
        let exported = json!({"type": "http_proxy", "uri": "https://pets", "httpMethod": "GET", "passthroughBehavior": "when_no_match"});
        let routes = [route("GET /pets", read)];
        assert_eq!(
            of_rest(&routes, false, &deployed(&["GET /pets"]), &export(&exported)),
            Pending::None
        );
    }

    #[test]
    fn another_integration_is_pending_and_named() {
        let routes = [route("GET /pets", json!({"type": "http", "uri": "https://new"}))];
        let pending = of_rest(
            &routes,
            false,
            &deployed(&["GET /pets"]),
            &export(&json!({"type": "http", "uri": "https://old"})),
        );
        assert_eq!(pending, Pending::At(vec!["GET /pets (integration.uri)".into()]));
    }

    #[test]
    fn a_backends_path_in_another_case_is_pending() {
        let routes = [route(
            "GET /pets",
            json!({"type": "HTTP", "uri": "https://pets/List"}),
        )];
        let exported = export(&json!({"type": "http", "uri": "https://pets/list"}));
        let pending = of_rest(&routes, false, &deployed(&["GET /pets"]), &exported);
        assert_eq!(pending, Pending::At(vec!["GET /pets (integration.uri)".into()]));
    }

    #[test]
    fn methods_that_came_or_went_are_pending() {
        let routes = [route("GET /new", Value::Null)];
        let pending = of_rest(&routes, false, &deployed(&["GET /old"]), &json!({}));
        assert_eq!(
            pending,
            Pending::At(vec!["GET /new (added)".into(), "GET /old (removed)".into()])
        );
    }

    #[test]
    fn another_source_of_keys_is_pending_where_the_export_names_it() {
        let routes = [route("GET /pets", Value::Null)];
        let pending = |source: Value, from_authorizer: bool| {
            let export = json!({KEY_SOURCE: source});
            of_rest(&routes, from_authorizer, &deployed(&["GET /pets"]), &export)
        };
        for (source, from_authorizer) in [
            (json!("HEADER"), false),
            (json!("AUTHORIZER"), true),
            (Value::Null, true),
        ] {
            assert_eq!(pending(source, from_authorizer), Pending::None);
        }
        let at = Pending::At(vec!["the source of API keys".into()]);
        assert_eq!(pending(json!("AUTHORIZER"), false), at);
    }

    #[test]
    fn an_authorizer_that_was_edited_since_is_pending_and_named() {
        let definition = |ttl: i32, arns: Value| {
            json!({"type": "COGNITO_USER_POOLS", "providerARNs": arns, "authorizerResultTtlInSeconds": ttl,
                "identitySource": "method.request.header.Authorization"})
        };
        let export = |ttl: i32| {
            let authorizer = json!({"type": "cognito_user_pools", "providerARNs": ["b", "a"], "authorizerResultTtlInSeconds": ttl});
            let scheme = json!({"type": "apiKey", "x-amazon-apigateway-authorizer": authorizer});
            json!({"paths": {"/pets": {"get": {"security": [{"users": []}]}}},
                "components": {"securitySchemes": {"users": scheme}}})
        };
        let mut asked = route("GET /pets", Value::Null);
        asked.authorization.authorizer = Some("a1".into());
        let entry = |exported: Value| Entry {
            id: "a1".into(),
            name: "users".into(),
            settings: Settings {
                function_arn: String::new(),
                header: String::new(),
                ttl: 300,
            },
            exported,
        };
        let of = |exported: Value, export: &Value| {
            authorizers_of_rest(std::slice::from_ref(&asked), &[entry(exported)], export)
        };
        assert!(of(definition(300, json!(["a", "b"])), &export(300)).is_empty());
        assert!(
            of(Value::Null, &export(300)).is_empty(),
            "what is not told is not compared"
        );
        let named = vec!["the authorizer users".to_owned()];
        assert_eq!(of(definition(300, json!(["c"])), &export(300)), named);
        assert_eq!(of(definition(0, json!(["a", "b"])), &export(300)), named);
        assert_eq!(of(definition(300, json!(["A", "b"])), &export(300)), named);
        let mut ours = entry(definition(0, json!(["a"])));
        ours.settings.function_arn =
            "arn:aws:lambda:eu-north-1:123456789012:function:palisade-shop-petstore-12345678-auth".into();
        assert!(authorizers_of_rest(&[asked], &[ours], &export(300)).is_empty());
    }

    #[test]
    fn an_authorizer_of_an_http_api_that_was_edited_since_is_pending() {
        let export = |issuer: &str| {
            let authorizer = json!({"type": "jwt", "jwtConfiguration": {"issuer": issuer}});
            json!({"paths": {}, "components": {"securitySchemes": {"users": {"x-amazon-apigateway-authorizer": authorizer}}}})
        };
        assert_eq!(of_http(&export("https://a"), &export("https://a")), Pending::None);
        let at = Pending::At(vec!["the authorizer users".into()]);
        assert_eq!(of_http(&export("https://b"), &export("https://a")), at);
    }

    #[test]
    fn of_an_http_api_authorization_alone_is_not_pending() {
        let path = |uri: &str, security: Value| json!({"paths": {"/orders": {"get": {INTEGRATION: {"uri": uri}, "security": security}}}});
        let (open, locked) = (path("u", json!([])), path("u", json!([{"sigv4": []}])));
        assert_eq!(of_http(&open, &open), Pending::None);
        assert_eq!(of_http(&locked, &open), Pending::None);
        let pending = of_http(&path("other", json!([])), &open);
        assert_eq!(pending, Pending::At(vec!["/orders".into()]));
    }
}
