//! What the protection's automatic response needs: its clock, its action, and Shield's rule in the web ACL.

use super::automatic_response::{Response, TAG_COUNT_SINCE, Wanted, since, stamp};
use super::inputs::Inputs;
use super::protection::{Action, Content, Desired, Observed, act, change, retag};
use crate::domain::kernel::identity::Tags;
use crate::domain::kernel::planning::{Next, Verb};
use crate::domain::kernel::tagging::TagStep;
use jiff::SignedDuration;
use serde_json::json;

/// Start of the name of the rule that Shield keeps in a web ACL for its automatic response.
pub const SHIELD_RULE: &str = "ShieldMitigationRuleGroup_";
/// Shield adds its rule some time after it was asked to.
const RULE_GRACE: SignedDuration = SignedDuration::from_mins(10);

/// What the declared response needs.
pub(super) fn next(wanted: Wanted, inputs: &Inputs<'_>, found: &Observed) -> Option<Next<Action>> {
    let web_acl = inputs.web_acl.as_deref()?;
    let now = inputs.pass.at;
    let basis = wanted.basis(web_acl);
    let content = &found.content;
    let arn = content.resource_arn.clone();
    let clock = since(&found.tags, &basis, now);
    let (key, fresh) = stamp(&basis, now);
    let is_fresh = found.tags.get(&key) == Some(&fresh);
    let response = wanted.due(clock, now);
    let found_as = content.response;
    // A promotion is the only switch for which the clock runs on.
    let promotes = found_as == Response::Count && response == Response::Block && clock.is_some();
    let switches = found_as != response;
    if clock.is_none() || (switches && !promotes && !is_fresh) {
        let tags = Tags::from([(key, fresh)]);
        let changes = vec![change(
            "countSince",
            &found.tags.get(TAG_COUNT_SINCE),
            &tags.get(TAG_COUNT_SINCE),
        )];
        return Some(retag(found, changes, TagStep::Set(tags)));
    }
    let changes = vec![change("automaticResponse", &found_as.word(), &response.word())];
    if found_as == Response::Off {
        let resource_arn = arn;
        return Some(act(
            &content.id,
            Verb::Update,
            changes,
            Action::Enable {
                resource_arn,
                response,
            },
        ));
    }
    let is_settled = clock.is_some_and(|clock| now.duration_since(clock) > RULE_GRACE);
    if is_settled && is_rule_missing(inputs, content) {
        let changes = vec![change("webAcl.shieldRule", &json!(null), &response.word())];
        let resource_arn = arn;
        return Some(act(
            &content.id,
            Verb::Update,
            changes,
            Action::Reinstate {
                resource_arn,
                response,
            },
        ));
    }
    switches.then(|| {
        let action = Action::Change {
            resource_arn: arn,
            response,
            promotes,
        };
        act(&content.id, Verb::Update, changes, action)
    })
}

/// A response that is no longer declared goes, if it was ours.
pub(super) fn withdrawn(found: &Observed) -> Option<Next<Action>> {
    let content = &found.content;
    let was_ours = found.tags.contains_key(TAG_COUNT_SINCE);
    match content.response {
        _ if !was_ours => None,
        Response::Off => Some(retag(
            found,
            vec![],
            TagStep::Remove(vec![TAG_COUNT_SINCE.to_owned()]),
        )),
        response => Some(act(
            &content.id,
            Verb::Update,
            vec![change(
                "automaticResponse",
                &response.word(),
                &Response::Off.word(),
            )],
            Action::Disable {
                resource_arn: content.resource_arn.clone(),
            },
        )),
    }
}

/// Whether Shield's rule is looked for in vain. It may come yet, so the web ACL is read anew until it is there or put back.
#[must_use]
pub fn is_rule_awaited(declared: Option<&Desired>, row: Option<&Content>, inputs: &Inputs<'_>) -> bool {
    let wanted = declared.and_then(|declared| declared.response);
    wanted.is_some() && row.is_some_and(|row| is_rule_missing(inputs, row))
}

/// Whether the web ACL was read since the response was last switched, and lacks Shield's rule.
pub(super) fn is_rule_missing(inputs: &Inputs<'_>, row: &Content) -> bool {
    inputs.lacks_rule && row.response != Response::Off
}
