"""The emulated AWS's control API, and what its journal says."""

from __future__ import annotations

import http.client
import json
import re
import time
from collections import Counter
from dataclasses import dataclass, field
from typing import Any

from .processes import Failed

READS = ("Get", "List", "Describe", "Check", "Head")
# One refresh of the inventory serves all objects.
SHARED = {
    ("iam", "GetAccountAuthorizationDetails"),
    ("lambda", "ListFunctions"),
    ("wafv2", "ListWebACLs"),
    ("wafv2", "ListIPSets"),
    ("wafv2", "ListLoggingConfigurations"),
    ("cloudfront", "ListDistributions"),
    ("resourcegroupstaggingapi", "GetResources"),
    ("sts", "GetCallerIdentity"),
    ("pricing-plan-manager", "ListSubscriptions"),
}
# Calls that lock an API, or look at its lock: the perimeter alone needs none of them.
LOCK_SERVICES, READS_OF_THE_API = ("apigateway", "apigatewayv2"), ("GetRestApi", "GetApi")
SHIELD_SERVICES = ("shield", "route53", "cloudwatch", "sns")
LOCK_MARKS = ("TagResource", "UntagResource", "ListTagsForResource")
REGION, STAGE = "eu-north-1", "prod"
METHODS = ["GET /pets"]


@dataclass(frozen=True)
class Apis:
    """APIs that are all alike. An HTTP API's stage `$default` deploys by itself."""

    protocol: str = "REST"
    methods: list[str] = field(default_factory=lambda: list(METHODS))
    stages: list[str] = field(default_factory=lambda: [STAGE])
    # REST: what is said in place of API Gateway's own refusals, by their types.
    gateway_responses: dict[str, Any] = field(default_factory=dict)

    def spec(self, i: int) -> dict[str, Any]:
        """The spec of an object for the first stage of API `i`."""
        origin = {"endpoint": f"{api_id(i)}.execute-api.{REGION}.amazonaws.com", "type": self.protocol, "stage": self.stages[0]}
        return {"origin": origin}


class Emulator:
    def __init__(self, ready: dict[str, Any]) -> None:
        self.endpoint: str = ready["endpoint"]
        self.ready = ready
        self.seen = 0

    def probed_over_tls(self) -> dict[str, str]:
        """The environment of a controller that probes where certificates are shown."""
        return {"PALISADE_PROBE_ENDPOINT_URL": f"https://127.0.0.1:{self.ready['tls']}", "SSL_CERT_FILE": self.ready["caFile"]}

    def control(self, method: str, path: str, body: Any = None) -> Any:
        connection = http.client.HTTPConnection(self.endpoint.removeprefix("http://"), timeout=300)
        try:
            connection.request(method, f"/_emulator/{path}", body=json.dumps(body) if body is not None else None)
            answer = json.loads(connection.getresponse().read())
        finally:
            connection.close()
        if isinstance(answer, dict) and "error" in answer:
            raise Failed(f"the emulator, {method} {path}: {answer}")
        return answer

    def set(self, settings: dict[str, Any]) -> None:
        self.control("PATCH", "settings", settings)

    def plant(self, seed: dict[str, Any]) -> None:
        self.control("POST", "seed", seed)

    def plant_apis(self, n: int, apis: Apis) -> None:
        each = {"region": REGION, "protocol": apis.protocol, "methods": apis.methods, "stages": apis.stages}
        each |= {"gatewayResponses": apis.gateway_responses} if apis.gateway_responses else {}
        self.plant({"apis": [{"id": api_id(i), "name": f"api-{i}", **each} for i in range(n)]})

    def calls(self) -> Calls:
        """The calls since the last time this was asked."""
        entries = self.control("GET", f"journal?since={self.seen}")
        if entries:
            self.seen = entries[-1]["n"]
        return Calls(entries)

    def wait_until_quiet(self, seconds: float, at_most: float) -> None:
        """Until nobody has called for a while."""
        end = time.monotonic() + at_most
        last, since, at = -1, time.monotonic(), self.seen
        while time.monotonic() < end:
            entries = self.control("GET", f"journal?since={at}")
            if entries:
                at = entries[-1]["n"]
            if at != last:
                last, since = at, time.monotonic()
            elif time.monotonic() - since >= seconds:
                return
            time.sleep(0.25)
        raise Failed(f"calls to AWS went on for {at_most:.0f} s")


