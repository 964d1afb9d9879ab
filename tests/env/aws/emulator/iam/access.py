"""Who calls, and whether they may."""

from __future__ import annotations

import math
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from moto.iam.models import Role
from moto.sts.models import sts_backends

from .. import moto_side
from ..core.answers import AwsError
from ..core.call import Call
from . import policy
from .actions import required

if TYPE_CHECKING:
    from ..world import World

EXPIRED = {
    True: ("ExpiredToken", "The security token included in the request is expired", 403),
    False: ("ExpiredTokenException", "The security token included in the request is expired", 400),
}
# Services that refuse as those of old do.
_XML = ("cloudfront", "iam", "sts", "route53", "cloudwatch", "sns", "s3")


@dataclass
class Principal:
    arn: str
    policies: list[str]
    boundary: str | None = None
    context: policy.Context = field(default_factory=dict)
    # What its signatures are made with.
    secret: str = field(default="", repr=False)
    token: str | None = field(default=None, repr=False)
    # Of an assumed role, which is what policies see as aws:PrincipalArn.
    role_arn: str | None = None
    expires: float = math.inf


class Access:
    def __init__(self, world: World) -> None:
        self.world = world
        # moto keeps no boundaries of users.
        self.boundaries: dict[str, str] = {}

    def admit(self, call: Call) -> None:
        """Checks the called action itself."""
        principal = self.principal(call.access_key)
        call.principal = principal.arn if principal else f"arn:aws:iam::{self.world.account}:root"
        if principal and principal.expires < time.time():
            raise AwsError(*EXPIRED[call.service in _XML])
        needs = required(self.world, call)
        # What a call needs besides itself, such as TagResource for tags at creation.
        for need in needs[1:]:
            self._remember(call, need.action, need.resource)
        if not self.world.settings["enforceIam"] or (call.service, call.operation) == ("sts", "GetCallerIdentity") or not call.access_key:
            return
        if not principal:
            if call.service in _XML:
                raise AwsError("InvalidClientTokenId", "The security token included in the request is invalid.", 403)
            raise AwsError("UnrecognizedClientException", "The security token included in the request is invalid.", 403 if call.service == "lambda" else 400)
        for need in needs:
            self._check(call, principal, need.action, need.resource, need.context)

    def depend(
        self,
        call: Call,
        action: str,
        resource: str,
        context: Mapping[str, list[str]] | None = None,
        request_tags: Mapping[str, str] | None = None,
    ) -> None:
        """Checks an action that the called one needs besides; these never show in the journal, as in CloudTrail's view of a caller."""
        self._remember(call, action, resource)
        if not self.world.settings["enforceIam"]:
            return
        principal = self.principal(call.access_key)
        if principal:
            found = dict(context or {})
            if request_tags is not None:
                found.update(tag_context(request_tags))
            self._check(call, principal, action, resource, found)

    def allows(self, call: Call, action: str, resource: str) -> bool:
        """Whether the caller may do this besides, where nothing is refused if not."""
        principal = self.principal(call.access_key)
        if not self.world.settings["enforceIam"] or not principal:
            return True
        try:
            self._check(call, principal, action, resource, {})
        except AwsError:
            return False
        return True

    def _remember(self, call: Call, action: str, resource: str) -> None:
        self.world.journal.dependent.append({"for": f"{call.service}:{call.operation}", "action": action, "resource": resource})

    def _check(self, call: Call, principal: Principal, action: str, resource: str, context: policy.Context) -> None:
        full = {
            **principal.context,
            "aws:RequestedRegion": [call.region],
            "aws:PrincipalArn": [principal.role_arn or principal.arn],
            "aws:PrincipalAccount": [self.world.account],
            "aws:ResourceAccount": [self.world.account],
            **context,
        }
        if action in self.world.settings["deniedByOrganization"]:
            raise self._denied(call, principal, action, resource, "with an explicit deny in a service control policy")
        found = policy.applying(principal.policies, action, resource, full)
        verdict = policy.verdict_of(found)
        if verdict == policy.DENY:
            raise self._denied(call, principal, action, resource, "with an explicit deny in an identity-based policy")
        if verdict is None:
            raise self._denied(call, principal, action, resource, f"because no identity-based policy allows the {action} action")
        if len(found) == 1:
            self.world.journal.needed.add((principal.arn, str(found[0].get("Sid", "")), action))
        if principal.boundary is not None:
            verdict = policy.decide([principal.boundary], action, resource, full)
            if verdict == policy.DENY:
                raise self._denied(call, principal, action, resource, "with an explicit deny in a permissions boundary")
            if verdict is None:
                raise self._denied(call, principal, action, resource, f"because no permissions boundary allows the {action} action")

    def _denied(self, call: Call, principal: Principal, action: str, resource: str, why: str) -> AwsError:
        code = "AuthorizationError" if call.service == "sns" else "AccessDenied" if call.service in _XML else "AccessDeniedException"
        status = 400 if call.service in ("wafv2", "resourcegroupstaggingapi", "shield", "acm") else 403
        return AwsError(code, f"User: {principal.arn} is not authorized to perform: {action} on resource: {resource} {why}", status)

    def knows(self, access_key: str) -> bool:
        """Whether the key is one of this account's."""
        found = self.world.sessions.find(access_key) or access_key in moto_side.iam(self.world.account).access_keys or self.federated(access_key)
        return bool(found)

    def federated(self, access_key: str) -> Any:
        """A role that moto's AssumeRoleWithWebIdentity gave out."""
        return sts_backends[self.world.account]["aws"].get_assumed_role_from_access_key(access_key)

    def principal(self, access_key: str) -> Principal | None:
        iam = moto_side.iam(self.world.account)
        session = self.world.sessions.find(access_key)
        if session:
            role = iam.roles.get(session.role_id)
            return self._assumed(role, session.arn, session.secret, session.token, session.expires, session.tags) if role else None
        assumed = self.federated(access_key)
        if assumed:
            role = self.world.roles.by_arn(assumed.role_arn)
            return self._assumed(role, assumed.arn, assumed.secret_access_key, assumed.session_token, math.inf, {}) if role else None
        key = iam.access_keys.get(access_key)
        user = iam.users.get(key.user_name) if key else None
        if not key or not user or key not in user.access_keys or key.access_key_id != access_key:
            return None
        policies = [*user.policies.values(), *(moto_side.document(p) for p in user.managed_policies.values())]
        for group in iam.groups.values():
            if user in group.users:
                policies += [*group.policies.values(), *(moto_side.document(p) for p in group.managed_policies.values())]
        return Principal(user.arn, policies, self.boundaries.get(user.name), {"aws:username": [user.name]}, key.secret_access_key)

    def _assumed(self, role: Role, arn: str, secret: str, token: str, expires: float, tags: Mapping[str, str]) -> Principal:
        policies = [*role.policies.values(), *(moto_side.document(p) for p in role.managed_policies.values())]
        boundary = self.world.roles.boundary_document(role.permissions_boundary_arn)
        context: policy.Context = {f"aws:PrincipalTag/{tag['Key']}": [tag["Value"]] for tag in role.tags or []}
        context |= {f"aws:PrincipalTag/{key}": [value] for key, value in tags.items()}
        return Principal(arn, policies, boundary, context, secret=secret, token=token, role_arn=role.arn, expires=expires)


def tag_context(tags: Mapping[str, str]) -> policy.Context:
    context: policy.Context = {f"aws:RequestTag/{key}": [value] for key, value in tags.items()}
    context["aws:TagKeys"] = list(tags)
    return context
