//! The conditions that speak of who may call the API: what its routes ask for, and what probes prove.

use super::conditions::{Mode, Pass, Verdict, before_refusal, group, repeated, said_last, types};
use super::doors::{accepted, besides, is_exclusive, let_in_besides_the_signer, ways_around};
use super::meanwhile::{is_awaited, locked_meanwhile};
use super::unseen::{gone, open_while_suspended, told_gone, unless_overdue, unreadable, while_deleting};
use crate::api::Enforcement;
use crate::domain::access::as_deployed::Deployed;
use crate::domain::access::at_the_edge::{DEPLOYING, is_telling};
use crate::domain::access::authorization;
use crate::domain::access::excluded::StillAsked;
use crate::domain::access::inputs::Inputs;
use crate::domain::access::left_behind;
use crate::domain::access::lock::KINDS;
use crate::domain::access::lock::Routes;
use crate::domain::access::probe::{Verdict as Answer, Way};
use crate::domain::access::probing::{may_be_asked, probed, url};
use crate::domain::access::proof::Proof;
use crate::domain::access::verdicts::{direct_unknown, not_proven, said};
use crate::domain::access::words::{
    agreed, listed, not_locked_by_enforce, nothing_to_probe as nothing_to_probe_words,
};
use crate::domain::kernel::planning::{Id, Kind};
use crate::domain::kernel::reason::Reason;
use crate::domain::perimeter::desired::Desired;
use crate::domain::perimeter::observed::Observed;

/// `AccessRestricted`, `ViewerAccessVerified` and `DirectAccessBlocked`.
pub(super) fn verdicts(pass: &Pass<'_>) -> [Verdict; 3] {
    [
        restricted(pass),
        proven(pass, types::VIEWER_ACCESS_VERIFIED, Way::Viewer),
        proven(pass, types::DIRECT_ACCESS_BLOCKED, Way::Direct),
    ]
}

