"""Functions' code, run in Node: one long-lived process for each package, a few at a time; and one for all that differ in their entry alone."""

from __future__ import annotations

import hashlib
import io
import itertools
import json
import os
import shutil
import subprocess
import tempfile
import threading
import zipfile
from collections import OrderedDict
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

RUNNER = Path(__file__).with_name("runner.mjs")
# A process takes about 40 MB; the one that was not used for longest goes first.
MOST = 8


@dataclass(frozen=True)
class Package:
    """A function version, as far as running it goes."""

    arn: str
    name: str
    version: str
    digest: str
    code: bytes
    handler: str
    timeout: int


class FunctionFailed(Exception):
    """The function threw; its message is all that it says."""


class FunctionTimedOut(Exception):
    pass


@dataclass
class _Waiting:
    done: threading.Event = field(default_factory=threading.Event)
    outcome: dict[str, Any] = field(default_factory=lambda: {"error": {"name": "Runtime.ExitError", "message": "Runtime exited"}})


class _Process:
    def __init__(self, package: Package, *, is_shared: bool) -> None:
        self.is_shared = is_shared
        self.directory = tempfile.mkdtemp(prefix="emulated-function-")
        # In a session of its own: it ends with its standard input, and tidies up then.
        self.process = subprocess.Popen(
            ["node", str(RUNNER), self.directory],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env={"PATH": os.environ.get("PATH", ""), **({} if is_shared else _names(package))},
            start_new_session=True,
        )
        self.waiting: dict[int, _Waiting] = {}
        self.alive = True
        # How many have it in hand; counted by the runtime.
        self.users = 0
        self._placed: dict[tuple[str, str], str] = {}
        self._lock = threading.Lock()
        self._numbers = itertools.count()
        threading.Thread(target=self._listen, daemon=True).start()

    def invoke(self, package: Package, event: Any, context: dict[str, Any], environment: dict[str, str]) -> Any:
        number, waiting = next(self._numbers), _Waiting()
        call = {"id": number, "event": event, "context": context, "environment": {**_names(package), **environment}, "timeout": package.timeout}
        with self._lock:
            self.waiting[number] = waiting
            try:
                line = json.dumps({**call, "directory": self._place(package), "handler": package.handler}).encode() + b"\n"
                self.process.stdin.write(line)  # type: ignore[union-attr]
                self.process.stdin.flush()  # type: ignore[union-attr]
            except (OSError, ValueError):
                waiting.done.set()
        if not waiting.done.wait(package.timeout):
            if not self.is_shared:
                self.kill()
            raise FunctionTimedOut(f"Task timed out after {package.timeout:.2f} seconds")
        self.waiting.pop(number, None)
        error = waiting.outcome.get("error")
        if error:
            raise FunctionFailed(error["message"])
        return waiting.outcome["result"]

    def _place(self, package: Package) -> str:
        """Where the package's files are: modules are told apart by that."""
        # Under one name code may change: $LATEST, or a function made anew.
        key = (package.arn, package.digest)
        if key not in self._placed:
            directory = tempfile.mkdtemp(dir=self.directory)
            with zipfile.ZipFile(io.BytesIO(package.code)) as archive:
                archive.extractall(directory)
            self._placed[key] = directory
        return self._placed[key]

    def _listen(self) -> None:
        for line in self.process.stdout:  # type: ignore[union-attr]
            outcome = json.loads(line)
            waiting = self.waiting.get(outcome["id"])
            if waiting:
                waiting.outcome = outcome
                waiting.done.set()
        self.alive = False
        self.process.wait()
        # A function may end its process without the runner's tidying up.
        shutil.rmtree(self.directory, ignore_errors=True)
        for waiting in list(self.waiting.values()):
            waiting.done.set()

    def end(self) -> None:
        with self._lock:
            try:
                self.process.stdin.close()  # type: ignore[union-attr]
            except OSError:
                pass

    def kill(self) -> None:
        self.process.kill()


def _names(package: Package) -> dict[str, str]:
    return {"AWS_LAMBDA_FUNCTION_NAME": package.name, "AWS_LAMBDA_FUNCTION_VERSION": package.version}


class Runtime:
    def __init__(self) -> None:
        # By function and package; by what is shared.
        self._processes: OrderedDict[tuple[str, ...], _Process] = OrderedDict()
        self._shared: dict[str, str] = {}
        self._lock = threading.Lock()

    def invoke(self, package: Package, event: Any, environment: dict[str, str], request_id: str) -> Any:
        """The function's result as JSON; raises FunctionFailed or FunctionTimedOut."""
        context = {
            "awsRequestId": request_id,
            "functionName": package.name,
            "functionVersion": package.version,
            "invokedFunctionArn": package.arn,
        }
        process = self._taken(package)
        try:
            return process.invoke(package, event, context, environment)
        finally:
            with self._lock:
                process.users -= 1

    def _taken(self, package: Package) -> _Process:
        with self._lock:
            shared = self._shared_by(package)
            key = (shared,) if shared else (package.arn, package.digest)
            found = self._processes.get(key)
            if not found or not found.alive:
                found = self._processes[key] = _Process(package, is_shared=bool(shared))
            self._processes.move_to_end(key)
            for old in [k for k, p in self._processes.items() if not p.users and k != key][: max(0, len(self._processes) - MOST)]:
                self._processes.pop(old).end()
            found.users += 1
            return found

    def _shared_by(self, package: Package) -> str:
        """What a package has beside its entry, hashed; empty where that is all. Those that have it in common, as all signers do, are one code:
        a start of Node takes as much of a processor as hundreds of requests."""
        if package.digest not in self._shared:
            entry = package.handler.partition(".")[0]
            with zipfile.ZipFile(io.BytesIO(package.code)) as archive:
                rest = sorted((name, archive.read(name)) for name in archive.namelist() if Path(name).stem != entry)
            self._shared[package.digest] = hashlib.sha256(repr(rest).encode()).hexdigest() if rest else ""
        return self._shared[package.digest]

    def close(self) -> None:
        with self._lock:
            for process in self._processes.values():
                process.end()
            self._processes.clear()
