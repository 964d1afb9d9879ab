"""What is known about AWS's managed rule groups."""

from __future__ import annotations

import zlib
from typing import TYPE_CHECKING

from ..core.answers import Answer, as_json
from ..core.call import Call
from ..core.operations import operation
from . import refusals
from .catalogue import GROUPS, Group
from .store import check_scope

if TYPE_CHECKING:
    from ..world import World


def _group(call: Call) -> Group:
    check_scope(call)
    found = GROUPS.get(str(call.params.get("Name"))) if call.params.get("VendorName") == "AWS" else None
    if not found:
        raise refusals.missing()
    return found


def _available(world: World, name: str, group: Group) -> list[str]:
    return [version for version in group.versions if f"{name}/{version}" not in world.settings["expiredManagedVersions"]]


@operation("wafv2", "DescribeManagedRuleGroup")
def describe(world: World, call: Call) -> Answer:
    group, version = _group(call), call.params.get("VersionName")
    if version and version not in group.versions:
        raise refusals.missing()
    known = version or (group.versions[-1] if group.versions else None)
    namespace = f"awswaf:managed:aws:{group.label}:"
    return as_json(
        {
            **({"VersionName": known} if known else {}),
            "SnsTopicArn": "arn:aws:sns:us-east-1:248400274283:aws-managed-waf-rule-notifications",
            "Capacity": group.capacity,
            "Rules": [{"Name": rule, "Action": {"Block": {}}} for rule in group.rules],
            "LabelNamespace": namespace,
            "AvailableLabels": [{"Name": f"{namespace}{rule}"} for rule in group.rules],
            "ConsumedLabels": [],
        },
        protocol="json",
    )


@operation("wafv2", "ListAvailableManagedRuleGroupVersions")
def versions(world: World, call: Call) -> Answer:
    group = _group(call)
    found = _available(world, call.params["Name"], group)
    # Dates are made up, but stay the same from call to call.
    dated = [{"Name": v, "LastUpdateTimestamp": 1_700_000_000 + zlib.crc32(f"{call.params['Name']}{v}".encode()) % 60_000_000} for v in found]
    answer = {"Versions": dated, **({"CurrentDefaultVersion": found[-1]} if found else {})}
    return as_json(answer, protocol="json")


@operation("wafv2", "ListAvailableManagedRuleGroups")
def listed(world: World, call: Call) -> Answer:
    check_scope(call)
    groups = [{"VendorName": "AWS", "Name": n, "VersioningSupported": bool(g.versions), "Description": ""} for n, g in GROUPS.items()]
    return as_json({"ManagedRuleGroups": groups}, protocol="json")
