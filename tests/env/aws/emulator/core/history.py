"""Things as they were a moment ago, for lists that lag behind writes."""

from __future__ import annotations

import time
from typing import Generic, TypeVar

T = TypeVar("T")
# Lists never lag longer than this; older states are forgotten.
LONGEST_LAG = 120.0


class History(Generic[T]):
    def __init__(self) -> None:
        self._states: dict[str, list[tuple[float, T | None]]] = {}

    def put(self, key: str, state: T | None) -> None:
        """Records a state from now on; None is the absence of the thing. States must not be changed afterwards."""
        now = time.time()
        states = self._states.setdefault(key, [])
        states.append((now, state))
        while len(states) > 1 and states[1][0] < now - LONGEST_LAG:
            states.pop(0)

    def at(self, when: float) -> list[T]:
        """All that existed then, in order of creation."""
        result, gone = [], []
        for key, states in self._states.items():
            current = None
            for since, state in reversed(states):
                if since <= when:
                    current = state
                    break
            if current is not None:
                result.append(current)
            elif states[-1][1] is None and states[-1][0] < when - LONGEST_LAG:
                gone.append(key)
        for key in gone:
            del self._states[key]
        return result
