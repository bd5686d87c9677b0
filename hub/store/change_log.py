"""The change log, the match keys and the golden records that are due to be computed again."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from hashlib import blake2b
from typing import Any
from uuid import UUID

import asyncpg

from hub.core.records import Change
from hub.store.statements import Connection, statements

SQL = statements("changes")


async def append(tx: Connection, tenant_id: int, changes: Sequence[Change]) -> None:
    """Write version steps. This row is the history, the audit and the outbox; readers are woken at commit."""
    if changes:
        ordered = sorted(changes, key=lambda change: (change.golden_id, change.version))
        await SQL["append"].run(tx, tenant=tenant_id, rows=ordered)


def key_hash(key: str) -> int:
    """A match key as it is stored.

    >>> key_hash("duns:150483782") == key_hash("duns:150483782")
    True
    """
    return int.from_bytes(blake2b(key.encode(), digest_size=8).digest(), "big", signed=True)


async def near(tx: Connection, tenant_id: int, entity: str, keys: Iterable[str]) -> dict[str, list[UUID]]:
    """Golden records that share a match key, by key; a hash collision is told apart by comparing values."""
    by_hash = {key_hash(key): key for key in keys}
    if not by_hash:
        return {}
    found: dict[str, list[UUID]] = {}
    for row in await SQL["keys_near"].fetch(tx, tenant=tenant_id, entity=entity, keys=list(by_hash)):
        found.setdefault(by_hash[row["key"]], []).append(row["golden_id"])
    return found


async def change_keys(
    tx: Connection, tenant_id: int, entity: str, new: Sequence[tuple[str, UUID]], gone: Sequence[tuple[str, UUID]]
) -> None:
    """Add and drop match keys; keys that stay are not touched."""
    for statement, pairs in (("add_keys", new), ("drop_keys", gone)):
        if pairs:
            ordered = sorted((key_hash(key), golden_id) for key, golden_id in pairs)
            await SQL[statement].run(
                tx, tenant=tenant_id, entity=entity, keys=[k for k, _ in ordered], golden_ids=[g for _, g in ordered]
            )


async def reconsider(tx: Connection, tenant_id: int, rows: Sequence[dict[str, Any]]) -> None:
    """Compute golden records again at ``due_at``: rows of entity, golden_id, due_at, cause, actor, correlation_id."""
    if rows:
        unique = {(row["golden_id"], row["cause"]): row for row in rows}
        await SQL["reconsider_at"].run(tx, tenant=tenant_id, rows=list(unique.values()))


async def is_any_due(tx: Connection, tenant_id: int) -> bool:
    """Whether it is worth claiming: golden records are due, or a worker left some behind. One cheap look instead of a turn."""
    return bool(await SQL["is_any_due"].value(tx, tenant=tenant_id))


async def due(tx: Connection, tenant_id: int, ids: Sequence[int]) -> list[asyncpg.Record]:
    """(id, entity, golden_id, cause, actor, correlation_id) of the claimed rows that are still due."""
    return await SQL["due_rows"].fetch(tx, tenant=tenant_id, ids=list(ids))


async def settle_due(tx: Connection, tenant_id: int, ids: Sequence[int], at: datetime) -> None:
    await SQL["settle_due"].run(tx, tenant=tenant_id, ids=list(ids), at=at)
