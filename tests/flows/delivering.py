"""Builders for tests of the way out: tenants, golden records and changes, written directly and not through ingest."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any
from uuid import UUID, uuid4

import asyncpg

from hub.core.records import Change, Golden, Lineage, Values
from hub.store import golden
from hub.store.pool import Pool, open_worker_pool
from schema import ENTITIES
from tests.conftest import Database


@asynccontextmanager
async def worker_pool(database: Database, size: int = 8) -> AsyncIterator[Pool]:
    pool = await open_worker_pool(database.worker_url, size)
    try:
        yield pool
    finally:
        await pool.close()


async def a_tenant(pool: Pool, slug: str = "acme") -> int:
    tenant_id: int = await pool.fetchval("INSERT INTO hub.tenant (slug, name) VALUES ($1, $1) RETURNING id", slug)
    await pool.execute("INSERT INTO hub.feed_head (tenant_id) VALUES ($1)", tenant_id)
    return tenant_id


async def append_change(
    connection: asyncpg.Connection,
    tenant_id: int,
    golden_id: UUID,
    version: int,
    *,
    entity: str = "client",
    op: str = "update",
    before: Values | None = None,
    after: Values | None = None,
    is_backfill: bool = False,
    actor: str = "crm",
    correlation_id: str = "c-1",
) -> int:
    """One row of ``change``; answers its id. Nobody is notified."""
    change_id: int = await connection.fetchval(
        "INSERT INTO hub.change (tenant_id, entity, golden_id, version, op, before, after, cause, actor, correlation_id,"
        " is_backfill, at) VALUES ($1, $2, $3, $4, $5, $6, $7, 'source', $8, $9, $10, clock_timestamp()) RETURNING id",
        tenant_id, entity, golden_id, version, op, before or {}, after or {"name": f"v{version}"}, actor,
        correlation_id, is_backfill,
    )  # fmt: skip
    return change_id


@dataclass
class Keeper:
    """Keeps golden records as ingest would: the row, its version, its change, and the doorbell."""

    pool: Pool
    tenant_id: int
    values: dict[UUID, Values] = field(default_factory=dict)
    versions: dict[UUID, int] = field(default_factory=dict)

    async def save(
        self,
        entity: str = "client",
        golden_id: UUID | None = None,
        *,
        source_id: int = 1,
        op: str = "",
        record_state: str = "active",
        is_backfill: bool = False,
        correlation_id: str = "c-1",
        notify: bool = True,
        **changed: Any,
    ) -> UUID:
        """A new golden record, or the next version of one, with these values changed."""
        golden_id = golden_id or uuid4()
        before = self.values.get(golden_id, {})
        after = {name: value for name, value in (before | changed).items() if value is not None}
        version = self.versions.get(golden_id, 0) + 1
        at = datetime.now(UTC)
        meta = ENTITIES[entity].meta
        lineage = {name: Lineage(source_id, 0, "owner", False) for name in after}
        record = Golden(golden_id, entity, after, lineage, version=version, record_state=record_state)
        step = Change(
            golden_id, entity, version, op or ("create" if version == 1 else "update"),
            {name: before.get(name) for name in changed if name in before}, dict(changed), "source", "crm",
            correlation_id, at, is_backfill=is_backfill,
        )  # fmt: skip
        async with self.pool.acquire() as connection, connection.transaction():
            await golden.save(connection, self.tenant_id, meta, [golden.version_row(self.tenant_id, meta, record, at, at)])
            await append_change(
                connection, self.tenant_id, golden_id, version, entity=entity, op=step.op, before=step.before,
                after=step.after, is_backfill=is_backfill, correlation_id=correlation_id,
            )  # fmt: skip
            if notify:
                await connection.execute("SELECT pg_notify('hub_change', $1)", str(self.tenant_id))
        self.values[golden_id], self.versions[golden_id] = after, version
        return golden_id


async def feed_rows(pool: Pool, tenant_id: int) -> Sequence[asyncpg.Record]:
    """(position, change id, golden id, version) in order of position."""
    rows: Sequence[asyncpg.Record] = await pool.fetch(
        "SELECT f.position, c.id, c.golden_id, c.version FROM hub.feed f JOIN hub.change c"
        " ON c.tenant_id = f.tenant_id AND c.id = f.change_id WHERE f.tenant_id = $1 ORDER BY f.position",
        tenant_id,
    )
    return rows
