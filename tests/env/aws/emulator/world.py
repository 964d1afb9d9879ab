"""All state of the emulated account."""

from __future__ import annotations

import threading
import time
from typing import Any

from . import moto_side
from .apis.store import Apis
from .cloudfront.store import Distributions
from .core.faults import Faults
from .core.journal import Journal
from .core.quotas import Quotas
from .core.settings import Settings
from .datapath.journal import Requests
from .functions.store import Functions
from .iam.access import Access
from .iam.roles import Roles
from .iam.sessions import Sessions
from .tagging import TagIndex
from .wafv2.store import WafStore

ACCOUNT = moto_side.ACCOUNT


class World:
    def __init__(self, settings: Settings, endpoint: str = "") -> None:
        self.account = ACCOUNT
        self.settings = settings
        self.endpoint = endpoint
        # What the account begins with, again after each reset.
        self.seed: dict[str, Any] = {}
        # One lock for everything: calls are atomic, as a test expects. Waiting never holds it.
        self.lock = threading.RLock()
        self._make()

    def _make(self) -> None:
        self.faults = Faults()
        self.journal = Journal()
        self.quotas = Quotas(self.settings)
        self.distributions = Distributions(self)
        self.waf = WafStore(self)
        self.functions = Functions(self)
        self.roles = Roles(self)
        self.apis = Apis(self)
        self.tags = TagIndex(self)
        self.access = Access(self)
        self.sessions = Sessions(self.account)
        self.requests = Requests()
        # Results of Lambda authorizers: until when, and what they said.
        self.authorized: dict[tuple[Any, ...], tuple[float, Any]] = {}

    def reset(self) -> None:
        self.settings.reset()
        moto_side.reset()
        self._make()

    def list_time(self) -> float:
        """The moment that lists show."""
        return time.time() - float(self.settings["listLag"])

    def resources(self) -> list[dict[str, Any]]:
        return [
            *self.distributions.resources(),
            *self.waf.resources(),
            *self.functions.resources(),
            *self.roles.resources(),
            *self.apis.resources(),
            *moto_side.resources(),
        ]
