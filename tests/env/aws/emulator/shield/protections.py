"""Protections of resources, their tags and health checks."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from ..core import paging, protocols
from ..core.answers import Answer, AwsError
from ..core.call import Call
from ..core.operations import operation
from . import refusals, response
from .store import Json

if TYPE_CHECKING:
    from ..world import World

PRICING_PLAN = "AWS Shield Advanced could not proceed with your request because the distribution belongs a CloudFront Pricing Plan."
TYPES = {
    "CLOUDFRONT_DISTRIBUTION": re.compile(r"arn:aws:cloudfront::\d{12}:distribution/\w+"),
    "ROUTE_53_HOSTED_ZONE": re.compile(r"arn:aws:route53:::hostedzone/\w+"),
    "ELASTIC_IP_ALLOCATION": re.compile(r"arn:aws:ec2:[a-z0-9-]+:\d{12}:eip-allocation/[\w-]+"),
    "CLASSIC_LOAD_BALANCER": re.compile(r"arn:aws:elasticloadbalancing:[a-z0-9-]+:\d{12}:loadbalancer/(?!app/|net/|gwy/)[\w-]+"),
    "APPLICATION_LOAD_BALANCER": re.compile(r"arn:aws:elasticloadbalancing:[a-z0-9-]+:\d{12}:loadbalancer/app/[\w-]+/\w+"),
    "GLOBAL_ACCELERATOR": re.compile(r"arn:aws:globalaccelerator::\d{12}:accelerator/[\w-]+"),
}


def kind_of(arn: str) -> str:
    found = next((kind for kind, pattern in TYPES.items() if pattern.fullmatch(arn)), None)
    if not found:
        raise refusals.invalid_resource()
    return found


@operation("shield", "CreateProtection")
def create(world: World, call: Call) -> Answer:
    world.shield.subscription()
    arn = str(call.params["ResourceArn"])
    kind = kind_of(arn)
    if kind == "CLOUDFRONT_DISTRIBUTION":
        found = world.distributions.all.get(arn.rpartition("/")[2])
        if not found or found.arn != arn:
            raise refusals.invalid_resource()
        if world.settings["flatRatePlan"]:
            raise refusals.invalid("resourceArn", PRICING_PLAN)
    tags = _tags(call, {})
    peers = [p for p in world.shield.protections.values() if kind_of(p.resource_arn) == kind]
    if any(p.resource_arn == arn for p in peers):
        raise AwsError("ResourceAlreadyExistsException", "The referenced protection already exists.", resourceType="Protection")
    if len(peers) >= world.settings.limit("protections"):
        raise refusals.too_many(kind, world.settings.limit("protections"))
    made = world.shield.create(str(call.params["Name"]), arn, tags)
    return protocols.answer(call, {"ProtectionId": made.id}, resource=made.id)


@operation("shield", "DescribeProtection")
def describe(world: World, call: Call) -> Answer:
    world.shield.subscription()
    number, arn = call.params.get("ProtectionId"), call.params.get("ResourceArn")
    if bool(number) == bool(arn):
        raise refusals.invalid("ProtectionId", "You must provide either the ARN of the protected resource or the protection ID, but not both.")
    found = world.shield.get(str(number)) if number else world.shield.of(str(arn))
    return protocols.answer(call, {"Protection": found.document()})


@operation("shield", "ListProtections")
def listed(world: World, call: Call) -> Answer:
    world.shield.subscription()
    filters = call.params.get("InclusionFilters") or {}
    if any(len(values or ["x"]) != 1 for values in filters.values()):
        raise refusals.invalid("InclusionFilters", "You can provide exactly one value for a filter.")
    found = [document for document in world.shield.history.at(world.list_time()) if _fits(document, filters)]
    try:
        chosen, following = paging.page(
            found, lambda d: str(d["Id"]), call.params.get("NextToken"), paging.size(call.params.get("MaxResults") or None, 10000, default=20)
        )
    except AwsError:
        raise AwsError("InvalidPaginationTokenException", "The NextToken is not valid.") from None
    return protocols.answer(call, {"Protections": chosen, "NextToken": following})


def _fits(document: Json, filters: Json) -> bool:
    return (
        document["ResourceArn"] in (filters.get("ResourceArns") or [document["ResourceArn"]])
        and document["Name"] in (filters.get("ProtectionNames") or [document["Name"]])
        and (not filters.get("ResourceTypes") or kind_of(document["ResourceArn"]) in filters["ResourceTypes"])
    )


@operation("shield", "DeleteProtection")
def delete(world: World, call: Call) -> Answer:
    protection = world.shield.get(str(call.params["ProtectionId"]))
    world.shield.delete(protection)
    if protection.responds:
        response.withdraw(world, protection)
    return protocols.answer(call)


@operation("shield", "TagResource", "UntagResource")
def tag(world: World, call: Call) -> Answer:
    protection = world.shield.tagged(str(call.params["ResourceARN"]))
    if call.operation == "TagResource":
        protection.tags = _tags(call, protection.tags)
    else:
        protection.tags = {k: v for k, v in protection.tags.items() if k not in call.params["TagKeys"]}
    world.tags.note(protection.arn, protection.tags)
    return protocols.answer(call)


@operation("shield", "ListTagsForResource")
def list_tags(world: World, call: Call) -> Answer:
    tags = world.shield.tagged(str(call.params["ResourceARN"])).tags
    return protocols.answer(call, {"Tags": [{"Key": k, "Value": v} for k, v in tags.items()]})


def _tags(call: Call, known: dict[str, str]) -> dict[str, str]:
    given = {t.get("Key", ""): t.get("Value", "") for t in call.params.get("Tags") or []}
    if any(not key or key.lower().startswith("aws:") for key in given) or len({**known, **given}) > 50:
        raise refusals.invalid("Tags", "The tags are not valid: a resource can have at most 50 tags, none of them with a key that begins with aws:.")
    return {**known, **given}


@operation("shield", "AssociateHealthCheck")
def associate_health_check(world: World, call: Call) -> Answer:
    protection = world.shield.get(str(call.params["ProtectionId"]))
    number = str(call.params["HealthCheckArn"]).rpartition("/")[2]
    world.access.depend(call, "route53:GetHealthCheck", str(call.params["HealthCheckArn"]))
    check = world.route53.health_checks.get(number)
    if not check:
        raise refusals.missing("health check")
    if number in protection.health_checks:
        return protocols.answer(call)
    if len(protection.health_checks) >= world.settings.limit("healthChecksPerProtection"):
        raise refusals.too_many("HEALTH_CHECKS_PER_PROTECTION", world.settings.limit("healthChecksPerProtection"))
    if not check.healthy:
        raise refusals.invalid_resource("The health check is not healthy. A health check must be healthy when you associate it with a protection.")
    protection.health_checks.append(number)
    world.shield.note(protection)
    return protocols.answer(call)


@operation("shield", "DisassociateHealthCheck")
def disassociate_health_check(world: World, call: Call) -> Answer:
    protection = world.shield.get(str(call.params["ProtectionId"]))
    number = str(call.params["HealthCheckArn"]).rpartition("/")[2]
    if number not in protection.health_checks:
        raise refusals.missing("health check")
    protection.health_checks.remove(number)
    world.shield.note(protection)
    return protocols.answer(call)
