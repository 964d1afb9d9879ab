"""One call: who calls which operation of which service with what."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs, parse_qsl, unquote

from . import cbor, models
from .answers import AwsError

_CREDENTIAL = re.compile(r"Credential=([^/]+)/\d{8}/([^/]+)/([^/]+)/aws4_request")
_RPC = re.compile(r"/service/\w+/operation/(\w+)")


@dataclass
class Call:
    service: str
    operation: str
    region: str
    access_key: str
    method: str
    path: str
    query: dict[str, str]
    headers: dict[str, str]
    body: bytes
    params: dict[str, Any] = field(default_factory=dict)
    raw_query: str = ""
    # As the call came: some services take several.
    protocol: str = ""
    principal: str | None = None
    # Of the caller.
    account: str = ""
    # What the request is about, as the journal shows it and as fault rules match it.
    resource: str = ""

    def header(self, name: str) -> str | None:
        return self.headers.get(name.lower())


def recognise(method: str, raw_path: str, raw_query: str, headers: dict[str, str], body: bytes) -> Call | None:
    """The call that a signed request makes; None for anything that is not one."""
    found = _CREDENTIAL.search(headers.get("authorization", ""))
    if found:
        access_key, region, service = found.groups()
    elif b"Action=AssumeRoleWith" in body:  # the only calls that come unsigned
        access_key, region, service = "", "us-east-1", "sts"
    else:
        return None
    service = models.SIGNING_NAMES.get(service, service)
    if service == "apigateway" and raw_path.startswith("/v2/"):
        service = "apigatewayv2"
    query = dict(parse_qsl(raw_query, keep_blank_values=True))
    call = Call(service, "?", region, access_key, method, raw_path, query, headers, body, raw_query=raw_query)
    target, protocol = headers.get("x-amz-target"), models.protocol(service)
    rpc = _RPC.fullmatch(raw_path) if headers.get("smithy-protocol") == "rpc-v2-cbor" else None
    if not target and protocol == "json" and b"Action=" in body:
        protocol = "query"
    call.protocol = protocol = "smithy-rpc-v2-cbor" if rpc else "json" if target else protocol
    if rpc:
        call.operation, call.params = rpc[1], cbor.decode(body) if body else {}
    elif target:
        call.operation = target.rpartition(".")[2]
        call.params = _json(service, body)
    elif protocol == "query":
        call.params = dict(parse_qsl(body.decode(), keep_blank_values=True)) or dict(query)
        call.operation = call.params.get("Action", "?")
    elif protocol.startswith("rest"):
        call.operation, variables = models.rest_operation(service, method, raw_path, query)
        if call.operation == "CopyObject" and "x-amz-copy-source" not in headers:
            # The two differ by that header alone.
            call.operation = "PutObject"
        if protocol == "rest-json" and body:
            call.params = _json(service, body)
        if call.operation != "?":
            call.params = {**call.params, **_located(call, variables)}
    call.resource = _resource(call)
    return call


def _located(call: Call, variables: dict[str, str]) -> dict[str, Any]:
    """Members of the path and of the query, by the names of the model."""
    found: dict[str, Any] = {member: variables[name] for name, (member, _) in models.located(call.service, call.operation, "uri").items()}
    given = parse_qs(call.raw_query, keep_blank_values=True)
    for name, (member, many) in models.located(call.service, call.operation, "querystring").items():
        if name in given:
            found[member] = given[name] if many else given[name][-1]
    return found


def _json(service: str, body: bytes) -> dict[str, Any]:
    try:
        value = json.loads(body or b"{}")
    except ValueError:
        value = None
    if not isinstance(value, dict):
        code = "InvalidRequestContentException" if service == "lambda" else "SerializationException"
        error = AwsError(code, "Could not parse request body into json.")
        error.service = service
        raise error
    return value


_NAMES = (
    "FunctionName", "RoleName", "Name", "ResourceArn", "ResourceARN", "Resource", "WebACLArn", "Id", "id", "restApiId", "ApiId", "UserName", "PolicyName",
    "PolicyArn", "CertificateArn", "resourceArn", "apiKey", "usagePlanId", "domainName", "DomainName", "ProtectionId", "HealthCheckId", "HostedZoneId",
    "ResourceId", "AlarmName", "AlarmNames.member.1", "TopicArn", "RoleArn", "TargetDistributionId", "DistributionId", "LogBucket",
)  # fmt: skip

# What of an API a call is about.
_WITHIN = (
    ("stageName",), ("StageName",), ("resourceId", "httpMethod"), ("resourceId",), ("RouteId",), ("authorizerId",), ("AuthorizerId",), ("deploymentId",),
    ("DeploymentId",), ("keyId",),
)  # fmt: skip


def _resource(call: Call) -> str:
    params = call.params
    if call.service == "s3":
        return "/".join(str(params[key]) for key in ("Bucket", "Key") if params.get(key))
    if call.service in ("cloudfront", "route53") and call.operation.startswith("Create"):
        reference = re.search(rb"<CallerReference>([^<]*)</CallerReference>", call.body)
        return unquote(reference[1].decode()) if reference else ""
    if call.operation == "PutLoggingConfiguration":
        return str((params.get("LoggingConfiguration") or {}).get("ResourceArn", ""))
    name = next((str(params[key]) for key in _NAMES if params.get(key)), "")
    if call.service == "lambda" and params.get("Qualifier"):
        name += f":{params['Qualifier']}"
    if call.service.startswith("apigateway"):
        within = next(([str(params[key]) for key in keys] for keys in _WITHIN if all(params.get(key) for key in keys)), [])
        return "/".join([name, *within])
    return name
