"""The emulator's answers beside those that AWS really gave: what is null, empty or not there is so here as well.

The recordings stand beside the repository and are no part of it; the facts that matter have tests of their own here.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import apis
import pytest
from conftest import Emulator, archive, function_spec, managed, named, rate, role, rule, update, web_acl
from shields import OTHER, account, assumable, change, protected, zone

FOLDER = Path(os.environ.get("PALISADE_RECORDED") or Path(__file__).parents[4] / "../shared/recorded")
# Maps whose keys are the user's or AWS's names of things: all values are of one shape.
MAPS = {
    *("resourceMethods", "methodResponses", "integrationResponses", "methodSettings", "variables", "tags", "Tags", "responseTemplates"),
    *("requestTemplates", "responseModels", "requestModels", "requestParameters", "responseParameters", "RouteSettings", "StageVariables"),
    *("paths", "operations", "responses", "headers", "content", "schemas", "securitySchemes", "Variables", "stageVariableOverrides"),
}
# Answers that AWS never gave: what the service's model requires is not there.
MADE_BY_HAND = {
    "test_distribution_wafv2_filter_scope/cloudfront.ListDistributions_1",
    *("test_distribution_wafv2/wafv2.GetWebACL_2", "test_distribution_wafv2/wafv2.GetWebACL_3"),
}
# With fewer instances, that a member is always there proves little.
ENOUGH = 4

Shapes = dict[str, dict[str, int]]


@pytest.fixture
def recorded(capsys: pytest.CaptureFixture[str]) -> Path:
    if not FOLDER.is_dir():
        with capsys.disabled():
            print(f"\nSKIPPED: no recordings at {FOLDER} (PALISADE_RECORDED names another folder)")
        pytest.skip("no recordings")
    return FOLDER


@dataclass(frozen=True)
class Kind:
    """What AWS tells of one kind of thing: which operations tell it, and where in their answers."""

    # The service's operations, with the place in the answer; `[]` goes through lists, `{}` through maps.
    told_by: dict[str, str]
    # Where localstack's recordings of it are, which do not name the operation, and the members by which it is known there.
    file: str = ""
    members: tuple[str, ...] = ()
    # And one that it never has.
    lacks: str = ""
    # Whether what no recording has must not be there: else AWS may give it since.
    is_whole: bool = False


KINDS = {
    "a web ACL": Kind({"wafv2.GetWebACL": ""}),
    "web ACLs": Kind({"wafv2.ListWebACLs": ""}),
    "tags of WAF": Kind({"wafv2.ListTagsForResource": ""}),
    "logging": Kind({"wafv2.PutLoggingConfiguration": "LoggingConfiguration", "wafv2.ListLoggingConfigurations": "LoggingConfigurations[]"}),
    "a distribution's settings": Kind(
        {"cloudfront.GetDistributionConfig": "DistributionConfig", "cloudfront.UpdateDistribution": "Distribution.DistributionConfig"}
    ),
    "distributions": Kind({"cloudfront.ListDistributions": ""}),
    "tags of CloudFront": Kind({"cloudfront.ListTagsForResource": ""}),
    "Shield's subscription": Kind({"shield.DescribeSubscription": ""}),
    "protections": Kind({"shield.ListProtections": ""}),
    "tags of Shield": Kind({"shield.ListTagsForResource": ""}),
    "a REST API": Kind({"apigateway.GetRestApi": "", "apigateway.GetRestApis": "items[]"}, "test_apigateway_*", ("apiKeySource", "id", "name")),
    "a REST API's stage": Kind(
        {"apigateway.GetStage": "", "apigateway.UpdateStage": "", "apigateway.GetStages": "item[]"},
        "test_apigateway_*",
        ("stageName", "deploymentId", "cacheClusterStatus"),
    ),
    "a method": Kind(
        {"apigateway.GetMethod": "", "apigateway.UpdateMethod": "", "apigateway.GetResources": "items[].resourceMethods{}"},
        "test_apigateway_*",
        ("httpMethod", "authorizationType"),
    ),
    "an integration": Kind(
        {"apigateway.GetIntegration": "", "apigateway.GetMethod": "methodIntegration"},
        "test_apigateway_*",
        ("type", "passthroughBehavior", "cacheNamespace"),
    ),
    "an API key": Kind(
        {"apigateway.CreateApiKey": "", "apigateway.GetApiKey": "", "apigateway.GetApiKeys": "items[]"},
        "test_apigateway_*",
        ("stageKeys", "enabled"),
    ),
    "a usage plan": Kind(
        {"apigateway.CreateUsagePlan": "", "apigateway.GetUsagePlan": "", "apigateway.GetUsagePlans": "items[]"},
        "test_apigateway_*",
        ("apiStages", "id"),
    ),
    "a usage plan's key": Kind(
        {"apigateway.CreateUsagePlanKey": "", "apigateway.GetUsagePlanKeys": "items[]"}, "test_apigateway_*", ("id", "name", "type", "value")
    ),
    "an export": Kind({"apigateway.GetExport": "body"}, "test_apigateway_*", ("openapi", "paths"), is_whole=True),
    "a custom domain name": Kind({"apigateway.GetDomainName": "", "apigateway.UpdateDomainName": "", "apigateway.GetDomainNames": "items[]"}),
    "tags of API Gateway": Kind({"apigateway.GetTags": ""}),
    "an HTTP API": Kind({"apigatewayv2.GetApi": "", "apigatewayv2.GetApis": "Items[]"}),
    "an HTTP API's stage": Kind({"apigatewayv2.GetStage": "", "apigatewayv2.GetStages": "Items[]"}),
    "a function": Kind(
        {
            "lambda.CreateFunction": "",
            "lambda.UpdateFunctionCode": "",
            "lambda.UpdateFunctionConfiguration": "",
            "lambda.PublishVersion": "",
            "lambda.GetFunctionConfiguration": "",
            "lambda.GetFunction": "Configuration",
        },
        "test_lambda",
        ("FunctionArn", "RevisionId", "CodeSha256"),
    ),
    "a certificate": Kind({"acm.DescribeCertificate": "Certificate"}, "test_acm", ("CertificateArn", "DomainValidationOptions")),
    "a hosted zone": Kind({"route53.GetHostedZone": ""}, "test_route53", ("HostedZone",), lacks="ChangeInfo"),
    "a session": Kind({"sts.AssumeRole": ""}, "test_sts", ("AssumedRoleUser", "Credentials")),
}


class Listening(Emulator):
    """Keeps what is answered, by operation."""

    def __init__(self, endpoint: str) -> None:
        super().__init__(endpoint)
        self.answers: dict[str, list[Any]] = {}

    def another_client(self, service: str, region: str = "us-east-1", key: str = "test", attempts: int = 1) -> Any:
        client = super().another_client(service, region, key, attempts)
        client.meta.events.register("after-call", self._heard)
        return client

    def _heard(self, http_response: Any, parsed: Any, model: Any, **_: Any) -> None:
        if http_response.status_code < 300:
            if "body" in parsed:
                parsed = {**parsed, "body": json.loads(parsed["body"].read())}
            self.answers.setdefault(f"{model.service_model.service_name}.{model.name}", []).append(parsed)


def custodian(folder: Path) -> dict[str, list[Any]]:
    """What operations answered."""
    told: dict[str, list[Any]] = {}
    for path in sorted((folder / "cloud-custodian").glob("test_*/*.json")):
        found = json.loads(path.read_text())
        operation = path.stem.rpartition("_")[0]
        # Both versions of API Gateway are called the same.
        if path.parent.name.startswith("test_apigwv2"):
            operation = operation.replace("apigateway.", "apigatewayv2.")
        if found["status_code"] < 300 and f"{path.parent.name}/{path.stem}" not in MADE_BY_HAND:
            told.setdefault(operation, []).append(found["data"])
    return told


def localstack(folder: Path, kind: Kind) -> Iterator[dict[str, Any]]:
    """Each structure that is of this kind."""

    def walk(value: Any) -> Iterator[dict[str, Any]]:
        if isinstance(value, dict):
            if set(kind.members) <= set(value) and kind.lacks not in value:
                yield value
            for inner in value.values():
                yield from walk(inner)
        elif isinstance(value, list):
            for inner in value:
                yield from walk(inner)

    for path in sorted((folder / "localstack").glob(f"{kind.file}.snapshot.json")):
        for test in json.loads(path.read_text()).values():
            yield from walk(test["recorded-content"])


def at(answer: Any, place: str) -> Iterator[Any]:
    """What stands at a place of an answer."""
    name, _, rest = place.partition(".")
    if not name:
        yield answer
        return
    found = answer.get(name.rstrip("[]{}"))
    if found is None:
        return
    for each in found if name.endswith("[]") else found.values() if name.endswith("{}") else [found]:
        yield from at(each, rest)


def of_kind(told: dict[str, list[Any]], kind: Kind) -> list[Any]:
    return [found for operation, place in kind.told_by.items() for answer in told.get(operation, []) for found in at(answer, place) if found]


def kind(value: Any) -> str:
    if value is None:
        return "null"
    return "empty" if value in ("", [], {}) else "value"


def plain(answer: Any) -> Any:
    """An export's paths have operations, by methods that are no members."""
    if not isinstance(answer, dict) or "openapi" not in answer:
        return answer
    return {**answer, "paths": {path: {"operations": methods} for path, methods in answer["paths"].items()}}


