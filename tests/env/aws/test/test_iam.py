"""IAM, STS and the tagging API."""

from __future__ import annotations

import json
from typing import Any

from conftest import Emulator, distribution, ip_set, refused, role, signer, until, web_acl

POLICY = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "execute-api:Invoke", "Resource": "*"}]}


def details(iam: Any, **more: Any) -> list[Any]:
    found: list[Any] = iam.get_account_authorization_details(Filter=["Role"], **more)["RoleDetailList"]
    return found


def test_a_role_is_listed_with_trust_policies_tags_and_boundary(emulator: Emulator, iam: Any) -> None:
    boundary = emulator.control("POST", "seed", {"policies": [{"name": "boundary", "policyDocument": POLICY}]})["policies"][0]["arn"]
    role(iam, Tags=[{"Key": "a", "Value": "1 = 2"}], PermissionsBoundary=boundary)
    iam.put_role_policy(RoleName="signer", PolicyName="invoke", PolicyDocument=json.dumps(POLICY))
    (found,) = details(iam)
    assert (found["Path"], found["RoleName"], found["Arn"]) == ("/palisade/", "signer", "arn:aws:iam::123456789012:role/palisade/signer")
    assert found["RolePolicyList"] == [{"PolicyName": "invoke", "PolicyDocument": POLICY}]
    assert found["AssumeRolePolicyDocument"]["Statement"][0]["Principal"]["Service"] == ["lambda.amazonaws.com", "edgelambda.amazonaws.com"]
    assert (found["Tags"], found["PermissionsBoundary"]["PermissionsBoundaryArn"]) == ([{"Key": "a", "Value": "1 = 2"}], boundary)
    iam.delete_role_permissions_boundary(RoleName="signer")
    iam.untag_role(RoleName="signer", TagKeys=["a"])
    iam.tag_role(RoleName="signer", Tags=[{"Key": "b", "Value": "2"}])
    assert iam.list_role_tags(RoleName="signer")["Tags"] == [{"Key": "b", "Value": "2"}] == details(iam)[0]["Tags"]
    assert "PermissionsBoundary" not in details(iam)[0]
    iam.put_role_permissions_boundary(RoleName="signer", PermissionsBoundary=boundary)
    assert iam.get_role(RoleName="signer")["Role"]["PermissionsBoundary"]["PermissionsBoundaryArn"] == boundary


def test_a_changed_trust_and_policy_are_read_back(iam: Any) -> None:
    role(iam)
    trust = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Principal": {"Service": "lambda.amazonaws.com"}, "Action": "sts:AssumeRole"}]}
    iam.update_assume_role_policy(RoleName="signer", PolicyDocument=json.dumps(trust))
    assert iam.get_role(RoleName="signer")["Role"]["AssumeRolePolicyDocument"] == trust == details(iam)[0]["AssumeRolePolicyDocument"]
    iam.put_role_policy(RoleName="signer", PolicyName="invoke", PolicyDocument=json.dumps(POLICY))
    assert iam.get_role_policy(RoleName="signer", PolicyName="invoke")["PolicyDocument"] == POLICY
    assert iam.list_role_policies(RoleName="signer")["PolicyNames"] == ["invoke"]


def test_a_role_name_is_used_once_whatever_the_path(iam: Any) -> None:
    role(iam)
    error = refused("EntityAlreadyExists", iam.create_role, 409, RoleName="signer", AssumeRolePolicyDocument=json.dumps(POLICY))
    assert error["Message"] == "Role with name signer already exists."


def test_a_role_with_an_inline_policy_cannot_be_deleted(iam: Any) -> None:
    role(iam)
    iam.put_role_policy(RoleName="signer", PolicyName="invoke", PolicyDocument=json.dumps(POLICY))
    error = refused("DeleteConflict", iam.delete_role, 409, RoleName="signer")
    assert error["Message"] == "Cannot delete entity, must delete policies first."
    iam.delete_role_policy(RoleName="signer", PolicyName="invoke")
    iam.delete_role(RoleName="signer")
    assert details(iam) == []


def test_a_name_that_is_too_long_or_has_odd_letters_is_refused(iam: Any) -> None:
    trust = json.dumps(POLICY)
    error = refused("ValidationError", iam.create_role, 400, RoleName="x" * 65, AssumeRolePolicyDocument=trust)
    assert error["Message"].endswith("at 'roleName' failed to satisfy constraint: Member must have length less than or equal to 64")
    refused("ValidationError", iam.create_role, 400, RoleName="a/b", AssumeRolePolicyDocument=trust)


def test_a_missing_role_or_policy_is_no_such_entity(iam: Any) -> None:
    assert refused("NoSuchEntity", iam.get_role, 404, RoleName="none")["Message"] == "The role with name none cannot be found."
    role(iam)
    error = refused("NoSuchEntity", iam.get_role_policy, 404, RoleName="signer", PolicyName="x")
    assert error["Message"] == "The role policy with name x cannot be found."
    refused("NoSuchEntity", iam.delete_role_policy, 404, RoleName="signer", PolicyName="x")


