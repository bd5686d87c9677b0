"""Values that many share are learned, and what rested on them is looked at again.

A finder reads the feed from where it ended, keeps who carries which value, and calls generic what as many carry as the threshold
of its kind. From then on it nominates no candidate and weighs nothing. Earlier links that a rule made are judged again without
it: one that no longer holds becomes a task, never a silent unlinking, and what a person has confirmed is left alone.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from uuid import UUID

from hub.core import generic as shared
from hub.core import match, matching
from hub.core.configuration import Configuration
from hub.core.generic import GenericValues, Shared
from hub.core.matching import Candidate
from hub.core.records import Contribution, Values
from hub.core.survivorship import survive
from hub.errors import RequestError
from hub.flows import forms, references
from hub.flows.linked import name_of
from hub.flows.actions import By, note
from hub.store import configuration, duplicates, generic, golden, source_records, tasks
from hub.store.configuration import ConfigurationCache, tenants
from hub.store.pool import Pool
from hub.store.statements import Connection
from hub.store.tasks import NewTask
from schema import ENTITIES

FINDER = "generic"
STRETCH = 5_000
PAGE = 1_000
MOST_REVIEWED = 20
"""Values whose earlier links one transaction looks at."""
MOST_RENEWED = 5_000
CAUSE = "link_in_doubt"


async def find_new(pool: Pool, configurations: ConfigurationCache, most: int = 1_000_000) -> int:
    """Look at what changed since last time, at most so many stretches a tenant; answers how many records were looked at."""
    async with pool.acquire() as connection:
        every = await tenants(connection)
    did = 0
    for tenant_id, _ in every:
        for _ in range(most):
            async with pool.acquire() as connection, connection.transaction():
                looked, is_behind = await _stretch(connection, await configurations.get(connection, tenant_id))
            did += looked
            if not is_behind:
                break
        while await _review_some(pool, configurations, tenant_id):
            pass
    return did


async def _stretch(tx: Connection, config: Configuration) -> tuple[int, bool]:
    tenant = config.tenant_id
    position = await duplicates.hold_finder(tx, tenant, FINDER)
    head = await duplicates.head(tx, tenant)
    if position is None or position >= head:
        return 0, False
    upto = min(head, position + STRETCH)
    changed = await duplicates.changed(tx, tenant, position, upto, list(shared.entities()))
    for entity, ids in changed.items():
        await look(tx, config, entity, ids)
    await duplicates.move_finder(tx, tenant, FINDER, upto)
    return sum(map(len, changed.values())), upto < head


async def find_all(pool: Pool, configurations: ConfigurationCache, tenant_id: int) -> dict[str, int]:
    """Count every value of every golden record anew, page by page; answers entity → generic values.

    What stood in the feed before needs no look of :func:`find_new` any more.
    """
    async with pool.acquire() as connection:
        head = await duplicates.head(connection, tenant_id)
    for entity in shared.entities():
        last = UUID(int=0)
        while True:
            async with pool.acquire() as connection, connection.transaction():
                ids = await duplicates.page(connection, tenant_id, entity, last, PAGE)
                await look(connection, await configurations.get(connection, tenant_id), entity, ids)
            if not ids:
                break
            last = ids[-1]
    async with pool.acquire() as connection, connection.transaction():
        position = await duplicates.hold_finder(connection, tenant_id, FINDER)
        if position is not None and position < head:
            await duplicates.move_finder(connection, tenant_id, FINDER, head)
    while await _review_some(pool, configurations, tenant_id):
        pass
    async with pool.acquire() as connection:
        return {entity: len(some) for entity, some in sorted((await generic.in_force(connection, tenant_id)).items())}


async def look(tx: Connection, config: Configuration, entity: str, ids: Sequence[UUID]) -> list[Shared]:
    """Count the values of these golden records of one entity; answers what is generic since now."""
    if not ids:
        return []
    meta, tenant = ENTITIES[entity], config.tenant_id
    stored = await golden.read(tx, tenant, meta, ids)
    told = {
        golden_id: list(dict.fromkeys(shared.values_of(meta, one.golden.values)))
        for golden_id, one in stored.items() if one.golden.record_state == "active"
    }  # fmt: skip
    changed = await generic.hold(tx, tenant, entity, ids, told)
    if not changed:
        return []
    spelt = {(one.kind, generic.value_hash(one)): one for some in told.values() for one in some}
    counted = await generic.count(tx, tenant, entity, sorted(changed))
    many = [one for one in counted if one.holders >= shared.threshold(one.kind, config.settings) and (one.kind, one.value_hash) in spelt]
    new = await generic.found(
        tx, tenant, entity, [{**one._asdict(), "value": spelt[one.kind, one.value_hash].value} for one in many]
    )
    few = [one for one in counted if one.holders < shared.threshold(one.kind, config.settings)]
    await generic.recount(tx, tenant, entity, few)
    over = await generic.over(tx, tenant, entity, [one for one in few if one.holders <= shared.threshold(one.kind, config.settings) // 2])
    for row in over:
        await _no_longer(tx, config, entity, row["kind"], row["value_hash"], row["value"], "few share it by now")
    if new or over:
        await configuration.bump(tx, tenant)
    return [spelt[row["kind"], row["value_hash"]] for row in new]


# ----------------------------------------------------------------------------------------------------------- a person's word


async def declare(
    tx: Connection, config: Configuration, entity: str, kind: str, value: str, reason: str, by: By, *, is_generic: bool = True
) -> Shared:
    """Say that a value is generic, or that it tells records apart however many share it; that outranks the count.

    Raises :class:`RequestError` for an entity or kind without such values, an empty value, or without a reason.
    """
    told = _checked(entity, kind, value)
    if not reason.strip():
        raise RequestError("REASON_REQUIRED", "a declaration needs a reason", field="reason", remedy="Say why.")
    [counted] = await generic.count(tx, config.tenant_id, entity, [(told.kind, generic.value_hash(told))])
    await generic.SQL["declare"].run(
        tx, tenant=config.tenant_id, entity=entity, kind=told.kind, value_hash=counted.value_hash, value=told.value, holders=counted.holders,
        state="generic" if is_generic else "distinctive", actor=by.actor, reason=reason,
    )  # fmt: skip
    given = {"entity": entity, "kind": told.kind, "value": told.value, "is_generic": is_generic, "reason": reason}
    await note(tx, config.tenant_id, "declare_generic", by, reason=reason, entity=entity, given=given, inverse=given)
    await configuration.bump(tx, config.tenant_id)
    if not is_generic:
        await _no_longer(tx, config, entity, told.kind, counted.value_hash, told.value, f"it tells records apart: {reason}", by.actor)
    return told


async def withdraw(tx: Connection, config: Configuration, entity: str, kind: str, value: str, by: By) -> Shared:
    """Take a person's word about a value back; how many share it decides again."""
    told = _checked(entity, kind, value)
    hash_ = generic.value_hash(told)
    row = await generic.SQL["withdraw"].row(tx, tenant=config.tenant_id, entity=entity, kind=told.kind, value_hash=hash_)
    if row is None:
        raise RequestError("NOT_FOUND", "nobody has said anything about this value", field="value", remedy="List the generic values.")
    [counted] = await generic.count(tx, config.tenant_id, entity, [(told.kind, hash_)])
    if counted.holders >= shared.threshold(told.kind, config.settings):
        await generic.found(tx, config.tenant_id, entity, [{**counted._asdict(), "value": told.value}])
    elif row["state"] == "generic":
        await _no_longer(tx, config, entity, told.kind, hash_, told.value, "the declaration was withdrawn", by.actor)
    await configuration.bump(tx, config.tenant_id)
    return told


