"""What custom domain names and default endpoints need besides the methods of their paths, and what conditions may look at.

https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonapigatewaymanagementv2.html
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from ..core.call import Call
from .policy import Context

if TYPE_CHECKING:
    from ..world import World

_ADD, _REMOVE = "AddCertificateToDomain", "RemoveCertificateFromDomain"
_ACTIONS = {"CreateDomainName": (_ADD,), "UpdateDomainName": (_ADD, _REMOVE), "DeleteDomainName": (_REMOVE,)}


def certificate_actions(world: World, call: Call, resource: str) -> Iterator[tuple[str, str]]:
    """Each with the resource that it is asked on."""
    for action in _ACTIONS.get(call.operation, ()):
        yield action, "*" if world.settings["certificateActionsNeedStar"] else resource


def asked(world: World, call: Call) -> Context:
    """Condition keys of the request and of the domain name that it is about."""
    params, found = call.params, {}
    trust, configuration = params.get("mutualTlsAuthentication") or {}, (params.get("domainNameConfigurations") or [{}])[0]
    if call.operation in _ACTIONS:
        found |= {
            "apigateway:Request/MtlsTrustStoreUri": trust.get("truststoreUri"),
            "apigateway:Request/MtlsTrustStoreVersion": trust.get("truststoreVersion"),
            "apigateway:Request/SecurityPolicy": configuration.get("securityPolicy"),
            "apigateway:Request/EndpointType": configuration.get("endpointType"),
        }
    known = world.apis.domains.get((call.region, str(params.get("DomainName") or params.get("domainName"))))
    if known:
        found |= {
            "apigateway:Resource/MtlsTrustStoreUri": known.terms.truststore_uri,
            "apigateway:Resource/MtlsTrustStoreVersion": known.terms.truststore_version,
            "apigateway:Resource/SecurityPolicy": "TLS_1_2",
            "apigateway:Resource/EndpointType": "REGIONAL",
        }
    switch: Any = params.get("disableExecuteApiEndpoint")
    for patch in params.get("patchOperations") or []:
        switch = patch.get("value") if patch.get("path") == "/disableExecuteApiEndpoint" else switch
    if switch is not None:
        found["apigateway:Request/DisableExecuteApiEndpoint"] = str(switch).lower()
    return {key: [value] for key, value in found.items() if value}
