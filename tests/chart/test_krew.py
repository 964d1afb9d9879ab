"""The plugin's manifest for krew, of an archive of this build, as krew's own validator takes it: it installs each platform's."""

from __future__ import annotations

import functools
import os
import shutil
import subprocess
import tarfile
import threading
from collections.abc import Iterator
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
import yaml
from conftest import ROOT, Refused, run

VERSION = "1.2.3"
# The newest that Go's proxy has.
KREW = "v0.4.3"


def go_tool(name: str) -> Path:
    return Path(run(ROOT / "tests/env/go-tool", f"sigs.k8s.io/krew/cmd/{name}", KREW).strip())


class Quiet(SimpleHTTPRequestHandler):
    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def served(tmp_path: Path) -> Iterator[tuple[str, Path]]:
    """A project's page, and the folder of its release's archives."""
    folder = tmp_path / "pages" / "releases/download" / f"v{VERSION}"
    folder.mkdir(parents=True)
    with ThreadingHTTPServer(("127.0.0.1", 0), functools.partial(Quiet, directory=tmp_path / "pages")) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}", folder
        server.shutdown()


def kubectl(folder: Path) -> Path:
    """A kubectl that knows krew alone, which the validator calls by that name, and asks nobody for newer ones."""
    folder.mkdir()
    (folder / "kubectl").write_text(f'#!/bin/sh\nshift\nKREW_NO_UPGRADE_CHECK=1 exec {go_tool("krew")} "$@"\n')
    (folder / "kubectl").chmod(0o755)
    return folder


def generated(address: str, folder: Path, version: str = VERSION) -> str:
    return run(ROOT / "deploy/krew/generate", version, address, folder)


@pytest.mark.skipif(not shutil.which("apt-get"), reason="what the image holds is Debian's")
def test_krew_accepts_the_manifest_and_installs_what_a_release_packs(archive: Path, served: tuple[str, Path], tmp_path: Path) -> None:
    address, folder = served
    # A debug build is large.
    [packed] = run(ROOT / "deploy/krew/pack", "--level", "1", archive, folder).split()
    with tarfile.open(packed) as tar:
        # Nothing of this machine: two of them make the same bytes.
        assert {(member.name, member.mode, member.mtime, member.uid, member.uname) for member in tar} == {
            ("LICENSE", 0o644, 0, 0, ""),
            ("kubectl-palisade", 0o755, 0, 0, ""),
        }

    manifest = tmp_path / "palisade.yaml"
    manifest.write_text(generated(address, folder))
    spec = yaml.safe_load(manifest.read_text())["spec"]
    # Of the other platforms there is no archive.
    assert [platform["uri"] for platform in spec["platforms"]] == [f"{address}/releases/download/v{VERSION}/{Path(packed).name}"]
    assert spec["version"] == f"v{VERSION}" and "SHA256" not in manifest.read_text()

    tools = kubectl(tmp_path / "bin")
    path = {"PATH": f"{tools}:{os.environ['PATH']}"}
    run(go_tool("validate-krew-manifest"), "-manifest", manifest, env=path)

    run(tools / "kubectl", "krew", "install", f"--manifest={manifest}", env={"KREW_ROOT": str(tmp_path / "krew")})
    plugin = tmp_path / "krew/bin/kubectl-palisade"
    assert "status" in subprocess.run([plugin, "--help"], capture_output=True, text=True, check=True).stdout

    Path(packed).write_bytes(b"another one")
    with pytest.raises(Refused, match="checksum"):
        run(go_tool("validate-krew-manifest"), "-manifest", manifest, env=path)


def test_an_archive_for_linux_holds_a_static_binary_of_its_architecture(tmp_path: Path) -> None:
    def packed(binary: Path, platform: str) -> Path:
        return Path(run(ROOT / "deploy/krew/pack", binary, platform, tmp_path).strip())

    source = tmp_path / "a.c"
    source.write_text("int main(void) { return 0; }")
    static, shared = tmp_path / "static", tmp_path / "shared"
    run("cc", "-static", "-o", static, source)
    run("cc", "-o", shared, source)
    is_arm = os.uname().machine == "aarch64"
    own, other = ("linux/arm64", "linux/amd64") if is_arm else ("linux/amd64", "linux/arm64")
    archive = packed(static, own)
    assert archive.name == f"palisade-plugin_{own.replace('/', '_')}.tar.gz"
    with tarfile.open(archive) as tar:
        found = tar.extractfile("kubectl-palisade")
        assert found and found.read() == static.read_bytes()
    for binary, platform, why in (
        (shared, own, "not static"),
        (static, other, "it is not for"),
        (source, own, "no 64-bit ELF file"),
        (static, "windows/amd64", "is no platform"),
    ):
        with pytest.raises(Refused, match=why):
            packed(binary, platform)
    # Of what macOS runs nothing is known here.
    assert packed(source, "darwin/arm64").name == "palisade-plugin_darwin_arm64.tar.gz"


def test_krew_accepts_the_manifest_of_all_platforms(tmp_path: Path) -> None:
    names = {f"palisade-plugin_{system}_{architecture}.tar.gz" for system in ("linux", "darwin") for architecture in ("amd64", "arm64")}
    for name in names:
        (tmp_path / name).write_bytes(name.encode())
    manifest = tmp_path / "palisade.yaml"
    manifest.write_text(generated("https://github.com/acme/palisade/", tmp_path))
    platforms = yaml.safe_load(manifest.read_text())["spec"]["platforms"]
    assert {platform["uri"].removeprefix(f"https://github.com/acme/palisade/releases/download/v{VERSION}/") for platform in platforms} == names
    assert len({platform["sha256"] for platform in platforms}) == len(names)
    run(go_tool("validate-krew-manifest"), "-skip-install", "-manifest", manifest)


def test_no_manifest_is_made_of_no_archive_or_of_a_tag(tmp_path: Path) -> None:
    with pytest.raises(Refused, match="no archive"):
        generated("https://github.com/acme/palisade", tmp_path)
    with pytest.raises(Refused, match="without a v"):
        generated("https://github.com/acme/palisade", tmp_path, "v1.2.3")
