"""CloudWatch alarms in each protocol, and the SNS topics that they tell."""

from __future__ import annotations

import functools
from typing import Any

import boto3
import pytest
from botocore.config import Config
from conftest import Emulator, refused

TOPIC = "arn:aws:sns:us-east-1:123456789012:ddos"
ALARM = "arn:aws:cloudwatch:us-east-1:123456789012:alarm:"
DDOS = {
    "Namespace": "AWS/DDoSProtection",
    "MetricName": "DDoSDetected",
    "Dimensions": [{"Name": "ResourceArn", "Value": "arn:aws:cloudfront::123456789012:distribution/E1"}],
    "Statistic": "Maximum",
    "Period": 60,
    "EvaluationPeriods": 1,
    "Threshold": 0.0,
    "ComparisonOperator": "GreaterThanThreshold",
    "TreatMissingData": "notBreaching",
    "AlarmActions": [TOPIC],
}


def speaking(emulator: Emulator, protocol: str) -> Any:
    """A client that speaks one of the service's protocols; the Rust SDK speaks CBOR."""
    return _speaking(emulator.endpoint, protocol)


@functools.cache
def _speaking(endpoint: str, protocol: str) -> Any:
    session = boto3.Session()
    session._loader.load_service_model("cloudwatch", "service-2")["metadata"]["protocols"] = [protocol]
    config = Config(retries={"total_max_attempts": 1}, parameter_validation=False)
    return session.client("cloudwatch", "us-east-1", endpoint_url=endpoint, aws_access_key_id="test", aws_secret_access_key="secret", config=config)


@pytest.fixture(params=["smithy-rpc-v2-cbor", "json", "query"])
def spoken(emulator: Emulator, request: Any) -> Any:
    return speaking(emulator, request.param)


@pytest.fixture
def alarms(emulator: Emulator) -> Any:
    return speaking(emulator, "smithy-rpc-v2-cbor")


def names(client: Any, **which: Any) -> list[str]:
    return [alarm["AlarmName"] for alarm in client.describe_alarms(**which)["MetricAlarms"]]


def test_an_alarm_is_read_back_as_it_was_put_in_each_protocol(spoken: Any) -> None:
    spoken.put_metric_alarm(AlarmName="palisade-ä", AlarmDescription="attacked", **DDOS, Tags=[{"Key": "team", "Value": "a"}])
    (found,) = spoken.describe_alarms(AlarmNames=["palisade-ä"])["MetricAlarms"]
    assert {key: found[key] for key in DDOS} == DDOS
    assert (found["AlarmArn"], found["StateValue"], found["ActionsEnabled"], found["OKActions"]) == (f"{ALARM}palisade-ä", "INSUFFICIENT_DATA", True, [])
    assert found["AlarmConfigurationUpdatedTimestamp"].year >= 2024
    assert spoken.list_tags_for_resource(ResourceARN=found["AlarmArn"])["Tags"] == [{"Key": "team", "Value": "a"}]
    spoken.tag_resource(ResourceARN=found["AlarmArn"], Tags=[{"Key": "new", "Value": ""}])
    spoken.untag_resource(ResourceARN=found["AlarmArn"], TagKeys=["team"])
    assert spoken.list_tags_for_resource(ResourceARN=found["AlarmArn"])["Tags"] == [{"Key": "new", "Value": ""}]
    spoken.delete_alarms(AlarmNames=["palisade-ä", "gone"])
    assert names(spoken) == []


def test_a_refusal_is_understood_in_each_protocol(emulator: Emulator, spoken: Any) -> None:
    refused("ResourceNotFoundException", spoken.list_tags_for_resource, 404, ResourceARN=f"{ALARM}none")
    refused("ValidationError", spoken.put_metric_alarm, 400, AlarmName="x" * 256, **DDOS)
    emulator.fault(service="cloudwatch", kind="throttle")
    assert refused("Throttling", spoken.describe_alarms, 400)["Message"] == "Rate exceeded"
    assert [e["operation"] for e in emulator.journal()] == ["ListTagsForResource", "PutMetricAlarm", "DescribeAlarms"]


def test_a_second_put_replaces_the_alarm_and_leaves_its_tags(emulator: Emulator, alarms: Any) -> None:
    alarms.put_metric_alarm(AlarmName="a", **DDOS, Tags=[{"Key": "owner", "Value": "us"}])
    emulator.control("PATCH", f"cloudwatch/alarms/{ALARM}a", {"state": "ALARM", "reason": "attacked"})
    alarms.put_metric_alarm(AlarmName="a", **{**DDOS, "Period": 300}, Tags=[{"Key": "owner", "Value": "them"}])
    (found,) = alarms.describe_alarms()["MetricAlarms"]
    assert (found["Period"], found["StateValue"], found["StateReason"]) == (300, "ALARM", "attacked")
    assert alarms.list_tags_for_resource(ResourceARN=f"{ALARM}a")["Tags"] == [{"Key": "owner", "Value": "us"}]


