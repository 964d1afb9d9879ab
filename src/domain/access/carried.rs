//! What a deployment carries. It cannot be made from the working copy alone: what is edited serves nobody.

use super::asked::{Authorization, Door};
use serde::Serialize;
use std::collections::BTreeMap;

/// What a deployment asks for, by the door's key; nothing where that is not told.
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
    pub fn between(before: &[Door], after: &[Door]) -> Self {
        let asked = |doors: &[Door]| -> BTreeMap<String, Authorization> {
            let doors = doors.iter();
            doors
                .map(|door| (door.key.clone(), door.authorization.clone()))
                .collect()
        };
        let carried = asked(after);
        if asked(before) == carried {
            Self(carried)
        } else {
            Self::default()
        }
    }

    /// What it asks for, by key.
    #[must_use]
    pub fn doors(&self) -> &BTreeMap<String, Authorization> {
        &self.0
    }

    /// Whether nothing is told.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::Value;

    fn door(key: &str, authorization: Authorization) -> Door {
        Door {
            key: key.to_owned(),
            id: key.to_owned(),
            authorization,
            integration: Value::Null,
        }
    }

    #[test]
    fn routes_that_were_edited_while_a_deployment_was_made_tell_nothing_of_it() {
        let before = [door("GET /orders", Authorization::aws_iam())];
        let carried = Carried::between(&before, &before);
        assert_eq!(
            carried.doors().get("GET /orders"),
            Some(&Authorization::aws_iam())
        );
        let opened = [door("GET /orders", Authorization::none())];
        let more = [before[0].clone(), door("GET /more", Authorization::aws_iam())];
        assert!(Carried::between(&before, &opened).is_empty());
        assert!(Carried::between(&before, &more).is_empty());
        assert!(Carried::between(&before, &[]).is_empty());
    }
}
