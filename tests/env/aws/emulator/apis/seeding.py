"""APIs that exist before the controller comes, and what a foreign hand does to them later."""

from __future__ import annotations

import copy
import json
import secrets
import time
from typing import TYPE_CHECKING, Any

from ..core import wire
from ..core.answers import AwsError
from . import editing, policies
from .names import DomainName, Terms
from .store import REST, Api, ApiKey, Deployment, Stage, UsagePlan, Working, new_id

if TYPE_CHECKING:
    from ..world import World

Json = dict[str, Any]
_KNOWN = {
    "id", "region", "protocol", "endpointType", "name", "description", "disableExecuteApiEndpoint", "tags", "stages", "methods", "policy", "apiKeySource",
    "authorizers", "domainNames", "gatewayResponses", "requestValidators", "models", "binaryMediaTypes", "minimumCompressionSize", "usagePlans", "quickCreate", "corsConfiguration",
    "securityPolicy", "endpointAccessMode",
}  # fmt: skip
_CHANGES = {
    "methods", "removeMethods", "authorization", "authorizers", "removeAuthorizers", "policy", "apiKeySource", "deploy", "delete", "deleteStage",
    "disableExecuteApiEndpoint",
}  # fmt: skip
_FIRST = {"HTTP": ["$default"], "WEBSOCKET": ["$connect", "$default"], REST: ["GET /"]}


def plant(world: World, given: Json) -> Json:
    """Makes an API as the seed says; one with this id is replaced."""
    _only(given, _KNOWN)
    protocol, region = given.get("protocol", REST), given["region"]
    if protocol not in _FIRST:
        raise AwsError("BadSeed", f"protocol must be one of {', '.join(_FIRST)}")
    document: Json = {"description": given.get("description", ""), "name": given.get("name", given["id"]), "created": time.time()}
    if protocol == REST:
        document["endpointType"] = given.get("endpointType", "REGIONAL")
        named = ("binaryMediaTypes", "minimumCompressionSize", "securityPolicy", "endpointAccessMode")
        document |= {name: given[name] for name in named if given.get(name) is not None}
    if "corsConfiguration" in given:
        document["CorsConfiguration"] = wire.parse_as("apigatewayv2", "Cors", given["corsConfiguration"])
    working, disabled = Working(api_key_source=given.get("apiKeySource", "HEADER")), bool(given.get("disableExecuteApiEndpoint", False))
    api = Api(given["id"], region, protocol, document, dict(given.get("tags", {})), working, disabled=disabled)
    api.publish_endpoint()
    if protocol == REST:
        editing.rest_resource(working, "/")
    if given.get("policy"):
        working.policy = policies.normal(world, api, _text(given["policy"]))
    working.gateway_responses = dict(given.get("gatewayResponses", {}))
    working.validators = {validator["id"]: validator for validator in given.get("requestValidators", [])}
    working.models = {model["name"]: model for model in given.get("models", [])}
    for authorizer in given.get("authorizers", []):
        editing.put_authorizer(api, authorizer)
    for method in given.get("methods") or _FIRST[protocol]:
        editing.put(api, method)
    if given.get("quickCreate"):
        # As CreateApi with a target makes them: route and integration may be changed, but neither the key nor the stage.
        for made in (*working.routes.values(), *working.integrations.values()):
            made["ApiGatewayManaged"] = True
    for stage in given.get("stages", []):
        _stage(world, api, {"name": stage} if isinstance(stage, str) else stage)
    if given.get("quickCreate"):
        api.stages["$default"].document["ApiGatewayManaged"] = True
    world.apis.apis[region, api.id] = api
    for plan in given.get("usagePlans", []):
        _usage_plan(world, api, plan)
    if api.tags:
        world.tags.note(api.arn, api.tags)
    for mapping in given.get("domainNames", []):
        _map(world, api, mapping)
    return {"id": api.id, "region": region}


def change(world: World, region: str, api_id: str, given: Json) -> Json:
    """What a team, or a person, does to the API by other means than ours."""
    _only(given, _CHANGES)
    api = world.apis.apis.get((region, api_id))
    if not api:
        raise AwsError("NotFound", f"there is no API {api_id} in {region}", 404)
    if given.get("delete"):
        for arn in (api.arn, *(api.stage_arn(name) for name in api.stages)):
            world.tags.note(arn, None)
        del world.apis.apis[region, api_id]
        return {"id": api_id, "deleted": True}
    working, rest = api.working, api.protocol == REST
    for method in given.get("methods", []):
        editing.put(api, method)
    for key in given.get("removeMethods", []):
        editing.remove(api, key)
    for authorizer in given.get("authorizers", []):
        editing.put_authorizer(api, authorizer)
    for number in given.get("removeAuthorizers", []):
        working.authorizers.pop(number, None)
    for key, kind in given.get("authorization", {}).items():
        document = editing.find(api, key)
        document["authorizationType" if rest else "AuthorizationType"] = kind
        document.pop("authorizerId" if rest else "AuthorizerId", None)
    if "policy" in given:
        working.policy = policies.normal(world, api, _text(given["policy"])) if given["policy"] else None
    if "apiKeySource" in given:
        working.api_key_source = given["apiKeySource"]
    if "disableExecuteApiEndpoint" in given:
        # With a change of a stage besides, so that it counts.
        api.disabled = bool(given["disableExecuteApiEndpoint"])
        api.publish_endpoint()
    if "deleteStage" in given:
        del api.stages[given["deleteStage"]]
        world.tags.note(api.stage_arn(given["deleteStage"]), None)
    if set(given) - {"deploy", "deleteStage"}:
        api.deploy_automatically()
    if "deploy" in given:
        api.publish_endpoint()
        api.stages[given["deploy"]].deployment_id = api.deploy("").id
    policy = json.loads(working.policy) if working.policy else None
    stages = {name: stage.deployment_id for name, stage in api.stages.items()}
    return {"id": api_id, "stages": stages, "policy": policy, "endpointOff": api.is_endpoint_off}


