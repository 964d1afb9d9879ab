"""A protected distribution, and accounts beside the first."""

from __future__ import annotations

from typing import Any

from conftest import Emulator, distribution, web_acl

OTHER = "222222222222"
CONTACT = {"EmailAddress": "soc@example.com", "PhoneNumber": "+4612345678"}


def subscribed(emulator: Emulator) -> Any:
    emulator.set(shieldSubscription=True)
    return emulator.client("shield")


def protected(emulator: Emulator, acl: bool = True, **more: Any) -> tuple[Any, dict[str, Any], str]:
    """A client of Shield, a distribution behind a web ACL, and the id of its protection."""
    shield = subscribed(emulator)
    made = distribution(emulator.client("cloudfront"), **({"WebACLId": web_acl(emulator.client("wafv2"))["ARN"]} if acl else {}), **more)
    return shield, made, shield.create_protection(Name="perimeter", ResourceArn=made["ARN"])["ProtectionId"]


def health_check(emulator: Emulator, reference: str = "reference", **config: Any) -> dict[str, Any]:
    wanted = {"Type": "HTTPS", "FullyQualifiedDomainName": "api.example.com", "ResourcePath": "/health", **config}
    found: dict[str, Any] = emulator.client("route53").create_health_check(CallerReference=reference, HealthCheckConfig=wanted)["HealthCheck"]
    return found


def check_arn(check: dict[str, Any]) -> str:
    return f"arn:aws:route53:::healthcheck/{check['Id']}"


def zone(emulator: Emulator, name: str = "example.com") -> str:
    """The id of a new hosted zone."""
    made = emulator.client("route53").create_hosted_zone(Name=name, CallerReference=f"zone {name}")["HostedZone"]["Id"]
    return str(made).rpartition("/")[2]


def change(action: str, name: str, kind: str, *values: str, **more: Any) -> dict[str, Any]:
    body = {"TTL": 300, "ResourceRecords": [{"Value": value} for value in values]} if values else {}
    return {"Action": action, "ResourceRecordSet": {"Name": name, "Type": kind, **body, **more}}


def alias(domain: str = "d111111abcdef8.cloudfront.net", **more: Any) -> dict[str, Any]:
    return {"AliasTarget": {"HostedZoneId": "Z2FDTNDATAQYW2", "DNSName": domain, "EvaluateTargetHealth": False, **more}}


def assumable(account: str, name: str = "palisade", principal: str = "123456789012", actions: Any = "sts:AssumeRole", **more: Any) -> dict[str, Any]:
    """A seed's role that an account may assume; conditions and a policy may be added."""
    condition = {"Condition": more.pop("condition")} if "condition" in more else {}
    statement = {"Effect": "Allow", "Principal": {"AWS": principal}, "Action": actions, **condition}
    return {"name": name, "trustPolicy": {"Version": "2012-10-17", "Statement": [statement]}, **more}


def account(emulator: Emulator, *roles: dict[str, Any], number: str = OTHER, **parts: Any) -> dict[str, Any]:
    answer = emulator.control("POST", "seed", {"accounts": [{"id": number, "roles": list(roles), **parts}]})
    assert "error" not in answer, answer
    found: dict[str, Any] = answer["accounts"][0]
    return found
