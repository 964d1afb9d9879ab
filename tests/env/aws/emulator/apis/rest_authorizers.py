"""A REST API's authorizers."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from ..core import wire
from ..core.answers import Answer
from ..core.call import Call
from ..core.operations import operation
from . import lists, patches, refusals
from .deployed import function_of
from .store import Api, new_id

if TYPE_CHECKING:
    from ..world import World

Json = dict[str, Any]
_TYPES = ("TOKEN", "REQUEST", "COGNITO_USER_POOLS")
_PATHS = (
    "/name", "/type", "/authType", "/authorizerUri", "/authorizerCredentials", "/identitySource", "/identityValidationExpression",
    "/authorizerResultTtlInSeconds", "/providerARNs",
)  # fmt: skip


@operation("apigateway", "CreateAuthorizer")
def create(world: World, call: Call) -> Answer:
    if not world.apis.is_there(call.region, call.params["restApiId"], rest=True):
        raise refusals.conflict("Unable to complete operation due to concurrent modification. Please try again later.")
    api = _api(world, call)
    given = {k: v for k, v in wire.read(call).items() if k != "restApiId"}
    authorizer: Json = {"id": new_id(6), "authorizerResultTtlInSeconds": 300, **given}
    _check(api, authorizer)
    if len(api.working.authorizers) >= world.settings.limit("authorizers"):
        raise refusals.limit("Maximum number of Authorizers for this API has been reached. Please contact AWS if you need additional Authorizers.")
    api.working.authorizers[authorizer["id"]] = authorizer
    return wire.answer(call, authorizer, resource=f"{api.id}/{authorizer['id']}")


@operation("apigateway", "GetAuthorizer")
def get(world: World, call: Call) -> Answer:
    return wire.answer(call, _authorizer(_api(world, call), call))


@operation("apigateway", "GetAuthorizers")
def listed(world: World, call: Call) -> Answer:
    params = wire.read(call)
    found = list(_api(world, call).working.authorizers.values())
    chosen, position = lists.page(found, lambda a: str(a["id"]), params.get("position"), params.get("limit"))
    return wire.answer(call, {"items": chosen, "position": position})


@operation("apigateway", "UpdateAuthorizer")
def update(world: World, call: Call) -> Answer:
    api = _api(world, call)
    authorizer = dict(_authorizer(api, call))
    for patch in patches.read(wire.read(call)):
        if patch.path not in _PATHS or patch.op not in ("add", "remove", "replace"):
            raise patch.refused(_PATHS)
        name = patch.parts[0]
        if name == "providerARNs":
            others = [arn for arn in authorizer.get(name, []) if arn != patch.value]
            authorizer[name] = others if patch.removes else [*others, patch.value]
        elif patch.op != "replace":
            raise patch.refused(_PATHS)
        else:
            authorizer[name] = patch.number() if name == "authorizerResultTtlInSeconds" else patch.value
    _check(api, authorizer)
    api.working.authorizers[authorizer["id"]] = authorizer
    return wire.answer(call, authorizer)


@operation("apigateway", "DeleteAuthorizer")
def delete(world: World, call: Call) -> Answer:
    api = _api(world, call)
    authorizer = _authorizer(api, call)
    for resource in api.working.resources.values():
        for name, method in resource["resourceMethods"].items():
            if method.get("authorizerId") == authorizer["id"]:
                raise refusals.conflict(f"Cannot delete authorizer '{authorizer['name']}', is referenced in method: {resource['path']}/{name}")
    del api.working.authorizers[authorizer["id"]]
    return wire.answer(call)


def _api(world: World, call: Call) -> Api:
    return world.apis.find(call.region, call.params["restApiId"], rest=True)


def _authorizer(api: Api, call: Call) -> Json:
    found = api.working.authorizers.get(call.params["authorizerId"])
    if not found:
        raise refusals.unknown("Authorizer")
    return found


def _check(api: Api, authorizer: Json) -> None:
    name, kind = authorizer.get("name"), authorizer.get("type")
    if not name or not re.fullmatch(r"[\w-]{1,128}", name):
        raise refusals.bad("Authorizer name cannot be empty, and only allows letters, digits, - and _")
    if any(a["name"] == name and a["id"] != authorizer["id"] for a in api.working.authorizers.values()):
        raise refusals.bad(f"Authorizer name must be unique. Authorizer {name} already exists in this RestApi.")
    if kind not in _TYPES:
        raise refusals.bad(f"Invalid authorizer type specified. Must be one of: [{', '.join(_TYPES)}]")
    ttl, source = authorizer["authorizerResultTtlInSeconds"], authorizer.get("identitySource", "")
    if not isinstance(ttl, int) or not 0 <= ttl <= 3600:
        raise refusals.bad("Authorizer result TTL must be between 0 and 3600 seconds")
    if kind == "COGNITO_USER_POOLS":
        if not authorizer.get("providerARNs"):
            raise refusals.bad("Authorizer of type COGNITO_USER_POOLS requires provider ARNs")
        return
    uri = authorizer.get("authorizerUri", "")
    if not function_of(uri):
        raise refusals.bad(f"Invalid Authorizer URI: {uri}. Authorizer URI should be a valid API Gateway ARN that represents a Lambda function invocation.")
    if kind == "TOKEN" and not re.fullmatch(r"method\.request\.header\.[\w-]+", source):
        raise refusals.bad("Identity source for a TOKEN authorizer must be one request header, as in method.request.header.Authorization")
    if kind == "REQUEST" and ttl > 0 and not source:
        raise refusals.bad("Identity source is required when caching is enabled")
    parts = [part.strip() for part in source.split(",")] if source else []
    if not all(re.fullmatch(r"(method\.request\.(header|querystring|multivalueheader)|stageVariables|context)\.[\w.-]+", part) for part in parts):
        raise refusals.bad(f"Invalid identity source specified: {source}")
