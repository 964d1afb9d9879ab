"""Stacks that stand before the controller comes."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import ClientError
from conftest import Emulator, refused
from viewers import ask, endpoint

SEEDS = Path(__file__).parents[1] / "seeds"
STACKS = [("guide.json", "E1ABCDEF2GHIJK", "a7b8c9d0e1"), ("grown.json", "E2ABCDEF3GHIJK", "b8c9d0e1f2")]


def planted(emulator: Emulator, name: str) -> Any:
    answer = emulator.control("POST", "seed", json.loads((SEEDS / name).read_text()))
    assert "error" not in answer, answer
    return answer


@pytest.mark.parametrize(("seed", "distribution", "api"), STACKS)
def test_viewers_of_a_stack_are_served_by_its_own_signer_and_direct_callers_are_refused(emulator: Emulator, seed: str, distribution: str, api: str) -> None:
    emulator.set(deploymentDelay=60, functionPending=60, wafPropagation=60)
    domain = planted(emulator, seed)["distributions"][0]["domainName"]
    assert ask(emulator, domain, "/prod/pets?type=dog&page=1").status == 200
    assert ask(emulator, domain, "/prod/pets", "POST", {"Content-Type": "application/json"}, b'{"type": "dog"}').status == 200
    assert ask(emulator, endpoint(api), "/prod/pets").status == 403
    assert emulator.client("cloudfront").get_distribution(Id=distribution)["Distribution"]["Status"] == "Deployed"


def test_a_stack_bears_the_tags_of_its_maker_which_nobody_else_can_set(emulator: Emulator, cloudfront: Any) -> None:
    arn = planted(emulator, "guide.json")["distributions"][0]["arn"]
    tags = {tag["Key"]: tag["Value"] for tag in cloudfront.list_tags_for_resource(Resource=arn)["Tags"]["Items"]}
    assert tags["aws:cloudformation:stack-name"] == "api-perimeter"
    assert tags["aws:cloudformation:logical-id"] == "Distribution"
    refused("InvalidTagging", cloudfront.tag_resource, Resource=arn, Tags={"Items": [{"Key": "aws:mine", "Value": "1"}]})


def test_a_function_of_an_ended_runtime_serves_and_can_no_longer_be_updated(emulator: Emulator, functions: Any) -> None:
    planted(emulator, "guide.json")
    found = functions.get_function(FunctionName="api-perimeter-signer")
    assert found["Configuration"]["Runtime"] == "nodejs18.x"
    with pytest.raises(ClientError):
        functions.update_function_configuration(FunctionName="api-perimeter-signer", Timeout=6)


def test_a_stack_that_grew_has_more_than_the_api(emulator: Emulator, cloudfront: Any) -> None:
    planted(emulator, "grown.json")
    found = cloudfront.get_distribution_config(Id="E2ABCDEF3GHIJK")["DistributionConfig"]
    assert [origin["Id"] for origin in found["Origins"]["Items"]] == ["ApiGateway", "Pages"]
    assert found["CacheBehaviors"]["Items"][0]["PathPattern"] == "/pages/*"
    assert found["CustomErrorResponses"]["Items"][0]["ResponsePagePath"] == "/pages/later.html"


def test_a_stack_that_is_given_again_is_made_anew(emulator: Emulator, waf: Any) -> None:
    planted(emulator, "guide.json")
    planted(emulator, "guide.json")
    names = [acl["Name"] for acl in waf.list_web_acls(Scope="CLOUDFRONT")["WebACLs"]]
    assert names == ["api-perimeter-web-acl"]