class Calls:
    """Some calls of the journal."""

    def __init__(self, entries: list[dict[str, Any]]) -> None:
        self.entries = entries

    def by_operation(self) -> Counter[str]:
        return Counter(f"{entry['service']} {entry['operation']}" for entry in self.entries)

    def shared(self) -> int:
        return sum((entry["service"], entry["operation"]) in SHARED for entry in self.entries)

    def own(self) -> int:
        return len(self.entries) - self.shared()

    def of_locks(self) -> int:
        def is_of_a_lock(service: str, operation: str) -> bool:
            of_the_api = service in LOCK_SERVICES and operation not in READS_OF_THE_API
            return of_the_api or (service == "cloudfront" and operation in LOCK_MARKS)

        return sum(is_of_a_lock(entry["service"], entry["operation"]) for entry in self.entries)

    def of_shield(self) -> int:
        return sum(entry["service"] in SHIELD_SERVICES for entry in self.entries)

    def refusals(self) -> Counter[str]:
        return Counter(f"{entry['operation']} {entry['code']}" for entry in self.entries if entry["code"])

    def throttles(self) -> int:
        return sum(entry["code"] in ("Throttling", "ThrottlingException", "TooManyRequestsException", "WAFLimitsExceededException") for entry in self.entries)

    def repeated_creates(self) -> int:
        """CreateFunction that Lambda refused because it could not assume the role yet."""
        return sum(entry["operation"] == "CreateFunction" and entry["status"] >= 400 for entry in self.entries)

    def count(self, operation: str) -> int:
        return sum(entry["operation"] == operation for entry in self.entries)

    def last(self, operation: str) -> float:
        """When the last one was made that was not refused, by the emulator's clock; 0 where there is none."""
        return max((entry["at"] for entry in self.entries if entry["operation"] == operation and entry["status"] < 400), default=0)

    def served(self) -> dict[tuple[str, str], list[float]]:
        """When each API's stage was given another deployment, and where it deploys by itself, when each route was changed: by
        API and resource, by the emulator's clock."""
        times: dict[tuple[str, str], list[float]] = {}
        for entry in self.entries:
            if entry["operation"] in ("UpdateStage", "UpdateRoute") and entry["status"] < 400:
                found = re.search(r"bench\d{5}", entry["resource"])
                if found:
                    times.setdefault((found[0], entry["resource"]), []).append(entry["at"])
        return times

    def writes(self) -> int:
        return sum(not entry["operation"].startswith(READS) for entry in self.entries)


def api_id(i: int) -> str:
    return f"bench{i:05d}"


def minimal(i: int) -> dict[str, Any]:
    """The spec of the README's smallest manifest, before API `i`."""
    return Apis().spec(i)


def observing(i: int) -> dict[str, Any]:
    """The same, but the API is only looked at, not locked."""
    return {**minimal(i), "access": {"enforcement": "Observe"}}


def protected(i: int) -> dict[str, Any]:
    """The same, with Shield Advanced and a health check of its own."""
    return {**observing(i), "shield": {"automaticResponse": {"action": "Count"}, "healthCheck": {"path": "/prod/health"}}}


def alone(i: int) -> dict[str, Any]:
    """A perimeter whose API is neither locked nor probed."""
    return {**minimal(i), "access": {"enforcement": "Observe", "cutOver": "AfterDeployed"}, "probes": "Disabled"}
