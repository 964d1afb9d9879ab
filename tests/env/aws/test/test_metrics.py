"""CloudWatch's metrics, which seeds have."""

from __future__ import annotations

from typing import Any

import pytest
from conftest import Emulator, refused

# A minute that is full.
MINUTE = 1_700_000_040 // 60 * 60


def query(name: str, metric: str = "BlockedRequests", stat: str = "Sum") -> dict[str, Any]:
    dimensions = [{"Name": "Rule", "Value": "ALL"}, {"Name": "WebACL", "Value": name}]
    asked = {"Namespace": "AWS/WAFV2", "MetricName": metric, "Dimensions": dimensions}
    return {"Id": f"q{name}", "MetricStat": {"Metric": asked, "Period": 60, "Stat": stat}}


def put(emulator: Emulator, name: str, at: int, value: int) -> None:
    dimensions = {"WebACL": name, "Rule": "ALL"}
    emulator.control("POST", "seed", {"metrics": [{"namespace": "AWS/WAFV2", "name": "BlockedRequests", "dimensions": dimensions, "at": at, "value": value}]})


def test_what_was_counted_is_summed_by_the_minute_the_newest_first(emulator: Emulator) -> None:
    client = emulator.client("cloudwatch")
    for at, value in ((MINUTE - 1, 1), (MINUTE, 2), (MINUTE + 59, 4), (MINUTE + 60, 8), (MINUTE + 120, 16)):
        put(emulator, "a", at, value)
    found = client.get_metric_data(MetricDataQueries=[query("a"), query("b")], StartTime=MINUTE, EndTime=MINUTE + 120)
    sums, none = found["MetricDataResults"]
    assert (sums["Id"], sums["Values"], [at.timestamp() for at in sums["Timestamps"]]) == ("qa", [8.0, 6.0], [MINUTE + 60, MINUTE])
    assert (none["Id"], none["Values"], none["StatusCode"]) == ("qb", [], "Complete")


@pytest.mark.parametrize(
    ("queries", "end", "said"),
    [
        ([query("a")], MINUTE, "StartTime must be less"),
        ([query("a"), query("a")], MINUTE + 60, "not unique"),
        ([query(str(number)) for number in range(501)], MINUTE + 60, "greater than 500"),
        ([query("a", stat="Average")], MINUTE + 60, "not supported"),
    ],
)
def test_what_cannot_be_asked_is_refused(emulator: Emulator, queries: list[dict[str, Any]], end: int, said: str) -> None:
    client = emulator.client("cloudwatch")
    error = refused("ValidationError", client.get_metric_data, 400, MetricDataQueries=queries, StartTime=MINUTE, EndTime=end)
    assert said in error["Message"]
