"""Faults by rule: the n-th call of an operation is throttled, refused, delayed, or loses its answer."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

from .answers import AwsError
from .call import Call

KINDS = ("throttle", "error", "lostAnswer", "lostRequest", "truncatedList", "delay")
# Each service's own way to say "slower".
THROTTLES: dict[str, tuple[str, int, str]] = {
    "cloudfront": ("Throttling", 400, "Rate exceeded"),
    "lambda": ("TooManyRequestsException", 429, "Rate exceeded"),
    "wafv2": ("ThrottlingException", 400, "Rate exceeded"),
    "apigateway": ("TooManyRequestsException", 429, "Too Many Requests"),
    "apigatewayv2": ("TooManyRequestsException", 429, "Too Many Requests"),
    "shield": ("ThrottlingException", 400, "Rate exceeded"),
    "acm": ("ThrottlingException", 400, "Rate exceeded"),
    "s3": ("SlowDown", 503, "Please reduce your request rate."),
    "pricing-plan-manager": ("ThrottlingException", 429, "Rate exceeded"),
    "resourcegroupstaggingapi": ("ThrottledException", 400, "Rate exceeded"),
}


def throttled(service: str) -> AwsError:
    code, status, message = THROTTLES.get(service, ("Throttling", 400, "Rate exceeded"))
    fields = {"Reason": "CallerRateLimitExceeded"} if service == "lambda" else {}
    return AwsError(code, message, status, **fields)


@dataclass
class Fault:
    id: str
    kind: str
    service: str = "*"
    operation: str = "*"
    match: str = ""
    # Access key of the one caller that it strikes.
    key: str = ""
    # Account of the callers that it strikes.
    account: str = ""
    skip: int = 0
    count: int = 1
    code: str = "InternalFailure"
    status: int = 500
    message: str = "injected by a fault rule"
    seconds: float = 1.0
    hits: int = 0

    def fits(self, call: Call) -> bool:
        return (
            self.service in ("*", call.service)
            and self.operation in ("*", call.operation)
            and self.key in ("", call.access_key)
            and self.account in ("", call.account)
            and (not self.match or self.match in call.resource or self.match.encode() in call.body)
        )


class Faults:
    def __init__(self) -> None:
        self.rules: dict[str, Fault] = {}
        self._next = 0

    def add(self, given: dict[str, Any]) -> Fault:
        if given.get("kind") not in KINDS:
            raise AwsError("BadFault", f"kind must be one of {', '.join(KINDS)}")
        unknown = set(given) - set(Fault.__dataclass_fields__) | (set(given) & {"id", "hits"})
        if unknown:
            raise AwsError("BadFault", f"no such field: {', '.join(sorted(unknown))}")
        self._next += 1
        fault = Fault(id=f"f{self._next}", **given)
        self.rules[fault.id] = fault
        return fault

    def strike(self, call: Call) -> list[Fault]:
        """The faults that this call meets. Every fitting rule counts the call; spent rules stay listed."""
        struck = []
        for fault in self.rules.values():
            if not fault.fits(call):
                continue
            if fault.skip > 0:
                fault.skip -= 1
            elif fault.count != 0:
                fault.count -= 1 if fault.count > 0 else 0
                fault.hits += 1
                struck.append(fault)
        return struck

    def listed(self) -> list[dict[str, Any]]:
        return [asdict(fault) for fault in self.rules.values()]
