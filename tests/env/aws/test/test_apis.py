"""REST APIs: resources, methods, resource policies, and each refusal."""

from __future__ import annotations

import json
from typing import Any

import pytest
from apis import REGION, invocation, lock, method, petstore, replace, resource_id
from conftest import Emulator, refused, role


@pytest.fixture
def rest(emulator: Emulator) -> Any:
    return emulator.client("apigateway", REGION)


def statement(**more: Any) -> dict[str, Any]:
    return {"Effect": "Allow", "Principal": "*", "Action": "execute-api:Invoke", "Resource": "execute-api:/*", **more}


def policy(*statements: dict[str, Any]) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": list(statements)})


def test_resources_come_in_pages_of_25_and_at_most_500(emulator: Emulator, rest: Any) -> None:
    api = petstore(emulator, methods=[f"GET /things/{n}" for n in range(510)])
    first = rest.get_resources(restApiId=api)
    assert len(first["items"]) == 25
    largest = rest.get_resources(restApiId=api, limit=1000)
    assert len(largest["items"]) == 500
    last = rest.get_resources(restApiId=api, limit=500, position=largest["position"])
    assert (len(last["items"]), "position" in last) == (12, False)
    paths = [r["path"] for page in rest.get_paginator("get_resources").paginate(restApiId=api) for r in page["items"]]
    assert len(paths) == len(set(paths)) == 512
    refused("BadRequestException", rest.get_resources, 400, restApiId=api, position="nowhere")


def test_methods_are_only_named_unless_they_are_embedded(emulator: Emulator, rest: Any) -> None:
    api = petstore(emulator)
    assert all(m == {} for r in rest.get_resources(restApiId=api)["items"] for m in r.get("resourceMethods", {}).values())
    pets = resource_id(rest, api, "/pets")
    assert rest.get_resource(restApiId=api, resourceId=pets)["resourceMethods"] == {"GET": {}, "POST": {}}
    found = rest.get_resource(restApiId=api, resourceId=pets, embed=["methods"])["resourceMethods"]["GET"]
    assert (found["httpMethod"], found["authorizationType"], found["apiKeyRequired"]) == ("GET", "NONE", False)
    assert found["methodIntegration"]["type"] == "MOCK"
    assert "emulatorResponse" not in found["methodIntegration"]


def test_resources_and_methods_are_made_and_deleted(emulator: Emulator, rest: Any) -> None:
    api = petstore(emulator)
    pets = resource_id(rest, api, "/pets")
    made = rest.create_resource(restApiId=api, parentId=pets, pathPart="{proxy+}")
    assert (made["path"], made["parentId"]) == ("/pets/{proxy+}", pets)
    where = {"restApiId": api, "resourceId": made["id"], "httpMethod": "ANY"}
    rest.put_method(**where, authorizationType="AWS_IAM", apiKeyRequired=True)
    put = rest.put_integration(**where, type="HTTP_PROXY", integrationHttpMethod="POST", uri="https://example.com/{proxy}")
    assert (put["httpMethod"], put["uri"], put["timeoutInMillis"]) == ("POST", "https://example.com/{proxy}", 29000)
    found = rest.get_method(**where)
    assert (found["httpMethod"], found["authorizationType"], found["apiKeyRequired"], found["methodIntegration"]["type"]) == (
        "ANY",
        "AWS_IAM",
        True,
        "HTTP_PROXY",
    )
    refused("ConflictException", rest.put_method, 409, **where, authorizationType="NONE")
    refused("ConflictException", rest.create_resource, 409, restApiId=api, parentId=pets, pathPart="{proxy+}")
    refused("BadRequestException", rest.create_resource, 400, restApiId=api, parentId=pets, pathPart="a/b")
    refused("BadRequestException", rest.put_method, 400, **{**where, "httpMethod": "FETCH"}, authorizationType="NONE")
    refused("BadRequestException", rest.put_integration, 400, **where, type="TELEGRAPH")
    refused("BadRequestException", rest.put_integration, 400, **where, type="HTTP", uri="https://example.com")
    rest.delete_method(**where)
    error = refused("NotFoundException", rest.get_method, 404, **where)
    assert error["Message"] == "Invalid Method identifier specified"


