"""Who waits for whom, and what is computed again when somebody comes or goes.

A reference to a record nobody has told us of makes its row in state ``awaited``; the record's arrival updates the same row.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any
from uuid import UUID

from hub.core.records import SourceKey
from hub.flows import references
from hub.flows.batch import Batch, Fresh, id_of, ordered
from hub.flows.references import alias_key
from hub.store import golden, inbox, referrers, source_records
from hub.store.statements import Connection
from schema import ENTITIES

NO_ORIGIN = "*origin"
"""In ``awaiting.field``: the record waits for a system that may open it."""


async def save(tx: Connection, batch: Batch, fresh: Sequence[Fresh]) -> None:
    """Keep what these records wait for; wake those that waited for them, or that meant what has left them."""
    tenant = batch.config.tenant_id
    await _save_waits(tx, batch)
    if waited := _waited(batch, fresh):
        await inbox.forget_waiting(tx, tenant, waited)
    named, left = await _save_aliases(tx, batch, fresh), _left(fresh)
    for row in named:
        if row["former_id"] is not None:
            left.setdefault(row["entity"], set()).add(row["former_id"])
    correlation = next((c.correlation_id for c in batch.done.changes), "")
    await source_records.release_waiting(tx, tenant, _arrived(batch, fresh, named), correlation)
    for entity in ordered(left):
        await referrers.reconsider(tx, tenant, entity, left[entity], correlation)


def _waited(batch: Batch, fresh: Sequence[Fresh]) -> set[int]:
    """Earlier messages about records that are born now; those of this batch get their outcome from it."""
    mine = {one.contribution.message_id for one in fresh}
    told = (c.message_id for golden_id in batch.done.born for c in batch.contributions.get(golden_id, ()))
    return {id_ for id_ in told if id_ and id_ not in mine}


async def _save_waits(tx: Connection, batch: Batch) -> None:
    """Who waits for whom. A parent nobody has told us of gets its row in state ``awaited``."""
    tenant, refs = batch.config.tenant_id, batch.refs
    wanted: list[tuple[SourceKey, UUID, str, str, bool]] = []
    own: list[tuple[int, UUID, str, str, bool]] = []
    for entity, some in batch.causes.items():
        meta = ENTITIES[entity]
        for golden_id in some:
            after = batch.done.goldens[golden_id]
            if after.is_born and not after.awaited:
                continue
            contributions = batch.contributions.get(golden_id, [])
            for name in {*after.awaited, *after.missing}:
                keys = {key for c in contributions for key in references.unresolved(meta, name, c.values, refs)}
                wanted += ((key, golden_id, entity, name, name in after.missing) for key in keys)
                if not keys:
                    own += ((c.id, golden_id, entity, name, True) for c in contributions if c.state == "present")
            if not after.is_born and not after.missing:
                own += ((c.id, golden_id, entity, NO_ORIGIN, True) for c in contributions if c.state == "present")
    unknown = {key for key, *_ in wanted} - refs.source_ids.keys()
    if unknown:
        refs.source_ids |= await _await_rows(tx, tenant, unknown)
    recomputed = [g for some in batch.causes.values() for g in some if g in batch.stored or g in batch.contributions]
    waits = own + [(refs.source_ids[key], golden_id, entity, name, must) for key, golden_id, entity, name, must in wanted]
    await source_records.await_parents(tx, tenant, recomputed, waits)
    await _look_again(tx, batch, wanted)


async def _look_again(tx: Connection, batch: Batch, wanted: Sequence[tuple[SourceKey, UUID, str, str, bool]]) -> None:
    """A parent born in another transaction meanwhile has not seen us waiting: its row's lock tells, so we wake ourselves."""
    if not wanted:
        return
    tenant, refs = batch.config.tenant_id, batch.refs
    rows = await source_records.share(tx, tenant, {refs.source_ids[key] for key, *_ in wanted})
    came: set[UUID] = set()
    by_entity: dict[str, set[UUID]] = {}
    for row in rows:
        if row["golden_id"] is not None and row["golden_id"] not in refs.born:
            by_entity.setdefault(row["entity"], set()).add(row["golden_id"])
    for entity, ids in by_entity.items():
        came |= await golden.existing(tx, tenant, ENTITIES[entity], ids)
    await source_records.release_waiting(tx, tenant, sorted(came), "")


async def _await_rows(tx: Connection, tenant_id: int, keys: set[SourceKey]) -> dict[SourceKey, int]:
    await tx.execute(
        "INSERT INTO hub.source_record (tenant_id, system, object, external_id, entity, part, state) "
        "SELECT $1, s, o, e, n, p, 'awaited' FROM unnest($2::text[], $3::text[], $4::text[], $5::text[], $6::text[]) "
        "AS k (s, o, e, n, p) ON CONFLICT DO NOTHING",
        tenant_id, *(list(column) for column in zip(*sorted(keys), strict=True)),
    )  # fmt: skip
    return {key: row["id"] for key, row in (await source_records.resolve(tx, tenant_id, keys)).items()}


def _arrived(batch: Batch, fresh: Sequence[Fresh], named: Iterable[Any]) -> list[UUID]:
    """Golden records that can be referred to in a way they could not before: born now, or a source record came to them."""
    came = {
        id_of(one.contribution)
        for one in fresh
        if (before := one.previous) is None
        or (before.state, before.golden_id, before.links) != (one.contribution.state, one.contribution.golden_id, one.contribution.links)
    }
    came.update(row["golden_id"] for row in named if row["golden_id"] is not None)
    return sorted({*batch.done.born, *(came & batch.stored.keys())})


def _left(fresh: Sequence[Fresh]) -> dict[str, set[UUID]]:
    """Golden records that a source record was taken away from: who refers to them may have meant that one."""
    left: dict[str, set[UUID]] = {}
    for one in fresh:
        before = one.previous.golden_id if one.previous else None
        if before is not None and before != one.contribution.golden_id:
            left.setdefault(one.contribution.key.entity, set()).add(before)
    return left


async def _save_aliases(tx: Connection, batch: Batch, fresh: Sequence[Fresh]) -> list[Any]:
    """Where records of a system are referred to by name, their names belong to the crosswalk too.

    Answers ``(entity, golden_id, former_id)`` of each name that means another record now; a second bearer makes it none.
    """
    changed: list[Any] = []
    aliases: dict[SourceKey, UUID] = {}
    for one in fresh if batch.config.named else ():
        key, name = one.contribution.key, one.contribution.values.get("name")
        if (key.system, key.object) in batch.config.named and isinstance(name, str):
            alias = alias_key(key.system, key.object, name, key.entity)
            if aliases.get(alias, one.contribution.golden_id) != one.contribution.golden_id:
                changed += await source_records.point_aliases(tx, batch.config.tenant_id, aliases)
                aliases = {}
            aliases[alias] = id_of(one.contribution)
    return changed + await source_records.point_aliases(tx, batch.config.tenant_id, aliases)
