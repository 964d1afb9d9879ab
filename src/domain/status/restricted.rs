//! `AccessRestricted`: what the API's routes ask for as deployed.

use super::conditions::{Mode, Pass, Verdict, types};
use super::doors::{accepted, besides, is_exclusive, let_in_besides_the_signer};
use super::enforcement::OPENS_NOTHING;
use super::group::group;
use super::meanwhile::{about_to_be_held, locked_meanwhile, stood_meanwhile, until_the_mode_changes};
use super::mutual_tls;
use super::proven::asked_otherwise;
use super::said_before::{before_refusal, repeated, said_last};
use super::unmarked::unmarked;
use super::unseen::{gone, open_while_suspended, told_gone, unless_overdue, unreadable};
use super::way_back;
use crate::api::Enforcement;
use crate::domain::access::asked::as_deployed::Deployed;
use crate::domain::access::authorization;
use crate::domain::access::held::change_of_mode;
use crate::domain::access::lock::{KINDS, Routes};
use crate::domain::access::obstacles::excluded::StillAsked;
use crate::domain::access::probe::{Verdict as Shown, Way};
use crate::domain::access::probing::verdicts::said;
use crate::domain::access::proof::Proof;
use crate::domain::access::words::{agreed, listed, not_locked_by_enforce};
use crate::domain::kernel::planning::{Id, Kind};
use crate::domain::kernel::reason::Reason;
use crate::domain::mutual_tls::probes::{is_open, open_way};

/// What is said of the lock: as read where it could be, else as it was before.
pub(super) fn restricted(pass: &Pass<'_>) -> Verdict {
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
    if let Some((read, access)) = mutual_tls::restricted(pass).zip(pass.access()) {
        if let Some(stage) = way_back::stage(pass) {
            let by_routes = match access.enforcement {
                Enforcement::Observe => observed(pass, access),
                Enforcement::Enforce => of_lock(pass, access, None),
            };
            return unless_answered(pass, access, way_back::told(pass, &stage, read, by_routes));
        }
        let read = if read.status != "True" && stands_until_then(pass, access) {
            of_lock(pass, access, Some(&read))
        } else {
            about_to_be_held(pass, access, &read).unwrap_or(read)
        };
        return unless_answered(pass, access, read);
    }
    let (read, access) = match pass.access() {
        Some(access) if access.enforcement == Enforcement::Observe => return observed(pass, access),
        Some(access) => (of_lock(pass, access, None), Some(access)),
        None => {
            let refused = before_refusal(pass, is).filter(|_| pass.stood.is_none());
            let read = refused.unwrap_or_else(|| group(pass, is, &KINDS, ""));
            (read, pass.stood.map(|(all, _)| &all.access))
        }
    };
    match access {
        Some(access) => unless_answered(pass, access, read),
        None => read,
    }
}

/// Whether a mode before is what locks the API until a client certificate does. Once the default endpoint is off, its lock is mended no
/// more: it counts as far as the routes show it, or while the switch is new.
fn stands_until_then(pass: &Pass<'_>, access: &authorization::Desired) -> bool {
    let Some((all, observed)) = pass.desired.zip(pass.observed) else {
        return false;
    };
    if access.awaited != Some(Proof::Certificate) {
        return false;
    }
    let (declared, inputs) = (all.of_access(), observed.access_inputs(all));
    let is_read_to_stand = || match Routes::of(&declared, &inputs) {
        Some(routes) => routes.is_locked(),
        // What routes were read to ask for counts until they are read again.
        None => stood_meanwhile(pass, observed),
    };
    !inputs.is_endpoint_off || observed.mutual_tls.is_endpoint_unproven() || is_read_to_stand()
}

/// What was `read`, unless a probe past the perimeter was let in.
fn unless_answered(pass: &Pass<'_>, access: &authorization::Desired, read: Verdict) -> Verdict {
    if read.status != "True" {
        return read;
    }
    let answered = answered_past_the_perimeter(pass, access);
    answered.map_or(read, |answered| {
        Verdict::no(types::ACCESS_RESTRICTED, Reason::DirectAccessOpen, answered)
    })
}

/// What is said of a lock that is wanted, before it is asked how the API answers; `later` is what is said of the one by client
/// certificate that takes its place.
fn of_lock(pass: &Pass<'_>, access: &authorization::Desired, later: Option<&Verdict>) -> Verdict {
    if let Some(unread) = unread_for_adoption(pass) {
        return unread;
    }
    let mut read = stands_unmarked(pass, access)
        .or_else(|| rotating(pass))
        .unwrap_or_else(|| group(pass, types::ACCESS_RESTRICTED, &KINDS, &locked(pass, access)));
    if read.reason == Reason::DeployedUnknown {
        read.status = "Unknown";
    }
    read = locked_meanwhile(pass, &read).unwrap_or(read);
    read = unreadable(pass, access, &read).unwrap_or(read);
    read = until_the_mode_changes(pass, access, read, later);
    open_while_suspended(pass, &read).unwrap_or(read)
}

