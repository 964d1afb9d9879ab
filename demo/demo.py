"""make demo: Palisade at work on a real Kubernetes API and an emulated AWS, and nothing left of it at the end.

KEEP=1 leaves everything running. CLUSTER=current uses the current kubeconfig context in place of a Kubernetes API of its own. ACT=adopt plays the
second act: a distribution that stands already is taken over.
No AWS account is ever touched: the controller is given the emulator's address and a made-up key.
"""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import adoption
from machine import CLEAN, CURRENT, KEEP, ROOT, Failed, Machine, building, say, served, shortened, step

# Seconds for what takes AWS minutes (deployments) or hours (replicas of a deleted function).
EMULATED = {"deploymentDelay": 4, "functionPending": 1, "rolePropagation": 2, "replicaRetention": 4, "shieldSubscription": True, "domainNameDelay": 0}
# Shield counts until it knows what is usual, and then blocks.
SHIELD = {"automaticResponse": {"action": "Count", "promoteAfter": "720h"}}
# What the emulated JWT authorizer takes for a user's token.
TOKEN = {"Authorization": "Bearer emulated-user-token"}
BASE = ["namespace.yaml", "service-account.yaml", "rbac.yaml"]
NAMESPACES = ["shop", "palisade-system"]
CRD = "protectedapis.palisade.dev"
CRATES = 380
ACT = os.environ.get("ACT", "")
BEGIN = time.monotonic()


