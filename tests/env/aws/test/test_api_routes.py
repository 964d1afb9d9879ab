"""HTTP and WebSocket APIs: routes, authorizers, stages that deploy by themselves and others."""

from __future__ import annotations

import json
from typing import Any

import pytest
from apis import REGION, chat, foreign_hand, invocation, orders, route
from conftest import Emulator, refused

ITSELF = [{"name": "prod", "autoDeploy": True}]
AUTHORIZER = {
    "Name": "secret",
    "AuthorizerType": "REQUEST",
    "AuthorizerUri": invocation(),
    "IdentitySource": ["$request.header.X-Secret"],
    "AuthorizerPayloadFormatVersion": "2.0",
    "EnableSimpleResponses": True,
    "AuthorizerResultTtlInSeconds": 60,
}


@pytest.fixture
def http(emulator: Emulator) -> Any:
    return emulator.client("apigatewayv2", REGION)


def deployed(http: Any, api: str) -> str:
    return str(http.get_stage(ApiId=api, StageName="prod")["DeploymentId"])


def exported(http: Any, api: str, **more: Any) -> Any:
    return json.loads(http.export_api(ApiId=api, Specification="OAS30", OutputType="JSON", **more)["body"].read())


def test_routes_come_in_pages_with_their_integrations_beside_them(emulator: Emulator, http: Any) -> None:
    api = orders(emulator, methods=[f"GET /orders/{n}" for n in range(30)])
    first = http.get_routes(ApiId=api)
    rest = http.get_routes(ApiId=api, NextToken=first["NextToken"])
    assert (len(first["Items"]), len(rest["Items"]), "NextToken" in rest) == (25, 5, False)
    assert len(http.get_routes(ApiId=api, MaxResults="100")["Items"]) == 30
    one = first["Items"][0]
    assert (one["RouteKey"], one["AuthorizationType"], one["ApiKeyRequired"]) == ("GET /orders/0", "NONE", False)
    integrations = http.get_integrations(ApiId=api, MaxResults="100")["Items"]
    assert one["Target"] in {f"integrations/{i['IntegrationId']}" for i in integrations}
    assert not any("emulatorResponse" in i for i in integrations)


def test_a_stage_that_deploys_by_itself_has_each_change_at_once(emulator: Emulator, http: Any) -> None:
    api = orders(emulator, stages=ITSELF)
    before = deployed(http, api)
    http.update_route(**route(http, api, "GET /orders"), AuthorizationType="AWS_IAM")
    after = deployed(http, api)
    assert after != before
    deployment = http.get_deployment(ApiId=api, DeploymentId=after)
    assert (deployment["AutoDeployed"], deployment["DeploymentStatus"]) == (True, "DEPLOYED")
    stage = http.get_stage(ApiId=api, StageName="prod")
    assert (stage["AutoDeploy"], stage["LastDeploymentStatusMessage"]) == (True, f"Successfully deployed stage with deployment ID '{after}'")
    assert exported(http, api, StageName="prod")["paths"]["/orders"]["get"]["x-amazon-apigateway-auth"] == {"type": "AWS_IAM"}


def test_another_stage_has_a_change_after_a_deployment(emulator: Emulator, http: Any) -> None:
    api = orders(emulator)
    before = deployed(http, api)
    http.update_route(**route(http, api, "GET /orders"), AuthorizationType="AWS_IAM")
    assert deployed(http, api) == before

    def lock(**more: str) -> Any:
        return exported(http, api, **more)["paths"]["/orders"]["get"].get("x-amazon-apigateway-auth")

    assert (lock(StageName="prod"), lock()) == (None, {"type": "AWS_IAM"})
    made = http.create_deployment(ApiId=api, StageName="prod", Description="locked")
    assert (made["AutoDeployed"], made["Description"], deployed(http, api)) == (False, "locked", made["DeploymentId"])
    assert lock(StageName="prod") == {"type": "AWS_IAM"}
    http.update_stage(ApiId=api, StageName="prod", DeploymentId=before)
    assert (deployed(http, api), lock(StageName="prod")) == (before, None)


