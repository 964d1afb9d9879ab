"""API keys, usage plans and tags."""

from __future__ import annotations

from typing import Any

import pytest
from apis import REGION, foreign_hand, petstore, replace
from conftest import Emulator, refused

VALUE = "a-value-of-twenty-characters"


@pytest.fixture
def rest(emulator: Emulator) -> Any:
    return emulator.client("apigateway", REGION)


def plan(rest: Any, api: str, name: str = "plan", **more: Any) -> str:
    return str(rest.create_usage_plan(name=name, apiStages=[{"apiId": api, "stage": "prod"}], **more)["id"])


def test_a_keys_value_is_shown_at_creation_and_when_asked_for(rest: Any) -> None:
    made = rest.create_api_key(name="palisade-1", value=VALUE, enabled=True, tags={"owner": "palisade"})
    assert (made["value"], made["enabled"], made["tags"]) == (VALUE, True, {"owner": "palisade"})
    assert "value" not in rest.get_api_key(apiKey=made["id"])
    assert rest.get_api_key(apiKey=made["id"], includeValue=True)["value"] == VALUE
    assert [("value" in k) for k in rest.get_api_keys()["items"]] == [False]
    assert [k["value"] for k in rest.get_api_keys(includeValues=True)["items"]] == [VALUE]
    assert rest.create_api_key(name="other")["enabled"] is False


def test_a_value_is_used_once_and_has_twenty_characters(rest: Any) -> None:
    rest.create_api_key(name="one", value=VALUE)
    assert refused("ConflictException", rest.create_api_key, 409, name="two", value=VALUE)["Message"] == "API Key already exists"
    refused("BadRequestException", rest.create_api_key, 400, name="two", value="short")
    error = refused("BadRequestException", rest.create_api_key, 400, name="two", value="x" * 129)
    assert error["Message"] == "API Key value exceeds maximum size of 128 characters"


def test_a_plan_that_is_not_there_has_no_keys(rest: Any) -> None:
    assert rest.get_usage_plan_keys(usagePlanId="nosuch")["items"] == []


def test_keys_are_found_by_the_beginning_of_their_name_and_come_in_pages(rest: Any) -> None:
    for n in range(27):
        rest.create_api_key(name=f"palisade-{n}")
    rest.create_api_key(name="customer")
    first = rest.get_api_keys(nameQuery="palisade-")
    assert len(first["items"]) == 25
    assert len(rest.get_api_keys(nameQuery="palisade-", position=first["position"])["items"]) == 2
    assert [k["name"] for k in rest.get_api_keys(nameQuery="custom")["items"]] == ["customer"]


def test_a_key_is_changed_and_deleted_and_leaves_its_plan(emulator: Emulator, rest: Any) -> None:
    api = petstore(emulator)
    key, usage = rest.create_api_key(name="one", value=VALUE, enabled=True)["id"], plan(rest, api)
    rest.create_usage_plan_key(usagePlanId=usage, keyId=key, keyType="API_KEY")
    changed = rest.update_api_key(apiKey=key, patchOperations=replace(enabled="false", description="d"))
    assert (changed["enabled"], changed["description"]) == (False, "d")
    refused("BadRequestException", rest.update_api_key, 400, apiKey=key, patchOperations=replace(value="x" * 30))
    rest.delete_api_key(apiKey=key)
    assert rest.get_usage_plan_keys(usagePlanId=usage)["items"] == []
    refused("NotFoundException", rest.delete_api_key, 404, apiKey=key)


