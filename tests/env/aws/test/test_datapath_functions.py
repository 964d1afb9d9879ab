"""Lambda@Edge: what a function is given, and what CloudFront takes back from it."""

from __future__ import annotations

import base64
import json
from typing import Any

import pytest
from conftest import Emulator, update
from viewers import HTTP, allow_invoke, ask, endpoint, front, function, locked, package, plant, requests, signer_package

SHOW = """export const handler = async (event, context) => ({status: '200', headers: {'content-type': [{value: 'application/json'}]},
  body: JSON.stringify({event, context, environment: process.env})});"""
PASS = "export const handler = async event => { const {request} = event.Records[0].cf; CHANGE; return request; };"


def shown(emulator: Emulator, *request: Any, origin_path: str = "/prod", custom: dict[str, str] | None = None, **more: Any) -> dict[str, Any]:
    """What a function saw of a request."""
    domain = front(emulator, endpoint(HTTP), origin_path, function(emulator, SHOW), custom)["DomainName"]
    found: dict[str, Any] = {**ask(emulator, domain, *request, **more).json, "domain": domain}
    return found


def changed(emulator: Emulator, change: str, name: str = "signer", **more: Any) -> Any:
    """The answer to a viewer where the function changes the request so."""
    plant(emulator, "HTTP")
    code = PASS.replace("CHANGE", change)
    domain = front(emulator, endpoint(HTTP), "", function(emulator, code, name), **more)["DomainName"]
    return ask(emulator, domain, "/orders", headers={"Accept-Encoding": "gzip", "X-Viewer": "1"})


def test_the_event_is_the_documented_one(emulator: Emulator) -> None:
    seen = shown(emulator, "/a%2Fb?x=1&y", "POST", {"X-One": "1", "x-one": "2", "Cookie": "a=b"}, b"\xff\x00", custom={"X-Key": "k"})
    cf = seen["event"]["Records"][0]["cf"]
    assert cf["config"].pop("requestId") and cf["config"].pop("distributionId")
    assert cf["config"] == {"distributionDomainName": seen["domain"], "eventType": "origin-request"}
    request = cf["request"]
    assert (request["clientIp"], request["method"], request["uri"], request["querystring"]) == ("127.0.0.1", "POST", "/a%2Fb", "x=1&y")
    assert request["headers"]["x-one"] == [{"key": "X-One", "value": "1"}, {"key": "x-one", "value": "2"}]
    assert request["headers"]["host"] == [{"key": "Host", "value": endpoint(HTTP)}]
    assert request["headers"]["x-forwarded-for"] == [{"key": "X-Forwarded-For", "value": "127.0.0.1"}]
    assert request["headers"]["cookie"] == [{"key": "Cookie", "value": "a=b"}]
    assert request["body"] == {"action": "read-only", "data": base64.b64encode(b"\xff\x00").decode(), "encoding": "base64", "inputTruncated": False}
    assert request["origin"]["custom"] == {
        "customHeaders": {"x-key": [{"key": "X-Key", "value": "k"}]},
        "domainName": endpoint(HTTP),
        "keepaliveTimeout": 5,
        "path": "/prod",
        "port": 443,
        "protocol": "https",
        "readTimeout": 30,
        "sslProtocols": ["TLSv1", "SSLv3"],
    }


def test_a_body_over_a_megabyte_is_shown_truncated(emulator: Emulator) -> None:
    body = shown(emulator, "/", "POST", body=b"x" * (1024 * 1024 + 1))["event"]["Records"][0]["cf"]["request"]["body"]
    assert (body["inputTruncated"], len(base64.b64decode(body["data"]))) == (True, 1024 * 1024)


def test_without_the_body_included_there_is_none_in_the_event(emulator: Emulator, cloudfront: Any) -> None:
    made = front(emulator, endpoint(HTTP), "", function(emulator, SHOW))

    def without(config: dict[str, Any]) -> None:
        config["DefaultCacheBehavior"]["LambdaFunctionAssociations"]["Items"][0]["IncludeBody"] = False

    update(cloudfront, made["Id"], without)
    assert "body" not in ask(emulator, made["DomainName"], "/", "POST", body=b"x").json["event"]["Records"][0]["cf"]["request"]


