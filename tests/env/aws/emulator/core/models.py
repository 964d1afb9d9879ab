"""botocore's service models: which operation a request is, and what its members are called."""

from __future__ import annotations

import functools
import re
from dataclasses import dataclass
from typing import Any
from urllib.parse import unquote

from botocore.exceptions import UnknownServiceError
from botocore.loaders import Loader
from botocore.model import ServiceModel

# Signing names that differ from the names of the models.
SIGNING_NAMES = {"tagging": "resourcegroupstaggingapi", "monitoring": "cloudwatch", "pricingplanmanager": "pricing-plan-manager"}
_LOADER = Loader()


@functools.cache
def model(service: str) -> ServiceModel | None:
    try:
        return ServiceModel(_LOADER.load_service_model(service, "service-2"), service)
    except UnknownServiceError:
        return None


@functools.cache
def protocol(service: str) -> str:
    found = model(service)
    if not found:
        return "rest-xml"
    # Of a service with several protocols, the SDKs in use speak JSON.
    return "json" if "json" in found.metadata.get("protocols", ()) else str(found.metadata["protocol"])


@functools.cache
def xml_namespace(service: str) -> str:
    found = model(service)
    if not found:
        return ""
    named = found.metadata.get("xmlNamespace")
    if named:
        return str(named)
    return f"http://{service}.amazonaws.com/doc/{found.metadata['apiVersion']}/"


@functools.cache
def message_member(service: str, code: str) -> str:
    found = model(service)
    for shape in found.error_shapes if found else ():
        if code in (shape.name, shape.metadata.get("error", {}).get("code")) and "Message" in shape.members:
            return "Message"
    return "message"


@dataclass(frozen=True)
class Route:
    operation: str
    method: str
    path: re.Pattern[str]
    query: tuple[str, ...]


@functools.cache
def routes(service: str) -> tuple[Route, ...]:
    """REST operations, those with fixed query parts first: they are the more specific ones."""
    found = model(service)
    if not found:
        return ()
    result = []
    for name in found.operation_names:
        http = found.operation_model(name).http
        path, _, query = http["requestUri"].partition("?")
        pattern = re.sub(r"\\{([\w\\-]+?)(\\\+)?\\}", _variable, re.escape(path))
        asked = [*filter(None, query.split("&")), *(_told_apart_by(found, name) if service == "s3" else ())]
        result.append(Route(name, http["method"], re.compile(f"{pattern.rstrip('/')}/?"), tuple(asked)))
    # Literal parts before variables: /functions/x/versions is not a function's name.
    return tuple(sorted(result, key=lambda r: (-len(r.query), r.path.pattern.count("(?P"), -len(r.path.pattern))))


def _told_apart_by(found: ServiceModel, name: str) -> list[str]:
    """What an operation of S3 must have in its query: DeleteObject and AbortMultipartUpload differ by nothing else."""
    shape: Any = found.operation_model(name).input_shape
    needed = [shape.members[member].serialization for member in shape.required_members] if shape else []
    return [place["name"] for place in needed if place.get("location") == "querystring"]


def _variable(found: re.Match[str]) -> str:
    # A group's name has no hyphen.
    name = found[1].replace("\\-", "__")
    return f"(?P<{name}>{'.+' if found[2] else '[^/]+'})"


def rest_operation(service: str, method: str, raw_path: str, query: dict[str, str]) -> tuple[str, dict[str, str]]:
    for route in routes(service):
        if route.method != method:
            continue
        match = route.path.fullmatch(raw_path)
        if match and all(_present(part, query) for part in route.query):
            return route.operation, {k.replace("__", "-"): unquote(v) for k, v in match.groupdict().items()}
    return "?", {}


def _present(part: str, query: dict[str, str]) -> bool:
    name, _, value = part.partition("=")
    return name in query and (not value or query[name] == value)


@functools.cache
def located(service: str, operation: str, location: str) -> dict[str, tuple[str, bool]]:
    """Name in the path ("uri") or the query → name of the member, and whether it is a list."""
    shape: Any = model(service).operation_model(operation).input_shape  # type: ignore[union-attr]
    members = shape.members if shape else {}
    found = {k: m for k, m in members.items() if m.serialization.get("location") == location}
    return {m.serialization.get("name", k): (k, m.type_name == "list") for k, m in found.items()}
