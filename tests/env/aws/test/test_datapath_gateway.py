"""API Gateway's endpoints: routes, authorization, keys and policies of the stage as deployed, in API Gateway's words."""

from __future__ import annotations

import time
from typing import Any
from unittest import mock

import pytest
from botocore import auth
from conftest import Emulator
from viewers import HANDSHAKE, HTTP, REGION, REST, WEBSOCKET, ask, endpoint, locked, plant, requests, signed, user

ALLOW = {"Effect": "Allow", "Action": "execute-api:Invoke", "Resource": "*"}
METHODS = ["GET /pets", "POST /pets", "GET /pets/{petId}", "ANY /files/{path+}", "GET /files/index"]


def answers(status: int = 200, body: Any = None) -> dict[str, Any]:
    return {"emulatorResponse": {"status": status, "body": body}}


def edit(emulator: Emulator, api: str, **change: Any) -> None:
    answer = emulator.control("PATCH", f"apigateway/{REGION}/{api}", change)
    assert "error" not in answer, answer


def test_rest_routes_are_found_by_resource_and_method(emulator: Emulator) -> None:
    host = plant(emulator, methods=METHODS)
    for method, path in (
        ("GET", "/pets"),
        ("POST", "/pets?x=1"),
        ("GET", "/pets/1"),
        ("GET", "/pets/a%2Fb"),
        ("DELETE", "/files/a/b"),
        ("GET", "/files/index"),
    ):
        assert ask(emulator, host, f"/prod{path}", method).status < 300, (method, path)
    # A resource that lacks the method is not helped by a greedy one.
    for method, path in (("PUT", "/pets"), ("GET", "/"), ("GET", "/pets/1/2"), ("GET", "/files"), ("PUT", "/files/index"), ("GET", "")):
        seen = ask(emulator, host, f"/prod{path}", method)
        assert (seen.status, seen.json) == (403, {"message": "Missing Authentication Token"}), (method, path)
        assert seen.header("x-amzn-errortype") == "MissingAuthenticationTokenException"


def test_http_routes_fall_back_to_the_default_route_and_stages_to_the_default_stage(emulator: Emulator) -> None:
    host = plant(emulator, "HTTP", [{"method": "GET /orders", "integration": answers(body="orders")}, {"method": "ANY /{proxy+}", "integration": answers(body="proxy")}],
                 stages=["$default", {"name": "beta", "autoDeploy": True}])  # fmt: skip
    assert ask(emulator, host, "/orders").body == b"orders"
    assert ask(emulator, host, "/beta/orders").body == b"orders"
    assert ask(emulator, host, "/orders", "POST").body == b"proxy"
    assert ask(emulator, host, "/orders/1").body == b"proxy"
    seen = ask(emulator, host, "/")
    assert (seen.status, seen.json) == (404, {"message": "Not Found"})
    edit(emulator, HTTP, methods=[{"method": "$default", "integration": answers(204, "")}])
    assert ask(emulator, host, "/").status == 204


def test_the_integration_answers_with_its_status_headers_and_body(emulator: Emulator) -> None:
    response = {"status": 404, "headers": {"x-pet": "none"}, "body": {"message": "no such pet"}}
    host = plant(emulator, methods=[{"method": "GET /pets", "integration": {"emulatorResponse": response}}])
    seen = ask(emulator, host, "/prod/pets")
    assert (seen.status, seen.json, seen.header("x-pet")) == (404, {"message": "no such pet"}, "none")
    assert "x-amzn-errortype" not in seen.headers
    assert requests(emulator)[-1]["by"] == "backend"


def test_unknown_stages_and_disabled_endpoints_are_refused(emulator: Emulator) -> None:
    host = plant(emulator, methods=METHODS)
    seen = ask(emulator, host, "/beta/pets")
    assert (seen.status, seen.json, seen.header("x-amzn-errortype")) == (403, {"message": "Forbidden"}, "ForbiddenException")
    plant(emulator, methods=METHODS, disableExecuteApiEndpoint=True)
    assert ask(emulator, host, "/prod/pets").json == {"message": "Forbidden"}
    disabled = ask(emulator, plant(emulator, "HTTP", disableExecuteApiEndpoint=True), "/")
    assert (disabled.status, disabled.json) == (404, {"message": "Not Found"})


def test_an_api_that_does_not_exist_says_so_beside_the_answer(emulator: Emulator) -> None:
    seen = ask(emulator, endpoint("zzzzzzzzzz"), "/prod")
    assert (seen.status, seen.header("x-emulated-hint")) == (404, f"there is no API zzzzzzzzzz in {REGION}")


