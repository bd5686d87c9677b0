"""What the queue does by itself: send tasks where they belong, wake what was put off, hand on what the away hold, escalate.

Every step is a few statements over a batch, so a hundred thousand new tasks are routed in batches while people work. Nothing
here decides a task.
"""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any
from uuid import UUID

import asyncpg

from hub.core.learning import Habits
from hub.core.people import Work, share_out, stand_in
from hub.core.queue_rules import Routing, routing_of
from hub.core.risk import rules_of
from hub.flows import notices
from hub.store import approvals, members, tasks, work
from hub.store.configuration import SQL as CONFIGURATION
from hub.store.configuration import tenants
from hub.store.pool import Pool
from hub.store.statements import Connection
from hub.store.tasks import total
from hub.store.work import Event
from hub.telemetry import logger

log = logger("hub.flows.tend_queue")
BATCH = 500
MOST_BATCHES = 40
"""Per tenant and round; the next round goes on."""


async def tend_all(pool: Pool) -> int:
    """One round over every tenant; answers how many tasks were routed or escalated."""
    done = 0
    async with pool.acquire() as connection:
        for tenant_id, slug in await tenants(connection):
            try:
                done += await _tend(connection, tenant_id)
            except ValueError as error:  # settings nobody can read; the other tenants go on
                log.warning("queue_not_tended", tenant=slug, reason=str(error))
    return done


async def _tend(connection: Connection, tenant_id: int) -> int:
    settings = await CONFIGURATION["tenant_settings"].value(connection, tenant=tenant_id) or {}
    routing = routing_of(settings)
    rules_of(settings)
    done = 0
    for _ in range(MOST_BATCHES):
        async with connection.transaction():
            routed = await route(connection, tenant_id, routing)
        done += routed
        if routed < BATCH:
            break
    async with connection.transaction():
        await close_overtaken(connection, tenant_id)
        await close_answered(connection, tenant_id)
        await wake(connection, tenant_id)
        await hand_on(connection, tenant_id)
        await notices.end(connection, tenant_id, await approvals.expire(connection, tenant_id))
        done += await escalate(connection, tenant_id, routing)
    return done


async def route(tx: Connection, tenant_id: int, routing: Routing) -> int:
    """Look up legal entity, region, money and habits of new tasks, and send them to their team; answers how many."""
    rows = await work.SQL["unrouted"].fetch(tx, tenant=tenant_id, most=BATCH)
    if not rows:
        return 0
    by_entity: dict[str, list[UUID]] = {}
    for row in rows:
        if row["golden_id"] is not None and row["entity"]:
            by_entity.setdefault(row["entity"], []).append(row["golden_id"])
    about = [one for some in by_entity.values() for one in some]
    places = await work.places(tx, tenant_id, by_entity)
    money = await work.money_of(tx, tenant_id, about) if about else {}
    habits = Habits(await work.resolutions(tx, tenant_id, sorted({row["cause"] for row in rows})))
    routed = [_routed(row, routing, habits, places, money) for row in rows]
    await work.SQL["routed"].run(tx, tenant=tenant_id, rows=routed)
    return len(routed)


def _routed(
    row: asyncpg.Record, routing: Routing, habits: Habits, places: Mapping[UUID, tuple[UUID | None, str | None]],
    money: Mapping[UUID, list[dict[str, str]]],
) -> dict[str, Any]:  # fmt: skip
    """A task with its place. What whoever opened it said of money and legal entity stays."""
    legal_entity, region = places.get(row["golden_id"], (None, None))
    stake = row["money"] or money.get(row["golden_id"])
    found = {"legal_entity": row["legal_entity"] or legal_entity, "region": region, **total(stake)}
    task = {**{name: row[name] for name in ("cause", "entity", "system")}, **found, "amount": Decimal(found["amount"] or 0)}
    way = routing.route(task)
    return {
        "id": row["id"], "team": way.team, "due_h": way.due_h, "priority": way.priority, "money": stake, **found,
        "suggestion": habits.suggestion(row["cause"], row["system"], row["field"]),
    }  # fmt: skip


