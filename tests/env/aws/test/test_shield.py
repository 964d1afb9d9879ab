"""Shield Advanced: protections, their health checks, and the automatic response."""

from __future__ import annotations

from typing import Any

import pytest
from conftest import Emulator, distribution, named, rate, refused, rule, until, update, web_acl
from shields import check_arn, health_check, protected, subscribed

NOBODYS = "00000000-0000-0000-0000-000000000000"
COUNT, BLOCK = {"Count": {}}, {"Block": {}}


def acl_of(emulator: Emulator) -> dict[str, Any]:
    waf = emulator.client("wafv2")
    found: dict[str, Any] = waf.get_web_acl(**named(waf.list_web_acls(Scope="CLOUDFRONT")["WebACLs"][0]))
    return found


def mitigations(emulator: Emulator) -> list[dict[str, Any]]:
    return [r for r in acl_of(emulator)["WebACL"]["Rules"] if r["Name"].startswith("ShieldMitigationRuleGroup_")]


def test_without_a_subscription_nothing_of_shield_is_there(emulator: Emulator, cloudfront: Any) -> None:
    shield, arn = emulator.client("shield"), distribution(cloudfront)["ARN"]
    assert shield.get_subscription_state()["SubscriptionState"] == "INACTIVE"
    for call, params in (
        (shield.create_protection, {"Name": "x", "ResourceArn": arn}),
        (shield.list_protections, {}),
        (shield.describe_protection, {"ResourceArn": arn}),
        (shield.delete_protection, {"ProtectionId": NOBODYS}),
        (shield.describe_subscription, {}),
        (shield.enable_application_layer_automatic_response, {"ResourceArn": arn, "Action": COUNT}),
        (shield.describe_emergency_contact_settings, {}),
        (shield.enable_proactive_engagement, {}),
        (shield.describe_drt_access, {}),
    ):
        assert refused("ResourceNotFoundException", call, 400, **params)["Message"] == "The subscription does not exist."
    assert "CreateSubscription" not in {entry["operation"] for entry in emulator.journal()}


def test_a_protection_is_described_by_its_id_and_by_what_it_protects(emulator: Emulator) -> None:
    shield, made, number = protected(emulator)
    found = shield.describe_protection(ProtectionId=number)["Protection"]
    assert found == shield.describe_protection(ResourceArn=made["ARN"])["Protection"]
    assert found == {
        "Id": number,
        "Name": "perimeter",
        "ResourceArn": made["ARN"],
        "HealthCheckIds": [],
        "ProtectionArn": f"arn:aws:shield::123456789012:protection/{number}",
    }
    refused("InvalidParameterException", shield.describe_protection, 400)
    refused("InvalidParameterException", shield.describe_protection, 400, ProtectionId=number, ResourceArn=made["ARN"])
    assert refused("ResourceNotFoundException", shield.describe_protection, ProtectionId=NOBODYS)["Message"] == "The referenced protection does not exist."
    refused("ResourceNotFoundException", shield.describe_protection, ResourceArn=made["ARN"] + "X")


def test_a_resource_is_protected_once(emulator: Emulator) -> None:
    shield, made, _ = protected(emulator)
    error = refused("ResourceAlreadyExistsException", shield.create_protection, 400, Name="again", ResourceArn=made["ARN"])
    assert error["Message"] == "The referenced protection already exists."


@pytest.mark.parametrize(
    "arn", ["arn:aws:s3:::bucket", "arn:aws:lambda:us-east-1:123456789012:function:f", "arn:aws:cloudfront::123456789012:distribution/EGONE000000000"]
)
def test_what_is_of_another_type_or_does_not_exist_cannot_be_protected(emulator: Emulator, arn: str) -> None:
    refused("InvalidResourceException", subscribed(emulator).create_protection, 400, Name="x", ResourceArn=arn)


def test_a_name_has_letters_digits_and_little_else(emulator: Emulator, cloudfront: Any) -> None:
    refused("ValidationException", subscribed(emulator).create_protection, 400, Name="a/b", ResourceArn=distribution(cloudfront)["ARN"])


