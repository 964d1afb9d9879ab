"""ACM: certificates that DNS validates."""

from __future__ import annotations

from typing import Any

import pytest
from conftest import Emulator, distribution, refused, update
from shields import account, change, zone


@pytest.fixture
def acm(emulator: Emulator) -> Any:
    return emulator.client("acm")


def request(acm: Any, domain: str = "api.example.com", **more: Any) -> str:
    return str(acm.request_certificate(DomainName=domain, ValidationMethod="DNS", **more)["CertificateArn"])


def described(acm: Any, arn: str) -> dict[str, Any]:
    found: dict[str, Any] = acm.describe_certificate(CertificateArn=arn)["Certificate"]
    return found


def prove(emulator: Emulator, hosted: str, *options: dict[str, Any]) -> None:
    changes = [change("UPSERT", o["ResourceRecord"]["Name"], "CNAME", o["ResourceRecord"]["Value"]) for o in options]
    emulator.client("route53").change_resource_record_sets(HostedZoneId=hosted, ChangeBatch={"Changes": changes})


def issued(emulator: Emulator, domain: str = "api.example.com") -> str:
    acm = emulator.client("acm")
    arn = request(acm, domain)
    prove(emulator, zone(emulator, domain.partition(".")[2]), *described(acm, arn)["DomainValidationOptions"])
    return arn


def test_a_certificate_is_issued_once_the_record_of_each_name_is_in_dns(emulator: Emulator, acm: Any) -> None:
    hosted, arn = zone(emulator), request(acm, SubjectAlternativeNames=["www.example.com"])
    found = described(acm, arn)
    assert (found["Status"], found["Type"], found["InUseBy"], "IssuedAt" in found) == ("PENDING_VALIDATION", "AMAZON_ISSUED", [], False)
    first, second = found["DomainValidationOptions"]
    assert (first["DomainName"], first["ValidationStatus"], first["ResourceRecord"]["Type"]) == ("api.example.com", "PENDING_VALIDATION", "CNAME")
    assert first["ResourceRecord"]["Name"].endswith(".api.example.com.")
    prove(emulator, hosted, first)
    found = described(acm, arn)
    assert (found["Status"], [o["ValidationStatus"] for o in found["DomainValidationOptions"]]) == ("PENDING_VALIDATION", ["SUCCESS", "PENDING_VALIDATION"])
    prove(emulator, hosted, second)
    found = described(acm, arn)
    assert (found["Status"], found["SubjectAlternativeNames"]) == ("ISSUED", ["api.example.com", "www.example.com"])
    assert found["NotAfter"] > found["IssuedAt"]


def test_a_record_of_another_value_in_dns_proves_nothing(emulator: Emulator, acm: Any) -> None:
    hosted, arn = zone(emulator), request(acm)
    option = described(acm, arn)["DomainValidationOptions"][0]
    prove(emulator, hosted, {"ResourceRecord": {**option["ResourceRecord"], "Value": "_x.acm-validations.aws."}})
    assert described(acm, arn)["Status"] == "PENDING_VALIDATION"


def test_records_are_known_and_seen_after_a_while_only(emulator: Emulator, acm: Any) -> None:
    emulator.set(certificateRecordDelay=60, dnsPropagation=60)
    hosted, arn = zone(emulator), request(acm)
    assert "ResourceRecord" not in described(acm, arn)["DomainValidationOptions"][0]
    emulator.set(certificateRecordDelay=0)
    prove(emulator, hosted, *described(acm, arn)["DomainValidationOptions"])
    assert described(acm, arn)["Status"] == "PENDING_VALIDATION"
    emulator.set(dnsPropagation=0)
    assert described(acm, arn)["Status"] == "ISSUED"


def test_a_wildcard_has_the_record_of_what_it_stands_below(acm: Any) -> None:
    options = described(acm, request(acm, "example.com", SubjectAlternativeNames=["*.example.com"]))["DomainValidationOptions"]
    assert options[0]["ResourceRecord"] == options[1]["ResourceRecord"]
    assert described(acm, request(acm, "example.com"))["DomainValidationOptions"][0]["ResourceRecord"] == options[0]["ResourceRecord"]


