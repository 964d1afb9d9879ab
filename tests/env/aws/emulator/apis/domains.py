"""Custom domain names and what they lead to."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ..core import wire
from ..core.answers import Answer
from ..core.call import Call
from ..core.operations import operation
from . import lists, refusals
from .names import TARGET_ZONE, DomainName
from .store import REST

if TYPE_CHECKING:
    from ..world import World

Json = dict[str, Any]
# When certificates were brought in, in seconds since 1970.
_UPLOADED = 1_767_225_600


@operation("apigateway", "GetDomainNames")
def names(world: World, call: Call) -> Answer:
    params = wire.read(call)
    chosen, position = lists.page(_all(world, call), lambda d: d.name, params.get("position"), params.get("limit"))
    items = [
        {
            "domainName": domain.name,
            "domainNameArn": domain.arn,
            "domainNameStatus": domain.status,
            "domainNameStatusMessage": domain.said[1] if domain.said else None,
            "certificateUploadDate": _UPLOADED,
            "regionalCertificateArn": domain.terms.certificate or f"arn:aws:acm:{domain.region}:{world.account}:certificate/{domain.name.encode().hex()[:12]}",
            "regionalHostedZoneId": TARGET_ZONE,
            "endpointConfiguration": {"types": ["REGIONAL"]},
            "regionalDomainName": domain.target,
            "routingMode": domain.routing_mode.replace("API_MAPPING", "BASE_PATH_MAPPING"),
            "securityPolicy": "TLS_1_2",
            "mutualTlsAuthentication": _trust(domain, "truststoreUri", "truststoreVersion", "truststoreWarnings"),
            "tags": domain.tags or None,
        }
        for domain in chosen
    ]
    return wire.answer(call, {"items": items, "position": position})


@operation("apigateway", "GetBasePathMappings")
def base_path_mappings(world: World, call: Call) -> Answer:
    params = wire.read(call)
    domain = find(world, call.region, params["domainName"])
    # HTTP and WebSocket APIs are seen by the newer service only.
    known = [m for m in domain.mappings if (api := world.apis.apis.get((domain.region, m["apiId"]))) and api.protocol == REST]
    chosen, position = lists.page(known, lambda m: str(m["id"]), params.get("position"), params.get("limit"))
    items = [{"basePath": m["key"] or "(none)", "restApiId": m["apiId"], "stage": m["stage"]} for m in chosen]
    return wire.answer(call, {"items": items, "position": position})


@operation("apigatewayv2", "GetDomainNames")
def names_v2(world: World, call: Call) -> Answer:
    params = wire.read(call)
    chosen, following = lists.page(_all(world, call), lambda d: d.name, params.get("NextToken"), params.get("MaxResults"))
    items = [document_v2(domain) for domain in chosen]
    return wire.answer(call, {"Items": items, "NextToken": following})


@operation("apigatewayv2", "GetApiMappings")
def api_mappings(world: World, call: Call) -> Answer:
    params = wire.read(call)
    domain = find(world, call.region, params["DomainName"])
    chosen, following = lists.page(domain.mappings, lambda m: str(m["id"]), params.get("NextToken"), params.get("MaxResults"))
    return wire.answer(call, {"Items": [mapping(m) for m in chosen], "NextToken": following})


@operation("apigatewayv2", "ListRoutingRules")
def routing_rules(world: World, call: Call) -> Answer:
    """Of any domain name, also of one whose mode lets none count."""
    params = wire.read(call)
    domain = find(world, call.region, params["DomainName"])
    in_order = sorted(domain.rules, key=lambda rule: int(rule["Priority"]))
    chosen, following = lists.page(in_order, lambda r: str(r["RoutingRuleId"]), params.get("NextToken"), params.get("MaxResults"))
    return wire.answer(call, {"RoutingRules": chosen, "NextToken": following})


def _all(world: World, call: Call) -> list[DomainName]:
    return [domain for domain in world.apis.domains.values() if domain.region == call.region]


def find(world: World, region: str, name: str) -> DomainName:
    found = world.apis.domains.get((region, name))
    if not found:
        raise refusals.unknown("domain name")
    return found


def document_v2(domain: DomainName) -> Json:
    configuration = {
        "ApiGatewayDomainName": domain.target,
        "CertificateArn": domain.terms.certificate or None,
        "DomainNameStatus": domain.status,
        "DomainNameStatusMessage": domain.said[1] if domain.said else None,
        "EndpointType": "REGIONAL",
        "HostedZoneId": TARGET_ZONE,
        "IpAddressType": "ipv4",
        "OwnershipVerificationCertificateArn": domain.terms.ownership_certificate or None,
        "SecurityPolicy": "TLS_1_2",
    }
    return {
        "ApiMappingSelectionExpression": "$request.basepath",
        "DomainName": domain.name,
        "DomainNameArn": domain.arn,
        "DomainNameConfigurations": [configuration],
        "MutualTlsAuthentication": _trust(domain, "TruststoreUri", "TruststoreVersion", "TruststoreWarnings"),
        "RoutingMode": domain.routing_mode,
        "Tags": domain.tags or None,
    }


def mapping(known: Json) -> Json:
    return {"ApiId": known["apiId"], "ApiMappingId": known["id"], "ApiMappingKey": known["key"], "Stage": known["stage"]}


def _trust(domain: DomainName, uri: str, version: str, warnings: str) -> Json | None:
    terms = domain.terms
    if not terms.truststore_uri:
        return None
    return {uri: terms.truststore_uri, version: terms.truststore_version or None, warnings: list(terms.warnings) or None}
