"""What viewers asked and who answered. Neither queries nor headers: they hold secrets."""

from __future__ import annotations

import time
from collections import deque
from itertools import islice
from typing import Any

from .messages import Answer, Request

KEPT = 50_000


class Requests:
    def __init__(self) -> None:
        self.entries: deque[dict[str, Any]] = deque(maxlen=KEPT)
        self._n = 0

    def note(self, request: Request, answer: Answer) -> None:
        self._n += 1
        self.entries.append(
            {
                "n": self._n,
                "at": round(time.time(), 3),
                "host": request.host,
                "method": request.method,
                "path": request.path,
                "status": answer.status,
                "by": answer.by,
                "code": answer.code,
                **({"clientCertificate": certificate["subjectDN"]} if (certificate := request.client_certificate) else {}),
            }
        )

    def since(self, n: int) -> list[dict[str, Any]]:
        # Numbers have no gaps, so the place of the first wanted entry is known.
        first = self.entries[0]["n"] if self.entries else 0
        return list(islice(self.entries, max(0, n + 1 - first), None))
