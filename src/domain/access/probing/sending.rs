//! What the distribution should send so that the API lets the perimeter in: in every phase something that the API accepts.
//!
//! ```text
//! new perimeter        ─▶ the proof
//! another mode         ─▶ both proofs ─▶ (Deployed; the API asks for the new one, proven) ─▶ the new proof
//!                         └ and the old one, as long as an excluded route asks for it, or a stage that was locked before
//! another secret value ─▶ (the API accepts both; the new one is proven) ─▶ the new value
//! a client certificate ─▶ nothing but what routes ask for still
//! the viewer's Host    ─▶ the signer stays, as long as it is sent on
//! ```

use super::probed::{is_let_in, is_probed};
use crate::api::{AccessMode, Enforcement};
use crate::domain::access::authorization::hash_of;
use crate::domain::access::inputs::{Configured, Inputs, Wanted};
use crate::domain::access::probe::{Verdict, Way};
use crate::domain::access::proof::{Proof, Sent};
use crate::domain::access::routes::Routes;
use crate::domain::access::waiting::PATIENCE;
use crate::domain::kernel::hash::short;
use crate::domain::kernel::observing::Seen;
use crate::domain::kernel::planning::{Id, Kind};
use crate::domain::kernel::secret::Secret;
use std::time::Duration;

/// What should be sent; `None` while a new perimeter waits for a value that the API accepts.
pub(in crate::domain) fn sending(wanted: &Wanted<'_>, inputs: &Inputs<'_>) -> Option<Sent> {
    let sent = as_asked(wanted, inputs)?;
    Some(Sent {
        signs: sent.signs || puts_host_right(inputs),
        ..sent
    })
}

/// Whether a signer stays, whatever asks for signatures: viewers' Host is sent on, or may be where CloudFront has not deployed everywhere
/// what its configuration says, and the signer alone puts it right.
fn puts_host_right(inputs: &Inputs<'_>) -> bool {
    let found = inputs.distribution.present();
    found.is_some_and(|found| {
        let is_sent_yet = found.may_send_host || !found.is_deployed;
        found.sent.signs && (inputs.host.is_some() || is_sent_yet)
    })
}

/// What should be sent by what is asked for.
fn as_asked(wanted: &Wanted<'_>, inputs: &Inputs<'_>) -> Option<Sent> {
    let proof = &wanted.access.proof;
    if *proof == Proof::Certificate {
        return Some(beside_a_certificate(wanted, inputs));
    }
    match &inputs.distribution {
        Seen::Present(found) => Some(next(wanted, inputs, found)),
        Seen::Listed(Some(_)) => Some(verified(wanted, inputs)),
        Seen::Listed(None) | Seen::Absent if observes_only(wanted) => Some(Sent::default()),
        Seen::Listed(None) | Seen::Absent => {
            let sent = Sent::only(proof, next_value(wanted, inputs));
            sent.has(proof).then_some(sent)
        }
    }
}

/// With a client certificate nothing has to be sent; what an earlier mode had routes ask for is, until none does any more. Where nobody
/// has read them, all that is sent stays.
fn beside_a_certificate(wanted: &Wanted<'_>, inputs: &Inputs<'_>) -> Sent {
    let sent = inputs.sent().cloned().unwrap_or_default();
    match Routes::of(wanted, inputs) {
        Some(routes) if !sent.proofs().is_empty() => routes.sent_as_asked(sent),
        _ => sent,
    }
}

/// What a distribution that is recorded as verified sends: only what sends nothing but the proof ever is. Where an earlier stage was
/// read to ask for more, it is read again for that.
fn verified(wanted: &Wanted<'_>, inputs: &Inputs<'_>) -> Sent {
    let untold = || Some(Secret::new(""));
    let only = Sent::only(&wanted.access.proof, untold());
    let routes = Routes::of(wanted, inputs);
    let besides = routes.as_ref().map(Routes::asked_at_earlier_stages);
    let besides = besides.into_iter().flatten();
    besides.fold(only, |sent, (_, proof)| sent.with(&proof, untold()))
}

/// Under `Observe` nothing is made that the API would have to accept.
fn observes_only(wanted: &Wanted<'_>) -> bool {
    wanted.access.enforcement == Enforcement::Observe && wanted.access.proof != Proof::Signature
}

fn next(wanted: &Wanted<'_>, inputs: &Inputs<'_>, found: &Configured) -> Sent {
    let (proof, sent) = (&wanted.access.proof, found.sent.clone());
    let is_empty = sent.proofs().is_empty();
    if wanted.access.enforcement == Enforcement::Observe && (!is_empty || observes_only(wanted)) {
        return observed(wanted, inputs, sent);
    }
    let sent = restored(wanted, inputs, sent);
    // The signer takes the place of the viewer's own Authorization header: nothing else may be in need of it.
    let may_begin =
        sent.has(proof) || *proof != Proof::Signature || may_begin_to_sign(wanted, inputs, is_empty);
    if !may_begin {
        return sent;
    }
    let value = value(wanted, inputs, &sent);
    if let Some(still_sent) =
        still_sent(wanted, inputs, &sent).filter(|_| sent.has(proof) && found.is_deployed)
    {
        return still_sent.with(proof, value);
    }
    sent.with(proof, value)
}