class Demo(Machine):
    def build(self) -> tuple[str, str]:
        # Side by side: where one waits for a linker, the other has the machine.
        control_plane = [] if CURRENT else [str(ROOT / "tests/env/kubernetes/build")]
        with building(control_plane) as plane, building([str(ROOT / "tests/env/aws/setup")]) as emulator:
            binary = self.build_controller()
            emulator()
            return plane(), binary

    def build_controller(self) -> str:
        # With a test: built alone, the binary's dependencies have other features, and `make test` would compile them again.
        command = ["cargo", "build", "--locked", "--bin", "palisade", "--test", "domain"]
        cargo = subprocess.Popen(command, cwd=ROOT, env=CLEAN, stderr=subprocess.PIPE, text=True)
        compiled = 0
        for line in cargo.stderr or ():
            if line.lstrip().startswith("Compiling"):
                compiled += 1
                if compiled % 50 == 0:
                    say(f"{compiled} crates compiled, of about {CRATES}")
            elif not line.lstrip().startswith(("Download", "Updating", "Locking", "Finished")):
                say(line.rstrip())
        if cargo.wait() != 0:
            raise Failed("the controller does not compile; the reason is above")
        # A copy: a build that somebody starts meanwhile must not change what runs.
        binary = self.folder / "palisade"
        shutil.copy2(Path(os.environ["CARGO_TARGET_DIR"]) / "debug/palisade", binary)
        return str(binary)

    def start_kubernetes(self, plane: str) -> None:
        if CURRENT:
            # A copy: a context that somebody chooses meanwhile must not be touched.
            config = self.kubectl("config", "view", "--minify", "--flatten", "--raw")
            path = self.folder / "kubeconfig"
            path.touch(mode=0o600)
            path.write_text(config)
            self.kubectl_env["KUBECONFIG"] = str(path)
            taken = [f"namespace {name}" for name in NAMESPACES if self.exists("namespace", name)]
            if self.exists("crd", CRD):
                taken.append(f"custom resource {CRD}, so perhaps a Palisade that acts on a real AWS account")
            if taken:
                raise Failed(f"the cluster already has: {', '.join(taken)}. The demo would change it; nothing was touched")
        else:
            ready = self.answer("kubernetes", [plane, "--dir", str(self.folder / "kubernetes")])
            self.kubectl_env["KUBECONFIG"] = ready["kubeconfig"]
            say(f"kube-apiserver at {ready['server']}")

    def start_aws(self) -> None:
        options = ["--settings", json.dumps(EMULATED), "--seed", str(ROOT / "tests/env/aws/seeds/demo.json")]
        ready = self.answer("aws", [str(ROOT / "tests/env/aws/run"), *options])
        self.aws, self.tls, self.ca_file = ready["endpoint"], ready["tls"], ready["caFile"]
        self.seed("tests/env/aws/seeds/mutual-tls.json")
        say(f"AWS at {self.aws}: an account with four API Gateway APIs")

    def install(self) -> None:
        if CURRENT:
            self.undo.append(lambda: self.kubectl("delete", "-f", str(ROOT / "crds"), "--ignore-not-found"))
            self.undo.append(lambda: self.kubectl("delete", "clusterrole,clusterrolebinding", "palisade-controller", "--ignore-not-found"))
            self.undo.append(lambda: self.kubectl("delete", "namespace", "palisade-system", "--ignore-not-found"))
        self.kubectl("apply", "-f", "crds/", show=True)
        self.kubectl("wait", "--for=condition=Established", "-f", "crds/", "--timeout=30s")
        self.kubectl("apply", *(f"--filename=deploy/base/{name}" for name in BASE), show=True)

    def start_controller(self, binary: str) -> None:
        """With the rights of its ServiceAccount alone."""
        config = json.loads(self.kubectl("config", "view", "--minify", "--flatten", "--raw", "-o", "json"))
        token = self.kubectl("create", "token", "palisade", "-n", "palisade-system", "--duration=24h").strip()
        config["users"] = [{"name": config["users"][0]["name"], "user": {"token": token}}]
        path = self.folder / "controller.kubeconfig"
        path.touch(mode=0o600)
        path.write_text(json.dumps(config))
        aws = {"AWS_ENDPOINT_URL": self.aws, "AWS_ACCESS_KEY_ID": "demo", "AWS_SECRET_ACCESS_KEY": "demo", "AWS_REGION": "us-east-1"}
        nowhere = {"AWS_EC2_METADATA_DISABLED": "true", "AWS_CONFIG_FILE": "/dev/null", "AWS_SHARED_CREDENTIALS_FILE": "/dev/null"}
        # Looks more often than in production, since what AWS takes minutes for takes seconds here.
        options = ["--deployment-poll=1s", "--sweep=2s", "--lease-namespace=palisade-system", "--metrics-addr=off", "--health-addr=off"]
        # No name of the emulated AWS is in DNS, and no CA that anybody knows signed its certificates.
        options.append(f"--probe-endpoint-url=https://127.0.0.1:{self.tls}")
        aws["SSL_CERT_FILE"] = self.ca_file
        self.start("controller", [binary, "controller", *options], dict(CLEAN, KUBECONFIG=str(path), **aws, **nowhere))
        say("$ palisade " + " ".join(["controller", *options]))

    def apply(self) -> None:
        if CURRENT:
            self.undo.append(lambda: self.kubectl("delete", "namespace", "shop", "--ignore-not-found", "--timeout=120s"))
        for name in ("namespace", "petstore", "orders"):
            self.kubectl("apply", "-f", f"deploy/examples/{name}.yaml", show=True)

    def follow(self) -> None:
        """One line for each condition that changes, until all objects are ready."""
        seen: dict[tuple[str, str], tuple[str, str]] = {}
        begin = time.monotonic()
        for _ in self.patiently(120, "the objects to become Ready"):
            objects = self.objects()
            for name, item in objects.items():
                for condition in item.get("status", {}).get("conditions", []):
                    state = (condition["status"], condition["reason"])
                    if condition["type"] == "Reconciling" or (condition["type"] == "Ready" and state[0] != "True"):
                        continue  # they only repeat what another condition says
                    if seen.get((name, condition["type"])) != state:
                        seen[name, condition["type"]] = state
                        message = condition["message"].split(" (since ")[0]
                        say(f"{time.monotonic() - begin:5.1f} s  {name:9} {condition['type']:20} {state[0]:7} {state[1]}: {shortened(message)}")
            if all(seen.get((name, "Ready"), ("",))[0] == "True" for name in objects):
                return

    def show(self) -> None:
        self.kubectl("get", "papi", "-A", "-o", "wide", show=True)
        say("", "What that made in AWS:")
        for found in sorted(self.resources(), key=lambda found: (found["tags"]["palisade.dev/name"], found["service"])):
            of = found["tags"]["palisade.dev/name"]
            say(f"{of:9} {found['service']:10} {found['type']:13} {label(found)}  {found['state'] or ''}")
        say("", "And what petstore's events tell:")
        self.kubectl(
            "get",
            "events",
            "-n",
            "shop",
            "--field-selector=involvedObject.name=petstore",
            "--sort-by=.metadata.creationTimestamp",
            "-o",
            "custom-columns=REASON:.reason,MESSAGE:.message",
            show=True,
        )

    def prove(self) -> None:
        """As viewers and as somebody who knows the API's own address would."""
        domain = self.objects()["petstore"]["status"]["distribution"]["domainName"]
        direct = "a1b2c3d4e5.execute-api.eu-north-1.amazonaws.com"
        for text, host, expected in (("Through the perimeter:", domain, 200), ("Past it, without a signature:", direct, 403)):
            say(text)
            status, body = self.request(host, "/prod/pets")
            say(f"{status}  {shortened(body, 160)}")
            if status != expected:
                raise Failed(f"expected {expected}")

    def switch(self) -> None:
        """Another mode and another key on the live object, while a viewer asks without pause."""
        patch = json.dumps({"spec": {"access": {"mode": "ApiKey"}}})
        with self.viewer(self.objects()["petstore"]["status"]["distribution"]["domainName"], "/prod/pets") as answers:
            self.kubectl("patch", "papi", "petstore", "-n", "shop", "--type=merge", "-p", patch, show=True)
            say(self.told("petstore", "Locked", "API key"))
            self.kubectl("annotate", "papi", "petstore", "-n", "shop", "palisade.dev/rotate=demo", show=True)
            say(self.told("petstore", "Rotating"), self.told("petstore", "Locked"))
            self.kubectl("wait", "papi/petstore", "-n", "shop", "--for=condition=Ready", "--timeout=60s", show=True)
        served(answers)

    def certificate(self) -> None:
        """An API whose routes ask for users' tokens, reached with CloudFront's client certificate alone."""
        self.kubectl("apply", "-f", "deploy/examples/ledger.yaml", show=True)
        self.kubectl("wait", "papi/ledger", "-n", "shop", "--for=condition=Ready", "--timeout=180s", show=True)
        say(self.told("ledger", "Locked"))
        ledger = self.objects()["ledger"]
        domain = ledger["status"]["distribution"]["domainName"]
        direct = ledger["spec"]["origin"]["endpoint"]
        origin = ledger["spec"]["access"]["mutualTls"]["originDomain"]
        for text, host, headers, expected in (
            ("Through the perimeter, with a user's token:", domain, TOKEN, 200),
            ("and without one, as the API's own authorizer says:", domain, {}, 401),
            ("Past it, with the token, by the API's default endpoint:", direct, TOKEN, 404),
            ("and by the name that CloudFront uses, without its certificate:", origin, TOKEN, 0),
        ):
            say(text)
            status, body = self.request(host, "/entries", headers, tls=True)
            say(f"{status or 'no answer'}  {shortened(body, 160)}")
            if status != expected:
                raise Failed(f"expected {expected or 'no answer'}")
        before = self.shown()
        with self.viewer(domain, "/entries", TOKEN) as answers:
            self.kubectl("annotate", "papi", "ledger", "-n", "shop", "palisade.dev/rotate=demo", show=True)
            for _ in self.patiently(180, "CloudFront to show another client certificate"):
                left = [found for found in self.resources() if found["arn"] == before]
                if self.shown() != before and not left:
                    break
            self.kubectl("wait", "papi/ledger", "-n", "shop", "--for=condition=Ready", "--timeout=60s", show=True)
        say(f"CloudFront shows {self.shown()}; the earlier client certificate is gone")
        served(answers)

    def shown(self) -> str:
        """ARN of the client certificate that CloudFront shows for ledger."""
        return self.objects()["ledger"]["status"]["access"]["mutualTls"]["clientCertificateArn"]

    def told(self, name: str, reason: str, part: str = "") -> str:
        """Waits until an object's lock is true for this reason; answers what the condition says."""
        for _ in self.patiently(90, f"AccessRestricted of {name} to be true, {reason}"):
            conditions = self.objects()[name]["status"]["conditions"]
            found = next(c for c in conditions if c["type"] == "AccessRestricted")
            if (found["status"], found["reason"]) == ("True", reason) and part in found["message"]:
                return f"AccessRestricted {reason}: {shortened(found['message'], 160)}"
        raise AssertionError("patiently() raises")

    def shield(self) -> None:
        """Only the plan can be shown: the baseline takes thirty days."""
        self.kubectl("patch", "papi", "orders", "-n", "shop", "--type=merge", "-p", json.dumps({"spec": {"shield": SHIELD}}), show=True)
        self.kubectl("wait", "papi/orders", "-n", "shop", "--for=condition=ShieldProtected", "--timeout=60s", show=True)
        status = self.objects()["orders"]["status"]
        told = next(c for c in status["conditions"] if c["type"] == "ShieldProtected")
        say(f"{told['reason']}: {told['message']}")

    def delete(self) -> None:
        uid = self.objects()["petstore"]["metadata"]["uid"]
        self.kubectl("delete", "papi", "petstore", "-n", "shop", "--wait=false", show=True)
        begin = time.monotonic()
        left = {found["arn"]: found for found in self.resources(uid)}
        state, here = "", True
        for _ in self.patiently(120, "petstore to be gone"):
            at = f"{time.monotonic() - begin:5.1f} s "
            now = {found["arn"]: found for found in self.resources(uid)}
            for arn in left.keys() - now.keys():
                say(f"{at} gone: {left[arn]['service']} {left[arn]['type']} {label(left[arn])}")
            left = now
            item = self.objects().get("petstore")
            if item is None and here:
                here = False
                behind = ". Lambda keeps its replicas for hours; that holds up nobody" if left else ""
                say(f"{at} gone: the object petstore{behind}")
            ready = [c for c in (item or {}).get("status", {}).get("conditions", []) if c["type"] == "Ready"]
            if ready and ready[0]["message"].split(" (since ")[0] != state:
                state = ready[0]["message"].split(" (since ")[0]
                say(f"{at} {shortened(state)}")
            if not here and not left:
                break
        self.kubectl("get", "papi", "-A", show=True)
        say(f"AWS resources of petstore: {len(self.resources(uid))}; of orders and ledger, untouched: {len(self.resources())}")

    def keep(self) -> None:
        pids = " ".join(str(process.pid) for _, process in self.running)
        say(
            "",
            "Everything keeps running. To look at it:",
            "",
            f"  export KUBECONFIG={self.kubectl_env['KUBECONFIG']}",
            f"  export AWS_ENDPOINT_URL={self.aws} AWS_ACCESS_KEY_ID=demo AWS_SECRET_ACCESS_KEY=demo AWS_REGION=us-east-1",
            f"  kubectl get papi -A; tail -f {self.folder}/controller.log",
            "",
            "To stop it:",
            "",
        )
        if CURRENT:
            say(
                "  kubectl delete namespace shop palisade-system && kubectl delete -f crds/",
                "  kubectl delete clusterrole,clusterrolebinding palisade-controller",
            )
        say(f"  kill {pids}; sleep 3; rm -rf {self.folder}")


