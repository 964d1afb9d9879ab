"""Pages of lists."""

from __future__ import annotations

import contextvars
from collections.abc import Callable, Sequence
from typing import TypeVar

from .answers import AwsError

T = TypeVar("T")
# Set by the fault "truncatedList" for the time of one call.
TRUNCATED: contextvars.ContextVar[bool] = contextvars.ContextVar("truncated", default=False)


def page(items: Sequence[T], key: Callable[[T], str], marker: str | None, size: int) -> tuple[list[T], str | None]:
    """The page after the item named by the marker, and the next marker, which is the last item's own key.

    A marker whose item is gone would lose the rest of a list, so its place is kept by position within it.
    """
    start = 0
    if marker:
        position, _, last = marker.partition("~")
        start = next((i + 1 for i, item in enumerate(items) if key(item) == last), -1)
        if start < 0:
            if not position.isdigit():
                raise AwsError("InvalidArgument", "The specified marker is not valid.")
            start = max(0, min(int(position), len(items)) - 1)
    chosen = list(items[start : start + size])
    if TRUNCATED.get():
        # What a stale or broken list looks like: some items are missing and nothing says so.
        return chosen[: len(chosen) // 2], None
    more = start + size < len(items)
    return chosen, f"{start + size}~{key(chosen[-1])}" if more and chosen else None


def size(given: object, largest: int, default: int | None = None) -> int:
    try:
        wanted = int(given) if given not in (None, "") else (default or largest)  # type: ignore[call-overload]
    except (TypeError, ValueError):
        raise AwsError("InvalidArgument", "The page size is not a number.") from None
    return max(1, min(wanted, largest))
