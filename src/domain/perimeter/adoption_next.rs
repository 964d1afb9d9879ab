//! What is next of a distribution that is being adopted, or given back; see [`super::adoption`].

use super::adoption::Standing;
use super::adoption_tags::{adopted_by, changed_back, tags_given_back, taken_off};
use super::adoption_words::{problem, refused, released, unconfirmed};
use super::desired::Desired;
use super::observed::Observed;
use super::plan::{Action, Next, Plan};
use crate::domain::access::asked::refused_roles::refusing;
use crate::domain::access::probing::probed::asks_callers_for_signatures;
use crate::domain::access::probing::{Passage, passage};
use crate::domain::access::proof::Proof;
use crate::domain::adoption::before::Before;
use crate::domain::adoption::refusals;
use crate::domain::edge::config::settings_of;
use crate::domain::edge::distribution::{self, DEPLOYED};
use crate::domain::edge::distribution_next::wanted_settings;
use crate::domain::kernel::change::{Change, changes_between};
use crate::domain::kernel::identity::Tags;
use crate::domain::kernel::observing::Seen;
use crate::domain::kernel::planning::{Blocked, Id, Kind, Problem, Verb, Wait};
use crate::domain::kernel::reason::Reason;
use crate::domain::kernel::tagging::{TagCall, TagStep};
use std::time::Duration;

/// The next pass finds the distribution by its tags, or what status notes.
const NEXT_PASS: Duration = Duration::from_secs(1);
const DEPLOYING_RETRY: Duration = Duration::from_secs(20);
/// A probe that failed once it was given back is sent again so soon.
const PROBE_RETRY: Duration = Duration::from_mins(1);
/// What stands for the others in a plan that holds all of them back.
const HELD: [Kind; 4] = [Kind::Role, Kind::Function, Kind::WebAcl, Kind::Access];
/// What the update puts in place, or what that needs.
const PUT_IN_PLACE: [Kind; 4] = [Kind::Role, Kind::Function, Kind::IpSet, Kind::WebAcl];

/// What is next while the distribution is not planned like one that Palisade made; `None` where it is. `whole` is the plan for such a
/// one, `beside` that for all that is made before a distribution.
pub(super) fn next(
    desired: &Desired,
    observed: &Observed,
    whole: impl FnOnce() -> Plan,
    beside: impl FnOnce() -> Plan,
) -> Plan {
    match observed.standing(desired) {
        None | Some(Standing::Adopted) => whole(),
        Some(Standing::Unread) => held(None),
        Some(Standing::Missing) => held(
            desired
                .adoption
                .as_ref()
                .map(|declared| refused("", &[refusals::missing(declared)])),
        ),
        Some(Standing::Another(own)) => {
            let mut plan = whole();
            let refusal = desired
                .adoption
                .as_ref()
                .map(|declared| refusals::has_another(declared, own));
            plan.problems
                .extend(refusal.map(|refusal| refused("", &[refusal])));
            plan
        }
        Some(Standing::Released) => held(
            desired
                .adoption
                .as_ref()
                .map(|declared| released(&declared.id, declared.deletion_policy)),
        ),
        Some(Standing::Foreign(found)) => of_foreign(desired, observed, found, beside),
        Some(Standing::Switching(found)) => of_switching(desired, observed, found, whole),
        Some(Standing::Releasing(found)) => of_releasing(desired, observed, found, whole),
    }
}

/// All others wait for the distribution, and are not touched.
fn held_for_it() -> Plan {
    let mut plan = Plan {
        is_held: true,
        ..Plan::default()
    };
    plan.blocked.extend(HELD.map(|kind| Blocked {
        id: Id::of(kind),
        on: vec![Kind::Distribution],
    }));
    plan
}

/// All waits for the distribution, and itself for this.
fn held(problem: Option<Problem>) -> Plan {
    let mut plan = held_for_it();
    match problem {
        Some(problem) => plan.problems.push(problem),
        None => plan.blocked.push(Blocked {
            id: Id::of(Kind::Distribution),
            on: vec![Kind::Distribution],
        }),
    }
    plan
}

fn of_foreign(
    desired: &Desired,
    observed: &Observed,
    found: &distribution::Observed,
    beside: impl FnOnce() -> Plan,
) -> Plan {
    let id = &found.content.id;
    if observed.tagged.contains_key(&found.content.arn) {
        let mut plan = held_for_it();
        plan.waits.push(tagged());
        return plan;
    }
    let refusals = observed.adoption_refusals(desired, found);
    if !refusals.is_empty() {
        return held(Some(refused(id, &refusals)));
    }
    let unconfirmed = (!observed.is_confirmed(desired, found)).then(|| unconfirmed(desired, observed, found));
    if unconfirmed.is_some() && !observed.adoption.is_shown {
        return held(unconfirmed);
    }
    let mut plan = beside();
    let next = taken_over(desired, observed, found, &plan);
    let access: Next = match &next {
        Next::Blocked(on) if on.contains(&Kind::Access) => Next::Read,
        _ => Next::Blocked(vec![Kind::Distribution]),
    };
    plan.add(Id::of(Kind::Distribution), next);
    plan.add(Id::of(Kind::Access), access);
    plan.problems.extend(unconfirmed);
    plan
}

