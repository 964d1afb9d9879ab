"""The configuration of a distribution as the XML document that CloudFront keeps.

Elements that nobody knows are kept where they stand: a newer API's fields must survive this emulator, so that tests can see whether
they survive the controller.
"""

from __future__ import annotations

import copy
import functools
from xml.etree import ElementTree
from xml.etree.ElementTree import Element
from xml.sax.saxutils import escape

from botocore.model import ListShape, Shape, StructureShape

from ..core import models
from ..core.answers import AwsError

NAMESPACE = "http://cloudfront.amazonaws.com/doc/2020-05-31/"
_PREFIX = f"{{{NAMESPACE}}}"


def parse(body: bytes) -> Element:
    if not body:
        raise AwsError("MissingBody", "This operation requires a body. Ensure that the body is present and the Content-Type header is set.")
    try:
        root = ElementTree.fromstring(body)
    except ElementTree.ParseError as error:
        raise AwsError("MalformedXML", f"The XML document is malformed: {error}.") from None
    for element in root.iter():
        if element.tag.startswith(_PREFIX):
            element.tag = element.tag[len(_PREFIX) :]
        element.tail = None
        if len(element) and not (element.text or "").strip():
            element.text = None
    return root


def render(element: Element) -> str:
    return ElementTree.tostring(element, encoding="unicode", short_empty_elements=False)


def text(element: Element | None, path: str = "", default: str = "") -> str:
    found = element.find(path) if element is not None and path else element
    return (found.text or "").strip() if found is not None else default


def flag(element: Element | None, path: str) -> bool:
    return text(element, path).lower() == "true"


def items(element: Element | None, path: str) -> list[Element]:
    found = element.find(f"{path}/Items") if element is not None else None
    return list(found) if found is not None else []


def shape(name: str) -> StructureShape:
    found = models.model("cloudfront").shape_for(name)  # type: ignore[union-attr]
    assert isinstance(found, StructureShape)
    return found


@functools.cache
def _order(structure: StructureShape) -> dict[str, int]:
    return {member.serialization.get("name", name): i for i, (name, member) in enumerate(structure.members.items())}


def arrange(element: Element, structure: Shape) -> None:
    """Puts children in the model's order; an unknown one stays behind the known one that it followed."""
    if isinstance(structure, ListShape):
        for child in element:
            arrange(child, structure.member)
        return
    if not isinstance(structure, StructureShape):
        return
    order, place, places = _order(structure), -1, []
    for child in element:
        place = order.get(child.tag, place)
        places.append(place)
        if child.tag in order:
            arrange(child, structure.members[list(structure.members)[order[child.tag]]])
    children = [child for _, _, child in sorted(zip(places, range(len(places)), list(element), strict=True), key=lambda x: x[:2])]
    element[:] = children


def ensure(parent: Element, tag: str, value: str = "") -> Element:
    found = parent.find(tag)
    if found is None:
        found = ElementTree.SubElement(parent, tag)
        found.text = value
    return found


def quantity(parent: Element, tag: str) -> Element:
    """An optional list comes back explicit, and its count is what the items are."""
    found = ensure(parent, tag)
    if found.find("Quantity") is None:
        ensure(found, "Quantity", str(len(items(parent, tag))))
    return found


def fill_in(given: Element) -> Element:
    """The document with everything that CloudFront adds to what it was sent."""
    config = copy.deepcopy(given)
    for tag in ("Aliases", "OriginGroups", "CacheBehaviors", "CustomErrorResponses"):
        quantity(config, tag)
    for tag, value in (
        ("DefaultRootObject", ""),
        ("PriceClass", "PriceClass_All"),
        ("WebACLId", ""),
        ("HttpVersion", "http2"),
        ("IsIPV6Enabled", "false"),
        ("ContinuousDeploymentPolicyId", ""),
        ("Staging", "false"),
    ):
        ensure(config, tag, value)
    logging = ensure(config, "Logging")
    for tag, value in (("Enabled", "false"), ("IncludeCookies", "false"), ("Bucket", ""), ("Prefix", "")):
        ensure(logging, tag, value)
    restriction = ensure(ensure(config, "Restrictions"), "GeoRestriction")
    ensure(restriction, "RestrictionType", "none")
    ensure(restriction, "Quantity", str(len(items(restriction, "."))))
    _certificate(ensure(config, "ViewerCertificate"))
    for origin in items(config, "Origins"):
        _origin(origin)
    behaviours = [config.find("DefaultCacheBehavior"), *items(config, "CacheBehaviors")]
    for behaviour in behaviours:
        if behaviour is not None:
            _behaviour(behaviour)
    for response in items(config, "CustomErrorResponses"):
        for tag, value in (("ResponsePagePath", ""), ("ResponseCode", ""), ("ErrorCachingMinTTL", "10")):
            ensure(response, tag, value)
    arrange(config, shape("DistributionConfig"))
    return config


