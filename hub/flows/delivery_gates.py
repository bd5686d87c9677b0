"""The period gate on the way out: what a closed period keeps from being posted waits, and its backlog is one task with its sum.

Only for systems that keep the books. A batch is judged with a handful of reads; what the books know no period for is sent,
since then the system decides. When the period opens, what waited is due.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import replace
from uuid import UUID

import asyncpg

from hub.core.postings import POSTED, closed_period, posting_day, starts_of
from hub.core.records import Golden, Values
from hub.flows.plan_writes import Plan
from hub.store import checks, postings, tasks
from hub.store.statements import Connection
from hub.store.tasks import NewTask
from schema import ENTITIES
from schema.kinds import FieldKind
from schema.language import entity_name

GoldenOf = Mapping[tuple[UUID, int], Golden]


async def hold_closed(connection: Connection, tenant_id: int, plans: Sequence[Plan], goldens: GoldenOf, at: dt.datetime) -> list[Plan]:
    """The plans, those that would post into a closed period with verdict ``gate``."""
    posts = {place: values for place, one in enumerate(plans) if (values := _posts(one, goldens)) is not None}
    if not posts:
        return list(plans)
    houses = await _houses(connection, tenant_id, {place: (plans[place].lane.entity, values) for place, values in posts.items()})
    of_house = await checks.values(connection, tenant_id, "legal_entity", set(houses.values()))
    days = {
        place: posting_day(plans[place].lane.entity, posts[place], of_house.get(house, {}), at) for place, house in houses.items()
    }
    if not days:
        return list(plans)
    first, last = (dt.date.fromisoformat(one) for one in (min(days.values()), max(days.values())))
    periods = await postings.periods(connection, tenant_id, set(houses.values()), first, last)
    held = list(plans)
    for place, house in houses.items():
        period = closed_period(plans[place].lane.entity, days[place], periods.get(house, ()))
        if period is not None:
            code = of_house.get(house, {}).get("code") or house
            reason = f"Period {period.name} of {period.module} at {code} is {period.state.replace('_', ' ')}."
            held[place] = replace(plans[place], verdict="gate", reason=reason, gate_id=UUID(period.id))
    return held


def _posts(one: Plan, goldens: GoldenOf) -> Values | None:
    """The record's values when the plan posts it or changes what was posted; None otherwise."""
    if not one.is_write or one.write is None or one.lane.entity not in POSTED:
        return None
    fields = ENTITIES[one.lane.entity].fields
    touches = any(name == POSTED[one.lane.entity].day or fields[name].kind is FieldKind.MONEY for name in one.values if name in fields)
    if one.write.operation == "update" and not touches:
        return None
    golden = goldens.get((one.lane.golden_id, one.version))
    return golden.values if golden is not None else None


async def _houses(connection: Connection, tenant_id: int, records: Mapping[int, tuple[str, Values]]) -> dict[int, UUID]:
    """Place → legal entity, along the first way that leads to one; a statement per entity on the ways."""
    wanted: dict[str, set[UUID]] = {}
    for entity, values in records.values():
        for way in starts_of(entity, values):
            if len(way) == 2:
                wanted.setdefault(_target(entity, way[0]), set()).add(UUID(values[way[0]]))
    beside = {entity: await checks.values(connection, tenant_id, entity, ids) for entity, ids in wanted.items()}
    found: dict[int, UUID] = {}
    for place, (entity, values) in records.items():
        for way in starts_of(entity, values):
            led = values if len(way) == 1 else beside[_target(entity, way[0])].get(UUID(values[way[0]]), {})
            if house := led.get(way[-1]):
                found[place] = UUID(house)
                break
    return found


def _target(entity: str, reference: str) -> str:
    return entity_name(ENTITIES[entity].fields[reference].target)


async def tend_gates(connection: Connection) -> set[int]:
    """Let go what waits for periods that are open now, and keep the tasks of the others; answers the tenants with work."""
    released: set[int] = set()
    for tenant_id in await postings.tenants_with_gates(connection):
        async with connection.transaction():
            if await postings.release(connection, tenant_id):
                released.add(tenant_id)
            await _restate(connection, tenant_id)
    return released


async def _restate(tx: Connection, tenant_id: int) -> None:
    """One task per system and closed period that says how many postings wait and for how much money."""
    wanted = {_subject(row): row for row in await postings.backlog(tx, tenant_id)}
    told = {row["subject"]: row for row in await postings.open_tasks(tx, tenant_id)}
    over = [row["id"] for subject, row in told.items() if subject not in wanted]
    await tasks.resolve(tx, tenant_id, over, "the period opened, or nothing waits for it any more")
    changed = [
        row for subject, row in wanted.items()
        if subject not in told or (told[subject]["count"], told[subject]["money"] or None) != (row["lanes"], row["money"] or None)
    ]  # fmt: skip
    await tasks.open_tasks(tx, tenant_id, [_task(row) for row in changed])


def _subject(row: asyncpg.Record) -> str:
    return f"{row['system']} {row['gate_id']}"


def _task(row: asyncpg.Record) -> NewTask:
    period = f"Period {row['period']} of {row['module']} at {row['house'] or row['legal_entity_id']}"
    return NewTask(
        "closed_period", _subject(row), f"{period} is {str(row['state']).replace('_', ' ')}; what belongs into it is not posted to {row['system']}.",
        "Open the period in the ERP, and everything that waits is posted; or post it into the next open one.", entity="accounting_period",
        golden_id=row["gate_id"], system=row["system"], count=row["lanes"], money=row["money"] or None, is_restated=True,
        legal_entity=row["legal_entity_id"],
    )  # fmt: skip
