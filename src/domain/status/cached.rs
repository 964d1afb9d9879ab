//! Whose answers a cache may serve to others.

use crate::domain::access::authorization::{Authorization, Route};
use crate::domain::access::proof::Proof;
use crate::domain::access::words::agreed;
use crate::domain::edge::cache_policies::managed_name;
use crate::domain::edge::config::CACHING_DISABLED;

/// Whose answers a cache may serve to other callers: of methods that ask their callers for API keys, or an authorizer of the
/// team's. `routes` are those of the API as edited; what an authorizer looks at is not read.
#[must_use]
pub(super) fn mixed(
    cache_policy: &str,
    proof: &Proof,
    keys_from_authorizer: bool,
    routes: &[Route],
) -> Vec<String> {
    if cache_policy == CACHING_DISABLED {
        return vec![];
    }
    let of = |is: &dyn Fn(&Authorization) -> bool| -> Vec<&str> {
        let found = routes.iter().filter(|route| is(&route.authorization));
        found.map(|route| route.key.as_str()).collect()
    };
    let managed = managed_name(cache_policy);
    let policy = managed.map_or_else(
        || format!("cache policy {cache_policy}, which is not read,"),
        |name| format!("cache policy {name}"),
    );
    // Under ApiKey the perimeter's own key is sent, whoever asks.
    let asks_for_key = *proof != Proof::Key && !keys_from_authorizer;
    let with_key = of(&|asked| asks_for_key && asked.api_key_required);
    let verb = if managed.is_some() {
        "does not keep answers apart by x-api-key"
    } else {
        "must have x-api-key among the headers of its key"
    };
    let keys = (!with_key.is_empty()).then(|| {
        format!(
            "{} callers for API keys, and {policy} {verb}: callers without a key would be served the answers of those \
             who have one",
            agreed(&with_key, "asks its", "ask their")
        )
    });
    // Under SecretHeader the perimeter's own authorizer is of that kind.
    let is_teams = |kind: &str| {
        matches!(kind, "COGNITO_USER_POOLS" | "JWT")
            || (kind == "CUSTOM" && !matches!(proof, Proof::Header(_)))
    };
    let with_authorizer = of(&|asked| is_teams(&asked.kind));
    let authorizers = (!with_authorizer.is_empty()).then(|| {
        format!(
            "{} an authorizer of the API's own, and {policy} must have all that it looks at (headers, cookies, query \
             strings) in its key: else one caller's answer is served to others",
            agreed(&with_authorizer, "asks", "ask")
        )
    });
    keys.into_iter().chain(authorizers).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const OPTIMIZED: &str = "658327ea-f89d-4fab-a63d-7e88639e58f6";
    const OWN: &str = "11111111-2222-3333-4444-555555555555";

    fn route(key: &str, kind: &str, api_key_required: bool) -> Route {
        Route {
            key: key.into(),
            id: "r1".into(),
            authorization: Authorization {
                kind: kind.into(),
                authorizer: None,
                api_key_required,
            },
            integration: serde_json::Value::Null,
        }
    }

    #[test]
    fn whose_answers_a_cache_may_serve_to_others_is_said_of_keys_and_authorizers_alike() {
        let header = Proof::Header("x-origin-verify".into());
        let routes = [
            route("GET /open", "NONE", false),
            route("GET /keyed", "AWS_IAM", true),
            route("GET /mine", "CUSTOM", false),
        ];
        let said = mixed(OPTIMIZED, &Proof::Signature, false, &routes);
        assert!(said[0].starts_with(
            "GET /keyed asks its callers for API keys, and cache policy CachingOptimized does not"
        ));
        assert!(said[1].starts_with("GET /mine asks an authorizer"), "{said:?}");
        assert!(
            mixed(OWN, &Proof::Signature, false, &routes)[0]
                .contains("which is not read, must have x-api-key")
        );
        // The perimeter's own key or authorizer is the same for all callers.
        assert_eq!(mixed(OPTIMIZED, &Proof::Key, false, &routes).len(), 1);
        assert_eq!(mixed(OPTIMIZED, &header, false, &routes).len(), 1);
        assert_eq!(mixed(OPTIMIZED, &Proof::Signature, true, &routes).len(), 1);
        assert_eq!(
            mixed(CACHING_DISABLED, &Proof::Signature, false, &routes),
            [""; 0]
        );
        assert_eq!(mixed(OPTIMIZED, &Proof::Signature, false, &routes[..1]), [""; 0]);
    }
}
