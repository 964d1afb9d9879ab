"""What each method of a stage asks its callers for, reckoned from what the emulated API Gateway serves, and from nothing else."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

Json = dict[str, Any]
# What a caller may show. A secret is known to the perimeter alone.
SIGNATURE, KEY, TOKEN, SECRET = "signature", "key", "token", "secret"
# One of another account, which counts only where the resource policy lets that in.
FOREIGN_SIGNATURE = "signature of another account"


@dataclass(frozen=True)
class Door:
    # As people write it: GET /pets.
    key: str
    method: str
    # Below the stage.
    path: str
    asks: frozenset[str]
    is_canary: bool
    # Whether something besides may refuse: a resource policy, a throttle, a web ACL of the stage's own.
    is_narrowed: bool

    # Whether a resource policy may let in those of another account who sign.
    is_shared: bool = False

    def lets_in(self, shown: set[str]) -> bool:
        if FOREIGN_SIGNATURE in shown and self.is_shared:
            shown = {*shown, SIGNATURE}
        return self.asks <= shown


def doors(api: Json, stage: str, by_name: bool = False) -> list[Door]:
    """Every method that the stage, or its canary release, answers: at the default endpoint, or by a custom domain name."""
    found = []
    for place, served in enumerate(api["stages"][stage]["serves"]):
        if served["disabled"] and not by_name:
            continue
        is_shared = bool(served["policy"])
        is_narrowed = bool(served["policy"] or served["is_throttled"] or served["web_acl"])
        if api["protocol"] == "WEBSOCKET":
            route = next((route for route in served["routes"] if route["path"] == "$connect"), None)
            found.append(Door("$connect", "GET", "", asked(route, served) if route else frozenset(), place > 0, is_narrowed, is_shared))
            continue
        for route in served["routes"]:
            key = route["path"] if route["method"] == route["path"] else f"{route['method']} {route['path']}"
            for method in _methods(route["method"]):
                found.append(Door(key, method, example(route["path"]), asked(route, served), place > 0, is_narrowed, is_shared))
    return found


def asked(route: Json, served: Json) -> frozenset[str]:
    asks = set()
    if route["authorization_type"] == "AWS_IAM":
        asks.add(SIGNATURE)
    elif route["authorization_type"] != "NONE":
        authorizer = served["authorizers"].get(route["authorizer_id"] or "", {})
        asks.add(SECRET if ":function:palisade-" in authorizer.get("function_arn", "") else TOKEN)
        if route["api_key_required"] and served["api_key_source"] == "AUTHORIZER":
            return frozenset(asks)
    if route["api_key_required"]:
        asks.add(KEY)
    return frozenset(asks)


def proves(door: Door, kind: str, keys: list[Json]) -> bool:
    """Whether the door asks for what only the perimeter has in this mode; `keys` are those that the stage takes."""
    match kind:
        case "ApiKey":
            return KEY in door.asks and all((key["name"] or "").startswith("palisade-") for key in keys)
        case "SecretHeader":
            return SECRET in door.asks
        case "MutualTls":
            # Whatever a method asks for, the default endpoint is to be off.
            return False
        case _:
            return SIGNATURE in door.asks


def example(path: str) -> str:
    """A path that leads to a route, and to no other."""
    if path == "$default":
        return "/elsewhere/entirely"
    return re.sub(r"\{[^}]+\}", "7", re.sub(r"\{[^}]+\+\}", "deep/down", path))


def _methods(name: str) -> tuple[str, ...]:
    return ("GET", "POST") if name in ("ANY", "$default") else (name,)
