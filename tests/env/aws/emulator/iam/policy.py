"""Evaluating IAM policy documents."""

from __future__ import annotations

import functools
import ipaddress
import json
import re
from typing import Any

Context = dict[str, list[str]]
# All names of a caller, by kind: AWS or Service.
Principals = dict[str, set[str]]
# What a statement says of a request: nothing, yes, or no.
ALLOW, DENY = "Allow", "Deny"


@functools.lru_cache(maxsize=512)
def parse(document: str) -> tuple[dict[str, Any], ...]:
    statements = json.loads(document).get("Statement", [])
    return tuple(statements if isinstance(statements, list) else [statements])


def applying(documents: list[str], action: str, resource: str, context: Context) -> list[dict[str, Any]]:
    """The statements that say something of a request."""
    return [statement for document in documents for statement in parse(document) if _applies(statement, action, resource, context)]


def verdict_of(statements: list[dict[str, Any]]) -> str | None:
    """Deny wins over Allow; None is an implicit deny."""
    effects = {statement["Effect"] for statement in statements}
    return DENY if DENY in effects else ALLOW if effects else None


def decide(documents: list[str], action: str, resource: str, context: Context) -> str | None:
    return verdict_of(applying(documents, action, resource, context))


def decide_on_resource(statements: Any, principals: Principals, action: str, resource: str, context: Context) -> str | None:
    """The verdict of a policy that stands on the resource itself, for a caller by all its names."""
    verdict = None
    for statement in statements if isinstance(statements, list) else [statements]:
        if _addresses(statement, principals) and _applies(statement, action, resource, context):
            if statement["Effect"] == DENY:
                return DENY
            verdict = ALLOW
    return verdict


def _addresses(statement: dict[str, Any], principals: Principals) -> bool:
    if "NotPrincipal" in statement:
        return not _is_one_of(statement["NotPrincipal"], principals)
    return _is_one_of(statement.get("Principal"), principals)


def _is_one_of(given: Any, principals: Principals) -> bool:
    if given == "*":
        return True
    if not isinstance(given, dict):
        return False
    named = {kind: _list(names) for kind, names in given.items()}
    return "*" in named.get("AWS", []) or any(principals.get(kind, set()).intersection(names) for kind, names in named.items())


def _applies(statement: dict[str, Any], action: str, resource: str, context: Context) -> bool:
    if "NotAction" in statement:
        if any(_like(p.lower(), action.lower()) for p in _list(statement["NotAction"])):
            return False
    elif not any(_like(p.lower(), action.lower()) for p in _list(statement.get("Action"))):
        return False
    if "NotResource" in statement:
        if any(_like(_filled(p, context), resource) for p in _list(statement["NotResource"])):
            return False
    elif not any(_like(_filled(p, context), resource) for p in _list(statement.get("Resource"))):
        return False
    conditions = statement.get("Condition") or {}
    return all(_condition(op, key, _list(wanted), context) for op, tests in conditions.items() for key, wanted in tests.items())


def _list(value: Any) -> list[str]:
    if value is None:
        return []
    return [str(v) if not isinstance(v, bool) else str(v).lower() for v in (value if isinstance(value, list) else [value])]


@functools.lru_cache(maxsize=4096)
def _pattern(pattern: str) -> re.Pattern[str]:
    return re.compile("".join(".*" if c == "*" else "." if c == "?" else re.escape(c) for c in pattern), re.DOTALL)


def _like(pattern: str, value: str) -> bool:
    return bool(_pattern(pattern).fullmatch(value))


def _filled(pattern: str, context: Context) -> str:
    """Policy variables such as ${aws:PrincipalTag/team}."""
    if "${" not in pattern:
        return pattern
    return re.sub(r"\$\{([^}]+)\}", lambda m: (_values(m[1], context) or [m[0]])[0], pattern)


def _values(key: str, context: Context) -> list[str] | None:
    # Names of condition keys know no case; the tag's own name within one does.
    wanted, _, tag = key.partition("/")
    for known, values in context.items():
        name, _, own = known.partition("/")
        if name.lower() == wanted.lower() and own == tag:
            return values
    return None


def _condition(operator: str, key: str, wanted: list[str], context: Context) -> bool:
    quantifier, _, base = operator.rpartition(":")
    if_exists = base.endswith("IfExists")
    base = base.removesuffix("IfExists")
    values = _values(key, context)
    if base == "Null":
        return (not values) == (wanted[0].lower() == "true")
    if not values:
        # ForAllValues is true of nothing and ForAnyValue never is; without either, negative operators are true of what is not there.
        return if_exists or quantifier == "ForAllValues" or ("Not" in base and not quantifier)
    wanted = [_filled(w, context) for w in wanted]
    negated = "Not" in base
    test = _OPERATORS.get(base.replace("Not", ""))
    if test is None:
        raise ValueError(f"condition operator {operator} is not emulated")
    found = [any(test(w, v) for w in wanted) != negated for v in values]
    return all(found) if quantifier == "ForAllValues" or (negated and not quantifier) else any(found)


_OPERATORS: dict[str, Any] = {
    "StringEquals": lambda wanted, value: wanted == value,
    "StringEqualsIgnoreCase": lambda wanted, value: wanted.lower() == value.lower(),
    "StringLike": _like,
    "ArnLike": _like,
    "ArnEquals": _like,
    "Bool": lambda wanted, value: wanted.lower() == value.lower(),
    "IpAddress": lambda wanted, value: ipaddress.ip_address(value) in ipaddress.ip_network(wanted, strict=False),
    "NumericEquals": lambda wanted, value: float(wanted) == float(value),
    "NumericLessThanEquals": lambda wanted, value: float(value) <= float(wanted),
}
