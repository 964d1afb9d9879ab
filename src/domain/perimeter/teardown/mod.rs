//! How an object's resources go: from tags alone, never from a valid spec.
//!
//! ```text
//! alarm ─▶ health check ─▶ automatic response ─▶ protection, where there are such; DNS records
//!                                                  └▶
//! distribution: enabled ─▶ disabled ─▶ (Deployed) ─▶ API keys, authorizer deleted ─▶ deleted
//!                                                       └▶ certificates
//!                                                       └▶ custom domain name of mutual TLS ─▶ its records, truststore, certificates
//!                                                       └▶ logging ─▶ web ACL ─▶ IP sets
//!                                                       └▶ function, role: condemned; the sweeper deletes them later
//! ```
//!
//! What is in a flat-rate pricing plan is deleted once that has ended, which is waited for.
//!
//! Lambda keeps replicas of the function at the edge for hours and refuses to delete it until they are gone. So
//! function and role are only tagged here, and the object does not wait for them.

pub mod departure;
pub mod limits;
mod marks;
mod mutual_tls;
mod names;
mod pricing_plan;
mod secret;
mod shield;
mod steps;

pub use steps::Lists;

use crate::domain::edge::distribution::{self, DEPLOYED};
use crate::domain::edge::{document, xml};
use crate::domain::firewall::{ip_set, logging, web_acl};
use crate::domain::kernel::identity::{Owner, Ownership, TAG_CONDEMNED, TAG_RETAINED, Tags};
use crate::domain::kernel::observing::Seen;
use crate::domain::kernel::planning::{Id, Kind, Verb, Wait};
use crate::domain::kernel::reason::Reason;
use crate::domain::kernel::tagging::{TagCall, tags_back};
use crate::domain::perimeter::adoption::is_unswitched;
use crate::domain::perimeter::observed::Observed;
use crate::domain::perimeter::plan::{Action, Next, Plan};
use marks::{
    condemn_function, condemn_role, mark_distribution, mark_function, mark_ip_set, mark_role, mark_web_acl,
    unmarked,
};
use shield::Way;
use std::time::Duration;
use steps::{act, unlisted};

const DEPLOYING_RETRY: Duration = Duration::from_secs(20);

/// After this, what serves Shield, and what lets the perimeter in by a secret value, hold up the rest no longer.
const PATIENCE: Duration = Duration::from_mins(15);
/// After this, DNS records that cannot be taken away hold up the distribution no longer.
const PATIENCE_WITH_RECORDS: Duration = Duration::from_hours(1);

/// What has to happen next so that nothing of `owner` is left but condemned resources. `now` is RFC 3339.
#[must_use]
pub fn teardown(owner: &Owner, observed: &Observed, lists: Lists, now: &str) -> Plan {
    let mut plan = Plan::default();
    let distribution = distribution_goes(owner, observed, lists, &mut plan);
    plan.add(Id::of(Kind::Distribution), distribution.clone());
    names::certificates_go(observed, &distribution, &mut plan);
    mutual_tls::goes(observed, &distribution, &mut plan);
    web_acl_goes(owner, observed, lists, &distribution, &mut plan);
    signer_is_condemned(owner, observed, &distribution, now, &mut plan);
    plan
}

