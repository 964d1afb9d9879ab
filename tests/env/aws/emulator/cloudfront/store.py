"""Distributions: what is wanted, what is deployed, and since when."""

from __future__ import annotations

import math
import random
import string
import time
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any
from xml.etree.ElementTree import Element

from ..core.answers import AwsError
from ..core.history import History
from . import document

if TYPE_CHECKING:
    from ..world import World


def token(first: str = "E") -> str:
    return first + "".join(random.choices(string.ascii_uppercase + string.digits, k=13))


def timestamp(at: float) -> str:
    return datetime.fromtimestamp(at, UTC).strftime("%Y-%m-%dT%H:%M:%S.%f")[:-3] + "Z"


@dataclass(frozen=True)
class Summary:
    """One state of a distribution as lists show it. The status is reckoned when the list is asked for."""

    id: str
    head: str
    tail: str
    deployed_at: float

    def render(self, when: float) -> str:
        status = "Deployed" if when >= self.deployed_at else "InProgress"
        return f"{self.head}<Status>{status}</Status>{self.tail}"


@dataclass
class Distribution:
    id: str
    arn: str
    domain: str
    wanted: Element
    etag: str
    modified_at: float
    deployed_at: float
    tags: dict[str, str]
    # The configuration that the edge runs until the wanted one is deployed.
    deployed: Element | None = None
    etags: set[str] = field(default_factory=set)
    # Read from the documents once at each change: every creation asks all distributions for them.
    enabled: bool = False
    aliases: list[str] = field(default_factory=list)
    web_acl: str = ""
    certificate: str = ""
    # What it shows to origins, as wanted and as deployed.
    client_certificates: set[str] = field(default_factory=set)
    deployed_client_certificates: set[str] = field(default_factory=set)
    # Since when the edge runs what is deployed.
    in_force_at: float = 0.0
    functions: set[str] = field(default_factory=set)
    deployed_functions: set[str] = field(default_factory=set)
    # Whether any configuration of it named an alias: the edge looks for a host's distribution at each request.
    has_had_aliases: bool = False

    def want(self, config: Element) -> None:
        self.wanted = config
        self.enabled = document.flag(config, "Enabled")
        self.aliases = [document.text(item) for item in document.items(config, "Aliases")]
        self.has_had_aliases |= bool(self.aliases)
        self.web_acl = document.text(config, "WebACLId")
        self.functions = document.function_arns(config)
        self.certificate = document.text(config, "ViewerCertificate/ACMCertificateArn")
        self.client_certificates = document.client_certificates(config)


