"""The Dockerfile, built by buildah from bases that lie on this machine.

What stands for Rust's base has no compiler: its cargo notes what it is given and hands over this build's binary.
"""

from __future__ import annotations

import json
import os
import re
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from conftest import ROOT, Json, run
from containers import Image

pytestmark = [
    pytest.mark.skipif(not shutil.which("apt-get"), reason="buildah and runc are Debian's"),
    pytest.mark.skipif(os.geteuid() != 0, reason="only root may run a step of a build without a user namespace"),
]
RECIPE = (ROOT / "Dockerfile").read_text()
CARGO = """#!/bin/sh
set -e
echo "$*" > /seen/arguments
cp -r . /seen/source
mkdir -p target/release
cp /prebuilt target/release/palisade
"""


@dataclass
class Buildah:
    """With a store of its own."""

    program: Path
    folder: Path

    def run(self, command: str, *arguments: object) -> str:
        (self.folder / "tmp").mkdir(exist_ok=True)
        store = ("--root", self.folder / "store", "--runroot", self.folder / "run")
        return run(self.program / "buildah", *store, command, *arguments, env={"TMPDIR": str(self.folder / "tmp")}).strip()

    def base(self, name: str, root: Path) -> str:
        """An image of these files; answers how a build names it."""
        container = self.run("from", "scratch")
        self.run("copy", "--quiet", container, root, "/")
        self.run("commit", "--quiet", container, f"localhost/{name}")
        return f"container-image://localhost/{name}"


def compiler(folder: Path, busybox: Path, binary: Path) -> Path:
    """What a step needs, and the stand-in for cargo."""
    programs = folder / "bin"
    programs.mkdir(parents=True)
    shutil.copy2(busybox, programs / "busybox")
    for name in ("sh", "cp", "mkdir"):
        (programs / name).symlink_to("busybox")
    (programs / "cargo").write_text(CARGO)
    (programs / "cargo").chmod(0o755)
    shutil.copy2(binary, folder / "prebuilt")
    return folder


@dataclass
class Built:
    """What became of the Dockerfile."""

    config: Json
    # Of the image, as a container has it that may be run.
    root: Path
    container: str
    # What cargo saw.
    seen: Path


@pytest.fixture(scope="module")
def buildah(tmp_path_factory: pytest.TempPathFactory) -> Buildah:
    return Buildah(Path(run(ROOT / "tests/env/buildah/setup").strip()), tmp_path_factory.mktemp("buildah"))


@pytest.fixture(scope="module")
def bare(image: Image, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What image/build gives the binary to run on."""
    root = image.unpack(tmp_path_factory.mktemp("bare"))
    (root / "palisade").unlink()
    return root


@pytest.fixture(scope="module")
def built(buildah: Buildah, bare: Path, stripped: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Built]:
    seen = tmp_path_factory.mktemp("seen")
    rust, last = re.findall(r"^FROM (\S+)", RECIPE, re.MULTILINE)
    bases = {
        rust: buildah.base("rust", compiler(buildah.folder / "rust", buildah.program / "busybox", stripped)),
        last: buildah.base("cc", bare),
    }
    contexts = [word for name, there in bases.items() for word in ("--build-context", f"{name}={there}")]
    buildah.run("bud", "--network", "host", "--volume", f"{seen}:/seen", *contexts, "--tag", "palisade", ROOT)
    config = json.loads(buildah.run("inspect", "--type", "image", "palisade"))["OCIv1"]["config"]
    container = buildah.run("from", "palisade")
    yield Built(config, Path(buildah.run("mount", container)), container, seen)
    buildah.run("rm", "--all")


def files(folder: Path) -> set[Path]:
    return {path.relative_to(folder) for path in folder.rglob("*") if path.is_file() or path.is_symlink()}


def test_cargo_sees_all_that_it_needs_and_nothing_besides(built: Built) -> None:
    assert (built.seen / "arguments").read_text() == "build --release --locked --bin palisade\n"
    source = built.seen / "source"
    needed = {Path("src") / path for path in files(ROOT / "src")} | {Path(name) for name in ("Cargo.toml", "Cargo.lock", "build.rs")}
    assert files(source) == needed
    # A manifest may name files that are not there; cargo says so before it compiles.
    told = json.loads(run("cargo", "metadata", "--no-deps", "--offline", "--format-version", "1", "--manifest-path", source / "Cargo.toml"))
    [package] = told["packages"]
    paths = {kind: Path(target["src_path"]) for target in package["targets"] for kind in target["kind"] if kind != "test"}
    assert set(paths) == {"bin", "lib", "custom-build"}
    assert all(path.is_file() and path.is_relative_to(source) for path in paths.values()), paths


def test_it_becomes_the_image_that_is_assembled(built: Built, image: Image, bare: Path, stripped: Path) -> None:
    assembled = image.config
    for key in ("User", "Entrypoint", "ExposedPorts"):
        assert built.config[key] == assembled[key], key
    said = {line.removeprefix("ENV ") for line in RECIPE.splitlines() if line.startswith("ENV ")}
    assert said and said <= set(built.config["Env"]) and said <= set(assembled["Env"])
    assert files(built.root) == files(bare) | {Path("palisade")}
    assert (built.root / "palisade").read_bytes() == stripped.read_bytes()


def test_the_binary_runs_in_it(buildah: Buildah, built: Built) -> None:
    said = buildah.run("run", "--network", "host", built.container, "--", *built.config["Entrypoint"], "--version")
    assert re.fullmatch(r"palisade \d+\.\d+\.\d+.*", said), said
