//! API keys and the usage plan that makes them valid for a stage.

use super::deployments::stages;
use super::update::{Update, found};
use crate::api::OriginType;
use crate::aws::cloud::{Cloud, CloudError, pages};
use crate::domain::access::authorization::{Gate, Route, is_of_other_key};
use crate::domain::access::credentials::api_key::{Action, Key, Observed, OtherPlan, UsagePlan, after, name};
use crate::domain::access::credentials::left_behind::{KeyLeftBehind, is_left_behind};
use crate::domain::access::obstacles::other_doors::MOST;
use crate::domain::access::proof::Proof;
use crate::domain::kernel::identity::{Ownership, PREFIX, ownership_proven};
use crate::domain::kernel::observing::Seen;
use crate::domain::kernel::planning::Kind;
use crate::domain::perimeter::observed::Observed as Everything;
use std::collections::BTreeSet;

/// Reads the owner's keys, the given plan or the owner's, and which keys of others open the stage.
pub(super) async fn observe(cloud: &dyn Cloud, everything: &Everything) -> Result<Update, CloudError> {
    let Some(gate) = &everything.gate else {
        return Ok(Update::ApiKey(Seen::Absent));
    };
    let (region, name) = (gate.region.clone(), name(&everything.owner));
    let keys = pages(
        |marker| cloud.list_api_keys(region.clone(), name.clone(), marker),
        Some,
    );
    let (mut keys, (plan, others)): (Vec<Key>, _) =
        tokio::try_join!(keys, usage_plans(cloud, gate, everything))?;
    // Whether lists show tags is nowhere promised, and a key of ours that is taken for another's is made again each time.
    let is_bare = |key: &&mut Key| key.tags.is_empty() && Observed::may_be_ours(&everything.owner, key);
    for key in keys.iter_mut().filter(is_bare) {
        if let Some(read) = found(cloud.get_api_key(gate.region.clone(), key.id.clone()).await)? {
            *key = read;
        }
    }
    let in_plan = match &plan {
        Some(plan) => keys_of(cloud, &region, &plan.id).await?,
        None => BTreeSet::new(),
    };
    let others = with_keys(cloud, gate, others, everything).await?;
    let is_known = everything.has_record(Kind::ApiKey);
    let observed = Observed::of(&everything.owner, keys, plan, in_plan, is_known);
    let is_given = everything.given_plan.is_some();
    Ok(Update::ApiKey(Seen::Present(observed.beside(others, is_given))))
}

/// Other plans, with their keys where they open the stage.
async fn with_keys(
    cloud: &dyn Cloud,
    gate: &Gate,
    plans: Vec<(UsagePlan, bool)>,
    everything: &Everything,
) -> Result<Vec<OtherPlan>, CloudError> {
    let region = &gate.region;
    let stage = (gate.api_id.clone(), gate.stage.clone());
    let mut others = Vec::new();
    for (plan, is_own) in plans {
        let keys = if plan.stages.contains(&stage) {
            found(keys_of(cloud, region, &plan.id).await)?
        } else {
            Some(BTreeSet::new())
        };
        if let Some(keys) = keys {
            let is_left_behind = !is_own && is_of_nobody(cloud, region, &plan, everything).await?;
            others.push(OtherPlan {
                plan,
                keys,
                is_left_behind,
                is_own,
            });
        }
    }
    Ok(others)
}

/// The key that routes ask for which an object of ours left behind. Nothing is asked unless the stage's deployment, which is
/// described so, was made for one.
pub(super) async fn left_behind(
    cloud: &dyn Cloud,
    description: &str,
    routes: &[Route],
    everything: &Everything,
) -> Result<Option<KeyLeftBehind>, CloudError> {
    let is_asked = routes.iter().any(|route| route.authorization.api_key_required);
    let Some(gate) = everything.gate.as_ref().filter(|_| is_asked) else {
        return Ok(None);
    };
    if !is_of_other_key(description, &everything.owner) {
        return Ok(None);
    }
    let (used, mut plans) = usage_plans(cloud, gate, everything).await?;
    if used.is_some() {
        // The key is the owner's.
        return Ok(None);
    }
    let stage = (gate.api_id.clone(), gate.stage.clone());
    plans.retain(|(plan, _)| plan.stages.contains(&stage));
    let others = with_keys(cloud, gate, plans, everything).await?;
    Ok(KeyLeftBehind::of(&others))
}

