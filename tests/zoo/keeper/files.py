"""The zoo's files: one API each, as a tool makes it, and what must come of it in each mode."""

from __future__ import annotations

import copy
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from . import kinds

Json = dict[str, Any]
REGION = "eu-north-1"
HERE = Path(__file__).parents[1]
FEWEST = 60
# That of the aliases, which every case may use.
CERTIFICATE = "arn:aws:acm:us-east-1:123456789012:certificate/11111111-2222-3333-4444-555555555555"
# What mutual TLS needs: of the account, of the API's Region.
ZONE, BUCKET = ("Z0ZOOORIGINS", "origins.example.com"), "zoo-truststores"
# What a mode adds to the smallest manifest.
MODES: dict[str, Json] = {
    "SigV4": {},
    "exclusive": {"access": {"sigV4": {"exclusive": True}}},
    "ApiKey": {"access": {"mode": "ApiKey"}},
    "SecretHeader": {"access": {"mode": "SecretHeader"}},
    "MutualTls": {"access": {"mode": "MutualTls", "mutualTls": {"hostedZoneId": ZONE[0], "truststoreBucket": BUCKET}}},
    "Observe": {"access": {"enforcement": "Observe"}},
}
# A file says of each of these what comes of it.
WANTED = {"REST": {"SigV4", "exclusive", "ApiKey", "SecretHeader"}, "HTTP": {"SigV4", "SecretHeader"}, "WEBSOCKET": {"SigV4", "SecretHeader"}}
LOCKED = {
    "AccessRestricted": "True Locked",
    "ViewerAccessVerified": "True ViewerReached",
    "DirectAccessBlocked": "True DirectRefused",
    "Ready": "True Ready",
}
OPEN = {"AccessRestricted": "False Open", "DirectAccessBlocked": "False DirectAccessOpen"}


@dataclass(frozen=True)
class Expected:
    # Status and reason of conditions, as "True Locked"; the reason may be left out.
    conditions: dict[str, str]


@dataclass
class Case:
    """One API in one mode."""

    file: str
    # As the file names it: a mode, and what it is tried with.
    mode: str
    number: int
    api: Json
    spec: Json
    expected: Expected
    edits: Json | None
    tokens: list[str]
    keys: list[str]
    # What stands in the known list for it.
    known: str | None = None

    @property
    def kind(self) -> str:
        return self.mode.partition(" ")[0]

    @property
    def name(self) -> str:
        return f"{self.file.removesuffix('.yaml')}--{self.mode.lower().replace(' ', '-')}"

    @property
    def api_id(self) -> str:
        return f"zoo{self.number:07d}"

    @property
    def host(self) -> str:
        return f"{self.api_id}.execute-api.{REGION}.amazonaws.com"

    @property
    def protocol(self) -> str:
        return str(self.api["protocol"])

    @property
    def stage(self) -> str:
        return str(self.spec["origin"]["stage"])

    @property
    def excluded(self) -> set[str]:
        return set(self.spec.get("access", {}).get("excludeMethods", []))

    @property
    def aliases(self) -> set[str]:
        return set(self.spec.get("distribution", {}).get("aliases", []))

    @property
    def is_exclusive(self) -> bool:
        return bool(self.spec.get("access", {}).get("sigV4", {}).get("exclusive"))


@dataclass
class File:
    name: str
    stands_for: str
    document: Json
    cases: list[Case] = field(default_factory=list)


class Wrong(Exception):
    """A file of the zoo that cannot be read; the message names it."""


def read(only: str = "", share: tuple[int, int] = (1, 1)) -> list[File]:
    """All files, or those whose names have one of the parts in `only`, which commas separate; of these the n-th of so many shares."""
    known = yaml.safe_load((HERE / "known.yaml").read_text()) or {}
    files, number = [], 0
    for path in sorted((HERE / "apis").glob("*.yaml")):
        if not any(part in path.name for part in only.split(",")):
            continue
        file = _file(path)
        for mode, said in file.document["modes"].items():
            number += 1
            file.cases.append(_case(file, mode, said, number, known.get(path.name, {}).get(mode)))
        files.append(file)
    listed = {(name, mode) for name, modes in known.items() for mode in modes}
    strangers = listed - {(case.file, case.mode) for file in files for case in file.cases}
    if strangers and not only:
        raise Wrong(f"known.yaml names what is not in the zoo: {sorted(strangers)}")
    missing = kinds.missing([file.document["api"] for file in files])
    if missing and not only:
        raise Wrong(f"no API of the zoo has {', '.join(missing)}")
    if len(files) < FEWEST and not only:
        raise Wrong(f"the zoo has {len(files)} APIs, and is to have {FEWEST} at least")
    nth, shares = share
    return _dealt(files, shares)[nth - 1]


def _dealt(files: list[File], shares: int) -> list[list[File]]:
    """So many shares that take about as long, each in the order of names."""
    dealt: list[list[File]] = [[] for _ in range(shares)]
    for file in sorted(files, key=_cost, reverse=True):
        min(dealt, key=lambda share: sum(map(_cost, share))).append(file)
    return [sorted(share, key=lambda file: file.name) for share in dealt]


def _cost(file: File) -> int:
    """About how many calls and requests it brings about, in tens."""
    return len(file.cases) * (10 + len(file.document["api"]["methods"]))


