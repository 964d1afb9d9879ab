"""Lambda authorizers: what they are asked, and what their answers mean."""

from __future__ import annotations

import json
import re
import time
import uuid
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs

from ..apis.deployed import Authorizer, Deployed
from ..core.answers import AwsError
from ..functions.store import Function
from ..iam import policy
from .messages import Request
from .node import FunctionFailed, FunctionTimedOut, Package, Runtime
from .permissions import INVOKE
from .routing import Match

if TYPE_CHECKING:
    from ..world import World

Json = dict[str, Any]
CACHED_AT_MOST = 10_000
_SOURCE = re.compile(r"(?:\$|method\.|route\.)request\.(header|querystring)\.(.+)")


@dataclass(frozen=True)
class Verdict:
    # allowed, denied, silent (nothing allows), unauthorized (no identity), misconfigured, failed.
    outcome: str
    usage_key: str | None = None


class Authorizers:
    def __init__(self, world: World, runtime: Runtime) -> None:
        self.world, self.runtime = world, runtime

    def ask(self, deployed: Deployed, authorizer: Authorizer, match: Match, request: Request, resource: str) -> Verdict:
        identity = [_identity(source, deployed, request) for source in authorizer.identity_source]
        if any(not value for value in identity):
            return Verdict("unauthorized")
        if authorizer.tokens:
            return Verdict("allowed", authorizer.usage_key) if self.knows(deployed, authorizer, request) else Verdict("denied")
        key = (deployed.region, deployed.api_id, deployed.stage, authorizer.id, *identity)
        # Results are kept by what identifies the caller, never without.
        cached = authorizer.ttl > 0 and bool(identity) and deployed.protocol != "WEBSOCKET" and self.world.settings["authorizerCache"]
        answer = self._known(key) if cached else None
        if answer is None:
            try:
                answer = self._invoke(deployed, authorizer, match, request, resource, [str(value) for value in identity])
            except (FunctionFailed, FunctionTimedOut) as error:
                return Verdict("unauthorized" if str(error) == "Unauthorized" else "failed")
            except AwsError:
                return Verdict("misconfigured")
            if cached:
                self._keep(key, answer, authorizer.ttl)
        return _verdict(answer, authorizer, resource)

    def knows(self, deployed: Deployed, authorizer: Authorizer, request: Request) -> bool:
        """Whether the caller shows a token that the seed names; with or without a scheme before it."""
        sources = authorizer.identity_source or ["method.request.header.Authorization"]
        shown = [_identity(source, deployed, request) or "" for source in sources]
        return any(value.rpartition(" ")[2] in authorizer.tokens for value in shown)

    def _known(self, key: tuple[Any, ...]) -> Any:
        with self.world.lock:
            until, answer = self.world.authorized.get(key, (0.0, None))
        return answer if time.time() < until else None

    def _keep(self, key: tuple[Any, ...], answer: Any, ttl: int) -> None:
        with self.world.lock:
            if len(self.world.authorized) >= CACHED_AT_MOST:
                self.world.authorized.clear()
            self.world.authorized[key] = (time.time() + ttl, answer)

    def _invoke(self, deployed: Deployed, authorizer: Authorizer, match: Match, request: Request, resource: str, identity: list[str]) -> Any:
        source = f"arn:aws:execute-api:{deployed.region}:{self.world.account}:{deployed.api_id}/authorizers/{authorizer.id}"
        with self.world.lock:
            home = authorizer.function_arn.split(":")[3:4]
            function, version, qualifier = self.world.functions.get("".join(home), authorizer.function_arn)
            arn = f"{function.arn}:{qualifier}" if qualifier else function.arn
            self._check_permission(function, qualifier, arn, source)
            role = self.world.roles.by_arn(version.document["Role"])
            if not role:
                raise AwsError("AccessDeniedException", "The role defined for the function cannot be assumed by Lambda.", 403)
            environment = self.world.sessions.issue(role, function.name).environment(function.region)
            document = version.document
            environment |= (document.get("Environment") or {}).get("Variables") or {}
            package = Package(
                arn, function.name, document["Version"], document["CodeSha256"], version.code, document["Handler"], document["Timeout"]
            )  # fmt: skip
        if deployed.protocol == "HTTP" and authorizer.payload_version == "2.0":
            event = _event_2(deployed, match, request, resource, identity, self.world.account)
        else:
            event = _event_1(deployed, authorizer, match, request, resource, identity, self.world.account)
        return self.runtime.invoke(package, event, environment, str(uuid.uuid4()))

    def _check_permission(self, function: Function, qualifier: str, function_arn: str, source: str) -> None:
        """API Gateway is a stranger to the function unless its policy says otherwise."""
        context: policy.Context = {"aws:SourceArn": [source], "aws:SourceAccount": [self.world.account]}
        principals: policy.Principals = {"Service": {"apigateway.amazonaws.com"}}
        found = function.policies.get(qualifier)
        statements = list(found.statements.values()) if found else []
        if policy.decide_on_resource(statements, principals, "lambda:InvokeFunction", function_arn, context) != policy.ALLOW:
            raise AwsError("AccessDeniedException", "API Gateway may not invoke the function.", 403)