/// `sent`, and what somebody has taken off the distribution though viewers are refused without it.
fn restored(wanted: &Wanted<'_>, inputs: &Inputs<'_>, sent: Sent) -> Sent {
    let sent = Sent {
        signs: sent.signs || lacks_signer(wanted, inputs),
        ..sent
    };
    match Routes::of(wanted, inputs) {
        Some(routes) => routes.with_what_earlier_stages_ask(sent),
        None => sent,
    }
}

/// Whether somebody has taken the signer away while another mode is on its way: what is locked by signatures refuses viewers until
/// it is back.
fn lacks_signer(wanted: &Wanted<'_>, inputs: &Inputs<'_>) -> bool {
    let is_other = wanted.access.proof != Proof::Signature && inputs.outputs.was_locked_by_signatures();
    let routes = Routes::of(wanted, inputs).filter(|_| is_other);
    routes.is_some_and(|routes| routes.asks_for_signatures_alone())
}

/// Under `Observe` what is sent stays, but for a signature that no other mode leaves in the place of viewers' tokens: it ends once
/// no method asks for it.
fn observed(wanted: &Wanted<'_>, inputs: &Inputs<'_>, sent: Sent) -> Sent {
    let routes = Routes::of(wanted, inputs).filter(|_| wanted.access.proof != Proof::Signature);
    let is_asked = |routes: Routes<'_>| {
        routes.may_ask_for_signature() || routes.is_asked_by_earlier_stage(&Proof::Signature)
    };
    if routes.is_none_or(is_asked) {
        return sent;
    }
    Sent { signs: false, ..sent }
}

/// The value that the header of the wanted proof should carry.
fn value(wanted: &Wanted<'_>, inputs: &Inputs<'_>, sent: &Sent) -> Option<Secret> {
    let current = sent.value(&wanted.access.proof);
    match (next_value(wanted, inputs), current) {
        // Viewers stand on the current value: the next one has to be proven first.
        (Some(next), Some(current)) if next != *current && accepts(wanted, inputs, current) => {
            let is_known_by_now = || unprobed_for(wanted, inputs).is_some_and(|age| age >= PATIENCE);
            let is_proven = !is_probed(wanted, inputs)
                || match inputs.probes.get(&Way::Next) {
                    // Beside a client certificate the present value is shown, which tells nothing of the next one.
                    _ if inputs.is_by_certificate => is_known_by_now(),
                    Some(Verdict::PrivateNetwork { .. } | Verdict::EndpointOff { .. }) => is_known_by_now(),
                    answered => answered.is_some_and(|next| is_let_in(wanted, next)),
                };
            Some(if is_proven { next } else { current.clone() })
        }
        (Some(next), _) => Some(next),
        (None, current) => current.cloned(),
    }
}

/// The newest value that the API accepts, as far as it is known.
fn next_value(wanted: &Wanted<'_>, inputs: &Inputs<'_>) -> Option<Secret> {
    match wanted.access.proof {
        Proof::Signature | Proof::Certificate => None,
        Proof::Key => inputs.api_key.present()?.newest().map(|key| key.value.clone()),
        Proof::Header(_) => {
            let fresh = inputs.generated_value.cloned()?;
            accepts(wanted, inputs, &fresh).then_some(fresh)
        }
    }
}

/// Whether the API accepts `value`.
fn accepts(wanted: &Wanted<'_>, inputs: &Inputs<'_>, value: &Secret) -> bool {
    match &wanted.access.proof {
        Proof::Signature | Proof::Certificate => false,
        Proof::Key => inputs.api_key.present().is_some_and(|keys| keys.accepts(value)),
        Proof::Header(_) => {
            let (desired, found) = (&wanted.authorizer, inputs.authorizer.present());
            let both = desired.as_ref().zip(found);
            both.is_some_and(|(desired, found)| found.accepts(desired, inputs, value))
        }
    }
}

/// The value that CloudFront is to send next, where it sends another one that the API accepts as well.
pub(super) fn candidate(wanted: &Wanted<'_>, inputs: &Inputs<'_>) -> Option<Secret> {
    let sent = inputs.sent()?;
    let current = sent.value(&wanted.access.proof)?;
    next_value(wanted, inputs).filter(|next| next != current)
}

