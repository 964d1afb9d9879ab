"""API Gateway's endpoints: the stage as deployed, authorization first, then the integration's answer."""

from __future__ import annotations

import base64
import hashlib
import json
import random
import secrets
import uuid
from typing import TYPE_CHECKING, Any

from ..apis.deployed import Deployed, Route
from ..iam.access import Principal
from ..iam.policy import ALLOW, DENY
from . import gateway_responses, permissions, routing, signature, validation
from .authorizers import Authorizers, Verdict
from .messages import Answer, Request, json_answer
from .node import Runtime
from .permissions import Caller
from .routing import Match
from .waf import WebAcl

if TYPE_CHECKING:
    from ..world import World

WEBSOCKET_KEY = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"
# Closes the connection properly: nobody answers messages here.
CLOSE_FRAME = b"\x88\x02\x03\xe8"


class Refusal(Exception):
    def __init__(self, answer: Answer) -> None:
        super().__init__(answer.code)
        self.answer = answer


def refusal(status: int, message: str | None, code: str, key: str = "message") -> Refusal:
    return Refusal(json_answer(status, {key: message}, code=code, headers=[("x-amzn-ErrorType", code)]))


FORBIDDEN = "Forbidden", "ForbiddenException"


class Gateway:
    def __init__(self, world: World, runtime: Runtime) -> None:
        self.world = world
        self.authorizers = Authorizers(world, runtime)

    def answer(self, request: Request) -> Answer:
        api_id, _, region, *_ = request.host.split(".")
        with self.world.lock:
            api = self.world.apis.apis.get((region, api_id))
            deployed, path = self._stage(region, api_id, api.protocol if api else "", request)
        if not api:
            # AWS has no such name in DNS.
            return json_answer(404, {"message": None}, code="NoSuchApi", headers=[("x-emulated-hint", f"there is no API {api_id} in {region}")])
        try:
            if not _is_meant(request):
                raise _http_forbidden() if api.protocol == "HTTP" else refusal(403, *FORBIDDEN)
            answer = self._answer(deployed, request, path, http=api.protocol == "HTTP")
        except Refusal as refused:
            answer = gateway_responses.shaped(refused.answer, deployed.gateway_responses if deployed and (request.is_named or not deployed.disabled) else {})
        answer.headers += _marks(api.protocol, answer.request_id)
        return answer

    def refused(self, request: Request) -> Answer:
        """For a client certificate: the stage is not asked at all."""
        api_id, _, region, *_ = request.host.split(".")
        with self.world.lock:
            api = self.world.apis.apis.get((region, api_id))
        protocol = api.protocol if api else ""
        answer = (_http_forbidden() if protocol == "HTTP" else refusal(403, *FORBIDDEN)).answer
        answer.headers += _marks(protocol, answer.request_id)
        return answer

    def _stage(self, region: str, api_id: str, protocol: str, request: Request) -> tuple[Deployed | None, str]:
        name, rest = routing.split_stage(request.path)
        deployed = self.world.apis.deployed(region, api_id, name)
        if deployed is None and protocol == "HTTP":
            return self.world.apis.deployed(region, api_id, "$default"), request.path
        if deployed and deployed.canary_percent > 0:
            met = random.random() * 100 < deployed.canary_percent if not request.canary else request.canary == "yes"
            deployed = (met and self.world.apis.deployed(region, api_id, name, canary=True)) or deployed
        return deployed, rest

    def _answer(self, deployed: Deployed | None, request: Request, path: str, http: bool) -> Answer:
        if not deployed or (deployed.disabled and not request.is_named):
            known = deployed is not None and self.world.settings["disabledHttpStatus"] == 403
            if http and not known:
                raise Refusal(json_answer(404, {"message": "Not Found"}, code="NotFound"))
            raise _http_forbidden() if http else refusal(403, *FORBIDDEN)
        stopped = WebAcl(deployed.web_acl, _no_addresses, _filtered).answer(request) if deployed.web_acl else None
        if stopped and stopped.code == gateway_responses.WAF_FILTERED:
            raise Refusal(stopped)
        if stopped:
            # A response of the rule's own takes the place of all that the API declares.
            stopped.headers = [(name, value) for name, value in stopped.headers if name.lower() not in ("server", "x-cache")]
            return stopped
        if deployed.protocol == "WEBSOCKET":
            return self._handshake(deployed, request, path)
        match = (routing.of_http if http else routing.of_rest)(deployed.routes, request.method, path)
        if not match and http:
            raise Refusal(json_answer(404, {"message": "Not Found"}, code="NotFound"))
        if not match:
            raise refusal(403, "Missing Authentication Token", "MissingAuthenticationTokenException")
        where = f"{request.method}/{path.removeprefix('/')}"
        principal = self._admit(deployed, match, request, where)
        if deployed.is_throttled:
            raise _throttled(http)
        lacking = match.route.required and validation.problem(match.route.required, request, match.parameters)
        if lacking:
            raise refusal(400, lacking, "BadRequestException")
        if not permissions.reaches_backend(match.route.integration, principal):
            raise refusal(500, "Internal server error", "InternalServerErrorException")
        return _integration(match.route.integration.get("emulatorResponse") or {})

    def _handshake(self, deployed: Deployed, request: Request, path: str) -> Answer:
        key = request.header("sec-websocket-key")
        if (request.header("upgrade") or "").lower() != "websocket" or request.method != "GET" or not key or path != "/":
            body = {"message": "Forbidden", "connectionId": secrets.token_urlsafe(11), "requestId": str(uuid.uuid4())}
            return json_answer(403, body, code="ForbiddenException", headers=[("x-amzn-ErrorType", "ForbiddenException")])
        route = next((r for r in deployed.routes if r.path == "$connect"), None)
        if route:
            self._admit(deployed, Match(route), request, "$connect")
        accept = base64.b64encode(hashlib.sha1((key + WEBSOCKET_KEY).encode()).digest()).decode()
        headers = [("Upgrade", "websocket"), ("Connection", "Upgrade"), ("Sec-WebSocket-Accept", accept)]
        return Answer(101, headers, CLOSE_FRAME, "backend")

    def _admit(self, deployed: Deployed, match: Match, request: Request, where: str) -> Principal | None:
        """Returns when the caller may pass: who signed, where that is asked."""
        route = match.route
        resource = f"arn:aws:execute-api:{deployed.region}:{self.world.account}:{deployed.api_id}/{deployed.stage}/{where}"
        caller = Caller(self.world.account, deployed.region, request.source)
        if route.authorization_type == "AWS_IAM":
            principal = self._signed(deployed, request, caller, resource)
            self._key(deployed, route, request.header("x-api-key"))
            return principal
        if deployed.policy is not None:
            verdict = permissions.by_resource(deployed.policy, caller, resource)
            if verdict != ALLOW:
                raise _denied(caller, resource, verdict)
        verdict = self._authorized(deployed, match, request, resource)
        presented = verdict.usage_key if deployed.api_key_source == "AUTHORIZER" and verdict else request.header("x-api-key")
        self._key(deployed, route, presented)
        return None

    def _signed(self, deployed: Deployed, request: Request, caller: Caller, resource: str) -> Principal:
        def principal_of(key: str) -> Any:
            with self.world.lock:
                return self.world.acting(key).access.principal(key)

        try:
            principal = signature.verify(request, deployed.region, principal_of)
        except signature.Refused as refused:
            raise _http_forbidden() if deployed.protocol == "HTTP" else refusal(403, refused.message, refused.code) from None
        caller = Caller(caller.account, caller.region, caller.source, principal)
        verdicts = [permissions.by_identity(caller, resource)]
        if permissions.INVOKE in self.world.settings["deniedByOrganization"]:
            verdicts.append(DENY)
        if deployed.policy is not None:
            verdicts.append(permissions.by_resource(deployed.policy, caller, resource))
        # Within one account either policy may allow; from another one both have to.
        needed = 1 if caller.own_account == caller.account else 2
        if DENY in verdicts or verdicts.count(ALLOW) < needed:
            raise _http_forbidden() if deployed.protocol == "HTTP" else _denied(caller, resource, DENY if DENY in verdicts else None)
        return principal

    def _authorized(self, deployed: Deployed, match: Match, request: Request, resource: str) -> Verdict | None:
        route = match.route
        if route.authorization_type == "NONE":
            return None
        authorizer = deployed.authorizers.get(route.authorizer_id or "")
        http = deployed.protocol == "HTTP"
        if not authorizer or (route.authorization_type != "CUSTOM" and not self.authorizers.knows(deployed, authorizer, request)):
            raise Refusal(json_answer(401, {"message": "Unauthorized"}, code="Unauthorized")) if http else refusal(401, "Unauthorized", "UnauthorizedException")
        if route.authorization_type != "CUSTOM":
            return Verdict("allowed")
        verdict = self.authorizers.ask(deployed, authorizer, match, request, resource)
        if verdict.outcome == "unauthorized":
            raise Refusal(json_answer(401, {"message": "Unauthorized"}, code="Unauthorized")) if http else refusal(401, "Unauthorized", "UnauthorizedException")
        if verdict.outcome == "misconfigured":
            if http:
                raise Refusal(json_answer(500, {"message": "Internal Server Error"}, code="AuthorizerConfiguration"))
            raise refusal(500, None, "AuthorizerConfigurationException")
        if verdict.outcome == "failed":
            if http:
                raise Refusal(json_answer(500, {"message": "Internal Server Error"}, code="AuthorizerFailure"))
            raise refusal(500, None, "AuthorizerFailureException")
        if verdict.outcome != "allowed":
            if http:
                raise _http_forbidden()
            explicit = " with an explicit deny" if verdict.outcome == "denied" else ""
            raise refusal(403, f"User is not authorized to access this resource{explicit}", "AccessDeniedException", "Message")
        return verdict

    def _key(self, deployed: Deployed, route: Route, presented: str | None) -> None:
        if not route.api_key_required:
            return
        with self.world.lock:
            accepted = bool(presented) and self.world.apis.accepts_key(deployed.region, deployed.api_id, deployed.stage, str(presented))
        if not accepted:
            raise refusal(403, *FORBIDDEN)


