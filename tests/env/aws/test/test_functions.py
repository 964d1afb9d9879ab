"""Lambda: states, versions, revisions, and each refusal."""

from __future__ import annotations

import base64
import hashlib
import urllib.request
from typing import Any

import pytest
from conftest import TRUST, Emulator, archive, distribution, function_spec, refused, role, signer, until, update


def test_a_new_function_is_pending_before_it_is_active_and_its_version_too(emulator: Emulator, iam: Any, functions: Any) -> None:
    arn = role(iam)
    emulator.set(functionPending=0.3)
    made = functions.create_function(**function_spec(arn, Publish=True))
    assert (made["State"], made["StateReasonCode"], made["Version"], made["FunctionArn"][-2:]) == ("Pending", "Creating", "1", ":1")
    for call in (functions.publish_version, functions.update_function_code, functions.update_function_configuration):
        error = refused("ResourceConflictException", call, 409, FunctionName="signer", **({"ZipFile": archive()} if "code" in call.__name__ else {}))
        assert error["Message"] == "The operation cannot be performed at this time. The function is currently in the following state: Pending"
    until(lambda: functions.get_function_configuration(FunctionName="signer")["State"] == "Active")
    got = functions.get_function(FunctionName="signer", Qualifier="1")["Configuration"]
    assert (got["State"], got["LastUpdateStatus"], got["Version"]) == ("Active", "Successful", "1")


def test_an_update_is_in_progress_for_a_while_and_holds_others_up(emulator: Emulator, iam: Any, functions: Any) -> None:
    functions.create_function(**function_spec(role(iam)))
    emulator.set(functionPending=0.3)
    got = functions.update_function_code(FunctionName="signer", ZipFile=archive("2"))
    assert (got["State"], got["LastUpdateStatus"]) == ("Active", "InProgress")
    error = refused("ResourceConflictException", functions.publish_version, 409, FunctionName="signer")
    assert "An update is in progress for resource: arn:aws:lambda:us-east-1:123456789012:function:signer" in error["Message"]
    refused("ResourceConflictException", functions.update_function_configuration, 409, FunctionName="signer", Timeout=9)
    until(lambda: functions.get_function_configuration(FunctionName="signer")["LastUpdateStatus"] == "Successful")
    made = functions.publish_version(FunctionName="signer")
    assert (made["Version"], made["State"]) == ("1", "Pending")
    until(lambda: functions.get_function_configuration(FunctionName="signer", Qualifier="1")["State"] == "Active")


def test_the_revision_changes_with_each_change_and_with_each_state(emulator: Emulator, iam: Any, functions: Any) -> None:
    arn = role(iam)
    emulator.set(functionPending=0.2)
    seen = [functions.create_function(**function_spec(arn))["RevisionId"]]

    def current() -> Any:
        return functions.get_function_configuration(FunctionName="signer")

    def listed() -> Any:
        return functions.list_functions()["Functions"][0]["RevisionId"]

    assert listed() == seen[0]
    until(lambda: current()["State"] == "Active")
    seen.append(current()["RevisionId"])
    assert listed() == seen[-1]
    emulator.set(functionPending=0)
    functions.update_function_code(FunctionName="signer", ZipFile=archive("2"))
    seen.append(current()["RevisionId"])
    functions.update_function_configuration(FunctionName="signer", Timeout=9)
    seen.append(current()["RevisionId"])
    functions.publish_version(FunctionName="signer")
    seen.append(current()["RevisionId"])
    assert len(set(seen)) == 5
    assert listed() == seen[-1]
    refused("PreconditionFailedException", functions.update_function_configuration, 412, FunctionName="signer", Timeout=8, RevisionId=seen[0])


def test_a_role_cannot_be_assumed_for_some_seconds_after_its_creation(emulator: Emulator, iam: Any, functions: Any) -> None:
    emulator.set(rolePropagation=60)
    spec = function_spec(role(iam))
    error = refused("InvalidParameterValueException", functions.create_function, 400, **spec)
    assert error["Message"] == "The role defined for the function cannot be assumed by Lambda."
    emulator.set(rolePropagation=0)
    functions.create_function(**spec)


def test_a_role_that_does_not_trust_lambda_or_does_not_exist_cannot_be_assumed(iam: Any, functions: Any) -> None:
    foreign = {**TRUST, "Statement": [{**TRUST["Statement"][0], "Principal": {"Service": "ec2.amazonaws.com"}}]}  # type: ignore[dict-item, list-item]
    for arn in (role(iam, trust=foreign), "arn:aws:iam::123456789012:role/palisade/none"):
        error = refused("InvalidParameterValueException", functions.create_function, **function_spec(arn))
        assert error["Message"] == "The role defined for the function cannot be assumed by Lambda."