def test_a_lock_counts_once_it_is_deployed(emulator: Emulator) -> None:
    host = plant(emulator, methods=METHODS)
    edit(emulator, REST, authorization={"GET /pets": "AWS_IAM"})
    assert ask(emulator, host, "/prod/pets").status == 200
    edit(emulator, REST, deploy="prod")
    assert ask(emulator, host, "/prod/pets").status == 403
    assert ask(emulator, host, "/prod/pets/1").status == 200
    host = plant(emulator, "HTTP", METHODS)
    edit(emulator, HTTP, authorization={"GET /pets": "AWS_IAM"})
    assert ask(emulator, host, "/pets").status == 403


def refused(emulator: Emulator, host: str, headers: dict[str, str], path: str = "/prod/pets", **more: Any) -> tuple[int, str | None, str]:
    seen = ask(emulator, host, path, headers=headers, **more)
    return seen.status, seen.header("x-amzn-errortype"), seen.json.get("message") or seen.json.get("Message")


def test_a_signed_call_of_a_user_who_may_invoke_passes(emulator: Emulator) -> None:
    host = plant(emulator, methods=[locked("GET /pets"), locked("POST /pets")])
    key, secret = user(emulator, {**ALLOW, "Resource": f"arn:aws:execute-api:{REGION}:123456789012:{REST}/prod/*/pets"})
    assert ask(emulator, host, "/prod/pets?b=2&a=1", headers=signed(key, secret, host, "/prod/pets?a=1&b=2")).status == 200
    assert ask(emulator, host, "/prod/pets", "POST", signed(key, secret, host, "/prod/pets", "POST", body=b"x"), b"x").status < 300


def test_signatures_are_refused_in_api_gateways_words(emulator: Emulator) -> None:
    host = plant(emulator, methods=[locked("GET /pets"), locked("POST /pets")])
    key, secret = user(emulator, ALLOW)
    assert refused(emulator, host, {}) == (403, "MissingAuthenticationTokenException", "Missing Authentication Token")
    for given in (signed(key, "wrong", host, "/prod/pets"), signed(key, secret, host, "/prod/other"), signed(key, secret, host, "/prod/pets", "POST")):
        status, code, message = refused(emulator, host, given)
        assert (status, code) == (403, "InvalidSignatureException")
        assert message.startswith("The request signature we calculated does not match the signature you provided.")
    unknown = "The security token included in the request is invalid."
    assert refused(emulator, host, signed("AKIANOBODY", secret, host, "/prod/pets")) == (403, "UnrecognizedClientException", unknown)
    assert refused(emulator, host, signed(key, secret, host, "/prod/pets", token="t")) == (403, "UnrecognizedClientException", unknown)
    status, code, message = refused(emulator, host, signed(key, secret, host, "/prod/pets", region="us-east-1"))
    assert (status, code, message) == (403, "InvalidSignatureException", "Credential should be scoped to a valid region, not 'us-east-1'.")
    assert refused(emulator, host, {"Authorization": "Bearer token"})[:2] == (403, "IncompleteSignatureException")
    assert refused(emulator, host, {"Authorization": "AWS4-HMAC-SHA256 Credential=x"})[2].startswith("Authorization header requires 'Signature' parameter.")


def test_a_body_other_than_the_signed_one_is_refused(emulator: Emulator) -> None:
    host = plant(emulator, methods=[locked("POST /pets")])
    key, secret = user(emulator, ALLOW)
    for more in ({}, {"x-amz-content-sha256": "UNSIGNED-PAYLOAD"}):
        headers = {**signed(key, secret, host, "/prod/pets", "POST", body=b"one"), **more}
        assert refused(emulator, host, headers, method="POST", body=b"two")[:2] == (403, "InvalidSignatureException")


@pytest.mark.parametrize(("seconds", "wording"), [(-301, "Signature expired: "), (301, "Signature not yet current: ")])
def test_a_clock_may_be_wrong_by_five_minutes(emulator: Emulator, seconds: int, wording: str) -> None:
    host = plant(emulator, methods=[locked("GET /pets")])
    key, secret = user(emulator, ALLOW)

    def at(offset: float) -> dict[str, str]:
        then = auth.get_current_datetime()
        moment = type(then).fromtimestamp(time.time() + offset, then.tzinfo)
        with mock.patch.object(auth, "get_current_datetime", lambda *_, **__: moment):
            return signed(key, secret, host, "/prod/pets")

    assert refused(emulator, host, at(seconds))[2].startswith(wording)
    assert ask(emulator, host, "/prod/pets", headers=at(seconds * 0.9)).status == 200


def test_a_principal_without_permission_is_named_and_the_account_masked(emulator: Emulator) -> None:
    host = plant(emulator, methods=[locked("GET /pets")])
    key, secret = user(emulator, {**ALLOW, "Resource": f"arn:aws:execute-api:{REGION}:123456789012:{REST}/beta/*/*"})
    message = (
        "User: arn:aws:iam::123456789012:user/viewer is not authorized to perform: execute-api:Invoke on resource: "
        f"arn:aws:execute-api:{REGION}:********9012:{REST}/prod/GET/pets"
    )
    assert refused(emulator, host, signed(key, secret, host, "/prod/pets")) == (403, "AccessDeniedException", message)
    user(emulator, ALLOW, {**ALLOW, "Effect": "Deny"})
    assert refused(emulator, host, signed(key, secret, host, "/prod/pets"))[2] == f"{message} with an explicit deny"


