"""Lengths, patterns and required members, as the service's model states them.

Members that the model does not know are left alone; numbers and enumerations are the services' own checks, which say more.
"""

from __future__ import annotations

import functools
from collections.abc import Iterator
from typing import Any

import regex
from botocore.model import ListShape, MapShape, Shape, StructureShape

from . import models
from .answers import AwsError
from .call import Call

# Rules of their own in wafv2.rules, with WAF's own errors.
_ELSEWHERE = {"Rules", "DefaultAction", "VisibilityConfig", "Addresses", "LoggingConfiguration"}

# The services that are checked, and what they call it.
_CODES = {
    "wafv2": "ValidationException", "lambda": "ValidationException", "shield": "ValidationException", "acm": "ValidationException",
    "iam": "ValidationError", "sts": "ValidationError", "cloudwatch": "ValidationError", "route53": "InvalidInput",
}  # fmt: skip


def check(call: Call) -> None:
    if call.service not in _CODES:
        return
    found = models.model(call.service)
    if not found or call.operation not in found.operation_names:
        return
    shape = found.operation_model(call.operation).input_shape
    if not isinstance(shape, StructureShape):
        return
    problems = [f"Value {value} at '{where}' failed to satisfy constraint: {rule}" for where, value, rule in _structure(shape, call.params, "")]
    if problems:
        count = f"{len(problems)} validation error{'s' if len(problems) > 1 else ''} detected: "
        raise AwsError(_CODES[call.service], count + "; ".join(problems))


Problem = tuple[str, str, str]


def _structure(shape: StructureShape, value: dict[str, Any], where: str) -> Iterator[Problem]:
    for name, member in shape.members.items():
        path = f"{where}.{name[0].lower()}{name[1:]}".lstrip(".")
        given = value.get(name)
        if not where and name in _ELSEWHERE:
            continue
        if given is None:
            # A form's lists and structures have keys of their own.
            if name in shape.required_members and not any(k.startswith(f"{name}.") for k in value):
                yield path, "null", "Member must not be null"
            continue
        yield from _value(member, given, path)


def _value(shape: Shape, given: Any, path: str) -> Iterator[Problem]:
    if isinstance(shape, StructureShape) and isinstance(given, dict):
        yield from _structure(shape, given, path)
    elif isinstance(shape, ListShape) and isinstance(given, list):
        for n, item in enumerate(given, 1):
            yield from _value(shape.member, item, f"{path}.{n}.member")
    elif isinstance(shape, MapShape) and isinstance(given, dict):
        for key, item in given.items():
            yield from _value(shape.key, key, f"{path}.key")
            yield from _value(shape.value, item, f"{path}.{key}.member")
    elif shape.type_name == "string" and isinstance(given, str):
        least, most, pattern = (shape.metadata.get(key) for key in ("min", "max", "pattern"))
        if least and len(given) < least:
            yield path, f"'{given}'", f"Member must have length greater than or equal to {least}"
        elif most and len(given) > most:
            yield path, f"'{given}'", f"Member must have length less than or equal to {most}"
        elif pattern and not _compiled(pattern).fullmatch(given):
            yield path, f"'{given}'", f"Member must satisfy regular expression pattern: {pattern}"


@functools.cache
def _compiled(pattern: str) -> Any:
    return regex.compile(pattern)