class Distributions:
    def __init__(self, world: World) -> None:
        self.world = world
        self.all: dict[str, Distribution] = {}
        # Each by the name that CloudFront gave it.
        self.by_domain: dict[str, Distribution] = {}
        self.history: History[Summary] = History()
        # Remembered for ever, also of distributions that are gone.
        self.references: dict[str, str] = {}
        # Function version → when the last association with it went.
        self.released: dict[str, float] = {}

    def get(self, distribution_id: str) -> Distribution:
        found = self.all.get(distribution_id)
        if not found:
            raise AwsError("NoSuchDistribution", "The specified distribution does not exist.", 404)
        self.settle(found)
        return found

    def by_arn(self, arn: str) -> Distribution:
        found = self.all.get(arn.rpartition("/")[2])
        if not found or found.arn != arn:
            raise AwsError("NoSuchResource", "The specified resource does not exist.", 404)
        return found

    def settle(self, distribution: Distribution) -> bool:
        """Moves the deployment on; true when the wanted configuration is deployed."""
        if distribution.deployed is distribution.wanted:
            return True
        if time.time() < distribution.deployed_at:
            return False
        for arn in distribution.deployed_functions - distribution.functions:
            self.released[arn] = distribution.deployed_at
        for arn in distribution.deployed_client_certificates - distribution.client_certificates:
            self.world.certificates.released[arn] = distribution.deployed_at
        distribution.deployed, distribution.deployed_functions = distribution.wanted, distribution.functions
        distribution.deployed_client_certificates, distribution.in_force_at = distribution.client_certificates, distribution.deployed_at
        return True

    def shows(self, distribution: Distribution, arn: str) -> bool:
        """Whether a certificate is in use, to viewers or to an origin, as wanted or as still deployed."""
        self.settle(distribution)
        return arn == distribution.certificate or arn in distribution.client_certificates | distribution.deployed_client_certificates

    def create(self, config: Element, tags: dict[str, str], distribution_id: str = "") -> Distribution:
        """A new distribution; its id is given where a manifest has to name it."""
        distribution_id = distribution_id or token()
        self.references[document.text(config, "CallerReference")] = distribution_id
        distribution = Distribution(
            id=distribution_id,
            arn=f"arn:aws:cloudfront::{self.world.account}:distribution/{distribution_id}",
            domain=f"d{''.join(random.choices(string.ascii_lowercase + string.digits, k=13))}.cloudfront.net",
            wanted=config,
            etag="",
            modified_at=0,
            deployed_at=math.inf,
            tags=tags,
        )
        self.all[distribution_id] = self.by_domain[distribution.domain] = distribution
        self.write(distribution, config)
        self.world.tags.note(distribution.arn, tags)
        return distribution

    def write(self, distribution: Distribution, config: Element) -> None:
        """A new wanted configuration: a new ETag, and a deployment that takes its time."""
        self.settle(distribution)
        distribution.want(config)
        distribution.etag = token()
        distribution.etags.add(distribution.etag)
        distribution.modified_at = time.time()
        distribution.deployed_at = distribution.modified_at + float(self.world.settings["deploymentDelay"])
        self.note(distribution)

    def note(self, distribution: Distribution) -> None:
        """What lists show from now on."""
        self.history.put(distribution.id, self._summary(distribution))

    def delete(self, distribution: Distribution) -> None:
        for arn in distribution.deployed_functions | distribution.functions:
            self.released[arn] = time.time()
        for arn in distribution.deployed_client_certificates | distribution.client_certificates:
            self.world.certificates.released[arn] = time.time()
        del self.all[distribution.id], self.by_domain[distribution.domain]
        self.history.put(distribution.id, None)
        self.world.tags.note(distribution.arn, None)

    def associated(self, arn: str) -> bool:
        """Whether a function version is in use, wanted or still deployed."""
        for distribution in self.all.values():
            self.settle(distribution)
            if arn in distribution.functions or arn in distribution.deployed_functions:
                return True
        return False

    def replicated(self, arn: str) -> bool:
        """Whether replicas of a function version still stand at the edge."""
        if self.associated(arn):
            return True
        released = self.released.get(arn)
        return released is not None and time.time() < released + float(self.world.settings["replicaRetention"])

    def behind_web_acl(self, arn: str) -> list[Distribution]:
        return [d for d in self.all.values() if d.web_acl == arn]

    def _summary(self, distribution: Distribution) -> Summary:
        """The parts in the model's order; those that a configuration does not have are left out."""
        config = distribution.wanted
        parts = []
        for tag in document.shape("DistributionSummary").members:
            found = config.find(tag)
            if tag == "AliasICPRecordals":
                parts.append(document.recordals(config))
            if found is not None and tag not in ("Id", "ARN", "ETag", "Status", "LastModifiedTime", "DomainName"):
                parts.append(document.render(found))
        return Summary(
            distribution.id,
            f"<DistributionSummary><Id>{distribution.id}</Id><ARN>{distribution.arn}</ARN><ETag>{distribution.etag}</ETag>",
            f"<LastModifiedTime>{timestamp(distribution.modified_at)}</LastModifiedTime>"
            f"<DomainName>{distribution.domain}</DomainName>{''.join(parts)}</DistributionSummary>",
            distribution.deployed_at,
        )

    def resources(self) -> list[dict[str, Any]]:
        return [
            {
                "service": "cloudfront",
                "type": "distribution",
                "id": d.id,
                "name": document.text(d.wanted, "Comment"),
                "arn": d.arn,
                "state": "Deployed" if self.settle(d) else "InProgress",
                "tags": dict(d.tags),
                "enabled": d.enabled,
                "domainName": d.domain,
                "webAclId": d.web_acl,
                "functions": sorted(d.functions),
            }
            for d in self.all.values()
        ]
