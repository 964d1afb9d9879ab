//! What key and plan need next: made, kept in the plan, rotated, and taken away after another mode has taken over.
//!
//! ```text
//! usage plan ─▶ key ─▶ in the plan ─▶ (CloudFront sends it)
//!                └ rotation: another key ─▶ in the plan ─▶ (proven, sent, Deployed, proven) ─▶ the old one is deleted
//! ```

use super::is_needed;
use crate::api::{Enforcement, OriginType};
use crate::domain::access::credentials::api_key::{
    Action, Desired, Key, KeyCreation, Next, Observed, UsagePlanCreation, hash_of, name, number, removal,
    step, step_away,
};
use crate::domain::access::credentials::api_key_tags::{next_of_tags, tags_first};
use crate::domain::access::inputs::{Inputs, Plan, Wanted};
use crate::domain::access::probing::rotation::{clear, is_due, is_proven};
use crate::domain::access::proof::Proof;
use crate::domain::access::routes::Routes;
use crate::domain::access::words;
use crate::domain::kernel::observing::Look;
use crate::domain::kernel::planning::{Id, Kind, Problem, Verb};
use crate::domain::kernel::reason::Reason;
use crate::domain::kernel::secret::Secret;

/// Adds what key and plan need next.
pub fn next_all(wanted: &Wanted<'_>, inputs: &Inputs<'_>, plan: &mut Plan<impl From<Action>>) {
    let id = Id::of(Kind::ApiKey);
    let Some(desired) = &wanted.api_key else {
        return leftovers(wanted, inputs, plan);
    };
    if wanted.access.enforcement == Enforcement::Observe {
        return;
    }
    match inputs.pass.look(&id, &hash_of(desired), inputs.api_key) {
        Look::Present(found) => {
            let next = Keys {
                wanted,
                desired,
                inputs,
                found,
            }
            .next(plan);
            plan.add(id, next);
        }
        Look::Verified(never) | Look::Outdated(never) => match *never {},
        Look::Read | Look::Absent if is_needed(wanted, inputs, id.kind, &hash_of(desired)) => {
            plan.add(id, Next::Read);
        }
        Look::Read | Look::Absent => {}
    }
}

struct Keys<'a> {
    wanted: &'a Wanted<'a>,
    desired: &'a Desired,
    inputs: &'a Inputs<'a>,
    found: &'a Observed,
}

