"""Reads of where records stand: systems with their lanes, names abroad, tasks, what is awaited. Nothing is locked."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from uuid import UUID

import asyncpg

from hub.store.statements import Connection, statements

SQL = statements("where")


async def columns(tx: Connection, tenant_id: int, golden_id: UUID) -> dict[str, list[asyncpg.Record]]:
    """Per connected system its switches, subscriptions, lanes and last try for this record; at least one row each."""
    found: dict[str, list[asyncpg.Record]] = {}
    for row in await SQL["columns"].fetch(tx, tenant=tenant_id, golden_id=golden_id):
        found.setdefault(row["name"], []).append(row)
    return found


async def contributions(tx: Connection, tenant_id: int, golden_id: UUID) -> dict[int, asyncpg.Record]:
    """Source id → role, when it was last heard of and by which message."""
    return {row["id"]: row for row in await SQL["contributions"].fetch(tx, tenant=tenant_id, golden_id=golden_id)}


async def externals(tx: Connection, tenant_id: int, golden_ids: Iterable[UUID]) -> dict[tuple[UUID, str], asyncpg.Record]:
    """(golden id, system) → how that system names it: entity, object and external id of its primary record."""
    found: dict[tuple[UUID, str], asyncpg.Record] = {}
    wanted = sorted(set(golden_ids))
    for row in await SQL["externals"].fetch(tx, tenant=tenant_id, golden_ids=wanted) if wanted else ():
        found.setdefault((row["golden_id"], row["system"]), row)
    return found


async def tasks(tx: Connection, tenant_id: int, golden_ids: Sequence[UUID], ids: Iterable[int] = ()) -> list[asyncpg.Record]:
    """Open tasks about these records or under these ids, the most urgent first."""
    return await SQL["tasks"].fetch(tx, tenant=tenant_id, golden_ids=list(golden_ids), ids=sorted(set(ids)))


async def awaited(tx: Connection, tenant_id: int, golden_ids: Sequence[UUID]) -> list[asyncpg.Record]:
    return await SQL["awaited"].fetch(tx, tenant=tenant_id, golden_ids=list(golden_ids))


async def unfinished_lanes(tx: Connection, tenant_id: int, golden_ids: Sequence[UUID]) -> list[asyncpg.Record]:
    """Lanes of connected systems that are not idle."""
    return await SQL["unfinished_lanes"].fetch(tx, tenant=tenant_id, golden_ids=list(golden_ids))


async def holding(tx: Connection, tenant_id: int, golden_id: UUID, system: str, field: str) -> int | None:
    """The source record of a system that has a value of this field held back."""
    found: int | None = await SQL["holding"].value(tx, tenant=tenant_id, golden_id=golden_id, system=system, field=field)
    return found


async def deep_links(tx: Connection, tenant_id: int) -> dict[str, dict[str, str]]:
    """System → object → address of a record's screen there, with ``{id}`` in it."""
    return {row["name"]: row["deep_links"] or {} for row in await SQL["deep_links"].fetch(tx, tenant=tenant_id)}
