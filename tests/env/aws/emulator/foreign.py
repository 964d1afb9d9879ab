"""What somebody else does to the accounts: the console, another controller, the world outside."""

from __future__ import annotations

import base64
import copy
import re
import time
from typing import TYPE_CHECKING, Any
from xml.etree import ElementTree

from .acm import imports
from .cloudfront import document
from .core.answers import AwsError
from .wafv2.web_acls import tampered

if TYPE_CHECKING:
    from .world import World

Json = dict[str, Any]


def distribution(home: World, distribution_id: str, given: Json) -> Json:
    """Behind our back, but with all that follows from an update."""
    world = next((one for one in home.everywhere() if distribution_id in one.distributions.all), home)
    found = world.distributions.get(distribution_id)
    config = copy.deepcopy(found.wanted)
    for key, value in given.items():
        if key == "setXml":
            for path, raw in value.items():
                _set_xml(config, path, raw)
        elif key == "enabled":
            document.ensure(config, "Enabled").text = str(bool(value)).lower()
        elif key == "tags":
            found.tags = dict(value)
            world.tags.note(found.arn, found.tags)
        elif re.fullmatch(r"[A-Za-z]+", key) and isinstance(value, (str, int, bool)):
            document.ensure(config, key[0].upper() + key[1:]).text = str(value).lower() if isinstance(value, bool) else str(value)
        else:
            raise AwsError("BadRequest", f"{key} cannot be set")
    if set(given) - {"tags"}:
        document.arrange(config, document.shape("DistributionConfig"))
        world.distributions.write(found, config)
    return {"id": found.id, "etag": found.etag}


def _set_xml(config: ElementTree.Element, path: str, raw: str) -> None:
    """Replaces the content of an element by raw XML; the element is made where it is missing.

    A path is made of names, each perhaps with the place among its equals: Origins/Items/Origin[2]/OriginPath.
    """
    element = config
    for step in path.strip("/").split("/"):
        name, _, place = step.rstrip("]").partition("[")
        equals = [child for child in element if child.tag == name]
        number = int(place or 1)
        element = equals[number - 1] if number <= len(equals) else ElementTree.SubElement(element, name)
    content = ElementTree.fromstring(f"<x>{raw}</x>")
    element.text, element[:] = content.text, list(content)


def web_acl(home: World, item_id: str, given: Json) -> Json:
    world = next((one for one in home.everywhere() if item_id in one.waf.web_acls.all), None)
    if not world:
        raise AwsError("NotFound", f"there is no web ACL {item_id}", 404)
    item = world.waf.web_acls.all[item_id]
    if "tags" in given:
        item.tags = dict(given.pop("tags"))
        world.tags.note(item.arn, item.tags)
    if given:
        tampered(world, item, given)
    return {"id": item.id, "lockToken": item.lock_token}


def shield(home: World, account: str, given: Json) -> Json:
    """The subscription of an account, and what a person sets in the console."""
    if account not in home.accounts:
        raise AwsError("NotFound", f"there is no account {account}", 404)
    found = home.accounts[account].shield
    for key, value in given.items():
        match key:
            case "subscribed":
                found.subscribed = None if value is None else bool(value)
            case "endsIn":
                found.ends_at = None if value is None else time.time() + float(value)
            case "autoRenew":
                found.auto_renew = "ENABLED" if value else "DISABLED"
            case "contacts":
                found.contacts = list(value)
            case "engagement":
                found.engaged_at, found.engagement_known = (time.time() if value else None), found.engagement_known or bool(value)
            case "drtRole":
                found.drt_role = str(value or "")
            case "drtBuckets":
                found.drt_buckets = list(value)
            case _:
                raise AwsError("BadRequest", f"{key} cannot be set")
    return {"account": account, "state": "ACTIVE" if found.active else "INACTIVE", "engagement": found.engagement}


def health_check(home: World, check_id: str, given: Json) -> Json:
    """What Route 53's checkers see from now on."""
    found = next((one.route53.health_checks[check_id] for one in home.everywhere() if check_id in one.route53.health_checks), None)
    if not found:
        raise AwsError("NotFound", f"there is no health check {check_id}", 404)
    if set(given) - {"passes", "report"}:
        raise AwsError("BadRequest", f"{', '.join(sorted(set(given) - {'passes', 'report'}))} cannot be set")
    found.passes, found.report = given.get("passes", found.passes), given.get("report", found.report)
    return {"id": found.id, "healthy": found.healthy}


def certificate(home: World, number: str, given: Json) -> Json:
    """How a validation ends without DNS's doing: FAILED, VALIDATION_TIMED_OUT, or ISSUED all the same; until when it is valid; another one
    in its place (Certificate, PrivateKey and CertificateChain, PEM), or none."""
    found = next((c for one in home.everywhere() for c in one.certificates.all.values() if c.arn.endswith(f"/{number}")), None)
    if not found:
        raise AwsError("NotFound", f"there is no certificate {number}", 404)
    if unknown := set(given) - {"status", "failureReason", "notAfter", "delete", "import"}:
        raise AwsError("BadRequest", f"{', '.join(sorted(unknown))} cannot be set")
    world = home.of(found.arn.split(":")[4])
    if given.get("delete"):
        world.certificates.delete(found)
        return {"arn": found.arn, "deleted": True}
    if "import" in given:
        encoded = {name: base64.b64encode(text.encode()).decode() for name, text in given["import"].items()}
        world.certificates.bring(found.region, imports.read(encoded), {}, found)
        return {"arn": found.arn, "status": found.status}
    found.status, found.failure = given.get("status", found.status), given.get("failureReason")
    found.not_after = given.get("notAfter", found.not_after)
    found.issued_at = found.issued_at or (time.time() if found.status == "ISSUED" else None)
    return {"arn": found.arn, "status": found.status}


def alarm(home: World, arn: str, given: Json) -> Json:
    """The state of an alarm, which nothing here reckons."""
    world = next((one for one in home.everywhere() if one.alarms.by_arn(arn)), None)
    found = world.alarms.by_arn(arn) if world else None
    if not world or not found:
        raise AwsError("NotFound", f"there is no alarm {arn}", 404)
    found.document |= {"StateValue": given["state"], "StateReason": given.get("reason", ""), "StateUpdatedTimestamp": time.time()}
    world.alarms.note(found)
    return {"arn": arn, "state": given["state"]}
