"""An account's subscription, protections and account-wide settings."""

from __future__ import annotations

import time
import uuid
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from ..core.history import History
from . import refusals

if TYPE_CHECKING:
    from ..world import World

Json = dict[str, Any]
YEAR = 365 * 86400


@dataclass
class Protection:
    id: str
    arn: str
    name: str
    resource_arn: str
    tags: dict[str, str]
    health_checks: list[str] = field(default_factory=list)
    # Of the automatic response: nothing before it was first enabled, then whether it is, and Count or Block.
    response: Json | None = None

    @property
    def responds(self) -> bool:
        return bool(self.response and self.response["Status"] == "ENABLED")

    def document(self) -> Json:
        found: Json = {
            "Id": self.id,
            "Name": self.name,
            "ResourceArn": self.resource_arn,
            "HealthCheckIds": list(self.health_checks),
            "ProtectionArn": self.arn,
        }
        if self.response:
            found["ApplicationLayerAutomaticResponseConfiguration"] = {"Status": self.response["Status"], "Action": {self.response["Action"]: {}}}
        return found


class Shield:
    def __init__(self, world: World) -> None:
        self.world = world
        self.protections: dict[str, Protection] = {}
        self.history: History[Json] = History()
        # None: as the settings say.
        self.subscribed: bool | None = None
        self.started_at = time.time()
        self.ends_at: float | None = None
        self.auto_renew = "ENABLED"
        self.contacts: list[Json] = []
        # Since when proactive engagement is on, and whether somebody ever gave its details.
        self.engaged_at: float | None = None
        self.engagement_known = False
        self.drt_role = ""
        self.drt_buckets: list[str] = []

    @property
    def active(self) -> bool:
        subscribed = self.world.settings["shieldSubscription"] if self.subscribed is None else self.subscribed
        return bool(subscribed) and (self.ends_at is None or time.time() < self.ends_at)

    @property
    def engagement(self) -> str:
        if self.engaged_at is None:
            return "DISABLED"
        return "ENABLED" if time.time() >= self.engaged_at + float(self.world.settings["engagementDelay"]) else "PENDING"

    def subscription(self) -> None:
        if not self.active:
            raise refusals.no_subscription()

    def get(self, protection_id: str) -> Protection:
        self.subscription()
        found = self.protections.get(protection_id)
        if not found:
            raise refusals.missing("protection")
        return found

    def of(self, resource_arn: str) -> Protection:
        self.subscription()
        found = next((p for p in self.protections.values() if p.resource_arn == resource_arn), None)
        if not found:
            raise refusals.missing("protection")
        return found

    def tagged(self, arn: str) -> Protection:
        return self.get(arn.rpartition("/")[2])

    def create(self, name: str, resource_arn: str, tags: dict[str, str]) -> Protection:
        number = str(uuid.uuid4())
        made = Protection(number, f"arn:aws:shield::{self.world.account}:protection/{number}", name, resource_arn, tags)
        self.protections[number] = made
        self.world.tags.note(made.arn, tags)
        self.note(made)
        return made

    def note(self, protection: Protection) -> None:
        """What lists show from now on."""
        self.history.put(protection.id, protection.document())

    def delete(self, protection: Protection) -> None:
        del self.protections[protection.id]
        self.history.put(protection.id, None)
        self.world.tags.note(protection.arn, None)

    def resources(self) -> list[Json]:
        return [
            {
                "service": "shield",
                "type": "protection",
                "id": p.id,
                "name": p.name,
                "arn": p.arn,
                "state": p.response["Action"].upper() if p.response and p.responds else None,
                "tags": dict(p.tags),
                "resourceArn": p.resource_arn,
                "healthChecks": list(p.health_checks),
            }
            for p in self.protections.values()
        ]
