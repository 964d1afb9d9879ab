"""The application for hosts of the data path."""

from __future__ import annotations

import ipaddress
import re
import time
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from ..core.answers import ConnectionDropped
from . import names, origin
from .edge import Edge
from .gateway import Gateway
from .messages import Answer, Request, json_answer, phrase, request_of
from .node import Runtime

if TYPE_CHECKING:
    from ..acm.imports import Imported
    from ..apis.names import DomainName
    from ..world import World

EDGE_HOST = re.compile(r"[a-z0-9-]+\.cloudfront\.net")
API_HOST = re.compile(r"[a-z0-9-]+\.execute-api\.[a-z0-9-]+\.amazonaws\.com")


class DataPath:
    def __init__(self, world: World) -> None:
        self.world = world
        self.runtime = Runtime()
        # Those of each account, made when they are first asked for.
        self._made: dict[str, tuple[World, Edge, Gateway]] = {}

    def takes(self, environ: dict[str, Any]) -> bool:
        """Names of CloudFront and API Gateway, and names that could be an alias: not those under which AWS's own APIs are called here."""
        host = environ.get("HTTP_HOST", "").partition(":")[0].lower()
        if EDGE_HOST.fullmatch(host) or API_HOST.fullmatch(host):
            return True
        if "." not in host or host.endswith(".amazonaws.com") or _is_address(host):
            return False
        with self.world.lock:
            if any(self._of(world)[0].find(host) for world in self.world.everywhere()):
                return True
        called = "/_emulator" in environ["RAW_URI"][:10] or "AWS4-HMAC-SHA256" in environ.get("HTTP_AUTHORIZATION", "")
        return not called

    def __call__(self, environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        request = request_of(environ)
        latency = float(self.world.settings["dataPathLatency"])
        if latency > 0:
            time.sleep(latency)
        answer = self._answer(request)
        with self.world.lock:
            self.world.requests.note(request, answer)
        if request.is_told:
            answer.headers += [("x-emulated-by", answer.by), ("x-emulated-code", answer.code or "")]
        start_response(f"{answer.status} {phrase(answer.status)}", answer.headers)
        return [answer.body]

    def close(self) -> None:
        self.runtime.close()

    def _answer(self, request: Request) -> Answer:
        tls, settings = request.tls, self.world.settings
        if tls and tls.name and tls.name != request.host and not settings["otherHostServed"]:
            return json_answer(403, {"message": "Forbidden"}, code="ForbiddenException", headers=[("x-amzn-ErrorType", "ForbiddenException")])
        return self._gateway(request.host).answer(request) if API_HOST.fullmatch(request.host) else self._by_name(request)

    def _origin(self, request: Request, imported: Imported | None) -> Answer | None:
        """An origin's answer: an API's own endpoint, or a custom domain name that DNS leads to API Gateway. Nothing is at any other host."""
        if API_HOST.fullmatch(request.host):
            return self._gateway(request.host).answer(request)
        # At that address a handshake for a name that API Gateway does not have is shown a certificate of another one.
        asked = (request.header("host") or request.host).partition(":")[0].lower()
        with self.world.lock:
            known = {name: found for name in (request.host, asked) if (found := self._named(name))}
            is_there = request.host in known and names.is_led(*known[request.host])
        port = self.world.tls_port
        if not port or not is_there:
            return None
        if asked not in known:
            raise origin.Unreachable("the origin's certificate is not of the name that is asked for")
        return origin.call(port, self.world.authority, request, imported)

    def _named(self, host: str) -> tuple[World, DomainName] | None:
        """A custom domain name, whoever has it; the world's lock is held."""
        return next(((world, domain) for world in self.world.everywhere() if (domain := names.find(world, host))), None)

    def _of(self, world: World) -> tuple[Edge, Gateway]:
        known = self._made.get(world.account)
        if not known or known[0] is not world:
            known = world, Edge(world, self.runtime, self._origin), Gateway(world, self.runtime)
            self._made[world.account] = known
        return known[1:]

    def _by_name(self, request: Request) -> Answer:
        """DNS is taken to lead a custom domain name to API Gateway, until a distribution has the name."""
        with self.world.lock:
            _, domain = self._named(request.host) or (None, None)
            edge = self._edge(request.host)
            hidden = domain is not None and names.asks_for_certificate(self.world, domain)
        if edge or not domain:
            return (edge or self._of(self.world)[0]).answer(request)
        if hidden and not request.tls:
            # A name that asks for certificates speaks no plain HTTP.
            raise ConnectionDropped
        led = names.led(domain, request)
        if not led:
            return json_answer(403, {"message": "Forbidden"}, code="ForbiddenException")
        gateway = self._gateway(led.host)
        return gateway.refused(led) if request.tls and request.tls.refusal else gateway.answer(led)

    def _edge(self, host: str) -> Edge | None:
        """That of the account whose distribution answers for the host: an exact name before a wildcard, whoever has it. The world's lock is held."""
        found = [(found.wildcard(host), edge) for edge, _ in map(self._of, self.world.everywhere()) if (found := edge.find(host))]
        return min(found, key=lambda one: one[0])[1] if found else None

    def _gateway(self, host: str) -> Gateway:
        api_id, _, region, *_ = host.split(".")
        with self.world.lock:
            owner = next((world for world in self.world.everywhere() if (region, api_id) in world.apis.apis), self.world)
            return self._of(owner)[1]


def _is_address(host: str) -> bool:
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True
