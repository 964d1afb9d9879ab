"""Locks that the API refuses, all at once: for how long its viewers are refused."""

from __future__ import annotations

import statistics
import time
from pathlib import Path

from . import floors
from .emulator import REGION, Calls, api_id, minimal
from .floors import Delays
from .processes import Failed, say
from .report import Report, table
from .world import world

MEDIAN, WORST = 5.0, 15.0
INVOKE = "execute-api:Invoke"


def measure(report: Report, binary: Path, sizes: list[int], methods: int, delays: Delays) -> None:
    for n in sizes:
        measure_one(report, binary, n, methods, delays)


def measure_one(report: Report, binary: Path, n: int, methods: int, delays: Delays) -> None:
    # Each method is locked by a call, and so it is opened again.
    seconds = 2 * n * methods / floors.API_GATEWAY_CALLS_PER_SECOND + n * floors.SECONDS_PER_API_DEPLOYMENT
    say(f"putback: {n} APIs of {methods} methods, Invoke denied by a service control policy; about {seconds / 60:.0f} minutes")
    settings = {**delays.settings(), "enforceQuotas": True, "deniedByOrganization": [INVOKE], "dataPathLatency": delays.latency}
    paths = [f"GET /things/{k}" for k in range(methods)]
    with world(binary, n, settings, paths) as here, here.controller("--deployment-poll", delays.poll) as controller:
        here.create(n, minimal)
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
    report.add("putback, seconds for which viewers are refused, median", n, statistics.median(refused.values()), MEDIAN, 2, note)
    report.add("putback, seconds for which viewers are refused, worst", n, max(refused.values()), WORST, 2, note)
    report.add("putback, floor in seconds", n, floor, digits=2, note="a probe, and one call in its turn")
    report.add("putback, throttled calls", n, calls.throttles())
    report.add_calls(f"Calls: putback, {n} objects", n, calls.by_operation())
    rows = [[f"api-{i}", f"{refused[api_id(i)]:.2f}"] for i in range(n)]
    report.details.append((f"Seconds for which viewers of each API were refused: putback, {n} objects", table(["API", "refused"], rows)))


def count(entries: list[dict[str, object]]) -> int:
    return len(windows(Calls(entries)))


def windows(calls: Calls) -> dict[str, float]:
    """The longest time for which each API's stage served what was put back later: it is given one deployment, then the other."""
    found = {}
    for api, at in calls.served().items():
        pairs = list(zip(at[::2], at[1::2], strict=False))
        if pairs:
            found[api] = max(end - begin for begin, end in pairs)
    return found
