"""Custom domain names, and on which terms they serve."""

from __future__ import annotations

import hashlib
import time
from dataclasses import dataclass, field
from typing import Any

Json = dict[str, Any]
# The hosted zone of API Gateway's own names in each Region.
TARGET_ZONE = "Z3UWIKFBOOGXPP"


@dataclass(frozen=True)
class Terms:
    """What a name serves by."""

    certificate: str = ""
    ownership_certificate: str = ""
    # s3://bucket/key; empty where no client certificate is asked for.
    truststore_uri: str = ""
    truststore_version: str = ""
    # As it was read; None where a seed declares no more than where it would be.
    truststore: str | None = None
    warnings: tuple[str, ...] = ()


@dataclass
class DomainName:
    """Mappings have apiId, stage and key (empty: the root), routing rules are AWS's documents."""

    name: str
    region: str
    mappings: list[Json] = field(default_factory=list)
    # As the newer service calls it; it decides which of the two count.
    routing_mode: str = "API_MAPPING_ONLY"
    rules: list[Json] = field(default_factory=list)
    terms: Terms = field(default_factory=Terms)
    # What it served by before; nothing where it is new.
    former: Terms | None = None
    # From when on the terms are in force.
    settled_at: float = 0.0
    # By a call, and not by a seed.
    is_made: bool = False
    tags: dict[str, str] = field(default_factory=dict)
    # A status, and what API Gateway says to it, in place of what they would be.
    said: tuple[str, str] | None = None

    @property
    def arn(self) -> str:
        return f"arn:aws:apigateway:{self.region}::/domainnames/{self.name}"

    @property
    def target(self) -> str:
        """API Gateway's own name for it."""
        return f"d-{hashlib.sha256(self.name.encode()).hexdigest()[:10]}.execute-api.{self.region}.amazonaws.com"

    @property
    def is_settled(self) -> bool:
        return time.time() >= self.settled_at

    @property
    def status(self) -> str:
        return self.said[0] if self.said else "AVAILABLE" if self.is_settled else "UPDATING"

    @property
    def certificates(self) -> set[str]:
        """The server certificates that it uses."""
        used = {self.terms.certificate, self.former.certificate if self.former and not self.is_settled else ""}
        return used - {""}

    def serves_by(self, updating: str) -> Terms | None:
        """What requests meet; `updating` says by what a name serves until its terms are in force. None: nothing answers."""
        if self.is_settled:
            return self.terms
        return {"old": self.former, "new": self.terms}.get(updating) if self.former else None

    def take(self, terms: Terms, delay: float) -> None:
        """Other terms, in force after a while."""
        self.former, self.terms, self.settled_at = self.terms, terms, time.time() + delay
