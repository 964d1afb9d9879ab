"""Health checks, hosted zones, and what DNS answers from them."""

from __future__ import annotations

import random
import re
import string
import time
import uuid
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from ..core.answers import AwsError
from ..core.history import History

if TYPE_CHECKING:
    from ..world import World

Json = dict[str, Any]
NAME_SERVERS = ["ns-2048.awsdns-64.com", "ns-2049.awsdns-65.net", "ns-2050.awsdns-66.org", "ns-2051.awsdns-67.co.uk"]


def number(first: str) -> str:
    return first + "".join(random.choices(string.ascii_uppercase + string.digits, k=13))


def dns_name(given: str) -> str:
    """As Route 53 keeps a name: in small letters, with a dot at its end, odd characters by their octal number."""
    plain = re.sub(r"\\(\d{3})", lambda found: chr(int(found[1], 8)), given).lower().rstrip(".")
    return re.sub(r"[^a-z0-9._-]", lambda odd: f"\\{ord(odd[0]):03o}", plain) + "."


# Name, type, and the identifier of one of several records of a kind (weighted ones, say), which is empty for a simple one.
Key = tuple[str, str, str]


def key_of(record: Json) -> Key:
    return record["Name"], record["Type"], record.get("SetIdentifier") or ""


@dataclass
class HealthCheck:
    id: str
    reference: str
    config: Json
    version: int = 1
    tags: dict[str, str] = field(default_factory=dict)
    # What the checkers see, where a test says so: the text of their report.
    report: str | None = None
    passes: bool | None = None
    world: World | None = field(default=None, repr=False)

    @property
    def healthy(self) -> bool:
        if self.config.get("Disabled"):
            return True
        passes = bool(self.world and self.world.settings["healthChecksPass"]) if self.passes is None else self.passes
        return passes != bool(self.config.get("Inverted"))

    def document(self) -> Json:
        return {"Id": self.id, "CallerReference": self.reference, "HealthCheckConfig": dict(self.config), "HealthCheckVersion": self.version}


@dataclass
class Zone:
    id: str
    name: str
    reference: str
    comment: str
    private: bool
    tags: dict[str, str] = field(default_factory=dict)
    records: dict[Key, Json] = field(default_factory=dict)
    # Since when a record is as it is.
    changed_at: dict[Key, float] = field(default_factory=dict)

    def put(self, record: Json) -> None:
        self.records[key_of(record)] = record
        self.changed_at[key_of(record)] = time.time()

    def sorted(self) -> list[Json]:
        """In Route 53's order: by the labels from the right, then by type."""
        return sorted(self.records.values(), key=place_of)

    def document(self) -> Json:
        return {
            "Id": f"/hostedzone/{self.id}",
            "Name": self.name,
            "CallerReference": self.reference,
            "Config": {**({"Comment": self.comment} if self.comment else {}), "PrivateZone": self.private},
            "ResourceRecordSetCount": len(self.records),
        }


def place(name: str, kind: str = "", identifier: str = "") -> tuple[list[str], str, str]:
    return list(reversed(name.rstrip(".").split("."))), kind, identifier


def place_of(record: Json) -> tuple[list[str], str, str]:
    return place(*key_of(record))