def test_usage_plans_have_stages_that_exist(emulator: Emulator, rest: Any) -> None:
    api = petstore(emulator, stages=["prod", "test"])
    usage = rest.create_usage_plan(name="plan", throttle={"rateLimit": 5.0, "burstLimit": 2}, quota={"limit": 9, "period": "DAY"})["id"]
    for patch, stages in (("add", [{"apiId": api, "stage": "test"}]), ("remove", [])):
        found = rest.update_usage_plan(usagePlanId=usage, patchOperations=[{"op": patch, "path": "/apiStages", "value": f"{api}:test"}])
        assert found["apiStages"] == stages
    for value in (f"{api}:none", "none:prod"):
        error = refused(
            "NotFoundException", rest.update_usage_plan, 404, usagePlanId=usage, patchOperations=[{"op": "add", "path": "/apiStages", "value": value}]
        )
        assert error["Message"] == f"API Stage not found: {value}"
    refused("BadRequestException", rest.update_usage_plan, 400, usagePlanId=usage, patchOperations=[{"op": "add", "path": "/apiStages", "value": "x"}])
    refused("NotFoundException", rest.create_usage_plan, 404, name="other", apiStages=[{"apiId": api, "stage": "none"}])
    refused("BadRequestException", rest.create_usage_plan, 400)
    found = rest.get_usage_plan(usagePlanId=usage)
    assert (found["name"], found["throttle"], found["quota"]["limit"]) == ("plan", {"rateLimit": 5.0, "burstLimit": 2}, 9)
    rest.update_usage_plan(usagePlanId=usage, patchOperations=[*replace(name="new"), {"op": "remove", "path": "/quota"}])
    found = rest.get_usage_plan(usagePlanId=usage)
    assert (found["name"], "quota" in found) == ("new", False)


def test_a_plan_with_stages_is_not_deleted(emulator: Emulator, rest: Any) -> None:
    api = petstore(emulator)
    usage = plan(rest, api)
    refused("BadRequestException", rest.delete_usage_plan, 400, usagePlanId=usage)
    rest.update_usage_plan(usagePlanId=usage, patchOperations=[{"op": "remove", "path": "/apiStages", "value": f"{api}:prod"}])
    rest.delete_usage_plan(usagePlanId=usage)
    refused("NotFoundException", rest.get_usage_plan, 404, usagePlanId=usage)


def test_a_plan_outlives_its_api(emulator: Emulator, rest: Any) -> None:
    api = petstore(emulator)
    usage = plan(rest, api)
    foreign_hand(emulator, api, delete=True)
    rest.delete_usage_plan(usagePlanId=usage)


def test_keys_are_put_into_plans_and_taken_out(emulator: Emulator, rest: Any) -> None:
    api = petstore(emulator)
    usage, key = plan(rest, api), rest.create_api_key(name="one", value=VALUE)["id"]
    made = rest.create_usage_plan_key(usagePlanId=usage, keyId=key, keyType="API_KEY")
    assert (made["id"], made["type"], made["name"]) == (key, "API_KEY", "one")
    assert [k["id"] for k in rest.get_usage_plan_keys(usagePlanId=usage)["items"]] == [key]
    assert [p["id"] for p in rest.get_usage_plans(keyId=key)["items"]] == [usage]
    refused("ConflictException", rest.create_usage_plan_key, 409, usagePlanId=usage, keyId=key, keyType="API_KEY")
    refused("NotFoundException", rest.create_usage_plan_key, 404, usagePlanId=usage, keyId="nosuch", keyType="API_KEY")
    refused("BadRequestException", rest.create_usage_plan_key, 400, usagePlanId=usage, keyId=key, keyType="TOKEN")
    rest.delete_usage_plan_key(usagePlanId=usage, keyId=key)
    refused("NotFoundException", rest.delete_usage_plan_key, 404, usagePlanId=usage, keyId=key)


def test_a_key_cannot_be_in_two_plans_of_one_stage(emulator: Emulator, rest: Any) -> None:
    api = petstore(emulator, stages=["prod", "test"])
    key = rest.create_api_key(name="one", value=VALUE)["id"]
    one, two = plan(rest, api), plan(rest, api, "two")
    rest.create_usage_plan_key(usagePlanId=one, keyId=key, keyType="API_KEY")
    error = refused("ConflictException", rest.create_usage_plan_key, 409, usagePlanId=two, keyId=key, keyType="API_KEY")
    assert f"cannot reference multiple UsagePlans with the same Api Stage: {api}:prod" in error["Message"]
    three = rest.create_usage_plan(name="three", apiStages=[{"apiId": api, "stage": "test"}])["id"]
    rest.create_usage_plan_key(usagePlanId=three, keyId=key, keyType="API_KEY")
    refused("ConflictException", rest.update_usage_plan, 409, usagePlanId=three, patchOperations=[{"op": "add", "path": "/apiStages", "value": f"{api}:prod"}])


