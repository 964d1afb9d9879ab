"""AWS WAF's refusals, in its own words."""

from __future__ import annotations

from ..core.answers import AwsError


def invalid(field: str, parameter: str, reason: str) -> AwsError:
    return AwsError(
        "WAFInvalidParameterException",
        f"Error reason: {reason}, field: {field}, parameter: {parameter}",
        Field=field,
        Parameter=parameter,
        Reason=reason,
    )


def constraint(member: str, value: object, rule: str) -> AwsError:
    shown = "null" if value is None else f"'{value}'"
    return AwsError("ValidationException", f"1 validation error detected: Value {shown} at '{member}' failed to satisfy constraint: Member must {rule}")


def missing() -> AwsError:
    return AwsError("WAFNonexistentItemException", "AWS WAF couldn’t perform the operation because your resource doesn’t exist.")


def stale() -> AwsError:
    return AwsError(
        "WAFOptimisticLockException",
        "AWS WAF couldn’t save your changes because someone changed the resource after you started to edit it. Reapply your changes.",
    )


def duplicate() -> AwsError:
    return AwsError(
        "WAFDuplicateItemException",
        "AWS WAF couldn’t perform the operation because some resource in your request is a duplicate of an existing one.",
    )


def associated() -> AwsError:
    return AwsError(
        "WAFAssociatedItemException",
        "AWS WAF couldn’t perform the operation because your resource is being used by another resource or it’s associated with another resource.",
    )


def unavailable() -> AwsError:
    return AwsError("WAFUnavailableEntityException", "AWS WAF couldn’t retrieve the resource that you requested. Retry your request.")


def over_capacity(units: int) -> AwsError:
    return invalid("WEB_ACL", str(units), "You exceeded the capacity limit for a rule group or web ACL.")


def too_many(what: str) -> AwsError:
    return AwsError("WAFLimitsExceededException", "AWS WAF couldn’t perform the operation because you exceeded your resource limit.", SourceType=what)


def managed_by_firewall_manager() -> AwsError:
    return AwsError("WAFInvalidOperationException", "AWS WAF couldn’t perform the operation because your web ACL is managed by Firewall Manager.")