class Route53:
    def __init__(self, world: World) -> None:
        self.world = world
        self.health_checks: dict[str, HealthCheck] = {}
        self.history: History[Json] = History()
        # Caller reference → id, also of health checks that are gone.
        self.references: dict[str, str] = {}
        self.zones: dict[str, Zone] = {}
        # Change → when it was made.
        self.changes: dict[str, float] = {}

    def check(self, check_id: str) -> HealthCheck:
        found = self.health_checks.get(check_id)
        if not found:
            raise AwsError("NoSuchHealthCheck", f"A health check with id {check_id} does not exist.", 404)
        return found

    def zone(self, zone_id: str) -> Zone:
        found = self.zones.get(zone_id.removeprefix("/hostedzone/"))
        if not found:
            raise AwsError("NoSuchHostedZone", f"No hosted zone found with ID: {zone_id}", 404)
        return found

    def create_check(self, reference: str, config: Json) -> HealthCheck:
        made = HealthCheck(str(uuid.uuid4()), reference, config, world=self.world)
        self.health_checks[made.id] = made
        self.references[reference] = made.id
        self.note(made)
        return made

    def note(self, check: HealthCheck) -> None:
        self.history.put(check.id, check.document())

    def create_zone(self, name: str, reference: str = "", comment: str = "", private: bool = False, zone_id: str = "") -> Zone:
        zone = Zone(zone_id or number("Z"), dns_name(name), reference or str(uuid.uuid4()), comment, private)
        soa = f"{NAME_SERVERS[0]}. awsdns-hostmaster.amazon.com. 1 7200 900 1209600 86400"
        zone.put({"Name": zone.name, "Type": "NS", "TTL": 172800, "ResourceRecords": [{"Value": f"{server}."} for server in NAME_SERVERS]})
        zone.put({"Name": zone.name, "Type": "SOA", "TTL": 900, "ResourceRecords": [{"Value": soa}]})
        self.zones[zone.id] = zone
        return zone

    def change(self, comment: str = "") -> Json:
        """A new change, which takes its time until all name servers have it."""
        made = number("C")
        self.changes[made] = time.time()
        return self.change_info(made, comment)

    def change_info(self, change_id: str, comment: str = "") -> Json:
        at = self.changes[change_id]
        status = "INSYNC" if self._in_sync(at) else "PENDING"
        return {"Id": f"/change/{change_id}", "Status": status, "SubmittedAt": at, **({"Comment": comment} if comment else {})}

    def _in_sync(self, at: float) -> bool:
        return time.time() >= at + float(self.world.settings["dnsPropagation"])

    def answers(self, name: str, kind: str) -> set[str]:
        """What the world's resolvers say: the records of every account's public zones that have reached the name servers."""
        found: set[str] = set()
        key = dns_name(name), kind, ""
        for world in self.world.everywhere():
            for zone in world.route53.zones.values():
                if key in zone.records and not zone.private and self._in_sync(zone.changed_at[key]):
                    found |= {str(record["Value"]) for record in zone.records[key].get("ResourceRecords") or []}
        return found

    def aliases(self, name: str) -> set[str]:
        """Whom an alias record of the world's public zones leads a name to."""
        key = dns_name(name), "A", ""
        zones = [zone for world in self.world.everywhere() for zone in world.route53.zones.values()]
        found = [zone.records[key] for zone in zones if key in zone.records and not zone.private and self._in_sync(zone.changed_at[key])]
        return {str(record["AliasTarget"]["DNSName"]).rstrip(".").lower() for record in found if record.get("AliasTarget")}

    def tagged(self, kind: str, resource_id: str) -> HealthCheck | Zone:
        return self.check(resource_id) if kind == "healthcheck" else self.zone(resource_id)

    def resources(self) -> list[Json]:
        checks = [
            {
                "service": "route53",
                "type": "healthcheck",
                "id": c.id,
                "name": c.config.get("FullyQualifiedDomainName", ""),
                "arn": f"arn:aws:route53:::healthcheck/{c.id}",
                "state": "Healthy" if c.healthy else "Unhealthy",
                "tags": dict(c.tags),
            }
            for c in self.health_checks.values()
        ]
        zones = [
            {
                "service": "route53",
                "type": "hostedzone",
                "id": z.id,
                "name": z.name,
                "arn": f"arn:aws:route53:::hostedzone/{z.id}",
                "state": None,
                "tags": dict(z.tags),
                "records": [f"{r['Name']} {r['Type']}" for r in z.sorted()],
            }
            for z in self.zones.values()
        ]
        return [*checks, *zones]
