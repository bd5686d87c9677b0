"""Entries of search: written from golden records in batches, a moment after they changed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from hub.core.searching import SEARCHED, Entry, entry
from hub.store.statements import Connection, statements

SQL = statements("search")


@dataclass(frozen=True, slots=True)
class Head:
    """How far a tenant's entries are: at ``position`` of a feed that ends at ``end``. Not gapless: begin from the records."""

    position: int
    end: int
    epoch: int
    is_gapless: bool


async def behind(tx: Connection) -> list[int]:
    """Tenants whose feed has gone on."""
    return [row["tenant_id"] for row in await SQL["behind"].fetch(tx)]


async def lock_head(tx: Connection, tenant_id: int) -> Head | None:
    """Take the turn for a tenant; None when another process has it."""
    await SQL["open_head"].run(tx, tenant=tenant_id)
    row = await SQL["lock_head"].row(tx, tenant=tenant_id)
    return Head(row["position"], row["head"], row["epoch"], row["is_gapless"]) if row else None


async def move_head(tx: Connection, tenant_id: int, position: int, epoch: int) -> None:
    await SQL["move_head"].run(tx, tenant=tenant_id, position=position, epoch=epoch)


async def changed(tx: Connection, tenant_id: int, after: int, upto: int) -> dict[str, list[UUID]]:
    """Ids of searched records that changed in positions after ``after`` up to ``upto``, by entity."""
    found: dict[str, list[UUID]] = {}
    for row in await SQL["changed"].fetch(tx, tenant=tenant_id, after=after, upto=upto, entities=list(SEARCHED)):
        found.setdefault(row["entity"], []).append(row["golden_id"])
    return found


async def refresh(tx: Connection, tenant_id: int, entity: str, ids: Sequence[UUID]) -> None:
    """Write the entries of these records anew; those of records that are gone, go."""
    columns = ", ".join(f'"{name}"' for name in SEARCHED[entity].fields)
    rows = await tx.fetch(
        f"SELECT id, record_state, {columns} FROM golden.{entity} WHERE tenant_id = $1 AND id = ANY ($2::uuid[])", tenant_id, list(ids)
    )
    await _save(tx, tenant_id, entity, rows)
    if gone := sorted(set(ids) - {row["id"] for row in rows}):
        await SQL["forget"].run(tx, tenant=tenant_id, ids=gone)


async def refresh_after(tx: Connection, tenant_id: int, entity: str, after: UUID | None, most: int) -> UUID | None:
    """Write the entries of the next records of an entity in the order of their ids; answers where to go on, or None."""
    columns = ", ".join(f'"{name}"' for name in SEARCHED[entity].fields)
    rows = await tx.fetch(
        f"SELECT id, record_state, {columns} FROM golden.{entity} WHERE tenant_id = $1 AND ($2::uuid IS NULL OR id > $2) ORDER BY id LIMIT $3",
        tenant_id, after, most,
    )  # fmt: skip
    await _save(tx, tenant_id, entity, rows)
    return rows[-1]["id"] if len(rows) == most else None


async def forget_gone(tx: Connection, tenant_id: int, entity: str) -> None:
    """Take away the entries of records that are no more."""
    await tx.execute(
        f"DELETE FROM hub.search AS s WHERE s.tenant_id = $1 AND s.entity = $2 AND NOT EXISTS "
        f"(SELECT FROM golden.{entity} AS g WHERE g.tenant_id = $1 AND g.id = s.golden_id)", tenant_id, entity,
    )  # fmt: skip


async def _save(tx: Connection, tenant_id: int, entity: str, rows: Sequence[Mapping[str, Any]]) -> None:
    if not rows:
        return
    named: dict[UUID, list[Mapping[str, Any]]] = {}
    for one in await SQL["spellings"].fetch(tx, tenant=tenant_id, ids=[row["id"] for row in rows]):
        named.setdefault(one["golden_id"], []).append(one["values"])
    made = [(row, entry(SEARCHED[entity], tenant_id, row, named.get(row["id"], ()))) for row in rows]
    await SQL["save"].run(tx, tenant=tenant_id, rows=[_row(entity, row, one) for row, one in made])


def _row(entity: str, row: Mapping[str, Any], made: Entry) -> dict[str, Any]:
    return {
        "entity": entity, "golden_id": row["id"], "label": made.label, "detail": made.detail, "record_state": row["record_state"],
        "words": made.vector,
    }  # fmt: skip


async def labels(tx: Connection, tenant_id: int, ids: Sequence[UUID]) -> dict[UUID, str]:
    """What these records are called, of those that search knows."""
    return {row["golden_id"]: row["label"] for row in await SQL["labels"].fetch(tx, tenant=tenant_id, ids=list(ids))}
