"""Functions' code, run in Node: one long-lived process for each package, a few at a time."""

from __future__ import annotations

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
    def __init__(self, package: Package) -> None:
        self.directory = tempfile.mkdtemp(prefix="emulated-function-")
        with zipfile.ZipFile(io.BytesIO(package.code)) as archive:
            archive.extractall(self.directory)
        environment = {
            "PATH": os.environ.get("PATH", ""),
            "AWS_LAMBDA_FUNCTION_NAME": package.name,
            "AWS_LAMBDA_FUNCTION_VERSION": package.version,
        }
        # In a session of its own: it ends with its standard input, and tidies up then.
        self.process = subprocess.Popen(
            ["node", str(RUNNER), self.directory, package.handler],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env=environment,
            start_new_session=True,
        )
        self.waiting: dict[int, _Waiting] = {}
        self.alive = True
        # How many have it in hand; counted by the runtime.
        self.users = 0
        self._lock = threading.Lock()
        self._numbers = itertools.count()
        threading.Thread(target=self._listen, daemon=True).start()

    def invoke(self, package: Package, event: Any, context: dict[str, Any], environment: dict[str, str]) -> Any:
        number, waiting = next(self._numbers), _Waiting()
        call = {"id": number, "event": event, "context": context, "environment": environment, "timeout": package.timeout}
        line = json.dumps(call).encode() + b"\n"
        with self._lock:
            self.waiting[number] = waiting
            try:
                self.process.stdin.write(line)  # type: ignore[union-attr]
                self.process.stdin.flush()  # type: ignore[union-attr]
            except (OSError, ValueError):
                waiting.done.set()
        if not waiting.done.wait(package.timeout):
            self.kill()
            raise FunctionTimedOut(f"Task timed out after {package.timeout:.2f} seconds")
        self.waiting.pop(number, None)
        error = waiting.outcome.get("error")
        if error:
            raise FunctionFailed(error["message"])
        return waiting.outcome["result"]

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


class Runtime:
    def __init__(self) -> None:
        self._processes: OrderedDict[tuple[str, str], _Process] = OrderedDict()
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
        # Under one name code may change: $LATEST, or a function made anew.
        key = (package.arn, package.digest)
        with self._lock:
            found = self._processes.get(key)
            if not found or not found.alive:
                found = self._processes[key] = _Process(package)
            self._processes.move_to_end(key)
            for old in [k for k, p in self._processes.items() if not p.users and k != key][: max(0, len(self._processes) - MOST)]:
                self._processes.pop(old).end()
            found.users += 1
            return found

    def close(self) -> None:
        with self._lock:
            for process in self._processes.values():
                process.end()
            self._processes.clear()
