"""API keys."""

from __future__ import annotations

import secrets
import time
from typing import TYPE_CHECKING, Any

from ..core import wire
from ..core.answers import Answer
from ..core.call import Call
from ..core.operations import operation
from . import lists, patches, refusals
from .store import ApiKey, new_id

if TYPE_CHECKING:
    from ..world import World

Json = dict[str, Any]
_PATHS = ("/name", "/description", "/enabled", "/customerId")


@operation("apigateway", "CreateApiKey")
def create(world: World, call: Call) -> Answer:
    params, now = wire.read(call), time.time()
    value = params.get("value") or secrets.token_urlsafe(30)
    if not 20 <= len(value) <= 128:
        raise refusals.bad(f"API Key value {'should be at least 20' if len(value) < 20 else 'exceeds maximum size of 128'} characters")
    if any(key.document["value"] == value for key in world.apis.keys.values() if key.region == call.region):
        raise refusals.conflict("API Key already exists")
    if sum(region == call.region for region, _ in world.apis.keys) >= world.settings.limit("apiKeys"):
        raise refusals.limit("Maximum number of API keys has been reached. Please contact AWS if you need additional API keys.")
    document = {name: params[name] for name in ("name", "description", "customerId") if name in params}
    document.update(value=value, enabled=params.get("enabled", False), created=now, updated=now)
    key = ApiKey(new_id(10), call.region, document, params.get("tags", {}))
    world.apis.keys[call.region, key.id] = key
    world.tags.note(key.arn, key.tags)
    return wire.answer(call, _document(key, True), resource=key.id)


@operation("apigateway", "GetApiKey")
def get(world: World, call: Call) -> Answer:
    return wire.answer(call, _document(find(world, call.region, call.params["apiKey"]), wire.read(call).get("includeValue", False)))


@operation("apigateway", "GetApiKeys")
def listed(world: World, call: Call) -> Answer:
    params = wire.read(call)
    begin, customer, values = params.get("nameQuery", ""), params.get("customerId"), params.get("includeValues", False)
    found = [
        key
        for key in world.apis.keys.values()
        if key.region == call.region and key.document.get("name", "").startswith(begin) and (not customer or key.document.get("customerId") == customer)
    ]
    chosen, position = lists.page(found, lambda key: key.id, params.get("position"), params.get("limit"))
    return wire.answer(call, {"items": [_document(key, values) for key in chosen], "position": position})


@operation("apigateway", "UpdateApiKey")
def update(world: World, call: Call) -> Answer:
    key = find(world, call.region, call.params["apiKey"])
    document = dict(key.document)
    for patch in patches.read(wire.read(call)):
        if patch.op != "replace" or patch.path not in _PATHS:
            raise patch.refused(_PATHS)
        document[patch.parts[0]] = patch.truth() if patch.path == "/enabled" else patch.value
    key.document = {**document, "updated": time.time()}
    return wire.answer(call, _document(key, False))


@operation("apigateway", "DeleteApiKey")
def delete(world: World, call: Call) -> Answer:
    key = find(world, call.region, call.params["apiKey"])
    del world.apis.keys[call.region, key.id]
    for plan in world.apis.plans.values():
        if plan.region == call.region and key.id in plan.key_ids:
            plan.key_ids.remove(key.id)
    world.tags.note(key.arn, None)
    return wire.answer(call)


def find(world: World, region: str, number: str) -> ApiKey:
    found = world.apis.keys.get((region, number))
    if not found:
        raise refusals.unknown("API Key")
    return found


def _document(key: ApiKey, with_value: bool) -> Json:
    known = key.document
    return {
        "id": key.id,
        "value": known["value"] if with_value else None,
        "name": known.get("name"),
        "customerId": known.get("customerId"),
        "description": known.get("description"),
        "enabled": known["enabled"],
        "createdDate": known["created"],
        "lastUpdatedDate": known["updated"],
        "stageKeys": [],
        "tags": key.tags or None,
    }
