"""A batch of changes to a zone's records: all of them, or none with the reasons."""

from __future__ import annotations

import ipaddress
from collections import Counter

from ..core.answers import AwsError
from .store import Json, Key, Zone, dns_name, key_of

# The hosted zone of all of CloudFront's names.
CLOUDFRONT = "Z2FDTNDATAQYW2"
ACTIONS = ("CREATE", "DELETE", "UPSERT")
MOST = 1000


def apply(zone: Zone, given: list[Json]) -> None:
    if not given:
        raise _invalid(["The request must contain at least one change."])
    if len(given) > MOST:
        raise _invalid([f"Number of records limit of {MOST} exceeded."])
    changes = [_normal(change) for change in given]
    problems = _repeated(changes)
    records = dict(zone.records)
    for action, record in changes:
        key = key_of(record)
        problem = _problem(zone, records, action, record)
        if problem:
            problems.append(problem)
        elif action == "DELETE":
            del records[key]
        else:
            records[key] = record
    if not problems:
        problems += _conflicts(zone, records, {record["Name"] for action, record in changes if action != "DELETE"})
    if problems:
        raise _invalid(problems)
    for key in set(zone.records) - set(records):
        del zone.records[key], zone.changed_at[key]
    for key, record in records.items():
        if zone.records.get(key) != record:
            zone.put(record)


def _invalid(problems: list[str]) -> AwsError:
    return AwsError("InvalidChangeBatch", f"[{', '.join(problems)}]")


def _normal(change: Json) -> tuple[str, Json]:
    action, record = change.get("Action"), dict(change.get("ResourceRecordSet") or {})
    if action not in ACTIONS:
        raise AwsError(
            "InvalidInput", f"Invalid XML ; cvc-enumeration-valid: Value '{action}' is not facet-valid with respect to enumeration '[CREATE, DELETE, UPSERT]'."
        )
    where = f"Change with [Action={action}, Name={record.get('Name')}, Type={record.get('Type')}, SetIdentifier={record.get('SetIdentifier') or 'null'}]"
    plain = record.get("TTL") is not None and bool(record.get("ResourceRecords"))
    some = record.get("TTL") is not None or bool(record.get("ResourceRecords"))
    alias = record.get("AliasTarget") is not None
    choice = "Expected exactly one of [AliasTarget, all of [TTL, and ResourceRecords], or TrafficPolicyInstanceId]"
    if alias and some:
        raise AwsError("InvalidInput", f"Invalid request: {choice}, but found more than one in {where}")
    if not alias and not plain:
        raise AwsError("InvalidInput", f"Invalid request: {choice}, but found none in {where}")
    record["Name"] = dns_name(str(record["Name"]))
    if alias:
        target = record["AliasTarget"]
        record["AliasTarget"] = {**target, "DNSName": dns_name(target["DNSName"])}
        record.pop("ResourceRecords", None)
    return str(action), record


def _repeated(changes: list[tuple[str, Json]]) -> list[str]:
    """One record may be deleted and made anew in a batch, but not changed twice in the same direction."""
    counts = Counter((action == "DELETE", *key_of(record)) for action, record in changes)
    return [f"The request contains an invalid set of changes for a resource record set '{kind} {name}'" for (_, name, kind, _), n in counts.items() if n > 1]


def _problem(zone: Zone, records: dict[Key, Json], action: str, record: Json) -> str | None:
    name, kind = record["Name"], record["Type"]
    existing, identifier = records.get(key_of(record)), record.get("SetIdentifier")
    one_of_several = f", set identifier='{identifier}'" if identifier else ""
    which = f"resource record set [name='{name}', type='{kind}'{one_of_several}]"
    if name != zone.name and not name.endswith(f".{zone.name}"):
        return f"RRSet with DNS name {name} is not permitted in zone {zone.name}"
    if action == "DELETE":
        if not existing:
            return f"Tried to delete {which} but it was not found"
        if _comparable(existing) != _comparable(record):
            return f"Tried to delete {which} but the values provided do not match the current values"
        if name == zone.name and kind == "SOA":
            return "A HostedZone must contain exactly one SOA record."
        if name == zone.name and kind == "NS":
            return "A HostedZone must contain at least one NS record for the zone itself."
        return None
    if action == "CREATE" and existing:
        return f"Tried to create {which} but it already exists"
    if any(other[:2] == (name, kind) and bool(other[2]) != bool(identifier) for other in records):
        return f"RRSet with DNS name {name}, type {kind}, SetIdentifier {identifier or 'null'} cannot be created as other RRSets exist with the same name and type."
    return _alias(record) if "AliasTarget" in record else _values(record)


def _comparable(record: Json) -> Json:
    return {**record, "ResourceRecords": sorted(str(r.get("Value")) for r in record.get("ResourceRecords") or [])}


def _alias(record: Json) -> str | None:
    target, kind = record["AliasTarget"], record["Type"]
    zone_id = target["HostedZoneId"].removeprefix("/hostedzone/")
    which = f"Tried to create an alias that targets {target['DNSName']}, type {kind} in zone {zone_id}"
    if zone_id != CLOUDFRONT:
        return None
    if kind not in ("A", "AAAA", "HTTPS"):
        return f"{which}, but that target was not found"
    if not target["DNSName"].endswith(".cloudfront.net."):
        return f"{which}, but the alias target name does not lie within the target zone"
    if target.get("EvaluateTargetHealth"):
        return f"{which}, but EvaluateTargetHealth cannot be true for a CloudFront distribution"
    return None


def _values(record: Json) -> str | None:
    for value in (str(found.get("Value", "")) for found in record["ResourceRecords"]):
        if record["Type"] == "TXT" and not (len(value) > 1 and value[0] == value[-1] == '"'):
            return f"Invalid Resource Record: 'FATAL problem: InvalidCharacterString (Value should be enclosed in quotation marks) encountered with '{value}''"
        if record["Type"] in ("A", "AAAA"):
            wanted = 4 if record["Type"] == "A" else 6
            try:
                fits = ipaddress.ip_address(value).version == wanted
            except ValueError:
                fits = False
            if not fits:
                return f"Invalid Resource Record: 'FATAL problem: {record['Type']}RRDATAIllegalIPv{wanted}Address (Value is not a valid IPv{wanted} address) encountered with '{value}''"
    if record["Type"] == "CNAME" and len(record["ResourceRecords"]) > 1:
        return "Invalid Resource Record: 'CNAME records can have only one value'"
    return None


def _conflicts(zone: Zone, records: dict[Key, Json], names: set[str]) -> list[str]:
    problems = []
    for name in sorted(names):
        kinds = sorted({kind for other, kind, _ in records if other == name})
        if "CNAME" not in kinds:
            continue
        if name == zone.name:
            problems.append(f"RRSet of type CNAME with DNS name {name} is not permitted at apex in zone {zone.name}")
        elif len(kinds) > 1 and any(other[:2] == (name, "CNAME") for other in zone.records):
            other = next(kind for kind in kinds if kind != "CNAME")
            problems.append(
                f"RRSet of type {other} with DNS name {name} is not permitted because a conflicting RRSet of type CNAME with the same DNS name "
                f"already exists in zone {zone.name}"
            )
        elif len(kinds) > 1:
            problems.append(
                f"RRSet of type CNAME with DNS name {name} is not permitted as it conflicts with other records with the same DNS name in zone {zone.name}"
            )
    return problems
