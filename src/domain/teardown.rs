//! How an object's resources go: from tags alone, never from a valid spec.
//!
//! ```text
//! alarm ─▶ health check ─▶ automatic response ─▶ protection, where there are such; DNS records
//!                                                  └▶
//! distribution: enabled ─▶ disabled ─▶ (Deployed) ─▶ API keys, authorizer deleted ─▶ deleted
//!                                                       └▶ certificates
//!                                                       └▶ logging ─▶ web ACL ─▶ IP sets
//!                                                       └▶ function, role: condemned; the sweeper deletes them later
//! ```
//!
//! Lambda keeps replicas of the function at the edge for hours and refuses to delete it until they are gone. So
//! function and role are only tagged here, and the object does not wait for them.

use super::identity::{Owner, Ownership, TAG_CONDEMNED, TAG_RETAINED, Tags, ownership};
use super::observed::{Observed, Seen};
use super::plan::{Action, Id, Kind, Next, Plan, Step, Verb, Wait};
use super::reason::Reason;
use super::resources::distribution::{self, DEPLOYED};
use super::resources::{distribution_document, function, ip_set, logging, role, web_acl};
use super::teardown_names;
use super::teardown_secret;
use super::teardown_shield::{self, Way};
use super::xml;
use std::time::Duration;

const DEPLOYING_RETRY: Duration = Duration::from_secs(20);
const SETTLING_RETRY: Duration = Duration::from_secs(15);

/// What is known about the lists that `observed` was made from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Lists {
    /// Whether they were read so long after the last possible creation that what they lack does not exist.
    pub settled: bool,
}

/// What has to happen next so that nothing of `owner` is left but condemned resources. `now` is RFC 3339.
#[must_use]
pub fn teardown(owner: &Owner, observed: &Observed, lists: Lists, now: &str) -> Plan {
    let mut plan = Plan::default();
    let shield = teardown_shield::goes(owner, observed, lists, &mut plan);
    let records = teardown_names::records_go(owner, observed, &mut plan);
    let mut distribution = match (shield, records) {
        (Way::Unknown, _) | (_, Way::Unknown) => Next::Read,
        (Way::Barred, _) => Next::Blocked(vec![Kind::Protection]),
        (_, Way::Barred) => Next::Blocked(vec![Kind::Records]),
        (Way::Free, Way::Free) => next_of_distribution(owner, observed, lists),
    };
    if is_last_step(&distribution)
        && let Some(wait) = teardown_names::holds_distribution(observed, lists)
    {
        distribution = wait;
    }
    // As long as there is a distribution, its tags tell that there are keys.
    if is_last_step(&distribution) && !teardown_secret::goes(owner, observed, &mut plan) {
        distribution = Next::Blocked(vec![Kind::ApiKey, Kind::Authorizer]);
    }
    let web_acl = after(&distribution, Kind::Distribution, || {
        next_of_web_acl(owner, observed, lists)
    });
    plan.add(Id::of(Kind::Distribution), distribution.clone());
    teardown_names::certificates_go(owner, observed, &distribution, &mut plan);
    plan.add(Id::of(Kind::WebAcl), web_acl.clone());
    for (part, seen) in &observed.ip_sets {
        let next = after(&web_acl, Kind::WebAcl, || next_of_ip_set(owner, part, seen));
        plan.add(
            Id {
                kind: Kind::IpSet,
                part: part.clone(),
            },
            next,
        );
    }
    if observed.ip_sets.is_empty() {
        plan.add(
            Id::of(Kind::IpSet),
            after(&web_acl, Kind::WebAcl, || unlisted(observed, lists, Kind::IpSet)),
        );
    }
    let mark = Tags::from([(TAG_CONDEMNED.to_owned(), now.to_owned())]);
    let function = after(&distribution, Kind::Distribution, || {
        mark_function(owner, observed, &mark)
    });
    let role = match &observed.role {
        // Whether anything was ever built hangs on it.
        Seen::Listed(_) => Next::Read,
        _ => after(&distribution, Kind::Distribution, || {
            mark_role(owner, observed, &mark)
        }),
    };
    plan.add(Id::of(Kind::Function), function);
    plan.add(Id::of(Kind::Role), role);
    plan
}

