"""Route 53: health checks."""

from __future__ import annotations

from typing import Any

import pytest
from conftest import Emulator, refused, until
from shields import health_check, zone

NOBODYS = "00000000-0000-0000-0000-000000000000"


@pytest.fixture
def route53(emulator: Emulator) -> Any:
    return emulator.client("route53")


def test_a_health_check_is_filled_in_with_defaults(emulator: Emulator, route53: Any) -> None:
    made = health_check(emulator)
    found = route53.get_health_check(HealthCheckId=made["Id"])["HealthCheck"]
    assert (found["CallerReference"], found["HealthCheckVersion"]) == ("reference", 1)
    config = {"Type": "HTTPS", "FullyQualifiedDomainName": "api.example.com", "ResourcePath": "/health", "Port": 443, "RequestInterval": 30}
    assert found["HealthCheckConfig"] == {
        **config, "FailureThreshold": 3, "MeasureLatency": False, "Inverted": False, "Disabled": False, "EnableSNI": True,
    }  # fmt: skip


def test_a_caller_reference_gives_the_same_health_check_or_is_refused(emulator: Emulator, route53: Any) -> None:
    made = health_check(emulator)
    assert health_check(emulator)["Id"] == made["Id"]
    config = {"Type": "HTTPS", "FullyQualifiedDomainName": "other.example.com"}
    error = refused("HealthCheckAlreadyExists", route53.create_health_check, 409, CallerReference="reference", HealthCheckConfig=config)
    assert "different settings" in error["Message"]
    route53.delete_health_check(HealthCheckId=made["Id"])
    same = {k: made["HealthCheckConfig"][k] for k in ("Type", "FullyQualifiedDomainName", "ResourcePath")}
    error = refused("HealthCheckAlreadyExists", route53.create_health_check, 409, CallerReference="reference", HealthCheckConfig=same)
    assert "has been deleted" in error["Message"]
    assert health_check(emulator, "another")["Id"] != made["Id"]


@pytest.mark.parametrize(
    "config",
    [
        {"Type": "HTTPS"},
        {"Type": "GOPHER", "FullyQualifiedDomainName": "x.example.com"},
        {"Type": "HTTPS", "FullyQualifiedDomainName": "x.example.com", "RequestInterval": 20},
        {"Type": "HTTPS", "FullyQualifiedDomainName": "x.example.com", "FailureThreshold": 11},
        {"Type": "HTTPS", "FullyQualifiedDomainName": "x.example.com", "Port": 0},
        {"Type": "HTTPS", "FullyQualifiedDomainName": "x.example.com", "SearchString": "ok"},
        {"Type": "HTTPS_STR_MATCH", "FullyQualifiedDomainName": "x.example.com"},
        {"Type": "HTTPS", "FullyQualifiedDomainName": "x.example.com", "Regions": ["us-east-1", "eu-west-1"]},
        {"Type": "HTTPS", "FullyQualifiedDomainName": "x" * 256},
    ],
)
def test_a_health_check_that_makes_no_sense_is_refused(route53: Any, config: dict[str, Any]) -> None:
    refused("InvalidInput", route53.create_health_check, 400, CallerReference="r", HealthCheckConfig=config)


def test_a_health_check_is_updated_as_it_was_read(emulator: Emulator, route53: Any) -> None:
    made = health_check(emulator)
    found = route53.update_health_check(HealthCheckId=made["Id"], HealthCheckVersion=1, ResourcePath="/live", FailureThreshold=5)["HealthCheck"]
    assert (found["HealthCheckVersion"], found["HealthCheckConfig"]["ResourcePath"], found["HealthCheckConfig"]["Port"]) == (2, "/live", 443)
    refused("HealthCheckVersionMismatch", route53.update_health_check, 409, HealthCheckId=made["Id"], HealthCheckVersion=1, ResourcePath="/old")
    reset = route53.update_health_check(HealthCheckId=made["Id"], ResetElements=["ResourcePath"])["HealthCheck"]
    assert "ResourcePath" not in reset["HealthCheckConfig"]
    refused("InvalidInput", route53.update_health_check, 400, HealthCheckId=made["Id"], FailureThreshold=0)


def test_a_health_check_that_does_not_exist_is_not_found(route53: Any) -> None:
    for call in (route53.get_health_check, route53.update_health_check, route53.delete_health_check, route53.get_health_check_status):
        error = refused("NoSuchHealthCheck", call, 404, HealthCheckId=NOBODYS)
        assert error["Message"] == f"A health check with id {NOBODYS} does not exist."
    refused("NoSuchHealthCheck", route53.list_tags_for_resource, 404, ResourceType="healthcheck", ResourceId=NOBODYS)


