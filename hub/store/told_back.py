"""What a system's record was told of other systems, so that it is told once and again when it changes."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from hub.store.crosswalk import Written
from hub.store.statements import Connection, statements

SQL = statements("told_back")

RecordId = tuple[str, str]
"""(object, external id) within one system."""


async def of_records(connection: Connection, tenant_id: int, system: str, records: Iterable[RecordId]) -> dict[RecordId, Mapping[str, Any]]:
    """Record → path → what it was told last."""
    wanted = sorted(set(records))
    if not wanted:
        return {}
    rows = await SQL["of_records"].fetch(
        connection, tenant=tenant_id, system=system, objects=[one for one, _ in wanted], external_ids=[one for _, one in wanted]
    )
    return {(row["object"], row["external_id"]): row["told"] for row in rows}


async def store(tx: Connection, tenant_id: int, told: Sequence[tuple[Written, Mapping[str, Any]]]) -> None:
    """Remember what records were told."""
    rows = {
        (one.system, one.object, one.external_id): {"system": one.system, "object": one.object, "external_id": one.external_id, "told": dict(paths)}
        for one, paths in told if paths
    }  # fmt: skip
    if rows:
        await SQL["store"].run(tx, tenant=tenant_id, rows=list(rows.values()))