def _file(path: Path) -> File:
    text = path.read_text()
    first = text.partition("\n")[0]
    if not first.startswith("# ") or len(first) < 40:
        raise Wrong(f"{path.name}: the first line says what it stands for and where such APIs come from")
    document = yaml.safe_load(text)
    unknown = set(document) - {"api", "edits", "spec", "modes"}
    if unknown:
        raise Wrong(f"{path.name}: no such part: {', '.join(sorted(unknown))}")
    document["api"].setdefault("protocol", "REST")
    protocol = document["api"]["protocol"]
    document["api"].setdefault("stages", ["$default"] if protocol == "HTTP" else ["prod"])
    kinds = {mode.partition(" ")[0] for mode in document["modes"]}
    if WANTED[protocol] - kinds or kinds - set(MODES):
        raise Wrong(f"{path.name}: modes must have {', '.join(sorted(WANTED[protocol]))}, and besides only {', '.join(MODES)}")
    document["api"]["methods"] = [one for given in document["api"]["methods"] for one in _repeated(given)]
    return File(path.name, first.removeprefix("# "), document)


def _repeated(given: Json | str) -> list[Json | str]:
    """{repeat: 3, method: "GET /items{n}"} stands for three."""
    if isinstance(given, str) or "repeat" not in given:
        return [given]
    one = {name: value for name, value in given.items() if name != "repeat"}
    return [{**copy.deepcopy(one), "method": one["method"].replace("{n}", str(n))} for n in range(given["repeat"])]


def _case(file: File, mode: str, said: Json | str, number: int, known: str | None) -> Case:
    document = file.document
    said = {"is": said} if isinstance(said, str) else dict(said)
    api = copy.deepcopy(document["api"])
    stage = api["stages"][0]
    host = f"zoo{number:07d}.execute-api.{REGION}.amazonaws.com"
    spec: Json = {"origin": {"endpoint": host, "type": api["protocol"], "stage": stage if isinstance(stage, str) else stage["name"]}}
    for more in (document.get("spec", {}), MODES[mode.partition(" ")[0]], said.pop("spec", {})):
        _merge(spec, copy.deepcopy(more))
    if "mutualTls" in spec.get("access", {}):
        # So has the name by which CloudFront reaches it.
        spec["access"]["mutualTls"]["originDomain"] = f"z{number}.{ZONE[1]}"
    tokens, keys = _identities(api, number)
    api |= {"id": f"zoo{number:07d}", "region": REGION}
    # Names are the world's, so each case has its own, also where its spec has it.
    names = {domain["domainName"]: f"z{number}.{domain['domainName']}" for domain in api.get("domainNames", [])}
    plan = spec.get("access", {}).get("apiKey", {})
    if plan.get("usagePlanId") == "{plan}":
        plan["usagePlanId"] = api["usagePlans"][0]["id"]
    for domain in api.get("domainNames", []):
        domain["domainName"] = names[domain["domainName"]]
    distribution = spec.get("distribution", {})
    if "aliases" in distribution:
        distribution |= {"aliases": [names[alias] for alias in distribution["aliases"]], "certificateArn": CERTIFICATE}
    return Case(file.name, mode, number, api, spec, _expected(file, mode, said), document.get("edits"), tokens, keys, known)


def _identities(api: Json, number: int) -> tuple[list[str], list[str]]:
    """Tokens of users and values of customers' keys; the latter are the Region's, so each case has its own."""
    tokens = {token for authorizer in api.get("authorizers", []) for token in authorizer.get("emulatorTokens", ["emulated-user-token"])}
    keys = []
    for place, plan in enumerate(api.get("usagePlans", [])):
        plan["id"] = f"zp{number:04d}{place}"
        plan["name"] = f"{plan['name']}-{number}"
        for key in plan["keys"]:
            key["value"] = f"customers-key-{number:06d}-{key['name']}"
            keys.append(key["value"])
    for authorizer in api.get("authorizers", []):
        if "emulatorUsageKey" in authorizer:
            authorizer["emulatorUsageKey"] = f"customers-key-{number:06d}-{authorizer['emulatorUsageKey']}"
    return sorted(tokens), keys


def _expected(file: File, mode: str, said: Json) -> Expected:
    """`locked`, `open`, `refused REASON` (the lock), `rejected REASON` (the object), and conditions that differ from it."""
    word, _, reason = said.pop("is").partition(" ")
    match word:
        case "locked":
            conditions = dict(LOCKED)
        case "open":
            conditions = dict(OPEN)
        case "refused":
            conditions = {"AccessRestricted": f"False {reason}".strip(), "Ready": f"False {reason}".strip()}
        case "rejected":
            conditions = {"Accepted": f"False {reason}".strip(), "Ready": f"False {reason}".strip()}
        case _:
            raise Wrong(f"{file.name}, {mode}: {word} is not locked, open, refused or rejected")
    if said:
        # What is not as usual decides whether it is ready.
        conditions.pop("Ready", None)
    said.pop("because", None)
    return Expected({**conditions, **said})


def _merge(into: Json, more: Json) -> None:
    for name, value in more.items():
        if isinstance(value, dict) and isinstance(into.get(name), dict):
            _merge(into[name], value)
        else:
            into[name] = value
