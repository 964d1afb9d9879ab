"""Shield's refusals, in its own words as far as they are known."""

from __future__ import annotations

from ..core.answers import AwsError

INVALID_RESOURCE = "The resource is invalid. You might not have access to the resource, or the resource might not exist."


def no_subscription() -> AwsError:
    return AwsError("ResourceNotFoundException", "The subscription does not exist.", resourceType="Subscription")


def missing(what: str) -> AwsError:
    return AwsError("ResourceNotFoundException", f"The referenced {what} does not exist.", resourceType=what.title().replace(" ", ""))


def invalid(field: str, message: str) -> AwsError:
    return AwsError("InvalidParameterException", message, reason="OTHER", fields=[{"name": field, "message": message}])


def invalid_resource(message: str = INVALID_RESOURCE) -> AwsError:
    return AwsError("InvalidResourceException", message)


def not_now(message: str) -> AwsError:
    return AwsError("InvalidOperationException", message)


def too_many(kind: str, limit: int) -> AwsError:
    return AwsError("LimitsExceededException", f"The operation would exceed a limit: {kind}.", Type=kind, Limit=limit)