/// What accepts the value that is to be sent next, in short: the key, or the function with its code.
pub(in crate::domain::access) fn acceptor(wanted: &Wanted<'_>, inputs: &Inputs<'_>) -> Option<String> {
    let accepts = match wanted.access.proof {
        Proof::Signature | Proof::Certificate => None,
        Proof::Key => inputs.api_key.present()?.newest().map(|key| short(&key.id)),
        Proof::Header(_) => inputs
            .authorizer
            .present()?
            .function
            .as_ref()
            .map(|function| short(&function.latest.code_sha256)),
    };
    accepts.map(|accepts| accepts.chars().take(8).collect())
}

/// How long API Gateway has had the next value to accept, where that is marked since no probe can try it.
pub(super) fn unprobed_for(wanted: &Wanted<'_>, inputs: &Inputs<'_>) -> Option<Duration> {
    let marked = inputs.access.present()?.marks.next.as_ref()?;
    let is_same = acceptor(wanted, inputs).as_ref() == Some(&marked.acceptor);
    is_same.then(|| inputs.pass.at.duration_since(marked.since).unsigned_abs())
}

/// Whether no viewer needs the header whose place a signature takes. Where nothing is sent, the signer may have been taken away from
/// what is locked: it comes back, also while the methods are not read, where the last pass called the API locked by this spec.
fn may_begin_to_sign(wanted: &Wanted<'_>, inputs: &Inputs<'_>, is_empty: bool) -> bool {
    if !is_empty {
        return is_free(wanted, inputs);
    }
    if let Some(routes) = Routes::of(wanted, inputs) {
        return routes.tokens_in_the_way().is_none();
    }
    let hash = hash_of(wanted.access);
    inputs.outputs.is_locked && inputs.pass.was_wanted(&Id::of(Kind::Access), &hash)
}

/// Whether no route keeps us from asking for the wanted proof.
fn is_free(wanted: &Wanted<'_>, inputs: &Inputs<'_>) -> bool {
    let routes = Routes::of(wanted, inputs);
    routes.is_some_and(|routes| routes.in_the_way().is_none() && routes.open_canary().is_none())
}

/// What is sent besides the wanted proof once the routes that should be locked ask for nothing else, as deployed and as edited, and
/// will not go back: what excluded routes and earlier stages ask for. `None` before that, or where nobody has looked. A stage that was
/// never locked asks for nothing, while the working copy still asks for the proof by which another one was.
fn still_sent(wanted: &Wanted<'_>, inputs: &Inputs<'_>, sent: &Sent) -> Option<Sent> {
    let routes = Routes::of(wanted, inputs)?;
    let marks = &routes.found.marks;
    let is_under_way = marks.cut_over.is_some() || marks.earlier.is_some();
    let is_over = !is_under_way && routes.asks_nothing_else() && !routes.edits_ask_for_more();
    is_over.then(|| routes.still_sent(sent.clone()))
}

/// Whether more than the wanted proof is sent, as an excluded route or an earlier stage may ask for: it ends as soon as none does.
pub(in crate::domain::access) fn sends_for_others(wanted: &Wanted<'_>, inputs: &Inputs<'_>) -> bool {
    let is_more = inputs
        .sent()
        .is_some_and(|sent| sent.has(&wanted.access.proof) && !sent.is_only(&wanted.access.proof));
    let access = wanted.access;
    is_more && (!access.exclude.is_empty() || inputs.outputs.has_locked_besides(&access.gate.stage))
}

/// Whether a signer is left that nothing keeps any more but routes that may ask for signatures: they are read for that.
pub(in crate::domain::access) fn leaves_signer(wanted: &Wanted<'_>, inputs: &Inputs<'_>) -> bool {
    let (proof, found) = (&wanted.access.proof, inputs.distribution.present());
    let is_left = |found: &Configured| {
        let is_sent = found.may_send_host || inputs.host.is_some();
        found.sent.signs && found.sent.has(proof) && found.is_deployed && !is_sent
    };
    *proof != Proof::Signature
        && wanted.access.enforcement == Enforcement::Enforce
        && found.is_some_and(is_left)
}

/// Whether a stage that was locked before, as status tells, may ask for what the distribution, as it was read, sends no more.
pub(in crate::domain::access) fn lacks_for_others(wanted: &Wanted<'_>, inputs: &Inputs<'_>) -> bool {
    let (access, Some(sent)) = (wanted.access, inputs.sent()) else {
        return false;
    };
    let is_sent = |mode: AccessMode| {
        let mut proofs = sent.proofs().into_iter().chain([access.proof.clone()]);
        proofs.any(|proof| proof.access_mode() == mode)
    };
    let mut locked = inputs.outputs.locked_stages.iter();
    access.enforcement == Enforcement::Enforce
        && locked.any(|locked| {
            let is_lacking = locked.mode.is_some_and(|mode| !is_sent(mode));
            is_lacking && locked.stage != access.gate.stage
        })
}