def test_a_validation_may_end_without_success(emulator: Emulator, acm: Any) -> None:
    arn = request(acm)
    number = arn.rpartition("/")[2]
    emulator.control("PATCH", f"acm/certificates/{number}", {"status": "FAILED", "failureReason": "CAA_ERROR"})
    found = described(acm, arn)
    assert (found["Status"], found["FailureReason"], found["DomainValidationOptions"][0]["ValidationStatus"]) == ("FAILED", "CAA_ERROR", "FAILED")
    emulator.control("PATCH", f"acm/certificates/{number}", {"status": "VALIDATION_TIMED_OUT"})
    assert described(acm, arn)["Status"] == "VALIDATION_TIMED_OUT"
    assert emulator.control("PATCH", "acm/certificates/none", {"status": "ISSUED"})["error"] == "NotFound"


def test_a_certificate_whose_time_is_over_has_expired_and_no_distribution_takes_it(emulator: Emulator, acm: Any, cloudfront: Any) -> None:
    arn = issued(emulator)
    over = described(acm, arn)["IssuedAt"].timestamp() - 1
    emulator.control("PATCH", f"acm/certificates/{arn.rpartition('/')[2]}", {"notAfter": over})
    found = described(acm, arn)
    assert (found["Status"], int(found["NotAfter"].timestamp())) == ("EXPIRED", int(over))
    made = distribution(cloudfront)
    read = cloudfront.get_distribution_config(Id=made["Id"])
    viewer = {"ACMCertificateArn": arn, "SSLSupportMethod": "sni-only"}
    config = {**read["DistributionConfig"], "ViewerCertificate": viewer, "Aliases": {"Quantity": 1, "Items": ["api.example.com"]}}
    refused("InvalidViewerCertificate", cloudfront.update_distribution, 400, Id=made["Id"], IfMatch=read["ETag"], DistributionConfig=config)


def test_a_request_with_the_same_token_is_the_same_request(acm: Any) -> None:
    arn = request(acm, IdempotencyToken="t1")
    assert request(acm, IdempotencyToken="t1") == arn
    assert request(acm, IdempotencyToken="t2") != arn
    refused(
        "InvalidParameterException",
        acm.request_certificate,
        400,
        DomainName="api.example.com",
        ValidationMethod="DNS",
        IdempotencyToken="t1",
        SubjectAlternativeNames=["b.example.com"],
    )


def test_a_request_that_cannot_be_is_refused(emulator: Emulator, acm: Any) -> None:
    refused("ValidationException", acm.request_certificate, 400, DomainName="not a name", ValidationMethod="DNS")
    refused("ValidationException", acm.request_certificate, 400, DomainName="a.example.com", IdempotencyToken="a-b")
    refused("InvalidParameterException", acm.request_certificate, 400, DomainName=f"{'x' * 60}.example.com")
    names = [f"n{n}.example.com" for n in range(10)]
    refused("LimitExceededException", acm.request_certificate, 400, DomainName="a.example.com", SubjectAlternativeNames=names)
    refused("InvalidTagException", acm.request_certificate, 400, DomainName="a.example.com", Tags=[{"Key": "aws:x", "Value": ""}])
    refused("TooManyTagsException", acm.request_certificate, 400, DomainName="a.example.com", Tags=[{"Key": f"k{n}", "Value": ""} for n in range(51)])
    emulator.set(limits={"certificates": 0})
    refused("LimitExceededException", acm.request_certificate, 400, DomainName="a.example.com")


