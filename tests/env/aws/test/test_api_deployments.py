"""Deployments and stages of REST APIs: what is published, by whom, and what an export says."""

from __future__ import annotations

import json
from typing import Any

import pytest
from apis import REGION, foreign_hand, invocation, lock, method, petstore, replace, resource_id, summary
from conftest import Emulator, refused

SETTINGS = {
    "name": "prod",
    "variables": {"colour": "blue"},
    "canarySettings": {"percentTraffic": 10.0, "stageVariableOverrides": {"colour": "green"}},
    "methodSettings": {"*/*": {"loggingLevel": "ERROR"}},
    "description": "the real one",
    "tags": {"team": "pets"},
}


@pytest.fixture
def rest(emulator: Emulator) -> Any:
    return emulator.client("apigateway", REGION)


def deployed(rest: Any, api: str) -> str:
    return str(rest.get_stage(restApiId=api, stageName="prod")["deploymentId"])


def test_a_seeded_stage_is_deployed_with_what_the_seed_declares(emulator: Emulator, rest: Any) -> None:
    api = petstore(emulator, methods=[{"method": "GET /pets", "authorizationType": "AWS_IAM", "apiKeyRequired": True}, "POST /pets"], stages=[SETTINGS])
    stage = rest.get_stage(restApiId=api, stageName="prod")
    found = rest.get_deployment(restApiId=api, deploymentId=stage["deploymentId"], embed=["apisummary"])
    assert found["apiSummary"] == {
        "/pets": {"GET": {"authorizationType": "AWS_IAM", "apiKeyRequired": True}, "POST": {"authorizationType": "NONE", "apiKeyRequired": False}}
    }
    assert "apiSummary" not in rest.get_deployment(restApiId=api, deploymentId=stage["deploymentId"])
    assert (stage["variables"], stage["canarySettings"]["percentTraffic"], stage["description"], stage["tags"]) == (
        {"colour": "blue"},
        10.0,
        "the real one",
        {"team": "pets"},
    )


def test_a_change_is_live_only_after_a_deployment(emulator: Emulator, rest: Any) -> None:
    api = petstore(emulator)
    before = deployed(rest, api)
    lock(rest, api, "GET /pets")
    assert (deployed(rest, api), summary(rest, api, before)["GET /pets"]) == (before, "NONE")
    made = rest.create_deployment(restApiId=api, stageName="prod", description="locked")
    assert deployed(rest, api) == made["id"] != before
    assert summary(rest, api, made["id"])["GET /pets"] == "AWS_IAM"
    assert summary(rest, api, before)["GET /pets"] == "NONE"


def test_a_deployment_keeps_the_stages_settings(emulator: Emulator, rest: Any) -> None:
    api = petstore(emulator, stages=[SETTINGS])
    before = rest.get_stage(restApiId=api, stageName="prod")
    rest.create_deployment(restApiId=api, stageName="prod")
    after = rest.get_stage(restApiId=api, stageName="prod")
    changing = ("deploymentId", "lastUpdatedDate", "ResponseMetadata")
    assert {k: v for k, v in before.items() if k not in changing} == {k: v for k, v in after.items() if k not in changing}
    assert before["deploymentId"] != after["deploymentId"]


def test_a_deployment_without_a_stage_is_on_none(emulator: Emulator, rest: Any) -> None:
    api = petstore(emulator)
    before = deployed(rest, api)
    made = rest.create_deployment(restApiId=api)
    assert deployed(rest, api) == before
    assert {d["id"] for d in rest.get_deployments(restApiId=api)["items"]} == {before, made["id"]}
    rest.update_stage(restApiId=api, stageName="prod", patchOperations=replace(deploymentId=made["id"]))
    assert deployed(rest, api) == made["id"]


def test_a_deployment_to_a_new_stage_makes_it(emulator: Emulator, rest: Any) -> None:
    api = petstore(emulator)
    made = rest.create_deployment(restApiId=api, stageName="test", stageDescription="a trial", variables={"a": "1"})
    stage = rest.get_stage(restApiId=api, stageName="test")
    assert (stage["deploymentId"], stage["description"], stage["variables"]) == (made["id"], "a trial", {"a": "1"})
    assert [s["stageName"] for s in rest.get_stages(restApiId=api)["item"]] == ["prod", "test"]
    assert [s["stageName"] for s in rest.get_stages(restApiId=api, deploymentId=made["id"])["item"]] == ["test"]


