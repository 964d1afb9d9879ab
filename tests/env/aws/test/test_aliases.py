"""CloudFront: alternate domain names, and how they move."""

from __future__ import annotations

from typing import Any

import pytest
from conftest import Emulator, distribution, distribution_config, refused, update
from shields import account, assumable, change, zone

NAME = "api.example.com"


def certificate(emulator: Emulator, domain: str = "*.example.com") -> dict[str, Any]:
    arn = emulator.control("POST", "seed", {"certificates": [{"domain": domain}]})["certificates"][0]["arn"]
    return {"ACMCertificateArn": arn, "SSLSupportMethod": "sni-only"}


def holding(emulator: Emulator, *names: str, **more: Any) -> dict[str, Any]:
    viewer = certificate(emulator)
    aliases = {"Quantity": len(names), **({"Items": list(names)} if names else {})}
    return distribution(emulator.client("cloudfront"), ViewerCertificate=viewer, Aliases=aliases, **more)


def holders(cloudfront: Any) -> dict[str, list[str]]:
    return {d["Id"]: d["Aliases"].get("Items", []) for d in cloudfront.list_distributions()["DistributionList"]["Items"]}


def test_an_alias_moves_in_one_step_with_new_etags_of_both(emulator: Emulator, cloudfront: Any) -> None:
    source, target = holding(emulator, NAME, "www.example.com"), holding(emulator)
    cloudfront.associate_alias(TargetDistributionId=target["Id"], Alias=NAME)
    assert holders(cloudfront) == {source["Id"]: ["www.example.com"], target["Id"]: [NAME]}
    for made in (source, target):
        assert cloudfront.get_distribution(Id=made["Id"])["ETag"] != made["ETag"]
    cloudfront.associate_alias(TargetDistributionId=target["Id"], Alias=NAME)
    assert holders(cloudfront)[target["Id"]] == [NAME]


def test_the_target_of_a_move_has_a_certificate_for_the_name(emulator: Emulator, cloudfront: Any) -> None:
    source, bare = holding(emulator, NAME), distribution(cloudfront)
    assert "must attach a trusted certificate" in refused("InvalidArgument", _move(cloudfront, bare), 400)["Message"]
    other = distribution(cloudfront, ViewerCertificate=certificate(emulator, "*.example.org"))
    assert "doesn't cover the alternate domain name" in refused("InvalidArgument", _move(cloudfront, other), 400)["Message"]
    refused("InvalidArgument", _move(cloudfront, other, "*"), 400)
    refused("NoSuchDistribution", _move(cloudfront, {"Id": "EGONE000000000"}), 404)
    assert holders(cloudfront)[source["Id"]] == [NAME]


def test_a_target_that_is_full_gets_no_more(emulator: Emulator, cloudfront: Any) -> None:
    emulator.set(limits={"aliases": 1})
    source, target = holding(emulator, NAME), holding(emulator, "www.example.com")
    refused("TooManyDistributionCNAMEs", _move(cloudfront, target), 400)
    assert holders(cloudfront)[source["Id"]] == [NAME]


def _move(cloudfront: Any, target: dict[str, Any], name: str = NAME) -> Any:
    return lambda: cloudfront.associate_alias(TargetDistributionId=target["Id"], Alias=name)


def test_a_name_is_one_distributions_only_but_a_wildcard_may_overlap(emulator: Emulator, cloudfront: Any) -> None:
    holding(emulator, NAME)
    config = distribution_config(ViewerCertificate=certificate(emulator), Aliases={"Quantity": 1, "Items": [NAME]})
    error = refused("CNAMEAlreadyExists", cloudfront.create_distribution, 409, DistributionConfig=config)
    assert error["Message"] == "One or more of the CNAMEs you provided are already associated with a different resource."
    second = holding(emulator, "*.example.com")
    with pytest.raises(Exception, match="CNAMEAlreadyExists"):
        update(cloudfront, second["Id"], lambda c: c.update(Aliases={"Quantity": 1, "Items": [NAME]}))


@pytest.mark.parametrize("name", ["API.example.com", "api", "a.*.example.com", "api.example.com.", "api example.com"])
def test_an_alias_is_a_name_in_small_letters(emulator: Emulator, cloudfront: Any, name: str) -> None:
    config = distribution_config(ViewerCertificate=certificate(emulator), Aliases={"Quantity": 1, "Items": [name]})
    refused("InvalidArgument", cloudfront.create_distribution, 400, DistributionConfig=config)


