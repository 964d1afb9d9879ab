//! The doors of the API: methods, routes or `$connect`.

use super::Update;
use super::access_policy as policy;
use crate::api::OriginType;
use crate::aws::cloud::{Cloud, CloudError, pages};
use crate::domain::identity::Tags;
use crate::domain::observed::{Observed as Everything, Seen};
use crate::domain::resources::access::{
    Action, Deployed, Deployment, Door, Gate, Observed, Pending, Stage, description, is_of_other_header,
    is_ours,
};
use crate::domain::resources::access_marks::{Marks, TAG_ACCESS};
use crate::domain::resources::access_pending as pending;
use crate::domain::resources::access_policy::Policies;
use serde_json::Value;

/// Extension under which an export has the API's resource policy.
const POLICY: &str = "x-amazon-apigateway-policy";

/// Reads the doors as edited and as deployed, and the marks of our locks.
pub(super) async fn observe(cloud: &dyn Cloud, everything: &Everything) -> Result<Update, CloudError> {
    let Some(gate) = &everything.gate else {
        return Ok(Update::Access(Seen::Absent));
    };
    let (mut doors, stage, tags, edited) = tokio::try_join!(
        doors(cloud, gate),
        stage(cloud, gate),
        tags(cloud, everything),
        policy::of_api(cloud, gate),
    )?;
    let (edited, keys_from_authorizer) = edited;
    let marks = Marks::of(&tags, everything.at);
    let (deployed, mut pending, mut policies) = as_deployed(cloud, gate, everything, &doors, &stage).await?;
    // A page that was cut short looks like methods that were removed: it takes two to believe it.
    if pending != Pending::None {
        let again = self::doors(cloud, gate).await?;
        if again != doors {
            doors = again;
            pending = as_deployed(cloud, gate, everything, &doors, &stage).await?.1;
        }
    }
    policies.edited = edited;
    if stage.deployment.is_some() {
        pending = pending.and(policies.pending());
    }
    // Only a crash within a cut-over leaves any.
    let strays = if marks.cut_over.is_some() {
        strays(cloud, gate, everything, &stage).await?
    } else {
        vec![]
    };
    Ok(Update::Access(Seen::Present(Observed {
        doors,
        stage,
        deployed,
        pending,
        policies: Box::new(policies),
        marks,
        distribution_arn: everything.distribution_arn().unwrap_or_default().to_owned(),
        strays,
        fresh: None,
        put_back: None,
        keys_from_authorizer,
    })))
}

/// The distribution's tags; none before there is one.
async fn tags(cloud: &dyn Cloud, everything: &Everything) -> Result<Tags, CloudError> {
    match everything.distribution_arn() {
        Some(arn) => cloud.list_distribution_tags(arn.to_owned()).await,
        None => Ok(Tags::new()),
    }
}

async fn doors(cloud: &dyn Cloud, gate: &Gate) -> Result<Vec<Door>, CloudError> {
    let (region, id) = (gate.region.clone(), gate.api_id.clone());
    match gate.r#type {
        OriginType::Rest => {
            pages(
                |marker| cloud.list_methods(region.clone(), id.clone(), marker),
                Some,
            )
            .await
        }
        OriginType::Http | OriginType::WebSocket => {
            pages(
                |marker| cloud.list_routes(region.clone(), id.clone(), marker),
                Some,
            )
            .await
        }
    }
}

async fn stage(cloud: &dyn Cloud, gate: &Gate) -> Result<Stage, CloudError> {
    let (region, id, stage) = (gate.region.clone(), gate.api_id.clone(), gate.stage.clone());
    match gate.r#type {
        OriginType::Rest => cloud.get_rest_stage(region, id, stage).await,
        OriginType::Http | OriginType::WebSocket => cloud.get_stage(region, id, stage).await,
    }
}

async fn as_deployed(
    cloud: &dyn Cloud,
    gate: &Gate,
    everything: &Everything,
    doors: &[Door],
    stage: &Stage,
) -> Result<(Deployed, Pending, Policies), CloudError> {
    let Some(deployment) = stage.deployment.clone().filter(|_| !stage.auto_deploy) else {
        return Ok((Deployed::AsEdited, Pending::None, Policies::default()));
    };
    let (region, id) = (gate.region.clone(), gate.api_id.clone());
    if gate.r#type == OriginType::Rest {
        let (served, export) = tokio::try_join!(
            cloud.get_rest_deployment(region.clone(), id.clone(), deployment),
            cloud.export_rest_stage(region.clone(), id.clone(), gate.stage.clone()),
        )?;
        let pending = pending::of_rest(doors, &served.doors, &export);
        if is_of_other_header(&served.description, &everything.owner, &everything.proof) {
            return Ok((Deployed::LockedOtherwise, pending, Policies::default()));
        }
        let policies = served_policies(&export, served.description);
        return Ok((Deployed::Doors(served.doors), pending, policies));
    }
    let served = cloud
        .get_deployment(region.clone(), id.clone(), deployment)
        .await?;
    let owner = &everything.owner;
    let known = if served.description == description(owner, &everything.proof, true) {
        Deployed::Locked
    } else if is_ours(&served.description, owner) {
        Deployed::LockedOtherwise
    } else {
        Deployed::Unknown
    };
    if gate.r#type == OriginType::WebSocket {
        return Ok((known, Pending::Unknown, Policies::default()));
    }
    let (edited, served) = tokio::try_join!(
        cloud.export_api(region.clone(), id.clone(), None),
        cloud.export_api(region.clone(), id.clone(), Some(gate.stage.clone())),
    )?;
    let (pending, deployed) = pending::of_http(&edited, &served);
    Ok((
        if deployed == Deployed::Unknown {
            known
        } else {
            deployed
        },
        pending,
        Policies::default(),
    ))
}

