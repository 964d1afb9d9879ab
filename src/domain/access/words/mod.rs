//! What people are told of what keeps an API from being locked, or from being probed, and what to do.
//!
//! ```text
//!  words               what is in the way, and what helps
//!  words_of_stage      what a stage serves, or does not tell
//!  words_of_canary     a canary release that takes a share of the viewers
//!  words_of_earlier    what an earlier mode, header or object left
//!  words_of_held       a mode that goes on beside a client certificate
//!  words_of_lock       a cut-over: what is awaited, what was put back
//! ```

pub(super) mod words_of_canary;
pub(super) mod words_of_earlier;
pub(super) mod words_of_held;
pub mod words_of_lock;
pub(super) mod words_of_stage;

use super::asked::paths::viewers_path;
use super::authorization::Desired;
use super::proof::Proof;
use crate::api::{Enforcement, OriginType};
use crate::domain::kernel::words::joined;

pub use super::listing::{agreed, listed};

/// How routes may stay open behind a perimeter that no lock of the mode goes with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum LeftOpen {
    /// They are, under `Observe`.
    AsDeclared,
    /// By their names, beside others that are locked.
    ByName,
    /// Not by their names, since they are all that there is: nothing would be left to lock.
    AsAWhole,
}

/// What is so, and apart from it what to do.
pub(super) struct Told {
    pub so: String,
    pub remedy: Option<String>,
}

impl Told {
    pub(super) fn whole(&self) -> String {
        joined(&self.so, self.remedy.as_deref())
    }
}

/// Why routes that have an authorizer keep the API from being locked, and what to do. `is_held`: `proof` goes on while a change to
/// `SigV4` waits.
pub(super) fn authorizer_in_the_way(
    r#type: OriginType,
    proof: &Proof,
    routes: &[&str],
    left_open: LeftOpen,
    is_held: bool,
) -> Told {
    let (asks, remedy) = match (r#type, proof) {
        (OriginType::Rest, Proof::Key) => (
            "a signature of callers of their own, beside which API Gateway takes no request without one",
            "Set spec.access.mode to SigV4, which signs",
        ),
        (OriginType::Rest, Proof::Signature | Proof::Certificate) => (
            "an authorizer of their own, in whose place API Gateway would ask for the perimeter's proof",
            "Set spec.access.mode to ApiKey, which stands beside an authorizer",
        ),
        (OriginType::Rest, Proof::Header(_)) => (
            "an authorizer or a signature of their own, in whose place API Gateway would ask for the perimeter's proof",
            "Methods that ask for AWS_IAM go with spec.access.mode SigV4, which signs; methods with an authorizer with \
             spec.access.mode ApiKey, which stands beside it",
        ),
        (OriginType::Http | OriginType::WebSocket, Proof::Header(_)) => (
            "an authorizer or a signature of their own, in whose place API Gateway would ask for the perimeter's proof",
            "Routes that ask for AWS_IAM go with spec.access.mode SigV4; beside a JWT or Lambda authorizer no mode of this \
             version can lock an HTTP or WebSocket API",
        ),
        (OriginType::Http | OriginType::WebSocket, _) => (
            "a JWT or Lambda authorizer, in whose place API Gateway would ask for the perimeter's proof",
            "No mode of this version can lock an HTTP or WebSocket API beside one, since a route has one authorization and \
             takes no API key",
        ),
    };
    let (so, left_open) = match (left_open, proof) {
        (LeftOpen::AsDeclared, _) => ("", ""),
        (LeftOpen::ByName, Proof::Signature) => (
            NOTHING_MORE,
            ". To leave them open behind a perimeter, set the mode to SecretHeader, which leaves the viewer's Authorization \
             header to their authorizers, and name them in spec.access.excludeMethods, or set spec.access.enforcement to Observe",
        ),
        (LeftOpen::ByName, Proof::Key | Proof::Header(_) | Proof::Certificate) => (
            NOTHING_MORE,
            ". Or name them in spec.access.excludeMethods if viewers may go on calling them directly, or set \
             spec.access.enforcement to Observe for a perimeter that is only in front",
        ),
        (LeftOpen::AsAWhole, Proof::Signature) => (
            NOTHING,
            ". For a perimeter that is only in front, set spec.access.enforcement to Observe, and the mode to SecretHeader, which \
             leaves the viewer's Authorization header to their authorizers",
        ),
        (LeftOpen::AsAWhole, Proof::Key | Proof::Header(_) | Proof::Certificate) => (
            NOTHING,
            ". For a perimeter that is only in front, set spec.access.enforcement to Observe",
        ),
    };
    let remedy = if is_held {
        while_sigv4_waits(r#type, proof)
    } else {
        remedy.to_owned()
    };
    Told {
        so: format!("{so}these methods or routes ask {asks}: {}", listed(routes)),
        remedy: Some(format!("{remedy}{left_open}")),
    }
}

/// Which mode fits them while the mode of `proof` goes on, since a change to `SigV4` waits: the spec has that one already.
fn while_sigv4_waits(r#type: OriginType, proof: &Proof) -> String {
    let beside = match r#type {
        OriginType::Rest if *proof == Proof::Key => "",
        OriginType::Rest => {
            ". Methods with an authorizer go with spec.access.mode ApiKey, which stands beside it"
        }
        OriginType::Http | OriginType::WebSocket => {
            ". Beside a JWT or Lambda authorizer no mode of this version can lock an HTTP or WebSocket API"
        }
    };
    format!(
        "The change of spec.access.mode to SigV4 waits, and the mode {} goes on until it can be made{beside}",
        proof.mode()
    )
}

