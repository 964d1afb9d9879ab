"""CloudFront's flat-rate pricing plans: the setting `pricingPlans` says which there are, and no call changes one."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .core import paging
from .core.answers import Answer, as_json
from .core.call import Call
from .core.operations import operation

if TYPE_CHECKING:
    from .world import World

SINCE = "2026-01-01T00:00:00Z"


@operation("pricing-plan-manager", "ListSubscriptions")
def listed(world: World, call: Call) -> Answer:
    plans = list(world.settings["pricingPlans"])
    chosen, following = paging.page(plans, lambda plan: str(plan["arn"]), call.params.get("nextToken"), paging.size(None, 100))
    summaries = [{"planFamily": "CloudFront", "usageLevel": "DEFAULT", "createdAt": SINCE, "updatedAt": SINCE, "eTag": "1", **plan} for plan in chosen]
    return as_json({"subscriptionSummaries": summaries, **({"nextToken": following} if following else {})})


def holds(world: World, arn: str) -> bool:
    """Whether a plan that counts is for the resource with this ARN."""
    return any(plan["status"] == "ACTIVE" and arn in plan["resourceArns"] for plan in world.settings["pricingPlans"])