def test_authorization_is_changed_by_patches(emulator: Emulator, rest: Any) -> None:
    api = petstore(emulator)
    assert lock(rest, api, "GET /pets")["authorizationType"] == "AWS_IAM"
    where = method(rest, api, "GET /pets")
    changed = rest.update_method(**where, patchOperations=replace(authorizationType="NONE", apiKeyRequired="true"))
    assert (changed["authorizationType"], changed["apiKeyRequired"]) == ("NONE", True)
    assert changed["methodIntegration"]["type"] == "MOCK"
    for patch in (
        replace(authorizationType="PASSWORD"),
        replace(apiKeyRequired="perhaps"),
        replace(nonsense="x"),
        [{"op": "remove", "path": "/authorizationType"}],
        [{"op": "improve", "path": "/authorizationType", "value": "NONE"}],
    ):
        refused("BadRequestException", rest.update_method, 400, **where, patchOperations=patch)
    error = refused("BadRequestException", rest.update_method, 400, **where, patchOperations=replace(nonsense="x"))
    assert error["Message"].startswith("Invalid patch path '/nonsense' specified for op 'replace'. Must be one of: [")


def test_a_refused_patch_changes_nothing(emulator: Emulator, rest: Any) -> None:
    api = petstore(emulator)
    where = method(rest, api, "GET /pets")
    refused("BadRequestException", rest.update_method, 400, **where, patchOperations=replace(apiKeyRequired="true", authorizationType="CUSTOM"))
    assert rest.get_method(**where)["apiKeyRequired"] is False
    refused("BadRequestException", rest.update_rest_api, 400, restApiId=api, patchOperations=replace(description="new", apiKeySource="COOKIE"))
    assert "description" not in rest.get_rest_api(restApiId=api)


def test_custom_authorization_needs_an_authorizer_of_the_api(emulator: Emulator, rest: Any) -> None:
    api = petstore(emulator)
    where = method(rest, api, "GET /pets")
    made = rest.create_authorizer(restApiId=api, name="secret", type="REQUEST", authorizerUri=invocation(), identitySource="method.request.header.X-Secret")
    for patch in (replace(authorizationType="CUSTOM"), replace(authorizationType="CUSTOM", authorizerId="nosuch")):
        error = refused("BadRequestException", rest.update_method, 400, **where, patchOperations=patch)
        assert error["Message"].startswith("Invalid authorizer ID specified. Setting the authorization type to CUSTOM")
    refused("BadRequestException", rest.update_method, 400, **where, patchOperations=replace(authorizationType="COGNITO_USER_POOLS", authorizerId=made["id"]))
    rest.update_method(**where, patchOperations=replace(authorizationType="CUSTOM", authorizerId=made["id"]))
    assert rest.get_method(**where)["authorizerId"] == made["id"]
    # An authorizer goes when nothing asks for it.
    rest.update_method(**where, patchOperations=replace(authorizationType="AWS_IAM"))
    assert "authorizerId" not in rest.get_method(**where)


