"""Which stage and which route a request meets."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from urllib.parse import unquote

from ..apis.deployed import Route, Routes

# So many places that were asked for are remembered of a deployment.
MOST = 10_000


@dataclass(frozen=True)
class Match:
    route: Route
    parameters: dict[str, str] = field(default_factory=dict)


def split_stage(path: str) -> tuple[str, str]:
    """The first segment, and the path after it."""
    stage, slash, rest = path.removeprefix("/").partition("/")
    return stage, f"{slash or '/'}{rest}"


def of_rest(routes: Routes, method: str, path: str) -> Match | None:
    """The resource that fits best, then its method: another resource's method does not stand in."""
    return _met(routes, method, path, _of_rest)


def of_http(routes: Routes, method: str, path: str) -> Match | None:
    """The best of the routes that take the method: one that fits whole before a greedy one. $default takes what is left."""
    return _met(routes, method, path, _of_http)


def _met(routes: Routes, method: str, path: str, look: Callable[[list[Route], str, str], Match | None]) -> Match | None:
    if (method, path) not in routes.met:
        if len(routes.met) >= MOST:
            routes.met.clear()
        routes.met[method, path] = look(routes, method, path)
    found: Match | None = routes.met[method, path]
    return found


def _of_rest(routes: list[Route], method: str, path: str) -> Match | None:
    fitting = _fitting(routes, path.rstrip("/"))
    best = [match for _, match in fitting if match.route.path == fitting[0][1].route.path]
    return _by_method(best, method)


def _of_http(routes: list[Route], method: str, path: str) -> Match | None:
    fitting = [match for _, match in _fitting([r for r in routes if r.method in (method, "ANY")], path)]
    for match in sorted(fitting, key=lambda match: match.route.path.endswith("+}")):
        return match
    return next((Match(r) for r in routes if r.path == "$default"), None)


def _by_method(matches: list[Match], method: str) -> Match | None:
    for wanted in (method, "ANY"):
        found = next((match for match in matches if match.route.method == wanted), None)
        if found:
            return found
    return None


def _fitting(routes: list[Route], path: str) -> list[tuple[tuple[tuple[int, ...], bool], Match]]:
    """The best first: literal segments before parameters, those before a greedy one; a method of its own before ANY."""
    found = []
    for route in routes:
        fit = _fit(route.path, path) if route.path.startswith("/") else None
        if fit:
            found.append(((fit[0], route.method == "ANY"), Match(route, fit[1])))
    return sorted(found, key=lambda entry: entry[0])


def _fit(pattern: str, path: str) -> tuple[tuple[int, ...], dict[str, str]] | None:
    wanted, given = pattern.removeprefix("/").split("/"), path.removeprefix("/").split("/")
    ranks: list[int] = []
    parameters: dict[str, str] = {}
    for place, part in enumerate(wanted):
        if part.startswith("{") and part.endswith("+}"):
            rest = "/".join(given[place:])
            if not rest:
                return None
            parameters[part[1:-2]] = unquote(rest)
            return (*ranks, 2), parameters
        if place >= len(given):
            return None
        if part.startswith("{") and part.endswith("}") and given[place]:
            parameters[part[1:-1]] = unquote(given[place])
            ranks.append(1)
        elif part == unquote(given[place]):
            ranks.append(0)
        else:
            return None
    return (tuple(ranks), parameters) if len(wanted) == len(given) else None
