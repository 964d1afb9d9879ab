"""Lambda's operations."""

from __future__ import annotations

import base64
import binascii
import hashlib
import io
import re
import time
import zipfile
from typing import TYPE_CHECKING, Any

from ..core import paging
from ..core.answers import Answer, AwsError, as_json
from ..core.call import Call
from ..core.operations import operation
from . import refusals
from .store import STATE_FIELDS, Function, Json, Version

if TYPE_CHECKING:
    from ..world import World

# Node.js 20 can no longer be created or updated (2026-09); edge functions are all that is emulated here.
RUNTIMES = ("nodejs22.x", "nodejs24.x", "python3.12", "python3.13", "python3.14")
ENDED = re.compile(r"nodejs(\d|1\d|20)?(\..*)?")


@operation("lambda", "CreateFunction")
def create(world: World, call: Call) -> Answer:
    params = call.params
    for member in ("FunctionName", "Role", "Code"):
        if params.get(member) is None:
            raise refusals.required(member)
    name = str(params["FunctionName"]).rpartition(":")[2]
    if not re.fullmatch(r"[A-Za-z0-9_-]{1,64}", name):
        raise refusals.pattern("functionName", name, "[a-zA-Z0-9-_]+")
    tags = params.get("Tags") or {}
    world.access.depend(call, "iam:PassRole", params["Role"], {"iam:PassedToService": ["lambda.amazonaws.com"]})
    if tags:
        world.access.depend(call, "lambda:TagResource", world.functions.arn(call.region, name), request_tags=tags)
    _runtime(params.get("Runtime"))
    code = _code(params["Code"])
    if params.get("PackageType", "Zip") == "Zip" and not params.get("Handler"):
        raise refusals.invalid("Runtime and Handler are mandatory parameters for functions created with deployment packages.")
    if world.functions.find(call.region, name):
        raise AwsError("ResourceConflictException", f"Function already exist: {name}", 409)
    if sum(region == call.region for region, _ in world.functions.all) >= world.settings.limit("functions"):
        raise AwsError("CodeStorageExceededException", "Function count limit exceeded.")
    _role(world, params["Role"])
    function, answered = make(world, call.region, name, params, code)
    return _answer(world, function, answered, 201)


def make(world: World, region: str, name: str, params: Json, code: bytes) -> tuple[Function, Version]:
    """A function as it is once nothing speaks against it, and the version that the creation answers."""
    document = {
        "FunctionName": name,
        "Runtime": params.get("Runtime"),
        "Role": params["Role"],
        "Handler": params.get("Handler"),
        "CodeSize": len(code),
        "Description": params.get("Description", ""),
        "Timeout": params.get("Timeout", 3),
        "MemorySize": params.get("MemorySize", 128),
        "CodeSha256": _sha(code),
        "Version": "$LATEST",
        "TracingConfig": params.get("TracingConfig") or {"Mode": "PassThrough"},
        "PackageType": "Zip",
        "Architectures": params.get("Architectures") or ["x86_64"],
        "EphemeralStorage": params.get("EphemeralStorage") or {"Size": 512},
        "SnapStart": {"ApplyOn": "None", "OptimizationStatus": "Off"},
        "RuntimeVersionConfig": {"RuntimeVersionArn": f"arn:aws:lambda:{region}::runtime:{hashlib.sha256(str(params.get('Runtime')).encode()).hexdigest()}"},
        "LoggingConfig": {"LogFormat": "Text", "LogGroup": f"/aws/lambda/{name}", **(params.get("LoggingConfig") or {})},
    }
    _optional(document, params)
    _bounds(document)
    latest = Version(document, code, time.time() + float(world.settings["functionPending"]))
    world.functions.touch(latest)
    function = Function(name, region, world.functions.arn(region, name), latest, dict(params.get("Tags") or {}))
    world.functions.all[region, name] = function
    answered = world.functions.publish(function, None) if params.get("Publish") else latest
    world.functions.note(function)
    world.tags.note(function.arn, function.tags)
    return function, answered


@operation("lambda", "GetFunction")
def get(world: World, call: Call) -> Answer:
    function, version, qualifier = _get(world, call)
    location = (
        f"{world.home.endpoint}/_emulator/lambda/code/{world.account}/{function.region}/{function.name}/{version.document['Version'].replace('$', '%24')}"
    )
    body: Json = {
        "Configuration": world.functions.configuration(function, version, qualifier),
        "Code": {"RepositoryType": "S3", "Location": location},
    }
    if function.tags:
        body["Tags"] = function.tags
    return as_json(body)


@operation("lambda", "GetFunctionConfiguration")
def get_configuration(world: World, call: Call) -> Answer:
    function, version, qualifier = _get(world, call)
    return as_json(world.functions.configuration(function, version, qualifier))


@operation("lambda", "UpdateFunctionCode")
def update_code(world: World, call: Call) -> Answer:
    function, latest = _changeable(world, call)
    _runtime(latest.document["Runtime"])
    code = _code(call.params)
    if call.params.get("DryRun"):
        return _answer(world, function, latest)
    latest.code = code
    latest.document.update(CodeSha256=_sha(code), CodeSize=len(code))
    if call.params.get("Architectures"):
        latest.document["Architectures"] = call.params["Architectures"]
    return _updated(world, call, function)


