"""Web ACLs and IP sets: JSON documents with a lock token."""

from __future__ import annotations

import time
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from ..core.call import Call
from ..core.history import History
from . import refusals

if TYPE_CHECKING:
    from ..world import World

Json = dict[str, Any]


@dataclass
class Item:
    id: str
    name: str
    arn: str
    region: str
    scope: str
    document: Json
    created_at: float
    tags: dict[str, str]
    lock_token: str = ""

    def summary(self) -> Json:
        return {
            "Name": self.name,
            "Id": self.id,
            "Description": self.document.get("Description", ""),
            "LockToken": self.lock_token,
            "ARN": self.arn,
        }


class Collection:
    """All web ACLs, or all IP sets."""

    def __init__(self, world: World, kind: str, limit: str) -> None:
        self.world, self.kind, self.limit = world, kind, limit
        self.all: dict[str, Item] = {}
        # Scope and Region → what lists show.
        self.histories: dict[tuple[str, str], History[Json]] = {}

    def by_arn(self, arn: str) -> Item | None:
        found = self.all.get(arn.rpartition("/")[2])
        return found if found and found.arn == arn else None

    def get(self, call: Call) -> Item:
        """By name, scope and id: all three must be those of the one thing."""
        params = call.params
        if "Id" not in params and params.get("ARN"):
            found = self.by_arn(str(params["ARN"]))
        else:
            found = self.all.get(str(params.get("Id", "")))
            if found and (found.name != params.get("Name") or found.scope != params.get("Scope") or found.region != call.region):
                found = None
        if not found:
            raise refusals.missing()
        return found

    def locked(self, call: Call) -> Item:
        found = self.get(call)
        if call.params.get("LockToken") != found.lock_token:
            raise refusals.stale()
        return found

    def create(self, call: Call, document: Json, tags: dict[str, str]) -> Item:
        name, scope = str(document["Name"]), str(call.params["Scope"])
        peers = [i for i in self.all.values() if (i.scope, i.region) == (scope, call.region)]
        if any(item.name == name for item in peers):
            raise refusals.duplicate()
        if len(peers) >= self.world.settings.limit(self.limit):
            raise refusals.too_many(self.kind.upper())
        return self.add(call.region, scope, document, tags)

    def add(self, region: str, scope: str, document: Json, tags: dict[str, str]) -> Item:
        """One more, whatever there is."""
        name, item_id = str(document["Name"]), str(uuid.uuid4())
        arn = self.arn(region, scope, name, item_id)
        document["Id"], document["ARN"] = item_id, arn
        item = Item(item_id, name, arn, region, scope, document, time.time(), tags)
        self.all[item_id] = item
        self.write(item, document)
        self.world.tags.note(arn, tags)
        return item

    def arn(self, region: str, scope: str, name: str, item_id: str) -> str:
        where = "global" if scope == "CLOUDFRONT" else "regional"
        return f"arn:aws:wafv2:{region}:{self.world.account}:{where}/{self.kind}/{name}/{item_id}"

    def write(self, item: Item, document: Json) -> None:
        item.document, item.lock_token = document, str(uuid.uuid4())
        self.histories.setdefault((item.scope, item.region), History()).put(item.id, item.summary())

    def delete(self, item: Item) -> None:
        del self.all[item.id]
        self.histories[item.scope, item.region].put(item.id, None)
        self.world.tags.note(item.arn, None)

    def listed(self, call: Call) -> list[Json]:
        history = self.histories.get((str(call.params.get("Scope")), call.region))
        return history.at(self.world.list_time()) if history else []


class WafStore:
    def __init__(self, world: World) -> None:
        self.world = world
        self.web_acls = Collection(world, "webacl", "webAcls")
        self.ip_sets = Collection(world, "ipset", "ipSets")
        # Web ACL's ARN and log scope → configuration.
        self.logging: dict[tuple[str, str], Json] = {}
        self.logging_history: History[Json] = History()

    def tagged(self, arn: str) -> Item:
        found = self.web_acls.by_arn(arn) or self.ip_sets.by_arn(arn)
        if not found:
            raise refusals.missing()
        return found

    def resources(self) -> list[Json]:
        result: list[Json] = []
        for kind, collection in (("webacl", self.web_acls), ("ipset", self.ip_sets)):
            for i in collection.all.values():
                result.append({"service": "wafv2", "type": kind, "id": i.id, "name": i.name, "arn": i.arn, "state": None, "tags": dict(i.tags)})
        for (arn, scope), config in self.logging.items():
            name = ",".join(config["LogDestinationConfigs"])
            result.append({"service": "wafv2", "type": "logging", "id": f"{arn} {scope}", "name": name, "arn": arn, "state": None, "tags": {}})
        return result


def check_scope(call: Call) -> None:
    scope = call.params.get("Scope")
    if scope not in ("CLOUDFRONT", "REGIONAL"):
        raise refusals.constraint("scope", scope, "satisfy enum value set: [REGIONAL, CLOUDFRONT]" if scope else "not be null")
    if scope == "CLOUDFRONT" and call.region != "us-east-1":
        raise refusals.invalid("SCOPE_VALUE", "CLOUDFRONT", "The scope is not valid.")


def tags_of(params: Json) -> dict[str, str]:
    tags = params.get("Tags") or []
    keys = [tag.get("Key", "") for tag in tags]
    if any(not key or key.lower().startswith("aws:") for key in keys):
        raise refusals.invalid("TAG_KEYS", next(k for k in keys if not k or k.lower().startswith("aws:")), "The tag key is not valid.")
    if len(keys) > 50:
        raise refusals.invalid("TAGS", str(len(keys)), "A resource can have at most 50 tags.")
    return {tag["Key"]: tag.get("Value", "") for tag in tags}


def statements(value: Any) -> Iterator[Json]:
    """All JSON objects within a value, for finding references wherever they are nested."""
    if isinstance(value, dict):
        yield value
        for inner in value.values():
            yield from statements(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from statements(inner)
