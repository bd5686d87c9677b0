"""Pairs of transactions that look alike, what people answered, and the places up to which finders have read the feed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any
from uuid import UUID

import asyncpg

from hub.core.duplicates import RULES, Block
from hub.store.statements import Connection, statements

SQL = statements("duplicates")


async def hold_finder(tx: Connection, tenant_id: int, name: str) -> int | None:
    """Up to which position a finder has looked, held to the end of the transaction; None while another worker holds it."""
    row = await SQL["hold_finder"].row(tx, tenant=tenant_id, name=name)
    if row is None:
        await SQL["open_finder"].run(tx, tenant=tenant_id, name=name)
        row = await SQL["hold_finder"].row(tx, tenant=tenant_id, name=name)
    return row["position"] if row else None


async def move_finder(tx: Connection, tenant_id: int, name: str, position: int) -> None:
    await SQL["move_finder"].run(tx, tenant=tenant_id, name=name, position=position)


async def head(tx: Connection, tenant_id: int) -> int:
    """The newest position of the feed."""
    return int(await SQL["feed_head"].value(tx, tenant=tenant_id))


async def changed(tx: Connection, tenant_id: int, after: int, upto: int, entities: Sequence[str]) -> dict[str, list[UUID]]:
    """Entity → golden records that changed in this stretch of the feed."""
    found: dict[str, list[UUID]] = {}
    for row in await SQL["changed_since"].fetch(tx, tenant=tenant_id, after=after, upto=upto, entities=list(entities)):
        found.setdefault(row["entity"], []).append(row["golden_id"])
    return found


async def candidates(tx: Connection, tenant_id: int, entity: str, ids: Sequence[UUID]) -> set[tuple[UUID, UUID]]:
    """Pairs (one of ``ids``, another record of the entity) that are worth comparing."""
    rows = list(await SQL["keyed_alike"].fetch(tx, tenant=tenant_id, entity=entity, golden_ids=list(ids)))
    for statement in _statements(entity):
        rows += await tx.fetch(statement, tenant_id, list(ids))
    return {(row[0], row[1]) for row in rows}


@cache
def _statements(entity: str) -> tuple[str, ...]:
    return tuple(_statement(entity, block) for block in RULES[entity].blocks)


def _statement(entity: str, block: Block) -> str:
    """Pairs of one block; columns come from the rules, values are parameters."""
    same = [f"b.{column} = a.{column}" for column in block.equal]
    same += [f"a.{column} IS NULL AND b.{column} IS NULL" for column in block.empty]
    if block.dated:
        same.append(f"b.{block.dated} BETWEEN a.{block.dated} - {block.days} AND a.{block.dated} + {block.days}")
    return (
        f"SELECT a.id, b.id FROM golden.{entity} a JOIN golden.{entity} b ON b.tenant_id = a.tenant_id AND b.id <> a.id "
        f"AND {' AND '.join(same)} "
        f"WHERE a.tenant_id = $1 AND a.id = ANY ($2::uuid[]) AND a.record_state = 'active' AND b.record_state = 'active'"
    )


async def page(tx: Connection, tenant_id: int, entity: str, after: UUID, most: int) -> list[UUID]:
    """The next golden ids of an entity, ascending; for a run over everything."""
    rows = await tx.fetch(f"SELECT id FROM golden.{entity} WHERE tenant_id = $1 AND id > $2 ORDER BY id LIMIT $3", tenant_id, after, most)
    return [row["id"] for row in rows]


async def systems_of(tx: Connection, tenant_id: int, ids: Sequence[UUID]) -> dict[UUID, list[str]]:
    rows = await SQL["systems_of"].fetch(tx, tenant=tenant_id, golden_ids=list(ids))
    return {row["golden_id"]: row["systems"] for row in rows}


async def put(tx: Connection, tenant_id: int, rows: Sequence[Mapping[str, Any]]) -> list[asyncpg.Record]:
    """Keep pairs; answers (id, golden_id, other_id, state) of each."""
    return await SQL["put"].fetch(tx, tenant=tenant_id, rows=list(rows)) if rows else []


async def gone(
    tx: Connection, tenant_id: int, ids: Sequence[UUID], found: Sequence[tuple[UUID, UUID]]
) -> list[asyncpg.Record]:
    """End the open pairs of these records that are not among those found now; answers (id, entity, golden_id, other_id)."""
    return await SQL["gone"].fetch(
        tx, tenant=tenant_id, golden_ids=list(ids), found_ids=[a for a, _ in found], found_others=[b for _, b in found]
    )


async def lock(tx: Connection, tenant_id: int, duplicate_id: int) -> asyncpg.Record | None:
    """One pair, held until the transaction ends."""
    return await SQL["lock"].row(tx, tenant=tenant_id, id=duplicate_id)


async def answer(tx: Connection, tenant_id: int, duplicate_id: int, state: str, decision_id: int | None, actor: str) -> None:
    await SQL["answer"].run(tx, tenant=tenant_id, id=duplicate_id, state=state, decision_id=decision_id, actor=actor)
