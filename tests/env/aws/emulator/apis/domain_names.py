"""Custom domain names as they are made, changed and deleted, by the newer service; and their mappings."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from ..core import wire
from ..core.answers import Answer
from ..core.call import Call
from ..core.operations import operation
from . import domains, refusals, truststores
from .names import DomainName, Terms
from .store import new_id

if TYPE_CHECKING:
    from ..world import World

Json = dict[str, Any]
_NAME = re.compile(r"(\*\.)?[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?(\.[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?)+")
_KEY = re.compile(r"[a-zA-Z0-9\-._$+/]*")
_MODES = ("API_MAPPING_ONLY", "ROUTING_RULE_ONLY", "ROUTING_RULE_THEN_API_MAPPING")
_ROLE = "aws-service-role/ops.apigateway.amazonaws.com/AWSServiceRoleForAPIGateway"


@operation("apigatewayv2", "CreateDomainName")
def create(world: World, call: Call) -> Answer:
    params = wire.read(call)
    name, tags = str(params.get("DomainName", "")).lower(), params.get("Tags") or {}
    if not _NAME.fullmatch(name):
        raise refusals.bad("Invalid domain name specified")
    if any((call.region, name) in one.apis.domains for one in world.everywhere()):
        raise refusals.conflict("The domain name you provided already exists.")
    terms = _terms(world, call, name, params, Terms())
    mode = _mode(params, "API_MAPPING_ONLY")
    if not world.apis.has_service_role:
        # The first domain name of an account makes it.
        role = f"arn:aws:iam::{world.account}:role/{_ROLE}"
        world.access.depend(call, "iam:CreateServiceLinkedRole", role, {"iam:AWSServiceName": ["ops.apigateway.amazonaws.com"]})
        world.apis.has_service_role = True
    made = DomainName(name, call.region, routing_mode=mode, is_made=True, tags=dict(tags))
    made.take(terms, float(world.settings["domainNameDelay"]))
    # Nothing answered before.
    made.former = None
    world.apis.domains[call.region, name] = made
    world.tags.note(made.arn, made.tags)
    return wire.answer(call, domains.document_v2(made), resource=name)


@operation("apigatewayv2", "GetDomainName")
def get(world: World, call: Call) -> Answer:
    return wire.answer(call, domains.document_v2(_domain(world, call)))


@operation("apigatewayv2", "UpdateDomainName")
def update(world: World, call: Call) -> Answer:
    domain, params = _domain(world, call), wire.read(call)
    if not domain.is_settled:
        raise refusals.conflict("The domain name is being updated. Please try again later.")
    terms, mode = _terms(world, call, domain.name, params, domain.terms), _mode(params, domain.routing_mode)
    domain.routing_mode = mode
    if terms != domain.terms:
        domain.take(terms, float(world.settings["domainNameDelay"]))
    return wire.answer(call, domains.document_v2(domain))


@operation("apigatewayv2", "DeleteDomainName")
def delete(world: World, call: Call) -> Answer:
    """Its mappings go with it."""
    domain = _domain(world, call)
    del world.apis.domains[call.region, domain.name]
    world.tags.note(domain.arn, None)
    return wire.answer(call)


@operation("apigatewayv2", "CreateApiMapping")
def map_api(world: World, call: Call) -> Answer:
    domain, params = _domain(world, call), wire.read(call)
    key = str(params.get("ApiMappingKey") or "")
    if not _KEY.fullmatch(key) or key.startswith("/") or key.endswith("/"):
        raise refusals.bad("Invalid ApiMapping key specified")
    if any(mapping["key"] == key for mapping in domain.mappings):
        raise refusals.conflict("ApiMapping key already exists for this domain name")
    api = world.apis.apis.get((call.region, str(params.get("ApiId"))))
    if not api:
        raise refusals.bad("Invalid API identifier specified")
    if params.get("Stage") not in api.stages:
        raise refusals.bad("Invalid stage identifier specified")
    if api.protocol == "WEBSOCKET" and domain.terms.truststore_uri:
        raise refusals.bad("Mutual TLS authentication is not supported for WebSocket APIs.")
    made = {"id": new_id(6), "apiId": api.id, "stage": params["Stage"], "key": key}
    domain.mappings.append(made)
    return wire.answer(call, domains.mapping(made), resource=f"{domain.name}/{made['id']}")


@operation("apigatewayv2", "GetApiMapping")
def get_mapping(world: World, call: Call) -> Answer:
    return wire.answer(call, domains.mapping(_mapping(_domain(world, call), call)))


@operation("apigatewayv2", "DeleteApiMapping")
def unmap(world: World, call: Call) -> Answer:
    domain = _domain(world, call)
    domain.mappings.remove(_mapping(domain, call))
    return wire.answer(call)


def _domain(world: World, call: Call) -> DomainName:
    return domains.find(world, call.region, call.params["DomainName"])


def _mapping(domain: DomainName, call: Call) -> Json:
    found = next((mapping for mapping in domain.mappings if mapping["id"] == call.params["ApiMappingId"]), None)
    if not found:
        raise refusals.unknown("ApiMapping")
    return found


def _mode(params: Json, known: str) -> str:
    mode = params.get("RoutingMode", known)
    if mode not in _MODES:
        raise refusals.bad(f"Invalid routing mode specified. Must be one of: [{', '.join(_MODES)}]")
    return str(mode)


def _terms(world: World, call: Call, name: str, params: Json, known: Terms) -> Terms:
    """What is asked for, on top of what is."""
    terms = known
    # A creation needs the configuration, an update may leave it out, and neither takes a part of it.
    if "DomainNameConfigurations" in params or not known.certificate:
        configurations = params.get("DomainNameConfigurations") or []
        if len(configurations) != 1:
            raise refusals.bad("Expected one domain name configuration")
        terms = _configured(world, call, name, configurations[0], terms)
    given = params.get("MutualTlsAuthentication")
    if given is not None:
        terms = _trusting(world, call, given, terms)
    certificate = world.certificates.find(terms.certificate)
    if terms.truststore_uri and certificate and certificate.imported and not terms.ownership_certificate:
        raise refusals.bad("An ownership verification certificate is required for mutual TLS with an imported certificate.")
    return terms


def _configured(world: World, call: Call, name: str, given: Json, terms: Terms) -> Terms:
    if given.get("EndpointType", "REGIONAL") != "REGIONAL":
        raise refusals.bad("Invalid endpoint type specified. Must be one of: [REGIONAL]")
    if given.get("SecurityPolicy", "TLS_1_2") != "TLS_1_2":
        raise refusals.bad("Invalid security policy specified. Must be one of: [TLS_1_2]")
    arn, ownership = str(given.get("CertificateArn") or ""), str(given.get("OwnershipVerificationCertificateArn") or "")
    for one in [arn, *([ownership] if ownership else [])]:
        found = world.certificates.find(one) if one.split(":")[3:4] == [call.region] else None
        if not found or found.status != "ISSUED":
            raise refusals.bad("The provided certificate does not exist, is not issued, or is not in the Region of the domain name.")
        if not found.covers(name):
            raise refusals.bad("The domain name to be created is not covered by the provided certificate.")
    return replace(terms, certificate=arn, ownership_certificate=ownership)


def _trusting(world: World, call: Call, given: Json, terms: Terms) -> Terms:
    uri = str(given.get("TruststoreUri", terms.truststore_uri))
    if not uri:
        return replace(terms, truststore_uri="", truststore_version="", truststore=None, warnings=())
    version = str(given.get("TruststoreVersion") or "")
    content, warnings = truststores.read(world, call, uri, version)
    return replace(terms, truststore_uri=uri, truststore_version=version, truststore=content, warnings=warnings)
