"""What real APIs have besides methods: gateway responses, validators, throttles, canaries, users' tokens, customers' keys, caller credentials."""

from __future__ import annotations

from typing import Any

import pytest
from conftest import Emulator
from viewers import HTTP, REGION, REST, ask, locked, plant, signed, user

INVOKE = {"Effect": "Allow", "Action": "execute-api:Invoke", "Resource": "*"}
CALLS = {"Effect": "Allow", "Action": "lambda:InvokeFunction", "Resource": "*"}


def test_a_gateway_response_gives_a_refusal_another_status_and_body_and_the_error_type_stays(emulator: Emulator) -> None:
    hidden = {"statusCode": "404", "responseTemplates": {"application/json": '{"message":"404 Not found"}'}}
    host = plant(emulator, methods=[locked("GET /pets")], gatewayResponses={"MISSING_AUTHENTICATION_TOKEN": hidden})
    seen = ask(emulator, host, "/prod/pets")
    assert (seen.status, seen.json, seen.header("x-amzn-errortype")) == (404, {"message": "404 Not found"}, "MissingAuthenticationTokenException")


def test_a_gateway_response_of_a_class_counts_where_the_type_has_none(emulator: Emulator) -> None:
    responses = {
        "DEFAULT_4XX": {"responseParameters": {"gatewayresponse.header.Access-Control-Allow-Origin": "'*'", "gatewayresponse.header.x-amzn-ErrorType": "''"}},
        "INVALID_API_KEY": {"statusCode": "401", "responseTemplates": {"application/json": '{"error":$context.error.messageString}'}},
    }
    host = plant(emulator, methods=[locked("GET /pets"), {"method": "GET /paid", "apiKeyRequired": True}], gatewayResponses=responses)
    seen = ask(emulator, host, "/prod/pets")
    assert (seen.status, seen.json, seen.header("access-control-allow-origin")) == (403, {"message": "Missing Authentication Token"}, "*")
    assert seen.header("x-amzn-errortype") is None
    assert (ask(emulator, host, "/prod/paid").status, ask(emulator, host, "/prod/paid").json) == (401, {"error": "Forbidden"})


def test_a_stages_own_web_acl_is_asked_first_and_says_what_a_missing_key_is_answered_with(emulator: Emulator) -> None:
    from_outside = {"NotStatement": {"Statement": {"ByteMatchStatement": {
        "SearchString": "Q2xvdWRGcm9udA==", "FieldToMatch": {"SingleHeader": {"Name": "via"}}, "PositionalConstraint": "CONTAINS",
        "TextTransformations": [{"Priority": 0, "Type": "NONE"}],
    }}}}  # fmt: skip
    rule: dict[str, Any] = {"Name": "edge", "Priority": 0, "Statement": from_outside, "Action": {"Block": {}}}
    web_acl = {"DefaultAction": {"Allow": {}}, "Rules": [rule]}
    host = plant(emulator, methods=[locked("GET /pets"), "GET /open"], stages=[{"name": "prod", "webAcl": web_acl}])
    for path in ("/prod/pets", "/prod/open", "/prod/unknown"):
        seen = ask(emulator, host, path)
        assert (seen.status, seen.json, seen.header("x-amzn-errortype")) == (403, {"message": "Forbidden"}, "ForbiddenException"), path
        assert seen.header("x-amz-apigw-id")
    via = {"Via": "1.1 abc.cloudfront.net (CloudFront)"}
    assert ask(emulator, host, "/prod/open", headers=via).status == 200
    assert ask(emulator, host, "/prod/pets", headers=via).header("x-amzn-errortype") == "MissingAuthenticationTokenException"
    stage = emulator.client("apigateway", REGION).get_stage(restApiId=host.partition(".")[0], stageName="prod")
    assert ":regional/webacl/team/" in stage["webAclArn"]


def test_a_response_of_a_rules_own_takes_the_place_of_gateway_responses(emulator: Emulator) -> None:
    block = {"Block": {"CustomResponse": {"ResponseCode": 404}}}
    responses = {"DEFAULT_4XX": {"statusCode": "418"}, "WAF_FILTERED": {"statusCode": "409"}}
    host = plant(emulator, methods=["GET /pets"], gatewayResponses=responses, stages=[{"name": "prod", "webAcl": {"DefaultAction": block}}])
    seen = ask(emulator, host, "/prod/pets")
    assert (seen.status, seen.header("x-amzn-errortype"), seen.header("server")) == (404, None, None)
    host = plant(emulator, methods=["GET /pets"], gatewayResponses=responses, stages=[{"name": "prod", "webAcl": {"DefaultAction": {"Block": {}}}}])
    assert ask(emulator, host, "/prod/pets").status == 409


