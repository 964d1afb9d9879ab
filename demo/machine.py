"""What the demo stands on: processes that end with it, kubectl, and the emulated AWS's own account of what exists."""

from __future__ import annotations

import contextlib
import http.client
import json
import os
import shlex
import shutil
import signal
import socket
import ssl
import subprocess
import threading
import time
import urllib.request
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
KEEP = os.environ.get("KEEP", "") not in ("", "0")
CURRENT = os.environ.get("CLUSTER", "") == "current"
# Without any cluster or AWS account that is configured on this machine.
# curl says by these that a connection ended before any answer.
ENDED = (52, 56)
CLEAN = {k: v for k, v in os.environ.items() if not k.startswith("AWS_") and k != "KUBECONFIG"}


class Failed(Exception):
    """The demo cannot go on; the message says why."""


class Machine:
    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.running: list[tuple[str, subprocess.Popen[str]]] = []
        self.undo: list[Callable[[], object]] = []
        self.kubectl_env = dict(os.environ if CURRENT else CLEAN, KUBECACHEDIR=str(folder / "cache"))
        self.aws, self.tls, self.ca_file = "", 0, ""

    def start(self, name: str, command: list[str], env: dict[str, str] | None = None) -> None:
        """Starts a process of our own, in a session of its own: Ctrl-C reaches us alone, and we end the others in good order."""
        with (self.folder / f"{name}.log").open("w") as log:
            # Nobody ever writes to the pipe: it closes when we end, however we end. With KEEP=1 they shall outlive us.
            stdin = subprocess.DEVNULL if KEEP else subprocess.PIPE
            process = subprocess.Popen(command, env=env or CLEAN, stdin=stdin, stdout=log, stderr=log, text=True, start_new_session=True)
        self.running.append((name, process))

    def answer(self, name: str, command: list[str]) -> dict[str, Any]:
        """Starts a process of tests/env; answers the line of JSON that it prints when it is ready."""
        self.start(name, command if KEEP else [*command, "--exit-with-stdin"])
        for _ in self.patiently(90, f"{name} to start"):
            for line in (self.folder / f"{name}.log").read_text().splitlines():
                if line.startswith('{"ready"'):
                    return json.loads(line)
        raise AssertionError("patiently() raises")

    def patiently(self, seconds: float, what: str) -> Iterator[None]:
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            yield
            for name, process in self.running:
                if process.poll() is not None:
                    raise Failed(f"{name} has ended by itself, with status {process.returncode}")
            time.sleep(0.25)
        raise Failed(f"waited {seconds:.0f} s in vain for {what}")

    def end(self) -> None:
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        if self.undo:
            say("Removing from the cluster what the demo put there.")
        for undo in reversed(self.undo):
            with contextlib.suppress(Exception):
                undo()
        for _, process in reversed(self.running):
            process.terminate()
            try:
                process.wait(20)
            except subprocess.TimeoutExpired:
                os.killpg(process.pid, signal.SIGKILL)
        shutil.rmtree(self.folder, ignore_errors=True)

    def request(self, host: str, path: str, headers: dict[str, str] | None = None, tls: bool = False) -> tuple[int, str]:
        """Status and body of a GET to a host that only the emulated AWS knows; curl shows it where it is installed. The status is 0 where
        the connection ends before any answer."""
        address = f"127.0.0.1:{self.tls}" if tls else self.aws.removeprefix("http://")
        options = ["--connect-to", f"::{address}", *(["--cacert", self.ca_file] if tls else [])]
        for name, value in (headers or {}).items():
            options += ["-H", f"{name}: {value}"]
        options.append(f"{'https' if tls else 'http'}://{host}{path}")
        say(f"$ curl {shlex.join(options)}")
        if shutil.which("curl"):
            command = ["curl", "-sS", "--max-time", "10", "--noproxy", "*", "-w", "\n%{http_code}", *options]
            done = subprocess.run(command, env=CLEAN, capture_output=True, text=True, check=False)
            if done.returncode in ENDED:
                return 0, done.stderr.strip()
            if done.returncode:
                raise Failed(f"curl: {done.stderr.strip()}")
            body, _, status = done.stdout.rpartition("\n")
            return int(status), " ".join(body.split())
        connection = http.client.HTTPConnection(address, timeout=10)
        if tls:
            plain = socket.create_connection(("127.0.0.1", self.tls), timeout=10)
            connection.sock = ssl.create_default_context(cafile=self.ca_file).wrap_socket(plain, server_hostname=host)
        try:
            connection.request("GET", path, headers={"Host": host, **(headers or {})})
            answer = connection.getresponse()
            return answer.status, " ".join(answer.read().decode(errors="replace").split())
        except (http.client.RemoteDisconnected, ConnectionError, ssl.SSLError) as error:
            return 0, str(error)

    @contextlib.contextmanager
    def viewer(self, host: str, path: str, headers: dict[str, str] | None = None) -> Iterator[Counter[int]]:
        """Asks one host again and again; counts the answers by status."""
        address, answers, is_over = self.aws.removeprefix("http://"), Counter[int](), threading.Event()

        def ask() -> None:
            while not is_over.is_set():
                connection = http.client.HTTPConnection(address, timeout=10)
                connection.request("GET", path, headers={"Host": host, **(headers or {})})
                answers[connection.getresponse().status] += 1
                connection.close()
                is_over.wait(0.05)

        thread = threading.Thread(target=ask)
        thread.start()
        try:
            yield answers
        finally:
            is_over.set()
            thread.join()

    def kubectl(self, *arguments: str, show: bool = False) -> str:
        if show:
            say("$ kubectl " + " ".join(arguments))
        done = subprocess.run(["kubectl", *arguments], env=self.kubectl_env, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False)
        if done.returncode != 0:
            raise Failed(f"kubectl {' '.join(arguments)}: {done.stderr.strip()}")
        if show:
            say(*done.stdout.splitlines())
        return done.stdout

    def exists(self, kind: str, name: str) -> bool:
        return bool(self.kubectl("get", kind, name, "--ignore-not-found", "-o", "name").strip())

    def objects(self) -> dict[str, dict[str, Any]]:
        items = json.loads(self.kubectl("get", "papi", "-n", "shop", "-o", "json"))["items"]
        return {item["metadata"]["name"]: item for item in items}

    def seed(self, file: str) -> None:
        """Adds to the emulated account what a file says."""
        request = urllib.request.Request(f"{self.aws}/_emulator/seed", (ROOT / file).read_bytes(), method="POST")
        with urllib.request.build_opener(urllib.request.ProxyHandler({})).open(request, timeout=10):
            pass

    def resources(self, uid: str = "") -> list[dict[str, Any]]:
        """What Palisade made in the emulated account; of one object where its UID is given."""
        return [found for found in self.everything() if uid in (found["tags"] or {}).get("palisade.dev/uid", "") and "palisade.dev/uid" in found["tags"]]

    def everything(self) -> list[dict[str, Any]]:
        """All that exists in the emulated account."""
        with urllib.request.build_opener(urllib.request.ProxyHandler({})).open(f"{self.aws}/_emulator/resources", timeout=10) as answer:
            found: list[dict[str, Any]] = json.load(answer)
        return found