/// What is next of the distribution. What serves Shield and the DNS records go before it, and before its last step what lets the
/// perimeter in by a secret value.
fn distribution_goes(owner: &Owner, observed: &Observed, lists: Lists, plan: &mut Plan) -> Next {
    if let Seen::Present(found) = &observed.distribution
        && observed.owns(found) == Ownership::Retained
    {
        return no_longer_retained(found);
    }
    let shield = shield::goes(observed, lists, plan).unless(lists.lasting > PATIENCE);
    let records = names::records_go(owner, observed, plan);
    let records = records.unless(lists.lasting > PATIENCE_WITH_RECORDS);
    let mut distribution = match (shield, records) {
        (Way::Unknown, _) | (_, Way::Unknown) => Next::Read,
        (Way::Barred, _) => Next::Blocked(vec![Kind::Protection]),
        (_, Way::Barred) => Next::Blocked(vec![Kind::Records]),
        (Way::Free, Way::Free) => next_of_distribution(owner, observed, lists),
    };
    if is_last_step(&distribution)
        && let Some(wait) = names::holds_distribution(observed, lists)
    {
        distribution = wait;
    }
    if is_last_step(&distribution)
        && lists.lasting <= PATIENCE
        && let Some(wait) = shield::holds_distribution(observed, lists)
    {
        distribution = wait;
    }
    // As long as there is a distribution, its tags tell that there are keys; status may, too.
    if is_last_step(&distribution)
        && !secret::goes(owner, observed, plan)
        && !(lists.lasting > PATIENCE && secret::is_recorded(observed))
    {
        distribution = Next::Blocked(vec![Kind::ApiKey, Kind::Authorizer]);
    }
    distribution
}

/// The web ACL goes after the distribution, and the IP sets after it. One without its tags gets them back before, while the
/// distribution proves whose it is.
fn web_acl_goes(owner: &Owner, observed: &Observed, lists: Lists, distribution: &Next, plan: &mut Plan) {
    let next = || next_of_web_acl(owner, observed, lists);
    let web_acl = match &observed.web_acl {
        Seen::Listed(Some(row)) if row.tags.is_none() && is_distribution_seen(observed) => Next::Read,
        Seen::Present(found)
            if observed.owns_web_acl(found) == Ownership::Stripped && is_distribution_seen(observed) =>
        {
            next()
        }
        _ => after(distribution, Kind::Distribution, next),
    };
    plan.add(Id::of(Kind::WebAcl), web_acl.clone());
    for (part, seen) in &observed.ip_sets {
        let id = Id {
            kind: Kind::IpSet,
            part: part.clone(),
        };
        plan.add(id, next_of_ip_set(observed, part, seen, &web_acl));
    }
    if observed.ip_sets.is_empty() {
        let next = || unlisted(observed, lists, Kind::IpSet);
        plan.add(Id::of(Kind::IpSet), after(&web_acl, Kind::WebAcl, next));
    }
}

/// Function and role are condemned after the distribution. A function without its tags gets them back before, while the distribution
/// proves whose it is.
fn signer_is_condemned(owner: &Owner, observed: &Observed, distribution: &Next, now: &str, plan: &mut Plan) {
    let mark = Tags::from([(TAG_CONDEMNED.to_owned(), now.to_owned())]);
    let function = match &observed.function {
        Seen::Listed(Some(row)) if row.tags.is_none() && is_distribution_seen(observed) => Next::Read,
        Seen::Present(found)
            if observed.owns_function(found) == Ownership::Stripped && is_distribution_seen(observed) =>
        {
            mark_function(owner, observed, &owner.tags())
        }
        _ => after(distribution, Kind::Distribution, || {
            condemn_function(owner, observed, &mark)
        }),
    };
    let role = match &observed.role {
        // Whether anything was ever built hangs on it.
        Seen::Listed(_) => Next::Read,
        _ => after(distribution, Kind::Distribution, || {
            condemn_role(owner, observed, &mark)
        }),
    };
    plan.add(Id::of(Kind::Function), function);
    plan.add(Id::of(Kind::Role), role);
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
            mark_ip_set(observed, part, seen, &mark),
        );
    }
    plan.add(Id::of(Kind::Function), mark_function(owner, observed, &mark));
    plan.add(Id::of(Kind::Role), mark_role(owner, observed, &mark));
    secret::mark(owner, observed, &mark, &mut plan);
    shield::mark(owner, observed, &mark, &mut plan);
    names::mark(owner, observed, &mark, &mut plan);
    mutual_tls::mark(observed, &mark, &mut plan);
    plan
}

