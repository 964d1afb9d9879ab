"""What the tests of the charts share: Helm and its helpers, and a real Kubernetes API with others' definitions."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

import places
import pytest
import yaml
from browser import Browser, browser

if TYPE_CHECKING:
    from containers import Image
    from harness.emulator import Emulator
    from life import Life

ROOT = Path(__file__).resolve().parents[2]
CHART, CRDS = ROOT / "deploy/chart/palisade", ROOT / "deploy/chart/palisade-crds"
NAMESPACE = "palisade-system"
IMAGE = "image.repository=registry.example.com/palisade"
# What `make image` made, where that is to be run in place of this build: see tests/image.
GIVEN = os.environ.get("PALISADE_IMAGE")
sys.path.insert(0, str(ROOT / "bench"))

from harness.kubernetes import Kubernetes  # noqa: E402
from harness.processes import CACHE, Process, control_plane_binary  # noqa: E402

Json = dict[str, Any]


class Refused(Exception):
    """A program ended with an error; what it said."""


def run(*arguments: Any, given: str | None = None, env: dict[str, str] | None = None) -> str:
    words = [str(argument) for argument in arguments]
    done = subprocess.run(words, cwd=ROOT, env={**os.environ, **(env or {})}, input=given, capture_output=True, text=True, check=False)
    if done.returncode:
        raise Refused(f"{' '.join(words)}: {done.stdout}{done.stderr}")
    return done.stdout


@dataclass
class Tools:
    """Of tests/env/helm."""

    folder: Path

    def run(self, name: str, *arguments: Any, given: str | None = None) -> str:
        return run(self.folder / name, *arguments, given=given)

    def template(self, chart: Path, *values: str, release: str = "palisade") -> list[Json]:
        settings = [word for value in values for word in ("--set", value)]
        text = self.run("helm", "template", release, chart, "--namespace", NAMESPACE, *settings)
        return [document for document in yaml.safe_load_all(text) if document]


@dataclass
class Cluster:
    """A Kubernetes API with all rights."""

    tools: Tools
    kubeconfig: Path

    def kubectl(self, *arguments: Any, given: str | None = None) -> str:
        return run("kubectl", "--kubeconfig", self.kubeconfig, *arguments, given=given)

    @cached_property
    def api(self) -> Kubernetes:
        return Kubernetes(str(self.kubeconfig))

    def read(self, path: str) -> Json:
        """What the API server has at a path."""
        return self.api.call("GET", path)

    def get(self, kind: str, name: str, namespace: str = "") -> Json:
        return self.read(places.path(kind, name, namespace))

    def all(self, kind: str, namespace: str = "", label: str = "") -> list[Json]:
        found: list[Json] = self.read(places.path(kind, namespace=namespace) + (f"?labelSelector={quote(label)}" if label else ""))["items"]
        return found

    def names(self, kinds: str, namespace: str = "", label: str = "") -> set[str]:
        """As `kubectl get -o name` says them."""
        return {places.called(kind, found["metadata"]["name"]) for kind in kinds.split(",") for found in self.all(kind, namespace, label)}

    def patch(self, kind: str, name: str, namespace: str, patch: Json, subresource: str = "") -> Json:
        return self.api.call("PATCH", places.path(kind, name, namespace) + subresource, json.dumps(patch), "application/merge-patch+json")

    def apply(self, *files: str) -> None:
        """What files here declare, where it is not kubectl that a test is about."""
        for document in (document for file in files for document in yaml.safe_load_all((ROOT / file).read_text()) if document):
            self.api.call("PATCH", places.of(document) + "?fieldManager=tests&force=true", json.dumps(document), "application/apply-patch+yaml")

    def delete_all(self, kind: str, namespace: str = "") -> None:
        """Also those whose finalizer nobody looks after any more."""
        for found in self.all(kind, namespace):
            if found["metadata"].get("finalizers"):
                self.patch(kind, found["metadata"]["name"], namespace, {"metadata": {"finalizers": None}})
        self.api.call("DELETE", places.path(kind, namespace=namespace))
        deadline = time.monotonic() + 30
        while left := self.names(kind, namespace):
            assert time.monotonic() < deadline, f"not deleted within 30 s: {left}"
            time.sleep(0.05)

    def wait_for_definitions(self) -> None:
        """Until all are served. kubectl wait fails where one has no conditions yet."""
        deadline = time.monotonic() + 60
        while True:
            items = self.read("/apis/apiextensions.k8s.io/v1/customresourcedefinitions")["items"]
            statuses = {item["metadata"]["name"]: item.get("status", {}).get("conditions") or [] for item in items}
            late = [
                name for name, conditions in statuses.items() if not any(known["type"] == "Established" and known["status"] == "True" for known in conditions)
            ]
            if not late:
                return
            assert time.monotonic() < deadline, f"not served within a minute: {late}"
            time.sleep(0.1)

    def kubeconfig_of(self, account: str, folder: Path) -> Path:
        """Of a ServiceAccount of ours."""
        config = self.config()
        config["users"][0]["user"] = {"token": self.token(account)}
        path = folder / f"{account}.json"
        path.write_text(json.dumps(config))
        return path

    def config(self) -> Json:
        """The kubeconfig, which names one cluster and one user, with what they need in it."""
        found: Json = yaml.safe_load(self.kubeconfig.read_text())
        return found

    def token(self, account: str) -> str:
        """A new one of a ServiceAccount of ours."""
        asked = {"apiVersion": "authentication.k8s.io/v1", "kind": "TokenRequest", "spec": {}}
        found: str = self.api.call("POST", places.path("serviceaccount", account, NAMESPACE) + "/token", json.dumps(asked))["status"]["token"]
        return found

    def helm(self, *arguments: Any) -> str:
        return run(
            self.tools.folder / "helm",
            "--kubeconfig",
            self.kubeconfig,
            "--namespace",
            NAMESPACE,
            *arguments,
            env={"HELM_CACHE_HOME": str(self.kubeconfig.parent)},
        )


@pytest.fixture(scope="session")
def tools() -> Tools:
    return Tools(Path(run(ROOT / "tests/env/helm/build").strip()))


@pytest.fixture(scope="session")
def cluster(tools: Tools, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cluster]:
    folder = tmp_path_factory.mktemp("cluster")
    with Process([control_plane_binary(), "--dir", folder / "kubernetes", "--exit-with-stdin"], folder / "log") as plane:
        found = Cluster(tools, Path(plane.first_line()["kubeconfig"]))
        definitions = run(ROOT / "tests/env/helm/definitions").split()
        # Argo CD's is too large for the annotation that a client-side apply leaves.
        found.kubectl("create", *(f"--filename={file}" for file in definitions))
        found.wait_for_definitions()
        yield found


@pytest.fixture(scope="session")
def palisade(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy: a build that somebody starts meanwhile must not change what runs. Of an image that is given, the one in it."""
    if GIVEN:
        from containers import Image

        return Image(Path(GIVEN)).unpack(tmp_path_factory.mktemp("binary")) / "palisade"
    target = Path(os.environ.get("CARGO_TARGET_DIR") or CACHE / "target")
    binary = tmp_path_factory.mktemp("binary") / "palisade"
    shutil.copy2(target / "debug/palisade", binary)
    return binary


