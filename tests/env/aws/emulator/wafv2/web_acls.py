"""Web ACLs. Documents are kept as they were sent, with fields and statements that nobody knows."""

from __future__ import annotations

import copy
from typing import TYPE_CHECKING

from .. import pricing_plans
from ..core import paging
from ..core.answers import Answer, as_json
from ..core.call import Call
from ..core.operations import operation
from . import capacity, refusals, rules
from .store import Item, Json, check_scope, statements, tags_of

if TYPE_CHECKING:
    from ..world import World

# What the request says about the web ACL rather than in it.
_ENVELOPE = ("Scope", "Tags", "LockToken")
# What only AWS or Firewall Manager sets.
_OTHERS = (
    "Id", "ARN", "Name", "LabelNamespace", "PreProcessFirewallManagerRuleGroups", "PostProcessFirewallManagerRuleGroups", "ManagedByFirewallManager",
    "RetrofittedByFirewallManager",
)  # fmt: skip


def _checked(world: World, call: Call) -> Json:
    check_scope(call)
    params = call.params
    if not rules.NAME.fullmatch(str(params.get("Name", ""))):
        raise refusals.constraint("name", params.get("Name"), r"satisfy regular expression pattern: ^[\w\-]+$")
    default = params.get("DefaultAction")
    if default is None:
        raise refusals.constraint("defaultAction", None, "not be null")
    if len([kind for kind in ("Allow", "Block") if kind in default]) != 1:
        raise refusals.invalid("DEFAULT_ACTION", "DefaultAction", "You have used none or multiple values for a field that requires exactly one value.")
    if params.get("VisibilityConfig") is None:
        raise refusals.constraint("visibilityConfig", None, "not be null")
    rules.visibility(params["VisibilityConfig"])
    document = {k: copy.deepcopy(v) for k, v in params.items() if k not in _ENVELOPE}
    document.setdefault("Rules", [])
    document.setdefault("Description", "")
    document.setdefault("OnSourceDDoSProtectionConfig", {"ALBLowReputationMode": "ACTIVE_UNDER_DDOS"})
    rules.check_bodies(document)
    document["Capacity"] = rules.check(world, document["Rules"])
    if document["Capacity"] > world.settings.limit("webAclCapacity"):
        raise refusals.over_capacity(document["Capacity"])
    rules.fill_in(document["Rules"])
    return document


@operation("wafv2", "CreateWebACL")
def create(world: World, call: Call) -> Answer:
    tags = tags_of(call.params)
    _references(world, call)
    document = _checked(world, call)
    document["ManagedByFirewallManager"] = False
    document["RetrofittedByFirewallManager"] = False
    document["LabelNamespace"] = f"awswaf:{world.account}:webacl:{document['Name']}:"
    item = world.waf.web_acls.create(call, document, tags)
    answer = as_json({"Summary": item.summary()}, protocol="json")
    answer.resource = item.arn
    return answer


@operation("wafv2", "GetWebACL")
def get(world: World, call: Call) -> Answer:
    if "ARN" not in call.params:
        check_scope(call)
    item = world.waf.web_acls.get(call)
    return as_json({"WebACL": item.document, "LockToken": item.lock_token}, protocol="json")


@operation("wafv2", "UpdateWebACL")
def update(world: World, call: Call) -> Answer:
    check_scope(call)
    item = world.waf.web_acls.get(call)
    _references(world, call)
    if item.document.get("ManagedByFirewallManager"):
        raise refusals.managed_by_firewall_manager()
    item = world.waf.web_acls.locked(call)
    document = _checked(world, call)
    document.update({k: item.document[k] for k in _OTHERS if k in item.document})
    document["Capacity"] += foreign_capacity(document)
    world.waf.web_acls.write(item, document)
    return as_json({"NextLockToken": item.lock_token}, protocol="json")


@operation("wafv2", "DeleteWebACL")
def delete(world: World, call: Call) -> Answer:
    check_scope(call)
    item = world.waf.web_acls.get(call)
    if item.document.get("ManagedByFirewallManager"):
        raise refusals.managed_by_firewall_manager()
    item = world.waf.web_acls.locked(call)
    if world.distributions.behind_web_acl(item.arn) or pricing_plans.holds(world, item.arn):
        raise refusals.associated()
    world.waf.web_acls.delete(item)
    for key in [key for key in world.waf.logging if key[0] == item.arn]:
        del world.waf.logging[key]
        world.waf.logging_history.put(" ".join(key), None)
    return as_json({}, protocol="json")


@operation("wafv2", "ListWebACLs")
def listed(world: World, call: Call) -> Answer:
    check_scope(call)
    items = world.waf.web_acls.listed(call)
    return page(call, "WebACLs", items)


@operation("wafv2", "CheckCapacity")
def check_capacity(world: World, call: Call) -> Answer:
    check_scope(call)
    return as_json({"Capacity": rules.check(world, call.params.get("Rules"))}, protocol="json")


def page(call: Call, key: str, items: list[Json]) -> Answer:
    """A page on which something stands is marked: that it was the last one, only the next one tells."""
    chosen, _ = paging.page(items, lambda s: s["Id"], call.params.get("NextMarker"), paging.size(call.params.get("Limit"), 100))
    place = next((n for n, item in enumerate(items, 1) if chosen and item["Id"] == chosen[-1]["Id"]), 0)
    marked = {"NextMarker": f"{place}~{chosen[-1]['Id']}"} if chosen and not paging.TRUNCATED.get() else {}
    return as_json({**marked, key: chosen}, protocol="json")


def foreign_capacity(document: Json) -> int:
    """Firewall Manager's groups stand beside the rules and count as well."""
    groups = [*document.get("PreProcessFirewallManagerRuleGroups", []), *document.get("PostProcessFirewallManagerRuleGroups", [])]
    return sum(capacity.of_statement(group.get("FirewallManagerStatement") or {}) for group in groups)


def _references(world: World, call: Call) -> None:
    """The action must be allowed on all that the rules refer to, not only on the web ACL."""
    action = f"wafv2:{call.operation}"
    found = list(statements(call.params.get("Rules")))
    for arn in sorted({str(s["IPSetReferenceStatement"].get("ARN")) for s in found if isinstance(s.get("IPSetReferenceStatement"), dict)}):
        world.access.depend(call, action, arn)
    for arn in sorted({str(s["RuleGroupReferenceStatement"].get("ARN")) for s in found if isinstance(s.get("RuleGroupReferenceStatement"), dict)}):
        world.access.depend(call, action, arn)
    if any("ManagedRuleGroupStatement" in s for s in found):
        where = "global" if call.params.get("Scope") == "CLOUDFRONT" else "regional"
        world.access.depend(call, action, f"arn:aws:wafv2:{call.region}:{world.account}:{where}/managedruleset/*/*")


def tampered(world: World, item: Item, change: Json) -> None:
    """A foreign party's hand: Shield's rule, Firewall Manager's groups, fields that are newer than any client."""
    document = copy.deepcopy(item.document)
    prepend, append = change.pop("prependRules", []), change.pop("appendRules", [])
    for key, value in change.items():
        if value is None:
            document.pop(key, None)
        elif isinstance(value, dict) and isinstance(document.get(key), dict):
            document[key].update(value)
        else:
            document[key] = value
    document["Rules"] = [*prepend, *document.get("Rules", []), *append]
    document["Capacity"] = capacity.of_rules(document["Rules"]) + foreign_capacity(document)
    world.waf.web_acls.write(item, document)
