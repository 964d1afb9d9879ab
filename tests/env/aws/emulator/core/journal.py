"""What was called, for tests that count calls or look for the one that must not have happened."""

from __future__ import annotations

import time
from collections import deque
from itertools import islice
from typing import Any

from .call import Call

KEPT = 200_000


class Journal:
    def __init__(self) -> None:
        self.entries: deque[dict[str, Any]] = deque(maxlen=KEPT)
        self.dependent: deque[dict[str, Any]] = deque(maxlen=KEPT)
        # (principal, Sid, action) of statements without which a call would have been refused.
        self.needed: set[tuple[str, str, str]] = set()
        self._n = 0

    def note(self, call: Call, status: int, code: str | None, resource: str | None, fault: str | None) -> None:
        self._n += 1
        entry = {
            "n": self._n,
            "at": round(time.time(), 3),
            "service": call.service,
            "operation": call.operation,
            "resource": resource or call.resource,
            "status": status,
            "code": code,
            "accessKey": call.access_key,
            "account": call.account,
            "principal": call.principal,
        }
        if fault:
            entry["fault"] = fault
        self.entries.append(entry)

    def since(self, n: int) -> list[dict[str, Any]]:
        # Numbers have no gaps, so the place of the first wanted entry is known.
        first = self.entries[0]["n"] if self.entries else 0
        return list(islice(self.entries, max(0, n + 1 - first), None))

    def clear(self) -> None:
        # Numbers go on: a reader that remembers the last one it saw must not miss what follows.
        self.entries.clear()
        self.dependent.clear()
        self.needed.clear()
