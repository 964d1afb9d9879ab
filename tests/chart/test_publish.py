"""What a release brings to a registry, to one of this machine's, and an installation from there."""

from __future__ import annotations

import json
import re
import shutil
import socket
import tarfile
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from conftest import NAMESPACE, ROOT, Cluster, Refused, run
from harness.processes import Process, free_port
from jobs import run_jobs

pytestmark = pytest.mark.skipif(not shutil.which("apt-get"), reason="what the image holds is Debian's")
VERSION = "0.1.0"


@pytest.fixture(scope="session")
def crane() -> Path:
    return Path(run(ROOT / "image/crane").strip())


@pytest.fixture
def registry(crane: Path, tmp_path: Path) -> Iterator[str]:
    """Its address; empty."""
    port = free_port()
    with Process([crane, "registry", "serve", "--address", f"127.0.0.1:{port}"], tmp_path / "registry.log", speaks=False) as process:
        deadline = time.monotonic() + 60
        while True:
            try:
                socket.create_connection(("127.0.0.1", port), timeout=5).close()
                break
            except OSError:
                assert process.child.poll() is None and time.monotonic() < deadline, (tmp_path / "registry.log").read_text()
                time.sleep(0.05)
        yield f"127.0.0.1:{port}"


def publish(registry: str, archive: Path, folder: Path, version: str = VERSION, name: str = "acme/palisade") -> list[str]:
    folder.mkdir()
    where = (f"{registry}/{name}", f"{registry}/acme/charts")
    return run(ROOT / "deploy/publish", *where, version, "--image", archive.parent, "--keep", folder, "--plain-http").splitlines()


def test_helm_installs_what_is_published_and_the_image_is_the_one_that_was_made(
    clean: Cluster, crane: Path, registry: str, archive: Path, palisade: Path, tmp_path: Path
) -> None:
    """By the references of the charts alone: they name the image, which tries the definitions before they are installed."""
    image, definitions, chart = publish(registry, archive, tmp_path / "kept")
    assert {path.name for path in (tmp_path / "kept").iterdir()} == {f"palisade-{VERSION}.tgz", f"palisade-crds-{VERSION}.tgz"}

    name, digest = image.split("@")
    with tarfile.open(archive) as layout:
        listed = layout.extractfile("index.json")
        assert listed
        [made] = json.load(listed)["manifests"]
    assert (name, digest) == (f"{registry}/acme/palisade", made["digest"])
    served = json.loads(run(crane, "manifest", "--insecure", f"{name}:{VERSION}"))
    assert [entry["platform"]["os"] for entry in served["manifests"]] == ["linux"]

    for release, reference in (("palisade-crds", definitions), ("palisade", chart)):
        where, of_chart = reference.split("@")
        assert where == f"{registry}/acme/charts/{release}"
        assert run(crane, "digest", "--insecure", f"{where}:{VERSION}").strip() == of_chart
        with run_jobs(clean, palisade, tmp_path) as ran:
            clean.helm("install", release, f"oci://{where}", "--plain-http", "--create-namespace")
        assert [job.image for job in ran.values()] == ([f"{name}:{VERSION}"] if release == "palisade-crds" else [])
    [container] = clean.get("deployment", "palisade", NAMESPACE)["spec"]["template"]["spec"]["containers"]
    assert container["image"] == f"{name}:{VERSION}"


def test_what_is_published_under_a_version_stays_as_it_is(crane: Path, registry: str, archive: Path, tmp_path: Path) -> None:
    first = publish(registry, archive, tmp_path / "first")
    # An attempt that broke off goes on. The archive of a chart tells when it was packed; what is there is left alone.
    run(crane, "delete", "--insecure", f"{registry}/acme/charts/palisade:{VERSION}")
    again = publish(registry, archive, tmp_path / "again")
    assert again[:2] == first[:2]
    assert publish(registry, archive, tmp_path / "more") == again

    # A chart that names another image is another, and not even that image is brought there.
    with pytest.raises(Refused, match=r"acme/charts/palisade-crds:0\.1\.0 is there already and is another"):
        publish(registry, archive, tmp_path / "named", name="acme/other")
    assert "acme/other" not in run(crane, "catalog", "--insecure", registry)

    image = again[0].split("@")[0]
    [manifest] = json.loads(run(crane, "manifest", "--insecure", again[0]))["manifests"]
    run(crane, "tag", "--insecure", f"{image}@{manifest['digest']}", VERSION)
    with pytest.raises(Refused, match=r"acme/palisade:0\.1\.0 is there already and is another"):
        publish(registry, archive, tmp_path / "other")
    assert run(crane, "digest", "--insecure", f"{image}:{VERSION}").strip() == manifest["digest"]


def test_an_image_of_another_version_is_not_published(crane: Path, registry: str, archive: Path, tmp_path: Path) -> None:
    with pytest.raises(Refused, match=r"the image is of version 0\.1\.0, not 0\.2\.0"):
        publish(registry, archive, tmp_path / "kept", "0.2.0")
    assert run(crane, "catalog", "--insecure", registry) == ""


def test_cosign_has_the_options_that_a_release_gives_it_and_that_the_documents_name() -> None:
    """By the reference of the version that is pinned: to compile it takes minutes."""
    workflow, page = ((ROOT / path).read_text() for path in (".github/workflows/release.yaml", "docs/versions.md"))
    [(module, version)] = re.findall(r"go-tool (\S+)/cmd/cosign (v[\d.]+)\)", workflow)
    reference = Path(json.loads(run("go", "mod", "download", "-json", f"{module}@{version}"))["Dir"]) / "doc"
    commands = re.findall(r"\bcosign ((?:sign|attest|verify)[\w-]*) (.*)", re.sub(r"\\\n", "", workflow + page))
    assert {name for name, _ in commands} == {"sign", "sign-blob", "attest", "verify", "verify-blob", "verify-attestation"}
    for name, words in commands:
        known = set(re.findall(r"^ +(?:-\w, )?(--[\w-]+)", (reference / f"cosign_{name}.md").read_text(), re.MULTILINE))
        given = set(re.findall(r"(?<= )--[\w-]+", f" {words}"))
        assert given and given <= known, (name, given - known)
    # What is named for this form has it.
    [signed] = [words for name, words in commands if name == "sign-blob"]
    assert ".sigstore.json" in signed and "--new-bundle-format" in signed
