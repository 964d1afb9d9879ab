"""Objects under mutual TLS, created at once: API Gateway makes one custom domain name of an account in 30 s."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from . import floors
from .emulator import REGION, minimal
from .floors import Delays
from .processes import say
from .report import Report
from .world import world

MAX_RATIO = 1.1
ZONE, NAME, BUCKET = "Z0BENCH", "bench.example.net", "bench-truststores"
DOMAIN_WRITES = ("CreateDomainName", "UpdateDomainName")


def by_certificate(i: int) -> dict[str, Any]:
    """The spec of the smallest manifest, before API `i`, in this mode."""
    ground = {"hostedZoneId": ZONE, "originDomain": f"origin-{i}.{NAME}", "truststoreBucket": BUCKET}
    return {**minimal(i), "access": {"mode": "MutualTls", "mutualTls": ground}}


def measure(report: Report, binary: Path, sizes: list[int], delays: Delays) -> None:
    for n in sizes:
        measure_one(report, binary, n, delays)


def measure_one(report: Report, binary: Path, n: int, delays: Delays) -> None:
    what, floor = "mutual TLS", floors.by_domain_names(n, delays)
    say(f"{what}: {n} objects; nobody can be faster than {floor:.0f} s")
    settings = {**delays.settings(), "domainNameDelay": floors.DOMAIN_NAME_DELAY, "enforceQuotas": True}
    with world(binary, n, settings) as here:
        here.emulator.plant({"hostedZones": [{"id": ZONE, "name": NAME}], "buckets": [{"name": BUCKET, "region": REGION}]})
        with here.controller("--deployment-poll", delays.poll, over_tls=True) as controller:
            here.emulator.calls()
            began = here.create(n, by_certificate)
            here.wait_until_ready(n, 120 + 3 * floor, controller)
            seconds = here.watch.last_ready() - began
            calls = here.emulator.calls()
    note = f"a custom domain name in {floors.SECONDS_PER_DOMAIN_NAME:g} s, {floors.DOMAIN_NAME_DELAY:g} s until it is AVAILABLE, and CloudFront's deployment"
    report.add(f"{what}, floor in seconds", n, floor, digits=1, note=note)
    report.add(f"{what}, seconds", n, seconds, digits=1)
    report.add(f"{what}, times the floor", n, seconds / floor, MAX_RATIO, 2)
    report.add(f"{what}, own calls an object", n, calls.own() / n, digits=2, note="to build the way, to lock and to prove")
    report.add(f"{what}, changes of custom domain names an object", n, sum(map(calls.count, DOMAIN_WRITES)) / n, digits=2, note="refused ones counted")
    report.add(f"{what}, throttled calls", n, calls.throttles())
    report.add_calls(f"Calls: {what}, {n} objects", n, calls.by_operation())
