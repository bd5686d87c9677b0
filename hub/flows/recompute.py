"""Compute golden records again and store what changed: the one place where versions are made.

Before: whoever changed a contribution, a decision or the policy (ingest, steward, the sweeper). Next: deliver. Locks are
taken in one order everywhere: contributions by key (before), golden records by (MODEL order, id), tasks.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from hub.core import locks, matching
from hub.core.change import Cause, diff, lineage_differs
from hub.core.configuration import Configuration
from hub.core.records import Change, Conflict, Contribution, Decision, Golden, SourceKey, Values
from hub.core.plan import OURS
from hub.core.survivorship import survive
from hub.flows import references, structure
from hub.flows.references import References, alias_key
from hub.store import change_log, decisions, golden, lanes, referrers, source_records, tasks
from hub.store.statements import Connection
from hub.store.tasks import NewTask
from schema import ENTITIES
from schema.kinds import FieldKind
from schema.language import EntityMeta

MOMENT = timedelta(microseconds=1)

RESTATED = ("proposed", "rejected", "ambiguous", "deleted_transaction")
"""Causes that ``f`` states anew each time: such a task closes by itself when ``f`` no longer says so."""

NO_ORIGIN = "*origin"
"""In ``awaiting.field``: the record waits for a system that may open it."""


@dataclass(frozen=True, slots=True)
class Fresh:
    """A contribution that was folded in this transaction and is stored by :func:`recompute`."""

    previous: Contribution | None
    contribution: Contribution


@dataclass(slots=True)
class Recomputed:
    """What came of it. ``unborn`` are records that wait for a required field or for an origin."""

    changes: list[Change] = field(default_factory=list)
    born: list[UUID] = field(default_factory=list)
    unborn: list[UUID] = field(default_factory=list)
    goldens: dict[UUID, Golden] = field(default_factory=dict)


@dataclass(slots=True)
class _Batch:
    """What the steps share: everything that was read, by golden id."""

    config: Configuration
    causes: Mapping[str, Mapping[UUID, Cause]]
    stored: dict[UUID, golden.Stored]
    contributions: dict[UUID, list[Contribution]]
    decisions: Mapping[UUID, list[Decision]]
    refs: References
    at: datetime
    held: list[tuple[Conflict, Contribution]] = field(default_factory=list)
    done: Recomputed = field(default_factory=Recomputed)
    versions: dict[str, list[dict[str, Any]]] = field(default_factory=dict)


async def recompute(
    tx: Connection,
    config: Configuration,
    causes: Mapping[str, Mapping[UUID, Cause]],
    fresh: Sequence[Fresh] = (),
    brand_new: frozenset[UUID] = frozenset(),
    *,
    is_dry_run: bool = False,
) -> Recomputed:
    """Compute these golden records (entity → id → why) from all they have, and store new versions.

    ``fresh`` are contributions folded just now, with their golden ids; ``brand_new`` are ids nobody else knows yet.
    """
    batch = await _read(tx, config, causes, fresh, brand_new)
    _hold(batch, fresh, await _closing_parents(tx, batch, fresh))
    await _store_contributions(tx, config.tenant_id, fresh)
    for entity in ordered(causes):
        quiet = _survive(ENTITIES[entity], batch)
        await _change_hands(tx, ENTITIES[entity], batch, quiet)
    if not is_dry_run:
        await _save(tx, batch, fresh)
        await _keep_structure(tx, batch)
    return batch.done


async def _keep_structure(tx: Connection, batch: _Batch) -> None:
    """Trees stay without cycles and effective dates are looked at for overlaps, in the transaction that changes them."""
    tenant, done = batch.config.tenant_id, batch.done
    for entity in ordered(batch.versions):
        meta = ENTITIES[entity]
        if meta.valid is None and structure.tree_of(meta) is None:
            continue
        changed = {row["id"]: done.goldens[row["id"]] for row in batch.versions[entity]}
        await structure.report_overlaps(tx, tenant, meta, changed)
        for refused in await structure.refuse_cycles(tx, tenant, meta, changed):
            cause = Cause("decision", "rule", batch.causes[entity][refused].correlation_id)
            again = await recompute(tx, batch.config, {entity: {refused: cause}})
            done.changes += again.changes
            done.goldens |= again.goldens


def ordered(entities: Iterable[str]) -> list[str]:
    """Entities in MODEL order, which is the order of locks and of birth."""
    wanted = set(entities)
    return [name for name in ENTITIES if name in wanted]


async def _read(
    tx: Connection,
    config: Configuration,
    causes: Mapping[str, Mapping[UUID, Cause]],
    fresh: Sequence[Fresh],
    brand_new: frozenset[UUID],
) -> _Batch:
    tenant = config.tenant_id
    known = {golden_id for some in causes.values() for golden_id in some if golden_id not in brand_new}
    stored: dict[UUID, golden.Stored] = {}
    for entity in ordered(causes):
        stored |= await golden.lock(tx, tenant, ENTITIES[entity], known & causes[entity].keys(), with_lineage=False)
    unborn = known - stored.keys()
    if unborn:
        await _lock_unborn(tx, unborn)
        for entity in ordered(causes):
            again = unborn & causes[entity].keys()
            if again:
                stored |= await golden.lock(tx, tenant, ENTITIES[entity], again, with_lineage=False)
    contributions: dict[UUID, list[Contribution]] = {}
    for one in fresh:
        contributions.setdefault(_id(one.contribution), []).append(one.contribution)
    if known:
        mine = [one.contribution.id for one in fresh if one.contribution.id]
        for sibling in await source_records.siblings(tx, tenant, known, mine, config.ranks):
            contributions.setdefault(_id(sibling), []).append(sibling)
    in_force = await decisions.in_force(tx, tenant, known) if known else {}
    refs = await references.load(tx, tenant, _all_values(contributions, in_force))
    at: datetime = await tx.fetchval("SELECT clock_timestamp()")
    return _Batch(config, causes, stored, contributions, in_force, refs, at)


def _id(one: Contribution) -> UUID:
    assert one.golden_id is not None, f"{one.key} has no golden id"
    return one.golden_id


async def _lock_unborn(tx: Connection, ids: Iterable[UUID]) -> None:
    """Records without a row yet are locked by name, so that two first sources do not miss each other."""
    await tx.execute(
        "SELECT pg_advisory_xact_lock(hashtextextended(id, 7)) FROM (SELECT unnest($1::text[]) AS id ORDER BY 1) AS i",
        sorted(str(one) for one in ids),
    )


def _all_values(
    contributions: Mapping[UUID, list[Contribution]], in_force: Mapping[UUID, list[Decision]]
) -> dict[str, list[dict[str, Any]]]:
    values: dict[str, list[dict[str, Any]]] = {}
    for several in contributions.values():
        for one in several:
            values.setdefault(one.key.entity, []).append(one.values)
            if one.held:
                values[one.key.entity].append(one.held)
    for judged in in_force.values():
        for decision in judged:
            if decision.kind == "override" and isinstance(decision.value, dict):
                values.setdefault(decision.entity, []).append({decision.field: decision.value})
    return values


async def _closing_parents(tx: Connection, batch: _Batch, fresh: Sequence[Fresh]) -> dict[UUID, Values]:
    """Golden values of the records whose state closes one of these: a contract line closes with its contract."""
    wanted: dict[str, set[UUID]] = {}
    for one in fresh:
        meta, before = ENTITIES[one.contribution.key.entity], batch.stored.get(_id(one.contribution))
        for lock in meta.locks if before else ():
            parent = before.golden.values.get(lock.via) if before and lock.via else None
            if parent is not None:
                wanted.setdefault(locks.entity_name(meta.fields[lock.via].target), set()).add(UUID(parent))
    found: dict[UUID, Values] = {}
    for entity, ids in wanted.items():
        rows = await golden.read(tx, batch.config.tenant_id, ENTITIES[entity], ids)
        found |= {id_: stored.golden.values for id_, stored in rows.items()}
    return found


def _hold(batch: _Batch, fresh: Sequence[Fresh], closing: Mapping[UUID, Values]) -> None:
    """Keep out what a lock forbids; ``fresh`` contributions change in place."""
    for one in fresh:
        mine = one.contribution
        before = batch.stored.get(_id(mine))
        if before is None and not mine.held:
            continue
        meta = ENTITIES[mine.key.entity]
        values = before.golden.values if before else None
        parents = {lock.via: closing.get(UUID(values[lock.via]), {}) for lock in meta.locks if values and values.get(lock.via)}
        kept, conflicts = locks.hold(
            meta, one.previous, mine, values,
            decisions=batch.decisions.get(_id(mine), ()), resolve=batch.refs.resolve, parents=parents,
        )  # fmt: skip
        mine.values, mine.held = kept.values, kept.held
        batch.held.extend((conflict, mine) for conflict in conflicts)


async def _store_contributions(tx: Connection, tenant_id: int, fresh: Sequence[Fresh]) -> None:
    await source_records.insert(tx, tenant_id, (one.contribution for one in fresh if not one.contribution.id))
    new = {id(one.contribution) for one in fresh if one.previous is None}
    await source_records.update(tx, tenant_id, (one.contribution for one in fresh if id(one.contribution) not in new))


def _survive(meta: EntityMeta, batch: _Batch) -> list[UUID]:
    """The golden records of one entity after this batch: their versions, changes, births. Answers whose values stay."""
    done, quiet = batch.done, list[UUID]()
    for golden_id, cause in batch.causes[meta.name].items():
        contributions = batch.contributions.get(golden_id, [])
        after = survive(
            meta, golden_id, contributions, batch.decisions.get(golden_id, ()), batch.config.policy, batch.at, batch.refs.resolve
        )
        done.goldens[golden_id] = after
        before = batch.stored.get(golden_id)
        if before is None and not (after.is_born and has_origin(meta, contributions)):
            done.unborn.append(golden_id)
            after.is_born = False
            continue
        change = diff(before.golden if before else None, after, cause, _at(batch, before))
        if before is None:
            done.born.append(golden_id)
            batch.refs.born.add(golden_id)
        if change is not None:
            _step(meta, batch, after, change)
        else:
            quiet.append(golden_id)
    return quiet


async def _change_hands(tx: Connection, meta: EntityMeta, batch: _Batch, quiet: Iterable[UUID]) -> None:
    """The same values may come from somebody else now: a version too, of which no subscriber is told."""
    stored = [batch.stored[golden_id] for golden_id in quiet if golden_id in batch.stored]
    for golden_id, lineage in (await golden.lineages(tx, batch.config.tenant_id, meta, stored)).items():
        before, after, cause = batch.stored[golden_id], batch.done.goldens[golden_id], batch.causes[meta.name][golden_id]
        before.golden.lineage = lineage
        if lineage_differs(before.golden, after):
            change = Change(
                golden_id, meta.name, before.golden.version + 1, "lineage", {}, {}, cause.cause, cause.actor,
                cause.correlation_id, _at(batch, before), cause.message_id, cause.is_backfill,
            )  # fmt: skip
            _step(meta, batch, after, change)


def _step(meta: EntityMeta, batch: _Batch, after: Golden, change: Change) -> None:
    """A golden record's next version."""
    before = batch.stored.get(after.id)
    after.version = change.version
    batch.done.changes.append(change)
    row = golden.version_row(batch.config.tenant_id, meta, after, before.created_at if before else change.at, change.at)
    batch.versions.setdefault(meta.name, []).append(row)