def test_authorizers_are_checked_listed_changed_and_not_deleted_while_methods_use_them(emulator: Emulator, rest: Any) -> None:
    api = petstore(emulator)
    spec: dict[str, Any] = {
        "restApiId": api,
        "name": "secret",
        "type": "TOKEN",
        "authorizerUri": invocation(),
        "identitySource": "method.request.header.X-Secret",
    }
    made = rest.create_authorizer(**spec)
    assert made["authorizerResultTtlInSeconds"] == 300
    error = refused("BadRequestException", rest.create_authorizer, 400, **spec)
    assert error["Message"] == "Authorizer name must be unique. Authorizer secret already exists in this RestApi."
    for wrong in (
        {"type": "PASSWORD"},
        {"authorizerUri": "arn:aws:lambda:eu-north-1:123456789012:function:f"},
        {"identitySource": "X-Secret"},
        {"identitySource": ""},
        {"authorizerResultTtlInSeconds": 3601},
        {"name": ""},
        {"type": "COGNITO_USER_POOLS"},
        {"type": "REQUEST", "identitySource": ""},
    ):
        refused("BadRequestException", rest.create_authorizer, 400, **{**spec, "name": "other", **wrong})
    rest.create_authorizer(restApiId=api, name="pool", type="COGNITO_USER_POOLS", providerARNs=["arn:aws:cognito-idp:eu-north-1:123456789012:userpool/p"])
    rest.create_authorizer(**{**spec, "name": "uncached", "type": "REQUEST", "identitySource": "", "authorizerResultTtlInSeconds": 0})
    assert [a["name"] for a in rest.get_authorizers(restApiId=api)["items"]] == ["secret", "pool", "uncached"]
    which = {"restApiId": api, "authorizerId": made["id"]}
    rest.update_authorizer(**which, patchOperations=replace(authorizerResultTtlInSeconds="60"))
    assert rest.get_authorizer(**which)["authorizerResultTtlInSeconds"] == 60
    refused("BadRequestException", rest.update_authorizer, 400, **which, patchOperations=replace(authorizerResultTtlInSeconds="9999"))
    where = method(rest, api, "GET /pets")
    rest.update_method(**where, patchOperations=replace(authorizationType="CUSTOM", authorizerId=made["id"]))
    refused("ConflictException", rest.delete_authorizer, 409, **which)
    rest.update_method(**where, patchOperations=replace(authorizationType="NONE"))
    rest.delete_authorizer(**which)
    refused("NotFoundException", rest.get_authorizer, 404, **which)


def test_an_authorizer_for_an_api_that_is_not_there_is_a_conflict(rest: Any) -> None:
    error = refused("ConflictException", rest.create_authorizer, 409, restApiId="nosuch", name="secret", type="TOKEN")
    assert error["Message"] == "Unable to complete operation due to concurrent modification. Please try again later."


def test_an_api_has_at_most_ten_authorizers(emulator: Emulator, rest: Any) -> None:
    emulator.set(limits={"authorizers": 1})
    spec: dict[str, Any] = {"restApiId": petstore(emulator), "type": "TOKEN", "authorizerUri": invocation(), "identitySource": "method.request.header.X"}
    rest.create_authorizer(**spec, name="one")
    refused("LimitExceededException", rest.create_authorizer, 429, **spec, name="two")


def test_a_resource_policy_is_written_out_and_answered_with_escaped_quotation_marks(emulator: Emulator, rest: Any) -> None:
    api = petstore(emulator)
    rest.update_rest_api(restApiId=api, patchOperations=replace(policy=policy(statement())))
    raw = rest.get_rest_api(restApiId=api)["policy"]
    assert raw.startswith('{\\"Version\\":\\"2012-10-17\\"')
    found = json.loads(raw.replace('\\"', '"'))
    assert found["Statement"][0]["Resource"] == f"arn:aws:execute-api:{REGION}:123456789012:{api}/*"
    rest.update_rest_api(restApiId=api, patchOperations=replace(policy=""))
    assert "policy" not in rest.get_rest_api(restApiId=api)


def test_a_resource_policy_must_be_one_and_name_roles_that_exist(emulator: Emulator, rest: Any) -> None:
    api = petstore(emulator)
    principal = {"AWS": "arn:aws:iam::123456789012:role/palisade/signer"}
    for wrong in ("{", "[]", policy(statement(Effect="Perhaps")), policy({"Effect": "Allow"}), policy(statement(Principal=principal))):
        error = refused("BadRequestException", rest.update_rest_api, 400, restApiId=api, patchOperations=replace(policy=wrong))
        assert error["Message"] == "Invalid policy document. Please check the policy syntax and ensure that Principals are valid."
    role(emulator.client("iam"))
    rest.update_rest_api(restApiId=api, patchOperations=replace(policy=policy(statement(Principal=principal))))


def test_a_resource_policy_has_at_most_8192_bytes(emulator: Emulator, rest: Any) -> None:
    api = petstore(emulator)
    size = len(json.dumps(json.loads(policy(statement(Sid="", Resource="x"))), separators=(",", ":")))
    fitting, larger = (policy(statement(Sid="s" * (8192 - size + more), Resource="x")) for more in (0, 1))
    rest.update_rest_api(restApiId=api, patchOperations=replace(policy=fitting))
    refused("LimitExceededException", rest.update_rest_api, 429, restApiId=api, patchOperations=replace(policy=larger))


