//! The marks that a deletion leaves on what stays: released to the sweeper, or kept on purpose.

use super::steps::{Lists, act, unlisted};
use crate::domain::edge::distribution;
use crate::domain::firewall::{ip_set, web_acl};
use crate::domain::kernel::identity::{Owner, Ownership, TAG_RETAINED, Tags};
use crate::domain::kernel::observing::Seen;
use crate::domain::kernel::planning::{Kind, Verb};
use crate::domain::kernel::tagging::TagCall;
use crate::domain::perimeter::adoption::is_unswitched;
use crate::domain::perimeter::adoption_tags::tags_given_back;
use crate::domain::perimeter::observed::Observed;
use crate::domain::perimeter::plan::{Action, Next};
use crate::domain::signer::{function, role};

pub(super) use crate::domain::kernel::tagging::marked as needs;

pub(super) fn mark_distribution(owner: &Owner, observed: &Observed, lists: Lists, mark: &Tags) -> Next {
    match &observed.distribution {
        // Its adoption was given up before the update: nobody keeps it, and what uses nothing of ours is not retained.
        Seen::Present(found) if observed.owns(found) == Ownership::Ours && is_unswitched(observed, found) => {
            unmarked(found)
        }
        Seen::Present(found) => {
            needs(observed.owns(found), &found.tags, owner, mark).map_or(Next::Done, |tags| {
                let call = TagCall::setting(&found.content.arn, tags);
                let action = Action::Distribution(distribution::Action::Tag(call));
                act(Kind::Distribution, "", &found.content.id, Verb::Update, action)
            })
        }
        Seen::Listed(None) => unlisted(observed, lists, Kind::Distribution),
        Seen::Listed(Some(_)) => Next::Read,
        Seen::Absent => Next::Done,
    }
}

/// Takes the tags of ours off a distribution that serves as it did before its adoption, once those of others that they took the place of
/// are back.
pub(super) fn unmarked(found: &distribution::Observed) -> Next {
    let content = &found.content;
    let (former, keys) = tags_given_back(&Tags::new(), found);
    let call = if former.is_empty() {
        TagCall::removing(&content.arn, keys)
    } else {
        TagCall::setting(&content.arn, former)
    };
    let action = Action::Distribution(distribution::Action::Tag(call));
    act(Kind::Distribution, "", &content.id, Verb::Update, action)
}

pub(super) fn mark_web_acl(owner: &Owner, observed: &Observed, lists: Lists, mark: &Tags) -> Next {
    match &observed.web_acl {
        Seen::Present(found) => {
            let entity = &found.content.entity;
            needs(observed.owns_web_acl(found), &found.tags, owner, mark).map_or(Next::Done, |tags| {
                let call = TagCall::setting(&entity.arn, tags);
                let action = Action::WebAcl(web_acl::Action::Tag(call));
                act(Kind::WebAcl, "", &entity.name, Verb::Update, action)
            })
        }
        Seen::Listed(None) => unlisted(observed, lists, Kind::WebAcl),
        Seen::Listed(Some(_)) => Next::Read,
        Seen::Absent => Next::Done,
    }
}

pub(super) fn mark_ip_set(
    observed: &Observed,
    part: &str,
    seen: &Seen<ip_set::Listed, ip_set::Observed>,
    mark: &Tags,
) -> Next {
    match seen {
        Seen::Present(found) => {
            let entity = &found.content.entity;
            let whose = observed.owns_ip_set(part, found);
            needs(whose, &found.tags, &observed.owner, mark).map_or(Next::Done, |tags| {
                let call = TagCall::setting(&entity.arn, tags);
                let action = Action::IpSet(ip_set::Action::Tag(call));
                act(Kind::IpSet, part, &entity.name, Verb::Update, action)
            })
        }
        Seen::Listed(Some(_)) => Next::Read,
        Seen::Listed(None) | Seen::Absent => Next::Done,
    }
}

pub(super) fn mark_function(owner: &Owner, observed: &Observed, mark: &Tags) -> Next {
    match &observed.function {
        Seen::Present(found) => {
            needs(observed.owns_function(found), &found.tags, owner, mark).map_or(Next::Done, |tags| {
                let call = TagCall::setting(&found.latest.arn, tags);
                let action = Action::Function(function::Action::Tag(call));
                act(Kind::Function, "", &found.latest.name, Verb::Update, action)
            })
        }
        // The name is fixed, so a direct read always tells.
        Seen::Listed(_) => Next::Read,
        Seen::Absent => Next::Done,
    }
}

/// Like [`mark_function`], for the sweeper, which deletes nothing that bears the mark of what was left on purpose: that goes first.
pub(super) fn condemn_function(owner: &Owner, observed: &Observed, mark: &Tags) -> Next {
    match &observed.function {
        Seen::Present(found) if is_retained(observed.owns_function(found), &found.tags) => {
            let call = TagCall::removing(&found.latest.arn, vec![TAG_RETAINED.to_owned()]);
            let action = Action::Function(function::Action::Tag(call));
            act(Kind::Function, "", &found.latest.name, Verb::Update, action)
        }
        _ => mark_function(owner, observed, mark),
    }
}

/// The same of the role.
pub(super) fn condemn_role(owner: &Owner, observed: &Observed, mark: &Tags) -> Next {
    match &observed.role {
        Seen::Present(found) if is_retained(observed.owns_role(found), &found.tags) => {
            let action = Action::Role(role::Action::Untag(vec![TAG_RETAINED.to_owned()]));
            act(Kind::Role, "", &found.name, Verb::Update, action)
        }
        _ => mark_role(owner, observed, mark),
    }
}

/// Whether an earlier object left on purpose what is the owner's by now.
fn is_retained(whose: Ownership, tags: &Tags) -> bool {
    whose != Ownership::Foreign && tags.contains_key(TAG_RETAINED)
}

pub(super) fn mark_role(owner: &Owner, observed: &Observed, mark: &Tags) -> Next {
    match &observed.role {
        Seen::Present(found) => {
            needs(observed.owns_role(found), &found.tags, owner, mark).map_or(Next::Done, |tags| {
                let action = Action::Role(role::Action::Tag(tags));
                act(Kind::Role, "", &found.name, Verb::Update, action)
            })
        }
        Seen::Listed(_) => Next::Read,
        Seen::Absent => Next::Done,
    }
}