def _at(batch: _Batch, before: golden.Stored | None) -> datetime:
    """When this version begins: after its predecessor, whatever the clock says."""
    return max(batch.at, before.updated_at + MOMENT) if before else batch.at


def has_origin(meta: EntityMeta, contributions: Iterable[Contribution]) -> bool:
    """Whether somebody speaks who may open a new golden record: an origin, a process of ours, or a person."""
    return any(one.state == "present" and (one.kind in meta.origins or one.kind in OURS) for one in contributions)


async def _save(tx: Connection, batch: _Batch, fresh: Sequence[Fresh]) -> None:
    tenant, done = batch.config.tenant_id, batch.done
    for entity in ordered(batch.versions):
        await golden.save(tx, tenant, ENTITIES[entity], batch.versions[entity])
    for entity in ordered(batch.causes):
        await _save_keys(tx, tenant, ENTITIES[entity], batch)
    await change_log.append(tx, tenant, done.changes)
    await _save_waits(tx, batch)
    named, left = await _save_aliases(tx, batch, fresh), _left(fresh)
    for row in named:
        if row["former_id"] is not None:
            left.setdefault(row["entity"], set()).add(row["former_id"])
    correlation = next((c.correlation_id for c in done.changes), "")
    await source_records.release_waiting(tx, tenant, _arrived(batch, fresh, named), correlation)
    for entity in ordered(left):
        await referrers.reconsider(tx, tenant, entity, left[entity], correlation)
    await change_log.reconsider(tx, tenant, _later(batch))
    await lanes.compare_again(tx, tenant, _to_put_right(batch.config, fresh))
    await _save_conflicts(tx, batch, fresh)


