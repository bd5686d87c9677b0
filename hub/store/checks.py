"""Reads of rules between records: the records one refers to, those that refer to one, and what changed since."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from functools import cache
from uuid import UUID

import asyncpg

from hub.core.records import Values
from hub.store import golden
from hub.store.statements import Connection, statements
from hub.store.tables import golden_columns
from schema import ENTITIES

SQL = statements("checks")
MOST = 2_000
"""Records that refer to one changed record and are looked at because of it."""


async def values(tx: Connection, tenant_id: int, entity: str, ids: Collection[UUID]) -> dict[UUID, Values]:
    """The values of golden records, with their id and record state beside them."""
    if not ids:
        return {}
    rows = await tx.fetch(golden.table(ENTITIES[entity]).read, tenant_id, list(ids))
    return {row["id"]: shown(entity, row) for row in rows}


def shown(entity: str, row: asyncpg.Record) -> Values:
    """A golden row in canonical values, with ``$id`` and ``$state`` of the record itself."""
    return {**golden.values_of(ENTITIES[entity], row), "$id": str(row["id"]), "$state": row["record_state"]}


async def naming(tx: Connection, tenant_id: int, entity: str, via: str, ids: Collection[UUID]) -> dict[UUID, list[Values]]:
    """Active records of an entity whose reference ``via`` leads to one of these, by the record it leads to."""
    found: dict[UUID, list[Values]] = {}
    if ids:
        for row in await tx.fetch(_naming(entity, via), tenant_id, list(ids)):
            found.setdefault(row[f"{via}_id"], []).append(shown(entity, row))
    return found


@cache
def _naming(entity: str, via: str) -> str:
    columns = ", ".join(f'"{name}"' for name, _ in golden_columns(ENTITIES[entity]))
    return f"SELECT {columns} FROM golden.{entity} WHERE tenant_id = $1 AND {via}_id = ANY ($2::uuid[]) AND record_state = 'active'"


async def ids_naming(tx: Connection, tenant_id: int, entity: str, via: str, ids: Collection[UUID]) -> list[UUID]:
    """Some of the active records whose reference ``via`` leads to one of these, at most :data:`MOST`."""
    if not ids:
        return []
    sql = f"SELECT id FROM golden.{entity} WHERE tenant_id = $1 AND {via}_id = ANY ($2::uuid[]) AND record_state = 'active' LIMIT {MOST}"
    return [row["id"] for row in await tx.fetch(sql, tenant_id, list(ids))]


async def upto(tx: Connection, tenant_id: int, after: int, most: int, grace_s: float) -> int | None:
    """The position up to which the feed may be looked at; None when there is nothing old enough."""
    found: int | None = await SQL["upto"].value(tx, tenant=tenant_id, after=after, upto=after + most, grace_s=grace_s)
    return found


async def changed(tx: Connection, tenant_id: int, after: int, until: int, entities: Sequence[str]) -> list[asyncpg.Record]:
    """(entity, golden_id, is_new, fields) of the records of these entities that changed in this stretch."""
    return await SQL["changed"].fetch(tx, tenant=tenant_id, after=after, upto=until, entities=list(entities))
