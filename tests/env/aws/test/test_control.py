"""The control API: settings, faults, quotas, journal, seeds."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import time
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import ClientError, ConnectionClosedError, HTTPClientError
from conftest import RUN, Emulator, distribution, function_spec, ip_set, named, refused, role, signer, until, web_acl, web_acl_spec

DEMO = Path(__file__).parent.parent / "seeds" / "demo.json"


def test_settings_are_read_changed_and_reset(emulator: Emulator) -> None:
    emulator.set(listLag=1.5, limits={"webAcls": 3})
    found = emulator.control("GET", "settings")
    assert (found["listLag"], found["limits"]["webAcls"], found["limits"]["ipSets"]) == (1.5, 3, 100)
    assert emulator.control("PATCH", "settings", {"listLagg": 1})["error"] == "UnknownSetting"
    assert emulator.control("PATCH", "settings", {"enforceIam": 1})["error"] == "BadSetting"
    emulator.control("POST", "reset", {})
    assert emulator.control("GET", "settings")["listLag"] == 0


def test_a_reset_leaves_nothing(emulator: Emulator, cloudfront: Any, waf: Any) -> None:
    distribution(cloudfront, function=signer(emulator), reference="again", WebACLId=web_acl(waf)["ARN"])
    ip_set(waf)
    emulator.fault(kind="throttle")
    assert len(emulator.control("GET", "resources")) == 5
    emulator.control("POST", "reset", {})
    assert emulator.control("GET", "resources") == emulator.control("GET", "faults") == emulator.journal() == []
    distribution(cloudfront, reference="again")


def test_resources_say_what_exists(emulator: Emulator, cloudfront: Any, waf: Any) -> None:
    arn = signer(emulator)
    made = web_acl(waf)
    waf.put_logging_configuration(LoggingConfiguration={"ResourceArn": made["ARN"], "LogDestinationConfigs": ["arn:aws:s3:::aws-waf-logs-x"]})
    emulator.set(deploymentDelay=30)
    distribution(cloudfront, tags={"a": "b"}, function=arn)
    found = {(r["service"], r["type"]): r for r in emulator.control("GET", "resources")}
    assert set(found) == {("cloudfront", "distribution"), ("wafv2", "webacl"), ("wafv2", "logging"), ("lambda", "function"), ("iam", "role")}
    shown = found["cloudfront", "distribution"]
    assert (shown["state"], shown["tags"], shown["functions"]) == ("InProgress", {"a": "b"}, [arn])


def test_what_was_made_for_a_namespace_is_forgotten_and_nothing_else(emulator: Emulator, cloudfront: Any, waf: Any, iam: Any) -> None:
    tag = {"palisade.dev/namespace": "shop"}
    arn, made = signer(emulator), web_acl(waf)
    waf.put_logging_configuration(LoggingConfiguration={"ResourceArn": made["ARN"], "LogDestinationConfigs": ["arn:aws:s3:::aws-waf-logs-x"]})
    waf.tag_resource(ResourceARN=made["ARN"], Tags=[{"Key": key, "Value": value} for key, value in tag.items()])
    distribution(cloudfront, tags=tag, function=arn, WebACLId=made["ARN"])
    role(iam, "palisade-shop-1")
    role(iam, "palisade-shopping-1")
    emulator.control(
        "POST", "seed", {"apis": [{"id": number, "region": "eu-north-1", "protocol": "HTTP", "stages": ["prod"]} for number in ("a0001", "a0002")]}
    )
    everything = {found["arn"] for found in emulator.control("GET", "resources")}
    gone = set(emulator.control("DELETE", "namespaces/shop?apis=0001"))
    kinds = {("cloudfront", "distribution"), ("wafv2", "webacl"), ("iam", "palisade-shop-1"), ("apigateway", "a0001")}
    assert {(found.split(":")[2], next(kind for _, kind in kinds if kind in found)) for found in gone} == kinds
    # The log's configuration goes with its web ACL.
    assert {found["arn"] for found in emulator.control("GET", "resources")} == everything - gone
    assert cloudfront.list_distributions()["DistributionList"]["Quantity"] == 0
    assert [found["RoleName"] for found in iam.get_account_authorization_details(Filter=["Role"])["RoleDetailList"] if "shop" in found["RoleName"]] == [
        "palisade-shopping-1"
    ]
    assert emulator.client("resourcegroupstaggingapi").get_resources(TagFilters=[{"Key": "palisade.dev/namespace"}])["ResourceTagMappingList"] == []


def test_the_journal_says_what_was_called_and_how_it_ended(emulator: Emulator, iam: Any, waf: Any) -> None:
    role(iam, "r")
    refused("NoSuchEntity", iam.get_role, RoleName="none")
    refused("WAFNonexistentItemException", waf.get_web_acl, Name="x", Scope="CLOUDFRONT", Id="00000000-0000-0000-0000-000000000000")
    entries = emulator.journal()
    assert [(e["service"], e["operation"], e["resource"], e["status"], e["code"]) for e in entries] == [
        ("iam", "CreateRole", "r", 200, None),
        ("iam", "GetRole", "none", 404, "NoSuchEntity"),
        ("wafv2", "GetWebACL", "x", 400, "WAFNonexistentItemException"),
    ]
    assert emulator.control("GET", f"journal?since={entries[1]['n']}") == entries[2:]
    emulator.control("DELETE", "journal")
    role(iam, "s")
    assert [e["n"] for e in emulator.journal()] == [entries[2]["n"] + 1]


@pytest.mark.parametrize(
    ("service", "operation", "params", "code", "status"),
    [
        ("cloudfront", "list_distributions", {}, "Throttling", 400),
        ("wafv2", "list_web_acls", {"Scope": "CLOUDFRONT"}, "ThrottlingException", 400),
        ("lambda", "list_functions", {}, "TooManyRequestsException", 429),
        ("iam", "list_roles", {}, "Throttling", 400),
        ("sts", "get_caller_identity", {}, "Throttling", 400),
        ("shield", "list_protections", {}, "ThrottlingException", 400),
        ("route53", "list_health_checks", {}, "Throttling", 400),
        ("cloudwatch", "describe_alarms", {}, "Throttling", 400),
        ("acm", "list_certificates", {}, "ThrottlingException", 400),
        ("sns", "list_topics", {}, "Throttling", 400),
        ("apigateway", "get_rest_apis", {}, "TooManyRequestsException", 429),
        ("resourcegroupstaggingapi", "get_resources", {}, "ThrottledException", 400),
    ],
)
def test_a_throttle_is_in_each_services_own_words(emulator: Emulator, service: str, operation: str, params: Any, code: str, status: int) -> None:
    emulator.fault(service=service, kind="throttle")
    call = getattr(emulator.client(service), operation)
    emulator.control("PATCH", "shield/123456789012", {"subscribed": True})
    refused(code, call, status, **params)
    call(**params)


def test_a_fault_strikes_after_some_calls_as_often_as_it_says(emulator: Emulator, iam: Any) -> None:
    rule = emulator.fault(service="iam", operation="GetRole", match="two", skip=1, count=2, kind="error", code="ServiceFailure", status=503, message="m")
    role(iam, "one")
    role(iam, "two")
    iam.get_role(RoleName="two")
    for _ in range(2):
        iam.get_role(RoleName="one")
        assert refused("ServiceFailure", iam.get_role, 503, RoleName="two")["Message"] == "m"
    iam.get_role(RoleName="two")
    assert [(f["id"], f["hits"], f["count"]) for f in emulator.control("GET", "faults")] == [(rule, 2, 0)]
    emulator.fault(kind="error", count=-1)
    for _ in range(3):
        refused("InternalFailure", iam.get_role, 500, RoleName="two")
    emulator.control("DELETE", "faults")
    iam.get_role(RoleName="two")
    assert emulator.control("POST", "faults", {"kind": "magic"})["error"] == "BadFault"
    assert emulator.control("POST", "faults", {"kind": "error", "often": 3})["error"] == "BadFault"


def test_a_fault_may_strike_one_caller_only(emulator: Emulator, iam: Any) -> None:
    emulator.fault(kind="error", key="expired", count=-1, code="ExpiredToken", status=403)
    iam.list_roles()
    refused("ExpiredToken", emulator.client("iam", key="expired").list_roles, 403)


def test_a_lost_answer_is_of_a_call_that_was_performed(emulator: Emulator, iam: Any) -> None:
    emulator.fault(operation="CreateRole", kind="lostAnswer")
    with pytest.raises((ConnectionClosedError, HTTPClientError)):
        role(iam)
    refused("EntityAlreadyExists", iam.create_role, RoleName="signer", AssumeRolePolicyDocument='{"Version": "2012-10-17", "Statement": []}')
    first = emulator.journal()[0]
    assert (first["status"], first["fault"]) == (200, "lostAnswer")


def test_a_lost_request_was_never_performed(emulator: Emulator, iam: Any) -> None:
    emulator.fault(operation="CreateRole", kind="lostRequest")
    with pytest.raises((ConnectionClosedError, HTTPClientError)):
        role(iam)
    assert emulator.control("GET", "resources") == []
    role(iam)


def test_a_truncated_list_lacks_items_and_does_not_say_so(emulator: Emulator, cloudfront: Any, waf: Any, iam: Any) -> None:
    for n in range(4):
        distribution(cloudfront)
        web_acl(waf, f"a{n}")
        role(iam, f"r{n}")
    emulator.fault(kind="truncatedList", count=3)
    got = cloudfront.list_distributions()["DistributionList"]
    assert (got["Quantity"], got["IsTruncated"]) == (2, False)
    assert len(waf.list_web_acls(Scope="CLOUDFRONT")["WebACLs"]) == 2
    assert len(iam.get_account_authorization_details(Filter=["Role"])["RoleDetailList"]) == 2
    assert cloudfront.list_distributions()["DistributionList"]["Quantity"] == 4


def test_delay_and_latency_hold_only_their_own_call_up(emulator: Emulator) -> None:
    emulator.fault(service="lambda", kind="delay", seconds=0.4)
    begun = time.monotonic()
    slow = subprocess.Popen(["curl", "-s", "-H", _signed("lambda"), f"{emulator.endpoint}/2015-03-31/functions"], stdout=subprocess.DEVNULL)
    until(lambda: emulator.control("GET", "faults")[0]["hits"] == 1)
    emulator.client("cloudfront").list_distributions()
    assert slow.poll() is None
    slow.wait(30)
    assert time.monotonic() - begun >= 0.4
    emulator.set(latency=0.2)
    begun = time.monotonic()
    emulator.client("lambda").list_functions()
    assert time.monotonic() - begun >= 0.2


def _signed(service: str) -> str:
    return f"Authorization: AWS4-HMAC-SHA256 Credential=test/20260101/us-east-1/{service}/aws4_request, SignedHeaders=host, Signature=0"


def test_quotas_of_waf_are_one_write_and_five_reads_a_second(emulator: Emulator, waf: Any) -> None:
    emulator.set(enforceQuotas=True)
    made = web_acl(waf)
    # Each class of writes has its own second.
    refused("ThrottlingException", waf.create_ip_set, 400, Name="x", Scope="CLOUDFRONT", IPAddressVersion="IPV4", Addresses=[])
    token = waf.update_web_acl(**named(made), LockToken=made["LockToken"], **_update())["NextLockToken"]
    waf.delete_web_acl(**named(made), LockToken=token)
    outcomes = [_throttled(lambda: waf.list_web_acls(Scope="CLOUDFRONT")) for _ in range(8)]
    assert outcomes.count(False) in (5, 6)
    until(lambda: not _throttled(lambda: web_acl(waf, "later")))


def _update() -> dict[str, Any]:
    return {k: v for k, v in web_acl_spec().items() if k not in ("Name", "Scope")}


def _throttled(call: Any) -> bool:
    try:
        call()
    except ClientError as error:
        assert error.response["Error"]["Code"] in ("ThrottlingException", "TooManyRequestsException", "Throttling")
        return True
    return False


def test_lambda_has_fifteen_calls_a_second_and_more_for_get_function(emulator: Emulator, iam: Any, functions: Any) -> None:
    functions.create_function(**function_spec(role(iam)))
    emulator.set(enforceQuotas=True)
    outcomes = [_throttled(functions.list_functions) for _ in range(30)]
    assert 15 <= outcomes.count(False) < 25
    assert not any(_throttled(lambda: functions.get_function(FunctionName="signer")) for _ in range(20))


def test_cloudfronts_writes_a_minute_are_a_setting_and_reads_are_free(emulator: Emulator, cloudfront: Any) -> None:
    emulator.set(enforceQuotas=True, cloudfrontWritesPerMinute=3)
    distribution(cloudfront)
    assert _throttled(lambda: distribution(cloudfront))
    assert not any(_throttled(cloudfront.list_distributions) for _ in range(20))


def test_seeded_apis_have_the_ids_that_were_given(emulator: Emulator) -> None:
    emulator.control("POST", "seed", json.loads(DEMO.read_text()))
    rest = emulator.client("apigateway", "eu-north-1")
    api = rest.get_rest_api(restApiId="a1b2c3d4e5")
    assert (api["name"], api["endpointConfiguration"]["types"], api["disableExecuteApiEndpoint"]) == ("petstore", ["REGIONAL"], False)
    assert rest.get_stage(restApiId="a1b2c3d4e5", stageName="prod")["stageName"] == "prod"
    methods = {r["path"]: set(r.get("resourceMethods", {})) for r in rest.get_resources(restApiId="a1b2c3d4e5", embed=["methods"])["items"]}
    assert methods == {"/": set(), "/pets": {"GET", "POST"}, "/pets/{petId}": {"GET"}}
    http = emulator.client("apigatewayv2", "eu-central-1")
    assert (http.get_api(ApiId="b2c3d4e5f6")["ProtocolType"], http.get_stage(ApiId="b2c3d4e5f6", StageName="$default")["AutoDeploy"]) == ("HTTP", True)
    socket_api = emulator.client("apigatewayv2").get_api(ApiId="c3d4e5f6a7")
    assert (socket_api["ProtocolType"], socket_api["ApiEndpoint"]) == ("WEBSOCKET", "wss://c3d4e5f6a7.execute-api.us-east-1.amazonaws.com")


def test_a_missing_api_or_stage_or_another_region_is_not_found(emulator: Emulator) -> None:
    emulator.control("POST", "seed", json.loads(DEMO.read_text()))
    rest, http = emulator.client("apigateway", "eu-north-1"), emulator.client("apigatewayv2", "eu-central-1")
    refused("NotFoundException", rest.get_rest_api, 404, restApiId="none")
    refused("NotFoundException", rest.get_stage, 404, restApiId="a1b2c3d4e5", stageName="none")
    refused("NotFoundException", emulator.client("apigateway").get_rest_api, 404, restApiId="a1b2c3d4e5")
    refused("NotFoundException", http.get_api, 404, ApiId="none")
    refused("NotFoundException", http.get_stage, 404, ApiId="b2c3d4e5f6", StageName="none")


def test_an_edge_optimised_and_a_disabled_endpoint_say_so(emulator: Emulator) -> None:
    apis = [
        {"id": "edge000000", "region": "us-east-1", "protocol": "REST", "endpointType": "EDGE", "stages": ["prod"]},
        {"id": "disabled00", "region": "us-east-1", "protocol": "HTTP", "disableExecuteApiEndpoint": True, "stages": ["$default"]},
    ]
    emulator.control("POST", "seed", {"apis": apis})
    assert emulator.client("apigateway").get_rest_api(restApiId="edge000000")["endpointConfiguration"]["types"] == ["EDGE"]
    assert emulator.client("apigatewayv2").get_api(ApiId="disabled00")["DisableExecuteApiEndpoint"] is True


def test_an_operation_that_is_not_emulated_says_so(emulator: Emulator) -> None:
    refused("NotImplemented", emulator.client("wafv2").list_rule_groups, 501, Scope="CLOUDFRONT")
    refused("NotImplemented", emulator.client("cloudfront").list_functions, 501)


def test_a_body_that_is_no_json_is_refused_in_the_services_own_protocol(emulator: Emulator) -> None:
    for service, path, target, code in (
        ("wafv2", "/", "AWSWAF_20190729.GetWebACL", b'"__type":"SerializationException"'),
        ("lambda", "/2015-03-31/functions", "", b"Could not parse request body into json."),
    ):
        headers = ["-H", _signed(service)] + (["-H", f"X-Amz-Target: {target}"] if target else [])
        answer = subprocess.run(["curl", "-s", *headers, "-d", "{", emulator.endpoint + path], capture_output=True, check=True).stdout
        assert code in answer


def test_an_unsigned_request_is_refused(emulator: Emulator) -> None:
    with socket.create_connection(("127.0.0.1", int(emulator.endpoint.rpartition(":")[2]))) as connection:
        connection.sendall(b"GET /2020-05-31/distribution HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
        assert connection.recv(100).startswith(b"HTTP/1.1 403 ")


def test_it_prints_one_line_takes_settings_and_a_seed_and_ends_with_stdin() -> None:
    environment = {**os.environ, "AWS_PROFILE": "must-not-be-read"}
    arguments = [RUN, "--port", "0", "--exit-with-stdin", "--settings", '{"listLag": 3, "limits": {"ipSets": 1}}', "--seed", str(DEMO)]
    started = subprocess.Popen(arguments, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=environment)
    assert started.stdout and started.stdin and started.stderr
    emulator = Emulator(json.loads(started.stdout.readline())["endpoint"])
    assert len(emulator.control("GET", "resources")) == 4
    emulator.control("POST", "reset", {})
    assert len(emulator.control("GET", "resources")) == 4
    assert (emulator.control("GET", "settings")["listLag"], emulator.control("GET", "settings")["limits"]["ipSets"]) == (3, 1)
    started.stdin.close()
    assert started.wait(30) == 0
    assert (started.stdout.read(), started.stderr.read()) == (b"", b"")
