"""Walking the chain of money by keys: which records come of these, which these came of, and what they look like.

The statements are derived from :data:`hub.core.chain.EDGES`; every reference in it has an index, and each step is one
statement over all records of the step before.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any
from uuid import UUID

import asyncpg

from hub.core.chain import EDGES, SHAPES, Edge
from hub.store.golden import values_of
from hub.store.labels import label_sql
from hub.store.statements import Connection
from hub.store.tables import golden_columns
from schema import ENTITIES

MOST = 50
"""Records of one kind a step shows; a consolidated invoice may have thousands of hours."""

Found = dict[str, list[UUID]]
"""Entity → golden ids, at most :data:`MOST` and one more."""


async def step(tx: Connection, tenant_id: int, at: Mapping[str, Sequence[UUID]], *, upward: bool) -> Found:
    """The records one step further along the chain from these."""
    edges = tuple(one for one in EDGES if (one.lower if upward else one.upper) in at)
    has_lines = not upward and "invoice_line" in at
    if not edges and not has_lines:
        return {}
    ids = sorted({golden_id for several in at.values() for golden_id in several})
    found: dict[str, list[UUID]] = {}
    rows = await tx.fetch(_step_sql(edges, upward, has_lines), tenant_id, ids, MOST + 1)
    for row in sorted((row for row in rows if row["id"] is not None), key=lambda row: row["id"]):
        several = found.setdefault(row["entity"], [])
        if row["id"] not in several and len(several) <= MOST:
            several.append(row["id"])
    return found


@cache
def _step_sql(edges: tuple[Edge, ...], upward: bool, has_lines: bool) -> str:
    branches = [_branch(one, upward) for one in edges]
    if has_lines:  # a line says itself which items it bills; the way back is the item's own reference
        branches.append(
            "(SELECT 'billable_item' AS entity, b.id FROM golden.invoice_line l "
            "CROSS JOIN LATERAL jsonb_array_elements(CASE WHEN jsonb_typeof(l.allocations) = 'array' THEN l.allocations END) AS a (v) "
            "JOIN golden.billable_item b ON b.tenant_id = l.tenant_id "
            "AND b.id = CASE WHEN a.v ->> 'billable_item' ~ '^[0-9a-f-]{36}$' THEN CAST(a.v ->> 'billable_item' AS uuid) END "
            "WHERE l.tenant_id = $1 AND l.id = ANY ($2::uuid[]) LIMIT $3)"
        )
    return " UNION ALL ".join(branches)


def _branch(one: Edge, upward: bool) -> str:
    """Found by the reference of the other one, or read from one's own.

    Not ordered: with a LIMIT, an order by id would tempt the planner to walk the primary key instead.
    """
    wanted, known = (one.upper, one.lower) if upward else (one.lower, one.upper)
    column = f"{one.field}_id"
    if one.holder == wanted:
        return f"(SELECT '{wanted}' AS entity, id FROM golden.{wanted} WHERE tenant_id = $1 AND {column} = ANY ($2::uuid[]) LIMIT $3)"
    return f"(SELECT '{wanted}' AS entity, {column} AS id FROM golden.{known} WHERE tenant_id = $1 AND id = ANY ($2::uuid[]) LIMIT $3)"


async def describe(tx: Connection, tenant_id: int, found: Mapping[str, Sequence[UUID]]) -> dict[UUID, dict[str, Any]]:
    """Golden id → entity, label, version and canonical values of these records; one statement an entity."""
    told: dict[UUID, dict[str, Any]] = {}
    for entity, ids in found.items():
        meta = ENTITIES[entity]
        for row in await tx.fetch(_describe_sql(entity), tenant_id, list(ids)):
            values = values_of(meta, row)
            told[row["id"]] = {"entity": entity, "label": row["label"], "version": row["version"], "values": values}
    return told


@cache
def _describe_sql(entity: str) -> str:
    meta = ENTITIES[entity]
    columns = ", ".join(f'"{name}"' for name, _ in golden_columns(meta))
    return f"SELECT {columns}, {label_sql(meta)} AS label FROM golden.{entity} WHERE tenant_id = $1 AND id = ANY ($2::uuid[])"


async def holds(tx: Connection, tenant_id: int, of: Mapping[str, Sequence[UUID]]) -> list[asyncpg.Record]:
    """Holds that are placed on these records (project, contract_line, contract, client, billable_item → ids)."""
    wanted = {field: list(ids) for field, ids in of.items() if ids}
    if not wanted:
        return []
    names = sorted(wanted)
    rows: list[asyncpg.Record] = await tx.fetch(_holds_sql(tuple(names)), tenant_id, *(wanted[name] for name in names))
    return rows


@cache
def _holds_sql(fields: tuple[str, ...]) -> str:
    branches = [
        f"SELECT id, '{field}' AS on_field, {field}_id AS on_id, level, reason, placed_by, placed_at, review_on, amount, amount_currency "
        f"FROM golden.billing_hold WHERE tenant_id = $1 AND {field}_id = ANY (${at}::uuid[]) "
        "AND record_state = 'active' AND state IS DISTINCT FROM 'released'"
        for at, field in enumerate(fields, 2)
    ]
    return " UNION ALL ".join(branches)


def names_of(entity: str, values: Mapping[str, Any]) -> dict[str, UUID]:
    """Whom a link of the chain names: field → golden id."""
    return {name: UUID(values[name]) for name in SHAPES[entity].names if values.get(name)}
