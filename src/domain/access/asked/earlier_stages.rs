//! Stages that the object has locked before the one that its spec names: viewers go on coming to them through the perimeter.

use super::as_deployed::Deployed;
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

    /// Whether it asks for such a thing at any route, or may, where that is not told.
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
