"""Lanes that wait for a parent record their system lacks: after a while a person is told, once per missing record."""

from __future__ import annotations

import asyncpg

from hub.store import configuration, lanes, tasks
from hub.store.statements import Connection
from hub.store.tasks import NewTask

PATIENCE_S = 45.0
"""How long a lane may wait before a person is told."""


async def tell_of_waiting(connection: Connection) -> None:
    """One task per record that a system lacks and others wait for; solved when nobody waits any more."""
    for tenant_id, _ in await configuration.tenants(connection):
        stuck = await lanes.stuck_waiting(connection, tenant_id, PATIENCE_S)
        wanted = {f"{row['system']} {row['waits_for']}": row for row in stuck}
        opened = await lanes.open_waiting_tasks(connection, tenant_id)
        solved = [task_id for subject, task_id in opened.items() if subject not in wanted]
        async with connection.transaction():
            await tasks.resolve(connection, tenant_id, solved, "nobody waits for it any more")
            await tasks.open_tasks(
                connection, tenant_id, [_missing_parent(row) for subject, row in wanted.items() if subject not in opened]
            )


def _missing_parent(row: asyncpg.Record) -> NewTask:
    return NewTask(
        "missing_parent", f"{row['system']} {row['waits_for']}", row["reason"] or f"{row['system']} lacks a record.",
        "Let the record reach the system (its mode, its own task), or link the one it has; what waits then goes on.",
        entity=row["entity"], golden_id=row["waits_for"], system=row["system"], count=row["count"],
    )  # fmt: skip
