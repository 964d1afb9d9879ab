"""Locks that the API refuses, all at once: for how long its viewers are refused."""

from __future__ import annotations

import statistics
import time
from dataclasses import dataclass
from pathlib import Path

from . import floors
from .emulator import REGION, STAGE, Apis, Calls, api_id
from .floors import Delays
from .processes import Failed, say
from .report import Report, table
from .world import world

MEDIAN, WORST = 5.0, 15.0
INVOKE = "execute-api:Invoke"
# Hardening that takes away what tells a refusal from an answer of the backend's: the error type.
NAMELESS = {
    "DEFAULT_4XX": {
        "responseParameters": {"gatewayresponse.header.x-amzn-ErrorType": "''"},
        "responseTemplates": {"application/json": '{"error":{"text":$context.error.messageString}}'},
    }
}


@dataclass(frozen=True)
class Variant:
    """APIs that are locked in one way."""

    name: str
    apis: Apis
    # Whether each lock takes a call a method and a deployment.
    deploys: bool = True


def measure(report: Report, binary: Path, sizes: list[int], methods: int, delays: Delays) -> None:
    paths = [f"GET /things/{k}" for k in range(methods)]
    for n in sizes:
        measure_one(report, binary, n, Variant("putback", Apis(methods=paths)), delays)
    few = max(1, min(sizes) // 5)
    stages = Variant("putback of one stage of three", Apis(methods=paths, stages=[STAGE, "test", "dev"]))
    nameless = Variant("putback where refusals name no error", Apis(methods=paths, gateway_responses=NAMELESS))
    by_itself = Variant("putback of HTTP APIs that deploy by themselves", Apis("HTTP", paths, ["$default"]), deploys=False)
    for variant in (stages, nameless, by_itself):
        measure_one(report, binary, few, variant, delays)


def measure_one(report: Report, binary: Path, n: int, variant: Variant, delays: Delays) -> None:
    what, methods = variant.name, len(variant.apis.methods)
    # Each method is locked by a call, and so it is opened again.
    of_calls = 2 * n * methods / floors.API_GATEWAY_CALLS_PER_SECOND + n * floors.SECONDS_PER_API_DEPLOYMENT
    seconds = of_calls if variant.deploys else floors.created(n, delays)[-1]
    say(f"{what}: {n} APIs of {methods} methods, Invoke denied by a service control policy; about {seconds / 60:.0f} minutes")
    settings = {**delays.settings(), "enforceQuotas": True, "deniedByOrganization": [INVOKE], "dataPathLatency": delays.latency}
    with world(binary, n, settings, variant.apis) as here, here.controller("--deployment-poll", delays.poll) as controller:
        here.create(n, variant.apis.spec)
        entries = here.emulator.calls().entries
        end, told = time.monotonic() + 120 + 3 * seconds, time.monotonic()
        while count(entries) < n:
            controller.check()
            if time.monotonic() > end:
                raise Failed(f"only {count(entries)} of {n} locks were put back")
            if time.monotonic() - told > 30:
                told = time.monotonic()
                say(f"  {count(entries)} of {n} put back")
            time.sleep(1)
            entries += here.emulator.calls().entries
    calls = Calls(entries)
    refused = windows(calls)
    floor = floors.refused(delays)
    note = f"{methods} methods an API in {REGION}; the quotas' floor is {floor:.2f} s"
    report.add(f"{what}, seconds for which viewers are refused, median", n, statistics.median(refused.values()), MEDIAN, 2, note)
    report.add(f"{what}, seconds for which viewers are refused, worst", n, max(refused.values()), WORST, 2, note)
    report.add(f"{what}, floor in seconds", n, floor, digits=2, note="a probe, and one call in its turn")
    report.add(f"{what}, throttled calls", n, calls.throttles())
    report.add_calls(f"Calls: {what}, {n} objects", n, calls.by_operation())
    rows = [[f"api-{i}", f"{refused[api_id(i)]:.2f}"] for i in range(n)]
    report.details.append((f"Seconds for which viewers of each API were refused: {what}, {n} objects", table(["API", "refused"], rows)))


def count(entries: list[dict[str, object]]) -> int:
    return len(windows(Calls(entries)))


def windows(calls: Calls) -> dict[str, float]:
    """The longest time for which viewers of each API met what was put back later: it is changed, then changed back."""
    found: dict[str, float] = {}
    for (api, _), at in calls.served().items():
        lengths = [end - begin for begin, end in zip(at[::2], at[1::2], strict=False)]
        if lengths:
            found[api] = max(found.get(api, 0.0), *lengths)
    return found
