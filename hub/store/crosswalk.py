"""The crosswalk as deliveries see and extend it: which record of a target is which golden record, and what we wrote there."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple
from uuid import UUID

from hub.core.records import Values
from hub.store import source_records
from hub.store.statements import Connection, statements
from hub.store.tasks import NewTask

SQL = statements("crosswalk")


class ExternalId(NamedTuple):
    """How a system names one golden record."""

    entity: str
    object: str
    external_id: str


@dataclass(frozen=True, slots=True)
class Written:
    """What a target took from us: ``values`` in canonical form, references in the target's own ids."""

    system: str
    object: str
    external_id: str
    entity: str
    golden_id: UUID
    values: Values
    is_new: bool
    version: str
    correlation_id: str = ""

    @property
    def key(self) -> tuple[str, str, str, str]:
        return (self.system, self.object, self.external_id, self.entity)


async def external_ids(
    connection: Connection, tenant_id: int, system: str, golden_ids: Iterable[UUID]
) -> dict[UUID, list[ExternalId]]:
    """How a system names these golden records, as far as it holds them."""
    found: dict[UUID, list[ExternalId]] = {}
    wanted = sorted(set(golden_ids))
    if wanted:
        for row in await SQL["external_ids"].fetch(connection, tenant=tenant_id, golden_ids=wanted, system=system):
            found.setdefault(row["golden_id"], []).append(ExternalId(row["entity"], row["object"], row["external_id"]))
    return found


async def store(tx: Connection, tenant_id: int, written: Sequence[Written]) -> list[NewTask]:
    """Remember what targets took; answers tasks for records that turn out to belong to another golden record."""
    ordered = sorted(written, key=lambda one: one.key)
    created = [one for one in ordered if one.is_new]
    updated = [one for one in ordered if not one.is_new]
    if updated:
        await SQL["store_written"].run(tx, tenant=tenant_id, rows=[_row(one) for one in updated])
    if not created:
        return []
    rows = await SQL["store_created"].fetch(tx, tenant=tenant_id, rows=[_row(one) for one in created])
    now: dict[tuple[Any, ...], UUID] = {tuple(row)[:4]: row["golden_id"] for row in rows}
    now |= await _held(tx, tenant_id, created, now)
    await source_records.release_waiting(tx, tenant_id, [one.golden_id for one in created], created[0].correlation_id)
    elsewhere = [one for one in created if now[one.key] != one.golden_id]
    if elsewhere:
        rows = await SQL["survivors"].fetch(tx, tenant=tenant_id, ids=[one.golden_id for one in elsewhere])
        merged = {row["loser_id"]: row["survivor_id"] for row in rows}
        elsewhere = [one for one in elsewhere if merged.get(one.golden_id) != now[one.key]]
    return [_linked_elsewhere(one, now[one.key]) for one in elsewhere]


async def _held(
    tx: Connection, tenant_id: int, created: Sequence[Written], now: Mapping[tuple[Any, ...], UUID]
) -> dict[tuple[Any, ...], UUID]:
    """Hold the golden records these belong to, and follow merges and splits that were under way; answers what moved.

    Whoever merges holds them ``FOR UPDATE``: either it sees our rows, or we see what it made of their golden records.
    """
    for entity in sorted({one.entity for one in created}):
        ids = {one.golden_id for one in created if one.entity == entity} | {now[one.key] for one in created if one.entity == entity}
        await tx.execute(
            f"SELECT FROM golden.{entity} WHERE tenant_id = $1 AND id = ANY ($2::uuid[]) ORDER BY id FOR KEY SHARE", tenant_id, sorted(ids)
        )
    rows = await SQL["follow_merges"].fetch(tx, tenant=tenant_id, rows=[_row(one) for one in created])
    return {tuple(row)[:4]: row["golden_id"] for row in rows}


async def count_held(connection: Connection, tenant_id: int, system: str, bound: int) -> int:
    """How many records the system holds, counted up to ``bound``."""
    count: int = await SQL["count_held"].value(connection, tenant=tenant_id, system=system, bound=bound)
    return count


def _row(one: Written) -> dict[str, Any]:
    return {
        "system": one.system, "object": one.object, "external_id": one.external_id, "entity": one.entity,
        "golden_id": one.golden_id, "fields": one.values, "version": one.version,
    }  # fmt: skip


def _linked_elsewhere(one: Written, other: UUID) -> NewTask:
    return NewTask(
        cause="possible_duplicate",
        subject=f"{one.system} {one.object} {one.external_id}",
        reason=f"{one.system} {one.object} {one.external_id} was created for one {one.entity} and is linked to another one.",
        remedy="Merge the two records, or link the system's record to the one it was created for.",
        entity=one.entity,
        golden_id=one.golden_id,
        system=one.system,
        detail={"created_for": str(one.golden_id), "linked_to": str(other)},
        correlation_id=one.correlation_id,
    )
