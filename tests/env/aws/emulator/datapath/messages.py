"""Requests and answers of the data path, with their bytes as they came."""

from __future__ import annotations

import json
import uuid
from collections.abc import Iterable
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .listener import Shown

Headers = list[tuple[str, str]]
# How a test says who the viewer is; nobody behind the edge sees these.
VIEWER_ADDRESS, VIEWER_COUNTRY = "x-emulated-viewer-address", "x-emulated-viewer-country"
# What is asked without it stands for https, whatever it came by.
VIEWER_PROTOCOL = "x-emulated-viewer-protocol"
# Asks to be told who answered, and whether a canary release is met; chance decides otherwise.
TELL, CANARY = "x-emulated-tell", "x-emulated-canary"


@dataclass(frozen=True)
class Request:
    """Path and query are as on the wire, bytes as Latin-1."""

    host: str
    method: str
    path: str
    query: str
    headers: Headers
    body: bytes
    source: str = "127.0.0.1"
    country: str = ""
    # Whether the viewer asks by TLS.
    is_secure: bool = True
    # Whether a canary release is met: yes, no, or by chance.
    canary: str = ""
    is_told: bool = False
    # The custom domain name of API Gateway by which it came.
    domain: str = ""
    # The handshake before it, where there was one.
    tls: Shown | None = None

    @property
    def is_named(self) -> bool:
        return bool(self.domain)

    @property
    def client_certificate(self) -> dict[str, Any] | None:
        """What is told of an accepted client certificate."""
        return self.tls.certificate if self.tls and self.tls.is_asked else None

    def values(self, name: str) -> list[str]:
        return [value for known, value in self.headers if known.lower() == name]

    def header(self, name: str) -> str | None:
        return next(iter(self.values(name)), None)


@dataclass
class Answer:
    status: int
    headers: Headers
    body: bytes
    # Who answered: edge, waf, function, apigateway or backend.
    by: str
    code: str | None = None
    request_id: str = field(default_factory=lambda: str(uuid.uuid4()))


def request_of(environ: dict[str, Any]) -> Request:
    path, _, query = environ["RAW_URI"].partition("?")
    given: Headers = environ["emulator.headers"]
    viewer = {name.lower(): value for name, value in given if name.lower() in (VIEWER_ADDRESS, VIEWER_COUNTRY, VIEWER_PROTOCOL, TELL, CANARY)}
    return Request(
        host=environ.get("HTTP_HOST", "").partition(":")[0].lower(),
        method=environ["REQUEST_METHOD"],
        path=path,
        query=query,
        headers=[(name, value) for name, value in given if name.lower() not in viewer],
        body=environ["wsgi.input"].read(),
        source=viewer.get(VIEWER_ADDRESS, "127.0.0.1"),
        country=viewer.get(VIEWER_COUNTRY, ""),
        is_secure=viewer.get(VIEWER_PROTOCOL, "https") != "http",
        canary=viewer.get(CANARY, ""),
        is_told=TELL in viewer,
        tls=environ.get("emulator.tls"),
    )


def json_answer(status: int, value: Any, by: str = "apigateway", code: str | None = None, headers: Iterable[tuple[str, str]] = ()) -> Answer:
    return Answer(status, [("Content-Type", "application/json"), *headers], json.dumps(value, separators=(",", ":")).encode(), by, code)


def phrase(status: int) -> str:
    return HTTPStatus(status).phrase if status in HTTPStatus._value2member_map_ else "Unknown"