impl Keys<'_> {
    fn next(&self, plan: &mut Plan<impl From<Action>>) -> Next {
        if self.found.keys.is_empty() {
            if self.inputs.distribution_content().is_none() {
                plan.add(Id::of(Kind::Distribution), Next::Read);
                return Next::Blocked(vec![Kind::Distribution]);
            }
            // A key of ours on an API that asks its callers for keys would let anybody in.
            match Routes::of(self.wanted, self.inputs) {
                None => {
                    plan.add(Id::of(Kind::Access), Next::Read);
                    return Next::Blocked(vec![Kind::Access]);
                }
                Some(routes) if routes.in_the_way().is_some() => return Next::Blocked(vec![Kind::Access]),
                Some(_) => {}
            }
        }
        if let Some(step) = tags_first(&self.desired.owner, self.found, &self.desired.tags) {
            return Next::Act(Box::new(step));
        }
        let next = match self.next_of_plan() {
            Next::Done => self.next_of_keys(plan),
            next => next,
        };
        match next {
            Next::Done => self.next_of_surplus(),
            next => next,
        }
    }

    /// A plan of ours that is not used, and that no key opens the stage by, goes.
    fn next_of_surplus(&self) -> Next {
        let stage = &self.desired.stage;
        let mut surplus = self.found.others.iter().filter(|other| {
            let stages = &other.plan.stages;
            let is_idle = stages.iter().all(|found| found == stage) && other.keys.is_empty();
            other.is_own && is_idle
        });
        match surplus.next() {
            Some(other) => Next::Act(Box::new(step_away(&other.plan))),
            None => next_of_tags(self.desired, self.found),
        }
    }

    fn next_of_plan(&self) -> Next {
        let stage = self.desired.stage.clone();
        match (&self.found.plan, &self.desired.given_plan) {
            (Some(plan), Some(_)) if plan.stages.contains(&stage) => Next::Done,
            (_, Some(id)) => Next::Problem(Problem {
                id: Id::of(Kind::ApiKey),
                reason: Reason::UsagePlanNotUsable,
                field: Some("spec.access.apiKey.usagePlanId".to_owned()),
                message: words::usage_plan_not_usable(self.wanted.access, id),
                remedy: None,
                stands: false,
                retry_after: None,
            }),
            (Some(plan), None) if plan.stages.contains(&stage) => Next::Done,
            (Some(plan), None) => {
                let action = Action::AddStage {
                    plan: plan.id.clone(),
                    stage,
                };
                self.act(Verb::Update, &plan.name, action)
            }
            (None, None) => {
                let creation = UsagePlanCreation {
                    name: name(&self.desired.owner),
                    description: self.description(),
                    stage,
                    tags: self.desired.tags.clone(),
                };
                self.act(Verb::Create, &creation.name.clone(), Action::CreatePlan(creation))
            }
        }
    }

    fn next_of_keys(&self, plan: &mut Plan<impl From<Action>>) -> Next {
        let found = self.found;
        let Some(distribution) = self.inputs.distribution_content() else {
            plan.add(Id::of(Kind::Distribution), Next::Read);
            return Next::Blocked(vec![Kind::Distribution]);
        };
        let sent = distribution.and_then(|found| found.sent.value(&Proof::Key).cloned());
        let missing = sent
            .as_ref()
            .filter(|value| !found.keys.iter().any(|key| key.value == **value));
        // What CloudFront sends, the API has to accept: also after somebody deleted the key.
        if let Some(value) = missing {
            return self.create(value.clone());
        }
        if let (Some(usage_plan), Some(key)) = (&found.plan, self.unplanned()) {
            let action = Action::AddKey {
                plan: usage_plan.id.clone(),
                key: key.id.clone(),
            };
            return self.act(Verb::Update, &key.name, action);
        }
        let newest = found.newest();
        let is_current = newest.is_some_and(|key| sent.as_ref().is_none_or(|value| key.value == *value));
        let wants_next =
            newest.is_none() || (is_current && is_due(self.wanted, self.inputs) && found.keys.len() == 1);
        if wants_next {
            return match self.inputs.generated_value {
                Some(fresh) => self.create(fresh.clone()),
                None => Next::Done,
            };
        }
        let surplus = found
            .keys
            .iter()
            .find(|key| newest.is_some_and(|newest| newest.id != key.id));
        match surplus {
            Some(old) if is_current && sent.is_some() && is_proven(self.wanted, self.inputs) => {
                self.act(Verb::Delete, &old.name, Action::DeleteKey(old.id.clone()))
            }
            _ => Next::Done,
        }
    }

    /// An enabled key that is in no plan. One of another plan stays there until another key has taken its place.
    fn unplanned(&self) -> Option<&Key> {
        let found = self.found;
        let mut keys = found.keys.iter();
        keys.find(|key| key.enabled && !found.in_plan.contains(&key.id) && !found.is_in_another(key))
    }

    fn create(&self, value: Secret) -> Next {
        let owner = &self.desired.owner;
        let last = self
            .found
            .keys
            .iter()
            .filter_map(|key| number(owner, &key.name))
            .max();
        let number = last.map_or(0, |last| last + 1);
        let creation = KeyCreation {
            name: format!("{}-{number}", name(owner)),
            value,
            description: self.description(),
            tags: self.desired.tags.clone(),
        };
        self.act(Verb::Create, &creation.name.clone(), Action::CreateKey(creation))
    }

    fn description(&self) -> String {
        let owner = self.desired.owner.made_for();
        format!("Palisade: lets the perimeter of {} in", owner.object())
    }

    #[allow(clippy::unused_self, reason = "reads as its siblings do")]
    fn act(&self, verb: Verb, name: &str, action: Action) -> Next {
        Next::Act(Box::new(step(verb, name, action)))
    }
}

/// Makes the key again that an earlier stage asks for and somebody has deleted, or taken out of the plan, with the value that CloudFront
/// sends.
fn of_earlier_stage(wanted: &Wanted<'_>, inputs: &Inputs<'_>) -> Option<Next> {
    if wanted.access.enforcement == Enforcement::Observe {
        return None;
    }
    let found = inputs.api_key.present()?;
    let sent = inputs.sent()?.value(&Proof::Key)?;
    let routes = Routes::of(wanted, inputs)?;
    let mut asked = routes.asked_at_earlier_stages().into_iter();
    let (stage, _) = asked.find(|(_, proof)| *proof == Proof::Key)?;
    let plan = found.plan.as_ref().filter(|_| routes.opens(found, stage))?;
    let desired = Desired {
        owner: wanted.owner.clone(),
        stage: (wanted.access.gate.api_id.clone(), stage.to_owned()),
        given_plan: None,
        tags: wanted.owner.tags(),
    };
    let keys = Keys {
        wanted,
        desired: &desired,
        inputs,
        found,
    };
    if !found.keys.iter().any(|key| key.value == *sent) {
        return Some(keys.create(sent.clone()));
    }
    let key = keys.unplanned().filter(|key| key.value == *sent)?;
    let action = Action::AddKey {
        plan: plan.id.clone(),
        key: key.id.clone(),
    };
    Some(keys.act(Verb::Update, &key.name, action))
}

/// Deletes what an earlier mode has left, once CloudFront sends it no more.
fn leftovers(wanted: &Wanted<'_>, inputs: &Inputs<'_>, plan: &mut Plan<impl From<Action>>) {
    if wanted.access.gate.r#type != OriginType::Rest {
        return;
    }
    if let Some(next) = of_earlier_stage(wanted, inputs) {
        return plan.add(Id::of(Kind::ApiKey), next);
    }
    let is_asked = |proof: &Proof| *proof == Proof::Key;
    let seen = &inputs.api_key;
    clear(wanted, inputs, Kind::ApiKey, seen, removal, is_asked, plan);
}
