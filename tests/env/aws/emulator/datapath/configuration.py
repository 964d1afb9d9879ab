"""A distribution's deployed configuration as the edge reads it."""

from __future__ import annotations

from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import Any
from xml.etree.ElementTree import Element

from ..cloudfront import policies
from ..cloudfront.document import client_certificate, flag, items, text


@dataclass(frozen=True)
class Origin:
    domain: str
    path: str
    headers: tuple[tuple[str, str], ...]
    protocol: str
    port: int
    read_timeout: int
    keepalive_timeout: int
    ssl_protocols: tuple[str, ...]
    # ARN of what is shown where the origin asks.
    client_certificate: str


@dataclass(frozen=True)
class Behaviour:
    pattern: str
    origin: Origin
    methods: frozenset[str]
    # What becomes of viewers who ask without TLS.
    viewer_protocol: str
    # Of the origin-request event.
    function: str
    include_body: bool
    forwards: policies.Sent
    security_headers: bool


@dataclass(frozen=True)
class ErrorPage:
    page: str
    response: str
    # Seconds.
    kept: float


@dataclass(frozen=True)
class Configuration:
    id: str
    domain: str
    enabled: bool
    has_ipv6: bool
    aliases: tuple[str, ...]
    web_acl: str
    root_object: str
    restriction: str
    countries: frozenset[str]
    # By precedence, the default one last.
    behaviours: tuple[Behaviour, ...]
    # By status.
    errors: dict[int, ErrorPage]
    # Since when the edge runs it.
    since: float

    def behaviour(self, path: str) -> Behaviour:
        return next(b for b in self.behaviours if fnmatchcase(path.lstrip("/"), b.pattern.lstrip("/")))

    def wildcard(self, host: str) -> bool:
        """Whether only a wildcard of its aliases stands for the host."""
        return host != self.domain and host not in self.aliases

    def refuses(self, country: str) -> bool:
        listed = country in self.countries
        return (self.restriction == "blacklist" and listed) or (self.restriction == "whitelist" and not listed)


def read(distribution_id: str, domain: str, config: Element, own_policies: list[dict[str, Any]], since: float) -> Configuration:
    origins = {text(origin, "Id"): _origin(origin) for origin in items(config, "Origins")}
    behaviours = [(text(b, "PathPattern"), b) for b in items(config, "CacheBehaviors")]
    behaviours += [("*", b) for b in config.findall("DefaultCacheBehavior")]
    return Configuration(
        id=distribution_id,
        domain=domain,
        enabled=flag(config, "Enabled"),
        has_ipv6=flag(config, "IsIPV6Enabled"),
        aliases=tuple(text(alias).lower() for alias in items(config, "Aliases")),
        web_acl=text(config, "WebACLId"),
        root_object=text(config, "DefaultRootObject"),
        restriction=text(config, "Restrictions/GeoRestriction/RestrictionType"),
        countries=frozenset(text(code) for code in items(config, "Restrictions/GeoRestriction")),
        behaviours=tuple(_behaviour(pattern, element, origins, own_policies) for pattern, element in behaviours),
        errors={
            int(text(e, "ErrorCode")): ErrorPage(text(e, "ResponsePagePath"), text(e, "ResponseCode"), float(text(e, "ErrorCachingMinTTL", "10")))
            for e in items(config, "CustomErrorResponses")
        },
        since=since,
    )


def _origin(origin: Element) -> Origin:
    custom = "CustomOriginConfig"
    plain = text(origin, f"{custom}/OriginProtocolPolicy") == "http-only"
    return Origin(
        domain=text(origin, "DomainName"),
        path=text(origin, "OriginPath"),
        headers=tuple((text(h, "HeaderName"), text(h, "HeaderValue")) for h in items(origin, "CustomHeaders")),
        protocol="http" if plain else "https",
        port=int(text(origin, f"{custom}/{'HTTPPort' if plain else 'HTTPSPort'}", "80" if plain else "443")),
        read_timeout=int(text(origin, f"{custom}/OriginReadTimeout", "30")),
        keepalive_timeout=int(text(origin, f"{custom}/OriginKeepaliveTimeout", "5")),
        ssl_protocols=tuple(text(p) for p in items(origin.find(custom), "OriginSslProtocols")),
        client_certificate=client_certificate(origin),
    )


def _behaviour(pattern: str, behaviour: Element, origins: dict[str, Origin], own_policies: list[dict[str, Any]]) -> Behaviour:
    associations = items(behaviour, "LambdaFunctionAssociations")
    function = next((a for a in associations if text(a, "EventType") == "origin-request"), None)
    forwards = policies.sent(text(behaviour, "CachePolicyId"), text(behaviour, "OriginRequestPolicyId"), own_policies)
    return Behaviour(
        pattern=pattern,
        origin=origins[text(behaviour, "TargetOriginId")],
        methods=frozenset(text(method) for method in items(behaviour, "AllowedMethods")),
        viewer_protocol=text(behaviour, "ViewerProtocolPolicy"),
        function=text(function, "LambdaFunctionARN"),
        include_body=flag(function, "IncludeBody"),
        forwards=forwards.also(policies.Sent(query=flag(behaviour, "ForwardedValues/QueryString"))),
        security_headers=bool(text(behaviour, "ResponseHeadersPolicyId")),
    )