async def _save_keys(tx: Connection, tenant_id: int, meta: EntityMeta, batch: _Batch) -> None:
    """Match keys that came or went; a record that is not born yet keeps its keys too, so that it can be found."""
    if not meta.match:
        return
    made_of = matching.key_fields(meta)
    new: list[tuple[str, UUID]] = []
    gone: list[tuple[str, UUID]] = []
    for golden_id in batch.causes[meta.name]:
        before, after = batch.stored.get(golden_id), batch.done.goldens[golden_id].values
        if before and all(before.golden.values.get(name) == after.get(name) for name in made_of):
            continue
        had = set(matching.match_keys(meta, before.golden.values)) if before else set()
        has = set(matching.match_keys(meta, after))
        new += ((key, golden_id) for key in has - had)
        gone += ((key, golden_id) for key in had - has)
    await change_log.change_keys(tx, tenant_id, meta.name, new, gone)


async def _save_waits(tx: Connection, batch: _Batch) -> None:
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


async def _await_rows(tx: Connection, tenant_id: int, keys: set[SourceKey]) -> dict[SourceKey, int]:
    await tx.execute(
        "INSERT INTO hub.source_record (tenant_id, system, object, external_id, entity, part, state) "
        "SELECT $1, s, o, e, n, p, 'awaited' FROM unnest($2::text[], $3::text[], $4::text[], $5::text[], $6::text[]) "
        "AS k (s, o, e, n, p) ON CONFLICT DO NOTHING",
        tenant_id, *(list(column) for column in zip(*sorted(keys), strict=True)),
    )  # fmt: skip
    return {key: row["id"] for key, row in (await source_records.resolve(tx, tenant_id, keys)).items()}


