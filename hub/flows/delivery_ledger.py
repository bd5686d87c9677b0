"""Echoes on their way in: a value of ours that comes back late is no new word, and one that comes back changed is counted."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence

from hub.core.ledger import seen
from hub.core.limits import read_limits
from hub.core.records import Contribution, Reading, SourceKey
from hub.store import ledger, tasks
from hub.store.statements import Connection
from hub.store.tasks import NewTask

_Miss = tuple[str, str, str]
"""(system, entity, field)."""


async def without_late_echoes(
    tx: Connection, tenant_id: int, readings: Sequence[Reading], before: Mapping[SourceKey, Contribution]
) -> list[Reading]:
    """The readings, without the fields that only show a value of ours which we have replaced since.

    Costs nothing unless the batch is about records we wrote to. The source records' locks are held.
    """
    mine = {one.key for one in readings if not one.is_delete and one.values and (held := before.get(one.key)) is not None and held.written}
    if not mine:
        return list(readings)
    entries = await ledger.of_records(tx, tenant_id, mine)
    kept: list[Reading] = []
    consumed: dict[int, set[str]] = {}
    misses: Counter[_Miss] = Counter()
    examples: dict[_Miss, str] = {}
    for reading in readings:
        key = reading.key
        if key not in mine:
            kept.append(reading)
            continue
        known = entries.get(((key.system, key.object, key.external_id), key.entity), [])
        told = seen(before[key], reading, known)
        for id_, names in told.consumed.items():
            consumed.setdefault(id_, set()).update(names)
        for name in told.rewritten:
            misses[key.system, key.entity, name] += 1
            examples[key.system, key.entity, name] = key.external_id
        values = {name: value for name, value in reading.values.items() if name not in told.late}
        kept.append(reading._replace(values=values) if told.late else reading)
    await ledger.consume(tx, tenant_id, consumed)
    await _alarm(tx, tenant_id, misses, examples)
    return kept


async def _alarm(tx: Connection, tenant_id: int, misses: Counter[_Miss], examples: Mapping[_Miss, str]) -> None:
    """Count near misses; from so many on somebody is told, once per system and field."""
    if not misses:
        return
    rows = [
        {"system": system, "entity": entity, "field": name, "count": count, "external_id": examples[system, entity, name]}
        for (system, entity, name), count in misses.items()
    ]
    told = await ledger.limits(tx, tenant_id, {system for system, _, _ in misses})
    rules = {system: read_limits({"ledger": said}).ledger for system, said in told.items()}
    default = read_limits({}).ledger
    found = [
        NewTask(
            "rewritten_there", f"{row['system']} {row['entity']}.{row['field']}",
            f"{row['system']} shows another {row['field']} than the hub wrote, {row['count']} times so far.",
            "Look what changes it there (a workflow, a normalising rule, another interface): map it, or let that system own the field.",
            entity=row["entity"], system=row["system"], field=row["field"], count=row["count"], is_restated=True,
            detail={"last_external_id": row["last_external_id"]},
        )
        for row in await ledger.count_rewritten(tx, tenant_id, rows)
        if row["count"] >= rules.get(row["system"], default).near_misses
    ]  # fmt: skip
    await tasks.open_tasks(tx, tenant_id, found)
