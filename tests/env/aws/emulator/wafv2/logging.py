"""Logging configurations, which have no lock token."""

from __future__ import annotations

import copy
import re
import time
from typing import TYPE_CHECKING

from ..core import paging
from ..core.answers import Answer, as_json
from ..core.call import Call
from ..core.operations import operation
from . import refusals
from .store import Item, Json, check_scope

if TYPE_CHECKING:
    from ..world import World

_DESTINATION = re.compile(
    r"arn:aws:(?:logs:(?P<logs>[a-z0-9-]+):\d{12}:log-group:aws-waf-logs-[^:*]+|s3:::aws-waf-logs-[a-z0-9.-]+(?:/.*)?"
    r"|firehose:(?P<firehose>[a-z0-9-]+):\d{12}:deliverystream/aws-waf-logs-.+)"
)


def _acl(world: World, call: Call, arn: str) -> Item:
    found = world.waf.web_acls.by_arn(arn)
    if not found or found.region != call.region:
        raise refusals.missing()
    return found


@operation("wafv2", "PutLoggingConfiguration")
def put(world: World, call: Call) -> Answer:
    given = call.params.get("LoggingConfiguration") or {}
    acl = _acl(world, call, str(given.get("ResourceArn")))
    destinations = given.get("LogDestinationConfigs") or []
    if len(destinations) != 1:
        raise refusals.invalid("LOG_DESTINATION", str(destinations), "A logging configuration requires exactly one log destination.")
    destination = str(destinations[0])
    found = _DESTINATION.fullmatch(destination)
    regions = {found["logs"], found["firehose"]} - {None} if found else set()
    if not found or regions - {call.region}:
        raise refusals.invalid(
            "LOG_DESTINATION",
            destination,
            "The ARN isn't valid. A valid ARN begins with arn: and includes other information separated by colons or slashes.",
        )
    if world.settings["logDestinationsMissing"]:
        raise refusals.missing()
    _access(world, call, destination)
    if time.time() < acl.created_at + float(world.settings["wafPropagation"]):
        raise refusals.unavailable()
    for redacted in given.get("RedactedFields") or []:
        if not set(redacted) <= {"UriPath", "QueryString", "SingleHeader", "Method"}:
            raise refusals.invalid("FIELD_TO_MATCH", ",".join(redacted), "The field cannot be redacted.")
    config = {"LogType": "WAF_LOGS", "LogScope": "CUSTOMER", "ManagedByFirewallManager": False, **copy.deepcopy(given)}
    key = (acl.arn, str(config["LogScope"]))
    world.waf.logging[key] = config
    world.waf.logging_history.put(" ".join(key), config)
    return as_json({"LoggingConfiguration": config}, protocol="json")


def _access(world: World, call: Call, destination: str) -> None:
    """https://docs.aws.amazon.com/waf/latest/developerguide/logging-destinations.html: each destination has needs of its own."""
    if destination.startswith("arn:aws:firehose:"):
        role = f"arn:aws:iam::{world.account}:role/aws-service-role/wafv2.amazonaws.com/AWSServiceRoleForWAFV2Logging"
        world.access.depend(call, "iam:CreateServiceLinkedRole", role, {"iam:AWSServiceName": ["wafv2.amazonaws.com"]})
        world.access.depend(call, "firehose:ListDeliveryStreams", "*")
        return
    for action in ("logs:CreateLogDelivery", "logs:DeleteLogDelivery"):
        world.access.depend(call, action, "*")
    if destination.startswith("arn:aws:s3:::"):
        bucket = destination.partition("/")[0]
        for action in ("s3:PutBucketPolicy", "s3:GetBucketPolicy"):
            world.access.depend(call, action, bucket)
    else:
        for action in ("logs:PutResourcePolicy", "logs:DescribeResourcePolicies", "logs:DescribeLogGroups"):
            world.access.depend(call, action, "*")


@operation("wafv2", "GetLoggingConfiguration")
def get(world: World, call: Call) -> Answer:
    return as_json({"LoggingConfiguration": _config(world, call)[1]}, protocol="json")


@operation("wafv2", "DeleteLoggingConfiguration")
def delete(world: World, call: Call) -> Answer:
    key, config = _config(world, call)
    if not config["LogDestinationConfigs"][0].startswith("arn:aws:firehose:"):
        world.access.depend(call, "logs:DeleteLogDelivery", "*")
    del world.waf.logging[key]
    world.waf.logging_history.put(" ".join(key), None)
    return as_json({}, protocol="json")


@operation("wafv2", "ListLoggingConfigurations")
def listed(world: World, call: Call) -> Answer:
    check_scope(call)
    where = "global" if call.params["Scope"] == "CLOUDFRONT" else "regional"
    prefix = f"arn:aws:wafv2:{call.region}:{world.account}:{where}/"
    items = [c for c in world.waf.logging_history.at(world.list_time()) if c["ResourceArn"].startswith(prefix)]
    if call.params.get("LogScope"):
        items = [c for c in items if c["LogScope"] == call.params["LogScope"]]
    size = paging.size(call.params.get("Limit"), 100)
    chosen, following = paging.page(items, lambda c: str(c["ResourceArn"]), call.params.get("NextMarker"), size)
    return as_json({"LoggingConfigurations": chosen, **({"NextMarker": following} if following else {})}, protocol="json")


def _config(world: World, call: Call) -> tuple[tuple[str, str], Json]:
    key = (str(call.params.get("ResourceArn")), str(call.params.get("LogScope") or "CUSTOMER"))
    if key not in world.waf.logging:
        raise refusals.missing()
    return key, world.waf.logging[key]
