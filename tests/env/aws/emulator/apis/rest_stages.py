"""A REST API's stages."""

from __future__ import annotations

import copy
import time
from typing import TYPE_CHECKING, Any

from ..core import wire
from ..core.answers import Answer
from ..core.call import Call
from ..core.operations import operation
from . import patches, refusals
from .store import Api, Stage

if TYPE_CHECKING:
    from ..world import World

Json = dict[str, Any]
_PATHS = (
    "/deploymentId", "/description", "/variables/{name}", "/tracingEnabled", "/canarySettings", "/canarySettings/percentTraffic", "/canarySettings/deploymentId",
    "/canarySettings/useStageCache", "/canarySettings/stageVariableOverrides/{name}", "/{resourcePath}/{httpMethod}/{setting}/{name}",
)  # fmt: skip
# Method settings by their place in a patch's path.
_SETTINGS = {
    "metrics/enabled": "metricsEnabled",
    "logging/loglevel": "loggingLevel",
    "logging/dataTrace": "dataTraceEnabled",
    "throttling/burstLimit": "throttlingBurstLimit",
    "throttling/rateLimit": "throttlingRateLimit",
    "caching/enabled": "cachingEnabled",
    "caching/ttlInSeconds": "cacheTtlInSeconds",
    "caching/dataEncrypted": "cacheDataEncrypted",
    "caching/requireAuthorizationForCacheControl": "requireAuthorizationForCacheControl",
}


@operation("apigateway", "GetStage")
def get(world: World, call: Call) -> Answer:
    api = world.apis.find(call.region, call.params["restApiId"], rest=True)
    return wire.answer(call, document(stage_of(api, call.params["stageName"])))


@operation("apigateway", "GetStages")
def listed(world: World, call: Call) -> Answer:
    api, params = world.apis.find(call.region, call.params["restApiId"], rest=True), wire.read(call)
    wanted = params.get("deploymentId")
    return wire.answer(call, {"item": [document(s) for s in api.stages.values() if not wanted or s.deployment_id == wanted]})


@operation("apigateway", "UpdateStage")
def update(world: World, call: Call) -> Answer:
    api = world.apis.find(call.region, call.params["restApiId"], rest=True)
    stage = stage_of(api, call.params["stageName"])
    changed = copy.deepcopy(stage)
    for patch in patches.read(wire.read(call)):
        _apply(api, changed, patch)
    published(world, api, changed != stage)
    changed.document["updated"] = time.time()
    api.stages[stage.name] = changed
    return wire.answer(call, document(changed))


def published(world: World, api: Api, is_change: bool) -> None:
    """A change of any stage makes the default endpoint's switch effective."""
    if is_change or world.settings["unchangedStagePublishes"]:
        api.publish_endpoint(float(world.settings["endpointSwitchDelay"]))


def stage_of(api: Api, name: str) -> Stage:
    found = api.stages.get(name)
    if not found:
        raise refusals.unknown("stage")
    return found


def document(stage: Stage) -> Json:
    known = stage.document
    return {
        "stageName": stage.name,
        "deploymentId": stage.deployment_id,
        "description": known.get("description"),
        "cacheClusterEnabled": False,
        "cacheClusterStatus": "NOT_AVAILABLE",
        "methodSettings": known["methodSettings"],
        "variables": known["variables"] or None,
        "canarySettings": known.get("canarySettings"),
        "tracingEnabled": known.get("tracingEnabled", False),
        "tags": stage.tags or None,
        "webAclArn": (known.get("webAcl") or {}).get("ARN"),
        "createdDate": known["created"],
        "lastUpdatedDate": known["updated"],
    }


def check_deployment(api: Api, number: str) -> str:
    if number not in api.deployments:
        raise refusals.bad("Deployment id does not exist")
    return number


def _apply(api: Api, stage: Stage, patch: patches.Patch) -> None:
    known, value = stage.document, patch.value
    match patch.parts:
        case ["deploymentId"] if patch.op == "replace":
            stage.deployment_id = check_deployment(api, value)
        case ["deploymentId"] if (patch.op, patch.source) == ("copy", "/canarySettings/deploymentId"):
            stage.deployment_id = _canary(stage, patch)["deploymentId"]
        case ["description"] if patch.op == "replace":
            known["description"] = value
        case ["tracingEnabled"] if patch.op == "replace":
            known["tracingEnabled"] = patch.truth()
        case ["variables", name] if patch.op in ("add", "replace", "remove"):
            _set(known["variables"], name, patch)
        case ["canarySettings"] if patch.removes:
            known.pop("canarySettings", None)
        case ["canarySettings", "percentTraffic"] if patch.op == "replace":
            known["canarySettings"] = {"useStageCache": False, **known.get("canarySettings", {}), "percentTraffic": patch.decimal()}
        case ["canarySettings", "deploymentId"] if patch.op == "replace":
            _canary(stage, patch)["deploymentId"] = check_deployment(api, value)
        case ["canarySettings", "useStageCache"] if patch.op == "replace":
            _canary(stage, patch)["useStageCache"] = patch.truth()
        case ["canarySettings", "stageVariableOverrides", name] if patch.op in ("add", "replace", "remove"):
            _set(_canary(stage, patch).setdefault("stageVariableOverrides", {}), name, patch)
        case [path, method, kind, name] if f"{kind}/{name}" in _SETTINGS and patch.op in ("add", "replace"):
            setting = _SETTINGS[f"{kind}/{name}"]
            known["methodSettings"].setdefault(f"{path.lstrip('/')}/{method}", {})[setting] = _setting(setting, patch)
        case _:
            raise patch.refused(_PATHS)


def _canary(stage: Stage, patch: patches.Patch) -> Json:
    found: Json | None = stage.document.get("canarySettings")
    if found is None:
        raise refusals.bad(f"Invalid patch path '{patch.path}' specified for op '{patch.op}'. Stage has no canary settings")
    return found


def _set(values: Json, name: str, patch: patches.Patch) -> None:
    if patch.removes:
        values.pop(name, None)
    else:
        values[name] = patch.value


def _setting(name: str, patch: patches.Patch) -> Any:
    if name.endswith("Limit"):
        return patch.decimal() if name == "throttlingRateLimit" else patch.number()
    return patch.number() if name == "cacheTtlInSeconds" else patch.value if name == "loggingLevel" else patch.truth()
