"""The Resource Groups Tagging API, over everything of ours that has tags."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

from .core import paging
from .core.answers import Answer, AwsError, as_json
from .core.call import Call
from .core.history import History
from .core.operations import operation

if TYPE_CHECKING:
    from .world import World

Entry = tuple[str, dict[str, str]]


class TagIndex:
    """Arn → tags, as they were a moment ago."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.history: History[Entry] = History()

    def note(self, arn: str, tags: dict[str, str] | None) -> None:
        """What a resource's tags are from now on; None: the resource is gone."""
        self.history.put(arn, None if tags is None else (arn, dict(tags)))

    def listed(self) -> list[Entry]:
        lag = max(float(self.world.settings["tagLag"]), float(self.world.settings["listLag"]))
        return self.history.at(time.time() - lag)


@operation("resourcegroupstaggingapi", "GetResources")
def get_resources(world: World, call: Call) -> Answer:
    params = call.params
    filters, kinds, arns = params.get("TagFilters") or [], params.get("ResourceTypeFilters") or [], params.get("ResourceARNList") or []
    if arns and (filters or kinds):
        raise AwsError("InvalidParameterException", "ResourceARNList cannot be used with TagFilters or ResourceTypeFilters.")
    for one in filters:
        if not one.get("Key"):
            raise AwsError("InvalidParameterException", "A tag filter requires a key.")
    # A resource that never had a tag is not known to this API.
    found = [
        entry
        for entry in world.tags.listed()
        if entry[1] and _region(entry[0]) == call.region and _matches(entry[1], filters) and _kind(entry[0], kinds) and (not arns or entry[0] in arns)
    ]
    chosen, following = paging.page(found, lambda e: e[0], params.get("PaginationToken"), paging.size(params.get("ResourcesPerPage"), 100))
    listed = [{"ResourceARN": arn, "Tags": [{"Key": k, "Value": v} for k, v in tags.items()]} for arn, tags in chosen]
    return as_json({"PaginationToken": following or "", "ResourceTagMappingList": listed}, protocol="json")


def _region(arn: str) -> str:
    """Global resources are found in us-east-1."""
    return arn.split(":")[3] or "us-east-1"


def _matches(tags: dict[str, str], filters: list[dict[str, Any]]) -> bool:
    for one in filters:
        value, values = tags.get(one["Key"]), one.get("Values")
        if value is None or (values and value not in values):
            return False
    return True


def _kind(arn: str, kinds: list[str]) -> bool:
    if not kinds:
        return True
    _, _, service, _, _, rest = arn.split(":", 5)
    parts = rest.replace(":", "/").split("/")
    # wafv2's resources have their scope before their type.
    own = {service, f"{service}:{parts[0]}", f"{service}:{'/'.join(parts[:2])}", f"{service}:{parts[1]}" if len(parts) > 1 else service}
    return bool(own & set(kinds))
