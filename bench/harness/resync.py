"""Objects in order, looked at again and again: what that costs, and how much memory they take."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from .emulator import alone, minimal
from .floors import Delays
from .kubernetes import wait
from .processes import Controller, say
from .report import Report
from .world import QUICK, RAISED, World, world

RESYNC_SECONDS = 30
ROUNDS = 3
QUIET_SECONDS = 4
# Each look asks the controller for its metrics, and that costs it time as well.
POLL_SECONDS = 3
MAX_CPU_SECONDS, MAX_MEMORY = 1.0, 60.0
LOCKED_OBJECTS = 100


def max_calls(n: int) -> float:
    return 12 + n / 10


@dataclass(frozen=True)
class Scenario:
    """Objects in order."""

    name: str
    spec: Callable[[int], dict[str, Any]]
    n: int
    parts: set[str]


def measure(report: Report, binary: Path, sizes: list[int], delays: Delays, parts: set[str]) -> None:
    if "memory" in parts:
        without_objects(report, binary)
    for n in sizes:
        in_order(report, binary, Scenario("resync", alone, n, parts), delays)
    if "resync" in parts:
        # Each probe runs the signing function in Node, so that more objects measure this machine.
        in_order(report, binary, Scenario("resync with lock and probes", minimal, LOCKED_OBJECTS, {"resync"}), delays)


def in_order(report: Report, binary: Path, scenario: Scenario, delays: Delays) -> None:
    n = scenario.n
    say(f"{scenario.name}, and memory: {n} objects, made without quotas and delays")
    limits = dict.fromkeys(("distributions", "lambdaAssociations", "webAcls", "ipSets", "functions", "roles"), 2 * n + 100)
    with world(binary, n, {**QUICK, "limits": limits}) as here:
        made(report, here, scenario)
        here.emulator.set({**delays.settings(), "enforceQuotas": True})
        with here.controller("--resync", f"{RESYNC_SECONDS}s") as controller:
            # Each web ACL is read once after it was last written.
            looked_at(here, controller, n)
        here.emulator.calls()
        with here.controller("--resync", f"{RESYNC_SECONDS}s") as controller:
            again(report, here, controller, scenario)


def without_objects(report: Report, binary: Path) -> None:
    say("memory: no object")
    with world(binary, 0, QUICK) as here, here.controller() as controller:
        time.sleep(10)
        resident, peak = controller.memory()
        report.add("memory, MB", 0, resident, digits=1, note=f"peak {peak:.1f}")


def made(report: Report, here: World, scenario: Scenario) -> None:
    n = scenario.n
    with here.controller("--deployment-poll", "2s", "--aws-budget", RAISED) as controller:
        began, cpu = here.create(n, scenario.spec), controller.cpu_seconds()
        here.wait_until_ready(n, 120 + 2 * n, controller)
        say(f"  made in {here.watch.last_ready() - began:.0f} s")
        here.emulator.wait_until_quiet(3, 120)
        # What follows counts from here.
        here.emulator.calls()
        resident, peak = controller.memory()
        if "memory" in scenario.parts:
            note = f"peak {peak:.1f}; after making all at once, {(controller.cpu_seconds() - cpu) / n * 1000:.0f} ms CPU an object"
            report.add("memory after creation, MB", n, resident, MAX_MEMORY, 1, note)


def again(report: Report, here: World, controller: Controller, scenario: Scenario) -> None:
    """A controller that finds all in order at its start, then resyncs a few times."""
    what, n, parts = scenario.name, scenario.n, scenario.parts
    looked_at(here, controller, n)
    first, cpu = here.emulator.calls(), controller.cpu_seconds()
    if "resync" in parts:
        report.add(f"restart, {what}, calls", n, len(first.entries), note=f"{first.shared()} of them lists, {first.writes()} writes")
        report.add(f"restart, {what}, CPU seconds", n, cpu, digits=2)
        report.add_calls(f"Calls: restart, {what}, {n} objects", n, first.by_operation())
    counted, written = passes(controller), here.watch.status_writes
    say(f"  {ROUNDS} resyncs, one every {RESYNC_SECONDS} s")
    wait("the resyncs", 120 + 2 * ROUNDS * RESYNC_SECONDS, lambda: passes(controller) >= counted + ROUNDS * n, POLL_SECONDS)
    here.emulator.wait_until_quiet(QUIET_SECONDS, 120)
    calls, cpu = here.emulator.calls(), controller.cpu_seconds() - cpu
    # No object has an IP set, so each round lists them by one call.
    rounds = calls.count("ListIPSets")
    resident, peak = controller.memory()
    if "resync" in parts:
        of_each = f"{(passes(controller) - counted) / rounds / n:.2f} passes an object and round, {rounds} rounds"
        report.add(f"{what}, calls", n, len(calls.entries) / rounds, max_calls(n), 1, f"{calls.shared() / rounds:.1f} of them lists")
        report.add(f"{what}, writes to AWS", n, calls.writes() / rounds, 0)
        report.add(f"{what}, status writes", n, (here.watch.status_writes - written) / rounds, 0)
        report.add(f"{what}, CPU seconds", n, cpu / rounds, MAX_CPU_SECONDS if n >= 1000 else None, 3, of_each)
        report.add(f"{what}, seconds", n, duration(calls.entries, rounds), digits=1, note="from its first list call to its last, within the quotas")
        report.add_calls(f"Calls: {rounds} rounds of {what}, {n} objects", n, calls.by_operation())
    if "memory" in parts:
        report.add("memory, MB", n, resident, MAX_MEMORY, 1, f"peak {peak:.1f}; after a restart and {rounds + 1} resyncs")


def looked_at(here: World, controller: Controller, n: int) -> None:
    wait("a first pass over each object", 300, lambda: passes(controller) >= n)
    here.emulator.wait_until_quiet(QUIET_SECONDS, 120)


def passes(controller: Controller) -> float:
    return controller.metric("palisade_reconciles_total")


def duration(entries: list[dict[str, float]], rounds: int) -> float:
    """Mean length of the bursts of calls."""
    length, start, last = 0.0, entries[0]["at"], entries[0]["at"]
    for entry in entries[1:]:
        if entry["at"] - last > QUIET_SECONDS:
            length, start = length + last - start, entry["at"]
        last = entry["at"]
    return (length + last - start) / rounds