def test_a_name_that_dns_points_at_another_distribution_cannot_be_added(emulator: Emulator, cloudfront: Any) -> None:
    hosted, made = zone(emulator), holding(emulator)
    batch = {"Changes": [change("CREATE", NAME, "CNAME", "d0therdistribut.cloudfront.net")]}
    emulator.client("route53").change_resource_record_sets(HostedZoneId=hosted, ChangeBatch=batch)
    with pytest.raises(Exception, match="incorrectly configured DNS record"):
        update(cloudfront, made["Id"], lambda c: c.update(Aliases={"Quantity": 1, "Items": [NAME]}))
    cloudfront.associate_alias(TargetDistributionId=made["Id"], Alias=NAME)
    update(cloudfront, made["Id"], lambda c: c.update(Comment="still mine"))


def test_conflicts_are_listed_with_ids_that_only_their_owner_recognises(emulator: Emulator, cloudfront: Any) -> None:
    first, wild, target = holding(emulator, NAME), holding(emulator, "*.example.com"), holding(emulator)
    holding(emulator, "www.example.com")
    found = cloudfront.list_conflicting_aliases(DistributionId=target["Id"], Alias=NAME)["ConflictingAliasesList"]
    assert found["Quantity"] == 2
    assert {(c["Alias"], c["DistributionId"][-7:], c["AccountId"]) for c in found["Items"]} == {
        (NAME, first["Id"][-7:], "******789012"),
        ("*.example.com", wild["Id"][-7:], "******789012"),
    }
    assert all(c["DistributionId"].startswith("*******") for c in found["Items"])
    plain = distribution(cloudfront)["Id"]
    refused("InvalidArgument", cloudfront.list_conflicting_aliases, 400, DistributionId=plain, Alias=NAME)


def test_conflicts_are_listed_by_domain_too(emulator: Emulator, cloudfront: Any) -> None:
    first, target = holding(emulator, NAME), holding(emulator)
    holding(emulator, "www.example.com")
    own = {"DistributionId": target["Id"]}
    found = cloudfront.list_domain_conflicts(Domain=NAME, DomainControlValidationResource=own)["DomainConflicts"]
    assert [(c["Domain"], c["ResourceType"], c["ResourceId"][-7:], c["AccountId"]) for c in found] == [
        (NAME, "distribution", first["Id"][-7:], "******789012"),
    ]
    plain = {"DistributionId": distribution(cloudfront)["Id"]}
    refused("InvalidArgument", cloudfront.list_domain_conflicts, 400, Domain=NAME, DomainControlValidationResource=plain)
    gone = {"DistributionId": "EGONE000000000"}
    refused("EntityNotFound", cloudfront.list_domain_conflicts, 404, Domain=NAME, DomainControlValidationResource=gone)


def test_an_alias_of_another_account_moves_only_from_a_disabled_distribution_and_with_dns(emulator: Emulator, cloudfront: Any) -> None:
    made = account(emulator, assumable("222222222222"), certificates=[{"domain": "*.example.com"}])
    keys = emulator.client("sts").assume_role(RoleArn=made["roles"][0]["arn"], RoleSessionName="theirs")["Credentials"]
    theirs = emulator.client("cloudfront", key=keys["AccessKeyId"])
    viewer = {"ACMCertificateArn": made["certificates"][0]["arn"], "SSLSupportMethod": "sni-only"}
    source = distribution(theirs, ViewerCertificate=viewer, Aliases={"Quantity": 1, "Items": [NAME]})
    target = holding(emulator)
    config = distribution_config(ViewerCertificate=certificate(emulator), Aliases={"Quantity": 1, "Items": [NAME]})
    refused("CNAMEAlreadyExists", cloudfront.create_distribution, 409, DistributionConfig=config)
    assert "not disabled" in refused("IllegalUpdate", _move(cloudfront, target), 400)["Message"]
    update(theirs, source["Id"], lambda c: c.update(Enabled=False))
    assert refused("IllegalUpdate", _move(cloudfront, target), 400)["Message"] == "Invalid or missing alias DNS TXT records."
    batch = {"Changes": [change("CREATE", f"_{NAME}", "TXT", f'"{target["DomainName"]}"')]}
    emulator.client("route53").change_resource_record_sets(HostedZoneId=zone(emulator), ChangeBatch=batch)
    cloudfront.associate_alias(TargetDistributionId=target["Id"], Alias=NAME)
    assert (holders(theirs), holders(cloudfront)[target["Id"]]) == ({source["Id"]: []}, [NAME])
