"""Tags of APIs, stages, keys, usage plans and domain names; one way for each of the two services."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from ..core import wire
from ..core.answers import Answer
from ..core.call import Call
from ..core.operations import operation
from . import refusals
from .store import REST

if TYPE_CHECKING:
    from ..world import World


@operation("apigateway", "GetTags")
def get(world: World, call: Call) -> Answer:
    return wire.answer(call, {"tags": find(world, call.params["resourceArn"]).tags})


@operation("apigatewayv2", "GetTags")
def get_v2(world: World, call: Call) -> Answer:
    return wire.answer(call, {"Tags": find(world, call.params["ResourceArn"]).tags})


@operation("apigateway", "TagResource")
@operation("apigatewayv2", "TagResource")
def tag(world: World, call: Call) -> Answer:
    params = wire.read(call)
    arn, given = params.get("resourceArn") or params["ResourceArn"], params.get("tags") or params.get("Tags") or {}
    tagged = find(world, arn)
    changed = {**tagged.tags, **given}
    if any(key.lower().startswith("aws:") for key in given):
        raise refusals.bad("Tag keys cannot begin with aws:")
    if len(changed) > 50:
        raise refusals.bad("A resource can have at most 50 tags")
    tagged.tags = changed
    world.tags.note(arn, changed)
    return wire.answer(call, {})


@operation("apigateway", "UntagResource")
@operation("apigatewayv2", "UntagResource")
def untag(world: World, call: Call) -> Answer:
    params = wire.read(call)
    arn, gone = params.get("resourceArn") or params["ResourceArn"], params.get("tagKeys") or params.get("TagKeys") or []
    tagged = find(world, arn)
    tagged.tags = {key: value for key, value in tagged.tags.items() if key not in gone}
    world.tags.note(arn, tagged.tags)
    return wire.answer(call)


def find(world: World, arn: str) -> Any:
    """The API, stage, key, usage plan or domain name with this ARN."""
    found = re.fullmatch(r"arn:aws:apigateway:([a-z0-9-]+)::/(restapis|apis|apikeys|usageplans|domainnames)/([^/]+)(?:/stages/([^/]+))?", arn)
    if not found:
        raise refusals.bad(f"Invalid resource ARN specified: {arn}")
    region, kind, number, stage = found.groups()
    tagged: Any
    if kind == "apikeys":
        tagged = world.apis.keys.get((region, number))
    elif kind == "domainnames":
        tagged = world.apis.domains.get((region, number))
    elif kind == "usageplans":
        tagged = world.apis.plans.get((region, number))
    else:
        tagged = world.apis.apis.get((region, number))
        tagged = tagged if tagged and (tagged.protocol == REST) == (kind == "restapis") else None
        if stage:
            tagged = tagged and tagged.stages.get(stage)
    if not tagged:
        raise refusals.missing(f"Invalid resource ARN specified: {arn}")
    return tagged
