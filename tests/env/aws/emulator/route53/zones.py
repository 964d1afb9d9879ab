"""Hosted zones and their records."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..core import paging, protocols
from ..core.answers import Answer, AwsError
from ..core.call import Call
from ..core.operations import operation
from . import changes
from .health_checks import invalid
from .store import NAME_SERVERS, Json, dns_name, place, place_of

if TYPE_CHECKING:
    from ..world import World


@operation("route53", "CreateHostedZone")
def create(world: World, call: Call) -> Answer:
    name, reference = dns_name(str(call.params["Name"])), str(call.params["CallerReference"])
    if "." not in name.rstrip("."):
        raise AwsError("InvalidDomainName", f"The domain name is not valid: {call.params['Name']}")
    if any(zone.reference == reference for zone in world.route53.zones.values()):
        raise AwsError("HostedZoneAlreadyExists", f"A hosted zone has already been created with the specified caller reference: {reference}", 409)
    config = call.params.get("HostedZoneConfig") or {}
    zone = world.route53.create_zone(name, reference, config.get("Comment", ""), bool(config.get("PrivateZone")))
    made = {"HostedZone": zone.document(), "ChangeInfo": world.route53.change(), "DelegationSet": {"NameServers": NAME_SERVERS}}
    return protocols.answer(call, made, zone.id, {"Location": f"https://route53.amazonaws.com/2013-04-01/hostedzone/{zone.id}"})


@operation("route53", "GetHostedZone")
def get(world: World, call: Call) -> Answer:
    zone = world.route53.zone(call.params["Id"])
    return protocols.answer(call, {"HostedZone": zone.document(), "DelegationSet": {"NameServers": NAME_SERVERS}})


@operation("route53", "DeleteHostedZone")
def delete(world: World, call: Call) -> Answer:
    zone = world.route53.zone(call.params["Id"])
    if len(zone.records) > 2:
        raise AwsError("HostedZoneNotEmpty", "The specified hosted zone contains non-required resource record sets and so cannot be deleted.")
    del world.route53.zones[zone.id]
    world.tags.note(f"arn:aws:route53:::hostedzone/{zone.id}", None)
    return protocols.answer(call, {"ChangeInfo": world.route53.change()})


@operation("route53", "ListHostedZones")
def listed(world: World, call: Call) -> Answer:
    marker, size = str(call.params.get("Marker") or ""), paging.size(call.params.get("MaxItems"), 100)
    chosen, following = paging.page([z.document() for z in world.route53.zones.values()], lambda z: z["Id"].rpartition("/")[2], marker, size)
    page = {"HostedZones": chosen, "Marker": marker, "IsTruncated": bool(following), "NextMarker": following, "MaxItems": str(size)}
    return protocols.answer(call, page)


@operation("route53", "ListHostedZonesByName")
def listed_by_name(world: World, call: Call) -> Answer:
    given, size = str(call.params.get("DNSName") or ""), paging.size(call.params.get("MaxItems"), 100)
    zones = sorted(world.route53.zones.values(), key=lambda z: (place(z.name), z.id))
    if given:
        zones = [zone for zone in zones if place(zone.name) >= place(dns_name(given))]
    page: Json = {"HostedZones": [z.document() for z in zones[:size]], "IsTruncated": len(zones) > size, "MaxItems": str(size)}
    if given:
        page["DNSName"] = given
    if len(zones) > size:
        page |= {"NextDNSName": zones[size].name, "NextHostedZoneId": zones[size].id}
    return protocols.answer(call, page)


@operation("route53", "ListResourceRecordSets")
def records(world: World, call: Call) -> Answer:
    zone, size = world.route53.zone(call.params["HostedZoneId"]), paging.size(call.params.get("MaxItems"), 300)
    name, kind = call.params.get("StartRecordName"), call.params.get("StartRecordType")
    identifier = call.params.get("StartRecordIdentifier")
    if (kind and not name) or (identifier and not kind):
        raise invalid("A record type needs a record name to start with, and a record identifier both.")
    found = zone.sorted()
    if name:
        found = [r for r in found if place_of(r) >= place(dns_name(name), kind or "", identifier or "")]
    if paging.TRUNCATED.get():
        found, size = found[: len(found) // 2], len(found)
    page: Json = {"ResourceRecordSets": found[:size], "IsTruncated": len(found) > size, "MaxItems": str(size)}
    if len(found) > size:
        page |= {"NextRecordName": found[size]["Name"], "NextRecordType": found[size]["Type"], "NextRecordIdentifier": found[size].get("SetIdentifier")}
    return protocols.answer(call, page)


@operation("route53", "ChangeResourceRecordSets")
def change(world: World, call: Call) -> Answer:
    zone, batch = world.route53.zone(call.params["HostedZoneId"]), call.params.get("ChangeBatch") or {}
    changes.apply(zone, batch.get("Changes") or [])
    return protocols.answer(call, {"ChangeInfo": world.route53.change(batch.get("Comment", ""))})


@operation("route53", "GetChange")
def get_change(world: World, call: Call) -> Answer:
    number = call.params["Id"].removeprefix("/change/")
    if number not in world.route53.changes:
        raise AwsError("NoSuchChange", f"Could not find resource with ID: {number}", 404)
    return protocols.answer(call, {"ChangeInfo": world.route53.change_info(number)})
