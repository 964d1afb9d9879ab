"""IP sets."""

from __future__ import annotations

import ipaddress
from typing import TYPE_CHECKING, Any

from ..core.answers import Answer, as_json
from ..core.call import Call
from ..core.operations import operation
from . import refusals, rules
from .store import Json, check_scope, statements, tags_of
from .web_acls import page

if TYPE_CHECKING:
    from ..world import World


def normalised(addresses: Any, version: str) -> list[str]:
    """Networks without host bits, IPv6 in its short form, each once, as AWS WAF gives them back."""
    if not isinstance(addresses, list):
        raise refusals.constraint("addresses", addresses, "not be null")
    if len(addresses) > 10_000:
        raise refusals.too_many("IP_SET")
    result: dict[str, None] = {}
    for address in addresses:
        try:
            if "/" not in str(address):
                raise ValueError
            network = ipaddress.ip_network(str(address), strict=False)
        except ValueError:
            raise refusals.invalid("IP_ADDRESS", str(address), "The parameter contains formatting that is not valid.") from None
        if f"IPV{network.version}" != version or network.prefixlen == 0:
            raise refusals.invalid("IP_ADDRESS", str(address), "The parameter contains formatting that is not valid.")
        result[str(network)] = None
    return list(result)


@operation("wafv2", "CreateIPSet")
def create(world: World, call: Call) -> Answer:
    check_scope(call)
    params = call.params
    if not rules.NAME.fullmatch(str(params.get("Name", ""))):
        raise refusals.constraint("name", params.get("Name"), r"satisfy regular expression pattern: ^[\w\-]+$")
    version = params.get("IPAddressVersion")
    if version not in ("IPV4", "IPV6"):
        raise refusals.invalid("IP_ADDRESS_VERSION", str(version), "The IP address version is not valid.")
    document: Json = {
        "Name": params["Name"],
        "Description": params.get("Description", ""),
        "IPAddressVersion": version,
        "Addresses": normalised(params.get("Addresses"), version),
    }
    item = world.waf.ip_sets.create(call, document, tags_of(params))
    answer = as_json({"Summary": item.summary()}, protocol="json")
    answer.resource = item.arn
    return answer


@operation("wafv2", "GetIPSet")
def get(world: World, call: Call) -> Answer:
    check_scope(call)
    item = world.waf.ip_sets.get(call)
    return as_json({"IPSet": item.document, "LockToken": item.lock_token}, protocol="json")


@operation("wafv2", "UpdateIPSet")
def update(world: World, call: Call) -> Answer:
    check_scope(call)
    item = world.waf.ip_sets.locked(call)
    document = dict(item.document)
    document["Addresses"] = normalised(call.params.get("Addresses"), document["IPAddressVersion"])
    document["Description"] = call.params.get("Description", "")
    world.waf.ip_sets.write(item, document)
    return as_json({"NextLockToken": item.lock_token}, protocol="json")


@operation("wafv2", "DeleteIPSet")
def delete(world: World, call: Call) -> Answer:
    check_scope(call)
    item = world.waf.ip_sets.locked(call)
    for acl in world.waf.web_acls.all.values():
        for statement in statements(acl.document):
            reference = statement.get("IPSetReferenceStatement")
            if isinstance(reference, dict) and reference.get("ARN") == item.arn:
                raise refusals.associated()
    world.waf.ip_sets.delete(item)
    return as_json({}, protocol="json")


@operation("wafv2", "ListIPSets")
def listed(world: World, call: Call) -> Answer:
    check_scope(call)
    return page(call, "IPSets", world.waf.ip_sets.listed(call))
