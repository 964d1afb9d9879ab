"""What CloudFront refuses about a configuration, in its own words."""

from __future__ import annotations

import re
import time
from typing import TYPE_CHECKING
from xml.etree.ElementTree import Element

from botocore.model import ListShape, Shape, StructureShape

from ..core.answers import AwsError
from . import aliases, client_certificates, document, policies
from .document import behaviours, flag, items, shape, text
from .edge_functions import check_function

if TYPE_CHECKING:
    from ..world import World
    from .store import Distribution

# The three sets of methods that a behaviour may allow.
METHODS = ({"GET", "HEAD"}, {"GET", "HEAD", "OPTIONS"}, {"GET", "HEAD", "OPTIONS", "PUT", "POST", "PATCH", "DELETE"})
# https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/distribution-overview-required-fields.html
ERRORS = {"400", "403", "404", "405", "414", "416", "500", "501", "502", "503", "504"}
FOR_UPDATES = (
    "Aliases", "DefaultRootObject", "CacheBehaviors", "CustomErrorResponses", "Logging", "PriceClass", "ViewerCertificate", "Restrictions", "WebACLId",
    "HttpVersion",
)  # fmt: skip
BEHAVIOUR_FOR_UPDATES = ("AllowedMethods", "SmoothStreaming", "Compress", "LambdaFunctionAssociations", "FieldLevelEncryptionId")
ORIGIN_FOR_UPDATES = ("OriginPath", "CustomHeaders")
CUSTOM_ORIGIN_FOR_UPDATES = ("OriginSslProtocols", "OriginReadTimeout", "OriginKeepaliveTimeout")


def check_form(config: Element) -> None:
    """Required members, counts and enumerations, by the service's model."""
    if config.tag != "DistributionConfig":
        raise AwsError("MalformedXML", f"Expected DistributionConfig and found {config.tag}.")
    _check_shape(config, shape("DistributionConfig"), "DistributionConfig")
    if len(text(config, "Comment")) > 128:
        raise AwsError("InvalidArgument", "The parameter Comment is too long.")


def _check_shape(element: Element, structure: Shape, where: str) -> None:
    if isinstance(structure, ListShape):
        for child in element:
            _check_shape(child, structure.member, f"{where}.{child.tag}")
        return
    if not isinstance(structure, StructureShape):
        if structure.type_name in ("integer", "long") and not _number(text(element)):
            raise AwsError("MalformedXML", f"The value of {where} is not a number.")
        if structure.type_name == "boolean" and text(element) not in ("true", "false"):
            raise AwsError("MalformedXML", f"The value of {where} is not a boolean.")
        if getattr(structure, "enum", None) and text(element) and text(element).lower() not in {v.lower() for v in structure.enum}:
            raise AwsError("InvalidArgument", f"The parameter {element.tag} has a value that is not valid: {text(element)}.")
        return
    for name in structure.required_members:
        if element.find(structure.members[name].serialization.get("name", name)) is None:
            raise AwsError("MissingArgument", f"The parameter {name} is required: it is missing from {where}.")
    for name, member in structure.members.items():
        child = element.find(member.serialization.get("name", name))
        if child is not None:
            _check_shape(child, member, f"{where}.{child.tag}")
    count, held = element.find("Quantity"), element.find("Items")
    if count is not None and int(text(count)) != len(held if held is not None else ()):
        raise AwsError("InconsistentQuantities", "The value of Quantity and the size of Items don't match.")


def _number(value: str) -> bool:
    return value.lstrip("-").isdigit()


def check_update_fields(config: Element) -> None:
    """An update needs more than a creation: whoever does not start from what was read is refused."""
    missing = [tag for tag in FOR_UPDATES if config.find(tag) is None]
    for behaviour in behaviours(config):
        missing += [tag for tag in BEHAVIOUR_FOR_UPDATES if behaviour.find(tag) is None]
    for origin in items(config, "Origins"):
        missing += [tag for tag in ORIGIN_FOR_UPDATES if origin.find(tag) is None]
        custom = origin.find("CustomOriginConfig")
        missing += [tag for tag in CUSTOM_ORIGIN_FOR_UPDATES if custom is not None and custom.find(tag) is None]
    if missing:
        raise AwsError("IllegalUpdate", f"{missing[0]} is required for updates.")


