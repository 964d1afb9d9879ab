//! Stages that the object has locked before the one that its spec names: viewers go on coming to them through the perimeter.

use super::as_deployed::{Deployed, Served};
use super::{Authorization, NamedStage};
use serde::Serialize;

/// One of them, as it is deployed.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct EarlierStage {
    /// Its name.
    pub name: String,
    /// What it asks for, and its canary where it has one.
    pub deployed: Vec<Deployed>,
}

impl EarlierStage {
    /// A stage that was found; what nothing tells of it is not known.
    #[must_use]
    pub fn of(found: &NamedStage, deployed: Vec<Deployed>) -> Self {
        let is_untold = deployed.is_empty() && found.stage.deployment.is_some();
        let untold = || Deployed::Unknown("API Gateway does not tell what it serves".to_owned());
        Self {
            name: found.name.clone(),
            deployed: if is_untold { vec![untold()] } else { deployed },
        }
    }

    /// A stage that could not be read, and why.
    #[must_use]
    pub fn unread(name: &str, why: String) -> Self {
        Self {
            name: name.to_owned(),
            deployed: vec![Deployed::Unknown(why)],
        }
    }

    /// Whether it may still ask its callers for anything.
    #[must_use]
    pub fn is_locked(&self) -> bool {
        self.may_ask(|_, asked| !asked.is_open())
    }

    /// Whether it was read to ask for such a thing at any route.
    #[must_use]
    pub fn asks(&self, is_such: impl Fn(&str, &Authorization) -> bool) -> bool {
        let told = self.deployed.iter().filter_map(Deployed::told);
        let mut asked = told.flat_map(Served::iter);
        asked.any(|(key, asked)| is_such(key, asked))
    }

    /// Whether it asks for such a thing at any route, or may, where that is not told.
    #[must_use]
    pub fn may_ask(&self, is_such: impl Fn(&str, &Authorization) -> bool) -> bool {
        let any = |deployed: &Deployed| match deployed {
            Deployed::Nothing => false,
            Deployed::Routes(served) | Deployed::LockedOtherwise(Some(served)) => {
                served.iter().any(|(key, asked)| is_such(key, asked))
            }
            Deployed::LockedOtherwise(None)
            | Deployed::Outdated(_)
            | Deployed::CutShort(_)
            | Deployed::Unknown(_) => true,
        };
        self.deployed.iter().any(any)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::access::asked::Deployment;
    use crate::domain::access::asked::carried::Carried;
    use std::collections::BTreeMap;

    fn asking(authorization: Authorization) -> Deployed {
        Deployed::Routes(Served::of(&Deployment {
            id: "d".to_owned(),
            description: String::new(),
            routes: Carried::told(BTreeMap::from([("GET /".to_owned(), authorization)])),
        }))
    }

    fn is_locked(deployed: &[Deployed]) -> bool {
        let stage = EarlierStage {
            name: "prod".to_owned(),
            deployed: deployed.to_vec(),
        };
        stage.is_locked()
    }

    #[test]
    fn a_stage_is_locked_where_it_or_its_canary_asks_for_anything_or_does_not_tell() {
        let open = asking(Authorization::none());
        let locked = asking(Authorization::aws_iam());
        assert!(is_locked(std::slice::from_ref(&locked)));
        assert!(is_locked(&[open.clone(), locked]));
        assert!(is_locked(&[Deployed::Unknown(String::new())]));
        assert!(!is_locked(&[open]));
        assert!(!is_locked(&[Deployed::Nothing]) && !is_locked(&[]));
    }
}
