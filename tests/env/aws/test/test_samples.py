"""Samples of the requests that matched a rule."""

from __future__ import annotations

import datetime
from typing import Any

import pytest
from conftest import Emulator, refused, visibility

RULE = {"Name": "per-ip", "Priority": 1, "Action": {"Count": {}}, "Statement": {"RateBasedStatement": {"Limit": 100, "AggregateKeyType": "IP"}}}


@pytest.fixture
def waf(emulator: Emulator) -> Any:
    return emulator.client("wafv2")


def test_requests_are_sampled_by_the_metric_of_a_rule(emulator: Emulator, waf: Any) -> None:
    rules = [{**RULE, "VisibilityConfig": visibility("per-ip")}]
    made = waf.create_web_acl(Name="a", Scope="CLOUDFRONT", DefaultAction={"Allow": {}}, VisibilityConfig=visibility("a"), Rules=rules)
    now = datetime.datetime.now(datetime.UTC).replace(microsecond=0)
    asked = {
        "WebAclArn": made["Summary"]["ARN"], "RuleMetricName": "per-ip", "Scope": "CLOUDFRONT", "MaxItems": 2,
        "TimeWindow": {"StartTime": now - datetime.timedelta(hours=1), "EndTime": now},
    }  # fmt: skip
    emulator.set(sampledRequests=[{"metric": "per-ip", "uri": "/pets", "country": "SE", "count": 3}])
    answer = waf.get_sampled_requests(**asked)
    assert (len(answer["SampledRequests"]), answer["PopulationSize"]) == (2, 3)
    assert answer["SampledRequests"][0]["Request"]["URI"] == "/pets"
    assert answer["TimeWindow"]["EndTime"].timestamp() == now.timestamp()
    refused("WAFNonexistentItemException", waf.get_sampled_requests, 400, **{**asked, "RuleMetricName": "b"})
    refused("ValidationException", waf.get_sampled_requests, 400, **{**asked, "MaxItems": 501})
