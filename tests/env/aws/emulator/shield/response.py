"""Shield's automatic application-layer response, and the rule that it puts into the web ACL.

https://docs.aws.amazon.com/waf/latest/developerguide/ddos-automatic-app-layer-response-behavior.html
"""

from __future__ import annotations

import copy
import uuid
from typing import TYPE_CHECKING

from ..core import protocols
from ..core.answers import Answer
from ..core.call import Call
from ..core.operations import operation
from ..wafv2 import capacity
from ..wafv2.store import Item
from ..wafv2.web_acls import foreign_capacity
from . import refusals
from .store import Json, Protection

if TYPE_CHECKING:
    from ..world import World

PREFIX = "ShieldMitigationRuleGroup_"
PRIORITY = 10_000_000
# The account in which AWS keeps Shield's rule groups.
OWNER = "153427709519"
SERVICE_ROLE = "aws-service-role/shield.amazonaws.com/AWSServiceRoleForAWSShield"


@operation("shield", "EnableApplicationLayerAutomaticResponse")
def enable(world: World, call: Call) -> Answer:
    _access(world, call)
    action = _action(call)
    protection = _protection(world, call)
    if not world.settings["automaticResponseOffered"]:
        raise refusals.not_now(
            "Automatic application layer DDoS mitigation is not available for this account. Use the AWS WAF Anti-DDoS managed rule group, or contact AWS Support."
        )
    if protection.responds:
        raise refusals.not_now(
            "Automatic application layer DDoS mitigation is already enabled for the resource. Use UpdateApplicationLayerAutomaticResponse to change it."
        )
    acl = web_acl(world, protection)
    if not acl:
        raise refusals.not_now("You must associate a web ACL with the resource before you enable automatic application layer DDoS mitigation.")
    _place(world, acl)
    protection.response = {"Status": "ENABLED", "Action": action}
    world.shield.note(protection)
    return protocols.answer(call)


@operation("shield", "UpdateApplicationLayerAutomaticResponse")
def update(world: World, call: Call) -> Answer:
    _access(world, call)
    action = _action(call)
    protection = _enabled(world, call)
    protection.response = {"Status": "ENABLED", "Action": action}
    world.shield.note(protection)
    return protocols.answer(call)


@operation("shield", "DisableApplicationLayerAutomaticResponse")
def disable(world: World, call: Call) -> Answer:
    protection = _enabled(world, call)
    protection.response = {**(protection.response or {}), "Status": "DISABLED"}
    world.shield.note(protection)
    withdraw(world, protection)
    return protocols.answer(call)


def withdraw(world: World, protection: Protection) -> None:
    """Takes the rule out of the web ACL, unless it serves another protected resource there."""
    acl = web_acl(world, protection)
    if not acl or any(web_acl(world, other) is acl for other in world.shield.protections.values() if other is not protection and other.responds):
        return
    kept = [rule for rule in acl.document["Rules"] if not rule["Name"].startswith(PREFIX)]
    if len(kept) < len(acl.document["Rules"]):
        _write(world, acl, kept)


def web_acl(world: World, protection: Protection) -> Item | None:
    distribution = world.distributions.all.get(protection.resource_arn.rpartition("/")[2])
    return world.waf.web_acls.by_arn(distribution.web_acl) if distribution else None


def _protection(world: World, call: Call) -> Protection:
    arn = str(call.params["ResourceArn"])
    world.shield.subscription()
    if ":cloudfront:" not in arn and ":loadbalancer/app/" not in arn:
        raise refusals.invalid("ResourceArn", "The resource type does not support automatic application layer DDoS mitigation.")
    return world.shield.of(arn)


def _enabled(world: World, call: Call) -> Protection:
    protection = _protection(world, call)
    if not protection.responds:
        raise refusals.not_now("Automatic application layer DDoS mitigation is not enabled for the resource.")
    return protection


def _action(call: Call) -> str:
    given = [kind for kind in ("Block", "Count") if (call.params.get("Action") or {}).get(kind) is not None]
    if len(given) != 1:
        raise refusals.invalid("Action", "You must specify exactly one of Block and Count.")
    return given[0]


def _access(world: World, call: Call) -> None:
    arn = str(call.params["ResourceArn"])
    world.access.depend(call, "cloudfront:GetDistribution", arn)
    distribution = world.distributions.all.get(arn.rpartition("/")[2])
    if distribution and distribution.web_acl:
        world.access.depend(call, "wafv2:GetWebACL", distribution.web_acl)
    if call.operation.startswith("Enable"):
        role = f"arn:aws:iam::{world.account}:role/{SERVICE_ROLE}"
        world.access.depend(call, "iam:GetRole", role)
        world.access.depend(call, "iam:CreateServiceLinkedRole", role, {"iam:AWSServiceName": ["shield.amazonaws.com"]})


def _place(world: World, acl: Item) -> None:
    """One rule serves all protected resources of a web ACL."""
    rules = acl.document["Rules"]
    if any(rule["Name"].startswith(PREFIX) for rule in rules):
        return
    name = f"{PREFIX}{world.account}_{acl.id}_{uuid.uuid4()}"
    rule: Json = {
        "Name": name,
        "Priority": PRIORITY,
        "Statement": {"RuleGroupReferenceStatement": {"ARN": f"arn:aws:wafv2:us-east-1:{OWNER}:global/rulegroup/{name}/{uuid.uuid4()}"}},
        "OverrideAction": {"None": {}},
        "VisibilityConfig": {"SampledRequestsEnabled": True, "CloudWatchMetricsEnabled": True, "MetricName": name},
    }
    if acl.document["Capacity"] + capacity.of_rules([rule]) > world.settings.limit("webAclCapacity"):
        raise refusals.too_many("WEB_ACL_CAPACITY", world.settings.limit("webAclCapacity"))
    _write(world, acl, [*rules, rule])


def _write(world: World, acl: Item, rules: list[Json]) -> None:
    document = copy.deepcopy(acl.document)
    document["Rules"] = copy.deepcopy(rules)
    document["Capacity"] = capacity.of_rules(rules) + foreign_capacity(document)
    world.waf.web_acls.write(acl, document)
