"""What a call needs: an action on a resource, and what conditions may look at."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from .policy import Context


@dataclass
class Need:
    action: str
    resource: str
    context: Context = field(default_factory=dict)


def resource_tags(tags: Mapping[str, str]) -> Context:
    return {f"aws:ResourceTag/{key}": [value] for key, value in tags.items()}


def request_tags(tags: Mapping[str, str]) -> Context:
    context: Context = {f"aws:RequestTag/{key}": [value] for key, value in tags.items()}
    if tags:
        context["aws:TagKeys"] = list(tags)
    return context
