"""Conflicts become tasks, one per field, record and source; a task closes by itself when ``f`` no longer says so."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from uuid import UUID

from hub.core import checks
from hub.core.records import Conflict, Contribution, Golden
from hub.flows import check
from hub.flows.batch import Batch, Fresh, id_of
from hub.store import tasks
from hub.store.statements import Connection
from hub.store.tasks import NewTask
from schema import ENTITIES
from schema.kinds import FieldKind

RESTATED = ("proposed", "rejected", "ambiguous", "deleted_transaction")
"""Causes that ``f`` states anew each time."""


async def save(tx: Connection, batch: Batch, fresh: Sequence[Fresh]) -> None:
    """Open a task for each conflict, and close those that no longer hold."""
    tenant = batch.config.tenant_id
    found: list[NewTask] = []
    by_source = {c.id: c for some in batch.contributions.values() for c in some}
    for after in batch.done.goldens.values():
        for conflict in after.conflicts:
            found.append(task_of(after, conflict, by_source.get(conflict.source_id), is_restated=True))
    for conflict, owner in batch.held:
        found.append(task_of(batch.done.goldens[id_of(owner)], replace(conflict, source_id=owner.id), owner, is_restated=False))
    warned = check.warned(batch)
    found += (check.task_of(after, broken, money_at_stake(after)) for after, broken in warned.broken)
    touched = list(batch.stored)
    over: list[int] = []
    if touched:
        standing = {(task.cause, task.subject) for task in found}
        rows = await tasks.open_of(tx, tenant, touched, (*RESTATED, checks.WARNING))
        over = [
            row["id"] for row in rows
            if (row["cause"], row["subject"]) not in standing and (row["cause"] != checks.WARNING or row["subject"] in warned.looked_at)
        ]
    released = {
        subject_of(f.contribution.key.entity, id_of(f.contribution), name, f.contribution.id)
        for f in fresh
        if f.previous is not None and f.previous.held
        for name in f.previous.held.keys() - f.contribution.held.keys()
    }
    if released:
        over += await tasks.open_by_cause(tx, tenant, "locked", sorted(released))
        over += await tasks.open_by_cause(tx, tenant, "left_terminal_state", sorted(released))
        over += await tasks.open_by_cause(tx, tenant, checks.HELD, sorted(released))
    if over:
        await tasks.resolve(tx, tenant, over, "no longer differs")
    await tasks.open_tasks(tx, tenant, found)


def subject_of(entity: str, golden_id: UUID, field_name: str, source_id: int) -> str:
    """The subject of a conflict's task: this field of this record, as that source has it."""
    return f"{entity} {golden_id} {field_name} {source_id}"


def task_of(after: Golden, conflict: Conflict, source: Contribution | None, *, is_restated: bool) -> NewTask:
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
