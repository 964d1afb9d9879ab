"""A running emulator, boto3 clients for it, and the building blocks of a perimeter."""

from __future__ import annotations

import io
import itertools
import json
import subprocess
import time
import urllib.error
import urllib.request
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import boto3
import pytest
from botocore.config import Config
from botocore.exceptions import ClientError

RUN = Path(__file__).parent.parent / "run"
# Everything at once, unless a test is about the wait.
QUICK = {"deploymentDelay": 0, "functionPending": 0, "rolePropagation": 0, "replicaRetention": 0, "wafPropagation": 0, "domainNameDelay": 0}
TRUST = {
    "Version": "2012-10-17",
    "Statement": [
        {"Effect": "Allow", "Principal": {"Service": ["lambda.amazonaws.com", "edgelambda.amazonaws.com"]}, "Action": "sts:AssumeRole"},
    ],
}
_numbers = itertools.count()


class Emulator:
    def __init__(self, endpoint: str, tls: int = 0, ca_file: str = "") -> None:
        # At that port the data path speaks TLS, with certificates of the CA in the file.
        self.endpoint, self.tls, self.ca_file = endpoint, tls, ca_file
        self.clients: dict[tuple[str, str, str, int], Any] = {}

    def control(self, method: str, path: str, body: Any = None) -> Any:
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(f"{self.endpoint}/_emulator/{path}", data, method=method)
        try:
            with urllib.request.urlopen(request) as answer:
                return json.loads(answer.read())
        except urllib.error.HTTPError as error:
            return json.loads(error.read())

    def set(self, **settings: Any) -> None:
        answer = self.control("PATCH", "settings", settings)
        assert "error" not in answer, answer

    def fault(self, **rule: Any) -> str:
        return str(self.control("POST", "faults", rule)["id"])

    def journal(self) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = self.control("GET", "journal")
        return found

    def client(self, service: str, region: str = "us-east-1", key: str = "test", attempts: int = 1) -> Any:
        """Made once: botocore reads the service's model and its rules of endpoints for each client anew."""
        wanted = (service, region, key, attempts)
        if wanted not in self.clients:
            self.clients[wanted] = self.another_client(*wanted)
        return self.clients[wanted]

    def another_client(self, service: str, region: str = "us-east-1", key: str = "test", attempts: int = 1) -> Any:
        """For a test that changes it."""
        client = boto3.client(
            service,
            region_name=region,
            endpoint_url=self.endpoint,
            aws_access_key_id=key,
            aws_secret_access_key="secret",
            config=Config(retries={"total_max_attempts": attempts}, read_timeout=10, parameter_validation=False),
        )
        client.meta.events.register("after-call", complete)
        return client


def complete(http_response: Any, parsed: Any, model: Any, **_: Any) -> None:
    """Every answer must have all members that the service's model requires: strict SDKs fail without them."""
    if http_response.status_code < 300 and model.output_shape:
        lacking = list(_lacking(model.output_shape, parsed, model.name))
        assert not lacking, lacking


def _lacking(shape: Any, value: Any, where: str) -> Iterator[str]:
    if shape.type_name == "structure" and isinstance(value, dict):
        yield from (f"{where}.{name}" for name in shape.required_members if name not in value)
        for name, member in shape.members.items():
            yield from _lacking(member, value.get(name), f"{where}.{name}")
    elif shape.type_name == "list":
        for item in value or []:
            yield from _lacking(shape.member, item, f"{where}[]")


