//! Replacing the secret value that CloudFront sends: the API accepts both, CloudFront sends the next one, the old one is deleted.
//!
//! ```text
//! due ─▶ the API accepts the next value too ─▶ probed past the perimeter ─▶ CloudFront sends it
//!                                           └▶ no probe can tell: marked ─▶ two minutes later ─┘
//!     ─▶ marked as rotated ─▶ (Deployed) ─▶ probed through the perimeter ─▶ the API accepts nothing else
//! ```
//!
//! Where it stands is read from what API Gateway accepts and CloudFront sends, so a crash is continued, or begun anew.

use super::add_probe;
use super::probed::{is_let_in, is_probed};
use super::sending::{acceptor, candidate, unprobed_for};
use super::words_of_rotation;
use crate::api::Enforcement;
use crate::domain::access::authorization::hash_of;
use crate::domain::access::inputs::{Call, Inputs, Next, Plan, Step, Wanted};
use crate::domain::access::probe::{Verdict, Way};
use crate::domain::access::proof::Proof;
use crate::domain::access::routes::Routes;
use crate::domain::access::table::marks::{Marks, Rotated, Unprobed};
use crate::domain::access::waiting::{PATIENCE, waiting};
use crate::domain::kernel::identity::Owner;
use crate::domain::kernel::observing::Seen;
use crate::domain::kernel::planning::{self, Id, Kind};
use crate::domain::kernel::reason::Reason;
use std::time::Duration;

/// A value that API Gateway does not accept yet, or a deployment, is looked at again this often.
const ROTATING_RETRY: Duration = Duration::from_secs(15);

/// Whether the value that is sent has to be replaced; never while a cut-over is under way, or what is sent is not known.
pub(in crate::domain::access) fn is_due(wanted: &Wanted<'_>, inputs: &Inputs<'_>) -> bool {
    let Some(found) = inputs.access.present() else {
        return false;
    };
    let Some(rotated) = found
        .marks
        .rotated
        .as_ref()
        .filter(|_| found.marks.cut_over.is_none())
    else {
        return false;
    };
    let desired = &wanted.access;
    let age = inputs.pass.at.duration_since(rotated.at).unsigned_abs();
    let is_asked = desired
        .rotate
        .as_ref()
        .is_some_and(|asked| *asked != rotated.request);
    age >= desired.rotation_period || is_asked
}

/// Whether what CloudFront sends is deployed everywhere and has reached the API.
pub(in crate::domain::access) fn is_reached(wanted: &Wanted<'_>, inputs: &Inputs<'_>) -> bool {
    let is_deployed = inputs
        .distribution
        .present()
        .is_some_and(|found| found.is_deployed);
    let viewer = inputs.probes.get(&Way::Viewer);
    is_deployed && (!is_probed(wanted, inputs) || viewer.is_some_and(|viewer| is_let_in(wanted, viewer)))
}

/// Whether the value that CloudFront sends is the only one that is needed.
pub(in crate::domain::access) fn is_proven(wanted: &Wanted<'_>, inputs: &Inputs<'_>) -> bool {
    is_reached(wanted, inputs) && !is_due(wanted, inputs)
}

/// Whether an earlier mode may have left something of `kind` that is not wanted any more.
pub(in crate::domain::access) fn may_have_leftovers(
    wanted: &Wanted<'_>,
    inputs: &Inputs<'_>,
    kind: Kind,
) -> bool {
    let access = inputs.access.present();
    let was_used = access.is_some_and(|found| found.marks.rotated.is_some());
    let was_used = was_used && !is_of_another(wanted, inputs, kind);
    let is_known = inputs.has_record(kind) || inputs.begun.contains(&kind);
    was_used || (is_known && (access.is_some() || inputs.is_deployed))
}

/// Whether the mark, which is of any mode with a value, is there for what the other such mode has made, as status remembers. Where
/// status was lost, each is looked for.
fn is_of_another(wanted: &Wanted<'_>, inputs: &Inputs<'_>, kind: Kind) -> bool {
    match kind {
        Kind::Authorizer => {
            let keys = inputs.api_key.present();
            inputs.has_record(Kind::ApiKey) && !keys.is_some_and(|keys| keys.is_empty(wanted.owner))
        }
        Kind::ApiKey => {
            let authorizer = inputs.authorizer.present();
            inputs.has_record(Kind::Authorizer)
                && !authorizer.is_some_and(|found| found.is_empty(wanted.owner, inputs.whose))
        }
        _ => false,
    }
}

