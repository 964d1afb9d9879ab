"""Thousands of objects at once, made and then all changed: how much memory the controller takes at any moment."""

from __future__ import annotations

import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from .emulator import minimal
from .floors import Delays
from .kubernetes import wait
from .processes import Controller, say
from .report import Report
from .world import NAMESPACE, QUICK, RAISED, World, world

# AWS's quotas let few of them be finished in that time: nearly all wait, each with what it holds.
WAITING_SECONDS = 120
MAX_MEBIBYTES = 200
MEBI = 1024 * 1024 / 1e6
# Another signer, other rules, another distribution: what an upgrade of the controller changes, and more.
CHANGE: dict[str, Any] = {
    "access": {"sigV4": {"logs": True}},
    "webAcl": {"rateLimits": [{"name": "per-ip", "limit": 3000}], "blockCidrs": ["192.0.2.0/24"]},
    "distribution": {"priceClass": "PriceClass_100"},
}


def locked(i: int) -> dict[str, Any]:
    """An object whose API is locked without probes: each runs the signing function in Node, which measures this machine."""
    return {**minimal(i), "access": {"cutOver": "AfterDeployed"}, "probes": "Disabled"}


def measure(report: Report, binary: Path, sizes: list[int], delays: Delays) -> None:
    for n in sizes:
        measure_one(report, binary, n, delays)


def measure_one(report: Report, binary: Path, n: int, delays: Delays) -> None:
    say(f"crowd: {n} objects made at once, then all changed at once")
    limits = dict.fromkeys(("distributions", "lambdaAssociations", "webAcls", "ipSets", "functions", "roles"), 2 * n + 100)
    by_quotas = {**delays.settings(), "enforceQuotas": True, "limits": limits}
    with world(binary, n, by_quotas) as here:
        waiting(report, here, delays, "creation", n, lambda: here.create(n, locked))
        finished(report, here, "creation", n)
        # A new version of the controller finds all of them to be changed.
        here.emulator.set({**delays.settings(), "enforceQuotas": True})
        change(here, n)
        waiting(report, here, delays, "upgrade", n, lambda: 0)
        finished(report, here, "upgrade", n)


def waiting(report: Report, here: World, delays: Delays, what: str, n: int, begin: Callable[[], object]) -> None:
    """As in life: AWS's quotas hold nearly all of them up."""
    with here.controller("--deployment-poll", delays.poll) as controller:
        begin()
        here.emulator.calls()
        end = time.monotonic() + WAITING_SECONDS
        while time.monotonic() < end:
            controller.check()
            time.sleep(1)
        note = f"in the first {WAITING_SECONDS} s, within AWS's quotas; {len(here.emulator.calls().entries)} calls"
        tell(report, controller, f"{what} of all at once, MiB at most", n, note)


def finished(report: Report, here: World, what: str, n: int) -> None:
    """As fast as this machine can: all are under way, and come to an end."""
    here.emulator.set(QUICK)
    with here.controller("--deployment-poll", "2s", "--aws-budget", RAISED) as controller:
        began = time.monotonic()
        here.wait_until_ready(n, 600 + 2 * n, controller)
        note = f"without quotas, until all are ready: {time.monotonic() - began:.0f} s, {controller.cpu_seconds():.0f} s CPU"
        tell(report, controller, f"{what} of all at once without quotas, MiB at most", n, note)


def change(here: World, n: int) -> None:
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda i: here.kubernetes.patch(NAMESPACE, f"api-{i}", {"spec": CHANGE}), range(n)))
    wait("the changes are seen", 120, lambda: here.watch.count_ready() == 0)


def tell(report: Report, controller: Controller, what: str, n: int, note: str) -> None:
    resident, peak = controller.memory()
    report.add(f"crowd, {what}", n, peak / MEBI, MAX_MEBIBYTES, 1, f"{resident / MEBI:.1f} at the end; {note}")
