//! Routes that ask for what an earlier object left behind: what keeps them, what they answer, and when nothing asks for it any more.

use super::standing::Standing;
use crate::domain::access::asked::as_deployed::{Deployed, UNTOLD};
use crate::domain::access::asked::{Authorization, CUSTOM, Stage};
use crate::domain::access::credentials::left_behind::{KeyLeftBehind, LeftBehind};
use crate::domain::access::inputs::{Inputs, Wanted};
use crate::domain::access::probe::Verdict;
use crate::domain::access::proof::Proof;
use crate::domain::access::routes::Routes;
use crate::domain::access::words::words_of_earlier;
use crate::domain::kernel::reason::Reason;

/// Whether a stage is seen to serve none of the authorizers `dead`. A REST API's deployment names none: only of one that was made
/// for a header of ours it is known that it asks ours.
#[must_use]
pub fn serves_none(stage: &Stage, deployed: &Deployed, proof: &Proof, dead: &[String]) -> bool {
    let may_be_dead = |found: &Authorization| {
        found.kind == CUSTOM
            && match &found.authorizer {
                Some(id) => id == UNTOLD || dead.contains(id),
                None => !matches!(proof, Proof::Header(_)),
            }
    };
    stage.canary.is_none()
        && match deployed {
            Deployed::Nothing => true,
            Deployed::Routes(served) => !served.iter().any(|(_, found)| may_be_dead(found)),
            _ => false,
        }
}

/// What is told of an answer that comes of what an earlier object left, as far as the routes were read: its authorizer was asked, or
/// its key was missing. `None` where it comes of anything else.
#[must_use]
pub fn answered(wanted: &Wanted<'_>, inputs: &Inputs<'_>, verdict: &Verdict) -> Option<String> {
    let routes = Routes::of(wanted, inputs)?;
    match verdict {
        Verdict::AuthorizerFirst { status, said } if routes.probes_left_behind() => {
            Some(words_of_earlier::answered_by_left_behind(*status, Some(said)))
        }
        // An authorizer whose function is gone cannot be asked.
        Verdict::Reached {
            status: status @ 500..,
        }
        | Verdict::Ambiguous {
            status: status @ 500..,
            ..
        } if routes.probes_left_behind() => Some(words_of_earlier::answered_by_left_behind(*status, None)),
        Verdict::KeyMissing { status } if routes.key_left_behind().is_some() => {
            Some(words_of_earlier::key_of_left_behind_missing(*status))
        }
        _ => None,
    }
}

impl Routes<'_> {
    /// Whether the route that probes ask for asks an authorizer of an earlier object.
    fn probes_left_behind(&self) -> bool {
        let asked = self
            .probed_route()
            .and_then(|route| route.authorization.authorizer.as_ref());
        asked.is_some_and(|id| self.found.left_behind.contains_key(id))
    }

    /// What keeps a route that asks an authorizer of an earlier object.
    pub(super) fn standing_by_left_behind(&self, id: Option<&str>) -> Option<Standing> {
        let id = id.filter(|id| self.found.left_behind.contains_key(*id));
        id.map(|_| Standing::InTheWay(Reason::LeftBehind))
    }

    /// The key that routes ask for and an earlier object left: as its deployment tells, or where keys of earlier objects alone open
    /// the stage.
    pub(in crate::domain::access) fn key_left_behind(&self) -> Option<KeyLeftBehind> {
        let by_plans = || {
            let others = &self.inputs.api_key.present()?.others;
            KeyLeftBehind::of(others).filter(|left| *left != KeyLeftBehind::Dead)
        };
        self.found.key_left_behind.clone().or_else(by_plans)
    }

    /// ARNs of the functions of earlier objects that routes ask.
    pub(super) fn functions_left_behind(&self) -> Vec<&str> {
        let arns = self.found.left_behind.values().filter_map(|found| match found {
            LeftBehind::Serving { function_arn } => Some(function_arn.as_str()),
            LeftBehind::Dead => None,
        });
        arns.collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::access::asked::Deployment;
    use crate::domain::access::asked::as_deployed::Served;
    use crate::domain::access::asked::carried::Carried;
    use std::collections::BTreeMap;

    #[test]
    fn what_a_deployment_does_not_name_may_be_any_authorizer() {
        let served = |kind: &str, authorizer: Option<&str>| {
            let asked = Authorization {
                kind: kind.to_owned(),
                authorizer: authorizer.map(ToOwned::to_owned),
                api_key_required: false,
            };
            Deployed::Routes(Served::of(&Deployment {
                id: "d".to_owned(),
                description: String::new(),
                routes: Carried::told(BTreeMap::from([("GET /".to_owned(), asked)])),
            }))
        };
        let stage = Stage {
            deployment: Some("d".to_owned()),
            auto_deploy: false,
            said: None,
            canary: None,
            web_acl: None,
        };
        let dead = ["a1".to_owned()];
        let header = Proof::Header("x-origin-verify".to_owned());
        let none = |deployed: &Deployed, proof: &Proof| serves_none(&stage, deployed, proof, &dead);
        for proof in [&Proof::Signature, &Proof::Key, &header] {
            assert!(none(&Deployed::Nothing, proof));
            assert!(none(&served("AWS_IAM", None), proof));
            assert!(none(&served(CUSTOM, Some("a2")), proof));
            assert!(!none(&served(CUSTOM, Some("a1")), proof));
            assert!(!none(&served(CUSTOM, Some(UNTOLD)), proof));
            assert_eq!(none(&served(CUSTOM, None), proof), *proof == header);
            assert!(!none(&Deployed::Unknown(String::new()), proof));
        }
    }
}
