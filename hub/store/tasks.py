"""What a person must see. Invariant: one open task per (cause, subject); more of the same only raises its count."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, fields
from dataclasses import field as make
from decimal import Decimal
from typing import Any
from uuid import UUID

import asyncpg

from hub.core.causes import cause_of
from hub.core.risk import risk_of
from hub.store.statements import Connection, statements
from schema import ENTITIES
from schema.fields import Risk

SQL = statements("tasks")

@dataclass(frozen=True, slots=True)
class NewTask:
    """A task to open. ``is_restated`` marks what every computation says anew, so that it is not counted twice."""

    cause: str
    subject: str
    reason: str
    remedy: str
    entity: str | None = None
    golden_id: UUID | None = None
    source_id: int | None = None
    system: str | None = None
    field: str | None = None
    count: int = 1
    money: list[dict[str, str]] | None = None
    detail: dict[str, Any] = make(default_factory=dict)
    correlation_id: str = ""
    is_restated: bool = False
    legal_entity: UUID | None = None


async def open_tasks(tx: Connection, tenant_id: int, tasks: Iterable[NewTask]) -> dict[tuple[str, str], int]:
    """Open tasks or add to the open ones; answers (cause, subject) → id."""
    merged: dict[tuple[str, str], dict[str, Any]] = {}
    for task in tasks:
        name = (task.cause, task.subject)
        if name in merged:
            merged[name]["count"] += task.count
        else:
            merged[name] = row_of(task)
    if not merged:
        return {}
    rows = await SQL["open_tasks"].fetch(tx, tenant=tenant_id, rows=list(merged.values()))
    return {(row["cause"], row["subject"]): row["id"] for row in rows}


def row_of(task: NewTask) -> dict[str, Any]:
    """A row of the queue: what its cause says of team and time; the sweep that routes looks up the rest."""
    cause = cause_of(task.cause)
    row = {one.name: getattr(task, one.name) for one in fields(task)}  # not asdict: it copies all evidence, a third of a millisecond
    row |= {"team": cause.team, "due_h": cause.due_h, "priority": cause.priority, "exc": cause.exc, "risk": _risk(task).value}
    row |= total(task.money)
    if row.pop("is_restated"):
        row["detail"] = row["detail"] | {"restated": True}
    return row


def _risk(task: NewTask) -> Risk:
    return risk_of(ENTITIES[task.entity], task.field) if task.entity and task.entity in ENTITIES and task.field else Risk.R1


def total(money: Sequence[Mapping[str, Any]] | None) -> dict[str, Any]:
    """What a task is ordered and summed by: its greatest sum of one currency, and whether there are others.

    >>> total([{"amount": "5.00", "currency": "EUR"}, {"amount": "7", "currency": "USD"}])
    {'amount': '7', 'currency': 'USD', 'is_mixed': True}
    """
    sums: dict[str, Decimal] = {}
    for one in money or ():
        sums[one["currency"]] = sums.get(one["currency"], Decimal(0)) + Decimal(str(one["amount"]))
    if not sums:
        return {"amount": None, "currency": None, "is_mixed": False}
    currency = max(sums, key=lambda name: (abs(sums[name]), name))
    return {"amount": str(sums[currency]), "currency": currency, "is_mixed": len(sums) > 1}


async def open_of(
    tx: Connection, tenant_id: int, golden_ids: Sequence[UUID], causes: Sequence[str]
) -> list[asyncpg.Record]:
    """(id, golden_id, cause, subject) of the open tasks of these causes about these golden records."""
    return await SQL["open_of_golden"].fetch(tx, tenant=tenant_id, golden_ids=list(golden_ids), causes=list(causes))


async def resolve(
    tx: Connection, tenant_id: int, ids: Sequence[int], resolution: str, actor: str = "hub"
) -> list[asyncpg.Record]:
    """Close tasks, saying why; answers (id, cause, subject) of those that were open."""
    return await SQL["resolve"].fetch(tx, tenant=tenant_id, ids=list(ids), resolution=resolution, actor=actor)


async def open_of_causes(tx: Connection, tenant_id: int, causes: Sequence[str]) -> list[asyncpg.Record]:
    """(id, cause, subject, count, money, legal_entity) of the open tasks of these causes."""
    return await SQL["open_of_causes"].fetch(tx, tenant=tenant_id, causes=list(causes))


async def open_by_cause(tx: Connection, tenant_id: int, cause: str, subjects: Sequence[str]) -> list[int]:
    """Ids of the open tasks of one cause about these subjects."""
    rows = await SQL["by_cause"].fetch(tx, tenant=tenant_id, cause=cause, subjects=list(subjects))
    return [row["id"] for row in rows]


async def give_to_actors(tx: Connection, tenant_id: int, given: Sequence[tuple[int, str]]) -> None:
    """Give tasks nobody has to members by their keys (id, actor); keys that are no active member's give nothing."""
    await SQL["give_to_actors"].run(
        tx, tenant=tenant_id, ids=[id_ for id_, _ in given], actors=[actor for _, actor in given]
    )
