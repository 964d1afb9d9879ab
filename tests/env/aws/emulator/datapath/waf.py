"""What a web ACL does to a request. Rate rules and managed groups match nothing here."""

from __future__ import annotations

import base64
import ipaddress
import re
from collections.abc import Callable
from typing import Any
from urllib.parse import unquote

from .messages import Answer, Headers, Request, phrase
from .pages import BLOCKED, page

Json = dict[str, Any]
# The networks of an IP set, by its ARN.
IpSets = Callable[[str], list[str]]


class WebAcl:
    def __init__(self, document: Json, ip_sets: IpSets, blocked: Callable[[], Answer] = lambda: page(403, BLOCKED, "waf")) -> None:
        """What it protects says by itself how it answers who is blocked."""
        self.document, self.ip_sets, self.blocked = document, ip_sets, blocked

    def answer(self, request: Request) -> Answer | None:
        """What the viewer gets instead of the origin's answer; None lets the request pass."""
        return self.decide(request)[0]

    def decide(self, request: Request) -> tuple[Answer | None, Headers]:
        """The same, with the headers that a request which passes has besides: a later one takes the place of one of its name.

        https://docs.aws.amazon.com/waf/latest/developerguide/customizing-the-incoming-request.html
        """
        labels: set[str] = set()
        inserted: Headers = []
        for rule in sorted(self.document.get("Rules", []), key=lambda r: r["Priority"]):
            if not self._matches(rule["Statement"], request, labels):
                continue
            labels.update(f"{self._namespace}{label['Name']}" for label in rule.get("RuleLabels", []))
            action = rule.get("Action") or {}
            inserted += _inserted(action)
            if "Allow" in action:
                return None, inserted
            answer = self._stopped(action)
            if answer:
                return answer, []
        default = self.document["DefaultAction"]
        return self._stopped(default), inserted + _inserted(default)

    @property
    def _namespace(self) -> str:
        return str(self.document.get("LabelNamespace", ""))

    def _labelled(self, body: Json, labels: set[str]) -> bool:
        """Names without a prefix are looked for among the labels of this web ACL.

        https://docs.aws.amazon.com/waf/latest/developerguide/waf-rule-label-match.html
        """
        key = body["Key"]
        if not key.startswith("awswaf:"):
            labels = {label.removeprefix(self._namespace) for label in labels if label.startswith(self._namespace)}
        if body.get("Scope") == "NAMESPACE":
            return any(f":{key.rstrip(':')}:" in f":{label.rpartition(':')[0]}:" for label in labels)
        return any(label == key or label.endswith(f":{key}") for label in labels)

    def _stopped(self, action: Json) -> Answer | None:
        if "Block" in action:
            custom = (action["Block"] or {}).get("CustomResponse")
            return self._custom(custom) if custom else self.blocked()
        if "Challenge" in action:
            return self._asked(202, "challenge")
        if "Captcha" in action:
            return self._asked(405, "captcha")
        return None

    def _asked(self, status: int, action: str) -> Answer:
        """What only a browser can do something with."""
        headers = [("Server", "CloudFront"), ("Content-Type", "text/html; charset=UTF-8"), ("x-amzn-waf-action", action)]
        return Answer(status, [*headers, ("Cache-Control", "no-store"), ("X-Cache", "Error from cloudfront")], b"", "waf", action.capitalize())

    def _custom(self, custom: Json) -> Answer:
        body = self.document.get("CustomResponseBodies", {}).get(custom.get("CustomResponseBodyKey", ""), {})
        kinds = {"APPLICATION_JSON": "application/json", "TEXT_HTML": "text/html"}
        headers = [("Server", "CloudFront"), ("X-Cache", "Error from cloudfront")]
        headers += [("Content-Type", kinds.get(body["ContentType"], "text/plain"))] if body else []
        headers += [(header["Name"], header["Value"]) for header in custom.get("ResponseHeaders", [])]
        status = int(custom["ResponseCode"])
        return Answer(status, headers, body.get("Content", phrase(status)).encode(), "waf", "Error")

    def _matches(self, statement: Json, request: Request, labels: set[str]) -> bool:
        (kind, body), *_ = statement.items()
        match kind:
            case "NotStatement":
                return not self._matches(body["Statement"], request, labels)
            case "AndStatement":
                return all(self._matches(s, request, labels) for s in body["Statements"])
            case "OrStatement":
                return any(self._matches(s, request, labels) for s in body["Statements"])
            case "IPSetReferenceStatement":
                return _within(request.source, self.ip_sets(body["ARN"]))
            case "GeoMatchStatement":
                return request.country in body["CountryCodes"]
            case "LabelMatchStatement":
                return self._labelled(body, labels)
            case "ByteMatchStatement":
                wanted = _search_string(body["SearchString"])
                return any(_fits(body["PositionalConstraint"], value, wanted) for value in _fields(body, request))
            case "RegexMatchStatement":
                return any(re.search(body["RegexString"], value) for value in _fields(body, request))
        return False


def _inserted(action: Json) -> Headers:
    """What an action that lets a request go on adds to it."""
    handling = [(action.get(kind) or {}).get("CustomRequestHandling", {}) for kind in ("Allow", "Count")]
    return [(f"x-amzn-waf-{header['Name']}", header["Value"]) for one in handling for header in one.get("InsertHeaders", [])]


def _within(address: str, networks: list[str]) -> bool:
    found = ipaddress.ip_address(address)
    return any(found in ipaddress.ip_network(network) for network in networks)


def _search_string(given: str) -> str:
    """Blobs are Base64 in JSON."""
    return base64.b64decode(given).decode("latin-1")


def _fields(body: Json, request: Request) -> list[str]:
    (kind, detail), *_ = body["FieldToMatch"].items()
    match kind:
        case "UriPath":
            values = [request.path]
        case "QueryString":
            values = [request.query]
        case "Method":
            values = [request.method]
        case "SingleHeader":
            values = request.values(detail["Name"].lower())
        case "Body":
            values = [request.body.decode("latin-1")]
        case _:
            values = []
    for transformation in sorted(body.get("TextTransformations", []), key=lambda t: t["Priority"]):
        values = [_transformed(transformation["Type"], value) for value in values]
    return values


def _transformed(kind: str, value: str) -> str:
    match kind:
        case "LOWERCASE":
            return value.lower()
        case "URL_DECODE":
            return unquote(value, "latin-1")
        case "NORMALIZE_PATH":
            return _normalized(value)
        case "COMPRESS_WHITE_SPACE":
            return re.sub(r"\s+", " ", value)
    return value


def _normalized(path: str) -> str:
    """Without empty segments and references to itself and back; what ends with a slash still does."""
    kept: list[str] = []
    for segment in path.split("/"):
        if segment == "..":
            del kept[-1:]
        elif segment not in ("", "."):
            kept.append(segment)
    return "/" + "/".join(kept) + ("/" if kept and path.endswith("/") else "")


def _fits(constraint: str, value: str, wanted: str) -> bool:
    match constraint:
        case "EXACTLY":
            return value == wanted
        case "STARTS_WITH":
            return value.startswith(wanted)
        case "ENDS_WITH":
            return value.endswith(wanted)
        case "CONTAINS_WORD":
            return bool(re.search(rf"(?<!\w){re.escape(wanted)}(?!\w)", value))
    return wanted in value
