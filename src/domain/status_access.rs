//! The conditions that speak of who may call the API: what its doors ask for, and what probes prove.

use super::plan::Kind;
use super::probe::{Verdict as Answer, Way};
use super::reason::Reason;
use super::resources::access::Desired;
use super::resources::access_paths::direct_path;
use super::resources::access_plan::Doors;
use super::resources::access_proof::Proof;
use super::resources::access_words::{listed, not_proven, said};
use super::resources::as_deployed::Deployed;
use super::status::{Mode, Pass, Verdict, group, repeated, types};
use super::status_doors::{accepted, besides, is_exclusive};
use crate::api::Enforcement;

/// The kinds by which the API is locked.
const KINDS: [Kind; 3] = [Kind::ApiKey, Kind::Authorizer, Kind::Access];

/// `AccessRestricted`, `ViewerAccessVerified` and `DirectAccessBlocked`.
pub(super) fn verdicts(pass: &Pass<'_>) -> [Verdict; 3] {
    [
        restricted(pass),
        proven(pass, types::VIEWER_ACCESS_VERIFIED, Way::Viewer),
        proven(pass, types::DIRECT_ACCESS_BLOCKED, Way::Direct),
    ]
}

/// Whether the condition `is` may be false without holding `Ready` back: the user chose so.
pub(super) fn is_optional(pass: &Pass<'_>, is: &str) -> bool {
    let Some(access) = pass.access() else { return false };
    let is_observed = access.enforcement == Enforcement::Observe;
    match is {
        types::ACCESS_RESTRICTED => is_observed,
        types::DIRECT_ACCESS_BLOCKED => is_observed || !access.probes,
        types::VIEWER_ACCESS_VERIFIED => !access.probes,
        _ => false,
    }
}

