"""An API as a stage has it deployed: what requests meet."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .store import Api, Working

Json = dict[str, Any]
METHOD_AND_PATH = re.compile(r"([A-Z]+) (/.*)")


@dataclass
class Authorizer:
    id: str
    # TOKEN, REQUEST, COGNITO_USER_POOLS or JWT.
    type: str
    # The invocation ARN, and the function's own in it; empty where no function is invoked.
    uri: str
    function_arn: str
    identity_source: list[str]
    ttl: int
    payload_version: str
    simple_responses: bool


@dataclass
class Route:
    # GET …, ANY; of an HTTP or WebSocket API also $default, $connect or a route key of the team's own, in both.
    method: str
    path: str
    authorization_type: str
    authorizer_id: str | None
    api_key_required: bool
    # The integration's document, with an emulatorResponse: {status, headers, body}.
    integration: Json


@dataclass
class Deployed:
    region: str
    api_id: str
    # REST, HTTP or WEBSOCKET.
    protocol: str
    stage: str
    # Whether the default endpoint is switched off.
    disabled: bool
    api_key_source: str
    # A REST API's resource policy.
    policy: Json | None
    routes: list[Route]
    authorizers: dict[str, Authorizer]
    variables: dict[str, str]


def of(api: Api, stage_name: str) -> Deployed | None:
    stage = api.stages.get(stage_name)
    deployment = api.deployments.get(stage.deployment_id or "") if stage else None
    if not stage or not deployment:
        return None
    snapshot, rest = deployment.snapshot, api.protocol == "REST"
    return Deployed(
        region=api.region,
        api_id=api.id,
        protocol=api.protocol,
        stage=stage_name,
        disabled=snapshot.disabled,
        api_key_source=snapshot.api_key_source,
        policy=json.loads(snapshot.policy) if snapshot.policy else None,
        routes=_methods(snapshot) if rest else _routes(snapshot),
        authorizers={key: (_rest_authorizer if rest else _authorizer)(document) for key, document in snapshot.authorizers.items()},
        variables=dict(stage.document.get("variables" if rest else "StageVariables") or {}),
    )


def _methods(snapshot: Working) -> list[Route]:
    return [
        Route(name, resource["path"], method["authorizationType"], method.get("authorizerId"), method["apiKeyRequired"], method.get("methodIntegration", {}))
        for resource in snapshot.resources.values()
        for name, method in resource["resourceMethods"].items()
    ]


def _routes(snapshot: Working) -> list[Route]:
    found = []
    for route in snapshot.routes.values():
        key = METHOD_AND_PATH.fullmatch(route["RouteKey"])
        method, path = key.groups() if key else (route["RouteKey"], route["RouteKey"])
        integration = snapshot.integrations.get(route.get("Target", "").removeprefix("integrations/"), {})
        found.append(Route(method, path, route["AuthorizationType"], route.get("AuthorizerId"), bool(route.get("ApiKeyRequired")), integration))
    return found


def _rest_authorizer(document: Json) -> Authorizer:
    uri = document.get("authorizerUri", "")
    sources = [part.strip() for part in document.get("identitySource", "").split(",") if part.strip()]
    return Authorizer(document["id"], document["type"], uri, function_of(uri), sources, document["authorizerResultTtlInSeconds"], "1.0", False)


def _authorizer(document: Json) -> Authorizer:
    uri = document.get("AuthorizerUri", "")
    return Authorizer(
        document["AuthorizerId"],
        document["AuthorizerType"],
        uri,
        function_of(uri),
        list(document.get("IdentitySource", [])),
        document.get("AuthorizerResultTtlInSeconds", 0),
        document.get("AuthorizerPayloadFormatVersion", "1.0"),
        bool(document.get("EnableSimpleResponses")),
    )


def function_of(uri: str) -> str:
    """The function's ARN in arn:aws:apigateway:REGION:lambda:path/2015-03-31/functions/ARN/invocations."""
    found = re.search(r":lambda:path/[\d-]+/functions/(arn:[^/]+)/invocations", uri)
    return found[1] if found else ""
