"""Reads and writes of the period gate: periods, what waits for them, and letting it go."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection
from functools import cache
from uuid import UUID

import asyncpg

from hub.core.postings import POSTED, Period
from hub.core.urgency import CLOSE, NORMAL
from hub.store.statements import Connection, statements
from schema import ENTITIES

SQL = statements("postings")


async def periods(connection: Connection, tenant_id: int, houses: Collection[UUID], first: dt.date, last: dt.date) -> dict[UUID, list[Period]]:
    """Legal entity → its periods that hold a day of the stretch."""
    found: dict[UUID, list[Period]] = {}
    if houses:
        for row in await SQL["periods"].fetch(connection, tenant=tenant_id, legal_entities=sorted(houses), first=first, last=last):
            one = Period(
                str(row["id"]), str(row["legal_entity_id"]), row["module"], row["period"], row["state"] or "open", row["starts_on"].isoformat(),
                row["ends_on"].isoformat(),
            )  # fmt: skip
            found.setdefault(row["legal_entity_id"], []).append(one)
    return found


async def backlog(connection: Connection, tenant_id: int) -> list[asyncpg.Record]:
    """(system, gate_id, legal_entity_id, house, module, period, state, lanes, money) of what waits for periods."""
    return await SQL["backlog"].fetch(connection, tenant=tenant_id)


async def release(connection: Connection, tenant_id: int) -> int:
    """Make lanes due whose period is open now; answers how many."""
    return len(await SQL["release"].fetch(connection, tenant=tenant_id))


async def tenants_with_gates(connection: Connection) -> list[int]:
    return [row["tenant_id"] for row in await SQL["tenants_with_gates"].fetch(connection)]


async def closing(connection: Connection) -> list[asyncpg.Record]:
    """(tenant_id, legal_entity_id, first, last) of periods of any tenant that are over and still open."""
    return await SQL["closing"].fetch(connection)


async def open_tasks(connection: Connection, tenant_id: int) -> list[asyncpg.Record]:
    """(id, subject, count, money) of the open tasks about closed periods."""
    return await SQL["open_tasks"].fetch(connection, tenant=tenant_id)


async def raise_closing(connection: Connection) -> None:
    """What is to be posted into a period that is over and still open goes before the rest: a statement per entity, and only
    where there is such a period."""
    for row in await closing(connection):
        given = (row["tenant_id"], row["legal_entity_id"], row["first"], row["last"], CLOSE, NORMAL)
        for entity in CLOSED_BY_DAY:
            await connection.execute(_raise_closing(entity), *given)


CLOSED_BY_DAY = tuple(name for name, one in POSTED.items() if ("legal_entity",) in one.houses and name in ENTITIES)
"""Postings that name their legal entity themselves."""


@cache
def _raise_closing(entity: str) -> str:
    return (
        "UPDATE hub.lane l SET priority = $5 FROM hub.subscription s, golden." + entity + " g "
        "WHERE l.tenant_id = $1 AND l.state = 'due' AND l.priority = $6 AND l.entity = '" + entity + "' "
        "AND s.tenant_id = l.tenant_id AND s.id = l.subscription_id AND s.kind = 'connector' "
        "AND g.tenant_id = l.tenant_id AND g.id = l.golden_id AND g.legal_entity_id = $2 "
        "AND g." + POSTED[entity].day + " BETWEEN $3 AND $4"
    )