def label(found: dict[str, Any]) -> str:
    return found["id"] if found["type"] == "distribution" else found["name"]


def steps(demo: Demo) -> list[tuple[str, Callable[[], None]]]:
    """The first act."""
    return [
        ("Declare two perimeters: the smallest, and one with most of what a spec can say", demo.apply),
        ("Follow their conditions. CloudFront deploys for minutes; the emulator, for seconds", demo.follow),
        ("What there is now", demo.show),
        ("Prove it: the API answers the perimeter, and nobody else", demo.prove),
        ("Change petstore from signatures to an API key, and replace the key, while a viewer keeps asking", demo.switch),
        (
            "Lock ledger, whose routes ask for users' tokens, by mutual TLS, and replace the client certificate while a viewer keeps asking",
            demo.certificate,
        ),
        ("Protect orders with Shield Advanced, which counts for thirty days and then blocks", demo.shield),
        ("Delete petstore, and see that nothing of it is left", demo.delete),
    ]


def main() -> int:
    signal.signal(signal.SIGINT, signal.default_int_handler)  # a shell may have had it ignored
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    signal.signal(signal.SIGHUP, lambda *_: sys.exit(129))
    os.chdir(ROOT)
    demo = Demo(Path(tempfile.mkdtemp(prefix="palisade-demo-")))
    kept = False
    try:
        cluster = "a real kube-apiserver, started for this"
        if CURRENT:
            cluster = f"the current kubeconfig context, {demo.kubectl('config', 'current-context').strip()}"
        print(f"Palisade's demo. Kubernetes: {cluster}. AWS: an emulator; no account is touched.", flush=True)
        with step("Build what runs: Kubernetes, the emulated AWS, the controller. The first time takes minutes"):
            plane, binary = demo.build()
        with step("Start Kubernetes and AWS"):
            demo.start_kubernetes(plane)
            demo.start_aws()
        with step("Install the custom resource and the controller's rights"):
            demo.install()
        with step("Start the controller, with these rights alone"):
            demo.start_controller(binary)
        for text, act in adoption.steps(demo, binary) if ACT == "adopt" else steps(demo):
            with step(text):
                act()
        kept = KEEP
        if kept:
            demo.keep()
        print(f"\nDone in {time.monotonic() - BEGIN:.0f} s.", flush=True)
        return 0
    except Failed as failure:
        print(f"\nThe demo failed: {failure}", file=sys.stderr)
        for name, _ in demo.running:
            print(f"\nThe last lines of {name}.log:", file=sys.stderr)
            print("\n".join((demo.folder / f"{name}.log").read_text().splitlines()[-15:]), file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("\nInterrupted; cleaning up.", file=sys.stderr)
        return 130
    finally:
        if not kept:
            demo.end()


if __name__ == "__main__":
    sys.exit(main())
