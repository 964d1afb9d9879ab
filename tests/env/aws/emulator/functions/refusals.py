"""Lambda's refusals."""

from __future__ import annotations

from ..core.answers import AwsError


def invalid(message: str) -> AwsError:
    return AwsError("InvalidParameterValueException", message)


def required(member: str) -> AwsError:
    name = member[0].lower() + member[1:]
    return AwsError("ValidationException", f"1 validation error detected: Value null at '{name}' failed to satisfy constraint: Member must not be null")


def pattern(name: str, value: object, regex: str) -> AwsError:
    return AwsError(
        "ValidationException",
        f"1 validation error detected: Value '{value}' at '{name}' failed to satisfy constraint: Member must satisfy regular expression pattern: {regex}",
    )


def between(member: str, value: object, least: int, most: int) -> AwsError:
    name = member[0].lower() + member[1:]
    bound = f"less than or equal to {most}" if isinstance(value, int) and value > most else f"greater than or equal to {least}"
    return AwsError(
        "ValidationException", f"1 validation error detected: Value '{value}' at '{name}' failed to satisfy constraint: Member must have value {bound}"
    )