/// The modes that send no key, as a spec of another is to name them. While `ApiKey` goes on since a change to `SigV4` waits, the spec has
/// that one already.
pub(super) fn modes_without_key(is_held: bool) -> &'static str {
    if is_held {
        "SecretHeader (the change to SigV4 waits, and the mode ApiKey goes on until it can be made)"
    } else {
        "SigV4 or SecretHeader"
    }
}

/// Why a perimeter that stands does not begin to sign.
pub(super) fn tokens_in_the_way(r#type: OriginType, routes: &[&str]) -> Told {
    let modes = match r#type {
        OriginType::Rest => "SecretHeader or ApiKey, which leave",
        OriginType::Http | OriginType::WebSocket => "SecretHeader, which leaves",
    };
    Told {
        so: format!(
            "CloudFront does not begin to sign, since a signature takes the place of the viewer's Authorization header: {} own, \
             and who shows a token there would be refused through the perimeter",
            agreed(routes, "asks an authorizer of its", "ask an authorizer of their")
        ),
        remedy: Some(format!(
            "Set spec.access.mode back, or to {modes} that header as it is"
        )),
    }
}

/// The same, where behaviours of the distribution with these path patterns lead to the API without the signer.
pub(super) fn without_signer(patterns: &[String]) -> Told {
    let all = patterns.join(", ");
    Told {
        so: format!(
            "spec.access.mode: nothing begins to ask for a signature, since behaviours of the distribution lead to the API without the signer of the \
             default behavior: viewers of {all} would be refused"
        ),
        remedy: Some(format!(
            "Let the default behavior serve the paths of {all} in place of these behaviours. Or keep the mode that was there before \
             (spec.access.mode), or spec.access.enforcement: Observe where nothing is locked yet"
        )),
    }
}

/// Nothing keeps a change of the mode any more.
pub(super) fn change_goes_on(awaited: &Proof) -> String {
    format!(
        "no viewer would be refused by it any more, so the change to {} goes on",
        awaited.mode()
    )
}

/// Also of what is refused before anything is built, and of what is locked already.
const NOTHING_MORE: &str = "nothing is locked that is not locked already, since ";
const NOTHING: &str = "nothing can be locked, since ";

/// What would keep the API from being locked, told of one that is only observed.
#[must_use]
pub fn not_locked_by_enforce(why: &str) -> String {
    format!("with spec.access.enforcement Enforce nothing would be locked as the spec is: {why}")
}

