"""What viewers asked and who answered. Neither queries nor headers: they hold secrets."""

from __future__ import annotations

import time

from ..core.answers import Answer as ControlAnswer
from ..core.kept import Kept
from .messages import Answer, Request

KEPT = 50_000


class Requests:
    def __init__(self) -> None:
        self.entries = Kept(KEPT)

    def note(self, request: Request, answer: Answer) -> None:
        self.entries.add(
            {
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

    def since(self, n: int) -> ControlAnswer:
        return self.entries.since(n)
