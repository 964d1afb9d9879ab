"""Routes of HTTP and WebSocket APIs."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from ..core import wire
from ..core.answers import Answer
from ..core.call import Call
from ..core.operations import operation
from . import lists, refusals
from .store import Api, new_id
from .v2_apis import find

if TYPE_CHECKING:
    from ..world import World

Json = dict[str, Any]
_TYPES = {"HTTP": ("NONE", "AWS_IAM", "CUSTOM", "JWT"), "WEBSOCKET": ("NONE", "AWS_IAM", "CUSTOM")}
_AUTHORIZERS = {"CUSTOM": "REQUEST", "JWT": "JWT"}
_KEYS = {"HTTP": r"\$default|(ANY|DELETE|GET|HEAD|OPTIONS|PATCH|POST|PUT) /\S*", "WEBSOCKET": r"\S+"}


@operation("apigatewayv2", "GetRoutes")
def listed(world: World, call: Call) -> Answer:
    params = wire.read(call)
    found = list(find(world, call).working.routes.values())
    chosen, following = lists.page(found, lambda r: str(r["RouteId"]), params.get("NextToken"), params.get("MaxResults"))
    return wire.answer(call, {"Items": chosen, "NextToken": following})


@operation("apigatewayv2", "GetRoute")
def get(world: World, call: Call) -> Answer:
    return wire.answer(call, _route(find(world, call), call))


@operation("apigatewayv2", "CreateRoute")
def create(world: World, call: Call) -> Answer:
    api = find(world, call)
    given = {k: v for k, v in wire.read(call).items() if k != "ApiId"}
    return wire.answer(call, _keep(api, {"RouteId": new_id(7), "AuthorizationType": "NONE", "ApiKeyRequired": False, **given}))


@operation("apigatewayv2", "UpdateRoute")
def update(world: World, call: Call) -> Answer:
    api = find(world, call)
    given = {k: v for k, v in wire.read(call).items() if k not in ("ApiId", "RouteId")}
    found = _route(api, call)
    if found.get("ApiGatewayManaged") and given.get("RouteKey", found["RouteKey"]) != found["RouteKey"]:
        raise refusals.bad("The route key of a managed route cannot be changed")
    return wire.answer(call, _keep(api, {**found, **given}))


@operation("apigatewayv2", "DeleteRoute")
def delete(world: World, call: Call) -> Answer:
    api = find(world, call)
    del api.working.routes[_route(api, call)["RouteId"]]
    api.deploy_automatically()
    return wire.answer(call)


def _route(api: Api, call: Call) -> Json:
    found = api.working.routes.get(call.params["RouteId"])
    if not found:
        raise refusals.unknown("Route")
    return found


def _keep(api: Api, route: Json) -> Json:
    key = route.get("RouteKey", "")
    if not re.fullmatch(_KEYS[api.protocol], key):
        raise refusals.bad(f"The provided route key is not formatted properly for {api.protocol} protocol. Route key: {key}")
    if any(r["RouteKey"] == key and r["RouteId"] != route["RouteId"] for r in api.working.routes.values()):
        raise refusals.conflict(f"Route with key {key} already exists for this API")
    target = route.get("Target", "")
    if target and target.removeprefix("integrations/") not in api.working.integrations:
        raise refusals.missing(f"Unable to find Integration by id {target.removeprefix('integrations/')} within the provided Api")
    if api.protocol == "HTTP" and route.get("ApiKeyRequired"):
        raise refusals.bad("API keys are not supported for HTTP APIs")
    _authorization(api, route)
    api.working.routes[route["RouteId"]] = route
    api.deploy_automatically()
    return route


def _authorization(api: Api, route: Json) -> None:
    """Refuses what does not go together; an authorizer goes when nothing asks for it."""
    kind = route["AuthorizationType"]
    if kind not in _TYPES[api.protocol]:
        raise refusals.bad(f"Invalid authorization type {kind}. Must be one of: [{', '.join(_TYPES[api.protocol])}]")
    if kind != "NONE" and api.protocol == "WEBSOCKET" and route["RouteKey"] != "$connect":
        raise refusals.bad("Currently, authorization is restricted to the $connect route only")
    if kind not in _AUTHORIZERS:
        route.pop("AuthorizerId", None)
        return
    authorizer = api.working.authorizers.get(route.get("AuthorizerId", ""))
    if not authorizer or authorizer["AuthorizerType"] != _AUTHORIZERS[kind]:
        raise refusals.bad(f"Invalid authorizer ID specified. Setting the authorization type to {kind} requires a valid authorizer.")