def test_a_deployment_with_canary_settings_leaves_the_stages_own_deployment(emulator: Emulator, rest: Any) -> None:
    api = petstore(emulator)
    before = deployed(rest, api)
    made = rest.create_deployment(restApiId=api, stageName="prod", canarySettings={"percentTraffic": 5.0})
    stage = rest.get_stage(restApiId=api, stageName="prod")
    assert (stage["deploymentId"], stage["canarySettings"]["deploymentId"], stage["canarySettings"]["percentTraffic"]) == (before, made["id"], 5.0)
    refused("BadRequestException", rest.delete_deployment, 400, restApiId=api, deploymentId=made["id"])
    promotion = [{"op": "copy", "from": "/canarySettings/deploymentId", "path": "/deploymentId"}, {"op": "remove", "path": "/canarySettings"}]
    rest.update_stage(restApiId=api, stageName="prod", patchOperations=promotion)
    stage = rest.get_stage(restApiId=api, stageName="prod")
    assert (stage["deploymentId"], "canarySettings" in stage) == (made["id"], False)


def test_an_api_without_methods_cannot_be_deployed(emulator: Emulator, rest: Any) -> None:
    api = petstore(emulator, methods=["GET /pets"])
    rest.delete_method(**method(rest, api, "GET /pets"))
    error = refused("BadRequestException", rest.create_deployment, 400, restApiId=api, stageName="prod")
    assert error["Message"] == "The REST API doesn't contain any methods"


def test_a_method_without_integration_cannot_be_deployed(emulator: Emulator, rest: Any) -> None:
    api = petstore(emulator)
    before = deployed(rest, api)
    rest.put_method(restApiId=api, resourceId=resource_id(rest, api, "/pets"), httpMethod="DELETE", authorizationType="NONE")
    error = refused("BadRequestException", rest.create_deployment, 400, restApiId=api, stageName="prod")
    assert (error["Message"], deployed(rest, api)) == ("No integration defined for method", before)


def test_deployments_are_one_in_five_seconds(emulator: Emulator, rest: Any) -> None:
    api = petstore(emulator)
    emulator.set(enforceQuotas=True)
    rest.create_deployment(restApiId=api, stageName="prod")
    refused("TooManyRequestsException", rest.create_deployment, 429, restApiId=api, stageName="prod")
    rest.get_stage(restApiId=api, stageName="prod")


def test_a_deployment_in_use_is_not_deleted(emulator: Emulator, rest: Any) -> None:
    api = petstore(emulator)
    before = deployed(rest, api)
    error = refused("BadRequestException", rest.delete_deployment, 400, restApiId=api, deploymentId=before)
    assert error["Message"] == "Active stages pointing to this deployment must be moved or deleted"
    rest.create_deployment(restApiId=api, stageName="prod")
    rest.delete_deployment(restApiId=api, deploymentId=before)
    refused("NotFoundException", rest.get_deployment, 404, restApiId=api, deploymentId=before)
    error = refused("BadRequestException", rest.update_stage, 400, restApiId=api, stageName="prod", patchOperations=replace(deploymentId=before))
    assert error["Message"] == "Deployment id does not exist"


def test_a_stages_settings_are_changed_by_patches(emulator: Emulator, rest: Any) -> None:
    api = petstore(emulator)
    patch = [
        {"op": "replace", "path": "/description", "value": "new"},
        {"op": "replace", "path": "/variables/colour", "value": "red"},
        {"op": "replace", "path": "/*/*/throttling/rateLimit", "value": "5"},
        {"op": "replace", "path": "/~1pets/GET/logging/loglevel", "value": "INFO"},
    ]
    found = rest.update_stage(restApiId=api, stageName="prod", patchOperations=patch)
    assert (found["description"], found["variables"]) == ("new", {"colour": "red"})
    assert found["methodSettings"] == {"*/*": {"throttlingRateLimit": 5.0}, "pets/GET": {"loggingLevel": "INFO"}}
    found = rest.update_stage(restApiId=api, stageName="prod", patchOperations=[{"op": "remove", "path": "/variables/colour"}])
    assert "variables" not in found
    refused("BadRequestException", rest.update_stage, 400, restApiId=api, stageName="prod", patchOperations=replace(stageName="x"))
    refused("NotFoundException", rest.update_stage, 404, restApiId=api, stageName="none", patchOperations=replace(description="x"))


