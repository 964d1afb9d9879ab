"""Alternate domain names: which certificate covers them, whose they are, and how they move.

https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/CNAMEs.html
"""

from __future__ import annotations

import copy
import re
from typing import TYPE_CHECKING
from xml.etree.ElementTree import Element, SubElement
from xml.sax.saxutils import escape

from ..core import paging
from ..core.answers import Answer, AwsError, as_xml
from ..core.call import Call
from ..core.operations import operation
from . import document
from .document import NAMESPACE, items, text
from .store import Distribution

if TYPE_CHECKING:
    from ..acm.store import Certificate
    from ..world import World

_NAME = re.compile(r"(\*|[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?)(\.[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?)+")
_MORE = "For more details, see: https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/CNAMEs.html#alternate-domain-names-requirements"
NOT_COVERED = f"The certificate that is attached to your distribution doesn't cover the alternate domain name (CNAME) that you're trying to add. {_MORE}"
NO_CERTIFICATE = (
    "To add an alternate domain name (CNAME) to a CloudFront distribution, you must attach a trusted certificate that validates your authorization to use "
    f"the domain name. {_MORE}"
)


def check(world: World, config: Element, existing: Distribution | None) -> None:
    aliases = [text(alias) for alias in items(config, "Aliases")]
    if len(aliases) > world.settings.limit("aliases"):
        raise AwsError("TooManyDistributionCNAMEs", "Your request contains more CNAMEs than are allowed per distribution.")
    if any(not _NAME.fullmatch(alias) for alias in aliases):
        raise AwsError("InvalidArgument", "The parameter CNAME contains one or more parameters that are not valid.")
    certificate = config.find("ViewerCertificate")
    found = _certificate(world, config)
    if found:
        if not text(certificate, "SSLSupportMethod"):
            raise AwsError("InvalidViewerCertificate", "The SSLSupportMethod is required when a certificate is specified.")
        if any(not found.covers(alias) for alias in aliases):
            raise AwsError("InvalidViewerCertificate", NOT_COVERED)
    elif aliases and not text(certificate, "IAMCertificateId"):
        raise AwsError("InvalidViewerCertificate", NO_CERTIFICATE)
    if any(d is not existing and set(aliases).intersection(d.aliases) for _, d in _everybodys(world)):
        raise AwsError("CNAMEAlreadyExists", "One or more of the CNAMEs you provided are already associated with a different resource.", 409)
    new = set(aliases) - set(existing.aliases if existing else ())
    if any(_points_elsewhere(world, alias, existing) for alias in new):
        raise AwsError(
            "InvalidArgument",
            "One or more aliases specified for the distribution includes an incorrectly configured DNS record that points to another CloudFront distribution. "
            "You must update the DNS record to correct the problem. For more information, see "
            "https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/CNAMEs.html#alternate-domain-names-restrictions",
        )


def _certificate(world: World, config: Element) -> Certificate | None:
    arn = text(config, "ViewerCertificate/ACMCertificateArn")
    if not arn:
        return None
    found = world.certificates.find(arn) if arn.split(":")[3:4] == ["us-east-1"] else None
    if not found or found.status != "ISSUED":
        raise AwsError(
            "InvalidViewerCertificate",
            "The specified SSL certificate doesn't exist, isn't in us-east-1 region, isn't valid, or doesn't include a valid certificate chain.",
        )
    return found


def _everybodys(world: World) -> list[tuple[World, Distribution]]:
    return [(one, distribution) for one in world.everywhere() for distribution in one.distributions.all.values()]


def _points_elsewhere(world: World, alias: str, existing: Distribution | None) -> bool:
    targets = {value.rstrip(".").lower() for value in world.route53.answers(alias, "CNAME")}
    return any(target.endswith(".cloudfront.net") and (not existing or target != existing.domain) for target in targets)


@operation("cloudfront", "AssociateAlias")
def associate(world: World, call: Call) -> Answer:
    """Moves a name from one distribution to another in one step."""
    target, alias = world.distributions.get(call.params["TargetDistributionId"]), call.query.get("Alias", "")
    if not _NAME.fullmatch(alias):
        raise AwsError("InvalidArgument", "The parameter Alias is not valid.")
    if alias in target.aliases:
        return Answer(200)
    found = _certificate(world, target.wanted)
    if not found or not found.covers(alias):
        raise AwsError("InvalidArgument", NOT_COVERED if found else NO_CERTIFICATE)
    if len(target.aliases) >= world.settings.limit("aliases"):
        raise AwsError("TooManyDistributionCNAMEs", "Your request contains more CNAMEs than are allowed per distribution.")
    owner, source = next(((one, d) for one, d in _everybodys(world) if alias in d.aliases), (world, None))
    if owner is not world:
        _movable(world, alias, target, source)
    if source:
        owner.distributions.write(source, _with_aliases(source, [a for a in source.aliases if a != alias]))
    world.distributions.write(target, _with_aliases(target, [*target.aliases, alias]))
    return Answer(200)


