#!/usr/bin/env python3
"""Puts a perimeter before every API of the zoo, in every mode, on the emulated AWS, and asks every method before and after.

    run.py path/to/palisade [--only PART-OF-A-FILE-NAME,…] [--share 1/2] [--patience SECONDS]

Everything runs on this machine. It fails where an API does not come to what its file says, where a viewer who was served is refused, where
anything answers past a perimeter that is called closed, and where an API of known.yaml does what it should.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "bench"))
sys.path.insert(0, str(Path(__file__).resolve().parent))

from harness.emulator import Emulator
from harness.processes import Controller
from harness.world import NAMESPACE, QUICK, RAISED, World, world
from keeper import judge
from keeper.callers import FOREIGN, PRINCIPAL, Line
from keeper.files import BUCKET, CERTIFICATE, REGION, ZONE, Case, File, read
from keeper.judge import Before, Problem

Json = dict[str, Any]
BUDGET = f"{RAISED},apigateway.api-keys=10000/s:1000,apigateway.update-usage-plan=10000/s:1000"
OPTIONS = ("--aws-budget", BUDGET, "--deployment-poll", "2s", "--resync", "1h", "--sweep", "1h", "--tenancy", "Open")
# More objects than an account may have.
LIMITS = dict.fromkeys(("webAcls", "ipSets", "distributions", "lambdaAssociations", "functions", "roles", "usagePlans"), 2000)
SETTINGS = {**QUICK, "deploymentDelay": 0.5, "replicaRetention": 0, "authorizerCache": False, "limits": LIMITS}
# One that no policy of the zoo names.
ANOTHER_ACCOUNT = "444455556666"
# What is known is given this much longer than all others take.
KNOWN = 5
# So many that are waited for are named.
FEW = 5


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("palisade", type=Path)
    parser.add_argument("--only", default="", help="parts of files' names, which commas separate")
    parser.add_argument("--share", default="1/1", type=share, metavar="N/SHARES", help="only the n-th of so many shares of the files")
    patience = "seconds without any API that comes to what its file says, after which the rest is given up"
    # A lock that no probe can prove counts after two minutes, and others use the processors, too.
    parser.add_argument("--patience", type=float, default=600, help=patience)
    parser.add_argument("--known", action="store_true", help="say of what known.yaml lists what is wrong with it")
    options = parser.parse_args()
    files = read(options.only, options.share)
    cases = [case for file in files for case in file.cases]
    say(f"{len(files)} APIs, {len(cases)} objects")
    with world(options.palisade, 0, SETTINGS) as found, found.controller(*OPTIONS) as controller:
        problems = visit(found, controller, files, options.patience)
        slow = found.folder / "controller-1.log"
        return report(cases, problems, options.known, str(slow.read_text()[-4000:]) if options.only else "")


def share(given: str) -> tuple[int, int]:
    nth, _, shares = given.partition("/")
    if not 1 <= int(nth) <= int(shares):
        raise argparse.ArgumentTypeError(f"{given} is no share, as 1/2 is")
    return int(nth), int(shares)


def visit(found: World, controller: Controller, files: list[File], patience: float) -> dict[str, list[Problem]]:
    emulator, line = found.emulator, Line(found.emulator.endpoint)
    cases = [case for file in files for case in file.cases]
    problems: dict[str, list[Problem]] = {case.name: [] for case in cases}
    policy = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": ["execute-api:Invoke", "lambda:InvokeFunction"], "Resource": "*"}]}
    principal = {"name": "principal", "accessKeyId": PRINCIPAL[0], "secretAccessKey": PRINCIPAL[1], "policyDocument": policy}
    foreigner = {**principal, "name": "foreigner", "accessKeyId": FOREIGN[0], "secretAccessKey": FOREIGN[1]}
    accounts = [{"id": ANOTHER_ACCOUNT, "users": [foreigner]}]
    certificate = {"domain": "*.api.example.com", "arn": CERTIFICATE}
    of_mutual_tls = {"hostedZones": [{"id": ZONE[0], "name": ZONE[1]}], "buckets": [{"name": BUCKET, "region": REGION}]}
    emulator.control(
        "POST", "seed", {"users": [principal], "apis": [case.api for case in cases], "accounts": accounts, "certificates": [certificate], **of_mutual_tls}
    )
    tokens = {token: f"Bearer {token}" for case in cases for token in case.tokens}
    # What probes of APIs with authorizers show: a controller outside of the cluster may read it.
    secret = {"apiVersion": "v1", "kind": "Secret", "metadata": {"name": "probe"}, "stringData": tokens}
    found.kubernetes.call("POST", f"/api/v1/namespaces/{NAMESPACE}/secrets", json.dumps(secret))
    for case in cases:
        if case.edits:
            emulator.control("PATCH", place(case), case.edits)
    answered: dict[str, Before] = {}
    for file in files:
        # Its other cases are the same API.
        case = file.cases[0]
        answered[file.name], found_problems = judge.before(line, case, emulator.control("GET", place(case)))
        problems[case.name] += found_problems
    say("asked every method before")
    found.kubernetes.create_objects(NAMESPACE, {case.name: case.spec for case in cases})
    settle(found, controller, cases, problems, patience)
    say("asking every method after")
    for case in cases:
        problems[case.name] += judge_one(found, emulator, line, case, answered[case.file])
    return problems


def judge_one(found: World, emulator: Emulator, line: Line, case: Case, answered: Before) -> list[Problem]:
    with found.watch.lock:
        seen = found.watch.objects.get(case.name, {})
    api = emulator.control("GET", place(case))
    return [*judge.unlike(case, seen), *judge.after(line, case, api, seen, answered)]


def settle(found: World, controller: Controller, cases: list[Case], problems: dict[str, list[Problem]], patience: float) -> None:
    """Until all that should come to what they say have, and the known ones had their time. What is said too early is seen as well."""
    fewest, progressed, told, since = len(cases), time.monotonic(), 0.0, None
    unsaid = {case.name for case in cases}
    while True:
        controller.check()
        with found.watch.lock:
            objects = dict(found.watch.objects)
        waiting = [case for case in cases if not judge.is_settled(case, objects.get(case.name, {}))]
        for case in cases:
            if case.name in unsaid and judge.condition(objects.get(case.name, {}), "AccessRestricted")[0] == "True":
                unsaid.discard(case.name)
                problems[case.name] += judge.too_early(case, found.emulator.control("GET", place(case)))
        now = time.monotonic()
        if len(waiting) < fewest:
            fewest, progressed = len(waiting), now
        rest = [case for case in waiting if not case.known]
        if not rest:
            since = since or now
        if now - progressed > patience or (since and (not waiting or now - since > KNOWN)):
            return
        if now - told > 10:
            told = now
            # What was said once is looked at again.
            for case in cases:
                if case.name not in unsaid and judge.condition(objects.get(case.name, {}), "AccessRestricted")[0] == "True":
                    problems[case.name] += judge.too_early(case, found.emulator.control("GET", place(case)))
            few = f": {', '.join(case.name for case in waiting)}" if len(waiting) <= FEW else ""
            say(f"  {len(waiting)} of {len(cases)} are not as they should be yet{few}")
        time.sleep(0.5)


def report(cases: list[Case], problems: dict[str, list[Problem]], with_known: bool, log: str) -> int:
    failed = 0
    for case in cases:
        found = problems[case.name]
        if case.known and not found:
            failed += 1
            print(f"{case.file}, {case.mode}: is as it should be; take it out of known.yaml")
        failed += bool(found and not case.known)
        if found and (with_known or not case.known):
            for problem in found[:8]:
                print(f"{case.file}, {case.mode}: {problem.what}: {problem.method} {problem.way}: expected {problem.expected}; got {problem.got[:600]}")
            if len(found) > 8:
                print(f"{case.file}, {case.mode}: and {len(found) - 8} more")
    known = sum(bool(case.known) for case in cases)
    print(f"{len(cases) - failed} of {len(cases)} as expected, {known} of them known not to be right yet")
    if failed and log:
        print(log)
    return 1 if failed else 0


def place(case: Case) -> str:
    return f"apigateway/{REGION}/{case.api_id}"


def say(text: str) -> None:
    print(f"zoo {time.monotonic() - STARTED:6.0f} s  {text}", file=sys.stderr, flush=True)


STARTED = time.monotonic()

if __name__ == "__main__":
    sys.exit(main())
