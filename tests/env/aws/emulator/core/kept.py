"""Numbered entries of a journal, the newest so many of them. Each is rendered once: readers ask for all of them again and again."""

from __future__ import annotations

import json
from collections import deque
from itertools import islice
from typing import Any

from .answers import Answer


class Kept:
    def __init__(self, most: int) -> None:
        self._rendered: deque[str] = deque(maxlen=most)
        self.last = 0

    def add(self, entry: dict[str, Any]) -> None:
        self.last += 1
        self._rendered.append(json.dumps({"n": self.last, **entry}, separators=(",", ":"), ensure_ascii=False))

    def since(self, n: int) -> Answer:
        # Numbers have no gaps, so the place of the first wanted entry is known.
        first = self.last + 1 - len(self._rendered)
        wanted = islice(self._rendered, max(0, n + 1 - first), None)
        return Answer(200, f"[{','.join(wanted)}]".encode(), {"Content-Type": "application/json"})

    def clear(self) -> None:
        # Numbers go on: a reader that remembers the last one it saw must not miss what follows.
        self._rendered.clear()