def check(world: World, config: Element, existing: Distribution | None) -> None:
    """Everything that depends on what else exists. The configuration is filled in already."""
    _origins(world, config)
    _behaviours(world, config)
    _errors(config)
    _logging(config)
    _geography(config)
    aliases.check(world, config, existing)
    _web_acl(world, config, existing)
    _functions(world, config, existing)
    client_certificates.check(world, config, existing)


def _origins(world: World, config: Element) -> None:
    ids = [text(origin, "Id") for origin in items(config, "Origins")]
    if not ids:
        raise AwsError("InvalidArgument", "The parameter Origins is required: a distribution must have at least one origin.")
    if len(set(ids)) != len(ids):
        raise AwsError("InvalidOrigin", "The origin ids of a distribution must be unique.")
    for origin in items(config, "Origins"):
        domain, path = text(origin, "DomainName"), text(origin, "OriginPath")
        if not domain or "/" in domain or ":" in domain:
            raise AwsError("InvalidArgument", "The parameter Origin DomainName does not refer to a valid domain name.")
        if path and (not path.startswith("/") or path.endswith("/")):
            raise AwsError("InvalidArgument", "The parameter originPath must begin with a slash and must not end with one.")
        _headers(world, origin)
        if origin.find("CustomOriginConfig") is None and origin.find("S3OriginConfig") is None and origin.find("VpcOriginConfig") is None:
            raise AwsError("InvalidOrigin", "The specified Amazon S3 origin server does not exist or is not valid.")
        _timeout(origin, "CustomOriginConfig/OriginReadTimeout", 1, 120, "InvalidOriginReadTimeout", "The read timeout specified for the origin is not valid.")
        _timeout(
            origin, "CustomOriginConfig/OriginKeepaliveTimeout", 1, 120, "InvalidOriginKeepaliveTimeout",
            "The keep alive timeout specified for the origin is not valid.",
        )  # fmt: skip
        _timeout(origin, "ConnectionAttempts", 1, 3, "InvalidArgument", "The parameter ConnectionAttempts must be between 1 and 3.")
        _timeout(origin, "ConnectionTimeout", 1, 10, "InvalidArgument", "The parameter ConnectionTimeout must be between 1 and 10.")
    for behaviour in behaviours(config):
        if text(behaviour, "TargetOriginId") not in ids:
            raise AwsError("NoSuchOrigin", "One or more of your origins or origin groups do not exist.", 404)


def _timeout(origin: Element, path: str, least: int, most: int, code: str, message: str) -> None:
    given = text(origin, path)
    if given and not least <= int(given) <= most:
        raise AwsError(code, message)


def _headers(world: World, origin: Element) -> None:
    headers = items(origin, "CustomHeaders")
    if len(headers) > world.settings.limit("originCustomHeaders"):
        raise AwsError("TooManyOriginCustomHeaders", "Your request contains too many origin custom headers.")
    names = [text(header, "HeaderName").lower() for header in headers]
    if len(set(names)) != len(names):
        raise AwsError("InvalidArgument", "The parameter CustomHeaders contains a header more than once.")
    for name in names:
        if name.startswith(("x-amz-", "x-edge-")) or name in ("host", "connection", "content-length", "cookie", "via", "transfer-encoding", "upgrade"):
            raise AwsError("InvalidArgument", f"The parameter HeaderName contains a header that is not allowed: {name}.")


def _behaviours(world: World, config: Element) -> None:
    for behaviour in behaviours(config):
        policy, forwarded = text(behaviour, "CachePolicyId"), behaviour.find("ForwardedValues")
        if not policy and forwarded is None:
            raise AwsError("InvalidArgument", "The parameter ForwardedValues is required.")
        if policy and forwarded is not None:
            raise AwsError("InvalidArgument", "The parameter ForwardedValues cannot be used when a cache policy is associated to the cache behavior.")
        if {text(method) for method in items(behaviour, "AllowedMethods")} not in METHODS:
            raise AwsError("InvalidArgument", "The parameter AllowedMethods contains a combination of methods that is not valid.")
        for tag in policies.KINDS:
            policies.check(tag, text(behaviour, tag), world.settings["ownPolicies"])


