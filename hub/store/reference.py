"""Reference data: the rows of governed entities with what they hang on, from when to when, and how often they are used."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from uuid import UUID

import asyncpg

from hub.store.labels import label_sql
from hub.store.statements import Connection
from schema import ENTITIES
from schema.fields import Family
from schema.language import EntityMeta

ENOUGH = 201
"""Uses of one row by one field that are counted; more read as "200+"."""


def entities() -> tuple[EntityMeta, ...]:
    """The governed entities, in MODEL order."""
    return tuple(meta for meta in ENTITIES.values() if meta.family is Family.REFERENCE)


async def counts(tx: Connection, tenant_id: int) -> dict[str, int]:
    """Entity → active rows."""
    parts = [f"SELECT '{meta.name}' AS entity, count(*) FROM golden.{meta.name} WHERE tenant_id = $1 AND record_state = 'active'" for meta in entities()]
    return {row["entity"]: row["count"] for row in await tx.fetch(" UNION ALL ".join(parts), tenant_id)}


async def rows(tx: Connection, tenant_id: int, meta: EntityMeta, *, starts: str = "", skip: int = 0, most: int = 25) -> list[asyncpg.Record]:
    """(id, label, code, state, record_state, parent_id, valid_from, valid_to) by label; ``starts`` narrows them."""
    label = label_sql(meta)
    found: list[asyncpg.Record] = await tx.fetch(
        f"SELECT id, {label} AS label, {_columns(meta)}, record_state FROM golden.{meta.name} WHERE tenant_id = $1 "
        f"AND lower({label}) LIKE $2 ORDER BY lower({label}), id OFFSET $3 LIMIT $4",
        tenant_id, _escaped(starts.lower()) + "%", skip, most,
    )  # fmt: skip
    return found


def _escaped(text: str) -> str:
    return text.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")


@cache
def _columns(meta: EntityMeta) -> str:
    fields = meta.fields
    valid = meta.valid or ("valid_from", "valid_to")
    told = {
        "code": "code" if "code" in fields else "NULL::text", "state": "state" if "state" in fields else "NULL::text",
        "parent_id": "parent_id" if "parent" in fields else "NULL::uuid",
        "valid_from": valid[0] if valid[0] in fields else "NULL::date", "valid_to": valid[1] if valid[1] in fields else "NULL::date",
    }  # fmt: skip
    return ", ".join(f"{expression} AS {name}" for name, expression in told.items())


async def uses(tx: Connection, tenant_id: int, meta: EntityMeta, ids: Sequence[UUID]) -> dict[UUID, list[tuple[str, str, int]]]:
    """Row → (entity, field, uses), most first; each count stops at :data:`ENOUGH`. One statement, over the references' indexes."""
    statement = _uses(meta.type_name)
    found: dict[UUID, list[tuple[str, str, int]]] = {one: [] for one in ids}
    for row in await tx.fetch(statement, tenant_id, list(ids), ENOUGH) if statement and ids else ():
        found[row["id"]].append((row["entity"], row["field"], row["count"]))
    return {one: sorted(some, key=lambda each: (-each[2], each[:2])) for one, some in found.items()}


@cache
def _uses(type_name: str) -> str:
    parts = [
        f"SELECT w.id, '{meta.name}' AS entity, '{field.name}' AS field, c.count FROM wanted w CROSS JOIN LATERAL "
        f"(SELECT count(*) FROM (SELECT FROM golden.{meta.name} r WHERE r.tenant_id = $1 AND r.{field.name}_id = w.id LIMIT $3) AS few) AS c"
        for meta in ENTITIES.values() for field in meta.references if field.target == type_name
    ]  # fmt: skip
    return f"WITH wanted AS (SELECT unnest($2::uuid[]) AS id) SELECT * FROM ({' UNION ALL '.join(parts)}) AS u WHERE count > 0" if parts else ""
