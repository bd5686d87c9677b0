"""Looks through the books for what holds money up, and keeps one task for each thing found.

Every cause is one statement over golden records; what a task says is written only when it differs from what stands, and a task
whose cause is not found any more is resolved. The next look is a full one each time: nothing can be missed for good.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import asyncpg

from hub.core.causes import CAUSES
from hub.store import tasks
from hub.store.configuration import tenants
from hub.store.pool import Pool
from hub.store.statements import Connection, statements
from hub.store.tasks import NewTask

SQL = statements("stakes")
GRACE_S = 3600.0
LOCK = 7_004
"""Names the advisory lock: one finder per tenant at a time."""


@dataclass(frozen=True, slots=True)
class Finder:
    """What a found row becomes: ``reason`` over name and count, and what to do."""

    reason: str
    remedy: str


FINDERS: Mapping[str, Finder] = {
    "missing_client_po": Finder(
        "{count} items for account {name} wait for the client's purchase order", "Ask the client for the number, and enter the order in the CRM."
    ),
    "unmapped_tax": Finder(
        "{count} items of project {name} are ready to be billed without a tax category", "Set the category on the contract line, or the account's tax class."
    ),
    "unapproved_time": Finder("{count} time entries of {name} are not approved, and the month is over", "Approve or reject them in the PSA."),
    "unapproved_expense": Finder("{count} expenses of {name} are not approved, and the month is over", "Approve or reject them in the PSA."),
    "parked_lane": Finder("{count} invoices are set aside on their way to {name}", "Look at the deliveries set aside, mend the cause, replay them."),
    "awaited_parent": Finder("{count} records with money wait for {name}, which no system has told of", "Send it from its source, or mend the references."),
    "open_hold": Finder("the billing hold {name} is past the day it was to be looked at", "Release it, or set another day."),
    "project_without_financials": Finder("project {name} is active, and the books do not know it", "Set the project up in the ERP."),
    "disputed_invoice": Finder("the client disputes invoice {name}", "Settle the dispute, correct or credit the invoice."),
}
"""Cause → how it reads. Each has a statement of its name."""


async def find_all(pool: Pool) -> int:
    """Look through the books of every tenant; answers how many tasks stand."""
    standing = 0
    async with pool.acquire() as connection:
        for tenant_id, _ in await tenants(connection):
            async with connection.transaction():
                standing += await find(connection, tenant_id)
    return standing


async def find(tx: Connection, tenant_id: int, today: dt.date | None = None, grace_s: float = GRACE_S) -> int:
    """Open, restate and resolve the tasks of one tenant; answers how many stand. 0 when another look is under way."""
    if not await tx.fetchval("SELECT pg_try_advisory_xact_lock($1, $2)", LOCK, tenant_id):
        return 0
    day = today or await tx.fetchval("SELECT current_date")
    given = {"today": day, "month": day.replace(day=1), "grace_s": grace_s}
    found: dict[tuple[str, str], NewTask] = {}
    for cause in FINDERS:
        rows = await SQL[cause].fetch(tx, tenant=tenant_id, **{name: given[name] for name in SQL[cause].parameters if name != "tenant"})
        found |= {(cause, task.subject): task for task in _tasks(cause, rows)}
    before = {(row["cause"], row["subject"]): row for row in await tasks.open_of_causes(tx, tenant_id, list(FINDERS))}
    over = [row["id"] for name, row in before.items() if name not in found]
    if over:
        await tasks.resolve(tx, tenant_id, over, "it is not so any more")
    await tasks.open_tasks(tx, tenant_id, [task for name, task in found.items() if _differs(before.get(name), task)])
    return len(found)


def _tasks(cause: str, rows: Iterable[asyncpg.Record]) -> Iterable[NewTask]:
    """One task a subject; a row is one currency of it."""
    by_subject: dict[str, list[asyncpg.Record]] = {}
    for row in rows:
        by_subject.setdefault(row["subject"], []).append(row)
    finder = FINDERS[cause]
    for subject, some in by_subject.items():
        first, count = some[0], sum(row["count"] for row in some)
        money = [{"amount": row["amount"], "currency": row["currency"]} for row in some if row["amount"] is not None and row["currency"]]
        detail: dict[str, Any] = {"name": first["name"], "exc": CAUSES[cause].exc}
        if named := [one for row in some for one in row["named"] or ()]:
            detail["named"] = named[:50]
        yield NewTask(
            cause, subject, finder.reason.format(name=first["name"], count=count), finder.remedy, entity=first["entity"],
            golden_id=first["golden_id"], count=count, money=money or None, detail=detail, is_restated=True, legal_entity=first["legal_entity"],
        )  # fmt: skip


def _differs(before: asyncpg.Record | None, task: NewTask) -> bool:
    """Whether there is something new to write. Of what the look does not say, the sweep that routes has looked up its own."""
    if before is None:
        return True
    said = (task.count, task.money or before["money"], task.legal_entity or before["legal_entity"])
    return (before["count"], before["money"], before["legal_entity"]) != said