@pytest.fixture(scope="session")
def process() -> Iterator[Emulator]:
    started = subprocess.Popen([RUN, "--exit-with-stdin"], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    assert started.stdout and started.stdin
    ready = json.loads(started.stdout.readline())
    assert ready["ready"] is True
    yield Emulator(ready["endpoint"], ready["tls"], ready["caFile"])
    started.stdin.close()
    assert started.wait(30) == 0


@pytest.fixture
def emulator(process: Emulator) -> Emulator:
    process.control("POST", "reset", {})
    process.set(**QUICK)
    return process


@pytest.fixture
def cloudfront(emulator: Emulator) -> Any:
    return emulator.client("cloudfront")


@pytest.fixture
def waf(emulator: Emulator) -> Any:
    return emulator.client("wafv2")


@pytest.fixture
def functions(emulator: Emulator) -> Any:
    return emulator.client("lambda")


@pytest.fixture
def iam(emulator: Emulator) -> Any:
    return emulator.client("iam")


def refused(code: str, call: Callable[..., Any], /, status: int | None = None, **params: Any) -> dict[str, Any]:
    """The error of a call that must be refused with this code."""
    with pytest.raises(ClientError) as caught:
        call(**params)
    answer = caught.value.response
    assert answer["Error"]["Code"] == code, answer["Error"]
    if status:
        assert answer["ResponseMetadata"]["HTTPStatusCode"] == status
    return {**answer["Error"], **{k: v for k, v in answer.items() if k in ("Field", "Parameter", "Reason")}}


def until(condition: Callable[[], Any], seconds: float = 30) -> Any:
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        found = condition()
        if found:
            return found
        time.sleep(0.02)
    raise AssertionError("the condition never came true")


def unique(prefix: str = "x") -> str:
    return f"{prefix}-{next(_numbers)}"


def archive(text: str = "exports.handler = async () => ({})") -> bytes:
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w") as packed:
        packed.writestr(zipfile.ZipInfo("index.js"), text)
    return data.getvalue()


def role(iam: Any, name: str = "signer", trust: dict[str, Any] = TRUST, **more: Any) -> str:
    made = iam.create_role(RoleName=name, Path="/palisade/", AssumeRolePolicyDocument=json.dumps(trust), **more)
    return str(made["Role"]["Arn"])


def function_spec(role_arn: str, name: str = "signer", **more: Any) -> dict[str, Any]:
    spec = {"FunctionName": name, "Role": role_arn, "Runtime": "nodejs24.x", "Handler": "index.handler", "Code": {"ZipFile": archive()}, "Timeout": 5}
    return {**spec, **more}


def signer(emulator: Emulator, name: str = "signer") -> str:
    """An active function version with its role; its ARN."""
    made = emulator.client("lambda").create_function(**function_spec(role(emulator.client("iam"), name), name, Publish=True))
    return f"{made['FunctionArn']}"


def web_acl_spec(name: str = "acl", rules: list[Any] | None = None, **more: Any) -> dict[str, Any]:
    return {
        "Name": name,
        "Scope": "CLOUDFRONT",
        "DefaultAction": {"Allow": {}},
        "Rules": rules or [],
        "VisibilityConfig": visibility(name),
        **more,
    }


def visibility(name: str) -> dict[str, Any]:
    return {"SampledRequestsEnabled": True, "CloudWatchMetricsEnabled": True, "MetricName": name}


def rule(name: str, priority: int, statement: dict[str, Any], **more: Any) -> dict[str, Any]:
    group = "ManagedRuleGroupStatement" in statement
    action = {"OverrideAction": {"None": {}}} if group else {"Action": {"Block": {}}}
    return {"Name": name, "Priority": priority, "Statement": statement, **action, "VisibilityConfig": visibility(name), **more}


def rate(limit: int = 2000, **more: Any) -> dict[str, Any]:
    return {"RateBasedStatement": {"Limit": limit, "AggregateKeyType": "IP", **more}}


def by(*keys: dict[str, Any], **more: Any) -> dict[str, Any]:
    return rate(**{"AggregateKeyType": "CUSTOM_KEYS", "CustomKeys": list(keys), **more})


def managed(name: str, **more: Any) -> dict[str, Any]:
    return {"ManagedRuleGroupStatement": {"VendorName": "AWS", "Name": name, **more}}


def web_acl(waf: Any, name: str = "acl", rules: list[Any] | None = None, **more: Any) -> dict[str, Any]:
    found: dict[str, Any] = waf.create_web_acl(**web_acl_spec(name, rules, **more))["Summary"]
    return found


def ip_set(waf: Any, name: str = "office", addresses: tuple[str, ...] = ("192.0.2.0/24",), **more: Any) -> dict[str, Any]:
    spec = {"Name": name, "Scope": "CLOUDFRONT", "IPAddressVersion": "IPV4", "Addresses": list(addresses), **more}
    found: dict[str, Any] = waf.create_ip_set(**spec)["Summary"]
    return found


def named(summary: dict[str, Any]) -> dict[str, Any]:
    return {"Name": summary["Name"], "Scope": "CLOUDFRONT", "Id": summary["Id"]}


def distribution_config(reference: str | None = None, function: str | None = None, **more: Any) -> dict[str, Any]:
    behaviour: dict[str, Any] = {
        "TargetOriginId": "api",
        "ViewerProtocolPolicy": "redirect-to-https",
        "CachePolicyId": "4135ea2d-6df8-44a3-9df3-4b5a84be39ad",
        "OriginRequestPolicyId": "b689b0a8-53d0-40ab-baf2-68738e2966ac",
    }
    if function:
        items = [{"LambdaFunctionARN": function, "EventType": "origin-request", "IncludeBody": True}]
        behaviour["LambdaFunctionAssociations"] = {"Quantity": 1, "Items": items}
    origin = {
        "Id": "api",
        "DomainName": "a1b2c3d4e5.execute-api.eu-north-1.amazonaws.com",
        "CustomOriginConfig": {"HTTPPort": 80, "HTTPSPort": 443, "OriginProtocolPolicy": "https-only"},
    }
    return {
        "CallerReference": reference or unique("reference"),
        "Origins": {"Quantity": 1, "Items": [origin]},
        "DefaultCacheBehavior": behaviour,
        "Comment": "a perimeter",
        "Enabled": True,
        **more,
    }


def distribution(cloudfront: Any, tags: dict[str, str] | None = None, **more: Any) -> dict[str, Any]:
    items = [{"Key": k, "Value": v} for k, v in (tags or {}).items()]
    made: dict[str, Any] = cloudfront.create_distribution_with_tags(
        DistributionConfigWithTags={"DistributionConfig": distribution_config(**more), "Tags": {"Items": items}}
    )
    return {**made["Distribution"], "ETag": made["ETag"]}


def update(cloudfront: Any, distribution_id: str, change: Callable[[dict[str, Any]], Any]) -> dict[str, Any]:
    read = cloudfront.get_distribution_config(Id=distribution_id)
    change(read["DistributionConfig"])
    found: dict[str, Any] = cloudfront.update_distribution(Id=distribution_id, IfMatch=read["ETag"], DistributionConfig=read["DistributionConfig"])
    return found
