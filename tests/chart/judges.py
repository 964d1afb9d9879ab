"""What Flux and Argo CD make of an object, by their own means: tests/env/kstatus."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from conftest import ROOT, Json, run

RULES = ROOT / "deploy/argocd/resource_customizations/palisade.dev"


@dataclass
class Judges:
    binary: Path

    def flux(self, found: Json) -> str:
        return run(self.binary, given=json.dumps(found)).partition("\n")[0]

    def argo(self, found: Json) -> tuple[str, str]:
        """The rule's status and message, but of what is being deleted, which Argo CD judges before it asks a rule."""
        if found["metadata"].get("deletionTimestamp"):
            return "Progressing", "Pending deletion"
        status, _, message = run(self.binary, RULES / found["kind"] / "health.lua", given=json.dumps(found)).partition("\n")
        return status, message.strip()

    def both(self, found: Json) -> tuple[str, str]:
        return self.flux(found), self.argo(found)[0]


def condition(found: Json, kind: str) -> dict[str, Any]:
    """The condition as it is of the present spec; empty where there is none."""
    status = found.get("status", {})
    if status.get("observedGeneration") != found["metadata"]["generation"]:
        return {}
    return next((known for known in status.get("conditions", []) if known["type"] == kind), {})
