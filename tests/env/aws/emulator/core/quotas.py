"""AWS's API rate quotas, by token buckets."""

from __future__ import annotations

import time

from .call import Call
from .faults import throttled
from .settings import Settings


class Bucket:
    def __init__(self, rate: float, burst: float) -> None:
        self.rate, self.burst, self.tokens, self.at = rate, burst, burst, time.monotonic()

    def take(self) -> bool:
        now = time.monotonic()
        self.tokens, self.at = min(self.burst, self.tokens + (now - self.at) * self.rate), now
        # A tenth is lent: a caller who keeps exactly the rate must not be refused for the clock's jitter.
        if self.tokens < 0.9:
            return False
        self.tokens -= 1
        return True


# Of API Gateway's two services, by account and Region: calls a second.
_API_GATEWAY = {
    "CreateApiKey": 5.0,
    "CreateDeployment": 0.2,
    "CreateResource": 5.0,
    "DeleteApiKey": 5.0,
    "GetResources": 2.5,
    "UpdateUsagePlan": 0.05,
}
# Each so rarely, as a setting says.
_DOMAIN_NAMES = ("CreateDomainName", "UpdateDomainName", "DeleteDomainName")


class Quotas:
    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.buckets: dict[tuple[str, float], Bucket] = {}

    def spend(self, call: Call) -> None:
        if not self.settings["enforceQuotas"]:
            return
        for name, rate, burst in self._classes(call):
            # The rate is part of the key: a changed setting starts a fresh bucket.
            bucket = self.buckets.setdefault((name, rate), Bucket(rate, burst))
            if not bucket.take():
                raise throttled(call.service)

    def _classes(self, call: Call) -> list[tuple[str, float, float]]:
        if call.service.startswith("apigateway"):
            own = _API_GATEWAY.get(call.operation) if call.service == "apigateway" else None
            total = (f"apigateway {call.region}", 10.0, 40.0)
            if call.operation in _DOMAIN_NAMES:
                rate = 1.0 / max(0.001, float(self.settings["domainNameWriteInterval"]))
                return [(f"apigateway {call.region} {call.operation}", rate, 1.0), total]
            return [(f"apigateway {call.region} {call.operation}", own, max(1.0, own)), total] if own else [total]
        if call.service == "route53":
            # Of an account, whatever it calls; health checks are made more slowly still.
            total = ("route53", 5.0, 5.0)
            return [("route53 CreateHealthCheck", 0.5, 1.0), total] if call.operation == "CreateHealthCheck" else [total]
        found = self._class(call)
        return [found] if found else []

    def _class(self, call: Call) -> tuple[str, float, float] | None:
        operation = call.operation
        if call.service == "wafv2":
            for verb in ("Create", "Update", "Put", "Delete"):
                if operation.startswith(verb):
                    return f"wafv2 {call.region} {verb}", 1.0, 1.0
            for verb in ("Get", "List"):
                if operation.startswith(verb):
                    return f"wafv2 {call.region} {verb}", 5.0, 5.0
        if call.service == "lambda":
            if operation == "GetFunction":
                return f"lambda {call.region} GetFunction", 100.0, 100.0
            return f"lambda {call.region}", 15.0, 15.0
        if call.service == "cloudwatch" and call.operation == "PutMetricAlarm":
            return f"cloudwatch {call.region} PutMetricAlarm", 3.0, 3.0
        if call.service == "acm":
            rates = {"RequestCertificate": 5.0, "DescribeCertificate": 10.0, "ListCertificates": 8.0, "ImportCertificate": 1.0, "DeleteCertificate": 10.0}
            rate = rates.get(call.operation, 5.0)
            return f"acm {call.region} {call.operation}", rate, rate
        if call.service == "cloudfront" and call.method != "GET":
            a_minute = float(self.settings["cloudfrontWritesPerMinute"])
            return "cloudfront writes", a_minute / 60, max(1.0, min(10.0, a_minute / 6))
        return None
