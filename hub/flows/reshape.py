"""What merging and splitting share: who is held, what instant it happens at, who is computed again.

Order of locks: source records by key, the golden records themselves, their direct children by (MODEL order, id). Whoever
refers to a record that goes away meanwhile fails at its own commit, by the foreign key, and finds the survivor next time.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from hub.core.change import Cause
from hub.core.configuration import Configuration
from hub.core.records import Change, Golden, Values
from hub.errors import MovedMeanwhileError, RequestError
from hub.flows.actions import By
from hub.flows.batch import Recomputed, Reshaping, ordered
from hub.flows.recompute import MOMENT, begin, recompute
from hub.store import change_log, former, forwards, golden, referrers, tasks
from hub.store.golden import Stored
from hub.store.statements import Connection
from hub.store.tables import golden_columns
from hub.store.tasks import NewTask
from schema.language import EntityMeta

Children = dict[str, set[UUID]]
"""Entity → golden records that refer to one of those a merge or split is about."""


@dataclass(slots=True)
class Held:
    """What is held for a merge or split: source records (rows of ``lock_sources``), golden records, their children."""

    meta: EntityMeta
    sources: list[Any]
    goldens: dict[UUID, Stored]
    children: Children = field(default_factory=dict)

    def sources_of(self, golden_id: UUID) -> list[Any]:
        return [row for row in self.sources if row["golden_id"] == golden_id]


async def hold(tx: Connection, config: Configuration, meta: EntityMeta, golden_ids: Collection[UUID]) -> Held:
    """Lock these golden records with all their source records, and their children.

    Raises :class:`MovedMeanwhileError` when a source record came or went before the golden records were held.
    """
    tenant = config.tenant_id
    sources = await forwards.lock_sources(tx, tenant, golden_ids)
    await tx.execute(
        f"SELECT FROM golden.{meta.name} WHERE tenant_id = $1 AND id = ANY ($2::uuid[]) ORDER BY id FOR UPDATE", tenant, sorted(golden_ids)
    )
    if await forwards.source_ids(tx, tenant, golden_ids) != {row["id"] for row in sources}:
        raise MovedMeanwhileError(meta.name)
    goldens = await golden.lock(tx, tenant, meta, golden_ids)
    children = await referrers.of(tx, tenant, meta.name, golden_ids)
    children.get(meta.name, set()).difference_update(golden_ids)
    return Held(meta, sources, goldens, children)


async def moment(tx: Connection, config: Configuration, held: Held) -> datetime:
    """The instant of the decision and of every version that follows from it: later than each of their predecessors."""
    latest = [one.updated_at for one in held.goldens.values()]
    for entity in ordered(held.children):
        rows = await tx.fetch(
            f"SELECT updated_at FROM golden.{entity} WHERE tenant_id = $1 AND id = ANY ($2::uuid[]) ORDER BY id FOR NO KEY UPDATE",
            config.tenant_id, sorted(held.children[entity]),
        )  # fmt: skip
        latest += (row["updated_at"] for row in rows)
    return max([await begin(tx), *(at + MOMENT for at in latest)])


async def take_away(
    tx: Connection, config: Configuration, held: Held, survivor: UUID, losers: Iterable[UUID], at: datetime, by: By
) -> list[Change]:
    """Take the rows of merged records away: their last version is empty, everything they said is kept as left then."""
    tenant, meta = config.tenant_id, held.meta
    changes: list[Change] = []
    rows: list[dict[str, Any]] = []
    for loser in losers:
        before = held.goldens[loser]
        last = Golden(loser, meta.name, {}, {}, record_state="merged", version=before.golden.version + 1)
        names: Values = dict.fromkeys(before.golden.values)
        changes.append(
            Change(
                loser, meta.name, last.version, "merge", dict(before.golden.values), names, "merge", by.actor, by.correlation_id, at,
                id_map=[{"before": str(loser), "after": str(survivor)}],
            )
        )  # fmt: skip
        rows.append(golden.version_row(tenant, meta, last, before.created_at, at))
    await golden.save(tx, tenant, meta, rows)
    await change_log.append(tx, tenant, changes)
    await former.keep(tx, tenant, former.left(changes))
    await tx.execute(f"DELETE FROM golden.{meta.name} WHERE tenant_id = $1 AND id = ANY ($2::uuid[])", tenant, [one.golden_id for one in changes])
    return changes


async def last_version(tx: Connection, tenant_id: int, meta: EntityMeta, golden_id: UUID) -> Stored:
    """The version with which a merged record went. Raises :class:`RequestError` when it never was one."""
    columns = ", ".join(f'v."{name}"' for name, _ in golden_columns(meta))
    row = await tx.fetchrow(
        f"SELECT {columns} FROM golden.{meta.name}_version v WHERE v.tenant_id = $1 AND v.id = $2 ORDER BY v.version DESC LIMIT 1",
        tenant_id, golden_id,
    )  # fmt: skip
    if row is None:
        raise RequestError("NOT_FOUND", f"there never was a {meta.name} {golden_id}", field="id", remedy="Look it up again.")
    return golden.stored(meta, row, {})


async def compute(
    tx: Connection, config: Configuration, held: Held, by: By, kind: str, shape: Reshaping, about: Collection[UUID]
) -> Recomputed:
    """Compute the records a merge or split (``kind``) is about, and every child of theirs, at one instant."""
    cause = by.cause(kind)
    causes: dict[str, dict[UUID, Cause]] = {entity: dict.fromkeys(sorted(ids), cause) for entity, ids in held.children.items()}
    causes.setdefault(held.meta.name, {}).update(dict.fromkeys(about, cause))
    return await recompute(tx, config, causes, reshaping=shape)


async def settle_crosswalk(tx: Connection, config: Configuration, meta: EntityMeta, golden_ids: Collection[UUID], why: str, by: By) -> None:
    """Say which record of each system is written to, and ask for the others to be merged where they are kept."""
    tenant = config.tenant_id
    await forwards.settle_roles(tx, tenant, golden_ids)
    rows = await tx.fetch(
        "SELECT golden_id, system, object, array_agg(external_id ORDER BY role = 'primary' DESC, id) AS ids FROM hub.source_record "
        "WHERE tenant_id = $1 AND golden_id = ANY ($2::uuid[]) AND entity = $3 AND state = 'present' AND role IN ('primary', 'alternate') "
        "GROUP BY 1, 2, 3 HAVING bool_or(role = 'alternate')",
        tenant, list(golden_ids), meta.name,
    )  # fmt: skip
    links = {row["name"]: row["deep_links"] for row in await tx.fetch("SELECT name, deep_links FROM hub.system WHERE tenant_id = $1", tenant)}
    found = [_at_source(meta, row, links.get(row["system"]) or {}) for row in rows]
    standing = {task.subject for task in found}
    before = await tasks.open_of(tx, tenant, list(golden_ids), ["merge_at_source"])
    await tasks.resolve(tx, tenant, [row["id"] for row in before if row["subject"] not in standing], why, by.actor)
    await tasks.open_tasks(tx, tenant, found)


def _at_source(meta: EntityMeta, row: Any, links: Mapping[str, str]) -> NewTask:
    system, object_, ids = row["system"], row["object"], list(row["ids"])
    link = links.get(object_, "")
    return NewTask(
        cause="merge_at_source",
        subject=f"{meta.name} {row['golden_id']} {system} {object_}",
        reason=f"{system} holds {len(ids)} {object_} records of one {meta.name}: {', '.join(ids)}",
        remedy=f"Merge them in {system}; until then only {ids[0]} is written to.",
        entity=meta.name,
        golden_id=row["golden_id"],
        system=system,
        detail={
            "object": object_, "primary": ids[0], "alternates": ids[1:],
            "links": {one: link.replace("{id}", one) for one in ids} if link else {},
        },
        is_restated=True,
    )  # fmt: skip

