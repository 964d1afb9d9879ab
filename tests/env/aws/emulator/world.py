"""All state of the emulated accounts."""

from __future__ import annotations

import threading
import time
from typing import Any

from . import moto_side
from .acm.store import Certificates
from .apis.store import Apis
from .cloudfront.store import Distributions
from .cloudwatch.store import Alarms, Metrics
from .core.faults import Faults
from .core.journal import Journal
from .core.quotas import Quotas
from .core.settings import Settings
from .datapath.authority import Authority
from .datapath.journal import Requests
from .functions.store import Functions
from .iam.access import Access
from .iam.roles import Roles
from .iam.sessions import Sessions
from .route53.store import Route53
from .s3.store import Buckets
from .shield.store import Shield
from .tagging import TagIndex
from .wafv2.store import WafStore

ACCOUNT = moto_side.ACCOUNT


class World:
    """One account. The first one, home, knows the others; what is not AWS's (settings, faults, journals) is shared."""

    def __init__(self, settings: Settings, endpoint: str = "", account: str = ACCOUNT, home: World | None = None) -> None:
        self.account = account
        self.home = home or self
        self.settings = settings
        self.endpoint = endpoint
        # What the accounts begin with, again after each reset.
        self.seed: dict[str, Any] = {}
        # Who signs server certificates; and the port at which the data path speaks TLS, once it does.
        self.authority: Authority = home.authority if home else Authority()
        self.tls_port: int | None = None
        # One lock for everything: calls are atomic, as a test expects. Waiting never holds it.
        self.lock = home.lock if home else threading.RLock()
        self._begin()

    def _begin(self) -> None:
        if self.home is self:
            self.accounts: dict[str, World] = {self.account: self}
            self.faults = Faults()
            self.journal = Journal()
            self.requests = Requests()
        else:
            self.faults, self.journal, self.requests = self.home.faults, self.home.journal, self.home.requests
        # Results of Lambda authorizers: until when, and what they said.
        self.authorized: dict[tuple[Any, ...], tuple[float, Any]] = {}
        self._make()

    def _make(self) -> None:
        self.quotas = Quotas(self.settings)
        self.distributions = Distributions(self)
        self.waf = WafStore(self)
        self.functions = Functions(self)
        self.roles = Roles(self)
        self.apis = Apis(self)
        self.tags = TagIndex(self)
        self.access = Access(self)
        self.sessions = Sessions(self.account)
        self.certificates = Certificates(self)
        self.alarms = Alarms(self)
        self.metrics = Metrics()
        self.route53 = Route53(self)
        self.shield = Shield(self)
        self.buckets = Buckets(self)

    def reset(self) -> None:
        self.settings.reset()
        moto_side.reset()
        self._begin()

    def of(self, account: str) -> World:
        """The account's own world, made when it is first asked for."""
        found = self.home.accounts.get(account)
        if not found:
            found = World(self.settings, account=account, home=self.home)
            self.home.accounts[account] = found
        return found

    def everywhere(self) -> list[World]:
        return list(self.home.accounts.values())

    def acting(self, access_key: str) -> World:
        """The account of a caller. A key that nobody has counts as the first account's own."""
        return next((world for world in self.everywhere() if world.access.knows(access_key)), self.home)

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
            *self.certificates.resources(),
            *self.alarms.resources(),
            *self.route53.resources(),
            *self.shield.resources(),
            *self.buckets.resources(),
            *moto_side.resources(self.account),
        ]
