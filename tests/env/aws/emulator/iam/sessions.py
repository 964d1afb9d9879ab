"""Temporary credentials of roles: those that services assume, a function's above all, and those that callers assume."""

from __future__ import annotations

import secrets
import string
import time
from collections.abc import Mapping
from dataclasses import dataclass, field

from moto.iam.models import Role

LIFETIME = 3600.0
_ALPHABET = string.ascii_uppercase + string.digits


@dataclass(frozen=True)
class Session:
    access_key: str
    secret: str
    token: str
    # Not the name: a role that was made anew is another one.
    role_id: str
    arn: str
    expires: float
    tags: Mapping[str, str] = field(default_factory=dict)

    def environment(self, region: str) -> dict[str, str]:
        return {
            "AWS_ACCESS_KEY_ID": self.access_key,
            "AWS_SECRET_ACCESS_KEY": self.secret,
            "AWS_SESSION_TOKEN": self.token,
            "AWS_REGION": region,
            "AWS_DEFAULT_REGION": region,
        }


class Sessions:
    def __init__(self, account: str) -> None:
        self.account = account
        self._by_key: dict[str, Session] = {}
        self._current: dict[tuple[str, str], Session] = {}

    def issue(self, role: Role, name: str) -> Session:
        """The role's credentials under a session name: the same ones until shortly before they end."""
        known = self._current.get((role.id, name))
        if known and time.time() < known.expires - LIFETIME / 4:
            return known
        session = self.begin(role, name)
        self._current[role.id, name] = session
        return session

    def begin(self, role: Role, name: str, lifetime: float = LIFETIME, tags: Mapping[str, str] | None = None) -> Session:
        """New credentials of a role."""
        session = Session(
            access_key="ASIA" + "".join(secrets.choice(_ALPHABET) for _ in range(16)),
            secret=secrets.token_urlsafe(30),
            token=secrets.token_urlsafe(120),
            role_id=role.id,
            arn=f"arn:aws:sts::{self.account}:assumed-role/{role.name}/{name}",
            expires=time.time() + lifetime,
            tags=tags or {},
        )
        self._by_key = {k: s for k, s in self._by_key.items() if time.time() < s.expires + LIFETIME}
        self._by_key[session.access_key] = session
        return session

    def find(self, access_key: str) -> Session | None:
        return self._by_key.get(access_key)
