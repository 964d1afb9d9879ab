"""Route 53: hosted zones and their records."""

from __future__ import annotations

from typing import Any

import pytest
from conftest import Emulator, refused
from shields import alias, change, zone


@pytest.fixture
def route53(emulator: Emulator) -> Any:
    return emulator.client("route53")


@pytest.fixture
def hosted(emulator: Emulator) -> str:
    return zone(emulator)


def apply(route53: Any, hosted: str, *changes: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = route53.change_resource_record_sets(HostedZoneId=hosted, ChangeBatch={"Changes": list(changes)})["ChangeInfo"]
    return found


def refusal(route53: Any, hosted: str, *changes: dict[str, Any], code: str = "InvalidChangeBatch") -> str:
    return str(refused(code, route53.change_resource_record_sets, 400, HostedZoneId=hosted, ChangeBatch={"Changes": list(changes)})["Message"])


def listed(route53: Any, hosted: str, **more: Any) -> list[tuple[str, str]]:
    return [(r["Name"], r["Type"]) for r in route53.list_resource_record_sets(HostedZoneId=hosted, **more)["ResourceRecordSets"]]


def test_a_hosted_zone_begins_with_two_records(route53: Any, hosted: str) -> None:
    found = route53.get_hosted_zone(Id=hosted)
    assert (found["HostedZone"]["Id"], found["HostedZone"]["Name"], found["HostedZone"]["ResourceRecordSetCount"]) == (
        f"/hostedzone/{hosted}",
        "example.com.",
        2,
    )
    assert len(found["DelegationSet"]["NameServers"]) == 4
    assert listed(route53, hosted) == [("example.com.", "NS"), ("example.com.", "SOA")]
    refused("HostedZoneAlreadyExists", route53.create_hosted_zone, 409, Name="b.example", CallerReference="zone example.com")
    refused("InvalidDomainName", route53.create_hosted_zone, 400, Name="example", CallerReference="x")


def test_a_hosted_zone_that_does_not_exist_is_not_found(route53: Any) -> None:
    for call, params in (
        (route53.get_hosted_zone, {"Id": "Z1"}),
        (route53.list_resource_record_sets, {"HostedZoneId": "Z1"}),
        (route53.change_resource_record_sets, {"HostedZoneId": "Z1", "ChangeBatch": {"Changes": [change("CREATE", "a.example.com", "A", "192.0.2.1")]}}),
    ):
        assert refused("NoSuchHostedZone", call, 404, **params)["Message"] == "No hosted zone found with ID: Z1"


def test_a_zone_is_deleted_when_it_has_nothing_left(route53: Any, hosted: str) -> None:
    apply(route53, hosted, change("CREATE", "a.example.com", "A", "192.0.2.1"))
    refused("HostedZoneNotEmpty", route53.delete_hosted_zone, 400, Id=hosted)
    apply(route53, hosted, change("DELETE", "a.example.com", "A", "192.0.2.1"))
    route53.delete_hosted_zone(Id=hosted)
    assert route53.list_hosted_zones()["HostedZones"] == []


def test_zones_are_listed_by_name(emulator: Emulator, route53: Any, hosted: str) -> None:
    zone(emulator, "example.org")
    assert [z["Name"] for z in route53.list_hosted_zones()["HostedZones"]] == ["example.com.", "example.org."]
    assert [z["Name"] for z in route53.list_hosted_zones_by_name(DNSName="example.org")["HostedZones"]] == ["example.org."]


def test_an_alias_to_cloudfront_and_its_owners_mark_are_read_back(route53: Any, hosted: str) -> None:
    apply(
        route53,
        hosted,
        change("CREATE", "API.example.com", "A", **alias()),
        change("CREATE", "api.example.com", "AAAA", **alias()),
        change("CREATE", "api.example.com.", "TXT", '"heritage=palisade"'),
    )
    found = {r["Type"]: r for r in route53.list_resource_record_sets(HostedZoneId=hosted)["ResourceRecordSets"] if r["Name"] == "api.example.com."}
    assert found["A"]["AliasTarget"] == {"HostedZoneId": "Z2FDTNDATAQYW2", "DNSName": "d111111abcdef8.cloudfront.net.", "EvaluateTargetHealth": False}
    assert found["AAAA"]["AliasTarget"] == found["A"]["AliasTarget"]
    assert (found["TXT"]["TTL"], found["TXT"]["ResourceRecords"]) == (300, [{"Value": '"heritage=palisade"'}])


def test_records_are_listed_by_their_labels_from_the_right_in_pages(route53: Any, hosted: str) -> None:
    names = ["z.example.com.", "a.b.example.com.", "b.example.com.", "*.example.com."]
    apply(route53, hosted, *(change("CREATE", name, "A", "192.0.2.1") for name in names))
    everything = listed(route53, hosted)
    assert [name for name, kind in everything if kind == "A"] == ["\\052.example.com.", "b.example.com.", "a.b.example.com.", "z.example.com."]
    first = route53.list_resource_record_sets(HostedZoneId=hosted, MaxItems="4")
    assert (first["IsTruncated"], first["NextRecordName"], first["NextRecordType"], first["MaxItems"]) == (True, "a.b.example.com.", "A", "4")
    start = {"StartRecordName": first["NextRecordName"], "StartRecordType": first["NextRecordType"]}
    assert listed(route53, hosted, **start) == everything[4:]
    assert listed(route53, hosted, StartRecordName="b.example.com", MaxItems="1") == [("b.example.com.", "A")]
    refused("InvalidInput", route53.list_resource_record_sets, 400, HostedZoneId=hosted, StartRecordType="A")


def test_a_batch_is_done_as_a_whole_or_not_at_all(route53: Any, hosted: str) -> None:
    apply(route53, hosted, change("CREATE", "a.example.com", "A", "192.0.2.1"))
    message = refusal(
        route53,
        hosted,
        change("CREATE", "new.example.com", "A", "192.0.2.1"),
        change("CREATE", "a.example.com", "A", "192.0.2.2"),
        change("DELETE", "gone.example.com", "A", "192.0.2.1"),
    )
    assert message == (
        "[Tried to create resource record set [name='a.example.com.', type='A'] but it already exists, "
        "Tried to delete resource record set [name='gone.example.com.', type='A'] but it was not found]"
    )
    assert ("new.example.com.", "A") not in listed(route53, hosted)


def test_a_record_is_deleted_by_whoever_knows_what_it_says(route53: Any, hosted: str) -> None:
    apply(route53, hosted, change("CREATE", "a.example.com", "A", "192.0.2.1", "192.0.2.2"), change("CREATE", "b.example.com", "A", **alias()))
    message = refusal(route53, hosted, change("DELETE", "a.example.com", "A", "192.0.2.1"))
    assert message == "[Tried to delete resource record set [name='a.example.com.', type='A'] but the values provided do not match the current values]"
    refusal(route53, hosted, change("DELETE", "b.example.com", "A", **alias("d2.cloudfront.net")))
    refusal(route53, hosted, change("DELETE", "a.example.com", "A", "192.0.2.1", "192.0.2.2", TTL=60))
    apply(route53, hosted, change("DELETE", "a.example.com", "A", "192.0.2.2", "192.0.2.1"), change("DELETE", "b.example.com", "A", **alias()))
    assert len(listed(route53, hosted)) == 2


def test_a_record_is_replaced_by_an_upsert_or_in_two_steps_of_one_batch(route53: Any, hosted: str) -> None:
    apply(route53, hosted, change("UPSERT", "a.example.com", "A", "192.0.2.1"))
    apply(route53, hosted, change("UPSERT", "a.example.com", "A", "192.0.2.2"))
    apply(route53, hosted, change("DELETE", "a.example.com", "A", "192.0.2.2"), change("CREATE", "a.example.com", "A", **alias()))
    twice = refusal(route53, hosted, *(change("UPSERT", "b.example.com", "A", f"192.0.2.{n}") for n in (1, 2)))
    assert "invalid set of changes" in twice


@pytest.mark.parametrize(
    ("wanted", "reason"),
    [
        (change("CREATE", "a.example.org", "A", "192.0.2.1"), "RRSet with DNS name a.example.org. is not permitted in zone example.com."),
        (change("CREATE", "a.example.com", "TXT", "unquoted"), "InvalidCharacterString"),
        (change("CREATE", "a.example.com", "A", "192.0.2.256"), "not a valid IPv4 address"),
        (change("CREATE", "a.example.com", "AAAA", "192.0.2.1"), "not a valid IPv6 address"),
        (change("CREATE", "example.com", "CNAME", "x.example.org"), "is not permitted at apex in zone example.com."),
        (change("CREATE", "a.example.com", "A", **alias("d1.example.org")), "does not lie within the target zone"),
        (change("CREATE", "a.example.com", "TXT", **alias()), "that target was not found"),
        (change("CREATE", "a.example.com", "A", **alias(EvaluateTargetHealth=True)), "EvaluateTargetHealth cannot be true"),
    ],
)
def test_a_record_that_cannot_be_is_refused(route53: Any, hosted: str, wanted: dict[str, Any], reason: str) -> None:
    assert reason in refusal(route53, hosted, wanted)


@pytest.mark.parametrize(
    "wanted",
    [
        change("CREATE", "a.example.com", "A"),
        change("CREATE", "a.example.com", "A", "192.0.2.1", **alias()),
        change("REPLACE", "a.example.com", "A", "192.0.2.1"),
    ],
)
def test_a_change_that_says_nothing_or_too_much_is_refused(route53: Any, hosted: str, wanted: dict[str, Any]) -> None:
    refusal(route53, hosted, wanted, code="InvalidInput")


def test_a_name_that_is_a_cname_is_nothing_else(route53: Any, hosted: str) -> None:
    apply(route53, hosted, change("CREATE", "c.example.com", "CNAME", "x.example.org"), change("CREATE", "a.example.com", "A", "192.0.2.1"))
    assert "because a conflicting RRSet of type CNAME" in refusal(route53, hosted, change("CREATE", "c.example.com", "A", **alias()))
    assert "conflicts with other records" in refusal(route53, hosted, change("CREATE", "a.example.com", "CNAME", "x.example.org"))


def test_several_records_of_a_kind_have_identifiers_and_leave_no_room_for_a_simple_one(route53: Any, hosted: str) -> None:
    weighted = [change("CREATE", "w.example.com", "A", f"192.0.2.{n}", SetIdentifier=f"s{n}", Weight=n) for n in (1, 2)]
    apply(route53, hosted, *weighted)
    message = refusal(route53, hosted, change("UPSERT", "w.example.com", "A", **alias()))
    reason = "SetIdentifier null cannot be created as other RRSets exist with the same name and type."
    assert message == f"[RRSet with DNS name w.example.com., type A, {reason}]"
    page = route53.list_resource_record_sets(HostedZoneId=hosted, StartRecordName="w.example.com", MaxItems="1")
    start = {f"Start{key.removeprefix('Next')}": page[key] for key in ("NextRecordName", "NextRecordType", "NextRecordIdentifier")}
    (second,) = route53.list_resource_record_sets(HostedZoneId=hosted, **start)["ResourceRecordSets"]
    assert (second["SetIdentifier"], second["Weight"]) == ("s2", 2)
    assert "set identifier='s3'" in refusal(route53, hosted, change("DELETE", "w.example.com", "A", "192.0.2.3", SetIdentifier="s3", Weight=3))


def test_the_zones_own_records_stay(route53: Any, hosted: str) -> None:
    records = route53.list_resource_record_sets(HostedZoneId=hosted)["ResourceRecordSets"]
    for record in records:
        message = refusal(route53, hosted, {"Action": "DELETE", "ResourceRecordSet": record})
        assert "A HostedZone must contain" in message


def test_a_batch_has_between_one_and_a_thousand_changes(route53: Any, hosted: str) -> None:
    refusal(route53, hosted)
    many = [change("CREATE", f"h{n}.example.com", "A", "192.0.2.1") for n in range(1001)]
    assert refusal(route53, hosted, *many) == "[Number of records limit of 1000 exceeded.]"
    apply(route53, hosted, *many[:400])
    page = route53.list_resource_record_sets(HostedZoneId=hosted)
    assert (len(page["ResourceRecordSets"]), page["IsTruncated"]) == (300, True)


def test_a_change_is_pending_until_all_name_servers_have_it(emulator: Emulator, route53: Any, hosted: str) -> None:
    emulator.set(dnsPropagation=60)
    made = apply(route53, hosted, change("CREATE", "a.example.com", "A", "192.0.2.1"))
    assert made["Status"] == "PENDING"
    emulator.set(dnsPropagation=0)
    assert route53.get_change(Id=made["Id"])["ChangeInfo"]["Status"] == "INSYNC"
    error = refused("NoSuchChange", route53.get_change, 404, Id="C0")
    assert error["Message"] == "Could not find resource with ID: C0"


def test_a_seeded_zone_has_the_id_that_the_seed_gives(emulator: Emulator, route53: Any) -> None:
    made = emulator.control("POST", "seed", {"hostedZones": [{"name": "shop.example.com", "id": "Z0SHOP", "records": [
        {"Name": "old.shop.example.com", "Type": "CNAME", "TTL": 60, "ResourceRecords": [{"Value": "elsewhere.example.org"}]}
    ]}]})  # fmt: skip
    assert made["hostedZones"] == [{"name": "shop.example.com.", "id": "Z0SHOP"}]
    assert ("old.shop.example.com.", "CNAME") in listed(route53, "Z0SHOP")
