//! What the distribution should send so that the API lets the perimeter in: in every phase something that the API accepts.
//!
//! ```text
//! new perimeter        ─▶ the proof
//! another mode         ─▶ both proofs ─▶ (Deployed; the API asks for the new one, proven) ─▶ the new proof
//!                         └ and the old one, as long as an excluded route asks for it
//! another secret value ─▶ (the API accepts both; the new one is proven) ─▶ the new value
//! ```

use super::authorization::hash_of;
use super::inputs::{Configured, Inputs, Wanted};
use super::probe::{Verdict, Way};
use super::probed::{is_let_in, is_probed};
use super::proof::{Proof, Sent};
use super::routes::Routes;
use super::waiting::PATIENCE;
use crate::api::Enforcement;
use crate::domain::kernel::hash::short;
use crate::domain::kernel::observing::Seen;
use crate::domain::kernel::planning::{Id, Kind};
use crate::domain::kernel::secret::Secret;
use std::time::Duration;

/// What should be sent; `None` while a new perimeter waits for a value that the API accepts.
pub(in crate::domain) fn sending(all: &Wanted<'_>, everything: &Inputs<'_>) -> Option<Sent> {
    let proof = &all.access.proof;
    match &everything.distribution {
        Seen::Present(found) => Some(next(all, everything, found)),
        // Only what sends nothing but the proof is ever recorded as verified.
        Seen::Listed(Some(_)) => Some(Sent::only(proof, Some(Secret::new("")))),
        Seen::Listed(None) | Seen::Absent if observes_only(all) => Some(Sent::default()),
        Seen::Listed(None) | Seen::Absent => {
            let sent = Sent::only(proof, next_value(all, everything));
            sent.has(proof).then_some(sent)
        }
    }
}

/// Under `Observe` nothing is made that the API would have to accept.
fn observes_only(all: &Wanted<'_>) -> bool {
    all.access.enforcement == Enforcement::Observe && all.access.proof != Proof::Signature
}

fn next(all: &Wanted<'_>, everything: &Inputs<'_>, found: &Configured) -> Sent {
    let (proof, sent) = (&all.access.proof, found.sent.clone());
    let is_empty = sent.proofs().is_empty();
    if all.access.enforcement == Enforcement::Observe && (!is_empty || observes_only(all)) {
        return observed(all, everything, sent);
    }
    // The signer takes the place of the viewer's own Authorization header: nothing else may be in need of it.
    let may_begin =
        sent.has(proof) || *proof != Proof::Signature || may_begin_to_sign(all, everything, is_empty);
    if !may_begin {
        return sent;
    }
    let value = value(all, everything, &sent);
    if let Some(still_sent) = still_sent(all, everything).filter(|_| sent.has(proof) && found.is_deployed) {
        return still_sent.with(proof, value);
    }
    sent.with(proof, value)
}

/// Under `Observe` what is sent stays, but for a signature that no other mode leaves in the place of viewers' tokens: it ends once
/// no method asks for it.
fn observed(all: &Wanted<'_>, everything: &Inputs<'_>, sent: Sent) -> Sent {
    let routes = Routes::of(all, everything).filter(|_| all.access.proof != Proof::Signature);
    if routes.is_none_or(|routes| routes.may_ask_for_signature()) {
        return sent;
    }
    Sent { signs: false, ..sent }
}

/// The value that the header of the wanted proof should carry.
fn value(all: &Wanted<'_>, everything: &Inputs<'_>, sent: &Sent) -> Option<Secret> {
    let current = sent.value(&all.access.proof);
    match (next_value(all, everything), current) {
        // Viewers stand on the current value: the next one has to be proven first.
        (Some(next), Some(current)) if next != *current && accepts(all, everything, current) => {
            let is_proven = !is_probed(all, everything)
                || match everything.probes.get(&Way::Next) {
                    Some(Verdict::PrivateNetwork { .. }) => {
                        unprobed_for(all, everything).is_some_and(|age| age >= PATIENCE)
                    }
                    answered => answered.is_some_and(|next| is_let_in(all, next)),
                };
            Some(if is_proven { next } else { current.clone() })
        }
        (Some(next), _) => Some(next),
        (None, current) => current.cloned(),
    }
}

