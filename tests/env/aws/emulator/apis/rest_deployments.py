"""A REST API's deployments: copies of the working copy, on a stage or on none."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

from ..core import wire
from ..core.answers import Answer
from ..core.call import Call
from ..core.operations import operation
from . import lists, refusals
from .rest_stages import published
from .store import Api, Deployment, Stage

if TYPE_CHECKING:
    from ..world import World

Json = dict[str, Any]


@operation("apigateway", "CreateDeployment")
def create(world: World, call: Call) -> Answer:
    api, params = _api(world, call), wire.read(call)
    methods = [method for resource in api.working.resources.values() for method in resource["resourceMethods"].values()]
    if not methods:
        raise refusals.bad("The REST API doesn't contain any methods")
    if any("methodIntegration" not in method for method in methods):
        raise refusals.bad("No integration defined for method")
    name = params.get("stageName")
    if params.get("canarySettings") and name not in api.stages:
        raise refusals.bad("Stage to deploy the canary to does not exist")
    deployment = api.deploy(params.get("description"))
    if name:
        _put_on_stage(api, name, deployment, params)
        published(world, api, is_change=True)
    return wire.answer(call, _document(deployment, []), resource=f"{api.id}/{name}" if name else api.id)


@operation("apigateway", "GetDeployment")
def get(world: World, call: Call) -> Answer:
    return wire.answer(call, _document(_deployment(_api(world, call), call), wire.read(call).get("embed", [])))


@operation("apigateway", "GetDeployments")
def listed(world: World, call: Call) -> Answer:
    params = wire.read(call)
    # The newest first.
    found = list(_api(world, call).deployments.values())[::-1]
    chosen, position = lists.page(found, lambda d: d.id, params.get("position"), params.get("limit"))
    return wire.answer(call, {"items": [_document(d, []) for d in chosen], "position": position})


@operation("apigateway", "DeleteDeployment")
def delete(world: World, call: Call) -> Answer:
    api = _api(world, call)
    deployment = _deployment(api, call)
    for stage in api.stages.values():
        if deployment.id in (stage.deployment_id, stage.document.get("canarySettings", {}).get("deploymentId")):
            raise refusals.bad("Active stages pointing to this deployment must be moved or deleted")
    del api.deployments[deployment.id]
    return wire.answer(call)


def _put_on_stage(api: Api, name: str, deployment: Deployment, params: Json) -> None:
    now = time.time()
    stage = api.stages.get(name)
    if not stage:
        stage = Stage(name, deployment.id, {"created": now, "methodSettings": {}, "variables": {}})
        api.stages[name] = stage
    if params.get("canarySettings"):
        stage.document["canarySettings"] = {"percentTraffic": 0.0, "useStageCache": False, **params["canarySettings"], "deploymentId": deployment.id}
    else:
        stage.deployment_id = deployment.id
    if "stageDescription" in params:
        stage.document["description"] = params["stageDescription"]
    if "variables" in params:
        stage.document["variables"] = params["variables"]
    if "tracingEnabled" in params:
        stage.document["tracingEnabled"] = params["tracingEnabled"]
    stage.document["updated"] = now


def _document(deployment: Deployment, embed: list[str]) -> Json:
    found: Json = {"id": deployment.id, "description": deployment.description or None, "createdDate": deployment.created}
    if "apisummary" in embed:
        found["apiSummary"] = {
            resource["path"]: {
                name: {"authorizationType": method["authorizationType"], "apiKeyRequired": method["apiKeyRequired"]}
                for name, method in resource["resourceMethods"].items()
            }
            for resource in deployment.snapshot.resources.values()
            if resource["resourceMethods"]
        }
    return found


def _api(world: World, call: Call) -> Api:
    return world.apis.find(call.region, call.params["restApiId"], rest=True)


def _deployment(api: Api, call: Call) -> Deployment:
    found = api.deployments.get(call.params["deploymentId"])
    if not found:
        raise refusals.unknown("Deployment")
    return found