def test_usage_plans_change_once_in_twenty_seconds_and_keys_five_times_a_second(emulator: Emulator, rest: Any) -> None:
    usage = rest.create_usage_plan(name="plan")["id"]
    emulator.set(enforceQuotas=True)
    rest.update_usage_plan(usagePlanId=usage, patchOperations=replace(name="a"))
    refused("TooManyRequestsException", rest.update_usage_plan, 429, usagePlanId=usage, patchOperations=replace(name="b"))
    for n in range(5):
        rest.create_api_key(name=f"k{n}")
    refused("TooManyRequestsException", lambda: [rest.create_api_key(name="k") for _ in range(3)], 429)


def test_an_account_has_so_many_keys_and_plans(emulator: Emulator, rest: Any) -> None:
    emulator.set(limits={"apiKeys": 1, "usagePlans": 1})
    rest.create_api_key(name="one")
    refused("LimitExceededException", rest.create_api_key, 429, name="two")
    rest.create_usage_plan(name="one")
    refused("LimitExceededException", rest.create_usage_plan, 429, name="two")
    emulator.client("apigateway").create_usage_plan(name="in another Region")


def test_apis_stages_keys_and_plans_are_tagged_and_found_by_their_tags(emulator: Emulator, rest: Any) -> None:
    api = petstore(emulator)
    key, usage = rest.create_api_key(name="one", tags={"a": "1"})["id"], plan(rest, api, tags={"a": "1"})
    base = f"arn:aws:apigateway:{REGION}::"
    arns = [f"{base}/restapis/{api}", f"{base}/restapis/{api}/stages/prod", f"{base}/apikeys/{key}", f"{base}/usageplans/{usage}"]
    for arn in arns:
        rest.tag_resource(resourceArn=arn, tags={"b": "2", "c": "3"})
        rest.untag_resource(resourceArn=arn, tagKeys=["a", "c"])
        assert rest.get_tags(resourceArn=arn)["tags"] == {"b": "2"}
    tagging = emulator.client("resourcegroupstaggingapi", REGION)
    found = tagging.get_resources(TagFilters=[{"Key": "b"}])["ResourceTagMappingList"]
    assert {one["ResourceARN"] for one in found} == set(arns)
    assert emulator.client("resourcegroupstaggingapi").get_resources(TagFilters=[{"Key": "b"}])["ResourceTagMappingList"] == []
    assert rest.get_rest_api(restApiId=api)["tags"] == rest.get_stage(restApiId=api, stageName="prod")["tags"] == {"b": "2"}
    refused("NotFoundException", rest.tag_resource, 404, resourceArn=f"{base}/apikeys/nosuch", tags={"a": "1"})
    refused("BadRequestException", rest.tag_resource, 400, resourceArn="arn:aws:s3:::bucket", tags={"a": "1"})
    refused("BadRequestException", rest.tag_resource, 400, resourceArn=arns[0], tags={"aws:a": "1"})
    refused("BadRequestException", rest.tag_resource, 400, resourceArn=arns[0], tags={f"t{n}": "" for n in range(50)})


def test_the_control_api_lists_keys_plans_and_authorizers(emulator: Emulator, rest: Any) -> None:
    api = petstore(emulator, authorizers=[{"id": "auth01", "name": "secret"}])
    key, usage = rest.create_api_key(name="one", enabled=True)["id"], plan(rest, api)
    rest.create_usage_plan_key(usagePlanId=usage, keyId=key, keyType="API_KEY")
    found = {(r["type"], r["id"]): r for r in emulator.control("GET", "resources")}
    assert found["apikey", key]["state"] == "enabled"
    assert (found["usageplan", usage]["stages"], found["usageplan", usage]["keys"]) == ([f"{api}:prod"], [key])
    assert found["authorizer", "auth01"]["api"] == api
    assert found["restapi", api]["region"] == REGION
