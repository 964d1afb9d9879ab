"""Lambda's resource policies: who may invoke a function."""

from __future__ import annotations

import json
from typing import Any

import pytest
from apis import REGION, authorizing_function
from conftest import Emulator, refused

SOURCE = "arn:aws:execute-api:eu-north-1:123456789012:petstore00/authorizers/auth01"
SPEC = {
    "FunctionName": "authorizer",
    "StatementId": "palisade",
    "Action": "lambda:InvokeFunction",
    "Principal": "apigateway.amazonaws.com",
    "SourceArn": SOURCE,
}


@pytest.fixture
def functions(emulator: Emulator) -> Any:
    return emulator.client("lambda", REGION)


def test_a_permission_is_a_statement_of_the_functions_policy(emulator: Emulator, functions: Any) -> None:
    arn = authorizing_function(emulator)
    error = refused("ResourceNotFoundException", functions.get_policy, 404, FunctionName="authorizer")
    assert error["Message"] == "The resource you requested does not exist."
    added = json.loads(functions.add_permission(**SPEC, SourceAccount="123456789012")["Statement"])
    assert added == {
        "Sid": "palisade",
        "Effect": "Allow",
        "Principal": {"Service": "apigateway.amazonaws.com"},
        "Action": "lambda:InvokeFunction",
        "Resource": arn,
        "Condition": {"StringEquals": {"AWS:SourceAccount": "123456789012"}, "ArnLike": {"AWS:SourceArn": SOURCE}},
    }
    assert json.loads(functions.get_policy(FunctionName="authorizer")["Policy"]) == {"Version": "2012-10-17", "Id": "default", "Statement": [added]}


def test_a_statements_id_is_used_once(emulator: Emulator, functions: Any) -> None:
    authorizing_function(emulator)
    functions.add_permission(**SPEC)
    error = refused("ResourceConflictException", functions.add_permission, 409, **SPEC)
    assert error["Message"] == "The statement id (palisade) provided already exists. Please provide a new statement id, or remove the existing statement."


def test_a_permission_is_removed_and_with_the_last_one_the_policy(emulator: Emulator, functions: Any) -> None:
    authorizing_function(emulator)
    refused("ResourceNotFoundException", functions.remove_permission, 404, FunctionName="authorizer", StatementId="palisade")
    functions.add_permission(**SPEC)
    refused("ResourceNotFoundException", functions.remove_permission, 404, FunctionName="authorizer", StatementId="other")
    functions.remove_permission(FunctionName="authorizer", StatementId="palisade")
    refused("ResourceNotFoundException", functions.get_policy, 404, FunctionName="authorizer")


def test_a_policys_revision_changes_with_it_and_is_compared(emulator: Emulator, functions: Any) -> None:
    authorizing_function(emulator)
    functions.add_permission(**SPEC)
    first = functions.get_policy(FunctionName="authorizer")["RevisionId"]
    functions.add_permission(**{**SPEC, "StatementId": "other"}, RevisionId=first)
    assert functions.get_policy(FunctionName="authorizer")["RevisionId"] != first
    refused("PreconditionFailedException", functions.add_permission, 412, **{**SPEC, "StatementId": "third"}, RevisionId=first)
    refused("PreconditionFailedException", functions.remove_permission, 412, FunctionName="authorizer", StatementId="other", RevisionId=first)


def test_versions_have_policies_of_their_own(emulator: Emulator, functions: Any) -> None:
    arn = authorizing_function(emulator)
    functions.publish_version(FunctionName="authorizer")
    added = functions.add_permission(**{**SPEC, "Principal": "123456789012"}, Qualifier="1")
    statement = json.loads(added["Statement"])
    assert (statement["Resource"], statement["Principal"]) == (f"{arn}:1", {"AWS": "arn:aws:iam::123456789012:root"})
    refused("ResourceNotFoundException", functions.get_policy, 404, FunctionName="authorizer")
    functions.get_policy(FunctionName="authorizer", Qualifier="1")


def test_a_permission_is_checked(emulator: Emulator, functions: Any) -> None:
    authorizing_function(emulator)
    refused("ResourceNotFoundException", functions.add_permission, 404, **{**SPEC, "FunctionName": "none"})
    refused("ValidationException", functions.add_permission, 400, **{**SPEC, "Action": "s3:GetObject"})
    refused("ValidationException", functions.add_permission, 400, **{**SPEC, "StatementId": "a b"})
    for n in range(2):
        functions.add_permission(**{**SPEC, "StatementId": f"s{n}", "SourceArn": "arn:aws:x:::" + "x" * 9900})
    refused("PolicyLengthExceededException", functions.add_permission, 400, **{**SPEC, "SourceArn": "arn:aws:x:::" + "x" * 9900})


def test_a_policy_goes_with_its_function(emulator: Emulator, functions: Any) -> None:
    authorizing_function(emulator)
    functions.add_permission(**SPEC)
    functions.delete_function(FunctionName="authorizer")
    refused("ResourceNotFoundException", functions.get_policy, 404, FunctionName="authorizer")
