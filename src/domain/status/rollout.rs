//! The rollout of a class, as the status of its objects tells, and what the class's status keeps of it.

use super::account::condition;
use super::conditions::{holds, keeping, types};
use super::identifiers::names_any;
use crate::api::{
    AppliedClass, ChosenBy, ClassRevision, ClassRollout, PerimeterClass, PerimeterClassSpec, ProtectedApi,
    ProtectedApiStatus, RESUME_ROLLOUT, RevisionStanding, RolloutState, RolloutStatus, UNDO_ROLLOUT,
};
use crate::domain::classes::effective::revision;
use crate::domain::kernel::reason::Reason;
use crate::domain::kernel::words::moment;
use crate::domain::rollout::goes_by::Own;
use crate::domain::rollout::machine::{self, Declared, Next, next};
use crate::domain::rollout::member::{Health, Member, Trouble};
use crate::domain::rollout::settings::{is_canary, pause};
use crate::domain::rollout::traffic::{Answer, noted};
use crate::domain::rollout::words::{reason, said};
use jiff::{SignedDuration, Timestamp};
use k8s_openapi::apimachinery::pkg::apis::meta::v1::Condition;
use std::collections::BTreeMap;

pub mod counters;

/// All objects that can move go by the newest revision of the class.
pub const ROLLED_OUT: &str = "RolledOut";

/// An object of a class, as its pass has to know itself.
#[must_use]
pub fn own<'a>(object: &'a ProtectedApi, class: &str, by: ChosenBy) -> Own<'a> {
    Own {
        uid: object.metadata.uid.as_deref().unwrap_or_default(),
        held: held(object, class).and_then(|held| held.revision.as_deref()),
        joins_at_once: joins_at_once(object, by),
    }
}

/// An object of the class `class`, as its rollout has to know it.
#[must_use]
pub fn member(object: &ProtectedApi, class: &str, by: ChosenBy, rollout: &ClassRollout) -> Member {
    let metadata = &object.metadata;
    let named = |name: &Option<String>| name.clone().unwrap_or_default();
    let held = held(object, class);
    let standing = held.and_then(|held| held.standing.as_ref());
    let labels = metadata.labels.clone().unwrap_or_default();
    Member {
        object: format!("{}/{}", named(&metadata.namespace), named(&metadata.name)),
        uid: named(&metadata.uid),
        api: object.spec.origin.endpoint.clone(),
        is_canary: is_canary(rollout, &labels),
        held: held.and_then(|held| held.revision.clone()),
        joins_at_once: joins_at_once(object, by),
        can_move: metadata.deletion_timestamp.is_none() && object.spec.suspend != Some(true),
        health: health(object.status.as_ref(), metadata.generation),
        is_applied: is_applied(object.status.as_ref(), metadata.generation),
        web_acl_since: web_acl_since(object.status.as_ref()),
        since: standing.and_then(|standing| standing.since.parse().ok()),
        verified_at: standing.and_then(|standing| standing.verified_at.as_ref()?.parse().ok()),
        was_ready: standing.and_then(|standing| standing.was_ready),
        outlook: None,
    }
}

fn held<'a>(object: &'a ProtectedApi, class: &str) -> Option<&'a AppliedClass> {
    let applied = object.status.as_ref()?.class.as_ref()?;
    (applied.name == class).then_some(applied)
}

/// What its team asks for itself, and what serves no viewers yet, waits for nobody.
fn joins_at_once(object: &ProtectedApi, by: ChosenBy) -> bool {
    by == ChosenBy::Object || !object.status.as_ref().is_some_and(names_any)
}

