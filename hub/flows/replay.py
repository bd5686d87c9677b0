"""Golden = f(contributions, decisions, policy, at): prove it for every record, or make it so again.

``--verify`` computes each golden record from what is stored and compares values and lineage with its newest version;
without it, what differs is computed again as a new version with cause ``replay``.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from uuid import UUID

from hub.core.change import Cause
from hub.core.configuration import Configuration
from hub.core.records import Contribution, Golden
from hub.core.survivorship import survive
from hub.flows import references
from hub.flows.recompute import recompute
from hub.settings import Settings
from hub.store import decisions, golden, source_records
from hub.store.configuration import ConfigurationCache, tenants
from hub.store.pool import Pool, open_worker_pool
from hub.store.statements import Connection
from schema import ENTITIES
from schema.language import EntityMeta

PAGE = 500


@dataclass(frozen=True, slots=True)
class Difference:
    """One golden record that is not what ``f`` says: the fields whose value or lineage differ."""

    entity: str
    golden_id: UUID
    values: tuple[str, ...]
    lineage: tuple[str, ...]

    def __str__(self) -> str:
        parts = [f"{name} differs" for name in self.values] + [f"lineage of {name} differs" for name in self.lineage]
        return f"{self.entity} {self.golden_id}: {', '.join(parts)}"


@dataclass(slots=True)
class Verified:
    """How many golden records were computed, and those that differ."""

    checked: int = 0
    differences: list[Difference] = field(default_factory=list)


async def verify(tx: Connection, config: Configuration) -> Verified:
    """Compute every golden record of a tenant from its contributions and decisions, and compare. Changes nothing.

    Records that are due to be computed anyway (a new policy, an expired override) are left to that.
    """
    found = Verified()
    due = {row["golden_id"] for row in await tx.fetch("SELECT golden_id FROM hub.reconsider WHERE tenant_id = $1 AND due_at <= clock_timestamp()", config.tenant_id)}
    for meta in ENTITIES.values():
        async for ids in _pages(tx, config.tenant_id, meta):
            wanted = [one for one in ids if one not in due]
            found.checked += len(wanted)
            found.differences += await _compare(tx, config, meta, wanted)
    return found


async def _pages(tx: Connection, tenant_id: int, meta: EntityMeta) -> AsyncIterator[list[UUID]]:
    last = UUID(int=0)
    while rows := await tx.fetch(
        f"SELECT id FROM golden.{meta.name} WHERE tenant_id = $1 AND id > $2 ORDER BY id LIMIT $3", tenant_id, last, PAGE
    ):
        yield [row["id"] for row in rows]
        last = rows[-1]["id"]


async def _compare(tx: Connection, config: Configuration, meta: EntityMeta, ids: list[UUID]) -> list[Difference]:
    stored = await golden.lock(tx, config.tenant_id, meta, ids)
    by_id: dict[UUID, list[Contribution]] = {}
    for one in await source_records.siblings(tx, config.tenant_id, ids, (), config.ranks):
        if one.golden_id is not None:
            by_id.setdefault(one.golden_id, []).append(one)
    judged = await decisions.in_force(tx, config.tenant_id, ids)
    told = [one.values for some in by_id.values() for one in some]
    told += [{d.field: d.value} for some in judged.values() for d in some if d.kind == "override" and isinstance(d.value, dict)]
    refs = await references.load(tx, config.tenant_id, {meta.name: told})
    at = await tx.fetchval("SELECT clock_timestamp()")
    differences = []
    for golden_id, held in stored.items():
        after = survive(meta, golden_id, by_id.get(golden_id, []), judged.get(golden_id, ()), config.policy, at, refs.resolve)
        differing = compare(held.golden, after)
        if differing is not None:
            differences.append(differing)
    return differences


def compare(stored: Golden, computed: Golden) -> Difference | None:
    """What differs between a stored golden record and what ``f`` says; None when values and lineage are equal."""
    names = stored.values.keys() | computed.values.keys()
    values = sorted(name for name in names if stored.values.get(name) != computed.values.get(name))
    lines = sorted(
        name for name in stored.lineage.keys() | computed.lineage.keys() if stored.lineage.get(name) != computed.lineage.get(name)
    )
    if stored.record_state != computed.record_state:
        values.append("record_state")
    return Difference(stored.entity, stored.id, tuple(values), tuple(lines)) if values or lines else None


async def main(settings: Settings, verify_only: bool) -> int:
    """``hub replay [--verify]``: every tenant; the exit code is 1 when a record differs (with ``--verify``)."""
    pool = await open_worker_pool(settings.need("worker_url"), 4, "hub-replay")
    cache = ConfigurationCache()
    differing = 0
    try:
        async with pool.acquire() as connection:
            every = await tenants(connection)
        for tenant_id, slug in every:
            async with pool.acquire() as connection, connection.transaction():
                config = await cache.get(connection, tenant_id)
                found = await verify(connection, config)
            print(f"{slug}: {found.checked} golden records computed, {len(found.differences)} differ")
            for one in found.differences[:20]:
                print(f"  {one}")
            differing += len(found.differences)
            if not verify_only and found.differences:
                await _mend(pool, config, found.differences)
                print(f"  {len(found.differences)} stored anew with cause replay")
    finally:
        await pool.close()
    return 1 if differing and verify_only else 0


async def _mend(pool: Pool, config: Configuration, differences: list[Difference]) -> None:
    for start in range(0, len(differences), PAGE):
        causes: dict[str, dict[UUID, Cause]] = {}
        for one in differences[start : start + PAGE]:
            causes.setdefault(one.entity, {})[one.golden_id] = Cause("replay", "hub", "replay")
        async with pool.acquire() as connection, connection.transaction():
            await recompute(connection, config, causes)
