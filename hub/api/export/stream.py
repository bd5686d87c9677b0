"""Reading an export: one snapshot, one cursor, a batch at a time, at the pace of whoever takes it.

Constant memory whatever the size: Postgres keeps the cursor, we hold one batch. The role's time-outs are those of a page,
so an export sets its own, per batch: a batch may take a minute to come and two to be taken.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import asyncpg

from hub.api.access import Principal
from hub.api.errors import ApiError, Code
from hub.api.export.asked import Asked
from hub.api.export.encode import Encoder
from hub.api.export.written import rows
from hub.store.pool import TenantPool

BATCH = 2_000
MOST_AT_ONCE = 4
MOST_OF_A_TENANT = 2
TAKEN_WITHIN_S = 120
_SNAPSHOT: dict[str, Any] = {"isolation": "repeatable_read", "readonly": True}
_OWN_LIMITS = f"SET LOCAL statement_timeout = '60s'; SET LOCAL idle_in_transaction_session_timeout = '{TAKEN_WITHIN_S + 30}s'"


@dataclass(frozen=True, slots=True)
class Piece:
    """Bytes of an export; ``cursor`` is the id of the last row that is complete with them."""

    body: bytes
    rows: int
    cursor: UUID | None


class Exporter:
    """Runs exports on connections of their own, a few at once, so that they never take a read's."""

    def __init__(self, pool: TenantPool) -> None:
        self._pool = pool
        self._running: dict[int, int] = {}

    @asynccontextmanager
    async def begin(self, principal: Principal, asked: Asked, encoder: Encoder) -> AsyncIterator[Export]:
        """An export that has begun: its snapshot is taken and its first rows have come."""
        with self._place(principal.tenant_id):
            bound = rows(asked.plan(principal), asked.chosen(principal), f"r.id, {encoder.written}", asked.after)
            async with self._pool.tenant(principal.tenant_id) as connection, connection.transaction(**_SNAPSHOT):
                await connection.execute(_OWN_LIMITS)
                at = await connection.fetchval("SELECT now()")
                cursor = await connection.cursor(bound.sql, *bound.values)
                yield Export(at, encoder, cursor, await cursor.fetch(BATCH), asked.after)

    def _place(self, tenant_id: int) -> _Place:
        if sum(self._running.values()) >= MOST_AT_ONCE or self._running.get(tenant_id, 0) >= MOST_OF_A_TENANT:
            raise ApiError(Code.TOO_MANY_REQUESTS, "too many exports run at once", remedy="Wait until one has ended.")
        return _Place(self._running, tenant_id)

    async def aclose(self) -> None:
        await self._pool.close()


class _Place:
    """One of the exports that may run at once."""

    def __init__(self, running: dict[int, int], tenant_id: int) -> None:
        self._running, self._tenant_id = running, tenant_id

    def __enter__(self) -> None:
        self._running[self._tenant_id] = self._running.get(self._tenant_id, 0) + 1

    def __exit__(self, *_: object) -> None:
        self._running[self._tenant_id] -= 1
        if not self._running[self._tenant_id]:
            del self._running[self._tenant_id]


class Export:
    """One export that runs. ``at`` is the instant of its snapshot, ``count`` how many rows it has handed out."""

    def __init__(
        self, at: datetime, encoder: Encoder, cursor: asyncpg.cursor.Cursor[Any], first: list[asyncpg.Record], after: UUID | None
    ) -> None:
        self.at, self.count = at, 0
        self._encoder, self._cursor, self._batch, self._after = encoder, cursor, first, after

    async def pieces(self) -> AsyncGenerator[Piece]:
        """All of it. Nothing is read before the last piece was taken."""
        encoder, batch, last = self._encoder, self._batch, self._after
        yield Piece(encoder.start(), 0, last)
        while batch:
            self.count, last = self.count + len(batch), batch[-1]["id"]
            body = await asyncio.to_thread(encoder.batch, batch) if encoder.is_heavy else encoder.batch(batch)
            yield Piece(body, self.count, last)
            batch = await self._cursor.fetch(BATCH) if len(batch) == BATCH else []
        yield Piece(encoder.end(self.count, last), self.count, last)
