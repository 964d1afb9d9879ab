"""The perimeter as viewers meet it: through CloudFront they pass, past it they do not."""

from __future__ import annotations

import concurrent.futures
import json
from typing import Any

from conftest import Emulator, until, update
from viewers import ACCEPT, HANDSHAKE, REGION, allow_invoke, ask, front, function, locked, plant, requests, signer_package

METHODS = ["GET /pets", "POST /pets", "GET /pets/{petId}"]


def perimeter(emulator: Emulator, host: str, origin_path: str = "", resource: str = "*/*/*", **more: Any) -> str:
    """The domain of a distribution whose function signs for this endpoint."""
    arn = function(emulator, signer_package(host))
    allow_invoke(emulator, "signer", f"arn:aws:execute-api:{REGION}:123456789012:{host.partition('.')[0]}/{resource.partition('/')[2]}")
    domain: str = front(emulator, host, origin_path, arn, **more)["DomainName"]
    return domain


def test_a_locked_rest_api_answers_through_the_perimeter_and_refuses_a_direct_call(emulator: Emulator) -> None:
    host = plant(emulator, methods=[locked(method) for method in METHODS])
    domain = perimeter(emulator, host, "/prod")
    seen = ask(emulator, domain, "/pets/1?fields=name&tag=")
    assert (seen.status, seen.header("x-cache")) == (200, "Miss from cloudfront")
    assert ask(emulator, domain, "/pets", "POST", {"Content-Type": "application/json"}, b'{"name": "Rex"}').status < 300
    direct = ask(emulator, host, "/prod/pets/1")
    assert (direct.status, direct.json) == (403, {"message": "Missing Authentication Token"})
    assert direct.header("x-amzn-errortype") == "MissingAuthenticationTokenException"
    assert [(r["by"], r["status"]) for r in requests(emulator)][0::2] == [("backend", 200), ("apigateway", 403)]


def test_a_locked_http_api_answers_through_the_perimeter_and_refuses_a_direct_call(emulator: Emulator) -> None:
    host = plant(emulator, "HTTP", [locked("GET /orders"), locked("$default")])
    domain = perimeter(emulator, host)
    assert ask(emulator, domain, "/orders").status == 200
    assert ask(emulator, domain, "/anything/else", "PUT", body=b"x" * 1000).status == 200
    direct = ask(emulator, host, "/orders")
    assert (direct.status, direct.json) == (403, {"message": "Forbidden"})


def test_a_locked_websocket_api_opens_through_the_perimeter_and_refuses_a_direct_handshake(emulator: Emulator) -> None:
    host = plant(emulator, "WEBSOCKET", [locked("$connect"), "$default"])
    domain = perimeter(emulator, host, "/prod", resource="x/prod/$connect")
    opened = ask(emulator, domain, "/", headers=HANDSHAKE)
    assert (opened.status, opened.header("sec-websocket-accept"), opened.header("upgrade")) == (101, ACCEPT, "websocket")
    assert ask(emulator, host, "/prod", headers=HANDSHAKE).status == 403
    assert ask(emulator, host, "/prod").status == 403


def test_an_open_method_answers_whatever_the_signature(emulator: Emulator) -> None:
    host = plant(emulator, methods=METHODS)
    domain = perimeter(emulator, host, "/prod")
    assert ask(emulator, domain, "/pets").status == 200
    assert ask(emulator, host, "/prod/pets").status == 200
    assert ask(emulator, host, "/prod/pets", headers={"Authorization": "AWS4-HMAC-SHA256 Credential=nobody"}).status == 200


def test_a_role_without_invoke_is_refused_by_api_gateway_with_the_roles_name(emulator: Emulator) -> None:
    host = plant(emulator, methods=[locked("GET /pets")])
    domain = front(emulator, host, "/prod", function(emulator, signer_package(host)))["DomainName"]
    seen = ask(emulator, domain, "/pets")
    assert (seen.status, seen.header("x-amzn-errortype")) == (403, "AccessDeniedException")
    assert seen.json == {
        "Message": "User: arn:aws:sts::123456789012:assumed-role/signer/us-east-1.signer is not authorized to perform: execute-api:Invoke on resource: "
        f"arn:aws:execute-api:{REGION}:********9012:a1b2c3d4e5/prod/GET/pets"
    }
    allow_invoke(emulator, "signer", f"arn:aws:execute-api:{REGION}:123456789012:a1b2c3d4e5/*/*/*")
    assert ask(emulator, domain, "/pets").status == 200


