//! The API's default endpoint: switched off once the way through the custom domain name is proven, and on again at once where viewers
//! are refused.
//!
//! ```text
//!  mark ── a tag of the custom domain name ─▶ machine ── rows of (state, fact, action, sentence): the first that fits decides
//!  seen ── what is read and called               facts ── what is so      steps ── what is done      touch ── a change of the stage
//! ```

mod facts;
pub mod machine;
pub(super) mod mark;
pub(super) mod seen;
mod steps;
pub mod touch;

pub use self::machine::State;
pub use self::mark::{Mark, Step, TAG_LOCK, mark_of};
pub use self::seen::{Action, Observed, comers_read, others_read};

pub use self::facts::{answered_on, is_seen_on};

use self::facts::{Lock, missing};
use self::seen::id;
use self::steps::watch;
use super::{Desired, Inputs, origin_domain, probes};
use crate::api::Enforcement;
use crate::domain::access::probe::{Probe, Way};
use crate::domain::kernel::identity::{Ownership, Tags, ownership};
use crate::domain::kernel::observing::{Seen, desired_hash};
use crate::domain::kernel::planning::{Kind, Next, Plan, Verb};

/// What the mark says, as far as it is known.
enum Marked {
    Unread,
    As(Option<Mark>),
}

/// Hash of what is wanted of it.
#[must_use]
pub fn hash_of(desired: &Desired) -> String {
    let gate = &desired.gate;
    let api = (&gate.region, &gate.api_id, &gate.stage);
    let wanted = (&desired.owner, api, &desired.origin_domain, desired.enforcement);
    if desired.leaves {
        return desired_hash(&("leaves", wanted));
    }
    desired_hash(&wanted)
}

/// Hash under which it is remembered that it was read, while the switch waits for other parts.
#[must_use]
pub fn awaiting_hash_of(desired: &Desired) -> String {
    desired_hash(&("awaiting", hash_of(desired)))
}

/// Where it stands, as far as it is known.
#[must_use]
pub fn state(inputs: &Inputs<'_>) -> State {
    let step = match marked(inputs) {
        Marked::Unread => return State::Unread,
        Marked::As(mark) => mark.map(|mark| mark.step),
    };
    match (step, is_off(inputs)) {
        (Some(Step::Trying), _) => State::Trying,
        (Some(Step::Locked), _) => State::Locked,
        (Some(Step::Refused), _) => State::Refused,
        (Some(Step::Back), _) => State::Back,
        (Some(Step::Free), _) => State::Free,
        (Some(Step::Returning), _) => State::Returning,
        (None, Some(true)) => State::Off,
        (None, Some(false)) => State::Open,
        (None, None) => State::Unread,
    }
}

/// Whether it is switched off and proven, and no probe of this pass says otherwise.
#[must_use]
pub fn is_locked(inputs: &Inputs<'_>) -> bool {
    let is_open = inputs.probes.get(&Way::Direct).is_some_and(probes::lets_in);
    state(inputs) == State::Locked && is_off(inputs) == Some(true) && !is_open
}

/// The mark that the custom domain name bears; `None` as well where it was not read.
#[must_use]
pub fn mark(inputs: &Inputs<'_>) -> Option<Mark> {
    match marked(inputs) {
        Marked::Unread => None,
        Marked::As(mark) => mark,
    }
}

fn marked(inputs: &Inputs<'_>) -> Marked {
    let of_row = |tags: &Tags| match ownership(tags, inputs.owner) {
        Ownership::Foreign => Marked::Unread,
        _ => Marked::As(mark_of(tags)),
    };
    match &inputs.seen.domain {
        _ if inputs.seen.is_unread => Marked::Unread,
        Seen::Listed(row) => {
            let tags = row.as_ref().and_then(|row| row.tags.as_ref());
            tags.map_or(Marked::Unread, of_row)
        }
        Seen::Absent => Marked::As(None),
        Seen::Present(found) if origin_domain::owns(inputs, found) == Ownership::Foreign => Marked::As(None),
        Seen::Present(found) => Marked::As(mark_of(&found.tags)),
    }
}

/// Whether it is switched off as edited: as it was read, or as status remembers it.
fn is_off(inputs: &Inputs<'_>) -> Option<bool> {
    let found = inputs.seen.endpoint.present().map(|found| found.is_off);
    found.or_else(|| inputs.remembered.map(|known| known.default_endpoint_off))
}