@pytest.mark.parametrize(("runtime", "why"), [("nodejs20.x", "no longer supported"), ("nodejs99.x", "Member must satisfy enum value set")])
def test_only_current_runtimes_can_be_created_or_updated(iam: Any, functions: Any, runtime: str, why: str) -> None:
    arn = role(iam)
    assert why in refused("InvalidParameterValueException", functions.create_function, **function_spec(arn, Runtime=runtime))["Message"]
    functions.create_function(**function_spec(arn, Runtime="nodejs22.x"))
    refused("InvalidParameterValueException", functions.update_function_configuration, FunctionName="signer", Runtime=runtime)


def test_a_name_is_used_once_and_a_missing_function_is_not_found(iam: Any, functions: Any) -> None:
    arn = role(iam)
    functions.create_function(**function_spec(arn))
    assert refused("ResourceConflictException", functions.create_function, 409, **function_spec(arn))["Message"] == "Function already exist: signer"
    error = refused("ResourceNotFoundException", functions.get_function, 404, FunctionName="none")
    assert error["Message"] == "Function not found: arn:aws:lambda:us-east-1:123456789012:function:none"
    refused("ResourceNotFoundException", functions.get_function, 404, FunctionName="signer", Qualifier="7")


def test_a_broken_archive_is_refused(iam: Any, functions: Any) -> None:
    refused("InvalidParameterValueException", functions.create_function, **function_spec(role(iam), Code={"ZipFile": b"no zip"}))


def test_the_hash_is_that_of_the_archive_and_the_code_can_be_fetched(iam: Any, functions: Any) -> None:
    code = archive("exports.x = 1")
    functions.create_function(**function_spec(role(iam), Code={"ZipFile": code}))
    got = functions.get_function(FunctionName="signer")
    assert got["Configuration"]["CodeSha256"] == base64.b64encode(hashlib.sha256(code).digest()).decode()
    with urllib.request.urlopen(got["Code"]["Location"]) as answer:
        assert answer.read() == code


def test_publishing_unchanged_code_gives_the_last_version_again(iam: Any, functions: Any) -> None:
    functions.create_function(**function_spec(role(iam)))
    assert [functions.publish_version(FunctionName="signer")["Version"] for _ in range(2)] == ["1", "1"]
    # A description alone makes a new one.
    described = [functions.publish_version(FunctionName="signer", Description=text) for text in ("first", "first", "second")]
    assert [(version["Version"], version["Description"]) for version in described] == [("2", "first"), ("2", "first"), ("3", "second")]
    assert functions.update_function_code(FunctionName="signer", ZipFile=archive("2"), Publish=True)["Version"] == "4"
    versions = functions.list_versions_by_function(FunctionName="signer")["Versions"]
    assert [v["Version"] for v in versions] == ["$LATEST", "1", "2", "3", "4"]
    assert (
        "different from current CodeSHA256"
        in refused("InvalidParameterValueException", functions.publish_version, FunctionName="signer", CodeSha256="x")["Message"]
    )


def test_lists_come_in_fifties_with_hash_and_revision_but_without_state(iam: Any, functions: Any) -> None:
    arn = role(iam)
    for n in range(52):
        functions.create_function(**function_spec(arn, f"f{n}"))
    first = functions.list_functions(MaxItems=1000)
    assert len(first["Functions"]) == 50
    rest = functions.list_functions(Marker=first["NextMarker"])
    assert [f["FunctionName"] for f in first["Functions"] + rest["Functions"]] == [f"f{n}" for n in range(52)]
    assert "NextMarker" not in rest
    one = first["Functions"][0]
    assert {"CodeSha256", "RevisionId", "Runtime", "Role"} <= set(one)
    assert not {"State", "LastUpdateStatus", "StateReason"} & set(one)


def test_a_list_lags(emulator: Emulator, iam: Any, functions: Any) -> None:
    arn = role(iam)
    emulator.set(listLag=60)
    functions.create_function(**function_spec(arn))
    assert functions.list_functions()["Functions"] == []
    emulator.set(listLag=0)
    assert functions.list_functions()["Functions"]


