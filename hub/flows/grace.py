"""What waits too long becomes a task: a parent nobody sends, a record no origin knows, a required field never given.

Ten thousand children of one missing parent are one task with a count; it closes by itself when the parent comes.
"""

from __future__ import annotations

import asyncio

import asyncpg

from hub.settings import Settings
from hub.store import source_records, tasks
from hub.store.configuration import tenants
from hub.store.pool import Pool
from hub.store.statements import Connection, statements
from hub.store.tasks import NewTask
from hub.telemetry import logger

log = logger("hub.flows.grace")
SQL = statements("grace")
GRACE_LOOKS_S = 5.0


async def sweep_forever(pool: Pool, settings: Settings, stop: asyncio.Event) -> None:
    """Look every few seconds at what has waited beyond the grace period."""
    while not stop.is_set():
        try:
            async with pool.acquire() as connection:
                for tenant_id, _ in await tenants(connection):
                    async with connection.transaction():
                        await sweep(connection, tenant_id, settings.grace_s)
        except (OSError, asyncpg.PostgresError, asyncpg.InterfaceError) as error:
            log.warning("grace_sweep_failed", error=type(error).__name__)
        await asyncio.sleep(GRACE_LOOKS_S)


async def sweep(tx: Connection, tenant_id: int, grace_s: float) -> None:
    """Open a task for each cause of overdue waiting, with the present count, and close those that are over."""
    if await source_records.release_ready(tx, tenant_id):
        await tx.execute("SELECT pg_notify('hub_reconsider', $1)", str(tenant_id))
    found = [_task(row) for row in await SQL["overdue"].fetch(tx, tenant=tenant_id, grace_s=grace_s)]
    standing = {(task.cause, task.subject) for task in found}
    before = await SQL["opened_before"].fetch(tx, tenant=tenant_id)
    over = [row["id"] for row in before if (row["cause"], row["subject"]) not in standing]
    if over:
        await tasks.resolve(tx, tenant_id, over, "what was awaited has come")
    await tasks.open_tasks(tx, tenant_id, found)


def _task(row: asyncpg.Record) -> NewTask:
    where = f"{row['system']} {row['object']}"
    subject, reason, remedy = {
        "reference": (
            f"{where} {row['external_id']}",
            f"{row['count']} records refer to {row['entity']} {row['external_id']} of {row['system']}, which has not come",
            f"Send {row['entity']} {row['external_id']} from {row['system']}, or mend the references.",
        ),
        "unmatched": (
            f"{where} {row['entity']}",
            f"{row['count']} {row['entity']} records of {row['system']} match none that an owner has opened",
            "Link them to their golden records, or let an owner open them.",
        ),
        "required": (
            f"{where} {row['entity']} {row['field']}",
            f"{row['count']} {row['entity']} records lack {row['field']}, without which they cannot be opened",
            f"Fill {row['field']} at its source, or map it.",
        ),
    }[row["cause"]]
    return NewTask(
        cause=row["cause"], subject=subject, reason=reason, remedy=remedy, entity=row["entity"], system=row["system"],
        field=row["field"] or None, count=row["count"], is_restated=True,
    )  # fmt: skip
