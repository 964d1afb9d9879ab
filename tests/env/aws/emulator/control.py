"""The control API: what a test or a demo says to the emulator itself."""

from __future__ import annotations

import copy
import json
import re
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, unquote
from xml.etree import ElementTree

from .apis import seeding
from .cloudfront import document
from .core.answers import Answer, AwsError, as_json
from .seed import plant
from .wafv2.web_acls import tampered

if TYPE_CHECKING:
    from .world import World


def answer(world: World, method: str, path: str, raw_query: str, body: bytes) -> Answer:
    parts = [unquote(part) for part in path.split("/")[2:] if part]
    try:
        given = json.loads(body) if body else {}
        with world.lock:
            return _route(world, method, parts, {k: v[-1] for k, v in parse_qs(raw_query).items()}, given)
    except AwsError as error:
        return as_json({"error": error.code, "message": error.message}, 404 if error.status == 404 else 400)
    except (ValueError, TypeError, KeyError, ElementTree.ParseError) as error:
        return as_json({"error": type(error).__name__, "message": str(error)}, 400)


def _route(world: World, method: str, parts: list[str], query: dict[str, str], given: Any) -> Answer:
    match method, parts:
        case "GET", []:
            return as_json({"service": "palisade emulated AWS", "account": world.account})
        case "GET", ["settings"]:
            return as_json(world.settings.values)
        case "PATCH", ["settings"]:
            world.settings.patch(given)
            return as_json(world.settings.values)
        case "POST", ["faults"]:
            return as_json({"id": world.faults.add(given).id}, 201)
        case "GET", ["faults"]:
            return as_json(world.faults.listed())
        case "DELETE", ["faults"]:
            world.faults.rules.clear()
            return as_json({})
        case "DELETE", ["faults", fault]:
            found = world.faults.rules.pop(fault, None)
            return as_json({}, 200 if found else 404)
        case "GET", ["journal"]:
            return as_json(world.journal.since(int(query.get("since", 0))))
        case "DELETE", ["journal"]:
            world.journal.clear()
            return as_json({})
        case "GET", ["requests"]:
            return as_json(world.requests.since(int(query.get("since", 0))))
        case "GET", ["dependent-actions"]:
            return as_json(list(world.journal.dependent))
        case "GET", ["resources"]:
            return as_json(world.resources())
        case "POST", ["reset"]:
            world.reset()
            plant(world, world.seed)
            return as_json({})
        case "POST", ["seed"]:
            return as_json(plant(world, given), 201)
        case "PATCH", ["cloudfront", "distributions", distribution_id]:
            return _tamper_distribution(world, distribution_id, given)
        case "PATCH", ["wafv2", "webacls", item_id]:
            return _tamper_web_acl(world, item_id, given)
        case "PATCH", ["apigateway", region, api_id]:
            return as_json(seeding.change(world, region, api_id, given))
        case "GET", ["lambda", "code", region, name, number]:
            _, version, _ = world.functions.get(region, name, number)
            return Answer(200, version.code, {"Content-Type": "application/zip"})
    return as_json({"error": "NotFound", "message": f"{method} /_emulator/{'/'.join(parts)} is not part of the control API"}, 404)


def _tamper_distribution(world: World, distribution_id: str, given: dict[str, Any]) -> Answer:
    """As a person or another controller does: behind our back, but with all that follows from an update."""
    distribution = world.distributions.get(distribution_id)
    config = copy.deepcopy(distribution.wanted)
    for key, value in given.items():
        if key == "setXml":
            for path, raw in value.items():
                _set_xml(config, path, raw)
        elif key == "enabled":
            document.ensure(config, "Enabled").text = str(bool(value)).lower()
        elif key == "tags":
            distribution.tags = dict(value)
            world.tags.note(distribution.arn, distribution.tags)
        elif re.fullmatch(r"[A-Za-z]+", key) and isinstance(value, (str, int, bool)):
            document.ensure(config, key[0].upper() + key[1:]).text = str(value).lower() if isinstance(value, bool) else str(value)
        else:
            raise AwsError("BadRequest", f"{key} cannot be set")
    if set(given) - {"tags"}:
        document.arrange(config, document.shape("DistributionConfig"))
        world.distributions.write(distribution, config)
    return as_json({"id": distribution.id, "etag": distribution.etag})


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


def _tamper_web_acl(world: World, item_id: str, given: dict[str, Any]) -> Answer:
    item = world.waf.web_acls.all.get(item_id)
    if not item:
        raise AwsError("NotFound", f"there is no web ACL {item_id}", 404)
    if "tags" in given:
        item.tags = dict(given.pop("tags"))
        world.tags.note(item.arn, item.tags)
    if given:
        tampered(world, item, given)
    return as_json({"id": item.id, "lockToken": item.lock_token})
