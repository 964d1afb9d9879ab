"""One PerimeterPlan for an object that is there, and one for an object that is not: what each asks of AWS."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

from .emulator import minimal
from .floors import Delays
from .kubernetes import wait
from .processes import say
from .report import Report
from .world import NAMESPACE, QUICK, world

MAX_CALLS = 25
QUIET_SECONDS = 4
# Lists that are younger are used again.
FRESH_SECONDS = 61


def measure(report: Report, binary: Path, delays: Delays) -> None:
    say("plan: of a new object, and of one that stands")
    with world(binary, 2, QUICK) as here:
        here.emulator.set({**delays.settings(), "enforceQuotas": True})
        with here.controller("--deployment-poll", delays.poll) as controller:
            here.create(1, minimal)
            here.wait_until_ready(1, 300, controller)
            for what, i in (("of one that stands", 0), ("of a new one", 1)):
                time.sleep(FRESH_SECONDS)
                here.emulator.wait_until_quiet(QUIET_SECONDS, 120)
                here.emulator.calls()
                began = time.monotonic()
                here.kubernetes.ask(NAMESPACE, f"plan-{i}", {"objectName": f"api-{i}", "perimeter": minimal(i)})

                def answered(name: str = f"plan-{i}") -> bool:
                    controller.check()
                    return is_made(here.kubernetes.plan(NAMESPACE, name))

                wait(f"the plan {what}", 120, answered, 0.05)
                seconds = time.monotonic() - began
                calls = here.emulator.calls()
                report.add(f"plan {what}, calls", 1, len(calls.entries), MAX_CALLS, note=f"{calls.shared()} of them lists")
                report.add(f"plan {what}, writes to AWS", 1, calls.writes(), 0)
                report.add(f"plan {what}, seconds", 1, seconds, digits=1)
                report.add_calls(f"Calls: plan {what}", 1, calls.by_operation())


def is_made(plan: dict[str, Any]) -> bool:
    conditions = plan.get("status", {}).get("conditions", [])
    return any(c["type"] == "Planned" and c["status"] == "True" for c in conditions)