def test_a_certificate_bears_tags(emulator: Emulator, acm: Any) -> None:
    arn = request(acm, Tags=[{"Key": "a", "Value": "1"}])
    acm.add_tags_to_certificate(CertificateArn=arn, Tags=[{"Key": "b", "Value": "2"}])
    acm.remove_tags_from_certificate(CertificateArn=arn, Tags=[{"Key": "a"}, {"Key": "b", "Value": "other"}])
    assert acm.list_tags_for_certificate(CertificateArn=arn)["Tags"] == [{"Key": "b", "Value": "2"}]
    found = emulator.client("resourcegroupstaggingapi").get_resources(ResourceTypeFilters=["acm:certificate"])["ResourceTagMappingList"]
    assert [entry["ResourceARN"] for entry in found] == [arn]


def test_certificates_are_listed_in_pages_and_by_status(emulator: Emulator, acm: Any) -> None:
    arn, pending = issued(emulator), [request(acm, f"n{n}.example.com") for n in range(3)]
    assert {c["CertificateArn"] for c in acm.list_certificates(CertificateStatuses=["ISSUED"])["CertificateSummaryList"]} == {arn}
    pages = list(acm.get_paginator("list_certificates").paginate(PaginationConfig={"PageSize": 3}))
    assert [c["CertificateArn"] for page in pages for c in page["CertificateSummaryList"]] == [arn, *pending]
    assert len(pages) == 2
    refused("ValidationException", acm.list_certificates, 400, NextToken="nonsense")


def test_a_certificate_belongs_to_a_region(emulator: Emulator, acm: Any) -> None:
    arn = request(acm)
    refused("ResourceNotFoundException", emulator.client("acm", "eu-north-1").describe_certificate, 400, CertificateArn=arn)
    error = refused("ResourceNotFoundException", acm.describe_certificate, 400, CertificateArn=f"{arn}x")
    assert error["Message"] == f"Could not find certificate {arn}x."


def test_a_distribution_takes_a_certificate_that_is_issued_and_keeps_it_from_deletion(emulator: Emulator, acm: Any, cloudfront: Any) -> None:
    arn = request(acm)
    viewer = {"ACMCertificateArn": arn, "SSLSupportMethod": "sni-only"}
    names = {"Quantity": 1, "Items": ["api.example.com"]}
    made = distribution(cloudfront)
    read = cloudfront.get_distribution_config(Id=made["Id"])
    config = {**read["DistributionConfig"], "ViewerCertificate": viewer, "Aliases": names}
    refused("InvalidViewerCertificate", cloudfront.update_distribution, 400, Id=made["Id"], IfMatch=read["ETag"], DistributionConfig=config)
    prove(emulator, zone(emulator), *described(acm, arn)["DomainValidationOptions"])
    update(cloudfront, made["Id"], lambda c: c.update(ViewerCertificate=viewer, Aliases=names))
    assert described(acm, arn)["InUseBy"] == [made["ARN"]]
    assert acm.list_certificates()["CertificateSummaryList"][0]["InUse"] is True
    refused("ResourceInUseException", acm.delete_certificate, 400, CertificateArn=arn)
    plain = {"CloudFrontDefaultCertificate": True}
    update(cloudfront, made["Id"], lambda c: c.update(ViewerCertificate=plain, Aliases={"Quantity": 0}))
    acm.delete_certificate(CertificateArn=arn)
    refused("ResourceNotFoundException", acm.describe_certificate, 400, CertificateArn=arn)


def test_the_record_may_stand_in_a_zone_of_another_account(emulator: Emulator, acm: Any) -> None:
    arn = request(acm)
    record = described(acm, arn)["DomainValidationOptions"][0]["ResourceRecord"]
    kept = {"Name": record["Name"], "Type": "CNAME", "TTL": 300, "ResourceRecords": [{"Value": record["Value"]}]}
    account(emulator, hostedZones=[{"name": "example.com", "records": [kept], "private": True}])
    assert described(acm, arn)["Status"] == "PENDING_VALIDATION"
    account(emulator, hostedZones=[{"name": "example.com", "records": [kept]}])
    assert described(acm, arn)["Status"] == "ISSUED"
