"""What became of the messages of one file, and what a load needs to know before it starts."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import asyncpg

from hub.store.statements import Connection, statements
from schema import ENTITIES
from schema.kinds import FieldKind

SQL = statements("loads")


@dataclass(frozen=True, slots=True)
class Span:
    """The messages of one file: their key begins with ``key``, their ids lie from ``first_id`` to ``last_id``."""

    key: str
    first_id: int
    last_id: int


async def still_open(tx: Connection, tenant_id: int, span: Span) -> int:
    """Messages between the ids that nobody has settled yet."""
    found: int = await SQL["still_open"].value(tx, tenant=tenant_id, first_id=span.first_id, last_id=span.last_id)
    return found


async def outcomes(tx: Connection, tenant_id: int, span: Span) -> dict[str, int]:
    """Outcome → messages: unchanged, stale, waiting, incomplete, quarantined."""
    rows = await SQL["outcomes"].fetch(tx, tenant=tenant_id, first_id=span.first_id, last_id=span.last_id, key=span.key)
    return {row["outcome"]: row["count"] for row in rows}


async def problems(tx: Connection, tenant_id: int, span: Span, limit: int) -> list[asyncpg.Record]:
    """(outcome, field, reason, count, first line) of what was wrong with the file's lines."""
    return await SQL["problems"].fetch(
        tx, tenant=tenant_id, first_id=span.first_id, last_id=span.last_id, key=span.key, limit=limit
    )


async def awaited(tx: Connection, tenant_id: int, entities: Sequence[str]) -> dict[str, int]:
    """``entity.field`` → golden records whose reference is not known yet."""
    rows = await SQL["awaited"].fetch(tx, tenant=tenant_id, entities=list(entities))
    return {f"{row['entity']}.{row['field']}": row["count"] for row in rows if _refers(row["entity"], row["field"])}


def _refers(entity: str, name: str) -> bool:
    """A wait may also be for a plain field that nobody has offered yet."""
    one = ENTITIES[entity].fields.get(name)
    return one is not None and bool(one.target or one.item_targets or one.kind is FieldKind.REFERENCE)


async def births(tx: Connection, tenant_id: int, entity: str, systems: Sequence[str]) -> tuple[int, int]:
    """How many golden records of an entity these systems contribute to, and how many of their records wait for theirs."""
    row = await tx.fetchrow(
        "SELECT count(DISTINCT g.id) AS golden, count(*) FILTER (WHERE g.id IS NULL) AS waiting FROM hub.source_record s "
        f"LEFT JOIN golden.{entity} g ON g.tenant_id = s.tenant_id AND g.id = s.golden_id "
        "WHERE s.tenant_id = $1 AND s.entity = $2 AND s.system = ANY ($3::text[]) AND s.state = 'present'",
        tenant_id, entity, list(systems),
    )  # fmt: skip
    return row["golden"], row["waiting"]


async def newest_mapping(tx: Connection, tenant_id: int, system: str) -> dict[str, Any]:
    """The newest mapping document of a system; empty when it has none."""
    found: dict[str, Any] | None = await SQL["newest_mapping"].value(tx, tenant=tenant_id, system=system)
    return found or {}


async def named_records(tx: Connection, tenant_id: int, named: Sequence[tuple[str, str]]) -> list[asyncpg.Record]:
    """(system, object, entity, name, golden id) of the present records of these (system, object)."""
    if not named:
        return []
    systems, objects = zip(*named, strict=True)
    return await SQL["named_records"].fetch(tx, tenant=tenant_id, systems=list(systems), objects=list(objects))


async def records(tx: Connection, tenant_id: int) -> dict[str, dict[str, int]]:
    """System → entity → present contributions."""
    found: dict[str, dict[str, int]] = {}
    for row in await SQL["records"].fetch(tx, tenant=tenant_id):
        found.setdefault(row["system"], {})[row["entity"]] = row["count"]
    return found


async def best_connected_client(tx: Connection, tenant_id: int) -> UUID | None:
    """The client that most records of several systems speak of."""
    found: UUID | None = await SQL["best_connected_client"].value(tx, tenant=tenant_id)
    return found


def contributions(tx: Connection, tenant_id: int, system: str) -> AsyncIterator[asyncpg.Record]:
    """(object, entity, external id, values) of what a system contributes, a few at a time; needs a transaction."""
    statement = SQL["contributions"]
    rows: AsyncIterator[asyncpg.Record] = aiter(tx.cursor(statement.text, tenant_id, system, prefetch=1000))
    return rows


async def orphans(tx: Connection, tenant_id: int, system: str, examples: int) -> list[asyncpg.Record]:
    """(entity, field, object, records, different, examples) of references that nothing answers."""
    return await SQL["orphans"].fetch(tx, tenant=tenant_id, system=system, examples=examples)
