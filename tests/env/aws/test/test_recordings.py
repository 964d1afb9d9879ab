"""The emulator's answers beside those that AWS really gave: what is null, empty or not there is so here as well.

The recordings stand beside the repository and are no part of it; the facts that matter have tests of their own here.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import apis
import pytest
from conftest import Emulator, distribution, managed, named, rate, rule, web_acl

FOLDER = Path(os.environ.get("PALISADE_RECORDED") or Path(__file__).parents[4] / "../shared/recorded")
# Maps whose keys are the user's or AWS's names of things: all values are of one shape.
MAPS = {
    *("resourceMethods", "methodResponses", "integrationResponses", "methodSettings", "variables", "tags", "Tags", "responseTemplates"),
    *("requestTemplates", "responseModels", "requestModels", "requestParameters", "responseParameters", "RouteSettings", "StageVariables"),
}
# With fewer instances, that a member is always there proves little.
ENOUGH = 4

Shapes = dict[str, dict[str, int]]


@pytest.fixture
def recorded(capsys: pytest.CaptureFixture[str]) -> Path:
    if not FOLDER.is_dir():
        with capsys.disabled():
            print(f"\nSKIPPED: no recordings at {FOLDER} (PALISADE_RECORDED names another folder)")
        pytest.skip("no recordings")
    return FOLDER


def custodian(folder: Path, operation: str, prefix: str = "test_") -> Iterator[dict[str, Any]]:
    for path in sorted((folder / "cloud-custodian").glob(f"{prefix}*/{operation}_*.json")):
        found = json.loads(path.read_text())
        if found["status_code"] < 300:
            yield found["data"]


def localstack(folder: Path, *members: str) -> Iterator[dict[str, Any]]:
    """Each structure that has all these members."""

    def walk(value: Any) -> Iterator[dict[str, Any]]:
        if isinstance(value, dict):
            if set(members) <= set(value):
                yield value
            for inner in value.values():
                yield from walk(inner)
        elif isinstance(value, list):
            for inner in value:
                yield from walk(inner)

    for path in sorted((folder / "localstack").glob("test_apigateway_*.json")):
        for test in json.loads(path.read_text()).values():
            yield from walk(test["recorded-content"])


def kind(value: Any) -> str:
    if value is None:
        return "null"
    return "empty" if value in ("", [], {}) else "value"


def structures(value: Any, path: str = "") -> Iterator[tuple[str, dict[str, Any]]]:
    """Each structure below `value` with its place; the items of a list or map share theirs."""
    if isinstance(value, dict) and "__class__" not in value:
        name = path.rsplit(".", 1)[-1]
        if name in MAPS:
            for inner in value.values():
                yield from structures(inner, f"{path}{{}}")
        else:
            yield path, {k: v for k, v in value.items() if k != "ResponseMetadata"}
            for key, inner in value.items():
                if key != "ResponseMetadata":
                    yield from structures(inner, f"{path}.{key}")
    elif isinstance(value, list):
        for inner in value:
            yield from structures(inner, f"{path}[]")


def shapes(answers: list[Any]) -> dict[str, Shapes]:
    """By place and member: how often it was null, empty, a value, or not there."""
    by_place: dict[str, list[dict[str, Any]]] = {}
    for answer in answers:
        for place, found in structures(answer):
            by_place.setdefault(place, []).append(found)
    told: dict[str, Shapes] = {}
    for place, instances in by_place.items():
        for member in {member for found in instances for member in found}:
            counts = told.setdefault(place, {}).setdefault(member, {})
            for found in instances:
                how = kind(found[member]) if member in found else "absent"
                counts[how] = counts.get(how, 0) + 1
    return told


def differences(answers: list[Any], recordings: list[Any]) -> list[str]:
    assert recordings, "nothing was recorded"
    told, found = shapes(recordings), []
    for answer in answers:
        for place, structure in structures(answer):
            for member, counts in told.get(place, {}).items():
                how = kind(structure[member]) if member in structure else "absent"
                is_proven = how != "absent" or sum(counts.values()) >= ENOUGH
                if how != "value" and how not in counts and is_proven:
                    found.append(f"{place}.{member} is {how}; AWS's is {counts}")
    return sorted(set(found))


def test_web_acls(recorded: Path, emulator: Emulator, waf: Any) -> None:
    made = web_acl(waf, "acl", [rule("limit", 0, rate()), rule("common", 1, managed("AWSManagedRulesCommonRuleSet"))])
    plain = web_acl(waf, "plain")
    answers = [waf.get_web_acl(**named(each)) for each in (made, plain)]
    assert differences(answers, list(custodian(recorded, "wafv2.GetWebACL"))) == []
    answers = [waf.list_web_acls(Scope="CLOUDFRONT", Limit=100)]
    assert differences(answers, list(custodian(recorded, "wafv2.ListWebACLs"))) == []
    answers = [waf.list_tags_for_resource(ResourceARN=made["ARN"])]
    assert differences(answers, list(custodian(recorded, "wafv2.ListTagsForResource"))) == []


def test_distributions(recorded: Path, emulator: Emulator, cloudfront: Any) -> None:
    made = distribution(cloudfront)
    answers = [cloudfront.get_distribution_config(Id=made["Id"])]
    assert differences(answers, list(custodian(recorded, "cloudfront.GetDistributionConfig"))) == []
    answers = [cloudfront.list_distributions()]
    assert differences(answers, list(custodian(recorded, "cloudfront.ListDistributions"))) == []


def test_rest_apis(recorded: Path, emulator: Emulator) -> None:
    rest, api = emulator.client("apigateway", apis.REGION), apis.petstore(emulator)
    answers = [rest.get_rest_api(restApiId=api)]
    recordings = [item for answer in custodian(recorded, "apigateway.GetRestApis") for item in answer["items"]]
    recordings += localstack(recorded, "apiKeySource", "id", "name")
    assert differences(answers, recordings) == []


def test_stages_of_rest_apis(recorded: Path, emulator: Emulator) -> None:
    rest, api = emulator.client("apigateway", apis.REGION), apis.petstore(emulator)
    answers = [rest.get_stage(restApiId=api, stageName="prod"), *rest.get_stages(restApiId=api)["item"]]
    recordings = [item for answer in custodian(recorded, "apigateway.GetStages", "test_rest") for item in answer["item"]]
    recordings += localstack(recorded, "stageName", "deploymentId", "cacheClusterStatus")
    assert differences(answers, recordings) == []


def test_methods(recorded: Path, emulator: Emulator) -> None:
    rest, api = emulator.client("apigateway", apis.REGION), apis.petstore(emulator)
    resources = rest.get_resources(restApiId=api, embed=["methods"], limit=500)["items"]
    answers = [method for resource in resources for method in resource.get("resourceMethods", {}).values()]
    recordings = [*custodian(recorded, "apigateway.GetMethod"), *localstack(recorded, "httpMethod", "authorizationType")]
    assert answers
    assert differences(answers, recordings) == []
    only_named = rest.get_resources(restApiId=api, limit=500)
    assert differences([only_named], list(custodian(recorded, "apigateway.GetResources"))) == []


def test_http_apis(recorded: Path, emulator: Emulator) -> None:
    http, api = emulator.client("apigatewayv2", apis.REGION), apis.orders(emulator)
    recordings = [item for answer in custodian(recorded, "apigateway.GetApis", "test_apigwv2") for item in answer["Items"]]
    recordings += custodian(recorded, "apigateway.GetApi", "test_apigwv2")
    assert differences([http.get_api(ApiId=api)], recordings) == []
    recordings = [item for answer in custodian(recorded, "apigateway.GetStages", "test_apigwv2") for item in answer["Items"]]
    recordings += custodian(recorded, "apigateway.GetStage", "test_apigwv2")
    assert differences(http.get_stages(ApiId=api)["Items"], recordings) == []


def test_a_difference_is_found() -> None:
    recordings = [{"a": None, "b": "", "c": [1], "d": {"e": 1}}] * ENOUGH
    assert differences([{"a": None, "b": "", "c": [], "d": {}}], recordings) == [
        ".c is empty; AWS's is {'value': 4}",
        ".d is empty; AWS's is {'value': 4}",
        ".d.e is absent; AWS's is {'value': 4}",
    ]
    assert differences([{"a": "", "b": None, "d": {"e": 2}}], recordings) == [
        ".a is empty; AWS's is {'null': 4}",
        ".b is null; AWS's is {'empty': 4}",
        ".c is absent; AWS's is {'value': 4}",
    ]