/// Before an adoption is confirmed nothing is read of the API, and once the distribution is given back nothing any more: nobody is woken
/// for a lock that is not known to be missing.
fn unread_for_adoption(pass: &Pass<'_>) -> Option<Verdict> {
    let mut problems = pass.plan.problems.iter();
    let problem = problems.find(|problem| {
        [
            Reason::AdoptionPlanned,
            Reason::AdoptionPlanChanged,
            Reason::AdoptionRefused,
            Reason::Released,
        ]
        .contains(&problem.reason)
    })?;
    let is_over = problem.reason == Reason::Released;
    let is_unread = pass.previous.access.is_none() && pass.observed?.access.present().is_none();
    if !is_over && !is_unread {
        return None;
    }
    let message = if is_over {
        "the distribution is given back, and what the API asks for is looked at no more: a lock that stands stays"
    } else {
        "what the API asks for is not read, and nothing of it is changed, before the adoption of the distribution is confirmed"
    };
    Some(Verdict::unknown(
        types::ACCESS_RESTRICTED,
        problem.reason,
        message,
    ))
}

/// What a probe past the perimeter was answered that let it in, whatever was read of the deployment.
fn answered_past_the_perimeter(pass: &Pass<'_>, access: &authorization::Desired) -> Option<String> {
    let looked_at = pass.desired.zip(pass.observed).or(pass.stood);
    if looked_at.is_some_and(|(all, observed)| asked_otherwise(all, observed, Way::Direct)) {
        return None;
    }
    let observed = pass.observed.or(pass.stood.map(|(_, observed)| observed))?;
    let is_off = looked_at.is_some_and(|(all, observed)| observed.access_inputs(all).is_endpoint_off);
    // Who is answered by an authorizer of the API's came past the perimeter as well, which a certificate keeps out before. As long as the
    // default endpoint is on, what routes ask for is the lock of the mode before.
    let is_in = |answer: &&Shown| match access.proof {
        Proof::Certificate if is_off => is_open(Way::Direct, answer),
        _ => answer.gets_in(),
    };
    let direct = observed.probes.get(&Way::Direct).filter(is_in);
    // By the origin's name the secret value of a mode before is shown, too.
    let is_before = access.awaited == Some(Proof::Certificate) || way_back::stage(pass).is_some();
    let by_name = open_way(&observed.probes).filter(|_| !is_before);
    let answer = direct.or_else(|| observed.probes.get(&by_name?));
    answer.map(|answer| {
        format!(
            "stage {} was read to be locked, but a request without any proof past the perimeter got in: {}. See \
             DirectAccessBlocked",
            access.gate.stage,
            said(answer)
        )
    })
}

/// The lock stands, and nothing but the tag that remembers it is due.
fn stands_unmarked(pass: &Pass<'_>, access: &authorization::Desired) -> Option<Verdict> {
    let unmarked = unmarked(pass)?;
    let message = format!("{}. {}", locked(pass, access), unmarked.message);
    Some(Verdict::yes(types::ACCESS_RESTRICTED, unmarked.locked, message))
}

/// The lock stands while its secret value is replaced.
fn rotating(pass: &Pass<'_>) -> Option<Verdict> {
    let waits = &pass.plan.waits;
    let wait = waits.iter().find(|wait| wait.reason == Reason::Rotating)?;
    let is_troubled = pass
        .plan
        .problems
        .iter()
        .any(|problem| KINDS.contains(&problem.id.kind) && problem.id != change_of_mode())
        || pass.failures.iter().any(|failure| failure.is_of(&KINDS));
    let message = format!(
        "{}; its value is being replaced: {}",
        locked(pass, pass.access()?),
        wait.message
    );
    (!is_troubled).then(|| Verdict::yes(types::ACCESS_RESTRICTED, Reason::Rotating, message))
}

/// What excluded routes and earlier stages ask for of an earlier mode or header, as far as that was read.
pub(super) fn still_asked(pass: &Pass<'_>) -> Option<String> {
    let (all, observed) = pass.desired.zip(pass.observed)?;
    let (declared, inputs) = (all.of_access(), observed.access_inputs(all));
    let routes = Routes::of(&declared, &inputs)?;
    let excluded = routes.still_asked();
    let mut told: Vec<String> = excluded.iter().map(StillAsked::told).collect();
    told.extend(routes.asked_by_earlier_stages());
    (!told.is_empty()).then(|| told.join("; "))
}

fn locked(pass: &Pass<'_>, access: &authorization::Desired) -> String {
    let excluded: Vec<&String> = access.exclude.iter().collect();
    let but = if excluded.is_empty() {
        String::new()
    } else if access.awaited == Some(Proof::Certificate) {
        format!("; it leaves {}", agreed(&excluded, "as it is", "as they are"))
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
        Proof::Certificate => "connections with the perimeter's client certificate".to_owned(),
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
        "of stage {} as deployed, these do not ask for the {}: {}; {}{}{}",
        access.gate.stage,
        access.proof.noun(),
        listed(&open),
        to_lock(&routes, "it locked"),
        signs_on(&routes),
        besides(pass)
    );
    Verdict::no(is, Reason::Open, message)
}

/// Under `Observe`, of a perimeter that goes on signing though the mode is another by now.
fn signs_on(routes: &Routes<'_>) -> &'static str {
    let is_earlier = routes.ours.signs && routes.desired.proof != Proof::Signature;
    if !is_earlier || !routes.may_ask_for_signature() {
        return "";
    }
    "; CloudFront goes on signing, which takes the place of the viewer's Authorization header, until no method asks for AWS_IAM, as \
     edited and as deployed, and no canary release is there"
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
