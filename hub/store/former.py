"""What golden records said before: one row for each time a searched column, a business key or a reference left a value.

Reads as of an instant find records by them. Values are text in lower case. Whoever takes a golden record's row away (a
merge) keeps every value of these columns as left, at the instant of the decision. Rows are never needed to answer, only to
find: what is found is compared again on the version of then. So ``since`` may be earlier than when the record came to the
value (it is when the field was last left before), never later.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any
from uuid import UUID

from hub.core.records import Change
from hub.store.statements import Connection, statements
from hub.store.tables import columns_of, former_columns, golden_columns
from schema import ENTITIES
from schema.language import EntityMeta

SQL = statements("former")


@dataclass(frozen=True, slots=True)
class Left:
    """In client 0198…, column account_manager_id held "0198…" until 3 May, and "0199…" from then on."""

    entity: str
    field: str
    value: str
    became: str | None
    golden_id: UUID
    until: datetime


@cache
def _columns(meta: EntityMeta) -> dict[str, str]:
    """Field → its column, of the fields whose former values are kept."""
    kept = former_columns(meta)
    return {name: column for name, field in meta.fields.items() if (column := columns_of(field)[0][0]) in kept}


def left(changes: Iterable[Change]) -> list[Left]:
    """The values these changes leave."""
    return [
        Left(one.entity, columns[name], str(value), _text(one.after.get(name)), one.golden_id, one.at)
        for one in changes
        if one.before and (columns := _columns(ENTITIES[one.entity]))
        for name, value in one.before.items()
        if value is not None and name in columns
    ]


def _text(value: Any) -> str | None:
    return None if value is None else str(value)


async def keep(tx: Connection, tenant_id: int, values: Sequence[Left]) -> None:
    """Remember values that were left."""
    if values:
        await SQL["keep"].run(tx, tenant=tenant_id, rows=[_row(one) for one in values])


def _row(one: Left) -> dict[str, Any]:
    return {"entity": one.entity, "field": one.field, "value": one.value, "became": one.became, "golden_id": one.golden_id, "until": one.until}


async def unfilled(connection: Connection) -> list[int]:
    """Tenants from before former values were kept, whose older values nobody has collected yet."""
    return [row["tenant_id"] for row in await SQL["unfilled"].fetch(connection)]


async def is_filled(connection: Connection, tenant_id: int) -> bool:
    """Whether all former values of a tenant are known."""
    return bool(await SQL["is_filled"].value(connection, tenant=tenant_id))


async def fill(tx: Connection, tenant_id: int, meta: EntityMeta, after: UUID | None, size: int) -> UUID | None:
    """Collect what the next ``size`` records of an entity left, from their versions, and which rows are plain now.

    Answers the last id, from which to go on; None at the end. Safe to repeat, and beside writers.
    """
    rows = await tx.fetch(_next(meta), tenant_id, after, size)
    ids = [row["id"] for row in rows]
    if not ids:
        return None
    if former_columns(meta):
        await tx.execute(_collect(meta), tenant_id, ids)
    await tx.execute(_plain(meta), tenant_id, ids)
    last: UUID = ids[-1]
    return last


async def filled(tx: Connection, tenant_id: int) -> None:
    """All of a tenant's entities are filled."""
    await SQL["filled"].run(tx, tenant=tenant_id)


def _next(meta: EntityMeta) -> str:
    """Ids in order, also of records merged away."""
    after = "coalesce($2::uuid, '00000000-0000-0000-0000-000000000000')"
    return f"""
        (SELECT id FROM golden.{meta.name} WHERE tenant_id = $1 AND id > {after} ORDER BY id LIMIT $3)
        UNION
        (SELECT loser_id FROM hub.forward WHERE tenant_id = $1 AND loser_id > {after} AND entity = '{meta.name}' ORDER BY loser_id LIMIT $3)
        ORDER BY 1 LIMIT $3"""


@cache
def _collect(meta: EntityMeta) -> str:
    """Values that differ from one version to the next; the last of a record that was merged away is left by that decision."""
    cells = ", ".join(f"('{column}', (one.v).\"{column}\"::text, (one.n).\"{column}\"::text)" for column in former_columns(meta))
    return f"""
        WITH gone AS (
            SELECT f.loser_id AS id, d.made_at
              FROM hub.forward f JOIN hub.decision d ON d.tenant_id = f.tenant_id AND d.id = f.decision_id
             WHERE f.tenant_id = $1 AND f.loser_id = ANY ($2::uuid[])),
        were AS (
            SELECT (one.v).id, (one.v).version, c.field, c.was, c.becomes, coalesce((one.n).recorded_at, g.made_at) AS until
              FROM (SELECT v, lead(v) OVER (PARTITION BY v.id ORDER BY v.version) AS n
                      FROM golden.{meta.name}_version v WHERE v.tenant_id = $1 AND v.id = ANY ($2::uuid[])) AS one
              LEFT JOIN gone g ON g.id = (one.v).id
             CROSS JOIN LATERAL (VALUES {cells}) AS c (field, was, becomes)
             WHERE c.was IS NOT NULL AND c.becomes IS DISTINCT FROM c.was AND ((one.n).id IS NOT NULL OR g.id IS NOT NULL))
        INSERT INTO hub.former_value AS f (tenant_id, entity, field, value, became, golden_id, since, until)
        SELECT DISTINCT ON (id, field, until) $1, '{meta.name}', field, lower(was), lower(becomes), id,
               coalesce(lag(until) OVER (PARTITION BY id, field ORDER BY version), '-infinity'), until
          FROM were
         ORDER BY id, field, until, version
            ON CONFLICT (tenant_id, golden_id, field, until) DO UPDATE SET since = greatest(f.since, excluded.since)"""


@cache
def _plain(meta: EntityMeta) -> str:
    texts = ", ".join(f'g."{name}"' for name, kind in golden_columns(meta) if kind == "text")
    return f"""
        WITH unknown AS (
            SELECT g.id FROM golden.{meta.name} g
             WHERE g.tenant_id = $1 AND g.id = ANY ($2::uuid[]) AND g.plain_version IS DISTINCT FROM g.version
               AND concat_ws('', {texts}) !~ '["\\\\[:cntrl:]]'
             ORDER BY g.id FOR NO KEY UPDATE)
        UPDATE golden.{meta.name} g SET plain_version = g.version FROM unknown u WHERE g.tenant_id = $1 AND g.id = u.id"""
