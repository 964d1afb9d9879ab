"""Tags of web ACLs and IP sets."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..core.answers import Answer, as_json
from ..core.call import Call
from ..core.operations import operation
from . import refusals
from .store import tags_of

if TYPE_CHECKING:
    from ..world import World


@operation("wafv2", "ListTagsForResource")
def listed(world: World, call: Call) -> Answer:
    item = world.waf.tagged(str(call.params.get("ResourceARN")))
    tags = [{"Key": k, "Value": v} for k, v in item.tags.items()]
    return as_json({"NextMarker": "", "TagInfoForResource": {"ResourceARN": item.arn, "TagList": tags}}, protocol="json")


@operation("wafv2", "TagResource", "UntagResource")
def change(world: World, call: Call) -> Answer:
    item = world.waf.tagged(str(call.params.get("ResourceARN")))
    if call.operation == "TagResource":
        changed = {**item.tags, **tags_of(call.params)}
        if len(changed) > 50:
            raise refusals.invalid("TAGS", str(len(changed)), "A resource can have at most 50 tags.")
    else:
        changed = {k: v for k, v in item.tags.items() if k not in (call.params.get("TagKeys") or [])}
    item.tags = changed
    world.tags.note(item.arn, changed)
    return as_json({}, protocol="json")