/// Takes away what an earlier mode has left of `kind`, once CloudFront sends nothing any more that is asked for there.
/// `removal` is the next call that does so.
pub(in crate::domain::access) fn clear<L, T, B>(
    wanted: &Wanted<'_>,
    inputs: &Inputs<'_>,
    kind: Kind,
    seen: &Seen<L, T>,
    removal: impl Fn(&Owner, &T) -> Option<planning::Step<B>>,
    is_asked: impl Fn(&Proof) -> bool,
    plan: &mut Plan<impl From<B>>,
) {
    if !may_have_leftovers(wanted, inputs, kind) {
        return;
    }
    let Some(found) = seen.present() else {
        return plan.add(Id::of(kind), planning::Next::<B>::Read);
    };
    // Under mutual TLS routes are only looked at, whatever is enforced.
    let is_enforced =
        wanted.access.enforcement == Enforcement::Enforce || wanted.access.proof == Proof::Certificate;
    let Some(removal) = removal(wanted.owner, found).filter(|_| is_enforced) else {
        return;
    };
    match inputs.distribution_content() {
        None => plan.add(Id::of(Kind::Distribution), planning::Next::<B>::Read),
        Some(Some(found)) if !found.is_deployed || found.sent.proofs().iter().any(&is_asked) => {}
        Some(_) if asks_for_the_wanted_alone(wanted, inputs) => plan.act(removal),
        // Who asks for it is let in by nothing else, and API Gateway deletes no authorizer that a method asks.
        Some(_) => match Routes::of(wanted, inputs) {
            None => plan.add(Id::of(Kind::Access), planning::Next::<B>::Read),
            Some(routes) if routes.still_asked().iter().any(|asked| is_asked(&asked.proof)) => {}
            Some(routes) if routes.is_still_needed(&is_asked) => {}
            Some(_) => plan.act(removal),
        },
    }
}

/// Whether all routes were verified to ask for the wanted proof, and no other stage was ever locked.
fn asks_for_the_wanted_alone(wanted: &Wanted<'_>, inputs: &Inputs<'_>) -> bool {
    let access = wanted.access;
    access.exclude.is_empty()
        && inputs.access.present().is_none()
        && inputs.pass.was_verified(&Id::of(Kind::Access), &hash_of(access))
        && !inputs.outputs.has_locked_besides(&access.gate.stage)
}

/// What is next while the API is locked and nothing else is under way.
pub(in crate::domain::access) fn next(routes: &Routes<'_>, plan: &mut Plan<impl From<Call>>) {
    let (wanted, inputs) = (routes.wanted, routes.inputs);
    let marks = &routes.found.marks;
    if !wanted.access.proof.has_value() {
        if marks.rotated.is_some() && is_cleared(inputs, wanted) {
            plan.act(routes.mark_rotated(None));
        }
        return;
    }
    match inputs.distribution_content() {
        None => return plan.add(Id::of(Kind::Distribution), Next::Read),
        // What an earlier object left locks the API before there is a perimeter.
        Some(None) => return,
        Some(Some(_)) => {}
    }
    if marks.rotated.is_none() || (is_due(wanted, inputs) && is_next_sent(wanted, inputs)) {
        return plan.act(routes.mark_rotated(Some(routes.rotated_now())));
    }
    if candidate(wanted, inputs).is_some() {
        return prove_next(routes, plan);
    }
    if is_old_accepted(wanted, inputs) {
        finish(routes, plan);
    }
}

/// The value that CloudFront is to send has to get in past the perimeter first.
fn prove_next(routes: &Routes<'_>, plan: &mut Plan<impl From<Call>>) {
    let message = match routes.verdict(Way::Next) {
        _ if !routes.is_probed() => return,
        // Beside a client certificate no probe shows the next value.
        _ if routes.inputs.is_by_certificate => match unprobed_for(routes.wanted, routes.inputs) {
            None => return plan.act_all(routes.mark_unprobed()),
            Some(age) if age >= PATIENCE => return,
            Some(_) => words_of_rotation::next_untried(routes.desired),
        },
        Some(verdict) if is_let_in(routes.wanted, verdict) => return,
        None => return add_probe(routes.wanted, routes.inputs, Way::Next, plan),
        // What a private address answers, or an endpoint that is off, says nothing of API Gateway, which knows the value within that time.
        Some(verdict @ (Verdict::PrivateNetwork { .. } | Verdict::EndpointOff { .. })) => {
            match unprobed_for(routes.wanted, routes.inputs) {
                None => return plan.act_all(routes.mark_unprobed()),
                Some(age) if age >= PATIENCE => return,
                Some(_) => words_of_rotation::next_unprobed(routes.desired, verdict),
            }
        }
        Some(verdict) => words_of_rotation::next_not_accepted(routes.desired, verdict),
    };
    wait(plan, message);
}

