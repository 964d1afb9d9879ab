"""The origin-request event of Lambda@Edge, and what CloudFront takes back from a function.

https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/lambda-event-structure.html
https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/edge-functions-restrictions.html
"""

from __future__ import annotations

import base64
import dataclasses
import re
from typing import Any

from .configuration import Behaviour, Configuration
from .messages import Answer, Headers, Request

Json = dict[str, Any]
BODY_SHOWN = 1024 * 1024
READ_ONLY = (
    "accept-encoding", "content-length", "if-modified-since", "if-none-match", "if-range", "if-unmodified-since", "transfer-encoding", "via",
)  # fmt: skip
# Functions neither see nor add these.
FORBIDDEN = re.compile(
    "connection|expect|keep-alive|proxy-(authenticate|authorization|connection)|trailer|upgrade|x-accel-(buffering|charset|limit-rate|redirect)|x-amz-cf-.*|"
    "x-amzn-(auth|cf-billing|cf-id|cf-xff|errortype|fle-profile|header-count|header-order|lambda-integration-tag|requestid)|x-cache|x-edge-.*|"
    "x-forwarded-proto|x-real-ip"
)  # fmt: skip
TOKEN = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")


class Invalid(Exception):
    """Why CloudFront does not take a function's result."""


def build(configuration: Configuration, behaviour: Behaviour, request: Request, request_id: str) -> Json:
    origin = behaviour.origin
    headers: Json = {}
    for name, value in request.headers:
        if not FORBIDDEN.fullmatch(name.lower()):
            headers.setdefault(name.lower(), []).append({"key": name, "value": _text(value)})
    shown: Json = {
        "clientIp": request.source,
        "headers": headers,
        "method": request.method,
        "querystring": _text(request.query),
        "uri": _text(request.path),
        "origin": {
            "custom": {
                "customHeaders": {name.lower(): [{"key": name, "value": value}] for name, value in origin.headers},
                "domainName": origin.domain,
                "keepaliveTimeout": origin.keepalive_timeout,
                "path": origin.path,
                "port": origin.port,
                "protocol": origin.protocol,
                "readTimeout": origin.read_timeout,
                "sslProtocols": list(origin.ssl_protocols),
            }
        },
    }
    if behaviour.include_body:
        data = request.body[:BODY_SHOWN]
        shown["body"] = {
            "action": "read-only",
            "data": base64.b64encode(data).decode(),
            "encoding": "base64",
            "inputTruncated": len(data) < len(request.body),
        }
    config = {
        "distributionDomainName": configuration.domain,
        "distributionId": configuration.id,
        "eventType": "origin-request",
        "requestId": request_id,
    }
    return {"Records": [{"cf": {"config": config, "request": shown}}]}


def is_response(result: Any) -> bool:
    return isinstance(result, dict) and "status" in result


def response(result: Json) -> Answer:
    """The answer that a function makes up itself."""
    status = str(result["status"])
    if not re.fullmatch(r"[2-5]\d\d", status):
        raise Invalid("The HTTP status code in the response is not valid.")
    headers = [(name, value) for name, value in _headers(result.get("headers") or {}) if name.lower() != "content-length"]
    for name, _ in headers:
        if FORBIDDEN.fullmatch(name.lower()) or name.lower() in ("transfer-encoding", "via"):
            raise Invalid(f"The function tried to add, delete, or change a read-only header: {name}.")
    body = _body(result.get("body") or "", result.get("bodyEncoding", "text"))
    return Answer(int(status), headers, body, "function")


def request(event: Json, result: Any, original: Request) -> tuple[Request, Json]:
    """The request that goes on, and its origin."""
    before = event["Records"][0]["cf"]["request"]
    if not isinstance(result, dict):
        raise Invalid("The function returned neither a request nor a response.")
    if result.get("method") != before["method"]:
        raise Invalid("The function tried to change the HTTP method.")
    uri, query, origin = result.get("uri"), result.get("querystring", ""), result.get("origin") or {}
    if not isinstance(uri, str) or not uri.startswith("/") or re.search(r"[\s\x00-\x1f]", uri):
        raise Invalid("The URI in the request is not valid: it must begin with a slash.")
    if not isinstance(query, str) or re.search(r"[\s\x00-\x1f]", query):
        raise Invalid("The query string in the request is not valid.")
    custom = origin.get("custom")
    if not isinstance(custom, dict) or not isinstance(custom.get("domainName"), str) or not isinstance(custom.get("path"), str):
        raise Invalid("The origin in the request is not valid.")
    headers = _headers(result.get("headers"))
    _check_headers(before["headers"], result["headers"], custom.get("customHeaders") or {})
    replaced = result.get("body") or {}
    body = _body(replaced.get("data", ""), replaced.get("encoding", "text")) if replaced.get("action") == "replace" else original.body
    # What functions do not see goes on by itself.
    headers += [(name, value) for name, value in original.headers if FORBIDDEN.fullmatch(name.lower())]
    return dataclasses.replace(original, path=_wire(uri), query=_wire(query), headers=headers, body=body), custom


def _check_headers(before: Json, after: Json, custom: Json) -> None:
    for name in READ_ONLY:
        if [e["value"] for e in before.get(name, [])] != [e["value"] for e in after.get(name, [])]:
            raise Invalid(f"The function tried to add, delete, or change a read-only header: {name}.")
    for name in after:
        if FORBIDDEN.fullmatch(name):
            raise Invalid(f"The function tried to add, delete, or change a disallowed header: {name}.")
        if name in {known.lower() for known in custom}:
            raise Invalid(f"The header {name} is both in the request and in the origin's custom headers.")


def _headers(given: Any) -> Headers:
    if not isinstance(given, dict):
        raise Invalid("The headers are not an object.")
    result: Headers = []
    for name, entries in given.items():
        if name != name.lower() or not TOKEN.fullmatch(name) or not isinstance(entries, list):
            raise Invalid(f"The header {name[:100]} is not valid: its name is in lower case, its value a list.")
        for entry in entries:
            key, value = (entry.get("key", name), entry.get("value")) if isinstance(entry, dict) else (name, None)
            if not isinstance(value, str) or not isinstance(key, str) or key.lower() != name or re.search(r"[\r\n\0]", value):
                raise Invalid(f"The header {name} is not valid: its key must be its name in any case, its value a string.")
            result.append((key, _wire(value)))
    return result


def _body(data: str, encoding: str) -> bytes:
    return base64.b64decode(data) if encoding == "base64" else data.encode()


def _text(wire: str) -> str:
    return wire.encode("latin-1").decode("utf-8", "replace")


def _wire(text: str) -> str:
    return text.encode("utf-8", "replace").decode("latin-1")
