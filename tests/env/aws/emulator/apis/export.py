"""OpenAPI documents of REST APIs, of what a stage has deployed, and of HTTP APIs."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

import yaml

from ..core import wire
from ..core.answers import Answer, AwsError
from ..core.call import Call
from ..core.operations import operation
from . import refusals
from .deployed import METHOD_AND_PATH
from .rest_stages import stage_of
from .store import REST, Api, Working

if TYPE_CHECKING:
    from ..world import World

Json = dict[str, Any]
# How a template that says nothing is exported.
_NO_TEMPLATE = "__passthrough__"
_USUAL_TIMEOUT = 29_000
_API_KEY = {"type": "apiKey", "name": "x-api-key", "in": "header"}
_SIGNATURE = {"type": "apiKey", "name": "Authorization", "in": "header", "x-amazon-apigateway-authtype": "awsSigv4"}


@operation("apigateway", "GetExport")
def get_export(world: World, call: Call) -> Answer:
    api = world.apis.find(call.region, call.params["restApiId"], rest=True)
    stage = stage_of(api, call.params["stageName"])
    kind = call.params["exportType"]
    if kind == "swagger":
        raise AwsError("NotImplemented", "exports are emulated as oas30 only", 501)
    if kind != "oas30":
        raise refusals.bad(f"Unsupported export type: {kind}")
    asked = set(call.query.get("extensions", "").split(",")) - {""}
    if asked - {"integrations", "authorizers", "apigateway", "postman"}:
        raise refusals.bad("Invalid value for parameter 'extensions'")
    everything = "apigateway" in asked
    snapshot = api.deployments[stage.deployment_id or ""].snapshot
    found = _rest_document(api, stage.name, snapshot, everything or "integrations" in asked, everything or "authorizers" in asked)
    if everything:
        # That callers give it goes without saying.
        if snapshot.api_key_source != "HEADER":
            found["x-amazon-apigateway-api-key-source"] = snapshot.api_key_source
        if snapshot.policy:
            found["x-amazon-apigateway-policy"] = json.loads(snapshot.policy)
    return _exported(found, "yaml" in (call.header("accept") or ""), f"oas30_{found['info']['version']}", "application/octet-stream")


@operation("apigatewayv2", "ExportApi")
def export_api(world: World, call: Call) -> Answer:
    api, params = world.apis.find(call.region, call.params["ApiId"], rest=False), wire.read(call)
    if api.protocol != "HTTP":
        raise refusals.bad("Only HTTP APIs can be exported")
    if params["Specification"] != "OAS30":
        raise refusals.bad("Specification must be OAS30")
    if params.get("OutputType") not in ("JSON", "YAML"):
        raise refusals.bad("OutputType must be JSON or YAML")
    working, stage = api.working, params.get("StageName")
    if stage:
        working = api.deployments[stage_of(api, stage).deployment_id or ""].snapshot
    found = _http_document(api, stage, working, params.get("IncludeExtensions", True))
    return _exported(found, params["OutputType"] == "YAML", f"{api.document['name']}-oas30")


def _exported(document: Json, as_yaml: bool, name: str, content_type: str = "") -> Answer:
    body = yaml.safe_dump(document, sort_keys=False) if as_yaml else json.dumps(document, indent=2)
    kind = "yaml" if as_yaml else "json"
    headers = {"Content-Type": content_type or f"application/{kind}", "Content-Disposition": f'attachment; filename="{name}.{kind}"'}
    return Answer(200, body.encode(), headers)


def _frame(api: Api, stage: str | None) -> Json:
    server = {
        "url": f"https://{api.id}.execute-api.{api.region}.amazonaws.com/{{basePath}}",
        "variables": {"basePath": {"default": "" if stage in (None, "$default") else f"/{stage}" if api.protocol == REST else stage}},
    }
    info = {"title": api.document["name"], "description": api.document["description"], "version": "2026-01-01T00:00:00Z"}
    return {"openapi": "3.0.1", "info": {k: v for k, v in info.items() if v}, "servers": [server], "paths": {}, "components": {}}


def _parameters(path: str) -> list[Json]:
    return [{"name": name, "in": "path", "required": True, "schema": {"type": "string"}} for name in re.findall(r"\{([^}+]+)\+?\}", path)]


def _rest_document(api: Api, stage: str, snapshot: Working, integrations: bool, authorizers: bool) -> Json:
    document, schemes = _frame(api, stage), {}
    for resource in sorted(snapshot.resources.values(), key=lambda r: str(r["path"])):
        for name, method in resource["resourceMethods"].items():
            found: Json = {}
            if _parameters(resource["path"]):
                found["parameters"] = _parameters(resource["path"])
            found["responses"] = {status: {"description": f"{status} response", "content": {}} for status in method.get("methodResponses", {})}
            security: list[Json] = []
            if method["apiKeyRequired"]:
                schemes["api_key"] = _API_KEY
                security.append({"api_key": []})
            if authorizers:
                security += _rest_authorization(snapshot, method, found, schemes)
            if security:
                found["security"] = security
            if integrations:
                found["x-amazon-apigateway-integration"] = _rest_integration(method["methodIntegration"])
            place = "x-amazon-apigateway-any-method" if name == "ANY" else name.lower()
            document["paths"].setdefault(resource["path"], {})[place] = found
    if schemes:
        document["components"]["securitySchemes"] = schemes
    if integrations and snapshot.gateway_responses:
        document["x-amazon-apigateway-gateway-responses"] = snapshot.gateway_responses
    return document


def _rest_authorization(snapshot: Working, method: Json, found: Json, schemes: Json) -> list[Json]:
    if method["authorizationType"] == "AWS_IAM":
        schemes["sigv4"] = _SIGNATURE
        found["x-amazon-apigateway-auth"] = {"type": "AWS_IAM"}
        return [{"sigv4": []}]
    authorizer = snapshot.authorizers.get(method.get("authorizerId", ""))
    if not authorizer:
        return []
    cognito = authorizer["type"] == "COGNITO_USER_POOLS"
    source = authorizer.get("identitySource", "")
    header = source.removeprefix("method.request.header.") if re.fullmatch(r"method\.request\.header\.[\w-]+", source) else "Unused"
    shown = {k: v for k, v in authorizer.items() if k in ("authorizerUri", "authorizerCredentials", "identityValidationExpression", "providerARNs")}
    if authorizer["type"] == "REQUEST":
        shown["identitySource"] = source
    schemes[authorizer["name"]] = {
        "type": "apiKey",
        "name": header,
        "in": "header",
        "x-amazon-apigateway-authtype": "cognito_user_pools" if cognito else "custom",
        "x-amazon-apigateway-authorizer": {
            **shown,
            "type": authorizer["type"].lower(),
            "authorizerResultTtlInSeconds": authorizer["authorizerResultTtlInSeconds"],
        },
    }
    return [{authorizer["name"]: method.get("authorizationScopes", [])}]


def _exported_templates(response: Json) -> Json:
    templates = response.get("responseTemplates")
    return {**response, "responseTemplates": {kind: text or _NO_TEMPLATE for kind, text in templates.items()}} if templates else response


def _rest_integration(integration: Json) -> Json:
    found: Json = {"type": integration["type"].lower(), "passthroughBehavior": integration["passthroughBehavior"].lower()}
    if integration["timeoutInMillis"] != _USUAL_TIMEOUT:
        found["timeoutInMillis"] = integration["timeoutInMillis"]
    for member in (
        "httpMethod",
        "uri",
        "requestTemplates",
        "requestParameters",
        "credentials",
        "contentHandling",
        "connectionId",
        "connectionType",
        "tlsConfig",
    ):
        if integration.get(member):
            found[member] = integration[member]
    responses = [_exported_templates(response) for response in integration.get("integrationResponses", {}).values()]
    if responses:
        found["responses"] = {r.get("selectionPattern") or "default": {k: v for k, v in r.items() if k != "selectionPattern"} for r in responses}
    if found.get("requestTemplates"):
        found["requestTemplates"] = {kind: text or _NO_TEMPLATE for kind, text in found["requestTemplates"].items()}
    return found


def _http_document(api: Api, stage: str | None, working: Working, extensions: bool) -> Json:
    document, schemes = _frame(api, stage), {}
    for route in sorted(working.routes.values(), key=lambda r: str(r["RouteKey"])):
        key = METHOD_AND_PATH.fullmatch(route["RouteKey"])
        method, path = key.groups() if key else ("ANY", "/$default")
        found: Json = {"responses": {"default": {"description": f"Default response for {route['RouteKey']}"}}}
        if _parameters(path):
            found["parameters"] = _parameters(path)
        authorizer = working.authorizers.get(route.get("AuthorizerId", ""))
        if authorizer:
            schemes[authorizer["Name"]] = _http_scheme(authorizer, extensions)
            found["security"] = [{authorizer["Name"]: route.get("AuthorizationScopes", [])}]
        if extensions:
            if route["AuthorizationType"] == "AWS_IAM":
                found["x-amazon-apigateway-auth"] = {"type": "AWS_IAM"}
            if not key:
                found["isDefaultRoute"] = True
            integration = working.integrations.get(route.get("Target", "").removeprefix("integrations/"))
            if integration:
                found["x-amazon-apigateway-integration"] = _http_integration(integration)
        place = "x-amazon-apigateway-any-method" if method == "ANY" else method.lower()
        document["paths"].setdefault(path, {})[place] = found
    if schemes:
        document["components"]["securitySchemes"] = schemes
    if extensions:
        document["x-amazon-apigateway-importexport-version"] = "1.0"
    return document


def _http_scheme(authorizer: Json, extensions: bool) -> Json:
    if authorizer["AuthorizerType"] == "JWT":
        found: Json = {"type": "oauth2", "flows": {}}
        jwt = authorizer.get("JwtConfiguration", {})
        shown: Json = {"type": "jwt", "identitySource": ",".join(authorizer.get("IdentitySource", []))}
        shown["jwtConfiguration"] = {"audience": jwt.get("Audience", []), "issuer": jwt.get("Issuer", "")}
    else:
        found = {"type": "apiKey", "name": "Unused", "in": "header"}
        shown = {
            "type": "request",
            "identitySource": ",".join(authorizer.get("IdentitySource", [])),
            "authorizerUri": authorizer.get("AuthorizerUri", ""),
            "authorizerPayloadFormatVersion": authorizer.get("AuthorizerPayloadFormatVersion", "1.0"),
            "authorizerResultTtlInSeconds": authorizer.get("AuthorizerResultTtlInSeconds", 0),
            "enableSimpleResponses": bool(authorizer.get("EnableSimpleResponses")),
        }
    return {**found, "x-amazon-apigateway-authorizer": shown} if extensions else found


def _http_integration(integration: Json) -> Json:
    names = {
        "PayloadFormatVersion": "payloadFormatVersion",
        "IntegrationType": "type",
        "IntegrationMethod": "httpMethod",
        "IntegrationUri": "uri",
        "ConnectionType": "connectionType",
        "ConnectionId": "connectionId",
        "CredentialsArn": "credentials",
        "RequestParameters": "requestParameters",
        "ResponseParameters": "responseParameters",
        "TimeoutInMillis": "timeoutInMillis",
    }
    found = {wanted: integration[name] for name, wanted in names.items() if integration.get(name) is not None}
    return {**found, "type": found["type"].lower()}
