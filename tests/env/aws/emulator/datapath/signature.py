"""Signature Version 4 as API Gateway verifies it, reckoned by botocore."""

from __future__ import annotations

import hashlib
import hmac
import re
import time
from collections.abc import Callable
from datetime import UTC, datetime
from urllib.parse import parse_qsl

from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

from ..iam.access import Principal
from .messages import Request

SKEW = 300
_CREDENTIAL = re.compile(r"(?P<key>[^/]+)/(?P<day>\d{8})/(?P<region>[^/]*)/(?P<service>[^/]*)/aws4_request")
_MISMATCH = (
    "The request signature we calculated does not match the signature you provided. Check your AWS Secret Access Key and signing method. "
    "Consult the service documentation for details."
)


class Refused(Exception):
    """Why a caller is not who it says; the text is API Gateway's."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code, self.message = code, message


def verify(request: Request, region: str, principal_of: Callable[[str], Principal | None]) -> Principal:
    """Who signed the request."""
    given = request.header("authorization")
    in_query = "X-Amz-Signature=" in request.query
    if given is None and not in_query:
        raise Refused("MissingAuthenticationTokenException", "Missing Authentication Token")
    if given is None or in_query:
        # Signed URLs are not what anybody here sends; beside the header they are one proof too many.
        raise Refused("InvalidSignatureException", _MISMATCH)
    parts = _parts(given)
    scope = _CREDENTIAL.fullmatch(parts["Credential"])
    if not scope:
        raise Refused("IncompleteSignatureException", f"Credential must have at least 5 slash-delimited elements. {parts['Credential']!r}")
    date = request.header("x-amz-date") or ""
    _check_scope(scope, region, date)
    _check_time(date)
    principal = principal_of(scope["key"])
    if not principal or (principal.token or None) != request.header("x-amz-security-token"):
        raise Refused("UnrecognizedClientException", "The security token included in the request is invalid.")
    if time.time() > principal.expires:
        raise Refused("ExpiredTokenException", "The security token included in the request is expired")
    names = parts["SignedHeaders"].split(";")
    if "host" not in names:
        raise Refused("InvalidSignatureException", "'Host' or ':authority' must be a 'SignedHeader' in the AWS Authorization.")
    canonical, to_sign, signature = _reckon(request, names, principal, region, date)
    if not hmac.compare_digest(signature, parts["Signature"]) or not _body_is_what_was_signed(request, names):
        should = f"The Canonical String for this request should have been\n'{canonical}'\n\nThe String-to-Sign should have been\n'{to_sign}'\n"
        raise Refused("InvalidSignatureException", f"{_MISMATCH}\n\n{should}")
    return principal


def _parts(header: str) -> dict[str, str]:
    algorithm, _, rest = header.partition(" ")
    if algorithm != "AWS4-HMAC-SHA256":
        # AWS quotes the header here; only its hash would be safe to.
        digest = hashlib.sha256(header.encode("latin-1")).hexdigest()
        raise Refused("IncompleteSignatureException", f"Invalid key=value pair (missing equal-sign) in Authorization header (hashed with SHA-256): '{digest}'.")
    parts = dict(part.strip().partition("=")[::2] for part in rest.split(","))
    missing = [f"Authorization header requires '{name}' parameter." for name in ("Credential", "Signature", "SignedHeaders") if not parts.get(name)]
    if missing:
        raise Refused("IncompleteSignatureException", " ".join(missing))
    return parts


def _check_scope(scope: re.Match[str], region: str, date: str) -> None:
    if scope["service"] != "execute-api":
        raise Refused("InvalidSignatureException", "Credential should be scoped to correct service: 'execute-api'.")
    if scope["region"] != region:
        raise Refused("InvalidSignatureException", f"Credential should be scoped to a valid region, not '{scope['region']}'.")
    if not re.fullmatch(r"\d{8}T\d{6}Z", date):
        raise Refused("IncompleteSignatureException", "Date must be in ISO-8601 'basic format'. Got '" + date[:40] + "'.")
    if scope["day"] != date[:8]:
        raise Refused(
            "InvalidSignatureException", f"Date in Credential scope does not match YYYYMMDD from ISO-8601 version of date from HTTP: '{scope['day']}'"
        )


def _check_time(date: str) -> None:
    then, now = datetime.strptime(date, "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC).timestamp(), time.time()
    stamp, earliest, latest = (time.strftime("%Y%m%dT%H%M%SZ", time.gmtime(at)) for at in (now, now - SKEW, now + SKEW))
    if then < now - SKEW:
        raise Refused("InvalidSignatureException", f"Signature expired: {date} is now earlier than {earliest} ({stamp} - 5 min.)")
    if then > now + SKEW:
        raise Refused("InvalidSignatureException", f"Signature not yet current: {date} is still later than {latest} ({stamp} + 5 min.)")


def _reckon(request: Request, names: list[str], principal: Principal, region: str, date: str) -> tuple[str, str, str]:
    # The query is read as text and encoded anew, as AWS does.
    query = parse_qsl(request.query, keep_blank_values=True, errors="replace")
    signed = AWSRequest(method=request.method, url=f"https://{request.host}{request.path}", data=request.body, params=query)
    for name in names:
        for value in request.values(name):
            signed.headers.add_header(name, value)
    signed.context["timestamp"] = date
    auth = SigV4Auth(Credentials("", principal.secret, principal.token), "execute-api", region)
    canonical = auth.canonical_request(signed)
    to_sign = auth.string_to_sign(signed, canonical)
    return canonical, to_sign, auth.signature(to_sign, signed)


def _body_is_what_was_signed(request: Request, names: list[str]) -> bool:
    """botocore believes a signed hash; without one it hashes the body itself."""
    return "x-amz-content-sha256" not in names or request.header("x-amz-content-sha256") == hashlib.sha256(request.body).hexdigest()
