"""Mutual TLS with origins: which client certificates CloudFront takes, and what does not go with them.

https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/origin-mtls-authentication.html
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING
from xml.etree.ElementTree import Element

from ..core.answers import AwsError
from . import document
from .document import behaviours, flag, items, text

if TYPE_CHECKING:
    from ..world import World
    from .store import Distribution

# That many one call may add or change.
MOST_CHANGED = 5
LONGEST_CHAIN = 3
KEYS = ("RSA_2048", "EC_prime256v1")
STATUSES = {"AccessDenied": 403, "EntityNotFound": 404}


def check(world: World, config: Element, existing: Distribution | None) -> None:
    shown = document.client_certificates(config)
    if not shown:
        return
    if world.settings["flatRatePlan"]:
        raise AwsError("InvalidArgument", "You're using configuration not available in this tier: Origin mTLS.")
    if len(shown - (existing.client_certificates if existing else set())) > MOST_CHANGED:
        raise AwsError("InvalidArgument", f"The request adds or changes more than {MOST_CHANGED} client certificates of origins.")
    for arn in sorted(shown):
        problem = _problem(world, arn)
        if problem:
            code = str(world.settings["originMtlsRefusal"])
            raise AwsError(code, f"The parameter ClientCertificateArn is not valid: {problem}. ARN: {arn}", STATUSES.get(code, 400))
    asking = {text(origin, "Id") for origin in items(config, "Origins") if document.client_certificate(origin)}
    for behaviour in behaviours(config):
        _beside(world, behaviour, text(behaviour, "TargetOriginId") in asking)


def _problem(world: World, arn: str) -> str:
    """Neither an end of its validity nor a revocation is looked at."""
    found = world.certificates.find(arn) if arn.split(":")[3:4] == ["us-east-1"] else None
    if not found or time.time() < found.created_at + float(world.settings["certificatePropagation"]):
        return "the certificate does not exist, or is not in us-east-1"
    imported = found.imported
    if not imported:
        return "the certificate was not imported"
    if not imported.is_for_clients:
        return "the certificate's extended key usages lack TLS Web Client Authentication"
    if imported.key_algorithm not in KEYS:
        return "the certificate's key is neither RSA 2048 nor ECDSA P-256"
    return "the certificate's chain is too long" if imported.depth > LONGEST_CHAIN else ""


def _beside(world: World, behaviour: Element, is_asked: bool) -> None:
    events = [text(association, "EventType") for association in items(behaviour, "LambdaFunctionAssociations")]
    if (is_asked or world.settings["originMtlsExcludesAllFunctions"]) and any(event.startswith("origin-") for event in events):
        raise AwsError("InvalidArgument", "Origin mTLS cannot be used with Lambda@Edge functions that are triggered by origin requests or origin responses.")
    if is_asked and flag(behaviour, "GrpcConfig/Enabled"):
        raise AwsError("InvalidArgument", "Origin mTLS cannot be used with gRPC.")