fn health(status: Option<&ProtectedApiStatus>, generation: Option<i64>) -> Health {
    let conditions = status
        .map(|status| status.conditions.as_slice())
        .unwrap_or_default();
    let of = |is: &str, status: &str| {
        let mut conditions = conditions.iter();
        conditions.find(|found| found.type_ == is && found.status == status)
    };
    if let Some(refused) = of(types::VIEWER_ACCESS_VERIFIED, "False") {
        return Health::Refused(trouble(refused));
    }
    if let Some(stalled) = of(types::STALLED, "True") {
        return Health::Stalled(trouble(stalled));
    }
    let is_suspended = |found: &Condition| found.reason == Reason::Suspended.as_str();
    let ready =
        of(types::READY, "True").or_else(|| of(types::READY, "False").filter(|found| is_suspended(found)));
    match ready {
        Some(ready) if ready.observed_generation == generation => Health::Ready,
        _ => Health::Unsettled,
    }
}

fn is_applied(status: Option<&ProtectedApiStatus>, generation: Option<i64>) -> bool {
    let is_in_force = |is| status.is_some_and(|status| holds(&status.conditions, generation, is));
    is_in_force(types::WEB_ACL_READY) && is_in_force(types::DISTRIBUTION_DEPLOYED)
}

fn web_acl_since(status: Option<&ProtectedApiStatus>) -> Option<Timestamp> {
    let mut conditions = status.into_iter().flat_map(|status| &status.conditions);
    let is_in_force = |found: &&Condition| found.type_ == types::WEB_ACL_READY && found.status == "True";
    conditions
        .find(is_in_force)
        .map(|found| found.last_transition_time.0)
}

fn trouble(condition: &Condition) -> Trouble {
    Trouble {
        reason: condition.reason.clone(),
        message: condition.message.clone(),
        since: condition.last_transition_time.0,
    }
}

/// How the object goes by `revision`: since when.
#[must_use]
pub fn standing(
    before: Option<&AppliedClass>,
    class: &str,
    revision: &str,
    now: Timestamp,
) -> RevisionStanding {
    let is_same =
        |before: &&AppliedClass| before.name == class && before.revision.as_deref() == Some(revision);
    let known = before.filter(is_same).and_then(|before| before.standing.clone());
    known.unwrap_or_else(|| RevisionStanding {
        since: moment(now),
        verified_at: None,
        was_ready: None,
    })
}

/// What is next in the rollout of `class`, whose objects are `members`. `counters`: those that were asked for now, by UID.
#[must_use]
pub fn next_of(
    class: &PerimeterClass,
    members: &[Member],
    counters: &BTreeMap<String, Answer>,
    now: Timestamp,
) -> Next {
    let (revision, baseline) = (revision(&class.spec), ClassRollout::default());
    let declared = declared(class, &revision, &baseline);
    let before = remembered(class).map(|before| noted(before.clone(), members, counters, now));
    next(&declared, before.as_ref(), members, now)
}

/// The revision of `class` that its objects, which are `members`, go to.
#[must_use]
pub fn heads_for(class: &PerimeterClass, members: &[Member]) -> String {
    let (revision, baseline) = (revision(&class.spec), ClassRollout::default());
    machine::heads_for(&declared(class, &revision, &baseline), remembered(class), members)
}

fn declared<'a>(class: &'a PerimeterClass, revision: &'a str, baseline: &'a ClassRollout) -> Declared<'a> {
    let annotation = |key: &str| {
        let annotations = class.metadata.annotations.as_ref()?;
        annotations.get(key).map(String::as_str)
    };
    Declared {
        revision,
        rollout: class.spec.rollout.as_ref().unwrap_or(baseline),
        resume: annotation(RESUME_ROLLOUT).filter(|text| text.len() <= LONGEST),
        undo: annotation(UNDO_ROLLOUT),
    }
}

