"""Taking a golden record apart, putting it together again, and saying that two are not the same.

A split gives source records another home; what is left of a record that lost its last one leads to where they went. Whoever
was split or kept apart is not joined again by a rule, and a merge of what holds them by then is vetoed.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import combinations
from typing import Any
from uuid import UUID

from hub.core.configuration import Configuration
from hub.core.records import Change
from hub.errors import RequestError
from hub.faults import point
from hub.flows.actions import By, note
from hub.flows.batch import Reshaping
from hub.flows.canonical import known_entity
from hub.flows.merge_checks import SQL
from hub.flows.reshape import Held, compute, hold, last_version, moment, settle_crosswalk, take_away
from hub.store import decisions, forwards, tasks
from hub.store.golden import Stored
from hub.store.statements import Connection
from schema.language import EntityMeta

EMPTIED = "emptied"
"""The rule of the merge by which a record without any source record left leads to where the last of them went."""

Groups = Mapping[UUID, Sequence[int]]
"""New golden id → the source records it gets."""


@dataclass(frozen=True, slots=True)
class Split:
    """What a split did: the action that undoes it, its decisions, the versions it made."""

    action_id: int
    entity: str
    golden_id: UUID
    new_ids: tuple[UUID, ...]
    decision_ids: tuple[int, ...]
    changes: tuple[Change, ...]


async def split(tx: Connection, config: Configuration, entity: str, golden_id: UUID, groups: Groups, by: By, *, reason: str) -> Split:
    """Give source records of a golden record golden records of their own; at least one stays where it is.

    Raises :class:`RequestError`: ``NOT_FOUND``, ``BAD_INPUT`` for source records of another record, ``NO_ORIGIN`` when a part
    has no source record that may open one.
    """
    meta, tenant = known_entity(entity), config.tenant_id
    if not reason.strip():
        raise RequestError("REASON_REQUIRED", "a split needs a reason", field="reason", remedy="Say why.")
    golden_id = await forwards.end_of(tx, tenant, golden_id)
    held = await hold(tx, config, meta, [golden_id])
    homes = _homes(meta, held, golden_id, groups)
    revived, emptied = await come_back(tx, config, meta, list(groups))
    held.goldens |= revived
    at = await moment(tx, config, held)
    made = await _decide(tx, config, held, golden_id, groups, homes, reason, by, at)
    await SQL["withdraw_at"].fetch(tx, tenant=tenant, ids=emptied, at=at, actor=by.actor)
    for new_id, source_ids in groups.items():
        await forwards.set_home(tx, tenant, source_ids, new_id)
    await settle_crosswalk(tx, config, meta, [golden_id, *groups], reason, by)
    id_map = [{"before": str(golden_id), "after": str(one)} for one in (golden_id, *groups)]
    shape = Reshaping(at, dict.fromkeys([golden_id, *groups], "split"), id_map, revived)
    point("split.middle", tx)
    done = await compute(tx, config, held, by, "split", shape, [golden_id, *groups])
    _need_born(meta, groups, done.unborn)
    given = {
        "golden_id": str(golden_id), "groups": {str(new_id): list(ids) for new_id, ids in groups.items()}, "reason": reason,
    }  # fmt: skip
    action_id = await note(
        tx, tenant, "split", by, reason=reason, entity=meta.name, golden_ids=[golden_id, *groups], decision_ids=made, given=given,
        inverse={"decisions": made},
    )  # fmt: skip
    return Split(action_id, meta.name, golden_id, tuple(groups), tuple(made), tuple(done.changes))


def _homes(meta: EntityMeta, held: Held, golden_id: UUID, groups: Groups) -> dict[int, UUID]:
    """Where the source records came from that leave; refused when they are not all of this record, or all of them are."""
    if golden_id not in held.goldens:
        raise RequestError("NOT_FOUND", f"there is no {meta.name} {golden_id}", field="id", remedy="Look it up again.")
    mine = {row["id"]: row["home_id"] or row["golden_id"] for row in held.sources if row["state"] != "awaited"}
    leaving = [id_ for ids in groups.values() for id_ in ids]
    if not groups or not all(groups.values()) or len(set(leaving)) < len(leaving):
        raise RequestError("BAD_INPUT", "each part takes at least one source record, each of them once", field="groups")
    if strange := set(leaving) - mine.keys():
        raise RequestError("BAD_INPUT", f"source record {min(strange)} is not of this {meta.name}", field="groups", remedy="Look at its sources.")
    if not mine.keys() - set(leaving):
        raise RequestError("BAD_INPUT", "at least one source record stays", field="groups", remedy="Leave one where it is.")
    return {id_: mine[id_] for id_ in leaving}


def _need_born(meta: EntityMeta, groups: Groups, unborn: Sequence[UUID]) -> None:
    if waiting := [one for one in unborn if one in groups]:
        kinds = ", ".join(sorted(kind.value for kind in meta.origins))
        raise RequestError(
            "NO_ORIGIN", f"a {meta.name} of source records {', '.join(map(str, groups[waiting[0]]))} alone would not come to be",
            field="groups", remedy=f"Give it one that may open a {meta.name} ({kinds}) and has its required fields.",
        )  # fmt: skip


async def come_back(tx: Connection, config: Configuration, meta: EntityMeta, ids: Sequence[UUID]) -> tuple[dict[UUID, Stored], list[int]]:
    """Parts that were there before: a split done again brings the same records back. Answers them, and the decisions that end."""
    tenant = config.tenant_id
    rows = await tx.fetch(
        "SELECT f.loser_id, f.decision_id, d.rule FROM hub.forward f JOIN hub.decision d ON d.tenant_id = f.tenant_id AND d.id = f.decision_id "
        "WHERE f.tenant_id = $1 AND f.loser_id = ANY ($2::uuid[])", tenant, list(ids),
    )  # fmt: skip
    if taken := [row["loser_id"] for row in rows if row["rule"] != EMPTIED]:
        raise RequestError("NOT_POSSIBLE", f"{meta.name} {taken[0]} was merged since", field="id", remedy="Undo that merge first.")
    for row in rows:
        await forwards.drop(tx, tenant, row["loser_id"])
    return {row["loser_id"]: await last_version(tx, tenant, meta, row["loser_id"]) for row in rows}, [row["decision_id"] for row in rows]


async def _decide(
    tx: Connection, config: Configuration, held: Held, golden_id: UUID, groups: Groups, homes: Mapping[int, UUID], reason: str, by: By, at: datetime
) -> list[int]:
    """A "split" for each source record that leaves, and a "not the same" between each part and all the others."""
    tenant, base = config.tenant_id, {"entity": held.meta.name, "reason": reason, "actor": by.actor, "made_at": at}
    rows = [
        base | {"kind": "split", "golden_id": new_id, "other_id": homes[id_], "source_id": id_}
        for new_id, ids in groups.items()
        for id_ in ids
    ]
    made = await decisions.make(tx, tenant, rows)
    leaving = {id_ for ids in groups.values() for id_ in ids}
    rest = [row["id"] for row in held.sources if row["id"] not in leaving]
    parts = [(golden_id, rest), *groups.items()]
    for (one, mine), (other, theirs) in combinations(parts, 2):
        made.append(await _apart(tx, tenant, base, one, mine, other, theirs))
    return made


async def _apart(
    tx: Connection, tenant_id: int, base: Mapping[str, Any], one: UUID, mine: Sequence[int], other: UUID, theirs: Sequence[int]
) -> int:
    [decision_id] = await decisions.make(tx, tenant_id, [{**base, "kind": "not_same", "golden_id": one, "other_id": other}])
    await forwards.set_apart(tx, tenant_id, decision_id, mine, theirs)
    return decision_id


async def keep_apart(tx: Connection, config: Configuration, entity: str, golden_ids: Sequence[UUID], by: By, *, reason: str) -> list[int]:
    """Say that these golden records are not the same, each from each other; answers the decisions.

    What asked whether they are is closed. No rule joins them from then on, and a merge of whatever holds them is vetoed.
    """
    meta, tenant = known_entity(entity), config.tenant_id
    ends = await forwards.ends(tx, tenant, golden_ids)
    ids = list(dict.fromkeys(ends.get(one, one) for one in golden_ids))
    if len(ids) < 2:
        raise RequestError("ALREADY_ONE", "these are one record", field="ids", remedy="Split it instead.")
    if not reason.strip():
        raise RequestError("REASON_REQUIRED", "it needs a reason", field="reason", remedy="Say why.")
    rows = await forwards.lock_sources(tx, tenant, ids)
    sources = {one: [row["id"] for row in rows if row["golden_id"] == one and row["entity"] == meta.name] for one in ids}
    if empty := [one for one, mine in sources.items() if not mine]:
        raise RequestError("NOT_FOUND", f"there is no {meta.name} {empty[0]}", field="ids", remedy="Look it up again.")
    base = {"entity": meta.name, "reason": reason, "actor": by.actor}
    made = [await _apart(tx, tenant, base, a, sources[a], b, sources[b]) for a, b in combinations(ids, 2)]
    asked = [row["id"] for row in await SQL["tasks_between"].fetch(tx, tenant=tenant, ids=ids, losers=[])]
    closed = [row["id"] for row in await tasks.resolve(tx, tenant, asked, reason, by.actor)]
    await note(
        tx, tenant, "keep_apart", by, reason=reason, entity=meta.name, golden_ids=ids, decision_ids=made,
        given={"ids": [str(one) for one in ids], "reason": reason}, inverse={"decisions": made, "tasks": closed},
    )  # fmt: skip
    return made


# ----------------------------------------------------------------------------------------------------------- put back


async def put_back(tx: Connection, config: Configuration, decision_ids: Sequence[int], by: By) -> list[Change]:
    """Undo placements of source records (decisions "same" and "split", and the "not the same" beside them): each goes home.

    A record that is left without any leads to where they went. Raises :class:`RequestError` ``MOVED_SINCE`` when one was
    placed again since.
    """
    tenant = config.tenant_id
    rows = [row for row in await SQL["decisions"].fetch(tx, tenant=tenant, ids=list(decision_ids)) if row["withdrawn_at"] is None]
    if not rows:
        raise RequestError("NOT_FOUND", "no such decision is in force", field="id", remedy="List the decisions in force.")
    meta = known_entity(rows[0]["entity"])
    placed = {row["source_id"]: row for row in rows if row["kind"] in ("same", "split", "link") and row["other_id"] is not None}
    if not placed:
        await SQL["withdraw_at"].fetch(tx, tenant=tenant, ids=[row["id"] for row in rows], at=await tx.fetchval("SELECT clock_timestamp()"), actor=by.actor)
        return []
    now = {
        row["id"]: row
        for row in await tx.fetch(
            "SELECT id, golden_id, coalesce(home_id, golden_id) AS home FROM hub.source_record WHERE tenant_id = $1 AND id = ANY ($2::bigint[])",
            tenant, list(placed),
        )
    }  # fmt: skip
    if moved := [id_ for id_, row in placed.items() if now[id_]["home"] != row["golden_id"]]:
        raise RequestError(
            "MOVED_SINCE", f"source record {moved[0]} was moved again since", field="id", remedy="Undo the later step first."
        )
    return await _go_home(tx, config, meta, rows, placed, {id_: row["golden_id"] for id_, row in now.items()}, by)


async def _go_home(
    tx: Connection, config: Configuration, meta: EntityMeta, rows: Sequence[Any], placed: Mapping[int, Any], where: Mapping[int, UUID], by: By
) -> list[Change]:
    tenant = config.tenant_id
    ends = await forwards.ends(tx, tenant, {row["other_id"] for row in placed.values()})
    targets = {id_: ends.get(row["other_id"], row["other_id"]) for id_, row in placed.items()}
    about = sorted({*targets.values(), *where.values()})
    held = await hold(tx, config, meta, about)
    if any(row["golden_id"] != where[row["id"]] for row in held.sources if row["id"] in where):
        raise RequestError("MOVED_SINCE", "a source record moved at the same moment", field="id", is_retryable=True, remedy="Try again.")
    at = await moment(tx, config, held)
    await SQL["withdraw_at"].fetch(tx, tenant=tenant, ids=[row["id"] for row in rows], at=at, actor=by.actor)
    for id_, row in placed.items():
        await forwards.set_home(tx, tenant, [id_], row["other_id"])
    left = {row["golden_id"] for row in await forwards.lock_sources(tx, tenant, about) if row["state"] != "awaited"}
    gone = {where[id_]: target for id_, target in targets.items() if where[id_] not in left and where[id_] in held.goldens}
    changes = await retire(tx, config, held, gone, at, by)
    standing = [one for one in about if one not in gone]
    await settle_crosswalk(tx, config, meta, standing, "put back", by)
    id_map = [{"before": str(loser), "after": str(target)} for loser, target in gone.items()]
    shape = Reshaping(at, dict.fromkeys(gone.values(), "merge"), id_map)
    done = await compute(tx, config, held, by, "merge", shape, standing)
    return [*changes, *done.changes]


async def retire_empty(tx: Connection, config: Configuration, entity: str, left: Mapping[UUID, UUID], by: By) -> set[UUID]:
    """Of golden records that source records have just left (for which other one), retire those without any; answers them."""
    meta, tenant = known_entity(entity), config.tenant_id
    rows = await tx.fetch(
        "SELECT DISTINCT golden_id FROM hub.source_record WHERE tenant_id = $1 AND golden_id = ANY ($2::uuid[]) AND state <> 'awaited'",
        tenant, list(left),
    )  # fmt: skip
    empty = left.keys() - {row["golden_id"] for row in rows}
    held = await hold(tx, config, meta, sorted(empty)) if empty else None
    gone = {loser: left[loser] for loser in sorted(empty) if held is not None and loser in held.goldens}
    if held is None or not gone:
        return set()
    at = await moment(tx, config, held)
    await retire(tx, config, held, gone, at, by)
    id_map = [{"before": str(loser), "after": str(target)} for loser, target in gone.items()]
    await compute(tx, config, held, by, "merge", Reshaping(at, {}, id_map), [])
    return set(gone)


async def retire(tx: Connection, config: Configuration, held: Held, gone: Mapping[UUID, UUID], at: datetime, by: By) -> list[Change]:
    """Let records that nothing is left of lead to where their last source record went."""
    changes: list[Change] = []
    for loser, target in gone.items():
        row = {
            "kind": "merge", "entity": held.meta.name, "golden_id": target, "other_id": loser, "actor": by.actor, "rule": EMPTIED,
            "reason": "no source record is left of it", "made_at": at, "evidence": {"moved": [], "stayed": []},
        }  # fmt: skip
        [decision_id] = await decisions.make(tx, config.tenant_id, [row])
        await forwards.add(tx, config.tenant_id, held.meta.name, target, {loser: decision_id})
        await forwards.move_in(tx, config.tenant_id, target, [loser])
        changes += await take_away(tx, config, held, target, [loser], at, by)
    return changes
