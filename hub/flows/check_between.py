"""Rules between records: looked at a little after a record changed, since what it refers to may come after it.

A finder reads the feed from where it ended. It looks at what changed, at who refers to what changed, and now and then at every
record that has a warning: each closes by itself when its rule holds again.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from functools import cache
from typing import Any
from uuid import UUID

from hub.core import checks
from hub.core.checks import Rule, Step
from hub.core.configuration import Configuration
from hub.core.records import Values
from hub.flows import check
from hub.flows.check import Warned
from hub.flows.conflicts import money_at_stake
from hub.store import checks as reads
from hub.store import duplicates, golden, tasks
from hub.store.configuration import ConfigurationCache, tenants
from hub.store.pool import Pool
from hub.store.statements import Connection
from schema import ENTITIES

FINDER = "checks"
STRETCH = 5_000
"""Positions of the feed one transaction looks at."""
LOAD = 50_000
"""A first look at a feed longer than this would go through a whole first load; :func:`find_all` does that when it is wanted."""
GRACE_S = 30.0
"""The lines of a document, and what a record refers to, may come some messages after it."""
PAGE = 1_000
MOST_AGAIN = 2_000


async def find_new(pool: Pool, configurations: ConfigurationCache, most: int = 1_000_000, grace_s: float = GRACE_S) -> int:
    """Look at what changed since last time, at most so many stretches a tenant; answers how many records were looked at."""
    async with pool.acquire() as connection:
        every = await tenants(connection)
    did = 0
    for tenant_id, _ in every:
        for _ in range(most):
            async with pool.acquire() as connection, connection.transaction():
                looked, is_behind = await find_stretch(connection, await configurations.get(connection, tenant_id), grace_s)
            did += looked
            if not is_behind:
                break
    return did


async def find_stretch(tx: Connection, config: Configuration, grace_s: float = GRACE_S) -> tuple[int, bool]:
    """Look at one stretch of the feed: (records looked at, whether there is more)."""
    tenant = config.tenant_id
    position = await duplicates.hold_finder(tx, tenant, FINDER)
    head = await duplicates.head(tx, tenant)
    if position is None or position >= head:
        return 0, False
    if position == 0 and head > LOAD:
        await duplicates.move_finder(tx, tenant, FINDER, head)
        return 0, False
    until = await reads.upto(tx, tenant, position, STRETCH, grace_s)
    if until is None:
        return 0, False
    wanted = await _concerned(tx, config, position, until)
    for entity, ids in wanted.items():
        await find(tx, config, entity, ids)
    await duplicates.move_finder(tx, tenant, FINDER, until)
    return sum(map(len, wanted.values())), until < head and until - position >= STRETCH


async def look_again(pool: Pool, configurations: ConfigurationCache) -> int:
    """Look at the records with open warnings once more; answers how many."""
    async with pool.acquire() as connection:
        every = await tenants(connection)
    did = 0
    for tenant_id, _ in every:
        async with pool.acquire() as connection, connection.transaction():
            config = await configurations.get(connection, tenant_id)
            names = [rule.name for entity in ENTITIES for rule in checks.in_force(entity, config.settings).between]
            by_entity: dict[str, list[UUID]] = {}
            for row in await reads.SQL["warned"].fetch(connection, tenant=tenant_id, rules=names, most=MOST_AGAIN):
                by_entity.setdefault(row["entity"], []).append(row["golden_id"])
            for entity, ids in by_entity.items():
                await find(connection, config, entity, ids)
            did += sum(map(len, by_entity.values()))
    return did


async def find_all(pool: Pool, config: Configuration, entities: Iterable[str] = ()) -> dict[str, int]:
    """Look at every record there is, page by page, by all rules that warn; answers rule → records that break it."""
    counts: dict[str, int] = {}
    for entity in entities or ENTITIES:
        rules = checks.in_force(entity, config.settings)
        if not rules.warn and not rules.between:
            continue
        last = UUID(int=0)
        while True:
            async with pool.acquire() as connection, connection.transaction():
                ids = await duplicates.page(connection, config.tenant_id, entity, last, PAGE)
                found = await find(connection, config, entity, ids, (*rules.warn, *rules.between))
            for name in found:
                counts[name] = counts.get(name, 0) + 1
            if not ids:
                break
            last = ids[-1]
    return counts


async def find(tx: Connection, config: Configuration, entity: str, ids: Sequence[UUID], rules: Sequence[Rule] | None = None) -> list[str]:
    """Judge these records by the rules between records (or by ``rules``); answers the names of those broken, one a record."""
    if rules is None:
        rules = checks.in_force(entity, config.settings).between
    if not ids or not rules:
        return []
    tenant, found = config.tenant_id, Warned()
    stored = await golden.read(tx, tenant, ENTITIES[entity], ids)
    records = await beside(tx, tenant, rules, {id_: one.golden.values for id_, one in stored.items()})
    for id_, one in stored.items():
        is_active = one.golden.record_state == "active"
        found.look(one.golden, rules, checks.broken(rules, one.golden.values, records[id_]) if is_active else ())
    told = [check.task_of(record, broken, money_at_stake(record)) for record, broken in found.broken]
    over = await tasks.open_by_cause(tx, tenant, checks.WARNING, sorted(found.looked_at - {task.subject for task in told}))
    if over:
        await tasks.resolve(tx, tenant, over, "the rule holds again")
    await tasks.open_tasks(tx, tenant, told)
    return [broken.rule.name for _, broken in found.broken]


async def beside(tx: Connection, tenant_id: int, rules: Iterable[Rule], records: Mapping[UUID, Values]) -> dict[UUID, dict[str, list[Values]]]:
    """What rules between records read beside a record, by path: one statement a step, however many records."""
    found: dict[UUID, dict[str, list[Values]]] = {id_: {} for id_ in records}
    for step in dict.fromkeys(step for rule in rules for step in rule.steps):
        ids = {id_: _start(id_, values, step) for id_, values in records.items()}
        wanted = {one for one in ids.values() if one is not None}
        if step.is_back:
            several = await reads.naming(tx, tenant_id, step.entity, step.via, wanted)
        else:
            several = {id_: [values] for id_, values in (await reads.values(tx, tenant_id, step.entity, wanted)).items()}
        for id_, one in ids.items():
            if one is not None:
                found[id_][step.path] = several.get(one, [])
    return found


def _start(id_: UUID, values: Values, step: Step) -> UUID | None:
    """The id by which a step looks: the reference's own, or that of the record it starts from."""
    name = step.after if step.is_back else step.via
    if not name:
        return id_
    told = values.get(name)
    return UUID(told) if isinstance(told, str) else None


