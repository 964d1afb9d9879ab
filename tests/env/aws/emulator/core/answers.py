"""Answers and errors, rendered as each service's protocol wants them."""

from __future__ import annotations

import json
import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from xml.sax.saxutils import escape

from . import models


@dataclass
class Answer:
    status: int = 200
    body: bytes = b""
    headers: dict[str, str] = field(default_factory=dict)
    # What the journal shows, when the request itself did not name it (the id of something just created).
    resource: str | None = None


class AwsError(Exception):
    """A refusal in AWS's own words."""

    def __init__(self, code: str, message: str, status: int = 400, **fields: Any) -> None:
        super().__init__(f"{code}: {message}")
        self.code, self.message, self.status, self.fields = code, message, status, fields
        # Set where the error comes before the call is known.
        self.service = ""


class ConnectionDropped(Exception):
    """The client gets no answer at all."""


def as_json(value: Any, status: int = 200, protocol: str = "rest-json") -> Answer:
    kind = "application/x-amz-json-1.1" if protocol == "json" else "application/json"
    return Answer(status, json.dumps(value, separators=(",", ":"), ensure_ascii=False).encode(), {"Content-Type": kind})


def as_xml(text: str, status: int = 200, headers: Mapping[str, str] | None = None) -> Answer:
    body = b'<?xml version="1.0" encoding="UTF-8"?>\n' + text.encode()
    return Answer(status, body, {"Content-Type": "text/xml", **(headers or {})})


def render(error: AwsError, service: str, protocol: str = "") -> Answer:
    protocol = protocol or models.protocol(service)
    if protocol == "smithy-rpc-v2-cbor":
        from .cbor import encode

        body = encode({"__type": error.code, "message": error.message, **error.fields})
        return Answer(error.status, body, {"Content-Type": "application/cbor", "smithy-protocol": "rpc-v2-cbor"})
    if service == "s3":
        more = "".join(f"<{name}>{escape(str(value))}</{name}>" for name, value in error.fields.items())
        return as_xml(f"<Error><Code>{escape(error.code)}</Code><Message>{escape(error.message)}</Message>{more}</Error>", error.status)
    if protocol in ("rest-xml", "query", "ec2"):
        kind = "Sender" if error.status < 500 else "Receiver"
        return as_xml(
            f'<ErrorResponse xmlns="{models.xml_namespace(service)}"><Error><Type>{kind}</Type>'
            f"<Code>{escape(error.code)}</Code><Message>{escape(error.message)}</Message></Error>"
            f"<RequestId>{uuid.uuid4()}</RequestId></ErrorResponse>",
            error.status,
        )
    # Services differ in the capital letter; SDKs fill the typed error from the one that the model names.
    document: dict[str, Any] = {models.message_member(service, error.code): error.message, **error.fields}
    if service == "lambda":
        document["Type"] = "User" if error.status < 500 else "Service"
    if protocol == "json":
        document["__type"] = error.code
    answer = as_json(document, error.status, protocol)
    if protocol != "json":
        answer.headers["x-amzn-ErrorType"] = error.code
    return answer
