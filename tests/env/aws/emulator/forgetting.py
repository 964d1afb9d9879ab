"""Takes away what was made for one namespace, as if it had never been: for tests that share an account and are over."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from . import moto_side
from .apis import seeding

if TYPE_CHECKING:
    from .world import World

Json = dict[str, Any]
TAG = "palisade.dev/namespace"


def forget(home: World, namespace: str, apis: str) -> list[str]:
    """What bears the namespace in its tag, or in the name that it was given, and the APIs whose ids end so, in all accounts; answers the
    ARNs. Whether something still needs it is not asked: all of it goes."""
    gone = []
    for world in home.everywhere():
        for found in world.resources():
            remove = _REMOVED.get(found["type"])
            is_named = str(found["name"]).startswith(f"palisade-{namespace}-")
            if remove and (is_named or found["tags"].get(TAG) == namespace):
                remove(world, found)
                gone.append(found["arn"])
        for region, number in [place for place in world.apis.apis if apis and place[1].endswith(apis)]:
            gone.append(world.apis.apis[region, number].arn)
            seeding.change(world, region, number, {"delete": True})
    return gone


def _web_acl(world: World, found: Json) -> None:
    world.waf.web_acls.delete(world.waf.web_acls.all[found["id"]])
    for key in [key for key in world.waf.logging if key[0] == found["arn"]]:
        del world.waf.logging[key]
        world.waf.logging_history.put(" ".join(key), None)


def _function(world: World, found: Json) -> None:
    function = world.functions.all.pop((found["region"], found["name"]))
    world.functions.note(function)
    world.tags.note(function.arn, None)


def _role(world: World, found: Json) -> None:
    del moto_side.iam(world.account).roles[found["id"]]
    world.roles.note(found["name"])


def _health_check(world: World, found: Json) -> None:
    del world.route53.health_checks[found["id"]]
    world.route53.history.put(found["id"], None)
    world.tags.note(found["arn"], None)


def _key(world: World, found: Json) -> None:
    del world.apis.keys[found["region"], found["id"]]
    for plan in world.apis.plans.values():
        plan.key_ids = [number for number in plan.key_ids if number != found["id"]]
    world.tags.note(found["arn"], None)


def _plan(world: World, found: Json) -> None:
    del world.apis.plans[found["region"], found["id"]]
    world.tags.note(found["arn"], None)


def _domain_name(world: World, found: Json) -> None:
    del world.apis.domains[found["region"], found["name"]]
    world.tags.note(found["arn"], None)


_REMOVED: dict[str, Callable[[World, Json], None]] = {
    "distribution": lambda world, found: world.distributions.delete(world.distributions.all[found["id"]]),
    "webacl": _web_acl,
    "ipset": lambda world, found: world.waf.ip_sets.delete(world.waf.ip_sets.all[found["id"]]),
    "function": _function,
    "role": _role,
    "certificate": lambda world, found: world.certificates.delete(world.certificates.all[found["arn"]]),
    "alarm": lambda world, found: world.alarms.delete(world.alarms.all[found["arn"].split(":")[3], found["name"]]),
    "protection": lambda world, found: world.shield.delete(world.shield.protections[found["id"]]),
    "healthcheck": _health_check,
    "apikey": _key,
    "usageplan": _plan,
    "domainname": _domain_name,
}
