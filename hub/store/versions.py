"""Golden versions as they were delivered: one record at one version, whole, with its lineage."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache
from uuid import UUID

from hub.core.records import Golden
from hub.store import golden
from hub.store.statements import Connection
from hub.store.tables import golden_columns
from schema import ENTITIES
from schema.language import EntityMeta

VersionKey = tuple[UUID, int]


async def read(
    connection: Connection, tenant_id: int, wanted: Iterable[tuple[str, UUID, int]]
) -> dict[VersionKey, Golden]:
    """(entity, golden id, version) → the record as that version says; one statement an entity."""
    by_entity: dict[str, list[VersionKey]] = {}
    for entity, golden_id, version in wanted:
        by_entity.setdefault(entity, []).append((golden_id, version))
    found: dict[VersionKey, Golden] = {}
    for entity, keys in by_entity.items():
        meta = ENTITIES[entity]
        rows = await connection.fetch(_statement(meta), tenant_id, [key[0] for key in keys], [key[1] for key in keys])
        for row in rows:
            found[row["id"], row["version"]] = golden.stored(meta, row, row["lineage"]).golden
    return found


@cache
def _statement(meta: EntityMeta) -> str:
    columns = ", ".join(f'v."{name}"' for name, _ in golden_columns(meta))
    return (
        f"SELECT {columns}, v.lineage FROM unnest($2::uuid[], $3::integer[]) AS k (id, version) "
        f"JOIN golden.{meta.name}_version v ON v.tenant_id = $1 AND v.id = k.id AND v.version = k.version"
    )
