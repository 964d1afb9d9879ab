"""Health checks, and the tags of health checks and hosted zones."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from ..core import paging, protocols
from ..core.answers import Answer, AwsError
from ..core.call import Call
from ..core.operations import operation
from .store import Json

if TYPE_CHECKING:
    from ..world import World

# https://ip-ranges.amazonaws.com/ip-ranges.json, service ROUTE53_HEALTHCHECKS.
CHECKERS = (
    "15.177.0.0/18", "54.183.255.128/26", "54.228.16.0/26", "54.232.40.64/26", "54.241.32.64/26", "54.243.31.192/26", "54.244.52.192/26",
    "54.245.168.0/26", "54.248.220.0/26", "54.250.253.192/26", "54.251.31.128/26", "54.252.79.128/26", "54.252.254.192/26", "54.255.254.192/26",
    "107.23.255.0/26", "176.34.159.192/26", "177.71.207.128/26", "2406:da14:7ff:f800::/53", "2406:da14:fff:f800::/53", "2406:da18:7ff:f800::/53",
    "2406:da18:fff:f800::/53", "2406:da1c:7ff:f800::/53", "2406:da1c:fff:f800::/53", "2600:1f14:7ff:f800::/53", "2600:1f14:fff:f800::/53",
    "2600:1f18:3fff:f800::/53", "2600:1f18:7fff:f800::/53", "2600:1f1c:7ff:f800::/53", "2600:1f1c:fff:f800::/53", "2600:1f1e:7ff:f800::/53",
    "2600:1f1e:fff:f800::/53", "2a05:d018:7ff:f800::/53", "2a05:d018:fff:f800::/53",
)  # fmt: skip
REGIONS = ("us-east-1", "us-west-1", "us-west-2", "eu-west-1", "ap-southeast-1", "ap-southeast-2", "ap-northeast-1", "sa-east-1")
WEB = ("HTTP", "HTTPS", "HTTP_STR_MATCH", "HTTPS_STR_MATCH")
TYPES = (*WEB, "TCP", "CALCULATED", "CLOUDWATCH_METRIC", "RECOVERY_CONTROL")


def invalid(message: str) -> AwsError:
    return AwsError("InvalidInput", f"Invalid parameter : {message}")


@operation("route53", "CreateHealthCheck")
def create(world: World, call: Call) -> Answer:
    reference = str(call.params["CallerReference"])
    config = _filled(call.params["HealthCheckConfig"])
    _check(config)
    known = world.route53.references.get(reference)
    existing = world.route53.health_checks.get(known or "")
    if known and (not existing or existing.config != config):
        message = "A health check with the same caller reference but different settings has already been created."
        if not existing:
            message = f"A health check with the caller reference {reference} was created before and has been deleted."
        raise AwsError("HealthCheckAlreadyExists", message, 409)
    if not existing:
        if len(world.route53.health_checks) >= world.settings.limit("healthChecks"):
            raise AwsError(
                "TooManyHealthChecks", "This health check can't be created because the current account has reached the limit on active health checks."
            )
        existing = world.route53.create_check(reference, config)
    location = f"https://route53.amazonaws.com/2013-04-01/healthcheck/{existing.id}"
    return protocols.answer(call, {"HealthCheck": existing.document()}, existing.id, {"Location": location})


def _filled(given: Json) -> Json:
    """With what Route 53 adds to what it was sent."""
    config = {"Inverted": False, "Disabled": False, **given}
    if config.get("Type") in (*WEB, "TCP"):
        config = {"RequestInterval": 30, "FailureThreshold": 3, "MeasureLatency": False, **config}
    if config.get("Type") in WEB:
        secure = config["Type"].startswith("HTTPS")
        config = {"Port": 443 if secure else 80, "EnableSNI": secure, **config}
    return config


def _check(config: Json) -> None:
    kind = config.get("Type")
    if kind not in TYPES:
        raise invalid(f"Unknown health check type: {kind}.")
    if kind in WEB and not config.get("FullyQualifiedDomainName") and not config.get("IPAddress"):
        raise invalid("Either a fully qualified domain name or an IP address is required.")
    if config.get("RequestInterval", 30) not in (10, 30):
        raise invalid("The request interval must be 10 or 30 seconds.")
    if not 1 <= config.get("FailureThreshold", 3) <= 10:
        raise invalid("The failure threshold must be between 1 and 10.")
    if not 1 <= config.get("Port", 443) <= 65535:
        raise invalid("The port must be between 1 and 65535.")
    if bool(config.get("SearchString")) != str(kind).endswith("STR_MATCH"):
        raise invalid("A search string is required for string matching, and not allowed otherwise.")
    regions = config.get("Regions")
    if regions is not None and (len(set(regions)) < 3 or not set(regions) <= set(REGIONS)):
        raise invalid("At least three of the health checker Regions must be specified.")


@operation("route53", "GetHealthCheck")
def get(world: World, call: Call) -> Answer:
    return protocols.answer(call, {"HealthCheck": world.route53.check(call.params["HealthCheckId"]).document()})


@operation("route53", "UpdateHealthCheck")
def update(world: World, call: Call) -> Answer:
    check = world.route53.check(call.params["HealthCheckId"])
    if call.params.get("HealthCheckVersion", check.version) != check.version:
        message = "The value of HealthCheckVersion in the request doesn't match the value of HealthCheckVersion in the health check."
        raise AwsError("HealthCheckVersionMismatch", message, 409)
    config = {k: v for k, v in check.config.items() if k not in (call.params.get("ResetElements") or [])}
    config |= {k: v for k, v in call.params.items() if k not in ("HealthCheckId", "HealthCheckVersion", "ResetElements")}
    _check(config)
    check.config, check.version = config, check.version + 1
    world.route53.note(check)
    return protocols.answer(call, {"HealthCheck": check.document()})


@operation("route53", "DeleteHealthCheck")
def delete(world: World, call: Call) -> Answer:
    check = world.route53.check(call.params["HealthCheckId"])
    del world.route53.health_checks[check.id]
    world.route53.history.put(check.id, None)
    world.tags.note(f"arn:aws:route53:::healthcheck/{check.id}", None)
    return protocols.answer(call)


@operation("route53", "ListHealthChecks")
def listed(world: World, call: Call) -> Answer:
    marker, size = str(call.params.get("Marker") or ""), paging.size(call.params.get("MaxItems"), 100)
    chosen, following = paging.page(world.route53.history.at(world.list_time()), lambda c: str(c["Id"]), marker, size)
    page = {"HealthChecks": chosen, "Marker": marker, "IsTruncated": bool(following), "NextMarker": following, "MaxItems": str(size)}
    return protocols.answer(call, page)


@operation("route53", "GetHealthCheckStatus", "GetHealthCheckLastFailureReason")
def status(world: World, call: Call) -> Answer:
    """What each checker saw last; the last failure is of those only that see one now."""
    check = world.route53.check(call.params["HealthCheckId"])
    seen = check.healthy != bool(check.config.get("Inverted"))
    text = check.report or ("Success: HTTP Status Code 200, OK" if seen else "Failure: HTTP Status Code 403, Forbidden")
    report = {"Status": text, "CheckedTime": time.time()}
    regions = check.config.get("Regions") or REGIONS
    seen_by = [{"Region": region, "IPAddress": f"15.177.{n}.1", "StatusReport": report} for n, region in enumerate(regions)]
    if call.operation == "GetHealthCheckLastFailureReason" and not text.startswith("Failure"):
        seen_by = []
    return protocols.answer(call, {"HealthCheckObservations": seen_by})


@operation("route53", "GetCheckerIpRanges")
def checkers(_world: World, call: Call) -> Answer:
    return protocols.answer(call, {"CheckerIpRanges": list(CHECKERS)})


@operation("route53", "ChangeTagsForResource")
def tag(world: World, call: Call) -> Answer:
    kind, number = _tagged(call)
    found = world.route53.tagged(kind, number)
    added = {t["Key"]: t.get("Value", "") for t in call.params.get("AddTags") or []}
    gone = call.params.get("RemoveTagKeys") or []
    if not added and not gone:
        raise invalid("Either tags to add or keys of tags to remove are required.")
    tags = {**{k: v for k, v in found.tags.items() if k not in gone}, **added}
    if len(added) > 10 or len(gone) > 10 or len(tags) > 10 or any(not k or k.lower().startswith("aws:") for k in added):
        raise invalid("A resource can have at most 10 tags, none of them with a key that begins with aws:.")
    found.tags = tags
    world.tags.note(f"arn:aws:route53:::{kind}/{number}", tags)
    return protocols.answer(call)


@operation("route53", "ListTagsForResource")
def list_tags(world: World, call: Call) -> Answer:
    kind, number = _tagged(call)
    return protocols.answer(call, {"ResourceTagSet": _tag_set(world, kind, number)})


@operation("route53", "ListTagsForResources")
def list_tags_of_many(world: World, call: Call) -> Answer:
    numbers = call.params.get("ResourceIds") or []
    if not 1 <= len(numbers) <= 10:
        raise invalid("Between 1 and 10 resource ids are required.")
    return protocols.answer(call, {"ResourceTagSets": [_tag_set(world, call.params["ResourceType"], number) for number in numbers]})


def _tagged(call: Call) -> tuple[str, str]:
    return call.params["ResourceType"], call.params["ResourceId"]


def _tag_set(world: World, kind: str, number: str) -> Json:
    tags = world.route53.tagged(kind, number).tags
    return {"ResourceType": kind, "ResourceId": number, "Tags": [{"Key": k, "Value": v} for k, v in tags.items()]}