def test_description_and_source_of_keys_are_changed(emulator: Emulator, rest: Any) -> None:
    api = petstore(emulator)
    assert rest.get_rest_api(restApiId=api)["apiKeySource"] == "HEADER"
    rest.update_rest_api(restApiId=api, patchOperations=replace(apiKeySource="AUTHORIZER", description="pets"))
    found = rest.get_rest_api(restApiId=api)
    assert (found["apiKeySource"], found["description"], found["rootResourceId"]) == ("AUTHORIZER", "pets", resource_id(rest, api, "/"))


def test_a_security_policy_is_chosen_and_an_enhanced_one_only_with_an_endpoint_access_mode(emulator: Emulator, rest: Any) -> None:
    api, enhanced = petstore(emulator), "SecurityPolicy_TLS13_1_3_2025_09"
    for change in ({"securityPolicy": enhanced}, {"securityPolicy": "TLS_2"}, {"securityPolicy": enhanced, "endpointAccessMode": "LAX"}):
        refused("BadRequestException", rest.update_rest_api, 400, restApiId=api, patchOperations=replace(**change))
    assert "securityPolicy" not in rest.get_rest_api(restApiId=api)
    rest.update_rest_api(restApiId=api, patchOperations=replace(securityPolicy=enhanced, endpointAccessMode="STRICT"))
    found = rest.get_rest_api(restApiId=api)
    assert (found["securityPolicy"], found["endpointAccessMode"]) == (enhanced, "STRICT")
    given = {"id": "sec0000000", "region": REGION, "securityPolicy": enhanced, "endpointAccessMode": "BASIC"}
    emulator.control("POST", "seed", {"apis": [given]})
    assert rest.get_rest_api(restApiId="sec0000000")["endpointAccessMode"] == "BASIC"


def test_what_does_not_exist_is_not_found_in_the_services_words(emulator: Emulator, rest: Any) -> None:
    api = petstore(emulator)
    pets = resource_id(rest, api, "/pets")
    for call, params, message in (
        (rest.get_rest_api, {"restApiId": "nosuch"}, "Invalid API identifier specified 123456789012:nosuch"),
        (rest.get_resources, {"restApiId": "nosuch"}, "Invalid API identifier specified 123456789012:nosuch"),
        (rest.get_stage, {"restApiId": api, "stageName": "test"}, "Invalid stage identifier specified"),
        (rest.get_resource, {"restApiId": api, "resourceId": "nosuch"}, "Invalid Resource identifier specified"),
        (rest.get_method, {"restApiId": api, "resourceId": pets, "httpMethod": "PUT"}, "Invalid Method identifier specified"),
        (rest.get_deployment, {"restApiId": api, "deploymentId": "nosuch"}, "Invalid Deployment identifier specified"),
        (rest.get_authorizer, {"restApiId": api, "authorizerId": "nosuch"}, "Invalid Authorizer identifier specified"),
        (rest.get_api_key, {"apiKey": "nosuch"}, "Invalid API Key identifier specified"),
        (rest.get_usage_plan, {"usagePlanId": "nosuch"}, "Invalid Usage Plan ID specified"),
    ):
        assert refused("NotFoundException", call, 404, **params)["Message"] == message


def test_what_is_not_emulated_says_so(emulator: Emulator, rest: Any) -> None:
    refused("NotImplemented", rest.create_rest_api, 501, name="x")
    refused("NotImplemented", emulator.client("apigatewayv2").create_api, 501, Name="x", ProtocolType="HTTP")


def test_faults_strike_each_operation(emulator: Emulator, rest: Any) -> None:
    api = petstore(emulator)
    emulator.fault(service="apigateway", operation="UpdateMethod", kind="throttle")
    where = method(rest, api, "GET /pets")
    refused("TooManyRequestsException", rest.update_method, 429, **where, patchOperations=replace(authorizationType="AWS_IAM"))
    emulator.fault(service="apigateway", operation="GetResources", kind="truncatedList")
    found = rest.get_resources(restApiId=api)
    assert (len(found["items"]), found.get("position")) == (1, None)


