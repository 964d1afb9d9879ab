//! The Lambda authorizer: role, function, permission and the API's entry.

use super::as_deployed::Reader;
use super::update::{Update, found};
use crate::api::OriginType;
use crate::aws::cloud::{Cloud, CloudError, pages};
use crate::aws::errors::ErrorKind;
use crate::domain::access::asked::as_deployed::Deployed;
use crate::domain::access::asked::authorizer_names::function_name;
use crate::domain::access::authorization::{CUSTOM, Gate, Route, Stage};
use crate::domain::access::credentials::authorizer::{
    Action, Entry, Observed, STATEMENT, after_writing, name,
};
use crate::domain::access::credentials::left_behind::LeftBehind;
use crate::domain::access::obstacles::asks_left_behind::serves_none;
use crate::domain::kernel::arn::Arn;
use crate::domain::kernel::observing::Seen;
use crate::domain::perimeter::observed::Observed as Everything;
use crate::domain::signer::function;
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};

/// Reads all that belongs to the owner's authorizer.
pub(super) async fn observe(cloud: &dyn Cloud, everything: &Everything) -> Result<Update, CloudError> {
    let Some(gate) = &everything.gate else {
        return Ok(Update::Authorizer(Seen::Absent));
    };
    let (region, name) = (gate.region.clone(), name(&everything.owner));
    let (role, function, policy, entries) = tokio::join!(
        super::role::whole(cloud, &name),
        cloud.get_function(region.clone(), name.clone()),
        cloud.get_function_policy(region, name.clone()),
        entries(cloud, gate, |entry| entry.name.starts_with(&name)),
    );
    Ok(Update::Authorizer(Seen::Present(Observed {
        role: role?,
        function: found(function)?,
        policy: found(policy)?.unwrap_or(Value::Null),
        entries: found(entries)?.unwrap_or_default(),
    })))
}

/// The API's authorizers whose functions are named as ours are, whoever's they are by now.
pub(super) async fn of_ours(
    cloud: &dyn Cloud,
    gate: &Gate,
) -> Result<BTreeMap<String, LeftBehind>, CloudError> {
    let is_ours = |entry: &Entry| function_name(&entry.settings.function_arn).is_some();
    let found = entries(cloud, gate, is_ours).await?.into_iter();
    let told = found.map(|entry| {
        let function_arn = entry.settings.function_arn;
        (entry.id, LeftBehind::Serving { function_arn })
    });
    Ok(told.collect())
}

/// Which of the authorizers that routes ask, and that are not the owner's, were left behind by objects of ours. Nothing is asked
/// where each is known.
pub(super) async fn left_behind(
    cloud: &dyn Cloud,
    gate: &Gate,
    routes: &[Route],
    everything: &Everything,
) -> Result<BTreeMap<String, LeftBehind>, CloudError> {
    let known = everything
        .authorizer
        .present()
        .map(|found| found.entries.as_slice());
    let is_known = |id: &String| known.unwrap_or_default().iter().any(|entry| entry.id == *id);
    let asked = routes.iter().filter(|route| route.authorization.kind == CUSTOM);
    let asked: BTreeSet<&String> = asked
        .filter_map(|route| route.authorization.authorizer.as_ref())
        .filter(|id| !is_known(id))
        .collect();
    let mut left = BTreeMap::new();
    if asked.is_empty() {
        return Ok(left);
    }
    let own = name(&everything.owner);
    for entry in entries(cloud, gate, |entry| asked.contains(&entry.id)).await? {
        let arn = entry.settings.function_arn;
        let Some(name) = function_name(&arn).filter(|name| *name != own) else {
            continue;
        };
        let function = found(cloud.get_function(gate.region.clone(), name.to_owned()).await)?;
        let state = match function {
            None => Some(LeftBehind::Dead),
            Some(function) => LeftBehind::of(&arn, &function.tags, &everything.owner, |uid| {
                everything.may_be_alive(uid)
            }),
        };
        left.extend(state.map(|state| (entry.id, state)));
    }
    Ok(left)
}