def _arrived(batch: _Batch, fresh: Sequence[Fresh], named: Iterable[Any]) -> list[UUID]:
    """Golden records that can be referred to in a way they could not before: born now, or a source record came to them."""
    came = {
        _id(one.contribution)
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


async def _save_aliases(tx: Connection, batch: _Batch, fresh: Sequence[Fresh]) -> list[Any]:
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
            aliases[alias] = _id(one.contribution)
    return changed + await source_records.point_aliases(tx, batch.config.tenant_id, aliases)


def _later(batch: _Batch) -> list[dict[str, Any]]:
    """Records whose value depends on time are computed again when it is due."""
    return [
        {"entity": after.entity, "golden_id": golden_id, "due_at": after.reconsider_at, "cause": "time"}
        for golden_id, after in batch.done.goldens.items()
        if after.reconsider_at is not None
    ]


def _to_put_right(config: Configuration, fresh: Iterable[Fresh]) -> list[tuple[str, UUID]]:
    """(system, golden id) of what a system with the switch ``corrects`` changed: its losing value makes no version, and so
    nothing else would tell its lane.
    """
    return [
        (one.contribution.key.system, _id(one.contribution))
        for one in fresh
        if one.previous is not None
        and one.contribution.values != one.previous.values
        and (system := config.systems.get(one.contribution.key.system)) is not None
        and system.corrects
        and not system.is_loading
    ]


async def _save_conflicts(tx: Connection, batch: _Batch, fresh: Sequence[Fresh]) -> None:
    """Open a task for each conflict, and close those that no longer hold."""
    tenant = batch.config.tenant_id
    found: list[NewTask] = []
    by_source = {c.id: c for some in batch.contributions.values() for c in some}
    for golden_id, after in batch.done.goldens.items():
        for conflict in after.conflicts:
            found.append(_task(after, conflict, by_source.get(conflict.source_id), is_restated=True))
    for conflict, owner in batch.held:
        found.append(_task(batch.done.goldens[_id(owner)], replace(conflict, source_id=owner.id), owner, is_restated=False))
    touched = [golden_id for golden_id in batch.stored]
    if touched:
        standing = {(task.cause, task.subject) for task in found}
        rows = await tasks.open_of(tx, tenant, touched, RESTATED)
        over = [row["id"] for row in rows if (row["cause"], row["subject"]) not in standing]
        released = {
            subject_of(f.contribution.key.entity, _id(f.contribution), name, f.contribution.id)
            for f in fresh
            if f.previous is not None and f.previous.held
            for name in f.previous.held.keys() - f.contribution.held.keys()
        }
        if released:
            over += await tasks.open_by_cause(tx, tenant, "locked", sorted(released))
            over += await tasks.open_by_cause(tx, tenant, "left_terminal_state", sorted(released))
        if over:
            await tasks.resolve(tx, tenant, over, "no longer differs")
    await tasks.open_tasks(tx, tenant, found)


def subject_of(entity: str, golden_id: UUID, field_name: str, source_id: int) -> str:
    """The subject of a conflict's task: this field of this record, as that source has it."""
    return f"{entity} {golden_id} {field_name} {source_id}"


def _task(after: Golden, conflict: Conflict, source: Contribution | None, *, is_restated: bool) -> NewTask:
    where = f"{source.key.system} {source.key.object} {source.key.external_id}" if source else "a source"
    return NewTask(
        cause=conflict.cause,
        subject=subject_of(after.entity, after.id, conflict.field, conflict.source_id),
        reason=f"{where} differs in {after.entity}.{conflict.field}",
        remedy=conflict.remedy,
        entity=after.entity,
        golden_id=after.id,
        source_id=conflict.source_id,
        system=source.key.system if source else None,
        field=conflict.field,
        money=money_at_stake(after),
        detail={"offered": conflict.offered, "kept": conflict.kept},
        is_restated=is_restated,
    )


def money_at_stake(record: Golden) -> list[dict[str, str]] | None:
    """The amount a record is about, as a task shows it; None when it is not about money."""
    meta = ENTITIES[record.entity]
    for name in ("amount", "gross", "to_bill", "total_value", *meta.fields):
        value = record.values.get(name)
        if name in meta.fields and meta.fields[name].kind is FieldKind.MONEY and value:
            return [value]
    return None
