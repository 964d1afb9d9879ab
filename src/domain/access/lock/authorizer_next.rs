//! What the authorizer needs next: its role, its function, its entry in the API and their tags, and what an earlier mode left.

use super::is_needed;
use crate::api::Enforcement;
use crate::domain::access::credentials::authorizer::{
    Action, Desired, Next, Observed, desired as desired_of, hash_of, name, removal, step,
};
use crate::domain::access::inputs::{Inputs, Plan, Wanted};
use crate::domain::access::probing::authorizer_code::{missing_code, wanted_code};
use crate::domain::access::probing::rotation::clear;
use crate::domain::access::proof::Proof;
use crate::domain::access::routes::Routes;
use crate::domain::kernel::arn::Arn;
use crate::domain::kernel::change::{Change, changes_between};
use crate::domain::kernel::identity::{Owner, Ownership, Tags};
use crate::domain::kernel::observing::Look;
use crate::domain::kernel::planning::{Id, Kind, Verb};
use crate::domain::kernel::tagging::{TagStep, name_taken, tag_step_changes, tags_back};
use crate::domain::signer::{function, role};

/// Adds what the authorizer needs next.
pub fn next_all(wanted: &Wanted<'_>, inputs: &Inputs<'_>, plan: &mut Plan<impl From<Action>>) {
    let id = Id::of(Kind::Authorizer);
    let Some(desired) = &wanted.authorizer else {
        return leftovers(wanted, inputs, plan);
    };
    if wanted.access.enforcement == Enforcement::Observe {
        return;
    }
    match inputs.pass.look(&id, &hash_of(desired), inputs.authorizer) {
        Look::Present(found) => {
            let next = next(wanted, desired, inputs, found, plan);
            plan.add(id, next);
        }
        Look::Verified(never) | Look::Outdated(never) => match *never {},
        Look::Read | Look::Absent if is_needed(wanted, inputs, id.kind, &hash_of(desired)) => {
            plan.add(id, Next::Read);
        }
        Look::Read | Look::Absent => {}
    }
}

fn next(
    wanted: &Wanted<'_>,
    desired: &Desired,
    inputs: &Inputs<'_>,
    found: &Observed,
    plan: &mut Plan<impl From<Action>>,
) -> Next {
    let Some(role) = &found.role else {
        return act(
            desired,
            Verb::Create,
            vec![],
            Action::CreateRole(desired.role.clone()),
        );
    };
    match inputs.whose.role {
        Ownership::Foreign => {
            let id = Id::of(Kind::Authorizer);
            return Next::Problem(name_taken(id, "IAM role", &role.name, &desired.owner));
        }
        Ownership::Stripped => {
            let (changes, missing) = tags_back(&role.tags, &desired.tags);
            return act_on_role(desired, changes, role::Action::Tag(missing));
        }
        Ownership::Ours | Ownership::Condemned | Ownership::Retained => {}
    }
    // It may do nothing, and only Lambda may assume it: what somebody added would widen that.
    if let Some((changes, action)) = role::correction(&desired.role, None, role) {
        return act_on_role(desired, changes, action);
    }
    let Some(distribution) = inputs.distribution_content() else {
        plan.add(Id::of(Kind::Distribution), Next::Read);
        return Next::Blocked(vec![Kind::Distribution]);
    };
    let sent = distribution.map(|found| found.sent.clone()).unwrap_or_default();
    let Some(code) = wanted_code(wanted, desired, inputs, found, &sent) else {
        return Next::Done;
    };
    let settings = desired.function_settings(&role.arn);
    let Some(function) = &found.function else {
        let creation = function::Creation {
            name: name(&desired.owner),
            settings,
            zip: code.zip.to_vec(),
            publish: false,
            tags: desired.tags.clone(),
        };
        return act(desired, Verb::Create, vec![], Action::CreateFunction(creation));
    };
    let next = match next_of_function(desired, &settings, function, &code, inputs) {
        Next::Done => next_of_entry(desired, found, function),
        next => next,
    };
    match next {
        Next::Done => next_of_tags(desired, &role.tags, &function.tags),
        next => next,
    }
}

fn next_of_function(
    desired: &Desired,
    settings: &function::Settings,
    found: &function::Observed,
    code: &crate::package::Package,
    inputs: &Inputs<'_>,
) -> Next {
    match inputs.whose.function {
        Ownership::Foreign => {
            let id = Id::of(Kind::Authorizer);
            let name = &found.latest.name;
            return Next::Problem(name_taken(id, "Lambda function", name, &desired.owner));
        }
        Ownership::Stripped => {
            let (changes, missing) = tags_back(&found.tags, &desired.tags);
            return act(desired, Verb::Update, changes, Action::TagFunction(missing));
        }
        Ownership::Ours | Ownership::Condemned | Ownership::Retained => {}
    }
    let latest = &found.latest;
    if latest.state == function::State::Pending || latest.updating {
        return function::pending(Kind::Authorizer, &latest.arn);
    }
    if latest.state == function::State::Failed && latest.code_sha256 == code.code_sha256 {
        return Next::Problem(function::failed(Kind::Authorizer, latest));
    }
    let changes = changes_between(&latest.settings, settings);
    if !changes.is_empty() {
        let action = Action::UpdateSettings {
            settings: function::updated(settings, &latest.settings),
            revision: latest.revision.clone(),
        };
        return act(desired, Verb::Update, changes, action);
    }
    let changes = function::code_change(&code.code_sha256, latest);
    if !changes.is_empty() {
        let action = Action::UpdateCode {
            zip: code.zip.to_vec(),
            revision: latest.revision.clone(),
        };
        return act(desired, Verb::Update, changes, action);
    }
    Next::Done
}

