//! The health check of a protection: associated once it is healthy, and taken off once another is wanted.

use super::health_check::Health;
use super::health_check_wanted::WantedCheck;
use super::protection::{Action, Content, Observed, TAG_HEALTH_CHECK, act, change, retag};
use crate::domain::kernel::identity::Tags;
use crate::domain::kernel::planning::{Id, Kind, Next, Verb, Wait};
use crate::domain::kernel::reason::Reason;
use crate::domain::kernel::tagging::TagStep;
use serde_json::json;
use std::time::Duration;

const HEALTH_RETRY: Duration = Duration::from_mins(1);

/// What the association with a health check needs.
pub(super) fn next_of_health_check(check: WantedCheck<'_>, found: &Observed) -> Option<Next<Action>> {
    let content = &found.content;
    let ours = found.tags.get(TAG_HEALTH_CHECK);
    let protection = content.id.clone();
    if let Some(old) = ours.filter(|old| check.excludes(old)) {
        if content.health_checks.contains(old) {
            return Some(disassociate(content, old));
        }
        if check.id().is_none() {
            return Some(retag(
                found,
                vec![],
                TagStep::Remove(vec![TAG_HEALTH_CHECK.to_owned()]),
            ));
        }
    }
    let id = check.id()?;
    if ours.is_none_or(|ours| ours != id) {
        let changes = vec![change("healthCheck", &ours, &id)];
        return Some(retag(
            found,
            changes,
            TagStep::Set(Tags::from([(TAG_HEALTH_CHECK.to_owned(), id.to_owned())])),
        ));
    }
    if content.health_checks.contains(id) {
        return None;
    }
    match check.health()? {
        Health::Healthy => Some(act(
            &content.id,
            Verb::Update,
            vec![change("healthChecks", &json!(null), &id)],
            Action::Associate {
                protection,
                health_check: id.to_owned(),
            },
        )),
        Health::Unhealthy(said) => Some(Next::Wait(Wait {
            id: Id::of(Kind::Protection),
            reason: Reason::HealthCheckUnhealthy,
            message: format!(
                "health check {id} is associated with the protection once it is healthy, which takes a new one some \
                 minutes; it is not yet: {said}"
            ),
            retry_after: HEALTH_RETRY,
        })),
    }
}

/// Takes a health check off the protection.
pub(super) fn disassociate(content: &Content, health_check: &str) -> Next<Action> {
    act(
        &content.id,
        Verb::Update,
        vec![change("healthChecks", &health_check, &json!(null))],
        Action::Disassociate {
            protection: content.id.clone(),
            health_check: health_check.to_owned(),
        },
    )
}