def test_a_signer_for_another_region_is_refused_by_its_scope(emulator: Emulator) -> None:
    host = plant(emulator, methods=[locked("GET /pets")])
    domain = front(emulator, host, "/prod", function(emulator, signer_package(host, "eu-west-1")))["DomainName"]
    seen = ask(emulator, domain, "/pets")
    assert (seen.status, seen.header("x-amzn-errortype")) == (403, "InvalidSignatureException")


def test_odd_paths_and_queries_arrive_as_they_were_sent_and_their_signature_holds(emulator: Emulator) -> None:
    host = plant(emulator, "HTTP", [locked("$default")])
    domain = perimeter(emulator, host)
    for path in (
        "//double//slash", "/a%2Fb/c%20d", "/~tilde/%E2%82%AC", "/a+b/(c)!*'", "/caf\xc3\xa9/\xc3\xa0\xc2\x85", "/dots/./../x", "/x?a=1+2&b=&c&a=%2B&=&d=a=b",
        "/x?" + "q=%FF%zz&&", "/100%", "/x?q=\xc3\xa0", "/a;b=c,d:e@f$&g", "/x?redirect=https://example.com/?y=1",
    ):  # fmt: skip
        assert ask(emulator, domain, path).status == 200, path
    assert [r["path"] for r in requests(emulator)][:3] == ["//double//slash", "/a%2Fb/c%20d", "/~tilde/%E2%82%AC"]


def test_a_body_up_to_a_megabyte_is_signed_and_a_larger_one_is_answered_by_the_function(emulator: Emulator) -> None:
    host = plant(emulator, methods=[locked("POST /pets")])
    domain = perimeter(emulator, host, "/prod")
    body = bytes(range(256)) * 4096
    assert ask(emulator, domain, "/pets", "POST", body=body).status < 300
    large = ask(emulator, domain, "/pets", "POST", body=body + b"x")
    assert (large.status, large.header("cache-control"), large.header("x-palisade-signer")) == (413, "no-store", "refused")
    assert requests(emulator)[-1]["by"] == "function"


def test_every_method_is_signed_options_and_head_too(emulator: Emulator) -> None:
    host = plant(emulator, methods=[locked("ANY /pets")])
    domain = perimeter(emulator, host, "/prod")
    for method in ("HEAD", "OPTIONS", "PUT", "PATCH", "DELETE"):
        assert ask(emulator, domain, "/pets", method).status < 300, method


def test_an_exclusive_resource_policy_admits_the_signers_role_and_no_other_principal(emulator: Emulator) -> None:
    host = plant(emulator, methods=[locked("GET /pets")])
    domain = perimeter(emulator, host, "/prod")
    deny = {
        "Sid": "Palisade",
        "Effect": "Deny",
        "Principal": "*",
        "Action": "execute-api:Invoke",
        "Resource": "execute-api:/*",
        "Condition": {"ArnNotEquals": {"aws:PrincipalArn": "arn:aws:iam::123456789012:role/palisade/signer"}},
    }
    emulator.control("PATCH", f"apigateway/{REGION}/a1b2c3d4e5", {"policy": {"Version": "2012-10-17", "Statement": [deny]}})
    allow_invoke(emulator, "signer", "*")
    assert ask(emulator, domain, "/pets").status == 200
    emulator.control("PATCH", f"apigateway/{REGION}/a1b2c3d4e5", {"deploy": "prod"})
    assert ask(emulator, domain, "/pets").status == 200
    deny["Condition"] = {"ArnNotEquals": {"aws:PrincipalArn": "arn:aws:iam::123456789012:role/palisade/another"}}
    emulator.control("PATCH", f"apigateway/{REGION}/a1b2c3d4e5", {"policy": {"Version": "2012-10-17", "Statement": deny}, "deploy": "prod"})
    seen = ask(emulator, domain, "/pets")
    assert seen.status == 403
    assert seen.json["Message"].endswith("a1b2c3d4e5/prod/GET/pets with an explicit deny")