def test_a_deployment_is_neither_made_for_nor_set_on_a_stage_that_deploys_by_itself(emulator: Emulator, http: Any) -> None:
    api = orders(emulator, stages=ITSELF)
    wanted = "Deployment ID cannot be set on this stage because AutoDeploy is enabled."
    assert refused("BadRequestException", http.create_deployment, 400, ApiId=api, StageName="prod")["Message"] == wanted
    made = http.create_deployment(ApiId=api)
    assert refused("BadRequestException", http.update_stage, 400, ApiId=api, StageName="prod", DeploymentId=made["DeploymentId"])["Message"] == wanted
    http.update_stage(ApiId=api, StageName="prod", AutoDeploy=False, DeploymentId=made["DeploymentId"])
    assert deployed(http, api) == made["DeploymentId"]
    http.update_stage(ApiId=api, StageName="prod", AutoDeploy=True, StageVariables={"a": "1"})
    stage = http.get_stage(ApiId=api, StageName="prod")
    assert (stage["DeploymentId"] != made["DeploymentId"], stage["StageVariables"]) == (True, {"a": "1"})
    assert [s["StageName"] for s in http.get_stages(ApiId=api)["Items"]] == ["prod"]


def test_deployments_are_listed_and_not_deleted_while_in_use(emulator: Emulator, http: Any) -> None:
    api = orders(emulator)
    before = deployed(http, api)
    refused("BadRequestException", http.delete_deployment, 400, ApiId=api, DeploymentId=before)
    made = http.create_deployment(ApiId=api, StageName="prod")["DeploymentId"]
    assert [d["DeploymentId"] for d in http.get_deployments(ApiId=api)["Items"]] == [made, before]
    http.delete_deployment(ApiId=api, DeploymentId=before)
    refused("NotFoundException", http.get_deployment, 404, ApiId=api, DeploymentId=before)
    refused("NotFoundException", http.update_stage, 404, ApiId=api, StageName="prod", DeploymentId=before)


def test_routes_are_made_changed_and_deleted(emulator: Emulator, http: Any) -> None:
    api = orders(emulator)
    target = http.get_routes(ApiId=api)["Items"][0]["Target"]
    made = http.create_route(ApiId=api, RouteKey="ANY /{proxy+}", Target=target, AuthorizationType="AWS_IAM")
    assert http.get_route(ApiId=api, RouteId=made["RouteId"])["AuthorizationType"] == "AWS_IAM"
    error = refused("ConflictException", http.create_route, 409, ApiId=api, RouteKey="ANY /{proxy+}")
    assert error["Message"] == "Route with key ANY /{proxy+} already exists for this API"
    refused("BadRequestException", http.create_route, 400, ApiId=api, RouteKey="FETCH /x")
    refused("NotFoundException", http.create_route, 404, ApiId=api, RouteKey="GET /x", Target="integrations/nosuch")
    http.delete_route(ApiId=api, RouteId=made["RouteId"])
    refused("NotFoundException", http.get_route, 404, ApiId=api, RouteId=made["RouteId"])


def test_an_api_without_routes_is_not_deployed(emulator: Emulator, http: Any) -> None:
    for api in (orders(emulator, methods=["GET /orders"]), chat(emulator, methods=["$connect"])):
        http.delete_route(ApiId=api, RouteId=http.get_routes(ApiId=api)["Items"][0]["RouteId"])
        refused("BadRequestException", http.create_deployment, 400, ApiId=api, StageName="prod")


def test_routes_have_no_keys_in_http_apis_and_authorization_only_of_known_kinds(emulator: Emulator, http: Any) -> None:
    api = orders(emulator)
    which = route(http, api, "GET /orders")
    refused("BadRequestException", http.update_route, 400, **which, ApiKeyRequired=True)
    refused("BadRequestException", http.update_route, 400, **which, AuthorizationType="COGNITO_USER_POOLS")
    refused("BadRequestException", http.update_route, 400, **which, AuthorizationType="CUSTOM", AuthorizerId="nosuch")
    refused("BadRequestException", http.update_route, 400, **which, AuthorizationType="JWT")