def structures(value: Any, path: str = "") -> Iterator[tuple[str, dict[str, Any]]]:
    """Each structure below `value` with its place; the items of a list or map share theirs."""
    if isinstance(value, dict) and "__class__" not in value:
        name = path.rsplit(".", 1)[-1]
        if name in MAPS:
            for inner in value.values():
                yield from structures(inner, f"{path}{{}}")
        else:
            yield path, {k: v for k, v in value.items() if k != "ResponseMetadata"}
            for key, inner in value.items():
                if key != "ResponseMetadata":
                    yield from structures(inner, f"{path}.{key}")
    elif isinstance(value, list):
        for inner in value:
            yield from structures(inner, f"{path}[]")


def shapes(answers: list[Any]) -> dict[str, Shapes]:
    """By place and member: how often it was null, empty, a value, or not there."""
    by_place: dict[str, list[dict[str, Any]]] = {}
    for answer in answers:
        for place, found in structures(answer):
            by_place.setdefault(place, []).append(found)
    told: dict[str, Shapes] = {}
    for place, instances in by_place.items():
        for member in {member for found in instances for member in found}:
            counts = told.setdefault(place, {}).setdefault(member, {})
            for found in instances:
                how = kind(found[member]) if member in found else "absent"
                counts[how] = counts.get(how, 0) + 1
    return told


