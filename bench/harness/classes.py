"""A class: what a plan of it costs, and that its change reaches a few objects at a time."""

from __future__ import annotations

import json
import time
from collections import Counter
from pathlib import Path
from typing import Any

from .emulator import Calls, alone
from .kubernetes import GROUP, Json, Kubernetes, wait
from .processes import Controller, Failed, say
from .report import Report, table
from .resync import POLL_SECONDS, QUIET_SECONDS, RESYNC_SECONDS, looked_at, passes
from .world import NAMESPACE, QUICK, RAISED, World, world

# A plan of a class may cost so many calls more than a resync.
MOST_CALLS = 40
AT_A_TIME = 20
CLASS = "public"


def measure(report: Report, binary: Path, sizes: list[int]) -> None:
    for n in sizes:
        of_class(report, binary, n)


def of_class(report: Report, binary: Path, n: int) -> None:
    say(f"a class: {n} objects, made without quotas and delays")
    limits = dict.fromkeys(("distributions", "lambdaAssociations", "webAcls", "ipSets", "functions", "roles"), 2 * n + 100)
    with world(binary, n, {**QUICK, "limits": limits}) as here:
        api = here.kubernetes
        api.call("POST", f"{GROUP}/perimeterclasses", json.dumps(manifest("PriceClass_100")))
        options = ("--resync", f"{RESYNC_SECONDS}s", "--deployment-poll", "2s", "--tenancy", "Open", "--aws-budget", RAISED)
        with here.controller(*options) as controller:
            here.create(n, lambda i: {**alone(i), "className": CLASS})
            here.wait_until_ready(n, 120 + 2 * n, controller)
            here.emulator.wait_until_quiet(QUIET_SECONDS, 120)
        # What was written is read once in full when lists must have caught up with it, a minute later: that is no resync, and whether
        # the plan was asked for before or after it depends on this machine. A controller that has just begun reads it at once.
        with here.controller(*options) as controller:
            looked_at(here, controller, n)
            here.emulator.calls()
            resync = one_round(here, controller, n)
            if resync.own():
                raise Failed(f"a resync without a plan asks of single objects: {in_words(resync.by_operation())}")
            began = time.monotonic()
            told = planned(api, manifest("PriceClass_200")["spec"])
            took = time.monotonic() - began
            compared(report, n, resync, one_round(here, controller, n))
            report.add("plan of a class, seconds", n, took, digits=2, note=f"{told['changed']} of {told['objects']} objects change")
            rolled_out(report, api, n)


def one_round(here: World, controller: Controller, n: int) -> Calls:
    """The calls until each object was looked at once more."""
    counted = passes(controller)
    wait("a resync", 120 + 2 * RESYNC_SECONDS, lambda: passes(controller) >= counted + n, POLL_SECONDS)
    here.emulator.wait_until_quiet(QUIET_SECONDS, 120)
    return here.emulator.calls()


def compared(report: Report, n: int, resync: Calls, planned: Calls) -> None:
    """What the round with the plan called more than the one without, operation by operation: what it called less makes up for nothing."""
    without, with_plan = resync.by_operation(), planned.by_operation()
    more = with_plan - without
    note = in_words(more) or f"{len(planned.entries)} with the plan, {len(resync.entries)} without"
    report.add("plan of a class, calls more than a resync", n, more.total(), MOST_CALLS, note=note)
    rows = [[operation, str(without[operation]), str(with_plan[operation]), str(more[operation])] for operation in sorted(without | with_plan)]
    report.details.append((f"Calls: the plan of a class of {n} objects", table(["AWS call", "a resync", "with the plan", "more"], rows)))


def in_words(calls: Counter[str]) -> str:
    return ", ".join(f"{count} {operation}" for operation, count in calls.most_common())


def rolled_out(report: Report, api: Kubernetes, n: int) -> None:
    """The class is changed; how many objects are on the way is looked at until all have moved."""
    revision = rollout(api)["revision"]
    began, most = time.monotonic(), 0
    patch = json.dumps({"spec": manifest("PriceClass_200")["spec"]})
    api.call("PATCH", f"{GROUP}/perimeterclasses/{CLASS}", patch, "application/merge-patch+json")

    def is_complete() -> bool:
        nonlocal most
        found = rollout(api)
        most = max(most, len(found.get("moving", [])))
        return found["revision"] != revision and found["state"] == "Complete"

    wait("the rollout", 300 + 5 * n, is_complete, 0.5)
    report.add("rollout, objects on the way at most", n, most, AT_A_TIME)
    report.add("rollout, seconds", n, time.monotonic() - began, digits=1, note=f"{AT_A_TIME} at a time, without a pause")


def rollout(api: Kubernetes) -> Json:
    found: Json = api.call("GET", f"{GROUP}/perimeterclasses/{CLASS}")["status"]["rollout"]
    return found


def planned(api: Kubernetes, spec: dict[str, Any]) -> Json:
    path = f"{GROUP}/namespaces/{NAMESPACE}/perimeterplans"
    plan = {
        "apiVersion": "palisade.dev/v1alpha1",
        "kind": "PerimeterPlan",
        "metadata": {"name": "of-the-class"},
        "spec": {"class": {"name": CLASS, "spec": spec}},
    }
    api.call("POST", path, json.dumps(plan))

    def answer() -> Json | None:
        found: Json | None = api.call("GET", f"{path}/of-the-class").get("status", {}).get("classPlan")
        return found

    wait("the plan", 60, lambda: answer() is not None, 0.1)
    return answer() or {}


def manifest(price_class: str) -> dict[str, Any]:
    return {
        "apiVersion": "palisade.dev/v1alpha1",
        "kind": "PerimeterClass",
        "metadata": {"name": CLASS},
        "spec": {
            "defaults": {"distribution": {"priceClass": price_class}},
            "rollout": {"maxUnavailable": AT_A_TIME, "pause": "0s"},
        },
    }