/// What a person must know of an object that is Ready.
pub(super) fn caveats(pass: &Pass<'_>, verdicts: &[Verdict]) -> Vec<&'static str> {
    let is_open = verdicts
        .iter()
        .any(|verdict| verdict.is == types::ACCESS_RESTRICTED && verdict.status != "True");
    let is_unproven = pass.access().is_some_and(|access| !access.probes);
    let mut caveats = Vec::new();
    if is_open {
        caveats.push("the API is not locked, since spec.access.enforcement is Observe: whoever knows its own address can call it directly");
    }
    if is_unproven {
        caveats.push("nothing is proven, since spec.probes is Disabled");
    }
    caveats
}

/// What a probe has disproved while nothing is under way that could mend it: only a person can help.
pub(super) fn disproved(pass: &Pass<'_>, verdicts: &[Verdict]) -> Option<(Reason, String)> {
    let is_proof = |is: &str| is == types::VIEWER_ACCESS_VERIFIED || is == types::DIRECT_ACCESS_BLOCKED;
    let is_final = pass.access().is_some() && !KINDS.iter().any(|kind| pass.plan.concerns(*kind));
    let mut verdicts = verdicts
        .iter()
        .filter(|verdict| is_proof(verdict.is) && !is_optional(pass, verdict.is));
    let found =
        verdicts.find(|verdict| verdict.status == "False" && verdict.reason != Reason::ProbeFailed)?;
    is_final.then(|| (found.reason, format!("{}: {}", found.is, found.message)))
}

fn restricted(pass: &Pass<'_>) -> Verdict {
    let is = types::ACCESS_RESTRICTED;
    match pass.mode {
        Mode::Delete | Mode::DeleteSuspended => {
            return Verdict::unknown(
                is,
                Reason::Deleting,
                "a lock stays on the API; docs/access-modes.md says how to open it again",
            );
        }
        Mode::Apply | Mode::Suspended => {}
    }
    match pass.access() {
        Some(access) if access.enforcement == Enforcement::Observe => observed(pass, access),
        Some(access) => rotating(pass).unwrap_or_else(|| group(pass, is, &KINDS, &locked(pass, access))),
        None => group(pass, is, &KINDS, ""),
    }
}

/// The lock stands while its secret value is replaced.
fn rotating(pass: &Pass<'_>) -> Option<Verdict> {
    let waits = &pass.plan.waits;
    let wait = waits.iter().find(|wait| wait.reason == Reason::Rotating)?;
    let is_troubled = pass
        .plan
        .problems
        .iter()
        .any(|problem| KINDS.contains(&problem.id.kind))
        || pass
            .failures
            .iter()
            .any(|failure| failure.id.as_ref().is_some_and(|id| KINDS.contains(&id.kind)));
    let message = format!(
        "{}; its value is being replaced: {}",
        locked(pass, pass.access()?),
        wait.message
    );
    (!is_troubled).then(|| Verdict::yes(types::ACCESS_RESTRICTED, Reason::Rotating, message))
}

fn locked(pass: &Pass<'_>, access: &Desired) -> String {
    let excluded: Vec<&String> = access.exclude.iter().collect();
    let but = if excluded.is_empty() {
        String::new()
    } else {
        format!(
            "; spec.access.excludeMethods leaves {} as they are",
            listed(&excluded)
        )
    };
    let shown = match &access.proof {
        Proof::Signature => accepted(access),
        Proof::Key => "requests with the perimeter's API key".to_owned(),
        Proof::Header(name) => format!("requests with the perimeter's secret in {name}"),
    };
    format!(
        "stage {} as deployed accepts only {shown}{but}{}",
        access.gate.stage,
        besides(pass)
    )
}

/// Under `Observe`: what stands open.
fn observed(pass: &Pass<'_>, access: &Desired) -> Verdict {
    let is = types::ACCESS_RESTRICTED;
    let doors = pass
        .desired
        .zip(pass.observed)
        .and_then(|(all, observed)| Doors::of(all, observed));
    let Some(doors) = doors else {
        return repeated(pass, is).unwrap_or_else(|| group(pass, is, &[Kind::Access], &locked(pass, access)));
    };
    if let Some(problem) = doors.nothing_to_lock().or_else(|| doors.open_canary()) {
        let message = format!("{}{}", problem.message, besides(pass));
        return Verdict::no(is, problem.reason, message);
    }
    let open = doors.open_as_deployed();
    if let (Deployed::Unknown(why), false) = (&doors.found.deployed, open.is_empty()) {
        let message = format!(
            "it cannot be told what stage {} asks for as deployed: {why}{}",
            access.gate.stage,
            besides(pass)
        );
        return Verdict::unknown(is, Reason::DeployedUnknown, message);
    }
    if open.is_empty() && !is_exclusive(access, pass.observed) {
        let message = format!(
            "of stage {} as deployed, every principal of the account may sign requests; set spec.access.enforcement to \
             Enforce to have only the signer's role let in{}",
            access.gate.stage,
            besides(pass)
        );
        return Verdict::no(is, Reason::Open, message);
    }
    if open.is_empty() {
        return Verdict::yes(is, Reason::Locked, locked(pass, access));
    }
    let message = format!(
        "of stage {} as deployed, these do not ask for the {}: {}; set spec.access.enforcement to Enforce to have it locked{}",
        access.gate.stage,
        access.proof.noun(),
        listed(&open),
        besides(pass)
    );
    Verdict::no(is, Reason::Open, message)
}

fn proven(pass: &Pass<'_>, is: &'static str, way: Way) -> Verdict {
    if pass.access().is_some_and(|access| !access.probes) {
        return Verdict::unknown(
            is,
            Reason::ProbesDisabled,
            "spec.probes is Disabled: nothing is proven by a request",
        );
    }
    let proof = pass.observed.and_then(|observed| observed.probes.get(&way));
    let (Some(proof), Some(access)) = (proof, pass.access()) else {
        let unknown = || Verdict::unknown(is, Reason::NotProbedYet, "no probe was sent yet");
        return repeated(pass, is).unwrap_or_else(unknown);
    };
    let url = url(pass, access, way).unwrap_or_default();
    match (way, proof) {
        (Way::Viewer, Answer::Reached { .. }) => {
            Verdict::yes(is, Reason::ViewerReached, format!("GET {url}: {}", said(proof)))
        }
        (Way::Viewer, answer) => {
            let (reason, message) = not_proven(&access.proof, answer);
            Verdict::no(is, reason, format!("GET {url}: {message}"))
        }
        (Way::Direct, Answer::Refused { .. }) => Verdict::yes(
            is,
            Reason::DirectRefused,
            format!("GET {url} without any proof: {}", said(proof)),
        ),
        (Way::Direct, Answer::Reached { .. }) => Verdict::no(
            is,
            Reason::DirectAccessOpen,
            format!("GET {url} without any proof: {}; this door is open", said(proof)),
        ),
        (Way::Direct | Way::Next, proof) => Verdict::unknown(
            is,
            Reason::ProbeFailed,
            format!("GET {url} without any proof proves nothing: {}", said(proof)),
        ),
    }
}

fn url(pass: &Pass<'_>, access: &Desired, way: Way) -> Option<String> {
    let observed = pass.observed?;
    let path = observed.probe_path(access)?;
    Some(match way {
        Way::Viewer => format!("https://{}{path}", observed.domain_name()?),
        Way::Direct | Way::Next => {
            format!("https://{}{}", access.gate.host, direct_path(&access.gate, &path))
        }
    })
}
