"""What must hold of an API before a perimeter and after it, whatever its file says, and whether its conditions are as its file says."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from . import oracle
from .callers import ANOTHER, FOREIGNER, STRANGERS, Caller, Line, Place, Seen, named, past, probing, through, viewers
from .files import Case
from .oracle import Door

Json = dict[str, Any]
Answers = dict[tuple[Door, Caller], Seen]
# Which of the conditions' reasons say that nobody asked.
UNASKED = {"ProbesDisabled", "NothingToProbe"}


@dataclass(frozen=True)
class Problem:
    """One thing that is not as it must be."""

    what: str
    method: str
    way: str
    expected: str
    got: str


@dataclass(frozen=True)
class Before:
    """What viewers were answered while nobody had touched the API, at each of its stages."""

    # At the API's own address.
    stages: dict[str, Answers]
    # At custom domain names, by their place in the file: each case has names of its own.
    names: dict[str, list[Answers]]


def before(line: Line, case: Case, api: Json) -> tuple[Before, list[Problem]]:
    """What the stages answer while nobody has touched them, and whether that is what they ask for."""
    stages = {stage: _asked(line, case, api, stage, past(case, stage)) for stage in api["stages"]}
    names = {stage: [_asked(line, case, api, stage, place) for place in named(case, stage)] for stage in api["stages"]}
    problems = [problem for answers in stages.values() for problem in _disagreements(answers)]
    problems += [problem for found in names.values() for answers in found for problem in _disagreements(answers)]
    return Before(stages, names), problems


def _asked(line: Line, case: Case, api: Json, stage: str, place: Place) -> Answers:
    return line.all(case, place, [(door, caller) for door in oracle.doors(api, stage) for caller in viewers(case)])


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


def after(line: Line, case: Case, api: Json, found: Json, answered: Before) -> list[Problem]:
    """What callers get now, past the perimeter and through it, against what is said and what they got before."""
    by_name = case.kind == "MutualTls"
    doors = oracle.doors(api, case.stage, by_name)
    callers = (*STRANGERS, *viewers(case)[1:], ANOTHER, FOREIGNER)
    direct = line.all(case, past(case, case.stage), [(door, caller) for door in doors for caller in callers])
    # An endpoint that is off answers otherwise than its methods ask.
    problems = [] if by_name else _disagreements(direct)
    is_restricted = condition(found, "AccessRestricted")[0] == "True"
    if is_restricted:
        problems += _restricted(case, api, direct)
    if condition(found, "DirectAccessBlocked")[0] == "True":
        problems += _refused(case, direct, "DirectAccessBlocked", STRANGERS)
    problems += _other_doors(case, api, found)
    problems += _others_served(line, case, api, answered)
    domain = found.get("status", {}).get("distribution", {}).get("domainName")
    if domain:
        now = line.all(case, through(case, domain), [(door, caller) for door in doors for caller in viewers(case)])
        problems += _served(case, found, answered.stages[case.stage], now, "through the perimeter")
        problems += _probed(line, case, found, domain)
    elif is_restricted:
        problems.append(Problem("AccessRestricted is True without a perimeter", "", "through", "a distribution", "none"))
    for was, place in zip(answered.names[case.stage], named(case, case.stage), strict=True):
        now = _asked(line, case, api, case.stage, place)
        problems += _served(case, found, was, now, f"at {place.host}", replaces=place.host in case.aliases)
    return problems


def _others_served(line: Line, case: Case, api: Json, answered: Before) -> list[Problem]:
    """Other stages go on as they were: a lock of the declared one is no matter of theirs."""
    problems = []
    for stage in sorted(set(api["stages"]) - {case.stage}):
        for place in (past(case, stage), *named(case, stage)):
            was = answered.stages[stage] if place.host == case.host else answered.names[stage][named(case, stage).index(place)]
            problems += _lost(was, _asked(line, case, api, stage, place), f"at stage {stage}, {place.host}", lambda door, caller: False)
    return problems


def _probed(line: Line, case: Case, found: Json, domain: str) -> list[Problem]:
    """What probes ask for is asked for as they do, both ways, and held against what is said of it."""
    access = found.get("status", {}).get("access", {})
    path, probed = access.get("probePath"), access.get("probed")
    if not path or not probed:
        return []
    method, origin_path, probe = probed["method"], case.spec["origin"].get("path", ""), probing(case)
    problems = []
    if condition(found, "ViewerAccessVerified")[0] == "True":
        seen = line.get(case, Place(domain, ""), method, path, probe)
        # What customers show for themselves is asked for last.
        is_past_all = seen.by == "apigateway" and seen.code == "ForbiddenException" and case.keys and case.kind != "ApiKey"
        if not seen.is_let_in and not is_past_all:
            problems.append(Problem("ViewerAccessVerified is True", f"{method} {path}", "through the perimeter, a probe", "let in", str(seen)))
    status, reason, message = condition(found, "DirectAccessBlocked")
    seen = line.get(case, Place(case.host, ""), method, f"{origin_path}{path}", probe)
    if seen.by == "backend" and seen.status < 400 and status != "False" and reason not in UNASKED:
        problems.append(
            Problem("DirectAccessBlocked", f"{method} {path}", "past the perimeter, a probe", f"False, since it got {seen}", f"{status} {reason}: {message}")
        )
    return problems


def too_early(case: Case, api: Json) -> list[Problem]:
    """Methods that stand open while the object is said to be locked: in the first moment, and now and then from then on."""
    return _open(case, api, "AccessRestricted is True on the way")


def _open(case: Case, api: Json, said: str) -> list[Problem]:
    keys = api["stages"][case.stage]["keys"]
    doors = oracle.doors(api, case.stage)
    open_doors = [door for door in doors if door.key not in case.excluded and not oracle.proves(door, case.kind, keys)]
    return [
        Problem(said, _named(door), "as deployed", f"asks for what {case.kind} shows", f"asks for {', '.join(sorted(door.asks)) or 'nothing'}")
        for door in open_doors
    ]  # fmt: skip


def _restricted(case: Case, api: Json, direct: Answers) -> list[Problem]:
    strangers = (*STRANGERS, *viewers(case)[1:], FOREIGNER, *((ANOTHER,) if case.is_exclusive else ()))
    return _open(case, api, "AccessRestricted is True") + _refused(case, direct, "AccessRestricted", strangers)


def _refused(case: Case, direct: Answers, said: str, strangers: tuple[Caller, ...]) -> list[Problem]:
    return [
        Problem(f"{said} is True", _named(door), f"past the perimeter, {caller.name}", "refused by API Gateway", str(seen))
        for (door, caller), seen in direct.items()
        if caller in strangers and seen.is_let_in and door.key not in case.excluded
    ]


def _served(case: Case, found: Json, was: Answers, now: Answers, way: str, replaces: bool = True) -> list[Problem]:
    """Nobody who was let in before is refused now. Under SigV4 the signature stands in a token's place where the authorizers are left as they
    are, if that is told of each such method. `replaces`: whether who asks comes through the perimeter."""
    signs = replaces and case.kind in ("SigV4", "exclusive", "Observe")
    notes = found.get("status", {}).get("notes", [])
    told = " ".join(note["message"] for note in notes if note["reason"] == "AuthorizationReplaced")

    def is_told(door: Door, caller: Caller) -> bool:
        return signs and oracle.TOKEN in caller.shows and (door.key in told or " more" in told)

    return _lost(was, now, way, is_told)


def _lost(was: Answers, now: Answers, way: str, is_told: Callable[[Door, Caller], bool]) -> list[Problem]:
    # Keys are each case's own, so callers are known by their names.
    found = {(door.key, door.method, door.is_canary, caller.name): seen for (door, caller), seen in now.items()}
    problems = []
    for (door, caller), before in was.items():
        if not before.is_let_in or is_told(door, caller):
            continue
        seen = found.get((door.key, door.method, door.is_canary, caller.name))
        if not seen or not seen.is_let_in:
            problems.append(Problem("a viewer is refused", _named(door), f"{way}, {caller.name}", f"{before}, as before", str(seen or "no such method")))
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
