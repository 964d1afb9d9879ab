//! How what serves Shield Advanced goes: before the distribution, by its mark and by what status knows of.

use super::identity::{Owner, Tags};
use super::observed::{Observed, Seen};
use super::plan::{Action, Id, Kind, Next, Plan, Verb};
use super::resources::{alarm, health_check, protection};
use super::teardown::{Lists, act, after, needs, settling};

/// Whether the distribution may go.
pub(super) enum Way {
    /// Nothing of Shield's needs it any more.
    Free,
    /// Its tags tell whether there is anything to look for.
    Unknown,
    /// A protection is still there.
    Barred,
}

/// What has to happen next so that nothing is left that serves Shield.
pub(super) fn goes(owner: &Owner, observed: &Observed, lists: Lists, plan: &mut Plan) -> Way {
    if !observed.had_shield() {
        return match &observed.distribution {
            Seen::Listed(Some(row)) if row.tags.is_none() && row.listed.enabled => Way::Unknown,
            _ => Way::Free,
        };
    }
    let shield = &observed.shield;
    let alarm = match &shield.alarm {
        Seen::Listed(None) => Next::Read,
        _ => alarm::removal(owner, observed),
    };
    let protection = match &shield.protection {
        Seen::Listed(None) => Next::Read,
        _ => after(&alarm, Kind::Alarm, || protection::removal(owner, observed)),
    };
    // It has no name by which it could be read, and a new one may not be listed yet.
    let health_check = match &shield.own_check {
        Seen::Listed(None) if !lists.settled => settling(Kind::HealthCheck),
        Seen::Listed(None) => Next::Read,
        _ => health_check::removal(owner, observed),
    };
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

/// What has to happen next so that what serves Shield stays and is marked.
pub(super) fn mark(owner: &Owner, observed: &Observed, mark: &Tags, plan: &mut Plan) {
    if !observed.had_shield() {
        return;
    }
    let shield = &observed.shield;
    let protection = match &shield.protection {
        Seen::Listed(_) => Next::Read,
        Seen::Present(found) if needs(&found.tags, owner, mark) => {
            let (arn, tags) = (found.content.arn.clone(), mark.clone());
            let action = Action::Protection(protection::Action::Tag { arn, tags });
            act(Kind::Protection, "", &found.content.id, Verb::Update, action)
        }
        _ => Next::Done,
    };
    let health_check = match &shield.own_check {
        Seen::Listed(Some(_)) => Next::Read,
        Seen::Present(found) if needs(&found.tags, owner, mark) => {
            let (id, set) = (found.content.id.clone(), mark.clone());
            let action = Action::HealthCheck(health_check::Action::Tag {
                id,
                set,
                unset: vec![],
            });
            act(Kind::HealthCheck, "", &found.content.id, Verb::Update, action)
        }
        _ => Next::Done,
    };
    let alarm = match &shield.alarm {
        Seen::Listed(_) => Next::Read,
        Seen::Present(found) if needs(&found.tags, owner, mark) => {
            let (arn, tags) = (found.content.arn.clone(), mark.clone());
            let action = Action::Alarm(alarm::Action::Tag { arn, tags });
            act(Kind::Alarm, "", &found.content.name, Verb::Update, action)
        }
        _ => Next::Done,
    };
    plan.add(Id::of(Kind::Protection), protection);
    plan.add(Id::of(Kind::HealthCheck), health_check);
    plan.add(Id::of(Kind::Alarm), alarm);
}