def _checked(entity: str, kind: str, value: str) -> Shared:
    if entity not in shared.entities():
        raise RequestError("UNKNOWN_ENTITY", f"no values of {entity[:60]!r} are counted", field="entity", remedy="Choose one of: " + ", ".join(shared.entities()))
    if kind not in shared.THRESHOLDS:
        raise RequestError("INVALID_VALUE", f"there is no kind {kind[:60]!r}", field="kind", remedy="Choose one of: " + ", ".join(shared.THRESHOLDS))
    spelt = shared.spelt(kind, value)
    if not spelt:
        raise RequestError("INVALID_VALUE", "the value is empty", field="value", remedy="Send the value as the records show it.")
    return Shared(kind, spelt)


async def _no_longer(
    tx: Connection, config: Configuration, entity: str, kind: str, value_hash: int, value: str, why: str, actor: str = "hub"
) -> None:
    """A value tells records apart again: doubts it raised are over, and its holders are found by it again."""
    rows = await generic.SQL["doubts_about"].fetch(tx, tenant=config.tenant_id, entity=entity, kind=kind, value=value)
    await tasks.resolve(tx, config.tenant_id, [row["id"] for row in rows], why, actor)
    known = {name: some - {Shared(kind, value)} if name == entity else some for name, some in config.generic.known.items()}
    await _renew(tx, _with(config, known), entity, kind, value_hash)


# -------------------------------------------------------------------------------------------------------------- looking again


async def _review_some(pool: Pool, configurations: ConfigurationCache, tenant_id: int) -> int:
    async with pool.acquire() as connection, connection.transaction():
        config = await configurations.get(connection, tenant_id)
        rows = await generic.SQL["unreviewed"].fetch(connection, tenant=tenant_id, most=MOST_REVIEWED)
        for row in rows:
            await review(connection, config, row["entity"], Shared(row["kind"], row["value"]))
        return len(rows)


