"""Compute golden records again and store what changed: the one place where versions are made.

Before: whoever changed a contribution, a decision or the policy (ingest, steward, the sweeper). Next: deliver. Locks are
taken in one order everywhere: contributions by key (before), golden records by (MODEL order, id), tasks.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from hub.core import checks, locks, matching
from hub.core.change import Cause, diff, lineage_differs
from hub.core.configuration import Configuration
from hub.core.plan import OURS
from hub.core.records import Change, Contribution, Decision, Golden, Values
from hub.core.survivorship import survive
from hub.errors import MergedMeanwhileError
from hub.flows import check, conflicts, contexts, forms, references, structure, waits
from hub.flows.batch import Batch, Fresh, Recomputed, Reshaping, id_of, ordered
from hub.store import change_log, decisions, former, forwards, golden, lanes, source_records
from hub.store.statements import Connection
from schema import ENTITIES
from schema.language import EntityMeta, entity_name

MOMENT = timedelta(microseconds=1)


async def recompute(
    tx: Connection,
    config: Configuration,
    causes: Mapping[str, Mapping[UUID, Cause]],
    fresh: Sequence[Fresh] = (),
    brand_new: frozenset[UUID] = frozenset(),
    reshaping: Reshaping | None = None,
) -> Recomputed:
    """Compute these golden records (entity → id → why) from all they have, and store new versions.

    ``fresh`` are contributions folded just now, with their golden ids; ``brand_new`` are ids nobody else knows yet. A merge
    or split says with ``reshaping`` what its versions have in common. Raises :class:`MergedMeanwhileError` when a fresh
    contribution belongs to a record that was merged away meanwhile.
    """
    batch = await _read(tx, config, causes, fresh, brand_new, reshaping)
    _hold(batch, fresh, await _closing_parents(tx, batch, fresh))
    await _store_contributions(tx, config.tenant_id, fresh)
    _refer_to_each_other(batch, fresh)
    for entity in ordered(causes):
        quiet = _survive(ENTITIES[entity], batch)
        await _change_hands(tx, ENTITIES[entity], batch, quiet)
    await _save(tx, batch, fresh)
    await _keep_structure(tx, batch)
    return batch.done


async def _keep_structure(tx: Connection, batch: Batch) -> None:
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


async def _read(
    tx: Connection,
    config: Configuration,
    causes: Mapping[str, Mapping[UUID, Cause]],
    fresh: Sequence[Fresh],
    brand_new: frozenset[UUID],
    reshaping: Reshaping | None,
) -> Batch:
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
        causes = await _without_merged(tx, tenant, causes, unborn - stored.keys(), fresh)
        known = {golden_id for some in causes.values() for golden_id in some if golden_id not in brand_new}
    if reshaping is not None:
        stored |= {golden_id: one for golden_id, one in reshaping.revived.items() if golden_id not in stored}
    contributions: dict[UUID, list[Contribution]] = {}
    for one in fresh:
        contributions.setdefault(id_of(one.contribution), []).append(one.contribution)
    if known:
        mine = [one.contribution.id for one in fresh if one.contribution.id]
        for sibling in await source_records.siblings(tx, tenant, known, mine, config.ranks):
            contributions.setdefault(id_of(sibling), []).append(sibling)
    in_force = await decisions.in_force(tx, tenant, known) if known else {}
    refs = await references.load(tx, tenant, _all_values(contributions, in_force))
    # The transaction's id first: a version is never older than the moment its transaction can be seen to write.
    at = reshaping.at if reshaping is not None else await begin(tx)
    return Batch(config, causes, stored, contributions, in_force, refs, at, reshaping)


async def begin(tx: Connection) -> datetime:
    """The instant of this transaction's versions, taken once it has its id."""
    at: datetime = (await tx.fetchrow("SELECT pg_current_xact_id(), clock_timestamp()"))[1]
    return at


