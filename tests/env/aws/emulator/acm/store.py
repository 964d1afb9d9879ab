"""Certificates: what DNS must say before they are issued, and those that were imported."""

from __future__ import annotations

import hashlib
import time
import uuid
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from ..core.answers import AwsError
from ..core.history import History
from .imports import Imported

if TYPE_CHECKING:
    from ..world import World

Json = dict[str, Any]
# An idempotency token stands for its request that long.
TOKEN_LIFETIME = 3600.0
# So long an issued one is valid.
VALIDITY = 395 * 86400.0
VALIDATED = ("ISSUED", "INACTIVE", "EXPIRED", "REVOKED")


@dataclass
class Certificate:
    arn: str
    region: str
    domain: str
    names: list[str]
    created_at: float
    tags: dict[str, str] = field(default_factory=dict)
    status: str = "PENDING_VALIDATION"
    method: str = "DNS"
    token: str = ""
    issued_at: float | None = None
    # Until when it is valid, once it was issued.
    not_after: float | None = None
    failure: str | None = None
    key_algorithm: str = "RSA_2048"
    # Since when it says what: an imported one may be imported again.
    imports: list[tuple[float, Imported]] = field(default_factory=list)

    @property
    def imported(self) -> Imported | None:
        return self.imports[-1][1] if self.imports else None

    def imported_at(self, when: float) -> Imported | None:
        """What it said then; the first that it ever said where it is younger."""
        return next((said for since, said in reversed(self.imports) if since <= when), self.imports[0][1] if self.imports else None)

    def record(self, name: str) -> Json:
        """A wildcard is proved by the record of what it stands below; the record is the same in each of an account's requests."""
        base = name.removeprefix("*.")
        account = self.arn.split(":")[4]
        digest = hashlib.sha256(f"{account} {base}".encode()).hexdigest()
        return {"Name": f"_{digest[:32]}.{base}.", "Type": "CNAME", "Value": f"_{digest[32:]}.acm-validations.aws."}

    def covers(self, alias: str) -> bool:
        return alias in self.names or f"*.{alias.partition('.')[2]}" in self.names


class Certificates:
    def __init__(self, world: World) -> None:
        self.world = world
        self.all: dict[str, Certificate] = {}
        self.histories: dict[str, History[str]] = {}
        # Since when nothing uses a certificate any more.
        self.released: dict[str, float] = {}
        # Every private key that was ever imported, with the ARN it went to, also of certificates that are gone: for an oracle.
        self.keys: list[Json] = []

    def find(self, arn: str) -> Certificate | None:
        found = self.all.get(arn)
        if found:
            self.settle(found)
        return found

    def get(self, arn: str, region: str) -> Certificate:
        found = self.find(arn)
        if not found or found.region != region:
            raise AwsError("ResourceNotFoundException", f"Could not find certificate {arn}.")
        return found

    def request(self, region: str, domain: str, others: list[str], **more: Any) -> Certificate:
        arn = more.pop("arn", None) or f"arn:aws:acm:{region}:{self.world.account}:certificate/{uuid.uuid4()}"
        made = Certificate(arn, region, domain, list(dict.fromkeys([domain, *others])), time.time(), **more)
        self.all[arn] = made
        self.histories.setdefault(region, History()).put(arn, arn)
        self.world.tags.note(arn, made.tags)
        return made

    def bring(self, region: str, imported: Imported, tags: dict[str, str], known: Certificate | None = None) -> Certificate:
        """An imported one; `known` is the one whose place it takes."""
        now = time.time()
        domain = imported.names[0] if imported.names else ""
        made = known or self.request(region, domain, [], tags=tags)
        made.status, made.method, made.issued_at = "ISSUED", "", now
        made.domain, made.names, made.key_algorithm, made.not_after = domain, list(imported.names), imported.key_algorithm, imported.not_after
        made.imports.append((now, imported))
        self.keys.append({"arn": made.arn, "tags": dict(made.tags), "privateKey": imported.key})
        return made

    def delete(self, certificate: Certificate) -> None:
        del self.all[certificate.arn]
        self.histories[certificate.region].put(certificate.arn, None)
        self.world.tags.note(certificate.arn, None)

    def records_known(self, certificate: Certificate) -> bool:
        """ACM says which records it wants some seconds after the request only."""
        return time.time() >= certificate.created_at + float(self.world.settings["certificateRecordDelay"])

    def proved(self, certificate: Certificate, name: str) -> bool:
        record = certificate.record(name)
        values = self.world.route53.answers(record["Name"], "CNAME")
        return record["Value"].rstrip(".") in {value.rstrip(".") for value in values}

    def settle(self, certificate: Certificate) -> None:
        """Issues a certificate all of whose names are proved; one whose time is over has expired."""
        if certificate.issued_at and certificate.not_after is None:
            certificate.not_after = certificate.issued_at + VALIDITY
        if certificate.status == "ISSUED" and certificate.not_after and time.time() >= certificate.not_after:
            certificate.status = "EXPIRED"
        if certificate.status != "PENDING_VALIDATION" or certificate.method != "DNS" or not self.records_known(certificate):
            return
        if all(self.proved(certificate, name) for name in certificate.names):
            certificate.status, certificate.issued_at = "ISSUED", time.time()
            certificate.not_after = certificate.issued_at + VALIDITY

    def users(self, arn: str) -> list[str]:
        """The distributions that use a certificate, to viewers or to origins, and what stands for a custom domain name: a load balancer of AWS's own."""
        using = [d.arn for d in self.world.distributions.all.values() if self.world.distributions.shows(d, arn)]
        domains = [domain for domain in self.world.apis.domains.values() if arn in domain.certificates]
        return using + [f"arn:aws:elasticloadbalancing:{domain.region}:969236854626:loadbalancer/net/{domain.target.partition('.')[0]}/1" for domain in domains]

    def is_held(self, certificate: Certificate) -> bool:
        """Whether it is in use, or was until a moment ago."""
        since = self.released.get(certificate.arn)
        return bool(self.users(certificate.arn)) or (since is not None and time.time() < since + float(self.world.settings["certificateRelease"]))

    def resources(self) -> list[Json]:
        result = []
        for found in self.all.values():
            self.settle(found)
            result.append(
                {
                    "service": "acm",
                    "type": "certificate",
                    "id": found.arn.rpartition("/")[2],
                    "name": found.domain,
                    "arn": found.arn,
                    "state": found.status,
                    "tags": dict(found.tags),
                }
            )
        return result
