"""Whether a caller may invoke an API: its own policies, and the API's."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from ..apis.deployed import function_of
from ..apis.policies import CALLER
from ..iam import policy
from ..iam.access import Principal

INVOKE = "execute-api:Invoke"


@dataclass(frozen=True)
class Caller:
    account: str
    region: str
    source: str
    # None: anonymous.
    principal: Principal | None = None

    @property
    def own_account(self) -> str:
        """That of who signed; the API's, where nobody did."""
        return self.principal.arn.split(":")[4] if self.principal else self.account

    @property
    def name(self) -> str:
        return self.principal.arn if self.principal else "anonymous"

    def context(self) -> policy.Context:
        context: policy.Context = {
            "aws:SourceIp": [self.source],
            "aws:SecureTransport": ["true"],
            "aws:RequestedRegion": [self.region],
            "aws:ResourceAccount": [self.account],
        }
        if self.principal:
            context |= self.principal.context
            context |= {"aws:PrincipalArn": [self.principal.role_arn or self.principal.arn], "aws:PrincipalAccount": [self.own_account]}
        return context

    def names(self) -> policy.Principals:
        if not self.principal:
            return {}
        own = {self.principal.arn, self.principal.role_arn or self.principal.arn}
        return {"AWS": {*own, self.own_account, f"arn:aws:iam::{self.own_account}:root"}}


def by_identity(caller: Caller, resource: str) -> str | None:
    principal = caller.principal
    if not principal:
        return None
    verdict = policy.decide(principal.policies, INVOKE, resource, caller.context())
    if verdict == policy.ALLOW and principal.boundary is not None:
        verdict = policy.decide([principal.boundary], INVOKE, resource, caller.context())
    return verdict


def reaches_backend(integration: dict[str, Any], principal: Principal | None) -> bool:
    """With the caller's own credentials an integration needs a caller who has them, and who may invoke the function."""
    if integration.get("credentials", integration.get("CredentialsArn")) != CALLER:
        return True
    function = function_of(integration.get("uri") or "") or str(integration.get("IntegrationUri") or "")
    policies = principal.policies if principal else []
    if principal and principal.boundary is not None and policy.decide([principal.boundary], "lambda:InvokeFunction", function, {}) != policy.ALLOW:
        return False
    return policy.decide(policies, "lambda:InvokeFunction", function, {}) == policy.ALLOW


def by_resource(document: dict[str, Any], caller: Caller, resource: str) -> str | None:
    """The verdict of the API's resource policy."""
    return policy.decide_on_resource(document["Statement"], caller.names(), INVOKE, resource, caller.context())