/// The tags by which the distribution becomes the object's, once all that is to be put in place stands.
fn taken_over(desired: &Desired, observed: &Observed, found: &distribution::Observed, plan: &Plan) -> Next {
    let content = &found.content;
    let inputs = observed.distribution_inputs(desired, &observed.access_inputs(desired));
    let mut missing: Vec<Kind> = PUT_IN_PLACE
        .into_iter()
        .filter(|kind| plan.concerns(*kind))
        .collect();
    if wanted_settings(&desired.distribution, &inputs).is_none() {
        missing.extend(inputs.sent.clone().err().into_iter().flatten());
        if missing.is_empty() {
            missing.push(Kind::WebAcl);
        }
    }
    if !missing.is_empty() {
        return Next::Blocked(missing);
    }
    if let Some(next) = refused_by_policy(desired, observed, content) {
        return next;
    }
    let tags = observed.tags_of_adoption(desired, found);
    retag(&content.id, &content.arn, adopted_by(&tags), TagStep::Set(tags))
}

/// While edge locations get the update, some sign with the former role and some with ours: the API must let in both. Read and judged
/// last, since a resource policy can only name a role that is there.
fn refused_by_policy(
    desired: &Desired,
    observed: &Observed,
    content: &distribution::Content,
) -> Option<Next> {
    if desired.access.proof != Proof::Signature {
        return None;
    }
    let Seen::Present(access) = &observed.access else {
        return Some(Next::Blocked(vec![Kind::Access]));
    };
    let role = observed.role_arn()?;
    let names: Vec<String> = refusing(&access.policies, role).into_iter().collect();
    (!names.is_empty()).then(|| {
        let problem = problem(
            Reason::AdoptionRefused,
            format!(
                "spec.distribution.adopt: distribution {} is not updated yet: statements of the API's resource policy refuse this object's \
                 signer: {}",
                content.id,
                names.join(", ")
            ),
        );
        let problem = problem.about("spec.distribution.adopt");
        Next::Problem(problem.with_remedy(Some(format!(
            "add {role} to the roles that these statements let in, beside the former one, and deploy the API, which \
             makes all of its edits live"
        ))))
    })
}

/// The lists that this pass has made do not tell that it is the object's.
fn tagged() -> Wait {
    Wait {
        id: Id::of(Kind::Distribution),
        reason: Reason::InProgress,
        message: "the distribution bears this object's tags, and is updated in the next pass".to_owned(),
        retry_after: NEXT_PASS,
    }
}

/// The status that this pass writes tells that the update was made.
fn noted_first() -> Wait {
    Wait {
        id: Id::of(Kind::Distribution),
        reason: Reason::InProgress,
        message: "status notes that the distribution was updated, and it is given back in the next pass"
            .to_owned(),
        retry_after: NEXT_PASS,
    }
}

/// The world may be another one since the tags were set: what is confirmed is looked at once more before the update. Where that was
/// made already, the former owner has written since: then ours is put back like any other drift, and what stood before stays known.
fn of_switching(
    desired: &Desired,
    observed: &Observed,
    found: &distribution::Observed,
    whole: impl FnOnce() -> Plan,
) -> Plan {
    if observed.was_adopted() {
        return whole();
    }
    let refusals = observed.adoption_refusals(desired, found);
    if !refusals.is_empty() {
        return held(Some(refused(&found.content.id, &refusals)));
    }
    if !observed.is_confirmed(desired, found) {
        return held(Some(unconfirmed(desired, observed, found)));
    }
    let content = &found.content;
    let wanted = observed.tags_of_adoption(desired, found);
    let missing: Tags = wanted
        .into_iter()
        .filter(|(key, value)| found.tags.get(key) != Some(value))
        .collect();
    if !missing.is_empty() {
        let mut plan = held_for_it();
        let next = retag(
            &content.id,
            &content.arn,
            adopted_by(&missing),
            TagStep::Set(missing),
        );
        plan.add(Id::of(Kind::Distribution), next);
        return plan;
    }
    let mut plan = whole();
    // What viewers get by the update is what was confirmed, and stands by then.
    for first in PUT_IN_PLACE {
        if plan.concerns(first) {
            plan.hold(Kind::Distribution, first);
        }
    }
    plan
}

