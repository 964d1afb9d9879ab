"""What must hold of an API before a perimeter and after it, whatever its file says, and whether its conditions are as its file says."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from . import oracle
from .callers import ANOTHER, STRANGERS, Caller, Line, Seen, viewers
from .files import Case
from .oracle import Door

Json = dict[str, Any]
Answers = dict[tuple[Door, Caller], Seen]


@dataclass(frozen=True)
class Problem:
    """One thing that is not as it must be."""

    what: str
    method: str
    way: str
    expected: str
    got: str


def before(line: Line, case: Case, api: Json) -> tuple[Answers, list[Problem]]:
    """What the stage answers while nobody has touched it, and whether that is what it asks for."""
    doors = oracle.doors(api, case.stage)
    answers = line.all(case, case.host, [(door, caller) for door in doors for caller in viewers(case)])
    return answers, _disagreements(answers)


def is_settled(case: Case, found: Json) -> bool:
    return not unlike(case, found)


def unlike(case: Case, found: Json) -> list[Problem]:
    """Conditions that are not as the file says."""
    problems = []
    for kind, wanted in case.expected.conditions.items():
        status, reason, message = condition(found, kind)
        want_status, _, want_reason = wanted.partition(" ")
        if status != want_status or (want_reason and reason != want_reason):
            problems.append(Problem("the condition", "", kind, wanted, f"{status} {reason}: {message}"))
    return problems


def condition(found: Json, kind: str) -> tuple[str, str, str]:
    """Status, reason and message of a condition of the current generation."""
    generation = found.get("metadata", {}).get("generation")
    for one in found.get("status", {}).get("conditions", []):
        if one["type"] == kind and one.get("observedGeneration") == generation:
            return one["status"], one["reason"], one["message"]
    return "absent", "", ""


def after(line: Line, case: Case, api: Json, found: Json, answered: Answers) -> list[Problem]:
    """What callers get now, past the perimeter and through it, against what is said and what they got before."""
    doors = oracle.doors(api, case.stage)
    past = line.all(case, case.host, [(door, caller) for door in doors for caller in (*STRANGERS, *viewers(case)[1:], ANOTHER)])
    problems = _disagreements(past)
    is_restricted = condition(found, "AccessRestricted")[0] == "True"
    if is_restricted:
        problems += _restricted(case, api, past)
    if condition(found, "DirectAccessBlocked")[0] == "True":
        problems += _refused(case, past, "DirectAccessBlocked", STRANGERS)
    problems += _other_doors(case, api, found)
    domain = found.get("status", {}).get("distribution", {}).get("domainName")
    if domain:
        through = line.all(case, domain, [(door, caller) for door in doors for caller in viewers(case)])
        problems += _served(case, answered, through, is_restricted)
    elif is_restricted:
        problems.append(Problem("AccessRestricted is True without a perimeter", "", "through", "a distribution", "none"))
    return problems


def too_early(case: Case, api: Json) -> list[Problem]:
    """Methods that stand open in the moment in which the object is said to be locked."""
    return _open(case, api, "AccessRestricted is True for the first time")


def _open(case: Case, api: Json, said: str) -> list[Problem]:
    keys = api["stages"][case.stage]["keys"]
    doors = oracle.doors(api, case.stage)
    open_doors = [door for door in doors if door.key not in case.excluded and not oracle.proves(door, case.kind, keys)]
    return [
        Problem(said, _named(door), "as deployed", f"asks for what {case.kind} shows", f"asks for {', '.join(sorted(door.asks)) or 'nothing'}")
        for door in open_doors
    ]  # fmt: skip


def _restricted(case: Case, api: Json, past: Answers) -> list[Problem]:
    strangers = (*STRANGERS, *viewers(case)[1:], *((ANOTHER,) if case.is_exclusive else ()))
    return _open(case, api, "AccessRestricted is True") + _refused(case, past, "AccessRestricted", strangers)


def _refused(case: Case, past: Answers, said: str, strangers: tuple[Caller, ...]) -> list[Problem]:
    return [
        Problem(f"{said} is True", _named(door), f"past the perimeter, {caller.name}", "refused by API Gateway", str(seen))
        for (door, caller), seen in past.items()
        if caller in strangers and seen.is_let_in and door.key not in case.excluded
    ]


def _served(case: Case, answered: Answers, through: Answers, is_restricted: bool) -> list[Problem]:
    """Nobody who was let in before is refused now. Under SigV4 the signature stands in a token's place, also where nothing is locked by it."""
    signs = case.kind in ("SigV4", "exclusive", "Observe")
    # Keys are each case's own, so callers are known by their names.
    now = {(door.key, door.method, door.is_canary, caller.name): seen for (door, caller), seen in through.items()}
    problems = []
    for (door, caller), was in answered.items():
        is_lost = signs and oracle.TOKEN in caller.shows and (not is_restricted or door.key in case.excluded)
        if not was.is_let_in or is_lost:
            continue
        seen = now.get((door.key, door.method, door.is_canary, caller.name))
        if not seen or not seen.is_let_in:
            problems.append(
                Problem("a viewer is refused", _named(door), f"through the perimeter, {caller.name}", f"{was}, as before", str(seen or "no such method"))
            )
    return problems


def _other_doors(case: Case, api: Json, found: Json) -> list[Problem]:
    """A stage of the same API that lets anybody in is told, and so is every domain name."""
    if condition(found, "AccessRestricted")[0] != "True":
        return []
    others = found["status"].get("access", {}).get("otherDoors", [])
    told = {door["name"]: door["state"] for door in others if door["type"] == "Stage"}
    names = {domain["domainName"] for domain in case.api.get("domainNames", [])}
    problems = [
        Problem("a domain name leads to the API", name, "status.access.otherDoors", "told", "not told")
        for name in sorted(names)
        if not any(door["type"] != "Stage" and door["name"].startswith(name) for door in others)
    ]
    for stage in set(api["stages"]) - {case.stage}:
        is_open = any(not door.asks and door.key not in case.excluded for door in oracle.doors(api, stage))
        if is_open and told.get(stage) not in ("Open", "Unknown"):
            problems.append(Problem("another stage is open", stage, "status.access.otherDoors", "Open or Unknown", told.get(stage, "not told")))
    return problems


def _disagreements(answers: Answers) -> list[Problem]:
    """Where the emulated API Gateway does not do what it has deployed: a mistake of the oracle or of the emulator."""
    problems = []
    for (door, caller), seen in answers.items():
        may = door.lets_in(set(caller.shows))
        is_missed = may and not seen.is_let_in and not door.is_narrowed
        if is_missed or (seen.is_let_in and not may):
            wanted = f"{'let in' if may else 'refused'}, since it asks for {', '.join(sorted(door.asks)) or 'nothing'}"
            problems.append(Problem("the oracle", _named(door), f"past the perimeter, {caller.name}", wanted, str(seen)))
    return problems


def _named(door: Door) -> str:
    return f"{door.method} {door.path or door.key}{' of the canary' if door.is_canary else ''}"