@operation("lambda", "UpdateFunctionConfiguration")
def update_configuration(world: World, call: Call) -> Answer:
    params = call.params
    # Checked even when the role stays what it is.
    function, latest = _changeable(world, call)
    if params.get("Role"):
        world.access.depend(call, "iam:PassRole", params["Role"], {"iam:PassedToService": ["lambda.amazonaws.com"]})
    _runtime(params.get("Runtime") or latest.document["Runtime"])
    if params.get("Role"):
        _role(world, params["Role"])
    changed = {k: params[k] for k in ("Runtime", "Role", "Handler", "Description", "Timeout", "MemorySize", "TracingConfig", "EphemeralStorage") if k in params}
    document = {**latest.document, **changed}
    if params.get("LoggingConfig"):
        document["LoggingConfig"] = {**document["LoggingConfig"], **params["LoggingConfig"]}
    _optional(document, params)
    _bounds(document)
    latest.document = document
    return _updated(world, call, function)


@operation("lambda", "PublishVersion")
def publish(world: World, call: Call) -> Answer:
    function, latest, _ = world.functions.get(call.region, call.params["FunctionName"])
    _steady(world, function, latest)
    _runtime(latest.document["Runtime"])
    wanted = call.params.get("CodeSha256")
    if wanted and wanted != latest.document["CodeSha256"]:
        raise refusals.invalid(
            f"CodeSHA256 ({wanted}) is different from current CodeSHA256 in $LATEST ({latest.document['CodeSha256']}). "
            "Please try again with the CodeSHA256 in $LATEST."
        )
    _revision(call, latest)
    version = world.functions.publish(function, call.params.get("Description"))
    world.functions.note(function)
    return _answer(world, function, version, 201)


@operation("lambda", "ListFunctions")
def listed(world: World, call: Call) -> Answer:
    everything = call.query.get("FunctionVersion") == "ALL"
    entries = [entry for function in world.functions.listed(call.region) for entry in (function if everything else function[:1])]
    return _page(world, call, "Functions", entries)


@operation("lambda", "ListVersionsByFunction")
def versions(world: World, call: Call) -> Answer:
    function, _, _ = world.functions.get(call.region, call.params["FunctionName"])
    found = next((f for f in world.functions.listed(call.region) if f[0]["document"]["FunctionName"] == function.name), [])
    return _page(world, call, "Versions", [{**e, "arn": f"{function.arn}:{e['document']['Version']}"} for e in found])


@operation("lambda", "DeleteFunction")
def delete(world: World, call: Call) -> Answer:
    function, _, qualifier = _get(world, call)
    if qualifier == "$LATEST":
        raise refusals.invalid("$LATEST version cannot be deleted without deleting the function.")
    numbers = [qualifier] if qualifier else list(function.published)
    for number in numbers:
        if world.distributions.replicated(f"{function.arn}:{number}"):
            arn = f"{function.arn}:{qualifier}" if qualifier else function.arn
            raise refusals.invalid(
                f"Lambda was unable to delete {arn} because it is a replicated function. Please see our documentation for Deleting Lambda@Edge Functions and "
                "Replicas."
            )
    if qualifier:
        del function.published[qualifier]
    else:
        del world.functions.all[function.region, function.name]
        world.tags.note(function.arn, None)
    world.functions.note(function)
    return Answer(204)


@operation("lambda", "ListTags")
def list_tags(world: World, call: Call) -> Answer:
    return as_json({"Tags": _tagged(world, call).tags})


@operation("lambda", "TagResource", "UntagResource")
def tag(world: World, call: Call) -> Answer:
    function = _tagged(world, call)
    if call.operation == "TagResource":
        changed = {**function.tags, **(call.params.get("Tags") or {})}
        if any(key.lower().startswith("aws:") for key in changed) or len(changed) > 50:
            raise refusals.invalid("The tags are not valid: a function has at most 50, and none that begins with aws:.")
    else:
        gone = call.params.get("TagKeys", [])
        changed = {k: v for k, v in function.tags.items() if k not in gone}
    function.tags = changed
    world.tags.note(function.arn, changed)
    return Answer(204)


def _get(world: World, call: Call) -> tuple[Function, Version, str]:
    return world.functions.get(call.region, call.params["FunctionName"], call.query.get("Qualifier", ""))


def _tagged(world: World, call: Call) -> Function:
    arn = call.params["Resource"]
    if not re.fullmatch(r"arn:aws:lambda:[a-z0-9-]+:\d{12}:function:[A-Za-z0-9_-]+", arn):
        raise refusals.invalid("Tags on function aliases and versions are not supported. Please specify either a function ARN or an event source mapping ARN.")
    return world.functions.get(call.region, arn)[0]


