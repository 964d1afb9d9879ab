"""Who asks, what they show, and who answered."""

from __future__ import annotations

import http.client
import threading
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

from . import oracle
from .files import REGION, Case
from .oracle import Door

PRINCIPAL = "AKIAZOOPRINCIPAL", "principal-secret"
FOREIGN = "AKIAZOOFOREIGNER", "foreigners-secret"
HANDSHAKE = {"Connection": "Upgrade", "Upgrade": "websocket", "Sec-WebSocket-Version": "13", "Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ=="}
# API Gateway's own answers to a caller who was let in.
LET_IN = {"BadRequestException", "TooManyRequestsException", "InternalServerErrorException"}
AT_ONCE = 6


@dataclass(frozen=True)
class Caller:
    name: str
    # What they truly have; what is wrong counts as nothing.
    shows: frozenset[str]
    # Headers that do not hang on the request.
    headers: tuple[tuple[str, str], ...] = ()
    # Access key and secret.
    signs: tuple[str, str] | None = None


@dataclass(frozen=True)
class Seen:
    status: int
    by: str
    code: str

    @property
    def is_let_in(self) -> bool:
        return self.by == "backend" or (self.by == "apigateway" and self.code in LET_IN)

    def __str__(self) -> str:
        return f"{self.status} by {self.by}{f' ({self.code})' if self.code else ''}"


ANYBODY = Caller("unsigned", frozenset())
STRANGERS = (
    ANYBODY,
    Caller("wrongly signed", frozenset(), signs=(PRINCIPAL[0], "another-secret")),
    Caller("wrong key", frozenset(), (("x-api-key", "0" * 40),)),
    Caller("wrong header", frozenset(), (("x-origin-verify", "guessed"),)),
)
ANOTHER = Caller("another principal", frozenset({oracle.SIGNATURE}), signs=PRINCIPAL)
# Signs with an account that no policy of the zoo names.
FOREIGNER = Caller("another account", frozenset({oracle.FOREIGN_SIGNATURE}), signs=FOREIGN)


def viewers(case: Case) -> list[Caller]:
    """Who calls this API: anybody, and its own users and customers."""
    token = [("Authorization", f"Bearer {case.tokens[0]}")] if case.tokens else []
    key = [("x-api-key", case.keys[0])] if case.keys else []
    found = [ANYBODY]
    if token:
        found.append(Caller("a user", frozenset({oracle.TOKEN}), tuple(token)))
    if key:
        found.append(Caller("a customer", frozenset({oracle.KEY}), tuple(key)))
    if token and key:
        found.append(Caller("a user who is a customer", frozenset({oracle.TOKEN, oracle.KEY}), (*token, *key)))
    return found


def probing(case: Case) -> Caller:
    """A probe: it shows what its team gave it."""
    header = case.spec.get("access", {}).get("probe", {}).get("header")
    token = ((header, f"Bearer {case.tokens[0]}"),) if header and case.tokens else ()
    return Caller("a probe", frozenset({oracle.TOKEN} if token else ()), token)


@dataclass(frozen=True)
class Place:
    """Where a stage is asked for."""

    host: str
    # Before the path of each of its methods.
    prefix: str
    headers: tuple[tuple[str, str], ...] = ()


def past(case: Case, stage: str) -> Place:
    """The stage at the API's own address."""
    return Place(case.host, "" if stage == "$default" else f"/{stage}")


def through(case: Case, host: str) -> Place:
    """The declared stage behind the perimeter, whose name is `host`."""
    return Place(host, "" if case.spec["origin"].get("path") else past(case, case.stage).prefix)


def named(case: Case, stage: str) -> list[Place]:
    """The stage at its custom domain names: viewers go on asking for the same, whoever answers there."""
    found = []
    for domain in case.api.get("domainNames", []):
        if domain["stage"] != stage:
            continue
        conditions = domain.get("routingRule", {}).get("conditions", [])
        headers = [header for condition in conditions for header in condition.get("matchHeaders", {}).get("anyOf", [])[:1]]
        base = f"/{domain['basePath']}" if domain.get("basePath") else ""
        found.append(Place(domain["domainName"], base, tuple((header["header"], header["valueGlob"]) for header in headers)))
    return found


class Line:
    """Connections to the emulated AWS, one a thread."""

    def __init__(self, endpoint: str) -> None:
        self.address = endpoint.removeprefix("http://")
        self.local = threading.local()
        self.pool = ThreadPoolExecutor(AT_ONCE)

    def all(self, case: Case, place: Place, asked: Iterable[tuple[Door, Caller]]) -> dict[tuple[Door, Caller], Seen]:
        asked = list(asked)
        return dict(zip(asked, self.pool.map(lambda one: self.ask(case, place, *one), asked), strict=True))

    def ask(self, case: Case, place: Place, door: Door, caller: Caller) -> Seen:
        return self.get(case, place, door.method, f"{place.prefix}{door.path}" or "/", caller, "yes" if door.is_canary else "no")

    def get(self, case: Case, place: Place, method: str, path: str, caller: Caller, canary: str = "no") -> Seen:
        body = b"{}" if method in ("POST", "PUT", "PATCH") else b""
        headers = {"Host": place.host, "x-emulated-tell": "yes", "x-emulated-canary": canary, **dict(place.headers), **dict(caller.headers)}
        if case.protocol == "WEBSOCKET":
            headers |= HANDSHAKE
        if caller.signs:
            headers |= _signature(caller.signs, place.host, method, path, body)
        return self._send(method, path, headers, body)

    def _send(self, method: str, path: str, headers: dict[str, str], body: bytes) -> Seen:
        connection = getattr(self.local, "connection", None) or http.client.HTTPConnection(self.address, timeout=60)
        self.local.connection = connection
        connection.request(method, path, body=body or None, headers=headers)
        answer = connection.getresponse()
        if answer.status == 101:
            connection.close()
        else:
            answer.read()
        return Seen(answer.status, answer.getheader("x-emulated-by", "?"), answer.getheader("x-emulated-code", ""))


def _signature(signs: tuple[str, str], host: str, method: str, path: str, body: bytes) -> dict[str, str]:
    request = AWSRequest(method=method, url=f"https://{host}{path}", data=body, headers={"Host": host})
    SigV4Auth(Credentials(*signs), "execute-api", REGION).add_auth(request)
    return {name: value for name, value in request.headers.items() if name.lower() != "host"}
