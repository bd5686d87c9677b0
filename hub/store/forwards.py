"""Where merged golden records went, and what the crosswalk remembers of it.

Invariant: a source record belongs to whatever its home's forwards lead to (``home_id``, or its golden id where it has none).
So a merge only adds a forward, undoing it only takes it away, in any order; ``golden_id`` is kept beside, for reading.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any
from uuid import UUID

import asyncpg

from hub.core.records import SourceKey
from hub.store.statements import Connection, statements

SQL = statements("forwards")


async def ends(tx: Connection, tenant_id: int, ids: Iterable[UUID]) -> dict[UUID, UUID]:
    """Of these golden ids, those merged away, with what stands for them now, over all merges in between."""
    wanted = list(ids)
    if not wanted:
        return {}
    return {row["loser_id"]: row["survivor_id"] for row in await SQL["ends"].fetch(tx, tenant=tenant_id, ids=wanted)}


async def end_of(tx: Connection, tenant_id: int, golden_id: UUID) -> UUID:
    """What stands for a golden id now: itself, or the survivor of its merges."""
    return (await ends(tx, tenant_id, [golden_id])).get(golden_id, golden_id)


async def tree(tx: Connection, tenant_id: int, golden_id: UUID) -> set[UUID]:
    """A golden id and every id that was merged into it, over all merges in between."""
    return {row["id"] for row in await SQL["tree"].fetch(tx, tenant=tenant_id, id=golden_id)}


async def add(tx: Connection, tenant_id: int, entity: str, survivor: UUID, losers: Mapping[UUID, int]) -> None:
    """From now on these ids (each with the decision that says so) lead to the survivor."""
    await SQL["add"].run(
        tx, tenant=tenant_id, entity=entity, survivor=survivor, losers=list(losers), decisions=list(losers.values())
    )


async def drop(tx: Connection, tenant_id: int, loser: UUID) -> None:
    """The id stands for itself again."""
    await SQL["drop"].run(tx, tenant=tenant_id, loser=loser)


async def move_in(tx: Connection, tenant_id: int, survivor: UUID, losers: Collection[UUID]) -> list[int]:
    """Put every source record of the losers under the survivor; answers their ids."""
    return [row["id"] for row in await SQL["move_in"].fetch(tx, tenant=tenant_id, survivor=survivor, losers=list(losers))]


async def move_out(tx: Connection, tenant_id: int, survivor: UUID, loser: UUID, homes: Collection[UUID]) -> list[int]:
    """Take the source records with these homes out of the survivor, back to the loser; answers their ids."""
    rows = await SQL["move_out"].fetch(tx, tenant=tenant_id, survivor=survivor, loser=loser, homes=list(homes))
    return [row["id"] for row in rows]


async def set_home(tx: Connection, tenant_id: int, source_ids: Sequence[int], home: UUID) -> UUID:
    """Give source records another home; answers the golden record that stands for it."""
    golden_id = await end_of(tx, tenant_id, home)
    await SQL["set_home"].run(tx, tenant=tenant_id, ids=list(source_ids), home=home, golden_id=golden_id)
    return golden_id


async def keep_homes(tx: Connection, tenant_id: int, homes: Mapping[SourceKey, UUID]) -> None:
    """Say of source records under a survivor which merged golden record they belong to."""
    rows = [{**key._asdict(), "home_id": home} for key, home in homes.items()]
    await SQL["keep_homes"].run(tx, tenant=tenant_id, rows=rows)


async def standing_for(tx: Connection, tenant_id: int, golden_ids: Iterable[UUID]) -> set[UUID]:
    """What stands for these golden ids now."""
    wanted = set(golden_ids)
    found = await ends(tx, tenant_id, wanted)
    return {found.get(one, one) for one in wanted}


async def settle_roles(tx: Connection, tenant_id: int, golden_ids: Collection[UUID]) -> list[asyncpg.Record]:
    """Say which of a system's several records of one thing is written to; answers (id, golden_id, role) of what changed."""
    return await SQL["roles"].fetch(tx, tenant=tenant_id, golden_ids=list(golden_ids))


async def lock_sources(tx: Connection, tenant_id: int, golden_ids: Collection[UUID]) -> list[asyncpg.Record]:
    """Every source record of these golden records, locked: id, golden_id, home_id, its key, state and role."""
    return await SQL["lock_sources"].fetch(tx, tenant=tenant_id, golden_ids=list(golden_ids))


async def source_ids(tx: Connection, tenant_id: int, golden_ids: Collection[UUID]) -> set[int]:
    """Which source records these golden records consist of now."""
    return {row["id"] for row in await SQL["source_ids"].fetch(tx, tenant=tenant_id, golden_ids=list(golden_ids))}


async def set_apart(tx: Connection, tenant_id: int, decision_id: int, one: Iterable[int], other: Iterable[int]) -> None:
    """Remember between which source records a "not the same" stands: wherever they go, it goes with them."""
    sides = [(id_, 1) for id_ in sorted(set(one))] + [(id_, 2) for id_ in sorted(set(other))]
    if sides:
        await SQL["set_apart"].run(
            tx, tenant=tenant_id, decision=decision_id, source_ids=[id_ for id_, _ in sides], sides=[side for _, side in sides]
        )


async def apart(tx: Connection, tenant_id: int, golden_ids: Collection[UUID]) -> list[asyncpg.Record]:
    """Pairs of these golden records between which somebody's "not the same" stands: one, other, decision_id, actor, reason."""
    return await SQL["apart"].fetch(tx, tenant=tenant_id, golden_ids=list(golden_ids))


async def barred(tx: Connection, tenant_id: int, source_ids: Collection[int]) -> dict[int, set[UUID]]:
    """Source record → golden records that somebody said it is not, wherever their records are by now."""
    found: dict[int, set[UUID]] = {}
    if source_ids:
        for row in await SQL["barred"].fetch(tx, tenant=tenant_id, source_ids=list(source_ids)):
            found.setdefault(row["source_id"], set()).add(row["golden_id"])
    return found


async def judged(tx: Connection, tenant_id: int, source_ids: Collection[int]) -> set[int]:
    """Source records whose place a person has decided (same, not the same, split, merge): no rule moves them, ever."""
    if not source_ids:
        return set()
    rows: list[Any] = await SQL["judged"].fetch(tx, tenant=tenant_id, source_ids=list(source_ids))
    return {row["id"] for row in rows}