/// Adds what the default endpoint needs next. `ask` adds the probe through the perimeter, or past it to the default endpoint.
pub fn next_all<A: From<Action>>(
    inputs: &Inputs<'_>,
    plan: &mut Plan<A, Probe>,
    ask: &mut dyn FnMut(&mut Plan<A, Probe>, Way),
) {
    let Some(desired) = inputs.desired.filter(|_| !inputs.seen.is_unread) else {
        return;
    };
    let Some(found) = inputs.seen.endpoint.present() else {
        match inputs.seen.endpoint {
            // There is no such API: `Valid` tells of it.
            Seen::Absent => {}
            _ if is_steady(desired, inputs) => watch(inputs, plan, ask),
            _ if is_awaiting(desired, inputs) => {
                plan.add(id(), Next::<Action>::Blocked(missing(desired, inputs)));
            }
            _ => plan.add(id(), Next::<Action>::Read),
        }
        return;
    };
    if inputs.leave.is_some_and(|leave| leave.is_to_be_asked()) {
        plan.add(others_read(), Next::<Action>::Read);
        return;
    }
    let Marked::As(mark) = marked(inputs) else {
        plan.add(id(), Next::<Action>::Blocked(vec![Kind::OriginDomain]));
        return;
    };
    let lock = Lock {
        inputs,
        desired,
        found,
        mark,
        state: state(inputs),
    };
    let begun = (plan.ready.len(), plan.probes.len());
    if let Some(row) = machine::row(lock.state, |fact| lock.holds(fact)) {
        lock.act(row, plan, ask);
    }
    // A description that a crash left changed is nobody's. Viewers do not wait for that.
    let is_idle = (plan.ready.len(), plan.probes.len()) == begun;
    if let Some(change) = touch::left_over(found).filter(|_| is_idle) {
        let api = &desired.gate.api_id;
        plan.add(id(), Next::act(id(), api, Verb::Update, vec![], change));
    }
}

/// The mark with which other clusters are told of the deployment that locks the stage by now, where CloudFront is led back already, and
/// the mark tells them of another one: they may wait for it as long as the custom domain name is there.
#[must_use]
pub fn told_anew(inputs: &Inputs<'_>) -> Option<Next<Action>> {
    let (desired, leave) = (inputs.desired?, inputs.leave.filter(|leave| leave.is_ready)?);
    let (deployment, told) = (leave.deployment?, mark(inputs)?);
    (told.step == Step::Free && !told.frees(deployment)).then(|| {
        let arn = origin_domain::arn_of(desired);
        let mark = Some(Mark::free(deployment, inputs.pass.at));
        let action = Action::Mark { arn, mark };
        Next::act(id(), &desired.gate.api_id, Verb::Update, vec![], action)
    })
}

/// Whether nothing is begun, other parts are not ready for the switch, and the API was looked at for what would be refused: it is read
/// again once they are.
fn is_awaiting(desired: &Desired, inputs: &Inputs<'_>) -> bool {
    let was_looked_at = inputs.pass.was_verified(&id(), &awaiting_hash_of(desired));
    let is_awaited = was_looked_at && !inputs.is_read_due && !missing(desired, inputs).is_empty();
    is_awaited && mark(inputs).is_none()
}

/// Whether it was read to be as wanted, and nothing says otherwise since.
fn is_steady(desired: &Desired, inputs: &Inputs<'_>) -> bool {
    let is_left = inputs.leave.is_some_and(|leave| leave.is_ready);
    if inputs.is_read_due || is_left || !inputs.pass.was_verified(&id(), &hash_of(desired)) {
        return false;
    }
    let verdict = |way: Way| inputs.probes.get(&way);
    let is_open = verdict(Way::Direct).is_some_and(probes::lets_in);
    let is_refused = verdict(Way::Viewer).is_some_and(probes::keeps_out);
    let is_kept = state(inputs) == State::Locked && is_off(inputs) == Some(true);
    desired.enforcement == Enforcement::Observe || (is_kept && !is_open && !is_refused)
}

#[cfg(test)]
mod comers_tests;
#[cfg(test)]
mod forged_tests;
#[cfg(test)]
mod leaving_tests;
#[cfg(test)]
mod tests;
#[cfg(test)]
mod unproven_tests;
#[cfg(test)]
mod world_fixtures;