def test_an_export_says_what_the_stage_has_deployed(emulator: Emulator, rest: Any) -> None:
    backend = {"type": "HTTP", "uri": "https://example.com/pets", "requestParameters": {"integration.request.header.X": "'x'"}}
    slow = {"method": "GET /slow", "integration": {**backend, "timeoutInMillis": 9000}}
    api = petstore(emulator, methods=[{"method": "GET /pets", "integration": backend}, "GET /pets/{petId}", slow])
    lock(rest, api, "GET /pets/{petId}")

    def export(**extensions: str) -> Any:
        answer = rest.get_export(restApiId=api, stageName="prod", exportType="oas30", parameters=extensions)
        assert answer["contentType"] == "application/octet-stream"
        return json.loads(answer["body"].read())

    found = export(extensions="apigateway")
    assert (found["openapi"], set(found["paths"])) == ("3.0.1", {"/pets", "/pets/{petId}", "/slow"})
    assert "x-amazon-apigateway-api-key-source" not in found
    assert found["paths"]["/slow"]["get"]["x-amazon-apigateway-integration"]["timeoutInMillis"] == 9000
    assert found["paths"]["/pets"]["get"]["x-amazon-apigateway-integration"] == {
        "type": "http",
        "uri": "https://example.com/pets",
        "httpMethod": "GET",
        "passthroughBehavior": "when_no_match",
        "requestParameters": {"integration.request.header.X": "'x'"},
        "responses": {"default": {"statusCode": "200", "responseTemplates": {"application/json": "__passthrough__"}}},
    }
    # An empty template is null where it is read.
    listed = rest.get_resources(restApiId=api, embed=["methods"])["items"]
    method = next(r for r in listed if r["path"] == "/pets")["resourceMethods"]["GET"]
    assert method["methodIntegration"]["integrationResponses"]["200"]["responseTemplates"] == {"application/json": None}
    assert "security" not in found["paths"]["/pets/{petId}"]["get"]
    rest.create_deployment(restApiId=api, stageName="prod")
    one = export(extensions="apigateway")["paths"]["/pets/{petId}"]["get"]
    assert (one["security"], one["x-amazon-apigateway-auth"]) == ([{"sigv4": []}], {"type": "AWS_IAM"})
    assert one["x-amazon-apigateway-integration"]["requestTemplates"] == {"application/json": '{"statusCode": 200}'}
    plain = export()["paths"]["/pets/{petId}"]["get"]
    assert not {"security", "x-amazon-apigateway-auth", "x-amazon-apigateway-integration"} & set(plain)
    refused("BadRequestException", rest.get_export, 400, restApiId=api, stageName="prod", exportType="raml")
    refused("BadRequestException", rest.get_export, 400, restApiId=api, stageName="prod", exportType="oas30", parameters={"extensions": "other"})


def test_an_export_names_authorizers_keys_and_the_policy(emulator: Emulator, rest: Any) -> None:
    authorizer = {"id": "auth01", "name": "secret", "authorizerUri": invocation(), "identitySource": "method.request.header.X-Secret"}
    api = petstore(
        emulator,
        authorizers=[authorizer],
        apiKeySource="AUTHORIZER",
        policy={"Statement": [{"Effect": "Allow", "Principal": "*", "Action": "execute-api:Invoke", "Resource": "*"}]},
        methods=[{"method": "ANY /", "authorizationType": "CUSTOM", "authorizerId": "auth01", "apiKeyRequired": True}],
    )
    answer = rest.get_export(restApiId=api, stageName="prod", exportType="oas30", parameters={"extensions": "apigateway"})
    found = json.loads(answer["body"].read())
    assert found["paths"]["/"]["x-amazon-apigateway-any-method"]["security"] == [{"api_key": []}, {"secret": []}]
    schemes = found["components"]["securitySchemes"]
    assert (schemes["secret"]["name"], schemes["secret"]["x-amazon-apigateway-authorizer"]["authorizerUri"]) == ("X-Secret", invocation())
    assert schemes["api_key"] == {"type": "apiKey", "name": "x-api-key", "in": "header"}
    assert (found["x-amazon-apigateway-api-key-source"], found["x-amazon-apigateway-policy"]["Statement"][0]["Resource"]) == ("AUTHORIZER", "*")


def test_a_foreign_hand_edits_and_deploys(emulator: Emulator, rest: Any) -> None:
    api = petstore(emulator)
    lock(rest, api, "GET /pets")
    before = rest.create_deployment(restApiId=api, stageName="prod")["id"]
    foreign_hand(emulator, api, methods=["GET /new", {"method": "GET /pets/{petId}", "apiKeyRequired": True}], removeMethods=["POST /pets"])
    assert (deployed(rest, api), set(summary(rest, api, before))) == (before, {"GET /pets", "POST /pets", "GET /pets/{petId}"})
    after = foreign_hand(emulator, api, authorization={"GET /pets": "NONE"}, deploy="prod")["stages"]["prod"]
    assert deployed(rest, api) == after
    assert summary(rest, api, after) == {"GET /pets": "NONE", "GET /pets/{petId}": "NONE", "GET /new": "NONE"}
    foreign_hand(emulator, api, policy={"Statement": [{"Effect": "Deny", "Principal": "*", "Action": "*", "Resource": "*"}]}, apiKeySource="AUTHORIZER")
    found = rest.get_rest_api(restApiId=api)
    assert ("Deny" in found["policy"], found["apiKeySource"]) == (True, "AUTHORIZER")
    foreign_hand(emulator, api, deleteStage="prod")
    refused("NotFoundException", rest.get_stage, 404, restApiId=api, stageName="prod")
    foreign_hand(emulator, api, delete=True)
    refused("NotFoundException", rest.get_rest_api, 404, restApiId=api)
    assert foreign_hand(emulator, api, delete=True)["error"] == "NotFound"