fn of_releasing(
    desired: &Desired,
    observed: &Observed,
    found: &distribution::Observed,
    whole: impl FnOnce() -> Plan,
) -> Plan {
    let content = &found.content;
    if !observed.was_switched(found) {
        // It serves as its owners have it, and may have been edited by them since: tags alone are of ours.
        let mut plan = held_for_it();
        plan.add(Id::of(Kind::Distribution), given_back(desired, found));
        return plan;
    }
    let refusals = observed.release_refusals(desired, found);
    let before = Before::of_tags(&found.tags);
    let Some(before) = before.filter(|_| refusals.is_empty()) else {
        let mut problem = refused(&content.id, &refusals);
        if observed.is_refusal_to_be_noted(&refusals) {
            // The next pass puts the perimeter back: without a note of why, one after it would give it back again.
            problem.retry_after = Some(NEXT_PASS);
            return held(Some(problem));
        }
        // It stays as it is, and is seen to.
        let mut plan = whole();
        plan.problems.push(problem);
        return plan;
    };
    let mut plan = held_for_it();
    let restored = before.restored(&content.config);
    let is_read = matches!(observed.access, Seen::Present(_));
    if restored != content.config && !is_read {
        // What the API asks for now, viewers have to pass.
        plan.reads.push(Id::of(Kind::Access));
        return plan;
    }
    if restored != content.config && !observed.was_adopted() {
        // Once it is back, nothing of the distribution tells that viewers had ours: status has to, by the record that this pass leaves.
        plan.waits.push(noted_first());
        return plan;
    }
    if restored != content.config {
        let changes = changes_between(&settings_of(&content.config), &settings_of(&restored));
        let action = distribution::Action::Update {
            id: content.id.clone(),
            etag: content.etag.clone(),
            config: restored,
        };
        plan.add(Id::of(Kind::Distribution), act(&content.id, changes, action));
        return plan;
    }
    if content.status != DEPLOYED {
        plan.add(Id::of(Kind::Distribution), deploying());
        return plan;
    }
    let next = match probed(desired, observed, &mut plan) {
        None => return plan,
        Some(Ok(())) => given_back(desired, found),
        Some(Err(problem)) => Next::Problem(problem),
    };
    plan.add(Id::of(Kind::Distribution), next);
    plan
}

/// Whether viewers get in now that the distribution serves as it did before; `None` while a read or a probe has to tell.
fn probed(desired: &Desired, observed: &Observed, plan: &mut Plan) -> Option<Result<(), Problem>> {
    if !desired.access.probes {
        return Some(Ok(()));
    }
    let Seen::Present(_) = &observed.access else {
        plan.reads.push(Id::of(Kind::Access));
        return None;
    };
    let (wanted, inputs) = (desired.of_access(), observed.access_inputs(desired));
    if asks_callers_for_signatures(&wanted, &inputs) {
        // A probe has none to show, and viewers show their own, as they did before.
        return Some(Ok(()));
    }
    match passage(&wanted, &inputs, plan) {
        Passage::Asked => None,
        Passage::Open => Some(Ok(())),
        Passage::Closed(why) => Some(Err(Problem {
            field: Some("spec.distribution.adopt.release".to_owned()),
            retry_after: Some(PROBE_RETRY),
            ..Problem::new(
                Id::of(Kind::Distribution),
                Reason::AdoptionRefused,
                format!(
                    "spec.distribution.adopt.release: the distribution is as it was before, and viewers do not get in: {why}. Its tags and \
                     what Palisade made for it stay until they do. Set release to false, and the perimeter is put back"
                ),
            )
        })),
    }
}

/// Takes the tags of ours off, once those of others that they took the place of are back.
fn given_back(desired: &Desired, found: &distribution::Observed) -> Next {
    let content = &found.content;
    let (former, keys) = tags_given_back(&desired.distribution.tags, found);
    if !former.is_empty() {
        return retag(
            &content.id,
            &content.arn,
            changed_back(found, &former),
            TagStep::Set(former),
        );
    }
    retag(
        &content.id,
        &content.arn,
        taken_off(found, &keys),
        TagStep::Remove(keys),
    )
}

fn retag(id: &str, arn: &str, changes: Vec<Change>, step: TagStep) -> Next {
    let call = TagCall::new(arn, step);
    act(id, changes, distribution::Action::Tag(call))
}

fn act(name: &str, changes: Vec<Change>, action: distribution::Action) -> Next {
    let id = Id::of(Kind::Distribution);
    Next::act(id, name, Verb::Update, changes, Action::Distribution(action))
}

fn deploying() -> Next {
    Next::Wait(Wait {
        id: Id::of(Kind::Distribution),
        reason: Reason::Deploying,
        message: "CloudFront carries the former configuration to its edge locations; this usually takes 3 to 10 minutes"
            .to_owned(),
        retry_after: DEPLOYING_RETRY,
    })
}