def test_a_viewer_cannot_send_a_header_that_is_the_origins_or_the_edges(emulator: Emulator) -> None:
    headers = {
        "x-key": "forged",
        "Connection": "keep-alive",
        "X-Amz-Cf-Id": "forged",
        "X-Real-IP": "1.2.3.4",
        "Via": "1.0 forged",
        "x-emulated-viewer-address": "192.0.2.1",
    }
    seen = shown(emulator, "/", headers=headers, custom={"X-Key": "k"})["event"]["Records"][0]["cf"]["request"]
    assert seen["clientIp"] == "192.0.2.1"
    assert set(seen["headers"]) == {"host", "user-agent", "via", "x-forwarded-for"}
    assert "forged" not in str(seen)


def test_a_function_runs_elsewhere_than_the_api_with_its_roles_temporary_credentials(emulator: Emulator) -> None:
    seen = shown(emulator, "/")
    environment = seen["environment"]
    assert environment["AWS_REGION"] == "us-east-2"
    assert environment["AWS_ACCESS_KEY_ID"].startswith("ASIA")
    assert environment["AWS_SESSION_TOKEN"] and environment["AWS_SECRET_ACCESS_KEY"]
    assert (seen["context"]["functionName"], seen["context"]["functionVersion"]) == ("signer", "1")
    identity = emulator.client("sts", key=environment["AWS_ACCESS_KEY_ID"]).get_caller_identity()
    assert identity["Arn"] == "arn:aws:sts::123456789012:assumed-role/signer/us-east-1.signer"


def test_the_associated_version_runs_not_the_latest_code(emulator: Emulator, cloudfront: Any, functions: Any) -> None:
    plant(emulator, "HTTP")
    arn = function(emulator, "export const handler = async () => ({status: 201});")
    made = front(emulator, endpoint(HTTP), "", arn)
    functions.update_function_code(FunctionName="signer", ZipFile=signer_package(endpoint(HTTP)))
    assert ask(emulator, made["DomainName"]).status == 201
    newer = functions.publish_version(FunctionName="signer")["FunctionArn"]

    def associate(config: dict[str, Any]) -> None:
        config["DefaultCacheBehavior"]["LambdaFunctionAssociations"]["Items"][0]["LambdaFunctionARN"] = newer

    update(cloudfront, made["Id"], associate)
    assert ask(emulator, made["DomainName"]).status == 200


def test_a_request_may_be_changed_and_goes_to_the_origin_so(emulator: Emulator) -> None:
    assert changed(emulator, "request.uri = '/other'; request.querystring = 'a=1'; request.headers['x-more'] = [{key: 'X-More', value: 'é'}]").status == 200
    assert changed(emulator, "request.origin.custom.domainName = 'origin.example.com'", "elsewhere").status == 502


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ("request.headers['via'] = [{value: 'x'}]", "read-only header: via"),
        ("delete request.headers['accept-encoding']", "read-only header: accept-encoding"),
        ("request.headers['content-length'] = [{value: '1'}]", "read-only header: content-length"),
        ("request.headers['connection'] = [{value: 'close'}]", "disallowed header: connection"),
        ("request.headers['x-amz-cf-id'] = [{value: 'x'}]", "disallowed header: x-amz-cf-id"),
        ("request.headers['X-Case'] = [{value: 'x'}]", "The header X-Case is not valid"),
        ("request.headers['x-key'] = [{key: 'another', value: 'x'}]", "The header x-key is not valid"),
        ("request.headers['x-line'] = [{value: 'a\\nb'}]", "The header x-line is not valid"),
        ("request.headers['x-number'] = [{value: 1}]", "The header x-number is not valid"),
        ("request.origin.custom.customHeaders['x-viewer'] = [{key: 'x-viewer', value: '1'}]", "both in the request and in the origin's custom headers"),
        ("request.uri = 'orders'", "The URI in the request is not valid"),
        ("request.method = 'PUT'", "The function tried to change the HTTP method."),
        ("return 'text'", "The function returned neither a request nor a response."),
        ("return", "The function returned neither a request nor a response."),
        ("return {status: 'many'}", "The HTTP status code in the response is not valid."),
    ],
)
def test_what_cloudfront_does_not_take_from_a_function_is_a_502(emulator: Emulator, change: str, why: str) -> None:
    seen = changed(emulator, change)
    assert (seen.status, seen.header("x-cache")) == (502, "LambdaValidationError from cloudfront")
    assert why in seen.body.decode()


