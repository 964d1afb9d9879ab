"""What a test may set: delays in seconds, limits, and which of AWS's refusals are on."""

from __future__ import annotations

import copy
from typing import Any

from .answers import AwsError

DEFAULTS: dict[str, Any] = {
    "deploymentDelay": 2.0,  # CloudFront: InProgress → Deployed
    "listLag": 0.0,  # how far lists are behind writes
    "tagLag": 0.0,  # how far the Resource Groups Tagging API is behind writes
    "functionPending": 0.5,  # Lambda: Pending → Active, LastUpdateStatus InProgress → Successful
    "rolePropagation": 0.5,  # IAM: until Lambda can assume a new role
    "replicaRetention": 5.0,  # Lambda@Edge: how long replicas outlive the last association
    "wafPropagation": 0.0,  # WAF: until a new IP set or web ACL can be referenced
    "dnsPropagation": 0.0,  # Route 53: PENDING → INSYNC, and until certificates are validated by a record
    "certificateRecordDelay": 0.0,  # ACM: until a requested certificate says which records it wants
    "engagementDelay": 0.0,  # Shield: proactive engagement PENDING → ENABLED
    "sessionLifetime": 0.0,  # STS: how long an assumed role's credentials last; 0 is as long as was asked for
    "latency": 0.0,  # added to every call
    "errorCaching": 0.0,  # CloudFront: how long error answers are kept where nothing else is said; 10 at AWS
    "dataPathLatency": 0.0,  # added to every request of the data path
    "authorizerCache": True,  # API Gateway: results of Lambda authorizers are kept for their time
    "enforceQuotas": False,
    "cloudfrontWritesPerMinute": 60.0,
    "enforceIam": False,
    "deniedByOrganization": [],  # actions that a service control policy denies to every principal, such as execute-api:Invoke
    "missingRolesHaveNoArn": False,  # IAM: a role that does not exist is authorized as "role NAME", which only * allows
    "shieldSubscription": False,  # Shield Advanced: in every account that is not told otherwise
    "automaticResponseOffered": True,  # Shield Advanced: false for customers since 2026-03
    "healthChecksPass": True,  # Route 53: what checkers see, of every health check that is not told otherwise
    "logDestinationsMissing": False,  # WAF: no log destination is there
    "ownPolicies": [],  # CloudFront: policies that are none of AWS's, such as {"id": "…", "sendsHost": true}
    "flatRatePlan": False,  # CloudFront: every distribution is on a flat-rate pricing plan
    "expiredManagedVersions": ["AWSManagedRulesCommonRuleSet/Version_1.0"],
    "limits": {
        "distributions": 500,
        "lambdaAssociations": 500,  # distributions with a function association
        "aliases": 100,  # of one distribution
        "originCustomHeaders": 10,
        "distributionsPerWebAcl": 100,
        "webAcls": 100,
        "ipSets": 100,
        "webAclCapacity": 5000,
        "rateRules": 10,  # of one web ACL
        "functions": 1000,
        "roles": 1000,
        "restResources": 300,  # of one REST API
        "authorizers": 10,  # of one API
        "apiKeys": 10000,  # in a Region
        "usagePlans": 300,  # in a Region
        "protections": 1000,  # of a resource type
        "healthChecksPerProtection": 1,
        "drtLogBuckets": 10,
        "healthChecks": 200,
        "alarms": 5000,  # in a Region
        "certificates": 2500,  # in a Region
    },
}


class Settings:
    def __init__(self, given: dict[str, Any] | None = None) -> None:
        self.initial = given or {}
        self.values: dict[str, Any] = {}
        self.reset()

    def reset(self) -> None:
        self.values = copy.deepcopy(DEFAULTS)
        self.patch(self.initial)

    def patch(self, given: dict[str, Any]) -> None:
        unknown = [k for k in given if k not in DEFAULTS]
        unknown += [f"limits.{k}" for k in given.get("limits", {}) if k not in DEFAULTS["limits"]]
        if unknown:
            raise AwsError("UnknownSetting", f"no such setting: {', '.join(unknown)}; known: {', '.join(DEFAULTS)}")
        for key, value in given.items():
            default = DEFAULTS[key]
            if key == "limits":
                self.values["limits"].update(value)
            elif isinstance(default, bool) != isinstance(value, bool) or not isinstance(value, (int, float, list)):
                raise AwsError("BadSetting", f"{key} cannot be {value!r}; its default is {default!r}")
            else:
                self.values[key] = value

    def __getitem__(self, key: str) -> Any:
        return self.values[key]

    def limit(self, name: str) -> int:
        return int(self.values["limits"][name])
