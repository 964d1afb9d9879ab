"""The processes of a measurement. Whatever happens, none outlives the benchmark."""

from __future__ import annotations

import http.client
import json
import os
import socket
import subprocess
import sys
import time
from contextlib import AbstractContextManager, closing
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
CACHE = Path(os.environ.get("PALISADE_CACHE") or Path.home() / ".cache" / "palisade")
TICKS = os.sysconf("SC_CLK_TCK")
STARTED = time.monotonic()


class Failed(Exception):
    """The benchmark cannot go on; the message says why."""


def say(text: str) -> None:
    print(f"bench {time.monotonic() - STARTED:6.0f} s  {text}", file=sys.stderr, flush=True)


def release_binary(given: str | None) -> Path:
    """The release build of this checkout, made anew where it is not up to date."""
    if given:
        return Path(given)
    target = Path(os.environ.get("CARGO_TARGET_DIR") or CACHE / "target")
    say("building the release binary: 20 minutes the first time on 2 cores, nothing when it is up to date")
    built = subprocess.run(
        ["cargo", "build", "--release", "--bin", "palisade"],
        cwd=ROOT,
        env={**os.environ, "CARGO_TARGET_DIR": str(target)},
        check=False,
    )
    if built.returncode:
        raise Failed("cargo build --release failed")
    return target / "release" / "palisade"


def image_environment() -> dict[str, str]:
    """What the image sets, so that what is measured is what is deployed."""
    lines = (ROOT / "Dockerfile").read_text().splitlines()
    return dict(line.removeprefix("ENV ").split("=", 1) for line in lines if line.startswith("ENV "))


def control_plane_binary() -> str:
    return subprocess.run([ROOT / "tests/env/kubernetes/build"], check=True, stdout=subprocess.PIPE, text=True).stdout.strip()


class Process(AbstractContextManager["Process"]):
    """A child that ends before we do."""

    def __init__(self, arguments: list[Any], log: Path, env: dict[str, str] | None = None, speaks: bool = True) -> None:
        self.name, self.log = Path(str(arguments[0])).name, log
        with log.open("w") as file:
            self.child = subprocess.Popen(
                [str(argument) for argument in arguments],
                cwd=ROOT,
                env=env,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE if speaks else file,
                stderr=file,
                text=True,
                start_new_session=True,
            )

    def first_line(self) -> dict[str, Any]:
        """What a process of `tests/env` says when it is ready."""
        assert self.child.stdout
        line = self.child.stdout.readline()
        if not line:
            raise Failed(f"{self.name} ended before it was ready; see {self.log}")
        answer: dict[str, Any] = json.loads(line)
        return answer

    def __exit__(self, *_: object) -> None:
        if self.child.stdin:
            self.child.stdin.close()
        self.child.terminate()
        try:
            self.child.wait(timeout=60)
        except subprocess.TimeoutExpired:
            self.child.kill()
            self.child.wait()


def free_port() -> int:
    with closing(socket.socket()) as found:
        found.bind(("127.0.0.1", 0))
        port: int = found.getsockname()[1]
        return port


class Controller(Process):
    """`palisade controller`, as it comes but for the options given."""

    def __init__(self, binary: Path, kubeconfig: str, endpoint: str, options: list[str], log: Path, more: dict[str, str]) -> None:
        self.health, self.metrics_port = free_port(), free_port()
        env = {key: value for key, value in os.environ.items() if not key.startswith(("AWS_", "PALISADE_", "KUBE"))}
        env |= image_environment() | {
            "KUBECONFIG": kubeconfig,
            "AWS_ENDPOINT_URL": endpoint,
            "PALISADE_PROBE_ENDPOINT_URL": endpoint,
            "AWS_ACCESS_KEY_ID": "bench",
            "AWS_SECRET_ACCESS_KEY": "bench",
            "AWS_EC2_METADATA_DISABLED": "true",
            "AWS_CONFIG_FILE": "/dev/null",
            "AWS_SHARED_CREDENTIALS_FILE": "/dev/null",
            **more,
        }
        addresses = ["--health-addr", f"127.0.0.1:{self.health}", "--metrics-addr", f"127.0.0.1:{self.metrics_port}"]
        # The others end with their standard input.
        with_us = ["setpriv", "--pdeathsig", "TERM"]
        super().__init__([*with_us, binary, "controller", *addresses, *options], log, env, speaks=False)

    def leads(self) -> bool:
        return self.metric("palisade_leader") == 1

    def metric(self, start: str) -> float:
        """Sum of the samples whose name begins so."""
        connection = http.client.HTTPConnection("127.0.0.1", self.metrics_port, timeout=10)
        try:
            connection.request("GET", "/metrics")
            text = connection.getresponse().read().decode()
        except OSError:
            return 0
        finally:
            connection.close()
        return sum(float(line.rsplit(" ", 1)[1]) for line in text.splitlines() if line.startswith(start))

    def cpu_seconds(self) -> float:
        fields = Path(f"/proc/{self.child.pid}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / TICKS

    def memory(self) -> tuple[float, float]:
        """Resident now and at its peak, in MB."""
        lines = Path(f"/proc/{self.child.pid}/status").read_text().splitlines()
        kib = {line.split(":")[0]: int(line.split()[1]) for line in lines if line.startswith(("VmRSS", "VmHWM"))}
        return kib["VmRSS"] * 1024 / 1e6, kib["VmHWM"] * 1024 / 1e6

    def check(self) -> None:
        if self.child.poll() is not None:
            raise Failed(f"the controller ended with status {self.child.returncode}; see {self.log}")
