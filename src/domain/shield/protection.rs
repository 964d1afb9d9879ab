//! Shield Advanced's protection of the distribution, with its automatic response and its health check.

use super::automatic_response::{Response, Wanted, stamp};
use super::health_check_wanted::WantedCheck;
use super::inputs::Inputs;
use super::protection_health::{disassociate, next_of_health_check};
use super::protection_response;
use crate::domain::kernel::change::Change;
use crate::domain::kernel::hash;
use crate::domain::kernel::identity::{Owner, Ownership, Tags};
use crate::domain::kernel::observing::{Fingerprint, Look, Seen, desired_hash};
use crate::domain::kernel::planning::{Id, Kind, Next, Problem, Verb};
use crate::domain::kernel::reason::Reason;
use crate::domain::kernel::tagging::{TagCall, TagStep, tag_step_changes, tags_back};
use serde::{Deserialize, Serialize};
use serde_json::json;
use std::collections::BTreeSet;

/// Shield's limit on a protection's name.
pub const NAME_LIMIT: usize = 128;
/// Id of the health check that we associated: associations of others are left alone.
pub const TAG_HEALTH_CHECK: &str = "palisade.dev/health-check";

/// A protection, as lists and reads show it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Content {
    /// The protection's id.
    pub id: String,
    /// The protection's own ARN.
    pub arn: String,
    /// ARN of what is protected.
    pub resource_arn: String,
    /// Its automatic response.
    pub response: Response,
    /// Ids of the health checks that are associated.
    pub health_checks: BTreeSet<String>,
}

/// A protection with its tags.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Observed {
    /// What lists show too.
    pub content: Content,
    /// The protection's tags.
    pub tags: Tags,
}

/// What a protection is made from.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Creation {
    /// The protection's name.
    pub name: String,
    /// ARN of the distribution.
    pub resource_arn: String,
    /// The protection's tags.
    pub tags: Tags,
}

/// The protection as it should be.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Desired {
    /// Whose it is.
    pub owner: Owner,
    /// The protection's name.
    pub name: String,
    /// The automatic response, if one is declared.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub response: Option<Wanted>,
    /// The protection's tags.
    pub tags: Tags,
}

/// One call that brings the protection nearer to what is wanted.
#[derive(Debug, Clone, PartialEq)]
#[allow(missing_docs)]
pub enum Action {
    Create(Creation),
    Tag(TagCall),
    /// Switches the automatic response on.
    Enable {
        resource_arn: String,
        response: Response,
    },
    /// Has it count or block.
    Change {
        resource_arn: String,
        response: Response,
        promotes: bool,
    },
    /// Off and on again: Shield's rule is gone from the web ACL.
    Reinstate {
        resource_arn: String,
        response: Response,
    },
    Disable {
        resource_arn: String,
    },
    Associate {
        protection: String,
        health_check: String,
    },
    Disassociate {
        protection: String,
        health_check: String,
    },
    Delete {
        id: String,
    },
}

/// What the protection needs next.
#[must_use]
pub fn next(
    declared: Option<&Desired>,
    seen: &Seen<Content, Observed>,
    check: WantedCheck<'_>,
    inputs: &Inputs<'_>,
) -> Next<Action> {
    let Some(desired) = declared else {
        return removal(seen, inputs);
    };
    if inputs.is_unsubscribed {
        return Next::Done;
    }
    let Some(target) = inputs.target else {
        return Next::Blocked(vec![Kind::Distribution]);
    };
    let Some(web_acl) = &inputs.web_acl else {
        return Next::Blocked(vec![Kind::WebAcl]);
    };
    let (pass, hash) = (inputs.pass, hash_with(declared, check, web_acl));
    match pass.look(&Id::of(Kind::Protection), &hash, seen) {
        Look::Verified(row) if !is_due(desired, check, inputs, row) => Next::Done,
        Look::Verified(_) | Look::Outdated(_) | Look::Read => Next::Read,
        Look::Absent => {
            let mut tags = desired.tags.clone();
            let basis = desired.response.map(|wanted| wanted.basis(web_acl));
            tags.extend(basis.map(|basis| stamp(&basis, pass.at)));
            act(
                &desired.name,
                Verb::Create,
                vec![],
                Action::Create(Creation {
                    name: desired.name.clone(),
                    resource_arn: target.to_owned(),
                    tags,
                }),
            )
        }
        Look::Present(found) => next_of_present(desired, check, inputs, found),
    }
}

/// Hash of everything that is wanted of the protection; `None` while its inputs are missing or nothing is wanted.
#[must_use]
pub fn hash_of(declared: Option<&Desired>, check: WantedCheck<'_>, inputs: &Inputs<'_>) -> Option<String> {
    declared?;
    Some(hash_with(declared, check, inputs.web_acl.as_deref()?))
}

/// Tags are in no list, so they are part of it.
fn hash_with(declared: Option<&Desired>, check: WantedCheck<'_>, web_acl: &str) -> String {
    desired_hash(&(declared, web_acl, check.id()))
}

/// Whether a protection that is as it was verified has to be looked at all the same.
fn is_due(desired: &Desired, check: WantedCheck<'_>, inputs: &Inputs<'_>, row: &Content) -> bool {
    let may_associate = check.id().is_some_and(|id| !row.health_checks.contains(id));
    may_associate
        || is_promotion_due(desired, inputs, row)
        || protection_response::is_rule_missing(inputs, row)
}

