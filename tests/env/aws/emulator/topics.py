"""SNS: moto keeps the topics; here is what it does not refuse."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .core.answers import AwsError
from .core.call import Call
from .core.operations import CHECKS

if TYPE_CHECKING:
    from .world import World

OF_A_TOPIC = ("GetTopicAttributes", "SetTopicAttributes", "DeleteTopic", "ListSubscriptionsByTopic", "Subscribe", "Publish")


def _reachable(world: World, call: Call) -> None:
    """A topic is seen from its own Region only, and by its own account where its policy is the default one."""
    arn = str(call.params.get("TopicArn", ""))
    parts = arn.split(":")
    if len(parts) != 6 or parts[2] != "sns" or parts[3] != call.region:
        raise AwsError("InvalidParameter", "Invalid parameter: TopicArn")
    if parts[4] != world.account:
        why = "because no resource-based policy allows the action"
        raise AwsError("AuthorizationError", f"User: {call.principal} is not authorized to perform: SNS:{call.operation} on resource: {arn} {why}", 403)


for _name in OF_A_TOPIC:
    CHECKS["sns", _name] = _reachable