def _stage(world: World, api: Api, given: Json) -> None:
    _only(given, {"name", "autoDeploy", "variables", "canarySettings", "methodSettings", "defaultRouteSettings", "description", "tags", "webAcl"})
    name, rest, now = given["name"], api.protocol == REST, time.time()
    auto_deploy = bool(given.get("autoDeploy", name == "$default")) and not rest
    deployment = api.deploy("", auto_deploy)
    document: Json = {"description": given.get("description"), "created": now, "updated": now}
    if rest:
        document |= {"variables": dict(given.get("variables", {})), "methodSettings": dict(given.get("methodSettings", {}))}
        if "webAcl" in given:
            arn = f"arn:aws:wafv2:{api.region}:{world.account}:regional/webacl/team/{new_id(8)}"
            document["webAcl"] = {"ARN": arn, "Rules": [], **given["webAcl"]}
        if "canarySettings" in given:
            settings = dict(given["canarySettings"])
            served = _with(api, settings.pop("methods")) if "methods" in settings else deployment
            document["canarySettings"] = {"percentTraffic": 0.0, "deploymentId": served.id, "useStageCache": False, **settings}
    else:
        document |= {"StageVariables": dict(given.get("variables", {})), "Description": given.get("description")}
        if "defaultRouteSettings" in given:
            document["DefaultRouteSettings"] = wire.parse_as("apigatewayv2", "RouteSettings", given["defaultRouteSettings"])
        if auto_deploy:
            document["LastDeploymentStatusMessage"] = f"Successfully deployed stage with deployment ID '{deployment.id}'"
    stage = Stage(name, deployment.id, document, dict(given.get("tags", {})), auto_deploy)
    api.stages[name] = stage
    if stage.tags:
        world.tags.note(api.stage_arn(name), stage.tags)


def _with(api: Api, methods: list[Json | str]) -> Deployment:
    """A deployment with these methods besides, which the working copy does not keep."""
    kept, api.working = api.working, copy.deepcopy(api.working)
    for method in methods:
        editing.put(api, method)
    deployment, api.working = api.deploy(""), kept
    return deployment


def _usage_plan(world: World, api: Api, given: Json) -> None:
    """One of the team's own, for its customers: with all stages of the API, and keys by their values."""
    _only(given, {"id", "name", "stages", "keys", "throttle", "quota"})
    document = {name: given[name] for name in ("name", "throttle", "quota") if name in given}
    stages = [{"apiId": api.id, "stage": name} for name in given.get("stages", list(api.stages))]
    plan = UsagePlan(given.get("id") or new_id(6), api.region, {**document, "apiStages": stages}, {})
    world.apis.plans[api.region, plan.id] = plan
    now = time.time()
    for declared in given.get("keys", []):
        key = {"name": declared.get("name", ""), "value": declared.get("value") or secrets.token_urlsafe(30), "enabled": True, "created": now, "updated": now}
        made = ApiKey(declared.get("id") or new_id(10), api.region, key, {})
        world.apis.keys[api.region, made.id] = made
        plan.key_ids.append(made.id)


def _map(world: World, api: Api, given: Json) -> None:
    _only(given, {"domainName", "basePath", "stage", "routingMode", "routingRule", "truststore", "truststorePem"})
    domain = world.apis.domains.setdefault((api.region, given["domainName"]), DomainName(given["domainName"], api.region))
    domain.routing_mode = given.get("routingMode", domain.routing_mode)
    if "truststore" in given:
        domain.terms = Terms(truststore_uri=given["truststore"], truststore=given.get("truststorePem"))
    if "routingRule" in given:
        rule, number = wire.parse_as("apigatewayv2", "RoutingRule", given["routingRule"]), new_id(6)
        invoke = {"InvokeApi": {"ApiId": api.id, "Stage": given["stage"], "StripBasePath": False}}
        arn = f"arn:aws:apigateway:{api.region}:{world.account}:/domainnames/{domain.name}/routingrules/{number}"
        settled = {"Actions": [invoke], "Conditions": [], "Priority": len(domain.rules) + 1, "RoutingRuleArn": arn, "RoutingRuleId": number}
        domain.rules.append({**settled, **rule})
        return
    domain.mappings.append({"id": new_id(6), "apiId": api.id, "stage": given["stage"], "key": given.get("basePath", "")})


def _text(policy: Json | str) -> str:
    return policy if isinstance(policy, str) else json.dumps(policy)


def _only(given: Json, known: set[str]) -> None:
    if set(given) - known:
        raise AwsError("BadSeed", f"no such member: {', '.join(sorted(set(given) - known))}; known: {', '.join(sorted(known))}")
