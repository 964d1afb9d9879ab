"""What others do to custom domain names, and to what their truststores lie in."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from ..core.answers import AwsError
from .names import Terms
from .store import new_id

if TYPE_CHECKING:
    from ..world import World

Json = dict[str, Any]
_KNOWN = {
    "truststore",
    "truststoreUri",
    "truststoreVersion",
    "mutualTls",
    "routingMode",
    "mappings",
    "removeMappings",
    "status",
    "statusMessage",
    "tags",
    "delete",
}


def domain_name(home: World, region: str, name: str, given: Json) -> Json:
    """In force at once."""
    world = next((one for one in home.everywhere() if (region, name) in one.apis.domains), None)
    if not world:
        raise AwsError("NotFound", f"there is no domain name {name} in {region}", 404)
    if unknown := set(given) - _KNOWN:
        raise AwsError("BadRequest", f"{', '.join(sorted(unknown))} cannot be set")
    domain = world.apis.domains[region, name]
    if given.get("delete"):
        del world.apis.domains[region, name]
        world.tags.note(domain.arn, None)
        return {"name": name, "deleted": True}
    terms = domain.terms
    if given.get("mutualTls") is False:
        terms = Terms(terms.certificate, terms.ownership_certificate)
    terms = replace(
        terms,
        truststore=given.get("truststore", terms.truststore),
        truststore_uri=given.get("truststoreUri", terms.truststore_uri),
        truststore_version=given.get("truststoreVersion", terms.truststore_version),
    )
    if terms != domain.terms:
        domain.take(terms, 0)
    domain.routing_mode = given.get("routingMode", domain.routing_mode)
    domain.mappings = [m for m in domain.mappings if m["key"] not in given.get("removeMappings", [])]
    domain.mappings += [{"id": new_id(6), "key": "", **mapping} for mapping in given.get("mappings", [])]
    if "status" in given:
        domain.said = (given["status"], given.get("statusMessage", "")) if given["status"] else None
    if "tags" in given:
        domain.tags = dict(given["tags"])
        world.tags.note(domain.arn, domain.tags)
    return {"name": name, "status": domain.status, "truststoreVersion": terms.truststore_version, "mappings": domain.mappings}


def bucket(home: World, name: str, given: Json) -> Json:
    world = next((one for one in home.everywhere() if name in one.buckets.all), None)
    if not world:
        raise AwsError("NotFound", f"there is no bucket {name}", 404)
    found = world.buckets.all[name]
    if unknown := set(given) - {"put", "delete", "versioning", "deleteBucket"}:
        raise AwsError("BadRequest", f"{', '.join(sorted(unknown))} cannot be set")
    if given.get("deleteBucket"):
        del world.buckets.all[name]
        return {"name": name, "deleted": True}
    found.versioning = given.get("versioning", found.versioning)
    for key, content in given.get("put", {}).items():
        found.put(key, content.encode())
    for key in given.get("delete", []):
        found.put(key, None)
    return {"name": name, "versioning": found.versioning, "objects": {key: [one.id for one in versions] for key, versions in found.objects.items()}}
