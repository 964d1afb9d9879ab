//! What a deployment carries. It cannot be made from the working copy alone: what is edited serves nobody.

use super::{Authorization, Route};
use serde::Serialize;
use std::collections::BTreeMap;

/// What a deployment asks for, by the route's key; nothing where that is not told.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Default)]
pub struct Carried(BTreeMap<String, Authorization>);

impl Carried {
    /// As the summary of a REST API's deployment tells, but for an authorizer's id.
    #[must_use]
    pub fn told(summary: BTreeMap<String, Authorization>) -> Self {
        Self(summary)
    }

    /// As the routes of an HTTP or WebSocket API were right after it was made, where they were the same right before: API Gateway
    /// does not tell. Where somebody edited them in between, nothing is known of it.
    #[must_use]
    pub fn between(before: &[Route], after: &[Route]) -> Self {
        let carried = asked_by_key(after);
        if asked_by_key(before) == carried {
            Self(carried)
        } else {
            Self::default()
        }
    }

    /// What it asks for, by key.
    #[must_use]
    pub fn routes(&self) -> &BTreeMap<String, Authorization> {
        &self.0
    }

    /// Whether nothing is told.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

/// What routes ask for, by key.
pub(super) fn asked_by_key(routes: &[Route]) -> BTreeMap<String, Authorization> {
    let routes = routes.iter();
    routes
        .map(|route| (route.key.clone(), route.authorization.clone()))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::Value;

    fn route(key: &str, authorization: Authorization) -> Route {
        Route {
            key: key.to_owned(),
            id: key.to_owned(),
            authorization,
            integration: Value::Null,
        }
    }

    #[test]
    fn routes_that_were_edited_while_a_deployment_was_made_tell_nothing_of_it() {
        let before = [route("GET /orders", Authorization::aws_iam())];
        let carried = Carried::between(&before, &before);
        assert_eq!(
            carried.routes().get("GET /orders"),
            Some(&Authorization::aws_iam())
        );
        let opened = [route("GET /orders", Authorization::none())];
        let more = [before[0].clone(), route("GET /more", Authorization::aws_iam())];
        assert!(Carried::between(&before, &opened).is_empty());
        assert!(Carried::between(&before, &more).is_empty());
        assert!(Carried::between(&before, &[]).is_empty());
    }
}
