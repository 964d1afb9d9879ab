"""Roles: moto keeps them; here is what it lacks."""

from __future__ import annotations

import json
import time
from typing import TYPE_CHECKING, Any
from urllib.parse import quote
from xml.sax.saxutils import escape

from moto.iam.models import Role

from .. import moto_side
from ..core import paging
from ..core.answers import Answer, AwsError, as_xml
from ..core.call import Call
from ..core.history import History
from ..core.operations import CHECKS, FOLLOW_UPS, operation
from .actions import form_tags

if TYPE_CHECKING:
    from ..world import World

NAMESPACE = "https://iam.amazonaws.com/doc/2010-05-08/"
WRITES = (
    "CreateRole", "UpdateRole", "UpdateRoleDescription", "UpdateAssumeRolePolicy", "PutRolePolicy", "DeleteRolePolicy", "TagRole", "UntagRole",
    "PutRolePermissionsBoundary", "DeleteRolePermissionsBoundary", "AttachRolePolicy", "DetachRolePolicy", "DeleteRole",
)  # fmt: skip
READS = ("GetRole", "GetRolePolicy", "ListRolePolicies", "ListRoleTags", "ListAttachedRolePolicies")


class Roles:
    def __init__(self, world: World) -> None:
        self.world = world
        # Name and rendered detail.
        self.history: History[tuple[str, str]] = History()
        # moto looks through all roles for a name, which a thousand roles make slow.
        self._ids: dict[str, str] = {}

    def by_name(self, name: str) -> Role | None:
        roles = moto_side.iam(self.world.account).roles
        known = roles.get(self._ids.get(name, ""))
        if known:
            return known
        found = next((role for role in roles.values() if role.name == name), None)
        if found:
            self._ids[name] = found.id
        return found

    def by_arn(self, arn: str) -> Role | None:
        found = self.by_name(arn.rpartition("/")[2])
        return found if found and found.arn == arn else None

    def trusted_services(self, role: Role) -> set[str]:
        """The service principals that may assume a role."""
        services: set[str] = set()
        statements = json.loads(role.assume_role_policy_document).get("Statement", [])
        for statement in statements if isinstance(statements, list) else [statements]:
            principal, action = statement.get("Principal"), statement.get("Action", [])
            actions = action if isinstance(action, list) else [action]
            if statement.get("Effect") == "Allow" and "sts:AssumeRole" in actions and isinstance(principal, dict):
                named = principal.get("Service", [])
                services.update(named if isinstance(named, list) else [named])
        return services

    def propagated(self, role: Role) -> bool:
        return time.time() >= role.create_date.timestamp() + float(self.world.settings["rolePropagation"])

    def boundary_document(self, arn: str | None) -> str | None:
        if not arn:
            return None
        found = moto_side.iam(self.world.account).managed_policies.get(arn)
        # A boundary that does not exist allows nothing.
        return moto_side.document(found) if found else '{"Version": "2012-10-17", "Statement": []}'

    def note(self, name: str) -> None:
        role = self.by_name(name)
        self.history.put(name, (name, self._detail(role)) if role else None)

    def _detail(self, role: Role) -> str:
        policies = "".join(
            f"<member><PolicyName>{escape(n)}</PolicyName><PolicyDocument>{quote(d, safe='')}</PolicyDocument></member>" for n, d in role.policies.items()
        )
        attached = "".join(
            f"<member><PolicyName>{escape(p.name)}</PolicyName><PolicyArn>{escape(p.arn)}</PolicyArn></member>" for p in role.managed_policies.values()
        )
        tags = "".join(f"<member><Key>{escape(t['Key'])}</Key><Value>{escape(t['Value'])}</Value></member>" for t in role.tags or [])
        boundary = (
            "<PermissionsBoundary><PermissionsBoundaryType>Policy</PermissionsBoundaryType>"
            f"<PermissionsBoundaryArn>{escape(role.permissions_boundary_arn)}</PermissionsBoundaryArn></PermissionsBoundary>"
            if role.permissions_boundary_arn
            else ""
        )
        return (
            f"<member><Path>{escape(role.path)}</Path><RoleName>{escape(role.name)}</RoleName><RoleId>{role.id}</RoleId><Arn>{escape(role.arn)}</Arn>"
            f"<CreateDate>{role.create_date.strftime('%Y-%m-%dT%H:%M:%SZ')}</CreateDate>"
            f"<AssumeRolePolicyDocument>{quote(role.assume_role_policy_document, safe='')}</AssumeRolePolicyDocument>"
            f"<InstanceProfileList/><RolePolicyList>{policies}</RolePolicyList><AttachedManagedPolicies>{attached}</AttachedManagedPolicies>"
            f"{boundary}<Tags>{tags}</Tags><RoleLastUsed/></member>"
        )

    def resources(self) -> list[dict[str, Any]]:
        return [
            {
                "service": "iam",
                "type": "role",
                "id": r.id,
                "name": r.name,
                "arn": r.arn,
                "state": None,
                "tags": {t["Key"]: t["Value"] for t in r.tags or []},
                "policies": list(r.policies),
            }
            for r in moto_side.iam(self.world.account).roles.values()
        ]