def _identity(source: str, deployed: Deployed, request: Request) -> str | None:
    found = _SOURCE.fullmatch(source)
    if found and found[1] == "header":
        return request.header(found[2].lower())
    if found:
        return parse_qs(request.query, keep_blank_values=True).get(found[2], [None])[0]
    kind, _, name = source.removeprefix("$").rpartition(".")
    return deployed.variables.get(name) if kind == "stageVariables" else {"httpMethod": request.method, "path": request.path}.get(name)


def _verdict(answer: Any, authorizer: Authorizer, resource: str) -> Verdict:
    if not isinstance(answer, dict):
        return Verdict("misconfigured")
    if authorizer.simple_responses:
        allowed = answer.get("isAuthorized")
        return Verdict("allowed" if allowed else "denied") if isinstance(allowed, bool) else Verdict("misconfigured")
    document = answer.get("policyDocument")
    if not answer.get("principalId") or not isinstance(document, dict):
        return Verdict("misconfigured")
    verdict = policy.decide([json.dumps(document)], INVOKE, resource, {})
    if verdict == policy.ALLOW:
        return Verdict("allowed", answer.get("usageIdentifierKey"))
    return Verdict("denied" if verdict == policy.DENY else "silent")


def _event_1(
    deployed: Deployed, authorizer: Authorizer, match: Match, request: Request, resource: str, identity: list[str], account: str
) -> Json:  # fmt: skip
    """TOKEN and REQUEST of REST, REQUEST of WebSocket, and payload 1.0 of HTTP."""
    if authorizer.type == "TOKEN":
        return {"type": "TOKEN", "methodArn": resource, "authorizationToken": identity[0]}
    headers: dict[str, list[str]] = {}
    for name, value in request.headers:
        headers.setdefault(name, []).append(value)
    query = parse_qs(request.query, keep_blank_values=True)
    context: Json = {
        "accountId": account,
        "apiId": deployed.api_id,
        "domainName": request.domain or request.host,
        "identity": {
            "sourceIp": request.source,
            "userAgent": request.header("user-agent"),
            **({"clientCert": request.client_certificate} if request.client_certificate else {}),
        },
        "requestId": str(uuid.uuid4()),
        "stage": deployed.stage,
    }
    event: Json = {
        "type": "REQUEST",
        "methodArn": resource,
        "headers": {name: values[-1] for name, values in headers.items()},
        "multiValueHeaders": headers,
        "queryStringParameters": {name: values[-1] for name, values in query.items()},
        "multiValueQueryStringParameters": query,
        "stageVariables": deployed.variables,
    }
    if deployed.protocol == "WEBSOCKET":
        return {**event, "requestContext": {**context, "routeKey": "$connect", "eventType": "CONNECT", "connectionId": uuid.uuid4().hex[:15]}}
    if deployed.protocol == "HTTP":
        event |= {"version": "1.0", "identitySource": ",".join(identity), "authorizationToken": ",".join(identity)}
    path = request.path if deployed.stage == "$default" else request.path.removeprefix(f"/{deployed.stage}")
    return {
        **event,
        "resource": match.route.path,
        "path": path,
        "httpMethod": request.method,
        "pathParameters": match.parameters,
        "requestContext": {**context, "httpMethod": request.method, "path": request.path, "resourcePath": match.route.path},
    }


def _event_2(deployed: Deployed, match: Match, request: Request, resource: str, identity: list[str], account: str) -> Json:
    headers: dict[str, list[str]] = {}
    for name, value in request.headers:
        headers.setdefault(name.lower(), []).append(value)
    route = match.route
    key = route.path if route.method == route.path else f"{route.method} {route.path}"
    now = time.time()
    return {
        "version": "2.0",
        "type": "REQUEST",
        "routeArn": resource,
        "identitySource": identity,
        "routeKey": key,
        "rawPath": request.path,
        "rawQueryString": request.query,
        "cookies": [cookie.strip() for value in headers.pop("cookie", []) for cookie in value.split(";")],
        "headers": {name: ",".join(values) for name, values in headers.items()},
        "queryStringParameters": {name: ",".join(values) for name, values in parse_qs(request.query, keep_blank_values=True).items()},
        "requestContext": {
            "accountId": account,
            "apiId": deployed.api_id,
            **({"authentication": {"clientCert": request.client_certificate}} if request.client_certificate else {}),
            "domainName": request.domain or request.host,
            "domainPrefix": (request.domain or request.host).partition(".")[0],
            "http": {
                "method": request.method,
                "path": request.path,
                "protocol": "HTTP/1.1",
                "sourceIp": request.source,
                "userAgent": request.header("user-agent") or "",
            },
            "requestId": str(uuid.uuid4()),
            "routeKey": key,
            "stage": deployed.stage,
            "time": time.strftime("%d/%b/%Y:%H:%M:%S +0000", time.gmtime(now)),
            "timeEpoch": int(now * 1000),
        },
        "pathParameters": match.parameters,
        "stageVariables": deployed.variables,
    }
