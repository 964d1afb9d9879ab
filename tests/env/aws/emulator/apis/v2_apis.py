"""HTTP and WebSocket APIs themselves, and their integrations."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ..core import wire
from ..core.answers import Answer
from ..core.call import Call
from ..core.operations import operation
from . import lists, refusals
from .store import REST, Api

if TYPE_CHECKING:
    from ..world import World

Json = dict[str, Any]
_SELECTION = {"HTTP": "$request.method $request.path", "WEBSOCKET": "$request.body.action"}


@operation("apigatewayv2", "GetApi")
def get(world: World, call: Call) -> Answer:
    return wire.answer(call, _document(find(world, call)))


@operation("apigatewayv2", "GetApis")
def listed(world: World, call: Call) -> Answer:
    params = wire.read(call)
    found = [api for api in world.apis.apis.values() if api.protocol != REST and api.region == call.region]
    chosen, following = lists.page(found, lambda api: api.id, params.get("NextToken"), params.get("MaxResults"))
    return wire.answer(call, {"Items": [_document(api) for api in chosen], "NextToken": following})


@operation("apigatewayv2", "UpdateApi")
def update(world: World, call: Call) -> Answer:
    api, params = find(world, call), wire.read(call)
    if "Target" in params or "RouteKey" in params:
        raise refusals.bad("Quick create parameters cannot be changed here")
    api.disabled = params.get("DisableExecuteApiEndpoint", api.disabled)
    api.document["name"] = params.get("Name", api.document["name"])
    api.document["description"] = params.get("Description", api.document["description"])
    for name in ("CorsConfiguration", "RouteSelectionExpression", "Version"):
        if name in params:
            api.document[name] = params[name]
    api.deploy_automatically()
    if any(stage.auto_deploy for stage in api.stages.values()):
        api.publish_endpoint(float(world.settings["endpointSwitchDelay"]))
    return wire.answer(call, _document(api))


@operation("apigatewayv2", "GetIntegrations")
def integrations(world: World, call: Call) -> Answer:
    params = wire.read(call)
    found = list(find(world, call).working.integrations.values())
    chosen, following = lists.page(found, lambda i: str(i["IntegrationId"]), params.get("NextToken"), params.get("MaxResults"))
    return wire.answer(call, {"Items": chosen, "NextToken": following})


@operation("apigatewayv2", "GetIntegration")
def integration(world: World, call: Call) -> Answer:
    found = find(world, call).working.integrations.get(call.params["IntegrationId"])
    if not found:
        raise refusals.unknown("Integration")
    return wire.answer(call, found)


def find(world: World, call: Call) -> Api:
    return world.apis.find(call.region, call.params["ApiId"], rest=False)


def _document(api: Api) -> Json:
    scheme = "wss" if api.protocol == "WEBSOCKET" else "https"
    return {
        "RouteSelectionExpression": _SELECTION[api.protocol],
        **{name: value for name, value in api.document.items() if name[0].isupper()},
        "ApiEndpoint": f"{scheme}://{api.id}.execute-api.{api.region}.amazonaws.com",
        "ApiId": api.id,
        "ApiKeySelectionExpression": "$request.header.x-api-key",
        "CreatedDate": api.document["created"],
        "Description": api.document["description"] or None,
        "DisableExecuteApiEndpoint": api.disabled,
        "IpAddressType": "ipv4",
        "Name": api.document["name"],
        "ProtocolType": api.protocol,
        "Tags": api.tags,
    }