def test_a_malformed_policy_and_an_absent_boundary_are_refused(iam: Any) -> None:
    role(iam)
    refused("MalformedPolicyDocument", iam.put_role_policy, 400, RoleName="signer", PolicyName="x", PolicyDocument="{")
    absent = "arn:aws:iam::123456789012:policy/none"
    refused("NoSuchEntity", iam.create_role, 404, RoleName="b", AssumeRolePolicyDocument=json.dumps(POLICY), PermissionsBoundary=absent)


def test_the_details_come_in_pages_and_lag(emulator: Emulator, iam: Any) -> None:
    for n in range(5):
        role(iam, f"r{n}")
    pages = iam.get_paginator("get_account_authorization_details").paginate(Filter=["Role"], PaginationConfig={"PageSize": 2})
    assert [[r["RoleName"] for r in page["RoleDetailList"]] for page in pages] == [["r0", "r1"], ["r2", "r3"], ["r4"]]
    emulator.set(listLag=0.3)
    until(lambda: len(details(iam)) == 5)
    iam.delete_role(RoleName="r0")
    iam.put_role_policy(RoleName="r1", PolicyName="invoke", PolicyDocument=json.dumps(POLICY))
    before = details(iam)
    assert (len(before), before[1]["RolePolicyList"]) == (5, [])
    until(lambda: [r["RoleName"] for r in details(iam)] == ["r1", "r2", "r3", "r4"] and details(iam)[0]["RolePolicyList"])
    # A direct read never lags.
    refused("NoSuchEntity", iam.get_role, RoleName="r0")


def test_the_caller_is_in_the_emulated_account(emulator: Emulator) -> None:
    anybody = emulator.client("sts").get_caller_identity()
    assert (anybody["Account"], anybody["Arn"]) == ("123456789012", "arn:aws:iam::123456789012:root")
    emulator.control("POST", "seed", {"users": [{"name": "bob", "accessKeyId": "AKIABOB", "secretAccessKey": "s"}]})
    assert emulator.client("sts", key="AKIABOB").get_caller_identity()["Arn"] == "arn:aws:iam::123456789012:user/bob"


def test_tagged_resources_of_all_services_are_found_in_pages_of_a_hundred(emulator: Emulator, cloudfront: Any, waf: Any, functions: Any) -> None:
    tagging = emulator.client("resourcegroupstaggingapi")
    tags = [{"Key": "cluster", "Value": "one"}]
    function = signer(emulator).rpartition(":")[0]
    functions.tag_resource(Resource=function, Tags={"cluster": "one"})
    expected = {function, distribution(cloudfront, tags={"cluster": "one"})["ARN"], web_acl(waf, Tags=tags)["ARN"], ip_set(waf, Tags=tags)["ARN"]}
    distribution(cloudfront, tags={"cluster": "two"})
    distribution(cloudfront)
    of_cluster = [{"Key": "cluster", "Values": ["one"]}]
    found = tagging.get_resources(TagFilters=of_cluster)["ResourceTagMappingList"]
    assert {r["ResourceARN"] for r in found} == expected
    assert all(r["Tags"] == tags for r in found)
    assert len(tagging.get_resources()["ResourceTagMappingList"]) == 5
    for kind, count in (("cloudfront:distribution", 1), ("wafv2", 2), ("lambda:function", 1)):
        assert len(tagging.get_resources(TagFilters=of_cluster, ResourceTypeFilters=[kind])["ResourceTagMappingList"]) == count, kind
    assert emulator.client("resourcegroupstaggingapi", "eu-north-1").get_resources()["ResourceTagMappingList"] == []
    for _ in range(100):
        distribution(cloudfront, tags={"cluster": "many"})
    pages = tagging.get_paginator("get_resources").paginate(TagFilters=[{"Key": "cluster"}])
    assert [len(page["ResourceTagMappingList"]) for page in pages] == [100, 5]


def test_tags_that_changed_or_went_are_seen(emulator: Emulator, cloudfront: Any) -> None:
    tagging = emulator.client("resourcegroupstaggingapi")
    made = distribution(cloudfront, tags={"a": "1"}, Enabled=False)
    cloudfront.untag_resource(Resource=made["ARN"], TagKeys={"Items": ["a"]})
    assert tagging.get_resources()["ResourceTagMappingList"] == []
    cloudfront.tag_resource(Resource=made["ARN"], Tags={"Items": [{"Key": "b", "Value": "2"}]})
    assert tagging.get_resources(TagFilters=[{"Key": "b", "Values": ["1", "2"]}])["ResourceTagMappingList"]
    cloudfront.delete_distribution(Id=made["Id"], IfMatch=made["ETag"])
    assert tagging.get_resources()["ResourceTagMappingList"] == []
