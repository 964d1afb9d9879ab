"""A cluster, an AWS account and a controller, made for one measurement and gone after it."""

from __future__ import annotations

import json
import shutil
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from .emulator import Apis, Emulator
from .kubernetes import Kubernetes, Watch, wait
from .processes import ROOT, Controller, Failed, Process, control_plane_binary, say

NAMESPACE = "shop"
RAISED = ",".join(
    f"{name}=10000/s:1000"
    for name in (
        *("cloudfront.write", "cloudfront.read", "lambda", "lambda.get-function", "iam.write", "iam.read", "tagging"),
        *("apigateway", "apigateway.create-deployment", "apigateway.get-resources"),
        *("waf.create", "waf.update", "waf.put", "waf.delete", "waf.tag", "waf.get", "waf.list"),
    )
)
# Fast as it can be: for making what is to be measured later.
QUICK: dict[str, Any] = {"deploymentDelay": 0, "functionPending": 0, "rolePropagation": 0, "latency": 0, "enforceQuotas": False}


@dataclass
class World:
    binary: Path
    folder: Path
    kubeconfig: str
    kubernetes: Kubernetes
    emulator: Emulator
    watch: Watch
    controllers: int = 0
    stack: ExitStack = field(default_factory=ExitStack)

    @contextmanager
    def controller(self, *options: str, over_tls: bool = False) -> Iterator[Controller]:
        """A controller that leads; its probes go over plain HTTP, or over TLS as they do with AWS."""
        self.controllers += 1
        log = self.folder / f"controller-{self.controllers}.log"
        env = self.emulator.probed_over_tls() if over_tls else {}
        with Controller(self.binary, self.kubeconfig, self.emulator.endpoint, list(options), log, env) as controller:

            def leads() -> bool:
                controller.check()
                return controller.leads()

            wait("the controller leads", 120, leads)
            yield controller

    def create(self, n: int, spec: Callable[[int], dict[str, Any]]) -> float:
        """Creates `n` objects at once; the time at which that began."""
        specs = {f"api-{i}": spec(i) for i in range(n)}
        began = time.monotonic()
        self.kubernetes.create_objects(NAMESPACE, specs)
        return began

    def wait_until_ready(self, n: int, seconds: float, controller: Controller) -> None:
        told = time.monotonic()

        def all_ready() -> bool:
            nonlocal told
            controller.check()
            self.watch.check_none_stalled()
            if time.monotonic() - told > 15:
                told = time.monotonic()
                say(f"  {self.watch.count_ready()} of {n} ready")
            return self.watch.count_ready() == n

        try:
            wait(f"{n} objects ready", seconds, all_ready)
        except Failed as error:
            raise Failed(f"{error}; {self.watch.count_ready()} are. {self.watch.unready()}") from None


@contextmanager
def world(binary: Path, apis: int, settings: dict[str, Any], planted: Apis | None = None) -> Iterator[World]:
    folder = Path(tempfile.mkdtemp(prefix="palisade-bench-"))
    try:
        with (
            Process([control_plane_binary(), "--dir", folder / "kubernetes", "--exit-with-stdin"], folder / "kubernetes.log") as control_plane,
            Process([ROOT / "tests/env/aws/run", "--exit-with-stdin", "--settings", json.dumps(settings)], folder / "aws.log") as aws,
        ):
            kubeconfig = control_plane.first_line()["kubeconfig"]
            emulator = Emulator(aws.first_line())
            emulator.plant_apis(apis, planted or Apis())
            kubernetes = Kubernetes(kubeconfig)
            kubernetes.install(ROOT / "crds")
            permitted = ("allowed-apis", "allowed-domains", "allowed-arns")
            kubernetes.create_namespace(NAMESPACE, {f"palisade.dev/{what}": "*" for what in permitted})
            yield World(binary, folder, kubeconfig, kubernetes, emulator, Watch(kubernetes))
    except Exception:
        say(f"failed; the logs are in {folder}")
        raise
    shutil.rmtree(folder, ignore_errors=True)