@pytest.mark.parametrize("code", ["export const handler = async () => { throw new Error('hush'); };", "export const other = 1;", "syntax error here"])
def test_a_function_that_throws_or_does_not_load_is_a_503_that_says_no_more(emulator: Emulator, code: str) -> None:
    seen = ask(emulator, front(emulator, endpoint(HTTP), "", function(emulator, code))["DomainName"])
    assert (seen.status, seen.header("x-cache")) == (503, "LambdaExecutionError from cloudfront")
    assert b"hush" not in seen.body
    assert requests(emulator)[-1]["by"] == "function"


def test_a_function_that_ends_its_process_is_started_anew(emulator: Emulator) -> None:
    code = (
        "let n = 0; export const handler = async ({Records: [{cf: {request}}]}) => request.uri === '/exit' ? process.exit(1) : {status: 200, body: `${++n}`};"
    )
    domain = front(emulator, endpoint(HTTP), "", function(emulator, code))["DomainName"]
    assert [ask(emulator, domain, path).status for path in ("/", "/exit", "/")] == [200, 503, 200]
    assert ask(emulator, domain).body == b"2"


def test_packages_that_differ_in_their_entry_alone_share_a_process_and_neither_state_nor_credentials(emulator: Emulator) -> None:
    common = "let n = 0; export const answer = entry => ({status: 200, body: JSON.stringify({entry, n: ++n, pid: process.pid, environment: process.env})});"

    def domain(name: str, files: dict[str, str]) -> str:
        entry = f"import {{answer}} from './common.mjs'; export const handler = async () => answer('{name}');"
        return str(front(emulator, endpoint(HTTP), "", function(emulator, package({"index.mjs": entry, **files}), name))["DomainName"])

    alike = [domain(name, {"common.mjs": common}) for name in ("one", "two")]
    other = domain("three", {"common.mjs": f"{common} // Another."})
    seen = [ask(emulator, host).json for host in (*alike, other, alike[0])]
    assert [(found["entry"], found["n"], found["environment"]["AWS_LAMBDA_FUNCTION_NAME"]) for found in seen] == [
        ("one", 1, "one"),
        ("two", 1, "two"),
        ("three", 1, "three"),
        ("one", 2, "one"),
    ]
    one, two, three, again = (found["pid"] for found in seen)
    assert one == two == again != three
    assert len({found["environment"]["AWS_ACCESS_KEY_ID"] for found in seen}) == 3


def test_a_function_that_takes_too_long_is_stopped(emulator: Emulator) -> None:
    domain = front(emulator, endpoint(HTTP), "", function(emulator, "export const handler = () => new Promise(() => {});", Timeout=1))["DomainName"]
    seen = ask(emulator, domain)
    assert (seen.status, seen.header("x-cache")) == (503, "LambdaLimitExceeded from cloudfront")


def test_what_a_function_prints_is_no_answer(emulator: Emulator) -> None:
    code = "export const handler = async () => { console.log('{}'); process.stdout.write('noise\\n'); return {status: 200, body: 'done'}; };"
    assert ask(emulator, front(emulator, endpoint(HTTP), "", function(emulator, code))["DomainName"]).body == b"done"


def test_a_function_whose_role_is_gone_cannot_run(emulator: Emulator, iam: Any) -> None:
    domain = front(emulator, endpoint(HTTP), "", function(emulator, SHOW))["DomainName"]
    iam.delete_role(RoleName="signer")
    assert ask(emulator, domain).status == 503


def test_credentials_of_a_role_that_was_made_anew_are_other_ones(emulator: Emulator, iam: Any) -> None:
    host = plant(emulator, "HTTP", [locked("$default")])
    domain = front(emulator, host, "", function(emulator, signer_package(host)))["DomainName"]
    allow_invoke(emulator, "signer", "arn:aws:execute-api:*:*:*/*/*/*")
    assert ask(emulator, domain).status == 200
    document = iam.get_role(RoleName="signer")["Role"]["AssumeRolePolicyDocument"]
    iam.delete_role_policy(RoleName="signer", PolicyName="invoke")
    iam.delete_role(RoleName="signer")

    iam.create_role(RoleName="signer", Path="/palisade/", AssumeRolePolicyDocument=json.dumps(document))
    assert ask(emulator, domain).status == 403
    allow_invoke(emulator, "signer", "arn:aws:execute-api:*:*:*/*/*/*")
    assert ask(emulator, domain).status == 200
