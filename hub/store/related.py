"""What refers to a golden record: how many of each kind, and the first few by name. One statement, bounded in every branch."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
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


@dataclass(frozen=True, slots=True)
class Referrer:
    """One record that refers to another, as a list shows it."""

    golden_id: UUID
    label: str
    record_state: str
    updated_at: datetime


PAGE = 50


async def page(
    tx: Connection, tenant_id: int, entity: str, field: str, golden_id: UUID, after: UUID | None = None, size: int = PAGE
) -> list[Referrer]:
    """The records of ``entity`` whose ``field`` is this one, the newest first; one more than ``size`` when there are more."""
    rows = await tx.fetch(_page_statement(entity, field), tenant_id, golden_id, after, size + 1)
    return [Referrer(row["id"], row["label"], row["record_state"], row["updated_at"]) for row in rows]


@cache
def _page_statement(entity: str, field: str) -> str:
    return (
        f"SELECT id, {label_sql(ENTITIES[entity])} AS label, record_state, updated_at FROM golden.{entity} "
        f"WHERE tenant_id = $1 AND {field}_id = $2 AND ($3::uuid IS NULL OR id < $3) ORDER BY id DESC LIMIT $4"
    )


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
