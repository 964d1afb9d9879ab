"""A class: what a plan of it costs, and that its change reaches a few objects at a time."""

from __future__ import annotations

import json
import time
from pathlib import Path
from typing import Any

from .emulator import alone
from .kubernetes import GROUP, Json, Kubernetes, wait
from .processes import say
from .report import Report
from .world import NAMESPACE, QUICK, RAISED, world

RESYNC_SECONDS = 30
QUIET_SECONDS = 4
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
            here.emulator.calls()
            time.sleep(RESYNC_SECONDS)
            resync = here.emulator.calls().entries
            began = time.monotonic()
            told = planned(api, manifest("PriceClass_200")["spec"])
            took = time.monotonic() - began
            # As long as without a plan: what resyncs call is in both.
            time.sleep(max(0.0, RESYNC_SECONDS - took))
            calls = here.emulator.calls().entries
            report.add("plan of a class, calls more than a resync", n, max(0, len(calls) - len(resync)), MOST_CALLS)
            report.add("plan of a class, seconds", n, took, digits=2, note=f"{told['changed']} of {told['objects']} objects change")
            rolled_out(report, api, n)


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
