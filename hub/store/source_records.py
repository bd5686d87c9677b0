"""Contributions and the crosswalk. Invariant: a key has one row; whoever changes a row has locked it, in key order."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any
from uuid import UUID

import asyncpg

from hub.core.records import Contribution, SourceKey
from hub.errors import ConcurrentInsertError
from hub.store.statements import Connection, statements
from schema.systems import SystemKind

SQL = statements("source_records")

Ranks = Mapping[str, tuple[SystemKind, int]]
"""System name → its kind and its place among the systems of that kind."""


async def lock(tx: Connection, tenant_id: int, keys: Iterable[SourceKey], ranks: Ranks) -> dict[SourceKey, Contribution]:
    """The contributions under ``keys`` that exist, locked to the end of the transaction."""
    rows = await SQL["lock_by_key"].fetch(tx, **_columns(sorted(set(keys))), tenant=tenant_id)
    return {c.key: c for c in (contribution(row, ranks) for row in rows)}


async def parts_of(tx: Connection, tenant_id: int, names: Sequence[tuple[str, str, str]]) -> list[SourceKey]:
    """Keys of all contributions of the vendor records ``(system, object, external id)``."""
    systems, objects, external_ids = (list(column) for column in zip(*names, strict=True))
    rows = await SQL["parts_of"].fetch(
        tx, systems=systems, objects=objects, external_ids=external_ids, tenant=tenant_id
    )
    return [SourceKey(*row) for row in rows]


async def resolve(tx: Connection, tenant_id: int, keys: Iterable[SourceKey]) -> dict[SourceKey, asyncpg.Record]:
    """(id, golden_id, role, state) of the keys that exist; nothing is locked."""
    wanted = sorted(set(keys))
    if not wanted:
        return {}
    rows = await SQL["resolve_keys"].fetch(tx, **_columns(wanted), tenant=tenant_id)
    return {SourceKey(*row[1:6]): row for row in rows}


async def siblings(
    tx: Connection, tenant_id: int, golden_ids: Iterable[UUID], known: Iterable[int], ranks: Ranks
) -> list[Contribution]:
    """Every other contribution to these golden records."""
    rows = await SQL["of_golden"].fetch(tx, tenant=tenant_id, golden_ids=list(golden_ids), known=list(known))
    return [contribution(row, ranks) for row in rows]


async def by_ids(tx: Connection, tenant_id: int, ids: Iterable[int], ranks: Ranks) -> list[Contribution]:
    """The contributions of these ids, in their order; nothing is locked."""
    return [contribution(row, ranks) for row in await SQL["by_ids"].fetch(tx, tenant=tenant_id, ids=list(ids))]


async def insert(tx: Connection, tenant_id: int, new: Iterable[Contribution]) -> None:
    """Store new contributions and give each its id.

    Raises :class:`ConcurrentInsertError` when another transaction made one of them meanwhile; the batch is tried again.
    """
    ordered = sorted(new, key=lambda c: c.key)
    if not ordered:
        return
    rows = await SQL["insert_new"].fetch(tx, tenant=tenant_id, rows=[_key(c) | _state(c) for c in ordered])
    ids = {SourceKey(*row[1:]): row["id"] for row in rows}
    if len(ids) < len(ordered):
        missing = next(c.key for c in ordered if c.key not in ids)
        raise ConcurrentInsertError(missing.system, missing.external_id)
    for one in ordered:
        one.id = ids[one.key]


async def update(tx: Connection, tenant_id: int, changed: Iterable[Contribution]) -> None:
    """Store contributions that exist; their rows are locked."""
    rows = [_state(c) | {"id": c.id} for c in changed]
    if rows:
        await SQL["update"].run(tx, tenant=tenant_id, rows=rows)


async def restate(tx: Connection, tenant_id: int, changed: Iterable[Contribution]) -> None:
    """The same for those that only said something new of their fields, as most do: 15 µs a row and not 23, measured."""
    rows = [
        {"id": c.id, "values": c.values, "stated": c.stated, "since": c.since, "version": c.version,
         "message_id": c.message_id, "mapping_version": c.mapping_version}
        for c in changed
    ]  # fmt: skip
    if rows:
        await SQL["restate"].run(tx, tenant=tenant_id, rows=rows)


async def point_aliases(tx: Connection, tenant_id: int, aliases: Mapping[SourceKey, UUID]) -> list[asyncpg.Record]:
    """Say which golden record a name within a system means; two bearers of one name make it mean none.

    Answers (entity, golden_id, former_id) of the names that mean something else than before.
    """
    if not aliases:
        return []
    ordered = sorted(aliases)
    columns = _columns(ordered)
    del columns["parts"]
    return await SQL["point_aliases"].fetch(tx, **columns, golden_ids=[aliases[k] for k in ordered], tenant=tenant_id)


async def await_parents(
    tx: Connection, tenant_id: int, recomputed: Sequence[UUID], waits: Sequence[tuple[int, UUID, str, str, bool]]
) -> None:
    """Keep what each golden record waits for: rows ``(awaited source id, golden id, entity, field, is required)``."""
    if recomputed:
        await SQL["drop_awaiting"].run(tx, tenant=tenant_id, golden_ids=list(recomputed))
    if waits:
        source_ids, golden_ids, entities, fields, required = (list(c) for c in zip(*sorted(set(waits)), strict=True))
        await SQL["add_awaiting"].run(
            tx, tenant=tenant_id, source_ids=source_ids, golden_ids=golden_ids, entities=entities, fields=fields, required=required
        )


async def share(tx: Connection, tenant_id: int, ids: Iterable[int]) -> list[asyncpg.Record]:
    """(id, entity, golden_id) of these rows as they are once nobody changes them; they stay so to the end of ours."""
    return await SQL["share"].fetch(tx, tenant=tenant_id, ids=sorted(ids))


async def release_waiting(tx: Connection, tenant_id: int, born: Sequence[UUID], correlation_id: str) -> None:
    """Golden records were born: compute again, at once, whatever waited for one of them."""
    if born:
        await SQL["release_awaiting"].run(tx, tenant=tenant_id, golden_ids=list(born), correlation_id=correlation_id)


async def release_ready(tx: Connection, tenant_id: int) -> int:
    """Wake whoever waits for a record that is born; answers how many were found. The net under :func:`release_waiting`."""
    tag = await SQL["release_ready"].run(tx, tenant=tenant_id)
    return int(tag.rsplit(" ", 1)[-1])


def contribution(row: asyncpg.Record, ranks: Ranks) -> Contribution:
    """One row as the value ``f`` reads."""
    (id_, system, object_, external_id, entity, part, state, golden_id, role, values, held, raw, stated, since, written,
     links, version, message_id, mapping_version) = row  # fmt: skip
    kind, rank = ranks.get(system, (SystemKind.HUB, 0))
    return Contribution(
        SourceKey(system, object_, external_id, entity, part), kind, id_, state, golden_id, role, values, held or {}, raw or {},
        stated, since, written or {}, tuple(SourceKey(*link) for link in links) if links else (), version, message_id,
        mapping_version, rank,
    )  # fmt: skip


def _key(one: Contribution) -> dict[str, Any]:
    system, object_, external_id, entity, part = one.key
    return {"system": system, "object": object_, "external_id": external_id, "entity": entity, "part": part}


def _state(one: Contribution) -> dict[str, Any]:
    """What changes of a contribution; what is empty is left out, which stores NULL."""
    row: dict[str, Any] = {
        "state": one.state, "golden_id": one.golden_id, "role": one.role, "values": one.values, "stated": one.stated,
        "since": one.since, "version": one.version, "message_id": one.message_id, "mapping_version": one.mapping_version,
    }  # fmt: skip
    for name in ("held", "raw", "written"):
        if told := getattr(one, name):
            row[name] = told
    if one.links:
        row["links"] = [list(link) for link in one.links]
    return row


def _columns(keys: Sequence[SourceKey]) -> dict[str, list[str]]:
    systems, objects, external_ids, entities, parts = zip(*keys, strict=True) if keys else ((),) * 5
    return {
        "systems": list(systems), "objects": list(objects), "external_ids": list(external_ids),
        "entities": list(entities), "parts": list(parts),
    }  # fmt: skip