async def review(tx: Connection, config: Configuration, entity: str, value: Shared) -> list[str]:
    """Judge again, without a generic value, what rules have linked to whoever carries it; answers the subjects of the doubts."""
    tenant, hash_ = config.tenant_id, generic.value_hash(value)
    known = {**config.generic.known, entity: config.generic.known.get(entity, frozenset()) | {value}}
    config = _with(config, known)
    await _renew(tx, config, entity, value.kind, hash_)
    rows = await generic.SQL["linked_holders"].fetch(tx, tenant=tenant, entity=entity, kind=value.kind, value_hash=hash_)
    by_golden: dict[UUID, dict[str | int, str]] = {}
    for row in rows:
        by_golden.setdefault(row["golden_id"], {})[row["source_id"] or row["reason"]] = row["rule"]
    doubts = await _doubts(tx, config, entity, value, by_golden)
    await tasks.open_tasks(tx, tenant, doubts)
    await generic.SQL["reviewed"].run(tx, tenant=tenant, entity=entity, kind=value.kind, value_hash=hash_)
    return [task.subject for task in doubts]


async def _renew(tx: Connection, config: Configuration, entity: str, kind: str, value_hash: int) -> None:
    """What the holders are found by and compared with is written anew."""
    rows = await generic.SQL["holding"].fetch(tx, tenant=config.tenant_id, entity=entity, kind=kind, value_hash=value_hash, most=MOST_RENEWED)
    for start in range(0, len(rows), PAGE):
        await forms.renew(tx, config, [row["id"] for row in rows[start : start + PAGE]])


async def _doubts(
    tx: Connection, config: Configuration, entity: str, value: Shared, by_golden: Mapping[UUID, Mapping[str | int, str]]
) -> list[NewTask]:
    """The tasks about links that no longer hold; ``by_golden``: golden id → source id of a rule's link → the rule.

    A link of an older build names its source record by its reason only.
    """
    if not by_golden:
        return []
    meta, tenant = ENTITIES[entity], config.tenant_id
    members: dict[UUID, list[Contribution]] = {}
    for one in await source_records.siblings(tx, tenant, list(by_golden), (), config.ranks):
        if one.state == "present" and one.golden_id is not None:
            members.setdefault(one.golden_id, []).append(one)
    linked = [
        (golden_id, one, rule)
        for golden_id, some in members.items() for one in some
        if (rule := by_golden[golden_id].get(one.id) or by_golden[golden_id].get(f"{name_of(one)} agrees"))
    ]  # fmt: skip
    rows = await generic.SQL["verified"].fetch(tx, tenant=tenant, source_ids=[one.id for _, one, _ in linked])
    verified = {row["source_id"] for row in rows}
    refs = await references.load(tx, tenant, {entity: [one.values for some in members.values() for one in some]})
    at = await tx.fetchval("SELECT clock_timestamp()")
    found = []
    for golden_id, one, rule in linked:
        others = [other for other in members[golden_id] if other.id != one.id]
        if one.id in verified or not others or value not in shared.values_of(meta, one.values):
            continue
        values = survive(meta, golden_id, others, (), config.policy, at, refs.resolve).values
        if not _holds(config, entity, one, others, values, refs):
            found.append(_doubt(entity, golden_id, one, value, rule))
    return found


def _holds(
    config: Configuration, entity: str, one: Contribution, others: Sequence[Contribution], values: Values, refs: references.References
) -> bool:
    """Whether a record would be linked to the others today: by exact rules, or by likeness."""
    meta, known = ENTITIES[entity], config.generic
    mine = Contribution(one.key, one.kind, values=known.without(entity, one.values))
    there = Candidate(UUID(int=1), known.without(entity, values), frozenset(other.key.system for other in others))
    if matching.match(meta, mine, [there], resolve=refs.resolve).kind == matching.MATCH:
        return True
    if match.spec_of(meta) is None:
        return False
    model = config.model(entity, "unconfirmed")
    form = match.normal_form(model.spec, mine.values, refs.resolve, one.key.system)
    for other in others:
        theirs = match.normal_form(model.spec, known.without(entity, other.values), refs.resolve, other.key.system)
        if match.zone(model, match.score(model, form, theirs), (), "unconfirmed") == match.MATCH:
            return True
    return False


def _doubt(entity: str, golden_id: UUID, one: Contribution, value: Shared, rule: str) -> NewTask:
    return NewTask(
        CAUSE, f"{entity} {name_of(one)}", f"{name_of(one)} was linked by {rule}; without a {value.kind} that many share nothing links it",
        "Confirm the link, say that they are not the same, or say that the value tells records apart.", entity=entity, golden_id=golden_id,
        source_id=one.id, system=one.key.system, detail={"kind": value.kind, "value": value.value, "rule": rule}, is_restated=True,
    )  # fmt: skip


def _with(config: Configuration, known: Mapping[str, frozenset[Shared]]) -> Configuration:
    return replace(config, generic=GenericValues(known))
