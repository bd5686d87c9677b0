"""What refers to a golden record: how many of each kind, and the first few by name. One statement, bounded in every branch."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from uuid import UUID

from hub.store.labels import label_sql
from hub.store.statements import Connection
from schema import ENTITIES
from schema.language import entity_name

MOST = 1000
"""Counted up to here; more is told as "more than"."""
FIRST = 5


@dataclass(frozen=True, slots=True)
class Related:
    """Records of one entity that name this one in one field. ``count`` above :data:`MOST` means more than that."""

    entity: str
    field: str
    count: int
    first: tuple[tuple[UUID, str], ...]
    """(golden id, label), the newest first."""


async def read(tx: Connection, tenant_id: int, entity: str, golden_id: UUID) -> list[Related]:
    """Who refers to a record, in the order of the model."""
    sql = _statement(entity)
    if not sql:
        return []
    return [
        Related(row["entity"], row["field"], row["count"], tuple(zip(row["ids"], row["labels"], strict=True)))
        for row in await tx.fetch(sql, tenant_id, golden_id)
    ]


@cache
def _statement(entity: str) -> str:
    """Ids rise with time (they are of version 7), so the newest are found without sorting by anything else."""
    branches = [
        f"SELECT {at} AS place, '{meta.name}' AS entity, '{one.name}' AS field, count(*) AS count, "
        f"(array_agg(id ORDER BY id DESC))[1:{FIRST}] AS ids, (array_agg({label_sql(meta)} ORDER BY id DESC))[1:{FIRST}] AS labels "
        f"FROM (SELECT * FROM golden.{meta.name} WHERE tenant_id = $1 AND {one.name}_id = $2 LIMIT {MOST + 1}) AS r HAVING count(*) > 0"
        for at, (meta, one) in enumerate((meta, one) for meta in ENTITIES.values() for one in meta.references if entity_name(one.target) == entity)
    ]
    return " UNION ALL ".join(branches) + " ORDER BY place" if branches else ""