def test_a_validator_refuses_after_authorization_and_before_the_backend(emulator: Emulator) -> None:
    method: dict[str, Any] = {
        "requestValidatorId": "all",
        "requestParameters": {"method.request.querystring.id": True},
        "requestModels": {"application/json": "Pet"},
    }
    host = plant(
        emulator,
        methods=[{"method": "POST /pets", **method}, {**locked("PUT /pets"), **method}],
        requestValidators=[{"id": "all", "name": "all", "validateRequestBody": True, "validateRequestParameters": True}],
        models=[{"name": "Pet", "schema": '{"type": "object", "required": ["type"]}'}],
    )
    seen = ask(emulator, host, "/prod/pets", "POST")
    assert (seen.status, seen.json) == (400, {"message": "Missing required request parameters: [id]"})
    assert seen.header("x-amzn-errortype") == "BadRequestException"
    assert ask(emulator, host, "/prod/pets?id=1", "POST", body=b"{}").json == {"message": "Invalid request body"}
    assert ask(emulator, host, "/prod/pets?id=1", "POST", body=b'{"type": "cat"}').status == 200
    assert ask(emulator, host, "/prod/pets", "PUT").status == 403


def test_a_throttle_of_nothing_refuses_everybody_in_both_types_words(emulator: Emulator) -> None:
    host = plant(emulator, methods=["GET /pets"], stages=[{"name": "prod", "methodSettings": {"*/*": {"throttlingRateLimit": 0, "throttlingBurstLimit": 0}}}])
    seen = ask(emulator, host, "/prod/pets")
    assert (seen.status, seen.json, seen.header("x-amzn-errortype")) == (429, {"message": "Too Many Requests"}, "TooManyRequestsException")
    host = plant(emulator, "HTTP", ["GET /orders"], stages=[{"name": "$default", "defaultRouteSettings": {"throttlingBurstLimit": 0}}])
    seen = ask(emulator, host, "/orders")
    assert (seen.status, seen.json, seen.header("x-amzn-errortype")) == (429, {"message": "Too Many Requests"}, None)


def test_a_canary_release_answers_its_share_with_its_own_methods_and_variables(emulator: Emulator) -> None:
    canary = {"percentTraffic": 50, "methods": ["GET /new"], "stageVariableOverrides": {"a": "2"}}
    host = plant(emulator, methods=["GET /pets"], stages=[{"name": "prod", "canarySettings": canary, "variables": {"a": "1"}}])
    for met, status in (("yes", 200), ("no", 403)):
        assert ask(emulator, host, "/prod/new", headers={"x-emulated-canary": met}).status == status
    seen = {ask(emulator, host, "/prod/new").status for _ in range(60)}
    assert seen == {200, 403}
    served = emulator.control("GET", f"apigateway/{REGION}/{REST}")["stages"]["prod"]["serves"]
    assert [(len(one["routes"]), one["variables"]) for one in served] == [(1, {"a": "1"}), (2, {"a": "2"})]


def test_users_of_cognito_and_of_other_issuers_show_one_token(emulator: Emulator) -> None:
    pool = {"id": "pool01", "name": "users", "type": "COGNITO_USER_POOLS", "identitySource": "method.request.header.Authorization"}
    host = plant(emulator, methods=[locked("GET /pets", "COGNITO_USER_POOLS", authorizerId="pool01")], authorizers=[pool])
    assert ask(emulator, host, "/prod/pets", headers={"Authorization": "emulated-user-token"}).status == 200
    seen = ask(emulator, host, "/prod/pets", headers={"Authorization": "another"})
    assert (seen.status, seen.header("x-amzn-errortype")) == (401, "UnauthorizedException")
    jwt = {"id": "jwt001", "name": "users", "authorizerType": "JWT", "identitySource": ["$request.header.Authorization"]}
    host = plant(emulator, "HTTP", [locked("GET /orders", "JWT", authorizerId="jwt001")], authorizers=[jwt])
    assert ask(emulator, host, "/orders", headers={"Authorization": "Bearer emulated-user-token"}).status == 200
    seen = ask(emulator, host, "/orders", headers={"Authorization": "Bearer another"})
    assert (seen.status, seen.json, seen.header("x-amzn-errortype")) == (401, {"message": "Unauthorized"}, None)


