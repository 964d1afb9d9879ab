//! The routes of the API: methods, routes or `$connect`.

use super::access_policy as policy;
use super::as_deployed::{NO_EXPORT, Reader};
use super::deployments::{Deployments, deployments, stages};
use super::other_stages::earlier_stages;
use super::update::Update;
use super::{api_key, authorizer, distribution};
use crate::api::OriginType;
use crate::aws::cloud::{Cloud, CloudError};
use crate::aws::errors::{ErrorKind, NOT_UNDERSTOOD};
use crate::aws::operations::{Operation, OperationClass, Service};
use crate::domain::access::asked::as_deployed::{Deployed, Served};
use crate::domain::access::asked::carried::Carried;
use crate::domain::access::asked::words_of_reading::summary_missing;
use crate::domain::access::authorization::{
    Action, CUSTOM, Deployment, Desired, Gate, Observed, Pending, Route, Stage,
};
use crate::domain::access::lock::{PENDING, STAGE, STAGES};
use crate::domain::access::obstacles::as_edited;
use crate::domain::access::obstacles::pending;
use crate::domain::access::proof::Proof;
use crate::domain::access::table::marks::{Marks, TAG_ACCESS};
use crate::domain::kernel::identity::Tags;
use crate::domain::kernel::observing::Seen;
use crate::domain::kernel::planning::Kind;
use crate::domain::perimeter::observed::Observed as Everything;
use serde_json::Value;
use std::collections::BTreeMap;

/// So many methods are locked within a moment.
const FEW: usize = 10;

/// Reads the routes as edited and as deployed, and the marks of our locks; or the `part` of them that was left open.
pub(super) async fn observe(
    cloud: &dyn Cloud,
    part: &str,
    everything: &Everything,
) -> Result<Update, CloudError> {
    let (Some(gate), known) = (&everything.gate, everything.access.present()) else {
        return Ok(Update::Access(Seen::Absent));
    };
    let of = Reader {
        cloud,
        gate,
        owner: &everything.owner,
        proof: &everything.proof,
    };
    let found = match (part, known) {
        (PENDING, Some(known)) => of.with_pending(known.clone()).await,
        (STAGE, Some(known)) => of.with_stage(known.clone()).await?,
        (STAGES, Some(known)) => Observed {
            stages: Some(stages(cloud, gate).await?),
            ..known.clone()
        },
        _ => match read(&of, everything).await? {
            Some(found) => found,
            None => return Ok(Update::Distribution(Seen::Absent)),
        },
    };
    Ok(Update::Access(Seen::Present(found)))
}

/// Reads all of it; `None` where the distribution, whose tags have the marks, turns out to be gone.
async fn read(of: &Reader<'_>, everything: &Everything) -> Result<Option<Observed>, CloudError> {
    let (mut routes, stage, tags, whole) = tokio::try_join!(
        of.routes(),
        of.stage(),
        tags(of.cloud, everything),
        policy::read_api(of.cloud, of.gate),
    )?;
    let Some(tags) = tags else { return Ok(None) };
    let is_endpoint_off = whole.default_endpoint_disabled;
    let edited = (whole.policy, whole.keys_from_authorizer);
    let read = of.as_deployed(&routes, &stage, edited).await?;
    let mut policies = read.policies;
    let left_behind = authorizer::left_behind(of.cloud, of.gate, &routes, everything).await?;
    policies.vanished = policy::vanished(of.cloud, &policies, of.gate, everything).await;
    let key_left_behind = api_key::left_behind(of.cloud, &policies.description, &routes, everything).await?;
    let is_key_of_other_stage = api_key::is_asked_elsewhere(of.cloud, &routes, everything).await?;
    let marks = Marks::of_stage(&tags, &of.gate.stage, everything.pass.at);
    // Viewers of a cut-over wait for no call that it does not need.
    if marks.cut_over.is_none() {
        of.add_credentials(&mut routes).await?;
    }
    // Of what stands already: a first lock has no call to spare.
    let pass = &everything.pass;
    let is_deep = pass.deep && !pass.is_plan && everything.has_record(Kind::Access);
    let deployments = match &marks.cut_over {
        // The first route's own lock is needed until the end of the cut-over.
        None if !is_deep => Deployments::default(),
        phase => deployments(of.cloud, of.gate, &stage, everything, phase.as_ref()).await?,
    };
    let dead_authorizers = if is_deep {
        authorizer::unused(of, &routes, &stage, &read.deployed, everything).await?
    } else {
        vec![]
    };
    let mut found = Observed {
        deployed: read.deployed,
        canary: read.canary,
        pending: read.pending,
        refused_as: read.refused_as,
        policies: Box::new(policies),
        marks,
        distribution_arn: everything.distribution_arn().unwrap_or_default().to_owned(),
        unused_deployments: deployments.unused_deployments,
        dead_authorizers,
        is_before_gone: deployments.is_before_gone,
        compared: read.compared,
        is_endpoint_off,
        key_left_behind,
        is_key_of_other_stage,
        ..as_edited(routes, stage, read.keys_from_authorizer, left_behind)
    };
    found.earlier = earlier_stages(of.cloud, of.gate, &found, everything).await;
    Ok(Some(found))
}