def _movable(world: World, alias: str, target: Distribution, source: Distribution | None) -> None:
    """From another account: the source is disabled, and DNS says that the name's owner wants it."""
    if source and source.enabled:
        raise AwsError("IllegalUpdate", "The source distribution is in a different AWS account and is not disabled.")
    if target.domain not in {value.strip('"') for value in world.route53.answers(f"_{alias}", "TXT")}:
        raise AwsError("IllegalUpdate", "Invalid or missing alias DNS TXT records.")


def _with_aliases(distribution: Distribution, aliases: list[str]) -> Element:
    config = copy.deepcopy(distribution.wanted)
    holder = document.ensure(config, "Aliases")
    holder[:] = []
    SubElement(holder, "Quantity").text = str(len(aliases))
    if aliases:
        held = SubElement(holder, "Items")
        for alias in aliases:
            SubElement(held, "CNAME").text = alias
    return config


@operation("cloudfront", "ListConflictingAliases")
def conflicting(world: World, call: Call) -> Answer:
    """Whose names overlap with one, by ids that only their owner recognises."""
    target, alias = world.distributions.get(call.query.get("DistributionId", "")), call.query.get("Alias", "")
    conflicts = _conflicts(world, target, alias, "alias")
    most = paging.size(call.query.get("MaxItems"), 100)
    chosen, following = paging.page(conflicts, lambda c: f"{c[1]}/{c[2]}", call.query.get("Marker"), most)
    inner = "".join(
        f"<ConflictingAlias><Alias>{escape(other)}</Alias><DistributionId>{_masked(number)}</DistributionId><AccountId>{_masked(account)}</AccountId>"
        "</ConflictingAlias>"
        for account, number, other in chosen
    )
    return as_xml(
        f'<ConflictingAliasesList xmlns="{NAMESPACE}">'
        + (f"<NextMarker>{escape(following)}</NextMarker>" if following else "")
        + f"<MaxItems>{most}</MaxItems><Quantity>{len(chosen)}</Quantity><Items>{inner}</Items></ConflictingAliasesList>"
    )


@operation("cloudfront", "ListDomainConflicts")
def domain_conflicts(world: World, call: Call) -> Answer:
    """As ListConflictingAliases, which is older; distribution tenants are not emulated."""
    asked = document.parse(call.body)
    target, domain = world.distributions.all.get(text(asked, "DomainControlValidationResource/DistributionId")), text(asked, "Domain")
    if not target:
        raise AwsError("EntityNotFound", "The entity was not found.", 404)
    conflicts = _conflicts(world, target, domain, "domain")
    marker, most = text(asked, "Marker") or None, paging.size(text(asked, "MaxItems") or None, 100)
    chosen, following = paging.page(conflicts, lambda c: f"{c[1]}/{c[2]}", marker, most)
    inner = "".join(
        f"<DomainConflicts><Domain>{escape(other)}</Domain><ResourceType>distribution</ResourceType><ResourceId>{_masked(number)}</ResourceId>"
        f"<AccountId>{_masked(account)}</AccountId></DomainConflicts>"
        for account, number, other in chosen
    )
    return as_xml(
        f'<ListDomainConflictsResult xmlns="{NAMESPACE}"><DomainConflicts>{inner}</DomainConflicts>'
        + (f"<NextMarker>{escape(following)}</NextMarker>" if following else "")
        + "</ListDomainConflictsResult>"
    )


def _conflicts(world: World, target: Distribution, name: str, word: str) -> list[tuple[str, str, str]]:
    """Account, id and alias of each whose alias overlaps with `name`, which is a distribution's to ask whose certificate covers it."""
    found = _certificate(world, target.wanted)
    if not found or not found.covers(name):
        raise AwsError("InvalidArgument", f"The distribution must have a certificate that covers the {word}.")
    return [(one.account, d.id, other) for one, d in _everybodys(world) if d is not target for other in d.aliases if _overlap(name, other)]


def _overlap(one: str, other: str) -> bool:
    parents = {one.partition(".")[2], other.partition(".")[2]}
    return one == other or (len(parents) == 1 and (one.startswith("*.") or other.startswith("*.")))


def _masked(value: str) -> str:
    hidden = len(value) // 2
    return "*" * hidden + value[hidden:]
