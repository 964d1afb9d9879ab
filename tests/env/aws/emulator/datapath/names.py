"""Custom domain names of API Gateway: which API and stage a request to one leads to."""

from __future__ import annotations

import dataclasses
import fnmatch
from typing import TYPE_CHECKING, Any

from .messages import Request

if TYPE_CHECKING:
    from ..apis.store import DomainName
    from ..world import World

Json = dict[str, Any]


def find(world: World, host: str) -> DomainName | None:
    """The name among those of the account; the world's lock is held."""
    return next((domain for domain in world.apis.domains.values() if domain.name == host), None)


def is_led(world: World, domain: DomainName) -> bool:
    """Whether DNS leads the name to API Gateway. That is taken for granted of one that a seed made."""
    if not domain.is_made or not world.settings["originNamesNeedRecords"]:
        return True
    return domain.target in world.route53.aliases(domain.name)


def asks_for_certificate(world: World, domain: DomainName) -> bool:
    """Whether one with a truststore that is known; whoever asks another one in plain HTTP is taken to show a certificate."""
    terms = domain.serves_by(str(world.settings["updatingDomainServes"]))
    return bool(terms and terms.truststore is not None)


def led(domain: DomainName, request: Request) -> Request | None:
    """The request as it meets the API's own address; None where the name leads nowhere."""
    found = _by_rule(domain, request) if domain.routing_mode != "API_MAPPING_ONLY" else None
    if not found and domain.routing_mode != "ROUTING_RULE_ONLY":
        found = _by_mapping(domain, request)
    if not found:
        return None
    api_id, stage, path = found
    host = f"{api_id}.execute-api.{domain.region}.amazonaws.com"
    prefix = "" if stage in ("", "$default") else f"/{stage}"
    headers = [(name, host if name.lower() == "host" else value) for name, value in request.headers]
    return dataclasses.replace(request, host=host, path=f"{prefix}{path}", headers=headers, domain=domain.name)


def _by_rule(domain: DomainName, request: Request) -> tuple[str, str, str] | None:
    for rule in sorted(domain.rules, key=lambda rule: int(rule["Priority"])):
        if all(_holds(condition, request) for condition in rule["Conditions"]):
            target = rule["Actions"][0]["InvokeApi"]
            return target["ApiId"], target["Stage"], request.path
    return None


def _holds(condition: Json, request: Request) -> bool:
    if "MatchHeaders" in condition:
        wanted = condition["MatchHeaders"]["AnyOf"]
        return any(fnmatch.fnmatchcase(value, one["ValueGlob"]) for one in wanted for value in request.values(one["Header"].lower()))
    return any(_is_within(request.path, base) for base in condition["MatchBasePaths"]["AnyOf"])


def _by_mapping(domain: DomainName, request: Request) -> tuple[str, str, str] | None:
    """The longest base path that fits; it is taken off."""
    fitting = [mapping for mapping in domain.mappings if _is_within(request.path, mapping["key"])]
    if not fitting:
        return None
    mapping = max(fitting, key=lambda mapping: len(mapping["key"]))
    rest = request.path.removeprefix(f"/{mapping['key']}") if mapping["key"] else request.path
    return mapping["apiId"], mapping["stage"], rest or "/"


def _is_within(path: str, base: str) -> bool:
    return not base or path == f"/{base}" or path.startswith(f"/{base}/")
