//! API keys and the usage plan that makes them valid for a stage.

use super::{Update, found};
use crate::aws::cloud::{Cloud, CloudError, pages};
use crate::domain::identity::{Ownership, ownership_proven};
use crate::domain::observed::{Observed as Everything, Seen};
use crate::domain::plan::Kind;
use crate::domain::resources::access::Gate;
use crate::domain::resources::api_key::{Action, Key, Observed, UsagePlan, after, name};
use std::collections::BTreeSet;

/// Reads the owner's keys and the given plan, or the owner's.
pub(super) async fn observe(cloud: &dyn Cloud, everything: &Everything) -> Result<Update, CloudError> {
    let Some(gate) = &everything.gate else {
        return Ok(Update::ApiKey(Seen::Absent));
    };
    let (region, name) = (gate.region.clone(), name(&everything.owner));
    let keys = pages(
        |marker| cloud.list_api_keys(region.clone(), name.clone(), marker),
        Some,
    );
    let (mut keys, plan): (Vec<Key>, _) = tokio::try_join!(keys, usage_plan(cloud, gate, everything))?;
    // Whether lists show tags is nowhere promised, and a key of ours that is taken for another's is made again each time.
    let is_bare = |key: &&mut Key| key.tags.is_empty() && Observed::may_be_ours(&everything.owner, key);
    for key in keys.iter_mut().filter(is_bare) {
        if let Some(read) = found(cloud.get_api_key(gate.region.clone(), key.id.clone()).await)? {
            *key = read;
        }
    }
    let in_plan: BTreeSet<String> = match &plan {
        Some(plan) => {
            let id = plan.id.clone();
            pages(
                |marker| cloud.list_usage_plan_keys(region.clone(), id.clone(), marker),
                Some,
            )
            .await?
        }
        None => BTreeSet::new(),
    };
    let is_known = everything.has_record(Kind::ApiKey);
    let observed = Observed::of(&everything.owner, keys, plan, in_plan, is_known);
    Ok(Update::ApiKey(Seen::Present(Observed {
        is_given: everything.given_plan.is_some(),
        ..observed
    })))
}

async fn usage_plan(
    cloud: &dyn Cloud,
    gate: &Gate,
    everything: &Everything,
) -> Result<Option<UsagePlan>, CloudError> {
    let region = gate.region.clone();
    if let Some(id) = &everything.given_plan {
        return found(cloud.get_usage_plan(region, id.clone()).await);
    }
    let name = name(&everything.owner);
    let (owner, is_known) = (&everything.owner, everything.has_record(Kind::ApiKey));
    let stage = (gate.api_id.clone(), gate.stage.clone());
    let is_ours = |plan: &UsagePlan| {
        let is_in_place = || is_known && plan.stages.contains(&stage);
        ownership_proven(&plan.tags, owner, is_in_place) != Ownership::Foreign
    };
    let plans: Vec<UsagePlan> = pages(
        |marker| cloud.list_usage_plans(region.clone(), marker),
        |plan: UsagePlan| (plan.name == name).then_some(plan),
    )
    .await?;
    for plan in plans {
        let plan = if plan.tags.is_empty() {
            found(cloud.get_usage_plan(region.clone(), plan.id).await)?
        } else {
            Some(plan)
        };
        if let Some(plan) = plan.filter(is_ours) {
            return Ok(Some(plan));
        }
    }
    Ok(None)
}

/// Makes the call of `action`.
pub(super) async fn apply(
    cloud: &dyn Cloud,
    action: &Action,
    everything: &Everything,
) -> Result<Update, CloudError> {
    let (Some(gate), Some(known)) = (&everything.gate, everything.api_key.present()) else {
        return Ok(Update::ApiKey(Seen::default()));
    };
    let (region, mut known) = (gate.region.clone(), known.clone());
    match action {
        Action::CreatePlan(creation) => {
            known.plan = Some(cloud.create_usage_plan(region, creation.clone()).await?);
        }
        Action::CreateKey(creation) => {
            known
                .keys
                .push(cloud.create_api_key(region, creation.clone()).await?);
        }
        Action::AddStage { plan, stage } => {
            cloud
                .update_usage_plan(region, plan.clone(), stage.clone(), true)
                .await?;
        }
        Action::RemoveStage { plan, stage } => {
            cloud
                .update_usage_plan(region, plan.clone(), stage.clone(), false)
                .await?;
        }
        Action::DeletePlan(id) => drop(found(cloud.delete_usage_plan(region, id.clone()).await)?),
        Action::AddKey { plan, key } => {
            cloud
                .create_usage_plan_key(region, plan.clone(), key.clone())
                .await?;
        }
        Action::DeleteKey(id) => drop(found(cloud.delete_api_key(region, id.clone()).await)?),
        Action::Tag { bearer, tags } => cloud.tag_key_or_plan(bearer.arn(&region), tags.clone()).await?,
        Action::Untag { bearer, keys } => {
            cloud.untag_key_or_plan(bearer.arn(&region), keys.clone()).await?;
        }
    }
    after(&mut known, action);
    Ok(Update::ApiKey(Seen::Present(known)))
}