/// By the clock in status; the tag itself is read before anything follows from it.
fn is_promotion_due(desired: &Desired, inputs: &Inputs<'_>, row: &Content) -> bool {
    desired.response.is_some_and(|wanted| {
        let due = wanted.due(inputs.count_since, inputs.pass.at);
        row.response == Response::Count && due == Response::Block
    })
}

fn next_of_present(
    desired: &Desired,
    check: WantedCheck<'_>,
    inputs: &Inputs<'_>,
    found: &Observed,
) -> Next<Action> {
    match inputs.whose.protection {
        Ownership::Foreign => return Next::Problem(protected_elsewhere(found)),
        Ownership::Stripped => {
            let (changes, missing) = tags_back(&found.tags, &desired.tags);
            return retag(found, changes, TagStep::Set(missing));
        }
        Ownership::Ours | Ownership::Condemned | Ownership::Retained => {}
    }
    if let Some((changes, step)) = tag_step_changes(&found.tags, &desired.tags) {
        return retag(found, changes, step);
    }
    let health = next_of_health_check(check, found);
    if let Some(next @ Next::Act(_)) = health {
        return next;
    }
    let response = match &desired.response {
        Some(wanted) => protection_response::next(*wanted, inputs, found),
        None => protection_response::withdrawn(found),
    };
    response.or(health).unwrap_or(Next::Done)
}

/// What is left to do until no protection of the owner is left.
#[must_use]
pub fn removal(seen: &Seen<Content, Observed>, inputs: &Inputs<'_>) -> Next<Action> {
    let found = match seen {
        Seen::Absent => return Next::Done,
        Seen::Listed(None) if !inputs.known.protection => return Next::Done,
        Seen::Listed(_) => return Next::Read,
        Seen::Present(found) => found,
    };
    let content = &found.content;
    match inputs.whose.protection {
        Ownership::Ours | Ownership::Retained => {}
        Ownership::Stripped => {
            let (changes, missing) = tags_back(&found.tags, &inputs.owner.tags());
            return retag(found, changes, TagStep::Set(missing));
        }
        Ownership::Condemned | Ownership::Foreign => return Next::Done,
    }
    let ours = found.tags.get(TAG_HEALTH_CHECK);
    if let Some(ours) = ours.filter(|id| content.health_checks.contains(*id)) {
        return disassociate(content, ours);
    }
    if content.response != Response::Off {
        let action = Action::Disable {
            resource_arn: content.resource_arn.clone(),
        };
        return act(&content.id, Verb::Update, vec![], action);
    }
    let action = Action::Delete {
        id: content.id.clone(),
    };
    act(&content.id, Verb::Delete, vec![], action)
}

fn protected_elsewhere(found: &Observed) -> Problem {
    Problem {
        id: Id::of(Kind::Protection),
        reason: Reason::ManagedElsewhere,
        field: None,
        message: format!(
            "protection {} of the distribution was made by somebody else, perhaps by a Firewall Manager policy, and goes on \
             protecting it: leave spec.shield out, or, where it is a policy's, take the distribution out of the policy's scope",
            found.content.id
        ),
        remedy: None,
        stands: true,
        retry_after: None,
    }
}

pub(super) fn retag(found: &Observed, changes: Vec<Change>, step: TagStep) -> Next<Action> {
    let action = Action::Tag(TagCall::new(&found.content.arn, step));
    act(&found.content.id, Verb::Update, changes, action)
}

pub(super) fn change(path: &str, from: &impl Serialize, to: &impl Serialize) -> Change {
    Change {
        path: path.to_owned(),
        from: json!(from),
        to: json!(to),
    }
}

pub(super) fn act(name: &str, verb: Verb, changes: Vec<Change>, action: Action) -> Next<Action> {
    Next::act(Id::of(Kind::Protection), name, verb, changes, action)
}

/// The protection after `action` was answered, without reading it again.
#[must_use]
pub fn after(found: &Observed, action: &Action) -> Option<Observed> {
    let mut after = found.clone();
    let content = &mut after.content;
    match action {
        Action::Create(_) => {}
        Action::Tag(call) => call.change(&mut after.tags),
        Action::Enable { response, .. }
        | Action::Change { response, .. }
        | Action::Reinstate { response, .. } => content.response = *response,
        Action::Disable { .. } => content.response = Response::Off,
        Action::Associate { health_check, .. } => {
            content.health_checks.insert(health_check.clone());
        }
        Action::Disassociate { health_check, .. } => {
            content.health_checks.remove(health_check);
        }
        Action::Delete { .. } => return None,
    }
    Some(after)
}

/// Whether `action` has Shield change its rule in the web ACL.
#[must_use]
pub fn switches_response(action: &Action) -> bool {
    matches!(
        action,
        Action::Enable { .. } | Action::Change { .. } | Action::Reinstate { .. } | Action::Disable { .. }
    )
}

impl Fingerprint for Content {
    fn fingerprint(&self) -> String {
        hash::short(self)
    }
}

impl Fingerprint for Observed {
    fn fingerprint(&self) -> String {
        self.content.fingerprint()
    }
}