/// Whether the distribution is there to prove whose function and web ACL are, should they have lost their tags.
fn is_distribution_seen(observed: &Observed) -> bool {
    observed.distribution.present().is_some()
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
    let content = &found.content;
    match observed.owns(found) {
        // It serves as it did before its adoption, which was not finished: only our tags go.
        Ownership::Ours if is_unswitched(observed, found) => return unmarked(found),
        Ownership::Ours => {}
        Ownership::Stripped => {
            let (_, missing) = tags_back(&found.tags, &owner.tags());
            let call = TagCall::setting(&content.arn, missing);
            let action = Action::Distribution(distribution::Action::Tag(call));
            return act(Kind::Distribution, "", &content.id, Verb::Update, action);
        }
        Ownership::Retained => return no_longer_retained(found),
        Ownership::Condemned | Ownership::Foreign => return Next::Done,
    }
    let (id, etag) = (content.id.clone(), content.etag.clone());
    if xml::text_at(&content.config, "Enabled").as_deref() == Some("true") {
        let config = document::disabled(&content.config);
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
    if let Some(wait) = pricing_plan::holds(observed, Kind::Distribution, &id, &content.arn) {
        return wait;
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

/// An earlier object left the distribution on purpose, and its mark is still there: it goes first, and all else waits for it.
fn no_longer_retained(found: &distribution::Observed) -> Next {
    let content = &found.content;
    let call = TagCall::removing(&content.arn, vec![TAG_RETAINED.to_owned()]);
    let action = Action::Distribution(distribution::Action::Tag(call));
    act(Kind::Distribution, "", &content.id, Verb::Update, action)
}

/// Whether nobody uses the distribution any more.
fn is_last_step(next: &Next) -> bool {
    match next {
        Next::Done => true,
        Next::Act(step) => step.verb == Verb::Delete,
        _ => false,
    }
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
    let entity = &found.content.entity;
    match observed.owns_web_acl(found) {
        Ownership::Ours | Ownership::Retained => {}
        Ownership::Stripped => {
            let (_, missing) = tags_back(&found.tags, &owner.tags());
            let call = TagCall::setting(&entity.arn, missing);
            let action = Action::WebAcl(web_acl::Action::Tag(call));
            return act(Kind::WebAcl, "", &entity.name, Verb::Update, action);
        }
        Ownership::Condemned | Ownership::Foreign => return Next::Done,
    }
    if !observed.web_acl_users.is_empty() {
        return Next::Problem(limits::web_acl_in_use(&entity.name, &observed.web_acl_users));
    }
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
    if let Some(wait) = pricing_plan::holds(observed, Kind::WebAcl, &entity.name, &entity.arn) {
        return wait;
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

/// An IP set goes after the web ACL. One without its tags gets them back before, while the web ACL's rules prove whose it is.
fn next_of_ip_set(
    observed: &Observed,
    part: &str,
    seen: &Seen<ip_set::Listed, ip_set::Observed>,
    web_acl: &Next,
) -> Next {
    let is_last = *web_acl == Next::Done;
    let found = match seen {
        Seen::Absent | Seen::Listed(None) => return Next::Done,
        Seen::Listed(Some(row)) if row.tags.is_some() && !is_last => {
            return Next::Blocked(vec![Kind::WebAcl]);
        }
        Seen::Listed(Some(_)) => return Next::Read,
        Seen::Present(found) => found,
    };
    let entity = found.content.entity.clone();
    let name = entity.name.clone();
    let (verb, action) = match observed.owns_ip_set(part, found) {
        Ownership::Stripped => {
            let (_, missing) = tags_back(&found.tags, &observed.owner.tags());
            let call = TagCall::setting(&entity.arn, missing);
            (Verb::Update, ip_set::Action::Tag(call))
        }
        Ownership::Ours | Ownership::Retained if is_last => (Verb::Delete, ip_set::Action::Delete(entity)),
        Ownership::Ours | Ownership::Retained => return Next::Blocked(vec![Kind::WebAcl]),
        Ownership::Condemned | Ownership::Foreign => return Next::Done,
    };
    act(Kind::IpSet, part, &name, verb, Action::IpSet(action))
}