/// The value that CloudFront sends has to get in through the perimeter before the old one is deleted.
fn finish(routes: &Routes<'_>, plan: &mut Plan<impl From<Call>>) {
    let inputs = routes.inputs;
    if !inputs.is_deployed {
        return wait(plan, words_of_rotation::rotation_deploys());
    }
    match routes.verdict(Way::Viewer) {
        _ if !routes.is_probed() => {}
        Some(verdict) if is_let_in(routes.wanted, verdict) => {}
        None => add_probe(routes.wanted, inputs, Way::Viewer, plan),
        Some(verdict) => wait(plan, words_of_rotation::rotation_unproven(verdict)),
    }
}

fn wait(plan: &mut Plan<impl From<Call>>, message: String) {
    plan.add(
        Id::of(Kind::Access),
        Next::Wait(waiting(Reason::Rotating, message, ROTATING_RETRY)),
    );
}

/// Whether CloudFront sends the value that a due rotation has made.
fn is_next_sent(wanted: &Wanted<'_>, inputs: &Inputs<'_>) -> bool {
    let sent = inputs
        .sent()
        .and_then(|sent| sent.value(&wanted.access.proof).cloned());
    match &wanted.access.proof {
        Proof::Signature | Proof::Certificate => false,
        Proof::Key => inputs.api_key.present().is_some_and(|keys| {
            let newest = keys.newest().map(|key| &key.value);
            keys.keys.len() > 1 && newest.is_some() && newest == sent.as_ref()
        }),
        Proof::Header(_) => sent.is_some() && sent.as_ref() == inputs.generated_value,
    }
}

/// Whether the API accepts more than what CloudFront sends.
fn is_old_accepted(wanted: &Wanted<'_>, inputs: &Inputs<'_>) -> bool {
    match &wanted.access.proof {
        Proof::Signature | Proof::Certificate => false,
        Proof::Key => inputs.api_key.present().is_some_and(|keys| keys.keys.len() > 1),
        Proof::Header(_) => match (&wanted.authorizer, inputs.authorizer.present()) {
            (Some(desired), Some(found)) => !found.is_exact(desired, inputs),
            _ => false,
        },
    }
}

/// Whether what the API accepts and what CloudFront sends, as far as they were read, are in the midst of a rotation.
pub(in crate::domain::access) fn is_under_way(wanted: &Wanted<'_>, inputs: &Inputs<'_>) -> bool {
    let is_known = inputs.distribution.present().is_some();
    is_known && (candidate(wanted, inputs).is_some() || is_old_accepted(wanted, inputs))
}

/// Whether nothing of the modes with a secret value is left.
fn is_cleared(inputs: &Inputs<'_>, wanted: &Wanted<'_>) -> bool {
    let keys = inputs.api_key.present();
    let has_no_keys = wanted.access.gate.r#type != crate::api::OriginType::Rest
        || keys.is_some_and(|keys| keys.is_empty(wanted.owner));
    let authorizer = inputs.authorizer.present();
    has_no_keys && authorizer.is_some_and(|found| found.is_empty(wanted.owner, inputs.whose))
}

impl Routes<'_> {
    /// Remembers when the value was replaced, or that there is none any more.
    fn mark_rotated(&self, rotated: Option<Rotated>) -> Step {
        let marks = &self.found.marks;
        let new = Marks {
            rotated,
            next: None,
            ..marks.clone()
        };
        let rotated = new.rotated.clone();
        self.mark_told("rotated", (&marks.rotated, &rotated), new)
    }

    /// Remembers since when API Gateway has the value that is to be sent next.
    fn mark_unprobed(&self) -> Option<Step> {
        let acceptor = acceptor(self.wanted, self.inputs)?;
        let since = self.inputs.pass.at;
        Some(self.mark_next(Some(Unprobed { since, acceptor })))
    }

    /// The mark of a rotation that ends now.
    pub(in crate::domain::access) fn rotated_now(&self) -> Rotated {
        Rotated {
            at: self.inputs.pass.at,
            request: self
                .desired
                .rotate
                .clone()
                .unwrap_or_else(|| Rotated::NO_REQUEST.to_owned()),
        }
    }
}
