"""Authorizers of HTTP and WebSocket APIs."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from ..core import wire
from ..core.answers import Answer
from ..core.call import Call
from ..core.operations import operation
from . import lists, refusals
from .deployed import function_of
from .store import Api, new_id
from .v2_apis import find

if TYPE_CHECKING:
    from ..world import World

Json = dict[str, Any]
_SOURCES = {
    "HTTP": r"\$(request\.(header|querystring)|context|stageVariables)\.[\w.-]+",
    "WEBSOCKET": r"route\.request\.(header|querystring)\.[\w.-]+|(context|stageVariables)\.[\w.-]+",
}


@operation("apigatewayv2", "CreateAuthorizer")
def create(world: World, call: Call) -> Answer:
    api = find(world, call)
    authorizer = {"AuthorizerId": new_id(6), **{k: v for k, v in wire.read(call).items() if k != "ApiId"}}
    if len(api.working.authorizers) >= world.settings.limit("authorizers"):
        raise refusals.limit("Maximum number of Authorizers for this API has been reached. Please contact AWS if you need additional Authorizers.")
    return wire.answer(call, _keep(api, authorizer), resource=f"{api.id}/{authorizer['AuthorizerId']}")


@operation("apigatewayv2", "GetAuthorizer")
def get(world: World, call: Call) -> Answer:
    return wire.answer(call, _authorizer(find(world, call), call))


@operation("apigatewayv2", "GetAuthorizers")
def listed(world: World, call: Call) -> Answer:
    params = wire.read(call)
    found = list(find(world, call).working.authorizers.values())
    chosen, following = lists.page(found, lambda a: str(a["AuthorizerId"]), params.get("NextToken"), params.get("MaxResults"))
    return wire.answer(call, {"Items": chosen, "NextToken": following})


@operation("apigatewayv2", "UpdateAuthorizer")
def update(world: World, call: Call) -> Answer:
    api = find(world, call)
    given = {k: v for k, v in wire.read(call).items() if k not in ("ApiId", "AuthorizerId")}
    return wire.answer(call, _keep(api, {**_authorizer(api, call), **given}))


@operation("apigatewayv2", "DeleteAuthorizer")
def delete(world: World, call: Call) -> Answer:
    api = find(world, call)
    number = _authorizer(api, call)["AuthorizerId"]
    for route in api.working.routes.values():
        if route.get("AuthorizerId") == number:
            raise refusals.conflict(f"Cannot delete authorizer {number}, it is referenced by route: {route['RouteKey']}")
    del api.working.authorizers[number]
    api.deploy_automatically()
    return wire.answer(call)


def _authorizer(api: Api, call: Call) -> Json:
    found = api.working.authorizers.get(call.params["AuthorizerId"])
    if not found:
        raise refusals.unknown("Authorizer")
    return found


def _keep(api: Api, authorizer: Json) -> Json:
    name, kind, sources = authorizer.get("Name"), authorizer.get("AuthorizerType"), authorizer.get("IdentitySource") or []
    if not name or len(name) > 128:
        raise refusals.bad("Authorizer name must have 1 to 128 characters")
    if any(a["Name"] == name and a["AuthorizerId"] != authorizer["AuthorizerId"] for a in api.working.authorizers.values()):
        raise refusals.bad(f"Authorizer name must be unique. Authorizer {name} already exists in this Api.")
    if kind not in (("REQUEST", "JWT") if api.protocol == "HTTP" else ("REQUEST",)):
        raise refusals.bad(f"Authorizer type {kind} is not supported for {api.protocol} APIs")
    if not all(re.fullmatch(_SOURCES[api.protocol], source) for source in sources):
        raise refusals.bad(f"Identity source is not valid for {api.protocol} APIs: {', '.join(sources)}")
    if kind == "REQUEST":
        _request(api, authorizer)
    elif not (authorizer.get("JwtConfiguration") or {}).get("Issuer"):
        raise refusals.bad("A JWT authorizer requires an issuer")
    api.working.authorizers[authorizer["AuthorizerId"]] = authorizer
    api.deploy_automatically()
    return authorizer


def _request(api: Api, authorizer: Json) -> None:
    uri, ttl, version = authorizer.get("AuthorizerUri", ""), authorizer.get("AuthorizerResultTtlInSeconds"), authorizer.get("AuthorizerPayloadFormatVersion")
    if not function_of(uri):
        raise refusals.bad(f"Invalid Authorizer URI: {uri}. Authorizer URI should be a valid API Gateway ARN that represents a Lambda function invocation.")
    if api.protocol == "WEBSOCKET":
        if ttl is not None or version is not None or "EnableSimpleResponses" in authorizer:
            raise refusals.bad("AuthorizerResultTtlInSeconds, AuthorizerPayloadFormatVersion and EnableSimpleResponses are not supported for WebSocket APIs")
        return
    if version not in ("1.0", "2.0"):
        raise refusals.bad("AuthorizerPayloadFormatVersion is a required parameter for REQUEST authorizers. Must be one of: [1.0, 2.0]")
    if authorizer.get("EnableSimpleResponses") and version != "2.0":
        raise refusals.bad("EnableSimpleResponses is only supported with AuthorizerPayloadFormatVersion 2.0")
    if ttl is not None and not 0 <= ttl <= 3600:
        raise refusals.bad("AuthorizerResultTtlInSeconds must be between 0 and 3600")
    if ttl and not authorizer.get("IdentitySource"):
        raise refusals.bad("Identity source is required when caching is enabled")
