"""Samples of the requests that matched a rule: the setting `sampledRequests` says which come in every time range."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..core.answers import Answer, as_json
from ..core.call import Call
from ..core.operations import operation
from . import refusals
from .store import Json, check_scope

if TYPE_CHECKING:
    from ..world import World

MOST = 500


@operation("wafv2", "GetSampledRequests")
def sampled(world: World, call: Call) -> Answer:
    check_scope(call)
    params = call.params
    most = params.get("MaxItems")
    if not isinstance(most, int) or not 1 <= most <= MOST:
        raise refusals.constraint("maxItems", most, "have value between 1 and 500")
    item = world.waf.web_acls.by_arn(str(params.get("WebAclArn")))
    metric = params.get("RuleMetricName")
    if item is None or all(rule["VisibilityConfig"]["MetricName"] != metric for rule in item.document["Rules"]):
        raise refusals.missing()
    window = params["TimeWindow"]
    matching = [one for one in world.settings["sampledRequests"] if one["metric"] == metric]
    requests = [_request(one, window["EndTime"]) for one in matching for _ in range(one["count"])]
    answer = {"SampledRequests": requests[:most], "PopulationSize": len(requests), "TimeWindow": window}
    return as_json(answer, protocol="json")


def _request(one: Json, at: float) -> Json:
    request = {"ClientIP": "192.0.2.1", "Country": one["country"], "URI": one["uri"], "Method": "GET", "HTTPVersion": "HTTP/2.0", "Headers": []}
    within = {"RuleNameWithinRuleGroup": one["rule"]} if one.get("rule") else {}
    return {"Request": request, "Weight": 1, "Timestamp": at, "Action": "COUNT", **within}