def test_health_checks_are_listed_in_pages_and_lag(emulator: Emulator, route53: Any) -> None:
    made = [health_check(emulator, f"r{n}")["Id"] for n in range(5)]
    pages = list(route53.get_paginator("list_health_checks").paginate(PaginationConfig={"PageSize": 2}))
    assert [[c["Id"] for c in page["HealthChecks"]] for page in pages] == [made[:2], made[2:4], made[4:]]
    assert [page["IsTruncated"] for page in pages] == [True, True, False]
    assert route53.list_health_checks(MaxItems="1000")["MaxItems"] == "100"
    emulator.set(listLag=0.4)
    until(lambda: len(route53.list_health_checks()["HealthChecks"]) == 5)
    route53.delete_health_check(HealthCheckId=made[0])
    assert len(route53.list_health_checks()["HealthChecks"]) == 5
    until(lambda: len(route53.list_health_checks()["HealthChecks"]) == 4)


def test_health_checks_are_limited(emulator: Emulator, route53: Any) -> None:
    emulator.set(limits={"healthChecks": 1})
    health_check(emulator)
    config = {"Type": "HTTPS", "FullyQualifiedDomainName": "x.example.com"}
    refused("TooManyHealthChecks", route53.create_health_check, 400, CallerReference="more", HealthCheckConfig=config)


def test_what_the_checkers_see_is_said_by_the_test(emulator: Emulator, route53: Any) -> None:
    made, inverted = health_check(emulator)["Id"], health_check(emulator, "inverted", Inverted=True)["Id"]

    def reports(number: str = made) -> set[str]:
        return {o["StatusReport"]["Status"] for o in route53.get_health_check_status(HealthCheckId=number)["HealthCheckObservations"]}

    assert reports() == {"Success: HTTP Status Code 200, OK"} == reports(inverted)
    states = {r["id"]: r["state"] for r in emulator.control("GET", "resources") if r["type"] == "healthcheck"}
    assert states == {made: "Healthy", inverted: "Unhealthy"}
    emulator.control("PATCH", f"route53/healthchecks/{made}", {"passes": False, "report": "Failure: The health check endpoint timed out."})
    assert reports() == {"Failure: The health check endpoint timed out."}
    failures = route53.get_health_check_last_failure_reason(HealthCheckId=made)["HealthCheckObservations"]
    assert {o["StatusReport"]["Status"] for o in failures} == {"Failure: The health check endpoint timed out."}
    assert route53.get_health_check_last_failure_reason(HealthCheckId=inverted)["HealthCheckObservations"] == []
    emulator.set(healthChecksPass=False)
    assert reports(inverted) == {"Failure: HTTP Status Code 403, Forbidden"}
    assert emulator.control("PATCH", f"route53/healthchecks/{NOBODYS}", {"passes": True})["error"] == "NotFound"


def test_health_checks_and_zones_bear_tags(emulator: Emulator, route53: Any) -> None:
    check, hosted = health_check(emulator)["Id"], zone(emulator)
    for kind, number in (("healthcheck", check), ("hostedzone", hosted)):
        which = {"ResourceType": kind, "ResourceId": number}
        route53.change_tags_for_resource(**which, AddTags=[{"Key": "a", "Value": "1"}, {"Key": "b", "Value": "2"}])
        route53.change_tags_for_resource(**which, AddTags=[{"Key": "c", "Value": "3"}], RemoveTagKeys=["a"])
        assert route53.list_tags_for_resource(**which)["ResourceTagSet"]["Tags"] == [{"Key": "b", "Value": "2"}, {"Key": "c", "Value": "3"}]
        refused("InvalidInput", route53.change_tags_for_resource, 400, **which)
        refused("InvalidInput", route53.change_tags_for_resource, 400, **which, AddTags=[{"Key": f"k{n}", "Value": ""} for n in range(9)])
    sets = route53.list_tags_for_resources(ResourceType="healthcheck", ResourceIds=[check])["ResourceTagSets"]
    assert [(s["ResourceId"], len(s["Tags"])) for s in sets] == [(check, 2)]
    refused("InvalidInput", route53.list_tags_for_resources, 400, ResourceType="healthcheck", ResourceIds=[check] * 11)
    tagged = emulator.client("resourcegroupstaggingapi").get_resources(ResourceTypeFilters=["route53:healthcheck"])["ResourceTagMappingList"]
    assert [entry["ResourceARN"] for entry in tagged] == [f"arn:aws:route53:::healthcheck/{check}"]


def test_the_checkers_addresses_are_published(route53: Any) -> None:
    ranges = route53.get_checker_ip_ranges()["CheckerIpRanges"]
    assert "15.177.0.0/18" in ranges
    assert any(":" in one for one in ranges)


def test_route_53_takes_five_calls_a_second_and_a_health_check_in_two(emulator: Emulator, route53: Any) -> None:
    emulator.set(enforceQuotas=True)
    health_check(emulator)
    config = {"Type": "HTTPS", "FullyQualifiedDomainName": "x.example.com"}
    error = refused("Throttling", route53.create_health_check, 400, CallerReference="next", HealthCheckConfig=config)
    assert error["Message"] == "Rate exceeded"
    emulator.set(enforceQuotas=False)
    emulator.control("POST", "reset", {})
    emulator.set(enforceQuotas=True)
    for _ in range(5):
        route53.list_health_checks()
    refused("Throttling", route53.list_hosted_zones, 400)
