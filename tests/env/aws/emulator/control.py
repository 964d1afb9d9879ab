"""The control API: what a test or a demo says to the emulator itself."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, unquote
from xml.etree import ElementTree

from . import foreign, forgetting
from .apis import foreign_names, seeding, told
from .core.answers import Answer, AwsError, as_json
from .seed import plant

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
            return as_json({"service": "palisade emulated AWS", "account": world.account, "accounts": list(world.accounts)})
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
            return world.journal.since(int(query.get("since", 0)))
        case "DELETE", ["journal"]:
            world.journal.clear()
            return as_json({})
        case "GET", ["requests"]:
            return world.requests.since(int(query.get("since", 0)))
        case "GET", ["dependent-actions"]:
            return as_json(list(world.journal.dependent))
        case "GET", ["needed-statements"]:
            return as_json([{"principal": principal, "sid": sid, "action": action} for principal, sid, action in sorted(world.journal.needed)])
        case "GET", ["resources"]:
            return as_json([{**found, "account": one.account} for one in world.everywhere() for found in one.resources()])
        case "GET", ["acm", "keys"]:
            return as_json([key for one in world.everywhere() for key in one.certificates.keys])
        case "GET", ["s3"]:
            return as_json({name: bucket.contents() for one in world.everywhere() for name, bucket in one.buckets.all.items()})
        case "GET", ["tls"]:
            return as_json({"port": world.tls_port, "ca": world.authority.pem})
        case "DELETE", ["namespaces", namespace]:
            return as_json(forgetting.forget(world, namespace, query.get("apis", "")))
        case "POST", ["reset"]:
            world.reset()
            plant(world, world.seed)
            return as_json({})
        case "POST", ["seed"]:
            return as_json(plant(world, given), 201)
        case "PATCH", ["cloudfront", "distributions", distribution_id]:
            return as_json(foreign.distribution(world, distribution_id, given))
        case "PATCH", ["wafv2", "webacls", item_id]:
            return as_json(foreign.web_acl(world, item_id, given))
        case "PATCH", ["shield", account]:
            return as_json(foreign.shield(world, account, given))
        case "PATCH", ["route53", "healthchecks", check_id]:
            return as_json(foreign.health_check(world, check_id, given))
        case "PATCH", ["acm", "certificates", number]:
            return as_json(foreign.certificate(world, number, given))
        case "PATCH", ["cloudwatch", "alarms", arn]:
            return as_json(foreign.alarm(world, arn, given))
        case "PATCH", ["apigateway", region, "domainnames", name]:
            return as_json(foreign_names.domain_name(world, region, name, given))
        case "PATCH", ["s3", name]:
            return as_json(foreign_names.bucket(world, name, given))
        case "GET", ["apigateway", region, api_id]:
            return as_json(told.api(world, region, api_id))
        case "PATCH", ["apigateway", region, api_id]:
            return as_json(seeding.change(world, region, api_id, given))
        case "GET", ["lambda", "code", account, region, name, number]:
            _, version, _ = world.of(account).functions.get(region, name, number)
            return Answer(200, version.code, {"Content-Type": "application/zip"})
    return as_json({"error": "NotFound", "message": f"{method} /_emulator/{'/'.join(parts)} is not part of the control API"}, 404)