/// Whether a condition may be as it is without holding `Ready` back: the user chose so, or no probe can prove it.
pub(super) fn is_optional(pass: &Pass<'_>, verdicts: &[Verdict], verdict: &Verdict) -> bool {
    let Some(access) = pass.access() else { return false };
    let is_observed = access.enforcement == Enforcement::Observe;
    if is_beyond_proof(verdict) || lacks_only_proof(verdicts, verdict) {
        return true;
    }
    match verdict.is {
        types::ACCESS_RESTRICTED => is_observed,
        types::DIRECT_ACCESS_BLOCKED => is_observed || !access.probes,
        types::VIEWER_ACCESS_VERIFIED => !access.probes,
        _ => false,
    }
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
    let is_observed = pass
        .access()
        .is_some_and(|access| access.enforcement == Enforcement::Observe);
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
                "no probe can prove all of it: no method may be asked for without changing anything; ViewerAccessVerified says more"
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

/// Under `Observe`, of an API that is locked.
const OPENS_NOTHING: &str = "spec.access.enforcement is Observe, which leaves that lock as it is and does not mend it: \
                             docs/access-modes.md says how to open the API";

/// What a probe has disproved, or cannot prove, while nothing is under way that could mend it: only a person can help.
pub(super) fn disproved(pass: &Pass<'_>, verdicts: &[Verdict]) -> Option<(Reason, String)> {
    let is_proof = |is: &str| is == types::VIEWER_ACCESS_VERIFIED || is == types::DIRECT_ACCESS_BLOCKED;
    let is_final = pass.access().is_some() && !KINDS.iter().any(|kind| pass.plan.concerns(*kind));
    let is_disproved = |verdict: &Verdict| match verdict.status {
        "False" => verdict.reason != Reason::ProbeFailed,
        "Unknown" => needs_person(verdict.reason),
        _ => false,
    };
    let mut wanted = verdicts
        .iter()
        .filter(|verdict| is_proof(verdict.is) && !is_optional(pass, verdicts, verdict));
    let found = wanted.find(|verdict| is_disproved(verdict))?;
    is_final.then(|| (found.reason, format!("{}: {}", found.is, found.message)))
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

fn restricted(pass: &Pass<'_>) -> Verdict {
    let is = types::ACCESS_RESTRICTED;
    match pass.mode {
        Mode::Delete | Mode::DeleteSuspended => {
            return Verdict::unknown(
                is,
                Reason::Deleting,
                "what of the API is locked stays so; docs/access-modes.md says how to open it again",
            );
        }
        Mode::Apply | Mode::Suspended => {}
    }
    if let Some(gone) = gone(pass) {
        return Verdict::no(is, gone.reason, told_gone(&gone));
    }
    unless_overdue(pass, as_read(pass))
}

/// What is said of the API's routes by what was read of them, now or before, and by how it answers.
fn as_read(pass: &Pass<'_>) -> Verdict {
    let is = types::ACCESS_RESTRICTED;
    match pass.access() {
        Some(access) if access.enforcement == Enforcement::Observe => observed(pass, access),
        Some(access) => {
            let mut read = rotating(pass).unwrap_or_else(|| group(pass, is, &KINDS, &locked(pass, access)));
            if read.reason == Reason::DeployedUnknown {
                read.status = "Unknown";
            }
            read = locked_meanwhile(pass, &read).unwrap_or(read);
            read = unreadable(pass, access, &read).unwrap_or(read);
            read = open_while_suspended(pass, &read).unwrap_or(read);
            let answered = answered_past_the_perimeter(pass, access).filter(|_| read.status == "True");
            answered.map_or(read, |answered| {
                Verdict::no(is, Reason::DirectAccessOpen, answered)
            })
        }
        None => {
            let refused = before_refusal(pass, is).filter(|_| pass.stood.is_none());
            let read = refused.unwrap_or_else(|| group(pass, is, &KINDS, ""));
            let access = pass.stood.map(|(all, _)| &all.access);
            let answered = access.and_then(|access| answered_past_the_perimeter(pass, access));
            match answered.filter(|_| read.status == "True") {
                Some(answered) => Verdict::no(is, Reason::DirectAccessOpen, answered),
                None => read,
            }
        }
    }
}

/// What a probe past the perimeter was answered that let it in, whatever was read of the deployment.
fn answered_past_the_perimeter(pass: &Pass<'_>, access: &authorization::Desired) -> Option<String> {
    let observed = pass.observed.or(pass.stood.map(|(_, observed)| observed));
    let answer = observed?.probes.get(&Way::Direct)?;
    is_open(Way::Direct, answer).then(|| {
        format!(
            "stage {} was read to be locked, but a request without any proof past the perimeter got in: {}. See \
             DirectAccessBlocked",
            access.gate.stage,
            said(answer)
        )
    })
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

/// What excluded routes ask for of an earlier mode or header, as far as that was read.
fn still_asked(pass: &Pass<'_>) -> Option<String> {
    let (all, observed) = pass.desired.zip(pass.observed)?;
    let (declared, inputs) = (all.of_access(), observed.access_inputs(all));
    let told = Routes::of(&declared, &inputs)?.still_asked();
    let told: Vec<String> = told.iter().map(StillAsked::told).collect();
    (!told.is_empty()).then(|| told.join("; "))
}

fn locked(pass: &Pass<'_>, access: &authorization::Desired) -> String {
    let excluded: Vec<&String> = access.exclude.iter().collect();
    let but = if excluded.is_empty() {
        String::new()
    } else if names_unknown_methods(pass, access) {
        format!(
            "; it leaves as they are those methods of spec.access.excludeMethods that the API has{WAS_LOCKED}"
        )
    } else {
        format!(
            "; spec.access.excludeMethods leaves {}{WAS_LOCKED}",
            agreed(&excluded, "as it is", "as they are")
        )
    };
    let shown = match &access.proof {
        Proof::Signature => accepted(access),
        Proof::Key => "requests with the perimeter's API key".to_owned(),
        Proof::Header(name) => format!("requests with the perimeter's secret in {name}"),
    };
    let still_asked = still_asked(pass).map(|told| format!("; {told}"));
    let beside = let_in_besides_the_signer(pass).map(|told| format!("; it lets in {told}"));
    format!(
        "stage {} as deployed accepts only {shown}{}{but}{}{}",
        access.gate.stage,
        beside.unwrap_or_default(),
        still_asked.unwrap_or_default(),
        besides(pass)
    )
}

/// What is so of every excluded method, whether or not it was read now what that asks for.
const WAS_LOCKED: &str = ": what was locked before stays locked";

/// Whether the API does not have all methods that are excluded, as read now or when it was last.
fn names_unknown_methods(pass: &Pass<'_>, access: &authorization::Desired) -> bool {
    if let Some(found) = pass.observed.and_then(|observed| observed.access.present()) {
        return !found.unknown_exclusions(access).is_empty();
    }
    let mut notes = pass.previous.notes.iter();
    notes.any(|note| note.reason == Reason::ExcludedMethodUnknown.as_str())
}

/// Under `Observe`: what stands open.
fn observed(pass: &Pass<'_>, access: &authorization::Desired) -> Verdict {
    let is = types::ACCESS_RESTRICTED;
    let looked_at = pass.desired.zip(pass.observed);
    let looked_at = looked_at.map(|(all, observed)| (all.of_access(), observed.access_inputs(all)));
    let routes = looked_at.as_ref();
    let routes = routes.and_then(|(declared, inputs)| Routes::of(declared, inputs));
    let Some(routes) = routes else {
        return repeated(pass, is).unwrap_or_else(|| observed_before(pass, is, access));
    };
    if let Some(problem) = routes.nothing_to_lock().or_else(|| routes.open_canary()) {
        let message = format!("{}{}", problem.whole(), besides(pass));
        return Verdict::no(is, problem.reason, message);
    }
    let open = routes.open_routes();
    if let (Deployed::Unknown(why) | Deployed::CutShort(why), false) =
        (&routes.found.deployed, open.is_empty())
    {
        let message = format!(
            "it cannot be told what stage {} asks for as deployed: {why}{}",
            access.gate.stage,
            besides(pass)
        );
        return Verdict::unknown(is, Reason::DeployedUnknown, message);
    }
    if let Some(problem) = routes
        .untold_policy()
        .filter(|_| open.is_empty() && routes.open_policy().is_none())
    {
        let message = format!("{}{}", problem.whole(), besides(pass));
        return Verdict::unknown(is, problem.reason, message);
    }
    if let Some(problem) = routes.open_policy().filter(|_| open.is_empty()) {
        return Verdict::no(
            is,
            problem.reason,
            format!("{}{}", problem.whole(), besides(pass)),
        );
    }
    if open.is_empty() && !is_exclusive(access, pass.observed) {
        let message = format!(
            "of stage {} as deployed, every principal of the account may sign requests; {}{}",
            access.gate.stage,
            to_lock(&routes, "only the signer's role let in"),
            besides(pass)
        );
        return Verdict::no(is, Reason::Open, message);
    }
    // Where each route asks for a key, callers with a key of their own pass it.
    if let Some(problem) = routes.in_the_way().filter(|_| open.is_empty()) {
        let message = format!("{}{}", problem.whole(), besides(pass));
        return Verdict::no(is, problem.reason, message);
    }
    if open.is_empty() {
        let message = format!("{}; {OPENS_NOTHING}", locked(pass, access));
        return Verdict::yes(is, Reason::Locked, message);
    }
    let message = format!(
        "of stage {} as deployed, these do not ask for the {}: {}; {}{}",
        access.gate.stage,
        access.proof.noun(),
        listed(&open),
        to_lock(&routes, "it locked"),
        besides(pass)
    );
    Verdict::no(is, Reason::Open, message)
}

/// Under `Observe`, where nothing was read of the stage: what was, where the edit leaves `spec.access` as it was then. What was
/// not read nobody calls locked.
fn observed_before(pass: &Pass<'_>, is: &'static str, access: &authorization::Desired) -> Verdict {
    let hash = authorization::hash_of(access);
    let was_read = pass
        .observed
        .is_some_and(|observed| observed.pass.was_wanted(&Id::of(Kind::Access), &hash));
    let before = said_last(pass, is).filter(|_| was_read);
    before.unwrap_or_else(|| match group(pass, is, &[Kind::Access], "") {
        read if read.status == "True" => Verdict::unknown(is, Reason::InProgress, "not looked at yet"),
        read => read,
    })
}

/// What has `wanted` of what is only observed; or what would keep that from being done, and which mode fits.
fn to_lock(routes: &Routes<'_>, wanted: &str) -> String {
    routes.would_be_refused().map_or_else(
        || format!("set spec.access.enforcement to Enforce to have {wanted}"),
        |problem| not_locked_by_enforce(&problem.whole()),
    )
}

fn proven(pass: &Pass<'_>, is: &'static str, way: Way) -> Verdict {
    if matches!(pass.mode, Mode::Delete | Mode::DeleteSuspended) {
        return while_deleting(pass, is);
    }
    if pass.access().is_some_and(|access| !access.probes) {
        return Verdict::unknown(
            is,
            Reason::ProbesDisabled,
            "spec.probes is Disabled: nothing is proven by a request",
        );
    }
    if let Some(gone) = gone(pass) {
        let message = format!("{}, so nothing answers: AccessRestricted says more", gone.what);
        return match way {
            Way::Viewer => Verdict::no(is, gone.reason, message),
            Way::Direct | Way::Next => Verdict::unknown(is, gone.reason, message),
        };
    }
    let looked_at = pass.desired.zip(pass.observed).or(pass.stood);
    let Some((all, observed)) = looked_at else {
        return before_refusal(pass, is).unwrap_or_else(|| lapsed(not_probed(pass, is), way));
    };
    let (declared, inputs) = (all.of_access(), observed.access_inputs(all));
    if observed.failed.contains(&Kind::Access) && probed(&declared, &inputs).is_none() {
        return Verdict::unknown(is, Reason::NotProbedYet, NOTHING_READ);
    }
    let Some(proof) = observed.probes.get(&way) else {
        return put_back(observed, is)
            .or_else(|| nothing_to_probe(all, observed, is, way))
            .or_else(|| until_deployed(pass, &inputs, is, way))
            .unwrap_or_else(|| unprobed(pass, all, observed, is, way));
    };
    if let Some(trouble) = observed.token.trouble.as_ref().filter(|_| !is_open(way, proof)) {
        return Verdict::unknown(is, Reason::ProbeSecretUnreadable, trouble);
    }
    if let Some(known) = known_left_behind(pass, observed, is, proof) {
        return known;
    }
    let url = url(&declared, &inputs, way).unwrap_or_default();
    match way {
        Way::Viewer => viewer(all, observed, is, &url, proof),
        Way::Direct | Way::Next => direct(pass, all, observed, is, &url, proof),
    }
}

/// Whose authorizer or key an answer comes of is known by the routes: until they are read again, what was read counts.
fn known_left_behind(
    pass: &Pass<'_>,
    observed: &Observed,
    is: &'static str,
    proof: &Answer,
) -> Option<Verdict> {
    let may_be = matches!(
        proof,
        Answer::AuthorizerFirst { .. }
            | Answer::KeyMissing { .. }
            | Answer::Reached { status: 500.. }
            | Answer::Ambiguous { status: 500.., .. }
    );
    let known = repeated(pass, is).filter(|known| known.reason == Reason::LeftBehind);
    known.filter(|_| may_be && observed.access.present().is_none())
}

/// Whether a probe showed the way past the perimeter open, whatever it lacked.
fn is_open(way: Way, proof: &Answer) -> bool {
    way == Way::Direct && matches!(proof, Answer::Reached { .. } | Answer::KeyMissing { .. })
}

/// Why nothing can be probed where the API cannot be read.
const NOTHING_READ: &str = "what the API has could not be read, so no path is known that a probe may ask for: mend what \
                            AccessRestricted says, or set spec.origin.probePath";

/// After a lock was put back, what a probe was answered meanwhile says nothing of what stands now.
fn put_back(observed: &Observed, is: &'static str) -> Option<Verdict> {
    let phase = observed.access.present()?.marks.cut_over.as_ref()?;
    let message = "the lock was put back, and what stands now is probed with the next attempt; AccessRestricted says what the \
                   probes of this one met";
    phase
        .backoff(observed.pass.at)
        .map(|_| Verdict::unknown(is, Reason::NotProbedYet, message))
}

/// While CloudFront deploys, what was known of the same spec counts until a probe tells anew.
fn until_deployed(pass: &Pass<'_>, inputs: &Inputs<'_>, is: &'static str, way: Way) -> Option<Verdict> {
    let is_held_back = way == Way::Viewer && !is_telling(inputs);
    let known = || {
        let known = repeated(pass, is).or_else(|| of_earlier(pass, is));
        known.filter(|known| known.reason != Reason::NotProbedYet)
    };
    is_held_back.then(|| known().unwrap_or_else(|| Verdict::unknown(is, Reason::NotProbedYet, DEPLOYING)))
}

/// As long as the earlier proof is what locks the API, what was proven of it stands.
fn of_earlier(pass: &Pass<'_>, is: &'static str) -> Option<Verdict> {
    let before = said_last(pass, is).filter(|before| before.status == "True")?;
    is_awaited(&restricted(pass)).then_some(before)
}

/// What is told where no probe was sent in this pass. The way past the perimeter is not called blocked where an open route was
/// read, nor once it is not probed any more by its interval: what may be asked for only after a read, by that of the reads.
fn unprobed(pass: &Pass<'_>, all: &Desired, observed: &Observed, is: &'static str, way: Way) -> Verdict {
    let known = not_probed(pass, is);
    if way != Way::Direct || known.status != "True" {
        return known;
    }
    let (declared, inputs) = (all.of_access(), observed.access_inputs(all));
    let open = Routes::of(&declared, &inputs).map(|routes| routes.open_to_anybody());
    if let Some(open) = open.filter(|open| !open.is_empty()) {
        let message = format!(
            "{} anybody in past the perimeter, as was read; {}",
            agreed(&open, "lets", "let"),
            open_remedy(pass, all)
        );
        return Verdict::no(is, Reason::DirectAccessOpen, message);
    }
    let probed = probed(&declared, &inputs);
    let may_be_sent = probed.is_some_and(|probed| may_be_asked(&inputs, &probed, way));
    let is_over = if may_be_sent {
        observed.due.probes
    } else {
        observed.due.overdue
    };
    if is_over { lapsed(known, way) } else { known }
}

/// What no probe looks at any more is not called blocked.
fn lapsed(known: Verdict, way: Way) -> Verdict {
    if way != Way::Direct || known.status != "True" {
        return known;
    }
    let message = "the last probe past the perimeter was refused; another one is due, and could not be sent";
    Verdict::unknown(known.is, Reason::NotProbedYet, message)
}

fn not_probed(pass: &Pass<'_>, is: &'static str) -> Verdict {
    let is_deleted = matches!(pass.mode, Mode::Delete | Mode::DeleteSuspended);
    let message = if is_deleted {
        "the object is being deleted, and nothing is probed any more"
    } else {
        "no probe was sent yet"
    };
    let unknown = || Verdict::unknown(is, Reason::NotProbedYet, message);
    let refused = || before_refusal(pass, is).unwrap_or_else(unknown);
    repeated(pass, is)
        .or_else(|| of_earlier(pass, is))
        .unwrap_or_else(refused)
}

/// Where there is nothing that a probe may ask for, as far as the API was read.
fn nothing_to_probe(all: &Desired, observed: &Observed, is: &'static str, way: Way) -> Option<Verdict> {
    observed.access.present()?;
    let inputs = observed.access_inputs(all);
    let probed = probed(&all.of_access(), &inputs);
    let may_ask = probed.is_some_and(|probed| may_be_asked(&inputs, &probed, way));
    (!may_ask).then(|| Verdict::unknown(is, Reason::NothingToProbe, nothing_to_probe_words(&all.access)))
}

fn viewer(all: &Desired, observed: &Observed, is: &'static str, url: &str, proof: &Answer) -> Verdict {
    if let Some(why) = left_behind::answered(&all.of_access(), &observed.access_inputs(all), proof) {
        return Verdict::no(is, Reason::LeftBehind, format!("{url}: {why}"));
    }
    let is_key_missing = matches!(proof, Answer::KeyMissing { .. }) && all.access.proof != Proof::Key;
    if is_key_missing || matches!(proof, Answer::Reached { .. }) {
        return Verdict::yes(is, Reason::ViewerReached, format!("{url}: {}", said(proof)));
    }
    let (reason, message) = not_proven(&all.of_access(), &observed.access_inputs(all), proof);
    let message = format!("{url}: {message}");
    let is_unknown = matches!(
        proof,
        Answer::AuthorizerFirst { .. }
            | Answer::Ambiguous { .. }
            | Answer::Throttled
            | Answer::PrivateNetwork { .. }
    );
    if is_unknown {
        return Verdict::unknown(is, reason, message);
    }
    Verdict::no(is, reason, message)
}

fn direct(
    pass: &Pass<'_>,
    all: &Desired,
    observed: &Observed,
    is: &'static str,
    url: &str,
    proof: &Answer,
) -> Verdict {
    let url = format!("{url} without any proof");
    if let Some(why) = left_behind::answered(&all.of_access(), &observed.access_inputs(all), proof) {
        return Verdict::unknown(is, Reason::LeftBehind, format!("{url} proves nothing: {why}"));
    }
    match proof {
        Answer::Refused { .. } => other_door(pass, all, observed, is, &url, proof)
            .unwrap_or_else(|| Verdict::yes(is, Reason::DirectRefused, format!("{url}: {}", said(proof)))),
        Answer::Reached { .. } => Verdict::no(
            is,
            Reason::DirectAccessOpen,
            format!(
                "{url}: {}, so anybody may call it past the perimeter; {}",
                said(proof),
                open_remedy(pass, all)
            ),
        ),
        Answer::KeyMissing { .. } => Verdict::no(
            is,
            Reason::DirectAccessOpen,
            format!(
                "{url}: {}, and whoever has one may call it past the perimeter; {}",
                said(proof),
                open_remedy(pass, all)
            ),
        ),
        proof => {
            let (reason, message) = direct_unknown(&all.of_access(), &observed.access_inputs(all), proof);
            Verdict::unknown(is, reason, format!("{url} proves nothing: {message}"))
        }
    }
}

/// What to do about a method that answers past the perimeter.
fn open_remedy(pass: &Pass<'_>, all: &Desired) -> &'static str {
    match all.access.enforcement {
        Enforcement::Observe => {
            "nothing is locked under spec.access.enforcement Observe; AccessRestricted says what locks it"
        }
        // That has nothing to say but what is said here.
        Enforcement::Enforce if restricted(pass).reason == Reason::DirectAccessOpen => {
            "look whether another tool changed or deployed the stage, or gave it a canary"
        }
        Enforcement::Enforce if restricted(pass).status == "False" => {
            "AccessRestricted says what keeps it from being locked"
        }
        Enforcement::Enforce => {
            "AccessRestricted says what keeps it from being locked. Where nothing does, look whether another tool changed or \
             deployed the stage, or gave it a canary"
        }
    }
}

/// Routes that let anybody in beside the one that was probed. Under `Observe`, where a probe is no cause to read them, and where
/// they cannot be read, what was read of them counts until they are read again.
fn other_door(
    pass: &Pass<'_>,
    all: &Desired,
    observed: &Observed,
    is: &'static str,
    url: &str,
    proof: &Answer,
) -> Option<Verdict> {
    let (declared, inputs) = (all.of_access(), observed.access_inputs(all));
    let Some(routes) = Routes::of(&declared, &inputs) else {
        let is_observed = all.access.enforcement == Enforcement::Observe;
        let is_unreadable = observed.failed.contains(&Kind::Access) || pass.observed.is_none();
        let before = repeated(pass, is).filter(|_| is_observed || is_unreadable);
        return before.filter(|before| before.reason == Reason::DirectAccessOpen);
    };
    let open = routes.open_to_anybody();
    (!open.is_empty()).then(|| {
        let message = format!(
            "{url}: {}; but {} anybody in past the perimeter; {}",
            said(proof),
            agreed(&open, "lets", "let"),
            open_remedy(pass, all)
        );
        Verdict::no(is, Reason::DirectAccessOpen, message)
    })
}