MESSAGES = ("parse", "type", "required", "unknown_code", "unknown_entity", "unknown_field", "reference")
"""Causes that hold messages back."""


async def close_overtaken(tx: Connection, tenant_id: int) -> int:
    """Resolve tasks whose every message was overtaken by a later one of the same record that was taken."""
    rows = await work.SQL["overtaken"].fetch(tx, tenant=tenant_id, causes=list(MESSAGES))
    return len(await tasks.resolve(tx, tenant_id, [row["id"] for row in rows], "a later message of the same record was taken")) if rows else 0


PAIRS = 5000


async def close_answered(tx: Connection, tenant_id: int) -> int:
    """Resolve questions about two records that are one by now, are kept apart, or of which one is gone."""
    by_answer: dict[str, list[int]] = {}
    for row in await work.SQL["answered_pairs"].fetch(tx, tenant=tenant_id, most=PAIRS):
        by_answer.setdefault(row["why"], []).append(row["id"])
    return sum([len(await tasks.resolve(tx, tenant_id, ids, why)) for why, ids in by_answer.items()])


async def wake(tx: Connection, tenant_id: int) -> int:
    """Put tasks back whose time has come, questions nobody answered among them; answers how many."""
    rows = await work.SQL["wake"].fetch(tx, tenant=tenant_id)
    await work.note(tx, tenant_id, [Event(row["id"], "wake", "hub", "nobody answered" if row["question"] else "") for row in rows])
    return len(rows)


async def hand_on(tx: Connection, tenant_id: int) -> int:
    """Tasks of who is away go to who stands in, else to the least loaded who serves them, else back to the team."""
    rows = await work.SQL["of_the_away"].fetch(tx, tenant=tenant_id)
    if not rows:
        return 0
    known = await members.everybody(tx, tenant_id)
    given: dict[int, UUID | None] = {}
    left: list[asyncpg.Record] = []
    for row in rows:
        there = stand_in(known[row["assignee_id"]], known)
        if there is None:
            left.append(row)
        else:
            given[row["id"]] = there.id
    shared = share_out([Work(row["id"], row["team"], row["legal_entity"], row["region"]) for row in left], known.values(), await work.load(tx, tenant_id))
    given |= {row["id"]: shared.get(row["id"]) for row in left}
    await work.give(tx, tenant_id, given)
    was = {row["id"]: row["assignee_id"] for row in rows}
    await work.note(
        tx, tenant_id, [Event(one, "assign", "hub", "away", {"to": str(to) if to else None, "instead_of": str(was[one])}) for one, to in given.items()]
    )
    return len(given)


MARKS = {1: "a quarter of its time is left", 2: "it is due", 3: "it is long overdue"}


async def escalate(tx: Connection, tenant_id: int, routing: Routing) -> int:
    """Raise tasks that passed a mark: first they are told of, then another team gets them too urgent to wait.

    1, before due: priority rises by one. 2, at due: it goes to the team its rule names, without an assignee. 3, as long again
    after: priority 1. A task that jumped a mark is raised once, to where it is.
    """
    rows = await work.SQL["to_escalate"].fetch(tx, tenant=tenant_id, most=BATCH)
    raised: list[dict[str, Any]] = []
    events: list[Event] = []
    for row in rows:
        way = routing.route({**{name: row[name] for name in ("cause", "entity", "system", "legal_entity", "region")}, "amount": row["amount"] or 0})
        passes = row["mark"] >= 2 and row["escalation"] < 2 and way.escalate_to and way.escalate_to != row["team"]
        team = way.escalate_to if passes else row["team"]
        priority = 1 if row["mark"] == 3 else max(1, row["priority"] - 1)
        raised.append({"id": row["id"], "mark": row["mark"], "team": team, "priority": priority, "assignee": None if passes else row["assignee_id"]})
        events.append(Event(row["id"], "escalate", "hub", MARKS[row["mark"]], {"mark": row["mark"], "from": row["team"], "to": team}))
    if raised:
        await work.SQL["escalated"].run(tx, tenant=tenant_id, rows=raised)
        await work.note(tx, tenant_id, events)
    return len(raised)