pub(super) fn caller_credentials(desired: &Desired, routes: &[&str]) -> String {
    let setting = match desired.gate.r#type {
        OriginType::Rest => "InvokeRole: NONE in SAM",
        OriginType::Http | OriginType::WebSocket => "credentialsArn of the integration",
    };
    format!(
        "{} backend with the caller's credentials (arn:aws:iam::*:user/*), and behind the perimeter the caller is its \
         signer, whose role may call API {} and nothing else: each such request ends in 500. Take these credentials out of the \
         integrations ({setting}) and deploy that; spec.access.excludeMethods helps only callers who sign for \
         themselves past the perimeter",
        agreed(routes, "calls its", "call their"),
        desired.gate.api_id
    )
}

pub(super) fn api_key_in_the_way(routes: &[&str], is_held: bool) -> Told {
    let remedy = format!(
        "Set spec.access.mode to {}, unless there is an authorizer as well: beside both no mode fits. \
         Where an earlier ProtectedApi asked for the key and no usage plan has the stage any more, nobody can call them: \
         \"Open an API again by hand\" in docs/access-modes.md says how",
        modes_without_key(is_held)
    );
    Told {
        so: format!(
            "{NOTHING_MORE}{} callers for an API key, which CloudFront would overwrite with the perimeter's, so that anybody would get in",
            agreed(routes, "of the API asks its", "of the API ask their")
        ),
        remedy: Some(remedy),
    }
}

/// `asking`: the methods that ask an authorizer of the team's, in whose place no other mode may ask for its proof.
pub(super) fn keys_from_authorizer(asking: &[&str], left_open: LeftOpen, is_held: bool) -> String {
    let no_mode = format!(
        "No mode of this version can lock what asks an authorizer there: {}",
        listed(asking)
    );
    let remedy = match left_open {
        _ if asking.is_empty() => format!("Set spec.access.mode to {}", modes_without_key(is_held)),
        LeftOpen::AsDeclared => no_mode,
        LeftOpen::ByName => format!(
            "{no_mode}. For the others set the mode to SecretHeader, and name these in spec.access.excludeMethods; or set \
             spec.access.enforcement to Observe for a perimeter that is only in front"
        ),
        LeftOpen::AsAWhole => format!(
            "{no_mode}. For a perimeter that is only in front, set spec.access.enforcement to Observe"
        ),
    };
    format!(
        "the API takes keys from its authorizer (apiKeySource AUTHORIZER), not from the header that CloudFront sends; nothing \
         more is locked. {remedy}"
    )
}

pub(super) fn usage_plan_not_usable(desired: &Desired, id: &str) -> String {
    let gate = &desired.gate;
    format!(
        "spec.access.apiKey.usagePlanId: usage plan {id} in {} does not exist or does not have stage {} of {}; add the stage \
         to it, or leave the field out and a plan is made",
        gate.region, gate.stage, gate.api_id
    )
}

pub(super) fn open_to_all_accounts(statements: &[String]) -> String {
    format!(
        "the API's resource policy lets in callers of every AWS account who sign their requests: {}. Set \
         spec.access.sigV4.exclusive to true, and only the signer's role is let in; or name your account as Principal there \
         and deploy that",
        listed(statements)
    )
}

pub(super) fn untold_policy(stage: &str, why: &str) -> String {
    format!(
        "it cannot be told which resource policy stage {stage} serves, and one may let in callers of other AWS accounts who sign \
         their requests: {why}. Set spec.access.sigV4.exclusive to true, and only the signer's role is let in; it is looked at \
         again by itself"
    )
}

/// What is told where `excludeMethods` leaves nothing to lock. `lockable`: those that it names and that the mode could lock;
/// else `why_not`.
pub(super) fn all_excluded(desired: &Desired, lockable: &[&str], why_not: Option<&str>) -> String {
    let gate = &desired.gate;
    let remedy = match why_not {
        Some(why_not) if lockable.is_empty() => format!(
            "and mode {} could lock none of it: {why_not}. What a mode can lock is to be taken out of there as well",
            desired.proof.mode()
        ),
        _ => format!(
            "take out of there what should be locked; mode {} could lock {}",
            desired.proof.mode(),
            listed(lockable)
        ),
    };
    let observe = match desired.enforcement {
        Enforcement::Observe => "",
        Enforcement::Enforce => {
            ". For a perimeter that is only in front, set spec.access.enforcement to Observe"
        }
    };
    format!(
        "spec.access.excludeMethods leaves all of stage {} of {} as it is, so nothing of it is locked; {remedy}{observe}",
        gate.stage, gate.api_id
    )
}

