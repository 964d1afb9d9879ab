"""Which functions CloudFront accepts at the edge."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from ..core.answers import AwsError

if TYPE_CHECKING:
    from ..world import World

_VERSION = re.compile(r"arn:aws:lambda:([a-z0-9-]+):(\d{12}):function:([A-Za-z0-9_-]+):(\d+)")


def _refuse(message: str) -> AwsError:
    return AwsError("InvalidLambdaFunctionAssociation", message)


def check_function(world: World, arn: str, event: str, known: bool) -> None:
    """Known: the distribution is associated with this version already, which was checked then."""
    found = _VERSION.fullmatch(arn)
    if not found:
        raise _refuse(f"The function ARN must reference a specific function version. (The ARN must end with the version number.) ARN: {arn}")
    region, account, name, version = found.groups()
    if region != "us-east-1":
        raise _refuse(f"The function must be in us-east-1. ARN: {arn}")
    function = world.functions.find(region, name)
    config = function.version(version) if function and account == world.account else None
    if not function or config is None:
        raise _refuse(f"The function does not exist, or is not accessible: {arn}")
    if known:
        return
    state = world.functions.state(config)
    if state != "Active":
        raise _refuse(f"The function must be in an Active state. The current state for function {arn} is {state}")
    document = config.document
    if (document.get("Environment") or {}).get("Variables"):
        raise _refuse(f"The function cannot have environment variables. Function: {arn}")
    if (document.get("VpcConfig") or {}).get("SubnetIds"):
        raise _refuse(f"The function cannot have a VPC configuration. Function: {arn}")
    if document.get("Layers"):
        raise _refuse(f"The function cannot have layers. Function: {arn}")
    if not re.fullmatch(r"(nodejs|python).*", document["Runtime"]):
        raise _refuse(f"The function has an unsupported runtime. Function: {arn}")
    longest = 5 if event.startswith("viewer") else 30
    if int(document["Timeout"]) > longest:
        raise _refuse(
            f"The function timeout is larger than the maximum allowed for functions that are triggered by a CloudFront event: {document['Timeout']} "
            f"Max allowed: {longest} Function: {arn}"
        )
    role = world.roles.by_arn(document["Role"])
    if not role or not {"lambda.amazonaws.com", "edgelambda.amazonaws.com"} <= world.roles.trusted_services(role):
        raise _refuse(
            "The function execution role must be assumable with edgelambda.amazonaws.com as well as lambda.amazonaws.com principals. "
            f"Update the IAM role and try again. Role: {document['Role']}"
        )
