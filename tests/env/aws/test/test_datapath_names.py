"""Custom domain names of API Gateway as a way to a stage, and callers of other accounts."""

from __future__ import annotations

from typing import Any

from conftest import Emulator
from viewers import REGION, ask, front, locked, plant, signed

OTHER = "444455556666"
NAME = "api.example.com"


def domain(**more: Any) -> dict[str, Any]:
    return {"domainName": NAME, "stage": "prod", **more}


def test_a_name_leads_to_the_stage_of_its_longest_base_path_which_is_taken_off(emulator: Emulator) -> None:
    names = [domain(), domain(basePath="v1/orders", stage="dev")]
    plant(emulator, methods=[locked("GET /pets"), "GET /open"], stages=["prod", "dev"], domainNames=names)
    assert ask(emulator, NAME, "/open").status == 200
    assert ask(emulator, NAME, "/pets").header("x-amzn-errortype") == "MissingAuthenticationTokenException"
    assert ask(emulator, NAME, "/v1/orders/open").status == 200
    assert ask(emulator, NAME, "/v1/ordersopen").status == 403


def test_a_name_without_a_root_answers_nobody_there(emulator: Emulator) -> None:
    plant(emulator, methods=["GET /open"], domainNames=[domain(basePath="v1")])
    assert ask(emulator, NAME, "/v1/open").status == 200
    seen = ask(emulator, NAME, "/open")
    assert (seen.status, seen.json) == (403, {"message": "Forbidden"})


def test_routing_rules_are_asked_in_their_order_where_the_name_has_them_asked(emulator: Emulator) -> None:
    beta = {"priority": 10, "conditions": [{"matchHeaders": {"anyOf": [{"header": "version", "valueGlob": "next*"}]}}]}
    names = [
        domain(routingMode="ROUTING_RULE_ONLY", routingRule={"priority": 20, "conditions": [{"matchBasePaths": {"anyOf": ["open"]}}]}),
        domain(routingMode="ROUTING_RULE_ONLY", stage="dev", routingRule=beta),
    ]
    host = plant(emulator, methods=["GET /open", "GET /else"], stages=["prod", "dev"], domainNames=names)
    emulator.control("PATCH", f"apigateway/{REGION}/{host.partition('.')[0]}", {"authorization": {"GET /open": "AWS_IAM"}, "deploy": "dev"})
    assert ask(emulator, NAME, "/open").status == 200
    assert ask(emulator, NAME, "/open", headers={"version": "next-1"}).status == 403
    assert ask(emulator, NAME, "/else").json == {"message": "Forbidden"}


def test_a_name_goes_past_a_default_endpoint_that_is_switched_off(emulator: Emulator) -> None:
    host = plant(emulator, methods=["GET /open"], disableExecuteApiEndpoint=True, domainNames=[domain()])
    assert ask(emulator, host, "/prod/open").status == 403
    assert ask(emulator, NAME, "/open").status == 200


def test_a_name_that_a_distribution_has_is_answered_by_that(emulator: Emulator) -> None:
    host = plant(emulator, methods=["GET /open"], domainNames=[domain()])
    assert ask(emulator, NAME, "/open").header("via") is None
    found = emulator.control("POST", "seed", {"certificates": [{"domain": NAME}]})["certificates"][0]["arn"]
    viewer = {"ACMCertificateArn": found, "SSLSupportMethod": "sni-only"}
    front(emulator, host, "/prod", ViewerCertificate=viewer, Aliases={"Quantity": 1, "Items": [NAME]})
    seen = ask(emulator, NAME, "/open")
    assert (seen.status, bool(seen.header("via"))) == (200, True)


def test_who_signs_with_another_account_needs_both_policies(emulator: Emulator) -> None:
    def policy(principal: Any) -> dict[str, Any]:
        return {
            "Version": "2012-10-17",
            "Statement": [{"Effect": "Allow", "Principal": principal, "Action": "execute-api:Invoke", "Resource": "execute-api:/*"}],
        }

    invoke = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "execute-api:Invoke", "Resource": "*"}]}
    nothing = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "sts:GetCallerIdentity", "Resource": "*"}]}
    users = [
        {"name": "may", "accessKeyId": "AKIAMAY", "secretAccessKey": "secret", "policyDocument": invoke},
        {"name": "may-not", "accessKeyId": "AKIAMAYNOT", "secretAccessKey": "secret", "policyDocument": nothing},
    ]
    emulator.control("POST", "seed", {"accounts": [{"id": OTHER, "users": users}]})
    for given, expected in (
        (None, {"AKIAMAY": 403, "AKIAMAYNOT": 403}),
        (policy({"AWS": f"arn:aws:iam::{OTHER}:root"}), {"AKIAMAY": 200, "AKIAMAYNOT": 403}),
        (policy("*"), {"AKIAMAY": 200, "AKIAMAYNOT": 403}),
        (policy({"AWS": "arn:aws:iam::999988887777:root"}), {"AKIAMAY": 403, "AKIAMAYNOT": 403}),
    ):
        host = plant(emulator, methods=[locked("GET /pets")], **({"policy": given} if given else {}))
        for key, status in expected.items():
            assert ask(emulator, host, "/prod/pets", headers=signed(key, "secret", host, "/prod/pets")).status == status, (given, key)
