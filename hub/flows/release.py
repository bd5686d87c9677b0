"""Let money go that open tasks hold up: deliveries are tried again, messages taken up again, billing holds proposed for release.

What cannot be released from here says who can. The same call in a transaction that is undone tells beforehand what it comes to.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any
from uuid import UUID

import asyncpg

from hub.core.causes import CAUSES, MONEY, cause_of
from hub.core.configuration import Configuration
from hub.errors import RequestError
from hub.flows import approvals
from hub.flows.actions import By
from hub.flows.find_exceptions import FINDERS
from hub.store import inbox, lanes
from hub.store.statements import Connection, statements

SQL = statements("release")

DELIVERIES = frozenset({"delivery_rejected", "missing_parent", "unknown_outcome", "unreachable", "credentials", "connector_unusable", "configuration"})
DOCUMENTS = "parked_lane"
HOLDS = "open_hold"
MESSAGES = frozenset({"required", "reference", "type", "parse", "unknown_entity", "unknown_field"})
ELSEWHERE: Mapping[str, str] = {
    "unknown_code": "Map the code: that releases everything that waits for it.",
    "locked": "Accept the value, or take it back at its source.",
} | {cause: finder.remedy for cause, finder in FINDERS.items()}
"""What releases money that no button does."""

BLOCKING = (*MONEY, "unknown_code", "required", "reference")
"""Causes whose money waits for somebody: the board's."""


def how(cause: str) -> str:
    """How money of a cause is released from here: deliveries, messages, holds, or "" for not."""
    if cause in DELIVERIES or cause == DOCUMENTS:
        return "deliveries"
    return "messages" if cause in MESSAGES else "holds" if cause == HOLDS else ""


def remedy(cause: str) -> str:
    """What releases a cause that no button here does."""
    return ELSEWHERE.get(cause) or (f"It ends when {cause_of(cause).ends}." if cause in CAUSES else "Look at its tasks.")


@dataclass(frozen=True, slots=True)
class Cell:
    """Which money: a cause, maybe of one legal entity (``has_house`` with None: of none), one currency, or some tasks."""

    cause: str
    has_house: bool = False
    house: UUID | None = None
    currency: str | None = None
    task_ids: Sequence[int] | None = None


@dataclass(frozen=True, slots=True)
class Released:
    """What was let go: ``entries`` deliveries, messages or held items, with their money per currency."""

    how: str
    tasks: int
    entries: int
    money: tuple[dict[str, str], ...]
    proposal_id: int | None = None
    """Of a release that a second person must approve: nothing is released yet."""


async def release(tx: Connection, config: Configuration, cell: Cell, by: By, reason: str, *, is_dry_run: bool = False) -> Released:
    """Release a cell of the board. Raises :class:`RequestError` for what is not released from here, or when nothing is there."""
    found = how(cell.cause)
    if not found:
        raise RequestError("NOT_RELEASABLE", f"{cell.cause[:60]} is not released from here", field="cause", remedy=remedy(cell.cause))
    if not reason.strip():
        raise RequestError("REASON_REQUIRED", "a release needs a reason", field="reason", remedy="Say why it may go on.")
    tasks = await SQL["tasks"].fetch(
        tx, tenant=config.tenant_id, cause=cell.cause, has_house=cell.has_house, house=cell.house, currency=cell.currency,
        ids=list(cell.task_ids) if cell.task_ids is not None else None,
    )  # fmt: skip
    if not tasks:
        raise RequestError("NOTHING_THERE", "nothing of this waits any more", remedy="Look at the board again.")
    proposal_id: int | None = None
    if found == "deliveries":
        entries = await _deliveries(tx, config.tenant_id, cell.cause, tasks)
    elif found == "messages":
        entries = await _messages(tx, config.tenant_id, tasks)
    else:
        entries, proposal_id = await _holds(tx, config, tasks, by, reason, is_dry_run)
    return Released(found, len(tasks), entries, summed(task["money"] for task in tasks), proposal_id)


async def _deliveries(tx: Connection, tenant_id: int, cause: str, tasks: Sequence[asyncpg.Record]) -> int:
    if cause == DOCUMENTS:
        told = [task["subject"].rpartition(" ") for task in tasks]
        rows = await SQL["document_lanes"].fetch(
            tx, tenant=tenant_id, systems=[system for system, _, _ in told], houses=[None if house == "-" else UUID(house) for _, _, house in told]
        )
    else:
        rows = await SQL["lanes"].fetch(tx, tenant=tenant_id, ids=[task["id"] for task in tasks])
    await lanes.ring(tx, tenant_id)
    return len(rows)


async def _messages(tx: Connection, tenant_id: int, tasks: Sequence[asyncpg.Record]) -> int:
    """Take up what they hold under the newest mapping; a task closes by itself when its messages are taken."""
    held = await inbox.of_tasks(tx, tenant_id, [task["id"] for task in tasks])
    opened = await inbox.reopen(tx, tenant_id, held) if held else []
    await tx.execute("SELECT pg_notify('hub_inbox', $1)", str(tenant_id))
    return len(opened)


async def _holds(
    tx: Connection, config: Configuration, tasks: Sequence[asyncpg.Record], by: By, reason: str, is_dry_run: bool
) -> tuple[int, int | None]:
    """Ask for the release of billing holds: the class of their state wants a second person."""
    ids = [task["golden_id"] for task in tasks if task["golden_id"] is not None]
    entries = int(await SQL["held_items"].value(tx, tenant=config.tenant_id, ids=ids) or 0)
    changes = [{"entity": "billing_hold", "id": str(one), "field": "state", "value": "released"} for one in ids]
    done = await approvals.submit(tx, config, "change_set", {"changes": changes, "reason": reason}, by, is_dry_run=is_dry_run)
    return entries, done.proposal_id


def summed(several: Iterable[Sequence[Mapping[str, Any]] | None]) -> tuple[dict[str, str], ...]:
    """Amounts per currency, never across.

    >>> summed([[{"amount": "1.10", "currency": "EUR"}], None, [{"amount": "2", "currency": "EUR"}, {"amount": "3", "currency": "USD"}]])
    ({'amount': '3.10', 'currency': 'EUR'}, {'amount': '3', 'currency': 'USD'})
    """
    totals: dict[str, Decimal] = {}
    for some in several:
        for one in some or ():
            totals[one["currency"]] = totals.get(one["currency"], Decimal(0)) + Decimal(str(one["amount"]))
    return tuple({"amount": format(amount, "f"), "currency": currency} for currency, amount in sorted(totals.items()))