fn next_of_entry(desired: &Desired, found: &Observed, function: &function::Observed) -> Next {
    if !found.is_permitted(desired) {
        let source = desired.source();
        return act(desired, Verb::Update, vec![], Action::Permit { source });
    }
    let wanted = desired.entry_settings(&function.latest.arn);
    match found.entry(desired) {
        None => {
            let name = desired.entry_name();
            act(
                desired,
                Verb::Create,
                vec![],
                Action::CreateEntry {
                    name,
                    settings: wanted,
                },
            )
        }
        Some(entry) if entry.settings != wanted => {
            let changes = changes_between(&entry.settings, &wanted);
            let action = Action::UpdateEntry {
                id: entry.id.clone(),
                settings: wanted,
            };
            act(desired, Verb::Update, changes, action)
        }
        Some(_) => Next::Done,
    }
}

/// The next tag call on role or function, where they are otherwise as they should be.
fn next_of_tags(desired: &Desired, role: &Tags, function: &Tags) -> Next {
    let wrong = |found: &Tags| tag_step_changes(found, &desired.tags);
    let (changes, action) = match (wrong(role), wrong(function)) {
        (Some((changes, TagStep::Set(tags))), _) => (changes, Action::ChangeRole(role::Action::Tag(tags))),
        (Some((changes, TagStep::Remove(keys))), _) => {
            (changes, Action::ChangeRole(role::Action::Untag(keys)))
        }
        (None, Some((changes, TagStep::Set(tags)))) => (changes, Action::TagFunction(tags)),
        (None, Some((changes, TagStep::Remove(keys)))) => (changes, Action::UntagFunction(keys)),
        (None, None) => return Next::Done,
    };
    act(desired, Verb::Update, changes, action)
}

/// Makes the function again that an earlier stage asks and somebody has deleted or edited, as far as what CloudFront sends would not be
/// let in, and what lets API Gateway invoke it. The entry is as the stage was deployed with it.
fn of_earlier_stage(wanted: &Wanted<'_>, inputs: &Inputs<'_>) -> Option<Next> {
    if wanted.access.enforcement == Enforcement::Observe {
        return None;
    }
    let found = inputs.authorizer.present()?;
    let whose = inputs.whose;
    let role = found.role.as_ref().filter(|_| whose.role != Ownership::Foreign)?;
    let routes = Routes::of(wanted, inputs)?;
    let mut asked = routes.asked_at_earlier_stages().into_iter();
    let header = asked.find_map(|(_, proof)| match proof {
        Proof::Header(name) => Some(name),
        _ => None,
    })?;
    let account = Arn::of(&role.arn)?.account;
    let (owner, gate) = (wanted.owner, &wanted.access.gate);
    let desired = desired_of(owner, account, gate, &header, None, &owner.tags());
    let code = missing_code(&desired, inputs, found);
    let Some(function) = &found.function else {
        let creation = function::Creation {
            name: name(owner),
            settings: desired.function_settings(&role.arn),
            zip: code?.zip.to_vec(),
            publish: false,
            tags: desired.tags.clone(),
        };
        return Some(act(
            &desired,
            Verb::Create,
            vec![],
            Action::CreateFunction(creation),
        ));
    };
    let (latest, is_permitted) = (&function.latest, found.is_permitted(&desired));
    if whose.function == Ownership::Foreign || (code.is_none() && is_permitted) {
        return None;
    }
    if latest.state == function::State::Pending || latest.updating {
        return Some(function::pending(Kind::Authorizer, &latest.arn));
    }
    let Some(code) = code else {
        let source = desired.source();
        return Some(act(&desired, Verb::Update, vec![], Action::Permit { source }));
    };
    let changes = function::code_change(&code.code_sha256, latest);
    let action = Action::UpdateCode {
        zip: code.zip.to_vec(),
        revision: latest.revision.clone(),
    };
    Some(act(&desired, Verb::Update, changes, action))
}

/// Deletes what an earlier mode or header has left, once CloudFront sends no secret header any more.
fn leftovers(wanted: &Wanted<'_>, inputs: &Inputs<'_>, plan: &mut Plan<impl From<Action>>) {
    if let Some(next) = of_earlier_stage(wanted, inputs) {
        return plan.add(Id::of(Kind::Authorizer), next);
    }
    let is_asked = |proof: &Proof| matches!(proof, Proof::Header(_));
    let seen = &inputs.authorizer;
    let removal = |owner: &Owner, found: &Observed| removal(owner, inputs.whose, found);
    clear(wanted, inputs, Kind::Authorizer, seen, removal, is_asked, plan);
}

fn act(desired: &Desired, verb: Verb, changes: Vec<Change>, action: Action) -> Next {
    Next::Act(Box::new(step(&name(&desired.owner), verb, changes, action)))
}

fn act_on_role(desired: &Desired, changes: Vec<Change>, action: role::Action) -> Next {
    act(desired, Verb::Update, changes, Action::ChangeRole(action))
}
