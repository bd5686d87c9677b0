"""Joining golden records, and taking it back. A merge is a decision: contributions move, everything else follows by ``f``.

In one transaction: the decisions, the move of the losers' source records, the forwards, the losers' rows gone with all they
said kept, survivor and children computed again at the instant of the decision. The losers' ids lead to the survivor for
ever. Overrides of a loser lapse while it is merged and are back when it is.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from hub.core.configuration import Configuration
from hub.core.merging import as_given
from hub.core.records import Change, Contribution, Values
from hub.core.strategies import canonical_json
from hub.core.survivorship import survive
from hub.errors import RequestError
from hub.faults import point
from hub.flows import references
from hub.flows.actions import By, note
from hub.flows.batch import Reshaping
from hub.flows.merge_checks import SQL, check, need_mergeable, refuse, standing
from hub.flows.reshape import Held, compute, hold, last_version, moment, settle_crosswalk, take_away
from hub.flows.canonical import canonical_value, known_entity
from hub.store import decisions, forwards, source_records, tasks
from hub.store.statements import Connection
from hub.store.tasks import NewTask
from schema.language import EntityMeta

Picks = Mapping[str, Mapping[str, Any]]
"""Field or group → ``{"record": golden id}``, ``{"source": source record id}`` or ``{"value": …}``: what the survivor shall say."""


@dataclass(frozen=True, slots=True)
class Merged:
    """What a merge did: the action that undoes it, its decisions, the versions it made."""

    action_id: int
    entity: str
    survivor: UUID
    losers: tuple[UUID, ...]
    decision_ids: tuple[int, ...]
    changes: tuple[Change, ...]

    @property
    def children(self) -> int:
        """How many records refer to the survivor now that did not before."""
        return sum(change.golden_id != self.survivor and change.golden_id not in self.losers for change in self.changes)


@dataclass(frozen=True, slots=True)
class Conflict:
    """What was done since a merge and is left where it is when the merge is undone; a person may want to look."""

    kind: str
    """override_since, linked_since or reference_since."""
    reason: str
    entity: str
    golden_id: UUID | None = None
    field: str = ""
    source_id: int | None = None
    decision_id: int | None = None


@dataclass(frozen=True, slots=True)
class Unmerged:
    """What undoing merges gave back."""

    entity: str
    survivor: UUID
    restored: tuple[UUID, ...]
    changes: tuple[Change, ...]
    conflicts: tuple[Conflict, ...] = field(default=())


async def merge(
    tx: Connection, config: Configuration, entity: str, survivor: UUID, losers: Sequence[UUID], by: By,
    *, reason: str, picks: Picks | None = None,
) -> Merged:  # fmt: skip
    """Join golden records: all ``losers`` into ``survivor``, which keeps its id.

    Raises :class:`RequestError`: ``NOT_MERGEABLE``, ``ALREADY_ONE``, ``NOT_FOUND``, ``VETOED`` with the reason and what to do.
    Whether a second person has to agree (:func:`hub.flows.merge_checks.check`) is for the caller to ask first.
    """
    meta, tenant = known_entity(entity), config.tenant_id
    need_mergeable(meta)
    if not reason.strip():
        raise RequestError("REASON_REQUIRED", "a merge needs a reason", field="reason", remedy="Say why.")
    survivor, found = await standing(tx, tenant, survivor, losers)
    held = await hold(tx, config, meta, [survivor, *found])
    _need(meta, held, [survivor, *found])
    refuse((await check(tx, tenant, meta, {id_: one.golden.values for id_, one in held.goldens.items()})).vetoes)
    at = await moment(tx, config, held)
    rows = [_decision(held, survivor, loser, reason, by) | {"made_at": at} for loser in found]
    made = dict(zip(found, await decisions.make(tx, tenant, rows), strict=True))
    await forwards.add(tx, tenant, meta.name, survivor, made)
    await forwards.move_in(tx, tenant, survivor, found)
    gone = await take_away(tx, config, held, survivor, found, at, by)
    point("merge.middle", tx)
    await settle_crosswalk(tx, config, meta, [survivor], reason, by)
    chosen = await _pick(tx, config, held, survivor, made, picks or {}, reason, by)
    id_map = [{"before": str(loser), "after": str(survivor)} for loser in found]
    done = await compute(tx, config, held, by, "merge", Reshaping(at, {survivor: "merge"}, id_map), [survivor])
    closed = [row["id"] for row in await SQL["tasks_between"].fetch(tx, tenant=tenant, ids=[survivor, *found], losers=found)]
    closed = [row["id"] for row in await tasks.resolve(tx, tenant, closed, reason, by.actor)]
    given = {"survivor": str(survivor), "losers": [str(one) for one in found], "picks": dict(picks or {}), "reason": reason}
    decided = (*made.values(), *chosen)
    action_id = await note(
        tx, tenant, "merge", by, reason=reason, entity=meta.name, golden_ids=[survivor, *found], decision_ids=decided,
        given=given, inverse={"merges": list(made.values()), "tasks": closed},
    )  # fmt: skip
    return Merged(action_id, meta.name, survivor, tuple(found), decided, (*gone, *done.changes))


def _need(meta: EntityMeta, held: Held, ids: Collection[UUID]) -> None:
    missing = [one for one in ids if one not in held.goldens]
    if missing:
        raise RequestError("NOT_FOUND", f"there is no {meta.name} {missing[0]}", field="losers", remedy="Look it up again.")


def _decision(held: Held, survivor: UUID, loser: UUID, reason: str, by: By) -> dict[str, Any]:
    """The decision to join one record, with the source records that moved and those that were there."""
    evidence = {
        "moved": [row["id"] for row in held.sources_of(loser)], "stayed": [row["id"] for row in held.sources_of(survivor)],
    }  # fmt: skip
    return {
        "kind": "merge", "entity": held.meta.name, "golden_id": survivor, "other_id": loser, "reason": reason, "actor": by.actor,
        "evidence": evidence,
    }  # fmt: skip


# -------------------------------------------------------------------------------------------------------------- picks


async def _pick(
    tx: Connection, config: Configuration, held: Held, survivor: UUID, made: Mapping[UUID, int], picks: Picks, reason: str, by: By
) -> list[int]:
    """Overrides for values that were given, and for what was picked and would not come out by itself; each belongs to a merge."""
    if not picks:
        return []
    meta, tenant = held.meta, config.tenant_id
    contributions = await source_records.siblings(tx, tenant, [survivor], (), config.ranks)
    by_itself = await _survivor(tx, config, meta, survivor, contributions)
    by_id = {one.id: one for one in contributions}
    said = {id_: one.golden.values for id_, one in held.goldens.items()}
    homes = {row["id"]: row["golden_id"] for row in held.sources}
    rows = []
    for name, pick in picks.items():
        wanted, value, of = picked(config, meta, said, by_id, homes, name, pick)
        if "value" not in pick and canonical_json(shown(meta, by_itself, wanted)) == canonical_json(_as_shown(meta, held, pick, wanted, value)):
            continue  # it says so by itself, and goes on with its source
        rows.append({
            "kind": "override", "entity": meta.name, "golden_id": survivor, "field": wanted, "value": value, "reason": reason,
            "actor": by.actor, "evidence": {"merge": made.get(of, next(iter(made.values()))) if of else next(iter(made.values()))},
        })  # fmt: skip
    return await decisions.make(tx, tenant, rows)


async def _survivor(
    tx: Connection, config: Configuration, meta: EntityMeta, golden_id: UUID, contributions: Sequence[Contribution]
) -> Values:
    """What the joined record says before anything is picked."""
    judged = (await decisions.in_force(tx, config.tenant_id, [golden_id])).get(golden_id, [])
    told = [one.values for one in contributions]
    told += [{one.field: one.value} for one in judged if one.kind == "override" and isinstance(one.value, dict)]
    refs = await references.load(tx, config.tenant_id, {meta.name: told})
    at = await tx.fetchval("SELECT clock_timestamp()")
    return survive(meta, golden_id, contributions, judged, config.policy, at, refs.resolve).values


def picked(
    config: Configuration, meta: EntityMeta, said: Mapping[UUID, Values], by_id: Mapping[int, Contribution], homes: Mapping[int, UUID],
    name: str, pick: Mapping[str, Any],
) -> tuple[str, Any, UUID | None]:  # fmt: skip
    """(field or group, the override's value, the golden record it comes from). Members of a group are picked together.

    ``said`` are the golden records' values, ``by_id`` their source records, ``homes`` which record each of those belongs to.
    """
    declared = meta.fields.get(name)
    if name not in meta.groups and declared is None and not name.startswith("extra."):
        raise RequestError("UNKNOWN_FIELD", f"{meta.name} has no field {name!r}", field="picks", remedy="Look at the data dictionary.")
    if len(pick) != 1 or not pick.keys() <= {"record", "source", "value"}:
        raise RequestError("BAD_INPUT", f"pick for {name} a record, a source or a value", field="picks")
    if "value" in pick:
        return name, canonical_value(config, meta, name, pick["value"]), None
    if declared is not None and declared.group is not None:
        name = declared.group.name
    if "record" in pick:
        record = UUID(str(pick["record"]))
        if record not in said:
            raise RequestError("BAD_INPUT", f"{name} is picked from a record that is not merged here", field="picks")
        return name, as_given(meta, name, shown(meta, said[record], name)), record
    source = by_id.get(int(pick["source"]))
    if source is None:
        raise RequestError("BAD_INPUT", f"{name} is picked from a source record that is not of these records", field="picks")
    return name, shown(meta, source.values, name), homes.get(source.id)


def shown(meta: EntityMeta, values: Values, name: str) -> Any:
    """A field's value, or a group's members."""
    if name in meta.groups:
        return {member.name: values.get(member.name) for member in meta.groups[name].members}
    return values.get("extra", {}).get(name[6:]) if name.startswith("extra.") else values.get(name)


def _as_shown(meta: EntityMeta, held: Held, pick: Mapping[str, Any], name: str, value: Any) -> Any:
    """What was picked as a golden record shows it."""
    if "record" in pick:
        return shown(meta, held.goldens[UUID(str(pick["record"]))].golden.values, name)
    return value


# ----------------------------------------------------------------------------------------------------------- unmerge


async def unmerge(tx: Connection, config: Configuration, decision_ids: Sequence[int], by: By, *, tasks_closed: Sequence[int] = ()) -> Unmerged:
    """Take merges into one survivor back: each loser has its id, source records, fields and children again.

    What was done since stays with the survivor, and is told as conflicts. Raises :class:`RequestError` ``NOT_FOUND`` for a
    merge that is not in force, ``MOVED_SINCE`` when nothing of a loser is left to give back.
    """
    tenant = config.tenant_id
    found = await SQL["decisions"].fetch(tx, tenant=tenant, ids=list(decision_ids))
    if not found or any(row["kind"] != "merge" or row["withdrawn_at"] is not None for row in found) or len({row["golden_id"] for row in found}) > 1:
        raise RequestError("NOT_FOUND", "no such merge is in force", field="id", remedy="List the actions that stand.")
    meta = known_entity(found[0]["entity"])
    survivor = await forwards.end_of(tx, tenant, found[0]["golden_id"])
    held = await hold(tx, config, meta, [survivor])
    revived = {row["other_id"]: await last_version(tx, tenant, meta, row["other_id"]) for row in found}
    held.goldens |= revived
    at = await moment(tx, config, held)
    picked = [row["id"] for row in await SQL["picks_of"].fetch(tx, tenant=tenant, golden_ids=[found[0]["golden_id"]], merges=[row["id"] for row in found])]
    await SQL["withdraw_at"].fetch(tx, tenant=tenant, ids=[*(row["id"] for row in found), *picked], at=at, actor=by.actor)
    for row in found:
        await forwards.drop(tx, tenant, row["other_id"])
    for row in found:
        homes = await forwards.tree(tx, tenant, row["other_id"])
        if not await forwards.move_out(tx, tenant, survivor, row["other_id"], homes):
            raise RequestError(
                "MOVED_SINCE", f"all source records of {meta.name} {row['other_id']} were moved elsewhere since", field="id",
                remedy="Undo the later splits first.",
            )  # fmt: skip
    await settle_crosswalk(tx, config, meta, [survivor, *revived], "unmerged", by)
    id_map = [{"before": str(survivor), "after": str(one)} for one in (survivor, *revived)]
    shape = Reshaping(at, dict.fromkeys([survivor, *revived], "split"), id_map, revived)
    done = await compute(tx, config, held, by, "split", shape, [survivor, *revived])
    if tasks_closed:
        await SQL["reopen_tasks"].fetch(tx, tenant=tenant, ids=list(tasks_closed))
    conflicts = await _conflicts(tx, config, meta, survivor, found, held)
    await tasks.open_tasks(tx, tenant, _tasks(meta, survivor, conflicts))
    return Unmerged(meta.name, survivor, tuple(revived), tuple(done.changes), tuple(conflicts))


async def _conflicts(
    tx: Connection, config: Configuration, meta: EntityMeta, survivor: UUID, found: Sequence[Any], held: Held
) -> list[Conflict]:
    """What people and systems did since, which the undo leaves with the survivor."""
    tenant = config.tenant_id
    known = {id_ for row in found for side in ("moved", "stayed") for id_ in (row["evidence"] or {}).get(side, ())}
    conflicts = [
        Conflict("linked_since", f"{row['system']} {row['object']} {row['external_id']} was linked since", meta.name, survivor, source_id=row["id"])
        for row in held.sources
        if row["id"] not in known and row["home_id"] is None and row["state"] != "awaited"
    ]
    for row in await SQL["overrides_since"].fetch(tx, tenant=tenant, after=min(one["id"] for one in found), survivor=survivor):
        is_own = row["golden_id"] == survivor
        kind, about = ("override_since", f"{row['field']} was fixed") if is_own else ("reference_since", f"{row['entity']}.{row['field']} was pointed to it")
        conflicts.append(
            Conflict(kind, f"{about} by {row['actor']} since: {row['reason']}", row["entity"], row["golden_id"], row["field"], decision_id=row["id"])
        )
    return conflicts


def _tasks(meta: EntityMeta, survivor: UUID, conflicts: Sequence[Conflict]) -> list[NewTask]:
    return [
        NewTask(
            cause="split_conflict",
            subject=f"{one.entity} {one.golden_id} {one.field}{one.source_id or ''}",
            reason=one.reason,
            remedy="Look whether it belongs to the record that was given back.",
            entity=one.entity,
            golden_id=one.golden_id,
            source_id=one.source_id,
            field=one.field or None,
            detail={"kind": one.kind, "survivor": str(survivor), "decision": one.decision_id},
            is_restated=True,
        )
        for one in conflicts
    ]