/// The condition of a class that says how its rollout stands: True once all objects that can move go by what the class says now.
#[must_use]
pub fn rolled_out(class: &PerimeterClass, rollout: &RolloutStatus, now: Timestamp) -> Condition {
    let newest = revision(&class.spec);
    let is_over = rollout.state == RolloutState::Complete;
    let found = if is_over && rollout.revision != newest {
        let message = format!("{}; {}", said(rollout), left_out(class, &newest));
        condition(ROLLED_OUT, Some(false), Reason::RolloutWaiting, message)
    } else {
        condition(ROLLED_OUT, Some(is_over), reason(rollout), said(rollout))
    };
    let before = class.status.iter().flat_map(|status| &status.conditions);
    keeping(found, before, class.metadata.generation, now)
}

/// Only a person lets a halted rollout go on: what waits for objects of the class must not take it for done. `found`: the conditions of
/// the class so far.
#[must_use]
pub fn stalled(class: &PerimeterClass, rollout: &RolloutStatus, found: &[Condition]) -> Option<Condition> {
    let is = |found: &Condition| found.type_ == types::STALLED;
    if rollout.state != RolloutState::Halted || found.iter().any(is) {
        return None;
    }
    let halted = found.iter().find(|found| found.type_ == ROLLED_OUT)?;
    let before = class
        .status
        .iter()
        .flat_map(|status| &status.conditions)
        .find(|found| is(found));
    Some(Condition {
        type_: types::STALLED.to_owned(),
        status: "True".to_owned(),
        last_transition_time: before.unwrap_or(halted).last_transition_time.clone(),
        ..halted.clone()
    })
}

/// Why nobody moves to what a class says now.
fn left_out(class: &PerimeterClass, newest: &str) -> String {
    let annotations = class.metadata.annotations.as_ref();
    let undone = annotations.and_then(|annotations| annotations.get(UNDO_ROLLOUT));
    if undone.is_some_and(|undone| undone == newest) {
        format!(
            "revision {newest}, which the class has now, is taken back by the annotation {UNDO_ROLLOUT}: change the class; without the \
             annotation, objects move to {newest} again"
        )
    } else {
        format!(
            "revision {newest}, which the class has now, is not rolled out: the condition {} says why",
            types::ACCEPTED
        )
    }
}

/// Longer texts have no room in a status.
const LONGEST: usize = 256;

/// The revisions that a status keeps: the one that objects move to, the last complete one, those of objects that can move, and of the
/// others as many as there is room for. Whose spec is not known cannot be kept.
#[must_use]
pub fn revisions(class: &PerimeterClass, next: &Next, members: &[Member]) -> Vec<ClassRevision> {
    let newest = revision(&class.spec);
    let known = class.status.iter().flat_map(|status| &status.revisions);
    let count = |name: &str| {
        let held = members
            .iter()
            .filter(|member| member.held.as_deref() == Some(name));
        i64::try_from(held.count()).ok()
    };
    let kept = |name: &str| {
        if name == newest {
            let spec = PerimeterClassSpec {
                rollout: None,
                ..class.spec.clone()
            };
            return Some((class.metadata.generation, serde_json::to_value(spec).ok()?));
        }
        let found = known.clone().find(|known| known.revision == name)?;
        Some((found.generation, found.spec.clone()?))
    };
    let target = next.rollout.revision.as_str();
    let is_of_movers = |name: &str| {
        let mut movers = members.iter().filter(|member| member.can_move);
        movers.any(|member| member.held.as_deref() == Some(name))
    };
    let is_complete = |name: &str| next.rollout.completed.as_deref() == Some(name);
    let kept_names = next.kept.iter().map(String::as_str);
    let mut others: Vec<&str> = kept_names.filter(|name| *name != target).collect();
    others.sort_by_key(|name| (!is_complete(name), !is_of_movers(name)));
    let mut room = ROOM;
    let has_room = |found: &ClassRevision| {
        let size = found.spec.as_ref().map_or(0, |spec| spec.to_string().len());
        let left = room.checked_sub(size);
        room = left.unwrap_or(room);
        left.is_some()
    };
    [target]
        .into_iter()
        .chain(others)
        .filter_map(|name| {
            let (generation, spec) = kept(name)?;
            Some(ClassRevision {
                revision: name.to_owned(),
                generation,
                objects: count(name),
                spec: Some(spec),
            })
        })
        .filter(has_room)
        .take(MOST_LISTED)
        .collect()
}

