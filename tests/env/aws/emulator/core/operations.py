"""The register of operations that we answer ourselves; moto answers the rest."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from .answers import Answer
from .call import Call

if TYPE_CHECKING:
    from ..world import World

Handler = Callable[["World", Call], Answer]
HANDLERS: dict[tuple[str, str], Handler] = {}
# Run after moto has answered with success, under the same lock.
FOLLOW_UPS: dict[tuple[str, str], Callable[[World, Call, Answer], None]] = {}
# Run before moto, to refuse what moto accepts.
CHECKS: dict[tuple[str, str], Callable[[World, Call], None]] = {}


def operation(service: str, *names: str) -> Callable[[Handler], Handler]:
    def register(handler: Handler) -> Handler:
        for name in names:
            HANDLERS[service, name] = handler
        return handler

    return register
