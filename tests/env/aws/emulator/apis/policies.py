"""Resource policies of REST APIs."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

from . import refusals
from .store import Api, Working

if TYPE_CHECKING:
    from ..world import World

Json = dict[str, Any]
LARGEST = 8192
# An integration's credentials: those of whoever calls.
CALLER = "arn:aws:iam::*:user/*"


def normal(world: World, api: Api, given: str) -> str:
    """As API Gateway keeps it: compact, with the short form of resources written out."""
    try:
        document = json.loads(given)
        statements = document["Statement"]
        for statement in statements if isinstance(statements, list) else [statements]:
            _check(world, statement)
            for member in ("Resource", "NotResource"):
                if member in statement:
                    statement[member] = _resources(world, api, statement[member])
    except (ValueError, KeyError, TypeError, AttributeError):
        raise _invalid() from None
    found = json.dumps(document, separators=(",", ":"))
    if len(found.encode()) > LARGEST:
        raise refusals.limit(f"Resource policy size exceeds the maximum of {LARGEST} bytes")
    return found


def check_credentials(working: Working) -> None:
    """A policy and integrations that are called with the caller's own credentials exclude each other."""
    methods = [method for resource in working.resources.values() for method in resource["resourceMethods"].values()]
    if working.policy and any(method.get("methodIntegration", {}).get("credentials") == CALLER for method in methods):
        raise refusals.bad("Caller provided credentials not allowed when resource policy is set")


def shown(policy: str | None) -> str | None:
    """GetRestApi escapes the policy's quotation marks once more than JSON needs."""
    return policy.replace("\\", "\\\\").replace('"', '\\"') if policy else None


def _check(world: World, statement: Json) -> None:
    if statement.get("Effect") not in ("Allow", "Deny") or not ({"Action", "NotAction"} & set(statement)):
        raise _invalid()
    principal = statement.get("Principal", statement.get("NotPrincipal"))
    if principal is None:
        raise _invalid()
    named = principal.get("AWS", []) if isinstance(principal, dict) else []
    for arn in [named] if isinstance(named, str) else named:
        if re.fullmatch(rf"arn:aws:iam::{world.account}:role/.+", arn) and not world.roles.by_arn(arn):
            raise _invalid()


def _resources(world: World, api: Api, given: Any) -> Any:
    if isinstance(given, list):
        return [_resources(world, api, one) for one in given]
    return re.sub(r"^execute-api:/?", f"arn:aws:execute-api:{api.region}:{world.account}:{api.id}/", given)


def _invalid() -> Exception:
    return refusals.bad("Invalid policy document. Please check the policy syntax and ensure that Principals are valid.")
