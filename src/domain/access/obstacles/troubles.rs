//! What of the API itself keeps it from being locked, or makes a lock worth less.

use crate::api::OriginType;
use crate::domain::access::asked::as_deployed::Deployed;
use crate::domain::access::asked::{AWS_IAM, CONNECT, Route};
use crate::domain::access::proof::Proof;
use crate::domain::access::routes::Routes;
use crate::domain::access::waiting::{PROBE_RETRY, problem, waiting};
use crate::domain::access::words;
use crate::domain::access::words::words_of_stage;
use crate::domain::kernel::planning::{Problem, Wait};
use crate::domain::kernel::reason::Reason;
use std::time::Duration;

/// A policy that could not be read is asked for again this often.
const POLICY_RETRY: Duration = Duration::from_mins(5);

impl Routes<'_> {
    /// Nobody is let in by a default endpoint that is switched off, neither through the perimeter, unless that comes by another name.
    pub(in crate::domain::access) fn endpoint_off(&self) -> Option<Problem> {
        let is_left = self.inputs.is_on_the_way_back && self.inputs.is_by_certificate;
        let is_meant = self.is_behind_certificate() || is_left;
        // It may have been switched on since the routes were read.
        let is_off = self.found.is_endpoint_off && self.inputs.is_endpoint_off;
        (is_off && !is_meant).then(|| {
            let message = words_of_stage::endpoint_off(self.desired);
            problem(Reason::EndpointDisabled, message, None)
        })
    }

    /// A resource policy that lets in whoever signs, of whatever AWS account: a signature is no proof then.
    pub fn open_policy(&self) -> Option<Problem> {
        let is_asked = self.desired.proof == Proof::Signature && !self.is_narrowed();
        let named = self.open_to_all_accounts();
        (is_asked && !named.is_empty()).then(|| {
            let message = words::open_to_all_accounts(&named);
            problem(Reason::PolicyOpenToAllAccounts, message, None)
        })
    }

    /// The statements of such a policy, whatever proof is wanted.
    pub(in crate::domain::access) fn open_to_all_accounts(&self) -> Vec<String> {
        let policies = &self.found.policies;
        policies.open_to_all_accounts(&self.desired.gate.stage, &self.kept_keys())
    }

    /// Whether the resource policy is in force that lets in nobody but who should sign.
    fn is_narrowed(&self) -> bool {
        let others = self.inputs.other_signers;
        self.desired.exclusive.is_some()
            && super::policy_wanted::is_in_force(self.desired, self.found, others)
    }

    /// A resource policy of which it is not known what the stage serves: it may let in whoever signs.
    pub fn untold_policy(&self) -> Option<Problem> {
        let is_asked = self.desired.proof == Proof::Signature && !self.is_narrowed();
        let why = self.found.policies.not_told().filter(|_| is_asked)?;
        let message = words::untold_policy(&self.desired.gate.stage, why);
        Some(problem(Reason::DeployedUnknown, message, Some(POLICY_RETRY)))
    }

    /// Integrations that are called with the credentials of whoever signed the request. That is the signer, whose role may call
    /// the API and nothing else.
    pub(in crate::domain::access) fn caller_credentials(&self) -> Option<Problem> {
        let is_passed = |route: &&Route| route.passes_credentials_on() && route.authorization.kind == AWS_IAM;
        let kept = self.found.kept(self.desired).filter(is_passed);
        let passing: Vec<&str> = kept.map(|route| route.key.as_str()).collect();
        (self.desired.proof == Proof::Signature && !passing.is_empty()).then(|| {
            problem(
                Reason::CallerCredentials,
                words::caller_credentials(self.desired, &passing),
                None,
            )
        })
    }

    /// Why there is nothing that a lock could hold on to: nobody may then be told that the API is locked.
    pub fn nothing_to_lock(&self) -> Option<Problem> {
        let served = match &self.found.deployed {
            Deployed::Nothing => {
                let message =
                    words_of_stage::nothing_deployed(self.desired, self.found.stage.said.as_deref());
                return Some(problem(Reason::StageNotDeployed, message, None));
            }
            Deployed::Routes(served) => Some(served),
            Deployed::CutShort(_) => return None,
            Deployed::LockedOtherwise(_) | Deployed::Outdated(_) | Deployed::Unknown(_) => None,
        };
        let is_served = served.is_some_and(|served| served.iter().any(|(key, _)| self.is_kept(key)));
        if is_served || self.found.kept(self.desired).next().is_some() {
            return None;
        }
        let is_web_socket = self.desired.gate.r#type == OriginType::WebSocket;
        Some(if is_web_socket && !self.desired.exclude.contains(CONNECT) {
            problem(
                Reason::NoConnectRoute,
                words_of_stage::no_connect_route(self.desired),
                None,
            )
        } else {
            let excluded = self.all_excluded();
            let field = excluded
                .is_some()
                .then(|| "spec.access.excludeMethods".to_owned());
            let message = excluded.unwrap_or_else(|| words_of_stage::no_method_yet(self.desired));
            Problem {
                field,
                ..problem(Reason::NothingToLock, message, None)
            }
        })
    }

    /// What was read is not whole: a lock by it would leave out what is missing.
    pub(in crate::domain::access) fn cut_short(&self) -> Option<Wait> {
        let Deployed::CutShort(why) = &self.found.deployed else {
            return None;
        };
        let message = words_of_stage::cut_short(self.desired, why);
        Some(waiting(Reason::DeployedUnknown, message, PROBE_RETRY))
    }
}
