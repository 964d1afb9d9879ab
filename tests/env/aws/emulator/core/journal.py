"""What was called, for tests that count calls or look for the one that must not have happened."""

from __future__ import annotations

import time
from collections import deque
from typing import Any

from .answers import Answer
from .call import Call
from .kept import Kept

KEPT = 200_000


class Journal:
    def __init__(self) -> None:
        self.entries = Kept(KEPT)
        self.dependent: deque[dict[str, Any]] = deque(maxlen=KEPT)
        # (principal, Sid, action) of statements without which a call would have been refused.
        self.needed: set[tuple[str, str, str]] = set()

    def note(self, call: Call, status: int, code: str | None, resource: str | None, fault: str | None) -> None:
        entry = {
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
        self.entries.add(entry)

    def since(self, n: int) -> Answer:
        return self.entries.since(n)

    def clear(self) -> None:
        self.entries.clear()
        self.dependent.clear()
        self.needed.clear()
