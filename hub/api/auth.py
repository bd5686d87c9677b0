"""API keys: who a bearer token belongs to. Keys are stored as SHA-256 digests and looked up by digest.

A found key is remembered for a few seconds, so a revoked one ends that much later. An address that keeps sending wrong
keys is told to wait.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from hashlib import sha256
from uuid import UUID

import asyncpg
from starlette.requests import Request
from starlette.types import Scope

from hub.api.access import UNSET_RATE, Principal, Rate, Role
from hub.api.errors import ApiError, Code
from hub.store.pool import Pool

REMEMBERED = timedelta(seconds=3)
USED_EVERY = timedelta(minutes=1)
MOST_FAILURES = 50
FAILURE_WINDOW = timedelta(minutes=1)
MOST_REMEMBERED = 10_000

_BEARER = re.compile(r"[Bb]earer +([A-Za-z0-9._~+/=-]{8,200})")

_FIND = """
    SELECT k.tenant_id, t.slug, k.id, k.role, k.name, k.system, k.last_used_at, k.scope, k.rate
      FROM hub.api_key k JOIN hub.tenant t ON t.id = k.tenant_id
     WHERE k.digest = $1 AND k.revoked_at IS NULL AND (k.expires_at IS NULL OR k.expires_at > $2)
"""
_USED = "UPDATE hub.api_key SET last_used_at = $3 WHERE tenant_id = $1 AND id = $2"


class Keys:
    """Looks up bearer tokens on the worker's pool; the api's role cannot read keys at all."""

    def __init__(self, pool: Callable[[], Pool], now: Callable[[], datetime]) -> None:
        self._pool, self._now = pool, now
        self._known: dict[bytes, tuple[datetime, Principal]] = {}
        self._failures: dict[str, tuple[datetime, int]] = {}

    async def principal(self, request: Request) -> Principal:
        """Who sends the request; raises ``UNAUTHENTICATED`` or, after many failures, ``TOO_MANY_REQUESTS``."""
        return await self.of_head({b"authorization": _authorization(request)}, request.scope)

    async def of_head(self, head: Mapping[bytes, bytes], scope: Scope) -> Principal:
        """The same, from headers by name; the scope tells the address."""
        found = await self._find(head.get(b"authorization", b""))
        if found is None:
            self._failed(scope)
            raise ApiError(Code.UNAUTHENTICATED, "a valid API key is needed", remedy="Send Authorization: Bearer <key>.")
        return found

    async def find(self, request: Request) -> Principal | None:
        """Who sends the request; None for strangers."""
        return await self._find(_authorization(request))

    def known(self, authorization: bytes) -> Principal | None:
        """Whose key the header holds, if it was looked up a moment ago."""
        known = self._known.get(sha256(authorization).digest())
        return known[1] if known is not None and known[0] > self._now() else None

    async def _find(self, authorization: bytes) -> Principal | None:
        if (known := self.known(authorization)) is not None:
            return known
        header = _BEARER.fullmatch(authorization.decode("latin-1"))
        if header is None:
            return None
        name, now = sha256(authorization).digest(), self._now()
        self._known.pop(name, None)
        row = await self._pool().fetchrow(_FIND, sha256(header[1].encode()).digest(), now)
        if row is None:
            return None
        principal = principal_of(row)
        await self._note_use(row, now)
        if len(self._known) >= MOST_REMEMBERED:
            self._known.clear()
        self._known[name] = (now + REMEMBERED, principal)
        return principal

    def forget(self) -> None:
        """Look every key up again, and forgive every address."""
        self._known.clear()
        self._failures.clear()

    async def _note_use(self, row: asyncpg.Record, now: datetime) -> None:
        """Keep when a key was last used, to the minute; a busy key is not written at every request."""
        if row["last_used_at"] is None or now - row["last_used_at"] > USED_EVERY:
            await self._pool().execute(_USED, row["tenant_id"], row["id"], now)

    def _failed(self, scope: Scope) -> None:
        """Count a wrong key against its address."""
        address, now = scope["client"][0] if scope.get("client") else "", self._now()
        since, count = self._failures.get(address, (now, 0))
        if now - since > FAILURE_WINDOW:
            since, count = now, 0
        if len(self._failures) >= MOST_REMEMBERED:
            self._failures.clear()
        self._failures[address] = (since, count + 1)
        if count >= MOST_FAILURES:
            raise ApiError(Code.TOO_MANY_REQUESTS, "too many wrong keys from this address", remedy="Wait a minute.")


def _authorization(request: Request) -> bytes:
    return request.headers.get("authorization", "").encode("latin-1", "replace")


def principal_of(row: asyncpg.Record) -> Principal:
    """A key's owner from its row. Ids of a scope are those of golden records; one merged away leads nowhere."""
    scope = {entity: tuple(map(UUID, ids)) for entity, ids in row["scope"].items()}
    rate = Rate(row["rate"].get("requests"), row["rate"].get("cost")) if row["rate"] else UNSET_RATE
    return Principal(row["tenant_id"], row["slug"], row["id"], Role(row["role"]), row["name"], row["system"], scope, rate)