/// The newest value that the API accepts, as far as it is known.
fn next_value(all: &Wanted<'_>, everything: &Inputs<'_>) -> Option<Secret> {
    match all.access.proof {
        Proof::Signature => None,
        Proof::Key => everything
            .api_key
            .present()?
            .newest()
            .map(|key| key.value.clone()),
        Proof::Header(_) => {
            let fresh = everything.generated_value.cloned()?;
            accepts(all, everything, &fresh).then_some(fresh)
        }
    }
}

/// Whether the API accepts `value`.
fn accepts(all: &Wanted<'_>, everything: &Inputs<'_>, value: &Secret) -> bool {
    match &all.access.proof {
        Proof::Signature => false,
        Proof::Key => everything
            .api_key
            .present()
            .is_some_and(|keys| keys.accepts(value)),
        Proof::Header(_) => {
            let (desired, found) = (&all.authorizer, everything.authorizer.present());
            let both = desired.as_ref().zip(found);
            both.is_some_and(|(desired, found)| found.accepts(desired, everything, value))
        }
    }
}

/// The value that CloudFront is to send next, where it sends another one that the API accepts as well.
pub(super) fn candidate(all: &Wanted<'_>, everything: &Inputs<'_>) -> Option<Secret> {
    let sent = everything.sent()?;
    let current = sent.value(&all.access.proof)?;
    next_value(all, everything).filter(|next| next != current)
}

/// What accepts the value that is to be sent next, in short: the key, or the function with its code.
pub(super) fn acceptor(all: &Wanted<'_>, everything: &Inputs<'_>) -> Option<String> {
    let accepts = match all.access.proof {
        Proof::Signature => None,
        Proof::Key => everything.api_key.present()?.newest().map(|key| short(&key.id)),
        Proof::Header(_) => everything
            .authorizer
            .present()?
            .function
            .as_ref()
            .map(|function| short(&function.latest.code_sha256)),
    };
    accepts.map(|accepts| accepts.chars().take(8).collect())
}

/// How long API Gateway has had the next value to accept, where that is marked since no probe can try it.
pub(super) fn unprobed_for(all: &Wanted<'_>, everything: &Inputs<'_>) -> Option<Duration> {
    let marked = everything.access.present()?.marks.next.as_ref()?;
    let is_same = acceptor(all, everything).as_ref() == Some(&marked.acceptor);
    is_same.then(|| everything.pass.at.duration_since(marked.since).unsigned_abs())
}

/// Whether no viewer needs the header whose place a signature takes. Where nothing is sent, the signer may have been taken away from
/// what is locked: it comes back, also while the methods are not read, where the last pass called the API locked by this spec.
fn may_begin_to_sign(all: &Wanted<'_>, everything: &Inputs<'_>, is_empty: bool) -> bool {
    if !is_empty {
        return is_free(all, everything);
    }
    match Routes::of(all, everything) {
        Some(routes) => routes.tokens_in_the_way().is_none(),
        None => {
            let hash = hash_of(all.access);
            everything.outputs.is_locked && everything.pass.was_wanted(&Id::of(Kind::Access), &hash)
        }
    }
}

/// Whether no route keeps us from asking for the wanted proof.
fn is_free(all: &Wanted<'_>, everything: &Inputs<'_>) -> bool {
    let routes = Routes::of(all, everything);
    routes.is_some_and(|routes| routes.in_the_way().is_none() && routes.open_canary().is_none())
}

/// What is sent besides the wanted proof once the stage as deployed asks the routes that should be locked for nothing else, and
/// will not go back: what excluded routes ask for. `None` before that, or where nobody has looked.
fn still_sent(all: &Wanted<'_>, everything: &Inputs<'_>) -> Option<Sent> {
    let routes = Routes::of(all, everything)?;
    let is_over = routes.found.marks.cut_over.is_none() && routes.asks_nothing_else();
    is_over.then(|| routes.still_sent())
}

/// Whether more than the wanted proof is sent, as an excluded route may ask for: it ends as soon as none does.
pub(super) fn sends_for_excluded(all: &Wanted<'_>, everything: &Inputs<'_>) -> bool {
    let is_more = everything
        .sent()
        .is_some_and(|sent| sent.has(&all.access.proof) && !sent.is_only(&all.access.proof));
    is_more && !all.access.exclude.is_empty()
}