/// What has to happen next so that everything of `owner` stays and is marked as retained. `now` is RFC 3339.
#[must_use]
pub fn retain(owner: &Owner, observed: &Observed, lists: Lists, now: &str) -> Plan {
    let mut plan = Plan::default();
    let mark = Tags::from([(TAG_RETAINED.to_owned(), now.to_owned())]);
    plan.add(
        Id::of(Kind::Distribution),
        mark_distribution(owner, observed, lists, &mark),
    );
    plan.add(Id::of(Kind::WebAcl), mark_web_acl(owner, observed, lists, &mark));
    for (part, seen) in &observed.ip_sets {
        plan.add(
            Id {
                kind: Kind::IpSet,
                part: part.clone(),
            },
            mark_ip_set(owner, part, seen, &mark),
        );
    }
    plan.add(Id::of(Kind::Function), mark_function(owner, observed, &mark));
    plan.add(Id::of(Kind::Role), mark_role(owner, observed, &mark));
    teardown_secret::mark(owner, observed, &mark, &mut plan);
    teardown_shield::mark(owner, observed, &mark, &mut plan);
    teardown_names::mark(owner, observed, &mark, &mut plan);
    plan
}

pub(super) fn after(before: &Next, kind: Kind, next: impl FnOnce() -> Next) -> Next {
    if *before == Next::Done {
        next()
    } else {
        Next::Blocked(vec![kind])
    }
}

fn next_of_distribution(owner: &Owner, observed: &Observed, lists: Lists) -> Next {
    let found = match &observed.distribution {
        Seen::Absent => return Next::Done,
        Seen::Listed(None) => return unlisted(observed, lists, Kind::Distribution),
        Seen::Listed(Some(row)) if !row.listed.enabled && row.listed.status != DEPLOYED => {
            return disabling();
        }
        Seen::Listed(Some(_)) => return Next::Read,
        Seen::Present(found) => found,
    };
    if ownership(&found.tags, owner) != Ownership::Ours {
        return Next::Done;
    }
    let content = &found.content;
    let (id, etag) = (content.id.clone(), content.etag.clone());
    if xml::text_at(&content.config, "Enabled").as_deref() == Some("true") {
        let config = distribution_document::disabled(&content.config);
        let action = distribution::Action::Update { id, etag, config };
        return act(
            Kind::Distribution,
            "",
            &content.id,
            Verb::Update,
            Action::Distribution(action),
        );
    }
    if content.status != DEPLOYED {
        return disabling();
    }
    let action = distribution::Action::Delete { id, etag };
    act(
        Kind::Distribution,
        "",
        &content.id,
        Verb::Delete,
        Action::Distribution(action),
    )
}

/// Whether nobody uses the distribution any more.
fn is_last_step(next: &Next) -> bool {
    match next {
        Next::Done => true,
        Next::Act(step) => step.verb == Verb::Delete,
        _ => false,
    }
}

/// What a resource needs that no list has.
fn unlisted(observed: &Observed, lists: Lists, kind: Kind) -> Next {
    if observed.knows(kind) {
        return Next::Read;
    }
    match observed.role {
        // The role is made first: where it does not exist, nothing was ever built.
        Seen::Absent => Next::Done,
        _ if lists.settled => Next::Done,
        Seen::Listed(_) => Next::Blocked(vec![Kind::Role]),
        Seen::Present(_) => settling(kind),
    }
}

pub(super) fn settling(kind: Kind) -> Next {
    Next::Wait(Wait {
        id: Id::of(kind),
        reason: Reason::Propagating,
        message: "makes sure that nothing was created whose answer was lost; about a minute".into(),
        retry_after: SETTLING_RETRY,
    })
}

fn disabling() -> Next {
    Next::Wait(Wait {
        id: Id::of(Kind::Distribution),
        reason: Reason::Deploying,
        message:
            "CloudFront switches the distribution off at its edge locations before it can be deleted; this \
                  usually takes 3 to 10 minutes"
                .into(),
        retry_after: DEPLOYING_RETRY,
    })
}

fn next_of_web_acl(owner: &Owner, observed: &Observed, lists: Lists) -> Next {
    let found = match &observed.web_acl {
        Seen::Absent => return Next::Done,
        Seen::Listed(None) => return unlisted(observed, lists, Kind::WebAcl),
        Seen::Listed(Some(_)) => return Next::Read,
        Seen::Present(found) => found,
    };
    if ownership(&found.tags, owner) != Ownership::Ours {
        return Next::Done;
    }
    let entity = &found.content.entity;
    let has_logging = match &observed.logging {
        Seen::Present(_) | Seen::Listed(Some(_)) => true,
        Seen::Absent | Seen::Listed(None) => false,
    };
    if has_logging {
        let action = logging::Action::Delete {
            web_acl_arn: entity.arn.clone(),
        };
        return act(
            Kind::Logging,
            "",
            &entity.arn,
            Verb::Delete,
            Action::Logging(action),
        );
    }
    let action = web_acl::Action::Delete(entity.clone());
    act(
        Kind::WebAcl,
        "",
        &entity.name,
        Verb::Delete,
        Action::WebAcl(action),
    )
}

