//! What the protection's automatic response needs: its clock, its action, and Shield's rule in the web ACL.

use super::automatic_response::{Response, TAG_COUNT_SINCE, Wanted, since, stamp};
use super::protection::{Action, Content, Observed, act, change, retag};
use crate::domain::kernel::identity::Tags;
use crate::domain::kernel::planning::Verb;
use crate::domain::perimeter::desired::Desired;
use crate::domain::perimeter::observed::Observed as Everything;
use crate::domain::perimeter::plan::Next;
use jiff::SignedDuration;
use serde_json::json;

/// Start of the name of the rule that Shield keeps in a web ACL for its automatic response.
const SHIELD_RULE: &str = "ShieldMitigationRuleGroup_";
/// Shield adds its rule some time after it was asked to.
const RULE_GRACE: SignedDuration = SignedDuration::from_mins(10);

/// What the declared response needs.
pub(super) fn next(wanted: Wanted, everything: &Everything, found: &Observed, web_acl: &str) -> Option<Next> {
    let now = everything.at;
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
        return Some(retag(found, changes, Ok(tags)));
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
    if is_settled && is_rule_missing(everything, content) {
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
pub(super) fn withdrawn(found: &Observed) -> Option<Next> {
    let content = &found.content;
    let was_ours = found.tags.contains_key(TAG_COUNT_SINCE);
    match content.response {
        _ if !was_ours => None,
        Response::Off => Some(retag(found, vec![], Err(vec![TAG_COUNT_SINCE.to_owned()]))),
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
pub(in crate::domain) fn is_rule_awaited(all: &Desired, everything: &Everything) -> bool {
    let wanted = all.shield.as_ref().and_then(|shield| shield.protection.response);
    let row = everything.shield.protection_content();
    wanted.is_some() && row.is_some_and(|row| is_rule_missing(everything, row))
}

/// Whether the web ACL was read since the response was last switched, and lacks Shield's rule.
pub(super) fn is_rule_missing(everything: &Everything, row: &Content) -> bool {
    let Some(acl) = everything.web_acl.present() else {
        return false;
    };
    let rules = acl.content.document["Rules"].as_array().into_iter().flatten();
    let mut names = rules.filter_map(|rule| rule["Name"].as_str());
    // Shield's rule is in the web ACL that the distribution names.
    let is_named = everything.distribution_web_acl().as_deref() == Some(acl.content.entity.arn.as_str());
    let is_expected = row.response != Response::Off && !everything.shield.switched && is_named;
    is_expected && !names.any(|name| name.starts_with(SHIELD_RULE))
}
