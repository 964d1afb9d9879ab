//! The conditions that speak of who may call the API, taken together: what they mean for `Ready`, and what else is told of them.

use super::conditions::{Pass, Verdict, brief, types};
use super::doors::{let_in_besides_the_signer, ways_around};
use super::enforcement::{OPENS_NOTHING, is_only_observed};
use super::proven::proven;
use super::restricted::{restricted, still_asked};
use super::way_back;
use crate::domain::access::lock::KINDS;
use crate::domain::access::probe::Way;
use crate::domain::kernel::reason::Reason;
use crate::domain::mutual_tls::KINDS as OF_MUTUAL_TLS;
use crate::domain::perimeter::observed::Observed;

/// `AccessRestricted`, `ViewerAccessVerified` and `DirectAccessBlocked`.
pub(super) fn verdicts(pass: &Pass<'_>) -> [Verdict; 3] {
    let restricted = restricted(pass);
    let viewer = proven(pass, types::VIEWER_ACCESS_VERIFIED, Way::Viewer, &restricted);
    let direct = proven(pass, types::DIRECT_ACCESS_BLOCKED, Way::Direct, &restricted);
    [restricted, viewer, direct]
}

/// Whether a condition may be as it is without holding `Ready` back: the user chose so, or no probe can prove it.
pub(super) fn is_optional(pass: &Pass<'_>, verdicts: &[Verdict], verdict: &Verdict) -> bool {
    let Some(access) = pass.access() else { return false };
    let is_observed = is_only_observed(pass);
    if is_beyond_proof(verdict) || lacks_only_proof(verdicts, verdict) {
        return true;
    }
    match verdict.is {
        // Under mutual TLS all is built, whatever is enforced: what keeps it from that counts.
        types::ACCESS_RESTRICTED if is_by_certificate(pass) => {
            is_observed && verdict.reason == Reason::Open && way_back::stage(pass).is_none()
        }
        types::ACCESS_RESTRICTED => is_observed,
        types::DIRECT_ACCESS_BLOCKED => is_observed || !access.probes,
        types::VIEWER_ACCESS_VERIFIED => !access.probes,
        _ => false,
    }
}

/// Whether the API is to be locked by mutual TLS.
fn is_by_certificate(pass: &Pass<'_>) -> bool {
    pass.desired.is_some_and(|desired| desired.mutual_tls.is_some())
}

/// Whether no probe of ours can prove what the condition says.
fn is_beyond_proof(verdict: &Verdict) -> bool {
    let is_beyond = matches!(
        verdict.reason,
        Reason::AuthorizerBeforeProof | Reason::NothingToProbe
    );
    is_beyond && verdict.status == "Unknown"
}

/// Whether the lock was read to stand and viewers were seen to get in, and no answer past the perimeter can be told from a
/// refusal: that proof alone is missing.
fn lacks_only_proof(verdicts: &[Verdict], verdict: &Verdict) -> bool {
    let holds = |is: &str| {
        let mut of = verdicts.iter().filter(|verdict| verdict.is == is);
        of.any(|verdict| verdict.status == "True")
    };
    let is_doubtful = matches!(
        verdict.reason,
        Reason::ProbeAmbiguous | Reason::StageWebAclInTheWay
    );
    verdict.is == types::DIRECT_ACCESS_BLOCKED
        && verdict.status == "Unknown"
        && is_doubtful
        && holds(types::ACCESS_RESTRICTED)
        && holds(types::VIEWER_ACCESS_VERIFIED)
}

/// What is ready, in a sentence.
pub(super) fn stands(pass: &Pass<'_>, verdicts: &[Verdict]) -> String {
    let Some(access) = pass.access() else {
        return "all stands as declared".to_owned();
    };
    let domain = pass.observed.and_then(Observed::domain_name);
    let domain = domain.unwrap_or("its distribution");
    let stage = format!("stage {} of API {}", access.gate.stage, access.gate.api_id);
    let find = |is: &str| verdicts.iter().find(|verdict| verdict.is == is);
    let holds = |is: &str| find(is).is_some_and(|verdict| verdict.status == "True");
    let restricted = find(types::ACCESS_RESTRICTED).map(|verdict| verdict.status);
    match restricted {
        Some("True") if holds(types::VIEWER_ACCESS_VERIFIED) && holds(types::DIRECT_ACCESS_BLOCKED) => {
            format!("{stage} is locked behind {domain}, and both ways are proven")
        }
        Some("True") => format!("{stage} is locked behind {domain}"),
        Some("False") => format!("{stage} is served through {domain}, and is not locked"),
        _ => {
            format!("{stage} is served through {domain}, and AccessRestricted says what is known of its lock")
        }
    }
}

