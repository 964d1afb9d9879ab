"""Alarms of a Region, by name, and the metrics that a seed has."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from ..core.history import History

if TYPE_CHECKING:
    from ..world import World

Json = dict[str, Any]


@dataclass
class Alarm:
    name: str
    region: str
    arn: str
    document: Json
    tags: dict[str, str] = field(default_factory=dict)


class Alarms:
    def __init__(self, world: World) -> None:
        self.world = world
        self.all: dict[tuple[str, str], Alarm] = {}
        self.histories: dict[str, History[Json]] = {}

    def arn(self, region: str, name: str) -> str:
        return f"arn:aws:cloudwatch:{region}:{self.world.account}:alarm:{name}"

    def by_arn(self, arn: str) -> Alarm | None:
        return next((alarm for alarm in self.all.values() if alarm.arn == arn), None)

    def put(self, region: str, name: str, document: Json, tags: dict[str, str]) -> Alarm:
        """Makes an alarm, or replaces what it watches; its state and its tags stay."""
        existing, now = self.all.get((region, name)), time.time()
        alarm = existing or Alarm(name, region, self.arn(region, name), {}, tags)
        state = {"StateValue": "INSUFFICIENT_DATA", "StateReason": "Unchecked: Initial alarm creation", "StateUpdatedTimestamp": now}
        kept = {key: alarm.document.get(key, value) for key, value in state.items()}
        alarm.document = {**document, **kept, "AlarmArn": alarm.arn, "AlarmConfigurationUpdatedTimestamp": now}
        self.all[region, name] = alarm
        self.note(alarm)
        if not existing:
            self.world.tags.note(alarm.arn, tags)
        return alarm

    def note(self, alarm: Alarm) -> None:
        self.histories.setdefault(alarm.region, History()).put(alarm.name, dict(alarm.document))

    def delete(self, alarm: Alarm) -> None:
        del self.all[alarm.region, alarm.name]
        self.histories[alarm.region].put(alarm.name, None)
        self.world.tags.note(alarm.arn, None)

    def listed(self, region: str) -> list[Json]:
        history = self.histories.get(region)
        return sorted(history.at(self.world.list_time()), key=lambda alarm: str(alarm["AlarmName"])) if history else []

    def resources(self) -> list[Json]:
        return [
            {
                "service": "cloudwatch",
                "type": "alarm",
                "id": a.name,
                "name": a.name,
                "arn": a.arn,
                "state": a.document["StateValue"],
                "tags": dict(a.tags),
                "alarmActions": list(a.document.get("AlarmActions") or []),
            }
            for a in self.all.values()
        ]


# Region, namespace, name and dimensions.
Metric = tuple[str, str, str, frozenset[tuple[str, str]]]


class Metrics:
    """Sums by time, in seconds since 1970. Nothing here counts by itself."""

    def __init__(self) -> None:
        self.all: dict[Metric, list[tuple[float, float]]] = {}

    def put(self, metric: Metric, at: float, value: float) -> None:
        self.all.setdefault(metric, []).append((at, value))

    def sums(self, metric: Metric, start: float, end: float, period: int) -> dict[float, float]:
        """By the beginning of each period that has any, the newest first."""
        found: dict[float, float] = {}
        for at, value in self.all.get(metric, []):
            if start <= at < end:
                found[at // period * period] = found.get(at // period * period, 0.0) + value
        return dict(sorted(found.items(), reverse=True))