async def _without_merged(
    tx: Connection, tenant_id: int, causes: Mapping[str, Mapping[UUID, Cause]], unborn: Collection[UUID], fresh: Sequence[Fresh]
) -> Mapping[str, Mapping[UUID, Cause]]:
    """Without records that were merged away: whatever is to be computed again of them has moved with their contributions."""
    gone = await forwards.ends(tx, tenant_id, unborn)
    if not gone:
        return causes
    for one in fresh:
        if one.contribution.golden_id in gone:
            raise MergedMeanwhileError(one.contribution.key.entity, id_of(one.contribution))
    return {entity: {id_: cause for id_, cause in some.items() if id_ not in gone} for entity, some in causes.items()}


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


async def _closing_parents(tx: Connection, batch: Batch, fresh: Sequence[Fresh]) -> dict[UUID, Values]:
    """Golden values of the records whose state closes one of these: a contract line closes with its contract."""
    wanted: dict[str, set[UUID]] = {}
    for one in fresh:
        meta, before = ENTITIES[one.contribution.key.entity], batch.stored.get(id_of(one.contribution))
        for lock in meta.locks if before else ():
            parent = before.golden.values.get(lock.via) if before and lock.via else None
            if parent is not None:
                wanted.setdefault(entity_name(meta.fields[lock.via].target), set()).add(UUID(parent))
    found: dict[UUID, Values] = {}
    for entity, ids in wanted.items():
        rows = await golden.read(tx, batch.config.tenant_id, ENTITIES[entity], ids)
        found |= {id_: stored.golden.values for id_, stored in rows.items()}
    return found


def _hold(batch: Batch, fresh: Sequence[Fresh], closing: Mapping[UUID, Values]) -> None:
    """Keep out what a lock or a rule forbids; ``fresh`` contributions change in place."""
    for one in fresh:
        mine = one.contribution
        before = batch.stored.get(id_of(mine))
        if before is None and not mine.held and not checks.in_force(mine.key.entity, batch.config.settings).hold:
            continue
        meta = ENTITIES[mine.key.entity]
        values = before.golden.values if before else None
        parents = {lock.via: closing.get(UUID(values[lock.via]), {}) for lock in meta.locks if values and values.get(lock.via)}
        kept, found = locks.hold(
            meta, one.previous, mine, values,
            decisions=batch.decisions.get(id_of(mine), ()), resolve=batch.refs.resolve, parents=parents,
        )  # fmt: skip
        kept, broken = check.held(batch.config, one.previous, kept, batch.decisions.get(id_of(mine), ()))
        mine.values, mine.held = kept.values, kept.held
        batch.held.extend((conflict, mine) for conflict in (*found, *broken))


async def _store_contributions(tx: Connection, tenant_id: int, fresh: Sequence[Fresh]) -> None:
    await source_records.insert(tx, tenant_id, (one.contribution for one in fresh if not one.contribution.id))
    restated: list[Contribution] = []
    others: list[Contribution] = []
    for before, now in fresh:
        if before is not None:
            (restated if _only_restated(before, now) else others).append(now)
    await source_records.restate(tx, tenant_id, restated)
    await source_records.update(tx, tenant_id, others)


def _only_restated(before: Contribution, now: Contribution) -> bool:
    return (
        now.golden_id == before.golden_id
        and now.state == before.state
        and now.role == before.role
        and now.held == before.held
        and now.raw == before.raw
        and now.written == before.written
        and now.links == before.links
    )


def _refer_to_each_other(batch: Batch, fresh: Sequence[Fresh]) -> None:
    """What this batch stores can be referred to within it: a parent and its child may come together."""
    refs = batch.refs
    refs.born |= batch.stored.keys()
    for one in fresh:
        refs.golden_ids[one.contribution.key] = one.contribution.golden_id
        refs.source_ids[one.contribution.key] = one.contribution.id


