"""Values that many golden records share: who carries which, and what is known to be generic."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple
from uuid import UUID

import asyncpg

from hub.core.generic import Shared
from hub.store.change_log import key_hash
from hub.store.statements import Connection, statements

SQL = statements("generic")


class Counted(NamedTuple):
    """One value as it is counted, and how many golden records carry it."""

    kind: str
    value_hash: int
    holders: int


def value_hash(shared: Shared) -> int:
    """A value as it is stored where it is counted.

    >>> value_hash(Shared("phone", "+49301")) == value_hash(Shared("email", "+49301"))
    False
    """
    return key_hash(f"{shared.kind}:{shared.value}")


async def hold(tx: Connection, tenant_id: int, entity: str, ids: Sequence[UUID], told: Mapping[UUID, Sequence[Shared]]) -> set[tuple[str, int]]:
    """Say anew which values these golden records carry; answers the values whose count may have changed."""
    dropped = await SQL["drop_holders"].fetch(tx, tenant=tenant_id, golden_ids=list(ids))
    before = {(row["kind"], row["value_hash"]) for row in dropped}
    rows = [(one.kind, value_hash(one), golden_id) for golden_id, some in told.items() for one in some]
    await SQL["put_holders"].run(
        tx, tenant=tenant_id, entity=entity, kinds=[k for k, _, _ in rows], hashes=[h for _, h, _ in rows], golden_ids=[g for _, _, g in rows]
    )
    return before | {(kind, hash_) for kind, hash_, _ in rows}


async def count(tx: Connection, tenant_id: int, entity: str, values: Sequence[tuple[str, int]]) -> list[Counted]:
    """How many golden records carry each of these values."""
    rows = await SQL["count_holders"].fetch(
        tx, tenant=tenant_id, entity=entity, kinds=[kind for kind, _ in values], hashes=[hash_ for _, hash_ in values]
    )
    return [Counted(*row) for row in rows]


async def found(tx: Connection, tenant_id: int, entity: str, rows: Sequence[Mapping[str, Any]]) -> list[asyncpg.Record]:
    """Keep values that are generic by now (kind, value_hash, value, holders); answers the new ones."""
    kept = await SQL["found"].fetch(tx, tenant=tenant_id, entity=entity, rows=list(rows)) if rows else []
    return [row for row in kept if row["is_new"]]


async def recount(tx: Connection, tenant_id: int, entity: str, rows: Sequence[Counted]) -> None:
    if rows:
        await SQL["recount"].run(tx, tenant=tenant_id, entity=entity, rows=[one._asdict() for one in rows])


async def over(tx: Connection, tenant_id: int, entity: str, rows: Sequence[Counted]) -> list[asyncpg.Record]:
    """End what few share by now; answers (kind, value_hash, value) of what a rule had called generic."""
    return await SQL["over"].fetch(tx, tenant=tenant_id, entity=entity, rows=[one._asdict() for one in rows]) if rows else []


async def in_force(tx: Connection, tenant_id: int) -> dict[str, frozenset[Shared]]:
    """Entity → its generic values."""
    by_entity: dict[str, set[Shared]] = {}
    for row in await SQL["in_force"].fetch(tx, tenant=tenant_id):
        by_entity.setdefault(row["entity"], set()).add(Shared(row["kind"], row["value"]))
    return {entity: frozenset(some) for entity, some in by_entity.items()}
