//! Lets the objects of a class move to its newest revision, a few at a time: what is remembered of it is written before any of them
//! acts by it.

use super::class_plan::look;
use super::class_turns::said;
use super::context::Context;
use super::outlooks::{Asked, Outlooked};
use crate::api::{
    ChosenBy, ClassRollout, PerimeterClass, PerimeterClassStatus, ProtectedApi, ProtectedApiStatus,
    RolloutStatus,
};
use crate::controller::events::EventNote;
use crate::domain::classes::effective::contradiction;
use crate::domain::rollout::machine::Next;
use crate::domain::rollout::member::Member;
use crate::domain::rollout::traffic::Answer;
use crate::domain::rollout::words::news;
use crate::domain::status::rollout::{
    heads_for, keep_readiness, member, next_of, remembered, revisions, rolled_out, stalled,
};
use jiff::Timestamp;
use kube::{Resource as _, ResourceExt as _};
use std::collections::BTreeMap;
use tokio::task::yield_now;

/// After so many objects that are reckoned others have their turn, such as a lock that is proven meanwhile.
const AT_A_TIME: usize = 20;

/// Writes what is next in the rollout of `class`, which `users` go by, into its status. A class that contradicts itself rolls nothing
/// out: whoever is on the way arrives. `counters`: those of AWS WAF that were asked for now, by UID.
pub(super) async fn roll(
    class: &PerimeterClass,
    users: &[&ProtectedApi],
    counters: &BTreeMap<String, Answer>,
    status: &mut PerimeterClassStatus,
    context: &Context,
) -> Option<Next> {
    let now = Timestamp::now();
    if contradiction(&class.spec).is_some() {
        let under_way = remembered(class).map(|rollout| rolled_out(class, rollout, now));
        status.conditions.extend(under_way);
        return None;
    }
    let mut members: Vec<Member> = users
        .iter()
        .map(|object| as_member(object, class, context))
        .collect();
    look_ahead(class, users, &mut members, context).await;
    let next = next_of(class, &members, counters, now);
    status.revisions = revisions(class, &next, &members);
    status.conditions.push(rolled_out(class, &next.rollout, now));
    let stalled = stalled(class, &next.rollout, &status.conditions);
    status.conditions.extend(stalled);
    status.rollout = Some(next.rollout.clone());
    Some(next)
}

/// Reckons what it comes to for each object that has yet to move, before the first one does.
async fn look_ahead(
    class: &PerimeterClass,
    users: &[&ProtectedApi],
    members: &mut [Member],
    context: &Context,
) {
    let (name, target) = (class.name_any(), heads_for(class, members));
    let Some(spec) = said(class, &target) else { return };
    let mut known = context.outlooks.of(&name);
    let mut kept = Outlooked::new();
    for (number, (object, member)) in users.iter().zip(members).enumerate() {
        if number % AT_A_TIME == AT_A_TIME - 1 {
            yield_now().await;
        }
        if !member.can_move || member.held.as_ref() == Some(&target) {
            continue;
        }
        let asked = Asked {
            generation: object.metadata.generation,
            held: member.held.clone(),
            target: target.clone(),
        };
        let same = known.remove(&member.uid).filter(|(known, _)| *known == asked);
        let reckoned = same.map_or_else(
            || look(object, &name, &spec, context).reckoned(),
            |(_, reckoned)| reckoned,
        );
        member.outlook = Some(reckoned.clone());
        kept.insert(member.uid.clone(), (asked, reckoned));
    }
    context.outlooks.keep(&name, kept);
}

/// What another class has is kept for it here for as long as it goes by it, and moves there.
fn as_member(object: &ProtectedApi, class: &PerimeterClass, context: &Context) -> Member {
    let name = class.name_any();
    let baseline = ClassRollout::default();
    let rollout = class.spec.rollout.as_ref().unwrap_or(&baseline);
    let choice = context
        .class_of(object)
        .ok()
        .flatten()
        .filter(|choice| choice.name == name);
    match choice {
        Some(choice) => member(object, &name, choice.by, rollout),
        None => Member {
            can_move: false,
            ..member(object, &name, ChosenBy::Default, rollout)
        },
    }
}

/// Tells in the status of `object` whether it was ready before its move, while its class's rollout has it on the way.
pub(super) fn tell_readiness(object: &ProtectedApi, status: &mut ProtectedApiStatus, context: &Context) {
    let Some(applied) = status.class.as_mut() else {
        return;
    };
    let Some(class) = context.watched.classes.get(&applied.name) else {
        return;
    };
    if let Ok(class) = &class.0 {
        let uid = object.metadata.uid.as_deref().unwrap_or_default();
        keep_readiness(applied, class, uid);
    }
}

/// Once it is written: tells what is new. Those whose turn it is are looked at as soon as the watch shows it.
pub(super) async fn tell(class: &PerimeterClass, next: &Next, context: &Context) {
    if let Some(news) = news(remembered(class), &next.rollout) {
        let note = if news.is_warning {
            EventNote::warning(news.reason, "RollOut", news.message)
        } else {
            EventNote::normal(news.reason, "RollOut", news.message)
        };
        context.events.publish(&class.object_ref(&()), note).await;
    }
    count(&class.name_any(), Some(&next.rollout), context);
}

/// Counts the rollouts of all classes; that of the class called `name` as it was just written, or none where the class goes: nothing
/// looks at that again, and what was counted of it would stay.
pub(super) fn count(name: &str, rollout: Option<&RolloutStatus>, context: &Context) {
    let all = context.watched.classes.all();
    let others = all.iter().filter_map(|other| other.0.as_ref().ok());
    let others = others.filter(|other| other.name_any() != name);
    let rollouts = others.filter_map(remembered).chain(rollout);
    context.metrics.set_rollouts(rollouts);
    if rollout.is_none() {
        context.outlooks.keep(name, Outlooked::new());
    }
}
