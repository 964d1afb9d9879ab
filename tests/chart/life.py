"""A release of the chart whose Deployment's one container runs here: with its arguments, its environment and its ServiceAccount."""

from __future__ import annotations

import json
import os
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from conftest import CHART, CRDS, NAMESPACE, ROOT, Cluster, Json
from harness.emulator import Emulator
from harness.processes import Process

PETSTORE = "deploy/examples/petstore.yaml"
# Of what tests make, by kind.
NAMESPACES = {"papi": "shop", "pplan": "shop", "awsacct": ""}
SETTINGS = {"deploymentDelay": 1, "functionPending": 0, "rolePropagation": 0, "replicaRetention": 1, "latency": 0, "enforceQuotas": False}


@dataclass
class Life:
    cluster: Cluster
    emulator: Emulator
    binary: Path
    folder: Path
    logs: list[Path] = field(default_factory=list)

    @contextmanager
    def controller(self) -> Iterator[None]:
        """What the kubelet would run."""
        deployment = self.cluster.get("deployment", "palisade", NAMESPACE)
        container = deployment["spec"]["template"]["spec"]["containers"][0]
        env = {variable["name"]: variable.get("value", f"palisade-{len(self.logs)}") for variable in container["env"]}
        log = self.folder / f"controller-{len(self.logs)}.log"
        self.logs.append(log)
        own = {"PATH": os.environ["PATH"], "KUBECONFIG": self.kubeconfig(), "HOME": "/nonexistent"}
        with Process(["setpriv", "--pdeathsig", "TERM", self.binary, *container["args"]], log, {**env, **own}, speaks=False) as running:
            yield
            assert running.child.poll() is None, log.read_text()[-3000:]

    def kubeconfig(self) -> str:
        """Of the ServiceAccount."""
        return str(self.cluster.kubeconfig_of("palisade", self.folder))

    def said(self) -> str:
        return "".join(log.read_text() for log in self.logs)

    def object(self, kind: str = "papi", name: str = "petstore") -> Json:
        """By one request: it is asked for until something holds of it."""
        found = self.cluster.get(kind, name, NAMESPACES[kind])
        # Kubectl shows none, and appliers are given none.
        del found["metadata"]["managedFields"]
        return found

    def patch(self, spec: Json, kind: str = "papi", name: str = "petstore") -> None:
        self.cluster.patch(kind, name, NAMESPACES[kind], {"spec": spec})

    def until(self, what: str, holds: Callable[[Json], Any], kind: str = "papi", name: str = "petstore", within: float = 60) -> Json:
        """The object as soon as this holds of it."""
        deadline = time.monotonic() + within
        while True:
            found = self.object(kind, name)
            if holds(found):
                return found
            assert time.monotonic() < deadline, f"not within {within} s: {what}; {json.dumps(found.get('status'))}; {self.said()[-2000:]}"
            time.sleep(0.1)


@contextmanager
def life(cluster: Cluster, binary: Path, folder: Path, options: Json | None = None) -> Iterator[Life]:
    """Installed by Helm, and not running yet; with these options besides."""
    with release(cluster, folder, options) as emulator:
        yield Life(cluster, emulator, binary, folder)


@contextmanager
def another(cluster: Cluster, emulator: Emulator, binary: Path, folder: Path) -> Iterator[Life]:
    """In a release that others had before and get after it: AWS is as it began, and there are no objects."""
    emulator.control("POST", "reset")
    try:
        yield Life(cluster, emulator, binary, folder)
    finally:
        forget(cluster)


@contextmanager
def release(cluster: Cluster, folder: Path, options: Json | None = None) -> Iterator[Emulator]:
    """The charts' and the emulated AWS that the controller's settings name."""
    aws = [ROOT / "tests/env/aws/run", "--exit-with-stdin", "--settings", json.dumps(SETTINGS), "--seed", ROOT / "tests/env/aws/seeds/demo.json"]
    with Process(aws, folder / "aws.log") as process:
        ready = process.first_line()
        endpoint = ready["endpoint"]
        cluster.apply("deploy/examples/namespace.yaml")
        values = folder / "values.json"
        controller = {
            "namespace": "shop",
            "leaseNamespace": NAMESPACE,
            "deploymentPoll": "1s",
            "resync": "2s",
            "sweep": "1s",
            "metricsAddr": "off",
            "healthAddr": "off",
            "probeEndpointUrl": endpoint,
            "defaultTags": {"team": "shop"},
            "awsBudget": {"cloudfront.write": "100/s:100"},
            **(options or {}),
        }
        env = {"AWS_ENDPOINT_URL": endpoint, "AWS_ACCESS_KEY_ID": "test", "AWS_SECRET_ACCESS_KEY": "test", "AWS_EC2_METADATA_DISABLED": "true"}
        named = [{"name": name, "value": value} for name, value in env.items()]
        values.write_text(json.dumps({"image": {"repository": "registry.example.com/palisade"}, "controller": controller, "extraEnv": named}))
        cluster.helm("install", "palisade-crds", CRDS, "--create-namespace")
        cluster.helm("install", "palisade", CHART, "--values", values)
        try:
            yield Emulator(ready)
        finally:
            forget(cluster)
            cluster.helm("uninstall", "palisade", "palisade-crds")


def forget(cluster: Cluster) -> None:
    """Objects that nobody looks after any more."""
    for kind, namespace in NAMESPACES.items():
        cluster.delete_all(kind, namespace)
