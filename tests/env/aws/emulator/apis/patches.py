"""Patch operations of the REST service, as in {"op": "replace", "path": "/variables/x", "value": "1"}."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from ..core.answers import AwsError
from . import refusals


@dataclass
class Patch:
    op: str
    path: str
    parts: list[str]
    value: str
    source: str

    @property
    def removes(self) -> bool:
        return self.op == "remove"

    def truth(self) -> bool:
        if self.value.lower() not in ("true", "false"):
            raise refusals.bad(f"Invalid patch value '{self.value}' specified for path '{self.path}'. Must be one of: [true, false]")
        return self.value.lower() == "true"

    def number(self) -> int:
        try:
            return int(self.value)
        except ValueError:
            raise refusals.bad(f"Invalid patch value '{self.value}' specified for path '{self.path}'. Must be a number") from None

    def decimal(self) -> float:
        try:
            return float(self.value)
        except ValueError:
            raise refusals.bad(f"Invalid patch value '{self.value}' specified for path '{self.path}'. Must be a number") from None

    def refused(self, known: Sequence[str]) -> AwsError:
        return refusals.bad(f"Invalid patch path '{self.path}' specified for op '{self.op}'. Must be one of: [{', '.join(known)}]")


def read(params: dict[str, Any]) -> Iterator[Patch]:
    for given in params.get("patchOperations", []):
        op, path = given.get("op", ""), given.get("path", "")
        if op not in ("add", "remove", "replace", "move", "copy", "test"):
            raise refusals.bad(f"Invalid patch operation specified. Must be one of: [add, remove, replace, move, copy, test]: {op}")
        # A slash within a part is written ~1, a tilde ~0.
        parts = [part.replace("~1", "/").replace("~0", "~") for part in path.split("/")[1:]]
        yield Patch(op, path, parts, str(given.get("value", "")), given.get("from", ""))
