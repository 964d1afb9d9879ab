"""Pages as API Gateway gives them: 25, unless asked for up to 500."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, TypeVar

from ..core import paging
from ..core.answers import AwsError
from . import refusals

T = TypeVar("T")


def page(items: Sequence[T], key: Callable[[T], str], marker: Any, size: Any) -> tuple[list[T], str | None]:
    try:
        return paging.page(items, key, marker, paging.size(size, 500, 25))
    except AwsError:
        raise refusals.bad("Invalid position parameter specified") from None