def differences(answers: list[Any], recordings: list[Any], is_whole: bool = False) -> list[str]:
    assert recordings, "nothing was recorded"
    told, found = shapes(recordings), []
    for answer in answers:
        for place, structure in structures(answer):
            members = told.get(place, {})
            for member, counts in members.items():
                how = kind(structure[member]) if member in structure else "absent"
                is_proven = how != "absent" or sum(counts.values()) >= ENOUGH
                if how != "value" and how not in counts and is_proven:
                    found.append(f"{place}.{member} is {how}; AWS's is {counts}")
            if is_whole and members:
                found.extend(f"{place}.{member} is there; AWS's never is" for member in structure if member not in members)
    return sorted(set(found))


def go_round(emulator: Listening) -> None:
    """Makes one of each kind, or some, and asks for them."""
    go_round_the_edge(emulator)
    go_round_rest_apis(emulator)
    http, api = emulator.client("apigatewayv2", apis.REGION), apis.orders(emulator)
    http.get_api(ApiId=api)
    http.get_stages(ApiId=api)
    functions, arn = emulator.client("lambda"), role(emulator.client("iam"))
    functions.create_function(**function_spec(arn))
    functions.update_function_code(FunctionName="signer", ZipFile=archive("two"))
    functions.update_function_configuration(FunctionName="signer", Timeout=7)
    functions.publish_version(FunctionName="signer")
    functions.get_function(FunctionName="signer")
    functions.get_function_configuration(FunctionName="signer", Qualifier="1")
    acm, hosted = emulator.client("acm"), zone(emulator)
    made = acm.request_certificate(DomainName="api.example.com", ValidationMethod="DNS")["CertificateArn"]
    option = acm.describe_certificate(CertificateArn=made)["Certificate"]["DomainValidationOptions"][0]
    record = change("UPSERT", option["ResourceRecord"]["Name"], "CNAME", option["ResourceRecord"]["Value"])
    route53 = emulator.client("route53")
    route53.change_resource_record_sets(HostedZoneId=hosted, ChangeBatch={"Changes": [record]})
    acm.describe_certificate(CertificateArn=made)
    emulator.control("POST", "seed", {"hostedZones": [{"id": "Z0PRIVATE", "name": "example.net", "private": True}]})
    for number in (hosted, "Z0PRIVATE"):
        route53.get_hosted_zone(Id=number)
    trusting = account(emulator, assumable(OTHER, actions=["sts:AssumeRole", "sts:TagSession"]))["roles"][0]["arn"]
    for tags in ([], [{"Key": "team", "Value": "shop"}]):
        emulator.client("sts").assume_role(RoleArn=trusting, RoleSessionName="palisade", Tags=tags)


