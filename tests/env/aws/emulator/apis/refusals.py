"""API Gateway's refusals."""

from __future__ import annotations

from ..core.answers import AwsError


def bad(message: str) -> AwsError:
    return AwsError("BadRequestException", message)


def missing(message: str) -> AwsError:
    return AwsError("NotFoundException", message, 404)


def unknown(what: str) -> AwsError:
    return missing(f"Invalid {what} identifier specified")


def conflict(message: str) -> AwsError:
    return AwsError("ConflictException", message, 409)


def limit(message: str) -> AwsError:
    return AwsError("LimitExceededException", message, 429)
