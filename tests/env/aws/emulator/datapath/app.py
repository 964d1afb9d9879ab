"""The application for hosts of the data path."""

from __future__ import annotations

import ipaddress
import re
import time
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from .edge import Edge
from .gateway import Gateway
from .messages import Answer, Request, phrase, request_of
from .node import Runtime

if TYPE_CHECKING:
    from ..world import World

EDGE_HOST = re.compile(r"[a-z0-9-]+\.cloudfront\.net")
API_HOST = re.compile(r"[a-z0-9-]+\.execute-api\.[a-z0-9-]+\.amazonaws\.com")


class DataPath:
    def __init__(self, world: World) -> None:
        self.world = world
        self.runtime = Runtime()
        self.gateway = Gateway(world, self.runtime)
        self.edge = Edge(world, self.runtime, self._origin)

    def takes(self, environ: dict[str, Any]) -> bool:
        """Names of CloudFront and API Gateway, and names that could be an alias: not those under which AWS's own APIs are called here."""
        host = environ.get("HTTP_HOST", "").partition(":")[0].lower()
        if EDGE_HOST.fullmatch(host) or API_HOST.fullmatch(host):
            return True
        if "." not in host or host.endswith(".amazonaws.com") or _is_address(host):
            return False
        with self.world.lock:
            if self.edge.find(host):
                return True
        called = "/_emulator" in environ["RAW_URI"][:10] or "AWS4-HMAC-SHA256" in environ.get("HTTP_AUTHORIZATION", "")
        return not called

    def __call__(self, environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        request = request_of(environ)
        latency = float(self.world.settings["dataPathLatency"])
        if latency > 0:
            time.sleep(latency)
        if API_HOST.fullmatch(request.host):
            answer = self.gateway.answer(request)
        else:
            answer = self.edge.answer(request)
        with self.world.lock:
            self.world.requests.note(request, answer)
        start_response(f"{answer.status} {phrase(answer.status)}", answer.headers)
        return [answer.body]

    def close(self) -> None:
        self.runtime.close()

    def _origin(self, request: Request) -> Answer | None:
        """An origin's answer; nothing is at any other host."""
        return self.gateway.answer(request) if API_HOST.fullmatch(request.host) else None


def _is_address(host: str) -> bool:
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True