def test_of_a_websocket_api_only_connect_is_authorized(emulator: Emulator, http: Any) -> None:
    api = chat(emulator)
    error = refused("BadRequestException", http.update_route, 400, **route(http, api, "$default"), AuthorizationType="AWS_IAM")
    assert error["Message"] == "Currently, authorization is restricted to the $connect route only"
    found = http.update_route(**route(http, api, "$connect"), AuthorizationType="AWS_IAM")
    assert found["AuthorizationType"] == "AWS_IAM"
    refused("BadRequestException", http.update_route, 400, **route(http, api, "$connect"), AuthorizationType="JWT")
    refused("BadRequestException", http.export_api, 400, ApiId=api, Specification="OAS30", OutputType="JSON")


def test_authorizers_are_attached_to_routes_and_not_deleted_while_in_use(emulator: Emulator, http: Any) -> None:
    api = orders(emulator, stages=ITSELF)
    made = http.create_authorizer(ApiId=api, **AUTHORIZER)
    which, first = {"ApiId": api, "AuthorizerId": made["AuthorizerId"]}, route(http, api, "GET /orders")
    http.update_route(**first, AuthorizationType="CUSTOM", AuthorizerId=made["AuthorizerId"])
    before = deployed(http, api)
    http.update_authorizer(**which, AuthorizerResultTtlInSeconds=0)
    assert deployed(http, api) != before
    assert http.get_authorizer(**which)["AuthorizerResultTtlInSeconds"] == 0
    assert [a["Name"] for a in http.get_authorizers(ApiId=api)["Items"]] == ["secret"]
    refused("ConflictException", http.delete_authorizer, 409, **which)
    http.update_route(**first, AuthorizationType="NONE")
    assert "AuthorizerId" not in http.get_route(**first)
    http.delete_authorizer(**which)
    refused("NotFoundException", http.get_authorizer, 404, **which)


def test_authorizers_are_checked_by_protocol(emulator: Emulator, http: Any) -> None:
    api = orders(emulator)
    http.create_authorizer(ApiId=api, **AUTHORIZER)
    for wrong in (
        {},
        {"AuthorizerType": "TOKEN"},
        {"AuthorizerUri": "arn:aws:lambda:eu-north-1:123456789012:function:f"},
        {"IdentitySource": ["route.request.header.X"]},
        {"IdentitySource": []},
        {"AuthorizerPayloadFormatVersion": None},
        {"AuthorizerPayloadFormatVersion": "1.0"},
        {"AuthorizerResultTtlInSeconds": 3601},
        {"AuthorizerType": "JWT"},
    ):
        name = {"Name": "other"} if wrong else {}
        refused("BadRequestException", http.create_authorizer, 400, ApiId=api, **{**AUTHORIZER, **name, **wrong})
    socket = chat(emulator)
    spec = {k: v for k, v in AUTHORIZER.items() if k in ("Name", "AuthorizerType", "AuthorizerUri")}
    refused("BadRequestException", http.create_authorizer, 400, ApiId=socket, **spec, AuthorizerResultTtlInSeconds=60)
    refused("BadRequestException", http.create_authorizer, 400, ApiId=socket, **spec, IdentitySource=["$request.header.X"])
    made = http.create_authorizer(ApiId=socket, **spec, IdentitySource=["route.request.header.X-Secret"])
    http.update_route(**route(http, socket, "$connect"), AuthorizationType="CUSTOM", AuthorizerId=made["AuthorizerId"])