def _marks(protocol: str, request_id: str) -> list[tuple[str, str]]:
    """What API Gateway puts on every answer, its own and the backend's."""
    short = base64.urlsafe_b64encode(uuid.UUID(request_id).bytes[:11]).decode()
    return [("Apigw-Requestid", short)] if protocol == "HTTP" else [("x-amzn-RequestId", request_id), ("x-amz-apigw-id", short)]


def _is_meant(request: Request) -> bool:
    """Whether the request is for this endpoint by its Host header, too."""
    return (request.header("host") or request.host).partition(":")[0].lower() == request.host


def _filtered() -> Answer:
    """What a stage's own web ACL blocks is answered as if a key were missing."""
    message, code = FORBIDDEN
    return json_answer(403, {"message": message}, "waf", gateway_responses.WAF_FILTERED, [("x-amzn-ErrorType", code)])


def _no_addresses(arn: str) -> list[str]:
    """A stage's web ACL has no IP sets here."""
    return []


def _http_forbidden() -> Refusal:
    return Refusal(json_answer(403, {"message": "Forbidden"}, code="Forbidden"))


def _throttled(http: bool) -> Refusal:
    answer = json_answer(429, {"message": "Too Many Requests"}, code="TooManyRequestsException")
    return Refusal(answer) if http else refusal(429, "Too Many Requests", "TooManyRequestsException")


def _denied(caller: Caller, resource: str, verdict: str | None) -> Refusal:
    masked = resource.replace(f":{caller.account}:", f":********{caller.account[-4:]}:")
    explicit = " with an explicit deny" if verdict == DENY else ""
    message = f"User: {caller.name} is not authorized to perform: execute-api:Invoke on resource: {masked}{explicit}"
    return refusal(403, message, "AccessDeniedException", "Message")


def _integration(response: dict[str, Any]) -> Answer:
    """What the team's backend answers."""
    body = response.get("body", {"message": "ok"})
    text = body if isinstance(body, str) else json.dumps(body, separators=(",", ":"))
    headers = {"Content-Type": "application/json", **(response.get("headers") or {})}
    return Answer(int(response.get("status", 200)), list(headers.items()), text.encode(), "backend")