/// Ids of the authorizers of ours, but for the owner's, that let nobody in since their functions are gone, and that neither a route
/// nor a stage asks, as far as API Gateway tells. Where it does not tell, none is.
pub(super) async fn unused(
    of: &Reader<'_>,
    routes: &[Route],
    stage: &Stage,
    deployed: &Deployed,
    everything: &Everything,
) -> Result<Vec<String>, CloudError> {
    let (cloud, gate) = (of.cloud, of.gate);
    let own = name(&everything.owner);
    let Some(distribution) = everything.distribution_arn().and_then(Arn::of) else {
        return Ok(vec![]);
    };
    let start = format!(
        "arn:aws:lambda:{}:{}:function:",
        gate.region, distribution.account
    );
    let is_asked = |id: &str| {
        let mut asked = routes.iter();
        asked.any(|route| route.authorization.authorizer.as_deref() == Some(id))
    };
    let candidates = entries(cloud, gate, |entry| {
        let arn = &entry.settings.function_arn;
        let is_anothers = function_name(arn).is_some_and(|name| name != own);
        arn.starts_with(&start) && is_anothers && !is_asked(&entry.id)
    });
    let mut dead = Vec::new();
    for entry in candidates.await? {
        let name = function_name(&entry.settings.function_arn).unwrap_or_default();
        if found(cloud.get_function(gate.region.clone(), name.to_owned()).await)?.is_none() {
            dead.push(entry.id);
        }
    }
    let is_free =
        dead.is_empty() || (serves_none(stage, deployed, of.proof, &dead) && are_others_free(of).await?);
    Ok(if is_free { dead } else { vec![] })
}

/// Whether no other stage of the API may serve an authorizer that its methods or routes do not ask as edited.
async fn are_others_free(of: &Reader<'_>) -> Result<bool, CloudError> {
    let (cloud, gate) = (of.cloud, of.gate);
    let stages = super::deployments::stages(cloud, gate).await?;
    for found in stages.into_iter().filter(|found| found.name != gate.stage) {
        let Some(deployment) = &found.stage.deployment else {
            continue;
        };
        let is_free = match gate.r#type {
            _ if found.stage.canary.is_some() => false,
            OriginType::Rest => {
                let (region, api) = (gate.region.clone(), gate.api_id.clone());
                let served = cloud.get_rest_deployment(region, api, deployment.clone()).await?;
                !served.routes.is_empty() && served.routes.routes().values().all(|route| route.kind != CUSTOM)
            }
            OriginType::Http | OriginType::WebSocket => found.stage.is_in_step(),
        };
        if !is_free {
            return Ok(false);
        }
    }
    Ok(true)
}

/// The entries of the API that are request authorizers and `meant`.
async fn entries(
    cloud: &dyn Cloud,
    gate: &Gate,
    meant: impl Fn(&Entry) -> bool,
) -> Result<Vec<Entry>, CloudError> {
    let (region, id) = (gate.region.clone(), gate.api_id.clone());
    // All that it is made from is only compared where a deployment would carry it.
    let is_ours = |entry: Entry| {
        let exported = Value::Null;
        meant(&entry).then_some(Entry { exported, ..entry })
    };
    match gate.r#type {
        OriginType::Rest => {
            pages(
                |marker| cloud.list_rest_authorizers(region.clone(), id.clone(), marker),
                is_ours,
            )
            .await
        }
        OriginType::Http | OriginType::WebSocket => {
            pages(
                |marker| cloud.list_authorizers(region.clone(), id.clone(), marker),
                is_ours,
            )
            .await
        }
    }
}