fn next_of_ip_set(owner: &Owner, part: &str, seen: &Seen<ip_set::Listed, ip_set::Observed>) -> Next {
    match seen {
        Seen::Absent | Seen::Listed(None) => Next::Done,
        Seen::Listed(Some(_)) => Next::Read,
        Seen::Present(found) if ownership(&found.tags, owner) != Ownership::Ours => Next::Done,
        Seen::Present(found) => {
            let entity = found.content.entity.clone();
            let name = entity.name.clone();
            act(
                Kind::IpSet,
                part,
                &name,
                Verb::Delete,
                Action::IpSet(ip_set::Action::Delete(entity)),
            )
        }
    }
}

/// Whether a resource of `owner` still needs `mark`.
pub(super) fn needs(tags: &Tags, owner: &Owner, mark: &Tags) -> bool {
    ownership(tags, owner) != Ownership::Foreign && mark.keys().any(|key| !tags.contains_key(key))
}

fn mark_distribution(owner: &Owner, observed: &Observed, lists: Lists, mark: &Tags) -> Next {
    match &observed.distribution {
        Seen::Present(found) if needs(&found.tags, owner, mark) => {
            let action = distribution::Action::Tag {
                arn: found.content.arn.clone(),
                tags: mark.clone(),
            };
            act(
                Kind::Distribution,
                "",
                &found.content.id,
                Verb::Update,
                Action::Distribution(action),
            )
        }
        Seen::Listed(None) => unlisted(observed, lists, Kind::Distribution),
        Seen::Listed(Some(_)) => Next::Read,
        Seen::Present(_) | Seen::Absent => Next::Done,
    }
}

fn mark_web_acl(owner: &Owner, observed: &Observed, lists: Lists, mark: &Tags) -> Next {
    match &observed.web_acl {
        Seen::Present(found) if needs(&found.tags, owner, mark) => {
            let entity = &found.content.entity;
            let action = web_acl::Action::Tag {
                arn: entity.arn.clone(),
                tags: mark.clone(),
            };
            act(
                Kind::WebAcl,
                "",
                &entity.name,
                Verb::Update,
                Action::WebAcl(action),
            )
        }
        Seen::Listed(None) => unlisted(observed, lists, Kind::WebAcl),
        Seen::Listed(Some(_)) => Next::Read,
        Seen::Present(_) | Seen::Absent => Next::Done,
    }
}

fn mark_ip_set(
    owner: &Owner,
    part: &str,
    seen: &Seen<ip_set::Listed, ip_set::Observed>,
    mark: &Tags,
) -> Next {
    match seen {
        Seen::Present(found) if needs(&found.tags, owner, mark) => {
            let entity = &found.content.entity;
            let action = ip_set::Action::Tag {
                arn: entity.arn.clone(),
                tags: mark.clone(),
            };
            act(
                Kind::IpSet,
                part,
                &entity.name,
                Verb::Update,
                Action::IpSet(action),
            )
        }
        Seen::Listed(Some(_)) => Next::Read,
        _ => Next::Done,
    }
}

fn mark_function(owner: &Owner, observed: &Observed, mark: &Tags) -> Next {
    match &observed.function {
        Seen::Present(found) if needs(&found.tags, owner, mark) => {
            let action = function::Action::Tag {
                arn: found.latest.arn.clone(),
                tags: mark.clone(),
            };
            act(
                Kind::Function,
                "",
                &found.latest.name,
                Verb::Update,
                Action::Function(action),
            )
        }
        // The name is fixed, so a direct read always tells.
        Seen::Listed(_) => Next::Read,
        _ => Next::Done,
    }
}

fn mark_role(owner: &Owner, observed: &Observed, mark: &Tags) -> Next {
    match &observed.role {
        Seen::Present(found) if needs(&found.tags, owner, mark) => {
            let action = role::Action::Tag(mark.clone());
            act(Kind::Role, "", &found.name, Verb::Update, Action::Role(action))
        }
        Seen::Listed(_) => Next::Read,
        _ => Next::Done,
    }
}

pub(super) fn act(kind: Kind, part: &str, name: &str, verb: Verb, action: Action) -> Next {
    let id = Id {
        kind,
        part: part.to_owned(),
    };
    Next::Act(Box::new(Step {
        id,
        name: name.to_owned(),
        verb,
        changes: vec![],
        action,
    }))
}
