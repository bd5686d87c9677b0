"""Breakers as all workers see them: what one has found out about a system holds for the others."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import asyncpg

from hub.core.breaker import Breaker
from hub.store.statements import Connection, statements

SQL = statements("breakers")

BreakerKey = tuple[str, str]
"""(system, operation such as ``create invoice``)."""


async def not_closed(connection: Connection) -> dict[tuple[int, str, str], Breaker]:
    """(tenant, system, operation) → the breakers that hold something back, of all tenants."""
    return {(row["tenant_id"], row["system"], row["operation"]): _breaker(row) for row in await SQL["not_closed"].fetch(connection)}


async def lock(tx: Connection, tenant_id: int, keys: Iterable[BreakerKey]) -> dict[BreakerKey, Breaker]:
    """These breakers as they stand, locked; those nobody has heard of are closed."""
    wanted = sorted(set(keys))
    rows = await SQL["lock"].fetch(tx, tenant=tenant_id, systems=[one for one, _ in wanted], operations=[one for _, one in wanted])
    return {(row["system"], row["operation"]): _breaker(row) for row in rows}


async def put(tx: Connection, tenant_id: int, breakers: Mapping[BreakerKey, Breaker]) -> None:
    rows: list[dict[str, Any]] = [
        {
            "system": system, "operation": operation, "state": one.state, "window_at": one.window_at, "successes": one.successes,
            "failures": one.failures, "trips": one.trips, "failing_since": one.failing_since, "retry_at": one.retry_at,
            "error": one.error[:200],
        }
        for (system, operation), one in sorted(breakers.items())
    ]  # fmt: skip
    if rows:
        await SQL["put"].run(tx, tenant=tenant_id, rows=rows)


async def take_probe(connection: Connection, tenant_id: int, system: str, operations: Sequence[str], patience_s: float) -> set[str]:
    """Of these operations whose time has come, those that the caller may try, once each."""
    rows = await SQL["take_probe"].fetch(connection, tenant=tenant_id, system=system, operations=list(operations), patience_s=patience_s)
    return {row["operation"] for row in rows}


async def close(tx: Connection, tenant_id: int, system: str) -> list[str]:
    """Close what is open of a system; answers the operations."""
    return [row["operation"] for row in await SQL["close"].fetch(tx, tenant=tenant_id, system=system)]


async def of_system(connection: Connection, tenant_id: int, system: str) -> dict[str, Breaker]:
    """Operation → its breaker, of those anybody has heard of."""
    return {row["operation"]: _breaker(row) for row in await SQL["of_system"].fetch(connection, tenant=tenant_id, system=system)}


def _breaker(row: asyncpg.Record) -> Breaker:
    return Breaker(
        row["window_at"], row["state"], row["successes"], row["failures"], row["trips"], row["failing_since"], row["retry_at"], row["error"]
    )
