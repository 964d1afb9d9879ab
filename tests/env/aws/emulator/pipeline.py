"""What happens to each request: recognised, delayed, counted, perhaps refused, performed, written down."""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterable
from http import HTTPStatus
from typing import Any

from . import control, moto_side
from .core import paging, protocols, shapes
from .core.answers import Answer, AwsError, ConnectionDropped, as_json, render
from .core.call import Call, recognise
from .core.faults import Fault, throttled
from .core.operations import CHECKS, FOLLOW_UPS, HANDLERS
from .datapath.app import DataPath
from .world import World

StartResponse = Callable[..., Any]

# moto knows nothing of what is in these services here: an operation that we lack must not look like an empty account.
OURS = {
    "cloudfront", "wafv2", "lambda", "resourcegroupstaggingapi", "apigateway", "apigatewayv2", "shield", "route53", "cloudwatch", "acm", "s3",
    "pricing-plan-manager",
}  # fmt: skip
# Services whose calls are read into documents before anything else looks at them.
READ = {"route53", "cloudwatch"}


class Pipeline:
    def __init__(self, world: World) -> None:
        self.world = world
        # Applications for hosts of their own; the first that takes a request answers it.
        self.hosts = [DataPath(world)]

    def __call__(self, environ: dict[str, Any], start_response: StartResponse) -> Iterable[bytes]:
        for app in self.hosts:
            # Over TLS there is nothing else.
            if "emulator.tls" in environ or app.takes(environ):
                return app(environ, start_response)
        answer = self.answer(environ)
        reason = HTTPStatus(answer.status).phrase if answer.status in HTTPStatus._value2member_map_ else "Unknown"
        headers = {**answer.headers, "Content-Length": str(len(answer.body))}
        start_response(f"{answer.status} {reason}", list(headers.items()))
        return [answer.body] if environ["REQUEST_METHOD"] != "HEAD" else []

    def close(self) -> None:
        for app in self.hosts:
            app.close()

    def answer(self, environ: dict[str, Any]) -> Answer:
        body = environ["wsgi.input"].read()
        raw_path, _, raw_query = (environ.get("RAW_URI") or environ["REQUEST_URI"]).partition("?")
        method = environ["REQUEST_METHOD"]
        if raw_path.startswith("/_emulator"):
            return control.answer(self.world, method, raw_path, raw_query, body)
        headers = {k[5:].replace("_", "-").lower(): v for k, v in environ.items() if k.startswith("HTTP_")}
        try:
            call = recognise(method, raw_path, raw_query, headers, body)
        except AwsError as error:
            return render(error, error.service)
        if call:
            return self.perform(call, environ)
        refusal = AwsError("MissingAuthenticationToken", "Request is missing Authentication Token", 403)
        return as_json({"message": refusal.message}, refusal.status)

    def perform(self, call: Call, environ: dict[str, Any]) -> Answer:
        with self.world.lock:
            world = self.world.acting(call.access_key)
            call.account = world.account
        latency = float(world.settings["latency"])
        if latency > 0:
            time.sleep(latency)
        with world.lock:
            struck = world.faults.strike(call)
        for fault in struck:
            if fault.kind == "delay":
                time.sleep(fault.seconds)
        with world.lock:
            kind = next((fault.kind for fault in struck), None)
            try:
                answer, code = self._perform(world, call, environ, struck), None
                if answer.status >= 400:
                    code = _code(answer)
            except AwsError as error:
                answer, code = render(error, call.service, call.protocol), error.code
            except ConnectionDropped:
                world.journal.note(call, 0, None, None, kind)
                raise
            world.journal.note(call, answer.status, code, answer.resource, kind)
        answer.headers.setdefault("x-amzn-RequestId", f"{world.journal.entries.last:08x}-0000-4000-8000-000000000000")
        if any(fault.kind == "lostAnswer" for fault in struck):
            raise ConnectionDropped
        return answer

    def _perform(self, world: World, call: Call, environ: dict[str, Any], struck: list[Fault]) -> Answer:
        world.quotas.spend(call)
        for fault in struck:
            if fault.kind == "lostRequest":
                raise ConnectionDropped
            if fault.kind == "throttle":
                raise throttled(call.service)
            if fault.kind == "error":
                raise AwsError(fault.code, fault.message, fault.status)
        truncated = paging.TRUNCATED.set(any(fault.kind == "truncatedList" for fault in struck))
        try:
            if call.service in READ or (call.service, call.operation) == ("sts", "AssumeRole"):
                call.params = protocols.read(call)
            shapes.check(call)
            world.access.admit(call)
            handler = HANDLERS.get((call.service, call.operation))
            if handler:
                return handler(world, call)
            if call.service in OURS:
                raise AwsError("NotImplemented", f"{call.service} {call.operation} is not emulated", 501)
            check = CHECKS.get((call.service, call.operation))
            if check:
                check(world, call)
            answer = moto_side.perform(call, environ, world.account)
            follow_up = FOLLOW_UPS.get((call.service, call.operation))
            if follow_up and answer.status < 300:
                follow_up(world, call, answer)
            return answer
        finally:
            paging.TRUNCATED.reset(truncated)


def _code(answer: Answer) -> str | None:
    """The error code in an answer that moto rendered."""
    found = re.search(rb"<Code>([^<]+)</Code>|\"__type\": ?\"([^\"]+)\"", answer.body)
    if found:
        return (found[1] or found[2]).decode().rpartition("#")[2]
    return next((v for k, v in answer.headers.items() if k.lower() == "x-amzn-errortype"), None)