def test_an_api_key_in_the_origins_headers_opens_and_the_viewers_own_key_does_not_matter(emulator: Emulator) -> None:
    host = plant(emulator, methods=[{"method": "GET /pets", "apiKeyRequired": True}])
    gateway = emulator.client("apigateway", REGION)
    key = gateway.create_api_key(name="k", value="v" * 40, enabled=True)["id"]
    plan = gateway.create_usage_plan(name="p", apiStages=[{"apiId": host.partition(".")[0], "stage": "prod"}])["id"]
    gateway.create_usage_plan_key(usagePlanId=plan, keyId=key, keyType="API_KEY")
    domain = front(emulator, host, "/prod", headers={"X-API-Key": "v" * 40})["DomainName"]
    assert ask(emulator, domain, "/pets").status == 200
    assert ask(emulator, domain, "/pets", headers={"x-api-key": "forged"}).status == 200
    assert ask(emulator, host, "/prod/pets").json == {"message": "Forbidden"}


def test_a_host_header_that_goes_on_is_refused_by_api_gateway_unless_a_signer_puts_it_right(emulator: Emulator, cloudfront: Any) -> None:
    own, quiet = "11111111-2222-4333-8444-555555555555", "22222222-2222-4333-8444-555555555555"
    emulator.set(ownPolicies=[{"id": own, "sendsHost": True}, {"id": quiet}])
    host = plant(emulator, methods=["GET /pets"])
    made = front(emulator, host, "/prod")

    def asked_with(**policies: str) -> int:
        update(cloudfront, made["Id"], lambda config: config["DefaultCacheBehavior"].update(policies))
        until(lambda: cloudfront.get_distribution(Id=made["Id"])["Distribution"]["Status"] == "Deployed")
        return ask(emulator, made["DomainName"], "/pets").status

    assert asked_with(OriginRequestPolicyId=quiet) == 200
    assert asked_with(OriginRequestPolicyId=own) == 403
    assert asked_with(OriginRequestPolicyId="216adef6-5c7f-47e4-b989-5492eafa07d3") == 403
    assert asked_with(OriginRequestPolicyId=quiet, CachePolicyId="83da9c7e-98b4-4e11-a168-04f0df8e2c65") == 403
    domain = perimeter(emulator, plant(emulator, "HTTP", methods=[locked("GET /pets")]))
    found = next(one for one in cloudfront.list_distributions()["DistributionList"]["Items"] if one["DomainName"] == domain)
    update(cloudfront, found["Id"], lambda config: config["DefaultCacheBehavior"].update(OriginRequestPolicyId=own))
    until(lambda: cloudfront.get_distribution(Id=found["Id"])["Distribution"]["Status"] == "Deployed")
    assert ask(emulator, domain, "/pets").status == 200


def test_two_proofs_at_once_open_an_api_that_wants_either(emulator: Emulator) -> None:
    """As during a change of mode."""
    host = plant(emulator, methods=[locked("GET /pets"), {"method": "POST /pets", "apiKeyRequired": True}])
    gateway = emulator.client("apigateway", REGION)
    key = gateway.create_api_key(name="k", value="v" * 40, enabled=True)["id"]
    plan = gateway.create_usage_plan(name="p", apiStages=[{"apiId": host.partition(".")[0], "stage": "prod"}])["id"]
    gateway.create_usage_plan_key(usagePlanId=plan, keyId=key, keyType="API_KEY")
    domain = perimeter(emulator, host, "/prod", headers={"X-API-Key": "v" * 40})
    assert ask(emulator, domain, "/pets").status == 200
    assert ask(emulator, domain, "/pets", "POST").status < 300


def test_many_viewers_at_once_all_pass(emulator: Emulator) -> None:
    host = plant(emulator, methods=[locked("GET /pets/{petId}")])
    domain = perimeter(emulator, host, "/prod")
    with concurrent.futures.ThreadPoolExecutor(16) as pool:
        statuses = set(pool.map(lambda n: ask(emulator, domain, f"/pets/{n}").status, range(200)))
    assert statuses == {200}


def test_the_journal_of_requests_holds_neither_queries_nor_credentials(emulator: Emulator) -> None:
    host = plant(emulator, methods=[locked("GET /pets")])
    ask(emulator, perimeter(emulator, host, "/prod"), "/pets?token=hush", headers={"Authorization": "Bearer hush"})
    assert "hush" not in json.dumps(requests(emulator))