def _errors(config: Element) -> None:
    codes = [text(response, "ErrorCode") for response in items(config, "CustomErrorResponses")]
    if not set(codes) <= ERRORS or len(set(codes)) != len(codes):
        raise AwsError("InvalidErrorCode", "The parameter ErrorCode contains a value that is not valid, or one more than once.")
    for response in items(config, "CustomErrorResponses"):
        page, code = text(response, "ResponsePagePath"), text(response, "ResponseCode")
        if bool(page) != bool(code):
            raise AwsError("InvalidArgument", "ResponsePagePath and ResponseCode must be specified together.")


def _logging(config: Element) -> None:
    bucket = text(config, "Logging/Bucket")
    if flag(config, "Logging/Enabled") and not re.fullmatch(r"[a-z0-9.-]{3,63}\.s3(\.[a-z0-9-]+)?\.amazonaws\.com", bucket):
        raise AwsError("InvalidArgument", "The parameter Logging Bucket does not refer to a valid S3 bucket.")


def _geography(config: Element) -> None:
    kind, codes = text(config, "Restrictions/GeoRestriction/RestrictionType"), items(config, "Restrictions/GeoRestriction")
    if (kind == "none") != (not codes):
        raise AwsError("InvalidGeoRestrictionParameter", "The specified geo restriction parameter is not valid.")
    if any(not re.fullmatch("[A-Z]{2}", text(code)) for code in codes):
        raise AwsError("InvalidLocationCode", "The location code specified is not valid.")


def _web_acl(world: World, config: Element, existing: Distribution | None) -> None:
    arn = text(config, "WebACLId")
    if world.settings["flatRatePlan"] and not arn:
        raise AwsError(
            "InvalidArgument",
            "You can't remove or replace the web ACL for your distribution. Distributions with a pricing plan subscription must have a web ACL resource.",
        )
    if not arn or (existing and existing.web_acl == arn):
        return
    acl = world.waf.web_acls.by_arn(arn)
    if not acl or time.time() < acl.created_at + float(world.settings["wafPropagation"]):
        raise AwsError("InvalidWebACLId", "Web ACL is not accessible by the requester.")
    others = [d for d in world.distributions.behind_web_acl(arn) if d is not existing]
    if len(others) >= world.settings.limit("distributionsPerWebAcl"):
        raise AwsError("InvalidArgument", "The web ACL is associated with the largest number of distributions that is allowed.")


def _functions(world: World, config: Element, existing: Distribution | None) -> None:
    for behaviour in behaviours(config):
        events = [text(a, "EventType") for a in items(behaviour, "LambdaFunctionAssociations")]
        if len(set(events)) != len(events):
            raise AwsError("InvalidLambdaFunctionAssociation", "You cannot have multiple Lambda functions associated with the same event type.")
        for association in items(behaviour, "LambdaFunctionAssociations"):
            if flag(association, "IncludeBody") and not text(association, "EventType").endswith("request"):
                raise AwsError("InvalidLambdaFunctionAssociation", "IncludeBody can only be used with viewer-request and origin-request event types.")
            arn = text(association, "LambdaFunctionARN")
            known = existing is not None and arn in existing.functions
            check_function(world, arn, text(association, "EventType"), known)
    if not document.function_arns(config):
        return
    if world.settings["flatRatePlan"]:
        raise AwsError("InvalidArgument", "You're using configuration not available in this tier: Lambda@Edge.")
    others = sum(1 for d in world.distributions.all.values() if d is not existing and d.functions)
    if others >= world.settings.limit("lambdaAssociations"):
        raise AwsError(
            "TooManyDistributionsWithLambdaAssociations",
            "Processing your request would cause the maximum number of distributions with Lambda function associations to be exceeded for the owner.",
        )