/// Whether another stage of the API serves what an object of ours, of whatever cluster, has locked by a key: methods are those of all
/// stages, and that is done only where no customer had one. Nothing is asked unless a route asks for a key, and the owner has none.
pub(super) async fn is_asked_elsewhere(
    cloud: &dyn Cloud,
    routes: &[Route],
    everything: &Everything,
) -> Result<bool, CloudError> {
    let is_asked = routes.iter().any(|route| route.authorization.api_key_required);
    let is_by_key = everything.proof == Proof::Key && !everything.shares_key;
    let has_key = match everything.api_key.present() {
        Some(known) => !known.keys.is_empty(),
        None => everything.has_record(Kind::ApiKey),
    };
    let wanted = everything
        .gate
        .as_ref()
        .filter(|_| is_asked && is_by_key && !has_key);
    let Some(gate) = wanted.filter(|gate| gate.r#type == OriginType::Rest) else {
        return Ok(false);
    };
    let stages = stages(cloud, gate).await?;
    let others = stages.iter().filter(|stage| stage.name != gate.stage);
    let served: BTreeSet<String> = others
        .filter_map(|stage| stage.stage.deployment.clone())
        .collect();
    for id in served.into_iter().take(MOST) {
        let read = cloud.get_rest_deployment(gate.region.clone(), gate.api_id.clone(), id);
        if found(read.await)?.is_some_and(|found| is_of_other_key(&found.description, &everything.owner)) {
            return Ok(true);
        }
    }
    Ok(false)
}

/// Whether the plan was made for an object that is gone, or that left it behind.
async fn is_of_nobody(
    cloud: &dyn Cloud,
    region: &str,
    plan: &UsagePlan,
    everything: &Everything,
) -> Result<bool, CloudError> {
    if !plan.name.starts_with(PREFIX) {
        return Ok(false);
    }
    if !plan.tags.is_empty() {
        return Ok(is_left_behind(&plan.tags, &everything.owner, |uid| {
            everything.may_be_alive(uid)
        }));
    }
    // Whether lists show tags is nowhere promised.
    let read = found(cloud.get_usage_plan(region.to_owned(), plan.id.clone()).await)?;
    Ok(read.is_some_and(|read| {
        is_left_behind(&read.tags, &everything.owner, |uid| everything.may_be_alive(uid))
    }))
}

/// Ids of a plan's keys.
async fn keys_of(cloud: &dyn Cloud, region: &str, plan: &str) -> Result<BTreeSet<String>, CloudError> {
    pages(
        |marker| cloud.list_usage_plan_keys(region.to_owned(), plan.to_owned(), marker),
        Some,
    )
    .await
}

/// The given plan, or the owner's; and all others that have the stage or are the owner's, which each tells of itself: one whose
/// creation was answered to nobody, or that an earlier spec used.
async fn usage_plans(
    cloud: &dyn Cloud,
    gate: &Gate,
    everything: &Everything,
) -> Result<(Option<UsagePlan>, Vec<(UsagePlan, bool)>), CloudError> {
    let region = gate.region.clone();
    let name = name(&everything.owner);
    let (owner, is_known) = (&everything.owner, everything.has_record(Kind::ApiKey));
    let stage = (gate.api_id.clone(), gate.stage.clone());
    let given = everything.given_plan.as_ref();
    let is_given = |plan: &UsagePlan| given == Some(&plan.id);
    let is_named = |plan: &UsagePlan| is_given(plan) || plan.name == name;
    let plans: Vec<UsagePlan> = pages(
        |marker| cloud.list_usage_plans(region.clone(), marker),
        |plan: UsagePlan| (is_named(&plan) || plan.stages.contains(&stage)).then_some(plan),
    )
    .await?;
    let (mut used, mut others) = (None, Vec::new());
    for plan in plans {
        // Whether lists show tags is nowhere promised.
        let read = if is_named(&plan) && plan.tags.is_empty() {
            found(cloud.get_usage_plan(region.clone(), plan.id).await)?
        } else {
            Some(plan)
        };
        let Some(plan) = read else { continue };
        let is_in_place = || is_known && plan.stages.contains(&stage);
        let is_own =
            plan.name == name && ownership_proven(&plan.tags, owner, is_in_place) != Ownership::Foreign;
        if used.is_none() && (is_given(&plan) || (given.is_none() && is_own)) {
            used = Some(plan);
        } else if is_own || plan.stages.contains(&stage) {
            others.push((plan, is_own));
        }
    }
    Ok((used, others))
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