# who is concerned by a change


@cache
def _watching() -> Mapping[str, tuple[tuple[Rule, Step], ...]]:
    """Entity → rules of others that read it, with the step that leads there from them."""
    found: dict[str, list[tuple[Rule, Step]]] = {}
    for rule in checks.all_between():
        for step in rule.steps:
            if not step.after:
                found.setdefault(step.entity, []).append((rule, step))
    return {entity: tuple(some) for entity, some in found.items()}


async def _concerned(tx: Connection, config: Configuration, after: int, until: int) -> dict[str, list[UUID]]:
    """Records to look at because of what changed in this stretch: themselves, those that name them, those they are summed in."""
    tenant = config.tenant_id
    own = {entity: rules for entity in ENTITIES if (rules := checks.in_force(entity, config.settings).between)}
    wanted: dict[str, set[UUID]] = {}
    moved: dict[tuple[str, Step], set[UUID]] = {}
    for row in await reads.changed(tx, tenant, after, until, sorted({*own, *_watching()})):
        fields, entity = set(row["fields"]), row["entity"]
        if any(not rule.reads.isdisjoint(fields) for rule in own.get(entity, ())):
            wanted.setdefault(entity, set()).add(row["golden_id"])
        for rule, step in _watching().get(entity, ()):
            if (step.is_back or not row["is_new"]) and any((entity, name) in rule.beside for name in fields):
                moved.setdefault((rule.entity, step), set()).add(row["golden_id"])
    for (entity, step), ids in moved.items():
        wanted.setdefault(entity, set()).update(await _those(tx, tenant, entity, step, ids))
    return {entity: sorted(ids) for entity, ids in wanted.items()}


async def _those(tx: Connection, tenant_id: int, entity: str, step: Step, ids: Collection[UUID]) -> Iterable[UUID]:
    """The records of a rule's entity from which a step leads to these."""
    if not step.is_back:
        return await reads.ids_naming(tx, tenant_id, entity, step.via, ids)
    changed: Iterable[dict[str, Any]] = (await reads.values(tx, tenant_id, step.entity, ids)).values()
    return [UUID(one[step.via]) for one in changed if isinstance(one.get(step.via), str)]
