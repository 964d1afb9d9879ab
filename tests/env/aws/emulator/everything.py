"""Loads every module that registers operations."""

from __future__ import annotations


def load() -> None:
    from . import tagging  # noqa: F401
    from .cloudfront import operations as _cloudfront  # noqa: F401
    from .functions import operations as _functions  # noqa: F401
    from .iam import identity, roles  # noqa: F401
    from .wafv2 import ip_sets, logging, managed_groups, tags, web_acls  # noqa: F401