@operation("iam", "GetAccountAuthorizationDetails")
def details(world: World, call: Call) -> Answer:
    params = call.params
    filters = [v for k, v in params.items() if k.startswith("Filter.member.")]
    roles = world.roles.history.at(world.list_time()) if not filters or "Role" in filters else []
    size = paging.size(params.get("MaxItems"), 1000, default=100)
    chosen, following = paging.page(roles, lambda role: role[0], params.get("Marker"), size)
    marker = f"<Marker>{following}</Marker>" if following else ""
    return as_xml(
        f'<GetAccountAuthorizationDetailsResponse xmlns="{NAMESPACE}"><GetAccountAuthorizationDetailsResult>'
        f"<IsTruncated>{str(bool(following)).lower()}</IsTruncated>{marker}<UserDetailList/><GroupDetailList/>"
        f"<RoleDetailList>{''.join(detail for _, detail in chosen)}</RoleDetailList><Policies/>"
        "</GetAccountAuthorizationDetailsResult><ResponseMetadata><RequestId>00000000-0000-4000-8000-000000000000</RequestId></ResponseMetadata>"
        "</GetAccountAuthorizationDetailsResponse>"
    )


def _exists(world: World, call: Call) -> None:
    name = call.params.get("RoleName", "")
    role = world.roles.by_name(name)
    if call.operation == "CreateRole":
        _creatable(world, call, role)
        return
    if not role:
        raise AwsError("NoSuchEntity", f"The role with name {name} cannot be found.", 404)
    policy = call.params.get("PolicyName")
    if call.operation in ("GetRolePolicy", "DeleteRolePolicy") and policy not in role.policies:
        raise AwsError("NoSuchEntity", f"The role policy with name {policy} cannot be found.", 404)
    if call.operation == "AttachRolePolicy":
        moto_side.know_policy(world.account, call.params.get("PolicyArn", ""))
    if call.operation == "PutRolePermissionsBoundary":
        _boundary(world, call)
    if call.operation == "UpdateAssumeRolePolicy":
        _trust(call, "PolicyDocument")
    if call.operation == "TagRole" and len({t["Key"] for t in role.tags or []} | set(form_tags(call.params))) > 50:
        raise AwsError("LimitExceeded", "The number of tags has exceeded the maximum limit.", 409)


def _creatable(world: World, call: Call, existing: Role | None) -> None:
    if existing:
        raise AwsError("EntityAlreadyExists", f"Role with name {existing.name} already exists.", 409)
    if len(moto_side.iam(world.account).roles) >= world.settings.limit("roles"):
        raise AwsError("LimitExceeded", f"Cannot exceed quota for RolesPerAccount: {world.settings.limit('roles')}", 409)
    _trust(call, "AssumeRolePolicyDocument")
    _boundary(world, call)


def _trust(call: Call, member: str) -> None:
    """moto checks policies, and of trust policies only some."""
    try:
        document = json.loads(call.params.get(member, ""))
    except ValueError:
        raise AwsError("MalformedPolicyDocument", "This policy contains invalid Json") from None
    if not isinstance(document, dict) or "Statement" not in document:
        raise AwsError("MalformedPolicyDocument", "Syntax errors in policy.")


def _boundary(world: World, call: Call) -> None:
    boundary = call.params.get("PermissionsBoundary")
    if boundary and boundary not in moto_side.iam(world.account).managed_policies and not boundary.startswith("arn:aws:iam::aws:policy/"):
        raise AwsError("NoSuchEntity", f"Scope ARN: {boundary} does not exist or is not attachable.", 404)


def _note(world: World, call: Call, _answer: Answer) -> None:
    world.roles.note(call.params["RoleName"])


for _name in (*WRITES, *READS):
    CHECKS["iam", _name] = _exists
for _name in WRITES:
    FOLLOW_UPS["iam", _name] = _note