def _certificate(certificate: Element) -> None:
    arn, server = text(certificate, "ACMCertificateArn"), text(certificate, "IAMCertificateId")
    if not arn and not server:
        ensure(certificate, "CloudFrontDefaultCertificate", "true")
        _set(certificate, "SSLSupportMethod", "vip")
        _set(certificate, "MinimumProtocolVersion", "TLSv1")
        _set(certificate, "CertificateSource", "cloudfront")
        return
    _set(certificate, "CloudFrontDefaultCertificate", "false")
    ensure(certificate, "MinimumProtocolVersion", "TLSv1")
    # Both are deprecated, and still in every answer.
    _set(certificate, "Certificate", arn or server)
    _set(certificate, "CertificateSource", "acm" if arn else "iam")


def _set(parent: Element, tag: str, value: str) -> None:
    ensure(parent, tag).text = value


def _origin(origin: Element) -> None:
    ensure(origin, "OriginPath")
    quantity(origin, "CustomHeaders")
    ensure(origin, "ConnectionAttempts", "3")
    ensure(origin, "ConnectionTimeout", "10")
    ensure(ensure(origin, "OriginShield"), "Enabled", "false")
    ensure(origin, "OriginAccessControlId")
    custom = origin.find("CustomOriginConfig")
    if custom is not None:
        if custom.find("OriginSslProtocols") is None:
            _listed(ensure(custom, "OriginSslProtocols"), "SslProtocol", ["TLSv1", "SSLv3"])
        ensure(custom, "OriginReadTimeout", "30")
        ensure(custom, "OriginKeepaliveTimeout", "5")


def _listed(parent: Element, tag: str, values: list[str]) -> None:
    parent.text = None
    _set(parent, "Quantity", str(len(values)))
    holder = ensure(parent, "Items")
    holder[:] = []
    for value in values:
        ElementTree.SubElement(holder, tag).text = value


# CloudFront answers methods in an order of its own, whatever it was sent.
_METHODS = ["HEAD", "DELETE", "POST", "GET", "OPTIONS", "PUT", "PATCH"]


def _behaviour(behaviour: Element) -> None:
    for tag in ("TrustedSigners", "TrustedKeyGroups"):
        ensure(ensure(behaviour, tag), "Enabled", "false")
        quantity(behaviour, tag)
    methods = ensure(behaviour, "AllowedMethods")
    allowed = [text(method) for method in items(behaviour, "AllowedMethods")] or ["HEAD", "GET"]
    _listed(methods, "Method", sorted(allowed, key=_rank))
    cached = methods.find("CachedMethods")
    cached_names = [text(method) for method in items(methods, "CachedMethods")] or ["HEAD", "GET"]
    _listed(cached if cached is not None else ensure(methods, "CachedMethods"), "Method", sorted(cached_names, key=_rank))
    ensure(behaviour, "SmoothStreaming", "false")
    ensure(behaviour, "Compress", "false")
    for association in items(quantity(behaviour, "LambdaFunctionAssociations"), "."):
        ensure(association, "IncludeBody", "false")
    quantity(behaviour, "FunctionAssociations")
    ensure(behaviour, "FieldLevelEncryptionId")
    ensure(ensure(behaviour, "GrpcConfig"), "Enabled", "false")
    forwarded = behaviour.find("ForwardedValues")
    if forwarded is not None:
        quantity(forwarded, "Headers")
        quantity(forwarded, "QueryStringCacheKeys")
        for tag, value in (("MinTTL", "0"), ("DefaultTTL", "86400"), ("MaxTTL", "31536000")):
            ensure(behaviour, tag, value)


def _rank(method: str) -> int:
    return _METHODS.index(method) if method in _METHODS else len(_METHODS)


def behaviours(config: Element) -> list[Element]:
    default = config.find("DefaultCacheBehavior")
    return [*([default] if default is not None else []), *items(config, "CacheBehaviors")]


def recordals(config: Element) -> str:
    """What CloudFront says of each alias, beside the configuration."""
    names = [text(item) for item in items(config, "Aliases")]
    inner = "".join(f"<AliasICPRecordal><CNAME>{escape(name)}</CNAME><ICPRecordalStatus>APPROVED</ICPRecordalStatus></AliasICPRecordal>" for name in names)
    return f"<AliasICPRecordals>{inner}</AliasICPRecordals>" if names else ""


def client_certificate(origin: Element) -> str:
    """The ARN of what CloudFront shows to an origin that asks."""
    return text(origin, "CustomOriginConfig/OriginMtlsConfig/ClientCertificateArn")


def client_certificates(config: Element) -> set[str]:
    return {arn for origin in items(config, "Origins") if (arn := client_certificate(origin))}


def function_arns(config: Element | None) -> set[str]:
    """The function versions that a configuration associates."""
    if config is None:
        return set()
    behaviours = [config.find("DefaultCacheBehavior"), *items(config, "CacheBehaviors")]
    found = (text(a, "LambdaFunctionARN") for b in behaviours if b is not None for a in items(b, "LambdaFunctionAssociations"))
    return {arn for arn in found if arn}