def test_an_export_names_routes_integrations_and_authorizers(emulator: Emulator, http: Any) -> None:
    authorizers = [
        {"id": "auth01", "name": "secret", "authorizerUri": invocation(), "identitySource": ["$request.header.X"], "authorizerPayloadFormatVersion": "2.0"},
        {"id": "auth02", "name": "jwt", "authorizerType": "JWT", "jwtConfiguration": {"issuer": "https://issuer", "audience": ["a"]}},
    ]
    methods = [
        {"method": "GET /orders", "authorizationType": "CUSTOM", "authorizerId": "auth01"},
        {"method": "POST /orders", "authorizationType": "JWT", "authorizerId": "auth02"},
        "ANY /{proxy+}",
        "$default",
    ]
    found = exported(http, orders(emulator, authorizers=authorizers, methods=methods), StageName="prod")
    assert found["paths"]["/orders"]["get"]["security"] == [{"secret": []}]
    assert found["paths"]["/orders"]["post"]["security"] == [{"jwt": []}]
    assert found["paths"]["/{proxy+}"]["x-amazon-apigateway-any-method"]["x-amazon-apigateway-integration"]["type"] == "http_proxy"
    assert found["paths"]["/$default"]["x-amazon-apigateway-any-method"]["isDefaultRoute"] is True
    assert found["components"]["securitySchemes"]["secret"]["x-amazon-apigateway-authorizer"]["authorizerUri"] == invocation()
    plain = exported(http, "orders0000", IncludeExtensions=False)
    assert "x-amazon-apigateway-integration" not in plain["paths"]["/orders"]["get"]
    raw = http.export_api(ApiId="orders0000", Specification="OAS30", OutputType="YAML")["body"].read()
    assert raw.startswith(b"openapi: 3.0.1")
    refused("BadRequestException", http.export_api, 400, ApiId="orders0000", Specification="OAS20", OutputType="JSON")


def test_an_api_is_renamed_disabled_and_tagged(emulator: Emulator, http: Any) -> None:
    api = orders(emulator, tags={"a": "1"})
    found = http.update_api(ApiId=api, Description="d", DisableExecuteApiEndpoint=True)
    assert (found["Description"], found["DisableExecuteApiEndpoint"], found["Tags"]) == ("d", True, {"a": "1"})
    arn = f"arn:aws:apigateway:{REGION}::/apis/{api}"
    http.tag_resource(ResourceArn=arn, Tags={"b": "2"})
    http.untag_resource(ResourceArn=arn, TagKeys=["a"])
    assert http.get_tags(ResourceArn=arn)["Tags"] == {"b": "2"}
    assert [a["ApiId"] for a in http.get_apis()["Items"]] == [api]


def test_a_foreign_hand_edits_routes(emulator: Emulator, http: Any) -> None:
    itself = orders(emulator, stages=[*ITSELF, "test"])
    before = deployed(http, itself)
    after = foreign_hand(emulator, itself, methods=["GET /new"], authorization={"GET /orders": "AWS_IAM"}, removeMethods=["POST /orders"])
    assert (deployed(http, itself), before != after["stages"]["prod"]) == (after["stages"]["prod"], True)
    found = {r["RouteKey"]: r["AuthorizationType"] for r in http.get_routes(ApiId=itself)["Items"]}
    assert found == {"GET /orders": "AWS_IAM", "GET /new": "NONE"}
    assert set(exported(http, itself, StageName="test")["paths"]["/orders"]) == {"get", "post"}
    foreign_hand(emulator, itself, deploy="test")
    assert set(exported(http, itself, StageName="test")["paths"]) == {"/orders", "/new"}
    foreign_hand(emulator, itself, deleteStage="test")
    refused("NotFoundException", http.get_stage, 404, ApiId=itself, StageName="test")


def test_a_throttle_is_in_the_services_own_words(emulator: Emulator, http: Any) -> None:
    api = orders(emulator)
    emulator.fault(service="apigatewayv2", operation="UpdateRoute", kind="throttle")
    refused("TooManyRequestsException", http.update_route, 429, **route(http, api, "GET /orders"), AuthorizationType="AWS_IAM")
