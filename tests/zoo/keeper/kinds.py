"""What APIs of people have, each of which some API of the zoo has to have."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

Json = dict[str, Any]


def missing(apis: list[Json]) -> list[str]:
    return [name for name, is_one in KINDS.items() if not any(is_one(api) for api in apis)]


def _methods(api: Json) -> Iterator[Json]:
    for method in api["methods"]:
        yield {"method": method} if isinstance(method, str) else method


def _has_method(has: Callable[[Json], Any]) -> Callable[[Json], bool]:
    return lambda api: any(has(method) for method in _methods(api))


def _has_authorizer(kind: str) -> Callable[[Json], bool]:
    return lambda api: any(kind in (one.get("type"), one.get("authorizerType")) for one in api.get("authorizers", []))


def _has_null_template(method: Json) -> bool:
    integration = method.get("integration") or {}
    responses = integration.get("integrationResponses", {}).values()
    templates = [integration.get("requestTemplates"), *(response.get("responseTemplates") for response in responses)]
    return integration.get("type") == "MOCK" and any(None in (found or {}).values() for found in templates)


def _stages(api: Json) -> list[Json]:
    return [{"name": stage} if isinstance(stage, str) else stage for stage in api["stages"]]


def _deploys(api: Json, by_itself: bool) -> bool:
    given = [stage.get("autoDeploy", stage["name"] == "$default") for stage in _stages(api)]
    return api["protocol"] != "REST" and by_itself in given


def _is_web_socket(api: Json, connects: bool) -> bool:
    return api["protocol"] == "WEBSOCKET" and connects == any(method["method"] == "$connect" for method in _methods(api))


def _domains(api: Json) -> list[Json]:
    return list(api.get("domainNames", []))


KINDS: dict[str, Callable[[Json], Any]] = {
    "a CORS mock with a null template": _has_method(_has_null_template),
    "ANY with {proxy+}": _has_method(lambda method: method["method"] == "ANY /{proxy+}"),
    "a method at the root": _has_method(lambda method: method["method"].endswith(" /")),
    "a request validator": lambda api: api.get("requestValidators"),
    "a model": lambda api: api.get("models"),
    "a customer's key": _has_method(lambda method: method.get("apiKeyRequired")),
    "a usage plan": lambda api: api.get("usagePlans"),
    "Cognito": _has_authorizer("COGNITO_USER_POOLS"),
    "JWT": _has_authorizer("JWT"),
    "a TOKEN authorizer": _has_authorizer("TOKEN"),
    "a REQUEST authorizer": _has_authorizer("REQUEST"),
    "caller credentials": _has_method(lambda method: "*:user/*" in str((method.get("integration") or {}).get("credentials"))),
    "a VPC link": _has_method(lambda method: "VPC_LINK" in str(method.get("integration"))),
    "gateway responses": lambda api: api.get("gatewayResponses"),
    "a resource policy": lambda api: api.get("policy"),
    "a canary": lambda api: any("canarySettings" in stage for stage in _stages(api)),
    "stage variables": lambda api: any(stage.get("variables") for stage in _stages(api)),
    "several stages": lambda api: len(api["stages"]) > 1,
    "binary types": lambda api: api.get("binaryMediaTypes"),
    "a $default route": lambda api: api["protocol"] == "HTTP" and any(method["method"] == "$default" for method in _methods(api)),
    "quick create": lambda api: api.get("quickCreate"),
    "WebSocket with $connect": lambda api: _is_web_socket(api, True),
    "WebSocket without $connect": lambda api: _is_web_socket(api, False),
    "a deployment by hand": lambda api: _deploys(api, False),
    "a stage that deploys by itself": lambda api: _deploys(api, True),
    "300 methods": lambda api: len(api["methods"]) >= 300,
    "a custom domain name": _domains,
    "a base path": lambda api: any(domain.get("basePath") for domain in _domains(api)),
    "a routing rule": lambda api: any("routingRule" in domain for domain in _domains(api)),
}
