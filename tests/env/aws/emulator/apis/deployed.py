"""An API as a stage has it deployed: what requests meet."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .store import Api, Deployment, Working

Json = dict[str, Any]
# What Cognito and other issuers of tokens are taken to have given to users, where a seed says nothing else.
TOKEN = "emulated-user-token"
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
    # Who gets in by the identity that they show, where no function is asked: Cognito's and JWT's tokens, and stand-ins for functions.
    tokens: list[str]
    # The key that a stand-in gives for its callers.
    usage_key: str | None


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
    # REST: what a request must have, by the method's validator.
    required: Required | None = None


@dataclass
class Required:
    """What API Gateway looks for before it calls the backend."""

    # As method.request.querystring.id.
    parameters: list[str]
    # Members of a JSON body; None where the body is not looked at.
    members: list[str] | None


class Routes(list[Route]):
    """Of one deployment, with what was found for requests by their methods and paths: each request looks, and some APIs have hundreds."""

    def __init__(self, routes: Iterable[Route] = ()) -> None:
        super().__init__(routes)
        self.met: dict[tuple[str, str], Any] = {}


@dataclass(frozen=True)
class Contents:
    """What a deployment holds of its snapshot, which never changes."""

    policy: Json | None
    routes: Routes
    authorizers: dict[str, Authorizer]


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
    routes: Routes
    authorizers: dict[str, Authorizer]
    variables: dict[str, str]
    # REST: by their types.
    gateway_responses: dict[str, Json]
    # REST: the web ACL that the stage itself has, as WAF's documents have it.
    web_acl: Json | None
    # Whether the stage's throttle lets nobody through.
    is_throttled: bool
    # REST: of all calls, those that a canary release gets.
    canary_percent: float


def of(api: Api, stage_name: str, canary: bool = False) -> Deployed | None:
    stage = api.stages.get(stage_name)
    settings = stage.document.get("canarySettings") if stage else None
    number = (settings or {}).get("deploymentId") if canary else stage.deployment_id if stage else None
    deployment = api.deployments.get(number or "")
    if not stage or not deployment:
        return None
    snapshot, rest, contents = deployment.snapshot, api.protocol == "REST", _contents(api, deployment)
    return Deployed(
        region=api.region,
        api_id=api.id,
        protocol=api.protocol,
        stage=stage_name,
        disabled=api.is_endpoint_off,
        api_key_source=snapshot.api_key_source,
        policy=contents.policy,
        routes=contents.routes,
        authorizers=contents.authorizers,
        variables={
            **(stage.document.get("variables" if rest else "StageVariables") or {}),
            **((settings or {}).get("stageVariableOverrides") or {} if canary else {}),
        },
        gateway_responses=snapshot.gateway_responses,
        web_acl=stage.document.get("webAcl"),
        is_throttled=_is_throttled(stage.document),
        canary_percent=float((settings or {}).get("percentTraffic") or 0),
    )


def _contents(api: Api, deployment: Deployment) -> Contents:
    if not deployment.contents:
        snapshot, rest = deployment.snapshot, api.protocol == "REST"
        deployment.contents = Contents(
            policy=json.loads(snapshot.policy) if snapshot.policy else None,
            routes=Routes(_methods(snapshot) if rest else _routes(snapshot)),
            authorizers={key: (_rest_authorizer if rest else _authorizer)(document) for key, document in snapshot.authorizers.items()},
        )
    return deployment.contents


def _methods(snapshot: Working) -> list[Route]:
    return [
        Route(
            name,
            resource["path"],
            method["authorizationType"],
            method.get("authorizerId"),
            method["apiKeyRequired"],
            method.get("methodIntegration", {}),
            _required(snapshot, method),
        )
        for resource in snapshot.resources.values()
        for name, method in resource["resourceMethods"].items()
    ]


def _required(snapshot: Working, method: Json) -> Required | None:
    validator = snapshot.validators.get(method.get("requestValidatorId", ""))
    if not validator:
        return None
    parameters = [name for name, needed in (method.get("requestParameters") or {}).items() if needed]
    model = snapshot.models.get((method.get("requestModels") or {}).get("application/json", ""), {})
    members = json.loads(model["schema"]).get("required", []) if model.get("schema") else []
    return Required(
        parameters if validator.get("validateRequestParameters") else [],
        members if validator.get("validateRequestBody") else None,
    )  # fmt: skip


def _is_throttled(document: Json) -> bool:
    """Whether the limits of all methods, or of all routes, are zero."""
    rest = (document.get("methodSettings") or {}).get("*/*", {})
    settings = [rest.get("throttlingRateLimit"), rest.get("throttlingBurstLimit")]
    default = document.get("DefaultRouteSettings") or {}
    settings += [default.get("ThrottlingRateLimit"), default.get("ThrottlingBurstLimit")]
    return any(value is not None and float(value) == 0 for value in settings)


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
    ttl = document["authorizerResultTtlInSeconds"]
    return Authorizer(document["id"], document["type"], uri, function_of(uri), sources, ttl, "1.0", False, *_stand_in(document, document["type"]))


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
        *_stand_in(document, document["AuthorizerType"]),
    )


def _stand_in(document: Json, kind: str) -> tuple[list[str], str | None]:
    tokens = document.get("emulatorTokens", [TOKEN] if kind in ("COGNITO_USER_POOLS", "JWT") else [])
    return list(tokens), document.get("emulatorUsageKey")


def function_of(uri: str) -> str:
    """The function's ARN in arn:aws:apigateway:REGION:lambda:path/2015-03-31/functions/ARN/invocations."""
    found = re.search(r":lambda:path/[\d-]+/functions/(arn:[^/]+)/invocations", uri)
    return found[1] if found else ""
