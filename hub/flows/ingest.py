"""Fold a batch of inbox messages into golden records. Before: receive. Next: deliver."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from hub.core.change import Cause
from hub.core.configuration import Configuration
from hub.core.fold import Folded, fold
from hub.core.reading import Read, delete_readings
from hub.core.records import Change, Contribution, Message, Reading, Refusal, SourceKey
from hub.flows import declared_links, vendor_merges
from hub.flows.batch import Fresh, Recomputed
from hub.flows.delivery_ledger import without_late_echoes
from hub.flows.link import link
from hub.flows.linked import Linked, NewId, decided
from hub.flows.recompute import recompute
from hub.store import decisions, inbox, source_records, tasks
from hub.store.statements import Connection
from hub.store.tasks import NewTask
from schema import ENTITIES

DEFER_S = 2.0
"""How long a record of a system with a create of ours under way waits for that intent to settle."""


@dataclass(slots=True)
class Ingested:
    """What a batch came to: version steps, and per message what became of it where it did not simply change something."""

    changes: list[Change] = field(default_factory=list)
    outcomes: dict[int, str] = field(default_factory=dict)
    golden_ids: dict[SourceKey, UUID] = field(default_factory=dict)
    task_ids: dict[tuple[str, str], int] = field(default_factory=dict)


async def ingest(
    tx: Connection, config: Configuration, batch: Sequence[Message], read: Read, new_id: NewId
) -> Ingested:
    """Fold a batch of messages into golden records, in one READ COMMITTED transaction that the caller holds.

    Contributions, golden records, versions, changes, tasks and the messages' completion are stored together or not at
    all. A message that cannot be applied becomes a task and does not disturb the others. ``read`` is what
    :func:`hub.core.reading.read_all` made of the batch, done while the last batch was being stored.
    """
    messages = {message.id: message for message in batch}
    readings = read.readings + await _deletes(tx, config, read)
    folded = await _fold(tx, config, readings)
    deferred = await _creates_under_way(tx, config.tenant_id, folded)
    fresh = folded.fresh
    if deferred:
        fresh = [one for one in fresh if deferred.isdisjoint(folded.told[one.contribution.key])]
    linked = await link(tx, config, fresh, new_id)
    moved = await vendor_merges.follow(tx, config, read.deletes, fresh, linked)
    causes = _causes(fresh, folded.told, linked, messages)
    done = await recompute(tx, config, causes, fresh, frozenset(linked.brand_new))
    await decisions.make(tx, config.tenant_id, decided(linked))
    await vendor_merges.settle(tx, config, moved, fresh, linked)
    await declared_links.keep_homes(tx, config.tenant_id, linked)
    found = [*linked.doubts, *_refusal_tasks(read.refusals, messages), *await _unbound_tasks(tx, config.tenant_id, read)]
    task_ids = await tasks.open_tasks(tx, config.tenant_id, found)
    outcomes = _outcomes(batch, read, folded, fresh, done, deferred)
    details = _waiting_details(fresh, folded.told, done)
    await _settle(tx, config.tenant_id, batch, read.refusals, outcomes, details, task_ids, deferred)
    ids = {one.contribution.key: one.contribution.golden_id for one in fresh if one.contribution.golden_id}
    return Ingested(done.changes, outcomes, ids, task_ids)


async def _deletes(tx: Connection, config: Configuration, read: Read) -> list[Reading]:
    if not read.deletes:
        return []
    names = sorted({(m.system, m.object, m.external_id) for m in read.deletes})
    parts: dict[tuple[str, str, str], list[SourceKey]] = {}
    for key in await source_records.parts_of(tx, config.tenant_id, names):
        parts.setdefault((key.system, key.object, key.external_id), []).append(key)
    for name in names:
        if name not in parts:
            parts[name] = [SourceKey(*name, entity) for entity in _entities_of(config, *name[:2])]
    return delete_readings(read.deletes, parts)


def _entities_of(config: Configuration, system: str, object_: str) -> list[str]:
    """What a record of this object contributes to. A delete that comes before its record is kept, so that what was said
    earlier and comes later does not bring the record to life."""
    mappings = config.mappings.get((system, object_))
    if mappings is None:
        return [object_] if object_ in ENTITIES else []
    return sorted({mapping.entity for mapping in mappings if not mapping.items})


@dataclass(slots=True)
class _Folded:
    """Contributions after this batch. ``told`` names the messages that spoke (a late one is not the contribution's newest),
    ``quiet`` those that told nothing new, and why."""

    fresh: list[Fresh]
    told: dict[SourceKey, list[int]]
    quiet: dict[int, str]


async def _fold(tx: Connection, config: Configuration, readings: Sequence[Reading]) -> _Folded:
    """Fold readings into what their sources said before."""
    ranks = config.ranks
    before = await source_records.lock(tx, config.tenant_id, (r.key for r in readings), ranks)
    readings = await without_late_echoes(tx, config.tenant_id, readings, before)
    now: dict[SourceKey, Contribution] = {}
    told: dict[SourceKey, list[int]] = {}
    quiet: dict[int, str] = {}
    for reading in readings:
        kind, rank = ranks[reading.key.system]
        step: Folded = fold(now.get(reading.key) or before.get(reading.key), reading, kind, rank)
        if step.outcome == "stale":
            quiet[reading.message_id] = "stale"
        else:
            now[reading.key] = step.contribution
            told.setdefault(reading.key, []).append(reading.message_id)
            if step.outcome == "unchanged":
                quiet[reading.message_id] = "unchanged"
    return _Folded([Fresh(before.get(key), contribution) for key, contribution in now.items()], told, quiet)


async def _creates_under_way(tx: Connection, tenant_id: int, folded: _Folded) -> set[int]:
    """Messages about records nobody knows, from a system where a create of ours is not settled yet.

    The system's own word on our create may come before its answer; what names our key is linked by it, the rest waits.
    """
    unknown = [
        one.contribution for one in folded.fresh
        if one.contribution.golden_id is None and not any(key.system == "hub" for key in one.contribution.links)
    ]  # fmt: skip
    if not unknown:
        return set()
    rows = await tx.fetch(
        "SELECT DISTINCT s.system, l.entity FROM hub.attempt a "
        "JOIN hub.subscription s ON s.tenant_id = a.tenant_id AND s.id = a.subscription_id "
        "JOIN hub.lane l ON l.tenant_id = a.tenant_id AND l.subscription_id = a.subscription_id AND l.golden_id = a.golden_id "
        "WHERE a.tenant_id = $1 AND a.state IN ('intent', 'unknown') AND a.operation = 'create' AND s.system = ANY ($2::text[])",
        tenant_id, list({one.key.system for one in unknown}),
    )  # fmt: skip
    under_way = {(row["system"], row["entity"]) for row in rows}
    return {id_ for one in unknown if (one.key.system, one.key.entity) in under_way for id_ in folded.told[one.key]}


def _causes(
    fresh: Iterable[Fresh], told: dict[SourceKey, list[int]], linked: Linked, messages: dict[int, Message]
) -> dict[str, dict[UUID, Cause]]:
    """Which golden records to compute again, by entity, each with the message that touched it."""
    causes: dict[str, dict[UUID, Cause]] = {}
    for one in fresh:
        mine = one.contribution
        assert mine.golden_id is not None
        message = messages[told[mine.key][-1]]
        causes.setdefault(mine.key.entity, {})[mine.golden_id] = Cause(
            "source", message.actor, message.correlation_id, message.id, message.is_backfill
        )
    for entity, left in linked.left.items():
        for golden_id in left:
            causes.setdefault(entity, {}).setdefault(golden_id, Cause("source", "hub", ""))
    return causes


def _refusal_tasks(refusals: Iterable[Refusal], messages: dict[int, Message]) -> list[NewTask]:
    return [
        NewTask(
            cause=refusal.cause,
            subject=refusal.subject,
            reason=refusal.reason,
            remedy=refusal.remedy,
            system=messages[refusal.message_id].system,
            field=refusal.field or None,
            correlation_id=messages[refusal.message_id].correlation_id,
        )
        for refusal in refusals
    ]


async def _unbound_tasks(tx: Connection, tenant_id: int, read: Read) -> list[NewTask]:
    """What no mapping binds or ignores is reported once, for ever: closing the task means "leave it"."""
    if not read.unbound:
        return []
    subjects = {f"{system} {object_} {path}": (system, object_, path) for system, object_, path in sorted(read.unbound)[:200]}
    told = await tx.fetch(
        "SELECT subject FROM hub.task WHERE tenant_id = $1 AND cause = 'unbound' AND subject = ANY ($2::text[])", tenant_id, list(subjects)
    )
    for row in told:
        del subjects[row["subject"]]
    return [
        NewTask("unbound", subject, f"{system} {object_} carries {path}, which no mapping binds or ignores",
                "Map it, or list it as ignored.", system=system, field=path, is_restated=True)
        for subject, (system, object_, path) in subjects.items()
    ]  # fmt: skip


def _outcomes(
    batch: Sequence[Message], read: Read, folded: _Folded, fresh: Sequence[Fresh], done: Recomputed, deferred: set[int]
) -> dict[int, str]:
    """What became of each message that is not part of a new version: quarantined, incomplete, waiting, stale, unchanged.

    Several messages of a batch may be part of one version; the change names the last of them, the lineage each source.
    """
    outcomes: dict[int, str] = {}
    credited = {change.message_id for change in done.changes}
    changed = {change.golden_id for change in done.changes}
    unborn = set(done.unborn)
    applied: set[int] = set()
    for one in fresh:
        for id_ in folded.told[one.contribution.key]:
            if one.contribution.golden_id in unborn:
                outcomes[id_] = "waiting"
            elif id_ in credited or (one.contribution.golden_id in changed and id_ not in folded.quiet):
                applied.add(id_)
    for message in batch:
        if message.id not in applied and message.id not in deferred:
            outcomes.setdefault(message.id, folded.quiet.get(message.id, "unchanged"))
    spoken = {reading.message_id for reading in read.readings} | {message.id for message in read.deletes}
    for refusal in read.refusals:
        outcomes[refusal.message_id] = "quarantined" if refusal.message_id not in spoken else "incomplete"
    return outcomes


Details = dict[int, list[dict[str, Any]]]
"""Message → what is to be said about it: cause, field, reason, remedy."""


def _waiting_details(fresh: Sequence[Fresh], told: Mapping[SourceKey, Iterable[int]], done: Recomputed) -> Details:
    """Why records are not born yet: a required field nobody has given, a parent not known, or no system that may open them."""
    unborn, details = set(done.unborn), Details()
    for one in fresh:
        mine = one.contribution
        if mine.golden_id is None or mine.golden_id not in unborn:
            continue
        entity, missing = mine.key.entity, done.goldens[mine.golden_id].missing
        why = [
            {"cause": "required", "field": name, "reason": f"{entity} is opened once {name} is known",
             "remedy": f"Send {name}, or the record it refers to."}
            for name in missing
        ] or [
            {"cause": "unmatched", "field": "", "reason": f"{mine.key.system} may not open a {entity}, and no other system has sent it",
             "remedy": "Send it from a system that owns it, or link it to its golden record."}
        ]  # fmt: skip
        for id_ in told[mine.key]:
            details.setdefault(id_, []).extend(why)
    return details


async def _settle(
    tx: Connection,
    tenant_id: int,
    batch: Sequence[Message],
    refusals: Sequence[Refusal],
    outcomes: dict[int, str],
    details: Details,
    task_ids: dict[tuple[str, str], int],
    deferred: set[int],
) -> None:
    held_by: dict[int, int] = {}
    for refusal in refusals:
        details.setdefault(refusal.message_id, []).append(
            {"cause": refusal.cause, "field": refusal.field, "reason": refusal.reason, "remedy": refusal.remedy}
        )
        held_by.setdefault(refusal.message_id, task_ids[refusal.cause, refusal.subject])
    rows = [
        {"inbox_id": id_, "outcome": outcome, "task_id": held_by.get(id_), "detail": details.get(id_, [])}
        for id_, outcome in sorted(outcomes.items())
        if id_ not in deferred
    ]
    await inbox.settle(tx, tenant_id, [message.id for message in batch if message.id not in deferred], rows)
    if deferred:
        await inbox.defer(tx, tenant_id, sorted(deferred), DEFER_S)
