"""Objects created at once, and one of them changed."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from . import floors
from .emulator import METHODS, Calls, minimal, observing, protected
from .floors import Delays
from .kubernetes import wait
from .processes import Controller, Failed, say
from .report import Report
from .world import NAMESPACE, World, world

MAX_CALLS, MAX_REPEATED_CREATES, MAX_RATIO, MAX_CHANGE_CALLS = 12, 5, 1.2, 4
# That the stage exists, what its methods ask for, eleven for the lock, and one a method.
MAX_LOCK_CALLS = 2 + 11 + len(METHODS)
# One field each; the last concerns the role, the function and the distribution.
CHANGES: dict[str, dict[str, Any]] = {
    "rate limit": {"webAcl": {"rateLimits": [{"name": "per-ip", "limit": 3000}]}},
    "price class": {"distribution": {"priceClass": "PriceClass_100"}},
    "signer's logs": {"access": {"sigV4": {"logs": True}}},
}


@dataclass(frozen=True)
class Scenario:
    """Objects created together."""

    name: str
    spec: Callable[[int], dict[str, Any]]
    delays: Delays
    cloudfront: floors.Writes = floors.CLOUDFRONT
    settings: dict[str, Any] = field(default_factory=dict)
    options: tuple[str, ...] = ()
    locks: bool = False
    protects: bool = False

    def floor(self, n: int) -> float:
        perimeters = floors.created(n, self.delays, self.cloudfront)
        if self.protects:
            return floors.protected(perimeters, self.delays)
        return floors.locked(perimeters) if self.locks else perimeters[-1]


def create(report: Report, binary: Path, sizes: list[int], delays: Delays) -> None:
    for n in sizes:
        measure(report, Scenario("create", observing, delays), binary, n)


def lock(report: Report, binary: Path, sizes: list[int], delays: Delays) -> None:
    for n in sizes:
        measure(report, Scenario("create and lock", minimal, delays, locks=True), binary, n)


def throttled(report: Report, binary: Path, sizes: list[int], delays: Delays) -> None:
    scenario = Scenario(
        "create at 3 CloudFront writes a minute",
        observing,
        delays,
        floors.three_a_minute(),
        {"cloudfrontWritesPerMinute": 3},
        ("--aws-budget", "cloudfront.write=3/m:1"),
    )
    for n in sizes:
        measure(report, scenario, binary, n)


def protect(report: Report, binary: Path, sizes: list[int], delays: Delays) -> None:
    scenario = Scenario("create and protect", protected, delays, settings={"shieldSubscription": True}, protects=True)
    for n in sizes:
        measure(report, scenario, binary, n)


def measure(report: Report, scenario: Scenario, binary: Path, n: int) -> None:
    what, floor, delays = scenario.name, scenario.floor(n), scenario.delays
    say(f"{what}: {n} objects; nobody can be faster than {floor:.0f} s")
    settings = {**delays.settings(), "enforceQuotas": True, **scenario.settings}
    with (
        world(binary, n, settings) as here,
        here.controller("--deployment-poll", delays.poll, *scenario.options) as controller,
    ):
        before, cpu = here.emulator.calls(), controller.cpu_seconds()
        report.details.append((f"At the controller's start, {what}, {n} objects", ", ".join(f"{k} {v}" for k, v in before.by_operation().items())))
        clock = time.time()
        began = here.create(n, scenario.spec)
        here.wait_until_ready(n, 120 + 3 * floor, controller)
        seconds = here.watch.last_ready() - began
        calls, cpu = here.emulator.calls(), controller.cpu_seconds() - cpu
        count(report, scenario, n, calls)
        report.add(f"{what}, floor in seconds", n, floor, digits=1, note=floor_of(scenario))
        report.add(f"{what}, seconds", n, seconds, digits=1)
        # Of few, the seconds between two looks at a role or a deployment are a large share.
        report.add(f"{what}, times the floor", n, seconds / floor, MAX_RATIO if n >= 50 else None, 2)
        report.add(f"{what}, throttled calls", n, calls.throttles())
        report.add(f"{what}, status writes an object", n, here.watch.status_writes / n, digits=1)
        report.add(f"{what}, CPU seconds", n, cpu, digits=2)
        report.add_calls(f"Calls: {what}, {n} objects", n, calls.by_operation())
        last = {name: calls.last(name) - clock for name in ("CreateRole", "CreateWebACL", "CreateFunction", "CreateDistributionWithTags", "CreateDeployment")}
        last = {name: at for name, at in last.items() if at > 0}
        report.details.append((f"The last one, seconds from the start: {what}, {n} objects", ", ".join(f"{k} {v:.1f}" for k, v in last.items())))
        refused(report, what, n, calls)


def count(report: Report, scenario: Scenario, n: int, calls: Calls) -> None:
    what, repeated, of_locks, of_shield = scenario.name, calls.repeated_creates(), calls.of_locks(), calls.of_shield()
    apart = repeated + of_locks + of_shield
    of_the_lock = f"{what}, calls an object {'to lock its API' if scenario.locks else 'to look at its API'}"
    report.add(f"{what}, calls", n, len(calls.entries), note=f"of them {calls.shared()} lists for all objects together")
    report.add(f"{what}, own calls an object", n, (calls.own() - apart) / n, MAX_CALLS, 2, "for the perimeter; without lists and repeated CreateFunction")
    # Few objects share the lists that await deployments with few.
    every = (len(calls.entries) - apart) / n
    report.add(
        f"{what}, calls an object", n, every, MAX_CALLS if n >= 50 else None, 2, "for the perimeter; lists shared by all; without repeated CreateFunction"
    )
    report.add(of_the_lock, n, of_locks / n, MAX_LOCK_CALLS, 2, f"{len(METHODS)} method; that the stage exists is asked as well")
    if scenario.protects:
        report.add(f"{what}, calls an object for Shield", n, of_shield / n, digits=2, note="lists shared by all among them")
    report.add(f"{what}, repeated CreateFunction an object", n, repeated / n, MAX_REPEATED_CREATES, 2)


def floor_of(scenario: Scenario) -> str:
    of_aws = "AWS's quotas and delays"
    if scenario.locks:
        of_aws += f"; CreateDeployment once in {floors.SECONDS_PER_API_DEPLOYMENT:g} s"
    if scenario.protects:
        of_aws += f"; CreateHealthCheck once in {floors.SECONDS_PER_HEALTH_CHECK:g} s"
    return of_aws


def refused(report: Report, what: str, n: int, calls: Calls) -> None:
    found: Counter[str] = calls.refusals()
    if found:
        report.details.append((f"Refused: {what}, {n} objects", ", ".join(f"{name} {count}" for name, count in found.items())))


def change(report: Report, binary: Path, delays: Delays) -> None:
    n = 10
    say(f"change: one field of one of {n} objects, {len(CHANGES)} times")
    settings = {**delays.settings(), "enforceQuotas": True}
    with world(binary, n, settings) as here, here.controller("--deployment-poll", delays.poll) as controller:
        here.create(n, minimal)
        here.wait_until_ready(n, 300, controller)
        for name, patch in CHANGES.items():
            here.emulator.wait_until_quiet(5, 120)
            here.emulator.calls()
            seconds = apply(here, controller, patch)
            here.emulator.wait_until_quiet(2, 60)
            calls = here.emulator.calls()
            limit = MAX_CHANGE_CALLS if name != "signer's logs" else None
            listed = f"and {calls.shared()} lists while it deploys" if calls.shared() else ""
            report.add(f"change of the {name}, calls", 1, calls.own(), limit, note=listed)
            report.add(f"change of the {name}, seconds", 1, seconds, digits=1)
            report.details.append((f"Calls: change of the {name}", ", ".join(f"{k} {v}" for k, v in calls.by_operation().items())))


def apply(here: World, controller: Controller, patch: dict[str, Any]) -> float:
    name, began = "api-0", time.monotonic()
    generation = here.kubernetes.patch(NAMESPACE, name, {"spec": patch})["metadata"]["generation"]

    def is_done() -> bool:
        controller.check()
        with here.watch.lock:
            found = here.watch.objects[name]
            return found["metadata"]["generation"] == generation and name in here.watch.ready_since

    try:
        wait("the change is made", 180, is_done, 0.05)
    except Failed as error:
        raise Failed(f"{error}: {patch}; {here.watch.unready()}") from None
    return here.watch.ready_since[name] - began