@pytest.fixture(scope="module")
def released(cluster: Cluster, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Emulator]:
    """The charts as Helm installs them, once for all tests of a module; answers the emulated AWS."""
    from life import release

    with release(cluster, tmp_path_factory.mktemp("release")) as emulator:
        yield emulator


@pytest.fixture
def installed(cluster: Cluster, released: Emulator, palisade: Path, tmp_path: Path) -> Iterator[Life]:
    """A release, whose controller does not run yet."""
    from life import another

    with another(cluster, released, palisade, tmp_path) as found:
        yield found


@pytest.fixture
def clean(cluster: Cluster) -> Iterator[Cluster]:
    """Without releases afterwards."""
    yield cluster
    # Helm keeps each revision as a secret.
    if releases := {secret["metadata"]["labels"]["name"] for secret in cluster.all("secret", NAMESPACE, "owner=helm")}:
        cluster.helm("uninstall", *sorted(releases))


@pytest.fixture(scope="session")
def stripped(palisade: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """As a release's: what debuggers read is two thirds of it."""
    binary = tmp_path_factory.mktemp("stripped") / "palisade"
    run("strip", "-o", binary, palisade)
    return binary


def pack(binary: Path, folder: Path) -> Path:
    """The image of a binary, as `make image` assembles it; answers the archive."""
    run(ROOT / "image/build", "--binary", binary, "--out", folder)
    return folder / "palisade.oci.tar"


@pytest.fixture(scope="session")
def archive(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    if GIVEN:
        return Path(GIVEN)
    stripped: Path = request.getfixturevalue("stripped")
    return pack(stripped, tmp_path_factory.mktemp("image"))


@pytest.fixture(scope="session")
def image(archive: Path) -> Image:
    """Read once: it is large."""
    from containers import Image

    return Image(archive)


@pytest.fixture(scope="module")
def chromium(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Browser]:
    program = Path(run(ROOT / "tests/env/chromium/setup").strip()) / "chromium"
    with browser(program, tmp_path_factory.mktemp("profile") / "new") as found:
        yield found