/// Reads what decides whether the API can ever be locked, before anything is built for it: its routes as edited, and what they
/// ask for only where that may be ours.
///
/// # Errors
/// What AWS answered.
pub async fn read_as_edited(
    cloud: &dyn Cloud,
    everything: &mut Everything,
    desired: &Desired,
    stage: Stage,
    keys_from_authorizer: bool,
) -> Result<(), CloudError> {
    let gate = &desired.gate;
    let of = Reader {
        cloud,
        gate,
        owner: &everything.owner,
        proof: &desired.proof,
    };
    let mut routes = of.routes().await?;
    for route in &mut routes {
        route.integration = Value::Null;
    }
    let asks = |is_such: fn(&Route) -> bool| {
        let mut kept = routes.iter().filter(|route| desired.is_kept(&route.key));
        kept.any(is_such)
    };
    let (asks_function, asks_key) = (
        asks(|route| route.authorization.kind == CUSTOM),
        asks(|route| route.authorization.api_key_required),
    );
    let by_key = desired.proof == Proof::Key;
    let ours = if asks_function && !by_key {
        authorizer::of_ours(cloud, gate).await?
    } else {
        BTreeMap::new()
    };
    if asks_key && by_key {
        api_key::observe(cloud, everything).await?.absorb_into(everything);
    }
    let mut found = as_edited(routes, stage, keys_from_authorizer, ours);
    if gate.r#type == OriginType::WebSocket {
        found.pending = Pending::Unknown(NO_EXPORT.to_owned());
    }
    everything.access = Seen::Present(found);
    Ok(())
}

/// The distribution's tags, none before there is one; `None` where a list shows one that is gone.
async fn tags(cloud: &dyn Cloud, everything: &Everything) -> Result<Option<Tags>, CloudError> {
    let Some(arn) = everything.distribution_arn() else {
        return Ok(Some(Tags::new()));
    };
    let missing = match cloud.list_distribution_tags(arn.to_owned()).await {
        Err(error) if error.kind == ErrorKind::NotFound => error,
        answer => return answer.map(Some),
    };
    // Status names one that somebody has deleted: its marks went with it.
    if everything.distribution.arn().is_none() {
        return Ok(Some(Tags::new()));
    }
    // Lists lag: only a direct read is believed.
    match distribution::observe(cloud, everything).await? {
        Seen::Present(_) => Err(missing),
        Seen::Listed(_) | Seen::Absent => Ok(None),
    }
}

/// Makes the call of `action`.
pub(super) async fn apply(
    cloud: &dyn Cloud,
    action: &Action,
    everything: &Everything,
) -> Result<Update, CloudError> {
    let (Some(gate), Some(found)) = (&everything.gate, everything.access.present()) else {
        return Ok(Update::Access(Seen::default()));
    };
    let of = Reader {
        cloud,
        gate,
        owner: &everything.owner,
        proof: &everything.proof,
    };
    let mut found = found.clone();
    match action {
        Action::Mark { arn, marks } => {
            let tags = Tags::from([(TAG_ACCESS.to_owned(), marks.value())]);
            cloud.tag_distribution(arn.clone(), tags).await?;
            found.marks = marks.clone();
            found.is_unwritten = false;
        }
        Action::Authorize {
            route,
            authorization,
            put_back,
        } => {
            authorize(cloud, gate, route, authorization).await?;
            let route = Route {
                authorization: authorization.clone(),
                ..route.clone()
            };
            return Ok(Update::Route(route, put_back.clone()));
        }
        Action::SetPolicy { from, to, .. } => {
            return Ok(Update::Policy(policy::replace(cloud, gate, from, to).await?));
        }
        Action::Snapshot { description } => {
            (found.fresh, found.edited_meanwhile) = snapshot(&of, description, &found).await?;
        }
        Action::Serve { deployment } => {
            serve(cloud, gate, &deployment.id).await?;
            found.stage.deployment = Some(deployment.id.clone());
            found.is_stage_known = false;
            found.deployed = Deployed::Routes(Served::of(deployment));
            (found.pending, found.fresh) = (Pending::None, None);
            found.edited_meanwhile.clear();
            found.policies.served = found.policies.edited.clone();
            found.policies.untold = None;
            found.policies.description.clone_from(&deployment.description);
        }
        Action::PutBack {
            deployment,
            refused,
            why,
        } => {
            serve(cloud, gate, deployment).await?;
            found.stage.deployment = Some(deployment.clone());
            found.put_back = Some(why.clone());
            found.fresh = None;
            found.unused_deployments.extend(refused.clone());
            let read = of.again(&found, &found.stage).await?;
            (found.deployed, *found.policies) = (read.deployed, read.policies);
            found.pending = read.pending;
        }
        Action::DeleteUnusedDeployment { deployment } => {
            delete(cloud, gate, deployment).await?;
            found.unused_deployments.retain(|unused| unused != deployment);
        }
        Action::DeleteDeadAuthorizer { id } => {
            authorizer::delete_entry(cloud, gate, id).await?;
            found.dead_authorizers.retain(|dead| dead != id);
        }
        Action::Discard { deployment } => {
            delete(cloud, gate, deployment).await?;
            return Ok(Update::Access(Seen::default()));
        }
    }
    Ok(Update::Access(Seen::Present(found)))
}

