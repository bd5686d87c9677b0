"""What was written to connected systems, remembered while it may come back; and how often it came back as something else."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any

import asyncpg

from hub.core.ledger import Entry, hashes_of
from hub.core.records import SourceKey
from hub.store.crosswalk import Written
from hub.store.statements import Connection, statements

SQL = statements("ledger")

RecordKey = tuple[str, str, str]
"""(system, object, external id)."""


async def store(tx: Connection, tenant_id: int, written: Sequence[tuple[Written, float]]) -> None:
    """Remember writes, each for so many seconds."""
    rows = [
        {
            "place": place, "system": one.system, "object": one.object, "external_id": one.external_id, "entity": one.entity,
            "hashes": hashes_of(one.values), "version": one.version, "echo_s": echo_s,
        }
        for place, (one, echo_s) in enumerate(written) if one.values and echo_s > 0
    ]  # fmt: skip
    if rows:
        await SQL["store"].run(tx, tenant=tenant_id, rows=rows)


async def of_records(tx: Connection, tenant_id: int, keys: Iterable[SourceKey]) -> dict[tuple[RecordKey, str], list[Entry]]:
    """(record, entity) → what was written to it and may still come back, the newest first."""
    wanted = sorted({(key.system, key.object, key.external_id) for key in keys})
    found: dict[tuple[RecordKey, str], list[Entry]] = {}
    if wanted:
        systems, objects, external_ids = (list(column) for column in zip(*wanted, strict=True))
        rows = await SQL["of_records"].fetch(tx, tenant=tenant_id, systems=systems, objects=objects, external_ids=external_ids)
        for row in rows:
            key = ((row["system"], row["object"], row["external_id"]), row["entity"])
            found.setdefault(key, []).append(Entry(row["id"], row["hashes"]))
    return found


async def consume(tx: Connection, tenant_id: int, seen: Mapping[int, Collection[str]]) -> None:
    """These fields of these entries have come back."""
    pairs = [(id_, name) for id_, names in sorted(seen.items()) for name in sorted(names)]
    if pairs:
        await SQL["consume"].run(tx, tenant=tenant_id, ids=[id_ for id_, _ in pairs], fields=[name for _, name in pairs])


async def forget(connection: Connection, most: int = 5_000) -> int:
    """Drop entries of all tenants that ran out; answers how many."""
    return int((await SQL["forget"].run(connection, most=most)).rpartition(" ")[2])


async def count_rewritten(tx: Connection, tenant_id: int, rows: Sequence[Mapping[str, Any]]) -> list[asyncpg.Record]:
    """Count near misses: rows of system, entity, field, count, external_id; answers the counts as they are now."""
    return await SQL["count_rewritten"].fetch(tx, tenant=tenant_id, rows=list(rows))


async def limits(tx: Connection, tenant_id: int, systems: Collection[str]) -> dict[str, Mapping[str, Any]]:
    """System → what the tenant says of its ledger, where it says anything."""
    rows = await SQL["limits"].fetch(tx, tenant=tenant_id, systems=sorted(systems))
    return {row["system"]: row["ledger"] for row in rows}
