"""The operations on alarms and metrics, in whichever of CloudWatch's protocols they come."""

from __future__ import annotations

import re
from datetime import datetime
from typing import TYPE_CHECKING, Any

from ..core import paging, protocols
from ..core.answers import Answer, AwsError
from ..core.call import Call
from ..core.operations import operation
from .store import Alarm, Json

if TYPE_CHECKING:
    from ..world import World

OPERATORS = (
    "GreaterThanOrEqualToThreshold", "GreaterThanThreshold", "LessThanThreshold", "LessThanOrEqualToThreshold", "LessThanLowerOrGreaterThanUpperThreshold",
    "LessThanLowerThreshold", "GreaterThanUpperThreshold",
)  # fmt: skip
STATISTICS = ("SampleCount", "Average", "Sum", "Minimum", "Maximum")
ACTIONS = ("AlarmActions", "OKActions", "InsufficientDataActions")
MOST_ACTIONS = 5
MOST_QUERIES = 500


@operation("cloudwatch", "PutMetricAlarm")
def put(world: World, call: Call) -> Answer:
    params = call.params
    _check(params)
    for arn in (arn for kind in ACTIONS for arn in params.get(kind) or []):
        _action(call, str(arn))
    name = str(params["AlarmName"])
    if (call.region, name) not in world.alarms.all and sum(region == call.region for region, _ in world.alarms.all) >= world.settings.limit("alarms"):
        raise AwsError("LimitExceeded", "The quota for alarms for this customer had already been reached.")
    document = {k: v for k, v in params.items() if k != "Tags"}
    document = {"ActionsEnabled": True, **{kind: [] for kind in ACTIONS}, "Dimensions": [], **document}
    # On an alarm that exists, tags are left as they are, whatever the call says.
    world.alarms.put(call.region, name, document, _tags(params.get("Tags"), {}))
    return protocols.answer(call)


def _check(params: Json) -> None:
    watches = [kind for kind in ("MetricName", "Metrics", "EvaluationCriteria") if params.get(kind)]
    if len(watches) != 1:
        raise AwsError("ValidationError", "Exactly one of MetricName, Metrics and EvaluationCriteria must be specified.")
    if watches == ["MetricName"]:
        for member in ("Namespace", "Period", "EvaluationPeriods", "Threshold", "ComparisonOperator"):
            if params.get(member) is None:
                raise AwsError("MissingParameter", f"The parameter {member} is required.")
        if bool(params.get("Statistic")) == bool(params.get("ExtendedStatistic")):
            raise AwsError("ValidationError", "Exactly one of Statistic and ExtendedStatistic must be specified.")
    for member, known in (("ComparisonOperator", OPERATORS), ("Statistic", STATISTICS)):
        if params.get(member) is not None and params[member] not in known:
            message = f"1 validation error detected: Value '{params[member]}' at '{member[0].lower()}{member[1:]}' failed to satisfy constraint: "
            raise AwsError("ValidationError", f"{message}Member must satisfy enum value set: [{', '.join(known)}]")
    period = params.get("Period")
    if period is not None and period not in (10, 20, 30) and (period < 60 or period % 60):
        raise AwsError("ValidationError", "Metric periods must be 10, 20, 30 or a multiple of 60.")
    if period is not None and period * (params.get("EvaluationPeriods") or 1) > 7 * 86400:
        raise AwsError("ValidationError", "Metrics cannot be checked across more than seven days.")
    if params.get("TreatMissingData", "missing") not in ("missing", "notBreaching", "breaching", "ignore"):
        raise AwsError("ValidationError", f"Unsupported treat missing data value: {params['TreatMissingData']}.")
    for kind in ACTIONS:
        if len(params.get(kind) or []) > MOST_ACTIONS:
            raise AwsError(
                "ValidationError",
                f"1 validation error detected: Value at '{kind}' failed to satisfy constraint: Member must have length less than or equal to 5",
            )


def _action(call: Call, arn: str) -> None:
    """An alarm acts in its own Region only. Whether the topic exists is not asked."""
    parts = arn.split(":")
    if len(parts) < 6 or parts[0] != "arn":
        raise AwsError("ValidationError", f"Invalid arn syntax: {arn}")
    if parts[2] == "sns" and parts[3] != call.region:
        raise AwsError("ValidationError", f"Invalid region {parts[3]} specified. Only {call.region} is supported.")
    if parts[2] == "sns" and not re.fullmatch(r"[\w-]{1,256}(\.fifo)?", parts[5]):
        raise AwsError("ValidationError", f"Invalid arn syntax: {arn}")


def _tags(given: list[Json] | None, known: dict[str, str]) -> dict[str, str]:
    tags = {**known, **{t["Key"]: t.get("Value", "") for t in given or []}}
    if len(tags) > 50 or any(key.lower().startswith("aws:") for key in tags):
        raise AwsError("InvalidParameterValue", "The tags are not valid: an alarm can have at most 50 tags, none of them with a key that begins with aws:.")
    return tags


