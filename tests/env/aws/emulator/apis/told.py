"""An API as its stages serve it, told to a test: what is so, whatever anybody says of it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ..core.answers import AwsError
from . import deployed
from .store import Api

if TYPE_CHECKING:
    from ..world import World

Json = dict[str, Any]


def api(home: World, region: str, api_id: str) -> Json:
    world = next((one for one in home.everywhere() if (region, api_id) in one.apis.apis), None)
    if not world:
        raise AwsError("NotFound", f"there is no API {api_id} in {region}", 404)
    found = world.apis.apis[region, api_id]
    return {"id": api_id, "region": region, "protocol": found.protocol, "stages": {name: _stage(world, found, name) for name in found.stages}}


def _stage(world: World, found: Api, name: str) -> Json:
    """What is served by the stage itself and, where it gets a share, by its canary release; and the values of keys that it takes."""
    served = [deployed.of(found, name)]
    if served[0] and served[0].canary_percent > 0:
        served.append(deployed.of(found, name, canary=True))
    plans = [plan for plan in world.apis.plans.values() if plan.region == found.region and plan.covers(found.id, name)]
    keys = [(plan, world.apis.keys[found.region, number]) for plan in plans for number in plan.key_ids]
    return {
        "serves": [_served(one) for one in served if one],
        "keys": [{"name": key.document.get("name"), "plan": plan.id, "value": key.document["value"]} for plan, key in keys if key.document["enabled"]],
    }


def _served(one: deployed.Deployed) -> Json:
    # What a backend answers may be long, and is no matter of who gets in.
    routes = [
        {
            **vars(route),
            "integration": {name: value for name, value in route.integration.items() if name != "emulatorResponse"},
            "required": vars(route.required) if route.required else None,
        }
        for route in one.routes
    ]
    return {**vars(one), "routes": routes, "authorizers": {number: vars(authorizer) for number, authorizer in one.authorizers.items()}}
