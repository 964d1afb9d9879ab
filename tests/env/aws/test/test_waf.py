"""AWS WAF: documents, lock tokens, capacity, and each refusal."""

from __future__ import annotations

import json
import urllib.request
from typing import Any

import pytest
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials
from conftest import Emulator, by, distribution, ip_set, managed, named, rate, refused, rule, visibility, web_acl, web_acl_spec

BUCKET = "arn:aws:s3:::aws-waf-logs-shop"


def raw(emulator: Emulator, operation: str, params: dict[str, Any]) -> Any:
    """A signed request without botocore's models in between."""
    headers = {"X-Amz-Target": f"AWSWAF_20190729.{operation}", "Content-Type": "application/x-amz-json-1.1"}
    request = AWSRequest("POST", f"{emulator.endpoint}/", data=json.dumps(params).encode(), headers=headers)
    SigV4Auth(Credentials("test", "secret"), "wafv2", "us-east-1").add_auth(request)
    with urllib.request.urlopen(urllib.request.Request(request.url, request.data, dict(request.headers))) as answer:
        return json.loads(answer.read())


def read(waf: Any, summary: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = waf.get_web_acl(**named(summary))
    return found


def rewrite(waf: Any, summary: dict[str, Any], **change: Any) -> str:
    got = read(waf, summary)
    # An absent description reads as an empty one, which may not be written.
    document = {k: v for k, v in got["WebACL"].items() if v and k in ("DefaultAction", "Description", "Rules", "VisibilityConfig")}
    return str(waf.update_web_acl(**named(summary), LockToken=got["LockToken"], **{**document, **change})["NextLockToken"])


def references(arn: str) -> dict[str, Any]:
    return {"IPSetReferenceStatement": {"ARN": arn}}


def path(search: str = "/x", constraint: str = "STARTS_WITH", *transformations: str) -> dict[str, Any]:
    kinds = transformations or ("NONE",)
    return {
        "ByteMatchStatement": {
            "SearchString": search,
            "FieldToMatch": {"UriPath": {}},
            "PositionalConstraint": constraint,
            "TextTransformations": [{"Priority": n, "Type": kind} for n, kind in enumerate(kinds)],
        }
    }


def test_unknown_fields_and_statements_survive_as_they_were_sent(emulator: Emulator) -> None:
    rules = [
        {
            "Name": "future",
            "Priority": 7,
            "Statement": {"NewStatement": {"Deep": [1, 2.5, None, {"ü": True}]}},
            "Action": {"Block": {}},
            "VisibilityConfig": visibility("f"),
            "NewField": {"x": "y"},
        }
    ]
    made = raw(emulator, "CreateWebACL", {**web_acl_spec("future", rules), "NewSwitch": {"On": True}})["Summary"]
    got = raw(emulator, "GetWebACL", named(made))["WebACL"]
    assert (got["Rules"], got["NewSwitch"]) == (rules, {"On": True})
    assert got["LabelNamespace"] == "awswaf:123456789012:webacl:future:"
    assert (got["ManagedByFirewallManager"], got["Capacity"]) == (False, 1)


def test_the_window_of_a_rate_rule_is_filled_in(waf: Any) -> None:
    made = web_acl(waf, rules=[rule("r", 0, rate())])
    assert read(waf, made)["WebACL"]["Rules"][0]["Statement"]["RateBasedStatement"]["EvaluationWindowSec"] == 300


def test_names_that_a_rate_rule_counts_by_come_back_in_small_letters(waf: Any) -> None:
    plain = [{"Priority": 0, "Type": "NONE"}]
    made = web_acl(waf, rules=[rule("r", 0, by({"Header": {"Name": "X-Client", "TextTransformations": plain}}))])
    keys = read(waf, made)["WebACL"]["Rules"][0]["Statement"]["RateBasedStatement"]["CustomKeys"]
    assert keys == [{"Header": {"Name": "x-client", "TextTransformations": plain}}]


def test_empty_rules_empty_the_web_acl(waf: Any) -> None:
    made = web_acl(waf, rules=[rule("r", 0, rate())])
    rewrite(waf, made, Rules=[])
    got = read(waf, made)["WebACL"]
    assert (got["Rules"], got["Capacity"]) == ([], 0)


def test_each_write_needs_the_current_lock_token_and_makes_a_new_one(waf: Any) -> None:
    made = web_acl(waf)
    assert read(waf, made)["LockToken"] == read(waf, made)["LockToken"] == made["LockToken"]
    new = rewrite(waf, made, Description="new")
    assert waf.list_web_acls(Scope="CLOUDFRONT")["WebACLs"] == [{**made, "Description": "new", "LockToken": new}]
    spec = {k: v for k, v in web_acl_spec().items() if k not in ("Name", "Scope")}
    refused("WAFOptimisticLockException", waf.update_web_acl, **named(made), LockToken=made["LockToken"], **spec)
    refused("WAFOptimisticLockException", waf.delete_web_acl, **named(made), LockToken=made["LockToken"])
    waf.delete_web_acl(**named(made), LockToken=new)
    refused("WAFNonexistentItemException", waf.get_web_acl, **named(made))


def test_a_web_acl_is_found_by_name_scope_and_id_together_or_by_arn(waf: Any) -> None:
    made = web_acl(waf)
    refused("WAFNonexistentItemException", waf.get_web_acl, **{**named(made), "Name": "other"})
    assert waf.get_web_acl(ARN=made["ARN"])["WebACL"]["Id"] == made["Id"]


def test_names_are_used_once(waf: Any) -> None:
    web_acl(waf)
    refused("WAFDuplicateItemException", waf.create_web_acl, **web_acl_spec())
    ip_set(waf)
    refused("WAFDuplicateItemException", waf.create_ip_set, Name="office", Scope="CLOUDFRONT", IPAddressVersion="IPV4", Addresses=[])


def test_the_cloudfront_scope_exists_in_us_east_1_only(emulator: Emulator) -> None:
    elsewhere = emulator.client("wafv2", "eu-north-1")
    error = refused("WAFInvalidParameterException", elsewhere.create_web_acl, **web_acl_spec())
    assert (error["Field"], error["Parameter"], error["Reason"]) == ("SCOPE_VALUE", "CLOUDFRONT", "The scope is not valid.")
    refused("WAFInvalidParameterException", elsewhere.list_web_acls, Scope="CLOUDFRONT")


@pytest.mark.parametrize(
    ("rules", "field", "parameter"),
    [
        ([rule("a", 1, rate()), rule("b", 1, path())], "RULE", "1"),
        ([rule("a", 1, rate()), rule("a", 2, path())], "RULE", "a"),
        ([rule("a", 1, rate(9))], "RATE_BASED_STATEMENT", "9"),
        ([rule("a", 1, rate(EvaluationWindowSec=90))], "RATE_BASED_STATEMENT", "90"),
        ([rule("a", 1, by({"IP": {}}))], "CUSTOM_KEYS", "CUSTOM_KEYS"),
        ([rule("a", 1, by())], "CUSTOM_KEYS", "CUSTOM_KEYS"),
        ([rule("a", 1, by({"HTTPMethod": {}}, AggregateKeyType="IP"))], "CUSTOM_KEYS", "IP"),
        ([rule("a", 1, by({"HTTPMethod": {}}, {"ForwardedIP": {}}))], "FORWARDED_IP_CONFIG", "CUSTOM_KEYS"),
        ([rule("a", 1, rate(AggregateKeyType="FORWARDED_IP"))], "FORWARDED_IP_CONFIG", "FORWARDED_IP"),
        ([rule("a", 1, {**rate(), **path()})], "STATEMENT", "Statement"),
        ([rule("a", 1, path(), OverrideAction={"None": {}})], "RULE", "a"),
        ([rule("a", 1, {"GeoMatchStatement": {"CountryCodes": ["se"]}})], "GEO_MATCH_STATEMENT", "se"),
        ([rule("a", 1, managed("AWSManagedRulesNothing"))], "MANAGED_RULE_SET_STATEMENT", "AWS/AWSManagedRulesNothing"),
        ([rule("a", 1, managed("AWSManagedRulesCommonRuleSet", Version="Version_9"))], "MANAGED_RULE_SET_STATEMENT", "Version_9"),
        ([rule("a", 1, {"AndStatement": {"Statements": [path()]}})], "STATEMENT", "Statements"),
    ],
)
def test_a_bad_rule_is_refused_with_field_parameter_and_reason(waf: Any, rules: list[Any], field: str, parameter: str) -> None:
    error = refused("WAFInvalidParameterException", waf.create_web_acl, **web_acl_spec(rules=rules))
    assert (error["Field"], error["Parameter"]) == (field, parameter)
    assert error["Message"] == f"Error reason: {error['Reason']}, field: {field}, parameter: {parameter}"
    # An update and the check of capacity look at rules just as a creation does.
    refused("WAFInvalidParameterException", waf.check_capacity, Scope="CLOUDFRONT", Rules=rules)


def test_a_missing_member_fails_its_constraint(waf: Any) -> None:
    spec = web_acl_spec()
    del spec["DefaultAction"]
    error = refused("ValidationException", waf.create_web_acl, **spec)
    assert error["Message"] == "1 validation error detected: Value null at 'defaultAction' failed to satisfy constraint: Member must not be null"


def test_an_expired_version_of_a_managed_group_blocks_creation_and_update(emulator: Emulator, waf: Any) -> None:
    group = managed("AWSManagedRulesCommonRuleSet", Version="Version_1.14")
    made = web_acl(waf, rules=[rule("m", 0, group)])
    emulator.set(expiredManagedVersions=["AWSManagedRulesCommonRuleSet/Version_1.14"])
    refused("WAFExpiredManagedRuleGroupVersionException", waf.create_web_acl, **web_acl_spec("b", [rule("m", 0, group)]))
    with pytest.raises(waf.exceptions.WAFExpiredManagedRuleGroupVersionException):
        rewrite(waf, made, Description="anything")
    versions = waf.list_available_managed_rule_group_versions(VendorName="AWS", Name="AWSManagedRulesCommonRuleSet", Scope="CLOUDFRONT")
    assert "Version_1.14" not in [v["Name"] for v in versions["Versions"]]
    assert versions["CurrentDefaultVersion"] == "Version_1.17"


def test_capacity_is_what_the_rules_cost(waf: Any) -> None:
    office = ip_set(waf)["ARN"]
    for statement, units in (
        (managed("AWSManagedRulesCommonRuleSet"), 700),
        (managed("AWSManagedRulesKnownBadInputsRuleSet"), 200),
        (managed("AWSManagedRulesAmazonIpReputationList"), 25),
        (managed("AWSManagedRulesAntiDDoSRuleSet"), 50),
        (rate(), 2),
        (rate(ScopeDownStatement=path()), 4),
        (by({"IP": {}}, {"HTTPMethod": {}}), 62),
        ({"GeoMatchStatement": {"CountryCodes": ["SE", "NO"]}}, 1),
        (references(office), 1),
        ({"NotStatement": {"Statement": references(office)}}, 1),
        (path(), 2),
        (path("x", "CONTAINS", "LOWERCASE"), 20),
        ({"AndStatement": {"Statements": [path(), references(office)]}}, 3),
    ):
        assert waf.check_capacity(Scope="CLOUDFRONT", Rules=[rule("r", 0, statement)])["Capacity"] == units, statement


def test_more_than_5000_units_more_than_100_web_acls_or_10_rate_rules_are_refused(emulator: Emulator, waf: Any) -> None:
    names = ["CommonRuleSet", "KnownBadInputsRuleSet"]
    rules = [rule(f"r{n}", n, managed(f"AWSManagedRules{names[n % 2]}")) for n in range(12)]
    refused("WAFInvalidParameterException", waf.create_web_acl, **web_acl_spec(rules=rules))
    refused("WAFLimitsExceededException", waf.create_web_acl, **web_acl_spec(rules=[rule(f"r{n}", n, rate()) for n in range(11)]))
    emulator.set(limits={"webAcls": 1, "ipSets": 1})
    web_acl(waf)
    refused("WAFLimitsExceededException", waf.create_web_acl, **web_acl_spec("b"))
    ip_set(waf)
    refused("WAFLimitsExceededException", waf.create_ip_set, Name="b", Scope="CLOUDFRONT", IPAddressVersion="IPV4", Addresses=[])


def test_addresses_are_normalised(waf: Any) -> None:
    made = ip_set(waf, addresses=("192.0.2.9/24", "192.0.2.0/24", "10.0.0.1/32"))
    assert waf.get_ip_set(**named(made))["IPSet"]["Addresses"] == ["192.0.2.0/24", "10.0.0.1/32"]
    six = ip_set(waf, "six", ("2001:0DB8:0000::1/64",), IPAddressVersion="IPV6")
    assert waf.get_ip_set(**named(six))["IPSet"]["Addresses"] == ["2001:db8::/64"]


@pytest.mark.parametrize("address", ["192.0.2.1", "192.0.2.0/33", "office", "0.0.0.0/0", "2001:db8::/64"])
def test_an_address_that_is_no_network_of_the_sets_version_is_refused(waf: Any, address: str) -> None:
    error = refused("WAFInvalidParameterException", waf.create_ip_set, Name="n", Scope="CLOUDFRONT", IPAddressVersion="IPV4", Addresses=[address])
    assert (error["Field"], error["Parameter"]) == ("IP_ADDRESS", address)


def test_an_ip_set_has_a_lock_token_of_its_own(waf: Any) -> None:
    made = ip_set(waf)
    new = waf.update_ip_set(**named(made), Addresses=["198.51.100.0/24"], LockToken=made["LockToken"])["NextLockToken"]
    refused("WAFOptimisticLockException", waf.update_ip_set, **named(made), Addresses=[], LockToken=made["LockToken"])
    assert waf.list_ip_sets(Scope="CLOUDFRONT")["IPSets"][0]["LockToken"] == new
    refused("WAFOptimisticLockException", waf.delete_ip_set, **named(made), LockToken=made["LockToken"])


def test_an_ip_set_cannot_be_referenced_before_it_has_propagated(emulator: Emulator, waf: Any) -> None:
    emulator.set(wafPropagation=60)
    arn = ip_set(waf)["ARN"]
    # However deep it is in the rules.
    spec = web_acl_spec(rules=[rule("r", 0, rate(ScopeDownStatement={"NotStatement": {"Statement": references(arn)}}))])
    refused("WAFUnavailableEntityException", waf.create_web_acl, **spec)
    emulator.set(wafPropagation=0)
    waf.create_web_acl(**spec)


def test_an_ip_set_that_does_not_exist_cannot_be_referenced(waf: Any) -> None:
    absent = "arn:aws:wafv2:us-east-1:123456789012:global/ipset/none/00000000-0000-0000-0000-000000000000"
    refused("WAFNonexistentItemException", waf.create_web_acl, **web_acl_spec(rules=[rule("r", 0, references(absent))]))


def test_what_is_referenced_cannot_be_deleted(waf: Any, cloudfront: Any) -> None:
    office = ip_set(waf)
    made = web_acl(waf, rules=[rule("r", 0, {"NotStatement": {"Statement": references(office["ARN"])}})])
    refused("WAFAssociatedItemException", waf.delete_ip_set, **named(office), LockToken=office["LockToken"])
    distribution(cloudfront, WebACLId=made["ARN"])
    refused("WAFAssociatedItemException", waf.delete_web_acl, **named(made), LockToken=made["LockToken"])
    rewrite(waf, made, Rules=[])
    waf.delete_ip_set(**named(office), LockToken=office["LockToken"])


def test_foreign_rules_appear_in_the_web_acl_and_change_its_lock_token(emulator: Emulator, waf: Any) -> None:
    made = web_acl(waf, rules=[rule("ours", 1000, rate())])
    name = f"ShieldMitigationRuleGroup_123456789012_{made['Id']}_x"
    shield = {
        "Name": name,
        "Priority": 10_000_000,
        "Statement": {"RuleGroupReferenceStatement": {"ARN": f"arn:aws:wafv2:us-east-1:153427709519:global/rulegroup/{name}/1"}},
        "OverrideAction": {"None": {}},
        "VisibilityConfig": visibility("s"),
    }
    group = {
        "Name": "PREFMManaged-1",
        "Priority": 0,
        "FirewallManagerStatement": managed("AWSManagedRulesAnonymousIpList"),
        "OverrideAction": {"None": {}},
        "VisibilityConfig": visibility("f"),
    }
    change = {
        "appendRules": [shield],
        "PreProcessFirewallManagerRuleGroups": [group],
        "RetrofittedByFirewallManager": True,
    }
    answer = emulator.control("PATCH", f"wafv2/webacls/{made['Id']}", change)
    got = raw(emulator, "GetWebACL", named(made))
    assert answer["lockToken"] == got["LockToken"] != made["LockToken"]
    assert ([r["Name"] for r in got["WebACL"]["Rules"]], got["WebACL"]["Capacity"]) == (["ours", name], 202)
    # Groups of Firewall Manager are not part of an update, and stay.
    rewrite(waf, made, Description="foreign")
    got = raw(emulator, "GetWebACL", named(made))["WebACL"]
    assert (got["PreProcessFirewallManagerRuleGroups"][0]["Name"], got["RetrofittedByFirewallManager"]) == ("PREFMManaged-1", True)


def test_a_web_acl_managed_by_firewall_manager_refuses_writes(emulator: Emulator, waf: Any) -> None:
    made = web_acl(waf)
    token = emulator.control("PATCH", f"wafv2/webacls/{made['Id']}", {"ManagedByFirewallManager": True})["lockToken"]
    with pytest.raises(waf.exceptions.WAFInvalidOperationException):
        rewrite(waf, made, Description="foreign")
    refused("WAFInvalidOperationException", waf.delete_web_acl, **named(made), LockToken=token)


def test_lists_come_in_pages_and_lag(emulator: Emulator, waf: Any) -> None:
    made = [web_acl(waf, f"a{n}")["Id"] for n in range(5)]
    first = waf.list_web_acls(Scope="CLOUDFRONT", Limit=3)
    second = waf.list_web_acls(Scope="CLOUDFRONT", Limit=3, NextMarker=first["NextMarker"])
    assert [a["Id"] for a in first["WebACLs"] + second["WebACLs"]] == made
    # Every page on which something stands is marked: that it was the last one, only an empty page tells.
    third = waf.list_web_acls(Scope="CLOUDFRONT", Limit=3, NextMarker=second["NextMarker"])
    assert third["WebACLs"] == []
    assert "NextMarker" not in third
    emulator.set(listLag=60)
    new = web_acl(waf, "new")["Id"]
    office = ip_set(waf)["Id"]
    assert new not in [a["Id"] for a in waf.list_web_acls(Scope="CLOUDFRONT")["WebACLs"]]
    assert waf.list_ip_sets(Scope="CLOUDFRONT")["IPSets"] == []
    emulator.set(listLag=0)
    assert new in [a["Id"] for a in waf.list_web_acls(Scope="CLOUDFRONT")["WebACLs"]]
    assert [s["Id"] for s in waf.list_ip_sets(Scope="CLOUDFRONT")["IPSets"]] == [office]


def test_a_scope_lists_only_its_own(emulator: Emulator, waf: Any) -> None:
    web_acl(waf)
    assert waf.list_web_acls(Scope="REGIONAL")["WebACLs"] == []


def test_a_logging_configuration_is_listed_for_its_scope_and_goes_with_its_web_acl(waf: Any) -> None:
    made = web_acl(waf)
    put = waf.put_logging_configuration(LoggingConfiguration={"ResourceArn": made["ARN"], "LogDestinationConfigs": [BUCKET]})
    assert put["LoggingConfiguration"]["LogScope"] == "CUSTOMER"
    assert waf.list_logging_configurations(Scope="CLOUDFRONT")["LoggingConfigurations"] == [put["LoggingConfiguration"]]
    assert waf.list_logging_configurations(Scope="REGIONAL")["LoggingConfigurations"] == []
    assert waf.get_logging_configuration(ResourceArn=made["ARN"])["LoggingConfiguration"]["LogDestinationConfigs"] == [BUCKET]
    waf.delete_logging_configuration(ResourceArn=made["ARN"])
    refused("WAFNonexistentItemException", waf.get_logging_configuration, ResourceArn=made["ARN"])
    refused("WAFNonexistentItemException", waf.delete_logging_configuration, ResourceArn=made["ARN"])
    waf.put_logging_configuration(LoggingConfiguration={"ResourceArn": made["ARN"], "LogDestinationConfigs": [BUCKET]})
    waf.delete_web_acl(**named(made), LockToken=made["LockToken"])
    assert waf.list_logging_configurations(Scope="CLOUDFRONT")["LoggingConfigurations"] == []


@pytest.mark.parametrize(
    "destination",
    [
        "arn:aws:s3:::logs",
        "arn:aws:logs:eu-north-1:123456789012:log-group:aws-waf-logs-x",
        "arn:aws:logs:us-east-1:123456789012:log-group:waf",
        "aws-waf-logs-x",
    ],
)
def test_a_log_destination_is_named_aws_waf_logs_and_is_in_the_same_region(waf: Any, destination: str) -> None:
    config = {"ResourceArn": web_acl(waf)["ARN"], "LogDestinationConfigs": [destination]}
    error = refused("WAFInvalidParameterException", waf.put_logging_configuration, LoggingConfiguration=config)
    assert (error["Field"], error["Parameter"]) == ("LOG_DESTINATION", destination)


def test_a_logging_configuration_needs_an_existing_web_acl(waf: Any) -> None:
    absent = "arn:aws:wafv2:us-east-1:123456789012:global/webacl/none/00000000-0000-0000-0000-000000000000"
    config = {"ResourceArn": absent, "LogDestinationConfigs": [BUCKET]}
    refused("WAFNonexistentItemException", waf.put_logging_configuration, LoggingConfiguration=config)


def test_tags_belong_to_web_acls_and_ip_sets_and_change_no_lock_token(waf: Any) -> None:
    for made in (web_acl(waf, Tags=[{"Key": "a", "Value": "1"}]), ip_set(waf, Tags=[{"Key": "a", "Value": "1"}])):
        waf.tag_resource(ResourceARN=made["ARN"], Tags=[{"Key": "b", "Value": "2"}])
        waf.untag_resource(ResourceARN=made["ARN"], TagKeys=["a"])
        listed = waf.list_tags_for_resource(ResourceARN=made["ARN"])["TagInfoForResource"]
        assert listed == {"ResourceARN": made["ARN"], "TagList": [{"Key": "b", "Value": "2"}]}
    assert waf.list_ip_sets(Scope="CLOUDFRONT")["IPSets"][0]["LockToken"] == made["LockToken"]
    refused("WAFNonexistentItemException", waf.list_tags_for_resource, ResourceARN=made["ARN"] + "0")


def test_a_managed_group_says_its_capacity_and_its_rules(waf: Any) -> None:
    got = waf.describe_managed_rule_group(VendorName="AWS", Name="AWSManagedRulesCommonRuleSet", Scope="CLOUDFRONT")
    assert got["Capacity"] == 700
    assert "SizeRestrictions_BODY" in [r["Name"] for r in got["Rules"]]
    refused("WAFNonexistentItemException", waf.describe_managed_rule_group, VendorName="AWS", Name="None", Scope="CLOUDFRONT")


def test_only_rules_that_a_managed_group_has_can_be_overridden(waf: Any) -> None:
    override = [{"Name": "SizeRestrictions_BODY", "ActionToUse": {"Count": {}}}]
    made = web_acl(waf, rules=[rule("m", 0, managed("AWSManagedRulesCommonRuleSet", RuleActionOverrides=override))])
    assert read(waf, made)["WebACL"]["Rules"][0]["Statement"]["ManagedRuleGroupStatement"]["RuleActionOverrides"] == override
    override[0]["Name"] = "Nothing"
    spec = web_acl_spec("b", [rule("m", 0, managed("AWSManagedRulesCommonRuleSet", RuleActionOverrides=override))])
    refused("WAFInvalidParameterException", waf.create_web_acl, **spec)


def test_a_description_has_three_letters_at_least_and_no_odd_ones(waf: Any) -> None:
    for description in ("", "ab", "what (is it)?"):
        error = refused("ValidationException", waf.create_web_acl, **web_acl_spec(Description=description))
        assert "at 'description' failed to satisfy constraint" in error["Message"]
    web_acl(waf, Description="perimeter of shop/petstore")


def test_a_tag_value_with_letters_that_tags_may_not_have_is_refused(waf: Any) -> None:
    refused("ValidationException", waf.create_web_acl, **web_acl_spec(Tags=[{"Key": "a", "Value": "b & c"}]))
