"""Chromium without a window, told what to do over a pipe."""

from __future__ import annotations

import base64
import json
import os
import signal
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from conftest import Json

FLAGS = (
    *("--headless", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--hide-scrollbars", "--force-color-profile=srgb"),
    *("--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync"),
)


class Browser:
    """One page of it. Messages are JSON, each behind the other with a zero between them."""

    def __init__(self, write: int, read: int) -> None:
        self.to, self.of = os.fdopen(write, "wb"), os.fdopen(read, "rb", buffering=0)
        self.number, self.unread, self.session = 0, b"", ""
        target = self.call("Target.createTarget", url="about:blank")["targetId"]
        self.session = self.call("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
        self.call("Page.enable")

    def received(self) -> Json:
        while b"\0" not in self.unread:
            more = self.of.read(1 << 20)
            assert more, "Chromium has ended"
            self.unread += more
        message, self.unread = self.unread.split(b"\0", 1)
        found: Json = json.loads(message)
        return found

    def call(self, method: str, **params: Any) -> Json:
        self.number += 1
        message = {"id": self.number, "method": method, "params": params} | ({"sessionId": self.session} if self.session else {})
        self.to.write(json.dumps(message).encode() + b"\0")
        self.to.flush()
        while (answer := self.received()).get("id") != self.number:
            pass
        assert "error" not in answer, (method, answer)
        result: Json = answer["result"]
        return result

    def open(self, url: str) -> None:
        self.call("Page.navigate", url=url)
        while self.received().get("method") != "Page.loadEventFired":
            pass

    def looks(self, scheme: str, width: int) -> None:
        self.call("Emulation.setEmulatedMedia", features=[{"name": "prefers-color-scheme", "value": scheme}])
        self.call("Emulation.setDeviceMetricsOverride", width=width, height=800, deviceScaleFactor=1, mobile=False)

    def evaluate(self, function: str, *arguments: Any) -> Any:
        words = ", ".join(json.dumps(argument) for argument in arguments)
        answer = self.call("Runtime.evaluate", expression=f"({function})({words})", returnByValue=True, awaitPromise=True)
        assert "exceptionDetails" not in answer, answer
        return answer["result"].get("value")

    def screenshot(self, width: int, height: int) -> bytes:
        """From the top, as far as a browser paints at once."""
        clip = {"x": 0, "y": 0, "width": width, "height": min(height, 4000), "scale": 1}
        return base64.b64decode(self.call("Page.captureScreenshot", captureBeyondViewport=True, clip=clip)["data"])


@contextmanager
def browser(program: Path, folder: Path) -> Iterator[Browser]:
    """It reads from descriptor 3 and writes to 4; a profile in `folder`, which is empty."""
    read, write = os.pipe()
    answers, answer = os.pipe()
    command = [program, *FLAGS, "--remote-debugging-pipe", f"--user-data-dir={folder}", "about:blank"]
    # A shell, since these numbers may be taken here.
    words = ["bash", "-c", f'exec "$@" 3<&{read} 4>&{answer}', "bash", *map(str, command)]
    with (folder.parent / "chromium.log").open("wb") as log:
        child = subprocess.Popen(words, pass_fds=(read, answer), stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True)
    os.close(read)
    os.close(answer)
    try:
        yield Browser(write, answers)
    finally:
        os.killpg(child.pid, signal.SIGKILL)
        child.wait()