def test_functions_belong_to_their_region(emulator: Emulator, functions: Any) -> None:
    arn = signer(emulator).rpartition(":")[0]
    elsewhere = emulator.client("lambda", "eu-north-1")
    assert elsewhere.list_functions()["Functions"] == []
    made = elsewhere.create_function(**function_spec(role(emulator.client("iam"), "other"), Tags={"a": "1"}))
    assert made["FunctionArn"] == "arn:aws:lambda:eu-north-1:123456789012:function:signer"
    elsewhere.update_function_configuration(FunctionName="signer", Timeout=9)
    assert functions.get_function_configuration(FunctionName="signer")["Timeout"] == 5
    error = refused("ResourceNotFoundException", elsewhere.get_function, 404, FunctionName=arn)
    assert error["Message"] == "Functions from 'us-east-1' are not reachable in this region ('eu-north-1')"
    for region, found in (("eu-north-1", [made["FunctionArn"]]), ("us-east-1", [])):
        tagging = emulator.client("resourcegroupstaggingapi", region)
        listed = tagging.get_resources(TagFilters=[{"Key": "a"}], ResourceTypeFilters=["lambda:function"])["ResourceTagMappingList"]
        assert [one["ResourceARN"] for one in listed] == found
    elsewhere.delete_function(FunctionName="signer")
    functions.get_function(FunctionName="signer")


def test_only_functions_of_us_east_1_are_associated(emulator: Emulator, iam: Any, cloudfront: Any) -> None:
    made = emulator.client("lambda", "eu-north-1").create_function(**function_spec(role(iam), Publish=True))
    error = refused("InvalidLambdaFunctionAssociation", distribution, 400, cloudfront=cloudfront, function=made["FunctionArn"])
    assert error["Message"].startswith("The function must be in us-east-1.")


def test_tags_belong_to_functions_and_not_to_versions(emulator: Emulator, iam: Any, functions: Any) -> None:
    functions.create_function(**function_spec(role(iam), Publish=True, Tags={"a": "1"}))
    arn = "arn:aws:lambda:us-east-1:123456789012:function:signer"
    functions.tag_resource(Resource=arn, Tags={"b": "2", "c d": "3"})
    functions.untag_resource(Resource=arn, TagKeys=["a", "c d"])
    assert functions.list_tags(Resource=arn)["Tags"] == {"b": "2"} == functions.get_function(FunctionName="signer")["Tags"]
    refused("InvalidParameterValueException", functions.list_tags, Resource=f"{arn}:1")


def test_a_replicated_function_cannot_be_deleted_until_its_replicas_are_gone(emulator: Emulator, cloudfront: Any, functions: Any) -> None:
    arn = signer(emulator)
    made = distribution(cloudfront, function=arn)
    emulator.set(deploymentDelay=0.2, replicaRetention=0.3)
    for qualifier in ({}, {"Qualifier": "1"}):
        error = refused("InvalidParameterValueException", functions.delete_function, 400, FunctionName="signer", **qualifier)
        shown = arn if qualifier else arn.rpartition(":")[0]
        assert error["Message"] == (
            f"Lambda was unable to delete {shown} because it is a replicated function. Please see our documentation for Deleting Lambda@Edge Functions and "
            "Replicas."
        )

    def detach(config: dict[str, Any]) -> None:
        config["DefaultCacheBehavior"]["LambdaFunctionAssociations"] = {"Quantity": 0}

    def deployed() -> bool:
        return bool(cloudfront.get_distribution(Id=made["Id"])["Distribution"]["Status"] == "Deployed")

    # No longer wanted, but still deployed; then no longer deployed, but still replicated.
    update(cloudfront, made["Id"], detach)
    refused("InvalidParameterValueException", functions.delete_function, FunctionName="signer", Qualifier="1")
    until(deployed)
    refused("InvalidParameterValueException", functions.delete_function, FunctionName="signer", Qualifier="1")

    def deleted() -> bool:
        try:
            return bool(functions.delete_function(FunctionName="signer"))
        except functions.exceptions.InvalidParameterValueException:
            return False

    until(deleted)
    refused("ResourceNotFoundException", functions.get_function, FunctionName="signer")


def test_replicas_outlive_a_deleted_distribution(emulator: Emulator, cloudfront: Any, functions: Any) -> None:
    made = distribution(cloudfront, function=signer(emulator), Enabled=False)
    emulator.set(replicaRetention=30)
    cloudfront.delete_distribution(Id=made["Id"], IfMatch=made["ETag"])
    refused("InvalidParameterValueException", functions.delete_function, FunctionName="signer")
    emulator.set(replicaRetention=0)
    functions.delete_function(FunctionName="signer")


def test_a_version_that_was_never_associated_can_be_deleted_alone(emulator: Emulator, cloudfront: Any, functions: Any) -> None:
    distribution(cloudfront, function=signer(emulator))
    functions.update_function_code(FunctionName="signer", ZipFile=archive("2"), Publish=True)
    functions.delete_function(FunctionName="signer", Qualifier="2")
    assert [v["Version"] for v in functions.list_versions_by_function(FunctionName="signer")["Versions"]] == ["$LATEST", "1"]
    refused("InvalidParameterValueException", functions.delete_function, FunctionName="signer", Qualifier="$LATEST")
