"""Functions, their versions, and the states that they pass through."""

from __future__ import annotations

import copy
import re
import time
import uuid
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from ..core.answers import AwsError
from ..core.history import History

if TYPE_CHECKING:
    from ..world import World

Json = dict[str, Any]
STATE_FIELDS = ("State", "StateReason", "StateReasonCode", "LastUpdateStatus", "LastUpdateStatusReason", "LastUpdateStatusReasonCode")


@dataclass
class Version:
    """$LATEST or a published version."""

    document: Json
    code: bytes
    active_at: float
    updated_at: float = 0.0
    settled: bool = False
    # The revision that it will have once it is active, or its update is through.
    next_revision: str = field(default_factory=lambda: str(uuid.uuid4()))

    @property
    def steady_at(self) -> float:
        return max(self.active_at, self.updated_at)


@dataclass
class Policy:
    """Who may invoke a function, or one version of it."""

    statements: dict[str, Json] = field(default_factory=dict)
    revision: str = field(default_factory=lambda: str(uuid.uuid4()))


@dataclass
class Function:
    name: str
    region: str
    arn: str
    latest: Version
    tags: dict[str, str]
    published: dict[str, Version] = field(default_factory=dict)
    highest: int = 0
    # The resource policies: by qualifier ("": of the function itself).
    policies: dict[str, Policy] = field(default_factory=dict)

    def version(self, qualifier: str) -> Version | None:
        return self.latest if qualifier in ("", "$LATEST") else self.published.get(qualifier)


class Functions:
    def __init__(self, world: World) -> None:
        self.world = world
        self.all: dict[tuple[str, str], Function] = {}
        self.histories: dict[str, History[list[Json]]] = {}

    def find(self, region: str, name: str) -> Function | None:
        return self.all.get((region, name))

    def arn(self, region: str, name: str) -> str:
        return f"arn:aws:lambda:{region}:{self.world.account}:function:{name}"

    def get(self, region: str, given: str, qualifier: str = "") -> tuple[Function, Version, str]:
        """By name, partial or full ARN, perhaps with a qualifier in it."""
        found = re.fullmatch(r"(?:arn:aws:lambda:([a-z0-9-]+):\d{12}:function:|\d{12}:function:)?([A-Za-z0-9_-]+)(?::([\w$-]+))?", given)
        if not found:
            raise AwsError(
                "ValidationException",
                f"1 validation error detected: Value '{given}' at 'functionName' failed to satisfy constraint: Member must satisfy regular expression pattern",
            )
        name, qualifier = found[2], qualifier or found[3] or ""
        function = self.find(found[1] or region, name)
        version = function.version(qualifier) if function else None
        if found[1] and found[1] != region:
            raise AwsError("ResourceNotFoundException", f"Functions from '{found[1]}' are not reachable in this region ('{region}')", 404)
        if not function or not version:
            arn = self.arn(region, name) + (f":{qualifier}" if qualifier else "")
            raise AwsError("ResourceNotFoundException", f"Function not found: {arn}", 404)
        return function, version, qualifier

    def state(self, version: Version) -> str:
        self.settle(version)
        return "Active" if time.time() >= version.active_at else "Pending"

    def updating(self, version: Version) -> bool:
        self.settle(version)
        return time.time() < version.updated_at

    def settle(self, version: Version) -> None:
        """A change of state is a revision of its own, as in AWS."""
        if not version.settled and time.time() >= version.steady_at:
            version.settled = True
            version.document["RevisionId"] = version.next_revision

    def configuration(self, function: Function, version: Version, qualifier: str = "") -> Json:
        document = copy.deepcopy(version.document)
        if self.state(version) == "Active":
            document["State"] = "Active"
            if self.updating(version):
                document["LastUpdateStatus"] = "InProgress"
                document["LastUpdateStatusReason"] = "The function is being created."
                document["LastUpdateStatusReasonCode"] = "Creating"
            else:
                document["LastUpdateStatus"] = "Successful"
        else:
            document.update(State="Pending", StateReason="The function is being created.", StateReasonCode="Creating")
        document["RevisionId"] = version.document["RevisionId"]
        # An unqualified call answers the unqualified ARN, a qualified one its own.
        document["FunctionArn"] = function.arn + (f":{qualifier or version.document['Version']}" if qualifier or document["Version"] != "$LATEST" else "")
        return document

    def touch(self, version: Version) -> None:
        version.next_revision = str(uuid.uuid4())
        version.document["RevisionId"] = str(uuid.uuid4())
        version.document["LastModified"] = time.strftime("%Y-%m-%dT%H:%M:%S.000+0000", time.gmtime())

    def note(self, function: Function) -> None:
        """What lists show from now on: the latest and all versions."""
        for version in (function.latest, *function.published.values()):
            self.settle(version)
        history = self.histories.setdefault(function.region, History())
        if (function.region, function.name) not in self.all:
            history.put(function.name, None)
            return
        versions = [function.latest, *function.published.values()]
        history.put(function.name, [self._listed(function, version) for version in versions])

    def _listed(self, function: Function, version: Version) -> Json:
        number = version.document["Version"]
        arn = function.arn + (f":{number}" if number != "$LATEST" else "")
        settling = None if version.settled else (version.steady_at, version.next_revision)
        return {"arn": arn, "document": dict(version.document), "settling": settling}

    def listed(self, region: str) -> list[list[Json]]:
        history = self.histories.get(region)
        return history.at(self.world.list_time()) if history else []

    def publish(self, function: Function, description: str | None) -> Version:
        """A new version, unless nothing changed since the last one."""
        latest = function.latest
        last = function.published.get(str(function.highest))
        same = ("CodeSha256", "Runtime", "Handler", "Role", "Timeout", "MemorySize", "Environment", "Architectures", "Layers", "LoggingConfig", "TracingConfig")
        described = latest.document.get("Description") if description is None else description
        if last and last.document.get("Description") == described and all(last.document.get(k) == latest.document.get(k) for k in same):
            return last
        function.highest += 1
        document = copy.deepcopy(latest.document)
        document["Version"] = str(function.highest)
        if description is not None:
            document["Description"] = description
        active_at = max(time.time(), latest.active_at) + (float(self.world.settings["functionPending"]) if time.time() >= latest.active_at else 0)
        version = Version(document, latest.code, active_at)
        self.touch(version)
        function.published[str(function.highest)] = version
        # Publishing revises $LATEST too.
        latest.document["RevisionId"] = str(uuid.uuid4())
        return version

    def resources(self) -> list[Json]:
        return [
            {
                "service": "lambda",
                "type": "function",
                "id": f.name,
                "name": f.name,
                "arn": f.arn,
                "state": self.state(f.latest),
                "tags": dict(f.tags),
                "region": f.region,
                "versions": list(f.published),
                "role": f.latest.document["Role"],
            }
            for f in self.all.values()
        ]
