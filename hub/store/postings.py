"""Reads and writes of the period gate: periods, what waits for them, and letting it go."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection
from uuid import UUID

import asyncpg

from hub.core.postings import Period
from hub.store.statements import Connection, statements

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