def test_a_distribution_on_a_pricing_plan_cannot_be_protected(emulator: Emulator, cloudfront: Any) -> None:
    made = distribution(cloudfront)
    emulator.set(flatRatePlan=True)
    error = refused("InvalidParameterException", subscribed(emulator).create_protection, 400, Name="x", ResourceArn=made["ARN"])
    assert "belongs a CloudFront Pricing Plan" in error["Message"]


def test_protections_are_limited(emulator: Emulator, cloudfront: Any) -> None:
    shield, _, _ = protected(emulator)
    emulator.set(limits={"protections": 1})
    refused("LimitsExceededException", shield.create_protection, 400, Name="two", ResourceArn=distribution(cloudfront)["ARN"])


def test_protections_are_listed_in_pages_and_by_filters(emulator: Emulator, cloudfront: Any) -> None:
    shield = subscribed(emulator)
    arns = [distribution(cloudfront)["ARN"] for _ in range(3)]
    numbers = [shield.create_protection(Name=f"p{n}", ResourceArn=arn)["ProtectionId"] for n, arn in enumerate(arns)]
    first = shield.list_protections(MaxResults=2)
    second = shield.list_protections(MaxResults=2, NextToken=first["NextToken"])
    assert [p["Id"] for p in first["Protections"] + second["Protections"]] == numbers
    assert "NextToken" not in second
    for filters in ({"ResourceArns": [arns[1]]}, {"ProtectionNames": ["p1"]}, {"ProtectionNames": ["p1"], "ResourceTypes": ["CLOUDFRONT_DISTRIBUTION"]}):
        assert [p["Id"] for p in shield.list_protections(InclusionFilters=filters)["Protections"]] == [numbers[1]]
    assert shield.list_protections(InclusionFilters={"ResourceTypes": ["GLOBAL_ACCELERATOR"]})["Protections"] == []
    refused("InvalidParameterException", shield.list_protections, InclusionFilters={"ResourceArns": arns[:2]})
    refused("InvalidPaginationTokenException", shield.list_protections, 400, NextToken="nonsense")


def test_a_list_of_protections_lags(emulator: Emulator) -> None:
    emulator.set(listLag=0.4)
    shield, _, number = protected(emulator)
    assert shield.list_protections()["Protections"] == []
    shield.describe_protection(ProtectionId=number)
    until(lambda: shield.list_protections()["Protections"])
    shield.delete_protection(ProtectionId=number)
    assert shield.list_protections()["Protections"]
    refused("ResourceNotFoundException", shield.delete_protection, 400, ProtectionId=number)


def test_a_protection_bears_tags(emulator: Emulator) -> None:
    shield, _, number = protected(emulator)
    arn = f"arn:aws:shield::123456789012:protection/{number}"
    shield.tag_resource(ResourceARN=arn, Tags=[{"Key": "team", "Value": "a"}, {"Key": "since", "Value": "now"}])
    shield.untag_resource(ResourceARN=arn, TagKeys=["team"])
    assert shield.list_tags_for_resource(ResourceARN=arn)["Tags"] == [{"Key": "since", "Value": "now"}]
    found = emulator.client("resourcegroupstaggingapi").get_resources(ResourceTypeFilters=["shield:protection"])["ResourceTagMappingList"]
    assert [entry["ResourceARN"] for entry in found] == [arn]
    refused("InvalidParameterException", shield.tag_resource, 400, ResourceARN=arn, Tags=[{"Key": "aws:x", "Value": ""}])
    refused("ResourceNotFoundException", shield.list_tags_for_resource, 400, ResourceARN=arn[:-1] + "_")


def test_a_health_check_is_associated_while_it_is_healthy(emulator: Emulator) -> None:
    shield, _, number = protected(emulator)
    check = health_check(emulator)
    emulator.control("PATCH", f"route53/healthchecks/{check['Id']}", {"passes": False})
    join = {"ProtectionId": number, "HealthCheckArn": check_arn(check)}
    assert "not healthy" in refused("InvalidResourceException", shield.associate_health_check, 400, **join)["Message"]
    emulator.control("PATCH", f"route53/healthchecks/{check['Id']}", {"passes": True})
    shield.associate_health_check(**join)
    shield.associate_health_check(**join)
    assert shield.describe_protection(ProtectionId=number)["Protection"]["HealthCheckIds"] == [check["Id"]]
    assert shield.list_protections()["Protections"][0]["HealthCheckIds"] == [check["Id"]]
    shield.disassociate_health_check(**join)
    refused("ResourceNotFoundException", shield.disassociate_health_check, 400, **join)
    assert shield.describe_protection(ProtectionId=number)["Protection"]["HealthCheckIds"] == []