def say(*lines: str) -> None:
    for line in lines:
        print(f"   {line}".rstrip(), flush=True)


def served(answers: Counter[int]) -> None:
    say(f"The viewer asked {sum(answers.values())} times meanwhile and was answered: " + ", ".join(f"{n} x {status}" for status, n in answers.items()))
    if set(answers) != {200}:
        raise Failed("a viewer was refused")


def shortened(text: str, length: int = 110) -> str:
    return text if len(text) <= length else text[: length - 1] + "…"


@contextlib.contextmanager
def building(command: list[str]) -> Iterator[Callable[[], str]]:
    """Starts a part of the build, which speaks on stderr; what it yields waits and answers the line on its stdout."""
    process = subprocess.Popen(command or ["true"], env=CLEAN, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, text=True)

    def answer() -> str:
        line, _ = process.communicate()
        if process.returncode != 0:
            raise Failed(f"{command[0]} failed; the reason is above")
        return line.strip()

    try:
        yield answer
    finally:
        if process.poll() is None:
            process.terminate()
            process.wait()


@contextlib.contextmanager
def step(text: str) -> Iterator[None]:
    begin = time.monotonic()
    print(f"\n── {text}", flush=True)
    yield
    print(f"   ({time.monotonic() - begin:.1f} s)", flush=True)
