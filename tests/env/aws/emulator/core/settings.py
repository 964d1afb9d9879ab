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
    "certificatePropagation": 0.0,  # ACM: until CloudFront knows a certificate that was imported
    "certificateRelease": 0.0,  # ACM: how long a certificate that nothing uses any more is still not deleted
    "domainNameDelay": 0.5,  # API Gateway: how long a custom domain name is UPDATING
    "domainNameWriteInterval": 30.0,  # API Gateway: between two creations, updates or deletions of domain names, with enforceQuotas
    "endpointSwitchDelay": 0.0,  # API Gateway: until a default endpoint that was switched is off or on
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
    "pricingPlans": [],  # flat-rate pricing plans, such as {"arn": "…", "planTier": "PRO", "status": "ACTIVE", "resourceArns": ["…"]}
    "sampledRequests": [],  # WAF: requests that match in each time range, such as {"metric": "per-ip", "uri": "/", "country": "SE", "count": 3}
    # Mutual TLS: what is not known about AWS, either way.
    "updatingDomainServes": "old",  # what a domain name that is UPDATING serves by: the old configuration, the "new" one, or "nothing"
    "truststoreCopied": True,  # API Gateway keeps a copy of the truststore; else it reads S3 at each handshake
    "truststoreOfAnyRegion": False,  # the truststore's bucket may be in another Region than the domain name
    "truststoreNamed": False,  # a server that asks for a certificate names the CAs of its truststore
    "mutualTlsSpeaksTls13": False,  # a domain name with mutual TLS speaks TLS 1.3 as well
    "withoutCertificate": "closed",  # who shows no certificate: "closed" after the handshake, "unfinished" in it, "alert", or "403"
    "foreignCertificate": "403",  # who shows one that is not accepted: "403", or "alert"
    "otherHostServed": False,  # a request whose Host is not the name of the handshake is served as its Host says
    "unchangedStagePublishes": True,  # REST and HTTP: an update of a stage that changes nothing makes the default endpoint's switch effective
    "disabledHttpStatus": 404,  # what a switched-off HTTP API answers: 404, or 403
    "originMtlsRefusal": "InvalidArgument",  # CloudFront's code for a client certificate that cannot be: or IllegalUpdate, EntityNotFound, AccessDenied
    "originMtlsExcludesAllFunctions": False,  # Lambda@Edge origin triggers are refused on every behaviour, not only where the origin shows a certificate
    "edgesFollowReimports": False,  # CloudFront shows what was imported again without an update of the distribution
    "certificateActionsNeedStar": False,  # IAM: AddCertificateToDomain and RemoveCertificateFromDomain are allowed on * only
    "originNamesNeedRecords": True,  # a domain name that was created here answers only where a record leads to it
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


def _kind(value: Any) -> Any:
    """Whole numbers may stand for others."""
    return float if type(value) is int else type(value)


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
            elif _kind(default) != _kind(value):
                raise AwsError("BadSetting", f"{key} cannot be {value!r}; its default is {default!r}")
            else:
                self.values[key] = value

    def __getitem__(self, key: str) -> Any:
        return self.values[key]

    def limit(self, name: str) -> int:
        return int(self.values["limits"][name])