/// What a person must know of an object that is Ready.
pub(super) fn caveats(pass: &Pass<'_>, verdicts: &[Verdict]) -> Vec<String> {
    let is_open = verdicts
        .iter()
        .any(|verdict| verdict.is == types::ACCESS_RESTRICTED && verdict.status != "True");
    let is_observed = is_only_observed(pass);
    let is_unproven = pass.access().is_some_and(|access| !access.probes);
    let mut caveats = Vec::new();
    if is_open {
        let why =
            "spec.access.enforcement is Observe: whoever knows the API's own address can call it directly";
        caveats.push(why.to_owned());
    } else if is_observed {
        caveats.push(OPENS_NOTHING.to_owned());
    }
    if is_unproven {
        caveats.push("nothing is proven, since spec.probes is Disabled".to_owned());
    }
    if verdicts.iter().any(|verdict| lacks_only_proof(verdicts, verdict)) {
        let why = "no probe past the perimeter can prove that the API refuses others, though it was read to do so; \
                   DirectAccessBlocked says why";
        caveats.push(why.to_owned());
    }
    if let Some(verdict) = verdicts.iter().find(|verdict| is_beyond_proof(verdict)) {
        let why = match verdict.reason {
            Reason::NothingToProbe => {
                "no probe can prove all of it: no method that lets the perimeter in may be asked for without changing anything; ViewerAccessVerified says more"
            }
            _ if is_open => {
                "no probe can prove that viewers get in: the API's own authorizers answer it, unless spec.access.probe says what they accept"
            }
            _ => {
                "no probe can prove it: the API's own authorizers are asked before the perimeter's key, unless spec.access.probe says what they accept"
            }
        };
        caveats.push(why.to_owned());
    }
    caveats.extend(let_in_besides_the_signer(pass).map(|told| format!("the API lets in {told}")));
    caveats.extend(still_asked(pass));
    caveats.extend(ways_around(pass));
    caveats
}

/// What a probe has disproved, or cannot prove, and another door that stands open, while nothing is under way that could mend it: only a
/// person can help.
pub(super) fn disproved(pass: &Pass<'_>, verdicts: &[Verdict]) -> Option<(Reason, String)> {
    let is_open_door =
        |verdict: &Verdict| verdict.is == types::ACCESS_RESTRICTED && verdict.reason == Reason::OtherDoorOpen;
    let is_proof = |verdict: &Verdict| {
        matches!(
            verdict.is,
            types::VIEWER_ACCESS_VERIFIED | types::DIRECT_ACCESS_BLOCKED
        ) || is_open_door(verdict)
    };
    let mut kinds = KINDS.iter().chain(&OF_MUTUAL_TLS);
    let is_final = pass.access().is_some() && !kinds.any(|kind| pass.plan.concerns(*kind));
    let is_disproved = |verdict: &Verdict| match verdict.status {
        "False" => verdict.reason != Reason::ProbeFailed,
        "Unknown" => needs_person(verdict.reason),
        _ => false,
    };
    let mut wanted = verdicts
        .iter()
        .filter(|verdict| is_proof(verdict) && !is_optional(pass, verdicts, verdict));
    let found = wanted.find(|verdict| is_disproved(verdict))?;
    is_final.then(|| {
        let message = format!("{}: {}", found.is, found.message);
        (found.reason, brief(found.is, &message, found.remedy.as_ref()))
    })
}

/// Whether a probe goes on proving nothing until a person has changed something.
fn needs_person(reason: Reason) -> bool {
    matches!(
        reason,
        Reason::ProbeAmbiguous
            | Reason::ProbeHeaderRefused
            | Reason::ProbeOnPrivateNetwork
            | Reason::ProbePathNotFound
            | Reason::ProbeSecretUnreadable
            | Reason::StageWebAclInTheWay
    )
}
