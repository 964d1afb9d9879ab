"""What a seeded method answers, and the integration that it has, where the seed does not say."""

from __future__ import annotations

from typing import Any

Json = dict[str, Any]

_PETS = [
    {"id": 1, "type": "dog", "price": 249.99},
    {"id": 2, "type": "cat", "price": 124.99},
    {"id": 3, "type": "fish", "price": 0.99},
]
_BODIES: dict[tuple[str, str], Any] = {
    ("GET", "/pets"): _PETS,
    ("POST", "/pets"): {"pet": {"type": "dog", "price": 249.99}, "message": "success"},
    ("GET", "/pets/{petId}"): _PETS[0],
}


def response(method: str, path: str) -> Json:
    """What the backend answers to a request that gets there; the body is JSON or, as a string, itself."""
    body = _BODIES.get((method, path), {"message": "ok", "route": method if method == path else f"{method} {path}"})
    return {"status": 200, "headers": {"Content-Type": "application/json"}, "body": body}


def rest_integration(given: Json, method: str, resource: str) -> Json:
    found: Json = {
        "type": "MOCK",
        "passthroughBehavior": "WHEN_NO_MATCH",
        "timeoutInMillis": 29000,
        "cacheNamespace": resource,
        "cacheKeyParameters": [],
        # As the console makes them: an empty template.
        "integrationResponses": {"200": {"statusCode": "200", "responseTemplates": {"application/json": ""}}},
        **given,
    }
    if found["type"] == "MOCK":
        found.setdefault("requestTemplates", {"application/json": '{"statusCode": 200}'})
    elif found["type"] != "AWS_PROXY":
        found.setdefault("httpMethod", method)
    return with_null_templates(found)


def with_null_templates(integration: Json) -> Json:
    """API Gateway answers null for a template that is empty."""
    found = dict(integration)
    if found.get("requestTemplates"):
        found["requestTemplates"] = {kind: text or None for kind, text in found["requestTemplates"].items()}
    responses = found.get("integrationResponses") or {}
    for status, answer in responses.items():
        templates = answer.get("responseTemplates")
        if templates:
            responses = {**responses, status: {**answer, "responseTemplates": {kind: text or None for kind, text in templates.items()}}}
    if responses:
        found["integrationResponses"] = responses
    return found


def integration(given: Json, protocol: str, region: str) -> Json:
    """An HTTP or WebSocket API's."""
    if protocol == "WEBSOCKET":
        return {"IntegrationType": "MOCK", "PassthroughBehavior": "WHEN_NO_MATCH", "TimeoutInMillis": 29000, **given}
    return {
        "IntegrationType": "HTTP_PROXY",
        "IntegrationMethod": "ANY",
        "IntegrationUri": f"https://backend.{region}.example.com",
        "PayloadFormatVersion": "1.0",
        "ConnectionType": "INTERNET",
        "TimeoutInMillis": 30000,
        **given,
    }