/// Makes the call of `action`.
pub(super) async fn apply(
    cloud: &dyn Cloud,
    name: &str,
    action: &Action,
    everything: &Everything,
) -> Result<Update, CloudError> {
    let (Some(gate), Some(known)) = (&everything.gate, everything.authorizer.present()) else {
        return Ok(Update::Authorizer(Seen::default()));
    };
    let (region, mut known, name) = (gate.region.clone(), known.clone(), name.to_owned());
    match action {
        Action::CreateRole(creation) => match cloud.create_role(creation.clone()).await {
            Ok(role) => known.role = Some(role),
            Err(error) if error.kind == ErrorKind::Exists => return observe(cloud, everything).await,
            Err(error) => return Err(error),
        },
        Action::DeleteRole => {
            found(cloud.delete_role(name).await)?;
            known.role = None;
        }
        Action::CreateFunction(creation) => match cloud.create_function(region, creation.clone()).await {
            Ok(latest) => {
                let tags = creation.tags.clone();
                known.function = Some(function::Observed {
                    latest,
                    tags,
                    versions: vec![],
                });
            }
            Err(error) if error.kind == ErrorKind::Exists => return observe(cloud, everything).await,
            Err(error) => return Err(error),
        },
        Action::UpdateCode { zip, revision } => {
            let call = cloud.update_function_code(region, name, zip.clone(), revision.clone(), false);
            take_in(&mut known, call.await?);
        }
        Action::UpdateSettings { settings, revision } => {
            let call = cloud.update_function_configuration(region, name, settings.clone(), revision.clone());
            take_in(&mut known, call.await?);
        }
        Action::DeleteFunction => {
            found(cloud.delete_function(region, name, None).await)?;
            (known.function, known.policy) = (None, Value::Null);
        }
        Action::Permit { source } => {
            // A statement of another wording has to go first: it cannot be changed.
            found(
                cloud
                    .remove_permission(region.clone(), name.clone(), STATEMENT.to_owned())
                    .await,
            )?;
            let call =
                cloud.add_permission(region.clone(), name.clone(), STATEMENT.to_owned(), source.clone());
            call.await?;
            known.policy = cloud.get_function_policy(region, name).await?;
        }
        Action::CreateEntry { .. } | Action::UpdateEntry { .. } | Action::DeleteEntry(_) => {
            apply_to_entry(cloud, gate, action, &mut known).await?;
        }
        Action::ChangeRole(action) => super::role::change(cloud, &name, action).await?,
        Action::TagFunction(_) | Action::UntagFunction(_) => tag_function(cloud, action, &known).await?,
    }
    after_writing(&mut known, action);
    Ok(Update::Authorizer(Seen::Present(known)))
}

/// Lambda wants the function's ARN for that, not its name.
async fn tag_function(cloud: &dyn Cloud, action: &Action, known: &Observed) -> Result<(), CloudError> {
    let Some(function) = &known.function else {
        return Ok(());
    };
    let arn = function.latest.arn.clone();
    match action {
        Action::TagFunction(tags) => cloud.tag_function(arn, tags.clone()).await,
        Action::UntagFunction(keys) => cloud.untag_function(arn, keys.clone()).await,
        _ => Ok(()),
    }
}

fn take_in(known: &mut Observed, latest: function::Configuration) {
    if let Some(function) = &mut known.function {
        function.latest = latest;
    }
}

async fn apply_to_entry(
    cloud: &dyn Cloud,
    gate: &Gate,
    action: &Action,
    known: &mut Observed,
) -> Result<(), CloudError> {
    let (region, api, protocol) = (gate.region.clone(), gate.api_id.clone(), gate.r#type);
    let is_rest = protocol == OriginType::Rest;
    match action {
        Action::CreateEntry { name, settings } => {
            let (name, settings) = (name.clone(), settings.clone());
            known.entries.push(if is_rest {
                cloud.create_rest_authorizer(region, api, name, settings).await?
            } else {
                cloud
                    .create_authorizer(region, api, protocol, name, settings)
                    .await?
            });
        }
        Action::UpdateEntry { id, settings } => {
            let (id, settings) = (id.clone(), settings.clone());
            let entry = if is_rest {
                cloud.update_rest_authorizer(region, api, id, settings).await?
            } else {
                cloud
                    .update_authorizer(region, api, protocol, id, settings)
                    .await?
            };
            known.entries.retain(|old| old.id != entry.id);
            known.entries.push(entry);
        }
        Action::DeleteEntry(id) => {
            delete_entry(cloud, gate, id).await?;
            known.entries.retain(|entry| entry.id != *id);
        }
        _ => {}
    }
    Ok(())
}

/// Takes an entry out of the API; one that is gone already is no failure.
pub(super) async fn delete_entry(cloud: &dyn Cloud, gate: &Gate, id: &str) -> Result<(), CloudError> {
    let (region, api, id) = (gate.region.clone(), gate.api_id.clone(), id.to_owned());
    let deleted = match gate.r#type {
        OriginType::Rest => cloud.delete_rest_authorizer(region, api, id).await,
        OriginType::Http | OriginType::WebSocket => cloud.delete_authorizer(region, api, id).await,
    };
    found(deleted).map(drop)
}