def _survive(meta: EntityMeta, batch: Batch) -> list[UUID]:
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
        change = _change(batch, before, after, cause)
        if before is None:
            done.born.append(golden_id)
            batch.refs.born.add(golden_id)
        if change is not None:
            _step(meta, batch, after, change)
        else:
            quiet.append(golden_id)
    return quiet


def _change(batch: Batch, before: golden.Stored | None, after: Golden, cause: Cause) -> Change | None:
    """The step to this version; of a merge's or split's own records always one, which carries the map of ids."""
    shape = batch.reshaping
    if shape is None or after.id not in shape.ops:
        return diff(before.golden if before else None, after, cause, _at(batch, before))
    change = diff(before.golden if before else None, after, cause, _at(batch, before), shape.ops[after.id] if before else "")
    return replace(change, id_map=shape.id_map) if change is not None else None


async def _change_hands(tx: Connection, meta: EntityMeta, batch: Batch, quiet: Iterable[UUID]) -> None:
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


def _step(meta: EntityMeta, batch: Batch, after: Golden, change: Change) -> None:
    """A golden record's next version."""
    before = batch.stored.get(after.id)
    after.version = change.version
    batch.done.changes.append(change)
    row = golden.version_row(batch.config.tenant_id, meta, after, before.created_at if before else change.at, change.at)
    batch.versions.setdefault(meta.name, []).append(row)


def _at(batch: Batch, before: golden.Stored | None) -> datetime:
    """When this version begins: after its predecessor, whatever the clock says."""
    return max(batch.at, before.updated_at + MOMENT) if before else batch.at


def has_origin(meta: EntityMeta, contributions: Iterable[Contribution]) -> bool:
    """Whether somebody speaks who may open a new golden record: an origin, a process of ours, or a person."""
    return any(one.state == "present" and (one.kind in meta.origins or one.kind in OURS) for one in contributions)


async def _save(tx: Connection, batch: Batch, fresh: Sequence[Fresh]) -> None:
    tenant, done = batch.config.tenant_id, batch.done
    for entity in ordered(batch.versions):
        await golden.save(tx, tenant, ENTITIES[entity], batch.versions[entity])
    for entity in ordered(batch.causes):
        await _save_keys(tx, tenant, ENTITIES[entity], batch)
    await change_log.append(tx, tenant, done.changes)
    await former.keep(tx, tenant, former.left(done.changes))
    await forms.save(tx, batch, fresh)
    await waits.save(tx, batch, fresh)
    in_contexts = await contexts.tell(tx, batch, fresh) if batch.config.policy.contexts else []
    await change_log.reconsider(tx, tenant, _later(batch, in_contexts))
    await lanes.compare_again(tx, tenant, _to_put_right(batch.config, fresh))
    await conflicts.save(tx, batch, fresh)


async def _save_keys(tx: Connection, tenant_id: int, meta: EntityMeta, batch: Batch) -> None:
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


def _later(batch: Batch, in_contexts: Iterable[dict[str, Any]]) -> list[dict[str, Any]]:
    """Records whose value depends on time, be it in some context only, are computed again when it is due first."""
    due = [
        {"entity": after.entity, "golden_id": golden_id, "due_at": after.reconsider_at, "cause": "time"}
        for golden_id, after in batch.done.goldens.items()
        if after.reconsider_at is not None
    ]
    return sorted((*due, *in_contexts), key=lambda row: row["due_at"], reverse=True)


def _to_put_right(config: Configuration, fresh: Iterable[Fresh]) -> list[tuple[str, UUID]]:
    """(system, golden id) of what a system with the switch ``corrects`` changed: its losing value makes no version, and so
    nothing else would tell its lane.
    """
    correcting = {name for name, system in config.systems.items() if system.corrects and not system.is_loading}
    return [
        (one.contribution.key.system, id_of(one.contribution))
        for one in fresh
        if one.contribution.key.system in correcting and one.previous is not None and one.contribution.values != one.previous.values
    ]