pub(super) fn no_probe_path(desired: &Desired) -> String {
    match &desired.probe_path {
        Some(path) => format!(
            "{}; nothing more is locked. Write a path as viewers call it, such as {}, or set spec.access.cutOver to \
             AfterDeployed: then the API is locked by what is read of its deployment",
            leads_nowhere(desired, path),
            viewers_path(&desired.gate, "/pets")
        ),
        None => format!(
            "{}, so no probe can prove the way through the perimeter; nothing more is locked. Set \
             spec.access.cutOver to AfterDeployed, and the API is locked by what is read of its deployment; or add a method \
             that a GET reaches, and name its path in spec.origin.probePath",
            nothing_safe(desired, "the API as edited")
        ),
    }
}

/// Why no probe goes through the perimeter, though probes are wanted.
#[must_use]
pub fn nothing_to_probe(desired: &Desired) -> String {
    if let Some(path) = &desired.probe_path {
        return format!(
            "{}, so nothing is asked for; what was read of the API's methods is all that is known. Write a path as viewers \
             call it, such as {}",
            leads_nowhere(desired, path),
            viewers_path(&desired.gate, "/pets")
        );
    }
    let stage = &desired.gate.stage;
    let what = format!("the API, as edited and as stage {stage} serves it,");
    format!(
        "{}; what was read of it is all that is known",
        nothing_safe(desired, &what)
    )
}

/// That `api` has nothing that a probe may ask for.
fn nothing_safe(desired: &Desired, api: &str) -> String {
    if desired.gate.r#type == OriginType::WebSocket {
        return format!("{api} has no $connect route that is to be locked");
    }
    let what = format!(
        "{api} has no method that is to be locked and that may be asked for without changing anything (GET, HEAD or \
         OPTIONS)"
    );
    let path = &desired.gate.origin_path;
    let is_the_stage = *path == format!("/{}", desired.gate.stage);
    if path.is_empty() || is_the_stage {
        return what;
    }
    format!("below spec.origin.path ({path}) {what}")
}

fn leads_nowhere(desired: &Desired, path: &str) -> String {
    format!(
        "spec.origin.probePath: a GET of {path} leads to no method of stage {} that is to be locked",
        desired.gate.stage
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_signature_that_callers_show_is_named_beside_authorizers_in_each_mode_that_takes_no_such_request() {
        let header = Proof::Header("x-origin-verify".to_owned());
        for (proof, named) in [(Proof::Signature, false), (Proof::Key, true), (header, true)] {
            let told = |is_held| {
                let routes = ["GET /admin"];
                authorizer_in_the_way(OriginType::Rest, &proof, &routes, LeftOpen::ByName, is_held).whole()
            };
            let said = told(false);
            assert_eq!(said.contains("a signature"), named, "{proof:?}: {said}");
            assert_eq!(said.contains("SigV4, which signs"), named, "{proof:?}: {said}");
            let said = told(true);
            let goes_on = format!("the mode {} goes on", proof.mode());
            assert!(
                said.contains(&goes_on) && !said.contains("mode to SigV4, which"),
                "{said}"
            );
        }
    }

    #[test]
    fn no_mode_is_advised_that_the_spec_has_already_and_that_waits() {
        let of_customers = |is_held| api_key_in_the_way(&["GET /pets"], is_held).whole();
        let from_authorizer = |is_held| keys_from_authorizer(&[], LeftOpen::ByName, is_held);
        for said in [of_customers(false), from_authorizer(false)] {
            assert!(said.contains("mode to SigV4 or SecretHeader"), "{said}");
        }
        for said in [of_customers(true), from_authorizer(true)] {
            assert!(
                said.contains("mode to SecretHeader") && said.contains("ApiKey goes on"),
                "{said}"
            );
        }
    }
}