/// The resource policy of what a stage serves.
fn served_policies(export: &Value, description: String) -> Policies {
    Policies {
        edited: Value::Null,
        served: export[POLICY].clone(),
        description,
    }
}

/// Deployments of ours that the stage does not serve, and that no cut-over goes back to.
async fn strays(
    cloud: &dyn Cloud,
    gate: &Gate,
    everything: &Everything,
    stage: &Stage,
) -> Result<Vec<String>, CloudError> {
    let (region, id) = (gate.region.clone(), gate.api_id.clone());
    let all: Vec<Deployment> = match gate.r#type {
        OriginType::Rest => {
            pages(
                |marker| cloud.list_rest_deployments(region.clone(), id.clone(), marker),
                Some,
            )
            .await?
        }
        OriginType::Http | OriginType::WebSocket => {
            pages(
                |marker| cloud.list_deployments(region.clone(), id.clone(), marker),
                Some,
            )
            .await?
        }
    };
    let ours = all
        .into_iter()
        .filter(|found| is_ours(&found.description, &everything.owner));
    Ok(ours
        .map(|found| found.id)
        .filter(|id| stage.deployment.as_ref() != Some(id))
        .collect())
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
    let mut found = found.clone();
    match action {
        Action::Mark { arn, marks } => {
            let tags = Tags::from([(TAG_ACCESS.to_owned(), marks.value())]);
            cloud.tag_distribution(arn.clone(), tags).await?;
            found.marks = marks.clone();
        }
        Action::Authorize {
            door,
            authorization,
            put_back,
        } => {
            authorize(cloud, gate, door, authorization).await?;
            let door = Door {
                authorization: authorization.clone(),
                ..door.clone()
            };
            return Ok(Update::Door(door, put_back.clone()));
        }
        Action::SetPolicy { from, to, .. } => {
            return Ok(Update::Policy(policy::replace(cloud, gate, from, to).await?));
        }
        Action::Snapshot { description } => found.fresh = Some(snapshot(cloud, gate, description).await?),
        Action::Serve { deployment } => {
            serve(cloud, gate, &deployment.id).await?;
            found.stage.deployment = Some(deployment.id.clone());
            found.deployed = deployed(gate, deployment);
            (found.pending, found.fresh) = (Pending::None, None);
            found.policies.served = found.policies.edited.clone();
            found.policies.description.clone_from(&deployment.description);
        }
        Action::PutBack {
            deployment,
            refused,
            said,
        } => {
            serve(cloud, gate, deployment).await?;
            found.stage.deployment = Some(deployment.clone());
            found.put_back = Some(said.clone());
            found.strays.extend(refused.clone());
            found.deployed = match gate.r#type {
                OriginType::Rest => {
                    let (region, id) = (gate.region.clone(), gate.api_id.clone());
                    let (served, export) = tokio::try_join!(
                        cloud.get_rest_deployment(region.clone(), id.clone(), deployment.clone()),
                        cloud.export_rest_stage(region, id, gate.stage.clone()),
                    )?;
                    let edited = std::mem::take(&mut found.policies.edited);
                    found.policies = Box::new(Policies {
                        edited,
                        ..served_policies(&export, served.description)
                    });
                    Deployed::Doors(served.doors)
                }
                OriginType::Http | OriginType::WebSocket => Deployed::Unknown,
            };
        }
        Action::DeleteStray { deployment } => {
            delete(cloud, gate, deployment).await?;
            found.strays.retain(|stray| stray != deployment);
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
    door: &Door,
    authorization: &crate::domain::resources::access::Authorization,
) -> Result<(), CloudError> {
    let (region, id, authorization) = (gate.region.clone(), gate.api_id.clone(), authorization.clone());
    match gate.r#type {
        OriginType::Rest => {
            let method = door.key.split(' ').next().unwrap_or_default().to_owned();
            cloud
                .update_method(region, id, door.id.clone(), method, authorization)
                .await
        }
        OriginType::Http | OriginType::WebSocket => {
            cloud
                .update_route(region, id, door.id.clone(), authorization)
                .await
        }
    }
}

/// Makes a deployment and reads what it carries.
async fn snapshot(cloud: &dyn Cloud, gate: &Gate, description: &str) -> Result<Deployment, CloudError> {
    let (region, api_id) = (gate.region.clone(), gate.api_id.clone());
    let description = description.to_owned();
    match gate.r#type {
        OriginType::Rest => {
            let id = cloud
                .create_rest_deployment(region.clone(), api_id.clone(), description)
                .await?;
            cloud.get_rest_deployment(region, api_id, id).await
        }
        OriginType::Http | OriginType::WebSocket => {
            let id = cloud
                .create_deployment(region.clone(), api_id.clone(), description)
                .await?;
            cloud.get_deployment(region, api_id, id).await
        }
    }
}

async fn serve(cloud: &dyn Cloud, gate: &Gate, deployment: &str) -> Result<(), CloudError> {
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
    super::found(deleted).map(|_| ())
}

/// What a stage asks for that serves `deployment`, which was just made from the working copy.
fn deployed(gate: &Gate, deployment: &Deployment) -> Deployed {
    match gate.r#type {
        OriginType::Rest => Deployed::Doors(deployment.doors.clone()),
        OriginType::Http | OriginType::WebSocket => Deployed::AsEdited,
    }
}
