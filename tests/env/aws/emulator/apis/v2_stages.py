"""Stages and deployments of HTTP and WebSocket APIs."""

from __future__ import annotations

import copy
import time
from typing import TYPE_CHECKING, Any

from ..core import wire
from ..core.answers import Answer
from ..core.call import Call
from ..core.operations import operation
from . import lists, refusals
from .rest_stages import published, stage_of
from .store import Api, Deployment, Stage
from .v2_apis import find

if TYPE_CHECKING:
    from ..world import World

Json = dict[str, Any]
_AUTOMATIC = "Deployment ID cannot be set on this stage because AutoDeploy is enabled."


@operation("apigatewayv2", "GetStage")
def get(world: World, call: Call) -> Answer:
    return wire.answer(call, _stage_document(stage_of(find(world, call), call.params["StageName"])))


@operation("apigatewayv2", "GetStages")
def listed(world: World, call: Call) -> Answer:
    params = wire.read(call)
    found = list(find(world, call).stages.values())
    chosen, following = lists.page(found, lambda s: s.name, params.get("NextToken"), params.get("MaxResults"))
    return wire.answer(call, {"Items": [_stage_document(s) for s in chosen], "NextToken": following})


@operation("apigatewayv2", "UpdateStage")
def update(world: World, call: Call) -> Answer:
    api, params = find(world, call), wire.read(call)
    stage = stage_of(api, params["StageName"])
    changed = copy.deepcopy(stage)
    changed.auto_deploy = params.get("AutoDeploy", stage.auto_deploy)
    if "DeploymentId" in params:
        if changed.auto_deploy:
            raise refusals.bad(_AUTOMATIC)
        changed.deployment_id = _deployment(api, params["DeploymentId"]).id
    for name in ("Description", "StageVariables", "DefaultRouteSettings", "RouteSettings", "AccessLogSettings"):
        if name in params:
            changed.document[name] = params[name]
    published(world, api, changed != stage)
    changed.document["updated"] = time.time()
    api.stages[stage.name] = changed
    if changed.auto_deploy and not stage.auto_deploy:
        api.deploy_automatically()
    return wire.answer(call, _stage_document(changed))


@operation("apigatewayv2", "CreateDeployment")
def create_deployment(world: World, call: Call) -> Answer:
    api, params = find(world, call), wire.read(call)
    name = params.get("StageName")
    stage = stage_of(api, name) if name else None
    if stage and stage.auto_deploy:
        raise refusals.bad(_AUTOMATIC)
    if not api.working.routes:
        what = (
            "Unable to deploy API because no routes exist in this API" if api.protocol == "HTTP" else "At least one route is required before deploying the Api."
        )
        raise refusals.bad(what)
    deployment = api.deploy(params.get("Description"))
    if stage:
        stage.deployment_id = deployment.id
        stage.document["updated"] = time.time()
        published(world, api, is_change=True)
    return wire.answer(call, _document(deployment), resource=f"{api.id}/{name}" if name else api.id)


@operation("apigatewayv2", "GetDeployment")
def get_deployment(world: World, call: Call) -> Answer:
    return wire.answer(call, _document(_deployment(find(world, call), call.params["DeploymentId"])))


@operation("apigatewayv2", "GetDeployments")
def deployments(world: World, call: Call) -> Answer:
    params = wire.read(call)
    found = list(find(world, call).deployments.values())[::-1]
    chosen, following = lists.page(found, lambda d: d.id, params.get("NextToken"), params.get("MaxResults"))
    return wire.answer(call, {"Items": [_document(d) for d in chosen], "NextToken": following})


@operation("apigatewayv2", "DeleteDeployment")
def delete_deployment(world: World, call: Call) -> Answer:
    api = find(world, call)
    deployment = _deployment(api, call.params["DeploymentId"])
    if any(stage.deployment_id == deployment.id for stage in api.stages.values()):
        raise refusals.bad("Active stages pointing to this deployment must be moved or deleted")
    del api.deployments[deployment.id]
    return wire.answer(call)


def _deployment(api: Api, number: str) -> Deployment:
    found = api.deployments.get(number)
    if not found:
        raise refusals.unknown("Deployment")
    return found


def _document(deployment: Deployment) -> Json:
    return {
        "AutoDeployed": deployment.auto_deployed,
        "CreatedDate": deployment.created,
        "DeploymentId": deployment.id,
        "DeploymentStatus": "DEPLOYED",
        "Description": deployment.description or None,
    }


def _stage_document(stage: Stage) -> Json:
    return {
        "DefaultRouteSettings": {"DetailedMetricsEnabled": False},
        "RouteSettings": {},
        **{name: value for name, value in stage.document.items() if name[0].isupper()},
        "AutoDeploy": stage.auto_deploy,
        "CreatedDate": stage.document["created"],
        "DeploymentId": stage.deployment_id,
        "LastUpdatedDate": stage.document["updated"],
        "StageName": stage.name,
        "Tags": stage.tags,
    }
