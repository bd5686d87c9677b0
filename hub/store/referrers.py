"""Who refers to a golden record: found in the golden tables, where every resolved reference is a column.

The statements are derived from the model; one asks every table that can refer to an entity.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from functools import cache
from uuid import UUID

from hub.store.statements import Connection
from hub.store.tables import columns_of
from schema import ENTITIES
from schema.kinds import FieldKind
from schema.language import entity_name


async def reconsider(
    tx: Connection, tenant_id: int, entity: str, golden_ids: Collection[UUID], correlation_id: str
) -> None:
    """Compute again, at once, every record that refers to one of these: what its references mean may have changed."""
    statement = _statement(entity)
    if golden_ids and statement:
        await tx.execute(statement, tenant_id, sorted(golden_ids), correlation_id)


async def of(tx: Connection, tenant_id: int, entity: str, golden_ids: Collection[UUID]) -> dict[str, set[UUID]]:
    """Every record that refers to one of these, by entity."""
    parts, found = _parts(entity), dict[str, set[UUID]]()
    if golden_ids and parts:
        for row in await tx.fetch(" UNION ".join(parts), tenant_id, sorted(golden_ids)):
            found.setdefault(row["entity"], set()).add(row["id"])
    return found


async def count(
    tx: Connection, tenant_id: int, entity: str, golden_ids: Collection[UUID], sample: int
) -> list[tuple[str, str, int, tuple[UUID, ...]]]:
    """(entity, field, how many, some of them) of the records that refer to one of these, most first."""
    statement = _counting(entity)
    if not golden_ids or not statement:
        return []
    rows = await tx.fetch(statement, tenant_id, sorted(golden_ids), sample)
    return [(row["entity"], row["field"], row["count"], tuple(row["sample"])) for row in rows]


@cache
def _counting(entity: str) -> str:
    parts = [
        f"SELECT '{name}' AS entity, '{field}' AS field, count(*) AS count, (array_agg(id ORDER BY id))[1:$3] AS sample "
        f"FROM golden.{name} WHERE tenant_id = $1 AND {condition}"
        for name, field, condition in _ways(entity)
    ]
    return f"SELECT * FROM ({' UNION ALL '.join(parts)}) AS r WHERE count > 0 ORDER BY count DESC, entity, field" if parts else ""


@cache
def _parts(entity: str) -> list[str]:
    """A statement for each field that can refer to an entity."""
    return [_part(name, condition) for name, _, condition in _ways(entity)]


def _ways(entity: str) -> Iterator[tuple[str, str, str]]:
    """(entity, field, condition on $2) of each field that can refer to an entity."""
    for meta in ENTITIES.values():
        for field in meta.fields.values():
            column = columns_of(field)[0][0]
            if field.kind is FieldKind.REFERENCE:
                if entity_name(field.target) == entity:
                    yield meta.name, field.name, f'"{column}" = ANY ($2::uuid[])'
            elif entity in map(entity_name, (field.target, *field.item_targets.values())):
                named = "EXISTS (SELECT FROM unnest($2::uuid[]) AS k (id) WHERE strpos(\"{0}\"::text, k.id::text) > 0)"
                yield meta.name, field.name, f'"{column}" IS NOT NULL AND ' + named.format(column)


@cache
def _statement(entity: str) -> str:
    parts = _parts(entity)
    if not parts:
        return ""
    return (
        "INSERT INTO hub.reconsider (tenant_id, entity, golden_id, due_at, cause, correlation_id) "
        "SELECT $1, entity, id, statement_timestamp(), 'reference', $3 FROM (" + " UNION ".join(parts) + ") AS r (entity, id) "
        "ORDER BY id ON CONFLICT (tenant_id, golden_id, cause) DO UPDATE SET due_at = excluded.due_at"
    )


def _part(entity: str, condition: str) -> str:
    return f"SELECT '{entity}' AS entity, id FROM golden.{entity} WHERE tenant_id = $1 AND {condition}"