def test_alarms_are_described_by_names_by_prefix_and_in_pages(alarms: Any) -> None:
    for name in ("palisade-b", "other", "palisade-a", "palisade-c"):
        alarms.put_metric_alarm(AlarmName=name, **DDOS)
    assert names(alarms, AlarmNamePrefix="palisade-") == ["palisade-a", "palisade-b", "palisade-c"]
    assert names(alarms, AlarmNames=["palisade-c", "none", "other"]) == ["other", "palisade-c"]
    assert names(alarms, ActionPrefix="arn:aws:lambda:") == []
    pages = alarms.get_paginator("describe_alarms").paginate(PaginationConfig={"PageSize": 3})
    assert [len(page["MetricAlarms"]) for page in pages] == [3, 1]
    refused("ValidationError", alarms.describe_alarms, 400, AlarmNames=["other"], AlarmNamePrefix="o")
    refused("InvalidNextToken", alarms.describe_alarms, 400, NextToken="nonsense")


def test_alarms_belong_to_a_region_and_lists_lag(emulator: Emulator, alarms: Any) -> None:
    emulator.set(listLag=60)
    alarms.put_metric_alarm(AlarmName="a", **DDOS)
    assert names(alarms) == []
    emulator.set(listLag=0)
    assert names(alarms) == ["a"]
    assert names(emulator.client("cloudwatch", "eu-north-1")) == []


@pytest.mark.parametrize(
    ("changed", "code", "reason"),
    [
        (
            {"AlarmActions": ["arn:aws:sns:eu-north-1:123456789012:ddos"]},
            "ValidationError",
            "Invalid region eu-north-1 specified. Only us-east-1 is supported.",
        ),
        ({"AlarmActions": ["ddos"]}, "ValidationError", "Invalid arn syntax: ddos"),
        ({"AlarmActions": [TOPIC] * 6}, "ValidationError", "length less than or equal to 5"),
        ({"ComparisonOperator": "Above"}, "ValidationError", "enum value set"),
        ({"Period": 61}, "ValidationError", "multiple of 60"),
        ({"Period": 86400, "EvaluationPeriods": 8}, "ValidationError", "seven days"),
        ({"TreatMissingData": "maybe"}, "ValidationError", "missing data"),
        ({"Statistic": None}, "ValidationError", "Exactly one of Statistic"),
        ({"MetricName": None}, "ValidationError", "Exactly one of MetricName"),
        ({"Threshold": None}, "MissingParameter", "Threshold"),
        ({"Tags": [{"Key": "aws:x", "Value": ""}]}, "InvalidParameterValue", "tags are not valid"),
    ],
)
def test_an_alarm_that_cannot_be_is_refused(alarms: Any, changed: dict[str, Any], code: str, reason: str) -> None:
    given = {k: v for k, v in {**DDOS, **changed}.items() if v is not None}
    assert reason in refused(code, alarms.put_metric_alarm, 400, AlarmName="a", **given)["Message"]


def test_alarms_are_limited_in_number_and_pace(emulator: Emulator, alarms: Any) -> None:
    emulator.set(limits={"alarms": 3}, enforceQuotas=True)
    for number in range(3):
        alarms.put_metric_alarm(AlarmName=f"a{number}", **DDOS)
    refused("Throttling", alarms.put_metric_alarm, 400, AlarmName="more", **DDOS)
    emulator.set(enforceQuotas=False)
    refused("LimitExceeded", alarms.put_metric_alarm, 400, AlarmName="more", **DDOS)
    alarms.put_metric_alarm(AlarmName="a0", **DDOS)


def test_a_topic_is_found_in_its_own_region_only(emulator: Emulator) -> None:
    made = emulator.control("POST", "seed", {"topics": [{"name": "ddos"}, {"name": "ops", "region": "eu-north-1"}]})["topics"]
    assert [topic["arn"] for topic in made] == [TOPIC, "arn:aws:sns:eu-north-1:123456789012:ops"]
    here, there = emulator.client("sns"), emulator.client("sns", "eu-north-1")
    assert here.get_topic_attributes(TopicArn=TOPIC)["Attributes"]["TopicArn"] == TOPIC
    assert [t["TopicArn"] for t in here.list_topics()["Topics"]] == [TOPIC]
    assert refused("NotFound", here.get_topic_attributes, 404, TopicArn=f"{TOPIC}-x")["Message"] == "Topic does not exist"
    refused("InvalidParameter", there.get_topic_attributes, 400, TopicArn=TOPIC)
    elsewhere = "arn:aws:sns:us-east-1:222222222222:ddos"
    refused("AuthorizationError", here.get_topic_attributes, 403, TopicArn=elsewhere)