def test_a_protection_has_one_health_check_which_exists(emulator: Emulator) -> None:
    shield, _, number = protected(emulator)
    missing = {"ProtectionId": number, "HealthCheckArn": f"arn:aws:route53:::healthcheck/{NOBODYS}"}
    assert refused("ResourceNotFoundException", shield.associate_health_check, 400, **missing)["Message"] == "The referenced health check does not exist."
    one, two = health_check(emulator, "one"), health_check(emulator, "two")
    refused("ResourceNotFoundException", shield.associate_health_check, 400, ProtectionId=NOBODYS, HealthCheckArn=check_arn(one))
    shield.associate_health_check(ProtectionId=number, HealthCheckArn=check_arn(one))
    refused("LimitsExceededException", shield.associate_health_check, 400, ProtectionId=number, HealthCheckArn=check_arn(two))


def test_the_automatic_response_is_a_rule_in_the_web_acl(emulator: Emulator) -> None:
    shield, made, number = protected(emulator)
    before = acl_of(emulator)
    shield.enable_application_layer_automatic_response(ResourceArn=made["ARN"], Action=COUNT)
    after = acl_of(emulator)
    (found,) = mitigations(emulator)
    assert found["Name"].startswith(f"ShieldMitigationRuleGroup_123456789012_{before['WebACL']['Id']}_")
    assert (found["Priority"], found["OverrideAction"]) == (10_000_000, {"None": {}})
    assert after["WebACL"]["Capacity"] - before["WebACL"]["Capacity"] == 150
    assert after["LockToken"] != before["LockToken"]
    shown = shield.describe_protection(ProtectionId=number)["Protection"]["ApplicationLayerAutomaticResponseConfiguration"]
    assert shown == {"Status": "ENABLED", "Action": {"Count": {}}}


def test_the_action_of_the_response_is_updated_and_the_response_disabled(emulator: Emulator) -> None:
    shield, made, number = protected(emulator)
    arn = made["ARN"]
    refused("InvalidOperationException", shield.update_application_layer_automatic_response, 400, ResourceArn=arn, Action=BLOCK)
    refused("InvalidOperationException", shield.disable_application_layer_automatic_response, 400, ResourceArn=arn)
    shield.enable_application_layer_automatic_response(ResourceArn=arn, Action=COUNT)
    refused("InvalidOperationException", shield.enable_application_layer_automatic_response, 400, ResourceArn=arn, Action=BLOCK)
    token = acl_of(emulator)["LockToken"]
    shield.update_application_layer_automatic_response(ResourceArn=arn, Action=BLOCK)
    assert acl_of(emulator)["LockToken"] == token
    shown = shield.describe_protection(ProtectionId=number)["Protection"]["ApplicationLayerAutomaticResponseConfiguration"]
    assert shown == {"Status": "ENABLED", "Action": {"Block": {}}}
    shield.disable_application_layer_automatic_response(ResourceArn=arn)
    assert mitigations(emulator) == []
    assert acl_of(emulator)["LockToken"] != token
    shown = shield.describe_protection(ProtectionId=number)["Protection"]["ApplicationLayerAutomaticResponseConfiguration"]
    assert shown["Status"] == "DISABLED"


def test_a_response_is_one_action_for_a_protected_resource_behind_a_web_acl(emulator: Emulator, cloudfront: Any) -> None:
    shield, made, _ = protected(emulator, acl=False)
    enable = shield.enable_application_layer_automatic_response
    assert "associate a web ACL" in refused("InvalidOperationException", enable, 400, ResourceArn=made["ARN"], Action=COUNT)["Message"]
    for action in ({}, {"Count": {}, "Block": {}}):
        refused("InvalidParameterException", enable, 400, ResourceArn=made["ARN"], Action=action)
    refused("ResourceNotFoundException", enable, 400, ResourceArn=distribution(cloudfront)["ARN"], Action=COUNT)
    refused("InvalidParameterException", enable, 400, ResourceArn="arn:aws:route53:::hostedzone/Z1", Action=COUNT)