def go_round_the_edge(emulator: Listening) -> None:
    waf, cloudfront = emulator.client("wafv2"), emulator.client("cloudfront")
    rules = [rule("limit", 0, rate()), rule("common", 1, managed("AWSManagedRulesCommonRuleSet"))]
    for made in (web_acl(waf, "ruled", rules), web_acl(waf, "plain")):
        waf.get_web_acl(**named(made))
        waf.list_tags_for_resource(ResourceARN=made["ARN"])
        logs = "arn:aws:logs:us-east-1:123456789012:log-group:aws-waf-logs-test"
        waf.put_logging_configuration(LoggingConfiguration={"ResourceArn": made["ARN"], "LogDestinationConfigs": [logs]})
    waf.list_web_acls(Scope="CLOUDFRONT", Limit=100)
    waf.list_logging_configurations(Scope="CLOUDFRONT")
    shield, made, number = protected(emulator)
    update(cloudfront, made["Id"], lambda config: config.update(Comment="another"))
    cloudfront.list_distributions()
    cloudfront.list_tags_for_resource(Resource=made["ARN"])
    shield.describe_subscription()
    shield.list_protections()
    protection = f"arn:aws:shield::123456789012:protection/{number}"
    shield.tag_resource(ResourceARN=protection, Tags=[{"Key": "team", "Value": "shop"}])
    shield.list_tags_for_resource(ResourceARN=protection)


def go_round_rest_apis(emulator: Listening) -> None:
    rest = emulator.client("apigateway", apis.REGION)
    canary = {"name": "canary", "canarySettings": {"percentTraffic": 50.0}}
    name = {"domainName": "api.example.com", "basePath": "v1", "stage": "prod"}
    api = apis.petstore(emulator, stages=["prod", canary], domainNames=[name], tags={"team": "shop"})
    rest.get_rest_api(restApiId=api)
    rest.get_tags(resourceArn=f"arn:aws:apigateway:{apis.REGION}::/restapis/{api}")
    rest.get_domain_names()
    rest.get_stages(restApiId=api)
    rest.get_stage(restApiId=api, stageName="prod")
    rest.get_resources(restApiId=api, embed=["methods"], limit=500)
    for key in apis.PETS:
        rest.get_method(**apis.method(rest, api, key))
    apis.lock(rest, api, apis.PETS[0])
    for extensions in ({}, {"extensions": "apigateway"}):
        rest.get_export(restApiId=api, stageName="prod", exportType="oas30", parameters=extensions)
    key, plan = rest.create_api_key(name="one")["id"], rest.create_usage_plan(name="plan")["id"]
    rest.create_usage_plan_key(usagePlanId=plan, keyId=key, keyType="API_KEY")
    rest.get_api_key(apiKey=key)
    rest.get_api_keys()
    rest.get_usage_plan(usagePlanId=plan)
    rest.get_usage_plans()
    rest.get_usage_plan_keys(usagePlanId=plan)


def test_the_emulator_answers_as_aws_does(recorded: Path, emulator: Emulator) -> None:
    listening, told = Listening(emulator.endpoint), custodian(recorded)
    go_round(listening)
    wrong = []
    for name, kind in KINDS.items():
        recordings = [*of_kind(told, kind), *(localstack(recorded, kind) if kind.file else ())]
        answers = of_kind(listening.answers, kind)
        assert answers, f"nobody asked for {name}"
        found = differences([plain(answer) for answer in answers], [plain(answer) for answer in recordings], kind.is_whole)
        wrong += [f"{name}: {each}" for each in found]
    assert not wrong, "\n".join(wrong)


def test_a_difference_is_found() -> None:
    recordings = [{"a": None, "b": "", "c": [1], "d": {"e": 1}}] * ENOUGH
    assert differences([{"a": None, "b": "", "c": [], "d": {}}], recordings) == [
        ".c is empty; AWS's is {'value': 4}",
        ".d is empty; AWS's is {'value': 4}",
        ".d.e is absent; AWS's is {'value': 4}",
    ]
    assert differences([{"a": "", "b": None, "d": {"e": 2}}], recordings) == [
        ".a is empty; AWS's is {'null': 4}",
        ".b is null; AWS's is {'empty': 4}",
        ".c is absent; AWS's is {'value': 4}",
    ]
    assert differences([{"a": None, "b": "", "c": [1], "d": {"e": 1}, "f": 1}], recordings, is_whole=True) == [".f is there; AWS's never is"]
