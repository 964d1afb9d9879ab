"""What a REST API's team has API Gateway say in place of its own refusals."""

from __future__ import annotations

import json
import re
from typing import Any

from .messages import Answer

Json = dict[str, Any]
ERROR_TYPE = "x-amzn-errortype"
_PREFIX = "gatewayresponse.header."
_TYPES = {
    "AccessDeniedException": "ACCESS_DENIED",
    "AuthorizerConfigurationException": "AUTHORIZER_CONFIGURATION_ERROR",
    "AuthorizerFailureException": "AUTHORIZER_FAILURE",
    "BadRequestException": "BAD_REQUEST_BODY",
    "ExpiredTokenException": "EXPIRED_TOKEN",
    "ForbiddenException": "INVALID_API_KEY",
    "IncompleteSignatureException": "INVALID_SIGNATURE",
    "InternalServerErrorException": "API_CONFIGURATION_ERROR",
    "InvalidSignatureException": "INVALID_SIGNATURE",
    "MissingAuthenticationTokenException": "MISSING_AUTHENTICATION_TOKEN",
    "TooManyRequestsException": "THROTTLED",
    "UnauthorizedException": "UNAUTHORIZED",
    "UnrecognizedClientException": "ACCESS_DENIED",
}
# What the stage's own web ACL has blocked; the error type is the one of a missing key.
WAF_FILTERED = "WAF_FILTERED"


def shaped(answer: Answer, responses: dict[str, Json]) -> Answer:
    """The refusal with the status, headers and body that are declared for its type, or for all of its class."""
    kind = WAF_FILTERED if answer.code == WAF_FILTERED else _TYPES.get(answer.code or "", "")
    declared = responses.get(kind) or responses.get("DEFAULT_4XX" if answer.status < 500 else "DEFAULT_5XX")
    if not declared:
        return answer
    template = (declared.get("responseTemplates") or {}).get("application/json")
    body = answer.body if template is None else _filled(template, answer, kind).encode()
    given = {name.removeprefix(_PREFIX): value.strip("'") for name, value in (declared.get("responseParameters") or {}).items() if value.startswith("'")}
    replaced = {name.lower() for name in given}
    headers = [(name, value) for name, value in answer.headers if name.lower() not in replaced]
    # A header that is declared as nothing is not sent.
    headers += [(name, value) for name, value in given.items() if value]
    status = int(declared["statusCode"]) if declared.get("statusCode") else answer.status
    return Answer(status, headers, body, answer.by, answer.code, answer.request_id)


def _filled(template: str, answer: Answer, kind: str) -> str:
    message = next(iter(json.loads(answer.body).values()), None)
    values = {"error.messageString": json.dumps(message), "error.message": str(message), "error.responseType": kind, "requestId": answer.request_id}
    return re.sub(r"\$context\.([A-Za-z.]*[A-Za-z])", lambda name: values.get(name[1], ""), template)