def test_an_http_api_says_forbidden_to_all_of_them(emulator: Emulator) -> None:
    host = plant(emulator, "HTTP", [locked("GET /orders")])
    key, secret = user(emulator)
    for headers in ({}, signed(key, "wrong", host, "/orders"), signed(key, secret, host, "/orders"), signed("AKIANOBODY", secret, host, "/orders")):
        assert refused(emulator, host, headers, "/orders") == (403, None, "Forbidden")
    user(emulator, {**ALLOW, "Resource": f"arn:aws:execute-api:{REGION}:123456789012:{HTTP}/$default/GET/orders"})
    assert ask(emulator, host, "/orders", headers=signed(key, secret, host, "/orders")).status == 200


def test_a_websocket_handshake_needs_permission_for_connect(emulator: Emulator) -> None:
    host = plant(emulator, "WEBSOCKET", [locked("$connect"), "$default"])
    key, secret = user(emulator, {**ALLOW, "Resource": f"arn:aws:execute-api:{REGION}:123456789012:{WEBSOCKET}/*/*/*"})
    headers = {**HANDSHAKE, **signed(key, secret, host, "/prod")}
    status, code, message = refused(emulator, host, headers, "/prod")
    assert (status, code) == (403, "AccessDeniedException")
    assert message.endswith(f"{WEBSOCKET}/prod/$connect")
    user(emulator, {**ALLOW, "Resource": f"arn:aws:execute-api:{REGION}:123456789012:{WEBSOCKET}/prod/$connect"})
    assert ask(emulator, host, "/prod", headers=headers).status == 101
    assert refused(emulator, host, dict(HANDSHAKE), "/prod")[2] == "Missing Authentication Token"
    assert refused(emulator, host, signed(key, secret, host, "/prod"), "/prod")[2] == "Forbidden"


def test_an_open_websocket_opens(emulator: Emulator) -> None:
    host = plant(emulator, "WEBSOCKET")
    assert ask(emulator, host, "/prod", headers=HANDSHAKE).status == 101
    assert ask(emulator, host, "/beta", headers=HANDSHAKE).status == 403


def test_a_resource_policy_admits_by_address_and_refuses_by_principal(emulator: Emulator) -> None:
    everybody = {**ALLOW, "Principal": "*", "Resource": "execute-api:/*"}
    office = {**everybody, "Condition": {"IpAddress": {"aws:SourceIp": ["192.0.2.0/24"]}}}
    outside = {**everybody, "Effect": "Deny", "Condition": {"NotIpAddress": {"aws:SourceIp": "192.0.2.0/24"}}}
    host = plant(emulator, methods=["GET /pets", locked("POST /pets")], policy={"Version": "2012-10-17", "Statement": [office]})
    here = {"x-emulated-viewer-address": "192.0.2.8"}
    assert ask(emulator, host, "/prod/pets", headers=here).status == 200
    assert refused(emulator, host, {})[2].startswith("User: anonymous is not authorized to perform: execute-api:Invoke on resource: arn:aws:execute-api:")
    edit(emulator, REST, policy={"Version": "2012-10-17", "Statement": [everybody, outside]}, deploy="prod")
    assert ask(emulator, host, "/prod/pets", headers=here).status == 200
    assert refused(emulator, host, {})[2].endswith("with an explicit deny")
    # Within one account the API's policy is permission enough; a Deny is always a Deny.
    key, secret = user(emulator)
    post = {**signed(key, secret, host, "/prod/pets", "POST"), **here}
    assert ask(emulator, host, "/prod/pets", "POST", post).status < 300
    only = {**everybody, "Effect": "Deny", "Condition": {"ArnNotEquals": {"aws:PrincipalArn": "arn:aws:iam::123456789012:user/another"}}}
    edit(emulator, REST, policy={"Version": "2012-10-17", "Statement": [everybody, only]}, deploy="prod")
    assert refused(emulator, host, post, method="POST")[2].endswith("with an explicit deny")


def test_a_method_with_a_key_wants_one_that_is_accepted(emulator: Emulator) -> None:
    host = plant(emulator, methods=[{"method": "GET /pets", "apiKeyRequired": True}])
    for headers in ({}, {"x-api-key": "wrong"}):
        assert refused(emulator, host, headers) == (403, "ForbiddenException", "Forbidden")


def test_a_token_of_an_issuer_that_nobody_knows_here_is_refused(emulator: Emulator) -> None:
    host = plant(emulator, methods=[locked("GET /pets", "COGNITO_USER_POOLS")])
    assert refused(emulator, host, {"Authorization": "token"}) == (401, "UnauthorizedException", "Unauthorized")
