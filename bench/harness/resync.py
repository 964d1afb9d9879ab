"""Objects in order, looked at again and again: what that costs, and how much memory they take."""

from __future__ import annotations

import time
from pathlib import Path

from .floors import Delays
from .kubernetes import wait
from .processes import Controller, say
from .report import Report
from .world import QUICK, RAISED, World, world

RESYNC_SECONDS = 30
ROUNDS = 3
QUIET_SECONDS = 4
MAX_CPU_SECONDS, MAX_MEMORY = 1.0, 60.0


def max_calls(n: int) -> float:
    return 12 + n / 10


def measure(report: Report, binary: Path, sizes: list[int], delays: Delays, parts: set[str]) -> None:
    if "memory" in parts:
        without_objects(report, binary)
    for n in sizes:
        say(f"resync and memory: {n} objects, made without quotas and delays")
        limits = dict.fromkeys(("distributions", "lambdaAssociations", "webAcls", "ipSets", "functions", "roles"), 2 * n + 100)
        with world(binary, n, {**QUICK, "limits": limits}) as here:
            made(report, here, n, parts)
            here.emulator.set({**delays.settings(), "enforceQuotas": True})
            with here.controller("--resync", f"{RESYNC_SECONDS}s") as controller:
                again(report, here, controller, n, parts)


def without_objects(report: Report, binary: Path) -> None:
    say("memory: no object")
    with world(binary, 0, QUICK) as here, here.controller() as controller:
        time.sleep(10)
        resident, peak = controller.memory()
        report.add("memory, MB", 0, resident, digits=1, note=f"peak {peak:.1f}")


def made(report: Report, here: World, n: int, parts: set[str]) -> None:
    with here.controller("--deployment-poll", "2s", "--aws-budget", RAISED) as controller:
        began, cpu = here.create(n), controller.cpu_seconds()
        here.wait_until_ready(n, 120 + 2 * n, controller)
        say(f"  made in {here.watch.last_ready() - began:.0f} s")
        here.emulator.wait_until_quiet(3, 120)
        # What follows counts from here.
        here.emulator.calls()
        resident, peak = controller.memory()
        if "memory" in parts:
            note = f"peak {peak:.1f}; after making all at once, {(controller.cpu_seconds() - cpu) / n * 1000:.0f} ms CPU an object"
            report.add("memory after creation, MB", n, resident, MAX_MEMORY, 1, note)


def again(report: Report, here: World, controller: Controller, n: int, parts: set[str]) -> None:
    """A controller that finds all in order at its start, then resyncs a few times."""
    wait("a first pass over each object", 300, lambda: passes(controller) >= n)
    here.emulator.wait_until_quiet(QUIET_SECONDS, 120)
    first, cpu = here.emulator.calls(), controller.cpu_seconds()
    if "resync" in parts:
        report.add("restart, calls", n, len(first.entries), note=f"{first.shared()} of them lists, {first.writes()} writes")
        report.add("restart, CPU seconds", n, cpu, digits=2)
        report.add_calls(f"Calls: restart with {n} objects", n, first.by_operation())
    counted, written = passes(controller), here.watch.status_writes
    say(f"  {ROUNDS} resyncs, one every {RESYNC_SECONDS} s")
    wait("the resyncs", 120 + 2 * ROUNDS * RESYNC_SECONDS, lambda: passes(controller) >= counted + ROUNDS * n)
    here.emulator.wait_until_quiet(QUIET_SECONDS, 120)
    calls, cpu = here.emulator.calls(), controller.cpu_seconds() - cpu
    # No object has an IP set, so each round lists them by one call.
    rounds = calls.count("ListIPSets")
    resident, peak = controller.memory()
    if "resync" in parts:
        of_each = f"{(passes(controller) - counted) / rounds / n:.2f} passes an object and round, {rounds} rounds"
        report.add("resync, calls", n, len(calls.entries) / rounds, max_calls(n), 1, f"{calls.shared() / rounds:.1f} of them lists")
        report.add("resync, writes to AWS", n, calls.writes() / rounds, 0)
        report.add("resync, status writes", n, (here.watch.status_writes - written) / rounds, 0)
        report.add("resync, CPU seconds", n, cpu / rounds, MAX_CPU_SECONDS if n >= 1000 else None, 3, of_each)
        report.add("resync, seconds", n, duration(calls.entries, rounds), digits=1, note="from its first list call to its last, within the quotas")
        report.add_calls(f"Calls: {rounds} resyncs of {n} objects", n, calls.by_operation())
    if "memory" in parts:
        report.add("memory, MB", n, resident, MAX_MEMORY, 1, f"peak {peak:.1f}; after a restart and {rounds + 1} resyncs")


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