@operation("cloudwatch", "DescribeAlarms")
def describe(world: World, call: Call) -> Answer:
    params = call.params
    names, prefix = params.get("AlarmNames"), params.get("AlarmNamePrefix")
    if names and prefix:
        raise AwsError("ValidationError", "AlarmNamePrefix and AlarmNames cannot be specified at the same time.")
    if len(names or []) > 100:
        raise AwsError("ValidationError", "At most 100 alarm names can be specified.")
    found = [
        alarm
        for alarm in world.alarms.listed(call.region)
        if (not names or alarm["AlarmName"] in names)
        and str(alarm["AlarmName"]).startswith(prefix or "")
        and params.get("StateValue") in (None, alarm["StateValue"])
        and any(arn.startswith(params.get("ActionPrefix") or "") for arn in alarm["AlarmActions"] or [""])
        and "MetricAlarm" in (params.get("AlarmTypes") or ["MetricAlarm"])
    ]
    try:
        chosen, following = paging.page(found, lambda a: str(a["AlarmName"]), params.get("NextToken"), paging.size(params.get("MaxRecords"), 100, 50))
    except AwsError:
        raise AwsError("InvalidNextToken", "The next token specified is invalid.") from None
    return protocols.answer(call, {"MetricAlarms": chosen, "CompositeAlarms": [], "NextToken": following})


@operation("cloudwatch", "DeleteAlarms")
def delete(world: World, call: Call) -> Answer:
    """Names that no alarm has are passed over."""
    names = call.params["AlarmNames"]
    if len(names) > 100:
        raise AwsError("ValidationError", "At most 100 alarms can be deleted at once.")
    for name in names:
        alarm = world.alarms.all.get((call.region, name))
        if alarm:
            world.alarms.delete(alarm)
    return protocols.answer(call)


@operation("cloudwatch", "TagResource", "UntagResource")
def tag(world: World, call: Call) -> Answer:
    alarm = _tagged(world, call)
    if call.operation == "TagResource":
        alarm.tags = _tags(call.params.get("Tags"), alarm.tags)
    else:
        alarm.tags = {k: v for k, v in alarm.tags.items() if k not in call.params["TagKeys"]}
    world.tags.note(alarm.arn, alarm.tags)
    return protocols.answer(call, {})


@operation("cloudwatch", "ListTagsForResource")
def list_tags(world: World, call: Call) -> Answer:
    return protocols.answer(call, {"Tags": [{"Key": k, "Value": v} for k, v in _tagged(world, call).tags.items()]})


def _tagged(world: World, call: Call) -> Alarm:
    found = world.alarms.by_arn(str(call.params["ResourceARN"]))
    if not found or found.region != call.region:
        raise AwsError("ResourceNotFoundException", f"Unknown resource: {call.params['ResourceARN']}", 404)
    return found


@operation("cloudwatch", "GetMetricData")
def metric_data(world: World, call: Call) -> Answer:
    """Sums of metrics, all on one page; metric math there is none."""
    queries, start, end = call.params["MetricDataQueries"], _seconds(call.params["StartTime"]), _seconds(call.params["EndTime"])
    if start >= end:
        raise AwsError("ValidationError", "The parameter StartTime must be less than the parameter EndTime.")
    if len(queries) > MOST_QUERIES:
        raise AwsError("ValidationError", f"The collection MetricDataQueries must not have a size greater than {MOST_QUERIES}.")
    if len({query["Id"] for query in queries}) < len(queries):
        raise AwsError("ValidationError", "The values for parameter id in MetricDataQueries are not unique.")
    return protocols.answer(call, {"MetricDataResults": [_result(world, call, query, start, end) for query in queries], "Messages": []})


def _result(world: World, call: Call, query: Json, start: float, end: float) -> Json:
    asked = query.get("MetricStat")
    if not asked or asked["Stat"] != "Sum" or not re.fullmatch(r"[a-z]\w*", query["Id"]):
        raise AwsError("ValidationError", f"The value of the query {query['Id']} is not supported here: sums of metrics are.")
    metric = asked["Metric"]
    dimensions = frozenset((str(d["Name"]), str(d["Value"])) for d in metric.get("Dimensions") or [])
    sums = world.metrics.sums((call.region, str(metric["Namespace"]), str(metric["MetricName"]), dimensions), start, end, int(asked["Period"]))
    return {"Id": query["Id"], "Label": metric["MetricName"], "Timestamps": list(sums), "Values": list(sums.values()), "StatusCode": "Complete"}


def _seconds(given: Any) -> float:
    return float(given) if isinstance(given, int | float) else datetime.fromisoformat(str(given)).timestamp()
