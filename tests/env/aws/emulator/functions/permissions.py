"""Who may invoke a function: its resource policy."""

from __future__ import annotations

import json
import re
import uuid
from typing import TYPE_CHECKING

from ..core.answers import Answer, AwsError, as_json
from ..core.call import Call
from ..core.operations import operation
from . import refusals
from .store import Function, Json, Policy

if TYPE_CHECKING:
    from ..world import World


@operation("lambda", "AddPermission")
def add_permission(world: World, call: Call) -> Answer:
    params = call.params
    for member in ("StatementId", "Action", "Principal"):
        if params.get(member) is None:
            raise refusals.required(member)
    function, policy, arn, qualifier = _policy(world, call)
    _revision(policy, params.get("RevisionId"))
    sid = params["StatementId"]
    if not re.fullmatch(r"lambda:[*]|lambda:[a-zA-Z]+|[*]", params["Action"]):
        raise refusals.pattern("action", params["Action"], "(lambda:[*]|lambda:[a-zA-Z]+|[*])")
    if sid in policy.statements:
        raise AwsError(
            "ResourceConflictException",
            f"The statement id ({sid}) provided already exists. Please provide a new statement id, or remove the existing statement.",
            409,
        )
    statement: Json = {"Sid": sid, "Effect": "Allow", "Principal": _principal(params["Principal"]), "Action": params["Action"], "Resource": arn}
    condition: Json = {}
    if params.get("SourceAccount"):
        condition["StringEquals"] = {"AWS:SourceAccount": params["SourceAccount"]}
    if params.get("SourceArn"):
        condition["ArnLike"] = {"AWS:SourceArn": params["SourceArn"]}
    if condition:
        statement["Condition"] = condition
    changed = {**policy.statements, sid: statement}
    size = len(_document(changed))
    if size > 20480:
        raise AwsError("PolicyLengthExceededException", f"The final policy size ({size}) is bigger than the limit (20480).")
    policy.statements = changed
    function.policies[qualifier] = policy
    policy.revision = str(uuid.uuid4())
    return as_json({"Statement": json.dumps(statement, separators=(",", ":"))}, 201)


@operation("lambda", "RemovePermission")
def remove_permission(world: World, call: Call) -> Answer:
    function, policy, _, qualifier = _policy(world, call)
    sid = call.params["StatementId"]
    if not policy.statements:
        raise AwsError("ResourceNotFoundException", "No policy is associated with the given resource.", 404)
    if sid not in policy.statements:
        raise AwsError("ResourceNotFoundException", f"Statement {sid} is not found in resource policy.", 404)
    _revision(policy, call.query.get("RevisionId"))
    del policy.statements[sid]
    policy.revision = str(uuid.uuid4())
    if not policy.statements:
        del function.policies[qualifier]
    return Answer(204)


@operation("lambda", "GetPolicy")
def get_policy(world: World, call: Call) -> Answer:
    _, policy, _, _ = _policy(world, call)
    if not policy.statements:
        raise AwsError("ResourceNotFoundException", "The resource you requested does not exist.", 404)
    return as_json({"Policy": _document(policy.statements), "RevisionId": policy.revision})


def _policy(world: World, call: Call) -> tuple[Function, Policy, str, str]:
    """The function, its policy (a new one where it has none), the ARN that the policy is about, and the qualifier."""
    function, _, qualifier = world.functions.get(call.region, call.params["FunctionName"], call.query.get("Qualifier", ""))
    arn = f"{function.arn}:{qualifier}" if qualifier else function.arn
    return function, function.policies.get(qualifier) or Policy(), arn, qualifier


def _document(statements: dict[str, Json]) -> str:
    return json.dumps({"Version": "2012-10-17", "Id": "default", "Statement": list(statements.values())}, separators=(",", ":"))


def _principal(given: str) -> str | Json:
    if given == "*":
        return "*"
    if given.endswith((".amazonaws.com", ".amazon.com")):
        return {"Service": given}
    return {"AWS": f"arn:aws:iam::{given}:root" if re.fullmatch(r"\d{12}", given) else given}


def _revision(policy: Policy, given: str | None) -> None:
    if given and given != policy.revision:
        raise AwsError(
            "PreconditionFailedException",
            "The Revision Id provided does not match the latest Revision Id. Call the GetPolicy API to retrieve the latest Revision Id",
            412,
        )
