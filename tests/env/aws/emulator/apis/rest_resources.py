"""A REST API's resources, their methods and the methods' integrations."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from ..core import wire
from ..core.answers import Answer
from ..core.call import Call
from ..core.operations import operation
from . import defaults, editing, lists, patches, policies, refusals
from .store import Api

if TYPE_CHECKING:
    from ..world import World

Json = dict[str, Any]
_METHODS = ("ANY", "DELETE", "GET", "HEAD", "OPTIONS", "PATCH", "POST", "PUT")
_TYPES = ("NONE", "AWS_IAM", "CUSTOM", "COGNITO_USER_POOLS")
_AUTHORIZERS = {"CUSTOM": ("TOKEN", "REQUEST"), "COGNITO_USER_POOLS": ("COGNITO_USER_POOLS",)}
_INTEGRATIONS = ("HTTP", "HTTP_PROXY", "MOCK", "AWS", "AWS_PROXY")
_PATHS = ("/authorizationType", "/authorizerId", "/apiKeyRequired", "/operationName")


@operation("apigateway", "GetResources")
def listed(world: World, call: Call) -> Answer:
    api, params = _api(world, call), wire.read(call)
    resources = list(api.working.resources.values())
    chosen, position = lists.page(resources, lambda r: str(r["id"]), params.get("position"), params.get("limit"))
    return wire.answer(call, {"items": [_shown(r, params) for r in chosen], "position": position})


@operation("apigateway", "GetResource")
def get(world: World, call: Call) -> Answer:
    return wire.answer(call, _shown(_resource(_api(world, call), call.params["resourceId"]), wire.read(call)))


@operation("apigateway", "CreateResource")
def create(world: World, call: Call) -> Answer:
    api, params = _api(world, call), wire.read(call)
    parent, part = _resource(api, params["parentId"]), params.get("pathPart", "")
    if not re.fullmatch(r"[a-zA-Z0-9._:-]+|\{[a-zA-Z0-9._:-]+\+?\}", part):
        raise refusals.bad("Resource's path part only allow a-zA-Z0-9._-: or a valid greedy path variable and curly braces at the beginning and the end.")
    if any(r.get("parentId") == parent["id"] and r["pathPart"] == part for r in api.working.resources.values()):
        raise refusals.conflict(f"Another resource with the same parent already has this name: {part}")
    if len(api.working.resources) >= world.settings.limit("restResources"):
        raise refusals.limit("Maximum number of Resources for this API has been reached. Please contact AWS if you need additional Resources.")
    return wire.answer(call, editing.add_resource(api.working, parent, part))


@operation("apigateway", "GetMethod")
def get_method(world: World, call: Call) -> Answer:
    return wire.answer(call, _method(_resource(_api(world, call), call.params["resourceId"]), call))


@operation("apigateway", "GetIntegration")
def get_integration(world: World, call: Call) -> Answer:
    method = _method(_resource(_api(world, call), call.params["resourceId"]), call)
    if "methodIntegration" not in method:
        raise refusals.unknown("Integration")
    return wire.answer(call, method["methodIntegration"])


@operation("apigateway", "PutMethod")
def put_method(world: World, call: Call) -> Answer:
    api, params = _api(world, call), wire.read(call)
    resource, name = _resource(api, params["resourceId"]), params["httpMethod"]
    if name not in _METHODS:
        raise refusals.bad(f"Invalid HTTP method specified. Must be one of: [{', '.join(_METHODS)}]")
    if name in resource["resourceMethods"]:
        raise refusals.conflict("Method already exists for this resource")
    method = {"apiKeyRequired": False, **{k: v for k, v in params.items() if k not in ("restApiId", "resourceId")}}
    _authorization(api, method)
    resource["resourceMethods"][name] = method
    return wire.answer(call, method)


@operation("apigateway", "UpdateMethod")
def update_method(world: World, call: Call) -> Answer:
    api = _api(world, call)
    resource = _resource(api, call.params["resourceId"])
    method = dict(_method(resource, call))
    for patch in patches.read(wire.read(call)):
        if patch.op != "replace" or patch.path not in _PATHS:
            raise patch.refused(_PATHS)
        method[patch.parts[0]] = patch.truth() if patch.path == "/apiKeyRequired" else patch.value
    _authorization(api, method)
    resource["resourceMethods"][call.params["httpMethod"]] = method
    return wire.answer(call, method)


@operation("apigateway", "DeleteMethod")
def delete_method(world: World, call: Call) -> Answer:
    resource = _resource(_api(world, call), call.params["resourceId"])
    _method(resource, call)
    del resource["resourceMethods"][call.params["httpMethod"]]
    return wire.answer(call)


@operation("apigateway", "PutIntegration")
def put_integration(world: World, call: Call) -> Answer:
    api, params = _api(world, call), wire.read(call)
    resource = _resource(api, params["resourceId"])
    method = _method(resource, call)
    if params.get("type") not in _INTEGRATIONS:
        raise refusals.bad(f"Invalid integration type specified. Must be one of: [{', '.join(_INTEGRATIONS)}]")
    if params["type"] != "MOCK" and not params.get("integrationHttpMethod"):
        raise refusals.bad("Enumeration value for HttpMethod must be non-empty")
    if params["type"] != "MOCK" and not params.get("uri"):
        raise refusals.bad("Invalid HTTP endpoint specified for URI")
    given = {k: v for k, v in params.items() if k not in ("restApiId", "resourceId", "httpMethod", "integrationHttpMethod")}
    if "integrationHttpMethod" in params:
        given["httpMethod"] = params["integrationHttpMethod"]
    settled = {"passthroughBehavior": "WHEN_NO_MATCH", "timeoutInMillis": 29000, "cacheNamespace": resource["id"], "cacheKeyParameters": []}
    if api.working.policy and given.get("credentials") == policies.CALLER:
        raise refusals.bad("Caller provided credentials not allowed when resource policy is set")
    integration = defaults.with_null_templates({**settled, **given, "emulatorResponse": defaults.response(params["httpMethod"], resource["path"])})
    resource["resourceMethods"][params["httpMethod"]] = {**method, "methodIntegration": integration}
    return wire.answer(call, integration)


def _api(world: World, call: Call) -> Api:
    return world.apis.find(call.region, call.params["restApiId"], rest=True)


def _resource(api: Api, number: str) -> Json:
    found = api.working.resources.get(number)
    if not found:
        raise refusals.unknown("Resource")
    return found


def _method(resource: Json, call: Call) -> Json:
    found: Json | None = resource["resourceMethods"].get(call.params["httpMethod"])
    if not found:
        raise refusals.unknown("Method")
    return found


def _shown(resource: Json, params: Json) -> Json:
    """Methods are only named, unless they are asked for."""
    methods = resource["resourceMethods"]
    if "methods" not in params.get("embed", []):
        methods = {name: {} for name in methods}
    return {**resource, "resourceMethods": methods or None}


def _authorization(api: Api, method: Json) -> None:
    """Refuses what does not go together; an authorizer goes when nothing asks for it."""
    kind = method.get("authorizationType")
    if kind not in _TYPES:
        raise refusals.bad(f"Invalid authorization type specified. Must be one of: [{', '.join(_TYPES)}]")
    if kind not in _AUTHORIZERS:
        method.pop("authorizerId", None)
        return
    authorizer = api.working.authorizers.get(method.get("authorizerId", ""))
    if not authorizer or authorizer["type"] not in _AUTHORIZERS[kind]:
        raise refusals.bad("Invalid authorizer ID specified. Setting the authorization type to CUSTOM or COGNITO_USER_POOLS requires a valid authorizer.")
