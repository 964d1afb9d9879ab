//! How what serves Shield Advanced goes: before the distribution, by its mark and by what status knows of.

use super::after;
use super::marks::needs;
use super::steps::{Lists, act, settling};
use crate::domain::kernel::identity::{Owner, Tags};
use crate::domain::kernel::observing::Seen;
use crate::domain::kernel::planning::{Id, Kind, Verb};
use crate::domain::kernel::tagging::TagCall;
use crate::domain::perimeter::observed::Observed;
use crate::domain::perimeter::plan::{Action, Next, Plan};
use crate::domain::shield::{alarm, health_check, protection};

/// Whether the distribution may go.
pub(super) enum Way {
    /// Nothing of Shield's needs it any more.
    Free,
    /// Its tags tell whether there is anything to look for.
    Unknown,
    /// A protection is still there.
    Barred,
}

impl Way {
    /// Free also where it is barred, once the rest has waited long enough.
    pub(super) fn unless(self, is_late: bool) -> Self {
        match self {
            Self::Barred if is_late => Self::Free,
            way => way,
        }
    }
}

/// What has to happen next so that nothing is left that serves Shield.
pub(super) fn goes(observed: &Observed, lists: Lists, plan: &mut Plan) -> Way {
    if !observed.had_shield() {
        return match &observed.distribution {
            Seen::Listed(Some(row)) if row.tags.is_none() && row.listed.enabled => Way::Unknown,
            _ => Way::Free,
        };
    }
    let shield = &observed.shield;
    if shield.subscribed.is_none() {
        // The lists could not be read, which is told apart; without the right to, nothing was made that status does not know.
        return if shield.is_denied && !observed.is_shield_known() {
            Way::Free
        } else {
            Way::Barred
        };
    }
    let inputs = observed.composed_shield(None).inputs;
    let alarm = match &shield.alarm {
        Seen::Listed(None) => Next::Read,
        _ => alarm::removal(&shield.alarm, &inputs).map(Action::Alarm),
    };
    let protection = match &shield.protection {
        Seen::Listed(None) => Next::Read,
        _ => after(&alarm, Kind::Alarm, || {
            protection::removal(&shield.protection, &inputs).map(Action::Protection)
        }),
    };
    let health_check = next_of_health_check(observed, lists);
    let way = if protection == Next::Done {
        Way::Free
    } else {
        Way::Barred
    };
    plan.add(Id::of(Kind::Alarm), alarm);
    plan.add(Id::of(Kind::Protection), protection);
    plan.add(Id::of(Kind::HealthCheck), health_check);
    way
}

fn next_of_health_check(observed: &Observed, lists: Lists) -> Next {
    let shield = &observed.shield;
    let inputs = observed.composed_shield(None).inputs;
    match &shield.own_check {
        // It has no name by which it could be read, and a new one may not be listed yet.
        Seen::Listed(None) if !lists.settled => settling(Kind::HealthCheck),
        Seen::Listed(None) => Next::Read,
        Seen::Absent if shield.has_more_checks => settling(Kind::HealthCheck),
        own => health_check::removal(own, &inputs).map(Action::HealthCheck),
    }
}

/// Why the distribution, whose tags tell that there may be a health check, must not vanish yet.
pub(super) fn holds_distribution(observed: &Observed, lists: Lists) -> Option<Next> {
    let is_looked_for = observed.is_marked_for_shield() && observed.shield.subscribed.is_some();
    let is_left = || next_of_health_check(observed, lists) != Next::Done;
    (is_looked_for && is_left()).then(|| Next::Blocked(vec![Kind::HealthCheck]))
}

/// What has to happen next so that what serves Shield stays and is marked.
pub(super) fn mark(owner: &Owner, observed: &Observed, mark: &Tags, plan: &mut Plan) {
    if !observed.had_shield() {
        return;
    }
    let shield = &observed.shield;
    let protection = match &shield.protection {
        Seen::Listed(_) => Next::Read,
        Seen::Present(found) => {
            needs(observed.owns_protection(found), &found.tags, owner, mark).map_or(Next::Done, |tags| {
                let call = TagCall::setting(&found.content.arn, tags);
                let action = Action::Protection(protection::Action::Tag(call));
                act(Kind::Protection, "", &found.content.id, Verb::Update, action)
            })
        }
        Seen::Absent => Next::Done,
    };
    let health_check = match &shield.own_check {
        Seen::Listed(Some(_)) => Next::Read,
        Seen::Present(found) => {
            needs(observed.owns_health_check(found), &found.tags, owner, mark).map_or(Next::Done, |set| {
                let action = Action::HealthCheck(health_check::Action::Tag {
                    id: found.content.id.clone(),
                    set,
                    unset: vec![],
                });
                act(Kind::HealthCheck, "", &found.content.id, Verb::Update, action)
            })
        }
        Seen::Listed(None) | Seen::Absent => Next::Done,
    };
    let alarm = match &shield.alarm {
        Seen::Listed(_) => Next::Read,
        Seen::Present(found) => {
            needs(observed.owns_alarm(found), &found.tags, owner, mark).map_or(Next::Done, |tags| {
                let call = TagCall::setting(&found.content.arn, tags);
                let action = Action::Alarm(alarm::Action::Tag(call));
                act(Kind::Alarm, "", &found.content.name, Verb::Update, action)
            })
        }
        Seen::Absent => Next::Done,
    };
    plan.add(Id::of(Kind::Protection), protection);
    plan.add(Id::of(Kind::HealthCheck), health_check);
    plan.add(Id::of(Kind::Alarm), alarm);
}