def test_domain_names_lead_to_stages_of_apis(emulator: Emulator, rest: Any) -> None:
    api = petstore(
        emulator, domainNames=[{"domainName": "api.example.com", "stage": "prod"}, {"domainName": "api.example.com", "basePath": "v2", "stage": "prod"}]
    )
    assert [d["domainName"] for d in rest.get_domain_names()["items"]] == ["api.example.com"]
    found = rest.get_base_path_mappings(domainName="api.example.com")["items"]
    assert found == [{"basePath": "(none)", "restApiId": api, "stage": "prod"}, {"basePath": "v2", "restApiId": api, "stage": "prod"}]
    newer = emulator.client("apigatewayv2", REGION)
    assert [d["DomainName"] for d in newer.get_domain_names()["Items"]] == ["api.example.com"]
    assert [(m["ApiId"], m["ApiMappingKey"], m["Stage"]) for m in newer.get_api_mappings(DomainName="api.example.com")["Items"]] == [
        (api, "", "prod"),
        (api, "v2", "prod"),
    ]
    refused("NotFoundException", rest.get_base_path_mappings, 404, domainName="other.example.com")


def test_routing_rules_are_listed_in_their_order_whatever_the_domain_names_mode(emulator: Emulator, rest: Any) -> None:
    by_path = {"conditions": [{"matchBasePaths": {"anyOf": ["v1"]}}], "priority": 20}
    petstore(
        emulator,
        domainNames=[
            {"domainName": "a.example.com", "stage": "prod", "routingMode": "ROUTING_RULE_THEN_API_MAPPING", "routingRule": by_path},
            {"domainName": "a.example.com", "stage": "prod", "routingRule": {"priority": 10}},
            {"domainName": "b.example.com", "stage": "prod", "truststore": "s3://trust/store.pem"},
        ],
    )
    newer = emulator.client("apigatewayv2", REGION)
    assert [d["RoutingMode"] for d in newer.get_domain_names()["Items"]] == ["ROUTING_RULE_THEN_API_MAPPING", "API_MAPPING_ONLY"]
    assert [d["routingMode"] for d in rest.get_domain_names()["items"]] == ["ROUTING_RULE_THEN_BASE_PATH_MAPPING", "BASE_PATH_MAPPING_ONLY"]
    assert [d.get("mutualTlsAuthentication") for d in rest.get_domain_names()["items"]] == [None, {"truststoreUri": "s3://trust/store.pem"}]
    rules = newer.list_routing_rules(DomainName="a.example.com")["RoutingRules"]
    assert [rule["Priority"] for rule in rules] == [10, 20]
    assert rules[1]["Actions"] == [{"InvokeApi": {"ApiId": "petstore00", "Stage": "prod", "StripBasePath": False}}]
    assert rules[1]["Conditions"] == [{"MatchBasePaths": {"AnyOf": ["v1"]}}]
    assert newer.list_routing_rules(DomainName="b.example.com")["RoutingRules"] == []
    assert newer.get_api_mappings(DomainName="a.example.com")["Items"] == []


def test_a_policy_and_caller_credentials_exclude_each_other(emulator: Emulator, rest: Any) -> None:
    uri = f"arn:aws:apigateway:{REGION}:lambda:path/2015-03-31/functions/arn:aws:lambda:{REGION}:123456789012:function:pets/invocations"
    called = {"type": "AWS_PROXY", "httpMethod": "POST", "uri": uri, "credentials": "arn:aws:iam::*:user/*"}
    api = petstore(emulator, methods=[{"method": "GET /pets", "authorizationType": "AWS_IAM", "integration": called}, "GET /cats"])
    everybody = json.dumps({"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Principal": "*", "Action": "execute-api:Invoke", "Resource": "*"}]})
    patch = [{"op": "replace", "path": "/policy", "value": everybody}]
    error = refused("BadRequestException", rest.update_rest_api, 400, restApiId=api, patchOperations=patch)
    assert error["Message"] == "Caller provided credentials not allowed when resource policy is set"
    assert "policy" not in rest.get_rest_api(restApiId=api)
    open_api = petstore(emulator, id="petstore01", policy=everybody, methods=["GET /cats"])
    where = method(rest, open_api, "GET /cats")
    refused(
        "BadRequestException", rest.put_integration, 400, **where, type="AWS_PROXY", integrationHttpMethod="POST", uri=uri, credentials=called["credentials"]
    )