async fn authorize(
    cloud: &dyn Cloud,
    gate: &Gate,
    route: &Route,
    authorization: &crate::domain::access::authorization::Authorization,
) -> Result<(), CloudError> {
    let (region, id, authorization) = (gate.region.clone(), gate.api_id.clone(), authorization.clone());
    match gate.r#type {
        OriginType::Rest => {
            let method = route.key.split(' ').next().unwrap_or_default().to_owned();
            cloud
                .update_method(region, id, route.id.clone(), method, authorization)
                .await
        }
        OriginType::Http | OriginType::WebSocket => {
            cloud
                .update_route(region, id, route.id.clone(), authorization)
                .await
        }
    }
}

/// Makes a deployment and reads what it carries, and what was edited since the working copy was read as `known`: API Gateway
/// does not tell a deployment's integrations, so those of the working copy are read once more.
async fn snapshot(
    of: &Reader<'_>,
    description: &str,
    known: &Observed,
) -> Result<(Option<Deployment>, Vec<String>), CloudError> {
    let (cloud, gate) = (of.cloud, of.gate);
    let (region, api_id) = (gate.region.clone(), gate.api_id.clone());
    let text = description.to_owned();
    match gate.r#type {
        OriginType::Rest => {
            let id = cloud
                .create_rest_deployment(region.clone(), api_id.clone(), text)
                .await?;
            let (made, edited) = tokio::try_join!(
                cloud.get_rest_deployment(region, api_id, id),
                methods_edited_since(of, known)
            )?;
            if made.routes.is_empty() {
                return Err(not_told(&made));
            }
            Ok((Some(made), edited))
        }
        OriginType::Http | OriginType::WebSocket => {
            let id = cloud.create_deployment(region, api_id, text.clone()).await?;
            // API Gateway does not tell what it carries: the routes, where they are now as they were before.
            let (routes, edited) = tokio::try_join!(of.routes(), of.edited_since(known))?;
            let made = Deployment {
                id,
                description: text,
                routes: Carried::between(&known.routes, &routes),
            };
            Ok((Some(made), edited))
        }
    }
}

/// What of a REST API's working copy was edited since it was read as `known`. A lock of few methods is over in a moment, and is
/// not worth a call more.
async fn methods_edited_since(of: &Reader<'_>, known: &Observed) -> Result<Vec<String>, CloudError> {
    if known.routes.len() <= FEW {
        return Ok(vec![]);
    }
    Ok(pending::edited_since(&known.routes, &of.routes().await?))
}

/// Without it nobody knows what the stage would serve.
fn not_told(made: &Deployment) -> CloudError {
    let operation = Operation {
        service: Service::ApiGateway,
        name: "GetDeployment",
        class: OperationClass::Get,
    };
    CloudError::new(operation, NOT_UNDERSTOOD, summary_missing(&made.id))
}

/// Has the stage serve this deployment: with that, API Gateway takes in what was edited of the API as such.
pub(super) async fn serve(cloud: &dyn Cloud, gate: &Gate, deployment: &str) -> Result<(), CloudError> {
    let (region, id, stage) = (gate.region.clone(), gate.api_id.clone(), gate.stage.clone());
    let deployment = deployment.to_owned();
    match gate.r#type {
        OriginType::Rest => cloud.update_rest_stage(region, id, stage, deployment).await,
        OriginType::Http | OriginType::WebSocket => cloud.update_stage(region, id, stage, deployment).await,
    }
}

async fn delete(cloud: &dyn Cloud, gate: &Gate, deployment: &str) -> Result<(), CloudError> {
    let (region, id, deployment) = (gate.region.clone(), gate.api_id.clone(), deployment.to_owned());
    let deleted = match gate.r#type {
        OriginType::Rest => cloud.delete_rest_deployment(region, id, deployment).await,
        OriginType::Http | OriginType::WebSocket => cloud.delete_deployment(region, id, deployment).await,
    };
    super::update::found(deleted).map(|_| ())
}