def _changeable(world: World, call: Call) -> tuple[Function, Version]:
    function, latest, _ = world.functions.get(call.region, call.params["FunctionName"])
    _steady(world, function, latest)
    _revision(call, latest)
    return function, latest


def _steady(world: World, function: Function, latest: Version) -> None:
    state = world.functions.state(latest)
    if state != "Active":
        raise AwsError(
            "ResourceConflictException",
            f"The operation cannot be performed at this time. The function is currently in the following state: {state}",
            409,
        )
    if world.functions.updating(latest):
        raise AwsError(
            "ResourceConflictException",
            f"The operation cannot be performed at this time. An update is in progress for resource: {function.arn}",
            409,
        )


def _revision(call: Call, latest: Version) -> None:
    given = call.params.get("RevisionId")
    if given and given != latest.document["RevisionId"]:
        raise AwsError(
            "PreconditionFailedException",
            "The Revision Id provided does not match the latest Revision Id. Call the GetFunction/GetAlias API to retrieve the latest Revision Id",
            412,
        )


def _updated(world: World, call: Call, function: Function) -> Answer:
    latest = function.latest
    latest.updated_at, latest.settled = time.time() + float(world.settings["functionPending"]), False
    world.functions.touch(latest)
    version = world.functions.publish(function, None) if call.params.get("Publish") else latest
    world.functions.note(function)
    return _answer(world, function, version)


def _answer(world: World, function: Function, version: Version, status: int = 200) -> Answer:
    return as_json(world.functions.configuration(function, version), status)


def _page(world: World, call: Call, key: str, entries: list[Json]) -> Answer:
    size = paging.size(call.query.get("MaxItems"), 50)
    chosen, following = paging.page(entries, lambda e: str(e["arn"]), call.query.get("Marker"), size)
    found = []
    for entry in chosen:
        # Lists do not say in what state a function is.
        document = {**{k: v for k, v in entry["document"].items() if k not in STATE_FIELDS}, "FunctionArn": entry["arn"]}
        if entry["settling"] and world.list_time() >= entry["settling"][0]:
            document["RevisionId"] = entry["settling"][1]
        found.append(document)
    return as_json({**({"NextMarker": following} if following else {}), key: found})


def _runtime(runtime: Any) -> None:
    if runtime in RUNTIMES:
        return
    if runtime and ENDED.fullmatch(str(runtime)):
        raise refusals.invalid(
            f"The runtime parameter of {runtime} is no longer supported for creating or updating AWS Lambda functions. We recommend you use a supported "
            "runtime while creating or updating functions."
        )
    raise refusals.invalid(
        f"Value {runtime} at 'runtime' failed to satisfy constraint: Member must satisfy enum value set: [{', '.join(RUNTIMES)}] or be a valid ARN"
    )


def _role(world: World, arn: str) -> None:
    if not re.fullmatch(r"arn:aws:iam::\d{12}:role/?[a-zA-Z_0-9+=,.@\-_/]+", arn):
        raise refusals.pattern("role", arn, r"arn:(aws[a-zA-Z-]*)?:iam::\d{12}:role/?[a-zA-Z_0-9+=,.@\-_/]+")
    role = world.roles.by_arn(arn)
    if not role or "lambda.amazonaws.com" not in world.roles.trusted_services(role) or not world.roles.propagated(role):
        raise refusals.invalid("The role defined for the function cannot be assumed by Lambda.")


def _code(given: Json) -> bytes:
    try:
        code = base64.b64decode(given.get("ZipFile") or "", validate=True)
        with zipfile.ZipFile(io.BytesIO(code)) as archive:
            archive.namelist()
    except (binascii.Error, zipfile.BadZipFile, ValueError):
        raise refusals.invalid("Could not unzip uploaded file. Please check your file, then try to upload again.") from None
    if len(code) > 50 * 1024 * 1024:
        raise AwsError("RequestEntityTooLargeException", "Request must be smaller than 70167211 bytes for the CreateFunction operation", 413)
    return code


def _sha(code: bytes) -> str:
    return base64.b64encode(hashlib.sha256(code).digest()).decode()


def _optional(document: Json, params: Json) -> None:
    """Members that are only there when they say something."""
    variables = (params.get("Environment") or {}).get("Variables")
    if "Environment" in params:
        document.pop("Environment", None)
        if variables:
            document["Environment"] = {"Variables": variables}
    if "Layers" in params:
        document.pop("Layers", None)
        if params["Layers"]:
            document["Layers"] = [{"Arn": arn, "CodeSize": 1} for arn in params["Layers"]]
    if "VpcConfig" in params and params["VpcConfig"] is not None:
        document["VpcConfig"] = {"SubnetIds": [], "SecurityGroupIds": [], "VpcId": "", **params["VpcConfig"]}
    if params.get("KMSKeyArn"):
        document["KMSKeyArn"] = params["KMSKeyArn"]


def _bounds(document: Json) -> None:
    for member, least, most in (("Timeout", 1, 900), ("MemorySize", 128, 10240)):
        value = document[member]
        if not isinstance(value, int) or not least <= value <= most:
            raise refusals.between(member, value, least, most)