def test_a_stand_in_for_an_authorizers_function_knows_its_tokens_and_gives_its_key(emulator: Emulator) -> None:
    authorizer = {"id": "auth01", "name": "a", "type": "TOKEN", "identitySource": "method.request.header.Authorization"}
    stand_in = {"emulatorTokens": ["letmein"], "emulatorUsageKey": "k" * 20}
    method = locked("GET /pets", "CUSTOM", authorizerId="auth01", apiKeyRequired=True)
    plan = {"name": "gold", "keys": [{"name": "customer", "value": "k" * 20}]}
    host = plant(emulator, methods=[method], authorizers=[{**authorizer, **stand_in}], apiKeySource="AUTHORIZER", usagePlans=[plan])
    assert ask(emulator, host, "/prod/pets", headers={"Authorization": "letmein"}).status == 200
    assert ask(emulator, host, "/prod/pets", headers={"Authorization": "other", "x-api-key": "k" * 20}).status == 403


def test_customers_of_a_seeded_usage_plan_get_in_with_their_keys(emulator: Emulator) -> None:
    plan = {"id": "gold01", "name": "gold", "keys": [{"name": "customer", "value": "k" * 20}]}
    host = plant(emulator, methods=[{"method": "GET /pets", "apiKeyRequired": True}], usagePlans=[plan])
    assert ask(emulator, host, "/prod/pets", headers={"x-api-key": "k" * 20}).status == 200
    assert ask(emulator, host, "/prod/pets").status == 403
    assert emulator.control("GET", f"apigateway/{REGION}/{REST}")["stages"]["prod"]["keys"] == [{"name": "customer", "plan": "gold01", "value": "k" * 20}]
    assert emulator.client("apigateway", REGION).get_usage_plan(usagePlanId="gold01")["apiStages"] == [{"apiId": REST, "stage": "prod"}]


def test_with_caller_credentials_the_backend_is_reached_by_those_who_may_invoke_its_function(emulator: Emulator) -> None:
    uri = "arn:aws:apigateway:eu-north-1:lambda:path/2015-03-31/functions/arn:aws:lambda:eu-north-1:123456789012:function:pets/invocations"
    integration = {"type": "AWS_PROXY", "httpMethod": "POST", "uri": uri, "credentials": "arn:aws:iam::*:user/*"}
    host = plant(emulator, methods=[{**locked("GET /pets"), "integration": integration}, {"method": "POST /pets", "integration": integration}])
    key, secret = user(emulator, INVOKE)
    seen = ask(emulator, host, "/prod/pets", headers=signed(key, secret, host, "/prod/pets"))
    assert (seen.status, seen.json, seen.header("x-amzn-errortype")) == (500, {"message": "Internal server error"}, "InternalServerErrorException")
    user(emulator, INVOKE, CALLS)
    assert ask(emulator, host, "/prod/pets", headers=signed(key, secret, host, "/prod/pets")).status == 200
    assert ask(emulator, host, "/prod/pets", "POST").status == 500


def test_a_quick_created_route_may_ask_for_a_signature_but_keeps_its_key(emulator: Emulator) -> None:
    plant(emulator, "HTTP", ["$default"], quickCreate=True)
    gateway = emulator.client("apigatewayv2", REGION)
    route = gateway.get_routes(ApiId=HTTP)["Items"][0]
    assert (route["ApiGatewayManaged"], gateway.get_stage(ApiId=HTTP, StageName="$default")["ApiGatewayManaged"]) == (True, True)
    assert gateway.update_route(ApiId=HTTP, RouteId=route["RouteId"], AuthorizationType="AWS_IAM")["AuthorizationType"] == "AWS_IAM"
    with pytest.raises(gateway.exceptions.BadRequestException):
        gateway.update_route(ApiId=HTTP, RouteId=route["RouteId"], RouteKey="GET /orders")


def test_who_asks_to_be_told_is_told_who_answered(emulator: Emulator) -> None:
    host = plant(emulator, methods=["GET /pets", locked("POST /pets")])
    tell = {"x-emulated-tell": "yes"}
    assert ask(emulator, host, "/prod/pets", headers=tell).header("x-emulated-by") == "backend"
    seen = ask(emulator, host, "/prod/pets", "POST", headers=tell)
    assert (seen.header("x-emulated-by"), seen.header("x-emulated-code")) == ("apigateway", "MissingAuthenticationTokenException")
    assert ask(emulator, host, "/prod/pets").header("x-emulated-by") is None
