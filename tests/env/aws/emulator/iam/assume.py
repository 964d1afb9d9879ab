"""AssumeRole: what the trust policy of a role says of a caller, also of one from another account."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from ..core import protocols
from ..core.answers import Answer, AwsError
from ..core.call import Call
from ..core.operations import operation
from . import policy
from .access import Principal, tag_context

if TYPE_CHECKING:
    from ..world import World

HOUR = 3600
SHORTEST, LONGEST = 900, 12 * HOUR


@operation("sts", "AssumeRole")
def assume(world: World, call: Call) -> Answer:
    params, arn = call.params, str(call.params["RoleArn"])
    account = (arn.split(":") + [""] * 5)[4]
    target = world.home.accounts.get(account)
    role = target.roles.by_arn(arn) if target else None
    tags = {str(t["Key"]): str(t.get("Value", "")) for t in params.get("Tags") or []}
    if len(tags) > 50:
        raise AwsError("ValidationError", "At most 50 session tags.")
    if len({key.lower() for key in tags}) < len(params.get("Tags") or []):
        raise AwsError("InvalidParameterValue", "Duplicate tag keys found. Please note that Tag keys are case insensitive.")
    context: policy.Context = {"sts:RoleSessionName": [str(params["RoleSessionName"])], **(tag_context(tags) if tags else {})}
    if params.get("ExternalId"):
        context["sts:ExternalId"] = [str(params["ExternalId"])]
    for action in ("sts:AssumeRole", *(["sts:TagSession"] if tags else [])):
        if not target or not role or not target.roles.propagated(role) or not _trusts(world, call, role.assume_role_policy_document, action, context):
            raise AwsError("AccessDenied", f"User: {call.principal} is not authorized to perform: {action} on resource: {arn}", 403)
    lifetime = int(params.get("DurationSeconds") or HOUR)
    if not SHORTEST <= lifetime <= LONGEST:
        rule = f"greater than or equal to {SHORTEST}" if lifetime < SHORTEST else f"less than or equal to {LONGEST}"
        message = f"Value '{lifetime}' at 'durationSeconds' failed to satisfy constraint: Member must have value {rule}"
        raise AwsError("ValidationError", f"1 validation error detected: {message}")
    if lifetime > int(role.max_session_duration or HOUR):
        raise AwsError("ValidationError", "The requested DurationSeconds exceeds the MaxSessionDuration set for this role.")
    if lifetime > HOUR and world.sessions.find(call.access_key):
        raise AwsError("ValidationError", "The requested DurationSeconds exceeds the 1 hour session limit for roles assumed by role chaining.")
    lifetime = float(world.settings["sessionLifetime"]) or lifetime
    session = target.sessions.begin(role, str(params["RoleSessionName"]), lifetime, tags)
    made: dict[str, Any] = {
        "Credentials": {"AccessKeyId": session.access_key, "SecretAccessKey": session.secret, "SessionToken": session.token, "Expiration": session.expires},
        "AssumedRoleUser": {"AssumedRoleId": f"{role.id}:{params['RoleSessionName']}", "Arn": session.arn},
        "PackedPolicySize": 1 if tags else 0,
    }
    return protocols.answer(call, made)


def _trusts(world: World, call: Call, document: str, action: str, context: policy.Context) -> bool:
    principal = world.access.principal(call.access_key)
    statements = json.loads(document).get("Statement", [])
    # A trust policy names no resource: it stands on the role.
    found = [{**s, "Resource": "*"} for s in (statements if isinstance(statements, list) else [statements])]
    full = {**context, "aws:PrincipalAccount": [world.account], "aws:PrincipalArn": [_arn(world, principal)]}
    full |= {key: value for key, value in (principal.context if principal else {}).items() if key.startswith("aws:PrincipalTag/")}
    return policy.decide_on_resource(found, _names(world, principal), action, "*", full) == policy.ALLOW


def _arn(world: World, principal: Principal | None) -> str:
    return (principal.role_arn or principal.arn) if principal else f"arn:aws:iam::{world.account}:root"


def _names(world: World, principal: Principal | None) -> policy.Principals:
    """The caller itself, and its account, which trusts it in turn by its own policies."""
    own = {principal.arn, _arn(world, principal)} if principal else set()
    return {"AWS": {*own, world.account, f"arn:aws:iam::{world.account}:root"}}
