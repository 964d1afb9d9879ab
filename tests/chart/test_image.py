"""The image as image/build makes it, run by runc as the Deployment says.

The binary is the one of this build, which saves the release build; all else is as `make image` does it. `tests/image ARCHIVE` has what
that made in its place: so a release is run before it is published.
"""

from __future__ import annotations

import base64
import os
import shutil
import signal
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from conftest import GIVEN, NAMESPACE, ROOT, Cluster, pack, run
from containers import Image, Node, Pod
from harness.kubernetes import is_ready
from life import PETSTORE, Life, life

pytestmark = pytest.mark.skipif(not shutil.which("apt-get"), reason="what the image holds, and runc, are Debian's")
# Little more than the time for which a write needs the Lease.
ELECTION = {"leaseDuration": "42s", "leaseRenew": "400ms", "leaseRetry": "400ms"}


@pytest.mark.skipif(bool(GIVEN), reason="the given image is of another binary; a release's is made on two machines and compared")
def test_the_same_binary_makes_the_same_bytes(archive: Path, stripped: Path, tmp_path: Path) -> None:
    assert pack(stripped, tmp_path).read_bytes() == archive.read_bytes()


def test_it_is_run_as_the_dockerfile_says_and_tells_where_it_is_from(image: Image) -> None:
    assert (image.config["User"], image.config["Entrypoint"]) == ("65532:65532", ["/palisade"])
    assert "MIMALLOC_PURGE_DELAY=0" in image.config["Env"]
    labels = {key.removeprefix("org.opencontainers.image."): value for key, value in image.config["Labels"].items()}
    assert labels["version"] in (ROOT / "Cargo.toml").read_text()
    assert labels["revision"].startswith(run("git", "rev-parse", "HEAD").strip())
    assert labels["title"] == "palisade" and labels["licenses"] == "Apache-2.0" and labels["description"] and labels["created"]
    assert image.configuration["created"] == labels["created"]


def test_nothing_is_in_it_but_what_the_binary_needs_and_what_scanners_read(image: Image) -> None:
    files = image.files()
    assert {member.mtime for member in files.values()} == {int(run("git", "log", "-1", "--format=%ct"))}
    assert {(member.uid, member.gid) for member in files.values()} == {(0, 0)}
    names = {name for name, member in files.items() if member.isfile()}
    documents = {name for name in names if name.startswith(("usr/share/doc/", "var/lib/dpkg/status.d/"))}
    libraries = {Path(name).name for name in names if name.startswith("lib")}
    etc = {"etc/passwd", "etc/group", "etc/nsswitch.conf", "etc/os-release", "etc/ssl/certs/ca-certificates.crt"}
    assert names - documents - {name for name in names if name.startswith("lib")} == {"palisade"} | etc
    assert {"libc.so.6", "libgcc_s.so.1", "libm.so.6"} <= libraries and len(libraries) == 4, libraries
    assert {"libc6", "libgcc-s1", "ca-certificates", "base-files"} == {Path(name).name for name in documents if "/status.d/" in name}


@pytest.fixture
def installed(cluster: Cluster, palisade: Path, tmp_path: Path) -> Iterator[Life]:
    with life(cluster, palisade, tmp_path, {**ELECTION, "metricsAddr": None, "healthAddr": None}) as found:
        yield found


@pytest.fixture
def node(image: Image, installed: Life, tmp_path: Path) -> Node:
    if os.geteuid():
        pytest.skip("runc makes a user of its own and limits memory: only root may (tests/image is root by sudo)")
    cluster = installed.cluster.config()["clusters"][0]["cluster"]
    address = urlsplit(cluster["server"])
    folder = tmp_path / "node"
    folder.mkdir()
    # A Pod's process is nobody here, and pytest's folders are the user's alone.
    for above in (folder, *folder.parents):
        if above.stat().st_uid == os.geteuid() and not above.stat().st_mode & 0o001:
            above.chmod(above.stat().st_mode | 0o011)
    authority = base64.b64decode(cluster["certificate-authority-data"])
    return Node(image, folder, (str(address.hostname), address.port or 443), authority, installed.cluster.token("palisade"))


@pytest.fixture
def replicas(node: Node, installed: Life) -> Iterator[list[Pod]]:
    deployment = installed.cluster.get("deployment", "palisade", NAMESPACE)
    pods: list[Pod] = []
    try:
        for number in range(deployment["spec"]["replicas"]):
            # A Pod has an address of its own, and listens on all that it has.
            own = {f"PALISADE_{what}_ADDR": f"{node.net}.{10 + number}:{port}" for what, port in (("METRICS", 8080), ("HEALTH", 8081))}
            pods.append(Pod(node, deployment["spec"]["template"], f"palisade-{os.getpid()}-{number}", number, own))
        yield pods
    finally:
        for pod in pods:
            pod.remove()
        shutil.rmtree(node.folder, ignore_errors=True)


def leads(installed: Life, pod: Pod) -> bool:
    return holder(installed).startswith(pod.name)


def holder(installed: Life) -> str:
    lease = installed.cluster.get("lease", "palisade", NAMESPACE)
    return lease["spec"].get("holderIdentity") or ""


def test_two_replicas_of_the_image_run_as_the_deployment_says(installed: Life, replicas: list[Pod]) -> None:
    for pod in replicas:
        pod.until_started()
    for pod in replicas:
        pod.until_probed("readinessProbe", 60)
        status = pod.status()
        assert status["Uid"].split() == ["65532"] * 4 and status["Gid"].split() == ["65532"] * 4, status
        assert {status[name] for name in ("CapInh", "CapPrm", "CapEff", "CapBnd", "CapAmb")} == {"0" * 16}, status
        assert (status["NoNewPrivs"], status["Seccomp"]) == ("1", "2"), status
        mounts = Path(f"/proc/{pod.pid()}/mountinfo").read_text().splitlines()
        [root] = [line.split()[5] for line in mounts if line.split()[4] == "/"]
        assert "ro" in root.split(","), mounts
    installed.cluster.apply(PETSTORE)
    installed.until("the object is Ready", is_ready)

    first = next(pod for pod in replicas if leads(installed, pod))
    [second] = [pod for pod in replicas if pod is not first]
    assert first.ends(signal.SIGKILL, 10) == 128 + signal.SIGKILL
    installed.patch({"distribution": {"priceClass": "PriceClass_200"}})
    installed.until("the other replica goes on", lambda found: is_ready(found) and leads(installed, second), within=120)
    assert second.is_probed("livenessProbe") and second.is_probed("readinessProbe")
    assert not second.was_out_of_memory()
    # In good order, before the kubelet kills: the Lease is free.
    assert second.ends(signal.SIGTERM, second.spec["terminationGracePeriodSeconds"]) == 0, second.said()
    assert holder(installed) == ""
