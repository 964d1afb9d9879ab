"""REST APIs themselves."""

from __future__ import annotations

import copy
from typing import TYPE_CHECKING, Any

from ..core import wire
from ..core.answers import Answer
from ..core.call import Call
from ..core.operations import operation
from . import lists, patches, policies, refusals
from .store import REST, Api

if TYPE_CHECKING:
    from ..world import World

Json = dict[str, Any]
_PATHS = ("/name", "/description", "/policy", "/apiKeySource", "/disableExecuteApiEndpoint", "/securityPolicy", "/endpointAccessMode")
_MODES = ("BASIC", "STRICT")


@operation("apigateway", "GetRestApi")
def get(world: World, call: Call) -> Answer:
    return wire.answer(call, _document(world.apis.find(call.region, call.params["restApiId"], rest=True)))


@operation("apigateway", "GetRestApis")
def listed(world: World, call: Call) -> Answer:
    params = wire.read(call)
    found = [api for api in world.apis.apis.values() if api.protocol == REST and api.region == call.region]
    chosen, position = lists.page(found, lambda api: api.id, params.get("position"), params.get("limit"))
    return wire.answer(call, {"items": [_document(api) for api in chosen], "position": position})


@operation("apigateway", "UpdateRestApi")
def update(world: World, call: Call) -> Answer:
    api = world.apis.find(call.region, call.params["restApiId"], rest=True)
    document, working, disabled = copy.copy(api.document), copy.copy(api.working), api.disabled
    for patch in patches.read(wire.read(call)):
        if patch.op != "replace" or patch.path not in _PATHS:
            raise patch.refused(_PATHS)
        if patch.path == "/policy":
            working.policy = policies.normal(world, api, patch.value) if patch.value else None
            policies.check_credentials(working)
        elif patch.path == "/apiKeySource":
            if patch.value not in ("HEADER", "AUTHORIZER"):
                raise refusals.bad("Invalid API key source specified. Must be one of: [HEADER, AUTHORIZER]")
            working.api_key_source = patch.value
        elif patch.path == "/disableExecuteApiEndpoint":
            disabled = patch.truth()
        else:
            document[patch.parts[0]] = patch.value
    check_security_policy(document)
    # The switch takes effect with the next change of any stage.
    api.document, api.working, api.disabled = document, working, disabled
    return wire.answer(call, _document(api))


def check_security_policy(document: Json) -> None:
    """An enhanced policy goes with an endpoint access mode, and a legacy one without."""
    policy, mode = document.get("securityPolicy", ""), document.get("endpointAccessMode", "")
    is_enhanced = policy.startswith("SecurityPolicy_")
    if policy and not is_enhanced and policy not in ("TLS_1_0", "TLS_1_2"):
        raise refusals.bad("Invalid security policy specified")
    if mode and mode not in _MODES:
        raise refusals.bad(f"Invalid endpoint access mode specified. Must be one of: [{', '.join(_MODES)}]")
    if is_enhanced and not mode:
        raise refusals.bad("An endpoint access mode is required with an enhanced security policy")


def _document(api: Api) -> Json:
    return {
        "id": api.id,
        "name": api.document["name"],
        "description": api.document["description"] or None,
        "createdDate": api.document["created"],
        "apiKeySource": api.working.api_key_source,
        "endpointConfiguration": {"types": [api.document["endpointType"]], "ipAddressType": "ipv4"},
        "binaryMediaTypes": api.document.get("binaryMediaTypes"),
        "minimumCompressionSize": api.document.get("minimumCompressionSize"),
        "policy": policies.shown(api.working.policy),
        "tags": api.tags or None,
        "disableExecuteApiEndpoint": api.disabled,
        "securityPolicy": api.document.get("securityPolicy"),
        "endpointAccessMode": api.document.get("endpointAccessMode"),
        "rootResourceId": next(r["id"] for r in api.working.resources.values() if r["path"] == "/"),
    }