/// So many bytes the kept revisions may have: etcd holds a class and its status only up to 1.5 MiB, and nothing would be written.
const ROOM: usize = 600_000;
/// As many revisions as a status holds.
const MOST_LISTED: usize = 8;

/// What the revision `name` of a class says, as its status keeps it; `None` where that is not known.
#[must_use]
pub fn spec_of_revision(class: &PerimeterClass, name: &str) -> Option<PerimeterClassSpec> {
    let mut known = class.status.iter().flat_map(|status| &status.revisions);
    let found = known.find(|known| known.revision == name)?;
    serde_json::from_value(found.spec.clone()?).ok()
}

/// What is remembered of the class's rollout.
#[must_use]
pub fn remembered(class: &PerimeterClass) -> Option<&RolloutStatus> {
    class.status.as_ref()?.rollout.as_ref()
}

/// Whether the class's rollout waits for this object.
#[must_use]
pub fn is_moving(class: &PerimeterClass, uid: &str) -> bool {
    let mut moving = remembered(class).into_iter().flat_map(|rollout| &rollout.moving);
    moving.any(|moving| moving.uid == uid)
}

/// Whether the class's rollout waits for a look at an object.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Look {
    /// It does not.
    NotAwaited,
    /// After so long: until then the object has to stand the revision.
    In(SignedDuration),
    /// Now.
    Due,
}

/// Whether the class's rollout waits for a look at the object, in a pass by the revision that it has to go by.
#[must_use]
pub fn look(class: &PerimeterClass, object: &ProtectedApi, now: Timestamp) -> Look {
    let uid = object.metadata.uid.as_deref().unwrap_or_default();
    let name = class.metadata.name.as_deref().unwrap_or_default();
    let Some(rollout) = remembered(class).filter(|_| is_moving(class, uid)) else {
        return Look::NotAwaited;
    };
    let baseline = ClassRollout::default();
    let pause = pause(class.spec.rollout.as_ref().unwrap_or(&baseline));
    let held = held(object, name).filter(|held| held.revision.as_ref() == Some(&rollout.revision));
    let Some(held) = held else {
        return Look::In(pause);
    };
    let since = held
        .standing
        .as_ref()
        .and_then(|standing| standing.since.parse().ok());
    let since: Timestamp = since.filter(|since| *since <= now).unwrap_or(now);
    let left = pause - now.duration_since(since);
    if left.is_positive() {
        Look::In(left)
    } else {
        Look::Due
    }
}

/// What an object's status says of how it goes by its class, after a pass. `is_looked_at`: whether all was read and probed that the
/// class's rollout waits for.
#[must_use]
pub fn verified(class: &AppliedClass, is_looked_at: bool, now: Timestamp) -> AppliedClass {
    let mut told = class.clone();
    if let Some(standing) = told.standing.as_mut().filter(|_| is_looked_at) {
        standing.verified_at = Some(moment(now));
    }
    told
}

/// Keeps in what the status of the object `uid` says of `class` whether it was ready before its move, while it is on the way.
pub fn keep_readiness(applied: &mut AppliedClass, class: &PerimeterClass, uid: &str) {
    let Some(rollout) = remembered(class) else {
        return;
    };
    let goes_by_it = applied.revision.as_ref() == Some(&rollout.revision);
    let moving = rollout.moving.iter().find(|moving| moving.uid == uid);
    let moving = moving.filter(|_| goes_by_it);
    if let (Some(moving), Some(standing)) = (moving, applied.standing.as_mut()) {
        standing.was_ready = Some(moving.was_ready);
    }
}

#[cfg(test)]
mod tests;