def test_new_customers_are_refused_the_response(emulator: Emulator) -> None:
    shield, made, _ = protected(emulator)
    emulator.set(automaticResponseOffered=False)
    error = refused("InvalidOperationException", shield.enable_application_layer_automatic_response, 400, ResourceArn=made["ARN"], Action=COUNT)
    assert "Anti-DDoS managed rule group" in error["Message"]


def test_the_rule_must_fit_into_the_web_acl(emulator: Emulator) -> None:
    shield, made, _ = protected(emulator)
    emulator.set(limits={"webAclCapacity": 100})
    refused("LimitsExceededException", shield.enable_application_layer_automatic_response, 400, ResourceArn=made["ARN"], Action=COUNT)


def test_one_rule_serves_all_resources_of_a_web_acl(emulator: Emulator, cloudfront: Any) -> None:
    shield, made, first = protected(emulator)
    other = distribution(cloudfront, WebACLId=acl_of(emulator)["WebACL"]["ARN"])
    shield.create_protection(Name="other", ResourceArn=other["ARN"])
    for arn in (made["ARN"], other["ARN"]):
        shield.enable_application_layer_automatic_response(ResourceArn=arn, Action=COUNT)
    assert len(mitigations(emulator)) == 1
    shield.delete_protection(ProtectionId=first)
    assert len(mitigations(emulator)) == 1
    shield.disable_application_layer_automatic_response(ResourceArn=other["ARN"])
    assert mitigations(emulator) == []


def test_an_update_of_the_web_acl_keeps_the_rule_only_if_it_carries_it(emulator: Emulator, waf: Any) -> None:
    shield, made, _ = protected(emulator)
    shield.enable_application_layer_automatic_response(ResourceArn=made["ARN"], Action=COUNT)
    read = acl_of(emulator)
    spec = {k: read["WebACL"][k] for k in ("Name", "Id", "DefaultAction", "VisibilityConfig")} | {"Scope": "CLOUDFRONT"}
    ours = rule("palisade-rate", 1, rate())
    waf.update_web_acl(**spec, Rules=[ours, *read["WebACL"]["Rules"]], LockToken=read["LockToken"])
    assert len(mitigations(emulator)) == 1
    waf.update_web_acl(**spec, Rules=[ours], LockToken=acl_of(emulator)["LockToken"])
    assert mitigations(emulator) == []
    shield.disable_application_layer_automatic_response(ResourceArn=made["ARN"])
    shield.enable_application_layer_automatic_response(ResourceArn=made["ARN"], Action=COUNT)
    assert len(mitigations(emulator)) == 1


def test_another_web_acl_gets_the_rule_only_when_the_response_is_enabled_anew(emulator: Emulator, cloudfront: Any, waf: Any) -> None:
    shield, made, _ = protected(emulator)
    shield.enable_application_layer_automatic_response(ResourceArn=made["ARN"], Action=COUNT)
    fresh = web_acl(waf, "fresh")
    update(cloudfront, made["Id"], lambda c: c.update(WebACLId=fresh["ARN"]))
    assert waf.get_web_acl(**named(fresh))["WebACL"]["Rules"] == []
    shield.disable_application_layer_automatic_response(ResourceArn=made["ARN"])
    shield.enable_application_layer_automatic_response(ResourceArn=made["ARN"], Action=COUNT)
    assert len(waf.get_web_acl(**named(fresh))["WebACL"]["Rules"]) == 1


def test_a_change_meets_another_one_where_a_fault_says_so(emulator: Emulator) -> None:
    shield, _, number = protected(emulator)
    emulator.fault(service="shield", operation="DeleteProtection", kind="error", code="OptimisticLockException", status=400, message="m")
    refused("OptimisticLockException", shield.delete_protection, 400, ProtectionId=number)
    shield.delete_protection(ProtectionId=number)
