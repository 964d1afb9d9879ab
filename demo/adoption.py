"""The second act, make demo ACT=adopt: the stack of AWS's guide stands before an API, is taken over in place, and given back, while a viewer asks."""

from __future__ import annotations

import json
import subprocess
import urllib.request
from collections.abc import Callable
from typing import Any

from machine import CURRENT, Failed, Machine, say, served, shortened

ID, API, NAME = "E1ABCDEF2GHIJK", "a7b8c9d0e1.execute-api.eu-north-1.amazonaws.com", "adopted"


class Adoption:
    def __init__(self, machine: Machine, binary: str) -> None:
        self.machine, self.binary = machine, binary
        self.domain, self.before = "", ""

    def stand(self) -> None:
        """What CloudFormation has made of AWS's guide."""
        self.machine.seed("tests/env/aws/seeds/guide.json")
        found = self.distribution()
        self.domain, self.before = found["domainName"], self.configuration()
        for key, value in found["tags"].items():
            say(f"{key}: {value}")
        for text, host, expected in (("Through the perimeter:", self.domain, 200), ("Past it, without a signature:", API, 403)):
            say(text)
            status, body = self.machine.request(host, "/prod/pets")
            say(f"{status}  {shortened(body, 160)}")
            if status != expected:
                raise Failed(f"expected {expected}")

    def ask(self) -> None:
        """As a person who has no AWS credentials."""
        if CURRENT:
            self.machine.undo.append(lambda: self.machine.kubectl("delete", "namespace", "shop", "--ignore-not-found", "--timeout=120s"))
        self.machine.kubectl("apply", "-f", "deploy/examples/namespace.yaml", show=True)
        say(*self.plugin("adopt", ID, "--name", NAME).splitlines())

    def consent(self) -> None:
        say(*self.plugin("adopt", ID, "--name", NAME, "--let-go", "CloudFormation").splitlines())

    def apply(self) -> None:
        path = self.machine.folder / "adopted.yaml"
        path.write_text(self.plugin("adopt", ID, "--name", NAME, "--let-go", "CloudFormation", "-o", "yaml"))
        self.machine.kubectl("apply", "-f", str(path), show=True)
        found = self.until("Planned")
        for change in found.get("changes", []):
            say(f"{change['field']}: {change.get('from', 'nothing')} → {change.get('to', 'known later')} (viewers: {change['effect']})")
        if self.configuration() != self.before:
            raise Failed("something was written before it was confirmed")
        say(f"Nothing is written yet. The plan's hash is {found['hash']}")

    def confirm(self) -> None:
        patch = json.dumps({"spec": {"distribution": {"adopt": {"confirm": self.adoption()["hash"]}}}})
        with self.machine.viewer(self.domain, "/prod/pets") as answers:
            self.machine.kubectl("patch", "papi", NAME, "-n", "shop", "--type=merge", "-p", patch, show=True)
            found = self.until("Adopted")
            self.machine.kubectl("wait", f"papi/{NAME}", "-n", "shop", "--for=condition=Ready", "--timeout=120s", show=True)
        served(answers)
        for unused in found.get("noLongerUsed", []):
            say(f"no longer used: {unused['kind']} {unused['arn']}")
        self.machine.kubectl("get", "papi", "-n", "shop", "-o", "wide", show=True)

    def release(self) -> None:
        with self.machine.viewer(self.domain, "/prod/pets") as answers:
            say(*self.plugin("release", NAME, "--yes").splitlines())
            self.until("Released")
        served(answers)
        if self.configuration() != self.before:
            raise Failed("the distribution is not as it was")
        say("The distribution's configuration is as it was found, to the byte.")

    def plugin(self, *arguments: str) -> str:
        command = ["kubectl", *arguments, "-n", "shop"]
        say("$ kubectl palisade " + " ".join(command[1:]))
        done = subprocess.run([self.binary, *command], env=self.machine.kubectl_env, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False)
        if done.returncode != 0:
            raise Failed(f"kubectl palisade {' '.join(arguments)}: {done.stdout.strip()} {done.stderr.strip()}")
        return done.stdout

    def adoption(self) -> dict[str, Any]:
        found: dict[str, Any] = self.machine.objects()[NAME].get("status", {}).get("adoption", {})
        return found

    def until(self, state: str) -> dict[str, Any]:
        """Waits until the adoption is in this state."""
        told = ""
        for _ in self.machine.patiently(180, f"the adoption to be {state}"):
            found = self.adoption()
            if found.get("state") == state:
                return found
            if found.get("state") != told:
                told = found.get("state", "")
                say(f"… {told}")
        raise AssertionError("patiently() raises")

    def distribution(self) -> dict[str, Any]:
        return next(found for found in self.machine.everything() if found["id"] == ID)

    def configuration(self) -> str:
        """CloudFront's document, as somebody with a key of the account reads it."""
        scope = "Credential=demo/20260101/us-east-1/cloudfront/aws4_request, SignedHeaders=host, Signature=0"
        request = urllib.request.Request(f"{self.machine.aws}/2020-05-31/distribution/{ID}/config", headers={"Authorization": f"AWS4-HMAC-SHA256 {scope}"})
        with urllib.request.build_opener(urllib.request.ProxyHandler({})).open(request, timeout=10) as answer:
            text: str = answer.read().decode()
        return text


def steps(machine: Machine, binary: str) -> list[tuple[str, Callable[[], None]]]:
    act = Adoption(machine, binary)
    return [
        ("The stack of AWS's guide stands before an API: CloudFormation made it, and viewers use it", act.stand),
        ("Ask for the manifest that takes its distribution over. The controller reads; nothing is written", act.ask),
        ("CloudFormation keeps the distribution from now on (DeletionPolicy: Retain). Ask again with that consent, and see the plan", act.consent),
        ("Apply it. The object waits, with its plan", act.apply),
        ("Confirm the plan, while a viewer keeps asking", act.confirm),
        ("Give the distribution back, while a viewer keeps asking", act.release),
    ]
