"""Changes of working copies that seeds, foreign hands and operations have in common."""

from __future__ import annotations

from typing import Any

from ..core import wire
from . import defaults, refusals
from .deployed import METHOD_AND_PATH
from .store import REST, Api, Working, new_id

Json = dict[str, Any]


def rest_resource(working: Working, path: str) -> Json:
    """The resource of this path, made with all that is above it where it is missing."""
    found = next((r for r in working.resources.values() if r["path"] == path), None)
    if found:
        return found
    if path == "/":
        return add_resource(working, None, None)
    above, _, part = path.rstrip("/").rpartition("/")
    return add_resource(working, rest_resource(working, above or "/"), part)


def add_resource(working: Working, parent: Json | None, part: str | None) -> Json:
    path = f"{parent['path'].rstrip('/')}/{part}" if parent else "/"
    resource: Json = {"id": new_id(6 if parent else 10), "path": path, "resourceMethods": {}}
    if parent:
        resource.update(parentId=parent["id"], pathPart=part)
    working.resources[resource["id"]] = resource
    return resource


def put(api: Api, given: Json | str) -> None:
    """A method or route in the seed's format: added, or replaced."""
    declared: Json = {"method": given} if isinstance(given, str) else dict(given)
    key = declared.pop("method")
    # A method whose integration is null has none, as while a team is still at work on it.
    has_integration = declared.get("integration", {}) is not None
    integration = dict(declared.pop("integration", None) or {})
    # The emulated backend is no part of AWS's documents.
    response = integration.pop("emulatorResponse", None)
    parts = METHOD_AND_PATH.fullmatch(key)
    method, path = parts.groups() if parts else (key, key)
    response = {**defaults.response(method, path), **(response or {})}
    if api.protocol == REST:
        if not parts:
            raise refusals.bad(f"{key} is no method of a REST API")
        document: Json = {"httpMethod": method, "authorizationType": "NONE", "apiKeyRequired": False, "methodResponses": {"200": {"statusCode": "200"}}}
        document |= wire.parse_as("apigateway", "Method", declared)
        resource = rest_resource(api.working, path)
        if has_integration:
            document["methodIntegration"] = {
                **defaults.rest_integration(wire.parse_as("apigateway", "Integration", integration), method, resource["id"]),
                "emulatorResponse": response,
            }
        resource["resourceMethods"][method] = document
        return
    known = next((r for r in api.working.routes.values() if r["RouteKey"] == key), None)
    route = known or {"RouteId": new_id(7), "RouteKey": key}
    number = route.get("Target", "").removeprefix("integrations/") or new_id(7)
    settled = {"RouteId": route["RouteId"], "RouteKey": key, "AuthorizationType": "NONE", "ApiKeyRequired": False, "Target": f"integrations/{number}"}
    api.working.routes[route["RouteId"]] = {**settled, **wire.parse_as("apigatewayv2", "Route", declared)}
    wanted = defaults.integration(wire.parse_as("apigatewayv2", "Integration", integration), api.protocol, api.region)
    api.working.integrations[number] = {**wanted, "IntegrationId": number, "emulatorResponse": response}


def find(api: Api, key: str) -> Json:
    """The document of "GET /pets" or "$connect" in the working copy."""
    if api.protocol == REST:
        method, _, path = key.partition(" ")
        found = next((r["resourceMethods"].get(method) for r in api.working.resources.values() if r["path"] == path), None)
    else:
        found = next((r for r in api.working.routes.values() if r["RouteKey"] == key), None)
    if not found:
        raise refusals.missing(f"the API has no {key}")
    return found


def remove(api: Api, key: str) -> None:
    found = find(api, key)
    if api.protocol == REST:
        for resource in api.working.resources.values():
            resource["resourceMethods"] = {name: method for name, method in resource["resourceMethods"].items() if method is not found}
    else:
        del api.working.routes[found["RouteId"]]


def put_authorizer(api: Api, given: Json) -> str:
    number = given.get("id") or new_id(6)
    stand_in = {name: given[name] for name in ("emulatorTokens", "emulatorUsageKey") if name in given}
    if api.protocol == REST:
        document = {"type": "TOKEN", "authorizerResultTtlInSeconds": 300, **wire.parse_as("apigateway", "Authorizer", given), **stand_in, "id": number}
    else:
        document = {"AuthorizerType": "REQUEST", **wire.parse_as("apigatewayv2", "Authorizer", given), **stand_in, "AuthorizerId": number}
    api.working.authorizers[number] = document
    return str(number)
